import FleetCore
import FleetModel
import FleetRules

/// What goes wrong with processes, and how the faults end.
extension FleetSimulation {
    mutating func failSomehow() {
        let index = random.number(in: 0...factories.count - 1)
        if coordinator.isInRescue { return die(nil) }
        switch mood {
        case .vanishing: vanish(index)
        case .busyTarget, .closedTarget: hurry(index)
        case .crashing where random.oneIn(2): restartCoordinator()
        case .sleepy where random.oneIn(2): sleep(index)
        default:
            switch random.number(in: 0...5) {
            case 0: restartCoordinator()
            case 1: sleep(index)
            case 2...3: crowd()
            default: restart(index)
            }
        }
    }

    private mutating func restartCoordinator() {
        check.note("fault: a coordinator restarted")
        die(nil)
    }

    /// In virtual time it neither acts nor hears anything, often for longer than a lease; then it
    /// goes on.
    private mutating func sleep(_ index: Int) {
        guard factories[index].sleepsUntil == nil else { return }
        let span = Timespan.seconds(Int64(random.number(in: 5...200)))
        factories[index].sleepsUntil = world.advanced(by: span)
        check.note("fault: a process slept")
        if span > .seconds(60), !factories[index].held.isEmpty {
            check.note("fault: a process slept past its lease")
        }
        pass(.seconds(Int64(random.number(in: 1...100))))
    }

    /// Another start: with the same boot id and nothing in mind, or with a new one, beside which
    /// the old process may live on.
    private mutating func restart(_ index: Int) {
        guard !factories[index].isLeftover else { return }
        if random.oneIn(4) {
            check.note("fault: a factory restarted with the same boot")
            factories[index].forget()
        } else {
            check.note("fault: a factory restarted with a new boot")
            if random.oneIn(2) {
                var leftover = factories[index]
                leftover.isLeftover = true
                factories.append(leftover)
                check.note("fault: a leftover lives on")
            }
            factories[index].boots += 1
            factories[index].forget()
            factories[index].lastClaim = nil
        }
        factories[index].sleepsUntil = nil
        send(.register(factories[index].registration), index)
    }

    /// Starts what it gets and is never heard of again, until its leases have run out.
    private mutating func vanish(_ index: Int) {
        let process = process(index)
        beatAndClaim(index)
        guard let index = self.index(of: process) else { return }
        var reports: [RunReport] = []
        for work in factories[index].held.indices where factories[index].held[work].items.isEmpty {
            act(on: work, of: index, isKind: true)
            reports.append(factories[index].report(work))
        }
        factories[index].held = []
        for report in reports { perform(.report(report, by: process.factory), from: process) }
        for _ in 0..<7 { pass(.seconds(10)) }
    }

    /// Fills every station with low work, and then has something critical to do.
    private mutating func crowd() {
        for _ in 0..<2 * factories.count { submit(check.jobs.keys.sorted(), .low) }
        pass(.zero)
        takeSteps(1)
        submit(check.jobs.keys.sorted(), .critical)
        pass(.zero)
        // What was asked is done, and critical work ends: else the next crowd would find it there.
        takeSteps(5)
    }

    /// Every process is heard of, claims, and goes on with all that it holds.
    private mutating func takeSteps(_ count: Int) {
        let processes = factories.indices.map(process)
        for _ in 0..<count {
            for process in processes {
                guard let index = index(of: process), factories[index].sleepsUntil == nil else {
                    continue
                }
                beatAndClaim(index)
                guard let index = self.index(of: process) else { continue }
                for work in factories[index].held.indices {
                    act(on: work, of: index, isKind: true)
                }
            }
            pass(.seconds(2))
        }
    }

    /// Ships again and again against a target that is never still, or never open.
    private mutating func hurry(_ index: Int) {
        let process = process(index)
        for _ in 0..<12 {
            guard let index = self.index(of: process) else { return }
            beatAndClaim(index)
            for _ in 0..<5 {
                guard let index = self.index(of: process) else { return }
                for work in factories[index].held.indices.reversed() {
                    guard factories[index].held[work].run.lease.kind == .ship else { continue }
                    act(on: work, of: index, isKind: false)
                }
                deliver()
                serve()
                deliver()
            }
            pass(.seconds(2))
        }
    }

    private mutating func beatAndClaim(_ index: Int) {
        let process = process(index)
        perform(.heartbeat(factories[index].heartbeat()), from: process)
        guard let index = self.index(of: process) else { return }
        let until = fleet.now.advanced(by: .seconds(20))
        let free = max(0, 2 - factories[index].held.count)
        perform(.claim(factories[index].claim(until: until, free: free)), from: process)
    }

    // MARK: Processes at work

    func process(_ index: Int) -> SimulatedProcess {
        SimulatedProcess(factory: factories[index].id, boots: factories[index].boots)
    }

    private mutating func send(_ command: Command, _ index: Int) {
        let process = process(index)
        post(.request(command, from: process), from: process)
    }

