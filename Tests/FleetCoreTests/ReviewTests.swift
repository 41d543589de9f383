import FleetCore
import FleetModel
import FleetRules
import FleetTesting
import Testing

/// Reviewers: who counts, for which commit, and what follows.
@Suite struct ReviewTests {
    private let id = JobID(1)
    private let bob = Principal.person("bob")
    private let carol = Principal.person("carol")

    /// A job of alice's that waits for its reviewers at `commit-1`.
    private func waiting(
        _ reviewers: [String] = ["bob", "carol"],
        quorum: Int = 2,
        edit: (inout Manifest) -> Void = { _ in }
    ) -> TestFleet {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.issue("bob")
        fleet.issue("carol")
        fleet.submit(
            .example {
                $0.reviewPolicy = .reviewers(reviewers, quorum: quorum)
                edit(&$0)
            }
        )
        fleet.prove(id, on: "mac")
        return fleet
    }

    @Test func `a job waits for its quorum, and then ships by itself`() {
        var fleet = waiting()
        #expect(fleet.stage(id) == .review)
        #expect(fleet.condition(of: id)?.name == .awaitingApproval)
        #expect(fleet.kinds(of: id).contains(.reviewRequested))
        fleet.run(.approving(id, by: bob))
        #expect(fleet.stage(id) == .review)
        #expect(fleet.condition(of: id)?.reason.contains("so far bob") == true)
        fleet.run(.approving(id, by: carol))
        #expect(fleet.condition(of: id)?.name == .shipping)
        fleet.report(fleet.grant(id, to: "mac"), .merged("merge-1"))
        #expect(fleet.stage(id) == .shipped)
        #expect(fleet.replayed() == fleet.state)
    }

    @Test func `a yes to an older commit is void after a new one`() {
        var fleet = waiting()
        fleet.run(.approving(id, by: bob))
        fleet.run(.requeue(id, reason: "once more", by: .alice))
        fleet.prove(id, on: "mac", candidate: .example("2"))
        #expect(fleet.condition(of: id)?.reason.contains("so far none") == true)
        let late = fleet.refusal(of: .approving(id, commit: "commit-1", by: carol))
        #expect(late?.code == "review.other-commit")
        fleet.run(.approving(id, commit: "commit-2", by: carol))
        #expect(fleet.stage(id) == .review, "bob's was for the other commit")
        fleet.run(.approving(id, commit: "commit-2", by: bob))
        #expect(fleet.stage(id) == .testing)
    }

    @Test func `after a conflict the new work is reviewed anew`() {
        var fleet = waiting()
        fleet.run(.approving(id, by: bob))
        fleet.run(.approving(id, by: carol))
        fleet.report(fleet.grant(id, to: "mac"), .shipRefused(.conflict, detail: ["a.txt"]))
        fleet.prove(id, on: "mac", candidate: .example("2"))
        #expect(fleet.condition(of: id)?.name == .awaitingApproval)
    }

    @Test(arguments: [nil, "", "commit", "commit-2", "another"])
    func `an approval names what was looked at`(commit: String?) {
        var fleet = waiting()
        let refusal = fleet.refusal(of: .approving(id, commit: commit, by: bob))
        let isMissing = commit == nil || commit == ""
        #expect(refusal?.code == (isMissing ? "review.no-commit" : "review.other-commit"))
        fleet.run(.approving(id, commit: "commit-", by: bob))
        #expect(fleet.job(id).review?.approvals.map(\.commit) == ["commit-1"], "the whole of it")
    }

    @Test func `neither submitter, worker, agent nor stranger gives a reviewer's approval`() {
        var fleet = waiting(["alice", "bob", "robot", "mac", "dave", "carol"])
        fleet.issue("robot", isAgent: true)
        fleet.issue("mac")
        fleet.issue("alice-too", owner: "alice")
        fleet.issue("eve")
        fleet.issue("dave", .viewer)
        let expected: [(Principal, String)] = [
            (.alice, "review.own-work"), (.person("alice-too"), "review.own-work"),
            (.person("robot"), "review.agent"), (.factory("mac"), "review.agent"),
            (.person("mac"), "review.own-work"), (.person("eve"), "review.not-asked"),
            (.person("dave"), "review.not-asked"), (.person("nobody"), "review.not-asked"),
            (.coordinator, "review.agent"),
        ]
        for (principal, code) in expected {
            let refusal = fleet.refusal(of: .approving(id, by: principal))
            #expect(refusal?.code == code, "\(principal)")
            #expect(refusal?.kind == .forbidden)
        }
        #expect(fleet.job(id).review == nil)
    }

