import FleetCore
import FleetModel
import FleetRules
import FleetTesting
import Testing

@Suite struct SubmissionTests {
    private func refusal(_ submissions: [Submission]) -> Refusal? {
        var fleet = TestFleet()
        let refusal = fleet.refusal(of: .submit(submissions, by: .alice))
        #expect(fleet.state.jobs.isEmpty == (refusal != nil), "whole or not at all")
        return refusal
    }

    @Test func `one bad file refuses the whole batch`() {
        var fleet = TestFleet()
        let events = fleet.events
        let bad = Submission.example("b") { $0.repo = "nowhere" }
        let refusal = fleet.refusal(of: .submit([.example("a"), bad], by: .alice))
        #expect(refusal?.code == "repo.unknown")
        #expect(fleet.events == events)
        #expect(fleet.submit(.example("a")) == [JobID(1)], "numbers are not used up")
    }

    @Test func `an unknown dependency is refused by its name`() {
        let refusal = refusal([.example("a") { $0.deps = [Dependency(name: "ghost")] }])
        #expect(refusal?.code == "deps.unknown")
        #expect(refusal?.what.contains("ghost") == true)
    }

    @Test func `a cycle is refused and printed in order`() {
        let refusal = refusal([
            .example("a") { $0.deps = [Dependency(name: "b")] },
            .example("b") { $0.deps = [Dependency(name: "c")] },
            .example("c") { $0.deps = [Dependency(name: "a")] },
            .example("d"),
        ])
        #expect(refusal?.code == "deps.cycle")
        #expect(refusal?.why == "a.md → b.md → c.md → a.md")
    }

    @Test func `a job that waits for itself is a cycle`() {
        let refusal = refusal([.example("a") { $0.deps = [Dependency(name: "a")] }])
        #expect(refusal?.why == "a.md → a.md")
    }

    @Test func `a cycle is found behind jobs that are not part of it`() {
        let refusal = refusal([
            .example("a") { $0.deps = [Dependency(name: "b"), Dependency(name: "c")] },
            .example("b"),
            .example("c") { $0.deps = [Dependency(name: "d")] },
            .example("d") { $0.deps = [Dependency(name: "c")] },
        ])
        #expect(refusal?.why == "c.md → d.md → c.md")
    }

    @Test func `a diamond is no cycle`() {
        let jobs: [Submission] = [
            .example("a") { $0.deps = [Dependency(name: "b"), Dependency(name: "c")] },
            .example("b") { $0.deps = [Dependency(name: "d")] },
            .example("c") { $0.deps = [Dependency(name: "d")] },
            .example("d"),
        ]
        #expect(refusal(jobs) == nil)
    }

    @Test(arguments: ["deps: b@testing", "obligations"])
    func `a promise that is not kept yet is refused`(field: String) {
        let job = Submission.example("a") { manifest in
            switch field {
            case "obligations": manifest.obligations = ["coverage": "80"]
            default:
                manifest.deps = [Dependency(name: "b", fromTesting: true)]
                manifest.output = Manifest.Output.none
            }
        }
        let refusal = refusal([job])
        #expect(refusal?.code == "manifest.not-kept-yet")
        #expect(refusal?.what.hasPrefix(field) == true)
    }

