import FleetCore
import FleetModel

/// Something on its way through a network that loses, repeats, delays and reorders.
struct SimulatedLetter {
    enum Content {
        case request(Command, from: SimulatedProcess)
        case reply(SimulatedCoordinator.Content, to: SimulatedProcess)
        /// To the remote, of whoever had that right when it was sent.
        case push(SimulatedRemote.Push, from: SimulatedProcess, work: HeldLease)
    }

    let due: Instant
    let content: Content
}

extension FleetSimulation {
    /// Sends something that belongs to a process of a factory.
    mutating func post(_ content: SimulatedLetter.Content, from process: SimulatedProcess) {
        if isCalm { return mail.append(SimulatedLetter(due: world, content: content)) }
        if random.oneIn(mood == .mixed ? 8 : 40) {
            switch content {
            case .request: return check.note("fault: a request lost")
            case .reply(.granted, _): return check.note("fault: a claim reply lost")
            case .reply: return check.note("fault: a reply lost")
            case .push: break
            }
        }
        var copies = 1
        if random.oneIn(8), case .request = content {
            check.note("fault: a message repeated")
            copies = 2
        }
        for _ in 0..<copies {
            let delay = random.oneIn(3) ? random.number(in: 1...3000) : 0
            if delay > 0 { check.note("fault: a message delayed") }
            let due = world.advanced(by: Timespan(milliseconds: Int64(delay)))
            mail.append(SimulatedLetter(due: due, content: content))
        }
    }

    /// Hands over what has arrived, in any order.
    mutating func deliver() {
        // A reply in calm times is heard before the next step.
        while mail.contains(where: { $0.due <= world }) {
            var due: [SimulatedLetter] = []
            mail.removeAll { letter in
                guard letter.due <= world else { return false }
                due.append(letter)
                return true
            }
            if !isCalm, due.count > 1 {
                check.note("fault: messages reordered")
                due.shuffle(using: &random)
            }
            for letter in due { handOver(letter) }
        }
    }

    private mutating func handOver(_ letter: SimulatedLetter) {
        switch letter.content {
        case .request(let command, let process):
            coordinator.inbox.append(.init(command: command, sender: process))
        case .reply(let content, let process):
            guard let index = index(of: process) else { return }
            if let until = factories[index].sleepsUntil {
                mail.append(SimulatedLetter(due: max(until, world.next), content: letter.content))
                return
            }
            hear(content, index)
        case .push(let push, let process, let work):
            let isAccepted = remote.accept(push)
            check.note(isAccepted ? "a late push taken" : "a late push refused")
            guard let index = index(of: process),
                let place = factories[index].held.firstIndex(where: {
                    $0.run.lease.job == work.job && $0.run.lease.fence == work.fence
                }), factories[index].held[place].ship == .pushing(push)
            else { return }
            if !isCalm, random.oneIn(3) {
                check.note("fault: the reply to a push lost")
                factories[index].held[place].ship = .brokenOff(push)
            } else {
                factories[index].held[place].ship = .answered(push, isAccepted: isAccepted)
            }
        }
    }

    private mutating func hear(_ content: SimulatedCoordinator.Content, _ index: Int) {
        switch content {
        case .granted(let answer):
            for run in answer.leases where run.onlyLooks { check.note("a look") }
            factories[index].receive(answer)
        case .heartbeat(let answer):
            if !answer.lost.isEmpty { check.note("a lease told lost") }
            factories[index].drop(answer.lost)
            factories[index].obey(answer.orders)
        case .heard(let report):
            factories[index].held.removeAll { $0.isOver && $0.isOf(report.run, report.fence) }
        case .refused(let refusal, .report(let report, _)) where refusal.kind == .staleFence:
            factories[index].held.removeAll { $0.isOf(report.run, report.fence) }
        case .refused(let refusal, _) where refusal.code == "factory.replaced":
            replace(index)
        case .refused, .submitted, .done: break
        }
    }
}

extension FleetSimulation {
    /// It was told that another start of it is the one that counts.
    private mutating func replace(_ index: Int) {
        if factories[index].isLeftover {
            check.note("a leftover told to stop")
            factories.remove(at: index)
            return
        }
        // The coordinator forgot who came first; whoever watches the machine starts it again.
        check.note("a process pushed out by its leftover")
        factories[index].boots += 1
        factories[index].forget()
        let command = Command.register(factories[index].registration)
        post(.request(command, from: process(index)), from: process(index))
    }
}

extension Instant {
    fileprivate var next: Instant { advanced(by: .milliseconds(1)) }
}
