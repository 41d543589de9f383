import FleetModel

/// What is worked out once for a class of work, and for a class and a layout.
extension Roster {
    /// The number of what the job asks of factories.
    mutating func number(ofRequest job: JobView, of id: ClassID, in table: ClassTable) -> Int {
        learnDemands(of: table)
        while plainRequests.count < table.count { plainRequests.append(-1) }
        let wishes = job.prefers.isEmpty ? [] : job.prefers.filter { !$0.isForFactory }
        if wishes.isEmpty, plainRequests[id.index] >= 0 { return plainRequests[id.index] }
        let key = WorkRequest.Key(requirementClass: id, wishes: wishes)
        if let known = numberOfRequest[key] { return known }
        let number = requests.count
        requests.append(WorkRequest(key, table[id], demand: table.numberOfDemand(of: id)))
        numberOfRequest[key] = number
        if wishes.isEmpty { plainRequests[id.index] = number }
        return number
    }

    /// The number of the fit; what is rare is as its layout has it now.
    mutating func fit(of request: Int, _ layout: Int) -> Int32 {
        while requests[request].fits.count < layouts.count { requests[request].fits.append(-1) }
        let known = requests[request].fits[layout]
        guard known < 0 else {
            if fits[Int(known)].rarity != layouts[layout].rarity {
                fits[Int(known)].rarity = layouts[layout].rarity
                fits[Int(known)].spared = RoutingTerms.spared(
                    requests[request].wanted,
                    requests[request].key.wishes,
                    rare: layouts[layout].rare
                )
            }
            return known
        }
        let number = Int32(fits.count)
        let book = books[requests[request].demand]
        let fitting = book.fitting(layout).map { book.group($0) }
        fits.append(
            Fit(requests[request], layouts[layout], fitting: fitting, among: &choices)
        )
        codedFits.append(CodedFit(requests[request], layouts[layout].facts, into: &coded))
        requests[request].fits[layout] = number
        return number
    }

    /// Brings up to date who serves the class and what the others lack.
    mutating func learnReach(of id: ClassID, in table: ClassTable) {
        while reaches.count < table.count { reaches.append(ClassReach()) }
        guard reaches[id.index].version != version else { return }
        var reach = ClassReach(version: version)
        var misses: [String: Int] = [:]
        for number in layouts.indices where layouts[number].members > 0 {
            if table.serves(shapes[number], id) {
                reach.layouts.append(Int32(number))
            } else {
                let reason = lack(of: shapes[number], id, in: table)
                misses[reason, default: 0] += layouts[number].members
            }
        }
        let counts = ReasonCount.inOrder(
            misses.map { ReasonCount(reason: $0.key, count: $0.value) }
        )
        reach.codedMisses = RecordBuffer.coded { buffer in
            buffer.put(count: counts.count)
            for each in counts {
                buffer.put(each.reason)
                buffer.put(count: each.count)
            }
        }
        reaches[id.index] = reach
    }

    /// The first thing that a shape lacks which does not serve the class.
    func lack(of shape: ShapeID, _ id: ClassID, in table: ClassTable) -> String {
        guard let reason = Eligibility.missing(for: table[id], at: table[shape]).first else {
            preconditionFailure("a shape that lacks nothing serves")
        }
        return reason
    }
}

extension Preference {
    fileprivate var isForFactory: Bool { if case .factory = self { true } else { false } }
}
