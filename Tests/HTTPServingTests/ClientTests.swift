import Glibc
import HTTPServing
import Testing

@Suite struct ClientTests {
    private let client = HTTPClient()

    private func fault(_ body: () throws(HTTPClientFault) -> Void) -> HTTPClientFault? {
        do throws(HTTPClientFault) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test func `a port where nobody listens is unreachable`() throws {
        var closed = ""
        try withServer { closed = $0.url ?? "" }
        let seen = fault { () throws(HTTPClientFault) in _ = try client.send(.init(.get, closed)) }
        guard case .unreachable(closed, let reason)? = seen else {
            Issue.record("\(String(describing: seen))")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test(arguments: ["", "gopher://127.0.0.1/", "http://[bad/", "file:///etc/passwd"])
    func `a URL that cannot be asked is invalid`(url: String) {
        let seen = fault { () throws(HTTPClientFault) in _ = try client.send(.init(.get, url)) }
        guard case .invalidRequest? = seen else {
            Issue.record("\(String(describing: seen))")
            return
        }
    }

    @Test func `a line break in a header field is invalid`() {
        let request = HTTPClientRequest(.get, "http://127.0.0.1:1/", headers: ["A": "b\r\nC: d"])
        let seen = fault { () throws(HTTPClientFault) in _ = try client.send(request) }
        guard case .invalidRequest? = seen else {
            Issue.record("\(String(describing: seen))")
            return
        }
    }

    @Test func `an answer that does not come in time is a time-out`() throws {
        let waiting = Mailbox<HTTPResponder>()
        try withServer(handler: { waiting.put($1) }) { server in
            let url = server.url ?? ""
            let request = HTTPClientRequest(.get, url, timeout: .milliseconds(150))
            let seen = fault { () throws(HTTPClientFault) in _ = try client.send(request) }
            #expect(seen == .timedOut(url: url, after: .milliseconds(150)))
            #expect(waiting.next()?.respond(.text(200, "late")) != nil)
        }
    }

    @Test func `cancelling ends a blocked call at once and each later one`() throws {
        let waiting = Mailbox<HTTPResponder>()
        try withServer(handler: { waiting.put($1) }) { server in
            // One quick call shows it, for without the waking libcurl looks up once a second; a busy
            // machine may take a few.
            var quickest = Duration.seconds(60)
            for _ in 0..<20 where quickest >= .milliseconds(400) {
                quickest = min(quickest, try timeOfCancelling(server.url ?? "", waiting))
            }
            #expect(quickest < .milliseconds(400))
        }
    }

    private func timeOfCancelling(
        _ url: String,
        _ waiting: Mailbox<HTTPResponder>
    ) throws -> Duration {
        let (token, client) = (Cancellation(), client)
        let call = onThread { () -> HTTPClientFault? in
            do throws(HTTPClientFault) {
                _ = try client.send(.init(.get, url, timeout: nil), cancellation: token)
                return nil
            } catch {
                return error
            }
        }
        let responder = try #require(waiting.next())
        let gone = Mailbox<Bool>()
        responder.onClientGone { gone.put(true) }
        // Nothing tells when the call sleeps soundly: libcurl looks up by itself after 200 ms. Too
        // short a pause only tests less.
        pause(milliseconds: 300)
        let start = ContinuousClock.now
        token.cancel()
        #expect(call.next() == .cancelled(url: url))
        let time = ContinuousClock.now - start
        #expect(gone.next() == true, "the server hears of it")
        let later = fault { () throws(HTTPClientFault) in
            _ = try client.send(.init(.get, url), cancellation: token)
        }
        #expect(later == .cancelled(url: url))
        return time
    }

    @Test(arguments: [("SSH-2.0-OpenSSH\r\n\r\n", true), ("", false)])
    func `an answer that is not HTTP is told from none`(says: String, isReply: Bool) throws {
        let (port, done) = try oneAnswer(says)
        let url = "http://127.0.0.1:\(port)/"
        let seen = fault { () throws(HTTPClientFault) in _ = try client.send(.init(.get, url)) }
        _ = done.next()
        switch seen {
        case .badReply? where isReply: break
        case .connectionLost? where !isReply: break
        default: Issue.record("\(String(describing: seen))")
        }
    }

    @Test func `a reply that is too long is bad`() throws {
        try withServer { server in
            var request = HTTPClientRequest(
                .post,
                server.url ?? "",
                body: .init(repeating: 1, count: 500)
            )
            request.maximumReplyBytes = 499
            let seen = fault { () throws(HTTPClientFault) in _ = try client.send(request) }
            guard case .badReply? = seen else {
                Issue.record("\(String(describing: seen))")
                return
            }
            request.maximumReplyBytes = 500
            let reply = try client.ask(request)
            #expect(reply.body.count == 500)
        }
    }

    @Test func `a body over the server's limit is refused with its problem`() throws {
        try withServer { server in
            let body = [UInt8](repeating: 1, count: 9 << 20)
            let answer = try client.send(.init(.post, server.url ?? "", body: body))
            #expect(Problem(answer)?.code == "http.body-too-large")
        }
    }

    @Test func `one connection serves many calls, and head and empty bodies work`() throws {
        try withServer { server in
            let url = server.url ?? ""
            for index in 0..<20 {
                let answer = try client.send(.init(.post, "\(url)/\(index)", body: [UInt8(index)]))
                #expect(answer.body == [UInt8(index)])
            }
            #expect(try client.ask(.init(.head, url)).body.isEmpty)
            #expect(try client.ask(.init(.put, url)).status == 200)
            #expect(try client.ask(.init(.delete, url)).status == 200)
            #expect(try client.ask(.init(.get, "\(url)/x%20y?q=1")).text == "hello /x%20y?q=1")
            #expect(server.openConnections == 1)
        }
    }

    @Test func `a large body goes and comes back unharmed`() throws {
        try withServer { server in
            var random = SeededRandom(seed: 5)
            let body = (0..<(3 << 20)).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            let reply = try client.ask(.init(.put, server.url ?? "", body: body))
            #expect(reply.body == body)
        }
    }

    @Test func `a proxy is used, but never for this machine`() throws {
        let (port, done) = try oneAnswer("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nproxied")
        var configuration = HTTPClient.Configuration()
        configuration.proxy = "http://127.0.0.1:\(port)"
        let client = HTTPClient(configuration: configuration)
        try withServer { server in
            for host in ["127.0.0.1", "localhost"] {
                let url = "http://\(host):\(server.port ?? 0)/"
                let reply = try client.ask(.init(.get, url))
                #expect(reply.text == "hello /")
            }
        }
        #expect(try client.ask(.init(.get, "http://elsewhere.invalid/a")).text == "proxied")
        #expect(done.next()?.hasPrefix("GET http://elsewhere.invalid/a ") == true)
    }

    /// A server of one connection that reads a head, says something and closes.
    private func oneAnswer(_ text: String) throws -> (UInt16, Mailbox<String>) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(listener, $0, size)
                _ = listen(listener, 5)
                _ = getsockname(listener, $0, &size)
            }
        }
        let done = onThread { () -> String in
            let peer = accept(listener, nil, nil)
            var head = [UInt8](repeating: 0, count: 65_536)
            let count = max(0, recv(peer, &head, head.count, 0))
            let bytes = Array(text.utf8)
            _ = send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            close(peer)
            close(listener)
            return String(decoding: head[..<count], as: UTF8.self)
        }
        return (UInt16(bigEndian: address.sin_port), done)
    }
}
