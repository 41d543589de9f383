import FoundationEssentials
import Glibc
import HTTPServing
import Testing

@Suite struct TLSTests {
    /// A certificate for `localhost`, made anew so that no key lies in the repository.
    private func makeIdentity(in folder: URL) throws -> TLSIdentity {
        let (key, certificate) = (folder.appending(path: "key"), folder.appending(path: "cert"))
        let words = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
            "subjectAltName=DNS:localhost", "-keyout", key.path, "-out", certificate.path,
        ]
        var arguments = words.map { strdup($0) } + [nil]
        defer { for word in arguments { free(word) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var child = pid_t()
        let status = posix_spawnp(&child, "openssl", &actions, nil, &arguments, environ)
        try #require(status == 0, "the tests of TLS need the openssl command")
        waitpid(child, nil, 0)
        return TLSIdentity(
            certificate: try String(contentsOf: certificate, encoding: .utf8),
            privateKey: try String(contentsOf: key, encoding: .utf8)
        )
    }

    @Test func `a certificate that is none keeps the server from starting`() {
        var configuration = ServerConfiguration()
        configuration.tls = TLSIdentity(certificate: "none", privateKey: "none")
        let server = HTTPServer(configuration: configuration, handler: echo)
        #expect(throws: HTTPServerFault.self) { try server.start() }
        #expect(server.port == nil)
        server.stop()
    }

    @Test func `a certificate that nobody vouches for is refused, and a known one is served`()
        throws
    {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var configuration = ServerConfiguration()
        let identity = try makeIdentity(in: folder)
        configuration.tls = identity
        #expect(!"\(identity)".contains("KEY"))
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
            let url = "https://localhost:\(server.port ?? 0)"
            expectUntrusted(HTTPClient(), url)
            var trusting = HTTPClient.Configuration()
            trusting.certificateAuthorities = folder.appending(path: "cert").path
            let client = HTTPClient(configuration: trusting)
            let answer = try client.ask(.init(.get, url + "/"))
            #expect(answer.text == "hello /")
            expectUntrusted(client, "https://127.0.0.1:\(server.port ?? 0)")
            let call = onThread { try? client.ask(.init(.get, url + "/wait")).text }
            waiting.next()?.respond(.text(200, "waited"))
            #expect(call.next() == "waited")
        }
    }

    private func expectUntrusted(_ client: HTTPClient, _ url: String) {
        do throws(HTTPClientFault) {
            _ = try client.send(.init(.get, url))
            Issue.record("\(url) was trusted")
        } catch {
            guard case .tls = error else {
                Issue.record("\(error)")
                return
            }
        }
    }
}
