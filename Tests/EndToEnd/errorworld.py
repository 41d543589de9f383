"""What provokes errors: one fleet for all that leave it as it was, requests, commands, stores."""

import http.client
import json
import os
import socket
import sqlite3

import checkout
import giga

CHANGE = "mkdir -p src && echo two > src/two.txt"
NOWHERE = "http://127.0.0.1:1"


class World:
    """One fleet for all provocations that leave it as it was, and others for the rest."""

    def __init__(self, test):
        self.test = test
        self.fleet = self.new_fleet()
        self.fleet.serve()
        self.fleet.origin()
        self.stay = os.path.join(self.fleet.folder, "stay")
        os.makedirs(self.stay)

    def new_fleet(self):
        return giga.Fleet(self.test)

    # --- over HTTP ---

    def ask(self, method, path, body=None, **more):
        more.setdefault("token", self.fleet.token())
        text = body if isinstance(body, (str, bytes, type(None))) else json.dumps(body)
        return self.fleet.ask(method, path, text, **more)

    def raw(self, text, port=None):
        """Bytes as they are, to the server; its reply."""
        with socket.create_connection((giga.LOOPBACK, port or self.fleet.port), 30) as connection:
            connection.sendall(text.encode())
            reply = http.client.HTTPResponse(connection)
            reply.begin()
            return giga.Reply(reply.status, dict(reply.getheaders()), reply.read())

    def registered(self, name="bare"):
        """The token of a factory that we play ourselves."""
        reply = self.ask("POST", "/fleet/factories", {
            "name": name, "boot": "b1", "facts": ["os:linux"],
            "stations": [{"engine": "shell", "classes": ["script"], "count": 1}]})
        assert reply.status == 201, reply.body
        return reply.json["token"]

    # --- commands ---

    def giga(self, words, saying, fleet=None, **more):
        """A command that must fail, and what its first two lines must say."""
        fleet = fleet or self.fleet
        env = dict(fleet.env, **more.pop("env", {}))
        done = fleet.giga(*words, env=env, cwd=more.pop("cwd", self.stay), **more)
        return Ended(done.returncode, done.stderr, saying)

    def serve(self, saying, *more, fleet=None, **environment):
        """A server that must not start."""
        fleet = fleet or self.new_fleet()
        words = ["serve", "--data", fleet.data, "--listen", "127.0.0.1:0", *more]
        return self.giga(words, saying, fleet, env=environment)

    def file(self, name, text):
        path = os.path.join(self.fleet.folder, "files", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as out:
            out.write(text)
        return path

    def repository(self, name, **more):
        folder = os.path.join(self.fleet.folder, "repositories", name)
        return checkout.make(folder, **more)


class Ended:
    """A command's end, and the words that make its error the one that was meant."""

    def __init__(self, exit, text, saying):
        self.exit, self.text, self.saying = exit, text, saying


def store(fleet, *statements):
    """Writes into a store behind its coordinator's back."""
    database = sqlite3.connect(os.path.join(fleet.data, "giga.db"), timeout=30)
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


def filled_store(world):
    """A fleet whose server has ended in order, with something in its store."""
    fleet = world.new_fleet()
    fleet.serve()
    fleet.origin()
    fleet.server.end()
    return fleet


def altered_store(world, saying, *statements):
    fleet = filled_store(world)
    store(fleet, *statements)
    return world.serve(saying, fleet=fleet)


def altered_under_a_server(world, saying, statement):
    """A server whose store is written by somebody else stops at its next write."""
    fleet = world.new_fleet()
    fleet.serve()
    store(fleet, statement)
    fleet.giga("halt", "--level", "all", "--reason", "to write something")
    giga.until(lambda: fleet.server.code is not None, 20, "the server's end")
    return Ended(fleet.server.code, fleet.server.text, saying)
