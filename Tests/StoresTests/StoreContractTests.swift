import FleetPorts
import FleetTesting
import Stores
import Testing

@Suite struct StoreContractTests {
    @Test(arguments: StoreContract.promises)
    func `the memory store keeps its promises`(promise: StoreContract.Promise) throws {
        try promise.check(MemoryUnderTest())
    }

    @Test(arguments: StoreContract.promises)
    func `the SQLite store keeps its promises`(promise: StoreContract.Promise) throws {
        try promise.check(SQLiteUnderTest())
    }

    @Test(
        .enabled(if: PostgresServer.isInstalled, PostgresServer.notInstalled),
        arguments: StoreContract.promises
    )
    func `the PostgreSQL store keeps its promises`(promise: StoreContract.Promise) throws {
        try promise.check(PostgresUnderTest())
    }

    /// The control: for each promise there is a store that breaks it, and the check sees it.
    @Test(arguments: StoreContract.promises)
    func `a broken promise is seen`(promise: StoreContract.Promise) throws {
        let fault = try #require(BrokenPromise(rawValue: promise.sentence), "no control")
        withKnownIssue { try promise.check(FaultyUnderTest(fault: fault)) }
    }
}

private struct MemoryUnderTest: StoreUnderTest {
    private let disk = MemoryDisk()

    func open() throws -> any Store { MemoryStore(on: disk) }
    func depose() throws { _ = MemoryStore(on: disk) }
}

private struct SQLiteUnderTest: StoreUnderTest {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    func open() throws -> any Store { try SQLiteStore(folder: folder.data) }

    /// The lock keeps a second opening out, so what one would have written is written by hand.
    func depose() throws {
        let database = try RawDatabase(folder.data + "/giga.db")
        try database.execute("UPDATE fleet_identity SET epoch = epoch + 1")
    }
}

private struct PostgresUnderTest: StoreUnderTest {
    private let folder: ScratchFolder
    private let address: PostgresAddress

    init() throws {
        folder = try ScratchFolder()
        address = try PostgresServer.shared.get().database()
    }

    func open() throws -> any Store { try PostgresStore(address, folder: folder.data) }
    func depose() throws { _ = try PostgresStore(address, folder: folder.path + "/other") }
}

private struct FaultyUnderTest: StoreUnderTest {
    let fault: BrokenPromise
    private let disk = MemoryDisk()

    init(fault: BrokenPromise) { self.fault = fault }

    func open() throws -> any Store {
        let disk = fault == .reopening ? MemoryDisk() : disk
        return FaultyStore(MemoryStore(on: disk), fault)
    }

    func depose() throws { _ = MemoryStore(on: disk) }
}
