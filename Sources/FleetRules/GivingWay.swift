package import FleetModel

/// What preemption means for the one job that gives way.
extension Job {
    /// A low job whose worker builds, and which nobody has asked to stop yet.
    package var couldGiveWay: Bool {
        terms.priority == .low && stage == .building && isLeased && pause == nil
            && cancelRequest == nil && preemption == nil
    }

    /// The critical job that it is asked to give way to, until its worker has stopped.
    package var givesWayTo: JobID? { isLeased ? preemption?.critical : nil }

    /// The coordinator's question to a job that builds; nothing else is ever asked.
    package func preempt(for critical: JobID, at now: Instant) -> [EventBody] {
        guard couldGiveWay else { return [] }
        let reason = "it gives way to \(critical), which is critical"
        return [.jobPreemptRequested(Preemption(for: critical, reason: reason, since: now))]
    }

    /// What follows when its worker has stopped for that; nil when nobody asked it to.
    ///
    /// It is no loss and no retry: the job goes on from what its worker kept.
    var afterGivingWay: [EventBody]? {
        guard cancelRequest == nil, lease?.kind == .attempt, let preemption else { return nil }
        return [.jobPreempted(preemption)] + pauseInEffect
    }
}
