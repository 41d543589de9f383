package import FleetModel

/// Every factory as the router sees it, and what becomes of each demand there, counted by layout.
///
/// A placement looks at the factories that can have the job now; the others it knows by their
/// numbers. So it costs nothing per factory that is busy, and nothing per one that cannot serve.
/// What it looks at are plain numbers, worked out when a factory changes (`Member`) or when a class
/// of work first meets a layout (`Fit`).
package struct Roster: Sendable {
    /// One factory's numbers.
    struct Member: Sendable {
        var layout = 0
        var isLate = false
        var isClaiming = false
        var isDraining = false
        var takesShip = false
        /// The product of its latest run: a number, `noProduct`, or `severalProducts`.
        var product: Int32 = Roster.noProduct
        var loadPPM = 0
        var healthPPM = 0
        var costClass = 0
        var recentAssignments = 0
        /// Busy stations per station plus processor load.
        var load = 0
        var loadTerm = 0
        var healthTerm = 0
        /// Where its station groups begin, and how many they are.
        var groups = 0
        var groupCount = 0
    }

    /// One station group's numbers.
    struct Group: Sendable {
        var total: Int
        var free: Int
        var expectedMicroUSD: Int64?
    }

    struct Name: Sendable {
        var id: FactoryID
        var coded: CodedBytes.Piece
    }

    static let noProduct: Int32 = -1
    /// `products` knows which.
    static let severalProducts: Int32 = -2

    var members: [Member] = []
    /// The names of the members; those of vacant ones stay until they are replaced.
    var names: [Name] = []
    /// The names in UTF-8, for the record and the lot.
    private(set) var nameBytes = CodedBytes()
    /// What records say of layouts and fits.
    var coded = CodedBytes()
    /// By member: the products of its latest runs, where these are several.
    var products: [Int: Set<String>] = [:]
    var numberOf: [FactoryID: Int] = [:]
    private var vacant: [Int] = []
    var groups: [Group] = []
    /// Free places among `groups`, by how many groups they hold.
    private var vacantGroups: [Int: [Int]] = [:]
    var layouts: [Layout] = []
    /// The shapes of the layouts, which are asked for most.
    var shapes: [ShapeID] = []
    private var numberOfLayout: [Layout.Key: Int] = [:]
    /// By the number of the demand in the table of classes.
    var books: [DemandBook] = []
    var numberOfProduct: [String: Int32] = [:]

    var requests: [WorkRequest] = []
    /// By class: the request of jobs without wishes; -1 until there is one.
    var plainRequests: [Int] = []
    var numberOfRequest: [WorkRequest.Key: Int] = [:]
    var fits: [Fit] = []
    var codedFits: [CodedFit] = []
    var choices: [Fit.Choice] = []
    /// By class: who serves it, and what the others lack, as long as none comes or goes.
    var reaches: [ClassReach] = []
    /// Another number each time a factory comes, goes or changes its layout.
    var version = 0

    /// The classes on offer, if nothing has changed since, and how many classes and layouts the
    /// books knew then.
    private var offered = ClassSet()
    private var isOffered = false
    private var learned = (classes: 0, layouts: 0)
    /// How often the classes on offer were worked out: the cost so far.
    package private(set) var passes = 0
    /// Kept between placements, so that none allocates.
    var field: [(layout: Int32, fit: Int32)] = []
    var best: [Scored] = []
    var counts: [Int] = []

    package init() {}

    package var count: Int { numberOf.count }

    /// Takes up a factory as it is now, and says by which number `change` knows it from now on.
    ///
    /// The view's facts are those of the shape. `takesShip` says whether its claim takes ship runs.
    @discardableResult
    package mutating func set(_ view: FactoryView, shape: ShapeID, takesShip: Bool) -> Int {
        let number: Int
        var isNew = false
        if let known = numberOf[view.id] {
            number = known
            let layout = members[number].layout
            // Part by part, for the whole of a layout is much to copy.
            let agrees =
                shapes[layout] == shape
                && Layout.Key.agree(
                    layouts[layout].key.kinds,
                    layouts[layout].key.warmRepositories,
                    layouts[layout].key.rareCapabilities,
                    with: view
                )
            if !agrees {
                isNew = true
                leave(number)
                join(number, self.layout(of: shape, view))
            }
        } else {
            isNew = true
            number = enter(view.id)
            join(number, layout(of: shape, view))
        }
        for (place, group) in view.stations.enumerated() {
            groups[members[number].groups + place] = Group(
                total: group.total,
                free: group.free,
                expectedMicroUSD: group.expectedMicroUSD
            )
        }
        note(view.condition, of: number, isNew: isNew, takesShip) { view.stations[$0].free }
        return number
    }

    /// Takes up what has changed about a factory that has stated nothing new since it was `set`.
    ///
    /// `number` is what `set` said, and the factory was not removed since; `free` says how many
    /// stations of a group are free, by its place among those that were set.
    package mutating func change(
        _ number: Int,
        to condition: FactoryCondition,
        takesShip: Bool,
        free: (Int) -> Int
    ) {
        note(condition, of: number, isNew: false, takesShip, free)
    }

    /// Forgets a factory, if it is there.
    package mutating func remove(_ id: FactoryID) {
        guard let number = numberOf[id] else { return }
        leave(number)
        numberOf[id] = nil
        products[number] = nil
        vacant.append(number)
    }

    /// The classes that some factory could take now.
    ///
    /// - Complexity: nothing as long as nothing changes; else one pass over the layouts that have
    ///   somebody open.
    package mutating func classesOnOffer(in table: ClassTable) -> ClassSet {
        if isOffered, learned == (table.count, layouts.count) { return offered }
        passes += 1
        isOffered = true
        learnDemands(of: table)
        if learned != (table.count, layouts.count) {
            learned = (table.count, layouts.count)
            for number in books.indices {
                books[number].learn(shapes, table.classes(demanding: number), in: table)
            }
        }
        offered.removeAll()
        for number in books.indices where !books[number].active.isEmpty {
            books[number].addOffers(to: &offered)
        }
        return offered
    }

    /// Opens a book for each demand that the table knows.
    mutating func learnDemands(of table: ClassTable) {
        while books.count < table.demandCount {
            var book = DemandBook(table.demand(at: books.count))
            for number in layouts.indices {
                if book.add(layouts[number].key.kinds) {
                    layouts[number].books.append(Int32(books.count))
                }
            }
            books.append(book)
            for number in numberOf.values { judge(number, at: books.count - 1) }
        }
    }
}

