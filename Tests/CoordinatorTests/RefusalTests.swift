import FleetModel
import FleetProtocol
import FleetTesting
import HTTPServing
import Processes
import Testing

@testable import Coordinator

/// What the API says no to, over a real socket.
struct RefusalTests {
    @Test(arguments: [
        (HTTPMethod.get, "/nothing", 404, "http.unknown-path"),
        (.get, "/fleet/jobs/job-9", 404, "job.unknown"),
        (.get, "/fleet/jobs/job-9/events", 404, "job.unknown"),
        (.get, "/fleet/jobs/job-9/decision", 404, "job.unknown"),
        (.get, "/fleet/jobs/job-9/diff", 404, "job.unknown"),
        (.get, "/fleet/jobs/nine", 404, "job.bad-id"),
        (.get, "/fleet/runs/job-1/log", 404, "run.bad-id"),
        (.get, "/fleet/jobs?stage=dreaming", 400, "request.bad-parameter"),
        (.get, "/fleet/jobs?limit=0", 400, "request.bad-parameter"),
        (.get, "/fleet/jobs?limit=+5", 400, "request.bad-parameter"),
        (.get, "/fleet/jobs?limit=5&limit=6", 400, "request.bad-parameter"),
        (.get, "/fleet/jobs?after=9", 400, "request.bad-parameter"),
        (.get, "/fleet/jobs?stages=queued", 400, "request.unknown-parameter"),
        (.get, "/healthz?deep", 400, "request.unknown-parameter"),
        (.get, "/fleet/stream?topic=gossip", 400, "request.bad-parameter"),
        (.get, "/fleet/stream?topic=orders", 401, "auth.not-a-factory"),
        (.post, "/fleet/jobs/job-9/promote", 404, "job.unknown"),
        (.post, "/fleet/jobs/job-9/cancel", 404, "job.unknown"),
        (.delete, "/fleet/factories/nobody", 404, "factory.unknown"),
        (.delete, "/fleet/jobs", 405, "http.method-not-allowed"),
        (.put, "/fleet/halt", 405, "http.method-not-allowed"),
        (.options, "/fleet/jobs", 405, "http.method-not-allowed"),
        (HTTPMethod(rawValue: "FROB"), "/fleet/jobs", 405, "http.method-not-allowed"),
        (HTTPMethod(rawValue: "get"), "/fleet/jobs", 405, "http.method-not-allowed"),
        (HTTPMethod(rawValue: "TRACE"), "/healthz", 405, "http.method-not-allowed"),
    ])
    func `A refusal is a problem document with a code`(
        method: HTTPMethod,
        path: String,
        status: Int,
        code: String
    ) throws {
        let rig = try ServerRig()
        let response = try rig.ask(method, path)
        #expect(response.status == status)
        let problem = try #require(response.problem)
        #expect(problem.code == code)
        #expect(!problem.title.isEmpty && !problem.detail.isEmpty && problem.hint != nil)
        if status == 405 { #expect(response.header("Allow") != nil) }
    }

    @Test(arguments: [
        (HTTPMethod.post, "/fleet/jobs"), (.post, "/fleet/jobs/job-1/promote"),
        (.post, "/fleet/halt"), (.post, "/fleet/resume"), (.put, "/fleet/repos/shop"),
        (.put, "/fleet/profiles/developer"), (.post, "/fleet/factories"),
        (.post, "/fleet/factories/f/drain"), (.delete, "/fleet/factories/f"),
        (.put, "/fleet/factories/f/heartbeat"), (.post, "/fleet/leases/claim"),
        (.post, "/fleet/runs/job-1.1/events"), (.post, "/fleet/runs/job-1.1/log"),
        (.put, "/fleet/runs/job-1.1/artifacts/diff"),
    ])
    func `Nothing is changed without a token`(method: HTTPMethod, path: String) throws {
        let rig = try ServerRig()
        let bodies = [
            "{}", "{\"level\":\"all\",\"reason\":\"x\"}",
            "{\"name\":\"f\",\"boot\":\"b\",\"facts\":[],\"stations\":[]}",
            "{\"id\":\"c\",\"factory\":\"f\",\"boot\":\"b\",\"free\":[],\"takesShip\":true,"
                + "\"waitMilliseconds\":0}",
        ]
        for body in bodies {
            let response = try rig.ask(method, path, token: nil, Array(body.utf8))
            #expect([400, 401].contains(response.status), "\(path): \(response.status)")
            let unknown = try rig.ask(method, path, token: "nobody's", Array(body.utf8))
            #expect([400, 401].contains(unknown.status), "\(path): \(unknown.status)")
        }
        #expect(rig.store.read { $0.batches.isEmpty })
    }

    @Test func `A submission of another type is refused`() throws {
        let rig = try ServerRig()
        let headers: HTTPHeaders = ["Content-Type": "application/x-yaml"]
        let response = try rig.ask(.post, "/fleet/jobs", Array("a: b".utf8), headers: headers)
        #expect(response.status == 415)
        #expect(response.problem?.code == "http.unknown-type")
    }

    @Test func `A Markdown submission that is not UTF-8 is refused, not mended`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        let headers: HTTPHeaders = ["Content-Type": "text/markdown"]
        let bytes = Array(ServerRig.job.utf8) + [0xFF, 0xFE, 0x41]
        let response = try rig.ask(.post, "/fleet/jobs", bytes, headers: headers)
        #expect(response.status == 400)
        #expect(response.problem?.title.contains("UTF-8") == true)
    }

