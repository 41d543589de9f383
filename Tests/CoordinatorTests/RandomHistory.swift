import FleetCore
import FleetModel
import FleetTesting

/// A fleet to which anything may happen next, from a seed; refusals are part of it.
struct RandomHistory {
    private(set) var fleet = TestFleet()
    private var random: SeededRandom
    private var runs: [GrantedRun] = []
    private var steps = 0

    init(seed: UInt64, steps count: Int) {
        random = SeededRandom(seed: seed)
        for name in Self.factories { fleet.register(name) }
        for _ in 0..<count { step() }
    }

    private static let factories: [FactoryID] = ["f-1", "f-2", "f-3"]

    private mutating func step() {
        steps += 1
        switch random.number(in: 0...15) {
        case 0, 1: submit()
        case 2, 3, 4: claim()
        case 5, 6, 7, 8: report()
        case 9: fleet.tick(after: .milliseconds(Int64(random.number(in: 0...30_000))))
        case 10: decide()
        case 11: hold()
        case 12: change()
        default: for name in Self.factories where !random.oneIn(9) { beat(name) }
        }
        runs += fleet.takeAnswers().flatMap(\.leases)
    }

    private mutating func beat(_ name: FactoryID) {
        guard fleet.state.factories[name] != nil else { return }
        fleet.beatNow(name)
    }

    private mutating func submit() {
        let (number, isOther, hasKey) = (steps, random.oneIn(3), random.oneIn(2))
        let submission = Submission.example("Job \(number)", key: hasKey ? "key-\(number)" : nil) {
            manifest in
            manifest.product = isOther ? "other" : nil
            manifest.lock = isOther ? "the lock" : nil
            if number.isMultiple(of: 3) { manifest.reviewPolicy = .reviewers(["bob"], quorum: 1) }
        }
        _ = fleet.refusal(of: .submit([submission], by: .alice))
    }

    private mutating func claim() {
        let factory = random.pick(Self.factories)
        beat(factory)
        let claim = Claim(
            id: "claim-\(steps)",
            factory: factory,
            boot: fleet.state.factories[factory]?.boot ?? "",
            free: [.shell(random.number(in: 0...2))],
            takesShip: random.oneIn(2),
            until: fleet.now.advanced(by: .seconds(30))
        )
        _ = fleet.refusal(of: .claim(claim))
    }

    private mutating func report() {
        guard !runs.isEmpty else { return }
        let run = random.pick(runs)
        let commit = "commit-\(run.lease.run)"
        let items: [RunReportItem]
        if run.lease.kind == .ship {
            items = [
                .shipBegins,
                random.oneIn(3)
                    ? .shipRefused(.conflict, detail: ["x"])
                    : .merged("merge-\(steps)"),
            ]
        } else {
            let verdict: Evidence.Verdict = random.oneIn(3) ? .failed : .passed
            let evidence = Evidence.all(commit: commit, verify: verdict).map {
                RunReportItem.evidence($0)
            }
            let finished = RunFinished(candidate: .example("\(run.lease.run)"))
            switch random.number(in: 0...4) {
            case 0: items = [.started(RunStarted(notes: [.nasty]))]
            case 1 where steps.isMultiple(of: 2):
                let kept = Checkpoint(factory: "f-1", engine: .nasty, session: .nasty)
                items = [
                    .started(RunStarted()), .checkpointed(kept),
                    .waitingInput(WaitingInput(question: .nasty, usage: Usage(inputTokens: 1))),
                ]
            case 1: items = [.failed(.engineFailed, tail: ["\(steps)"])]
            case 2: items = evidence + [.evidenceComplete]
            default:
                items =
                    [.started(RunStarted()), .finished(finished)] + evidence
                    + [.evidenceComplete]
            }
        }
        _ = fleet.refusal(of: run, items)
    }

    private mutating func decide() {
        guard !fleet.state.jobs.isEmpty else { return }
        let id = random.pick(fleet.state.jobs.keys.sorted())
        let commands: [Command] = [
            .promote(id, by: .alice), .ship(id, by: .alice), .ship(id, by: .alice),
            .cancel(id, reason: "no", by: .alice), .reject(id, reason: "bad", by: .alice),
            .requeue(id, reason: "again", by: .alice), .pause(id, reason: .nasty, by: .alice),
            .resumeJob(id, reason: .nasty, by: .alice), .answer(id, text: .nasty, by: .alice),
            .reprioritise(id, random.pick(Priority.allCases), by: .alice),
            .approving(id, commit: fleet.job(id).candidate?.commit, by: .person("bob")),
        ]
        _ = fleet.refusal(of: random.pick(commands))
    }

    private mutating func hold() {
        let factory = random.pick(Self.factories)
        let commands: [Command] = [
            .halt(random.pick(Halt.Level.allCases), reason: "stop", stops: false, by: .alice),
            .resume(reason: "go", by: .alice), .resume(reason: "go", by: .alice),
            .drain(factory, draining: random.oneIn(2), reason: "care", by: .alice),
            .drain(factory, draining: false, reason: "done", by: .alice),
            .remove(factory, reason: "gone", by: .alice), .recover,
            .register(.example(factory, boot: "boot-\(steps)", isReturning: random.oneIn(2))),
            .register(.example(factory, boot: "boot-\(steps)")),
            .pauseProduct(random.oneIn(2) ? "main" : "other", reason: .nasty, by: .alice),
            .resumeProduct("main", reason: "go", by: .alice),
            .resumeProduct("other", reason: "go", by: .alice),
            .issueToken(TokenOrder(name: "bob", hash: "\(steps)", role: .operator), by: .alice),
            .issueToken(
                TokenOrder(
                    name: "ann",
                    hash: "\(steps)",
                    role: .viewer,
                    products: ["side", "main"],
                    isAgent: true,
                    lifetime: .seconds(9)
                ),
                by: .alice
            ), .revokeToken("bob", reason: .nasty, by: .alice),
        ]
        _ = fleet.refusal(of: random.pick(commands))
    }

    private mutating func change() {
        var profile = Profile.developer
        profile.persona = "Version of step \(steps)"
        var repository = Repository.shop
        repository.checkout = "/home/\(steps)"
        let cleo = Principal.person("cleo")
        let version = fleet.state.proposals["developer"]?.profile.version ?? 1
        let commands: [Command] = [
            .putProfile(profile, by: .alice), .putRepository(repository, by: .alice),
            .putProfile(profile, reason: .nasty, by: cleo),
            .putProfile(Profile(name: "poet", persona: "You rhyme."), by: .alice),
            .issueToken(TokenOrder(name: "cleo", hash: "\(steps)", role: .admin), by: .alice),
            .revokeToken("cleo", reason: .nasty, by: .alice),
            .approveProfile("developer", version: version, reason: .nasty, by: cleo),
            .approveProfile("poet", version: 1, reason: nil, by: cleo),
            .approveProfile("developer", version: version, reason: nil, by: .alice),
            .rejectProfile("developer", version: version, reason: .nasty, by: cleo),
        ]
        _ = fleet.refusal(of: random.pick(commands))
    }
}

extension TestFleet {
    fileprivate mutating func refusal(of run: GrantedRun, _ items: [RunReportItem]) -> Refusal? {
        refusal(of: .report(.of(run, items), by: run.lease.factory))
    }
}