extension Roster {
    private mutating func enter(_ id: FactoryID) -> Int {
        let name = Array(id.name.utf8)
        let number: Int
        if let free = vacant.popLast() {
            number = free
            members[number] = Member()
            let piece = nameBytes.replace(names[number].coded, with: name)
            names[number] = Name(id: id, coded: piece)
            if nameBytes.isMostlyHoles { packNames() }
        } else {
            number = members.count
            members.append(Member())
            names.append(Name(id: id, coded: nameBytes.keep(name)))
        }
        numberOf[id] = number
        return number
    }

    private mutating func packNames() {
        nameBytes = CodedBytes()
        for number in names.indices {
            names[number].coded = nameBytes.keep(Array(names[number].id.name.utf8))
        }
    }

    private mutating func layout(of shape: ShapeID, _ view: FactoryView) -> Int {
        let key = Layout.Key(
            shape: shape,
            kinds: view.stations.map(\.kind),
            warmRepositories: view.warmRepositories,
            rareCapabilities: view.rareCapabilities
        )
        if let known = numberOfLayout[key] { return known }
        let number = layouts.count
        numberOfLayout[key] = number
        layouts.append(Layout(key, view.facts, into: &coded))
        shapes.append(shape)
        for index in books.indices where books[index].add(key.kinds) {
            layouts[number].books.append(Int32(index))
        }
        return number
    }

    private mutating func join(_ number: Int, _ layout: Int) {
        version += 1
        layouts[layout].members += 1
        members[number].layout = layout
        let size = layouts[layout].key.kinds.count
        members[number].groupCount = size
        if let free = vacantGroups[size]?.popLast() {
            members[number].groups = free
        } else {
            members[number].groups = groups.count
            groups.append(contentsOf: repeatElement(Group(total: 0, free: 0), count: size))
        }
    }

    private mutating func leave(_ number: Int) {
        version += 1
        let layout = members[number].layout
        layouts[layout].members -= 1
        let size = layouts[layout].key.kinds.count
        vacantGroups[size, default: []].append(members[number].groups)
        for index in books.indices
        where books[index].set(number, of: layout, DemandBook.none) { isOffered = false }
    }

    /// Works out the numbers that terms are made of, and what the books are told.
    @inline(__always)
    private mutating func note(
        _ now: FactoryCondition,
        of number: Int,
        isNew: Bool,
        _ takesShip: Bool,
        _ freeStations: (Int) -> Int
    ) {
        var member = members[number]
        let wasDraining = member.isDraining
        var (free, total) = (0, 0)
        for place in 0..<member.groupCount {
            let isFree = freeStations(place)
            groups[member.groups + place].free = isFree
            free += isFree
            total += groups[member.groups + place].total
        }
        let load = FactoryView.load(free: free, total: total, processor: now.loadPPM)
        if load != member.load || member.loadTerm == 0 {
            member.load = load
            member.loadTerm = RoutingTerms.load(load)
        }
        member.loadPPM = now.loadPPM
        member.healthPPM = now.healthPPM
        member.healthTerm = RoutingTerms.health(now.healthPPM, isLate: now.isLate)
        member.isLate = now.isLate
        member.isClaiming = now.isClaiming
        member.isDraining = now.isDraining
        member.takesShip = takesShip
        member.costClass = now.costClass
        member.recentAssignments = now.recentAssignments
        switch now.lastProducts.count {
        case 0: member.product = Self.noProduct
        case 1: member.product = now.lastProducts.first.map { self.number(ofProduct: $0) } ?? 0
        default:
            member.product = Self.severalProducts
            products[number] = now.lastProducts
        }
        members[number] = member
        // What has no fitting station says so for ever, unless it drains.
        guard isNew || wasDraining != member.isDraining else {
            for place in layouts[member.layout].books.indices {
                judge(number, at: Int(layouts[member.layout].books[place]))
            }
            return
        }
        for index in books.indices { judge(number, at: index) }
    }

    private mutating func number(ofProduct name: String) -> Int32 {
        if let known = numberOfProduct[name] { return known }
        numberOfProduct[name] = Int32(numberOfProduct.count)
        return Int32(numberOfProduct.count - 1)
    }

    /// What the member says to the demand of that book.
    private mutating func judge(_ number: Int, at index: Int) {
        let member = members[number]
        let said: Availability
        if books[index].takesNoStation {
            said = Availability(
                isDraining: member.isDraining,
                isClaiming: member.isClaiming && member.takesShip,
                stations: nil
            )
        } else {
            var (free, all) = (0, 0)
            for place in books[index].fitting(member.layout) {
                let group = groups[member.groups + books[index].group(place)]
                free += group.free
                all += group.total
            }
            said = Availability(
                isDraining: member.isDraining,
                isClaiming: member.isClaiming,
                stations: (free, all)
            )
        }
        let answer = books[index].answer(said)
        if books[index].set(number, of: member.layout, answer) { isOffered = false }
    }
}
