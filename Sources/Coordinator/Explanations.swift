package import FleetCore
import FleetModel
import FoundationEssentials
package import Routing

/// Records of placements as they are stored and hashed.
package enum Explanations {
    package static func coded(_ record: PlacementRecord) -> CodedRecord {
        CodedRecord(bytes: record.bytes, hash: Digest(sha256: record.bytes).hex)
    }

    /// What a stored record says, whichever giga wrote it: the older ones wrote JSON.
    ///
    /// - Throws: `PlacementRecord.Fault` or `DecodingError` when it is damaged.
    package static func read(_ stored: [UInt8]) throws -> Explanation {
        guard !PlacementRecord.isCompact(stored) else {
            return try PlacementRecord(stored).explanation()
        }
        return try JSONDecoder().decode(Explanation.self, from: Data(stored))
    }
}
