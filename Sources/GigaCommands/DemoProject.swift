/// The throw-away repository of `giga demo` and its nine jobs: small, real, with real tests.
enum DemoProject {
    /// How the project's own tests are run, in a clean checkout of each commit.
    static let verify = "sh tests/run.sh"

    static let files: [(path: String, text: String)] = [
        (
            "README.md",
            """
            # Textkit

            Small shell functions over text, each with a test. `sh tests/run.sh` runs them all.

            """
        ),
        (
            "src/upper.sh",
            """
            # Prints its arguments in capitals.
            upper() { printf '%s\\n' "$*" | tr '[:lower:]' '[:upper:]'; }

            """
        ),
        (
            "tests/test_upper.sh",
            """
            . src/upper.sh
            [ "$(upper make it so)" = "MAKE IT SO" ]

            """
        ),
        (
            "tests/run.sh",
            """
            # Runs every test in a shell of its own; one that fails is named, and counts.
            failed=0
            for test in tests/test_*.sh; do
                if sh -eu "$test"; then echo "ok   $test"; else echo "FAIL $test"; failed=1; fi
            done
            exit "$failed"

            """
        ),
    ]

    /// File name and Markdown of each job, in the order in which they are submitted.
    static let jobs: [(name: String, text: String)] = [
        job(
            "1-lower",
            "Add `lower`",
            function: "lower",
            body: "printf '%s\\n' \"$*\" | tr '[:upper:]' '[:lower:]'",
            test: "[ \"$(lower Make It SO)\" = \"make it so\" ]"
        ),
        job(
            "2-trim",
            "Add `trim`",
            function: "trim",
            body: "printf '%s\\n' \"$*\" | sed 's/^ *//; s/ *$//'",
            test: "[ \"$(trim '  a b  ')\" = \"a b\" ]"
        ),
        job(
            "3-count",
            "Add `count`",
            function: "count",
            body: "printf '%s\\n' \"$#\"",
            test: "[ \"$(count a b c)\" = 3 ]"
        ),
        job(
            "4-words",
            "Add `words`, the top of the diamond",
            function: "words",
            body: "printf '%s\\n' $*",
            test: "[ \"$(words 'a b' | wc -l)\" -eq 2 ]"
        ),
        job(
            "5-first",
            "Add `first`, on top of `words`",
            function: "first",
            deps: ["4-words.md"],
            body: ". src/words.sh; words \"$*\" | head -n 1",
            test: "[ \"$(first 'one two')\" = one ]"
        ),
        job(
            "6-last",
            "Add `last`, on top of `words`",
            function: "last",
            deps: ["4-words.md"],
            body: ". src/words.sh; words \"$*\" | tail -n 1",
            test: "[ \"$(last 'one two')\" = two ]"
        ),
        job(
            "7-ends",
            "Add `ends`, which joins `first` and `last`",
            function: "ends",
            deps: ["5-first.md", "6-last.md"],
            body: ". src/first.sh; . src/last.sh; echo \"$(first \"$*\") $(last \"$*\")\"",
            test: "[ \"$(ends 'a b c')\" = \"a c\" ]"
        ),
        secondTry, outOfScope,
    ]

    /// Its first attempt leaves a wrong answer behind; the retry, told of the failure, mends it.
    private static let secondTry = (
        name: "8-reverse.md",
        text: """
        ---
        engine: shell
        priority: high
        capabilities: [has:editor]
        allowed-scope: ["src/**", "tests/**"]
        review-policy: manual
        retry: {max: 1, backoff: 1s, on: [verify_failed]}
        ---
        # Add `reverse`

        The first try forgets to reverse; verify says so, and the second one mends it.

        ```sh
        cat > tests/test_reverse.sh <<'TEST'
        . src/reverse.sh
        [ "$(reverse abc)" = cba ]
        TEST
        if [ "$GIGA_ATTEMPT" = 1 ]; then filter=cat; else filter=rev; fi
        printf 'reverse() { printf "%%s\\\\n" "$*" | %s; }\\n' "$filter" > src/reverse.sh
        ```

        """
    )

    private static let outOfScope = (
        name: "9-banner.md",
        text: """
        ---
        engine: shell
        allowed-scope: ["src/**", "tests/**"]
        review-policy: auto
        ---
        # Add a banner

        It also edits the README, which its scope does not allow: the gate must stop it.

        ```sh
        echo 'banner() { echo "== $* =="; }' > src/banner.sh
        echo "Now with banners." >> README.md
        ```

        """
    )

    private static func job(
        _ name: String,
        _ title: String,
        function: String,
        deps: [String] = [],
        body: String,
        test: String
    ) -> (name: String, text: String) {
        let deps = deps.isEmpty ? "" : "deps: [\(deps.joined(separator: ", "))]\n"
        let text = """
            ---
            engine: shell
            allowed-scope: ["src/**", "tests/**"]
            review-policy: auto
            retry: {max: 1, backoff: 1s}
            \(deps)---
            # \(title)

            ```sh
            cat > src/\(function).sh <<'CODE'
            \(function)() { \(body); }
            CODE
            cat > tests/test_\(function).sh <<'TEST'
            . src/\(function).sh
            \(test)
            TEST
            ```

            """
        return (name + ".md", text)
    }
}
