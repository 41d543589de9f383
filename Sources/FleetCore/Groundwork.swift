import FleetModel
import FleetRules

/// Dependencies of which testing is enough: what a start may rest on, and what follows from that.
extension FleetState {
    /// Whether the dependency at that place of `dependencies` lets the job start.
    func isMet(_ place: Int, of job: Job) -> Bool {
        guard let other = jobs[job.dependencies[place]] else { return false }
        return other.stage == .shipped
            || (other.stage == .testing && testingIsEnough(at: place, of: job))
    }

    /// Whether the job could start from the dependency's commit before that has shipped.
    ///
    /// The change comes along when the job ships, so it must be bound for the same target itself.
    func testingIsEnough(at place: Int, of job: Job) -> Bool {
        guard job.startsFromTesting(place), let other = jobs[job.dependencies[place]] else {
            return false
        }
        guard other.terms.repo == job.terms.repo, other.candidate?.isEmpty != true else {
            return true
        }
        return other.terms.target == job.terms.target && other.terms.ship == .merge
            && other.terms.output == .change
    }

    /// What a start now rests on; those that have shipped stay named, so that work in progress
    /// outlives it.
    func groundwork(of job: Job) -> [Groundwork]? {
        let ground = job.dependencies.indices.compactMap { place -> Groundwork? in
            guard testingIsEnough(at: place, of: job), let other = jobs[job.dependencies[place]],
                let candidate = other.candidate
            else { return nil }
            return Groundwork(job: other.id, commit: candidate.commit)
        }
        return ground.isEmpty ? nil : ground
    }

    /// The commits that a factory merges into the start: what shipped is on the target already.
    func groundworkToMerge(for job: Job) -> [Groundwork]? {
        let ground = (job.groundwork ?? []).filter { ground in
            guard let other = jobs[ground.job] else { return false }
            return other.stage == .testing && other.terms.repo == job.terms.repo
                && other.candidate?.isEmpty == false
        }
        return ground.isEmpty ? nil : ground
    }

    /// The first job that has to ship before this one may.
    func unshippedGround(of job: Job) -> Job? {
        (job.groundwork ?? []).lazy.compactMap { jobs[$0.job] }.first { $0.stage != .shipped }
    }
}

extension Fleet {
    /// Who waits for the job or rests on its commit looks again, now that its stage is another.
    mutating func tellDependents(of job: Job, since before: JobMoment?) {
        guard let dependents = index.dependents[job.id], before?.stage != job.stage else { return }
        let hasLeft = before?.stage == .testing && job.stage != .shipped
        guard hasLeft || job.stage == .testing || job.stage == .shipped else { return }
        for dependent in dependents.sorted() {
            if hasLeft { takeBack(dependent, from: job) }
            noteScope(of: dependent)
            reindex(dependent)
        }
    }

    private mutating func takeBack(_ id: JobID, from ground: Job) {
        guard let job = state.jobs[id],
            job.groundwork?.contains(where: { $0.job == ground.id }) == true
        else { return }
        let reason = "\(ground.id), whose commit it began on, is \(ground.stage.rawValue) again"
        let events = job.afterGroundworkChanged(reason: reason)
        guard !events.isEmpty else { return }
        order(.cancel, toHolderOf: id, reason: reason)
        emit(events, on: id, by: .coordinator)
    }
}
