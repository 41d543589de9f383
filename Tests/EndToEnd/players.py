"""People and made-up factories that keep a coordinator busy, behave badly, and note what they saw.

They know the API's document and nothing else of the product. Factories die without a word, come back
under another boot, are slow past their leases, forget a lease, repeat what they sent, and report
under fences of long ago.
"""

import time

from client import Player
from witness import Record

LOCKS, REPOSITORIES = 10, 6
COMMIT, TREE, BASE = "c" * 40, "d" * 40, "b" * 40
CANDIDATE = {"commit": COMMIT, "tree": TREE, "base": BASE, "branch": "giga/a/b/1",
             "patchID": "e" * 40}
FAILED = {"finished": {"_0": {"failure": {"cause": "engine_failed", "command": "", "tail": []},
                              "notes": []}}}
PASSED = [{"finished": {"_0": {"candidate": CANDIDATE, "notes": []}}}] + [
    {"evidence": {"_0": {"gate": gate, "verdict": "passed", "commit": COMMIT, "summary": "looked at",
                         "tail": []}}} for gate in ("scope", "secrets", "verify")] + [
    {"evidenceComplete": {}}]
STARTED = {"started": {"_0": {"notes": []}}}
SHIP_STARTED = {"shipStarted": {"_0": {"commit": COMMIT, "target": "main"}}}
MERGED = {"shipMerged": {"_0": {"commit": COMMIT, "tree": TREE, "target": "main",
                                "wasThere": False}}}


def stopped(cause):
    return {"stopped": {"_0": cause, "reason": "given back"}}


def job_text(key):
    """A job whose key says how it shall end, where it works and which lock it wants."""
    number = sum(map(ord, key))
    lock = f"lock: lock-{number % LOCKS}\n" if ".locked" in key else ""
    return (f"---\ntitle: {key}\nidempotency-key: {key}\nengine: shell\n{lock}"
            f"repo: shop-{number % REPOSITORIES}\nreview-policy: auto\nverify: sh test.sh\n"
            "---\n```sh\ntrue\n```\n")


class Person(Player):
    """Submits, and says cancel and requeue to jobs of anybody; sometimes twice with one key."""

    OPEN = 48

    def __init__(self, world, name):
        super().__init__(world, name)
        self.keys, self.again = [], []

    def act(self):
        world, dice = self.world, self.draw.random()
        if world.quiet.is_set():
            world.over.wait(0.05)
        elif self.again and dice < 0.5:
            self.again.pop()()
        elif world.open < self.OPEN and dice < 0.9:
            plan = self.draw.choice([".fails", ".fails", ".ships", ".fails.locked", ".ships.locked"])
            self.submit(self.fresh() + plan + (".long" if self.draw.random() < 0.06 else ""))
        elif self.keys and dice < 0.3:
            world.meet("a key twice")
            self.submit(self.draw.choice(self.keys))
        elif world.jobs and dice < 0.5:
            self.say(self.draw.choice(["cancel", "requeue"]), self.draw.choice(world.jobs[-64:]))
        else:
            world.over.wait(0.05)  # there is work enough for now; no sign tells when there is not

    def submit(self, key, request=None):
        request = request or f"r-{self.fresh()}"
        record = Record("submit", self.title, 0.0, told={"key": key, "request": request})
        told = self.ask(record, "POST", "/fleet/jobs", job_text(key), "text/markdown", request)
        if told is None:
            if record.began and not record.refused:
                self.again.append(lambda: self.submit(key, request))
            return
        accepted = told["jobs"][0]
        record.told.update(id=accepted["id"], created=accepted["created"])
        if accepted["created"] and key not in self.keys:
            self.keys.append(key)
            with self.world.lock:
                self.world.open += 1
                self.world.jobs.append(accepted["id"])
        if self.draw.random() < 0.03:
            self.world.meet("a request twice")
            self.again.append(lambda: self.submit(key, request))

    def say(self, verb, job, request=None):
        request = request or f"r-{self.fresh()}"
        record = Record("verb", self.title, 0.0,
                        told={"verb": verb, "job": job, "request": request})
        told = self.ask(record, "POST", f"/fleet/jobs/{job}/{verb}", {"reason": "as it pleases me"},
                        request=request)
        if told is None and record.began and not record.refused or self.draw.random() < 0.1:
            self.again.append(lambda: self.say(verb, job, request))
        if told is not None:
            self.world.meet(verb)


