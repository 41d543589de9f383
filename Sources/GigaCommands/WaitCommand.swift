import FleetModel
import FleetProtocol
import HTTPServing
import Manifests
import Processes

/// `giga wait`: returns when every named job has reached a stage, or can no longer reach it.
enum WaitCommand {
    static let usage = Usage(
        "wait",
        .work,
        "Wait until jobs have reached a stage",
        positionals: "ID…",
        options: [
            .value("for", "STAGE", "shipped (default), testing, failed, dead_letter, …"),
            .value("timeout", "DURATION", "Give up after so long and end with 8"),
        ],
        example: "giga wait job-12 --for shipped --timeout 60s"
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let ids = try arguments.some("ID")
        let name = arguments.value("for") ?? Stage.shipped.rawValue
        guard let stage = Stage(rawValue: name) else {
            throw .usage(
                "There is no stage \(name)",
                why: "stages are " + Stage.allCases.map(\.rawValue).joined(separator: ", "),
                hint: usage.example
            )
        }
        let limit = try Durations.option("timeout", arguments)
        let client = try CoordinatorClient(arguments, shop)
        let wait = JobWait(client, ids: ids, stage: stage)
        switch try wait.run(limit: limit) {
        case .reached: return .done
        case .outOfReach(let id, let ended):
            shop.console.say("\(id) ended in \(ended.rawValue), not in \(stage.rawValue)")
            return .failed
        case .timeUp(let open):
            shop.console.say("time is up; still open: \(open.sorted().joined(separator: ", "))")
            return .waitedTooLong
        }
    }
}

/// Waits on the event stream, so that nothing is polled.
struct JobWait {
    enum Outcome {
        case reached
        case outOfReach(String, Stage)
        case timeUp([String])
    }

    private let client: CoordinatorClient
    private let ids: [String]
    private let stage: Stage

    init(_ client: CoordinatorClient, ids: [String], stage: Stage) {
        self.client = client
        self.ids = ids
        self.stage = stage
    }

    func run(limit: Timespan?) throws(CommandFault) -> Outcome {
        let cancellation = Cancellation()
        let finished = Monitor(false)
        if let limit {
            try Self.timer(limit, finished, cancellation)
        }
        defer { finished.change { $0 = true } }
        var position = try client.get("/fleet/stats", as: FleetStatus.self).position
        while true {
            if let outcome = try outcome() { return outcome }
            if cancellation.isCancelled { return .timeUp(try open()) }
            try client.events(after: position, cancellation: cancellation) { event in
                // Whatever happens to one of the jobs is worth another look; then on from there.
                if let seen = event.id.flatMap({ UInt64($0) }) { position = seen }
                return !ids.contains { event.data.contains("\"job\":\"\($0)\"") }
            }
        }
    }

    private static func timer(
        _ limit: Timespan,
        _ finished: Monitor<Bool>,
        _ cancellation: Cancellation
    ) throws(CommandFault) {
        do {
            try DedicatedThread.start {
                let deadline = Deadline.after(.milliseconds(limit.milliseconds))
                _ = finished.wait(until: deadline) { $0 ? true : nil }
                cancellation.cancel()
            }
        } catch {
            throw CommandFault(
                .failed,
                "command.no-thread",
                what: "The timer could not be started",
                why: "\(error)",
                hint: "try again without --timeout"
            )
        }
    }

    private func open() throws(CommandFault) -> [String] {
        var open: [String] = []
        for id in ids where try !hasReached(id).0 { open.append(id) }
        return open
    }

    private func outcome() throws(CommandFault) -> Outcome? {
        var isAll = true
        for id in ids {
            let (reached, ended) = try hasReached(id)
            if reached { continue }
            if let ended { return .outOfReach(id, ended) }
            isAll = false
        }
        return isAll ? .reached : nil
    }

    /// A stage counts as reached when the job is in it or went through it.
    private func hasReached(_ id: String) throws(CommandFault) -> (Bool, Stage?) {
        let job = try client.get("/fleet/jobs/\(Percent.encoded(id))", as: JobDetail.self)
        let now = job.summary.stage
        if now == stage { return (true, nil) }
        if try wentThrough(id) { return (true, nil) }
        return (false, now.isEnded ? now : nil)
    }

    private func wentThrough(_ id: String) throws(CommandFault) -> Bool {
        let kinds: [String] =
            switch stage {
            case .queued: ["job.submitted"]
            case .assigned: ["job.assigned"]
            case .building: ["run.started"]
            case .review: ["evidence.recorded", "gate.evaluated"]
            case .testing: ["job.passed", "job.promoted"]
            case .shipped: ["job.shipped"]
            case .failed: ["job.failed"]
            case .deadLetter: ["job.dead_lettered"]
            }
        let bytes = try client.bytes("/fleet/jobs/\(Percent.encoded(id))/events")
        return bytes.split(separator: 10).contains { line in
            JSONBody.value(EventLine.self, Array(line)).map { kinds.contains($0.kind) } ?? false
        }
    }
}
