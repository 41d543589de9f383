import Coordinator
import FleetPorts
import GigaCommands
import Stores

/// A store that was opened to be read from beginning to end.
final class ClosedStore<Reader: WholeHistory>: OpenedStore {
    private let reader: Reader
    private let place: StorePlace

    init(_ reader: Reader, at place: StorePlace) {
        self.reader = reader
        self.place = place
    }

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
            // What lies on pages that no event and no row is read from would be met too late.
            try reader.checkPages()
            let outcome = try Replay.check(
                reader,
                against: try reader.load(),
                index: try reader.index()
            )
            return (outcome.events, outcome.differences)
        } catch let fault as StoreFault {
            throw StoreWords.fault(fault)
        } catch {
            let fault = error as? EventCodingFault
            throw CommandFault(
                .failed,
                "store.unreadable-event",
                what: "The store at \(place) cannot be replayed",
                why: fault.map { "\($0.what): \($0.why)" } ?? "\(error)",
                hint: "stop its server, then giga restore BACKUP --data NEW-FOLDER"
            )
        }
    }

    func close() { reader.close() }
}
