import FleetModel
import Foundation
import Manifests
import Testing

/// Files as people write them, each beside the exact text that it gives.
///
/// `UPDATE_GOLDEN=1` rewrites the texts; read the difference before committing it.
@Suite struct FixtureTests {
    @Test func `there are at least two hundred fixtures, and each has its golden text`() throws {
        let names = try Fixtures.names()
        #expect(names.count >= 200)
        let stray = try Fixtures.all().filter { name in
            name.hasSuffix(".golden") && !names.contains(String(name.dropLast(7)))
        }
        #expect(stray.isEmpty, "golden texts without a file")
    }

    @Test(arguments: try Fixtures.names())
    func `a fixture gives its golden text`(name: String) throws {
        let bytes = try Fixtures.bytes(of: name)
        let seen = Fixtures.outcome(of: name, bytes)
        try Golden.check(seen, at: Fixtures.folder.appending(path: name + ".golden"))
    }

    @Test(arguments: try Fixtures.names())
    func `a fixture means the same with carriage returns and a byte-order mark`(
        name: String
    ) throws {
        let bytes = try Fixtures.bytes(of: name)
        guard !bytes.contains(0x0D), bytes.count < 1_000_000, bytes.first != 0xFF else { return }
        var changed: [UInt8] = bytes.first == 0xEF ? [] : [0xEF, 0xBB, 0xBF]
        for byte in bytes { changed += byte == 0x0A ? [0x0D, 0x0A] : [byte] }
        #expect(Fixtures.outcome(of: name, changed) == Fixtures.outcome(of: name, bytes))
    }
}

/// The files beside this one.
enum Fixtures {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Fixtures")

    static func all() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
    }

    static func names() throws -> [String] { try all().filter { !$0.hasSuffix(".golden") } }

    static func bytes(of name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: name)))
    }

    /// `profile-….md` and `….yaml` are of the other kinds.
    static func outcome(of name: String, _ bytes: [UInt8]) -> String {
        if name.hasSuffix(".yaml") {
            return text(ConfigurationFile.parse(bytes, path: name)) { file in
                file.entries.map { "\($0.line):\($0.column) \($0.key) = \($0.text)" }
                    + file.notes.map { "note: \($0)" }
            }
        }
        if name.hasPrefix("profile-") {
            return text(ProfileFile.parse(bytes, path: name)) { file in
                [ProfileFile.write(file.profile)] + file.notes.map { "note: \($0)" }
            }
        }
        return text(JobFile.parse(bytes, path: name)) { file in
            let canonical = ContentHash.canonicalBytes(file.manifest, prompt: file.prompt)
            return ["style: \(file.style)", "title: \(file.title)"]
                + file.notes.map { "note: \($0)" } + [String(decoding: canonical, as: UTF8.self)]
        }
    }

    private static func text<File>(
        _ result: FileResult<File>,
        accepted: (File) -> [String]
    ) -> String {
        let lines =
            switch result {
            case .accepted(let file): accepted(file)
            case .refused(let errors): errors.map(\.description)
            }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// A text that is compared with one in the repository.
enum Golden {
    static func check(_ seen: String, at url: URL) throws {
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try seen.write(to: url, atomically: true, encoding: .utf8)
        }
        let wanted = (try? String(contentsOf: url, encoding: .utf8)) ?? "(no file)"
        #expect(seen == wanted, "\(url.lastPathComponent); UPDATE_GOLDEN=1 rewrites it")
    }
}
