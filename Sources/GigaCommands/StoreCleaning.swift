import Coordinator
import FleetModel
import FleetPorts
import Stores

/// What a coordinator's data folder holds that nothing needs any more.
struct StoreCleaning {
    let folder: String
    let retention: Retention.OfStore
    private let cutoff: Instant
    private let reader: SQLiteReader
    private(set) var found = Cleaning()
    private(set) var records: [DecisionRecords.Record] = []

    init(_ folder: String, cutoff: Instant) throws(CommandFault) {
        self.folder = folder
        self.cutoff = cutoff
        do {
            reader = try SQLiteReader(folder: folder, isShared: true)
            retention = try Retention.OfStore(
                reader,
                open: try reader.loadOpen(),
                cutoff: cutoff
            )
        } catch let fault as StoreFault {
            throw StoreWords.fault(fault)
        } catch {
            throw Self.unreadable(error)
        }
    }

    /// Looks at everything and changes nothing.
    mutating func look() throws(CommandFault) {
        do {
            for name in Remains.names(in: runs) { try look(atFile: name) }
            for name in Remains.names(in: objects) where isOrphan(name) {
                let bytes = Remains.size("\(objects)/\(name)")
                found.take(.init(kind: "content", job: nil, name: name, bytes: bytes))
            }
            let isOpen = try StoreSurvey(of: folder).heldBy != nil
            for record in try DecisionRecords.all(in: folder) {
                let item = Cleaning.Item(
                    kind: "decision",
                    job: record.run.job,
                    name: record.run.description,
                    bytes: record.bytes
                )
                let standing = try retention.standing(of: record.run.job)
                if standing == .expired, isOpen {
                    found.keep("decision", "the server has the store open", record.bytes)
                } else {
                    found.judge(item, standing, isOld: false)
                    if standing == .expired { records.append(record) }
                }
            }
        } catch let fault as StoreFault {
            throw StoreWords.fault(fault)
        } catch {
            throw Self.unreadable(error)
        }
    }

    private mutating func look(atFile name: String) throws {
        if name == LogLengths.fileName { return }
        let path = "\(runs)/\(name)"
        let isOld = Remains.changed(path) <= cutoff
        guard let run = Remains.run(of: name), !name.hasPrefix(".") else {
            // An upload that was cut off; a whole one has been given its name.
            let item = Cleaning.Item(
                kind: "leftover",
                job: nil,
                name: name,
                bytes: Remains.size(path)
            )
            return found.judge(item, .unknown, isOld: isOld)
        }
        let item = Cleaning.Item(
            kind: name == "\(run).log" ? "log" : "artifact",
            job: run.job,
            name: name,
            bytes: Remains.size(path)
        )
        found.judge(item, try retention.standing(of: run.job), isOld: isOld)
    }

    /// Removes what was found, looking at each job once more before its files go.
    func remove() throws(CommandFault) {
        do {
            try DecisionRecords.drop(records, in: folder)
            for item in found.items where item.kind != "decision" && item.kind != "content" {
                if let job = item.job {
                    switch try retention.standing(of: job) {
                    case .kept: continue
                    case .expired, .unknown: break
                    }
                }
                Files.remove("\(runs)/\(item.name)")
            }
            // Those too whose last name has just gone.
            for name in Remains.names(in: objects) where isOrphan(name) {
                Files.remove("\(objects)/\(name)")
            }
        } catch let fault as StoreFault {
            throw StoreWords.fault(fault)
        } catch {
            throw Self.unreadable(error)
        }
    }

    var fleet: String { reader.identity.fleetID }

    func close() { reader.close() }

    private var runs: String { "\(folder)/runs" }
    private var objects: String { "\(folder)/\(ArtifactShelf.folderName)" }

    /// Whether no run has this content any more, and nobody can just be about to name it.
    private func isOrphan(_ name: String) -> Bool {
        let path = "\(objects)/\(name)"
        return Remains.links(path) == 1 && Remains.changed(path) <= cutoff
    }

    private static func unreadable(_ error: any Error) -> CommandFault {
        CommandFault(
            .failed,
            "store.unreadable-event",
            what: "The store cannot be read",
            why: "\(error)",
            hint: "giga doctor --replay"
        )
    }
}

extension Retention.OfStore {
    func judgement(of id: JobID) throws -> FactoryCleaning.Judgement {
        FactoryCleaning.Judgement(standing: try standing(of: id), isShipped: try isShipped(id))
    }
}
