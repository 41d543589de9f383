import FleetModel
import Testing

@testable import GigaCommands

@Suite struct PercentTests {
    @Test(arguments: [
        ("job-12", "job-12"), ("", ""), ("../..", "..%2F.."), ("a b", "a%20b"), ("é", "%C3%A9"),
        ("a?b#c&d=e%", "a%3Fb%23c%26d%3De%25"), ("A_z.9", "A_z.9"), ("\u{7}", "%07"),
    ])
    func `whatever a path gives a meaning is encoded`(text: String, encoded: String) {
        #expect(Percent.encoded(text) == encoded)
    }
}

@Suite struct DurationsTests {
    private static let usage = Usage(
        "wait",
        .work,
        "",
        options: [.value("timeout", "DURATION", "")],
        example: "giga wait"
    )

    private func span(_ text: String) throws(CommandFault) -> Timespan? {
        try Durations.option("timeout", Arguments(["--timeout=\(text)"], for: Self.usage))
    }

    @Test(arguments: ["", "60", "0s", "0ms", "-1s", "soon", "1.5s", "1m1h", "s", "60 s", "5msms"])
    func `what is no duration is refused with an example`(text: String) {
        do throws(CommandFault) {
            _ = try span(text)
            Issue.record("\"\(text)\" was taken")
        } catch {
            #expect(error.exit == .usage)
            #expect(error.hint == "--timeout 60s")
        }
    }

    @Test(arguments: [
        ("500ms", 500), ("1s", 1000), ("90s", 90_000), ("1h30m", 5_400_000), ("2d", 172_800_000),
    ])
    func `a duration is a number with a unit`(text: String, milliseconds: Int64) throws {
        #expect(try span(text) == Timespan(milliseconds: milliseconds))
    }

    @Test func `no option is no duration`() throws {
        #expect(try Durations.option("timeout", Arguments([], for: Self.usage)) == nil)
    }
}

@Suite struct ExitCodeTests {
    /// Scripts rest on these numbers.
    @Test func `every code has its number`() {
        let table: [(ExitCode, Int32)] = [
            (.done, 0), (.failed, 1), (.usage, 2), (.nothingChanged, 3), (.notAuthorised, 4),
            (.refusedByGate, 5), (.held, 6), (.unreachable, 7), (.waitedTooLong, 8),
            (.interrupted, 130),
        ]
        #expect(table.map(\.0) == ExitCode.allCases)
        for (code, number) in table { #expect(code.rawValue == number) }
    }

    @Test func `help prints each code with what it means`() {
        let captured = Captured()
        #expect(captured.run("help", "exit-codes") == .done)
        let rows = captured.printed.split(separator: "\n").map { $0.split(separator: "\t") }
        #expect(rows.map { String($0[0]) } == ExitCode.allCases.map { "\($0.rawValue)" })
        #expect(Set(rows.map { $0[1] }).count == ExitCode.allCases.count)
    }
}

@Suite struct JSONOutputTests {
    private struct List: Encodable {
        struct Row: Encodable { let id: String, stage: String }
        let jobs: [Row]
        let total: Int
    }

    private func printed(_ words: String..., rows: String? = nil) throws -> String {
        let usage = Usage("jobs", .work, "", options: [Usage.json], example: "giga jobs")
        let captured = Captured()
        let list = List(jobs: [.init(id: "job-1", stage: "queued")], total: 1)
        let arguments = try Arguments(words, for: usage)
        JSONOutput.print(list, arguments, rows: rows, captured.shop.console)
        return captured.printed
    }

    private let whole = #"{"jobs":[{"id":"job-1","stage":"queued"}],"total":1}"# + "\n"

    @Test(arguments: ["--json", "--json=", "--json=all"])
    func `all fields come when none is named`(word: String) throws {
        #expect(try printed(word, rows: "jobs") == whole)
    }

    @Test func `named fields are those of the rows, and what is around them stays`() throws {
        #expect(
            try printed("--json=stage", rows: "jobs")
                == #"{"jobs":[{"stage":"queued"}],"total":1}"# + "\n"
        )
    }

    @Test func `named fields are those of the object itself where there are no rows`() throws {
        #expect(try printed("--json=total,absent") == #"{"total":1}"# + "\n")
    }
}

@Suite struct TableTests {
    @Test func `columns are as wide as their widest cell, and lines end without spaces`() {
        #expect(
            Table.lines(["job", "stage"], [["job-1", "queued"], ["job-12", ""]])
                == ["job     stage", "job-1   queued", "job-12  "]
        )
    }
}
