/// A pattern over paths relative to a repository's root.
///
/// `*` and `?` stay within one name, `[a-z]` and `[!a-z]` stand for one character, `**/` for any
/// number of folders, and a folder's name with `/` at its end for everything beneath. `\` takes a
/// special character's meaning away. There is no brace expansion; case counts.
package struct Glob: Hashable, Sendable, CustomStringConvertible {
    package let pattern: String
    let program: [GlobStep]

    package init(parsing pattern: String) throws(GlobFault) {
        program = try GlobCompiler.program(of: pattern)
        self.pattern = pattern
    }

    package var description: String { pattern }

    /// Whether the pattern means exactly this file, given as git names it: `src/main.swift`.
    ///
    /// Takes time in proportion to the path's length times the pattern's, whatever they are.
    package func matches(_ path: String) -> Bool {
        // The empty path, and one that leaves the root, are no files of a repository.
        guard !path.isEmpty, !path.hasPrefix("/"),
            !path.split(separator: "/").contains(where: { $0 == ".." || $0 == "." })
        else { return false }
        var reached = [Bool](repeating: false, count: program.count + 1)
        reached[0] = true
        follow(&reached)
        var next = reached
        for scalar in path.unicodeScalars {
            for place in next.indices { next[place] = false }
            for (place, step) in program.enumerated() where reached[place] {
                if step.stays(on: scalar) { next[place] = true }
                if step.takes(scalar) { next[place + 1] = true }
            }
            follow(&next)
            swap(&reached, &next)
        }
        return reached[program.count]
    }

    /// Adds the places that are reached without taking a character.
    private func follow(_ reached: inout [Bool]) {
        for (place, step) in program.enumerated() where reached[place] {
            switch step {
            case .anythingInName, .anything: reached[place + 1] = true
            case .foldersBegin:
                reached[place + 1] = true
                reached[place + 2] = true
            default: break
            }
        }
    }

    /// The same for a path that need not be UTF-8; bytes that are none match no letter.
    package func matches(bytes path: [UInt8]) -> Bool {
        matches(String(decoding: path, as: UTF8.self))
    }

    package static func == (left: Glob, right: Glob) -> Bool { left.pattern == right.pattern }
    package func hash(into hasher: inout Hasher) { hasher.combine(pattern) }
}

extension Glob: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        do { try self.init(parsing: text) } catch {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "\(text): \(error.what)")
            )
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(pattern)
    }
}
