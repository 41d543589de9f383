import FleetCore
import FleetModel
import FleetTesting
import HTTPServing
import Testing

@testable import Coordinator

struct AuthorityTests {
    private let authority = Authority(
        operatorToken: "operator",
        name: "user:alice",
        readsNeedToken: false,
        clock: { Instant(milliseconds: 1000) }
    )
    private let model: ReadModel

    init() {
        var fleet = TestFleet()
        for name in ["a", "b"] as [FactoryID] {
            var registration = Registration.example(name)
            registration.tokenHash = Digest(sha256: "token-\(name)").hex
            fleet.run(.register(registration))
        }
        model = ReadModel(state: fleet.state, settings: fleet.fleet.settings, now: .epoch)
    }

    @Test(arguments: [
        "", "operator", "Basic operator", "bearer operator", "Bearer", "Bearer ",
        "Bearer operator ", "Bearer Operator", "Bearer token-c", "Bearer  operator",
    ])
    func `What is no known bearer token is refused`(header: String) throws {
        let problem = #expect(throws: Problem.self) {
            try authority.caller(of: request(header), model)
        }
        #expect(problem?.status == 401)
    }

    @Test func `A hash is no token`() throws {
        let hash = Digest(sha256: "token-a").hex
        #expect(throws: Problem.self) {
            try authority.caller(of: request("Bearer \(hash)"), model)
        }
    }

    @Test func `Without a token one reads on loopback, and nowhere else`() throws {
        #expect(try authority.caller(of: request(nil), model) == .reader)
        let problem = #expect(throws: Problem.self) {
            try authority.caller(of: request(nil, isLoopback: false), model)
        }
        #expect(problem?.code == "auth.no-token")
        #expect(problem?.status == 401)
    }

    @Test func `Behind a proxy nobody reads without a token, on loopback neither`() throws {
        let authority = Authority(
            operatorToken: "operator",
            name: "user:alice",
            readsNeedToken: true,
            clock: { .epoch }
        )
        #expect(throws: Problem.self) { try authority.caller(of: request(nil), model) }
        let known = try authority.caller(of: request("Bearer operator"), model)
        #expect(
            known
                == .person(
                    Authority.Bearer(
                        principal: .person("user:alice"),
                        role: .admin,
                        products: [],
                        owner: "alice"
                    )
                )
        )
    }

    @Test func `Without a token nothing is changed, on loopback neither`() throws {
        let problem = #expect(throws: Problem.self) {
            try authority.person(request(nil), model)
        }
        #expect(problem?.code == "auth.no-token")
        #expect(throws: Problem.self) { try authority.factory(request(nil), model) }
    }

    @Test func `The operator's token is a person's, from anywhere`() throws {
        for isLoopback in [true, false] {
            let request = request("Bearer operator", isLoopback: isLoopback)
            #expect(try authority.person(request, model) == .person("user:alice"))
        }
    }

    @Test func `The operator is no factory`() throws {
        let problem = #expect(throws: Problem.self) {
            try authority.factory(request("Bearer operator"), model)
        }
        #expect(problem?.code == "auth.not-a-factory")
    }

    @Test func `A factory is no person`() throws {
        let problem = #expect(throws: Problem.self) {
            try authority.person(request("Bearer token-a"), model)
        }
        #expect(problem?.code == "auth.factory-token")
        #expect(problem?.status == 403)
    }

    @Test func `A factory acts for itself only`() throws {
        #expect(try authority.factory(request("Bearer token-a"), model) == "a")
        #expect(try authority.factory(request("Bearer token-a"), model, named: "a") == "a")
        let problem = #expect(throws: Problem.self) {
            try authority.factory(request("Bearer token-a"), model, named: "b")
        }
        #expect(problem?.code == "auth.other-factory")
        #expect(problem?.status == 403)
    }

    @Test func `A token in the address is no token`() throws {
        let target = try #require(RequestTarget("/fleet/jobs?access_token=operator"))
        let request = HTTPRequest(method: .get, target: target)
        #expect(try authority.caller(of: request, model) == .reader)
        #expect(throws: Problem.self) { try authority.person(request, model) }
    }

    @Test func `A removed factory's token is worth nothing`() throws {
        var fleet = TestFleet()
        var registration = Registration.example("a")
        registration.tokenHash = Digest(sha256: "token-a").hex
        let turn = fleet.run(.register(registration))
        let model = ReadModel(state: FleetState(), settings: fleet.fleet.settings, now: .epoch)
        for event in fleet.events { model.take(Publication(events: [event])) }
        #expect(try authority.factory(request("Bearer token-a"), model) == "a")
        #expect(turn.events.count == 1)
        let removal = fleet.run(.remove("a", reason: "gone", by: .alice))
        model.take(Publication(events: removal.events))
        #expect(throws: Problem.self) { try authority.factory(request("Bearer token-a"), model) }
    }

    @Test func `A factory that comes back with a new token loses the old one`() throws {
        var fleet = TestFleet()
        for token in ["first", "second"] {
            var registration = Registration.example("a", boot: token)
            registration.tokenHash = Digest(sha256: token).hex
            fleet.run(.register(registration))
        }
        let model = ReadModel(state: FleetState(), settings: fleet.fleet.settings, now: .epoch)
        model.take(Publication(events: fleet.events))
        #expect(try authority.factory(request("Bearer second"), model) == "a")
        #expect(throws: Problem.self) { try authority.factory(request("Bearer first"), model) }
    }

    private func request(_ header: String?, isLoopback: Bool = true) -> HTTPRequest {
        guard let target = RequestTarget("/fleet/jobs") else {
            preconditionFailure("this target is well-formed")
        }
        var headers = HTTPHeaders()
        headers["Authorization"] = header
        return HTTPRequest(
            method: .get,
            target: target,
            headers: headers,
            remoteAddress: isLoopback ? "127.0.0.1" : "192.0.2.1",
            isLoopback: isLoopback
        )
    }
}
