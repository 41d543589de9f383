"""The simulation gives the same history for a seed, in any process and with any hash seeds."""

import os
import pathlib
import subprocess
import unittest

SIMULATE = pathlib.Path(os.environ["GIGA"]).resolve().with_name("giga-simulate")


def run(*words, **environment):
    names = dict(os.environ)
    names.pop("SWIFT_DETERMINISTIC_HASHING", None)
    done = subprocess.run([SIMULATE, *words], env={**names, **environment}, capture_output=True,
                          text=True, timeout=300)
    return done.returncode, done.stdout


class SimulationIsDeterministic(unittest.TestCase):
    def test_three_runs_give_the_same_history_with_and_without_hash_seeds(self):
        code, first = run("--digest", "--seeds", "20")
        self.assertEqual(code, 0)
        digests = [line.split()[1] for line in first.splitlines()]
        self.assertEqual(len(set(digests)), 20, "two seeds gave one history")
        self.assertEqual(run("--digest", "--seeds", "20"), (0, first))
        again = run("--digest", "--seeds", "20", SWIFT_DETERMINISTIC_HASHING="1")
        self.assertEqual(again, (0, first))

    def test_a_seed_is_the_same_wherever_a_round_begins(self):
        _, whole = run("--digest", "--seeds", "4", "--from", "10")
        _, last = run("--digest", "--seeds", "1", "--from", "13")
        self.assertEqual(whole.splitlines()[-1], last.strip())

    def test_what_it_does_not_know_is_refused(self):
        for words in (["--seeds"], ["--seeds", "0"], ["--first", "1"], ["--from", "-1"]):
            code, text = run(*words)
            self.assertEqual((code, text.split()[0]), (2, "usage:"), words)


if __name__ == "__main__":
    unittest.main()
