import CMicroHTTPD
import CShims

/// The head of a request that may go on: parsed, and free of anything two readers could differ on.
struct ScreenedHead: Sendable {
    let method: HTTPMethod
    let target: RequestTarget
    let headers: HTTPHeaders
    let contentLength: Int?
    /// Takes the body as it comes; nil keeps it in memory.
    var receiver: (any BodyReceiver)?

    func request(body: [UInt8], peer: Peer) -> HTTPRequest {
        HTTPRequest(
            method: method,
            target: target,
            headers: headers,
            body: body,
            remoteAddress: peer.address,
            isLoopback: peer.isLoopback,
            receiver: receiver
        )
    }
}

/// Looks at the head of a request before any of its body is read.
struct Screening {
    let server: ServerCore
    let peer: Peer

    func screen(
        _ connection: ConnectionHandle,
        method: String,
        target: String
    ) -> Result<ScreenedHead, ServerRefusal> {
        if server.isStopping { return .failure(.stopping) }
        if let surplus = peer.surplus { return .failure(surplus) }
        let limit = server.configuration.maximumHeaderBytes
        let size = giga_mhd_header_bytes(connection.pointer)
        guard size <= limit else { return .failure(.headerTooLong(size, limit: limit)) }
        let headers = readHeaders(connection)
        if let refusal = Self.framing(headers) { return .failure(refusal) }
        guard let parsed = RequestTarget(target) else { return .failure(.badTarget(target)) }
        for host in [headers["Host"], parsed.authority] {
            if let refusal = unknownHost(host) { return .failure(refusal) }
            if parsed.authority == nil { break }
        }
        if let refusal = Self.foreign(HTTPMethod(rawValue: method), headers) {
            return .failure(refusal)
        }
        return received(
            ScreenedHead(
                method: HTTPMethod(rawValue: method),
                target: parsed,
                headers: headers,
                contentLength: headers["Content-Length"].flatMap { Int($0) }
            )
        )
    }

    /// Asks where the body is to go, and refuses one that is too long for that place.
    private func received(_ screened: ScreenedHead) -> Result<ScreenedHead, ServerRefusal> {
        var head = screened
        let ordinary = server.configuration.maximumBodyBytes
        let length = head.contentLength ?? 0
        // A client that waits for 100, or has very much to send, is told at once.
        let drains = head.headers["Expect"] == nil && length <= ordinary * 2
        switch server.reception(head.request(body: [], peer: peer)) {
        case .whole: break
        case .pieces(let receiver): head.receiver = receiver
        case .answer(let response): return .failure(.decided(response, drains: drains))
        }
        let limit = head.receiver?.maximumBytes ?? ordinary
        guard length <= limit else {
            return .failure(.bodyTooLarge(limit: limit, drains: drains))
        }
        return .success(head)
    }

    /// What a proxy in front and this server could understand differently: request smuggling.
    static func framing(_ headers: HTTPHeaders) -> ServerRefusal? {
        var lengths: [String] = []
        var codings: [String] = []
        var hosts = 0
        for field in headers.fields {
            guard field.name.utf8.allSatisfy(isTokenByte) else {
                return .ambiguous("It has a header field named \"\(field.name)\"")
            }
            if field.name.equalsIgnoringCase("Content-Length") { lengths.append(field.value) }
            if field.name.equalsIgnoringCase("Transfer-Encoding") { codings.append(field.value) }
            if field.name.equalsIgnoringCase("Host") { hosts += 1 }
        }
        if !lengths.isEmpty, !codings.isEmpty {
            return .ambiguous("It has both Content-Length and Transfer-Encoding")
        }
        if lengths.count > 1 { return .ambiguous("It has Content-Length \(lengths.count) times") }
        if let length = lengths.first,
            length.isEmpty || !length.utf8.allSatisfy({ 0x30 <= $0 && $0 <= 0x39 })
        {
            return .ambiguous("Its Content-Length is \"\(length)\"")
        }
        if codings.count > 1 || !(codings.first ?? "chunked").equalsIgnoringCase("chunked") {
            return .ambiguous("Its Transfer-Encoding is \"\(codings.joined(separator: ", "))\"")
        }
        return hosts > 1 ? .ambiguous("It has several Host fields") : nil
    }

    /// A browser says where the page is from that sends a request; others say nothing.
    ///
    /// Another port of this machine is another site, whatever browsers call it.
    static func foreign(_ method: HTTPMethod, _ headers: HTTPHeaders) -> ServerRefusal? {
        guard method != .get, method != .head, method != .options else { return nil }
        if let site = headers["Sec-Fetch-Site"], site != "same-origin", site != "none" {
            return .crossSite("Sec-Fetch-Site", site)
        }
        guard let origin = headers["Origin"] else { return nil }
        let own = headers["Host"].map { ["http://\($0)", "https://\($0)"] } ?? []
        return own.contains { $0.equalsIgnoringCase(origin) } ? nil : .crossSite("Origin", origin)
    }

    private func unknownHost(_ host: String?) -> ServerRefusal? {
        guard let allowed = server.allowedHosts else { return nil }
        guard let host else { return .unknownHost("none") }
        return allowed.contains(Self.hostName(host)) ? nil : .unknownHost(host)
    }

    /// The name in a `Host` field: without the port, in small letters, IPv6 without brackets.
    static func hostName(_ host: String) -> String {
        let bytes = host.utf8.map(\.folded)
        let name: ArraySlice<UInt8>
        if bytes.first == UInt8(ascii: "["), let end = bytes.firstIndex(of: UInt8(ascii: "]")) {
            name = bytes[1..<end]
        } else {
            name = bytes[..<(bytes.lastIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex)]
        }
        return String(decoding: name, as: UTF8.self)
    }

    static func lowercased(_ name: String) -> String {
        String(decoding: name.utf8.map(\.folded), as: UTF8.self)
    }

    private func readHeaders(_ connection: ConnectionHandle) -> HTTPHeaders {
        var headers = HTTPHeaders()
        withUnsafeMutablePointer(to: &headers) {
            _ = MHD_get_connection_values(connection.pointer, .HEADER_KIND, collectHeader, $0)
        }
        return headers
    }
}

/// RFC 9110 `tchar`.
private func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"): true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}

private func collectHeader(
    _ context: UnsafeMutableRawPointer?,
    _ kind: MHD_ValueKind,
    _ name: UnsafePointer<CChar>?,
    _ value: UnsafePointer<CChar>?
) -> MHD_Result {
    guard let context, let name else { return .NO }
    context.assumingMemoryBound(to: HTTPHeaders.self).pointee.append(
        String(cString: name),
        value.map { String(cString: $0) } ?? ""
    )
    return .YES
}
