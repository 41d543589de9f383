import FoundationEssentials
import Glibc
import Processes
import Testing

@Suite(.enabled(if: Sandbox.availability() == .available, "bubblewrap is not usable here"))
struct SandboxTests {
    /// A home, a clone and a secret beside them, removed at the end.
    private final class Place {
        let root = "/var/tmp/giga-sandbox-\(UUID().uuidString)"
        init() throws {
            for name in ["home", "clone", "secret"] {
                try FileManager.default.createDirectory(
                    atPath: "\(root)/\(name)",
                    withIntermediateDirectories: true
                )
            }
            try Data("canary".utf8).write(to: URL(filePath: "\(root)/secret/token"))
        }
        deinit { try? FileManager.default.removeItem(atPath: root) }

        var sandbox: Sandbox {
            Sandbox(
                home: .writable("\(root)/home", at: "/home/agent"),
                binds: [.writable("\(root)/clone")],
                environment: ["GIVEN": "yes"],
                folder: "\(root)/clone"
            )
        }
    }

    private func run(_ script: String, in sandbox: Sandbox) throws -> CompletedProcess {
        let invocation = Invocation("sh", ["-c", script])
        return try ChildProcess.run(sandbox.wrap(invocation), deadline: .patience)
    }

    @Test(arguments: [
        "cat $ROOT/secret/token", "ls $ROOT/secret", "echo x > /usr/escape", "echo x > /escape",
        "echo x > /etc/escape", "cat /etc/shadow", "ls /etc/ssh", "ls /root", "kill -0 $HOST",
        "ls /run/docker.sock", "mount -t tmpfs none /mnt", "unshare -m true",
        "cat /proc/$HOST/environ", "hostname other", "mknod /tmp/disk b 8 0",
    ])
    func `what is not given is not there`(script: String) throws {
        let place = try Place()
        let given = "ROOT=\(place.root) HOST=\(getpid()); \(script)"
        let done = try run(given, in: place.sandbox)
        #expect(!done.exit.isSuccess, "\(script): \(done.output.text)")
        #expect(!done.output.text.contains("canary"))
        // The same words do work outside, or this would prove nothing about the ones that read.
        if script.hasPrefix("cat $ROOT") || script.hasPrefix("kill") {
            #expect(
                try ChildProcess.run(ChildProcessTests.shell(given), deadline: .patience).exit
                    .isSuccess
            )
        }
    }

    @Test
    func `the clone and the private home can be written, the environment is exactly the given one`()
        throws
    {
        let place = try Place()
        let script = "echo a > made; echo b > ~/kept; echo c > /tmp/t; pwd; env | sort"
        let done = try run(script, in: place.sandbox)
        #expect(done.exit == .code(0), "\(done.errorOutput.text)")
        #expect(
            done.output.text.split(separator: "\n").map(String.init) == [
                "\(place.root)/clone", "GIVEN=yes", "HOME=/home/agent", "LANG=C.UTF-8",
                "PATH=/usr/local/bin:/usr/bin:/bin", "PWD=\(place.root)/clone", "TMPDIR=/tmp",
            ]
        )
        #expect(FileManager.default.fileExists(atPath: "\(place.root)/clone/made"))
        #expect(FileManager.default.fileExists(atPath: "\(place.root)/home/kept"))
    }

    @Test func `a read-only bind inside the clone and a hidden folder hold`() throws {
        let place = try Place()
        try FileManager.default.createDirectory(
            atPath: "\(place.root)/clone/fixed",
            withIntermediateDirectories: true
        )
        var sandbox = place.sandbox
        sandbox.binds.insert(.readOnly("\(place.root)/clone/fixed"), at: 0)
        sandbox.binds.append(.readOnly("\(place.root)/secret"))
        sandbox.hidden = ["\(place.root)/secret"]
        #expect(try !run("echo x > fixed/x", in: sandbox).exit.isSuccess)
        #expect(try run("echo x > free", in: sandbox).exit.isSuccess)
        let seen = try run("cat \(place.root)/secret/token", in: sandbox)
        #expect(!seen.output.text.contains("canary"))
    }

    @Test func `variables are on no command line, and none reaches the wrapper itself`() throws {
        let place = try Place()
        var sandbox = place.sandbox
        sandbox.environment = ["SECRET": "canary", "LD_PRELOAD": "\(place.root)/clone/evil.so"]
        let wrapped = try sandbox.wrap(Invocation("true", marker: RunMarker("m")))
        #expect(!wrapped.arguments.joined().contains("canary"))
        #expect(wrapped.finalEnvironment == [RunMarker.variable: "m"])
    }

    @Test func `without network not even loopback answers`() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                #expect(bind(listener, $0, size) == 0 && listen(listener, 8) == 0)
                getsockname(listener, $0, &size)
            }
        }
        let script = "exec 3<>/dev/tcp/127.0.0.1/\(UInt16(bigEndian: address.sin_port))"
        let place = try Place()
        var sandbox = place.sandbox
        for (network, reaches) in [(Sandbox.Network.on, true), (.off, false)] {
            sandbox.network = network
            let wrapped = try sandbox.wrap(Invocation("bash", ["-c", script]))
            #expect(try ChildProcess.run(wrapped, deadline: .patience).exit.isSuccess == reaches)
        }
    }

    @Test func `the death of the wrapper's parent is the death of all inside`() throws {
        let place = try Place()
        let fifo = "\(place.root)/clone/fifo"
        #expect(mkfifo(fifo, 0o600) == 0)
        // The shell between us and bubblewrap dies; the end of file on the pipe is the proof.
        let inner = ["--unshare-user", "--unshare-pid", "--die-with-parent", "--bind", "/", "/"]
        let script =
            "bwrap \(inner.joined(separator: " ")) sh -c '"
            + "setsid sleep 300 & echo up; sleep 300' > \(fifo); true"
        let child = try ChildProcess.start(ChildProcessTests.shell(script))
        let pipe = open(fifo, O_RDONLY)
        defer { close(pipe) }
        var bytes = [UInt8](repeating: 0, count: 16)
        #expect(read(pipe, &bytes, 3) == 3)
        #expect(kill(child.pid, SIGKILL) == 0)
        var wait = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
        #expect(poll(&wait, 1, 120_000) == 1)
        #expect(read(pipe, &bytes, 3) == 0)
        #expect(child.wait(.patience) == .signal(SIGKILL))
    }

    @Test func `a polite signal reaches the program inside and not the wrapper`() throws {
        let place = try Place()
        let seen = Monitor<[String]>([])
        // It never ends by itself; between short naps the shell runs its trap.
        let script = "trap 'echo bye; exit 5' TERM; echo up; while :; do sleep 0.05; done"
        let wrapped = try place.sandbox.wrap(Invocation("sh", ["-c", script]))
        let child = try ChildProcess.start(
            wrapped,
            output: .lines { line in seen.change { $0.append(line.text) } }
        )
        #expect(seen.wait(until: .after(.patience)) { $0.isEmpty ? nil : true } == true)
        let report = child.stop(StopLadder(polite: [.init(SIGTERM, grace: .patience)]))
        #expect(report.lastSignal == SIGTERM)
        #expect(child.wait(.patience) == .code(5))
        #expect(seen.read(\.self) == ["up", "bye"])
    }

    @Test func `limits hold inside`() throws {
        let place = try Place()
        var invocation = Invocation("sh", ["-c", "ulimit -n; ulimit -f"])
        invocation.limits.openFiles = 33
        invocation.limits.fileSizeBytes = 5_120
        let done = try ChildProcess.run(place.sandbox.wrap(invocation), deadline: .patience)
        #expect(done.output.text == "33\n10\n")
    }

    @Test func `the number of processes is set within, where only those of the sandbox count`()
        throws
    {
        let place = try Place()
        var invocation = Invocation("grep", ["Max processes", "/proc/self/limits"])
        invocation.limits.processes = 77
        let wrapped = try place.sandbox.wrap(invocation)
        #expect(wrapped.limits.processes == nil)
        let done = try ChildProcess.run(wrapped, deadline: .patience)
        #expect(done.output.text.split(separator: " ").filter { $0 == "77" }.count == 2)
    }

    @Test func `a plain user has the same sandbox`() throws {
        try #require(getuid() == 0, "only root can become another user")
        let done = try ChildProcess.run(
            Invocation(
                "setpriv",
                [
                    "--reuid=65534", "--regid=65534", "--clear-groups", "bwrap", "--unshare-user",
                    "--unshare-pid", "--unshare-net", "--cap-drop", "ALL", "--die-with-parent",
                    "--new-session", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev",
                    "id", "-u",
                ],
                environment: ["PATH": "/usr/bin:/bin"]
            ),
            deadline: .patience
        )
        #expect(done.output.text == "65534\n", "\(done.errorOutput.text)")
    }
}
