"""The Python samples, run by the real host against real peers on this machine."""

from __future__ import annotations

import asyncio
import queue
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import connect
from websockets.sync.server import Server, ServerConnection, serve

from model_endpoint import Answer, ModelEndpoint
from plugin_interfaces.errors import PluginInterfacesError, RequestCancelled
from plugin_interfaces.host import Host, Instance
from plugin_interfaces.host.events import MessageEvent

SAMPLES = Path(__file__).parents[1] / "py_plugins"
PATIENCE = 20.0


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """A host on copies of the samples, so that user.toml is written there."""
    shutil.copytree(SAMPLES, tmp_path / "plugins", ignore=shutil.ignore_patterns("user.toml", "__pycache__"))
    with Host(folders=[tmp_path / "plugins"], data_dir=tmp_path / "data") as host:
        yield host


@pytest.fixture
def endpoint() -> Iterator[ModelEndpoint]:
    """A model endpoint that answers `hello` unless the test says otherwise."""
    with ModelEndpoint().running() as endpoint:
        yield endpoint


@pytest.fixture
def chat(host: Host, endpoint: ModelEndpoint) -> Instance:
    """The sample `openai_chat`, connected to the endpoint."""
    chat = host.load("openai_chat")
    chat.config.set("base_url", endpoint.url)
    chat.config.set("api_key", "secret-key")
    chat.connect()
    return chat


def test_the_answer_is_what_the_endpoint_streamed(chat: Instance, endpoint: ModelEndpoint) -> None:
    """The pieces are joined in order."""

    def script(answer: Answer) -> None:
        answer.start()
        for piece in ("Grüß ", "Gott", "!"):
            answer.delta(piece)
        answer.done()

    endpoint.script = script
    assert "Grüß Gott!" == chat.send("hello")


def test_the_pieces_arrive_one_by_one(chat: Instance, endpoint: ModelEndpoint) -> None:
    """The first piece is there while the endpoint still holds the second back."""
    seen_first = queue.SimpleQueue[None]()

    def script(answer: Answer) -> None:
        answer.start()
        answer.delta("one")
        seen_first.get(timeout=PATIENCE)
        answer.delta("two")
        answer.done()

    endpoint.script = script

    async def collect() -> list[str]:
        pieces = []
        async for piece in chat.stream_async("count"):
            pieces.append(piece)
            if piece == "one":
                seen_first.put(None)
        return pieces

    assert ["one", "two"] == asyncio.run(collect())


def test_the_key_is_sent_and_kept_out_of_sight(chat: Instance, endpoint: ModelEndpoint) -> None:
    """The endpoint gets the bearer token; the printed settings do not show it."""
    chat.send("hello")
    assert {"Bearer secret-key"} == set(endpoint.authorization)
    assert "secret-key" not in repr(chat.config)


def test_the_conversation_goes_along_by_role(chat: Instance, endpoint: ModelEndpoint) -> None:
    """The second request carries the first exchange, and the new message once."""
    chat.send("first")
    chat.send("second")
    assert [
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": "hello"},
        {"role": "user", "content": "second"},
    ] == endpoint.requests[1]["messages"]


def test_the_system_prompt_comes_first(chat: Instance, endpoint: ModelEndpoint) -> None:
    """It is sent before the conversation."""
    chat.config.set("system_prompt", "Be brief.")
    chat.send("hello")
    assert {"role": "system", "content": "Be brief."} == endpoint.requests[0]["messages"][0]


def test_no_history_is_sent_where_none_is_wanted(chat: Instance, endpoint: ModelEndpoint) -> None:
    """Zero messages of history leave the new message alone."""
    chat.config.set("history_messages", 0)
    chat.send("first")
    chat.send("second")
    assert [{"role": "user", "content": "second"}] == endpoint.requests[1]["messages"]


def test_cancelling_closes_the_upstream_request(chat: Instance, endpoint: ModelEndpoint) -> None:
    """The endpoint sees the connection end."""
    started = queue.SimpleQueue[None]()

    def script(answer: Answer) -> None:
        answer.start()
        answer.delta("I begin")
        started.put(None)
        answer.wait_for_hang_up()
        endpoint.hung_up.set()

    endpoint.script = script
    reply = chat.start("write a book")
    started.get(timeout=PATIENCE)
    reply.cancel()
    with pytest.raises(RequestCancelled):
        reply.result(timeout=PATIENCE)
    assert endpoint.hung_up.wait(PATIENCE)


