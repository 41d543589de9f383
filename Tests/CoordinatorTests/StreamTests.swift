import FleetModel
import FleetProtocol
import FleetTesting
import Glibc
import HTTPServing
import Processes
import Testing

@testable import Coordinator

/// Streams of server-sent events over a real socket.
struct StreamTests {
    @Test func `A reader gets the backlog, then what is new, without gap or repeat`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        for _ in 0..<5 { try rig.submit() }
        let reader = try StreamReader(rig, "/fleet/stream?topic=events&after=1", events: 21)
        try #require(reader.waitForFirst())
        for _ in 0..<15 { try rig.submit() }
        let events = try reader.finished()
        #expect(events.compactMap { $0.id.flatMap { Int($0) } } == Array(2...22))
        for event in events {
            let decoded = try EventCodec.event(of: Array(event.data.utf8))
            #expect(event.id == "\(decoded.position)")
        }
    }

    @Test func `Readers that come in the midst of writing miss nothing`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        var readers: [StreamReader] = []
        for number in 0..<8 {
            for _ in 0..<4 { try rig.submit() }
            readers.append(
                try StreamReader(rig, "/fleet/stream?after=\(number)", events: 34 - number)
            )
        }
        for (number, reader) in readers.enumerated() {
            let positions = try reader.finished().compactMap { $0.id.flatMap { Int($0) } }
            #expect(positions == Array((number + 1)...34))
        }
    }

    @Test func `A reader that names a product gets that product's events only`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        try rig.submit()
        try rig.submit(ServerRig.job.replacing("repo: shop", with: "repo: shop\nproduct: other"))
        let reader = try StreamReader(rig, "/fleet/stream?after=0&product=other", events: 2)
        try #require(reader.waitForFirst())
        try rig.submit()
        try rig.submit(ServerRig.job.replacing("repo: shop", with: "repo: shop\nproduct: other"))
        let events = try reader.finished().map { try EventCodec.event(of: Array($0.data.utf8)) }
        #expect(events.map(\.product) == ["other", "other"])
        #expect(events.map(\.job) == [JobID(2), JobID(4)])
    }

    @Test func `A backlog larger than a stream's buffer arrives whole over several calls`() throws {
        var http = ServerConfiguration()
        http.streamBufferBytes = 32 << 10
        let rig = try ServerRig(http: http)
        try rig.furnish()
        let long = ServerRig.job + String(repeating: "word ", count: 1500)
        for _ in 0..<30 { try rig.submit(long) }
        var positions: [Int] = []
        var last: String? = "0"
        for _ in 0..<40 where positions.last != 32 {
            let end = try rig.client.stream(rig.url("/fleet/stream"), after: last) { event in
                positions += event.id.flatMap { Int($0) }.map { [$0] } ?? []
                return positions.last != 32
            }
            last = end.lastEventID
        }
        #expect(positions == Array(1...32))
    }

    @Test func `An event larger than a stream's buffer still arrives`() throws {
        var http = ServerConfiguration()
        http.streamBufferBytes = 16 << 10
        let rig = try ServerRig(http: http)
        try rig.furnish()
        try rig.submit(ServerRig.job + String(repeating: "word ", count: 20_000))
        let reader = try StreamReader(rig, "/fleet/stream?after=2", events: 1)
        let events = try reader.finished()
        #expect(events.map(\.id) == ["3"])
    }

    @Test func `A factory's newer order stream replaces the older one`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        let token = try rig.enlist()
        let first = try StreamReader(rig, "/fleet/stream?topic=orders", token: token, events: 9)
        try #require(rig.waitForStreams(1))
        let second = try StreamReader(rig, "/fleet/stream?topic=orders", token: token, events: 1)
        #expect(try first.finished().isEmpty, "the older one ends without an order")
        try #require(rig.waitForStreams(1))
        try rig.submit()
        let run = try #require(try rig.claim("c-1", token: token).first)
        #expect(try rig.report(run, [.started(RunStarted())], token: token).status == 200)
        #expect(try rig.ask(.post, "/fleet/jobs/job-1/cancel").status == 200)
        let order = try #require(try second.finished().first)
        #expect(order.event == "order")
        let decoded = try #require(JSONBody.value(Order.self, Array(order.data.utf8)))
        #expect(decoded.kind == .cancel && decoded.job == JobID(1) && decoded.factory == "f")
    }

    @Test func `A factory's orders reach nobody else`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        let (token, other) = (try rig.enlist("f"), try rig.enlist("g"))
        let stranger = try StreamReader(rig, "/fleet/stream?topic=orders", token: other, events: 1)
        try #require(rig.waitForStreams(1))
        #expect(try rig.ask(.post, "/fleet/factories/f/drain").status == 200)
        #expect(try rig.ask(.post, "/fleet/factories/g/drain").status == 200)
        let event = try #require(try stranger.finished().first)
        #expect(JSONBody.value(Order.self, Array(event.data.utf8))?.factory == "g")
        _ = token
    }

    @Test func `A position that is not reached yet is answered with a reset`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        let reader = try StreamReader(rig, "/fleet/stream?after=99", events: 1)
        #expect(try reader.finished().map(\.event) == ["reset"])
    }
}

/// Reads a stream on a thread of its own until it has had enough events.
final class StreamReader: Sendable {
    private struct State {
        var events: [ServerSentEvent] = []
        var outcome: String?
    }

    private let state = Monitor(State())
    private let cancellation = Cancellation()

    init(_ rig: ServerRig, _ path: String, token: String? = nil, events count: Int) throws {
        let headers: HTTPHeaders = token.map { ["Authorization": "Bearer \($0)"] } ?? [:]
        let url = rig.url(path)
        try DedicatedThread.start { [state, cancellation] in
            do throws(HTTPClientFault) {
                let end = try HTTPClient().events(
                    url,
                    headers: headers,
                    silenceLimit: .seconds(20),
                    cancellation: cancellation
                ) { event in
                    state.change { state in
                        state.events.append(event)
                        return state.events.count < count
                    }
                }
                state.change { $0.outcome = end.endedByCaller ? "enough" : "closed" }
            } catch {
                state.change { $0.outcome = "\(error)" }
            }
        }
    }

    deinit { cancellation.cancel() }

    struct NeverEnded: Error { let events: Int }

    func waitForFirst() -> Bool {
        state.wait(until: .after(.seconds(20))) { $0.events.isEmpty ? nil : true } ?? false
    }

    /// What came until there was enough or the server closed.
    func finished() throws -> [ServerSentEvent] {
        let found = state.wait(until: .after(.seconds(20))) { state in
            state.outcome == nil ? nil : state.events
        }
        guard let found else { throw NeverEnded(events: state.read { $0.events.count }) }
        return found
    }
}

extension ServerRig {
    /// Opening a stream is announced by nothing but a comment, which no reader gets to see.
    fileprivate func waitForStreams(_ count: Int) -> Bool {
        for _ in 0..<2_000 where server.openStreams != count { usleep(5_000) }
        return server.openStreams == count
    }
}

extension HTTPClient {
    /// `events` with errors that a macro can carry.
    fileprivate func stream(
        _ url: String,
        after last: String?,
        _ onEvent: (ServerSentEvent) -> Bool
    ) throws -> EventStreamEnd {
        try events(url, lastEventID: last, silenceLimit: .seconds(20), onEvent: onEvent)
    }
}
