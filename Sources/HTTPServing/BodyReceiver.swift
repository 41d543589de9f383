import Glibc

/// Takes the body of one request piece by piece, so that no memory holds it whole.
///
/// A receiver that is let go before its request was handled undoes what it began: the client left,
/// or the request was refused.
package protocol BodyReceiver: AnyObject, Sendable {
    /// A longer body is refused, and the handler is not called.
    var maximumBytes: Int { get }
    /// The whole body must arrive within it after the head.
    var patience: Duration { get }
    /// The next bytes, on a thread of the server.
    ///
    /// What goes wrong is remembered: the handler is called once all has come, and says so.
    func take(_ bytes: UnsafeRawBufferPointer)
}

/// What is decided of a request once its head has come.
package enum Reception: Sendable {
    /// The body is kept in memory, and the handler is called with it.
    case whole
    case pieces(any BodyReceiver)
    /// Whatever the body holds, this is the answer.
    case answer(HTTPResponse)
}

/// An open file that is sent as a body, from its beginning; closed when nobody needs it any more.
package final class FileBody: Hashable, Sendable {
    package let descriptor: Int32
    package let bytes: Int64

    package init(descriptor: Int32, bytes: Int64) {
        self.descriptor = descriptor
        self.bytes = bytes
    }

    deinit { close(descriptor) }

    package static func == (left: FileBody, right: FileBody) -> Bool { left === right }
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
