package import FleetModel

/// Numbers with units as people write them, read without floating point.
package enum Quantities {
    private static let daySeconds: Int64 = 86_400

    /// `90s 45m 4h 2d 1h30m`: units fall, each at most once.
    package static func timespan(_ text: String) -> Timespan? {
        var seconds: Int64 = 0
        var digits = ""
        var largest = Int64.max
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            let unit: Int64
            switch character {
            case "d": unit = daySeconds
            case "h": unit = 3600
            case "m": unit = 60
            case "s": unit = 1
            default: return nil
            }
            guard unit < largest, let count = Int64(digits), count < 1_000_000_000 else {
                return nil
            }
            seconds += count * unit
            largest = unit
            digits = ""
        }
        guard digits.isEmpty, largest != .max else { return nil }
        return .seconds(seconds)
    }

    /// A decimal number in whole units of its last allowed place.
    ///
    /// `decimal("2.5", places: 3)` is 2500. Nil for signs, exponents, more places, or what no 64-bit number holds.
    package static func decimal(_ text: some StringProtocol, places: Int) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), isDigits(parts[0]) else { return nil }
        var digits = String(parts[0])
        if parts.count == 2 {
            guard isDigits(parts[1]), parts[1].count <= places else { return nil }
            digits += parts[1]
        }
        let fraction = parts.count == 2 ? parts[1].count : 0
        return Int64(digits + String(repeating: "0", count: places - fraction))
    }

    /// `2M 500k 120000`.
    static func tokens(_ text: String) -> Int64? {
        var number = text[...]
        let zeros: Int
        switch number.last {
        case "k", "K": zeros = 3
        case "M": zeros = 6
        case "G": zeros = 9
        default: zeros = 0
        }
        if zeros > 0 { number.removeLast() }
        return decimal(number, places: zeros)
    }

    /// US dollars in whole micro-dollars.
    static func microUSD(_ text: String) -> Int64? {
        decimal(text.hasPrefix("$") ? text.dropFirst() : text[...], places: 6)
    }

    /// `512MiB 2GB`, in bytes.
    package static func bytes(_ text: String) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits) else { return nil }
        let unit: Int64
        switch text.dropFirst(digits.count) {
        case "", "B": unit = 1
        case "kB", "KB": unit = 1000
        case "MB": unit = 1_000_000
        case "GB": unit = 1_000_000_000
        case "TB": unit = 1_000_000_000_000
        case "KiB": unit = 1 << 10
        case "MiB": unit = 1 << 20
        case "GiB": unit = 1 << 30
        case "TiB": unit = 1 << 40
        default: return nil
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : product
    }

    /// Every way in which YAML's versions let people write it.
    static func boolean(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "yes", "on": true
        case "false", "no", "off": false
        default: nil
        }
    }

    static func isDigits(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
