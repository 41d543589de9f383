import FleetCore
import FleetModel
import FleetProtocol
import FleetTesting
import Glibc
import HTTPServing
import Processes
import Stores
import Testing

@testable import Coordinator

/// A factory that a person removed stays away until a person lets its name in again.
struct RemovedFactoryTests {
    private func request(_ name: String) -> RegisterRequest {
        let example = Registration.example(FactoryID(name))
        return RegisterRequest(
            name: name,
            boot: "boot-2",
            facts: example.facts,
            stations: example.stations
        )
    }

    private func removed() throws -> (ServerRig, token: String) {
        let rig = try ServerRig()
        try rig.furnish()
        let token = try rig.enlist()
        #expect(try rig.ask(.delete, "/fleet/factories/f").status == 200)
        return (rig, token)
    }

    @Test func `Whatever it asks, it is told who removed it`() throws {
        let (rig, token) = try removed()
        let beat = HeartbeatRequest(boot: "boot-1", held: [], load: 0)
        let answers = [
            try rig.send(.put, "/fleet/factories/f/heartbeat", token: token, beat),
            try rig.send(.post, "/fleet/factories", token: token, request("f")),
            try rig.send(.post, "/fleet/factories", token: token, request("g")),
            try rig.ask(.get, "/fleet/stream?topic=orders", token: token),
        ]
        for answer in answers {
            #expect(answer.status == 403 && answer.problem?.code == "factory.removed")
            #expect(answer.problem?.detail.hasPrefix("user:alice removed it at ") == true)
        }
        let list = try rig.value(FactoryList.self, rig.ask(.get, "/fleet/factories"))
        #expect(list.factories.isEmpty)
    }

    @Test func `A person lets the name in again, and the old token stays out`() throws {
        let (rig, old) = try removed()
        let token = try rig.enlist()
        #expect(token != old)
        let beat = HeartbeatRequest(boot: "boot-1", held: [], load: 0)
        let path = "/fleet/factories/f/heartbeat"
        #expect(try rig.send(.put, path, token: token, beat).status == 200)
        #expect(try rig.send(.put, path, token: old, beat).problem?.code == "factory.removed")
        #expect(try rig.ask(.delete, "/fleet/factories/f").status == 200)
        for gone in [old, token] {
            #expect(try rig.send(.put, path, token: gone, beat).problem?.code == "factory.removed")
        }
    }

    @Test func `A restart does not forget it`() throws {
        let (rig, token) = try removed()
        rig.server.stop()
        let second = try ServerRig(disk: rig.disk)
        let answer = try second.send(.post, "/fleet/factories", token: token, request("f"))
        #expect(answer.problem?.code == "factory.removed")
        second.server.stop()
        let store = MemoryStore(on: rig.disk)
        #expect(try Replay.check(store, against: store.load()).differences == [])
    }
}

/// A claim waits for its client, and no longer than that.
struct AbandonedClaimTests {
    @Test func `A claim whose client has left gets nothing`() throws {
        let rig = try WriterRig()
        try rig.furnish()
        rig.claim("first", "c-1")
        let waiting = try #require(rig.tickets.read { $0["first"] })
        rig.writer.abandon(waiting)
        try rig.perform(.submit([.example("a")], by: .alice))
        rig.claim("second", "c-2")
        #expect(try rig.claimAnswer("second").get().map(\.lease.job) == [JobID(1)])
        #expect(rig.claims.read { $0["first"] } == nil)
        rig.writer.stop()
    }

    @Test func `A claim that was repeated is not given up with its first connection`() throws {
        let rig = try WriterRig()
        try rig.furnish()
        rig.claim("first", "c-1")
        rig.claim("repeat", "c-1")
        #expect(try rig.claimAnswer("first").get().isEmpty)
        rig.writer.abandon(try #require(rig.tickets.read { $0["first"] }))
        try rig.perform(.submit([.example("a")], by: .alice))
        #expect(try rig.claimAnswer("repeat").get().map(\.lease.job) == [JobID(1)])
        rig.writer.stop()
    }

    @Test func `A client that closes its connection takes its claim back`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        let token = try rig.enlist()
        let cancellation = Cancellation()
        let claim = ClaimRequest(
            id: "c-1",
            factory: "f",
            boot: "boot-1",
            free: [.shell(1)],
            takesShip: true,
            waitMilliseconds: 30_000
        )
        let url = rig.url("/fleet/leases/claim")
        let ended = Monitor(false)
        try DedicatedThread.start { [client = rig.client] in
            let request = HTTPClientRequest(
                .post,
                url,
                headers: [
                    "Authorization": "Bearer \(token)", "Content-Type": "application/json",
                ],
                body: JSONBody.bytes(claim) ?? []
            )
            _ = try? client.send(request, cancellation: cancellation)
            ended.change { $0 = true }
        }
        #expect(rig.server.waits { $0.seen["f"]?.claim?.id == "c-1" })
        cancellation.cancel()
        #expect(ended.wait(until: .after(.seconds(20))) { $0 ? true : nil } == true)
        #expect(rig.server.waits { $0.seen["f"]?.claim == nil })
        let id = try rig.submit()
        let granted = try rig.claim("c-2", token: token)
        #expect(granted.map(\.lease.job) == [id])
    }
}

extension CoordinatorServer {
    /// Looks at what readers see until it is so; false when it never is.
    func waits(until isSo: (FleetReading) -> Bool) -> Bool {
        let end = Deadline.after(.seconds(20))
        while !end.hasPassed {
            if isSo(reading) { return true }
            sched_yield()
        }
        return false
    }
}
