/// What JSON values of one type look like: the part of JSON Schema 2020-12 that messages need.
package indirect enum Schema: Hashable, Sendable {
    /// Described once under this name, and pointed at from everywhere else.
    case named(String)
    case text(TextForm)
    case number(NumberForm)
    case flag
    /// One of these texts.
    case oneOf([String])
    case list(of: Schema, atLeast: Int = 0, atMost: Int? = nil)
    /// Names that are not known beforehand, all with values of one form.
    case map(of: Schema)
    /// Closed: a field that is not named here is a mistake.
    case object([String: Schema], required: Set<String>)
    /// Exactly one of these.
    case choice([Schema])
    case described(Schema, String)

    /// A text and its limits, counted in characters.
    package struct TextForm: Hashable, Sendable {
        package var format: String?
        /// ECMA-262, anchored by hand.
        package var pattern: String?
        package var atLeast: Int?
        package var atMost: Int?

        package init(
            format: String? = nil,
            pattern: String? = nil,
            atLeast: Int? = nil,
            atMost: Int? = nil
        ) {
            self.format = format
            self.pattern = pattern
            self.atLeast = atLeast
            self.atMost = atMost
        }
    }

    /// A whole number; there are no others here.
    package struct NumberForm: Hashable, Sendable {
        package var least: Int64
        package var most: UInt64
        package var format: String

        package init(_ range: ClosedRange<Int64>) {
            precondition(range.upperBound >= 0, "no number here is always negative")
            least = range.lowerBound
            most = UInt64(range.upperBound)
            format = "int64"
        }

        package static let int64 = NumberForm(.min ... .max)
        package static var uint64: NumberForm {
            var form = NumberForm(0...0)
            form.most = .max
            form.format = "uint64"
            return form
        }
    }

    package static let anyText = Schema.text(TextForm())
    package static func text(pattern: String, atMost: Int? = nil) -> Schema {
        .text(TextForm(pattern: pattern, atMost: atMost))
    }
    package static func text(_ length: ClosedRange<Int>) -> Schema {
        .text(TextForm(atLeast: length.lowerBound, atMost: length.upperBound))
    }
    package static func number(_ range: ClosedRange<Int64>) -> Schema {
        .number(NumberForm(range))
    }
    /// An instant as people read it: ISO 8601, UTC, milliseconds.
    package static let timestamp = Schema.text(
        TextForm(
            format: "date-time",
            pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$"
        )
    )

    package func described(_ words: String) -> Schema { .described(self, words) }
}

extension Schema {
    /// The schema as JSON; names become references into `#/components/schemas`.
    package var tree: JSONTree {
        switch self {
        case .named(let name): ["$ref": .text("#/components/schemas/\(name)")]
        case .text(let form): form.tree
        case .number(let form):
            [
                "type": "integer", "format": .text(form.format), "minimum": .number(form.least),
                "maximum": .positive(form.most),
            ]
        case .flag: ["type": "boolean"]
        case .oneOf(let words): ["type": "string", "enum": .list(words.map(JSONTree.text))]
        case .list(let item, let least, let most): Self.list(item, least, most)
        case .map(let value): ["type": "object", "additionalProperties": value.tree]
        case .object(let fields, let required): Self.object(fields, required)
        case .choice(let choices): ["oneOf": .list(choices.map(\.tree))]
        case .described(let schema, let words):
            Self.describing(schema.tree, words)
        }
    }

    private static func list(_ item: Schema, _ least: Int, _ most: Int?) -> JSONTree {
        var tree: JSONTree = ["type": "array", "items": item.tree]
        if least > 0 { tree["minItems"] = .number(Int64(least)) }
        tree["maxItems"] = most.map { .number(Int64($0)) }
        return tree
    }

    private static func object(_ fields: [String: Schema], _ required: Set<String>) -> JSONTree {
        var tree: JSONTree = [
            "type": "object", "properties": .object(fields.mapValues(\.tree)),
            "additionalProperties": false,
        ]
        if !required.isEmpty { tree["required"] = .list(required.sorted().map(JSONTree.text)) }
        return tree
    }

    private static func describing(_ tree: JSONTree, _ words: String) -> JSONTree {
        var tree = tree
        tree["description"] = .text(words)
        return tree
    }
}

extension Schema.TextForm {
    fileprivate var tree: JSONTree {
        var tree: JSONTree = ["type": "string"]
        tree["format"] = format.map(JSONTree.text)
        tree["pattern"] = pattern.map(JSONTree.text)
        tree["minLength"] = atLeast.map { .number(Int64($0)) }
        tree["maxLength"] = atMost.map { .number(Int64($0)) }
        return tree
    }
}
