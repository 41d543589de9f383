import Glibc

/// State behind one lock, with a condition that is signalled at every change.
///
/// For threads of our own only: waiting here on Swift's cooperative pool would starve it.
///
/// `@unchecked Sendable`: every access to `state` happens while `mutex` is held.
package final class Monitor<State: Sendable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var state: State

    package init(_ state: State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Reads or changes the state, and wakes whoever waits for a change.
    package func change<Value>(_ body: (inout State) throws -> Value) rethrows -> Value {
        pthread_mutex_lock(mutex)
        defer {
            pthread_cond_broadcast(condition)
            pthread_mutex_unlock(mutex)
        }
        return try body(&state)
    }

    /// Changes the state, and wakes whoever waits for a change only if `body` says that it is worth
    /// waking up for.
    package func changeQuietly(_ body: (inout State) -> Bool) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if body(&state) { pthread_cond_broadcast(condition) }
    }

    /// Reads the state without waking anyone.
    package func read<Value>(_ body: (State) throws -> Value) rethrows -> Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(state)
    }

    /// Waits until `body` gives a value; nil when the deadline passes first.
    package func wait<Value>(
        until deadline: Deadline = .never,
        for body: (State) -> Value?
    ) -> Value? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let value = body(state) { return value }
            guard let limit = deadline.timespec else {
                pthread_cond_wait(condition, mutex)
                continue
            }
            if deadline.hasPassed { return nil }
            var instant = limit
            pthread_cond_timedwait(condition, mutex, &instant)
        }
    }
}
