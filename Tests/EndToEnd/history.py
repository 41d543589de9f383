"""Facts about a fleet's history, recomputed from its events, its store file and its origin.

Nothing here asks the product for a figure: each function reads what the product left behind
and says what is wrong with it, as a list of sentences that is empty when all is well.
"""

import dataclasses
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile

CAUSES = frozenset(
    "timeout verify_failed scope_violation secret_found engine_failed engine_crashed lease_expired "
    "merge_conflict budget rejected cancelled preempted drained limited".split()
)
TO_QUEUE = frozenset(
    "job.submitted job.requeued job.retrying job.preempted job.paused job.answered".split()
)
LOSSES = frozenset(["lease.expired", "lease.released"])
DIRECT = {
    "job.assigned": "assigned",
    "run.started": "building",
    "job.passed": "testing",
    "job.promoted": "testing",
    "job.shipped": "shipped",
    "job.failed": "failed",
    "job.dead_lettered": "dead_letter",
}
# The table of the lifecycle, section 1.
LEGAL = frozenset(
    [("new", "queued"), ("queued", "assigned"), ("assigned", "building"), ("building", "review"),
     ("review", "testing"), ("testing", "shipped"), ("testing", "queued"), ("queued", "failed"),
     ("testing", "failed"), ("failed", "dead_letter"), ("failed", "queued"),
     ("dead_letter", "queued")]
    + [(stage, end) for stage in ("assigned", "building", "review") for end in ("queued", "failed")]
)
SAFE_GIT = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
            "-c", "safe.directory=*", "--no-pager"]


def members(line):
    """The members of one JSON object, each as (value, exact text), in order."""
    decoder, found = json.JSONDecoder(), {}
    at = _skip(line, 0)
    if line[at:at + 1] != "{":
        raise ValueError("not a JSON object: " + line[:60])
    at = _skip(line, at + 1)
    while line[at:at + 1] != "}":
        name, at = decoder.raw_decode(line, at)
        at = _skip(line, at)
        if line[at:at + 1] != ":":
            raise ValueError("no colon after " + name)
        start = _skip(line, at + 1)
        value, at = decoder.raw_decode(line, start)
        if name in found:
            raise ValueError("member twice: " + name)
        found[name] = (value, line[start:at])
        at = _skip(line, at)
        if line[at:at + 1] == ",":
            at = _skip(line, at + 1)
        elif line[at:at + 1] != "}":
            raise ValueError("no comma after " + name)
    return found


def _skip(text, at):
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


@dataclasses.dataclass(frozen=True)
class Event:
    """One event: its values, and the exact text of each as it was written."""

    values: dict
    texts: dict

    @classmethod
    def parse(cls, line):
        found = members(line)
        return cls({k: v for k, (v, _) in found.items()}, {k: t for k, (_, t) in found.items()})

    def __getattr__(self, name):
        if name in ("position", "product", "seq", "at", "job", "fence", "attempt", "factory",
                    "kind", "cost", "salt", "bodyHash", "actor"):
            return self.values.get(name)
        raise AttributeError(name)

    @property
    def body(self):
        value = self.values.get("body")
        if isinstance(value, str):
            try:
                return json.loads(value)
            except ValueError:
                return value
        return value if value is not None else {}

    def body_bytes(self):
        """What `bodyHash` may be the hash of: the body exactly as it stands there."""
        value = self.values.get("body")
        choices = [self.texts["body"].encode()] if "body" in self.texts else []
        return choices + ([value.encode()] if isinstance(value, str) else [])

    def words(self):
        """Every text anywhere in the body."""
        return set(_texts(self.body))


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def parse_events(text):
    """Events, one JSON object a line, in the order they stand in."""
    return [Event.parse(line) for line in text.splitlines() if line.strip()]


# --- what can be wrong with a list of events -------------------------------------------------

def gaps(events):
    """Positions must be gapless over the store, seq gapless per product."""
    wrong, last, per_product = [], None, {}
    for event in events:
        if last is not None and event.position != last + 1:
            wrong.append(f"position {event.position} follows {last}")
        last = event.position
        before = per_product.get(event.product, 0)
        if event.seq != before + 1:
            wrong.append(f"seq {event.seq} of product {event.product} follows {before}")
        per_product[event.product] = event.seq
    if events and events[0].position not in (0, 1):
        wrong.append(f"the first position is {events[0].position}")
    return wrong


