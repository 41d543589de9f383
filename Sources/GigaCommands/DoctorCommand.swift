import FleetModel
import FleetPorts
import FleetProtocol
import Stores

/// `giga doctor`: looks whether all is here that the fleet needs, and whether the history is whole.
enum DoctorCommand {
    static let usage = Usage(
        "doctor",
        .start,
        "Check this machine, or replay a store and compare",
        options: [
            .flag("replay", "Rebuild all state from the events and compare"),
            Usage.data, StoreChoice.option, Usage.json,
        ],
        example: "giga doctor --replay --data ~/giga"
    )

    private struct Replayed: Encodable {
        let replay: String
        let events: UInt64
        let differences: [String]
    }

    private struct Finding: Encodable {
        let check: String
        let ok: Bool
        let detail: String
        let fix: String?
    }

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        try arguments.none()
        return arguments.has("replay")
            ? try replay(arguments, shop) : try checkMachine(arguments, shop)
    }

    private static func replay(
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) -> ExitCode {
        let place = try StorePlace.named(arguments, shop)
        let store = try shop.openStore(place)
        defer { store.close() }
        let (events, differences) = try store.replay()
        let result = Replayed(
            replay: differences.isEmpty ? "equal" : "different",
            events: events,
            differences: differences
        )
        if arguments.wantsJSON {
            JSONOutput.print(result, arguments, shop.console)
        } else {
            shop.console.print("\(events) events replayed: \(result.replay)")
            for line in differences { shop.console.print("  \(line)") }
            if !differences.isEmpty {
                shop.console.print("the rows at \(place) are not what its events lead to")
                shop.console.print(
                    "hint: stop its server, then giga restore BACKUP --data NEW-FOLDER"
                )
            }
        }
        return differences.isEmpty ? .done : .failed
    }

    /// What is wrong with the store, where there is one or one was named.
    private static func storeFindings(
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) -> [Finding] {
        let folder: String
        switch try StorePlace.named(arguments, shop) {
        case .folder(let path): folder = path
        case .database(let address): return [database(address)]
        }
        guard arguments.has("data") || Files.exists(folder + "/giga.db") else { return [] }
        return StoreCheckup(of: folder).findings.map {
            Finding(check: "store \($0.check)", ok: $0.isFine, detail: $0.detail, fix: $0.fix)
        }
    }

    private static func database(_ address: PostgresAddress) -> Finding {
        do throws(StoreFault) {
            let survey = try PostgresSurvey(of: address)
            return Finding(
                check: "store",
                ok: true,
                detail: "fleet \(survey.identity.fleetID) at \(address), position"
                    + " \(survey.identity.lastPosition)",
                fix: nil
            )
        } catch {
            let words = StoreWords.fault(error)
            return Finding(
                check: "store",
                ok: false,
                detail: "\(words.what): \(words.why)",
                fix: words.hint
            )
        }
    }

    private static func checkMachine(
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) -> ExitCode {
        var findings = MachineChecks.findings(shop).map {
            Finding(check: $0.check, ok: $0.isFine, detail: $0.detail, fix: $0.fix)
        }
        let ofStore = try storeFindings(arguments, shop)
        findings += ofStore
        do throws(CommandFault) {
            let client = try CoordinatorClient(arguments, shop)
            let status = try client.get("/fleet/stats", as: FleetStatus.self)
            findings.append(
                Finding(
                    check: "coordinator",
                    ok: true,
                    detail: "fleet \(status.fleet) at \(client.url), \(status.factories) factories",
                    fix: nil
                )
            )
        } catch {
            findings.append(
                Finding(
                    check: "coordinator",
                    ok: false,
                    detail: error.what,
                    fix: error.hint
                )
            )
        }
        if arguments.wantsJSON {
            JSONOutput.print(["findings": findings], arguments, rows: "findings", shop.console)
        } else {
            for finding in findings {
                shop.console.print(
                    "\(finding.ok ? "ok  " : "miss") \(finding.check): \(finding.detail)"
                )
                if let fix = finding.fix { shop.console.print("     fix: \(fix)") }
            }
        }
        return ofStore.allSatisfy(\.ok) ? .done : .failed
    }
}
