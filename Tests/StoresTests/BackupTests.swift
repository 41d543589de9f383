import FleetModel
import FleetPorts
import FleetTesting
import Foundation
import Stores
import Synchronization
import Testing

@Suite struct BackupTests {
    private let rig: BackupRig

    init() throws { rig = try BackupRig() }

    @Test func `every flipped bit is named, wherever it is`() throws {
        try rig.backup()
        let whole = try #require(rig.bytes(rig.archive))
        // Each byte of the first four blocks and the last three; of the rest some at random.
        var places = Array(0..<2_048) + Array((whole.count - 1_536)..<whole.count)
        places = places.filter { $0.isMultiple(of: 7) }
        places += (0..<150).map { _ in Int.random(in: 0..<whole.count) }
        for place in places {
            var flipped = whole
            flipped[place] ^= 1 << UInt8.random(in: 0..<8)
            try Data(flipped).write(to: URL(filePath: rig.archive))
            switch try rig.faultOfRestore() {
            case .damaged(let path, let what):
                #expect(path == rig.archive && !what.isEmpty)
            case let other: Issue.record("byte \(place): \(other)")
            }
        }
    }

    @Test func `a backup that is cut off is named, wherever it ends`() throws {
        try rig.backup()
        let whole = try #require(rig.bytes(rig.archive))
        var ends = [0, 1, 511, 512, 513, whole.count - 1, whole.count - 512, whole.count - 1_024]
        ends += (0..<60).map { _ in Int.random(in: 0..<whole.count) }
        for end in ends {
            try Data(whole.prefix(end)).write(to: URL(filePath: rig.archive))
            guard case .damaged(_, let what) = try rig.faultOfRestore() else {
                Issue.record("\(end) bytes pass")
                continue
            }
            #expect(what.contains("cut off after \(end) bytes"))
        }
        try Data(whole + [0]).write(to: URL(filePath: rig.archive))
        guard case .damaged(_, "it goes on after its end") = try rig.faultOfRestore() else {
            Issue.record("a byte too many passes")
            return
        }
    }

    @Test func `another file is no backup, and a newer form is named`() throws {
        try Data("hello".utf8).write(to: URL(filePath: rig.archive))
        guard case .damaged = try rig.faultOfRestore() else {
            Issue.record("any file passes")
            return
        }
    }

