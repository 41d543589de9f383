import FleetCore
import FleetModel
import FleetProtocol
import HTTPServing

/// Calls about tokens; the secret is made here, answered once, and kept nowhere.
extension FleetAPI {
    static let tokenCalls: [Call] = [
        Call(
            .get,
            "/fleet/tokens",
            name: "listTokens",
            "Lists tokens, without secret and hash",
            who: .auditor,
            replies: [.json(200, TokenList.self, "All that were ever issued, by name")],
            serve: { $0.reading($0.tokens) }
        ),
        Call(
            .post,
            "/fleet/tokens",
            name: "issueToken",
            "Makes a token; its secret is in this one answer",
            who: .admin,
            body: .json(TokenRequest(name: "bob", role: .operator, lifetimeSeconds: 2_592_000)),
            replies: [.json(201, TokenReply.self, "The token, and the secret that belongs to it")],
            problems: [.badToken, .tokenExists],
            serve: \.issueToken
        ),
        Call(
            .delete,
            "/fleet/tokens/{name}",
            name: "revokeToken",
            "Ends a token at once",
            who: .admin,
            replies: [.json(200, Receipt.self, "Revoked, or it was so already")],
            problems: [.unknownTokenName],
            serve: { api in
                api.changing { _, parameters, person throws(Problem) in
                    .revokeToken(
                        parameters["name"] ?? "",
                        reason: "revoked by \(person)",
                        by: person
                    )
                }
            }
        ),
    ]

    private func tokens(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let now = clock()
        let rows = model.read(at: now) { contents in
            contents.reading.state.tokens.values.sorted { $0.name < $1.name }
                .map { TokenList.Row($0, at: now) }
        }
        return .encoding(TokenList(tokens: rows))
    }

    private var issueToken: Route.Handler {
        { request, _, responder in
            do throws(Problem) {
                let person = try authority.person(request, model)
                let body = try request.decodeStrictly(TokenRequest.self)
                let secret = randomToken()
                let order = TokenOrder(
                    name: body.name,
                    hash: Digest(sha256: secret).hex,
                    role: body.role,
                    products: body.products ?? [],
                    owner: body.owner,
                    isAgent: body.agent ?? false,
                    lifetime: try body.lifetimeSeconds.map(Self.lifetime)
                )
                let repeatable = try repeatable(request, person) { reply(order, nil, $0) }
                writer.submit(.issueToken(order, by: person), repeatable: repeatable) { result in
                    responder.respond(Self.answer(result) { reply(order, secret, $0) })
                }
            } catch {
                responder.respond(error)
            }
        }
    }

    /// Read after the commit: the row is there by then.
    private func reply(
        _ order: TokenOrder,
        _ secret: String?,
        _ committed: Writer.Committed
    ) -> HTTPResponse {
        let now = clock()
        let row = TokenList.Row(
            Token(
                name: order.name,
                hash: order.hash,
                role: order.role,
                products: order.products.sorted(),
                owner: order.owner,
                isAgent: order.isAgent,
                issuedAt: now,
                expires: order.lifetime.map { now.advanced(by: $0) }
            ),
            at: now
        )
        return .encoding(
            TokenReply(token: row, secret: secret, position: committed.position),
            status: 201
        )
    }

    private static let longestLifetime: Int64 = 3650 * 86_400

    private static func lifetime(_ seconds: Int64) throws(Problem) -> Timespan {
        guard (1...longestLifetime).contains(seconds) else {
            throw Problem(
                code: "token.bad-form",
                title: "No token lives for \(seconds) seconds",
                status: 400,
                detail: "It is 1 to \(longestLifetime) seconds, or left out",
                hint: "giga token issue NAME --role operator --expires 30d"
            )
        }
        return .seconds(seconds)
    }
}

extension TokenList.Row {
    init(_ token: Token, at now: Instant) {
        let state =
            token.revokedAt != nil ? "revoked" : token.isValid(at: now) ? "valid" : "expired"
        self.init(
            name: token.name,
            role: token.role,
            products: token.products,
            owner: token.owner,
            agent: token.isAgent,
            state: state,
            issuedAt: Timestamp.text(token.issuedAt),
            expiresAt: token.expires.map(Timestamp.text)
        )
    }
}
