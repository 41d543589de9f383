import Coordinator
import FleetProtocol
import HTTPServing

/// `giga api`: the description of the HTTP API that this version serves.
enum ApiCommand {
    static let usage = Usage(
        "api",
        .operate,
        "Print the HTTP API as an OpenAPI document",
        options: [.value("path", "PATH", "Only this path: /fleet/jobs/{id}")],
        example: "giga api --path /fleet/jobs",
        isLocal: true
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        if let word = arguments.positionals.first {
            throw .usage("giga api takes no \(word)", why: "it takes --path", hint: "giga api")
        }
        var document = APIDescription.document(version: shop.version)
        if let path = arguments.value("path") {
            guard let found = document["paths"]?[path] else {
                throw .usage(
                    "There is no path \(path)",
                    why: "paths are written as in the description: /fleet/jobs/{id}",
                    hint: "giga api"
                )
            }
            document = found
        }
        guard let bytes = JSONBody.bytes(document) else { return .failed }
        shop.console.printRaw(bytes + [10])
        return .done
    }
}
