"""Completion as the shells themselves do it, and the manual page as its readers judge it."""

import os
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402

# Loads the script, then asks as a person's Tab does. The words are the line; the last may be empty.
ASK = r"""
set -eu
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
_giga
printf '%s\n' "${COMPREPLY[@]}"
"""


class CompletionTests(unittest.TestCase):
    def setUp(self):
        self.binary = giga.binary()
        self.folder = giga.fresh_folder(self)
        self.scripts = {}
        for shell in ("bash", "zsh", "fish"):
            done = giga.run([self.binary, "completion", shell])
            self.assertEqual(done.returncode, 0, done.stderr)
            self.scripts[shell] = os.path.join(self.folder, shell)
            with open(self.scripts[shell], "w") as file:
                file.write(done.stdout)

    def offers(self, *words):
        """What bash offers after these words."""
        done = giga.run(["bash", "-c", ASK, "ask", self.scripts["bash"], "giga", *words],
                        cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def commands(self):
        done = giga.run([self.binary, "help"])
        return re.findall(r"(?m)^  ([a-z]+(?: [a-z]+)?)  +", done.stdout)

    def test_bash_loads_it_without_a_word(self):
        done = giga.run(["bash", "-eu", "-c", f"source {self.scripts['bash']}; complete -p giga"])
        self.assertEqual((done.stdout.strip(), done.stderr), ("complete -F _giga giga", ""))

    def test_bash_knows_every_command(self):
        commands = self.commands()
        self.assertGreater(len(commands), 30)
        self.assertEqual(set(self.offers("")), {name.split()[0] for name in commands})
        for name in commands:
            with self.subTest(name):
                *before, last = name.split()
                self.assertIn(last, self.offers(*before, ""))
                self.assertIn(last, self.offers(*before, last[:2]))

    def test_bash_knows_every_option(self):
        for name in self.commands():
            page = giga.run([self.binary, *name.split(), "--help"]).stdout
            options = re.findall(r"(?m)^  (--[a-z-]+)", page)
            with self.subTest(name):
                self.assertEqual(set(self.offers(*name.split(), "--")), set(options))

    def test_bash_knows_values_and_files(self):
        for path in ("fix.md", "two words.md"):
            with open(os.path.join(self.folder, path), "w"):
                pass
        for words, wanted in ((("jobs", "--color", ""), ["auto", "always", "never"]),
                              (("jobs", "--color", "=", "al"), ["always"]),
                              (("completion", "z"), ["zsh"]), (("schema", ""), ["job", "profile",
                                                                                "config"]),
                              (("halt", "--level", "d"), ["dev"]), (("config", "get", "lis"),
                                                                     ["listen"]),
                              (("add", "fix"), ["fix.md"]), (("add", "--repo", "x", "fix"),
                                                            ["fix.md"]),
                              (("--color", "never", "facto"), ["factory"]),
                              (("nonsense", ""), []), (("profile", "li"), ["list", "lint"])):
            with self.subTest(words):
                self.assertEqual(self.offers(*words), wanted)
        done = giga.run(["bash", "-c", ASK, "ask", self.scripts["bash"], "giga", "add", "two"],
                        cwd=self.folder)
        self.assertEqual(done.stdout, "two words.md\n", "a name with a space is one word")

    def test_zsh_and_fish_take_their_scripts(self):
        taken = 0
        for shell in ("zsh", "fish"):
            program = shutil.which(shell)
            if not program:
                continue
            taken += 1
            done = giga.run([program, "-n", self.scripts[shell]])
            self.assertEqual((done.returncode, done.stderr), (0, ""), shell)
        if not taken:
            self.skipTest("neither zsh nor fish is here")

    def test_zsh_finds_what_bash_finds(self):
        program = shutil.which("zsh")
        if not program:
            self.skipTest("zsh is not here")
        ask = ("autoload -U compinit; compinit -u -D; source $1; shift; "
               '_giga_words "$@"; print -rl -- ${=_giga_found}')
        for words in (("", "profile"), ("", "completion"), ("--", "jobs"), ("", "")):
            current, *plain = words
            done = giga.run([program, "-f", "-c", ask, "zsh", self.scripts["zsh"], current,
                             plain[-1] if plain else "giga", *[word for word in plain if word]],
                            cwd=self.folder)
            with self.subTest(words):
                self.assertEqual(done.stderr, "")
                wanted = self.offers(*[word for word in plain if word], current)
                self.assertEqual(set(done.stdout.split()), set(wanted))

    def test_fish_offers_what_bash_offers(self):
        program = shutil.which("fish")
        if not program:
            self.skipTest("fish is not here")
        for line in ("giga prof", "giga profile li", "giga schema ", "giga jobs --col"):
            done = giga.run([program, "-c", f"source {self.scripts['fish']}; "
                                            f"complete -C '{line}'"],
                            env={**os.environ, "HOME": self.folder})
            offered = {row.split("\t")[0] for row in done.stdout.splitlines()}
            words = line.split()[1:] + ([""] if line.endswith(" ") else [])
            with self.subTest(line):
                self.assertEqual(offered, set(self.offers(*words)))


class ManualTests(unittest.TestCase):
    def setUp(self):
        self.binary = giga.binary()
        done = giga.run([self.binary, "help", "--man"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.page = os.path.join(giga.fresh_folder(self), "giga.1")
        with open(self.page, "w") as file:
            file.write(done.stdout)

    def test_mandoc_finds_no_fault(self):
        program = shutil.which("mandoc")
        if not program:
            self.skipTest("mandoc is not here")
        done = giga.run([program, "-Tlint", self.page])
        # A page that is made at each build has no date of its own.
        faults = [line for line in (done.stdout + done.stderr).splitlines()
                  if "missing date" not in line]
        self.assertEqual(faults, [])

    def test_man_has_no_warning_and_shows_every_command(self):
        program = shutil.which("man")
        if not program:
            self.skipTest("man is not here (Debian: man-db, groff-base)")
        env = {**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8", "MANROFFOPT": ""}
        done = giga.run([program, "--warnings", "-l", self.page], env=env)
        if done.returncode and "groff" in done.stderr:
            self.skipTest(f"man cannot set pages here: {done.stderr.strip()}")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        shown = re.sub(r".\x08", "", done.stdout)
        for name in re.findall(r"(?m)^  ([a-z]+(?: [a-z]+)?)  +",
                               giga.run([self.binary, "help"]).stdout):
            self.assertRegex(shown, rf"(?m)^ +giga {name}( |$)")
        for word in ("--stations LIST", "EXIT STATUS", "GIGA_COORDINATOR", "130"):
            self.assertIn(word, shown)


if __name__ == "__main__":
    unittest.main()
