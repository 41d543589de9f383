/// The JSON Schema (draft-07) of a file kind's YAML, for editors; made from the field table.
package enum FieldSchema {
    package static func json(of kind: FieldTable.FileKind) -> String {
        let members = FieldTable.rows(of: kind).map { row in
            let description = QuotedText.json("\(row.meaning); default: \(row.defaultText)")
            let schema = shape(row.shape).dropFirst()
            return "    \(QuotedText.json(row.name)): {\"description\": \(description), \(schema)"
        }
        let extra = kind == .job ? "  \"patternProperties\": {\"^x-\": {}},\n" : ""
        return """
            {
              "$schema": "http://json-schema.org/draft-07/schema#",
              "title": "giga \(kind.rawValue)",
              "type": "object",
              "additionalProperties": false,
            \(extra)  "properties": {
            \(members.joined(separator: ",\n"))
              }
            }

            """
    }

    /// Editors type scalars as YAML does, so that text may look like a number or a truth to them.
    private static let scalar = "\"type\": [\"string\", \"number\", \"boolean\"]"

    private static func shape(_ shape: ValueShape) -> String {
        switch shape {
        case .text, .number: "{\(scalar)}"
        case .boolean: "{\"enum\": [true, false, \"yes\", \"no\", \"on\", \"off\"]}"
        case .choice(let words):
            "{\"enum\": [\(words.flatMap(spellings).joined(separator: ", "))]}"
        case .list(let item): "{\"type\": \"array\", \"items\": \(self.shape(item))}"
        case .map(let members): map(members)
        case .dictionary(let item):
            "{\"type\": \"object\", \"additionalProperties\": \(self.shape(item))}"
        case .either(let shapes):
            "{\"anyOf\": [\(shapes.map(self.shape).joined(separator: ", "))]}"
        case .anything: "{\"type\": [\"array\", \"object\", \"string\", \"number\", \"boolean\"]}"
        }
    }

    /// `network: off` is false to an editor.
    private static func spellings(of word: String) -> [String] {
        switch word {
        case "on": ["\"on\"", "true"]
        case "off": ["\"off\"", "false"]
        default: [QuotedText.json(word)]
        }
    }

    private static func map(_ members: [ValueShape.Member]) -> String {
        let properties = members.map { "\(QuotedText.json($0.name)): \(shape($0.shape))" }
        return "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
            + properties.joined(separator: ", ") + "}}"
    }
}
