import GigaCommands
extension Wiring {
    static func runFactory(_ console: Console, _ environment: [String: String]) -> @Sendable (FactoryOptions) throws(CommandFault) -> ExitCode {
        { _ throws(CommandFault) in .failed }
    }
}
enum EngineProbing { static func rows(_ e: [String: String]) -> [EngineRow] { [] } }
