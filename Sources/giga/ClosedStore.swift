import Coordinator
import FleetPorts
import GigaCommands
import Stores

/// A store that was opened to be read from beginning to end.
final class ClosedStore<Reader: WholeHistory>: OpenedStore {
    private let reader: Reader

    init(_ reader: Reader) { self.reader = reader }

    func lines(
        from position: UInt64,
        limit: Int
    ) throws(CommandFault) -> [(UInt64, [UInt8])] {
        do {
            var lines: [(UInt64, [UInt8])] = []
            for batch in try reader.batches(from: position, limit: limit) {
                for (index, line) in EventCodec.lines(of: batch.bytes).enumerated() {
                    let own = batch.firstPosition + UInt64(index)
                    if own >= position { lines.append((own, Array(line))) }
                }
            }
            return lines
        } catch {
            throw StoreWords.fault(error)
        }
    }

    func replay() throws(CommandFault) -> (events: UInt64, differences: [String]) {
        do {
            let outcome = try Replay.check(reader, against: try reader.load())
            return (outcome.events, outcome.differences)
        } catch let fault as StoreFault {
            throw StoreWords.fault(fault)
        } catch {
            throw CommandFault(
                .failed,
                "store.unreadable-event",
                what: "The store cannot be replayed",
                why: "\(error)",
                hint: "restore a backup if it is damaged"
            )
        }
    }

    func close() { reader.close() }
}
