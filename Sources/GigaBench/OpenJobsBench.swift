import FleetModel

/// A coordinator with many open jobs: what they take of its memory, and how soon it answers again
/// after it was killed.
enum OpenJobsBench {
    private static let batch = 100

    static func run(_ giga: String, jobs: Int) throws {
        let server = try BenchServer(giga: giga, store: "sqlite")
        defer { server.stop() }
        try prepare(server)
        let empty = server.residentBytes
        let request = try BenchFactory(server, name: "bench").submissionRequest(of: batch)
        let begun = Moment.now
        var wire = try Wire(port: server.port)
        for _ in 0..<(jobs / batch) {
            try wire.send(request)
            while try wire.reply() == nil {}
        }
        wire.hangUp()
        let seconds = Double(Moment.now - begun) / 1_000_000_000
        print("\(jobs) open jobs: submitted in \(tenths(seconds)) s, by one client")
        report("while it runs", server.residentBytes, empty, jobs)
        server.kill()
        let again = try BenchServer(giga: giga, store: "sqlite", folder: server.folder)
        defer { again.stop() }
        let start = Samples.milliseconds(again.startTime)
        print("\(jobs) open jobs: answers \(start) ms after a start that follows a kill")
        report("after the start", again.residentBytes, empty, jobs)
    }

    private static func report(_ moment: String, _ bytes: Int64, _ empty: Int64, _ jobs: Int) {
        let each = (bytes - empty) / Int64(jobs)
        print(
            "\(jobs) open jobs: \(bytes / 1_048_576) MiB in memory \(moment), \(each) bytes a job"
        )
    }

    private static func tenths(_ value: Double) -> String {
        "\(Int(value * 10) / 10).\(Int(value * 10) % 10)"
    }
}
