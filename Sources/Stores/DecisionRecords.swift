package import FleetModel
package import FleetPorts

/// The records of placements in a store that no server has: the one thing that retention drops there.
package struct DecisionRecords {
    /// A record and how many bytes its text has.
    package struct Record: Hashable, Sendable {
        package let product: String
        package let run: RunID
        package let bytes: UInt64
    }

    /// Every record, in the order of products and runs.
    package static func all(in folder: String) throws(StoreFault) -> [Record] {
        let database = try SQLiteSource.open(folder)
        var found: [Record] = []
        let select = "SELECT product_id, key, length(CAST(body AS BLOB)) FROM fleet_decisions"
        try database.prepare("\(select) ORDER BY product_id, key").each { row in
            guard let run = RunID(text: row.text(1)) else { return }
            let bytes = UInt64(clamping: row.integer(2))
            found.append(Record(product: row.text(0), run: run, bytes: bytes))
        }
        return found
    }

    /// Drops records; refused as `busy` while a server has the store open.
    package static func drop(_ records: [Record], in folder: String) throws(StoreFault) {
        guard !records.isEmpty else { return }
        let lock = try FolderLock(folder: folder)
        let database = try DataFolder.openForWriting(folder)
        let delete = try database.prepare(
            "DELETE FROM fleet_decisions WHERE product_id = ? AND key = ?"
        )
        try database.transaction { () throws(StoreFault) in
            for record in records {
                try delete.run(.text(record.product), .text(record.run.description))
            }
        }
        withExtendedLifetime(lock) {}
    }
}
