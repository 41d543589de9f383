"""A coordinator whose store is a PostgreSQL server: taken over, cut off, and let in or not."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
import postgres  # noqa: E402


class PostgresTests(unittest.TestCase):
    def setUp(self):
        self.server = postgres.Server(self)
        self.fleet = giga.Fleet(self)

    def put(self, name, fleet=None):
        fleet = fleet or self.fleet
        return fleet.ask("PUT", f"/fleet/repos/{name}", self.repository(name),
                         token=fleet.token())

    def repository(self, name):
        return json.dumps({"name": name, "url": f"/srv/{name}.git", "target": "main",
                           "ship": "merge"})

    def refused(self, done, *words):
        """A command that ended with three lines, none of which tells a password."""
        self.assertNotEqual(done.returncode, 0)
        lines = done.stderr.splitlines()
        self.assertEqual([line[:2] for line in lines], ["er", "  ", "hi"], done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertNotIn("sesame", done.stderr)
        self.assertNotIn("guess", done.stderr)

    def serve_and_fail(self, *words, **environment):
        return self.fleet.giga("serve", "--data", self.fleet.data, "--listen", "127.0.0.1:0",
                               *words, env=dict(self.fleet.env, **environment))

    def test_a_server_that_lets_nobody_in_is_named(self):
        self.refused(self.serve_and_fail("--store", self.server.url("locked"),
                                         PGPASSWORD="guess"),
                     "lets giga not in", "locked@", "~/.pgpass")
        self.refused(self.serve_and_fail(DB_PROVIDER="postgres",
                                         DATABASE_URL=self.server.url("locked:guess")),
                     "lets giga not in", "DATABASE_URL")
        self.server.tell("crash")
        self.refused(self.serve_and_fail("--store", self.server.url()), "does not answer",
                     self.server.folder)

    def test_reads_go_on_while_it_is_away_and_writes_wait_for_it(self):
        self.fleet.env.update(DB_PROVIDER="postgres", DATABASE_URL=self.server.url())
        self.fleet.serve()
        self.assertEqual(self.put("before").status, 200)
        self.server.tell("crash")
        # What was under way when it was lost is answered once it is stored.
        pending = self.fleet.connect(120)
        pending.request("PUT", "/fleet/repos/pending", self.repository("pending"), {
            "Content-Type": "application/json", "Authorization": f"Bearer {self.fleet.token()}"})
        giga.until(lambda: "does not answer" in self.fleet.server.text, 60, "the notice")
        late = self.put("late")
        self.assertEqual(late.status, 503)
        self.assertEqual(late.json["type"], "urn:giga:store.away")
        self.assertEqual(late.headers["Retry-After"], "1")
        ready = self.fleet.ask("GET", "/readyz")
        self.assertEqual((ready.status, ready.headers["Retry-After"]), (503, "1"))
        self.assertEqual(self.fleet.ask("GET", "/healthz").status, 200)
        known = self.fleet.ask("GET", "/fleet/repos", token=self.fleet.token()).json
        self.assertIn("before", json.dumps(known))
        self.server.tell("start")
        self.assertEqual(pending.getresponse().status, 200)
        pending.close()
        giga.until(lambda: "answers again" in self.fleet.server.text, 60, "the second notice")
        self.assertEqual(self.put("late").status, 200)
        kinds = [event.kind for event in self.fleet.events()]
        self.assertEqual(self.fleet.server.end(), 0)

        # The same from the store itself, and its rows are what its events say.
        offline = self.fleet.must("events", "--store", "postgres", "--json").splitlines()
        self.assertEqual([json.loads(line)["kind"] for line in offline], kinds)
        self.assertIn("equal", self.fleet.must("doctor", "--replay"))
        told = self.fleet.json("store", "info", "--json=all")
        self.assertEqual(told["position"], len(kinds))
        self.assertIn("already", self.fleet.giga("store", "migrate").stderr)
        self.refused(self.fleet.giga("backup", "--to", "copy.tar"), "pg_dump")
        self.assertFalse(os.path.exists(os.path.join(self.fleet.data, "giga.db")))

    def test_of_two_coordinators_the_older_one_ends(self):
        self.fleet.serve("--store", self.server.url())
        self.assertEqual(self.put("first").status, 200)
        newer = giga.Fleet(self)
        newer.serve("--store", self.server.url())
        with self.assertRaises(OSError):
            self.put("second")
        giga.until(lambda: self.fleet.server.code is not None, 60, "the end of the older one")
        self.assertEqual(self.fleet.server.code, 1)
        self.assertIn("Another coordinator has taken over this store", self.fleet.server.text)
        repositories = newer.ask("GET", "/fleet/repos", token=newer.token()).body.decode()
        self.assertIn("first", repositories)
        self.assertNotIn("second", repositories)
        self.assertEqual(self.put("third", newer).status, 200)

    def test_a_store_is_made_before_any_coordinator_and_not_twice(self):
        self.fleet.env["DB_PROVIDER"] = "postgres"
        self.fleet.env["DATABASE_URL"] = self.server.url()
        refused = self.fleet.giga("store", "init", "--store", "memory")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("makes no store in memory", refused.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.fleet.data, "giga.db")))
        told = self.fleet.giga("store", "init", "--dry-run")
        self.assertEqual((told.returncode, told.stdout), (0, ""))
        self.assertIn("would make a store", told.stderr)
        made = self.fleet.json("store", "init", "--json")
        self.assertTrue(made["changed"])
        self.fleet.serve()
        self.assertEqual(self.put("first").status, 200)
        for words in (["store", "init"], ["store", "init", "--dry-run"]):
            refused = self.fleet.giga(*words)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("There is a store at", refused.stderr)
        # Nobody was deposed by the attempt.
        self.assertEqual(self.put("second").status, 200)
        self.assertEqual(self.fleet.json("store", "info", "--json=all")["fleet"], made["fleet"])
        printed = self.fleet.must("store", "citus")
        self.assertIn("create_distributed_table('fleet_jobs', 'product_id'", printed)

    def test_no_process_shows_a_password(self):
        self.fleet.env.update(DB_PROVIDER="postgres",
                              DATABASE_URL=self.server.url("giga:sesame"))
        self.fleet.serve()
        with open(f"/proc/{self.fleet.server.pid}/cmdline", "rb") as file:
            self.assertNotIn(b"sesame", file.read())
        self.assertNotIn("sesame", self.fleet.must("config", "list"))
        self.assertNotIn("sesame", self.fleet.must("store", "info"))
        self.assertNotIn("sesame", self.fleet.giga("doctor").stdout)
        self.fleet.server.end()
        self.assertNotIn("sesame", self.fleet.server.text)


if __name__ == "__main__":
    unittest.main()
