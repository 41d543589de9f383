package import FleetModel
import FoundationEssentials
import HTTPServing
import JSONWriting

/// Events as they lie in the store and travel to readers: one JSON object a line.
///
/// `bodyHash = SHA-256(salt ‖ body)` over the exact bytes of `body` in its line (keys sorted, no
/// blanks), so that retention can drop a body without breaking what is built over the envelopes.
/// `envelopeHash` is the SHA-256 of the line's bytes before it: no other byte can change unseen.
package enum EventCodec {
    /// One line; the event is salted with SHA-256(salt ‖ position), `salt` being its batch's.
    package static func line(_ event: Event, salt: [UInt8]) throws(EventCodingFault) -> [UInt8] {
        let body = try body(of: event)
        let salt = Digest(sha256: salt + "\(event.position)".utf8)
        let hash = Digest(sha256: salt.bytes + body)
        var line = JSONBuffer(capacity: 512 + body.count)
        line.open()
        line.member("position", event.position)
        line.member("product", event.product)
        line.member("seq", event.seq)
        line.member("at", Timestamp.text(event.at))
        line.member("actor", event.actor)
        line.member("job", event.job)
        line.member("fence", event.fence)
        line.member("attempt", event.attempt)
        line.member("factory", event.factory)
        line.member("cost", event.costMicroUSD)
        line.member("kind", event.kind.rawValue)
        line.member("bodyHash", hash)
        let envelope = line.withBytes { Digest(sha256: $0) }
        line.member("envelopeHash", envelope)
        line.member("salt", salt)
        line.member("body", json: body)
        line.close()
        return line.bytes
    }

    private static func body(of event: Event) throws(EventCodingFault) -> [UInt8] {
        if let payload = event.body.writable { return payload.json }
        do { return try SortedJSONEncoder.bytes(BodyOnly(body: event.body)) } catch {
            throw EventCodingFault(position: event.position, reason: "\(error)")
        }
    }

    private static let envelopeMark = Array(",\"envelopeHash\":\"".utf8)

    package static func event(of line: some Collection<UInt8>) throws(EventCodingFault) -> Event {
        do { return try JSONDecoder().decode(StoredEvent.self, from: Data(line)).event } catch {
            throw EventCodingFault(position: nil, reason: "\(error)")
        }
    }

    /// Reads a line that must be the event at `position`, of the bytes that its hashes were made of.
    ///
    /// `isSealed` says whether an event before it carried a hash of its envelope. Older histories
    /// have none; from the first one on each has to.
    package static func verifiedEvent(
        of line: some Collection<UInt8>,
        at position: UInt64,
        isSealed: inout Bool
    ) throws(EventCodingFault) -> Event {
        let line = Array(line)
        try verifyEnvelope(of: line, at: position, &isSealed)
        let event: Event
        let seal: Seal
        do {
            seal = try JSONDecoder().decode(Seal.self, from: Data(line))
            event = try JSONDecoder().decode(StoredEvent.self, from: Data(line)).event
        } catch {
            throw EventCodingFault(position: position, reason: "\(error)")
        }
        // A capital digit would be the same salt, and yet not what was written.
        guard Digest.isHex(seal.salt), let salt = Hexadecimal.bytes(of: seal.salt),
            let body = body(of: line), Digest(sha256: salt + body).hex == seal.bodyHash
        else {
            throw EventCodingFault(
                position: position,
                reason: "its body is not the one that bodyHash \(seal.bodyHash) was made of"
            )
        }
        return event
    }

    /// No string before the mark can hold it, for its quotes would be escaped.
    private static func verifyEnvelope(
        of line: [UInt8],
        at position: UInt64,
        _ isSealed: inout Bool
    ) throws(EventCodingFault) {
        guard let mark = line.firstRange(of: envelopeMark) else {
            guard isSealed else { return }
            let reason = "it has no envelopeHash, and events before it have one"
            throw EventCodingFault(position: position, reason: reason)
        }
        isSealed = true
        let found = Digest(sha256: Array(line[..<mark.lowerBound]))
        guard line[mark.upperBound...].starts(with: found.hex.utf8) else {
            let reason = "its envelope is not the one that its envelopeHash was made of"
            throw EventCodingFault(position: position, reason: reason)
        }
    }

    /// The bytes between the envelope and its closing brace; no string before them can hold the
    /// mark, for its quotes would be escaped.
    private static func body(of line: [UInt8]) -> ArraySlice<UInt8>? {
        line.firstRange(of: Array(",\"body\":".utf8)).map { line[$0.upperBound...].dropLast() }
    }

    private struct Seal: Decodable {
        let salt: String
        let bodyHash: String
    }

    /// The lines of a batch as they are stored together.
    package static func packed(_ lines: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(lines.reduce(0) { $0 + $1.count + 1 })
        for line in lines {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: "\n")) }
            bytes += line
        }
        return bytes
    }

    /// The lines of a packed batch, in order.
    package static func lines(of packed: [UInt8]) -> [ArraySlice<UInt8>] {
        packed.split(separator: UInt8(ascii: "\n"))
    }

    private struct BodyOnly: Encodable {
        let body: EventBody
        func encode(to encoder: any Encoder) throws { try body.encodePayload(to: encoder) }
    }

    private struct StoredEvent: Decodable {
        let event: Event

        private enum Key: String, CodingKey {
            case position, product, seq, at, actor, job, fence, attempt, factory, cost, kind, body
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            let kind = try container.decode(EventKind.self, forKey: .kind)
            let at = try container.decode(String.self, forKey: .at)
            guard let instant = Timestamp.instant(at) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .at,
                    in: container,
                    debugDescription: "not an instant: \(at)"
                )
            }
            event = Event(
                position: try container.decode(UInt64.self, forKey: .position),
                product: try container.decode(String.self, forKey: .product),
                seq: try container.decode(UInt64.self, forKey: .seq),
                at: instant,
                actor: try container.decode(Principal.self, forKey: .actor),
                job: try container.decodeIfPresent(JobID.self, forKey: .job),
                fence: try container.decodeIfPresent(UInt64.self, forKey: .fence),
                attempt: try container.decodeIfPresent(Int.self, forKey: .attempt),
                factory: try container.decodeIfPresent(FactoryID.self, forKey: .factory),
                costMicroUSD: try container.decodeIfPresent(Int64.self, forKey: .cost),
                body: try EventBody(kind, from: try container.superDecoder(forKey: .body))
            )
        }
    }
}

/// An event that cannot be written or read; for a reader it means a damaged or newer store.
package struct EventCodingFault: Explained, Hashable {
    package let position: UInt64?
    package let reason: String
    package let code = "store.unreadable-event"
    package var what: String { "An event\(position.map { " (\($0))" } ?? "") cannot be coded" }
    package var why: String { reason }
    package let hint = "giga doctor --replay names the first one; restore a backup if it is damaged"
}
