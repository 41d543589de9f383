import Engines
import FleetModel
import Foundation
import Testing

@testable import FactoryAgent

/// What a machine with programs of our own states about itself.
@Suite struct FactProbeTests {
    private let folder: URL

    init() throws {
        folder = URL(filePath: NSTemporaryDirectory()).appending(path: "probe-\(UUID().uuidString)")
    }

    /// Facts of a machine that has just these programs; each is one line of shell.
    private func facts(
        _ programs: [String: String],
        _ variables: [String: String] = [:],
        isSandboxed: Bool = true
    ) throws -> [String] {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, script) in programs {
            let file = folder.appending(path: name)
            try Data("#!/bin/sh\n\(script)\n".utf8).write(to: file)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755],
                ofItemAtPath: file.path()
            )
        }
        let probe = FactProbe(
            environment: variables.merging(["PATH": folder.path()]) { $1 }
        )
        return probe.facts(
            dataFolder: "/",
            engines: try probe.engines(EngineCatalogue()),
            isSandboxed: isSandboxed
        ).map(\.text)
    }

    @Test func `a program that fails or is not there is no fact`() throws {
        let found = try facts(["python3": "echo Python 3.11.7; exit 1"])
        #expect(!found.contains { $0.hasPrefix("python") || $0.hasPrefix("git") })
    }

    @Test func `a version that no fact can be made of is left out, and the program is stated`()
        throws
    {
        #expect(try facts(["node": "echo what do you want"]).contains("node"))
    }

    @Test func `a program is asked without the variables of whoever started the factory`() throws {
        let found = try facts(["git": "echo git version 1.0.${#SECRET}"])
        #expect(found.contains("git=1.0.0"))
    }

    @Test func `what a machine states is what was found on it`() throws {
        let found = try facts([
            "git": "echo git version 2.99.1",
            "docker": "echo Docker version 27.0.3, build 7d4bcd8",
            "swiftc": "echo 'Swift version 6.3 (swift-6.3-RELEASE)' >&2",
        ])
        for fact in ["os:linux", "git=2.99.1", "docker=27.0.3", "has:docker", "swift=6.3"] {
            #expect(found.contains(fact), "\(found)")
        }
        #expect(found.contains { $0.hasPrefix("cores=") && $0 != "cores=0" })
    }

    @Test(arguments: [(true, "sandbox:bubblewrap"), (false, "sandbox:none")])
    func `the sandbox is stated either way`(isSandboxed: Bool, fact: String) throws {
        #expect(try facts([:], isSandboxed: isSandboxed).contains(fact))
    }

    @Test func `an engine is a fact only where its program is, and its key`() throws {
        let mini = ["mini": "echo mini-swe-agent version 2.4.6"]
        let key = ["OPENAI_API_KEY": "k"]
        #expect(try facts([:], key).contains("engine:shell"))
        #expect(try !facts([:], key).contains { $0.hasPrefix("engine:mini-swe-agent") })
        #expect(try !facts(mini).contains { $0.hasPrefix("engine:mini-swe-agent") })
        #expect(try facts(mini, key).contains("engine:mini-swe-agent=2.4.6"))
    }
}
