import FleetProtocol
import FoundationEssentials
import HTTPServing
import JSONWriting

extension HTTPRequest {
    /// Decodes the body of a change, and refuses fields that the call does not know.
    ///
    /// What was read is written again: a field that is missing then was read by nobody. Bodies
    /// with as many fields as that are taken at once, so that only a doubtful one costs more.
    func decodeStrictly<Value: Codable>(_ type: Value.Type) throws(Problem) -> Value {
        let value = try decode(type)
        try refuseExcess(in: value, known: JSONBody.bytes(value))
        return value
    }

    /// The same for bodies that come all the time: most of them are plain, and need no decoder.
    func decodeStrictly<Value: Codable & JSONReadable & JSONWritable>(
        _ type: Value.Type
    ) throws(Problem) -> Value {
        if let value = Value(plainJSON: body) {
            try refuseExcess(of: value)
            return value
        }
        let value = try decode(type)
        try refuseExcess(in: value, known: value.json)
        return value
    }

    /// `known` is the value as JSON.
    private func refuseExcess(in value: Any, known: [UInt8]?) throws(Problem) {
        try refuseExcess(of: value)
        guard let known, Self.fields(in: body) != Self.fields(in: known),
            let sent = JSONBody.value(JSONShape.self, body),
            let read = JSONBody.value(JSONShape.self, known),
            let unknown = sent.firstField(missingIn: read)
        else { return }
        let reason =
            unknown.isNull
            ? "a field without a value is left out, never null"
            : "there is no field \"\(unknown.name)\" here"
        throw Self.unfit(at: unknown.pointer, reason)
    }

    private func refuseExcess(of value: Any) throws(Problem) {
        guard let excess = (value as? any Limited)?.excess else { return }
        throw Self.unfit(at: excess.pointer, excess.reason)
    }

    private static func unfit(at pointer: String, _ reason: String) -> Problem {
        Problem(
            code: "http.unreadable-body",
            title: "The body does not fit this call",
            status: 400,
            detail: "at \(pointer): \(reason)",
            hint: "Correct it, or leave it out; giga api --path PATH describes the call"
        )
    }

    /// How many fields a JSON text has at all depths.
    private static func fields(in text: [UInt8]) -> Int {
        var (count, isInString, isEscaped) = (0, false, false)
        for byte in text {
            switch byte {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\"): isEscaped = isInString
            case UInt8(ascii: "\""): isInString.toggle()
            case UInt8(ascii: ":") where !isInString: count += 1
            default: break
            }
        }
        return count
    }
}

/// The fields of a JSON text without its values.
private indirect enum JSONShape: Decodable {
    case object([String: JSONShape])
    case list([JSONShape])
    case null
    case value

    init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Name.self) {
            var fields: [String: JSONShape] = [:]
            for key in object.allKeys {
                fields[key.stringValue] = try object.decode(JSONShape.self, forKey: key)
            }
            self = .object(fields)
        } else if var list = try? decoder.unkeyedContainer() {
            var items: [JSONShape] = []
            while !list.isAtEnd { items.append(try list.decode(JSONShape.self)) }
            self = .list(items)
        } else {
            self = try decoder.singleValueContainer().decodeNil() ? .null : .value
        }
    }

    /// The first field, by name, that only this shape has.
    func firstField(
        missingIn other: JSONShape
    ) -> (name: String, pointer: String, isNull: Bool)? {
        switch (self, other) {
        case (.object(let mine), .object(let theirs)):
            for (name, shape) in mine.sorted(by: { $0.key < $1.key }) {
                let step = "/" + name.replacing("~", with: "~0").replacing("/", with: "~1")
                guard let counterpart = theirs[name] else {
                    if case .null = shape { return (name, step, true) }
                    return (name, step, false)
                }
                if let found = shape.firstField(missingIn: counterpart) {
                    return (found.name, step + found.pointer, found.isNull)
                }
            }
        case (.list(let mine), .list(let theirs)):
            for (place, pair) in zip(mine, theirs).enumerated() {
                if let found = pair.0.firstField(missingIn: pair.1) {
                    return (found.name, "/\(place)" + found.pointer, found.isNull)
                }
            }
        default: break
        }
        return nil
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
