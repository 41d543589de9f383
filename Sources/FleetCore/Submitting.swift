import FleetModel
import FleetRules

extension Fleet {
    /// Accepts a batch whole or not at all; what was submitted before is returned, not made again.
    mutating func submit(_ submissions: [Submission], by person: Principal) throws(Refusal) {
        let plans = try plan(submissions, by: person)
        var answers: [Submitted] = []
        for plan in plans {
            switch plan {
            case .existing(let id):
                let stage = state.jobs[id]?.stage ?? .queued
                answers.append(Submitted(id: id, stage: stage, created: false))
            case .new(let id, var body):
                body.owner = state.owner(of: person)
                emit(.jobSubmitted(body), on: id, by: person)
                let notes = overlapNotes(on: id)
                answers.append(Submitted(id: id, stage: .queued, created: true, notes: notes))
            }
        }
        turn.answer = .submitted(answers)
    }

    private enum Plan {
        case existing(JobID)
        case new(JobID, JobSubmitted)

        var id: JobID {
            switch self {
            case .existing(let id), .new(let id, _): id
            }
        }
    }

    private func plan(
        _ submissions: [Submission],
        by person: Principal
    ) throws(Refusal) -> [Plan] {
        var plans: [Plan] = []
        var names: [String: JobID] = [:]
        var keysOfBatch: [String: (submission: Submission, id: JobID)] = [:]
        var next = state.counters.lastJob
        for submission in submissions {
            let (terms, key) = try terms(of: submission)
            let plan: Plan
            if let key, let twin = keysOfBatch[key] {
                let other = twin.submission.fileName ?? "another file here"
                try refuseConflict(submission, with: Content(twin.submission), of: other)
                plan = .existing(twin.id)
            } else if let key, let id = state.keys[key], let existing = state.jobs[id] {
                try refuseConflict(submission, with: Content(existing), of: id.description)
                plan = .existing(id)
            } else {
                try refuseUnfulfillable(terms, by: person)
                next += 1
                let body = JobSubmitted(
                    manifest: submission.manifest,
                    prompt: submission.prompt,
                    contentHash: submission.contentHash,
                    style: submission.style,
                    terms: terms,
                    dependencies: []
                )
                plan = .new(JobID(next), body)
                if let key { keysOfBatch[key] = (submission, JobID(next)) }
            }
            plans.append(plan)
            if let fileName = submission.fileName { names[fileName] = plan.id }
            if let key = submission.manifest.idempotencyKey { names[key] = plan.id }
        }
        let resolved = try resolveDependencies(plans, names: names)
        try refuseCycle(resolved, titles: submissions)
        return resolved
    }

    private func terms(of submission: Submission) throws(Refusal) -> (JobTerms, String?) {
        let manifest = submission.manifest
        let product = submission.product
        guard product != Event.fleetProduct else {
            throw Refusal(
                .invalid,
                "manifest.product-reserved",
                what: "The product fleet is reserved",
                why: "it holds what concerns the whole fleet",
                hint: "choose another product"
            )
        }
        let repository = try repository(of: submission)
        let reference =
            manifest.profile ?? submission.defaults.profile
            ?? repository.profile.map { ProfileReference(name: $0) }
            ?? ProfileReference(name: "developer")
        guard let profile = state.profile(reference) else {
            try refusePending(reference)
            throw Refusal(
                .unknown,
                "profile.unknown",
                what: "There is no profile \(reference)",
                why: "known are \(state.profiles.keys.sorted().joined(separator: ", "))",
                hint: "giga profile list"
            )
        }
        var terms = try JobTerms(
            resolving: manifest,
            title: submission.title,
            style: submission.style,
            product: product,
            profile: profile,
            repository: repository
        )
        try terms.refuseTestingUnlessItShips(manifest)
        if manifest.profile?.version == nil {
            terms.profile = profile.reference
        }
        let key = manifest.idempotencyKey.map { FleetState.key(product: product, key: $0) }
        return (terms, key)
    }

    /// A version that waits for a second person is nobody's role yet.
    private func refusePending(_ reference: ProfileReference) throws(Refusal) {
        guard let pending = state.pendingProfile(reference.name)?.profile,
            reference.version == nil || reference.version == pending.version
        else { return }
        throw Refusal(
            .unknown,
            "profile.unknown",
            what: "There is no profile \(reference) yet",
            why: "\(pending.reference) waits for a second person to approve it",
            hint: "giga profile approve \(reference.name)"
        )
    }

