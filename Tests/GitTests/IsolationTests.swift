import FoundationEssentials
import Git
import Glibc
import Processes
import Testing

@Suite struct IsolationTests {
    @Test func `a clone shares no file with the mirror, and knows neither remote nor alternate`()
        throws
    {
        let yard = try Yard()
        let clone = try yard.clone()
        let list =
            "find mirror.git -type f -printf '%i\\n' | sort -u > m; "
            + "find clone -type f -printf '%i\\n' | sort -u > c; wc -l < c; comm -12 m c | wc -l"
        let counts = try Yard.shell(list, in: yard.root).split(separator: "\n").compactMap {
            Int($0)
        }
        #expect(counts.count == 2 && counts[0] > 5 && counts[1] == 0)
        #expect(try Yard.shell("git remote; ls .git/hooks 2>/dev/null || true", in: clone).isEmpty)
        #expect(access("\(clone)/.git/objects/info/alternates", F_OK) != 0)
        #expect(try Yard.shell("git branch --show-current", in: clone) == "giga/f/job-1/1\n")
        #expect(try Yard.shell("git status --porcelain", in: clone).isEmpty)
        #expect(try !Yard.shell("cat .git/config", in: clone).contains("mirror"))
    }

    @Test func `a clone has only its own history`() throws {
        let yard = try Yard()
        let other = try yard.commit(on: yard.base, "echo other > o")
        let clone = try yard.clone()
        let done = try ChildProcess.run(
            Invocation(
                "git",
                ["cat-file", "-e", other.hex],
                environment: ["PATH": Executable.searchPath],
                folder: clone
            ),
            deadline: .seconds(20)
        )
        #expect(!done.exit.isSuccess)
    }

    @Test func `an agent that scribbles over all it can reach does not reach the mirror`() throws {
        let yard = try Yard()
        let clone = try yard.clone()
        try Yard.shell(
            "chmod -R u+w .git; find .git -type f -exec sh -c 'echo scribble > \"$1\"' - {} \\;",
            in: clone
        )
        try yard.mirror.fsck()
        #expect(try yard.mirror.file("a.txt", at: yard.base) == Array("one\n".utf8))
    }

    @Test func `scribbling in the mirror itself is noticed`() throws {
        let yard = try Yard()
        try Yard.shell(
            "chmod -R u+w .; find objects -type f -name '[0-9a-f]*' "
                + "-exec sh -c 'echo scribble > \"$1\"' - {} \\; ; "
                + "find objects -name '*.pack' -exec sh -c 'echo x >> \"$1\"' - {} \\;",
            in: yard.mirror.path
        )
        #expect(throws: GitFault.self) { try yard.mirror.fsck() }
    }

    /// Ways in which a repository makes git run a program: each leaves a marker when it works.
    private static let routes: [(name: String, script: String)] = [
        ("fsmonitor", "git config core.fsmonitor $EVIL"),
        (
            "hooks",
            "mkdir -p .git/hooks; for h in pre-commit post-checkout post-commit pre-push "
                + "reference-transaction post-index-change pre-receive update post-update "
                + "push-to-checkout fsmonitor-watchman; do cp $EVIL .git/hooks/$h; done"
        ),
        ("a hooks path", "mkdir h; cp $EVIL h/pre-commit; git config core.hooksPath $PWD/h"),
        (
            "external diff",
            "git config diff.external $EVIL; echo '* diff=e' > .gitattributes; git config diff.e.command $EVIL"
        ),
        ("text conversion", "echo '* diff=e' > .gitattributes; git config diff.e.textconv $EVIL"),
        (
            "filters",
            "echo '* filter=e' > .gitattributes; git config filter.e.clean $EVIL; "
                + "git config filter.e.smudge $EVIL; git config filter.e.process $EVIL; echo z > a.txt"
        ),
        ("merge driver", "echo '* merge=e' > .gitattributes; git config merge.e.driver $EVIL"),
        ("signing", "git config commit.gpgSign true; git config gpg.program $EVIL"),
        (
            "ssh command",
            "git config core.sshCommand $EVIL; git remote add origin ssh://localhost/x"
        ),
        (
            "rewritten address",
            "git config url.ext::$EVIL.insteadOf /; git config protocol.ext.allow always"
        ),
        ("pack objects hook", "git config uploadpack.packObjectsHook $EVIL"),
        ("credential helper", "git config credential.helper \"!$EVIL\""),
        (
            "ask pass and editor",
            "git config core.askPass $EVIL; git config core.editor $EVIL; git config core.pager $EVIL"
        ),
        ("alternate refs", "git config core.alternateRefsCommand $EVIL"),
        (
            "included configuration",
            "printf '[core]\\nfsmonitor = %s\\n' $EVIL > inc; git config include.path ../inc"
        ),
        (
            "nested repository with its own monitor",
            "git init -q n; git -C n commit -q --allow-empty -m n; git add n; git commit -qm n; echo z > n/z; "
                + "git -C n config core.fsmonitor $EVIL"
        ),
        (
            "submodule",
            "printf '[submodule \"s\"]\\npath = s\\nurl = ext::%s\\n' $EVIL > .gitmodules"
        ),
        ("aliases", "git config alias.diff-tree \"!$EVIL\"; git config alias.fetch \"!$EVIL\""),
        (
            "LFS filter",
            "echo '* filter=lfs' > .gitattributes; git config filter.lfs.clean $EVIL; git config filter.lfs.smudge $EVIL; git config filter.lfs.required true"
        ),
        ("replaced objects", "git commit -q --allow-empty -m r; git replace -f HEAD HEAD~1"),
        ("work tree moved", "git config core.worktree /; git config core.fsmonitor $EVIL"),
        (
            "trace to a program",
            "git config trace2.eventTarget $MARK; git config trace2.normalTarget $MARK"
        ),
    ]

