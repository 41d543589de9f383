"""Requests of the HTTP API, and servers that are none."""

import http.server
import resource
import socket
import threading

import giga
from errorworld import store


def submitted(text):
    return lambda world: world.ask("POST", "/fleet/jobs?name=a.md", text, kind="text/markdown")


def key(value):
    return lambda world: world.ask("POST", "/fleet/jobs?name=a.md", "Do it.\n",
                                   kind="text/markdown", headers={"Idempotency-Key": value})


def repository_put(**fields):
    name = fields.pop("name", "shop2")
    body = {"name": name, "url": "/srv/shop.git", "target": "main", "ship": "merge", **fields}
    return lambda world: world.ask("PUT", f"/fleet/repos/{name}", body)


def raw(text):
    return lambda world: world.raw(text.replace("\n", "\r\n"))


def stream_of_two_products(world):
    token = world.fleet.json("token", "issue", "two", "--role", "operator", "--product",
                             "main,side", "--json")
    secret = token.get("secret") or token["token"]
    return world.ask("GET", "/fleet/stream?topic=events", token=secret)


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


def unreadable_history(world):
    fleet = world.new_fleet()
    fleet.serve()
    store(fleet, "DROP TABLE fleet_events")
    return fleet.ask("GET", "/fleet/events")
