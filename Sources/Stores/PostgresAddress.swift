import CPostgres

/// Where a PostgreSQL database is, and how to be let in.
///
/// The address that libpq gets may hold a password; whatever is shown or logged is `label`.
package struct PostgresAddress: Hashable, Sendable {
    /// The address without its password.
    package let label: String
    /// True when the address itself holds a secret, so that it must not be written where others
    /// can read it.
    package let hasPassword: Bool
    let url: String

    /// Whether `text` claims to be such an address.
    package static func isMeant(_ text: String) -> Bool {
        schemes.contains { text.lowercased().hasPrefix($0) }
    }

    /// Nil for what libpq cannot read.
    ///
    /// Its own words about that quote the whole address, and with it the password: they are not
    /// passed on.
    package init?(_ text: String) {
        guard Self.schemes.contains(where: { text.hasPrefix($0) }),
            let options = PQconninfoParse(text, nil)
        else { return nil }
        defer { PQconninfoFree(options) }
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                values[String(cString: keyword)] = String(cString: value)
            }
            option += 1
        }
        url = text
        hasPassword = values["password"] != nil || values["sslpassword"] != nil
        label = Self.label(values)
    }

    private static let schemes = ["postgres://", "postgresql://"]

    private static func label(_ values: [String: String]) -> String {
        let user = values["user"].map { $0 + "@" } ?? ""
        let host = values["host"] ?? values["hostaddr"] ?? ""
        let database = values["dbname"] ?? ""
        guard !host.hasPrefix("/") else {
            let port = values["port"].map { "&port=\($0)" } ?? ""
            return "postgres://\(user)/\(database)?host=\(host)\(port)"
        }
        let port = values["port"].map { ":\($0)" } ?? ""
        return "postgres://\(user)\(host)\(port)/\(database)"
    }
}

extension PostgresAddress: CustomStringConvertible, CustomReflectable {
    package var description: String { label }
    package var customMirror: Mirror { Mirror(self, children: ["label": label]) }
}
