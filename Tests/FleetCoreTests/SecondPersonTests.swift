import FleetCore
import FleetModel
import FleetTesting
import Testing

/// Profiles that allow more, where one person's word is not enough.
@Suite struct SecondPersonTests {
    private let ann = Principal.person("ann")
    private let bob = Principal.person("bob")

    private func wider(_ edit: (inout Profile) -> Void = { _ in }) -> Profile {
        var profile = Profile.developer
        profile.network = .on
        edit(&profile)
        return profile
    }

    /// The operator alice and the admins ann and bob; ann proposed a wider developer@2.
    private func proposed(admins: [String] = ["ann", "bob"]) -> TestFleet {
        var fleet = TestFleet()
        for name in admins { fleet.issue(name, .admin) }
        fleet.tick(after: .seconds(1))
        fleet.run(.putProfile(wider(), reason: "they need it", by: ann))
        fleet.tick(after: .seconds(1))
        return fleet
    }

    private func newest(_ fleet: TestFleet) -> Profile? { fleet.state.profiles["developer"]?.last }

    private func approving(_ version: Int = 2, by person: Principal) -> Command {
        .approveProfile("developer", version: version, reason: nil, by: person)
    }

    private func needs(_ fleet: TestFleet, of caller: Principal? = nil) -> [String] {
        FleetReading(
            state: fleet.state,
            seen: [:],
            settings: fleet.fleet.settings,
            now: fleet.now
        ).profileNeeds(of: caller).map { "\($0.profile): \($0.command)" }
    }

    @Test func `who may not say the second yes`() {
        var fleet = proposed()
        fleet.issue("ann-at-home", .admin, owner: "ann")
        fleet.issue("late", .admin)
        fleet.issue("operator")
        fleet.issue("robot", isAgent: true)
        let cases: [(Principal, String)] = [
            (ann, "profile.own-change"), (.person("ann-at-home"), "profile.own-change"),
            (.person("late"), "profile.not-second"), (.person("operator"), "profile.not-second"),
            (.person("robot"), "profile.not-second"), (.person("nobody"), "profile.not-second"),
            (.factory("mac"), "profile.not-second"), (.coordinator, "profile.not-second"),
        ]
        for (person, code) in cases {
            #expect(fleet.refusal(of: approving(by: person))?.code == code, "\(person)")
        }
        #expect(newest(fleet)?.version == 1)
    }

    @Test func `a name that an admin had once more does not count for the older proposal`() {
        var fleet = proposed()
        fleet.run(.revokeToken("bob", reason: "", by: ann))
        fleet.issue("bob", .admin)
        #expect(fleet.refusal(of: approving(by: bob))?.code == "profile.not-second")
        fleet.run(approving(by: .alice))
    }

    @Test func `two tokens of the operator's login are one person`() {
        var fleet = TestFleet()
        fleet.issue("laptop", .admin, owner: "alice")
        fleet.tick(after: .seconds(1))
        fleet.run(.putProfile(wider(), by: .alice))
        #expect(newest(fleet)?.version == 2, "there is one admin, so it applies at once")
        fleet.issue("bob", .admin)
        fleet.tick(after: .seconds(1))
        fleet.run(.putProfile(wider { $0.reviewPolicy = .auto }, by: .person("laptop")))
        #expect(fleet.refusal(of: approving(3, by: .alice))?.code == "profile.own-change")
        fleet.run(approving(3, by: bob))
        #expect(newest(fleet)?.reviewPolicy == .auto)
    }

    @Test func `until a second admin agrees, jobs get the version before`() {
        var fleet = proposed()
        fleet.register("mac")
        fleet.submit(.example("a"))
        fleet.prove(JobID(1), on: "mac")
        #expect(fleet.state.jobs[JobID(1)]?.terms.profile.version == 1)
        let pinned = Submission.example("b") {
            $0.profile = ProfileReference(name: "developer", version: 2)
        }
        let refusal = fleet.refusal(of: .submit([pinned], by: .alice))
        #expect(refusal?.code == "profile.unknown")
        #expect(refusal?.why == "developer@2 waits for a second person to approve it")

        let turn = fleet.run(approving(by: bob))
        #expect(turn.events.map(\.kind) == [.profileChanged])
        guard case .profileChanged(let changed) = turn.events.first?.body else { return }
        #expect(changed.changes == ["network"])
        #expect(changed.widens == ["its network is on"])
        #expect(changed.reason == "they need it")
        #expect(changed.proposedBy == "ann")
        #expect(newest(fleet)?.network == .on)
        fleet.run(.submit([pinned], by: .alice))
        #expect(fleet.replayed() == fleet.state)
    }

