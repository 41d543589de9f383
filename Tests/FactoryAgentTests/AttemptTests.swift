import FactoryAgent
import FleetModel
import FleetProtocol
import GitTesting
import Processes
import Testing

@Suite(.serialized) struct AttemptTests {
    @Test func `a red verify is evidence with its last lines, and nothing is pushed`() throws {
        let shop = try Workshop()
        shop.give(shop.grant("echo x > src/x", verify: "echo 3 tests failed; exit 7"))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(shop.names(of: "job-1.1").suffix(2) == ["verify failed", "complete"])
        let evidence = try #require(shop.evidence(.verify, of: "job-1.1"))
        #expect(evidence.exitCode == 7)
        #expect(evidence.tail == ["3 tests failed"])
        #expect(try shop.git("for-each-ref refs/heads/giga").isEmpty)
    }

    @Test func `a change that leaves its scope names each path and is not pushed`() throws {
        let shop = try Workshop()
        let scopes = [[try Glob(parsing: "src/**")]]
        shop.give(shop.grant("echo x > src/x; echo more >> README.md", scopes: scopes))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        let evidence = try #require(shop.evidence(.scope, of: "job-1.1"))
        #expect(evidence.verdict == .failed)
        #expect(evidence.tail == ["README.md: outside the job's scope"])
        #expect(try shop.git("for-each-ref refs/heads/giga").isEmpty)
    }

    @Test func `a secret in the change fails its gate, and its value leaves by no way`() throws {
        let canary = "canary-" + "9f8e7d6c5b4a"
        let shop = try Workshop(environment: ["DEPLOY_TOKEN": canary])
        let script =
            "key=canary-; key=${key}9f8e7d6c5b4a; echo \"key: $key\" > src/x; echo \"is $key\""
        shop.give(shop.grant(script))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(shop.evidence(.secrets, of: "job-1.1")?.verdict == .failed)
        #expect(shop.coordinator.waits(forOutput: "the engine ended", of: "job-1.1"))
        let everything = shop.coordinator.state.read { state in
            let bytes = Array(state.logs.values) + Array(state.artifacts.values)
            return "\(state.reports)" + bytes.map { String(decoding: $0, as: UTF8.self) }.joined()
        }
        #expect(!everything.contains(canary))
        #expect(everything.contains("is [redacted:DEPLOY_TOKEN]"))
        #expect(everything.contains("+key: [redacted:DEPLOY_TOKEN]"))
        #expect(try shop.git("for-each-ref refs/heads/giga").isEmpty)
    }

    @Test func `no change is a failure, unless it was announced`() throws {
        let shop = try Workshop()
        shop.give(
            shop.grant("true", job: 1),
            shop.grant("true", job: 2, acceptsNoChange: true)
        )
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(shop.coordinator.waitsForEnd(of: "job-2.1"))
        let failure = try #require(shop.failure(of: "job-1.1"))
        #expect(failure.cause == .engineFailed)
        #expect(failure.tail.first?.hasPrefix("no change") == true)
        #expect(shop.candidate(of: "job-2.1")?.patchID == "")
        #expect(shop.names(of: "job-2.1").last == "complete")
    }

    @Test func `an engine that takes too long is stopped with all that it started`() throws {
        let shop = try Workshop()
        shop.give(shop.grant("setsid sleep 987 & sleep 987", timeout: .seconds(1)))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(shop.failure(of: "job-1.1")?.cause == .timeout)
        #expect(shop.drain())
        #expect(try shop.run("sh", "-c", "pgrep -f 'sleep 98[7]' || true").isEmpty)
    }

    @Test func `a failing script and a killed one are told apart`() throws {
        let shop = try Workshop(sandbox: false)
        shop.give(
            shop.grant("echo broken >&2; exit 3", job: 1),
            shop.grant("kill -9 $$", job: 2)
        )
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(shop.coordinator.waitsForEnd(of: "job-2.1"))
        #expect(shop.failure(of: "job-1.1")?.cause == .engineFailed)
        #expect(shop.failure(of: "job-1.1")?.tail.contains("broken") == true)
        #expect(shop.failure(of: "job-2.1")?.cause == .engineCrashed)
    }

    @Test(arguments: [
        "rm -rf .git", "rm -rf .git/objects; mkdir .git/objects",
        "chmod -R u+w .git; find .git/objects -type f -exec sh -c 'echo x > {}' ';'",
    ])
    func `an agent that wrecks its clone harms itself alone`(script: String) throws {
        let shop = try Workshop()
        shop.give(shop.grant("\(script); echo x > src/x"))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(shop.failure(of: "job-1.1")?.cause == .engineFailed)
        shop.give(shop.grant("echo y > src/y", job: 2))
        #expect(shop.coordinator.waitsForEnd(of: "job-2.1"))
        #expect(shop.names(of: "job-2.1").last == "complete")
        #expect(shop.drain())
        try shop.run(
            "sh",
            "-c",
            "for m in data/mirrors/*.git; do git -C $m fsck --full || exit 1; done"
        )
    }

