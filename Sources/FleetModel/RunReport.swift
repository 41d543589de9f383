/// What a worker tells of its run, in order, under the fence of its lease.
package enum RunReportItem: Hashable, Sendable, Codable {
    case started(RunStarted)
    case finished(RunFinished)
    /// Work in progress was kept; more may follow.
    case checkpointed(Checkpoint)
    /// The engine asked something and ended; the run is over with that.
    case waitingInput(WaitingInput)
    case evidence(Evidence)
    /// All gates have been reported: judge now.
    case evidenceComplete
    /// The worker stopped before an end of its own; the cause says who asked.
    ///
    /// A ship run says it only as long as it has pushed nothing, or else with `lease_expired`.
    case stopped(FailureCause, reason: String)
    case shipStarted(ShipStarted)
    case shipMerged(ShipMerged)
    case shipRefused(ShipRefused.Cause, detail: [String])
}

/// One report: the lease that it rests on, and what happened under it.
package struct RunReport: Hashable, Sendable, Codable {
    package var run: String
    package var fence: UInt64
    package var items: [RunReportItem]

    package init(run: String, fence: UInt64, items: [RunReportItem]) {
        self.run = run
        self.fence = fence
        self.items = items
    }
}
