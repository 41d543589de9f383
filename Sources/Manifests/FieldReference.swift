/// The reference page of all files' fields, made from the field table.
package enum FieldReference {
    package static let markdown: String = {
        var lines = [
            "# Fields of job, profile and configuration files",
            "",
            "Made from the field table in `Sources/Manifests`; `UPDATE_GOLDEN=1 make test` rewrites",
            "this page. What files of older tools may hold is in [migration.md](../migration.md).",
        ]
        lines += section(
            .job,
            "Job files",
            "A Markdown file: optional YAML between `---` and `---`, then the prompt. "
                + "Keys that begin with `x-` are kept and never interpreted."
        )
        lines += section(
            .profile,
            "Profile files",
            "`profiles/NAME.md`: YAML between `---` and `---`, then the persona."
        )
        lines += section(
            .configuration,
            "giga.yaml",
            "In a repository or in the user's configuration folder. A variable `GIGA_KEY` wins over "
                + "the file, and a flag over both; tables (`engines`, `probes`, `weights`) have none."
        )
        lines += ["", "## Forms", ""] + forms + [""]
        return lines.joined(separator: "\n")
    }()

    private static let forms = [
        "- Every value is text to YAML; the field says what it means: `yes`, `1:30` and `0x10` never",
        "  turn into something else.",
        "- Durations: `90s 45m 4h 2d 1h30m`. Tokens: `120000 500k 2M`. Money: US dollars with at most",
        "  six decimals. Sizes: `512MiB 2GB`.",
        "- A list is `[a, b]`, lines that begin with `-`, or its one item alone.",
        "- `node>=20,<23` inside `[ ]` needs quotes, as a comma starts a new item there;",
        "  `node>=20 <23` means the same and needs none.",
        "- Globs are relative: `*` and `?` stay within one name, `**/` stands for any folders, `src/`",
        "  for everything beneath, `[a-z]` and `[!a-z]` for one character, `\\` before a special",
        "  character for itself. There is no brace expansion, and case counts.",
        "- Limits: 1 MiB a file, 64 KiB a value, 8 levels, 1000 deps, 100 globs of 256 characters.",
        "  Anchors, aliases, tags, duplicate keys and a second document are errors.",
    ]

    private static func section(
        _ kind: FieldTable.FileKind,
        _ title: String,
        _ introduction: String
    ) -> [String] {
        ["", "## \(title)", "", introduction, ""] + [
            "| field | value | default | meaning |", "|---|---|---|---|",
        ] + FieldTable.rows(of: kind).map(line)
    }

    private static func line(_ row: FieldRow) -> String {
        let standing =
            switch row.standing {
            case .kept: ""
            case .recorded(let word): " (recorded, not \(word) yet)"
            case .refused: " (refused until it is kept)"
            }
        let cells = ["`\(row.name)`", row.expected, row.defaultText, row.meaning + standing]
        return "| " + cells.map(escaped).joined(separator: " | ") + " |"
    }

    private static func escaped(_ text: String) -> String {
        var cell = ""
        for character in text {
            if character == "|" || character == "*" || character == "<" { cell += "\\" }
            cell.append(character)
        }
        return cell
    }
}
