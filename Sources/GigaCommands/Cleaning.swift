import Coordinator
import FleetModel
import Glibc

/// What `giga gc` found: what can go, and what must stay and why.
struct Cleaning {
    /// One thing that nothing needs any more.
    struct Item {
        /// `log`, `artifact`, `content`, `decision`, `leftover`, `quarantine`, `clone`, `intent`, `ref`.
        let kind: String
        let job: JobID?
        let name: String
        let bytes: UInt64
    }

    struct Kept: Hashable {
        let kind: String
        let why: String
    }

    private(set) var items: [Item] = []
    private(set) var kept: [Kept: (count: Int, bytes: UInt64)] = [:]

    var bytes: UInt64 { items.reduce(0) { $0 + $1.bytes } }

    mutating func take(_ item: Item) { items.append(item) }

    mutating func keep(_ kind: String, _ why: String, _ bytes: UInt64) {
        let before = kept[Kept(kind: kind, why: why)] ?? (0, 0)
        kept[Kept(kind: kind, why: why)] = (before.count + 1, before.bytes + bytes)
    }

    /// Sorts one thing of a job; what is of an unknown job goes when it is old enough itself.
    mutating func judge(
        _ item: Item,
        _ standing: Retention.Standing,
        isOld: Bool
    ) {
        switch standing {
        case .expired: take(item)
        case .kept(let why): keep(item.kind, why, item.bytes)
        case .unknown where isOld: take(item)
        case .unknown: keep(item.kind, "nobody knows its job, and it is not old enough", item.bytes)
        }
    }
}

/// Files as `giga gc` looks at them; links are never followed.
enum Remains {
    /// Bytes of a file, or of all files in a folder.
    static func size(_ path: String) -> UInt64 {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return 0 }
        guard facts.st_mode & S_IFMT == S_IFDIR else { return UInt64(clamping: facts.st_size) }
        return names(in: path).reduce(0) { $0 + size("\(path)/\($1)") }
    }

    /// Names in a folder that is one itself; a link may lead anywhere.
    static func names(in folder: String) -> [String] {
        var facts = stat()
        guard lstat(folder, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else { return [] }
        return Files.names(in: folder)
    }

    /// How many names a file has.
    static func links(_ path: String) -> UInt64 {
        var facts = stat()
        return lstat(path, &facts) == 0 ? UInt64(facts.st_nlink) : 0
    }

    /// When it was last written.
    static func changed(_ path: String) -> Instant {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return .epoch }
        return Instant(milliseconds: Int64(facts.st_mtim.tv_sec) * 1000)
    }

    /// The run of `job-12.2.log`, `job-12.2-5` or `job-12.ship-5-5.log`.
    static func run(of name: some StringProtocol) -> RunID? {
        let parts = name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2 else { return nil }
        if let run = RunID(text: "\(parts[0]).\(parts[1])") { return run }
        // A factory's names have the lease's fence behind the run.
        guard let dash = parts[1].lastIndex(of: "-") else { return nil }
        return RunID(text: "\(parts[0]).\(parts[1][..<dash])")
    }
}
