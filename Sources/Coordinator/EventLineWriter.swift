import FleetModel
import JSONWriting

/// One event's line, grown at its end: every event passes here on the writer's thread.
struct EventLineWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func add(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ number: some FixedWidthInteger) { JSONText.append(number, to: &bytes) }

    mutating func add(plain text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func add(quoted text: String) { JSONText.append(text, to: &bytes) }

    mutating func add(_ digest: Digest) { Hexadecimal.append(digest.bytes, to: &bytes) }

    mutating func add(_ more: [UInt8]) { bytes.append(contentsOf: more) }
}
