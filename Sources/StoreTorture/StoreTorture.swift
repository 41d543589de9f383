import FleetPorts
import Glibc
import Stores

/// Commits batches without end and prints the last position of each once it is stored.
///
/// For tests, which kill it: every line it got out must be found in the store afterwards.
/// `store-torture FOLDER` · `store-torture FOLDER --measure EVENTS SECONDS` prints rates instead.
enum StoreTorture {
    static func run(_ arguments: [String]) {
        guard arguments.count > 1 else { end("usage: store-torture FOLDER", status: 64) }
        do {
            let store = try SQLiteStore(folder: arguments[1])
            var work = TortureWork(following: store.identity)
            guard arguments.count == 5, let size = Int(arguments[3]), let time = Int(arguments[4])
            else { try commitForEver(store, &work) }
            try measure(store, &work, events: size, seconds: time)
            store.close()
        } catch {
            end("\(error)", status: 1)
        }
    }

    private static func commitForEver(
        _ store: SQLiteStore,
        _ work: inout TortureWork
    ) throws(StoreFault) -> Never {
        while true {
            let batch = work.next(Int.random(in: 1...20), bytesPerEvent: .random(in: 1...300))
            try store.commit(batch)
            say("\(work.position)")
        }
    }

    private static func measure(
        _ store: SQLiteStore,
        _ work: inout TortureWork,
        events: Int,
        seconds: Int
    ) throws(StoreFault) {
        let clock = ContinuousClock()
        let start = clock.now
        var slowest: [Duration] = []
        while clock.now - start < .seconds(seconds) {
            let batch = work.next(events, bytesPerEvent: 330)
            let before = clock.now
            try store.commit(batch)
            slowest.append(clock.now - before)
        }
        let rate = Double(slowest.count) / ((clock.now - start) / .seconds(1))
        slowest.sort()
        let (median, late) = (slowest[slowest.count / 2], slowest[slowest.count * 99 / 100])
        say("\(Int(rate)) commits/s of \(events) events; median \(median), p99 \(late)")
    }

    /// One system call a line: a line that is out was acknowledged.
    private static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        guard write(STDOUT_FILENO, bytes, bytes.count) == bytes.count else { exit(2) }
    }

    private static func end(_ message: String, status: Int32) -> Never {
        let bytes = Array((message + "\n").utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
        exit(status)
    }
}
