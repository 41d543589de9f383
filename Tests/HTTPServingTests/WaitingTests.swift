import Glibc
import HTTPServing
import Synchronization
import Testing

/// Lets other threads run; only for clients that are slow on purpose, never to wait for something.
func pause(milliseconds: UInt32) { usleep(milliseconds * 1_000) }

@Suite struct WaitingTests {
    private let waiting = Mailbox<(String, HTTPResponder)>()

    private func park(
        _ configuration: ServerConfiguration = ServerConfiguration(),
        _ body: (HTTPServer) throws -> Void
    ) throws {
        let waiting = waiting
        try withServer(
            configuration,
            handler: { request, responder in
                if request.path.first == "wait" {
                    waiting.put((request.rawTarget, responder))
                } else {
                    echo(request, responder)
                }
            },
            body
        )
    }

    @Test(arguments: [false, true])
    func `a client that leaves while it waits is noticed and leaves nothing`(byReset: Bool) throws {
        try park { server in
            let gone = Mailbox<Bool>()
            var client: RawConnection? = try RawConnection(server)
            client?.get("/wait")
            let (_, responder) = try #require(waiting.next())
            responder.onClientGone { gone.put(true) }
            if byReset { client?.reset() }
            client = nil
            #expect(gone.next() == true)
            #expect(!responder.respond(.text(200, "too late")))
            #expect(responder.stream() == nil)
            #expect(eventually { server.runningRequests == 0 && server.openConnections == 0 })
            let called = Mailbox<Bool>()
            responder.onClientGone { called.put(true) }
            #expect(called.count == 1, "told at once afterwards")
            let next = try RawConnection(server)
            next.get()
            #expect(next.answer()?.status == 200)
        }
    }

    @Test func `answers race with clients that leave`() throws {
        try park { server in
            for round in 0..<200 {
                var client: RawConnection? = try RawConnection(server)
                client?.get("/wait/\(round)")
                let (_, responder) = try #require(waiting.next())
                let answered = onThread { responder.respond(.text(200, "maybe")) }
                client = nil
                #expect(answered.next() != nil)
            }
            #expect(eventually { server.runningRequests == 0 && server.openConnections == 0 })
        }
    }

    @Test func `only the first answer counts`() throws {
        try park { server in
            let client = try RawConnection(server)
            client.get("/wait")
            let (_, responder) = try #require(waiting.next())
            #expect(responder.respond(.text(200, "first")))
            #expect(!responder.respond(.text(200, "second")))
            #expect(client.answer()?.text == "first")
        }
    }

    @Test func `a forgotten responder answers by itself`() throws {
        try withServer(handler: { _, _ in }) { server in
            let client = try RawConnection(server)
            client.get()
            let answer = client.answer()
            #expect(answer?.status == 500)
            #expect(answer.flatMap(Problem.init)?.type == "urn:giga:http.no-answer")
        }
    }

    @Test func `stopping answers whoever waits`() throws {
        let waiting = waiting
        let server = HTTPServer { waiting.put(($0.rawTarget, $1)) }
        try server.start()
        let clients = try (0..<20).map { _ in try RawConnection(server) }
        for client in clients { client.get("/wait") }
        let responders = waiting.take(20)
        #expect(responders.count == 20)
        server.stop()
        for client in clients {
            let answer = client.answer()
            #expect(answer?.status == 503)
            #expect(answer.flatMap(Problem.init)?.type == "urn:giga:http.stopping")
        }
        #expect(!responders[0].1.respond(.text(200, "too late")))
        #expect(server.port == nil)
    }

    @Test func `five hundred waiting requests are answered by another thread`() throws {
        try park { server in
            let clients = try (0..<500).map { _ in try RawConnection(server) }
            for (index, client) in clients.enumerated() { client.get("/wait/\(index)") }
            let parked = waiting.take(500)
            #expect(parked.count == 500)
            #expect(server.runningRequests == 500)
            let other = try RawConnection(server)
            other.get()
            #expect(other.answer()?.status == 200, "they occupy no thread")
            let sent = onThread {
                parked.shuffled().filter { $0.1.respond(.text(200, $0.0)) }.count
            }
            #expect(sent.next() == 500)
            for (index, client) in clients.enumerated() {
                #expect(client.answer()?.text == "/wait/\(index)")
            }
            // The connections are as good as new.
            clients[7].get("/again")
            #expect(clients[7].answer()?.text == "hello /again")
        }
    }

    /// The library takes at most 128 events from the system at a time, and asks for more when it
    /// got that many.
    @Test(arguments: [126, 127, 128, 129, 130, 256])
    func `requests that arrive in one moment are all begun`(count: Int) throws {
        let (begun, gate) = (Mailbox<Bool>(), Mailbox<Bool>())
        let waiting = waiting
        var configuration = ServerConfiguration()
        configuration.threads = 1
        let server = HTTPServer(configuration: configuration) { request, responder in
            if request.path.first == "hold" {
                begun.put(true)
                _ = gate.next()
                responder.respond(.text(200, "held"))
            } else if request.path.first == "wait" {
                waiting.put((request.rawTarget, responder))
            } else {
                echo(request, responder)
            }
        }
        try server.start()
        defer { server.stop() }
        let clients = try (0..<count).map { _ in try RawConnection(server) }
        for client in clients {
            client.get()
            #expect(client.answer()?.status == 200)
        }
        let holder = try RawConnection(server)
        holder.get("/hold")
        #expect(begun.next() == true)
        // The only thread is busy, so all of these are there when it looks next.
        for client in clients { client.get("/wait") }
        gate.put(true)
        let parked = waiting.take(count)
        #expect(parked.count == count)
        for (_, responder) in parked { responder.respond(.text(200, "done")) }
        for client in clients { #expect(client.answer()?.text == "done") }
    }

    @Test func `pipelined requests are answered in order even when the first waits`() throws {
        try park { server in
            let client = try RawConnection(server)
            let tail = " HTTP/1.1\r\nHost: a\r\n\r\n"
            client.say("GET /wait/1\(tail)GET /2\(tail)GET /wait/3\(tail)GET /4\(tail)")
            let (_, first) = try #require(waiting.next())
            first.respond(.text(200, "one"))
            #expect(client.answer()?.text == "one")
            #expect(client.answer()?.text == "hello /2")
            let (_, third) = try #require(waiting.next())
            third.respond(.text(200, "three"))
            #expect(client.answer()?.text == "three")
            #expect(client.answer()?.text == "hello /4")
        }
    }
}
