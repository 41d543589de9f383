/// Times in nanoseconds and what to say of them.
struct Samples {
    private var sorted: [Int64]

    init(_ samples: [Int64]) { sorted = samples.sorted() }

    /// The value below which that many percent lie; 50 gives the median.
    func percentile(_ share: Int) -> Int64 {
        sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, sorted.count * share / 100)]
    }

    /// Median, 99th percentile and the worst, in milliseconds with two decimals.
    var text: String {
        "p50 \(Self.milliseconds(percentile(50))) ms, p99 \(Self.milliseconds(percentile(99))) ms,"
            + " worst \(Self.milliseconds(sorted.last ?? 0)) ms, n \(sorted.count)"
    }

    static func milliseconds(_ nanoseconds: Int64) -> String {
        let hundredths = nanoseconds / 10_000
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
