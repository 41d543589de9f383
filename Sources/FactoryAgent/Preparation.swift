import Engines
import FleetModel
import Git
import Processes

/// What must be known before an engine can start: the base, the prompt, the engine's plan.
struct Preparation: Sendable {
    let mirror: Mirror
    let base: ObjectID
    /// The base, or the work in progress of an earlier attempt on it.
    let start: ObjectID
    let prompt: String
    let invocation: EngineInvocation
    let adapter: any EngineAdapter
    let engine: FoundEngine?

    /// Fetches what the run needs; may take as long as the origin does.
    static func make(
        _ grant: GrantedRun,
        _ folder: RunFolder,
        _ context: FactoryContext
    ) throws -> Preparation {
        let name = grant.lease.station ?? grant.terms.engine ?? ""
        guard let adapter = context.adapters[name] else {
            throw RunFailure(.engineFailed, tail: ["this factory has no station of \(name)"])
        }
        guard folder.make() else {
            throw RunFailure(.engineCrashed, tail: ["\(folder.root) could not be made"])
        }
        do {
            let mirror = try context.mirror(of: grant.repository)
            try mirror.fetch()
            let base = try base(of: grant, mirror)
            let house = try mirror.file("AGENTS.md", at: base)
                .map { String(decoding: $0.prefix(64 << 10), as: UTF8.self) }
            let start = WorkInProgress.start(of: grant, on: base, mirror) ?? base
            let prompt = Prompt.text(
                for: grant,
                houseFile: house,
                hasWorkInProgress: start != base,
                askingRule: adapter.askingRule
            )
            let engine = context.engines.first { $0.adapter.name == adapter.name }
            return Preparation(
                mirror: mirror,
                base: base,
                start: start,
                prompt: prompt,
                invocation: try plan(grant, folder, prompt, adapter, engine, context),
                adapter: adapter,
                engine: engine
            )
        } catch let fault as GitFault {
            throw RunFailure(fault)
        } catch let fault as EngineFault {
            throw RunFailure(.engineFailed, tail: [fault.what, fault.why, fault.hint])
        }
    }

    /// The commit to start from, which must hold all that the coordinator demands.
    private static func base(of grant: GrantedRun, _ mirror: Mirror) throws -> ObjectID {
        let name = grant.terms.base ?? grant.terms.target
        let base: ObjectID
        if let branch = try? mirror.branch(name) {
            base = branch
        } else if let commit = ObjectID(name), try mirror.has(commit) {
            base = commit
        } else {
            throw RunFailure(
                .engineFailed,
                tail: ["the base \(name) is neither a branch nor a known commit of the origin"]
            )
        }
        for text in grant.mustContain {
            guard let commit = ObjectID(text), try mirror.has(commit),
                try mirror.contains(commit, in: base)
            else {
                throw RunFailure(
                    .engineFailed,
                    tail: ["the base \(name) at \(base) does not contain \(text), which it must"]
                )
            }
        }
        return try GroundedStart.commit(of: grant, on: base, mirror)
    }

    private static func plan(
        _ grant: GrantedRun,
        _ folder: RunFolder,
        _ prompt: String,
        _ adapter: any EngineAdapter,
        _ engine: FoundEngine?,
        _ context: FactoryContext
    ) throws(EngineFault) -> EngineInvocation {
        let name = adapter.name.text
        let factoryOnly = context.configuration.environment.filter { !$0.key.hasPrefix("GIGA_") }
        let task = EngineTask(
            prompt: prompt,
            jobPrompt: grant.prompt,
            script: grant.manifest.script,
            model: grant.terms.model ?? grant.profile.model,
            yolo: grant.terms.yolo,
            isSandboxed: context.confinement.isSandboxed,
            cloneFolder: folder.seen(.clone),
            workingFolder: workingFolder(grant, folder),
            homeFolder: folder.seen(.home),
            scratchFolder: folder.seen(.scratch),
            executable: engine?.executable,
            factoryEnvironment: factoryOnly,
            resumeSession: grant.checkpoint.flatMap { kept in
                let isOurs = kept.factory == grant.lease.factory && kept.engine == name
                return isOurs && adapter.canResume ? kept.session : nil
            },
            budget: grant.terms.budget ?? Budget(),
            timeout: grant.terms.timeout
        )
        return try adapter.plan(task)
    }

    /// `cwd` counts where it names a folder inside the repository; a checkout's path is the clone.
    private static func workingFolder(_ grant: GrantedRun, _ folder: RunFolder) -> String {
        guard let place = grant.manifest.cwd, !place.isEmpty, !place.hasPrefix("/"),
            !place.hasPrefix("~"), !place.split(separator: "/").contains("..")
        else { return folder.seen(.clone) }
        let parts = place.split(separator: "/").filter { $0 != "." }
        return ([Substring(folder.seen(.clone))] + parts).joined(separator: "/")
    }
}

/// Waits for a preparation, but not longer than the coordinator waits for the start.
final class PreparationThread: Sendable {
    private let result = Monitor<Result<Preparation, any Error>?>(nil)

    init(_ make: @escaping @Sendable () throws -> Preparation) throws {
        try DedicatedThread.start { [result] in
            let made = Result { try make() }
            result.change { $0 = made }
        }
    }

    /// Nil while it is still at it.
    func outcome(within duration: Duration?) -> Result<Preparation, any Error>? {
        result.wait(until: .after(duration)) { $0 }
    }
}
