package import FleetModel

/// A job's place at a factory, and the record of why.
package struct Assignment: Hashable, Sendable {
    package let factory: FactoryID
    /// Whose station it takes; nil for ship runs.
    package let engine: String?
    package let score: Int
    package let record: PlacementRecord
}

/// One of the best few: what its rank rests on, and what its record is written from.
struct Scored: Sendable, Ranked {
    let member: Int32
    let fit: Int32
    /// Its station group's place among those of the factory; nil for work that takes none.
    let group: Int32?
    let terms: RoutingTerms
    let score: Int
    let costClass: Int
    let load: Int
    let didProduct: Bool
    /// `SeededHash` of seed, job and factory.
    var lot: UInt64 = 0
}

/// Who serves a class, and what the others lack, at one version of the roster.
struct ClassReach: Sendable {
    var version = -1
    /// Layouts that serve it and have a factory.
    var layouts: [Int32] = []
    /// What the factories of other layouts lack, as a record has it: reasons and counts.
    var codedMisses: [UInt8] = []
}

/// What a placement is asked beside the job.
struct PlacementTerms {
    let weights: RoutingWeights
    let seed: UInt64
    let precedence: Precedence?
}

/// What was found out about a job on the way.
struct PlacementGround {
    let request: Int
    let requirementClass: ClassID
    /// Recent assignments of all eligible factories together, and how many factories these are.
    let assignments: Int
    let rivals: Int
}

extension Roster {
    /// Gives a job of the class `id` to the best of the factories that could take it now; nil when
    /// there is none, or when the job itself stands in the way.
    ///
    /// `rarity` says what is rare about each factory; without it their views do. The same roster,
    /// job and seed give the same answer anywhere, in whatever order factories came.
    ///
    /// - Complexity: linear in the factories that could take it; nothing is allocated for one.
    package mutating func place(
        _ job: JobView,
        of id: ClassID,
        in table: ClassTable,
        rarity: Rarity? = nil,
        weights: RoutingWeights = .standard,
        seed: UInt64,
        precedence: Precedence? = nil
    ) -> Assignment? {
        guard job.standing == nil else { return nil }
        let request = number(ofRequest: job, of: id, in: table)
        let (assignments, rivals) = gather(request, in: table, rarity)
        guard rivals > 0 else { return nil }
        let ground = PlacementGround(
            request: request,
            requirementClass: id,
            assignments: assignments,
            rivals: rivals
        )
        let terms = PlacementTerms(weights: weights, seed: seed, precedence: precedence)
        rank(job, ground, terms)
        let record = record(of: job, ground, terms, in: table)
        let winner = best[0]
        return Assignment(
            factory: names[Int(winner.member)].id,
            engine: engine(of: winner),
            score: winner.score,
            record: record
        )
    }

    /// The layouts with somebody who could take it, each with its fit, into `field`.
    ///
    /// Says how many these are, and how many recent assignments they had.
    mutating func gather(
        _ request: Int,
        in table: ClassTable,
        _ rarity: Rarity?
    ) -> (assignments: Int, rivals: Int) {
        let demand = requests[request].demand
        let id = requests[request].key.requirementClass
        var (assignments, rivals) = (0, 0)
        field.removeAll(keepingCapacity: true)
        for position in books[demand].active.indices {
            let layout = Int(books[demand].active[position])
            guard table.serves(shapes[layout], id) else { continue }
            layouts[layout].learn(rarity)
            field.append((Int32(layout), fit(of: request, layout)))
            rivals += books[demand].open[layout].count
            for member in books[demand].open[layout] {
                assignments += members[Int(member)].recentAssignments
            }
        }
        return (assignments, rivals)
    }

