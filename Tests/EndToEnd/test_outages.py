"""Stores that go away, and stores that two coordinators want, under the load of four writers.

OUTAGES is how often PostgreSQL is stopped at once, and how often a coordinator takes over (3);
OUTAGE_SEED the moments.
"""

import os
import random
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
import history  # noqa: E402
import postgres  # noqa: E402
from test_crash import twice  # noqa: E402
from writers import Writers, idle_job  # noqa: E402

OUTAGES = int(os.environ.get("OUTAGES", "3"))
SEED = int(os.environ.get("OUTAGE_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)


def make(key, *_):
    return idle_job(key)


class Load:
    """Writers to one coordinator after the other, and what all of them were told."""

    def begin(self):
        print(f"\noutage seed {SEED}")
        self.draw, self.told, self.number = random.Random(SEED), {}, 0

    def write_to(self, fleet):
        self.number += 1
        self.writers = Writers(fleet, make, seed=SEED, name=f"writers-{self.number}").start()
        self.addCleanup(self.writers.stop)
        return self.writers

    def some_time(self):
        self.writers.wait_for_more(self.draw.randrange(1, 50))
        time.sleep(self.draw.uniform(0, 0.2))  # what is varied: the moment of the next fault

    def note(self):
        self.writers.stop()
        self.assertEqual(self.writers.wrong, [])
        self.told.update(self.writers.acknowledged)

    def judge(self, events, what):
        told = set(self.told.values())
        self.assertEqual(len(told), len(self.told), "one id for two keys")
        submitted = {e.job for e in events if e.kind == "job.submitted"}
        self.assertEqual(sorted(told - submitted), [], "acknowledged and lost")
        self.assertEqual(history.gaps(events) + history.broken_hashes(events) + twice(events), [])
        print(f"figure: {what}: {len(told)} acknowledged jobs, 0 lost, 0 gaps, 0 twice")

    def until_deposed(self, fleet):
        giga.until(lambda: fleet.server.code is not None, 60, "the end of the older one")
        self.assertEqual(fleet.server.code, 1)
        self.assertIn("Another coordinator has taken over this store", fleet.server.text)


class OutageTests(Load, unittest.TestCase):
    def setUp(self):
        self.server = postgres.Server(self)
        self.begin()

    def fleet(self):
        fleet = giga.Fleet(self)
        fleet.env.update(DB_PROVIDER="postgres", DATABASE_URL=self.server.url())
        fleet.serve()
        return fleet

    def test_a_server_that_is_stopped_at_once_loses_nothing(self):
        fleet = self.fleet()
        fleet.origin()
        server = fleet.server
        self.write_to(fleet)
        for number in range(OUTAGES):
            self.some_time()
            self.server.tell("crash")
            giga.until(lambda: server.text.count("does not answer") > number, 60, "the notice")
            self.server.tell("start")
            giga.until(lambda: server.text.count("answers again") > number, 60, "the return")
        self.some_time()
        self.note()
        self.assertIsNone(server.code)
        self.judge(fleet.events(), f"PostgreSQL stopped at once {OUTAGES} times")
        self.judge(self.server.store().events, "the same from its tables")
        server.end()
        done = fleet.giga("doctor", "--replay")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_of_two_coordinators_one_writes(self):
        fleet = self.fleet()
        fleet.origin()
        for _ in range(OUTAGES):
            self.write_to(fleet)
            self.some_time()
            older, fleet = fleet, self.fleet()
            self.until_deposed(older)
            self.note()
        self.write_to(fleet)
        self.some_time()
        self.note()
        self.judge(self.server.store().events, f"{OUTAGES} coordinators deposed under load")

    def test_a_batch_that_is_taken_away_is_seen(self):
        """The control: what the judge says when the server forgets one batch in the middle."""
        fleet = self.fleet()
        fleet.origin()
        self.write_to(fleet)
        self.writers.wait_for_more(40)
        self.note()
        self.server.rows("DELETE FROM fleet_events WHERE first_position = (SELECT first_position "
                         "FROM fleet_events ORDER BY first_position OFFSET 20 LIMIT 1)")
        with self.assertRaisesRegex(AssertionError, "acknowledged and lost"):
            self.judge(self.server.store().events, "a store that lost a batch")
        fleet.server.end()
        self.assertEqual(fleet.giga("doctor", "--replay").returncode, 1)


class LockTests(Load, unittest.TestCase):
    def test_without_its_lock_a_store_has_still_one_writer(self):
        self.begin()
        older = giga.Fleet(self)
        older.serve()
        older.origin()
        self.write_to(older)
        self.some_time()
        newer = giga.Fleet(self, data=older.data)
        with self.assertRaisesRegex(AssertionError, "is in use"):
            newer.serve()
        os.remove(os.path.join(older.data, "giga.lock"))
        newer.serve()
        self.until_deposed(older)
        self.note()
        self.write_to(newer)
        self.some_time()
        self.note()
        self.judge(newer.events(), "a store whose lock was removed")


if __name__ == "__main__":
    unittest.main()
