import FoundationEssentials
import Git
import Glibc
import Processes
import Testing

@Suite struct HandOverTests {
    /// Each agent leaves `new.txt` in one odd way or another; the tree is what counts.
    @Test(arguments: [
        ("untracked", "echo n > new.txt"),
        ("staged", "echo n > new.txt; git add -A"),
        ("committed", "echo n > new.txt; git add -A; git commit -qm mine"),
        ("amended the base", "echo n > new.txt; git add -A; git commit -q --amend -m mine"),
        ("detached", "echo n > new.txt; git add -A; git commit -qm mine; git checkout -q --detach"),
        (
            "another branch",
            "git checkout -q -b other; echo n > new.txt; git add -A; git commit -qm m"
        ),
        ("an orphan branch", "git checkout -q --orphan other; echo n > new.txt"),
        ("a branch without commit", "echo n > new.txt; echo 'ref: refs/heads/none' > .git/HEAD"),
        ("a lock left over", "echo n > new.txt; touch .git/index.lock .git/HEAD.lock"),
        ("a broken index", "echo n > new.txt; echo rubbish > .git/index"),
        ("a broken config", "echo n > new.txt; echo '[[[' > .git/config"),
        ("a broken HEAD", "echo n > new.txt; echo rubbish > .git/HEAD"),
        ("a moved work tree", "echo n > new.txt; git config core.worktree /usr"),
        ("said to be bare", "echo n > new.txt; git config core.bare true"),
        ("assumed unchanged", "echo n > new.txt; git update-index --assume-unchanged a.txt"),
        (
            "ignored things too",
            "echo n > new.txt; mkdir ignored; echo i > ignored/x; echo l > y.log"
        ),
    ])
    func `the files count, whatever state the agent leaves git in`(
        _ name: String,
        script: String
    ) throws {
        let yard = try Yard()
        let clone = try yard.clone()
        try Yard.shell(script, in: clone)
        let result = try yard.handOver(clone)
        let changes = try yard.mirror.diffTrees(yard.base, result)
        #expect(changes.map(\.pathText) == ["new.txt"])
        #expect(changes.map(\.status) == [.added])
        #expect(try yard.mirror.parents(of: result) == [yard.base])
    }

    @Test func `no change gives the same tree`() throws {
        let yard = try Yard()
        let result = try yard.handOver(yard.clone())
        #expect(try yard.mirror.tree(of: result) == yard.mirror.tree(of: yard.base))
    }

    @Test func `a file that the agent committed against the ignore rules is kept`() throws {
        let yard = try Yard()
        let clone = try yard.clone()
        try Yard.shell("echo l > kept.log; git add -f kept.log; git commit -qm m", in: clone)
        let changes = try yard.mirror.diffTrees(yard.base, yard.handOver(clone))
        #expect(changes.map(\.pathText) == ["kept.log"])
    }

    @Test(arguments: [
        ("rm -rf .git", HandOver.Failure.noRepository),
        ("rm -rf .git; echo gitdir: /etc > .git", .noRepository),
        (
            "chmod -R u+w .git; find .git/objects -type f -exec sh -c 'echo x > $1' - {} \\;",
            .damagedObjects
        ),
        ("rm -rf .git/objects/??; rm -f .git/objects/pack/*", .damagedObjects),
        ("mkdir nested; git init -q nested; echo n > nested/n", .cannotStage),
    ])
    func `what cannot be handed over has a name`(
        script: String,
        failure: HandOver.Failure
    ) throws {
        let yard = try Yard()
        let clone = try yard.clone()
        try Yard.shell(script, in: clone)
        let done = try yard.runHandOver(clone, bundle: "\(yard.root)/out")
        #expect(done.exit == .code(failure.rawValue), "\(done.errorOutput.text)")
    }

    @Test func `a nested repository is a gitlink and is seen as one`() throws {
        let yard = try Yard()
        let clone = try yard.clone()
        let script = "git init -q nested; cd nested; echo n > n; git add n; git commit -qm n"
        try Yard.shell(script, in: clone)
        let changes = try yard.mirror.diffTrees(yard.base, yard.handOver(clone))
        #expect(changes.map(\.isGitlink) == [true])
    }

    @Test func `a secret that the agent added and removed is not among the objects`() throws {
        let yard = try Yard()
        let clone = try yard.clone()
        try Yard.shell(
            """
            echo canary > secret; git add -A; git commit -qm one
            git rm -q secret; echo n > new.txt; git add -A; git commit -qm two
            """,
            in: clone
        )
        let secret = try Yard.shell("echo canary | git hash-object --stdin", in: clone).dropLast()
        let result = try yard.handOver(clone)
        let objects = try yard.mirror.objects(from: yard.base, to: result)
        #expect(objects.count == 3, "commit, tree and one blob")
        #expect(!objects.map(\.hex).contains(String(secret)))
        #expect(try !yard.mirror.has(#require(ObjectID(secret))))
    }

