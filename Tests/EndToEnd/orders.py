"""Says whether an order exists in which what clients saw could have happened, and if not, why not.

Each job is a small machine, made from the specification's sentences on leases and stages. What
clients saw of it are moves between two instants. An order is wanted in which each move is legal, and
no move comes before one that had ended when it began. That is linearizability, job by job (Wing and
Gong's search, with a memory of what was tried). Nothing of the product is read or asked.
"""

import collections
import dataclasses

from witness import NEVER, Witness

# A poison job: after so many losses in a row, each after a start, it ends by itself.
POISON = 5


class Illegal(Exception):
    """A move that the specification does not allow in this state; its name is the anomaly's."""


@dataclasses.dataclass(frozen=True)
class State:
    """One job: what the specification lets follow depends on this and nothing else."""

    phase: str = "open"       # open, testing, failed, shipped
    holder: int = 0           # the fence of the live lease, or 0
    kind: str = ""            # of the newest lease
    top: int = 0              # the highest fence granted
    attempt: int = 0          # which the newest grant named
    used: int = 0             # starts of an engine
    started: int = 0          # the fence whose start was heard last
    ended: int = 0            # the fence whose end was heard last
    cancelled: bool = False
    losses: int = 0

    def but(self, **changes):
        return dataclasses.replace(self, **changes)

    def let_go(self):
        """The lease has ended; a cancelled attempt ends its job with it."""
        phase = "failed" if self.cancelled and self.phase == "open" else self.phase
        return self.but(holder=0, phase=phase)


def step(state, move):
    """The states that a move can lead to; Illegal when it cannot happen here."""
    return RULES[move.name](state, move)


def grant(state, move):
    kind, attempt = move.more
    if state.holder:
        raise Illegal("two leases at once")
    if move.fence <= state.top:
        raise Illegal("a fence that does not rise")
    if state.phase not in (("open",) if kind == "attempt" else ("testing",)):
        raise Illegal("ended work handed out again")
    if kind == "attempt" and attempt <= state.used:
        raise Illegal("a start that was acknowledged is forgotten")
    if kind == "attempt" and attempt > state.used + 1:
        raise Illegal("an attempt without a start")
    return state.but(holder=move.fence, top=move.fence, kind=kind, attempt=attempt)


def report(state, move):
    says, changed = move.more
    holds = state.holder == move.fence
    if state.top != move.fence:
        if state.phase == "shipped" and "merged" in says:
            raise Illegal("finished twice")
        raise Illegal("a stale report taken")
    # The rest of the newest run's log may come after its lease has ended.
    if not holds and says == ("logged",):
        return state
    # Of the newest run, a repeat of what was heard before changes nothing and is no error.
    repeats = changed is False and state.ended == move.fence
    if not holds and state.phase == "open" and state.losses < POISON and not repeats:
        raise Illegal("a stale report taken")
    if not holds:
        if changed:
            raise Illegal("finished twice" if ENDS.intersection(says) else "a stale report taken")
        return state
    if changed is False and ENDS.intersection(says):
        raise Illegal("a report without effect")
    if "started" in says and state.started != move.fence:
        state = state.but(used=state.used + 1, started=move.fence)
    if ENDS.intersection(says):
        state = state.but(ended=move.fence)
    if "finished" in says:
        return state.but(holder=0, phase="failed")
    if "complete" in says:
        return state.but(holder=0, phase="failed" if state.cancelled else "testing")
    if "merged" in says:
        return state.but(holder=0, phase="shipped")
    if "stopped" in says:
        return state.let_go()
    return state


def stranger(state, move):
    # Said once more of what has ended, by whomever, it changes nothing.
    if move.must and move.more[1] is not False:
        raise Illegal("a report of another factory taken")
    return state


ENDS = frozenset(["finished", "complete", "merged", "stopped"])


def held(state, move):
    if state.holder != move.fence:
        raise Illegal("a lost lease renewed")
    return state


def not_held(state, move):
    if state.holder == move.fence:
        raise Illegal("a lease that ended early")
    return state


def expired(state, move):
    if state.holder != move.fence:
        return state
    lost = state.losses + 1 if state.started == move.fence else state.losses
    return state.let_go().but(losses=lost)


def released(state, move):
    return state.let_go() if state.holder == move.fence else state


