/// The durable memory of a coordinator: packed batches of events, and rows projected from them.
///
/// Every store keeps these promises, and `StoreContract` checks them:
/// - Order: batches come back in the order in which they were committed; positions are gapless.
/// - Atomicity: a batch's events, rows and replies are stored together or not at all.
/// - Durability: once `commit` has returned, a crash of process or machine does not lose it.
/// - Idempotence: a batch id that is already stored changes nothing, and `commit` returns normally.
/// - Fencing: a batch of an epoch older than the newest opened one is refused as `deposed`.
///
/// A stored batch id is recognised before the epoch is looked at: what is stored is stored, and a
/// writer that asks again after it was deposed may still tell its clients so. The id of a batch
/// without events is remembered for `StoredReply.lifetime`, that of one with events for ever.
///
/// Synchronous on purpose: the writer's one thread calls it, and nobody else.
package protocol Store: AnyObject {
    /// What the store knew of itself when it was opened.
    var identity: StoreIdentity { get }

    /// Every row of every table.
    func load() throws(StoreFault) -> [StoredRow]

    /// What a coordinator starts from: the jobs that have not ended, and every row of the tables
    /// of factories, profiles, repositories and single things.
    func loadOpen() throws(StoreFault) -> [StoredRow]

    /// The row of the job with that number, whatever its product.
    func job(_ number: UInt64) throws(StoreFault) -> [UInt8]?

    /// The row of the job of `product` that was submitted with an idempotency key.
    func job(withKey key: String, product: String) throws(StoreFault) -> [UInt8]?

    /// Stores one batch durably, in one transaction.
    func commit(_ batch: StoreBatch) throws(StoreFault)

    /// Packed events in order, `limit` batches at most, beginning with the batch that holds
    /// `position` (or the first one after it).
    func batches(from position: UInt64, limit: Int) throws(StoreFault) -> [PackedEvents]

    /// The batches that hold events of one job, in order.
    func batches(ofJob job: String, product: String) throws(StoreFault) -> [PackedEvents]

    /// One row, or nil.
    func fetch(table: StoreTable, product: String, key: String) throws(StoreFault) -> [UInt8]?

    /// The reply stored with a request key, if it is younger than `notBefore` (ms since 1970).
    func reply(forKey key: String, notBefore: Int64) throws(StoreFault) -> StoredReply?

    /// What other threads may read while the writer writes; closed together with the store.
    func history() throws(StoreFault) -> any StoreHistory

    /// Gives everything back; every later call throws `broken`.
    func close()
}

/// Committed batches and rows, for readers on any thread; never sees half a batch.
package protocol StoreHistory: AnyObject, Sendable {
    /// As `Store.batches(from:limit:)`.
    func batches(from position: UInt64, limit: Int) throws(StoreFault) -> [PackedEvents]

    /// As `Store.batches(ofJob:product:)`.
    func batches(ofJob job: String, product: String) throws(StoreFault) -> [PackedEvents]

    /// As `Store.fetch(table:product:key:)`.
    func fetch(table: StoreTable, product: String, key: String) throws(StoreFault) -> [UInt8]?

    /// As `Store.job(_:)`.
    func job(_ number: UInt64) throws(StoreFault) -> [UInt8]?

    /// The jobs of a page, by rising number; never more than it asks for.
    func jobs(_ page: JobPage) throws(StoreFault) -> [ListedJob]
}

/// Who this store is, and which opening of it this is.
package struct StoreIdentity: Hashable, Sendable {
    /// Ten lower-case letters, made when the store was initialised.
    package let fleetID: String
    /// Rises by one with every opening for writing; carried by every batch.
    package let epoch: UInt64
    /// Position of the last stored event; 0 in an empty store.
    package let lastPosition: UInt64
    /// Instant of the last stored event in ms since 1970 UTC; 0 in an empty store.
    package let lastInstant: Int64

    package init(fleetID: String, epoch: UInt64, lastPosition: UInt64, lastInstant: Int64) {
        self.fleetID = fleetID
        self.epoch = epoch
        self.lastPosition = lastPosition
        self.lastInstant = lastInstant
    }
}

/// The containers; each is a table of its own whose primary key is (product_id, key).
package enum StoreTable: String, CaseIterable, Hashable, Sendable {
    case jobs = "fleet_jobs"
    case runs = "fleet_runs"
    case leases = "fleet_leases"
    case factories = "fleet_factories"
    case profiles = "fleet_profiles"
    case repositories = "fleet_repositories"
    case decisions = "fleet_decisions"
    /// Singletons: counters, halt, configuration.
    case state = "fleet_state"
}

