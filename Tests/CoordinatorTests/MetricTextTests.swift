import Testing

@testable import Coordinator

/// The text that Prometheus reads, byte by byte.
struct MetricTextTests {

    @Test func `a label may hold anything, and a help text cannot end its line`() {
        let odd = MetricFamily.gauge("giga_odd", "One\\two\nthree \"four\"")
            .with(1, .init("name", "a\\b\"c\nd"), .init("other", "é"))
        #expect(
            MetricFamily.text(of: [odd]) == """
                # HELP giga_odd One\\\\two\\nthree "four"
                # TYPE giga_odd gauge
                giga_odd{name="a\\\\b\\"c\\nd",other="é"} 1

                """
        )
    }

    @Test func `a family without samples is still named`() {
        let none = MetricFamily.counter("giga_none_total", "Nothing yet.")
        #expect(
            MetricFamily.text(of: [none])
                == "# HELP giga_none_total Nothing yet.\n# TYPE giga_none_total counter\n"
        )
    }

    @Test func `buckets are cumulative, a bound is inside, and the last is all`() {
        var waits = Histogram(upTo: [5, 1_000, 2_500], places: 3)
        for value: Int64 in [5, 6, 1_000, 2_501, -3] { waits.observe(value) }
        let family = MetricFamily.histogram("giga_wait_seconds", "Waits.")
            .with(waits, .init("kind", "ship"))
        #expect(
            MetricFamily.text(of: [family]) == """
                # HELP giga_wait_seconds Waits.
                # TYPE giga_wait_seconds histogram
                giga_wait_seconds_bucket{kind="ship",le="0.005"} 2
                giga_wait_seconds_bucket{kind="ship",le="1"} 4
                giga_wait_seconds_bucket{kind="ship",le="2.5"} 4
                giga_wait_seconds_bucket{kind="ship",le="+Inf"} 5
                giga_wait_seconds_sum{kind="ship"} 3.512
                giga_wait_seconds_count{kind="ship"} 5

                """
        )
    }

    @Test(arguments: [
        (0, 6, "0"), (1, 6, "0.000001"), (1_500_000, 6, "1.5"), (-25, 1, "-2.5"), (120, 0, "120"),
        (Int64.min, 6, "-9223372036854.775808"), (Int64.max, 0, "9223372036854775807"),
    ])
    func `numbers are exact`(value: Int64, places: Int, text: String) {
        #expect(MetricFamily.decimal(value, places) == text)
    }
}
