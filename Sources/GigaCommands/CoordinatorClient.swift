package import FleetModel
package import FleetProtocol
package import HTTPServing
import Manifests

/// The coordinator as commands talk to it; every failure becomes three lines and an exit code.
package struct CoordinatorClient: Sendable {
    package let url: String
    private let token: String?
    private let client: HTTPClient
    /// Answers calls of this very process in place of the network.
    private let local: (@Sendable (HTTPClientRequest) -> HTTPResponse)?

    /// `authorities` names a file of certificate authorities, nil those of the system.
    package init(
        url: String,
        token: String?,
        authorities: String? = nil,
        local: (@Sendable (HTTPClientRequest) -> HTTPResponse)? = nil
    ) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.token = token
        self.local = local
        var configuration = HTTPClient.Configuration()
        if let authorities { configuration.certificateAuthorities = authorities }
        client = HTTPClient(configuration: configuration)
    }

    /// The coordinator that flags, environment and defaults name.
    init(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) {
        let settings = try Settings.load(shop)
        let url = settings.coordinator(arguments)
        // A stranger's repository may name any address: what the environment holds for the user's
        // own coordinator is not sent there. A token file is for one address anyway.
        let isForeign = settings.isCoordinatorOfProject(arguments)
        let environment =
            isForeign ? shop.environment.filter { $0.key != "GIGA_TOKEN" } : shop.environment
        self.init(
            url: url,
            token: Places(environment).token(forURL: url),
            authorities: try Certificates.authorities(arguments, shop)
        )
    }

    func get<Reply: Decodable>(
        _ path: String,
        as type: Reply.Type
    ) throws(CommandFault) -> Reply {
        try decode(type, try send(.get, path))
    }

    func bytes(_ path: String) throws(CommandFault) -> [UInt8] { try send(.get, path).body }

    /// A file that may be large, over a line that may be slow.
    func file(_ path: String) throws(CommandFault) -> [UInt8] {
        try send(.get, path, timeout: .seconds(600)).body
    }

    /// A part of a log, and whether nothing more can come after it.
    func logBytes(_ path: String) throws(CommandFault) -> (bytes: [UInt8], isComplete: Bool) {
        let response = try send(.get, path)
        return (response.body, response.header("Log-Complete") == "true")
    }

    @discardableResult
    func post<Reply: Decodable>(
        _ path: String,
        _ body: some Encodable,
        as type: Reply.Type
    ) throws(CommandFault) -> Reply {
        try decode(type, try send(.post, path, JSONBody.bytes(body)))
    }

    @discardableResult
    func put<Reply: Decodable>(
        _ path: String,
        _ body: some Encodable,
        as type: Reply.Type
    ) throws(CommandFault) -> Reply {
        try decode(type, try send(.put, path, JSONBody.bytes(body)))
    }

    @discardableResult
    func delete<Reply: Decodable>(
        _ path: String,
        as type: Reply.Type
    ) throws(CommandFault) -> Reply {
        try decode(type, try send(.delete, path))
    }

    /// Reads the event stream until `onEvent` says stop, or `cancellation` is called.
    ///
    /// A stream that was cut is taken up again after the last event that was seen.
    func events(
        after position: UInt64,
        cancellation: Cancellation,
        onEvent: (ServerSentEvent) -> Bool
    ) throws(CommandFault) {
        var last = position
        var isDone = false
        while !isDone, !cancellation.isCancelled {
            do {
                _ = try client.events(
                    url + "/fleet/stream?topic=events&after=\(last)",
                    headers: headers,
                    cancellation: cancellation
                ) { event in
                    if let id = event.id.flatMap({ UInt64($0) }) { last = id }
                    isDone = !onEvent(event)
                    return !isDone
                }
            } catch {
                switch error {
                case .cancelled: return
                // It answers, and says no: the token may have ended since.
                case .refused(_, let response): throw fault(of: response)
                default: throw unreachable(error)
                }
            }
        }
    }

    /// The newest version of every profile.
    package func profiles() throws(CommandFault) -> [Profile] {
        try profileList().profiles
    }

    /// One version of a profile, the newest unless a number is given, all numbers there are, and
    /// what was proposed: its number names it too, for whoever is to agree must see it.
    func profile(
        _ text: String
    ) throws(CommandFault) -> (profile: Profile, versions: [Int], proposal: ProposedProfile?) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        let wanted = parts.count == 2 ? Int(parts[1]) : nil
        guard Naming.isName(name), parts.count == 1 || wanted != nil else {
            throw CommandFault(
                .usage,
                "profile.bad-name",
                what: "\"\(text)\" names no profile",
                why: "a profile is NAME, or NAME@VERSION for one fixed version",
                hint: "giga profile list"
            )
        }
        let list = try profileList()
        let known = list.profiles
        let proposal = list.proposals.first { $0.profile.name == name }
        guard known.contains(where: { $0.name == name }) else {
            if let proposal {
                guard wanted == proposal.profile.version else {
                    throw ProfileWords.onlyProposed(proposal)
                }
                return (proposal.profile, [], proposal)
            }
            let near = Spelling.nearest(to: name, among: known.map(\.name))
            throw CommandFault(
                .failed,
                "profile.unknown",
                what: "There is no profile \(name)",
                why: near.map { "did you mean \($0)?" } ?? "nothing is spelt like it",
                hint: "giga profile list"
            )
        }
        let path = "/fleet/profiles/\(Percent.encoded(name))"
        let versions = try get(path, as: ProfileVersions.self).versions
        let numbers = versions.map(\.version)
        let stored = versions.last { $0.version == wanted ?? $0.version }
        let proposed = proposal.flatMap { $0.profile.version == wanted ? $0.profile : nil }
        guard let found = stored ?? proposed else {
            throw CommandFault(
                .failed,
                "profile.unknown",
                what: "There is no profile \(text)",
                why: "versions of it are \(numbers.map(String.init).joined(separator: ", "))",
                hint: "giga profile show \(name)"
            )
        }
        return (found, numbers, proposal)
    }

    /// Imports a profile; the same content again changes nothing.
    @discardableResult
    package func importProfile(
        _ profile: Profile,
        reason: String? = nil
    ) throws(CommandFault) -> ProfileReceipt {
        let query = reason.map { "?reason=\(Percent.encoded($0))" } ?? ""
        return try put("/fleet/profiles/\(profile.name)\(query)", profile, as: ProfileReceipt.self)
    }

    private var headers: HTTPHeaders {
        var headers: HTTPHeaders = ["Content-Type": "application/json"]
        if let token { headers["Authorization"] = "Bearer \(token)" }
        return headers
    }

    private func send(
        _ method: HTTPMethod,
        _ path: String,
        _ body: [UInt8]? = nil,
        timeout: Duration = .seconds(60)
    ) throws(CommandFault) -> HTTPResponse {
        let request = HTTPClientRequest(
            method,
            url + path,
            headers: headers,
            body: body ?? [],
            timeout: timeout
        )
        let response: HTTPResponse
        do {
            if let local { response = local(request) } else { response = try client.send(request) }
        } catch {
            throw unreachable(error)
        }
        guard !response.isSuccess else { return response }
        throw fault(of: response)
    }

    private func decode<Reply: Decodable>(
        _ type: Reply.Type,
        _ response: HTTPResponse
    ) throws(CommandFault) -> Reply {
        guard let reply = JSONBody.value(type, response.body) else {
            throw CommandFault(
                .failed,
                "coordinator.odd-reply",
                what: "\(url) gave an answer of another form",
                why: "it is not a \(type)",
                hint: "giga version"
            )
        }
        return reply
    }

    private func unreachable(_ fault: HTTPClientFault) -> CommandFault {
        if case .tls = fault {
            return CommandFault(
                .unreachable,
                "coordinator.untrusted",
                what: "\(url) could not prove that it is this coordinator",
                why: fault.why,
                hint:
                    "--ca-file FILE with the authority that signed its certificate, and its own name"
            )
        }
        return CommandFault(
            .unreachable,
            "coordinator.unreachable",
            what: "No coordinator answers at \(url)",
            why: fault.why,
            hint: "giga serve    or    giga up in your repository"
        )
    }

    private func fault(of response: HTTPResponse) -> CommandFault {
        guard let problem = Problem(response) else {
            return CommandFault(
                .failed,
                "coordinator.odd-reply",
                what: "\(url) answered \(response.status)",
                why: "the answer is no problem document",
                hint: "is it a coordinator?"
            )
        }
        let exit: ExitCode =
            switch response.status {
            case 400, 415: .usage
            case 401, 403: .notAuthorised
            case 422: .refusedByGate
            case 423: .held
            default: .failed
            }
        return CommandFault(
            exit,
            problem.code,
            what: problem.title,
            why: problem.detail,
            hint: problem.hint ?? "giga help",
            lines: (problem.errors ?? []).flatMap { item in
                [item.detail] + (item.hint.map { ["hint: \($0)"] } ?? [])
            }
        )
    }
}
