import FleetCore
import FleetModel

/// What a seed is mostly about, so that rare ends are met often enough.
enum SimulatedMood: CaseIterable {
    /// Everything can happen.
    case mixed
    /// Work fails the same way each time.
    case stubborn
    /// Work fails otherwise each time.
    case varied
    /// Workers start and are never heard of again.
    case vanishing
    /// The target moves under every ship.
    case busyTarget
    /// The origin refuses every push.
    case closedTarget
    /// Processes sleep past their leases and go on as if nothing had been.
    case sleepy
    /// The coordinator dies again and again.
    case crashing
}

/// One process of a factory as the network shows it: it claims, works, repeats itself, sleeps
/// and forgets.
struct SimulatedFactory {
    let id: FactoryID
    /// Capabilities beyond those that every one has.
    let extras: [String]
    var boots = 1
    var claims = 0
    var lastClaim: Claim?
    /// What it believes to hold, with how far each run came.
    var held: [Work] = []
    /// The last fence that it was given of each job: no answer is heard twice, whoever repeats it.
    var given: [JobID: UInt64] = [:]
    /// Until then it neither acts nor hears anything.
    var sleepsUntil: Instant?
    /// A newer process of the same factory has started.
    var isLeftover = false

    struct Work {
        let run: GrantedRun
        var items: [RunReportItem] = []
        var ship = SimulatedShip.granted
        /// The last thing that there is to say of it was said.
        var isOver = false
        /// It was asked to make room for critical work.
        var givesWay = false

        func isOf(_ run: String, _ fence: UInt64) -> Bool {
            self.run.lease.fence == fence && self.run.lease.run.description == run
        }
    }

    var boot: String { "boot-\(boots)" }

    var registration: Registration {
        .example(id, boot: boot, facts: ["os:linux", "push:shop"] + extras)
    }

    mutating func heartbeat() -> Heartbeat {
        let pairs = held.map { HeldLease(job: $0.run.lease.job, fence: $0.run.lease.fence) }
        return Heartbeat(factory: id, boot: boot, held: pairs, load: Int64(held.count) * 1000)
    }

    mutating func claim(until: Instant, free: Int) -> Claim {
        claims += 1
        let claim = Claim(
            id: "\(id)-\(boots)-\(claims)",
            factory: id,
            boot: boot,
            free: [.shell(free)],
            takesShip: true,
            until: until
        )
        lastClaim = claim
        return claim
    }

    mutating func receive(_ answer: ClaimAnswer) {
        for run in answer.leases where given[run.lease.job, default: 0] < run.lease.fence {
            given[run.lease.job] = run.lease.fence
            held.append(Work(run: run))
        }
    }

    /// A new process knows nothing of what the old one did.
    mutating func forget() { (held, given) = ([], [:]) }

    /// What a heartbeat's answer says about the runs that it holds.
    mutating func obey(_ orders: [Order]) {
        for order in orders where order.sparesFinished == true {
            for index in held.indices
            where held[index].run.lease.job == order.job
                && held[index].run.lease.fence == order.fence
            {
                held[index].givesWay = true
            }
        }
    }

    mutating func drop(_ lost: [HeldLease]) {
        guard !lost.isEmpty else { return }
        held.removeAll { work in
            lost.contains { $0.job == work.run.lease.job && $0.fence == work.run.lease.fence }
        }
    }

    /// One step further with the attempt at `index`; true when there is something new to say.
    mutating func advance(
        _ index: Int,
        using random: inout SeededRandom,
        isKind: Bool,
        _ mood: SimulatedMood = .mixed
    ) -> Bool {
        let items = step(held[index], &random, isKind, mood)
        held[index].items += items
        if let last = items.last { held[index].isOver = last.endsRun }
        return !items.isEmpty
    }

    func report(_ index: Int) -> RunReport { .of(held[index].run, held[index].items) }

    private func step(
        _ work: Work,
        _ random: inout SeededRandom,
        _ isKind: Bool,
        _ mood: SimulatedMood
    ) -> [RunReportItem] {
        if work.isOver { return [] }
        let id = work.run.lease.job
        let commit = "commit-\(id)-\(work.run.lease.fence)"
        switch work.items.count {
        case 0: return [.started(RunStarted())]
        case 1:
            if work.givesWay { return [kept(work.run), .stopped(.preempted, reason: "asked to")] }
            if !isKind, random.oneIn(8) { return pause(run: work.run, &random) }
            if !isKind, mood == .stubborn { return [.failed(.timeout, tail: ["it hangs"])] }
            if !isKind, mood == .varied {
                let name = String(UnicodeScalar(UInt8(97 + work.run.lease.fence % 26)))
                return [.failed(.timeout, tail: [name])]
            }
            if !isKind, mood == .mixed, random.oneIn(3) { return [failure(&random)] }
            let isEmpty = work.run.terms.acceptsNoChange
            var candidate = Candidate.example("\(id)-\(work.run.lease.fence)", isEmpty: isEmpty)
            candidate.commit = commit
            return [.finished(RunFinished(candidate: candidate, spendMicroUSD: 7))]
        case 2:
            if !isKind, random.oneIn(10) {
                return pause(run: work.run, &random, isFinished: true)
            }
            let fails = !isKind && random.oneIn(5)
            let verify: Evidence.Verdict =
                fails ? .failed : work.run.terms.verify == nil ? .skipped : .passed
            let tail = ["\(random.pick(["red", "redder"])) test"]
            return [
                .evidence(.example(.scope, commit: commit)),
                .evidence(.example(.secrets, commit: commit)),
                .evidence(.example(.verify, verify, commit: commit, tail: tail)),
            ]
        default: return [.evidenceComplete]
        }
    }

    /// It keeps what it has, and then gives way, or asks.
    private func pause(
        run: GrantedRun,
        _ random: inout SeededRandom,
        isFinished done: Bool? = nil
    ) -> [RunReportItem] {
        let asks = done == nil && random.oneIn(2)
        return [
            kept(run, isFinished: done),
            asks
                ? .waitingInput(WaitingInput(question: "Really?", spendMicroUSD: 3))
                : .stopped(.preempted, reason: "stopped"),
        ]
    }

    private func kept(_ run: GrantedRun, isFinished done: Bool? = nil) -> RunReportItem {
        let session = "s-\(run.lease.fence)"
        return .checkpointed(
            Checkpoint(factory: id, engine: "shell", session: session, isFinished: done)
        )
    }

    private func failure(_ random: inout SeededRandom) -> RunReportItem {
        let causes: [FailureCause] = [.timeout, .engineCrashed, .engineFailed, .limited]
        let tail = [random.pick(["one end", "another end"])]
        return random.oneIn(4)
            ? .stopped(.drained, reason: "stopped") : .failed(random.pick(causes), tail: tail)
    }
}

extension RunReportItem {
    /// Nothing of the run can follow it.
    var endsRun: Bool {
        switch self {
        case .finished(let finished): finished.failure != nil
        case .waitingInput, .evidenceComplete, .stopped, .shipMerged, .shipRefused: true
        case .started, .checkpointed, .evidence, .shipStarted: false
        }
    }
}
