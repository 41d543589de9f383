package import FleetModel

extension Job {
    /// What it began on will not ship as it was: once more from the start, at no retry's cost.
    ///
    /// Work that a person ended goes on to that end instead.
    package func afterGroundworkChanged(reason: String) -> [EventBody] {
        switch stage {
        case .assigned, .building, .review, .testing:
            guard cancelRequest == nil else { return [] }
            return [.jobRequeued(Requeued(reason: reason, startsOver: false))] + pauseInEffect
        case .queued, .shipped, .failed, .deadLetter: return []
        }
    }

    /// Takes up what this attempt begins on.
    mutating func begin(on ground: [Groundwork]?) {
        // Work in progress holds the commits that it began on: they must not come along.
        if groundwork != ground { checkpoint = nil }
        groundwork = ground
    }
}
