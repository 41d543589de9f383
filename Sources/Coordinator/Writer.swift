package import FleetCore
package import FleetModel
package import FleetPorts
import Processes
import Synchronization

/// The one thread that changes the fleet: takes what waits, decides, stores once, then answers.
///
/// Memory is ahead of the disk only inside a batch, and nobody is told anything before the commit,
/// refusals included: they may rest on a neighbour that is not stored yet.
package final class Writer: Sendable {
    package typealias Reply = @Sendable (Result<Committed, Refusal>) -> Void
    package typealias ClaimReply = @Sendable (Result<[GrantedRun], Refusal>) -> Void

    /// What a command came to, once it is durable.
    package struct Committed: Sendable {
        package let answer: Answer
        /// Position of its last event; nil when nothing changed.
        package let position: UInt64?
        /// The stage of the job that the answer names, right after the command.
        package let stage: Stage?
        /// Set when the same request was answered before: this is that answer.
        package let repeated: StoredReply?
    }

    /// A request that may come again, and how its answer is kept for that.
    package struct Repeatable: Sendable {
        /// The caller and the caller's own key.
        package let key: String
        /// SHA-256 of method, path and body: the same key with another one is refused.
        package let hash: String
        package let render: @Sendable (Committed) -> (status: Int, body: [UInt8])

        package init(
            key: String,
            hash: String,
            render: @escaping @Sendable (Committed) -> (status: Int, body: [UInt8])
        ) {
            self.key = key
            self.hash = hash
            self.render = render
        }
    }

    private enum Item: Sendable {
        case command(Command, Repeatable?, Reply)
        case claim(Claim, ClaimTicket, ClaimReply)
        case abandon(ClaimTicket)
        case look(@Sendable (borrowing Fleet) -> Void)

        var isAbandonment: Bool {
            if case .abandon = self { true } else { false }
        }

        /// Nobody is held up when it is taken a few milliseconds later.
        var isPatient: Bool {
            if case .command(.heartbeat, _, _) = self { true } else { false }
        }

        /// False for what nobody waits for, or what cannot be told no.
        func refuse(_ refusal: Refusal) -> Bool {
            switch self {
            case .command(_, _, let reply): reply(.failure(refusal))
            case .claim(_, _, let reply): reply(.failure(refusal))
            case .look, .abandon: return false
            }
            return true
        }
    }

    private struct Inbox: Sendable {
        var items: [Item] = []
        /// Some of them are not patient.
        var isPressing = false
        /// The store's server does not answer: nothing new is taken that would change anything.
        var isStoreAway = false
        var isStopping = false
        var hasStopped = false
    }

    /// One call that waits for a claim's answer; a repeat of the claim is another call.
    package struct ClaimTicket: Hashable, Sendable {
        let factory: FactoryID
        let claim: String
        fileprivate let number: UInt64
    }

    /// More than this at once would only make the first of them wait longer.
    private static let batchLimit = 1024
    /// Beyond this many waiting, a newcomer is asked to come back.
    private static let inboxLimit = 16_384

    /// So long heartbeats wait for each other: ten thousand factories' come one by one, and to wake
    /// for one costs more than to take it.
    private static let patience = Duration.milliseconds(5)

    private let inbox = Monitor(Inbox())
    private let tickets = Atomic<UInt64>(0)

    package init() {}

    /// Starts the thread, to which `fleet` and `store` belong from now on.
    ///
    /// `publish` is called after each commit and before its answers, on that thread or the
    /// announcer's; on the former `fail` once when a commit failed for good and nothing was
    /// answered, `notice` when the store's server is lost and when it is back, and `committed`, which
    /// hears how many events each commit stored and how long it took.
    package func start(
        fleet: Fleet,
        unwritten: [Event] = [],
        store: sending any Store,
        clock: @escaping @Sendable () -> Instant,
        salt: @escaping @Sendable () -> [UInt8],
        publish: @escaping @Sendable (Publication) -> Void,
        fail: @escaping @Sendable (StoreFault) -> Void,
        notice: @escaping @Sendable (StoreFault?) -> Void = { _ in },
        committed: @escaping @Sendable (_ events: Int, Duration) -> Void = { _, _ in }
    ) throws {
        let announcer = Announcer(publish: publish)
        let bench = WriterBench(
            fleet: fleet,
            unwritten: unwritten,
            store: PatientStore(store, outage: Outage(inbox: inbox, notice: notice)),
            clock: clock,
            salt: salt,
            announce: { [inbox] announcement in
                announcer.announce(announcement, hasMore: inbox.read { !$0.items.isEmpty })
            },
            committed: committed
        )
        let box = SingleOwner(bench)
        try announcer.start()
        do {
            try DedicatedThread.start { [inbox] in
                let bench = box.take()
                do throws(StoreFault) {
                    defer { announcer.stop() }
                    try Self.work(bench, inbox, announcer)
                } catch {
                    Self.sendAway(inbox)
                    fail(error)
                }
                bench.store.close()
                inbox.change { $0.hasStopped = true }
            }
        } catch {
            announcer.stop()
            throw error
        }
    }

    /// Queues a command; `reply` is called after the commit.
    ///
    /// A `repeatable` one is decided once: its reply is stored with what it changed, and a repeat
    /// gets that reply.
    package func submit(
        _ command: Command,
        repeatable: Repeatable? = nil,
        reply: @escaping Reply
    ) {
        if let refusal = enqueue(.command(command, repeatable, reply)) { reply(.failure(refusal)) }
    }

    /// Queues a claim; `reply` comes when something was granted, or at the claim's own end.
    ///
    /// The ticket stands for the call, should its client leave before that.
    @discardableResult
    package func submit(_ claim: Claim, reply: @escaping ClaimReply) -> ClaimTicket {
        let number = tickets.wrappingAdd(1, ordering: .relaxed).newValue
        let ticket = ClaimTicket(factory: claim.factory, claim: claim.id, number: number)
        if let refusal = enqueue(.claim(claim, ticket, reply)) { reply(.failure(refusal)) }
        return ticket
    }

    /// Takes a waiting claim back whose client has left, so that nothing is granted to nobody.
    package func abandon(_ ticket: ClaimTicket) { _ = enqueue(.abandon(ticket)) }

    /// Looks at the fleet between two batches, of which readers know as much; why not, when it
    /// cannot soon.
    package func look(_ body: @escaping @Sendable (borrowing Fleet) -> Void) -> Refusal? {
        enqueue(.look(body))
    }

    /// How many wait to be taken.
    var waiting: Int { inbox.read { $0.items.count } }

    /// Finishes what waits, closes the store, and returns when that is done.
    package func stop() {
        inbox.change { $0.isStopping = true }
        _ = inbox.wait { $0.hasStopped ? true : nil }
    }

    private func enqueue(_ item: Item) -> Refusal? {
        var refusal: Refusal?
        inbox.changeQuietly { inbox in
            if inbox.items.count >= Self.inboxLimit || inbox.isStopping {
                refusal = Self.overloaded
            } else if inbox.isStoreAway && !item.isAbandonment {
                refusal = Self.storeAway
            }
            guard refusal == nil else { return false }
            inbox.items.append(item)
            guard item.isPatient else {
                inbox.isPressing = true
                return true
            }
            // The writer sleeps, or has begun to wait for more like it.
            return inbox.items.count == 1
        }
        return refusal
    }

    static let overloaded = Refusal(
        .held,
        "coordinator.overloaded",
        what: "The coordinator cannot take more right now",
        why: "too many commands are waiting, or it is stopping",
        hint: "try again in a moment"
    )

    static let storeAway = Refusal(
        .held,
        "store.away",
        what: "The coordinator cannot store anything right now",
        why: "the server of its store does not answer; reads go on",
        hint: "try again in a moment: it connects again by itself"
    )

    /// What becomes of those who wait while the store's server is away.
    private struct Outage: StoreOutage {
        let inbox: Monitor<Inbox>
        let notice: @Sendable (StoreFault?) -> Void

        /// Sends away what was not begun, then waits; false when the coordinator is stopping.
        func wait(_ fault: StoreFault, tries: Int) -> Bool {
            if tries == 1 { notice(fault) }
            let waiting = inbox.change { inbox in
                inbox.isStoreAway = true
                defer { inbox.items = [] }
                return inbox.items
            }
            let kept = waiting.filter { !$0.refuse(Writer.storeAway) }
            inbox.change { inbox in
                inbox.items = kept + inbox.items
                inbox.isPressing = !inbox.items.isEmpty
            }
            let pause = min(1_000, 25 << min(tries, 6))
            return inbox.wait(until: .after(.milliseconds(pause))) { $0.isStopping ? true : nil }
                == nil
        }

        func end() {
            inbox.change { $0.isStoreAway = false }
            notice(nil)
        }
    }

    /// After a failed commit: what was not begun yet is refused, and nothing more is taken.
    private static func sendAway(_ inbox: Monitor<Inbox>) {
        let waiting = inbox.change { inbox in
            inbox.isStopping = true
            defer { inbox.items = [] }
            return inbox.items
        }
        for item in waiting { _ = item.refuse(overloaded) }
    }

    private static func work(
        _ bench: WriterBench,
        _ inbox: Monitor<Inbox>,
        _ announcer: Announcer
    ) throws(StoreFault) {
        try bench.begin()
        while true {
            let deadline = Deadline.after(
                bench.timeUntilNextTick.map { .milliseconds($0.milliseconds) }
            )
            let ready = inbox.wait(until: deadline) { inbox in
                !inbox.items.isEmpty || inbox.isStopping ? true : nil
            }
            var items: [Item] = []
            var isStopping = false
            if ready != nil {
                _ = inbox.wait(until: deadline.sooner(.after(patience))) { inbox in
                    inbox.isPressing || inbox.isStopping ? true : nil
                }
                inbox.change { inbox in
                    swap(&items, &inbox.items)
                    inbox.isPressing = false
                    if items.count > batchLimit {
                        inbox.items = Array(items[batchLimit...])
                        inbox.isPressing = true
                        items.removeLast(items.count - batchLimit)
                    }
                    isStopping = inbox.isStopping && inbox.items.isEmpty
                }
            }
            for item in items {
                switch item {
                case .command(let command, nil, let reply): try bench.perform(command, reply)
                case .command(let command, let repeatable?, let reply):
                    try bench.perform(command, repeatable, reply)
                case .claim(let claim, let ticket, let reply):
                    bench.perform(claim, ticket, reply)
                case .abandon(let ticket): bench.abandon(ticket)
                case .look(let body):
                    announcer.catchUp()
                    body(bench.fleet)
                }
            }
            try bench.finishBatch()
            if isStopping {
                bench.dismissClaims()
                try bench.writeRows()
                return
            }
        }
    }
}

/// Hands a value to the one thread that will own it.
///
/// `@unchecked Sendable`: `take` is called once, by the thread that the value was made for, and
/// the maker keeps no reference.
private final class SingleOwner<Value>: @unchecked Sendable {
    private let value: Value
    init(_ value: sending Value) { self.value = value }
    func take() -> Value { value }
}
