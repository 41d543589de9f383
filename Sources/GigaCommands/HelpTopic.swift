import Manifests

/// What `giga help` explains beside commands.
enum HelpTopic: String, CaseIterable {
    case exitCodes = "exit-codes"
    case environment

    var lines: [String] {
        switch self {
        case .exitCodes: ExitCode.allCases.map { "\($0.rawValue)\t\($0.meaning)" }
        case .environment: Self.variables.map { "\($0.name)\t\($0.meaning)" }
        }
    }

    /// Every variable that giga reads, settings first.
    static let variables: [(name: String, meaning: String)] = {
        let rows = FieldTable.rows(of: .configuration)
        let settings = Configuration.variables.map { key, variable in
            (variable, rows.first { $0.name == key }?.meaning ?? key)
        }
        return settings + [
            ("GIGA_TOKEN", "the token itself, instead of the file that a running server leaves"),
            ("GIGA_CONFIG", "another file than the user's own giga.yaml"),
            ("SSL_CERT_FILE", "certificate authorities to trust, as with --ca-file"),
            ("DB_PROVIDER", "the same as GIGA_STORE, and stronger"),
            ("DATABASE_URL", "the database's address, for the store postgres"),
            ("XDG_CONFIG_HOME", "where settings and profiles lie, in giga/"),
            ("XDG_DATA_HOME", "where stores, mirrors and logs lie, in giga/"),
            ("XDG_STATE_HOME", "where the tokens of running servers lie, in giga/"),
            ("NO_COLOR", "no colours, unless --color always"),
        ]
    }()
}
