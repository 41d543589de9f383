import Detection
import FleetModel
import Processes

/// What a run was asked for beside its commit: found, copied, stored, and told.
///
/// The clean checkout after verify is looked at first: what lies there came about before the
/// factory's eyes. Only what is not there is taken from the engine's work tree, and says so, for
/// that is the agent's own word. It is where an investigation's report lies that git ignores.
final class ArtifactCollection {
    private struct Found {
        let path: String
        let asked: String
        let source: Artifact.Source
        let file: String
        let staged: ArtifactStaging.Staged
    }

    private let wishes: [ArtifactWish]
    private let folder: String
    private let secrets: [KnownSecret]
    private let control: RunControl
    private var found: [Found] = []
    private var obstacles: [String] = []
    private var bytes: Int64 = 0
    private var surplus = 0
    private var isMade = false

    /// `folder` is the run's own, where no process of the run can reach.
    init(
        _ wishes: [ArtifactWish],
        folder: String,
        secrets: [KnownSecret],
        control: RunControl
    ) {
        self.wishes = wishes
        self.folder = folder
        self.secrets = secrets
        self.control = control
    }

    var isEmpty: Bool { wishes.isEmpty }

    /// Collects from a tree what was not found before.
    func look(in root: String, as source: Artifact.Source) throws {
        let known = Set(found.map(\.asked))
        let open = wishes.filter { !known.contains($0.asked) }
        guard !open.isEmpty, makeFolder() else { return }
        let reaches = open.flatMap(\.globs).map(GlobReach.init)
        var tree = ArtifactTree(
            mayHold: { path in reaches.contains { $0.mayHold(path) } },
            isWanted: { path in open.contains { $0.matches(path) } },
            found: { [self] folder, name, path in
                try control.check()
                guard let wish = open.first(where: { $0.matches(path) }) else { return }
                take(name, in: folder, path, wish, source)
            }
        )
        try tree.walk(root)
        obstacles += tree.obstacles.map { obstacle in
            obstacle.path.isEmpty ? obstacle.reason : "\(obstacle.path): \(obstacle.reason)"
        }
    }

    private func makeFolder() -> Bool {
        if !isMade {
            FileTree.remove(folder)
            isMade = FileTree.make(folder, mode: 0o700)
            if !isMade { obstacles.append("the factory has no room to copy them to") }
        }
        return isMade
    }

    private func take(
        _ name: String,
        in place: Int32,
        _ path: String,
        _ wish: ArtifactWish,
        _ source: Artifact.Source
    ) {
        guard found.count < Artifact.mostOfRun else {
            surplus += 1
            return
        }
        // A name goes into evidence, and from there to everybody.
        guard Redactor.redact(path, secrets: secrets) == path, path.utf8.count <= 4096 else {
            obstacles.append("\(path.prefix(200)): its name cannot be told")
            return
        }
        let left = Artifact.mostBytesOfRun - bytes
        let staging = ArtifactStaging(secrets: secrets, mostBytes: min(Artifact.mostBytes, left))
        let target = "\(folder)/\(found.count)"
        do throws(ArtifactStaging.LeftOut) {
            let staged = try staging.copy(name, in: place, to: target)
            bytes += staged.bytes
            found.append(
                Found(path: path, asked: wish.asked, source: source, file: target, staged: staged)
            )
        } catch {
            let isFull = left < Artifact.mostBytes
            obstacles.append(
                "\(path): \(error.reason)"
                    + (isFull ? " beside the \(bytes) bytes of the others" : "")
            )
        }
    }

    // MARK: Storing

    /// Stores what was found, and writes into the evidence what was stored and what is missing.
    func store(_ evidence: Evidence, _ uploader: ArtifactUploader) throws -> Evidence {
        guard !isEmpty else { return evidence }
        var (stored, missing): ([Artifact], [String]) = ([], [])
        for (item, name) in zip(found, ArtifactNaming.names(for: found.map(\.path))) {
            let artifact = Artifact(
                name: name,
                path: item.path,
                bytes: item.staged.bytes,
                sha256: item.staged.sha256,
                source: item.source,
                asked: item.asked,
                redactions: item.staged.redactions > 0 ? item.staged.redactions : nil
            )
            if let reason = try uploader.upload(item.file, as: artifact) {
                missing.append("\(item.path): not stored: \(reason)")
            } else {
                stored.append(artifact)
            }
            FileTree.remove(item.file)
        }
        var evidence = evidence
        evidence.artifacts = stored
        missing += reasons
        evidence.missingArtifacts = missing.isEmpty ? nil : missing
        return evidence
    }

    /// Why something that was asked for is not there.
    private var reasons: [String] {
        let known = Set(found.map(\.asked))
        var reasons = wishes.filter { !known.contains($0.asked) }.map { wish in
            "\(wish.words): nothing was found"
        }
        if surplus > 0 {
            reasons.append("\(surplus) more files: \(Artifact.mostOfRun) is the most of one run")
        }
        let most = Artifact.mostOfRun - 1
        reasons += obstacles.prefix(most)
        if obstacles.count > most { reasons.append("and \(obstacles.count - most) more") }
        return reasons.prefix(2 * Artifact.mostOfRun).map { reason in
            Redactor.redact(String(reason.prefix(400)), secrets: secrets)
        }
    }
}

/// Sends one run's artifacts under its fence; each is repeated until it is answered.
struct ArtifactUploader: Sendable {
    let control: RunControl
    let link: any CoordinatorLink
    let say: @Sendable (String) -> Void

    /// A coordinator that answers and cannot store is not waited for without end.
    private static let patience = Duration.seconds(120)

    /// Nil once it is safe, else why it is given up; a stale fence ends the run.
    func upload(_ file: String, as artifact: Artifact) throws -> String? {
        let lease = control.lease
        let start = BootClock.now()
        var pause = Duration.milliseconds(100)
        while true {
            try control.check()
            do throws(LinkFault) {
                try link.upload(
                    file: file,
                    sha256: artifact.sha256,
                    as: artifact.name,
                    run: lease.run.description,
                    fence: lease.fence
                )
                let clean = artifact.redactions.map { ", \($0) secrets replaced" } ?? ""
                say("artifact \(artifact.name): \(artifact.path), \(artifact.bytes) bytes\(clean)")
                return nil
            } catch {
                switch error {
                case .stale(let why):
                    say("\(lease.run): 409, the lease is stale: \(why); this worker stops")
                    control.end(.leaseLost(why), ladder: .killAtOnce)
                case .unreachable(let why) where BootClock.now() - start < Self.patience:
                    say("artifact \(artifact.name): \(why); trying again")
                    Pause.wait(pause)
                    pause = min(pause * 2, .seconds(2))
                default:
                    say("artifact \(artifact.name) is given up: \(error)")
                    return "\(error)"
                }
            }
        }
    }
}
