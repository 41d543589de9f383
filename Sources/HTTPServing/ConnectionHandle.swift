import CMicroHTTPD
import Glibc

/// A connection of the library.
///
/// `@unchecked Sendable`: the pointer is used on its loop's thread, or to resume under the
/// lock of the exchange or stream that knows the connection to be suspended and therefore alive.
struct ConnectionHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    let loop: EventLoop

    func suspend() { MHD_suspend_connection(pointer) }
    func resume() { loop.resume(pointer) }
    /// As `resume`, once `loop` is called.
    func allow() { loop.allow(pointer) }

    /// Queues a whole answer; false closes the connection.
    func queue(_ response: HTTPResponse, closing: Bool) -> Bool {
        if let file = response.file {
            return queue(file, response.status, response.headers, closing: closing)
        }
        let made = response.body.withUnsafeBytes { body in
            MHD_create_response_from_buffer(
                body.count,
                UnsafeMutableRawPointer(mutating: body.baseAddress),
                .RESPMEM_MUST_COPY
            )
        }
        guard let made else { return false }
        return queue(made, response.status, response.headers, closing: closing)
    }

    /// Queues a file; the library reads it as the client takes it, and closes its own descriptor.
    private func queue(
        _ file: FileBody,
        _ status: Int,
        _ headers: HTTPHeaders,
        closing: Bool
    ) -> Bool {
        let copy = fcntl(file.descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { return false }
        guard let made = MHD_create_response_from_fd64(UInt64(clamping: file.bytes), copy) else {
            close(copy)
            return false
        }
        return queue(made, status, headers, closing: closing)
    }

    /// Queues the head of a stream; the library pulls the rest from `stream` on its own thread.
    func queue(_ stream: HTTPStream, status: Int, headers: HTTPHeaders) -> Bool {
        let made = MHD_create_response_from_callback(
            UInt64.max,
            4_096,
            readStream,
            Unmanaged.passRetained(stream).toOpaque(),
            releaseStream
        )
        guard let made else {
            Unmanaged.passUnretained(stream).release()
            return false
        }
        return queue(made, status, headers, closing: false)
    }

    private func queue(
        _ made: OpaquePointer,
        _ status: Int,
        _ headers: HTTPHeaders,
        closing: Bool
    ) -> Bool {
        defer { MHD_destroy_response(made) }
        var status = status
        for field in headers.fields
        where MHD_add_response_header(made, field.name, field.value) != .YES {
            // A line break in a value, say. The answer must not go out half made.
            status = 500
        }
        if closing { MHD_add_response_header(made, "Connection", "close") }
        return MHD_queue_response(pointer, UInt32(clamping: status), made) == .YES
    }
}

private func readStream(
    _ context: UnsafeMutableRawPointer?,
    _ position: UInt64,
    _ buffer: UnsafeMutablePointer<CChar>?,
    _ limit: Int
) -> Int {
    guard let context, let buffer else { return streamFinished }
    let stream = Unmanaged<HTTPStream>.fromOpaque(context).takeUnretainedValue()
    return stream.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: limit))
}

private func releaseStream(_ context: UnsafeMutableRawPointer?) {
    if let context { Unmanaged<HTTPStream>.fromOpaque(context).release() }
}

/// `MHD_CONTENT_READER_END_OF_STREAM`, which a reader gives in place of a count of bytes.
let streamFinished = -1
