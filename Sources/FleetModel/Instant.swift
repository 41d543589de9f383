/// A point in time: whole milliseconds since 1970-01-01 00:00 UTC.
@usableFromInline
package struct Instant: Hashable, Comparable, Sendable, Codable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static let epoch = Instant(milliseconds: 0)

    package func advanced(by span: Timespan) -> Instant {
        Instant(milliseconds: milliseconds + span.milliseconds)
    }

    /// How long after `earlier` this is; negative when it is before.
    package func since(_ earlier: Instant) -> Timespan {
        Timespan(milliseconds: milliseconds - earlier.milliseconds)
    }

    @usableFromInline
    package static func < (left: Instant, right: Instant) -> Bool {
        left.milliseconds < right.milliseconds
    }

    @usableFromInline
    package init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    @usableFromInline
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }
}

/// A length of time in whole milliseconds; one number in JSON.
package struct Timespan: Hashable, Comparable, Sendable, Codable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static let zero = Timespan(milliseconds: 0)
    package static func milliseconds(_ count: Int64) -> Timespan {
        Timespan(milliseconds: count)
    }
    package static func seconds(_ count: Int64) -> Timespan { Timespan(milliseconds: count * 1000) }
    package static func minutes(_ count: Int64) -> Timespan { .seconds(count * 60) }
    package static func hours(_ count: Int64) -> Timespan { .minutes(count * 60) }

    package static func < (left: Timespan, right: Timespan) -> Bool {
        left.milliseconds < right.milliseconds
    }

    package static func * (span: Timespan, factor: Int64) -> Timespan {
        Timespan(milliseconds: span.milliseconds * factor)
    }

    package static func / (span: Timespan, divisor: Int64) -> Timespan {
        Timespan(milliseconds: span.milliseconds / divisor)
    }

    package init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
        guard Self.carried.contains(milliseconds) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "\(milliseconds) ms is not from 0 to a hundred years"
                )
            )
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }
}

extension Timespan {
    /// What a message may carry; sums with instants stay far from the ends of 64 bits.
    package static let carried: ClosedRange<Int64> = 0...3_153_600_000_000
}

extension Timespan: CustomStringConvertible {
    /// As people write it: `250ms`, `90s`, `1h30m`, `2d`.
    package var description: String {
        guard milliseconds % 1000 == 0 else { return "\(milliseconds)ms" }
        var seconds = milliseconds / 1000
        guard seconds >= 60, seconds % 60 == 0 else { return "\(seconds)s" }
        var text = ""
        for (unit, length) in [("d", 86_400), ("h", 3600), ("m", 60)] as [(String, Int64)]
        where seconds >= length {
            text += "\(seconds / length)\(unit)"
            seconds %= length
        }
        return text
    }
}
