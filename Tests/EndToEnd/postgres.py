"""A PostgreSQL server of a test's own; see scripts/private-postgres."""

import glob
import json
import os
import shutil
import subprocess
import tempfile
import unittest

import giga
import history

MISSING = "needs Debian's postgresql: scripts/install-packages test"


class Server:
    """On a socket in a folder; gone at the end of the test."""

    def __init__(self, test):
        if not glob.glob("/usr/lib/postgresql/*/bin/postgres"):
            raise unittest.SkipTest(MISSING)
        self.folder = tempfile.mkdtemp(prefix="postgres-")
        self.script = subprocess.Popen(
            [os.path.join(giga.ROOT, "scripts", "private-postgres"), self.folder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        test.addCleanup(self.end)
        self.heard()

    def heard(self):
        line = self.script.stdout.readline()
        assert line == "done\n", line

    def tell(self, word):
        self.script.stdin.write(word + "\n")
        self.script.stdin.flush()
        self.heard()

    def url(self, login="giga"):
        return f"postgres://{login}@/postgres?host={self.folder}"

    def rows(self, sql):
        """The lines of an answer's one column of texts, past the product."""
        done = giga.run(["psql", "-qXAt", "-h", self.folder, "-U", "giga", "-d", "postgres",
                         "-c", sql], check=True)
        return [line for line in done.stdout.splitlines() if line]

    def store(self):
        """What its tables hold."""
        events = "\n".join(self.rows(
            "SELECT convert_from(bytes, 'UTF8') FROM fleet_events ORDER BY first_position"))
        jobs = [json.loads(line) for line in self.rows(
            "SELECT convert_from(body, 'UTF8') FROM fleet_jobs")]
        return history.Store(history.parse_events(events), {job["id"]: job for job in jobs})

    def end(self):
        self.script.stdin.close()
        self.script.wait(60)
        self.script.stdout.close()
        # The end of a fleet may have killed the script before it could clean up.
        shutil.rmtree(self.folder, ignore_errors=True)
