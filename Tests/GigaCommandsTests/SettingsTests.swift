import FleetModel
import FleetProtocol
import Manifests
import Routing
import Testing

@testable import GigaCommands

@Suite struct SettingsTests {
    private func fault(_ environment: [String: String]) -> CommandFault? {
        do throws(CommandFault) {
            _ = try Settings.load(Captured(environment).shop)
            return nil
        } catch { return error }
    }

    @Test(arguments: [
        ("GIGA_STATION", "did you mean GIGA_STATIONS?"),
        ("GIGA_DISKMIN", "did you mean GIGA_DISK_MIN?"),
        ("GIGA_WIZARDRY", "no setting is spelt like it"),
        ("GIGA_ENGINES", "engines has more than one value and stands in giga.yaml only"),
    ])
    func `a variable that sets nothing is an error`(name: String, why: String) {
        let fault = fault([name: "1"])
        #expect(fault?.code == "config.unknown-variable")
        #expect(fault?.what == "\(name) sets nothing")
        #expect(fault?.why == why)
    }

    @Test(arguments: [
        ("GIGA_LEASE", "soon"), ("GIGA_MAX", "0"), ("GIGA_STATIONS", "shell"),
        ("GIGA_SHIP", "direct"), ("GIGA_TARGET", "a b"), ("GIGA_COORDINATOR", "http://"),
    ])
    func `a variable with a value of another kind is an error`(name: String, text: String) {
        let fault = fault([name: text])
        #expect(fault?.code == "config.bad-variable")
        #expect(fault?.what == "\(name) cannot be \"\(text)\"")
    }

    @Test func `what others read, or leave empty, is no setting`() throws {
        let others = [
            "GIGA_TOKEN": "x", "GIGA_RUN": "x", "GIGA_JOB": "x", "GIGA_ATTEMPT": "1",
            "GIGA_LEASE": "", "GIGA": "x",
        ]
        #expect(try Settings.load(Captured(others).shop).values.isEmpty)
    }

    @Test func `settings that no variable holds are keys of the configuration`() {
        let variables = Configuration.variables.map(\.key)
        for key in Settings.maps {
            #expect(!variables.contains(key))
            var configuration = Configuration()
            do throws(ManifestError) { try configuration.set(key, to: "x", origin: "here") } catch {
                #expect(!error.message.contains("no field"), "\(key)")
            }
        }
    }

    /// Whoever clones a repository must not send their token where its giga.yaml says.
    @Test func `a project's file does not draw the user's token to its own address`() throws {
        let folder = try Files.makeTemporaryFolder("settings-test")
        defer { Files.remove(folder) }
        try Files.write(
            Array("coordinator: http://127.0.0.1:9977\n".utf8),
            to: folder + "/giga.yaml"
        )
        let shop = Captured(["GIGA_TOKEN": "secret"]).shop.standing(in: folder)
        let settings = try Settings.load(shop)
        #expect(settings.isCoordinatorOfProject(try Arguments([], for: JobsCommand.usage)))
        let flag = try Arguments(["--coordinator", "http://127.0.0.1:1"], for: JobsCommand.usage)
        #expect(!settings.isCoordinatorOfProject(flag))
    }

    @Test func `a configuration that was named and is not there is an error`() {
        #expect(fault(["GIGA_CONFIG": "/nowhere/giga.yaml"])?.code == "file.unreadable")
    }

    @Test func `variables win over the project, the project over the user`() throws {
        let folder = try Files.makeTemporaryFolder("settings")
        defer { Files.remove(folder) }
        let user = folder + "/user.yaml"
        try Files.write(Array("lease: 40s\nheartbeat: 4s\nmax: 3\n".utf8), to: user)
        try Files.makeFolder(folder + "/project/inner")
        let project = folder + "/project/giga.yaml"
        try Files.write(Array("heartbeat: 5s\nstations: {shell: 2, claude: 1}\n".utf8), to: project)
        let environment = ["GIGA_CONFIG": user, "GIGA_MAX": "7", "DB_PROVIDER": "memory"]
        let settings = try Settings.load(
            Captured(environment, folder: folder + "/project/inner").shop
        )
        #expect(settings.typed(\.lease) == .seconds(40))
        #expect(settings.typed(\.heartbeat) == .seconds(5))
        #expect(settings.typed(\.max) == 7)
        #expect(settings.stations == "claude=1,shell=2")
        #expect(settings.values["lease"]?.origin == "\(user):1")
        #expect(settings.values["heartbeat"]?.origin == "\(project):1")
        #expect(settings.values["max"]?.origin == "GIGA_MAX")
        #expect(settings.values["store"]?.origin == "DB_PROVIDER")
        let options = try ServeCommand.options(
            Arguments(["--heartbeat=6s"], for: ServeCommand.usage),
            Captured(environment, folder: folder + "/project").shop
        )
        #expect(options.leases.term == .seconds(40))
        #expect(options.leases.heartbeat == .seconds(6))
        #expect(options.store == .memory)
    }

