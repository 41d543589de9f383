import FleetCore
import FleetModel
import FleetProtocol
import FleetTesting
import Glibc
import HTTPServing
import Processes
import Routing
import Testing

@testable import Coordinator

/// What was opened by a token ends with the token, on a real socket.
struct EndedRightTests {
    private let rig: ServerRig

    init() throws {
        rig = try ServerRig()
        try rig.furnish()
    }

    private func issue(_ name: String, products: [String]? = nil, seconds: Int64? = nil) throws
        -> String
    {
        let request = TokenRequest(
            name: name,
            role: .viewer,
            products: products,
            lifetimeSeconds: seconds
        )
        let reply = try rig.value(TokenReply.self, rig.send(.post, "/fleet/tokens", request))
        return try #require(reply.secret)
    }

    /// The problem that a stream ended with; nothing may have come before it but `events`.
    private func problem(_ reader: StreamReader, after events: Int = 0) throws -> Problem {
        let came = try reader.finished()
        let last = try #require(came.last)
        #expect(came.count == events + 1 && last.event == "end" && last.id == nil)
        #expect(reader.wasClosed, "the server closed it")
        return try #require(JSONBody.value(Problem.self, Array(last.data.utf8)))
    }

    @Test func `A revoked token's stream ends with the reason, and others go on`() throws {
        let (token, other) = (try issue("bob"), try issue("carol"))
        let reader = try StreamReader(rig, "/fleet/stream", token: token, events: 9)
        let neighbour = try StreamReader(rig, "/fleet/stream", token: other, events: 2)
        let open = try StreamReader(rig, "/fleet/stream", events: 2)
        try #require(rig.waitForStreams(3))
        #expect(try rig.ask(.delete, "/fleet/tokens/bob").status == 200)
        let problem = try problem(reader)
        #expect(problem.code == "auth.token-over" && problem.detail == "It was revoked")
        try rig.submit()
        #expect(try neighbour.finished().map(\.event) == ["event", "event"])
        #expect(try open.finished().map(\.event) == ["event", "event"])
    }

    @Test func `A stream ends at the instant at which its token expires`() throws {
        let started = ContinuousClock.now
        let token = try issue("bob", products: ["main"], seconds: 2)
        let reader = try StreamReader(rig, "/fleet/stream", token: token, events: 9)
        try #require(rig.waitForStreams(1))
        let problem = try problem(reader)
        #expect(problem.code == "auth.token-over" && problem.detail == "It has expired")
        let lasted = ContinuousClock.now - started
        #expect(lasted >= .milliseconds(1_990), "not before: \(lasted)")
    }

    @Test func `A reader that takes nothing gets no more than was on its way`() throws {
        let token = try issue("bob")
        let stalled = try StalledReader(
            port: rig.server.port,
            "/fleet/stream?after=0",
            token: token
        )
        try #require(rig.waitForStreams(1))
        let long = ServerRig.job + String(repeating: "word ", count: 20_000)
        for _ in 0..<20 { try rig.submit(long) }
        #expect(try rig.ask(.delete, "/fleet/tokens/bob").status == 200)
        for _ in 0..<20 { try rig.submit(long) }
        var text = ""
        while !text.hasSuffix("\r\n0\r\n\r\n"), let more = stalled.more() { text += more }
        #expect(text.contains("event: end\n"))
        #expect(!text.contains("token.revoked") && !text.contains("job-21"))
        #expect(rig.waitForStreams(0))
    }

