"""A `git` put first on a factory's path, which notes pushes to main and can make one wait.

Mode `before`: the push waits before git itself starts. Mode `inside`: git has connected, the
origin has told its refs, and only then does the push wait. It goes on when the test writes to
the pipe `gate`. What git said is kept, and handed on.
"""

import os
import shutil
import stat

import giga

GIT = """#!/bin/sh
push= main=
for word in "$@"; do
  case "$word" in push) push=1 ;; *refs/heads/main*) main=1 ;; esac
done
if [ -z "$push" ] || [ -z "$main" ] || ! mkdir "{at}/first" 2>/dev/null; then
  exec "{real}" "$@"
fi
echo "$*" > "{at}/words"
if [ "{mode}" = before ]; then
  : > "{at}/reached"
  read -r _ < "{at}/gate"
else
  count=$#
  while [ "$count" -gt 0 ]; do
    word=$1; shift; set -- "$@" "$word"; count=$((count - 1))
    if [ "$word" = push ]; then set -- "$@" "--receive-pack={at}/receive-pack"; fi
  done
fi
"{real}" "$@" > "{at}/out" 2> "{at}/said"
code=$?
cat "{at}/out"; cat "{at}/said" >&2
echo "$code" > "{at}/code.new"; mv "{at}/code.new" "{at}/code"
exit "$code"
"""

RECEIVE = """#!/usr/bin/env python3
import os, subprocess, sys, threading
inner = subprocess.Popen(["{real}", "receive-pack", *sys.argv[1:]],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
while True:  # the refs that the origin tells, up to the flush packet
    size = inner.stdout.read(4)
    sys.stdout.buffer.write(size + inner.stdout.read(max(0, int(size or b"0", 16) - 4)))
    if size in (b"0000", b""):
        break
sys.stdout.buffer.flush()
open("{at}/reached", "w").close()
open("{at}/gate").read()

def pump(source, target):
    while data := os.read(source, 65536):
        os.write(target, data)
    os.close(target)

worker = threading.Thread(target=pump, args=(0, inner.stdin.fileno()), daemon=True)
worker.start()
pump(inner.stdout.fileno(), 1)
os._exit(inner.wait())
"""


class GitWrapper:
    """Makes the first push to main wait."""

    def __init__(self, test, mode):
        self.at = giga.fresh_folder(test, "git-wrapper-")
        os.mkfifo(os.path.join(self.at, "gate"))
        real = shutil.which("git")
        for name, text in (("git", GIT), ("receive-pack", RECEIVE)):
            path = os.path.join(self.at, name)
            with open(path, "w") as file:
                file.write(text.replace("{at}", self.at).replace("{real}", real)
                           .replace("{mode}", mode))
            os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
        test.addCleanup(self.release)

    def read(self, name):
        """What a file of the wrapper says, or nothing while it is not there."""
        path = os.path.join(self.at, name)
        if not os.path.exists(path):
            return None
        with open(path, errors="replace") as file:
            return file.read() or " "

    def until_reached(self, seconds=60):
        giga.until(lambda: self.read("reached"), seconds, "a push to main")

    def release(self):
        """Lets the push that waits go on; nothing happens when none does."""
        try:
            gate = os.open(os.path.join(self.at, "gate"), os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return
        os.write(gate, b"go\n")
        os.close(gate)

    def until_ended(self, seconds=30):
        """The exit code and words of the push that had waited."""
        code = giga.until(lambda: self.read("code"), seconds, "the end of the push")
        return int(code), self.read("said")
