import FleetModel
import FleetProtocol
import FoundationEssentials
import HTTPServing

/// `giga demo`: the whole product in a minute, without keys or network.
enum DemoCommand {
    static let usage = Usage(
        "demo",
        .start,
        "See a small fleet turn nine jobs into commits, and survive a crash",
        options: [
            .flag("exit-when-done", "End by itself with 0 only if all went as it should"),
            Usage.json, .value("data", "DIR", "Keep store, origin and clones there"),
            .value("project", "DIR", "Use this git repository in place of the built-in one"),
        ],
        example: "giga demo --exit-when-done --json",
        isLocal: true
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        try arguments.none()
        let ends = arguments.has("exit-when-done") || !shop.console.isTerminal
        let start = ContinuousClock.now
        let kept = arguments.value("data").map { Files.absolute($0, from: shop.workingFolder) }
        let folder: String
        if let kept { folder = kept } else { folder = try Files.makeTemporaryFolder("giga-demo") }
        defer { if kept == nil { Files.remove(folder) } }
        try Files.makeFolder(folder)
        let project = arguments.value("project").map {
            Files.absolute($0, from: shop.workingFolder)
        }
        let origin = try makeOrigin(in: folder, from: project, shop)
        shop.console.say("a throw-away fleet in \(folder)")
        var report = DemoReport()
        report.data = kept
        try play(&report, folder, origin, project, staysOpen: !ends, shop)
        try measure(&report, folder, origin, shop)
        report.seconds = (ContinuousClock.now - start).components.seconds
        report.judge()
        show(report, arguments, shop)
        return report.outcome == "ok" ? .done : .failed
    }

    private static func play(
        _ report: inout DemoReport,
        _ folder: String,
        _ origin: String,
        _ project: String?,
        staysOpen: Bool,
        _ shop: Shop
    ) throws(CommandFault) {
        let options = ServeOptions(
            dataFolder: folder,
            host: "127.0.0.1",
            port: 0,
            leases: LeaseTerms(term: .seconds(3), heartbeat: Timespan(milliseconds: 500))
        )
        let interrupt = try Interrupt(shop)
        let coordinator = try shop.serve(options)
        defer { coordinator.stop() }
        let fleet = try DemoFleet(coordinator, folder: folder, interrupt, shop)
        defer { fleet.stop() }
        shop.console.say("coordinator at \(coordinator.url), factories north and south")
        let verify = try project.map { path throws(CommandFault) in
            try Settings.load(in: path, shop).value(of: "verify") ?? DemoProject.verify
        }
        try fleet.submit(origin: origin, verify: verify ?? DemoProject.verify)
        report.killedJob = try fleet.killAndSettle(within: 50)
        report.killedFactory = "south"
        for job in try fleet.list() {
            report.jobs += 1
            report.spendMicroUSD += job.costMicroUSD
            if job.stage == .shipped { report.shipped += 1 }
            if job.stage == .failed, job.reason?.hasPrefix("scope_violation") == true {
                report.blocked += 1
            }
            if job.stage == .testing, job.condition == "awaiting-ship" { report.waiting += 1 }
        }
        if staysOpen {
            shop.console.say("your turn, in another terminal:")
            shop.console.say(
                "  GIGA_COORDINATOR=\(coordinator.url) \(shop.executable) ship job-8"
            )
            shop.console.say("stop the demo with Ctrl-C")
            interrupt.wait()
        }
    }

    /// Figures from the closed store and from the origin itself.
    private static func measure(
        _ report: inout DemoReport,
        _ folder: String,
        _ origin: String,
        _ shop: Shop
    ) throws(CommandFault) {
        let store = try shop.openStore(.folder(folder))
        defer { store.close() }
        var next: UInt64 = 1
        while true {
            let lines = try store.lines(from: next, limit: 256)
            guard let last = lines.last else { break }
            for (_, line) in lines {
                guard let event = JSONBody.value(EventLine.self, line) else { continue }
                if event.kind == "job.retrying" { report.retried += 1 }
                if event.kind == "lease.expired" { report.reclaimedLeases += 1 }
            }
            next = last.0 + 1
        }
        report.replay = try store.replay().differences.first ?? "equal"
        let merges = UserGit(origin, shop).line("rev-list", "--count", "--merges", "main")
        report.mergesOnTarget = merges.flatMap(Int.init) ?? 0
    }

    /// A bare origin that holds the project as one commit on `main`.
    private static func makeOrigin(
        in folder: String,
        from project: String?,
        _ shop: Shop
    ) throws(CommandFault) -> String {
        let origin = folder + "/origin.git"
        guard !Files.exists(origin) else {
            throw CommandFault(
                .usage,
                "demo.used-folder",
                what: "\(folder) holds an earlier demo",
                why: "its origin would be mixed with the new one",
                hint: "choose another --data"
            )
        }
        if let project {
            try UserGit(folder, shop).must(
                "clone",
                "--quiet",
                "--bare",
                "--no-hardlinks",
                "--",
                project,
                origin,
                for: "copy \(project)"
            )
            let head = UserGit(origin, shop).line("symbolic-ref", "--short", "HEAD") ?? "main"
            if head != "main" {
                try UserGit(origin, shop).must(
                    "branch",
                    "-M",
                    head,
                    "main",
                    for: "call its branch main"
                )
            }
            return origin
        }
        let tree = folder + "/project"
        for file in DemoProject.files {
            let path = "\(tree)/\(file.path)"
            try Files.makeFolder(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
            try Files.write(Array(file.text.utf8), to: path)
        }
        let git = UserGit(tree, shop.with(Self.author))
        try git.must("init", "--quiet", "--initial-branch=main", for: "make the demo project")
        try git.must("add", "-A", for: "make the demo project")
        try git.must("commit", "--quiet", "-m", "Begin", for: "make the demo project")
        try git.must(
            "clone",
            "--quiet",
            "--bare",
            "--no-hardlinks",
            "--",
            tree,
            origin,
            for: "make the demo's origin"
        )
        return origin
    }

    private static let author = [
        "GIT_AUTHOR_NAME": "Demo", "GIT_AUTHOR_EMAIL": "demo@giga.invalid",
        "GIT_COMMITTER_NAME": "Demo", "GIT_COMMITTER_EMAIL": "demo@giga.invalid",
        "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
    ]

    private static func show(_ report: DemoReport, _ arguments: Arguments, _ shop: Shop) {
        if arguments.wantsJSON {
            JSONOutput.print(report, arguments, shop.console)
            return
        }
        shop.console.print("\(report.jobs) jobs in \(report.seconds) s: \(report.outcome)")
        shop.console.print(
            "  \(report.shipped) shipped, \(report.mergesOnTarget) merges on the target"
        )
        shop.console.print("  \(report.blocked) blocked for leaving its scope")
        shop.console.print("  \(report.waiting) waits for a person")
        shop.console.print(
            "  \(report.retried) retried, \(report.reclaimedLeases) leases reclaimed from the"
                + " killed factory"
        )
        shop.console.print("  replay \(report.replay), spend \(report.spendMicroUSD) micro-dollars")
    }
}
