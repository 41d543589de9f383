import Glibc

/// INT and TERM as something to wait for, rather than handlers that interrupt anything anywhere.
enum Signals {
    private static var stopping: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        sigaddset(&set, SIGTERM)
        return set
    }

    static func blockStopping() {
        var set = stopping
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Waits for the next INT or TERM, and says which it was.
    static func wait() -> Int32 {
        var set = stopping
        var number: Int32 = 0
        while sigwait(&set, &number) != 0 {}
        return number
    }
}
