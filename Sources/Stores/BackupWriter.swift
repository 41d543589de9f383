import FleetModel

/// Writes an archive: the manifest and its hash, the database, then each content once.
struct BackupWriter {
    let file: PlainFile
    let manifest: BackupManifest
    let steps: BackupSteps

    /// `source` gives the file that a member's content is read from.
    func write(source: (BackupManifest.Member) -> String) throws(BackupFault) {
        let encoded = manifest.encoded()
        try whole(BackupManifest.Member.manifest, encoded)
        let line = "\(Digest(sha256: encoded))  \(BackupManifest.Member.manifest)\n"
        try whole(BackupManifest.Member.manifestHash, Array(line.utf8))
        let total = manifest.contentBytes
        var done: UInt64 = 0
        for member in manifest.members {
            try copy(member, from: source(member), &done, of: total)
        }
        try file.write([UInt8](repeating: 0, count: 2 * TarHeader.blockBytes))
    }

    private func whole(_ name: String, _ bytes: [UInt8]) throws(BackupFault) {
        try file.write(header(name, UInt64(bytes.count)) + bytes + zeros(UInt64(bytes.count)))
    }

    /// Exactly the bytes that were hashed before: a log may have grown since.
    private func copy(
        _ member: BackupManifest.Member,
        from path: String,
        _ done: inout UInt64,
        of total: UInt64
    ) throws(BackupFault) {
        let input = try PlainFile(reading: path)
        let size = member.content.bytes
        try file.write(header(member.name, size))
        let digest = RunningDigest()
        var left = size
        while left > 0 {
            let piece = try input.read(Int(min(left, UInt64(PlainFile.pieceBytes))))
            guard !piece.isEmpty else { break }
            digest.update(piece)
            try file.write(piece)
            left -= UInt64(piece.count)
            done += UInt64(piece.count)
            try steps.note(.writeArchive, done, of: total)
        }
        guard left == 0, digest.finish().hex == member.content.sha256 else {
            throw .file(path: path, reason: "it changed while it was copied")
        }
        try file.write(zeros(size))
    }

    private func header(_ name: String, _ size: UInt64) -> [UInt8] {
        TarHeader.bytes(name: name, size: size, seconds: manifest.madeAt / 1000)
    }

    private func zeros(_ size: UInt64) -> [UInt8] {
        [UInt8](repeating: 0, count: TarHeader.padding(after: size))
    }
}
