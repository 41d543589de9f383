import FleetCore
import FleetModel
import FleetProtocol
import HTTPServing

/// Calls about the rules that are in force; they are changed where they are written, as profiles
/// and repositories.
extension FleetAPI {
    private static let product = Call.Parameter(
        "product",
        .named("main"),
        "Who may decide there; main, or the token's first, unless said"
    )

    static let policyCalls: [Call] = [
        Call(
            .get,
            "/fleet/policies",
            name: "listPolicies",
            "Lists the rules that work is under, by profile, and who could fulfil them",
            who: .reader,
            parameters: NamedPage<Policy>.parameters + [product],
            replies: [.json(200, PolicyList.self, "A page by profile, and the total")],
            serve: { $0.reading($0.policies) }
        ),
        Call(
            .get,
            "/fleet/policies/{name}",
            name: "readPolicy",
            "Tells the rules for work of one profile, and who could fulfil them",
            who: .reader,
            parameters: [product],
            replies: [.json(200, PolicyDetail.self, "As they are now")],
            problems: [.unknownProfile],
            serve: { $0.reading($0.policy) }
        ),
        Call(
            .get,
            "/fleet/config",
            name: "readConfiguration",
            "Lists what the coordinator runs with, and where each value came from",
            who: .reader,
            replies: [
                .json(
                    200,
                    ServerSettings.self,
                    "No secret, and without a token no place on the disk either"
                )
            ],
            serve: { $0.reading($0.serverSettings) }
        ),
    ]

    private func policies(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let product = try product(of: request)
        let ground = model.read(at: clock()) { PolicyGround($0.reading) }
        let page = NamedPage(
            ground.profiles.sorted { $0.name < $1.name },
            of: request,
            name: \.name
        )
        return .encoding(
            PolicyList(
                policies: page.rows.map { Policy($0, product, ground) },
                secondPerson: SecondPersonRule(ground.people, isTold: try isKnown(request)),
                total: page.total,
                next: page.next
            )
        )
    }

    private func policy(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let product = try product(of: request)
        let name = parameters["name"] ?? ""
        let found = model.read(at: clock()) { contents in
            contents.reading.state.profiles[name]?.last.map { ($0, PolicyGround(contents.reading)) }
        }
        guard let (profile, ground) = found else {
            throw Problem(
                code: "profile.unknown",
                title: "There is no profile \(name.prefix(80))",
                status: 404,
                detail: "rules are told by profile, and none of that name is stored",
                hint: "giga policy list"
            )
        }
        return .encoding(
            PolicyDetail(
                policy: Policy(profile, product, ground),
                secondPerson: SecondPersonRule(ground.people, isTold: try isKnown(request))
            )
        )
    }

    /// Whoever carries no token learns neither who the admins are nor where things lie.
    private func isKnown(_ request: HTTPRequest) throws(Problem) -> Bool {
        try authority.caller(of: request, model) != .reader
    }

    private func serverSettings(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        guard try !isKnown(request) else {
            return .encoding(ServerSettings(settings: configuration))
        }
        let rows = configuration.filter { !$0.namesPlace }.map { row in
            var row = row
            // A file's name has its owner's folder in it.
            if row.origin.contains("/") { row.origin = "a file" }
            return row
        }
        return .encoding(ServerSettings(settings: rows))
    }

    /// The product whose people are asked about.
    private func product(of request: HTTPRequest) throws(Problem) -> String {
        let wanted = request.query("product")
        guard case .person(let bearer) = try authority.caller(of: request, model) else {
            return wanted ?? JobTerms.standardProduct
        }
        if let wanted { try Self.refuse(bearer, wanted) }
        return wanted ?? bearer.products.first ?? JobTerms.standardProduct
    }
}

/// All that policies rest on, taken at one moment: what it means is worked out without the lock.
private struct PolicyGround: Sendable {
    /// The newest version of each.
    let profiles: [Profile]
    let repositories: [Repository]
    /// Versions that wait, by name.
    let pending: [String: Int]
    let people: People

    init(_ reading: FleetReading) {
        profiles = reading.state.profiles.values.compactMap(\.last)
        repositories = Array(reading.state.repositories.values)
        pending = reading.state.proposals.compactMapValues { proposal in
            proposal.isPending ? proposal.profile.version : nil
        }
        people = reading.people
    }
}

extension ServerSettings.Row {
    /// Whether its value is a path of the server's machine.
    fileprivate var namesPlace: Bool { ["data", "profiles"].contains(key) }
}

extension Policy {
    fileprivate init(_ profile: Profile, _ product: String, _ ground: PolicyGround) {
        let review = profile.reviewPolicy ?? .manual
        let question = ReviewQuestion(policy: review, product: product, submitter: nil)
        self.init(
            profile: profile.name,
            version: profile.version,
            pendingVersion: ground.pending[profile.name],
            reviewPolicy: review.word,
            allowedScope: profile.allowedScope.map(\.pattern),
            protectedPaths: profile.protectedPaths.map(\.pattern),
            network: (profile.network ?? .allowList).rawValue,
            repositories: ground.repositories.sorted { $0.name < $1.name }.map { repository in
                Way(
                    repository: repository.name,
                    target: repository.target,
                    ship: min(profile.ship ?? repository.ship, repository.ship).rawValue,
                    verifies: (profile.defaultVerify ?? repository.verify) != nil
                )
            }
        )
        guard case .reviewers(let reviewers, let quorum) = review else { return }
        self.reviewers = reviewers
        self.quorum = quorum
        able = ground.people.willing(question)
        shortage = ground.people.shortage(question)?.reason
    }
}

extension ReviewPolicy {
    fileprivate var word: String {
        switch self {
        case .auto: "auto"
        case .manual: "manual"
        case .reviewers: "reviewers"
        }
    }
}

extension SecondPersonRule {
    fileprivate init(_ people: People, isTold: Bool) {
        let admins = people.admins.keys.sorted()
        self.init(
            applies: admins.count > 1,
            admins: isTold ? admins : nil,
            covers: Profile.fieldsOfTwo
        )
    }
}