    @Test func `files of a run that no row shows yet are in it, and events nobody can read end it`()
        throws
    {
        let later = RunID.attempt(JobID(99), 1)
        let before = try rig.backup().files.map(\.path)
        try FileManager.default.removeItem(atPath: rig.archive)
        let files = try rig.backup(unseen: [later]).files.map(\.path)
        #expect(Set(files) == Set(before + ["runs/job-99.1.log"]))
        struct Unreadable: Error {}
        #expect(throws: BackupFault.self) {
            try StoreBackup.make(
                of: rig.data,
                to: rig.data + "/other.tar",
                version: "1",
                at: 1,
                unseenRuns: { _ in throw Unreadable() },
                watch: { _ in true }
            )
        }
        #expect(!FileManager.default.fileExists(atPath: rig.data + "/other.tar"))
    }

    @Test func `nothing is restored over something`() throws {
        try rig.backup()
        try FileManager.default.createDirectory(
            atPath: rig.restored + "/mine",
            withIntermediateDirectories: true
        )
        let occupied = BackupFault.occupied(folder: rig.restored, by: "there is mine in it")
        #expect(throws: occupied) { try rig.restore() }
        #expect(FileManager.default.fileExists(atPath: rig.restored + "/mine"))

        try FileManager.default.removeItem(atPath: rig.restored + "/mine")
        try rig.restore()
        #expect(rig.bytes(rig.restored + "/giga.db") != nil, "an empty folder is taken")
    }

    @Test func `a folder whose server runs is named with its process`() throws {
        try rig.backup()
        let store = try SQLiteStore(folder: rig.restored)
        let lock = rig.restored + "/giga.lock"
        let busy = BackupFault.store(.busy(path: lock, pid: getpid()))
        #expect(throws: busy) { try rig.restore() }
        store.close()
    }

    @Test func `a backup never replaces a file`() throws {
        try Data("precious".utf8).write(to: URL(filePath: rig.archive))
        #expect(throws: BackupFault.exists(path: rig.archive)) { try rig.backup() }
        #expect(rig.bytes(rig.archive) == Array("precious".utf8))
    }

    @Test func `a folder that is not there is named, and not a file that nobody asked for`() throws
    {
        let folder = rig.scratch.path + "/no/such"
        let fault = BackupFault.file(path: folder, reason: "No such file or directory")
        #expect(throws: fault) {
            try StoreBackup.make(of: rig.data, to: folder + "/b.tar", version: "1", at: 1) { _ in
                []
            } watch: { _ in
                true
            }
        }
        let inFile = BackupFault.file(path: rig.data + "/giga.db", reason: "Not a directory")
        #expect(throws: inFile) {
            try StoreBackup.make(
                of: rig.data,
                to: rig.data + "/giga.db/b.tar",
                version: "1",
                at: 1,
                unseenRuns: { _ in [] },
                watch: { _ in true }
            )
        }
    }

    @Test func `two backups to one name at once: the second is refused, the first is whole`() throws
    {
        let second = Mutex<BackupFault?>(nil)
        try rig.backup { [rig] progress in
            guard progress.step == .copyDatabase else { return true }
            do throws(BackupFault) {
                _ = try StoreBackup.make(
                    of: rig.data,
                    to: rig.archive,
                    version: "2",
                    at: 1,
                    unseenRuns: { _ in [] },
                    watch: { _ in true }
                )
            } catch { second.withLock { $0 = error } }
            return true
        }
        #expect(second.withLock { $0 } == .busy(path: rig.archive))
        #expect(try rig.restore().version == "1.2.3")
    }

    @Test func `stopping leaves nothing behind, at each step`() throws {
        let steps: [BackupProgress.Step] = [
            .copyDatabase, .checkDatabase, .hashFiles, .writeArchive, .verifyArchive,
        ]
        for step in steps {
            #expect(throws: BackupFault.stopped) { try rig.backup { $0.step != step } }
            #expect(rig.names == ["data"])
        }
        try rig.backup()
        for step in [BackupProgress.Step.unpack, .checkDatabase] {
            #expect(throws: BackupFault.stopped) {
                try StagedRestore(of: rig.archive, for: rig.restored) { $0.step != step }
            }
            #expect(rig.names == ["b.tar", "data"])
        }
    }

    @Test func `what killed ones left is taken over`() throws {
        for name in [".b.tar.partial", ".b.tar.partial.db", ".restored.restoring/runs/job-7.1.log"]
        {
            let file = URL(filePath: rig.scratch.path + "/" + name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data("half".utf8).write(to: file)
        }
        try rig.backup()
        try rig.restore()
        #expect(rig.names == ["b.tar", "data", "restored"])
        #expect(rig.bytes(rig.restored + "/runs/job-7.1.log") == nil)
    }

    @Test(.enabled(if: ScratchFolder.canMount, "\(ScratchFolder.noMount)"))
    func `a full disk is named and keeps nothing half done`() throws {
        let small = try ScratchFolder()
        try #require(small.mount("size=128k"))
        let target = small.path + "/b.tar"
        let fault = #expect(throws: BackupFault.self) {
            try StoreBackup.make(
                of: rig.data,
                to: target,
                version: "1",
                at: 1,
                unseenRuns: { _ in [] },
                watch: { _ in true }
            )
        }
        switch try #require(fault) {
        case .full(let path, _), .store(.full(let path, _, _)): #expect(path.contains("b.tar"))
        case let other: Issue.record("\(other)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: small.path) == [])

        try rig.backup()
        try #require(small.remount("size=32k"))
        let staged = #expect(throws: BackupFault.self) {
            try StagedRestore(of: rig.archive, for: small.path + "/data") { _ in true }
        }
        guard case .full = try #require(staged) else { throw try #require(staged) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: small.path) == [])
    }

    @Test func `a store whose pages are damaged is not backed up as if it were whole`() throws {
        let path = rig.data + "/giga.db"
        var bytes = try #require(rig.bytes(path))
        // The first page stays, so that it still looks like a store.
        for place in stride(from: 8_192, to: bytes.count, by: 64) { bytes[place] = 0xFF }
        try Data(bytes).write(to: URL(filePath: path))
        let fault = #expect(throws: BackupFault.self) { try rig.backup() }
        guard case .store(.broken) = try #require(fault) else { throw try #require(fault) }
        #expect(rig.names == ["data"])
    }

    @Test func `events, rows and the files of known runs come back`() throws {
        let manifest = try rig.backup()
        #expect(
            manifest.files.map(\.path) == [
                "runs/job-1.1.diff", "runs/job-1.1.log", "runs/job-2.1.diff", "runs/job-3.1.log",
            ]
        )
        #expect(try rig.restore() == manifest)
        let (old, new) = (
            try SQLiteReader(folder: rig.data), try SQLiteReader(folder: rig.restored)
        )
        #expect(new.identity == old.identity)
        #expect(manifest.position == 60 && manifest.madeAt == BackupRig.madeAt)
        #expect(try new.load() == old.load())
        #expect(
            try new.batches(from: 1, limit: .max) == old.batches(from: 1, limit: .max)
        )
        for file in manifest.files {
            #expect(
                rig.bytes(rig.restored + "/" + file.path) == rig.bytes(rig.data + "/" + file.path)
            )
        }
        #expect(rig.names == ["b.tar", "data", "restored"])
    }

    @Test func `commits between its steps do not make a backup begin again`() throws {
        let store = try SQLiteStore(folder: rig.data)
        defer { store.close() }
        var maker = BatchMaker(following: store.identity)
        let large = [UInt8](repeating: 0x61, count: 8 << 20)
        let row = RowChange(table: .state, product: "fleet", key: "large", body: large)
        try store.commit(maker.next(1, rows: [row]))
        let before = maker.position
        var steps = 0
        let manifest = try rig.backup { progress in
            guard progress.step == .copyDatabase else { return true }
            steps += 1
            #expect(throws: Never.self) { try store.commit(maker.next(1)) }
            return steps < 100
        }
        #expect(steps > 3, "the store is copied in one step: nothing comes between")
        #expect(manifest.position == before)
    }

    @Test func `the copy is one moment of a store that is written to all the while`() throws {
        let store = try SQLiteStore(folder: rig.data)
        let stop = Atomic(false)
        let isUnderWay = DispatchSemaphore(value: 0)
        let acknowledged = Atomic<UInt64>(0)
        let maker = Mutex(BatchMaker(following: store.identity))
        let writer = Thread {
            while !stop.load(ordering: .relaxed) {
                let batch = maker.withLock { maker in
                    let last = maker.position + 4
                    return maker.next(
                        4,
                        rows: [
                            RowChange(
                                table: .state,
                                product: "fleet",
                                key: "last",
                                body: Array("\(last)".utf8)
                            )
                        ]
                    )
                }
                guard (try? store.commit(batch)) != nil else { return }
                let position = batch.events?.lastPosition ?? 0
                acknowledged.store(position, ordering: .releasing)
                if position == 200 { isUnderWay.signal() }
            }
        }
        writer.start()
        defer { stop.store(true, ordering: .relaxed) }
        #expect(isUnderWay.wait(timeout: .now() + 60) == .success)
        for round in 1...5 {
            let before = acknowledged.load(ordering: .acquiring)
            let target = rig.scratch.path + "/\(round).tar"
            let manifest = try StoreBackup.make(
                of: rig.data,
                to: target,
                version: "1",
                at: 1,
                unseenRuns: { _ in [] },
                watch: { _ in true }
            )
            #expect(manifest.position >= before)
            let folder = rig.scratch.path + "/\(round)"
            try StagedRestore(of: target, for: folder) { _ in true }.publish()
            let reader = try SQLiteReader(folder: folder)
            let batches = try reader.batches(from: 1, limit: .max)
            #expect(batches.last?.lastPosition == manifest.position)
            #expect(
                zip(batches, batches.dropFirst()).allSatisfy {
                    $0.lastPosition + 1 == $1.firstPosition
                }
            )
            let row = try reader.fetch(table: .state, product: "fleet", key: "last")
            #expect(row == Array("\(manifest.position)".utf8), "rows and events disagree")
        }
        #expect(acknowledged.load(ordering: .acquiring) > 200)
    }

    @Test func `another fleet of the same history has another name`() throws {
        let manifest = try rig.backup()
        let staged = try StagedRestore(of: rig.archive, for: rig.restored) { _ in true }
        try staged.giveNewFleetID()
        try staged.publish()
        let identity = try SQLiteReader(folder: rig.restored).identity
        #expect(identity.fleetID != manifest.fleet && identity.fleetID.count == 10)
        #expect(identity.lastPosition == manifest.position)
    }
}
