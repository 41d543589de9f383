import FleetModel

/// Every engine that this version can drive, with the user's command templates.
///
/// A new engine is one file with its adapter and one line in `init`.
package struct EngineCatalogue: Sendable {
    /// In the order in which `giga engine list` shows them.
    package let adapters: [any EngineAdapter]
    private let templates: [CommandTemplate]

    /// Refuses templates that cannot be used and names that occur twice.
    package init(templates: [CommandTemplate] = []) throws(EngineFault) {
        var names: Set<String> = []
        for template in templates {
            if let fault = template.fault { throw fault }
            guard names.insert(template.name).inserted else {
                throw .badTemplate(
                    template.name,
                    "giga.yaml has two templates of that name",
                    hint: "Rename one of them"
                )
            }
        }
        self.templates = templates.sorted { $0.name < $1.name }
        let builtIn: [any EngineAdapter] = [ShellEngine(), MiniSWEAgentEngine()]
        adapters = builtIn + self.templates.map { CommandEngine($0) }
    }

    /// The adapter that a manifest's or station's `text` means; plain `command` means the only
    /// template.
    package func adapter(named text: String) throws(EngineFault) -> any EngineAdapter {
        guard let name = EngineName(text: text) else {
            throw .unknown(text, nearest: nearest(to: text))
        }
        return try adapter(for: name)
    }

    package func adapter(for name: EngineName) throws(EngineFault) -> any EngineAdapter {
        if let found = adapters.first(where: { $0.name == name }) { return found }
        guard case .command(let wanted) = name else { throw .unavailable(name) }
        if wanted == nil, templates.count == 1 { return CommandEngine(templates[0]) }
        let known = templates.map(\.name)
        throw .noTemplate(
            wanted,
            known: known,
            nearest: wanted.flatMap { Spelling.nearest(to: $0, among: known) }
        )
    }

    /// Those among which the router may pick for a class.
    package func adapters(of engineClass: EngineClass) -> [any EngineAdapter] {
        adapters.filter { $0.classes.contains(engineClass) }
    }

    /// Names of the specification that this version cannot drive.
    package var unavailable: [EngineName] {
        EngineName.plain.map(\.name).filter { name in
            if case .command = name { return false }
            return !adapters.contains { $0.name == name }
        }
    }

    private func nearest(to text: String) -> String? {
        let names = EngineName.plain.map(\.text) + templates.map { "command:\($0.name)" }
        return Spelling.nearest(to: text, among: names)
    }
}

/// The known word that somebody may have meant.
enum Spelling {
    /// Nil when none is within a third of the word's length, at least one change.
    static func nearest(to text: String, among words: [String]) -> String? {
        let limit = max(1, text.count / 3)
        let near = words.map { (word: $0, changes: distance(text, $0)) }
            .filter { $0.changes <= limit }
        return near.min { ($0.changes, $0.word) < ($1.changes, $1.word) }?.word
    }

    /// Levenshtein's: insertions, deletions and replacements, one each.
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (index, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let replaced = diagonal + (character == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
