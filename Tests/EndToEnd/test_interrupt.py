"""Ctrl-C ends long work in order, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
from proxy import Proxy  # noqa: E402
from terminal import CTRL_C, Terminal  # noqa: E402


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


class ClientInterruptTests(unittest.TestCase):
    """Commands that wait for the coordinator, at a terminal."""

    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.fleet.serve()
        self.fleet.origin()
        self.proxy = Proxy(self, self.fleet.port)
        self.fleet.lend_tokens(self.proxy.port)

    def at_terminal(self, *words):
        """A command at a terminal of its own, once the coordinator has answered it."""
        env = dict(self.fleet.env, GIGA_COORDINATOR=self.proxy.url, TERM="xterm")
        env.pop("NO_COLOR")
        terminal = Terminal(self, [self.fleet.binary, *words], env, self.fleet.folder)
        giga.until(lambda: self.proxy.replies or self.proxy.held.is_set(), 20, "a request of giga")
        self.assertIsNone(terminal.inner.poll(), f"giga {' '.join(words)}: {terminal.shown!r}")
        return terminal

    def assert_interrupted(self, terminal):
        terminal.press(CTRL_C)
        self.assertEqual(terminal.wait(), 130, terminal.shown)
        self.assertEqual(terminal.left_behind(), [])

    def follows(self, command):
        return "--follow" in self.fleet.must("help", command)

    def waiting_job(self):
        """A job that nobody takes, for no factory is here."""
        return self.fleet.add(giga.job("true"))

    def test_wait(self):
        job = self.waiting_job()
        self.assert_interrupted(self.at_terminal("wait", job))
        self.assertEqual(self.fleet.json("show", job, "--json=all")["stage"], "queued",
                         "only the waiting ended")

    def test_wait_while_the_coordinator_does_not_answer(self):
        job = self.waiting_job()
        self.proxy.hold("/fleet")
        self.assert_interrupted(self.at_terminal("wait", job))

    def test_events_follow(self):
        if not self.follows("events"):
            self.skipTest("giga events has no --follow yet")
        self.waiting_job()
        self.assert_interrupted(self.at_terminal("events", "--follow"))

    def test_log_follow(self):
        if not self.follows("log"):
            self.skipTest("giga log has no --follow yet")
        self.fleet.factory("one")
        job = self.fleet.add(giga.job("echo begun; sleep 600"))
        self.fleet.until_event(job, "run.started")
        terminal = self.at_terminal("log", job, "--follow")
        giga.until(lambda: b"begun" in terminal.shown, 20, "the log's first line")
        self.assert_interrupted(terminal)
        self.assertEqual(self.fleet.json("show", job, "--json=all")["stage"], "building",
                         "the job runs on")


if __name__ == "__main__":
    unittest.main()