    @Test func `a second approval of the same version changes nothing`() {
        var fleet = proposed()
        fleet.run(approving(by: bob))
        let turn = fleet.run(approving(by: .alice))
        #expect(turn.events.isEmpty)
        #expect(newest(fleet)?.version == 2)
        #expect(
            fleet.refusal(of: .rejectProfile("developer", version: 2, reason: "no", by: bob))?
                .code == "profile.not-pending"
        )
    }

    @Test func `a rejected version is over, and its number too`() {
        var fleet = proposed()
        fleet.run(.rejectProfile("developer", version: 2, reason: "too wide", by: ann))
        let late = fleet.refusal(of: approving(by: bob))
        #expect(late?.code == "profile.not-pending")
        #expect(late?.why == "ann rejected it: too wide")
        #expect(
            fleet.run(.rejectProfile("developer", version: 2, reason: "", by: bob)).events == []
        )
        fleet.run(.putProfile(wider(), by: bob))
        #expect(fleet.state.pendingProfile("developer")?.profile.version == 3)
        #expect(fleet.replayed() == fleet.state)
    }

    @Test func `the same again waits still, and something else comes in its place`() {
        var fleet = proposed()
        let again = fleet.run(.putProfile(wider(), by: bob))
        #expect(again.events.isEmpty)
        #expect(
            again.answer
                == .profile(
                    ProfileStanding(
                        profile: ProfileReference(name: "developer", version: 2),
                        isPending: true,
                        changes: ["network"],
                        widens: ["its network is on"]
                    )
                )
        )
        let present = fleet.run(.putProfile(.developer, by: bob))
        #expect(present.events.isEmpty, "what jobs get is said once more, and nothing waits less")
        #expect(fleet.state.pendingProfile("developer") != nil)

        let other = fleet.run(.putProfile(wider { $0.ship = .direct }, by: bob))
        guard case .profile(let standing) = other.answer else { return }
        #expect(standing.supersedes == 2)
        #expect(standing.profile.version == 3)
        let late = fleet.refusal(of: approving(by: bob))
        #expect(late?.code == "profile.not-pending")
        #expect(late?.why == "developer@3 came after it")
        fleet.run(approving(3, by: ann))
        #expect(newest(fleet)?.version == 3)
    }

    @Test func `a narrower version needs nobody, and what waits does not go back over it`() {
        var fleet = proposed()
        var narrower = Profile.developer
        narrower.allowedScope = (try? [Glob(parsing: "src/**")]) ?? []
        narrower.network = .off
        fleet.run(.putProfile(narrower, by: ann))
        #expect(newest(fleet)?.version == 3)
        let late = fleet.refusal(of: approving(by: bob))
        #expect(late?.code == "profile.not-pending")
        #expect(late?.why == "developer@3 came after it, by ann")
    }

    @Test func `persona, scope, ship way, network and review policy each need a second person`() {
        let edits: [(String, (inout Profile) -> Void)] = [
            ("persona", { $0.persona = "You may all." }), ("ship", { $0.ship = nil }),
            ("scope", { $0.allowedScope = [] }), ("protected", { $0.protectedPaths = [] }),
            ("network", { $0.network = .on }), ("review", { $0.reviewPolicy = .auto }),
        ]
        for (name, edit) in edits {
            var bound = Profile.developer
            bound.allowedScope = (try? [Glob(parsing: "src/**")]) ?? []
            bound.protectedPaths = (try? [Glob(parsing: "deploy/**")]) ?? []
            bound.ship = .pullRequest
            var fleet = TestFleet(profile: bound)
            fleet.issue("ann", .admin)
            edit(&bound)
            fleet.run(.putProfile(bound, by: ann))
            #expect(fleet.state.pendingProfile("developer") != nil, "\(name)")
            #expect(newest(fleet)?.version == 1, "\(name)")
        }
    }

    @Test func `a new name waits as well, and is no role yet`() {
        var fleet = proposed()
        fleet.run(.putProfile(Profile(name: "poet", persona: "You rhyme."), by: ann))
        #expect(fleet.state.profiles["poet"] == nil)
        let job = Submission.example("a") { $0.profile = ProfileReference(name: "poet") }
        #expect(
            fleet.refusal(of: .submit([job], by: .alice))?.why
                == "poet@1 waits for a second person to approve it"
        )
        fleet.run(.approveProfile("poet", version: 1, reason: nil, by: bob))
        #expect(fleet.state.profiles["poet"]?.map(\.version) == [1])
    }

    @Test func `a new name needs a second person whatever it says`() {
        var fleet = proposed()
        let turn = fleet.run(.putProfile(Profile(name: "free", persona: ""), by: ann))
        #expect(turn.events.map(\.kind) == [.profileProposed])
        #expect(fleet.state.profiles["free"] == nil)
    }

    @Test func `nobody makes both persons with one admin's token, in whatever order`() {
        let (eve, mallory) = (Principal.person("eve"), Principal.person("mallory"))
        for (first, second) in [(bob, eve), (eve, bob), (eve, mallory), (mallory, eve)] {
            var fleet = TestFleet()
            fleet.issue("bob", .admin)
            fleet.issue("carol", .admin)
            // All that one who found bob's token can do; eve's own is used for mallory's.
            fleet.run(.issueToken(order("eve"), by: bob))
            fleet.run(.issueToken(order("mallory"), by: eve))
            fleet.tick(after: .seconds(1))
            fleet.run(.putProfile(wider(), by: first))
            fleet.tick(after: .seconds(1))
            let refusal = fleet.refusal(of: approving(by: second))
            #expect(refusal?.code == "profile.not-second", "\(first) and \(second)")
            #expect(refusal?.why.contains("one of bob") == true, "\(refusal?.why ?? "")")
            #expect(newest(fleet)?.version == 1)
            let people = People(fleet.state, fleet.fleet.settings, at: fleet.now)
            #expect(fleet.state.proposals["developer"].map(people.seconds) == ["alice", "carol"])
            fleet.run(approving(by: .person("carol")))
            #expect(newest(fleet)?.version == 2)
            #expect(fleet.replayed() == fleet.state)
        }
    }

    @Test func `a token in the place of an ended one brings no other origin along`() {
        var fleet = TestFleet()
        fleet.issue("bob", .admin)
        fleet.run(.issueToken(order("eve"), by: bob))
        fleet.tick(after: .seconds(1))
        fleet.run(.putProfile(wider(), by: .person("eve")))
        fleet.run(.revokeToken("eve", reason: "", by: .alice))
        fleet.issue("eve", .admin)
        fleet.tick(after: .seconds(1))
        #expect(fleet.refusal(of: approving(by: bob))?.code == "profile.not-second")
    }

    @Test func `a person's own further tokens come from nobody else, and an older one from nobody`()
    {
        var fleet = TestFleet()
        fleet.issue("ann", .admin)
        fleet.issue("bob", .admin)
        fleet.run(.issueToken(order("bob-too", owner: "bob"), by: bob))
        #expect(fleet.state.tokens["bob"]?.issuers == [])
        #expect(fleet.state.tokens["bob-too"]?.issuers == ["bob"])
        var older = fleet.state
        older.tokens["ann"]?.issuers = nil
        let people = People(older, fleet.fleet.settings, at: fleet.now)
        #expect(people.line(of: ann) == ["ann"])
        fleet.tick(after: .seconds(1))
        fleet.run(.putProfile(wider(), by: ann))
        fleet.run(approving(by: .person("bob-too")))
        #expect(newest(fleet)?.version == 2)
    }

    private func order(_ name: String, owner: String? = nil) -> TokenOrder {
        TokenOrder(name: name, hash: "hash of \(name)", role: .admin, owner: owner)
    }

    @Test func `what was never proposed cannot be decided on`() {
        var fleet = TestFleet()
        fleet.issue("bob", .admin)
        let present = fleet.refusal(of: approving(1, by: bob))
        #expect(present?.code == "profile.not-pending")
        let unknown = Command.approveProfile("poet", version: 1, reason: nil, by: bob)
        #expect(fleet.refusal(of: unknown)?.code == "profile.unknown")
        var other = proposed()
        #expect(
            other.refusal(of: approving(9, by: bob))?.why
                == "there is no such version; the newest is 2"
        )
    }

    @Test func `who proposed it must be an admin still when it is approved`() {
        var fleet = proposed()
        fleet.run(.revokeToken("ann", reason: "left", by: .alice))
        #expect(fleet.refusal(of: approving(by: bob))?.code == "profile.proposer-gone")
        #expect(
            needs(fleet, of: bob) == ["developer@2: giga profile reject developer --reason TEXT"]
        )
        fleet.run(.rejectProfile("developer", version: 2, reason: "ann left", by: bob))
        #expect(needs(fleet) == [])
    }

    @Test func `when the others are gone, the last admin puts it at once`() {
        var fleet = proposed(admins: ["ann"])
        fleet.run(.revokeToken("ann", reason: "left", by: .alice))
        let turn = fleet.run(.putProfile(wider(), by: .alice))
        guard case .profile(let standing) = turn.answer else { return }
        #expect(standing.supersedes == 2)
        #expect(newest(fleet)?.version == 3)
        #expect(fleet.state.pendingProfile("developer") == nil)
    }

    @Test func `it stands in the inbox of those who may approve it`() {
        var fleet = proposed()
        let line = "developer@2: giga profile approve developer"
        #expect(needs(fleet) == [line])
        #expect(needs(fleet, of: bob) == [line])
        #expect(needs(fleet, of: .alice) == [line])
        #expect(needs(fleet, of: ann) == [])
        fleet.issue("operator")
        #expect(needs(fleet, of: .person("operator")) == [])
        fleet.run(approving(by: .alice))
        #expect(needs(fleet) == [])
    }
}
