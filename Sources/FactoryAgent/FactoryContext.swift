import Detection
import Engines
import FleetModel
import Git
import Processes
import Synchronization

/// The secrets that a factory knows; its own token comes to it while it runs.
final class SecretShelf: Sendable {
    private let secrets: Mutex<[KnownSecret]>

    init(_ secrets: [KnownSecret]) { self.secrets = Mutex(secrets) }

    var all: [KnownSecret] { secrets.withLock(\.self) }

    func add(_ name: String, _ value: String) {
        guard let secret = KnownSecret(name: name, value: value) else { return }
        secrets.withLock { if !$0.contains(secret) { $0.append(secret) } }
    }
}

/// What every worker of a factory shares.
struct FactoryContext: Sendable {
    let configuration: FactoryConfiguration
    let link: any CoordinatorLink
    let folder: DataFolder
    let prepared: PreparedShelf
    let confinement: Confinement
    let adapters: [String: any EngineAdapter]
    let engines: [FoundEngine]
    let access: RemoteAccess
    let program: GitProgram
    let shelf: SecretShelf
    let log: FactoryLog
    /// Why the coordinator took not even the simplest report; nil as long as it does.
    let notUnderstood = Monitor<String?>(nil)

    /// What must never leave the machine, as far as the factory knows it.
    var secrets: [KnownSecret] { shelf.all }

    func reporter(_ control: RunControl) -> Reporter {
        Reporter(control: control, link: link, say: log.say, notUnderstood: notUnderstood)
    }

    func mirror(of repository: Repository) throws(GitFault) -> Mirror {
        try Mirror.open(
            at: folder.mirror(of: repository),
            of: repository.url,
            access: access,
            program: program
        )
    }

    /// Variables that engines were promised, and those whose names say that they are secrets.
    static func secrets(
        in environment: [String: String],
        named names: Set<String>
    ) -> [KnownSecret] {
        let ends = ["KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIALS"]
        return environment.compactMap { name, value in
            let upper = name.uppercased()
            guard names.contains(name) || ends.contains(where: { upper.hasSuffix($0) }) else {
                return nil
            }
            return KnownSecret(name: name, value: value)
        }
    }

    func marker(_ lease: Lease) -> RunMarker { folder.marker(user(lease)) }

    /// Names a run among all that this factory ever has.
    func user(_ lease: Lease) -> String { "\(lease.run)-\(lease.fence)" }

    func environment(of lease: Lease) -> [String: String] {
        ["GIGA_JOB": lease.job.description, "GIGA_ATTEMPT": "\(lease.attempt)"]
    }
}

/// Ends a run as a failure that the coordinator hears of.
struct RunFailure: Error {
    let report: FailureReport

    init(_ cause: FailureCause, command: String = "", tail: [String], tree: String? = nil) {
        report = FailureReport(
            cause: cause,
            command: command,
            tail: tail.suffix(40).map { String($0.prefix(400)) },
            tree: tree
        )
    }

    init(_ fault: GitFault) {
        let lines = fault.words.split(separator: "\n").map(String.init)
        self.init(.engineCrashed, command: "git \(fault.command)", tail: lines)
    }
}
