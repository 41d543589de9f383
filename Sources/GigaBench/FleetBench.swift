import CShims
import FleetModel
import FleetProtocol
import Glibc
import HTTPServing

/// Ten thousand factories, each on a connection of its own: what they cost a coordinator on SQLite
/// while nothing happens but heartbeats, and how soon one of them has a job that is submitted.
struct FleetBench {
    private static let factories = 10_000
    private static let interval: Int64 = 10_000_000_000
    private static let boot = "bench"

    private let server: BenchServer
    private let epoll: Int32
    private var wires: [Wire] = []
    private var tokens: [String] = []
    /// Whom a reply is awaited from, and since when.
    private var asked: [Int: Int64] = [:]

    static func run(_ giga: String) throws {
        let server = try BenchServer(giga: giga, store: "sqlite")
        defer { server.stop() }
        try prepare(server)
        var bench = try FleetBench(server)
        try bench.register()
        print("10,000 factories: \(server.residentBytes / 1_048_576) MiB in memory")
        try bench.beat(seconds: 30)
        for waiting in [1_000, 10_000] { try bench.lease(waiting: waiting) }
    }

    private init(_ server: BenchServer) throws {
        self.server = server
        epoll = giga_epoll_create()
        for number in 0..<Self.factories {
            let wire = try Wire(port: server.port)
            try wire.watch(in: epoll, as: UInt64(number))
            wires.append(wire)
        }
        tokens = Array(repeating: "", count: Self.factories)
    }

    private static func name(_ number: Int) -> String { "factory-\(number)" }
    private static let station = Station(engine: "shell", classes: ["script"], count: 4)

    /// Hears whoever answers within so long.
    private mutating func hear(
        _ milliseconds: Int32,
        _ body: (Int, ArraySlice<UInt8>) throws -> Void
    ) throws {
        var tokens = [UInt64](repeating: 0, count: 64)
        let count = giga_epoll_wait(epoll, &tokens, 64, milliseconds)
        for token in tokens.prefix(Int(max(0, count))) {
            guard let reply = try wires[Int(token)].reply() else { continue }
            asked[Int(token)] = nil
            try body(Int(token), reply)
        }
    }

    private mutating func send(_ number: Int, _ path: String, _ body: some Encodable) throws {
        let token = tokens[number].isEmpty ? nil : tokens[number]
        asked[number] = Moment.now
        try wires[number].send(
            server.request(
                path,
                body,
                token: token,
                method: path.hasSuffix("beat") ? "PUT" : "POST"
            )
        )
    }

    private mutating func register() throws {
        let begun = Moment.now
        var next = 0
        var known: [Int: String] = [:]
        while known.count < Self.factories {
            while next < Self.factories, asked.count < 64 {
                let facts = [try Fact(parsing: "has:shape-\(next % 200)")]
                try send(
                    next,
                    "/fleet/factories",
                    RegisterRequest(
                        name: Self.name(next),
                        boot: Self.boot,
                        facts: facts,
                        stations: [Self.station]
                    )
                )
                next += 1
            }
            try hear(100) { number, reply in
                known[number] = JSONBody.value(RegisterReply.self, Array(reply))?.token ?? ""
            }
        }
        for (number, token) in known { tokens[number] = token }
        let seconds = Samples.milliseconds(Moment.now - begun)
        print("10,000 factories: registered in \(seconds) ms")
    }

    /// Each factory's heartbeat every ten seconds, evenly spread.
    private mutating func beat(seconds: Int64) throws {
        let (before, written) = (server.processorTime, server.bytesWritten)
        let begun = Moment.now
        var (sent, answered) = (0, 0)
        var times: [Int64] = []
        while Moment.now - begun < seconds * 1_000_000_000 {
            let due = Int((Moment.now - begun) * Int64(Self.factories) / Self.interval)
            while sent < due {
                let number = sent % Self.factories
                let beat = HeartbeatRequest(boot: Self.boot, held: [], load: 100_000)
                try send(number, "/fleet/factories/\(Self.name(number))/heartbeat", beat)
                sent += 1
            }
            let since = asked
            try hear(1) { number, _ in
                answered += 1
                if let begun = since[number] { times.append(Moment.now - begun) }
            }
        }
        while !asked.isEmpty { try hear(100) { _, _ in answered += 1 } }
        let spent = server.processorTime - before
        let share = Double(spent) / Double(Moment.now - begun) * 100
        print(
            "10,000 factories: \(answered) heartbeats in \(seconds) s took"
                + " \(Int(share * 10) / 10).\(Int(share * 10) % 10) % of a core and wrote"
                + " \(server.bytesWritten - written) bytes; a reply \(Samples(times).text)"
        )
    }

    /// While their claims wait on their own connections, on another: who is silent gets nothing.
    private func beatOnce(_ count: Int) throws {
        var wire = try Wire(port: server.port)
        defer { wire.hangUp() }
        let beat = HeartbeatRequest(boot: Self.boot, held: [], load: 100_000)
        for number in 0..<count {
            let path = "/fleet/factories/\(Self.name(number))/heartbeat"
            try wire.send(server.request(path, beat, token: tokens[number], method: "PUT"))
            while try wire.reply() == nil {}
        }
    }

    /// How soon one of so many waiting claims has a job that is submitted alone.
    private mutating func lease(waiting: Int) throws {
        var claims = 0
        func claim(_ number: Int) throws {
            claims += 1
            try send(
                number,
                "/fleet/leases/claim",
                ClaimRequest(
                    id: "\(number)-\(claims)-\(waiting)",
                    factory: FactoryID(Self.name(number)),
                    boot: Self.boot,
                    free: [Self.station],
                    takesShip: false,
                    waitMilliseconds: 30_000
                )
            )
        }
        for number in 0..<waiting {
            try claim(number)
            try hear(0) { _, _ in }
        }
        try beatOnce(waiting)
        let text = "---\nengine: shell\nrepo: bench\n---\n# Bench\n\n```sh\ntrue\n```\n"
        let submission = SubmitRequest(files: [.init(name: "bench.md", text: text)])
        let person = HTTPClient()
        var times: [Int64] = []
        for _ in 0..<200 {
            let begun = Moment.now
            _ = try server.send(
                .post,
                "/fleet/jobs",
                submission,
                by: person,
                as: SubmitReply.self
            )
            var winner: Int?
            while winner == nil {
                var idle: [Int] = []
                try hear(100) { number, reply in
                    let isLease = HTTPReply.find(Array(#""lease":{"#.utf8), in: reply) != nil
                    if isLease, winner == nil {
                        times.append(Moment.now - begun)
                        winner = number
                    } else {
                        idle.append(number)
                    }
                }
                for number in idle { try claim(number) }
            }
            if let winner { try claim(winner) }
        }
        print("\(waiting) claims wait: submission to lease \(Samples(times).text)")
    }
}
