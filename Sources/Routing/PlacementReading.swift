import FleetModel

extension PlacementRecord {
    /// What the record says, for people and for replay.
    ///
    /// - Throws: `Fault` when it is damaged or of a version that this giga does not know.
    package func explanation() throws(Fault) -> Explanation {
        var reader = RecordReader(bytes)
        let version = try reader.byte()
        guard version == Self.version else { throw .unknownVersion(version) }
        let weights = try reader.weights()
        var explanation = Explanation(weights: weights, seed: try reader.whole())
        explanation.tieBreak = try reader.one(of: TieBreak.coded)
        let inputs = try reader.inputs()
        explanation.inputs = inputs
        explanation.precedence = try reader.flag() ? try reader.precedence() : nil
        try reader.rejections(of: inputs.demand, into: &explanation)
        explanation.candidates = try reader.list { (reader) throws(Fault) in
            try reader.candidate()
        }
        guard let winner = explanation.candidates.first else { throw reader.fault("nobody won") }
        guard inputs.rivals >= explanation.candidates.count else {
            throw reader.fault("fewer rivals than candidates")
        }
        let met = try reader.list { (reader) throws(Fault) in
            try reader.optionalText()
        }
        guard met.count == inputs.requirements.count else {
            throw reader.fault("another number of requirements")
        }
        for (requirement, text) in zip(inputs.requirements, met) {
            let fact: Fact? = if let text { try reader.fact(text) } else { nil }
            explanation.matched.append(MatchedRequirement(requirement: requirement, fact: fact))
        }
        guard reader.isAtEnd else { throw reader.fault("more follows") }
        explanation.placed = true
        explanation.factory = winner.factory
        explanation.engine = winner.engine
        explanation.score = winner.score
        explanation.terms = winner.terms
        return explanation
    }
}

extension RecordReader {
    fileprivate typealias Fault = PlacementRecord.Fault

    fileprivate mutating func weights() throws(Fault) -> RoutingWeights {
        RoutingWeights(
            capabilityFit: try amount(),
            affinity: try amount(),
            load: try amount(),
            health: try amount(),
            cost: try amount(),
            starvation: try amount()
        )
    }

    private mutating func terms() throws(Fault) -> RoutingTerms {
        RoutingTerms(
            capabilityFit: try amount(),
            affinity: try amount(),
            load: try amount(),
            health: try amount(),
            cost: try amount(),
            starvation: try amount()
        )
    }

    fileprivate mutating func inputs() throws(Fault) -> DecisionInputs {
        let job = JobID(try number())
        let product = try text()
        let requirements = try list { (reader) throws(Fault) in
            try reader.requirement()
        }
        let demand: EngineDemand
        switch try byte() {
        case 0: demand = .none
        case 1: demand = .engine(try text())
        case 2: demand = .engineClass(try text())
        default: throw fault("an unknown demand")
        }
        return DecisionInputs(
            job: job,
            product: product,
            requirements: requirements,
            demand: demand,
            repository: try optionalText(),
            prefers: try list { (reader) throws(Fault) in try reader.preference() },
            microUSDLeft: try optionalNumber(),
            assignments: try amount(),
            rivals: try amount()
        )
    }

    private mutating func requirement() throws(Fault) -> Requirement {
        let text = try text()
        do { return try Requirement(parsing: text) } catch { throw fault("\(error.what)") }
    }

    fileprivate func fact(_ text: String) throws(Fault) -> Fact {
        do { return try Fact(parsing: text) } catch { throw fault("\(error.what)") }
    }

    private mutating func preference() throws(Fault) -> Preference {
        switch try byte() {
        case 0: .factory(try text())
        case 1: .engine(try text())
        case 2: .fact(try requirement())
        default: throw fault("an unknown wish")
        }
    }

    fileprivate mutating func precedence() throws(Fault) -> Precedence {
        Precedence(
            product: try text(),
            weight: try amount(),
            virtualTime: try signed(),
            rival: try optionalText(),
            rivalTime: try optionalNumber(),
            priority: try one(of: Priority.allCases.sorted()),
            submittedAt: try instant(),
            decidedAt: try instant(),
            ageing: try timespan(),
            lift: try amount(),
            rule: try one(of: Precedence.Rule.coded)
        )
    }

    fileprivate mutating func rejections(
        of demand: EngineDemand,
        into explanation: inout Explanation
    ) throws(Fault) {
        guard try flag() else {
            explanation.rejected = try list { (reader) throws(Fault) in
                Rejection(factory: FactoryID(try reader.text()), reason: try reader.text())
            }
            return
        }
        let misses = try list { (reader) throws(Fault) in
            ReasonCount(reason: try reader.text(), count: try reader.quantity())
        }
        let others = try list { (reader) throws(Fault) in
            let said = try reader.availability()
            let count = try reader.quantity()
            return ReasonCount(reason: said.reason(demand), count: count)
        }
        explanation.rejectedByReason = ReasonCount.inOrder(misses + others)
    }

    private mutating func availability() throws(Fault) -> Availability {
        switch try byte() {
        case 0: .asksForNone
        case 1: .draining
        case 2: .busy(stations: try quantity())
        default: throw fault("an unknown answer")
        }
    }

    fileprivate mutating func candidate() throws(Fault) -> Candidate {
        let factory = FactoryID(try text())
        let group = try quantity()
        let score = try amount()
        let terms = try terms()
        let costClass = try amount()
        let load = try amount()
        let lot = try whole()
        let facts = try list { (reader) throws(Fault) in
            try reader.fact(try reader.text())
        }
        let stations = try stations()
        guard group <= stations.count else { throw fault("a station that is not there") }
        let flags = try byte()
        guard flags < 8 else { throw fault("unknown flags") }
        let inputs = CandidateInputs(
            facts: FactSet(facts),
            stations: stations,
            isLate: flags & 1 != 0,
            loadPPM: try amount(),
            healthPPM: try amount(),
            costClass: costClass,
            isWarm: flags & 2 != 0,
            didProduct: flags & 4 != 0,
            recentAssignments: try amount(),
            rareCapabilities: try list { (reader) throws(Fault) in try reader.text() }
        )
        return Candidate(
            factory: factory,
            engine: group > 0 ? stations[group - 1].kind.engine : nil,
            score: score,
            terms: terms,
            costClass: costClass,
            load: load,
            lot: lot,
            inputs: inputs
        )
    }

    private mutating func stations() throws(Fault) -> [StationGroup] {
        let kinds = try list { (reader) throws(Fault) in
            StationKind(
                engine: try reader.text(),
                classes: try reader.list { (reader) throws(Fault) in try reader.text() }
            )
        }
        var groups: [StationGroup] = []
        for kind in kinds {
            let total = try quantity()
            let free = try quantity()
            guard free <= total else { throw fault("more stations free than there") }
            let price = try optionalNumber()
            groups.append(
                StationGroup(kind: kind, total: total, free: free, expectedMicroUSD: price)
            )
        }
        return groups
    }

    /// A whole number of things, of which many can be added.
    private mutating func quantity() throws(Fault) -> Int {
        let quantity = try number()
        guard quantity <= 1 << 40 else { throw fault("a number is too large") }
        return Int(quantity)
    }
}
