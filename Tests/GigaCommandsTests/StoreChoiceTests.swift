import Stores
import Testing

@testable import GigaCommands

/// `--store` over `DB_PROVIDER` over `store:`, and a password nowhere.
@Suite struct StoreChoiceTests {
    private static let url = "postgres://ann:sesame@db/giga"

    private func choice(
        _ words: [String] = [],
        _ environment: [String: String] = [:],
        folder: String = "/"
    ) throws -> StoreChoice {
        let shop = Captured(environment, folder: folder).shop
        let arguments = try Arguments(words, for: ServeCommand.usage)
        return try StoreChoice.read(arguments, try Settings.load(shop), shop)
    }

    private func fault(
        _ words: [String] = [],
        _ environment: [String: String] = [:],
        folder: String = "/"
    ) throws -> CommandFault {
        let fault = #expect(throws: CommandFault.self) {
            try choice(words, environment, folder: folder)
        }
        let found = try #require(fault)
        for text in [found.what, found.why, found.hint] { #expect(!text.contains("sesame")) }
        return found
    }

    @Test func `the flag is stronger than the variables, and these than the file`() throws {
        let folder = try Files.makeTemporaryFolder("store-choice")
        defer { Files.remove(folder) }
        let user = folder + "/user.yaml"
        try Files.write(Array("store: postgres://bob@file/giga\n".utf8), to: user)
        var environment = ["GIGA_CONFIG": user, "DATABASE_URL": Self.url]
        #expect(try choice([], environment) == .postgres(try address("postgres://bob@file/giga")))
        environment["GIGA_STORE"] = "memory"
        #expect(try choice([], environment) == .memory)
        environment["DB_PROVIDER"] = "postgres"
        #expect(try choice([], environment) == .postgres(try address(Self.url)))
        #expect(try choice(["--store=sqlite"], environment) == .sqlite)
        #expect(try choice([], ["DATABASE_URL": Self.url]) == .sqlite)
    }

    private func address(_ url: String) throws -> PostgresAddress {
        try #require(PostgresAddress(url))
    }

    @Test func `postgres needs an address`() throws {
        #expect(try fault(["--store=postgres"]).code == "store.no-address")
        #expect(try fault([], ["DB_PROVIDER": "postgres"]).code == "store.no-address")
        let broken = ["DB_PROVIDER": "postgres", "DATABASE_URL": "postgres://ann:sesame@[db/x"]
        #expect(try fault([], broken).code == "store.bad-address")
        #expect(try fault(["--store=oracle"]).code == "store.unknown")
    }

    @Test func `a password is refused where others can read it`() throws {
        #expect(try fault(["--store=\(Self.url)"]).code == "store.password-shown")
        let parameter = "--store=postgres://db/giga?password=sesame"
        #expect(try fault([parameter]).code == "store.password-shown")
        #expect(try fault(["--store=postgres://ann:sesame@[db/x"]).code == "store.bad-address")
        #expect(try fault([], ["DB_PROVIDER": Self.url]).code == "config.bad-variable")
        #expect(try fault([], ["GIGA_STORE": Self.url]).code == "config.bad-variable")
        let others = ["postgres://db/giga?password=sesame", "postgres://a:se@me:sesame@b"]
        for store in others + [Self.url] {
            let folder = try Files.makeTemporaryFolder("store-choice")
            defer { Files.remove(folder) }
            try Files.write(Array("store: \(store)\n".utf8), to: folder + "/user.yaml")
            let found = try fault([], ["GIGA_CONFIG": folder + "/user.yaml"])
            #expect(found.code == "config.invalid")
        }
    }

    /// It would send the history of whoever stands in its folder elsewhere.
    @Test func `a repository names no server`() throws {
        let folder = try Files.makeTemporaryFolder("store-choice")
        defer { Files.remove(folder) }
        try Files.write(Array("store: postgres://evil/giga\n".utf8), to: folder + "/giga.yaml")
        let found = try fault([], folder: folder)
        #expect(found.code == "config.not-for-projects" && found.what.contains("store"))
    }
}
