import FleetModel
import Testing

@Suite struct RequirementTests {
    static let linux = ["os:linux", "node=20.11.0", "has:docker", "gpu", "memory=32GiB"]

    @Test(
        arguments: [
            (["os:linux"], "os:windows", "needs os:windows, has os:linux"),
            ([], "os:any", "needs os:any, states no os"),
            (["os:linux"], "has:xcode", "needs has:xcode, has none"),
            (["node=18.2"], "node>=20", "needs node>=20, has node=18.2"),
            (["node"], "node>=20", "needs node>=20, has node without a version"),
            (["node=nightly"], "node>=20", "needs node>=20, has node=nightly"),
            (["node=23"], "node>=20,<23", "needs node>=20,<23, has node=23"),
            (["node=20.11"], "node=20", "needs node=20, has node=20.11"),
            (["node=20"], "node>20", "needs node>20, has node=20"),
            (["node=20"], "node<20", "needs node<20, has node=20"),
            (["node=20"], "node!=20.0", "needs node!=20.0, has node=20"),
            (["node=20.0.1"], "node<=20", "needs node<=20, has node=20.0.1"),
            (["node=20.0.0-rc.1"], "node>=20", "needs node>=20, has node=20.0.0-rc.1"),
            (["gpu.vram=16GiB"], "gpu.vram>=24GiB", "needs gpu.vram>=24GiB, has gpu.vram=16GiB"),
            (["memory=many"], "memory>=1GiB", "needs memory>=1GiB, has memory=many"),
            (["os:windows"], "not:os:windows", "needs not:os:windows, has os:windows"),
            (["node=20"], "not:node>=18", "needs not:node>=18, has node=20"),
            (
                ["engine:claude=1.9"], "engine:claude>=2.1,<3",
                "needs engine:claude>=2.1,<3, has engine:claude=1.9"
            ),
            (["gpu.model=A100"], "gpu.model>=H100", "needs gpu.model>=H100, has gpu.model=A100"),
            (["gpu.model=A100"], "gpu.model=H100", "needs gpu.model=H100, has gpu.model=A100"),
            (["node=18", "node=24"], "node>=20,<23", "needs node>=20,<23, has node=24"),
        ] as [([String], String, String)]
    )
    func `a miss names the fact that failed`(facts: [String], need: String, why: String) throws {
        let requirement = try Requirement(parsing: need)
        #expect(requirement.check(against: try FactSet(parsing: facts)) == .missed(reason: why))
    }

    @Test(arguments: [
        ("os:linux", "os:linux"), ("os:any", "os:linux"), ("node>=20", "node=20.11.0"),
        ("node>=20,<23", "node=20.11.0"), ("node >=20 <23", "node=20.11.0"),
        ("node=20.11", "node=20.11.0"), ("node==20.11.0.0", "node=20.11.0"),
        ("node>20", "node=20.11.0"), ("node<=20.11", "node=20.11.0"),
        ("node!=20", "node=20.11.0"), ("node", "node=20.11.0"), ("gpu", "gpu"),
        ("memory>=16GiB", "memory=32GiB"), ("memory<35GB", "memory=32GiB"),
        ("memory=34359738368", "memory=32GiB"), ("has:docker", "has:docker"),
        ("not:os:windows", "os:linux"), ("not:node>=21", "node=20.11.0"),
    ])
    func `a requirement is met by the fact that it asks for`(need: String, fact: String) throws {
        let match = try Requirement(parsing: need).check(against: FactSet(parsing: Self.linux))
        #expect(match == .met(by: try Fact(parsing: fact)))
    }

    @Test func `what is absent meets a not`() throws {
        let match = try Requirement(parsing: "not:has:xcode").check(against: FactSet())
        #expect(match == .met(by: nil))
    }

    @Test func `one fact must meet all bounds, and the highest that does is named`() throws {
        let set = try FactSet(parsing: ["node=24", "node=9.2", "node=22", "node=20"])
        let match = try Requirement(parsing: "node>=10,<23").check(against: set)
        #expect(match == .met(by: try Fact(parsing: "node=22")))
    }

