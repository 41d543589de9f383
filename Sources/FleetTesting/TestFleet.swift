package import FleetCore
package import FleetModel

package import struct Routing.PlacementRecord
package import struct Routing.RoutingWeights
package import struct Routing.SharingTerms

/// A fleet in virtual time with all its history, driven by short verbs.
///
/// It plays the shell around the core: it hands in the time, keeps every event, and can start
/// again from what it kept.
package struct TestFleet {
    package private(set) var fleet: Fleet
    package var clock = VirtualClock()
    /// Every event so far, as a store would hold them.
    package private(set) var events: [Event] = []
    /// Every placement's record so far.
    package private(set) var decisions: [DecisionRecord] = []
    /// Answers to claims that no test has looked at yet.
    package private(set) var answers: [ClaimAnswer] = []
    /// Orders to factories so far.
    package private(set) var orders: [Order] = []
    private var claims = 0
    /// The same fleet, but finished jobs leave its memory; each command goes to both.
    package private(set) var twin: LeanFleet?
    /// Where the twin's answers differed, in words.
    package private(set) var differences: [String] = []

    /// With `batch` it gets a twin whose finished jobs leave memory after so many commands.
    package init(
        leases: LeaseTerms = LeaseTerms(),
        repository: Repository = .shop,
        profile: Profile = .developer,
        sharing: SharingTerms = .standard,
        twinWithBatch batch: Int? = nil
    ) {
        fleet = Fleet(
            state: FleetState(),
            settings: FleetSettings(
                fleetID: "fleet",
                leases: leases,
                weights: .standard,
                sharing: sharing,
                operatorName: Principal.alice.name
            ),
            coding: Self.coding
        )
        twin = batch.map { LeanFleet(fleet, batch: $0) }
        run(.recover)
        run(.putRepository(repository, by: .alice))
        run(.putProfile(profile, by: .alice))
    }

    private static let coding: @Sendable (PlacementRecord) -> CodedRecord = { record in
        let explanation = try? record.explanation()
        let hash = "\(explanation?.factory?.name ?? "none")/\(explanation?.seed ?? 0)"
        return CodedRecord(bytes: record.bytes, hash: hash)
    }

    package var state: FleetState { fleet.state }
    package var now: Instant { clock.now }

    /// Performs a command that may be refused.
    @discardableResult
    package mutating func perform(_ command: Command) throws(Refusal) -> Turn {
        let context = CommandContext(now: clock.now)
        let result: Result<Turn, Refusal>
        do throws(Refusal) {
            result = .success(try fleet.perform(command, context: context))
        } catch {
            result = .failure(error)
        }
        compareTwin(on: command, context, result)
        let turn = try result.get()
        events += turn.events
        decisions += turn.decisions
        answers += turn.grants
        orders += turn.orders
        return turn
    }

    private mutating func compareTwin(
        on command: Command,
        _ context: CommandContext,
        _ result: Result<Turn, Refusal>
    ) {
        guard let answer = twin?.perform(command, context: context), let twin else { return }
        if answer != result { differences.append("\(command): \(answer) instead of \(result)") }
        if twin.fleet.nextDeadline != fleet.nextDeadline {
            differences.append("\(command): another deadline")
        }
        // To compare all of it costs more than the command; its events were compared already.
        if events.count % 16 == 0, twin.wholeState != fleet.state {
            differences.append("\(command): another state")
        }
    }

    /// Performs a command that the rules allow; a refusal here is a mistake of the test.
    @discardableResult
    package mutating func run(_ command: Command) -> Turn {
        do { return try perform(command) } catch {
            preconditionFailure("\(command) was refused: \(error.report)")
        }
    }

    /// The refusal that a command meets; nil when it is allowed.
    package mutating func refusal(of command: Command) -> Refusal? {
        do {
            try perform(command)
            return nil
        } catch { return error }
    }

    /// Lets time pass and the clock be looked at.
    @discardableResult
    package mutating func tick(after span: Timespan = .zero) -> Turn {
        clock.advance(by: span)
        return run(.tick)
    }

    /// Lets time pass as it does in a healthy fleet: factories are heard of, leases renewed.
    package mutating func pass(_ span: Timespan, beating factories: [FactoryID]) {
        let end = clock.now.advanced(by: span)
        let beat = fleet.settings.leases.heartbeat
        while clock.now < end {
            clock.advance(by: min(beat, end.since(clock.now)))
            for factory in factories { beatNow(factory) }
            run(.tick)
        }
    }

    /// Starts again: state from the events alone, and the clock no earlier than their last.
    package mutating func restart() {
        reload(events)
        run(.recover)
    }

    /// Takes up the state of what was stored, and forgets everything else; `recover` comes next.
    package mutating func reload(_ stored: [Event]) {
        events = stored
        let state = replayed()
        fleet = Fleet(state: state, settings: fleet.settings, coding: Self.coding)
        twin?.restart(from: state, Self.coding)
        clock.advance(to: state.counters.lastInstant)
        answers = []
    }

    /// What a replay of all events comes to.
    package func replayed() -> FleetState {
        var state = FleetState()
        for event in events { state.apply(event) }
        return state
    }

    /// Takes the answers to claims out, so that the next look shows only newer ones.
    @discardableResult
    package mutating func takeAnswers() -> [ClaimAnswer] {
        defer { answers = [] }
        return answers
    }
}

