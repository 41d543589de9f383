import CPostgres
import FleetPorts
import Glibc

/// One session at a PostgreSQL server; used by one thread at a time, which its owner sees to.
final class PostgresConnection {
    /// One statement of a pipeline.
    struct Step {
        let sql: String
        let values: [PostgresValue]

        init(_ sql: String, _ values: PostgresValue...) {
            self.sql = sql
            self.values = values
        }
    }

    /// The address, for messages.
    let label: String
    private let handle: OpaquePointer
    /// Names of the statements that this session has prepared, by their text.
    private var prepared: [String: String] = [:]

    /// - Throws: `unreachable` while no server answers, `rejected` when one lets nobody in.
    init(_ address: PostgresAddress) throws(StoreFault) {
        label = address.label
        guard let handle = Self.connect(Self.parameters(address)) else {
            throw .broken(path: address.label, reason: "no memory for a connection")
        }
        guard PQstatus(handle) == CONNECTION_OK else {
            let reason = Self.words(PQerrorMessage(handle))
            PQfinish(handle)
            // Asked once more in a way that needs no login: is anybody there at all?
            throw Self.ping(Self.parameters(address)) == PQPING_OK
                ? .rejected(path: address.label, reason: reason)
                : .unreachable(path: address.label, reason: reason)
        }
        self.handle = handle
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        // What a server was set up with must not take the sync out of a commit.
        try execute(
            """
            SELECT set_config('synchronous_commit', 'on', false)
            WHERE current_setting('synchronous_commit') = 'off'
            """
        )
    }

    deinit { PQfinish(handle) }

    /// Runs statements that give nothing back.
    func execute(_ sql: String) throws(StoreFault) {
        _ = try answer(PQexec(handle, sql))
    }

    /// Runs one statement, prepared at its first use.
    func query(_ sql: String, _ values: PostgresValue...) throws(StoreFault) -> PostgresRows {
        let name = try prepare(sql)
        let sent = send(name, values)
        guard sent == 1 else { throw lost() }
        var rows: PostgresRows?
        var fault: StoreFault?
        while let result = PQgetResult(handle) {
            do throws(StoreFault) { rows = try answer(result) } catch { fault = fault ?? error }
        }
        if let fault { throw fault }
        guard let rows else { throw lost() }
        return rows
    }

    /// Sends all statements at once and reads their answers; the first fault ends it.
    func pipeline(_ steps: [Step]) throws(StoreFault) -> [PostgresRows] {
        var names: [String] = []
        for step in steps { names.append(try prepare(step.sql)) }
        guard PQenterPipelineMode(handle) == 1 else { throw lost() }
        for (name, step) in zip(names, steps) {
            guard send(name, step.values) == 1 else { throw lost() }
        }
        guard PQpipelineSync(handle) == 1 else { throw lost() }
        var answers: [PostgresRows] = []
        var fault: StoreFault?
        for _ in steps {
            do throws(StoreFault) { answers.append(try next()) } catch { fault = fault ?? error }
        }
        // The synchronisation point has an answer of its own.
        do throws(StoreFault) { _ = try next(isLast: true) } catch { fault = fault ?? error }
        if let fault { throw fault }
        guard PQexitPipelineMode(handle) == 1 else { throw lost() }
        return answers
    }

    /// Ends a transaction without effect.
    func rollBack() throws(StoreFault) {
        if PQpipelineStatus(handle) != PQ_PIPELINE_OFF, PQexitPipelineMode(handle) != 1 {
            throw lost()
        }
        try execute("ROLLBACK")
    }

    /// One statement's answer; between two there is a null.
    private func next(isLast: Bool = false) throws(StoreFault) -> PostgresRows {
        guard let result = PQgetResult(handle) else { throw lost() }
        if !isLast, let further = PQgetResult(handle) {
            PQclear(result)
            PQclear(further)
            throw lost()
        }
        return try answer(result)
    }

    private func prepare(_ sql: String) throws(StoreFault) -> String {
        if let name = prepared[sql] { return name }
        let name = "giga_\(prepared.count)"
        _ = try answer(PQprepare(handle, name, sql, 0, nil))
        prepared[sql] = name
        return name
    }

