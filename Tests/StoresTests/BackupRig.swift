import FleetModel
import FleetPorts
import FleetTesting
import Foundation
import Stores
import Testing

/// A store with a few batches and run files, and places for its backups.
final class BackupRig {
    let scratch: ScratchFolder
    /// Where the store lies, where its backup, and where that is restored.
    let data: String
    let archive: String
    let restored: String

    static let madeAt: Int64 = 1_790_000_000_123

    /// A store of some batches, two known runs, and three files: a log, an artifact equal to
    /// another, and one of a run that the store does not know.
    init() throws {
        scratch = try ScratchFolder()
        (data, archive) = (scratch.data, scratch.path + "/b.tar")
        restored = scratch.path + "/restored"
        let store = try SQLiteStore(folder: data)
        var maker = BatchMaker(following: store.identity)
        for number in 1...20 {
            let run = RowChange(
                table: .runs,
                product: "p",
                key: "job-\(number).1",
                body: Array("{}".utf8)
            )
            let touched = [TouchedJob(product: "p", job: "job-\(number)")]
            try store.commit(maker.next(3, touching: touched, rows: [run]))
        }
        store.close()
        try scratch.write(Array("first line\n".utf8), to: "runs/job-1.1.log")
        try scratch.write(Array("same".utf8), to: "runs/job-1.1.diff")
        try scratch.write(Array("same".utf8), to: "runs/job-2.1.diff")
        try scratch.write([], to: "runs/job-3.1.log")
        try scratch.write(Array("later".utf8), to: "runs/job-99.1.log")
        try scratch.write(Array("no run".utf8), to: "runs/.job-1.1.diff.new")
    }

    @discardableResult
    func backup(
        unseen: Set<RunID> = [],
        watch: @escaping BackupWatch = { _ in true }
    ) throws -> BackupManifest {
        try StoreBackup.make(
            of: data,
            to: archive,
            version: "1.2.3",
            at: Self.madeAt,
            unseenRuns: { _ in unseen },
            watch: watch
        )
    }

    @discardableResult
    func restore() throws -> BackupManifest {
        let staged = try StagedRestore(of: archive, for: restored) { _ in true }
        try staged.publish()
        return staged.manifest
    }

    /// The fault of a restore that must fail, after which nothing is left of it.
    func faultOfRestore() throws -> BackupFault {
        let fault = #expect(throws: BackupFault.self) { try restore() }
        #expect(names == names.filter { !$0.hasPrefix(".") && $0 != "restored" })
        return try #require(fault)
    }

    /// What lies beside the store.
    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: scratch.path)) ?? []).sorted()
    }

    func bytes(_ path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path).map { [UInt8]($0) }
    }
}
