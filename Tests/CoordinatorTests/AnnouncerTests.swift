import FleetModel
import Processes
import Testing

@testable import Coordinator

/// Readers hear of a commit before whoever waits for its answer, in the order of the commits, and
/// on whichever thread: the writer's own while nobody waits for it.
@Suite struct AnnouncerTests {
    private let told = Monitor<[String]>([])
    private let gate = Monitor(false)

    private func announcement(_ position: UInt64, _ names: String...) -> Announcement {
        let event = Event(
            position: position,
            product: "fleet",
            seq: position,
            at: .epoch,
            actor: .coordinator,
            body: .fleetResumed(Reason(""))
        )
        var publication = Publication()
        publication.events = [event]
        return Announcement(
            publication: publication,
            answers: names.map { name in { [told] in told.change { $0.append(name) } } }
        )
    }

    private func announcer() throws -> Announcer {
        let announcer = Announcer { [told] publication in
            told.change { $0 += publication.events.map { "event \($0.position)" } }
        }
        try announcer.start()
        return announcer
    }

    /// Holds the announcer's thread until `gate` opens.
    private var held: Announcement {
        Announcement(
            publication: nil,
            answers: [
                { [gate, told] in
                    told.change { $0.append("held") }
                    _ = gate.wait { $0 ? true : nil }
                }
            ]
        )
    }

    @Test func `A writer for whom nobody waits tells by itself, before it goes on`() throws {
        let announcer = try announcer()
        announcer.announce(announcement(1, "a", "b"), hasMore: false)
        #expect(told.read { $0 } == ["event 1", "a", "b"])
        announcer.stop()
    }

    @Test func `Under load another thread tells, and the order stays`() throws {
        let announcer = try announcer()
        announcer.announce(held, hasMore: true)
        announcer.announce(announcement(1, "a"), hasMore: true)
        // Nobody waits any more, and yet it is not its turn.
        announcer.announce(announcement(2, "b"), hasMore: false)
        _ = told.wait { $0 == ["held"] ? true : nil }
        gate.change { $0 = true }
        announcer.stop()
        #expect(told.read { $0 } == ["held", "event 1", "a", "event 2", "b"])
    }

    @Test func `The writer waits before readers fall far behind`() throws {
        let announcer = try announcer()
        announcer.announce(held, hasMore: true)
        _ = told.wait { $0.isEmpty ? nil : true }
        let announced = Monitor(0)
        try DedicatedThread.start {
            for number in 1...UInt64(Announcer.limit + 1) {
                announcer.announce(announcement(number), hasMore: true)
                announced.change { $0 += 1 }
            }
        }
        _ = announced.wait { $0 == Announcer.limit ? true : nil }
        let surplus = announced.wait(until: .after(.milliseconds(50))) {
            $0 > Announcer.limit ? true : nil
        }
        #expect(surplus == nil, "it was announced although \(Announcer.limit) are untold")
        gate.change { $0 = true }
        _ = announced.wait { $0 == Announcer.limit + 1 ? true : nil }
        announcer.stop()
        #expect(told.read { $0.count } == Announcer.limit + 2)
    }
}
