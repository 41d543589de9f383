/// Words that people write for our fields, because other tools call them so.
enum OtherWords {
    /// The field that a key of another tool most likely means; nil when nobody can tell.
    static func field(for key: String, in file: FieldTable.FileKind?, _ place: String) -> String? {
        let word = String(key.lowercased().map { $0 == "_" || $0 == " " ? "-" : $0 })
        let table: [String: String]
        switch (file, place) {
        case (.job, _): table = jobs
        case (.profile, _): table = profiles
        case (.configuration, _): table = settings
        case (nil, "budget"): table = budget
        case (nil, "retry"): table = retry
        default: return nil
        }
        return table[word]
    }

    /// Why a key can never stand in a file; nil for all others.
    static func refusal(of key: String) -> String? {
        switch key.lowercased() {
        case "id", "status", "stage", "state":
            "the coordinator gives ids and stages; remove the line"
        case "token", "api-key", "api_key", "password", "secret":
            "a secret has no place in a file; GIGA_TOKEN holds the token, "
                + "and engines get their variables from the factory"
        case "<<": "merge keys are not read; write the fields themselves"
        default: nil
        }
    }

    private static let shared = [
        "agent": "engine", "tool": "engine", "test": "verify", "tests": "verify",
        "check": "verify", "role": "profile", "branch": "base", "ref": "base",
        "repository": "repo", "project": "repo", "tenant": "product", "cost": "budget",
        "max-cost": "budget", "usd": "budget", "max-time": "timeout",
        "timeout-minutes": "timeout",
    ]

    private static let jobs = shared.merging(
        [
            "depends-on": "deps", "dependencies": "deps", "after": "deps", "needs": "deps",
            "requires": "capabilities", "requirements": "capabilities",
            "runs-on": "capabilities", "tags": "labels", "name": "title", "summary": "title",
            "subject": "title", "workdir": "cwd", "working-directory": "cwd", "dir": "cwd",
            "folder": "cwd", "path": "cwd", "scope": "allowed-scope", "paths": "allowed-scope",
            "files": "allowed-scope", "command": "script", "run": "script", "shell": "script",
            "retries": "retry", "max-retries": "retry", "attempts": "retry", "due": "deadline",
            "due-date": "deadline", "reviewers": "review-policy", "reviewer": "review-policy",
            "review": "review-policy", "approval": "review-policy", "ticket": "tracker-item",
            "key": "idempotency-key", "urgency": "priority", "importance": "priority",
        ]
    ) { $1 }

    private static let profiles = [
        "agent": "prefers-engine", "engine": "prefers-engine", "verify": "default-verify",
        "test": "default-verify", "tests": "default-verify", "role": "persona",
        "prompt": "persona", "scope": "allowed-scope", "paths": "allowed-scope",
        "files": "allowed-scope", "requires": "capabilities", "requirements": "capabilities",
        "review": "review-policy", "reviewers": "review-policy", "cost": "budget",
        "max-cost": "budget", "usd": "budget", "merge": "ship", "max-time": "timeout",
    ]

    private static let settings = shared.merging(
        [
            "branch": "target", "url": "coordinator", "server": "coordinator",
            "address": "listen", "port": "listen", "database": "store", "folder": "data",
            "jobs": "max", "workers": "max", "parallel": "max",
        ]
    ) { $1 }

    private static let budget = [
        "dollars": "usd", "dollar": "usd", "cost": "usd", "money": "usd", "time": "wall",
        "duration": "wall", "hours": "wall", "token": "tokens",
    ]

    private static let retry = [
        "attempts": "max", "retries": "max", "times": "max", "count": "max", "delay": "backoff",
        "wait": "backoff", "when": "on", "causes": "on", "if": "on",
    ]
}
