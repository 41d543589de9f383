import FleetPorts
import HTTPServing

/// Goes through stored events to the next ones that the asker may see.
///
/// An empty answer means the end, so what is of other products is read past: a few batches at a step.
struct EventScan: LongRead {
    private let history: any StoreHistory
    /// How the envelope of an event names each product that may be seen; none means all.
    private let marks: [[UInt8]]
    private var after: UInt64
    private var batches = 0
    private var body: [UInt8] = []
    private static let batchesOfStep = 16
    private static let batchesOfPage = 64
    private static let pageBytes = 4 << 20

    init(after: UInt64, of products: [String], in history: any StoreHistory) {
        self.after = after
        self.history = history
        marks = products.map { product in
            Array(",\"product\":".utf8) + (JSONBody.bytes(product) ?? []) + [44]
        }
    }

    mutating func step() throws(Problem) -> HTTPResponse? {
        let before = after
        do throws(StoreFault) { try readOn() } catch { throw FleetAPI.unreadable(error) }
        let isFull = batches >= Self.batchesOfPage || body.count >= Self.pageBytes
        guard after == before || (isFull && !body.isEmpty) else { return nil }
        return HTTPResponse(
            status: 200,
            headers: ["Content-Type": "application/x-ndjson"],
            body: body
        )
    }

    private mutating func readOn() throws(StoreFault) {
        guard after < .max else { return }
        for batch in try history.batches(from: after + 1, limit: Self.batchesOfStep) {
            batches += 1
            var position = batch.firstPosition
            for line in EventCodec.lines(of: batch.bytes) {
                if position > after, isVisible(line) { body += line + [10] }
                position += 1
            }
            after = max(after, batch.lastPosition)
        }
    }

    private func isVisible(_ line: ArraySlice<UInt8>) -> Bool {
        marks.isEmpty || marks.contains { line.prefix(400).contains($0) }
    }
}
