"""Documents whose commands are run as they stand there, with a home folder of their own.

A shell block of such a document begins with a marker, a comment in the line before it: `run`,
`run in the background: FOLDER` for what goes on until the end, or `not run: WHY`.
"""

import os
import re
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def blocks(text):
    """Marker and text of each shell block; a block without a marker has None."""
    pattern = r"(?ms)(?:^<!-- ([^\n]*) -->\n)?^(`{3,})sh\n(.*?)^\2\n"
    outer = []
    for found in re.finditer(pattern, text):
        outer.append((found.group(1), found.group(3)))
    return outer


class Reader(unittest.TestCase):
    """Somebody who types what a document says."""

    def setUp(self):
        self.folder = giga.fresh_folder(self)
        home = os.path.join(self.folder, "home")
        os.makedirs(home)
        port = giga.free_port()
        path = os.path.dirname(os.path.abspath(os.environ["GIGA"]))
        self.env = {
            "HOME": home, "PATH": path + os.pathsep + os.environ["PATH"], "NO_COLOR": "1",
            "GIGA_LISTEN": f"127.0.0.1:{port}", "GIGA_COORDINATOR": f"http://127.0.0.1:{port}",
            "GIT_CONFIG_NOSYSTEM": "1", "LANG": "C.UTF-8"}
        for who in ("AUTHOR", "COMMITTER"):
            self.env[f"GIT_{who}_NAME"] = "Reader"
            self.env[f"GIT_{who}_EMAIL"] = "reader@giga.invalid"

    def begin(self, text, folder):
        """Starts a block that goes on, and waits until the coordinator answers."""
        log = open(os.path.join(self.folder, "up.log"), "wb")
        self.addCleanup(log.close)
        process = subprocess.Popen(
            ["sh", "-euc", "exec " + text.strip()], cwd=os.path.join(self.folder, folder),
            env=self.env, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.addCleanup(self.finish, process)
        until = time.monotonic() + 30
        while subprocess.run(["giga", "repo", "list"], env=self.env, capture_output=True,
                             check=False).returncode or not self.factories():
            self.assertIsNone(process.poll(), self.said())
            self.assertLess(time.monotonic(), until, self.said())
            time.sleep(0.1)

    def factories(self):
        done = subprocess.run(["giga", "factory", "list", "--json=all"], env=self.env,
                              capture_output=True, text=True, check=False)
        return done.returncode == 0 and '"name"' in done.stdout

    def finish(self, process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def said(self):
        with open(os.path.join(self.folder, "up.log"), errors="replace") as file:
            return file.read()

    def run_block(self, text):
        done = subprocess.run(["sh", "-euc", text], cwd=self.folder, env=self.env, text=True,
                              capture_output=True, timeout=300, check=False,
                              stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0,
                         f"{text}\n{done.stdout}{done.stderr}\n--- giga up\n"
                         + (self.said() if os.path.exists(
                             os.path.join(self.folder, "up.log")) else ""))
        return done.stdout

    def follow(self, document):
        """Runs the blocks of a document in order; gives what each run block printed."""
        printed = []
        for marker, text in blocks(document):
            if marker == "run":
                printed.append(self.run_block(text))
            elif marker.startswith("run in the background"):
                self.begin(text, marker.split(": ")[1])
        return printed
