import CSQLite
import CShims
import FleetPorts

/// A prepared statement, kept for as long as its connection and used again and again.
final class SQLiteStatement {
    private let handle: OpaquePointer
    private let connection: SQLiteConnection

    init(_ handle: OpaquePointer, of connection: SQLiteConnection) {
        self.handle = handle
        self.connection = connection
    }

    deinit { sqlite3_finalize(handle) }

    /// Binds `values` to the parameters in order, runs to the end and hands each row to `visit`.
    func each(
        _ values: SQLiteValue...,
        visit: (SQLiteStatement) throws(StoreFault) -> Void
    ) throws(StoreFault) {
        try bind(values)
        defer { reset() }
        while try step() { try visit(self) }
    }

    /// Binds `values` and reads the first row, if there is one.
    func first<Result>(
        _ values: SQLiteValue...,
        read: (SQLiteStatement) -> Result?
    ) throws(StoreFault) -> Result? {
        try bind(values)
        defer { reset() }
        return try step() ? read(self) : nil
    }

    /// Binds `values` and runs a statement that gives no rows back.
    func run(_ values: SQLiteValue...) throws(StoreFault) {
        try bind(values)
        defer { reset() }
        while try step() {}
    }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func bytes(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        let count = Int(sqlite3_column_bytes(handle, column))
        return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }

    func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }

    /// True when a row is there, false at the end.
    private func step() throws(StoreFault) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw connection.fault(code)
        }
    }

    private func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    private func bind(_ values: [SQLiteValue]) throws(StoreFault) {
        for (index, value) in values.enumerated() {
            let code = bind(value, at: Int32(index + 1))
            guard code == SQLITE_OK else { throw connection.fault(code) }
        }
    }

    private func bind(_ value: SQLiteValue, at index: Int32) -> Int32 {
        switch value {
        case .integer(let number): return sqlite3_bind_int64(handle, index, number)
        case .null: return sqlite3_bind_null(handle, index)
        case .text(var text):
            return text.withUTF8 { bindText($0, at: index) }
        case .json(let bytes):
            return bytes.withUnsafeBufferPointer { bindText($0, at: index) }
        case .blob(let bytes):
            // A null pointer would bind NULL, and an empty array has one.
            guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(handle, index, 0) }
            let size = sqlite3_uint64(bytes.count)
            return sqlite3_bind_blob64(handle, index, bytes, size, shim_sqlite_transient())
        }
    }

    private func bindText(_ text: UnsafeBufferPointer<UInt8>, at index: Int32) -> Int32 {
        guard let start = text.baseAddress, !text.isEmpty else {
            return sqlite3_bind_text(handle, index, "", 0, shim_sqlite_transient())
        }
        return start.withMemoryRebound(to: CChar.self, capacity: text.count) {
            let size = sqlite3_uint64(text.count)
            let encoding = UInt8(SQLITE_UTF8)
            return sqlite3_bind_text64(
                handle,
                index,
                $0,
                size,
                shim_sqlite_transient(),
                encoding
            )
        }
    }
}

/// What can be bound to a statement's parameter.
enum SQLiteValue {
    case integer(Int64)
    case text(String)
    /// Text that is already in UTF-8.
    case json([UInt8])
    case blob([UInt8])
    case null

    /// A position; SQLite's numbers end at half of the range, which no store ever reaches.
    static func position(_ position: UInt64) -> SQLiteValue {
        .integer(Int64(clamping: position))
    }
}
