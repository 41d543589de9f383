import HTTPServing
import Synchronization
import Testing

/// Whoever counts answers hears of each once, and of none that nobody got.
@Suite struct NotingTests {
    private let statuses = Mailbox<Int>()
    private let waiting = Mailbox<HTTPResponder>()

    private func park(_ body: (HTTPServer) throws -> Void) throws {
        let (statuses, waiting) = (statuses, waiting)
        try withServer(
            handler: { _, responder in waiting.put(responder.noting { statuses.put($0) }) },
            body
        )
    }

    @Test func `a client that left is heard of, and counts as no answer`() throws {
        try park { server in
            let gone = Mailbox<Bool>()
            var client: RawConnection? = try RawConnection(server)
            client?.get("/")
            var responder = waiting.next()
            responder?.onClientGone { gone.put(true) }
            client?.reset()
            client = nil
            #expect(gone.next() == true)
            responder = nil
            #expect(eventually { server.runningRequests == 0 })
            #expect(statuses.count == 0)
        }
    }

    @Test func `the first answer counts, and a handler that gave none has answered 500`() throws {
        try park { server in
            let first = try RawConnection(server)
            first.get("/")
            let responder = try #require(waiting.next())
            #expect(responder.respond(.text(404, "no")))
            #expect(!responder.respond(.text(200, "yes")))
            #expect(first.answer()?.status == 404)
            let second = try RawConnection(server)
            second.get("/")
            _ = try #require(waiting.next())
            #expect(second.answer()?.status == 500)
            #expect(statuses.take(2) == [404, 500])
            #expect(statuses.count == 0)
        }
    }

    @Test func `a stream counts when it opens, and goes on as any other`() throws {
        try park { server in
            let client = try RawConnection(server)
            client.get("/")
            let responder = try #require(waiting.next())
            let stream = try #require(responder.stream())
            #expect(statuses.next() == 200)
            stream.send(Array("data: one\n\n".utf8))
            stream.close()
            #expect(responder.stream() == nil)
            #expect(statuses.count == 0)
        }
    }
}
