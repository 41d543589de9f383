"""Puts a coordinator into the situations in which each of its calls has something to act on.

It plays a factory over HTTP: claims, reports, and hands in a commit that it made up.
"""

import hashlib
import http.client
import itertools
import json
import os
from urllib.parse import urlsplit

SHOP = {"name": "shop", "url": "/srv/git/shop.git", "target": "main", "ship": "merge"}
DEVELOPER = {"name": "developer", "version": 1, "persona": "You write small, tested changes.",
             "capabilities": [], "allowedScope": [], "protectedPaths": [], "artifacts": [],
             "obligations": {}}
STATION = {"engine": "shell", "classes": ["light", "standard", "heavy"], "count": 64}
FACTS = ["os:linux", "push:shop"]
ARTIFACT = b"what a run left\n"
COMMIT, TREE, BASE = "c" * 40, "d" * 40, "b" * 40


class Situations:
    """A person and a factory in one, with as many jobs as are asked for."""

    def __init__(self, url, token):
        self.host = urlsplit(url).netloc
        self.token = token
        self.numbers = itertools.count(1)
        self.worker = None
        self.worker_token = None

    # --- requests ---

    def ask(self, method, path, body=None, token=None, kind="application/json"):
        connection = http.client.HTTPConnection(self.host, timeout=30)
        headers = {"Authorization": f"Bearer {token or self.token}"}
        if body is not None:
            headers["Content-Type"] = kind
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, body, headers)
        reply = connection.getresponse()
        found = reply.status, reply.read()
        connection.close()
        return found

    def must(self, *words, **named):
        status, body = self.ask(*words, **named)
        if not 200 <= status < 300:
            raise AssertionError(f"{words[:2]}: {status} {body.decode(errors='replace')}")
        return json.loads(body) if body else None

    def fresh(self, stem):
        return f"{stem}-{os.getpid()}-{next(self.numbers)}"

    # --- profiles ---

    def proposed(self):
        """The name of a profile that another admin proposed, and that waits for this one."""
        admin, name = self.fresh("admin"), self.fresh("role")
        secret = self.must("POST", "/fleet/tokens", {"name": admin, "role": "admin"})["secret"]
        self.must("PUT", f"/fleet/profiles/{name}", {**DEVELOPER, "name": name}, token=secret)
        return name

    # --- the fleet ---

    def furnish(self):
        """A repository, a profile, and jobs in every stage."""
        self.must("PUT", "/fleet/repos/shop", SHOP)
        self.must("PUT", "/fleet/profiles/developer", DEVELOPER)
        for stage in ("shipped", "testing", "review", "building", "assigned", "failed", "queued"):
            for _ in range(2):
                self.job(stage)

    def enlist(self, name="build-1"):
        """Registers a factory that is heard of; its token."""
        reply = self.must("POST", "/fleet/factories", {
            "name": name, "boot": "boot-1", "facts": FACTS, "stations": [STATION]})
        self.must("PUT", f"/fleet/factories/{name}/heartbeat",
                  {"boot": "boot-1", "held": [], "load": 0}, token=reply["token"])
        return reply["token"]

    def go_on(self):
        """Undoes what stands in the way of all work: a halt, a hold on the queue."""
        self.ask("POST", "/fleet/resume", {"reason": "on with it"})
        self.ask("POST", "/fleet/products/main/resume", {"reason": "on with it"})

    def ready(self, name, token):
        """Undoes what keeps a factory from work: a drain, and that it was not heard of."""
        self.ask("POST", f"/fleet/factories/{name}/resume", {"reason": "on with it"})
        self.must("PUT", f"/fleet/factories/{name}/heartbeat",
                  {"boot": "boot-1", "held": [], "load": 0, "facts": FACTS}, token=token)

    def claim(self, wanted, name, token):
        """Claims until the wanted job is among the grants."""
        for _ in range(64):
            reply = self.must("POST", "/fleet/leases/claim", {
                "id": self.fresh("claim"), "factory": name, "boot": "boot-1", "free": [STATION],
                "takesShip": True, "waitMilliseconds": 0}, token=token)
            for lease in reply["leases"]:
                if lease["lease"]["job"] == wanted:
                    return lease["lease"]
            if not reply["leases"]:
                break
        _, why = self.ask("GET", f"/fleet/jobs/{wanted}/decision")
        raise AssertionError(f"{wanted} was not granted to {name}: {why.decode()}")

    # --- jobs ---

    def job(self, stage, verify=True):
        """A new job in that stage; its id, and the run with its fence where there is one."""
        self.go_on()
        lines = ["---", f"title: {self.fresh('a job')}", "engine: shell", "repo: shop",
                 "profile: developer", "priority: critical", "review-policy: manual"]
        if verify and stage != "review":
            lines.append("verify: sh test.sh")
        text = "\n".join([*lines, "---", "```sh", "true", "```", ""])
        job = self.must("POST", "/fleet/jobs", {"files": [{"name": "a.md", "text": text}]}
                        )["jobs"][0]["id"]
        if stage == "queued":
            return job, None
        if stage == "failed":
            self.must("POST", f"/fleet/jobs/{job}/cancel", {"reason": "not wanted"})
            return job, None
        return job, self.bring(job, stage)

    def bring(self, job, stage, name=None, token=None):
        """Brings a queued job to a stage as a factory does; the run and its fence."""
        if self.worker is None:
            self.worker = self.fresh("worker")
            self.worker_token = self.enlist(self.worker)
        name, token = name or self.worker, token or self.worker_token
        self.ready(name, token)
        lease = self.claim(job, name, token)
        run = f"{job}.{lease['attempt']}"
        where = {"run": run, "fence": lease["fence"]}
        if stage == "assigned":
            return where
        self.report(where, [{"started": {"_0": {"notes": []}}}], token)
        self.ask("POST", f"/fleet/runs/{run}/log?fence={lease['fence']}&offset=0",
                 b"one\ntwo\nthree\n", token=token, kind="application/octet-stream")
        if stage == "building":
            return where
        self.ask("PUT", f"/fleet/runs/{run}/artifacts/diff?fence={lease['fence']}",
                 b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-1\n+2\n", token=token,
                 kind="application/octet-stream")
        self.ask("PUT", f"/fleet/runs/{run}/artifacts/a.txt?fence={lease['fence']}",
                 ARTIFACT, token=token, kind="application/octet-stream")
        candidate = {"commit": COMMIT, "tree": TREE, "base": BASE, "branch": "giga/a/b/1",
                     "patchID": "e" * 40}
        skipped = "skipped" if stage == "review" else "passed"
        evidence = [{"evidence": {"_0": {
            "gate": gate, "verdict": skipped if gate == "verify" else "passed", "commit": COMMIT,
            "summary": "looked at", "tail": []}}} for gate in ("scope", "secrets", "verify")]
        evidence[-1]["evidence"]["_0"]["artifacts"] = [{
            "name": "a.txt", "path": "out/a.txt", "bytes": len(ARTIFACT), "source": "verify",
            "sha256": hashlib.sha256(ARTIFACT).hexdigest(), "asked": "out/"}]
        self.report(where, [{"finished": {"_0": {"candidate": candidate, "notes": []}}},
                            *evidence, {"evidenceComplete": {}}], token)
        if stage != "shipped":
            return where
        self.must("POST", f"/fleet/jobs/{job}/ship", {"reason": "good"})
        lease = self.claim(job, name, token)
        where = {"run": f"{job}.ship-{lease['fence']}", "fence": lease["fence"]}
        self.report(where, [{"shipStarted": {"_0": {"commit": COMMIT, "target": "main"}}},
                            {"shipMerged": {"_0": {"commit": COMMIT, "tree": TREE,
                                                   "target": "main", "wasThere": False}}}], token)
        return where

    def asking(self):
        """A job whose engine asked something; it waits for the answer."""
        job, where = self.job("building")
        self.report(where, [{"waitingInput": {"_0": {"question": "Which port?", "notes": []}}}],
                    self.worker_token)
        return job

    def report(self, where, items, token):
        return self.must("POST", f"/fleet/runs/{where['run']}/events",
                         {"fence": where["fence"], "items": items}, token=token)
