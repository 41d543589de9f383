import HTTPServing
import Processes

/// INT or TERM during long work: whatever waits is cancelled, so that the work can end in order.
final class Interrupt: Sendable {
    private struct State: Sendable {
        var isSet = false
        var cancellations: [Cancellation] = []
    }

    private let state = Monitor(State())

    /// Listens from now on, instead of the process being ended in the middle.
    init(_ shop: Shop) throws(CommandFault) {
        do {
            try DedicatedThread.start { [state] in
                _ = shop.waitForSignal()
                state.change { state in
                    state.isSet = true
                    for cancellation in state.cancellations { cancellation.cancel() }
                }
            }
        } catch {
            throw CommandFault(
                .failed,
                "command.no-thread",
                what: "Nobody would hear a Ctrl-C",
                why: "\(error)",
                hint: "raise the limit of processes (ulimit -u)"
            )
        }
    }

    /// Cancels that wait too when the signal comes, or at once if it came before.
    func cancels(_ cancellation: Cancellation) {
        state.change { state in
            state.cancellations.append(cancellation)
            if state.isSet { cancellation.cancel() }
        }
    }

    func wait() { _ = state.wait { $0.isSet ? true : nil } }

    var isSet: Bool { state.read(\.isSet) }

    func check() throws(CommandFault) {
        guard state.read(\.isSet) else { return }
        throw CommandFault(
            .interrupted,
            "command.interrupted",
            what: "Interrupted",
            why: "the signal to stop came before the end",
            hint: "start it again: what was started has been cleared away"
        )
    }
}
