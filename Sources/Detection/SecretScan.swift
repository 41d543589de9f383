/// The gate `secrets`: what a change would add that looks like a secret.
package enum SecretScan {
    /// Where a secret would come to lie; never what it is.
    package struct Finding: Hashable, Sendable, CustomStringConvertible {
        package let path: String
        /// In the file as it would be; nil where the file has no lines.
        package let line: Int?
        package let kind: String

        package var description: String {
            line.map { "\(path):\($0): \(kind)" } ?? "\(path): \(kind)"
        }
    }

    /// Scans the added lines of a unified diff without renames.
    ///
    /// Lines that follow each other are scanned as one text, for keys go over several.
    package static func findings(inPatch patch: [UInt8], secrets: [KnownSecret]) -> [Finding] {
        var findings: [Finding] = []
        var reader = PatchReader()
        for line in patch.split(separator: 0x0A, omittingEmptySubsequences: false) {
            if let block = reader.take(line) { findings += scan(block, secrets) }
        }
        if let block = reader.finish() { findings += scan(block, secrets) }
        return findings
    }

    /// Scans a whole file, where git shows no lines of it.
    package static func findings(
        inFile bytes: [UInt8],
        path: String,
        secrets: [KnownSecret]
    ) -> [Finding] {
        var redactor = Redactor(secrets: secrets)
        _ = redactor.feed(bytes)
        _ = redactor.finish()
        return redactor.findings.map { Finding(path: path, line: nil, kind: $0.kind) }
    }

    private static func scan(_ block: AddedLines, _ secrets: [KnownSecret]) -> [Finding] {
        var redactor = Redactor(secrets: secrets)
        _ = redactor.feed(block.bytes)
        _ = redactor.finish()
        return redactor.findings.map { finding in
            let before = block.bytes[..<finding.offset].count { $0 == 0x0A }
            return Finding(path: block.path, line: block.firstLine + before, kind: finding.kind)
        }
    }
}

/// Added lines that follow each other in one file.
private struct AddedLines {
    let path: String
    let firstLine: Int
    var bytes: [UInt8]
}

/// Follows a unified diff line by line.
private struct PatchReader {
    private var path = ""
    private var isInHunk = false
    private var oldLeft = 0
    private var newLeft = 0
    private var line = 0
    private var block: AddedLines?

    /// Gives the block of added lines that this line ends.
    mutating func take(_ bytes: ArraySlice<UInt8>) -> AddedLines? {
        guard isInHunk, oldLeft > 0 || newLeft > 0 else { return takeHeader(bytes) }
        switch bytes.first {
        case UInt8(ascii: "+"):
            newLeft -= 1
            add(bytes.dropFirst())
            line += 1
            return nil
        case UInt8(ascii: "-"):
            oldLeft -= 1
            return nil
        case UInt8(ascii: "\\"): return nil
        default:
            oldLeft -= 1
            newLeft -= 1
            line += 1
            return finish()
        }
    }

    mutating func finish() -> AddedLines? {
        defer { block = nil }
        return block
    }

    private mutating func add(_ bytes: ArraySlice<UInt8>) {
        if block == nil { block = AddedLines(path: path, firstLine: line, bytes: []) }
        block?.bytes.append(contentsOf: bytes)
        block?.bytes.append(0x0A)
    }

    private mutating func takeHeader(_ bytes: ArraySlice<UInt8>) -> AddedLines? {
        let ended = finish()
        let text = String(decoding: bytes, as: UTF8.self)
        if text.hasPrefix("diff --git ") {
            isInHunk = false
        } else if !isInHunk, text.hasPrefix("+++ ") {
            path = Self.name(text.dropFirst(4))
        } else if text.hasPrefix("@@ ") {
            startHunk(text)
        }
        return ended
    }

    /// `+++ b/name`, or with quotes around it when the name has odd characters.
    private static func name(_ text: Substring) -> String {
        var name = text.prefix { $0 != "\t" }
        if name.hasPrefix("\""), name.hasSuffix("\""), name.count > 1 {
            name = name.dropFirst().dropLast()
        }
        return name.hasPrefix("b/") ? String(name.dropFirst(2)) : String(name)
    }

    /// `@@ -12,3 +14,5 @@`; a count that is left out is 1.
    private mutating func startHunk(_ text: String) {
        let parts = text.split(separator: " ")
        guard parts.count >= 3, parts[1].hasPrefix("-"), parts[2].hasPrefix("+") else { return }
        let old = parts[1].dropFirst().split(separator: ",").map { Int($0) ?? 0 }
        let new = parts[2].dropFirst().split(separator: ",").map { Int($0) ?? 0 }
        oldLeft = old.count > 1 ? old[1] : 1
        newLeft = new.count > 1 ? new[1] : 1
        line = new.first ?? 1
        isInHunk = true
    }
}
