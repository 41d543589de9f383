package import FleetCore
package import FleetModel
import Synchronization

/// What readers see: a second state that applies each committed event, under a lock of its own.
///
/// It holds the jobs that the writer holds; finished ones are read from the store.
///
/// Readers never see the writer's `Fleet`: a snapshot of it held by one of them would make the
/// writer's next change copy it whole.
package final class ReadModel: Sendable {
    /// The reading plus what only lists need.
    package struct Contents: Sendable {
        package var reading: FleetReading
        package var liveLeases: [JobID: Presence.LiveLease] = [:]
        /// Jobs that the store does not show as they are; all of them are in memory.
        fileprivate(set) var unwritten: Set<JobID> = []
        /// Open jobs by stage and product, counted as they change: no list goes through them all.
        fileprivate(set) var open = OpenCounts()
        /// For `/metrics`: leases and factories as they are, and what happened so far.
        fileprivate(set) var census: FleetCensus
        fileprivate(set) var tally: FleetTally

        fileprivate init(_ reading: FleetReading) {
            self.reading = reading
            census = FleetCensus(reading.state)
            tally = FleetTally(reading.state)
        }
    }

    private let contents: Mutex<Contents>
    /// Whose a token is, by its hash: asked for with every call.
    private let keys: Mutex<Keys>

    private struct Keys: Sendable {
        var factories: [String: FactoryID]
        var tokens: [String: Token]
        var removed: [String: RemovedFactory]

        init(_ state: FleetState) {
            removed = state.removedFactories
            factories = Dictionary(
                state.factories.values.map { ($0.tokenHash, $0.id) },
                uniquingKeysWith: { first, second in min(first, second) }
            )
            tokens = Dictionary(
                state.tokens.values.map { ($0.hash, $0) },
                uniquingKeysWith: { first, second in first.name < second.name ? first : second }
            )
        }
    }

    package init(state: FleetState, settings: FleetSettings, now: Instant) {
        keys = Mutex(Keys(state))
        var first = Contents(
            FleetReading(state: state, seen: [:], settings: settings, now: now)
        )
        for job in state.jobs.values { first.open.add(job, 1) }
        contents = Mutex(first)
    }

    /// The factory whose token has this SHA-256.
    func factory(ofToken hash: String) -> FactoryID? { keys.withLock { $0.factories[hash] } }

    /// The removed factory whose token had this SHA-256.
    func removedFactory(withTokenHash hash: String) -> RemovedFactory? {
        keys.withLock { $0.removed[hash] }
    }

    /// The issued token that has this SHA-256, valid or not.
    func token(withHash hash: String) -> Token? { keys.withLock { $0.tokens[hash] } }

    /// Called by the writer after each commit.
    func take(_ publication: Publication) {
        let changesKeys = publication.events.contains(where: \.changesKeys)
        let touched = Set(publication.events.compactMap(\.job))
            .union(publication.recalled.keys).union(publication.dismissed)
        contents.withLock { contents in
            for id in touched {
                if let job = contents.reading.state.jobs[id] { contents.count(job, -1) }
            }
            for job in publication.recalled.values { contents.reading.state.recall(job) }
            for event in publication.events { contents.apply(event) }
            for (id, job) in publication.jobs { contents.share(job, id) }
            for id in publication.dismissed { contents.reading.state.dismiss(id) }
            contents.unwritten = publication.unwritten
            contents.reading.note(touched)
            for id in touched {
                if let job = contents.reading.state.jobs[id] { contents.count(job, 1) }
            }
            for (id, seen) in publication.seen { contents.reading.note(seen, of: id) }
            for (id, live) in publication.liveLeases { contents.liveLeases[id] = live }
            guard changesKeys else { return }
            let fresh = Keys(contents.reading.state)
            keys.withLock { $0 = fresh }
        }
    }

    /// Reads at `now`; the lock is held only for `body`.
    package func read<Value: Sendable, Failure: Error>(
        at now: Instant,
        _ body: (borrowing Contents) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try contents.withLock { contents throws(Failure) in
            contents.reading.now = now
            return try body(contents)
        }
    }
}

extension ReadModel.Contents {
    fileprivate mutating func count(_ job: Job, _ change: Int) {
        open.add(job, change)
        census.count(job.lease, change)
    }

    /// Puts the writer's own job in place of the one that the same events made here: it is in memory
    /// once then, instead of twice.
    fileprivate mutating func share(_ job: Job, _ id: JobID) {
        assert(reading.state.jobs[id] == job, "the writer has another \(id) than its events make")
        reading.state.jobs[id] = job
    }

    fileprivate mutating func apply(_ event: Event) {
        reading.state.apply(event)
        tally.note(event, in: reading.state)
        if event.changesFactory, let id = event.factory {
            census.take(id, reading.state.factories[id])
        }
    }
}

/// How many jobs are open, by stage and product.
package struct OpenCounts: Hashable, Sendable {
    private struct Key: Hashable, Sendable {
        let stage: Stage
        let product: String
    }

    private var counts: [Key: Int] = [:]

    /// Nil asks for all products.
    func count(in stage: Stage, of product: String?) -> Int {
        if let product { return counts[Key(stage: stage, product: product)] ?? 0 }
        return counts.reduce(0) { $0 + ($1.key.stage == stage ? $1.value : 0) }
    }

    fileprivate mutating func add(_ job: Job, _ change: Int) {
        guard !job.stage.isEnded else { return }
        let key = Key(stage: job.stage, product: job.terms.product)
        let count = counts[key, default: 0] + change
        counts[key] = count == 0 ? nil : count
    }
}

extension ReadModel.Contents {
    /// Jobs in a stage, wherever they are.
    func count(in stage: Stage, of product: String? = nil) -> Int {
        stage.isEnded
            ? reading.state.count(in: stage, of: product) : open.count(in: stage, of: product)
    }
}

extension Event {
    /// Whether a token may be worth more, less or nothing after it.
    var changesKeys: Bool {
        switch body {
        case .factoryRegistered, .factoryRemoved, .tokenIssued, .tokenRevoked: true
        default: false
        }
    }
}
