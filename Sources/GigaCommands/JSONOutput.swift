import Engines
import FoundationEssentials
import HTTPServing
import Manifests

/// `--json`, `--json=all` and `--json=a,b` on everything that lists or shows.
enum JSONOutput {
    /// Prints a value; with names given, only those fields of it (or of the rows in `rows`).
    static func print(
        _ value: some Encodable,
        _ arguments: Arguments,
        rows: String? = nil,
        _ console: Console
    ) {
        guard let bytes = JSONBody.bytes(value) else { return }
        let wanted = arguments.value("json") ?? ""
        guard !wanted.isEmpty, wanted != "all" else {
            console.print(String(decoding: bytes, as: UTF8.self))
            return
        }
        let names = Set(wanted.split(separator: ",").map(String.init))
        guard var object = JSONBody.value([String: JSONValue].self, bytes) else { return }
        if let rows, case .list(let items)? = object[rows] {
            let known = items.reduce(into: Set<String>()) { names, item in
                if case .map(let fields) = item { names.formUnion(fields.keys) }
            }
            if !items.isEmpty { mention(names.subtracting(known), known, console) }
            object[rows] = .list(items.map { keep(names, of: $0) })
        } else {
            mention(names.subtracting(object.keys), Set(object.keys), console)
            object = object.filter { names.contains($0.key) }
        }
        console.print(String(decoding: JSONBody.bytes(object) ?? [], as: UTF8.self))
    }

    /// Fields that nothing has: a misspelt one would else be an empty answer.
    private static func mention(
        _ unknown: Set<String>,
        _ known: Set<String>,
        _ console: Console
    ) {
        for name in unknown.sorted() {
            let near = Spelling.nearest(to: name, among: known.sorted())
            let hint =
                near.map { "did you mean \($0)?" }
                ?? "there are \(known.sorted().joined(separator: ", "))"
            console.say("note: nothing here has a field \"\(name)\"; \(hint)")
        }
    }

    private static func keep(_ names: Set<String>, of item: JSONValue) -> JSONValue {
        guard case .map(let fields) = item else { return item }
        return .map(fields.filter { names.contains($0.key) })
    }
}
