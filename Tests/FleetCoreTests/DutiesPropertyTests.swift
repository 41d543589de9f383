import FleetCore
import FleetModel
import FleetTesting
import Testing

/// Separation of duties over random lives: whatever people, agents and factories try, the events
/// of every job that passed show enough different people who may.
@Suite struct DutiesPropertyTests {
    @Test(arguments: 0..<4)
    func `no random life ships what its reviewers have not seen`(part: Int) {
        var passed = 0
        var refused: Set<String> = []
        for seed in UInt64(part) * 50 + 1...UInt64(part) * 50 + 50 {
            var life = RandomDuties(seed: seed)
            life.run(steps: 250)
            let fleet = life.fleet
            #expect(fleet.replayed() == fleet.state, "seed \(seed)")
            for fault in Self.faults(in: fleet.events) { Issue.record("seed \(seed): \(fault)") }
            passed += fleet.events.count { $0.kind == .jobPassed }
            refused.formUnion(life.refusals)
        }
        #expect(passed > 20, "a life in which nothing passes proves nothing")
        let wanted: Set = [
            "review.own-work", "review.agent", "review.not-asked", "review.other-commit",
            "policy.reviewers", "policy.unfulfillable", "job.not-paused", "job.no-question",
            "token.exists",
        ]
        #expect(wanted.isSubset(of: refused), "\(wanted.subtracting(refused)) never came")
    }

    /// Reads a history by itself: nothing here asks the core.
    private static func faults(in events: [Event]) -> [String] {
        var faults: [String] = []
        var owners: [String: (owner: String, isAgent: Bool)] = ["user:alice": ("alice", false)]
        var submitters: [JobID: String] = [:]
        var policies: [JobID: ReviewPolicy] = [:]
        var candidates: [JobID: String] = [:]
        var factories: [JobID: Set<String>] = [:]
        var yes: [JobID: [(person: String, owner: String, isAgent: Bool, commit: String)]] = [:]
        for event in events {
            if case .tokenIssued(let token) = event.body {
                owners[token.name] = (token.owner, token.isAgent)
            }
            if case .tokenRevoked(let revoked) = event.body { owners[revoked.name] = nil }
            guard let job = event.job else { continue }
            switch event.body {
            case .jobSubmitted(let body):
                submitters[job] = body.owner
                policies[job] = body.terms.reviewPolicy
            case .jobAssigned(let body):
                policies[job] = body.terms.reviewPolicy
                factories[job, default: []].insert(body.factory.name)
            case .runFinished(let body): candidates[job] = body.candidate?.commit
            case .reviewApproved(let body):
                let known = owners[event.actor.name]
                yes[job, default: []].append(
                    (event.actor.name, known?.owner ?? "?", known?.isAgent ?? true, body.commit)
                )
            case .jobPassed:
                guard case .reviewers(let asked, let quorum) = policies[job] else { continue }
                let good = yes[job, default: []].filter { one in
                    !one.isAgent && one.owner != submitters[job] && one.commit == candidates[job]
                        && factories[job]?.contains(one.person) != true
                        && (asked.contains(one.person) || asked.contains(one.owner))
                }
                if Set(good.map(\.owner)).count < quorum {
                    faults.append("\(job) passed with \(good) of \(asked), quorum \(quorum)")
                }
            case .jobPromoted:
                if case .reviewers = policies[job] { faults.append("\(job) was promoted") }
            default: break
            }
        }
        return faults
    }
}

/// A fleet in which everybody tries everything.
private struct RandomDuties {
    private(set) var fleet = TestFleet()
    private(set) var refusals: Set<String> = []
    private var random: SeededRandom
    private var runs: [GrantedRun] = []
    private var number = 0

    private static let people = ["user:alice", "bob", "carol", "dave", "laptop", "robot", "f"]

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        fleet.register("f")
        fleet.issue("bob")
        fleet.issue("carol")
        fleet.issue("laptop", owner: "bob")
        fleet.issue("robot", owner: "carol", isAgent: true)
    }

    mutating func run(steps: Int) { for _ in 0..<steps { step() } }

    private mutating func attempt(_ command: Command) {
        if let refusal = fleet.refusal(of: command) { refusals.insert(refusal.code) }
        runs += fleet.takeAnswers().flatMap(\.leases)
    }

    private mutating func step() {
        number += 1
        let person = Principal.person(random.pick(Self.people))
        let jobs = fleet.state.jobs.keys.sorted()
        guard let job = jobs.isEmpty ? nil : random.pick(jobs) else { return submit(by: person) }
        switch random.number(in: 0...21) {
        case 0, 1: submit(by: person)
        case 2...8: approve(job, by: person)
        case 9: attempt(.promote(job, by: person))
        case 10: attempt(.reject(job, reason: "no \(number)", by: person))
        case 11: attempt(.requeue(job, reason: "again", by: person))
        case 12: attempt(.pause(job, reason: "so", by: person))
        case 13: attempt(.resumeJob(job, reason: "so", by: person))
        case 14: attempt(.answer(job, text: "yes", by: person))
        case 15: attempt(.reprioritise(job, random.pick(Priority.allCases), by: person))
        case 16: token()
        default: work()
        }
    }

    private mutating func submit(by person: Principal) {
        let names = ["alice", "bob", "carol", "dave", "robot"].filter { _ in random.oneIn(2) }
        let quorum = max(1, random.number(in: 0...names.count))
        let (isReviewed, title) = (!names.isEmpty, "Job \(number)")
        let job = Submission.example(title) {
            $0.reviewPolicy = isReviewed ? .reviewers(names, quorum: quorum) : .manual
            $0.retry = RetryPolicy(max: 2, backoff: .zero, on: [.rejected, .timeout])
        }
        attempt(.submit([job], by: person))
    }

    private mutating func approve(_ job: JobID, by person: Principal) {
        let waiting = fleet.state.jobs.values.filter { $0.stage == .review }.map(\.id).sorted()
        let id = waiting.isEmpty ? job : random.pick(waiting)
        let old = fleet.job(id).runs.compactMap(\.commit)
        let commit =
            random.oneIn(4) && !old.isEmpty ? random.pick(old) : fleet.job(id).candidate?.commit
        attempt(.approving(id, commit: commit, by: person))
    }

    private mutating func token() {
        let name = random.pick(["bob", "carol", "dave"])
        if random.oneIn(2) {
            attempt(.revokeToken(name, reason: "so", by: .alice))
        } else {
            let order = TokenOrder(name: name, hash: "\(number)", role: .operator)
            attempt(.issueToken(order, by: .alice))
        }
    }

    private mutating func work() {
        fleet.tick(after: .seconds(1))
        fleet.beatNow("f")
        runs += fleet.claim("f", free: 2)
        guard let run = runs.last else { return }
        runs.removeLast()
        let candidate = Candidate.example("\(run.lease.run)-\(number)")
        var items: [RunReportItem] = [.started(RunStarted())]
        if run.lease.kind == .ship {
            items = [
                random.oneIn(3)
                    ? .shipRefused(.conflict, detail: ["x"]) : .merged("merge-\(number)")
            ]
        } else if random.oneIn(6) {
            items.append(.waitingInput(WaitingInput(question: "Really?")))
        } else {
            items.append(.finished(RunFinished(candidate: candidate)))
            items += Evidence.all(commit: candidate.commit).map(RunReportItem.evidence)
            items.append(.evidenceComplete)
        }
        attempt(.report(.of(run, items), by: "f"))
    }
}
