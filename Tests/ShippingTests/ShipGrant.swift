import FleetModel

extension ShipRunTests {
    /// A ship run as the coordinator grants it.
    func grant(_ candidate: Candidate, fence: UInt64, looks: Bool) -> GrantedRun {
        let lease = Lease(
            job: job,
            kind: .ship,
            fence: fence,
            attempt: 1,
            factory: FactoryID("f"),
            boot: "b",
            station: nil,
            granted: .epoch,
            term: .seconds(60)
        )
        let terms = JobTerms(
            title: "Add b",
            product: "p",
            repo: "r",
            base: nil,
            engine: "shell",
            engineClass: "script",
            model: nil,
            yolo: false,
            lock: nil,
            timeout: .seconds(60),
            verify: "true",
            profile: ProfileReference(name: "developer"),
            capabilities: [],
            prefers: [],
            priority: .medium,
            retry: .standard,
            reviewPolicy: .auto,
            scopes: [],
            ship: .merge,
            output: .change,
            target: "main",
            acceptsNoChange: false,
            budget: nil
        )
        return GrantedRun(
            lease: lease,
            fleet: "fleetabcde",
            terms: terms,
            manifest: Manifest(),
            prompt: "",
            profile: Profile(name: "developer", persona: ""),
            repository: Repository(name: "r", url: git.origin, target: "main"),
            mustContain: [],
            lastFailure: nil,
            candidate: candidate,
            onlyLooks: looks
        )
    }
}