    @Test func `A removed factory's orders and claims end with the reason`() throws {
        let token = try rig.enlist()
        let stays = try rig.enlist("g")
        let orders = try StreamReader(rig, "/fleet/stream?topic=orders", token: token, events: 9)
        let events = try StreamReader(rig, "/fleet/stream", token: token, events: 9)
        let other = try StreamReader(rig, "/fleet/stream?topic=orders", token: stays, events: 1)
        try #require(rig.waitForStreams(3))
        let claim = try waitingClaim(token)
        #expect(try rig.ask(.delete, "/fleet/factories/f").status == 200)
        let answers = try [problem(orders), problem(events), #require(claim()?.problem)]
        for problem in answers {
            #expect(problem.code == "factory.removed" && problem.status == 403)
            #expect(problem.detail.hasPrefix("user:alice removed it at "))
        }
        #expect(try rig.ask(.post, "/fleet/factories/g/drain").status == 200)
        #expect(try other.finished().map(\.event) == ["order"])
    }

    @Test func `A factory that joins anew ends what its old token had opened`() throws {
        let token = try rig.enlist()
        let orders = try StreamReader(rig, "/fleet/stream?topic=orders", token: token, events: 9)
        let events = try StreamReader(rig, "/fleet/stream", token: token, events: 9)
        try #require(rig.waitForStreams(2))
        #expect(try rig.ask(.delete, "/fleet/factories/f").status == 200)
        _ = try rig.enlist()
        #expect(try problem(orders).code == "factory.removed")
        #expect(try problem(events).code == "factory.removed")
    }

    @Test func `Who waits for a log by a revoked token waits no longer`() throws {
        let factory = try rig.enlist()
        try rig.submit()
        let run = try #require(try rig.claim("c-1", token: factory).first)
        let token = try issue("bob")
        let path = "/fleet/runs/\(run.lease.run)/log?wait=30000"
        let answer = Monitor<HTTPResponse?>(nil)
        try DedicatedThread.start { [rig] in
            let response = try? rig.ask(.get, path, token: token)
            answer.change { $0 = response ?? .empty(599) }
        }
        let limit = Deadline.after(.seconds(20))
        while rig.server.waitingForLogs == 0, !limit.hasPassed { sched_yield() }
        try #require(rig.server.waitingForLogs == 1)
        #expect(try rig.ask(.delete, "/fleet/tokens/bob").status == 200)
        let response = answer.wait(until: .after(.seconds(20))) { $0 }
        #expect(response?.problem?.code == "auth.token-over")
    }

    @Test func `A token whose rights become others ends what it had opened`() throws {
        let token = Token(
            name: "bob",
            hash: Digest(sha256: "secret").hex,
            role: .viewer,
            owner: "bob",
            issuedAt: .epoch
        )
        var state = FleetState()
        state.apply(issued(token, at: 1))
        let model = ReadModel(
            state: state,
            settings: FleetSettings(fleetID: "abcdefghij", weights: .standard),
            now: .epoch
        )
        let authority = Authority(
            operatorToken: ServerRig.operatorToken,
            name: "user:alice",
            readsNeedToken: false,
            clock: { .epoch }
        )
        let target = try #require(RequestTarget("/fleet/stream"))
        let request = HTTPRequest(
            method: .get,
            target: target,
            headers: ["Authorization": "Bearer secret"]
        )
        let standing = try #require(try authority.standing(of: request, model))
        #expect(standing.end() == nil)
        var bounded = token
        bounded.products = ["main"]
        model.take(Publication(events: [issued(bounded, at: 2)]))
        #expect(standing.end()?.code == "auth.token-over")
    }

    private func issued(_ token: Token, at position: UInt64) -> Event {
        Event(
            position: position,
            product: Event.fleetProduct,
            seq: position,
            at: .epoch,
            actor: .person("user:alice"),
            body: .tokenIssued(token)
        )
    }

    private func waitingClaim(_ token: String) throws -> () -> HTTPResponse? {
        let claim = ClaimRequest(
            id: "c-1",
            factory: "f",
            boot: "boot-1",
            free: [.shell(1)],
            takesShip: true,
            waitMilliseconds: 30_000
        )
        let answer = Monitor<HTTPResponse?>(nil)
        try DedicatedThread.start { [rig] in
            let response = try? rig.send(.post, "/fleet/leases/claim", token: token, claim)
            answer.change { $0 = response ?? .empty(599) }
        }
        try #require(rig.server.waits { $0.seen["f"]?.claim?.id == "c-1" })
        return { answer.wait(until: .after(.seconds(20))) { $0 } }
    }
}
