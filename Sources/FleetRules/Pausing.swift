package import FleetModel

/// What a person may decide on a job that need not end it: hold it, let it go on, answer it.
extension Job {
    /// `giga pause`: at once in the queue; running work is stopped first, and what it did is kept.
    ///
    /// Work that passes its gates before it hears of it stays where it came to, and does not ship.
    package func pause(
        by person: Principal,
        reason: String,
        at now: Instant
    ) throws(Refusal) -> [EventBody] {
        if pause != nil { return [] }
        guard stage == .queued || stage.holdsAttempt else {
            throw Refusal(
                .conflict,
                "stage.illegal",
                what: "\(id) cannot be paused: no pause leads from \(stage.rawValue) to queued",
                why:
                    "\(id) is in \(stage.rawValue); only work that is queued or runs can be paused",
                hint: stage == .testing ? "giga halt --level all --reason TEXT" : "giga show \(id)"
            )
        }
        if let cancelRequest {
            throw Refusal(
                .conflict,
                "job.stopping",
                what: "\(id) cannot be paused: it is ending",
                why: "\(cancelRequest.by) cancelled it: \(cancelRequest.reason)",
                hint: "giga show \(id)"
            )
        }
        let hold = Hold(by: person, reason: reason, since: now)
        if stage == .queued { return [.jobPaused(hold)] }
        guard lease != nil else {
            throw Refusal(
                .conflict,
                "job.waits-already",
                what: "\(id) cannot be paused: nothing of it runs",
                why: "it is in \(stage.rawValue) and waits for a person",
                hint: "giga inbox"
            )
        }
        return [.jobPauseRequested(hold)]
    }

    /// `giga resume ID`: a pause that has not taken effect yet is withdrawn, and what would have
    /// shipped by itself meanwhile does so now.
    package func resume(reason: String) throws(Refusal) -> [EventBody] {
        guard pause != nil else {
            throw Refusal(
                .conflict,
                "job.not-paused",
                what: "\(id) is not paused",
                why: "it is in \(stage.rawValue), and nobody holds it",
                hint: "giga why \(id)"
            )
        }
        return [.jobResumed(Reason(reason))] + shipAfterPause
    }

    /// Every policy but `manual` ships what has passed.
    private var shipAfterPause: [EventBody] {
        guard stage == .testing, terms.reviewPolicy != .manual, let candidate,
            lease == nil, shipRequest == nil
        else { return [] }
        return asksForShip(candidate)
    }

    /// The verdict that lets work pass: a pause that came too late for its worker outlasts it.
    func passes(_ candidate: Candidate, _ reason: String) -> Judged {
        let keepsPause = pause == nil ? nil : true
        return Judged(commit: candidate.commit, reason: reason, keepsPause: keepsPause)
    }

    /// The ship that follows when the last yes was said; a person's pause holds it back.
    func shipsUnlessPaused(_ candidate: Candidate) -> [EventBody] {
        pause == nil ? asksForShip(candidate) : []
    }

    /// `giga reprioritise`: another place in the queue, for now and for every later attempt.
    package func reprioritise(_ priority: Priority) throws(Refusal) -> [EventBody] {
        guard !stage.isEnded else {
            throw Refusal(
                .conflict,
                "job.ended",
                what: "\(id) has no place in a queue any more",
                why: "it is in \(stage.rawValue)",
                hint: "giga show \(id)"
            )
        }
        if priority == terms.priority { return [] }
        return [.jobReprioritised(Reprioritised(priority: priority, before: terms.priority))]
    }

    /// `giga answer`: the next attempt goes on with it, and no retry is used up.
    package func answer(_ text: String) throws(Refusal) -> [EventBody] {
        guard dialogue?.open != nil else {
            throw Refusal(
                .conflict,
                "job.no-question",
                what: "\(id) has asked nothing",
                why: "it is in \(stage.rawValue), and no question of it is open",
                hint: "giga inbox"
            )
        }
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw Refusal(
                .invalid,
                "answer.empty",
                what: "\(id) was given an empty answer",
                why: "the next attempt would know no more than the last one",
                hint: "giga answer \(id) --text TEXT"
            )
        }
        return [.jobAnswered(Answered(text: text))] + pauseInEffect
    }

    /// Follows whatever sends a job back to the queue while a person wants it held.
    var pauseInEffect: [EventBody] { pause.map { [.jobPaused($0)] } ?? [] }
}
