package import FleetCore
package import FleetModel
import FleetPorts
import FoundationEssentials

/// What a commit made known.
package struct Publication: Sendable {
    /// Finished jobs that came back into memory, as they were before `events`.
    package var recalled: [JobID: Job] = [:]
    /// Finished jobs that have left memory, after `events`.
    package var dismissed: [JobID] = []
    /// Rows were written, so that jobs may have left and others need not be told of beside them.
    package var hasRows = false
    /// Jobs whose rows do not show all their events yet.
    package var unwritten: Set<JobID> = []
    package var events: [Event] = []
    /// The jobs of `events` as they are after them, so that readers and the writer share them.
    package var jobs: [JobID: Job] = [:]
    /// The same events as stored, one JSON line each.
    package var lines: [[UInt8]] = []
    package var orders: [Order] = []
    /// Volatile entries that changed, as they are now.
    ///
    /// Nil where there is none any more: the factory was removed.
    package var seen: [FactoryID: Presence.Seen?] = [:]
    /// Live leases that changed, as they are now; nil where one ended.
    package var liveLeases: [JobID: Presence.LiveLease?] = [:]

    /// Without events whatever was recalled has left again: nobody need hear of it.
    var isEmpty: Bool {
        events.isEmpty && orders.isEmpty && seen.isEmpty && liveLeases.isEmpty && !hasRows
    }
}

/// The writer's own state, used by its thread alone.
final class WriterBench {
    private(set) var fleet: Fleet
    let store: PatientStore
    private let clock: @Sendable () -> Instant
    private let salt: @Sendable () -> [UInt8]
    private let announce: @Sendable (Announcement) -> Void
    private let committed: @Sendable (Int, Duration) -> Void

    /// Committed, and not yet in the rows; with those of this batch when rows are written.
    private var unwritten: UnwrittenEvents
    private var events: [Event] = []
    private var lines: [[UInt8]] = []
    /// Of this batch's events: a call of the system for each command would cost more than its hashes.
    private var batchSalt: [UInt8]?
    private var decisions: [DecisionRecord] = []
    private var orders: [Order] = []
    private var seen: Set<FactoryID> = []
    private var recalled: [JobID: Job] = [:]
    private var answers: [@Sendable () -> Void] = []
    private var replies: [String: StoredReply] = [:]
    private var waitingClaims: [String: (ticket: Writer.ClaimTicket, reply: Writer.ClaimReply)] =
        [:]
    private var batches: UInt64 = 0

    init(
        fleet: Fleet,
        unwritten: [Event] = [],
        store: PatientStore,
        clock: @escaping @Sendable () -> Instant,
        salt: @escaping @Sendable () -> [UInt8],
        announce: @escaping @Sendable (Announcement) -> Void,
        committed: @escaping @Sendable (Int, Duration) -> Void = { _, _ in }
    ) {
        self.fleet = fleet
        self.unwritten = UnwrittenEvents(unwritten)
        self.store = store
        self.clock = clock
        self.salt = salt
        self.announce = announce
        self.committed = committed
    }

    /// Gives every live lease its full term from now.
    func begin() throws(StoreFault) {
        try perform(.recover) { _ in }
        try finishBatch()
    }

    var timeUntilNextTick: Timespan? {
        [fleet.nextDeadline, unwritten.due].compactMap(\.self).min()
            .map { max($0.since(clock()), .zero) }
    }

    /// Before the store is closed: the next start has nothing to apply.
    func writeRows() throws(StoreFault) {
        guard !unwritten.isEmpty else { return }
        unwritten.isUrgent = true
        try finishBatch()
    }

    func perform(_ command: Command, _ reply: @escaping Writer.Reply) throws(StoreFault) {
        let loaded = try load(for: command)
        do throws(Refusal) {
            let committed = try decide(command, loaded)
            answers.append { reply(.success(committed)) }
        } catch {
            answers.append { reply(.failure(error)) }
        }
    }

