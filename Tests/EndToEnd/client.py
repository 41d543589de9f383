"""One client of a coordinator as a thread: it sends one request after another and notes each."""

import json
import random
import socket
import threading
import time


class World:
    """What the players share: the fleet, how much was answered, and which jobs there are."""

    def __init__(self, fleet, seed, term):
        self.fleet, self.seed, self.term = fleet, seed, term
        self.lock, self.answers = threading.Lock(), threading.Condition()
        self.answered, self.open, self.jobs = 0, 0, []
        self.quiet = threading.Event()       # people say nothing more, factories behave
        self.over = threading.Event()
        self.wrong, self.met = [], {}

    def meet(self, situation):
        with self.lock:
            self.met[situation] = self.met.get(situation, 0) + 1

    def count(self):
        with self.answers:
            self.answered += 1
            self.answers.notify_all()

    def wait_for(self, count, seconds):
        end = time.monotonic() + seconds
        with self.answers:
            while self.answered < count and not self.wrong:
                if not self.answers.wait(end - time.monotonic()) and time.monotonic() > end:
                    raise AssertionError(f"{self.answered} of {count} answers in {seconds} s")
        if self.wrong:
            raise AssertionError(self.wrong[0])


class Line:
    """A connection that is kept; so little of HTTP as is needed, for the clients shall be quick."""

    def __init__(self, port, seconds=20):
        self.socket = socket.create_connection(("127.0.0.1", port), seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def ask(self, method, path, headers, body):
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        while b"\r\n\r\n" not in self.rest:
            self.more()
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        status, length = int(head.split(b" ", 2)[1]), 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
            elif line.startswith(b"transfer-encoding:"):
                raise ValueError(f"an answer without a length: {head!r}")
        while len(self.rest) < length:
            self.more()
        text, self.rest = self.rest[:length], self.rest[length:]
        return status, text

    def more(self):
        found = self.socket.recv(1 << 16)
        if not found:
            raise ConnectionError("it hung up")
        self.rest += found

    def close(self):
        self.socket.close()


class Player(threading.Thread):
    """One client: it sends one request after another and notes each."""

    def __init__(self, world, name):
        super().__init__(daemon=True)
        self.world, self.name, self.title = world, name, name
        self.draw = random.Random(f"{world.seed} {name}")
        self.records, self.connection, self.token, self.sent = [], None, None, 0

    def run(self):
        try:
            while not self.world.over.is_set():
                self.act()
        except Exception as fault:  # noqa: BLE001: a client that falls over must fail the test
            self.world.wrong.append(f"{self.title}: {fault!r}")
            raise
        finally:
            self.hang_up()

    def hang_up(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def fresh(self):
        self.sent += 1
        return f"{self.title}-{self.sent}"

    def ask(self, record, method, path, body=None, kind="application/json", request=None):
        """One request, noted in the record; its JSON when it was done, else None."""
        if self.connection is None:
            try:
                self.connection = Line(self.world.fleet.port)
                self.token = self.new_token()
            except OSError:
                # Nobody is there, or has not written the token yet, so nothing was asked.
                self.hang_up()
                self.world.over.wait(0.02)
                return None
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        if request:
            headers["Idempotency-Key"] = request
        if kind == "application/json":
            body = json.dumps(body or {})
        body = body.encode() if isinstance(body, str) else body
        self.records.append(record)
        record.began = time.monotonic()
        try:
            status, text = self.connection.ask(method, path, headers, body)
        except OSError:
            self.hang_up()
            self.world.meet("no answer")
            return None
        ended = time.monotonic()
        self.world.count()
        if status >= 500:
            self.world.meet("no answer")
            return None
        record.ended = ended
        told = json.loads(text) if text else {}
        if status >= 400:
            record.refused = told.get("type", str(status)).removeprefix("urn:giga:")
            self.world.meet(record.refused)
            if record.refused.startswith("auth."):
                self.hang_up()
            return None
        record.told["body"] = text.decode()
        return told

    def new_token(self):
        return self.world.fleet.token()