    @Test func `what rules placement reaches the coordinator`() throws {
        let folder = try Files.makeTemporaryFolder("settings")
        defer { Files.remove(folder) }
        let user = folder + "/user.yaml"
        let text = "shares: {shop: 3}\nageing: 2h\ncritical-share: 50\npatience: 0\n"
        try Files.write(Array(text.utf8), to: user)
        let shop = Captured(["GIGA_CONFIG": user, "GIGA_AGEING": "1h"], folder: folder).shop
        let options = try ServeCommand.options(Arguments([], for: ServeCommand.usage), shop)
        #expect(options.sharing.weight(of: "shop") == 3)
        #expect(options.sharing.weight(of: "other") == 1)
        #expect(options.sharing.ageing == .hours(1))
        #expect(options.sharing.criticalLimit(of: 10) == 5)
        #expect(options.sharing.patience == .zero)
        let told = options.settings.map { "\($0.key)=\($0.value) by \($0.origin)" }
        #expect(told.contains("shares=shop=3 by \(user):1"))
        #expect(told.contains("ageing=1h by GIGA_AGEING"))
        #expect(told.contains("patience=0s by \(user):4"))
        #expect(told.contains("critical-share=50 by \(user):3"))
    }

    @Test func `a flag names the coordinator before the variable does`() throws {
        let shop = Captured(["GIGA_COORDINATOR": "127.0.0.1:1"]).shop
        let settings = try Settings.load(shop)
        let usage = JobsCommand.usage
        #expect(settings.coordinator(try Arguments([], for: usage)) == "http://127.0.0.1:1")
        #expect(
            settings.coordinator(try Arguments(["--coordinator=https://x"], for: usage))
                == "https://x"
        )
        let none = try Settings.load(Captured().shop)
        #expect(none.coordinator(try Arguments([], for: usage)) == "http://127.0.0.1:7420")
    }

    @Test func `rescue needs a store on a disk`() throws {
        let arguments = try Arguments(["--rescue", "--store=memory"], for: ServeCommand.usage)
        #expect(throws: CommandFault.self) {
            try ServeCommand.options(arguments, Captured().shop)
        }
        let sound = try Arguments(["--rescue"], for: ServeCommand.usage)
        #expect(try ServeCommand.options(sound, Captured().shop).isRescue)
    }

    @Test func `a repository cannot say where the data lies`() throws {
        let folder = try Files.makeTemporaryFolder("settings-data")
        defer { Files.remove(folder) }
        try Files.write(Array("lease: 40s\ndata: ./planted\n".utf8), to: folder + "/giga.yaml")
        let captured = Captured(folder: folder)
        #expect(captured.run("config", "list") == .usage)
        #expect(
            captured.said.first
                == "error: \(folder)/giga.yaml:2:7: data cannot be set by a repository"
        )
        let own = Captured(["GIGA_CONFIG": folder + "/giga.yaml"])
        #expect(own.run("config", "get", "data") == .done)
        #expect(own.printed == "./planted\n")
    }

    @Test func `every key is listed, set or not, with its origin`() throws {
        let folder = try Files.makeTemporaryFolder("settings-list")
        defer { Files.remove(folder) }
        try Files.write(Array("\nengine: shell\nship: none\n".utf8), to: folder + "/giga.yaml")
        let shop = Captured(["GIGA_SHIP": "merge", "HOME": "/home/ann"], folder: folder).shop
        let words = try Arguments(["--coordinator=http://x:1"], for: ConfigCommand.list.usage)
        let rows = try ConfigCommand.rows(words, shop)
        #expect(Set(rows.map(\.key)) == Set(FieldTable.rows(of: .configuration).map(\.name)))
        func row(_ key: String) -> [String?] {
            rows.filter { $0.key == key }.flatMap { [$0.value, $0.origin, $0.note] }
        }
        #expect(
            row("engine") == [
                "shell", "\(folder)/giga.yaml:2", "  (recorded, not applied yet)",
            ]
        )
        #expect(row("ship") == ["merge", "GIGA_SHIP", nil])
        #expect(row("coordinator") == ["http://x:1", "--coordinator", nil])
        #expect(row("data") == ["/home/ann/.local/share/giga", "default", nil])
        #expect(row("verify") == [nil, "default", nil])
    }

    @Test func `one setting is printed alone, and a misspelt one knows its neighbour`() {
        let captured = Captured(["GIGA_LEASE": "3s"])
        #expect(captured.run("config", "get", "lease") == .done)
        #expect(captured.printed == "3s\n")
        let unset = Captured()
        #expect(unset.run("config", "get", "verify") == .failed)
        #expect(unset.printed == "")
        let wrong = Captured()
        #expect(wrong.run("config", "get", "leese") == .usage)
        #expect(wrong.said.contains("  did you mean lease?"))
    }
}

@Suite struct SchemaCommandTests {
    @Test(arguments: ["job", "profile", "config"])
    func `a schema is printed for every kind of file`(kind: String) {
        let captured = Captured()
        #expect(captured.run("schema", kind) == .done)
        #expect(captured.printed.contains("json-schema.org/draft/2020-12"))
    }

    @Test func `a kind that does not exist knows its neighbour`() {
        let captured = Captured()
        #expect(captured.run("schema", "jobs") == .usage)
        #expect(captured.said.contains("  did you mean job?"))
    }
}