package struct StoredRow: Hashable, Sendable {
    package let table: StoreTable
    package let product: String
    package let key: String
    /// JSON text in UTF-8.
    package let body: [UInt8]

    package init(table: StoreTable, product: String, key: String, body: [UInt8]) {
        self.table = table
        self.product = product
        self.key = key
        self.body = body
    }
}

/// One change of a row; `body` nil removes it.
package struct RowChange: Hashable, Sendable {
    package let table: StoreTable
    package let product: String
    package let key: String
    package let body: [UInt8]?
    /// Of a job's row: what it can be found by.
    ///
    /// A row without it counts as open.
    package let mark: JobMark?

    package init(
        table: StoreTable,
        product: String,
        key: String,
        body: [UInt8]?,
        mark: JobMark? = nil
    ) {
        self.table = table
        self.product = product
        self.key = key
        self.body = body
        self.mark = mark
    }
}

/// Events of one batch as they lie on the disk: one JSON object a line, in order of position.
package struct PackedEvents: Hashable, Sendable {
    package let firstPosition: UInt64
    package let lastPosition: UInt64
    package let bytes: [UInt8]

    package init(firstPosition: UInt64, lastPosition: UInt64, bytes: [UInt8]) {
        self.firstPosition = firstPosition
        self.lastPosition = lastPosition
        self.bytes = bytes
    }
}

/// A reply kept for a request key, so that a repeated request gets the same answer.
package struct StoredReply: Hashable, Sendable {
    /// A reply is kept for at least this long, in ms (24 h), and dropped in passing later.
    package static let lifetime: Int64 = 86_400_000

    package let key: String
    /// SHA-256 of the request's method, path and body: the same key with another one is refused.
    package let requestHash: String
    package let status: Int
    package let body: [UInt8]
    /// ms since 1970 UTC.
    package let at: Int64

    package init(key: String, requestHash: String, status: Int, body: [UInt8], at: Int64) {
        self.key = key
        self.requestHash = requestHash
        self.status = status
        self.body = body
        self.at = at
    }
}

/// What one turn of the writer stores.
package struct StoreBatch: Hashable, Sendable {
    /// Made once per batch and kept over a repeat.
    package let id: String
    package let epoch: UInt64
    /// Nil when only rows or replies are stored.
    package let events: PackedEvents?
    /// The (product, job) pairs that the events touch, without repeats.
    package let touched: [TouchedJob]
    package let rows: [RowChange]
    package let replies: [StoredReply]
    /// The writer's instant, ms since 1970 UTC.
    package let at: Int64

    package init(
        id: String,
        epoch: UInt64,
        events: PackedEvents?,
        touched: [TouchedJob] = [],
        rows: [RowChange] = [],
        replies: [StoredReply] = [],
        at: Int64
    ) {
        self.id = id
        self.epoch = epoch
        self.events = events
        self.touched = touched
        self.rows = rows
        self.replies = replies
        self.at = at
    }
}

package struct TouchedJob: Hashable, Sendable {
    package let product: String
    package let job: String

    package init(product: String, job: String) {
        self.product = product
        self.job = job
    }
}

/// That a batch holds events of a job: what the events of one job are found by.
package struct IndexedBatch: Hashable, Sendable {
    package let job: TouchedJob
    package let firstPosition: UInt64

    package init(job: TouchedJob, firstPosition: UInt64) {
        self.job = job
        self.firstPosition = firstPosition
    }
}

/// How a store fails.
///
/// `full` and `broken` end the process: memory is ahead of the disk by then.
package enum StoreFault: Error, Hashable, Sendable {
    /// Another process has the store open; nothing was changed.
    case busy(path: String, pid: Int32?)
    /// A newer opening exists; this one may not write any more.
    case deposed(epoch: UInt64, newest: UInt64)
    /// The batch does not begin where the last one ended.
    case gap(expected: UInt64, actual: UInt64)
    /// No room left; figures in bytes, nil when the system did not say.
    case full(path: String, needed: UInt64?, free: UInt64?)
    /// Written by a newer version of this program.
    case newer(path: String, schema: Int, known: Int)
    /// The store's server does not answer now; whether a batch was stored is not known.
    ///
    /// The same call may be made again until it goes well: a batch keeps its id and its epoch.
    case unreachable(path: String, reason: String)
    /// The store's server lets nobody in with what it was given; nothing was changed.
    case rejected(path: String, reason: String)
    /// Anything else, in the library's words.
    case broken(path: String, reason: String)
}