    @Test func `a promise of a profile is refused like a job's own`() throws {
        var profile = Profile.developer
        profile.obligations = ["coverage": "80"]
        var fleet = TestFleet()
        let events = fleet.events
        let refusal = fleet.refusal(of: .putProfile(profile, by: .alice))
        #expect(refusal?.code == "manifest.not-kept-yet")
        #expect(refusal?.why.contains("the profile developer") == true)
        #expect(fleet.events == events)
        // One that an older version took is of no use to a job either.
        #expect(throws: Refusal.self) {
            try JobTerms(
                resolving: Submission.example("a").manifest,
                title: "a",
                style: .current,
                product: "main",
                profile: profile,
                repository: .shop
            )
        }
    }

    @Test(arguments: [ShipWay.pullRequest, .direct])
    func `a way to ship that is not kept yet is refused`(way: ShipWay) {
        var repository = Repository.shop
        repository.ship = way
        var fleet = TestFleet(repository: repository)
        let refusal = fleet.refusal(of: .submit([.example()], by: .alice))
        #expect(refusal?.code == "manifest.not-kept-yet")
        #expect(refusal?.what.contains(way.rawValue) == true)
    }

    @Test func `the stricter way of profile and repository counts`() {
        var repository = Repository.shop
        repository.ship = .direct
        var profile = Profile.developer
        profile.ship = .merge
        var fleet = TestFleet(repository: repository, profile: profile)
        let job = fleet.submit(.example())[0]
        #expect(fleet.job(job).terms.ship == .merge)
    }

    @Test func `an unknown profile and the reserved product are refused`() {
        let profile = refusal([.example { $0.profile = ProfileReference(name: "wizard") }])
        #expect(profile?.code == "profile.unknown")
        #expect(refusal([.example { $0.product = "fleet" }])?.code == "manifest.product-reserved")
        #expect(refusal([.example { $0.repo = nil }])?.code == "manifest.no-repo")
    }

    @Test func `the same key with the same content is the same job`() {
        var fleet = TestFleet()
        let first = fleet.submit(.example("a", key: "k"))
        let events = fleet.events
        let turn = fleet.run(.submit([.example("a", key: "k")], by: .alice))
        #expect(
            turn.answer == .submitted([Submitted(id: first[0], stage: .queued, created: false)])
        )
        #expect(fleet.events == events)
    }

    @Test func `a batch may mix jobs that are there with new ones`() {
        var fleet = TestFleet()
        fleet.submit(.example("a", key: "k"))
        let follower = Submission.example("b") { $0.deps = [Dependency(name: "k")] }
        let jobs = fleet.submit(.example("a", key: "k"), follower)
        #expect(jobs == [JobID(1), JobID(2)])
        #expect(fleet.job(JobID(2)).dependencies == [JobID(1)])
    }

    @Test func `the same key with other content names the job and what changed`() {
        var fleet = TestFleet()
        fleet.submit(.example("a", key: "k") { $0.priority = .low })
        let other = Submission.example("a", prompt: "Else.", key: "k") {
            $0.priority = .high
            $0.lock = "db"
        }
        let refusal = fleet.refusal(of: .submit([.example("new"), other], by: .alice))
        #expect(refusal?.code == "job.key-conflict")
        #expect(refusal?.why == "job-1 has it with other content: lock, priority, the prompt")
        #expect(fleet.state.jobs.count == 1, "a conflict refuses all of it")
    }

    @Test func `two files of one batch with one key are one job`() {
        var fleet = TestFleet()
        let twin = Submission.example("a", key: "k")
        let turn = fleet.run(.submit([twin, twin], by: .alice))
        #expect(turn.events.map(\.kind) == [.jobSubmitted])
        #expect(fleet.state.jobs.count == 1)
        let other = Submission.example("a", prompt: "Else.", key: "l")
        let refusal = fleet.refusal(
            of: .submit([.example("a", key: "l"), other], by: .alice)
        )
        #expect(refusal?.why == "a.md has it with other content: the prompt")
    }

    @Test func `a key is unique per product, not per fleet`() {
        var fleet = TestFleet()
        let jobs = fleet.submit(.example(key: "k"), .example(key: "k") { $0.product = "other" })
        #expect(jobs == [JobID(1), JobID(2)])
    }

    @Test func `an edited profile does not turn an old file into another`() {
        var fleet = TestFleet()
        fleet.submit(.example(key: "k"))
        var edited = Profile.developer
        edited.persona = "You write better code."
        fleet.run(.putProfile(edited, by: .alice))
        #expect(fleet.submit(.example(key: "k")) == [JobID(1)])
    }

    @Test func `an older file fails at once and may change nothing`() {
        var fleet = TestFleet()
        let job = fleet.submit(.example(style: .older))[0]
        let terms = fleet.job(job).terms
        #expect(terms.retry.max == 0)
        #expect(terms.acceptsNoChange)
    }

    @Test func `positions and sequences have no gaps`() {
        var fleet = TestFleet()
        fleet.submit(.example(), .example { $0.product = "other" }, .example())
        #expect(fleet.events.map(\.position) == (1...5).map(UInt64.init))
        #expect(fleet.events.filter { $0.product == "main" }.map(\.seq) == [1, 2])
        #expect(fleet.events.filter { $0.product == "other" }.map(\.seq) == [1])
        #expect(fleet.events.filter { $0.product == "fleet" }.map(\.seq) == [1, 2])
    }
}
