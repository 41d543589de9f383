package import FleetCore
package import FleetModel
package import FleetPorts
import FoundationEssentials
import HTTPServing
import JSONWriting

/// Durable state as rows of a store, and back.
package enum StoredState {
    /// The key of the row whose position is that of all rows.
    static let counters = "counters"
    private static let tokenPrefix = "token/"
    private static let proposalPrefix = "profile-proposal/"
    private static let removedPrefix = "removed-factory/"

    /// Everything that `FleetState` consists of, from rows.
    package static func state(of rows: [StoredRow]) throws(EventCodingFault) -> FleetState {
        var state = FleetState()
        let decoder = JSONDecoder()
        for row in rows {
            var body: Data { Data(row.body) }
            do {
                switch row.table {
                case .jobs:
                    let plain = Job(plainJSON: row.body)
                    let job = try plain ?? decoder.decode(Job.self, from: body)
                    state.jobs[job.id] = job
                case .factories:
                    let factory = try decoder.decode(Factory.self, from: body)
                    state.factories[factory.id] = factory
                case .repositories:
                    let repository = try decoder.decode(Repository.self, from: body)
                    state.repositories[repository.name] = repository
                case .profiles:
                    let profile = try decoder.decode(Profile.self, from: body)
                    state.profiles[profile.name, default: []].append(profile)
                case .state:
                    if row.key == Self.counters {
                        state.counters = try decoder.decode(
                            FleetState.Counters.self,
                            from: body
                        )
                    } else if row.key == "halt" {
                        state.halt = try decoder.decode(Halt.self, from: body)
                    } else if row.key.hasPrefix(removedPrefix) {
                        let removed = try decoder.decode(RemovedFactory.self, from: body)
                        state.removedFactories[removed.tokenHash] = removed
                    } else if row.key.hasPrefix(tokenPrefix) {
                        let token = try decoder.decode(Token.self, from: body)
                        state.tokens[token.name] = token
                    } else if row.key.hasPrefix(proposalPrefix) {
                        let proposal = try decoder.decode(ProfileProposal.self, from: body)
                        state.proposals[proposal.profile.name] = proposal
                    } else if row.key == "pause" {
                        state.pausedProducts[row.product] =
                            try decoder.decode(Hold.self, from: body)
                    }
                case .runs, .leases, .decisions: continue
                }
            } catch {
                throw EventCodingFault(
                    position: nil,
                    reason: "\(row.table.rawValue) \(row.key): \(error)"
                )
            }
        }
        for name in state.profiles.keys { state.profiles[name]?.sort { $0.version < $1.version } }
        state.deriveKeys()
        return state
    }

    /// The position up to which the rows show what happened; 0 before they show anything.
    static func watermark(of rows: [StoredRow]) throws(EventCodingFault) -> UInt64 {
        let own = rows.filter { $0.table == .state && $0.key == Self.counters }
        return try state(of: own).counters.position
    }

    /// What a coordinator starts from.
    package struct Opened: Sendable {
        /// The open jobs and what they depend on, after every event.
        package var state: FleetState
        /// The events that the rows have not seen yet, in order.
        package var unwritten: [Event]
    }

    /// Reads the rows, and applies the events that lie behind their watermark.
    package static func open(_ store: borrowing any Store) throws(OpeningFault) -> Opened {
        do {
            var state = try state(of: try store.loadOpen())
            var unwritten: [Event] = []
            try UnseenEvents.forEach(in: store, after: state.counters.position) { event in
                if let id = event.job, state.jobs[id] == nil, let row = try store.job(id.number) {
                    state.recall(try job(of: row))
                }
                state.apply(event)
                unwritten.append(event)
            }
            let missing = Set(state.jobs.values.flatMap(\.dependencies))
                .filter { state.jobs[$0] == nil }
            for id in missing.sorted() {
                guard let row = try store.job(id.number) else { continue }
                state.recall(try job(of: row))
            }
            return Opened(state: state, unwritten: unwritten)
        } catch let fault as StoreFault {
            throw .store(fault)
        } catch let fault as EventCodingFault {
            throw .coding(fault)
        } catch {
            preconditionFailure("a store fails in two ways: \(error)")
        }
    }

    package enum OpeningFault: Error {
        case store(StoreFault)
        case coding(EventCodingFault)
    }

    /// A job's row, read.
    package static func job(of row: [UInt8]) throws(EventCodingFault) -> Job {
        if let job = Job(plainJSON: row) { return job }
        do { return try JSONDecoder().decode(Job.self, from: Data(row)) } catch {
            let start = String(decoding: row.prefix(80), as: UTF8.self)
            let reason = "\(StoreTable.jobs.rawValue), \(start)…: \(error)"
            throw EventCodingFault(position: nil, reason: reason)
        }
    }

    /// The rows that a batch of events changes, read off the state after it.
    package static func changes(
        by events: [Event],
        in state: FleetState
    ) throws(EventCodingFault) -> [RowChange] {
        var jobs: Set<JobID> = []
        var tokens: Set<String> = []
        var proposals: Set<String> = []
        var changes: [RowChange] = []
        let fleet = Event.fleetProduct
        let coder = RowCoder()
        for event in events {
            if let job = event.job { jobs.insert(job) }
            switch event.body {
            case .repositoryChanged(let repository):
                changes.append(try coder.row(.repositories, fleet, repository.name, repository))
            case .profileProposed(let proposed): proposals.insert(proposed.profile.name)
            case .profileChanged(let changed):
                let profile = changed.profile
                proposals.insert(profile.name)
                changes.append(
                    try coder.row(.profiles, fleet, "\(profile.reference)", profile)
                )
            case .profileRejected(let rejected): proposals.insert(rejected.name)
            case .fleetHalted(let halt): changes.append(try coder.row(.state, fleet, "halt", halt))
            case .fleetResumed:
                changes.append(RowChange(table: .state, product: fleet, key: "halt", body: nil))
            case .tokenIssued(let token): tokens.insert(token.name)
            case .tokenRevoked(let revoked): tokens.insert(revoked.name)
            case .productPaused(let hold):
                changes.append(try coder.row(.state, event.product, "pause", hold))
            case .productResumed:
                changes.append(
                    RowChange(table: .state, product: event.product, key: "pause", body: nil)
                )
            case .leaseExtended:
                jobs.formUnion(state.jobs.values.filter { $0.lease != nil }.map(\.id))
            default: break
            }
        }
        for id in Set(events.compactMap { $0.job == nil ? $0.factory : nil }).sorted() {
            changes.append(try coder.row(.factories, fleet, id.name, state.factories[id]))
        }
        for event in events {
            guard case .factoryRemoved = event.body else { continue }
            let removed = state.removedFactories.values
                .filter { $0.id == event.factory && $0.at == event.at }
            for factory in removed.sorted(by: { $0.tokenHash < $1.tokenHash }) {
                let key = removedPrefix + factory.tokenHash
                changes.append(try coder.row(.state, fleet, key, factory))
            }
        }
        for name in proposals.sorted() {
            guard let proposal = state.proposals[name] else { continue }
            changes.append(try coder.row(.state, fleet, proposalPrefix + name, proposal))
        }
        for name in tokens.sorted() {
            let key = tokenPrefix + name
            changes.append(try coder.row(.state, fleet, key, state.tokens[name]))
        }
        let fences = Dictionary(grouping: events.filter { $0.job != nil }, by: \.job)
            .mapValues { Set($0.compactMap(\.fence)) }
        for id in jobs.sorted() {
            append(id, of: state, fences[id, default: []], coder, to: &changes)
        }
        if !events.isEmpty {
            changes.append(coder.row(.state, fleet, counters, written: state.counters))
        }
        return changes
    }

    private static func append(
        _ id: JobID,
        of state: FleetState,
        _ fences: Set<UInt64>,
        _ coder: RowCoder,
        to changes: inout [RowChange]
    ) {
        guard let job = state.jobs[id] else { return }
        let product = job.terms.product
        let key = id.description
        changes.append(coder.row(.jobs, product, key, written: job, mark: JobMark(of: job)))
        changes.append(coder.row(.leases, product, key, written: job.lease))
        // One batch may end a run and begin the next. A lease that is lost before its start uses
        // no attempt up: the next one has the same name, and the row is the newest's.
        let newest = job.runs.last
        let changed = job.runs.filter { $0.fence == newest?.fence || fences.contains($0.fence) }
        for id in Set(changed.map(\.id)).sorted() {
            guard let run = job.runs.last(where: { $0.id == id }) else { continue }
            changes.append(coder.row(.runs, product, id, written: run))
        }
    }
}

extension JobMark {
    fileprivate init(of job: Job) {
        self.init(
            number: job.id.number,
            stage: job.stage.rawValue,
            hasEnded: job.stage.isEnded,
            idempotencyKey: job.manifest.idempotencyKey
        )
    }
}

/// Rows as they are stored; a value that is nil removes its row.
private struct RowCoder {
    func row(
        _ table: StoreTable,
        _ product: String,
        _ key: String,
        written value: (some JSONWritable)?,
        mark: JobMark? = nil
    ) -> RowChange {
        RowChange(table: table, product: product, key: key, body: value?.json, mark: mark)
    }

    func row(
        _ table: StoreTable,
        _ product: String,
        _ key: String,
        _ value: (some Encodable)?
    ) throws(EventCodingFault) -> RowChange {
        guard let value else {
            return RowChange(table: table, product: product, key: key, body: nil)
        }
        do {
            let body = try SortedJSONEncoder.bytes(value)
            return RowChange(table: table, product: product, key: key, body: body)
        } catch {
            throw EventCodingFault(position: nil, reason: "\(table.rawValue) \(key): \(error)")
        }
    }
}
