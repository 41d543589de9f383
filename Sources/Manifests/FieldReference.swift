/// The reference pages of all files' fields, made from the field table.
package enum FieldReference {
    /// `docs/reference/manifest.md`.
    package static let manifest: String = {
        var lines = [
            "# Fields of job and profile files",
            "",
            "Made from the field table in `Sources/Manifests`; `UPDATE_GOLDEN=1 make test` rewrites",
            "this page. Settings are in [configuration.md](configuration.md), and what files of older",
            "tools may hold is in [migration.md](../migration.md). `giga schema job` and",
            "`giga schema profile` print the same as JSON Schema, for editors.",
        ]
        lines += section(
            .job,
            "Job files",
            "A Markdown file: optional YAML between `---` and `---`, then the prompt. "
                + "Keys that begin with `x-` are kept and never interpreted."
        )
        lines += parts(of: .job)
        lines += section(
            .profile,
            "Profile files",
            "`NAME.md`: YAML between `---` and `---`, then the persona. What profiles do is in "
                + "[profile.md](profile.md)."
        )
        lines += parts(of: .profile)
        lines += ["", "## Forms", ""] + forms + [""]
        return lines.joined(separator: "\n")
    }()

    /// `docs/reference/configuration.md`.
    package static let configuration: String = {
        var lines = [
            "# Configuration",
            "",
            "Made from the field table in `Sources/Manifests`; `UPDATE_GOLDEN=1 make test` rewrites",
            "this page.",
            "",
        ]
        lines += origins
        lines += ["", "## Keys", "", "| key | variable | value | default | meaning |"]
        lines += ["|---|---|---|---|---|"]
        let variables = Dictionary(uniqueKeysWithValues: Configuration.variables)
        lines += FieldTable.rows(of: .configuration).map { row in
            line(row, between: [variables[row.name].map { "`\($0)`" } ?? "none: a map"])
        }
        lines += parts(of: .configuration)
        lines += others
        return lines.joined(separator: "\n")
    }()

    private static let origins = [
        "A setting comes from the last of these that states it:",
        "",
        "1. the default",
        "2. `giga.yaml` in the user's folder: `$XDG_CONFIG_HOME/giga/giga.yaml`, else",
        "   `~/.config/giga/giga.yaml`, or the file that `GIGA_CONFIG` names",
        "3. the nearest `giga.yaml` of the current folder or those above it",
        "4. a variable `GIGA_KEY`",
        "5. a flag of the command",
        "",
        "`giga config list` prints every setting with its value and where it came from, by file and",
        "line; `giga config get KEY` prints one value. A key or a variable that is not known is an",
        "error that names the nearest one. `giga schema config` prints the JSON Schema, for editors.",
        "",
        "A file of a repository is somebody else's word. It cannot say where your data lies: `data`",
        "there is refused. The token in `GIGA_TOKEN` is never sent to a `coordinator` that only such a",
        "file names. A template of its `engines` runs only when you name it in `--stations`, in",
        "`GIGA_STATIONS` or in your own file. Its `profiles/` are not imported unless you say so, see [profile.md](profile.md).",
    ]

    private static let others = [
        "",
        "## Other variables",
        "",
        "| variable | meaning |",
        "|---|---|",
        "| `GIGA_TOKEN` | the token itself, instead of the file that a running server leaves |",
        "| `GIGA_CONFIG` | another file than the user's own |",
        "| `SSL_CERT_FILE` | certificate authorities to trust, as with `--ca-file` |",
        "| `DB_PROVIDER` | `memory`, `sqlite` or `postgres`: the same as `store`, and stronger |",
        "| `DATABASE_URL` | the database's address, for the store `postgres` |",
        "| `XDG_CONFIG_HOME`, `XDG_DATA_HOME`, `XDG_STATE_HOME` | where settings, data and tokens lie |",
        "| `NO_COLOR`, `TERM=dumb` | no colours, unless `--color always` |",
        "",
        "Engines get their own variables; a run's script sees `GIGA_JOB`, `GIGA_ATTEMPT` and",
        "`GIGA_RUN`. Forms of durations, sizes and lists are in [manifest.md](manifest.md#forms).",
        "",
    ]

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
        ["", "## \(title)", "", introduction, ""] + table(FieldTable.rows(of: kind))
    }

    private static func parts(of kind: FieldTable.FileKind) -> [String] {
        FieldTable.parts(of: kind).flatMap { field, rows in
            ["", "Inside `\(field)`\(field == "engines" ? ", for each name" : ""):", ""]
                + table(rows)
        }
    }

    private static func table(_ rows: [FieldRow]) -> [String] {
        ["| field | value | default | meaning |", "|---|---|---|---|"] + rows.map { line($0) }
    }

    private static func line(_ row: FieldRow, between cells: [String] = []) -> String {
        let standing =
            switch row.standing {
            case .kept: ""
            case .recorded(let word): " (recorded, not \(word) yet)"
            case .refused: " (refused until it is kept)"
            }
        let all =
            ["`\(row.name)`"] + cells + [row.expected, row.defaultText, row.meaning + standing]
        return "| " + all.map(escaped).joined(separator: " | ") + " |"
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
