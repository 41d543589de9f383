"""A TCP proxy before a coordinator that can lose a reply, hold a request and note replies."""

import re
import socket
import threading

REQUEST = re.compile(rb"(GET|POST|PUT|DELETE) (\S+) HTTP/1\.1\r\n")
STATUS = re.compile(rb"^HTTP/1\.1 (\d{3})")


class Proxy:
    """Forwards to a port of loopback.

    lose(path, text): the first whole reply to such a request that has the text is not delivered,
    its connection is cut; `lost` is then set.
    hold(path): such requests wait until `release()`; `held` is set when one waits.
    replies: (method, path, status) of each reply that came through.
    """

    def __init__(self, test, port):
        self.upstream = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.lost, self.held, self._open = threading.Event(), threading.Event(), threading.Event()
        self._open.set()
        self._lose = self._hold = None
        self.replies, self._sockets, self._ended = [], [], False
        threading.Thread(target=self._accept, daemon=True).start()
        test.addCleanup(self.end)

    def lose(self, path, text):
        self._lose = (re.compile(path.encode()), text.encode())

    def hold(self, path):
        self._open.clear()
        self._hold = re.compile(path.encode())

    def release(self):
        self._hold = None
        self._open.set()

    def end(self):
        self._ended = True
        self.release()
        for each in [self.listener, *self._sockets]:
            _cut(each)

    def _accept(self):
        while not self._ended:
            try:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.upstream))
            except OSError:
                if self._ended:
                    return
                _cut(client)
                continue
            self._sockets += [client, server]
            _Pair(self, client, server)


class _Pair:
    """One connection and the requests on it that wait for their replies."""

    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server, self.asked = proxy, client, server, []
        for work in (self._requests, self._replies):
            threading.Thread(target=work, daemon=True).start()

    def _requests(self):
        while True:
            data = _read(self.client)
            found = [(m.group(1).decode(), m.group(2).decode()) for m in REQUEST.finditer(data)]
            hold = self.proxy._hold
            if hold and any(hold.search(path.encode()) for _, path in found):
                self.proxy.held.set()
                self.proxy._open.wait()
            self.asked += found
            if not _write(self.server, data):
                return _cut(self.client)

    def _replies(self):
        kept = b""
        while True:
            data = _read(self.server)
            kept += data
            status = STATUS.match(kept)
            if not status or not self.asked:
                kept = b""
                if not _write(self.client, data):
                    return _cut(self.server)
                continue
            method, path = self.asked[0]
            lose = self.proxy._lose
            may_lose = lose and lose[0].search(path.encode()) and data
            if may_lose and not _whole(kept):
                continue
            if may_lose and lose[1] in kept:
                self.proxy._lose = None
                self.proxy.lost.set()
                _cut(self.client)
                return _cut(self.server)
            self.proxy.replies.append((method, path, int(status.group(1))))
            self.asked.pop(0)
            if not _write(self.client, kept if may_lose else data):
                return _cut(self.server)
            kept = b""


def _whole(reply):
    """Whether a reply with a stated length, or in chunks, has come in full."""
    head, found, body = reply.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    if not found:
        return False
    return len(body) >= int(length.group(1)) if length else body.endswith(b"0\r\n\r\n")


def _read(source):
    try:
        return source.recv(1 << 16)
    except OSError:
        return b""


def _write(target, data):
    try:
        target.sendall(data)
        return bool(data)
    except OSError:
        return False


def _cut(each):
    try:
        each.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    each.close()
