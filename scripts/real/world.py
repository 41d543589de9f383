"""One scenario's world for scripts/check-real: sample, origin, model, coordinator, factories."""

import json
import os
import random
import subprocess
import sys
import time

REAL = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(REAL))
sys.path.insert(0, os.path.join(ROOT, "Tests", "EndToEnd"))
import giga  # noqa: E402
import history  # noqa: E402

FACTORIES = ("north", "south")
VERIFY = [sys.executable, "-m", "unittest"]
TOKENS = {"inputTokens": ("prompt_tokens",), "outputTokens": ("completion_tokens",),
          "cachedReadTokens": ("prompt_tokens_details", "cached_tokens"),
          "reasoningTokens": ("completion_tokens_details", "reasoning_tokens")}
NOTICE = "held"
# A start of the agent costs seconds of Python, on a busy machine many; this is a limit, no wait.
LIMIT_SECONDS = 240


class ModelLog:
    """The lines that the scripted model wrote."""

    def __init__(self, path):
        self.path = path

    @property
    def lines(self):
        if not os.path.exists(self.path):
            return []
        with open(self.path, encoding="utf-8") as file:
            return [json.loads(line) for line in file.read().splitlines(keepends=True)
                    if line.endswith("\n")]

    def conversations(self):
        """The names of conversations in order of their begin."""
        return list(dict.fromkeys(line["conversation"] for line in self.lines
                                  if line["conversation"]))

    def of(self, conversation, kind):
        return [line for line in self.lines
                if line["conversation"] == conversation and line["kind"] == kind]

    def tokens(self, conversation):
        """What a run with this conversation has to report."""
        return {name: sum(read(line["usage"], way) for line in self.of(conversation, "reply"))
                for name, way in TOKENS.items()}


def read(value, way):
    for name in way:
        value = value[name]
    return value


