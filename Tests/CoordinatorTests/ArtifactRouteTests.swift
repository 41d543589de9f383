import FleetModel
import FleetProtocol
import FleetTesting
import Glibc
import HTTPServing
import Testing

@testable import Coordinator

/// Artifacts over a real socket: sent by a factory, listed and fetched by people.
struct ArtifactRouteTests {
    private let rig: ServerRig
    private let run: GrantedRun
    private let token: String
    private let job: JobID

    init() throws {
        rig = try ServerRig()
        try rig.furnish()
        token = try rig.enlist()
        job = try rig.submit()
        run = try #require(try rig.claim("c-1", token: token).first)
    }

    private func place(_ name: String) -> String {
        "/fleet/runs/\(run.lease.run)/artifacts/\(name)"
    }

    private func put(_ bytes: [UInt8], _ name: String, hash: String? = nil) throws -> HTTPResponse {
        let named = "&sha256=\(hash ?? Digest(sha256: bytes).hex)"
        return try rig.ask(
            .put,
            "\(place(name))?fence=\(run.lease.fence)\(named)",
            token: token,
            bytes
        )
    }

    private func record(_ artifacts: [Artifact]) throws -> HTTPResponse {
        var evidence = Evidence.all()
        evidence[2].artifacts = artifacts
        let items: [RunReportItem] =
            [.started(RunStarted()), .finished(RunFinished(candidate: .example()))]
            + evidence.map { .evidence($0) }
        return try rig.report(run, items, token: token)
    }

    private func artifact(_ name: String, _ bytes: [UInt8]) -> Artifact {
        Artifact(
            name: name,
            path: "out/\(name)",
            bytes: Int64(bytes.count),
            sha256: Digest(sha256: bytes).hex,
            source: .verify,
            asked: "out/"
        )
    }

    private var objects: [String] { rig.folder.names(in: "objects") }

    @Test func `What cannot be stored is refused by its head, and nothing of it stays`() throws {
        #expect(try put([1], "log").problem?.code == "artifact.bad-name")
        #expect(try put([1], "a%20b").problem?.code == "artifact.bad-name")
        let bad = String(repeating: "G", count: 64)
        #expect(try put([1], "a", hash: bad).problem?.code == "request.bad-parameter")
        // The request has the right form and cannot be believed, so not 400.
        let other = try put([1], "a", hash: Digest(sha256: "x").hex)
        #expect(other.status == 422 && other.problem?.code == "artifact.other-hash")
        let large = [UInt8](repeating: 1, count: Int(Artifact.mostBytes) + 1)
        let refused = try put(large, "a")
        #expect(refused.status == 413 && refused.problem?.code == "http.body-too-large")
        let stranger = try rig.ask(.put, place("a") + "?fence=1", token: nil, large)
        #expect(stranger.status == 401)
        let stale = try rig.ask(.put, place("a") + "?fence=99", token: token, [1])
        #expect(stale.status == 409 && stale.problem?.code == "lease.stale")
        #expect(objects.isEmpty && rig.folder.names(in: "runs").isEmpty)
    }

    @Test func `A run that has its most is refused one more by its head`() throws {
        for number in 0..<Artifact.mostOfRun { #expect(try put([1], "a\(number)").isSuccess) }
        let refused = try put([1], "one-more")
        #expect(refused.status == 413 && refused.problem?.code == "artifact.too-much")
        #expect(try put([1], "a7").status == 204)
        #expect(objects.count == 1)
    }

    @Test func `More than a body of memory is taken piece by piece, and once more as nothing`()
        throws
    {
        let bytes = (0..<(20 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(try put(bytes, "a").status == 204)
        #expect(rig.folder.names(in: "runs") == ["\(run.lease.run).a"])
        #expect(try put(bytes, "a").status == 204)
        #expect(objects == [Digest(sha256: bytes).hex])
    }

    @Test func `Evidence with names or hashes that are none is refused`() throws {
        var bad = artifact("a", [1])
        bad.sha256 = "../../etc/passwd"
        #expect(try record([bad]).problem?.code == "http.unreadable-body")
        bad = artifact("../a", [1])
        #expect(try record([bad]).problem?.code == "http.unreadable-body")
        bad = artifact("a", [1])
        bad.bytes = Artifact.mostBytes + 1
        #expect(try record([bad]).problem?.code == "http.unreadable-body")
        let many = (0...Artifact.mostOfRun).map { artifact("a\($0)", [1]) }
        #expect(try record(many).problem?.code == "http.unreadable-body")
    }

    @Test func `What was never recorded, and what was cleared away, are not found`() throws {
        #expect(try put([1], "a").status == 204)
        let unknown = try rig.ask(.get, place("a"))
        #expect(unknown.status == 404 && unknown.problem?.code == "artifact.unknown")
        #expect(try record([artifact("a", [1]), artifact("b", [2])]).isSuccess)
        let gone = try rig.ask(.get, place("b"))
        #expect(gone.status == 410 && gone.problem?.code == "artifact.cleared")
        #expect(try rig.ask(.get, "/fleet/jobs/job-99/artifacts").problem?.code == "job.unknown")
    }

    @Test func `Another content under a recorded name does not take its place`() throws {
        #expect(try put([1], "a").status == 204)
        #expect(try record([artifact("a", [1])]).isSuccess)
        #expect(try put([2], "a").status == 204)
        #expect(try rig.ask(.get, place("a")).body == [1])
    }

    @Test func `A list pages with its true total, and a file comes as a file`() throws {
        let names = ["a.html", "b.txt", "c.txt"]
        for name in names { #expect(try put(Array(name.utf8), name).status == 204) }
        #expect(try record(names.map { artifact($0, Array($0.utf8)) }).isSuccess)
        let path = "/fleet/jobs/\(job)/artifacts"
        let first = try rig.value(ArtifactList.self, rig.ask(.get, path + "?limit=2"))
        #expect(first.artifacts.map(\.artifact.name) == ["a.html", "b.txt"])
        #expect(first.total == 3 && first.next == "\(run.lease.run)/b.txt")
        let next = try rig.value(
            ArtifactList.self,
            rig.ask(.get, "\(path)?after=\(run.lease.run)%2Fb.txt")
        )
        #expect(next.artifacts.map(\.artifact.name) == ["c.txt"] && next.next == nil)
        let found = try rig.value(ArtifactList.self, rig.ask(.get, path + "?text=HTML"))
        #expect(found.total == 1)

        let file = try rig.ask(.get, place("a.html"))
        #expect(file.body == Array("a.html".utf8))
        #expect(file.header("Content-Length") == "6")
        #expect(file.header("Content-Type") == "application/octet-stream")
        #expect(file.header("X-Content-Type-Options") == "nosniff")
        #expect(file.header("Content-Disposition") == "attachment; filename=\"a.html\"")
        #expect(try rig.ask(.head, place("a.html")).status == 200)
    }

    @Test func `A token of another product sees neither the list nor a file`() throws {
        #expect(try put([1], "a").status == 204)
        #expect(try record([artifact("a", [1])]).isSuccess)
        let request = TokenRequest(name: "bob", role: .viewer, products: ["other"])
        let reply = try rig.value(
            TokenReply.self,
            rig.send(.post, "/fleet/tokens", request)
        )
        for path in ["/fleet/jobs/\(job)/artifacts", place("a")] {
            let refused = try rig.ask(.get, path, token: reply.secret)
            #expect(refused.status == 403 && refused.problem?.code == "auth.other-product")
        }
    }
}
