import FleetModel
import Git
import Processes
import Shipping
import Synchronization
import Testing

@Suite struct ShipRunTests {
    let git: GitFixture
    let job = JobID(12)

    init() throws { git = try GitFixture() }

    /// What a run said, what it verified, and what its gates shall answer.
    final class Watch: Sendable {
        let said = Mutex<[String]>([])
        let verified = Mutex<[ObjectID]>([])
        let tail: [String]?
        let offences: [String]
        let beforePush: @Sendable () throws -> Void

        init(
            tail: [String]? = nil,
            offences: [String] = [],
            beforePush: @escaping @Sendable () throws -> Void = {}
        ) {
            self.tail = tail
            self.offences = offences
            self.beforePush = beforePush
        }

        /// `mayGoOn` is asked after the fence was taken and again right before the push.
        var gates: ShipGates {
            let calls = Mutex(0)
            return ShipGates(
                offences: { _ in self.offences },
                verify: { commit in
                    self.verified.withLock { $0.append(commit) }
                    return self.tail
                },
                mayGoOn: {
                    let call = calls.withLock { count in
                        count += 1
                        return count
                    }
                    if call == 2 { try self.beforePush() }
                },
                say: { text in self.said.withLock { $0.append(text) } }
            )
        }

        var words: String { said.withLock { $0.joined(separator: "\n") } }
    }

    func ship(
        _ candidate: Candidate,
        by mirror: Mirror,
        fence: UInt64,
        looks: Bool = false,
        _ watch: Watch = Watch()
    ) throws -> ShipResult {
        let order = try #require(ShipOrder(grant(candidate, fence: fence, looks: looks)))
        let committer = Signature(name: "ship", email: "ship@giga.invalid", seconds: 1_800_000_100)
        return try ShipRun(
            order,
            mirror: mirror,
            gates: watch.gates,
            intentFile: "\(git.root)/intent-\(fence)",
            committer: committer
        ).run()
    }

