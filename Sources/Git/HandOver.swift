import Glibc

/// How a result leaves the sandbox: a script inside writes one bundle file, the host reads it.
package enum HandOver {
    /// The ref inside the bundle.
    static let ref = "refs/giga/result"

    /// What went wrong inside, by the script's exit code.
    package enum Failure: Int32, Hashable, Sendable, CaseIterable {
        /// The agent deleted or replaced its git folder.
        case noRepository = 41
        /// The base commit cannot be read any more: the agent destroyed its objects.
        case damagedObjects = 42
        /// Something cannot be staged: an unreadable file, a nested repository without a commit.
        case cannotStage = 43
        case cannotBundle = 44
    }

    /// What to run inside the sandbox, in any folder.
    ///
    /// A git folder of its own is used, with the agent's objects beside it, so that whatever the
    /// agent did to its configuration, hooks, index, branches and locks does not matter: the
    /// files in its folder count. What the agent's own last commit tracks is kept even where
    /// `.gitignore` names it; everything else that is ignored stays behind.
    ///
    /// New files that match a glob of `leavingOut`, which counts from the root, stay behind too.
    package static func command(
        clone: String,
        base: ObjectID,
        bundle: String,
        leavingOut: [String] = []
    ) -> [String] {
        let settings = GitProgram.safeSettings.map { "-c '\($0)'" }.joined(separator: " ")
        let script = scriptText.replacing("@SETTINGS@", with: settings)
        let ignored = leavingOut.map { "/\($0)" }.joined(separator: "\n")
        return ["sh", "-c", script, "hand-over", clone, base.hex, bundle, ignored]
    }

    private static let scriptText = """
        set -u
        clone=$1 base=$2 bundle=$3 ignored=$4
        unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_NAMESPACE
        unset GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_CONFIG_PARAMETERS GIT_CONFIG_COUNT
        export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
        export GIT_ATTR_NOSYSTEM=1 GIT_NO_REPLACE_OBJECTS=1 GIT_TERMINAL_PROMPT=0 LC_ALL=C
        export GIT_AUTHOR_NAME=agent GIT_AUTHOR_EMAIL=agent@localhost
        export GIT_COMMITTER_NAME=agent GIT_COMMITTER_EMAIL=agent@localhost
        export GIT_AUTHOR_DATE='@0 +0000' GIT_COMMITTER_DATE='@0 +0000'
        g() { git @SETTINGS@ "$@"; }
        [ -d "$clone/.git/objects" ] || { echo "no git folder in $clone" >&2; exit 41; }
        own=$(mktemp -d) || exit 44
        trap 'rm -rf "$own"' EXIT
        g init --quiet --bare --template= "$own/git" || exit 44
        printf '%s\\n' "$clone/.git/objects" > "$own/git/objects/info/alternates" || exit 44
        mkdir -p "$own/git/info" && printf '%s\\n' "$ignored" > "$own/git/info/exclude" || exit 44
        g --git-dir="$own/git" rev-parse --quiet --verify "$base^{tree}" >/dev/null || exit 42
        head=$(g --git-dir="$clone/.git" rev-parse --quiet --verify 'HEAD^{commit}' 2>/dev/null)
        # A work tree that the agent's configuration moved elsewhere is not looked at.
        export GIT_DIR="$own/git" GIT_WORK_TREE="$clone"
        cd "$clone" || exit 41
        { [ -n "$head" ] && g read-tree "$head" 2>/dev/null; } || g read-tree "$base" || exit 42
        g add --all -- . || exit 43
        tree=$(g write-tree) || exit 42
        commit=$(g commit-tree "$tree" -p "$base" -m result) || exit 44
        g update-ref refs/giga/result "$commit" || exit 44
        rm -rf "$bundle"
        g bundle create --quiet "$bundle" refs/giga/result "^$base" || exit 44
        """
}

extension Mirror {
    /// Takes the one commit of a bundle into the mirror under a quarantine ref.
    ///
    /// The bundle is an untrusted file: git's own `fetch` from a bundle skips its object checks,
    /// so its header is read here and its pack goes through `index-pack --strict`.
    /// - Returns: The commit that the sandbox made; only its tree is worth anything.
    package func importBundle(
        _ file: String,
        base: ObjectID,
        quarantine ref: String,
        maxBytes: Int = 256 << 20
    ) throws(GitFault) -> ObjectID {
        try GitProgram.check(ref: ref, for: "import")
        let bytes = try Folder.read(file, limit: maxBytes)
        guard let bundle = BundleHeader(parsing: bytes), bundle.refs.count == 1,
            let commit = bundle.refs[HandOver.ref], bundle.needed.allSatisfy({ $0 == base })
        else {
            throw GitFault(.unsound, command: "import", words: "\(file) is no bundle of one result")
        }
        var call = GitProgram.Call(
            ["index-pack", "--stdin", "--fix-thin", "--strict", "--max-input-size=\(maxBytes)"],
            in: path
        )
        call.input = Array(bytes[bundle.packStart...])
        do throws(GitFault) {
            _ = try program.run(call)
        } catch {
            guard error.kind == .failed || error.kind == .missingObject else { throw error }
            throw GitFault(
                .unsound,
                command: error.command,
                exitCode: error.exitCode,
                words: error.words
            )
        }
        // Whole down to the last blob, and built on the base alone.
        _ = try git("rev-list", "--objects", "--quiet", commit.hex, "^\(base)")
        guard try parents(of: commit) == [base] else {
            throw GitFault(.unsound, command: "import", words: "\(commit) is not built on \(base)")
        }
        _ = try git("update-ref", ref, commit.hex)
        return commit
    }

    /// Writes `commit` without what `base` has into a bundle file, for where there is no origin.
    package func writeBundle(
        of commit: ObjectID,
        named ref: String,
        excluding base: ObjectID?,
        to file: String
    ) throws(GitFault) {
        try GitProgram.check(ref: ref, for: "bundle")
        _ = try git("update-ref", ref, commit.hex)
        var arguments = ["bundle", "create", "--quiet", file, ref]
        if let base { arguments.append("^\(base)") }
        _ = try program.run(.init(arguments, in: path))
    }
}

/// The text before a bundle's pack: signature, what it needs, what it brings.
struct BundleHeader {
    var needed: [ObjectID] = []
    var refs: [String: ObjectID] = [:]
    var packStart = 0

    init?(parsing bytes: [UInt8]) {
        var rest = bytes.prefix(65_536)
        var isFirst = true
        while let end = rest.firstIndex(of: 0x0A) {
            let line = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[(end + 1)...]
            if isFirst {
                guard line == "# v2 git bundle" else { return nil }
                isFirst = false
            } else if line.isEmpty {
                packStart = end + 1
                return
            } else if line.hasPrefix("-") {
                guard let id = ObjectID(line.dropFirst().prefix { $0 != " " }) else { return nil }
                needed.append(id)
            } else {
                let parts = line.split(separator: " ", maxSplits: 1)
                guard parts.count == 2, let id = ObjectID(parts[0]) else { return nil }
                refs[String(parts[1])] = id
            }
        }
        return nil
    }
}
