/// One value of a form of its own, such as an id.
package protocol FormedValue {
    static var form: Schema { get }
    /// Of that form: what is read in place of one while a message is looked at.
    static func example() throws -> Self
}

/// An enumeration whose cases carry values; each is an object with the case's name as its field.
package protocol NamedCases {
    static var caseNames: [String] { get }
}

/// A message with fields that are narrower than their types.
package protocol FormedFields {
    static var forms: [String: Schema] { get }
}

/// What JSON itself has.
protocol PlainForm {
    static var form: Schema { get }
    static var plain: Self { get }
}

/// Lists, maps and what may be missing: described by their parts.
protocol FormOfParts {
    static func probe(_ probe: SchemaProbe) throws -> (value: Any, schema: Schema)
}

extension String: PlainForm {
    static var form: Schema { .anyText }
    static var plain: String { "" }
}

extension Bool: PlainForm {
    static var form: Schema { .flag }
    static var plain: Bool { false }
}

extension Int: PlainForm {
    static var form: Schema { .number(.int64) }
    static var plain: Int { 1 }
}

extension Int64: PlainForm {
    static var form: Schema { .number(.int64) }
    static var plain: Int64 { 1 }
}

extension UInt64: PlainForm {
    static var form: Schema { .number(.uint64) }
    static var plain: UInt64 { 1 }
}

extension Array: FormOfParts where Element: Decodable {
    static func probe(_ probe: SchemaProbe) throws -> (value: Any, schema: Schema) {
        ([Element](), .list(of: try probe.schema(of: Element.self)))
    }
}

extension Dictionary: FormOfParts where Key == String, Value: Decodable {
    static func probe(_ probe: SchemaProbe) throws -> (value: Any, schema: Schema) {
        ([String: Value](), .map(of: try probe.schema(of: Value.self)))
    }
}

extension Schema {
    /// `Naming.isName`.
    package static let name = Schema.text(pattern: "^[a-z0-9][a-z0-9._-]{0,63}$")
    package static let runID = Schema.text(
        pattern: "^job-[1-9][0-9]{0,18}\\.([1-9][0-9]{0,8}|ship-[1-9][0-9]{0,18})$"
    )
}
