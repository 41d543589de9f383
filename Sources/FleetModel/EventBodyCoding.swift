/// A body as bare JSON: its kind stands in the envelope, so that one coding serves all kinds.
extension EventBody {
    package var kind: EventKind {
        switch self {
        case .jobSubmitted: .jobSubmitted
        case .jobAssigned: .jobAssigned
        case .jobPassed: .jobPassed
        case .jobPromoted: .jobPromoted
        case .jobCancelRequested: .jobCancelRequested
        case .jobPauseRequested: .jobPauseRequested
        case .jobPaused: .jobPaused
        case .jobResumed: .jobResumed
        case .jobPreemptRequested: .jobPreemptRequested
        case .jobPreempted: .jobPreempted
        case .jobAnswered: .jobAnswered
        case .jobReprioritised: .jobReprioritised
        case .jobRequeued: .jobRequeued
        case .jobRetrying: .jobRetrying
        case .jobFailed: .jobFailed
        case .jobDeadLettered: .jobDeadLettered
        case .jobShipped: .jobShipped
        case .leaseGranted: .leaseGranted
        case .leaseExtended: .leaseExtended
        case .leaseExpired: .leaseExpired
        case .leaseReleased: .leaseReleased
        case .runStarted: .runStarted
        case .runWaitingInput: .runWaitingInput
        case .runCheckpointed: .runCheckpointed
        case .runFinished: .runFinished
        case .evidenceRecorded: .evidenceRecorded
        case .gateEvaluated: .gateEvaluated
        case .reviewRequested: .reviewRequested
        case .reviewApproved: .reviewApproved
        case .reviewRejected: .reviewRejected
        case .shipRequested: .shipRequested
        case .shipStarted: .shipStarted
        case .shipMerged: .shipMerged
        case .shipRefused: .shipRefused
        case .factoryRegistered: .factoryRegistered
        case .factoryLate: .factoryLate
        case .factoryOffline: .factoryOffline
        case .factoryReturned: .factoryReturned
        case .factoryDraining: .factoryDraining
        case .factoryRemoved: .factoryRemoved
        case .repositoryChanged: .repositoryChanged
        case .profileProposed: .profileProposed
        case .profileChanged: .profileChanged
        case .profileRejected: .profileRejected
        case .fleetHalted: .fleetHalted
        case .fleetResumed: .fleetResumed
        case .productPaused: .productPaused
        case .productResumed: .productResumed
        case .tokenIssued: .tokenIssued
        case .tokenRevoked: .tokenRevoked
        case .fleetRestored: .fleetRestored
        }
    }

    /// Reads the body that belongs to `kind`.
    package init(_ kind: EventKind, from decoder: any Decoder) throws {
        switch kind {
        case .jobSubmitted: self = .jobSubmitted(try JobSubmitted(from: decoder))
        case .jobAssigned: self = .jobAssigned(try JobAssigned(from: decoder))
        case .jobPassed: self = .jobPassed(try Judged(from: decoder))
        case .jobPromoted: self = .jobPromoted(try Judged(from: decoder))
        case .jobCancelRequested: self = .jobCancelRequested(try CancelRequested(from: decoder))
        case .jobPauseRequested: self = .jobPauseRequested(try Hold(from: decoder))
        case .jobPaused: self = .jobPaused(try Hold(from: decoder))
        case .jobResumed: self = .jobResumed(try Reason(from: decoder))
        case .jobPreemptRequested:
            self = .jobPreemptRequested(try Preemption(from: decoder))
        case .jobPreempted: self = .jobPreempted(try Preemption(from: decoder))
        case .jobAnswered: self = .jobAnswered(try Answered(from: decoder))
        case .jobReprioritised: self = .jobReprioritised(try Reprioritised(from: decoder))
        case .jobRequeued: self = .jobRequeued(try Requeued(from: decoder))
        case .jobRetrying: self = .jobRetrying(try Retrying(from: decoder))
        case .jobFailed: self = .jobFailed(try GaveUp(from: decoder))
        case .jobDeadLettered: self = .jobDeadLettered(try GaveUp(from: decoder))
        case .jobShipped: self = .jobShipped(try Job.Shipped(from: decoder))
        case .leaseGranted: self = .leaseGranted(try Lease(from: decoder))
        case .leaseExtended: self = .leaseExtended(try LeaseExtended(from: decoder))
        case .leaseExpired: self = .leaseExpired(try LeaseEnded(from: decoder))
        case .leaseReleased: self = .leaseReleased(try LeaseEnded(from: decoder))
        case .runStarted: self = .runStarted(try RunStarted(from: decoder))
        case .runWaitingInput: self = .runWaitingInput(try WaitingInput(from: decoder))
        case .runCheckpointed: self = .runCheckpointed(try Checkpoint(from: decoder))
        case .runFinished: self = .runFinished(try RunFinished(from: decoder))
        case .evidenceRecorded: self = .evidenceRecorded(try Evidence(from: decoder))
        case .gateEvaluated: self = .gateEvaluated(try Judged(from: decoder))
        case .reviewRequested: self = .reviewRequested(try ReviewRequested(from: decoder))
        case .reviewApproved: self = .reviewApproved(try ReviewApproved(from: decoder))
        case .reviewRejected: self = .reviewRejected(try Reason(from: decoder))
        case .shipRequested: self = .shipRequested(try ShipRequested(from: decoder))
        case .shipStarted: self = .shipStarted(try ShipStarted(from: decoder))
        case .shipMerged: self = .shipMerged(try ShipMerged(from: decoder))
        case .shipRefused: self = .shipRefused(try ShipRefused(from: decoder))
        case .factoryRegistered: self = .factoryRegistered(try Factory(from: decoder))
        case .factoryLate: self = .factoryLate(try Reason(from: decoder))
        case .factoryOffline: self = .factoryOffline(try Reason(from: decoder))
        case .factoryReturned: self = .factoryReturned(try Reason(from: decoder))
        case .factoryDraining: self = .factoryDraining(try Draining(from: decoder))
        case .factoryRemoved: self = .factoryRemoved(try Reason(from: decoder))
        case .repositoryChanged: self = .repositoryChanged(try Repository(from: decoder))
        case .profileProposed: self = .profileProposed(try ProfileProposed(from: decoder))
        case .profileChanged: self = .profileChanged(try ProfileChanged(from: decoder))
        case .profileRejected: self = .profileRejected(try ProfileRejected(from: decoder))
        case .fleetHalted: self = .fleetHalted(try Halt(from: decoder))
        case .fleetResumed: self = .fleetResumed(try Reason(from: decoder))
        case .productPaused: self = .productPaused(try Hold(from: decoder))
        case .productResumed: self = .productResumed(try Reason(from: decoder))
        case .tokenIssued: self = .tokenIssued(try Token(from: decoder))
        case .tokenRevoked: self = .tokenRevoked(try TokenRevoked(from: decoder))
        case .fleetRestored: self = .fleetRestored(try Restored(from: decoder))
        }
    }

