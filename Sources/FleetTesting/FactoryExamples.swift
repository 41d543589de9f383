package import FleetCore
package import FleetModel

extension FactoryID: ExpressibleByStringLiteral {
    package init(stringLiteral name: String) { self.init(name) }
}

extension Repository {
    /// The one that examples work in, with a verify of its own.
    package static let shop = Repository(
        name: "shop",
        url: "/srv/shop.git",
        target: "main",
        verify: "make test"
    )
    /// The same without anything to prove work by.
    package static let unproven = Repository(name: "shop", url: "/srv/shop.git", target: "main")
}

extension Profile {
    package static let developer = Profile(name: "developer", persona: "You write code.")
}

extension Station {
    package static func shell(_ count: Int) -> Station {
        Station(engine: "shell", classes: ["agentic-coder", "script"], count: count)
    }
    package static func reviewer(_ count: Int) -> Station {
        Station(engine: "critic", classes: ["reviewer"], count: count)
    }
}

extension Registration {
    package static func example(
        _ factory: FactoryID,
        boot: String = "boot-1",
        facts: [String] = ["os:linux", "push:shop"],
        stations: [Station] = [.shell(2)],
        isReturning: Bool = true
    ) -> Registration {
        Registration(
            factory: factory,
            boot: boot,
            facts: facts.map { text in
                do { return try Fact(parsing: text) } catch {
                    preconditionFailure("\(text) is no fact: \(error)")
                }
            },
            stations: stations,
            tokenHash: "token of \(factory)",
            isReturning: isReturning
        )
    }
}

extension RunReport {
    package static func of(_ run: GrantedRun, _ items: [RunReportItem]) -> RunReport {
        RunReport(run: run.lease.run.description, fence: run.lease.fence, items: items)
    }
}

extension RunReportItem {
    package static func merged(_ commit: String) -> RunReportItem {
        .shipMerged(ShipMerged(commit: commit, tree: "tree", target: "main", wasThere: false))
    }
    package static func failed(
        _ cause: FailureCause,
        tail: [String] = ["it broke"],
        tree: String? = nil
    ) -> RunReportItem {
        .finished(RunFinished(failure: .example(cause, tail: tail, tree: tree)))
    }
    package static let shipBegins = RunReportItem.shipStarted(
        ShipStarted(commit: "commit-1", target: "main")
    )
}
