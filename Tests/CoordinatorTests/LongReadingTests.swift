import FleetCore
import FleetModel
import FleetPorts
import FleetProtocol
import Glibc
import HTTPServing
import Processes
import Synchronization
import Testing

@testable import Coordinator

/// Answers that take a long way: in steps, in turn, and for nobody who has left.
struct LongReadingTests {
    /// Goes on until somebody says stop.
    private struct Endless: LongRead {
        let isStopped: Monitor<Bool>
        let steps: Monitor<Int>

        func step() -> HTTPResponse? {
            steps.change { $0 += 1 }
            return isStopped.read { $0 } ? .empty(204) : nil
        }
    }

    private struct Short: LongRead {
        func step() -> HTTPResponse? { .text(200, "short") }
    }

    private func responder(_ answer: Monitor<HTTPResponse?>) -> HTTPResponder {
        HTTPResponder { response in
            answer.change { known in
                guard known == nil else { return false }
                known = response
                return true
            }
        }
    }

    @Test func `A short question is answered beside an endless one`() throws {
        let reading = LongReading()
        try reading.start()
        defer { reading.stop() }
        let endless = Endless(isStopped: Monitor(false), steps: Monitor(0))
        let (long, short) = (Monitor<HTTPResponse?>(nil), Monitor<HTTPResponse?>(nil))
        try reading.ask(endless, by: nil, responder(long))
        #expect(endless.steps.wait(until: .after(.seconds(20))) { $0 > 3 ? true : nil } == true)
        try reading.ask(Short(), by: nil, responder(short))
        #expect(short.wait(until: .after(.seconds(20))) { $0 }?.status == 200)
        #expect(long.read { $0 } == nil)
        endless.isStopped.change { $0 = true }
        #expect(long.wait(until: .after(.seconds(20))) { $0 }?.status == 204)
    }

