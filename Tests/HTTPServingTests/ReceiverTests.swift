import Glibc
import HTTPServing
import Synchronization
import Testing

/// Bodies that are taken as they come, and files that are sent as they lie.
@Suite struct ReceiverTests {
    private final class Counter: BodyReceiver {
        let maximumBytes = 20_000
        let patience = Duration.seconds(20)
        let count = Mutex(0)
        let ended: Mailbox<Int>

        init(_ ended: Mailbox<Int>) { self.ended = ended }
        deinit { ended.put(count.withLock(\.self)) }

        func take(_ bytes: UnsafeRawBufferPointer) { count.withLock { $0 += bytes.count } }
    }

    private let ended = Mailbox<Int>()

    private func serving(_ body: (HTTPServer) throws -> Void) throws {
        var configuration = ServerConfiguration()
        configuration.maximumBodyBytes = 1_000
        let router = Router([
            Route(
                .put,
                "/counted",
                name: "count",
                reception: { [ended] request, _ in
                    #expect(request.body.isEmpty)
                    if request.header("X-No") != nil { return .answer(.text(409, "no")) }
                    return .pieces(Counter(ended))
                },
                handler: { request, _, responder in
                    let count = (request.receiver as? Counter)?.count.withLock(\.self)
                    responder.respond(.text(200, "\(count ?? -1)"))
                }
            ),
            Route(.put, "/whole", name: "whole") { request, _, responder in
                responder.respond(.text(200, "\(request.body.count)"))
            },
            Route(.get, "/file", name: "file") { _, _, responder in
                let file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
                var response = HTTPResponse(status: 200)
                response.file = FileBody(descriptor: file, bytes: 100_000)
                responder.respond(response)
            },
        ])
        let server = HTTPServer(configuration: configuration, router: router)
        try server.start()
        defer { server.stop() }
        try body(server)
    }

    private func put(_ size: Int, _ path: String, _ more: String = "") -> String {
        "PUT \(path) HTTP/1.1\r\nHost: a\r\n\(more)Content-Length: \(size)\r\n\r\n"
    }

    @Test(arguments: [(20_000, 200), (20_001, 413)])
    func `a receiver has a limit of its own, and others keep theirs`(
        size: Int,
        status: Int
    ) throws {
        try serving { server in
            let client = try RawConnection(server)
            client.say(put(size, "/counted"))
            client.say([UInt8](repeating: 7, count: size))
            let answer = try #require(client.answer())
            #expect(answer.status == status)
            if status == 200 { #expect(answer.body == Array("20000".utf8)) }
            let other = try RawConnection(server)
            other.say(put(1_001, "/whole"))
            other.say([UInt8](repeating: 7, count: 1_001))
            #expect(other.answer()?.status == 413)
        }
    }

    @Test func `a receiver is let go when its client leaves in the midst of a body`() throws {
        try serving { server in
            let client = try RawConnection(server)
            client.say(put(10_000, "/counted"))
            client.say([UInt8](repeating: 7, count: 5_000))
            client.reset()
            #expect(ended.next() != nil)
        }
    }

    @Test func `what the head decides is answered, whatever the body holds`() throws {
        try serving { server in
            let client = try RawConnection(server)
            client.say(put(500, "/counted", "X-No: 1\r\n"))
            client.say([UInt8](repeating: 7, count: 500))
            #expect(client.answer()?.status == 409)
            #expect(ended.take(1, within: 1).isEmpty)
        }
    }

    @Test func `a file is sent as long as it was said to be, and its descriptor closed`() throws {
        try serving { server in
            let client = try RawConnection(server)
            for _ in 0..<20 {
                client.get("/file")
                let answer = try #require(client.answer())
                #expect(answer.status == 200 && answer.body.count == 100_000)
                #expect(answer.body.starts(with: [0x7F, 0x45, 0x4C, 0x46]))
            }
        }
    }
}