    @Test(arguments: [
        "", " ", ">=20", "node>=", "node>=20,", "node>=20,,<23", "node~>20", "node^20",
        "node=>20", "node!20", "not:", "not:not:gpu", "os:", ":linux", "a b", "has:dö", "path:srv",
        "node,npm", "node>=20,npm", "path:/a\nb", "n\u{0}", String(repeating: "a", count: 257),
    ])
    func `what is no requirement is refused with a hint`(text: String) {
        let fault = #expect(throws: RequirementFault.self) { try Requirement(parsing: text) }
        #expect(fault?.what.isEmpty == false && fault?.hint.isEmpty == false)
    }

    @Test func `a caret is answered with the bounds to write`() {
        let fault = #expect(throws: RequirementFault.self) { try Requirement(parsing: "node^20") }
        #expect(fault?.hint == "write both ends, like node>=20,<21")
    }

    @Test(arguments: ["not:gpu", "os:any", "node=", "=4", "a b=2", "node=1,2", "path:x", "x=<3"])
    func `what is no fact is refused`(text: String) {
        #expect(throws: RequirementFault.self) { try Fact(parsing: text) }
    }

    @Test(arguments: [
        ("node >= 20 , < 23", "node>=20,<23"), ("node>=20 <23", "node>=20,<23"),
        ("node==20", "node=20"), (" gpu ", "gpu"), ("not: os:windows", "not:os:windows"),
        ("path:/srv/a=b >c", "path:/srv/a=b >c"),
        ("engine:claude>=2.1,<3", "engine:claude>=2.1,<3"),
    ])
    func `equal requirements have one text`(written: String, kept: String) throws {
        let requirement = try Requirement(parsing: written)
        #expect(requirement.text == kept)
        #expect(try Requirement(parsing: requirement.text) == requirement)
    }

    @Test(arguments: ["os:linux", "cores=8", "gpu", "path:/srv/a=b", "gpu.model=A100 80"])
    func `a fact is kept as it was stated`(text: String) throws {
        #expect(try Fact(parsing: text).text == text)
    }

    @Test func `a set is the same whatever the order, and each fact is in it once`() throws {
        let one = try FactSet(parsing: ["gpu", "cores=8", "gpu"])
        let other = try FactSet(parsing: ["cores=8", "gpu"])
        #expect(one == other)
        #expect(one.facts.count == 2)
        #expect(one.contains(named: "gpu") && !one.contains(named: "gpu.vram"))
    }
}

@Suite struct VersionTests {
    @Test(arguments: ["", "x", "1..2", "1.", "1.x", "1w", "1-", "1-a..b", "1-ä", "latest", "1rcx"])
    func `what does not begin with dotted numbers is no version`(text: String) {
        #expect(Version(text: text) == nil)
    }

    @Test func `versions stand in their order`() throws {
        let texts = [
            "0", "0.9", "1.2", "1.10-alpha", "1.10-alpha.1", "1.10-alpha.beta", "1.10-beta.2",
            "1.10-beta.11", "1.10rc1", "1.10", "1.10.0.1", "2", "10",
        ]
        let versions = try texts.map { try #require(Version(text: $0)) }
        for (first, earlier) in versions.enumerated() {
            for (second, later) in versions.enumerated() {
                #expect((earlier < later) == (first < second), "\(earlier) < \(later)")
            }
        }
    }

    @Test(arguments: [("1", "1.0.0"), ("v2.1", "2.1"), ("1.2+b7", "1.2"), ("1.0rc1", "1-rc.1")])
    func `missing parts are zero`(one: String, other: String) {
        #expect(Version(text: one) == Version(text: other))
    }

    @Test(arguments: [("512MiB", 536_870_912), ("2GB", 2_000_000_000), ("7", 7), ("3B", 3)])
    func `sizes are bytes`(text: String, bytes: UInt64) {
        #expect(ByteSize.bytes(of: text) == bytes)
    }

    @Test(arguments: ["", "GiB", "1.5GiB", "-1GB", "1 GB", "1gb", "99999999999TiB"])
    func `other texts are no size`(text: String) {
        #expect(ByteSize.bytes(of: text) == nil)
    }
}
