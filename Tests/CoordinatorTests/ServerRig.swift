import FleetCore
import FleetModel
import FleetPorts
import FleetProtocol
import FleetTesting
import HTTPServing
import Processes
import Stores
import Synchronization

@testable import Coordinator

/// A coordinator on a real socket, a memory store behind it, and a client in front.
final class ServerRig: Sendable {
    let server: CoordinatorServer
    let client = HTTPClient()
    let store = Monitor(SpyStore.Control())
    let folder: ScratchFolder
    let disk: MemoryDisk
    static let operatorToken = "operator-token"
    let settings: [ServerSettings.Row]

    init(
        disk: MemoryDisk = MemoryDisk(fleetID: "abcdefghij"),
        http: ServerConfiguration = ServerConfiguration(),
        streams: StreamLimits = StreamLimits()
    ) throws {
        folder = try ScratchFolder()
        self.disk = disk
        let store = SpyStore(disk, store)
        let history = try store.history()
        let counter = Mutex<UInt8>(0)
        var configuration = CoordinatorServer.Configuration(
            http: http,
            dataFolder: folder.path,
            operatorToken: Self.operatorToken,
            operatorName: "user:alice",
            version: "0.0.1"
        )
        configuration.streams = streams
        settings = [
            ServerSettings.Row(key: "data", value: folder.path, origin: "--data"),
            ServerSettings.Row(key: "lease", value: "9s", origin: "/srv/giga.yaml:3"),
        ]
        configuration.settings = settings
        server = try CoordinatorServer(
            configuration,
            store: store,
            history: history,
            random: { count in
                counter.withLock { counter in
                    counter &+= 1
                    return [UInt8](repeating: counter, count: count)
                }
            },
            fail: { _ in }
        )
    }

    deinit { server.stop() }

    /// Until the rows have seen every event, and readers know it.
    func waitForRows() throws {
        let written = store.wait(until: .after(.seconds(60))) { control -> Bool? in
            let batches = control.batches
            let rows = batches.lastIndex { $0.rows.contains { $0.key == "counters" } } ?? -1
            return rows >= batches.lastIndex { $0.events != nil } ?? -1 ? true : nil
        }
        guard written != nil else { throw WriterRig.NoAnswer(name: "rows") }
        // Whatever the writer answers now comes after it has told the readers.
        _ = try ask(.post, "/fleet/jobs/job-999999/cancel")
    }

    func url(_ path: String) -> String { "http://127.0.0.1:\(server.port)\(path)" }

    func ask(
        _ method: HTTPMethod = .get,
        _ path: String,
        token: String? = ServerRig.operatorToken,
        _ body: [UInt8] = [],
        headers: HTTPHeaders = [:]
    ) throws -> HTTPResponse {
        var headers = headers
        if let token { headers["Authorization"] = "Bearer \(token)" }
        if !body.isEmpty, headers["Content-Type"] == nil {
            // Logs and artifacts travel as they are, under a fence.
            let isRaw = path.contains("fence=")
            headers["Content-Type"] = isRaw ? "application/octet-stream" : "application/json"
        }
        return try client.send(
            HTTPClientRequest(
                method,
                url(path),
                headers: headers,
                body: body,
                timeout: .seconds(20)
            )
        )
    }

    func send(
        _ method: HTTPMethod,
        _ path: String,
        token: String? = ServerRig.operatorToken,
        _ body: some Encodable
    ) throws -> HTTPResponse {
        try ask(method, path, token: token, JSONBody.bytes(body) ?? [])
    }

    struct Unexpected: Error { let text: String }

    func value<Value: Decodable>(_ type: Value.Type, _ response: HTTPResponse) throws -> Value {
        guard response.isSuccess, let value = JSONBody.value(type, response.body) else {
            throw Unexpected(text: "\(response.status) \(response.text)")
        }
        return value
    }

    /// A repository and a profile to work with.
    func furnish() throws {
        let repository = try send(.put, "/fleet/repos/shop", Repository.shop)
        let profile = try send(.put, "/fleet/profiles/developer", Profile.developer)
        guard repository.status == 200, profile.status == 200 else {
            throw Unexpected(text: repository.text + profile.text)
        }
    }

    /// A registered factory that was heard of; answers with its token.
    func enlist(_ name: String = "f") throws -> String {
        let example = Registration.example(FactoryID(name))
        let request = RegisterRequest(
            name: name,
            boot: "boot-1",
            facts: example.facts,
            stations: example.stations
        )
        let reply = try value(RegisterReply.self, send(.post, "/fleet/factories", request))
        guard let token = reply.token else { throw Unexpected(text: "no token") }
        let beat = HeartbeatRequest(boot: "boot-1", held: [], load: 0)
        let path = "/fleet/factories/\(name)/heartbeat"
        _ = try value(HeartbeatReply.self, send(.put, path, token: token, beat))
        return token
    }

    @discardableResult
    func submit(_ text: String = ServerRig.job) throws -> JobID {
        let headers: HTTPHeaders = ["Content-Type": "text/markdown"]
        let response = try ask(.post, "/fleet/jobs", Array(text.utf8), headers: headers)
        guard let job = try value(SubmitReply.self, response).jobs.first else {
            throw Unexpected(text: response.text)
        }
        return job.id
    }

    func claim(_ id: String, by name: String = "f", token: String) throws -> [GrantedRun] {
        let request = ClaimRequest(
            id: id,
            factory: FactoryID(name),
            boot: "boot-1",
            free: [.shell(1)],
            takesShip: true,
            waitMilliseconds: 10_000
        )
        let response = try send(.post, "/fleet/leases/claim", token: token, request)
        return try value(ClaimReply.self, response).leases
    }

    func report(_ run: GrantedRun, _ items: [RunReportItem], token: String) throws -> HTTPResponse {
        try send(
            .post,
            "/fleet/runs/\(run.lease.run)/events",
            token: token,
            ReportRequest(fence: run.lease.fence, items: items)
        )
    }

    static let job = """
        ---
        title: Fix the till
        repo: shop
        profile: developer
        ---
        Do it well.
        """
}

extension HTTPResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
    var problem: Problem? { Problem(self) }
}
