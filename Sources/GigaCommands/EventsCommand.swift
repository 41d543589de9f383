import FleetModel
import FleetProtocol
import HTTPServing

/// `giga events`: what happened, one event a line, by position.
enum EventsCommand {
    static let usage = Usage(
        "events",
        .work,
        "Print events, one a line, oldest first",
        positionals: "[ID…]",
        options: [
            Usage.json, .value("data", "DIR", "Read a store that no server has open"),
            .value("store", "KIND", "The same, by its kind or its postgres://… address"),
        ],
        example: "giga events job-12 --json"
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let jobs = Set(arguments.positionals)
        for id in jobs where JobID(text: id) == nil {
            throw .usage("\(id) is no job id", why: "ids are job- and a number", hint: "giga jobs")
        }
        let show: (ArraySlice<UInt8>) -> Void = { line in
            if arguments.wantsJSON {
                shop.console.printRaw(line + [10])
            } else if let event = JSONBody.value(EventLine.self, Array(line)) {
                shop.console.print(event.text)
            }
        }
        if arguments.has("data") || arguments.has("store") {
            try fromStore(try StorePlace.named(arguments, shop), jobs, shop, show)
        } else {
            try fromServer(try CoordinatorClient(arguments, shop), jobs, show)
        }
        return .done
    }

    private static func fromServer(
        _ client: CoordinatorClient,
        _ jobs: Set<String>,
        _ show: (ArraySlice<UInt8>) -> Void
    ) throws(CommandFault) {
        if let only = jobs.first, jobs.count == 1 {
            let bytes = try client.bytes("/fleet/jobs/\(only)/events")
            for line in bytes.split(separator: 10) { show(line) }
            return
        }
        var after: UInt64 = 0
        while true {
            let lines = try client.bytes("/fleet/events?after=\(after)").split(separator: 10)
            guard !lines.isEmpty else { return }
            for line in lines {
                guard let head = JSONBody.value(EventLine.self, Array(line)) else { continue }
                after = max(after, head.position)
                if jobs.isEmpty || head.job.map(jobs.contains) == true { show(line) }
            }
        }
    }

    private static func fromStore(
        _ place: StorePlace,
        _ jobs: Set<String>,
        _ shop: Shop,
        _ show: (ArraySlice<UInt8>) -> Void
    ) throws(CommandFault) {
        let store = try shop.openStore(place)
        defer { store.close() }
        var next: UInt64 = 1
        while true {
            let lines = try store.lines(from: next, limit: 256)
            guard let last = lines.last else { return }
            for (_, line) in lines {
                let job = JSONBody.value(EventLine.self, line)?.job
                if jobs.isEmpty || job.map(jobs.contains) == true { show(line[...]) }
            }
            next = last.0 + 1
        }
    }
}

/// The envelope of an event line, for people.
struct EventLine: Decodable {
    let position: UInt64
    let at: String
    let actor: String
    let kind: String
    let job: String?
    let fence: UInt64?
    let attempt: Int?
    let factory: String?

    var text: String {
        var text = "\(position)  \(at)  \(kind)"
        if let job { text += "  \(job)" }
        if let fence { text += "  fence \(fence)" }
        if let attempt { text += "  attempt \(attempt)" }
        if let factory { text += "  on \(factory)" }
        return text + "  by \(actor)"
    }
}