    @Test func `what the agent plants for git runs nothing, and its link is refused`() throws {
        let shop = try Workshop(sandbox: false)
        let marker = "\(shop.root)/marker"
        let script = """
            printf '#!/bin/sh\\ntouch \(marker)\\n' > .git/hooks-x; chmod +x .git/hooks-x
            mkdir -p .git/hooks; cp .git/hooks-x .git/hooks/pre-commit
            cp .git/hooks-x .git/hooks/reference-transaction
            ln -s /etc/passwd src/link
            git config core.fsmonitor "touch \(marker)"
            git config core.hooksPath "$PWD/.git/hooks"
            git config filter.x.clean "touch \(marker); cat"
            echo '* filter=x' > .git/info/attributes || true
            """
        shop.give(shop.grant(script))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        let evidence = try #require(shop.evidence(.scope, of: "job-1.1"))
        #expect(evidence.tail == ["src/link: a symbolic link"])
        #expect(throws: Failed.self) { try shop.run("ls", marker) }
    }

    @Test func `a secret that only the agent's own commits held is not among what is pushed`()
        throws
    {
        let shop = try Workshop()
        let script = """
            echo hidden-in-history > src/s; git add -A; git commit -qm one
            rm src/s; echo x > src/x; git add -A; git commit -qm two
            """
        shop.give(shop.grant(script))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(shop.names(of: "job-1.1").contains("verify passed"))
        let blobs =
            "cat-file --batch-all-objects --batch-check='%(objecttype) %(objectname)'"
            + " | sed -n 's/^blob //p' | xargs -n 1 git -C \(shop.origin) cat-file blob"
        let held = try shop.git(blobs)
        #expect(held.contains("x"))
        #expect(!held.contains("hidden-in-history"))
    }

    @Test func `the clean environment holds what is promised and nothing else`() throws {
        let shop = try Workshop(environment: ["PRIVATE_NOTE": "x", "GIGA_TOKEN": "operator-token"])
        shop.give(shop.grant("env | sed 's/=.*//' | sort > src/names"))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        let candidate = try #require(shop.candidate(of: "job-1.1"))
        let names = try shop.git("show \(candidate.commit):src/names").split(separator: "\n")
        let promised: Set<Substring> = [
            "PATH", "HOME", "TMPDIR", "LANG", "TZ", "GIGA_JOB", "GIGA_ATTEMPT", "GIGA_RUN", "PWD",
            "OLDPWD", "SHLVL", "_",
        ]
        #expect(Set(names).subtracting(promised).isEmpty)
        #expect(names.contains("GIGA_JOB"))
    }

    @Test func `a change becomes one commit of the host, judged and pushed`() throws {
        let shop = try Workshop()
        shop.give(shop.grant("echo two > src/b.txt; echo hello from the job"))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        let expected = [
            "started", "finished", "scope passed", "secrets passed", "verify passed", "complete",
        ]
        #expect(shop.names(of: "job-1.1") == expected)
        let candidate = try #require(shop.candidate(of: "job-1.1"))
        #expect(candidate.branch == "giga/fleetabcde/job-1/1")
        #expect(try shop.git("rev-parse refs/heads/\(candidate.branch)") == candidate.commit)
        #expect(try shop.git("rev-parse \(candidate.commit)^") == candidate.base)
        let author = try shop.git("log -1 --format='%an <%ae>' \(candidate.commit)")
        #expect(author == "shell (developer@1) <shell@giga.invalid>")
        let message = try shop.git("log -1 --format=%B \(candidate.commit)")
        for line in [
            "Gigafactory-Job: fleetabcde/job-1", "Gigafactory-Attempt: 1",
            "Gigafactory-Engine: shell",
        ] { #expect(message.contains(line)) }
        #expect(shop.coordinator.waits(forOutput: "hello from the job", of: "job-1.1"))
        let diff = shop.coordinator.state.read { $0.artifacts["job-1.1/diff"] } ?? []
        #expect(String(decoding: diff, as: UTF8.self).contains("+two"))
        #expect(shop.drain())
        #expect(try shop.run("ls", "\(shop.root)/data/runs").isEmpty)
        #expect(try shop.run("ls", "\(shop.root)/data/quarantine").isEmpty)
    }

    @Test func `a judged candidate is shipped by a ship run, with its fence`() throws {
        let shop = try Workshop()
        shop.give(shop.grant("echo two > src/b.txt"))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        let candidate = try #require(shop.candidate(of: "job-1.1"))
        shop.give(shop.grant("", ships: candidate, fence: 2))
        #expect(shop.coordinator.waitsForEnd(of: "job-1.ship-2"))
        #expect(shop.names(of: "job-1.ship-2") == ["ship started", "merged"])
        #expect(try shop.git("log -1 --format=%P main") == "\(candidate.base) \(candidate.commit)")
        #expect(try shop.git("cat-file blob refs/giga/fence/fleetabcde/job-1") == "2.1")
    }

    @Test func `the start names base, prompt and sandbox, and facts say what can be pushed`() throws
    {
        let shop = try Workshop { $0.startPatience = .minutes(10) }
        shop.coordinator.state.change {
            $0.repositories = [Repository(name: "r", url: shop.origin, target: "main")]
        }
        shop.give(shop.grant("echo x > src/x"))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        guard case .started(let started)? = shop.coordinator.items(of: "job-1.1").first else {
            Issue.record("no start")
            return
        }
        #expect(started.base == (try shop.git("rev-parse main")))
        #expect(started.promptHash?.count == 64)
        #expect(["bubblewrap", "none"].contains(started.sandbox))
        for fact in ["push:r", "repo:r", "os:linux"] {
            #expect(shop.coordinator.waits { $0.facts.contains { $0.text == fact } })
        }
    }
}
