import FleetPorts
import FleetTesting
import Foundation
import Stores
import Synchronization
import Testing

@Suite struct SQLiteHistoryTests {
    /// Events and row of one batch become visible together, and what was seen stays.
    @Test func `readers on other threads see whole batches only`() throws {
        let folder = try ScratchFolder()
        let store = try SQLiteStore(folder: folder.data)
        let watch = Watch(try store.history())
        let readers = DispatchGroup()
        for _ in 1...2 {
            readers.enter()
            Thread {
                watch.read()
                readers.leave()
            }.start()
        }
        do {
            defer {
                watch.isDone.store(true, ordering: .releasing)
                readers.wait()
            }
            var maker = BatchMaker(following: store.identity)
            for number in 1...300 {
                let row = RowChange(
                    table: .state,
                    product: "fleet",
                    key: "last",
                    body: Array("\(number)".utf8)
                )
                try store.commit(maker.next(1, rows: [row]))
            }
        }
        #expect(watch.faults.withLock { $0 } == [])
        #expect(watch.rounds.load(ordering: .relaxed) >= 2)
        #expect(try watch.row() == 300)
    }
}

/// What the readers look at, and what they found.
private final class Watch: Sendable {
    let isDone = Atomic(false)
    let rounds = Atomic(0)
    let faults = Mutex<[String]>([])
    private let history: any StoreHistory

    init(_ history: any StoreHistory) { self.history = history }

    func read() {
        var before: UInt64 = 0
        repeat {
            do {
                let first = try row()
                let last = try history.batches(from: 1, limit: .max).last?.lastPosition ?? 0
                let second = try row()
                if !(before <= first && first <= last && last <= second) {
                    faults.withLock { $0.append("\(before), \(first), \(last), \(second)") }
                }
                before = second
            } catch {
                faults.withLock { $0.append("\(error)") }
            }
            rounds.add(1, ordering: .relaxed)
        } while !isDone.load(ordering: .acquiring)
    }

    func row() throws -> UInt64 {
        let body = try history.fetch(table: .state, product: "fleet", key: "last")
        return body.flatMap { UInt64(String(decoding: $0, as: UTF8.self)) } ?? 0
    }
}
