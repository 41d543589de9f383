import FleetModel
import FleetProtocol
import HTTPServing

/// One factory's lives, one after another, of four calls that are each durable before the reply.
///
/// Submit, claim, report the start, report the end with its evidence.
struct LifeConversation: Conversation {
    private enum Step { case submit, claim, start, finish }

    private let submission: [UInt8]
    private let claim: Template
    private let start: Template
    private let finish: Template

    private var step = Step.submit
    private var claims = 0
    private var run: [UInt8] = []
    private var begun: Int64 = 0
    private(set) var times: [Int64] = []

    init(_ factory: BenchFactory) throws {
        submission = factory.submissionRequest
        claim = try Template(factory.request("/fleet/leases/claim", factory.claim(Template.mark)))
        // A job's first lease has fence 1, and no job of these lives is leased twice.
        start = try Self.report([.started(RunStarted())], factory)
        finish = try Self.report(BenchFactory.ending, factory)
    }

    private static func report(
        _ items: [RunReportItem],
        _ factory: BenchFactory
    ) throws -> Template {
        try Template(
            factory.request(
                "/fleet/runs/\(Template.mark)/events",
                ReportRequest(fence: 1, items: items)
            )
        )
    }

    mutating func next(after reply: ArraySlice<UInt8>?) throws -> [UInt8]? {
        switch step {
        case .submit:
            let now = Moment.now
            if reply != nil { times.append(now - begun) }
            begun = now
            step = .claim
            return submission
        case .claim:
            step = .start
            claims += 1
            // Of one width, so that the request's stated length stays true.
            return claim.filled(with: Array("\(100_000_000_000 + claims)".utf8))
        case .start:
            step = .finish
            try read(reply ?? [])
            return start.filled(with: run)
        case .finish:
            step = .submit
            return finish.filled(with: run)
        }
    }

    /// The run that a claim's reply brings, as it is written in paths.
    private mutating func read(_ reply: ArraySlice<UInt8>) throws {
        guard let lease = HTTPReply.find(Array(#""lease":{"#.utf8), in: reply),
            HTTPReply.number(after: #""fence":"#, in: reply[lease...]) == 1,
            let job = HTTPReply.number(after: #""job":"job-"#, in: reply[lease...])
        else { throw BenchFault.refused("claim", String(decoding: reply, as: UTF8.self)) }
        run = Array("job-\(job).1".utf8)
    }
}

/// The same request again and again: submissions that nobody claims.
struct SubmitConversation: Conversation {
    private let submission: [UInt8]
    private var begun: Int64 = 0
    private(set) var times: [Int64] = []

    init(_ submission: [UInt8]) { self.submission = submission }

    mutating func next(after reply: ArraySlice<UInt8>?) -> [UInt8]? {
        let now = Moment.now
        if reply != nil { times.append(now - begun) }
        begun = now
        return submission
    }
}

/// A request with one place to fill in.
struct Template {
    /// As long as what replaces it in a body, for the length is stated before.
    static let mark = "MARK00000000"

    private let before: ArraySlice<UInt8>
    private let after: ArraySlice<UInt8>

    init(_ request: [UInt8]) throws {
        guard let at = HTTPReply.find(Array(Self.mark.utf8), in: request[...]) else {
            throw BenchFault.refused("template", "no place to fill in")
        }
        before = request[..<at]
        after = request[(at + Self.mark.utf8.count)...]
    }

    func filled(with value: [UInt8]) -> [UInt8] {
        var request: [UInt8] = []
        request.reserveCapacity(before.count + value.count + after.count)
        request += before
        request += value
        request += after
        return request
    }
}
