import FleetModel
import GitTesting
import Glibc
import Processes
import Testing

@testable import FactoryAgent

/// What a job asked for beside its commit: from the run's folders to the coordinator.
@Suite(.serialized) struct ArtifactTests {
    private func job(
        _ shop: Workshop,
        _ script: String,
        _ artifacts: [String],
        verify: String? = "true",
        output: Manifest.Output = .change
    ) -> GrantedRun {
        var grant = shop.grant(script, verify: verify, acceptsNoChange: output == .none)
        grant.manifest.artifacts = artifacts
        grant.terms.output = output
        return grant
    }

    private func run(_ shop: Workshop, _ grant: GrantedRun) throws -> Evidence {
        shop.give(grant)
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        return try #require(shop.evidence(.verify, of: "job-1.1"))
    }

    private func text(_ shop: Workshop, _ name: String) -> String? {
        shop.coordinator.state.read { $0.artifacts["job-1.1/\(name)"] }
            .map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `links, pipes and second names of files never lead out of the tree`() throws {
        let shop = try Workshop()
        let script = """
            mkdir -p out; echo x > src/x; echo out/ > .gitignore
            ln -s /etc/passwd out/link; ln -s /etc out/folder; ln -s ../../.. out/up
            mkfifo out/pipe; echo two > out/one; ln out/one out/other
            """
        let evidence = try run(shop, job(shop, script, ["out/", "out/folder/passwd"]))
        #expect(evidence.verdict == .passed && evidence.artifacts == [])
        let missing = evidence.missingArtifacts ?? []
        for (path, reason) in [
            ("out/link", "it is a link"), ("out/folder", "it is a link"),
            ("out/up", "it is a link"), ("out/pipe", "it is no plain file"),
            ("out/one", "it has further names (hard links)"),
            ("out/other", "it has further names (hard links)"),
        ] { #expect(missing.contains("\(path): \(reason)"), "\(path) in \(missing)") }
        #expect(missing.contains("out/folder/passwd: nothing was found"))
        let stored = shop.coordinator.state.read { Set($0.artifacts.keys) }
        #expect(stored == ["job-1.1/diff"])
    }

    @Test func `what is not there is said, and does not fail the job`() throws {
        let shop = try Workshop()
        let evidence = try run(shop, job(shop, "echo x > src/x", ["sbom", "no/such.txt"]))
        #expect(evidence.verdict == .passed && evidence.artifacts == [])
        #expect(
            evidence.missingArtifacts == [
                "sbom (sbom.*, **/*.spdx.json, **/*.cdx.json, bom.json, bom.xml): "
                    + "nothing was found",
                "no/such.txt: nothing was found",
            ]
        )
        #expect(shop.names(of: "job-1.1").suffix(2) == ["verify passed", "complete"])
    }

    @Test func `a secret goes neither in a text, nor in other bytes, nor in a name`() throws {
        let canary = "canary-" + "0a1b2c3d4e5f"
        let shop = try Workshop(environment: ["DEPLOY_TOKEN": canary])
        let script = """
            k=canary-; k=${k}0a1b2c3d4e5f; mkdir out; echo x > src/x; echo out/ > .gitignore
            echo "the key is $k." > out/text; printf 'a\\0b%s' "$k" > out/bytes; echo 1 > out/$k
            """
        let evidence = try run(shop, job(shop, script, ["out/"]))
        #expect(evidence.artifacts?.map(\.name) == ["out-text"])
        #expect(evidence.artifacts?.first?.redactions == 1)
        #expect(text(shop, "out-text") == "the key is [redacted:DEPLOY_TOKEN].\n")
        let missing = evidence.missingArtifacts ?? []
        #expect(
            missing.contains(
                "out/bytes: it holds a secret (DEPLOY_TOKEN), and is no text that could go without"
            )
        )
        #expect(missing.contains("out/[redacted:DEPLOY_TOKEN]: its name cannot be told"))
        let everything = shop.coordinator.state.read { state in
            let bytes = Array(state.logs.values) + Array(state.artifacts.values)
            return "\(state.reports)\(state.artifacts.keys)"
                + bytes.map { String(decoding: $0, as: UTF8.self) }.joined()
        }
        #expect(!everything.contains(canary))
    }

