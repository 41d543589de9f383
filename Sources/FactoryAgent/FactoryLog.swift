import Glibc
import Synchronization

/// What a factory tells whoever watches it, and keeps in its folder.
final class FactoryLog: Sendable {
    private let watcher: @Sendable (String) -> Void
    private let file: Int32
    private let turn = Mutex(())

    init(path: String, watcher: @escaping @Sendable (String) -> Void) {
        self.watcher = watcher
        file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    }

    deinit { if file >= 0 { close(file) } }

    func say(_ text: String) {
        let lines = text.split(separator: "\n")
        let plain = lines.joined(separator: " | ")
        // Who watches wants one line; git's own words are whole in the folder and in the run's log.
        watcher(lines.count > 1 ? "\(lines[0]) …" : plain)
        guard file >= 0 else { return }
        let bytes = Array("\(BootClock.wallSeconds()) \(plain)\n".utf8)
        turn.withLock { _ in _ = write(file, bytes, bytes.count) }
    }
}
