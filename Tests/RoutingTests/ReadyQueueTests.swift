import FleetModel
import Routing
import Testing

@Suite struct ReadyQueueTests {
    private func requirementClass(_ number: Int) throws -> RequirementClass {
        RequirementClass(
            requirements: [try Requirement(parsing: "has:tool-\(number)")],
            demand: .engineClass("script")
        )
    }

    /// The job of that class that is served first.
    private func head(of class: ClassID, in queue: inout ReadyQueue) -> JobID? {
        var only = ClassSet()
        only.insert(`class`)
        return queue.best(among: only)?.job
    }

    @Test func `nothing comes out of an empty queue, and removing a stranger does nothing`() throws
    {
        var table = ClassTable()
        var queue = ReadyQueue()
        let only = table.intern(try requirementClass(1))
        queue.remove(JobID(1))
        var all = ClassSet()
        all.insert(only)
        #expect(queue.best(among: all) == nil)
        #expect(head(of: only, in: &queue) == nil)
        #expect(queue.count == 0 && !queue.holds("main", among: all) && !queue.contains(JobID(1)))
    }

    @Test func `a job that is put in again moves and is there once`() throws {
        var table = ClassTable()
        var queue = ReadyQueue()
        let one = table.intern(try requirementClass(1))
        let two = table.intern(try requirementClass(2))
        queue.insert(JobID(1), class: one, product: "main", priority: .low, submittedAt: .epoch)
        queue.insert(JobID(2), class: one, product: "main", priority: .medium, submittedAt: .epoch)
        queue.insert(
            JobID(1),
            class: one,
            product: "main",
            priority: .critical,
            submittedAt: .epoch
        )
        #expect(head(of: one, in: &queue) == JobID(1))
        queue.insert(JobID(1), class: two, product: "main", priority: .low, submittedAt: .epoch)
        #expect(head(of: one, in: &queue) == JobID(2) && head(of: two, in: &queue) == JobID(1))
        #expect(queue.requirementClass(of: JobID(1)) == two)
        #expect(queue.count == 2)
        queue.remove(JobID(1))
        #expect(head(of: two, in: &queue) == nil && head(of: one, in: &queue) == JobID(2))
    }

    @Test(arguments: UInt64(1)...40)
    func `it serves what a sorted list would`(seed: UInt64) throws {
        var random = SeededRandom(seed)
        var table = ClassTable()
        var queue = ReadyQueue()
        let classes = try (0..<130).map { table.intern(try requirementClass($0)) }
        var model: [UInt64: (rank: Int, at: Int64, class: ClassID)] = [:]
        for _ in 0..<1500 {
            let number = UInt64.random(in: 1...150, using: &random)
            if random.chance(55) {
                let priority = Priority.allCases[Int.random(in: 0..<4, using: &random)]
                let at = Int64.random(in: 0...9, using: &random)
                // Few classes have most jobs, so that heaps grow, shrink and are rebuilt.
                let index = random.chance(70) ? 0 : Int.random(in: 0..<130, using: &random)
                let id = classes[index]
                queue.insert(
                    JobID(number),
                    class: id,
                    product: "main",
                    priority: priority,
                    submittedAt: Instant(milliseconds: at)
                )
                model[number] = (priority.rank, at, id)
            } else {
                queue.remove(JobID(number))
                model[number] = nil
            }
            var asked = ClassSet()
            for id in random.some(of: classes, percent: 50) { asked.insert(id) }
            let wanted = model.filter { asked.contains($0.value.class) }.min { left, right in
                (left.value.rank, left.value.at, left.key)
                    < (right.value.rank, right.value.at, right.key)
            }
            let got = queue.best(among: asked)
            #expect(got?.job.number == wanted?.key && got?.requirementClass == wanted?.value.class)
            #expect(queue.count == model.count)
        }
    }

    /// Most jobs come in the order of their age, some late, and some leave from the middle.
    @Test(arguments: UInt64(1)...20)
    func `one class is served by age, whoever comes late and whoever leaves`(seed: UInt64) throws {
        var random = SeededRandom(seed)
        var table = ClassTable()
        let id = table.intern(try requirementClass(0))
        var queue = ReadyQueue()
        var model: [(at: Int64, number: UInt64)] = []
        var last: UInt64 = 0
        let late = Int.random(in: 0...30, using: &random)
        for step in 0..<3_000 {
            // It grows at first, and runs empty now and then.
            if random.chance(step < 1_500 ? 60 : 40) {
                last += 1
                let now = Int64(last) * 2
                let at = random.chance(late) ? Int64.random(in: 0...now, using: &random) : now
                let moved = random.chance(5) ? model.randomElement(using: &random)?.number : nil
                let number = moved ?? last
                queue.insert(
                    JobID(number),
                    class: id,
                    product: "main",
                    priority: .medium,
                    submittedAt: Instant(milliseconds: at)
                )
                model.removeAll { $0.number == number }
                let place = model.firstIndex { (at, number) < ($0.at, $0.number) } ?? model.count
                model.insert((at, number), at: place)
            } else if !model.isEmpty {
                let isNext = random.chance(70)
                let place = isNext ? 0 : Int.random(in: 0..<model.count, using: &random)
                queue.remove(JobID(model.remove(at: place).number))
            }
            #expect(head(of: id, in: &queue)?.number == model.first?.number)
            #expect(queue.count == model.count)
        }
    }

