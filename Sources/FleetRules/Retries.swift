package import FleetModel

extension Job {
    /// What follows when the work itself failed: once more, or giving up.
    ///
    /// The same failure twice with nothing material changed goes to the dead letters at once,
    /// rather than burning money on a third.
    package func afterFailure(_ failure: FailureReport, at now: Instant) -> [EventBody] {
        if let cancelRequest {
            return [.jobFailed(GaveUp(cause: cancelRequest.cause, reason: cancelRequest.reason))]
        }
        let rule = terms.retry
        guard rule.on.contains(failure.cause), rule.max > 0 else {
            let reason =
                rule.max == 0 ? "its retries are 0" : "\(failure.cause.rawValue) is not retried"
            return [.jobFailed(GaveUp(cause: failure.cause, failure: failure, reason: reason))]
        }
        if let before = lastFailure, retriesUsed > 0, before.isRepeated(by: failure) {
            return deadLetter(failure, reason: "the same failure twice with nothing changed")
        }
        guard retriesUsed < rule.max else {
            return deadLetter(failure, reason: "all \(rule.max) retries are used up")
        }
        let until = now.advanced(by: backoff(before: retriesUsed + 1))
        return [.jobRetrying(Retrying(failure: failure, until: until))] + pauseInEffect
    }

    /// What follows when the lease was lost; the work is not to blame.
    package func afterExpiry(reason: String) -> [EventBody] {
        guard let lease else { return [] }
        let ended = LeaseEnded(kind: lease.kind, reason: reason, hadStarted: hasStarted)
        guard lease.kind == .attempt else { return [.leaseExpired(ended)] }
        if let cancelRequest {
            return [.jobFailed(GaveUp(cause: cancelRequest.cause, reason: cancelRequest.reason))]
        }
        if hasStarted, lossesInARow + 1 >= Self.lossesOfPoison {
            let failure = FailureReport(cause: .leaseExpired, tail: [reason])
            return deadLetter(failure, reason: "lost \(Self.lossesOfPoison) times in a row")
        }
        return [.leaseExpired(ended)] + pauseInEffect
    }

    /// What follows when the holder gave the lease back, or never showed that it has it.
    ///
    /// `pushedNothing` is what the factory of a ship run says of it.
    package func afterRelease(reason: String, pushedNothing: Bool = false) -> [EventBody] {
        guard let lease else { return [] }
        if lease.kind == .attempt, let cancelRequest {
            return [.jobFailed(GaveUp(cause: cancelRequest.cause, reason: cancelRequest.reason))]
        }
        let ended = LeaseEnded(
            kind: lease.kind,
            reason: reason,
            hadStarted: hasStarted,
            pushedNothing: pushedNothing ? true : nil
        )
        return [.leaseReleased(ended)] + (lease.kind == .attempt ? pauseInEffect : [])
    }

    /// Losses in a row, each after a start, that make a poison job.
    package static let lossesOfPoison = 5

    private func deadLetter(_ failure: FailureReport, reason: String) -> [EventBody] {
        let gaveUp = GaveUp(cause: failure.cause, failure: failure, reason: reason)
        return [.jobFailed(gaveUp), .jobDeadLettered(gaveUp)]
    }

    /// Doubles with each retry, at most an hour, with up to a tenth more that depends on the job
    /// and the retry alone, so that a replay and a second coordinator wait equally long.
    package func backoff(before retry: Int) -> Timespan {
        let doubled = terms.retry.backoff.milliseconds << min(Int64(max(retry - 1, 0)), 20)
        let capped = min(doubled, Timespan.hours(1).milliseconds)
        var mixed = id.number &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(retry)
        mixed ^= mixed >> 29
        mixed = mixed &* 0xBF58_476D_1CE4_E5B9
        mixed ^= mixed >> 32
        let jitter = capped / 10 == 0 ? 0 : Int64(mixed % UInt64(capped / 10 + 1))
        return Timespan(milliseconds: capped + jitter)
    }
}

extension FailureReport {
    /// Same cause, command and normalised last lines, and the same tree (or none both times).
    package func isRepeated(by later: FailureReport) -> Bool {
        cause == later.cause && command == later.command && tree == later.tree
            && tail.map(Self.normalised) == later.tail.map(Self.normalised)
    }

    /// Numbers and temporary names differ from run to run without meaning anything.
    private static func normalised(_ line: String) -> String {
        var text = ""
        var isInNumber = false
        for character in line {
            if character.isNumber || (isInNumber && (character == "." || character == ":")) {
                if !isInNumber { text.append("#") }
                isInNumber = true
            } else {
                isInNumber = false
                text.append(character)
            }
        }
        return text
    }
}
