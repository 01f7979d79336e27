"""The samples of a chat with a model, in Python and in Rust, run by the real host against a real endpoint."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Iterator
from pathlib import Path

import pytest

from host_support import find_widget
from model_endpoint import Answer, ModelEndpoint
from plugin_interfaces.errors import ClosedError, NotPermitted, PluginInterfacesError, ReplyTimeout, RequestCancelled
from plugin_interfaces.host import Host, Instance
from sample_support import PATIENCE, hold, load, sample_folder, sample_host, streams_of


@pytest.fixture(params=["openai_chat", "openai_chat_rust"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    """A host on one of the two."""
    with sample_host(sample_folder(request.param, request), tmp_path) as host:
        yield host


@pytest.fixture
def endpoint() -> Iterator[ModelEndpoint]:
    """A model endpoint that answers `hello` unless the test says otherwise."""
    with ModelEndpoint().running() as endpoint:
        yield endpoint


@pytest.fixture
def chat(host: Host, endpoint: ModelEndpoint) -> Instance:
    """The sample, connected to the endpoint."""
    chat = load(host, base_url=endpoint.url, api_key="secret-key")
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
    started = hold(endpoint, "I begin")
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
    endpoint.models = lambda answer: answer.refuse(401, "no models for you")
    chat = load(host, base_url=endpoint.url)
    with pytest.raises(PluginInterfacesError, match="check 'API key'"):
        chat.connect()


def test_an_endpoint_that_lists_no_models_can_be_used(host: Host, endpoint: ModelEndpoint) -> None:
    """Not every endpoint has that list."""
    endpoint.models = lambda answer: answer.refuse(404, "no models for you")
    chat = load(host, base_url=endpoint.url)
    chat.connect()
    assert "hello" == chat.send("hello")


def test_a_list_of_models_that_drips_is_given_up(host: Host, endpoint: ModelEndpoint) -> None:
    """Each piece comes in time, the whole never: connecting does not wait for ever, and the endpoint is let go."""

    def drip(answer: Answer) -> None:
        answer.start(200, "application/json")
        while not endpoint.hung_up.wait(0.05):
            answer.write(b" ")

    endpoint.models = drip
    chat = load(host, base_url=endpoint.url, read_timeout=1.0)
    with pytest.raises(PluginInterfacesError, match="'Patience in seconds'"):
        chat.connect()
    assert endpoint.hung_up.wait(PATIENCE)


def test_connecting_to_nothing_says_what_to_check(host: Host) -> None:
    """Nobody listens on the discard port."""
    chat = load(host, base_url="http://127.0.0.1:9/v1")
    with pytest.raises(PluginInterfacesError, match="check 'Endpoint'"):
        chat.connect()


def test_an_answer_is_the_same_however_the_network_cuts_it(chat: Instance, endpoint: ModelEndpoint) -> None:
    """Each byte may come alone, those of one character too."""
    events = 'data: {"choices": [{"delta": {"content": "Grüß Gott 😀"}}]}\r\n\r\ndata: [DONE]\r\n\r\n'

    def script(answer: Answer) -> None:
        answer.start()
        for byte in events.encode():
            answer.write(bytes([byte]))

    endpoint.script = script
    assert "Grüß Gott 😀" == chat.send("hello")


def test_an_answer_may_come_without_a_word(chat: Instance, endpoint: ModelEndpoint) -> None:
    """Comments, and events without a choice or a text, are passed over."""

    def script(answer: Answer) -> None:
        answer.start()
        answer.write(b': keep-alive\n\ndata: {"choices": []}\n\ndata: {"choices": [{"delta": {"role": "x"}}]}\n\n')
        answer.done()

    endpoint.script = script
    assert "" == chat.send("hello")


def test_what_is_no_json_is_an_error(chat: Instance, endpoint: ModelEndpoint) -> None:
    """The beginning of it is told."""

    def script(answer: Answer) -> None:
        answer.start()
        answer.write(b"data: <html>\n\n")

    endpoint.script = script
    with pytest.raises(PluginInterfacesError, match=r"not JSON: .<html>"):
        chat.send("hello")


def test_the_deadline_closes_the_upstream_request(chat: Instance, endpoint: ModelEndpoint) -> None:
    """The endpoint does not go on writing for nobody."""
    hold(endpoint)
    with pytest.raises(ReplyTimeout):
        chat.send("write a book", timeout=0.2)
    assert endpoint.hung_up.wait(PATIENCE)


def test_disconnecting_closes_the_upstream_request(chat: Instance, endpoint: ModelEndpoint) -> None:
    """And the message counts as cancelled."""
    silent = hold(endpoint)
    reply = chat.start("write a book")
    silent.get(timeout=PATIENCE)
    chat.disconnect()
    with pytest.raises(RequestCancelled):
        reply.result(timeout=PATIENCE)
    assert endpoint.hung_up.wait(PATIENCE)


def test_disconnecting_ends_an_answer_that_is_paused(chat: Instance, endpoint: ModelEndpoint) -> None:
    """Although the plugin waits in the stream, where it may learn of it before it is told."""
    streams = streams_of(chat.host)
    silent = hold(endpoint, *["word "] * 100)
    reply = chat.start("write a book")
    chat.pause_stream(streams.get(timeout=PATIENCE))
    silent.get(timeout=PATIENCE)
    chat.disconnect()
    with pytest.raises((RequestCancelled, ClosedError)):
        reply.result(timeout=PATIENCE)
    assert endpoint.hung_up.wait(PATIENCE)


def test_a_paused_answer_goes_on(chat: Instance, endpoint: ModelEndpoint) -> None:
    """Nothing is lost meanwhile."""
    streams = streams_of(chat.host)
    paused = queue.SimpleQueue[None]()

    def script(answer: Answer) -> None:
        answer.start()
        answer.delta("one ")
        paused.get(timeout=PATIENCE)
        answer.delta("two")
        answer.done()

    endpoint.script = script
    reply = chat.start("count")
    pieces = reply.chunks()
    assert "one " == next(pieces)
    stream = streams.get(timeout=PATIENCE)
    chat.pause_stream(stream)
    paused.put(None)
    chat.resume_stream(stream)
    assert "one two" == reply.result(timeout=PATIENCE)


def test_a_silent_endpoint_is_given_up(host: Host, endpoint: ModelEndpoint) -> None:
    """After the person's patience."""
    hold(endpoint)
    chat = load(host, base_url=endpoint.url, read_timeout=1)
    chat.connect()
    with pytest.raises(PluginInterfacesError, match=r"silent for too long.*'Patience in seconds'"):
        chat.send("hello")
    assert endpoint.hung_up.wait(PATIENCE)


