import FleetModel
import Manifests
import Testing

@Suite struct ConfigurationTests {
    @Test func `a variable with a wrong value says which variable`() {
        var configuration = Configuration()
        let error = #expect(throws: ManifestError.self) {
            try configuration.set("ship", to: "push", origin: "GIGA_SHIP")
        }
        #expect(error?.summary == "GIGA_SHIP:1:1: ship is \"push\"; expected none or merge")
        #expect(configuration == Configuration())
    }

    @Test func `a key that does not exist knows its neighbour`() {
        var configuration = Configuration()
        let error = #expect(throws: ManifestError.self) {
            try configuration.set("prodct", to: "shop", origin: "--prodct")
        }
        #expect(error?.hint == "did you mean product?")
    }

    @Test func `variables have the names of their keys, and tables have none`() {
        let names = Dictionary(
            uniqueKeysWithValues: Configuration.variables.map { ($0.key, $0.variable) }
        )
        #expect(names["coordinator"] == "GIGA_COORDINATOR")
        #expect(names["data"] == "GIGA_DATA")
        #expect(names["engine-class"] == "GIGA_ENGINE_CLASS")
        #expect(names["engines"] == nil)
    }

    @Test func `a later setting wins over a file's`() throws {
        let text = Array("profile: qa\nstations: {shell: 2}\n".utf8)
        let file = try #require(ConfigurationFile.parse(text, path: "giga.yaml").file)
        var configuration = file.configuration
        try configuration.set("stations", to: "shell=1, command:lint=3", origin: "--stations")
        #expect(configuration.profile == ProfileReference(name: "qa"))
        #expect(configuration.stations == ["shell": 1, "command:lint": 3])
        #expect(
            file.entries.map { "\($0.key) \($0.line):\($0.column)" } == [
                "profile 1:10", "stations 2:11",
            ]
        )
    }

    @Test func `an engine's template keeps every word of its command`() throws {
        let text = """
            engines:
              lint: {run: [my-linter, "", "a b"], prompt: file, class: agentic-coder, env: T_1,
                     network: on, success: [0, 2]}
            """
        let file = try #require(ConfigurationFile.parse(Array(text.utf8), path: "giga.yaml").file)
        var wanted = Configuration.EngineTemplate()
        wanted.run = ["my-linter", "", "a b"]
        wanted.prompt = .file
        wanted.engineClass = "agentic-coder"
        wanted.env = ["T_1"]
        wanted.network = .on
        wanted.success = [0, 2]
        #expect(file.configuration.engines == ["lint": wanted])
    }
}
