package import FleetCore
import FleetModel

import struct Routing.SharingTerms

/// A whole fleet in virtual time from one seed: people, factories, a network, a store, an origin,
/// and everything that goes wrong with them.
///
/// All that is stored is held against the invariants; at the end the faults stop, and whatever
/// does not wait for a person must come to an end.
package struct FleetSimulation {
    package internal(set) var check = HistoryCheck()
    package internal(set) var fleet: TestFleet
    package internal(set) var store = SimulatedStore()
    package internal(set) var remote = SimulatedRemote()
    /// How many commands the fleet was asked, those that a crash made forgotten too.
    package internal(set) var commands = 0
    /// Looks at the fleet after each command, and says what is wrong with it.
    package var inspect: ((borrowing Fleet) -> String?)?

    let seed: UInt64
    let mood: SimulatedMood
    var random: SeededRandom
    /// Processes, those that were replaced and live on among them.
    var factories: [SimulatedFactory]
    var coordinator = SimulatedCoordinator()
    var mail: [SimulatedLetter] = []
    /// The time that no clock shows; the coordinator's is `fleet.now`.
    var world = Instant.epoch
    var isCalm = false

    /// With `batch` the fleet gets a twin whose finished jobs leave memory.
    package init(seed: UInt64, twinWithBatch batch: Int? = nil) {
        self.seed = seed
        random = SeededRandom(seed: seed)
        mood = random.pick(SimulatedMood.allCases)
        let repository: Repository = random.oneIn(4) ? .unproven : .shop
        // Steps are seconds apart: what is a moment to a fleet would pass unseen between two.
        fleet = TestFleet(
            repository: repository,
            sharing: SharingTerms(patience: .seconds(10)),
            twinWithBatch: batch
        )
        factories = []
        for number in 1...random.number(in: 1...3) {
            let extras = random.oneIn(2) ? ["gpu"] : []
            factories.append(SimulatedFactory(id: FactoryID("f\(number)"), extras: extras))
        }
        coordinator.batches += 1
        store.commit(coordinator.batches, fleet.events[...])
        catchUp()
        for factory in factories { perform(.register(factory.registration), from: nil) }
    }

    /// Runs one seed to its end; `skipping` leaves single steps out, and changes no other.
    package static func run(
        seed: UInt64,
        steps: Int = 200,
        twinWithBatch batch: Int? = nil,
        skipping: Set<Int> = []
    ) -> FleetSimulation {
        var simulation = FleetSimulation(seed: seed, twinWithBatch: batch)
        simulation.run(steps: steps, skipping: skipping)
        return simulation
    }

    /// So many steps with faults, and then the end.
    package mutating func run(steps: Int, skipping: Set<Int> = []) {
        for number in 0..<steps where !skipping.contains(number) {
            // Each step draws from numbers of its own, so that leaving one out changes no other.
            random = SeededRandom(seed: (seed &+ 1) &* 0x2545_F491_4F6C_DD1D &+ UInt64(number))
            step()
        }
        calmDown()
    }

    /// The same for the same events, in any process.
    package var digest: String {
        let lines = store.events.map { event in
            "\(event.position) \(event.product) \(event.seq) \(event.at.milliseconds) "
                + "\(event.kind.rawValue) \(event.actor) \(event.job?.number ?? 0) "
                + "\(event.fence ?? 0) \(event.attempt ?? 0) \(event.factory?.name ?? "")"
        }
        return Digest(sha256: lines.joined(separator: "\n")).hex
    }

    private mutating func step() {
        switch random.number(in: 0...19) {
        case 0...4: pass(Timespan(milliseconds: Int64(random.number(in: 0...9000))))
        case 5: stall()
        case 6...8: actAsPerson()
        case 9: failSomehow()
        default: actAsFactory(random.number(in: 0...factories.count - 1))
        }
        deliver()
        if !coordinator.inbox.isEmpty, random.oneIn(2) { serve() }
    }

    // MARK: Time

    /// Time passes, and the coordinator looks at its clock.
    mutating func pass(_ span: Timespan) {
        wait(span)
        deliver()
        serve()
    }

    /// Time passes, and nobody notices.
    mutating func wait(_ span: Timespan) {
        world = world.advanced(by: span)
        fleet.clock.advance(by: span)
    }

    private mutating func stall() {
        if random.oneIn(4) {
            check.note("fault: the clock jumped ahead")
            fleet.clock.advance(by: .seconds(Int64(random.number(in: 1...3600))))
        } else {
            check.note("fault: a stall")
            wait(.seconds(Int64(random.number(in: 10...100))))
        }
        deliver()
        serve()
    }

    // MARK: Commands

    /// Puts a command to the coordinator, and has all that waits answered.
    mutating func perform(_ command: Command, from sender: SimulatedProcess?) {
        coordinator.inbox.append(.init(command: command, sender: sender))
        while !coordinator.inbox.isEmpty { serve() }
        deliver()
    }

    /// A person's command; it may get lost, and a client that hears nothing asks again.
    mutating func ask(_ command: Command) {
        if !isCalm, random.oneIn(20) { return check.note("fault: a request lost") }
        let copies = !isCalm && random.oneIn(20) ? 2 : 1
        for _ in 0..<copies { coordinator.inbox.append(.init(command: command, sender: nil)) }
    }

    func index(of process: SimulatedProcess) -> Int? {
        factories.firstIndex { $0.id == process.factory && $0.boots == process.boots }
    }
}
