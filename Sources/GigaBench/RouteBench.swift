import FleetModel
import Glibc
import JSONWriting
import Routing

/// Placements with the router's own parts: 10,000 factories of four stations in 200 shapes, and
/// jobs of 500 requirement classes and 100 products.
///
/// The fleet is overloaded, as it is when placing matters: eight claims wait at any time, and what
/// is placed is followed by another job.
struct RouteBench {
    private static let factories = 10_000
    private static let shapes = 200
    private static let classes = 500
    private static let products = 100
    private static let waiting = 8

    private var table = ClassTable()
    private var roster = Roster()
    private var ready = ReadyQueue()
    private var rarity = Rarity()
    private var names: [FactoryID] = []
    private var members: [Int] = []
    private let taken = FactoryCondition(isClaiming: false)
    private let asking = FactoryCondition(isClaiming: true)
    private var classIDs: [ClassID] = []
    private let productNames = (0..<Self.products).map { "product-\($0)" }
    private var open: [Int] = []
    private var lastJob: UInt64 = 0
    private var lastClaim = 0

    init() throws {
        let tags = (0..<40).map { "has:tool-\($0)" }
        var stated: [(FactSet, [StationKind])] = []
        for number in 0..<Self.shapes {
            var facts = ["os:linux", "arch:x64", "cores=\(4 + number % 60)"]
            facts += tags.indices.filter { (number * 31 + $0 * 17) % 10 < 6 }.map { tags[$0] }
            let kinds = (0..<2).map { step in
                StationKind(engine: "engine-\((number + step) % 5)", classes: ["coder"])
            }
            stated.append((try FactSet(parsing: facts), kinds))
        }
        for number in 0..<Self.classes {
            let wanted = [tags[number % 40], tags[(number * 7 + 3) % 40]]
            let demand: EngineDemand =
                number.isMultiple(of: 2) ? .engineClass("coder") : .engine("engine-\(number % 5)")
            let own = RequirementClass(
                requirements: try wanted.map { try Requirement(parsing: $0) },
                demand: demand,
                repository: "repo-\(number % 20)"
            )
            classIDs.append(table.intern(own))
        }
        for number in 0..<Self.factories {
            let (facts, kinds) = stated[number % Self.shapes]
            let view = FactoryView(
                id: FactoryID("factory-\(number)"),
                facts: facts,
                stations: kinds.map { StationGroup(kind: $0, total: 2, free: 0) },
                isClaiming: false
            )
            names.append(view.id)
            rarity.add(facts)
            let shape = table.intern(view.shape)
            members.append(roster.set(view, shape: shape, takesShip: false))
        }
    }

    private mutating func queue(_ count: Int) {
        for _ in 0..<count {
            lastJob += 1
            let job = lastJob
            ready.insert(
                JobID(job),
                class: classIDs[Int(job &* 31 % UInt64(Self.classes))],
                product: productNames[Int(job % UInt64(Self.products))],
                priority: job.isMultiple(of: 50) ? .high : .medium,
                submittedAt: Instant(milliseconds: Int64(job))
            )
        }
    }

    /// A factory's claim comes, or is used up.
    private mutating func offer(_ number: Int, _ isOpen: Bool) {
        roster.change(members[number], to: isOpen ? asking : taken, takesShip: false) { _ in
            isOpen ? 1 : 0
        }
        if isOpen { open.append(number) } else { open.removeAll { $0 == number } }
    }

    private mutating func place() -> Int {
        while open.count < Self.waiting {
            // A step that is prime to their number visits each of them.
            lastClaim = (lastClaim + 7_919) % Self.factories
            let number = lastClaim
            if !open.contains(number) { offer(number, true) }
        }
        let offered = roster.classesOnOffer(in: table)
        guard let choice = ready.best(among: offered) else { return 0 }
        let job = JobView(
            id: choice.job,
            requirementClass: table[choice.requirementClass],
            product: choice.product,
            priority: choice.priority,
            submittedAt: choice.submittedAt
        )
        let assignment = roster.place(
            job,
            of: choice.requirementClass,
            in: table,
            rarity: rarity,
            seed: choice.job.number,
            precedence: Precedence(choice, terms: .standard, at: choice.submittedAt)
        )
        ready.remove(choice.job)
        ready.set(choice.time + 1, of: choice.product)
        if let winner = assignment?.factory {
            for number in open where names[number] == winner { offer(number, false) }
        }
        queue(1)
        return assignment?.record.bytes.count ?? 0
    }

    /// Prints a line for each number of queued jobs.
    static func run() throws {
        var bench = try RouteBench()
        var first = 0.0
        for queued in [10_000, 100_000, 1_000_000] {
            let before = ProcessFigures.residentBytes(of: "self")
            let added = queued - bench.ready.count
            bench.queue(added)
            let each = (ProcessFigures.residentBytes(of: "self") - before) / Int64(added)
            var times: [Int64] = []
            times.reserveCapacity(4_000_000)
            var bytes = 0
            for _ in 0..<2_000 { bytes += bench.place() }
            let begun = Moment.now
            // One look at the clock each: it ends a placement and begins the next.
            var start = begun
            while start - begun < 3_000_000_000 {
                bytes += bench.place()
                let end = Moment.now
                times.append(end - start)
                start = end
            }
            let samples = Samples(times)
            let mean = Double(start - begun) / Double(times.count)
            first = first == 0 ? mean : first
            print(
                "\(queued) queued: \(Int(1_000_000_000 / mean)) explained placements a second, "
                    + "mean \(Int(mean)) ns (\(Int(mean / first * 100)) % of the first), "
                    + "p99 \(samples.percentile(99)) ns, worst \(samples.percentile(100)) ns, "
                    + "\(each) bytes a queued job, record of \(bytes / (times.count + 2_000)) bytes"
            )
        }
    }
}
