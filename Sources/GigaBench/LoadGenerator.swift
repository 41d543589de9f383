import CShims
import Glibc

/// What one connection says: one request after another, each made from the reply before it.
protocol Conversation {
    /// The bytes of the next request; nil ends the conversation.
    mutating func next(after reply: ArraySlice<UInt8>?) throws -> [UInt8]?
    /// How long each thing that is counted took, in nanoseconds.
    var times: [Int64] { get }
}

/// Many connections that are kept open, on one thread: with both ends on the same few cores, what
/// the load costs is taken from what is measured.
struct LoadGenerator<Talk: Conversation> {
    private struct Connection {
        var wire: Wire
        var talk: Talk
    }

    private let epoll: Int32
    private var connections: [Connection] = []

    /// One connection to 127.0.0.1 for each conversation.
    init(port: UInt16, _ talks: [Talk]) throws {
        epoll = giga_epoll_create()
        guard epoll >= 0 else { throw BenchFault.refused("epoll_create", "\(errno)") }
        for (index, talk) in talks.enumerated() {
            let wire = try Wire(port: port)
            try wire.watch(in: epoll, as: UInt64(index))
            connections.append(Connection(wire: wire, talk: talk))
        }
    }

    /// Talks for so long, and says how much was done; a conversation that ends early ends its part.
    mutating func run(nanoseconds: Int64) throws -> Load {
        defer { for connection in connections { connection.wire.hangUp() } }
        defer { close(epoll) }
        let end = Moment.now + nanoseconds
        let before = Self.processorTime
        for index in connections.indices { try speak(index, after: nil) }
        var tokens = [UInt64](repeating: 0, count: 64)
        while Moment.now < end {
            let count = giga_epoll_wait(epoll, &tokens, 64, 100)
            for token in tokens.prefix(Int(max(0, count))) { try hear(Int(token)) }
        }
        return Load(
            times: connections.flatMap(\.talk.times),
            nanoseconds: nanoseconds,
            processor: Self.processorTime - before
        )
    }

    private mutating func speak(_ index: Int, after reply: ArraySlice<UInt8>?) throws {
        guard let request = try connections[index].talk.next(after: reply) else { return }
        try connections[index].wire.send(request)
    }

    private mutating func hear(_ index: Int) throws {
        guard let body = try connections[index].wire.reply() else { return }
        try speak(index, after: body)
    }

    private static var processorTime: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// What a load came to.
struct Load {
    let times: [Int64]
    let nanoseconds: Int64
    /// Nanoseconds of processor time that the generator itself took.
    let processor: Int64
    /// The same of the server.
    var served: Int64 = 0

    var done: Int { times.count }
    var perSecond: Int { Int(Int64(done) * 1_000_000_000 / nanoseconds) }
    var text: String {
        "\(perSecond) a second (processor time of one: \(served / 1000 / Int64(max(done, 1))) µs,"
            + " its load \(processor / 1000 / Int64(max(done, 1))) µs)"
    }
}
