import FleetModel
import FleetProtocol

/// A timeline as OTLP spans: the job is the trace, its stages and leases are its spans.
///
/// Ids are hashes of the fleet's id and of what the span is about: the same history gives the same
/// bytes, whoever asks and however often.
extension JobTimeline {
    func trace(of fleet: String) -> JobTrace {
        let tracing = Tracing(fleet: fleet, timeline: self)
        return JobTrace(
            resource: [.text("service.name", "giga"), .text("giga.fleet.id", fleet)],
            scope: "giga",
            spans: [tracing.wholeJob] + tracing.stages + tenures.flatMap(tracing.spans)
        )
    }
}

private struct Tracing {
    let fleet: String
    let timeline: JobTimeline

    private var job: Job { timeline.job }

    private func hash(_ what: String, bytes count: Int) -> String {
        let digest = Digest(sha256: "giga trace\n\(fleet)\n\(job.id)\n\(what)")
        return Hexadecimal.text(of: Array(digest.bytes.prefix(count)))
    }

    private func spanID(_ what: String) -> String { hash(what, bytes: 8) }

    private static func nanoseconds(_ instant: Instant) -> String {
        "\(instant.milliseconds)000000"
    }

    /// What has no end yet goes on for as long as anything is known of the job.
    private func span(
        _ what: String,
        in parent: String?,
        _ name: String,
        from: Instant,
        to end: Instant?,
        _ attributes: [JobTrace.Attribute]
    ) -> JobTrace.Span {
        var attributes = attributes
        if end == nil { attributes.append(.flag("giga.span.open", true)) }
        return JobTrace.Span(
            traceId: hash("trace", bytes: 16),
            spanId: spanID(what),
            parentSpanId: parent.map(spanID),
            name: name,
            startTimeUnixNano: Self.nanoseconds(from),
            endTimeUnixNano: Self.nanoseconds(max(from, end ?? timeline.last)),
            attributes: attributes
        )
    }

    var wholeJob: JobTrace.Span {
        let profile = job.terms.profile
        var attributes: [JobTrace.Attribute] = [
            .text("giga.job.id", "\(job.id)"), .text("giga.job.title", job.manifest.title ?? ""),
            .text("giga.job.product", job.terms.product), .text("giga.job.repo", job.terms.repo),
            .text("giga.job.profile", "\(profile)"), .text("giga.stage.name", job.stage.rawValue),
            .number("giga.cost.micro_usd", job.spendMicroUSD),
        ]
        if let commit = job.shipped?.commit { attributes.append(.text("giga.commit.id", commit)) }
        var span = span(
            "job",
            in: nil,
            "job",
            from: job.submittedAt,
            to: job.stage.isEnded ? timeline.last : nil,
            attributes
        )
        span.events = timeline.decisions.map { event in
            JobTrace.Moment(
                timeUnixNano: Self.nanoseconds(event.at),
                name: event.kind.rawValue,
                attributes: [.text("giga.actor.name", "\(event.actor)")]
            )
        }
        switch job.stage {
        case .shipped: span.status = .init(code: 1)
        case .failed, .deadLetter:
            span.status = .init(code: 2, message: job.lastFailure?.cause.rawValue)
        default: break
        }
        return span
    }

    /// A final stage is a span only where the job left it again.
    var stages: [JobTrace.Span] {
        timeline.stays.filter { $0.to != nil || !$0.stage.isEnded }.map { stay in
            span(
                "stage \(stay.position)",
                in: "job",
                "stage \(stay.stage.rawValue)",
                from: stay.from,
                to: stay.to,
                [.text("giga.stage.name", stay.stage.rawValue)]
            )
        }
    }

    /// A lease, the engine that ran under it, and the gates that judged it.
    func spans(_ tenure: JobTimeline.Tenure) -> [JobTrace.Span] {
        let (lease, run) = (tenure.lease, timeline.run(of: tenure))
        let own = "run \(lease.fence)"
        var attributes: [JobTrace.Attribute] = [
            .text("giga.run.id", "\(lease.run)"), .text("giga.run.kind", lease.kind.rawValue),
            .number("giga.run.attempt", lease.attempt), .number("giga.run.fence", lease.fence),
            .text("giga.factory.name", lease.factory.name),
        ]
        if let outcome = run?.outcome { attributes.append(.text("giga.run.outcome", outcome)) }
        if let commit = run?.commit { attributes.append(.text("giga.commit.id", commit)) }
        var whole = span(
            own,
            in: "job",
            "run \(lease.kind.rawValue)",
            from: tenure.from,
            to: tenure.to,
            attributes
        )
        whole.status = Self.status(run?.outcome)
        var spans = [whole]
        if let run, let engine = engine(run, in: own) { spans.append(engine) }
        return spans + tenure.gates.map { gate($0, of: tenure, in: own) }
    }

    private static func status(_ outcome: String?) -> JobTrace.Status {
        switch outcome {
        case "ended", "shipped": .init(code: 1)
        case nil, "released", "stopped", "waiting_input", "preempted": .init()
        case let outcome: .init(code: 2, message: outcome)
        }
    }

    /// The names are those of OpenTelemetry for generative AI; what nobody reported is left out.
    private func engine(_ run: Run, in parent: String) -> JobTrace.Span? {
        guard let engine = run.engine, let start = run.startedAt else { return nil }
        var attributes: [JobTrace.Attribute] = [
            .text("gen_ai.operation.name", "invoke_agent"), .text("gen_ai.agent.name", engine),
        ]
        if let version = run.engineVersion {
            attributes.append(.text("gen_ai.agent.version", version))
        }
        if let model = run.model { attributes.append(.text("gen_ai.request.model", model)) }
        let usage: [(String, Int?)] = [
            ("gen_ai.usage.input_tokens", run.usage?.inputTokens),
            ("gen_ai.usage.output_tokens", run.usage?.outputTokens),
            ("gen_ai.usage.cache_read.input_tokens", run.usage?.cachedReadTokens),
            ("gen_ai.usage.cache_creation.input_tokens", run.usage?.cacheWriteTokens),
            ("gen_ai.usage.reasoning.output_tokens", run.usage?.reasoningTokens),
        ]
        for (key, count) in usage {
            if let count { attributes.append(.number(key, count)) }
        }
        if let spend = run.spendMicroUSD {
            attributes.append(.number("giga.cost.micro_usd", spend))
        }
        var span = span(
            "engine \(run.fence)",
            in: parent,
            "invoke_agent \(engine)",
            from: start,
            to: run.endedAt,
            attributes
        )
        span.status = Self.status(run.outcome)
        return span
    }

    /// Evidence says how long its gate took, and comes when it is over.
    private func gate(
        _ gate: JobTimeline.Gate,
        of tenure: JobTimeline.Tenure,
        in parent: String
    ) -> JobTrace.Span {
        let took = Timespan(milliseconds: -(gate.evidence.milliseconds ?? 0))
        var span = span(
            "gate \(gate.position)",
            in: parent,
            "gate \(gate.evidence.gate.rawValue)",
            from: max(tenure.from, gate.at.advanced(by: took)),
            to: gate.at,
            [
                .text("giga.gate.name", gate.evidence.gate.rawValue),
                .text("giga.gate.verdict", gate.evidence.verdict.rawValue),
                .text("giga.commit.id", gate.evidence.commit),
            ]
        )
        if gate.evidence.verdict == .failed { span.status = .init(code: 2) }
        if gate.evidence.verdict == .passed { span.status = .init(code: 1) }
        return span
    }
}
