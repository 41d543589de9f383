import FleetModel
import Processes
import Testing

@testable import FactoryAgent

/// What a factory's heartbeats say of facts: all that the coordinator does not have, whenever found.
@Suite struct HeartbeatFactsTests {
    private let shop: Workshop
    private let push: Fact

    init() throws {
        shop = try Workshop()
        push = try Fact(parsing: "push:shop")
        #expect(try shop.factory.register())
    }

    private func isKnown(_ expected: Bool) -> Bool {
        shop.coordinator.waits { [push] in $0.facts.contains(push) == expected }
    }

    private func find(_ facts: [Fact]) {
        shop.factory.state.change { state in
            state.repositoryFacts = facts
            state.beatsNow = true
        }
    }

    private func beating(_ body: () throws -> Void) throws {
        try shop.factory.start(shop.factory.heartbeats)
        defer {
            let state = shop.factory.state
            state.change { $0.phase = .over }
            _ = state.wait(until: .after(.seconds(10))) { $0.threads == 0 ? true : nil }
        }
        try body()
    }

    @Test func `What is found between joining and the first heartbeat is told`() throws {
        find([push])
        try beating { #expect(isKnown(true)) }
    }

    @Test func `What was told in a heartbeat without a reply is taken back when it ends`() throws {
        shop.coordinator.state.change { $0.isSilent = true }
        find([push])
        try beating {
            #expect(isKnown(true))
            find([])
            shop.coordinator.state.change { $0.isSilent = false }
            #expect(isKnown(false))
        }
    }

    @Test func `What the coordinator has is not said again`() throws {
        let joined = shop.coordinator.state.change { state in
            defer { state.facts = [] }
            return state.facts
        }
        #expect(!joined.isEmpty)
        try beating {
            #expect(shop.coordinator.waits { !$0.held.isEmpty })
            #expect(shop.coordinator.state.read(\.facts) == [])
        }
    }
}
