package import FleetModel
package import HTTPServing

/// What a repository entry must look like before anything is stored or any git is started.
///
/// The coordinator touches no git: whether a path holds a repository is the caller's to check.
package enum RepositoryForm {
    /// - Throws: a problem that names the first part that cannot be used.
    package static func check(_ repository: Repository) throws(Problem) {
        guard Naming.isName(repository.name) else {
            throw Problem(
                code: "repo.bad-name",
                title: "A repository cannot be named \"\(repository.name.prefix(80))\"",
                status: 400,
                detail: "a name is \(Naming.rule)",
                hint: "giga repo add shop --url PATH|URL"
            )
        }
        guard repository.ship == .merge || repository.ship == ShipWay.none else {
            throw Problem(
                code: "repo.ship-not-kept-yet",
                title: "ship: \(repository.ship.rawValue) cannot be promised yet",
                status: 400,
                detail: "this version ships by merge, or not at all",
                hint: "--ship merge    or    --ship none"
            )
        }
        if let reason = fault(ofURL: repository.url) {
            throw Problem(
                code: "repo.bad-url",
                title: "The URL \"\(repository.url.prefix(200))\" cannot be used",
                status: 400,
                detail: reason,
                hint: "giga repo add \(repository.name) --url PATH|URL"
            )
        }
        if let reason = fault(ofBranch: repository.target) {
            throw Problem(
                code: "repo.bad-target",
                title: "The target \"\(repository.target.prefix(200))\" cannot be a branch",
                status: 400,
                detail: reason,
                hint: "--target main"
            )
        }
        if let reason = fault(ofArtifacts: repository.artifacts ?? [:]) {
            throw Problem(
                code: "repo.bad-artifacts",
                title: "The repository's artifacts cannot be used",
                status: 400,
                detail: reason,
                hint: "--artifacts \"coverage=coverage/,lcov.info; sbom=sbom.json\""
            )
        }
        if let profile = repository.profile, !Naming.isName(profile) {
            throw Problem(
                code: "profile.bad-name",
                title: "\"\(profile.prefix(80))\" names no profile",
                status: 400,
                detail: "a name is \(Naming.rule)",
                hint: "giga profile list"
            )
        }
    }

    /// Why names of artifacts cannot stand for these globs; nil when they can.
    private static func fault(ofArtifacts globs: [String: [String]]) -> String? {
        for (name, patterns) in globs.sorted(by: { $0.key < $1.key }) {
            guard ArtifactNames.all.contains(name) else {
                let known = ArtifactNames.all.joined(separator: ", ")
                return "\"\(name.prefix(80))\" is none of \(known)"
            }
            guard (1...100).contains(patterns.count) else {
                return "\(name) stands for \(patterns.count) globs; it can be 1 to 100"
            }
            for pattern in patterns {
                do throws(GlobFault) { _ = try Glob(parsing: pattern) } catch {
                    return "\"\(pattern.prefix(256))\" is no glob: \(error.what)"
                }
            }
        }
        return nil
    }

    /// Why git must not be given this as a place to fetch from and push to; nil when it may.
    package static func fault(ofURL url: String) -> String? {
        if url.isEmpty { return "it is empty" }
        if url.hasPrefix("-") { return "git would read it as an option" }
        if url.utf8.count > 4096 { return "it is longer than 4096 bytes" }
        if url.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
            return "it has a control character in it"
        }
        if url.hasPrefix("/") { return nil }
        let allowed = "a repository is a path, https://…, ssh://…, file:///… or user@host:path"
        let beforeSlash = url.prefix { $0 != "/" }
        if beforeSlash.contains("::") {
            return "git would start a program for it; \(allowed)"
        }
        if let scheme = schemeEnd(of: url) {
            let name = url[..<scheme].lowercased()
            let rest = url[scheme...].dropFirst(3)
            guard ["https", "ssh", "file"].contains(name) else {
                return "\(name) is no transport of ours; \(allowed)"
            }
            if name == "file" { return rest.hasPrefix("/") ? nil : "file:// needs a full path" }
            return faultOfHost(rest.prefix { $0 != "/" })
        }
        guard let colon = beforeSlash.firstIndex(of: ":") else {
            return "it is neither a full path nor a URL; \(allowed)"
        }
        return faultOfHost(beforeSlash[..<colon])
    }

    /// Why git takes no branch of this name (`git check-ref-format`); nil when it does.
    package static func fault(ofBranch name: String) -> String? {
        if name.isEmpty { return "it is empty" }
        if name.hasPrefix("-") { return "git would read it as an option" }
        if name.utf8.count > 255 { return "it is longer than 255 bytes" }
        if name == "@" || name == "HEAD" { return "the name means something else to git" }
        for scalar in name.unicodeScalars {
            if scalar.value < 0x20 || scalar.value == 0x7F { return "it has a control character" }
            if scalar == " " { return "it has a space in it" }
            if "~^:?*[\\".unicodeScalars.contains(scalar) { return "it has a \(scalar) in it" }
        }
        for word in ["..", "@{", "//"] where name.contains(word) { return "it has \(word) in it" }
        for part in name.split(separator: "/", omittingEmptySubsequences: false) {
            if part.isEmpty { return "it begins or ends with a slash" }
            if part.hasPrefix(".") || part.hasSuffix(".") { return "a part begins or ends with ." }
            if part.hasSuffix(".lock") { return "a part ends with .lock" }
        }
        return nil
    }

    /// Where `://` begins.
    private static func schemeEnd(of url: String) -> String.Index? {
        guard let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix("://") else {
            return nil
        }
        return colon
    }

    /// A host or a user that begins with `-` would become an option of ssh.
    private static func faultOfHost(_ authority: some StringProtocol) -> String? {
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        if host.isEmpty { return "it names no host" }
        if host.hasPrefix("-") || authority.hasPrefix("-") {
            return "ssh would read its host as an option"
        }
        return host.contains(" ") ? "its host has a space in it" : nil
    }
}
