import FleetModel
import GitTesting
import Glibc
import Testing

@testable import FactoryAgent

/// What goes from the shelf, in which order: whoever is killed on the way leaves nothing half whole.
@Suite struct PreparedShelfTests {
    private let place: OriginFolder
    private let shelf: String

    init() throws {
        place = try OriginFolder()
        shelf = "\(place.root)/prepared"
    }

    /// A folder that counts as ready, with more beside the mark than any order hides by chance.
    private func makeEntry(_ key: String, age: String) throws {
        let script = """
            mkdir -p "$1" && cd "$1" && for n in $(seq 40); do mkdir "d$n"; echo x > "f$n"; done
            echo 10 > ready && touch -d "$2" ready
            """
        try place.run(["sh", "-c", script, "sh", "\(shelf)/\(key)", age])
    }

    /// The names that went from a folder, in the order in which the kernel saw them go.
    private func namesGone(from folder: String, while body: () -> Void) throws -> [String] {
        let watch = inotify_init1(O_NONBLOCK)
        try #require(watch >= 0)
        defer { close(watch) }
        try #require(inotify_add_watch(watch, folder, UInt32(IN_DELETE)) >= 0)
        body()
        var names: [String] = []
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = read(watch, &bytes, bytes.count), count > 0 {
            var at = 0
            while at < count {
                let length = bytes.withUnsafeBytes {
                    Int($0.loadUnaligned(fromByteOffset: at + 12, as: UInt32.self))
                }
                let name = bytes[(at + 16)..<(at + 16 + length)].prefix { $0 != 0 }
                if length > 0 { names.append(String(decoding: name, as: UTF8.self)) }
                at += 16 + length
            }
        }
        return names
    }

    @Test func `what makes room loses its mark before anything else`() throws {
        try makeEntry("aa", age: "1 hour ago")
        let names = try namesGone(from: "\(shelf)/aa") {
            PreparedShelf(path: shelf, mostBytes: 0).trim()
        }
        #expect(names.count == 81)
        #expect(names.first == "ready")
        #expect(FileTree.names(in: shelf).isEmpty)
    }

    @Test func `what nobody used for long loses its mark before anything else`() throws {
        try makeEntry("aa", age: "15 days ago")
        try makeEntry("bb", age: "13 days ago")
        let names = try namesGone(from: "\(shelf)/aa") { PreparedShelf(path: shelf).prune() }
        #expect(names.count == 81)
        #expect(names.first == "ready")
        #expect(FileTree.names(in: shelf) == ["bb"])
    }
}
