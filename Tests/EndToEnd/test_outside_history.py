"""What clients saw of a coordinator that is killed now and then must have an order.

HISTORY_OPERATIONS sets how many answers there shall be (5,000), HISTORY_SECONDS how long it takes at
least (0), HISTORY_KILLS the number of kills (3), HISTORY_SEED what the clients draw.
"""

import collections
import os
import random
import signal
import sys
import time
import unittest
from urllib.parse import urlencode

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
from client import Player, World  # noqa: E402
from orders import judge  # noqa: E402
from players import REPOSITORIES, Factory, Person  # noqa: E402
from witness import Record, Terms  # noqa: E402

OPERATIONS = int(os.environ.get("HISTORY_OPERATIONS", "5000"))
SECONDS = float(os.environ.get("HISTORY_SECONDS", "0"))
KILLS = int(os.environ.get("HISTORY_KILLS", "3"))
SEED = int(os.environ.get("HISTORY_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
TERM = 3
PEOPLE, FACTORIES = 3, 9
# What has to have been met, or the run has tried too little.
MUST_MEET = ["no answer", "lease.stale", "a key twice", "a request twice", "a report twice",
             "a claim twice", "reported under an old fence", "a lease forgotten", "cancel",
             "requeue", "slow with leases", "died with leases"]


class OutsideHistory(unittest.TestCase):
    def test_what_clients_saw_has_an_order(self):
        fleet = giga.Fleet(self)
        fleet.serve(lease=f"{TERM}s", heartbeat="1s")
        for number in range(REPOSITORIES):
            reply = fleet.ask("PUT", f"/fleet/repos/shop-{number}", (
                f'{{"name": "shop-{number}", "url": "/srv/git/shop-{number}.git", '
                '"target": "main", "ship": "merge"}'), token=fleet.token())
            self.assertEqual(reply.status, 200, reply.body)
        world = World(fleet, SEED, TERM)
        began = time.monotonic()
        players = [Person(world, f"person-{n}") for n in range(PEOPLE)]
        players += [Factory(world, f"f-{n}") for n in range(FACTORIES)]
        for player in players:
            player.start()
        self.addCleanup(world.over.set)
        self.restarts = []
        self.storm(fleet, world)
        storm = time.monotonic() - began
        world.quiet.set()
        left = self.settle(fleet, world)
        world.over.set()
        for player in players:
            player.join(30)
        self.assertEqual(world.wrong, [])
        reader = Player(world, "reader")
        self.read_all(reader)
        reader.hang_up()
        records = [record for player in [*players, reader] for record in player.records]
        records += self.restarts
        self.judge(world, records, storm)
        self.assertEqual(left, 0, "jobs that never ended, though nothing went wrong any more")

    def storm(self, fleet, world):
        draw = random.Random(SEED)
        shares = sorted(draw.uniform(0.1, 0.9) for _ in range(KILLS))
        end = time.monotonic() + SECONDS
        patience = 60 + OPERATIONS / 20
        for share in shares:
            world.wait_for(int(OPERATIONS * share), patience)
            self.restarts.append(Record("restart", "storm", time.monotonic()))
            fleet.server.signal(signal.SIGKILL)
            fleet.server.inner.wait()
            fleet.serve(lease=f"{TERM}s", heartbeat="1s")
            self.restarts[-1].ended = time.monotonic()
        world.wait_for(OPERATIONS, patience)
        while time.monotonic() < end:
            world.wait_for(world.answered + 100, 60)

    def settle(self, fleet, world):
        """Waits until all jobs have ended; how many have not when its patience is over.

        What clients saw is judged in either case: it says more than that something waits.
        """
        try:
            giga.until(lambda: self.open_jobs(fleet) == 0 or world.wrong, 15, "all jobs to end")
        except AssertionError:
            pass
        return self.open_jobs(fleet)

    def open_jobs(self, fleet):
        """How many jobs have not ended: people leave nothing that would wait for them."""
        return sum(fleet.ask("GET", f"/fleet/jobs?limit=1&stage={stage}").json["total"]
                   for stage in ("queued", "assigned", "building", "review", "testing"))

    def read_all(self, reader):
        """Every job that there is, once nobody says anything more."""
        record, rows, words = Record("list", "reader", time.monotonic()), {}, {"limit": 10000}
        while True:
            told = reader.ask(Record("page", "reader", 0.0), "GET",
                              f"/fleet/jobs?{urlencode(words)}")
            for row in told["jobs"]:
                self.assertNotIn(row["id"], rows, "a job is listed twice")
                rows[row["id"]] = (row["title"], row["stage"])
            if "next" not in told:
                break
            words["after"] = told["next"]
        record.ended, record.told = time.monotonic(), {"jobs": rows}
        reader.records.append(record)

    def judge(self, world, records, storm):
        began = time.monotonic()
        verdict = judge(records, Terms(term=TERM))
        unknown = sum(record.ended is None for record in records)
        grants = sum(len(r.leases) for r in records if r.what == "claim" and r.answered)
        print(f"\noutside history, seed {SEED}: {len(records)} operations in {storm:.1f} s, "
              f"{unknown} of them without an answer, {KILLS} kills; {verdict.jobs} jobs, "
              f"{grants} grants, {verdict.moves} moves, {verdict.states} states searched in "
              f"{time.monotonic() - began:.1f} s; {len(verdict.anomalies)} anomalies")
        kinds = collections.Counter(record.what for record in records)
        print("sent: " + ", ".join(f"{name} {count}" for name, count in kinds.most_common()))
        print("met: " + ", ".join(f"{name} {count}" for name, count in sorted(world.met.items())))
        one_each = {anomaly.name: anomaly for anomaly in reversed(verdict.anomalies)}
        told = "\n".join(str(anomaly) for anomaly in one_each.values())
        self.assertEqual(dict(verdict.names()), {}, f"HISTORY_SEED={SEED}\n{told}")
        self.assertGreaterEqual(len(records), OPERATIONS)
        self.assertEqual([name for name in MUST_MEET if not any(
            met.startswith(name) for met in world.met)], [],
                         "the clients did not get there")


if __name__ == "__main__":
    unittest.main()
