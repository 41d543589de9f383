package import FleetModel
package import FleetRules

/// Everybody whose word counts, at one moment.
///
/// A person is whoever owns a token: two tokens of one owner are one person, and those of the
/// operator's login are the operator. Nothing here can tell whether two owners are two humans;
/// who issues tokens says so, and the event of each issue keeps that word.
package struct People: Sendable {
    private let tokens: [String: Token]
    private let operatorName: String?
    private let now: Instant

    package init(_ state: FleetState, _ settings: FleetSettings, at now: Instant) {
        tokens = state.tokens
        operatorName = settings.operatorName
        self.now = now
    }

    /// The person behind a principal.
    package func owner(of principal: Principal) -> String {
        FleetState.owner(of: principal, tokens)
    }

    /// What a principal may say about work of a product.
    package func voice(of person: Principal, on product: String) -> Voice {
        let token = person.kind == .person ? tokens[person.name] : nil
        return Voice(
            principal: person,
            owner: owner(of: person),
            isAgent: person.kind != .person || token?.isAgent == true,
            mayDecide: isOperator(person) || token.map { mayDecide($0, on: product) } ?? false
        )
    }

    private func isOperator(_ person: Principal) -> Bool {
        person.kind == .person && person.name == operatorName
    }

    private func mayDecide(_ token: Token, on product: String) -> Bool {
        (token.role == .operator || token.role == .admin) && token.isValid(at: now)
            && token.covers(product)
    }

    /// The operator of this server, who has no token that was issued.
    private var operators: [Principal] { operatorName.map { [.person($0)] } ?? [] }

    /// Everybody who may decide on work of a product now.
    package func deciding(on product: String) -> [Voice] {
        let known = tokens.keys.map { Principal.person($0) } + operators
        return known.map { voice(of: $0, on: product) }.filter { $0.mayDecide && !$0.isAgent }
    }

    /// Every token that a reviewer's name means, valid or not.
    package func tokens(of reviewer: String) -> [Token] {
        tokens.values.filter { voice(of: .person($0.name), on: "").answers(to: reviewer) }
    }

    package func hasValid(_ token: Token) -> Bool { token.isValid(at: now) }

    /// People who may change what decisions rest on, with what speaks for each.
    package var admins: [String: [Principal]] {
        var known: [String: [Principal]] = [:]
        for person in operators { known[owner(of: person), default: []].append(person) }
        for name in tokens.keys.sorted() {
            let person = Principal.person(name)
            if isAdmin(person) { known[owner(of: person), default: []].append(person) }
        }
        return known
    }

    /// Whether this very principal may change what decisions rest on.
    package func isAdmin(_ person: Principal) -> Bool {
        if isOperator(person) { return true }
        guard person.kind == .person, let token = tokens[person.name] else { return false }
        return token.role == .admin && token.isValid(at: now) && !token.isAgent
            && token.products.isEmpty
    }

    /// The people who could have made this principal: its owner, and whoever issued its token,
    /// directly or through others.
    ///
    /// The operator's own token counts as nobody: whoever holds it holds the server's data too.
    package func line(of person: Principal) -> [String] {
        guard !isOperator(person) else { return [] }
        let issuers = tokens[person.name]?.issuers ?? []
        return Array(Set(issuers + [owner(of: person)])).sorted()
    }

    /// Why a principal is not the second person that a proposal waits for; nil when it is one.
    package func objection(
        to person: Principal,
        approving proposal: ProfileProposal
    ) -> Objection? {
        let proposed = proposal.proposed
        guard isAdmin(person) else {
            return .notSecond("it has no valid token of an admin")
        }
        let own = owner(of: person)
        if own == proposed.owner {
            let other = person == proposal.by ? "" : " with \(proposal.by)"
            return .ownChange("\(own) proposed it\(other), and both words would be one person's")
        }
        // Who proposes could otherwise make the second person for it.
        if let token = tokens[person.name], token.issuedAt >= proposal.at {
            return .notSecond("its token is no older than the proposal")
        }
        // Who holds one admin's token could otherwise make both persons with it.
        let proposing = Set((proposed.issuers ?? []) + [proposed.owner])
        let common = proposing.intersection(line(of: person) + [own])
        if let issuer = common.min() {
            return .notSecond(
                issuer == own
                    ? "the token that proposed it comes from one of \(own)"
                    : issuer == proposed.owner
                        ? "its token comes from one of \(issuer), who proposed it"
                        : "its token and the one that proposed it both come from one of \(issuer)"
            )
        }
        return nil
    }

    package enum Objection: Hashable, Sendable {
        case ownChange(String)
        case notSecond(String)
    }

    /// Tokens that could approve a proposal now.
    package func seconds(for proposal: ProfileProposal) -> [String] {
        seconds(for: proposal, among: admins)
    }

    /// The same, for many proposals.
    ///
    /// Whoever asks hands over the `admins`, which are the same for each.
    package func seconds(
        for proposal: ProfileProposal,
        among admins: [String: [Principal]]
    ) -> [String] {
        admins.filter { _, principals in
            principals.contains { objection(to: $0, approving: proposal) == nil }
        }.keys.sorted()
    }
}
