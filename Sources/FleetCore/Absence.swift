package import FleetModel
import FleetRules

/// What a command names and memory does not hold.
package struct Absence: Hashable, Sendable {
    package var jobs: Set<JobID> = []
    package var keys: Set<Key> = []

    package init() {}

    package var isEmpty: Bool { jobs.isEmpty && keys.isEmpty }

    package mutating func subtract(_ other: Absence) {
        jobs.subtract(other.jobs)
        keys.subtract(other.keys)
    }

    package mutating func formUnion(_ other: Absence) {
        jobs.formUnion(other.jobs)
        keys.formUnion(other.keys)
    }

    /// An idempotency key in its product.
    package struct Key: Hashable, Sendable {
        package let product: String
        package let key: String
    }
}

/// Finished jobs leave memory, and come back when something names them.
///
/// In memory is every open job and every job that an open one depends on; the rest is the store's.
extension Fleet {
    /// The jobs and keys that `command` touches and neither memory nor `loaded` holds.
    ///
    /// What is found of them is handed in with the command; what is not found does not exist.
    /// Loading may show more to load, so the shell asks until nothing new comes. It changes nothing;
    /// a fleet that is some object's property would be copied to be looked at, but not to be changed.
    package mutating func absence(
        before command: Command,
        beside loaded: [JobID: Job] = [:]
    ) -> Absence {
        var absence = Absence()
        func touch(_ id: JobID) {
            guard id.number <= state.counters.lastJob, state.jobs[id] == nil, loaded[id] == nil
            else { return }
            absence.jobs.insert(id)
        }
        switch command {
        case .submit(let submissions, _):
            for submission in submissions {
                for name in submission.names {
                    if let id = JobID(text: name.key) { touch(id) }
                    let key = FleetState.key(product: name.product, key: name.key)
                    if state.keys[key] == nil { absence.keys.insert(name) }
                }
            }
        case .report(let report, _):
            if let run = RunID(text: report.run) { touch(run.job) }
        case .requeue(let id, _, _):
            touch(id)
            // It is going to be open, and then its dependencies belong in memory.
            for other in (state.jobs[id] ?? loaded[id])?.dependencies ?? [] { touch(other) }
        case .approve(let orders, _, _): for order in orders { touch(order.job) }
        default:
            if let id = command.job { touch(id) }
        }
        return absence
    }

    /// Takes up finished jobs for the commands of one batch.
    mutating func recall(_ loaded: [JobID: Job]) {
        for (id, job) in loaded where state.jobs[id] == nil {
            precondition(job.stage.isEnded, "\(id): an open job never leaves memory")
            state.recall(job)
            index.mayLeave.insert(id)
        }
    }

    /// Lets every finished job go that no open one depends on, and names them.
    ///
    /// The shell calls it when the batch is stored, never before.
    package mutating func dismissFinished(besides unwritten: Set<JobID> = []) -> [JobID] {
        var dismissed: [JobID] = []
        for id in index.mayLeave.sorted() where !unwritten.contains(id) {
            guard state.jobs[id]?.stage.isEnded == true, index.dependents[id] == nil else {
                continue
            }
            state.dismiss(id)
            dismissed.append(id)
        }
        index.mayLeave.formIntersection(unwritten)
        return dismissed
    }
}

extension Submission {
    /// Its own key, and whatever its dependencies may mean: each is looked for as key and as id.
    fileprivate var names: [Absence.Key] {
        let names = [manifest.idempotencyKey] + (manifest.deps ?? []).map(\.name)
        return names.compactMap { $0 }.map { Absence.Key(product: product, key: $0) }
    }
}
