import FleetModel
import FleetProtocol
import Processes

/// Asking for work: one waiting claim, replaced whenever what is free has changed.
extension Factory {
    private static let waitMilliseconds: Int64 = 30_000

    /// Sends claims until the factory drains; each waits on a thread of its own.
    func claims() {
        while true {
            let next: (number: Int, offer: FactoryState.Offer)?? = state.wait { state in
                if state.phase >= .draining { return .some(nil) }
                let offer = state.offer
                let isStale = offer != state.offered
                guard isStale || (state.isAnswered && !offer.isEmpty) else { return nil }
                return (state.claim + 1, offer)
            }
            guard let claim = next ?? nil else { break }
            state.change { state in
                state.claim = claim.number
                state.offered = claim.offer
                state.isAnswered = false
            }
            let thread: @Sendable () -> Void = { [self] in send(claim.number, claim.offer) }
            do throws(FactoryFault) { try start(thread) } catch {
                context.log.say(error.report)
                answered(claim.number)
                wait(.seconds(1))
            }
        }
        withdraw()
    }

    /// An offer of nothing, answered at once, takes back whatever claim waits.
    private func withdraw() {
        let number = state.change { state in
            state.claim += 1
            state.offered = FactoryState.Offer()
            state.isAnswered = false
            return state.claim
        }
        let request = request(number, FactoryState.Offer(), wait: 0)
        do throws(LinkFault) {
            accept(try link.claim(request, cancellation), received: BootClock.now())
        } catch {
            // A lease that this leaves behind is released when heartbeats do not list it.
            context.log.say("the waiting claim could not be taken back: \(error)")
        }
        answered(number)
    }

    private func request(
        _ number: Int,
        _ offer: FactoryState.Offer,
        wait: Int64
    ) -> ClaimRequest {
        ClaimRequest(
            id: "\(boot)-\(number)",
            factory: FactoryID(configuration.name),
            boot: boot,
            free: offer.free,
            takesShip: offer.takesShip,
            waitMilliseconds: wait
        )
    }

    /// Sends a claim; one whose reply was lost is repeated under its own id, while it is the newest.
    private func send(_ number: Int, _ offer: FactoryState.Offer) {
        let wait = offer.isEmpty ? 0 : Self.waitMilliseconds
        let request = request(number, offer, wait: wait)
        let began = BootClock.now()
        var pause = Duration.milliseconds(100)
        while state.read({ $0.claim == number && $0.phase < .over }) {
            do throws(LinkFault) {
                let reply = try link.claim(request, cancellation)
                accept(reply, received: BootClock.now())
                // An answer of nothing at once is no reason to ask again at once.
                if reply.leases.isEmpty, BootClock.now() - began < .milliseconds(100) {
                    rest(.milliseconds(250), claim: number)
                }
                break
            } catch {
                guard isWorthRepeating(error) else { break }
                rest(pause, claim: number)
                pause = min(pause * 2, .seconds(2))
            }
        }
        answered(number)
    }

    private func isWorthRepeating(_ fault: LinkFault) -> Bool {
        switch fault {
        case .cancelled: return false
        case .unreachable: return true
        default:
            context.log.say("claim: \(fault)")
            // The next heartbeat registers again where that is what is missing.
            state.change { $0.beatsNow = true }
            return true
        }
    }

    private func rest(_ duration: Duration, claim number: Int) {
        _ = state.wait(until: .after(duration)) { state in
            state.claim != number || state.phase >= .draining ? true : nil
        }
    }

    private func answered(_ number: Int) {
        state.change { state in
            guard state.claim == number else { return }
            state.isAnswered = true
        }
    }

    private func accept(_ reply: ClaimReply, received: Duration) {
        for grant in reply.leases { accept(grant, received: received) }
    }

    private func accept(_ grant: GrantedRun, received: Duration) {
        let lease = grant.lease
        let verdict: RunControl?? = state.change { state in
            if let known = state.runs[lease.run], known.control.lease.fence == lease.fence {
                return .some(nil)
            }
            guard state.hasRoom(for: lease) else { return nil }
            let span = RunControl.span(state.terms)
            let control = RunControl(lease, deadline: received + span)
            state.runs[lease.run] = .init(control: control)
            state.repositories[grant.repository.name] = grant.repository
            state.version += 1
            // The first renewal, and the push fact of this repository, need not wait.
            state.beatsNow = true
            return control
        }
        guard let known = verdict else { return giveBack(grant, received) }
        guard let control = known else { return }
        let worker = Worker(grant: grant, control: control, context: context)
        let thread: @Sendable () -> Void = { [self] in
            worker.run()
            // Before its station is free again: it may be known now that nothing should be claimed.
            if context.notUnderstood.read(\.self) != nil { lookAtMachine() }
            forget(control)
        }
        do throws(FactoryFault) { try start(thread) } catch {
            context.log.say(error.report)
            forget(control)
            giveBack(grant, received)
        }
    }

    /// A newer lease may have brought the same run back meanwhile: that one stays.
    private func forget(_ control: RunControl) {
        state.change { state in
            guard state.runs[control.lease.run]?.control === control else { return }
            state.runs[control.lease.run] = nil
            state.version += 1
        }
    }

    /// A lease that finds no place here goes back to the queue at once, and uses up no retry.
    private func giveBack(_ grant: GrantedRun, _ received: Duration) {
        let span = RunControl.span(state.read(\.terms))
        let control = RunControl(grant.lease, deadline: received + span)
        context.log.say("\(grant.lease.run): given back: no station is free for it")
        context.reporter(control)
            .stopped(.drained, "no station of this factory is free for it any more")
    }
}
