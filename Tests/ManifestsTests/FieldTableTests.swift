import FleetModel
import Manifests
import Testing

/// Each field, in each of the ways in which a person may write it.
@Suite struct FieldTableTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let kind: FieldTable.FileKind
        let name: String
        let valid: String
        let wrong: String

        var testDescription: String { "\(kind.rawValue) \(name)" }
    }

    private static func cases(
        _ kind: FieldTable.FileKind,
        _ rows: [(String, String, String)]
    ) -> [Case] {
        rows.map { Case(kind: kind, name: $0.0, valid: $0.1, wrong: $0.2) }
    }

    static let jobs = cases(
        .job,
        [
            ("title", "Fix it", "[a, b]"), ("product", "shop", "Shop Two"),
            ("repo", "git@host:shop.git", "-x"), ("base", "main", "a..b"),
            ("cwd", "/srv/app", "srv/app"), ("engine", "claude", "{a: b}"),
            ("engine-class", "script", "Big Ones"), ("model", "gpt-5", "-m"),
            ("yolo", "on", "perhaps"), ("lock", "db", "[db]"), ("timeout", "1h30m", "90"),
            ("verify", "make test", "[make]"), ("profile", "qa@2", "qa@two"),
            ("capabilities", "[os:linux]", "{os: linux}"), ("prefers", "[gpu]", "{a: b}"),
            ("priority", "high", "urgent"), ("deadline", "2d", "soon"),
            ("budget", "{usd: 1}", "12"), ("value", "2.5", "much"), ("deps", "[job-1]", "{a: b}"),
            ("idempotency-key", "k-1", "[k]"), ("retry", "{max: 2}", "3"),
            ("review-policy", "auto", "never"), ("allowed-scope", "[src/]", "/src"),
            ("artifacts", "[coverage]", "{a: b}"), ("tracker-item", "T-1", "[T]"),
            ("output", "none", "nothing"), ("script", "echo hi", "[echo]"),
            ("obligations", "{coverage: 80}", "[coverage]"), ("value-stream", "checkout", "[a]"),
            ("mandate", "m", "[m]"), ("lane", "live", "fast"), ("issue", "12", "[12]"),
            ("labels", "[a, b]", "{a: b}"),
        ]
    )

    static let profiles = cases(
        .profile,
        [
            ("name", "qa", "Q A"), ("version", "3", "three"), ("persona", "You test", "[a, b]"),
            ("capabilities", "[gpu]", "{a: b}"), ("default-verify", "make", "[make]"),
            ("engine-class", "script", "a b"), ("prefers-engine", "claude", "a b"),
            ("model", "m", "-m"), ("timeout", "5m", "5"), ("silent", "10", "often"),
            ("artifacts", "coverage", "{a: b}"), ("allowed-scope", "src/", "../src"),
            ("protected-paths", "ops/", "/ops"), ("review-policy", "manual", "none"),
            ("budget", "{tokens: 2M}", "2M"), ("network", "off", "none"),
            ("obligations", "{a: b}", "a"), ("mandate", "m", "[m]"), ("ship", "none", "push"),
        ]
    )

    static let configurations = cases(
        .configuration,
        [
            ("product", "shop", "fleet"), ("repo", "shop", "-x"), ("profile", "qa", "Q"),
            ("verify", "make", "[a]"), ("target", "main", "-b"), ("ship", "merge", "direct"),
            ("engine", "shell", "a b"), ("engine-class", "script", "a b"), ("model", "m", "-m"),
            ("timeout", "5m", "5"), ("budget", "{usd: 3}", "3"),
            ("coordinator", "http://127.0.0.1:1", "127.0.0.1"),
            ("listen", "127.0.0.1:0", "127.0.0.1"), ("store", "memory", "mysql"),
            ("data", "/var/giga", "[a]"), ("lease", "3s", "3"), ("heartbeat", "1s", "1"),
            ("name", "big-one", "Big One"), ("stations", "shell=2,command:lint=1", "shell"),
            ("max", "3", "none"), ("max-load", "1.5", "high"), ("disk-min", "2GiB", "lots"),
            ("prepare", "make deps", "[a]"),
            ("artifacts", "{coverage: [coverage/]}", "{coverge: [coverage/]}"),
            ("run-memory", "2GiB", "lots"),
            ("run-processes", "512", "3"),
            ("run-file-size", "1GiB", "big"),
            ("facts", "[gpu]", "{a: b}"), ("engines", "{lint: {run: [lint]}}", "[lint]"),
            ("probes", "{node: [node, --version]}", "{node: node}"),
            ("weights", "{load: 3}", "{load: many}"), ("shares", "{shop: 2}", "{shop: 0}"),
            ("ageing", "1h", "1"), ("critical-share", "50", "101"),
            ("patience", "0", "2m"),
        ]
    )

    static let all = jobs + profiles + configurations

    @Test(arguments: FieldTable.FileKind.allCases)
    func `every field of the table is in this one`(kind: FieldTable.FileKind) {
        let names = FieldTable.rows(of: kind).map(\.name)
        #expect(Set(names) == Set(Self.all.filter { $0.kind == kind }.map(\.name)))
        #expect(Set(names).count == names.count)
    }

    @Test(arguments: all) func `a wrong value is named with its place`(row: Case) throws {
        let errors = Self.errors(row, "\(row.name): \(row.wrong)\n")
        let error = try #require(errors.last)
        #expect(error.line == Self.line(row))
        #expect(error.column > row.name.count + 2)
        #expect(error.message.contains("expected ") || error.hint != nil)
    }

    @Test(arguments: all) func `a misspelt field is an error that knows the field`(row: Case) {
        let middle = row.name.index(row.name.startIndex, offsetBy: row.name.count / 2)
        let misspelt = "\(row.name[..<middle])x\(row.name[middle...])"
        let error = Self.errors(row, "\(misspelt): \(row.valid)\n").first
        #expect(error?.message.contains("\"\(misspelt)\" is no field of") == true)
        #expect(error?.hint == "did you mean \(row.name)?")
        #expect(error?.column == 1)
    }

    @Test(arguments: all) func `a field that is written twice is an error`(row: Case) {
        let line = "\(row.name): \(row.valid)\n"
        let errors = Self.errors(row, line + line)
        let twice = errors.first { $0.message.contains("is written twice") }
        #expect(twice?.line == Self.line(row) + 1)
        #expect(twice?.message.contains("line \(Self.line(row)) ") == true)
    }

    @Test(arguments: all) func `a field without a value is an error`(row: Case) {
        #expect(!Self.errors(row, "\(row.name):\n").isEmpty)
    }

    @Test(arguments: all.filter { !refused.contains("\($0.kind) \($0.name)") })
    func `a right value is taken`(row: Case) {
        #expect(Self.errors(row, "\(row.name): \(row.valid)\n").isEmpty)
    }

    @Test(arguments: jobs.filter { $0.name != "obligations" })
    func `a job's field sets itself and nothing else, and left out sets nothing`(row: Case) throws {
        let bytes = Self.bytes(.job, "\(row.name): \(row.valid)\n")
        let file = try #require(JobFile.parse(bytes, path: "a.md").file)
        // Two submissions are compared under one key, which is why it never counts as a difference.
        let differences = file.manifest.differences(from: Manifest())
        #expect(differences == (row.name == "idempotency-key" ? [] : [row.name]))
        let without = ContentHash.canonicalBytes(Manifest(), prompt: file.prompt)
        #expect(ContentHash.canonicalBytes(file.manifest, prompt: file.prompt) != without)
        let bare = try #require(JobFile.parse(Self.bytes(.job, ""), path: "a.md").file)
        #expect(bare.manifest == Manifest())
    }

    /// Promises that this version does not keep.
    private static let refused: Set = [
        "job obligations", "profile obligations",
    ]

    @Test func `a promise is refused where it is written`() {
        for row in Self.all where Self.refused.contains("\(row.kind) \(row.name)") {
            let error = Self.errors(row, "\(row.name): \(row.valid)\n").first
            #expect(error?.message.contains("cannot be promised yet") == true)
        }
    }

    private static func line(_ row: Case) -> Int { row.kind == .configuration ? 1 : 2 }

    private static func bytes(_ kind: FieldTable.FileKind, _ lines: String) -> [UInt8] {
        Array((kind == .configuration ? lines : "---\n\(lines)---\nBody\n").utf8)
    }

    private static func errors(_ row: Case, _ lines: String) -> [ManifestError] {
        let bytes = bytes(row.kind, lines)
        return switch row.kind {
        case .job: JobFile.parse(bytes, path: "a.md").errors
        case .profile: ProfileFile.parse(bytes, path: "profiles/qa.md").errors
        case .configuration: ConfigurationFile.parse(bytes, path: "giga.yaml").errors
        }
    }
}
