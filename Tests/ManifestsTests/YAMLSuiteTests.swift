import Foundation
import Manifests
import Testing

/// Values against the YAML project's own test suite: refusing is allowed, another value is not.
@Suite(.enabled(if: YAMLSuite.isPresent, "../shared/conformance/yaml-test-suite is not here"))
struct YAMLSuiteTests {
    /// Cases that libyaml itself reads otherwise than the suite wants; see docs/migration.md.
    static let librarysOwn: Set = ["652Z", "HM87/01", "JEF9/02", "L24T/01"]

    @Test func `no value is wrong but those of the written list`() throws {
        let marks = try YAMLSuite.marks()
        #expect(marks.count > 200)
        #expect(YAMLSuite.complaint(marks, allowing: Self.librarysOwn) == nil)
        let right = marks.values.count { $0 == .right }
        // The rest has anchors, tags, several documents or characters that nobody sees.
        #expect(right >= 130, "\(right) right")
    }

    /// Cases that must fail and that libyaml takes; none of them gives a value that is another's.
    static let taken: Set = ["9C9N", "CVW2", "MUS6/00", "QB6E", "Y79Y/003", "YJV2"]

    @Test func `what must fail fails, but for the written list`() throws {
        let marks = try YAMLSuite.marks()
        #expect(Set(marks.filter { $0.value == .acceptedError }.keys) == Self.taken)
    }

    @Test(arguments: librarysOwn.sorted())
    func `leaving an id out of the list is noticed`(id: String) throws {
        let marks = try YAMLSuite.marks()
        let shorter = Self.librarysOwn.subtracting([id])
        #expect(YAMLSuite.complaint(marks, allowing: shorter)?.contains(id) == true)
    }

    @Test func `an id that is right is noticed in the list`() throws {
        let marks = try YAMLSuite.marks()
        let longer = Self.librarysOwn.union(["229Q"])
        #expect(YAMLSuite.complaint(marks, allowing: longer)?.contains("229Q") == true)
    }
}

enum YAMLSuite {
    enum Mark: Equatable {
        case right
        /// Valid, but outside of what we take.
        case refused
        case wrong
        case acceptedError
    }

    static let folder = URL(filePath: #filePath)
        .appending(path: "../../../../shared/conformance/yaml-test-suite").standardized

    static var isPresent: Bool { FileManager.default.fileExists(atPath: folder.path()) }

    static func marks() throws -> [String: Mark] {
        var marks: [String: Mark] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path())
        where path.hasSuffix("/in.yaml") {
            let id = String(path.dropLast("/in.yaml".count))
            marks[id] = try mark(of: folder.appending(path: id))
        }
        return marks
    }

    /// Nil when exactly the listed cases are wrong.
    static func complaint(_ marks: [String: Mark], allowing list: Set<String>) -> String? {
        let wrong = Set(marks.filter { $0.value == .wrong }.keys)
        let beyond = wrong.subtracting(list).sorted()
        let healed = list.subtracting(wrong).sorted()
        guard !beyond.isEmpty || !healed.isEmpty else { return nil }
        return "wrong beyond the list: \(beyond); in the list but right: \(healed)"
    }

    private static func mark(of folder: URL) throws -> Mark {
        let bytes = [UInt8](try Data(contentsOf: folder.appending(path: "in.yaml")))
        let document = YAMLDocument(parsing: bytes)
        let mustFail = FileManager.default.fileExists(
            atPath: folder.appending(path: "error").path()
        )
        guard document.faults.isEmpty else { return mustFail ? .right : .refused }
        if mustFail { return .acceptedError }
        let text = try String(contentsOf: folder.appending(path: "test.event"), encoding: .utf8)
        return events(document.root) == text.split(separator: "\n").compactMap(event)
            ? .right : .wrong
    }

    private static func events(_ node: YAMLNode?) -> [String] {
        guard let node else { return [] }
        switch node.content {
        case .scalar(let text, _): return ["=\(text)"]
        case .sequence(let items, _): return ["+SEQ"] + items.flatMap(events) + ["-SEQ"]
        case .mapping(let entries, _):
            return ["+MAP"] + entries.flatMap { events($0.key) + events($0.value) } + ["-MAP"]
        case .refused: return ["refused"]
        }
    }

    /// `=VAL :text` without its style; nil for what says nothing about values.
    private static func event(_ line: Substring) -> String? {
        if line.hasPrefix("=VAL ") {
            return "=" + unescaped(line.dropFirst(6))
        }
        let name = line.prefix(4)
        return ["+SEQ", "-SEQ", "+MAP", "-MAP"].contains(name) ? String(name) : nil
    }

    private static func unescaped(_ text: Substring) -> String {
        var plain = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                let meanings: [Character: Character] = [
                    "n": "\n", "t": "\t", "r": "\r", "b": "\u{8}",
                ]
                plain.append(meanings[character] ?? character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                plain.append(character)
            }
        }
        return plain
    }
}
