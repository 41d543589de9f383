import Processes

/// Waits between two tries of something that the other side must first make possible.
enum Pause {
    static func wait(_ duration: Duration) {
        _ = Monitor(false).wait(until: .after(duration)) { $0 ? true : nil }
    }
}