def cancel(state, _):
    if state.phase in ("failed", "shipped"):
        raise Illegal("ended work cancelled")
    state = state.but(cancelled=True)
    return state if state.holder or state.phase == "testing" else state.let_go()


def requeue(state, _):
    if state.phase == "shipped":
        raise Illegal("shipped work requeued")
    return state.but(phase="open", holder=0, cancelled=False, losses=0)


def seen(state, move):
    """A stage in a list that was read when all was quiet."""
    allowed = {"open": {"queued", "assigned", "building", "review", "dead_letter"},
               "testing": {"testing"}, "failed": {"failed", "dead_letter"},
               "shipped": {"shipped"}}[state.phase]
    if state.cancelled:
        allowed = allowed | {"failed"}
    if state.losses < POISON and state.phase == "open":
        allowed = allowed - {"dead_letter"}
    if move.more[0] not in allowed:
        raise Illegal("an acknowledged report is undone")
    return state


RULES = {"grant": grant, "report": report, "stranger": stranger, "stale": not_held, "lost": not_held, "renewed": held,
         "expired": expired, "released": released, "rebooted": released, "cancel": cancel,
         "requeue": requeue, "seen": seen}


# --- the search -------------------------------------------------------------------------------

class NoOrder(Exception):
    """No order exists: the anomaly's name, and what could not be placed where."""

    def __init__(self, name, detail):
        super().__init__(f"{name}: {detail}")
        self.name = name


def find_order(moves, first=State(), limit=200_000):
    """How many states were looked at until an order was found; NoOrder when there is none."""
    moves = sorted(moves, key=lambda move: (move.ended, move.began))
    musts = sum(1 << at for at, move in enumerate(moves) if move.must)
    stack, known = [(0, first)], {(0, first)}
    deepest, stuck = -1, []
    while stack:
        done, state = stack.pop()
        if done & musts == musts:
            return len(known)
        if len(known) > limit:
            raise NoOrder("too much to search", f"{len(moves)} moves")
        # What must have happened first: the earliest end that is still open bounds all others.
        horizon = next(m.ended for at, m in enumerate(moves)
                       if m.must and not done >> at & 1)
        placed, refused = (done & musts).bit_count(), []
        for at in reversed(range(len(moves))):
            move = moves[at]
            if done >> at & 1 or move.began > horizon:
                continue
            try:
                after = step(state, move)
            except Illegal as no:
                if move.must:
                    refused.append((move, str(no), state, done.bit_count()))
                continue
            if not move.must and after == state:
                continue
            following = (done | 1 << at, after)
            if following not in known:
                known.add(following)
                stack.append(following)
        if refused and placed >= deepest:
            stuck = refused if placed > deepest else stuck + refused
            deepest = placed
    # The anomaly is the move that ended first of those that fit nowhere at the furthest point, in
    # the state in which most of what may have happened has: no excuse is left for it there.
    move, name, state, _ = min(stuck, key=lambda no: (no[0].ended, -no[3]))
    raise NoOrder(name, f"{move}; the job is {told(state)}")


def told(state):
    parts = [state.phase, f"held under fence {state.holder}" if state.holder else "held by nobody",
             f"highest fence {state.top}", f"{state.used} starts"]
    return ", ".join(parts + (["cancelled"] if state.cancelled else []))


# --- the whole of what clients saw --------------------------------------------------------------

@dataclasses.dataclass(frozen=True)
class Anomaly:
    name: str
    about: str
    detail: str

    def __str__(self):
        return f"{self.about}: {self.name}: {self.detail}"


@dataclasses.dataclass
class Verdict:
    anomalies: list
    jobs: int
    moves: int
    states: int

    def names(self):
        return collections.Counter(anomaly.name for anomaly in self.anomalies)


def judge(records, terms):
    """All that is wrong with what clients saw."""
    witness = Witness(records, terms)
    verdict = Verdict(submissions(witness) + repeats(witness) + locks(witness), 0, 0, 0)
    for job in witness.jobs():
        moves = witness.moves(job)
        verdict.jobs, verdict.moves = verdict.jobs + 1, verdict.moves + len(moves)
        try:
            verdict.states += find_order(moves)
        except NoOrder as no:
            lines = "".join(f"\n    {move}" for move in sorted(moves, key=lambda m: m.began))
            verdict.anomalies.append(Anomaly(no.name, job, f"{str(no)[len(no.name) + 2:]}{lines}"))
    return verdict


