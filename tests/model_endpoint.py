"""A model endpoint for tests: real HTTP on a port of this machine, scripted by the test that uses it."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = Callable[["Answer"], None]


class Answer:
    """What a script writes with: one HTTP answer, sent piece by piece."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self._handler = handler

    def start(
        self, status: int = 200, content_type: str = "text/event-stream", headers: Mapping[str, str] | None = None
    ) -> None:
        """Sends the head."""
        self._handler.send_response(status)
        for name, value in {"Content-Type": content_type, "Connection": "close", **(headers or {})}.items():
            self._handler.send_header(name, value)
        self._handler.end_headers()

    def write(self, data: bytes) -> None:
        """Sends bytes at once; raises OSError when the client has hung up."""
        self._handler.wfile.write(data)
        self._handler.wfile.flush()

    def delta(self, text: str, finish: str | None = None) -> None:
        """Sends one piece of a completion."""
        choice = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish}
        self.write(b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n")

    def done(self) -> None:
        """Sends the last event of a completion."""
        self.delta("", "stop")
        self.write(b"data: [DONE]\n\n")

    def refuse(self, status: int, message: str) -> None:
        """Sends an error as such endpoints do."""
        self.start(status, "application/json")
        self.write(json.dumps({"error": {"message": message}}).encode())

    def wait_for_hang_up(self) -> None:
        """Returns once the client has closed its side."""
        with contextlib.suppress(OSError):
            while self._handler.connection.recv(1024):
                pass


def _list_models(answer: Answer) -> None:
    answer.start(200, "application/json")
    answer.write(b'{"data": [{"id": "small"}, {"id": "big"}]}')


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a client that breaks off a handshake means to


class ModelEndpoint:
    """The endpoint: its address, the bodies and headers it was sent, and the scripts that answer: messages, and the
    question for its models.

    With `tls` it is reached by https, under the name localhost.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[dict[str, Any]] = []
        self.authorization: list[str | None] = []
        self.models: Script = _list_models
        self.script: Script = lambda answer: (answer.start(), answer.delta("hello"), answer.done())
        self.hung_up = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._origin = f"http://127.0.0.1:{self._server.server_port}"
        if tls is not None:
            self._origin = f"https://localhost:{self._server.server_port}"
            # The handshake is left to the thread of the connection: a client may break it off.
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="model endpoint")

    @property
    def url(self) -> str:
        """The base that `/chat/completions` is appended to."""
        return f"{self._origin}/v1"

    @contextlib.contextmanager
    def running(self) -> Iterator[ModelEndpoint]:
        """Serves until the block ends."""
        self._thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._run(endpoint.models)

            def do_POST(self) -> None:
                endpoint.requests.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self._run(endpoint.script)

            def _run(self, script: Script) -> None:
                endpoint.authorization.append(self.headers["Authorization"])
                try:
                    script(Answer(self))
                except OSError:
                    endpoint.hung_up.set()

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        return Handler
