import CShims
import Glibc

/// A child that has just been started, and our ends of its pipes.
struct SpawnedChild {
    let pid: pid_t
    let pidfd: Descriptor
    var input: Descriptor
    var output: Descriptor
    var error: Descriptor

    /// Starts the child; its limits hold before its program runs.
    static func start(_ invocation: Invocation) throws(SpawnFault) -> SpawnedChild {
        let gated = try gate(invocation)
        let path = try Executable.find(gated.program, on: gated.searchPath)
        try check(gated)
        var pipes = Pipes()
        defer { pipes.closeTheirs() }
        do throws(SpawnFault) {
            try pipes.open(hasInput: gated.hasInput, hasExtra: gated.sealed != nil)
            let pid = try ChildRegistry.register {
                spawn(path, gated, pipes)
            }
            let pidfd = Descriptor(number: giga_pidfd_open(pid))
            guard pidfd.isOpen else {
                let code = errno
                kill(pid, SIGKILL)
                ChildRegistry.remove(pid) {
                    var status: Int32 = 0
                    waitpid(pid, &status, 0)
                }
                throw .system(call: "pidfd_open", code: code)
            }
            gated.limits.apply(to: pid)
            if let marker = gated.marker { _ = giga_limit(pid, giga_limit_realtime(), marker.seal) }
            pipes.closeTheirs()
            pipes.writeExtra(gated.sealed ?? [])
            return SpawnedChild(
                pid: pid,
                pidfd: pidfd,
                input: pipes.input.ours,
                output: pipes.output.ours,
                error: pipes.error.ours
            )
        } catch {
            pipes.closeOurs()
            throw error
        }
    }

    /// With limits or a mark, the program must not run before they are set: a shell waits for us.
    ///
    /// Bubblewrap needs no gate: it waits for its options, which are written after the limits.
    private static func gate(_ invocation: Invocation) throws(SpawnFault) -> Invocation {
        guard invocation.limits.isDemanding || invocation.marker != nil,
            invocation.sealed == nil
        else { return invocation }
        var gated = invocation
        let program = try Executable.find(invocation.program, on: invocation.searchPath)
        gated.program = "/bin/sh"
        // The shell would add its folder to the variables.
        let tidy = invocation.environment["PWD"] == nil ? "unset PWD; " : ""
        let script = "read -r _ <&3; \(tidy)exec \"$@\" 3<&-"
        gated.arguments = ["-c", script, "sh", program] + invocation.arguments
        gated.sealed = [0x0A]
        return gated
    }

    private static func check(_ invocation: Invocation) throws(SpawnFault) {
        if let argument = invocation.arguments.first(where: { $0.utf8.contains(0) }) {
            throw .malformed("an argument with a zero byte: \(argument.prefix(40))")
        }
        for (name, value) in invocation.finalEnvironment {
            guard !name.isEmpty, !name.utf8.contains(0), !name.utf8.contains(0x3D),
                !value.utf8.contains(0)
            else { throw .malformed("the variable \(name.prefix(40))") }
        }
        if let folder = invocation.folder {
            var facts = stat()
            guard !folder.utf8.contains(0), stat(folder, &facts) == 0,
                facts.st_mode & S_IFMT == S_IFDIR
            else { throw .noSuchFolder(folder) }
        }
    }

    private static func spawn(
        _ path: String,
        _ invocation: Invocation,
        _ pipes: Pipes
    ) -> Result<pid_t, SpawnFault> {
        let arguments = CStrings([invocation.program] + invocation.arguments)
        let variables = invocation.finalEnvironment.sorted { $0.key < $1.key }
        let environment = CStrings(variables.map { "\($0)=\($1)" })
        let folder = CStrings(invocation.folder.map { [$0] } ?? [])
        let file = CStrings([path])
        defer { [arguments, environment, folder, file].forEach { $0.free() } }
        var request = giga_spawn_request(
            path: file.pointers[0],
            arguments: arguments.pointers,
            environment: environment.pointers,
            folder: folder.pointers[0].map { UnsafePointer($0) },
            input: pipes.input.theirs.number,
            output: pipes.output.theirs.number,
            error: pipes.error.theirs.number,
            extra: pipes.extra.theirs.number
        )
        var pid: pid_t = 0
        let failed = giga_spawn(&request, &pid)
        return failed == 0 ? .success(pid) : .failure(.system(call: "posix_spawn", code: failed))
    }
}

extension Invocation {
    fileprivate var hasInput: Bool {
        guard case .bytes(let bytes) = input else { return false }
        return !bytes.isEmpty
    }
}

/// The pipes between a child and us; each pair's other end belongs to the child.
private struct Pipes {
    struct Pair {
        var theirs = Descriptor.none
        var ours = Descriptor.none
    }

    var input = Pair()
    var output = Pair()
    var error = Pair()
    var extra = Pair()

    mutating func open(hasInput: Bool, hasExtra: Bool) throws(SpawnFault) {
        if hasInput {
            input = try Self.pipe(childReads: true)
            _ = giga_set_nonblocking(input.ours.number)
        } else {
            input.theirs = Descriptor(number: giga_open_null(O_RDONLY))
            guard input.theirs.isOpen else { throw .system(call: "open", code: errno) }
        }
        output = try Self.pipe(childReads: false)
        error = try Self.pipe(childReads: false)
        _ = giga_set_nonblocking(output.ours.number)
        _ = giga_set_nonblocking(error.ours.number)
        if hasExtra { extra = try Self.pipe(childReads: true) }
    }

    private static func pipe(childReads: Bool) throws(SpawnFault) -> Pair {
        var ends: [Int32] = [-1, -1]
        guard giga_pipe(&ends) == 0 else { throw .system(call: "pipe2", code: errno) }
        let (reading, writing) = (Descriptor(number: ends[0]), Descriptor(number: ends[1]))
        return childReads
            ? Pair(theirs: reading, ours: writing) : Pair(theirs: writing, ours: reading)
    }

    /// Blocks until the child has taken it all, or has gone.
    mutating func writeExtra(_ bytes: [UInt8]) {
        guard extra.ours.isOpen else { return }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                write(extra.ours.number, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        extra.ours.close()
    }

    mutating func closeTheirs() {
        input.theirs.close()
        output.theirs.close()
        error.theirs.close()
        extra.theirs.close()
    }

    mutating func closeOurs() {
        input.ours.close()
        output.ours.close()
        error.ours.close()
        extra.ours.close()
    }
}

/// A zero-terminated array of C strings.
private struct CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        pointers = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() {
            (pointers + index).initialize(to: strdup(string))
        }
        (pointers + count).initialize(to: nil)
    }

    func free() {
        for index in 0..<count { Glibc.free(pointers[index]) }
        pointers.deallocate()
    }
}

extension ResourceLimits {
    fileprivate func apply(to pid: pid_t) {
        let limits = [
            (giga_limit_address_space(), addressSpaceBytes), (giga_limit_data(), dataBytes),
            (giga_limit_processes(), processes), (giga_limit_file_size(), fileSizeBytes),
            (giga_limit_open_files(), openFiles), (giga_limit_cpu(), processorSeconds),
            (giga_limit_core(), coreBytes),
        ]
        for case (let resource, let limit?) in limits { _ = giga_limit(pid, resource, limit) }
    }
}
