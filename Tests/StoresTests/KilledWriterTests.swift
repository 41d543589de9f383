import FleetPorts
import Foundation
import Glibc
import Stores
import Testing

@Suite struct KilledWriterTests {
    /// One store all the way through, so that each kill also hits the recovery of the one before.
    @Test func `every acknowledged batch survives twenty kills`() throws {
        let folder = try ScratchFolder()
        var acknowledged: UInt64 = 0
        for round in 1...20 {
            let lines = try killedAfter(lines: .random(in: 1...80), writingTo: folder.data)
            let printed = lines.compactMap { UInt64($0) }
            try #require(printed.count == lines.count && printed == printed.sorted())
            try #require(try #require(printed.first) > acknowledged, "it began behind the end")

            let reader = try SQLiteReader(folder: folder.data)
            let last = try TortureEvidence.lastPosition(of: reader)
            let newest = try #require(printed.last)
            #expect(last >= newest, "round \(round) lost \(newest), stored is \(last)")
            #expect(reader.identity.epoch == UInt64(round))
            for position in printed {
                let batch = try reader.batches(from: position, limit: 1).first
                #expect(batch?.lastPosition == position)
            }
            acknowledged = last
        }
    }

    @Test func `the lock of a killed process holds nobody up`() throws {
        let folder = try ScratchFolder()
        _ = try killedAfter(lines: 1, writingTo: folder.data)
        #expect(folder.read("giga.lock")?.isEmpty == false, "the dead one's pid is still there")
        #expect(try SQLiteStore(folder: folder.data).identity.epoch == 2)
    }

    /// Starts the writer, kills it a random moment after so many lines; all that it got out.
    private func killedAfter(lines: Int, writingTo folder: String) throws -> [Substring] {
        let child = Process()
        child.executableURL = try Self.tool()
        child.arguments = [folder]
        let output = Pipe()
        child.standardOutput = output
        try child.run()
        var text = Data()
        while text.count(where: { $0 == UInt8(ascii: "\n") }) < lines {
            let more = output.fileHandleForReading.availableData
            try #require(!more.isEmpty, "the writer ended by itself")
            text += more
        }
        // Where in a commit the kill lands is to be random: this waits for nothing.
        usleep(.random(in: 0...3_000))
        kill(child.processIdentifier, SIGKILL)
        text += output.fileHandleForReading.readDataToEndOfFile()
        child.waitUntilExit()
        #expect(child.terminationReason == .uncaughtSignal)
        return String(decoding: text, as: UTF8.self).split(separator: "\n")
    }

    /// Built beside the tests.
    private static func tool() throws -> URL {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let tool = URL(filePath: tests).deletingLastPathComponent().appending(path: "store-torture")
        try #require(FileManager.default.isExecutableFile(atPath: tool.path()))
        return tool
    }
}
