public import JSONWriting

// What JSON holds as one text or number, or as one of several cases, read without a decoder.

extension Instant: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        self.init(milliseconds: try json.integer())
    }
}

extension Timespan: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        self.init(milliseconds: try json.integer())
        guard Self.carried.contains(milliseconds) else { throw JSONMismatch() }
    }
}

extension JobID: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        guard let id = JobID(text: try json.string()) else { throw JSONMismatch() }
        self = id
    }
}

extension FactoryID: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) { name = try json.string() }
}

extension Principal: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        self.init(coded: try json.string())
    }
}

extension Requirement: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        guard let own = try? Requirement(parsing: json.string()) else { throw JSONMismatch() }
        self = own
    }
}

extension Glob: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        guard let own = try? Glob(parsing: json.string()) else { throw JSONMismatch() }
        self = own
    }
}

extension Preference: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        self = try json.only { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "factory": .factory(try json.associated())
            case "engine": .engine(try json.associated())
            case "fact": .fact(try json.associated())
            default: throw JSONMismatch()
            }
        }
    }
}

extension Deadline: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        self = try json.only { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "at": .at(try json.associated())
            case "within": .within(try json.associated())
            default: throw JSONMismatch()
            }
        }
    }
}

extension ReviewPolicy: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        self = try json.only { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "auto":
                try json.nothing()
                return .auto
            case "manual":
                try json.nothing()
                return .manual
            case "reviewers": return try Self.reviewers(&json)
            default: throw JSONMismatch()
            }
        }
    }

    private static func reviewers(
        _ json: inout JSONReader
    ) throws(JSONMismatch) -> ReviewPolicy {
        var names: [String]?
        var quorum: Int?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "_0": try json.read(into: &names)
            case "quorum": try json.read(into: &quorum)
            default: throw JSONMismatch()
            }
        }
        guard let names, let quorum else { throw JSONMismatch() }
        return .reviewers(names, quorum: quorum)
    }
}

extension RunReportItem: JSONReadable {
    /// The items of an attempt that goes its usual way; others are left to the decoder.
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        self = try json.only { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "started": return .started(try json.associated())
            case "finished": return .finished(try json.associated())
            case "evidence": return .evidence(try json.associated())
            case "evidenceComplete":
                try json.nothing()
                return .evidenceComplete
            default: throw JSONMismatch()
            }
        }
    }
}
