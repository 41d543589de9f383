import FleetModel

/// Why a job went where it went, in a few hundred bytes; `Explanation` is read from it.
///
/// The first byte is the version of the form, which is 1; a record of an older giga is JSON and
/// begins with `{`. The order of the rest is that of `Roster.record` and `explanation()`.
package struct PlacementRecord: Hashable, Sendable {
    static let version: UInt8 = 1

    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Whether those bytes are a record in this form, of whichever version, and not JSON.
    package static func isCompact(_ bytes: [UInt8]) -> Bool { bytes.first != UInt8(ascii: "{") }

    /// Why a record cannot be read.
    package enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        /// At that byte something stands that no giga wrote.
        case damaged(at: Int, String)
        case unknownVersion(UInt8)

        package var description: String {
            switch self {
            case .damaged(let place, let what): "damaged at byte \(place): \(what)"
            case .unknownVersion(let version): "its form \(version) is of another giga"
            }
        }
    }
}

/// How the factories are told that could not have the job.
enum RejectionForm {
    /// Each with its reason.
    static let named: UInt8 = 0
    /// By reason: what they lack, then what those say that lack nothing.
    static let counted: UInt8 = 1
}

extension Roster {
    /// Writes down what was decided; `best` has the ranking.
    mutating func record(
        of job: JobView,
        _ ground: PlacementGround,
        _ terms: PlacementTerms,
        in table: ClassTable
    ) -> PlacementRecord {
        var buffer = RecordBuffer(capacity: 1_024)
        buffer.put(byte: PlacementRecord.version)
        buffer.put(terms.weights)
        buffer.put(whole: terms.seed)
        let tieBreak = best.count > 1 ? TieBreak(best[0], over: best[1]) : .none
        buffer.put(byte: tieBreak.code)
        buffer.put(job.id.number)
        buffer.put(job.product)
        buffer.put(coded: requests[ground.request].codedClass)
        buffer.put(count: job.prefers.count)
        for wish in job.prefers { buffer.put(wish) }
        buffer.put(optional: job.budgetLeft.microUSD)
        buffer.put(signed: ground.assignments)
        buffer.put(signed: ground.rivals)
        if let precedence = terms.precedence {
            buffer.put(byte: 1)
            buffer.put(precedence)
        } else {
            buffer.put(byte: 0)
        }
        putRejections(ground, in: table, into: &buffer)
        buffer.put(count: best.count)
        for place in best.indices {
            put(best[place], into: &buffer)
        }
        buffer.put(codedFits[Int(best[0].fit)].matches, of: coded)
        return PlacementRecord(buffer.bytes)
    }

    private func put(_ scored: Scored, into buffer: inout RecordBuffer) {
        let number = Int(scored.member)
        let member = members[number]
        let fit = Int(scored.fit)
        buffer.put(count: names[number].coded.length)
        buffer.put(names[number].coded, of: nameBytes)
        buffer.put(count: scored.group.map { Int($0) + 1 } ?? 0)
        buffer.put(signed: scored.score)
        buffer.put(scored.terms)
        buffer.put(signed: scored.costClass)
        buffer.put(signed: scored.load)
        buffer.put(whole: scored.lot)
        buffer.put(codedFits[fit].facts, of: coded)
        buffer.put(layouts[member.layout].codedKinds, of: coded)
        for group in member.groups..<member.groups + member.groupCount {
            buffer.put(count: groups[group].total)
            buffer.put(count: groups[group].free)
            buffer.put(optional: groups[group].expectedMicroUSD)
        }
        buffer.put(
            byte: (member.isLate ? 1 : 0) | (fits[fit].isWarm ? 2 : 0) | (scored.didProduct ? 4 : 0)
        )
        buffer.put(signed: member.loadPPM)
        buffer.put(signed: member.healthPPM)
        buffer.put(signed: member.recentAssignments)
        buffer.put(coded: layouts[member.layout].codedRare)
    }

    /// Names up to twenty rejections, counts more by reason.
    private mutating func putRejections(
        _ ground: PlacementGround,
        in table: ClassTable,
        into buffer: inout RecordBuffer
    ) {
        let id = ground.requirementClass
        let book = requests[ground.request].demand
        guard count - ground.rivals > Explanation.rejectionsNamed else {
            let named = rejections(of: id, book, in: table)
            buffer.put(byte: RejectionForm.named)
            buffer.put(count: named.count)
            for rejection in named {
                buffer.put(rejection.factory.name)
                buffer.put(rejection.reason)
            }
            return
        }
        learnReach(of: id, in: table)
        buffer.put(byte: RejectionForm.counted)
        buffer.put(coded: reaches[id.index].codedMisses)
        books[book].count(in: reaches[id.index].layouts, into: &counts)
        var different = 0
        for answer in counts.indices where counts[answer] > 0 { different += 1 }
        buffer.put(count: different)
        for answer in counts.indices where counts[answer] > 0 {
            switch books[book].meanings[answer] {
            case .open, .asksForNone: buffer.put(byte: 0)
            case .draining: buffer.put(byte: 1)
            case .busy(let stations):
                buffer.put(byte: 2)
                buffer.put(count: stations)
            }
            buffer.put(count: counts[answer])
        }
    }

    /// Everybody who cannot have work of the class now, by name.
    private func rejections(of id: ClassID, _ book: Int, in table: ClassTable) -> [Rejection] {
        var named: [Rejection] = []
        for (factory, number) in numberOf {
            let shape = shapes[members[number].layout]
            guard table.serves(shape, id) else {
                let reason = lack(of: shape, id, in: table)
                named.append(Rejection(factory: factory, reason: reason))
                continue
            }
            let answer = books[book].answer(of: number)
            guard answer != DemandBook.open else { continue }
            let reason = books[book].meanings[Int(answer)].reason(books[book].demand)
            named.append(Rejection(factory: factory, reason: reason))
        }
        return named.sorted { $0.factory < $1.factory }
    }
}
