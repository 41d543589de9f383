"""Clients that submit without pause and keep their own list of what was acknowledged."""

import http.client
import random
import threading
import time

import giga

REFUSED = {401, 403, 503, 507}


class Writers:
    """Client threads; `acknowledged` is key -> id, as the clients were told."""

    def __init__(self, fleet, make, count=4, seed=0):
        self.fleet, self.make, self.seed = fleet, make, seed
        self.acknowledged, self.changed, self.wrong = {}, [], []
        self.lock, self.more = threading.Lock(), threading.Condition()
        self.in_flight, self.stopping = set(), threading.Event()
        self.threads = [threading.Thread(target=self._write, args=(n,), daemon=True)
                        for n in range(count)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(30)

    def wait_for_more(self, count, seconds=30):
        """Waits until that many more submissions were acknowledged."""
        wanted, end = len(self.acknowledged) + count, time.monotonic() + seconds
        with self.more:
            while len(self.acknowledged) < wanted:
                if not self.more.wait(end - time.monotonic()) and time.monotonic() > end:
                    raise AssertionError(f"no {count} acknowledgements within {seconds} s; "
                                         f"{self.wrong[:3]}")

    def _write(self, number):
        draw, turn, connection, token = random.Random(self.seed * 100 + number), 0, None, None
        while not self.stopping.is_set():
            key = f"key-{number}-{turn}"
            try:
                token = token or self.fleet.token()
                connection = connection or self.fleet.connect(10)
                with self.lock:
                    self.in_flight.add(number)
                reply = self.fleet.ask("POST", "/fleet/jobs", self.make(key, number, turn, draw),
                                       "text/markdown", token, over=connection)
            except (OSError, http.client.HTTPException):
                connection = token = close(connection)
                self.stopping.wait(0.005)
                continue
            finally:
                with self.lock:
                    self.in_flight.discard(number)
            if 200 <= reply.status < 300:
                self._note(key, id_of(reply))
                turn += 1
            elif reply.status in REFUSED:
                connection = token = close(connection)
                self.stopping.wait(0.05)
            else:
                self.wrong.append(f"{key}: {reply.status} {reply.body[:300]!r}")
                break
        close(connection)

    def _note(self, key, job):
        with self.more:
            if job in self.acknowledged.values() and self.acknowledged.get(key) != job:
                self.wrong.append(f"{key}: {job} was told to another key")
            self.acknowledged[key] = job
            self.more.notify_all()


def close(connection):
    if connection:
        connection.close()


def id_of(reply):
    """The id in the answer to a submission of one job."""
    told = reply.json
    return (told["jobs"][0] if "jobs" in told else told)["id"]


def idle_job(key, padding=""):
    """A job that no factory here can take, so that it stays where it was put."""
    return giga.job("true" + padding, title=f"idle {key}", capabilities="[has:nothing-here]",
                    idempotency_key=key)
