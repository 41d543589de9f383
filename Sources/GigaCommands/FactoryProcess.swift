import Glibc
import Processes

/// A factory as a process of its own, as `giga demo` and `giga up` start it.
package struct FactoryProcess: Sendable {
    /// Names the process whose death the factory must not survive.
    package static let parentVariable = "GIGA_PARENT"

    let name: String
    let child: ChildProcess

    static func start(
        _ name: String,
        stations: String?,
        facts: String? = nil,
        data: String,
        for coordinator: any RunningCoordinator,
        _ shop: Shop
    ) throws(CommandFault) -> FactoryProcess {
        var words = ["factory", "run", "--name", name, "--data", data]
        if let stations { words += ["--stations", stations] }
        if let facts { words += ["--facts", facts] }
        let environment = shop.environment.merging(
            [
                "GIGA_COORDINATOR": coordinator.url, "GIGA_TOKEN": coordinator.token,
                parentVariable: "\(getpid())",
            ]
        ) { $1 }
        try Files.makeFolder(data)
        do {
            let child = try ChildProcess.start(
                Invocation(
                    shop.executable,
                    words,
                    environment: environment,
                    folder: shop.workingFolder
                ),
                output: .discard,
                errorOutput: .lines { line in
                    shop.console.say("\(name): \(String(decoding: line.bytes, as: UTF8.self))")
                }
            )
            return FactoryProcess(name: name, child: child)
        } catch {
            throw CommandFault(
                .failed,
                "factory.not-started",
                what: "The factory \(name) could not be started",
                why: "\(error)",
                hint: "giga doctor"
            )
        }
    }

    /// Lets it drain; ends it and everything below it when that takes too long.
    func stop() {
        child.signal(15)
        if child.waitForLeader(.seconds(10)) == nil { child.stop() }
    }
}
