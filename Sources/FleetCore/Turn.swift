package import FleetModel

/// Everything that one command led to.
package struct Turn: Hashable, Sendable {
    package var events: [Event] = []
    package var answer: Answer = .done
    /// Claims that are answered now, this command's own or earlier ones that waited.
    package var grants: [ClaimAnswer] = []
    package var orders: [Order] = []
    package var decisions: [DecisionRecord] = []
    /// Factories whose volatile part changed.
    package var seen: Set<FactoryID> = []
}

package enum Answer: Hashable, Sendable {
    case done
    case submitted([Submitted])
    case job(JobID)
    /// Several jobs at once, and where each stands now.
    case decided([Standing])
    case registered(FactoryID)
    case profile(ProfileStanding)
    case heartbeat(HeartbeatAnswer)
    /// The claim waits; its answer comes in some turn's `grants`.
    case waiting
}

package struct Submitted: Hashable, Sendable, Codable {
    package var id: JobID
    package var stage: Stage
    /// False when the same job was there already.
    package var created: Bool
    package var notes: [String]

    package init(id: JobID, stage: Stage, created: Bool, notes: [String] = []) {
        self.id = id
        self.stage = stage
        self.created = created
        self.notes = notes
    }
}

package struct Standing: Hashable, Sendable {
    package var job: JobID
    package var stage: Stage

    package init(job: JobID, stage: Stage) {
        self.job = job
        self.stage = stage
    }
}

package struct HeartbeatAnswer: Hashable, Sendable {
    /// Renewed until these instants.
    package var renewed: [HeldLease]
    /// Held by the factory's word, but no longer its own: stop them.
    package var lost: [HeldLease]
    package var orders: [Order]
    /// Paths that queued jobs require; the next heartbeat states those that exist.
    package var paths: [String]
}

package struct ClaimAnswer: Hashable, Sendable {
    package var claim: String
    package var factory: FactoryID
    package var leases: [GrantedRun]
    /// Replaced by a newer claim, or its time was up: nothing was granted.
    package var isEmpty: Bool { leases.isEmpty }
}

/// The record of one placement; the event of the assignment carries its hash.
package struct DecisionRecord: Hashable, Sendable {
    package var job: JobID
    package var product: String
    package var run: RunID
    package var coded: CodedRecord
}

/// The record of a placement as it is stored; `PlacementRecord` reads it.
package struct CodedRecord: Hashable, Sendable {
    package let bytes: [UInt8]
    /// SHA-256 of `bytes`, in hexadecimal digits.
    package let hash: String

    package init(bytes: [UInt8], hash: String) {
        self.bytes = bytes
        self.hash = hash
    }
}
