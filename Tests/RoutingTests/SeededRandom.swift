import FleetModel
import Routing

/// SplitMix64: the same fleet for the same seed, so that a failure can be seen again.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    /// Some of those, each with that chance.
    mutating func some<Element>(of all: [Element], percent: Int) -> [Element] {
        all.filter { _ in chance(percent) }
    }
}

/// Random fleets and jobs out of few enough words that they often fit.
enum RandomFleet {
    static let facts = [
        "os:linux", "os:windows", "node=18.2", "node=20.11.0", "node=23", "gpu", "gpu.vram=80GiB",
        "has:docker", "has:xcode", "repo:shop", "push:shop", "cores=8", "engine:claude=2.1.4",
    ]
    static let needs = [
        "os:linux", "os:any", "node>=20", "node>=20,<23", "gpu.vram>=24GiB", "has:docker", "gpu",
        "not:os:windows", "not:has:xcode", "push:shop", "engine:claude>=2.1,<3",
    ]
    static let kinds = [
        StationKind(engine: "shell", classes: ["script"]),
        StationKind(engine: "claude", classes: ["agentic-coder", "reviewer"]),
        StationKind(engine: "codex", classes: ["agentic-coder"]),
    ]

    static func factory(_ number: Int, using random: inout SeededRandom) throws -> FactoryView {
        let stations = random.some(of: kinds, percent: 60).map { kind in
            let total = Int.random(in: 1...4, using: &random)
            return StationGroup(
                kind: kind,
                total: total,
                free: Int.random(in: 0...total, using: &random),
                expectedMicroUSD: random.chance(50)
                    ? Int64.random(in: 0...900, using: &random) : nil
            )
        }
        return FactoryView(
            id: FactoryID("f\(number)"),
            facts: try FactSet(parsing: random.some(of: facts, percent: 40)),
            stations: stations,
            isClaiming: random.chance(90),
            isDraining: random.chance(10),
            isLate: random.chance(20),
            loadPPM: Int.random(in: 0...2, using: &random) * 500_000,
            costClass: Int.random(in: 0...1, using: &random),
            warmRepositories: random.chance(30) ? ["shop"] : [],
            lastProducts: random.chance(30) ? ["web"] : [],
            recentAssignments: Int.random(in: 0...3, using: &random)
        )
    }

    static func job(_ number: UInt64, using random: inout SeededRandom) throws -> JobView {
        let demands: [EngineDemand] = [
            .engineClass("script"), .engineClass("agentic-coder"), .engine("codex"), .none,
        ]
        return JobView(
            id: JobID(number),
            requirementClass: RequirementClass(
                requirements: try random.some(of: needs, percent: 12).map {
                    try Requirement(parsing: $0)
                },
                demand: demands.randomElement(using: &random) ?? .none,
                repository: random.chance(50) ? "shop" : nil
            ),
            prefers: random.chance(30) ? [.engine("claude"), .factory("f3")] : [],
            product: random.chance(50) ? "web" : "main",
            priority: Priority.allCases.randomElement(using: &random) ?? .medium,
            submittedAt: Instant(milliseconds: Int64.random(in: 0...20, using: &random)),
            budgetLeft: Budget(microUSD: random.chance(30) ? 1000 : nil)
        )
    }
}
