package import FleetModel
package import Manifests

/// Profile files as they lie in a folder, or as somebody names them.
package enum ProfileFiles {
    /// One file that was read.
    package struct File: Hashable, Sendable {
        package let path: String
        package let bytes: [UInt8]

        package init(path: String, bytes: [UInt8]) {
            self.path = path
            self.bytes = bytes
        }

        /// What the file gives, without its errors.
        package var profile: Profile? { ProfileFile.parse(bytes, path: path).file?.profile }
    }

    /// The profiles of a folder, by name; empty when there is no such folder.
    ///
    /// A profile has front matter: a README beside them is no profile.
    package static func inside(_ folder: String) -> [File] {
        Files.names(in: folder).filter { $0.hasSuffix(".md") }.compactMap { name in
            Files.read("\(folder)/\(name)").map { File(path: "\(folder)/\(name)", bytes: $0) }
        }.filter { $0.bytes.starts(with: Array("---".utf8)) }
    }

    /// Files and folders as a person names them; a folder stands for the profiles in it.
    static func named(_ paths: [String], _ shop: Shop) throws(CommandFault) -> [File] {
        var files: [File] = []
        for path in paths {
            let place = Files.absolute(path, from: shop.workingFolder)
            if Files.isFolder(place) {
                let found = inside(place)
                guard !found.isEmpty else {
                    throw CommandFault(
                        .usage,
                        "profile.none-there",
                        what: "\(path) has no profiles",
                        why: "a profile is a file NAME.md that begins with ---",
                        hint: "name a file, or a folder with files such as qa.md"
                    )
                }
                files += found
                continue
            }
            guard let bytes = Files.read(place) else {
                throw CommandFault(
                    .usage,
                    "file.unreadable",
                    what: "\(path) cannot be read",
                    why: "there is no such file, or this user may not read it",
                    hint: "giga profile lint FILE…"
                )
            }
            files.append(File(path: path, bytes: bytes))
        }
        return files
    }

    /// Every file as it was understood, or every error of all of them.
    package static func parse(
        _ files: [File],
        hint: String
    ) throws(CommandFault) -> [ProfileFile] {
        var parsed: [ProfileFile] = []
        var errors: [ManifestError] = []
        for file in files {
            switch ProfileFile.parse(file.bytes, path: file.path) {
            case .accepted(let profile): parsed.append(profile)
            case .refused(let found): errors += found
            }
        }
        guard !errors.isEmpty else { return parsed }
        throw .files(
            errors,
            "profile.invalid",
            why: "profiles are imported whole or not at all",
            hint: hint
        )
    }
}
