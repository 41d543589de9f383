import FleetModel
import FleetProtocol

/// `giga inbox`: what needs a person, the oldest first, with the one command for each.
enum InboxCommand {
    static let usage = Usage(
        "inbox",
        .decide,
        "Show what needs you, the oldest first, and how the fleet stands",
        options: [.value("product", "NAME", "Only jobs of that product"), Usage.json],
        example: "giga inbox"
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        try arguments.none()
        let client = try CoordinatorClient(arguments, shop)
        let query = arguments.value("product").map { "?product=\(Percent.encoded($0))" } ?? ""
        let inbox = try client.get("/fleet/inbox\(query)", as: Inbox.self)
        if arguments.wantsJSON {
            JSONOutput.print(inbox, arguments, rows: "needs", shop.console)
        } else {
            for line in lines(inbox) { shop.console.print(line) }
        }
        return .done
    }

    static func lines(_ inbox: Inbox) -> [String] {
        var lines: [String] = []
        if let halt = inbox.halt {
            lines.append("halted at level \(halt.level.rawValue) by \(halt.by): \(halt.reason)")
            lines.append("  giga resume --reason TEXT")
            lines.append("")
        }
        if inbox.needs.isEmpty {
            lines.append("Nothing needs you. Whatever waits for a person will stand here.")
        } else {
            lines.append("\(inbox.total) \(inbox.total == 1 ? "thing needs" : "things need") you")
        }
        for row in inbox.needs {
            lines.append("")
            lines.append("\(age(row.ageSeconds))  \(row.id)  \(row.title)")
            lines.append("  \(row.need): \(row.reason)")
            lines.append("  \(row.command)")
        }
        lines.append("")
        lines.append(
            "\(inbox.running) running, \(inbox.queued) queued, \(inbox.shipped) shipped so far"
        )
        return lines
    }

    /// The two largest units are enough to know whether it is late.
    static func age(_ seconds: Int64) -> String {
        switch seconds {
        case ..<60: "\(seconds)s"
        case ..<3600: "\(seconds / 60)m"
        case ..<86_400: "\(seconds / 3600)h \(seconds % 3600 / 60)m"
        default: "\(seconds / 86_400)d \(seconds % 86_400 / 3600)h"
        }
    }
}
