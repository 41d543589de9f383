import FleetModel
import Git

/// The files by which package managers pin what they fetch.
enum Lockfiles {
    private static let names = Set(
        """
        package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb
        deno.lock Cargo.lock poetry.lock Pipfile.lock uv.lock pdm.lock requirements.txt
        Gemfile.lock composer.lock go.sum Package.resolved Podfile.lock mix.lock
        pubspec.lock packages.lock.json gradle.lockfile flake.lock conan.lock
        stack.yaml.lock cabal.project.freeze
        """.split { $0.isWhitespace }.map(String.init)
    )

    static func isOne(_ path: String) -> Bool {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return names.contains(name)
            || (name.hasPrefix("requirements") && name.hasSuffix(".txt"))
    }

    /// Names what a command makes of a commit: the same command and lockfiles make the same.
    ///
    /// The mirror and the target are part of it, so that no repository is shown another's files, and
    /// nothing that counts as reviewed on one branch counts on another.
    ///
    /// Where a repository has no lockfile, its whole tree stands for it.
    static func key(
        of command: String,
        at commit: ObjectID,
        _ mirror: Mirror,
        target: String
    ) throws(GitFault) -> String {
        let files = try mirror.listing(of: commit).files.filter { isOne($0.key) }
        var text = "\(mirror.path)\0\(target)\0\(command)\0"
        if files.isEmpty { text += try mirror.tree(of: commit).hex }
        for (path, blob) in files.sorted(by: { $0.key < $1.key }) { text += "\(path)\0\(blob)\0" }
        return Digest(sha256: text).hex
    }

    /// What of a change is a lockfile.
    static func changed(in changes: [TreeChange]) -> [String] {
        changes.map(\.pathText).filter(isOne)
    }
}
