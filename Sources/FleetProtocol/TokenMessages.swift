package import FleetModel

/// `POST /fleet/tokens`.
package struct TokenRequest: Hashable, Sendable, Codable {
    package var name: String
    package var role: Role
    /// Empty or missing means every product.
    package var products: [String]?
    /// From now, by the coordinator's clock; missing means that it never ends by itself.
    package var lifetimeSeconds: Int64?
    /// The person who answers for it; the token's own name when missing.
    package var owner: String?
    package var agent: Bool?

    package init(
        name: String,
        role: Role,
        products: [String]? = nil,
        lifetimeSeconds: Int64? = nil,
        owner: String? = nil,
        agent: Bool? = nil
    ) {
        self.name = name
        self.role = role
        self.products = products
        self.lifetimeSeconds = lifetimeSeconds
        self.owner = owner
        self.agent = agent
    }
}

/// The one answer that ever holds the secret.
package struct TokenReply: Hashable, Sendable, Codable {
    package var token: TokenList.Row
    /// Missing in the repeated answer to a repeated request: it is stored nowhere.
    package var secret: String?
    package var position: UInt64?

    package init(token: TokenList.Row, secret: String?, position: UInt64?) {
        self.token = token
        self.secret = secret
        self.position = position
    }
}

/// `GET /fleet/tokens`.
package struct TokenList: Hashable, Sendable, Codable {
    package struct Row: Hashable, Sendable, Codable {
        package var name: String
        package var role: Role
        package var products: [String]
        package var owner: String
        package var agent: Bool
        /// `valid`, `expired` or `revoked`, by the coordinator's clock.
        package var state: String
        package var issuedAt: String
        package var expiresAt: String?

        package init(
            name: String,
            role: Role,
            products: [String],
            owner: String,
            agent: Bool,
            state: String,
            issuedAt: String,
            expiresAt: String? = nil
        ) {
            self.name = name
            self.role = role
            self.products = products
            self.owner = owner
            self.agent = agent
            self.state = state
            self.issuedAt = issuedAt
            self.expiresAt = expiresAt
        }
    }

    package var tokens: [Row]

    package init(tokens: [Row]) { self.tokens = tokens }
}
