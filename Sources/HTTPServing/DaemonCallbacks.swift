import CMicroHTTPD
import CShims

// The library calls these on the thread of a loop, so they belong to no actor. `context` is the
// `EventLoop` that runs the daemon and outlives it.

private func loop(_ context: UnsafeMutableRawPointer) -> EventLoop {
    Unmanaged<EventLoop>.fromOpaque(context).takeUnretainedValue()
}

private func core(_ context: UnsafeMutableRawPointer) -> ServerCore { loop(context).core }

private func peer(_ connection: OpaquePointer) -> Peer? {
    giga_mhd_socket_context(connection).map { Unmanaged<Peer>.fromOpaque($0).takeUnretainedValue() }
}

/// A connection was opened or is about to be closed.
func connectionChanged(
    _ context: UnsafeMutableRawPointer?,
    _ connection: OpaquePointer?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ change: MHD_ConnectionNotificationCode
) {
    guard let context, let connection, let slot else { return }
    if change == .CONNECTION_NOTIFY_STARTED {
        slot.pointee = Unmanaged.passRetained(core(context).connected(connection)).toOpaque()
    } else if let held = slot.pointee {
        slot.pointee = nil
        core(context).disconnected(Unmanaged<Peer>.fromOpaque(held).takeRetainedValue())
    }
}

/// A request line has arrived; what is returned comes back with every call for the request.
func requestBegan(
    _ context: UnsafeMutableRawPointer?,
    _ target: UnsafePointer<CChar>?,
    _ connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    guard let context, let target, let connection, let peer = peer(connection) else { return nil }
    let exchange = core(context).began(String(cString: target), peer)
    return Unmanaged.passRetained(exchange).toOpaque()
}

/// The head, a part of the body, or the end of a request; or it was resumed.
func requestAdvanced(
    _ context: UnsafeMutableRawPointer?,
    _ connection: OpaquePointer?,
    _ url: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?,
    _ version: UnsafePointer<CChar>?,
    _ part: UnsafePointer<CChar>?,
    _ partSize: UnsafeMutablePointer<Int>?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let context, let connection, let method, let held = slot?.pointee else { return .NO }
    let exchange = Unmanaged<Exchange>.fromOpaque(held).takeUnretainedValue()
    var bytes: UnsafeRawBufferPointer?
    if let part, let size = partSize?.pointee, size > 0 {
        bytes = UnsafeRawBufferPointer(start: part, count: size)
    }
    let loop = loop(context)
    let goesOn = loop.core.advance(
        exchange,
        ConnectionHandle(pointer: connection, loop: loop),
        method: String(cString: method),
        part: bytes
    )
    partSize?.pointee = 0
    return goesOn ? .YES : .NO
}

/// A request is over, well or not.
func requestCompleted(
    _ context: UnsafeMutableRawPointer?,
    _ connection: OpaquePointer?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ reason: MHD_RequestTerminationCode
) {
    guard let context, let connection, let slot, let held = slot.pointee else { return }
    slot.pointee = nil
    let exchange = Unmanaged<Exchange>.fromOpaque(held).takeRetainedValue()
    if let peer = peer(connection) { core(context).completed(exchange, peer) }
}
