/// One path that differs between two trees; a rename is two, so that both are seen.
package struct TreeChange: Hashable, Sendable {
    package enum Status: Hashable, Sendable {
        case added, deleted, modified, typeChanged
    }

    package let status: Status
    /// As git writes modes, octal: 100644, 100755, 120000, 160000; 0 is absent.
    package let oldMode: UInt32
    package let newMode: UInt32
    package let oldObject: ObjectID?
    package let newObject: ObjectID?
    /// Raw bytes: a path may hold anything but a zero byte.
    package let path: [UInt8]

    package var pathText: String { String(decoding: path, as: UTF8.self) }
    package var isUTF8: Bool { String(validating: path, as: UTF8.self) != nil }
    package var isSymbolicLink: Bool { newMode == 0o120000 }
    package var isGitlink: Bool { newMode == 0o160000 || oldMode == 0o160000 }
    /// Whether only the executable bit or the kind of the entry is different.
    package var isModeOnly: Bool { oldMode != newMode && oldObject == newObject }
    package var hazards: Set<PathHazard> { PathHazard.found(in: path) }
}

/// What makes a path dangerous to some checkout, on some file system.
package enum PathHazard: Hashable, Sendable, CaseIterable {
    /// `.git` in any disguise that a Mac or Windows file system takes for it.
    case gitFolder
    case gitModules
    case gitAttributes
    /// `..`, an absolute path, or an empty part.
    case escape
    case controlCharacter
    case notUTF8

    package static func found(in path: [UInt8]) -> Set<PathHazard> {
        var hazards: Set<PathHazard> = []
        if path.contains(where: { $0 < 0x20 || $0 == 0x7F }) { hazards.insert(.controlCharacter) }
        guard let text = String(validating: path, as: UTF8.self) else {
            return hazards.union([.notUTF8])
        }
        for part in text.unicodeScalars.split(
            omittingEmptySubsequences: false,
            whereSeparator: { $0 == "/" || $0 == "\\" }
        ) {
            let name = folded(part)
            if part.isEmpty || String(part) == ".." || String(part) == "." {
                hazards.insert(.escape)
            }
            if name == ".git" || isShort("git", of: name) { hazards.insert(.gitFolder) }
            if name == ".gitmodules" || isShort("gitmod", of: name) || name.hasPrefix("gi7eba") {
                hazards.insert(.gitModules)
            }
            if name == ".gitattributes" || isShort("gitatt", of: name) || name.hasPrefix("gi7d29") {
                hazards.insert(.gitAttributes)
            }
        }
        return hazards
    }

    /// As HFS+ (ignorable characters, case) and NTFS (case, trailing dots, streams) compare names.
    private static func folded(_ part: Substring.UnicodeScalarView) -> String {
        var name = String.UnicodeScalarView()
        for scalar in part {
            switch scalar.value {
            case 0x200C...0x200F, 0x202A...0x202E, 0x206A...0x206F, 0xFEFF: continue
            default: name.append(scalar)
            }
        }
        var lower = String(name).lowercased()
        if let stream = lower.firstIndex(of: ":") { lower = String(lower[..<stream]) }
        while let last = lower.last, last == "." || last == " " { lower.removeLast() }
        return lower
    }

    /// The 8.3 name that Windows gives to a name that begins with a dot: `GIT~1`.
    private static func isShort(_ stem: String, of name: String) -> Bool {
        guard name.hasPrefix(stem + "~") else { return false }
        let rest = name.dropFirst(stem.count + 1)
        return !rest.isEmpty && rest.allSatisfy(\.isNumber)
    }
}

extension Mirror {
    /// Every path that differs between two trees or commits, in git's order.
    package func diffTrees(_ old: ObjectID, _ new: ObjectID) throws(GitFault) -> [TreeChange] {
        let arguments = [
            "diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev",
            "--ignore-submodules=none", old.hex, new.hex, "--",
        ]
        let answer = try program.run(.init(arguments, in: path))
        guard !answer.isCut else {
            throw GitFault(.unsound, command: "diff-tree", words: "more changes than can be judged")
        }
        guard let changes = TreeChange.parse(answer.output) else {
            throw GitFault(.failed, command: "diff-tree", words: "output not understood")
        }
        return changes
    }

    /// The difference as text, cut at `maxBytes`; no program but git sees it.
    package func patch(
        _ old: ObjectID,
        _ new: ObjectID,
        maxBytes: Int
    ) throws(GitFault) -> (bytes: [UInt8], isCut: Bool) {
        var call = GitProgram.Call(
            [
                "diff-tree", "-r", "-p", "--no-ext-diff", "--no-textconv", "--no-renames",
                "--no-color", "--full-index", old.hex, new.hex, "--",
            ],
            in: path
        )
        call.outputLimit = maxBytes
        let answer = try program.run(call)
        return (answer.output, answer.isCut)
    }

    /// An id of the change itself, whatever it is based on; nil when nothing changed.
    package func patchID(_ base: ObjectID, _ commit: ObjectID) throws(GitFault) -> String? {
        var diff = GitProgram.Call(
            [
                "diff-tree", "-r", "-p", "--binary", "--no-ext-diff", "--no-textconv",
                "--no-renames", "--full-index", base.hex, commit.hex, "--",
            ],
            in: path
        )
        diff.outputLimit = 256 << 20
        let answer = try program.run(diff)
        guard !answer.isCut else {
            throw GitFault(.unsound, command: "patch-id", words: "larger than 256 MiB")
        }
        var call = GitProgram.Call(["patch-id", "--stable"], in: path)
        call.input = answer.output
        return try program.run(call).text.split(separator: " ").first.map(String.init)
    }
}

extension TreeChange {
    /// Reads `:100644 100755 <id> <id> M NUL path NUL …`; nil when anything is unexpected.
    static func parse(_ bytes: [UInt8]) -> [TreeChange]? {
        var fields = bytes.split(separator: 0, omittingEmptySubsequences: false)[...]
        guard fields.popLast()?.isEmpty ?? false, fields.count.isMultiple(of: 2) else { return nil }
        var changes: [TreeChange] = []
        while let head = fields.popFirst(), let path = fields.popFirst() {
            let parts = String(decoding: head, as: UTF8.self).split(separator: " ")
            guard parts.count == 5, parts[0].hasPrefix(":"),
                let oldMode = UInt32(parts[0].dropFirst(), radix: 8),
                let newMode = UInt32(parts[1], radix: 8), let old = ObjectID(parts[2]),
                let new = ObjectID(parts[3]), let status = Status(letter: parts[4])
            else { return nil }
            changes.append(
                TreeChange(
                    status: status,
                    oldMode: oldMode,
                    newMode: newMode,
                    oldObject: old.isZero ? nil : old,
                    newObject: new.isZero ? nil : new,
                    path: Array(path)
                )
            )
        }
        return changes
    }
}

extension TreeChange.Status {
    fileprivate init?(letter: Substring) {
        switch letter {
        case "A": self = .added
        case "D": self = .deleted
        case "M": self = .modified
        case "T": self = .typeChanged
        default: return nil
        }
    }
}
