import FleetCore
import FleetModel
import FleetPorts
import FleetProtocol
import FleetTesting
import HTTPServing
import Processes
import Stores
import Synchronization
import Testing

@testable import Coordinator

/// `Idempotency-Key`: a mutation that is sent again is answered again, and done once.
struct RequestKeyTests {
    @Test func `The same key with another body is refused`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        #expect(try submit(rig, ServerRig.job, key: "k").status == 201)
        let other = try submit(rig, ServerRig.job + " Better.", key: "k")
        #expect(other.status == 409)
        #expect(other.problem?.code == "request.key-reused")
        #expect(try total(rig) == 1)
    }

    @Test func `The same key at another path is refused`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        try rig.submit()
        try rig.submit()
        let headers: HTTPHeaders = ["Idempotency-Key": "k"]
        #expect(try rig.ask(.post, "/fleet/jobs/job-1/cancel", headers: headers).status == 200)
        #expect(try rig.ask(.post, "/fleet/jobs/job-2/cancel", headers: headers).status == 409)
    }

    @Test func `A key in quotes is the same key`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        let first = try submit(rig, ServerRig.job, key: "\"k-1\"")
        #expect(first.status == 201)
        #expect(try submit(rig, ServerRig.job, key: "k-1").body == first.body)
        #expect(try total(rig) == 1)
    }

    @Test(arguments: ["", "two words", String(repeating: "k", count: 256)])
    func `A key of no use is refused`(key: String) throws {
        let rig = try ServerRig()
        try rig.furnish()
        #expect(try submit(rig, ServerRig.job, key: key).status == 400)
        #expect(try total(rig) == 0)
    }

    @Test func `A repeat gets the stored reply, and nothing is done twice`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        let first = try submit(rig, ServerRig.job, key: "k")
        let again = try submit(rig, ServerRig.job, key: "k")
        #expect(first.status == 201)
        #expect(again.status == first.status && again.body == first.body)
        #expect(again.header("Content-Type") == first.header("Content-Type"))
        #expect(try total(rig) == 1)
    }

    @Test func `Without a key, or with another one, it is a new request`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        for key in ["a", nil, "b", nil] {
            #expect(try submit(rig, ServerRig.job, key: key).status == 201)
        }
        #expect(try total(rig) == 4)
    }

    @Test func `A refusal is not kept: the same request may succeed later`() throws {
        let rig = try ServerRig()
        let early = try submit(rig, ServerRig.job, key: "k")
        #expect(!early.isSuccess)
        try rig.furnish()
        #expect(try submit(rig, ServerRig.job, key: "k").status == 201)
    }

    @Test func `The reply outlives a restart`() throws {
        let first = try ServerRig()
        try first.furnish()
        let reply = try submit(first, ServerRig.job, key: "k")
        first.server.stop()
        let second = try ServerRig(disk: first.disk)
        let again = try submit(second, ServerRig.job, key: "k")
        #expect(again.status == 201 && again.body == reply.body)
        #expect(try total(second) == 1)
    }

    @Test func `Reply and change are stored in one batch, the reply of no change too`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        _ = try submit(rig, ServerRig.job, key: "k")
        let batch = try #require(rig.store.read { $0.batches.last })
        #expect(batch.replies.map(\.status) == [201])
        #expect(batch.touched.map(\.job) == ["job-1"])
        let headers: HTTPHeaders = ["Idempotency-Key": "same", "Content-Type": "application/json"]
        let shop = JSONBody.bytes(Repository.shop) ?? []
        #expect(try rig.ask(.put, "/fleet/repos/shop", shop, headers: headers).status == 200)
        let last = try #require(rig.store.read { $0.batches.last })
        #expect(last.events == nil && last.replies.count == 1)
    }

    @Test func `Two of one key in one batch are one change`() throws {
        let rig = try WriterRig()
        try rig.furnish()
        let request = Writer.Repeatable(key: "alice\nk", hash: "h") { _ in (201, [1, 2]) }
        let command = Command.submit([.example()], by: .alice)
        try rig.together {
            for name in ["first", "second"] {
                rig.writer.submit(command, repeatable: request) { result in
                    rig.answers.change { $0[name] = result }
                }
            }
        }
        #expect(try rig.answer("first").get().repeated == nil)
        #expect(try rig.answer("second").get().repeated?.body == [1, 2])
        #expect(rig.model.read(at: .epoch) { $0.reading.state.jobs.count } == 1)
        rig.writer.stop()
    }

    @Test func `A key lasts a day`() throws {
        let rig = try WriterRig()
        try rig.furnish()
        let request = Writer.Repeatable(key: "alice\nk", hash: "h") { _ in (201, []) }
        for (name, wait) in [("first", 0), ("day", StoredReply.lifetime), ("later", 1)] {
            rig.clock.withLock { $0 = $0.advanced(by: .milliseconds(wait)) }
            rig.writer.submit(.submit([.example()], by: .alice), repeatable: request) { result in
                rig.answers.change { $0[name] = result }
            }
            _ = try rig.answer(name)
        }
        #expect(try rig.answer("day").get().repeated != nil)
        #expect(try rig.answer("later").get().repeated == nil)
        rig.writer.stop()
    }

    private func submit(_ rig: ServerRig, _ text: String, key: String?) throws -> HTTPResponse {
        var headers: HTTPHeaders = ["Content-Type": "text/markdown"]
        headers["Idempotency-Key"] = key
        return try rig.ask(.post, "/fleet/jobs", Array(text.utf8), headers: headers)
    }

    private func total(_ rig: ServerRig) throws -> Int {
        try rig.value(JobList.self, rig.ask(.get, "/fleet/jobs")).total
    }
}
