import FleetCore
import FleetModel
import HTTPServing

extension Call.Who {
    /// Roles that suffice; empty where a role is not what counts.
    var roles: [Role] {
        switch self {
        case .anybody, .factory: []
        case .reader, .listener: [.viewer, .operator, .admin, .auditor]
        case .auditor: [.admin, .auditor]
        case .person, .overseer: [.operator, .admin]
        case .admin: [.admin]
        case .joining: [.admin, .factory]
        }
    }

    /// Why this one may not make the call at all; nil where the handler has to look.
    func refusal(of request: HTTPRequest, _ api: FleetAPI) -> Problem? {
        do throws(Problem) {
            switch self {
            case .anybody: break
            case .factory: _ = try api.authority.factory(request, api.model)
            default: try admit(try api.authority.caller(of: request, api.model), api)
            }
            return nil
        } catch {
            return error
        }
    }

    /// The same for a call that is well-formed: what its path names counts too.
    func refusal(
        of request: HTTPRequest,
        _ parameters: PathParameters,
        _ api: FleetAPI
    ) -> Problem? {
        // Whose own it must be, a factory's handler knows.
        guard self != .anybody, self != .factory else { return nil }
        do throws(Problem) {
            let caller = try api.authority.caller(of: request, api.model)
            try admit(caller, api)
            try api.refuseOtherProduct(caller, parameters)
            return nil
        } catch {
            return error
        }
    }

    private func admit(_ caller: Authority.Caller, _ api: FleetAPI) throws(Problem) {
        switch caller {
        case .reader:
            if self == .joining { _ = try api.returns(caller, as: nil) }
            guard self == .reader || self == .listener else { throw Authority.needsToken }
        case .factory(let id):
            // It reads, and it comes back to register.
            guard self == .reader || self == .listener || self == .joining else {
                throw Authority.factoryToken(id)
            }
        case .person(let bearer):
            guard roles.contains(bearer.role) else {
                throw Problem(
                    code: "auth.role",
                    title: "\(bearer.principal) may not do this",
                    status: 403,
                    detail: "It is a token of the role \(bearer.role.rawValue); this needs "
                        + roles.map(\.rawValue).joined(separator: " or "),
                    hint: "giga token list"
                )
            }
            guard bearer.products.isEmpty || self != .overseer else {
                throw Problem(
                    code: "auth.fleet-wide",
                    title: "\(bearer.principal) may not do this",
                    status: 403,
                    detail: "It concerns the whole fleet, and the token is for "
                        + bearer.products.joined(separator: ", "),
                    hint: "giga token list"
                )
            }
        }
    }
}

extension FleetAPI {
    /// A job, a run or a product that the path names must be one that the token is for.
    fileprivate func refuseOtherProduct(
        _ caller: Authority.Caller,
        _ parameters: PathParameters
    ) throws(Problem) {
        guard case .person(let bearer) = caller, !bearer.products.isEmpty else { return }
        let id =
            parameters["id"].flatMap { JobID(text: $0) }
            ?? parameters["run"].flatMap { RunID(text: $0)?.job }
        // A job that is nowhere has no product; the route itself says that it is unknown.
        let ofJob = id.flatMap { try? find($0).terms.product }
        guard let product = ofJob ?? parameters["product"] else { return }
        try Self.refuse(bearer, product)
    }

    static func refuse(_ bearer: Authority.Bearer, _ product: String) throws(Problem) {
        guard !bearer.covers(product) else { return }
        throw Problem(
            code: "auth.other-product",
            title: "\(bearer.principal) may not touch the product \(product)",
            status: 403,
            detail: "The token is for \(bearer.products.joined(separator: ", "))",
            hint: "giga token list"
        )
    }

    /// The products that a caller may see; empty means all.
    func visibleProducts(_ request: HTTPRequest) throws(Problem) -> [String] {
        guard case .person(let bearer) = try authority.caller(of: request, model) else { return [] }
        return bearer.products
    }
}
