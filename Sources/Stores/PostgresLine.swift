import FleetPorts

/// A connection that is made anew when the one before was lost.
final class PostgresLine {
    private let address: PostgresAddress
    private var connection: PostgresConnection?
    private var isClosed = false
    /// After a failed try, nobody waits for the next one before this.
    private var rest: (until: ContinuousClock.Instant, fault: StoreFault)?

    /// Connects once, so that an address that never worked is told at once.
    init(_ address: PostgresAddress) throws(StoreFault) {
        self.address = address
        connection = try PostgresConnection(address)
    }

    /// Lends the connection; one that was lost under `body` is not used again.
    func use<Result>(
        _ body: (PostgresConnection) throws(StoreFault) -> Result
    ) throws(StoreFault) -> Result {
        let connection = try current()
        do { return try body(connection) } catch {
            if case .unreachable = error { self.connection = nil }
            throw error
        }
    }

    /// As `use`, for what may be asked twice: a server that was started again is not noticed.
    func read<Result>(
        _ body: (PostgresReads) throws(StoreFault) -> Result
    ) throws(StoreFault) -> Result {
        let isFresh = connection == nil
        do {
            return try use { (database) throws(StoreFault) in try body(PostgresReads(database)) }
        } catch .unreachable where !isFresh {
            return try use { (database) throws(StoreFault) in try body(PostgresReads(database)) }
        } catch {
            throw error
        }
    }

    /// Stores `batch`, or nothing of it.
    func commit(_ batch: StoreBatch) throws(StoreFault) {
        try use { (database) throws(StoreFault) in
            do throws(StoreFault) { try PostgresWriter(database).commit(batch) } catch {
                // What cannot be rolled back ends with its session.
                do throws(StoreFault) { try database.rollBack() } catch { connection = nil }
                throw error
            }
        }
    }

    func close() {
        connection = nil
        isClosed = true
    }

    private func current() throws(StoreFault) -> PostgresConnection {
        guard !isClosed else {
            throw .broken(path: address.label, reason: "this store is closed")
        }
        if let connection { return connection }
        if let rest, ContinuousClock.now < rest.until { throw rest.fault }
        do {
            let made = try PostgresConnection(address)
            (connection, rest) = (made, nil)
            return made
        } catch {
            let fault = Self.passing(error)
            rest = (ContinuousClock.now + .milliseconds(500), fault)
            throw fault
        }
    }

    /// A server that has let us in before may be starting, or full: it is asked again.
    private static func passing(_ fault: StoreFault) -> StoreFault {
        guard case .rejected(let path, let reason) = fault else { return fault }
        return .unreachable(path: path, reason: reason)
    }
}