extension TestFleet {
    @discardableResult
    package mutating func submit(_ submissions: Submission...) -> [JobID] {
        guard case .submitted(let jobs) = run(.submit(submissions, by: .alice)).answer else {
            preconditionFailure("a submission answers with its jobs")
        }
        return jobs.map(\.id)
    }

    package func job(_ id: JobID) -> Job {
        guard let job = state.jobs[id] else { preconditionFailure("there is no \(id)") }
        return job
    }

    package func stage(_ id: JobID) -> Stage { job(id).stage }

    /// Events about one job, oldest first.
    package func kinds(of id: JobID) -> [EventKind] {
        events.filter { $0.job == id }.map(\.kind)
    }

    package func condition(of id: JobID) -> Condition? {
        FleetReading(
            state: state,
            seen: fleet.presence.factories,
            settings: fleet.settings,
            now: clock.now
        ).condition(of: job(id))
    }

    @discardableResult
    package mutating func register(
        _ name: FactoryID,
        boot: String = "boot-1",
        facts: [String] = ["os:linux", "push:shop"],
        stations: [Station] = [.shell(2)]
    ) -> FactoryID {
        run(.register(.example(name, boot: boot, facts: facts, stations: stations)))
        return name
    }

    /// A heartbeat that lists what the coordinator thinks the factory holds.
    package mutating func beatNow(_ factory: FactoryID) {
        let held = state.jobs.values.compactMap { job -> HeldLease? in
            guard let lease = job.lease, lease.factory == factory else { return nil }
            return HeldLease(job: job.id, fence: lease.fence)
        }
        beat(factory, held: held)
    }

    @discardableResult
    package mutating func beat(
        _ factory: FactoryID,
        boot: String? = nil,
        held: [HeldLease] = [],
        drains: String? = nil
    ) -> HeartbeatAnswer? {
        let boot = boot ?? state.factories[factory]?.boot ?? ""
        let beat = Heartbeat(
            factory: factory,
            boot: boot,
            held: held,
            load: 0,
            drains: drains
        )
        guard case .heartbeat(let answer) = run(.heartbeat(beat)).answer else { return nil }
        return answer
    }

    /// Claims with one free station more than the fleet could need; answers what was granted now.
    @discardableResult
    package mutating func claim(
        _ factory: FactoryID,
        id: String? = nil,
        free: Int = 1,
        takesShip: Bool = true
    ) -> [GrantedRun] {
        claims += 1
        let claim = Claim(
            id: id ?? "claim-\(claims)",
            factory: factory,
            boot: state.factories[factory]?.boot ?? "",
            free: [.shell(free)],
            takesShip: takesShip,
            until: clock.now.advanced(by: .seconds(30))
        )
        return run(.claim(claim)).grants.filter { $0.claim == claim.id }.flatMap(\.leases)
    }

    /// Claims, and expects one run of that job.
    package mutating func grant(
        _ id: JobID,
        to factory: FactoryID,
        free: Int = 1
    ) -> GrantedRun {
        guard let run = claim(factory, free: free).first, run.lease.job == id else {
            preconditionFailure("\(factory) was not granted \(id)")
        }
        return run
    }

    @discardableResult
    package mutating func report(_ run: GrantedRun, _ items: RunReportItem...) -> Turn {
        self.run(.report(.of(run, items), by: run.lease.factory))
    }

    package mutating func refusal(of run: GrantedRun, _ items: RunReportItem...) -> Refusal? {
        refusal(of: .report(.of(run, items), by: run.lease.factory))
    }
}

extension TestFleet {
    /// Gives somebody a token.
    package mutating func issue(
        _ name: String,
        _ role: Role = .operator,
        owner: String? = nil,
        isAgent: Bool = false,
        products: [String] = []
    ) {
        let order = TokenOrder(
            name: name,
            hash: "hash of \(name)",
            role: role,
            products: products,
            owner: owner,
            isAgent: isAgent
        )
        run(.issueToken(order, by: .alice))
    }

    /// From the queue to a worker that has started.
    @discardableResult
    package mutating func build(_ id: JobID, on factory: FactoryID) -> GrantedRun {
        let run = grant(id, to: factory)
        report(run, .started(RunStarted()))
        return run
    }

    /// From the queue to review, with no gate reported yet.
    @discardableResult
    package mutating func finish(
        _ id: JobID,
        on factory: FactoryID,
        candidate: Candidate = .example()
    ) -> GrantedRun {
        let run = build(id, on: factory)
        report(run, .finished(RunFinished(candidate: candidate)))
        return run
    }

    /// From the queue through every gate.
    @discardableResult
    package mutating func prove(
        _ id: JobID,
        on factory: FactoryID,
        candidate: Candidate = .example(),
        verify: Evidence.Verdict = .passed
    ) -> GrantedRun {
        let run = finish(id, on: factory, candidate: candidate)
        judge(run, candidate.commit, verify: verify)
        return run
    }

    package mutating func judge(
        _ run: GrantedRun,
        _ commit: String = "commit-1",
        verify: Evidence.Verdict = .passed
    ) {
        let items = Evidence.all(commit: commit, verify: verify).map(RunReportItem.evidence)
        self.run(.report(.of(run, items + [.evidenceComplete]), by: run.lease.factory))
    }

    /// From the queue to the target.
    package mutating func ship(_ id: JobID, on factory: FactoryID) {
        prove(id, on: factory)
        if job(id).shipRequest == nil { run(.ship(id, by: .alice)) }
        report(grant(id, to: factory, free: 0), .merged("merge-\(id)"))
    }
}
