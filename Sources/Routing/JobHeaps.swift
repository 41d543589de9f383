/// Jobs by age, heap by heap, and in which of them each job stands.
///
/// Most jobs come in the order of their age, and leave in it: these stand in a line, which costs
/// nothing. Whoever comes later than a younger one, as a requeued job does, waits in a binary heap
/// beside it.
struct JobHeaps: Sendable {
    /// One job's place among those of its heap; whoever is less is served first.
    struct Entry: Sendable {
        /// Milliseconds.
        let submittedAt: Int64
        let job: UInt64
        /// Tells a job's present entry from ones that it left behind.
        let stamp: UInt64

        /// After all others.
        static let last = Entry(submittedAt: .max, job: .max, stamp: 0)

        static func precedes(_ left: Entry, _ right: Entry) -> Bool {
            if left.submittedAt != right.submittedAt { return left.submittedAt < right.submittedAt }
            return left.job < right.job
        }
    }

    /// Entries in their order, those before `start` being gone.
    private struct Line: Sendable {
        var entries: [Entry] = []
        var start = 0

        var isEmpty: Bool { start == entries.count }
        var first: Entry? { isEmpty ? nil : entries[start] }
        var count: Int { entries.count - start }

        mutating func dropFirst() {
            start += 1
            // Paid for by the entries that have gone.
            if start >= 16, start * 4 >= entries.count {
                entries.removeFirst(start)
                start = 0
            }
        }
    }

    /// By heap.
    ///
    /// Line and heap may hold entries of jobs that have left since, but never as the
    /// first.
    private var lines: [Line] = []
    private var heaps: [[Entry]] = []
    /// By heap: its first entry; `Entry.last` when it is empty.
    private var firsts: [Entry] = []
    private var livings: [Int32] = []
    private var places = JobPlaces()
    private var lastStamp: UInt64 = 0

    /// Comparisons of two entries so far.
    private(set) var comparisons = 0

    var count: Int { places.count }

    func heap(of job: UInt64) -> Int32? { places[job]?.heap }

    /// How many jobs are in the heap.
    func living(_ heap: Int) -> Int { Int(livings[heap]) }

    @inline(__always)
    func first(_ heap: Int) -> Entry? {
        let first = firsts[heap]
        return first.stamp == 0 ? nil : first
    }

    /// Begins another heap, numbered in turn.
    mutating func add() {
        lines.append(Line())
        heaps.append([])
        firsts.append(.last)
        livings.append(0)
    }

    /// - Precondition: the job is in no heap.
    mutating func insert(_ job: UInt64, submittedAt: Int64, into heap: Int) -> Entry {
        lastStamp += 1
        let before = places.update(job, JobPlaces.Place(heap: Int32(heap), stamp: lastStamp))
        precondition(before == nil, "a job is taken out of its heap before it gets another")
        livings[heap] += 1
        let entry = Entry(submittedAt: submittedAt, job: job, stamp: lastStamp)
        comparisons += 1
        if let last = lines[heap].entries.last, !lines[heap].isEmpty, Entry.precedes(entry, last) {
            heaps[heap].append(entry)
            siftUp(heap, from: heaps[heap].count - 1)
        } else {
            lines[heap].entries.append(entry)
        }
        if firsts[heap].stamp == 0 || Entry.precedes(entry, firsts[heap]) { firsts[heap] = entry }
        return entry
    }

    /// Takes a job out and returns the heap that it was in.
    mutating func remove(_ job: UInt64) -> Int32? {
        guard let place = places.remove(job) else { return nil }
        let heap = Int(place.heap)
        livings[heap] -= 1
        let count = lines[heap].count + heaps[heap].count
        if livings[heap] == 0 {
            clear(heap)
        } else if count > 2 * Int(livings[heap]) + 16 {
            compact(heap)
        } else if firsts[heap].stamp == place.stamp {
            dropLeavers(heap)
        }
        return place.heap
    }

    /// Few entries leave their room to those that come.
    private mutating func clear(_ index: Int) {
        let keepsRoom = lines[index].entries.count <= 16
        lines[index].entries.removeAll(keepingCapacity: keepsRoom)
        lines[index].start = 0
        heaps[index].removeAll()
        firsts[index] = .last
    }

    /// Makes the first entries of line and heap present ones again, so that looking at heads
    /// changes nothing.
    private mutating func dropLeavers(_ index: Int) {
        // Some have left only when there are more entries than jobs.
        func mayBeGone() -> Bool {
            lines[index].count + heaps[index].count > Int(livings[index])
        }
        while mayBeGone(), let first = lines[index].first, isGone(first) {
            lines[index].dropFirst()
        }
        while mayBeGone(), let first = heaps[index].first, isGone(first) { dropFirst(index) }
        noteFirst(index)
    }

    private func isGone(_ entry: Entry) -> Bool { places[entry.job]?.stamp != entry.stamp }

    private mutating func noteFirst(_ index: Int) {
        guard let line = lines[index].first, let other = heaps[index].first else {
            firsts[index] = lines[index].first ?? heaps[index].first ?? .last
            return
        }
        comparisons += 1
        firsts[index] = Entry.precedes(other, line) ? other : line
    }

    private mutating func dropFirst(_ index: Int) {
        let last = heaps[index].removeLast()
        if heaps[index].isEmpty { return }
        heaps[index][0] = last
        siftDown(index, from: 0)
    }

    /// Rebuilds what is mostly leavers; paid for by the removals that made them.
    private mutating func compact(_ index: Int) {
        lines[index].entries.removeFirst(lines[index].start)
        lines[index].start = 0
        lines[index].entries.removeAll { places[$0.job]?.stamp != $0.stamp }
        heaps[index].removeAll { places[$0.job]?.stamp != $0.stamp }
        for start in stride(from: heaps[index].count / 2, through: 0, by: -1) {
            siftDown(index, from: start)
        }
        noteFirst(index)
    }

    private mutating func siftUp(_ index: Int, from start: Int) {
        var compared = 0
        heaps[index].withUnsafeMutableBufferPointer { heap in
            var child = start
            while child > 0 {
                let parent = (child - 1) / 2
                compared += 1
                guard Entry.precedes(heap[child], heap[parent]) else { break }
                heap.swapAt(child, parent)
                child = parent
            }
        }
        comparisons += compared
    }

    private mutating func siftDown(_ index: Int, from start: Int) {
        var compared = 0
        heaps[index].withUnsafeMutableBufferPointer { heap in
            var parent = start
            while true {
                var least = parent
                for child in 2 * parent + 1...2 * parent + 2 where child < heap.count {
                    compared += 1
                    if Entry.precedes(heap[child], heap[least]) { least = child }
                }
                guard least != parent else { break }
                heap.swapAt(parent, least)
                parent = least
            }
        }
        comparisons += compared
    }
}
