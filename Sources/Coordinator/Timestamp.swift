package import FleetModel

/// Instants as ISO 8601 in UTC with milliseconds: `2026-11-21T04:05:06.789Z`.
///
/// Written out here because every event line has one and the general formatters cost several
/// microseconds each.
package enum Timestamp {
    package static func text(_ instant: Instant) -> String {
        let (days, rest) = instant.milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        let (day, milliseconds) = rest < 0 ? (days - 1, rest + 86_400_000) : (days, rest)
        let date = civil(fromDays: day)
        let seconds = milliseconds / 1000
        let year = "\(date.year)".utf8
        return String(unsafeUninitializedCapacity: year.count + 24) { text in
            var place = 0
            func put(_ byte: UInt8) {
                text.initializeElement(at: place, to: byte)
                place += 1
            }
            func put(_ number: Int64, _ end: Unicode.Scalar) {
                put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10))
                put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
                put(UInt8(ascii: end))
            }
            for _ in 0..<max(0, 4 - year.count) { put(UInt8(ascii: "0")) }
            for digit in year { put(digit) }
            put(UInt8(ascii: "-"))
            put(date.month, "-")
            put(date.day, "T")
            put(seconds / 3600, ":")
            put(seconds / 60 % 60, ":")
            put(seconds % 60, ".")
            put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: milliseconds % 1000 / 100))
            put(milliseconds % 100, "Z")
            return place
        }
    }

    /// Reads exactly what `text` writes; nil for anything else.
    package static func instant(_ text: String) -> Instant? {
        let bytes = Array(text.utf8)
        guard bytes.count == 24, bytes[10] == UInt8(ascii: "T"), bytes[23] == UInt8(ascii: "Z")
        else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            Int64(String(decoding: bytes[range], as: UTF8.self))
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            let millisecond = number(20..<23), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let clock = (hour * 60 + minute) * 60 + second
        let instant = Instant(
            milliseconds: (days(year, month, day) * 86_400 + clock) * 1000 + millisecond
        )
        // Signs, other separators, 24 o'clock and 30 February would be written differently.
        return self.text(instant) == text ? instant : nil
    }

    /// Days since 1970-01-01 of a date in the Gregorian calendar, with years beginning in March.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
