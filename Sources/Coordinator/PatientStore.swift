import FleetPorts

/// What the world does while a store's server is away.
protocol StoreOutage: Sendable {
    /// Waits before the next try, the first of which is number 1; false gives up.
    func wait(_ fault: StoreFault, tries: Int) -> Bool
    /// The server is back, and what was asked of it is done.
    func end()
}

/// A store for the writer's thread that asks again until it gets an answer.
///
/// Whether the batch that was under way was stored is not known. It is given again with its id and
/// its epoch, which changes nothing if it was, until it is stored or the epoch is deposed.
final class PatientStore {
    private let store: any Store
    private let outage: (any StoreOutage)?

    /// Without an outage it gives up at once.
    init(_ store: any Store, outage: (any StoreOutage)? = nil) {
        (self.store, self.outage) = (store, outage)
    }

    var identity: StoreIdentity { store.identity }

    func job(_ number: UInt64) throws(StoreFault) -> [UInt8]? {
        try patiently { () throws(StoreFault) in try store.job(number) }
    }

    func job(withKey key: String, product: String) throws(StoreFault) -> [UInt8]? {
        try patiently { () throws(StoreFault) in try store.job(withKey: key, product: product) }
    }

    func reply(forKey key: String, notBefore: Int64) throws(StoreFault) -> StoredReply? {
        try patiently { () throws(StoreFault) in
            try store.reply(forKey: key, notBefore: notBefore)
        }
    }

    func commit(_ batch: StoreBatch) throws(StoreFault) {
        try patiently { () throws(StoreFault) in try store.commit(batch) }
    }

    func close() { store.close() }

    private func patiently<Result>(
        _ body: () throws(StoreFault) -> Result
    ) throws(StoreFault) -> Result {
        var tries = 0
        while true {
            do throws(StoreFault) {
                let result = try body()
                if tries > 0 { outage?.end() }
                return result
            } catch {
                tries += 1
                guard case .unreachable = error, let outage, outage.wait(error, tries: tries)
                else { throw error }
            }
        }
    }
}
