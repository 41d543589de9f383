package import JSONWriting

extension EventBody {
    /// The payload of an event that a job's life is made of; the others are seldom, and are coded
    /// as any other value is.
    package var writable: (any JSONWritable)? {
        switch self {
        case .jobSubmitted(let payload): payload
        case .jobAssigned(let payload): payload
        case .jobPassed(let payload), .jobPromoted(let payload), .gateEvaluated(let payload):
            payload
        case .jobRetrying(let payload): payload
        case .jobFailed(let payload), .jobDeadLettered(let payload): payload
        case .jobShipped(let payload): payload
        case .leaseGranted(let payload): payload
        case .leaseExpired(let payload), .leaseReleased(let payload): payload
        case .runStarted(let payload): payload
        case .runFinished(let payload): payload
        case .evidenceRecorded(let payload): payload
        case .reviewRequested(let payload): payload
        case .shipRequested(let payload): payload
        case .shipStarted(let payload): payload
        case .shipMerged(let payload): payload
        default: nil
        }
    }
}

extension JobSubmitted: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("contentHash", contentHash)
        json.member("dependencies", dependencies)
        json.member("manifest", manifest)
        json.member("owner", owner)
        json.member("prompt", prompt)
        json.member("style", style)
        json.member("terms", terms)
        json.close()
    }
}

extension JobAssigned: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("charge", charge)
        json.member("decisionHash", decisionHash)
        json.member("engine", engine)
        json.member("factory", factory)
        json.member("groundwork", groundwork)
        json.member("score", score)
        json.member("terms", terms)
        json.close()
    }
}

extension Judged: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("commit", commit)
        json.member("keepsPause", keepsPause)
        json.member("reason", reason)
        json.close()
    }
}

extension Retrying: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("failure", failure)
        json.member("until", until)
        json.close()
    }
}

extension GaveUp: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("cause", cause)
        json.member("failure", failure)
        json.member("reason", reason)
        json.close()
    }
}

extension LeaseEnded: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("hadStarted", hadStarted)
        json.member("kind", kind)
        json.member("pushedNothing", pushedNothing)
        json.member("reason", reason)
        json.close()
    }
}

extension RunStarted: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("base", base)
        json.member("engineVersion", engineVersion)
        json.member("model", model)
        json.member("notes", notes)
        json.member("promptHash", promptHash)
        json.member("sandbox", sandbox)
        json.close()
    }
}

extension RunFinished: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("candidate", candidate)
        json.member("failure", failure)
        json.member("model", model)
        json.member("notes", notes)
        json.member("spendMicroUSD", spendMicroUSD)
        json.member("usage", usage)
        json.close()
    }
}

extension ReviewRequested: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("commit", commit)
        json.member("quorum", quorum)
        json.member("reviewers", reviewers)
        json.close()
    }
}

extension ShipRequested: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("commit", commit)
        json.close()
    }
}

extension ShipStarted: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("commit", commit)
        json.member("target", target)
        json.close()
    }
}

extension ShipMerged: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("commit", commit)
        json.member("target", target)
        json.member("tree", tree)
        json.member("wasThere", wasThere)
        json.close()
    }
}
