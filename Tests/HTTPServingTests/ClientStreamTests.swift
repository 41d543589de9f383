import FoundationEssentials
import HTTPServing
import Testing

@Suite struct ClientStreamTests {
    private let client = HTTPClient()

    @Test func `a stream that is refused says why`() throws {
        let router = Router([])
        try withServer(handler: { router.handle($0, $1) }) { server in
            do throws(HTTPClientFault) {
                _ = try client.events((server.url ?? "") + "/none") { _ in true }
                Issue.record("accepted")
            } catch {
                guard case .refused(_, let answer) = error else {
                    Issue.record("\(error)")
                    return
                }
                #expect(Problem(answer)?.status == 404)
            }
        }
    }

    @Test func `an answer that is no stream of events is bad`() throws {
        try withServer { server in
            #expect(throws: HTTPClientFault.self) {
                _ = try client.events(server.url ?? "") { _ in true }
            }
        }
    }

    @Test func `a stream that falls silent counts as dead`() throws {
        try withServer(handler: { _, responder in hold(responder) }) { server in
            let url = server.url ?? ""
            #expect(throws: HTTPClientFault.timedOut(url: url, after: .seconds(1))) {
                _ = try client.events(url, silenceLimit: .seconds(1)) { _ in true }
            }
        }
    }

    @Test func `events come in order and the position is kept for resuming`() throws {
        let positions = Mailbox<String?>()
        try withServer(handler: { request, responder in
            positions.put(request.header("last-event-id"))
            guard let stream = responder.stream() else { return }
            stream.send(ServerSentEvent.comment("hello"))
            for id in 1...50 {
                stream.send(ServerSentEvent(id: "\(id)", event: "e", data: "line\n\(id)").encoded)
            }
            stream.close()
        }) { server in
            var events: [ServerSentEvent] = []
            let end = try client.events(server.url ?? "", lastEventID: "0") {
                events.append($0)
                return true
            }
            #expect(positions.next() == "0")
            #expect(events.map(\.data) == (1...50).map { "line\n\($0)" })
            #expect(end.lastEventID == "50")
            #expect(!end.endedByCaller)
            var count = 0
            let early = try client.events(server.url ?? "") { _ in
                count += 1
                return count < 3
            }
            #expect(count == 3)
            #expect(early.endedByCaller)
        }
    }

    @Test func `cancelling ends a quiet stream`() throws {
        let streams = Mailbox<HTTPStream>()
        let ends = Mailbox<HTTPStream.End>()
        try withServer(handler: { _, responder in
            if let stream = responder.stream(onClose: { ends.put($0) }) { streams.put(stream) }
        }) { server in
            let (token, url, client) = (Cancellation(), server.url ?? "", client)
            let call = onThread { () -> HTTPClientFault? in
                do throws(HTTPClientFault) {
                    _ = try client.events(url, cancellation: token) { _ in true }
                    return nil
                } catch {
                    return error
                }
            }
            #expect(streams.next() != nil)
            token.cancel()
            #expect(call.next() == .cancelled(url: url))
            #expect(ends.next() == .clientLeft)
        }
    }

    @Test func `files go up and come down whole or not at all`() throws {
        let files = FileManager.default
        let folder = files.temporaryDirectory.appending(path: "http-\(UUID().uuidString)")
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? files.removeItem(at: folder) }
        let source = folder.appending(path: "source").path
        let target = folder.appending(path: "target").path
        let content = [UInt8](repeating: 42, count: 2 << 20)
        try Data(content).write(to: folder.appending(path: "source"))
        try withServer(handler: { request, responder in
            let size = request.path == ["big"] ? 2 << 20 : 10
            let status = request.path == ["missing"] ? 404 : 200
            if request.method == .put {
                responder.respond(.text(200, "\(request.body.count)"))
            } else {
                responder.respond(
                    HTTPResponse(status: status, body: .init(repeating: 42, count: size))
                )
            }
        }) { server in
            let url = server.url ?? ""
            #expect(try client.put(source, .init(.put, url)).text == "\(2 << 20)")
            #expect(throws: HTTPClientFault.self) {
                _ = try client.upload(file: folder.path, .init(.put, url))
            }
            #expect(throws: HTTPClientFault.self) {
                _ = try client.download(to: target, .init(.get, "\(url)/missing"))
            }
            var capped = HTTPClientRequest(.get, "\(url)/big")
            capped.maximumReplyBytes = 1 << 20
            #expect(throws: HTTPClientFault.self) {
                _ = try client.download(to: target, capped)
            }
            #expect(try files.contentsOfDirectory(atPath: folder.path) == ["source"])
            _ = try client.download(to: target, .init(.get, "\(url)/big"))
            #expect(try [UInt8](Data(contentsOf: folder.appending(path: "target"))) == content)
            #expect(try files.contentsOfDirectory(atPath: folder.path).count == 2)
        }
    }

    @Test func `an address in use is named`() throws {
        try withServer { server in
            var configuration = ServerConfiguration()
            configuration.port = server.port ?? 0
            let second = HTTPServer(configuration: configuration, handler: echo)
            let address = server.address ?? ""
            #expect(throws: HTTPServerFault.addressInUse(address)) { try second.start() }
            configuration.host = "192.0.2.1"
            let third = HTTPServer(configuration: configuration, handler: echo)
            #expect(throws: HTTPServerFault.self) { try third.start() }
        }
    }
}

/// Keeps a request open for ever: its responder lives as long as the callback that it holds.
@Sendable private func hold(_ responder: HTTPResponder) {
    responder.onClientGone { _ = responder }
}
