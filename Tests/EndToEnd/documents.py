"""Documents whose shell blocks are run as they stand there, in a home folder of their own.

A shell block has a marker, a comment in the line before it:

    run                         typed in a terminal, where the block before it was typed
    run by NAME                 the same by another person, with another home folder
    run in a new terminal       begins where a terminal opens, with nothing exported
    run in the background       goes on until the page ends it with the line `<!-- end -->`
    run … with WORD=INSTEAD, …  words that stand for what only the reader knows
    not run: WHY                listed in test_blocks.py, too

A text block with the
marker `printed` shows lines of what the block before it printed. YAML has the marker `checked as:
giga.yaml` or `checked as: front matter`, and a Markdown block is checked as a job.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MARKER = re.compile(r"run(?: by (?P<who>[a-z][\w-]*))?"
                    r"(?:(?P<background> in the background)|(?P<new> in a new terminal))?"
                    r"(?: with (?P<instead>\S+=\S+(?:, \S+=\S+)*))?")
FENCE = re.compile(r"(?ms)^(?:<!-- ([^\n]*) -->\n)?^(`{3,})([^\n`]*)\n(.*?)^\2[ ]*$")
END = "<!-- end -->\n"
# What each command that goes on says once it does its work.
SIGNS = {"giga up": "next:", "giga serve": "coordinator at", "giga factory run": "registered as"}
SHELL = {"sh", "bash", "shell", "console", "zsh"}


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def fences(text):
    """Marker, language and text of each fenced block, in order."""
    return [(found[1], found[3].strip(), found[4]) for found in FENCE.finditer(text)]


def blocks(text):
    """Marker and text of each shell block; a block without a marker has None."""
    return [(marker, inside) for marker, language, inside in fences(text) if language in SHELL]


def table(text):
    """The words of each line; the name of this machine is left out, which no document can know."""
    host = socket.gethostname().split(".")[0].lower()
    return [[word for word in line.split() if word not in (host, "factory")]
            for line in text.splitlines()]


def shows(told, printed):
    """Whether lines that a page shows stand so in what was printed; `…` is for anything."""
    lines, wanted = ([" ".join(words) for words in table(text)] for text in (printed, told))
    like = [re.compile(".*".join(map(re.escape, line.split("…")))) for line in wanted]
    return any(all(pattern.fullmatch(line) for pattern, line in zip(like, lines[at:]))
               for at in range(len(lines) - len(like) + 1))


class Reader(unittest.TestCase):
    """Somebody who types what a document says."""

    def setUp(self):
        self.folder = giga.fresh_folder(self)
        self.port = giga.free_port()
        path = os.path.dirname(os.path.abspath(os.environ["GIGA"]))
        self.env = {
            "HOME": self.home(), "PATH": path + os.pathsep + os.environ["PATH"], "NO_COLOR": "1",
            "GIGA_LISTEN": f"127.0.0.1:{self.port}", "GIT_CONFIG_NOSYSTEM": "1",
            "GIGA_COORDINATOR": f"http://127.0.0.1:{self.port}", "LANG": "C.UTF-8"}
        for who in ("AUTHOR", "COMMITTER"):
            self.env[f"GIT_{who}_NAME"] = "Reader"
            self.env[f"GIT_{who}_EMAIL"] = "reader@giga.invalid"
        self.running, self.begun, self.instead = [], 0, {}

    def home(self, who=None):
        path = os.path.join(self.folder, who or "home")
        os.makedirs(path, exist_ok=True)
        return path

    def follow(self, page):
        """Runs the blocks of a page in order; gives what each run block printed."""
        printed = []
        for part in read(page).split(END):
            for marker, language, text in fences(part):
                ways = MARKER.fullmatch(marker or "")
                if language in SHELL and ways:
                    said = self.typed(text, ways)
                    printed += [said] if said is not None else []
                elif marker == "printed":
                    self.assertTrue(shows(text, printed[-1]),
                                    f"{page} shows\n{text}\nprinted was\n{printed[-1]}")
            while self.running:
                self.finish(self.running.pop())
        return printed

    def typed(self, text, ways):
        """One block as a person types it; what it printed, or None when it goes on."""
        pairs = [pair.split("=", 1) for pair in (ways["instead"] or "").split(", ") if pair]
        for word, other in [*pairs, *self.instead.items()]:
            text = text.replace(word, other)
        if ways["background"]:
            return self.begin(text, ways["who"])
        if ways["new"] and os.path.exists(self.kept(ways["who"])):
            os.remove(self.kept(ways["who"]))
        return self.run_block(text, ways["who"])

    def kept(self, who):
        """The file that says what a person exported, and where the terminal stands."""
        return os.path.join(self.folder, f"terminal-{who or 'home'}")

    def words(self, text, who):
        """A shell that goes on where the one before it ended."""
        kept = self.kept(who)
        return ["sh", "-euc", f'[ ! -e {kept} ] || . {kept}\n{text}\n'
                f"""{{ export -p | grep -v ' \\(OLD\\)\\{{0,1\\}}PWD='; echo "cd '$PWD'"; }} > {kept}"""]

    def place(self, who):
        """Where a person's terminal opens, and with what environment."""
        if not who:
            return self.folder, self.env
        return self.home(who), {**self.env, "HOME": self.home(who)}

    def run_block(self, text, who=None):
        folder, env = self.place(who)
        done = subprocess.run(self.words(text, who), cwd=folder, env=env, text=True,
                              capture_output=True, timeout=300, check=False,
                              stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0,
                         f"{text}\n{done.stdout}{done.stderr}\n--- in the background\n{self.said()}")
        return done.stdout

    def begin(self, text, who=None):
        """Starts a block that goes on, and waits until it does its work."""
        place, env = self.place(who)
        lines = text.strip().split("\n")
        at = next(number for number, line in enumerate(lines) if "giga " in line)
        lines[at] = re.sub(r"\bgiga ", "exec giga ", lines[at], count=1)
        words = self.words("\n".join(lines), who)
        process = giga.Process(words, os.path.join(self.folder, f"log-{self.begun}"), env,
                               cwd=place)
        self.running.append(process)
        self.begun += 1
        self.addCleanup(self.finish, process)

        # It looks again for what the program says: another process gives no other sign.
        def works():
            self.assertIsNone(process.code, process.text)
            sign = next(sign for word, sign in SIGNS.items() if word in text)
            return sign in process.text
        giga.until(works, 30, lambda: process.text)

    def finish(self, process):
        process.signal(signal.SIGINT)
        process.end()

    def said(self):
        return "\n".join(process.text for process in self.running)
