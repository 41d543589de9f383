import FleetModel

/// Forms of text that several fields share, as the schema states them.
enum Shapes {
    static let name = "[a-z0-9][a-z0-9._-]{0,63}"
    static let named = ValueShape.pattern("^\(name)$", orNumber: true)
    static let knownEngine = ValueShape.pattern(
        "^(?:acp:.+|command:\(name)|\(KnownEngines.names.joined(separator: "|")))$",
        orNumber: false
    )
    static let engine = ValueShape.pattern("^(?:acp:.+|(?:command:)?\(name))$", orNumber: true)
    static let station = "(?:acp:[^,=]+|(?:command:)?\(name)) *= *[0-9]{1,4}"
    static let person = ValueShape.pattern("^@?[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", orNumber: true)
    static let duration =
        "(?=[0-9])(?:[0-9]{1,9}d)?(?:[0-9]{1,9}h)?(?:[0-9]{1,9}m)?(?:[0-9]{1,9}s)?"
    static let instant =
        #"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?"#
        + "(?:Z|[+-][0-9]{2}:?[0-9]{2})"
    /// What a schema can say of a glob; the rest is for `giga add --check`.
    static let glob = ValueShape.pattern(
        #"^(?![/!])(?!(?:.*/)?\.{1,2}(?:/|$))[^\x00-\x1f]{1,256}$"#,
        orNumber: true
    )
    static let revision = ValueShape.pattern(
        #"^(?!-)(?!@$)(?!/)(?!.*(?:\.\.|@\{|//|/$))(?!(?:.*/)?\.)(?!.*(?:\.lock|\.)(?:/|$))"#
            + #"[^ ~^:?*\[\\\x00-\x1f]{1,255}$"#,
        orNumber: true
    )
    static let folder = ValueShape.pattern(
        #"^/(?!/)(?!.*//)(?!(?:.*/)?\.{1,2}(?:/|$))(?!(?:.*/)?\.[gG][iI][tT](?:/|$))"#
            + #"[^$\x00-\x1f]*$"#,
        orNumber: false
    )
}
