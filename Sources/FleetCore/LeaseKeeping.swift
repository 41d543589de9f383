import FleetModel
import FleetRules
import Routing

/// Claims, reports under a fence, and what the passing of time does to leases.
extension Fleet {
    mutating func take(_ claim: Claim) throws(Refusal) {
        let factory = try factory(claim.factory)
        guard factory.boot == claim.boot, let seen = presence.factories[claim.factory] else {
            throw Refusal(
                .conflict,
                "factory.unheard",
                what: "\(claim.factory) must register first",
                why: "this start of it (\(claim.boot)) is not known",
                hint: "register again"
            )
        }
        if let answered = seen.answered, answered.claim == claim.id {
            turn.grants.append(answered)
            turn.answer = .waiting
            return
        }
        let granted = grantedBefore(by: claim)
        guard granted.isEmpty else {
            let answer = ClaimAnswer(claim: claim.id, factory: claim.factory, leases: granted)
            presence.change(claim.factory) { $0.answered = answer }
            turn.grants.append(answer)
            turn.answer = .waiting
            return
        }
        if let older = seen.claim, older.id != claim.id { answer(older, with: []) }
        var offer = claim
        offer.free = Sight.stations(
            of: factory,
            stating: stated(by: factory),
            claim: claim,
            busy: [:]
        ).map { group in
            Station(engine: group.kind.engine, classes: group.kind.classes, count: group.free)
        }
        presence.change(claim.factory) { seen in
            seen.claim = offer
            seen.answered = nil
        }
        endWaits(for: claim.factory, offering: offer.free)
        turn.answer = .waiting
    }

    /// What the claim was granted by a coordinator that died before its answer arrived.
    ///
    /// Leases are durable and answers are not: whoever asks once more would else be granted other
    /// work, and the first would go back only when heartbeats do not list it.
    private func grantedBefore(by claim: Claim) -> [GrantedRun] {
        leases(of: claim.factory).compactMap { id in
            guard let job = state.jobs[id], let lease = job.lease, lease.claim == claim.id,
                lease.boot == claim.boot, presence.leases[id].map({ now < $0.expires }) ?? false
            else { return nil }
            return grantedRun(lease, job)
        }
    }

    /// Answers a waiting claim; leases are remembered, so that a repeated claim gets them again.
    mutating func answer(_ claim: Claim?, with leases: [GrantedRun]) {
        guard let claim else { return }
        let answer = ClaimAnswer(claim: claim.id, factory: claim.factory, leases: leases)
        presence.change(claim.factory) { seen in
            seen.claim = nil
            if !leases.isEmpty { seen.answered = answer }
        }
        turn.grants.append(answer)
    }

    mutating func hear(_ report: RunReport, from id: FactoryID) throws(Refusal) {
        guard let run = RunID(text: report.run) else {
            throw Refusal(
                .invalid,
                "run.unknown",
                what: "\(report.run) is no run",
                why: "runs are named job-12.2 or job-12.ship-5",
                hint: "giga show JOB"
            )
        }
        let job = try job(run.job)
        guard let lease = job.lease, lease.fence == report.fence, lease.factory == id,
            lease.run == run
        else {
            if wasHeard(report, of: job) { return }
            throw Refusal(
                .staleFence,
                "lease.stale",
                what: "\(report.run) is no longer \(id)'s",
                why: staleReason(job, report),
                hint: "stop this worker; its work stays in the factory's quarantine"
            )
        }
        emit(try job.hear(report, by: id, at: now), on: job.id, by: .factory(id))
        turn.answer = .job(job.id)
    }

    /// A report whose reply was lost comes again after it took effect: no error, no effect.
    private func wasHeard(_ report: RunReport, of job: Job) -> Bool {
        guard job.lease == nil, let run = job.runs.last, run.fence == report.fence,
            run.id == report.run, run.endedAt != nil, run.outcome != "lost"
        else { return false }
        return report.items.allSatisfy { $0.belongs(to: run.kind) }
    }

