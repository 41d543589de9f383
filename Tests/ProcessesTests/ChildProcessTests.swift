import Glibc
import Processes
import Synchronization
import Testing

@Suite struct ChildProcessTests {
    static let environment = ["PATH": "/usr/bin:/bin"]

    static func shell(_ script: String, input: Invocation.Input = .none) -> Invocation {
        Invocation("sh", ["-c", script], environment: environment, input: input)
    }

    @Test func `a program that is not there is named, and nothing is started`() {
        let fault = #expect(throws: SpawnFault.self) {
            try ChildProcess.start(Invocation("no-such-program-here"))
        }
        guard case .notFound(program: "no-such-program-here", _) = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
    }

    @Test(arguments: [
        (Invocation("true", folder: "/no/such/folder"), SpawnFault.noSuchFolder("/no/such/folder")),
        (Invocation("true", environment: ["A=B": "c"]), .malformed("the variable A=B")),
        (Invocation("true", ["a\0b"]), .malformed("an argument with a zero byte: a\0b")),
    ])
    func `what cannot be passed to a process is refused`(
        _ invocation: Invocation,
        expected: SpawnFault
    ) {
        #expect(throws: expected) { try ChildProcess.start(invocation) }
    }

    @Test func `a relative program or a relative part of the path is never used`() throws {
        #expect(throws: SpawnFault.self) { try ChildProcess.start(Invocation("./sh")) }
        #expect(throws: SpawnFault.self) {
            try ChildProcess.start(Invocation("sh", folder: "/bin", searchPath: ".::bin"))
        }
    }

    @Test(arguments: [
        ("exit 0", ProcessExit.code(0)), ("exit 7", .code(7)), ("kill -TERM $$", .signal(SIGTERM)),
        ("kill -KILL $$", .signal(SIGKILL)),
    ])
    func `the way it ended is told exactly`(script: String, expected: ProcessExit) throws {
        let done = try ChildProcess.run(Self.shell(script), deadline: .patience)
        #expect(done.exit == expected)
        #expect(!done.isTimedOut)
    }

    @Test func `nothing is inherited but what was given`() throws {
        setenv("GIGA_TEST_SECRET", "canary", 1)
        let leak = open("/etc/passwd", O_RDONLY)
        defer { close(leak) }
        let script = "env; echo; ls /proc/self/fd; grep -E 'Sig(Blk|Ign)' /proc/self/status"
        let done = try ChildProcess.run(
            Invocation("sh", ["-c", script], environment: ["ONLY": "this"]),
            deadline: .patience
        )
        #expect(!done.output.text.contains("canary"))
        #expect(done.output.text.contains("ONLY=this"))
        let numbers = done.output.text.split(separator: "\n").compactMap { Int($0) }
        #expect(numbers.allSatisfy { $0 <= 3 }, "0 to 2, and the folder ls itself has open")
        #expect(done.output.text.contains("SigBlk:\t0000000000000000"))
        // Bits 31 and 32 are the C library's own two signals, which no program can use.
        #expect(
            done.output.text.contains("SigIgn:\t0000000000000000")
                || done.output.text.contains("SigIgn:\t0000000180000000")
        )
    }

    @Test func `standard input is empty unless given`() throws {
        let done = try ChildProcess.run(
            Self.shell("cat; readlink /proc/self/fd/0"),
            deadline: .patience
        )
        #expect(done.output.text == "/dev/null\n")
    }

    @Test func `a large input arrives whole and is closed`() throws {
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let done = try ChildProcess.run(
            Self.shell("cat", input: .bytes(bytes)),
            deadline: .patience
        )
        #expect(done.output.bytes == bytes)
    }

    @Test func `a child that does not read its input harms nobody`() throws {
        let bytes = [UInt8](repeating: 1, count: 2_000_000)
        let done = try ChildProcess.run(
            Self.shell("exec 0<&-; echo fine", input: .bytes(bytes)),
            deadline: .patience
        )
        #expect(done.exit == .code(0))
        #expect(done.output.text == "fine\n")
    }

    @Test func `collected output stops at its cap and the flood is still read to its end`() throws {
        let done = try ChildProcess.run(
            Self.shell("head -c 20000000 /dev/zero; head -c 5000000 /dev/zero >&2"),
            outputLimit: 1_000,
            errorLimit: 10,
            deadline: .patience
        )
        #expect(done.exit == .code(0))
        #expect(done.output.bytes.count == 1_000)
        #expect(done.output.isCut)
        #expect(done.errorOutput.bytes.count == 10)
    }

    @Test func `lines come whole, in order, the last without newline too`() throws {
        let lines = Mutex<[OutputLine]>([])
        let child = try ChildProcess.start(
            Self.shell(
                "printf 'a\\n\\nb\\377c\\n'; head -c 70000 /dev/zero | tr '\\0' x; printf '\\nend'"
            ),
            output: .lines { line in lines.withLock { $0.append(line) } }
        )
        #expect(child.wait(.patience) == .code(0))
        let got = lines.withLock(\.self)
        #expect(got.map(\.isCut) == [false, false, false, true, false])
        #expect(got.map(\.bytes.count) == [1, 0, 3, 65_536, 3])
        #expect(got.count > 2 && got[2].bytes == [0x62, 0xFF, 0x63])
        #expect(got.last?.text == "end")
    }

    @Test func `a line of exactly the limit is whole and one byte more is cut`() throws {
        for (count, isCut) in [(65_536, false), (65_537, true)] {
            let lines = Mutex<[OutputLine]>([])
            let child = try ChildProcess.start(
                Self.shell("head -c \(count) /dev/zero; echo"),
                output: .lines { line in lines.withLock { $0.append(line) } }
            )
            #expect(child.wait(.patience) == .code(0))
            #expect(lines.withLock(\.self).map(\.isCut) == [isCut])
            #expect(lines.withLock(\.self).map(\.bytes.count) == [65_536])
        }
    }

    @Test func `the end is told after the last line`() throws {
        let seen = Monitor<[String]>([])
        _ = try ChildProcess.start(
            Self.shell("echo one; echo two; exit 3"),
            output: .lines { line in seen.change { $0.append(line.text) } },
            onExit: { exit in seen.change { $0.append(exit.description) } }
        )
        let all = seen.wait(until: .after(.patience)) { $0.count == 3 ? $0 : nil }
        #expect(all == ["one", "two", "exit code 3"])
    }

    @Test func `a command past its deadline is stopped with all its family`() throws {
        let done = try ChildProcess.run(
            Self.shell("sleep 300 & echo $!; sleep 300; sleep 300"),
            deadline: .milliseconds(200)
        )
        #expect(done.isTimedOut)
        #expect(done.exit == .signal(SIGTERM))
        let child = pid_t(done.output.text.filter(\.isNumber)).flatMap(ProcessEntry.read)
        #expect(child?.isZombie ?? true)
    }

    @Test func `a stranger that keeps the pipe open delays the end by the grace only`() throws {
        var invocation = Self.shell("sleep 300 & echo $!")
        invocation.drainGrace = .milliseconds(50)
        let done = try ChildProcess.run(invocation, deadline: .patience)
        #expect(done.exit == .code(0))
        #expect(!done.isTimedOut)
        let stranger = try #require(pid_t(done.output.text.dropLast()))
        #expect(kill(stranger, SIGKILL) == 0)
    }

    @Test func `limits hold before the program runs`() throws {
        var invocation = Self.shell(
            "ulimit -f; ulimit -n; ulimit -c; head -c 100000 /dev/zero > \(Scratch.path)"
        )
        invocation.limits.fileSizeBytes = 51_200
        invocation.limits.openFiles = 17
        let done = try ChildProcess.run(invocation, deadline: .patience)
        #expect(done.output.text == "100\n17\n0\n")
        #expect(done.exit == .code(128 + SIGXFSZ))
        unlink(Scratch.path)
    }

    @Test func `many children at once all come to their end`() throws {
        let children = try (0..<40).map { index in
            try ChildProcess.start(
                Self.shell("echo \(index); exit \(index)"),
                output: .collect(limit: 99)
            )
        }
        for (index, child) in children.enumerated() {
            #expect(child.wait(.patience) == .code(Int32(index)))
            #expect(child.output.text == "\(index)\n")
        }
    }

    private enum Scratch { static let path = "/tmp/giga-limit-\(getpid())" }
}
