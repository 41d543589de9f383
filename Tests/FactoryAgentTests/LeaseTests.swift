import FactoryAgent
import FleetModel
import FleetProtocol
import Processes
import Testing

@Suite(.serialized) struct LeaseTests {
    @Test func `a worker that is told 409 stops, pushes nothing and says so`() throws {
        let shop = try Workshop()
        // The script never ends by itself: that it is stopped is what is tested.
        shop.give(shop.grant("echo ready; while sleep 0.1; do echo still; done"))
        try shop.open()
        #expect(shop.coordinator.waits(forOutput: "ready", of: "job-1.1"))
        #expect(shop.coordinator.waits { $0.held.last?.isEmpty == false })
        shop.coordinator.state.change { $0.stale = ["job-1.1"] }
        #expect(shop.coordinator.waits { $0.held.last?.isEmpty == true })
        #expect(shop.names(of: "job-1.1") == ["started"])
        #expect(try shop.run("cat", "\(shop.root)/data/factory.log").contains("lease is lost"))
        #expect(try shop.git("for-each-ref refs/heads/giga").isEmpty)
    }

    @Test func `without an answered renewal a run stops before its lease ends`() throws {
        // A tenth of it is what a busy machine may take to stop the run.
        let terms = LeaseTerms(term: .seconds(15), heartbeat: Timespan(milliseconds: 200))
        let shop = try Workshop(terms: terms)
        shop.give(shop.grant("echo ready; sleep 600"))
        try shop.open()
        #expect(shop.coordinator.waits(forOutput: "ready", of: "job-1.1"))
        let began = ContinuousClock.now
        shop.coordinator.state.change { $0.isSilent = true }
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(ContinuousClock.now - began < .seconds(15))
        #expect(shop.names(of: "job-1.1") == ["started", "stopped lease_expired"])
    }

    @Test func `a late word of a worker whose lease ran out is refused, and changes nothing`()
        throws
    {
        let terms = LeaseTerms(term: .seconds(6), heartbeat: Timespan(milliseconds: 200))
        let shop = try Workshop(terms: terms)
        shop.give(shop.grant("echo ready; sleep 600"))
        try shop.open()
        #expect(shop.coordinator.waits(forOutput: "ready", of: "job-1.1"))
        shop.coordinator.state.change { state in
            state.isSilent = true
            state.stale = ["job-1.1"]
        }
        #expect(shop.coordinator.waits { $0.refused == 1 })
        #expect(shop.coordinator.waits { $0.held.last?.isEmpty == true })
        #expect(try shop.run("cat", "\(shop.root)/data/factory.log").contains("409"))
    }

    @Test func `a cancel by order ends the engine and is reported`() throws {
        let shop = try Workshop()
        shop.give(shop.grant("echo ready; sleep 600"))
        try shop.open()
        #expect(shop.coordinator.waits(forOutput: "ready", of: "job-1.1"))
        shop.coordinator.order(.cancel, job: 1, reason: "not wanted")
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(shop.names(of: "job-1.1") == ["started", "stopped cancelled"])
    }

    @Test func `a lost claim reply brings the same lease again under the same claim`() throws {
        let shop = try Workshop()
        shop.coordinator.state.change { $0.lostClaims = 1 }
        shop.give(shop.grant("echo x > src/x"))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        let ids = shop.coordinator.state.read { state in state.claims.map(\.id) }
        #expect(Set(ids).count < ids.count)
        #expect(shop.names(of: "job-1.1").filter { $0 == "started" }.count == 1)
    }

    @Test func `a station that frees is offered again, and no more than there are`() throws {
        let shop = try Workshop(stations: "shell=1")
        shop.give(
            shop.grant("echo x > src/x", job: 1),
            shop.grant("echo y > src/y", job: 2),
            shop.grant("echo z > src/z", job: 3)
        )
        try shop.open()
        for run in ["job-1.1", "job-2.1", "job-3.1"] {
            #expect(shop.coordinator.waitsForEnd(of: run))
        }
        let counts = shop.coordinator.state.read { $0.claims.flatMap(\.free).map(\.count) }
        #expect(Set(counts) == [1])
        #expect(shop.coordinator.state.read { $0.held.map(\.count).max() } == 1)
    }

