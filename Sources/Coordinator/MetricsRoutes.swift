import FleetModel
import HTTPServing
import Processes

/// `GET /metrics`: the coordinator's figures as Prometheus reads them.
///
/// Gauges tell how it is now; counters and histograms count since this process began.
extension FleetAPI {
    static let metricsCalls: [Call] = [
        Call(
            .get,
            "/metrics",
            name: "readMetrics",
            "Tells figures of the coordinator in the Prometheus text format 0.0.4",
            who: .reader,
            replies: [.text("text/plain", "Families of samples, each with HELP and TYPE")],
            serve: { $0.reading($0.metrics) }
        )
    ]

    private func metrics(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        // Copies of a bounded size: nothing is written with the lock held.
        let (jobs, census, tally) = model.read(at: clock()) { contents in
            var jobs: [(Stage, Int)] = []
            for stage in Stage.allCases { jobs.append((stage, contents.count(in: stage))) }
            return (jobs, contents.census.figures, contents.tally.figures)
        }
        let families: [[MetricFamily]] = [
            Self.families(of: jobs), Self.families(of: tally), Self.families(of: census),
            ownFamilies, requestFamilies, Self.families(of: ProcessFacts.own()),
        ]
        return HTTPResponse(
            status: 200,
            headers: ["Content-Type": MetricFamily.contentType],
            body: Array(MetricFamily.text(of: families.flatMap(\.self)).utf8)
        )
    }

    private static func families(of jobs: [(Stage, Int)]) -> [MetricFamily] {
        let family = MetricFamily.gauge("giga_jobs", "Jobs by the stage they are in now.")
        return [jobs.reduce(family) { $0.with($1.1, .init("stage", $1.0.rawValue)) }]
    }

    private static func families(of tally: FleetTally.Figures) -> [MetricFamily] {
        var finished = MetricFamily.counter(
            "giga_jobs_finished_total",
            "Jobs that reached a final stage, by that stage."
        )
        for stage in Stage.allCases where stage.isEnded {
            finished = finished.with(
                tally.finished[stage] ?? 0,
                .init("outcome", stage.rawValue)
            )
        }
        var verdicts = MetricFamily.counter(
            "giga_gate_verdicts_total",
            "Verdicts of gates on finished work, by gate and verdict."
        )
        for gate in Evidence.Gate.allCases {
            for verdict in Evidence.Verdict.allCases {
                verdicts = verdicts.with(
                    tally.verdicts[.init(gate: gate, verdict: verdict)] ?? 0,
                    .init("gate", gate.rawValue),
                    .init("verdict", verdict.rawValue)
                )
            }
        }
        return [
            .counter("giga_jobs_submitted_total", "Jobs that were added.").with(tally.submitted),
            finished,
            .counter("giga_jobs_retried_total", "Failed attempts that are tried again.")
                .with(tally.retried),
            .histogram(
                "giga_job_assign_latency_seconds",
                "From when a job could start to its lease for an attempt."
            ).with(tally.assignLatency),
            runs(tally), verdicts,
            .counter("giga_spend_usd_total", "Reported spend of runs in US dollars.")
                .with(tally.spendMicroUSD, places: 6),
            leases(
                "giga_leases_granted_total",
                "Leases that were granted, by kind.",
                tally.granted
            ),
            leases(
                "giga_leases_reclaimed_total",
                "Leases that ran out before their runs ended, by kind.",
                tally.reclaimed
            ),
        ]
    }

    private static func leases(
        _ name: String,
        _ help: String,
        _ counts: [Lease.Kind: Int]
    ) -> MetricFamily {
        Lease.Kind.allCases.reduce(.counter(name, help)) { family, kind in
            family.with(counts[kind] ?? 0, .init("kind", kind.rawValue))
        }
    }

    private static func runs(_ tally: FleetTally.Figures) -> MetricFamily {
        let family = MetricFamily.histogram(
            "giga_run_duration_seconds",
            "From the start of a run, or its lease, to its end, by kind and outcome."
        )
        let known = tally.runs.sorted {
            ($0.key.kind.rawValue, $0.key.outcome) < ($1.key.kind.rawValue, $1.key.outcome)
        }
        return known.reduce(family) { family, run in
            family.with(
                run.value,
                .init("kind", run.key.kind.rawValue),
                .init("outcome", run.key.outcome)
            )
        }
    }

    private static func families(of census: FleetCensus.Figures) -> [MetricFamily] {
        let leases = MetricFamily.gauge("giga_leases", "Leases that are held now, by kind.")
        let factories = MetricFamily.gauge("giga_factories", "Factories by how they stand now.")
        return [
            Lease.Kind.allCases.reduce(leases) {
                $0.with(census.leases[$1] ?? 0, .init("kind", $1.rawValue))
            },
            FleetCensus.FactoryState.allCases.reduce(factories) {
                $0.with(census.factories[$1] ?? 0, .init("state", $1.rawValue))
            },
            .gauge(
                "giga_stations",
                "Stations that leases hold, and free ones of present factories."
            )
            .with(census.busyStations, .init("state", "busy"))
            .with(census.freeStations, .init("state", "free")),
        ]
    }

    /// The writer, its commits, and who listens.
    private var ownFamilies: [MetricFamily] {
        let commits = meters.allCommits
        return [
            .gauge("giga_writer_queue_depth", "What the writer has yet to take.")
                .with(writer.waiting),
            .histogram(
                "giga_commit_duration_seconds",
                "How long the store took for one commit."
            ).with(commits.durations),
            .histogram("giga_commit_events", "Events that one commit stored.").with(commits.events),
            .gauge("giga_stream_clients", "Open streams by topic.")
                .with(listeners.feed.count, .init("topic", "events"))
                .with(listeners.orders.count, .init("topic", "orders")),
            .gauge("giga_build_info", "Always 1; the version of this coordinator is a label.")
                .with(1, .init("version", version)),
        ]
    }

    private var requestFamilies: [MetricFamily] {
        var requests = MetricFamily.counter(
            "giga_http_requests_total",
            "Answered requests, by the call's name and the class of the status."
        )
        var durations = MetricFamily.histogram(
            "giga_http_request_duration_seconds",
            "From a whole request to its answer, or to the begin of a stream."
        )
        for (call, figures) in meters.allRequests {
            for (digit, count) in figures.answers.sorted(by: { $0.key < $1.key }) {
                requests = requests.with(
                    count,
                    .init("call", call),
                    .init("code", "\(digit)xx")
                )
            }
            durations = durations.with(figures.durations, .init("call", call))
        }
        return [requests, durations]
    }

    /// Under the names that every Prometheus client gives them.
    private static func families(of facts: ProcessFacts) -> [MetricFamily] {
        let spent = MetricFamily.counter(
            "process_cpu_seconds_total",
            "Processor time of this process, user and system."
        ).with(facts.processorMicroseconds, places: 6)
        func gauge(_ name: String, _ help: String, _ value: Int64?, places: Int = 0)
            -> MetricFamily?
        {
            value.map { MetricFamily.gauge(name, help).with($0, places: places) }
        }
        return [
            spent,
            gauge(
                "process_start_time_seconds",
                "When this process began, in seconds since 1970.",
                facts.startedAt,
                places: 3
            ),
            gauge(
                "process_resident_memory_bytes",
                "Memory of this process that is not paged out.",
                facts.residentBytes
            ),
            gauge("process_open_fds", "Open file descriptors.", facts.openDescriptors),
        ].compactMap(\.self)
    }
}
