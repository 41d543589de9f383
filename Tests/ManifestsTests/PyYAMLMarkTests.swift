import Foundation
import Testing

@testable import Manifests

/// Places as a second reader of YAML sees them.
@Suite(.enabled(if: PyYAML.isPresent, "python3 or its yaml module is not here"))
struct PyYAMLMarkTests {
    @Test func `every scalar of the fixtures starts where PyYAML says`() throws {
        let fronts = try Self.fronts()
        let seen = try PyYAML.read(fronts.map(\.text))
        var compared = 0
        for (front, theirs) in zip(fronts, seen) where Self.ownReasons[front.name] == nil {
            let document = YAMLDocument(parsing: Array(front.text.utf8))
            if let fault = document.faults.first(where: \.isSyntax) {
                let ours = [PyYAML.Scalar(line: fault.mark.line, column: fault.mark.column)]
                #expect(theirs == ours, "\(front.name): where the syntax error is")
                compared += 1
            } else if document.faults.isEmpty {
                let ours = Self.scalars(document.root)
                #expect(theirs == ours, "\(front.name)")
                compared += ours.count
            }
        }
        #expect(compared > 200, "\(compared) places compared")
    }

    /// Fixtures whose places are not compared, each for a reason.
    private static let ownReasons = [
        "conflict-markers.md": "the mark is named, not where YAML stumbles after it",
        "bang-start.md": "PyYAML points behind the tag, libyaml at it",
        "tab-after-colon.md": "libyaml takes a tab after a colon, as YAML does; PyYAML does not",
    ]

    private static func fronts() throws -> [(name: String, text: String)] {
        try Fixtures.names().compactMap { name in
            var findings = Findings(path: name)
            guard
                let source = SourceText(
                    try Fixtures.bytes(of: name),
                    &findings,
                    nothing: "anything"
                )
            else { return nil }
            if name.hasSuffix(".yaml") {
                return (name, String(decoding: source.bytes, as: UTF8.self))
            }
            guard let yaml = FrontMatter(source, &findings)?.yaml else { return nil }
            return (name, String(decoding: yaml, as: UTF8.self))
        }
    }

    private static func scalars(_ node: YAMLNode?) -> [PyYAML.Scalar] {
        guard let node else { return [] }
        switch node.content {
        case .scalar(let text, _):
            return [.init(line: node.mark.line, column: node.mark.column, text: text)]
        case .sequence(let items, _): return items.flatMap { scalars($0) }
        case .mapping(let entries, _):
            return entries.flatMap { scalars($0.key) + scalars($0.value) }
        case .refused: return []
        }
    }
}

enum PyYAML {
    struct Scalar: Codable, Hashable {
        var line: Int
        var column: Int
        var text: String?
    }

    static let isPresent = (try? run("import yaml", input: Data())) != nil

    static func read(_ texts: [String]) throws -> [[Scalar]] {
        let answer = try run(program, input: JSONEncoder().encode(texts))
        return try JSONDecoder().decode([[Scalar]].self, from: answer)
    }

    private static let program = """
        import json, sys, yaml
        def walk(node):
            if node is None: return
            if isinstance(node, yaml.ScalarNode):
                mark = node.start_mark
                yield {"line": mark.line + 1, "column": mark.column + 1, "text": node.value}
            elif isinstance(node, yaml.SequenceNode):
                for item in node.value: yield from walk(item)
            else:
                for key, value in node.value:
                    yield from walk(key)
                    yield from walk(value)
        def read(text):
            try: return list(walk(yaml.compose(text, yaml.BaseLoader)))
            except yaml.MarkedYAMLError as error:
                mark = error.problem_mark
                return [{"line": mark.line + 1, "column": mark.column + 1}]
        json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)
        """

    private struct Failed: Error {}

    private static func run(_ program: String, input: Data) throws -> Data {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", program]
        let (stdin, stdout) = (Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = FileHandle.nullDevice
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: input)
        try stdin.fileHandleForWriting.close()
        let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed() }
        return output
    }
}
