import FactoryAgent
import FleetModel
import Processes
import Testing

/// An engine that tells of itself in a file: the real adapter of mini-swe-agent, and in place of
/// the program a script that writes what it would write.
@Suite(
    .serialized,
    .enabled(if: Sandbox.availability() == .available, "bubblewrap is not usable here")
)
struct WatchTests {
    /// What the script's first lines define: `say` replaces the file of progress whole.
    static let start = #"""
        if [ "$1" = --help ]; then echo mini-swe-agent version 2.4.6; exit 0; fi
        for word; do [ "$last" = -o ] && out=$word; last=$word; done
        step='{"role":"assistant","content":"first step","extra":{"actions":[{"command":"ls -l"}],
        "response":{"id":"r1","model":"m","usage":{"prompt_tokens":900,"completion_tokens":100}}}}'
        end='{"role":"exit","content":"","extra":{"exit_status":"Submitted"}}'
        head='{"role":"system","content":"s"},{"role":"user","content":"t"}'
        say() { printf '%s' "$1" > "$out.new"; mv "$out.new" "$out"; }
        begun="{\"info\":{\"mini_version\":\"2.4.6\"},\"messages\":[$head,$step]}"
        ended="{\"info\":{\"mini_version\":\"2.4.6\",\"exit_status\":\"Submitted\",
        \"model_stats\":{\"api_calls\":1}},\"messages\":[$head,$step,$end]}"
        cd /job/clone

        """#

    static func workshop(
        _ script: String,
        _ setUp: (inout FactoryConfiguration) -> Void = { _ in }
    ) throws -> Workshop {
        try Workshop(
            stations: "mini-swe-agent=1",
            environment: ["OPENAI_API_KEY": "key-of-the-test"],
            programs: ["mini": start + script],
            setUp
        )
    }

    @Test func `what an engine writes into its file is shown while it runs`() throws {
        let shop = try Self.workshop(
            "say \"$begun\"; \(Workshop.wait); echo x > src/x; say \"$ended\""
        )
        shop.give(shop.grant("", engine: "mini-swe-agent"))
        try shop.open()
        // It waits for us: whatever is shown now was read while it ran.
        #expect(shop.coordinator.waits(forOutput: "command: ls -l", of: "job-1.1"))
        #expect(shop.names(of: "job-1.1") == ["started"])
        try shop.letGo(of: "job-1.1")
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(shop.names(of: "job-1.1").last == "complete")
        #expect(shop.coordinator.waits(forOutput: "the engine ended", of: "job-1.1"))
        let log = shop.coordinator.log(of: "job-1.1")
        #expect(log.split(separator: "\n").filter { $0.hasSuffix("first step") }.count == 1)
        #expect(log.contains("Ended: Submitted"))
    }

    @Test func `an engine that lives on after its end line is stopped, and its result counts`()
        throws
    {
        let shop = try Self.workshop("echo x > src/x; say \"$ended\"; sleep 6543") {
            $0.lingering = Timespan(milliseconds: 300)
        }
        shop.give(shop.grant("", engine: "mini-swe-agent"))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(shop.names(of: "job-1.1").last == "complete")
        #expect(shop.coordinator.waits(forOutput: "lives on", of: "job-1.1"))
        #expect(shop.candidate(of: "job-1.1")?.isEmpty == false)
        #expect(shop.drain())
        #expect(try shop.run("sh", "-c", "pgrep -f 'sleep 654[3]' || true").isEmpty)
    }

    @Test func `an engine that lives on without an end line has no result`() throws {
        let shop = try Self.workshop("echo x > src/x; say \"$begun\"; sleep 6544") {
            $0.lingering = Timespan(milliseconds: 300)
        }
        shop.give(shop.grant("", engine: "mini-swe-agent", timeout: .seconds(3)))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        #expect(shop.failure(of: "job-1.1")?.cause == .timeout)
        #expect(shop.coordinator.waits(forOutput: "its time is up", of: "job-1.1"))
        #expect(!shop.coordinator.log(of: "job-1.1").contains("lives on"))
    }
}
