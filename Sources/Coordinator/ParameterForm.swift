import FleetModel
import FleetProtocol

/// What a parameter may be: said as a schema, and checked before the call is served.
enum ParameterForm: Sendable {
    /// A name, with an example of one.
    case named(String)
    case job
    case run
    /// A whole number within these bounds.
    case number(ClosedRange<Int64>)
    /// A number that counts on without a bound of its own: a position, a fence.
    case counter
    case oneOf([String])
    /// Any text of so many characters.
    case text(ClosedRange<Int>)
    /// Visible ASCII of at most so many characters, as a header can carry it.
    case token(Int)
    /// A hash in hexadecimal digits.
    case sha256

    /// Of a byte in a log.
    static let position = ParameterForm.number(0...Int64.max)

    var schema: Schema {
        switch self {
        case .named: .name
        case .job: JobID.form
        case .run: .runID
        case .number(let range): .number(range)
        case .counter: .number(.uint64)
        case .oneOf(let words): .oneOf(words)
        case .text(let length): .text(length)
        case .token(let most): .text(pattern: "^[!-~]{1,\(most)}$")
        case .sha256: .text(pattern: "^[0-9a-f]{64}$")
        }
    }

    var example: String {
        switch self {
        case .named(let example): example
        case .job: "job-12"
        case .run: "job-12.1"
        case .number(let range): "\(range.lowerBound)"
        case .counter: "3"
        case .oneOf(let words): words.first ?? ""
        case .text, .token: "8e03978e-40d5-43dd-bc93-6894a57f9324"
        case .sha256: Digest(sha256: "").hex
        }
    }

    /// Why `text` cannot be meant; nil when it can.
    func fault(of text: String) -> String? {
        switch self {
        case .named: Naming.isName(text) ? nil : "a name is \(Naming.rule)"
        case .job: JobID(text: text) != nil ? nil : "a job id is job- and a number"
        case .run: RunID(text: text) != nil ? nil : "a run is job-12.2 or job-12.ship-5"
        case .number(let range):
            Int64(strictly: text).map(range.contains) == true
                ? nil : "it is a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .counter:
            UInt64(strictly: text) != nil ? nil : "it is a whole number from 0 to \(UInt64.max)"
        case .oneOf(let words):
            words.contains(text) ? nil : "it is one of \(words.joined(separator: ", "))"
        case .text(let length):
            length.contains(text.unicodeScalars.count)
                ? nil : "it has \(length.lowerBound) to \(length.upperBound) characters"
        case .token(let most):
            (1...most).contains(text.utf8.count) && text.utf8.allSatisfy { 0x21...0x7E ~= $0 }
                ? nil : "it has 1 to \(most) visible ASCII characters"
        case .sha256:
            Digest.isHex(text) ? nil : "a SHA-256 has 64 lower-case hexadecimal digits"
        }
    }
}

extension FixedWidthInteger {
    /// Without a plus sign, which other readers of numbers would not take.
    fileprivate init?(strictly text: String) {
        guard text.first != "+" else { return nil }
        self.init(text)
    }
}
