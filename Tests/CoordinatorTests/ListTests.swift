import FleetModel
import FleetProtocol
import HTTPServing
import Testing

@testable import Coordinator

/// Lists with filters, in any order, page by page.
struct ListTests {
    /// Twelve jobs in two repositories; the last is cancelled, the first runs.
    private func furnished() throws -> ServerRig {
        let rig = try ServerRig()
        try rig.furnish()
        let other = Repository(name: "office", url: "/srv/office.git", target: "main")
        #expect(try rig.send(.put, "/fleet/repos/office", other).status == 200)
        let priorities = ["low", "critical", "medium", "high"]
        for number in 1...12 {
            let text = ServerRig.job
                .replacing("Fix the till", with: number == 7 ? "Mend the ROOF" : "Fix \(number)")
                .replacing("repo: shop", with: number % 3 == 0 ? "repo: office" : "repo: shop")
                .replacing("---\nDo", with: "priority: \(priorities[number % 4])\n---\nDo")
            try rig.submit(text)
        }
        #expect(try rig.ask(.post, "/fleet/jobs/job-12/cancel").status == 200)
        return rig
    }

    private func page(_ rig: ServerRig, _ query: String) throws -> JobList {
        try rig.value(JobList.self, rig.ask(.get, "/fleet/jobs?\(query)"))
    }

    @Test(arguments: [
        "sort=size", "condition=sleepy", "priority=urgent", "mine=perhaps", "text=", "repo=",
        "factory=Build_1",
    ])
    func `A filter that nothing can mean is refused`(query: String) throws {
        let rig = try ServerRig()
        let response = try rig.ask(.get, "/fleet/jobs?\(query)")
        #expect(response.problem?.code == "request.bad-parameter")
    }

    @Test func `A page after a job that is nowhere is refused where its place decides`() throws {
        let rig = try furnished()
        let response = try rig.ask(.get, "/fleet/jobs?sort=priority&after=job-99")
        #expect(response.problem?.code == "job.unknown")
    }

    @Test(arguments: [
        ("repo=office", [3, 6, 9, 12]), ("repo=office&stage=queued", [3, 6, 9]),
        ("stage=failed&repo=office", [12]), ("text=roof", [7]), ("text=JOB-1", [1, 10, 11, 12]),
        ("priority=critical", [1, 5, 9]), ("profile=developer", Array(1...12)),
        ("profile=developer@1", Array(1...12)), ("profile=developer@2", []), ("profile=dev", []),
        ("owner=nobody", []), ("factory=f", []), ("condition=no-capable-factory", Array(1...11)),
        ("condition=no-capable-factory&repo=office", [3, 6, 9]),
        ("condition=no-capable-factory&stage=failed", []), ("repo=nowhere", []),
        ("sort=-id", Array((1...12).reversed())),
        ("sort=priority", [1, 5, 9, 3, 7, 11, 2, 6, 10, 4, 8, 12]),
        ("sort=-priority", [12, 8, 4, 10, 6, 2, 11, 7, 3, 9, 5, 1]),
        ("sort=cost&repo=office", [3, 6, 9, 12]),
    ])
    func `A filter shows exactly what it says, with its total, on pages of any size`(
        query: String,
        expected: [UInt64]
    ) throws {
        let rig = try furnished()
        for limit in [1, 3, 4, 100] {
            var (seen, after) = ([UInt64](), "")
            repeat {
                let page = try page(rig, "\(query)&limit=\(limit)\(after)")
                #expect(page.total == expected.count, "\(query)")
                #expect(page.jobs.count <= limit)
                seen += page.jobs.map(\.id.number)
                after = page.next.map { "&after=\($0)" } ?? ""
            } while !after.isEmpty && seen.count <= expected.count
            #expect(seen == expected, "\(query) by \(limit)")
        }
    }

