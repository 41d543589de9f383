import Foundation

/// The files of this project as the house rules see them.
enum SourceTree {
    static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

    struct File: Sendable {
        /// From the package root: `Sources/FleetModel/Job.swift`.
        let path: String
        let text: String

        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
        var room: String { String(path.split(separator: "/")[1]) }

        /// Lines with comments and the insides of one-line strings blanked, numbered from 1.
        var code: [(number: Int, text: String)] {
            lines.enumerated().map { ($0.offset + 1, Self.code(of: $0.element)) }
        }

        private static func code(of line: Substring) -> String {
            var (result, isInString, isEscaped) = ("", false, false)
            for character in line {
                if !isInString, result.hasSuffix("//") { return String(result.dropLast(2)) }
                if isInString {
                    if isEscaped {
                        isEscaped = false
                    } else if character == "\\" {
                        isEscaped = true
                    } else if character == "\"" {
                        isInString = false
                        result.append(character)
                    }
                    continue
                }
                if character == "\"" { isInString = true }
                result.append(character)
            }
            return result.hasSuffix("//") ? String(result.dropLast(2)) : result
        }
    }

    static func text(_ path: String) -> String? {
        try? String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// All Swift files below a folder of the package, in the order of their paths.
    static func swiftFiles(below folder: String) throws -> [File] {
        try FileManager.default
            .subpathsOfDirectory(atPath: root.appending(path: folder).path())
            .filter { $0.hasSuffix(".swift") && !$0.contains("/Fixtures/") }
            .sorted()
            .compactMap { name in
                text("\(folder)/\(name)").map { File(path: "\(folder)/\(name)", text: $0) }
            }
    }

    /// Targets that Package.swift declares, without libraries of the system and without tests.
    static func declaredRooms() -> [String] {
        let package = text("Package.swift") ?? ""
        let rooms = package.matches(of: /room\(\s*"([^"]+)"/).map { String($0.output.1) }
        let tools = package.matches(of: /executableTarget\(\s*name: "([^"]+)"/).map {
            String($0.output.1)
        }
        return rooms + tools
    }
}
