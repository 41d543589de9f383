"""A command with a terminal of its own: what it shows, keys that are pressed, and its end."""

import fcntl
import os
import pty
import signal
import subprocess
import termios
import threading

import giga

CTRL_C = b"\x03"
# What a terminal must not be left with, and what takes it back.
MODES = {b"\x1b[?25l": b"\x1b[?25h", b"\x1b[?1049h": b"\x1b[?1049l", b"\x1b[?2004h": b"\x1b[?2004l"}


class Terminal:
    """Runs a command as the foreground of a pseudo-terminal."""

    def __init__(self, test, words, env, cwd):
        self._master, self._slave = pty.openpty()
        self.before = termios.tcgetattr(self._slave)
        slave = self._slave

        def lead():
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        self.inner = subprocess.Popen(words, stdin=slave, stdout=slave, stderr=slave, env=env,
                                      cwd=cwd, preexec_fn=lead)
        self.shown = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        test.addCleanup(self.end)

    def _read(self):
        while True:
            try:
                part = os.read(self._master, 4096)
            except OSError:
                return
            if not part:
                return
            self.shown += part

    def press(self, keys):
        os.write(self._master, keys)

    def wait(self, seconds=20):
        """The exit code as a shell tells it: one that a signal ended has 128 and its number."""
        code = self.inner.wait(seconds * giga.PATIENCE)
        return code if code >= 0 else 128 - code

    def left_behind(self):
        """What is wrong with the terminal after the command's end, as sentences."""
        wrong = []
        if termios.tcgetattr(self._slave) != self.before:
            wrong.append("its settings are others than before")
        for on, off in MODES.items():
            if self.shown.rfind(on) > self.shown.rfind(off):
                wrong.append(f"{on!r} was not taken back")
        lines = self.shown.replace(b"\r\x1b[K", b"\n").split(b"\n")
        if lines[-1].strip(b"\r") not in (b"", b"^C"):
            wrong.append(f"the prompt would stand behind {lines[-1]!r}")
        return wrong

    def end(self):
        if self.inner.poll() is None:
            self.inner.send_signal(signal.SIGKILL)
            self.inner.wait()
        for descriptor in (self._slave, self._master):
            try:
                os.close(descriptor)
            except OSError:
                pass
