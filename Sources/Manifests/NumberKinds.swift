import FleetModel

extension Kind<Bool> {
    static let boolean = scalar("true or false", shape: .boolean) {
        text throws(ValueFault) -> Bool? in
        if let value = Quantities.boolean(text) { return value }
        throw ValueFault(hint: LikelyMeaning.boolean(text))
    }
}

extension Kind<Timespan> {
    static let longest = Timespan.hours(30 * 24)

    static let duration = scalar(
        "a duration from 1s to 30d, such as 45m or 1h30m",
        shape: .pattern("^\(Shapes.duration)$", orNumber: false)
    ) {
        text throws(ValueFault) -> Timespan? in
        guard let span = Quantities.timespan(text) else {
            let isNumber = Quantities.isDigits(text)
            let units = "say the unit: \(text)s, \(text)m or \(text)h"
            throw ValueFault(hint: isNumber ? units : LikelyMeaning.duration(text))
        }
        return (.seconds(1)...longest).contains(span) ? span : nil
    }

    /// Nothing, or a moment: whoever waits longer had better be placed.
    static let patience = scalar(
        "0, or a duration from 1s to 60s, such as 2s",
        shape: .either([.whole(0...0), .pattern("^\(Shapes.duration)$", orNumber: false)])
    ) { text in
        let span = Quantities.timespan(text == "0" ? "0s" : text)
        return span.flatMap { (.zero ... .seconds(60)).contains($0) ? $0 : nil }
    }

    /// Whole minutes, or a duration.
    static let minutes = scalar(
        "minutes, such as 10, or a duration, such as 90s",
        shape: .either([
            .whole(1...43_200), .pattern("^\(Shapes.duration)$", orNumber: false),
        ])
    ) { text in
        let span = Quantities.timespan(Quantities.isDigits(text) ? "\(text)m" : text)
        return span.flatMap { (.seconds(1)...longest).contains($0) ? $0 : nil }
    }
}

extension Kind<Deadline> {
    static let deadline = scalar(
        "a time with its zone, such as 2026-11-20T10:00:00Z, or a duration from 1s to 30d",
        shape: .pattern("^(?:\(Shapes.instant)|\(Shapes.duration))$", orNumber: false)
    ) { text throws(ValueFault) -> Deadline? in
        if let instant = InstantText.instant(text) { return .at(instant) }
        guard let span = Quantities.timespan(text),
            (.seconds(1)...Kind<Timespan>.longest).contains(span)
        else { throw ValueFault(hint: LikelyMeaning.instant(text)) }
        return .within(span)
    }
}

extension Kind<Int64> {
    static let money = scalar(
        "US dollars from 0 to 1000000 with at most six decimals, such as 2.50",
        shape: .either([
            .decimal(most: 1_000_000),
            .pattern(#"^\$[0-9]+(?:\.[0-9]{1,6})?$"#, orNumber: false),
        ])
    ) { text throws(ValueFault) -> Int64? in
        if let money = Quantities.microUSD(text) {
            return money <= 1_000_000_000_000 ? money : nil
        }
        throw ValueFault(hint: LikelyMeaning.money(text))
    }

    static let tokens = scalar(
        "a number of tokens from 0 to 10^12, such as 500k or 2M",
        shape: .either([
            .whole(0...1_000_000_000_000),
            .pattern(#"^[0-9]+(?:\.[0-9]{1,9})?[kKMG]$"#, orNumber: false),
        ])
    ) { text throws(ValueFault) -> Int64? in
        if let tokens = Quantities.tokens(text) {
            return tokens <= 1_000_000_000_000 ? tokens : nil
        }
        throw ValueFault(hint: LikelyMeaning.tokens(text))
    }

    static let worth = scalar(
        "a number from 0 to 1000000000 with at most three decimals",
        shape: .decimal(most: 1_000_000_000)
    ) { text in
        Quantities.decimal(text, places: 3).flatMap { $0 <= 1_000_000_000_000 ? $0 : nil }
    }

    static let load = scalar(
        "a system load above 0 with at most three decimals, such as 4 or 1.5",
        shape: .decimal(most: 10_000)
    ) { text in
        Quantities.decimal(text, places: 3).flatMap { (1...10_000_000).contains($0) ? $0 : nil }
    }

    static let size = scalar(
        "a size such as 512MiB or 2GB",
        shape: .pattern("^[0-9]+(?:B|[kK]B|[MGT]B|[KMGT]iB)?$", orNumber: true)
    ) { text throws(ValueFault) -> Int64? in
        if let bytes = Quantities.bytes(text) { return bytes }
        let bare = text.filter { $0 != " " }
        throw ValueFault(hint: Quantities.bytes(bare).map { _ in "write \(bare)" })
    }

    static func whole(_ range: ClosedRange<Int64>) -> Kind {
        scalar(
            "a whole number from \(range.lowerBound) to \(range.upperBound)",
            shape: .whole(range)
        ) { text in
            guard Quantities.isDigits(text), let number = Int64(text) else { return nil }
            return range.contains(number) ? number : nil
        }
    }
}

extension Kind<Int> {
    static func whole(_ range: ClosedRange<Int64>) -> Kind {
        Kind<Int64>.whole(range).map { Int($0) }
    }
}
