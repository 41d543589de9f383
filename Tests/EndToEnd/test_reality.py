"""scripts/reality says which part does not hold, and ends so."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402

SCRIPT = os.path.join(giga.ROOT, "scripts", "reality")


class RealityTests(unittest.TestCase):
    def reality(self, *words):
        return giga.run([SCRIPT, *words], env=dict(os.environ, PYTHONWARNINGS="ignore"))

    def test_a_part_that_does_not_hold_is_named(self):
        done = self.reality("--giga", "/bin/false", "damage")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("\nFAIL damage", done.stdout)
        self.assertIn("reality: 1 parts, 1 off", done.stdout)

    def test_a_wrong_call_is_told(self):
        self.assertEqual(self.reality("--giga", "/no/giga").returncode, 2)
        done = self.reality("--giga", "/bin/false", "floods")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no part is called floods", done.stderr)


if __name__ == "__main__":
    unittest.main()
