package import FoundationEssentials

/// Any JSON, for files whose form belongs to somebody else and changes without notice.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Decimal)
    case string(String)
    case list([JSONValue])
    case map([String: JSONValue])

    /// Nil when `bytes` are not one whole JSON text.
    package init?(_ bytes: [UInt8]) {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)) else {
            return nil
        }
        self = value
    }

    package subscript(key: String) -> JSONValue? { object?[key] }

    package var object: [String: JSONValue]? {
        if case .map(let map) = self { map } else { nil }
    }

    package var array: [JSONValue]? {
        if case .list(let list) = self { list } else { nil }
    }

    package var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var number: Decimal? {
        if case .number(let number) = self { number } else { nil }
    }

    /// A whole number that is not negative; nil for any other.
    package var integer: Int? {
        // No message has a million million of anything: such a number is a lie or a fault, unknown.
        guard let number, number >= 0, number <= 1_000_000_000_000 else { return nil }
        return Int(number.description)
    }
}

extension JSONValue: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode([String: JSONValue].self) {
            self = .map(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .list(value)
        } else {
            self = .number(try container.decode(Decimal.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        case .map(let value): try container.encode(value)
        }
    }
}

extension JSONValue: CustomStringConvertible {
    /// One line of JSON with sorted keys.
    package var description: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(self) else { return "null" }
        return String(decoding: bytes, as: UTF8.self)
    }
}
