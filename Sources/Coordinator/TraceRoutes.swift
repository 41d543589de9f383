import FleetCore
import FleetModel
import FleetPorts
import FleetProtocol
import HTTPServing

/// `GET /fleet/jobs/{id}/trace`: one job's life for collectors of OpenTelemetry.
extension FleetAPI {
    static let traceCalls: [Call] = [
        Call(
            .get,
            "/fleet/jobs/{id}/trace",
            name: "readTrace",
            "Tells a job's life as OTLP spans: the job, its stages, its runs and their gates",
            who: .reader,
            replies: [.json(200, JobTrace.self, "An ExportTraceServiceRequest of OTLP")],
            problems: [.unknownJob, .unreadableStore],
            serve: { $0.reading($0.trace) }
        )
    ]

    private func trace(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let id = try job(parameters)
        var events: [Event] = []
        for line in try eventLines(of: id) {
            do throws(EventCodingFault) { events.append(try EventCodec.event(of: line)) } catch {
                throw Self.unreadable(.broken(path: "", reason: error.why))
            }
        }
        guard let timeline = JobTimeline(events) else { throw unknownJob(id) }
        return .encoding(timeline.trace(of: settings.fleetID))
    }
}
