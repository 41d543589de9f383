import FleetModel
import Testing

@testable import Routing

/// What is stored of a placement is read by whoever asks, also when the disk did not keep it.
@Suite struct PlacementRecordTests {
    /// The record of a job with a wish of each kind, at one of sixty factories.
    private static func record() throws -> PlacementRecord {
        var random = SeededRandom(5)
        var table = ClassTable()
        var roster = Roster()
        let kind = StationKind(engine: "claude", classes: ["agentic-coder"])
        for number in 0..<60 {
            var view = try RandomFleet.factory(number, using: &random)
            view.stations = [StationGroup(kind: kind, total: 4, free: number % 3)]
            view.rareCapabilities = ["gpu"]
            roster.set(view, shape: table.intern(view.shape), takesShip: false)
        }
        let job = JobView(
            id: JobID(300),
            requirementClass: RequirementClass(
                requirements: [try Requirement(parsing: "not:os:plan9")],
                demand: .engineClass("agentic-coder"),
                repository: "shop"
            ),
            prefers: [
                .engine("claude"), .factory("f3"), .fact(try Requirement(parsing: "node>=20")),
            ],
            budgetLeft: Budget(microUSD: 5_000_000)
        )
        let id = table.intern(job.requirementClass)
        var queue = ReadyQueue()
        queue.insert(job.id, class: id, product: "wéb", priority: .high, submittedAt: .epoch)
        queue.insert(JobID(2), class: id, product: "b", priority: .low, submittedAt: .epoch)
        queue.set(7, of: "b")
        let best = queue.best(among: roster.classesOnOffer(in: table))
        let choice = try #require(best)
        let placed = roster.place(
            job,
            of: id,
            in: table,
            seed: .max - 1,
            precedence: Precedence(choice, terms: .standard, at: Instant(milliseconds: 90_000))
        )
        return try #require(placed).record
    }

    @Test func `a record says what it was made from`() throws {
        let explanation = try Self.record().explanation()
        #expect(explanation.candidates.count == 5 && explanation.rejectedByReason.count > 1)
        #expect(explanation.precedence?.product == "wéb" && explanation.precedence?.rival == "b")
        #expect(explanation.inputs?.prefers.count == 3 && explanation.seed == .max - 1)
        #expect(explanation.matched.map(\.requirement.text) == ["not:os:plan9"])
        #expect(try DecisionReplay(explanation).differences == [])
    }

    @Test func `a record that ends too early is damaged, wherever it ends`() throws {
        let bytes = try Self.record().bytes
        for count in bytes.indices {
            #expect(throws: PlacementRecord.Fault.self) {
                try PlacementRecord(Array(bytes.prefix(count))).explanation()
            }
        }
        #expect(throws: PlacementRecord.Fault.self) {
            try PlacementRecord(bytes + [0]).explanation()
        }
    }

    @Test func `a flipped bit is a fault or another decision, and never a crash`() throws {
        let record = try Self.record()
        let whole = try record.explanation()
        var faults = 0
        for place in record.bytes.indices {
            for bit in 0..<8 {
                var bytes = record.bytes
                bytes[place] ^= 1 << UInt8(bit)
                do {
                    let read = try PlacementRecord(bytes).explanation()
                    #expect(read != whole, "bit \(bit) of byte \(place) says nothing")
                    _ = try DecisionReplay(read)
                } catch is PlacementRecord.Fault { faults += 1 }
            }
        }
        #expect(faults > record.bytes.count)
    }

    @Test func `records of other forms are told apart`() throws {
        let bytes = try Self.record().bytes
        #expect(PlacementRecord.isCompact(bytes) && !PlacementRecord.isCompact(Array("{}".utf8)))
        #expect(throws: PlacementRecord.Fault.unknownVersion(2)) {
            try PlacementRecord([2] + bytes.dropFirst()).explanation()
        }
        #expect(PlacementRecord.Fault.unknownVersion(2).description.contains("2"))
        #expect(throws: PlacementRecord.Fault.damaged(at: 0, "it ends too early")) {
            try PlacementRecord([]).explanation()
        }
    }

    @Test(arguments: UInt64(1)...20)
    func `numbers of every size are read as they were written`(seed: UInt64) throws {
        var random = SeededRandom(seed)
        var numbers = [UInt64.min, .max, 127, 128, 1 << 63]
        for shift in UInt64(0)..<64 { numbers.append(random.next() >> shift) }
        var buffer = RecordBuffer(capacity: 1)
        for number in numbers {
            buffer.put(number)
            buffer.put(signed: Int64(bitPattern: number))
            buffer.put(whole: number)
            buffer.put("\(number)")
        }
        var reader = RecordReader(buffer.bytes)
        for number in numbers {
            #expect(try reader.number() == number)
            #expect(try reader.signed() == Int64(bitPattern: number))
            #expect(try reader.whole() == number)
            #expect(try reader.text() == "\(number)")
        }
        #expect(reader.isAtEnd)
    }
}

@Suite struct JobPlacesTests {
    @Test(arguments: UInt64(1)...20)
    func `a job is found where it was put last`(seed: UInt64) {
        var random = SeededRandom(seed)
        var places = JobPlaces()
        var known: [UInt64: UInt64] = [:]
        for step in UInt64(1)...3_000 {
            // Some close together, some far apart, some that share all their lower bits.
            let near = UInt64.random(in: 0..<200, using: &random)
            let job = [near, near << 20, near << 40, .max - near][Int(step % 4)]
            if random.chance(55) {
                let before = places.update(job, JobPlaces.Place(heap: 3, stamp: step))
                #expect(before?.stamp == known.updateValue(step, forKey: job))
            } else {
                #expect(places.remove(job)?.stamp == known.removeValue(forKey: job))
            }
            #expect(places[job]?.stamp == known[job] && places.count == known.count)
        }
    }
}
