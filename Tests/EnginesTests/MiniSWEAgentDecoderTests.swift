import Engines
import FleetModel
import FoundationEssentials
import Testing

/// Every ending that the real mini-swe-agent 2.4.6 was brought to; see
/// scripts/real/record_fixtures.py.
@Suite struct MiniSWEAgentDecoderTests {
    struct Ending: Sendable, CustomTestStringConvertible {
        let name: String
        let status: String
        let cause: FailureCause?
        let isLowerBound: Bool
        var testDescription: String { name }

        init(_ name: String, _ status: String, _ cause: FailureCause?, lowerBound: Bool = false) {
            (self.name, self.status, self.cause) = (name, status, cause)
            isLowerBound = lowerBound
        }
    }

    static let endings = [
        Ending("killed", "signal 9", .engineCrashed, lowerBound: true),
        Ending("terminated", "signal 15", .engineCrashed, lowerBound: true),
        Ending("server-error", "InternalServerError", .engineCrashed, lowerBound: true),
        Ending("server-error-later", "InternalServerError", .engineCrashed, lowerBound: true),
        Ending("not-signed-in", "AuthenticationError", .engineFailed, lowerBound: true),
        Ending("rate-limited", "RateLimitError", .limited, lowerBound: true),
        Ending("unpriced", "RuntimeError", .engineCrashed, lowerBound: true),
        Ending("step-limit", "LimitsExceeded", .engineFailed),
        Ending("cost-limit", "LimitsExceeded", .engineFailed),
        Ending("format-errors", "RepeatedFormatError", .engineFailed),
        Ending("submitted", "Submitted", nil),
        Ending("submitted-basic-usage", "Submitted", nil),
        Ending("submitted-no-usage", "Submitted", nil),
    ]

    @Test(arguments: endings)
    func `a recorded ending is understood`(ending: Ending) throws {
        let fixture = try Fixture(ending.name)
        var decoder = MiniSWEAgentEngine().decoder()
        let line = Array(fixture.lastLine.utf8)
        #expect(decoder.line(line, from: .errors) == [.output(fixture.lastLine, .errors)])
        let result = decoder.finish(exit: fixture.exit, progressFile: fixture.trajectory)

        #expect(result.exitStatus == ending.status)
        #expect(result.cause == ending.cause)
        #expect(result.endedWell == (ending.cause == nil))
        #expect(result.endLineSeen == !ending.status.hasPrefix("signal"))
        #expect((result.diagnosis == nil) == result.endedWell)
        #expect(result.usageIsLowerBound == ending.isLowerBound)
        #expect(result.engineVersion == "2.4.6")
        #expect(result.sessionID == nil)
    }

    /// The one reply that it refuses to price is thrown away before it is written down.
    @Test(arguments: endings.filter { $0.name != "unpriced" })
    func `turns and usage equal the server's own log`(ending: Ending) throws {
        let fixture = try Fixture(ending.name)
        var decoder = MiniSWEAgentEngine().decoder()
        let result = decoder.finish(exit: fixture.exit, progressFile: fixture.trajectory)
        #expect(result.turns.map(\.usage) == fixture.usages)
        #expect(result.model == fixture.model)
        #expect(result.turns.allSatisfy { $0.model == fixture.model && $0.endedAt != nil })
        #expect(result.usage == Usage(summing: result.turns))
        let sent = fixture.usages.compactMap(\.inputTokens)
        let isKnown = !sent.isEmpty && sent.count == fixture.usages.count
        #expect(result.usage?.inputTokens == (isKnown ? sent.reduce(0, +) : nil))
    }

    @Test func `a price is kept when there is one and zero is never a price`() throws {
        for (name, costs) in [
            ("cost-limit", [19_983] as [Int64?]), ("step-limit", [nil, nil]),
        ] {
            let fixture = try Fixture(name)
            var decoder = MiniSWEAgentEngine().decoder()
            let result = decoder.finish(exit: fixture.exit, progressFile: fixture.trajectory)
            #expect(result.turns.map(\.costMicroUSD) == costs)
        }
    }

    /// A process that ends with 0 has not thereby succeeded, nor one that submitted and then died.
    @Test func `no exit code makes a success of a run that did not say so`() throws {
        let submitted = try Fixture("submitted").trajectory
        let killed = try Fixture("killed").trajectory
        for (exit, file, cause) in [
            (EngineExit.code(0), killed, FailureCause.engineFailed),
            (.code(0), nil, .engineCrashed),
            (.code(0), Array("{\"messages\": [".utf8), .engineCrashed),
            (.code(0), Array("{\"messages\": []}".utf8), .engineFailed),
            (.code(1), submitted, .engineCrashed), (.signal(9), submitted, .engineCrashed),
        ] {
            var decoder = MiniSWEAgentEngine().decoder()
            let result = decoder.finish(exit: exit, progressFile: file)
            #expect(!result.endedWell)
            #expect(result.cause == cause)
        }
    }

