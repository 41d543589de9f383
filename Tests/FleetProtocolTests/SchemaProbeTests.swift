import FleetModel
import Testing

@testable import FleetProtocol

/// Messages described by letting them read.
struct SchemaProbeTests {
    struct Loop: Decodable {
        let inner: Inner
        struct Inner: Decodable { let outer: [Loop] }
    }

    struct Listing: Decodable {
        init(from decoder: any Decoder) throws { _ = try decoder.unkeyedContainer() }
    }

    enum Bare: String, Decodable { case one, two }

    struct Mistaken: Decodable, FormedFields {
        let name: String
        static var forms: [String: Schema] { ["nmae": .name] }
    }

    @Test func `What cannot be described is refused, never described wrongly`() {
        let types: [any Decodable.Type] = [Loop.self, Listing.self, Bare.self, Mistaken.self]
        for type in types {
            #expect(throws: (any Error).self) { try SchemaProbe().schema(of: type) }
        }
    }

    struct Sample: Codable {
        enum Colour: String, Codable, CaseIterable { case red, green = "GREEN" }
        struct Part: Codable { var size: UInt64 }
        var name: String
        var note: String?
        var colour: Colour
        var parts: [Part]
        var spare: Part?
        var labels: [String: Int]
        var yes: Bool?
        enum CodingKeys: String, CodingKey {
            case name, note, colour, parts, spare, labels
            case yes = "is-yes"
        }
    }

    @Test func `Fields are found with their names, types and whether they must be there`() throws {
        let probe = SchemaProbe()
        let schema = try probe.schema(of: Sample.self)
        #expect(schema == .named("SchemaProbeTests.Sample"))
        let part = Schema.named("SchemaProbeTests.Sample.Part")
        #expect(
            probe.named["SchemaProbeTests.Sample"]
                == .object(
                    [
                        "name": .anyText, "note": .anyText,
                        "colour": .named("SchemaProbeTests.Sample.Colour"),
                        "parts": .list(of: part), "spare": part,
                        "labels": .map(of: .number(.int64)), "is-yes": .flag,
                    ],
                    required: ["name", "colour", "parts", "labels"]
                )
        )
        #expect(probe.named["SchemaProbeTests.Sample.Colour"] == .oneOf(["red", "GREEN"]))
        #expect(
            probe.named["SchemaProbeTests.Sample.Part"]
                == .object(["size": .number(.uint64)], required: ["size"])
        )
    }

    @Test func `One message that reads another in its own object has the fields of both`() throws {
        let probe = SchemaProbe()
        _ = try probe.schema(of: JobDetail.self)
        guard case .object(let fields, let required) = probe.named["JobDetail"] else {
            Issue.record("it is no object")
            return
        }
        #expect(fields["submittedAt"] != nil && fields["manifest"] == .named("Manifest"))
        #expect(required.isSuperset(of: ["id", "submittedAt", "manifest", "runs"]))
        #expect(!required.contains("factory") && !required.contains("lease"))
    }

    @Test func `A case with values is an object with the name of the case`() throws {
        let probe = SchemaProbe()
        _ = try probe.schema(of: ReviewPolicy.self)
        let reviewers = Schema.object(
            ["_0": .list(of: .anyText), "quorum": .number(.int64)],
            required: ["_0", "quorum"]
        )
        #expect(
            probe.named["ReviewPolicy"]
                == .choice([
                    .object(["auto": .object([:], required: [])], required: ["auto"]),
                    .object(["manual": .object([:], required: [])], required: ["manual"]),
                    .object(["reviewers": reviewers], required: ["reviewers"]),
                ])
        )
    }

    @Test func `Every case of the enumerations with values is named`() {
        let report = RunReportItem.evidenceComplete
        let name =
            switch report {
            case .started, .finished, .evidence, .evidenceComplete, .checkpointed: "a"
            case .waitingInput, .stopped, .shipStarted, .shipMerged, .shipRefused: "b"
            }
        #expect(name == "a" && RunReportItem.caseNames.count == 10)
        let policy: String =
            switch ReviewPolicy.auto {
            case .auto, .manual, .reviewers: "3"
            }
        let preference: String =
            switch Preference.engine("shell") {
            case .factory, .engine, .fact: "3"
            }
        let deadline: String =
            switch Deadline.within(.zero) {
            case .at, .within: "2"
            }
        #expect(policy == "\(ReviewPolicy.caseNames.count)")
        #expect(preference == "\(Preference.caseNames.count)")
        #expect(deadline == "\(Deadline.caseNames.count)")
    }
}
