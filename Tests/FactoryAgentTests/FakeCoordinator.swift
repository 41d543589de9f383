import FleetModel
import FleetProtocol
import GitTesting
import HTTPServing
import Processes

@testable import FactoryAgent

/// A coordinator in this process: hands out what a test grants, and remembers what it is told.
final class FakeCoordinator: CoordinatorLink {
    struct State: Sendable {
        var grants: [GrantedRun] = []
        var claims: [ClaimRequest] = []
        /// What each claim was answered with, for repeats.
        var answers: [String: ClaimReply] = [:]
        var waiting: String?
        var reports: [(run: String, items: [RunReportItem])] = []
        var logs: [String: [UInt8]] = [:]
        var artifacts: [String: [UInt8]] = [:]
        /// Uploads of files that came, so many of which get lost, and whether none can be stored.
        var uploads = 0
        var lostUploads = 0
        var isFull = false
        var isStaleForUploads = false
        var facts: [Fact] = []
        var held: [[HeldLease]] = []
        /// What each heartbeat said of why nothing is claimed; an empty text for nothing.
        var claimsNothing: [String] = []
        /// What each heartbeat said of why the process ends; an empty text for nothing.
        var drains: [String] = []
        /// Items that are answered with 400, by name; each that came is noted.
        var malformed: Set<String> = []
        var refusedItems: [String] = []
        var orders: [Order] = []
        var repositories: [Repository] = []
        /// Runs whose lease has gone to another.
        var stale: Set<String> = []
        /// Reports that were refused as stale.
        var refused = 0
        /// Heartbeats are heard but not answered.
        var isSilent = false
        /// A person removed the factory.
        var isRemoved = false
        /// So many claim replies get lost on their way.
        var lostClaims = 0
        var tokens: [String] = []
        var isOver = false
    }

    let state = Monitor(State())
    let terms: LeaseTerms

    init(terms: LeaseTerms) { self.terms = terms }

    func use(token: String) {}

    func register(
        _ request: RegisterRequest,
        token: String
    ) throws(LinkFault) -> RegisterReply {
        let isRemoved = state.change { state in
            state.tokens.append(token)
            state.facts = request.facts
            return state.isRemoved
        }
        if isRemoved { throw .removed("user:alice removed it") }
        return RegisterReply(
            factory: FactoryID(request.name),
            token: "own-token-of-\(request.name)",
            fleet: "fleetabcde",
            leases: terms
        )
    }

    func heartbeat(
        _ request: HeartbeatRequest,
        of name: String
    ) throws(LinkFault) -> HeartbeatReply {
        if state.read(\.isRemoved) { throw .removed("user:alice removed it") }
        let isSilent = state.change { state in
            state.held.append(request.held)
            state.claimsNothing.append(request.claimsNothing ?? "")
            state.drains.append(request.drains ?? "")
            if let facts = request.facts { state.facts = facts }
            return state.isSilent
        }
        if isSilent { throw .unreachable("no answer") }
        let orders = state.read(\.orders)
        return HeartbeatReply(renewed: request.held, lost: [], orders: orders, paths: [])
    }

    func claim(
        _ request: ClaimRequest,
        _ cancellation: Cancellation
    ) throws(LinkFault) -> ClaimReply {
        state.change { state in
            state.claims.append(request)
            state.waiting = request.id
        }
        let limit = Deadline.after(.milliseconds(min(request.waitMilliseconds, 20_000)))
        _ = state.wait(until: limit) { state in
            let isReplaced = state.waiting != request.id || state.answers[request.id] != nil
            return state.isOver || isReplaced || Self.fits(state, request) ? true : nil
        }
        let (reply, isLost) = state.change { state -> (ClaimReply, Bool) in
            if let known = state.answers[request.id] { return (known, false) }
            guard state.waiting == request.id, Self.fits(state, request) else {
                return (ClaimReply(leases: []), false)
            }
            let reply = ClaimReply(leases: [state.grants.removeFirst()])
            state.answers[request.id] = reply
            state.lostClaims -= 1
            return (reply, state.lostClaims >= 0)
        }
        if isLost { throw .unreachable("the reply was lost") }
        return reply
    }

    private static func fits(_ state: State, _ request: ClaimRequest) -> Bool {
        guard let next = state.grants.first else { return false }
        guard let station = next.lease.station else { return request.takesShip }
        return request.free.contains { $0.engine == station && $0.count > 0 }
    }

    func report(_ request: ReportRequest, run: String) throws(LinkFault) {
        let isRefused = state.change { state in
            let refused = request.items.map(\.name).filter { name in
                state.malformed.contains { name.hasPrefix($0) }
            }
            state.refusedItems += refused
            return !refused.isEmpty
        }
        if isRefused {
            throw .refused(status: 400, code: "http.unreadable-body", "the body says nothing")
        }
        let isStale = state.change { state in
            if state.stale.contains(run) {
                state.refused += 1
                return true
            }
            state.reports.append((run, request.items))
            return false
        }
        if isStale { throw .stale("fence \(request.fence) was followed by another") }
    }

