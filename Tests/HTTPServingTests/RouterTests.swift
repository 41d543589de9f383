import HTTPServing
import Testing

@Suite struct RouterTests {
    private let router: Router

    init() {
        let table: [(HTTPMethod, String, String)] = [
            (.get, "/", "root"), (.get, "/fleet/jobs", "listJobs"),
            (.post, "/fleet/jobs", "submit"), (.get, "/fleet/jobs/{id}", "readJob"),
            (.get, "/fleet/jobs/archive", "archive"), (.post, "/fleet/jobs/{id}/{verb}", "act"),
            (.get, "/fleet/jobs/{id}/runs", "runs"), (.get, "/fleet/log/{path...}", "log"),
        ]
        router = Router(
            table.map { method, pattern, name in
                Route(method, pattern, name: name) { request, parameters, responder in
                    let id = parameters["id"] ?? parameters["path"] ?? ""
                    responder.respond(.text(200, "\(name) \(id)"))
                }
            }
        )
    }

    private func found(_ method: HTTPMethod, _ target: String) -> String {
        guard let parsed = RequestTarget(target) else { return "malformed" }
        switch router.match(method, parsed.segments) {
        case .route(let route, let parameters):
            let values = ["id", "verb", "path"].compactMap { parameters[$0] }
            return ([route.name] + values).joined(separator: " ")
        case .methodNotAllowed(let allowed):
            return "405 " + allowed.map(\.rawValue).joined(separator: ",")
        case .notFound: return "404"
        }
    }

    @Test(arguments: [
        (HTTPMethod.get, "/nothing", "404"), (.get, "/fleet", "404"), (.get, "/fleet/jobs/", "404"),
        (.get, "//fleet/jobs", "404"), (.get, "/fleet/log", "404"), (.get, "/fleet/log/", "404"),
        (.delete, "/fleet/jobs", "405 GET,HEAD,POST"), (.get, "/fleet/jobs/a/ship", "405 POST"),
        (.put, "/fleet/jobs/archive", "405 GET,HEAD"),
        (.get, "/", "root"), (.get, "/fleet/jobs?x=1", "listJobs"),
        (.head, "/fleet/jobs", "listJobs"), (.get, "/fleet/jobs/archive", "archive"),
        (.get, "/fleet/jobs/a%2Fb%20c", "readJob a/b c"), (.get, "/fleet/jobs/a/runs", "runs a"),
        (.post, "/fleet/jobs/a/runs", "act a runs"),
        (.post, "/fleet/jobs/archive/ship", "act archive ship"),
        (.get, "/fleet/log/tile/0/x", "log tile/0/x"),
    ])
    func `a request finds its route`(method: HTTPMethod, target: String, expected: String) {
        #expect(found(method, target) == expected)
    }

    @Test func `the table can be read`() {
        #expect(router.routes.map(\.name).count == 8)
        #expect(router.routes[5].pattern == "/fleet/jobs/{id}/{verb}")
        #expect(router.routes[5].parts.last == .parameter("verb"))
    }

    @Test func `what is not there is a problem with a hint`() throws {
        let router = router
        try withServer(handler: { router.handle($0, $1) }) { server in
            let client = try RawConnection(server)
            client.get("/fleet/jobs/")
            let missing = try #require(client.answer())
            #expect(missing.status == 404)
            #expect(Problem(missing)?.hint == "Leave out the slash at the end")
            client.say("DELETE /fleet/jobs HTTP/1.1\r\nHost: a\r\n\r\n")
            let refused = try #require(client.answer())
            #expect(refused.header("allow") == "GET, HEAD, POST")
            #expect(Problem(refused)?.code == "http.method-not-allowed")
            client.get("/fleet/jobs/j-1")
            #expect(client.answer()?.text == "readJob j-1")
        }
    }

    @Test(arguments: [
        ("/a?b=c+d&e=%26&f&=g", ["b=c d", "e=&", "f=", "=g"]), ("/a?", []), ("/a?x=1=2", ["x=1=2"]),
    ])
    func `a query is decoded`(target: String, items: [String]) {
        #expect(RequestTarget(target)?.query.map { "\($0.name)=\($0.value)" } == items)
    }
}
