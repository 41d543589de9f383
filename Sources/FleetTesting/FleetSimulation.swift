package import FleetCore
import FleetModel

/// A whole fleet in virtual time from one seed: people, factories that die, a network that loses,
/// repeats and delays, a coordinator that stalls and restarts.
///
/// After every command the history is held against the rules; at the end the faults stop, and
/// whatever does not wait for a person must come to an end.
package struct FleetSimulation {
    package private(set) var check = HistoryCheck()
    package private(set) var fleet: TestFleet
    private var random: SeededRandom
    private var factories: [SimulatedFactory]
    private var mail: [Letter] = []
    private var isCalm = false
    private let mood: SimulatedMood
    /// Looks at the fleet after each command, and says what is wrong with it.
    package var inspect: ((borrowing Fleet) -> String?)?

    private struct Letter {
        let due: Instant
        let command: Command
    }

    /// With `batch` the fleet gets a twin whose finished jobs leave memory.
    package init(seed: UInt64, twinWithBatch batch: Int? = nil) {
        random = SeededRandom(seed: seed)
        mood = random.pick(SimulatedMood.allCases)
        let repository: Repository = random.oneIn(4) ? .unproven : .shop
        fleet = TestFleet(repository: repository, twinWithBatch: batch)
        factories = (1...random.number(in: 1...3)).map { SimulatedFactory(id: FactoryID("f\($0)")) }
        for event in fleet.events { check.read(event) }
        for factory in factories { perform(.register(.example(factory.id))) }
    }

    /// Runs one seed to its end.
    package static func run(
        seed: UInt64,
        steps: Int = 200,
        twinWithBatch batch: Int? = nil
    ) -> FleetSimulation {
        var simulation = FleetSimulation(seed: seed, twinWithBatch: batch)
        simulation.run(steps: steps)
        return simulation
    }

    /// So many steps with faults, and then the end.
    package mutating func run(steps: Int) {
        for _ in 0..<steps { step() }
        calmDown()
    }

    /// The same for the same events, in any process.
    package var digest: String {
        let lines = fleet.events.map { event in
            "\(event.position) \(event.product) \(event.seq) \(event.at.milliseconds) "
                + "\(event.kind.rawValue) \(event.actor) \(event.job?.number ?? 0) "
                + "\(event.fence ?? 0) \(event.attempt ?? 0) \(event.factory?.name ?? "")"
        }
        return Digest(sha256: lines.joined(separator: "\n")).hex
    }

    private mutating func step() {
        switch random.number(in: 0...19) {
        case 0...4: pass(Timespan(milliseconds: Int64(random.number(in: 0...9000))))
        case 5: pass(.seconds(Int64(random.number(in: 10...100))))
        case 6...8: actAsPerson()
        case 9 where mood == .vanishing: vanish(random.number(in: 0...factories.count - 1))
        case 9 where mood == .busyTarget: hurry(random.number(in: 0...factories.count - 1))
        case 9 where mood == .mixed || random.oneIn(4): restartSomething()
        default: actAsFactory(random.number(in: 0...factories.count - 1))
        }
        deliver()
    }

    private mutating func pass(_ span: Timespan) {
        fleet.clock.advance(by: span)
        deliver()
        perform(.tick)
    }

    // MARK: People

    private mutating func actAsPerson() {
        let ids = fleet.state.jobs.keys.sorted()
        guard !ids.isEmpty, !random.oneIn(3) else { return submit(ids) }
        let id = random.pick(ids)
        switch random.number(in: 0...19) {
        case 12...16: talk(about: id)
        case 17:
            let product = random.pick(["main", "side"])
            perform(.pauseProduct(product, reason: "so", by: .alice))
        case 18...19:
            let product = random.pick(["main", "side"])
            perform(.resumeProduct(product, reason: "so", by: .alice))
        case 0...2: perform(.ship(id, by: .alice))
        case 3...4: perform(.promote(id, by: .alice))
        case 5: perform(.cancel(id, reason: "no", by: .alice))
        case 6: perform(.reject(id, reason: "no", by: .alice))
        case 7...8: perform(.requeue(id, reason: "again", by: .alice))
        case 9:
            let level = random.pick(Halt.Level.allCases)
            perform(.halt(level, reason: "so", stops: random.oneIn(2), by: .alice))
        case 10: perform(.resume(reason: "so", by: .alice))
        default:
            let factory = random.pick(factories).id
            perform(.drain(factory, draining: random.oneIn(2), reason: "so", by: .alice))
        }
    }

    private mutating func talk(about id: JobID) {
        let asked = fleet.state.jobs.values.filter { $0.dialogue?.open != nil }.map(\.id).sorted()
        let paused = fleet.state.jobs.values.filter { $0.pause != nil }.map(\.id).sorted()
        switch random.number(in: 0...6) {
        case 0: perform(.pause(id, reason: "so", by: .alice))
        case 1:
            perform(.resumeJob(paused.isEmpty ? id : random.pick(paused), reason: "", by: .alice))
        case 2: perform(.reprioritise(id, random.pick(Priority.allCases), by: .alice))
        default:
            perform(.answer(asked.isEmpty ? id : random.pick(asked), text: "yes", by: .alice))
        }
    }

    private mutating func submit(_ ids: [JobID]) {
        let number = ids.count + 1
        let lock = random.oneIn(3) ? random.pick(["db", "ui"]) : nil
        let dependency = ids.isEmpty || !random.oneIn(4) ? nil : random.pick(ids)
        let retry = RetryPolicy(
            max: random.number(in: 0...3),
            backoff: .seconds(Int64(random.number(in: 1...20))),
            on: [.timeout, .verifyFailed, .engineCrashed]
        )
        let (priority, isAuto) = (random.pick(Priority.allCases), !random.oneIn(3))
        let (isSilent, product) = (random.oneIn(6), random.pick(["main", "main", "side"]))
        let job = Submission.example("j\(number)", key: random.oneIn(3) ? "k\(number)" : nil) {
            $0.lock = lock
            $0.deps = dependency.map { [Dependency(name: $0.description)] }
            $0.retry = retry
            $0.priority = priority
            $0.reviewPolicy = isAuto ? .auto : .manual
            $0.output = isSilent ? Manifest.Output.none : nil
            $0.product = product
        }
        perform(.submit([job], by: .alice))
        if random.oneIn(3) { perform(.submit([job], by: .alice)) }
    }

    // MARK: Faults

    private mutating func restartSomething() {
        if random.oneIn(2) {
            fleet.restart()
            for event in fleet.events.suffix(1) where event.kind == .leaseExtended {
                if event.at == fleet.now { check.note("recovery") }
            }
            catchUp()
            check.compare(with: fleet.state)
            return
        }
        let index = random.number(in: 0...factories.count - 1)
        if random.oneIn(2) { haunt(factories[index]) }
        factories[index].held = []
        factories[index].boots += 1
        let factory = factories[index]
        check.note("a factory death")
        perform(.register(.example(factory.id, boot: factory.boot)))
    }

    /// The old process lives on for a while and still says what it had to say.
    private mutating func haunt(_ factory: SimulatedFactory) {
        var ghost = factory
        for index in ghost.held.indices {
            post(.report(ghost.advance(index, using: &random, isKind: false), by: ghost.id))
        }
        post(.heartbeat(ghost.heartbeat()))
        if let claim = ghost.lastClaim { post(.claim(claim)) }
    }

    /// Starts what it gets and is never heard of again, until its leases have run out.
    private mutating func vanish(_ index: Int) {
        perform(.heartbeat(factories[index].heartbeat()))
        let until = fleet.now.advanced(by: .seconds(20))
        perform(.claim(factories[index].claim(until: until, free: 2)))
        for work in factories[index].held.indices where factories[index].held[work].items.isEmpty {
            let report = factories[index].advance(work, using: &random, isKind: true)
            perform(.report(report, by: factories[index].id))
        }
        factories[index].held = []
        for _ in 0..<7 { pass(.seconds(10)) }
    }

    /// Ships again and again against a target that is never still.
    private mutating func hurry(_ index: Int) {
        for _ in 0..<12 {
            perform(.heartbeat(factories[index].heartbeat()))
            let until = fleet.now.advanced(by: .seconds(20))
            perform(.claim(factories[index].claim(until: until, free: 2)))
            for work in factories[index].held.indices.reversed() {
                let id = factories[index].id
                let report = factories[index].advance(work, using: &random, isKind: false, mood)
                perform(.report(report, by: id))
            }
            factories[index].held.removeAll { work in
                fleet.state.jobs[work.run.lease.job]?.lease?.fence != work.run.lease.fence
            }
            pass(.seconds(2))
        }
    }

    private mutating func post(_ command: Command) {
        if !isCalm, random.oneIn(mood == .mixed ? 8 : 40) { return check.note("a lost message") }
        let copies = !isCalm && random.oneIn(8) ? 2 : 1
        for _ in 0..<copies {
            let delay = isCalm ? 0 : random.number(in: 0...3000)
            let due = fleet.now.advanced(by: Timespan(milliseconds: Int64(delay)))
            mail.append(Letter(due: due, command: command))
        }
    }

    private mutating func deliver() {
        let due = mail.filter { $0.due <= fleet.now }
        mail.removeAll { $0.due <= fleet.now }
        for letter in isCalm ? due : due.shuffled(using: &random) { perform(letter.command) }
    }

    // MARK: Factories

    private mutating func actAsFactory(_ index: Int) {
        switch random.number(in: 0...9) {
        case 0...2: post(.heartbeat(factories[index].heartbeat()))
        case 3...4:
            let until = fleet.now.advanced(by: .seconds(20))
            let free = max(0, 2 - factories[index].held.count)
            post(.claim(factories[index].claim(until: until, free: free)))
        case 5:
            if let claim = factories[index].lastClaim { post(.claim(claim)) }
        default:
            guard !factories[index].held.isEmpty else { return }
            let work = random.number(in: 0...factories[index].held.count - 1)
            var report = factories[index].advance(work, using: &random, isKind: false, mood)
            for _ in 0..<random.number(in: 0...3) {
                report = factories[index].advance(work, using: &random, isKind: false, mood)
            }
            if random.oneIn(12) { report.items = report.items.suffix(1) }
            post(.report(report, by: factories[index].id))
        }
    }

    // MARK: The coordinator

    private mutating func perform(_ command: Command) {
        let allowed = holder(for: command)
        let before = fleet.events.count
        do {
            let turn = try fleet.perform(command)
            if case .report(let report, let factory) = command, !turn.events.isEmpty,
                turn.events.contains(where: { $0.actor == .factory(factory) }),
                allowed?.factory != factory || allowed?.fence != report.fence
            {
                check.fail("\(factory) was heard on \(report.run) under fence \(report.fence)")
            }
            if case .claim = command, turn.events.isEmpty, !turn.grants.allSatisfy({ $0.isEmpty }) {
                check.note("a claim answered again")
            }
            receive(turn)
        } catch {
            check.note("refused: \(error.code)")
            if fleet.events.count != before { check.fail("\(error.code) left events behind") }
            if error.kind == .staleFence, case .report(let report, let factory) = command {
                forget(report, factory)
            }
        }
        if let complaint = inspect?(fleet.fleet) { check.fail(complaint) }
        catchUp()
    }

    private func holder(for command: Command) -> (factory: FactoryID, fence: UInt64)? {
        guard case .report(let report, _) = command, let run = RunID(text: report.run) else {
            return nil
        }
        return check.holder(of: run.job)
    }

    private var readEvents: Int { Int(check.lastPosition) }

    private mutating func catchUp() {
        for event in fleet.events[readEvents...] {
            check.read(event)
            if case .leaseExtended(let body) = event.body, body.reason.contains("stood still") {
                check.note("a stall made up for")
            }
        }
    }

    private mutating func receive(_ turn: Turn) {
        for answer in turn.grants {
            guard let index = factories.firstIndex(where: { $0.id == answer.factory }),
                answer.claim.hasPrefix("\(answer.factory)-\(factories[index].boots)-")
            else { continue }
            if !isCalm, random.oneIn(6) {
                check.note("a lost claim reply")
                continue
            }
            for run in answer.leases where run.onlyLooks { check.note("a look") }
            factories[index].receive(answer)
        }
        if case .heartbeat(let answer) = turn.answer, !answer.lost.isEmpty {
            check.note("a lease told lost")
            for index in factories.indices { factories[index].drop(answer.lost) }
        }
    }

    private mutating func forget(_ report: RunReport, _ id: FactoryID) {
        for index in factories.indices where factories[index].id == id {
            factories[index].held.removeAll {
                $0.run.lease.run.description == report.run && $0.run.lease.fence == report.fence
            }
        }
    }

    // MARK: The end

    /// No more faults: everything that needs no person must end, and nothing must be held.
    private mutating func calmDown() {
        isCalm = true
        mail = []
        perform(.resume(reason: "the end", by: .alice))
        for index in factories.indices {
            factories[index].boots += 1
            factories[index].held = []
            let factory = factories[index]
            perform(.drain(factory.id, draining: false, reason: "the end", by: .alice))
            perform(.register(.example(factory.id, boot: factory.boot)))
        }
        for _ in 0..<200 {
            for index in factories.indices { workCalmly(index) }
            pass(.seconds(5))
            if isQuiet { break }
        }
        for job in fleet.state.jobs.values.sorted(by: { $0.id < $1.id }) { judgeEnd(of: job) }
        check.compare(with: fleet.state)
        if fleet.replayed() != fleet.state { check.fail("replay differs from the state") }
    }

    private var isQuiet: Bool {
        fleet.state.jobs.values.allSatisfy { job in
            job.lease == nil && (job.backoffUntil ?? fleet.now) <= fleet.now
        } && factories.allSatisfy { $0.held.isEmpty }
    }

    private mutating func workCalmly(_ index: Int) {
        perform(.heartbeat(factories[index].heartbeat()))
        for work in factories[index].held.indices.reversed() {
            let report = factories[index].advance(work, using: &random, isKind: true)
            perform(.report(report, by: factories[index].id))
        }
        factories[index].held.removeAll { work in
            fleet.state.jobs[work.run.lease.job]?.lease?.fence != work.run.lease.fence
        }
        let until = fleet.now.advanced(by: .seconds(20))
        let free = max(0, 2 - factories[index].held.count)
        perform(.claim(factories[index].claim(until: until, free: free)))
    }

    private mutating func judgeEnd(of job: Job) {
        let name = fleet.condition(of: job.id)?.name
        switch job.stage {
        case .shipped, .failed, .deadLetter: check.note("end \(job.stage.rawValue)")
        case .queued where name == .waitingDependency || name == .dependencyFailed:
            check.note("end waiting for another")
        case .queued where name == .paused, .testing where name == .paused: check.note("end paused")
        case .building where name == .waitingInput: check.note("end waiting for an answer")
        case .review where name == .awaitingPromotion: check.note("end waiting for a promotion")
        case .testing
        where name == .awaitingShip || name == .mergeConflict || name == .targetMovesTooFast
            || name == .pushRefused || name == .targetUnreachable:
            check.note("end waiting for a ship")
        default: check.fail("\(job.id) never ends: \(job.stage) \(name?.rawValue ?? "")")
        }
    }
}
