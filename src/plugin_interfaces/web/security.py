"""Who may talk to the server: whoever knows the token, from the server's own pages, under a name that is the server's.

The token is in the link that is printed at start. A browser that opens it gets a cookie and goes on without the token
in its address. Other programs send `Authorization: Bearer …`, or `?token=…` where they cannot set a header.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import ipaddress
import os
import secrets
import socket
from collections.abc import Collection
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import ConfigError, NotPermitted

TOKEN_FILE: Final = "web-token"
MAX_BODY_BYTES: Final = 64 << 20

# NiceGUI builds its page in the browser from templates, which takes eval; what it builds from comes from here alone.
_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def load_token(folder: Path | None, *, fresh: bool = False) -> str:
    """The token that is kept in a folder, so that a page which is open goes on when the server was restarted.

    A new one where there is none, where `fresh` asks for it, or, with a warning by its absence, where others could read
    it. Errors: ConfigError.
    """
    token = secrets.token_urlsafe(32)
    if folder is None:
        return token
    path = folder / TOKEN_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not fresh and path.is_file() and path.stat().st_mode & 0o077 == 0:
            kept = path.read_text("ascii").strip()
            if len(kept) >= 32:
                return kept
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(token + "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), f"the token cannot be kept there: {error}") from None
    return token


def check_binding(address: str, *, tls: bool, insecure_public: bool) -> bool:
    """Whether others than this machine can reach an address.

    Errors: NotPermitted where they can, and everything that is said could be read on the way; ConfigError where there
    is no such address.
    """
    try:
        found = {info[4][0] for info in socket.getaddrinfo(address or None, 0, flags=socket.AI_PASSIVE)}
    except OSError as error:
        raise ConfigError(address, f"there is no such address: {error}") from None
    if all(ipaddress.ip_address(str(one).partition("%")[0]).is_loopback for one in found):
        return False
    if not tls and not insecure_public:
        raise NotPermitted(
            address or "all addresses",
            "others can reach this address, and without TLS they could read the token on its way: give a certificate"
            " (--tls-cert, --tls-key), keep to 127.0.0.1 behind a proxy or an SSH tunnel, or say --insecure-public",
        )
    return True


class Guard:
    """Stands before an application and lets through what may pass. Pure ASGI, for HTTP and WebSockets alike."""

    def __init__(
        self,
        app: ASGIApp,
        token: str,
        *,
        names: Collection[str] = (),
        origins: Collection[str] = (),
        cookie: str = "plugin-interfaces",
        secure: bool = False,
        max_body: int = MAX_BODY_BYTES,
    ) -> None:
        """`names` are host names by which the server is called, beside localhost and any address in numbers.

        `origins` are of pages that may use it although they are not its own, as "http://localhost:5173".

        `secure`: the cookie goes over TLS alone. A request's body may have `max_body` bytes.
        """
        self._app = app
        self._token = token.encode()
        # Whoever reads a browser's cookies does not have the token that other programs use.
        self._session = hmac.new(self._token, b"cookie", hashlib.sha256).hexdigest()
        self._names = {"localhost", *(name.lower().rstrip(".") for name in names)}
        self._origins = {origin.lower().rstrip("/") for origin in origins}
        self._cookie = cookie
        self._secure = secure
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, one connection, or the application's own life."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        answer = self._answer(scope)
        if answer is not None:
            self._protect(scope, answer.headers)
            await _refuse(answer, scope, receive, send)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._limited(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        """What is answered in the application's place; None lets it through."""
        headers = Headers(scope=scope)
        if not self._is_own_name(headers.getlist("host")):
            return PlainTextResponse(
                "The server does not know this name as its own. Call it localhost, or name it with --allow-host.\n", 421
            )
        if not self._is_friend(headers) and not _is_own_origin(headers):
            return PlainTextResponse(
                "A page from elsewhere may not use this server. If it is yours, name it with --allow-origin.\n", 403
            )
        if scope.get("method") == "OPTIONS" and self._is_friend(headers):
            # A browser asks so before a page sends the token in a header, and does not send it yet.
            return Response(status_code=204)
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = [value for name, value in query if name == "token"]
        if given and self._is_token(given[0]):
            if scope["type"] == "http" and scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
                return self._welcome(scope, [(name, value) for name, value in query if name != "token"])
            return None
        if self._is_known(headers):
            return None
        return PlainTextResponse(
            "Not allowed: open the link that `plugin-interfaces serve` has printed; it brings the token.\n",
            401,
            {"WWW-Authenticate": "Bearer"},
        )

    def _is_own_name(self, hosts: list[str]) -> bool:
        """A page of a stranger's domain, whose name was made to lead here, names itself: DNS rebinding ends here."""
        if len(hosts) != 1:
            return False
        try:
            name = urlsplit(f"//{hosts[0]}").hostname or ""
        except ValueError:
            return False
        name = name.rstrip(".")
        return name in self._names or name.endswith(".localhost") or _is_address(name)

    def _is_token(self, text: str) -> bool:
        return secrets.compare_digest(text.encode(), self._token)

    def _is_known(self, headers: Headers) -> bool:
        scheme, _, credentials = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._is_token(credentials.strip())
        cookie = cookie_parser(headers.get("cookie", "")).get(self._cookie, "")
        return secrets.compare_digest(cookie.encode(), self._session.encode())

    def _welcome(self, scope: Scope, query: list[tuple[str, str]]) -> Response:
        """Gives the browser its cookie, and has it go to the same page without the token in its address."""
        # Relative, and one slash alone: two would name another server.
        path = "/" + scope["path"].lstrip("/\\")
        answer = RedirectResponse(f"{path}?{urlencode(query)}" if query else path, 303)
        answer.set_cookie(
            self._cookie, self._session, max_age=30 * 86400, httponly=True, samesite="lax", secure=self._secure
        )
        return answer

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, its body no longer than allowed, the answer with the headers that protect."""
        length = Headers(scope=scope).get("content-length", "")
        too_large = PlainTextResponse(f"More than {self._max_body} bytes are too many.\n", 413)
        if length.isdigit() and int(length) > self._max_body:
            await too_large(scope, receive, send)
            return
        taken, begun = 0, False

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._max_body:
                raise _TooLarge
            return message

        async def protected(message: Message) -> None:
            nonlocal begun
            if taken > self._max_body and not begun:
                return  # what the application makes of that is not what is answered
            if message["type"] == "http.response.start":
                begun = True
                self._protect(scope, MutableHeaders(scope=message))
            await send(message)

        with contextlib.suppress(_TooLarge):
            await self._app(scope, counted, protected)
        if taken > self._max_body and not begun:
            await too_large(scope, receive, send)

    def _is_friend(self, headers: Headers) -> bool:
        origins = headers.getlist("origin")
        return len(origins) == 1 and origins[0].lower() in self._origins

    def _protect(self, scope: Scope, answer: MutableHeaders) -> None:
        for name, value in _HEADERS.items():
            answer.setdefault(name, value)
        headers = Headers(scope=scope)
        if self._is_friend(headers):
            answer["Access-Control-Allow-Origin"] = headers["origin"]
            answer["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Last-Event-ID"
            answer["Access-Control-Allow-Methods"] = "GET, POST"
            answer.add_vary_header("Origin")


class _TooLarge(Exception):
    """The body goes on behind what is allowed."""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_own_origin(headers: Headers) -> bool:
    """Whether a browser says that the page which asks is of this server; programs that are none say nothing."""
    origins = headers.getlist("origin")
    if not origins:
        return headers.get("sec-fetch-site", "none") in ("none", "same-origin") or (
            headers.get("sec-fetch-mode") == "navigate"
        )
    if len(origins) > 1:
        return False
    try:
        origin = urlsplit(origins[0])
        default = {"http": 80, "https": 443}[origin.scheme]
        host = urlsplit(f"//{headers['host']}")
        return (origin.hostname, origin.port or default) == (host.hostname, host.port or default)
    except (KeyError, ValueError):
        return False


async def _refuse(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await answer(scope, receive, send)
        return
    await receive()  # websocket.connect
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    start = {"status": answer.status_code, "headers": answer.raw_headers}
    await send({"type": "websocket.http.response.start", **start})
    await send({"type": "websocket.http.response.body", "body": answer.body})
