import FoundationEssentials
package import JSONWriting

/// Codable values to and from the bytes of a body; keys are sorted, so equal values give equal bytes.
package enum JSONBody {
    /// Nil only for a value that JSON cannot hold, such as a number that is not finite.
    package static func bytes(_ value: some Encodable) -> [UInt8]? {
        try? SortedJSONEncoder.bytes(value)
    }

    package static func value<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) -> Value? {
        try? JSONDecoder().decode(type, from: Data(bytes))
    }
}

extension HTTPRequest {
    /// Decodes the body; a body that does not fit is a 400 problem that names the place.
    package func decode<Value: Decodable>(_ type: Value.Type) throws(Problem) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch let error as DecodingError {
            throw .unreadableBody(error)
        } catch {
            throw .unreadableBody(reason: "\(error)", pointer: nil)
        }
    }
}

extension HTTPResponse {
    /// Encodes a value as the JSON of an answer; a value that JSON cannot hold becomes a 500 problem.
    package static func encoding(
        _ value: some Encodable & JSONWritable,
        status: Int = 200
    ) -> HTTPResponse {
        .json(status, value.json)
    }

    package static func encoding(_ value: some Encodable, status: Int = 200) -> HTTPResponse {
        guard let bytes = JSONBody.bytes(value) else {
            return Problem(
                code: "http.unencodable-answer",
                title: "The answer could not be written",
                status: 500,
                detail: "\(type(of: value)) holds a value that JSON has no form for"
            ).response()
        }
        return .json(status, bytes)
    }
}

extension Decoder {
    /// Refuses an object with a field that `keys` does not name: a misspelt field must not pass.
    package func refuseUnknownFields<Key: CodingKey & CaseIterable>(_ keys: Key.Type) throws {
        let known = Set(Key.allCases.map(\.stringValue))
        for key in try container(keyedBy: AnyField.self).allKeys
        where !known.contains(key.stringValue) {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: codingPath + [key],
                    debugDescription: "there is no field \"\(key.stringValue)\" here;"
                        + " known are \(known.sorted().joined(separator: ", "))"
                )
            )
        }
    }
}

private struct AnyField: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Problem {
    fileprivate static func unreadableBody(_ error: DecodingError) -> Problem {
        switch error {
        case .keyNotFound(let key, let context):
            let path = context.codingPath + [key]
            return unreadableBody(
                reason: "the field \"\(key.stringValue)\" is missing",
                pointer: path.jsonPointer
            )
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .dataCorrupted(let context):
            return unreadableBody(
                reason: context.debugDescription,
                pointer: context.codingPath.jsonPointer
            )
        @unknown default: return unreadableBody(reason: "\(error)", pointer: nil)
        }
    }

    fileprivate static func unreadableBody(reason: String, pointer: String?) -> Problem {
        let place = pointer.map { $0.isEmpty ? "" : "at \($0): " } ?? ""
        return Problem(
            code: "http.unreadable-body",
            title: "The body does not fit this call",
            status: 400,
            detail: place + reason,
            hint: "Send the JSON object that /openapi.json describes for this call"
        )
    }
}

extension [any CodingKey] {
    /// RFC 6901: where in the document.
    fileprivate var jsonPointer: String {
        map { key in
            let name = key.intValue.map(String.init) ?? key.stringValue
            let escaped = name.replacing("~", with: "~0").replacing("/", with: "~1")
            return "/" + escaped
        }.joined()
    }
}
