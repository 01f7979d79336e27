"""The samples that are the other end of a WebSocket, in Python and in Rust, run by the real host against real peers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import connect
from websockets.sync.server import Server, ServerConnection, serve

from plugin_interfaces.errors import PluginInterfacesError
from plugin_interfaces.host import Host, Instance
from sample_support import PATIENCE, Messages, load, sample_folder, sample_host


@pytest.fixture
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    """A host on the sample in Python, which is a client too."""
    with sample_host(sample_folder("websocket_peer", request), tmp_path) as host:
        yield host


@pytest.fixture
def echo_server() -> Iterator[Server]:
    """A WebSocket server that sends back what it gets, and closes on `bye`."""

    def echo(connection: ServerConnection) -> None:
        for message in connection:
            if message == "bye":
                return
            connection.send(message if message != "bytes" else b"\x01\xff")

    with serve(echo, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
    thread.join()


def address(server: Server) -> str:
    return f"ws://127.0.0.1:{server.socket.getsockname()[1]}"


def test_a_client_shows_what_the_server_sends(host: Host, echo_server: Server) -> None:
    """Text as it is, bytes in hexadecimal."""
    messages = Messages(host)
    peer = load(host, url=address(echo_server))
    peer.connect()
    peer.send("hello")
    assert "hello" == messages.wait_for("hello")
    peer.send("bytes")
    assert "2 bytes: 01 ff" == messages.wait_for("2 bytes")


def test_a_client_that_may_not_call_again_disconnects(host: Host, echo_server: Server) -> None:
    """The state follows the connection."""
    messages = Messages(host)
    peer = load(host, url=address(echo_server), reconnect=False)
    peer.connect()
    peer.send("bye")
    messages.wait_for("is gone")
    peer.wait_for_state("mounted", timeout=PATIENCE)


def test_a_client_calls_again(host: Host, echo_server: Server) -> None:
    """The conversation goes on after the connection was lost."""
    messages = Messages(host)
    peer = load(host, url=address(echo_server))
    peer.connect()
    peer.send("bye")
    messages.wait_for("again")
    peer.send("hello")
    assert "hello" == messages.wait_for("hello")


def test_calling_nobody_fails_with_advice(host: Host) -> None:
    """Nobody listens on the discard port."""
    peer = load(host, url="ws://127.0.0.1:9")
    with pytest.raises(PluginInterfacesError, match="check the address"):
        peer.connect()


@pytest.fixture(params=["websocket_peer", "websocket_server"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Instance]:
    """One of the two as a server that is to listen on a free port, not connected."""
    with sample_host(sample_folder(request.param, request), tmp_path) as host:
        settings = {"mode": "server"} if request.param == "websocket_peer" else {}
        yield load(host, port=0, **settings)


@pytest.fixture
def server_peer(server: Instance) -> tuple[Instance, Messages, str]:
    """The server, listening, with its address."""
    messages = Messages(server.host)
    server.connect()
    port = messages.wait_for("Listening").rsplit(" ", 1)[1]
    return server, messages, f"ws://127.0.0.1:{port}"


def test_a_server_exchanges_messages_with_its_clients(server_peer: tuple[Instance, Messages, str]) -> None:
    """What comes in names its sender; what goes out reaches every client."""
    peer, messages, url = server_peer
    with connect(url) as one, connect(url) as two:
        one.send("from one")
        assert messages.wait_for("from one").endswith(": from one")
        two.send("from two")
        messages.wait_for("from two")
        peer.send("to all")
        assert ["to all", "to all"] == [one.recv(timeout=PATIENCE), two.recv(timeout=PATIENCE)]


def test_a_server_without_clients_says_so(server_peer: tuple[Instance, Messages, str]) -> None:
    """The message is not swallowed."""
    peer, _, _ = server_peer
    with pytest.raises(PluginInterfacesError, match="nobody is connected"):
        peer.send("hello")


def test_disconnecting_a_server_closes_its_clients(server_peer: tuple[Instance, Messages, str]) -> None:
    """No client is left hanging."""
    peer, messages, url = server_peer
    with connect(url) as client:
        messages.wait_for("connected")
        peer.disconnect()
        assert [] == list(client)


def test_a_server_shows_bytes_in_hexadecimal(server_peer: tuple[Instance, Messages, str]) -> None:
    """And how many they are."""
    _, messages, url = server_peer
    with connect(url) as client:
        client.send(b"\x01\xff")
        assert messages.wait_for("bytes").endswith(": 2 bytes: 01 ff")


def test_a_server_says_who_goes(server_peer: tuple[Instance, Messages, str]) -> None:
    """By the address that it was known by."""
    _, messages, url = server_peer
    with connect(url) as client:
        name = messages.wait_for("connected").removesuffix(" connected")
        client.close()
    assert f"{name} disconnected" == messages.wait_for("disconnected")


def test_a_port_that_is_taken_is_told(server: Instance) -> None:
    """And what to do about it; afterwards it can be tried again."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        server.config.set("port", port)
        with pytest.raises(PluginInterfacesError, match=rf"cannot listen on 127.0.0.1:{port} .*choose another port"):
            server.connect()
    server.connect()


def test_a_server_can_be_connected_again(server_peer: tuple[Instance, Messages, str]) -> None:
    """On the port that it had, although clients were connected."""
    peer, messages, url = server_peer
    peer.config.set("port", int(url.rsplit(":", 1)[1]))
    with connect(url):
        messages.wait_for("connected")
        peer.disconnect()
    peer.connect()
    with connect(url) as client:
        messages.wait_for("connected")
        peer.send("hello")
        assert "hello" == client.recv(timeout=PATIENCE)
