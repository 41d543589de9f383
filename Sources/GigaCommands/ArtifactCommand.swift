import FleetModel
import FleetProtocol

/// `giga artifact list` and `giga artifact get`: what runs left beside their commits.
enum ArtifactCommand {
    static let list = CommandTable.Entry(
        usage: Usage(
            "artifact list",
            .work,
            "List what a job's runs left beside their commits",
            positionals: "ID",
            options: [
                .value("text", "TEXT", "Only those with this in their run or name"), Usage.json,
            ],
            example: "giga artifact list job-12"
        ),
        run: runList
    )

    static let get = CommandTable.Entry(
        usage: Usage(
            "artifact get",
            .work,
            "Fetch an artifact by its name or path, of the newest run that has it",
            positionals: "ID NAME",
            options: [
                .value("run", "RUN", "Of this run"),
                .value("to", "FILE", "Write it to a new file instead of standard output"),
                Usage.json,
            ],
            example: "giga artifact get job-12 coverage.xml --to coverage.xml"
        ),
        run: runGet
    )

    private struct Fetched: Encodable {
        let run: String
        let name: String
        let path: String
        let bytes: Int64
        let sha256: String
        let source: Artifact.Source
        let file: String
    }

    @Sendable
    private static func runList(
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) -> ExitCode {
        let id = try arguments.only("ID")
        let client = try CoordinatorClient(arguments, shop)
        let list = try rows(of: id, matching: arguments.value("text"), client)
        if arguments.wantsJSON {
            JSONOutput.print(list, arguments, rows: "artifacts", shop.console)
            return .done
        }
        guard !list.artifacts.isEmpty else {
            shop.console.say("Here the artifacts of \(id) will stand once a run has left some.")
            return .done
        }
        let cells = list.artifacts.map { row in
            let artifact = row.artifact
            return [
                row.run, artifact.name, Sizes.text(UInt64(clamping: artifact.bytes)),
                artifact.source.rawValue, String(artifact.sha256.prefix(12)), artifact.path,
            ]
        }
        let head = ["run", "name", "size", "from", "sha256", "path"]
        for line in Table.lines(head, cells) { shop.console.print(line) }
        return .done
    }

    /// All pages as one list.
    private static func rows(
        of id: String,
        matching text: String?,
        _ client: CoordinatorClient
    ) throws(CommandFault) -> ArtifactList {
        let job = RunID(text: id)?.job.description ?? id
        let filter = text.map { "text=\(Percent.encoded($0))&" } ?? ""
        let path = "/fleet/jobs/\(Percent.encoded(job))/artifacts?\(filter)limit=1000"
        var list = try client.get(path, as: ArtifactList.self)
        while let next = list.next {
            let page = try client.get(
                "\(path)&after=\(Percent.encoded(next))",
                as: ArtifactList.self
            )
            list.artifacts += page.artifacts
            list.next = page.next
        }
        if RunID(text: id) != nil {
            list.artifacts.removeAll { $0.run != id }
            list.total = list.artifacts.count
        }
        return list
    }

    @Sendable
    private static func runGet(
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) -> ExitCode {
        guard arguments.positionals.count == 2 else {
            throw .usage(
                "giga artifact get takes one ID and one NAME",
                why: "\(arguments.positionals.count) words were given",
                hint: get.usage.example
            )
        }
        let (id, name) = (arguments.positionals[0], arguments.positionals[1])
        let target = arguments.value("to").map { Files.absolute($0, from: shop.workingFolder) }
        if let target, Files.exists(target) {
            throw .exists(arguments.value("to") ?? target, hint: "choose another name with --to")
        }
        if arguments.wantsJSON, target == nil {
            throw .usage(
                "--json needs --to",
                why: "standard output cannot hold both the artifact and what is said of it",
                hint: get.usage.example
            )
        }
        let client = try CoordinatorClient(arguments, shop)
        let row = try chosen(name, of: arguments.value("run") ?? id, client)
        let place = "/fleet/runs/\(Percent.encoded(row.run))/artifacts/\(row.artifact.name)"
        let bytes = try client.file(place)
        let hash = Digest(sha256: bytes).hex
        guard hash == row.artifact.sha256 else {
            throw CommandFault(
                .failed,
                "artifact.other-hash",
                what: "\(row.artifact.name) of \(row.run) is not what was recorded",
                why: "it has the SHA-256 \(hash), and the record says \(row.artifact.sha256)",
                hint: "giga doctor"
            )
        }
        guard let target else {
            shop.console.printRaw(bytes)
            return .done
        }
        try Files.write(bytes, to: target)
        let artifact = row.artifact
        let fetched = Fetched(
            run: row.run,
            name: artifact.name,
            path: artifact.path,
            bytes: artifact.bytes,
            sha256: artifact.sha256,
            source: artifact.source,
            file: target
        )
        if arguments.wantsJSON {
            JSONOutput.print(fetched, arguments, shop.console)
        } else {
            let size = Sizes.text(UInt64(clamping: artifact.bytes))
            shop.console.print("\(target)  \(size)  \(artifact.sha256)")
        }
        return .done
    }

    /// The one that is meant: by name before path, and of the newest run.
    private static func chosen(
        _ name: String,
        of id: String,
        _ client: CoordinatorClient
    ) throws(CommandFault) -> ArtifactList.Row {
        let rows = try rows(of: id, matching: nil, client).artifacts
        let named = rows.filter { $0.artifact.name == name }
        let found = (named.isEmpty ? rows.filter { $0.artifact.path == name } : named)
            .max { attempt($0) < attempt($1) }
        if let found { return found }
        let known = Set(rows.map(\.artifact.name)).sorted()
        throw CommandFault(
            .failed,
            "artifact.unknown",
            what: "\(id) has no artifact \(name)",
            why: known.isEmpty
                ? "none of its runs left any"
                : "it has \(known.prefix(10).joined(separator: ", "))"
                    + (known.count > 10 ? " and \(known.count - 10) more" : ""),
            hint: "giga artifact list \(id)"
        )
    }

    private static func attempt(_ row: ArtifactList.Row) -> Int {
        if case .attempt(_, let number)? = RunID(text: row.run) { number } else { 0 }
    }
}
