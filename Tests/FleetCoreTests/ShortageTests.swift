import FleetCore
import FleetModel
import FleetTesting
import Testing

/// Jobs whose review became impossible after they were accepted.
@Suite struct ShortageTests {
    private let id = JobID(1)
    private let bob = Principal.person("bob")
    private let cannot = "its review policy cannot be fulfilled: "

    private func fleet(_ reviewers: [String] = ["bob"], quorum: Int = 1) -> TestFleet {
        var fleet = TestFleet()
        fleet.issue("bob")
        fleet.issue("carol")
        fleet.submit(.example { $0.reviewPolicy = .reviewers(reviewers, quorum: quorum) })
        return fleet
    }

    private func needs(_ fleet: TestFleet, of caller: Principal? = nil) -> [String] {
        FleetReading(
            state: fleet.state,
            seen: fleet.fleet.presence.factories,
            settings: fleet.fleet.settings,
            now: fleet.now
        ).needs(of: caller).map { "\($0.kind.rawValue) \($0.job): \($0.command)" }
    }

    @Test func `a job in the queue says that its reviewer is gone, and who could be asked`() {
        var fleet = fleet()
        #expect(fleet.condition(of: id)?.reason.contains(cannot) == false)
        #expect(needs(fleet) == [])
        fleet.run(.revokeToken("bob", reason: "left", by: .alice))
        let condition = fleet.condition(of: id)
        #expect(condition?.name == .noCapableFactory, "that is what it waits for, first")
        #expect(
            condition?.reason.hasSuffix(
                "; \(cannot)it needs 1 of bob, and 0 could: bob has no token that is valid"
            ) == true
        )
        #expect(condition?.endsWhen.hasSuffix("and giga token issue bob --role operator") == true)
        #expect(needs(fleet) == ["policy job-1: giga token issue bob --role operator"])
        #expect(needs(fleet, of: .person("carol")) == needs(fleet), "everybody is told")
        fleet.issue("bob")
        #expect(fleet.condition(of: id)?.reason.contains(cannot) == false)
        #expect(needs(fleet) == [])
    }

    @Test func `many jobs that ask the same people are one question`() {
        var fleet = fleet()
        for _ in 0..<9 {
            fleet.submit(.example { $0.reviewPolicy = .reviewers(["bob"], quorum: 1) })
        }
        fleet.run(.revokeToken("bob", reason: "left", by: .alice))
        let reading = FleetReading(
            state: fleet.state,
            seen: [:],
            settings: fleet.fleet.settings,
            now: fleet.now
        )
        let shortages = Shortages(reading.people)
        for job in fleet.state.jobs.values {
            let shared = reading.condition(of: job, among: nil, shortages)
            #expect(shared == reading.condition(of: job))
        }
        #expect(fleet.state.jobs.count == 10 && shortages.count == 1)
    }

    @Test func `a token that expires does it without any event`() {
        var fleet = TestFleet()
        let order = TokenOrder(name: "bob", hash: "h", role: .operator, lifetime: .hours(1))
        fleet.run(.issueToken(order, by: .alice))
        fleet.submit(.example { $0.reviewPolicy = .reviewers(["bob"], quorum: 1) })
        let before = fleet.events.count
        fleet.clock.advance(by: .hours(1))
        #expect(fleet.events.count == before)
        #expect(needs(fleet) == ["policy job-1: giga token issue bob --role operator"])
    }

    @Test func `in review it is said in place of an approval that cannot come`() {
        var fleet = fleet(["bob", "carol"], quorum: 2)
        fleet.register("mac")
        fleet.prove(id, on: "mac")
        #expect(needs(fleet) == ["approval job-1: giga approve job-1"])
        fleet.run(.revokeToken("carol", reason: "left", by: .alice))
        let condition = fleet.condition(of: id)
        #expect(condition?.name == .awaitingApproval)
        #expect(
            condition?.reason
                == "\(cannot)it needs 2 of bob, carol, and 1 could: carol has no token that is valid;"
                + " so far none"
        )
        #expect(condition?.endsWhen == "giga token issue carol --role operator")
        #expect(needs(fleet) == ["policy job-1: giga token issue carol --role operator"])
    }

    @Test func `a yes that was given counts, though its reviewer is gone`() {
        var fleet = fleet(["bob", "carol"], quorum: 2)
        fleet.register("mac")
        fleet.prove(id, on: "mac")
        fleet.run(.approving(id, by: bob))
        fleet.run(.revokeToken("bob", reason: "left", by: .alice))
        #expect(needs(fleet) == ["approval job-1: giga approve job-1"])
        fleet.run(.approving(id, by: .person("carol")))
        #expect(fleet.stage(id) == .testing)
    }

    @Test func `a later version of its profile can do it, and a later one ends it`() {
        var fleet = TestFleet()
        fleet.submit(.example())
        #expect(needs(fleet) == [])
        var strict = Profile.developer
        strict.reviewPolicy = .reviewers(["alice"], quorum: 1)
        fleet.run(.putProfile(strict, by: .alice))
        #expect(fleet.condition(of: id)?.reason.hasSuffix("0 could: alice submits it") == true)
        #expect(
            fleet.condition(of: id)?.endsWhen.hasSuffix(
                "and other reviewers in the profile developer, or giga cancel job-1"
            ) == true
        )
        #expect(needs(fleet) == ["policy job-1: giga cancel job-1"])
        fleet.run(.putProfile(.developer, by: .alice))
        #expect(needs(fleet) == [])
    }

    @Test func `a file that fixes its profile's version does not care for later ones`() {
        var fleet = TestFleet()
        fleet.submit(
            .example { $0.profile = ProfileReference(name: "developer", version: 1) }
        )
        var strict = Profile.developer
        strict.reviewPolicy = .reviewers(["nobody"], quorum: 1)
        fleet.run(.putProfile(strict, by: .alice))
        #expect(needs(fleet) == [])
        #expect(fleet.condition(of: id)?.reason.contains(cannot) == false)
    }

    @Test func `a version that waits for a second person changes nothing of it`() {
        var fleet = fleet()
        fleet.issue("ann", .admin)
        fleet.tick(after: .seconds(1))
        var strict = Profile.developer
        strict.persona = "You ask nobody."
        strict.reviewPolicy = .reviewers(["nobody"], quorum: 1)
        fleet.run(.putProfile(strict, by: .alice))
        #expect(fleet.state.pendingProfile("developer") != nil)
        #expect(needs(fleet) == [])
    }

    @Test func `a token that is over comes back as the same person's`() {
        var fleet = fleet(["bob"])
        fleet.run(.revokeToken("bob", reason: "", by: .alice))
        fleet.issue("bob", owner: "robert")
        fleet.run(.revokeToken("bob", reason: "", by: .alice))
        #expect(
            needs(fleet) == ["policy job-1: giga token issue bob --role operator --owner robert"]
        )
    }

    @Test func `each reason has its own remedy`() {
        var fleet = fleet(["bob"])
        fleet.run(.revokeToken("bob", reason: "", by: .alice))
        fleet.issue("bob", .viewer)
        #expect(
            needs(fleet) == [
                "policy job-1: giga token issue bob-reviews --role operator --owner bob"
            ]
        )
        fleet.run(.revokeToken("bob", reason: "", by: .alice))
        fleet.issue("bob", isAgent: true)
        #expect(needs(fleet) == ["policy job-1: giga cancel job-1"])
    }
}
