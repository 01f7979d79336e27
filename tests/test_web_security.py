"""Who is let in: the token, the host's name, the page's origin, sizes, and where the server may listen."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from host_support import PATIENCE
from plugin_interfaces.errors import ConfigError, NotPermitted
from plugin_interfaces.web.protocol import EventsLost
from plugin_interfaces.web.routes import MAX_MESSAGE_BYTES
from plugin_interfaces.web.security import Guard, check_binding, load_token
from web_support import Running, client, serving

ENDPOINTS = [
    ("GET", "/"),
    ("GET", "/nothing"),
    ("GET", "/api/events"),
    ("POST", "/api/command"),
    ("POST", "/api/upload"),
    ("GET", "/api/export"),
    ("GET", "/api/schema"),
]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server without plugins, under one more name."""
    folder = tmp_path_factory.mktemp("served")
    with serving([folder], folder / "data", names=("chat.example.org",)) as running:
        yield running


def status(running: Running, headers: dict[str, str], path: str = "/api/schema", method: str = "GET") -> int:
    """What a request is answered with, without following."""
    return httpx.request(method, running.url.rstrip("/") + path, headers=headers, timeout=PATIENCE).status_code


def socket_status(running: Running, headers: dict[str, str], query: str = "", **options: Any) -> int:
    """What a WebSocket's handshake is answered with: 101 lets it in."""
    port = running.server.port

    async def main() -> int:
        try:
            async with connect(
                f"ws://127.0.0.1:{port}/api/socket{query}", additional_headers=headers, open_timeout=PATIENCE, **options
            ):
                return 101
        except InvalidStatus as refused:
            return int(refused.response.status_code)

    return asyncio.run(main())


# ---- the token ----


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic d3Jvbmc6"},
        {"Authorization": "Bearer \xe4\xf6"},
        {"Cookie": "plugin-interfaces-1=wrong"},
    ],
    ids=str,
)
def test_nobody_without_the_token_is_let_in(running: Running, method: str, path: str, headers: dict[str, str]) -> None:
    """Nowhere, and nothing tells whether there is such a path."""
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    answer = httpx.request(method, running.url.rstrip("/") + path, headers=raw, timeout=PATIENCE)
    assert (401, True) == (answer.status_code, "open the link" in answer.text)


def test_a_program_says_the_token_in_a_header(running: Running) -> None:
    """As OAuth has it."""
    assert 200 == status(running, running.headers)


def test_the_token_in_the_address_is_enough(running: Running) -> None:
    """For programs that cannot set headers; another one is not."""
    assert [200, 401] == [status(running, {}, f"/api/schema?token={token}") for token in (running.token, "wrong")]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}], ids=str)
def test_a_websocket_without_the_token_is_refused(running: Running, headers: dict[str, str]) -> None:
    """In the handshake already."""
    assert 401 == socket_status(running, headers)


def test_a_websocket_with_the_token_is_let_in(running: Running) -> None:
    """In a header or the address."""
    assert [101, 101] == [
        socket_status(running, running.headers),
        socket_status(running, {}, f"?token={running.token}"),
    ]


def test_a_browser_that_opens_the_link_gets_a_cookie(running: Running) -> None:
    """And goes on without the token in its address; the cookie alone lets it in from then on."""
    with httpx.Client(timeout=PATIENCE) as browser:
        answer = browser.get(running.link, headers={"Accept": "text/html"})
        assert (303, "/") == (answer.status_code, answer.headers["location"])
        cookie = answer.headers["set-cookie"].lower()
        assert all(part in cookie for part in ("httponly", "samesite=lax", "path=/"))
        assert running.token not in answer.headers["set-cookie"]
        assert 200 == browser.get(f"{running.url}api/schema").status_code


def test_the_rest_of_the_address_is_kept(running: Running) -> None:
    """A link may lead to a contact; never to another server."""
    for path, expected in (("?contact=a%20b&", "/?contact=a+b"), ("//evil.example/?", "/evil.example/")):
        answer = httpx.get(
            f"{running.url.rstrip('/')}{'' if path[0] == '/' else '/'}{path}token={running.token}",
            headers={"Accept": "text/html"},
        )
        assert expected == answer.headers["location"]


def test_the_token_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    """So that pages which are open go on after a restart."""
    token = load_token(tmp_path)
    assert (token, 0o600) == (load_token(tmp_path), (tmp_path / "web-token").stat().st_mode & 0o777)


def test_a_token_that_others_could_read_is_replaced(tmp_path: Path) -> None:
    """As one is that was asked to be, or is too short, or is no text."""
    token = load_token(tmp_path)
    (tmp_path / "web-token").chmod(0o644)
    second = load_token(tmp_path)
    third = load_token(tmp_path, fresh=True)
    (tmp_path / "web-token").write_text("short\n")
    fourth = load_token(tmp_path)
    assert 4 == len({token, second, third, fourth})


