import Manifests

/// `giga schema`: what an editor needs to check files as they are written.
enum SchemaCommand {
    static let usage = Usage(
        "schema",
        .operate,
        "Print the JSON Schema of job files, profile files or giga.yaml",
        positionals: "job | profile | config",
        example: "giga schema job > job.schema.json",
        isLocal: true
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let word = try arguments.only("kind of file: job, profile or config")
        guard let kind = FieldTable.FileKind.allCases.first(where: { $0.word == word }) else {
            let words = FieldTable.FileKind.allCases.map(\.word)
            let near = Spelling.nearest(to: word, among: words)
            throw .usage(
                "There is no schema of \"\(word)\"",
                why: near.map { "did you mean \($0)?" }
                    ?? "there are \(words.joined(separator: ", "))",
                hint: "giga schema \(near ?? "job")"
            )
        }
        shop.console.printRaw(Array(FieldSchema.json(of: kind).utf8))
        return .done
    }
}
