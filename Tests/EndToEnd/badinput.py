"""Tables of bad input: what is wrong with it, and what the specification says of the answer.

A manifest or profile case is (name, text, line): the line that the first message must name, or
None where the specification leaves it open.
"""

BIG = 64 * 1024 + 1


def front(*lines, body="Do it.\n"):
    """A job file with these front matter lines; the first of them is line 2."""
    return "---\n" + "".join(line + "\n" for line in lines) + "---\n" + body


MANIFESTS = [
    ("unknown-word", front("title: a", "priority: urgent"), 3),
    ("unknown-key", front("title: a", "priorty: high"), 3),
    ("duplicated-key", front("title: a", "priority: low", "priority: high"), 4),
    ("wrong-type", front("title: a", "capabilities: {os: linux}"), 3),
    ("duration-without-unit", front("title: a", "timeout: 90"), 3),
    ("duration-too-long", front("title: a", "timeout: 31d"), 3),
    ("negative-value", front("title: a", "value: -1"), 3),
    ("too-many-retries", front("title: a", "retry: {max: 11}"), 3),
    ("too-much-money", front("title: a", "budget: {usd: 1000001}"), 3),
    ("seven-decimals", front("title: a", "budget: {usd: 0.0000001}"), 3),
    ("reserved-product", front("title: a", "product: fleet"), 3),
    ("name-with-slash", front("title: a", "product: a/b"), 3),
    ("relative-cwd", front("title: a", "cwd: here"), 3),
    ("cwd-with-tilde", front("title: a", "cwd: ~/shop"), 3),
    ("scope-leaves", front("title: a", "allowed-scope: ['../**']"), 3),
    ("scope-absolute", front("title: a", "allowed-scope: ['/etc/**']"), 3),
    ("anchor", front("title: a", "labels: &x [b]"), 3),
    ("tag", front("title: a", "labels: !!str b"), 3),
    ("unclosed-list", front("title: a", "labels: [b"), None),
    ("tab-indent", front("title: a", "retry:", "\tmax: 1"), None),
    ("unclosed-front-matter", "---\ntitle: a\n", None),
    ("empty-file", "", 1),
    ("not-utf8", b"---\ntitle: \xff\xfe\n---\nDo it.\n", 2),
    ("control-character", front("title: a\x07b"), 2),
    ("huge-value", front("title: a", "labels: [" + "x" * BIG + "]"), 3),
    ("too-deep", front("title: a", "x-deep: " + "[" * 9 + "]" * 9), 3),
    ("obligations", front("title: a", "obligations: {coverage: 1}"), 3),
    ("bad-requirement", front("title: a", "capabilities: ['node>=']"), 3),
    ("split-requirement", front("title: a", "capabilities: [node>=20,<23]"), 3),
    ("id-of-its-own", front("title: a", "id: job-1"), 3),
]

# Each stands in a file p.md of its own, since a profile has the name of its file.
PROFILES = [
    ("unknown-key", front("name: p", "persna: x"), 3),
    ("name-of-another-file", front("persona: x", "name: q"), 3),
    ("bad-name", front("name: Big Name"), 2),
    ("duplicated-key", front("name: p", "model: a", "model: b"), 4),
    ("network", front("name: p", "network: maybe"), 3),
    ("ship-way", front("name: p", "ship: force"), 3),
    ("engine-class", front("name: p", "engine-class: Big Wizard"), 3),
    ("timeout", front("name: p", "timeout: soon"), 3),
    ("scope-leaves", front("name: p", "allowed-scope: ['a/../../b']"), 3),
    ("scope-absolute", front("name: p", "allowed-scope: ['/x']"), 3),
    ("promise", front("name: p", "obligations: {coverage: 80}"), 3),
    ("budget", front("name: p", "budget: {usd: lots}"), 3),
    ("capabilities", front("name: p", "capabilities: {a: b}"), 3),
    ("anchor", front("name: &p p"), 2),
    ("unclosed", "---\nname: p\n", None),
    ("empty", "", 1),
    ("brace-expansion", front("name: p", "allowed-scope: ['{a,b}/**']"), 3),
]

CONFIGURATIONS = [
    ("unknown-key", "listn: 127.0.0.1:1\n", 1),
    ("second-line", "product: main\nstor: sqlite\n", 2),
    ("duplicated-key", "product: a\nproduct: b\n", 2),
    ("a-list", "- product\n", 1),
    ("a-scalar", "product\n", 1),
    ("anchor", "product: &a main\n", 1),
    ("tag", "product: !!str main\n", 1),
    ("two-documents", "product: main\n---\nproduct: b\n", None),
    ("unclosed", "product: [main\n", None),
    ("tab", "engines:\n\tfake: {}\n", None),
    ("bad-product", "product: Not A Name\n", 1),
    ("reserved-product", "product: fleet\n", 1),
    ("bad-store", "store: oracle\n", 1),
    ("not-utf8", b"product: \xff\n", 1),
    ("engine-without-run", "engines:\n  fake: {prompt: stdin}\n", None),
]

