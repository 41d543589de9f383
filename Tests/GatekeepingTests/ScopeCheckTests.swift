import FleetModel
import Gatekeeping
import Testing

@Suite struct ScopeCheckTests {
    private func check(_ scopes: [[String]], protected: [String] = []) throws -> ScopeCheck {
        ScopeCheck(
            scopes: try scopes.map { try $0.map { try Glob(parsing: $0) } },
            protected: try protected.map { try Glob(parsing: $0) }
        )
    }

    private func change(
        _ path: String,
        from old: UInt32 = 0o100644,
        to new: UInt32 = 0o100644,
        _ dangers: Set<PathDanger> = []
    ) -> ChangedPath {
        ChangedPath(path: Array(path.utf8), oldMode: old, newMode: new, dangers: dangers)
    }

    @Test func `a path outside is named, and the ones inside are not`() throws {
        let offences = try check([["src/**", "tests/**"]])
            .offences(in: [change("src/a.sh"), change("README.md"), change("tests/x/y.sh")])
        #expect(offences == [ScopeOffence(path: "README.md", reason: .outsideScope)])
    }

    @Test func `a rename out of the scope offends by the path that went away`() throws {
        let offences = try check([["src/**"]])
            .offences(in: [change("docs/a", to: 0), change("src/a", from: 0)])
        #expect(offences.map(\.path) == ["docs/a"])
    }

    @Test func `every list must allow a path, so a job cannot widen its profile`() throws {
        let scope = try check([["src/**"], ["**"]])
        #expect(scope.offences(in: [change("ci.yml")]).count == 1)
        #expect(scope.offences(in: [change("src/ci.yml")]).isEmpty)
    }

    @Test func `without globs every plain path is allowed`() throws {
        #expect(try check([]).offences(in: [change("anything/at all")]).isEmpty)
    }

    @Test func `case tricks neither widen a scope nor pass by a protection`() throws {
        let scope = try check([["src/**", "SRC/**"]], protected: ["src/policy/**"])
        #expect(try check([["src/**"]]).offences(in: [change("SRC/a")]).count == 1)
        #expect(scope.offences(in: [change("SRC/Policy/a")]).map(\.reason) == [.protected])
    }

    @Test(arguments: [
        (UInt32(0), UInt32(0o120000), ScopeOffence.Reason.symbolicLink),
        (0o100644, 0o120000, .symbolicLink),
        (0, 0o160000, .gitlink),
        (0o160000, 0, .gitlink),
        (0, 0o100600, .oddMode),
    ])
    func `links, repositories and odd modes are refused inside the scope too`(
        old: UInt32,
        new: UInt32,
        reason: ScopeOffence.Reason
    ) throws {
        let offences = try check([["src/**"]]).offences(in: [change("src/a", from: old, to: new)])
        #expect(offences.map(\.reason) == [reason])
    }

    @Test func `removing a link, and making a file a program, are changes like any other`() throws {
        let scope = try check([["src/**"]])
        #expect(scope.offences(in: [change("src/a", from: 0o120000, to: 0)]).isEmpty)
        #expect(scope.offences(in: [change("src/a", to: 0o100755)]).isEmpty)
    }

    @Test(arguments: PathDanger.allCases)
    func `what a checkout could take for git's own is refused everywhere`(danger: PathDanger) throws
    {
        let offences = try check([]).offences(in: [change("a", [danger])])
        #expect(offences.map(\.reason) == [.hazard(danger)])
    }

    @Test func `a name that is not text matches no glob and is shown without its bytes`() throws {
        let odd = ChangedPath(path: [0x61, 0xFF, 0x1B], oldMode: 0, newMode: 0o100644)
        let offences = try check([["**"]]).offences(in: [odd])
        #expect(offences.map(\.reason) == [.hazard(.notUTF8)])
        #expect(offences[0].path.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }
}
