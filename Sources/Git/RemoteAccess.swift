import Glibc

/// How git may reach a remote, and with which credentials; given to remote commands alone.
package struct RemoteAccess: Hashable, Sendable {
    /// The protocols allowed, as git writes them; `ext` can never be among them.
    package var protocols: Set<String>
    /// Variables for git and ssh: agents' sockets, proxies, certificate authorities.
    package var environment: [String: String]
    /// Credential helpers as git's configuration writes them.
    package var credentialHelpers: [String]
    package var sshCommand: String

    package init(
        protocols: Set<String> = ["https", "ssh", "file"],
        environment: [String: String] = RemoteAccess.surroundings,
        credentialHelpers: [String] = [],
        sshCommand: String = "ssh -o BatchMode=yes"
    ) {
        self.protocols = protocols.subtracting(["ext"])
        self.environment = environment
        self.credentialHelpers = credentialHelpers
        self.sshCommand = sshCommand
    }

    /// What of this process's own environment concerns the way to a remote.
    package static var surroundings: [String: String] {
        var found: [String: String] = [:]
        for name in [
            "SSH_AUTH_SOCK", "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
            "no_proxy", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO",
        ] {
            if let value = getenv(name) { found[name] = String(cString: value) }
        }
        return found
    }
}
