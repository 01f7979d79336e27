"""The samples in Rust: what the suites over both languages (test_samples_chat, test_samples_websocket) do not say."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, InvalidMessage
from websockets.sync.client import ClientConnection, connect

from host_support import find_widget
from model_endpoint import Answer, ModelEndpoint
from plugin_interfaces.errors import NotPermitted, PluginInterfacesError, RequestCancelled
from plugin_interfaces.host import Host, Instance, build_plugin
from plugin_interfaces.host.events import UiRefreshEvent
from sample_support import PATIENCE, ROOT, RUST_PLUGINS, Messages, hold, load, sample_folder, sample_host, streams_of

pytestmark = pytest.mark.usefixtures("rust_samples")

LARGEST_MESSAGE = 1 << 20


@pytest.mark.parametrize("name", ["openai_chat_rust", "websocket_server"])
def test_what_is_built_is_fresh(name: str) -> None:
    """The second time there is nothing to do."""
    assert "fresh" == build_plugin(RUST_PLUGINS / name, ROOT / "include").status


def threads() -> set[str]:
    """The names of this process's threads, as far as the system keeps them."""
    return {path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")}


# ---- openai_chat_rust ----


@pytest.fixture
def endpoint() -> Iterator[ModelEndpoint]:
    """A model endpoint that answers `hello` unless the test says otherwise."""
    with ModelEndpoint().running() as endpoint:
        yield endpoint


@pytest.fixture
def chat_host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    """A host on the chat."""
    with sample_host(sample_folder("openai_chat_rust", request), tmp_path) as host:
        yield host


@pytest.fixture
def chat(chat_host: Host, endpoint: ModelEndpoint) -> Instance:
    """The chat, connected to the endpoint."""
    chat = load(chat_host, base_url=endpoint.url)
    chat.connect()
    return chat


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads cannot be told here")
def test_the_chat_leaves_no_thread_behind(chat: Instance) -> None:
    """The runtime ends with the connection; 15 letters of its name are kept."""
    chat.send("hello")
    assert "openai_chat_rus" in threads()
    chat.disconnect()
    assert "openai_chat_rus" not in threads()


def test_cancelling_the_stream_closes_the_upstream_request(chat: Instance, endpoint: ModelEndpoint) -> None:
    """At once, although the endpoint is silent; what was written before is kept."""
    streams = streams_of(chat.host)
    silent = hold(endpoint, "I begin")
    reply = chat.start("write a book")
    silent.get(timeout=PATIENCE)
    pieces = reply.chunks()
    assert "I begin" == next(pieces)
    chat.cancel_stream(streams.get(timeout=PATIENCE))
    with pytest.raises(RequestCancelled):
        reply.result(timeout=PATIENCE)
    assert endpoint.hung_up.wait(PATIENCE)
    assert ("I begin", "cancelled") == (chat.history()[-1].content, chat.history()[-1].status)


def test_a_key_may_be_pasted_with_its_line_end(chat: Instance, endpoint: ModelEndpoint) -> None:
    """It is no part of the key."""
    chat.config.set("api_key", " sk-1\n")
    chat.send("hello")
    assert "Bearer sk-1" == endpoint.authorization[-1]


def test_a_key_that_cannot_be_sent_is_told(chat: Instance) -> None:
    """Without showing it."""
    chat.config.set("api_key", "sk\n1")
    with pytest.raises(PluginInterfacesError, match="check 'API key'") as error:
        chat.send("hello")
    assert "sk\n1" not in str(error.value)


def test_an_endpoint_that_has_moved_is_told(chat: Instance, endpoint: ModelEndpoint) -> None:
    """A message is not sent to wherever it says."""
    endpoint.script = lambda answer: answer.refuse(308, "over there")
    with pytest.raises(PluginInterfacesError, match=r"answered 308: .*check 'Endpoint'"):
        chat.send("hello")


def test_an_event_without_an_end_is_given_up(chat: Instance, endpoint: ModelEndpoint) -> None:
    """Before it fills the memory; the endpoint sees the connection end."""

    def script(answer: Answer) -> None:
        answer.start()
        answer.write(b"data: ")
        while True:
            answer.write(b"x" * 65536)

    endpoint.script = script
    with pytest.raises(PluginInterfacesError, match="no end of an event"):
        chat.send("hello")
    assert endpoint.hung_up.wait(PATIENCE)


def test_a_body_that_breaks_off_inside_is_told(chat: Instance, endpoint: ModelEndpoint) -> None:
    """HTTP itself says that something is missing."""

    def script(answer: Answer) -> None:
        answer.start(headers={"Content-Length": "1000"})
        answer.delta("half")

    endpoint.script = script
    with pytest.raises(PluginInterfacesError, match=r"broke off .*send the message again"):
        chat.send("hello")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine that nobody else trusts, with its key in the same file."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl, which makes the certificate")
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    extensions = ["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"]
    command = ["openssl", "req", *options, *extensions, "-keyout", str(path), "-out", str(path.with_suffix(".crt"))]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    path.write_text(path.read_text() + path.with_suffix(".crt").read_text())
    return path


