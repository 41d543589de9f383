import Coordinator
import FleetModel
import FleetPorts
import Routing
import Stores

/// `giga why ID --replay`: a recorded placement computed again, from a store and no server.
enum WhyReplay {
    private struct Outcome: Encodable {
        let job: String
        let run: String
        let replay: String
        let differences: [Difference]
        /// Whether the record is the one whose hash its event carries; null where none does.
        let original: Bool?
    }

    private struct Difference: Encodable {
        let factory: String?
        let term: String
        let recorded: String
        let recomputed: String
    }

    private struct Trial: Encodable {
        let job: String
        let run: String
        let factory: String?
        let wouldBe: String?
        let changed: Bool
        let weights: [String: Int]
        let ranking: [Ranked]
    }

    private struct Ranked: Encodable {
        let factory: String
        let score: Int
        let recordedScore: Int?
    }

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let id = try arguments.only("ID")
        let decision = try find(id, try StorePlace.named(arguments, shop))
        if let text = arguments.value("with") {
            return try tryOut(decision, text, arguments, shop)
        }
        let replay = try again(decision, nil)
        var differences = replay.differences.map {
            Difference(
                factory: $0.factory?.name,
                term: $0.term,
                recorded: $0.recorded,
                recomputed: $0.recomputed
            )
        }
        if decision.isOriginal == false, differences.isEmpty {
            differences.append(
                Difference(
                    factory: nil,
                    term: "decisionHash",
                    recorded: "another record's",
                    recomputed: "this record's"
                )
            )
        }
        let isEqual = differences.isEmpty
        let outcome = Outcome(
            job: decision.run.job.description,
            run: decision.run.description,
            replay: isEqual ? "equal" : "different",
            differences: differences,
            original: decision.isOriginal
        )
        if arguments.wantsJSON {
            JSONOutput.print(outcome, arguments, shop.console)
        } else {
            shop.console.print("\(outcome.run) recomputed from its record: \(outcome.replay)")
            for line in outcome.differences {
                let place = line.factory.map { "\($0): " } ?? ""
                shop.console.print(
                    "  \(place)\(line.term) recorded \(line.recorded), recomputed \(line.recomputed)"
                )
            }
            if decision.isOriginal == false {
                shop.console.print("  its bytes are not those that job.assigned has the hash of")
            }
        }
        return isEqual ? .done : .failed
    }

    /// What other weights would have made of the recorded candidates.
    private static func tryOut(
        _ decision: StoredDecision,
        _ text: String,
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) -> ExitCode {
        let weights = try weights(text, over: decision.explanation.weights)
        let replay = try again(decision, weights)
        let recorded = decision.explanation
        let winner = replay.ranking.first?.factory
        let trial = Trial(
            job: decision.run.job.description,
            run: decision.run.description,
            factory: recorded.factory?.name,
            wouldBe: winner?.name,
            changed: winner != recorded.factory,
            weights: Dictionary(uniqueKeysWithValues: terms.map { ($0, weights[term: $0] ?? 0) }),
            ranking: replay.ranking.map { candidate in
                let before = recorded.candidates.first { $0.factory == candidate.factory }
                return Ranked(
                    factory: candidate.factory.name,
                    score: candidate.score,
                    recordedScore: before?.score
                )
            }
        )
        if arguments.wantsJSON {
            JSONOutput.print(trial, arguments, shop.console)
            return .done
        }
        let (old, new) = (trial.factory ?? "nowhere", trial.wouldBe ?? "nowhere")
        shop.console.print(
            trial.changed
                ? "with \(text) \(trial.run) would go to \(new) instead of \(old)"
                : "with \(text) \(trial.run) would go to \(old) all the same"
        )
        let rows = trial.ranking.map { row in
            [row.factory, "\(row.score)", row.recordedScore.map { "\($0)" } ?? "none"]
        }
        for line in Table.lines(["factory", "score", "was"], rows) {
            shop.console.print("  \(line)")
        }
        return .done
    }

    private static func again(
        _ decision: StoredDecision,
        _ weights: RoutingWeights?
    ) throws(CommandFault) -> DecisionReplay {
        do throws(DecisionReplay.Fault) {
            return try DecisionReplay(decision.explanation, weights: weights)
        } catch {
            switch error {
            case .noInputs:
                throw CommandFault(
                    .failed,
                    "why.no-inputs",
                    what: "\(decision.run) cannot be computed again",
                    why: "it was placed by a version that did not record its inputs",
                    hint: "giga why \(decision.run.job)"
                )
            case .notPlaced: throw neverPlaced(decision.run.job)
            }
        }
    }

    private static func find(
        _ id: String,
        _ place: StorePlace
    ) throws(CommandFault) -> StoredDecision {
        let run = RunID(text: id)
        guard let job = run?.job ?? JobID(text: id) else {
            throw .usage(
                "\(id) is no job id",
                why: "ids are job- and a number; job-12.2 names one of its runs",
                hint: "giga jobs"
            )
        }
        do {
            switch place {
            case .folder(let path):
                let store = try SQLiteReader(folder: path, isShared: true)
                defer { store.close() }
                return try StoredDecision(of: job, run: run, in: store)
            case .database(let address):
                let store = try PostgresHistory(address)
                defer { store.close() }
                return try StoredDecision(of: job, run: run, in: store)
            }
        } catch let fault as StoreFault {
            throw StoreWords.fault(fault)
        } catch let fault as StoredDecision.Fault {
            throw words(fault)
        } catch {
            throw words(.unreadable(run ?? .attempt(job, 1), "\(error)"))
        }
    }

    private static func words(_ fault: StoredDecision.Fault) -> CommandFault {
        switch fault {
        case .unknownJob(let job):
            CommandFault(
                .failed,
                "job.unknown",
                what: "There is no job \(job)",
                why: "this store's history has no event for it",
                hint: "giga why ID --replay --data DIR"
            )
        case .neverPlaced(let job): neverPlaced(job)
        case .dropped(let run):
            CommandFault(
                .failed,
                "why.dropped",
                what: "The record of \(run) is not kept any more",
                why: "giga gc dropped it; the assignment's event has its hash",
                hint: "giga events \(run.job) --json"
            )
        case .unreadable(let run, let reason):
            CommandFault(
                .failed,
                "why.unreadable",
                what: "The record of \(run) cannot be read",
                why: reason,
                hint: "giga doctor --replay"
            )
        }
    }

    private static func neverPlaced(_ job: JobID) -> CommandFault {
        CommandFault(
            .failed,
            "why.never-placed",
            what: "\(job) was never placed",
            why: "there is no decision to compute again",
            hint: "giga why \(job)"
        )
    }
}

