/// Functions of a file with their lengths, measured by braces.
struct Functions {
    struct Found {
        let start: Int
        let lines: Int
    }

    private(set) var found: [Found] = []

    init(in file: SourceTree.File) {
        var open: [(depth: Int, start: Int)] = []
        var depth = 0
        var waiting: Int?
        for (number, text) in file.code {
            let names = ["func ", " init(", " init?(", " init<", "deinit", " subscript("]
            if names.contains(where: text.contains) { waiting = number }
            for character in text.utf8 {
                if character == UInt8(ascii: "{") {
                    if let start = waiting { open.append((depth, start)) }
                    waiting = nil
                    depth += 1
                } else if character == UInt8(ascii: "}") {
                    depth -= 1
                    if let last = open.last, last.depth == depth {
                        open.removeLast()
                        found.append(Found(start: last.start, lines: number - last.start + 1))
                    }
                }
            }
        }
    }
}