    @Test func `draining finishes what runs, claims nothing more and ends`() throws {
        let shop = try Workshop()
        shop.give(shop.grant("echo ready; \(Workshop.wait); echo x > src/x"))
        try shop.open()
        #expect(shop.coordinator.waits(forOutput: "ready", of: "job-1.1"))
        shop.factory.stop()
        // The offer of nothing that takes the waiting claim back is the factory's word for it.
        #expect(shop.coordinator.waits { $0.claims.last?.free == [] })
        try shop.letGo(of: "job-1.1")
        #expect(shop.ends())
        #expect(shop.names(of: "job-1.1").last == "complete")
        let last = shop.coordinator.state.read { $0.claims.last }
        #expect(last?.free == [] && last?.takesShip == false)
    }

    @Test func `a factory that drains says so at once, and why`() throws {
        let shop = try Workshop(
            terms: LeaseTerms(term: .seconds(60), heartbeat: .seconds(20))
        )
        shop.give(shop.grant("echo ready; \(Workshop.wait); echo x > src/x"))
        try shop.open()
        #expect(shop.coordinator.waits(forOutput: "ready", of: "job-1.1"))
        #expect(shop.coordinator.state.read { $0.drains.allSatisfy(\.isEmpty) })
        shop.factory.stop()
        #expect(shop.coordinator.waits { $0.drains.last == "it was told to stop" })
        try shop.letGo(of: "job-1.1")
        #expect(shop.ends())
        #expect(shop.names(of: "job-1.1").last == "complete")
    }

    @Test func `a report that is refused as malformed ends its run once, with the refusal's words`()
        throws
    {
        let shop = try Workshop()
        shop.coordinator.state.change { $0.malformed = ["finished"] }
        shop.give(shop.grant("echo x > src/x"))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        guard case .stopped(let cause, let reason)? = shop.coordinator.items(of: "job-1.1").last
        else {
            Issue.record("\(shop.names(of: "job-1.1"))")
            return
        }
        #expect(cause == .engineCrashed)
        #expect(reason.contains("400 http.unreadable-body: the body says nothing"))
        #expect(shop.coordinator.state.read(\.refusedItems) == ["finished"])
        shop.give(shop.grant("true", job: 2, acceptsNoChange: true))
        #expect(shop.coordinator.waits { $0.answers.count == 2 }, "it goes on claiming")
    }

    @Test func `a ship whose end is refused as malformed is not called unpushed`() throws {
        let shop = try Workshop()
        shop.give(shop.grant("echo x > src/x"))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        let candidate = try #require(shop.candidate(of: "job-1.1"))
        shop.coordinator.state.change { $0.malformed = ["merged"] }
        shop.give(shop.grant("", ships: candidate, fence: 2))
        #expect(shop.coordinator.waitsForEnd(of: "job-1.ship-2"))
        guard
            case .shipRefused(let cause, let detail)? =
                shop.coordinator.items(of: "job-1.ship-2").last
        else {
            Issue.record("\(shop.names(of: "job-1.ship-2"))")
            return
        }
        #expect(cause == .unseen)
        #expect(detail.first?.contains("the body says nothing") == true)
    }

