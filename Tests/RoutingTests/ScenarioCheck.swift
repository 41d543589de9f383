import FleetModel
import Routing

extension Scenario {
    /// Every expectation that the router does not meet, as `line: expected, but got`.
    func failures() throws -> [String] {
        try expectations.compactMap { expectation in
            let seen = try answer(expectation)
            let wanted = expectation.rest
            return seen == wanted
                ? nil
                : "line \(expectation.line): \(expectation.subject) \(expectation.verb) "
                    + "“\(wanted)”, but got “\(seen)”"
        }
    }

    /// What the router says, in the words that the expectation should have.
    private func answer(_ expectation: Expectation) throws -> String {
        if ["claim", "turn"].contains(expectation.subject) { return try claim(expectation) }
        guard let job = jobs.first(where: { "\($0.id)" == expectation.subject }) else {
            throw Fault(line: expectation.line, what: "no such job")
        }
        let placement = Router.place(job, candidates: factories, weights: weights, seed: seed)
        let explanation = placement.explanation
        switch expectation.verb {
        case "at": return placement.factory.map { "\($0)" } ?? "none"
        case "engine": return placement.engine ?? "none"
        case "waits": return explanation.placed ? "placed" : explanation.reason ?? "no reason"
        case "condition": return explanation.condition ?? "none"
        case "score": return explanation.score.map { "\($0)" } ?? "none"
        case "terms": return explanation.terms.map(words) ?? "none"
        case "tie-break": return explanation.tieBreak.rawValue
        case "ranking": return explanation.candidates.map { "\($0.factory)" }.joined(separator: " ")
        case "loads": return explanation.candidates.map { "\($0.load)" }.joined(separator: " ")
        case "rejects":
            return explanation.rejected.map { "\($0.factory): \($0.reason)" }
                .joined(separator: "; ")
        case "counts":
            return explanation.rejectedByReason.map { "\($0.count) × \($0.reason)" }
                .joined(separator: "; ")
        case "matched":
            return explanation.matched.map { "\($0.requirement) by \($0.fact?.text ?? "absence")" }
                .joined(separator: "; ")
        case "preempts":
            let giver = Router.givesWay(to: job, among: holders, at: factories)
            return giver.map { "\($0.job) at \($0.factory)" } ?? "none"
        case "why", "nearest", "missing": return miss(job, expectation.verb)
        default: throw Fault(line: expectation.line, what: "unknown word \(expectation.verb)")
        }
    }

    private func miss(_ job: JobView, _ verb: String) -> String {
        let explanation = Router.explainMiss(job, factories: factories)
        switch verb {
        case "why": return explanation.reason ?? "no reason"
        case "missing":
            return explanation.rejected.map { "\($0.factory): \($0.reason)" }
                .joined(separator: "; ")
        default:
            return explanation.nearest.map { miss in
                "\(miss.factory): \(miss.missing.joined(separator: " and "))"
            }.joined(separator: "; ")
        }
    }

    /// `expect claim linux-1 job-2 job-1 none`: what a factory's claims get, one after another;
    /// `expect turn linux-1 …`: why the first was first.
    private func claim(_ expectation: Expectation) throws -> String {
        guard let factory = factories.first(where: { $0.id.name == expectation.verb }) else {
            throw Fault(line: expectation.line, what: "no such factory")
        }
        var table = ClassTable()
        var queue = ReadyQueue()
        var shares = FairShares()
        let shape = table.intern(factory.shape)
        let began = virtualTimes.map { ProductTurn(product: $0.key, begins: Int64($0.value)) }
        for job in jobs where job.standing == nil {
            queue.insert(
                job.id,
                class: table.intern(job.requirementClass),
                product: job.product,
                priority: job.priority,
                submittedAt: job.submittedAt
            )
            queue.set(Int64(virtualTimes[job.product] ?? 0), of: job.product)
        }
        var roster = Roster()
        roster.set(factory, shape: shape, takesShip: true)
        let open = roster.classesOnOffer(in: table)
        let urgent = isUrgent ? open : ClassSet()
        var taken: [String] = []
        while let next = queue.best(among: open, urgent: urgent, terms: sharing, at: now) {
            if expectation.subject == "turn" {
                return Precedence(next, terms: sharing, at: now).sentence
            }
            taken.append("\(next.job)")
            queue.remove(next.job)
            guard stationTime > 0 else { continue }
            let charge = StationCharge(
                expected: Timespan(milliseconds: Int64(stationTime)),
                weight: Int64(sharing.weight(of: next.product)),
                turns: taken.count == 1 ? began : nil
            )
            shares.take(charge, of: next.product)
            queue.set(shares.time(of: next.product), of: next.product)
        }
        return (taken + ["none"]).joined(separator: " ")
    }

    private func words(_ terms: RoutingTerms) -> String {
        "capabilityFit=\(terms.capabilityFit) affinity=\(terms.affinity) load=\(terms.load) "
            + "health=\(terms.health) cost=\(terms.cost) starvation=\(terms.starvation)"
    }
}
