/// What a token's bearer may do; each role but `factory` may also read.
package enum Role: String, Hashable, Sendable, Codable, CaseIterable {
    case viewer
    /// Decides on jobs and holds.
    case `operator`
    /// Also changes profiles, repositories, factories and tokens.
    case admin
    /// Lets a factory join; the factory then gets a token of its own.
    case factory
    /// Reads everything, tokens too.
    case auditor
}

/// A named right to call, known here by the hash of its secret alone.
package struct Token: Hashable, Sendable, Codable {
    package var name: String
    /// SHA-256 of the secret, in hexadecimal digits.
    package var hash: String
    package var role: Role
    /// Empty means every product.
    package var products: [String]
    /// The person who answers for it; two tokens of one owner never count as two people.
    package var owner: String
    /// Held by a program that writes code: never a reviewer's voice.
    package var isAgent: Bool
    package var issuedAt: Instant
    package var expires: Instant?
    package var revokedAt: Instant?
    /// The people whose tokens it comes from: who issued it, who issued that one's, and so on.
    ///
    /// The operator's own token is left out. Nil where older versions wrote it down, which is
    /// taken for the operator's work.
    package var issuers: [String]?

    package init(
        name: String,
        hash: String,
        role: Role,
        products: [String] = [],
        owner: String,
        isAgent: Bool = false,
        issuedAt: Instant,
        expires: Instant? = nil,
        issuers: [String]? = nil
    ) {
        self.name = name
        self.hash = hash
        self.role = role
        self.products = products
        self.owner = owner
        self.isAgent = isAgent
        self.issuedAt = issuedAt
        self.expires = expires
        self.issuers = issuers
    }

    /// Half-open, as leases are: at `expires` itself it is over.
    package func isValid(at now: Instant) -> Bool {
        revokedAt == nil && expires.map { now < $0 } ?? true
    }

    package func covers(_ product: String) -> Bool {
        products.isEmpty || products.contains(product)
    }
}

package struct TokenRevoked: Hashable, Sendable, Codable {
    package var name: String
    package var reason: String

    package init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }
}
