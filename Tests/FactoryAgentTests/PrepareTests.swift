import FactoryAgent
import FleetModel
import Processes
import Testing

@Suite(
    .serialized,
    .enabled(if: Sandbox.availability() == .available, "bubblewrap is not usable here")
)
struct PrepareTests {
    /// What a package manager does: it reads the lockfile, and fills a folder that git ignores.
    static let prepare =
        "mkdir -p deps/lib; cp package-lock.json deps/lib/pinned; pwd > deps/made-at; echo fetched"

    private func workshop(
        prepare: String = PrepareTests.prepare,
        _ setUp: (inout FactoryConfiguration) -> Void = { _ in }
    ) throws -> Workshop {
        let shop = try Workshop(setUp)
        _ = try shop.commit(
            ["package-lock.json": "one\n", ".gitignore": "deps/\n"],
            "depend on one"
        )
        shop.prepare.change { $0 = prepare }
        return shop
    }

    private func times(_ shop: Workshop, _ text: String, in runs: [String]) -> Int {
        runs.reduce(0) { sum, run in
            sum + shop.coordinator.log(of: run).split(separator: "\n").count { $0 == text }
        }
    }

    @Test
    func `engine and verify find what was prepared, read-only, and it is no part of the change`()
        throws
    {
        let shop = try workshop()
        let script = """
            cat deps/lib/pinned; cat "$GIGA_PREPARED/deps/made-at"
            if echo x > deps/lib/mine; then exit 9; fi
            echo x > src/x
            """
        shop.give(shop.grant(script, verify: "grep one deps/lib/pinned && test -f src/x"))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(shop.names(of: "job-1.1").last == "complete", "\(shop.names(of: "job-1.1"))")
        #expect(shop.evidence(.verify, of: "job-1.1")?.verdict == .passed)
        let candidate = try #require(shop.candidate(of: "job-1.1"))
        let changed = try shop.git("diff --name-only \(candidate.base) \(candidate.commit)")
        #expect(changed == "src/x")
        #expect(shop.coordinator.waits(forOutput: "/job/prepared", of: "job-1.1"))
        #expect(shop.evidence(.scope, of: "job-1.1")?.needsReview == nil)
    }