    @Test func `a candidate becomes one merge on the target, and its branch goes`() throws {
        let mirror = try git.mirror("one")
        let before = try git.target()
        let candidate = try git.candidate(mirror, job: job, file: "src/b.txt", text: "b\n")
        let watch = Watch()
        guard case .merged(let merged) = try ship(candidate, by: mirror, fence: 3, watch) else {
            Issue.record("\(watch.words)")
            return
        }
        #expect(merged.commit == (try git.target()))
        #expect(!merged.wasThere)
        #expect(merged.tree == candidate.tree)
        // The tree was judged already, so nothing had to be verified again.
        #expect(watch.verified.withLock(\.count) == 0)
        #expect(
            try git.run("git", "-C", git.origin, "log", "-1", "--format=%P", "main")
                == "\(before) \(candidate.commit)"
        )
        let message = try git.run("git", "-C", git.origin, "log", "-1", "--format=%B", "main")
        #expect(message.hasPrefix("Merge job-12: Add b\n"))
        #expect(message.contains("Gigafactory-Job: fleetabcde/job-12"))
        #expect(try git.fence(job) == "3.1")
        #expect(try git.run("git", "-C", git.origin, "for-each-ref", "refs/heads/giga").isEmpty)
    }

    @Test func `another factory ships what it has only from the origin`() throws {
        let candidate = try git.candidate(
            try git.mirror("one"),
            job: job,
            file: "src/b.txt",
            text: "b\n"
        )
        let result = try ship(candidate, by: try git.mirror("two"), fence: 1)
        guard case .merged = result else {
            Issue.record("\(result)")
            return
        }
        #expect(try git.merges() == 1)
    }

    @Test func `a target that moved on is merged with, and the merged tree is verified`() throws {
        let mirror = try git.mirror("one")
        let candidate = try git.candidate(mirror, job: job, file: "src/b.txt", text: "b\n")
        try git.commit(["src/c.txt": "c\n"], "by hand")
        let watch = Watch()
        let result = try ship(candidate, by: mirror, fence: 1, watch)
        guard case .merged(let merged) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(watch.verified.withLock(\.self).map(\.hex) == [merged.commit])
        #expect(merged.tree != candidate.tree)
    }

    @Test func `a merged tree that verify refuses never reaches the target`() throws {
        let mirror = try git.mirror("one")
        let candidate = try git.candidate(mirror, job: job, file: "src/b.txt", text: "b\n")
        let target = try git.commit(["src/c.txt": "c\n"], "by hand")
        let result = try ship(candidate, by: mirror, fence: 1, Watch(tail: ["1 test failed"]))
        #expect(result == .refused(.verifyFailed, detail: ["1 test failed"]))
        #expect(try git.target() == target)
    }

    @Test func `a merge that leaves the scope never reaches the target`() throws {
        let mirror = try git.mirror("one")
        let candidate = try git.candidate(mirror, job: job, file: "src/b.txt", text: "b\n")
        let result = try ship(candidate, by: mirror, fence: 1, Watch(offences: ["x: outside"]))
        #expect(result == .refused(.scopeViolation, detail: ["x: outside"]))
        #expect(try git.merges() == 0)
    }

    @Test func `a conflict names its paths and moves nothing`() throws {
        let mirror = try git.mirror("one")
        let candidate = try git.candidate(mirror, job: job, file: "src/a.txt", text: "mine\n")
        let target = try git.commit(["src/a.txt": "theirs\n"], "by hand")
        guard case .refused(.conflict, let detail) = try ship(candidate, by: mirror, fence: 1)
        else {
            Issue.record("no conflict")
            return
        }
        #expect(detail.first == "conflict in src/a.txt")
        #expect(try git.target() == target)
    }

    @Test func `a target that moves before the push is another round, not a forced push`() throws {
        let mirror = try git.mirror("one")
        let candidate = try git.candidate(mirror, job: job, file: "src/b.txt", text: "b\n")
        let watch = Watch(beforePush: { [git] in try git.commit(["x": "x"], "in between") })
        guard case .refused(.targetMoved, _) = try ship(candidate, by: mirror, fence: 1, watch)
        else {
            Issue.record("\(watch.words)")
            return
        }
        #expect(try git.merges() == 0)
        #expect(try git.fence(job) == "1.0")
        guard case .merged = try ship(candidate, by: mirror, fence: 2) else {
            Issue.record("the next round did not ship")
            return
        }
    }

    @Test func `a run whose fence was taken by a newer one is refused by git itself`() throws {
        let (old, new) = (try git.mirror("one"), try git.mirror("two"))
        let candidate = try git.candidate(old, job: job, file: "src/b.txt", text: "b\n")
        let ref = Fence.ref(fleet: "fleetabcde", job: job.description)
        // The other has taken the fence and not yet shipped: only the fence can stop this push.
        let watch = Watch(beforePush: { _ = try new.takeFence(ref, fence: 5) })
        let before = try git.target()
        guard case .refused(.overtaken, _) = try ship(candidate, by: old, fence: 4, watch) else {
            Issue.record("\(watch.words)")
            return
        }
        #expect(watch.words.contains("stale info") || watch.words.contains("failed"))
        #expect(try git.target() == before)
        guard case .refused(.overtaken, _) = try ship(candidate, by: old, fence: 4) else {
            Issue.record("the old fence could be taken again")
            return
        }
    }

    @Test func `a change that landed is reported and not merged again`() throws {
        let (one, two) = (try git.mirror("one"), try git.mirror("two"))
        let candidate = try git.candidate(one, job: job, file: "src/b.txt", text: "b\n")
        _ = try ship(candidate, by: one, fence: 1)
        let landed = try git.target()
        try git.commit(["src/c.txt": "c\n"], "later")
        guard case .merged(let merged) = try ship(candidate, by: two, fence: 2) else {
            Issue.record("not found")
            return
        }
        #expect(merged.wasThere && merged.commit == landed)
        #expect(try git.merges() == 1)
    }

    @Test func `a run that is repeated after its reply was lost finds its own push`() throws {
        let mirror = try git.mirror("one")
        let candidate = try git.candidate(mirror, job: job, file: "src/b.txt", text: "b\n")
        _ = try ship(candidate, by: mirror, fence: 7)
        guard case .merged(let merged) = try ship(candidate, by: mirror, fence: 7) else {
            Issue.record("its own push was taken for another's")
            return
        }
        #expect(merged.wasThere)
        #expect(try git.merges() == 1)
    }

    /// A search path that begins with a git of our own, written around the real one.
    private func wrappedGit(_ script: (_ real: String) -> String) throws -> String {
        let folder = "\(git.root)/bin"
        try git.run("mkdir", folder)
        try git.run(
            "sh",
            "-c",
            #"printf '#!/bin/sh\n%s\n' "$2" > "$1"; chmod +x "$1""#,
            "sh",
            "\(folder)/git",
            script(try Executable.find("git"))
        )
        return "\(folder):\(Executable.searchPath)"
    }

    @Test func `a push that took effect although git failed counts as landed`() throws {
        let candidate = try git.candidate(
            try git.mirror("one"),
            job: job,
            file: "src/b.txt",
            text: "b\n"
        )
        // It pushes and then reports a broken connection.
        let path = try wrappedGit { real in
            """
            "\(real)" "$@"; code=$?
            case "$*" in *refs/heads/main*push*|*push*refs/heads/main*) exit 128;; esac
            exit $code
            """
        }
        let mirror = try git.mirror("two", path: path)
        let result = try ship(candidate, by: mirror, fence: 1)
        guard case .merged(let merged) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(merged.wasThere)
        #expect(merged.commit == (try git.target()))
        #expect(try git.merges() == 1)
    }

    @Test func `a push that landed before the network went is unseen, not refused`() throws {
        let candidate = try git.candidate(
            try git.mirror("one"),
            job: job,
            file: "src/b.txt",
            text: "b\n"
        )
        // It pushes to main once, and from then on says nothing but that it failed.
        let path = try wrappedGit { real in
            """
            case "$*" in *ls-remote*|*fetch*|*push*) [ -e "$0.down" ] && exit 128;; esac
            "\(real)" "$@"; code=$?
            case "$*" in *push*refs/heads/main*) touch "$0.down"; exit 128;; esac
            exit $code
            """
        }
        let mirrors = try ["two", "three"].map { try git.mirror($0, path: path) }
        let first = try ship(candidate, by: mirrors[0], fence: 1)
        guard case .refused(.unseen, _) = first else {
            Issue.record("\(first)")
            return
        }
        #expect(try git.merges() == 1, "it landed all the same")
        let second = try ship(candidate, by: mirrors[1], fence: 2)
        guard case .refused(.unseen, _) = second else {
            Issue.record("the fence was not to be had: \(second)")
            return
        }
        let third = try ship(candidate, by: try git.mirror("one"), fence: 3)
        guard case .merged(let merged) = third else {
            Issue.record("\(third)")
            return
        }
        #expect(merged.wasThere)
        #expect(try git.merges() == 1)
    }

    @Test func `a run that only looks says absent, and takes the right to ship from others`() throws
    {
        let mirror = try git.mirror("one")
        let candidate = try git.candidate(mirror, job: job, file: "src/b.txt", text: "b\n")
        guard case .refused(.absent, _) = try ship(candidate, by: mirror, fence: 9, looks: true)
        else {
            Issue.record("not absent")
            return
        }
        guard case .refused(.overtaken, _) = try ship(candidate, by: mirror, fence: 8) else {
            Issue.record("an older run could still ship")
            return
        }
        #expect(try git.merges() == 0)
    }

    @Test func `a target that is checked out in a person's repository is never moved`() throws {
        let path = "\(git.root)/user"
        let mirror = try Mirror.open(at: "\(git.root)/own.git", of: path)
        try mirror.fetch()
        let candidate = try git.candidate(mirror, job: job, file: "src/b.txt", text: "b\n")
        let before = try git.run("git", "-C", path, "rev-parse", "main")
        guard case .refused(.pushRefused, let detail) = try ship(candidate, by: mirror, fence: 1)
        else {
            Issue.record("it was moved")
            return
        }
        #expect(detail[0].contains("checked out"))
        #expect(try git.run("git", "-C", path, "rev-parse", "main") == before)
        #expect(try git.run("git", "-C", path, "status", "--porcelain").isEmpty)
    }

    @Test func `an origin that refuses is quoted in its own words`() throws {
        let mirror = try git.mirror("one")
        let candidate = try git.candidate(mirror, job: job, file: "src/b.txt", text: "b\n")
        try git.run(
            "sh",
            "-c",
            """
            printf '#!/bin/sh\\ngrep -q refs/heads/main && { echo frozen till Monday >&2; exit 1; }\\nexit 0\\n' \
            > "$1"; chmod +x "$1"
            """,
            "sh",
            "\(git.origin)/hooks/pre-receive"
        )
        let watch = Watch()
        guard
            case .refused(.pushRefused, let detail) = try ship(
                candidate,
                by: mirror,
                fence: 1,
                watch
            )
        else {
            Issue.record("\(watch.words)")
            return
        }
        #expect(detail[0] == "a hook of the origin declined the push: frozen till Monday")
        #expect(watch.words.contains("frozen till Monday"))
    }
}
