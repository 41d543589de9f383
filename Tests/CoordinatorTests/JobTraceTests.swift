import FleetCore
import FleetModel
import FleetProtocol
import FleetTesting
import HTTPServing
import Testing

@testable import Coordinator

/// A job's life as spans: the same bytes for the same events, with every span inside its parent.
struct JobTraceTests {
    /// Built, lost, built again, judged, shipped.
    private func shipped() -> (TestFleet, JobID) {
        var fleet = TestFleet()
        fleet.register("f")
        fleet.beatNow("f")
        let id = fleet.submit(.example())[0]
        fleet.tick(after: .seconds(2))
        fleet.build(id, on: "f")
        fleet.pass(.seconds(61), beating: [])
        fleet.beatNow("f")
        let run = fleet.build(id, on: "f")
        fleet.pass(.seconds(5), beating: ["f"])
        let usage = Usage(inputTokens: 12, outputTokens: 3)
        let finished = RunFinished(
            candidate: .example(),
            usage: usage,
            model: "m-1",
            spendMicroUSD: 70
        )
        fleet.report(run, .finished(finished))
        fleet.pass(.seconds(1), beating: ["f"])
        fleet.judge(run)
        fleet.run(.ship(id, by: .alice))
        let ship = fleet.grant(id, to: "f", free: 0)
        fleet.pass(.seconds(3), beating: ["f"])
        fleet.report(ship, .merged("merge-1"))
        return (fleet, id)
    }

    private func trace(
        _ fleet: TestFleet,
        _ id: JobID,
        _ name: String = "abcdefghij"
    ) -> JobTrace? {
        JobTimeline(fleet.events.filter { $0.job == id })?.trace(of: name)
    }

    private func spans(_ trace: JobTrace?) -> [JobTrace.Span] {
        trace?.resourceSpans.flatMap(\.scopeSpans).flatMap(\.spans) ?? []
    }

    private func milliseconds(_ text: String) -> Int64 { (Int64(text) ?? 0) / 1_000_000 }

    @Test func `events without a submission are no life`() {
        let (fleet, id) = shipped()
        #expect(JobTimeline([]) == nil)
        #expect(JobTimeline(Array(fleet.events.filter { $0.job == id }.dropFirst())) == nil)
    }

