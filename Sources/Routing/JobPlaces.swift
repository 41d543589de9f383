/// Where each ready job stands: its heap and stamp by its number.
///
/// The coordinator numbers jobs in turn, so they lie in pages of neighbours: what comes and goes at
/// one time lies close together, however many wait. A page goes when its last job does.
struct JobPlaces: Sendable {
    struct Place: Sendable {
        var heap: Int32 = 0
        /// Tells a job's present entry from ones that it left behind; 0 where no job is.
        var stamp: UInt64 = 0
    }

    private static let bits: UInt64 = 6
    private static let pageSize = 1 << Int(bits)

    private var pages = PageTable()
    private var places: [Place] = []
    /// By page: how many jobs are in it.
    private var livings: [Int32] = []
    private var vacant: [Int32] = []
    private(set) var count = 0

    subscript(job: UInt64) -> Place? {
        guard let page = pages[job >> Self.bits] else { return nil }
        let place = places[index(of: job, in: page)]
        return place.stamp == 0 ? nil : place
    }

    /// Puts a job in its place and returns where it was before.
    mutating func update(_ job: UInt64, _ place: Place) -> Place? {
        let page = pages[job >> Self.bits] ?? begin(job >> Self.bits)
        let index = index(of: job, in: page)
        let before = places[index]
        places[index] = place
        guard before.stamp == 0 else { return before }
        livings[Int(page)] += 1
        count += 1
        return nil
    }

    /// Takes a job out and returns where it was.
    mutating func remove(_ job: UInt64) -> Place? {
        guard let page = pages[job >> Self.bits] else { return nil }
        let index = index(of: job, in: page)
        let before = places[index]
        guard before.stamp != 0 else { return nil }
        places[index] = Place()
        count -= 1
        livings[Int(page)] -= 1
        if livings[Int(page)] == 0 {
            pages.remove(job >> Self.bits)
            vacant.append(page)
        }
        return before
    }

    @inline(__always)
    private func index(of job: UInt64, in page: Int32) -> Int {
        Int(page) * Self.pageSize + Int(job & UInt64(Self.pageSize - 1))
    }

    private mutating func begin(_ number: UInt64) -> Int32 {
        let page: Int32
        if let free = vacant.popLast() {
            page = free
        } else {
            page = Int32(livings.count)
            livings.append(0)
            places.append(contentsOf: repeatElement(Place(), count: Self.pageSize))
        }
        pages.insert(number, page)
        return page
    }
}

/// An open hash table from the number of a page to where it lies.
///
/// The numbers come from the coordinator and not from strangers, so one multiplication spreads
/// them well enough.
private struct PageTable: Sendable {
    private struct Slot: Sendable {
        var number: UInt64 = 0
        /// -1 where the slot is free.
        var page: Int32 = -1
    }

    /// A power of two of them, at most half of them taken.
    private var slots = [Slot](repeating: Slot(), count: 16)
    private var count = 0

    subscript(number: UInt64) -> Int32? {
        let page = slots[find(number)].page
        return page < 0 ? nil : page
    }

    /// - Precondition: the number is not in it.
    mutating func insert(_ number: UInt64, _ page: Int32) {
        if count * 2 >= slots.count { grow() }
        slots[find(number)] = Slot(number: number, page: page)
        count += 1
    }

    /// - Precondition: the number is in it.
    mutating func remove(_ number: UInt64) {
        count -= 1
        var hole = find(number)
        // Whoever was pushed past the hole moves back, so that a search may end at a free slot.
        let mask = slots.count - 1
        var next = (hole + 1) & mask
        while slots[next].page >= 0 {
            if (next &- home(slots[next].number)) & mask >= (next &- hole) & mask {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        slots[hole].page = -1
    }

    /// The slot of the number, or the free one where it would be.
    private func find(_ number: UInt64) -> Int {
        let mask = slots.count - 1
        var index = home(number)
        while slots[index].page >= 0, slots[index].number != number { index = (index + 1) & mask }
        return index
    }

    private func home(_ number: UInt64) -> Int {
        // The upper bits of the product are the mixed ones.
        Int(truncatingIfNeeded: (number &* 0x9E37_79B9_7F4A_7C15) >> 32) & (slots.count - 1)
    }

    private mutating func grow() {
        let before = slots
        slots = [Slot](repeating: Slot(), count: before.count * 2)
        for slot in before where slot.page >= 0 { slots[find(slot.number)] = slot }
    }
}
