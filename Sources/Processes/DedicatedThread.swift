import CShims
import Glibc

/// Threads of our own, so that Swift's cooperative pool is never blocked.
package enum DedicatedThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a detached thread on which every signal is blocked; throws when there is none to have.
    ///
    /// Signals stay with the threads that handle them, and a write to a closed pipe is an error
    /// to look at rather than the end of the process.
    package static func start(_ run: @escaping @Sendable () -> Void) throws(SpawnFault) {
        let body = Unmanaged.passRetained(Body(run))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        defer { pthread_attr_destroy(&attributes) }
        var thread = pthread_t()
        let failed = pthread_create(
            &thread,
            &attributes,
            { context in
                _ = giga_block_signals()
                guard let context else { return nil }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            body.toOpaque()
        )
        guard failed == 0 else {
            body.release()
            throw .system(call: "pthread_create", code: failed)
        }
    }
}
