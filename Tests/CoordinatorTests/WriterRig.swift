import FleetCore
import FleetModel
import FleetPorts
import FleetTesting
import Processes
import Routing
import Stores
import Synchronization

@testable import Coordinator

/// A writer on a store and a clock that the test commands.
final class WriterRig: Sendable {
    typealias CommandResult = Result<Writer.Committed, Refusal>
    typealias ClaimResult = Result<[GrantedRun], Refusal>

    let writer = Writer()
    let disk = MemoryDisk(fleetID: "abcdefghij")
    let store = Monitor(SpyStore.Control())
    let model: ReadModel
    let clock = Mutex(Instant(milliseconds: 1_000_000))
    let answers = Monitor<[String: CommandResult]>([:])
    let claims = Monitor<[String: ClaimResult]>([:])
    let tickets = Monitor<[String: Writer.ClaimTicket]>([:])
    let faults = Monitor<[StoreFault]>([])
    /// What `notice` was told: nil is that the store is back.
    let notices = Monitor<[StoreFault?]>([])
    let publications = Monitor<[Publication]>([])
    /// What happened on the writer's thread, in order: `publish`, then the answers' names.
    let order = Monitor<[String]>([])

    init() throws {
        let settings = FleetSettings(fleetID: "abcdefghij", weights: .standard)
        model = ReadModel(state: FleetState(), settings: settings, now: .epoch)
        try writer.start(
            fleet: Fleet(
                state: FleetState(),
                settings: settings,
                coding: Explanations.coded
            ),
            store: SpyStore(disk, store),
            clock: { [self] in clock.withLock { $0 } },
            salt: { [1, 2, 3] },
            publish: { [self] publication in
                model.take(publication)
                order.change { $0.append("publish") }
                publications.change { $0.append(publication) }
            },
            fail: { [faults] fault in faults.change { $0.append(fault) } },
            notice: { [notices] fault in notices.change { $0.append(fault) } }
        )
    }

    func submit(_ name: String, _ command: Command) {
        writer.submit(command) { [self] result in
            order.change { $0.append(name) }
            answers.change { $0[name] = result }
        }
    }

    func claim(_ name: String, _ id: String, _ factory: FactoryID = "f") {
        let until = clock.withLock { $0.advanced(by: .seconds(30)) }
        let claim = Claim(
            id: id,
            factory: factory,
            boot: "boot-1",
            free: [.shell(1)],
            takesShip: true,
            until: until
        )
        let ticket = writer.submit(claim) { [self] result in
            order.change { $0.append(name) }
            claims.change { $0[name] = result }
        }
        tickets.change { $0[name] = ticket }
    }

    /// Submits, and waits for the answer.
    @discardableResult
    func perform(_ command: Command) throws -> Writer.Committed {
        let name = "perform"
        answers.change { $0[name] = nil }
        submit(name, command)
        return try answer(name).get()
    }

    struct NoAnswer: Error { let name: String }

    func answer(_ name: String) throws -> CommandResult {
        guard let found = answers.wait(until: .after(.seconds(60)), for: { $0[name] }) else {
            throw NoAnswer(name: name)
        }
        return found
    }

    func claimAnswer(_ name: String) throws -> ClaimResult {
        guard let found = claims.wait(until: .after(.seconds(60)), for: { $0[name] }) else {
            throw NoAnswer(name: name)
        }
        return found
    }

    /// Keeps the writer busy while `body` queues commands, so that they become one batch.
    func together(_ body: () -> Void) throws {
        let gate = Monitor((isHere: false, mayGo: false))
        _ = writer.look { _ in
            gate.change { $0.isHere = true }
            _ = gate.wait { $0.mayGo ? true : nil }
        }
        guard gate.wait(until: .after(.seconds(60)), for: { $0.isHere ? true : nil }) != nil else {
            throw NoAnswer(name: "look")
        }
        body()
        gate.change { $0.mayGo = true }
    }

    /// Holds the store inside its next commit; returns when `release` is called.
    func hold() { store.change { $0.isHeld = true } }
    func release() { store.change { $0.isHeld = false } }
    func waitForCommit() throws {
        let isIn = store.wait(until: .after(.seconds(60))) { $0.isInCommit ? true : nil }
        if isIn == nil { throw NoAnswer(name: "commit") }
    }

    /// A registered factory that was heard of, a repository and a profile.
    func furnish() throws {
        try perform(.putRepository(.shop, by: .alice))
        try perform(.putProfile(.developer, by: .alice))
        try perform(.register(.example("f")))
        try perform(.heartbeat(Heartbeat(factory: "f", boot: "boot-1", held: [], load: 0)))
    }
}
