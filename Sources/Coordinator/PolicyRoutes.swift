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
            replies: [.json(200, ServerSettings.self, "No secret is among it")],
            serve: { api in
                api.reading { _, _ in .encoding(ServerSettings(settings: api.configuration)) }
            }
        ),
    ]

    private func policies(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let product = try product(of: request)
        let (rows, rule) = model.read(at: clock()) { contents in
            let reading = contents.reading
            let newest = reading.state.profiles.values.compactMap(\.last)
            return (
                newest.sorted { $0.name < $1.name }.map { Policy($0, product, reading) },
                SecondPersonRule(reading.people)
            )
        }
        let page = NamedPage(rows, of: request, name: \.profile)
        return .encoding(
            PolicyList(
                policies: page.rows,
                secondPerson: rule,
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
            contents.reading.state.profiles[name]?.last.map { profile in
                PolicyDetail(
                    policy: Policy(profile, product, contents.reading),
                    secondPerson: SecondPersonRule(contents.reading.people)
                )
            }
        }
        guard let found else {
            throw Problem(
                code: "profile.unknown",
                title: "There is no profile \(name.prefix(80))",
                status: 404,
                detail: "rules are told by profile, and none of that name is stored",
                hint: "giga policy list"
            )
        }
        return .encoding(found)
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

extension Policy {
    fileprivate init(_ profile: Profile, _ product: String, _ reading: FleetReading) {
        let state = reading.state
        let review = profile.reviewPolicy ?? .manual
        let question = ReviewQuestion(policy: review, product: product, submitter: nil)
        self.init(
            profile: profile.name,
            version: profile.version,
            pendingVersion: state.pendingProfile(profile.name)?.profile.version,
            reviewPolicy: review.word,
            allowedScope: profile.allowedScope.map(\.pattern),
            protectedPaths: profile.protectedPaths.map(\.pattern),
            network: (profile.network ?? .allowList).rawValue,
            repositories: state.repositories.values.sorted { $0.name < $1.name }.map { repository in
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
        able = reading.people.willing(question)
        shortage = reading.people.shortage(question)?.reason
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
    fileprivate init(_ people: People) {
        let admins = people.admins.keys.sorted()
        self.init(
            applies: admins.count > 1,
            admins: admins,
            covers: Profile.fieldsOfTwo
        )
    }
}