@pytest.fixture
def secure_endpoint(certificate: Path) -> Iterator[ModelEndpoint]:
    """An endpoint behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ModelEndpoint(context).running() as endpoint:
        yield endpoint


def test_an_endpoint_behind_tls_can_be_used(
    chat_host: Host, secure_endpoint: ModelEndpoint, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system trusts its certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_suffix(".crt")))
    chat = load(chat_host, base_url=secure_endpoint.url)
    chat.connect()
    assert "hello" == chat.send("hello")


def test_a_certificate_that_nobody_knows_is_refused(chat_host: Host, secure_endpoint: ModelEndpoint) -> None:
    """The text says that it is the certificate."""
    with pytest.raises(PluginInterfacesError, match=r"cannot be reached .*certificate"):
        load(chat_host, base_url=secure_endpoint.url).connect()


def test_without_known_authorities_plain_http_works(
    chat_host: Host, endpoint: ModelEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small container has none, and a model of its own."""
    (tmp_path / "none.pem").write_text("")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    chat = load(chat_host, base_url=endpoint.url)
    chat.connect()
    assert "hello" == chat.send("hello")


# ---- websocket_server ----


@pytest.fixture
def server_host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    """A host on the server."""
    with sample_host(sample_folder("websocket_server", request), tmp_path) as host:
        yield host


@pytest.fixture
def messages(server_host: Host) -> Messages:
    """What the server tells."""
    return Messages(server_host)


@pytest.fixture
def server(server_host: Host, messages: Messages) -> Instance:
    """The server, listening on a free port."""
    server = load(server_host, port=0, max_clients=3)
    server.connect()
    return server


@pytest.fixture
def port(server: Instance, messages: Messages) -> int:
    """Where it listens."""
    return int(messages.wait_for("Listening").rsplit(" ", 1)[1])


Join = Callable[[], tuple[ClientConnection, str]]


@pytest.fixture
def join(port: int, messages: Messages) -> Iterator[Join]:
    """Makes a client; gives it, and its name at the server."""
    with contextlib.ExitStack() as stack:

        def join() -> tuple[ClientConnection, str]:
            client = stack.enter_context(connect(f"ws://127.0.0.1:{port}"))
            return client, messages.wait_for(" connected").removesuffix(" connected")

        yield join


def test_without_the_network_the_server_does_not_listen(server_host: Host) -> None:
    """The person has not allowed it."""
    server_host.deny("websocket_server", "network")
    with pytest.raises(NotPermitted, match="network"):
        load(server_host, port=0).connect()


@pytest.mark.parametrize(("label", "key", "value"), [("Listen on", "host", "::1"), ("Port", "port", 1234)])
def test_the_settings_of_the_server_are_stored(server: Instance, label: str, key: str, value: str | int) -> None:
    """In user.toml, with their types."""
    server.ui_event(find_widget(server, label), value)
    assert value == server.config.get(key)


def test_the_clients_are_listed(server: Instance, join: Join) -> None:
    """In the order of their coming, after all of them together."""
    names = [join()[1] for _ in range(2)]
    assert ["all", *names] == [choice.value for choice in find_widget(server, "Send to").choices]


def test_the_settings_follow_the_clients(server_host: Host, join: Join) -> None:
    """The front end is told to draw anew when one comes and when one goes."""
    refreshed = threading.Semaphore(0)
    server_host.add_listener(lambda event: isinstance(event, UiRefreshEvent) and refreshed.release())
    client, _ = join()
    assert refreshed.acquire(timeout=PATIENCE)
    client.close()
    assert refreshed.acquire(timeout=PATIENCE)


