/// Finds out what JSON a type reads by letting it read: each field that its `init(from:)` asks for
/// is written down, and answered with a value of the form that was asked for.
///
/// So the description of a message cannot differ from the message.
package final class SchemaProbe {
    /// What was found, by name: `JobDetail`, `JobDetail.RunDetail`.
    package private(set) var named: [String: Schema] = [:]
    private var underWay: [String] = []

    package init() {}

    /// Why a type cannot be described by letting it read.
    package struct Fault: Error, CustomStringConvertible {
        package let description: String
    }

    /// The schema of a type: a name for what has fields or cases, the form itself for the rest.
    package func schema<Value: Decodable>(of type: Value.Type) throws -> Schema {
        try probe(type).schema
    }

    func probe<Value: Decodable>(
        _ type: Value.Type
    ) throws -> (value: Value, schema: Schema) {
        if let found = try primitive(type) { return found }
        let name = Self.name(of: type)
        guard !underWay.contains(name) else { throw Self.fault(type, "holds itself") }
        underWay.append(name)
        defer { underWay.removeLast() }
        if let formed = type as? any FormedValue.Type, let value = try formed.example() as? Value {
            named[name] = formed.form
            return (value, .named(name))
        }
        if let (first, words) = Self.words(of: type) {
            named[name] = .oneOf(words)
            return (first, .named(name))
        }
        if let cases = type as? any NamedCases.Type {
            return try choice(type, cases.caseNames, name)
        }
        let node = ProbeNode()
        let value = try Value(from: ProbeDecoder(probe: self, node: node))
        guard var schema = node.schema else { throw Self.fault(type, "reads nothing") }
        guard case .object(var fields, let required) = schema else { return (value, schema) }
        if let formed = type as? any FormedFields.Type {
            for (field, form) in formed.forms {
                guard fields[field] != nil else { throw Self.fault(type, "has no \(field)") }
                fields[field] = form
            }
            schema = .object(fields, required: required)
        }
        named[name] = schema
        return (value, .named(name))
    }

    private func primitive<Value: Decodable>(
        _ type: Value.Type
    ) throws -> (value: Value, schema: Schema)? {
        if let primitive = type as? any PlainForm.Type, let value = primitive.plain as? Value {
            return (value, primitive.form)
        }
        guard let parts = type as? any FormOfParts.Type else { return nil }
        let (any, schema) = try parts.probe(self)
        guard let value = any as? Value else { throw Self.fault(type, "has odd parts") }
        return (value, schema)
    }

    /// One closed object for each case, each with the case's name as its only field.
    private func choice<Value: Decodable>(
        _ type: Value.Type,
        _ names: [String],
        _ name: String
    ) throws -> (value: Value, schema: Schema) {
        var first: Value?
        var choices: [Schema] = []
        for chosen in names {
            let node = ProbeNode(choosing: chosen)
            let value = try Value(from: ProbeDecoder(probe: self, node: node))
            guard let schema = node.schema else { throw Self.fault(type, "has no \(chosen)") }
            first = first ?? value
            choices.append(schema)
        }
        guard let first else { throw Self.fault(type, "has no case") }
        named[name] = .choice(choices)
        return (first, .named(name))
    }

    private static func words<Value: Decodable>(
        of type: Value.Type
    ) -> (first: Value, words: [String])? {
        guard let listed = type as? any CaseIterable.Type else { return nil }
        let cases = Array(listed.allValues)
        let words = cases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
        guard words.count == cases.count, let first = cases.first as? Value else { return nil }
        return (first, words)
    }

    /// The type's name without its room: the names of messages are unique over the rooms.
    private static func name(of type: Any.Type) -> String {
        let full = String(reflecting: type)
        guard let dot = full.firstIndex(of: ".") else { return full }
        return String(full[full.index(after: dot)...])
    }

    static func fault(_ type: Any.Type, _ reason: String) -> Fault {
        Fault(description: "\(String(reflecting: type)) \(reason)")
    }
}

extension CaseIterable {
    fileprivate static var allValues: [Any] { Array(allCases) }
}

/// What one `init(from:)` was seen to read.
final class ProbeNode {
    /// The only case that the keys of an enumeration have this time.
    let chosen: String?
    /// Set when the type reads one value that has no fields.
    var single: Schema?
    private var fields: [String: Found] = [:]
    private var hasFields = false

    private enum Found {
        case schema(Schema)
        case node(ProbeNode)
    }
    private var required: Set<String> = []
    /// Asked for their presence: what is read of them next may be missing.
    private var doubted: Set<String> = []

    init(choosing chosen: String? = nil) { self.chosen = chosen }

    var schema: Schema? {
        if let single { return single }
        guard hasFields else { return nil }
        let schemas = fields.compactMapValues { found in
            switch found {
            case .schema(let schema): schema
            case .node(let node): node.schema
            }
        }
        return .object(schemas, required: required)
    }

    func opensFields() { hasFields = true }
    func doubts(_ name: String) { doubted.insert(name) }

    func add(_ name: String, _ schema: Schema) {
        fields[name] = .schema(schema)
        if !doubted.contains(name) { required.insert(name) }
    }

    func add(_ name: String, _ node: ProbeNode) {
        fields[name] = .node(node)
        required.insert(name)
    }
}
