import FleetModel

/// Paths as names by which artifacts can be fetched: `out/Report 1.html` is `out-report_1.html`.
enum ArtifactNaming {
    private static let longest = 55

    /// One name for each path, in their order; no two are the same, and none is a run's own.
    static func names(for paths: [String]) -> [String] {
        let plain = paths.map(bare)
        var uses: [String: Int] = [:]
        for name in plain { uses[name, default: 0] += 1 }
        var taken = Artifact.reservedNames
        // Whoever alone has a plain name keeps it, whatever the order of the others.
        for name in plain where uses[name] == 1 { taken.insert(name) }
        return zip(paths, plain).map { path, name in
            if uses[name] == 1, !Artifact.reservedNames.contains(name) { return name }
            let hash = Digest(sha256: path).hex
            for count in [8, 16, 32] {
                let marked = "\(hash.prefix(count))-\(name)".prefix(64)
                if taken.insert(String(marked)).inserted { return String(marked) }
            }
            return hash
        }
    }

    private static func bare(_ path: String) -> String {
        let letters = path.lowercased().unicodeScalars.map { scalar -> Character in
            switch scalar {
            case "a"..."z", "0"..."9", ".", "_", "-": Character(scalar)
            case "/": "-"
            default: "_"
            }
        }
        // The end tells most: it has the file's own name and its kind.
        let name = letters.suffix(longest).drop { ".-_".contains($0) }
        return name.isEmpty ? "file" : String(name)
    }
}
