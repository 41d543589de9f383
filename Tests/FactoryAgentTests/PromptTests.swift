import Engines
import FleetModel
import Foundation
import Manifests
import Testing

@testable import FactoryAgent

/// What every engine is told in every shipped role, each in a file of its own.
///
/// `UPDATE_GOLDEN=1` rewrites them; read the difference before committing it.
@Suite struct PromptTests {
    private static let here = URL(filePath: #filePath).deletingLastPathComponent()
    private static let profiles = here.appending(path: "../../profiles").standardized
    private static let golden = here.appending(path: "Prompts")

    private static let job = """
        The command `greet` must say good morning before noon.

        ```sh
        sed -i s/day/morning/ greet.sh
        ```
        """

    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: profiles.path())
            .filter { $0.hasSuffix(".md") }.map { String($0.dropLast(3)) }.sorted()
    }

    private static func adapters() throws -> [any EngineAdapter] {
        let template = CommandTemplate(name: "lint", run: ["lint-and-mend", "--fix"])
        return try EngineCatalogue(templates: [template]).adapters
    }

    @Test(arguments: try names())
    func `what each engine is told in a role is what its file says`(name: String) throws {
        let bytes = [UInt8](try Data(contentsOf: Self.profiles.appending(path: "\(name).md")))
        let profile = try #require(ProfileFile.parse(bytes, path: "\(name).md").file).profile
        for adapter in try Self.adapters() {
            let told = Self.told(try adapter.plan(Self.task(profile)))
            if adapter.classes != [.script] {
                #expect(told.contains(String(profile.persona.prefix(40))))
            }
            let engine = adapter.name.text.map { $0 == ":" ? "-" : $0 }
            let file = Self.golden.appending(path: "\(name).\(String(engine)).txt")
            if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
                try told.write(to: file, atomically: true, encoding: .utf8)
            }
            let wanted = (try? String(contentsOf: file, encoding: .utf8)) ?? "(no file)"
            #expect(told == wanted, "\(file.lastPathComponent); UPDATE_GOLDEN=1 rewrites it")
        }
    }

    @Test func `there is a file for every role and engine, and none beside them`() throws {
        let engines = try Self.adapters().map { adapter in
            String(adapter.name.text.map { $0 == ":" ? "-" : $0 })
        }
        let wanted = try Self.names().flatMap { name in engines.map { "\(name).\($0).txt" } }
        let found = try FileManager.default.contentsOfDirectory(atPath: Self.golden.path())
        #expect(Set(found) == Set(wanted))
        #expect(wanted.count >= 8 * 3)
    }

    private static func task(_ profile: Profile) throws -> EngineTask {
        EngineTask(
            prompt: Prompt.text(for: try grant(profile), houseFile: "Run `make lint` first."),
            jobPrompt: job,
            model: "provider/name",
            isSandboxed: true,
            cloneFolder: "/clone",
            homeFolder: "/home",
            scratchFolder: "/scratch"
        )
    }

    private static func grant(_ profile: Profile) throws -> GrantedRun {
        var manifest = Manifest()
        manifest.title = "Greet by the time of day"
        manifest.verify = "make test"
        manifest.allowedScope = [try Glob(parsing: "src/")]
        let lease = Lease(
            job: try #require(JobID(text: "job-12")),
            kind: .attempt,
            fence: 3,
            attempt: 2,
            factory: FactoryID("north"),
            boot: "boot",
            station: nil,
            granted: Instant(milliseconds: 0),
            term: .seconds(60)
        )
        let terms = JobTerms(
            title: "Greet by the time of day",
            product: "main",
            repo: "shop",
            base: nil,
            engine: nil,
            engineClass: "agentic-coder",
            model: nil,
            yolo: false,
            lock: nil,
            timeout: .minutes(60),
            verify: "make test",
            profile: profile.reference,
            capabilities: [],
            prefers: [],
            priority: .medium,
            retry: .standard,
            reviewPolicy: .manual,
            scopes: [try [Glob(parsing: "src/")]],
            ship: .merge,
            output: .change,
            target: "main",
            acceptsNoChange: false,
            budget: nil
        )
        return GrantedRun(
            lease: lease,
            fleet: "fleet",
            terms: terms,
            manifest: manifest,
            prompt: job,
            profile: profile,
            repository: Repository(name: "shop", url: "/srv/shop.git", target: "main"),
            mustContain: [],
            lastFailure: nil,
            candidate: nil,
            onlyLooks: false
        )
    }

    /// Everything that reaches the engine, in one text.
    private static func told(_ plan: EngineInvocation) -> String {
        var lines = plan.arguments.map { "argument: \($0)" }
        if case .bytes(let bytes) = plan.input {
            lines += ["standard input:", String(decoding: bytes, as: UTF8.self)]
        }
        for file in plan.files {
            // A scalar in double quotes is one long line: broken where it breaks lines itself.
            let text = String(decoding: file.bytes, as: UTF8.self)
                .replacingOccurrences(of: "\\n", with: "\\n\n    ")
            lines += ["file \(file.place) \(file.path):", text]
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
