/// A requirement class's number in its `ClassTable`.
package struct ClassID: Hashable, Sendable {
    package let index: Int
}

/// A set of requirement classes, one bit each.
package struct ClassSet: Hashable, Sendable {
    private var words: [UInt64] = []

    package init() {}

    package mutating func insert(_ id: ClassID) {
        while words.count <= id.index / 64 { words.append(0) }
        words[id.index / 64] |= 1 << UInt64(id.index % 64)
    }

    /// - Precondition: `id` was inserted before, if only to be removed.
    package mutating func remove(_ id: ClassID) {
        words[id.index / 64] &= ~(1 << UInt64(id.index % 64))
    }

    package func contains(_ id: ClassID) -> Bool {
        id.index / 64 < words.count && words[id.index / 64] >> UInt64(id.index % 64) & 1 == 1
    }

    package mutating func formUnion(_ other: ClassSet) {
        while words.count < other.words.count { words.append(0) }
        for index in other.words.indices { words[index] |= other.words[index] }
    }

    /// The bits as so many words.
    func words(_ count: Int) -> [UInt64] {
        Array(words.prefix(count)) + repeatElement(0, count: max(0, count - words.count))
    }

    /// Takes up rows of a table of so many words each.
    mutating func formUnion(_ rows: [Int32], of table: [UInt64], each size: Int) {
        while words.count < size { words.append(0) }
        words.withUnsafeMutableBufferPointer { words in
            table.withUnsafeBufferPointer { table in
                for row in rows {
                    for index in 0..<size { words[index] |= table[Int(row) * size + index] }
                }
            }
        }
    }

    /// Empties it and keeps its memory.
    mutating func removeAll() {
        for index in words.indices { words[index] = 0 }
    }

    package var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    package func intersection(_ other: ClassSet) -> ClassSet {
        var both = self
        both.words.removeLast(max(0, words.count - other.words.count))
        for index in both.words.indices { both.words[index] &= other.words[index] }
        return both
    }

    package func intersects(_ other: ClassSet) -> Bool {
        for index in 0..<min(words.count, other.words.count)
        where words[index] & other.words[index] != 0 {
            return true
        }
        return false
    }

    /// Calls `body` with each class that is in both, lowest first.
    package func forEach(in other: ClassSet, _ body: (ClassID) -> Void) {
        for index in 0..<min(words.count, other.words.count) {
            var rest = words[index] & other.words[index]
            while rest != 0 {
                body(ClassID(index: index * 64 + rest.trailingZeroBitCount))
                rest &= rest - 1
            }
        }
    }

    /// Calls `body` with each class, lowest first.
    package func forEach(_ body: (ClassID) -> Void) {
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                body(ClassID(index: index * 64 + rest.trailingZeroBitCount))
                rest &= rest - 1
            }
        }
    }
}