@pytest.mark.parametrize(
    ("status", "advice"), [(401, "API key"), (404, "Model"), (429, "wait"), (500, "endpoint's own log")]
)
def test_a_refusal_says_what_to_do(chat: Instance, endpoint: ModelEndpoint, status: int, advice: str) -> None:
    """The text has the status, the endpoint's reason and advice."""
    endpoint.script = lambda answer: answer.refuse(status, "because")
    with pytest.raises(PluginInterfacesError, match=rf"{status}: because; .*{advice}"):
        chat.send("hello")


def test_an_answer_that_breaks_off_is_an_error_and_its_text_is_kept(chat: Instance, endpoint: ModelEndpoint) -> None:
    """Half an answer is not passed off as a whole one, and is not lost."""

    def script(answer: Answer) -> None:
        answer.start()
        answer.delta("half")

    endpoint.script = script
    with pytest.raises(PluginInterfacesError, match="broke off"):
        chat.send("hello")
    assert ("half", "error") == (chat.history()[-1].content, chat.history()[-1].status)


def test_an_error_in_the_stream_is_told(chat: Instance, endpoint: ModelEndpoint) -> None:
    """Some endpoints report overload in the middle of an answer."""

    def script(answer: Answer) -> None:
        answer.start()
        answer.write(b'data: {"error": {"message": "overloaded"}}\n\n')

    endpoint.script = script
    with pytest.raises(PluginInterfacesError, match="overloaded"):
        chat.send("hello")


def test_connecting_with_a_wrong_key_fails(host: Host, endpoint: ModelEndpoint) -> None:
    """The person learns of it before the first message."""
    endpoint.models = 401
    chat = host.load("openai_chat")
    chat.config.set("base_url", endpoint.url)
    with pytest.raises(PluginInterfacesError, match="check 'API key'"):
        chat.connect()


def test_an_endpoint_that_lists_no_models_can_be_used(host: Host, endpoint: ModelEndpoint) -> None:
    """Not every endpoint has that list."""
    endpoint.models = 404
    chat = host.load("openai_chat")
    chat.config.set("base_url", endpoint.url)
    chat.connect()
    assert "hello" == chat.send("hello")


def test_connecting_to_nothing_says_what_to_check(host: Host) -> None:
    """Nobody listens on the discard port."""
    chat = host.load("openai_chat")
    chat.config.set("base_url", "http://127.0.0.1:9/v1")
    with pytest.raises(PluginInterfacesError, match="check 'Endpoint'"):
        chat.connect()


class Messages:
    """Collects the messages of an instance."""

    def __init__(self, host: Host) -> None:
        self._texts = queue.SimpleQueue[str]()
        host.add_listener(self._take)

    def _take(self, event: object) -> None:
        if isinstance(event, MessageEvent):
            self._texts.put(event.content)

    def wait_for(self, part: str) -> str:
        """The first message with `part` in it; fails after a while."""
        while True:
            text = self._texts.get(timeout=PATIENCE)
            if part in text:
                return text


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
    peer = host.load("websocket_peer")
    peer.config.set("url", address(echo_server))
    peer.connect()
    peer.send("hello")
    assert "hello" == messages.wait_for("hello")
    peer.send("bytes")
    assert "2 bytes: 01 ff" == messages.wait_for("2 bytes")


def test_a_client_that_may_not_call_again_disconnects(host: Host, echo_server: Server) -> None:
    """The state follows the connection."""
    messages = Messages(host)
    peer = host.load("websocket_peer")
    peer.config.set("url", address(echo_server))
    peer.config.set("reconnect", False)
    peer.connect()
    peer.send("bye")
    messages.wait_for("is gone")
    peer.wait_for_state("mounted", timeout=PATIENCE)


def test_a_client_calls_again(host: Host, echo_server: Server) -> None:
    """The conversation goes on after the connection was lost."""
    messages = Messages(host)
    peer = host.load("websocket_peer")
    peer.config.set("url", address(echo_server))
    peer.connect()
    peer.send("bye")
    messages.wait_for("again")
    peer.send("hello")
    assert "hello" == messages.wait_for("hello")


def test_calling_nobody_fails_with_advice(host: Host) -> None:
    """Nobody listens on the discard port."""
    peer = host.load("websocket_peer")
    peer.config.set("url", "ws://127.0.0.1:9")
    with pytest.raises(PluginInterfacesError, match="check the address"):
        peer.connect()


@pytest.fixture
def server_peer(host: Host) -> tuple[Instance, Messages, str]:
    """The sample as a server on a free port, with its address."""
    messages = Messages(host)
    peer = host.load("websocket_peer")
    peer.config.set("mode", "server")
    peer.config.set("port", 0)
    peer.connect()
    port = messages.wait_for("Listening").rsplit(" ", 1)[1]
    return peer, messages, f"ws://127.0.0.1:{port}"


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
