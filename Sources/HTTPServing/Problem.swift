import FoundationEssentials

/// A failure as an RFC 9457 problem document: what, why, and the next thing to do.
package struct Problem: Error, Hashable, Codable, Sendable {
    /// `urn:giga:<code>`; stable, for scripts.
    package let type: String
    /// What failed, in a few words.
    package var title: String
    package var status: Int
    /// Why: the fact that made it fail, with the value that was seen.
    package var detail: String
    /// The next thing to do.
    package var hint: String?
    /// The single errors, where one request had several.
    package var errors: [Item]?

    /// One of several errors of a request.
    package struct Item: Hashable, Codable, Sendable {
        package let detail: String
        /// Where: a JSON pointer, or a line and column of a text.
        package let pointer: String?
        package let hint: String?

        package init(detail: String, pointer: String? = nil, hint: String? = nil) {
            self.detail = detail
            self.pointer = pointer
            self.hint = hint
        }
    }

    /// One thing that can go wrong, as a description of an API lists it.
    package struct Kind: Hashable, Sendable {
        package let code: String
        package let status: Int

        package init(_ code: String, _ status: Int) {
            self.code = code
            self.status = status
        }

        package var type: String { "urn:giga:\(code)" }
    }

    package init(
        code: String,
        title: String,
        status: Int,
        detail: String,
        hint: String? = nil,
        errors: [Item]? = nil
    ) {
        self.type = "urn:giga:\(code)"
        self.title = title
        self.status = status
        self.detail = detail
        self.hint = hint
        self.errors = errors
    }

    /// The stable part of the type.
    package var code: String {
        type.hasPrefix("urn:giga:") ? String(type.dropFirst("urn:giga:".count)) : type
    }

    package static let contentType = "application/problem+json"

    /// The problem as an answer; `headers` are added (`Allow`, `Retry-After`).
    package func response(headers: HTTPHeaders = [:]) -> HTTPResponse {
        let body = JSONBody.bytes(self)
        var response = HTTPResponse(status: status, headers: headers, body: body ?? [])
        response.headers["Content-Type"] = Self.contentType
        return response
    }

    /// Reads the problem out of an answer, if it has one.
    package init?(_ response: HTTPResponse) {
        guard let type = response.header("Content-Type"), type.hasPrefix(Self.contentType),
            let problem = JSONBody.value(Problem.self, response.body)
        else { return nil }
        self = problem
    }
}
