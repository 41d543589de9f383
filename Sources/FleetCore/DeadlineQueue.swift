import FleetModel

/// Who is due when: the earliest is always at hand, and nobody else is looked at.
///
/// Setting and taking cost the logarithm of how many there are. An entry that was overtaken stays
/// in the heap until it comes to its head, or until most of the heap is such entries.
struct DeadlineQueue<Key: Hashable & Comparable & Sendable>: Sendable {
    private struct Entry: Sendable {
        let instant: Instant
        let key: Key

        /// Of equal instants the lesser key, whoever came first.
        func precedes(_ other: Entry) -> Bool {
            instant == other.instant ? key < other.key : instant < other.instant
        }
    }

    private var heap: [Entry] = []
    /// Everybody's present deadline.
    private(set) var instants: [Key: Instant] = [:]

    /// The earliest deadline of all.
    var next: Instant? { heap.first?.instant }

    /// Who has it.
    var first: Key? { heap.first?.key }

    subscript(key: Key) -> Instant? { instants[key] }

    /// Gives `key` another deadline, or none.
    mutating func set(_ key: Key, _ instant: Instant?) {
        guard instants[key] != instant else { return }
        instants[key] = instant
        if let instant {
            heap.append(Entry(instant: instant, key: key))
            siftUp(from: heap.count - 1)
        }
        dropOvertaken()
        if heap.count > 2 * instants.count + 16 { compact() }
    }

    /// Takes out everybody whose deadline has come, in the order of the keys.
    mutating func takeDue(at now: Instant) -> [Key] {
        var due: [Key] = []
        while let first = heap.first, first.instant <= now {
            instants[first.key] = nil
            due.append(first.key)
            dropOvertaken()
        }
        return due.sorted()
    }

    /// Keeps the head a present entry.
    private mutating func dropOvertaken() {
        while let first = heap.first, instants[first.key] != first.instant {
            let last = heap.removeLast()
            if heap.isEmpty { return }
            heap[0] = last
            siftDown(from: 0)
        }
    }

    private mutating func compact() {
        heap = instants.map { Entry(instant: $0.value, key: $0.key) }
        heap.sort { $0.precedes($1) }
    }

    private mutating func siftUp(from start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].precedes(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown(from start: Int) {
        var parent = start
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].precedes(heap[least]) { least = child }
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
