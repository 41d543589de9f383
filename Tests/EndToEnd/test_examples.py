"""The example in the help of every command runs, typed as it stands there."""

import os
import re
import shutil
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import checkout  # noqa: E402
import giga  # noqa: E402

CHANGE = "mkdir -p src && echo {number} > src/{number}.txt"
# Run to their end by other tests, which take their time: the README's and the demo's own.
ELSEWHERE = {"demo"}
# What ends otherwise than with 0 by what it is about, and the word that says so.
REFUSED = {"profile approve": (1, "no version that"), "profile reject": (1, "no version that"),
           "approve": (5, "does not wait for an approval"), "answer": (1, "question")}
GOES_ON = {"up", "serve", "factory run"}


def examples(binary, env):
    """command -> example, from the help of each command."""
    listed = giga.run([binary, "help"], env=env).stdout
    names = re.findall(r"(?m)^  ([a-z]+(?: [a-z]+)?)  +\S", listed)
    found = {}
    for name in names:
        told = giga.run([binary, "help", *name.split()], env=env).stdout
        found[name] = re.search(r"(?m)^example: (.+)$", told)[1]
    return found


class ExampleTests(unittest.TestCase):
    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.home = self.fleet.env["HOME"]
        self.stand = os.path.join(self.fleet.folder, "stand")
        tools = os.path.join(self.fleet.folder, "tools")
        for folder in (self.stand, tools):
            os.makedirs(folder)
        os.symlink(self.fleet.binary, os.path.join(tools, "giga"))
        self.fleet.env["PATH"] = tools + os.pathsep + self.fleet.env["PATH"]
        self.fleet.data = self.fleet.env["GIGA_DATA"] = os.path.join(self.home, "giga")
        self.examples = examples(self.fleet.binary, self.fleet.env)
        self.seen, self.jobs = set(ELSEWHERE), 0

    def type(self, name, **instead):
        """Types a command's example; names in it may stand for what is there."""
        self.seen.add(name)
        if name not in self.examples:
            return None
        words = self.examples[name]
        for old, new in instead.items():
            words = words.replace({"job": "job-12", "backups": "/backups/"}.get(old, old), new)
        with self.subTest(words):
            done = giga.run(["sh", "-c", words], env=self.fleet.env, cwd=self.stand)
            code, word = REFUSED.get(name, (0, "^"))
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            self.assertRegex(done.stderr, word)
            return done.stdout

    def goes_on(self, name, sign, **instead):
        """An example that goes on until it is told to end; `sign` tells that it works."""
        self.seen.add(name)
        words = self.examples[name]
        for old, new in instead.items():
            words = words.replace({"address": "127.0.0.1:7420"}.get(old, old), new)
        with self.subTest(words):
            words = re.sub(r"(^|&& )giga ", r"\1exec giga ", words)
            log = os.path.join(self.fleet.folder, f"example-{name.replace(' ', '-')}.log")
            process = giga.Process(["sh", "-c", words], log, self.fleet.env, cwd=self.stand)
            self.fleet.processes.append(process)
            giga.until(lambda: process.code is not None or sign(process), 30, lambda: process.text)
            self.assertIsNone(process.code, process.text)
            return process

    def job(self, **fields):
        self.jobs += 1
        return self.fleet.add(giga.job(CHANGE.format(number=self.jobs),
                                       **{"verify": "'true'", **fields}))

    def in_stage(self, stage, **fields):
        job = self.job(**fields)
        self.fleet.wait(job, stage)
        return job

    def test_every_example(self):
        self.without_a_fleet()
        self.fleet.serve()
        self.fleet.origin()
        self.registering()
        self.with_jobs()
        self.with_factories()
        self.fleet.server.end()
        self.with_the_closed_store()
        self.assertEqual(sorted(set(self.examples) - self.seen), [], "examples that nobody ran")

    def without_a_fleet(self):
        shutil.copytree(os.path.join(giga.ROOT, "profiles"), os.path.join(self.stand, "profiles"))
        os.makedirs(os.path.join(self.home, ".local/share/bash-completion/completions"))
        checkout.make(os.path.join(self.stand, "my-repo"))
        for name in ("help", "version", "engine list", "config list", "schema", "profile lint",
                     "store init", "completion"):
            self.type(name)
        self.fleet.env["GIGA_COORDINATOR"] = f"{giga.LOOPBACK}:{giga.free_port()}"
        self.type("config get")
        self.type("profile new")
        self.type("init")

    def registering(self):
        giga.git(self.fleet.folder, "clone", "-q", "--bare", os.path.join(
            self.fleet.folder, "seeds", "shop"), os.path.join(self.fleet.folder, "shop.git"))
        for name in ("repo add", "repo list", "profile list", "profile show", "profile import",
                     "api", "policy list", "policy show",
                     "profile approve", "profile reject", "token issue", "token list",
                     "token revoke", "halt", "resume"):
            self.type(name)
        qa = os.path.join(self.fleet.folder, "qa.md")
        with open(os.path.join(self.stand, "profiles", "qa.md")) as old, open(qa, "w") as new:
            new.write(old.read() + "\nBe kind.\n")
        self.fleet.must("profile", "import", qa, "--yes")
        os.remove(os.path.join(self.stand, "profiles", "qa.md"))
        self.type("profile export")
        self.fleet.must("repo", "add", "shop", "--url", os.path.join(
            self.fleet.folder, "origins", "shop.git"))

    def with_jobs(self):
        self.fleet.write("stand/fix-login.md", giga.job("true", capabilities="[has:nothing-here]"))
        self.type("add")
        for name in ("reprioritise", "pause", "answer", "cancel"):
            self.type(name, job=self.job(capabilities="[has:nothing-here]"))
        self.fleet.factory("worker")
        job = self.in_stage("testing")
        covered = self.in_stage("testing", artifacts="coverage",
                                verify="'echo 1 > coverage.xml'")
        for name in ("artifact list", "artifact get"):
            self.type(name, job=covered)
        for name in ("jobs", "show", "log", "events", "why", "diff", "graph", "trace", "inbox",
                     "ship", "wait"):
            self.type(name, job=job)
        self.type("promote", job=self.reviewed())
        job, other = self.in_stage("testing"), self.in_stage("testing")
        self.type("approve", **{"job": job, "job-13": other})
        self.type("reject", job=job)
        self.type("requeue", job=job)

    def reviewed(self):
        """A job in review, for no verify judges it."""
        origin = self.fleet.origin("unjudged", register=False)
        self.fleet.must("repo", "add", "unjudged", "--url", origin.path)
        job = self.job(repo="unjudged", verify=None)
        giga.until(lambda: self.fleet.json("show", job, "--json=all").get("condition")
                   == "awaiting-promotion", 30, "a job that awaits promotion")
        return job

    def with_factories(self):
        def there(_):
            listed = self.fleet.json("factory", "list", "--json=all")["factories"]
            return any(each["name"] == "build-1" for each in listed)
        process = self.goes_on("factory run", there)
        for name in ("factory list", "factory drain", "factory resume"):
            self.type(name)
        self.assertEqual(process.end(), 0, process.text)
        self.type("factory remove")

    def with_the_closed_store(self):
        for name in ("doctor", "store info", "store migrate", "store citus", "store check", "gc"):
            self.type(name)
        folder = os.path.join(self.fleet.folder, "backups") + "/"
        os.makedirs(folder)
        self.type("backup", backups=folder)
        if "restore" in self.examples:
            named = re.search(r"giga restore (\S+)", self.examples["restore"])[1]
            made = os.path.join(folder, os.listdir(folder)[0])
            self.type("restore", **{named: made})
        address = f"{giga.LOOPBACK}:{giga.free_port()}"
        del self.fleet.env["GIGA_COORDINATOR"]
        process = self.goes_on("serve", lambda process: address in process.text, address=address)
        self.assertEqual(process.end(), 0, process.text)
        self.fleet.env["GIGA_LISTEN"] = address
        process = self.goes_on("up", lambda process: "next:" in process.text)
        self.assertEqual(process.end(), 0, process.text)


if __name__ == "__main__":
    unittest.main()
