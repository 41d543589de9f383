"""scripts/check-newcomer with the giga under test, and on trial with one that says other words."""

import os
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402

SCRIPT = os.path.join(giga.ROOT, "scripts", "check-newcomer")


def check(program):
    return subprocess.run([SCRIPT, "--giga", program], capture_output=True, text=True, timeout=600)


class NewcomerTests(unittest.TestCase):
    def test_the_first_hour(self):
        done = check(giga.binary())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @unittest.skipIf("UPDATE_GOLDEN" in os.environ, "the golden file is rewritten")
    def test_another_word_is_seen(self):
        at = os.path.join(giga.fresh_folder(self), "giga")
        with open(at, "w") as out:
            out.write(f'#!/bin/sh\n[ "$1" = version ] && echo "giga 0.0.0" && exit\n'
                      f'exec {giga.binary()} "$@"\n')
        os.chmod(at, os.stat(at).st_mode | stat.S_IXUSR)
        done = check(at)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("+giga 0.0.0", done.stdout)
        self.assertIn("FAIL every message is as in the golden file", done.stdout)


if __name__ == "__main__":
    unittest.main()
