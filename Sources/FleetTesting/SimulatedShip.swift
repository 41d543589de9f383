import FleetModel

/// How far a ship run is; between any two of these its process may sleep, die or be too late.
enum SimulatedShip: Hashable {
    case granted
    case begun
    case fenced(SimulatedRemote.Fence)
    /// It has merged onto the target as it saw it, and is about to push.
    case merged(SimulatedRemote.Push)
    /// The push is on its way.
    case pushing(SimulatedRemote.Push)
    /// The push was answered.
    case answered(SimulatedRemote.Push, isAccepted: Bool)
    /// The push broke off; nobody knows what became of it.
    case brokenOff(SimulatedRemote.Push)
}

/// What became of one step of a ship run.
enum ShipStep {
    case silent
    case says(RunReportItem)
    /// Sent to the remote, which may get it any time later.
    case pushes(SimulatedRemote.Push)
}

extension SimulatedFactory {
    /// One step of the ship run at `index`, in the order that the product keeps.
    mutating func ship(
        _ index: Int,
        at remote: inout SimulatedRemote,
        using random: inout SeededRandom,
        isKind: Bool,
        _ mood: SimulatedMood
    ) -> ShipStep {
        if held[index].isOver { return .silent }
        let step = next(&held[index], &remote, &random, isKind, mood)
        if case .says(let item) = step {
            held[index].items.append(item)
            held[index].isOver = item.endsRun
        }
        return step
    }

    private func next(
        _ work: inout Work,
        _ remote: inout SimulatedRemote,
        _ random: inout SeededRandom,
        _ isKind: Bool,
        _ mood: SimulatedMood
    ) -> ShipStep {
        let (run, job) = (work.run, work.run.lease.job)
        let candidate = run.candidate?.commit ?? ""
        func landed() -> RunReportItem? {
            remote.landed(job, candidate).map { Self.merged($0, wasThere: true) }
        }
        switch work.ship {
        case .granted:
            work.ship = .begun
            return .says(.shipStarted(ShipStarted(commit: candidate, target: run.terms.target)))
        case .begun:
            if !isKind, let refusal = gaveUpBeforePush(&random) { return .says(refusal) }
            switch remote.takeFence(of: job, for: run.lease.fence) {
            case .taken(let fence): work.ship = .fenced(fence)
            case .overtaken(let seen):
                if seen.fence == run.lease.fence, let item = landed() { return .says(item) }
                return .says(.shipRefused(.overtaken, detail: []))
            }
        case .fenced(let fence):
            if let item = landed() { return .says(item) }
            if run.onlyLooks { return .says(.shipRefused(.absent, detail: [])) }
            if !isKind, let refusal = refusedByWork(&random, mood) { return .says(refusal) }
            let merge = SimulatedRemote.Merge(
                job: job,
                candidate: candidate,
                fence: run.lease.fence
            )
            work.ship = .merged(
                .init(merge: merge, expectedHead: remote.head, expectedFence: fence)
            )
        case .merged(let push):
            if !isKind, mood == .busyTarget, !random.oneIn(8) { remote.moveTarget() }
            if !isKind, random.oneIn(3) {
                work.ship = .pushing(push)
                return .pushes(push)
            }
            let isAccepted = remote.accept(push)
            work.ship =
                !isKind && random.oneIn(6)
                ? .brokenOff(push) : .answered(push, isAccepted: isAccepted)
        case .pushing(let push):
            if isKind || random.oneIn(3) { work.ship = .brokenOff(push) }
        case .answered(let push, true): return .says(Self.merged(push.merge, wasThere: false))
        case .answered, .brokenOff:
            if remote.fence(of: job).fence > run.lease.fence {
                return .says(.shipRefused(.overtaken, detail: []))
            }
            if let item = landed() { return .says(item) }
            // Whoever was not answered cannot say that nothing will land.
            if case .brokenOff = work.ship { return .says(.shipRefused(.unseen, detail: [])) }
            return .says(.shipRefused(.targetMoved, detail: []))
        }
        return .silent
    }

    private func gaveUpBeforePush(_ random: inout SeededRandom) -> RunReportItem? {
        guard random.oneIn(16) else { return nil }
        return random.oneIn(2)
            ? .stopped(.drained, reason: "told to") : .shipRefused(.unreachable, detail: [])
    }

    private func refusedByWork(
        _ random: inout SeededRandom,
        _ mood: SimulatedMood
    ) -> RunReportItem? {
        if mood == .closedTarget { return .shipRefused(.pushRefused, detail: ["so"]) }
        guard random.oneIn(mood == .busyTarget ? 16 : 4) else { return nil }
        let causes: [ShipRefused.Cause] = [
            .conflict, .verifyFailed, .pushRefused, .pushRefused, .scopeViolation,
        ]
        return .shipRefused(random.pick(causes), detail: ["so"])
    }

    private static func merged(
        _ merge: SimulatedRemote.Merge,
        wasThere: Bool
    ) -> RunReportItem {
        .shipMerged(
            ShipMerged(commit: merge.commit, tree: "tree", target: "main", wasThere: wasThere)
        )
    }
}
