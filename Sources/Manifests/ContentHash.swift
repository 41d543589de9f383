package import FleetModel

/// Whether two submissions under one key are the same job.
///
/// Counted is what was written: values normalised (`1h` is `60m`), fields sorted, no defaults,
/// dependencies as written, and the prompt. Editing a profile never turns an old file into another.
package enum ContentHash {
    package static func digest(_ manifest: Manifest, prompt: String) -> Digest {
        Digest(sha256: canonicalBytes(manifest, prompt: prompt))
    }

    /// What is hashed: one line for each written field, sorted by name, then the prompt.
    package static func canonicalBytes(_ manifest: Manifest, prompt: String) -> [UInt8] {
        var lines = ["giga job 1"]
        for (name, value) in fields(of: manifest).sorted(by: { $0.0 < $1.0 }) {
            lines.append("\(QuotedText.json(name)): \(value)")
        }
        return Array((lines.joined(separator: "\n") + "\n\n" + prompt).utf8)
    }

    private static func fields(of manifest: Manifest) -> [(String, String)] {
        var fields: [(String, String)] = []
        func add(_ name: String, _ value: String?) {
            if let value { fields.append((name, value)) }
        }
        func addText(_ name: String, _ text: String?) { add(name, text.map(QuotedText.json)) }
        func addList(_ name: String, _ list: [String]?) { add(name, list.map(Self.list)) }
        addText("title", manifest.title)
        addText("product", manifest.product)
        addText("repo", manifest.repo)
        addText("base", manifest.base)
        addText("cwd", manifest.cwd)
        addText("engine", manifest.engine)
        addText("engine-class", manifest.engineClass)
        addText("model", manifest.model)
        add("yolo", manifest.yolo.map { "\($0)" })
        addText("lock", manifest.lock)
        add("timeout", manifest.timeout.map { "\($0.milliseconds)" })
        addText("verify", manifest.verify)
        addText("profile", manifest.profile?.description)
        addList("capabilities", manifest.capabilities?.map(\.text))
        addList("prefers", manifest.prefers?.map(text))
        addText("priority", manifest.priority?.rawValue)
        add("deadline", manifest.deadline.map(text))
        add("budget", manifest.budget.map(text))
        add("value", manifest.valueMilli.map { "\($0)" })
        addList("deps", manifest.deps?.map(\.description))
        addText("idempotency-key", manifest.idempotencyKey)
        add("retry", manifest.retry.map(text))
        add("review-policy", manifest.reviewPolicy.map(text))
        addList("allowed-scope", manifest.allowedScope?.map(\.pattern))
        addList("artifacts", manifest.artifacts)
        addText("tracker-item", manifest.trackerItem)
        addText("output", manifest.output?.rawValue)
        addText("script", manifest.script)
        add("obligations", manifest.obligations.map(map))
        addText("value-stream", manifest.valueStream)
        addText("mandate", manifest.mandate)
        addText("lane", manifest.lane)
        addText("issue", manifest.issue)
        addList("labels", manifest.labels)
        for (name, value) in manifest.extensions ?? [:] { addText(name, value) }
        return fields
    }

    private static func list(_ texts: [String]) -> String {
        "[\(texts.map(QuotedText.json).joined(separator: ", "))]"
    }

    private static func map(_ entries: [String: String]) -> String {
        let pairs = entries.sorted { $0.key < $1.key }
            .map { "\(QuotedText.json($0.key)): \(QuotedText.json($0.value))" }
        return "{\(pairs.joined(separator: ", "))}"
    }

    private static func text(_ preference: Preference) -> String {
        switch preference {
        case .factory(let name): "factory:\(name)"
        case .engine(let name): "engine:\(name)"
        case .fact(let requirement): requirement.text
        }
    }

    private static func text(_ deadline: Deadline) -> String {
        switch deadline {
        case .at(let instant): "at \(instant.milliseconds)"
        case .within(let span): "within \(span.milliseconds)"
        }
    }

    private static func text(_ budget: Budget) -> String {
        map(
            [
                "usd": budget.microUSD.map { "\($0)" }, "tokens": budget.tokens.map { "\($0)" },
                "wall": budget.wall.map { "\($0.milliseconds)" },
            ].compactMapValues(\.self)
        )
    }

    /// What equals the default counts as not written, as the manifest cannot tell them apart.
    private static func text(_ retry: RetryPolicy) -> String {
        let standard = RetryPolicy.standard
        return map(
            [
                "max": retry.max == standard.max ? nil : "\(retry.max)",
                "backoff": retry.backoff == standard.backoff
                    ? nil : "\(retry.backoff.milliseconds)",
                "on": retry.on == standard.on ? nil : list(retry.on.map(\.rawValue)),
            ].compactMapValues(\.self)
        )
    }

    private static func text(_ policy: ReviewPolicy) -> String {
        switch policy {
        case .auto: QuotedText.json("auto")
        case .manual: QuotedText.json("manual")
        case .reviewers(let names, let quorum):
            map(["reviewers": list(names), "quorum": "\(quorum)"])
        }
    }
}