def submissions(witness):
    """Every acknowledged submit exists, and exists once: one key one job, one job one key."""
    found, ids, keys, made = [], {}, {}, {}
    sent = {record.key for record in witness.of("submit")}

    def note(key, job, where):
        if key not in sent:
            found.append(Anomaly("a job that nobody submitted", job, f"{where}: key {key}"))
        before = ids.setdefault(key, job)
        if before != job:
            found.append(Anomaly("one key, two jobs", key, f"{before}, and {job} in {where}"))
        before = keys.setdefault(job, key)
        if before != key:
            found.append(Anomaly("two keys, one job", job, f"{before}, and {key} in {where}"))

    for record in witness.of("submit"):
        if record.answered:
            note(record.key, record.id, "a submission")
            if record.created:
                made.setdefault(record.key, set()).add(record.request)
    for key, requests in made.items():
        if len(requests) > 1:
            found.append(Anomaly("created twice", key, f"by the requests {sorted(requests)}"))
    for grant_ in witness.grants:
        note(grant_.key, grant_.job, "a grant")
    for record in witness.of("list"):
        if not record.answered:
            continue
        for job, (key, _) in record.jobs.items():
            note(key, job, "a list")
        for submit in witness.of("submit"):
            if submit.answered and submit.ended < record.began and submit.id not in record.jobs:
                found.append(Anomaly("an acknowledged job is gone", submit.id,
                                     f"key {submit.key}, acknowledged at {submit.ended:.3f}"))
    return found


def repeats(witness):
    """The same request key gets the first answer, and the same claim the same leases.

    A coordinator that starts anew, and one where the factory registers again, knows a claim by those
    of its leases that are still live. A repeat after that is told all that are held for certain and
    nothing beside them; where none is, it may be a new claim.
    """
    found, first, claims = [], {}, {}
    for record in witness.of("submit") + witness.of("verb"):
        if not record.answered or not record.request:
            continue
        before = first.setdefault(record.request, record.body)
        if before != record.body:
            found.append(Anomaly("another answer to the same key", record.request,
                                 f"{before!r}, then {record.body!r}"))
    for record in witness.of("claim"):
        if not record.answered:
            continue
        name = (record.factory, record.boot, record.claim)
        told_ = {(lease["job"], lease["fence"]) for lease in record.leases}
        before, since = claims.get(name, (set(), record))
        anew = any(since.began <= other.began <= record.ended for other in
                   witness.of("restart") + witness.registers.get(record.factory, []))
        owed = {pair for pair in before if not anew or is_held(witness, pair, name, record.ended)}
        if owed and not owed <= told_ <= before:
            found.append(Anomaly("another answer to the same claim", record.claim,
                                 f"{sorted(before)}, then {sorted(told_)}"))
        if told_:
            claims[name] = (told_, record)
    return found


def is_held(witness, pair, name, at):
    """Whether the lease of this claim is held for certain at that instant."""
    return any((grant_.job, grant_.fence) == pair and (grant_.factory, grant_.boot) == name[:2]
               and witness.believed_until(grant_) > at for grant_ in witness.grants)


def locks(witness):
    """Jobs with one lock are never held for certain at one time."""
    found, spans = [], {}
    for grant_ in witness.grants:
        until = witness.believed_until(grant_)
        if grant_.lock and until > grant_.ended:
            spans.setdefault(grant_.lock, []).append((grant_.ended, until, grant_))
    for lock, held_ in spans.items():
        furthest = None
        for span in sorted(held_, key=lambda span: span[0]):
            if furthest and span[0] < furthest[1] and span[2].job != furthest[2].job:
                found.append(Anomaly("one lock, two jobs", lock, (
                    f"{furthest[2].job} is held by {furthest[2].factory} until {furthest[1]:.3f}, "
                    f"{span[2].job} was granted to {span[2].factory} at {span[0]:.3f}")))
            if furthest is None or span[1] > furthest[1]:
                furthest = span
    return found


__all__ = ["Anomaly", "NEVER", "NoOrder", "State", "Verdict", "find_order", "judge"]
