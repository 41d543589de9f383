import FleetModel
import Processes

/// Why a run ends before its work does.
enum Ending: Hashable, Sendable {
    /// The lease is gone: nothing may be reported or pushed any more.
    case leaseLost(String)
    /// No renewal was answered in time: the run stops by itself, and says so once.
    case expired
    /// Somebody asked; the run reports that it stopped.
    case asked(FailureCause, String)
    /// Somebody wants it held: what was done so far is kept.
    case paused(String)
    /// The coordinator does not take what the run has to tell.
    case refused(String)

    /// Whether the right to report and to push went with it.
    var isLoss: Bool {
        switch self {
        case .leaseLost, .expired: true
        case .asked, .paused, .refused: false
        }
    }

    var words: String {
        switch self {
        case .leaseLost(let why): "the lease is lost: \(why)"
        case .expired: "no renewal of the lease was answered in time"
        case .paused(let why): "paused: \(why)"
        case .refused(let why): why
        case .asked(let cause, let why): "stopped (\(cause.rawValue)): \(why)"
        }
    }
}

/// Thrown through a worker's steps when its run must end.
struct Interrupted: Error {
    let ending: Ending
}

/// The hold on one leased run: its right to go on, and the process that works for it now.
final class RunControl: Sendable {
    private struct State {
        /// On the boot clock; at this moment the run stops by itself.
        var deadline: Duration
        var ending: Ending?
        /// Its last report is on its way: that the lease ends now is no surprise.
        var isConcluding = false
        /// Its engine has done its work: only what is left of the run would be lost by a stop.
        var isBuilt = false
        var child: ChildProcess?
        /// Ladders that are being climbed, each on a thread of its own.
        var ladders = 0

        /// The process to stop, if there is one; whoever takes it climbs a ladder.
        mutating func takeForStop() -> ChildProcess? {
            if child != nil { ladders += 1 }
            return child
        }
    }

    let lease: Lease
    private let state: Monitor<State>

    init(_ lease: Lease, deadline: Duration) {
        self.lease = lease
        state = Monitor(State(deadline: deadline))
    }

    var held: HeldLease { HeldLease(job: lease.job, fence: lease.fence) }
    var deadline: Duration { state.read(\.deadline) }
    var ending: Ending? { state.read(\.ending) }
    var isConcluding: Bool { state.read(\.isConcluding) }

    func conclude() { state.change { $0.isConcluding = true } }

    /// From now on the run gives way to nobody; whoever was quicker ends it here.
    func built() throws(Interrupted) {
        state.change { $0.isBuilt = true }
        try check()
    }

    /// A renewal that was sent at `sent` has been answered.
    func renew(sent: Duration, terms: LeaseTerms) {
        let until = sent + Self.span(terms)
        state.change { $0.deadline = max($0.deadline, until) }
    }

    /// How long after its renewal was sent a run may go on: the lease less a tenth.
    static func span(_ terms: LeaseTerms) -> Duration {
        .milliseconds(terms.term.milliseconds * 9 / 10)
    }

    /// Ends the run and stops whatever works for it.
    ///
    /// With `sparingFinished` only one whose engine is still at work; an order may come late.
    func end(
        _ ending: Ending,
        ladder: StopLadder = .standard,
        sparingFinished: Bool = false
    ) {
        let child: ChildProcess? = state.change { state in
            if sparingFinished, state.isBuilt { return nil }
            // The first ending counts, but a lost lease more than any wish.
            if state.ending.map({ !$0.isLoss && ending.isLoss }) ?? true { state.ending = ending }
            return state.takeForStop()
        }
        if let child { stop(child, ladder) }
    }

    /// Says whether the deadline has passed; then the run is over.
    func endIfExpired() {
        guard BootClock.now() >= deadline else { return }
        end(.expired, ladder: .killAtOnce)
    }

    func check() throws(Interrupted) {
        endIfExpired()
        if let ending { throw Interrupted(ending: ending) }
    }

    /// Whether the lease still lets the run speak to the coordinator and to the origin.
    func checkLease() throws(Interrupted) {
        endIfExpired()
        if let ending, ending.isLoss { throw Interrupted(ending: ending) }
    }

    /// From now on an ending stops this process; one that came before does so at once.
    func adopt(_ child: ChildProcess) {
        let doomed = state.change { state in
            state.child = child
            return state.ending == nil ? nil : state.takeForStop()
        }
        if let doomed { stop(doomed, .standard) }
    }

    /// Lets go of a process that has ended, once nobody climbs a ladder for it any more.
    ///
    /// All processes of a run have one marker, by which a ladder finds the strays among them: the run's
    /// next process would be signalled as one of those.
    func release() {
        state.change { $0.child = nil }
        _ = state.wait { $0.ladders == 0 ? true : nil }
    }

    /// To be called once for each process that `takeForStop` gave.
    private func stop(_ child: ChildProcess, _ ladder: StopLadder) {
        do {
            try DedicatedThread.start { [state] in
                child.stop(ladder)
                state.change { $0.ladders -= 1 }
            }
        } catch {
            // Without a thread to have, the caller's own time is what is left.
            child.stop(.killAtOnce)
            state.change { $0.ladders -= 1 }
        }
    }
}