class World:
    """One scenario's sample, origin, model, coordinator and two factories."""

    def __init__(self, undoing):
        self.fleet = giga.Fleet(undoing)
        self.log = ModelLog(os.path.join(self.fleet.folder, "model.jsonl"))
        self.notice = os.path.join(self.fleet.folder, NOTICE)
        self.job, self.factories, self.checkouts, self.quiet = None, {}, 0, (None, 0)

    def start(self, mini, turns, model_options):
        fleet = self.fleet
        sample = os.path.join(fleet.folder, "sample")
        subprocess.run([sys.executable, os.path.join(REAL, "make_sample.py"), sample],
                       check=True, stdout=subprocess.DEVNULL, env=fleet.env)
        bare = os.path.join(fleet.folder, "origins", "fares.git")
        giga.git(fleet.folder, "clone", "-q", "--bare", sample, bare)
        giga.git(bare, "config", "receive.denyNonFastForwards", "true")
        self.origin = history.Origin(bare)
        self.base = self.main()
        url = self.start_model(turns, model_options)
        fleet.serve(lease="3s", heartbeat="500ms")
        fleet.must("repo", "add", "fares", "--url", bare, "--target", "main", "--ship", "merge",
                   "--verify", "python3 -m unittest")
        self.factories = {
            name: fleet.factory(
                name, stations="mini-swe-agent=1,shell=1", tools=os.path.dirname(mini),
                OPENAI_API_BASE=url, OPENAI_API_KEY="none", MSWEA_MODEL_NAME="openai/sample",
                MSWEA_MODEL_RETRY_STOP_AFTER_ATTEMPT="2")
            for name in FACTORIES}
        giga.until(self.ready, 90, "two factories that offer mini-swe-agent")
        with open(os.path.join(REAL, "job.md"), encoding="utf-8") as file:
            text = file.read()
        # The default waits a minute before the second attempt.
        text = text.replace("\n---\n", "\nretry: {max: 1, backoff: 1s}\n---\n", 1)
        path = fleet.write("jobs/fix.md", text)
        self.job = fleet.json("add", path, "--repo", "fares", "--json")["jobs"][0]["id"]

    def start_model(self, turns, options):
        sign = os.path.join(self.fleet.folder, "model-url")
        seed = random.SystemRandom().randrange(2**32)
        self.model_process = self.fleet.start("model", [
            sys.executable, os.path.join(REAL, "openai_server.py"), "--script",
            os.path.join(REAL, "turns", turns + ".json"), "--log", self.log.path,
            "--url-file", sign, "--seed", str(seed), *options])
        giga.until(lambda: os.path.exists(sign) and "model" in self.model_process.text, 20,
                   "the scripted model")
        self.model = self.model_process.text.split()[-1]
        print(f"     model {self.model}, seed {seed}", flush=True)
        with open(sign, encoding="utf-8") as file:
            return file.read().strip()

    def ready(self):
        for name, process in self.factories.items():
            if process.code is not None:
                raise AssertionError(f"factory {name} ended {process.code}: {process.text}")
        text = self.fleet.giga("factory", "list", "--json=all").stdout
        try:
            found = json.loads(text)["factories"]
        except (ValueError, KeyError):
            return False
        return sum("mini-swe-agent" in json.dumps(one) for one in found) == len(FACTORIES)

    # --- what giga says ---

    def show(self):
        return self.fleet.json("show", self.job, "--json=all")

    def until_over(self):
        """Waits until the job has shipped, has failed for good, or waits for a person."""
        def over():
            shown = self.show()
            if shown["stage"] in ("shipped", "dead_letter"):
                return shown
            # A failed job may be tried again: only what stays failed is over.
            if shown["stage"] in ("failed", "testing"):
                now = time.monotonic()
                self.quiet = self.quiet if self.quiet[0] == shown["stage"] else (
                    shown["stage"], now)
                return shown if now > self.quiet[1] + 15 else None
            self.quiet = (None, 0)
            return None
        return giga.until(over, LIMIT_SECONDS, f"the end of {self.job}")

    def until_held(self):
        """Waits for the request that the model holds; a job that ends before is no kill."""
        def held():
            if os.path.exists(self.notice) and os.path.getsize(self.notice):
                return True
            stage = self.show()["stage"]
            if stage in ("shipped", "failed", "dead_letter"):
                raise AssertionError(f"{self.job} was {stage} before the request that is held")
            return False
        giga.until(held, LIMIT_SECONDS, "the request that the model holds")

    # --- what git says ---

    def main(self):
        return self.origin.git("rev-parse", "refs/heads/main").strip()

    def try_tests(self, commit, tests_of=None, change=None):
        """Runs the sample's tests at a commit, outside of giga: exit code and output.

        With `tests_of` they are the tests of that commit, whatever this one made of them.
        """
        self.checkouts += 1
        folder = os.path.join(self.fleet.folder, f"checkout-{self.checkouts}")
        giga.git(self.fleet.folder, "clone", "-q", "--no-checkout", self.origin.path, folder)
        giga.git(folder, "checkout", "-q", "--detach", commit)
        if tests_of:
            giga.git(folder, "checkout", "-q", tests_of, "--", "tests")
        if change:
            giga.git(folder, "apply", change)
        done = giga.run(VERIFY, cwd=folder, env=dict(self.fleet.env, PYTHONDONTWRITEBYTECODE="1"))
        return done.returncode, done.stdout + done.stderr

    def try_change(self):
        """The tests' exit code and output with the job's change on the base, outside of giga."""
        change = self.fleet.write("change.patch", self.fleet.must("diff", self.job))
        return self.try_tests(self.base, change=change)

    def tell(self):
        """What helps to see why: the job's events, its log, and what the factories said."""
        for words in (("events", self.job), ("log", self.job)):
            done = self.fleet.giga(*words)
            print(f"     giga {words[0]}:", *tail(done.stdout + done.stderr), sep="\n     | ")
        for name, process in self.factories.items():
            print(f"     factory {name}:", *tail(process.text, 15), sep="\n     | ")


def tail(text, count=60):
    return text.splitlines()[-count:]
