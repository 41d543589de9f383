import FleetModel
import Testing

@Suite struct ProfileChangeTests {
    private static let bare = Profile(name: "qa", persona: "You test.")

    private static func profile(_ change: (inout Profile) throws -> Void) rethrows -> Profile {
        var profile = bare
        try change(&profile)
        return profile
    }

    private static func globs(_ patterns: String...) throws -> [Glob] {
        try patterns.map { try Glob(parsing: $0) }
    }

    @Test func `a narrow scope that is given up is wider`() throws {
        let narrow = try Self.profile { $0.allowedScope = try Self.globs("src/") }
        #expect(Self.bare.widenings(from: narrow) == ["its jobs may change every path"])
        #expect(narrow.widenings(from: Self.bare).isEmpty)
    }

    @Test func `a glob that was not there is wider, one that went is not`() throws {
        let one = try Self.profile { $0.allowedScope = try Self.globs("src/") }
        let two = try Self.profile { $0.allowedScope = try Self.globs("src/", "docs/") }
        #expect(two.widenings(from: one) == ["its jobs may change docs/"])
        #expect(one.widenings(from: two).isEmpty)
    }

    @Test func `a protected path that is left out is wider`() throws {
        let guarded = try Self.profile { $0.protectedPaths = try Self.globs("ops/") }
        #expect(Self.bare.widenings(from: guarded) == ["ops/ is protected no more"])
        #expect(guarded.widenings(from: Self.bare).isEmpty)
    }

    /// Nothing stated means what the repository allows, which is the widest of all.
    @Test(arguments: [
        (ShipWay.none, ShipWay.merge as ShipWay?, ["its work ships by merge"]),
        (ShipWay.none, nil, ["its work ships by what the repository allows"]),
        (.merge, nil, ["its work ships by what the repository allows"]),
        (nil, .merge, []), (.merge, ShipWay.none, []), (.merge, .merge, []), (nil, nil, []),
    ])
    func `a way to ship is measured`(old: ShipWay?, new: ShipWay?, wider: [String]) {
        let older = Self.profile { $0.ship = old }
        #expect(Self.profile { $0.ship = new }.widenings(from: older) == wider)
    }

    @Test(arguments: [
        (
            Profile.Network.off as Profile.Network?, nil as Profile.Network?,
            ["its network is allow-list"]
        ),
        (.allowList, .on, ["its network is on"]), (nil, .on, ["its network is on"]),
        (.on, .off, []), (nil, .allowList, []),
    ])
    func `a network is measured`(old: Profile.Network?, new: Profile.Network?, wider: [String]) {
        let older = Self.profile { $0.network = old }
        #expect(Self.profile { $0.network = new }.widenings(from: older) == wider)
    }

    @Test func `a policy that asks nobody is wider`() {
        let auto = Self.profile { $0.reviewPolicy = .auto }
        #expect(auto.widenings(from: Self.bare) == ["its work ships without a person"])
        #expect(Self.bare.widenings(from: auto).isEmpty)
        let reviewed = Self.profile { $0.reviewPolicy = .reviewers(["ann"], quorum: 1) }
        #expect(Self.bare.widenings(from: reviewed) == ["it needs no reviewers"])
    }

    @Test func `a number and an origin make no other role`() {
        let older = Self.bare
        let newer = Self.profile {
            $0.version = 7
            $0.origin = "giga 9"
        }
        #expect(newer.saysTheSame(as: older))
        #expect(newer.differences(from: older).isEmpty)
        #expect(!Self.profile { $0.persona = "You do not." }.saysTheSame(as: older))
    }

    /// Reads the names from the type itself, so that a new field cannot be forgotten.
    @Test func `every field of a profile counts as a difference`() throws {
        let full = try Self.profile {
            $0.persona = "Other"
            $0.capabilities = [try Requirement(parsing: "gpu")]
            ($0.defaultVerify, $0.engineClass, $0.prefersEngine) = ("make", "script", "claude")
            ($0.model, $0.timeout, $0.mandate) = ("m", .minutes(1), "m-1")
            $0.silent = .init(after: .minutes(3), stops: true)
            ($0.artifacts, $0.obligations) = (["coverage"], ["coverage": "80"])
            $0.allowedScope = try Self.globs("src/")
            $0.protectedPaths = try Self.globs("ops/")
            ($0.reviewPolicy, $0.budget) = (.auto, Budget(tokens: 1))
            ($0.network, $0.ship) = (.off, ShipWay.none)
        }
        let fields = Mirror(reflecting: full).children.compactMap(\.label)
            .filter { !["name", "version", "origin", "artifactGlobs"].contains($0) }
        #expect(full.differences(from: Self.bare).count == fields.count)
        // In a file both kinds of artifacts stand in one field.
        let globs = Self.profile { $0.artifactGlobs = ["tests": ["out/*.xml"]] }
        #expect(globs.differences(from: Self.bare) == ["artifacts"])
    }
}
