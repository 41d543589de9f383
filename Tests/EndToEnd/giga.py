"""Drives the real binary: a fleet in a temporary folder, commands, HTTP, and its end.

Everything started here is ended here, by its own pid. Nothing sleeps for a fixed time where
there is a sign to wait for; `until` looks again every few milliseconds and names what it
waited for when the time is up.
"""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import history  # noqa: E402
import proc  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LOOPBACK = "127.0.0.1"
# How much longer than usual a loaded machine may take before a wait is given up. What has to be
# quick is asserted by the events' own times, never by a wait that runs out.
PATIENCE = 3
IDENTITY = {"GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.invalid",
            "GIT_COMMITTER_NAME": "Ann", "GIT_COMMITTER_EMAIL": "ann@example.invalid"}


def binary():
    """The giga under test: $GIGA, else the release build; a test without one is skipped."""
    named = os.environ.get("GIGA")
    path = os.path.abspath(named or os.path.join(ROOT, ".build", "release", "giga"))
    if os.access(path, os.X_OK):
        return path
    if named:
        raise FileNotFoundError(f"GIGA={named} is not an executable file")
    raise unittest.SkipTest("no giga: set GIGA, or make build")


def until(sign, seconds, what):
    """Waits until `sign()` gives something true, and returns it; what is text, or gives it.

    It looks again, for what another process does announces itself to nobody: a file, an exit, a
    line in a log. It goes on as soon as it is so.
    """
    end = time.monotonic() + seconds * PATIENCE
    while True:
        found = sign()
        if found:
            return found
        if time.monotonic() > end:
            told = what() if callable(what) else what
            raise AssertionError(f"waited {seconds * PATIENCE} s in vain for {told}")
        time.sleep(0.01)


def free_port():
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        return listener.getsockname()[1]


def fresh_folder(test, prefix="end-to-end-"):
    folder = tempfile.mkdtemp(prefix=prefix)
    test.addCleanup(shutil.rmtree, folder, ignore_errors=True)
    return folder


def run(words, **more):
    """Runs a command to its end with text output; nothing runs longer than six minutes."""
    if "input" not in more:
        more.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run(words, capture_output=True, text=True,
                          **{"timeout": 120 * PATIENCE, **more})


def git(folder, *words, **more):
    """Runs git in a folder and returns what it printed; fails loudly."""
    done = run(["git", *history.SAFE_GIT, "-C", folder, *words],
               env=dict(os.environ, GIT_CONFIG_NOSYSTEM="1", **IDENTITY), **more)
    if done.returncode != 0:
        raise AssertionError(f"git {' '.join(words)}: {done.stderr}")
    return done.stdout.strip()


class Process:
    """A process of ours whose output goes to a file."""

    def __init__(self, words, log, env, cwd=None):
        self.log = log
        self.is_factory = words[1:3] == ["factory", "run"]
        with open(log, "ab") as out:
            self.inner = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                          env=env, cwd=cwd)
        self.pid = self.inner.pid

    @property
    def text(self):
        with open(self.log, errors="replace") as file:
            return file.read()

    @property
    def code(self):
        return self.inner.poll()

    def signal(self, number):
        if self.code is None:
            self.inner.send_signal(number)

    def kill(self):
        """SIGKILL, and the end of what it had started, all by pid."""
        family = [pid for pid, _ in proc.descendants(self.pid)]
        self.signal(signal.SIGKILL)
        self.inner.wait()
        for pid in family:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def end(self, seconds=15):
        """SIGTERM, and SIGKILL when that is not heard; the exit code."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            return self.inner.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            return None


class Reply:
    """One HTTP reply."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