    /// Scores everybody in `field` and leaves the best few in `best`, the winner first.
    mutating func rank(_ job: JobView, _ ground: PlacementGround, _ terms: PlacementTerms) {
        best.removeAll(keepingCapacity: true)
        let book = requests[ground.request].demand
        let product = numberOfProduct[job.product] ?? Self.unknownProduct
        let preferred = preferredMembers(of: job)
        let begun = SeededHash.begin(seed: terms.seed, job: job.id)
        for (layout, number) in field {
            let fit = fits[Int(number)]
            for member in books[book].open[Int(layout)] {
                let own = members[Int(member)]
                let choice = choice(of: fit, own)
                let didProduct = did(product, job, member)
                let affinity = RoutingTerms.affinity(
                    isPreferred: !preferred.isEmpty && preferred.contains(member),
                    isWarm: fit.hasCheckout,
                    didProduct: didProduct
                )
                let wishes = choice?.wishes ?? fit.wishes
                let scored = RoutingTerms(
                    capabilityFit: RoutingTerms.capabilityFit(wishes: wishes, spared: fit.spared),
                    affinity: affinity,
                    load: own.loadTerm,
                    health: own.healthTerm,
                    cost: cost(choice, own, job.budgetLeft.microUSD),
                    starvation: RoutingTerms.starvation(
                        own.recentAssignments,
                        assignments: ground.assignments,
                        rivals: ground.rivals
                    )
                )
                offer(
                    Scored(
                        member: member,
                        fit: number,
                        group: choice?.group,
                        terms: scored,
                        score: terms.weights.score(scored),
                        costClass: own.costClass,
                        load: own.load,
                        didProduct: didProduct
                    ),
                    begun
                )
            }
        }
    }

    private static let unknownProduct: Int32 = -3

    func preferredMembers(of job: JobView) -> [Int32] {
        guard !job.prefers.isEmpty else { return [] }
        return job.prefers.compactMap { wish in
            guard case .factory(let name) = wish else { return nil }
            return numberOf[FactoryID(name)].map(Int32.init)
        }
    }

    @inline(__always)
    func did(_ product: Int32, _ job: JobView, _ number: Int32) -> Bool {
        let own = members[Int(number)].product
        guard own == Self.severalProducts else { return own == product }
        return products[Int(number)]?.contains(job.product) ?? false
    }

    /// Among the free stations of one factory: preferred engines first, then cheaper, then by name.
    @inline(__always)
    private func choice(of fit: Fit, _ own: Member) -> Fit.Choice? {
        var chosen: Fit.Choice?
        var least = Int64.max
        for place in fit.choices {
            let choice = choices[place]
            let group = groups[own.groups + Int(choice.group)]
            guard group.free > 0 else { continue }
            let price = group.expectedMicroUSD ?? .max
            if let chosen, (chosen.preference, least) <= (choice.preference, price) { continue }
            (chosen, least) = (choice, price)
        }
        return chosen
    }

    @inline(__always)
    func cost(_ choice: Fit.Choice?, _ own: Member, _ left: Int64?) -> Int {
        guard let left, let choice else { return Share.whole }
        let group = groups[own.groups + Int(choice.group)]
        return RoutingTerms.costFit(left: left, expected: group.expectedMicroUSD)
    }

    /// Keeps the best few without sorting them all.
    @inline(__always)
    private mutating func offer(_ candidate: Scored, _ begun: UInt64) {
        if best.count == Explanation.candidatesKept, best[best.count - 1].isClearlyBefore(candidate)
        {
            return
        }
        var candidate = candidate
        candidate.lot = nameBytes.withBytes(of: names[Int(candidate.member)].coded) { name in
            SeededHash.of(begun, name: name)
        }
        var place = best.count
        while place > 0, ranksBefore(candidate, best[place - 1]) { place -= 1 }
        guard place < Explanation.candidatesKept else { return }
        if best.count < Explanation.candidatesKept { best.append(candidate) }
        for later in stride(from: best.count - 1, to: place, by: -1) {
            best[later] = best[later - 1]
        }
        best[place] = candidate
    }

    /// Higher score, then the tie-breaks; names decide only if two lots collide.
    private func ranksBefore(_ one: Scored, _ other: Scored) -> Bool {
        if one.score != other.score { return one.score > other.score }
        if one.costClass != other.costClass { return one.costClass < other.costClass }
        if one.load != other.load { return one.load < other.load }
        if one.lot != other.lot { return one.lot < other.lot }
        return names[Int(one.member)].id < names[Int(other.member)].id
    }

    func engine(of scored: Scored) -> String? {
        guard let group = scored.group else { return nil }
        return layouts[members[Int(scored.member)].layout].key.kinds[Int(group)].engine
    }
}

extension Scored {
    /// Before the other by what is known without its lot.
    fileprivate func isClearlyBefore(_ other: Scored) -> Bool {
        if score != other.score { return score > other.score }
        if costClass != other.costClass { return costClass < other.costClass }
        return load < other.load
    }
}
