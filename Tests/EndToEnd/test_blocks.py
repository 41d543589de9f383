"""Every fenced block of every document: run, checked, or named here with a reason."""

import glob
import os
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
from documents import MARKER, ROOT, SHELL, Reader, fences, read, shows  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
# Shell blocks that cannot run in a test: page and first line, and why.
NOT_RUN = {
    ("README.md", "make demo     # builds giga, then shows a small fleet at work"):
        "builds everything, in minutes",
    ("README.md", 'export PATH="$PWD/.build/release:$PATH"'):
        "the test has its own giga on the path",
    ("docs/how-to/artifacts.md", "giga show job-12"):
        "a coverage report takes a project that makes one",
}
# Blocks that are parts of other things, and the test that runs those.
ELSEWHERE = {
    "examples/hello-job/job.md": "test_readme.py",
    "scripts/real/job.md": "test_check_real.py",
    "docs/reference/commands.md": "test_reference.py",
}
LANGUAGES = SHELL | {"text", "yaml", "markdown", "json"}
YAML = {"checked as: giga.yaml", "checked as: front matter"}


def pages():
    """Every document that people read; fixtures and prompts are none."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=ROOT,
                            capture_output=True, text=True, check=True).stdout.splitlines()
    return sorted(name for name in set(listed) if os.path.exists(os.path.join(ROOT, name))
                  and not re.search(r"Fixtures|Prompts|scripts/real/(sample|turns)", name))


def found():
    """Page, marker, language and text of every fenced block that is not run elsewhere."""
    for page in pages():
        if page not in ELSEWHERE:
            for marker, language, text in fences(read(page)):
                yield page, marker or "", language, text


class ReadingTests(unittest.TestCase):
    """The mechanism itself, on trial."""

    def test_another_line_than_the_one_that_is_shown_is_seen(self):
        printed = "before\njob-1   testing  Greet\njob-2   failed\n"
        self.assertTrue(shows("job-1 testing Greet\njob-2 failed\n", printed))
        self.assertTrue(shows("job-1 … Greet\n", printed))
        for told in ("job-1 shipped Greet\n", "job-1 testing\n", "job-2 failed\njob-1 testing Greet"):
            self.assertFalse(shows(told, printed), told)

    def test_a_marker_is_understood_whole_or_not_at_all(self):
        for marker in ("run", "run by bob", "run in a new terminal", "run by ann in the background",
                       "run with A=b, C=d"):
            self.assertTrue(MARKER.fullmatch(marker), marker)
        for marker in ("", "runs", "run in background", "run by", "run with A", "not run: it is long"):
            self.assertFalse(MARKER.fullmatch(marker), marker)

    def test_a_block_within_a_longer_fence_is_a_part_of_it(self):
        text = "<!-- run -->\n````sh\ncat <<E\n```sh\ntrue\n```\nE\n````\n\n```sh\nfalse\n```\n"
        self.assertEqual([(marker, inside.count("\n")) for marker, _, inside in fences(text)],
                         [("run", 5), (None, 1)])


class BlockTests(unittest.TestCase):
    def test_there_are_blocks_to_find(self):
        self.assertGreater(len([1 for _, _, language, _ in found() if language in SHELL]), 25)

    def test_every_line_that_opens_or_ends_a_block_was_understood(self):
        for page in pages():
            text = read(page)
            inside = "".join(block for _, _, block in fences(text))
            lines = len(re.findall(r"(?m)^ *```", text)) - len(re.findall(r"(?m)^ *```", inside))
            self.assertEqual(lines, 2 * len(fences(text)), page)

    def test_every_block_says_what_it_is(self):
        for page, _, language, text in found():
            self.assertIn(language, LANGUAGES, f"{page}: {text[:60]}")

    def test_every_shell_block_is_run_or_named_with_a_reason(self):
        excused = {}
        for page, marker, language, text in found():
            if language in SHELL and not MARKER.fullmatch(marker):
                self.assertTrue(marker.startswith("not run: "), f"{page}: {text[:60]}")
                excused[(page, text.split("\n")[0])] = marker.removeprefix("not run: ")
        self.assertEqual(excused, NOT_RUN)
        self.assertLessEqual(len(NOT_RUN), 6, "what cannot be run is an exception")

    def test_every_page_with_blocks_that_run_is_followed_by_a_test(self):
        wanted = {page for page, marker, _, _ in found() if MARKER.fullmatch(marker)}
        followed = set()
        for path in glob.glob(os.path.join(HERE, "test_*.py")):
            with open(path) as file:
                followed |= set(re.findall(r'self\.follow\("([^"]+)"\)', file.read()))
        self.assertEqual(sorted(wanted), sorted(followed))

    def test_what_is_shown_as_printed_is_compared(self):
        before = None
        for page, marker, language, text in found():
            if language == "text":
                drawn = "►" in text or "─" in text
                by = page == "README.md" and marker.startswith("printed by: ")
                self.assertTrue(drawn or by or (marker == "printed" and before == page), text[:60])
            if MARKER.fullmatch(marker):
                before = page

    def test_every_block_of_yaml_says_what_it_is_checked_as(self):
        for page, marker, language, text in found():
            if language == "yaml":
                self.assertIn(marker, YAML, f"{page}: {text[:60]}")

    def test_every_script_of_an_example_is_run(self):
        scripts = glob.glob(os.path.join(ROOT, "examples", "*", "*.sh"))
        self.assertTrue(scripts)
        test = read("Tests", "EndToEnd", "test_readme.py")
        for path in scripts:
            name = os.path.basename(os.path.dirname(path))
            self.assertIn(f'"examples", "{name}"', test)
            self.assertEqual(os.path.basename(path), "run.sh")


@unittest.skipUnless(os.environ.get("GIGA"), "GIGA does not name the binary")
class FileBlockTests(unittest.TestCase):
    """Blocks that show files: giga reads them."""

    def setUp(self):
        self.fleet = giga.Fleet(self)

    def check(self, page, text, *words, **environment):
        with self.subTest(page, text=text[:40]):
            done = self.fleet.giga(*words, env={**self.fleet.env, **environment})
            self.assertEqual(done.returncode, 0, f"{page}\n{text}\n{done.stderr}")

    def test_every_block_of_a_file_is_read_by_giga(self):
        folder = self.fleet.folder
        giga.seed_repository(os.path.join(folder, "shop"))
        for number, (page, marker, language, text) in enumerate(found()):
            if marker == "checked as: giga.yaml":
                path = self.fleet.write(f"{number}/giga.yaml", text)
                self.check(page, text, "config", "list", GIGA_CONFIG=path)
            elif marker == "checked as: front matter" or language == "markdown":
                job = text if language == "markdown" else f"---\n{text}---\nDo it.\n"
                # A page's folder stands for one of the reader's.
                job = job.replace("/srv/app", os.path.join(folder, "shop"))
                path = self.fleet.write(f"{number}/job.md", job)
                self.check(page, text, "add", "--check", path)


@unittest.skipUnless(os.environ.get("GIGA"), "GIGA does not name the binary")
class HelpTests(unittest.TestCase):
    def test_what_help_shows_to_type_is_its_examples_alone(self):
        """Each of those is run by test_examples.py; a block would be one that nobody runs."""
        binary, env = giga.binary(), {"PATH": os.environ["PATH"]}
        names = re.findall(r"(?m)^  ([a-z]+(?: [a-z]+)?)  +\S", giga.run([binary, "help"],
                                                                       env=env).stdout)
        for words in [["help"], ["help", "environment"], ["help", "exit-codes"], ["help", "--man"],
                      *(["help", *name.split()] for name in names)]:
            text = giga.run([binary, *words], env=env).stdout
            self.assertTrue(text)
            self.assertNotIn("```", text)
            self.assertNotRegex(text, r"(?m)^\s*\$ ")


class OwnFleet(Reader):
    """A reader who has a fleet already, with one shipped job and one that waits for a person."""

    JOB = "---\ntitle: {}\nengine: shell\n{}---\n```sh\necho {} > {}.txt\n```\n"

    def setUp(self):
        super().setUp()
        giga.seed_repository(os.path.join(self.folder, "hello"))
        for name, more in (("one", "review-policy: auto\nverify: 'true'\n"),
                           ("two", "verify: 'true'\n")):
            with open(os.path.join(self.home(), name + ".md"), "w") as file:
                file.write(self.JOB.format(name, more, name, name))
        self.begin("cd hello\ngiga up")
        self.run_block("(cd hello; giga add ~/one.md ~/two.md)\n"
                       "giga wait job-1 --for shipped --timeout 120s\n"
                       "giga wait job-2 --for testing --timeout 120s")


@unittest.skipUnless(os.environ.get("GIGA"), "GIGA does not name the binary")
class PageTests(OwnFleet):
    def test_backup(self):
        self.follow("docs/how-to/backup.md")

    def test_clean_up(self):
        self.follow("docs/how-to/clean-up.md")

    def test_store(self):
        self.follow("docs/reference/store.md")

    @unittest.skipUnless(shutil.which("curl"), "no curl here")
    def test_observe(self):
        self.instead = {"7420": str(self.port)}
        self.follow("docs/how-to/observe.md")


# What stands for scp: the homes of the readers stand for other machines.
SCP = """#!/bin/sh
for last do :; done
for name do [ "$name" = "$last" ] || cp "$name" "{folder}/${{last%%@*}}/"; done
"""


@unittest.skipUnless(os.environ.get("GIGA"), "GIGA does not name the binary")
@unittest.skipUnless(shutil.which("openssl"), "no openssl here")
class TeamTests(Reader):
    def setUp(self):
        super().setUp()
        for name in ("GIGA_LISTEN", "GIGA_COORDINATOR"):
            del self.env[name]
        bare, seed = (os.path.join(self.folder, name) for name in ("shop.git", "seed"))
        giga.seed_repository(seed)
        giga.git(self.folder, "clone", "-q", "--bare", seed, bare)
        self.instead = {"192.0.2.10": "127.0.0.1", "7420": str(self.port),
                        "git@git.example:shop.git": bare}
        tools = self.home("tools")
        with open(os.path.join(tools, "scp"), "w") as out:
            out.write(SCP.format(folder=self.folder))
        os.chmod(os.path.join(tools, "scp"), 0o755)
        self.env["PATH"] = tools + os.pathsep + self.env["PATH"]
        for who in ("ann", "bob", "cid", "north"):
            self.home(who)

    def run_block(self, text, who=None):
        """Whoever approves waits for the job to be in the inbox first, as people do."""
        if "giga approve" in text:
            def asks():
                told = Reader.run_block(self, "giga show job-1 --json=all", "bob")
                return '"awaiting-approval"' in told
            giga.until(asks, 60, "job-1 to ask for approval")
        return super().run_block(text, who)

    def test_team(self):
        *_, listed = self.follow("docs/how-to/team.md")
        rows = {line.split()[0]: line for line in listed.splitlines()[1:]}
        self.assertIn("revoked", rows["bob"])
        origin = giga.history.Origin(os.path.join(self.folder, "shop.git"))
        self.assertEqual(giga.merged(origin, "job-1"), 1)
        done = subprocess.run(self.words("giga jobs", "bob"), env=self.place("bob")[1],
                              capture_output=True, text=True, check=False)
        self.assertNotEqual(done.returncode, 0, "a revoked token reads nothing")


if __name__ == "__main__":
    unittest.main()
