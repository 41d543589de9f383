import FleetModel

/// What people and engines say to each other about a job, as its history keeps it.
extension Job {
    mutating func applyWord(_ event: Event) {
        switch event.body {
        case .jobPauseRequested(let hold), .jobPaused(let hold): pause = hold
        case .jobResumed: pause = nil
        case .jobPreemptRequested(let asked), .jobPreempted(let asked): preemption = asked
        case .jobReprioritised(let change): terms.priority = change.priority
        case .runCheckpointed(let kept): checkpoint = kept
        case .runWaitingInput(let waiting): ask(waiting, at: event.at)
        case .jobAnswered(let answer): take(answer, from: event.actor)
        case .reviewApproved(let approved):
            var known = review ?? Review()
            known.approvals.append(Review.Approval(by: event.actor, approved, at: event.at))
            review = known
        default: break
        }
    }

    private mutating func ask(_ waiting: WaitingInput, at now: Instant) {
        lossesInARow = 0
        var known = dialogue ?? Dialogue()
        known.exchanges.append(
            Dialogue.Exchange(attempt: attempt, question: waiting.question, askedAt: now)
        )
        dialogue = known
        note("waiting_input", at: now)
        change { run in
            run.usage = waiting.usage
            run.model = waiting.model ?? run.model
            run.spendMicroUSD = waiting.spendMicroUSD
            run.notes += waiting.notes
        }
    }

    private mutating func take(_ answer: Answered, from person: Principal) {
        guard let last = dialogue?.exchanges.lastIndex(where: { $0.answer == nil }) else { return }
        dialogue?.exchanges[last].answer = answer.text
        dialogue?.exchanges[last].answeredBy = person
    }

    /// Work in progress and open questions of an attempt that nobody goes on with.
    mutating func forgetUnfinished() {
        checkpoint = nil
        dialogue?.exchanges.removeAll { $0.answer == nil }
    }
}
