import FleetModel
import Glibc

@testable import GigaCommands

/// A shop whose output is kept, and that starts nothing.
final class Captured {
    let shop: Shop
    private let output: Int32
    private let errors: Int32

    init(_ environment: [String: String] = [:], folder: String = "/nowhere") {
        output = Self.file()
        errors = Self.file()
        let home = ["HOME": "/nowhere"]
        shop = Shop(
            console: Console(output: output, errors: errors, environment: environment),
            environment: home.merging(environment) { $1 },
            workingFolder: folder,
            version: "1.2.3",
            executable: "giga",
            serve: { _ throws(CommandFault) in throw Self.notHere },
            runFactory: { _ throws(CommandFault) in throw Self.notHere },
            openStore: { _ throws(CommandFault) in throw Self.notHere },
            probeEngines: { [] },
            waitForSignal: { 15 }
        )
    }

    deinit {
        close(output)
        close(errors)
    }

    /// Runs the words of a command line.
    func run(_ words: String...) -> ExitCode { run(words) }
    func run(_ words: [String]) -> ExitCode { GigaCommand.run(words, in: shop) }

    var printed: String { Self.text(of: output) }
    var said: [String] { Self.text(of: errors).split(separator: "\n").map(String.init) }

    static let notHere = CommandFault(
        .failed,
        "test.not-here",
        what: "This shop starts nothing",
        why: "it is a test's",
        hint: "none"
    )

    /// A file that nobody else can see, and that is gone with its descriptor.
    private static func file() -> Int32 {
        var name = Array("/tmp/giga-commands-XXXXXX".utf8CString)
        let file = mkstemp(&name)
        precondition(file >= 0, "a test needs a temporary file")
        unlink(name)
        return file
    }

    private static func text(of file: Int32) -> String {
        let size = Int(lseek(file, 0, SEEK_END))
        var bytes = [UInt8](repeating: 0, count: size)
        let count = pread(file, &bytes, size, 0)
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }
}
