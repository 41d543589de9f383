import Glibc

/// One JSON text on its way: bytes that only grow at their end, and the places of members in them.
///
/// A value is written straight behind what is there. An object's members are put in order when it
/// ends, and only if they did not come in order. Values whose end is not known while their parent
/// goes on (`nestedContainer`) have a writer of their own and are put in when the parent ends.
final class JSONWriter {
    enum Form { case plain, object, list }

    /// One value that is not complete yet.
    private struct Frame {
        var form = Form.plain
        /// Where in `bytes` it begins.
        let start: Int
        let firstMember: Int
        let firstGap: Int
        var isInOrder = true
    }

    /// One member of an object that is not complete yet.
    private struct Member {
        let key: String
        /// Where its quoted key begins; it ends before the comma of the next one.
        var start: Int
        /// Where its key ends, the quotation mark included.
        var keyEnd: Int
    }

    /// A place where another writer's text belongs.
    private struct Gap {
        let place: Int
        let writer: JSONWriter
    }

    private var bytes: [UInt8] = []
    private var frames: [Frame] = []
    private var members: [Member] = []
    private var gaps: [Gap] = []
    private var spare: [UInt8] = []
    /// How many members the list has, or the object, that is the innermost now.
    private(set) var count = 0

    init(_ form: Form = .plain) {
        open()
        if form != .plain { become(form) }
    }

    // MARK: Members

    /// An object or a list may be asked for more than once; it is the same one then.
    func become(_ form: Form) {
        let top = frames.count - 1
        guard frames[top].form == .plain else { return }
        frames[top].form = form
        bytes.append(form == .object ? UInt8(ascii: "{") : UInt8(ascii: "["))
    }

    func name(_ key: String) {
        if count > 0 { bytes.append(UInt8(ascii: ",")) }
        let start = bytes.count
        JSONText.append(key, to: &bytes)
        let member = Member(key: key, start: start, keyEnd: bytes.count)
        bytes.append(UInt8(ascii: ":"))
        if count > 0, let last = members.last, compare(last, member) >= 0 {
            frames[frames.count - 1].isInOrder = false
        }
        members.append(member)
        count += 1
    }

    /// Must be called before each element of a list.
    func element() {
        if count > 0 { bytes.append(UInt8(ascii: ",")) }
        count += 1
    }

    func write(_ value: some Encodable) throws {
        switch FoundationForm(value) {
        case .number(let number): return try write(decimal: number)
        case .text(let text): return write(text: text)
        case nil: break
        }
        let outer = count
        let isWithin = frames[frames.count - 1].form != .plain
        open()
        try value.encode(to: JSONValueEncoder(writer: self))
        let start = frames[frames.count - 1].start
        close()
        // Within another value, one that writes nothing is an empty object.
        if isWithin, bytes.count == start { write(word: "{}") }
        count = outer
    }

    func write(text: String) { JSONText.append(text, to: &bytes) }
    func write(number: some FixedWidthInteger) { JSONText.append(number, to: &bytes) }
    func write(word: StaticString) { word.withUTF8Buffer { bytes.append(contentsOf: $0) } }

    func write(verbatim text: String) { bytes.append(contentsOf: text.utf8) }

    /// Another text that ends here when this one does.
    func nested(_ form: Form) -> JSONWriter {
        let writer = JSONWriter(form)
        gaps.append(Gap(place: bytes.count, writer: writer))
        return writer
    }

    // MARK: The end

    /// The whole text; nothing may be written after it.
    func finish() -> [UInt8] {
        while !frames.isEmpty { close() }
        return bytes
    }

    private func open() {
        frames.append(
            Frame(start: bytes.count, firstMember: members.count, firstGap: gaps.count)
        )
        count = 0
    }

    private func close() {
        guard let frame = frames.popLast() else { return }
        if gaps.count > frame.firstGap { fillGaps(of: frame) }
        guard frame.form != .plain else { return }
        if !frame.isInOrder { putInOrder(frame) }
        if members.count > frame.firstMember {
            members.removeLast(members.count - frame.firstMember)
        }
        bytes.append(frame.form == .object ? UInt8(ascii: "}") : UInt8(ascii: "]"))
    }

    /// From the last one, so that the places of the others stay true.
    private func fillGaps(of frame: Frame) {
        for gap in gaps[frame.firstGap...].reversed() {
            let written = gap.writer.finish()
            let text = written.isEmpty ? Array("{}".utf8) : written
            bytes.insert(contentsOf: text, at: gap.place)
            for index in members.indices[frame.firstMember...] where members[index].start >= gap.place {
                members[index].start += text.count
                members[index].keyEnd += text.count
            }
        }
        gaps.removeLast(gaps.count - frame.firstGap)
    }

    /// By key; of members with one key the last stays, as if it had replaced the others.
    private func putInOrder(_ frame: Frame) {
        let first = frame.firstMember
        var order = Array(first..<members.count)
        // Few members, most of them nearly in order.
        for place in 1..<order.count {
            var hole = place
            let moved = order[place]
            while hole > 0, compare(members[moved], members[order[hole - 1]]) < 0 {
                order[hole] = order[hole - 1]
                hole -= 1
            }
            order[hole] = moved
        }
        spare.removeAll(keepingCapacity: true)
        for (place, index) in order.enumerated() {
            if place + 1 < order.count, compare(members[index], members[order[place + 1]]) == 0 {
                continue
            }
            if !spare.isEmpty { spare.append(UInt8(ascii: ",")) }
            let end = index + 1 < members.count ? members[index + 1].start - 1 : bytes.count
            spare.append(contentsOf: bytes[members[index].start..<end])
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