    @Test(arguments: routes.indices)
    func `no attack route runs anything on the host`(_ index: Int) throws {
        let (name, script) = Self.routes[index]
        let yard = try Yard()
        let clone = try yard.clone()
        let (evil, mark) = ("\(yard.root)/evil", "\(yard.root)/marker")
        try Yard.shell(
            "printf '#!/bin/sh\\ntouch \(mark)\\ncat\\n' > \(evil); chmod +x \(evil)",
            in: yard.root
        )
        try Yard.shell("EVIL=\(evil) MARK=\(mark); \(script); echo n > new.txt", in: clone)
        // Poisoning itself may have set the trap off; from here on nothing may.
        unlink(mark)

        let result = try yard.handOver(clone)
        #expect(access(mark, F_OK) != 0, "\(name): hand-over")
        let mirror = yard.mirror
        _ = try mirror.diffTrees(yard.base, result)
        _ = try mirror.patch(yard.base, result, maxBytes: 10_000)
        _ = try mirror.patchID(yard.base, result)
        let mine = try mirror.commitTree(
            mirror.tree(of: result),
            parents: [yard.base],
            message: "m",
            author: Yard.signature,
            committer: Yard.signature
        )
        _ = try mirror.mergeTree(ours: mine, theirs: yard.base)
        try mirror.exportTree(mine, to: "\(yard.root)/export")
        try mirror.makeClone(of: mine, branch: "verify", at: "\(yard.root)/verify")
        try mirror.push([RefUpdate("refs/heads/giga/x", from: nil, to: mine)])
        // The clone as a fetch source and as a person's repository.
        let poisoned = try Mirror.open(at: "\(yard.root)/second.git", of: clone)
        _ = try? poisoned.fetch()
        _ = try? poisoned.remoteRefs(["HEAD"])
        let person = try? UserRepository(at: clone)
        _ = try? person?.checkedOutBranches()
        _ = try? person?.makeBareOrigin(at: "\(yard.root)/third.git")
        #expect(access(mark, F_OK) != 0, "\(name)")
    }

    @Test func `the routes are real: careless git runs them`() throws {
        let yard = try Yard()
        let clone = try yard.clone()
        let (evil, mark) = ("\(yard.root)/evil", "\(yard.root)/marker")
        try Yard.shell(
            "printf '#!/bin/sh\\ntouch \(mark)\\ncat\\n' > \(evil); chmod +x \(evil)",
            in: yard.root
        )
        for (name, use) in [
            ("fsmonitor", "git status"), ("filters", "git add -A"),
            ("external diff", "echo q >> a.txt; git diff"),
        ] {
            let script = try #require(Self.routes.first { $0.name == name }?.script)
            try Yard.shell("EVIL=\(evil) MARK=\(mark); \(script)", in: clone)
            unlink(mark)
            _ = try? Yard.shell(use, in: clone)
            #expect(access(mark, F_OK) == 0, "\(name)")
        }
    }

    @Test(arguments: [
        "--upload-pack=touch /tmp/x", "ext::sh -c touch% /tmp/x", "-x", "", "a\nb", "fd::17",
    ])
    func `an address that is an option or a program is refused`(url: String) {
        let fault = #expect(throws: GitFault.self) {
            try Mirror.open(at: "/var/tmp/giga-never/m.git", of: url)
        }
        #expect(fault?.kind == .refused)
    }

    @Test(arguments: [
        "-all", "refs/heads/a..b", "refs/heads/a b", "main", "refs/heads/.x", "refs/heads/x.lock",
        "refs/heads/a:b",
    ])
    func `a ref name that git could misread is refused`(ref: String) throws {
        let yard = try Yard()
        let fault = #expect(throws: GitFault.self) {
            try yard.mirror.push([RefUpdate(ref, from: nil, to: yard.base)])
        }
        #expect(fault?.kind == .refused)
    }

    @Test func `an export has the files, their modes and links, and no git folder`() throws {
        let yard = try Yard()
        let commit = try yard.commit(
            on: yard.base,
            "echo s > run.sh; chmod +x run.sh; ln -s /etc/passwd link; printf 'a\\r\\n' > crlf"
        )
        let folder = "\(yard.root)/export"
        try yard.mirror.exportTree(commit, to: folder)
        #expect(
            try Yard.shell(
                "find . -name '.git*' | sort; test -x run.sh; readlink link; od -c crlf | head -1",
                in: folder
            )
                == "./.gitignore\n/etc/passwd\n0000000   a  \\r  \\n\n"
        )
        let fault = #expect(throws: GitFault.self) {
            try yard.mirror.exportTree(commit, to: folder)
        }
        #expect(fault?.kind == .refused, "a folder with something in it is not written to")
    }
}