/// Weights as `--with` takes them: `affinity=0,load=0.3`.
extension WhyReplay {
    static let terms = ["capabilityFit", "affinity", "load", "health", "cost", "starvation"]

    static func weights(
        _ text: String,
        over recorded: RoutingWeights
    ) throws(CommandFault) -> RoutingWeights {
        var weights = recorded
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, terms.contains(String(sides[0])) else {
                throw .usage(
                    "--with has \"\(part)\"",
                    why: "it takes TERM=WEIGHT, and the terms are \(terms.joined(separator: ", "))",
                    hint: "--with affinity=0,load=0.3"
                )
            }
            guard let millionths = millionths(sides[1]) else {
                throw .usage(
                    "the weight of \(sides[0]) is \"\(sides[1])\"",
                    why: "a weight is 0 to 1 with at most six digits after the point,"
                        + " or parts per million up to 1000000",
                    hint: "--with \(sides[0])=0.3"
                )
            }
            weights[term: String(sides[0])] = millionths
        }
        return weights
    }

    /// `0.3`, `1.0` and `1` as fractions, anything above 1 without a point as parts per million.
    static func millionths(_ text: some StringProtocol) -> Int? {
        let sides = text.split(separator: ".", omittingEmptySubsequences: false)
        guard sides.count <= 2, sides.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }),
            let whole = Int(sides[0])
        else { return nil }
        if sides.count == 1, whole > 1 { return whole <= 1_000_000 ? whole : nil }
        guard whole <= 1 else { return nil }
        let digits = sides.count == 2 ? String(sides[1]) : "0"
        guard digits.utf8.count <= 6,
            let rest = Int(digits + String(repeating: "0", count: 6 - digits.utf8.count))
        else { return nil }
        let sum = whole * 1_000_000 + rest
        return sum <= 1_000_000 ? sum : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
