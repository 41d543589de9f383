package import FleetCore
import FleetModel
import JSONWriting
package import Routing

/// Explanations as they are stored and hashed.
package enum Explanations {
    package static func bytes(_ explanation: Explanation) -> [UInt8] {
        explanation.json
    }

    package static func coded(_ explanation: Explanation) -> CodedExplanation {
        let bytes = bytes(explanation)
        return CodedExplanation(bytes: bytes, hash: Digest(sha256: bytes).hex)
    }
}
