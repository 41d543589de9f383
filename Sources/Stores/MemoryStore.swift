package import FleetPorts
import Synchronization

/// What a `MemoryStore` is opened on; it outlives the opening, as a disk does.
package final class MemoryDisk: Sendable {
    fileprivate let contents: Mutex<Contents>

    /// - Parameter fleetID: Given by tests that must not draw anything at random.
    package init(fleetID: String? = nil) {
        contents = Mutex(Contents(fleetID: fleetID ?? FleetID.random()))
    }

    fileprivate struct Contents {
        let fleetID: String
        var epoch: UInt64 = 0
        var batches: [PackedEvents] = []
        var lastInstant: Int64 = 0
        /// When a batch of that id was stored.
        var stored: [String: (at: Int64, hasEvents: Bool)] = [:]
        /// Places in `batches`, in order.
        var index: [TouchedJob: [Int]] = [:]
        var rows: [Place: [UInt8]] = [:]
        var replies: [String: StoredReply] = [:]
        /// The jobs' rows by number, and what they are found by.
        var jobs: [UInt64: (place: Place, mark: JobMark)] = [:]
        /// The keys of `jobs`, rising.
        var numbers: [UInt64] = []
        var keys: [Key: UInt64] = [:]

        init(fleetID: String) { self.fleetID = fleetID }
    }

    fileprivate struct Place: Hashable {
        let table: StoreTable
        let product: String
        let key: String
    }

    fileprivate struct Key: Hashable {
        let product: String
        let key: String
    }
}

/// Keeps every promise of `Store` but durability: for tests, the simulator and the demo's twin.
package final class MemoryStore: Store, StoreHistory {
    package let identity: StoreIdentity
    private let disk: MemoryDisk
    private let isOpen = Mutex(true)

    /// Opens `disk` for writing, which deposes the opening before.
    package init(on disk: MemoryDisk = MemoryDisk()) {
        self.disk = disk
        identity = disk.contents.withLock { contents in
            contents.epoch += 1
            return StoreIdentity(
                fleetID: contents.fleetID,
                epoch: contents.epoch,
                lastPosition: contents.batches.last?.lastPosition ?? 0,
                lastInstant: contents.lastInstant
            )
        }
    }

    package func load() throws(StoreFault) -> [StoredRow] {
        try use { (contents) throws(StoreFault) in
            let rows = contents.rows.map {
                StoredRow(table: $0.table, product: $0.product, key: $0.key, body: $1)
            }
            return rows.sorted {
                ($0.table.rawValue, $0.product, $0.key) < ($1.table.rawValue, $1.product, $1.key)
            }
        }
    }

    package func loadOpen() throws(StoreFault) -> [StoredRow] {
        try use { (contents) throws(StoreFault) in
            let ended = Set(contents.jobs.values.filter { $0.mark.hasEnded }.map { $0.place })
            return contents.rows.compactMap { place, body in
                guard StoreTable.ofStart.contains(place.table) || place.table == .jobs,
                    !ended.contains(place)
                else { return nil }
                return StoredRow(
                    table: place.table,
                    product: place.product,
                    key: place.key,
                    body: body
                )
            }
        }
    }

    package func job(_ number: UInt64) throws(StoreFault) -> [UInt8]? {
        try use { (contents) throws(StoreFault) in contents.body(ofJob: number) }
    }

    package func job(withKey key: String, product: String) throws(StoreFault) -> [UInt8]? {
        try use { (contents) throws(StoreFault) in
            contents.keys[MemoryDisk.Key(product: product, key: key)]
                .flatMap { contents.body(ofJob: $0) }
        }
    }

    package func jobs(_ page: JobPage) throws(StoreFault) -> [ListedJob] {
        try use { (contents) throws(StoreFault) in
            var found: [ListedJob] = []
            let start = contents.numbers.firstPlace { $0 > page.after }
            for number in contents.numbers[start...] where found.count < page.limit {
                guard let (place, mark) = contents.jobs[number],
                    page.product == nil || page.product == place.product
                else { continue }
                if let stage = page.endedStage, !mark.hasEnded || mark.stage != stage { continue }
                let body = mark.hasEnded ? contents.rows[place] : nil
                found.append(ListedJob(number: number, body: body))
            }
            return found
        }
    }

    package func commit(_ batch: StoreBatch) throws(StoreFault) {
        try use { (contents) throws(StoreFault) in
            guard contents.stored[batch.id] == nil else { return }
            let last = contents.batches.last?.lastPosition ?? 0
            try batch.mayFollow(position: last, epoch: contents.epoch, path: Self.path)
            contents.store(batch)
        }
    }

    package func batches(from position: UInt64, limit: Int) throws(StoreFault) -> [PackedEvents] {
        try use { (contents) throws(StoreFault) in
            let start = contents.batches.firstPlace { $0.lastPosition >= position }
            return Array(contents.batches[start...].prefix(max(0, limit)))
        }
    }

    package func batches(
        ofJob job: String,
        product: String
    ) throws(StoreFault) -> [PackedEvents] {
        try use { (contents) throws(StoreFault) in
            let places = contents.index[TouchedJob(product: product, job: job), default: []]
            return places.map { contents.batches[$0] }
        }
    }

    package func fetch(
        table: StoreTable,
        product: String,
        key: String
    ) throws(StoreFault) -> [UInt8]? {
        try use { (contents) throws(StoreFault) in
            contents.rows[MemoryDisk.Place(table: table, product: product, key: key)]
        }
    }

    package func reply(forKey key: String, notBefore: Int64) throws(StoreFault) -> StoredReply? {
        try use { (contents) throws(StoreFault) in
            contents.replies[key].flatMap { $0.at >= notBefore ? $0 : nil }
        }
    }

    /// This store itself: all of its calls may come from any thread.
    package func history() throws(StoreFault) -> any StoreHistory {
        try use { (_) throws(StoreFault) in }
        return self
    }

    package func close() { isOpen.withLock { $0 = false } }

    private static let path = "memory"

    private func use<Result: Sendable>(
        _ body: (inout MemoryDisk.Contents) throws(StoreFault) -> Result
    ) throws(StoreFault) -> Result {
        guard isOpen.withLock({ $0 }) else {
            throw .broken(path: Self.path, reason: "this store is closed")
        }
        return try disk.contents.withLock { (contents) throws(StoreFault) in
            try body(&contents)
        }
    }
}

