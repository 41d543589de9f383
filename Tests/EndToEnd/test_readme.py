"""The README's commands, run as they stand there, against a small repository of their own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HELLO = os.path.join(ROOT, "examples", "hello-job")


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


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


class ReadmeText(unittest.TestCase):
    def test_every_shell_block_says_whether_it_is_run(self):
        found = blocks(read("README.md"))
        self.assertGreaterEqual(len(found), 6)
        for marker, text in found:
            with self.subTest(text[:40]):
                self.assertRegex(marker or "", r"^(run|run in the background: \w+|not run: .+)$")

    def test_the_job_is_that_of_the_example(self):
        text = next(text for _, text in blocks(read("README.md")) if "<<'JOB'" in text)
        job = re.search(r"(?ms)<<'JOB'\n(.*?)^JOB$", text).group(1)
        self.assertEqual(job, read("examples", "hello-job", "job.md"))

    def test_the_repository_is_that_of_the_example(self):
        text = next(text for _, text in blocks(read("README.md")) if "git init" in text)
        written = dict((name, body + "\n") for body, name in
                       re.findall(r"(?m)^echo '(.*)' > (\S+)$", text))
        self.assertEqual(written, {
            name: read("examples", "hello-job", "repository", name)
            for name in os.listdir(os.path.join(HELLO, "repository"))})


@unittest.skipUnless(os.environ.get("GIGA"), "GIGA does not name the binary")
class ReadmeRun(unittest.TestCase):
    def setUp(self):
        self.folder = giga.fresh_folder(self)
        home = os.path.join(self.folder, "home")
        os.makedirs(home)
        port = free_port()
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

    def test_the_first_own_job_runs_as_it_is_written(self):
        printed = ""
        for marker, text in blocks(read("README.md")):
            if marker == "run":
                printed = self.run_block(text)
            elif marker.startswith("run in the background"):
                self.begin(text, marker.split(": ")[1])
        self.assertEqual(printed, "Hello, Ada\n")

    def test_the_demo_prints_what_it_says(self):
        found = re.search(r"(?ms)^<!-- printed by: (giga [^\n]*) -->\n```text\n(.*?)^```$",
                          read("README.md"))
        told, printed = found.group(2), self.run_block(found.group(1))
        for differs in (r"(?<=in )\d+(?= s:)", r"\d+(?= leases)"):
            told, printed = re.sub(differs, "N", told), re.sub(differs, "N", printed)
        self.assertEqual(printed, told)

    def test_the_example_runs(self):
        done = subprocess.run(
            ["sh", os.path.join(HELLO, "run.sh")], cwd=self.folder, text=True, timeout=300,
            env={**{k: v for k, v in self.env.items() if not k.startswith("GIGA")},
                 "GIGA": os.path.abspath(os.environ["GIGA"]), "TMPDIR": self.folder},
            capture_output=True, check=False, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stdout.splitlines()[-1], "Hello, Ada")
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("tmp.")], [])


if __name__ == "__main__":
    unittest.main()
