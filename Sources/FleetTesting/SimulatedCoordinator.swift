import FleetCore
import FleetModel
import Routing

/// The shell around the core as a simulation plays it: what waits, what was promised, what it
/// may not do.
struct SimulatedCoordinator {
    /// A process of a factory; nil stands for a person.
    typealias Sender = SimulatedProcess?

    struct Request {
        let command: Command
        let sender: Sender
    }

    /// What leaves after a commit, for one process or one person.
    struct Reply {
        let sender: Sender
        let content: Content
    }

    enum Content {
        case granted(ClaimAnswer)
        case heartbeat(HeartbeatAnswer)
        case heard(RunReport)
        case submitted([Submitted], [Submission])
        case refused(Refusal, Command)
        case done(Event?)
    }

    /// A report that changed something, with the first event that it led to.
    struct Hearing {
        let position: UInt64
        let report: RunReport
        let job: JobID
        let factory: FactoryID
    }

    /// Where in a batch the process ends.
    enum Fate: CaseIterable {
        case deciding, beforeCommit, commitUnknownAndStored, commitUnknownAndLost, diskFull
        case beforeReplies, amidReplies

        var name: String {
            switch self {
            case .deciding: "fault: a coordinator died deciding"
            case .beforeCommit: "fault: a coordinator died before its commit"
            case .commitUnknownAndStored: "fault: a commit unknown, and stored"
            case .commitUnknownAndLost: "fault: a commit unknown, and lost"
            case .diskFull: "fault: a full disk"
            case .beforeReplies: "fault: a coordinator died before its replies"
            case .amidReplies: "fault: a coordinator died amid its replies"
            }
        }
    }

    var inbox: [Request] = []
    /// Who waits for the answer of a claim.
    var waiting: [String: SimulatedProcess] = [:]
    var hearings: [Hearing] = []
    var batches: UInt64 = 0
    /// It answers nothing but a cancel.
    var isInRescue = false
    /// What clients were told of, by its position.
    var acknowledged: [(position: UInt64, kind: EventKind, job: JobID?)] = []
    /// Every lease that a factory was told of.
    var told: [HeldLease: Lease] = [:]
}

/// One start of one factory.
struct SimulatedProcess: Hashable {
    let factory: FactoryID
    let boots: Int
}

/// Batches: decide, tick, commit, reply; and death between any two of these.
extension FleetSimulation {
    /// Takes what waits, and answers it once it is stored.
    mutating func serve() {
        let batch = Array(coordinator.inbox.prefix(8))
        coordinator.inbox.removeFirst(batch.count)
        let fate = drawFate()
        var replies: [SimulatedCoordinator.Reply] = []
        for (index, request) in batch.enumerated() {
            if fate == .deciding, index > 0, index == batch.count / 2 { return die(.deciding) }
            decide(request, &replies)
        }
        decide(.init(command: .tick, sender: nil), &replies)
        let now = fleet.now
        let isPastItsTime = fleet.fleet.presence.factories.values.contains { seen in
            seen.awaitedBy.values.contains { $0.until <= now }
        }
        if isPastItsTime {
            check.fail(.ends, "a job waits for a better factory past its time")
        }
        let isLonely = fleet.events.count == store.events.count
        if fate == .beforeCommit, !isLonely { return die(.beforeCommit) }
        if !isLonely, !commit(fate) { return }
        catchUp()
        if fate == .beforeReplies, !replies.isEmpty { return die(.beforeReplies) }
        for (index, reply) in replies.enumerated() {
            if fate == .amidReplies, index > 0, index == replies.count / 2 {
                return die(.amidReplies)
            }
            send(reply)
        }
    }

    private mutating func drawFate() -> SimulatedCoordinator.Fate? {
        guard !isCalm, random.oneIn(mood == .crashing ? 10 : 60) else { return nil }
        return random.pick(SimulatedCoordinator.Fate.allCases)
    }

    private mutating func decide(
        _ request: SimulatedCoordinator.Request,
        _ replies: inout [SimulatedCoordinator.Reply]
    ) {
        let (command, sender) = (request.command, request.sender)
        if coordinator.isInRescue, !command.isAllowedInRescue {
            return check.note("refused: coordinator.rescue")
        }
        if case .claim(let claim) = command { coordinator.waiting[claim.id] = sender }
        let before = fleet.events.count
        commands += 1
        do {
            let turn = try fleet.perform(command)
            watchWaits()
            if case .report(let report, let factory) = command { note(report, factory, turn) }
            if case .claim = command, turn.events.isEmpty,
                !turn.grants.allSatisfy({ $0.isEmpty })
            {
                check.note("a claim answered again")
            }
            for answer in turn.grants {
                let process = coordinator.waiting.removeValue(forKey: answer.claim)
                if let process { replies.append(.init(sender: process, content: .granted(answer))) }
            }
            if let content = Self.content(of: turn, command) {
                replies.append(.init(sender: sender, content: content))
            }
        } catch {
            check.note("refused: \(error.code)")
            if fleet.events.count != before {
                check.fail(.replayed, "\(error.code) left events behind")
            }
            if case .claim(let claim) = command { coordinator.waiting[claim.id] = nil }
            replies.append(.init(sender: sender, content: .refused(error, command)))
        }
        if let complaint = inspect?(fleet.fleet) { check.fail(.replayed, complaint) }
    }

    private static func content(
        of turn: Turn,
        _ command: Command
    ) -> SimulatedCoordinator.Content? {
        switch (command, turn.answer) {
        case (.tick, _), (.claim, _): nil
        case (_, .heartbeat(let answer)): .heartbeat(answer)
        case (.report(let report, _), _): .heard(report)
        case (.submit(let jobs, _), .submitted(let answers)): .submitted(answers, jobs)
        default: .done(turn.events.last)
        }
    }

