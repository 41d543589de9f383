"""`giga why` explains a placement to the number, and a job without one factory by factory."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402

MILLION = 1_000_000
# The specification's table, in parts per million.
WEIGHTS = {"capabilityFit": 300_000, "affinity": 250_000, "load": 200_000, "health": 150_000,
           "cost": 100_000, "starvation": 100_000}
WAITS = "sleep 600"


def score(terms, weights):
    """What terms and weights come to: all add up, but starvation takes away."""
    signs = {name: -1 if name == "starvation" else 1 for name in weights}
    return sum(signs[name] * weights[name] * terms[name] for name in weights) / MILLION


class WhyTests(unittest.TestCase):
    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.fleet.serve()
        self.fleet.origin()

    def factories(self, **facts):
        """Starts factories with these facts, and waits until all are there."""
        for name, stated in facts.items():
            self.fleet.factory(name, stations="shell=1", facts=stated)
        giga.until(lambda: len(self.fleet.json("factory", "list", "--json")["factories"])
                   == len(facts), 30, "all factories")

    def why(self, job):
        return self.fleet.json("why", job, "--json"), self.fleet.must("why", job)

    def assert_adds_up(self, candidate, weights):
        self.assertEqual(set(candidate["terms"]), set(weights))
        for name, term in candidate["terms"].items():
            self.assertIsInstance(term, int)
            self.assertTrue(0 <= term <= MILLION, f"{name} is {term}")
        # Each of the six products may be rounded to a whole part per million.
        self.assertAlmostEqual(candidate["score"], score(candidate["terms"], weights), delta=6)

    def test_a_placed_job(self):
        self.factories(busy="gpu", chosen="gpu,loom=2.1", second="gpu", bare="cpu-only")
        held = self.fleet.add(giga.job(WAITS, capabilities="[gpu]", prefers="['factory:busy']"))
        self.assertEqual(self.fleet.until_event(held, "run.started").factory, "busy")
        job = self.fleet.add(giga.job(WAITS, capabilities="[gpu]",
                                      prefers="['factory:chosen', 'loom>=2']"))
        started = self.fleet.until_event(job, "run.started")
        found, told = self.why(job)

        self.assertEqual((found["placed"], found["factory"]), (True, "chosen"))
        self.assertEqual(started.factory, "chosen")
        self.assertEqual(found["weights"], WEIGHTS)
        self.assert_adds_up(found, found["weights"])
        candidates = found["candidates"]
        self.assertEqual([each["factory"] for each in candidates], ["chosen", "second"])
        for each in candidates:
            self.assert_adds_up(each, found["weights"])
        best, next_best = candidates
        self.assertEqual((best["score"], best["terms"]), (found["score"], found["terms"]))
        self.assertGreater(best["score"], next_best["score"])
        self.assertGreater(best["terms"]["affinity"], next_best["terms"]["affinity"],
                           "it was preferred by name")
        self.assertGreater(best["terms"]["capabilityFit"], next_best["terms"]["capabilityFit"],
                           "it has what was preferred")

        self.assertEqual(found["turn"], "no other product had work for what was on offer")
        self.assertIn("its turn: " + found["turn"], told)

        reasons = {each["factory"]: each["reason"] for each in found["rejected"]}
        self.assertEqual(set(reasons), {"busy", "bare"})
        self.assertIn("busy", reasons["busy"])
        self.assertIn("gpu", reasons["bare"])
        for name, reason in reasons.items():
            self.assertRegex(told, rf"{name}: .*{reason}")
        for name in WEIGHTS:
            self.assertIn(name, told)

    def test_a_job_that_no_factory_can_do(self):
        self.factories(one="gpu,loom=1.9", two="loom=2.4", three="gpu")
        job = self.fleet.add(giga.job(WAITS, capabilities="['gpu', 'loom>=2']"))
        found, told = giga.until(
            lambda: next((told for told in [self.why(job)] if len(told[0]["rejected"]) == 3), None),
            20, "three rejections")
        self.assertIs(found["placed"], False)
        self.assertEqual(found["condition"], "no-capable-factory")
        reasons = {each["factory"]: each["reason"] for each in found["rejected"]}
        self.assertEqual(set(reasons), {"one", "two", "three"})
        self.assertIn("loom>=2", reasons["one"])
        self.assertIn("1.9", reasons["one"], "what it has instead")
        self.assertIn("gpu", reasons["two"])
        self.assertIn("loom>=2", reasons["three"])
        for name, reason in reasons.items():
            self.assertIn(name, found["reason"])
            self.assertRegex(told, rf"{name}: .*{reason}")

    def test_an_engine_that_no_factory_has(self):
        self.factories(one="gpu", two="cpu-only")
        job = self.fleet.add(giga.job(WAITS, engine="claude"))
        found, told = self.why(job)
        self.assertIs(found["placed"], False)
        for each in found["rejected"]:
            self.assertIn("claude", each["reason"])
            self.assertIn(each["factory"], told)
        self.assertEqual({each["factory"] for each in found["rejected"]}, {"one", "two"})

    def test_a_job_that_waits_for_a_station(self):
        self.factories(only="gpu")
        held = self.fleet.add(giga.job(WAITS))
        self.fleet.until_event(held, "run.started")
        job = self.fleet.add(giga.job(WAITS))
        found, _ = self.why(job)
        self.assertEqual((found["placed"], found["condition"]), (False, "no-free-station"))
        self.assertEqual([each["factory"] for each in found["rejected"]], ["only"])

    def test_a_job_that_is_not_there(self):
        done = self.fleet.giga("why", "job-77")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"error: .*job-77[\s\S]*hint: ")


if __name__ == "__main__":
    unittest.main()
