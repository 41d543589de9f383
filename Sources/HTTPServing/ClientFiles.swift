import Glibc

extension HTTPClient {
    /// Sends a file as the body; the request's own body is not used.
    package func upload(
        file path: String,
        _ request: HTTPClientRequest,
        cancellation: Cancellation? = nil
    ) throws(HTTPClientFault) -> HTTPResponse {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fileFault(path) }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw fileFault(path) }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            throw .file(path: path, reason: "It is not a plain file")
        }
        let source = Transfer.Source.file(descriptor, size: Int64(facts.st_size))
        return try named(path) { () throws(HTTPClientFault) in
            try self.run(Transfer(request, source: source, sink: .memory), cancellation)
        }
    }

    /// Receives a body into a file, which appears whole or not at all, and is synced.
    ///
    /// At most `maximumReplyBytes` of the request are taken. Any status but 2xx is `refused`.
    package func download(
        to path: String,
        _ request: HTTPClientRequest,
        cancellation: Cancellation? = nil
    ) throws(HTTPClientFault) -> HTTPResponse {
        let template = "\(path).\(UInt64.random(in: .min ... .max)).partial"
        let descriptor = open(template, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw fileFault(path) }
        defer {
            close(descriptor)
            // After the rename there is nothing of this name any more.
            unlink(template)
        }
        let response = try named(path) { () throws(HTTPClientFault) in
            try self.run(Transfer(request, source: .bytes, sink: .file(descriptor)), cancellation)
        }
        guard response.isSuccess else { throw .refused(url: request.url, response) }
        guard fsync(descriptor) == 0, rename(template, path) == 0 else { throw fileFault(path) }
        return response
    }

    private func fileFault(_ path: String) -> HTTPClientFault {
        .file(path: path, reason: ListeningSocket.reason(errno))
    }

    /// A transfer knows only the descriptor; its faults get the name here.
    private func named(
        _ path: String,
        _ body: () throws(HTTPClientFault) -> HTTPResponse
    ) throws(HTTPClientFault) -> HTTPResponse {
        do throws(HTTPClientFault) {
            return try body()
        } catch {
            if case .file(_, let reason) = error { throw .file(path: path, reason: reason) }
            throw error
        }
    }
}
