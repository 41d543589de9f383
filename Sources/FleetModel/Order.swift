/// Something that a factory must do now; heartbeats repeat it until it is done.
package struct Order: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case cancel, drain, undrain, stop
        /// Stop, keep the work in progress and the session, and give the lease back.
        case pause
    }

    package var factory: FactoryID
    package var kind: Kind
    package var job: JobID?
    package var fence: UInt64?
    package var reason: String
    /// Leaves a run alone whose engine has done its work; nil where that makes no difference.
    package var sparesFinished: Bool?

    package init(
        factory: FactoryID,
        kind: Kind,
        job: JobID?,
        fence: UInt64?,
        reason: String,
        sparesFinished: Bool? = nil
    ) {
        self.sparesFinished = sparesFinished
        self.factory = factory
        self.kind = kind
        self.job = job
        self.fence = fence
        self.reason = reason
    }
}

/// A lease by the word of the factory that holds it.
package struct HeldLease: Hashable, Sendable, Codable {
    package var job: JobID
    package var fence: UInt64

    package init(job: JobID, fence: UInt64) {
        self.job = job
        self.fence = fence
    }
}
