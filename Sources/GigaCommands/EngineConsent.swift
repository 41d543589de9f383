import Manifests

/// Which templates of `engines:` a factory may run: a repository's only by the operator's word.
///
/// A template is a program with an open network and variables of the factory, if it says so. One
/// that a cloned repository brings along must not become an engine because somebody stands there.
struct EngineConsent: Hashable, Sendable {
    typealias Template = Configuration.EngineTemplate

    let templates: [String: Template]
    /// `shell=2,command:lint=1`, without what may not run; nil lets the factory choose.
    let stations: String?
    /// Names of templates that only the repository knows, and that nobody asked for.
    let left: [String]

    /// - Parameters:
    ///   - own: Templates of the operator's own file.
    ///   - projects: Templates of the repository's file.
    ///   - asked: Stations by flag, variable or the operator's own file.
    ///   - suggested: Stations by the repository's file.
    init(
        own: [String: Template],
        projects: [String: Template],
        asked: String?,
        suggested: String?
    ) {
        let named = Set(Self.engines(of: asked))
        let left = projects.keys.filter { name in
            own[name] == nil && !named.contains("command:\(name)") && !named.contains("command")
        }
        self.left = left.sorted()
        templates = projects.filter { !left.contains($0.key) }.merging(own) { _, own in own }
        let unwanted = Set(left.map { "command:\($0)" })
        if let asked {
            stations = asked
        } else {
            let rest = suggested?.split(separator: ",").filter { part in
                let engine = Self.engines(of: String(part)).first ?? ""
                return !unwanted.contains(engine) && (engine != "command" || left.isEmpty)
            }
            stations = rest.flatMap { $0.isEmpty ? nil : $0.joined(separator: ",") }
        }
    }

    private static func engines(of stations: String?) -> [String] {
        (stations ?? "").split(separator: ",").map { part in
            String(part.prefix { $0 != "=" }.filter { $0 != " " })
        }
    }
}
