package import FleetModel

/// Jobs that could start now: by product the one furthest behind its share, in it by priority.
///
/// A heap for each class, product and priority, ordered by age. Nothing here looks at every queued
/// job: inserting and taking cost the logarithm of one heap, choosing for a claim a look at the
/// products that are furthest behind and at the heads of those that are level. Age lifts whole
/// heads, so that time moves no job.
package struct ReadyQueue: Sendable {
    /// Where a heap belongs.
    struct Home: Sendable {
        let requirementClass: Int
        let product: Int
        /// The priority's rank.
        let rank: Int
    }

    private struct Product: Sendable {
        let name: String
        /// Classes with a ready job of it, and those with a critical one.
        var occupied = ClassSet()
        var critical = ClassSet()
        /// By class: the number of its first heap, that of critical work; -1 when there is none.
        var heaps: [Int32] = []
    }

    /// What the order of the products rests on.
    private struct Standing: Sendable {
        /// Its virtual time.
        var time: Int64 = 0
        var living = 0
        /// Its first job by priority, age and number, whatever its class and however aged.
        var front = Head.last
        /// No job of it is older, in milliseconds.
        var oldest = Int64.max
    }

    /// A heap's first job, as it stands in the order of its product.
    private struct Head: Sendable {
        let rank: Int
        let entry: JobHeaps.Entry
        let heap: Int32

        /// After all others.
        static let last = Head(rank: .max, entry: .last, heap: -1)

        static func precedes(_ left: Head, _ right: Head) -> Bool {
            if left.rank != right.rank { return left.rank < right.rank }
            return JobHeaps.Entry.precedes(left.entry, right.entry)
        }
    }

    private var heaps = JobHeaps()
    private var homes: [Home] = []
    private var products: [Product] = []
    private var standings: [Standing] = []
    private var numberOfProduct: [String: Int] = [:]
    /// Products with a ready job, the one furthest behind its share first; of level ones the one
    /// with the first job.
    private var order: [Int32] = []
    /// By class: how many critical jobs are ready, and the classes that have one.
    private var criticalJobs: [Int32] = []
    private var criticalClasses = ClassSet()
    private var looks = 0
    /// No ready job is older, in milliseconds; it may be long gone.
    private var oldest = Int64.max

    /// Comparisons of two entries or products so far: what the queue cost, on any machine.
    package var comparisons: Int { looks + heaps.comparisons }

    package init() {}

    package var count: Int { heaps.count }
    package func contains(_ job: JobID) -> Bool { heaps.heap(of: job.number) != nil }
    package func requirementClass(of job: JobID) -> ClassID? {
        heaps.heap(of: job.number).map { ClassID(index: homes[Int($0)].requirementClass) }
    }

    /// Whether the product has a ready job of one of those classes.
    package func holds(_ product: String, among classes: ClassSet) -> Bool {
        numberOfProduct[product].map { products[$0].occupied.intersects(classes) } ?? false
    }

    /// Every product that ever had a ready job.
    package var productNames: [String] { products.map(\.name) }

    /// Classes among `classes` in which critical work is ready.
    package func critical(among classes: ClassSet) -> ClassSet {
        criticalClasses.intersection(classes)
    }

    /// Notes how far a product has come with its share.
    package mutating func set(_ time: Int64, of product: String) {
        let number = number(of: product)
        guard standings[number].time != time else { return }
        move(number) { $0.time = time }
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
        let rank = priority.rank
        let heap = heap(of: id.index, number) + Int32(rank)
        let age = submittedAt.milliseconds
        let entry = heaps.insert(job.number, submittedAt: age, into: Int(heap))
        products[number].occupied.insert(id)
        if rank == 0 { noteCritical(id, number) }
        let head = Head(rank: rank, entry: entry, heap: heap)
        standings[number].oldest = min(standings[number].oldest, age)
        oldest = min(oldest, age)
        guard Head.precedes(head, standings[number].front) else {
            standings[number].living += 1
            return
        }
        move(number) { standing in
            standing.living += 1
            standing.front = head
        }
    }

    /// Takes a job out, wherever it stands; nothing happens when it is not there.
    package mutating func remove(_ job: JobID) {
        guard let heap = heaps.remove(job.number) else { return }
        let home = homes[Int(heap)]
        if home.rank == 0 {
            criticalJobs[home.requirementClass] -= 1
            if criticalJobs[home.requirementClass] == 0 {
                criticalClasses.remove(ClassID(index: home.requirementClass))
            }
        }
        if heaps.living(Int(heap)) == 0 { vacate(home) }
        guard standings[home.product].front.entry.job == job.number else {
            standings[home.product].living -= 1
            return
        }
        let anew = front(of: home.product)
        move(home.product) { standing in
            standing.living -= 1
            (standing.front, standing.oldest) = anew
        }
    }

    private mutating func noteCritical(_ id: ClassID, _ product: Int) {
        products[product].critical.insert(id)
        while criticalJobs.count <= id.index { criticalJobs.append(0) }
        criticalJobs[id.index] += 1
        criticalClasses.insert(id)
    }

    /// Changes what a product's place rests on, and puts it there.
    private mutating func move(_ number: Int, _ change: (inout Standing) -> Void) {
        let before = standings[number].living > 0 ? place(of: number) : nil
        change(&standings[number])
        guard standings[number].living > 0 else {
            if let before { order.remove(at: before) }
            return
        }
        // Most changes leave it where it is.
        if let before {
            let isFirst = before == 0 || precedes(Int(order[before - 1]), number)
            let isLast = before + 1 == order.count || precedes(number, Int(order[before + 1]))
            if isFirst, isLast { return }
            order.remove(at: before)
        }
        order.insert(Int32(number), at: place(of: number))
    }

    /// Where a product stands in the order, or would.
    private func place(of number: Int) -> Int {
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if precedes(Int(order[middle]), number) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func precedes(_ one: Int, _ other: Int) -> Bool {
        let (left, right) = (standings[one].time, standings[other].time)
        if left != right { return left < right }
        return Head.precedes(standings[one].front, standings[other].front)
    }

    /// The product's first job, and the age of its oldest.
    private mutating func front(of product: Int) -> (front: Head, oldest: Int64) {
        var front = Head.last
        var oldest = Int64.max
        let own = products[product].heaps
        var compared = 0
        products[product].occupied.forEach { id in
            for rank in 0..<Self.ranks {
                let heap = own[id.index] + Int32(rank)
                guard let entry = heaps.first(Int(heap)) else { continue }
                let head = Head(rank: rank, entry: entry, heap: heap)
                compared += 1
                oldest = min(oldest, entry.submittedAt)
                if Head.precedes(head, front) { front = head }
            }
        }
        looks += compared
        return (front, oldest)
    }

    private static let ranks = 4
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
        if !urgent.isEmpty {
            let ahead = urgent.intersection(classes)
            if let first = choose(among: ahead, onlyCritical: true, terms, now) { return first }
        }
        return choose(among: classes, onlyCritical: false, terms, now)
    }

    /// Among products the one furthest behind its share; level ones go by their first jobs.
    private mutating func choose(
        among classes: ClassSet,
        onlyCritical: Bool,
        _ terms: SharingTerms,
        _ now: Instant
    ) -> Choice? {
        let isYoung = nobodyIsLifted(terms, now)
        var leader: (product: Int, head: Head)?
        // Of those that are asked, the first two in the order.
        var (first, second) = (-1, -1)
        for number in order {
            let number = Int(number)
            let standing = standings[number]
            let isLevel = leader.map { standing.time == standings[$0.product].time } ?? true
            if second >= 0 {
                // Behind the first two by time nobody changes anything.
                guard isLevel else { break }
                // A level one does only if its first job may be served before. They stand in the
                // order of their first jobs, in which age alone could make a difference.
                if let leader, !mayPrecede(standing, leader.head, terms, now) {
                    if isYoung { break }
                    continue
                }
            }
            guard works(number, classes, onlyCritical) else { continue }
            looks += 1
            if first < 0 { first = number } else if second < 0 { second = number }
            guard isLevel else { break }
            let head = head(of: number, classes, onlyCritical, terms, now)
            if let leader, !Head.precedes(head, leader.head) { continue }
            leader = (number, head)
        }
        guard let leader else { return nil }
        let rival = leader.product == first ? second : first
        let home = homes[Int(leader.head.heap)]
        return Choice(
            job: JobID(leader.head.entry.job),
            requirementClass: ClassID(index: home.requirementClass),
            product: products[leader.product].name,
            time: standings[leader.product].time,
            rival: rival < 0 ? nil : products[rival].name,
            rivalTime: rival < 0 ? nil : standings[rival].time,
            priority: Priority.allCases[home.rank],
            submittedAt: Instant(milliseconds: leader.head.entry.submittedAt),
            isAhead: onlyCritical
        )
    }

    private mutating func nobodyIsLifted(_ terms: SharingTerms, _ now: Instant) -> Bool {
        let limit = terms.ageing.milliseconds
        if now.milliseconds - oldest < limit { return true }
        oldest = order.reduce(Int64.max) { min($0, standings[Int($1)].oldest) }
        return now.milliseconds - oldest < limit
    }

    private func works(_ product: Int, _ classes: ClassSet, _ onlyCritical: Bool) -> Bool {
        onlyCritical
            ? products[product].critical.intersects(classes)
            : products[product].occupied.intersects(classes)
    }

    /// False when even its first job of all comes later; age may put another one of it there.
    private func mayPrecede(
        _ standing: Standing,
        _ head: Head,
        _ terms: SharingTerms,
        _ now: Instant
    ) -> Bool {
        now.milliseconds - standing.oldest >= terms.ageing.milliseconds
            || Head.precedes(standing.front, head)
    }

    /// The first job of one product among those classes, of which it has one.
    private mutating func head(
        of product: Int,
        _ classes: ClassSet,
        _ onlyCritical: Bool,
        _ terms: SharingTerms,
        _ now: Instant
    ) -> Head {
        var best = Head.last
        var compared = 0
        let own = products[product].heaps
        let mayBeLifted =
            now.milliseconds - standings[product].oldest >= terms.ageing.milliseconds
        func look(_ id: ClassID) {
            let first = own[id.index]
            for rank in 0..<(onlyCritical ? 1 : Self.ranks) {
                guard let entry = heaps.first(Int(first) + rank) else { continue }
                let lift =
                    mayBeLifted
                    ? terms.lift(
                        Priority.allCases[rank],
                        submittedAt: Instant(milliseconds: entry.submittedAt),
                        at: now
                    ) : 0
                let head = Head(rank: rank - lift, entry: entry, heap: first + Int32(rank))
                compared += 1
                if Head.precedes(head, best) { best = head }
            }
        }
        if onlyCritical {
            products[product].critical.forEach(in: classes, look)
        } else {
            products[product].occupied.forEach(in: classes, look)
        }
        looks += compared
        return best
    }

    private mutating func number(of product: String) -> Int {
        if let known = numberOfProduct[product] { return known }
        numberOfProduct[product] = products.count
        products.append(Product(name: product))
        standings.append(Standing())
        return products.count - 1
    }

    /// The number of the first of four heaps, one for each priority.
    private mutating func heap(of id: Int, _ product: Int) -> Int32 {
        while products[product].heaps.count <= id { products[product].heaps.append(-1) }
        let known = products[product].heaps[id]
        guard known < 0 else { return known }
        let first = Int32(homes.count)
        products[product].heaps[id] = first
        for rank in 0..<Self.ranks {
            heaps.add()
            homes.append(Home(requirementClass: id, product: product, rank: rank))
        }
        return first
    }

    /// Notes that a heap of the class has run empty.
    private mutating func vacate(_ home: Home) {
        let id = ClassID(index: home.requirementClass)
        if home.rank == 0 { products[home.product].critical.remove(id) }
        let first = Int(products[home.product].heaps[home.requirementClass])
        if (first..<first + Self.ranks).allSatisfy({ heaps.living($0) == 0 }) {
            products[home.product].occupied.remove(id)
        }
    }
}
