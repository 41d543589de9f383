import Synchronization

/// Gives up blocked calls from another thread; one token may serve any number of calls.
package final class Cancellation: Sendable {
    private struct State {
        var isCancelled = false
        var lastID = 0
        var wakers: [Int: @Sendable () -> Void] = [:]
    }
    private let state = Mutex(State())

    package init() {}

    package var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Every call that uses the token returns `cancelled` promptly, and so does each later one.
    package func cancel() {
        state.withLock { state in
            state.isCancelled = true
            // Under the lock, so that a call cannot end and free what is woken meanwhile.
            for wake in state.wakers.values { wake() }
        }
    }

    func attach(_ wake: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            state.lastID += 1
            state.wakers[state.lastID] = wake
            if state.isCancelled { wake() }
            return state.lastID
        }
    }

    func detach(_ id: Int) { _ = state.withLock { $0.wakers.removeValue(forKey: id) } }
}
