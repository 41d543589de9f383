import HTTPServing
import Synchronization

/// What the server itself does since its process began: commits and requests.
///
/// Nothing is decided by it.
final class ServerMeters: Sendable {
    struct Commits: Hashable, Sendable {
        /// In microseconds: how long a commit took, waits for the store's server included.
        var durations = Histogram(upTo: ServerMeters.commitBounds, places: 6)
        var events = Histogram(upTo: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 4_096])
    }

    struct Requests: Hashable, Sendable {
        /// Answers by the first digit of their status.
        var answers: [Int: Int] = [:]
        /// In microseconds, from the whole request to the answer, or to the begin of a stream.
        var durations = Histogram(upTo: ServerMeters.requestBounds, places: 6)
    }

    /// Figures of one call, behind a lock of its own: no two calls wait for each other.
    private final class CallMeter: Sendable {
        let requests = Mutex(Requests())

        func note(_ status: Int, _ duration: Duration) {
            requests.withLock { requests in
                requests.answers[status / 100, default: 0] += 1
                requests.durations.observe(duration.wholeMicroseconds)
            }
        }
    }

    private let commits = Mutex(Commits())
    private let calls: [String: CallMeter]

    private static let commitBounds: [Int64] = [
        100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 1_000_000,
        5_000_000,
    ]
    private static let requestBounds: [Int64] = [
        500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000,
        30_000_000,
    ]

    /// Knows the calls by their stable names.
    init(calls: [String] = []) {
        self.calls = Dictionary(
            calls.map { ($0, CallMeter()) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// Called by the writer's thread after each commit.
    func committed(events: Int, in duration: Duration) {
        commits.withLock { commits in
            commits.durations.observe(duration.wholeMicroseconds)
            commits.events.observe(Int64(events))
        }
    }

    var allCommits: Commits { commits.withLock { $0 } }

    /// Calls that were made at all, by name.
    var allRequests: [(call: String, requests: Requests)] {
        calls.keys.sorted().compactMap { name in
            guard let requests = calls[name]?.requests.withLock({ $0 }), !requests.answers.isEmpty
            else { return nil }
            return (call: name, requests: requests)
        }
    }

    /// The same route, which counts its answers.
    func watching(_ route: Route) -> Route {
        guard let meter = calls[route.name] else { return route }
        let reception = route.reception.map { reception in
            { @Sendable (request: HTTPRequest, parameters: PathParameters) -> Reception in
                let begun = ContinuousClock.now
                let decided = reception(request, parameters)
                if case .answer(let response) = decided {
                    meter.note(response.status, begun.duration(to: .now))
                }
                return decided
            }
        }
        let handler = route.handler
        return Route(route.method, route.pattern, name: route.name, reception: reception) {
            request,
            parameters,
            responder in
            let begun = ContinuousClock.now
            let watched = responder.noting { meter.note($0, begun.duration(to: .now)) }
            handler(request, parameters, watched)
        }
    }
}

extension Duration {
    fileprivate var wholeMicroseconds: Int64 {
        components.seconds &* 1_000_000 &+ components.attoseconds / 1_000_000_000_000
    }
}
