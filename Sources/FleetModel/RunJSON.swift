public import JSONWriting

extension Run: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("artifacts", artifacts)
        json.member("attempt", attempt)
        json.member("commit", commit)
        json.member("endedAt", endedAt)
        json.member("engine", engine)
        json.member("engineVersion", engineVersion)
        json.member("factory", factory)
        json.member("fence", fence)
        json.member("grantedAt", grantedAt)
        json.member("id", id)
        json.member("kind", kind)
        json.member("model", model)
        json.member("notes", notes)
        json.member("outcome", outcome)
        json.member("profile", profile)
        json.member("promptHash", promptHash)
        json.member("sandbox", sandbox)
        json.member("spendMicroUSD", spendMicroUSD)
        json.member("startedAt", startedAt)
        json.member("usage", usage)
        json.close()
    }
}

extension Usage: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("cacheWriteTokens", cacheWriteTokens)
        json.member("cachedReadTokens", cachedReadTokens)
        json.member("inputTokens", inputTokens)
        json.member("outputTokens", outputTokens)
        json.member("reasoningTokens", reasoningTokens)
        json.close()
    }
}

extension Candidate: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("base", base)
        json.member("branch", branch)
        json.member("commit", commit)
        json.member("patchID", patchID)
        json.member("tree", tree)
        json.close()
    }
}

extension Evidence: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("artifacts", artifacts)
        json.member("command", command)
        json.member("commit", commit)
        json.member("exitCode", exitCode)
        json.member("gate", gate)
        json.member("milliseconds", milliseconds)
        json.member("missingArtifacts", missingArtifacts)
        json.member("needsReview", needsReview)
        json.member("reportHash", reportHash)
        json.member("summary", summary)
        json.member("tail", tail)
        json.member("verdict", verdict)
        json.close()
    }
}

extension Artifact: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("asked", asked)
        json.member("bytes", bytes)
        json.member("name", name)
        json.member("path", path)
        json.member("redactions", redactions)
        json.member("sha256", sha256)
        json.member("source", source)
        json.close()
    }
}

extension Lease: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("attempt", attempt)
        json.member("boot", boot)
        json.member("claim", claim)
        json.member("expires", expires)
        json.member("factory", factory)
        json.member("fence", fence)
        json.member("granted", granted)
        json.member("job", job)
        json.member("kind", kind)
        json.member("station", station)
        json.close()
    }
}

extension Groundwork: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("commit", commit)
        json.member("job", job)
        json.close()
    }
}

extension StationCharge: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("expected", expected)
        json.member("turns", turns)
        json.member("weight", weight)
        json.close()
    }
}

extension ProductTurn: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("begins", begins)
        json.member("product", product)
        json.close()
    }
}

extension FailureReport: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("cause", cause)
        json.member("command", command)
        json.member("tail", tail)
        json.member("tree", tree)
        json.close()
    }
}

extension GrantedRun: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("answers", answers)
        json.member("candidate", candidate)
        json.member("checkpoint", checkpoint)
        json.member("fleet", fleet)
        json.member("groundwork", groundwork)
        json.member("lastFailure", lastFailure)
        json.member("lease", lease)
        json.member("manifest", manifest)
        json.member("mustContain", mustContain)
        json.member("onlyLooks", onlyLooks)
        json.member("profile", profile)
        json.member("prompt", prompt)
        json.member("repository", repository)
        json.member("terms", terms)
        json.close()
    }
}

extension Station: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("classes", classes)
        json.member("count", count)
        json.member("engine", engine)
        json.close()
    }
}

extension HeldLease: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("fence", fence)
        json.member("job", job)
        json.close()
    }
}

extension Order: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("factory", factory)
        json.member("fence", fence)
        json.member("job", job)
        json.member("kind", kind)
        json.member("reason", reason)
        json.member("sparesFinished", sparesFinished)
        json.close()
    }
}

extension WaitingInput: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("model", model)
        json.member("notes", notes)
        json.member("question", question)
        json.member("spendMicroUSD", spendMicroUSD)
        json.member("usage", usage)
        json.close()
    }
}

extension RunReportItem: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        switch self {
        case .started(let item): json.object("started") { $0.member("_0", item) }
        case .finished(let item): json.object("finished") { $0.member("_0", item) }
        case .checkpointed(let item): json.object("checkpointed") { $0.member("_0", item) }
        case .waitingInput(let item): json.object("waitingInput") { $0.member("_0", item) }
        case .evidence(let item): json.object("evidence") { $0.member("_0", item) }
        case .evidenceComplete: json.object("evidenceComplete") { _ in }
        case .stopped(let cause, let reason):
            json.object("stopped") { json in
                json.member("_0", cause)
                json.member("reason", reason)
            }
        case .shipStarted(let item): json.object("shipStarted") { $0.member("_0", item) }
        case .shipMerged(let item): json.object("shipMerged") { $0.member("_0", item) }
        case .shipRefused(let cause, let detail):
            json.object("shipRefused") { json in
                json.member("_0", cause)
                json.member("detail", detail)
            }
        }
        json.close()
    }
}
