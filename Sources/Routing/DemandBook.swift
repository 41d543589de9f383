/// Who could take work of one demand now, and what the others say to it, counted by layout.
///
/// Everything is an array by a number: a placement walks through plain memory.
struct DemandBook: Sendable {
    /// What a factory says, as a number: to begin with those of `first`, then the busy ones.
    typealias Answer = Int32

    /// Nobody is there.
    static let none: Answer = -1
    static let open: Answer = 0
    private static let first: [Availability] = [.open, .asksForNone, .draining]

    let demand: EngineDemand
    let takesNoStation: Bool
    /// By layout: where the numbers of its station groups that fit begin among `fitting`.
    private var starts: [Int32] = [0]
    private var fitting: [Int32] = []
    /// What one member says, and its place among the open ones of its layout: side by side, for
    /// whoever needs one needs both, and members are many.
    private struct Said {
        var answer = DemandBook.none
        var place: Int32 = -1
    }

    /// By member.
    private var said: [Said] = []
    /// By layout: the members that are open.
    private(set) var open: [[Int32]] = []
    /// Layouts with an open member, and the place of each there.
    private(set) var active: [Int32] = []
    private var activePlaces: [Int32] = []
    /// By layout: the classes with this demand that it serves, so many words each.
    private var offers: [UInt64] = []
    private var words = 0
    /// By answer: what it means; the busy ones differ in how many stations there are.
    private(set) var meanings = Self.first
    /// By layout and answer: how many members give it, four answers to a vector.
    private var tally: [SIMD4<Int32>] = []
    /// Vectors of one layout.
    private var width = 1

    init(_ demand: EngineDemand) {
        self.demand = demand
        takesNoStation = demand == .none
    }

    /// Takes up the next layout; false when none of its stations fits.
    mutating func add(_ kinds: [StationKind]) -> Bool {
        for index in kinds.indices where demand.fits(kinds[index]) { fitting.append(Int32(index)) }
        starts.append(Int32(fitting.count))
        open.append([])
        activePlaces.append(-1)
        tally.append(contentsOf: repeatElement(.zero, count: width))
        return takesNoStation || starts[starts.count - 2] < Int32(fitting.count)
    }

    /// Places at which `group` has the station groups of a layout that fit.
    @inline(__always)
    func fitting(_ layout: Int) -> Range<Int> { Int(starts[layout])..<Int(starts[layout + 1]) }

    @inline(__always)
    func group(_ place: Int) -> Int { Int(fitting[place]) }

    /// The number of what is said.
    mutating func answer(_ said: Availability) -> Answer {
        switch said {
        case .open: return Self.open
        case .asksForNone: return 1
        case .draining: return 2
        case .busy:
            for index in Self.first.count..<meanings.count where meanings[index] == said {
                return Answer(index)
            }
            meanings.append(said)
            if meanings.count > width * 4 { widen() }
            return Answer(meanings.count - 1)
        }
    }

    /// What a member says; it has said something.
    func answer(of member: Int) -> Answer { said[member].answer }

    /// Notes what a member says; true when the layouts with an open member are others now.
    mutating func set(_ member: Int, of layout: Int, _ answer: Answer) -> Bool {
        while said.count <= member { said.append(Said()) }
        let before = said[member].answer
        guard before != answer else { return false }
        said[member].answer = answer
        let wasActive = !open[layout].isEmpty
        if before == Self.open {
            leave(member, layout)
        } else if before != Self.none {
            add(-1, layout, before)
        }
        if answer == Self.open {
            said[member].place = Int32(open[layout].count)
            open[layout].append(Int32(member))
        } else if answer != Self.none {
            add(1, layout, answer)
        }
        let isActive = !open[layout].isEmpty
        if wasActive != isActive { activate(layout, isActive) }
        return wasActive != isActive
    }

    /// Adds up what the members of those layouts say that are not open, by answer.
    ///
    /// It changes nothing: what would change it is not copied before.
    mutating func count(in layouts: [Int32], into counts: inout [Int]) {
        counts.removeAll(keepingCapacity: true)
        tally.withUnsafeBufferPointer { tally in
            for vector in 0..<width {
                var sum = SIMD4<Int32>.zero
                for layout in layouts { sum &+= tally[Int(layout) * width + vector] }
                for answer in 0..<max(0, min(4, meanings.count - vector * 4)) {
                    counts.append(Int(sum[answer]))
                }
            }
        }
    }

    private mutating func add(_ change: Int32, _ layout: Int, _ answer: Answer) {
        let (vector, place) = Int(answer).quotientAndRemainder(dividingBy: 4)
        tally[layout * width + vector][place] += change
    }

    /// Adds the classes that some open member could take; it changes nothing, as `count` does.
    mutating func addOffers(to classes: inout ClassSet) {
        classes.formUnion(active, of: offers, each: words)
    }

    /// Brings up to date which classes each layout serves; `shapes` are those of the layouts.
    mutating func learn(_ shapes: [ShapeID], _ demanding: ClassSet, in table: ClassTable) {
        words = table.count / 64 + 1
        offers.removeAll(keepingCapacity: true)
        for shape in shapes {
            offers += table.served(by: shape).intersection(demanding).words(words)
        }
    }

    private mutating func leave(_ member: Int, _ layout: Int) {
        let place = Int(said[member].place)
        let last = open[layout].removeLast()
        said[member].place = -1
        guard Int(last) != member else { return }
        open[layout][place] = last
        said[Int(last)].place = Int32(place)
    }

    private mutating func activate(_ layout: Int, _ isActive: Bool) {
        if isActive {
            activePlaces[layout] = Int32(active.count)
            active.append(Int32(layout))
            return
        }
        let place = Int(activePlaces[layout])
        let last = active.removeLast()
        activePlaces[layout] = -1
        guard Int(last) != layout else { return }
        active[place] = last
        activePlaces[Int(last)] = Int32(place)
    }

    private mutating func widen() {
        var wider = [SIMD4<Int32>](repeating: .zero, count: open.count * width * 2)
        for layout in open.indices {
            for vector in 0..<width {
                wider[layout * width * 2 + vector] = tally[layout * width + vector]
            }
        }
        tally = wider
        width *= 2
    }
}