    /// The finished jobs that a command names, from the store.
    private func load(for command: Command) throws(StoreFault) -> [JobID: Job] {
        var loaded: [JobID: Job] = [:]
        var asked = Absence()
        while true {
            var absence = fleet.absence(before: command, beside: loaded)
            absence.subtract(asked)
            if absence.isEmpty { break }
            asked.formUnion(absence)
            var rows: [[UInt8]] = []
            for id in absence.jobs {
                if let row = try store.job(id.number) { rows.append(row) }
            }
            for key in absence.keys {
                if let row = try store.job(withKey: key.key, product: key.product) {
                    rows.append(row)
                }
            }
            for row in rows {
                do throws(EventCodingFault) {
                    let job = try StoredState.job(of: row)
                    loaded[job.id] = job
                } catch {
                    throw .broken(path: "", reason: error.why)
                }
            }
        }
        recalled.merge(loaded, uniquingKeysWith: { first, _ in first })
        return loaded
    }

    /// Looks for an earlier reply first; a refusal is not kept, for it changed nothing.
    func perform(
        _ command: Command,
        _ request: Writer.Repeatable,
        _ reply: @escaping Writer.Reply
    ) throws(StoreFault) {
        let now = clock().milliseconds
        let stored = try store.reply(forKey: request.key, notBefore: now - StoredReply.lifetime)
        if let earlier = replies[request.key] ?? stored {
            let answer: Result<Writer.Committed, Refusal> =
                earlier.requestHash == request.hash
                ? .success(.init(answer: .done, position: nil, stage: nil, repeated: earlier))
                : .failure(Self.otherRequest)
            answers.append { reply(answer) }
            return
        }
        let loaded = try load(for: command)
        do throws(Refusal) {
            let committed = try decide(command, loaded)
            let (status, body) = request.render(committed)
            replies[request.key] = StoredReply(
                key: request.key,
                requestHash: request.hash,
                status: status,
                body: body,
                at: now
            )
            answers.append { reply(.success(committed)) }
        } catch {
            answers.append { reply(.failure(error)) }
        }
    }

    private static let otherRequest = Refusal(
        .conflict,
        "request.key-reused",
        what: "This Idempotency-Key was used for another request",
        why: "a key stands for one method, path and body for 24 hours",
        hint: "send a new key, or the same request"
    )

    private func decide(
        _ command: Command,
        _ loaded: [JobID: Job]
    ) throws(Refusal) -> Writer.Committed {
        let context = CommandContext(now: clock())
        let turn = try fleet.perform(command, context: context, loaded: loaded)
        var stage: Stage?
        if case .job(let id) = turn.answer { stage = fleet.state.jobs[id]?.stage }
        take(turn)
        return Writer.Committed(
            answer: turn.answer,
            position: turn.events.last?.position,
            stage: stage,
            repeated: nil
        )
    }

    func perform(
        _ claim: Claim,
        _ ticket: Writer.ClaimTicket,
        _ reply: @escaping Writer.ClaimReply
    ) {
        let key = Self.key(claim.factory, claim.id)
        // A repeat of a claim that still waits comes on a new connection: the old one is gone.
        if let older = waitingClaims[key]?.reply { answers.append { older(.success([])) } }
        waitingClaims[key] = (ticket, reply)
        seen.insert(claim.factory)
        do {
            take(try fleet.perform(.claim(claim), context: CommandContext(now: clock())))
        } catch {
            waitingClaims[key] = nil
            answers.append { reply(.failure(error)) }
        }
    }

    /// A call that was repeated, or answered, is not abandoned with the connection it came on.
    func abandon(_ ticket: Writer.ClaimTicket) {
        let key = Self.key(ticket.factory, ticket.claim)
        guard waitingClaims[key]?.ticket == ticket else { return }
        waitingClaims[key] = nil
        let command = Command.abandonClaim(ticket.factory, claim: ticket.claim)
        do { take(try fleet.perform(command, context: CommandContext(now: clock()))) } catch {
            preconditionFailure("taking a claim back is never refused: \(error)")
        }
    }

