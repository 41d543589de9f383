import FleetModel
import Foundation
import Manifests
import Testing

@Suite struct ShippedProfileTests {
    static let root = URL(filePath: #filePath).appending(path: "../../..").standardized
    static let folder = root.appending(path: "profiles")

    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
            .filter { $0.hasSuffix(".md") }
    }

    @Test func `the catalogue is whole`() throws {
        let wanted = [
            "backend-engineer", "developer", "docs-writer", "frontend-engineer", "qa", "reviewer",
            "ui-designer", "ux-designer",
        ]
        #expect(try Self.names() == wanted.map { "\($0).md" })
    }

    @Test(arguments: try names())
    func `a shipped profile is right and has a persona of 15 to 40 lines`(name: String) throws {
        let bytes = [UInt8](try Data(contentsOf: Self.folder.appending(path: name)))
        let result = ProfileFile.parse(bytes, path: "profiles/\(name)")
        let file = try #require(result.file, "\(result.errors)")
        #expect(file.notes.isEmpty, "it promises something that is only recorded")
        #expect(file.profile.engineClass != nil)
        let lines = file.profile.persona.split(separator: "\n")
        #expect((15...40).contains(lines.count), "\(lines.count) lines")
    }
}
