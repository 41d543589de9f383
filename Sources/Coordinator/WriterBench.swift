package import FleetCore
package import FleetModel
import FleetPorts
import FoundationEssentials

/// What a commit made known.
package struct Publication: Sendable {
    package var events: [Event] = []
    /// The same events as stored, one JSON line each.
    package var lines: [[UInt8]] = []
    package var orders: [Order] = []
    /// Volatile entries that changed, as they are now.
    package var seen: [FactoryID: Presence.Seen] = [:]
    package var liveLeases: [JobID: Presence.LiveLease]?
}

/// The writer's own state, used by its thread alone.
final class WriterBench {
    private(set) var fleet: Fleet
    let store: any Store
    private let clock: @Sendable () -> Instant
    private let salt: @Sendable () -> [UInt8]
    private let publish: @Sendable (Publication) -> Void

    private var events: [Event] = []
    private var lines: [[UInt8]] = []
    private var decisions: [DecisionRecord] = []
    private var orders: [Order] = []
    private var seen: Set<FactoryID> = []
    private var answers: [() -> Void] = []
    private var waitingClaims: [String: Writer.ClaimReply] = [:]
    private var batches: UInt64 = 0

    init(
        fleet: Fleet,
        store: any Store,
        clock: @escaping @Sendable () -> Instant,
        salt: @escaping @Sendable () -> [UInt8],
        publish: @escaping @Sendable (Publication) -> Void
    ) {
        self.fleet = fleet
        self.store = store
        self.clock = clock
        self.salt = salt
        self.publish = publish
    }

    /// Gives every live lease its full term from now.
    func begin() throws(StoreFault) {
        perform(.recover) { _ in }
        try finishBatch()
    }

    var timeUntilNextTick: Timespan? {
        fleet.nextDeadline.map { max($0.since(clock()), .zero) }
    }

    func perform(_ command: Command, _ reply: @escaping Writer.Reply) {
        do {
            let turn = try fleet.perform(command, context: CommandContext(now: clock()))
            let committed = Writer.Committed(
                answer: turn.answer,
                position: turn.events.last?.position
            )
            take(turn)
            answers.append { reply(.success(committed)) }
        } catch {
            answers.append { reply(.failure(error)) }
        }
    }

    func perform(_ claim: Claim, _ reply: @escaping Writer.ClaimReply) {
        let key = Self.key(claim.factory, claim.id)
        // A repeat of a claim that still waits comes on a new connection: the old one is gone.
        if let older = waitingClaims[key] { answers.append { older(.success([])) } }
        waitingClaims[key] = reply
        do {
            take(try fleet.perform(.claim(claim), context: CommandContext(now: clock())))
        } catch {
            waitingClaims[key] = nil
            answers.append { reply(.failure(error)) }
        }
    }

    private func take(_ turn: Turn) {
        let salt = turn.events.isEmpty ? [] : salt()
        for event in turn.events {
            do { lines.append(try EventCodec.line(event, salt: salt)) } catch {
                preconditionFailure("every event of ours can be written: \(error)")
            }
        }
        events += turn.events
        decisions += turn.decisions
        orders += turn.orders
        seen.formUnion(turn.seen)
        for grant in turn.grants {
            guard
                let reply = waitingClaims.removeValue(forKey: Self.key(grant.factory, grant.claim))
            else { continue }
            answers.append { reply(.success(grant.leases)) }
        }
    }

    /// Judges time, stores everything in one transaction, then answers and publishes.
    func finishBatch() throws(StoreFault) {
        do { take(try fleet.perform(.tick, context: CommandContext(now: clock()))) } catch {
            preconditionFailure("a tick is never refused: \(error)")
        }
        if !events.isEmpty { try store.commit(try batch()) }
        var publication = Publication(events: events, lines: lines, orders: orders)
        for id in seen { publication.seen[id] = fleet.presence.factories[id] }
        if !events.isEmpty || !seen.isEmpty { publication.liveLeases = fleet.presence.leases }
        let due = answers
        (events, lines, decisions, orders, answers) = ([], [], [], [], [])
        seen = []
        if !publication.events.isEmpty || !publication.seen.isEmpty || !publication.orders.isEmpty {
            publish(publication)
        }
        for answer in due { answer() }
    }

    private func batch() throws(StoreFault) -> StoreBatch {
        batches += 1
        let packed = PackedEvents(
            firstPosition: events[0].position,
            lastPosition: events[events.count - 1].position,
            bytes: Array(lines.joined(separator: [UInt8(ascii: "\n")]))
        )
        var touched: [TouchedJob] = []
        var known: Set<TouchedJob> = []
        for event in events {
            guard let job = event.job else { continue }
            let pair = TouchedJob(product: event.product, job: job.description)
            if known.insert(pair).inserted { touched.append(pair) }
        }
        do {
            let rows = try StoredState.changes(by: events, in: fleet.state) + decisionRows()
            return StoreBatch(
                id: "\(store.identity.epoch)-\(batches)",
                epoch: store.identity.epoch,
                events: packed,
                touched: touched,
                rows: rows,
                at: fleet.state.counters.lastInstant.milliseconds
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
                body: Explanations.bytes(record.explanation)
            )
        }
    }

    /// At the end of service: nobody is left hanging.
    func dismissClaims() {
        for reply in waitingClaims.values { reply(.success([])) }
        waitingClaims = [:]
    }

    private static func key(_ factory: FactoryID, _ claim: String) -> String {
        "\(factory)\n\(claim)"
    }
}
