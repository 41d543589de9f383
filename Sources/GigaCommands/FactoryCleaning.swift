import Coordinator
import FleetModel
import Git
import Glibc

/// What a factory's data folder holds that nothing needs any more.
struct FactoryCleaning {
    /// How things stand with a job, by whoever knows it.
    struct Judgement {
        let standing: Retention.Standing
        let isShipped: Bool
    }

    private struct OldRef {
        let name: String
        let object: ObjectID
    }

    private let folder: String
    private let fleet: String
    private let cutoff: Instant
    private let judge: (JobID) throws -> Judgement
    private(set) var found = Cleaning()
    /// Refs of a mirror that can go, by the mirror's folder.
    private var refs: [String: [OldRef]] = [:]

    /// Looks at the folder of a factory of `fleet`, and changes nothing.
    init(
        _ folder: String,
        fleet: String,
        cutoff: Instant,
        judge: @escaping (JobID) throws -> Judgement
    ) throws(CommandFault) {
        (self.folder, self.fleet, self.cutoff, self.judge) = (folder, fleet, cutoff, judge)
        do { try look() } catch let fault as CommandFault {
            throw fault
        } catch {
            throw Self.unreadable(folder, error)
        }
    }

    static func isFactory(_ folder: String) -> Bool { Files.isFolder(folder + "/mirrors") }

    /// The coordinator that the factory last worked for.
    static func coordinator(of folder: String) -> String? {
        Files.read(folder + "/token").flatMap { bytes in
            String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init)
        }
    }

    private mutating func look() throws {
        for (place, kind) in [("quarantine", "quarantine"), ("logs", "log"), ("intents", "intent")]
        {
            for name in Remains.names(in: "\(folder)/\(place)") { try look(at: place, name, kind) }
        }
        let isAtWork = Self.isLocked(folder + "/lock")
        for name in Remains.names(in: "\(folder)/runs") {
            if isAtWork {
                let bytes = Remains.size("\(folder)/runs/\(name)")
                found.keep("clone", "its factory is at work", bytes)
            } else {
                try look(at: "runs", name, "clone")
            }
        }
        for name in Remains.names(in: "\(folder)/mirrors") where name.hasSuffix(".git") {
            try look(atMirror: "\(folder)/mirrors/\(name)", name)
        }
    }

    private mutating func look(at place: String, _ name: String, _ kind: String) throws {
        let path = "\(folder)/\(place)/\(name)"
        guard let run = Remains.run(of: name) else { return }
        let item = Cleaning.Item(
            kind: kind,
            job: run.job,
            name: "\(place)/\(name)",
            bytes: Remains.size(path)
        )
        let standing = try judge(run.job).standing
        if standing == .expired, Remains.changed(path) > cutoff {
            found.keep(kind, "it was written not long enough ago", item.bytes)
        } else {
            // Another fleet's job may have this name: only its own coordinator lets it go.
            found.judge(item, standing, isOld: false)
        }
    }

    private mutating func look(atMirror path: String, _ mirrorName: String) throws {
        let mirror = try Mirror.open(at: path, of: nil)
        let heads = Set(try mirror.refs(below: "refs/remotes/origin").values)
        for kind in ["candidates", "quarantine"] {
            let refs = try mirror.refs(below: "refs/giga/\(kind)/\(fleet)")
            for (name, object) in refs.sorted(by: { $0.key < $1.key }) {
                let parts = name.split(separator: "/")
                guard parts.count == 6, let job = JobID(text: parts[4]) else { continue }
                let judgement = try judge(job)
                var standing = judgement.standing
                if standing == .expired, kind == "candidates", judgement.isShipped,
                    Self.isNewest(name, of: refs.keys),
                    try !heads.contains(where: { try mirror.contains(object, in: $0) })
                {
                    standing = .kept("its work is not at the origin")
                }
                let item = Cleaning.Item(
                    kind: "ref",
                    job: job,
                    name: "mirrors/\(mirrorName) \(name)",
                    bytes: 0
                )
                found.judge(item, standing, isOld: false)
                if standing == .expired {
                    self.refs[path, default: []].append(OldRef(name: name, object: object))
                }
            }
        }
    }

    /// Whether no later lease of the job left a ref: the names end in attempt and fence.
    private static func isNewest(_ name: String, of names: some Sequence<String>) -> Bool {
        let job = name.prefix(through: name.lastIndex(of: "/") ?? name.startIndex)
        func fence(_ name: String) -> UInt64 {
            name.split(separator: "-").last.flatMap { UInt64($0) } ?? 0
        }
        return !names.contains { $0.hasPrefix(job) && fence($0) > fence(name) }
    }

    /// Removes what was found, looking at each job once more before its things go.
    func remove() throws(CommandFault) {
        do {
            for item in found.items where item.kind != "ref" {
                guard let job = item.job, try judge(job).standing == .expired else { continue }
                Files.remove("\(folder)/\(item.name)")
            }
            for (path, old) in refs.sorted(by: { $0.key < $1.key }) {
                let mirror = try Mirror.open(at: path, of: nil)
                for ref in old { try mirror.moveRef(ref.name, from: ref.object, to: nil) }
                try mirror.collectGarbage()
            }
        } catch let fault as CommandFault {
            throw fault
        } catch {
            throw Self.unreadable(folder, error)
        }
    }

    /// Whether a living factory has the folder.
    private static func isLocked(_ path: String) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return false }
        defer {
            flock(file, LOCK_UN)
            close(file)
        }
        return flock(file, LOCK_EX | LOCK_NB) != 0
    }

    private static func unreadable(_ folder: String, _ error: any Error) -> CommandFault {
        CommandFault(
            .failed,
            "gc.unreadable",
            what: "The factory's folder \(folder) cannot be cleared",
            why: "\(error)",
            hint: "check the folder; giga doctor"
        )
    }
}