    @Test func `too many and too large files are counted and named, the others are kept`() throws {
        let shop = try Workshop()
        let script = """
            mkdir out; echo x > src/x; echo out/ > .gitignore
            truncate -s 64M out/0-fits; truncate -s 67108865 out/0-large
            for n in $(seq 120); do echo $n > out/f$n; done
            """
        let evidence = try run(shop, job(shop, script, ["out/"]))
        #expect(evidence.artifacts?.count == Artifact.mostOfRun)
        #expect(evidence.artifacts?.first?.bytes == Artifact.mostBytes)
        let missing = evidence.missingArtifacts ?? []
        #expect(
            missing.contains("out/0-large: it has 67108865 bytes, and 67108864 is the most")
        )
        #expect(missing.contains("21 more files: 100 is the most of one run"))
    }

    @Test func `a lease that went to another stops the worker in its upload`() throws {
        let shop = try Workshop()
        let grant = job(shop, "echo x > src/x; echo here; \(Workshop.wait); echo 1 > one", ["one"])
        shop.give(grant)
        try shop.open()
        #expect(shop.coordinator.waits(forOutput: "here", of: "job-1.1"))
        shop.coordinator.state.change { $0.isStaleForUploads = true }
        try shop.letGo(of: "job-1.1")
        #expect(shop.coordinator.waits { $0.uploads > 0 })
        #expect(shop.drain())
        #expect(!shop.names(of: "job-1.1").contains("complete"))
        #expect(shop.coordinator.state.read { $0.uploads } == 1)
    }

    @Test func `an upload is repeated until it is answered, and a full disk is not waited for`()
        throws
    {
        let shop = try Workshop()
        shop.coordinator.state.change { $0.lostUploads = 2 }
        let evidence = try run(shop, job(shop, "echo x > src/x; echo 1 > one", ["one"]))
        #expect(evidence.artifacts?.count == 1 && evidence.missingArtifacts == nil)
        #expect(shop.coordinator.state.read { $0.uploads } == 3)
        shop.coordinator.state.change { $0.isFull = true }
        var next = shop.grant("echo y > src/y; echo 1 > one", job: 2, verify: "true")
        next.manifest.artifacts = ["one"]
        shop.give(next)
        #expect(shop.coordinator.waitsForEnd(of: "job-2.1"))
        let full = try #require(shop.evidence(.verify, of: "job-2.1"))
        #expect(full.artifacts == [])
        #expect(full.missingArtifacts == ["one: not stored: 507 artifact.no-room: full"])
    }

    @Test func `what verify made is preferred, and what only the agent has says so`() throws {
        let shop = try Workshop()
        let script = """
            mkdir coverage; echo forged > coverage/all.txt; echo mine > report.md; echo x > src/x
            printf 'coverage/\\nreport.md\\n' > .gitignore
            """
        let verify = "test -f src/x && mkdir coverage && echo true > coverage/all.txt"
        let evidence = try run(
            shop,
            job(shop, script, ["coverage", "report.md"], verify: verify)
        )
        #expect(evidence.missingArtifacts == nil)
        #expect(evidence.artifacts?.map(\.source) == [.verify, .engine])
        #expect(evidence.artifacts?.map(\.asked) == ["coverage", "report.md"])
        #expect(text(shop, "coverage-all.txt") == "true\n" && text(shop, "report.md") == "mine\n")
        #expect(evidence.artifacts?.first?.sha256 == Digest(sha256: "true\n").hex)
    }

    @Test func `a red verify leaves its report all the same`() throws {
        let shop = try Workshop()
        let verify = "echo 3 failed > junit.xml; exit 7"
        let evidence = try run(
            shop,
            job(shop, "echo x > src/x", ["test-report"], verify: verify)
        )
        #expect(evidence.verdict == .failed && evidence.exitCode == 7)
        #expect(text(shop, "junit.xml") == "3 failed\n")
    }

    @Test func `an investigation's report is an artifact and no change`() throws {
        let shop = try Workshop()
        let script = "mkdir -p docs; echo found > docs/report.md"
        let evidence = try run(
            shop,
            job(shop, script, ["docs/*.md"], verify: nil, output: .none)
        )
        #expect(evidence.verdict == .skipped)
        #expect(evidence.artifacts?.map(\.path) == ["docs/report.md"])
        #expect(text(shop, "docs-report.md") == "found\n")
        #expect(shop.candidate(of: "job-1.1")?.patchID == "")
    }

    @Test func `a profile's words count too, and say better than the repository what names mean`()
        throws
    {
        let shop = try Workshop()
        let script = "mkdir a b; echo 1 > a/x; echo 2 > b/x; echo 3 > sbom.json"
        var grant = job(shop, script, ["coverage", "sbom"])
        grant.profile.artifacts = ["coverage"]
        grant.profile.artifactGlobs = ["coverage": ["a/"]]
        grant.repository.artifacts = ["coverage": ["b/"], "sbom": ["b/x"]]
        let evidence = try run(shop, grant)
        #expect(evidence.artifacts?.map(\.path) == ["a/x", "b/x"])
    }
}

struct ArtifactNamingTests {
    @Test func `names are unique, plain, and never a run's own`() {
        let paths = [
            "a/B.txt", "a-b.txt", "diff", "log", "out/Über 1.html", "...", "x/" + "y".repeated(90),
            "c/d.txt",
        ]
        let names = ArtifactNaming.names(for: paths)
        #expect(Set(names).count == paths.count)
        #expect(names.allSatisfy { Naming.isName($0) }, "\(names)")
        #expect(!names.contains("diff") && !names.contains("log"))
        #expect(names[7] == "c-d.txt")
        #expect(ArtifactNaming.names(for: paths) == names)
    }

    @Test(arguments: [
        ("src/", ["src"], true), ("src/", ["src", "a", "b"], true), ("src/", ["out"], false),
        ("*.html", ["out"], false), ("a/*/c.txt", ["a", "b"], true),
        ("a/*/c.txt", ["a", "b", "c"], false), ("**/x", ["a", "b"], true),
        ("a/**/x", ["b"], false),
    ])
    func `only folders that may hold something are looked into`(
        pattern: String,
        path: [String],
        may: Bool
    ) throws {
        #expect(GlobReach(try Glob(parsing: pattern)).mayHold(path) == may)
    }

    @Test func `a file that vanishes is said to have`() throws {
        let folder = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(folder) }
        let staging = ArtifactStaging(secrets: [], mostBytes: 10)
        let fault = #expect(throws: ArtifactStaging.LeftOut.self) {
            try staging.copy("no-such-file-of-ours", in: folder, to: "/tmp/never-made")
        }
        #expect(fault?.reason == "it vanished")
    }
}

extension String {
    fileprivate func repeated(_ count: Int) -> String { String(repeating: self, count: count) }
}
