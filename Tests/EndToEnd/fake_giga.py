#!/usr/bin/env python3
"""Stands for giga where a test of ours is itself on trial: it keeps jobs, and does little else.

$FAKE_FAULT makes it wrong in one way: `early` answers before it commits, `forgets` commits only
each tenth job, `crashes` ends without a word on a full disk.
"""

import ctypes
import hashlib
import http.server
import json
import os
import signal
import sqlite3
import sys
import threading
import urllib.request

FAULT = os.environ.get("FAKE_FAULT", "")


class Jobs:
    """The store: one packed row a batch, synced before it is told."""

    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        self.folder, self.lock = folder, threading.Lock()
        self.reserve = os.path.join(folder, "reserve")
        if not Handler.rescue:
            with open(self.reserve, "wb") as file:
                file.write(bytes(1 << 20))
        self.database = sqlite3.connect(os.path.join(folder, "giga.db"), check_same_thread=False)
        self.database.execute("pragma journal_mode=wal")
        self.database.execute("pragma synchronous=full")
        self.database.execute("create table if not exists fleet_events (bytes blob)")
        self.database.execute("create table if not exists fleet_jobs (id text, body text)")
        self.count = self.database.execute("select count(*) from fleet_events").fetchone()[0]
        self.database.commit()

    def submit(self, text):
        self.count += 1
        job, body = f"job-{self.count}", json.dumps({"text": text})
        salt = hashlib.sha256(job.encode()).digest()
        head = dict(position=self.count, product="main", seq=self.count, kind="job.submitted",
                    job=job, salt=salt.hex(),
                    bodyHash=hashlib.sha256(salt + body.encode()).hexdigest())
        line = json.dumps(head)[:-1] + f', "body": {body}}}\n'
        self.database.execute("insert into fleet_events values (?)", (line.encode(),))
        self.database.execute("insert into fleet_jobs values (?, ?)",
                              (job, json.dumps({"id": job, "stage": "queued"})))
        return job

    def commit(self):
        if FAULT == "forgets" and self.count % 10:
            return
        try:
            self.database.commit()
        except sqlite3.OperationalError as error:
            os.remove(self.reserve)
            if FAULT != "crashes":
                print(f"error: {self.folder}: {error}\nneeds 4096 bytes, 0 bytes are free\n"
                      "hint: make room and start again", file=sys.stderr, flush=True)
            os._exit(1)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    jobs = None
    rescue = False

    def reply(self, status, body):
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        self.wfile.write(head + body)

    def do_GET(self):
        with self.jobs.lock:
            rows = self.jobs.database.execute("select bytes from fleet_events").fetchall()
        self.reply(200, b"".join(row[0] for row in rows))

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.rescue:
            told = {"type": "urn:giga:coordinator.rescue", "hint": "free some space"}
            return self.reply(503, json.dumps(told).encode())
        with self.jobs.lock:
            job = self.jobs.submit(text)
            answer = json.dumps({"jobs": [{"id": job}]}).encode()
            if FAULT == "early":
                self.reply(201, answer)
            self.jobs.commit()
        if FAULT != "early":
            self.reply(201, answer)

    def log_message(self, *_):
        pass


def serve(words):
    def value(flag):
        return words[words.index(flag) + 1]
    ctypes.CDLL(None).prctl(15, b"giga", 0, 0, 0)
    Handler.rescue = "--rescue" in words
    Handler.jobs = Jobs(value("--data"))
    host, port = value("--listen").split(":")
    server = http.server.ThreadingHTTPServer((host, int(port)), Handler)
    url = f"http://{host}:{server.server_port}"
    state = os.path.join(os.environ["XDG_STATE_HOME"], "giga")
    os.makedirs(state, exist_ok=True)
    with open(os.path.join(state, f"token-{host}:{server.server_port}"), "w") as file:
        file.write("token")
    with open(value("--port-file"), "w") as file:
        file.write(url)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    server.serve_forever()


def main(words):
    if words[0] == "serve":
        serve(words)
    elif words[0] == "events":
        with urllib.request.urlopen(os.environ["GIGA_COORDINATOR"]) as reply:
            sys.stdout.write(reply.read().decode())
    elif words[0] == "add":
        with open(words[1], "rb") as file:
            request = urllib.request.Request(os.environ["GIGA_COORDINATOR"], file.read())
        with urllib.request.urlopen(request) as reply:
            print(reply.read().decode())


if __name__ == "__main__":
    main(sys.argv[1:])
