import CMicroHTTPD
import CShims
import Glibc
import Synchronization

/// A thread that gives a daemon of the library its events.
///
/// The library's own threads take 128 events at a time and, having got exactly that many, wait for
/// one more before they work on any (0.9.75): a burst of 128 requests then stands still for as long
/// as nothing else happens. Run from outside, the library never waits, so we wait for it.
///
/// `@unchecked Sendable`: `daemon` and `thread` are set by `start` before any other thread knows
/// the daemon; afterwards the daemon is run by the loop's own thread, and stopped after joining it.
final class EventLoop: @unchecked Sendable {
    let core: ServerCore
    private let wake: Int32
    private var daemon: OpaquePointer?
    private var thread = pthread_t()
    /// Something was asked of the loop since it last looked.
    private let isCalled = Atomic(false)
    private let isAsleep = Atomic(false)
    private let isStopping = Atomic(false)

    init(_ core: ServerCore) {
        self.core = core
        wake = giga_eventfd()
    }

    deinit { close(wake) }

    /// Takes the daemon over; false when it cannot be run, and then it is stopped.
    func start(_ daemon: OpaquePointer) -> Bool {
        self.daemon = daemon
        let box = Unmanaged.passRetained(self)
        if wake >= 0, pthread_create(&thread, nil, runEventLoop, box.toOpaque()) == 0 {
            return true
        }
        box.release()
        MHD_stop_daemon(daemon)
        return false
    }

    /// Ends the thread, closes the daemon's connections and its copy of the listening socket.
    ///
    /// To be called once after a start that went well, and not from the loop's thread.
    func stop() {
        isStopping.store(true, ordering: .sequentiallyConsistent)
        call()
        pthread_join(thread, nil)
        MHD_stop_daemon(daemon)
    }

    /// Lets the library go on with a suspended connection; for any thread.
    ///
    /// The library signals this to its own threads only.
    func resume(_ connection: OpaquePointer) {
        allow(connection)
        call()
    }

    /// As `resume`, but for the call, which is a call of the system: to be made when no lock is held
    /// that the loop may need.
    func allow(_ connection: OpaquePointer) { MHD_resume_connection(connection) }

    /// Has the loop look at what it was asked; for any thread, and nothing happens after its end.
    func call() {
        isCalled.store(true, ordering: .sequentiallyConsistent)
        guard isAsleep.exchange(false, ordering: .sequentiallyConsistent) else { return }
        var one: UInt64 = 1
        _ = write(wake, &one, 8)
    }

    fileprivate func run() {
        var watched = [
            pollfd(fd: giga_mhd_epoll(daemon), events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            // Taken back first: who calls from here on is heard after this run.
            isCalled.store(false, ordering: .sequentiallyConsistent)
            if isStopping.load(ordering: .sequentiallyConsistent) { return }
            MHD_run(daemon)
            var milliseconds: UInt64 = 0
            let isLimited = MHD_get_timeout(daemon, &milliseconds) == .YES
            if isLimited, milliseconds == 0 { continue }
            isAsleep.store(true, ordering: .sequentiallyConsistent)
            // Whoever called before that did not wake.
            if !isCalled.load(ordering: .sequentiallyConsistent) {
                poll(&watched, 2, isLimited ? Int32(clamping: milliseconds) : -1)
            }
            isAsleep.store(false, ordering: .sequentiallyConsistent)
            if watched[1].revents != 0 {
                var calls: UInt64 = 0
                _ = read(wake, &calls, 8)
                watched[1].revents = 0
            }
        }
    }
}

private func runEventLoop(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue().run()
    return nil
}