def broken_hashes(events):
    """bodyHash must be SHA-256(salt || body)."""
    wrong = []
    for event in events:
        stated = event.bodyHash or ""
        try:
            salt = bytes.fromhex(event.salt or "")
        except ValueError:
            wrong.append(f"position {event.position}: salt is not hex: {event.salt!r}")
            continue
        if not salt:
            wrong.append(f"position {event.position}: no salt")
            continue
        hashes = [hashlib.sha256(salt + body).hexdigest() for body in event.body_bytes()]
        if stated.lower().removeprefix("sha256:") not in hashes:
            wrong.append(f"position {event.position}: bodyHash {stated[:16]} is not of its body")
    return wrong


def stale_fences(events):
    """Fences rise with each grant, and nothing of an older fence comes after a newer grant."""
    wrong, highest = [], {}
    for event in events:
        if event.job is None or event.fence is None:
            continue
        current = highest.get(event.job, 0)
        if event.kind == "lease.granted":
            if event.fence <= current:
                wrong.append(f"{event.job}: fence {event.fence} granted after {current}")
            highest[event.job] = max(current, event.fence)
        elif event.fence != current:
            wrong.append(f"{event.job}: {event.kind} with fence {event.fence} while "
                         f"{current} is the granted one (position {event.position})")
    return wrong


def ended_well(event):
    """Whether a run.finished says that the engine ended well."""
    body = event.body if isinstance(event.body, dict) else {}
    said = {body.get(name) for name in ("cause", "outcome", "result", "ended")
            if isinstance(body.get(name), str)}
    return not said & (CAUSES | {"unknown", "failed", "crashed"}) and body.get("ok") is not False


def stage_after(event, stage):
    """The stage that an event puts its job in, following the lifecycle, section 6."""
    kind = event.kind
    if kind in ("lease.expired", "lease.released") and event.attempt is not None:
        # The end of an attempt's lease after its evidence is in changes no stage.
        return "queued" if stage in ("assigned", "building", "review") else stage
    if kind in TO_QUEUE:
        return "queued"
    if kind == "run.finished" and event.attempt is not None:
        return "review" if ended_well(event) else stage
    if kind == "run.started" and event.attempt is None:
        return stage
    return DIRECT.get(kind, stage)


def replay(events):
    """Each job's stage from its events alone, and the transitions that are not in the table."""
    stages, wrong = {}, []
    for event in events:
        if event.job is None:
            continue
        before = stages.get(event.job, "new")
        after = stage_after(event, before)
        if after != before and (before, after) not in LEGAL:
            wrong.append(f"{event.job}: {before} to {after} by {event.kind} "
                         f"(position {event.position})")
        if before == "new" and event.kind != "job.submitted":
            wrong.append(f"{event.job}: begins with {event.kind}")
        stages[event.job] = after
    return stages, wrong


def reclaimed(events):
    """Leases of attempts that were taken back: (loss, the grant that followed it or None)."""
    found = []
    for index, event in enumerate(events):
        if event.kind in LOSSES and event.attempt is not None and event.job:
            later = (e for e in events[index:] if e.kind == "lease.granted" and e.job == event.job)
            found.append((event, next(later, None)))
    return found


def holder(events, job, fence):
    """The factory that was granted this fence."""
    for event in events:
        if event.kind == "lease.granted" and event.job == job and event.fence == fence:
            return event.factory
    return None


def was_building(events, loss):
    """Whether the run of a lost lease had started and not finished when it was lost."""
    kinds = [e.kind for e in events if e.job == loss.job and e.fence == loss.fence
             and e.position < loss.position]
    return "run.started" in kinds and "run.finished" not in kinds


# --- the store file --------------------------------------------------------------------------

def find_store(folder):
    """The SQLite store below a data folder."""
    for root, _, names in sorted(os.walk(folder)):
        if "giga.db" in names:
            return os.path.join(root, "giga.db")
    raise FileNotFoundError(f"no giga.db below {folder}")