    mutating func actAsFactory(_ index: Int) {
        if let until = factories[index].sleepsUntil {
            guard until <= world else { return }
            factories[index].sleepsUntil = nil
            check.note("a sleeper went on")
        }
        switch random.number(in: 0...9) {
        case 0...2: send(.heartbeat(factories[index].heartbeat()), index)
        case 3...4:
            let until = fleet.now.advanced(by: .seconds(20))
            let free = max(0, 2 - factories[index].held.count)
            send(.claim(factories[index].claim(until: until, free: free)), index)
        case 5:
            if let claim = factories[index].lastClaim { send(.claim(claim), index) }
        default:
            guard !factories[index].held.isEmpty else { return }
            let work = random.number(in: 0...factories[index].held.count - 1)
            for _ in 0...random.number(in: 0...3) { act(on: work, of: index, isKind: false) }
        }
    }

    /// One step of a run, and a report where there is something to say, or said once more.
    mutating func act(on work: Int, of index: Int, isKind: Bool) {
        let lease = factories[index].held[work].run.lease
        var isNews = false
        if lease.kind == .ship {
            let step = factories[index].ship(
                work,
                at: &remote,
                using: &random,
                isKind: isKind,
                mood
            )
            switch step {
            case .silent: break
            case .says: isNews = true
            case .pushes(let push):
                let held = HeldLease(job: lease.job, fence: lease.fence)
                let latest = random.oneIn(2) ? 2_000 : 120_000
                let late = Timespan(milliseconds: Int64(random.number(in: 1...latest)))
                let content = SimulatedLetter.Content.push(push, from: process(index), work: held)
                mail.append(.init(due: world.advanced(by: late), content: content))
            }
        } else {
            isNews = factories[index].advance(work, using: &random, isKind: isKind, mood)
        }
        guard isNews || factories[index].held[work].isOver else { return }
        var report = factories[index].report(work)
        if !isKind, random.oneIn(12) { report.items = report.items.suffix(1) }
        send(.report(report, by: factories[index].id), index)
    }

    // MARK: The end

    /// No more faults: everything that needs no person must end, and nothing must be held.
    mutating func calmDown() {
        random = SeededRandom(seed: seed &+ 7)
        if coordinator.isInRescue { die(nil) }
        isCalm = true
        factories.removeAll { $0.isLeftover }
        perform(.resume(reason: "the end", by: .alice), from: nil)
        for index in factories.indices {
            factories[index].sleepsUntil = nil
            if random.oneIn(2) {
                factories[index].boots += 1
                factories[index].forget()
            }
            let id = factories[index].id
            perform(.drain(id, draining: false, reason: "the end", by: .alice), from: nil)
            perform(.register(factories[index].registration), from: process(index))
        }
        calmUntilQuiet()
        // A push that was given up may land after the last round that it was looked for in: the job
        // says so, and waits until somebody has it looked for once more.
        let unknown = fleet.state.jobs.values.filter(\.mayHaveLanded).map(\.id).sorted()
        for id in unknown { perform(.ship(id, by: .alice), from: nil) }
        if !unknown.isEmpty { calmUntilQuiet() }
        for job in fleet.state.jobs.values.sorted(by: { $0.id < $1.id }) { judgeEnd(of: job) }
        check.compare(with: fleet.state)
        check.compare(with: remote)
        checkAcknowledged()
        if fleet.replayed() != fleet.state { check.fail(.replayed, "replay differs at the end") }
    }

    private mutating func calmUntilQuiet() {
        for _ in 0..<400 {
            for index in factories.indices { workCalmly(index) }
            pass(.seconds(5))
            if isQuiet { break }
        }
    }

    private var isQuiet: Bool {
        mail.isEmpty && factories.allSatisfy { $0.held.isEmpty }
            && fleet.state.jobs.values.allSatisfy { job in
                job.lease == nil && (job.backoffUntil ?? fleet.now) <= fleet.now
            }
    }

    private mutating func workCalmly(_ index: Int) {
        let process = process(index)
        perform(.heartbeat(factories[index].heartbeat()), from: process)
        for work in factories[index].held.indices.reversed() {
            act(on: work, of: index, isKind: true)
        }
        deliver()
        serve()
        deliver()
        beatAndClaim(index)
    }

    private mutating func judgeEnd(of job: Job) {
        let name = fleet.condition(of: job.id)?.name
        switch job.stage {
        case .shipped, .failed, .deadLetter: check.note("end \(job.stage.rawValue)")
        case .queued where name == .waitingDependency || name == .dependencyFailed,
            .testing where name == .awaitingDependencyShip:
            check.note("end waiting for another")
        case .queued where name == .noCapableFactory: check.note("end waiting for a factory")
        case .queued where name == .paused, .testing where name == .paused: check.note("end paused")
        case .building where name == .waitingInput: check.note("end waiting for an answer")
        case .review where name == .awaitingPromotion: check.note("end waiting for a promotion")
        case .testing
        where name == .awaitingShip || name == .mergeConflict || name == .targetMovesTooFast
            || name == .pushRefused || name == .targetUnreachable:
            check.note("end waiting for a ship")
        default:
            check.fail(.ends, "\(job.id) stays in \(job.stage): \(name?.rawValue ?? "no reason")")
        }
    }
}
