import Glibc

/// Whoever runs this program, as principals name them.
package enum UserName {
    /// The name of the user's id: what the environment says may be anybody's, and one person would
    /// count as two.
    package static var current: String {
        getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "uid-\(getuid())"
    }
}
