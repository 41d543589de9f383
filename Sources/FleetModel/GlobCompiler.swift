/// Why a text is no glob.
package struct GlobFault: Error, Hashable, Sendable {
    package let what: String
    package let hint: String?

    package init(_ what: String, hint: String? = nil) {
        self.what = what
        self.hint = hint
    }
}

/// One step of a glob: which characters lead on from it, and which leave one there.
enum GlobStep: Hashable, Sendable {
    case exactly(Unicode.Scalar)
    /// `?`
    case oneInName
    /// `*`
    case anythingInName
    /// `[a-z]`
    case oneOf([ClosedRange<Unicode.Scalar>], isNegated: Bool)
    /// `**/` is two steps: this one takes nothing, and leads into the folders or past them.
    case foldersBegin
    case folders
    /// The first character of whatever is beneath a folder.
    case one
    case anything

    /// Whether the next step follows after this character.
    func takes(_ scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .exactly(let wanted): scalar == wanted
        case .oneInName: scalar != "/"
        case .oneOf(let ranges, let isNegated):
            scalar != "/" && ranges.contains { $0.contains(scalar) } != isNegated
        case .folders: scalar == "/"
        case .one: true
        case .anythingInName, .foldersBegin, .anything: false
        }
    }

    /// Whether this step may take further characters after this one.
    func stays(on scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .anythingInName: scalar != "/"
        case .folders, .anything: true
        default: false
        }
    }
}

/// Turns a glob's text into its steps, or says what is wrong with it.
struct GlobCompiler {
    static let longest = 256

    private let scalars: [Unicode.Scalar]
    private var place = 0
    private var steps: [GlobStep] = []

    static func program(of pattern: String) throws(GlobFault) -> [GlobStep] {
        var compiler = GlobCompiler(scalars: Array(pattern.unicodeScalars))
        try compiler.run()
        return compiler.steps
    }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    private mutating func run() throws(GlobFault) {
        guard !scalars.isEmpty else { throw GlobFault("it is empty", hint: "use ** for all files") }
        guard scalars.count <= Self.longest else {
            throw GlobFault("it has \(scalars.count) characters; at most \(Self.longest) are read")
        }
        guard scalars.allSatisfy({ $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }) else {
            throw GlobFault("it has a control character in it")
        }
        guard scalars[0] != "/" else {
            throw GlobFault(
                "it begins with /",
                hint: "write it relative to the repository's root, without the /"
            )
        }
        guard scalars[0] != "!" else {
            throw GlobFault(
                "it begins with !",
                hint: "list what is meant; there is no taking back, and \\! is the character"
            )
        }
        while place < scalars.count { try name() }
    }

    /// One name between slashes, and the slash behind it.
    private mutating func name() throws(GlobFault) {
        let end = scalars[place...].firstIndex(of: "/") ?? scalars.count
        let name = scalars[place..<end]
        let isLast = end >= scalars.count - 1
        switch String(String.UnicodeScalarView(name)) {
        case "": throw GlobFault("it has // in it", hint: "write one /")
        case ".", "..":
            throw GlobFault(
                "it has . or .. as a folder in it",
                hint: "write it relative to the repository's root"
            )
        case "**":
            steps += isLast ? [.one, .anything] : [.foldersBegin, .folders]
            place = isLast ? scalars.count : end + 1
            return
        default: break
        }
        while place < end { try character(before: end) }
        guard end < scalars.count else { return }
        steps.append(.exactly("/"))
        if isLast { steps += [.one, .anything] }
        place = end + 1
    }

    private mutating func character(before end: Int) throws(GlobFault) {
        let scalar = scalars[place]
        place += 1
        switch scalar {
        case "*":
            guard place == end || scalars[place] != "*" else {
                throw GlobFault(
                    "** stands beside other characters",
                    hint: "** stands alone between slashes: src/**/*.swift"
                )
            }
            steps.append(.anythingInName)
        case "?": steps.append(.oneInName)
        case "[": try characterClass(before: end)
        case "{", "}":
            throw GlobFault(
                "it has a brace in it, and braces are not expanded",
                hint: "write one glob for each; \\\(scalar) is the character itself"
            )
        case "\\":
            guard place < end else {
                throw GlobFault("nothing follows its \\", hint: "\\\\ is the character itself")
            }
            steps.append(.exactly(scalars[place]))
            place += 1
        default: steps.append(.exactly(scalar))
        }
    }

    /// `[a-z_]`, `[!0-9]`; a `]` that comes first is the character.
    private mutating func characterClass(before end: Int) throws(GlobFault) {
        let unclosed = GlobFault(
            "its [ is not closed within the name",
            hint: "close it with ], or write \\[ for the character itself"
        )
        guard place < end else { throw unclosed }
        let isNegated = scalars[place] == "!" || scalars[place] == "^"
        if isNegated { place += 1 }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while place < end {
            let low = scalars[place]
            if low == "]", !ranges.isEmpty {
                place += 1
                return steps.append(.oneOf(ranges, isNegated: isNegated))
            }
            if low == "\\", place + 1 < end { place += 1 }
            let first = scalars[place]
            place += 1
            guard place + 1 < end, scalars[place] == "-", scalars[place + 1] != "]" else {
                ranges.append(first...first)
                continue
            }
            if scalars[place + 1] == "\\", place + 2 < end { place += 1 }
            let last = scalars[place + 1]
            guard first <= last else {
                throw GlobFault("\(first)-\(last) runs backwards", hint: "write \(last)-\(first)")
            }
            ranges.append(first...last)
            place += 2
        }
        throw unclosed
    }
}
