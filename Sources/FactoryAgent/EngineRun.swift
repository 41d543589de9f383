import Detection
import Engines
import FleetModel
import Processes
import Synchronization

/// Starts an engine as its adapter planned it, and reads it to its end.
struct EngineRun: Sendable {
    let grant: GrantedRun
    let adapter: any EngineAdapter
    let invocation: EngineInvocation
    let folder: RunFolder
    let executable: String?
    let context: FactoryContext
    let control: RunControl
    let log: RunLog
    /// Told as soon as it is known: whoever stops the run keeps it.
    let session: Monitor<String?>
    let prepared: Preparing.Result?

    struct Outcome: Sendable {
        var result: EngineResult
        var stop: Supervision.Stop?
    }

    /// How often a file of progress is looked at.
    private static let lookInterval = Duration.milliseconds(500)

    func run() throws -> Outcome {
        try writeFiles()
        copyCredentials()
        let decoder = Reading(adapter.decoder())
        let supervision = Supervision(
            control: control,
            timeout: grant.terms.timeout,
            wall: grant.terms.budget?.wall,
            silence: grant.profile.silent?.after ?? .minutes(5),
            stopsWhenSilent: grant.profile.silent?.stops ?? false,
            lingering: context.configuration.lingering,
            ear: ear(decoder),
            say: log.say
        )
        let outcome = try supervision.run(try frame()) { line, isError in
            let stream: EngineStream = isError ? .errors : .output
            let progress = decoder.state.withLock { $0.line(line.bytes, from: stream) }
            show(progress, line)
        }
        for stray in outcome.strays { log.say("killed a stray process: \(stray.name)") }
        for left in outcome.survivors { log.say("a process did not end: \(left.pid) \(left.name)") }
        let progressFile = readProgress()
        let exit: EngineExit =
            switch outcome.exit {
            case _ where outcome.stop == .lingering: .lingered
            case .code(let code): .code(Int(code))
            case .signal(let signal): .signal(Int(signal))
            }
        let (said, result) = decoder.state.withLock { decoder in
            let said = progressFile.map { decoder.progressFile($0) } ?? []
            return (said, decoder.finish(exit: exit, progressFile: progressFile))
        }
        for item in said { show(item) }
        if let id = result.sessionID { session.change { $0 = id } }
        log.say("the engine ended: \(result.exitStatus) after \(outcome.milliseconds) ms")
        return Outcome(result: result, stop: outcome.stop)
    }

    /// A decoder between the thread that reads lines and the one that reads the file of progress.
    private final class Reading: Sendable {
        let state: Mutex<any EngineDecoder>
        let stamp = Mutex<FileTree.Stamp?>(nil)

        init(_ decoder: sending any EngineDecoder) { state = Mutex(decoder) }
    }

    private func ear(_ reading: Reading) -> Supervision.Ear {
        Supervision.Ear(
            interval: invocation.progressFile == nil ? nil : Self.lookInterval,
            look: { look(reading) },
            word: {
                reading.state.withLock { decoder in
                    if let id = decoder.sessionID, id != session.read(\.self) {
                        session.change { $0 = id }
                    }
                    if let question = decoder.question { return .asks(question) }
                    if decoder.hasEnded { return .ended }
                    let words = grant.terms.budget?.words(ifUsedUpBy: decoder.turns)
                    return words.map { .overBudget($0) } ?? .goesOn
                }
            }
        )
    }

    /// Shows what the file of progress has got more of; false where it is as it was.
    private func look(_ reading: Reading) -> Bool {
        guard let path = invocation.progressFile, let stamp = FileTree.stamp(of: onHost(path)),
            reading.stamp.withLock({ $0 != stamp }), let bytes = readProgress()
        else { return false }
        reading.stamp.withLock { $0 = stamp }
        for item in reading.state.withLock({ $0.progressFile(bytes) }) { show(item) }
        return true
    }

    private func readProgress() -> [UInt8]? {
        invocation.progressFile.flatMap { FileTree.read(onHost($0), limit: 64 << 20) }
    }

