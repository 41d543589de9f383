import FleetModel
import FleetProtocol
import Glibc
import HTTPServing
import Processes
import Synchronization

/// Prints every figure of the program that is named on the command line.
///
/// With `lives STORE CLIENTS SECONDS` after it that one alone, long enough for a profile; with
/// `rows STORE SECONDS` lines for the table beside other queues, with `route` placements
/// alone, with `fleet` ten thousand factories, and with `jobs N` so many open jobs.
func runBenchmarks() {
    let arguments = CommandLine.arguments.dropFirst()
    let giga = arguments.first ?? ".build/release/giga"
    let wanted = Array(arguments.dropFirst())
    do {
        if wanted.count == 4, wanted[0] == "lives", let clients = Int(wanted[2]),
            let seconds = Int64(wanted[3])
        {
            let server = try BenchServer(giga: giga, store: wanted[1])
            defer { server.stop() }
            try prepare(server)
            print(try lives(server, clients: clients, seconds: seconds).text)
        } else if wanted.count == 2, wanted[0] == "jobs", let count = Int(wanted[1]) {
            try OpenJobsBench.run(giga, jobs: count)
        } else if wanted == ["fleet"] {
            try FleetBench.run(giga)
        } else if wanted == ["route"] {
            try RouteBench.run()
        } else if wanted.count == 3, wanted[0] == "rows", let seconds = Int64(wanted[2]) {
            try printQueueRows(giga, store: wanted[1], seconds: seconds)
        } else {
            try printFigures(giga)
        }
    } catch {
        print("error: \(error)")
        exit(1)
    }
}

private func printFigures(_ giga: String) throws {
    print("giga --help: \(try helpTime(giga).text)")
    print("empty server answers: \(try startTime(giga).text)")
    for store in ["sqlite", "memory"] {
        let server = try BenchServer(giga: giga, store: store)
        defer { server.stop() }
        try prepare(server)
        print("\(store): GET /healthz, 16 clients: \(try requests(server)) a second")
        print("\(store): submit to lease, idle factory: \(try submitToLease(server).text)")
        for clients in [1, 16, 64] {
            let load = try lives(server, clients: clients)
            print("\(store): lives of 4 durable calls, \(clients) clients: \(load.text)")
        }
    }
}

private func helpTime(_ giga: String) throws -> Samples {
    var samples: [Int64] = []
    for _ in 0..<30 {
        let begin = Moment.now
        _ = try ChildProcess.run(Invocation(giga, ["--help"]), deadline: .seconds(10))
        samples.append(Moment.now - begin)
    }
    return Samples(samples)
}

private func startTime(_ giga: String) throws -> Samples {
    var samples: [Int64] = []
    for _ in 0..<10 {
        let server = try BenchServer(giga: giga, store: "sqlite")
        samples.append(server.startTime)
        server.stop()
    }
    return Samples(samples)
}

func prepare(_ server: BenchServer) throws {
    let repository = Repository(name: "bench", url: "/nowhere", target: "main", verify: "true")
    _ = try server.send(
        .put,
        "/fleet/repos/bench",
        repository,
        by: HTTPClient(),
        as: Receipt.self
    )
}

private func requests(_ server: BenchServer) throws -> Int {
    try perSecond(clients: 16) { _, client in
        let reply = try client.send(HTTPClientRequest(.get, server.url + "/healthz"))
        guard reply.isSuccess else { throw BenchFault.refused("/healthz", "\(reply.status)") }
    }
}

/// Lives of four durable calls, each connection being a factory of its own.
func lives(_ server: BenchServer, clients: Int, seconds: Int64 = 3) throws -> Load {
    let factories = try (0..<clients).map { number in
        try BenchFactory(server, name: "bench-\(clients)-\(number)")
    }
    let load = try LoadGenerator(port: server.port, factories.map(LifeConversation.init))
    let result = try server.under(load, seconds: seconds)
    for factory in factories { try factory.leave() }
    return result
}

private func submitToLease(_ server: BenchServer) throws -> Samples {
    let factory = try BenchFactory(server, name: "idle")
    var samples: [Int64] = []
    for _ in 0..<200 { samples.append(try factory.timeToLease()) }
    try factory.leave()
    return Samples(samples)
}

/// Runs `body` on so many threads for three seconds, and counts.
private func perSecond(
    clients: Int,
    _ body: @escaping @Sendable (Int, HTTPClient) throws -> Void
) throws -> Int {
    let tally = Monitor(SendableTally(clients))
    let end = Moment.now + 3_000_000_000
    for number in 0..<clients {
        try DedicatedThread.start {
            let client = HTTPClient()
            var count = 0
            var fault: String?
            while Moment.now < end, fault == nil {
                do {
                    try body(number, client)
                    count += 1
                } catch {
                    fault = "\(error)"
                }
            }
            tally.change { $0.add(count, fault) }
        }
    }
    let done = tally.wait { $0.running == 0 ? $0 : nil }
    if let fault = done?.fault { throw BenchFault.refused("load", fault) }
    return (done?.count ?? 0) / 3
}

private struct SendableTally: Sendable {
    var count = 0
    var running: Int
    var fault: String?

    init(_ clients: Int) { running = clients }

    mutating func add(_ count: Int, _ fault: String?) {
        self.count += count
        running -= 1
        self.fault = self.fault ?? fault
    }
}
