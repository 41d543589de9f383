package import FleetCore
package import FleetModel

package import struct Routing.PlacementRecord

/// A fleet whose finished jobs leave memory into an archive, as the shell does it with a store.
package struct LeanFleet {
    package private(set) var fleet: Fleet
    /// Every job as the store would have it.
    private var archive: [JobID: Job] = [:]
    private var keys: [String: JobID] = [:]
    private var commandsOfBatch = 0
    /// Commands between two commits; nothing leaves memory in between.
    private let batch: Int
    /// How many jobs left memory, and how many came back, so far.
    package private(set) var dismissals = 0
    package private(set) var recalls = 0

    package init(_ fleet: Fleet, batch: Int) {
        self.fleet = fleet
        self.batch = batch
        keep(Set(fleet.state.jobs.keys))
    }

    /// Starts again from `state`, with what a store would load of it.
    package mutating func restart(
        from state: FleetState,
        _ coding: @escaping @Sendable (PlacementRecord) -> CodedRecord
    ) {
        // What was decided and not stored is in no archive either.
        archive = state.jobs
        keys = state.keys
        var open = state
        let ids = Set(state.jobs.values.filter { !$0.stage.isEnded }.map(\.id))
        let wanted = ids.union(ids.flatMap { state.jobs[$0]?.dependencies ?? [] })
        for id in state.jobs.keys where !wanted.contains(id) { open.dismiss(id) }
        fleet = Fleet(state: open, settings: fleet.settings, coding: coding)
        commandsOfBatch = 0
    }

    package mutating func perform(
        _ command: Command,
        context: CommandContext
    ) -> Result<Turn, Refusal> {
        let loaded = load(for: command)
        recalls += loaded.count
        let result: Result<Turn, Refusal>
        do throws(Refusal) {
            let turn = try fleet.perform(command, context: context, loaded: loaded)
            var changed = Set(turn.events.compactMap(\.job))
            let extends = turn.events.contains { $0.kind == .leaseExtended }
            if extends { changed.formUnion(fleet.state.jobs.keys) }
            keep(changed)
            result = .success(turn)
        } catch {
            result = .failure(error)
        }
        commandsOfBatch += 1
        if commandsOfBatch >= batch {
            commandsOfBatch = 0
            dismissals += fleet.dismissFinished().count
        }
        return result
    }

    private mutating func load(for command: Command) -> [JobID: Job] {
        var loaded: [JobID: Job] = [:]
        var asked = Absence()
        while true {
            var absence = fleet.absence(before: command, beside: loaded)
            absence.subtract(asked)
            if absence.isEmpty { return loaded }
            asked.formUnion(absence)
            for id in absence.jobs { loaded[id] = archive[id] }
            for key in absence.keys {
                let id = keys[FleetState.key(product: key.product, key: key.key)]
                if let id { loaded[id] = archive[id] }
            }
        }
    }

    private mutating func keep(_ ids: Set<JobID>) {
        for id in ids {
            guard let job = fleet.state.jobs[id] else { continue }
            archive[id] = job
            guard let key = job.manifest.idempotencyKey else { continue }
            keys[FleetState.key(product: job.terms.product, key: key)] = id
        }
    }

    /// The state with every job that has left, as it would be without leaving.
    package var wholeState: FleetState {
        var whole = fleet.state
        for (id, job) in archive where whole.jobs[id] == nil { whole.recall(job) }
        return whole
    }

    /// Finished jobs in memory on which no open job depends.
    package var needless: [JobID] {
        let jobs = fleet.state.jobs.values
        let needed = Set(jobs.filter { !$0.stage.isEnded }.flatMap(\.dependencies))
        return jobs.filter { $0.stage.isEnded && !needed.contains($0.id) }.map(\.id).sorted()
    }
}
