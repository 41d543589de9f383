/// A job's name in its store: `job-12`.
///
/// Given by the coordinator, never taken from a file.
@usableFromInline
package struct JobID: Hashable, Comparable, Sendable, CustomStringConvertible {
    @usableFromInline package let number: UInt64

    package init(_ number: UInt64) { self.number = number }

    /// Nil when `text` is not `job-` and a number without leading zeros.
    package init?(text: some StringProtocol) {
        var bytes = text.utf8.makeIterator()
        for wanted in "job-".utf8 where bytes.next() != wanted { return nil }
        var number: UInt64 = 0
        while let byte = bytes.next() {
            guard 0x30...0x39 ~= byte, number > 0 || byte != 0x30 else { return nil }
            let (shifted, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, isTooFar) = shifted.addingReportingOverflow(UInt64(byte - 0x30))
            guard !isTooLarge, !isTooFar else { return nil }
            number = sum
        }
        guard number > 0 else { return nil }
        self.number = number
    }

    @usableFromInline
    package var description: String { "job-\(number)" }
    @usableFromInline
    package static func < (left: JobID, right: JobID) -> Bool { left.number < right.number }

    /// What tables of jobs ask for, some hundred times in a job's life.
    ///
    /// The coordinator gives the numbers, so nobody can choose them to collide, and the general
    /// hasher's work is not needed: a multiplication spreads them (Knuth, TAOCP 6.4).
    @inlinable
    package func _rawHashValue(seed: Int) -> Int {
        let spread = (number ^ UInt64(truncatingIfNeeded: seed)) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: spread ^ spread >> 32)
    }
}

extension JobID: Codable {
    @usableFromInline
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let id = JobID(text: text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a job id: \(text)")
            )
        }
        self = id
    }

    @usableFromInline
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// One paid or shipped piece of work on a job: `job-12.2`, or `job-12.ship-5` for a ship run.
package enum RunID: Hashable, Sendable, CustomStringConvertible {
    case attempt(JobID, Int)
    case ship(JobID, fence: UInt64)

    package init?(text: String) {
        guard let dot = text.utf8.firstIndex(of: UInt8(ascii: ".")),
            let job = JobID(text: text[..<dot])
        else { return nil }
        let rest = text[text.utf8.index(after: dot)...]
        if rest.utf8.starts(with: "ship-".utf8), let fence = UInt64(rest.dropFirst(5)) {
            self = .ship(job, fence: fence)
        } else if let number = Int(rest), number > 0 {
            self = .attempt(job, number)
        } else {
            return nil
        }
    }

    package var job: JobID {
        switch self {
        case .attempt(let job, _), .ship(let job, _): job
        }
    }

    package var description: String {
        switch self {
        case .attempt(let job, let number): "\(job).\(number)"
        case .ship(let job, let fence): "\(job).ship-\(fence)"
        }
    }
}

/// A factory's name in its fleet; people choose it, and it is unique among live factories.
package struct FactoryID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let name: String

    package init(_ name: String) { self.name = name }

    package var description: String { name }
    package static func < (left: FactoryID, right: FactoryID) -> Bool { left.name < right.name }
}

extension FactoryID: Codable {
    package init(from decoder: any Decoder) throws {
        name = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}

/// Names of profiles, engines, products, repositories and factories.
package enum Naming {
    package static let rule = "1 to 64 of a-z 0-9 . _ - beginning with a letter or digit"

    /// Whether `text` may name a profile, engine, product, repository or factory.
    package static func isName(_ text: some StringProtocol) -> Bool {
        guard (1...64).contains(text.utf8.count) else { return false }
        for (index, byte) in text.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                continue
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                if index == 0 { return false }
            default: return false
            }
        }
        return true
    }
}

/// Who did something: a person's token, a factory, or the coordinator itself.
@usableFromInline
package struct Principal: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Hashable, Sendable, Codable { case person, factory, coordinator }

    package let kind: Kind
    /// `user:alice` or a token's name, a factory's name, or `coordinator`.
    package let name: String

    package init(kind: Kind, name: String) {
        self.kind = kind
        self.name = name
    }

    package static let coordinator = Principal(kind: .coordinator, name: "coordinator")
    package static func person(_ name: String) -> Principal { .init(kind: .person, name: name) }
    package static func factory(_ id: FactoryID) -> Principal {
        .init(kind: .factory, name: id.name)
    }

    @usableFromInline
    package var description: String { kind == .factory ? "factory:\(name)" : name }
}

extension Principal: Codable {
    @usableFromInline
    package init(from decoder: any Decoder) throws {
        self.init(coded: try decoder.singleValueContainer().decode(String.self))
    }

    /// Reads what `description` says.
    init(coded text: String) {
        if text.hasPrefix("factory:") {
            self.init(kind: .factory, name: String(text.dropFirst(8)))
        } else {
            self.init(kind: text == "coordinator" ? .coordinator : .person, name: text)
        }
    }

    @usableFromInline
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
