import FleetModel
import FoundationEssentials
import Glibc

/// Where things lie on this machine, by the XDG base directories.
package struct Places: Hashable, Sendable {
    private let environment: [String: String]

    package init(_ environment: [String: String]) { self.environment = environment }

    package static let defaultAddress = "127.0.0.1:7420"

    package var home: String { environment["HOME"] ?? "/" }

    private func base(_ name: String, _ fallback: String) -> String {
        let value = environment[name, default: ""]
        return value.hasPrefix("/") ? value : home + fallback
    }

    /// Stores, mirrors, logs.
    package var data: String {
        environment["GIGA_DATA"] ?? base("XDG_DATA_HOME", "/.local/share") + "/giga"
    }

    /// Tokens of running servers, by listen address.
    package var state: String { base("XDG_STATE_HOME", "/.local/state") + "/giga" }

    /// The user's own configuration.
    package var userConfiguration: String {
        environment["GIGA_CONFIG"] ?? base("XDG_CONFIG_HOME", "/.config") + "/giga/giga.yaml"
    }

    /// The user's own profiles.
    package var userProfiles: String { base("XDG_CONFIG_HOME", "/.config") + "/giga/profiles" }

    package func tokenFile(address: String) -> String { "\(state)/token-\(address)" }

    /// The operator's token for a server: from the environment, else from its file.
    package func token(forURL url: String) -> String? {
        if let token = environment["GIGA_TOKEN"], !token.isEmpty { return token }
        let address = url.split(separator: "/", maxSplits: 1).last.map { rest in
            rest.drop { $0 == "/" }.split(separator: "/").first.map(String.init) ?? ""
        }
        guard let address, let bytes = Files.read(tokenFile(address: address)) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
            .split(whereSeparator: \.isWhitespace).first.map(String.init)
    }
}

/// Whole files, read and written as commands need them.
package enum Files {
    /// Nil when the file cannot be read.
    package static func read(_ path: String) -> [UInt8]? {
        (try? Data(contentsOf: URL(filePath: path))).map(Array.init)
    }

    package static func write(_ bytes: [UInt8], to path: String) throws(CommandFault) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw unwritable(path, errno) }
        defer { close(file) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw unwritable(path, errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// Makes a folder and all above it that are missing.
    package static func makeFolder(_ path: String) throws(CommandFault) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += (made.isEmpty || made == "/" ? "" : "/") + part
            guard !isFolder(made), mkdir(made, 0o777) != 0 else { continue }
            let code = errno
            // Somebody else may have made it meanwhile.
            guard !isFolder(made) else { continue }
            throw CommandFault(
                .failed,
                "file.no-folder",
                what: "\(path) cannot be made",
                why: exists(made)
                    ? "\(made) is a file, where a folder is needed"
                    : "\(made): \(String(cString: strerror(code)))",
                hint: advice(code)
            )
        }
    }

    private static func unwritable(_ path: String, _ code: Int32) -> CommandFault {
        CommandFault(
            .failed,
            "file.unwritable",
            what: "\(path) cannot be written",
            why: String(cString: strerror(code)),
            hint: advice(code)
        )
    }

    private static func advice(_ code: Int32) -> String {
        switch code {
        case ENOSPC, EDQUOT: "free some space, or give another folder with --data or GIGA_DATA"
        case EACCES, EPERM, EROFS: "give a folder that you may write to with --data or GIGA_DATA"
        default: "give another folder with --data or GIGA_DATA, or move that file away"
        }
    }

    /// The path without links, `.` and `..`; nil when it leads nowhere.
    static func real(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }

    static func size(_ path: String) -> UInt64 {
        var facts = stat()
        return stat(path, &facts) == 0 ? UInt64(clamping: facts.st_size) : 0
    }

    static func isFolder(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }

    package static func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    package static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path)
    }

    package static func absolute(_ path: String, from folder: String) -> String {
        path.hasPrefix("/") ? path : folder + "/" + path
    }
}

extension Files {
    /// Puts one file in the place of another at once: nobody ever sees none, or half of one.
    package static func rename(_ old: String, to new: String) throws(CommandFault) {
        guard Glibc.rename(old, new) == 0 else { throw unwritable(new, errno) }
    }
}

extension Files {
    /// A new folder of our own below the system's temporary one.
    package static func makeTemporaryFolder(_ prefix: String) throws(CommandFault) -> String {
        let name = "\(prefix)-\(UUID().uuidString.prefix(8).lowercased())"
        let path = FileManager.default.temporaryDirectory.appending(path: name).path(
            percentEncoded: false
        )
        try makeFolder(path)
        return path
    }

    package static func remove(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }
}
