package import FleetModel
package import FleetProtocol
package import HTTPServing
import Synchronization

/// The coordinator over HTTP.
package final class HTTPCoordinatorLink: CoordinatorLink {
    private let url: String
    private let client: HTTPClient
    private let token = Mutex("")

    /// `authorities` names a file of certificate authorities, nil those of the system.
    package init(url: String, authorities: String? = nil) {
        var configuration = HTTPClient.Configuration()
        if let authorities { configuration.certificateAuthorities = authorities }
        client = HTTPClient(configuration: configuration)
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
    }

    package func use(token: String) { self.token.withLock { $0 = token } }

    package func register(
        _ request: RegisterRequest,
        token: String
    ) throws(LinkFault) -> RegisterReply {
        var call = call(.post, "/fleet/factories", request)
        call.headers["Authorization"] = "Bearer \(token)"
        return try decode(try send(call))
    }

    package func heartbeat(
        _ request: HeartbeatRequest,
        of name: String
    ) throws(LinkFault) -> HeartbeatReply {
        try decode(try send(call(.put, "/fleet/factories/\(name)/heartbeat", request)))
    }

    package func claim(
        _ request: ClaimRequest,
        _ cancellation: Cancellation
    ) throws(LinkFault) -> ClaimReply {
        var call = call(.post, "/fleet/leases/claim", request)
        call.timeout = .milliseconds(request.waitMilliseconds) + .seconds(15)
        return try decode(try send(call, cancellation))
    }

    package func report(_ request: ReportRequest, run: String) throws(LinkFault) {
        _ = try send(call(.post, "/fleet/runs/\(run)/events", request))
    }

    package func appendLog(
        _ bytes: [UInt8],
        run: String,
        fence: UInt64,
        offset: Int64
    ) throws(LinkFault) -> Int64 {
        let path = "/fleet/runs/\(run)/log?fence=\(fence)&offset=\(offset)"
        let reply: LogReply = try decode(try send(bare(.post, path, bytes)))
        return reply.acknowledged
    }

    package func upload(
        _ bytes: [UInt8],
        as name: String,
        run: String,
        fence: UInt64
    ) throws(LinkFault) {
        _ = try send(bare(.put, "/fleet/runs/\(run)/artifacts/\(name)?fence=\(fence)", bytes))
    }

    package func upload(
        file: String,
        sha256: String,
        as name: String,
        run: String,
        fence: UInt64
    ) throws(LinkFault) {
        let path = "/fleet/runs/\(run)/artifacts/\(name)?fence=\(fence)&sha256=\(sha256)"
        var request = bare(.put, path, [])
        // Large files over slow lines; how long the coordinator waits is its own to say.
        request.timeout = .seconds(600)
        let response: HTTPResponse
        do throws(HTTPClientFault) {
            response = try client.upload(file: file, request)
        } catch {
            throw Self.fault(error)
        }
        guard response.isSuccess else { throw Self.fault(response) }
    }

    package func repositories() throws(LinkFault) -> [Repository] {
        let reply: RepositoryList = try decode(try send(bare(.get, "/fleet/repos", [])))
        return reply.repositories
    }

    package func orders(
        _ cancellation: Cancellation,
        _ receive: (Order) -> Void
    ) throws(LinkFault) {
        do throws(HTTPClientFault) {
            _ = try client.events(
                url + "/fleet/stream?topic=orders",
                headers: ["Authorization": "Bearer \(token.withLock(\.self))"],
                cancellation: cancellation
            ) { event in
                if let order = JSONBody.value(Order.self, Array(event.data.utf8)) { receive(order) }
                return true
            }
        } catch {
            throw Self.fault(error)
        }
    }

    private func bare(_ method: HTTPMethod, _ path: String, _ body: [UInt8]) -> HTTPClientRequest {
        HTTPClientRequest(
            method,
            url + path,
            headers: [
                "Content-Type": "application/octet-stream",
                "Authorization": "Bearer \(token.withLock(\.self))",
            ],
            body: body,
            timeout: .seconds(20)
        )
    }

    private func call(
        _ method: HTTPMethod,
        _ path: String,
        _ body: some Encodable
    ) -> HTTPClientRequest {
        var request = bare(method, path, JSONBody.bytes(body) ?? [])
        request.headers["Content-Type"] = "application/json"
        return request
    }

    private func send(
        _ request: HTTPClientRequest,
        _ cancellation: Cancellation? = nil
    ) throws(LinkFault) -> HTTPResponse {
        let response: HTTPResponse
        do throws(HTTPClientFault) {
            response = try client.send(request, cancellation: cancellation)
        } catch {
            throw Self.fault(error)
        }
        guard response.isSuccess else { throw Self.fault(response) }
        return response
    }

    private func decode<Reply: Decodable>(_ response: HTTPResponse) throws(LinkFault) -> Reply {
        guard let reply = JSONBody.value(Reply.self, response.body) else {
            throw .refused(
                status: response.status,
                code: "coordinator.odd-reply",
                "the answer is not a \(Reply.self)"
            )
        }
        return reply
    }

    private static func fault(_ fault: HTTPClientFault) -> LinkFault {
        switch fault {
        case .cancelled: .cancelled
        case .refused(_, let response): Self.fault(response)
        case .invalidRequest, .file: .refused(status: 0, code: "http.invalid-request", fault.why)
        default: .unreachable("\(fault.what): \(fault.why)")
        }
    }

    private static func fault(_ response: HTTPResponse) -> LinkFault {
        let problem = Problem(response)
        let code = problem?.code ?? "http.\(response.status)"
        let words = problem.map { "\($0.title): \($0.detail)" } ?? "status \(response.status)"
        switch (response.status, code) {
        case (409, "lease.stale"): return .stale(words)
        case (_, "factory.unknown"), (_, "factory.unheard"): return .unregistered(words)
        case (_, "factory.removed"): return .removed(words)
        case (401, _): return .unauthorised(words)
        // A full disk stays full for longer than anybody should wait.
        case (507, _): return .refused(status: 507, code: code, words)
        case (408, _), (429, _), (500..., _): return .unreachable(words)
        default: return .refused(status: response.status, code: code, words)
        }
    }
}
