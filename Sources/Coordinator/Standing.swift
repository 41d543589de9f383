import FleetModel
import HTTPServing

/// By what right somebody keeps a connection open; it is asked for again while the connection lives.
///
/// A token that is revoked, replaced, changed or out of date takes with it what was opened by it.
struct Standing: Sendable {
    fileprivate let authority: Authority
    fileprivate let model: ReadModel
    /// SHA-256 of the token.
    fileprivate let hash: String
    fileprivate let caller: Authority.Caller

    /// Why the right is over; nil while it lasts.
    func end() -> Problem? {
        do throws(Problem) {
            let present = try authority.caller(withTokenHash: hash, model)
            return present == caller ? nil : Self.changed
        } catch {
            return error
        }
    }

    /// How long the right lasts if nobody ends it before; nil is for ever.
    var remaining: Duration? {
        guard let expires = model.token(withHash: hash)?.expires else { return nil }
        let rest = max(expires.since(authority.clock()).milliseconds, 0)
        // Both clocks count whole milliseconds: one more, and it is over when that time has passed.
        return .milliseconds(rest + 1)
    }

    private static let changed = Problem(
        code: "auth.token-over",
        title: "The token has other rights now",
        status: 401,
        detail: "Its role, its products or its owner changed",
        hint: "Ask again"
    )
}

extension Authority {
    /// The right that a request comes with; nil when it carries no token, which nobody can end.
    func standing(of request: HTTPRequest, _ model: ReadModel) throws(Problem) -> Standing? {
        guard let hash = try Self.tokenHash(of: request) else { return nil }
        let caller = try caller(withTokenHash: hash, model)
        return Standing(authority: self, model: model, hash: hash, caller: caller)
    }
}

extension Problem {
    /// The last event of a stream whose reader may not listen any longer.
    var lastEvent: [UInt8] {
        let body = JSONBody.bytes(self) ?? []
        return ServerSentEvent(event: "end", data: String(decoding: body, as: UTF8.self)).encoded
    }
}