def test_two_instances_answer_at_once(chat: Instance, host: Host, endpoint: ModelEndpoint) -> None:
    """One is answered while the other waits; each has settings of its own."""
    silent = hold(endpoint)
    waiting = chat.start("write a book")
    silent.get(timeout=PATIENCE)
    endpoint.script = lambda answer: (answer.start(), answer.delta("quick"), answer.done())
    other = load(host, "other", base_url=endpoint.url, model="big")
    other.connect()
    assert "quick" == other.send("hello")
    assert ["llama3.2", "big"] == [request["model"] for request in endpoint.requests]
    assert not waiting.done
    waiting.cancel()


def test_several_messages_are_answered_at_once(chat: Instance, endpoint: ModelEndpoint) -> None:
    """Cancelling one leaves the other alone."""
    silent = hold(endpoint)
    waiting = chat.start("write a book")
    silent.get(timeout=PATIENCE)
    endpoint.script = lambda answer: (answer.start(), answer.delta("quick"), answer.done())
    assert "quick" == chat.send("hello")
    waiting.cancel()
    assert endpoint.hung_up.wait(PATIENCE)


def test_an_address_that_is_none_says_what_to_check(host: Host) -> None:
    """The person has forgotten how it begins."""
    with pytest.raises(PluginInterfacesError, match="check 'Endpoint'"):
        load(host, base_url="127.0.0.1").connect()


def test_without_the_network_it_does_not_connect(host: Host) -> None:
    """The person has not allowed it."""
    host.deny(str(host.plugins[0].id), "network")
    with pytest.raises(NotPermitted, match="network"):
        load(host).connect()


def test_it_can_be_connected_again(chat: Instance) -> None:
    """As often as the person likes."""
    chat.disconnect()
    chat.connect()
    assert "hello" == chat.send("hello")


@pytest.mark.parametrize(
    ("label", "key", "value"),
    [
        ("Endpoint", "base_url", "http://localhost:1/v1"),
        ("API key", "api_key", "sk-1"),
        ("Model", "model", "big"),
        ("Temperature", "temperature", 0.7),
        ("System prompt", "system_prompt", "Be brief.\nBe kind."),
    ],
)
def test_the_settings_are_stored(chat: Instance, label: str, key: str, value: str | float) -> None:
    """In user.toml, with their types."""
    chat.ui_event(find_widget(chat, label), value)
    assert value == chat.config.get(key)


def test_the_models_are_chosen_from(chat: Instance) -> None:
    """Those that the endpoint offers, sorted."""
    model = find_widget(chat, "Model")
    assert ("combo_box", ["big", "small"]) == (model.kind, [choice.value for choice in model.choices])


def test_before_connecting_the_model_is_typed(host: Host) -> None:
    """Nobody knows yet what there is."""
    assert "text_edit_singleline" == find_widget(load(host), "Model").kind


def test_the_key_is_not_shown(chat: Instance) -> None:
    """Not even to the front end."""
    key = find_widget(chat, "API key")
    assert (True, True) == (key.password, key.filled)
    assert "secret-key" not in repr(key)
