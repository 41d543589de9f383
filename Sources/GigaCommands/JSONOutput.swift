import Engines
import FoundationEssentials
import HTTPServing

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
            object[rows] = .list(items.map { keep(names, of: $0) })
        } else {
            object = object.filter { names.contains($0.key) }
        }
        console.print(String(decoding: JSONBody.bytes(object) ?? [], as: UTF8.self))
    }

    private static func keep(_ names: Set<String>, of item: JSONValue) -> JSONValue {
        guard case .map(let fields) = item else { return item }
        return .map(fields.filter { names.contains($0.key) })
    }
}
