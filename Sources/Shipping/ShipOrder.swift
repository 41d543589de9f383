package import FleetModel
package import Git

/// What a ship run brings to its target, and in whose name.
package struct ShipOrder: Hashable, Sendable {
    package var fleet: String
    package var job: JobID
    package var title: String
    package var run: String
    package var attempt: Int
    package var fence: UInt64
    package var engine: String
    package var candidate: Candidate
    /// The branch that moves, without `refs/heads/`.
    package var target: String
    /// Only find out whether an earlier ship run landed.
    package var onlyLooks: Bool

    /// Nil when the run is no ship run, or its candidate's names are none of git's.
    package init?(_ grant: GrantedRun) {
        guard grant.lease.kind == .ship, let candidate = grant.candidate,
            ObjectID(candidate.commit) != nil, ObjectID(candidate.base) != nil,
            ObjectID(candidate.tree) != nil
        else { return nil }
        fleet = grant.fleet
        job = grant.lease.job
        title = grant.terms.title
        run = grant.lease.run.description
        attempt = grant.lease.attempt
        fence = grant.lease.fence
        engine = grant.terms.engine ?? grant.terms.engineClass
        self.candidate = candidate
        target = grant.terms.target
        onlyLooks = grant.onlyLooks
    }

    /// How the job is called wherever several fleets meet.
    package var fullJob: String { "\(fleet)/\(job)" }
    var fenceRef: String { Fence.ref(fleet: fleet, job: job.description) }
    var targetRef: String { "refs/heads/\(target)" }

    var message: String {
        "Merge \(job): \(Trailers.line(title))\n\n"
            + Trailers.text(job: fullJob, attempt: attempt, engine: engine)
    }
}

/// The lines at the end of each commit that the fleet makes.
package enum Trailers {
    package static let jobKey = "Gigafactory-Job"

    package static func text(job: String, attempt: Int, engine: String) -> String {
        "\(jobKey): \(line(job))\nGigafactory-Attempt: \(attempt)\n"
            + "Gigafactory-Engine: \(line(engine))\n"
    }

    /// One line, so that no title can forge a trailer.
    package static func line(_ text: String) -> String {
        let plain = String(
            text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) }
        )
        return String(plain.prefix(200))
    }
}

/// What a ship run cannot judge itself: asked about the merged result before anything moves.
package struct ShipGates: Sendable {
    /// The offences of the change that the target would get; empty when it may pass.
    package var offences: @Sendable ([TreeChange]) -> [String]
    /// Runs the job's verify on a commit; nil when it passes, else the last lines.
    package var verify: @Sendable (ObjectID) throws -> [String]?
    /// Throws when the run lost its right meanwhile.
    package var mayGoOn: @Sendable () throws -> Void
    /// One line for the run's log.
    package var say: @Sendable (String) -> Void

    package init(
        offences: @escaping @Sendable ([TreeChange]) -> [String],
        verify: @escaping @Sendable (ObjectID) throws -> [String]?,
        mayGoOn: @escaping @Sendable () throws -> Void = {},
        say: @escaping @Sendable (String) -> Void
    ) {
        self.offences = offences
        self.verify = verify
        self.mayGoOn = mayGoOn
        self.say = say
    }
}

/// How a ship run ended.
package enum ShipResult: Hashable, Sendable {
    case merged(ShipMerged)
    case refused(ShipRefused.Cause, detail: [String])

    /// Git failed before anything was looked at.
    package static func refused(_ fault: GitFault) -> ShipResult {
        ShipTrouble.refusal(unseen: fault)
    }

    /// One line for the run's log.
    package var words: String {
        switch self {
        case .merged(let merged):
            "\(merged.target) \(merged.wasThere ? "had it already, as" : "is now at") \(merged.commit)"
        case .refused(let cause, let detail):
            "refused (\(cause.rawValue)): \(detail.first ?? "no more is known")"
        }
    }
}