    /// Comparisons per job to fill a queue of `size` and to place and replace a thousand.
    private func cost(of size: Int) throws -> (filling: Int, placing: Int) {
        var random = SeededRandom(7)
        var table = ClassTable()
        var queue = ReadyQueue()
        let classes = try (0..<50).map { table.intern(try requirementClass($0)) }
        var all = ClassSet()
        for id in classes { all.insert(id) }
        func put(_ number: Int) {
            queue.insert(
                JobID(UInt64(number)),
                class: classes[number % 50],
                product: "main",
                priority: .medium,
                submittedAt: Instant(milliseconds: Int64.random(in: 0...1_000_000, using: &random))
            )
        }
        for number in 1...size { put(number) }
        let filling = queue.comparisons
        for number in 1...1000 {
            let next = queue.best(among: all)
            queue.remove(try #require(next).job)
            put(size + number)
        }
        return (filling / size, (queue.comparisons - filling) / 1000)
    }

    @Test func `a placement costs nearly the same among a hundred times as many jobs`() throws {
        let few = try cost(of: 1000)
        let many = try cost(of: 100_000)
        #expect(few.placing > 0 && many.placing < 3 * few.placing, "\(few) against \(many)")
        #expect(many.filling < 20)
    }

    @Test func `jobs that leave from the middle cost little and leave nothing behind`() throws {
        var table = ClassTable()
        var queue = ReadyQueue()
        let only = table.intern(try requirementClass(1))
        for number in UInt64(1)...10_000 {
            queue.insert(
                JobID(number),
                class: only,
                product: "main",
                priority: .medium,
                submittedAt: .epoch
            )
        }
        let before = queue.comparisons
        for number in (UInt64(2)...10_000).reversed() { queue.remove(JobID(number)) }
        #expect(head(of: only, in: &queue) == JobID(1) && queue.count == 1)
        #expect(queue.comparisons - before < 10 * 10_000)
    }
}

@Suite struct ClassTableTests {
    @Test func `requirements are matched once for each class and shape, not for each job`() throws {
        var random = SeededRandom(3)
        var table = ClassTable()
        let fleet = try (0..<40).map { try RandomFleet.factory($0, using: &random) }
        let jobs = try (1...300).map { try RandomFleet.job($0, using: &random) }
        for factory in fleet { _ = table.intern(factory.shape) }
        for job in jobs { _ = table.intern(job.requirementClass) }
        let shapes = Set(fleet.map(\.shape)).count
        let classes = Set(jobs.map(\.requirementClass)).count
        #expect(table.matchings == shapes * classes)
        #expect(table.count == classes && table.all.count == classes)
        for _ in 0..<3 {
            for factory in fleet {
                let shape = table.intern(factory.shape)
                #expect(table[shape] == factory.shape)
                _ = table.served(by: shape)
            }
            for job in jobs {
                #expect(table[table.intern(job.requirementClass)] == job.requirementClass)
            }
        }
        #expect(table.matchings == shapes * classes)
    }

    @Test func `the order of requirements and stations makes no second class or shape`() throws {
        var table = ClassTable()
        let gpu = try Requirement(parsing: "gpu")
        let node = try Requirement(parsing: "node>=20")
        let one = RequirementClass(requirements: [gpu, node, gpu], demand: .none)
        let other = RequirementClass(requirements: [node, gpu], demand: .none)
        #expect(table.intern(one) == table.intern(other))
        let shape = FactoryShape(facts: FactSet(), stations: RandomFleet.kinds)
        let turned = FactoryShape(facts: FactSet(), stations: RandomFleet.kinds.reversed())
        #expect(table.intern(shape) == table.intern(turned))
        #expect(table.served(by: table.intern(shape)).contains(table.intern(one)) == false)
    }

    @Test func `a ship run needs the right to push and no engine`() throws {
        let job = RequirementClass(
            requirements: [try Requirement(parsing: "node>=20")],
            demand: .engine("claude")
        )
        let ship = try job.shipping(to: "shop")
        #expect(ship.demand == .none && ship.repository == "shop")
        #expect(!RandomFleet.kinds.contains(where: ship.demand.fits))
        #expect("\(ship.demand)" == "no engine")
        #expect(ship.requirements.map(\.text) == ["node>=20", "push:shop"])
        #expect(throws: RequirementFault.self) { try job.shipping(to: "no such") }
    }

    @Test func `what is rare changes as factories come and go`() throws {
        var rarity = Rarity()
        let mac = try FactSet(parsing: ["os:darwin", "has:xcode=15", "has:xcode=16", "cores=8"])
        let linux = try FactSet(parsing: ["os:linux"])
        rarity.add(mac)
        #expect(rarity.rare(in: mac).isEmpty)
        for _ in 0..<7 { rarity.add(linux) }
        #expect(rarity.rare(in: mac) == ["has:xcode", "os:darwin"])
        #expect(rarity.rare(in: linux).isEmpty)
        rarity.add(mac)
        #expect(rarity.rare(in: mac) == ["has:xcode", "os:darwin"])
        rarity.add(mac)
        #expect(rarity.rare(in: mac).isEmpty)
        rarity.remove(mac)
        #expect(rarity.rare(in: mac) == ["has:xcode", "os:darwin"])
    }
}
