package import FleetModel

extension Job {
    /// Rounds against a busy target before a person is asked.
    package static let shipRoundsAllowed = 5

    /// What follows when a ship run could not bring the change to its target.
    package func refuseShip(
        _ cause: ShipRefused.Cause,
        detail: [String],
        at now: Instant
    ) -> [EventBody] {
        // Only who has seen the target knows that nothing landed; else the next look will.
        if let cancelRequest, cause.hasSeenTarget {
            return [
                .shipRefused(ShipRefused(cause: cause, detail: detail)),
                .jobFailed(GaveUp(cause: cancelRequest.cause, reason: cancelRequest.reason)),
            ]
        }
        switch cause {
        case .conflict, .verifyFailed: return sendBack(cause, detail: detail)
        case .scopeViolation:
            let failure = FailureReport(cause: .scopeViolation, tail: detail)
            return [
                .shipRefused(ShipRefused(cause: cause, detail: detail)),
                .jobFailed(
                    GaveUp(
                        cause: .scopeViolation,
                        failure: failure,
                        reason: "the merged change leaves its scope"
                    )
                ),
            ]
        case .targetMoved, .pushRefused, .unseen, .unreachable, .forbidden:
            let rounds = shipRounds + 1
            let isLast = rounds >= Self.shipRoundsAllowed
            let pause = cause == .targetMoved ? 0 : Int64(100) << Int64(min(rounds, 10))
            return [
                .shipRefused(
                    ShipRefused(
                        cause: cause,
                        detail: detail,
                        blocks: isLast ? Self.block(after: cause) : nil,
                        until: now.advanced(by: Timespan(milliseconds: pause))
                    )
                )
            ]
        case .overtaken, .absent:
            return [.shipRefused(ShipRefused(cause: cause, detail: detail))]
        }
    }

    /// A target that moves, an origin that says no and one that says nothing need different people.
    private static func block(after cause: ShipRefused.Cause) -> ShipBlock {
        switch cause {
        case .pushRefused, .forbidden: .pushRefused
        case .unseen, .unreachable: .targetUnreachable
        default: .targetMovesTooFast
        }
    }

    /// One automatic retry from the new base with the conflict in the prompt; then a person.
    private func sendBack(_ cause: ShipRefused.Cause, detail: [String]) -> [EventBody] {
        guard conflictRetries == 0 else {
            return [
                .shipRefused(ShipRefused(cause: cause, detail: detail, blocks: .mergeConflict))
            ]
        }
        let failure = FailureReport(
            cause: cause == .conflict ? .mergeConflict : .verifyFailed,
            tail: detail,
            tree: candidate?.tree
        )
        return [
            .shipRefused(ShipRefused(cause: cause, detail: detail)),
            .jobRequeued(
                Requeued(
                    reason: "the target moved and the change no longer fits",
                    startsOver: false,
                    conflict: failure
                )
            ),
        ]
    }
}