def test_a_token_that_cannot_be_kept_is_an_error(tmp_path: Path) -> None:
    """That names the file."""
    (tmp_path / "web-token").mkdir()
    with pytest.raises(ConfigError, match="web-token"):
        load_token(tmp_path)


def test_without_a_folder_each_token_is_new() -> None:
    """There is nowhere to keep it."""
    assert load_token(None) != load_token(None)


# ---- names and origins ----


@pytest.mark.parametrize(
    "host",
    [
        "localhost:1",
        "127.0.0.1:1",
        "[::1]:1",
        "192.168.1.7",
        "chat.example.org",
        "CHAT.example.org.:443",
        "a.localhost",
    ],
)
def test_the_server_goes_by_its_own_names(running: Running, host: str) -> None:
    """Whatever the port: a tunnel has another."""
    assert 200 == status(running, {**running.headers, "Host": host})


@pytest.mark.parametrize(
    "host", ["evil.example", "chat.example.org.evil.example", "localhost.evil.example", "", "[::1", "a@b"]
)
def test_a_name_that_is_not_its_own_is_refused(running: Running, host: str) -> None:
    """Even with the token: a page whose name was rebound to this address ends here."""
    assert status(running, {**running.headers, "Host": host}) in (400, 421)


def test_a_websocket_under_a_foreign_name_is_refused(running: Running) -> None:
    """As any other request."""

    async def main() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", running.server.port)
        writer.write(
            b"GET /api/socket HTTP/1.1\r\nHost: evil.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            b"Authorization: Bearer " + running.token.encode() + b"\r\n\r\n"
        )
        line = await asyncio.wait_for(reader.readline(), PATIENCE)
        writer.close()
        return int(line.split()[1])

    assert 421 == asyncio.run(main())


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://localhost:1",
        "null",
        "http://127.0.0.1",
        "file://",
        "http://[",
        "chrome-extension://x",
    ],
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_a_page_from_elsewhere_is_refused(running: Running, origin: str, kind: str) -> None:
    """Even with the token, which the browser may send along by itself."""
    headers = {**running.headers, "Origin": origin}
    found = status(running, headers) if kind == "http" else socket_status(running, headers)
    assert 403 == found


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_the_servers_own_pages_are_let_in(running: Running, kind: str) -> None:
    """They are of the address that they ask."""
    headers = {**running.headers, "Origin": running.url.rstrip("/")}
    assert {"http": 200, "websocket": 101}[kind] == (
        status(running, headers) if kind == "http" else socket_status(running, headers)
    )


@pytest.mark.parametrize("host", ["chat.example.org", "chat.example.org:443"])
def test_a_default_port_need_not_be_said(running: Running, host: str) -> None:
    """Behind a proxy with TLS the browser leaves 443 out, or not."""
    assert 200 == status(running, {**running.headers, "Host": host, "Origin": "https://chat.example.org"})


@pytest.mark.parametrize(
    ("site", "mode", "expected"),
    [
        ("cross-site", "no-cors", 403),
        ("same-site", "cors", 403),
        ("cross-site", "navigate", 200),
        ("none", "navigate", 200),
    ],
)
def test_pictures_and_scripts_are_not_for_other_pages(running: Running, site: str, mode: str, expected: int) -> None:
    """A link may be followed from anywhere."""
    headers = {**running.headers, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode}
    assert expected == status(running, headers)


def test_answers_protect_the_page(running: Running) -> None:
    """Nobody frames it, nothing comes from elsewhere; also where the answer is a refusal."""
    for headers in (running.headers, {}):
        answer = httpx.get(f"{running.url}api/schema", headers=headers)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert ("nosniff", "no-referrer") == (
            answer.headers["x-content-type-options"],
            answer.headers["referrer-policy"],
        )


# ---- pages from elsewhere that were named ----

FRIEND = "http://localhost:5173"


