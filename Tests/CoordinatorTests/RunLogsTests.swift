import FleetModel
import Glibc
import Testing

@testable import Coordinator

struct RunLogsTests {
    private let folder: ScratchFolder
    private let logs: RunLogs
    private let run = RunID.attempt(JobID(12), 2)
    private let name = "runs/job-12.2.log"

    init() throws {
        folder = try ScratchFolder()
        logs = RunLogs(folder: folder.path + "/runs")
    }

    @Test(arguments: [
        "", "job-1", "job-1.", "job-0.1", "job-1.0", "job-1.-1", "job-01.1", "job-1.1/../x",
        "../job-1.1", "job-1.1.log", "job-1.ship-", "job-1.ship-x", "job-1.1\u{0}", "/job-1.1",
        "job-1.ship-1/..", "job-١.1", "JOB-1.1", "job-1. 1",
    ])
    func `A hostile name is no run's`(text: String) {
        #expect(RunID(text: text) == nil)
    }

    @Test(arguments: ["job-1.+1", "job-1.01", "job-1.ship-+1", "job-1.ship-007"])
    func `A name with two spellings leads to one file, or to none`(text: String) {
        if let run = RunID(text: text) { #expect(RunID(text: run.description) == run) }
        #expect(RunID(text: text)?.description != text)
    }

    @Test func `A chunk after the end is a gap that says what is here`() throws {
        #expect(try append("abc", at: 0) == 3)
        let fault = #expect(throws: RunLogs.Fault.self) { try append("x", at: 4) }
        guard case .gap(3) = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
        #expect(text == "abc")
    }

    @Test func `A gap in a log that is not there yet says 0`() {
        let fault = #expect(throws: RunLogs.Fault.self) { try append("x", at: 1) }
        guard case .gap(0) = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
    }

    @Test func `A folder that is gone is a fault that names the path`() throws {
        let broken = RunLogs(folder: folder.path + "/none/runs")
        let fault = #expect(throws: RunLogs.Fault.self) {
            try broken.append([1], at: 0, to: run)
        }
        guard case .broken(let path, let reason) = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
        #expect(path.hasSuffix("/none/runs/job-12.2.log"))
        #expect(reason == "No such file or directory")
    }

    @Test func `A link in the log's place is not followed`() throws {
        symlink(folder.path + "/target", folder.path + "/" + name)
        #expect(throws: RunLogs.Fault.self) { try append("x", at: 0) }
        #expect(folder.bytes(of: "target") == nil)
    }

    @Test func `What is acknowledged is in the file`() throws {
        var sent = ""
        for number in 1...40 {
            let chunk = "line \(number)\n"
            sent += chunk
            let acknowledged = try append(chunk, at: Int64(sent.utf8.count - chunk.utf8.count))
            #expect(acknowledged == Int64(sent.utf8.count))
            #expect(text == sent)
        }
    }

    @Test func `A repeat changes nothing, and an overlap adds only what is new`() throws {
        #expect(try append("abcdef", at: 0) == 6)
        #expect(try append("abcdef", at: 0) == 6)
        #expect(try append("cd", at: 2) == 6)
        #expect(try append("", at: 6) == 6)
        #expect(try append("efgh", at: 4) == 8)
        #expect(text == "abcdefgh")
    }

    @Test func `After a restart the log goes on where it ended`() throws {
        _ = try append("abc", at: 0)
        let later = RunLogs(folder: folder.path + "/runs")
        #expect(try later.append(Array("bcd".utf8), at: 1, to: run) == 4)
        #expect(text == "abcd")
    }

    @Test func `A tail that a crash took is asked for again`() throws {
        _ = try append("abcdef", at: 0)
        #expect(folder.cut(name, to: 2))
        let later = RunLogs(folder: folder.path + "/runs")
        let fault = #expect(throws: RunLogs.Fault.self) {
            try later.append(Array("gh".utf8), at: 6, to: run)
        }
        guard case .gap(2) = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
        #expect(try later.append(Array("cdefgh".utf8), at: 2, to: run) == 8)
        #expect(text == "abcdefgh")
    }

    @Test func `Reading gives what there is from an offset, within the limit`() throws {
        #expect(logs.read(run, from: 0, limit: 10) == [])
        _ = try append("abcdef", at: 0)
        #expect(logs.read(run, from: 2, limit: 3) == Array("cde".utf8))
        #expect(logs.read(run, from: 6, limit: 3) == [])
        #expect(logs.read(run, from: 900, limit: 3) == [])
    }

    @Test func `Two runs have two logs`() throws {
        _ = try append("a", at: 0)
        _ = try logs.append(Array("ship".utf8), at: 0, to: .ship(JobID(12), fence: 2))
        #expect(folder.names(in: "runs") == ["job-12.2.log", "job-12.ship-2.log"])
        #expect(text == "a")
    }

    @Test func `An artifact replaces the one of its name whole, and leaves nothing else`() throws {
        #expect(logs.artifact("diff", of: run) == nil)
        try logs.store(Array("long content".utf8), name: "diff", of: run)
        try logs.store(Array("short".utf8), name: "diff", of: run)
        #expect(logs.artifact("diff", of: run) == Array("short".utf8))
        #expect(folder.names(in: "runs") == ["job-12.2.diff"])
    }

    @Test func `An artifact named like another's temporary file is left alone`() throws {
        try logs.store(Array("mine".utf8), name: "diff.new", of: run)
        try logs.store(Array("other".utf8), name: "diff", of: run)
        #expect(logs.artifact("diff.new", of: run) == Array("mine".utf8))
        #expect(logs.artifact("diff", of: run) == Array("other".utf8))
    }

    @Test func `Only the owner may read logs`() throws {
        _ = try append("a", at: 0)
        var facts = stat()
        #expect(stat(folder.path + "/" + name, &facts) == 0)
        #expect(facts.st_mode & 0o077 == 0)
    }

    private var text: String? {
        folder.bytes(of: name).map { String(decoding: $0, as: UTF8.self) }
    }

    private func append(_ text: String, at offset: Int64) throws -> Int64 {
        try logs.append(Array(text.utf8), at: offset, to: run)
    }
}
