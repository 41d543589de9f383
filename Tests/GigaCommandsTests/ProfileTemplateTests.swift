import FleetModel
import Manifests
import Testing

@testable import GigaCommands

@Suite struct ProfileTemplateTests {
    private static let template = ProfileNewCommand.template("data-engineer")

    @Test func `a new profile is right as it stands`() {
        let result = ProfileFile.parse(Array(Self.template.utf8), path: "data-engineer.md")
        #expect(result.errors.isEmpty)
        #expect(result.file?.notes == [])
    }

    /// Every field that a file may state is there, and each line is right once its # is gone.
    @Test func `each field that is left out can be put in by removing the #`() throws {
        let fields = FieldTable.rows(of: .profile).filter { row in
            if case .refused = row.standing { return false }
            return !["version", "persona"].contains(row.name)
        }
        let lines = Self.template.split(separator: "\n", omittingEmptySubsequences: false)
        let names = fields.map(\.name)
        let stated = lines.map { line in
            names.contains { line.hasPrefix("# \($0): ") }
                ? String(line.dropFirst(2)) : String(line)
        }
        for name in names { #expect(stated.contains { $0.hasPrefix("\(name): ") }, "\(name)") }
        let text = stated.joined(separator: "\n")
        let result = ProfileFile.parse(Array(text.utf8), path: "data-engineer.md")
        #expect(result.errors.isEmpty, "\(result.errors)")
        let written = try #require(result.file).profile
        #expect(ProfileFile.fields(of: written).count == names.count - 1, "name stands apart")
    }

    @Test func `a profile that no file can say is not cut to fit`() {
        var profile = Profile(name: "odd", persona: "You test.")
        profile.mandate = "two\nlines"
        #expect(throws: CommandFault.self) { try ProfileExportCommand.text(of: profile) }
    }

    @Test func `what is shown names every field, stated or not`() {
        var profile = Profile(name: "odd", persona: "You test.")
        profile.network = .on
        let lines = ProfileShowCommand.lines(profile, [1])
        for row in FieldTable.rows(of: .profile)
        where !["name", "version", "persona"].contains(row.name) {
            #expect(lines.contains { $0.hasPrefix("\(row.name) ") }, "\(row.name)")
        }
        #expect(lines.contains { $0.hasPrefix("network ") && $0.contains("on  recorded, not") })
        #expect(lines.contains { $0.hasPrefix("ship ") && $0.contains("(the repository's)") })
    }
}
