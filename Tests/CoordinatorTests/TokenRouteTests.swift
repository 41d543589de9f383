import FleetCore
import FleetModel
import FleetProtocol
import FleetTesting
import HTTPServing
import Testing

@testable import Coordinator

/// Roles at every route, on a real socket.
struct TokenRouteTests {
    private let rig: ServerRig

    init() throws {
        rig = try ServerRig()
        try rig.furnish()
    }

    private func issue(
        _ name: String,
        _ role: Role,
        products: [String]? = nil,
        seconds: Int64? = nil,
        agent: Bool? = nil,
        headers: HTTPHeaders = [:]
    ) throws -> HTTPResponse {
        let request = TokenRequest(
            name: name,
            role: role,
            products: products,
            lifetimeSeconds: seconds,
            agent: agent
        )
        let body = JSONBody.bytes(request) ?? []
        return try rig.ask(.post, "/fleet/tokens", body, headers: headers)
    }

    private func secret(_ response: HTTPResponse) throws -> String {
        let reply = try rig.value(TokenReply.self, response)
        guard let secret = reply.secret else { throw ServerRig.Unexpected(text: response.text) }
        return secret
    }

    /// Every call but the one that never ends, with a path that is well-formed.
    private var calls: [(HTTPMethod, String, Call.Who)] {
        FleetAPI.calls.filter { $0.name != "openStream" }.map { call in
            let path = call.pathForms.reduce(call.pattern) { path, parameter in
                path.replacing("{\(parameter.name)}", with: parameter.form.example)
            }
            let query = call.parameters.filter(\.isRequired).map { "\($0.name)=1" }
            return (
                call.method, path + (query.isEmpty ? "" : "?" + query.joined(separator: "&")),
                call.who
            )
        }
    }

    @Test(arguments: Role.allCases)
    func `each role passes exactly the doors that are open to it`(role: Role) throws {
        let token = try secret(issue("someone", role))
        for (method, path, who) in calls where !who.roles.isEmpty {
            let response = try rig.ask(method, path, token: token, method == .get ? [] : [123])
            let isRefused = response.problem?.code == "auth.role"
            #expect(isRefused == !who.roles.contains(role), "\(method) \(path) \(role)")
            if isRefused { #expect(response.status == 403) }
        }
    }

    @Test func `every call that changes something is behind a door`() {
        for (method, path, who) in calls where method != .get {
            #expect(![Call.Who.anybody, .reader, .listener].contains(who), "\(path)")
        }
    }

    @Test func `without a token nothing changes, on loopback neither`() throws {
        for (method, path, _) in calls where method != .get {
            let response = try rig.ask(method, path, token: nil, [123])
            #expect(response.status == 401, "\(method) \(path): \(response.status)")
        }
        #expect(try rig.ask(.get, "/fleet/tokens", token: nil).status == 401)
        #expect(try rig.ask(.get, "/fleet/jobs", token: nil).status == 200)
    }

    @Test func `a revoked token is worth nothing, from the next call on`() throws {
        let token = try secret(issue("bob", .viewer))
        #expect(try rig.ask(.get, "/fleet/jobs", token: token).status == 200)
        #expect(try rig.ask(.delete, "/fleet/tokens/bob").status == 200)
        let response = try rig.ask(.get, "/fleet/jobs", token: token)
        #expect(response.status == 401)
        #expect(response.problem?.code == "auth.token-over")
    }

    @Test func `the secret is in its answer and nowhere else`() throws {
        let headers: HTTPHeaders = ["Idempotency-Key": "once"]
        let first = try issue("bob", .operator, headers: headers)
        let secret = try secret(first)
        let again = try rig.value(
            TokenReply.self,
            issue("bob", .operator, headers: headers)
        )
        #expect(again.secret == nil && again.token.name == "bob")
        let texts = try [
            rig.ask(.get, "/fleet/tokens").text, rig.ask(.get, "/fleet/events").text,
            issue("bob", .operator).text,
        ]
        #expect(texts.allSatisfy { !$0.contains(secret) })
        #expect(texts[1].contains("token.issued") && texts[1].contains("bob"))
        #expect(!texts[0].contains(Digest(sha256: secret).hex), "the list has no hashes either")
    }

    @Test(arguments: [0, -1, 3651 * 86_400])
    func `no token lives for no time, or for ever and a day`(seconds: Int) throws {
        let response = try issue("bob", .viewer, seconds: Int64(seconds))
        #expect(response.problem?.code == "token.bad-form")
    }

    @Test func `a token for one product sees and touches that one`() throws {
        try rig.submit()
        try rig.submit(ServerRig.job.replacing("title", with: "product: side\ntitle"))
        let token = try secret(issue("bob", .operator, products: ["side"]))
        let list = try rig.value(JobList.self, rig.ask(.get, "/fleet/jobs", token: token))
        #expect(list.jobs.map(\.id) == [JobID(2)] && list.total == 1)
        let codes = try [
            rig.ask(.get, "/fleet/jobs/job-1", token: token),
            rig.ask(.post, "/fleet/jobs/job-1/cancel", token: token),
            rig.ask(.get, "/fleet/runs/job-1.1/log", token: token),
            rig.ask(.post, "/fleet/products/main/pause", token: token),
            rig.ask(.get, "/fleet/stream?product=main", token: token),
            rig.ask(
                .post,
                "/fleet/jobs",
                token: token,
                Array(ServerRig.job.utf8),
                headers: ["Content-Type": "text/markdown"]
            ),
        ].map { $0.problem?.code }
        #expect(codes == Array(repeating: "auth.other-product", count: 6))
        let halt = try rig.ask(.post, "/fleet/resume", token: token)
        #expect(halt.problem?.code == "auth.fleet-wide")
        let events = try rig.ask(.get, "/fleet/events", token: token).text
        #expect(events.contains("\"job-2\"") && !events.contains("\"job-1\""))
        #expect(!events.contains("token.issued"), "the fleet's own events are not a product's")
        #expect(try rig.ask(.post, "/fleet/jobs/job-2/cancel", token: token).status == 200)
    }

    @Test func `mine lists what one's own person submitted, by whichever token`() throws {
        try rig.submit()
        let token = try secret(issue("bob", .operator))
        let headers: HTTPHeaders = ["Content-Type": "text/markdown"]
        let body = Array(ServerRig.job.utf8)
        #expect(
            try rig.ask(.post, "/fleet/jobs", token: token, body, headers: headers).status == 201
        )
        let mine = try rig.value(JobList.self, rig.ask(.get, "/fleet/jobs?mine=true", token: token))
        #expect(mine.jobs.map(\.owner) == ["bob"] && mine.total == 1)
        #expect(try rig.ask(.get, "/fleet/jobs?mine=true", token: nil).status == 401)
        #expect(try rig.ask(.get, "/fleet/jobs?mine=perhaps", token: token).status == 400)
    }

    @Test func `a join token lets a factory join, and does nothing else`() throws {
        let token = try secret(issue("joiner", .factory))
        let example = Registration.example("f")
        let request = RegisterRequest(
            name: "f",
            boot: "b",
            facts: example.facts,
            stations: example.stations
        )
        #expect(try rig.send(.post, "/fleet/factories", token: token, request).status == 201)
        #expect(try rig.ask(.get, "/fleet/jobs", token: token).problem?.code == "auth.role")
        let viewer = try secret(issue("viewer", .viewer))
        let refused = try rig.send(.post, "/fleet/factories", token: viewer, request)
        #expect(refused.problem?.code == "auth.role")
    }
}
