import CPostgres
import Foundation
import Stores
import Testing

/// A PostgreSQL server of the tests' own; it ends with them, however they end.
final class PostgresServer: Sendable {
    /// Where its socket is.
    let folder: String
    private let input = Pipe()
    private let output = Pipe()
    private let script = Process()

    /// One for all tests that leave it running.
    static let shared = Result { try PostgresServer() }

    static let isInstalled: Bool = {
        let versions = try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")
        return versions?.isEmpty == false
    }()

    static let notInstalled: Comment = "needs Debian's postgresql: scripts/install-packages test"

    init() throws {
        folder = NSTemporaryDirectory() + "giga-postgres-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        script.executableURL = root.deletingLastPathComponent()
            .appending(path: "scripts/private-postgres")
        script.arguments = [folder]
        (script.standardInput, script.standardOutput) = (input, output)
        try script.run()
        try waitForAnswer()
    }

    deinit {
        try? input.fileHandleForWriting.close()
        script.waitUntilExit()
    }

    /// Stops it at once, as a loss of power would.
    func crash() throws { try tell("crash") }

    /// Starts it again; returns when it lets clients in.
    func start() throws { try tell("start") }

    private func tell(_ word: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data("\(word)\n".utf8))
        try waitForAnswer()
    }

    private func waitForAnswer() throws {
        let answer = output.fileHandleForReading.availableData
        try #require(String(decoding: answer, as: UTF8.self) == "done\n", "no server")
    }

    /// A new, empty database, and its address.
    func database() throws -> PostgresAddress {
        let name = "test_\(UInt64.random(in: 0...UInt64.max))"
        try RawPostgres(url("postgres")).execute("CREATE DATABASE \(name)")
        return try #require(PostgresAddress(url(name)))
    }

    func url(_ database: String, user: String = "giga") -> String {
        "postgres://\(user)@/\(database)?host=\(folder)"
    }
}

/// A session beside the stores: what only somebody else could do to them.
final class RawPostgres {
    private let handle: OpaquePointer

    init(_ url: String) throws {
        handle = try #require(PQconnectdb(url))
        try #require(PQstatus(handle) == CONNECTION_OK)
    }

    deinit { PQfinish(handle) }

    @discardableResult
    func execute(_ sql: String) throws -> String? {
        let result = PQexec(handle, sql)
        defer { PQclear(result) }
        let status = PQresultStatus(result)
        let words = String(cString: PQerrorMessage(handle))
        try #require(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, "\(words)")
        return PQntuples(result) > 0 ? String(cString: PQgetvalue(result, 0, 0)) : nil
    }
}
