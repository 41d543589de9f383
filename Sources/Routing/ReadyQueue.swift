package import FleetModel

/// Jobs that could start now, by requirement class; within one by priority, age, then number.
///
/// Nothing here looks at every queued job: inserting and taking cost the logarithm of one class's
/// queue, choosing for a claim costs one comparison for each class that the claim can serve.
package struct ReadyQueue: Sendable {
    /// One job's place in the order; whoever is less is served first.
    private struct Entry: Sendable {
        let rank: Int
        let submittedAt: Instant
        let job: JobID
        /// Tells a job's present entry from ones that it left behind.
        let stamp: UInt64

        static func precedes(_ left: Entry, _ right: Entry) -> Bool {
            if left.rank != right.rank { return left.rank < right.rank }
            if left.submittedAt != right.submittedAt { return left.submittedAt < right.submittedAt }
            return left.job < right.job
        }
    }

    private struct Place: Sendable {
        let requirementClass: ClassID
        let stamp: UInt64
    }

    /// A binary heap by class; may hold entries of jobs that have left since.
    private var heaps: [[Entry]] = []
    private var living: [Int] = []
    private var places: [JobID: Place] = [:]
    private var occupied = ClassSet()
    private var lastStamp: UInt64 = 0

    /// Comparisons of two entries so far: what the queue cost, independent of the machine.
    package private(set) var comparisons = 0

    package init() {}

    package var count: Int { places.count }
    package func contains(_ job: JobID) -> Bool { places[job] != nil }
    package func requirementClass(of job: JobID) -> ClassID? { places[job]?.requirementClass }
    package func count(of class: ClassID) -> Int {
        `class`.index < living.count ? living[`class`.index] : 0
    }

    /// Puts a job in its place; a job that is there already moves.
    package mutating func insert(
        _ job: JobID,
        class id: ClassID,
        priority: Priority,
        submittedAt: Instant
    ) {
        remove(job)
        while heaps.count <= id.index {
            heaps.append([])
            living.append(0)
        }
        lastStamp += 1
        places[job] = Place(requirementClass: id, stamp: lastStamp)
        living[id.index] += 1
        occupied.insert(id)
        heaps[id.index].append(
            Entry(rank: priority.rank, submittedAt: submittedAt, job: job, stamp: lastStamp)
        )
        siftUp(id.index, from: heaps[id.index].count - 1)
    }

    /// Takes a job out, wherever it stands; nothing happens when it is not there.
    package mutating func remove(_ job: JobID) {
        guard let place = places.removeValue(forKey: job) else { return }
        let index = place.requirementClass.index
        living[index] -= 1
        if living[index] == 0 {
            heaps[index].removeAll()
            occupied.remove(place.requirementClass)
        } else if heaps[index].count > 2 * living[index] + 16 {
            compact(index)
        } else {
            dropLeavers(index)
        }
    }

    /// The job of that class that is served first.
    package func head(of class: ClassID) -> JobID? {
        count(of: `class`) > 0 ? heaps[`class`.index].first?.job : nil
    }

    /// The job that is served first among those classes, and its class.
    package mutating func best(among classes: ClassSet) -> (job: JobID, class: ClassID)? {
        var best: (entry: Entry, class: ClassID)?
        var compared = 0
        classes.intersection(occupied).forEach { id in
            let entry = heaps[id.index][0]
            guard let leader = best else {
                best = (entry, id)
                return
            }
            compared += 1
            if Entry.precedes(entry, leader.entry) { best = (entry, id) }
        }
        comparisons += compared
        return best.map { ($0.entry.job, $0.class) }
    }
}

extension ReadyQueue {
    /// Keeps the first entry of a heap a present one, so that looking at heads changes nothing.
    private mutating func dropLeavers(_ index: Int) {
        while let first = heaps[index].first, places[first.job]?.stamp != first.stamp {
            let last = heaps[index].removeLast()
            if heaps[index].isEmpty { return }
            heaps[index][0] = last
            siftDown(index, from: 0)
        }
    }

    /// Rebuilds a heap that is mostly leavers; paid for by the removals that made them.
    private mutating func compact(_ index: Int) {
        heaps[index].removeAll { places[$0.job]?.stamp != $0.stamp }
        for start in stride(from: heaps[index].count / 2, through: 0, by: -1) {
            siftDown(index, from: start)
        }
    }

    private mutating func siftUp(_ index: Int, from start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            comparisons += 1
            guard Entry.precedes(heaps[index][child], heaps[index][parent]) else { return }
            heaps[index].swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown(_ index: Int, from start: Int) {
        var parent = start
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heaps[index].count {
                comparisons += 1
                if Entry.precedes(heaps[index][child], heaps[index][least]) { least = child }
            }
            guard least != parent else { return }
            heaps[index].swapAt(parent, least)
            parent = least
        }
    }
}
