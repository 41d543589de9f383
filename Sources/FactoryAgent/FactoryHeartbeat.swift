import FleetModel
import FleetProtocol
import Processes

/// Staying in the fleet: heartbeats, the leases' own clock, and orders.
extension Factory {
    /// One heartbeat after the other until the factory ends.
    func heartbeats() {
        while state.read(\.phase) < .over {
            let facts = currentFacts()
            lookAtMachine()
            let sent = BootClock.now()
            let (held, claimsNothing, drains, isTold) = state.change { state in
                state.beatsNow = false
                let held = state.runs.values.map(\.control.held)
                return (held, state.claimsNothing, state.drains, state.toldFacts == facts)
            }
            let request = HeartbeatRequest(
                boot: boot,
                held: held.sorted { $0.job < $1.job },
                load: FactProbe.load,
                facts: isTold ? nil : facts,
                claimsNothing: claimsNothing,
                drains: drains
            )
            do throws(LinkFault) {
                let reply = try link.heartbeat(request, of: configuration.name)
                state.change { $0.toldFacts = facts }
                hear(reply, sent: sent)
            } catch {
                state.change { $0.toldFacts = nil }
                missed(error)
            }
            let interval = state.read(\.terms.heartbeat)
            let next = sent + .milliseconds(interval.milliseconds)
            let left = max(next - BootClock.now(), .milliseconds(1))
            _ = state.wait(until: .after(left)) { state in
                state.phase == .over || state.beatsNow ? true : nil
            }
        }
    }

    private func hear(_ reply: HeartbeatReply, sent: Duration) {
        let (runs, terms) = state.read { ($0.runs, $0.terms) }
        let renewed = Set(reply.renewed)
        for run in runs.values where renewed.contains(run.control.held) {
            run.control.renew(sent: sent, terms: terms)
        }
        for lost in reply.lost {
            for run in runs.values where run.control.held == lost && !run.control.isConcluding {
                context.log.say("\(run.control.lease.run): no longer ours")
                run.control.end(
                    .leaseLost("the coordinator gave it to another"),
                    ladder: .killAtOnce
                )
            }
        }
        if !reply.orders.contains(where: { $0.kind == .drain }) {
            // Heartbeats repeat what holds: a missing drain means that it was lifted.
            state.change { $0.isDrainedByOrder = false }
        }
        for order in reply.orders { obey(order) }
        let found = reply.paths.filter { FileTree.exists($0) }
        state.change { state in
            let before = state.statedPaths
            state.statedPaths.formUnion(found)
            if state.statedPaths != before { state.beatsNow = true }
        }
    }

    private func missed(_ fault: LinkFault) {
        context.log.say("heartbeat: \(fault)")
        switch fault {
        case .unregistered, .unauthorised:
            do throws(FactoryFault) { _ = try register() } catch { context.log.say(error.report) }
        case .removed(let why): leave(because: why)
        default: break
        }
    }

    /// A person removed this factory: whatever it holds has been given back, so it stops.
    func leave(because why: String) {
        let runs = state.change { state in
            state.removal = why
            state.phase = max(state.phase, .stopping)
            return state.runs.values.map(\.control)
        }
        for control in runs { control.end(.leaseLost(why), ladder: .killAtOnce) }
    }

    /// Keeps the facts `push:` and `repo:` true, on a thread of its own: remotes may be slow.
    func watchRepositories() {
        var cache = PushProbe.Cache()
        while state.read(\.phase) < .over {
            if let listed = try? link.repositories() {
                state.change { state in
                    for repository in listed { state.repositories[repository.name] = repository }
                }
            }
            let known = state.read(\.repositories)
            let facts = pushes.facts(of: known.values.sorted { $0.name < $1.name }, &cache)
            state.change { state in
                if state.repositoryFacts != facts { state.beatsNow = true }
                state.repositoryFacts = facts
            }
            let interval = Duration.milliseconds(state.read(\.terms.heartbeat).milliseconds)
            _ = state.wait(until: .after(interval)) { state in
                state.phase == .over || state.repositories != known ? true : nil
            }
        }
    }

    /// Nothing is claimed where the next run would find no room, or no time.
    func lookAtMachine() {
        let shortage = shortage()
        let before = state.change { state in
            defer { state.shortage = shortage }
            return state.shortage
        }
        if let shortage, before == nil { context.log.say("nothing is claimed: \(shortage)") }
        if before != nil, shortage == nil { context.log.say("claiming again") }
    }

    private func shortage() -> String? {
        if let why = context.notUnderstood.read(\.self) {
            return "the coordinator refuses its reports, until it takes one again "
                + "or the factory is started anew: \(why)"
        }
        let free = FileTree.freeBytes(at: context.folder.path) ?? .max
        if free < configuration.minimumFreeBytes { makeRoom() }
        if free < configuration.minimumFreeBytes {
            return "\(free >> 20) MiB of disk are free, and the minimum is "
                + "\(configuration.minimumFreeBytes >> 20) MiB"
        }
        let load = FactProbe.loadMilli
        if let limit = configuration.maximumLoadMilli, load > limit {
            return "the load is \(Self.decimal(load)), and the maximum is \(Self.decimal(limit))"
        }
        return nil
    }

    /// On a thread of its own, because taking much away takes long, and heartbeats must not wait.
    private func makeRoom() {
        do throws(FactoryFault) { try start { [context] in context.prepared.trim() } } catch {
            context.log.say(error.report)
        }
    }

    private static func decimal(_ milli: Int64) -> String {
        let digits = String(milli % 1000)
        return "\(milli / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
    }

    /// Stops each run at its own deadline, whether or not anybody can be reached.
    func watchLeases() {
        while true {
            let (runs, version, phase) = state.read { ($0.runs.values, $0.version, $0.phase) }
            if phase == .over { return }
            for run in runs { run.control.endIfExpired() }
            let living = runs.filter { $0.control.ending == nil }
            let next = living.map(\.control.deadline).min()
            let left = next.map { max($0 - BootClock.now(), .milliseconds(1)) }
            _ = state.wait(until: .after(left)) { state in
                state.phase == .over || state.version != version ? true : nil
            }
        }
    }

    /// Follows the order stream; heartbeats repeat what is missed while it is down.
    func followOrders() {
        var pause = Duration.milliseconds(200)
        while state.read(\.phase) < .over {
            let began = BootClock.now()
            do throws(LinkFault) {
                try link.orders(cancellation) { order in obey(order) }
            } catch {
                if error == .cancelled { return }
            }
            if BootClock.now() - began > .seconds(5) { pause = .milliseconds(200) }
            _ = state.wait(until: .after(pause)) { $0.phase == .over ? true : nil }
            pause = min(pause * 2, .seconds(5))
        }
    }

    /// Doing it again does nothing more.
    func obey(_ order: Order) {
        switch order.kind {
        case .drain: state.change { $0.isDrainedByOrder = true }
        case .undrain: state.change { $0.isDrainedByOrder = false }
        case .cancel: end(order, as: .asked(.cancelled, order.reason))
        case .stop: end(order, as: .asked(.drained, order.reason))
        case .pause: end(order, as: .paused(order.reason))
        }
    }

    private func end(_ order: Order, as ending: Ending) {
        for run in state.read(\.runs).values {
            let lease = run.control.lease
            guard order.job == nil || order.job == lease.job,
                order.fence == nil || order.fence == lease.fence
            else { continue }
            run.control.end(ending, sparingFinished: order.sparesFinished == true)
        }
    }
}
