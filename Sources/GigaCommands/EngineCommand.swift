/// `giga engine list`: which agents this machine has.
enum EngineCommand {
    static let usage = Usage(
        "engine list",
        .fleet,
        "List engines, their versions and whether they are signed in",
        options: [Usage.json],
        example: "giga engine list",
        isLocal: true
    )

    private struct Reply: Encodable {
        let engines: [EngineRow]
    }

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        try arguments.none()
        let engines = shop.probeEngines()
        if arguments.wantsJSON {
            JSONOutput.print(Reply(engines: engines), arguments, rows: "engines", shop.console)
            return .done
        }
        let rows = engines.map { engine in
            let signedIn = engine.signedIn.map { $0 ? "signed in" : "not signed in" } ?? "unknown"
            return [
                engine.name, engine.installed ? "installed" : "not here", engine.version ?? "",
                engine.installed ? signedIn : "",
            ]
        }
        for line in Table.lines(["engine", "here", "version", "account"], rows) {
            shop.console.print(line)
        }
        return .done
    }
}