    @Test func `The same key with other content is a conflict`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        let text = ServerRig.job.replacing("repo: shop", with: "repo: shop\nidempotency-key: k-1")
        let headers: HTTPHeaders = ["Content-Type": "text/markdown"]
        let first = try rig.ask(.post, "/fleet/jobs", Array(text.utf8), headers: headers)
        let again = try rig.ask(.post, "/fleet/jobs", Array(text.utf8), headers: headers)
        #expect(first.status == 201 && again.status == 200)
        #expect(try rig.value(SubmitReply.self, again).jobs.map(\.created) == [false])
        let other = Array(text.replacing("well", with: "badly").utf8)
        #expect(try rig.ask(.post, "/fleet/jobs", other, headers: headers).status == 409)
    }

    @Test func `All errors of all files are told at once, and nothing is added`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        let request = SubmitRequest(files: [
            .init(name: "good.md", text: ServerRig.job),
            .init(name: "bad.md", text: "---\nprioritty: low\n---\nx"),
            .init(name: "worse.md", text: "---\ntimeout: soon\n---\nx"),
        ])
        let response = try rig.send(.post, "/fleet/jobs", request)
        #expect(response.status == 400)
        #expect((response.problem?.errors?.count ?? 0) >= 2)
        #expect(try rig.value(JobList.self, rig.ask(.get, "/fleet/jobs")).total == 0)
    }

    @Test(arguments: [
        (HTTPMethod.post, "/fleet/jobs", "{\"files\":[],\"fils\":1}", "/fils"),
        (
            .post, "/fleet/jobs", "{\"files\":[{\"name\":\"a\",\"text\":\"b\",\"txt\":1}]}",
            "/files/0/txt"
        ),
        (.post, "/fleet/jobs/job-1/cancel", "{\"raeson\":\"typo\"}", "/raeson"),
        (.post, "/fleet/halt", "{\"level\":\"all\",\"reason\":\"x\",\"stopp\":true}", "/stopp"),
        (.post, "/fleet/resume", "{\"why\":\"x\"}", "/why"),
        (
            .put, "/fleet/repos/shop",
            "{\"name\":\"shop\",\"url\":\"/x\",\"target\":\"main\",\"ship\":\"merge\","
                + "\"verfy\":\"make\"}", "/verfy"
        ),
        (
            .post, "/fleet/factories",
            "{\"name\":\"f\",\"boot\":\"b\",\"facts\":[],\"stations\":"
                + "[{\"engine\":\"shell\",\"classes\":[],\"count\":1,\"size\":2}]}",
            "/stations/0/size"
        ),
    ])
    func `An unknown field is refused with its name and its place`(
        method: HTTPMethod,
        path: String,
        body: String,
        pointer: String
    ) throws {
        let rig = try ServerRig()
        let response = try rig.ask(method, path, Array(body.utf8))
        #expect(response.status == 400)
        let problem = try #require(response.problem)
        #expect(problem.code == "http.unreadable-body")
        #expect(problem.detail.contains("at \(pointer): "), "\(problem.detail)")
        #expect(rig.store.read { $0.batches.isEmpty })
    }

    @Test(arguments: [
        (HTTPMethod.post, "/fleet/jobs/job-1/cancel", "{\"reason\":null}", "/reason"),
        (
            .post, "/fleet/jobs", "{\"files\":[{\"name\":\"a\",\"text\":\"b\"}],\"repo\":null}",
            "/repo"
        ),
        (
            .put, "/fleet/profiles/p",
            "{\"name\":\"p\",\"version\":1,\"persona\":\"x\",\"capabilities\":[],"
                + "\"allowedScope\":[],\"protectedPaths\":[],\"artifacts\":[],"
                + "\"obligations\":{},\"timeout\":-1}", "/timeout"
        ),
        (
            .put, "/fleet/profiles/p",
            "{\"name\":\"p\",\"version\":1,\"persona\":\" \\n\",\"capabilities\":[],"
                + "\"allowedScope\":[],\"protectedPaths\":[],\"artifacts\":[],"
                + "\"obligations\":{}}", "/persona"
        ),
        (
            .post, "/fleet/factories",
            "{\"name\":\"f\",\"boot\":\"b\",\"facts\":[],\"stations\":"
                + "[{\"engine\":\"shell\",\"classes\":[],\"count\":9223372036854775807}]}",
            "/stations/0/count"
        ),
    ])
    func `A value that the description does not allow is refused with its place`(
        method: HTTPMethod,
        path: String,
        body: String,
        pointer: String
    ) throws {
        let rig = try ServerRig()
        let response = try rig.ask(method, path, Array(body.utf8))
        #expect(response.problem?.code == "http.unreadable-body")
        #expect(response.problem?.detail.contains("at \(pointer): ") == true, "\(response.text)")
    }

    @Test(arguments: [
        ("heartbeat", "{\"boot\":\"boot-1\",\"held\":[],\"load\":9223372036854775807}", "/load"),
        (
            "claim",
            "{\"id\":\"c\",\"factory\":\"f\",\"boot\":\"boot-1\",\"free\":[],\"takesShip\":true,"
                + "\"waitMilliseconds\":30001}", "/waitMilliseconds"
        ),
        (
            "report",
            "{\"fence\":1,\"items\":[{\"finished\":{\"_0\":{\"notes\":[],"
                + "\"spendMicroUSD\":9223372036854775807}}}]}",
            "/items/0/finished/_0/spendMicroUSD"
        ),
        (
            "report",
            "{\"fence\":1,\"items\":[{\"finished\":{\"_0\":{\"notes\":[],"
                + "\"usage\":{\"inputTokens\":-1}}}}]}",
            "/items/0/finished/_0/usage/inputTokens"
        ),
    ])
    func `Numbers of a factory that no sum could hold are refused`(
        call: String,
        body: String,
        pointer: String
    ) throws {
        let rig = try ServerRig()
        let token = try rig.enlist()
        let path =
            switch call {
            case "heartbeat": "/fleet/factories/f/heartbeat"
            case "claim": "/fleet/leases/claim"
            default: "/fleet/runs/job-1.1/events"
            }
        let method = call == "heartbeat" ? HTTPMethod.put : .post
        let response = try rig.ask(method, path, token: token, Array(body.utf8))
        #expect(response.status == 400)
        #expect(response.problem?.detail.contains("at \(pointer): ") == true, "\(response.text)")
    }

    @Test(arguments: [
        "/fleet/jobs/job-18446744073709551615", "/fleet/jobs/job-9223372036854775808/events",
        "/fleet/jobs/job-18446744073709551615/diff", "/fleet/jobs?after=job-18446744073709551615",
        "/fleet/jobs?stage=shipped&after=job-18446744073709551615",
        "/fleet/events?after=18446744073709551615",
        "/fleet/runs/job-18446744073709551615.1/log?offset=9223372036854775807",
    ])
    func `The largest numbers that there are end no server`(path: String) throws {
        let rig = try ServerRig()
        #expect(try [200, 404].contains(rig.ask(.get, path).status))
    }

    @Test func `Unknown fields in what a factory says are refused too`() throws {
        let rig = try ServerRig()
        let token = try rig.enlist()
        let bodies = [
            (
                HTTPMethod.put, "/fleet/factories/f/heartbeat",
                "{\"boot\":\"boot-1\",\"held\":[],\"load\":0,\"lod\":1}", "/lod"
            ),
            (
                .post, "/fleet/leases/claim",
                "{\"id\":\"c\",\"factory\":\"f\",\"boot\":\"boot-1\",\"free\":[],"
                    + "\"takesShip\":true,\"waitMilliseconds\":0,\"wait\":1}", "/wait"
            ),
            (
                .post, "/fleet/runs/job-1.1/events",
                "{\"fence\":1,\"items\":[{\"started\":{\"_0\":{\"notes\":[],\"nots\":1}}}]}",
                "/items/0/started/_0/nots"
            ),
        ]
        for (method, path, body, pointer) in bodies {
            let response = try rig.ask(method, path, token: token, Array(body.utf8))
            #expect(response.status == 400, "\(path)")
            #expect(response.problem?.detail.contains("at \(pointer): ") == true, "\(path)")
        }
    }

    @Test func `A null where a field may be absent is told apart from an unknown field`() throws {
        let rig = try ServerRig()
        let body = "{\"level\":\"all\",\"reason\":\"x\",\"stop\":null}"
        let response = try rig.ask(.post, "/fleet/halt", Array(body.utf8))
        #expect(response.problem?.detail.contains("left out, never null") == true)
    }
}
