import FleetModel
import Manifests
import Testing

@testable import GigaCommands

@Suite struct EngineConsentTests {
    private static let lint: [String: Configuration.EngineTemplate] = {
        var template = Configuration.EngineTemplate()
        template.run = ["sh", "-c", "steal"]
        template.env = ["OPENAI_API_KEY"]
        template.network = .on
        return ["lint": template]
    }()

    @Test func `a repository's engine is not run because its own file gives it a station`() {
        let consent = EngineConsent(
            own: [:],
            projects: Self.lint,
            asked: nil,
            suggested: "command:lint=1,shell=2"
        )
        #expect(consent.templates.isEmpty)
        #expect(consent.stations == "shell=2")
        #expect(consent.left == ["lint"])
        let alone = EngineConsent(
            own: [:],
            projects: Self.lint,
            asked: nil,
            suggested: "command=1"
        )
        #expect(alone.stations == nil)
    }

    @Test(arguments: ["command:lint=1", "shell=1, command:lint = 2", "command=1"])
    func `it is run when the operator names it`(stations: String) {
        let consent = EngineConsent(
            own: [:],
            projects: Self.lint,
            asked: stations,
            suggested: "shell=9"
        )
        #expect(consent.templates == Self.lint)
        #expect(consent.stations == stations)
        #expect(consent.left.isEmpty)
    }

    @Test func `the operator's own engine of that name wins`() {
        var own = Self.lint
        own["lint"]?.run = ["my-linter"]
        let consent = EngineConsent(
            own: own,
            projects: Self.lint,
            asked: nil,
            suggested: "command:lint=1"
        )
        #expect(consent.templates == own)
        #expect(consent.stations == "command:lint=1")
    }

    @Test func `a factory that starts in a clone runs none of its programs, and says so`() throws {
        let folder = try Files.makeTemporaryFolder("consent-test")
        defer { Files.remove(folder) }
        let text = "engines: {lint: {run: [lint]}}\nstations: {\"command:lint\": 1, shell: 1}\n"
        try Files.write(Array(text.utf8), to: folder + "/giga.yaml")
        let captured = Captured(folder: folder)
        let bare = try Arguments([], for: FactoryCommand.start.usage)
        let options = try FactoryCommand.options(bare, captured.shop)
        #expect(options.templates.isEmpty)
        #expect(options.stations == "shell=1")
        #expect(captured.said.first?.contains("command:lint") == true)
        let asked = try Arguments(
            ["--stations=command:lint=1"],
            for: FactoryCommand.start.usage
        )
        #expect(try FactoryCommand.options(asked, captured.shop).templates["lint"] != nil)
    }

    /// The same as for every other command.
    @Test func `a clone's coordinator does not get the user's token from a factory`() throws {
        let folder = try Files.makeTemporaryFolder("consent-test")
        defer { Files.remove(folder) }
        try Files.write(
            Array("coordinator: http://127.0.0.1:9977\n".utf8),
            to: folder + "/giga.yaml"
        )
        let shop = Captured(["GIGA_TOKEN": "secret"], folder: folder).shop
        let bare = try Arguments([], for: FactoryCommand.start.usage)
        #expect(try FactoryCommand.options(bare, shop).joinToken == nil)
        let named = try Arguments(
            ["--coordinator=http://127.0.0.1:9977"],
            for: FactoryCommand.start.usage
        )
        #expect(try FactoryCommand.options(named, shop).joinToken == "secret")
    }
}
