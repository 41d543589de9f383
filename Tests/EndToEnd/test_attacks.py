"""Attacks on the server over a raw socket, as no client library would make them.

Each test is one attack that must come to nothing. Tests/Planted holds, for each, the patch that
takes its control away; with it the attack is seen to succeed. `scripts/planted NAME` shows it.
"""

import json
import re
import socket
import time
import unittest

import giga

STATION = {"engine": "shell", "classes": ["script"], "count": 1}
JOB = "---\ntitle: a job\nrepo: shop\nengine: shell\n---\n```sh\ntrue\n```\n"


class Answer:
    def __init__(self, data):
        head, _, self.body = data.partition(b"\r\n\r\n")
        found = re.match(rb"HTTP/1\.[01] (\d{3})", head)
        self.status = int(found.group(1)) if found else None
        self.whole = data

    @property
    def code(self):
        try:
            return json.loads(self.body)["type"].removeprefix("urn:giga:")
        except (ValueError, KeyError):
            return None


class Attacks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = unittest.TestCase()
        cls.fleet = giga.Fleet(cls.stage)
        cls.addClassCleanup(cls.stage.doCleanups)
        cls.fleet.serve(lease="60s", heartbeat="10s")
        cls.fleet.origin()
        cls.token = cls.fleet.token()

    def shout(self, *parts, seconds=20):
        """Says bytes on a connection of its own; all that comes back until it is quiet."""
        with socket.create_connection((giga.LOOPBACK, self.fleet.port), timeout=seconds) as line:
            for part in parts:
                line.sendall(part.encode() if isinstance(part, str) else part)
            data = b""
            try:
                while more := line.recv(1 << 16):
                    data += more
            except (socket.timeout, ConnectionError):
                pass
            return Answer(data)

    def submission(self, *fields, target="/fleet/jobs", host="127.0.0.1", token=True):
        lines = [f"POST {target} HTTP/1.1", f"Host: {host}", "Content-Type: text/markdown",
                 f"Content-Length: {len(JOB)}", "Connection: close", *fields]
        if token:
            lines.append(f"Authorization: Bearer {self.token}")
        return self.shout("\r\n".join(lines) + "\r\n\r\n" + JOB)

    def jobs(self):
        return self.fleet.ask("GET", "/fleet/jobs").json["total"]

    def attack(self, answer, statuses, code=None):
        """The attack was refused, in words where there are any."""
        if answer.status not in statuses or code and answer.code != code:
            self.fail(f"the attack came through: {answer.whole[:300]!r}")

    def refused(self, reply, status):
        if reply.status != status:
            self.fail(f"the attack came through: {reply.status} {reply.body[:300]!r}")

    def test_the_plain_request_is_taken(self):
        before = self.jobs()
        self.assertEqual(self.submission().status, 201)
        self.assertEqual(self.submission("Origin: http://127.0.0.1:%d" % self.fleet.port,
                                         "Sec-Fetch-Site: same-origin",
                                         host="127.0.0.1:%d" % self.fleet.port).status, 201)
        self.assertEqual(self.jobs(), before + 2)

    # --- from a browser ---

    def test_a_name_that_was_rebound_to_loopback_reads_nothing(self):
        for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil"):
            answer = self.shout(f"GET /fleet/jobs HTTP/1.1\r\nHost: {host}\r\n"
                                "Connection: close\r\n\r\n")
            self.attack(answer, {421}, "http.unknown-host")
        absolute = self.shout("GET http://evil.example/fleet/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        self.attack(absolute, {421}, "http.unknown-host")
        self.attack(self.shout("GET /fleet/jobs HTTP/1.1\r\n\r\n"), {400, 421})

    def test_a_page_of_another_site_changes_nothing(self):
        before = self.jobs()
        for field in ("Origin: http://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site",
                      "Sec-Fetch-Site: same-site",
                      f"Origin: http://127.0.0.1:{self.fleet.port + 1}",
                      f"Origin: http://127.0.0.1:{self.fleet.port}.evil.example"):
            answer = self.submission(field, host=f"127.0.0.1:{self.fleet.port}")
            self.attack(answer, {403}, "http.cross-site")
        self.assertEqual(self.jobs(), before)

    # --- tokens ---

    def enlist(self, name):
        body = {"name": name, "boot": "b", "facts": [f"only:{name}"], "stations": [STATION]}
        reply = self.ask("POST", "/fleet/factories", body, self.token)
        token = json.loads(reply.body)["token"]
        self.ask("PUT", f"/fleet/factories/{name}/heartbeat",
                 {"boot": "b", "held": [], "load": 0}, token)
        return token

    def ask(self, method, path, body, token, kind="application/json"):
        return self.fleet.ask(method, path, json.dumps(body) if kind == "application/json" else body,
                              kind=kind, token=token)

    def lease(self, name, token):
        text = JOB.replace("engine: shell", f'engine: shell\ncapabilities: ["only:{name}"]')
        reply = self.fleet.ask("POST", "/fleet/jobs", text, kind="text/markdown", token=self.token)
        self.assertEqual(reply.status, 201, reply.body)
        claim = {"id": "c", "factory": name, "boot": "b", "free": [STATION], "takesShip": False,
                 "waitMilliseconds": 10000}
        return self.ask("POST", "/fleet/leases/claim", claim, token).json["leases"][0]["lease"]

    def test_a_stolen_factory_token_opens_nothing_of_another_factory(self):
        mine, stolen = self.enlist("victim"), self.enlist("thief")
        lease = self.lease("victim", mine)
        run, fence = f"{lease['job']}.{lease['attempt']}", lease["fence"]
        report = {"fence": fence, "items": [{"started": {"_0": {"notes": []}}}]}
        beat = {"boot": "b", "held": [], "load": 0}
        claim = {"id": "d", "factory": "victim", "boot": "b", "free": [STATION],
                 "takesShip": False, "waitMilliseconds": 0}
        bytes_kind = "application/octet-stream"
        for answer in (
                self.ask("POST", f"/fleet/runs/{run}/events", report, stolen),
                self.ask("POST", f"/fleet/runs/{run}/log?fence={fence}&offset=0", "x", stolen,
                         bytes_kind),
                self.ask("PUT", f"/fleet/runs/{run}/artifacts/diff?fence={fence}", "x", stolen,
                         bytes_kind)):
            self.refused(answer, 409)
        for method, path, body in (
                ("PUT", "/fleet/factories/victim/heartbeat", beat),
                ("POST", "/fleet/leases/claim", claim)):
            self.refused(self.ask(method, path, body, stolen), 403)
        self.assertEqual(self.fleet.ask("GET", f"/fleet/runs/{run}/log").body, b"")
        self.assertEqual(self.ask("POST", f"/fleet/runs/{run}/events", report, mine).status, 200)

    def test_a_factory_token_is_no_persons(self):
        token = self.enlist("clerk")
        for method, path, body in (
                ("POST", "/fleet/jobs", {"files": [{"name": "a.md", "text": JOB}]}),
                ("POST", "/fleet/halt", {"level": "all", "reason": "because"}),
                ("POST", "/fleet/factories/clerk/drain", {}),
                ("PUT", "/fleet/repos/shop", {})):
            self.refused(self.ask(method, path, body, token), 403)

    def test_a_token_in_the_address_is_worth_nothing(self):
        before = self.jobs()
        for name in ("access_token", "token"):
            answer = self.submission(target=f"/fleet/jobs?{name}={self.token}", token=False)
            self.attack(answer, {400, 401})
        self.assertEqual(self.jobs(), before)

    # --- requests that are too much ---

    def test_a_head_beyond_the_limit_is_refused(self):
        answer = self.shout("GET /fleet/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\n",
                            "X-Filler: " + "x" * 20_000 + "\r\n\r\n")
        self.attack(answer, {431}, "http.header-too-long")

    def test_a_body_beyond_the_limit_is_refused(self):
        head = ("POST /fleet/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/markdown\r\n"
                f"Authorization: Bearer {self.token}\r\n")
        body = b"x" * (9 << 20)
        told = self.shout(head + f"Content-Length: {len(body)}\r\n\r\n", body)
        self.attack(told, {413}, "http.body-too-large")
        chunk = b"100000\r\n" + b"x" * (1 << 20) + b"\r\n"
        told = self.shout(head + "Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 9, b"0\r\n\r\n")
        self.attack(told, {413}, "http.body-too-large")

    def test_a_request_within_a_request_is_not_heard(self):
        """Two servers in a row that read a length differently: here the inner one never counts."""
        inner = (f"POST /fleet/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/markdown\r\n"
                 f"Authorization: Bearer {self.token}\r\nContent-Length: {len(JOB)}\r\n\r\n{JOB}")
        outer = "POST /fleet/leases/claim HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        before = self.jobs()
        for fields in (f"Content-Length: {len(inner) + 5}\r\nTransfer-Encoding: chunked\r\n",
                       f"Transfer-Encoding: chunked\r\nContent-Length: {len(inner) + 5}\r\n"):
            answer = self.shout(outer + fields + "\r\n0\r\n\r\n" + inner)
            self.attack(answer, {400})
        for fields in (f"Content-Length: 0\r\nContent-Length: {len(inner)}\r\n",
                       f"Content-Length: {len(inner)}\r\nContent-Length: 0\r\n",
                       "Content-Length: +0\r\n", "Content-Length: 0, 0\r\n",
                       "Transfer-Encoding: xchunked\r\n",
                       "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"):
            answer = self.shout(outer + fields + "\r\n" + inner)
            self.attack(answer, {400})
        self.assertEqual(self.jobs(), before)

    def test_a_head_that_drips_is_cut_in_time(self):
        begin = time.monotonic()
        with socket.create_connection((giga.LOOPBACK, self.fleet.port), timeout=1) as line:
            line.sendall(b"GET /fleet/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
            data = None
            while data is None and time.monotonic() - begin < 25:
                try:
                    line.sendall(b"x")
                    data = line.recv(4096)
                except socket.timeout:
                    continue
                except ConnectionError:
                    data = b""
        taken = time.monotonic() - begin
        if data is None or taken > 20:
            self.fail(f"the attack came through: still listened to after {taken:.0f} s")
        self.assertGreater(taken, 10)


if __name__ == "__main__":
    unittest.main()
