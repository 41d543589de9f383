import FleetModel
import FleetRules
import FleetTesting
import Testing

/// docs/reference/stages.md is the only place where the stages are written down for people; every
/// row and cell of it is tried here, so that the page and the core cannot drift apart.
@Suite struct StagesDocumentTests {
    /// Refusals that are about the stage itself; they name where the job is and where it would go.
    private static let aboutStages: Set = ["stage.illegal", "run.out-of-turn", "lease.stale"]

    private func transitions() throws -> MarkdownTable {
        try #require(MarkdownTable(in: StagesPage.text(), columns: "from", "to"))
    }

    private func commands() throws -> MarkdownTable {
        try #require(MarkdownTable(in: StagesPage.text(), columns: "command", "aims at"))
    }

    @Test func `the page lists exactly the pairs that the core allows`() throws {
        let listed = try transitions().rows.map { "\($0[0]) → \($0[1])" }
        let allowed = Stage.allCases.flatMap { from in
            StageTransition.successors(of: from).map { "\(from.rawValue) → \($0.rawValue)" }
        }
        #expect(listed.sorted() == (allowed + ["(new) → queued"]).sorted())
        #expect(try transitions().rows.allSatisfy { $0.count == 3 && !$0[2].isEmpty })
    }

    @Test func `every pair of stages is legal exactly when the page lists it`() throws {
        let listed = Set(try transitions().rows.map { [$0[0], $0[1]] })
        for from in Stage.allCases {
            for next in Stage.allCases {
                let isListed = listed.contains([from.rawValue, next.rawValue])
                #expect(
                    StageTransition.isLegal(from: from, to: next) == isListed,
                    "\(from.rawValue) → \(next.rawValue)"
                )
            }
        }
    }

    @Test func `the page has a row for every command and a column for every situation`() throws {
        let table = try commands()
        #expect(table.rows.map { $0[0] } == StageCommand.allCases.map(\.rawValue))
        #expect(
            table.header == ["command", "aims at"] + StageSituation.allCases.map(\.rawValue)
        )
        #expect(Set(StageSituation.allCases.compactMap(\.stage)) == Set(Stage.allCases))
    }

    @Test(arguments: StageCommand.allCases)
    func `each cell says what the core does`(command: StageCommand) throws {
        let row = try #require(try commands().rows.first { $0[0] == command.rawValue })
        for (situation, cell) in zip(StageSituation.allCases, row.dropFirst(2)) {
            var (fleet, run) = situation.arrange()
            #expect(fleet.stage(JobID(1)) == situation.stage, "the example is wrong: \(situation)")
            let refusal = command.act(on: &fleet, run)
            let outcome = refusal?.code ?? fleet.stage(JobID(1)).rawValue
            #expect(outcome == cell, "\(command) in \(situation)")
            #expect(fleet.replayed() == fleet.state, "\(command) in \(situation)")
            guard let refusal, Self.aboutStages.contains(refusal.code) else { continue }
            let words = "\(refusal.what) \(refusal.why)"
            for name in [situation.stage?.rawValue ?? "?", row[1]] {
                #expect(words.contains(name), "\(command) in \(situation): \(words)")
            }
        }
    }

    @Test func `a refused command changes nothing`() throws {
        for row in try commands().rows {
            let command = try #require(StageCommand(rawValue: row[0]))
            for (situation, cell) in zip(StageSituation.allCases, row.dropFirst(2))
            where cell.contains(".") {
                var (fleet, run) = situation.arrange()
                let (state, events) = (fleet.state, fleet.events)
                _ = command.act(on: &fleet, run)
                #expect(fleet.state == state && fleet.events == events, "\(command), \(situation)")
            }
        }
    }

    @Test func `deleting any row of either table is noticed`() throws {
        let text = try StagesPage.text()
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let rows = lines.indices.filter { lines[$0].hasPrefix("| ") }
        #expect(rows.count == 2 + 18 + 23)
        for row in rows {
            var fewer = lines
            fewer.remove(at: row)
            #expect(!isWhole(fewer.joined(separator: "\n")), "\(lines[row])")
        }
        #expect(isWhole(text))
    }

    /// What the first and third test ask of the page, of any text.
    private func isWhole(_ text: String) -> Bool {
        guard let pairs = MarkdownTable(in: text, columns: "from", "to"),
            let commands = MarkdownTable(in: text, columns: "command", "aims at")
        else { return false }
        let allowed = Stage.allCases.reduce(1) { $0 + StageTransition.successors(of: $1).count }
        return pairs.rows.count == allowed
            && commands.rows.map { $0[0] } == StageCommand.allCases.map(\.rawValue)
    }
}
