import Engines
import FactoryAgent
import FleetModel
import FleetProtocol
import Testing

@Suite(.serialized) struct CheckpointTests {
    private func checkpoint(_ shop: Workshop, of run: String) -> Checkpoint? {
        for case .checkpointed(let kept) in shop.coordinator.items(of: run) { return kept }
        return nil
    }

    /// Lets a script do half of its work, and pauses it there.
    private func pause(_ shop: Workshop, after script: String) throws {
        shop.give(shop.grant("\(script); echo ready; sleep 6547"))
        try shop.open()
        #expect(shop.coordinator.waits(forOutput: "ready", of: "job-1.1"))
        shop.coordinator.order(.pause, job: 1, reason: "not now")
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
    }

    @Test
    func `a pause stops the engine, keeps its work in a commit, and the next goes on from it`()
        throws
    {
        let shop = try Workshop()
        try pause(shop, after: "echo half > src/h")
        #expect(shop.names(of: "job-1.1") == ["started", "checkpointed", "stopped preempted"])
        #expect(try shop.run("sh", "-c", "pgrep -f 'sleep 654[7]' || true").isEmpty)
        let kept = try #require(checkpoint(shop, of: "job-1.1"))
        let commit = try #require(kept.commit)
        #expect(try shop.git("rev-parse refs/heads/giga/fleetabcde/job-1/1") == commit)
        #expect(try shop.git("show \(commit):src/h") == "half")
        #expect(try shop.git("rev-parse \(commit)^") == kept.base)

        shop.give(
            shop.grant("echo whole >> src/h", fence: 2, attempt: 2, checkpoint: kept)
        )
        #expect(shop.coordinator.waitsForEnd(of: "job-1.2"))
        let candidate = try #require(shop.candidate(of: "job-1.2"))
        #expect(try shop.git("show \(candidate.commit):src/h") == "half\nwhole")
        #expect(try shop.git("rev-parse \(candidate.commit)^") == kept.base)
        #expect(shop.names(of: "job-1.2").last == "complete")
        let branches = try shop.git("for-each-ref --format='%(refname)' refs/heads/giga")
        #expect(branches == "refs/heads/giga/fleetabcde/job-1/2", "the earlier one is gone")
    }

    /// Lets a script end well, and pauses the job while its verify runs.
    private func pauseInReview(_ shop: Workshop, _ script: String) throws -> Checkpoint {
        shop.give(
            shop.grant(script, verify: "echo judging; sleep 6549", acceptsNoChange: true)
        )
        try shop.open()
        #expect(shop.coordinator.waits(forOutput: "judging", of: "job-1.1"))
        shop.coordinator.order(.pause, job: 1, reason: "not now")
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(
            shop.names(of: "job-1.1") == [
                "started", "finished", "scope passed", "secrets passed", "checkpointed",
                "stopped preempted",
            ]
        )
        #expect(try shop.run("sh", "-c", "pgrep -f 'sleep 654[9]' || true").isEmpty)
        return try #require(checkpoint(shop, of: "job-1.1"))
    }

