package import FleetModel

/// A version of a profile that only a second person can move on.
package struct ProfileNeed: Hashable, Sendable {
    package let profile: ProfileReference
    package let reason: String
    /// What a person may type.
    package let command: String
    package let since: Instant
}

extension FleetReading {
    /// Profiles that wait for a second person, the oldest first.
    ///
    /// `caller` leaves out what this one may not approve, unless nobody may.
    package func profileNeeds(of caller: Principal?) -> [ProfileNeed] {
        let people = people
        let admins = people.admins
        return state.proposals.values.compactMap { proposal -> ProfileNeed? in
            guard proposal.isPending else { return nil }
            let isStuck = reasonWhyStuck(proposal, people, admins)
            if isStuck == nil, let caller,
                people.objection(to: caller, approving: proposal) != nil
            {
                return nil
            }
            return need(of: proposal, isStuck)
        }.sorted { ($0.since, $0.profile.name) < ($1.since, $1.profile.name) }
    }

    private func need(of proposal: ProfileProposal, _ stuck: String?) -> ProfileNeed {
        let proposed = proposal.proposed
        let said = proposed.reason.map { " (\($0))" } ?? ""
        let name = proposal.profile.name
        let reason =
            "\(proposed.owner) proposed it\(said): " + proposed.widens.joined(separator: ", ")
        return ProfileNeed(
            profile: proposal.profile.reference,
            reason: reason + (stuck.map { "; \($0)" } ?? ""),
            command: stuck == nil
                ? "giga profile approve \(name)" : "giga profile reject \(name) --reason TEXT",
            since: proposal.at
        )
    }

    /// Why no approval is possible now, in words; nil where one is.
    private func reasonWhyStuck(
        _ proposal: ProfileProposal,
        _ people: People,
        _ admins: [String: [Principal]]
    ) -> String? {
        let owner = proposal.proposed.owner
        if admins[owner] == nil { return "\(owner) is an admin no more" }
        guard people.seconds(for: proposal, among: admins).isEmpty else { return nil }
        return "no other admin has a token that is valid and older than the proposal"
    }
}
