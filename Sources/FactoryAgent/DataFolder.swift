import FleetModel
import Glibc
import Processes

/// Where a factory keeps what it makes; nothing in it is needed to go on elsewhere.
final class DataFolder: Sendable {
    let path: String
    private let lock: Int32

    /// Takes the folder for this process; refused while another living factory has it.
    init(_ path: String) throws(FactoryFault) {
        self.path = path
        for name in ["mirrors", "runs", "quarantine", "logs", "intents", "prepared"] {
            guard FileTree.make("\(path)/\(name)", mode: 0o700) else {
                throw FactoryFault(
                    "no-data-folder",
                    what: "The factory's folder \(path) cannot be used",
                    why: "\(name): \(String(cString: strerror(errno)))",
                    hint: "choose another with --data"
                )
            }
        }
        lock = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            if lock >= 0 { close(lock) }
            throw FactoryFault(
                "folder-in-use",
                what: "Another factory works in \(path)",
                why: "it holds the lock of that folder",
                hint: "choose another folder with --data, or stop the other factory"
            )
        }
    }

    deinit {
        // Closing alone leaves the lock to a child that has not executed its program yet.
        flock(lock, LOCK_UN)
        close(lock)
    }

    func mirror(of repository: Repository) -> String {
        let hash = Digest(sha256: repository.url).hex.prefix(12)
        return "\(path)/mirrors/\(repository.name)-\(hash).git"
    }

    func runFolder(_ lease: Lease) -> String { "\(path)/runs/\(lease.run)-\(lease.fence)" }
    func log(_ lease: Lease) -> String { "\(path)/logs/\(lease.run)-\(lease.fence).log" }
    func intent(_ lease: Lease) -> String { "\(path)/intents/\(lease.run).json" }

    /// Marks the processes of a run.
    ///
    /// Other factories of this machine may have runs of the same name: the folder tells them apart.
    func marker(_ run: String) -> RunMarker {
        RunMarker("\(Digest(sha256: path).hex.prefix(16))/\(run)")
    }

    /// Puts a failed run's clone aside, for people to look at.
    func quarantine(_ folder: String) {
        let name = folder.split(separator: "/").last.map(String.init) ?? "run"
        let place = "\(path)/quarantine/\(name)"
        FileTree.remove(place)
        if rename("\(folder)/clone", place) != 0 { FileTree.remove("\(folder)/clone") }
    }

    /// Removes what has been kept for a week.
    func tidy() {
        for folder in ["quarantine", "logs"] {
            for name in FileTree.names(in: "\(path)/\(folder)") {
                let item = "\(path)/\(folder)/\(name)"
                if let age = FileTree.age(of: item), age > 7 * 86_400 { FileTree.remove(item) }
            }
        }
    }

    /// Run folders that a killed predecessor left behind.
    func leftovers() -> [String] { FileTree.names(in: "\(path)/runs") }
}

/// The factory's own token, bound to the coordinator that gave it.
struct TokenFile: Sendable {
    let path: String
    let coordinator: String

    func read() -> String? {
        guard let lines = FileTree.text(path)?.split(separator: "\n"), lines.count == 2,
            lines[0] == coordinator
        else { return nil }
        return String(lines[1])
    }

    func write(_ token: String) -> Bool {
        FileTree.write(Array("\(coordinator)\n\(token)\n".utf8), to: path)
    }

    func remove() { unlink(path) }
}
