import FleetModel
import FleetProtocol
import Manifests

/// `giga add`: hands job files to the coordinator, whole or not at all.
enum AddCommand {
    static let usage = Usage(
        "add",
        .work,
        "Add jobs from Markdown files",
        positionals: "FILE…",
        options: [
            .flag("check", "Only check the files; add nothing"),
            .flag("fail-if-exists", "End with 3 when every job was there already"),
            .value("repo", "NAME", "Where to work, for files that do not say"),
            .value("product", "NAME", "Product, for files that do not say"),
            .value("profile", "NAME", "Profile, for files that do not say"),
            .flag("dry-run", "The same as --check"), Usage.json,
        ],
        example: "giga add fix-login.md"
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let paths = try arguments.some("FILE")
        let files = try read(paths, shop)
        if arguments.has("check") || arguments.has("dry-run") { return try check(files, shop) }
        let parsed = try parse(files, shop)
        for file in parsed { for line in remarks(on: file) { shop.console.say("note: \(line)") } }
        let client = try CoordinatorClient(arguments, shop)
        var request = SubmitRequest(
            files: files.map { .init(name: $0.path, text: $0.text) },
            product: arguments.value("product"),
            repo: arguments.value("repo"),
            profile: arguments.value("profile")
        )
        let settings = try Settings.load(shop)
        request.product = request.product ?? settings.value(of: "product")
        request.profile = request.profile ?? settings.value(of: "profile")
        request.repo = try repository(
            request.repo ?? settings.value(of: "repo"),
            for: parsed,
            client,
            shop
        )
        let reply = try client.post("/fleet/jobs", request, as: SubmitReply.self)
        show(reply, paths, arguments, shop)
        let isAllOld = reply.jobs.allSatisfy { !$0.created }
        return arguments.has("fail-if-exists") && isAllOld ? .nothingChanged : .done
    }

    private static func read(
        _ paths: [String],
        _ shop: Shop
    ) throws(CommandFault) -> [(path: String, text: String, bytes: [UInt8])] {
        var files: [(path: String, text: String, bytes: [UInt8])] = []
        for path in paths {
            guard let bytes = Files.read(Files.absolute(path, from: shop.workingFolder)) else {
                throw CommandFault(
                    .usage,
                    "file.unreadable",
                    what: "\(path) cannot be read",
                    why: "there is no such file, or this user may not read it",
                    hint: "giga add FILE…"
                )
            }
            files.append((path, String(decoding: bytes, as: UTF8.self), bytes))
        }
        return files
    }

    private static func check(
        _ files: [(path: String, text: String, bytes: [UInt8])],
        _ shop: Shop
    ) throws(CommandFault) -> ExitCode {
        for file in try parse(files, shop) {
            for note in file.notes { shop.console.say("\(note)") }
            for line in remarks(on: file) { shop.console.say(line) }
        }
        shop.console.say("\(files.count) \(files.count == 1 ? "file is" : "files are") well formed")
        return .done
    }

    /// Every error of every file at once, a line each.
    private static func parse(
        _ files: [(path: String, text: String, bytes: [UInt8])],
        _ shop: Shop
    ) throws(CommandFault) -> [JobFile] {
        var parsed: [JobFile] = []
        var errors: [ManifestError] = []
        for file in files {
            switch JobFile.parse(file.bytes, path: file.path) {
            case .accepted(let job):
                parsed.append(job)
                if let fault = folderFault(of: job, shop) { errors.append(fault) }
            case .refused(let found): errors += found
            }
        }
        guard !errors.isEmpty else { return parsed }
        throw .files(
            errors,
            "manifest.invalid",
            why: "nothing was added",
            hint: "correct it, then giga add --check \(errors[0].path)"
        )
    }

    /// A `cwd` that is here and in no repository: nothing there could be fenced or judged.
    private static func folderFault(of file: JobFile, _ shop: Shop) -> ManifestError? {
        guard let folder = file.manifest.cwd, Files.exists(folder),
            OwnRepository.top(of: folder, shop) == nil
        else { return nil }
        let place = file.places["cwd"] ?? .start
        return ManifestError(
            path: file.path,
            line: place.line,
            column: place.column,
            message: "cwd is \(QuotedText.excerpt(folder)), which is in no git repository; "
                + "expected a folder of one",
            hint: "cd \(folder) && git init"
        )
    }

    /// Which habits of writing were taken, and what one may not expect.
    private static func remarks(on file: JobFile) -> [String] {
        var lines: [String] = []
        if !file.hasFrontMatter {
            lines.append("\(file.path) has no front matter: all defaults apply")
        } else if file.style == .older {
            lines.append(
                "\(file.path) is an older file: it fails without a retry, and no change is fine"
            )
        }
        if let folder = file.manifest.cwd {
            lines.append("\(file.path): what is not committed in \(folder) is not seen")
        }
        return lines
    }

    /// The repository for files that name none: the configured one, else the one around them.
    ///
    /// A repository that a `cwd` names, and that nobody registered yet, is registered first.
    private static func repository(
        _ configured: String?,
        for files: [JobFile],
        _ client: CoordinatorClient,
        _ shop: Shop
    ) throws(CommandFault) -> String? {
        let folders = files.compactMap(\.manifest.cwd)
        if let folder = folders.first, configured == nil {
            return try OwnRepository.register(folder: folder, client, shop).name
        }
        if let configured { return configured }
        guard files.contains(where: { $0.manifest.repo == nil }) else { return nil }
        let known = try client.repositories().repositories
        guard let top = OwnRepository.top(of: shop.workingFolder, shop) else {
            return known.count == 1 ? known[0].name : nil
        }
        return known.first { $0.checkout == top || $0.url == top }?.name
            ?? (known.count == 1 ? known[0].name : nil)
    }

    private static func show(
        _ reply: SubmitReply,
        _ paths: [String],
        _ arguments: Arguments,
        _ shop: Shop
    ) {
        for job in reply.jobs { for note in job.notes { shop.console.say("note: \(note)") } }
        if arguments.wantsJSON {
            JSONOutput.print(reply, arguments, rows: "jobs", shop.console)
            return
        }
        for (job, path) in zip(reply.jobs, paths) {
            let was = job.created ? "" : " (was there already: nothing happened)"
            shop.console.print("\(job.id)  \(job.stage.rawValue)  \(path)\(was)")
        }
    }
}
