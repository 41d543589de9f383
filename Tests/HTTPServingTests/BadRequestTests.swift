import HTTPServing
import Testing

/// What an attacker or a broken client may send; after each the server still serves.
@Suite struct BadRequestTests {
    private static let host = "Host: a\r\n"

    @Test(arguments: [
        ("both lengths", "Content-Length: 3\r\nTransfer-Encoding: chunked", 400),
        ("coding first", "Transfer-Encoding: chunked\r\nContent-Length: 3", 400),
        ("two lengths", "Content-Length: 3\r\nContent-Length: 4", 400),
        ("the same length twice", "Content-Length: 3\r\nContent-Length: 3", 400),
        ("zero and a length", "Content-Length: 0\r\nContent-Length: 3", 400),
        ("a list of lengths", "Content-Length: 3, 3", 400),
        ("a signed length", "Content-Length: +3", 400),
        ("a negative length", "Content-Length: -3", 400),
        ("a hexadecimal length", "Content-Length: 0x3", 400),
        ("an endless length", "Content-Length: 99999999999999999999999", 413),
        ("another coding", "Transfer-Encoding: gzip, chunked", 400),
        ("no coding", "Transfer-Encoding: identity", 400),
        ("two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", 400),
        ("a coding with a tab", "Transfer-Encoding: \u{0B}chunked", 400),
        ("a space before the colon", "Content-Length : 3", 400),
        ("a coding with a space", "Transfer-Encoding : chunked", 400),
        ("a line without colon", "Nonsense", 400),
        ("a second host", "Host: b", 400),
    ])
    func `an ambiguous head is refused and the connection closed`(
        name: String,
        field: String,
        status: Int
    ) throws {
        try withServer { server in
            let client = try RawConnection(server)
            client.say("POST / HTTP/1.1\r\n\(Self.host)\(field)\r\n\r\nabc")
            let answer = client.answer()
            #expect(answer?.status == status, "\(name): \(answer?.text ?? "nothing")")
            // libmicrohttpd 0.9.75 writes the head of its own refusals twice; no line may follow.
            var rest: [String] = []
            while let line = client.line() { rest.append(line) }
            #expect(rest == [], "\(name): a smuggled request would be read next")
            expectAlive(server)
        }
    }

    @Test func `a request hidden behind two lengths is never handled`() throws {
        let seen = Mailbox<String>()
        try withServer(handler: { request, responder in
            seen.put(request.rawTarget)
            echo(request, responder)
        }) { server in
            let client = try RawConnection(server)
            let hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"
            client.say(
                "POST /seen HTTP/1.1\r\nHost: a\r\nContent-Length: \(hidden.utf8.count)\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden
            )
            #expect(client.answer()?.status == 400)
            #expect(client.isClosed)
            #expect(seen.count == 0)
        }
    }

    @Test(arguments: [
        ("GET /%zz HTTP/1.1", 400),
        ("GET /a/../b HTTP/1.1", 400), ("GET /%2e%2E/b HTTP/1.1", 400),
        ("GET /%00 HTTP/1.1", 400), ("GET /%ff HTTP/1.1", 400), ("GET /a?b=%f HTTP/1.1", 400),
        ("GET a HTTP/1.1", 400), ("OPTIONS * HTTP/1.1", 400),
    ])
    func `a bad request line is a problem`(line: String, status: Int) throws {
        try withServer { server in
            let client = try RawConnection(server)
            client.say("\(line)\r\n\(Self.host)\r\n")
            let answer = try #require(client.answer())
            #expect(answer.status == status)
            #expect(Problem(answer)?.status == status)
            #expect(Problem(answer)?.hint?.isEmpty == false)
            expectAlive(server)
        }
    }

    @Test(arguments: ["\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\r\n\r\n\r\n"])
    func `garbage closes the connection and nothing else`(bytes: String) throws {
        var configuration = ServerConfiguration()
        configuration.headerTimeout = .milliseconds(300)
        try withServer(configuration) { server in
            let client = try RawConnection(server)
            client.say(bytes)
            client.finishSending()
            while client.line() != nil {}
            expectAlive(server)
        }
    }

    @Test func `a request without a host is refused`() throws {
        try withServer { server in
            let client = try RawConnection(server)
            client.say("GET / HTTP/1.1\r\n\r\n")
            #expect(client.answer()?.status == 400)
        }
    }

    @Test(arguments: [
        ("Host: evil.example", "/", 421), ("Host: 127.0.0.1.evil.example:80", "/", 421),
        ("Host: ", "/", 421), ("Host: LOCALHOST:8080", "/", 200), ("Host: 127.0.0.1", "/", 200),
        ("Host: [::1]:80", "/", 200), ("Host: localhost", "http://evil.example/", 421),
        ("Host: localhost", "http://localhost/x", 200),
    ])
    func `only the listed hosts are served`(field: String, target: String, status: Int) throws {
        var configuration = ServerConfiguration()
        configuration.allowedHosts = ["localhost", "127.0.0.1", "::1"]
        try withServer(configuration) { server in
            let client = try RawConnection(server)
            client.say("GET \(target) HTTP/1.1\r\n\(field)\r\n\r\n")
            let answer = try #require(client.answer())
            #expect(answer.status == status)
            if status == 421 { #expect(Problem(answer)?.code == "http.unknown-host") }
        }
    }

    @Test(arguments: [
        ("Origin: http://a", 200), ("Origin: https://A", 200), ("Sec-Fetch-Site: same-origin", 200),
        ("Sec-Fetch-Site: none", 200), ("X-Other: 1", 200), ("Origin: http://b", 403),
        ("Origin: http://a:1", 403), ("Origin: http://a.b", 403), ("Origin: null", 403),
        ("Origin: a", 403), ("Sec-Fetch-Site: cross-site", 403), ("Sec-Fetch-Site: same-site", 403),
        ("Origin: http://a\r\nSec-Fetch-Site: cross-site", 403),
    ])
    func `a page of another site changes nothing`(field: String, status: Int) throws {
        try withServer { server in
            let client = try RawConnection(server)
            client.say("POST / HTTP/1.1\r\nHost: a\r\n\(field)\r\nContent-Length: 0\r\n\r\n")
            let answer = try #require(client.answer())
            #expect(answer.status == status)
            if status == 403 { #expect(Problem(answer)?.code == "http.cross-site") }
            let reader = try RawConnection(server)
            reader.say("GET / HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n")
            #expect(reader.answer()?.status == 200, "reading changes nothing")
        }
    }

    @Test func `a malformed chunk is refused`() throws {
        try withServer { server in
            for chunk in ["zz\r\nabc\r\n", "-1\r\n", "3\r\nabcde\r\n0\r\n\r\n", "\r\n"] {
                let client = try RawConnection(server)
                client.say(
                    "POST / HTTP/1.1\r\n\(Self.host)Transfer-Encoding: chunked\r\n\r\n\(chunk)"
                )
                #expect(client.answer()?.status == 400, "\(chunk)")
                #expect(client.isClosed)
            }
            expectAlive(server)
        }
    }

    private func expectAlive(_ server: HTTPServer) {
        // A client of a busy machine may itself be too slow for a short limit, once.
        let isAlive = eventually {
            let client = try? RawConnection(server)
            client?.get()
            return client?.answer()?.text == "hello /"
        }
        #expect(isAlive)
    }
}
