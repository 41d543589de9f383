import FleetCore
import FleetModel
import FleetProtocol
import FleetRules
import HTTPServing
import Manifests

/// Turns the body of a submission into parsed jobs, or into every error of every file at once.
enum SubmissionReading {
    static func submissions(
        of request: HTTPRequest
    ) throws(Problem) -> (jobs: [Submission], notes: [[String]]) {
        let body: SubmitRequest
        if request.mediaType == "text/markdown" {
            let name = request.query("name") ?? "job.md"
            // Bytes that are no text must not become other text: the parser names the first.
            guard let text = String(validating: request.body, as: UTF8.self) else {
                throw problem(JobFile.parse(request.body, path: name).errors)
            }
            body = SubmitRequest(files: [.init(name: name, text: text)])
        } else {
            body = try request.decodeStrictly(SubmitRequest.self)
        }
        guard !body.files.isEmpty else {
            throw Problem(
                code: "submission.empty",
                title: "The submission has no file",
                status: 400,
                detail: "files is empty",
                hint: "giga add job.md"
            )
        }
        return try read(body)
    }

    private static func read(
        _ body: SubmitRequest
    ) throws(Problem) -> (jobs: [Submission], notes: [[String]]) {
        let defaults = try defaults(of: body)
        var jobs: [Submission] = []
        var notes: [[String]] = []
        var errors: [ManifestError] = []
        for file in body.files {
            switch JobFile.parse(Array(file.text.utf8), path: file.name) {
            case .accepted(let parsed):
                jobs.append(
                    Submission(
                        manifest: parsed.manifest,
                        prompt: parsed.prompt,
                        style: parsed.style,
                        contentHash: ContentHash.digest(
                            parsed.manifest,
                            prompt: parsed.prompt
                        ).hex,
                        title: parsed.title,
                        fileName: fileName(of: file.name),
                        defaults: defaults
                    )
                )
                notes.append(parsed.notes.map(\.description))
            case .refused(let found): errors += found
            }
        }
        guard errors.isEmpty else { throw problem(errors) }
        return (jobs, notes)
    }

    private static func defaults(of body: SubmitRequest) throws(Problem) -> SubmissionDefaults {
        var profile: ProfileReference?
        if let text = body.profile {
            let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
            guard Naming.isName(parts[0]), parts.count == 1 || Self.isVersion(parts[1]) else {
                throw Problem(
                    code: "profile.bad-name",
                    title: "\(text) names no profile",
                    status: 400,
                    detail: "A profile is a name, or name@version",
                    hint: "giga profile list"
                )
            }
            profile = ProfileReference(
                name: String(parts[0]),
                version: parts.count == 1 ? nil : Int(parts[1])
            )
        }
        return SubmissionDefaults(product: body.product, repo: body.repo, profile: profile)
    }

    /// 1, 2, …, as profiles are numbered; no sign and no leading zero.
    private static func isVersion(_ text: Substring) -> Bool {
        guard let number = Int(text), number > 0 else { return false }
        return text == "\(number)"
    }

    private static func fileName(of path: String) -> String {
        String(path.split(separator: "/").last ?? Substring(path))
    }

    private static func problem(_ errors: [ManifestError]) -> Problem {
        Problem(
            code: "manifest.invalid",
            title: errors[0].summary,
            status: 400,
            detail: errors.count == 1
                ? "nothing was added" : "\(errors.count) errors; nothing was added",
            hint: errors[0].hint ?? "giga add --check FILE",
            errors: errors.map {
                Problem.Item(detail: $0.summary, pointer: nil, hint: $0.hint)
            }
        )
    }
}