class Held:
    """A lease as the factory remembers it."""

    def __init__(self, lease, key):
        self.job, self.fence, self.kind = lease["job"], lease["fence"], lease["kind"]
        self.run = (f"{self.job}.ship-{self.fence}" if self.kind == "ship"
                    else f"{self.job}.{lease['attempt']}")
        self.key, self.begun, self.logged, self.cancelled = key, False, False, False
        self.last, self.since = None, time.monotonic()

    def is_due(self, term):
        """Long work, once begun, outlasts its lease, which heartbeats renew."""
        is_long = ".long" in self.key and self.begun
        return not is_long or time.monotonic() - self.since > 1.2 * term

    @property
    def pair(self):
        return self.job, self.fence


class Factory(Player):
    """Registers, claims, beats and reports; how badly depends on its draws."""

    STATIONS = 4
    # How often a step of a factory is a misdeed, in thousandths.
    MISDEEDS = {"die": 8, "slow": 5, "drop": 10, "report old": 40, "repeat": 40, "claim again": 20}

    def __init__(self, world, name):
        super().__init__(world, name)
        self.life, self.boot, self.own = 0, f"{name}-boot-1", None
        self.held, self.past, self.beaten, self.claim = {}, [], 0.0, None
        self.registered = False

    def new_token(self):
        return self.own or self.world.fleet.token()

    def act(self):
        if not self.registered:
            return self.register()
        if self.claim and self.records[-1].ended is None:
            # Whoever got no answer asks for its leases again: of a new life, perhaps.
            return self.claim_again()
        if time.monotonic() - self.beaten > self.world.term / 5:
            return self.beat()
        if not self.world.quiet.is_set():
            dice = self.draw.randrange(1000)
            for misdeed, often in self.MISDEEDS.items():
                if dice < often:
                    return getattr(self, misdeed.replace(" ", "_"))()
                dice -= often
        due = [lease for lease in self.held.values() if lease.is_due(self.world.term)]
        # More than it has room for, when a claim that nobody answered had been heard after all.
        is_full = len(self.held) >= self.STATIONS
        if due and (is_full or self.draw.random() < 0.6):
            return self.work(self.draw.choice(due))
        if is_full:
            return self.world.over.wait(0.02)
        return self.ask_for_work()

    # --- as a factory should ---

    def register(self):
        record = Record("register", self.title, 0.0,
                        told={"factory": self.title, "boot": self.boot})
        told = self.ask(record, "POST", "/fleet/factories", {
            "name": self.title, "boot": self.boot, "facts": self.facts(), "stations": [self.station(
                self.STATIONS)]})
        if told is None:
            self.world.over.wait(0.02)
            if record.refused:
                self.be_another()
            return
        self.own, self.registered, self.beaten = told.get("token", self.own), True, 0.0
        self.token = self.own

    @staticmethod
    def facts():
        return ["os:linux"] + [f"push:shop-{number}" for number in range(REPOSITORIES)]

    @staticmethod
    def station(count):
        return {"engine": "shell", "classes": ["script"], "count": count}

    def beat(self):
        held = [lease.pair for lease in self.held.values()]
        record = Record("beat", self.title, 0.0, told={
            "factory": self.title, "boot": self.boot, "held": held, "renewed": (), "lost": ()})
        told = self.ask(record, "PUT", f"/fleet/factories/{self.title}/heartbeat", {
            "boot": self.boot, "load": 0,
            "held": [{"job": job, "fence": fence} for job, fence in held]})
        if told is None:
            return self.unless_unheard(record)
        self.beaten = record.began
        for name in ("renewed", "lost"):
            record.told[name] = [(row["job"], row["fence"]) for row in told[name]]
        for pair in record.lost:
            self.lose(pair)
        for order in told["orders"]:
            lease = self.held.get((order.get("job"), order.get("fence")))
            if lease and order["kind"] in ("cancel", "stop") and self.draw.random() < 0.5:
                lease.cancelled = True

    def unless_unheard(self, record):
        if record.refused == "factory.unheard":
            self.registered = False
        elif record.refused in ("factory.replaced", "factory.unknown", "factory.removed"):
            self.be_another()

    def ask_for_work(self, again=None):
        free = self.STATIONS - len(self.held)
        claim = again or (f"c-{self.fresh()}", free)
        record = Record("claim", self.title, 0.0, told={
            "factory": self.title, "boot": self.boot, "claim": claim[0], "leases": ()})
        told = self.ask(record, "POST", "/fleet/leases/claim", {
            "id": claim[0], "factory": self.title, "boot": self.boot, "takesShip": True,
            "free": [self.station(claim[1])],
            "waitMilliseconds": 200 if self.world.quiet.is_set() else self.draw.choice([0, 20, 100])})
        if told is None:
            # Asked once more under the same id next time: what it was granted is not forgotten.
            is_lost = record.refused or not (again or record.began)
            self.claim = None if is_lost else claim
            return self.unless_unheard(record)
        rows = []
        for run in told["leases"]:
            lease, manifest = run["lease"], run["manifest"]
            rows.append({"job": lease["job"], "fence": lease["fence"], "attempt": lease["attempt"],
                         "kind": lease["kind"], "key": manifest["idempotency-key"],
                         "lock": manifest.get("lock", "")})
            held = Held(lease, manifest["idempotency-key"])
            if held.pair not in [lease.pair for lease in self.past]:
                self.held.setdefault(held.pair, held)
        record.told["leases"] = rows
        self.claim = claim

    def work(self, lease):
        if lease.cancelled:
            return self.report(lease, [stopped("cancelled")], "stopped")
        if lease.kind == "ship":
            return self.report(lease, [SHIP_STARTED, MERGED], "shipStarted", "merged")
        begun = () if lease.begun else ("started",)
        first = [] if lease.begun else [STARTED]
        dice = self.draw.random()
        if not lease.begun and (dice < 0.5 or ".long" in lease.key):
            return self.report(lease, first, *begun)
        if lease.begun and not lease.logged and dice < 0.4:
            return self.log(lease)
        if dice > 0.95 and not self.world.quiet.is_set():
            return self.report(lease, [stopped("drained")], "stopped")
        if ".ships" in lease.key:
            return self.report(lease, first + PASSED, *begun, "complete")
        return self.report(lease, first + [FAILED], *begun, "finished")

    def report(self, lease, items, *says):
        lease.last = (items, says)
        record = Record("report", self.title, 0.0, told={
            "job": lease.job, "fence": lease.fence, "says": says})
        told = self.ask(record, "POST", f"/fleet/runs/{lease.run}/events",
                        {"fence": lease.fence, "items": items})
        if told is None:
            if record.refused:
                self.lose(lease.pair)
            return
        record.told["changed"] = "position" in told
        lease.begun = lease.begun or "started" in says
        if says[-1] not in ("started", "logged", "shipStarted"):
            ended = says[-1] in ("finished", "merged") and record.changed
            with self.world.lock:
                self.world.open -= ended
            self.lose(lease.pair)

    def log(self, lease):
        record = Record("report", self.title, 0.0, told={
            "job": lease.job, "fence": lease.fence, "says": ("logged",)})
        told = self.ask(record, "POST", f"/fleet/runs/{lease.run}/log?fence={lease.fence}&offset=0",
                        b"a line\n", "application/octet-stream")
        lease.logged = True
        if told is None and record.refused == "lease.stale":
            self.lose(lease.pair)

    def lose(self, pair):
        lease = self.held.pop(pair, None)
        if lease:
            self.past = self.past[-15:] + [lease]

    # --- as it should not ---

    def be_another(self):
        """The process is gone with all that it knew; the next has another name."""
        self.life += 1
        self.title = f"{self.name}-{self.life + 1}"
        self.boot, self.own, self.registered = f"{self.title}-boot", None, False
        self.held, self.claim = {}, None
        self.hang_up()

    def die(self):
        """Without a word: for good, or to come back under another boot at once or late."""
        way = self.draw.choice(["for good", "at once", "late"])
        self.world.meet(f"died with leases, {way}" if self.held else "died")
        if way == "for good":
            return self.be_another()
        self.hang_up()
        if way == "late":
            self.world.over.wait(self.world.term * self.draw.uniform(0.3, 1.3))
        self.life += 1
        self.boot, self.registered = f"{self.title}-boot-{self.life + 1}", False
        self.past += self.held.values()
        self.held, self.claim = {}, None

    def slow(self):
        """Silent past its leases (the time is what is varied), and then as if nothing had been."""
        self.world.meet("slow with leases" if self.held else "slow")
        self.world.over.wait(self.world.term * self.draw.uniform(0.9, 1.4))
        for lease in list(self.held.values()):
            self.work(lease)

    def drop(self):
        if self.held:
            self.world.meet("a lease forgotten")
            self.lose(self.draw.choice(list(self.held)))

    def report_old(self):
        if self.past:
            lease = self.draw.choice(self.past)
            self.world.meet("reported under an old fence")
            if lease.kind == "ship":
                self.report(lease, [SHIP_STARTED, MERGED], "shipStarted", "merged")
            elif self.draw.random() < 0.3:
                self.log(lease)
            else:
                self.report(lease, [STARTED, FAILED], "started", "finished")

    def repeat(self):
        known = [lease for lease in [*self.held.values(), *self.past[-4:]] if lease.last]
        if known:
            lease = self.draw.choice(known)
            self.world.meet("a report twice")
            self.report(lease, lease.last[0], *lease.last[1])

    def claim_again(self):
        if self.claim:
            self.world.meet("a claim twice")
            self.ask_for_work(again=self.claim)