    /// Who waits for a better factory may, and since when it says.
    private mutating func watchWaits() {
        for (id, seen) in fleet.fleet.presence.factories {
            for (job, wait) in seen.awaitedBy where wait.since == fleet.now {
                check.note("a wait for a better factory")
                let known = fleet.job(job)
                if wait.until.since(wait.since) > fleet.fleet.settings.sharing.patience
                    || known.lease != nil || known.terms.priority == .critical
                {
                    check.fail(.eligible, "\(job) waits for \(id), and may not")
                }
            }
        }
    }

    private mutating func note(_ report: RunReport, _ factory: FactoryID, _ turn: Turn) {
        guard let job = RunID(text: report.run)?.job,
            let event = turn.events.first(where: { $0.job == job && $0.actor == .factory(factory) })
        else { return }
        coordinator.hearings.append(
            .init(position: event.position, report: report, job: job, factory: factory)
        )
    }

    // MARK: The store

    /// False when the process ended in it.
    private mutating func commit(_ fate: SimulatedCoordinator.Fate?) -> Bool {
        coordinator.batches += 1
        let fresh = fleet.events[store.events.count...]
        switch fate {
        case .commitUnknownAndStored: store.commit(coordinator.batches, fresh)
        case .commitUnknownAndLost: break
        case .diskFull:
            die(.diskFull)
            coordinator.isInRescue = true
            return false
        default:
            store.commit(coordinator.batches, fresh)
            return true
        }
        // The same batch again, until it is known to be stored: or the process dies first.
        if let fate { check.note(fate.name) }
        if random.oneIn(2) {
            die(nil)
            return false
        }
        wait(Timespan(milliseconds: Int64(random.number(in: 25...5000))))
        store.commit(coordinator.batches, fresh)
        return true
    }

    /// The process ends, and another one takes up what was stored.
    mutating func die(_ fate: SimulatedCoordinator.Fate?) {
        if let fate { check.note(fate.name) }
        let lost = fleet.events.count - store.events.count
        let live = lost == 0 ? fleet.state : nil
        if lost > 0 { check.note("decided events were lost") }
        (coordinator.inbox, coordinator.waiting, coordinator.hearings) = ([], [:], [])
        coordinator.isInRescue = false
        if !isCalm, random.oneIn(3) {
            check.note("fault: the clock was set back")
            let back = Int64(random.number(in: 1...600_000))
            let earlier = max(0, fleet.now.milliseconds - back)
            fleet.clock = VirtualClock(now: Instant(milliseconds: earlier))
        }
        fleet.reload(store.events)
        if let live, live != fleet.state { check.fail(.replayed, "a restart changed the state") }
        fleet.run(.recover)
        if fleet.events.last?.kind == .leaseExtended, fleet.events.count > store.events.count {
            check.note("recovery")
        }
        coordinator.batches += 1
        store.commit(coordinator.batches, fleet.events[store.events.count...])
        catchUp()
        check.compare(with: fleet.state)
        checkAcknowledged()
    }

    mutating func checkAcknowledged() {
        for known in coordinator.acknowledged {
            let place = Int(known.position) - 1
            let event = store.events.indices.contains(place) ? store.events[place] : nil
            if event?.kind != known.kind || event?.job != known.job {
                check.fail(.durable, "\(known.kind.rawValue) at \(known.position) is gone")
            }
        }
    }

    // MARK: Replies

    private mutating func send(_ reply: SimulatedCoordinator.Reply) {
        guard let process = reply.sender else { return acknowledge(reply.content) }
        if case .granted(let answer) = reply.content {
            for run in answer.leases { tell(run.lease) }
        }
        post(.reply(reply.content, to: process), from: process)
    }

    private mutating func tell(_ lease: Lease) {
        let held = HeldLease(job: lease.job, fence: lease.fence)
        if let before = coordinator.told[held], before.run != lease.run || before.boot != lease.boot
        {
            check.fail(.oneLease, "fence \(lease.fence) of \(lease.job) was told to two")
        }
        coordinator.told[held] = lease
    }

    private mutating func acknowledge(_ content: SimulatedCoordinator.Content) {
        switch content {
        case .done(let event?):
            coordinator.acknowledged.append((event.position, event.kind, event.job))
        case .submitted(let answers, let submissions):
            for (answer, submission) in zip(answers, submissions) {
                guard let known = check.jobs[answer.id] else {
                    check.fail(.nothingLost, "\(answer.id) was acknowledged and is not there")
                    continue
                }
                if known.contentHash != submission.contentHash {
                    check.fail(.keyed, "\(answer.id) was answered for other content")
                }
                if !answer.created { check.note("a key known again") }
            }
        default: break
        }
    }

    /// Reads what was stored since it was last looked at.
    mutating func catchUp() {
        var hearings = coordinator.hearings[...]
        for event in store.events[Int(check.lastPosition)...] {
            if let hearing = hearings.first, hearing.position == event.position {
                hearings = hearings.dropFirst()
                let holder = check.holder(of: hearing.job)
                if holder?.factory != hearing.factory || holder?.fence != hearing.report.fence {
                    let fence = hearing.report.fence
                    check.fail(
                        .fenced,
                        "\(hearing.factory) was heard on \(hearing.report.run) under \(fence)"
                    )
                }
            }
            check.read(event)
            if case .leaseExtended(let body) = event.body, body.reason.contains("stood still") {
                check.note("a stall made up for")
            }
        }
        coordinator.hearings = []
    }
}

extension Command {
    /// Time goes on in a rescue, and a person may cancel; everybody else is sent away.
    fileprivate var isAllowedInRescue: Bool {
        switch self {
        case .cancel, .tick: true
        default: false
        }
    }
}
