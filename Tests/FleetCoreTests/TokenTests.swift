import FleetCore
import FleetModel
import FleetTesting
import Testing

/// Tokens that are issued and revoked, and who a principal is.
@Suite struct TokenTests {
    private func order(
        _ name: String = "bob",
        _ role: Role = .operator,
        products: [String] = [],
        owner: String? = nil,
        isAgent: Bool = false,
        lifetime: Timespan? = nil
    ) -> TokenOrder {
        TokenOrder(
            name: name,
            hash: "hash of \(name)",
            role: role,
            products: products,
            owner: owner,
            isAgent: isAgent,
            lifetime: lifetime
        )
    }

    @Test func `a token is valid until its end, and not at its end`() throws {
        var fleet = TestFleet()
        fleet.run(.issueToken(order(lifetime: .hours(1)), by: .alice))
        let token = try #require(fleet.state.tokens["bob"])
        #expect(token.isValid(at: fleet.now))
        #expect(token.isValid(at: fleet.now.advanced(by: .milliseconds(3_599_999))))
        #expect(!token.isValid(at: fleet.now.advanced(by: .hours(1))))
        #expect(fleet.replayed() == fleet.state)
    }

    @Test func `a name is taken until its token is over`() {
        var fleet = TestFleet()
        fleet.run(.issueToken(order(lifetime: .hours(1)), by: .alice))
        #expect(fleet.refusal(of: .issueToken(order(), by: .alice))?.code == "token.exists")
        fleet.tick(after: .hours(1))
        fleet.run(.issueToken(order(), by: .alice))
        fleet.run(.revokeToken("bob", reason: "left", by: .alice))
        #expect(fleet.state.tokens["bob"]?.isValid(at: fleet.now) == false)
        #expect(fleet.run(.revokeToken("bob", reason: "left", by: .alice)).events.isEmpty)
        fleet.run(.issueToken(order(), by: .alice))
        #expect(fleet.state.tokens["bob"]?.isValid(at: fleet.now) == true)
        #expect(fleet.replayed() == fleet.state)
    }

    @Test func `the operator's login owns tokens however it is written, and nobody else's does`() {
        var settings = TestFleet().fleet.settings
        settings.operatorName = "user:Alice Ltd"
        var fleet = Fleet(
            state: FleetState(),
            settings: settings,
            coding: { _ in CodedRecord(bytes: [], hash: "") }
        )
        let context = CommandContext(now: Instant(milliseconds: 0))
        let person = Principal.person("user:Alice Ltd")
        let own = Command.issueToken(order("laptop", owner: "Alice Ltd"), by: person)
        #expect(throws: Never.self) { try fleet.perform(own, context: context) }
        #expect(fleet.state.owner(of: .person("laptop")) == fleet.state.owner(of: person))
        let other = Command.issueToken(order("bob", owner: "Bob"), by: person)
        let refusal = #expect(throws: Refusal.self) { try fleet.perform(other, context: context) }
        #expect(refusal?.code == "token.bad-form")
    }

    @Test func `what was never issued cannot be revoked`() {
        var fleet = TestFleet()
        let refusal = fleet.refusal(of: .revokeToken("bob", reason: "", by: .alice))
        #expect(refusal?.code == "token.unknown")
    }

    @Test func `tokens that would mean something else are refused`() {
        var fleet = TestFleet()
        let bad = [
            order("user:bob"), order("coordinator"), order("factory:f"), order(""), order("Bob"),
            order(owner: "user:x"), order(owner: ""), order(products: ["No"]),
            order("bob", .admin, products: ["main"]), order("bob", .factory, products: ["main"]),
            order("bob", .admin, isAgent: true), order("bob", .factory, isAgent: true),
            order(lifetime: .zero),
        ]
        for order in bad {
            let refusal = fleet.refusal(of: .issueToken(order, by: .alice))
            #expect(refusal?.code == "token.bad-form", "\(order)")
        }
        #expect(fleet.state.tokens.isEmpty)
    }

    @Test func `a job records the person behind the token that submitted it`() {
        var fleet = TestFleet()
        fleet.run(.issueToken(order("bob-laptop", owner: "bob"), by: .alice))
        fleet.run(.submit([.example("a")], by: .person("bob-laptop")))
        fleet.run(.submit([.example("b")], by: .alice))
        #expect(fleet.job(JobID(1)).owner == "bob")
        #expect(fleet.job(JobID(2)).owner == "alice", "user:alice is alice")
        fleet.run(.revokeToken("bob-laptop", reason: "lost", by: .alice))
        fleet.run(.issueToken(order("bob-laptop", owner: "carol"), by: .alice))
        #expect(fleet.state.owner(of: fleet.job(JobID(1))) == "bob", "it was bob's then")
    }

    @Test func `an agent neither promotes nor ships, whatever its role`() {
        var fleet = TestFleet()
        fleet.run(.issueToken(order("robot", isAgent: true), by: .alice))
        fleet.register("mac")
        fleet.submit(.example())
        fleet.prove(JobID(1), on: "mac")
        for command in [
            Command.ship(JobID(1), by: .person("robot")),
            .promote(JobID(1), by: .person("robot")), .ship(JobID(1), by: .factory("mac")),
        ] {
            #expect(fleet.refusal(of: command)?.code == "review.agent")
        }
        fleet.run(.ship(JobID(1), by: .alice))
    }
}
