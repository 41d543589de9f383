import Foundation
import Testing

/// A planted fault that no longer fits would be a control that never runs.
@Suite struct PlantedTests {
    private static let folder = "Tests/Planted"

    private static func patches() throws -> [String] {
        try FileManager.default
            .contentsOfDirectory(atPath: SourceTree.root.appending(path: folder).path())
            .filter { $0.hasSuffix(".patch") }.sorted()
    }

    @Test func `there are planted faults, each with a reason and a test`() throws {
        let patches = try Self.patches()
        #expect(patches.count >= 12)
        for name in patches {
            let text = try #require(SourceTree.text("\(Self.folder)/\(name)"))
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines[0].hasSuffix("."), "\(name): its first line is a sentence")
            #expect(lines[1].hasPrefix("Test: "), "\(name): its second line names the test")
        }
    }

    @Test func `every planted fault still fits the sources`() throws {
        for name in try Self.patches() {
            let git = Process()
            git.executableURL = URL(filePath: "/usr/bin/env")
            git.arguments = ["git", "apply", "--check", "\(Self.folder)/\(name)"]
            git.currentDirectoryURL = SourceTree.root
            let complaints = Pipe()
            git.standardError = complaints
            try git.run()
            let text = complaints.fileHandleForReading.readDataToEndOfFile()
            git.waitUntilExit()
            #expect(git.terminationStatus == 0, "\(name): \(String(decoding: text, as: UTF8.self))")
        }
    }
}