    @Test func `More than there is room for are sent away, and the end answers the rest`() throws {
        let reading = LongReading()
        let answers = (0..<257).map { _ in Monitor<HTTPResponse?>(nil) }
        for answer in answers.prefix(256) {
            try reading.ask(Short(), by: nil, responder(answer))
        }
        #expect(throws: Problem.self) {
            try reading.ask(Short(), by: nil, responder(answers[256]))
        }
        #expect(reading.count == 256)
        reading.stop()
        #expect(answers.prefix(256).allSatisfy { $0.read { $0?.status } == 500 })
    }

    @Test func `Nobody works on for a client that has left`() throws {
        let reading = LongReading()
        try reading.start()
        defer { reading.stop() }
        let endless = Endless(isStopped: Monitor(false), steps: Monitor(0))
        let server = HTTPServer { _, responder in
            try? reading.ask(endless, by: nil, responder)
        }
        try server.start()
        defer { server.stop() }
        let reader = try StalledReader(port: try #require(server.port), "/")
        #expect(endless.steps.wait(until: .after(.seconds(20))) { $0 > 3 ? true : nil } == true)
        reader.leave()
        let limit = Deadline.after(.seconds(20))
        while reading.count > 0, !limit.hasPassed { sched_yield() }
        #expect(reading.count == 0)
    }

    /// Many batches, of which only the last has an event of the product `side`.
    private final class LongHistory: StoreHistory {
        let size: UInt64
        let asked = Mutex<[Int]>([])

        init(size: UInt64) { self.size = size }

        func batches(from position: UInt64, limit: Int) throws(StoreFault) -> [PackedEvents] {
            asked.withLock { $0.append(limit) }
            guard position <= size else { return [] }
            return (position..<min(position + UInt64(limit), size + 1)).map { position in
                let product = position == size ? "side" : "main"
                let line = "{\"position\":\(position),\"product\":\"\(product)\",\"seq\":1}"
                return PackedEvents(
                    firstPosition: position,
                    lastPosition: position,
                    bytes: Array(line.utf8)
                )
            }
        }

        func batches(ofJob job: String, product: String) throws(StoreFault) -> [PackedEvents] { [] }
        func job(_ number: UInt64) throws(StoreFault) -> [UInt8]? { nil }
        func jobs(_ page: JobPage) throws(StoreFault) -> [ListedJob] { [] }

        func fetch(
            table: StoreTable,
            product: String,
            key: String
        ) throws(StoreFault) -> [UInt8]? { nil }
    }

    @Test func `What is of other products is read past, a few batches at a step`() throws {
        let history = LongHistory(size: 5_000)
        var scan = EventScan(after: 0, of: ["side"], in: history)
        var steps = 1
        var response = try scan.step()
        while response == nil {
            steps += 1
            response = try scan.step()
        }
        #expect(response?.text == "{\"position\":5000,\"product\":\"side\",\"seq\":1}\n")
        #expect(steps >= 5_000 / 16)
        #expect(history.asked.withLock { $0.allSatisfy { $0 <= 16 } })
        var rest = EventScan(after: 5_000, of: ["side"], in: history)
        #expect(try rest.step()?.body == [])
        var last = EventScan(after: .max, of: [], in: history)
        #expect(try last.step()?.body == [])
    }

    @Test func `A page of everything ends after so many batches, and the next goes on`() throws {
        let history = LongHistory(size: 150)
        var (after, pages): (UInt64, [Int]) = (0, [])
        while true {
            var scan = EventScan(after: after, of: [], in: history)
            var response = try scan.step()
            while response == nil { response = try scan.step() }
            let lines = try #require(response).body.split(separator: 10).count
            if lines == 0 { break }
            pages.append(lines)
            after += UInt64(lines)
        }
        #expect(pages == [64, 64, 22])
    }

    @Test func `A list over more jobs than a slice has each of them once`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        let count = FleetAPI.slice + 40
        for number in 1...count {
            try rig.submit(ServerRig.job.replacing("Fix the till", with: "Fix \(number)."))
        }
        for query in ["stage=queued&text=fix", "stage=queued&sort=-id", "sort=-id", "stage=queued"]
        {
            var (seen, after) = ([UInt64](), "")
            repeat {
                let path = "/fleet/jobs?\(query)&limit=200\(after)"
                let page = try rig.value(JobList.self, rig.ask(.get, path))
                #expect(page.total == count, "\(query)")
                seen += page.jobs.map(\.id.number)
                after = page.next.map { "&after=\($0)" } ?? ""
            } while !after.isEmpty
            #expect(seen.sorted() == (1...UInt64(count)).map(\.self), "\(query)")
        }
    }

    @Test func `Jobs are counted by stage as they change, and each of them once`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        func expectTruth() throws {
            let stats = try rig.value(FleetStatus.self, rig.ask(.get, "/fleet/stats"))
            let jobs = rig.server.reading.state.jobs.values
            for stage in Stage.allCases where !stage.isEnded {
                let found = jobs.count { $0.stage == stage }
                #expect(stats.stages[stage.rawValue] == found, "\(stage)")
                let path = "/fleet/jobs?product=side&stage=\(stage.rawValue)"
                let side = try rig.value(JobList.self, rig.ask(.get, path))
                #expect(
                    side.total == jobs.count { $0.stage == stage && $0.terms.product == "side" }
                )
            }
        }
        try expectTruth()
        for _ in 0..<3 { try rig.submit() }
        try rig.submit(ServerRig.job.replacing("title", with: "product: side\ntitle"))
        try expectTruth()
        let token = try rig.enlist()
        let run = try #require(try rig.claim("c-1", token: token).first)
        try expectTruth()
        #expect(try rig.report(run, [.started(RunStarted())], token: token).status == 200)
        try expectTruth()
        for job in ["job-2", "job-4"] {
            #expect(try rig.ask(.post, "/fleet/jobs/\(job)/cancel").status == 200)
        }
        try expectTruth()
        #expect(try rig.ask(.post, "/fleet/jobs/job-4/requeue").status == 200)
        try expectTruth()
        #expect(try rig.ask(.delete, "/fleet/factories/f").status == 200)
        try expectTruth()
        rig.server.stop()
        let second = try ServerRig(disk: rig.disk)
        let stats = try second.value(FleetStatus.self, second.ask(.get, "/fleet/stats"))
        #expect(stats.stages["queued"] == 3 && stats.stages["failed"] == 1)
    }
}
