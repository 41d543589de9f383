"""What clients of a coordinator saw: their own records, and from these the moves of each job.

A record is one request: when it was sent and when its answer came, by the client's monotonic clock,
and what both said. Nothing here comes from the product's log or store. A request that got no answer,
or one of the 500s, may have taken effect then, later or never: its record has no end.
"""

import dataclasses
import math

# A factory stops by itself this much before the end of a lease: that long it may believe in it.
BELIEVED = 0.9
NEVER = math.inf


@dataclasses.dataclass
class Record:
    """One request of one client. `ended` is None while nobody answered."""

    what: str           # submit, claim, report, beat, register, verb, list, restart
    by: str             # the client
    began: float
    ended: float = None
    refused: str = ""   # the code of a definite no
    told: dict = dataclasses.field(default_factory=dict)

    def __getattr__(self, name):
        try:
            return self.__dict__["told"][name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def answered(self):
        return self.ended is not None and not self.refused

    @property
    def may_have_acted(self):
        return not self.refused


@dataclasses.dataclass(frozen=True)
class Grant:
    """A lease as its factory was told of it."""

    job: str
    fence: int
    attempt: int
    kind: str           # attempt or ship
    factory: str
    boot: str
    key: str
    lock: str
    began: float        # when this claim was sent first
    ended: float        # when it was answered first


@dataclasses.dataclass(frozen=True)
class Move:
    """What may or must have happened to one job between two instants."""

    name: str
    began: float
    ended: float
    must: bool
    fence: int = 0
    more: tuple = ()
    by: str = ""

    def __str__(self):
        until = "…" if self.ended == NEVER else f"{self.ended:.3f}"
        return f"{self.name}{f' {self.fence}' if self.fence else ''}{list(self.more) or ''}" \
               f" by {self.by} ({self.began:.3f} to {until})"


@dataclasses.dataclass(frozen=True)
class Terms:
    """What a factory was told of leases when it registered, in seconds."""

    term: float = 3.0
    start_within: float = 15.0


class Witness:
    """All records of a run, sorted out by job, key and lock."""

    def __init__(self, records, terms=Terms()):
        self.records, self.terms = sorted(records, key=lambda r: r.began), terms
        self.by_kind = {}
        for record in self.records:
            self.by_kind.setdefault(record.what, []).append(record)
        self.grants = self._grants()
        self.by_job = {}
        for grant in self.grants:
            self.by_job.setdefault(grant.job, []).append(grant)
        self.beats, self.registers, self.reports, self.verbs = {}, {}, {}, {}
        for record in self.records:
            if record.what == "beat":
                self.beats.setdefault((record.factory, record.boot), []).append(record)
            elif record.what == "register":
                self.registers.setdefault(record.factory, []).append(record)
            elif record.what == "report":
                self.reports.setdefault(record.job, []).append(record)
            elif record.what == "verb":
                self.verbs.setdefault(record.job, []).append(record)

    def of(self, what):
        return self.by_kind.get(what, [])

    def _grants(self):
        first_sent, found = {}, {}
        for record in self.of("claim"):
            name = (record.factory, record.boot, record.claim)
            first_sent[name] = min(first_sent.get(name, NEVER), record.began)
        for record in self.of("claim"):
            if not record.answered:
                continue
            name = (record.factory, record.boot, record.claim)
            for lease in record.leases:
                # The same claim once more gets the same lease: that is no second grant.
                known = (lease["job"], lease["fence"], *name)
                before = found.get(known)
                if before is None or record.ended < before.ended:
                    found[known] = Grant(factory=record.factory, boot=record.boot,
                                         began=first_sent[name], ended=record.ended, **lease)
        return sorted(found.values(), key=lambda grant: grant.ended)

    # --- how long somebody holds a lease ---

    def renewals(self, grant):
        return [beat for beat in self.beats.get((grant.factory, grant.boot), ())
                if beat.answered and (grant.job, grant.fence) in beat.renewed]

    def lapse(self, grant):
        """The earliest instant at which the lease can end by time alone."""
        sent = [grant.began] + [beat.began for beat in self.renewals(grant)]
        return max(sent) + self.terms.term * BELIEVED

    def loosened(self, grant):
        """When it may first have ended otherwise, without a report: (instant, why) in order."""
        found = []
        unlisted = [beat.began for beat in self.beats.get((grant.factory, grant.boot), ())
                    if beat.began > grant.began and beat.may_have_acted
                    and (grant.job, grant.fence) not in beat.held]
        if len(unlisted) > 1:
            found.append((unlisted[1], "unlisted"))
        if not any(r.answered for r in self.starts(grant)):
            found.append((grant.began + self.terms.start_within, "not started"))
        return sorted(found)

    def starts(self, grant):
        return [r for r in self.reports.get(grant.job, ())
                if r.fence == grant.fence and "started" in r.says]

    def reboots(self, grant):
        """Registrations and heartbeats of the factory under another boot, after the claim."""
        others = [r for r in self.registers.get(grant.factory, ()) if r.boot != grant.boot]
        others += [r for (name, boot), beats in self.beats.items()
                   if name == grant.factory and boot != grant.boot for r in beats[:1]]
        return sorted((r for r in others if r.began > grant.began and r.may_have_acted),
                      key=lambda r: r.began)

    def believed_until(self, grant):
        """Up to when its factory holds the lease for certain, whatever else was under way."""
        ends = [self.lapse(grant)] + [at for at, _ in self.loosened(grant)]
        ends += [r.began for r in self.reboots(grant)[:1]]
        ends += [r.began for r in self.reports.get(grant.job, ())
                 if r.fence == grant.fence and r.may_have_acted and ends_lease(r)]
        ends += [r.began for r in self.verbs.get(grant.job, ())
                 if r.verb == "requeue" and r.may_have_acted and (r.ended or NEVER) > grant.began]
        return min(ends)

    # --- moves of one job ---

    def jobs(self):
        return sorted(set(self.by_job) | set(self.reports) | set(self.verbs),
                      key=lambda job: (len(job), job))

    def moves(self, job):
        found = []
        for grant in self.by_job.get(job, ()):
            found.append(Move("grant", grant.began, grant.ended, True, grant.fence,
                              (grant.kind, grant.attempt), grant.factory))
            found += self._ends(grant)
            for beat in self.beats.get((grant.factory, grant.boot), ()):
                pair = (job, grant.fence)
                if beat.answered and pair in beat.renewed:
                    found.append(Move("renewed", beat.began, beat.ended, True, grant.fence,
                                      by=grant.factory))
                elif beat.answered and pair in beat.lost:
                    found.append(Move("lost", beat.began, beat.ended, True, grant.fence,
                                      by=grant.factory))
        holders = {grant.fence: grant.factory for grant in self.by_job.get(job, ())}
        found += [move for record in self.reports.get(job, ())
                  for move in report_moves(record, holders.get(record.fence, record.by))]
        found += self._verb_moves(job)
        for record in self.of("list"):
            if record.answered and job in record.jobs:
                found.append(Move("seen", record.began, record.ended, True,
                                  more=(record.jobs[job][1],), by=record.by))
        return found

    def _ends(self, grant):
        """The ways in which the lease may end beside reports; each may have happened or not."""
        yield Move("expired", self.lapse(grant), NEVER, False, grant.fence, by="time")
        for at, why in self.loosened(grant):
            yield Move("released", at, NEVER, False, grant.fence, (why,), "the coordinator")
        for record in self.reboots(grant)[:1]:
            yield Move("rebooted", record.began, record.ended or NEVER, record.answered,
                       grant.fence, by=record.by)

    def _verb_moves(self, job):
        """A person's words; the same request key is one move, however often it was sent."""
        grouped = {}
        for record in self.verbs.get(job, ()):
            if record.may_have_acted:
                grouped.setdefault((record.verb, record.request), []).append(record)
        for (verb, _), records in grouped.items():
            ends = [record.ended for record in records if record.answered]
            yield Move(verb, min(record.began for record in records), min(ends, default=NEVER),
                       bool(ends), by=records[0].by)


FINAL = frozenset(["finished", "stopped", "complete", "merged"])


def ends_lease(record):
    return bool(FINAL.intersection(record.says))


def report_moves(record, holder):
    """What one report says, as a move; a refusal as stale says that the lease was not held.

    A factory other than the holder is refused so at any time: that says nothing of the lease.
    """
    if record.refused == "lease.stale" and record.by != holder:
        return []
    if record.refused == "lease.stale":
        return [Move("stale", record.began, record.ended, True, record.fence, by=record.by)]
    if record.refused:
        return []
    changed = record.told.get("changed") if record.answered else None
    return [Move("report" if record.by == holder else "stranger", record.began, record.ended or NEVER, record.answered, record.fence,
                 (record.says, changed), record.by)]
