import CPostgres

/// The answer to one statement, in PostgreSQL's binary form.
final class PostgresRows {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { PQclear(handle) }

    var count: Int32 { PQntuples(handle) }

    func isNull(_ row: Int32, _ column: Int32) -> Bool { PQgetisnull(handle, row, column) != 0 }

    /// A number of any width; 0 for null.
    func integer(_ row: Int32, _ column: Int32) -> Int64 {
        let bytes = bytes(row, column)
        let isNegative = bytes.first.map { $0 & 0x80 != 0 } ?? false
        return bytes.reduce(isNegative && bytes.count > 1 ? -1 : 0) { $0 << 8 | Int64($1) }
    }

    func position(_ row: Int32, _ column: Int32) -> UInt64 {
        UInt64(clamping: integer(row, column))
    }

    func flag(_ row: Int32, _ column: Int32) -> Bool { integer(row, column) != 0 }

    func text(_ row: Int32, _ column: Int32) -> String { PostgresText.read(bytes(row, column)) }

    func bytes(_ row: Int32, _ column: Int32) -> [UInt8] {
        guard let start = PQgetvalue(handle, row, column) else { return [] }
        let count = Int(PQgetlength(handle, row, column))
        return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }

    func map<Result>(_ read: (Int32) -> Result) -> [Result] { (0..<count).map(read) }
}
