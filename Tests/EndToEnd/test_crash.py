"""The coordinator is killed at random moments; nothing that was acknowledged is lost.

CRASH_ROUNDS is the number of kills on each store (10), CRASH_SEED the moments, CRASH_EVENTS how
many events the store has before the first kill (0), and CRASH_RECOVERY how many seconds the slowest
but one in a hundred of the starts may take (10).
"""

import collections
import math
import os
import random
import shutil
import signal
import sys
import time
import unittest
import unittest.mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
import history  # noqa: E402
import postgres  # noqa: E402
from writers import Writers, fill, idle_job  # noqa: E402

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "10"))
SEED = int(os.environ.get("CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
EVENTS = int(os.environ.get("CRASH_EVENTS", "0"))
RECOVERY = float(os.environ.get("CRASH_RECOVERY", "10"))
REAL_PER_ROUND = 2
REAL_AT_MOST = 40
CANCELLED = 0.99
PATIENT = 1800  # seconds: after 1,000 kills there are 200,000 events to replay


def late(seconds):
    """The 99th percentile: of ten figures the largest."""
    return sorted(seconds)[math.ceil(0.99 * len(seconds)) - 1]


def twice(events):
    """Jobs that were made twice out of one submission."""
    keys = collections.Counter(e.body["manifest"].get("idempotency-key") for e in events
                               if e.kind == "job.submitted")
    return [f"{count} jobs with the key {key}" for key, count in keys.items() if key and count > 1]


class Crashes:
    """What is the same on every store."""

    def make(self, key, number, turn, draw):
        """Most wait until they are cancelled; a few of the first client's are work that ships."""
        wanted = len(self.real_keys) < min(REAL_PER_ROUND * (self.round + 1), REAL_AT_MOST)
        if number == 0 and turn % 40 == 0 and wanted:
            self.real_keys.add(key)
        if key in self.real_keys:
            script = f"mkdir -p src && echo {key} > src/{key}.txt"
            return giga.job(script, title=key, review_policy="auto", idempotency_key=key)
        return idle_job(key)

    def test_every_acknowledged_job_is_there(self):
        fleet = self.fleet()
        fleet.serve()
        origin = fleet.origin()
        if EVENTS:
            fill(fleet, EVENTS)
        for name in ("alpha", "beta"):
            fleet.factory(name)
        self.judge(fleet, origin, self.storm(fleet, ROUNDS))

    def test_a_store_that_went_back_in_time_is_seen(self):
        """The control: a disk that forgets what it had said was safe."""
        fleet = self.fleet()
        fleet.serve()
        fleet.origin()
        with unittest.mock.patch.dict(globals(), REAL_PER_ROUND=0, CANCELLED=0), \
                self.assertRaisesRegex(AssertionError, "acknowledged and lost|to another key"):
            self.storm(fleet, 4, between=lambda number: self.go_back(fleet, number))

    def storm(self, fleet, rounds, between=lambda number: None):
        """Writes without pause, kills, starts again; then every told id must be there."""
        self.round, self.real_keys, self.recoveries = 0, set(), []
        draw = random.Random(SEED)
        print(f"\ncrash seed {SEED}")
        writers = Writers(fleet, self.make, seed=SEED, cancelled=CANCELLED).start()
        self.addCleanup(writers.stop)
        busy = 0
        for self.round in range(rounds):
            writers.wait_for_more(draw.randrange(1, 50))
            time.sleep(draw.uniform(0.005, 0.300))  # what is varied: the moment of the kill
            with writers.lock:
                flying = len(writers.in_flight)
            fleet.server.signal(signal.SIGKILL)
            fleet.server.inner.wait()
            busy += flying > 0
            between(self.round)
            self.recoveries.append(self.recover(fleet))
            if rounds <= 20 or (self.round + 1) % 100 == 0:
                print(f"kill {self.round + 1}: {flying} submissions in flight, "
                      f"{len(writers.acknowledged)} acknowledged, answering again after "
                      f"{self.recoveries[-1]:.3f} s", flush=True)
        writers.wait_for_more(1)
        writers.stop()
        print(f"{busy} of {rounds} kills had a commit in flight")
        self.assertEqual(writers.wrong, [])
        self.assertGreater(busy, rounds // 2)
        told = writers.acknowledged
        self.events = fleet.events()
        submitted = {e.job for e in self.events if e.kind == "job.submitted"}
        self.assertEqual(sorted(set(told.values()) - submitted), [], "acknowledged and lost")
        failed = {e.job for e in self.events if e.kind == "job.failed"}
        self.assertEqual(sorted(writers.ended - failed), [], "a cancel acknowledged and lost")
        return writers

    def recover(self, fleet):
        """Starts the coordinator again; the seconds until it has answered a request."""
        began = time.monotonic()
        fleet.serve()
        fleet.ask("GET", "/readyz")
        return time.monotonic() - began

    def judge(self, fleet, origin, writers):
        told = writers.acknowledged
        self.assertEqual(len(set(told.values())), len(told), "one id for two keys")
        for job in random.Random(SEED).sample(sorted(told.values()), min(50, len(told))):
            self.assertEqual(fleet.ask("GET", f"/fleet/jobs/{job}").status, 200, job)
        real = [told[key] for key in sorted(self.real_keys & set(told))]
        self.assertTrue(real)
        for job in real:
            fleet.wait(job, "shipped", 120)
        self.assertEqual([giga.merged(origin, job) for job in real], [1] * len(real))
        self.events = events = fleet.events()
        wrong = (history.gaps(events) + history.broken_hashes(events) + twice(events)
                 + history.stale_fences(events) + history.replay(events)[1]
                 + history.ships(events, origin.merges()))
        self.assertEqual(wrong, [])
        for factory in fleet.processes:
            factory.end()
        done = self.replay(fleet)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        store = self.stored(fleet)
        self.assertEqual(history.gaps(store.events), [])
        self.assertEqual(history.replay(store.events)[0],
                         {name: row["stage"] for name, row in store.jobs.items()})
        kills, slow = len(self.recoveries), late(self.recoveries)
        print(f"figure: {self.name}: {kills} kills, {len(told)} acknowledged jobs and "
              f"{len(writers.ended)} cancels, {len(store.events)} events, 0 lost, 0 gaps, 0 twice; "
              f"from start to the first answer p50 {sorted(self.recoveries)[kills // 2]:.3f} s, "
              f"p99 {slow:.3f} s, most {max(self.recoveries):.3f} s", flush=True)
        self.assertLess(slow, RECOVERY)


class CrashTests(Crashes, unittest.TestCase):
    name = "SQLite"

    def fleet(self):
        return giga.Fleet(self)

    def replay(self, fleet):
        return fleet.giga("doctor", "--replay", "--data", fleet.data, timeout=PATIENT)

    def stored(self, fleet):
        return history.Store.read(history.find_store(fleet.data))

    def go_back(self, fleet, number):
        kept = os.path.join(fleet.folder, "kept")
        if number == 1:
            shutil.copytree(fleet.data, kept)
        elif number == 3:
            shutil.rmtree(fleet.data)
            shutil.copytree(kept, fleet.data)


class PostgresCrashTests(Crashes, unittest.TestCase):
    name = "PostgreSQL"

    def setUp(self):
        self.server = postgres.Server(self)

    def fleet(self):
        fleet = giga.Fleet(self)
        fleet.env.update(DB_PROVIDER="postgres", DATABASE_URL=self.server.url())
        return fleet

    def replay(self, fleet):
        return fleet.giga("doctor", "--replay", timeout=PATIENT)

    def stored(self, fleet):
        return self.server.store()

    def go_back(self, fleet, number):
        if number not in (1, 3):
            return
        data, kept = (os.path.join(self.server.folder, name) for name in ("data", "kept"))
        self.server.tell("crash")
        if number == 3:
            shutil.rmtree(data)
        giga.run(["cp", "-a", *((data, kept) if number == 1 else (kept, data))], check=True)
        self.server.tell("start")


class TwiceTests(unittest.TestCase):
    """The control of a figure that a whole store never shows."""

    def submitted(self, key):
        return history.Event({"kind": "job.submitted",
                              "body": {"manifest": {"idempotency-key": key}}}, {})

    def test_one_key_for_two_jobs_is_seen(self):
        self.assertEqual(twice([self.submitted("a"), self.submitted("b")]), [])
        self.assertEqual(len(twice([self.submitted(key) for key in "aba"])), 1)

    def test_the_late_one_of_a_hundred(self):
        self.assertEqual(late(range(1, 11)), 10)
        self.assertEqual(late(range(1, 1001)), 990)


if __name__ == "__main__":
    unittest.main()