extension MemoryDisk.Contents {
    fileprivate mutating func store(_ batch: StoreBatch) {
        stored[batch.id] = (batch.at, batch.events != nil)
        if let events = batch.events {
            for job in Set(batch.touched) { index[job, default: []].append(batches.count) }
            batches.append(events)
            lastInstant = batch.at
        }
        for row in batch.rows {
            let place = MemoryDisk.Place(table: row.table, product: row.product, key: row.key)
            rows[place] = row.body
            if let mark = row.mark { note(mark, at: place) }
        }
        for reply in batch.replies { replies[reply.key] = reply }
        // Now and then, so that a long test does not grow without end and a short one pays nothing.
        if stored.count.isMultiple(of: 1_024) { forget(before: batch.at - StoredReply.lifetime) }
    }

    private mutating func note(_ mark: JobMark, at place: MemoryDisk.Place) {
        if jobs.updateValue((place, mark), forKey: mark.number) == nil {
            numbers.insert(mark.number, at: numbers.firstPlace { $0 > mark.number })
        }
        if let key = mark.idempotencyKey {
            keys[MemoryDisk.Key(product: place.product, key: key)] = mark.number
        }
    }

    func body(ofJob number: UInt64) -> [UInt8]? { jobs[number].flatMap { rows[$0.place] } }

    private mutating func forget(before instant: Int64) {
        replies = replies.filter { $0.value.at >= instant }
        stored = stored.filter { $0.value.hasEvents || $0.value.at >= instant }
    }
}

extension Array {
    /// The first place whose element satisfies `isAfter`, which those behind it do too.
    fileprivate func firstPlace(where isAfter: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
