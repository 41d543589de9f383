package import JSONWriting

extension Run: JSONWritable {
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
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("attempt", attempt)
        json.member("boot", boot)
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

extension StationCharge: JSONWritable {
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
