import Coordinator
import Testing

@Suite struct RepositoryFormTests {
    @Test(arguments: [
        "", "-x", "--upload-pack=touch x", "ext::sh -c x", "fd::17", "git://host/x",
        "http://host/x",
        "ftp://host/x", "EXT://host/x", "ssh://-oProxyCommand=x/y", "ssh://a@-x/y", "-x:path",
        "a@-x:path", "ssh:///path", ":path", "relative", "./relative", "../relative", "file://x/y",
        "host\n:path", "https://", "/\u{0}", String(repeating: "/a", count: 2049),
    ])
    func `git is never given what it would read as something else`(url: String) {
        #expect(RepositoryForm.fault(ofURL: url) != nil)
    }

    @Test(arguments: [
        "/srv/shop.git", "/srv/a b:c", "/srv/ext::x", "https://host/x.git", "HTTPS://host/x",
        "https://user@host:8443/x", "ssh://git@host:22/x", "file:///srv/x", "git@host:x/y.git",
        "host:x",
    ])
    func `paths and the three transports are taken`(url: String) {
        #expect(RepositoryForm.fault(ofURL: url) == nil)
    }

    @Test(arguments: [
        "", "-x", "a b", "..", "a..b", "../main", "/a", "a/", "a//b", ".a", "a/.b", "a.", "a.lock",
        "a.lock/b", "a~1", "a^", "a:b", "a?", "a*", "a[", "a\\b", "a@{0}", "@", "HEAD", "a\u{7}",
        String(repeating: "a", count: 256),
    ])
    func `a branch that git does not take is refused`(name: String) {
        #expect(RepositoryForm.fault(ofBranch: name) != nil)
    }

    @Test(arguments: ["main", "release/1.2", "a@b", "ä", "feature-x_y"])
    func `branches as people have them are taken`(name: String) {
        #expect(RepositoryForm.fault(ofBranch: name) == nil)
    }
}
