import FleetModel
import Routing

/// A fleet, jobs and expected decisions, read from a text file; the words are in `README.md`.
struct Scenario {
    var title = ""
    var weights = RoutingWeights.standard
    var seed: UInt64 = 1
    /// What claims are answered by: weights and ageing, times so far, and what each grant costs.
    var sharing = SharingTerms()
    var virtualTimes: [String: Int] = [:]
    var stationTime = 0
    var isUrgent = false
    var now = Instant.epoch
    var factories: [FactoryView] = []
    /// Runs that build, each at its factory.
    var holders: [StationHolder] = []
    var jobs: [JobView] = []
    var expectations: [Expectation] = []

    struct Expectation {
        let line: Int
        let subject: String
        let verb: String
        let rest: String
    }

    struct Fault: Error, CustomStringConvertible {
        let line: Int
        let what: String
        var description: String { "line \(line): \(what)" }
    }

    init(_ text: String) throws {
        var block: [(line: Int, words: String)] = []
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            if raw.hasPrefix("#") {
                if title.isEmpty { title = String(raw.dropFirst(2)) }
            } else if raw.hasPrefix("  ") {
                block.append((index + 1, String(raw.dropFirst(2))))
            } else {
                try take(block)
                block = raw.isEmpty ? [] : [(index + 1, String(raw))]
            }
        }
        try take(block)
        var rarity = Rarity()
        for factory in factories { rarity.add(factory.facts) }
        for index in factories.indices {
            factories[index].rareCapabilities = rarity.rare(in: factories[index].facts)
        }
    }

    private mutating func take(_ block: [(line: Int, words: String)]) throws {
        guard let head = block.first else { return }
        let (word, rest) = split(head.words)
        switch word {
        case "weights": try readWeights(rest, head.line)
        case "seed": seed = UInt64(try number(rest, head.line))
        case "virtual-times":
            virtualTimes = Dictionary(uniqueKeysWithValues: try pairs(rest, head.line))
        case "shares":
            sharing.weights = Dictionary(uniqueKeysWithValues: try pairs(rest, head.line))
        case "station-time": stationTime = try number(rest, head.line)
        case "now": now = Instant(milliseconds: Int64(try number(rest, head.line)))
        case "ageing":
            sharing.ageing = Timespan(milliseconds: Int64(try number(rest, head.line)))
        case "urgent": isUrgent = true
        case "factory":
            factories.append(try factory(rest, block.dropFirst()))
            holders += try block.dropFirst().compactMap { try holder(rest, $0.words, $0.line) }
        case "job": jobs.append(try job(rest, head.line, block.dropFirst()))
        case "expect":
            let (subject, more) = split(rest)
            let (verb, last) = split(more)
            expectations.append(
                Expectation(line: head.line, subject: subject, verb: verb, rest: last)
            )
        default: throw Fault(line: head.line, what: "unknown word \(word)")
        }
    }

    private mutating func readWeights(_ text: String, _ line: Int) throws {
        for (name, value) in try pairs(text, line) {
            switch name {
            case "capabilityFit": weights.capabilityFit = value
            case "affinity": weights.affinity = value
            case "load": weights.load = value
            case "health": weights.health = value
            case "cost": weights.cost = value
            case "starvation": weights.starvation = value
            default: throw Fault(line: line, what: "unknown weight \(name)")
            }
        }
    }

    private func factory(
        _ name: String,
        _ lines: some Sequence<(line: Int, words: String)>
    ) throws -> FactoryView {
        var view = FactoryView(id: FactoryID(name), facts: FactSet(), stations: [])
        for (line, words) in lines {
            let (key, rest) = split(words)
            switch key {
            case "facts": view.facts = try FactSet(parsing: list(rest))
            case "station": view.stations.append(try station(rest, line))
            case "load": view.loadPPM = try number(rest, line)
            case "crashes":
                view.healthPPM = FactoryView.health(
                    recentCrashes: try number(rest, line),
                    recentVerifyFailures: 0
                )
            case "failed-verifies":
                view.healthPPM = FactoryView.health(
                    recentCrashes: 0,
                    recentVerifyFailures: try number(rest, line)
                )
            case "cost-class": view.costClass = try number(rest, line)
            case "warm": view.warmRepositories = Set(list(rest))
            case "did": view.lastProducts = Set(list(rest))
            case "recent": view.recentAssignments = try number(rest, line)
            case "late": view.isLate = true
            case "draining": view.isDraining = true
            case "silent": view.isClaiming = false
            case "runs": break
            default: throw Fault(line: line, what: "unknown word \(key)")
            }
        }
        return view
    }

    /// `runs job-3 low 500 shell`: a job that builds there, its priority, since when, on what.
    private func holder(_ factory: String, _ text: String, _ line: Int) throws -> StationHolder? {
        let words = list(text)
        guard words.first == "runs" else { return nil }
        guard words.count == 5, let id = JobID(text: words[1]),
            let priority = Priority(rawValue: words[2])
        else { throw Fault(line: line, what: "a run is: runs JOB PRIORITY SINCE ENGINE") }
        return StationHolder(
            job: id,
            factory: FactoryID(factory),
            engine: words[4],
            priority: priority,
            startedAt: Instant(milliseconds: Int64(try number(words[3], line)))
        )
    }

    /// `claude agentic-coder,reviewer 1/2 costs 300`: engine, classes, free of total, expected cost.
    private func station(_ text: String, _ line: Int) throws -> StationGroup {
        let words = list(text)
        guard words.count == 3 || words.count == 5, let slash = words[2].firstIndex(of: "/") else {
            throw Fault(line: line, what: "a station is: ENGINE CLASSES FREE/TOTAL [costs N]")
        }
        return StationGroup(
            kind: StationKind(
                engine: words[0],
                classes: words[1].split(separator: ",").map(String.init)
            ),
            total: try number(String(words[2][slash...].dropFirst()), line),
            free: try number(String(words[2][..<slash]), line),
            expectedMicroUSD: words.count == 5 ? Int64(try number(words[4], line)) : nil
        )
    }

    private func job(
        _ name: String,
        _ line: Int,
        _ lines: some Sequence<(line: Int, words: String)>
    ) throws -> JobView {
        guard let id = JobID(text: name) else {
            throw Fault(line: line, what: "no job id: \(name)")
        }
        var needs: [Requirement] = []
        var demand = EngineDemand.engineClass("script")
        var repository: String?
        var ships = false
        var view = JobView(id: id, requirementClass: .init(requirements: [], demand: demand))
        for (line, words) in lines {
            let (key, rest) = split(words)
            switch key {
            case "needs": needs = try list(rest).map { try Requirement(parsing: $0) }
            case "engine": demand = .engine(rest)
            case "class": demand = .engineClass(rest)
            case "ships": ships = true
            case "repo": repository = rest
            case "prefers": view.prefers = try list(rest).map(preference)
            case "product": view.product = rest
            case "priority":
                guard let priority = Priority(rawValue: rest) else {
                    throw Fault(line: line, what: "no priority: \(rest)")
                }
                view.priority = priority
            case "submitted":
                view.submittedAt = Instant(milliseconds: Int64(try number(rest, line)))
            case "left":
                for (name, value) in try pairs(rest, line) {
                    switch name {
                    case "usd": view.budgetLeft.microUSD = Int64(value)
                    case "tokens": view.budgetLeft.tokens = Int64(value)
                    case "wall": view.budgetLeft.wall = .seconds(Int64(value))
                    default: throw Fault(line: line, what: "unknown ceiling \(name)")
                    }
                }
            case "blocked":
                let (condition, reason) = split(rest)
                view.blockage = Blockage(condition: condition, reason: reason)
            default: throw Fault(line: line, what: "unknown word \(key)")
            }
        }
        let own = RequirementClass(requirements: needs, demand: demand, repository: repository)
        view.requirementClass = ships ? try own.shipping(to: repository ?? "") : own
        return view
    }

    private func preference(_ text: String) throws -> Preference {
        if text.hasPrefix("factory:") { return .factory(String(text.dropFirst(8))) }
        if text.hasPrefix("engine:") { return .engine(String(text.dropFirst(7))) }
        return .fact(try Requirement(parsing: text))
    }

    private func split(_ text: String) -> (String, String) {
        let words = text.split(separator: " ", maxSplits: 1)
        return (words.first.map(String.init) ?? "", words.count > 1 ? String(words[1]) : "")
    }

    private func list(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

    private func number(_ text: String, _ line: Int) throws -> Int {
        guard let number = Int(text) else { throw Fault(line: line, what: "no number: \(text)") }
        return number
    }

    private func pairs(_ text: String, _ line: Int) throws -> [(String, Int)] {
        try list(text).map { pair in
            let parts = pair.split(separator: "=").map(String.init)
            guard parts.count == 2 else { throw Fault(line: line, what: "no pair: \(pair)") }
            return (parts[0], try number(parts[1], line))
        }
    }
}
