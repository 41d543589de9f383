/// What a text that is no value of its kind was probably meant to be, for the hint of its error.
enum LikelyMeaning {
    /// `30 min`, `1 hour`, `1.5h`, `1h 30m`, `PT30M`, `2w`.
    static func duration(_ text: String) -> String? {
        let word = text.lowercased()
        if ["none", "never", "unlimited", "infinite", "0"].contains(word) {
            return "leave it out for the default; the longest is 30d"
        }
        let clock = word.split(separator: ":", omittingEmptySubsequences: false)
        if clock.count == 2, clock.allSatisfy({ Quantities.isDigits($0) }) {
            return "write \(clock[0])h\(clock[1])m or \(clock[0])m\(clock[1])s"
        }
        var rest = word.filter { $0 != " " }[...]
        if rest.hasPrefix("pt") { rest = rest.dropFirst(2) }
        var seconds: Int64 = 0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let name = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(name.count)
            guard let unit = unit(String(name)),
                let thousandths = Quantities.decimal(number, places: 3), thousandths < 1 << 40
            else { return nil }
            seconds += thousandths * unit / 1000
        }
        guard seconds > 0, seconds <= 30 * 86_400 else { return nil }
        return "write \(spelt(seconds))"
    }

    private static func unit(_ name: String) -> Int64? {
        switch name {
        case "s", "sec", "secs", "second", "seconds": 1
        case "m", "min", "mins", "minute", "minutes": 60
        case "h", "hr", "hrs", "hour", "hours": 3600
        case "d", "day", "days": 86_400
        case "w", "week", "weeks": 604_800
        default: nil
        }
    }

    private static func spelt(_ seconds: Int64) -> String {
        let parts = [
            (seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"),
            (seconds % 60, "s"),
        ]
        return parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
    }

    /// `5,00`, `5 USD`, `5$`, `.5`, `1e3`.
    static func money(_ text: String) -> String? {
        if text.hasPrefix("-") { return "0 lets nothing start; leave it out for no ceiling" }
        var number = text.lowercased().filter { $0 != " " && $0 != "$" }
        for word in ["usd", "dollars", "dollar", "us"] where number.hasSuffix(word) {
            number.removeLast(word.count)
        }
        if let comma = number.firstIndex(of: ","), !number.contains("."),
            number.distance(from: comma, to: number.endIndex) <= 3
        {
            number.replaceSubrange(comma...comma, with: ".")
        }
        number = number.filter { $0 != "," && $0 != "_" }
        if number.hasPrefix(".") { number = "0" + number }
        if number.hasSuffix(".") { number.removeLast() }
        return right(number, unlike: text, { Quantities.microUSD($0) != nil })
    }

    /// `2m`, `1,000,000`, `2 million`.
    static func tokens(_ text: String) -> String? {
        var number = text.lowercased().filter { $0 != " " && $0 != "," && $0 != "_" }
        for (word, letter) in [
            ("million", "M"), ("thousand", "k"), ("tokens", ""), ("m", "M"), ("mio", "M"),
        ] where number.hasSuffix(word) {
            number.removeLast(word.count)
            number += letter
            break
        }
        return right(number, unlike: text, { Quantities.tokens($0) != nil })
    }

    private static func right(
        _ number: String,
        unlike text: String,
        _ fits: (String) -> Bool
    ) -> String? {
        fits(number) && number != text ? "write \(number)" : nil
    }

    static func boolean(_ text: String) -> String? {
        switch text.lowercased() {
        case "y", "1", "enabled", "enable": "write true"
        case "n", "0", "disabled", "disable": "write false"
        default: nil
        }
    }

    /// `2026-12-24`, or a time without its zone.
    static func instant(_ text: String) -> String? {
        let dashes = text.split(separator: "-", omittingEmptySubsequences: false)
        if dashes.count == 3, text.count == 10, InstantText.instant(text + "T17:00:00Z") != nil {
            return "add a time and its zone: \(text)T17:00:00Z"
        }
        if InstantText.instant(text + "Z") != nil { return "add the zone: \(text)Z" }
        return duration(text)
    }

    /// `developer@latest`, `developer @2`.
    static func profile(_ text: String) -> String? {
        let bare = text.filter { $0 != " " }
        guard let at = bare.firstIndex(of: "@") else {
            return bare.contains(",") ? "a job has one profile" : nil
        }
        let name = bare[..<at]
        let number = bare[bare.index(after: at)...].drop { $0 == "v" }
        guard Quantities.isDigits(number), number != "0" else {
            return "write \(name) for the newest, or a number after the @"
        }
        return "write \(name)@\(number)"
    }

    /// Quotes that a word processor makes; YAML and shells know the straight ones alone.
    static func hasTypographicQuotes(_ text: String) -> Bool {
        guard let first = text.first, let last = text.last, text.count > 1 else { return false }
        return "“”„‘’‚«»".contains(first) && "“”‘’«»".contains(last)
    }
}
