"""The conversation in a terminal, played by a person at prompt_toolkit's own pipe."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output
from rich.console import Console

from host_support import PATIENCE, EventLog, Plugins
from plugin_interfaces import State
from plugin_interfaces.cli.chatting import ChatOptions, Conversation
from plugin_interfaces.host import Host
from plugin_interfaces.host.events import DisconnectRequestEvent, StateEvent, StreamEvent

Person = Callable[[Callable[[str], None]], None]
Talk = Callable[..., str]

# Begins a stream after its reply, as long as it is asked to.
STREAMS = """
    import threading
    from plugin_interfaces import PluginHandler
    from plugin_interfaces.errors import PluginInterfacesError

    class Streams(PluginHandler):
        def handle_message(self, message, context):
            if message == "leave":
                context.request_disconnect()
                return "bye"
            threading.Thread(target=self.answer, args=(message, context)).start()
            return "wait"

        def answer(self, message, context):
            stream = context.stream()
            stream.send("the beginning")
            if message == "end":
                stream.send(" and the end")
                stream.end()
"""


@pytest.fixture
def talk(plugins: Plugins, host: Host, log: EventLog, capsys: pytest.CaptureFixture[str]) -> Talk:
    """Lets a person talk to a plugin, on a thread beside the terminal; gives all that was shown, without colours."""

    def talk(source: str, person: Person) -> str:
        plugins.py(source)
        host.discover()
        instance = host.load("plugin")
        options = ChatOptions(
            folders=[plugins.path],
            plugin_id="",
            instance_id="",
            timeout=PATIENCE,
            linger=0,
            data_dir=None,
            verbose=False,
        )
        screen = io.StringIO()
        screen.fileno = lambda: 0  # type: ignore[method-assign]
        terminal = Vt100_Output(screen, lambda: Size(rows=24, columns=80), term="dumb", enable_cpr=False)
        with create_pipe_input() as keys, create_app_session(input=keys, output=terminal):

            def play() -> None:
                try:
                    person(keys.send_text)
                finally:
                    keys.send_text("\x15/quit\n")  # Ctrl-U: whatever stands there

            thread = threading.Thread(target=play)
            thread.start()
            Conversation(host, instance, options).run()
            thread.join()
        shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue())
        return shown.replace("\r", "") + capsys.readouterr().out

    return talk


def data(log: EventLog) -> None:
    log.wait_for(StreamEvent, lambda event: event.type == "stream_data")


def test_ctrl_c_at_the_empty_prompt_cancels_the_stream(talk: Talk, log: EventLog) -> None:
    """It says so, and the conversation goes on."""

    def person(types: Callable[[str], None]) -> None:
        types("begin\n")
        data(log)
        types("\x03")
        log.wait_for(StreamEvent, lambda event: event.type == "stream_cancel")

    shown = talk(STREAMS, person)
    assert "the beginning\ncancelled\n" in shown


def test_ctrl_c_with_a_text_at_the_prompt_throws_that_away(talk: Talk, log: EventLog) -> None:
    """The stream goes on."""

    def person(types: Callable[[str], None]) -> None:
        types("begin\n")
        data(log)
        types("text\x03")

    talk(STREAMS, person)
    assert [] == [event for event in log.of(StreamEvent) if event.type == "stream_cancel"]


def test_a_stream_after_the_reply_is_shown(talk: Talk, log: EventLog) -> None:
    """Although it answers no message."""

    def person(types: Callable[[str], None]) -> None:
        types("end\n")
        log.wait_for(StreamEvent, lambda event: event.type == "stream_end")

    assert "the beginning and the end\n" in talk(STREAMS, person)


def test_the_states_that_the_person_asked_for_are_told_once(talk: Talk, log: EventLog) -> None:
    """Connected, reloaded; and nothing at the end."""

    def person(types: Callable[[str], None]) -> None:
        types("/reload\n")
        log.wait_for(StateEvent, lambda event: event.state == State.GONE)

    shown = talk(STREAMS, person)
    assert ["· connected", "· reloaded"] == [line for line in shown.splitlines() if line.startswith("·")]


def test_a_plugin_that_disconnects_itself_is_told(talk: Talk, log: EventLog) -> None:
    """With what to do."""

    def person(types: Callable[[str], None]) -> None:
        types("leave\n")
        asked = log.wait_for(DisconnectRequestEvent)
        log.wait_for(StateEvent, lambda event: event.sequence > asked.sequence)

    assert "/connect connects again" in talk(STREAMS, person)


def test_the_history_breaks_no_words(talk: Talk, log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long message begins behind the name of who sent it."""
    printed = io.StringIO()
    monkeypatch.setattr("plugin_interfaces.cli.chatting.stdout", lambda: Console(file=printed, width=40, no_color=True))

    def person(types: Callable[[str], None]) -> None:
        types(f"{'word ' * 12}\n")
        data(log)
        types("/history\n")

    talk(STREAMS, person)
    assert f"you: {'word ' * 7}\n{'word ' * 5}\n" in printed.getvalue()
