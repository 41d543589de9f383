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
    private var views: [FactoryView] = []
    private var shapeOf: [ShapeID] = []
    private var capabilities: [[String]] = []
    private var classIDs: [ClassID] = []
    private var requirementClasses: [RequirementClass] = []
    private let productNames = (0..<Self.products).map { "product-\($0)" }
    private var open: [Int] = []
    private var lastJob: UInt64 = 0
    private var random = SplitMix(state: 42)

    init() throws {
        let tags = (0..<40).map { "has:tool-\($0)" }
        var stated: [(FactSet, [StationKind])] = []
        for number in 0..<Self.shapes {
            var facts = ["os:linux", "arch:x64", "cores=\(4 + number % 60)"]
            facts += tags.filter { _ in random.below(10) < 6 }
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
            requirementClasses.append(own)
            classIDs.append(table.intern(own))
        }
        for number in 0..<Self.factories {
            let (facts, kinds) = stated[number % Self.shapes]
            let groups = kinds.map { StationGroup(kind: $0, total: 2, free: 0) }
            let view = FactoryView(
                id: FactoryID("factory-\(number)"),
                facts: facts,
                stations: groups,
                isClaiming: false
            )
            shapeOf.append(table.intern(view.shape))
            capabilities.append(Rarity.names(in: facts))
            rarity.add(facts)
            views.append(view)
            roster.set(view.id, (shapeOf[number], view, false))
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
        views[number].isClaiming = isOpen
        for index in views[number].stations.indices {
            views[number].stations[index].free = isOpen ? 1 : 0
        }
        roster.set(views[number].id, (shapeOf[number], views[number], false))
        if isOpen { open.append(number) } else { open.removeAll { $0 == number } }
    }

    private mutating func place() -> Int {
        while open.count < Self.waiting {
            let number = random.below(Self.factories)
            if !open.contains(number) { offer(number, true) }
        }
        var classes = ClassSet()
        for number in open {
            classes.formUnion(
                table.claimable(by: shapeOf[number], stations: views[number].stations)
            )
        }
        guard let choice = ready.best(among: classes) else { return 0 }
        let wanted = requirementClasses[choice.requirementClass.index]
        let job = JobView(
            id: choice.job,
            requirementClass: wanted,
            product: choice.product,
            priority: choice.priority,
            submittedAt: choice.submittedAt
        )
        var candidates: [FactoryView] = []
        for id in roster.open(to: choice.requirementClass, in: table) {
            guard var view = roster.view(of: id),
                let number = open.first(where: { views[$0].id == id })
            else { continue }
            view.rareCapabilities = rarity.rare(among: capabilities[number])
            candidates.append(view)
        }
        let placement = Router.place(
            job,
            candidates: candidates,
            passedOver: roster.passedOver(for: choice.requirementClass, in: table),
            seed: choice.job.number
        )
        let record = placement.explanation.json
        ready.remove(choice.job)
        ready.set(choice.time + 1, of: choice.product)
        if let winner = placement.factory,
            let number = open.first(where: { views[$0].id == winner })
        {
            offer(number, false)
        }
        queue(1)
        return record.count
    }

    /// Prints a line for each number of queued jobs.
    static func run() throws {
        var bench = try RouteBench()
        var first = 0.0
        for queued in [10_000, 100_000, 1_000_000] {
            let before = residentBytes
            let added = queued - bench.ready.count
            bench.queue(added)
            let each = (residentBytes - before) / Int64(added)
            var times: [Int64] = []
            var bytes = 0
            for _ in 0..<2_000 { bytes += bench.place() }
            let begun = Moment.now
            while Moment.now - begun < 3_000_000_000 {
                let start = Moment.now
                bytes += bench.place()
                times.append(Moment.now - start)
            }
            let samples = Samples(times)
            let mean = Double(Moment.now - begun) / Double(times.count)
            first = first == 0 ? mean : first
            print(
                "\(queued) queued: \(Int(1_000_000_000 / mean)) explained placements a second, "
                    + "mean \(Int(mean)) ns (\(Int(mean / first * 100)) % of the first), "
                    + "p99 \(samples.percentile(99)) ns, worst \(samples.percentile(100)) ns, "
                    + "\(each) bytes a queued job, record of \(bytes / (times.count + 2_000)) bytes"
            )
        }
    }

    /// What the kernel says this process has in memory.
    private static var residentBytes: Int64 {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var (size, resident): (Int, Int) = (0, 0)
        _ = withUnsafeMutablePointer(to: &size) { size in
            withUnsafeMutablePointer(to: &resident) { resident in
                withVaList([size, resident]) { vfscanf(file, "%ld %ld", $0) }
            }
        }
        return Int64(resident) * Int64(sysconf(Int32(_SC_PAGESIZE)))
    }
}

/// Numbers that are the same in each run (splitmix64, Steele and others, 2014).
private struct SplitMix {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
