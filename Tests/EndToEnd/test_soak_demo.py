"""scripts/soak-demo judged on demos that leave things behind: each is seen."""

import os
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import synthetic  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRIPT = os.path.join(ROOT, "scripts", "soak-demo")
CLEAN = """#!/bin/sh
{line}
echo '{{"outcome": "{outcome}"}}'
exit {code}
"""
# A process that has left its session and listens, as a daemon would.
LISTENER = """python3 - <<'END'
import os, socket, sys
listener = socket.create_server(("127.0.0.1", 0))
if os.fork():
    os._exit(0)
os.setsid()
for number in (0, 1, 2):
    os.close(number)
open("{pid}", "w").write(str(os.getpid()))
import time
time.sleep(60)  # longer than the test: nothing waits for its end, the script has to find it
END
until [ -s "{pid}" ]; do :; done"""


class SoakDemoTests(unittest.TestCase):
    def soak(self, line="", outcome="ok", code=0, runs=2):
        with tempfile.TemporaryDirectory(prefix="check-soak-") as folder:
            pid = os.path.join(folder, "pid")
            giga = synthetic.write_script(os.path.join(folder, "giga"), CLEAN.format(
                line=line.format(pid=pid), outcome=outcome, code=code))
            try:
                done = subprocess.run(
                    [sys.executable, SCRIPT, "--giga", giga, "--runs", str(runs), "--pinned", "1"],
                    capture_output=True, text=True, timeout=60,
                    env=dict(os.environ, TMPDIR=folder))
            finally:
                if os.path.exists(pid):
                    with open(pid) as file:
                        os.kill(int(file.read()), signal.SIGKILL)
            return done.returncode, done.stdout + done.stderr

    def test_demos_that_leave_nothing_pass(self):
        code, out = self.soak()
        self.assertEqual(code, 0, out)
        self.assertIn("run 2 on one core", out)

    def test_a_process_and_its_socket_are_seen(self):
        code, out = self.soak(LISTENER, runs=1)
        self.assertEqual(code, 1, out)
        self.assertIn("process left", out)
        self.assertIn("listening socket left", out)

    def test_a_temporary_file_is_seen(self):
        code, out = self.soak('touch "$TMPDIR/left"')
        self.assertEqual(code, 1, out)
        self.assertIn("temporary file left", out)

    def test_a_failed_demo_is_seen(self):
        self.assertEqual(self.soak(code=1)[0], 1)
        self.assertEqual(self.soak(outcome="merges")[0], 1)


if __name__ == "__main__":
    unittest.main()