class Fleet:
    """A coordinator and its factories in a folder of their own."""

    def __init__(self, test, data=None):
        self.binary = binary()
        proc.become_subreaper()
        self.folder = fresh_folder(test)
        self.data = data or os.path.join(self.folder, "coordinator")
        self.processes, self.server, self.port, self.url = [], None, 0, None
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("GIGA")}
        for name in ("HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "TMPDIR"):
            path = os.path.join(self.folder, name.lower())
            os.makedirs(path, exist_ok=True)
            self.env[name] = path
        self.env.update(GIT_CONFIG_NOSYSTEM="1", NO_COLOR="1")
        test.addCleanup(self.end)

    # --- processes ---

    def start(self, name, words, **environment):
        process = Process(words, os.path.join(self.folder, name + ".log"),
                          dict(self.env, **environment), cwd=self.folder)
        self.processes.append(process)
        return process

    def serve(self, *more, before=(), lease="3s", heartbeat="1s", seconds=20):
        """Starts the coordinator and waits until it answers; keeps its port over restarts."""
        sign = os.path.join(self.folder, "url")
        if os.path.exists(sign):
            os.remove(sign)
        self.server = self.start("serve", [
            *before, self.binary, "serve", "--data", self.data, "--listen",
            f"{LOOPBACK}:{self.port}", "--port-file", sign, "--lease", lease, "--heartbeat",
            heartbeat, *more])

        def answers():
            if self.server.code is not None:
                raise AssertionError(f"giga serve ended {self.server.code}: {self.server.text}")
            if not os.path.exists(sign):
                return None
            with open(sign) as file:
                return file.read().strip()
        self.url = until(answers, seconds, "the port file")
        if "://" not in self.url:
            self.url = "http://" + self.url
        self.port = int(self.url.rstrip("/").rsplit(":", 1)[1])
        self.env["GIGA_COORDINATOR"] = self.url
        return self.server

    def factory(self, name, stations="shell=2", coordinator=None, tools=None, facts=None,
                **environment):
        """Starts a factory; `tools` is a folder put first on its path."""
        if tools:
            environment["PATH"] = tools + os.pathsep + self.env["PATH"]
        return self.start(name, [
            self.binary, "factory", "run", "--coordinator", coordinator or self.url, "--name", name,
            "--data", os.path.join(self.folder, name), "--stations", stations,
            *(["--facts", facts] if facts else [])], **environment)

    def lend_tokens(self, port):
        """Lets what finds tokens by address find ours under another port of loopback, too."""
        for root, _, names in os.walk(self.env["XDG_STATE_HOME"]):
            for name in names:
                if name.endswith(f":{self.port}"):
                    shutil.copy(os.path.join(root, name),
                                os.path.join(root, name.replace(f":{self.port}", f":{port}")))

    def end(self):
        """Ends all of it; a factory at once, for it would wait for its running jobs."""
        for process in reversed(self.processes):
            process.kill() if process.is_factory else process.end()
        for pid, _ in proc.descendants():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    # --- commands ---

    def giga(self, *words, **more):
        return run([self.binary, *words], **{"env": self.env, "cwd": self.folder, **more})

    def must(self, *words, **more):
        """Runs a command that has to end with 0; what it printed."""
        done = self.giga(*words, **more)
        if done.returncode != 0:
            raise AssertionError(f"giga {' '.join(words)}: {done.returncode}\n{done.stderr}"
                                 f"{done.stdout}")
        return done.stdout

    def json(self, *words, **more):
        return json.loads(self.must(*words, **more))

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        return path

    def add(self, text, name=None, **more):
        """Adds one job from its Markdown; its id."""
        path = self.write(name or f"jobs/{time.monotonic_ns()}.md", text)
        return self.json("add", path, "--json", **more)["jobs"][0]["id"]

    def events(self, *ids):
        return history.parse_events(self.must("events", *ids, "--json"))

    def until_event(self, job, kind, seconds=30, after=0):
        """Waits for an event of a job; with `after`, for one of a fence above it."""
        def seen():
            return next((e for e in self.events(job) if e.kind == kind
                         and (e.fence or 0) >= after + bool(after)), None)

        def what():
            told = "\n".join(f"{e.at} {e.kind} fence {e.fence} by {e.actor}" for e in
                             self.events(job))
            return f"{kind} of {job} after fence {after}; there was:\n{told}"
        return until(seen, seconds, what)

    def wait(self, job, stage, seconds=60):
        seconds *= PATIENCE
        done = self.giga("wait", job, "--for", stage, "--timeout", f"{seconds}s",
                         timeout=seconds + 30)
        if done.returncode != 0:
            told = self.giga("events", job, "--json").stdout
            raise AssertionError(f"{job} not {stage} ({done.returncode}): {done.stderr}\n{told}")

    def replay(self):
        """`giga doctor --replay` on the store of a server that has ended."""
        return self.giga("doctor", "--replay", "--data", self.data)

    def dump(self):
        """The store's logical content, as told by the running server."""
        return self.must("events", "--json")

    # --- HTTP ---

    def token(self):
        path = os.path.join(self.env["XDG_STATE_HOME"], "giga", f"token-{LOOPBACK}:{self.port}")
        with open(path) as file:
            return file.read().strip()

    def connect(self, seconds=30):
        return http.client.HTTPConnection(LOOPBACK, self.port, timeout=seconds)

    def ask(self, method, path, body=None, kind="application/json", token=None, over=None, **more):
        """One request; with `over`, on a connection that is kept."""
        connection = over or self.connect()
        headers = {"Content-Type": kind} if body is not None else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        headers.update(more.get("headers", {}))
        connection.request(method, path, body, headers)
        reply = connection.getresponse()
        found = Reply(reply.status, dict(reply.getheaders()), reply.read())
        if over is None:
            connection.close()
        return found

    # --- repositories ---

    def origin(self, name="shop", verify="sh test.sh", files=None, register=True):
        """A bare origin with one commit on main, registered under its name."""
        bare = os.path.join(self.folder, "origins", name + ".git")
        seed = os.path.join(self.folder, "seeds", name)
        seed_repository(seed, files)
        os.makedirs(os.path.dirname(bare), exist_ok=True)
        git(self.folder, "clone", "-q", "--bare", seed, bare)
        git(bare, "config", "receive.denyNonFastForwards", "true")
        if register:
            self.must("repo", "add", name, "--url", bare, "--target", "main", "--ship", "merge",
                      "--verify", verify)
        return history.Origin(bare)


def seed_repository(folder, files=None):
    """A checkout with one commit on main: a program and a test that passes."""
    os.makedirs(folder)
    git(folder, "init", "-q", "-b", "main")
    for path, text in (files or {"README.md": "A shop.\n", "src/price.sh": "echo 1\n",
                                 "test.sh": "sh src/price.sh | grep -q '[0-9]'\n"}).items():
        os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
        with open(os.path.join(folder, path), "w") as file:
            file.write(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Begin")


def job(script, title="a job", **fields):
    """A job file for the shell engine; underscores in field names stand for dashes."""
    named = {"title": title, "engine": "shell", "repo": "shop", **fields}
    front = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in named.items()
                    if value is not None)
    return f"---\n{front}---\n# {title}\n\n```sh\n{script}\n```\n"


def merged(origin, job_id):
    """How many merges on main name this job."""
    return sum(name.endswith("/" + job_id) for merge in origin.merges() for name in merge.jobs)
