package import FleetModel
import FleetRules
package import Routing

/// The one machine: durable state, volatile presence, and the indices that make both quick.
///
/// Its state holds the open jobs and what they depend on; finished ones leave it and come back
/// with the command that names them. `perform` decides and applies in one go, because the later
/// steps of a command (a release that frees a lock that lets a job be placed) rest on its earlier
/// ones; a refusal is thrown before the first event. Replay uses `FleetState.apply` alone and must reach the same state.
package struct Fleet: Sendable {
    package internal(set) var state: FleetState
    package internal(set) var presence = Presence()
    package let settings: FleetSettings
    /// How explanations are stored is the shell's business; each is coded once.
    let coding: @Sendable (PlacementRecord) -> CodedRecord
    var index = PlacementIndex()
    var deadlines = Deadlines()
    var turn = Turn()
    /// The instant of the last command.
    package internal(set) var now = Instant.epoch

    /// Takes up a stored state; `recover` must be performed before anything else.
    package init(
        state: FleetState,
        settings: FleetSettings,
        coding: @escaping @Sendable (PlacementRecord) -> CodedRecord
    ) {
        self.state = state
        self.coding = coding
        self.settings = settings
        now = state.counters.lastInstant
        for id in state.jobs.keys { noteScope(of: id) }
        for id in state.jobs.keys.sorted() {
            if let job = state.jobs[id] { index.noteOpening(of: job) }
            reindex(id)
        }
        index.unsettled.formUnion(state.counters.shares?.active ?? [])
    }

    /// Decides one command and applies what follows from it.
    ///
    /// `loaded` are the finished jobs that `absence(before:beside:)` asked for.
    package mutating func perform(
        _ command: Command,
        context: CommandContext,
        loaded: [JobID: Job] = [:]
    ) throws(Refusal) -> Turn {
        precondition(context.now >= now, "the coordinator's clock never steps back")
        recall(loaded)
        now = context.now
        turn = Turn()
        defer { settle() }
        try decide(command)
        // Only now: a refusal takes its turn with it, and no event may be lost that way.
        noticeStall()
        place()
        makeWay()
        return turn
    }

    private mutating func decide(_ command: Command) throws(Refusal) {
        switch command {
        case .submit(let submissions, let person): try submit(submissions, by: person)
        case .promote(let id, let person):
            try refuseAgent(person, "promote", id)
            emit(try job(id).promote(by: person, at: now), on: id, by: person)
        case .ship(let id, let person):
            try refuseAgent(person, "ship", id)
            try refuseHeldShips()
            emit(try job(id).ship(by: person), on: id, by: person)
        case .approve(let orders, let comment, let person):
            try approve(orders, comment: comment, by: person)
        case .reject(let id, let reason, let person):
            emit(try job(id).reject(reason: reason, at: now), on: id, by: person)
            order(.cancel, toHolderOf: id, reason: reason)
        case .requeue(let id, let reason, let person):
            let events = try job(id).requeue(reason: reason)
            order(.cancel, toHolderOf: id, reason: reason)
            emit(events, on: id, by: person)
        case .cancel(let id, let reason, let person):
            emit(try job(id).cancel(reason: reason), on: id, by: person)
            order(.cancel, toHolderOf: id, reason: reason)
        case .pause(let id, let reason, let person):
            emit(try job(id).pause(by: person, reason: reason, at: now), on: id, by: person)
            order(.pause, toHolderOf: id, reason: reason)
        case .resumeJob(let id, let reason, let person):
            emit(try job(id).resume(reason: reason), on: id, by: person)
        case .reprioritise(let id, let priority, let person):
            emit(try job(id).reprioritise(priority), on: id, by: person)
        case .answer(let id, let text, let person):
            emit(try job(id).answer(text), on: id, by: person)
        case .pauseProduct(let name, let reason, let person):
            try pauseProduct(name, reason: reason, by: person)
        case .resumeProduct(let name, let reason, let person):
            try resumeProduct(name, reason: reason, by: person)
        case .halt(let level, let reason, let stops, let person):
            halt(level, reason: reason, stops: stops, by: person)
        case .resume(let reason, let person): try resume(reason: reason, by: person)
        case .register(let registration): try register(registration)
        case .heartbeat(let heartbeat): try hear(heartbeat)
        case .claim(let claim): try take(claim)
        case .abandonClaim(let factory, let claim):
            if presence.factories[factory]?.claim?.id == claim {
                presence.change(factory) { $0.claim = nil }
                turn.seen.insert(factory)
            }
        case .report(let report, let factory): try hear(report, from: factory)
        case .drain(let id, let draining, let reason, let person):
            try drain(id, draining: draining, reason: reason, by: person)
        case .remove(let id, let reason, let person): try remove(id, reason: reason, by: person)
        case .putRepository(let repository, let person):
            guard state.repositories[repository.name] != repository else { break }
            emit(.repositoryChanged(repository), by: person)
        case .putProfile, .approveProfile, .rejectProfile: try decideOnProfile(command)
        case .issueToken(let order, let person): try issue(order, by: person)
        case .revokeToken(let name, let reason, let person):
            try revoke(name, reason: reason, by: person)
        case .tick:
            noticeStall()
            expire()
            wake()
        case .recover: recover()
        case .restore(let restored, let person): restore(restored, by: person)
        }
        if case .done = turn.answer, let id = command.job { turn.answer = .job(id) }
    }

    func job(_ id: JobID) throws(Refusal) -> Job {
        guard let job = state.jobs[id] else {
            throw Refusal(
                .unknown,
                "job.unknown",
                what: "There is no job \(id)",
                why: "This coordinator's history has no event for it",
                hint: "giga jobs"
            )
        }
        return job
    }
}

/// What a fleet is started with.
package struct FleetSettings: Hashable, Sendable {
    package var fleetID: String
    package var leases: LeaseTerms
    package var weights: RoutingWeights
    package var sharing: SharingTerms
    /// `user:<login>` of whoever holds the operator's token; it is nobody's that was issued.
    package var operatorName: String?

    package init(
        fleetID: String,
        leases: LeaseTerms = LeaseTerms(),
        weights: RoutingWeights,
        sharing: SharingTerms = .standard,
        operatorName: String? = nil
    ) {
        self.fleetID = fleetID
        self.leases = leases
        self.weights = weights
        self.sharing = sharing
        self.operatorName = operatorName
    }
}

extension Command {
    /// The job that the answer names when nothing more special is answered.
    var job: JobID? {
        switch self {
        case .promote(let id, _), .ship(let id, _), .reject(let id, _, _),
            .requeue(let id, _, _), .cancel(let id, _, _), .pause(let id, _, _),
            .resumeJob(let id, _, _), .reprioritise(let id, _, _), .answer(let id, _, _):
            id
        default: nil
        }
    }
}
