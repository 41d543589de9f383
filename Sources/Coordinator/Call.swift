import FleetProtocol
import HTTPServing

/// One call of the API: what goes in, what comes out, who may make it, and what serves it.
///
/// The route, the checks before it and its description are all made from this one value.
struct Call: Sendable {
    let method: HTTPMethod
    let pattern: String
    /// A stable name: `readJob`.
    let name: String
    let summary: String
    let who: Who
    let parameters: [Parameter]
    let body: Body?
    let replies: [Reply]
    private let ownProblems: [Problem.Kind]
    /// Whether a repeat with the same `Idempotency-Key` gets the first answer.
    let isRepeatable: Bool
    /// Decides on the head where a body goes; nil keeps it in memory.
    let receive: Receiving?
    let serve: @Sendable (FleetAPI) -> Route.Handler

    typealias Receiving =
        @Sendable (FleetAPI, HTTPRequest, PathParameters) throws(Problem) -> Reception

    init(
        _ method: HTTPMethod,
        _ pattern: String,
        name: String,
        _ summary: String,
        who: Who,
        parameters: [Parameter] = [],
        body: Body? = nil,
        replies: [Reply],
        problems: [Problem.Kind] = [],
        receive: Receiving? = nil,
        serve: @escaping @Sendable (FleetAPI) -> Route.Handler
    ) {
        self.method = method
        self.pattern = pattern
        self.name = name
        self.summary = summary
        self.who = who
        isRepeatable = [.person, .overseer, .admin].contains(who)
        self.parameters = parameters
        self.body = body
        self.replies = replies
        ownProblems = problems
        self.receive = receive
        self.serve = serve
    }

    /// Who may make a call.
    enum Who: String, CaseIterable, Sendable {
        /// No token is looked at.
        case anybody
        /// On loopback no token is needed; elsewhere any known one.
        case reader
        /// A token that may see who may do what.
        case auditor
        /// The token of a person who decides on work.
        case person
        /// The same, where it concerns every product.
        case overseer
        /// The token of a person who may change what decisions rest on.
        case admin
        /// A factory's own token, for what is its own.
        case factory
        /// An admin, a join token, or the factory itself when it returns.
        case joining
        /// A reader or a factory, as a parameter says.
        case listener
    }

    var changes: Bool { method != .get }

    /// Those of its own, and the key of a request that may come again.
    var allParameters: [Parameter] {
        guard isRepeatable else { return parameters }
        let words = "Of your own making; a repeat within 24 hours gets the first answer"
        return parameters + [.header("Idempotency-Key", .token(255), words)]
    }

    /// The names between braces, with what may stand there.
    var pathForms: [(name: String, form: ParameterForm)] {
        pattern.split(separator: "/").filter { $0.hasPrefix("{") }.map { part in
            let name = String(part.dropFirst().dropLast())
            let before = pattern.split(separator: "{").first ?? ""
            return switch name {
            case "id": (name, .job)
            case "run": (name, .run)
            case _ where before.hasSuffix("/factories/"): (name, .named("build-1"))
            case _ where before.hasSuffix("/profiles/"): (name, .named("developer"))
            case _ where before.hasSuffix("/policies/"): (name, .named("developer"))
            case _ where before.hasSuffix("/products/"): (name, .named("main"))
            case _ where before.hasSuffix("/tokens/"): (name, .named("bob"))
            case _ where pattern.hasSuffix("/artifacts/{name}"): (name, .named("diff"))
            default: (name, .named("shop"))
            }
        }
    }

    /// All that it can be answered with instead of a reply.
    var problems: [Problem.Kind] {
        var kinds = ServerRefusal.kinds + who.problems + ownProblems
        kinds += [.unknownParameter, .badParameter]
        if changes { kinds += [.rescue, .overloaded, .storeAway] }
        if isRepeatable { kinds += [.badKey, .keyReused] }
        if let body { kinds += [.unknownType] + (body.isJSON ? [.unreadableBody] : []) }
        if pattern.contains("{id}") { kinds.append(.badJobID) }
        if pattern.contains("{run}") { kinds.append(.badRunID) }
        return kinds
    }
}

extension Call {
    /// What comes after the question mark, or in a header.
    struct Parameter: Sendable {
        let name: String
        let form: ParameterForm
        let words: String
        var isRequired = false
        var isHeader = false

        init(
            _ name: String,
            _ form: ParameterForm,
            _ words: String,
            isRequired: Bool = false
        ) {
            self.name = name
            self.form = form
            self.words = words
            self.isRequired = isRequired
        }

        static func header(_ name: String, _ form: ParameterForm, _ words: String) -> Parameter {
            var header = Parameter(name, form, words)
            header.isHeader = true
            return header
        }
    }

    /// What a call reads.
    struct Body: Sendable {
        let forms: [Media]
        /// Whether it may be left out.
        let isOptional: Bool

        var isJSON: Bool { forms.contains { $0.type == "application/json" } }

        static func json<Value: Codable & Sendable>(
            _ example: Value,
            isOptional: Bool = false,
            or other: Media? = nil
        ) -> Body {
            let json = Media(
                type: "application/json",
                schema: { try $0.schema(of: Value.self).tree },
                example: { JSONBody.bytes(example).flatMap { JSONBody.value(JSONTree.self, $0) } }
            )
            return Body(forms: [json] + (other.map { [$0] } ?? []), isOptional: isOptional)
        }

        static let bytes = Body(forms: [.bytes], isOptional: false)
    }

    /// Content of one media type.
    struct Media: Sendable {
        let type: String
        let schema: @Sendable (SchemaProbe) throws -> JSONTree
        var example: @Sendable () -> JSONTree? = { nil }

        static let bytes = Media(type: "application/octet-stream") { _ in [:] }

        static func text(_ type: String, example: String? = nil) -> Media {
            Media(
                type: type,
                schema: { _ in Schema.anyText.tree },
                example: { example.map(JSONTree.text) }
            )
        }
    }

    /// A good answer.
    struct Reply: Sendable {
        let status: Int
        let words: String
        let media: Media?
        /// What it may be instead, as a parameter says.
        var alternative: Media?

        static func json<Value: Decodable & Sendable>(
            _ status: Int,
            _ type: Value.Type,
            _ words: String
        ) -> Reply {
            let media = Media(type: "application/json") { try $0.schema(of: type).tree }
            return Reply(status: status, words: words, media: media)
        }

        static func text(_ type: String, _ words: String) -> Reply {
            Reply(status: 200, words: words, media: .text(type))
        }

        static func bytes(_ words: String) -> Reply {
            Reply(status: 200, words: words, media: .bytes)
        }

        /// The same as JSON, where a parameter asks for it.
        func or<Value: Decodable & Sendable>(_ type: Value.Type) -> Reply {
            var reply = self
            reply.alternative = Media(type: "application/json") {
                try $0.schema(of: type).tree
            }
            return reply
        }

        /// JSON that a page of its own describes.
        static func anyJSON(_ words: String) -> Reply {
            let media = Media(type: "application/json") { _ in ["type": "object"] }
            return Reply(status: 200, words: words, media: media)
        }

        static func empty(_ words: String) -> Reply {
            Reply(status: 204, words: words, media: nil)
        }
    }
}
