import FleetPorts
import Processes
import Stores

/// A memory store that a test can hold inside `commit`, make fail, and look at.
final class SpyStore: Store {
    /// What the test and the writer's thread share.
    struct Control: Sendable {
        var isHeld = false
        var isInCommit = false
        var batches: [StoreBatch] = []
        var fault: StoreFault?
        /// So many batches are stored without the writer hearing of it.
        var losesReplies = 0
        var isClosed = false
    }

    let control: Monitor<Control>
    private let store: MemoryStore

    init(_ disk: MemoryDisk, _ control: Monitor<Control>) {
        store = MemoryStore(on: disk)
        self.control = control
    }

    var identity: StoreIdentity { store.identity }

    func commit(_ batch: StoreBatch) throws(StoreFault) {
        control.change { $0.isInCommit = true }
        _ = control.wait { $0.isHeld ? nil : true }
        let fault = control.change { control -> StoreFault? in
            control.isInCommit = false
            if control.fault == nil { control.batches.append(batch) }
            return control.fault
        }
        if let fault { throw fault }
        try store.commit(batch)
        let isLost = control.change { control in
            control.losesReplies -= 1
            return control.losesReplies >= 0
        }
        if isLost { throw .unreachable(path: "memory", reason: "the reply was lost") }
    }

    func load() throws(StoreFault) -> [StoredRow] { try store.load() }

    func loadOpen() throws(StoreFault) -> [StoredRow] { try store.loadOpen() }

    func job(_ number: UInt64) throws(StoreFault) -> [UInt8]? { try store.job(number) }

    func job(withKey key: String, product: String) throws(StoreFault) -> [UInt8]? {
        try store.job(withKey: key, product: product)
    }

    func batches(from position: UInt64, limit: Int) throws(StoreFault) -> [PackedEvents] {
        try store.batches(from: position, limit: limit)
    }

    func batches(ofJob job: String, product: String) throws(StoreFault) -> [PackedEvents] {
        try store.batches(ofJob: job, product: product)
    }

    func fetch(table: StoreTable, product: String, key: String) throws(StoreFault) -> [UInt8]? {
        try store.fetch(table: table, product: product, key: key)
    }

    func reply(forKey key: String, notBefore: Int64) throws(StoreFault) -> StoredReply? {
        try store.reply(forKey: key, notBefore: notBefore)
    }

    func history() throws(StoreFault) -> any StoreHistory { try store.history() }

    func close() {
        store.close()
        control.change { $0.isClosed = true }
    }
}
