"""`giga why --replay` on copies of a store: equal as it is, different by name once it is altered."""

import json
import os
import shutil
import sqlite3
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
import placement_record  # noqa: E402

# One input of the winner, altered, and the term that has to be named.
ALTERED = {
    "load": ("loadPPM", lambda value: value + 400_000),
    "health": ("healthPPM", lambda value: value // 2),
    "affinity": ("didProduct", lambda value: not value),
    "starvation": ("recentAssignments", lambda value: value + 9),
    "capabilityFit": ("rareCapabilities", lambda value: [*value, "made-up"]),
    "costClass": ("costClass", lambda value: value + 3),
}


class WhyReplayTests(unittest.TestCase):
    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.fleet.serve()
        self.fleet.origin()
        for name in ("alpha", "beta"):
            self.fleet.factory(name)
        giga.until(lambda: len(self.fleet.json("factory", "list", "--json")["factories"]) == 2, 20,
                   "two factories")
        # The first one gives the second's decision a past: recent assignments, a product done.
        for number in (1, 2):
            self.job = self.fleet.add(giga.job(f"mkdir -p src && echo 1 > src/{number}.txt",
                                               title=f"job {number}", prefers="[factory:beta]",
                                               review_policy="auto"))
            self.fleet.wait(self.job, "shipped")

    def copy(self, name):
        """A copy as anybody might take it of a store at rest."""
        folder = os.path.join(self.fleet.folder, name)
        os.mkdir(folder)
        for part in ("giga.db", "giga.db-wal"):
            path = os.path.join(self.fleet.data, part)
            if os.path.exists(path):
                shutil.copy(path, os.path.join(folder, part))
        return folder

    def alter(self, folder, change):
        """Changes the stored record of the job's attempt behind everybody's back.

        What takes its place is JSON, as older builds stored it.
        """
        with sqlite3.connect(os.path.join(folder, "giga.db")) as store:
            key = f"{self.job}.1"
            body, = store.execute("SELECT body FROM fleet_decisions WHERE key = ?", [key]).fetchone()
            record = placement_record.read(body)
            change(record)
            store.execute("UPDATE fleet_decisions SET body = ? WHERE key = ?",
                          [json.dumps(record), key])
        store.close()

    def replay(self, folder, *more):
        return self.fleet.giga("why", self.job, "--replay", "--data", folder, *more)

    def test_equal_as_it_is_and_different_by_name_once_altered(self):
        beside = self.replay(self.fleet.data)
        self.assertEqual((beside.returncode, beside.stdout),
                         (0, f"{self.job}.1 recomputed from its record: equal\n"), beside.stderr)
        for process in reversed(self.fleet.processes):
            process.end()
        done = self.replay(self.copy("same"), "--json")
        self.assertEqual(json.loads(done.stdout), {"job": self.job, "run": f"{self.job}.1",
                                                   "replay": "equal", "differences": [],
                                                   "original": True})
        ship = next(row["id"] for row in self.stored_runs() if ".ship-" in row["id"])
        done = self.fleet.giga("why", ship, "--replay", "--data", self.fleet.data, "--json")
        self.assertEqual((done.returncode, json.loads(done.stdout)["replay"]), (0, "equal"))

        for term, (field, new) in ALTERED.items():
            with self.subTest(term):
                folder = self.copy("altered-" + term)

                def change(record):
                    winner, *others = [one["inputs"] for one in record["candidates"]]
                    winner[field] = new(winner[field])
                    if term == "starvation" and not any(o[field] for o in others):
                        winner[field] = 0  # the whole of the assignments, however many
                self.alter(folder, change)
                done = self.replay(folder)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertRegex(done.stdout, rf"(?m)^  \w+: {term} recorded \S+, recomputed \S+$")
                self.assertIn("its bytes are not those that job.assigned has the hash of",
                              done.stdout)
        with self.subTest("whose turn it was"):
            folder = self.copy("altered-turn")
            self.alter(folder, lambda record: record["precedence"].update(lift=2))
            done = self.replay(folder)
            self.assertEqual(done.returncode, 1)
            self.assertIn("ageing recorded 2, recomputed 0", done.stdout)
        with self.subTest("an input that no term depends on"):
            folder = self.copy("altered-nothing")
            self.alter(folder, lambda record: record.update(reason="made up"))
            done = self.replay(folder)
            self.assertEqual(done.returncode, 1)
            self.assertIn("decisionHash recorded", done.stdout)

    def stored_runs(self):
        with sqlite3.connect(os.path.join(self.fleet.data, "giga.db")) as store:
            rows = [json.loads(body) for body, in store.execute("SELECT body FROM fleet_runs")]
        store.close()
        return rows

    def test_what_would_change_with_other_weights(self):
        done = self.fleet.giga("why", self.job, "--with", "affinity=0", "--data", self.fleet.data,
                               "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads(done.stdout)
        self.assertEqual(told["factory"], "beta")
        self.assertEqual(told["weights"]["affinity"], 0)
        for row in told["ranking"]:
            self.assertLessEqual(row["score"], row["recordedScore"])
        for words, what in {("--with", "speed=1"): 'error: --with has "speed=1"',
                            ("--with", "load=2.5"): 'error: the weight of load is "2.5"'}.items():
            done = self.fleet.giga("why", self.job, *words, "--data", self.fleet.data)
            self.assertEqual((done.returncode, done.stderr.splitlines()[0]), (2, what))

    def test_what_cannot_be_computed_again_is_said(self):
        waits = self.fleet.add(giga.job("true", title="waits", capabilities="[has:nothing-here]"))
        done = self.fleet.giga("why", waits, "--replay", "--data", self.fleet.data)
        self.assertEqual((done.returncode, done.stderr.splitlines()[0]),
                         (1, f"error: {waits} was never placed"))
        for process in reversed(self.fleet.processes):
            process.end()
        folder = self.copy("older")

        def forget(record):
            for candidate in record["candidates"]:
                del candidate["inputs"]
            del record["inputs"]
        self.alter(folder, forget)
        done = self.replay(folder)
        self.assertEqual((done.returncode, done.stderr.splitlines()[0]),
                         (1, f"error: {self.job}.1 cannot be computed again"))


if __name__ == "__main__":
    unittest.main()
