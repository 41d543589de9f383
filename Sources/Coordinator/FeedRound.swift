import FleetPorts
import HTTPServing
import Processes

/// What the feed's thread knows of its readers, and one round of it after another.
struct FeedRound {
    private final class Reader {
        let stream: HTTPStream
        let product: String?
        /// Events up to here are sent, or are of no interest to it.
        var position: UInt64
        /// It has more to take than it takes.
        var isFull = false
        /// Nil when nothing can end it, or something has.
        private var standing: Standing?
        /// When its right is over by itself.
        private(set) var expiry: Deadline

        init(_ opened: EventFeed.Opened) {
            stream = opened.stream
            product = opened.product
            position = opened.position
            standing = opened.standing
            expiry = .after(opened.standing?.remaining)
        }

        /// Ends the stream, and says why, when the right to it is over.
        func review() {
            guard let standing else { return }
            guard let problem = standing.end() else {
                expiry = .after(standing.remaining)
                return
            }
            stream.end(with: problem.lastEvent)
            (self.standing, expiry, isFull) = (nil, .never, true)
        }
    }

    private struct Message {
        let after: UInt64
        let product: String?
        let last: UInt64
        let bytes: [UInt8]
    }

    private let feed: EventFeed
    private let history: any StoreHistory
    private var readers: [UInt64: Reader] = [:]
    /// Readers at one place get the very same bytes.
    private var messages: [Message] = []
    private var nextLook: Deadline
    private var nextComment: Deadline
    private static let messagesKept = 16
    private static let look: Duration = .seconds(1)

    init(_ feed: EventFeed, history: any StoreHistory) {
        self.feed = feed
        self.history = history
        nextLook = .after(Self.look)
        nextComment = .after(feed.limits.keepAlive)
    }

    mutating func run() {
        var served = feed.state.read { $0.recent.newest }
        while true {
            let behind = readers.contains { !$0.value.isFull && $0.value.position < served }
            let expiry = readers.values.reduce(Deadline.never) { $0.sooner($1.expiry) }
            let deadline = behind ? .after(.zero) : nextLook.sooner(nextComment).sooner(expiry)
            let isClosed = feed.state.wait(until: deadline) { [served] state -> Bool? in
                if state.isClosed { return true }
                let hasNews =
                    state.recent.newest > served || !state.opened.isEmpty
                    || !state.withRoom.isEmpty || !state.gone.isEmpty || state.keysChanged
                return hasNews ? false : nil
            }
            if isClosed == true { return }
            served = takeNews()
            serve(upTo: served)
            watch()
        }
    }

    private mutating func takeNews() -> UInt64 {
        let (opened, withRoom, gone, keysChanged, newest) = feed.state.change { state in
            defer {
                (state.opened, state.withRoom, state.gone) = ([], [], [])
                state.keysChanged = false
            }
            return (
                state.opened, state.withRoom, state.gone, state.keysChanged, state.recent.newest
            )
        }
        for new in opened { readers[new.number] = Reader(new) }
        for number in withRoom { readers[number]?.isFull = false }
        for number in gone { readers[number] = nil }
        // Before anybody is served: what follows the end of a right is not for its bearer.
        for reader in readers.values where keysChanged || reader.expiry.hasPassed {
            reader.review()
        }
        // The right may have ended before the thread heard of the reader.
        for new in opened where !keysChanged { readers[new.number]?.review() }
        return newest
    }

    /// One page for each reader that wants one: nobody waits for another's long way.
    private mutating func serve(upTo newest: UInt64) {
        for reader in readers.values where !reader.isFull && reader.position < newest {
            serve(reader)
        }
        messages.removeAll(keepingCapacity: true)
    }

    private mutating func serve(_ reader: Reader) {
        guard let message = message(after: reader.position, product: reader.product) else {
            reader.stream.close()
            reader.isFull = true
            return
        }
        guard !message.bytes.isEmpty else {
            reader.position = message.last
            return
        }
        switch reader.stream.offer(message.bytes, within: feed.limits.readerBytes) {
        case .taken: reader.position = message.last
        case .full, .ended: reader.isFull = true
        }
    }

    /// Nil when the store could not be read: the reader comes back and finds out more.
    private mutating func message(after position: UInt64, product: String?) -> Message? {
        if let known = messages.first(where: { $0.after == position && $0.product == product }) {
            return known
        }
        guard let message = fresh(after: position, product: product) else { return nil }
        if messages.count == Self.messagesKept { messages.removeFirst() }
        messages.append(message)
        return message
    }

    private func fresh(after position: UInt64, product: String?) -> Message? {
        let limit = feed.limits.readerBytes
        let recent = feed.state.read { state in
            (page: state.recent.page(after: position, bytes: limit), newest: state.recent.newest)
        }
        var page = recent.page
        if page == nil {
            guard let stored = try? stored(after: position, bytes: limit) else { return nil }
            page = stored
        }
        guard let page, page.after == position, page.last > position else {
            // What followed is not kept any more, or never was: this may be another store.
            return Message(
                after: position,
                product: product,
                last: recent.newest,
                bytes: EventFeed.reset(to: recent.newest, because: "too-old")
            )
        }
        return Message(
            after: position,
            product: product,
            last: page.last,
            bytes: page.encoded(product: product)
        )
    }

    /// The next page of the store; it begins later than asked for when that part is gone.
    private func stored(after position: UInt64, bytes limit: Int) throws(StoreFault) -> EventPage {
        guard let batch = try history.batches(from: position + 1, limit: 1).first,
            batch.lastPosition > position
        else { return EventPage(after: position) }
        var page = EventPage(after: max(position, batch.firstPosition - 1))
        let known = Int(page.after + 1 - batch.firstPosition)
        for line in EventCodec.lines(of: batch.bytes).dropFirst(known) {
            guard page.append(Array(line), limit: limit) else { break }
        }
        return page
    }

    /// Drops who stalls, and says now and then that the line is alive.
    private mutating func watch() {
        if nextLook.hasPassed {
            nextLook = .after(Self.look)
            for reader in readers.values {
                if reader.stream.stalled > feed.limits.stall { reader.stream.cut() }
                // A machine that slept has lost time which the thread's own clock does not count.
                if reader.expiry != .never { reader.review() }
            }
        }
        guard nextComment.hasPassed else { return }
        nextComment = .after(feed.limits.keepAlive)
        let comment = ServerSentEvent.comment("alive")
        for reader in readers.values {
            _ = reader.stream.offer(comment, within: feed.limits.readerBytes)
        }
    }
}
