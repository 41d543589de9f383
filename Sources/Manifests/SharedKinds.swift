import FleetModel

extension Kind<Budget> {
    static let fields: [Field<Budget>] = [
        Field(
            "usd",
            .money,
            \.microUSD,
            default: "no limit",
            meaning: "US dollars; an attempt that passes it is stopped",
            standing: .recorded("counted over all attempts")
        ),
        Field(
            "tokens",
            .tokens,
            \.tokens,
            default: "no limit",
            meaning: "tokens that an attempt may use",
            standing: .recorded("counted over all attempts")
        ),
        Field(
            "wall",
            .duration,
            \.wall,
            default: "no limit",
            meaning: "time that an attempt may run",
            standing: .recorded("counted over all attempts")
        ),
    ]

    static let budget = map(fields, into: Budget(), expected: "a map of usd, tokens and wall")
}

extension Kind<RetryPolicy> {
    /// Losses always return to the queue, and what a person or a budget ended stays ended.
    private static let never: Set<FailureCause> = Set(
        FailureCause.allCases.filter { $0.isLoss || $0 == .cancelled || $0 == .budget }
    )

    static let fields: [Field<RetryPolicy>] = [
        Field("max", .whole(0...10), \.max, default: "1", meaning: "extra attempts"),
        Field(
            "backoff",
            .duration,
            \.backoff,
            default: "1m",
            meaning: "wait before the first retry; it doubles, capped at 1h"
        ),
        Field(
            "on",
            .list(of: .choice(except: never), expected: "a list of causes, such as [timeout]"),
            \.on,
            default: "timeout, verify_failed, engine_crashed",
            meaning: "causes that are retried"
        ),
    ]

    static let retry = map(
        fields,
        into: RetryPolicy.standard,
        expected: "a map of max, backoff and on"
    )
}

extension Kind<[String: String]> {
    static let obligations = dictionary(
        of: Kind<String>.text,
        keys: .label("the name of an obligation"),
        expected: "a map of names to limits or commands"
    )
}

extension Kind<[Glob]> {
    static let globs = list(of: .glob, expected: "a list of globs, such as [src/, docs/*.md]")
}

extension Kind<[Requirement]> {
    static let requirements = list(
        of: .requirement,
        expected: "a list of requirements, such as [os:linux, has:docker]"
    )
}

extension Kind<[String]> {
    static let artifacts = list(of: .artifact, expected: "a list of names or globs")
}

extension Kind<ShipWay> {
    static let ship = choice(of: ShipWay.self)
}
