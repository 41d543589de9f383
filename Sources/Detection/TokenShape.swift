/// How a kind of token looks, so that it is known without knowing any token.
struct TokenShape: Sendable {
    /// What follows the prefix.
    enum Body: Sendable {
        /// At least so many characters of the alphabet; all that follow belong to it.
        case run(minimum: Int, Alphabet)
        /// Everything up to this text, at most 16 KiB.
        case until([UInt8])
    }

    enum Alphabet: Sendable {
        case word, wordAndDash, upperAndDigits

        func contains(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"): self != .upperAndDigits
            case UInt8(ascii: "-"): self == .wordAndDash
            default: false
            }
        }
    }

    let kind: String
    let prefix: [UInt8]
    let body: Body

    private init(_ kind: String, _ prefix: String, _ body: Body) {
        self.kind = kind
        self.prefix = Array(prefix.utf8)
        self.body = body
    }

    static let longestUntil = 16 << 10

    static let known: [TokenShape] = {
        var shapes: [TokenShape] = []
        for prefix in ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"] {
            shapes.append(TokenShape("github-token", prefix, .run(minimum: 20, .word)))
        }
        shapes += [
            TokenShape("github-token", "github_pat_", .run(minimum: 20, .word)),
            TokenShape("gitlab-token", "glpat-", .run(minimum: 16, .wordAndDash)),
            TokenShape("api-key", "sk-", .run(minimum: 20, .wordAndDash)),
            TokenShape("aws-key", "AKIA", .run(minimum: 16, .upperAndDigits)),
            TokenShape("aws-key", "ASIA", .run(minimum: 16, .upperAndDigits)),
            TokenShape("google-key", "AIza", .run(minimum: 30, .wordAndDash)),
            TokenShape("npm-token", "npm_", .run(minimum: 30, .word)),
            TokenShape("pypi-token", "pypi-", .run(minimum: 40, .wordAndDash)),
            TokenShape("hugging-face-token", "hf_", .run(minimum: 30, .word)),
        ]
        for prefix in ["xoxb-", "xoxp-", "xoxa-", "xoxs-", "xapp-"] {
            shapes.append(TokenShape("slack-token", prefix, .run(minimum: 10, .wordAndDash)))
        }
        let end = Array("-----END".utf8)
        for name in ["", "RSA ", "EC ", "DSA ", "OPENSSH ", "ENCRYPTED "] {
            let begin = "-----BEGIN \(name)PRIVATE KEY-----"
            shapes.append(TokenShape("private-key", begin, .until(end)))
        }
        shapes.append(
            TokenShape("private-key", "-----BEGIN PGP PRIVATE KEY BLOCK-----", .until(end))
        )
        return shapes
    }()

    /// Characters before which a prefix is part of a longer word: `task-force` holds no `sk-`.
    static func continuesWord(_ byte: UInt8) -> Bool { Alphabet.word.contains(byte) }
}

/// A secret that is known by its value.
package struct KnownSecret: Hashable, Sendable {
    /// The variable's name; it stands where the value stood.
    package let name: String
    let value: [UInt8]

    /// Values under six bytes would be found everywhere.
    package static let shortest = 6

    /// Nil for a value that is too short to be looked for.
    package init?(name: String, value: [UInt8]) {
        guard value.count >= Self.shortest else { return nil }
        self.name = name
        self.value = value
    }

    package init?(name: String, value: String) { self.init(name: name, value: Array(value.utf8)) }
}
