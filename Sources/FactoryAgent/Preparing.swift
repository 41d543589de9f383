import FleetModel
import Git
import Processes
import Synchronization

/// Runs a repository's `prepare` and shows its result, read-only, to whoever works for the job.
///
/// What everybody may use is made from commits of the target branch alone: those were reviewed and
/// shipped. Anything else is made for its own run, in that run's folder, and goes with it; it may run
/// code that nobody has seen, so no other attempt and no other job is ever given what it left.
///
/// It runs in a clean checkout with the network on, in the sandbox and with no secret. Of what it
/// leaves, the folders that the repository does not have itself are mounted at their own place in
/// the engine's clone and in verify's checkout; the whole checkout is at `/job/prepared`, where it
/// was made, so that paths that are written into it hold.
struct Preparing: Sendable {
    let grant: GrantedRun
    let mirror: Mirror
    let folder: RunFolder
    let context: FactoryContext
    let control: RunControl
    let log: RunLog

    static let place = "/job/prepared"
    private static let mostFolders = 64

    /// What a run may see of a prepared checkout.
    struct Result: Sendable {
        /// The prepared checkout, outside.
        let checkout: String
        /// New folders of it, relative.
        let folders: [String]

        /// Binds for a checkout at `outside` that is seen at `inside`.
        ///
        /// A folder is skipped where something of that name is there, or a link leads to it: what
        /// is mounted must hide nothing and land nowhere else.
        func binds(over outside: String, seenAt inside: String) -> [Sandbox.Bind] {
            var binds = [Sandbox.Bind.readOnly(checkout, at: Preparing.place)]
            for folder in folders {
                var parent = outside
                let parts = folder.split(separator: "/")
                for part in parts.dropLast() { parent += "/\(part)" }
                let isPlain = parts.dropLast().indices.allSatisfy { index in
                    let above = parts[...index].joined(separator: "/")
                    return FileTree.isRealFolder("\(outside)/\(above)")
                }
                guard isPlain, !FileTree.exists("\(outside)/\(folder)") else { continue }
                binds.append(.readOnly("\(checkout)/\(folder)", at: "\(inside)/\(folder)"))
            }
            return binds
        }
    }

    /// Nil where the repository has no `prepare`, or this factory no sandbox for it.
    func result(at commit: ObjectID) throws -> Result? {
        guard let command = grant.repository.prepare else { return nil }
        guard context.confinement.isSandboxed else {
            log.say("prepare did not run: it has the network, and this factory has no sandbox")
            return nil
        }
        let (key, source): (String, ObjectID?)
        do throws(GitFault) {
            key = try self.key(of: command, at: commit)
            source = try reviewedSource(of: commit, key, command)
        } catch {
            throw RunFailure(error)
        }
        let shelf =
            source == nil
            ? PreparedShelf(path: "\(self.folder.root)/prepared") : context.prepared
        let (folder, wasThere) = try shelf.folder(
            for: key,
            of: context.user(grant.lease),
            isWanted: control.check,
            make: { try make(command, source ?? commit, in: $0) }
        )
        if wasThere { log.say("prepare: as it was made before, \(key.prefix(12))") }
        let names = FileTree.text("\(folder)/folders") ?? ""
        return Result(
            checkout: "\(folder)/checkout",
            folders: names.split(separator: "\n").map(String.init)
        )
    }

    private func key(of command: String, at commit: ObjectID) throws(GitFault) -> String {
        try Lockfiles.key(of: command, at: commit, mirror, target: grant.terms.target)
    }

    /// The commit of the target that makes the same: this one, what it was made from, or the newest.
    private func reviewedSource(
        of commit: ObjectID,
        _ key: String,
        _ command: String
    ) throws(GitFault) -> ObjectID? {
        guard let target = try? mirror.branch(grant.terms.target) else { return nil }
        for known in [commit] + (try mirror.parents(of: commit)) + [target] {
            guard try mirror.contains(known, in: target) else { continue }
            if known == commit { return known }
            if try self.key(of: command, at: known) == key { return known }
        }
        return nil
    }

    private func make(_ command: String, _ commit: ObjectID, in folder: String) throws {
        let listing: (files: [String: ObjectID], folders: Set<String>)
        do throws(GitFault) {
            try mirror.exportTree(commit, to: "\(folder)/checkout")
            listing = try mirror.listing(of: commit)
        } catch {
            throw RunFailure(error)
        }
        FileTree.make("\(folder)/home", mode: 0o700)
        defer { FileTree.remove("\(folder)/home") }
        log.say("prepare: \(command)")
        try run(command, in: folder)
        let found = Self.newFolders(in: "\(folder)/checkout", known: listing.folders)
        log.say("prepare made \(found.isEmpty ? "no folder" : found.joined(separator: ", "))")
        guard FileTree.write(Array(found.joined(separator: "\n").utf8), to: "\(folder)/folders")
        else {
            throw RunFailure(.prepareFailed, tail: ["\(folder)/folders could not be written"])
        }
    }

    private func run(_ command: String, in folder: String) throws {
        let invocation = try context.confinement.preparation(
            ["/bin/sh", "-c", command],
            home: "\(folder)/home",
            checkout: "\(folder)/checkout",
            marker: context.marker(grant.lease)
        )
        let tail = Mutex<[String]>([])
        let limit = context.configuration.prepareLimit
        let supervision = Supervision(control: control, timeout: limit, say: log.say)
        let outcome = try supervision.run(invocation) { line, _ in
            log.line(line.bytes, isCut: line.isCut)
            tail.withLock { lines in
                lines.append(String(line.text.prefix(400)))
                if lines.count > 40 { lines.removeFirst() }
            }
        }
        log.say("prepare ended: \(outcome.exit) after \(outcome.milliseconds) ms")
        guard !outcome.isTimedOut else {
            throw RunFailure(
                .prepareFailed,
                command: command,
                tail: tail.withLock(\.self) + ["prepare did not end within \(limit)"]
            )
        }
        guard outcome.exit.isSuccess else {
            throw RunFailure(.prepareFailed, command: command, tail: tail.withLock(\.self))
        }
    }

    /// The topmost folders that the commit does not have; nothing below a link is looked at.
    private static func newFolders(in root: String, known: Set<String>) -> [String] {
        var found: [String] = []
        var waiting = [""]
        while let folder = waiting.popLast(), found.count < mostFolders {
            for name in FileTree.names(in: folder.isEmpty ? root : "\(root)/\(folder)") {
                let path = folder.isEmpty ? name : "\(folder)/\(name)"
                guard !name.contains("\n"), FileTree.isRealFolder("\(root)/\(path)") else {
                    continue
                }
                if known.contains(path) { waiting.append(path) } else { found.append(path) }
            }
        }
        return Array(found.sorted().prefix(mostFolders))
    }
}
