"""A web server on the loopback that misbehaves as it is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    """Serves `content` at every address.

    `breaks` tells after how many bytes the next answers end, one number an answer; `statuses` likewise what
    they are instead of a file. With `stalls` every answer waits for ever after that many bytes. `asked` keeps
    the requests: line and wanted range.
    """

    daemon_threads = True

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.content = content
        self.breaks: list[int] = []
        self.statuses: list[int] = []
        self.stalls: int | None = None
        self.ranges = True
        self.ended = threading.Event()
        self.asked: list[tuple[str, str | None]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/net.onnx"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: that the other side went away is what some tests are about."""


class Answer(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.asked.append((self.requestline, wanted))
        if self.server.statuses:
            self.send_error(self.server.statuses.pop(0))
            return
        begin = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.server.ranges else 0
        content = self.server.content[begin:]
        if begin and not content:
            self.send_error(416)
            return
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with suppress(ConnectionError):
            if self.server.stalls is not None:
                self.wfile.write(content[: self.server.stalls])
                self.server.ended.wait(60)
            else:
                self.wfile.write(content[: self.server.breaks.pop(0)] if self.server.breaks else content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(content: bytes) -> Iterator[Server]:
    server = Server(content)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def wait_until(happened: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for something another process does."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
