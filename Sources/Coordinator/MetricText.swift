/// One family of the Prometheus text format 0.0.4: a name, what it means, and its samples.
struct MetricFamily: Hashable, Sendable {
    enum Kind: String, Sendable { case counter, gauge, histogram }

    /// A label's name and its value, which may be any text.
    struct Label: Hashable, Sendable {
        let name: String
        let value: String

        init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
    }

    private struct Sample: Hashable, Sendable {
        var suffix = ""
        let labels: [Label]
        let value: String
    }

    let name: String
    let help: String
    let kind: Kind
    private var samples: [Sample] = []

    private init(_ name: String, _ kind: Kind, _ help: String) {
        (self.name, self.kind, self.help) = (name, kind, help)
    }

    static func counter(_ name: String, _ help: String) -> MetricFamily {
        precondition(name.hasSuffix("_total"), "a counter ends with _total: \(name)")
        return MetricFamily(name, .counter, help)
    }

    static func gauge(_ name: String, _ help: String) -> MetricFamily {
        MetricFamily(name, .gauge, help)
    }

    static func histogram(_ name: String, _ help: String) -> MetricFamily {
        MetricFamily(name, .histogram, help)
    }

    /// The family with one more sample; `places` of the number stand behind the point.
    func with(_ value: some BinaryInteger, places: Int = 0, _ labels: Label...) -> MetricFamily {
        precondition(kind != .histogram, "\(name) takes histograms")
        var family = self
        let text = Self.decimal(Int64(clamping: value), places)
        family.samples.append(Sample(labels: labels, value: text))
        return family
    }

    func with(_ histogram: Histogram, _ labels: Label...) -> MetricFamily {
        precondition(kind == .histogram, "\(name) takes single numbers")
        var family = self
        func add(_ suffix: String, _ value: String, _ more: [Label] = []) {
            family.samples.append(Sample(suffix: suffix, labels: labels + more, value: value))
        }
        var running: Int64 = 0
        for (bound, count) in zip(histogram.bounds, histogram.counts) {
            running += count
            let edge = Self.decimal(bound, histogram.places)
            add("_bucket", "\(running)", [Label("le", edge)])
        }
        add("_bucket", "\(histogram.count)", [Label("le", "+Inf")])
        add("_sum", Self.decimal(histogram.sum, histogram.places))
        add("_count", "\(histogram.count)")
        return family
    }

    /// A number whose last `places` digits stand behind the point, without idle zeros.
    static func decimal(_ value: Int64, _ places: Int) -> String {
        let digits = String(value.magnitude)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        var fraction = padded.suffix(places)
        while fraction.last == "0" { fraction.removeLast() }
        let whole = (value < 0 ? "-" : "") + padded.dropLast(places)
        return fraction.isEmpty ? whole : "\(whole).\(fraction)"
    }
}

extension MetricFamily {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The whole text; a family without samples keeps its lines, so that its name is known.
    static func text(of families: [MetricFamily]) -> String {
        var text = ""
        for family in families { family.write(to: &text) }
        return text
    }

    private func write(to text: inout String) {
        text += "# HELP \(name) \(Self.escaped(help))\n"
        text += "# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            text += name + sample.suffix
            if !sample.labels.isEmpty {
                let pairs = sample.labels.map {
                    "\($0.name)=\"\(Self.escaped($0.value, isQuoted: true))\""
                }
                text += "{\(pairs.joined(separator: ","))}"
            }
            text += " \(sample.value)\n"
        }
    }

    private static func escaped(_ text: String, isQuoted: Bool = false) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where isQuoted: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

/// How many observations were at most as large as each bound, and their sum.
///
/// Whole numbers of a small unit: `places` says how many digits are behind the base unit's point.
struct Histogram: Hashable, Sendable {
    let bounds: [Int64]
    let places: Int
    /// Of each bound those above the one before; the last are above all bounds.
    private(set) var counts: [Int64]
    private(set) var sum: Int64 = 0

    init(upTo bounds: [Int64], places: Int = 0) {
        precondition(
            zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 },
            "bounds of a histogram rise: \(bounds)"
        )
        (self.bounds, self.places) = (bounds, places)
        counts = [Int64](repeating: 0, count: bounds.count + 1)
    }

    var count: Int64 { counts.reduce(0, +) }

    /// A clock that went back is no reason to count backwards.
    mutating func observe(_ value: Int64) {
        let value = max(0, value)
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum &+= value
    }
}
