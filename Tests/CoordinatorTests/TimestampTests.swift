import FleetModel
import FleetTesting
import Testing

@testable import Coordinator

struct TimestampTests {
    @Test(arguments: [
        "", "2026-11-21", "2026-11-21T04:05:06Z", "2026-11-21T04:05:06.789",
        "2026-11-21T04:05:06.789z", "2026-11-21 04:05:06.789Z", "2026/11/21T04:05:06.789Z",
        "2026-11-21T04.05.06.789Z", "2026-11-21T04:05:06,789Z", "2026-13-01T04:05:06.789Z",
        "2026-00-01T04:05:06.789Z", "2026-11-00T04:05:06.789Z", "2026-11-31T04:05:06.789Z",
        "2026-02-29T04:05:06.789Z", "1900-02-29T04:05:06.789Z", "2026-11-21T24:00:00.000Z",
        "2026-11-21T04:60:06.789Z", "2026-11-21T04:05:60.789Z", "+026-11-21T04:05:06.789Z",
        "-026-11-21T04:05:06.789Z", "2026-+1-21T04:05:06.789Z", "2026-11-21T-4:05:06.789Z",
        "2026-11-21T04:05:06.+89Z", "2026-11-21T04:05:06.789Zé", " 2026-11-21T04:05:06.789Z",
    ])
    func `What it would not write itself is refused`(text: String) {
        #expect(Timestamp.instant(text) == nil)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (951_868_800_000, "2000-03-01T00:00:00.000Z"),
        (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
        (-2_203_977_600_000, "1900-02-28T00:00:00.000Z"),
        (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"),
        (1_795_233_906_789, "2026-11-21T04:05:06.789Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ])
    func `Known instants read as the calendar has them`(milliseconds: Int64, text: String) {
        #expect(Timestamp.text(Instant(milliseconds: milliseconds)) == text)
        #expect(Timestamp.instant(text) == Instant(milliseconds: milliseconds))
    }

    @Test func `Random instants of 10,000 days around 1970 come back, in order`() {
        var random = SeededRandom(seed: 19_700_101)
        var seen: [(Int64, String)] = []
        for _ in 0..<20_000 {
            let day = Int64(random.number(in: -10_000...10_000))
            let instant = day * 86_400_000 + Int64(random.number(in: 0...86_399_999))
            let text = Timestamp.text(Instant(milliseconds: instant))
            #expect(Timestamp.instant(text) == Instant(milliseconds: instant), "\(text)")
            seen.append((instant, text))
        }
        seen.sort { $0.0 < $1.0 }
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.1 <= $1.1 })
    }

    @Test func `Every day of four centuries follows the one before it`() {
        let months = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var day: Int64 = 0
        for year in 1970..<2370 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            for (index, length) in months.enumerated() {
                for date in 1...(length + (isLeap && index == 1 ? 1 : 0)) {
                    let head = "\(year)-\(two(index + 1))-\(two(date))T"
                    let text = Timestamp.text(Instant(milliseconds: day * 86_400_000))
                    if !text.hasPrefix(head) { Issue.record("\(text) is not \(head)") }
                    day += 1
                }
            }
        }
    }

    private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
