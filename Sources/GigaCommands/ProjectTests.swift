import Engines
import HTTPServing

/// How a project runs its own tests, by the files at its top.
struct ProjectTests: Hashable, Sendable {
    let command: String
    /// The file that says so.
    let source: String

    /// The first that is found; nil when nothing says how.
    static func find(in folder: String) -> ProjectTests? {
        func has(_ name: String) -> Bool { Files.exists("\(folder)/\(name)") }
        func text(_ name: String) -> String? {
            Files.read("\(folder)/\(name)").map { String(decoding: $0, as: UTF8.self) }
        }
        for name in ["Makefile", "makefile", "GNUmakefile"] {
            guard let text = text(name) else { continue }
            for target in ["test", "check"] where hasTarget(target, in: text) {
                return ProjectTests(command: "make \(target)", source: name)
            }
        }
        for name in ["justfile", "Justfile"] where hasTarget("test", in: text(name) ?? "") {
            return ProjectTests(command: "just test", source: name)
        }
        if let found = nodeTests(text("package.json"), has) { return found }
        return others.first { has($0.source) } ?? pythonTests(text, has)
    }

    private static let others = [
        ProjectTests(command: "cargo test", source: "Cargo.toml"),
        ProjectTests(command: "go test ./...", source: "go.mod"),
        ProjectTests(command: "swift test", source: "Package.swift"),
        ProjectTests(command: "./gradlew test", source: "gradlew"),
        ProjectTests(command: "mvn --quiet verify", source: "pom.xml"),
        ProjectTests(command: "mix test", source: "mix.exs"),
        ProjectTests(command: "deno test", source: "deno.json"),
        ProjectTests(command: "bundle exec rake", source: "Rakefile"),
        ProjectTests(command: "tox", source: "tox.ini"),
        ProjectTests(command: "sh tests/run.sh", source: "tests/run.sh"),
        ProjectTests(command: "sh test.sh", source: "test.sh"),
    ]

    /// A rule of its own, not a variable and not a prerequisite.
    private static func hasTarget(_ target: String, in text: String) -> Bool {
        text.split(whereSeparator: \.isNewline).contains { line in
            guard line.hasPrefix(target) else { return false }
            let rest = line.dropFirst(target.count).drop { $0 == " " }
            return rest.hasPrefix(":") && !rest.hasPrefix(":=") && !rest.hasPrefix("::=")
        }
    }

    private static func nodeTests(_ text: String?, _ has: (String) -> Bool) -> ProjectTests? {
        guard let text, let file = JSONBody.value([String: JSONValue].self, Array(text.utf8)),
            case .map(let scripts)? = file["scripts"], case .string(let script)? = scripts["test"],
            // What npm writes where there are none.
            !script.contains("no test specified")
        else { return nil }
        let program =
            has("pnpm-lock.yaml")
            ? "pnpm" : has("yarn.lock") ? "yarn" : has("bun.lockb") ? "bun run" : "npm"
        return ProjectTests(command: "\(program) test", source: "package.json")
    }

    private static func pythonTests(
        _ text: (String) -> String?,
        _ has: (String) -> Bool
    ) -> ProjectTests? {
        for name in ["pytest.ini", "pyproject.toml", "setup.cfg"] {
            guard let text = text(name), name == "pytest.ini" || text.contains("pytest") else {
                continue
            }
            return ProjectTests(command: "python3 -m pytest", source: name)
        }
        let isPython = has("setup.py") || has("pyproject.toml") || has("requirements.txt")
        guard isPython, has("tests") else { return nil }
        return ProjectTests(command: "python3 -m unittest discover tests", source: "tests")
    }
}
