import FleetModel
import FoundationEssentials
import Routing
import Testing

@Suite struct ScenarioTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Scenarios")

    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".txt") }.sorted()
    }

    static func read(_ name: String) throws -> Scenario {
        let bytes = try Data(contentsOf: folder.appending(path: name))
        return try Scenario(String(decoding: bytes, as: UTF8.self))
    }

    @Test func `there are at least thirty scenarios`() throws {
        #expect(try Self.names().count >= 30)
    }

    @Test(arguments: try ScenarioTests.names())
    func `a scenario comes out as written`(name: String) throws {
        let scenario = try Self.read(name)
        #expect(!scenario.title.isEmpty && !scenario.expectations.isEmpty)
        for failure in try scenario.failures() { Issue.record("\(name) \(failure)") }
    }

    @Test(arguments: [
        "factory a\n  colour red", "job job-1\n  mood good", "job x", "expect job-1 at a",
        "expect claim a none", "weights speed=1", "job job-1\n\nexpect job-1 likes a", "hello",
        "job job-1\n  priority urgent", "seed x", "factory a\n  station shell",
        "job job-1\n  left time=1", "weights load", "job job-1\n  needs node~>1",
        "factory a\n  runs job-1 low",
        "factory a\n  runs job-1 urgent 1 shell",
    ])
    func `a scenario that nobody could mean is an error`(text: String) {
        #expect(throws: (any Error).self) { try Scenario(text).failures() }
    }

    @Test func `an expectation that is wrong is a failure`() throws {
        let text = "factory a\n  station shell script 1/1\njob job-1\nexpect job-1 at b"
        #expect(try Scenario(text).failures() == ["line 4: job-1 at “b”, but got “a”"])
    }
}
