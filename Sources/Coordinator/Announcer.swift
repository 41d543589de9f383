import FleetCore
import Processes

/// What a commit made known, and who waits for it.
struct Announcement: Sendable {
    let publication: Publication?
    let answers: [@Sendable () -> Void]

    /// Readers first: whoever has an answer sees what it led to.
    func tell(_ publish: (Publication) -> Void) {
        if let publication { publish(publication) }
        for answer in answers { answer() }
    }
}

/// Tells what commits made known, in their order.
///
/// The writer tells by itself as long as nobody else waits for it: handing over would only make
/// answers later. Under load a thread of its own tells, while the writer decides the next batch.
final class Announcer: Sendable {
    private struct Line: Sendable {
        var waiting: [Announcement] = []
        var isTelling = false
        var isStopping = false
        var hasStopped = false

        var isIdle: Bool { waiting.isEmpty && !isTelling }
    }

    /// With so many untold the writer waits: readers must not fall behind without bound.
    static let limit = 8

    private let line = Monitor(Line())
    private let publish: @Sendable (Publication) -> Void

    init(publish: @escaping @Sendable (Publication) -> Void) { self.publish = publish }

    func start() throws(SpawnFault) {
        try DedicatedThread.start { [line, publish] in
            while true {
                _ = line.wait { !$0.waiting.isEmpty || $0.isStopping ? true : nil }
                let batch = line.change { line in
                    defer { line.waiting = [] }
                    line.isTelling = !line.waiting.isEmpty
                    line.hasStopped = line.waiting.isEmpty && line.isStopping
                    return line.waiting
                }
                if batch.isEmpty { break }
                for announcement in batch { announcement.tell(publish) }
                line.change { $0.isTelling = false }
            }
        }
    }

    /// Called by the writer alone; `hasMore` says whether others wait for it.
    func announce(_ announcement: Announcement, hasMore: Bool) {
        let isIdle = line.wait { $0.waiting.count < Self.limit ? $0.isIdle : nil }
        if !hasMore, isIdle == true { return announcement.tell(publish) }
        line.change { $0.waiting.append(announcement) }
    }

    /// Returns when all that was announced is told.
    func catchUp() { _ = line.wait { $0.isIdle ? true : nil } }

    /// The same, and for good: nothing may be announced after it.
    func stop() {
        line.change { $0.isStopping = true }
        _ = line.wait { $0.hasStopped ? true : nil }
    }
}
