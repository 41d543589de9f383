import FleetModel
import FleetProtocol

/// `giga jobs`: every job with its stage and what it waits for.
enum JobsCommand {
    static let usage = Usage(
        "jobs",
        .work,
        "List jobs with stage, condition and reason",
        options: [
            .value("stage", "STAGE", "Only jobs in that stage"),
            .value("product", "NAME", "Only jobs of that product"),
            .flag("mine", "Only jobs that the token's owner submitted"), Usage.json,
        ],
        example: "giga jobs --stage testing"
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        try arguments.none()
        let client = try CoordinatorClient(arguments, shop)
        let list = try all(
            client,
            stage: arguments.value("stage"),
            arguments.value("product"),
            isMine: arguments.has("mine")
        )
        if arguments.wantsJSON {
            JSONOutput.print(list, arguments, rows: "jobs", shop.console)
            return .done
        }
        guard !list.jobs.isEmpty else {
            shop.console.say(
                "Here every job will stand with its stage. Start with: giga add job.md"
            )
            return .done
        }
        let rows = list.jobs.map { job in
            let state = job.condition.map { "\(job.stage.rawValue): \($0)" } ?? job.stage.rawValue
            return ["\(job.id)", state, job.title, job.factory ?? "", job.reason ?? ""]
        }
        for line in Table.lines(["job", "stage", "title", "factory", "why"], rows) {
            shop.console.print(line)
        }
        return .done
    }

    /// All pages of the list.
    static func all(
        _ client: CoordinatorClient,
        stage: String? = nil,
        _ product: String? = nil,
        isMine: Bool = false
    ) throws(CommandFault) -> JobList {
        var list = JobList(jobs: [], total: 0)
        var after = ""
        repeat {
            var query = "/fleet/jobs?limit=1000"
            if !after.isEmpty { query += "&after=\(after)" }
            if let stage { query += "&stage=\(Percent.encoded(stage))" }
            if isMine { query += "&mine=true" }
            if let product { query += "&product=\(Percent.encoded(product))" }
            let page = try client.get(query, as: JobList.self)
            list.jobs += page.jobs
            list.total = page.total
            after = page.next ?? ""
        } while !after.isEmpty
        return list
    }
}

/// Text as a part of a URL.
enum Percent {
    static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return encoded
    }
}