    @Test func `an agent's work is not approved by its owner's other token`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.issue("robot", owner: "bob", isAgent: true)
        fleet.issue("bob")
        fleet.issue("carol")
        let job = Submission.example { $0.reviewPolicy = .reviewers(["bob", "carol"], quorum: 1) }
        fleet.run(.submit([job], by: .person("robot")))
        fleet.prove(id, on: "mac")
        #expect(fleet.refusal(of: .approving(id, by: bob))?.code == "review.own-work")
        fleet.run(.approving(id, by: carol))
        #expect(fleet.stage(id) == .testing)
    }

    @Test func `one person with two tokens is one person`() {
        var fleet = waiting(["bob", "laptop", "carol"])
        fleet.issue("laptop", owner: "bob")
        fleet.run(.approving(id, by: bob))
        #expect(fleet.run(.approving(id, by: .person("laptop"))).events.isEmpty)
        #expect(fleet.stage(id) == .review)
    }

    @Test func `nobody promotes past the reviewers, or pauses what waits for them`() {
        var fleet = waiting()
        #expect(fleet.refusal(of: .promote(id, by: bob))?.code == "policy.reviewers")
        #expect(fleet.refusal(of: .ship(id, by: bob))?.code == "stage.illegal")
        #expect(fleet.refusal(of: .pause(id, reason: "", by: bob))?.code == "job.waits-already")
    }

    @Test func `without a verify the reviewers vouch for it`() {
        var fleet = TestFleet(repository: .unproven)
        fleet.register("mac")
        fleet.issue("bob")
        fleet.submit(.example { $0.reviewPolicy = .reviewers(["@bob"], quorum: 1) })
        fleet.prove(id, on: "mac", verify: .skipped)
        #expect(fleet.refusal(of: .promote(id, by: .alice))?.code == "policy.reviewers")
        fleet.run(.approving(id, by: bob))
        #expect(fleet.stage(id) == .testing)
    }

    @Test func `several are approved together or not at all`() {
        var fleet = waiting(quorum: 1)
        fleet.submit(.example("b") { $0.reviewPolicy = .reviewers(["bob"], quorum: 1) })
        fleet.prove(JobID(2), on: "mac")
        func orders(_ second: String?) -> [ApprovalOrder] {
            [
                ApprovalOrder(job: id, commit: "commit-1"),
                ApprovalOrder(job: JobID(2), commit: second),
            ]
        }
        let before = fleet.events.count
        let refusal = fleet.refusal(of: .approve(orders("other"), comment: nil, by: bob))
        #expect(refusal?.what.contains("job-2") == true)
        #expect(fleet.events.count == before && fleet.stage(id) == .review)
        let twice = [orders("commit-1")[0], orders("commit-1")[0]]
        #expect(
            fleet.refusal(of: .approve(twice, comment: nil, by: bob))?.code == "review.twice"
        )
        #expect(fleet.refusal(of: .approve([], comment: nil, by: bob))?.code == "review.twice")
        let turn = fleet.run(.approve(orders("commit-1"), comment: "fine", by: bob))
        #expect(
            turn.answer
                == .decided([
                    Standing(job: id, stage: .testing), Standing(job: JobID(2), stage: .testing),
                ])
        )
        #expect(fleet.job(JobID(2)).review?.approvals.first?.comment == "fine")
    }

    @Test(arguments: [true, false])
    func `a rejection's words are in the next attempt's hands`(retries: Bool) throws {
        var fleet = waiting {
            let on: [FailureCause] = retries ? [.rejected] : [.timeout]
            $0.retry = RetryPolicy(max: 1, backoff: .zero, on: on)
        }
        fleet.run(.reject(id, reason: "name it total", by: bob))
        #expect(fleet.stage(id) == (retries ? .queued : .failed))
        if !retries { fleet.run(.requeue(id, reason: "again", by: .alice)) }
        fleet.tick()
        let run = try #require(fleet.claim("mac").first)
        #expect(run.lastFailure?.cause == .rejected)
        #expect(run.lastFailure?.tail == ["name it total"])
        #expect(fleet.replayed() == fleet.state)
    }

    // MARK: The policy itself

    @Test func `a policy that nobody could fulfil is refused at once, and says who is missing`() {
        var fleet = TestFleet()
        fleet.issue("viewer", .viewer)
        fleet.issue("robot", isAgent: true)
        fleet.issue("other", products: ["side"])
        fleet.issue("gone")
        fleet.run(.revokeToken("gone", reason: "", by: .alice))
        let cases: [(String, String)] = [
            ("nobody", "has no token"), ("viewer", "has no token that may decide here"),
            ("robot", "is an agent"), ("other", "has no token that may decide here"),
            ("gone", "has no token that is valid"), ("alice", "submits it"),
        ]
        for (name, reason) in cases {
            let job = Submission.example { $0.reviewPolicy = .reviewers([name], quorum: 1) }
            let refusal = fleet.refusal(of: .submit([job], by: .alice))
            #expect(refusal?.code == "policy.unfulfillable", "\(name)")
            #expect(refusal?.why.contains("\(name) \(reason)") == true, "\(refusal?.why ?? "")")
        }
        #expect(fleet.state.jobs.isEmpty)
    }

    @Test func `a quorum counts people, and the operator is one`() {
        var fleet = TestFleet()
        fleet.issue("bob")
        fleet.issue("laptop", owner: "bob")
        let two = Submission.example { $0.reviewPolicy = .reviewers(["bob", "laptop"], quorum: 2) }
        #expect(
            fleet.refusal(of: .submit([two], by: .alice))?.why.contains("some are one person")
                == true
        )
        let operators = Submission.example { $0.reviewPolicy = .reviewers(["alice"], quorum: 1) }
        fleet.run(.submit([operators], by: .person("bob")))
        #expect(fleet.stage(id) == .queued)
    }

    @Test func `an expired token is nobody's any more`() {
        var fleet = TestFleet()
        let order = TokenOrder(name: "bob", hash: "h", role: .operator, lifetime: .hours(1))
        fleet.run(.issueToken(order, by: .alice))
        fleet.tick(after: .hours(1))
        let job = Submission.example { $0.reviewPolicy = .reviewers(["bob"], quorum: 1) }
        #expect(fleet.refusal(of: .submit([job], by: .alice))?.code == "policy.unfulfillable")
    }

    @Test func `the stricter of job and profile wins, and of two lists both are satisfied`() {
        let few = ReviewPolicy.reviewers(["a", "b"], quorum: 1)
        let cases: [(ReviewPolicy, ReviewPolicy, ReviewPolicy)] = [
            (.auto, .manual, .manual), (.manual, few, few), (.auto, few, few), (few, few, few),
            (few, .reviewers(["a", "b"], quorum: 2), .reviewers(["a", "b"], quorum: 2)),
            (few, .reviewers(["a"], quorum: 1), .reviewers(["a"], quorum: 1)),
            (few, .reviewers(["c"], quorum: 1), .reviewers(["a", "b", "c"], quorum: 3)),
            (
                .reviewers(["a", "b", "c"], quorum: 2), .reviewers(["b", "c", "d"], quorum: 2),
                .reviewers(["a", "b", "c", "d"], quorum: 3)
            ),
        ]
        for (first, second, strict) in cases {
            #expect(ReviewPolicy.stricter(first, second) == strict, "\(first) \(second)")
            let swapped = ReviewPolicy.stricter(second, first)
            #expect(Self.meaning(swapped) == Self.meaning(strict), "\(second) \(first)")
        }
    }

    private static func meaning(_ policy: ReviewPolicy) -> String {
        guard case .reviewers(let names, let quorum) = policy else { return "\(policy)" }
        return "\(names.sorted()) \(quorum)"
    }

    @Test func `whoever fulfils the stricter of two policies fulfils both`() {
        let names = ["a", "b", "c", "d"]
        func subsets(_ of: [String]) -> [[String]] {
            of.reduce([[]]) { sets, name in sets + sets.map { $0 + [name] } }
        }
        let lists = subsets(names).filter { !$0.isEmpty }
        for (first, second) in lists.flatMap({ one in lists.map { (one, $0) } }) {
            for own in 1...first.count {
                for other in 1...second.count {
                    let strict = ReviewPolicy.stricter(
                        .reviewers(first, quorum: own),
                        .reviewers(second, quorum: other)
                    )
                    guard case .reviewers(let all, let quorum) = strict else {
                        Issue.record("no reviewers")
                        continue
                    }
                    #expect(quorum <= all.count)
                    for yes in subsets(all) where yes.count >= quorum {
                        #expect(yes.filter(first.contains).count >= own)
                        #expect(yes.filter(second.contains).count >= other)
                    }
                }
            }
        }
    }
}
