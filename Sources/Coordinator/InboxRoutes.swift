import FleetCore
import FleetModel
import FleetPorts
import FleetProtocol
import HTTPServing

/// What waits for whoever asks.
extension FleetAPI {
    static let inboxCalls: [Call] = [
        Call(
            .get,
            "/fleet/inbox",
            name: "readInbox",
            "Lists what waits for a person, the oldest first, and how the fleet stands",
            who: .reader,
            parameters: [Call.Parameter("product", .named("main"), "Only jobs of this product")],
            replies: [.json(200, Inbox.self, "What waits, at most 1000 of it, and the true total")],
            problems: [.unreadableStore],
            serve: { $0.reading($0.inbox) }
        )
    ]

    private func inbox(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let wanted = request.query("product")
        var (caller, products) = (Principal?.none, wanted.map { [$0] } ?? [])
        if case .person(let bearer) = try authority.caller(of: request, model) {
            caller = bearer.principal
            if let wanted { try Self.refuse(bearer, wanted) }
            if products.isEmpty { products = bearer.products }
        }
        let letters = try deadLetters(of: products)
        let now = clock()
        let inbox = model.read(at: now) { contents in
            Self.inbox(contents.reading, caller, products, letters)
        }
        return .encoding(inbox)
    }

    private func deadLetters(of products: [String]) throws(Problem) -> [Job] {
        var letters: [Job] = []
        for product in products.isEmpty ? [nil] : products.map(Optional.some) {
            letters += try ended(in: .deadLetter, product, limit: Self.mostNeeds)
        }
        return letters
    }

    private static let mostNeeds = 1000

    private static func inbox(
        _ reading: FleetReading,
        _ caller: Principal?,
        _ products: [String],
        _ letters: [Job]
    ) -> Inbox {
        func isSeen(_ job: Job) -> Bool {
            products.isEmpty || products.contains(job.terms.product)
        }
        let jobs = reading.state.jobs.values.filter(isSeen)
        var rows = reading.needs(of: caller).compactMap { need -> Inbox.Row? in
            guard let job = reading.state.jobs[need.job], isSeen(job) else { return nil }
            return Inbox.Row(need, of: job, at: reading.now)
        }
        rows += letters.map {
            Inbox.Row(FleetReading.need(ofDeadLetter: $0), of: $0, at: reading.now)
        }
        // A profile concerns every product, so whoever asks for one is not asked about it.
        if products.isEmpty {
            rows += reading.profileNeeds(of: caller).map { Inbox.Row($0, at: reading.now) }
        }
        rows.sort { ($0.since, $0.id.count, $0.id) < ($1.since, $1.id.count, $1.id) }
        func count(_ stage: Stage) -> Int {
            products.isEmpty
                ? reading.state.count(in: stage)
                : products.reduce(0) { $0 + reading.state.count(in: stage, of: $1) }
        }
        return Inbox(
            needs: Array(rows.prefix(mostNeeds)),
            total: rows.count - letters.count + count(.deadLetter),
            running: jobs.count { $0.lease != nil },
            queued: count(.queued),
            shipped: count(.shipped),
            halt: reading.state.halt
        )
    }
}

extension Inbox.Row {
    fileprivate init(_ need: ProfileNeed, at now: Instant) {
        self.init(
            id: "\(need.profile)",
            title: "profile \(need.profile.name)",
            product: Event.fleetProduct,
            need: "profile",
            reason: need.reason,
            command: need.command,
            since: Timestamp.text(need.since),
            ageSeconds: max(now.since(need.since).milliseconds / 1000, 0)
        )
    }

    fileprivate init(_ need: Need, of job: Job, at now: Instant) {
        self.init(
            id: "\(need.job)",
            title: job.terms.title,
            product: job.terms.product,
            need: need.kind.rawValue,
            reason: need.reason,
            command: need.command,
            since: Timestamp.text(need.since),
            ageSeconds: max(now.since(need.since).milliseconds / 1000, 0)
        )
    }
}