    private func take(_ turn: Turn) {
        for event in turn.events {
            let salt = batchSalt ?? salt()
            batchSalt = salt
            do { lines.append(try EventCodec.line(event, salt: salt)) } catch {
                preconditionFailure("every event of ours can be written: \(error)")
            }
        }
        events += turn.events
        decisions += turn.decisions
        orders += turn.orders
        seen.formUnion(turn.seen)
        // Whatever happens to a factory, and every answer to a claim, changes what is known of it.
        seen.formUnion(turn.events.compactMap(\.factory))
        seen.formUnion(turn.grants.map(\.factory))
        for grant in turn.grants {
            guard
                let reply = waitingClaims.removeValue(
                    forKey: Self.key(grant.factory, grant.claim)
                )?.reply
            else { continue }
            answers.append { reply(.success(grant.leases)) }
        }
    }

    /// Judges time, stores everything in one transaction, then announces it.
    func finishBatch() throws(StoreFault) {
        do { take(try fleet.perform(.tick, context: CommandContext(now: clock()))) } catch {
            preconditionFailure("a tick is never refused: \(error)")
        }
        unwritten.add(events, at: fleet.now)
        let writesRows = unwritten.isDue(at: fleet.now)
        if !events.isEmpty || !replies.isEmpty || writesRows { try commit(rows: writesRows) }
        if writesRows { unwritten = UnwrittenEvents() }
        // Before finished ones leave.
        let jobs = publishedJobs()
        var publication = Publication(
            recalled: recalled,
            dismissed: fleet.dismissFinished(besides: unwritten.jobs),
            hasRows: writesRows,
            unwritten: unwritten.jobs,
            events: events,
            jobs: jobs,
            lines: lines,
            orders: orders
        )
        recalled = [:]
        for id in seen { publication.seen.updateValue(fleet.presence.factories[id], forKey: id) }
        publication.liveLeases = fleet.takeLeaseChanges()
        let due = answers
        (events, lines, decisions, orders, answers) = ([], [], [], [], [])
        seen = []
        replies = [:]
        batchSalt = nil
        announce(Announcement(publication: publication.isEmpty ? nil : publication, answers: due))
    }

    private func publishedJobs() -> [JobID: Job] {
        var jobs: [JobID: Job] = [:]
        for event in events {
            if let id = event.job, jobs[id] == nil { jobs[id] = fleet.state.jobs[id] }
        }
        return jobs
    }

    private func commit(rows: Bool) throws(StoreFault) {
        let batch = try batch(rows: rows)
        let begun = ContinuousClock.now
        try store.commit(batch)
        committed(events.count, begun.duration(to: .now))
    }

    private func batch(rows: Bool) throws(StoreFault) -> StoreBatch {
        batches += 1
        var packed: PackedEvents?
        if let first = events.first, let last = events.last {
            packed = PackedEvents(
                firstPosition: first.position,
                lastPosition: last.position,
                bytes: EventCodec.packed(lines)
            )
        }
        var touched: [TouchedJob] = []
        var known: Set<TouchedJob> = []
        for event in events {
            guard let job = event.job else { continue }
            let pair = TouchedJob(product: event.product, job: job.description)
            if known.insert(pair).inserted { touched.append(pair) }
        }
        do {
            let seen = rows ? unwritten.events : []
            let rows = try StoredState.changes(by: seen, in: fleet.state) + decisionRows()
            return StoreBatch(
                id: "\(store.identity.epoch)-\(batches)",
                epoch: store.identity.epoch,
                events: packed,
                touched: touched,
                rows: rows,
                replies: replies.values.sorted { $0.key < $1.key },
                at: max(fleet.state.counters.lastInstant, clock()).milliseconds
            )
        } catch {
            throw .broken(path: "", reason: error.why)
        }
    }

    private func decisionRows() -> [RowChange] {
        decisions.map { record in
            RowChange(
                table: .decisions,
                product: record.product,
                key: record.run.description,
                body: record.coded.bytes
            )
        }
    }

    /// At the end of service: nobody is left hanging.
    func dismissClaims() {
        for call in waitingClaims.values { call.reply(.success([])) }
        waitingClaims = [:]
    }

    private static func key(_ factory: FactoryID, _ claim: String) -> String {
        "\(factory)\n\(claim)"
    }
}