    @Test
    func `a coordinator that takes no report at all is offered nothing more, and is told why`()
        throws
    {
        let shop = try Workshop()
        shop.coordinator.state.change { $0.malformed = ["started", "stopped"] }
        shop.give(shop.grant("true"))
        try shop.open()
        #expect(
            shop.coordinator.waits { state in
                state.claimsNothing.last?.contains("the coordinator refuses its reports") == true
            }
        )
        #expect(
            shop.coordinator.state.read(\.refusedItems) == ["started", "stopped engine_crashed"]
        )
        shop.give(shop.grant("true", job: 2))
        let beats = shop.coordinator.state.read(\.held.count)
        #expect(shop.coordinator.waits { $0.held.count > beats + 3 })
        #expect(shop.coordinator.state.read(\.grants.count) == 1)
    }

    @Test func `a coordinator that takes a report again is offered work again`() throws {
        let shop = try Workshop()
        shop.coordinator.state.change { $0.malformed = ["stopped"] }
        shop.give(shop.grant("echo ready; \(Workshop.wait); echo x > src/x"))
        try shop.open()
        #expect(shop.coordinator.waits(forOutput: "ready", of: "job-1.1"))
        shop.coordinator.state.change { $0.malformed = ["started", "stopped"] }
        shop.give(shop.grant("true", job: 2))
        #expect(
            shop.coordinator.waits { state in
                state.claimsNothing.last?.contains("the coordinator refuses its reports") == true
            }
        )
        shop.coordinator.state.change { $0.malformed = [] }
        try shop.letGo(of: "job-1.1")
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(shop.coordinator.waits { $0.claimsNothing.last?.isEmpty == true })
        shop.give(shop.grant("true", job: 3, acceptsNoChange: true))
        #expect(shop.coordinator.waitsForEnd(of: "job-3.1"))
        #expect(shop.names(of: "job-3.1").last == "complete")
    }

    @Test func `told twice it stops at once and gives everything back`() throws {
        let shop = try Workshop()
        shop.give(shop.grant("echo ready; sleep 600"))
        try shop.open()
        #expect(shop.coordinator.waits(forOutput: "ready", of: "job-1.1"))
        shop.factory.stop()
        #expect(shop.drain())
        #expect(shop.names(of: "job-1.1") == ["started", "stopped drained"])
    }

    @Test func `a factory that was removed stops with a message and does not join anew`() throws {
        let shop = try Workshop()
        shop.give(shop.grant("echo ready; sleep 600"))
        try shop.open(mayFail: true)
        #expect(shop.coordinator.waits(forOutput: "ready", of: "job-1.1"))
        shop.coordinator.state.change { $0.isRemoved = true }
        #expect(shop.ends())
        let fault = shop.fault.read(\.self)
        #expect(fault?.code == "factory.removed")
        #expect(fault?.hint.contains("rm \(shop.root)/data/token") == true)
        #expect(shop.coordinator.state.read(\.tokens) == ["join-token-value"])
    }

    @Test func `a factory that was removed is told so when it starts again`() throws {
        let shop = try Workshop()
        shop.coordinator.state.change { $0.isRemoved = true }
        try shop.open(mayFail: true)
        #expect(shop.ends())
        #expect(shop.fault.read(\.self)?.code == "factory.removed")
        #expect(shop.coordinator.state.read(\.tokens).count == 1)
    }

    @Test func `two factories cannot work in one folder`() throws {
        let shop = try Workshop()
        let configuration = FactoryConfiguration(
            coordinator: "fake",
            name: "south",
            dataFolder: "\(shop.root)/data",
            environment: ["PATH": Executable.searchPath],
            say: { _ in }
        )
        #expect(throws: FactoryFault.self) {
            try FactoryAgent.Factory(configuration, link: shop.coordinator)
        }
    }

    @Test func `it joins with the join token and keeps its own for itself`() throws {
        let shop = try Workshop()
        try shop.open()
        #expect(shop.coordinator.waits { !$0.held.isEmpty })
        #expect(shop.coordinator.state.read(\.tokens) == ["join-token-value"])
        #expect(try shop.run("stat", "-c", "%a", "\(shop.root)/data/token") == "600")
        #expect(try shop.run("cat", "\(shop.root)/data/token").hasSuffix("own-token-of-north"))
    }
}
