import FleetCore
import FleetModel
import FleetRules

/// Operators who do whatever comes to their minds.
extension FleetSimulation {
    mutating func actAsPerson() {
        let ids = check.jobs.keys.sorted()
        guard !ids.isEmpty, !random.oneIn(3) else { return submit(ids) }
        var id = random.pick(ids)
        // The most tempting moment for a decision: a ship was lost, and nobody has looked yet.
        let unknown = fleet.state.jobs.values.filter(\.mayHaveLanded).map(\.id).sorted()
        if !unknown.isEmpty {
            check.note("a decision while a ship may have landed")
            id = random.pick(unknown)
        }
        switch random.number(in: 0...19) {
        case 12...16: talk(about: id)
        case 17: ask(.pauseProduct(random.pick(["main", "side"]), reason: "so", by: .alice))
        case 18...19: ask(.resumeProduct(random.pick(["main", "side"]), reason: "so", by: .alice))
        case 0...2: ask(.ship(id, by: .alice))
        case 3: ask(.promote(id, by: .alice))
        case 4: ask(random.oneIn(2) ? .promote(id, by: .alice) : .approving(id, by: .alice))
        case 5: ask(.cancel(id, reason: "no", by: .alice))
        case 6: ask(.reject(id, reason: "no", by: .alice))
        case 7...8: ask(.requeue(id, reason: "again", by: .alice))
        case 9:
            let level = random.pick(Halt.Level.allCases)
            ask(.halt(level, reason: "so", stops: random.oneIn(2), by: .alice))
        case 10: ask(.resume(reason: "so", by: .alice))
        default:
            let factory = random.pick(factories).id
            ask(.drain(factory, draining: random.oneIn(2), reason: "so", by: .alice))
        }
    }

    private mutating func talk(about id: JobID) {
        let asked = fleet.state.jobs.values.filter { $0.dialogue?.open != nil }.map(\.id).sorted()
        let paused = fleet.state.jobs.values.filter { $0.pause != nil }.map(\.id).sorted()
        switch random.number(in: 0...6) {
        case 0: ask(.pause(id, reason: "so", by: .alice))
        case 1:
            ask(.resumeJob(paused.isEmpty ? id : random.pick(paused), reason: "", by: .alice))
        case 2: ask(.reprioritise(id, random.pick(Priority.allCases), by: .alice))
        default: ask(.answer(asked.isEmpty ? id : random.pick(asked), text: "yes", by: .alice))
        }
    }

    /// Some job, of the priority that is wanted.
    mutating func submit(_ ids: [JobID], _ wanted: Priority? = nil) {
        let number = ids.count + 1
        let lock = random.oneIn(3) ? random.pick(["db", "ui"]) : nil
        let dependency = ids.isEmpty || !random.oneIn(4) ? nil : random.pick(ids)
        let retry = RetryPolicy(
            max: random.number(in: 0...3),
            backoff: .seconds(Int64(random.number(in: 1...20))),
            on: [.timeout, .verifyFailed, .engineCrashed]
        )
        let (drawn, isAuto) = (random.pick(Priority.allCases), !random.oneIn(3))
        let priority = wanted ?? drawn
        let (isSilent, product) = (random.oneIn(6), random.pick(["main", "main", "side"]))
        let needs = random.oneIn(8) ? Self.needsOfSome : nil
        let key = random.oneIn(3) ? "k\(random.oneIn(4) ? 1 : number)" : nil
        var manifest = Manifest()
        manifest.title = "j\(number)"
        manifest.repo = "shop"
        manifest.idempotencyKey = key
        manifest.lock = lock
        let mayBegin = number.isMultiple(of: 2) && !isSilent
        manifest.deps = dependency.map {
            [Dependency(name: $0.description, fromTesting: mayBegin)]
        }
        manifest.retry = retry
        manifest.priority = priority
        manifest.reviewPolicy = isAuto ? .auto : .manual
        manifest.output = isSilent ? Manifest.Output.none : nil
        manifest.product = product
        manifest.capabilities = needs
        manifest.allowedScope = drawScope(number)
        // Each second one would like the factory that everybody likes.
        if number.isMultiple(of: 2) { manifest.prefers = [.factory("f1")] }
        let job = Submission(
            manifest: manifest,
            prompt: "Do it.",
            style: .current,
            // As good as a hash, for what differs between two of them.
            contentHash: "\(number) \(priority) \(retry.max) \(product) \(isAuto)",
            title: "j\(number)",
            fileName: nil
        )
        ask(.submit([job], by: .alice))
        if random.oneIn(3) { ask(.submit([job], by: .alice)) }
    }

    /// One of four jobs says what it may change; drawn apart, so that nothing else is drawn anew.
    private func drawScope(_ number: Int) -> [Glob]? {
        var random = SeededRandom(seed: (seed &+ 1) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(number))
        guard random.oneIn(4) else { return nil }
        let all = HistoryCheck.narrowGlobs + (random.oneIn(4) ? HistoryCheck.wideGlobs : [])
        let patterns = (0...random.number(in: 0...1)).map { _ in random.pick(all) }
        return patterns.flatMap { [Glob].globs($0) }
    }

    private static let needsOfSome: [Requirement] = {
        do { return [try Requirement(parsing: "gpu")] } catch {
            preconditionFailure("gpu is a requirement: \(error)")
        }
    }()
}
