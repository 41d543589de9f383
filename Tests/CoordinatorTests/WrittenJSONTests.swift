import FleetCore
import FleetModel
import FleetProtocol
import FleetTesting
import FoundationEssentials
import HTTPServing
import JSONWriting
import Routing
import Testing

/// What hot values write of themselves is, byte for byte, what coding them comes to: hashes and
/// stored rows rest on it, and a field that is forgotten would be lost.
@Suite struct WrittenJSONTests {
    private typealias Written = Codable & JSONWritable

    @Test("each value writes what coding it comes to, with every field and with the fewest")
    func sameBytes() throws {
        for fill in FillingDecoder.Fill.allCases {
            try check(Job.self, fill)
            try check(Run.self, fill)
            try check(Lease.self, fill)
            try check(GrantedRun.self, fill)
            try check(ClaimReply.self, fill)
            try check(FleetState.Counters.self, fill)
            try check(JobSubmitted.self, fill)
            try check(JobAssigned.self, fill)
            try check(Judged.self, fill)
            try check(Retrying.self, fill)
            try check(GaveUp.self, fill)
            try check(LeaseEnded.self, fill)
            try check(RunStarted.self, fill)
            try check(RunFinished.self, fill)
            try check(ReviewRequested.self, fill)
            try check(ShipRequested.self, fill)
            try check(ShipStarted.self, fill)
            try check(ShipMerged.self, fill)
            try check(ClaimRequest.self, fill)
            try check(ReportRequest.self, fill)
            try check(HeartbeatRequest.self, fill)
            try check(HeartbeatReply.self, fill)
            try check(SubmitRequest.self, fill)
            try check(SubmitReply.self, fill)
            try check(Receipt.self, fill)
            for item in try items(fill) { try check(item) }
        }
    }

    @Test("each way that a value of several can be")
    func sameCases() throws {
        let requirement = try Requirement(parsing: "node>=20")
        for policy in [ReviewPolicy.auto, .manual, .reviewers(["b", "a"], quorum: 1)] {
            try check(policy)
        }
        for wish in [Preference.factory("f"), .engine("e"), .fact(requirement)] { try check(wish) }
        for deadline in [Deadline.at(.epoch), .within(.minutes(3))] { try check(deadline) }
        for number in [Int64.min, -1, 0, 9, 10, .max] { try check(number) }
        for number in [UInt64.min, .max] { try check(number) }
        for principal in [Principal.coordinator, .person("anna"), .factory(FactoryID("mac-3"))] {
            try check(principal)
        }
    }

    @Test("a text is escaped wherever in it that is due, as another decoder reads it")
    func escapes() throws {
        let plain = "an é and 24 bytes or so."
        for byte in UInt8(0)..<128 {
            for place in plain.unicodeScalars.indices {
                var text = plain
                text.unicodeScalars.insert(Unicode.Scalar(byte), at: place)
                let decoded = try JSONDecoder().decode(String.self, from: Data(text.json))
                #expect(decoded.utf8.elementsEqual(text.utf8), "\(byte)")
            }
        }
    }

    private func items(_ fill: FillingDecoder.Fill) throws -> [RunReportItem] {
        [
            .started(try FillingDecoder.value(RunStarted.self, fill)),
            .finished(try FillingDecoder.value(RunFinished.self, fill)),
            .checkpointed(try FillingDecoder.value(Checkpoint.self, fill)),
            .waitingInput(try FillingDecoder.value(WaitingInput.self, fill)),
            .evidence(try FillingDecoder.value(Evidence.self, fill)), .evidenceComplete,
            .stopped(.drained, reason: "so it was told"),
            .shipStarted(try FillingDecoder.value(ShipStarted.self, fill)),
            .shipMerged(try FillingDecoder.value(ShipMerged.self, fill)),
            .shipRefused(.conflict, detail: ["a", "b"]),
        ]
    }

    private func check<Value: Written>(
        _ type: Value.Type,
        _ fill: FillingDecoder.Fill
    ) throws {
        try check(try FillingDecoder.value(type, fill))
    }

    private func check(_ value: some Written) throws {
        let coded = String(decoding: try SortedJSONEncoder.bytes(value), as: UTF8.self)
        let written = String(decoding: value.json, as: UTF8.self)
        #expect(written == coded, "\(type(of: value))")
    }
}
