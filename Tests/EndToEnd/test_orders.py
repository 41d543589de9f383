"""The checker of outside histories, on histories written by hand: good ones, and each anomaly."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from orders import judge  # noqa: E402
from witness import Record, Terms  # noqa: E402

TERMS = Terms(term=10, start_within=50)


class Story:
    """A history in the order in which it is told; each line is sent at `at` and takes 0.1."""

    def __init__(self):
        self.records = []

    def tell(self, what, by, at, until=None, refused="", lost=False, **told):
        ended = None if lost else (until or at + 0.1)
        self.records.append(Record(what, by, at, ended, refused, told))
        return self

    def submit(self, key, job, at=0.0, created=True, request=None, **more):
        request = request or f"r-{key}-{at}"
        return self.tell("submit", "ann", at, key=key, request=request, id=job, created=created,
                         body=f"{job} {created}", **more)

    def claim(self, by, at, *leases, claim=None, boot="b", until=None, lost=False):
        told = [{"job": job, "fence": fence, "attempt": attempt, "kind": kind, "key": key,
                 "lock": lock} for job, fence, attempt, kind, key, lock in map(lease, leases)]
        return self.tell("claim", by, at, until=until, lost=lost, factory=by, boot=boot,
                         claim=claim or f"c-{by}-{at}", leases=told)

    def report(self, by, at, job, fence, *says, changed=None, **more):
        return self.tell("report", by, at, job=job, fence=fence, says=says,
                         changed=True if changed is None else changed, **more)

    def beat(self, by, at, *held, renewed=None, lost=(), boot="b", **more):
        renewed = tuple(pair for pair in held if pair not in lost) if renewed is None else renewed
        record = Record("beat", by, at, at + 0.1, told={
            "factory": by, "boot": boot, "held": held, "renewed": renewed, "lost": lost})
        self.records.append(record)
        return self

    def restart(self, at):
        return self.tell("restart", "storm", at)

    def register(self, by, at, boot):
        return self.tell("register", by, at, factory=by, boot=boot)

    def verb(self, verb, job, at, request=None, body="done", **more):
        return self.tell("verb", "ann", at, verb=verb, job=job, body=body,
                         request=request or f"r-{verb}-{at}", **more)

    def read(self, at, **jobs):
        """A list at the end: job_1=("k1", "failed")."""
        return self.tell("list", "ann", at, jobs={name.replace("_", "-"): row
                                                 for name, row in jobs.items()})

    def verdict(self):
        return judge(self.records, TERMS)


def lease(words):
    """(job, fence) with the rest as usual: attempt 1, kind attempt, the key of the job."""
    job, fence, *rest = words
    attempt, kind, lock = [*rest, *[1, "attempt", ""][len(rest):]]
    return job, fence, attempt, kind, "k" + job.removeprefix("job-"), lock


def begun():
    """job-1 of key k1, submitted and granted to a under fence 4."""
    return Story().submit("k1", "job-1").claim("a", 1, ("job-1", 4))


def twice_told():
    """job-2 waits, and job-1 is granted to b after a, by the claim c."""
    return begun().submit("k2", "job-2").claim("b", 12, ("job-1", 5), claim="c")


ONE = ("job-1", 4)

GOOD = {
    "a whole life": lambda: begun().report("a", 2, *ONE, "started").report(
        "a", 3, *ONE, "finished").read(50, job_1=("k1", "failed")),
    "a life that ships": lambda: begun().report("a", 2, *ONE, "started", "complete")
    .claim("b", 3, ("job-1", 5, 1, "ship")).report("b", 4, "job-1", 5, "merged")
    .read(50, job_1=("k1", "shipped")),
    "a silent death, and another holder after the term": lambda: begun()
    .claim("b", 10.5, ("job-1", 5)).report("b", 11, "job-1", 5, "started", "finished"),
    "a late report is refused as stale": lambda: begun().claim("b", 10.5, ("job-1", 5))
    .report("a", 12, *ONE, "started", refused="lease.stale"),
    "a report that nobody answered has taken effect": lambda: begun()
    .report("a", 2, *ONE, "started", lost=True).claim("b", 11, ("job-1", 5, 2)),
    "a report that nobody answered has not": lambda: begun()
    .report("a", 2, *ONE, "started", lost=True).claim("b", 11, ("job-1", 5, 1)),
    "a report that nobody answered, repeated": lambda: begun()
    .report("a", 2, *ONE, "started", "finished", lost=True)
    .report("a", 3, *ONE, "started", "finished", changed=False).read(50, job_1=("k1", "failed")),
    "a report of what had ended, repeated when it waits again": lambda: begun()
    .report("a", 2, *ONE, "started", "complete").verb("requeue", "job-1", 3)
    .report("a", 4, *ONE, "complete", changed=False),
    "a claim that nobody answered, repeated": lambda: Story().submit("k1", "job-1")
    .claim("a", 1, claim="c", lost=True).claim("a", 2, ("job-1", 4), claim="c")
    .claim("a", 3, ("job-1", 4), claim="c"),
    "two claims at once, told in the other order": lambda: Story().submit("k1", "job-1")
    .claim("b", 1, ("job-1", 5), until=3).claim("a", 1, ("job-1", 4), until=2)
    .report("a", 1.5, *ONE, "stopped", lost=True),
    "a new boot lets go at once": lambda: begun().register("a", 2, "b2")
    .claim("b", 2.5, ("job-1", 5)),
    "two heartbeats without the lease let it go": lambda: begun().beat("a", 2).beat("a", 3)
    .claim("b", 4, ("job-1", 5)),
    "a renewed lease lasts": lambda: begun().beat("a", 8, ONE).beat("a", 15, ONE)
    .report("a", 20, *ONE, "started"),
    "a person's word frees it": lambda: begun().verb("requeue", "job-1", 2)
    .claim("b", 2.5, ("job-1", 5)),
    "cancelled while it runs": lambda: begun().verb("cancel", "job-1", 2)
    .report("a", 3, *ONE, "stopped").read(50, job_1=("k1", "failed")),
    "cancelled while it waits": lambda: Story().submit("k1", "job-1").verb("cancel", "job-1", 1)
    .read(50, job_1=("k1", "failed")),
    "given back": lambda: begun().report("a", 2, *ONE, "stopped").claim("b", 3, ("job-1", 5)),
    "another factory is refused the report of a live lease": lambda: begun()
    .report("b", 2, *ONE, "started", refused="lease.stale").report("a", 3, *ONE, "started"),
    "the rest of a log comes after the lease": lambda: begun().verb("requeue", "job-1", 2)
    .report("a", 3, *ONE, "logged").claim("b", 4, ("job-1", 5)),
    "another factory says once more what has ended": lambda: begun()
    .report("a", 2, *ONE, "started", "finished")
    .report("b", 3, *ONE, "started", "finished", changed=False),
    "a claim is told again by a coordinator that starts anew": lambda: twice_told().restart(13)
    .claim("b", 14, ("job-1", 5), claim="c").claim("b", 15, ("job-1", 5), claim="c"),
    "a claim that nobody answered, repeated over a restart": lambda: Story().submit("k1", "job-1")
    .claim("a", 1, claim="c", lost=True).restart(2).claim("a", 3, ("job-1", 4), claim="c"),
    "a claim is told what is left of it": lambda: Story().submit("k1", "job-1")
    .submit("k2", "job-2").claim("a", 1, ("job-1", 4), ("job-2", 1), claim="c")
    .report("a", 2, *ONE, "started", "finished").restart(3)
    .claim("a", 4, ("job-2", 1), claim="c"),
    "a claim with nothing left is a new one after a restart": lambda: twice_told()
    .report("b", 12.5, "job-1", 5, "stopped").restart(13)
    .claim("b", 14, ("job-2", 1), claim="c"),
    "a claim with nothing left is forgotten with its factory": lambda: twice_told()
    .report("b", 12.5, "job-1", 5, "stopped").register("b", 13, "b")
    .claim("b", 14, ("job-2", 1), claim="c"),
    "the same key once more": lambda: Story().submit("k1", "job-1")
    .submit("k1", "job-1", at=1, created=False).read(50, job_1=("k1", "queued")),
    "a submission that nobody answered": lambda: Story().submit("k1", "", lost=True, request="r")
    .submit("k1", "job-1", at=1, request="r").read(50, job_1=("k1", "queued")),
    "a lock from hand to hand": lambda: Story().submit("k1", "job-1").submit("k2", "job-2")
    .claim("a", 1, ("job-1", 4, 1, "attempt", "l")).report("a", 2, *ONE, "started", "finished")
    .claim("b", 3, ("job-2", 1, 1, "attempt", "l")),
}

BAD = {
    "two leases at once": [
        lambda: begun().claim("b", 5, ("job-1", 5)),
        # Renewed at 8, so that it holds to 17 by the factory's own clock.
        lambda: begun().beat("a", 8, ONE).claim("b", 15, ("job-1", 5)),
        # One heartbeat without it is not two.
        lambda: begun().beat("a", 2).claim("b", 4, ("job-1", 5)),
        # A person's word that was refused frees nothing.
        lambda: begun().verb("requeue", "job-1", 2, refused="stage.illegal")
        .claim("b", 4, ("job-1", 5)),
        # In one moment: whichever came first, the other came while it was held.
        lambda: Story().submit("k1", "job-1").claim("a", 1, ("job-1", 4), until=2)
        .claim("b", 1, ("job-1", 5), until=2),
    ],
    "a fence that does not rise": [
        lambda: begun().claim("b", 12, ("job-1", 4)),
        lambda: begun().claim("b", 12, ("job-1", 3)),
    ],
    "a stale report taken": [
        lambda: begun().claim("b", 12, ("job-1", 5)).report("a", 13, *ONE, "started"),
        lambda: begun().report("a", 2, *ONE, "stopped").report("a", 3, *ONE, "started"),
        lambda: begun().verb("requeue", "job-1", 2).claim("b", 3, ("job-1", 5))
        .report("a", 4, *ONE, "logged"),
        # Without effect, but nothing that had been heard before.
        lambda: begun().verb("requeue", "job-1", 2)
        .report("a", 3, *ONE, "started", "finished", changed=False),
    ],
    "ended work handed out again": [
        lambda: begun().report("a", 2, *ONE, "started", "finished").claim("b", 3, ("job-1", 5, 2)),
        lambda: begun().report("a", 2, *ONE, "started", "complete").claim("b", 3, ("job-1", 5, 2)),
        lambda: begun().report("a", 2, *ONE, "stopped").claim("b", 3, ("job-1", 5, 1, "ship")),
        lambda: Story().submit("k1", "job-1").verb("cancel", "job-1", 1)
        .claim("b", 3, ("job-1", 5)),
        # Cancelled while it ran: with the end of that lease the job has ended.
        lambda: begun().verb("cancel", "job-1", 2).claim("b", 12, ("job-1", 5)),
    ],
    "a start that was acknowledged is forgotten": [
        lambda: begun().report("a", 2, *ONE, "started").claim("b", 12, ("job-1", 5, 1)),
    ],
    "an attempt without a start": [
        lambda: begun().claim("b", 12, ("job-1", 5, 2)),
    ],
    "a lease that ended early": [
        lambda: begun().report("a", 5, *ONE, "started", refused="lease.stale"),
        lambda: begun().beat("a", 5, ONE, lost=(ONE,)),
    ],
    "a lost lease renewed": [
        lambda: begun().report("a", 2, *ONE, "stopped").beat("a", 3, ONE),
    ],
    "finished twice": [
        lambda: begun().report("a", 2, *ONE, "started", "finished")
        .report("a", 3, *ONE, "started", "finished"),
        lambda: begun().report("a", 2, *ONE, "started", "complete")
        .claim("b", 3, ("job-1", 5, 1, "ship")).claim("c", 20, ("job-1", 6, 1, "ship"))
        .report("c", 21, "job-1", 6, "merged").report("b", 22, "job-1", 5, "merged"),
    ],
    "a report of another factory taken": [
        lambda: begun().report("b", 2, *ONE, "started"),
    ],
    "a report without effect": [
        lambda: begun().report("a", 2, *ONE, "started", "finished", changed=False),
    ],
    "an acknowledged report is undone": [
        lambda: begun().report("a", 2, *ONE, "started", "finished")
        .read(50, job_1=("k1", "queued")),
        lambda: Story().submit("k1", "job-1").verb("cancel", "job-1", 1)
        .read(50, job_1=("k1", "queued")),
    ],
    "ended work cancelled": [
        lambda: begun().report("a", 2, *ONE, "started", "finished").verb("cancel", "job-1", 3),
    ],
    "shipped work requeued": [
        lambda: begun().report("a", 2, *ONE, "started", "complete")
        .claim("b", 3, ("job-1", 5, 1, "ship")).report("b", 4, "job-1", 5, "merged")
        .verb("requeue", "job-1", 6),
    ],
    "an acknowledged job is gone": [
        lambda: Story().submit("k1", "job-1").submit("k2", "job-2")
        .read(50, job_1=("k1", "queued")),
    ],
    "a job that nobody submitted": [
        lambda: Story().submit("k1", "job-1")
        .read(50, job_1=("k1", "queued"), job_2=("k2", "queued")),
    ],
    "one key, two jobs": [
        lambda: Story().submit("k1", "job-1").submit("k1", "job-2", at=1, created=False),
        lambda: Story().submit("k1", "job-1")
        .read(50, job_1=("k1", "queued"), job_2=("k1", "queued")),
    ],
    "two keys, one job": [
        lambda: Story().submit("k1", "job-1").submit("k2", "job-1", at=1),
    ],
    "created twice": [
        lambda: Story().submit("k1", "job-1").submit("k1", "job-1", at=1),
    ],
    "another answer to the same key": [
        lambda: Story().submit("k1", "job-1", request="r")
        .submit("k1", "job-1", at=1, created=False, request="r"),
    ],
    "another answer to the same claim": [
        lambda: twice_told().claim("b", 13, ("job-2", 1), claim="c"),
        lambda: twice_told().restart(13).claim("b", 14, ("job-2", 1), claim="c"),
        lambda: twice_told().restart(13)
        .claim("b", 14, ("job-1", 5), ("job-2", 1), claim="c"),
        lambda: twice_told().restart(13).claim("b", 14, claim="c"),
        lambda: twice_told().register("b", 13, "b").claim("b", 14, ("job-2", 1), claim="c"),
    ],
    "one lock, two jobs": [
        lambda: Story().submit("k1", "job-1").submit("k2", "job-2")
        .claim("a", 1, ("job-1", 4, 1, "attempt", "l"))
        .claim("b", 3, ("job-2", 1, 1, "attempt", "l")),
    ],
}


class OrderTests(unittest.TestCase):
    def test_what_may_happen_has_an_order(self):
        for name, story in GOOD.items():
            with self.subTest(name):
                self.assertEqual([str(anomaly) for anomaly in story().verdict().anomalies], [])

    def test_each_anomaly_is_found_and_named(self):
        for name, stories in BAD.items():
            for number, story in enumerate(stories):
                with self.subTest(f"{name}, {number + 1}"):
                    found = story().verdict()
                    self.assertIn(name, found.names(), [str(a) for a in found.anomalies])

    def test_each_anomaly_that_is_named_anywhere_has_a_history(self):
        """So that no rule of the checker is without a story in which it speaks."""
        here = os.path.dirname(os.path.abspath(__file__))
        with open(os.path.join(here, "orders.py")) as file:
            code = file.read()
        for name in BAD:
            self.assertIn(f'"{name}"', code)
        named = {part.split('"')[0] for mark in ('Illegal("', 'Anomaly("')
                 for part in code.split(mark)[1:]} | {"finished twice", "a stale report taken"}
        self.assertEqual(named - set(BAD), set())


if __name__ == "__main__":
    unittest.main()
