import FleetModel
import Glibc
import HTTPServing
import Processes
import Testing

@testable import Coordinator

struct ArtifactShelfTests {
    private let folder: ScratchFolder
    private let shelf: ArtifactShelf
    private let run = RunID.attempt(JobID(12), 2)

    init() throws {
        folder = try ScratchFolder()
        shelf = ArtifactShelf(dataFolder: folder.path)
        try shelf.start()
    }

    private func put(_ text: String, _ name: String, hash: String? = nil) throws {
        let spool = try shelf.spool(for: name, of: run)
        Array(text.utf8).withUnsafeBytes { spool.take($0) }
        try keep(spool, name, hash: hash)
    }

    private func keep(
        _ spool: ArtifactSpool,
        _ name: String,
        hash: String? = nil,
        on other: ArtifactShelf? = nil
    ) throws {
        let answer = Monitor<ArtifactShelf.Fault??>(nil)
        (other ?? shelf).keep(spool, name: name, of: run, hash: hash) { fault in
            answer.change { $0 = .some(fault) }
        }
        let fault = try #require(answer.wait(until: .after(.seconds(20))) { $0 })
        if let fault { throw fault }
    }

    private func file(_ hash: String, _ name: String) throws -> FileBody? {
        let answer = Monitor<Result<FileBody?, ArtifactShelf.Fault>?>(nil)
        shelf.file(hash, as: name, of: run) { found in answer.change { $0 = found } }
        return try #require(answer.wait(until: .after(.seconds(20))) { $0 }).get()
    }

    private var objects: [String] { folder.names(in: "objects") }

    @Test func `A body with another hash than it was sent with is refused and leaves nothing`() {
        let fault = #expect(throws: ArtifactShelf.Fault.self) {
            try put("x", "a", hash: Digest(sha256: "y").hex)
        }
        guard case .otherHash(let sent, let named) = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
        #expect(sent == Digest(sha256: "x").hex && named == Digest(sha256: "y").hex)
        #expect(objects.isEmpty && folder.names(in: "runs").isEmpty)
    }

    @Test func `An upload that was broken off leaves nothing, now or after a kill`() throws {
        do {
            let spool = try shelf.spool(for: "a", of: run)
            [UInt8]("half".utf8).withUnsafeBytes { spool.take($0) }
            #expect(objects.count == 1)
        }
        #expect(objects.isEmpty)
        try folder.append("half", to: "objects/.1.new")
        let next = ArtifactShelf(dataFolder: folder.path)
        try next.start()
        #expect(objects.isEmpty)
        next.stop()
    }

    @Test(arguments: [ENOSPC, EDQUOT, EFBIG])
    func `A full disk is a fault that says where, and how much is free`(code: Int32) {
        errno = code
        guard case .noRoom(let path, let free) = ArtifactShelf.Fault.last("/tmp/x.new") else {
            Issue.record("\(code) is no full disk")
            return
        }
        #expect(path == "/tmp" && free > 0)
        errno = EIO
        #expect(
            ArtifactShelf.Fault.last("/tmp/x")
                == .broken(path: "/tmp/x", reason: "Input/output error")
        )
    }

    @Test func `A stopped shelf answers, and keeps nothing`() throws {
        let spool = try shelf.spool(for: "a", of: run)
        shelf.stop()
        #expect(throws: ArtifactShelf.Fault.self) { try keep(spool, "a") }
    }

    private func tooMuch(_ body: () throws -> Void) -> Bool {
        do {
            try body()
            return false
        } catch ArtifactShelf.Fault.tooMuch {
            return true
        } catch {
            return false
        }
    }

    @Test func `A run has its most of names, whoever counts, and a restart knows them`() throws {
        for number in 0..<Artifact.mostOfRun { try put("x", "a\(number)") }
        #expect(tooMuch { try put("x", "one-more") })
        try put("y", "a0")
        try put("the difference", "diff")
        let next = ArtifactShelf(dataFolder: folder.path)
        try next.start()
        let spool = try next.spool(for: "one-more", of: run)
        [UInt8]("z".utf8).withUnsafeBytes { spool.take($0) }
        #expect(tooMuch { try keep(spool, "one-more", on: next) })
        next.stop()
        #expect(folder.names(in: "runs").count == Artifact.mostOfRun + 1)
    }

    @Test func `A run has its most of bytes, also when it replaces what it stored`() throws {
        try folder.append("", to: "runs/\(run).large")
        #expect(truncate("\(folder.path)/runs/\(run).large", Int(Artifact.mostBytesOfRun) - 3) == 0)
        try put("ab", "same")
        #expect(tooMuch { try put("cd", "same") })
        #expect(tooMuch { try put("cd", "other") })
        try put("ab", "same")
        try put("c", "same")
        #expect(objects.count == 2)
    }

    @Test func `Uploads of one run at once are bounded, and end with their spools`() throws {
        var spools = try (0..<ArtifactTally.mostUploadsOfRun).map { number in
            try shelf.spool(for: "a\(number)", of: run)
        }
        #expect(throws: ArtifactShelf.Fault.busy) { try shelf.spool(for: "b", of: run) }
        _ = try shelf.spool(for: "b", of: .attempt(JobID(13), 1))
        spools.removeLast()
        _ = try shelf.spool(for: "b", of: run)
        #expect(spools.count == objects.count)
    }

    @Test func `An artifact replaces the one of its name whole`() throws {
        #expect(shelf.bytes("diff", of: run) == nil)
        try put("long content", "diff")
        try put("short", "diff")
        #expect(shelf.bytes("diff", of: run) == Array("short".utf8))
        #expect(folder.names(in: "runs") == ["job-12.2.diff"])
        #expect(Set(objects) == [Digest(sha256: "long content").hex, Digest(sha256: "short").hex])
    }

    @Test func `An artifact named like another's temporary file is left alone`() throws {
        try put("mine", "diff.new")
        try put("other", "diff")
        #expect(shelf.bytes("diff.new", of: run) == Array("mine".utf8))
        #expect(shelf.bytes("diff", of: run) == Array("other".utf8))
    }

    @Test func `One content under two names is one file, and once more changes nothing`() throws {
        let hash = Digest(sha256: "same").hex
        #expect(!shelf.holds(hash, as: "a", of: run))
        for name in ["a", "b", "a"] { try put("same", name, hash: hash) }
        #expect(objects == [hash])
        #expect(folder.names(in: "runs") == ["job-12.2.a", "job-12.2.b"])
        var facts = stat()
        #expect(stat("\(folder.path)/objects/\(hash)", &facts) == 0)
        #expect(facts.st_nlink == 3 && facts.st_mode & 0o077 == 0)
        #expect(shelf.holds(hash, as: "b", of: run))
    }

    @Test func `A content is found by its hash, and by its name only when it proves itself`() throws
    {
        try put("one", "a")
        let hash = Digest(sha256: "one").hex
        try put("two", "a")
        #expect(try file(hash, "a")?.bytes == 3)
        #expect(unlink("\(folder.path)/objects/\(hash)") == 0)
        #expect(try file(hash, "a") == nil)
        let second = Digest(sha256: "two").hex
        #expect(unlink("\(folder.path)/objects/\(second)") == 0)
        #expect(try file(second, "a")?.bytes == 3)
        #expect(objects == [second], "what was proven once is found by its hash from then on")
        #expect(shelf.holds(second, as: "a", of: run))
        #expect(symlink("/etc/passwd", "\(folder.path)/objects/\(hash)") == 0)
        #expect(try file(hash, "a") == nil)
    }
}
