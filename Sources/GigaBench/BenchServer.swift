import FleetModel
import FleetProtocol
import FoundationEssentials
import Glibc
import HTTPServing
import Processes

/// A coordinator as a process of its own, and calls to it that must succeed.
final class BenchServer: Sendable {
    let url: String
    private let token: String
    private let child: ChildProcess
    let folder: String
    /// From the start of the process until its address file was there, in nanoseconds.
    let startTime: Int64

    /// In a folder of its own, or where another one left off.
    init(giga: String, store: String, folder used: String? = nil) throws {
        let folder =
            used
            ?? FileManager.default.temporaryDirectory
            .appending(path: "giga-bench-\(UUID().uuidString.prefix(8))").path(
                percentEncoded: false
            )
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let portFile = folder + "/url"
        let begin = Moment.now
        child = try ChildProcess.start(
            Invocation(
                giga,
                [
                    "serve", "--data", folder + "/data", "--listen", "127.0.0.1:0", "--port-file",
                    portFile, "--store", store,
                ],
                environment: ["HOME": folder, "XDG_STATE_HOME": folder + "/state"],
                folder: folder
            ),
            output: .discard,
            errorOutput: .discard
        )
        // The file appears by a rename; looking for it this often costs less than it measures.
        while access(portFile, R_OK) != 0 {
            guard child.waitForLeader(.microseconds(200)) == nil else { throw BenchFault.noServer }
        }
        startTime = Moment.now - begin
        let text = try String(contentsOfFile: portFile, encoding: .utf8)
        url = text.split(separator: "\n").first.map(String.init) ?? ""
        let tokenFile = folder + "/state/giga/token-" + url.dropFirst("http://".count)
        token =
            try String(contentsOfFile: tokenFile, encoding: .utf8)
            .split(separator: "\n").first.map(String.init) ?? ""
        self.folder = folder
    }

    /// A whole request, head and body, as bytes; by the operator without a token of its own.
    func request(
        _ path: String,
        _ body: some Encodable,
        token: String?,
        method: String = "POST"
    ) -> [UInt8] {
        let body = JSONBody.bytes(body) ?? []
        let head = """
            \(method) \(path) HTTP/1.1\r
            Host: \(url.dropFirst("http://".count))\r
            Content-Type: application/json\r
            Authorization: Bearer \(token ?? self.token)\r
            Content-Length: \(body.count)\r
            \r

            """
        return Array(head.utf8) + body
    }

    /// What a load comes to, with the processor time that it cost here.
    func under(_ load: LoadGenerator<some Conversation>, seconds: Int64) throws -> Load {
        var load = load
        let before = processorTime
        var result = try load.run(nanoseconds: seconds * 1_000_000_000)
        result.served = processorTime - before
        return result
    }

    var processorTime: Int64 { ProcessFigures.processorTime(of: "\(child.pid)") }
    var bytesWritten: Int64 { ProcessFigures.bytesWritten(by: "\(child.pid)") }
    var residentBytes: Int64 { ProcessFigures.residentBytes(of: "\(child.pid)") }

    /// The port that the server chose.
    var port: UInt16 { url.split(separator: ":").last.flatMap { UInt16($0) } ?? 0 }

    /// Without a word of warning; its folder stays.
    func kill() {
        Glibc.kill(child.pid, SIGKILL)
        while child.waitForLeader(.seconds(10)) == nil {}
        unlink(folder + "/url")
    }

    func stop() {
        child.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    func send<Reply: Decodable>(
        _ method: HTTPMethod,
        _ path: String,
        _ body: some Encodable,
        token: String? = nil,
        by client: HTTPClient,
        as type: Reply.Type
    ) throws -> Reply {
        let response = try client.send(
            HTTPClientRequest(
                method,
                url + path,
                headers: [
                    "Content-Type": "application/json",
                    "Authorization": "Bearer \(token ?? self.token)",
                ],
                body: JSONBody.bytes(body) ?? []
            )
        )
        guard response.isSuccess, let reply = JSONBody.value(type, response.body) else {
            throw BenchFault.refused(path, String(decoding: response.body, as: UTF8.self))
        }
        return reply
    }
}

enum BenchFault: Error {
    case noServer
    case refused(String, String)
}

/// Nanoseconds of the monotonic clock.
enum Moment {
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
