package import FleetModel
import FleetRules

/// What became of a profile that somebody put.
package struct ProfileStanding: Hashable, Sendable {
    package var profile: ProfileReference
    /// It waits for a second person; jobs get the version before.
    package var isPending: Bool
    package var changes: [String]
    package var widens: [String]
    /// The version that waited until now, and waits no more.
    package var supersedes: Int?

    package init(
        profile: ProfileReference,
        isPending: Bool,
        changes: [String] = [],
        widens: [String] = [],
        supersedes: Int? = nil
    ) {
        self.profile = profile
        self.isPending = isPending
        self.changes = changes
        self.widens = widens
        self.supersedes = supersedes
    }
}

extension FleetState {
    /// The version that waits for a second person.
    package func pendingProfile(_ name: String) -> ProfileProposal? {
        proposals[name].flatMap { $0.isPending ? $0 : nil }
    }

    /// A number is given once, also to a version that was never approved.
    func nextVersion(of name: String) -> Int {
        max(profiles[name]?.last?.version ?? 0, proposals[name]?.profile.version ?? 0) + 1
    }
}

/// Versions of profiles: at once, or with a second person where there are two.
extension Fleet {
    mutating func decideOnProfile(_ command: Command) throws(Refusal) {
        switch command {
        case .putProfile(let profile, let reason, let person):
            try put(profile, reason: reason, by: person)
        case .approveProfile(let name, let version, let reason, let person):
            try approveProfile(name, version: version, reason: reason, by: person)
        case .rejectProfile(let name, let version, let reason, let person):
            try rejectProfile(name, version: version, reason: reason, by: person)
        default: preconditionFailure("\(command) concerns no profile")
        }
    }

    private mutating func put(
        _ profile: Profile,
        reason: String?,
        by person: Principal
    ) throws(Refusal) {
        try profile.refusePromises()
        let newest = state.profiles[profile.name]?.last
        if let newest, profile.saysTheSame(as: newest) {
            turn.answer = .profile(ProfileStanding(profile: newest.reference, isPending: false))
            return
        }
        let pending = state.pendingProfile(profile.name)
        var numbered = profile
        numbered.version = state.nextVersion(of: profile.name)
        let owner = state.owner(of: person)
        let widens = profile.needsSecondPerson(from: newest)
        let changes = profile.differences(
            from: newest ?? Profile(name: profile.name, persona: "")
        )
        let isPending = !widens.isEmpty && people.admins.keys.contains { $0 != owner }
        if isPending, let pending, profile.saysTheSame(as: pending.profile) {
            turn.answer = .profile(
                ProfileStanding(
                    profile: pending.profile.reference,
                    isPending: true,
                    changes: pending.proposed.changes,
                    widens: pending.proposed.widens
                )
            )
            return
        }
        if isPending {
            let proposed = ProfileProposed(
                profile: numbered,
                changes: changes,
                against: newest?.version,
                widens: widens,
                owner: owner,
                reason: reason,
                issuers: people.line(of: person)
            )
            emit(.profileProposed(proposed), by: person)
        } else {
            let changed = ProfileChanged(
                numbered,
                changes: changes,
                widens: widens,
                reason: reason
            )
            emit(.profileChanged(changed), by: person)
        }
        turn.answer = .profile(
            ProfileStanding(
                profile: numbered.reference,
                isPending: isPending,
                changes: changes,
                widens: widens,
                supersedes: pending?.profile.version
            )
        )
    }

