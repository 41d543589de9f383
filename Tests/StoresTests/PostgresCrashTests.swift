import Coordinator
import FleetCore
import FleetModel
import FleetPorts
import FleetTesting
import Foundation
import Processes
import Routing
import Stores
import Testing

/// A whole writer over a server that is stopped at once, again and again.
@Suite(.enabled(if: PostgresServer.isInstalled, PostgresServer.notInstalled))
struct PostgresCrashTests {
    private struct Progress: Sendable {
        /// Positions that were acknowledged, with the name that each put there.
        var acknowledged: [UInt64: String] = [:]
        var running = 4
        var isEnough = false
        var faults: [StoreFault] = []
        var outages = 0
        var returns = 0
    }

    @Test func `what four writers were told is stored, over six crashes`() throws {
        let server = try PostgresServer()
        let folder = try ScratchFolder()
        let address = try server.database()
        let progress = Monitor(Progress())
        let writer = try Self.writer(address, folder, progress)
        for client in 1...4 {
            try DedicatedThread.start { Self.submit(as: client, writer, progress) }
        }
        for round in 1...6 {
            let known = progress.read { $0.acknowledged.count }
            try Self.wait(progress) { $0.acknowledged.count >= known + 40 }
            try server.crash()
            // The writer notices in the midst of a commit, as there is always one.
            try Self.wait(progress) { $0.outages >= round }
            try server.start()
            try Self.wait(progress) { $0.returns >= round }
        }
        progress.change { $0.isEnough = true }
        try Self.wait(progress) { $0.running == 0 }
        writer.stop()
        #expect(progress.read { $0.faults } == [])

        let history = try PostgresHistory(address)
        defer { history.close() }
        let outcome = try Replay.check(history, against: try history.load())
        #expect(outcome.differences == [])
        #expect(outcome.events == history.identity.lastPosition)
        var next: UInt64 = 1
        var stored: [UInt64: String] = [:]
        while case let page = try history.batches(from: next, limit: 100), !page.isEmpty {
            for batch in page {
                #expect(batch.firstPosition == next, "a gap")
                let lines = batch.bytes.split(separator: UInt8(ascii: "\n"))
                for (index, line) in lines.enumerated() {
                    stored[next + UInt64(index)] = String(decoding: line, as: UTF8.self)
                }
                next = batch.lastPosition + 1
            }
        }
        let acknowledged = progress.read { $0.acknowledged }
        #expect(acknowledged.count >= 240)
        for (position, name) in acknowledged {
            #expect(stored[position]?.contains("\"\(name)\"") == true, "\(name) at \(position)")
        }
    }

    private static func writer(
        _ address: PostgresAddress,
        _ folder: ScratchFolder,
        _ progress: Monitor<Progress>
    ) throws -> Writer {
        let store = try PostgresStore(address, folder: folder.data)
        let writer = Writer()
        try writer.start(
            fleet: Fleet(
                state: FleetState(),
                settings: FleetSettings(fleetID: store.identity.fleetID, weights: .standard),
                coding: Explanations.coded
            ),
            store: store,
            clock: { Instant(milliseconds: 1_000_000) },
            salt: { [1, 2, 3] },
            publish: { _ in },
            fail: { fault in progress.change { $0.faults.append(fault) } },
            notice: { fault in
                progress.change { if fault == nil { $0.returns += 1 } else { $0.outages += 1 } }
            }
        )
        return writer
    }

    /// One command after another, each until it is acknowledged.
    private static func submit(as client: Int, _ writer: Writer, _ progress: Monitor<Progress>) {
        var number = 0
        while !progress.read({ $0.isEnough || !$0.faults.isEmpty }) {
            number += 1
            let name = "repo-\(client)-\(number)"
            let repository = Repository(name: name, url: "/srv/\(name)", target: "main")
            while true {
                let returns = progress.read { $0.returns }
                let answer = Monitor<Result<Writer.Committed, Refusal>?>(nil)
                writer.submit(.putRepository(repository, by: .alice)) { result in
                    answer.change { $0 = result }
                }
                guard let result = answer.wait(until: .after(.seconds(120)), for: { $0 }) else {
                    break
                }
                if case .success(let committed) = result {
                    if let position = committed.position {
                        progress.change { $0.acknowledged[position] = name }
                    }
                    break
                }
                // Refused because the store is away: nothing more can be done before it is back.
                _ = progress.wait(until: .after(.seconds(120))) {
                    $0.returns > returns || $0.isEnough || !$0.faults.isEmpty ? true : nil
                }
            }
        }
        progress.change { $0.running -= 1 }
    }

    private static func wait(
        _ progress: Monitor<Progress>,
        _ isReached: (Progress) -> Bool
    ) throws {
        let reached = progress.wait(until: .after(.seconds(120))) { isReached($0) ? true : nil }
        let state = progress.read { "\($0.acknowledged.count), \($0.outages), \($0.returns)" }
        try #require(reached == true, "\(state), \(progress.read { $0.faults })")
    }
}
