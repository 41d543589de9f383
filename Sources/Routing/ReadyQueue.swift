package import FleetModel

/// Jobs that could start now: by product the one furthest behind its share, in it by priority.
///
/// A heap for each class, product and priority, ordered by age. Nothing here looks at every queued
/// job: inserting and taking cost the logarithm of one heap, choosing for a claim one look at each
/// product and at the heads of one of them. Age lifts whole heads, so that time moves no job.
package struct ReadyQueue: Sendable {
    /// One job's place among those of its heap; whoever is less is served first.
    private struct Entry: Sendable {
        let submittedAt: Instant
        let job: JobID
        /// Tells a job's present entry from ones that it left behind.
        let stamp: UInt64

        static func precedes(_ left: Entry, _ right: Entry) -> Bool {
            if left.submittedAt != right.submittedAt { return left.submittedAt < right.submittedAt }
            return left.job < right.job
        }
    }

    private struct Place: Sendable {
        let heap: Int
        let stamp: UInt64
    }

    /// Where a heap belongs.
    private struct Home: Sendable {
        let requirementClass: ClassID
        let product: Int
        let priority: Priority
    }

    private struct Product: Sendable {
        let name: String
        /// Its virtual time.
        var time: Int64 = 0
        var living = 0
        /// Classes with a ready job of it, and those with a critical one.
        var occupied = ClassSet()
        var critical = ClassSet()
        /// By class: the number of its first heap, that of critical work; -1 when there is none.
        var heaps: [Int] = []
    }

    /// A heap's first job, as it stands in the order of its product.
    private struct Head {
        let entry: Entry
        let home: Home
        let lift: Int

        var rank: Int { home.priority.rank - lift }

        static func precedes(_ left: Head, _ right: Head) -> Bool {
            if left.rank != right.rank { return left.rank < right.rank }
            return Entry.precedes(left.entry, right.entry)
        }
    }

    /// Binary heaps; they may hold entries of jobs that have left since.
    private var heaps: [[Entry]] = []
    private var living: [Int] = []
    private var homes: [Home] = []
    private var places: [JobID: Place] = [:]
    private var products: [Product] = []
    private var numberOfProduct: [String: Int] = [:]
    private var lastStamp: UInt64 = 0

    /// Comparisons of two entries or products so far: what the queue cost, on any machine.
    package private(set) var comparisons = 0

    package init() {}

    package var count: Int { places.count }
    package func contains(_ job: JobID) -> Bool { places[job] != nil }
    package func requirementClass(of job: JobID) -> ClassID? {
        places[job].map { homes[$0.heap].requirementClass }
    }

    /// Whether the product has a ready job of one of those classes.
    package func holds(_ product: String, among classes: ClassSet) -> Bool {
        numberOfProduct[product].map { products[$0].occupied.intersects(classes) } ?? false
    }

    /// Every product that ever had a ready job.
    package var productNames: [String] { products.map(\.name) }

    /// Classes among `classes` in which critical work is ready.
    package func critical(among classes: ClassSet) -> ClassSet {
        var found = ClassSet()
        for product in products { found.formUnion(product.critical) }
        return found.intersection(classes)
    }

    /// Notes how far a product has come with its share.
    package mutating func set(_ time: Int64, of product: String) {
        products[number(of: product)].time = time
    }

    /// Puts a job in its place; a job that is there already moves.
    package mutating func insert(
        _ job: JobID,
        class id: ClassID,
        product: String,
        priority: Priority,
        submittedAt: Instant
    ) {
        remove(job)
        let number = number(of: product)
        let heap = heap(of: id, number) + priority.rank
        lastStamp += 1
        places[job] = Place(heap: heap, stamp: lastStamp)
        living[heap] += 1
        products[number].living += 1
        products[number].occupied.insert(id)
        if priority == .critical { products[number].critical.insert(id) }
        heaps[heap].append(Entry(submittedAt: submittedAt, job: job, stamp: lastStamp))
        siftUp(heap, from: heaps[heap].count - 1)
    }

    /// Takes a job out, wherever it stands; nothing happens when it is not there.
    package mutating func remove(_ job: JobID) {
        guard let place = places.removeValue(forKey: job) else { return }
        let heap = place.heap
        living[heap] -= 1
        products[homes[heap].product].living -= 1
        if living[heap] == 0 {
            heaps[heap].removeAll()
            vacate(homes[heap])
        } else if heaps[heap].count > 2 * living[heap] + 16 {
            compact(heap)
        } else {
            dropLeavers(heap)
        }
    }
}

