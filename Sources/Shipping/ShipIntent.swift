import FleetModel
import FoundationEssentials
import Glibc

/// What a ship run is about to do at the origin, written down before it does.
///
/// After a crash it tells people what was in flight. The next run never trusts it: it looks at
/// the origin itself.
package struct ShipIntent: Hashable, Sendable, Codable {
    package var run: String
    package var fence: UInt64
    package var target: String
    package var expected: String
    package var commit: String

    package init(run: String, fence: UInt64, target: String, expected: String, commit: String) {
        self.run = run
        self.fence = fence
        self.target = target
        self.expected = expected
        self.commit = commit
    }

    /// Writes it so that it survives a crash; false when the disk would not take it.
    package func write(to path: String) -> Bool {
        guard let bytes = try? JSONEncoder().encode(self) else { return false }
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return false }
        defer { close(file) }
        let written = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        return written == bytes.count && fsync(file) == 0
    }

    package static func remove(at path: String) { unlink(path) }
}