    private func frame() throws -> Invocation {
        var variables = context.environment(of: grant.lease)
        variables.merge(invocation.environment) { fixed, _ in fixed }
        let frame = Confinement.Frame(
            folder: folder,
            writable: [.clone, .home, .scratch],
            network: invocation.network,
            environment: variables,
            workingFolder: invocation.workingFolder,
            executable: executable,
            marker: context.marker(grant.lease),
            input: {
                if case .bytes(let bytes) = invocation.input { return .bytes(bytes) }
                return .none
            }(),
            prepared: prepared?.binds(
                over: folder.outside(.clone),
                seenAt: folder.seen(.clone)
            ) ?? []
        )
        return try context.confinement.invocation(invocation.arguments, frame)
    }

    /// A path that the engine sees, as the host does.
    private func onHost(_ path: String) -> String {
        for part in RunFolder.Part.allCases where path.hasPrefix("\(folder.seen(part))/") {
            return folder.outside(part) + path.dropFirst(folder.seen(part).count)
        }
        return path
    }

    private func writeFiles() throws {
        for file in invocation.files {
            let part: RunFolder.Part = file.place == .home ? .home : .scratch
            let path = "\(folder.outside(part))/\(file.path)"
            let parent = path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)
            guard FileTree.make(String(parent), mode: 0o700),
                FileTree.write(file.bytes, to: path, mode: 0o600)
            else { throw RunFailure(.engineCrashed, tail: ["\(path) could not be written"]) }
        }
    }

    /// Lends the run the sign-in files that the user has.
    ///
    /// They are copies, and stay copies: the agent can write them, and what it wrote would else be the
    /// user's own settings and every later run's.
    private func copyCredentials() {
        guard let home = context.configuration.environment["HOME"] else { return }
        for file in invocation.credentialFiles {
            guard let bytes = FileTree.read("\(home)/\(file)", limit: 1 << 20) else { continue }
            let own = "\(folder.outside(.home))/\(file)"
            let parent = own.prefix(upTo: own.lastIndex(of: "/") ?? own.startIndex)
            if FileTree.make(String(parent), mode: 0o700) { FileTree.write(bytes, to: own) }
        }
    }

    private func show(_ progress: [EngineProgress], _ line: OutputLine) {
        for item in progress {
            // Its bytes as they came: a decoder makes text of them.
            if case .output = item { log.line(line.bytes, isCut: line.isCut) } else { show(item) }
        }
    }

    private func show(_ item: EngineProgress) {
        switch item {
        case .message(let text): log.say("message: \(text)")
        case .tool(let name, let status): log.say("tool: \(name): \(status)")
        case .command(let text): log.say("command: \(text)")
        case .file(let path): log.say("file: \(path)")
        case .question(let text): log.say("question: \(text)")
        case .cost(let turn): log.say("turn \(turn.id): \(turn.model ?? "model unknown")")
        case .output(let text, _): log.line(text.utf8)
        }
    }
}

extension Sequence<Int64> {
    /// An engine's own words are added up: they may be any number, and must end nothing.
    var saturatingSum: Int64 {
        reduce(0) { sum, next in
            let (value, overflows) = sum.addingReportingOverflow(next)
            return overflows ? (next < 0 ? .min : .max) : value
        }
    }
}

extension Budget {
    /// Says which bound of it the turns of a run have passed; nil while none.
    func words(ifUsedUpBy turns: [EngineTurn]) -> String? {
        if let limit = tokens {
            let used = turns.flatMap { turn in
                [turn.usage.inputTokens, turn.usage.outputTokens].map { Int64($0 ?? 0) }
            }.saturatingSum
            if used > limit { return "\(used) tokens are used, and its budget is \(limit)" }
        }
        if let limit = microUSD {
            let spent = turns.compactMap(\.costMicroUSD).saturatingSum
            if spent > limit {
                return "\(spent) millionths of a dollar are spent, and its budget is \(limit)"
            }
        }
        return nil
    }
}
