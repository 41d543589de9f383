import FleetModel

/// What factories have in common that differ in numbers alone: facts, kinds of stations in their
/// order, and the checkouts that are warm there.
struct Layout: Sendable {
    struct Key: Hashable, Sendable {
        let shape: ShapeID
        let kinds: [StationKind]
        let warmRepositories: Set<String>
        /// As its factories' views say; `Rarity` may know better.
        let rareCapabilities: [String]

        /// Whether those are what the view has.
        @inline(__always)
        static func agree(
            _ kinds: [StationKind],
            _ warmRepositories: Set<String>,
            _ rareCapabilities: [String],
            with view: FactoryView
        ) -> Bool {
            guard kinds.count == view.stations.count, warmRepositories == view.warmRepositories,
                rareCapabilities == view.rareCapabilities
            else { return false }
            for index in kinds.indices where kinds[index] != view.stations[index].kind {
                return false
            }
            return true
        }
    }

    let key: Key
    let facts: FactSet
    /// Those that may be rare.
    let capabilities: [String]
    /// The kinds as a record has them.
    let codedKinds: CodedBytes.Piece
    /// How many factories have it.
    var members = 0
    /// The demands that some station of it fits, or that take none.
    var books: [Int32] = []

    /// What is rare about its factories, by the version of `Rarity` that said so.
    private(set) var rare: [String]
    private(set) var codedRare: [UInt8]
    private(set) var rarity = Self.stated

    /// The version of what factories state themselves.
    static let stated = -1

    init(_ key: Key, _ facts: FactSet, into coded: inout CodedBytes) {
        self.key = key
        self.facts = facts
        capabilities = Rarity.names(in: facts)
        let kinds = RecordBuffer.coded { buffer in
            buffer.put(count: key.kinds.count)
            for kind in key.kinds {
                buffer.put(kind.engine)
                buffer.put(kind.classes)
            }
        }
        codedKinds = coded.keep(kinds)
        rare = key.rareCapabilities
        codedRare = RecordBuffer.coded { $0.put(key.rareCapabilities) }
    }

    /// Brings up to date what is rare; nil leaves the word to the factories' views.
    mutating func learn(_ rarity: Rarity?) {
        let version = rarity?.version ?? Self.stated
        guard self.rarity != version else { return }
        self.rarity = version
        let now = rarity?.rare(among: capabilities) ?? key.rareCapabilities
        guard now != rare else { return }
        rare = now
        codedRare = RecordBuffer.coded { $0.put(now) }
    }
}

/// What a class of work asks of factories, with the wishes of some of its jobs.
///
/// A wish for a factory by name is the job's own and not among them.
struct WorkRequest: Sendable {
    struct Key: Hashable, Sendable {
        let requirementClass: ClassID
        let wishes: [Preference]
    }

    let key: Key
    let wanted: RequirementClass
    /// The number of its demand.
    let demand: Int
    /// Requirements, demand and repository as a record has them.
    let codedClass: [UInt8]
    /// By layout: the number of the fit; -1 until one is asked for.
    var fits: [Int32] = []

    init(_ key: Key, _ wanted: RequirementClass, demand: Int) {
        self.key = key
        self.wanted = wanted
        self.demand = demand
        codedClass = RecordBuffer.coded { buffer in
            buffer.put(wanted.requirements.map(\.text))
            buffer.put(wanted.demand)
            buffer.put(optional: wanted.repository)
        }
    }
}

/// A work request held against a layout that serves it: what is the same for all its factories.
struct Fit: Sendable {
    /// A station group that fits.
    struct Choice: Sendable {
        let group: Int32
        /// Its engine's place among those that the job prefers; lower is better.
        let preference: Int32
        /// The share of the wishes that are met there.
        let wishes: Int
    }

    /// Where its choices are: preferred engines first, then by name.
    let choices: Range<Int>
    /// Where no station is taken.
    let wishes: Int
    /// A checkout of the repository is there, by the view or by a fact.
    let hasCheckout: Bool
    let isWarm: Bool
    var spared: Int
    /// As `Layout.rarity` was when `spared` was worked out.
    var rarity: Int

    /// Appends what there is to choose from to `all`; `fitting` are the station groups that fit.
    init(
        _ request: WorkRequest,
        _ layout: Layout,
        fitting: [Int],
        among all: inout [Choice]
    ) {
        let wanted = request.key.wishes
        let preferred = wanted.compactMap { wish -> String? in
            if case .engine(let name) = wish { name } else { nil }
        }
        let start = all.count
        let sorted = fitting.sorted { left, right in
            let one = layout.key.kinds[left].engine
            let other = layout.key.kinds[right].engine
            return (preferred.place(of: one), one, left)
                < (preferred.place(of: other), other, right)
        }
        for group in sorted {
            let engine = layout.key.kinds[group].engine
            all.append(
                Choice(
                    group: Int32(group),
                    preference: Int32(preferred.place(of: engine)),
                    wishes: RoutingTerms.wishes(wanted, layout.facts, engine: engine)
                )
            )
        }
        choices = start..<all.count
        wishes = RoutingTerms.wishes(wanted, layout.facts, engine: nil)
        let repository = request.wanted.repository
        isWarm = repository.map(layout.key.warmRepositories.contains) ?? false
        hasCheckout =
            isWarm || repository.map { layout.facts.contains(named: "repo:\($0)") } ?? false
        spared = RoutingTerms.spared(request.wanted, wanted, rare: layout.rare)
        rarity = layout.rarity
    }
}

extension [String] {
    /// Where the engine stands among preferred ones; behind all when it is none.
    fileprivate func place(of engine: String) -> Int { firstIndex(of: engine) ?? count }
}

/// What records say of a fit.
struct CodedFit: Sendable {
    /// The facts that terms look at.
    let facts: CodedBytes.Piece
    /// Which of them met which requirement.
    let matches: CodedBytes.Piece

    init(_ request: WorkRequest, _ facts: FactSet, into coded: inout CodedBytes) {
        let wanted = request.wanted
        var names = wanted.requirements.map(\.name)
        for case .fact(let wish) in request.key.wishes { names.append(wish.name) }
        if let repository = wanted.repository { names.append("repo:\(repository)") }
        let kept = facts.facts.filter { fact in
            // A requirement of another system is explained by the one that is there.
            names.contains(fact.name) || fact.name.hasPrefix("os:")
                || fact.name.hasPrefix("arch:")
        }
        self.facts = coded.keep(RecordBuffer.coded { $0.put(kept.map(\.text)) })
        let matches = RecordBuffer.coded { buffer in
            buffer.put(count: wanted.requirements.count)
            for requirement in wanted.requirements {
                let match = requirement.check(against: facts)
                buffer.put(optional: match.fact?.text)
            }
        }
        self.matches = coded.keep(matches)
    }
}
