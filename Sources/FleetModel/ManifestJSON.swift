public import JSONWriting

extension Manifest: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("allowed-scope", allowedScope)
        json.member("artifacts", artifacts)
        json.member("base", base)
        json.member("budget", budget)
        json.member("capabilities", capabilities)
        json.member("cwd", cwd)
        json.member("deadline", deadline)
        json.member("deps", deps)
        json.member("engine", engine)
        json.member("engine-class", engineClass)
        json.member("extensions", extensions)
        json.member("idempotency-key", idempotencyKey)
        json.member("issue", issue)
        json.member("labels", labels)
        json.member("lane", lane)
        json.member("lock", lock)
        json.member("mandate", mandate)
        json.member("model", model)
        json.member("obligations", obligations)
        json.member("output", output)
        json.member("prefers", prefers)
        json.member("priority", priority)
        json.member("product", product)
        json.member("profile", profile)
        json.member("repo", repo)
        json.member("retry", retry)
        json.member("review-policy", reviewPolicy)
        json.member("script", script)
        json.member("timeout", timeout)
        json.member("title", title)
        json.member("tracker-item", trackerItem)
        json.member("value-milli", valueMilli)
        json.member("value-stream", valueStream)
        json.member("verify", verify)
        json.member("yolo", yolo)
        json.close()
    }
}

extension ProfileReference: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("name", name)
        json.member("version", version)
        json.close()
    }
}

extension Budget: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("microUSD", microUSD)
        json.member("tokens", tokens)
        json.member("wall", wall)
        json.close()
    }
}

extension Dependency: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("fromTesting", fromTesting)
        json.member("name", name)
        json.close()
    }
}

extension RetryPolicy: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("backoff", backoff)
        json.member("max", max)
        json.member("on", on)
        json.close()
    }
}

extension Deadline: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        switch self {
        case .at(let instant): json.object("at") { $0.member("_0", instant) }
        case .within(let span): json.object("within") { $0.member("_0", span) }
        }
        json.close()
    }
}

extension ReviewPolicy: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        switch self {
        case .auto: json.object("auto") { _ in }
        case .manual: json.object("manual") { _ in }
        case .reviewers(let names, let quorum):
            json.object("reviewers") { json in
                json.member("_0", names)
                json.member("quorum", quorum)
            }
        }
        json.close()
    }
}

extension Preference: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        switch self {
        case .factory(let name): json.object("factory") { $0.member("_0", name) }
        case .engine(let name): json.object("engine") { $0.member("_0", name) }
        case .fact(let requirement): json.object("fact") { $0.member("_0", requirement) }
        }
        json.close()
    }
}

extension JobTerms: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("acceptsNoChange", acceptsNoChange)
        json.member("base", base)
        json.member("budget", budget)
        json.member("capabilities", capabilities)
        json.member("engine", engine)
        json.member("engineClass", engineClass)
        json.member("lock", lock)
        json.member("model", model)
        json.member("output", output)
        json.member("prefers", prefers)
        json.member("priority", priority)
        json.member("product", product)
        json.member("profile", profile)
        json.member("repo", repo)
        json.member("retry", retry)
        json.member("reviewPolicy", reviewPolicy)
        json.member("scopes", scopes)
        json.member("ship", ship)
        json.member("target", target)
        json.member("timeout", timeout)
        json.member("title", title)
        json.member("verify", verify)
        json.member("yolo", yolo)
        json.close()
    }
}

extension Profile: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("allowedScope", allowedScope)
        json.member("artifactGlobs", artifactGlobs)
        json.member("artifacts", artifacts)
        json.member("budget", budget)
        json.member("capabilities", capabilities)
        json.member("defaultVerify", defaultVerify)
        json.member("engineClass", engineClass)
        json.member("mandate", mandate)
        json.member("model", model)
        json.member("name", name)
        json.member("network", network)
        json.member("obligations", obligations)
        json.member("origin", origin)
        json.member("persona", persona)
        json.member("prefersEngine", prefersEngine)
        json.member("protectedPaths", protectedPaths)
        json.member("reviewPolicy", reviewPolicy)
        json.member("ship", ship)
        json.member("silent", silent)
        json.member("timeout", timeout)
        json.member("version", version)
        json.close()
    }
}

extension Profile.Silence: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("after", after)
        json.member("stops", stops)
        json.close()
    }
}

extension Repository: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("artifacts", artifacts)
        json.member("checkout", checkout)
        json.member("name", name)
        json.member("prepare", prepare)
        json.member("profile", profile)
        json.member("ship", ship)
        json.member("target", target)
        json.member("url", url)
        json.member("verify", verify)
        json.close()
    }
}
