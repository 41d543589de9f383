import Glibc

/// Why a child process could not be started.
package enum SpawnFault: Error, Hashable, Sendable, CustomStringConvertible {
    case notFound(program: String, searched: String)
    case noSuchFolder(String)
    /// An argument, variable or folder that holds a zero byte, or no argument at all.
    case malformed(String)
    case system(call: String, code: Int32)

    package var description: String {
        switch self {
        case .notFound(let program, let searched): "no program \(program) in \(searched)"
        case .noSuchFolder(let path): "no folder \(path) to start in"
        case .malformed(let what): "cannot be passed to a process: \(what)"
        case .system(let call, let code): "\(call): \(String(cString: strerror(code)))"
        }
    }
}