    package func encodePayload(to encoder: any Encoder) throws {
        switch self {
        case .jobSubmitted(let payload): try payload.encode(to: encoder)
        case .jobAssigned(let payload): try payload.encode(to: encoder)
        case .jobPassed(let payload): try payload.encode(to: encoder)
        case .jobPromoted(let payload): try payload.encode(to: encoder)
        case .jobCancelRequested(let payload): try payload.encode(to: encoder)
        case .jobPauseRequested(let payload): try payload.encode(to: encoder)
        case .jobPaused(let payload): try payload.encode(to: encoder)
        case .jobResumed(let payload): try payload.encode(to: encoder)
        case .jobPreemptRequested(let payload): try payload.encode(to: encoder)
        case .jobPreempted(let payload): try payload.encode(to: encoder)
        case .jobAnswered(let payload): try payload.encode(to: encoder)
        case .jobReprioritised(let payload): try payload.encode(to: encoder)
        case .jobRequeued(let payload): try payload.encode(to: encoder)
        case .jobRetrying(let payload): try payload.encode(to: encoder)
        case .jobFailed(let payload): try payload.encode(to: encoder)
        case .jobDeadLettered(let payload): try payload.encode(to: encoder)
        case .jobShipped(let payload): try payload.encode(to: encoder)
        case .leaseGranted(let payload): try payload.encode(to: encoder)
        case .leaseExtended(let payload): try payload.encode(to: encoder)
        case .leaseExpired(let payload): try payload.encode(to: encoder)
        case .leaseReleased(let payload): try payload.encode(to: encoder)
        case .runStarted(let payload): try payload.encode(to: encoder)
        case .runWaitingInput(let payload): try payload.encode(to: encoder)
        case .runCheckpointed(let payload): try payload.encode(to: encoder)
        case .runFinished(let payload): try payload.encode(to: encoder)
        case .evidenceRecorded(let payload): try payload.encode(to: encoder)
        case .gateEvaluated(let payload): try payload.encode(to: encoder)
        case .reviewRequested(let payload): try payload.encode(to: encoder)
        case .reviewApproved(let payload): try payload.encode(to: encoder)
        case .reviewRejected(let payload): try payload.encode(to: encoder)
        case .shipRequested(let payload): try payload.encode(to: encoder)
        case .shipStarted(let payload): try payload.encode(to: encoder)
        case .shipMerged(let payload): try payload.encode(to: encoder)
        case .shipRefused(let payload): try payload.encode(to: encoder)
        case .factoryRegistered(let payload): try payload.encode(to: encoder)
        case .factoryLate(let payload): try payload.encode(to: encoder)
        case .factoryOffline(let payload): try payload.encode(to: encoder)
        case .factoryReturned(let payload): try payload.encode(to: encoder)
        case .factoryDraining(let payload): try payload.encode(to: encoder)
        case .factoryRemoved(let payload): try payload.encode(to: encoder)
        case .repositoryChanged(let payload): try payload.encode(to: encoder)
        case .profileProposed(let payload): try payload.encode(to: encoder)
        case .profileChanged(let payload): try payload.encode(to: encoder)
        case .profileRejected(let payload): try payload.encode(to: encoder)
        case .fleetHalted(let payload): try payload.encode(to: encoder)
        case .fleetResumed(let payload): try payload.encode(to: encoder)
        case .productPaused(let payload): try payload.encode(to: encoder)
        case .productResumed(let payload): try payload.encode(to: encoder)
        case .tokenIssued(let payload): try payload.encode(to: encoder)
        case .tokenRevoked(let payload): try payload.encode(to: encoder)
        case .fleetRestored(let payload): try payload.encode(to: encoder)
        }
    }
}
