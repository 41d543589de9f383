import FleetModel
import FoundationEssentials

/// What a backup holds, written as its first member.
package struct BackupManifest: Hashable, Sendable, Codable {
    /// The form of the archive that this program writes, and the newest it reads.
    package static let format = 1

    /// A part of a file's identity: as many bytes with this SHA-256.
    package struct Content: Hashable, Sendable, Codable {
        package let bytes: UInt64
        package let sha256: String
    }

    /// A file of the data folder, and where its content lies.
    package struct File: Hashable, Sendable, Codable {
        /// Relative to the data folder.
        package let path: String
        package let content: Content
    }

    package let format: Int
    package let fleet: String
    package let epoch: UInt64
    /// Of the last event in the snapshot; everything up to it is in the backup.
    package let position: UInt64
    /// When that event happened, ms since 1970 UTC.
    package let lastInstant: Int64
    package let schema: Int
    /// When the snapshot was taken, ms since 1970 UTC.
    package let madeAt: Int64
    /// Of the program that made it.
    package let version: String
    package let database: Content
    /// Run logs and artifacts, by path.
    package let files: [File]

    /// Every content once, in the order of the archive.
    var members: [Member] {
        var seen: Set<String> = []
        let objects = files.map(\.content).filter { seen.insert($0.sha256).inserted }
        return [Member(name: Member.database, content: database)]
            + objects.map { Member(name: Member.object($0.sha256), content: $0) }
    }

    /// A member of the archive whose content the manifest knows.
    struct Member: Hashable, Sendable {
        static let manifest = "manifest.json"
        static let manifestHash = "manifest.sha256"
        static let database = "giga.db"
        static func object(_ hash: String) -> String { "objects/\(hash)" }

        let name: String
        let content: Content
    }

    /// How much the archive holds, for progress.
    var contentBytes: UInt64 { members.reduce(0) { $0 + $1.content.bytes } }

    func encoded() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        do { return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")] } catch {
            preconditionFailure("a manifest is plain numbers and text: \(error)")
        }
    }

    init(
        fleet: String,
        epoch: UInt64,
        position: UInt64,
        lastInstant: Int64,
        schema: Int,
        madeAt: Int64,
        version: String,
        database: Content,
        files: [File]
    ) {
        format = Self.format
        self.fleet = fleet
        self.epoch = epoch
        self.position = position
        self.lastInstant = lastInstant
        self.schema = schema
        self.madeAt = madeAt
        self.version = version
        self.database = database
        self.files = files
    }

    /// Reads a manifest whose hash was right; says what is wrong with it otherwise.
    init(decoding bytes: [UInt8], of path: String) throws(BackupFault) {
        struct Form: Decodable { let format: Int }
        let decoder = JSONDecoder()
        do {
            let form = try decoder.decode(Form.self, from: Data(bytes)).format
            guard form <= Self.format else {
                throw BackupFault.newer(path: path, format: form, known: Self.format)
            }
            self = try decoder.decode(BackupManifest.self, from: Data(bytes))
        } catch let fault as BackupFault {
            throw fault
        } catch {
            throw .damaged(path: path, what: "its manifest cannot be read: \(error)")
        }
        for file in files where !Self.isSafe(file.path) {
            throw .damaged(path: path, what: "its manifest names the file \(file.path)")
        }
        guard Set(files.map(\.path)).count == files.count else {
            throw .damaged(path: path, what: "its manifest names a file twice")
        }
        // A hash proves that the manifest is the one that was written, not who wrote it.
        for content in [database] + files.map(\.content) where !Self.isPlausible(content) {
            throw .damaged(path: path, what: "its manifest has no size or no hash of a file")
        }
        guard files.count <= Self.mostFiles, [madeAt, lastInstant].allSatisfy(Self.days.contains)
        else { throw .damaged(path: path, what: "its manifest has numbers that cannot be") }
    }

    private static let mostFiles = 1 << 22
    /// From 1970 to 2286, in milliseconds: sums of instants and files stay within 64 bits.
    private static let days: ClosedRange<Int64> = 0...9_999_999_999_999

    private static func isPlausible(_ content: Content) -> Bool {
        let digits = content.sha256.utf8
        return content.bytes < 1 << 40 && digits.count == 64
            && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// A file of a run and nothing else: a backup from elsewhere may not choose where it writes.
    private static func isSafe(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[0] == Substring(RunFiles.folder)
            && RunFiles.run(of: parts[1]) != nil
    }
}

/// Logs and artifacts of runs in a data folder: `runs/<run>.log`, `runs/<run>.<artifact>`.
enum RunFiles {
    static let folder = "runs"

    /// Those in a data folder; what begins with a dot is the coordinator's own, or still on its way.
    static func names(in dataFolder: String) -> [String] {
        PlainFile.names(in: "\(dataFolder)/\(folder)").filter { !$0.hasPrefix(".") }
    }

    /// The run that a file belongs to; nil for a file of another kind.
    static func run(of name: some StringProtocol) -> RunID? {
        let parts = name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[2].isEmpty, !name.contains("/"), !name.contains("\0") else {
            return nil
        }
        return RunID(text: "\(parts[0]).\(parts[1])")
    }
}
