import Engines
import FactoryAgent
import FleetModel
import GigaCommands
import Glibc
import Manifests
import Processes

extension Wiring {
    /// Runs a factory: the first INT or TERM drains it, a second one stops it at once.
    static func runFactory(
        _ console: Console,
        _ environment: [String: String]
    ) -> @Sendable (FactoryOptions) throws(CommandFault) -> ExitCode {
        { options throws(CommandFault) in
            try followParent(environment)
            var configuration = FactoryConfiguration(
                coordinator: options.coordinator,
                name: options.name,
                dataFolder: options.dataFolder,
                stations: options.stations,
                facts: options.facts.compactMap { try? Fact(parsing: $0) },
                joinToken: options.joinToken,
                templates: templates(options.templates),
                maxWorkers: options.maxWorkers,
                environment: environment,
                say: { console.say($0) }
            )
            configuration.authorities = options.authorities
            if let bytes = options.minimumFreeBytes { configuration.minimumFreeBytes = bytes }
            configuration.maximumLoadMilli = options.maximumLoadMilli
            if let bytes = options.runMemoryBytes { configuration.limits.memoryBytes = bytes }
            if let count = options.runProcesses { configuration.limits.processes = count }
            if let bytes = options.runFileBytes { configuration.limits.fileBytes = bytes }
            do throws(FactoryFault) {
                let factory = try FactoryAgent.Factory(configuration)
                stopOnSignals(factory)
                try factory.run()
                return .done
            } catch {
                throw CommandFault(
                    .failed,
                    error.code,
                    what: error.what,
                    why: error.why,
                    hint: error.hint
                )
            }
        }
    }

    /// A factory of `giga up` or `giga demo` ends with it, however that ends.
    private static func followParent(
        _ environment: [String: String]
    ) throws(CommandFault) {
        guard let parent = environment[FactoryProcess.parentVariable].flatMap({ pid_t($0) }) else {
            return
        }
        // Without the kernel's help it still drains when it is told to.
        guard (try? ProcessTree.dieWithParent(parent)) == false else { return }
        throw CommandFault(
            .failed,
            "factory.no-parent",
            what: "The command that started this factory is gone",
            why: "it was the process \(parent)",
            hint: "giga up"
        )
    }

    private static func stopOnSignals(_ factory: FactoryAgent.Factory) {
        do {
            try DedicatedThread.start {
                while true {
                    _ = Signals.wait()
                    factory.stop()
                }
            }
        } catch {
            preconditionFailure("a process that cannot start one thread cannot work: \(error)")
        }
    }

    private static func templates(
        _ written: [String: Configuration.EngineTemplate]
    ) -> [CommandTemplate] {
        written.sorted { $0.key < $1.key }.map { name, written in
            CommandTemplate(
                name: name,
                run: written.run,
                prompt: CommandTemplate.Prompt(rawValue: written.prompt.rawValue) ?? .stdin,
                engineClass: EngineClass(rawValue: written.engineClass) ?? .script,
                environment: written.env,
                network: EngineNetwork(rawValue: written.network.rawValue) ?? .off,
                success: Set(written.success)
            )
        }
    }
}

/// What `giga engine list` and `giga doctor` know of this machine's engines.
enum EngineProbing {
    static func rows(_ environment: [String: String]) -> [EngineRow] {
        guard let catalogue = try? EngineCatalogue(templates: []) else { return [] }
        return FactProbe(environment: environment).engines(catalogue).map { engine in
            EngineRow(
                name: engine.adapter.name.text,
                installed: engine.isInstalled,
                version: engine.version,
                signedIn: engine.signIn == .unknown ? nil : engine.signIn == .yes
            )
        }
    }
}
