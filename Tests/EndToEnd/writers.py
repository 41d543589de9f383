"""Clients that submit without pause and keep their own list of what was acknowledged."""

import concurrent.futures
import http.client
import json
import random
import threading
import time

import giga

REFUSED = {401, 403, 503, 507}


class Writers:
    """Client threads; `acknowledged` is key -> id, as the clients were told.

    Of the idle jobs that share is cancelled again; `ended` are those whose cancel was acknowledged.
    """

    def __init__(self, fleet, make, count=4, seed=0, name="key", cancelled=0.0):
        self.fleet, self.make, self.seed, self.name = fleet, make, seed, name
        self.cancelled = cancelled
        self.acknowledged, self.told, self.ended, self.wrong = {}, set(), set(), []
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
        ending = None
        while not self.stopping.is_set():
            key = f"{self.name}-{number}-{turn}"
            try:
                token = token or self.fleet.token()
                connection = connection or self.fleet.connect(10)
                with self.lock:
                    self.in_flight.add(number)
                text = self.make(key, number, turn, draw)
                if ending:
                    reply = self.fleet.ask("POST", f"/fleet/jobs/{ending}/cancel", "{}",
                                           token=token, over=connection)
                else:
                    reply = self.fleet.ask("POST", "/fleet/jobs", text, "text/markdown", token,
                                           over=connection)
            except (OSError, http.client.HTTPException):
                connection = token = close(connection)
                self.stopping.wait(0.005)
                continue
            finally:
                with self.lock:
                    self.in_flight.discard(number)
            if ending and (reply.status < 300 or reply.status == 409):
                # A conflict: the answer to an earlier cancel was lost with its coordinator.
                self.ended.add(ending)
                ending = None
            elif 200 <= reply.status < 300:
                job = id_of(reply)
                self._note(key, job)
                turn += 1
                if IDLE in text and draw.random() < self.cancelled:
                    ending = job
            elif reply.status in REFUSED:
                connection = token = close(connection)
                self.stopping.wait(0.05)
            else:
                self.wrong.append(f"{key}: {reply.status} {reply.body[:300]!r}")
                break
        close(connection)

    def _note(self, key, job):
        with self.more:
            if job in self.told and self.acknowledged.get(key) != job:
                self.wrong.append(f"{key}: {job} was told to another key")
            self.acknowledged[key] = job
            self.told.add(job)
            self.more.notify_all()


def close(connection):
    if connection:
        connection.close()


def id_of(reply):
    """The id in the answer to a submission of one job."""
    told = reply.json
    return (told["jobs"][0] if "jobs" in told else told)["id"]


IDLE = "[has:nothing-here]"


def idle_job(key, padding=""):
    """A job that no factory here can take, so that it stays where it was put."""
    return giga.job("true" + padding, title=f"idle {key}", capabilities=IDLE, idempotency_key=key)


def fill(fleet, events, clients=8, at_once=100):
    """Gives a store that many events more: jobs that are submitted together, and all cancelled."""
    token, connection, jobs = fleet.token(), fleet.connect(120), []
    for first in range(0, events // 2, at_once):
        files = [{"name": f"{n}.md", "text": idle_job(f"fill-{n}")}
                 for n in range(first, min(first + at_once, events // 2))]
        reply = fleet.ask("POST", "/fleet/jobs", json.dumps({"files": files}), token=token,
                          over=connection)
        if not 200 <= reply.status < 300:
            raise AssertionError(f"{reply.status} {reply.body[:300]!r}")
        jobs += [job["id"] for job in reply.json["jobs"]]
    connection.close()

    def cancel(share):
        connection = fleet.connect(120)
        for job in share:
            reply = fleet.ask("POST", f"/fleet/jobs/{job}/cancel", "{}", token=token,
                              over=connection)
            if not 200 <= reply.status < 300:
                raise AssertionError(f"{reply.status} {reply.body[:300]!r}")
        connection.close()
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        list(pool.map(cancel, [jobs[n::clients] for n in range(clients)]))
