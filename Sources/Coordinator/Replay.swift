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
    ///
    /// `index`, which the store finds a job's events by, is not looked at when it is nil.
    package static func check(
        _ store: any StoreHistory,
        against rows: [StoredRow],
        index: Set<IndexedBatch>? = nil
    ) throws -> Outcome {
        var replayed = FleetState()
        var next: UInt64 = 1
        var highest = Restored.Highest()
        var decisions: [String: String] = [:]
        var indexed: Set<IndexedBatch> = []
        var isSealed = false
        // Rows may lie behind the events: they are compared with the state at their watermark.
        let stored = try StoredState.state(of: rows)
        let watermark = stored.counters.position
        var beside = watermark == 0 ? replayed : nil
        func end(_ difference: String) -> Outcome {
            Outcome(events: next - 1, differences: [difference])
        }
        while true {
            let batches = try store.batches(from: next, limit: 256)
            for batch in batches {
                let first = next
                for line in EventCodec.lines(of: batch.bytes) {
                    let event = try EventCodec.verifiedEvent(
                        of: line,
                        at: next,
                        isSealed: &isSealed
                    )
                    guard event.position == next else {
                        return end("position \(next) is missing; found \(event.position)")
                    }
                    let before = replayed.counters.seq[event.product] ?? 0
                    guard event.seq == before + 1 else {
                        return end("\(next): seq \(event.seq) of \(event.product) after \(before)")
                    }
                    replayed.apply(event)
                    if next == watermark { beside = replayed }
                    highest.take(event)
                    if case .jobAssigned(let assigned) = event.body, let job = event.job {
                        let run = event.attempt.map { RunID.attempt(job, $0) }
                        if let run { decisions["\(run)"] = assigned.decisionHash }
                    }
                    if index != nil, let job = event.job {
                        let touched = TouchedJob(product: event.product, job: "\(job)")
                        indexed.insert(IndexedBatch(job: touched, firstPosition: first))
                    }
                    next += 1
                }
                // Also what keeps a batch without a line from being read for ever.
                guard batch.firstPosition == first, batch.lastPosition == next - 1 else {
                    let said = "\(batch.firstPosition) to \(batch.lastPosition)"
                    return end("a batch of positions \(said) holds \(first) to \(next - 1)")
                }
            }
            if batches.isEmpty { break }
        }
        if let index, let odd = index.symmetricDifference(indexed).map(\.job.job).min() {
            return end("\(odd): the index does not lead to its events")
        }
        guard let beside else {
            return end("the rows are those of position \(watermark), and no event has it")
        }
        return Outcome(
            events: next - 1,
            differences: differences(stored, beside)
                + (try RowsBesideState.differences(rows, beside, decisions)),
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