@pytest.fixture(scope="module")
def friendly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that one page from elsewhere may use."""
    folder = tmp_path_factory.mktemp("friendly")
    with serving([folder], folder / "data", origins=(FRIEND,)) as running:
        yield running


def test_a_page_that_was_named_is_let_in(friendly: Running) -> None:
    """With the token, and over WebSockets with the token in the address; the browser is told that it may."""
    headers = {**friendly.headers, "Origin": FRIEND}
    answer = httpx.get(f"{friendly.url}api/schema", headers=headers)
    assert (200, FRIEND, "Origin") == (
        answer.status_code,
        answer.headers["access-control-allow-origin"],
        answer.headers["vary"],
    )
    assert 101 == socket_status(friendly, {"Origin": FRIEND}, f"?token={friendly.token}")


def test_a_page_that_was_named_needs_the_token_too(friendly: Running) -> None:
    """It can read that it was refused."""
    answer = httpx.get(f"{friendly.url}api/schema", headers={"Origin": FRIEND})
    assert (401, FRIEND) == (answer.status_code, answer.headers["access-control-allow-origin"])
    assert 401 == socket_status(friendly, {"Origin": FRIEND})


def test_a_browser_that_asks_first_is_answered(friendly: Running) -> None:
    """Before the token is sent; that does nothing and tells nothing."""
    asking = {"Origin": FRIEND, "Access-Control-Request-Method": "POST"}
    answer = httpx.options(f"{friendly.url}api/command", headers=asking)
    assert (204, b"") == (answer.status_code, answer.content)
    assert "Authorization" in answer.headers["access-control-allow-headers"]


@pytest.mark.parametrize(
    "origin", ["http://localhost:5174", "https://localhost:5173", f"{FRIEND}.evil.example", "null"]
)
def test_other_pages_stay_refused(friendly: Running, origin: str) -> None:
    """Also those that look alike."""
    answer = httpx.options(f"{friendly.url}api/command", headers={"Origin": origin})
    assert (403, False) == (answer.status_code, "access-control-allow-origin" in answer.headers)
    assert 403 == socket_status(friendly, {"Origin": origin}, f"?token={friendly.token}")


# ---- sizes ----


def test_a_message_that_is_too_large_ends_the_connection(running: Running) -> None:
    """With the code that says so, unless a reset overtakes it; the server goes on."""

    async def main() -> None:
        async with client(running) as one:

            async def provoke() -> None:
                await one.send("x" * (MAX_MESSAGE_BYTES + 1))
                await one.until(EventsLost)

            with pytest.raises(ConnectionClosedError) as closed:
                await provoke()
            assert closed.value.rcvd is None or 1009 == closed.value.rcvd.code

    asyncio.run(main())
    assert 200 == status(running, running.headers)


def test_a_command_that_is_too_large_is_refused(running: Running) -> None:
    """While it comes."""
    answer = httpx.post(f"{running.url}api/command", headers=running.headers, content=b"x" * (MAX_MESSAGE_BYTES + 1))
    assert (413, "too_large") == (answer.status_code, answer.json()["error"]["status"])


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_a_body_that_is_too_large_is_refused(declared: bool) -> None:
    """Whether its length is said before, or it just goes on."""

    async def read(request: Request) -> Response:
        await request.body()
        return Response()

    async def post(size: int) -> int:
        # With what the server's own application makes of an exception.
        guard = Guard(FastAPI(routes=[Route("/", read, methods=["POST"])]), "token", max_body=1000)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(guard), base_url="http://localhost") as browser:

            async def pieces() -> Any:
                for _ in range(size // 100):
                    yield b"x" * 100

            content: Any = b"x" * size if declared else pieces()
            headers = {"Authorization": "Bearer token"}
            return (await browser.post("/", content=content, headers=headers)).status_code

    assert [200, 413] == [asyncio.run(post(size)) for size in (1000, 1100)]


# ---- where it listens ----


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "127.1.2.3", "::1"])
def test_this_machine_alone_needs_no_tls(address: str) -> None:
    """Nothing leaves it."""
    assert not check_binding(address, tls=False, insecure_public=False)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.1", ""])
def test_others_reach_it_only_with_tls_or_when_that_is_said(address: str) -> None:
    """The refusal says what to do."""
    with pytest.raises(NotPermitted, match="--tls-cert"):
        check_binding(address, tls=False, insecure_public=False)
    assert check_binding(address, tls=True, insecure_public=False)
    assert check_binding(address, tls=False, insecure_public=True)


def test_an_address_that_is_none_is_an_error() -> None:
    """In one line."""
    with pytest.raises(ConfigError, match="there is no such address"):
        check_binding("no such address", tls=False, insecure_public=False)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost, signed by itself."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            *subject,
            "-keyout",
            key,
            "-out",
            cert,
        ],
        check=True,
        capture_output=True,
        timeout=60,
        env={**os.environ, "OPENSSL_CONF": os.devnull},
    )
    return cert, key


def test_it_speaks_tls(tmp_path: Path) -> None:
    """The cookie goes over TLS alone then."""
    cert, key = certificate(tmp_path)
    with serving([tmp_path], tmp_path / "data", tls_cert=cert, tls_key=key) as running:
        assert running.url.startswith("https://127.0.0.1:")
        with httpx.Client(verify=False, timeout=PATIENCE) as browser:
            answer = browser.get(running.link, headers={"Accept": "text/html"})
            assert "secure" in answer.headers["set-cookie"].lower()


def test_a_certificate_that_is_none_is_an_error(tmp_path: Path) -> None:
    """Before anything is served."""
    (tmp_path / "cert.pem").write_text("nothing")
    with (
        pytest.raises(ConfigError, match="the certificate cannot be used"),
        serving([tmp_path], tmp_path / "data", tls_cert=tmp_path / "cert.pem"),
    ):
        pass
