"""The README's commands, run as they stand there, against a small repository of their own."""

import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from documents import ROOT, Reader, blocks, read  # noqa: E402

HELLO = os.path.join(ROOT, "examples", "hello-job")


class ReadmeText(unittest.TestCase):
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
class ReadmeRun(Reader):
    def test_the_first_own_job_runs_as_it_is_written(self):
        self.assertEqual(self.follow("README.md")[-1], "Hello, Ada\n")

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
