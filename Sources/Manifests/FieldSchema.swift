/// The JSON Schema (2020-12) of a file kind's YAML, for editors; made from the field table.
///
/// It describes what a YAML 1.2 reader makes of the file. What it cannot say, such as how long a
/// duration may be, `giga add --check` and `giga profile lint` do.
package enum FieldSchema {
    package static func json(of kind: FieldTable.FileKind) -> String {
        let members = FieldTable.rows(of: kind).map { row in
            "    \(QuotedText.json(row.name)): {\(head(row))\(body(row))}"
        }
        let extra = kind == .job ? "  \"patternProperties\": {\"^x-\": {}},\n" : ""
        return """
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "title": "giga \(kind.rawValue)",
              "type": "object",
              "additionalProperties": false,
            \(extra)  "properties": {
            \(members.joined(separator: ",\n"))
              }
            }

            """
    }

    private static func head(_ row: FieldRow) -> String {
        let standing =
            switch row.standing {
            case .kept: ""
            case .recorded(let word): "; recorded, not \(word) yet"
            case .refused: "; refused until it is kept"
            }
        return "\"description\": "
            + QuotedText.json("\(row.meaning)\(standing); default: \(row.defaultText)")
    }

    private static func body(_ row: FieldRow) -> String {
        if case .refused = row.standing { return ", \"not\": {}" }
        return ", \(shape(row.shape).dropFirst().dropLast())"
    }

    /// Editors type scalars as YAML does, so that text may look like a number or a truth to them.
    private static let scalar = "\"type\": [\"string\", \"number\", \"boolean\"]"

    private static func shape(_ shape: ValueShape) -> String {
        switch shape {
        case .text: "{\(scalar)}"
        case .line(let longest):
            "{\(scalar), \"minLength\": 1, \"maxLength\": \(longest), \"pattern\": "
                + "\(QuotedText.json(#"^(?=.*[^ ])[^\x00-\x1f\x7f]*$"#))}"
        case .pattern(let pattern, let orNumber):
            "{\(orNumber ? scalar : "\"type\": \"string\""), "
                + "\"pattern\": \(QuotedText.json(pattern))}"
        case .boolean:
            "{\"anyOf\": [{\"type\": \"boolean\"}, {\"type\": \"string\", \"pattern\": "
                + "\"^(?:[Yy][Ee][Ss]|[Nn][Oo]|[Oo][Nn]|[Oo][Ff][Ff]|"
                + "[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$\"}]}"
        case .whole(let range):
            "{\"anyOf\": [{\"type\": \"integer\", \"minimum\": \(range.lowerBound), "
                + "\"maximum\": \(range.upperBound)}, "
                + "{\"type\": \"string\", \"pattern\": \"^[0-9]+$\"}]}"
        case .decimal(let most):
            "{\"anyOf\": [{\"type\": \"number\", \"minimum\": 0, \"maximum\": \(most)}, "
                + "{\"type\": \"string\", \"pattern\": \"^[0-9]+(?:\\\\.[0-9]{1,6})?$\"}]}"
        case .choice(let words):
            "{\"enum\": [\(words.map(QuotedText.json).joined(separator: ", "))]}"
        case .list(let item, let least, let most):
            "{\"type\": \"array\", \"minItems\": \(least), \"maxItems\": \(most), "
                + "\"items\": \(self.shape(item))}"
        case .map(let members): map(members)
        case .dictionary(let item, let keys):
            "{\"type\": \"object\", \"maxProperties\": 100, "
                + "\"propertyNames\": \(self.shape(keys)), "
                + "\"additionalProperties\": \(self.shape(item))}"
        case .either(let shapes):
            "{\"anyOf\": [\(shapes.map(self.shape).joined(separator: ", "))]}"
        case .anything: "{\"type\": [\"array\", \"object\", \"string\", \"number\", \"boolean\"]}"
        }
    }

    private static func map(_ members: [ValueShape.Member]) -> String {
        let properties = members.map { "\(QuotedText.json($0.name)): \(shape($0.shape))" }
        let required = members.filter(\.isRequired).map { QuotedText.json($0.name) }
        return "{\"type\": \"object\", \"additionalProperties\": false, "
            + "\"required\": [\(required.joined(separator: ", "))], "
            + "\"properties\": {" + properties.joined(separator: ", ") + "}}"
    }
}
