package import FleetModel

/// The gate `scope`: which paths of a change its job had no right to touch.
///
/// It judges what lies between two trees. How the change came about, its commits and renames,
/// does not matter: a rename is a path that went and a path that came, and both must be allowed.
package struct ScopeCheck: Hashable, Sendable {
    private let scope: PathScope
    private let protected: [Glob]
    /// The protected globs in lower case, for file systems that do not tell case apart.
    private let protectedLower: [Glob]

    /// A path must match one glob of each list in `scopes`; an empty list sets no bound.
    ///
    /// `protected` are paths that only a person may change.
    package init(scopes: [[Glob]], protected: [Glob] = []) {
        scope = PathScope(scopes)
        self.protected = protected
        protectedLower = protected.compactMap { try? Glob(parsing: $0.pattern.lowercased()) }
    }

    /// Every offence, in the order of the changes; a path may offend in several ways.
    package func offences(in changes: [ChangedPath]) -> [ScopeOffence] {
        changes.flatMap { change in
            reasons(against: change).map { ScopeOffence(path: change.shownPath, reason: $0) }
        }
    }

    private func reasons(against change: ChangedPath) -> [ScopeOffence.Reason] {
        var reasons: [ScopeOffence.Reason] = []
        if let text = change.text {
            if !scope.allows(text) { reasons.append(.outsideScope) }
            if isProtected(text) { reasons.append(.protected) }
        } else {
            // No glob can speak of such a path, so none can allow it.
            reasons.append(.hazard(.notUTF8))
        }
        if change.newMode == ChangedPath.symbolicLink { reasons.append(.symbolicLink) }
        if change.newMode == ChangedPath.gitlink || change.oldMode == ChangedPath.gitlink {
            reasons.append(.gitlink)
        }
        if !ChangedPath.knownModes.contains(change.newMode) { reasons.append(.oddMode) }
        for hazard in PathDanger.allCases
        where change.dangers.contains(hazard) && !reasons.contains(.hazard(hazard)) {
            reasons.append(.hazard(hazard))
        }
        return reasons
    }

    private func isProtected(_ path: String) -> Bool {
        let lower = path.lowercased()
        return protected.contains { $0.matches(path) }
            || protectedLower.contains { $0.matches(lower) }
    }
}

/// One path that differs between two trees.
package struct ChangedPath: Hashable, Sendable {
    package static let symbolicLink: UInt32 = 0o120000
    package static let gitlink: UInt32 = 0o160000
    static let knownModes: Set<UInt32> = [0, 0o100644, 0o100755, symbolicLink, gitlink]

    /// Raw bytes: a path may hold anything but a zero byte.
    package let path: [UInt8]
    /// As git writes modes, octal; 0 is absent.
    package let oldMode: UInt32
    package let newMode: UInt32
    /// What some checkout, on some file system, would make of the path.
    package let dangers: Set<PathDanger>

    package init(path: [UInt8], oldMode: UInt32, newMode: UInt32, dangers: Set<PathDanger> = []) {
        self.path = path
        self.oldMode = oldMode
        self.newMode = newMode
        self.dangers = dangers
    }

    var text: String? { String(validating: path, as: UTF8.self) }

    /// For people and logs: no control character, and nothing that reads as another path.
    package var shownPath: String {
        let text = String(decoding: path, as: UTF8.self)
        return String(
            text.unicodeScalars.reduce(into: "") { shown, scalar in
                let isPlain = scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
                shown += isPlain ? String(scalar) : scalar.escaped(asASCII: true)
            }
        )
    }
}

/// Why a path must not be in any change, whatever its scope says.
package enum PathDanger: String, Hashable, Sendable, CaseIterable {
    /// `.git` in any disguise that a Mac or Windows file system takes for it.
    case gitFolder
    case gitModules
    case gitAttributes
    case escape
    case controlCharacter
    case notUTF8
}

/// One path that a change may not have, and why.
package struct ScopeOffence: Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        case outsideScope
        case protected
        case symbolicLink
        case gitlink
        case oddMode
        case hazard(PathDanger)
    }

    package let path: String
    package let reason: Reason

    package init(path: String, reason: Reason) {
        self.path = path
        self.reason = reason
    }

    package var description: String { "\(path): \(reason.words)" }
}

extension ScopeOffence.Reason {
    var words: String {
        switch self {
        case .outsideScope: "outside the job's scope"
        case .protected: "protected: only a person may change it"
        case .symbolicLink: "a symbolic link"
        case .gitlink: "a repository within the repository"
        case .oddMode: "neither a plain file nor a program"
        case .hazard(.gitFolder): "looks like a git folder"
        case .hazard(.gitModules): "tells git to fetch other repositories"
        case .hazard(.gitAttributes): "tells git to run filters"
        case .hazard(.escape): "leads out of the repository"
        case .hazard(.controlCharacter): "has a control character in its name"
        case .hazard(.notUTF8): "its name is not UTF-8"
        }
    }
}
