import FleetCore
import FleetModel
import HTTPServing

/// Who a request comes from, and what that one may do.
struct Authority: Sendable {
    /// SHA-256 of the operator token, in hexadecimal digits.
    private let operatorHash: String
    private let operatorName: String
    /// Behind a proxy every request comes from loopback, whoever sent it.
    private let readsNeedToken: Bool
    /// Decides what has expired.
    let clock: @Sendable () -> Instant

    /// The operator's token, and the login of whoever started the server: `user:alice`.
    init(
        operatorToken: String,
        name: String,
        readsNeedToken: Bool,
        clock: @escaping @Sendable () -> Instant
    ) {
        self.readsNeedToken = readsNeedToken
        self.clock = clock
        operatorHash = Digest(sha256: operatorToken).hex
        operatorName = name
    }

    enum Caller: Hashable, Sendable {
        case person(Bearer)
        case factory(FactoryID)
        /// No token: may read on loopback.
        case reader
    }

    /// Who carries a token that was issued, or the operator's.
    struct Bearer: Hashable, Sendable {
        let principal: Principal
        let role: Role
        /// Empty means every product.
        let products: [String]
        let owner: String

        func covers(_ product: String) -> Bool { products.isEmpty || products.contains(product) }
    }

    func caller(of request: HTTPRequest, _ model: ReadModel) throws(Problem) -> Caller {
        guard let hash = try Self.tokenHash(of: request) else {
            guard request.isLoopback, !readsNeedToken else { throw Self.needsToken }
            return .reader
        }
        return try caller(withTokenHash: hash, model)
    }

    /// SHA-256 of the token that a request carries; nil when it carries none.
    static func tokenHash(of request: HTTPRequest) throws(Problem) -> String? {
        guard let header = request.header("Authorization") else { return nil }
        guard header.hasPrefix("Bearer ") else { throw needsToken }
        return Digest(sha256: String(header.dropFirst(7))).hex
    }

    /// Whose a token is now.
    func caller(withTokenHash hash: String, _ model: ReadModel) throws(Problem) -> Caller {
        if hash == operatorHash { return .person(theOperator) }
        if let token = model.token(withHash: hash) { return .person(try bearer(of: token)) }
        if let factory = model.factory(ofToken: hash) { return .factory(factory) }
        if let removed = model.removedFactory(withTokenHash: hash) {
            throw Self.removedFactory(removed)
        }
        throw Self.unknownToken
    }

    private var theOperator: Bearer {
        Bearer(
            principal: .person(operatorName),
            role: .admin,
            products: [],
            owner: FleetState.login(operatorName)
        )
    }

    private func bearer(of token: Token) throws(Problem) -> Bearer {
        guard token.isValid(at: clock()) else {
            throw Problem(
                code: "auth.token-over",
                title: "The token \(token.name) is over",
                status: 401,
                detail: token.revokedAt != nil ? "It was revoked" : "It has expired",
                hint: "giga token issue \(token.name) --role \(token.role.rawValue)"
            )
        }
        return Bearer(
            principal: .person(token.name),
            role: token.role,
            products: token.products,
            owner: token.owner
        )
    }

    func person(_ request: HTTPRequest, _ model: ReadModel) throws(Problem) -> Principal {
        try bearer(request, model).principal
    }

    func bearer(_ request: HTTPRequest, _ model: ReadModel) throws(Problem) -> Bearer {
        switch try caller(of: request, model) {
        case .person(let bearer): return bearer
        case .reader: throw Self.needsToken
        case .factory(let id): throw Self.factoryToken(id)
        }
    }

    /// The factory that calls; it may touch only what is its own.
    func factory(
        _ request: HTTPRequest,
        _ model: ReadModel,
        named name: String? = nil
    ) throws(Problem) -> FactoryID {
        guard case .factory(let id) = try caller(of: request, model) else {
            throw Problem(
                code: "auth.not-a-factory",
                title: "Only a factory may do this",
                status: 401,
                detail: "The request carries no factory's token",
                hint: "Register first"
            )
        }
        guard name == nil || name == id.name else {
            throw Problem(
                code: "auth.other-factory",
                title: "This belongs to another factory",
                status: 403,
                detail: "The token is \(id)'s, the call names \(name ?? "")",
                hint: "Use the token that the factory got when it registered"
            )
        }
        return id
    }

    private static func removedFactory(_ removed: RemovedFactory) -> Problem {
        Problem(
            code: "factory.removed",
            title: "The factory \(removed.id) was removed",
            status: 403,
            detail: "\(removed.by) removed it at \(Timestamp.text(removed.at)): \(removed.reason)",
            hint: "To let the name join anew, delete the token file in its data folder and run "
                + "giga factory run"
        )
    }

    static func factoryToken(_ id: FactoryID) -> Problem {
        Problem(
            code: "auth.factory-token",
            title: "A factory may not do this",
            status: 403,
            detail: "The token belongs to the factory \(id)",
            hint: "Use a person's token"
        )
    }

    static let needsToken = Problem(
        code: "auth.no-token",
        title: "This needs a token",
        status: 401,
        detail: "Whatever changes something carries a token, on loopback too",
        hint: "Set GIGA_TOKEN, or run giga as the user who started the server"
    )

    private static let unknownToken = Problem(
        code: "auth.unknown-token",
        title: "This token is not known here",
        status: 401,
        detail: "It belongs to no person and to no factory that this coordinator knows",
        hint: "Set GIGA_TOKEN, or run giga as the user who started the server"
    )
}

extension Refusal {
    /// The same no as a problem document.
    var problem: Problem {
        let status =
            switch kind {
            case .invalid: 400
            case .forbidden: 403
            case .unknown: 404
            case .conflict, .staleFence: 409
            case .gate: 422
            case .held: Self.passing.contains(code) ? 503 : 423
            }
        return Problem(code: code, title: what, status: status, detail: why, hint: hint)
    }

    /// The same no as an answer; one that passes by itself says when to ask again.
    var response: HTTPResponse {
        problem.response(headers: Self.passing.contains(code) ? ["Retry-After": "1"] : [:])
    }

    private static let passing = [Writer.overloaded.code, Writer.storeAway.code]
}
