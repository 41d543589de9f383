import FleetModel
import FleetProtocol
import FleetTesting
import HTTPServing
import Processes
import Testing

@testable import Coordinator

/// Logs over a real socket: sent by a factory, read by people.
struct LogRouteTests {
    private let rig: ServerRig
    private let run: GrantedRun
    private let token: String

    init() throws {
        rig = try ServerRig()
        try rig.furnish()
        token = try rig.enlist()
        try rig.submit()
        run = try #require(try rig.claim("c-1", token: token).first)
    }

    private var path: String { "/fleet/runs/\(run.lease.run)/log" }

    private func send(_ text: String, at offset: Int) throws -> HTTPResponse {
        try rig.ask(
            .post,
            "\(path)?fence=\(run.lease.fence)&offset=\(offset)",
            token: token,
            Array(text.utf8),
            headers: ["Content-Type": "application/octet-stream"]
        )
    }

    private func page(_ query: String = "") throws -> LogPage {
        try rig.value(LogPage.self, rig.ask(.get, "\(path)?as=lines\(query)"))
    }

    @Test(arguments: ["job-1.2", "job-1.ship-1", "job-99.1"])
    func `The log of a run that never was is not found`(run: String) throws {
        for query in ["", "?as=lines"] {
            let answer = try rig.ask(.get, "/fleet/runs/\(run)/log\(query)")
            #expect(answer.status == 404)
            #expect(answer.problem?.code == "log.unknown-run")
        }
    }

    @Test func `A run that has printed nothing yet has an empty log`() throws {
        #expect(try rig.ask(.get, path).body.isEmpty)
        let empty = try page()
        #expect(empty.lines.isEmpty && empty.total == 0 && empty.before == nil)
        #expect(!empty.isComplete)
    }

    @Test func `Lines are numbered, filtered and counted on the server`() throws {
        let text = (1...2_500).map { "line \($0)\n" }.joined()
        let reply = try rig.value(LogReply.self, try send(text, at: 0))
        #expect(reply.acknowledged == Int64(text.utf8.count))
        let newest = try page()
        #expect(newest.total == 2_500 && newest.lines.count == 1_000)
        #expect(newest.lines.first == LogLine(number: 1_501, text: "line 1501"))
        let older = try page("&before=\(try #require(newest.before))&limit=10")
        #expect(older.lines.map(\.number) == Array(1_491...1_500))
        let found = try page("&match=LINE+2&case=ignore&limit=3")
        #expect(found.matches == 612 && found.lines.map(\.number) == [2_498, 2_499, 2_500])
        #expect(try page("&match=LINE").matches == 0)
        let linked = try page("&line=77&limit=5")
        #expect(linked.lines.contains(LogLine(number: 77, text: "line 77")))
        #expect(try rig.ask(.get, path).body == Array(text.utf8))
        let tail = try rig.ask(.get, "\(path)?offset=\(text.utf8.count - 10)")
        #expect(tail.text == String(text.suffix(10)))
    }

    @Test(arguments: [
        ("&before=x", "log.bad-cursor"), ("&after=1.1", "log.bad-cursor"),
        ("&line=5", "log.unknown-line"), ("&line=1&after=0.0", "log.two-places"),
    ])
    func `A place that the log does not have is refused`(query: String, code: String) throws {
        _ = try send("one\ntwo\n", at: 0)
        #expect(try rig.ask(.get, "\(path)?as=lines\(query)").problem?.code == code)
    }

    @Test func `A follower is answered when something comes, and when the run is over`() throws {
        _ = try send("one\n", at: 0)
        let first = try page()
        let waiting = Monitor<[LogPage]>([])
        try DedicatedThread.start { [rig, path] in
            var after = first.after
            while true {
                let query = "\(path)?as=lines&after=\(after)&wait=20000"
                guard let response = try? rig.ask(.get, query),
                    let page = try? rig.value(LogPage.self, response)
                else { return }
                waiting.change { $0.append(page) }
                if page.isComplete { return }
                after = page.after
            }
        }
        _ = try send("two\nthr", at: 4)
        let second = waiting.wait(until: .after(.seconds(20))) { $0.first }
        #expect(second?.lines == [LogLine(number: 2, text: "two")])
        _ = try send("ee", at: 11)
        let failure = RunFinished(failure: .example(.engineCrashed))
        #expect(
            try rig.report(run, [.started(RunStarted()), .finished(failure)], token: token).status
                == 200
        )
        let last = waiting.wait(until: .after(.seconds(20))) { $0.last(where: \.isComplete) }
        #expect(last?.lines == [LogLine(number: 3, text: "three")])
        #expect(last?.total == 3)
    }

    @Test func `Another factory than the holder may store neither output nor artifacts`() throws {
        let other = try rig.enlist("g")
        for (method, path) in [
            (HTTPMethod.post, "\(path)?fence=\(run.lease.fence)&offset=0"),
            (.put, "/fleet/runs/\(run.lease.run)/artifacts/diff?fence=\(run.lease.fence)"),
        ] {
            let headers: HTTPHeaders = ["Content-Type": "application/octet-stream"]
            let refused = try rig.ask(method, path, token: other, [1], headers: headers)
            #expect(refused.status == 409)
            #expect(refused.problem?.code == "lease.stale")
            #expect(try rig.ask(method, path, token: token, [1], headers: headers).isSuccess)
        }
        #expect(try rig.ask(.get, path).body == [1])
    }
}
