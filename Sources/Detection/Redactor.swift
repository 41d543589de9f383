/// Replaces secrets in a stream of bytes by what they are, however the stream is cut into parts.
///
/// What may be the start of a secret is held back until more bytes decide it, so the output does
/// not depend on the cuts.
package struct Redactor: Sendable {
    /// Where a secret began in the input, and what it is.
    package struct Finding: Hashable, Sendable {
        package let offset: Int
        package let kind: String
    }

    private enum Swallowing {
        case nothing
        case run(TokenShape.Alphabet)
        case until([UInt8], left: Int)
    }

    private let secrets: [KnownSecret]
    private var secretStarts = [Bool](repeating: false, count: 256)
    private var shapesByStart = [[TokenShape]](repeating: [], count: 256)
    private var held: [UInt8] = []
    private var previous: UInt8 = 0
    /// Bytes from here on that belong to a value found already.
    private var covered = 0
    private var swallowing = Swallowing.nothing
    private var position = 0
    package private(set) var findings: [Finding] = []

    package init(secrets: [KnownSecret] = []) {
        self.secrets = secrets.sorted {
            ($1.value.count, $0.name) < ($0.value.count, $1.name)
        }
        for secret in secrets { secretStarts[Int(secret.value[0])] = true }
        for shape in TokenShape.known { shapesByStart[Int(shape.prefix[0])].append(shape) }
    }

    /// Takes the next bytes and gives what is decided by now.
    package mutating func feed(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        held.append(contentsOf: bytes)
        return drain(isLast: false)
    }

    /// Nothing more comes: what was held back is no secret, or one that was cut off.
    package mutating func finish() -> [UInt8] { drain(isLast: true) }

    private enum Step {
        case undecided
        case plain
        case drop
        case mark(String)
    }

    private mutating func drain(isLast: Bool) -> [UInt8] {
        var output: [UInt8] = []
        var index = 0
        deciding: while index < held.count {
            switch step(at: index, isLast: isLast) {
            case .undecided: break deciding
            case .plain: output.append(held[index])
            case .drop: break
            case .mark(let kind):
                findings.append(Finding(offset: position, kind: kind))
                output.append(contentsOf: "[redacted:\(kind)]".utf8)
            }
            previous = held[index]
            if covered > 0 { covered -= 1 }
            position += 1
            index += 1
        }
        held.removeFirst(index)
        return output
    }

    private mutating func step(at index: Int, isLast: Bool) -> Step {
        let byte = held[index]
        var kind: String?
        // Nothing is written back while undecided: this place is looked at again.
        var reach = covered
        if secretStarts[Int(byte)] {
            // Longest first: a value that holds another is named as itself.
            for secret in secrets where secret.value[0] == byte {
                switch match(secret.value, at: index) {
                case .whole:
                    if covered == 0 { kind = kind ?? secret.name }
                    reach = max(reach, secret.value.count)
                case .part where !isLast: return .undecided
                case .part, .none: continue
                }
            }
        }
        let swallows = keepsSwallowing(byte, at: index, isLast: isLast)
        if swallows == .undecided { return .undecided }
        covered = reach
        if swallows == .yes { return .drop }
        if let kind { return .mark(kind) }
        if covered > 0 { return .drop }
        return token(startingWith: byte, at: index, isLast: isLast)
    }

    private enum Answer { case yes, no, undecided }

    /// A token that was announced already runs on.
    private mutating func keepsSwallowing(_ byte: UInt8, at index: Int, isLast: Bool) -> Answer {
        switch swallowing {
        case .nothing: return .no
        case .run(let alphabet):
            if alphabet.contains(byte) { return .yes }
        case .until(let end, let left):
            switch match(end, at: index) {
            case .part where !isLast: return .undecided
            case .none where left > 0, .part where left > 0:
                swallowing = .until(end, left: left - 1)
                return .yes
            case .whole, .none, .part: break
            }
        }
        swallowing = .nothing
        return .no
    }

    private mutating func token(startingWith byte: UInt8, at index: Int, isLast: Bool) -> Step {
        let shapes = shapesByStart[Int(byte)]
        if shapes.isEmpty || TokenShape.continuesWord(previous) { return .plain }
        for shape in shapes {
            switch match(shape.prefix, at: index) {
            case .none: continue
            case .part:
                if isLast { continue }
                return .undecided
            case .whole: break
            }
            switch shape.body {
            case .until(let end):
                swallowing = .until(end, left: TokenShape.longestUntil)
                return .mark(shape.kind)
            case .run(let minimum, let alphabet):
                let body = held[(index + shape.prefix.count)...]
                let run = body.prefix(minimum).prefix { alphabet.contains($0) }
                if run.count >= minimum {
                    swallowing = .run(alphabet)
                    return .mark(shape.kind)
                }
                if run.count == body.count, !isLast { return .undecided }
            }
        }
        return .plain
    }

    private enum Match { case none, part, whole }

    private func match(_ pattern: [UInt8], at index: Int) -> Match {
        let count = min(pattern.count, held.count - index)
        for offset in 0..<count where held[index + offset] != pattern[offset] { return .none }
        return count == pattern.count ? .whole : .part
    }
}

extension Redactor {
    /// A whole text at once.
    package static func redact(_ bytes: [UInt8], secrets: [KnownSecret]) -> [UInt8] {
        var redactor = Redactor(secrets: secrets)
        return redactor.feed(bytes) + redactor.finish()
    }

    package static func redact(_ text: String, secrets: [KnownSecret]) -> String {
        String(decoding: redact(Array(text.utf8), secrets: secrets), as: UTF8.self)
    }
}
