import Glibc

/// Looks for files beneath a folder that strangers wrote: no link is followed, and nothing above or
/// beside it is ever reached, for each name is opened in the folder that holds it.
struct ArtifactTree {
    /// What stands in the way of a file or folder that was looked for.
    struct Obstacle: Hashable {
        let path: String
        let reason: String
    }

    /// A folder that holds more is not looked through to its end, and that is said.
    static let mostEntries = 200_000
    private static let mostDepth = 64

    /// Whether something beneath a folder is wanted, and whether a file is.
    let mayHold: ([String]) -> Bool
    let isWanted: (String) -> Bool
    /// Gets the open folder, the file's name in it, and its whole path.
    let found: (_ folder: Int32, _ name: String, _ path: String) throws -> Void
    private(set) var obstacles: [Obstacle] = []
    private var entries = 0

    init(
        mayHold: @escaping ([String]) -> Bool,
        isWanted: @escaping (String) -> Bool,
        found: @escaping (_ folder: Int32, _ name: String, _ path: String) throws -> Void
    ) {
        (self.mayHold, self.isWanted, self.found) = (mayHold, isWanted, found)
    }

    mutating func walk(_ root: String) throws {
        let folder = open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else { return note(".", Self.reason) }
        defer { close(folder) }
        try walk(folder, [])
    }

    private mutating func walk(_ folder: Int32, _ place: [String]) throws {
        for name in names(in: folder, place) {
            guard entries < Self.mostEntries else { return }
            entries += 1
            if entries == Self.mostEntries {
                note("", "only the first \(Self.mostEntries) files were looked at")
            }
            // Whatever git keeps for itself is no work of anybody's.
            guard name.lowercased() != ".git" else { continue }
            try look(at: name, in: folder, place)
        }
    }

    private mutating func look(
        at name: String,
        in folder: Int32,
        _ place: [String]
    ) throws {
        let parts = place + [name]
        let path = parts.joined(separator: "/")
        var facts = stat()
        guard fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 else {
            if isWanted(path) { note(path, Self.reason) }
            return
        }
        switch facts.st_mode & S_IFMT {
        case S_IFDIR:
            guard mayHold(parts) else { return }
            guard parts.count <= Self.mostDepth else { return note(path, "it lies too deep") }
            let inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard inner >= 0 else { return note(path, Self.reason) }
            defer { close(inner) }
            try walk(inner, parts)
        case S_IFREG:
            if isWanted(path) { try found(folder, name, path) }
        case S_IFLNK:
            if isWanted(path) || mayHold(parts) { note(path, "it is a link") }
        default:
            if isWanted(path) { note(path, "it is no plain file") }
        }
    }

    private mutating func names(in folder: Int32, _ place: [String]) -> [String] {
        let path = place.joined(separator: "/")
        // The stream closes the descriptor that it is given.
        let copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let opened = fdopendir(copy) else {
            note(path, Self.reason)
            if copy >= 0 { close(copy) }
            return []
        }
        defer { closedir(opened) }
        var names: [String] = []
        while let item = readdir(opened), names.count <= Self.mostEntries {
            let name = withUnsafePointer(to: &item.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    String(validatingCString: $0)
                }
            }
            guard let name else {
                note(path.isEmpty ? "." : path, "a name in it is no UTF-8")
                continue
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private mutating func note(_ path: String, _ reason: String) {
        // More would fill memory, and nobody reads a thousandth.
        guard obstacles.count < 1_000 else { return }
        obstacles.append(Obstacle(path: path, reason: reason))
    }

    private static var reason: String { String(cString: strerror(errno)) }
}
