/// Where a stream of events ended, for whoever wants to resume it.
package struct EventStreamEnd: Hashable, Sendable {
    /// Send it as `lastEventID` of the next call; nil when no event had one.
    package let lastEventID: String?
    /// How long the server asks to wait before; nil when it said nothing.
    package let retry: Duration?
    /// Whether the caller had enough; else the server closed the stream.
    package let endedByCaller: Bool
}

extension HTTPClient {
    /// Reads server-sent events until the server ends the stream or `onEvent` gives false.
    ///
    /// Blocks the calling thread, on which `onEvent` is called. When nothing at all comes for
    /// `silenceLimit` (servers send comments), the connection counts as dead: `timedOut`.
    package func events(
        _ url: String,
        headers: HTTPHeaders = [:],
        lastEventID: String? = nil,
        silenceLimit: Duration = .seconds(45),
        cancellation: Cancellation? = nil,
        onEvent: (ServerSentEvent) -> Bool
    ) throws(HTTPClientFault) -> EventStreamEnd {
        var request = HTTPClientRequest(.get, url, headers: headers, timeout: nil)
        request.headers["Accept"] = "text/event-stream"
        if let lastEventID { request.headers["Last-Event-ID"] = lastEventID }
        var parser = ServerSentEventParser(lastEventID: lastEventID)
        var hadEnough = false
        let response = try withoutActuallyEscaping(onEvent) {
            onEvent throws(HTTPClientFault) in
            let sink = Transfer.Sink.parts { bytes in
                for event in parser.feed(bytes) where !hadEnough { hadEnough = !onEvent(event) }
                return !hadEnough && !parser.hasOverflowed
            }
            return try self.run(
                Transfer(request, source: .bytes, sink: sink, silenceLimit: silenceLimit),
                cancellation
            )
        }
        guard response.isSuccess else { throw .refused(url: url, response) }
        guard !parser.hasOverflowed else {
            throw .badReply(url: url, reason: "One of its events is too long")
        }
        guard response.header("Content-Type")?.hasPrefix("text/event-stream") == true else {
            throw .badReply(url: url, reason: "It is not a stream of events")
        }
        return EventStreamEnd(
            lastEventID: parser.lastEventID,
            retry: parser.retry,
            endedByCaller: hadEnough
        )
    }
}
