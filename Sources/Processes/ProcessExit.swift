/// How a process ended.
package enum ProcessExit: Hashable, Sendable, CustomStringConvertible {
    case code(Int32)
    case signal(Int32)

    package var isSuccess: Bool { self == .code(0) }

    /// The number a shell would show: the code, or 128 and the signal.
    package var shellCode: Int32 {
        switch self {
        case .code(let code): code
        case .signal(let signal): 128 + signal
        }
    }

    package var description: String {
        switch self {
        case .code(let code): "exit code \(code)"
        case .signal(let signal): "signal \(signal)"
        }
    }
}
