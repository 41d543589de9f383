import HTTPServing
import Testing

@Suite struct LimitTests {
    private func small() -> ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.maximumBodyBytes = 1_000
        configuration.maximumHeaderBytes = 4_096
        return configuration
    }

    @Test(arguments: [(1_000, 200), (1_001, 413), (5_000_000, 413)])
    func `a body may be as long as the limit`(size: Int, status: Int) throws {
        try withServer(small()) { server in
            let client = try RawConnection(server)
            client.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n")
            if size < 5_000 { client.say([UInt8](repeating: 7, count: size)) }
            let answer = try #require(client.answer())
            #expect(answer.status == status)
            if status == 413 {
                #expect(Problem(answer)?.code == "http.body-too-large")
                #expect(client.isClosed)
            } else {
                #expect(answer.body.count == size)
            }
        }
    }

    @Test(arguments: [(1_000, 200), (1_001, 413), (100_000, 413)])
    func `chunks are counted together`(size: Int, status: Int) throws {
        try withServer(small()) { server in
            let client = try RawConnection(server)
            client.say("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            for start in stride(from: 0, to: size, by: 300) {
                let part = [UInt8](repeating: 7, count: min(300, size - start))
                client.say("\(String(part.count, radix: 16))\r\n")
                client.say(part)
                client.say("\r\n")
            }
            client.say("0\r\n\r\n")
            let answer = try #require(client.answer())
            #expect(answer.status == status)
            if status == 200 { #expect(answer.body.count == size) }
        }
    }

    @Test func `chunks without end are cut`() throws {
        try withServer(small()) { server in
            let client = try RawConnection(server)
            client.say("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = Array("10000\r\n".utf8) + [UInt8](repeating: 7, count: 65_536) + [13, 10]
            var sent = 0
            while client.say(chunk), sent < 500 { sent += 1 }
            #expect(sent < 500)
        }
    }

    @Test func `a client that waits for leave is told of the limit before it sends`() throws {
        try withServer(small()) { server in
            let refused = try RawConnection(server)
            let head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: "
            refused.say(head + "2000\r\n\r\n")
            #expect(refused.line() == "HTTP/1.1 413 Content Too Large")
            let welcome = try RawConnection(server)
            welcome.say(head + "3\r\n\r\n")
            #expect(welcome.line() == "HTTP/1.1 100 Continue")
            _ = welcome.line()
            welcome.say("abc")
            #expect(welcome.answer()?.text == "abc")
        }
    }

    @Test(arguments: [(3_000, 200), (5_000, 431), (200_000, 431)])
    func `a head may be as long as the limit`(size: Int, status: Int) throws {
        try withServer(small()) { server in
            let client = try RawConnection(server)
            let filler = String(repeating: "x", count: size)
            client.say("GET / HTTP/1.1\r\nHost: a\r\nX-Filler: \(filler)\r\n\r\n")
            let answer = try #require(client.answer())
            #expect(answer.status == status)
            if size == 5_000 { #expect(Problem(answer)?.code == "http.header-too-long") }
        }
    }

    @Test func `a connection beyond the limit is told so`() throws {
        var configuration = small()
        configuration.maximumConnections = 3
        try expectSurplusRefused(after: 3, configuration) { answer in
            #expect(answer.status == 503)
            #expect(answer.header("Retry-After") == "1")
        }
    }

    /// Holds connections, sees one more refused, and one welcome when one of them has gone.
    private func expectSurplusRefused(
        after count: Int,
        _ configuration: ServerConfiguration,
        _ judge: (HTTPResponse) -> Void
    ) throws {
        try withServer(configuration) { server in
            var held: [RawConnection] = []
            for _ in 0..<count {
                let client = try RawConnection(server)
                client.get()
                #expect(client.answer()?.status == 200)
                held.append(client)
            }
            let surplus = try RawConnection(server)
            surplus.get()
            judge(try #require(surplus.answer()))
            #expect(surplus.isClosed)
            held.removeLast()
            #expect(eventually { server.openConnections == count - 1 })
            let next = try RawConnection(server)
            next.get()
            #expect(next.answer()?.status == 200)
        }
    }

    @Test(arguments: ["GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n"])
    func `a request that drips for too long is cut`(start: String) throws {
        var configuration = small()
        configuration.headerTimeout = .milliseconds(300)
        configuration.bodyTimeout = .milliseconds(300)
        try withServer(configuration) { server in
            let client = try RawConnection(server)
            client.say(start)
            let dripping = onThread {
                var count = 0
                // One byte each 20 ms: never silent, and never done.
                while client.say("x"), count < 500 {
                    count += 1
                    pause(milliseconds: 20)
                }
                return count
            }
            if start.hasPrefix("POST") { #expect(client.answer()?.status == 408) }
            #expect(client.isClosed)
            #expect((dripping.next() ?? 500) < 500)
        }
    }

    @Test func `one address does not take all connections`() throws {
        var configuration = small()
        configuration.maximumConnectionsPerAddress = 2
        try expectSurplusRefused(after: 2, configuration) { answer in
            #expect(answer.status == 429)
            #expect(Problem(answer)?.code == "http.too-many-connections-of-client")
        }
    }

    @Test func `bodies that are on their way have a bound together`() throws {
        var configuration = small()
        configuration.maximumBodyBytes = 100_000
        configuration.maximumArrivingBytes = 150_000
        try withServer(configuration) { server in
            let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
            let slow = try RawConnection(server)
            slow.say(head)
            slow.say([UInt8](repeating: 7, count: 90_000))
            #expect(eventually { server.arrivingBytes == 90_000 })
            let other = try RawConnection(server)
            other.say(head)
            other.say([UInt8](repeating: 7, count: 100_000))
            let answer = try #require(other.answer())
            #expect(answer.status == 503)
            #expect(Problem(answer)?.code == "http.too-much-arriving")
            #expect(answer.header("Retry-After") == "1")
            slow.say([UInt8](repeating: 7, count: 10_000))
            #expect(slow.answer()?.body.count == 100_000)
            let again = try RawConnection(server)
            again.say(head)
            again.say([UInt8](repeating: 7, count: 100_000))
            #expect(again.answer()?.status == 200, "what was held is given back")
        }
    }

    @Test func `a body that comes too slowly is told so`() throws {
        var configuration = small()
        configuration.bodyTimeout = .milliseconds(200)
        try withServer(configuration) { server in
            let client = try RawConnection(server)
            client.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\nabc")
            let answer = try #require(client.answer())
            #expect(answer.status == 408)
            #expect(Problem(answer)?.code == "http.too-slow")
            #expect(client.isClosed)
        }
    }

    @Test func `a silent connection is closed and a waiting request is not`() throws {
        var configuration = small()
        configuration.idleTimeout = .seconds(1)
        let waiting = Mailbox<HTTPResponder>()
        try withServer(
            configuration,
            handler: { request, responder in
                if request.rawTarget == "/wait" {
                    waiting.put(responder)
                } else {
                    echo(request, responder)
                }
            }
        ) { server in
            let patient = try RawConnection(server)
            patient.get("/wait")
            let responder = try #require(waiting.next())
            let silent = try RawConnection(server)
            silent.get()
            #expect(silent.answer()?.status == 200)
            #expect(silent.isClosed, "the idle timeout has passed")
            #expect(responder.respond(.text(200, "at last")))
            #expect(patient.answer()?.text == "at last")
        }
    }
}
