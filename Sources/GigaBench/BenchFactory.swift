import FleetModel
import FleetProtocol
import HTTPServing
import Processes

/// A factory that does nothing but talk: the coordinator is what is measured.
final class BenchFactory: Sendable {
    private let server: BenchServer
    private let id: FactoryID
    private let token: String
    private let boot = "bench"
    private let claims = Monitor(0)

    init(_ server: BenchServer, name: String) throws {
        self.server = server
        id = FactoryID(name)
        let station = Station(engine: "shell", classes: ["script"], count: 1)
        let reply = try server.send(
            .post,
            "/fleet/factories",
            RegisterRequest(
                name: name,
                boot: boot,
                facts: [try Fact(parsing: "bench:\(name)")],
                stations: [station]
            ),
            by: HTTPClient(),
            as: RegisterReply.self
        )
        token = reply.token ?? ""
    }

    /// The job can only go to this factory, so that no life waits for another's.
    private var submission: SubmitRequest { submission(of: 1) }

    private func submission(of jobs: Int) -> SubmitRequest {
        let text = """
            ---
            engine: shell
            repo: bench
            capabilities: ["bench:\(id)"]
            ---
            # Bench

            ```sh
            true
            ```

            """
        return SubmitRequest(
            files: (1...jobs).map { .init(name: "bench-\($0).md", text: text) }
        )
    }

    /// A whole request of this factory, head and body.
    func request(_ path: String, _ body: some Encodable) -> [UInt8] {
        server.request(path, body, token: token)
    }

    /// The submission comes from whoever serves the coordinator.
    var submissionRequest: [UInt8] { submissionRequest(of: 1) }

    func submissionRequest(of jobs: Int) -> [UInt8] {
        server.request("/fleet/jobs", submission(of: jobs), token: nil)
    }

    /// From sending a submission until the waiting claim's answer was read, in nanoseconds.
    func timeToLease() throws -> Int64 {
        let answered = Monitor<(lease: Lease?, at: Int64, fault: String?)?>(nil)
        let waiting = HTTPClient()
        try DedicatedThread.start { [self] in
            do {
                let lease = try claim(waiting)
                answered.change { $0 = (lease, Moment.now, nil) }
            } catch {
                answered.change { $0 = (nil, Moment.now, "\(error)") }
            }
        }
        // The claim must lie at the coordinator before the clock starts.
        _ = claims.wait(until: .after(.milliseconds(5))) { _ in Bool?.none }
        let client = HTTPClient()
        let begin = Moment.now
        _ = try server.send(.post, "/fleet/jobs", submission, by: client, as: SubmitReply.self)
        guard let answer = answered.wait(until: .after(.seconds(10)), for: { $0 }),
            let lease = answer.lease
        else { throw BenchFault.refused("claim", "no lease came") }
        try report([.started(RunStarted())], lease, client)
        try report(Self.ending, lease, client)
        return answer.at - begin
    }

    private func claim(_ client: HTTPClient) throws -> Lease {
        let number = claims.change { count in
            count += 1
            return count
        }
        let reply = try server.send(
            .post,
            "/fleet/leases/claim",
            claim("\(id)-\(number)"),
            token: token,
            by: client,
            as: ClaimReply.self
        )
        guard let lease = reply.leases.first?.lease else {
            throw BenchFault.refused("claim", "answered empty")
        }
        return lease
    }

    /// One station waits for up to ten seconds.
    func claim(_ name: String) -> ClaimRequest {
        ClaimRequest(
            id: name,
            factory: id,
            boot: boot,
            free: [Station(engine: "shell", classes: ["script"], count: 1)],
            takesShip: false,
            waitMilliseconds: 10_000
        )
    }

    /// A candidate that passed every gate.
    static var ending: [RunReportItem] {
        let commit = String(repeating: "a", count: 40)
        let candidate = Candidate(
            commit: commit,
            tree: commit,
            base: commit,
            branch: "bench",
            patchID: commit
        )
        let evidence = Evidence.Gate.allCases.map { gate in
            RunReportItem.evidence(
                Evidence(gate: gate, verdict: .passed, commit: commit, summary: "fine")
            )
        }
        return [.finished(RunFinished(candidate: candidate))] + evidence + [.evidenceComplete]
    }

    private func report(_ items: [RunReportItem], _ lease: Lease, _ client: HTTPClient) throws {
        _ = try server.send(
            .post,
            "/fleet/runs/\(lease.run)/events",
            ReportRequest(fence: lease.fence, items: items),
            token: token,
            by: client,
            as: Receipt.self
        )
    }

    func leave() throws {
        _ = try server.send(
            .delete,
            "/fleet/factories/\(id)",
            VerbRequest(),
            by: HTTPClient(),
            as: Receipt.self
        )
    }
}
