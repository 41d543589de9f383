"""Ctrl-C ends long work in order, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402


class InterruptTests(unittest.TestCase):
    def test_a_demo_that_is_interrupted_clears_up(self):
        folder = giga.fresh_folder(self)
        demo = subprocess.Popen(
            [giga.binary(), "demo", "--exit-when-done"], stderr=subprocess.PIPE, text=True,
            env=dict(os.environ, HOME=folder, TMPDIR=folder, XDG_STATE_HOME=folder))
        self.addCleanup(demo.stderr.close)
        for line in demo.stderr:
            if "registered" in line:
                break
        demo.send_signal(signal.SIGINT)
        told = demo.stderr.read()
        self.assertEqual(demo.wait(30), 130, told)
        self.assertIn("error: Interrupted", told)
        self.assertEqual([name for name in os.listdir(folder) if name.startswith("giga-demo")], [])


if __name__ == "__main__":
    unittest.main()
