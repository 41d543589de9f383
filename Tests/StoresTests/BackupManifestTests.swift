import Testing

@testable import Stores

/// A manifest whose hash is right, by somebody who wanted it so.
@Suite struct BackupManifestTests {
    private static let hash = String(repeating: "a", count: 64)

    private static func read(
        sha256: String = hash,
        bytes: String = "4096",
        madeAt: String = "1700000000000"
    ) throws -> BackupManifest {
        let text = """
            {"format": 1, "fleet": "abcdefghij", "epoch": 1, "position": 9, "schema": 2,
             "lastInstant": 1700000000000, "madeAt": \(madeAt), "version": "0.1.0", "files": [],
             "database": {"bytes": \(bytes), "sha256": "\(sha256)"}}
            """
        return try BackupManifest(decoding: Array(text.utf8), of: "b.tar")
    }

    @Test(arguments: [
        "", "aa", String(repeating: "a", count: 200), String(repeating: "/", count: 64),
    ])
    func `a hash of another form is damage, not a name`(sha256: String) {
        #expect(throws: BackupFault.self) { try Self.read(sha256: sha256) }
    }

    @Test(arguments: ["-9223372036854775808", "-1", "9223372036854775807"])
    func `an instant that cannot be is damage`(madeAt: String) {
        #expect(throws: BackupFault.self) { try Self.read(madeAt: madeAt) }
    }

    @Test func `a size that cannot be is damage`() {
        #expect(throws: BackupFault.self) { try Self.read(bytes: "18446744073709551615") }
    }

    @Test func `a plain one is read`() throws {
        #expect(try Self.read().database.bytes == 4096)
    }
}
