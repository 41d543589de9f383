import FleetPorts
import FleetTesting
import Stores
import Testing

@Suite(.enabled(if: ScratchFolder.canMount, "\(ScratchFolder.noMount)"))
struct FullDiskTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
        try #require(folder.mount("size=8m"))
    }

    @Test func `a full disk is named and loses nothing`() throws {
        let store = try SQLiteStore(folder: folder.data)
        var maker = BatchMaker(following: store.identity)
        let fault = try fill(store, &maker)
        guard case .full(let path, let needed, let free) = fault else {
            throw fault
        }
        #expect(path == folder.data + "/giga.db")
        #expect(try #require(needed) > 10_000)
        #expect(try #require(free) < 1 << 20)
        let last = maker.position - 1
        // The batch that did not fit has left nothing, and the store still answers.
        #expect(try position(of: store) == last)
        store.close()

        try #require(folder.remount("size=32m"))
        let reopened = try SQLiteStore(folder: folder.data)
        #expect(reopened.identity.lastPosition == last)
        #expect(try position(of: reopened) == last)
        var next = BatchMaker(following: reopened.identity)
        try reopened.commit(next.next(1))
    }

    @Test func `the same store goes on once there is room`() throws {
        let store = try SQLiteStore(folder: folder.data)
        var maker = BatchMaker(following: store.identity)
        _ = try fill(store, &maker)
        try #require(folder.remount("size=32m"))
        let events = PackedEvents(
            firstPosition: maker.position,
            lastPosition: maker.position,
            bytes: []
        )
        try store.commit(
            StoreBatch(id: "after", epoch: store.identity.epoch, events: events, at: 1_000)
        )
        #expect(try position(of: store) == maker.position)
    }

    @Test func `the reserve is room enough for one more opening`() throws {
        let store = try SQLiteStore(folder: folder.data)
        var maker = BatchMaker(following: store.identity)
        _ = try fill(store, &maker)
        try takeAllRoom()
        store.releaseReserve()
        store.close()

        let rescue = try SQLiteStore(folder: folder.data, isRescue: true)
        #expect(rescue.identity.lastPosition == maker.position - 1)
        var next = BatchMaker(following: rescue.identity)
        for _ in 1...20 { try rescue.commit(next.next(1)) }
    }

    @Test func `a new store on a full disk says so`() throws {
        try takeAllRoom()
        let fault = #expect(throws: StoreFault.self) { try SQLiteStore(folder: folder.data) }
        guard case .full = try #require(fault) else { throw try #require(fault) }
    }

    /// One event of 10 kB and one row a batch, until it fails; the fault.
    private func fill(_ store: SQLiteStore, _ maker: inout BatchMaker) throws -> StoreFault {
        let body = [UInt8](repeating: UInt8(ascii: "1"), count: 10_000)
        while true {
            let key = "job-\(maker.position)"
            let row = RowChange(table: .jobs, product: "p", key: key, body: body)
            do throws(StoreFault) {
                try store.commit(maker.next(1, rows: [row]))
            } catch {
                return error
            }
        }
    }

    /// The last position, once it is checked that each batch up to it is there, with its row.
    private func position(of store: SQLiteStore) throws -> UInt64 {
        let batches = try store.batches(from: 1, limit: .max)
        #expect(batches.map(\.firstPosition) == Array(1...UInt64(batches.count)))
        let rows = try store.load().count
        #expect(batches.count - rows <= 1, "each batch but the last one brought a row")
        return try #require(batches.last).lastPosition
    }

    /// Takes what room is left.
    private func takeAllRoom() throws {
        var size = 1 << 20
        var number = 0
        while size >= 4_096 {
            number += 1
            do {
                let path = folder.path + "/filler-\(number)"
                try writeAll([UInt8](repeating: 1, count: size), to: path)
            } catch {
                size /= 2
            }
        }
    }
}