    private func staleReason(_ job: Job, _ report: RunReport) -> String {
        let aim = report.items.last.map { StageTransition.aim(of: $0).rawValue } ?? "nowhere"
        let standing = "\(job.id) is in \(job.stage.rawValue), and the report would lead to \(aim)"
        if job.fence > report.fence {
            return "fence \(report.fence) was followed by \(job.fence); \(standing)"
        }
        return "no lease with fence \(report.fence) is live; \(standing)"
    }

    /// Judges expiry; the shell ticks after all waiting heartbeats were heard.
    mutating func expire() {
        settle()
        for id in deadlines.leases.takeDue(at: now) {
            presence.touch(id)
            guard let live = presence.leases[id], let job = state.jobs[id], let lease = job.lease
            else { continue }
            if live.expires <= now {
                let reason = "\(lease.factory) did not renew it in time"
                emit(job.afterExpiry(reason: reason), on: id, by: .coordinator)
            } else if !job.hasStarted,
                live.grantedAt.advanced(by: settings.leases.startWithin) <= now
            {
                release(id, reason: "\(lease.factory) did not start it in time")
            }
        }
        for id in deadlines.factories.takeDue(at: now) {
            presence.touch(id)
            guard let seen = presence.factories[id] else { continue }
            if let claim = seen.claim, claim.until <= now { answer(claim, with: []) }
            noticeSilence(of: id, seen)
        }
    }

    private mutating func noticeSilence(of id: FactoryID, _ seen: Presence.Seen) {
        let standing = state.factories[id]?.standing
        if standing != .offline, silentSince(seen, beats: 4) <= now {
            let reason = Reason("no heartbeat for four intervals")
            emit(.factoryOffline(reason), factory: id, by: .coordinator)
            turn.seen.insert(id)
        } else if standing == .present, silentSince(seen, beats: 2) <= now {
            let reason = Reason("no heartbeat for two intervals")
            emit(.factoryLate(reason), factory: id, by: .coordinator)
            turn.seen.insert(id)
        }
    }

    /// After a stall of more than a third of a lease nobody could renew: all get the gap back.
    mutating func noticeStall() {
        defer { presence.lastTurn = now }
        guard let last = presence.lastTurn, !presence.leases.isEmpty else { return }
        let gap = now.since(last)
        guard gap > settings.leases.term / 3 else { return }
        extendAll(by: gap, reason: "the coordinator stood still for \(gap)")
    }

    /// Every live lease runs one full lease from now, because nobody could renew meanwhile.
    mutating func recover() {
        for (id, factory) in state.factories.sorted(by: { $0.key < $1.key }) {
            presence.set(id, Presence.Seen(boot: factory.boot, lastHeartbeat: now))
            index.learn(factory)
            turn.seen.insert(id)
        }
        for (id, job) in state.jobs {
            guard let lease = job.lease else { continue }
            // One term is added below. An extension of before may have promised more, and stands.
            let promised = lease.expires.advanced(by: settings.leases.term * -1)
            let live = Presence.LiveLease(
                fence: lease.fence,
                expires: max(now, promised),
                grantedAt: now
            )
            presence.set(id, live)
            index.noteLease(of: job, from: nil, to: JobMoment(job))
        }
        guard !presence.leases.isEmpty else { return }
        extendAll(by: settings.leases.term, reason: "the coordinator was started")
    }

    private mutating func extendAll(by span: Timespan, reason: String) {
        var ends: [Instant] = []
        for (id, live) in presence.leases {
            let expires = live.expires.advanced(by: span)
            presence.change(id) { live in
                live.expires = expires
                live.grantedAt = now
            }
            ends.append(expires)
        }
        let extended = LeaseExtended(
            until: ends.min() ?? now,
            leases: ends.count,
            reason: reason
        )
        emit(.leaseExtended(extended), by: .coordinator)
    }
}
