import FactoryAgent
import FleetModel
import FleetProtocol
import Processes
import Testing

@Suite(.serialized) struct LimitTests {
    private static let small = RunLimits(
        memoryBytes: 64 << 20,
        processes: 512,
        fileBytes: 1 << 20
    )

    @Test func `a run gets no more memory than its limit, and its record states the limits`() throws
    {
        let shop = try Workshop { $0.limits = Self.small }
        shop.give(shop.grant("head -c 400000000 /dev/zero | tail -n 1 > src/x; echo over"))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        // A pipe's end is its last command's: what it could not keep it did not write.
        let log = shop.coordinator.log(of: "job-1.1")
        #expect(log.contains("memory exhausted"))
        #expect(!log.contains("over\n"))
        guard case .started(let started)? = shop.coordinator.items(of: "job-1.1").first else {
            Issue.record("no start")
            return
        }
        let notes = started.notes.joined(separator: "\n")
        #expect(notes.contains("limits: 64 MiB of memory in each process"))
        #expect(notes.contains("files of 1 MiB"))
    }

    @Test func `no file of a run grows beyond its limit`() throws {
        let shop = try Workshop { $0.limits = Self.small }
        shop.give(shop.grant("head -c 3000000 /dev/zero > src/x; echo over"))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(shop.failure(of: "job-1.1")?.cause == .engineFailed)
        #expect(!shop.coordinator.log(of: "job-1.1").contains("over\n"))
    }

    @Test func `verify is held to the same limits`() throws {
        let shop = try Workshop { $0.limits = Self.small }
        shop.give(shop.grant("echo x > src/x", verify: "head -c 3000000 /dev/zero > big"))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(shop.evidence(.verify, of: "job-1.1")?.verdict == .failed)
    }

    @Test func `a wall budget ends a run before its timeout does`() throws {
        let shop = try Workshop()
        shop.give(shop.grant("sleep 6545", budget: Budget(wall: .seconds(1))))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(shop.failure(of: "job-1.1")?.cause == .budget)
        #expect(shop.failure(of: "job-1.1")?.tail == ["its budget of 1s is used up"])
    }

    @Test(.enabled(if: Sandbox.availability() == .available, "bubblewrap is not usable here"))
    func `a token budget ends a run as soon as its engine tells of more`() throws {
        let shop = try WatchTests.workshop("say \"$begun\"; sleep 6546")
        let budget = Budget(tokens: 999)
        shop.give(shop.grant("", engine: "mini-swe-agent", budget: budget))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(shop.failure(of: "job-1.1")?.cause == .budget)
        #expect(
            shop.failure(of: "job-1.1")?.tail == ["1000 tokens are used, and its budget is 999"]
        )
    }

    @Test func `with too little disk nothing is claimed, and each heartbeat says so`() throws {
        let shop = try Workshop { $0.minimumFreeBytes = .max }
        try Self.expectNoClaim(of: shop, why: "of disk are free, and the minimum is")
    }

    @Test func `above its load nothing is claimed, and each heartbeat says so`() throws {
        // No machine's load is below zero.
        let shop = try Workshop { $0.maximumLoadMilli = -1 }
        try Self.expectNoClaim(of: shop, why: "the load is ")
    }

    @Test func `a machine with room says nothing of the kind, and claims`() throws {
        let shop = try Workshop { $0.maximumLoadMilli = 1_000_000_000 }
        try shop.open()
        #expect(shop.coordinator.waits { !$0.claimsNothing.isEmpty && !$0.claims.isEmpty })
        #expect(shop.coordinator.state.read { $0.claimsNothing.allSatisfy(\.isEmpty) })
    }

    private static func expectNoClaim(of shop: Workshop, why: String) throws {
        shop.give(shop.grant("echo x > src/x"))
        try shop.open()
        #expect(shop.coordinator.waits { $0.claimsNothing.count >= 3 })
        let said = shop.coordinator.state.read(\.claimsNothing)
        #expect(said.allSatisfy { $0.contains(why) }, "\(said)")
        #expect(shop.drain())
        let claims = shop.coordinator.state.read(\.claims)
        #expect(claims.allSatisfy { $0.free.isEmpty && !$0.takesShip })
        #expect(shop.coordinator.items(of: "job-1.1").isEmpty)
    }
}
