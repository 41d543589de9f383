import Git
import Testing

@Suite struct TreeTests {
    @Test func `every kind of change is told, with both paths of a rename`() throws {
        let yard = try Yard()
        let commit = try yard.commit(
            on: yard.base,
            "git mv a.txt renamed.txt; chmod +x b.txt; rm dir/c.txt; ln -s x dir/c.txt; ln -s / root"
        )
        let changes = try yard.mirror.diffTrees(yard.base, commit)
        #expect(changes.map(\.pathText) == ["a.txt", "b.txt", "dir/c.txt", "renamed.txt", "root"])
        #expect(changes.map(\.status) == [.deleted, .modified, .typeChanged, .added, .added])
        #expect(changes.map(\.newMode) == [0, 0o100755, 0o120000, 0o100644, 0o120000])
        #expect(changes.map(\.isSymbolicLink) == [false, false, true, false, true])
        #expect(changes.map(\.isModeOnly) == [false, true, false, false, false])
        #expect(changes[0].newObject == nil && changes[3].oldObject == nil)
        #expect(changes[0].oldObject == changes[3].newObject)
    }

    @Test func `paths are bytes: newlines, blanks, quotes and what is not UTF-8`() throws {
        let yard = try Yard()
        let script = """
            n=$(printf 'new\\nline'); echo 1 > "$n"; echo 2 > ' blank '; echo 3 > 'qu"ote'
            b=$(printf 'bad\\377'); echo 4 > "$b"; echo 5 > -dash; echo 6 > ':(top)'
            """
        let commit = try yard.commit(on: yard.base, script)
        let changes = try yard.mirror.diffTrees(yard.base, commit)
        #expect(
            Set(changes.map(\.path)) == [
                Array("new\nline".utf8), Array(" blank ".utf8), Array("qu\"ote".utf8),
                Array("bad".utf8) + [0xFF], Array("-dash".utf8), Array(":(top)".utf8),
            ]
        )
        #expect(changes.filter { !$0.isUTF8 }.count == 1)
        #expect(changes.filter { $0.hazards == [.controlCharacter] }.count == 1)
    }

    @Test(arguments: [
        (".git/config", PathHazard.gitFolder), ("a/.GIT/hooks/x", .gitFolder),
        ("git~1/config", .gitFolder), ("GIT~12", .gitFolder), (".git. /x", .gitFolder),
        (".git::$INDEX_ALLOCATION/x", .gitFolder), (".g\u{200C}it/x", .gitFolder),
        ("a\\.git\\x", .gitFolder), (".gitmodules", .gitModules), ("a/.GitModules", .gitModules),
        ("gitmod~1", .gitModules), (".gitattributes", .gitAttributes),
        ("x/.GITATTRIBUTES ", .gitAttributes), ("../x", .escape), ("a//b", .escape),
    ])
    func `a git name in disguise is found out`(path: String, hazard: PathHazard) {
        #expect(PathHazard.found(in: Array(path.utf8)).contains(hazard))
    }

    @Test(arguments: [
        ".github/x", "git/x", "a.git/x", ".gitignore", "git~x", ".gitkeep", "a b", "…",
    ])
    func `ordinary names are no hazard`(path: String) {
        #expect(PathHazard.found(in: Array(path.utf8)).isEmpty)
    }

    @Test func `a patch is cut at its limit and says so`() throws {
        let yard = try Yard()
        let commit = try yard.commit(on: yard.base, "seq 1 1000 > long")
        let whole = try yard.mirror.patch(yard.base, commit, maxBytes: 100_000)
        #expect(!whole.isCut && String(decoding: whole.bytes, as: UTF8.self).contains("+1000"))
        let cut = try yard.mirror.patch(yard.base, commit, maxBytes: 50)
        #expect(cut.isCut && cut.bytes == Array(whole.bytes.prefix(50)))
    }

    @Test func `a patch id stays the same on another base and differs for another change`() throws {
        let yard = try Yard()
        let one = try yard.commit(on: yard.base, "echo n > n")
        let moved = try yard.commit(on: yard.base, "echo other > o")
        let two = try yard.commit(on: moved, "echo n > n")
        let three = try yard.commit(on: moved, "echo m > n")
        let id = try #require(try yard.mirror.patchID(yard.base, one))
        #expect(try yard.mirror.patchID(moved, two) == id)
        #expect(try yard.mirror.patchID(moved, three) != id)
        #expect(try yard.mirror.patchID(one, one) == nil)
    }

    @Test func `the same input gives the same commit`() throws {
        let yard = try Yard()
        let tree = try yard.mirror.tree(of: yard.base)
        let made = try (0..<2).map { _ in
            try yard.mirror.commitTree(
                tree,
                parents: [yard.base],
                message: "Title\n\nGigafactory-Job: f/job-1\n",
                author: Yard.signature,
                committer: Yard.signature
            )
        }
        #expect(made[0] == made[1])
        #expect(try yard.mirror.parents(of: made[0]) == [yard.base])
    }

    @Test func `a merge is clean, or names what it cannot settle`() throws {
        let yard = try Yard()
        let one = try yard.commit(on: yard.base, "echo mine > a.txt; rm dir/c.txt")
        let apart = try yard.commit(on: yard.base, "echo theirs > b.txt")
        let against = try yard.commit(on: yard.base, "echo theirs > a.txt; echo d > dir/c.txt")
        guard case .clean(let tree) = try yard.mirror.mergeTree(ours: one, theirs: apart) else {
            Issue.record("no conflict expected")
            return
        }
        #expect(
            try yard.mirror.diffTrees(yard.base, tree).map(\.pathText) == [
                "a.txt", "b.txt", "dir/c.txt",
            ]
        )
        guard
            case .conflict(let paths, let words) = try yard.mirror.mergeTree(
                ours: one,
                theirs: against
            )
        else {
            Issue.record("a conflict expected")
            return
        }
        #expect(Set(paths) == ["a.txt", "dir/c.txt"])
        #expect(words.contains("CONFLICT"))
    }

    @Test func `missing things are told apart from broken calls`() throws {
        let yard = try Yard()
        let absent = try #require(ObjectID(String(repeating: "1", count: 40)))
        for call in [
            { _ = try yard.mirror.resolve("no-such") },
            { _ = try yard.mirror.tree(of: absent) },
            { _ = try yard.mirror.diffTrees(yard.base, absent) },
            { _ = try yard.mirror.readBlob(absent) },
            { try yard.mirror.makeClone(of: absent, branch: "x", at: "\(yard.root)/none") },
        ] {
            let fault = #expect(throws: GitFault.self) { try call() }
            #expect(fault?.kind == .missingObject, "\(String(describing: fault))")
        }
        #expect(throws: GitFault.self) { try yard.mirror.resolve("--all") }
        #expect(ObjectID("ABC") == nil && ObjectID(String(repeating: "A", count: 40)) == nil)
    }
}
