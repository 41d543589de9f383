import FleetPorts
import Stores

/// One way to break each promise; the raw values are the promises' sentences.
enum BrokenPromise: String {
    case trace = "a refused batch leaves no trace"
    case gap = "a gap is refused"
    case deposed = "a deposed epoch is refused"
    case unopened = "an epoch never opened is refused"
    case repeated = "a repeated batch changes nothing"
    case closing = "a closed store answers nothing"
    case empty = "an empty store is empty"
    case order = "batches keep their order"
    case inside = "reading begins inside a batch"
    case products = "a job has its batches"
    case removal = "rows are put, replaced, removed"
    case expiry = "replies last their time"
    case bytes = "odd bytes come back"
    case reopening = "reopening finds everything"
    case history = "history sees each commit"
    case ended = "ended jobs are left out of a start"
    case found = "a job is found by its number"
    case keyed = "a job is found by its key and product"
    case pages = "jobs come in pages, by number"
    case thousand = "a thousand batches"
}

/// A store that works, but for one promise.
final class FaultyStore: Store {
    private let store: MemoryStore
    private let fault: BrokenPromise

    init(_ store: MemoryStore, _ fault: BrokenPromise) {
        (self.store, self.fault) = (store, fault)
    }

    var identity: StoreIdentity { store.identity }

    func load() throws(StoreFault) -> [StoredRow] {
        let extra = StoredRow(table: .state, product: "fleet", key: "halt", body: [])
        return fault == .empty ? [extra] : try store.load()
    }

    func loadOpen() throws(StoreFault) -> [StoredRow] {
        fault == .ended ? try store.load() : try store.loadOpen()
    }

    func job(_ number: UInt64) throws(StoreFault) -> [UInt8]? {
        fault == .found ? nil : try store.job(number)
    }

    func job(withKey key: String, product: String) throws(StoreFault) -> [UInt8]? {
        try store.job(withKey: key, product: fault == .keyed ? "p" : product)
    }

    func commit(_ batch: StoreBatch) throws(StoreFault) {
        do {
            try store.commit(spoilt(batch))
        } catch .gap where fault == .gap {
            return
        } catch .gap(let expected, let actual) where fault == .trace {
            try store.commit(copy(batch, id: batch.id + "-rows", events: nil))
            throw .gap(expected: expected, actual: actual)
        } catch .deposed(_, let newest) where fault == .deposed {
            try store.commit(copy(batch, epoch: newest, events: batch.events))
        } catch {
            if fault == .unopened { return }
            throw error
        }
    }

    private func spoilt(_ batch: StoreBatch) -> StoreBatch {
        switch fault {
        case .repeated where batch.events == nil:
            copy(batch, id: "\(batch.id)-\(UInt64.random(in: 0...UInt64.max))", events: nil)
        case .removal:
            copy(batch, events: batch.events, rows: batch.rows.filter { $0.body != nil })
        case .bytes:
            copy(batch, events: batch.events, rows: batch.rows.filter { $0.body?.isEmpty != true })
        default: batch
        }
    }

    private func copy(
        _ batch: StoreBatch,
        id: String? = nil,
        epoch: UInt64? = nil,
        events: PackedEvents?,
        rows: [RowChange]? = nil
    ) -> StoreBatch {
        StoreBatch(
            id: id ?? batch.id,
            epoch: epoch ?? batch.epoch,
            events: events,
            touched: batch.touched,
            rows: rows ?? batch.rows,
            replies: batch.replies,
            at: batch.at
        )
    }

    func batches(from position: UInt64, limit: Int) throws(StoreFault) -> [PackedEvents] {
        let found = try store.batches(from: position, limit: limit)
        switch fault {
        case .order: return found.reversed()
        case .inside: return found.filter { $0.firstPosition >= position }
        case .thousand: return found.filter { $0.lastPosition < 3_000 }
        default: return found
        }
    }

    func batches(ofJob job: String, product: String) throws(StoreFault) -> [PackedEvents] {
        try store.batches(ofJob: job, product: fault == .products ? "p" : product)
    }

    func fetch(table: StoreTable, product: String, key: String) throws(StoreFault) -> [UInt8]? {
        try store.fetch(table: table, product: product, key: key)
    }

    func reply(forKey key: String, notBefore: Int64) throws(StoreFault) -> StoredReply? {
        try store.reply(forKey: key, notBefore: fault == .expiry ? 0 : notBefore)
    }

    func history() throws(StoreFault) -> any StoreHistory {
        fault == .history || fault == .pages ? MemoryStore() : try store.history()
    }

    func close() {
        if fault != .closing { store.close() }
    }
}