    @Test func `Factories, repositories and profiles come by page and name`() throws {
        let rig = try furnished()
        for name in ["c", "a", "b"] { _ = try rig.enlist(name) }
        #expect(try rig.ask(.post, "/fleet/factories/b/drain").status == 200)
        func names(_ query: String) throws -> FactoryList {
            try rig.value(FactoryList.self, rig.ask(.get, "/fleet/factories?\(query)"))
        }
        let first = try names("limit=2")
        #expect(first.factories.map(\.name) == ["a", "b"])
        #expect(first.total == 3 && first.next == "b")
        let second = try names("limit=2&after=b")
        #expect(second.factories.map(\.name) == ["c"] && second.next == nil && second.total == 3)
        #expect(try names("draining=true").factories.map(\.name) == ["b"])
        #expect(try names("draining=false").total == 2)
        #expect(try names("standing=offline").factories.isEmpty)
        let repositories = try rig.value(
            RepositoryList.self,
            rig.ask(.get, "/fleet/repos?text=OFF")
        )
        #expect(repositories.repositories.map(\.name) == ["office"] && repositories.total == 1)
        let profiles = try rig.value(ProfileList.self, rig.ask(.get, "/fleet/profiles?limit=1"))
        #expect(profiles.profiles.count == 1 && profiles.total >= 1)
    }

    @Test func `A page of profiles has the proposals of its own names, and no others`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        let request = TokenRequest(name: "bob", role: .admin)
        #expect(try rig.send(.post, "/fleet/tokens", request).status == 201)
        for name in ["zeta", "alpha"] {
            var profile = Profile(name: name, persona: "You see all.")
            profile.network = .on
            #expect(try rig.send(.put, "/fleet/profiles/\(name)", profile).status == 202)
        }
        var (pages, after) = ([[String]](), "")
        repeat {
            let page = try rig.value(
                ProfileList.self,
                rig.ask(.get, "/fleet/profiles?limit=1\(after)")
            )
            #expect(page.profiles.count + page.proposals.count == 1 && page.total == 3)
            pages.append(page.profiles.map(\.name) + page.proposals.map { "?\($0.profile.name)" })
            after = page.next.map { "&after=\($0)" } ?? ""
        } while !after.isEmpty && pages.count < 4
        #expect(pages == [["?alpha"], ["developer"], ["?zeta"]])
    }

    @Test(arguments: ["approve", "reject"])
    func `A reason for or against a profile has a longest`(verb: String) throws {
        let rig = try ServerRig()
        let reason = String(repeating: "a", count: ProfileApproval.longestReason + 1)
        let refused = try rig.send(
            .post,
            "/fleet/profiles/developer/\(verb)",
            ProfileRejection(version: 1, reason: reason)
        )
        #expect(refused.status == 400 && refused.problem?.code == "http.unreadable-body")
        let unknown = try rig.send(
            .post,
            "/fleet/profiles/developer/\(verb)",
            ProfileRejection(version: 1, reason: String(reason.dropLast()))
        )
        #expect(unknown.problem?.code == "profile.unknown")
    }

    @Test func `Without a token the rules are told, and neither people nor places`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        let paths = ["/fleet/policies", "/fleet/policies/developer"]
        for (path, token) in paths.flatMap({ [($0, nil), ($0, ServerRig.operatorToken)] }) {
            let reply = try rig.ask(.get, path, token: token)
            let rule =
                path == paths[0]
                ? try rig.value(PolicyList.self, reply).secondPerson
                : try rig.value(PolicyDetail.self, reply).secondPerson
            #expect(rule.admins?.isEmpty == (token == nil ? nil : false), "\(path)")
            #expect(!rule.applies && !rule.covers.isEmpty)
        }
        let own = try rig.value(ServerSettings.self, rig.ask(.get, "/fleet/config"))
        #expect(own.settings == rig.settings)
        let told = try rig.value(ServerSettings.self, rig.ask(.get, "/fleet/config", token: nil))
        #expect(told.settings == [ServerSettings.Row(key: "lease", value: "9s", origin: "a file")])
    }

    @Test func `The runs of a job are listed, also when there are none`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        let id = try rig.submit()
        #expect(
            try rig.value(RunList.self, rig.ask(.get, "/fleet/jobs/\(id)/runs"))
                == RunList(runs: [], total: 0)
        )
        let token = try rig.enlist()
        let run = try #require(try rig.claim("c-1", token: token).first)
        let list = try rig.value(RunList.self, rig.ask(.get, "/fleet/jobs/\(id)/runs"))
        #expect(list.runs.map(\.id) == ["\(run.lease.run)"] && list.total == 1)
    }
}