def test_a_message_goes_to_the_client_that_is_chosen(server: Instance, join: Join) -> None:
    """And to no other."""
    (one, first), (two, _) = join(), join()
    server.ui_event(find_widget(server, "Send to"), first)
    server.send("to one")
    server.ui_event(find_widget(server, "Send to"), "all")
    server.send("to all")
    assert ["to one", "to all"] == [one.recv(PATIENCE) for _ in range(2)]
    assert "to all" == two.recv(PATIENCE)


def test_what_was_meant_for_one_is_not_sent_to_all(server: Instance, join: Join, messages: Messages) -> None:
    """The one has gone meanwhile."""
    (one, first), _ = join(), join()
    server.ui_event(find_widget(server, "Send to"), first)
    one.close()
    messages.wait_for("disconnected")
    with pytest.raises(PluginInterfacesError, match=f"{first} has gone; the message was not sent"):
        server.send("to one")


def test_a_message_that_is_too_large_ends_its_client(join: Join, messages: Messages) -> None:
    """With the code for that; the others stay."""
    (one, _), (two, _) = join(), join()
    with contextlib.suppress(ConnectionClosedError):
        one.send("x" * (LARGEST_MESSAGE + 1))
    with pytest.raises(ConnectionClosedError):
        one.recv(PATIENCE)
    assert 1009 == one.close_code
    assert "larger than 1 MiB" in messages.wait_for("disconnected")
    two.send("still here")
    messages.wait_for("still here")


def test_the_largest_message_arrives(join: Join, messages: Messages) -> None:
    """Whole."""
    client, name = join()
    client.send("x" * LARGEST_MESSAGE)
    assert LARGEST_MESSAGE + len(name) + 2 == len(messages.wait_for("xxx"))


def raw(port: int) -> socket.socket:
    """A client that has shaken hands and now can send what it likes."""
    plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    plain.sendall(
        b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += plain.recv(1)
    assert answer.startswith(b"HTTP/1.1 101")
    return plain


def close_code(plain: socket.socket) -> int:
    """What the server closes with."""
    frame = b""
    while piece := plain.recv(1024):
        frame += piece
    assert 0x88 == frame[0]
    return int.from_bytes(frame[2:4], "big")


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\xff" * 14, 1002),  # bits that nobody has given a meaning
        (b"\x81\x02hi", 1002),  # a client has to mask
        (b"\x81\x82\0\0\0\0\xff\xff", 1007),  # no UTF-8
        (b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 1009),  # 2^63 - 1 bytes follow
    ],
)
def test_garbage_ends_its_client(port: int, messages: Messages, frame: bytes, code: int) -> None:
    """With the code that says why, and in words."""
    with raw(port) as plain:
        plain.sendall(frame)
        assert code == close_code(plain)
    assert ": " in messages.wait_for("disconnected")


def test_what_is_no_websocket_is_let_go(port: int, join: Join) -> None:
    """Without a word in the conversation."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as plain:
        plain.sendall(b"\x16\x03\x01 is no HTTP\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            while plain.recv(1024):
                pass
    assert join()[1].startswith("127.0.0.1:")


def test_more_clients_than_allowed_are_turned_away(port: int, join: Join, messages: Messages) -> None:
    """Until one goes."""
    clients = [join()[0] for _ in range(3)]
    with pytest.raises((ConnectionClosed, InvalidMessage)), connect(f"ws://127.0.0.1:{port}"):
        pass
    clients[0].close()
    messages.wait_for("disconnected")
    clients.append(join()[0])


def test_a_client_that_floods_harms_nobody(server: Instance, join: Join, messages: Messages) -> None:
    """It is held back; another one is heard, and the server can be disconnected meanwhile."""
    (flood, _), (other, _) = join(), join()

    def send() -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                flood.send("x" * 1000)

    thread = threading.Thread(target=send)
    thread.start()
    other.send("let me speak")
    messages.wait_for("let me speak")
    server.disconnect()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert [] == list(other)


def test_a_client_that_reads_nothing_is_left_out(server: Instance, port: int, messages: Messages) -> None:
    """The person is told; the server can be disconnected."""

    def flood() -> None:
        for _ in range(200):
            server.send("x" * 1_000_000)

    with raw(port):
        messages.wait_for("connected")
        with pytest.raises(PluginInterfacesError, match="did not read what was sent before"):
            flood()
        server.disconnect()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads cannot be told here")
def test_the_server_leaves_no_thread_behind(server: Instance, join: Join) -> None:
    """15 letters of their names are kept."""
    join()
    assert "websocket_serve" in threads()
    server.disconnect()
    assert "websocket_serve" not in threads()
