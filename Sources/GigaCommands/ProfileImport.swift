package import FleetModel
import FleetProtocol
package import Manifests

/// What bringing a profile file in would do to the profiles that the coordinator has.
package struct ProfileImport: Hashable, Sendable {
    package enum Effect: Hashable, Sendable {
        case same
        case added
        /// The fields that differ from the newest version.
        case changed([String])
    }

    package let profile: Profile
    package let effect: Effect
    /// What its jobs may do afterwards and may not do now.
    package let widenings: [String]
    /// Why two people must agree to it, where two are admins.
    package let needsSecondPerson: [String]
    package let notes: [FileNote]

    package init(_ file: ProfileFile, origin: String, stored: [Profile]) {
        var profile = file.profile
        profile.origin = origin
        self.profile = profile
        notes = file.notes
        if let newest = stored.first(where: { $0.name == profile.name }) {
            effect =
                profile.saysTheSame(as: newest)
                ? .same : .changed(profile.differences(from: newest))
            widenings = profile.widenings(from: newest)
            needsSecondPerson = effect == .same ? [] : profile.needsSecondPerson(from: newest)
        } else {
            effect = .added
            // A new role is measured against one that states nothing.
            let nothing = Profile(name: profile.name, persona: "")
            widenings = profile.widenings(from: nothing)
            needsSecondPerson = profile.needsSecondPerson(from: nil)
        }
    }

    /// `qa: changes persona, ship; its work ships by merge`.
    package var summary: String {
        let deed =
            switch effect {
            case .same: "is there already"
            case .added: "is new"
            case .changed(let fields): "changes \(fields.joined(separator: ", "))"
            }
        return (["\(profile.name) \(deed)"] + widenings).joined(separator: "; ")
    }
}

/// Whose word it is that a folder's profiles are brought in.
package struct ProfileSources: Hashable, Sendable {
    /// The operator's own folder: what lies there is the operator's wish.
    package var own: String?
    /// A folder that the operator named for this start.
    package var named: String?
    /// A folder that happens to lie where the operator stands; only looked at.
    package var standing: String?

    package init(own: String? = nil, named: String? = nil, standing: String? = nil) {
        self.own = own
        self.named = named
        self.standing = standing
    }
}

/// Profiles that a coordinator brings in when it starts, and what it says about the others.
package struct ProfileStart: Sendable {
    private let client: CoordinatorClient
    private let console: Console
    private let version: String

    package init(_ client: CoordinatorClient, _ console: Console, version: String) {
        self.client = client
        self.console = console
        self.version = version
    }

    /// The shipped ones, then the operator's own, then those of a folder that was named.
    package func importAll(
        shipped: [ProfileFiles.File],
        _ sources: ProfileSources
    ) throws(CommandFault) {
        try importShipped(shipped)
        if let own = sources.own { try bring(ProfileFiles.inside(own), mayWiden: true) }
        if let named = sources.named { try bring(ProfileFiles.inside(named), mayWiden: false) }
        if let standing = sources.standing, standing != sources.own, standing != sources.named {
            try mention(standing)
        }
    }

    /// Brings changed files in: what cannot be read is said, and the stored version stays.
    package func importChanged(_ path: String, mayWiden: Bool) {
        guard let bytes = Files.read(path), bytes.starts(with: Array("---".utf8)) else { return }
        do throws(CommandFault) {
            try bring([ProfileFiles.File(path: path, bytes: bytes)], mayWiden: mayWiden)
        } catch {
            console.report(error)
        }
    }

    /// A role that somebody changed stays as it is: only what came with a giga is renewed by one.
    private func importShipped(_ files: [ProfileFiles.File]) throws(CommandFault) {
        let list = try client.profileList()
        let stored = list.profiles
        let parsed = try ProfileFiles.parse(files, hint: "this is a fault of giga; report it")
        for file in parsed {
            let newest = stored.first { $0.name == file.profile.name }
            guard newest.map({ $0.origin?.hasPrefix("giga ") == true }) ?? true else { continue }
            let change = ProfileImport(file, origin: "giga \(version)", stored: stored)
            guard change.effect != .same, !isRefused(change, list.proposals) else { continue }
            let receipt = try client.importProfile(change.profile)
            // A start that finds it waiting still has nothing new to say.
            guard receipt.position != nil else { continue }
            for line in ProfileWords.waiting(receipt) { console.say("note: \(line)") }
        }
    }

    private func bring(_ files: [ProfileFiles.File], mayWiden: Bool) throws(CommandFault) {
        let list = try client.profileList()
        let stored = list.profiles
        let first = files.first?.path ?? "FILE"
        for file in try ProfileFiles.parse(files, hint: "giga profile lint \(first)") {
            let change = ProfileImport(file, origin: file.path, stored: stored)
            guard change.effect != .same else { continue }
            guard mayWiden || change.widenings.isEmpty else {
                console.say("note: \(file.path) is not imported: \(change.summary)")
                console.say("      giga profile import \(file.path)")
                continue
            }
            if isRefused(change, list.proposals) {
                console.say("note: \(file.path) is not imported: an admin rejected it")
                console.say("      giga profile import \(file.path)    proposes it again")
                continue
            }
            let receipt = try client.importProfile(change.profile)
            console.say("profile \(change.summary)  (\(file.path))")
            for line in ProfileWords.waiting(receipt) { console.say("note: \(line)") }
            for note in file.notes { console.say("note: \(note)") }
        }
    }

    /// What an admin said no to does not come again with every start.
    private func isRefused(_ change: ProfileImport, _ proposals: [ProposedProfile]) -> Bool {
        proposals.contains { proposal in
            proposal.state == ProfileReceipt.State.rejected.rawValue
                && proposal.profile.name == change.profile.name
                && proposal.profile.saysTheSame(as: change.profile)
        }
    }

    /// What lies where the operator stands may be a stranger's: it is named and left alone.
    private func mention(_ folder: String) throws(CommandFault) {
        let stored = try client.profiles()
        let others = ProfileFiles.inside(folder).compactMap { file -> String? in
            guard let parsed = ProfileFile.parse(file.bytes, path: file.path).file else {
                return "\(ProfileFile.name(of: file.path)) (cannot be read)"
            }
            let change = ProfileImport(parsed, origin: file.path, stored: stored)
            return switch change.effect {
            case .same: nil
            case .added: "\(parsed.profile.name) (new)"
            case .changed: "\(parsed.profile.name) (differs)"
            }
        }
        guard !others.isEmpty else { return }
        let count = others.count == 1 ? "a profile that is" : "\(others.count) profiles that are"
        console.say(
            "note: \(folder) has \(count) not imported: \(others.joined(separator: ", "))"
        )
        console.say("      giga profile import \(folder)    or start with --profiles \(folder)")
    }
}
