import JSONWriting

/// One JSON text on its way.
///
/// A value is written straight behind what is there. Values whose end is not known while their
/// parent goes on (`nestedContainer`) have a writer of their own and are put in when it ends.
final class JSONWriter {
    /// In one piece, since each access to a property of a class is checked when it happens.
    private var text = JSONMembers()
    private var gaps: [Gap] = []

    /// A place where another writer's text belongs.
    private struct Gap {
        /// How many values were open when it was made.
        let depth: Int
        let place: Int
        let writer: JSONWriter
    }

    init(_ form: JSONMembers.Form = .plain) {
        text.open()
        if form != .plain { text.become(form) }
    }

    /// How many members the innermost list or object has.
    var count: Int { text.count }

    func become(_ form: JSONMembers.Form) { text.become(form) }
    func name(_ key: String) { text.name(key) }
    /// Must be called before each element of a list.
    func element() { text.element() }

    func write(_ value: some Encodable) throws {
        switch FoundationForm(value) {
        case .number(let number): return try write(decimal: number)
        case .text(let text): return write(text: text)
        case nil: break
        }
        text.open()
        try value.encode(to: JSONValueEncoder(writer: self))
        close()
    }

    func write(text string: String) { JSONText.append(string, to: &text.bytes) }
    func write(number: some FixedWidthInteger) { JSONText.append(number, to: &text.bytes) }
    func write(word: StaticString) { word.withUTF8Buffer { text.bytes.append(contentsOf: $0) } }
    func write(verbatim string: String) { text.bytes.append(contentsOf: string.utf8) }

    /// Another text that ends here when this one does.
    func nested(_ form: JSONMembers.Form) -> JSONWriter {
        let writer = JSONWriter(form)
        gaps.append(Gap(depth: text.depth, place: text.bytes.count, writer: writer))
        return writer
    }

    /// The whole text; nothing may be written after it.
    func finish() -> [UInt8] {
        while text.depth > 0 { close() }
        return text.bytes
    }

    private func close() {
        // From the last one, so that the places of the others stay true.
        while let gap = gaps.last, gap.depth == text.depth {
            gaps.removeLast()
            let written = gap.writer.finish()
            text.insert(written.isEmpty ? Array("{}".utf8) : written, at: gap.place)
        }
        text.close()
    }
}
