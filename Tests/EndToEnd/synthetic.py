"""A demo that never ran: events, store file and origin made by hand, to test the checkers on."""

import hashlib
import json
import os
import sqlite3
import stat
import subprocess

FLEET = "abcdefghij"
FAKE_GIGA = """#!/bin/sh
case "$1" in
  demo) cat "{folder}/summary.json"; exit "$(cat "{folder}/code")" ;;
  events) cat "{folder}/events.jsonl" ;;
  doctor) echo equal; exit "$(cat "{folder}/doctor")" ;;
esac
"""


class Demo:
    """Nine jobs as the demo promises them; a test breaks one thing, then writes it all."""

    def __init__(self, folder):
        self.folder = folder
        self.data = os.path.join(folder, "data")
        os.makedirs(self.data)
        self.events, self.stages, self.bodies = [], {}, {}
        self.summary = dict(outcome="ok", jobs=9, shipped=7, blocked=1, waiting=1, retried=1,
                            reclaimedLeases=1, mergesOnTarget=7, replay="equal", spendMicroUSD=0,
                            seconds=0.01)
        self.code = self.doctor = 0
        self.origin = os.path.join(self.data, "origin.git")
        self._make_origin()
        for number in range(1, 10):
            self._submit(f"job-{number}")
        for number in range(1, 8):
            self._live(f"job-{number}", number)
        self._block("job-8")
        self._build("job-9", 1, 1, "alpha")
        self._add("job.passed", "job-9", 1, 1)
        self.stages["job-9"] = "testing"

    def _git(self, *arguments, text=""):
        identity = {f"GIT_{who}_{what}": "demo@invalid" for who in ("AUTHOR", "COMMITTER")
                    for what in ("NAME", "EMAIL")}
        return subprocess.run(["git", "--git-dir", self.origin, *arguments], check=True, input=text,
                              capture_output=True, text=True,
                              env=dict(os.environ, **identity)).stdout.strip()

    def _make_origin(self):
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", self.origin], check=True)
        blob = self._git("hash-object", "-w", "--stdin", text="#!/bin/sh\ntrue\n")
        self.tree = self._git("mktree", text=f"100755 blob {blob}\ttest.sh\n")
        self._move(self._git("commit-tree", self.tree, "-m", "Begin"))

    def _move(self, commit):
        self._git("update-ref", "refs/heads/main", commit)
        self.tip = commit

    def merge(self, job):
        """A host-made commit with its trailers, merged into main."""
        trailers = f"Gigafactory-Job: {FLEET}/{job}\n"
        work = self._git("commit-tree", self.tree, "-p", self.tip, "-m", f"Do {job}",
                         "-m", trailers)
        self._move(self._git("commit-tree", self.tree, "-p", self.tip, "-p", work,
                             "-m", f"Merge {job}", "-m", trailers))
        return self.tip

    def _add(self, kind, job=None, fence=None, attempt=None, factory=None, body=None):
        product = "main" if job else "fleet"
        seq = 1 + sum(e["product"] == product for e in self.events)
        at = f"2026-01-01T00:00:{len(self.events) // 10:02}.{len(self.events) % 10}00Z"
        event = dict(position=len(self.events) + 1, product=product, seq=seq, at=at,
                     actor="coordinator", kind=kind, body=body or {"kind": kind},
                     salt=hashlib.sha256(at.encode()).hexdigest()[:32])
        named = dict(job=job, fence=fence, attempt=attempt, factory=factory)
        event.update({k: v for k, v in named.items() if v is not None})
        self.events.append(event)

    def _submit(self, job):
        self._add("job.submitted", job)
        self.stages[job] = "queued"

    def _build(self, job, fence, attempt, factory, lose=False):
        self._add("lease.granted", job, fence, attempt, factory)
        self._add("job.assigned", job, fence, attempt, factory)
        self._add("run.started", job, fence, attempt, factory)
        if lose:
            self._add("lease.expired", job, fence, attempt, factory)
        else:
            self._add("run.finished", job, fence, attempt, factory, {"outcome": "succeeded"})

    def _live(self, job, number):
        fence = 1
        if number == 1:
            self._build(job, 1, 1, "beta", lose=True)
            fence = 2
        if number == 2:
            self._build(job, 1, 1, "alpha")
            self._add("job.retrying", job, 1, 1, body={"cause": "verify_failed"})
            fence = 2
        self._build(job, fence, fence, "alpha")
        self._add("job.passed", job, fence, fence)
        self._add("lease.granted", job, fence + 1, None, "alpha", {"kind": "ship"})
        self._add("ship.started", job, fence + 1, None, "alpha")
        commit = self.merge(job)
        self._add("job.shipped", job, fence + 1, body={"commit": commit, "target": "main"})
        self.stages[job] = "shipped"

    def _block(self, job):
        self._build(job, 1, 1, "alpha")
        self._add("job.failed", job, 1, 1, body={"cause": "scope_violation"})
        self.stages[job] = "failed"

    def find(self, kind, job):
        return next(e for e in self.events if e["kind"] == kind and e.get("job") == job)

    def write(self):
        """Writes store, events and the fake giga; its path."""
        lines = []
        for event in self.events:
            body = json.dumps(event["body"])
            digest = hashlib.sha256(bytes.fromhex(event["salt"]) + body.encode()).hexdigest()
            whole = dict(event, bodyHash=event.get("bodyHash", digest))
            whole.pop("body")
            lines.append(json.dumps(whole)[:-1] + f', "body": {body}}}')
        database = sqlite3.connect(os.path.join(self.data, "giga.db"))
        with database:
            database.execute("create table fleet_events (first, last, bytes blob)")
            for at in range(0, len(lines), 7):
                packed = "".join(line + "\n" for line in lines[at:at + 7]).encode()
                database.execute("insert into fleet_events values (?, ?, ?)",
                                 (at + 1, at + len(lines[at:at + 7]), packed))
            database.execute("create table fleet_jobs (product_id, id, body)")
            for job, stage in self.stages.items():
                database.execute("insert into fleet_jobs values ('main', ?, ?)",
                                 (job, json.dumps({"id": job, "stage": stage})))
        database.close()
        for name, text in {"events.jsonl": "\n".join(lines) + "\n", "code": str(self.code),
                           "summary.json": json.dumps(self.summary) + "\n",
                           "doctor": str(self.doctor)}.items():
            with open(os.path.join(self.folder, name), "w") as file:
                file.write(text)
        return write_script(os.path.join(self.folder, "giga"),
                            FAKE_GIGA.format(folder=self.folder))


def write_script(path, text):
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
    return path