extension ReadyQueue {
    /// The job that is served next, and what it was chosen over.
    package struct Choice: Hashable, Sendable {
        package let job: JobID
        package let requirementClass: ClassID
        package let product: String
        package let time: Int64
        /// The product that would have been next, and its virtual time.
        package let rival: String?
        package let rivalTime: Int64?
        package let priority: Priority
        package let submittedAt: Instant
        /// It went before all other work because it is critical.
        package let isAhead: Bool
    }

    /// The job that is served first among those classes; critical work of `urgent` ones before all.
    package mutating func best(
        among classes: ClassSet,
        urgent: ClassSet = ClassSet(),
        terms: SharingTerms = .standard,
        at now: Instant = .epoch
    ) -> Choice? {
        choose(among: urgent.intersection(classes), onlyCritical: true, terms, now)
            ?? choose(among: classes, onlyCritical: false, terms, now)
    }

    /// Among products the one furthest behind its share; level ones go by their first jobs.
    private mutating func choose(
        among classes: ClassSet,
        onlyCritical: Bool,
        _ terms: SharingTerms,
        _ now: Instant
    ) -> Choice? {
        var leader: (product: Int, head: Head)?
        var rival: Int?
        for number in products.indices where products[number].living > 0 {
            let time = products[number].time
            let isBehind = leader.map { time <= products[$0.product].time } ?? true
            // Whoever is neither first nor second by time changes nothing.
            if !isBehind, let rival, time >= products[rival].time { continue }
            let works =
                onlyCritical
                ? products[number].critical.intersects(classes)
                : products[number].occupied.intersects(classes)
            guard works else { continue }
            comparisons += 1
            guard isBehind else {
                rival = number
                continue
            }
            guard let head = head(of: number, classes, onlyCritical, terms, now) else { continue }
            if let first = leader, time == products[first.product].time,
                Head.precedes(first.head, head)
            {
                rival = number
            } else {
                rival = leader?.product
                leader = (number, head)
            }
        }
        return leader.map { first in
            Choice(
                job: first.head.entry.job,
                requirementClass: first.head.home.requirementClass,
                product: products[first.product].name,
                time: products[first.product].time,
                rival: rival.map { products[$0].name },
                rivalTime: rival.map { products[$0].time },
                priority: first.head.home.priority,
                submittedAt: first.head.entry.submittedAt,
                isAhead: onlyCritical
            )
        }
    }

    /// The first job of one product among those classes.
    private mutating func head(
        of product: Int,
        _ classes: ClassSet,
        _ onlyCritical: Bool,
        _ terms: SharingTerms,
        _ now: Instant
    ) -> Head? {
        var best: Head?
        var compared = 0
        func look(_ id: ClassID) {
            let first = products[product].heaps[id.index]
            for heap in first..<first + (onlyCritical ? 1 : Priority.allCases.count) {
                guard let entry = heaps[heap].first else { continue }
                let home = homes[heap]
                let lift = terms.lift(home.priority, submittedAt: entry.submittedAt, at: now)
                let head = Head(entry: entry, home: home, lift: lift)
                compared += 1
                if let leader = best, Head.precedes(leader, head) { continue }
                best = head
            }
        }
        if onlyCritical {
            products[product].critical.forEach(in: classes, look)
        } else {
            products[product].occupied.forEach(in: classes, look)
        }
        comparisons += compared
        return best
    }
}

extension ReadyQueue {
    private mutating func number(of product: String) -> Int {
        if let known = numberOfProduct[product] { return known }
        numberOfProduct[product] = products.count
        products.append(Product(name: product))
        return products.count - 1
    }

    /// The number of the first of four heaps, one for each priority.
    private mutating func heap(of id: ClassID, _ product: Int) -> Int {
        while products[product].heaps.count <= id.index { products[product].heaps.append(-1) }
        let known = products[product].heaps[id.index]
        guard known < 0 else { return known }
        products[product].heaps[id.index] = heaps.count
        for priority in Priority.allCases {
            heaps.append([])
            living.append(0)
            homes.append(Home(requirementClass: id, product: product, priority: priority))
        }
        return products[product].heaps[id.index]
    }

    /// Notes that a heap of the class has run empty.
    private mutating func vacate(_ home: Home) {
        if home.priority == .critical {
            products[home.product].critical.remove(home.requirementClass)
        }
        let first = products[home.product].heaps[home.requirementClass.index]
        let all = first..<first + Priority.allCases.count
        if all.allSatisfy({ living[$0] == 0 }) {
            products[home.product].occupied.remove(home.requirementClass)
        }
    }

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
