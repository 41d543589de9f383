import FleetCore
import FleetModel
import FleetPorts
import FoundationEssentials

/// Rows that no start reads, held against what a replay of the events has come to.
enum RowsBesideState {
    /// One line per difference; `hashes` are those that assignments carry, by run.
    static func differences(
        _ rows: [StoredRow],
        _ state: FleetState,
        _ hashes: [String: String]
    ) throws(EventCodingFault) -> [String] {
        var lines: [String] = []
        var leases: [String: Held<Lease>] = [:]
        var runs: [String: Held<Run>] = [:]
        for job in state.jobs.values {
            let product = job.terms.product
            leases["\(job.id)"] = job.lease.map { Held(product: product, value: $0) }
            // Of runs with one name, those before the last were lost before they started.
            for run in job.runs { runs[run.id] = Held(product: product, value: run) }
        }
        for row in rows {
            switch row.table {
            case .leases:
                if try leases.removeValue(forKey: row.key) != held(row) {
                    lines.append("\(row.key): its lease differs")
                }
            case .runs:
                if try runs.removeValue(forKey: row.key) != held(row) {
                    lines.append("\(row.key): the run differs")
                }
            case .decisions:
                // Retention drops decisions, and ship runs have none: what is there must be right.
                if let hash = hashes[row.key], Digest(sha256: row.body).hex != hash {
                    lines.append("\(row.key): the decision differs")
                }
            case .jobs, .factories, .profiles, .repositories, .state: continue
            }
        }
        lines += leases.keys.sorted().map { "\($0): its lease is missing" }
        lines += runs.keys.sorted().map { "\($0): the run is missing" }
        return lines
    }

    private struct Held<Value: Equatable>: Equatable {
        let product: String
        let value: Value
    }

    private static func held<Value: Decodable & Equatable>(
        _ row: StoredRow
    ) throws(EventCodingFault) -> Held<Value> {
        do {
            let value = try JSONDecoder().decode(Value.self, from: Data(row.body))
            return Held(product: row.product, value: value)
        } catch {
            let reason = "\(row.table.rawValue) \(row.key): \(error)"
            throw EventCodingFault(position: nil, reason: reason)
        }
    }
}
