import FleetModel
import Glibc
import HTTPServing
import Synchronization

/// The body of one upload on its way to the shelf: a file without a name that counts, and its hash.
///
/// Its bytes go to the page cache on the thread that received them; what waits for the disk waits
/// on the shelf's own. A spool that is let go before it was kept removes its file.
final class ArtifactSpool: BodyReceiver {
    private struct State {
        let digest = RunningDigest()
        var bytes: Int64 = 0
        var fault: ArtifactShelf.Fault?
        var isKept = false
    }

    let path: String
    let descriptor: Int32
    private let state: Mutex<State>

    /// A slow line may take its time; the fence is looked at again when all has come.
    let patience = Duration.seconds(600)
    let maximumBytes = Int(Artifact.mostBytes)

    private let ended: @Sendable () -> Void

    /// `ended` is called when a spool that was made is let go.
    init(
        in folder: String,
        ended: @escaping @Sendable () -> Void
    ) throws(ArtifactShelf.Fault) {
        self.ended = ended
        let path = "\(folder)/.\(UInt64.random(in: .min ... .max)).new"
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        self.path = path
        state = Mutex(State())
        guard descriptor >= 0 else { throw .last(path) }
    }

    deinit {
        discard()
        if descriptor >= 0 {
            close(descriptor)
            ended()
        }
    }

    /// Removes the file, unless it was kept.
    func discard() {
        let isOurs = state.withLock { state in
            defer { state.isKept = true }
            return !state.isKept
        }
        if isOurs { unlink(path) }
    }

    func take(_ bytes: UnsafeRawBufferPointer) {
        state.withLock { state in
            guard state.fault == nil else { return }
            let piece = Array(bytes)
            guard LogFile.write(piece[...], to: descriptor) == piece.count else {
                state.fault = .last(path)
                return
            }
            state.digest.update(piece)
            state.bytes += Int64(piece.count)
        }
    }

    /// The hash of all that came; asked once.
    func finish() throws(ArtifactShelf.Fault) -> String {
        let (hash, fault) = state.withLock { state in (state.digest.finish().hex, state.fault) }
        if let fault { throw fault }
        return hash
    }

    var bytes: Int64 { state.withLock(\.bytes) }

    /// The file has another name by now, or is another's: it is not to be removed.
    func kept() { state.withLock { $0.isKept = true } }
}
