import Glibc

/// One JSON text on its way.
///
/// A value is written straight behind what is there. Values whose end is not known while their
/// parent goes on (`nestedContainer`) have a writer of their own and are put in when it ends.
final class JSONWriter {
    /// In one piece, since each access to a property of a class is checked when it happens.
    private var text = JSONMembers()
    private var gaps: [Gap] = []

    /// A place where another writer's text belongs.
    private struct Gap {
        /// How many values were open when it was made.
        let depth: Int
        let place: Int
        let writer: JSONWriter
    }

    init(_ form: JSONMembers.Form = .plain) {
        text.open()
        if form != .plain { text.become(form) }
    }

    /// How many members the innermost list or object has.
    var count: Int { text.count }

    func become(_ form: JSONMembers.Form) { text.become(form) }
    func name(_ key: String) { text.name(key) }
    /// Must be called before each element of a list.
    func element() { text.element() }

    func write(_ value: some Encodable) throws {
        switch FoundationForm(value) {
        case .number(let number): return try write(decimal: number)
        case .text(let text): return write(text: text)
        case nil: break
        }
        text.open()
        try value.encode(to: JSONValueEncoder(writer: self))
        close()
    }

    func write(text string: String) { JSONText.append(string, to: &text.bytes) }
    func write(number: some FixedWidthInteger) { JSONText.append(number, to: &text.bytes) }
    func write(word: StaticString) { word.withUTF8Buffer { text.bytes.append(contentsOf: $0) } }
    func write(verbatim string: String) { text.bytes.append(contentsOf: string.utf8) }

    /// Another text that ends here when this one does.
    func nested(_ form: JSONMembers.Form) -> JSONWriter {
        let writer = JSONWriter(form)
        gaps.append(Gap(depth: text.depth, place: text.bytes.count, writer: writer))
        return writer
    }

    /// The whole text; nothing may be written after it.
    func finish() -> [UInt8] {
        while text.depth > 0 { close() }
        return text.bytes
    }

    private func close() {
        // From the last one, so that the places of the others stay true.
        while let gap = gaps.last, gap.depth == text.depth {
            gaps.removeLast()
            let written = gap.writer.finish()
            text.insert(written.isEmpty ? Array("{}".utf8) : written, at: gap.place)
        }
        text.close()
    }
}

/// The bytes of a JSON text, and where in them the members of unfinished values lie.
///
/// An object's members are put in order when it ends, and only if they did not come in order.
struct JSONMembers {
    enum Form { case plain, object, list }

    /// One value that is not complete yet.
    private struct Frame {
        var form = Form.plain
        /// Where in `bytes` it begins.
        let start: Int
        let firstMember: Int
        /// Of its parent, to go on with.
        let outerCount: Int
        var isInOrder = true
    }

    /// One member of an object that is not complete yet.
    private struct Member {
        let key: String
        /// Where its quoted key begins.
        var start: Int
        /// Where its key ends, the quotation mark included.
        var keyEnd: Int
        /// Where its value ends; known when the object is complete.
        var end = 0
    }

    var bytes: [UInt8] = []
    private var frames: [Frame] = []
    private var members: [Member] = []
    private var spare: [UInt8] = []
    private(set) var count = 0

    var depth: Int { frames.count }

    mutating func open() {
        frames.append(
            Frame(start: bytes.count, firstMember: members.count, outerCount: count)
        )
        count = 0
    }

    /// An object or a list may be asked for more than once; it is the same one then.
    mutating func become(_ form: Form) {
        let top = frames.count - 1
        guard frames[top].form == .plain else { return }
        frames[top].form = form
        bytes.append(form == .object ? UInt8(ascii: "{") : UInt8(ascii: "["))
    }

    mutating func element() {
        if count > 0 { bytes.append(UInt8(ascii: ",")) }
        count += 1
    }

    mutating func name(_ key: String) {
        element()
        let start = bytes.count
        JSONText.append(key, to: &bytes)
        let member = Member(key: key, start: start, keyEnd: bytes.count)
        bytes.append(UInt8(ascii: ":"))
        if count > 1, compare(members[members.count - 1], member) >= 0 {
            frames[frames.count - 1].isInOrder = false
        }
        members.append(member)
    }

    /// Puts bytes in where a member of the innermost value has none yet.
    mutating func insert(_ text: [UInt8], at place: Int) {
        guard let frame = frames.last else { return }
        bytes.insert(contentsOf: text, at: place)
        for index in members.indices[frame.firstMember...] where members[index].start >= place {
            members[index].start += text.count
            members[index].keyEnd += text.count
        }
    }

    mutating func close() {
        guard let frame = frames.popLast() else { return }
        count = frame.outerCount
        switch frame.form {
        case .plain:
            // Within another value, one that writes nothing is an empty object.
            if bytes.count == frame.start, let outer = frames.last, outer.form != .plain {
                bytes.append(contentsOf: "{}".utf8)
            }
        case .list: bytes.append(UInt8(ascii: "]"))
        case .object:
            if !frame.isInOrder { putInOrder(frame) }
            members.removeLast(members.count - frame.firstMember)
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// By key; of members with one key the last stays, as if it had replaced the others.
    private mutating func putInOrder(_ frame: Frame) {
        let first = frame.firstMember
        for index in first..<members.count {
            let isLast = index + 1 == members.count
            members[index].end = isLast ? bytes.count : members[index + 1].start - 1
        }
        // Few members, most of them nearly in order; equal ones stay as they came.
        for place in first + 1..<members.count {
            let moved = members[place]
            var hole = place
            while hole > first, compare(moved, members[hole - 1]) < 0 {
                members[hole] = members[hole - 1]
                hole -= 1
            }
            members[hole] = moved
        }
        spare.removeAll(keepingCapacity: true)
        for index in first..<members.count {
            let member = members[index]
            if index + 1 < members.count, compare(member, members[index + 1]) == 0 { continue }
            if !spare.isEmpty { spare.append(UInt8(ascii: ",")) }
            spare.append(contentsOf: bytes[member.start..<member.end])
        }
        bytes.removeLast(bytes.count - frame.start - 1)
        bytes.append(contentsOf: spare)
    }

    /// By the UTF-8 of their keys, which lies in `bytes` unless something in it was escaped.
    private func compare(_ left: Member, _ right: Member) -> Int32 {
        let (leftCount, rightCount) = (left.key.utf8.count, right.key.utf8.count)
        guard left.keyEnd - left.start == leftCount + 2,
            right.keyEnd - right.start == rightCount + 2
        else {
            if left.key.utf8.elementsEqual(right.key.utf8) { return 0 }
            return left.key.utf8.lexicographicallyPrecedes(right.key.utf8) ? -1 : 1
        }
        let order = bytes.withUnsafeBytes { bytes in
            bytes.baseAddress.map { start in
                memcmp(start + left.start + 1, start + right.start + 1, min(leftCount, rightCount))
            } ?? 0
        }
        return order != 0 ? order : Int32(clamping: leftCount - rightCount)
    }
}
