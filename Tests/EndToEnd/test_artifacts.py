"""Artifacts with real processes: from a run's folders to a person's disk, and what goes wrong on the way."""

import hashlib
import json
import os
import socket
import struct
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402

CANARY = "canary-" + "77aa55cc33ee"
# The value is put together by the scripts, so that no prompt holds it.
KEY = "k=canary-; k=${k}77aa55cc33ee; "
FREE = {"engine": "shell", "classes": ["script"], "count": 1}


def files(folder):
    """Every file beneath a folder with its bytes."""
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as file:
                    yield path, file.read()


class ArtifactTests(unittest.TestCase):
    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.fleet.serve()
        self.fleet.origin()

    def objects(self):
        return sorted(os.listdir(os.path.join(self.fleet.data, "objects")))

    # --- a factory that we play ourselves ---

    def lease(self, title="a"):
        """A run that we hold: the token, where its artifacts go, and its job and fence."""
        job = self.fleet.add(giga.job("true", title=title))
        operator = self.fleet.token()
        reply = self.fleet.ask("POST", "/fleet/factories", json.dumps({
            "name": f"bare-{title}", "boot": "b1", "facts": ["os:linux"], "stations": [FREE]}),
            token=operator)
        token = reply.json["token"]
        fence = self.claim(f"bare-{title}", token)
        return token, f"/fleet/runs/{job}.1/artifacts/", job, fence

    def claim(self, name, token):
        reply = self.fleet.ask("POST", "/fleet/leases/claim", json.dumps({
            "id": os.urandom(4).hex(), "factory": name, "boot": "b1", "takesShip": False,
            "waitMilliseconds": 10_000, "free": [FREE]}), token=token)
        return reply.json["leases"][0]["lease"]["fence"]

    def begin(self, token, path, length):
        """The head of an upload and half of its body."""
        connection = self.fleet.connect()
        connection.putrequest("PUT", path)
        for name, value in (("Content-Length", str(length)), ("Authorization", f"Bearer {token}"),
                            ("Content-Type", "application/octet-stream")):
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(b"x" * (length // 2))
        giga.until(self.objects, 20, "the upload's beginning")
        return connection

    def test_an_upload_that_is_broken_off_leaves_nothing(self):
        token, path, _, fence = self.lease()
        with self.subTest("the factory is gone"):
            connection = self.begin(token, f"{path}a?fence={fence}", 1 << 20)
            # Reset, as by a machine that is gone; a mere end is noticed when it has been idle.
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
            connection.close()
            giga.until(lambda: not self.objects(), 20, "the end of what was begun")
        with self.subTest("the coordinator is killed"):
            connection = self.begin(token, f"{path}a?fence={fence}", 1 << 20)
            self.fleet.server.kill()
            connection.close()
            self.assertEqual(len(self.objects()), 1)
            self.fleet.serve()
            self.assertEqual(self.objects(), [])
        with self.subTest("the same once more, and once more"):
            for _ in range(2):
                reply = self.fleet.ask("PUT", f"{path}a?fence={fence}", b"x" * (1 << 20),
                                       "application/octet-stream", token)
                self.assertEqual(reply.status, 204, reply.body)
            self.assertEqual(self.objects(), [hashlib.sha256(b"x" * (1 << 20)).hexdigest()])

    def test_a_lease_that_goes_to_another_in_mid_upload_is_told(self):
        token, path, job, fence = self.lease()
        connection = self.begin(token, f"{path}a?fence={fence}", 1 << 20)
        self.fleet.must("requeue", job)
        self.assertGreater(self.claim("bare-a", token), fence)
        connection.send(b"x" * (1 << 19))
        reply = connection.getresponse()
        self.assertEqual(reply.status, 409)
        self.assertEqual(json.loads(reply.read())["type"], "urn:giga:lease.stale")
        connection.close()
        giga.until(lambda: not self.objects(), 20, "the end of what was begun")

    def test_a_full_disk_is_said_and_nothing_stays_of_it(self):
        place = os.path.join(self.fleet.data, "objects")
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", place],
                              capture_output=True, text=True)
        if done.returncode != 0:
            self.skipTest(f"mounting needs root: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", place], check=True)
        token, path, _, fence = self.lease()
        reply = self.fleet.ask("PUT", f"{path}a?fence={fence}", b"x" * (1 << 20),
                               "application/octet-stream", token)
        self.assertEqual(reply.status, 507)
        self.assertEqual(reply.json["type"], "urn:giga:artifact.no-room")
        self.assertEqual(self.objects(), [])
        self.assertEqual(self.fleet.ask("GET", "/healthz").status, 200)

    # --- a real factory ---

    def test_from_a_run_to_a_persons_disk_without_the_secret(self):
        self.fleet.factory("alpha", DEPLOY_TOKEN=CANARY)
        script = (KEY + "mkdir -p src out; echo 1 > src/a; echo out/ > .gitignore; "
                  "echo \"found with $k\" > out/report.md; ln -s /etc/passwd out/link.md")
        verify = KEY + "mkdir coverage && echo \"<a>$k</a>\" > coverage/index.html"
        job = self.fleet.add(giga.job(script, artifacts='[coverage, "out/*.md", sbom]',
                                      verify=json.dumps(verify)))
        self.fleet.wait(job, "testing")

        with self.subTest("lists"):
            rows = self.fleet.json("artifact", "list", job, "--json=all")["artifacts"]
            found = {row["artifact"]["name"]: row["artifact"] for row in rows}
            self.assertEqual({n: a["source"] for n, a in found.items()},
                             {"coverage-index.html": "verify", "out-report.md": "engine"})
            shown = self.fleet.must("show", job)
            for words in ("artifact coverage-index.html", "artifact missing: sbom (sbom.*",
                          "artifact missing: out/link.md: it is a link"):
                self.assertIn(words, shown)
            self.assertIn("coverage/index.html", self.fleet.must("artifact", "list", job))
        with self.subTest("evidence names hash and size"):
            verified, = [e for e in self.fleet.events(job) if e.kind == "evidence.recorded"
                         and e.body.get("gate") == "verify"]
            self.assertEqual({a["name"]: a["sha256"] for a in verified.body["artifacts"]},
                             {n: a["sha256"] for n, a in found.items()})
        with self.subTest("a file comes as it was stored"):
            text = self.fleet.must("artifact", "get", job, "out/report.md")
            self.assertEqual(text, "found with [redacted:DEPLOY_TOKEN]\n")
            target = os.path.join(self.fleet.folder, "page.html")
            self.fleet.must("artifact", "get", job, "coverage-index.html", "--to", target)
            with open(target, "rb") as file:
                self.assertEqual(hashlib.sha256(file.read()).hexdigest(),
                                 found["coverage-index.html"]["sha256"])
            again = self.fleet.giga("artifact", "get", job, "out-report.md", "--to", target)
            self.assertEqual((again.returncode, "is there already" in again.stderr), (1, True))
            unknown = self.fleet.giga("artifact", "get", job, "nothing")
            self.assertEqual(unknown.returncode, 1)
            self.assertIn("has no artifact nothing", unknown.stderr)
        with self.subTest("the secret is nowhere"):
            for path, held in files(self.fleet.data):
                self.assertNotIn(CANARY.encode(), held, path)
        with self.subTest("a backup has them, and gc clears them with their job"):
            self.kept_and_cleared(job)

    def kept_and_cleared(self, job):
        archive = os.path.join(self.fleet.folder, "backup.tar")
        copy = os.path.join(self.fleet.folder, "copy")
        self.fleet.must("backup", "--data", self.fleet.data, "--to", archive)
        self.fleet.must("reject", job)
        self.fleet.must("gc", "--keep", "1ms", "--data", self.fleet.data)
        self.assertEqual(self.objects(), [])
        gone = self.fleet.giga("artifact", "get", job, "out-report.md")
        self.assertEqual(gone.returncode, 1)
        self.assertIn("was cleared away", gone.stderr)
        self.fleet.server.end()
        self.fleet.must("restore", archive, "--data", copy)
        self.fleet.data = copy
        self.fleet.serve()
        text = self.fleet.must("artifact", "get", job, "out-report.md")
        self.assertEqual(text, "found with [redacted:DEPLOY_TOKEN]\n")

    def test_an_investigation_ends_with_its_report(self):
        self.fleet.factory("alpha")
        job = self.fleet.add(giga.job("echo 42 > answer.md", output="none", artifacts="answer.md",
                                      verify="true", review_policy="auto"))
        self.fleet.wait(job, "shipped")
        self.assertEqual(self.fleet.must("artifact", "get", job, "answer.md"), "42\n")
        tree = giga.git(os.path.join(self.fleet.folder, "origins", "shop.git"), "ls-tree", "-r",
                        "--name-only", "main")
        self.assertNotIn("answer.md", tree)


if __name__ == "__main__":
    unittest.main()
