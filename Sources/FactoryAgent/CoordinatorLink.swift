package import FleetModel
package import FleetProtocol
package import HTTPServing

/// The coordinator as a factory talks to it.
///
/// Every call blocks its thread until it is answered or its cancellation is called. Each may be
/// repeated: what happened already does not happen twice.
package protocol CoordinatorLink: Sendable {
    /// The token is a join token, or the factory's own when it comes back.
    func register(_ request: RegisterRequest, token: String) throws(LinkFault) -> RegisterReply
    /// The factory's own token, for all calls that follow.
    func use(token: String)
    func heartbeat(_ request: HeartbeatRequest, of name: String) throws(LinkFault) -> HeartbeatReply
    func claim(
        _ request: ClaimRequest,
        _ cancellation: Cancellation
    ) throws(LinkFault) -> ClaimReply
    func report(_ request: ReportRequest, run: String) throws(LinkFault)
    /// Gives how much of the run's log is safe now.
    func appendLog(
        _ bytes: [UInt8],
        run: String,
        fence: UInt64,
        offset: Int64
    ) throws(LinkFault) -> Int64
    func upload(_ bytes: [UInt8], as name: String, run: String, fence: UInt64) throws(LinkFault)
    /// Sends a file piece by piece; one that is there already with this hash stays as it is.
    func upload(
        file: String,
        sha256: String,
        as name: String,
        run: String,
        fence: UInt64
    ) throws(LinkFault)
    func repositories() throws(LinkFault) -> [Repository]
    /// Follows the order stream until it ends or is cancelled.
    func orders(_ cancellation: Cancellation, _ receive: (Order) -> Void) throws(LinkFault)
}

/// Why a call to the coordinator came to nothing.
package enum LinkFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nobody knows whether it had its effect: send it again.
    case unreachable(String)
    /// The run's lease is no longer the newest: its worker stops.
    case stale(String)
    /// The token is not known there.
    case unauthorised(String)
    /// The coordinator does not know this start of this factory.
    case unregistered(String)
    /// A person removed this factory: it stops.
    case removed(String)
    case refused(status: Int, code: String, String)
    case cancelled

    package var description: String {
        switch self {
        case .unreachable(let why), .stale(let why), .unauthorised(let why), .unregistered(let why),
            .removed(let why):
            why
        case .refused(let status, let code, let why): "\(status) \(code): \(why)"
        case .cancelled: "cancelled"
        }
    }
}
