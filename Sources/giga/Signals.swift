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

    /// Blocks them for the commands that wait for them; any other ends by them as programs do.
    static func prepare(for words: [String]) {
        signal(SIGPIPE, SIG_IGN)
        let waits =
            ["serve", "up", "demo", "backup", "restore"].contains(words.first ?? "")
            || words.starts(with: ["factory", "run"])
        guard waits else { return }
        var set = stopping
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Waits for the next INT or TERM, and says which it was.
    static func wait() -> Int32 {
        var set = stopping
        var number: Int32 = 0
        while sigwait(&set, &number) != 0 {}
        return number
    }
}
