package import FleetModel

// The forms of the nouns that messages carry: what their own reading accepts, said as a schema.

extension JobID: FormedValue {
    package static var form: Schema { .text(pattern: "^job-[1-9][0-9]{0,18}$") }
    package static func example() -> JobID { JobID(12) }
}

extension FactoryID: FormedValue {
    package static var form: Schema { .name }
    package static func example() -> FactoryID { FactoryID("build-1") }
}

extension Principal: FormedValue {
    package static var form: Schema {
        .anyText.described("Who: user:alice, a token's name, factory:NAME or coordinator")
    }
    package static func example() -> Principal { .person("user:alice") }
}

extension Instant: FormedValue {
    package static var form: Schema {
        .number(-62_135_596_800_000...253_402_300_799_999)
            .described("Milliseconds since 1970-01-01 00:00 UTC")
    }
    package static func example() -> Instant { Instant(milliseconds: 1_790_000_000_000) }
}

extension Timespan: FormedValue {
    package static var form: Schema {
        .number(carried).described("Milliseconds; at most a hundred years")
    }
    package static func example() -> Timespan { .seconds(60) }
}

extension Fact: FormedValue {
    package static var form: Schema {
        .text(
            pattern: "^(path:/.*|[A-Za-z0-9._/@+-]+(:[A-Za-z0-9._/@+-]+)*(=[^<>=!,]+)?)$",
            atMost: 4096
        ).described("What a factory states of itself: os:linux, node=20.11.0, path:/srv/app")
    }
    package static func example() throws -> Fact { try Fact(parsing: "os:linux") }
}

extension Requirement: FormedValue {
    package static var form: Schema {
        .text(1...4096).described("What a job needs of a factory: os:linux, node>=20,<23")
    }
    package static func example() throws -> Requirement { try Requirement(parsing: "os:linux") }
}

extension Glob: FormedValue {
    package static var form: Schema {
        .text(1...256).described("Paths below a repository's root: src/**, *.md")
    }
    package static func example() throws -> Glob { try Glob(parsing: "src/**") }
}

extension Deadline: NamedCases {
    package static var caseNames: [String] { ["at", "within"] }
}

extension ReviewPolicy: NamedCases {
    package static var caseNames: [String] { ["auto", "manual", "reviewers"] }
}

extension Preference: NamedCases {
    package static var caseNames: [String] { ["factory", "engine", "fact"] }
}

extension RunReportItem: NamedCases {
    package static var caseNames: [String] {
        [
            "started", "finished", "checkpointed", "waitingInput", "evidence", "evidenceComplete",
            "stopped", "shipStarted",
            "shipMerged", "shipRefused",
        ]
    }
}
