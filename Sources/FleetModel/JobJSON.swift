public import JSONWriting

extension Job: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) { boxed.wrappedValue.write(to: &json) }
}

extension JobRecord {
    fileprivate func write(to json: inout JSONBuffer) {
        json.open()
        json.member("attempt", attempt)
        json.member("backoffUntil", backoffUntil)
        json.member("cancelRequest", boxedCancelRequest.wrappedValue)
        json.member("candidate", boxedCandidate.wrappedValue)
        json.member("charge", boxedCharge.wrappedValue)
        json.member("checkpoint", boxedCheckpoint.wrappedValue)
        json.member("conflictRetries", conflictRetries)
        json.member("contentHash", contentHash)
        json.member("dependencies", dependencies)
        json.member("dialogue", boxedDialogue.wrappedValue)
        json.member("eventCount", eventCount)
        json.member("evidence", evidence)
        json.member("fence", fence)
        json.member("groundwork", groundwork)
        json.member("hasStarted", hasStarted)
        json.member("id", id)
        json.member("isJudged", isJudged)
        json.member("lastFailure", boxedLastFailure.wrappedValue)
        json.member("lease", boxedLease.wrappedValue)
        json.member("lossesInARow", lossesInARow)
        json.member("manifest", boxedManifest.wrappedValue)
        json.member("owner", owner)
        json.member("pause", boxedPause.wrappedValue)
        json.member("preemption", boxedPreemption.wrappedValue)
        json.member("prompt", prompt)
        json.member("retriesUsed", retriesUsed)
        json.member("review", boxedReview.wrappedValue)
        json.member("runs", runs)
        json.member("shipBlock", shipBlock)
        json.member("shipRefusal", boxedShipRefusal.wrappedValue)
        json.member("shipRequest", boxedShipRequest.wrappedValue)
        json.member("shipRounds", shipRounds)
        json.member("shipped", boxedShipped.wrappedValue)
        json.member("spendMicroUSD", spendMicroUSD)
        json.member("stage", stage)
        json.member("stageSince", stageSince)
        json.member("style", style)
        json.member("submittedAt", submittedAt)
        json.member("submittedBy", submittedBy)
        json.member("terms", boxedTerms.wrappedValue)
        json.close()
    }
}

extension Job.ShipRequest: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("at", at)
        json.member("by", by)
        json.member("commit", commit)
        json.close()
    }
}

extension Job.CancelRequest: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("at", at)
        json.member("by", by)
        json.member("cause", cause)
        json.member("reason", reason)
        json.close()
    }
}

extension Job.Shipped: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("commit", commit)
        json.member("reason", reason)
        json.member("target", target)
        json.close()
    }
}

extension Hold: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("by", by)
        json.member("reason", reason)
        json.member("since", since)
        json.close()
    }
}

extension Preemption: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("critical", critical)
        json.member("reason", reason)
        json.member("since", since)
        json.close()
    }
}

extension Review: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("approvals", approvals)
        json.close()
    }
}

extension Review.Approval: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("at", at)
        json.member("by", by)
        json.member("comment", comment)
        json.member("commit", commit)
        json.member("owner", owner)
        json.close()
    }
}

extension Dialogue: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("exchanges", exchanges)
        json.close()
    }
}

extension Dialogue.Exchange: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("answer", answer)
        json.member("answeredBy", answeredBy)
        json.member("askedAt", askedAt)
        json.member("attempt", attempt)
        json.member("question", question)
        json.close()
    }
}

extension Checkpoint: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("base", base)
        json.member("branch", branch)
        json.member("commit", commit)
        json.member("engine", engine)
        json.member("factory", factory)
        json.member("isFinished", isFinished)
        json.member("session", session)
        json.close()
    }
}

extension ShipRefused: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("blocks", blocks)
        json.member("cause", cause)
        json.member("detail", detail)
        json.member("until", until)
        json.close()
    }
}
