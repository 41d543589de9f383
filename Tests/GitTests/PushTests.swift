import FoundationEssentials
import Git
import Glibc
import Processes
import Testing

@Suite struct PushTests {
    private let fence = Fence.ref(fleet: "f", job: "job-1")

    private func kind(_ body: () throws -> Void) -> GitFault.Kind? {
        #expect(throws: GitFault.self, performing: body)?.kind
    }

    @Test func `a moved target is stale and nothing of the push takes effect`() throws {
        let yard = try Yard()
        let mine = try yard.commit(on: yard.base, "echo m > m")
        let other = try yard.commit(on: yard.base, "echo o > o")
        try yard.mirror.push([RefUpdate("refs/heads/main", from: yard.base, to: other)])
        let taken = try yard.mirror.takeFence(fence, fence: 1)
        let fault = kind {
            try yard.mirror.shipPush(
                target: "refs/heads/main",
                from: yard.base,
                to: mine,
                under: taken
            )
        }
        #expect(fault == .stale(ref: "refs/heads/main"))
        #expect(try yard.mirror.remoteRef("refs/heads/main") == other)
        #expect(try yard.mirror.readFence(fence).value == FenceValue(fence: 1, step: 0))
    }

    @Test func `a zombie with an older fence cannot ship`() throws {
        let yard = try Yard()
        let mine = try yard.commit(on: yard.base, "echo m > m")
        let zombie = try yard.mirror.takeFence(fence, fence: 1)
        _ = try yard.mirror.takeFence(fence, fence: 2)
        let fault = kind {
            try yard.mirror.shipPush(
                target: "refs/heads/main",
                from: yard.base,
                to: mine,
                under: zombie
            )
        }
        #expect(fault == .stale(ref: fence))
        #expect(try yard.mirror.remoteRef("refs/heads/main") == yard.base)
        #expect(
            kind { _ = try yard.mirror.takeFence(fence, fence: 1) }
                == .overtaken(by: FenceValue(fence: 2, step: 0))
        )
    }

    /// The window inside `git push`: the remote has told its refs, and then the fence moves.
    @Test func `a fence that moves while the push is under way stops it at the server`() throws {
        let yard = try Yard()
        let mine = try yard.commit(on: yard.base, "echo m > m")
        let zombie = try yard.mirror.takeFence(fence, fence: 1)
        let newer = try yard.mirror.writeBlob(Array("2.0".utf8))
        // The origin's own hook runs between its advertisement and its transaction.
        let hook = """
            #!/bin/sh
            unset GIT_QUARANTINE_PATH
            git --git-dir=\(yard.origin) update-ref \(fence) $(printf 2.0 | GIT_OBJECT_DIRECTORY=\(yard.origin)/objects git --git-dir=\(yard.origin) hash-object -w --stdin)
            """
        try Data(hook.utf8).write(to: URL(filePath: "\(yard.origin)/hooks/pre-receive"))
        #expect(chmod("\(yard.origin)/hooks/pre-receive", 0o755) == 0)
        #expect(throws: GitFault.self) {
            try yard.mirror.shipPush(
                target: "refs/heads/main",
                from: yard.base,
                to: mine,
                under: zombie
            )
        }
        #expect(try yard.mirror.remoteRef("refs/heads/main") == yard.base)
        #expect(try yard.mirror.remoteRef(fence) == newer)
    }

    @Test func `a ship moves target and fence together`() throws {
        let yard = try Yard()
        let mine = try yard.commit(
            on: yard.base,
            message: "t\n\nGigafactory-Job: f/job-1\n",
            "echo m > m"
        )
        let taken = try yard.mirror.takeFence(fence, fence: 3)
        let words = try yard.mirror.shipPush(
            target: "refs/heads/main",
            from: yard.base,
            to: mine,
            under: taken
        )
        #expect(words.contains("refs/heads/main"))
        #expect(try yard.mirror.remoteRef("refs/heads/main") == mine)
        #expect(try yard.mirror.readFence(fence).value == FenceValue(fence: 3, step: 1))
        #expect(
            kind { _ = try yard.mirror.takeFence(fence, fence: 3) }
                == .overtaken(by: FenceValue(fence: 3, step: 1))
        )
        #expect(try yard.mirror.landedCommit(on: mine, since: yard.base, job: "f/job-1") == mine)
        #expect(try yard.mirror.landedCommit(on: mine, since: nil, job: "f/job-1") == mine)
        #expect(try yard.mirror.landedCommit(on: mine, since: yard.base, job: "f/job") == nil)
        #expect(try yard.mirror.landedCommit(on: mine, since: mine, job: "f/job-1") == nil)
    }

    @Test func `taking the same fence again after a lost reply is no harm`() throws {
        let yard = try Yard()
        #expect(try yard.mirror.readFence(fence).value == .none)
        let first = try yard.mirror.takeFence(fence, fence: 5)
        #expect(try yard.mirror.takeFence(fence, fence: 5) == first)
        let text = try yard.mirror.readBlob(#require(first.object))
        #expect(text == Array("5.0".utf8))
    }

    @Test func `of two that take one fence at once exactly one has it`() throws {
        let yard = try Yard()
        let results = Monitor<[Result<FenceReading, GitFault>]>([])
        for number in UInt64(1)...2 {
            let other = try Mirror.open(at: "\(yard.root)/m\(number).git", of: yard.origin)
            let name = fence
            try DedicatedThread.start {
                let result = Result { () throws(GitFault) in
                    try other.takeFence(name, fence: number)
                }
                results.change { $0.append(result) }
            }
        }
        let all = results.wait(until: .after(.seconds(120))) { $0.count == 2 ? $0 : nil }
        let values = try #require(all).compactMap { try? $0.get().value.fence }
        #expect(values.contains(2))
        #expect(try yard.mirror.readFence(fence).value == FenceValue(fence: 2, step: 0))
    }

    @Test func `an update that changes nothing is refused, for its lease would not be checked`()
        throws
    {
        let yard = try Yard()
        #expect(
            kind {
                try yard.mirror.push([RefUpdate("refs/heads/main", from: yard.base, to: yard.base)])
            } == .refused
        )
        // The ref has the new value already, but not the expected one: not believed either.
        let mine = try yard.commit(on: yard.base, "echo m > m")
        try yard.mirror.push([RefUpdate("refs/heads/x", from: nil, to: mine)])
        #expect(
            kind { try yard.mirror.push([RefUpdate("refs/heads/x", from: yard.base, to: mine)]) }
                == .stale(ref: "refs/heads/x")
        )
    }

    @Test func `a target is never rewritten, even with the right expectation`() throws {
        let yard = try Yard()
        let mine = try yard.commit(on: yard.base, "echo m > m")
        let other = try yard.commit(on: yard.base, "echo o > o")
        try yard.mirror.push([RefUpdate("refs/heads/main", from: yard.base, to: mine)])
        let taken = try yard.mirror.takeFence(fence, fence: 1)
        #expect(
            kind {
                try yard.mirror.shipPush(
                    target: "refs/heads/main",
                    from: mine,
                    to: other,
                    under: taken
                )
            } == .refused
        )
        #expect(try yard.mirror.remoteRef("refs/heads/main") == mine)
    }

    @Test func `refs are made only where there are none, and deleted only with their value`() throws
    {
        let yard = try Yard()
        let mine = try yard.commit(on: yard.base, "echo m > m")
        #expect(
            kind { try yard.mirror.push([RefUpdate("refs/heads/main", from: nil, to: mine)]) }
                == .stale(ref: "refs/heads/main")
        )
        try yard.mirror.push([RefUpdate("refs/heads/x", from: nil, to: mine)])
        #expect(
            kind { try yard.mirror.push([RefUpdate("refs/heads/x", from: yard.base, to: nil)]) }
                == .stale(ref: "refs/heads/x")
        )
        try yard.mirror.push([RefUpdate("refs/heads/x", from: mine, to: nil)])
        #expect(try yard.mirror.remoteRef("refs/heads/x") == nil)
    }

    @Test func `the remote's own refusal is told with its words`() throws {
        let yard = try Yard()
        let mine = try yard.commit(on: yard.base, "echo m > m")
        try Data("#!/bin/sh\necho not on Fridays >&2\nexit 1\n".utf8)
            .write(to: URL(filePath: "\(yard.origin)/hooks/pre-receive"))
        #expect(chmod("\(yard.origin)/hooks/pre-receive", 0o755) == 0)
        let fault = #expect(throws: GitFault.self) {
            try yard.mirror.push([RefUpdate("refs/heads/x", from: nil, to: mine)])
        }
        #expect(
            fault?.kind
                == .rejected(
                    ref: "refs/heads/x",
                    reason: "[remote rejected] (pre-receive hook declined)"
                )
        )
        #expect(fault?.words.contains("not on Fridays") == true)
    }

    @Test func `an origin that is not there is unreachable`() throws {
        let yard = try Yard()
        let lost = try Mirror.open(at: "\(yard.root)/lost.git", of: "\(yard.root)/no-such.git")
        #expect([.unreachableRemote, .notARepository].contains(kind { try lost.fetch() }))
        #expect(
            [.unreachableRemote, .notARepository].contains(kind { _ = try lost.remoteRefs([]) })
        )
        let refused = try Mirror.open(at: "\(yard.root)/http.git", of: "http://127.0.0.1:1/x")
        #expect(kind { try refused.fetch() } == .unreachableRemote, "plain http is not allowed")
    }

    @Test func `git is looked up on the path at each call, and has its deadline`() throws {
        let yard = try Yard()
        try FileManager.default.createDirectory(
            atPath: "\(yard.root)/bin",
            withIntermediateDirectories: true
        )
        try Data("#!/bin/sh\nexec sleep 300\n".utf8).write(
            to: URL(filePath: "\(yard.root)/bin/git")
        )
        #expect(chmod("\(yard.root)/bin/git", 0o755) == 0)
        let program = GitProgram(
            searchPath: "\(yard.root)/bin:/usr/bin:/bin",
            deadline: .milliseconds(200)
        )
        let slow = try #require(throws: GitFault.self) {
            try Mirror.open(at: "\(yard.root)/slow.git", of: nil, program: program)
        }
        #expect(slow.kind == .timedOut)
    }

    @Test func `a person's repository is read and not touched`() throws {
        let yard = try Yard()
        let seed = "\(yard.root)/seed"
        try Yard.shell(
            "git worktree add -q ../linked -b side; echo dirty >> a.txt; git tag v1",
            in: seed
        )
        let before = try Yard.shell(
            "find . -type f -exec md5sum {} + | sort; stat -c %Y .git/index",
            in: seed
        )
        let person = try UserRepository(at: seed)
        #expect(try person.checkedOutBranches() == ["refs/heads/main", "refs/heads/side"])
        #expect(try person.currentBranch() == "refs/heads/main")
        #expect(try person.remoteURL() == nil)
        try person.makeBareOrigin(at: "\(yard.root)/made/origin.git")
        try person.makeBareOrigin(at: "\(yard.root)/made/origin.git")
        let made = try Mirror.open(
            at: "\(yard.root)/made/mirror.git",
            of: "\(yard.root)/made/origin.git"
        )
        #expect(try made.defaultBranch() == "main")
        #expect(
            try made.remoteRefs([]).keys.sorted()
                == ["HEAD", "refs/heads/main", "refs/heads/side", "refs/tags/v1"]
        )
        let after = try Yard.shell(
            "find . -type f -exec md5sum {} + | sort; stat -c %Y .git/index",
            in: seed
        )
        #expect(before == after)
        #expect(throws: GitFault.self) { try UserRepository(at: yard.root) }
        let bare = try UserRepository(at: yard.origin)
        #expect(try bare.checkedOutBranches().isEmpty)
    }

    @Test func `fetching prunes what is gone and keeps what is ours`() throws {
        let yard = try Yard()
        let mine = try yard.commit(on: yard.base, "echo m > m")
        try yard.mirror.push([RefUpdate("refs/heads/x", from: nil, to: mine)])
        try yard.mirror.fetch()
        #expect(try yard.mirror.branch("x") == mine)
        try yard.mirror.push([RefUpdate("refs/heads/x", from: mine, to: nil)])
        try yard.mirror.fetch()
        #expect(throws: GitFault.self) { try yard.mirror.branch("x") }
        #expect(try !yard.mirror.refs(below: "refs/giga/quarantine").isEmpty)
        #expect(
            kind { try yard.mirror.moveRef("refs/giga/keep", from: mine, to: yard.base) }
                == .stale(ref: "refs/giga/keep")
        )
        try yard.mirror.moveRef("refs/giga/keep", from: nil, to: mine)
        #expect(try yard.mirror.refs(below: "refs/giga/keep") == ["refs/giga/keep": mine])
    }
}