    @Test func `a pause while the gates run keeps the finished work, and only they run again`()
        throws
    {
        let shop = try Workshop()
        let script = "echo once >> src/h; echo the-engine-runs"
        let kept = try pauseInReview(shop, script)
        let first = try #require(shop.candidate(of: "job-1.1"))
        #expect(kept.isFinished == true)
        #expect(kept.commit == first.commit)
        #expect(try shop.git("rev-parse refs/heads/giga/fleetabcde/job-1/1") == first.commit)
        shop.give(
            shop.grant(script, verify: "grep once src/h", fence: 2, attempt: 2, checkpoint: kept)
        )
        #expect(shop.coordinator.waitsForEnd(of: "job-1.2"))
        #expect(
            shop.names(of: "job-1.2") == [
                "started", "finished", "scope passed", "secrets passed", "verify passed",
                "complete",
            ]
        )
        let second = try #require(shop.candidate(of: "job-1.2"))
        #expect(try shop.git("show \(second.commit):src/h") == "once")
        #expect(second.patchID == first.patchID)
        #expect(shop.coordinator.waits(forOutput: "only the gates are left", of: "job-1.2"))
        #expect(!shop.coordinator.log(of: "job-1.2").contains("the-engine-runs"))
        let branches = try shop.git("for-each-ref --format='%(refname)' refs/heads/giga")
        #expect(branches == "refs/heads/giga/fleetabcde/job-1/2", "the earlier one is gone")
    }

    @Test(arguments: [false, true])
    func `a run gives way only while its engine works`(isFinished: Bool) throws {
        let shop = try Workshop()
        let script = "echo half > src/h; echo ready" + (isFinished ? "" : "; sleep 6551")
        shop.give(shop.grant(script, verify: "echo judging; sleep 6551"))
        try shop.open()
        let sign = isFinished ? "judging" : "ready"
        #expect(shop.coordinator.waits(forOutput: sign, of: "job-1.1"))
        // Orders are obeyed in their order, and of two that stop a run the first one counts.
        shop.coordinator.order(.pause, job: 1, reason: "gives way", sparesFinished: true)
        shop.coordinator.order(.pause, job: 1, reason: "not now")
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        let reason = isFinished ? "paused: not now" : "paused: gives way"
        #expect(shop.coordinator.waits(forOutput: reason, of: "job-1.1"))
        let kept = try #require(checkpoint(shop, of: "job-1.1"))
        #expect(kept.isFinished == (isFinished ? true : nil))
    }

    @Test func `finished work carries the name of the engine that did it, wherever it is judged`()
        throws
    {
        // The same job may be placed on any engine of its class.
        let shop = try Workshop(stations: "shell=1,command:mind=1") { configuration in
            configuration.templates = [CommandTemplate(name: "mind", run: ["false"])]
        }
        let kept = try pauseInReview(shop, "echo once >> src/h")
        shop.give(
            shop.grant(
                "",
                engine: "command:mind",
                verify: "echo judging again; sleep 6549",
                fence: 2,
                attempt: 2,
                checkpoint: kept
            )
        )
        #expect(shop.coordinator.waits(forOutput: "judging again", of: "job-1.2"))
        let candidate = try #require(shop.candidate(of: "job-1.2"))
        let told = try shop.run(
            "sh",
            "-c",
            "git -C data/mirrors/*.git show -s --format='%an <%ae>%n%b' \(candidate.commit)"
        )
        #expect(told.contains("shell (developer@1) <shell@giga.invalid>"))
        #expect(told.contains("Gigafactory-Engine: shell\n") || told.hasSuffix(": shell"))
        #expect(!told.contains("mind"))
        shop.coordinator.order(.pause, job: 1, fence: 2, reason: "not now either")
        #expect(shop.coordinator.waitsForEnd(of: "job-1.2"))
        let next = try #require(checkpoint(shop, of: "job-1.2"))
        #expect(next.isFinished == true && next.engine == "shell")
    }

    @Test func `finished work that no longer fits its base is done anew`() throws {
        let shop = try Workshop()
        let kept = try pauseInReview(shop, "echo once >> src/h")
        let moved = try shop.commit(["src/h": "theirs\n"], "somebody else's")
        shop.give(
            shop.grant("echo mine >> src/h", fence: 2, attempt: 2, checkpoint: kept)
        )
        #expect(shop.coordinator.waitsForEnd(of: "job-1.2"))
        let candidate = try #require(shop.candidate(of: "job-1.2"))
        #expect(candidate.base == moved)
        #expect(try shop.git("show \(candidate.commit):src/h") == "theirs\nmine")
    }

    @Test func `finished work that changed nothing is not done again either`() throws {
        let shop = try Workshop()
        let kept = try pauseInReview(shop, "true")
        #expect(kept.isFinished == true && kept.branch == nil)
        shop.give(
            shop.grant(
                "echo again > src/h",
                acceptsNoChange: true,
                fence: 2,
                attempt: 2,
                checkpoint: kept
            )
        )
        #expect(shop.coordinator.waitsForEnd(of: "job-1.2"))
        #expect(shop.candidate(of: "job-1.2")?.isEmpty == true)
        #expect(shop.names(of: "job-1.2").last == "complete")
    }

    @Test func `a pause before anything changed leaves nothing to go on from`() throws {
        let shop = try Workshop()
        try pause(shop, after: "true")
        #expect(shop.names(of: "job-1.1") == ["started", "stopped preempted"])
        #expect(try shop.git("for-each-ref refs/heads/giga").isEmpty)
    }

    @Test func `work in progress with a secret in it stays on its machine`() throws {
        let canary = "canary-" + "1a2b3c4d5e6f"
        let shop = try Workshop(environment: ["DEPLOY_TOKEN": canary])
        try pause(shop, after: "key=canary-; echo \"${key}1a2b3c4d5e6f\" > src/h")
        let kept = try #require(
            checkpoint(shop, of: "job-1.1"),
            "\(shop.coordinator.log(of: "job-1.1"))"
        )
        #expect(kept.commit != nil)
        #expect(try shop.git("for-each-ref refs/heads/giga").isEmpty)
        // It is not lost: the factory that has it goes on from it.
        shop.give(shop.grant("rm src/h; echo x > src/x", fence: 2, attempt: 2, checkpoint: kept))
        #expect(shop.coordinator.waitsForEnd(of: "job-1.2"))
        #expect(shop.names(of: "job-1.2").last == "complete")
        #expect(try shop.git("for-each-ref refs/heads/giga").contains("job-1/2"))
    }

    @Test(arguments: [
        ("README.md", "theirs", "half\nwhole"), ("src/h", "theirs", "theirs\nwhole"),
    ])
    func `on a base that moved it goes on where it merges, and afresh where it does not`(
        path: String,
        text: String,
        result: String
    ) throws {
        let shop = try Workshop()
        try pause(shop, after: "echo half > src/h")
        let kept = try #require(checkpoint(shop, of: "job-1.1"))
        let moved = try shop.commit([path: "\(text)\n"], "somebody else's")
        shop.give(shop.grant("echo whole >> src/h", fence: 2, attempt: 2, checkpoint: kept))
        #expect(shop.coordinator.waitsForEnd(of: "job-1.2"))
        let candidate = try #require(shop.candidate(of: "job-1.2"))
        #expect(candidate.base == moved)
        #expect(try shop.git("rev-parse \(candidate.commit)^") == moved)
        #expect(try shop.git("show \(candidate.commit):src/h") == result)
    }

    /// A program of one's own that writes down what it is told, asks, and waits for ever.
    private func asking() throws -> Workshop {
        let script = """
            cat > src/told
            grep -q 'The answer' src/told && exit 0
            echo 'giga-session: s-42'
            echo 'giga-question: Which port, canary-of-this-test?'
            sleep 6548
            """
        return try Workshop(
            stations: "command:mind=1",
            environment: ["DEPLOY_TOKEN": "canary-of-this-test"]
        ) { configuration in
            configuration.templates = [
                CommandTemplate(
                    name: "mind",
                    run: ["sh", "-c", script],
                    engineClass: .agenticCoder
                )
            ]
        }
    }

    @Test func `a question ends the engine, and the next attempt is told the answer`() throws {
        let shop = try asking()
        shop.give(shop.grant("", engine: "command:mind"))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        let items = shop.coordinator.items(of: "job-1.1")
        guard case .waitingInput(let waiting)? = items.last else {
            Issue.record("\(items)")
            return
        }
        #expect(waiting.question == "Which port, [redacted:DEPLOY_TOKEN]?")
        #expect(try shop.run("sh", "-c", "pgrep -f 'sleep 654[8]' || true").isEmpty)
        let kept = try #require(checkpoint(shop, of: "job-1.1"))
        #expect(kept.session == "s-42")
        #expect(kept.commit != nil)

        var exchange = Dialogue.Exchange(attempt: 1, question: "Which port?", askedAt: .epoch)
        exchange.answer = "Port 8080."
        shop.give(
            shop.grant(
                "",
                engine: "command:mind",
                fence: 2,
                attempt: 2,
                checkpoint: kept,
                answers: [exchange]
            )
        )
        #expect(shop.coordinator.waitsForEnd(of: "job-1.2"))
        let candidate = try #require(shop.candidate(of: "job-1.2"))
        let told = try shop.git("show \(candidate.commit):src/told")
        for text in [
            "Which port?", "Port 8080.", "were then, are in your folder", "giga-question: ",
        ] { #expect(told.contains(text), "\(text)") }
    }
}
