import FleetModel
import Processes
import Shipping
import Testing

/// An origin that cannot be used, in each of the ways in which it can be told from a busy one.
extension ShipRunTests {
    /// A `git` that answers calls of the origin with these words, and does the others.
    private func gitThatSays(_ words: String, when calls: String, code: Int = 128) throws -> String
    {
        let folder = "\(git.root)/saying"
        try git.run("mkdir", folder)
        try git.run(
            "sh",
            "-c",
            """
            printf '%s\\n' '#!/bin/sh' 'case "$*" in \(calls)) echo "\(words)" >&2; exit \(code);; esac' \
            'exec "\(try Executable.find("git"))" "$@"' > "$1/git"; chmod +x "$1/git"
            """,
            "sh",
            folder
        )
        return "\(folder):\(Executable.searchPath)"
    }

    @Test(arguments: [
        (
            "fatal: unable to access 'https://forge.example/r.git/': Could not resolve host: x",
            ShipRefused.Cause.unreachable,
            "the origin cannot be reached: unable to access"
        ),
        (
            "ssh: connect to host forge.example port 22: Connection timed out",
            .unreachable, "the origin cannot be reached: ssh: connect to host"
        ),
        (
            "git@forge.example: Permission denied (publickey).",
            .forbidden, "this factory has no permission to push there: git@forge.example"
        ),
        (
            "fatal: unable to access 'https://forge.example/': The requested URL returned error: 403",
            .forbidden, "this factory has no permission to push there: unable to access"
        ),
    ])
    func `an origin that cannot be used is told in its own words, and not as a busy target`(
        words: String,
        cause: ShipRefused.Cause,
        sentence: String
    ) throws {
        let candidate = try git.candidate(
            try git.mirror("one"),
            job: job,
            file: "src/b.txt",
            text: "b\n"
        )
        let quoted = words.replacing("'", with: "")
        let path = try gitThatSays(quoted, when: "*push\\ --atomic*")
        let mirror = try git.mirror("two", path: path)
        let result = try ship(candidate, by: mirror, fence: 1)
        guard case .refused(cause, let detail) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(detail[0].hasPrefix(sentence), "\(detail[0])")
        #expect(detail.contains { $0.contains(quoted) })
        #expect(try git.merges() == 0)
    }

    @Test func `an origin that is gone is unreachable`() throws {
        let mirror = try git.mirror("one")
        let candidate = try git.candidate(mirror, job: job, file: "src/b.txt", text: "b\n")
        try git.run("mv", git.origin, "\(git.origin).away")
        let result = try ship(candidate, by: mirror, fence: 1)
        guard case .refused(.unreachable, let detail) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(detail[0].hasPrefix("the origin cannot be reached: "))
    }

    @Test func `a push to the target without permission is refused, after the target was seen`()
        throws
    {
        let candidate = try git.candidate(
            try git.mirror("one"),
            job: job,
            file: "src/b.txt",
            text: "b\n"
        )
        let words = "remote: Permission to owner/r.git denied to bot."
        let path = try gitThatSays(words, when: "*push\\ --atomic*refs/heads/main*")
        let result = try ship(candidate, by: try git.mirror("two", path: path), fence: 1)
        guard case .refused(.pushRefused, let detail) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(detail[0].hasPrefix("this factory has no permission to push there"))
    }

    @Test func `a hook that takes not even the fence is no busy target either`() throws {
        let mirror = try git.mirror("one")
        let candidate = try git.candidate(mirror, job: job, file: "src/b.txt", text: "b\n")
        try git.run(
            "sh",
            "-c",
            "printf '#!/bin/sh\\necho closed >&2; exit 1\\n' > \"$1\"; chmod +x \"$1\"",
            "sh",
            "\(git.origin)/hooks/pre-receive"
        )
        let result = try ship(candidate, by: mirror, fence: 1)
        guard case .refused(.forbidden, let detail) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(detail[0] == "a hook of the origin declined the push: closed")
    }
}
