import FleetModel
import FleetProtocol
import FleetTesting
import FoundationEssentials
import HTTPServing
import JSONWriting
import Testing

@testable import Coordinator

/// Hot requests and the rows of jobs are read without a decoder: what is taken so is what the decoder would have made of
/// it, and whatever is unusual is left to it.
@Suite struct ReadJSONTests {
    private typealias Hot = Codable & Equatable & JSONReadable & JSONWritable

    @Test("what each value writes is read without a decoder, and is the value again")
    func readsWhatIsWritten() throws {
        for fill in FillingDecoder.Fill.allCases {
            try check(ClaimRequest.self, fill)
            try check(ReportRequest.self, fill)
            try check(SubmitRequest.self, fill)
            try check(Job.self, fill)
            try check(Manifest.self, fill)
            try check(JobTerms.self, fill)
            try check(Run.self, fill)
            try check(Lease.self, fill)
        }
        for item in try items() { #expect(RunReportItem(plainJSON: item.json) == item) }
        let beat = HeartbeatRequest(
            boot: "b",
            held: [HeldLease(job: JobID(7), fence: .max)],
            load: -1,
            claimsNothing: "disk",
            drains: "told"
        )
        #expect(HeartbeatRequest(plainJSON: beat.json) == beat)
    }

    @Test("of damaged bodies it takes none that the decoder refuses, and reads the others alike")
    func neverTakesMore() throws {
        var random = SeededRandom(seed: 5)
        let report = ReportRequest(fence: 12, items: try items())
        let claim = try FillingDecoder.value(ClaimRequest.self, .all)
        let files = [SubmitRequest.File(name: "a.md", text: "# \u{1}A\n\n\"é\" 🙂")]
        let job = try FillingDecoder.value(Job.self, .all)
        var taken = 0
        for _ in 0..<4_000 {
            taken += try compare(job, &random)
            taken += try compare(report, &random)
            taken += try compare(claim, &random)
            taken += try compare(SubmitRequest(files: files, product: "p"), &random)
        }
        #expect(taken > 1_000, "most damage to texts leaves a body whole")
    }

    @Test("each way that a value of several can be")
    func readsCases() throws {
        let requirement = try Requirement(parsing: "node>=20")
        for wish in [Preference.factory("f"), .engine("e"), .fact(requirement)] {
            #expect(Preference(plainJSON: wish.json) == wish)
        }
        for deadline in [Deadline.at(.epoch), .within(.minutes(3))] {
            #expect(Deadline(plainJSON: deadline.json) == deadline)
        }
        for policy in [ReviewPolicy.auto, .manual, .reviewers(["b", "a"], quorum: 1)] {
            #expect(ReviewPolicy(plainJSON: policy.json) == policy)
        }
        for principal in [Principal.coordinator, .person("anna"), .factory(FactoryID("mac-3"))] {
            #expect(Principal(plainJSON: principal.json) == principal)
        }
        #expect(Timespan(plainJSON: Array("-1".utf8)) == nil, "as the decoder, which says why")
    }

    @Test("a body that is cut anywhere is none")
    func cut() throws {
        let whole = ReportRequest(fence: 12, items: try items()).json
        for end in whole.indices {
            #expect(ReportRequest(plainJSON: Array(whole[..<end])) == nil)
        }
    }

    @Test(
        "what is unusual is left to the decoder",
        arguments: [
            #"{"name":"a","text":null}"#, #"{"name":"a","name":"b","text":"c"}"#,
            #"{"name":"a","text":"b","more":1}"#, #"{"name":"a"}"#, #"{"name":"a","text":"b"}x"#,
            #"{"name":"a","text":"\ud83d\ude42"}"#, #"{"name":"a","text":"\x"}"#,
            #"{"n\u0061me":"a","text":"b"}"#, #"{"name":"a","text":"b",}"#, #"{"name" "a"}"#, "",
            "[]",
            "{\"name\":\"a\",\"text\":\"line\nbreak\"}",
        ]
    )
    func leavesAlone(_ text: String) {
        #expect(SubmitRequest.File(plainJSON: Array(text.utf8)) == nil)
    }

    @Test("white space, escapes and the ends of numbers")
    func readsAllThatIsPlain() {
        let text = " {\n\"name\" :\t\"\\u00e9\\/\\b\\f\\r\\t\\\\\" , \"text\": \"\" } "
        let file = SubmitRequest.File(plainJSON: Array(text.utf8))
        #expect(file == SubmitRequest.File(name: "é/\u{8}\u{c}\r\t\\", text: ""))
        for number in [Int64.min, -1, 0, 10, .max] {
            #expect(Int64(plainJSON: Array("\(number)".utf8)) == number)
        }
        for text in ["-", "01", "-01", "1.0", "1e3", "9223372036854775808", "+1", "tru"] {
            #expect(Int64(plainJSON: Array(text.utf8)) == nil)
            #expect(Bool(plainJSON: Array(text.utf8)) == nil)
        }
        #expect(UInt64(plainJSON: Array("-1".utf8)) == nil)
    }

    private func items() throws -> [RunReportItem] {
        try FillingDecoder.Fill.allCases.flatMap { fill -> [RunReportItem] in
            [
                .started(try FillingDecoder.value(RunStarted.self, fill)),
                .finished(try FillingDecoder.value(RunFinished.self, fill)),
                .evidence(try FillingDecoder.value(Evidence.self, fill)), .evidenceComplete,
            ]
        }
    }

    private func check<Value: Hot>(_ type: Value.Type, _ fill: FillingDecoder.Fill) throws {
        let value = try FillingDecoder.value(type, fill)
        // Items of every kind are read in a list of their own.
        if (value as? ReportRequest)?.items.isEmpty == false { return }
        #expect(Value(plainJSON: value.json) == value, "\(type), \(fill)")
    }

    private static let marks = Array(#"{}[],:"\0123eE-+.nulltrue "#.utf8)

    /// Damages the value's text in one place; 1 when it was read in spite of that.
    private func compare<Value: Hot>(_ value: Value, _ random: inout SeededRandom) throws -> Int {
        var bytes = value.json
        let place = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(bytes.randomElement(using: &random) ?? 0, at: place)
        default: bytes[place] = Self.marks.randomElement(using: &random) ?? 0
        }
        guard Value(plainJSON: bytes) != nil else { return 0 }
        let target = try #require(RequestTarget("/"))
        let request = HTTPRequest(method: .post, target: target, body: bytes)
        // Either may still find a number or a name beyond its bounds.
        let plain = try? request.decodeStrictly(Value.self)
        #expect(
            plain == (try? decoded(Value.self, request)),
            "\(String(decoding: bytes, as: UTF8.self))"
        )
        return 1
    }

    /// As a body is read of which the reader does not know.
    private func decoded<Value: Codable & JSONWritable>(
        _ type: Value.Type,
        _ request: HTTPRequest
    ) throws(Problem) -> Value {
        try request.decodeStrictly(type)
    }
}
