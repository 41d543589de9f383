"""What `--dry-run` says and that it changes nothing; how configuration reaches a server."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402


class DryRunTests(unittest.TestCase):
    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.fleet.serve()

    def says(self, expected, *words):
        """It ends with 0, says this, and the history is the same."""
        before = self.fleet.dump()
        done = self.fleet.giga(*words, "--dry-run")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr.strip(), expected)
        self.assertEqual(self.fleet.dump(), before)

    def test_repositories(self):
        bare = self.fleet.origin(register=False).path
        where = ["repo", "add", "shop", "--url", bare]
        self.says(f"would add: shop  {bare}  → main", *where)
        self.fleet.must(*where)
        self.says(f"would leave as it is: shop  {bare}  → main", *where)
        self.says(f"would change: shop  {bare}  → next", *where, "--target", "next")

    def test_halt_and_resume(self):
        self.says("would halt at level all, and running work stopped; the fleet is not halted",
                  "halt", "--reason", "x", "--stop")
        self.says("it is not halted", "resume")
        self.fleet.must("halt", "--level", "dev", "--reason", "lunch")
        self.says("would resume; the fleet is halted at level dev: lunch", "resume")

    def test_factories(self):
        self.fleet.factory("north")
        giga.until(lambda: self.fleet.json("factory", "list", "--json")["factories"], 20,
                   "the factory")
        self.says("would drain north, now present", "factory", "drain", "north")
        self.says("would remove north, which holds no job", "factory", "remove", "north")
        done = self.fleet.giga("factory", "drain", "norht", "--dry-run")
        self.assertEqual(done.returncode, 1)
        self.assertIn("did you mean north?", done.stderr)

    def test_jobs(self):
        self.fleet.origin()
        job = self.fleet.add(giga.job("true", title="one"))
        for verb in ("cancel", "reject", "requeue", "promote", "ship"):
            self.says(f"would ask to {verb} {job} (one), now in queued", verb, job)


class ConfigurationTests(unittest.TestCase):
    def test_settings_reach_server_and_factory(self):
        fleet = giga.Fleet(self)
        fleet.write("giga.yaml", "lease: 30s\nheartbeat: 2s\nmax: 1\n"
                                 "stations: {shell: 3}\nname: west\n")
        sign = os.path.join(fleet.folder, "url")
        fleet.server = fleet.start("serve", [
            fleet.binary, "serve", "--data", fleet.data, "--listen", "127.0.0.1:0",
            "--port-file", sign], GIGA_HEARTBEAT="3s")
        giga.until(lambda: os.path.exists(sign), 20, "the port file")
        with open(sign) as file:
            fleet.env["GIGA_COORDINATOR"] = file.read().strip()
        fleet.port = int(fleet.env["GIGA_COORDINATOR"].rsplit(":", 1)[1])
        leases = fleet.ask("GET", "/fleet/stats").json["leases"]
        self.assertEqual(list(map(milliseconds, (leases["term"], leases["heartbeat"]))),
                         [30_000, 3000])
        fleet.start("west", [fleet.binary, "factory", "run"])
        found = giga.until(lambda: fleet.json("factory", "list", "--json")["factories"], 20,
                           "the factory")
        self.assertEqual(found[0]["name"], "west")
        self.assertEqual(found[0]["stations"][0]["count"], 3)
        rows = {row["key"]: row for row in fleet.json("config", "list", "--json",
                                                      env={**fleet.env, "GIGA_MAX": "2"})["settings"]}
        self.assertEqual((rows["max"]["value"], rows["max"]["origin"]), ("2", "GIGA_MAX"))
        self.assertEqual(rows["lease"]["origin"], f"{fleet.folder}/giga.yaml:1")
        self.assertEqual(rows["store"]["origin"], "default")


def milliseconds(span):
    """A span as the API writes it: a number, or a number in a field."""
    return span if isinstance(span, int) else next(iter(span.values()))


if __name__ == "__main__":
    unittest.main()
