import JSONWriting

/// What one client of a queue gets done, as a line for the table beside other queues.
///
/// The keys are those of the table's other rows: rates a second, times in microseconds.
struct QueueRow {
    let store: String
    let clients: Int
    var enqueue: Load?
    var cycle: Load?
    /// Jobs in one submission.
    var batch = 1

}

extension QueueRow: JSONWritable {
    func write(to json: inout JSONBuffer) {
        json.open()
        json.member("g", "queue")
        json.member("system", batch == 1 ? "giga" : "giga, batches of \(batch)")
        json.member(
            "durability",
            store == "sqlite" ? "SQLite, synced before each reply" : "none: the store in memory"
        )
        json.member("clients", clients)
        for (name, load) in [("enq", enqueue), ("cycle", cycle)] {
            guard let load else { continue }
            let samples = Samples(load.times)
            json.member(named: name, load.perSecond * batch)
            json.member(named: name + "_p50", samples.percentile(50) / 1_000)
            json.member(named: name + "_p99", samples.percentile(99) / 1_000)
            json.member(named: name + "_cpu", load.served / 1_000 / Int64(max(1, load.done)))
        }
        json.close()
    }

    var line: String { String(decoding: json, as: UTF8.self) }
}

/// Prints a line for each number of clients; each row has a server of its own.
func printQueueRows(_ giga: String, store: String, seconds: Int64) throws {
    for clients in [1, 16, 64] {
        var row = QueueRow(store: store, clients: clients)
        row.cycle = try measured(giga, store) { try lives($0, clients: clients, seconds: seconds) }
        row.enqueue = try measured(giga, store) { server in
            try submissions(server, clients: clients, jobs: 1, seconds: seconds)
        }
        print(row.line)
        guard clients < 64 else { continue }
        var batches = QueueRow(store: store, clients: clients, batch: 100)
        batches.enqueue = try measured(giga, store) { server in
            try submissions(server, clients: clients, jobs: 100, seconds: seconds)
        }
        print(batches.line)
    }
}

private func measured(
    _ giga: String,
    _ store: String,
    _ body: (BenchServer) throws -> Load
) throws -> Load {
    let server = try BenchServer(giga: giga, store: store)
    defer { server.stop() }
    try prepare(server)
    return try body(server)
}

private func submissions(
    _ server: BenchServer,
    clients: Int,
    jobs: Int,
    seconds: Int64
) throws -> Load {
    let request = try BenchFactory(server, name: "bench").submissionRequest(of: jobs)
    let talks = (0..<clients).map { _ in SubmitConversation(request) }
    return try server.under(LoadGenerator(port: server.port, talks), seconds: seconds)
}