    @Test func `two runs at once prepare once, and so does one that comes later`() throws {
        // The shell looks again, as in `Workshop.wait`: a file is the only sign into the sandbox.
        let shop = try workshop(
            prepare: "until [ -e go ]; do sleep 0.05; done; \(Self.prepare)"
        )
        shop.give(
            shop.grant("echo x > src/x", job: 1),
            shop.grant("echo y > src/y", job: 2)
        )
        try shop.open()
        // One is at it, and the other waits for it, before it can end.
        for run in ["job-1.1", "job-2.1"] {
            #expect(shop.coordinator.waits { state in state.reports.contains { $0.run == run } })
        }
        #expect(
            shop.coordinator.waits { state in
                state.logs.values.contains {
                    String(decoding: $0, as: UTF8.self).contains("prepare:")
                }
            }
        )
        try shop.run("sh", "-c", "for d in data/prepared/*/checkout; do touch $d/go; done")
        for run in ["job-1.1", "job-2.1"] { #expect(shop.coordinator.waitsForEnd(of: run)) }
        shop.give(shop.grant("echo z > src/z", job: 3))
        #expect(shop.coordinator.waitsForEnd(of: "job-3.1"))
        let runs = ["job-1.1", "job-2.1", "job-3.1"]
        for run in runs { #expect(shop.names(of: run).last == "complete") }
        #expect(times(shop, "fetched", in: runs) == 1)
    }

    @Test func `a changed lockfile is prepared anew for verify, and asks for a person`() throws {
        let shop = try workshop()
        shop.give(
            shop.grant("echo two > package-lock.json", verify: "grep two deps/lib/pinned")
        )
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(shop.evidence(.verify, of: "job-1.1")?.verdict == .passed)
        let review = shop.evidence(.scope, of: "job-1.1")?.needsReview
        #expect(review == "the lockfile package-lock.json changed")
        #expect(times(shop, "fetched", in: ["job-1.1"]) == 2)
    }

    /// What stands on the shelf that all jobs share.
    private func shelf(_ shop: Workshop) throws -> Int {
        try shop.run("sh", "-c", "ls data/prepared | wc -l").split(separator: " ").first
            .flatMap { Int($0) } ?? -1
    }

    private static let withTool =
        "mkdir -p deps; cat package-lock.json tool > deps/made; echo fetched"

    @Test func `what a change's own prepare made is given to no other job and no other attempt`()
        throws
    {
        let shop = try workshop(prepare: Self.withTool)
        _ = try shop.commit(["tool": "good\n"], "a tool")
        let script = "echo two > package-lock.json; echo evil > tool"
        shop.give(shop.grant(script, verify: "grep evil deps/made"))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(shop.evidence(.verify, of: "job-1.1")?.verdict == .passed)
        #expect(try shelf(shop) == 1, "the base's, and nothing of the change")
        shop.give(shop.grant(script, verify: "grep evil deps/made", fence: 2, attempt: 2))
        #expect(shop.coordinator.waitsForEnd(of: "job-1.2"))
        #expect(times(shop, "fetched", in: ["job-1.2"]) == 1, "prepared anew for this run")
        _ = try shop.commit(["package-lock.json": "two\n"], "depend on two")
        shop.give(shop.grant("cp deps/made src/x", job: 2, verify: "grep good deps/made"))
        #expect(shop.coordinator.waitsForEnd(of: "job-2.1"))
        let candidate = try #require(shop.candidate(of: "job-2.1"))
        #expect(try shop.git("show \(candidate.commit):src/x") == "two\ngood")
        #expect(shop.evidence(.verify, of: "job-2.1")?.verdict == .passed)
    }

    @Test func `a change that leaves the lockfile alone is verified with what its base made`()
        throws
    {
        let shop = try workshop(prepare: Self.withTool)
        _ = try shop.commit(["tool": "good\n"], "a tool")
        shop.give(shop.grant("echo evil > tool", verify: "grep good deps/made"))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(shop.evidence(.verify, of: "job-1.1")?.verdict == .passed)
        #expect(times(shop, "fetched", in: ["job-1.1"]) == 1)
    }

    @Test func `what is prepared from a branch that is not the target stays with its run`() throws {
        let shop = try workshop(prepare: Self.withTool)
        _ = try shop.commit(["tool": "good\n"], "a tool")
        let evil = try shop.commit(
            ["tool": "evil\n", "package-lock.json": "mine\n"],
            "another's work"
        )
        _ = try shop.git("branch feature \(evil)")
        _ = try shop.git("update-ref refs/heads/main \(evil)^")
        var run = shop.grant("cp deps/made src/x")
        run.terms.base = "feature"
        shop.give(run)
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        let candidate = try #require(shop.candidate(of: "job-1.1"))
        #expect(try shop.git("show \(candidate.commit):src/x") == "mine\nevil")
        #expect(times(shop, "fetched", in: ["job-1.1"]) == 1, "verify uses what the base made")
        #expect(try shelf(shop) == 0)
        shop.give(shop.grant("cp deps/made src/x", job: 2))
        #expect(shop.coordinator.waitsForEnd(of: "job-2.1"))
        let next = try #require(shop.candidate(of: "job-2.1"))
        #expect(try shop.git("show \(next.commit):src/x") == "one\ngood")
    }

    @Test func `prepare has a time of its own, and the job's timeout is another`() throws {
        let shop = try workshop(prepare: "echo begins; sleep 6550") {
            $0.prepareLimit = .seconds(1)
        }
        shop.give(shop.grant("echo x > src/x"))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        let failure = try #require(shop.failure(of: "job-1.1"))
        #expect(failure.cause == .prepareFailed)
        #expect(failure.tail == ["begins", "prepare did not end within 1s"])
    }

    private static let large = "\(prepare); head -c 2097152 /dev/urandom > deps/large"

    @Test func `beyond its bound the oldest goes that nobody uses`() throws {
        let shop = try workshop(prepare: Self.large) { $0.preparedBytes = 5 << 20 }
        try shop.open()
        for (number, lock) in [(1, "uno"), (2, "two"), (3, "tre")] {
            _ = try shop.commit(["package-lock.json": "\(lock)\n"], "depend on \(lock)")
            let run = "job-\(number).1"
            shop.give(shop.grant("echo x > src/x", job: UInt64(number)))
            #expect(shop.coordinator.waitsForEnd(of: run))
            #expect(times(shop, "fetched", in: [run]) == 1)
        }
        #expect(try shop.waits { try shelf(shop) == 2 })
        _ = try shop.commit(["package-lock.json": "two\n"], "depend on two again")
        shop.give(shop.grant("echo x > src/x", job: 4))
        #expect(shop.coordinator.waitsForEnd(of: "job-4.1"))
        #expect(times(shop, "fetched", in: ["job-4.1"]) == 0, "the newer ones stayed")
    }

    @Test func `what a running attempt uses stays, whatever the bound`() throws {
        let shop = try workshop(prepare: Self.large) { $0.preparedBytes = 1 << 20 }
        shop.give(
            shop.grant("echo ready; \(Workshop.wait); cat deps/lib/pinned > src/x", job: 1)
        )
        try shop.open()
        #expect(shop.coordinator.waits(forOutput: "ready", of: "job-1.1"))
        _ = try shop.commit(["package-lock.json": "two\n"], "depend on two")
        shop.give(shop.grant("cat deps/lib/pinned > src/x", job: 2, verify: "test -d deps/lib"))
        #expect(shop.coordinator.waitsForEnd(of: "job-2.1"))
        #expect(shop.evidence(.verify, of: "job-2.1")?.verdict == .passed)
        try shop.letGo(of: "job-1.1")
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        let candidate = try #require(shop.candidate(of: "job-1.1"))
        #expect(try shop.git("show \(candidate.commit):src/x") == "one")
        #expect(try shop.waits { try shelf(shop) == 0 }, "nobody uses them any more")
    }

    @Test func `a disk with too little room gets what nobody uses back`() throws {
        let shop = try workshop { $0.minimumFreeBytes = .max }
        try shop.run("sh", "-c", "mkdir -p data/prepared/aa && echo 10 > data/prepared/aa/ready")
        try shop.open()
        #expect(try shop.waits { try shelf(shop) == 0 })
        try shop.run("sh", "-c", "mkdir -p data/prepared/bb && echo 10 > data/prepared/bb/ready")
        #expect(try shop.waits { try shelf(shop) == 0 }, "while it runs, too")
    }

    @Test
    func `a prepare that fails is a failure of its own, with its last lines, and is not kept`()
        throws
    {
        let shop = try workshop(prepare: "echo no such package >&2; exit 4")
        shop.give(shop.grant("echo x > src/x", job: 1))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        let failure = try #require(shop.failure(of: "job-1.1"))
        #expect(failure.cause == .prepareFailed)
        #expect(failure.command == "echo no such package >&2; exit 4")
        #expect(failure.tail == ["no such package"])
        #expect(shop.coordinator.log(of: "job-1.1").contains("no such package"))
        shop.give(shop.grant("echo x > src/x", job: 2))
        #expect(shop.coordinator.waitsForEnd(of: "job-2.1"))
        #expect(shop.failure(of: "job-2.1")?.cause == .prepareFailed, "it was tried again")
        #expect(times(shop, "no such package", in: ["job-1.1", "job-2.1"]) == 2)
    }

    @Test
    func `a change that puts a link where the prepared folder belongs hides and moves nothing`()
        throws
    {
        let shop = try workshop()
        // Verify's checkout has the link; what is mounted must not land behind it.
        let script = "rm -f .gitignore; ln -s src deps 2>/dev/null || rmdir deps; ln -sfn src deps"
        shop.give(shop.grant("echo x > src/x; git rm -q --cached .gitignore; \(script)"))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        let names = shop.names(of: "job-1.1")
        #expect(names.last == "complete" || shop.failure(of: "job-1.1") != nil)
        #expect(shop.evidence(.verify, of: "job-1.1")?.verdict != .failed)
    }

    @Test func `without a sandbox it does not run, and the log says so`() throws {
        let shop = try Workshop(sandbox: false)
        shop.prepare.change { $0 = Self.prepare }
        shop.give(shop.grant("test ! -e deps; echo x > src/x"))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(shop.names(of: "job-1.1").last == "complete")
        #expect(shop.coordinator.waits(forOutput: "prepare did not run", of: "job-1.1"))
    }
}
