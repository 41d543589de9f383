package import FleetModel
package import JSONWriting

/// What factories and the coordinator say to each other over HTTP; JSON both ways.

/// `POST /fleet/factories`, with a join token, or with the factory's own token after a restart.
package struct RegisterRequest: Hashable, Sendable, Codable {
    package var name: String
    /// Made anew at every start of the factory.
    package var boot: String
    package var facts: [Fact]
    package var stations: [Station]

    package init(
        name: String,
        boot: String,
        facts: [Fact],
        stations: [Station]
    ) {
        self.name = name
        self.boot = boot
        self.facts = facts
        self.stations = stations
    }
}

package struct RegisterReply: Hashable, Sendable, Codable {
    package var factory: FactoryID
    /// The factory's own token; nil when it came back with the one it has.
    package var token: String?
    package var fleet: String
    package var leases: LeaseTerms

    package init(
        factory: FactoryID,
        token: String? = nil,
        fleet: String,
        leases: LeaseTerms
    ) {
        self.factory = factory
        self.token = token
        self.fleet = fleet
        self.leases = leases
    }
}

/// `PUT /fleet/factories/{name}/heartbeat`.
package struct HeartbeatRequest: Hashable, Sendable, Codable {
    package var boot: String
    package var held: [HeldLease]
    /// CPU load over all cores in parts per million.
    package var load: Int64
    /// All facts, when they changed since the last report; else nil.
    package var facts: [Fact]?
    /// Why the factory claims nothing now, such as a full disk; nil while it claims.
    package var claimsNothing: String?
    /// Why its process ends as soon as what it holds has ended; nil while it goes on.
    package var drains: String?

    package init(
        boot: String,
        held: [HeldLease],
        load: Int64,
        facts: [Fact]? = nil,
        claimsNothing: String? = nil,
        drains: String? = nil
    ) {
        self.boot = boot
        self.held = held
        self.load = load
        self.facts = facts
        self.claimsNothing = claimsNothing
        self.drains = drains
    }
}

package struct HeartbeatReply: Hashable, Sendable, Codable {
    package var renewed: [HeldLease]
    /// Held by the factory's word, but no longer its own: stop them.
    package var lost: [HeldLease]
    package var orders: [Order]
    /// Paths that open jobs require: state those that exist with the next heartbeat.
    package var paths: [String]

    package init(
        renewed: [HeldLease],
        lost: [HeldLease],
        orders: [Order],
        paths: [String]
    ) {
        self.renewed = renewed
        self.lost = lost
        self.orders = orders
        self.paths = paths
    }
}

/// `POST /fleet/leases/claim`; waits until something was granted or the time is up.
package struct ClaimRequest: Hashable, Sendable, Codable {
    /// Repeating a claim's id returns the same leases; a new id replaces the older claim.
    package var id: String
    package var factory: FactoryID
    package var boot: String
    /// Free slots by engine; `count` is what is free.
    package var free: [Station]
    package var takesShip: Bool
    /// At most 30,000.
    package var waitMilliseconds: Int64

    package init(
        id: String,
        factory: FactoryID,
        boot: String,
        free: [Station],
        takesShip: Bool,
        waitMilliseconds: Int64
    ) {
        self.id = id
        self.factory = factory
        self.boot = boot
        self.free = free
        self.takesShip = takesShip
        self.waitMilliseconds = waitMilliseconds
    }
}

package struct ClaimReply: Hashable, Sendable, Codable {
    package var leases: [GrantedRun]

    package init(
        leases: [GrantedRun]
    ) {
        self.leases = leases
    }
}

extension ClaimReply: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("leases", leases)
        json.close()
    }
}

/// `POST /fleet/runs/{run}/events`: what happened, in order; a repeat is harmless.
///
/// A stale fence is answered with 409 and the problem `lease.stale`: the worker stops itself.
package struct ReportRequest: Hashable, Sendable, Codable {
    package var fence: UInt64
    package var items: [RunReportItem]

    package init(
        fence: UInt64,
        items: [RunReportItem]
    ) {
        self.fence = fence
        self.items = items
    }
}

/// `POST /fleet/runs/{run}/log?fence=N&offset=N` with the bytes as body: the answer says how much
/// of the run's log is safe now; a chunk that begins earlier than that is harmless.
package struct LogReply: Hashable, Sendable, Codable {
    package var acknowledged: Int64

    package init(
        acknowledged: Int64
    ) {
        self.acknowledged = acknowledged
    }
}

/// What a change of state is answered with.
package struct Receipt: Hashable, Sendable, Codable {
    package var id: String?
    package var stage: Stage?
    /// Position of the last event that the command led to; nil when nothing changed.
    package var position: UInt64?

    package init(
        id: String? = nil,
        stage: Stage? = nil,
        position: UInt64? = nil
    ) {
        self.id = id
        self.stage = stage
        self.position = position
    }
}
