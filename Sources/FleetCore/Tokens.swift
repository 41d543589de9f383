package import FleetModel

/// A token that somebody asks for; the fleet decides whether there may be one.
package struct TokenOrder: Hashable, Sendable {
    package var name: String
    /// SHA-256 of the secret, which never comes in here.
    package var hash: String
    package var role: Role
    package var products: [String]
    package var owner: String
    package var isAgent: Bool
    package var lifetime: Timespan?

    package init(
        name: String,
        hash: String,
        role: Role,
        products: [String] = [],
        owner: String? = nil,
        isAgent: Bool = false,
        lifetime: Timespan? = nil
    ) {
        self.name = name
        self.hash = hash
        self.role = role
        self.products = products
        self.owner = owner ?? name
        self.isAgent = isAgent
        self.lifetime = lifetime
    }
}

extension FleetState {
    /// The person behind a principal: whoever owns its token, or the login of the operator.
    package func owner(of principal: Principal) -> String { Self.owner(of: principal, tokens) }

    static func owner(of principal: Principal, _ tokens: [String: Token]) -> String {
        tokens[principal.name]?.owner ?? login(principal.name)
    }

    /// The person who submitted a job.
    package func owner(of job: Job) -> String { job.owner ?? owner(of: job.submittedBy) }

    /// A program that writes code; its word never stands for a person's.
    package func isAgent(_ principal: Principal) -> Bool {
        principal.kind != .person || tokens[principal.name]?.isAgent == true
    }

    /// `user:alice` is alice.
    package static func login(_ name: String) -> String {
        name.hasPrefix("user:") ? String(name.dropFirst(5)) : name
    }
}

extension Fleet {
    mutating func issue(_ order: TokenOrder, by person: Principal) throws(Refusal) {
        try refuseBadForm(order)
        if let present = state.tokens[order.name], present.isValid(at: now) {
            throw Refusal(
                .conflict,
                "token.exists",
                what: "There is a token \(order.name) already",
                why: "it is a valid \(present.role.rawValue) of \(present.owner)",
                hint: "giga token revoke \(order.name)"
            )
        }
        let token = Token(
            name: order.name,
            hash: order.hash,
            role: order.role,
            products: order.products.sorted(),
            owner: order.owner,
            isAgent: order.isAgent,
            issuedAt: now,
            expires: order.lifetime.map { now.advanced(by: $0) },
            issuers: people.line(of: person)
        )
        emit(.tokenIssued(token), by: person)
    }

    /// A login may be written as no name is, and its person has to be able to own tokens too.
    private var operatorLogin: String? { settings.operatorName.map(FleetState.login) }

    private func refuseBadForm(_ order: TokenOrder) throws(Refusal) {
        var fault: String?
        if !Naming.isName(order.name) || order.name == Principal.coordinator.name {
            fault = "a name is \(Naming.rule), and not coordinator"
        } else if !Naming.isName(order.owner), order.owner != operatorLogin {
            fault =
                "its owner is \"\(order.owner)\"; an owner is \(Naming.rule), or the login of"
                + " whoever started the server"
        } else if let product = order.products.first(where: { !Naming.isName($0) }) {
            fault = "\"\(product)\" names no product"
        } else if !order.products.isEmpty, order.role == .admin || order.role == .factory {
            fault = "\(order.role.rawValue) concerns the whole fleet, so no product bounds it"
        } else if order.isAgent, order.role == .admin || order.role == .factory {
            fault = "an agent is a viewer, an auditor or an operator, never \(order.role.rawValue)"
        } else if let lifetime = order.lifetime, lifetime <= .zero {
            fault = "it would have expired before it was issued"
        }
        guard let fault else { return }
        throw Refusal(
            .invalid,
            "token.bad-form",
            what: "There can be no such token \(order.name)",
            why: fault,
            hint: "giga token issue NAME --role operator --expires 30d"
        )
    }

    mutating func revoke(_ name: String, reason: String, by person: Principal) throws(Refusal) {
        guard let token = state.tokens[name] else {
            throw Refusal(
                .unknown,
                "token.unknown",
                what: "There is no token \(name)",
                why: "none of that name was ever issued here",
                hint: "giga token list"
            )
        }
        guard token.revokedAt == nil else { return }
        emit(.tokenRevoked(TokenRevoked(name: name, reason: reason)), by: person)
    }

    /// What needs a person is not done by a program that holds a token.
    func refuseAgent(_ principal: Principal, _ verb: String, _ id: JobID) throws(Refusal) {
        guard state.isAgent(principal) else { return }
        throw Refusal(
            .forbidden,
            "review.agent",
            what: "\(principal) cannot \(verb) \(id)",
            why: "its token is an agent's, and this needs a person",
            hint: "ask a person: giga inbox"
        )
    }
}
