"""The coordinator is killed at random moments; nothing that was acknowledged is lost.

CRASH_ROUNDS sets the number of kills (10), CRASH_SEED the moments.
"""

import os
import random
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
import history  # noqa: E402
from writers import Writers, idle_job  # noqa: E402

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "10"))
SEED = int(os.environ.get("CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
REAL_PER_ROUND = 2


class CrashTests(unittest.TestCase):
    def make(self, key, number, turn, draw):
        """Most jobs stay queued; a few of the first client's are real work that ships."""
        wanted = len(self.real_keys) < REAL_PER_ROUND * (self.round + 1)
        if number == 0 and turn % 40 == 0 and wanted:
            self.real_keys.add(key)
        if key in self.real_keys:
            script = f"mkdir -p src && echo {key} > src/{key}.txt"
            return giga.job(script, title=key, review_policy="auto", idempotency_key=key)
        return idle_job(key)

    def test_every_acknowledged_job_is_there(self):
        fleet = giga.Fleet(self)
        fleet.serve()
        origin = fleet.origin()
        for name in ("alpha", "beta"):
            fleet.factory(name)
        self.judge(fleet, origin, self.storm(fleet, ROUNDS))

    def storm(self, fleet, rounds):
        """Writes without pause, kills, starts again; then every told id must be there."""
        self.round, self.real_keys = 0, set()
        draw = random.Random(SEED)
        print(f"\ncrash seed {SEED}")
        writers = Writers(fleet, self.make, seed=SEED).start()
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
            print(f"kill {self.round + 1}: {flying} submissions in flight, "
                  f"{len(writers.acknowledged)} acknowledged")
            fleet.serve()
        writers.wait_for_more(1)
        writers.stop()
        print(f"{busy} of {rounds} kills had a commit in flight")
        self.assertEqual(writers.wrong, [])
        self.assertGreater(busy, rounds // 2)
        told = writers.acknowledged
        submitted = {e.job for e in fleet.events() if e.kind == "job.submitted"}
        self.assertEqual(sorted(set(told.values()) - submitted), [], "acknowledged and lost")
        return writers

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
        events = fleet.events()
        wrong = (history.gaps(events) + history.broken_hashes(events)
                 + history.stale_fences(events) + history.replay(events)[1]
                 + history.ships(events, origin.merges()))
        self.assertEqual(wrong, [])
        for factory in fleet.processes:
            factory.end()
        done = fleet.replay()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        store = history.Store.read(history.find_store(fleet.data))
        self.assertEqual(history.replay(store.events)[0],
                         {name: row["stage"] for name, row in store.jobs.items()})


if __name__ == "__main__":
    unittest.main()
