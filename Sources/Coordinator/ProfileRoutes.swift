import FleetCore
import FleetModel
import FleetProtocol
import HTTPServing

/// Calls about profiles: their versions, and those that wait for a second person.
extension FleetAPI {
    static let profileCalls: [Call] = [
        Call(
            .get,
            "/fleet/profiles",
            name: "listProfiles",
            "Lists the newest version of each profile, and what was proposed",
            who: .reader,
            parameters: NamedPage<Profile>.parameters,
            replies: [.json(200, ProfileList.self, "A page by name, and the total")],
            serve: { $0.reading($0.profiles) }
        ),
        Call(
            .get,
            "/fleet/profiles/{name}",
            name: "readProfile",
            "Lists every version of a profile, oldest first, and the newest that was proposed",
            who: .reader,
            replies: [.json(200, ProfileVersions.self, "All of them")],
            problems: [.unknownProfile],
            serve: { $0.reading($0.profile) }
        ),
        Call(
            .put,
            "/fleet/profiles/{name}",
            name: "putProfile",
            "Stores a new version of a profile, or proposes it where two people must agree",
            who: .admin,
            parameters: [Call.Parameter("reason", .text(1...1024), "Kept with the change")],
            body: .json(
                Profile(name: "developer", persona: "You write small, tested changes.")
            ),
            replies: [
                .json(200, ProfileReceipt.self, "Stored, or it was so already"),
                .json(202, ProfileReceipt.self, "It waits for a second person"),
            ],
            problems: [.badProfileName, .notKeptYet],
            serve: \.putProfile
        ),
        Call(
            .post,
            "/fleet/profiles/{name}/approve",
            name: "approveProfile",
            "Stores a version that waits, by the word of a second admin",
            who: .admin,
            body: .json(ProfileApproval(version: 2, reason: "The team agreed to it")),
            replies: [.json(200, ProfileReceipt.self, "Stored, or it was so already")],
            problems: [
                .unknownProfile, .profileNotPending, .profileProposerGone, .ownProfileChange,
                .notSecondPerson,
            ],
            serve: \.approveProfile
        ),
        Call(
            .post,
            "/fleet/profiles/{name}/reject",
            name: "rejectProfile",
            "Ends a version that waits; whoever proposed it may do so too",
            who: .admin,
            body: .json(ProfileRejection(version: 2, reason: "Too wide a scope")),
            replies: [.json(200, ProfileReceipt.self, "Rejected, or it was so already")],
            problems: [.unknownProfile, .profileNotPending, .noRejectReason],
            serve: \.rejectProfile
        ),
    ]

    private func profiles(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        // What is proposed is worked out for one page, and without the lock.
        let (profiles, proposals, people) = model.read(at: clock()) { contents in
            let reading = contents.reading
            return (
                reading.state.profiles.compactMapValues(\.last),
                reading.state.proposals,
                reading.people
            )
        }
        let names = Set(profiles.keys).union(proposals.keys).sorted()
        let page = NamedPage(names, of: request, name: \.self)
        let admins = people.admins
        return .encoding(
            ProfileList(
                profiles: page.rows.compactMap { profiles[$0] },
                proposals: page.rows.compactMap { proposals[$0] }.map { proposal in
                    ProposedProfile(proposal, people, among: admins)
                },
                total: page.total,
                next: page.next
            )
        )
    }

    /// Every version of one profile: a run may still be working with an older one.
    private func profile(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let name = parameters["name"] ?? ""
        let (versions, proposal, names) = model.read(at: clock()) { contents in
            let state = contents.reading.state
            let proposal = state.proposals[name].map {
                ProposedProfile($0, contents.reading.people, among: contents.reading.people.admins)
            }
            return (state.profiles[name], proposal, state.profiles.keys.sorted())
        }
        guard versions != nil || proposal != nil else {
            throw Problem(
                code: "profile.unknown",
                title: "There is no profile \(name.prefix(80))",
                status: 404,
                detail: "known are \(names.joined(separator: ", "))",
                hint: "giga profile list"
            )
        }
        return .encoding(
            ProfileVersions(name: name, versions: versions ?? [], proposal: proposal)
        )
    }

    private var putProfile: Route.Handler {
        deciding { request, parameters, person throws(Problem) in
            let profile = try request.decodeStrictly(Profile.self)
            guard profile.name == parameters["name"], Naming.isName(profile.name) else {
                throw Problem(
                    code: "profile.bad-name",
                    title: "A profile cannot be named \(profile.name)",
                    status: 400,
                    detail: "A name is \(Naming.rule), and the same as in the path",
                    hint: "giga profile list"
                )
            }
            return .putProfile(profile, reason: request.query("reason"), by: person)
        }
    }

    private var approveProfile: Route.Handler {
        deciding { request, parameters, person throws(Problem) in
            let body = try request.decodeStrictly(ProfileApproval.self)
            return .approveProfile(
                parameters["name"] ?? "",
                version: body.version,
                reason: body.reason,
                by: person
            )
        }
    }

    private var rejectProfile: Route.Handler {
        deciding(.rejected) { request, parameters, person throws(Problem) in
            let body = try request.decodeStrictly(ProfileRejection.self)
            guard body.reason.contains(where: { !$0.isWhitespace }) else {
                throw Problem(
                    code: "profile.no-reason",
                    title: "A rejection needs a reason",
                    status: 400,
                    detail: "Whoever proposed the change will read it",
                    hint: "giga profile reject NAME --reason TEXT"
                )
            }
            return .rejectProfile(
                parameters["name"] ?? "",
                version: body.version,
                reason: body.reason,
                by: person
            )
        }
    }

    /// A call of an admin that is answered with what became of a profile.
    private func deciding(
        _ done: ProfileReceipt.State = .stored,
        _ command:
            @escaping @Sendable (HTTPRequest, PathParameters, Principal) throws(Problem) -> Command
    ) -> Route.Handler {
        { request, parameters, responder in
            do throws(Problem) {
                let person = try authority.person(request, model)
                let command = try command(request, parameters, person)
                try perform(command, of: request, by: person, responder) { committed in
                    guard case .profile(let standing) = committed.answer else {
                        return .empty(204)
                    }
                    let receipt = ProfileReceipt(
                        id: "\(standing.profile)",
                        state: standing.isPending ? .pending : done,
                        changes: standing.changes,
                        widens: standing.widens,
                        supersedes: standing.supersedes,
                        position: committed.position
                    )
                    return .encoding(receipt, status: standing.isPending ? 202 : 200)
                }
            } catch {
                responder.respond(error)
            }
        }
    }
}

extension ProposedProfile {
    fileprivate init(
        _ proposal: ProfileProposal,
        _ people: People,
        among admins: [String: [Principal]]
    ) {
        let proposed = proposal.proposed
        self.init(
            profile: proposed.profile,
            state: proposal.end?.way.rawValue ?? "pending",
            against: proposed.against,
            changes: proposed.changes,
            widens: proposed.widens,
            reason: proposed.reason,
            by: proposal.by,
            owner: proposed.owner,
            at: Timestamp.text(proposal.at),
            seconds: proposal.isPending ? people.seconds(for: proposal, among: admins) : [],
            endedBy: proposal.end?.by,
            endedAt: proposal.end.map { Timestamp.text($0.at) },
            endReason: proposal.end?.reason
        )
    }
}
