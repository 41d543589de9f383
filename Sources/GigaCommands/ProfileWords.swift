import FleetModel
import FleetProtocol

/// What people read about a version of a profile that a second person was asked about.
enum ProfileWords {
    /// What it is, who asks for it, and who could say yes.
    static func lines(of proposal: ProposedProfile) -> [String] {
        let reference = "\(proposal.profile.reference)"
        let said = proposal.reason.map { ": \($0)" } ?? ""
        guard proposal.isPending else {
            let end = proposal.endReason.map { ": \($0)" } ?? ""
            let by = proposal.endedBy.map { " by \($0)" } ?? ""
            return ["\(reference)  \(proposal.state)\(by)\(end)"]
        }
        let against = proposal.against.map { "\(proposal.profile.name)@\($0)" } ?? "nothing"
        let changes = proposal.changes.joined(separator: ", ")
        let who = proposal.seconds.isEmpty ? "nobody now" : proposal.seconds.joined(separator: ", ")
        return [
            "\(reference)  pending since \(proposal.at), proposed by \(proposal.owner)\(said)",
            "  differs from \(against) in \(changes)",
            "  " + proposal.widens.joined(separator: "; "),
            "  could approve: \(who)",
            "  giga profile show \(reference), then giga profile approve \(proposal.profile.name)",
        ]
    }

    /// Told to whoever put a version that waits now; empty where it does not wait.
    static func waiting(_ receipt: ProfileReceipt) -> [String] {
        guard receipt.state == .pending else { return [] }
        let name = receipt.id.split(separator: "@").first ?? ""
        let older = receipt.supersedes.map { "; \(name)@\($0) waits no more" } ?? ""
        return [
            "\(receipt.id) waits for a second admin: giga profile approve \(name)\(older)"
        ]
    }

    static func onlyProposed(_ proposal: ProposedProfile) -> CommandFault {
        CommandFault(
            .failed,
            "profile.unknown",
            what: "There is no profile \(proposal.profile.name) yet",
            why: proposal.isPending
                ? "\(proposal.profile.reference) waits for a second person to approve it"
                : "\(proposal.profile.reference) was proposed, and \(proposal.state)",
            hint: "giga profile show \(proposal.profile.reference)"
        )
    }
}
