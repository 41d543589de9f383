import FleetModel
import FleetProtocol
import HTTPServing
import Processes

/// The demo while it runs: two factories, nine jobs, and one factory that is killed on purpose.
struct DemoFleet {
    private let coordinator: any RunningCoordinator
    private let client: CoordinatorClient
    private let shop: Shop
    private let interrupt: Interrupt
    private let folder: String
    private let steady: FactoryProcess
    private let doomed: FactoryProcess

    /// Starts both factories and returns when both are known to the coordinator.
    init(
        _ coordinator: any RunningCoordinator,
        folder: String,
        _ interrupt: Interrupt,
        _ shop: Shop
    ) throws(CommandFault) {
        self.coordinator = coordinator
        self.interrupt = interrupt
        self.shop = shop
        self.folder = folder
        client = CoordinatorClient(url: coordinator.url, token: coordinator.token)
        steady = try FactoryProcess.start(
            "north",
            stations: "shell=2",
            facts: "has:editor",
            data: folder + "/north",
            for: coordinator,
            shop
        )
        do {
            doomed = try FactoryProcess.start(
                "south",
                stations: "shell=2",
                data: folder + "/south",
                for: coordinator,
                shop
            )
        } catch {
            steady.stop()
            throw error
        }
    }

    func stop() {
        steady.stop()
        doomed.child.stop(.brisk)
    }

    /// Registers the repository, waits for both factories, and submits the nine jobs.
    func submit(origin: String, verify: String) throws(CommandFault) {
        let repository = Repository(name: "textkit", url: origin, target: "main", verify: verify)
        try client.put("/fleet/repos/textkit", repository, as: Receipt.self)
        try watch(seconds: 30, from: 0) { kind, _ throws(CommandFault) in
            guard kind.isEmpty || kind.hasPrefix("factory.") else { return false }
            let list = try client.factories()
            return list.factories.count == 2
        }
        let request = SubmitRequest(
            files: DemoProject.jobs.map { .init(name: $0.name, text: $0.text) },
            repo: "textkit",
            profile: "developer"
        )
        try client.post("/fleet/jobs", request, as: SubmitReply.self)
    }

    /// Kills the second factory as soon as it has a job in building, then waits for the rest.
    ///
    /// - Returns: the job that the killed factory was building; empty when it never had one.
    func killAndSettle(within seconds: Int64) throws(CommandFault) -> String {
        var killed = ""
        try watch(seconds: seconds, from: 0) { kind, event throws(CommandFault) in
            if killed.isEmpty, kind == "run.started", event?.factory == doomed.name {
                doomed.child.signal(9)
                killed = event?.job ?? ""
                shop.console.say("killed the factory south while it was building \(killed)")
            }
            return try isSettled()
        }
        return killed
    }

    /// Nothing moves any more without a person.
    private func isSettled() throws(CommandFault) -> Bool {
        // A job that waits for another one moves only when that one does.
        let waits: Set<String> = [
            "awaiting-ship", "awaiting-promotion", "merge-conflict", "target-moves-too-fast",
            "push-refused", "target-unreachable", "awaiting-dependency-ship",
            "waiting-dependency", "dependency-failed",
        ]
        return try JobsCommand.all(client).jobs.allSatisfy { job in
            job.stage.isEnded || job.condition.map(waits.contains) == true
        }
    }

    func list() throws(CommandFault) -> [JobSummary] { try JobsCommand.all(client).jobs }

    /// Calls `look` for every event, and once before the first; returns when it says so.
    private func watch(
        seconds: Int64,
        from position: UInt64,
        _ look: (String, EventLine?) throws(CommandFault) -> Bool
    ) throws(CommandFault) {
        let cancellation = Cancellation()
        interrupt.cancels(cancellation)
        let finished = Monitor(false)
        defer { finished.change { $0 = true } }
        do {
            try DedicatedThread.start {
                _ = finished.wait(until: .after(.seconds(seconds))) { $0 ? true : nil }
                cancellation.cancel()
            }
        } catch {
            throw CommandFault(
                .failed,
                "command.no-thread",
                what: "The timer could not be started",
                why: "\(error)",
                hint: "try again"
            )
        }
        var fault: CommandFault?
        if try look("", nil) { return }
        try client.events(after: position, cancellation: cancellation) { event in
            let line = JSONBody.value(EventLine.self, Array(event.data.utf8))
            do throws(CommandFault) { return try !look(line?.kind ?? "", line) } catch {
                fault = error
                return false
            }
        }
        if let fault { throw fault }
        try interrupt.check()
    }
}
