import FleetModel

/// Reads an archive from its beginning, and believes nothing that a hash does not bear out.
///
/// Every byte of it is known once the manifest is: members come in the manifest's order, headers
/// are those that the writer makes, and the gaps between are zero. So no flipped bit goes unseen.
final class BackupReader {
    let manifest: BackupManifest
    private let file: PlainFile
    private let steps: BackupSteps

    /// Reads the manifest and checks its hash.
    init(_ file: PlainFile, steps: BackupSteps) throws(BackupFault) {
        self.file = file
        self.steps = steps
        let bytes = try Self.member(BackupManifest.Member.manifest, limit: 1 << 30, of: file)
        let line = try Self.member(BackupManifest.Member.manifestHash, limit: 4_096, of: file)
        let expected = "\(Digest(sha256: bytes))  \(BackupManifest.Member.manifest)\n"
        guard line.elementsEqual(expected.utf8) else {
            throw .damaged(path: file.path, what: "its manifest is not what its hash was made of")
        }
        manifest = try BackupManifest(decoding: bytes, of: file.path)
        // Their headers carry the manifest's instant, which was not known when they were passed.
        let sizes = [
            (BackupManifest.Member.manifest, UInt64(bytes.count)),
            (BackupManifest.Member.manifestHash, UInt64(line.count)),
        ]
        try file.rewind()
        for (name, size) in sizes {
            try expectHeader(name, size)
            _ = try take(Int(size) + TarHeader.padding(after: size), name)
        }
    }

    /// Hands every piece of every member to `take`, and checks all to the last byte.
    func readAll(
        _ step: BackupProgress.Step,
        take piece: (BackupManifest.Member, [UInt8]) throws(BackupFault) -> Void
    ) throws(BackupFault) {
        let total = manifest.contentBytes
        var done: UInt64 = 0
        for member in manifest.members {
            try expectHeader(member.name, member.content.bytes)
            let digest = RunningDigest()
            var left = member.content.bytes
            if left == 0 { try piece(member, []) }
            while left > 0 {
                let bytes = try take(Int(min(left, UInt64(PlainFile.pieceBytes))), member.name)
                digest.update(bytes)
                try piece(member, bytes)
                left -= UInt64(bytes.count)
                done += UInt64(bytes.count)
                try steps.note(step, done, of: total)
            }
            guard digest.finish().hex == member.content.sha256 else {
                throw damaged("\(member.name) is not what its hash was made of")
            }
            try expectZeros(TarHeader.padding(after: member.content.bytes), after: member.name)
        }
        try expectZeros(2 * TarHeader.blockBytes, after: "the last member")
        guard try file.read(1).isEmpty else { throw damaged("it goes on after its end") }
    }

    private func expectHeader(_ name: String, _ size: UInt64) throws(BackupFault) {
        let seconds = manifest.madeAt / 1000
        let expected = TarHeader.bytes(name: name, size: size, seconds: seconds)
        guard try take(TarHeader.blockBytes, "the header of \(name)") == expected else {
            throw damaged("the header of \(name) is not the one that giga backup wrote")
        }
    }

    private func expectZeros(_ count: Int, after name: String) throws(BackupFault) {
        guard try take(count, "the end of \(name)").allSatisfy({ $0 == 0 }) else {
            throw damaged("there is something between \(name) and what follows")
        }
    }

    private func take(_ count: Int, _ name: String) throws(BackupFault) -> [UInt8] {
        try Self.take(count, name, of: file)
    }

    private func damaged(_ what: String) -> BackupFault { .damaged(path: file.path, what: what) }

    private static func take(
        _ count: Int,
        _ name: String,
        of file: PlainFile
    ) throws(BackupFault) -> [UInt8] {
        let bytes = try file.read(count)
        guard bytes.count == count else {
            let what = "it is cut off after \(file.size) bytes, in \(name)"
            throw .damaged(path: file.path, what: what)
        }
        return bytes
    }

    /// A small member whose size only its own header tells.
    private static func member(
        _ name: String,
        limit: UInt64,
        of file: PlainFile
    ) throws(BackupFault) -> [UInt8] {
        let bytes = try take(TarHeader.blockBytes, "the header of \(name)", of: file)
        guard let header = TarHeader.parse(bytes), header.name == name, header.size <= limit else {
            let what = "\(name) is not where a backup of giga has it"
            throw .damaged(path: file.path, what: what)
        }
        let content = try take(Int(header.size), name, of: file)
        let gap = try take(TarHeader.padding(after: header.size), name, of: file)
        guard gap.allSatisfy({ $0 == 0 }) else {
            throw .damaged(path: file.path, what: "there is something behind \(name)")
        }
        return content
    }
}
