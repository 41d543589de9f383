import FleetPorts
import Stores
import Testing

/// Checks that a store that `store-torture` or its like wrote to is whole.
enum TortureEvidence {
    /// The last position, after it was checked that batches, row and index tell of no half batch.
    @discardableResult
    static func lastPosition(of reader: SQLiteReader) throws -> UInt64 {
        let last = reader.identity.lastPosition
        var next: UInt64 = 1
        while case let page = try reader.batches(from: next, limit: 100), !page.isEmpty {
            for batch in page {
                try #require(batch.firstPosition == next, "a hole before \(batch.firstPosition)")
                next = batch.lastPosition + 1
                let lines = batch.bytes.split(separator: UInt8(ascii: "\n"))
                try #require(UInt64(lines.count) == next - batch.firstPosition)
                let start = Array("{\"position\":\(batch.firstPosition)".utf8)
                try #require(lines.first?.starts(with: start) == true, "other bytes")
            }
        }
        try #require(next == last + 1)
        let row = try reader.fetch(table: .state, product: "fleet", key: "last")
        try #require(row == (last == 0 ? nil : Array("\(last)".utf8)), "row and events disagree")
        if last > 0 {
            let touched = try reader.batches(ofJob: "job-\(last / 5)", product: "p")
            try #require(touched.last?.lastPosition == last, "index and events disagree")
        }
        return last
    }
}
