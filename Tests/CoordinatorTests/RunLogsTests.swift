import FleetModel
import Glibc
import Processes
import Testing

@testable import Coordinator

struct RunLogsTests {
    private let folder: ScratchFolder
    private let logs: RunLogs
    private let run = RunID.attempt(JobID(12), 2)
    private let name = "runs/job-12.2.log"

    init() throws {
        folder = try ScratchFolder()
        logs = try Self.started(folder)
    }

    private static func started(_ folder: ScratchFolder) throws -> RunLogs {
        let logs = RunLogs(folder: folder.path + "/runs", gathering: .zero)
        try logs.start { _ in true }
        return logs
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
        try broken.start { _ in true }
        let fault = #expect(throws: RunLogs.Fault.self) {
            try broken.add([1], at: 0, to: run)
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
        let later = try Self.started(folder)
        #expect(try later.add(Array("bcd".utf8), at: 1, to: run) == 4)
        #expect(text == "abcd")
    }

    @Test func `A tail that a crash took is asked for again`() throws {
        _ = try append("abcdef", at: 0)
        #expect(folder.cut(name, to: 2))
        let later = try Self.started(folder)
        let fault = #expect(throws: RunLogs.Fault.self) {
            try later.add(Array("gh".utf8), at: 6, to: run)
        }
        guard case .gap(2) = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
        #expect(try later.add(Array("cdefgh".utf8), at: 2, to: run) == 8)
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
        _ = try logs.add(Array("ship".utf8), at: 0, to: .ship(JobID(12), fence: 2))
        #expect(folder.names(in: "runs") == [".acknowledged", "job-12.2.log", "job-12.ship-2.log"])
        #expect(text == "a")
    }

    @Test func `Only the owner may read logs`() throws {
        _ = try append("a", at: 0)
        var facts = stat()
        #expect(stat(folder.path + "/" + name, &facts) == 0)
        #expect(facts.st_mode & 0o077 == 0)
    }

    @Test func `What was not acknowledged is cut off when the coordinator comes back`() throws {
        _ = try append("abcdef", at: 0)
        logs.stop()
        try folder.append("ghi", to: name)
        let later = try Self.started(folder)
        #expect(text == "abcdef")
        #expect(try later.add(Array("GHI".utf8), at: 6, to: run) == 9)
        #expect(text == "abcdefGHI")
    }

    @Test func `The first bytes of a log are cut off too when nobody was told of them`() throws {
        logs.stop()
        var lengths = LogLengths(folder: folder.path + "/runs")
        try lengths.note([run: 0])
        try folder.append("abc", to: name)
        let later = try Self.started(folder)
        #expect(text == "")
        #expect(try later.add(Array("xyz".utf8), at: 0, to: run) == 3)
    }

    @Test func `A log from before lengths were kept stays as it is`() throws {
        logs.stop()
        try folder.append("abc", to: name)
        let later = try Self.started(folder)
        #expect(try later.add(Array("def".utf8), at: 3, to: run) == 6)
        #expect(text == "abcdef")
    }

    @Test(arguments: ["job-12.2 99", "job-12.2 99 00000000", "job-12.2 3", "\u{0}\u{0}", "x y z w"])
    func `A spoilt line in the list of lengths is passed over`(line: String) throws {
        _ = try append("abcdef", at: 0)
        logs.stop()
        try folder.append(line, to: "runs/.acknowledged")
        var later = LogLengths(folder: folder.path + "/runs")
        #expect(later.lengths == [run: 6])
        try later.note([.attempt(JobID(1), 1): 5])
        let again = LogLengths(folder: folder.path + "/runs")
        #expect(again.lengths == [run: 6, .attempt(JobID(1), 1): 5])
    }

    @Test func `Logs of runs that are over leave the list, and stay whole`() throws {
        _ = try append("abcdef", at: 0)
        let other = RunID.attempt(JobID(1), 1)
        _ = try logs.add(Array("ended".utf8), at: 0, to: other)
        logs.stop()
        let later = RunLogs(folder: folder.path + "/runs", gathering: .zero)
        try later.start { $0 == run }
        #expect(LogLengths(folder: folder.path + "/runs").lengths == [run: 6])
        #expect(later.read(other, from: 0, limit: 10) == Array("ended".utf8))
        #expect(try later.add(Array("!".utf8), at: 5, to: other) == 6)
    }

    @Test func `Chunks of many runs at once keep the order of each`() throws {
        let slow = RunLogs(folder: folder.path + "/runs", gathering: .milliseconds(50))
        try slow.start { _ in true }
        let done = Monitor<[String: [Int64]]>([:])
        for number in 0..<20 {
            for run in (1...10).map({ RunID.attempt(JobID($0), 1) }) {
                slow.append(Array("\(number % 10)".utf8), at: Int64(number), to: run) { result in
                    let safe = (try? result.get()) ?? -1
                    done.change { $0["\(run)", default: []].append(safe) }
                }
            }
        }
        slow.stop()
        for number in 1...10 {
            let acknowledged = done.read { $0["job-\(number).1"] }
            #expect(acknowledged == (1...20).map(Int64.init))
            #expect(
                folder.bytes(of: "runs/job-\(number).1.log") == Array("01234567890123456789".utf8)
            )
        }
    }

    @Test func `After the end nothing is taken`() throws {
        logs.stop()
        #expect(throws: RunLogs.Fault.busy) { try append("a", at: 0) }
        #expect(text == nil)
    }

    private var text: String? {
        folder.bytes(of: name).map { String(decoding: $0, as: UTF8.self) }
    }

    private func append(_ text: String, at offset: Int64) throws -> Int64 {
        try logs.add(Array(text.utf8), at: offset, to: run)
    }
}

extension RunLogs {
    struct NeverAnswered: Error {}

    /// `append`, and waits for its answer.
    func add(_ bytes: [UInt8], at offset: Int64, to run: RunID) throws -> Int64 {
        let answer = Monitor<Result<Int64, Fault>?>(nil)
        append(bytes, at: offset, to: run) { result in answer.change { $0 = result } }
        guard let result = answer.wait(until: .after(.seconds(20)), for: { $0 }) else {
            throw NeverAnswered()
        }
        return try result.get()
    }
}
