"""The longer ways to an error of giga; each function gets a `World` and returns what it met."""

import hashlib
import http.client
import http.server
import io
import json
import os
import resource
import select
import shutil
import signal
import socket
import stat
import subprocess
import tarfile
import threading

import checkout
import giga
import proc
from errorworld import CHANGE, Ended, World, filled_store, store


def in_testing(world):
    """A job in testing that waits for a person, and no factory that could ship it."""
    fleet = world.new_fleet()
    fleet.serve()
    fleet.origin()
    factory = fleet.factory("one")
    job = fleet.add(giga.job(CHANGE, verify="'true'"))
    fleet.wait(job, "testing")
    factory.end()
    return fleet, job


def verb(fleet, job, name, **body):
    return fleet.ask("POST", f"/fleet/jobs/{job}/{name}", json.dumps(body), token=fleet.token())


def already_asked(world):
    fleet, job = in_testing(world)
    assert verb(fleet, job, "ship").status == 200
    return verb(fleet, job, "ship")


def halted(world):
    fleet, job = in_testing(world)
    fleet.must("halt", "--level", "all", "--reason", "a test")
    return verb(fleet, job, "ship")


def gathering(world):
    fleet = world.new_fleet()
    fleet.serve()
    fleet.origin()
    fleet.factory("one")
    job = fleet.add(giga.job(CHANGE, verify="sleep 600"))
    fleet.until_event(job, "run.finished")
    return verb(fleet, job, "promote")


def odd_server(world):
    """Something that answers and is no coordinator."""
    class Odd(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_):
            pass
    server = http.server.HTTPServer((giga.LOOPBACK, 0), Odd)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://{giga.LOOPBACK}:{server.server_address[1]}"
        return world.giga(["jobs", "--coordinator", url, "--json"], "another form|answered 200")
    finally:
        server.shutdown()
        server.server_close()


def busy_port(world):
    with socket.socket() as listener:
        listener.bind((giga.LOOPBACK, 0))
        listener.listen()
        return world.serve("Cannot listen", "--listen",
                           f"{giga.LOOPBACK}:{listener.getsockname()[1]}")


def state_folder_is_a_file(world):
    path = world.file("state", "")
    return world.serve("cannot be (written|made)", XDG_STATE_HOME=path)


