import HTTPServing
import Testing

@Suite struct StreamTests {
    private let streams = Mailbox<HTTPStream>()
    private let ends = Mailbox<HTTPStream.End>()

    private func serve(
        _ configuration: ServerConfiguration = ServerConfiguration(),
        _ body: (HTTPServer) throws -> Void
    ) throws {
        let (streams, ends) = (streams, ends)
        try withServer(
            configuration,
            handler: { _, responder in
                if let stream = responder.stream(onClose: { ends.put($0) }) { streams.put(stream) }
            },
            body
        )
    }

    @Test func `a reader that stalls is cut when its buffer is full`() throws {
        var configuration = ServerConfiguration()
        configuration.streamBufferBytes = 100_000
        try serve(configuration) { server in
            let client = try RawConnection(server, receiveBuffer: 4_096)
            client.get()
            #expect(client.head()?.status == 200)
            let stream = try #require(streams.next())
            let event = [UInt8](repeating: 7, count: 10_000)
            var sent = 0
            while stream.send(event), sent < 10_000 { sent += 1 }
            #expect(sent < 10_000)
            #expect(stream.bufferedBytes <= 100_000)
            #expect(ends.next() == .overflow)
            #expect(!stream.send(event))
            #expect(eventually { server.openConnections == 0 })
        }
    }

    @Test func `one event beyond the buffer cuts a stream that was waiting`() throws {
        var configuration = ServerConfiguration()
        configuration.streamBufferBytes = 10
        try serve(configuration) { server in
            let client = try RawConnection(server)
            client.get()
            #expect(client.head()?.status == 200)
            let stream = try #require(streams.next())
            #expect(!stream.send([UInt8](repeating: 7, count: 11)))
            #expect(ends.next() == .overflow)
            #expect(client.chunk() == nil)
        }
    }

    @Test func `a client that leaves a quiet stream is noticed`() throws {
        try serve { server in
            var client: RawConnection? = try RawConnection(server)
            client?.get()
            let stream = try #require(streams.next())
            client = nil
            #expect(ends.next() == .clientLeft)
            #expect(!stream.send([1]))
            #expect(eventually { server.runningRequests == 0 })
        }
    }

    @Test func `closing sends what is left and ends the answer well`() throws {
        try serve { server in
            let client = try RawConnection(server)
            client.get()
            #expect(client.head()?.header("Content-Type") == "text/event-stream")
            let stream = try #require(streams.next())
            stream.send(Array("last words".utf8))
            stream.close()
            var text: [UInt8] = []
            while let chunk = client.chunk() { text += chunk }
            #expect(text == Array("last words".utf8))
            #expect(ends.next() == .closed)
            client.get()
            #expect(client.head()?.status == 200, "the connection goes on")
        }
    }

    @Test func `stopping ends streams`() throws {
        try serve { server in
            let client = try RawConnection(server)
            client.get()
            #expect(client.head()?.status == 200)
            _ = try #require(streams.next())
            server.stop()
            #expect(client.chunk() == nil)
            #expect(ends.next() == .closed)
        }
    }

    @Test func `two hundred readers get every event`() throws {
        try serve { server in
            let clients = try (0..<200).map { _ in try RawConnection(server) }
            for client in clients { client.get() }
            let all = streams.take(200)
            #expect(all.count == 200)
            let sent = onThread {
                for tick in 0..<20 {
                    let event = ServerSentEvent(id: "\(tick)", data: "tick \(tick)").encoded
                    for stream in all { stream.send(event) }
                }
                for stream in all { stream.close() }
                return true
            }
            for client in clients {
                #expect(client.head()?.status == 200)
                var parser = ServerSentEventParser()
                var events: [ServerSentEvent] = []
                while let chunk = client.chunk() { events += parser.feed(chunk) }
                #expect(events.map(\.data) == (0..<20).map { "tick \($0)" })
                #expect(parser.lastEventID == "19")
            }
            #expect(sent.next() == true)
            #expect(ends.take(200) == [HTTPStream.End](repeating: .closed, count: 200))
        }
    }
}
