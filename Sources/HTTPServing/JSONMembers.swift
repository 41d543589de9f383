import Glibc
import JSONWriting

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
        /// Whether its key stands in the text as it is, with nothing in it escaped.
        let isPlain: Bool
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
        let isPlain = bytes.count - start == key.utf8.count + 2
        let member = Member(key: key, start: start, isPlain: isPlain)
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
        guard left.isPlain, right.isPlain else {
            if left.key.utf8.elementsEqual(right.key.utf8) { return 0 }
            return left.key.utf8.lexicographicallyPrecedes(right.key.utf8) ? -1 : 1
        }
        let (leftCount, rightCount) = (left.key.utf8.count, right.key.utf8.count)
        let order = bytes.withUnsafeBytes { bytes in
            bytes.baseAddress.map { start in
                memcmp(start + left.start + 1, start + right.start + 1, min(leftCount, rightCount))
            } ?? 0
        }
        return order != 0 ? order : Int32(clamping: leftCount - rightCount)
    }
}