    @Test func `what was submitted counts though its process lived on, and nothing else does`()
        throws
    {
        for (name, hasEnded) in [("submitted", true), ("killed", false)] {
            let file = try #require(try Fixture(name).trajectory)
            var decoder = MiniSWEAgentEngine().decoder()
            #expect(!decoder.hasEnded)
            _ = decoder.progressFile(file)
            #expect(decoder.hasEnded == hasEnded)
            #expect(decoder.turns == decoder.finish(exit: .code(1), progressFile: file).turns)
            let result = decoder.finish(exit: .lingered, progressFile: file)
            #expect(result.endedWell == hasEnded)
            #expect(result.cause == (hasEnded ? nil : .engineCrashed))
        }
    }

    @Test func `each step is told once as the trajectory grows`() throws {
        let early = try #require(try Fixture("killed").trajectory)
        let late = try #require(try Fixture("submitted").trajectory)
        var decoder = MiniSWEAgentEngine().decoder()
        #expect(decoder.progressFile(early.dropLast(9)) == [])
        let first = decoder.progressFile(early)
        #expect(decoder.progressFile(early) == [])
        let second = decoder.progressFile(late)
        func commands(_ progress: [EngineProgress]) -> [String] {
            progress.compactMap { if case .command(let text) = $0 { text } else { nil } }
        }
        #expect(
            commands(first) == ["python3 -m unittest 2>&1 | tail -n 12", "cat fares/tariff.py"]
        )
        #expect(commands(second).count == 3)
        #expect(first.contains(.tool("bash", status: "exit 0")))
        #expect(first.contains(.message("[c1] The first zone is part of the base fare.")))
        #expect(second.last == .message("Ended: Submitted"))
        #expect(decoder.progressFile(early) == [])
    }

    @Test func `a message of an unknown kind is shown as it came`() {
        let file = Array(#"{"messages":[{"role":"omen","content":[1,null,true]}]}"#.utf8)
        var decoder = MiniSWEAgentEngine().decoder()
        #expect(
            decoder.progressFile(file)
                == [.output(#"{"content":[1,null,true],"role":"omen"}"#, .progress)]
        )
    }

    @Test func `a field of the wrong type is unknown and says nothing about the others`() {
        let file = Array(
            """
            {"info": {"exit_status": 7, "mini_version": "9.9.9"}, "messages": [{"role": "assistant",
            "content": null, "extra": {"cost": "much", "timestamp": null, "response": {"id": 4,
            "model": null, "usage": {"prompt_tokens": -1, "completion_tokens": 12,
            "prompt_tokens_details": "none"}}}}]}
            """.utf8
        )
        var decoder = MiniSWEAgentEngine().decoder()
        let result = decoder.finish(exit: .code(0), progressFile: file)
        #expect(result.turns == [EngineTurn(id: "message-0", usage: .init(outputTokens: 12))])
        #expect(result.engineVersion == "9.9.9")
        #expect(!result.endedWell)
    }
}

/// One recorded case: what the engine left, how it ended, and what the server knows of it.
private struct Fixture {
    let trajectory: [UInt8]?
    let exit: EngineExit
    let model: String?
    let usages: [Usage]
    let lastLine: String

    private struct Case: Decodable {
        struct Reply: Decodable {
            struct Sent: Decodable { let cachedTokens: Int? }
            struct Written: Decodable { let reasoningTokens: Int? }
            let promptTokens: Int
            let completionTokens: Int
            let promptTokensDetails: Sent?
            let completionTokensDetails: Written?
        }
        let exit: Int
        let model: String?
        let replies: [Reply?]
        let lastLine: String
    }

    init(_ name: String) throws {
        let room = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let folder = "/\(room)/Fixtures/mini-swe-agent-2.4.6"
        trajectory = Array(try Data(contentsOf: URL(filePath: "\(folder)/\(name).trajectory.json")))
        let bytes = try Data(contentsOf: URL(filePath: "\(folder)/\(name).case.json"))
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let record = try decoder.decode(Case.self, from: bytes)
        exit = record.exit < 0 ? .signal(-record.exit) : .code(record.exit)
        model = record.model
        lastLine = record.lastLine
        usages = record.replies.map { reply in
            Usage(
                inputTokens: reply?.promptTokens,
                cachedReadTokens: reply?.promptTokensDetails?.cachedTokens,
                outputTokens: reply?.completionTokens,
                reasoningTokens: reply?.completionTokensDetails?.reasoningTokens
            )
        }
    }
}