    @Test(arguments: [
        "echo rubbish > out", "ln -sf /etc/passwd out", "rm -f out; mkfifo out",
        "printf '# v2 git bundle\\n\\nPACK' > out", "rm -f out; mkdir out",
        "head -c 3000 /dev/zero > out", "rm -f out",
        "git -C clone bundle create -q ../out HEAD",
        "head -c 300 good > out", "sed 's/refs.giga.result/refs.heads.main/' good > out",
    ])
    func `a forged bundle is refused and the mirror stays sound`(script: String) throws {
        let yard = try Yard()
        let clone = try yard.clone()
        try Yard.shell("echo n > new.txt; git add -A; git commit -qm m", in: clone)
        let good = try yard.runHandOver(clone, bundle: "\(yard.root)/good")
        #expect(good.exit.isSuccess)
        try Yard.shell(script, in: yard.root)
        let fault = #expect(throws: GitFault.self) {
            try yard.mirror.importBundle(
                "\(yard.root)/out",
                base: yard.base,
                quarantine: "refs/giga/quarantine/x"
            )
        }
        #expect(fault?.kind == .unsound, "\(String(describing: fault))")
        try yard.mirror.fsck()
        #expect(try yard.mirror.refs(below: "refs/giga").isEmpty)
    }

    @Test func `a tree with a disguised git folder does not pass the check of objects`() throws {
        let yard = try Yard()
        let clone = try yard.clone()
        try Yard.shell(
            """
            blob=$(echo evil | git hash-object -w --stdin)
            inner=$(printf "100644 blob $blob\\tconfig\\n" | git mktree)
            tree=$(printf "040000 tree $inner\\t.GIT\\n" | git mktree)
            commit=$(git commit-tree $tree -p \(yard.base) -m evil)
            git update-ref refs/giga/result $commit
            git bundle create -q ../out refs/giga/result ^\(yard.base)
            """,
            in: clone
        )
        let fault = #expect(throws: GitFault.self) {
            try yard.mirror.importBundle(
                "\(yard.root)/out",
                base: yard.base,
                quarantine: "refs/giga/quarantine/x"
            )
        }
        #expect(fault?.kind == .unsound, "\(String(describing: fault))")
    }

    @Test func `a submodule that names a program does not pass either`() throws {
        let yard = try Yard()
        let clone = try yard.clone()
        let module = "[submodule \"s\"]\npath = s\nurl = https://localhost/x\nupdate = !evil\n"
        try module.write(toFile: "\(clone)/.gitmodules", atomically: false, encoding: .utf8)
        let fault = #expect(throws: GitFault.self) { try yard.handOver(clone) }
        #expect(fault?.kind == .unsound)
    }

    @Test(.enabled(if: Sandbox.availability() == .available, "bubblewrap is not usable here"))
    func `the hand-over works from inside a sandbox that sees only the clone`() throws {
        let yard = try Yard()
        let clone = try yard.clone()
        try Yard.shell("mkdir home out; echo n > clone/new.txt", in: yard.root)
        let sandbox = Sandbox(
            home: .writable("\(yard.root)/home", at: "/home/agent"),
            binds: [.writable(clone), .writable("\(yard.root)/out")],
            folder: clone
        )
        let command = HandOver.command(clone: clone, base: yard.base, bundle: "\(yard.root)/out/b")
        let inside = try sandbox.wrap(Invocation(command[0], Array(command.dropFirst())))
        let done = try ChildProcess.run(inside, deadline: .seconds(60))
        #expect(done.exit == .code(0), "\(done.errorOutput.text)")
        let result = try yard.mirror.importBundle(
            "\(yard.root)/out/b",
            base: yard.base,
            quarantine: "refs/giga/quarantine/job-1.1"
        )
        #expect(try yard.mirror.diffTrees(yard.base, result).map(\.pathText) == ["new.txt"])
    }

    @Test func `a bundle over the limit is refused`() throws {
        let yard = try Yard()
        let clone = try yard.clone()
        try Yard.shell("head -c 200000 /dev/urandom > big", in: clone)
        _ = try yard.runHandOver(clone, bundle: "\(yard.root)/out")
        for (limit, fits) in [(100_000, false), (400_000, true)] {
            let result = Result {
                try yard.mirror.importBundle(
                    "\(yard.root)/out",
                    base: yard.base,
                    quarantine: "refs/giga/quarantine/x",
                    maxBytes: limit
                )
            }
            #expect(((try? result.get()) != nil) == fits)
        }
    }
}
