#!/usr/bin/env python3
"""A scripted OpenAI-compatible chat completions server for tests; loopback only, no dependencies.

It plays a fixed list of turns, and draws what a test must find again in a run's record (token
counts, the model's name) at random from a printed seed. Every request is one line in its log.
See README.md beside this file for the forms of the script, the log and the signals.
"""

import argparse
import datetime
import http.server
import json
import os
import random
import select
import socket
import sys
import threading


class Script:
    """The turns of one conversation; a conversation longer than the script repeats its last turn."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            turns = json.load(file)
        if not isinstance(turns, list) or not turns:
            sys.exit(f"{path}: expected a list of at least one turn")
        self.turns = [self._normal(path, number, turn) for number, turn in enumerate(turns)]

    @staticmethod
    def _normal(path, number, turn):
        if isinstance(turn, str):
            turn = {"commands": [turn]}
        known = {"commands", "text", "arguments"}
        if not isinstance(turn, dict) or not turn or set(turn) - known:
            sys.exit(f"{path}: turn {number}: expected a command or an object with {sorted(known)}")
        return turn

    def turn(self, index):
        return self.turns[min(index, len(self.turns) - 1)]


class Log:
    """One JSON object per line, flushed before anything that the line speaks of is visible."""

    def __init__(self, path):
        self._file = open(path, "a", encoding="utf-8") if path else sys.stdout
        self._lock = threading.Lock()

    def write(self, **fields):
        fields["at"] = datetime.datetime.now(datetime.timezone.utc).isoformat()
        with self._lock:
            self._file.write(json.dumps(fields) + "\n")
            self._file.flush()


class Stage:
    """What all requests share: the script, the drawn values, the counters and the one hold."""

    def __init__(self, options):
        self.options = options
        self.script = Script(options.script)
        self.log = Log(options.log)
        self.seed = options.seed
        self.random = random.Random(self.seed)
        self.model = options.model or f"scripted-{self.random.randrange(16**6):06x}"
        self.requests = 0
        self.replies = {}
        self.lock = threading.Lock()

    def begin(self, messages):
        """Numbers a request; finds its conversation and how many replies that has had already.

        A conversation is new when nothing follows the task. Else the ids of our earlier replies
        name it; where the client kept none of them, it is the one that began last.
        """
        with self.lock:
            self.requests += 1
            number = self.requests
            conversation = conversation_of(messages)
            if conversation is None and not is_new(messages):
                conversation = next(reversed(self.replies), None)
            if conversation is None and not self.fails(number):
                conversation = f"c{len(self.replies) + 1}"
                self.replies[conversation] = 0
            return number, conversation, self.replies.get(conversation, 0)

    def replied(self, conversation):
        with self.lock:
            self.replies[conversation] += 1

    def fails(self, number):
        return self.options.status != 200 and number > self.options.status_after

    def usage(self):
        """Counts that a test can tell apart: none of them is zero and no two runs agree."""
        with self.lock:
            sent = self.random.randrange(500, 9_000)
            cached = self.random.randrange(1, sent)
            written = self.random.randrange(20, 900)
            thought = self.random.randrange(1, written)
        if self.options.usage == "none":
            return None
        usage = {
            "prompt_tokens": sent,
            "completion_tokens": written,
            "total_tokens": sent + written,
        }
        if self.options.usage == "full":
            usage["prompt_tokens_details"] = {"cached_tokens": cached}
            usage["completion_tokens_details"] = {"reasoning_tokens": thought}
        return usage

    def hold(self, number, conversation, client):
        """Tells that the chosen request has arrived, and waits until somebody says to go on.

        Returns at once when the client is gone, so that whoever killed it need not say anything
        and can take the `lost` line of the log as the sign that it is dead.
        """
        if number != self.options.hold_at:
            return
        with open(self.options.notify, "a", encoding="utf-8") as file:
            file.write(f"held {number} {conversation}\n")
        waiting = select.poll()
        # A client that waits for its answer sends nothing: whatever is to be read is its end.
        waiting.register(client, select.POLLIN | select.POLLRDHUP)
        if self.options.release is None:
            waiting.poll()
            return
        release = os.open(self.options.release, os.O_RDONLY | os.O_NONBLOCK)
        try:
            waiting.register(release, select.POLLIN)
            waiting.poll()
        finally:
            os.close(release)


def is_new(messages):
    """Whether the last message is the first one of the user."""
    roles = [message.get("role") for message in messages]
    return "user" in roles and roles.index("user") == len(roles) - 1


def conversation_of(messages):
    """The conversation whose reply a later request repeats; None when it repeats none."""
    for message in messages:
        for call in message.get("tool_calls") or []:
            parts = str(call.get("id", "")).split("_")
            if len(parts) == 4 and parts[0] == "call":
                return parts[1]
        if message.get("role") == "assistant":
            text = str(message.get("content") or "")
            if text.startswith("[") and "]" in text:
                return text[1 : text.index("]")]
    return None


def message_of(turn, conversation, index):
    """The assistant's message; its ids carry the conversation, since nothing else survives."""
    text = turn.get("text", f"Turn {index + 1}.")
    message = {"role": "assistant", "content": f"[{conversation}] {text}"}
    calls = [json.dumps({"command": command}) for command in turn.get("commands", [])]
    calls += turn.get("arguments", [])
    if calls:
        message["tool_calls"] = [
            {
                "id": f"call_{conversation}_{index}_{position}",
                "type": "function",
                "function": {"name": "bash", "arguments": arguments},
            }
            for position, arguments in enumerate(calls)
        ]
    return message


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stage = None

    def do_GET(self):
        if self.path.rstrip("/").endswith("/models"):
            models = [{"id": self.stage.model, "object": "model", "owned_by": "script"}]
            return self.answer(200, {"object": "list", "data": models})
        self.answer(404, {"error": {"message": f"no such path: {self.path}", "code": 404}})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self.path.rstrip("/").endswith("/chat/completions"):
            return self.answer(404, {"error": {"message": f"no such path: {self.path}"}})
        try:
            request = json.loads(body)
            messages = request["messages"]
        except (ValueError, KeyError, TypeError):
            return self.answer(400, {"error": {"message": "expected JSON with messages"}})
        if request.get("stream"):
            return self.answer(400, {"error": {"message": "this server does not stream"}})
        self.play(request, messages)

    def play(self, request, messages):
        stage = self.stage
        number, conversation, index = stage.begin(messages)
        common = {"request": number, "conversation": conversation, "turn": index}
        stage.log.write(
            kind="request", requestedModel=request.get("model"), messages=len(messages), **common
        )
        stage.hold(number, conversation, self.connection)
        if stage.fails(number):
            stage.log.write(kind="refused", status=stage.options.status, **common)
            error = {"message": "scripted failure", "type": "server_error"}
            return self.answer(stage.options.status, {"error": error})
        turn = stage.script.turn(index)
        usage = stage.usage()
        message = message_of(turn, conversation, index)
        reply = {
            "id": f"chatcmpl-{conversation}-{index}",
            "object": "chat.completion",
            "created": int(datetime.datetime.now().timestamp()),
            "model": stage.model,
            "choices": [
                {
                    "index": 0,
                    "message": message,
                    "finish_reason": "tool_calls" if "tool_calls" in message else "stop",
                }
            ],
        }
        if usage is not None:
            reply["usage"] = usage
        delivered = not self.client_is_gone() and self.answer(200, reply)
        if delivered:
            stage.replied(conversation)
        kind = "reply" if delivered else "lost"
        stage.log.write(kind=kind, model=stage.model, usage=usage, **common)

    def client_is_gone(self):
        """A killed client has closed its end; a write to it would seem to succeed."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        try:
            return bool(readable) and self.connection.recv(1, socket.MSG_PEEK) == b""
        except OSError:
            return True

    def answer(self, status, value):
        body = json.dumps(value).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()
        except OSError:
            self.close_connection = True
            return False
        return True

    def log_message(self, format, *arguments):
        """Silent: the log of requests is the only one."""


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that was killed resets its connection; that is what tests do."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--script", required=True, help="JSON list of turns")
    parser.add_argument("--log", help="append one JSON line per event here; default is stdout")
    parser.add_argument("--url-file", help="write the base URL here once the server listens")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, help="default: drawn, and printed")
    parser.add_argument("--model", help="the name to report; default: drawn")
    parser.add_argument("--usage", choices=["full", "basic", "none"], default="full")
    parser.add_argument("--status", type=int, default=200, help="answer with this status")
    parser.add_argument("--status-after", type=int, default=0, help="after this many requests")
    parser.add_argument("--hold-at", type=int, default=0, help="hold this request (1 is the first)")
    parser.add_argument("--notify", help="file or FIFO that gets one line when it is held")
    parser.add_argument("--release", help="FIFO; a line lets it go on, as does a dead client")
    options = parser.parse_args(arguments)
    if options.hold_at and not options.notify:
        parser.error("--hold-at needs --notify")
    if options.seed is None:
        options.seed = int.from_bytes(os.urandom(4), "big")
    return options


def main():
    options = parse(sys.argv[1:])
    Handler.stage = Stage(options)
    server = Server(("127.0.0.1", options.port), Handler)
    url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    if options.url_file:
        partial = options.url_file + ".partial"
        with open(partial, "w", encoding="utf-8") as file:
            file.write(url + "\n")
        os.replace(partial, options.url_file)
    print(f"serving {url} seed {options.seed} model {Handler.stage.model}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