    private func repository(of submission: Submission) throws(Refusal) -> Repository {
        let known = state.repositories.keys.sorted().joined(separator: ", ")
        guard let name = submission.manifest.repo ?? submission.defaults.repo else {
            throw Refusal(
                .invalid,
                "manifest.no-repo",
                what: "\(submission.title): no repository is named",
                why: "neither the file nor the configuration says where to work",
                hint: "add repo: NAME to the front matter, or run giga repo add NAME --url PATH"
            )
        }
        if let repository = state.repositories[name] { return repository }
        if let repository = state.repositories.values
            .filter({ $0.url == name || $0.checkout == name })
            .min(by: { $0.name < $1.name })
        {
            return repository
        }
        throw Refusal(
            .unknown,
            "repo.unknown",
            what: "There is no repository \(name)",
            why: known.isEmpty ? "none is registered yet" : "known are \(known)",
            hint: "giga repo add NAME --url \(name.contains("/") ? name : "PATH")"
        )
    }

    private func refuseConflict(
        _ submission: Submission,
        with content: Content,
        of existing: String
    ) throws(Refusal) {
        guard submission.contentHash != content.hash else { return }
        let key = submission.manifest.idempotencyKey ?? ""
        throw Refusal(
            .conflict,
            "job.key-conflict",
            what: "\(submission.title): the key \(key) was used for other work",
            why: "\(existing) has it with other content\(content.changes(to: submission))",
            hint: "give the new work a key of its own"
        )
    }

    /// What an idempotency key stands for: the file that first had it.
    private struct Content {
        let hash: String
        let manifest: Manifest
        let prompt: String

        init(_ job: Job) {
            (hash, manifest, prompt) = (job.contentHash, job.manifest, job.prompt)
        }

        init(_ submission: Submission) {
            hash = submission.contentHash
            (manifest, prompt) = (submission.manifest, submission.prompt)
        }

        func changes(to submission: Submission) -> String {
            var names = manifest.differences(from: submission.manifest)
            if prompt != submission.prompt { names.append("the prompt") }
            return names.isEmpty ? "" : ": \(names.joined(separator: ", "))"
        }
    }

    private func resolveDependencies(
        _ plans: [Plan],
        names: [String: JobID]
    ) throws(Refusal) -> [Plan] {
        var resolved: [Plan] = []
        for plan in plans {
            guard case .new(let id, var body) = plan else {
                resolved.append(plan)
                continue
            }
            for dependency in body.manifest.deps ?? [] {
                body.dependencies.append(
                    try resolve(dependency.name, of: body, names: names)
                )
            }
            resolved.append(.new(id, body))
        }
        return resolved
    }

    private func resolve(
        _ name: String,
        of body: JobSubmitted,
        names: [String: JobID]
    ) throws(Refusal) -> JobID {
        if let id = names[name] ?? names["\(name).md"] { return id }
        if let id = JobID(text: name), state.jobs[id] != nil { return id }
        let key = FleetState.key(product: body.terms.product, key: name)
        if let id = state.keys[key] { return id }
        throw Refusal(
            .unknown,
            "deps.unknown",
            what: "\(body.terms.title): there is no job \(name)",
            why: "deps names neither a job, a key, nor a file of this submission",
            hint: "giga jobs"
        )
    }

    /// Only jobs of this batch can close a cycle: what is stored already depends on nothing newer.
    private func refuseCycle(_ plans: [Plan], titles: [Submission]) throws(Refusal) {
        var edges: [JobID: [JobID]] = [:]
        var names: [JobID: String] = [:]
        for (plan, submission) in zip(plans, titles) {
            guard case .new(let id, let body) = plan else { continue }
            edges[id] = body.dependencies
            names[id] =
                submission.fileName ?? submission.manifest.idempotencyKey ?? submission.title
        }
        var done: Set<JobID> = []
        for start in edges.keys.sorted() where !done.contains(start) {
            var path = [start]
            var choices = [edges[start, default: []][...]]
            while !path.isEmpty {
                guard let next = choices[choices.count - 1].popFirst() else {
                    done.insert(path.removeLast())
                    choices.removeLast()
                    continue
                }
                if let from = path.firstIndex(of: next) {
                    let circle = (path[from...] + [next]).map { names[$0] ?? "\($0)" }
                    throw Refusal(
                        .invalid,
                        "deps.cycle",
                        what: "The dependencies go in a circle",
                        why: circle.joined(separator: " → "),
                        hint: "drop one of these deps"
                    )
                }
                guard edges[next] != nil, !done.contains(next) else { continue }
                path.append(next)
                choices.append(edges[next, default: []][...])
            }
        }
    }
}