@dataclasses.dataclass
class Store:
    """What a store file holds: its events, and the body of each job's row."""

    events: list
    jobs: dict

    @classmethod
    def read(cls, path):
        """Reads a copy, so that looking changes nothing."""
        with tempfile.TemporaryDirectory() as folder:
            for ending in ("", "-wal"):
                if os.path.exists(path + ending):
                    shutil.copy(path + ending, os.path.join(folder, "giga.db" + ending))
            database = sqlite3.connect(os.path.join(folder, "giga.db"))
            try:
                lines = [_text(row[0])
                         for row in database.execute("select bytes from fleet_events")]
                bodies = [json.loads(_text(row[0]))
                          for row in database.execute("select body from fleet_jobs")]
            finally:
                database.close()
        events = [event for text in lines for event in parse_events(text)]
        return cls(sorted(events, key=lambda e: e.position), {b["id"]: b for b in bodies})


def _text(value):
    return value.decode() if isinstance(value, bytes) else value


# --- the origin ------------------------------------------------------------------------------

@dataclasses.dataclass(frozen=True)
class Merge:
    """One merge commit on the target, and the jobs that its trailers name."""

    commit: str
    jobs: tuple


class Origin:
    """A bare repository, read with git alone."""

    def __init__(self, path):
        self.path = path

    @classmethod
    def find(cls, folder):
        """The one bare repository below a folder that is called an origin."""
        bare = [root for root, folders, names in os.walk(folder)
                if "HEAD" in names and "objects" in folders and "refs" in folders
                and not root.endswith(os.sep + ".git")]
        named = [path for path in bare if "origin" in os.path.relpath(path, folder)]
        if len(named) != 1:
            raise FileNotFoundError(f"want one origin below {folder}, found {named or bare}")
        return cls(named[0])

    def git(self, *arguments):
        environment = dict(os.environ, GIT_CONFIG_NOSYSTEM="1", LC_ALL="C")
        return subprocess.run(["git", *SAFE_GIT, "--git-dir", self.path, *arguments], check=True,
                              capture_output=True, text=True, env=environment).stdout

    def merges(self, target="main"):
        """Merge commits along the target's first parents, oldest first."""
        found = []
        ref = f"refs/heads/{target}"
        for commit in self.git("rev-list", "--first-parent", "--merges", "--reverse", ref).split():
            named = self.git("log", "--format=%(trailers:key=Gigafactory-Job,valueonly)",
                             f"{commit}^1..{commit}")
            found.append(Merge(commit, tuple(sorted(set(named.split())))))
        return found

    def plain_after_merge(self, target="main"):
        """Commits that stand on the target after its first merge without being one."""
        rows = [line.split() for line in self.git(
            "rev-list", "--first-parent", "--parents", "--reverse",
            f"refs/heads/{target}").splitlines()]
        first = next((at for at, row in enumerate(rows) if len(row) > 2), len(rows))
        return [row[0] for row in rows[first:] if len(row) < 3]

    def root(self, target="main"):
        """The last commit on the target before its first merge."""
        merges = self.merges(target)
        return self.git("rev-parse", f"{merges[0].commit}^1" if merges
                        else f"refs/heads/{target}").strip()


def ships(events, merges):
    """One job.shipped per merge and the reverse, naming that very merge."""
    wrong, shipped, by_job = [], {}, {}
    for event in events:
        if event.kind == "job.shipped":
            if event.job in shipped:
                wrong.append(f"{event.job} shipped twice (position {event.position})")
            shipped[event.job] = event
    for merge in merges:
        if len(merge.jobs) != 1:
            wrong.append(f"merge {merge.commit[:12]} names {len(merge.jobs)} jobs: {merge.jobs}")
        for name in merge.jobs:
            job = name.split("/")[-1]
            if job in by_job:
                wrong.append(f"{job} is merged twice")
            by_job[job] = merge
            if job not in shipped:
                wrong.append(f"{job} is merged, no job.shipped")
    told = {}
    for event in events:
        if event.kind in ("job.shipped", "ship.merged"):
            told.setdefault(event.job, set()).update(event.words())
    for job in shipped:
        if job not in by_job:
            wrong.append(f"{job} has job.shipped, no merge on the target")
        elif by_job[job].commit not in told[job]:
            wrong.append(f"{job}: its events do not name the merge {by_job[job].commit[:12]}")
    return wrong


def fleets(merges):
    """The fleet ids that the trailers name."""
    return {name.split("/")[0] for merge in merges for name in merge.jobs}
