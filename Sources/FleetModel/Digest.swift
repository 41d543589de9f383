private import CCrypto

/// A SHA-256 digest.
package struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// 32 bytes.
    package let bytes: [UInt8]

    package init(sha256 input: [UInt8]) {
        self = input.withUnsafeBufferPointer { Digest(sha256: $0) }
    }

    package init(sha256 input: UnsafeBufferPointer<UInt8>) {
        bytes = [UInt8](unsafeUninitializedCapacity: 32) { output, count in
            var length: UInt32 = 0
            let (start, size) = (input.baseAddress, input.count)
            let method = Algorithm.sha256.method
            let done = EVP_Digest(start, size, output.baseAddress, &length, method, nil)
            precondition(done == 1 && length == 32, "SHA-256 is part of every libcrypto")
            count = 32
        }
    }

    package init(sha256 text: String) { self.init(sha256: Array(text.utf8)) }

    fileprivate init(finished bytes: [UInt8]) { self.bytes = bytes }

    /// 64 lower-case hexadecimal digits.
    package var hex: String { Hexadecimal.text(of: bytes) }

    package var description: String { hex }

    /// Whether a text is what `hex` gives.
    package static func isHex(_ text: String) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

/// SHA-256 as libcrypto has it, looked up once: each digest would look for it anew.
///
/// `@unchecked Sendable`: the method is never changed nor freed, and libcrypto lets any number of
/// threads use one at a time (EVP_MD_fetch(3), "thread safe").
private struct Algorithm: @unchecked Sendable {
    let method: OpaquePointer

    static let sha256: Algorithm = {
        guard let method = EVP_MD_fetch(nil, "SHA256", nil) else {
            preconditionFailure("SHA-256 is part of every libcrypto")
        }
        return Algorithm(method: method)
    }()
}

/// A SHA-256 digest of bytes that come piece by piece, such as a file that is too large to hold.
package final class RunningDigest {
    private let context: OpaquePointer

    package init() {
        guard let context = EVP_MD_CTX_new(),
            EVP_DigestInit_ex(context, Algorithm.sha256.method, nil) == 1
        else { preconditionFailure("SHA-256 is part of every libcrypto") }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    package func update(_ bytes: some Collection<UInt8>) {
        let isTaken = bytes.withContiguousStorageIfAvailable {
            EVP_DigestUpdate(context, $0.baseAddress, $0.count) == 1
        }
        if isTaken == nil { return update(Array(bytes)) }
        precondition(isTaken == true, "SHA-256 takes any bytes")
    }

    /// The digest of all that came; nothing may come after it.
    package func finish() -> Digest {
        var output = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        let done = EVP_DigestFinal_ex(context, &output, &length)
        precondition(done == 1 && length == 32, "a digest is finished once")
        return Digest(finished: output)
    }
}

/// Bytes as lower-case hexadecimal digits, and back.
package enum Hexadecimal {
    package static func text(of bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { text in
            for (place, byte) in bytes.enumerated() {
                text.initializeElement(at: place * 2, to: digit(byte >> 4))
                text.initializeElement(at: place * 2 + 1, to: digit(byte & 15))
            }
            return bytes.count * 2
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// Nil when `text` is not an even number of hexadecimal digits.
    package static func bytes(of text: String) -> [UInt8]? {
        let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0] * 16 + digits[$0 + 1])
        }
    }
}