def many_connections(world):
    """Connections that say nothing, until the server takes no more."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    fleet = world.new_fleet()
    fleet.serve()
    held = []
    try:
        for _ in range(20_000):
            held.append(socket.create_connection((giga.LOOPBACK, fleet.port), 10))
            if len(held) % 512 == 0:
                reply = world.raw("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", fleet.port)
                if reply.status != 200:
                    return reply
        raise AssertionError("the server takes 20,000 connections")
    finally:
        for each in held:
            each.close()


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


def interrupted(world):
    fleet = world.new_fleet()
    demo = subprocess.Popen([fleet.binary, "demo", "--exit-when-done"], stderr=subprocess.PIPE,
                            text=True, env=fleet.env, cwd=world.stay)
    try:
        for line in demo.stderr:
            if "registered" in line:
                break
        demo.send_signal(signal.SIGINT)
        told = demo.stderr.read()
        return Ended(demo.wait(60), told, "Interrupted")
    finally:
        demo.stderr.close()
        if demo.poll() is None:
            demo.kill()


def up_whose_factory_ends(world):
    fleet = world.new_fleet()
    sign = os.path.join(fleet.folder, "url")
    up = giga.Process([fleet.binary, "up", "--listen", "127.0.0.1:0", "--port-file", sign],
                      os.path.join(fleet.folder, "up.log"), fleet.env,
                      cwd=world.repository("of-its-factory"))
    fleet.processes.append(up)
    giga.until(lambda: os.path.exists(sign), 30, "giga up")
    for pid, _ in proc.descendants(up.pid):
        with open(f"/proc/{pid}/cmdline") as file:
            if "factory" in file.read().split("\0"):
                os.kill(pid, signal.SIGKILL)
    giga.until(lambda: up.code is not None, 30, "the end of giga up")
    return Ended(up.code, up.text, "factory of giga up has ended")


def demo_in_a_used_folder(world):
    folder = os.path.join(world.fleet.folder, "used")
    os.makedirs(folder)
    with open(os.path.join(folder, "giga.db"), "w"):
        pass
    os.makedirs(os.path.join(folder, "origin.git"))
    return world.giga(["demo", "--exit-when-done", "--data", folder], "earlier demo|in use|used")


def git_that_fails(world):
    """A git first on the path that cannot make a bare repository."""
    at = os.path.join(world.fleet.folder, "failing-git")
    os.makedirs(at)
    path = os.path.join(at, "git")
    with open(path, "w") as out:
        out.write('#!/bin/sh\ncase " $* " in *" clone "*|*" init "*|*" push "*) '
                  'echo "fatal: it fails" >&2; exit 128;; esac\n'
                  f'exec {shutil.which("git")} "$@"\n')
    os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
    fleet = world.new_fleet()
    return world.giga(["up", "--listen", "127.0.0.1:0"], "git could not", fleet,
                      cwd=world.repository("failing"),
                      env={"PATH": at + os.pathsep + os.environ["PATH"]})


def broken_database(world):
    fleet = filled_store(world)
    for name in os.listdir(fleet.data):
        if name.startswith("giga.db"):
            os.remove(os.path.join(fleet.data, name))
    with open(os.path.join(fleet.data, "giga.db"), "wb") as out:
        out.write(b"this is no database" * 500)
    return world.serve("cannot be used", fleet=fleet)


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


def repository_put(**fields):
    name = fields.pop("name", "shop2")
    body = {"name": name, "url": "/srv/shop.git", "target": "main", "ship": "merge", **fields}
    return lambda world: world.ask("PUT", f"/fleet/repos/{name}", body)


def submitted(text):
    return lambda world: world.ask("POST", "/fleet/jobs?name=a.md", text, kind="text/markdown")


def key(value):
    return lambda world: world.ask("POST", "/fleet/jobs?name=a.md", "Do it.\n",
                                   kind="text/markdown", headers={"Idempotency-Key": value})


def empty_repository(world):
    folder = os.path.join(world.fleet.folder, "repositories", "without-commit")
    os.makedirs(folder)
    giga.git(folder, "init", "-q", "-b", "main")
    return folder


def widened(world):
    folder = world.file("wide/developer.md", "---\nname: developer\nnetwork: on\n"
                        "allowed-scope: ['**']\nship: merge\n---\nYou may all.\n")
    return world.giga(["profile", "import", folder, "--no-input"], "let jobs do more")


def made_twice(world):
    words = ["profile", "new", "bard"]
    assert world.fleet.giga(*words, cwd=world.stay).returncode == 0
    return world.giga(words, "is there already")


def binary_that_goes(world):
    """The program is deleted, as by an upgrade, before `giga up` starts its factory."""
    at = os.path.join(world.fleet.folder, "going")
    os.makedirs(at)
    program, git = os.path.join(at, "giga-of-old"), os.path.join(at, "git")
    shutil.copy(world.fleet.binary, program)
    with open(git, "w") as out:
        out.write(f'#!/bin/sh\nrm -f {program}\nexec {shutil.which("git")} "$@"\n')
    os.chmod(git, os.stat(git).st_mode | stat.S_IXUSR)
    fleet = world.new_fleet()
    done = giga.run([program, "up", "--listen", "127.0.0.1:0"], cwd=world.repository("going"),
                    env=dict(fleet.env, PATH=at + os.pathsep + os.environ["PATH"]))
    return Ended(done.returncode, done.stderr, "could not be started")


def unreadable_history(world):
    fleet = world.new_fleet()
    fleet.serve()
    store(fleet, "DROP TABLE fleet_events")
    return fleet.ask("GET", "/fleet/events")


def unreadable_event(world):
    fleet = filled_store(world)
    store(fleet, "UPDATE fleet_events SET bytes = x'7b7d0a' WHERE first_position = "
          "(SELECT max(first_position) FROM fleet_events)")
    return world.giga(["doctor", "--replay", "--data", fleet.data], "event", fleet)


def backup(world, to):
    return world.giga(["backup", "--data", world.fleet.data, "--to", to], "")


def backup_over_another(world):
    path = os.path.join(world.stay, "twice.tar")
    assert backup(world, path).exit == 0
    again = backup(world, path)
    again.saying = "twice.tar"
    return again


def restore(world, path, saying, **more):
    fleet = world.new_fleet()
    return world.giga(["restore", path, "--data", more.get("data", fleet.data)], saying, fleet)


def changed_backup(world, title, **changes):
    """A whole backup whose manifest says something else."""
    path, other = (os.path.join(world.stay, title + ending) for ending in (".tar", "-changed.tar"))
    assert backup(world, path).exit == 0
    with tarfile.open(path) as old:
        entries = {entry.name: entry for entry in old}
        members = {name: old.extractfile(entry).read() for name, entry in entries.items()}
    manifest = json.dumps({**json.loads(members["manifest.json"]), **changes}).encode()
    digest = hashlib.sha256(manifest).hexdigest()
    members.update({"manifest.json": manifest,
                    "manifest.sha256": f"{digest}  manifest.json\n".encode()})
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.USTAR_FORMAT) as new:
        for name, content in members.items():
            entries[name].size = len(content)
            entries[name].mtime = json.loads(manifest)["madeAt"] // 1000
            new.addfile(entries[name], io.BytesIO(content))
        end = new.offset + 2 * tarfile.BLOCKSIZE
    with open(other, "wb") as out:
        out.write(made.getvalue()[:end])
    return other


def placed(world, *statements):
    """What `giga why --replay` says of a placed job on a store that was written meanwhile."""
    fleet = world.new_fleet()
    fleet.serve()
    fleet.origin()
    fleet.factory("one")
    job = fleet.add(giga.job(CHANGE))
    fleet.until_event(job, "run.started")
    for process in reversed(fleet.processes):
        process.kill()
    store(fleet, *statements)
    return world.giga(["why", job, "--replay", "--data", fleet.data], "The record of", fleet)


def never_placed(world):
    job = world.fleet.add(giga.job("true", engine="claude"))
    return world.giga(["why", job, "--replay", "--data", world.fleet.data], "never placed")


def stream_of_two_products(world):
    token = world.fleet.json("token", "issue", "two", "--role", "operator", "--product",
                             "main,side", "--json")
    secret = token.get("secret") or token["token"]
    return world.ask("GET", "/fleet/stream?topic=events", token=secret)


def odd_profile(world):
    """A profile without a persona, which the API takes and a file could not say."""
    profile = world.fleet.json("profile", "show", "developer", "--json=all")
    reply = world.ask("PUT", "/fleet/profiles/odd",
                      {**profile, "name": "odd", "version": 1, "persona": ""})
    assert reply.status == 200, reply.body
    return world.giga(["profile", "export", "odd"], "cannot be written as a file")


def gc_of_a_broken_mirror(world):
    """A factory's mirror that is no repository any more."""
    fleet = new_with_origin(world)
    factory = fleet.factory("one")
    job = fleet.add(giga.job(CHANGE, review_policy="auto"))
    fleet.wait(job, "shipped")
    factory.kill()
    mirrors = os.path.join(fleet.folder, "one", "mirrors")
    for name in os.listdir(mirrors):
        if os.path.isdir(os.path.join(mirrors, name, "refs")):
            shutil.rmtree(os.path.join(mirrors, name, "objects"))
    return world.giga(["gc", "--data", os.path.dirname(mirrors), "--keep", "1s"], mirrors, fleet)


def restored_over_another(world):
    path = os.path.join(world.stay, "one.tar")
    assert backup(world, path).exit == 0
    return restore(world, path, "not empty", data=filled_store(world).data)


def approved_without_reviewers(world):
    fleet, job = in_testing(world)
    return verb(fleet, job, "approve")


def project_that_says_where_data_lies(world):
    folder = world.repository("of-a-stranger")
    checkout.write(folder, "giga.yaml", "data: /tmp/elsewhere\n")
    return world.giga(["config", "list"], "cannot be set by a repository", cwd=folder)


def raw(text):
    return lambda world: world.raw(text.replace("\n", "\r\n"))


def told(*words, saying, **more):
    return lambda world: world.giga(list(words), saying, **more)