# (name, method, path, content type, body, token, statuses that may answer)
HTTP = [
    ("no-token", "POST", "/fleet/jobs", "text/markdown", b"Do it.\n", None, {401}),
    ("wrong-token", "POST", "/fleet/jobs", "text/markdown", b"Do it.\n", "x" * 40, {401, 403}),
    ("unknown-path", "GET", "/fleet/nothing", None, None, True, {404}),
    ("unknown-job", "GET", "/fleet/jobs/job-999999", None, None, True, {404}),
    ("id-that-is-none", "GET", "/fleet/jobs/..%2f..%2fetc", None, None, True, {400, 404}),
    ("wrong-method", "DELETE", "/fleet/jobs", None, None, True, {404, 405}),
    ("not-json", "POST", "/fleet/jobs", "application/json", b"{", True, {400, 422}),
    ("json-list", "POST", "/fleet/jobs", "application/json", b"[1]", True, {400, 422}),
    ("unknown-field", "POST", "/fleet/jobs", "application/json", b'{"nothing": 1}', True,
     {400, 422}),
    ("deep-json", "POST", "/fleet/jobs", "application/json", b"[" * 100_000, True,
     {400, 413, 422}),
    ("unknown-type", "POST", "/fleet/jobs", "application/x-nothing", b"Do it.\n", True,
     {400, 415, 422}),
    ("bad-manifest", "POST", "/fleet/jobs", "text/markdown", front("priority: urgent").encode(),
     True, {400, 422}),
    ("not-utf8", "POST", "/fleet/jobs", "text/markdown", b"\xff\xfe", True, {400, 422}),
    ("too-large", "POST", "/fleet/jobs", "text/markdown", b"x" * (80 << 20), True, {413}),
    ("unknown-verb", "POST", "/fleet/jobs/job-1/explode", "application/json", b"{}", True, {404}),
    ("verb-on-unknown-job", "POST", "/fleet/jobs/job-999999/cancel", "application/json", b"{}",
     True, {404}),
    ("halt-without-reason", "POST", "/fleet/halt", "application/json", b'{"level": "all"}', True,
     {400, 422}),
    ("halt-of-unknown-level", "POST", "/fleet/halt", "application/json",
     b'{"level": "some", "reason": "x"}', True, {400, 422}),
    ("foreign-host", "GET", "/fleet/jobs", None, None, "host", {400, 403, 421}),
]

# (name, variable, value)
VARIABLES = [
    ("misspelt", "GIGA_STATION", "shell=1"),
    ("unknown", "GIGA_WIZARD", "1"),
    ("a-map", "GIGA_ENGINES", "x"),
    ("duration", "GIGA_LEASE", "soon"),
    ("too-long", "GIGA_HEARTBEAT", "31d"),
    ("count", "GIGA_MAX", "0"),
    ("stations", "GIGA_STATIONS", "shell"),
    ("store", "GIGA_STORE", "oracle"),
    ("way", "GIGA_SHIP", "direct"),
    ("branch", "GIGA_TARGET", "a b"),
    ("product", "GIGA_PRODUCT", "fleet"),
    ("no-file", "GIGA_CONFIG", "/nowhere/giga.yaml"),
]

# (name, words after `repo add`); {folder} holds a file, an empty folder and a good origin.
REPOSITORIES = [
    ("absent-path", ["one", "--url", "{folder}/absent"]),
    ("a-file", ["one", "--url", "{folder}/file"]),
    ("an-empty-folder", ["one", "--url", "{folder}/empty"]),
    ("capital-name", ["One", "--url", "{folder}/good.git"]),
    ("name-with-slash", ["a/b", "--url", "{folder}/good.git"]),
    ("name-that-climbs", ["..", "--url", "{folder}/good.git"]),
    ("long-name", ["a" * 65, "--url", "{folder}/good.git"]),
    ("no-url", ["one"]),
    ("no-name", ["--url", "{folder}/good.git"]),
    ("ext-transport", ["one", "--url", "ext::sh -c touch% {folder}/marker"]),
    ("option-as-url", ["one", "--url=--upload-pack=touch {folder}/marker"]),
    ("other-transport", ["one", "--url", "git://example.invalid/x.git"]),
    ("option-as-host", ["one", "--url", "ssh://-oProxyCommand=touch% {folder}/marker/x"]),
    ("inside-a-repository", ["one", "--url", "{folder}/work/inner"]),
    ("unknown-way", ["one", "--url", "{folder}/good.git", "--ship", "force"]),
    ("target-with-space", ["one", "--url", "{folder}/good.git", "--target", "a b"]),
    ("option-as-target", ["one", "--url", "{folder}/good.git", "--target=--force"]),
    ("target-of-git", ["one", "--url", "{folder}/good.git", "--target", "a..b"]),
    ("target-lock", ["one", "--url", "{folder}/good.git", "--target", "a.lock"]),
    ("empty-url", ["one", "--url", ""]),
    ("target-that-climbs", ["one", "--url", "{folder}/good.git", "--target", "../main"]),
    ("unknown-flag", ["one", "--url", "{folder}/good.git", "--targt", "main"]),
]
