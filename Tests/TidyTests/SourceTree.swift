import Foundation

/// The files of this project as the house rules see them.
enum SourceTree {
    static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

    struct File: Sendable {
        /// From the package root: `Sources/FleetModel/Job.swift`.
        let path: String
        let lines: [Substring]
        /// Lines without comments and without the insides of one-line strings, numbered from 1.
        let code: [(number: Int, text: String)]

        var room: String { String(path.split(separator: "/")[1]) }

        init(path: String, text: String) {
            self.path = path
            lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            code = lines.enumerated().map { ($0.offset + 1, Self.code(of: $0.element)) }
        }

        private static func code(of line: Substring) -> String {
            var result: [UInt8] = []
            var (isInString, isEscaped) = (false, false)
            for byte in line.utf8 {
                if isInString {
                    if isEscaped {
                        isEscaped = false
                    } else if byte == UInt8(ascii: "\\") {
                        isEscaped = true
                    } else if byte == UInt8(ascii: "\"") {
                        isInString = false
                        result.append(byte)
                    }
                    continue
                }
                if byte == UInt8(ascii: "/"), result.last == byte {
                    result.removeLast()
                    break
                }
                if byte == UInt8(ascii: "\"") { isInString = true }
                result.append(byte)
            }
            return String(decoding: result, as: UTF8.self)
        }
    }

    static func text(_ path: String) -> String? {
        try? String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// All Swift files below a folder of the package, in the order of their paths.
    static func swiftFiles(below folder: String) throws -> [File] {
        let files = folder.hasPrefix("Tests") ? tests : sources
        return files.filter { $0.path.hasPrefix(folder + "/") }
    }

    /// Read once: every rule looks at all of them.
    private static let sources = read("Sources")
    private static let tests = read("Tests")

    private static func read(_ folder: String) -> [File] {
        let path = root.appending(path: folder).path()
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
        return names.filter { $0.hasSuffix(".swift") && !$0.contains("/Fixtures/") }.sorted()
            .compactMap { name in
                text("\(folder)/\(name)").map { File(path: "\(folder)/\(name)", text: $0) }
            }
    }

    /// Rooms and tools that Package.swift declares, each with what it may import.
    static func declaredRooms() -> [String: Set<String>] {
        let package = text("Package.swift") ?? ""
        var rooms: [String: Set<String>] = [:]
        for match in package.matches(of: /room\(\s*"([^"]+)"(?:,\s*imports: \[([^\]]*)\])?/) {
            let imports = match.output.2.map { names(in: String($0), quotedBy: "\"") } ?? []
            rooms[String(match.output.1)] = Set(imports)
        }
        let tools = /executableTarget\(\s*name: "([^"]+)",\s*dependencies: \[([^\]]*)\]/
        for match in package.matches(of: tools) {
            rooms[String(match.output.1)] = Set(names(in: String(match.output.2), quotedBy: "\""))
        }
        return rooms
    }

    /// What stands between pairs of a quote.
    static func names(in text: String, quotedBy quote: Character) -> [String] {
        text.split(separator: quote, omittingEmptySubsequences: false).enumerated()
            .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
    }
}