    private mutating func approveProfile(
        _ name: String,
        version: Int,
        reason: String?,
        by person: Principal
    ) throws(Refusal) {
        let proposal = try proposal(of: name, version)
        if let objection = people.objection(to: person, approving: proposal) {
            throw Self.refusal(objection, person, proposal)
        }
        let reference = proposal.profile.reference
        turn.answer = .profile(ProfileStanding(profile: reference, isPending: false))
        // Somebody else was quicker: what this one wants is so.
        if proposal.end?.way == .approved { return }
        try refuseEnded(proposal)
        let proposed = proposal.proposed
        guard people.admins[proposed.owner] != nil else {
            throw Refusal(
                .conflict,
                "profile.proposer-gone",
                what: "\(reference) cannot be approved",
                why: "\(proposed.owner), who proposed it, is an admin no more, so that only one"
                    + " person stands for it",
                hint: "giga profile reject \(name), then giga profile import FILE yourself"
            )
        }
        let changed = ProfileChanged(
            proposed.profile,
            changes: proposed.changes,
            widens: proposed.widens,
            reason: reason ?? proposed.reason,
            proposedBy: proposed.owner
        )
        emit(.profileChanged(changed), by: person)
        turn.answer = .profile(
            ProfileStanding(
                profile: reference,
                isPending: false,
                changes: proposed.changes,
                widens: proposed.widens
            )
        )
    }

    /// Any admin may end it, whoever proposed it too: nothing is allowed by that.
    private mutating func rejectProfile(
        _ name: String,
        version: Int,
        reason: String,
        by person: Principal
    ) throws(Refusal) {
        let proposal = try proposal(of: name, version)
        let reference = proposal.profile.reference
        turn.answer = .profile(ProfileStanding(profile: reference, isPending: false))
        if proposal.end?.way == .rejected { return }
        try refuseEnded(proposal)
        let rejected = ProfileRejected(name: name, version: version, reason: reason)
        emit(.profileRejected(rejected), by: person)
    }

    var people: People { People(state, settings, at: now) }

    /// The newest proposal of the name, if it is the one that is meant.
    private func proposal(of name: String, _ version: Int) throws(Refusal) -> ProfileProposal {
        guard let newest = state.proposals[name] else {
            let isKnown = state.profiles[name] != nil
            throw Refusal(
                isKnown ? .conflict : .unknown,
                isKnown ? "profile.not-pending" : "profile.unknown",
                what: isKnown
                    ? "\(name)@\(version) waits for nobody" : "There is no profile \(name)",
                why: isKnown
                    ? "no version of \(name) was ever proposed here"
                    : "none of that name was ever stored or proposed here",
                hint: "giga profile list"
            )
        }
        guard newest.profile.version == version else {
            let present = state.profiles[name]?.last?.version ?? 0
            let later = max(present, newest.profile.version)
            throw Refusal(
                .conflict,
                "profile.not-pending",
                what: "\(name)@\(version) waits for nobody",
                why: version > later
                    ? "there is no such version; the newest is \(later)"
                    : "\(name)@\(later) came after it",
                hint: "giga profile show \(name)"
            )
        }
        return newest
    }

    private func refuseEnded(_ proposal: ProfileProposal) throws(Refusal) {
        guard let end = proposal.end else { return }
        let name = proposal.profile.name
        let said = end.reason.map { ": \($0)" } ?? ""
        let why =
            switch end.way {
            case .approved: "\(end.by) approved it\(said)"
            case .rejected: "\(end.by) rejected it\(said)"
            case .superseded:
                "\(name)@\(state.profiles[name]?.last?.version ?? 0) came after it, by \(end.by)"
            }
        throw Refusal(
            .conflict,
            "profile.not-pending",
            what: "\(proposal.profile.reference) waits for nobody",
            why: why,
            hint: "giga profile show \(name)"
        )
    }

    private static func refusal(
        _ objection: People.Objection,
        _ person: Principal,
        _ proposal: ProfileProposal
    ) -> Refusal {
        let (code, why) =
            switch objection {
            case .ownChange(let why): ("profile.own-change", why)
            case .notSecond(let why): ("profile.not-second", why)
            }
        return Refusal(
            .forbidden,
            code,
            what: "\(person) cannot approve \(proposal.profile.reference)",
            why: why,
            hint: "ask another admin: giga profile show \(proposal.profile.name)"
        )
    }
}