    /// Everything in binary form, there and back.
    private func send(_ name: String, _ values: [PostgresValue]) -> Int32 {
        let parameters = values.map(\.encoded)
        // One buffer for all, because each pointer must live until the call has returned.
        var bytes: [CChar] = []
        var starts: [Int?] = []
        for parameter in parameters {
            starts.append(parameter == nil ? nil : bytes.count)
            bytes += (parameter ?? []).lazy.map { CChar(bitPattern: $0) }
            bytes.append(0)
        }
        return bytes.withUnsafeBufferPointer { buffer in
            let pointers = starts.map { start in
                start.flatMap { start in buffer.baseAddress.map { $0 + start } }
            }
            return PQsendQueryPrepared(
                handle,
                name,
                Int32(values.count),
                pointers,
                parameters.map { Int32($0?.count ?? 0) },
                [Int32](repeating: 1, count: values.count),
                1
            )
        }
    }

    private func answer(_ result: OpaquePointer?) throws(StoreFault) -> PostgresRows {
        guard let result else { throw lost() }
        let rows = PostgresRows(result)
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_PIPELINE_SYNC: return rows
        default: throw fault(of: result)
        }
    }

    private func lost() -> StoreFault {
        .unreachable(path: label, reason: Self.words(PQerrorMessage(handle)))
    }
}

extension PostgresConnection {
    /// What an error means to the inside, by its SQLSTATE: the words are in the server's language.
    private func fault(of result: OpaquePointer) -> StoreFault {
        let field = PQresultErrorField(result, Int32(UInt8(ascii: "C")))
        let state = field.map { String(cString: $0) } ?? ""
        let words = Self.words(PQresultErrorMessage(result))
        guard PQstatus(handle) == CONNECTION_OK, !Self.passes(state) else {
            return .unreachable(path: label, reason: words)
        }
        if state == "53100" { return .full(path: label, needed: nil, free: nil) }
        return .broken(path: label, reason: "\(words) (SQLSTATE \(state))")
    }

    /// Whether the same may go well in another session: nothing is wrong with what was asked.
    private static func passes(_ state: String) -> Bool {
        // Connections, ends of a transaction by the server, a server that stops or only reads.
        ["08", "40", "57"].contains { state.hasPrefix($0) } || state == "25006" || state.isEmpty
    }

    /// libpq's words in one line; they never hold a password once the address was read.
    private static func words(_ text: UnsafePointer<CChar>?) -> String {
        let lines = (text.map { String(cString: $0) } ?? "").split(whereSeparator: \.isNewline)
        let line = lines.map { $0.drop(while: \.isWhitespace) }.joined(separator: "; ")
        return line.isEmpty ? "the connection was lost" : line
    }

    /// What stands before the address yields to it, what stands behind does not.
    private static func parameters(_ address: PostgresAddress) -> [(name: String, value: String)] {
        [
            ("connect_timeout", "3"), ("fallback_application_name", "giga"),
            ("keepalives_idle", "10"), ("keepalives_interval", "3"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "10000"), ("dbname", address.url), ("client_encoding", "UTF8"),
        ]
    }

    private static func connect(_ parameters: [(name: String, value: String)]) -> OpaquePointer? {
        withLists(parameters) { PQconnectdbParams($0, $1, 1) }
    }

    private static func ping(_ parameters: [(name: String, value: String)]) -> PGPing {
        withLists(parameters) { PQpingParams($0, $1, 1) }
    }

    private static func withLists<Result>(
        _ parameters: [(name: String, value: String)],
        _ body: ([UnsafePointer<CChar>?], [UnsafePointer<CChar>?]) -> Result
    ) -> Result {
        let names = parameters.map { strdup($0.name) }
        let values = parameters.map { strdup($0.value) }
        defer { for copy in names + values { free(copy) } }
        return body(
            names.map { UnsafePointer($0) } + [nil],
            values.map { UnsafePointer($0) } + [nil]
        )
    }
}
