private import CYAML

/// Something in a YAML text that we do not take.
package struct YAMLFault: Error, Hashable, Sendable {
    package let mark: Mark
    package let message: String
    package let hint: String?
    /// The text is no YAML at all, as opposed to YAML that we refuse; nothing after it was read.
    package let isSyntax: Bool

    package init(_ mark: Mark, _ message: String, hint: String? = nil, isSyntax: Bool = false) {
        self.mark = mark
        self.message = message
        self.hint = hint
        self.isSyntax = isSyntax
    }
}

/// One YAML document as a tree of texts, and everything in it that is refused.
///
/// libyaml reads it; here its events become nodes. Refused are anchors, aliases, tags, a second
/// document, duplicate keys, values over 64 KiB, control characters and nesting over 8.
package struct YAMLDocument: Sendable {
    package static let deepest = 8
    package static let longestValue = 65_536

    /// Nil when the text holds no value at all, or none that could be read.
    package let root: YAMLNode?
    package let faults: [YAMLFault]

    /// Reads strict UTF-8; never fails otherwise than by `faults`.
    package init(parsing bytes: [UInt8]) {
        // libyaml wants an address, which an empty array need not have.
        let input = bytes.isEmpty ? [UInt8(ascii: "\n")] : bytes
        var builder = YAMLBuilder()
        input.withUnsafeBufferPointer { Self.feed($0, to: &builder) }
        root = builder.root
        faults = builder.faults
    }

    private static func feed(_ input: UnsafeBufferPointer<UInt8>, to builder: inout YAMLBuilder) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        defer { parser.deallocate() }
        guard yaml_parser_initialize(parser) == 1 else {
            return builder.stop(YAMLFault(.start, "there is not enough memory to read this"))
        }
        defer { yaml_parser_delete(parser) }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
        var event = yaml_event_t()
        while !builder.isDone {
            guard yaml_parser_parse(parser, &event) == 1 else {
                return builder.stop(syntaxFault(of: parser.pointee, in: input))
            }
            deliver(event, to: &builder)
            yaml_event_delete(&event)
        }
    }

    private static func deliver(_ event: yaml_event_t, to builder: inout YAMLBuilder) {
        let mark = Mark(event.start_mark)
        switch event.type {
        case YAML_DOCUMENT_START_EVENT: builder.startDocument(at: mark)
        case YAML_STREAM_END_EVENT: builder.endStream()
        case YAML_ALIAS_EVENT:
            builder.alias(named: text(event.data.alias.anchor), at: mark)
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            builder.refuse(anchor: scalar.anchor != nil, tag: scalar.tag.map(text), at: mark)
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            builder.scalar(
                String(decoding: bytes, as: UTF8.self),
                style(of: scalar.style),
                at: mark
            )
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            builder.refuse(anchor: start.anchor != nil, tag: start.tag.map(text), at: mark)
            builder.open(.sequence, isFlow: start.style == YAML_FLOW_SEQUENCE_STYLE, at: mark)
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            builder.refuse(anchor: start.anchor != nil, tag: start.tag.map(text), at: mark)
            builder.open(.mapping, isFlow: start.style == YAML_FLOW_MAPPING_STYLE, at: mark)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: builder.close()
        default: break
        }
    }

    private static func syntaxFault(
        of parser: yaml_parser_t,
        in input: UnsafeBufferPointer<UInt8>
    ) -> YAMLFault {
        if let line = conflict(in: input) {
            return YAMLFault(
                Mark(line: line, column: 1),
                "this line begins with <<<<<<<; expected YAML",
                hint: "a merge conflict was left here: keep one side, and remove its marks",
                isSyntax: true
            )
        }
        let isReader = parser.error == YAML_READER_ERROR || parser.error == YAML_MEMORY_ERROR
        let mark = Mark(isReader ? parser.mark : parser.problem_mark)
        let problem = parser.problem.map { String(cString: $0) } ?? "it cannot be read"
        let context = parser.context.map { String(cString: $0) }
        return YAMLSyntax.fault(
            problem: problem,
            at: mark,
            seen: rest(of: input, from: mark),
            line: rest(of: input, from: Mark(line: mark.line, column: 1)),
            context: context,
            from: Mark(parser.context_mark)
        )
    }

    /// The line where git left both sides of a conflict.
    private static func conflict(in input: UnsafeBufferPointer<UInt8>) -> Int? {
        let lines = input.split(separator: 0x0A, omittingEmptySubsequences: false)
        return lines.firstIndex { $0.starts(with: Array("<<<<<<< ".utf8)) }.map { $0 + 1 }
    }

    /// What stands on a line from a place on.
    private static func rest(of input: UnsafeBufferPointer<UInt8>, from mark: Mark) -> String {
        let lines = input.split(separator: 0x0A, omittingEmptySubsequences: false)
        guard lines.indices.contains(mark.line - 1) else { return "" }
        let line = String(decoding: lines[mark.line - 1], as: UTF8.self).unicodeScalars
        return String(String.UnicodeScalarView(line.dropFirst(mark.column - 1)))
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String {
        pointer.map { String(cString: $0) } ?? ""
    }

    private static func style(of style: yaml_scalar_style_t) -> YAMLNode.Style {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE: .literal
        case YAML_FOLDED_SCALAR_STYLE: .folded
        default: .plain
        }
    }
}

extension Mark {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}