    func appendLog(
        _ bytes: [UInt8],
        run: String,
        fence: UInt64,
        offset: Int64
    ) throws(LinkFault) -> Int64 {
        let length: Int64? = state.change { state in
            if state.stale.contains(run) { return nil }
            var log = state.logs[run, default: []]
            log.removeSubrange(min(Int(offset), log.count)...)
            log += bytes
            state.logs[run] = log
            return Int64(log.count)
        }
        guard let length else { throw .stale("the lease went to another") }
        return length
    }

    func upload(
        _ bytes: [UInt8],
        as name: String,
        run: String,
        fence: UInt64
    ) throws(LinkFault) {
        state.change { $0.artifacts["\(run)/\(name)"] = bytes }
    }

    func upload(
        file: String,
        sha256: String,
        as name: String,
        run: String,
        fence: UInt64
    ) throws(LinkFault) {
        guard let bytes = FileTree.read(file, limit: 1 << 30), Digest(sha256: bytes).hex == sha256
        else {
            throw .refused(status: 422, code: "artifact.other-hash", "not what it was said to be")
        }
        let answer = state.change { state -> LinkFault? in
            state.uploads += 1
            if state.stale.contains(run) || state.isStaleForUploads {
                return .stale("the lease went to another")
            }
            if state.lostUploads > 0 {
                state.lostUploads -= 1
                return .unreachable("no answer")
            }
            if state.isFull { return .refused(status: 507, code: "artifact.no-room", "full") }
            state.artifacts["\(run)/\(name)"] = bytes
            return nil
        }
        if let answer { throw answer }
    }

    func repositories() throws(LinkFault) -> [Repository] { state.read(\.repositories) }

    func orders(_ cancellation: Cancellation, _ receive: (Order) -> Void) throws(LinkFault) {
        var sent = 0
        while true {
            // A cancellation cannot be waited for from here, so it is looked at now and then.
            let next = state.wait(until: .after(.milliseconds(50))) { state in
                state.orders.count > sent ? state.orders[sent] : nil
            }
            if cancellation.isCancelled { throw .cancelled }
            guard let next else { continue }
            sent += 1
            receive(next)
        }
    }
}

/// What tests wait for and look at.
extension FakeCoordinator {
    func items(of run: String) -> [RunReportItem] {
        state.read { $0.reports.filter { $0.run == run }.flatMap(\.items) }
    }

    func log(of run: String) -> String {
        state.read { String(decoding: $0.logs[run] ?? [], as: UTF8.self) }
    }

    /// Waits for the state to be as wanted; false when even a busy machine would have got there.
    func waits(for wanted: (State) -> Bool) -> Bool {
        state.wait(until: .after(OriginFolder.patience)) { wanted($0) ? true : nil } ?? false
    }

    /// Waits until a run's last word has come.
    func waitsForEnd(of run: String) -> Bool {
        waits { state in
            state.reports.contains { $0.run == run && $0.items.contains(where: \.isLast) }
        }
    }

    /// Waits until the job's own output has come.
    func waits(forOutput text: String, of run: String) -> Bool {
        waits { String(decoding: $0.logs[run] ?? [], as: UTF8.self).contains(text) }
    }

    func order(
        _ kind: Order.Kind,
        job: UInt64,
        fence: UInt64 = 1,
        reason: String,
        sparesFinished: Bool? = nil
    ) {
        let order = Order(
            factory: FactoryID("north"),
            kind: kind,
            job: JobID(job),
            fence: fence,
            reason: reason,
            sparesFinished: sparesFinished
        )
        state.change { $0.orders.append(order) }
    }
}

extension RunReportItem {
    var isLast: Bool {
        switch self {
        case .finished(let finished): finished.failure != nil
        case .evidenceComplete, .stopped, .shipMerged, .shipRefused, .waitingInput: true
        case .started, .checkpointed, .evidence, .shipStarted: false
        }
    }

    var name: String {
        switch self {
        case .started: "started"
        case .finished: "finished"
        case .checkpointed: "checkpointed"
        case .waitingInput: "waiting for input"
        case .evidence(let item): "\(item.gate.rawValue) \(item.verdict.rawValue)"
        case .evidenceComplete: "complete"
        case .stopped(let cause, _): "stopped \(cause.rawValue)"
        case .shipStarted: "ship started"
        case .shipMerged: "merged"
        case .shipRefused(let cause, _): "refused \(cause.rawValue)"
        }
    }
}