    @Test func `a shipped job reads like its history`() throws {
        let (fleet, id) = shipped()
        let all = spans(trace(fleet, id))
        let begin = try #require(all.first.map { milliseconds($0.startTimeUnixNano) })
        let names = Dictionary(
            all.map { ($0.spanId, $0.name) },
            uniquingKeysWith: { first, _ in first }
        )
        let lines = all.map { span in
            let from = milliseconds(span.startTimeUnixNano) - begin
            let to = milliseconds(span.endTimeUnixNano) - begin
            let parent = span.parentSpanId.flatMap { names[$0] } ?? "-"
            return "\(parent) > \(span.name) \(from)...\(to) status \(span.status.code)"
        }
        #expect(
            lines == [
                "- > job 0...72000 status 1",
                "job > stage queued 0...2000 status 0",
                "job > stage assigned 2000...2000 status 0",
                "job > stage building 2000...62000 status 0",
                "job > stage queued 62000...63000 status 0",
                "job > stage assigned 63000...63000 status 0",
                "job > stage building 63000...68000 status 0",
                "job > stage review 68000...69000 status 0",
                "job > stage testing 69000...72000 status 0",
                "job > run attempt 2000...62000 status 2",
                "run attempt > invoke_agent shell 2000...62000 status 2",
                "job > run attempt 63000...69000 status 1",
                "run attempt > invoke_agent shell 63000...68000 status 1",
                "run attempt > gate scope 69000...69000 status 1",
                "run attempt > gate secrets 69000...69000 status 1",
                "run attempt > gate verify 69000...69000 status 1",
                "job > run ship 69000...72000 status 1",
            ]
        )
        let engine = try #require(all.filter { $0.name == "invoke_agent shell" }.last)
        #expect(engine.attributes.contains(.text("gen_ai.request.model", "m-1")))
        #expect(engine.attributes.contains(.number("gen_ai.usage.input_tokens", 12)))
        #expect(engine.attributes.contains(.number("gen_ai.usage.output_tokens", 3)))
        #expect(
            !engine.attributes.contains { $0.key.contains("reasoning") },
            "unknown is not zero"
        )
    }

    @Test func `the form is that of OTLP, and ids are the known hashes`() throws {
        let event = Event(
            position: 7,
            product: "main",
            seq: 1,
            at: Instant(milliseconds: 1_700_000_000_123),
            actor: .alice,
            job: JobID(3),
            body: try #require(submission())
        )
        let timeline = try #require(JobTimeline([event]))
        let bytes = try #require(JSONBody.bytes(timeline.trace(of: "abcdefghij")))
        let text = String(decoding: bytes, as: UTF8.self)
        let trace = "dacf982d58076f744a6a78e8c70e00bd"
        let (root, stage) = ("e1a88665bbef1210", "b4f02fa30f1ac466")
        let start = "\"startTimeUnixNano\":\"1700000000123000000\""
        let end = "\"endTimeUnixNano\":\"1700000000123000000\""
        #expect(text.contains("\"traceId\":\"\(trace)\""))
        #expect(text.contains("\"spanId\":\"\(root)\""))
        #expect(text.contains("\"parentSpanId\":\"\(root)\""))
        #expect(text.contains("\"spanId\":\"\(stage)\""))
        #expect(text.contains(start) && text.contains(end))
        #expect(text.contains("{\"key\":\"giga.job.id\",\"value\":{\"stringValue\":\"job-3\"}}"))
        #expect(text.contains("{\"key\":\"giga.span.open\",\"value\":{\"boolValue\":true}}"))
        #expect(!text.contains("null"), "what is not there is left out")
    }

    private func submission() -> EventBody? {
        var fleet = TestFleet()
        let id = fleet.submit(.example())[0]
        return fleet.events.first { $0.job == id }?.body
    }

    @Test func `ids rest on fleet, job and run alone, and no two spans share one`() {
        let (fleet, id) = shipped()
        let all = spans(trace(fleet, id))
        #expect(trace(fleet, id) == trace(shipped().0, id))
        #expect(Set(all.map(\.traceId)).count == 1 && Set(all.map(\.spanId)).count == all.count)
        for span in all {
            #expect(span.traceId.utf8.count == 32 && span.spanId.utf8.count == 16)
        }
        let other = spans(trace(fleet, id, "jihgfedcba"))
        #expect(Set(other.map(\.spanId)).isDisjoint(with: all.map(\.spanId)))
        #expect(other.first?.traceId != all.first?.traceId)
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `whatever happened, spans lie in their parents and their ids stay`(seed: UInt64) throws {
        let fleet = RandomHistory(seed: seed, steps: 500).fleet
        for job in fleet.state.jobs.values {
            let events = fleet.events.filter { $0.job == job.id }
            let timeline = try #require(JobTimeline(events))
            #expect(timeline.job.stage == job.stage && timeline.tenures.count == job.runs.count)
            let all = spans(timeline.trace(of: "abcdefghij"))
            let known = Dictionary(
                all.map { ($0.spanId, $0) },
                uniquingKeysWith: { first, _ in
                    Issue.record("\(job.id) has \(first.name) twice")
                    return first
                }
            )
            for span in all.dropFirst() {
                let parent = try #require(span.parentSpanId.flatMap { known[$0] })
                let (from, to) = (
                    milliseconds(span.startTimeUnixNano), milliseconds(span.endTimeUnixNano)
                )
                #expect(from <= to)
                #expect(milliseconds(parent.startTimeUnixNano) <= from)
                #expect(to <= milliseconds(parent.endTimeUnixNano), "\(job.id) \(span.name)")
            }
            let half = spans(
                JobTimeline(Array(events.prefix(events.count / 2 + 1)))?.trace(of: "abcdefghij")
            )
            #expect(Set(half.map(\.spanId)).isSubset(of: all.map(\.spanId)))
        }
    }

    @Test func `it is read over the API, by who may read the job`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        let id = try rig.submit()
        let reply = try rig.ask(.get, "/fleet/jobs/\(id)/trace")
        let trace = try rig.value(JobTrace.self, reply)
        #expect(spans(trace).map(\.name) == ["job", "stage queued"])
        #expect(try rig.ask(.get, "/fleet/jobs/job-9/trace").problem?.code == "job.unknown")
    }
}
