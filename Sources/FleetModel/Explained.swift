/// A failure that a person can act on; each part is one sentence without a full stop.
package protocol Explained: Error, Sendable {
    /// Stable, for scripts and for search: `room.kebab-case`.
    var code: String { get }
    /// What failed, in the reader's words, naming the thing.
    var what: String { get }
    /// The fact that made it fail, with the value that was seen.
    var why: String { get }
    /// The next thing to do: a command where there is one.
    var hint: String { get }
}

extension Explained {
    /// The three lines that a person sees.
    package var report: String { "error: \(what)\n  \(why)\nhint: \(hint)" }
}

/// A command that the rules do not allow: expected, typed, safe to show.
package struct Refusal: Explained, Hashable, Codable {
    /// What kind of no it is; decides the HTTP status and the exit code.
    package enum Kind: String, Hashable, Sendable, Codable {
        /// The request itself makes no sense. 400, exit 2.
        case invalid
        /// Nothing of that name. 404, exit 1.
        case unknown
        /// It contradicts the present state. 409, exit 1.
        case conflict
        /// The lease that it rests on is no longer the newest. 409 with its own code.
        case staleFence
        /// A gate or a policy says no. 422, exit 5.
        case gate
        /// The fleet is halted or out of budget. 423, exit 6.
        case held
        /// This principal may not. 403, exit 4.
        case forbidden
    }

    package let kind: Kind
    package let code: String
    package let what: String
    package let why: String
    package let hint: String

    package init(_ kind: Kind, _ code: String, what: String, why: String, hint: String) {
        self.kind = kind
        self.code = code
        self.what = what
        self.why = why
        self.hint = hint
    }
}
