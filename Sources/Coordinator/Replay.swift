package import FleetCore
package import FleetModel
package import FleetPorts

/// Rebuilds the durable state from events alone, and compares it with what the store projected.
package enum Replay {
    package struct Outcome: Hashable, Sendable {
        package var events: UInt64
        /// Empty when replay and store are equal; else one line per difference.
        package var differences: [String]
        /// The highest numbers that any event carries.
        package var highest = Restored.Highest()
        package var isEqual: Bool { differences.isEmpty }
    }

    /// Replays every event, and compares with `rows`: all that the store projected.
    package static func check(
        _ store: any StoreHistory,
        against rows: [StoredRow]
    ) throws -> Outcome {
        var replayed = FleetState()
        var next: UInt64 = 1
        var highest = Restored.Highest()
        while true {
            let batches = try store.batches(from: next, limit: 256)
            for batch in batches {
                for line in EventCodec.lines(of: batch.bytes) {
                    let event = try EventCodec.verifiedEvent(of: line, at: next)
                    guard event.position == next else {
                        return Outcome(
                            events: next - 1,
                            differences: ["position \(next) is missing; found \(event.position)"]
                        )
                    }
                    replayed.apply(event)
                    highest.take(event)
                    next += 1
                }
            }
            if batches.isEmpty { break }
        }
        let stored = try StoredState.state(of: rows)
        return Outcome(
            events: next - 1,
            differences: differences(stored, replayed),
            highest: highest
        )
    }

    private static func differences(_ stored: FleetState, _ replayed: FleetState) -> [String] {
        var lines: [String] = []
        for id in Set(stored.jobs.keys).union(replayed.jobs.keys).sorted()
        where stored.jobs[id] != replayed.jobs[id] {
            lines.append(
                "\(id): stored \(stage(stored.jobs[id])), replayed \(stage(replayed.jobs[id]))"
            )
        }
        if stored.factories != replayed.factories { lines.append("factories differ") }
        if stored.removedFactories != replayed.removedFactories {
            lines.append("the removed factories differ")
        }
        if stored.repositories != replayed.repositories { lines.append("repositories differ") }
        if stored.profiles != replayed.profiles { lines.append("profiles differ") }
        if stored.proposals != replayed.proposals { lines.append("proposed profiles differ") }
        if stored.halt != replayed.halt { lines.append("the halt differs") }
        if stored.tokens != replayed.tokens { lines.append("the tokens differ") }
        if stored.pausedProducts != replayed.pausedProducts { lines.append("the pauses differ") }
        if stored.counters != replayed.counters { lines.append("the counters differ") }
        return lines
    }

    private static func stage(_ job: Job?) -> String {
        job.map { "\($0.stage.rawValue) after \($0.eventCount) events" } ?? "absent"
    }
}
