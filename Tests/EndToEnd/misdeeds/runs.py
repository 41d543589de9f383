"""What runs leave behind: logs and artifacts."""

import http.client
import os
import resource
import select
import shutil
import socket

import giga
from errorworld import World


def many_log_readers(world):
    """Readers that wait for a log to grow, until one more is answered at once."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    fleet = new_with_origin(world)
    fleet.factory("one")
    job = fleet.add(giga.job("echo begun; sleep 600"))
    fleet.until_event(job, "run.started")
    path = f"/fleet/runs/{job}.1/log"
    held = []
    try:
        giga.until(lambda: b"begun" in fleet.ask("GET", path).body, 20, "a log")
        after = fleet.ask("GET", path + "?as=lines").json["after"]
        asked = f"{path}?as=lines&wait=30000&after={after}"
        for _ in range(1_100):
            held.append(socket.create_connection((giga.LOOPBACK, fleet.port), 10))
            held[-1].sendall(f"GET {asked} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        poll = select.poll()
        for each in held:
            poll.register(each, select.POLLIN)
        told = poll.poll(20_000)[0][0]
        reply = http.client.HTTPResponse(next(each for each in held if each.fileno() == told))
        reply.begin()
        return giga.Reply(reply.status, dict(reply.getheaders()), reply.read())
    finally:
        for each in held:
            each.close()


def of_a_lease(world, fleet, method, path, body=b"a line\n"):
    """What a factory asks for a run that it really holds, with `{fence}` in the path."""
    fleet.add(giga.job("true", title=path))
    asked = World.__new__(World)
    asked.test, asked.fleet = world.test, fleet
    token = asked.registered()
    claimed = asked.ask("POST", "/fleet/leases/claim", {
        "id": "c1", "factory": "bare", "boot": "b1", "takesShip": False, "waitMilliseconds": 5000,
        "free": [{"engine": "shell", "classes": ["script"], "count": 1}]}, token=token)
    lease = claimed.json["leases"][0]["lease"]
    path = f"/fleet/runs/{lease['job']}.1/" + path.replace("{fence}", str(lease["fence"]))
    return asked.ask(method, path, body, kind="application/octet-stream", token=token)


def new_with_origin(world):
    fleet = world.new_fleet()
    fleet.serve()
    fleet.origin()
    return fleet


def odd_artifact(world):
    return of_a_lease(world, new_with_origin(world), "PUT", "artifacts/A%20b?fence={fence}")


def unwritable_log(world):
    """The folder of the run logs is a file: whoever appends to a log is told."""
    fleet = new_with_origin(world)
    for name in ("logs", "runs", "run-logs"):
        path = os.path.join(fleet.data, name)
        shutil.rmtree(path, ignore_errors=True)
        with open(path, "w"):
            pass
    return of_a_lease(world, fleet, "POST", "log?fence={fence}&offset=0")


def unwritable_artifact(world):
    """The folder of their contents is a file: whoever uploads one is told."""
    fleet = new_with_origin(world)
    path = os.path.join(fleet.data, "objects")
    shutil.rmtree(path)
    with open(path, "w"):
        pass
    return of_a_lease(world, fleet, "PUT", "artifacts/a?fence={fence}")
