import Glibc

/// Programs by name.
package enum Executable {
    /// The search path of this process, looked up anew at each call.
    package static var searchPath: String {
        guard let path = getenv("PATH") else { return "/usr/local/bin:/usr/bin:/bin" }
        return String(cString: path)
    }

    /// The first executable file of that name on the path; a name with a slash stands for itself.
    ///
    /// Empty and relative entries of the path are skipped: the child may start in a folder that
    /// someone else fills.
    package static func find(_ name: String, on path: String? = nil) throws(SpawnFault) -> String {
        let searched = path ?? searchPath
        if name.contains("/") {
            guard name.hasPrefix("/"), isExecutableFile(name) else {
                throw .notFound(program: name, searched: "the file system")
            }
            return name
        }
        for folder in searched.split(separator: ":") where folder.hasPrefix("/") {
            let candidate = "\(folder)/\(name)"
            if isExecutableFile(candidate) { return candidate }
        }
        throw .notFound(program: name, searched: searched)
    }

    private static func isExecutableFile(_ path: String) -> Bool {
        var facts = stat()
        guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return false }
        return access(path, X_OK) == 0
    }
}
