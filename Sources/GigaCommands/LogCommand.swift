import FleetModel
import FleetProtocol

/// `giga log`: what the worker printed.
enum LogCommand {
    static let usage = Usage(
        "log",
        .work,
        "Print a job's run log",
        positionals: "ID",
        options: [
            .value("run", "RUN", "One run of the job, such as job-12.2"),
            .value("tail", "COUNT", "The newest lines of each run (1000), or all"),
            .value("grep", "TEXT", "Only lines that contain this text"),
            .flag("ignore-case", "With --grep: small and capital letters are the same"),
            .value("line", "NUMBER", "This line and what is around it"),
            .flag("follow", "Go on as lines come, until the newest run is over"),
            .flag("raw", "The log as it is, byte for byte"),
            Usage.json,
        ],
        example: "giga log job-12 --tail 50 --grep error"
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let id = try arguments.only("ID")
        let wish = try LogWish(arguments)
        let client = try CoordinatorClient(arguments, shop)
        let runs = try runs(of: id, arguments, client)
        guard let newest = runs.last else {
            shop.console.say("Here the log of \(id) will stand once a factory has started it.")
            return .done
        }
        for run in runs {
            let follows = arguments.has("follow") && run == newest
            if arguments.has("raw") {
                try printBytes(of: run, follows: follows, client, shop)
            } else {
                let printing = LogPrinting(run: run, wish, client, shop.console)
                try printing.print(arguments, follows: follows)
            }
        }
        return .done
    }

    private static func runs(
        of id: String,
        _ arguments: Arguments,
        _ client: CoordinatorClient
    ) throws(CommandFault) -> [String] {
        if let run = arguments.value("run") { return [run] }
        if RunID(text: id) != nil { return [id] }
        return try client.get("/fleet/jobs/\(Percent.encoded(id))", as: JobDetail.self).runs.map(
            \.id
        )
    }

    private static func printBytes(
        of run: String,
        follows: Bool,
        _ client: CoordinatorClient,
        _ shop: Shop
    ) throws(CommandFault) {
        var offset = 0
        let wait = follows ? "&wait=\(LogWish.patience)" : ""
        while true {
            let path = "/fleet/runs/\(Percent.encoded(run))/log?offset=\(offset)\(wait)"
            let (bytes, isComplete) = try client.logBytes(path)
            shop.console.printRaw(bytes)
            offset += bytes.count
            if bytes.isEmpty, isComplete || !follows { return }
        }
    }
}

/// Which lines of a log are wanted.
struct LogWish {
    /// How long the server lets a follower wait before it says that nothing came.
    static let patience = 25_000
    /// Lines that one answer holds at most.
    private static let page = 10_000

    let query: String
    /// Nil wants all.
    let tail: Int?
    let line: Int?
    let isSearch: Bool

    init(_ arguments: Arguments) throws(CommandFault) {
        if arguments.has("raw") {
            for other in ["tail", "grep", "line", "json"] where arguments.has(other) {
                throw .usage(
                    "--raw and --\(other) do not go together",
                    why: "--raw prints the whole log, byte for byte",
                    hint: "leave one of them out"
                )
            }
        }
        line = try Self.number("line", arguments, 1...Int.max)
        let isAll = arguments.value("tail") == "all"
        tail = isAll ? nil : try Self.number("tail", arguments, 1...Self.page) ?? 1_000
        isSearch = arguments.has("grep")
        var query = "as=lines"
        if isSearch {
            query += "&match=\(Percent.encoded(try arguments.required("grep")))"
            if arguments.has("ignore-case") { query += "&case=ignore" }
        }
        self.query = query
    }

    private static func number(
        _ name: String,
        _ arguments: Arguments,
        _ range: ClosedRange<Int>
    ) throws(CommandFault) -> Int? {
        guard let text = arguments.value(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            let all = name == "tail" ? ", or all" : ""
            throw .usage(
                "--\(name) is \"\(text)\"",
                why: "it is a whole number from 1\(name == "tail" ? " to \(page)" : "")\(all)",
                hint: "giga log job-12 --\(name) 50"
            )
        }
        return number
    }

    /// Where the first page begins.
    var beginning: String {
        if let line { return "&line=\(line)&limit=21" }
        return tail.map { "&limit=\($0)" } ?? "&after=0.0&limit=\(Self.page)"
    }

    func next(after cursor: String, waits: Bool) -> String {
        "&after=\(cursor)&limit=\(Self.page)" + (waits ? "&wait=\(Self.patience)" : "")
    }
}

/// The lines of one run on their way to a reader.
struct LogPrinting {
    private let run: String
    private let wish: LogWish
    private let client: CoordinatorClient
    private let console: Console

    init(run: String, _ wish: LogWish, _ client: CoordinatorClient, _ console: Console) {
        (self.run, self.wish, self.client, self.console) = (run, wish, client, console)
    }

    func print(_ arguments: Arguments, follows: Bool) throws(CommandFault) {
        var page = try fetch(wish.beginning)
        if !arguments.wantsJSON {
            console.print("— \(run)")
            introduce(page)
        }
        show(page, arguments)
        while true {
            let isWhole = wish.line != nil || (wish.tail != nil && !follows)
            if isWhole || (page.lines.isEmpty && (!follows || page.isComplete)) { return }
            page = try fetch(wish.next(after: page.after, waits: follows))
            show(page, arguments)
        }
    }

    private func fetch(_ place: String) throws(CommandFault) -> LogPage {
        try client.get(
            "/fleet/runs/\(Percent.encoded(run))/log?\(wish.query)\(place)",
            as: LogPage.self
        )
    }

    /// What is left out is said, beside the lines themselves.
    private func introduce(_ page: LogPage) {
        if let matches = page.matches {
            console.say("\(matches) of \(page.total) lines match")
        }
        guard wish.line == nil, wish.tail != nil, page.before != nil else { return }
        let earlier = (page.matches ?? page.total) - page.lines.count
        console.say("\(earlier) earlier lines: giga log \(run) --tail all, or --raw")
    }

    private func show(_ page: LogPage, _ arguments: Arguments) {
        if arguments.wantsJSON {
            JSONOutput.print(page, arguments, rows: "lines", console)
            return
        }
        for line in page.lines {
            let mark = wish.line == line.number ? "> " : "  "
            let number = wish.line != nil ? "\(mark)\(line.number)  " : ""
            console.print(number + line.text + (line.isCut == true ? " [cut]" : ""))
        }
    }
}
