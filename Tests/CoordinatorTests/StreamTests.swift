import FleetModel
import FleetPorts
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

    @Test func `A body that names a product does not pass for its envelope`() {
        let line = Array(
            #"{"position":7,"product":"shop","body":{"a":1,"product":"other","b":2}}"#.utf8
        )
        var page = EventPage(after: 6)
        let isTaken = page.append(line, limit: 1)
        #expect(isTaken, "the first line always fits")
        #expect(page.encoded(product: "other").isEmpty)
        let sent = String(decoding: page.encoded(product: "shop"), as: UTF8.self)
        #expect(sent.hasPrefix("id: 7\nevent: event\ndata: {\"position\":7,"))
    }

    @Test func `A history much longer than a reader's room arrives whole on one stream`() throws {
        var limits = StreamLimits()
        (limits.readerBytes, limits.recentBytes) = (8 << 10, 16 << 10)
        let rig = try ServerRig(streams: limits)
        try rig.furnish()
        let long = ServerRig.job + String(repeating: "word ", count: 1500)
        for _ in 0..<30 { try rig.submit(long) }
        let reader = try StreamReader(rig, "/fleet/stream?after=0", events: 42)
        try #require(reader.waitForFirst())
        for _ in 0..<10 { try rig.submit(long) }
        let positions = try reader.finished().compactMap { $0.id.flatMap { Int($0) } }
        #expect(positions == Array(1...42))
    }

    @Test func `An event larger than a reader's room still arrives`() throws {
        var limits = StreamLimits()
        (limits.readerBytes, limits.recentBytes) = (4 << 10, 4 << 10)
        let rig = try ServerRig(streams: limits)
        try rig.furnish()
        try rig.submit(ServerRig.job + String(repeating: "word ", count: 20_000))
        let reader = try StreamReader(rig, "/fleet/stream?after=2", events: 2)
        try #require(reader.waitForFirst())
        try rig.submit(ServerRig.job + String(repeating: "word ", count: 20_000))
        let events = try reader.finished()
        #expect(events.map(\.id) == ["3", "4"])
    }

    @Test func `Long history is read without the writer`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        for _ in 0..<20 { try rig.submit() }
        rig.store.change { $0.isHeld = true }
        defer { rig.store.change { $0.isHeld = false } }
        let stuck = try StreamReader(rig, "/fleet/stream?after=0", events: 1)
        let blocked = onThread { try? rig.submit() }
        #expect(rig.store.wait(until: .after(.seconds(20))) { $0.isInCommit ? true : nil } == true)
        let reader = try StreamReader(rig, "/fleet/stream?after=0", events: 22)
        #expect(try reader.finished().count == 22)
        #expect(try stuck.finished().count == 1)
        rig.store.change { $0.isHeld = false }
        #expect(blocked() != nil)
    }

    @Test func `A reader that takes nothing is dropped, and others get everything`() throws {
        var limits = StreamLimits()
        limits.stall = .milliseconds(300)
        let rig = try ServerRig(streams: limits)
        try rig.furnish()
        let stalled = try StalledReader(port: rig.server.port, "/fleet/stream?after=0")
        let reader = try StreamReader(rig, "/fleet/stream?after=2", events: 150)
        try #require(rig.waitForStreams(2))
        let long = ServerRig.job + String(repeating: "word ", count: 20_000)
        for _ in 0..<150 { try rig.submit(long) }
        #expect(try reader.finished().count == 150)
        #expect(rig.waitForStreams(0), "the one that took nothing was dropped")
        withExtendedLifetime(stalled) {}
    }

    @Test func `There is a limit for one address, and another for all`() throws {
        var limits = StreamLimits()
        (limits.total, limits.perAddress) = (3, 2)
        let rig = try ServerRig(streams: limits)
        var held = [
            try StalledReader(port: rig.server.port, "/fleet/stream"),
            try StalledReader(port: rig.server.port, "/fleet/stream"),
        ]
        try #require(rig.waitForStreams(2))
        let refused = try rig.ask(.get, "/fleet/stream")
        #expect(refused.status == 429)
        #expect(refused.problem?.code == "stream.too-many-of-client")
        held.append(try StalledReader(port: rig.server.port, "/fleet/stream", from: "127.0.0.2"))
        try #require(rig.waitForStreams(3))
        let full = try rig.ask(.get, "/fleet/stream")
        #expect(full.status == 503)
        #expect(full.problem?.code == "stream.too-many")
        held.removeFirst()
        try #require(rig.waitForStreams(2))
        let reader = try StreamReader(rig, "/fleet/stream?after=9", events: 1)
        #expect(try reader.finished().map(\.event) == ["reset"])
    }

    @Test func `A quiet stream says now and then that it lives`() throws {
        var limits = StreamLimits()
        limits.keepAlive = .milliseconds(100)
        let rig = try ServerRig(streams: limits)
        let reader = try StalledReader(port: rig.server.port, "/fleet/stream")
        var text = ""
        while !text.contains(": alive\n\n") { text += try #require(reader.more()) }
        #expect(text.contains(": welcome\n\n"))
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

    @Test(arguments: ["99", "18446744073709551615", "job-1", "-1", "1.5"])
    func `A place that means nothing here is answered with a reset to the newest`(
        last: String
    ) throws {
        let rig = try ServerRig()
        try rig.furnish()
        let reader = try StreamReader(rig, "/fleet/stream", last: last, events: 2)
        try #require(reader.waitForFirst())
        try rig.submit()
        let events = try reader.finished()
        #expect(events.map(\.event) == ["reset", "event"])
        #expect(events.map(\.id) == ["2", "3"])
        let reason = UInt64(last) == nil ? "unknown" : "ahead"
        #expect(events[0].data == #"{"position":2,"reason":"\#(reason)"}"#)
    }

    @Test func `A position that is no number is refused`() throws {
        let rig = try ServerRig()
        let refused = try rig.ask(.get, "/fleet/stream?after=first")
        #expect(refused.status == 400)
        #expect(refused.problem?.code == "request.bad-parameter")
    }

    @Test func `A place whose followers are gone is answered with a reset`() throws {
        let feed = EventFeed(newest: 9, history: ShortHistory(), limits: StreamLimits())
        try feed.start()
        defer { feed.close() }
        let server = HTTPServer { _, responder in
            try? feed.open(from: .after(2), product: nil, address: "a", by: nil, responder)
        }
        try server.start()
        defer { server.stop() }
        let reader = try StreamReader(url: try #require(server.url) + "/", events: 1)
        let event = try #require(try reader.finished().first)
        #expect(event.event == "reset" && event.id == "9")
        #expect(event.data == #"{"position":9,"reason":"too-old"}"#)
    }
}

/// A store that has kept only what came after position 5.
private final class ShortHistory: StoreHistory {
    func batches(from position: UInt64, limit: Int) throws(StoreFault) -> [PackedEvents] {
        [PackedEvents(firstPosition: 6, lastPosition: 9, bytes: Array("{}\n{}\n{}\n{}".utf8))]
    }

    func batches(ofJob job: String, product: String) throws(StoreFault) -> [PackedEvents] { [] }

    func job(_ number: UInt64) throws(StoreFault) -> [UInt8]? { nil }
    func jobs(_ page: JobPage) throws(StoreFault) -> [ListedJob] { [] }

    func fetch(table: StoreTable, product: String, key: String) throws(StoreFault) -> [UInt8]? {
        nil
    }
}

/// Asks for a stream and then takes only what it is told to.
final class StalledReader {
    private let descriptor: Int32

    struct Failed: Error {}

    init(
        port: UInt16,
        _ path: String,
        from source: String = "127.0.0.1",
        token: String? = nil
    ) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var size: Int32 = 4_096
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4)
        guard Self.call(bind, descriptor, source, 0) == 0,
            Self.call(connect, descriptor, "127.0.0.1", port) == 0
        else { throw Failed() }
        let right = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        let head = Array("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\(right)\r\n".utf8)
        guard send(descriptor, head, head.count, Int32(MSG_NOSIGNAL)) == head.count else {
            throw Failed()
        }
    }

    deinit { close(descriptor) }

    /// Closes its side for good.
    func leave() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// The next bytes; nil at the end.
    func more() -> String? {
        var part = [UInt8](repeating: 0, count: 4_096)
        let count = recv(descriptor, &part, part.count, 0)
        return count > 0 ? String(decoding: part[..<count], as: UTF8.self) : nil
    }

    private static func call(
        _ function: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32,
        _ descriptor: Int32,
        _ host: String,
        _ port: UInt16
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr(host)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// Runs something on a thread of its own; the result waits for its end.
private func onThread<Value: Sendable>(
    _ body: @escaping @Sendable () -> Value?
) -> () -> Value? {
    let result = Monitor<Value??>(nil)
    let isStarted = (try? DedicatedThread.start { result.change { $0 = .some(body()) } }) != nil
    return { isStarted ? result.wait(until: .after(.seconds(20))) { $0 } ?? nil : nil }
}

/// Reads a stream on a thread of its own until it has had enough events.
final class StreamReader: Sendable {
    private struct State {
        var events: [ServerSentEvent] = []
        var outcome: String?
    }

    private let state = Monitor(State())
    private let cancellation = Cancellation()

    convenience init(
        _ rig: ServerRig,
        _ path: String,
        token: String? = nil,
        last: String? = nil,
        events count: Int
    ) throws {
        let headers: HTTPHeaders = token.map { ["Authorization": "Bearer \($0)"] } ?? [:]
        try self.init(url: rig.url(path), headers: headers, last: last, events: count)
    }

    init(url: String, headers: HTTPHeaders = [:], last: String? = nil, events count: Int) throws {
        try DedicatedThread.start { [state, cancellation] in
            do throws(HTTPClientFault) {
                let end = try HTTPClient().events(
                    url,
                    headers: headers,
                    lastEventID: last,
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

    /// The server ended it before the reader had enough.
    var wasClosed: Bool { state.read { $0.outcome == "closed" } }

    struct NeverEnded: Error { let events: Int }

    func waitForFirst() -> Bool {
        state.wait(until: .after(.seconds(60))) { $0.events.isEmpty ? nil : true } ?? false
    }

    /// What came until there was enough or the server closed.
    func finished() throws -> [ServerSentEvent] {
        let found = state.wait(until: .after(.seconds(60))) { state in
            state.outcome == nil ? nil : state.events
        }
        guard let found else { throw NeverEnded(events: state.read { $0.events.count }) }
        return found
    }
}

extension ServerRig {
    /// Opening a stream is announced by nothing but a comment, which no reader gets to see.
    ///
    /// So this looks again, and ends as soon as it is so.
    func waitForStreams(_ count: Int) -> Bool {
        for _ in 0..<2_000 where server.openStreams != count { usleep(5_000) }
        return server.openStreams == count
    }
}
