import Glibc
import Testing

@testable import GigaCommands

@Suite struct FilesTests {
    @Test func `a file where a folder is needed is named`() throws {
        let folder = try Files.makeTemporaryFolder("files-test")
        defer { Files.remove(folder) }
        try Files.write([65], to: folder + "/a")
        let fault = #expect(throws: CommandFault.self) {
            try Files.makeFolder(folder + "/a/b/c")
        }
        #expect(fault?.code == "file.no-folder")
        #expect(fault?.what == "\(folder)/a/b/c cannot be made")
        #expect(fault?.why == "\(folder)/a is a file, where a folder is needed")
    }

    /// Words of the system, never those of a library.
    @Test func `a place that takes nothing says why in the words of the system`() {
        let fault = #expect(throws: CommandFault.self) {
            try Files.makeFolder("/proc/nothing/here")
        }
        #expect(fault?.why.contains("/proc/nothing: ") == true)
        #expect(fault?.why.contains("Error Domain") == false)
        let file = #expect(throws: CommandFault.self) {
            try Files.write([65], to: "/nowhere/at/all")
        }
        #expect(file?.why == "No such file or directory")
        #expect(file?.hint.contains("--data") == true)
    }

    @Test func `a folder is made with all above it, and once more without harm`() throws {
        let folder = try Files.makeTemporaryFolder("files-test")
        defer { Files.remove(folder) }
        try Files.makeFolder(folder + "/a/b/c/")
        try Files.makeFolder(folder + "/a/b/c")
        #expect(Files.isFolder(folder + "/a/b/c"))
    }

    @Test func `a file takes another's place, and a folder's place it cannot take`() throws {
        let folder = try Files.makeTemporaryFolder("files-test")
        defer { Files.remove(folder) }
        try Files.write([65], to: folder + "/old")
        try Files.write([66], to: folder + "/new")
        try Files.rename(folder + "/new", to: folder + "/old")
        #expect(Files.read(folder + "/old") == [66])
        try Files.makeFolder(folder + "/place")
        #expect(throws: CommandFault.self) {
            try Files.rename(folder + "/old", to: folder + "/place")
        }
    }
}

@Suite struct MachineChecksTests {
    private func finding(_ check: String, _ environment: [String: String]) -> MachineChecks.Finding?
    {
        MachineChecks.findings(Captured(environment, folder: "/tmp").shop).first {
            $0.check == check
        }
    }

    /// A folder that is made when it is needed has the room of the disk that it will be on.
    @Test(arguments: ["/tmp/none/such/folder", "none/such", "/tmp/none/"])
    func `a data folder that is not there yet has room`(folder: String) throws {
        let disk = try #require(finding("disk", ["GIGA_DATA": folder]))
        #expect(!disk.detail.hasPrefix("0 MiB"))
        #expect(finding("data", ["GIGA_DATA": folder])?.detail.contains("made when") == true)
    }

    @Test func `a data folder below a file is a problem with a fix`() throws {
        let data = try #require(finding("data", ["GIGA_DATA": "/dev/null/giga"]))
        #expect(!data.isFine)
        #expect(data.fix?.contains("GIGA_DATA") == true)
    }

    @Test func `a wrong setting is a finding of its own`() throws {
        let wrong = try #require(finding("configuration", ["GIGA_LEASE": "soon"]))
        #expect(!wrong.isFine)
        #expect(wrong.detail.contains("GIGA_LEASE"))
    }

    @Test func `every problem has a fix`() {
        let all = MachineChecks.findings(Captured(["PATH": "/nowhere"], folder: "/tmp").shop)
        for item in all where !item.isFine { #expect(item.fix?.isEmpty == false, "\(item.check)") }
        #expect(all.contains { $0.check == "agents" && !$0.isFine })
    }
}
