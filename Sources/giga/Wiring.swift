import Coordinator
import FleetModel
import FleetPorts
import FoundationEssentials
import GigaCommands
import Glibc
import HTTPServing
import Processes
import Stores

func exitProcess(_ code: Int32) -> Never { exit(code) }

/// Puts together what the commands work with; what stands behind each port is named in this room alone.
enum Wiring {
    static let version = "0.1.0"

    static func run() -> Int32 {
        // Before any thread exists, so that every thread has them blocked and `waitForSignal` sees them.
        let words = Array(CommandLine.arguments.dropFirst())
        Signals.prepare(for: words)
        let environment = ProcessInfo.processInfo.environment
        let console = Console(environment: environment)
        let shop = Shop(
            console: console,
            environment: environment,
            workingFolder: FileManager.default.currentDirectoryPath,
            version: version,
            executable: executablePath,
            serve: serve(console, environment),
            runFactory: runFactory(console, environment),
            openStore: openStore,
            probeEngines: { EngineProbing.rows(environment) },
            waitForSignal: Signals.wait
        )
        return GigaCommand.run(words, in: shop).rawValue
    }

    private static var executablePath: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            ?? CommandLine.arguments[0]
    }

    static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        // Each word is a call of the system.
        let words = (0..<(count + 7) / 8).map { _ in generator.next() }
        return Array(words.flatMap { word in withUnsafeBytes(of: word, Array.init) }.prefix(count))
    }

    private static func openStore(_ place: StorePlace) throws(CommandFault) -> any OpenedStore {
        do {
            switch place {
            case .folder(let path): return ClosedStore(try SQLiteReader(folder: path), at: place)
            case .database(let address):
                return ClosedStore(try PostgresHistory(address), at: place)
            }
        } catch {
            throw StoreWords.fault(error)
        }
    }
}
