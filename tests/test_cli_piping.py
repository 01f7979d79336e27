"""A chat through pipes with a plugin that answers at once, and streams what it has to say later."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from host_support import Plugins

Chat = Callable[..., tuple[int, list[str], str]]

# Begins streams that answer no message, before the reply, and goes on with them after it.
STREAMS = """
    import threading
    from plugin_interfaces import PluginHandler, Stream

    class Streams(PluginHandler):
        def handle_message(self, message, context):
            streams = [Stream(context.callbacks, context.callbacks.stream_start(0, 0)) for _ in range(2)]
            threading.Thread(target=self.go_on, args=(message, *streams), daemon=True).start()
            return "at once"

        def go_on(self, message, one, two):
            for chunk in "one ", "two ", "three":
                one.send(chunk)
                two.send(chunk.upper())
            one.end()
            if message == "end":
                two.end()
            elif message == "fail":
                two.fail("the model went away")
            elif message == "cancel":
                two.cancel()
"""


@pytest.fixture
def chat(plugins: Plugins) -> Chat:
    """Sends one message, and gives the exit code, the lines in order of the alphabet, and the errors."""

    def chat(message: str, *arguments: str) -> tuple[int, list[str], str]:
        plugins.py(STREAMS)
        command = [sys.executable, "-m", "plugin_interfaces.cli", "chat", str(plugins.path)]
        command += ["--data", str(plugins.path.parent / "data"), *arguments]
        done = subprocess.run(
            command,
            input=message + "\n",
            capture_output=True,
            text=True,
            timeout=100,
            env={**os.environ, "COLUMNS": "200"},
        )
        return done.returncode, sorted(done.stdout.splitlines()), done.stderr

    return chat


def test_streams_that_are_open_at_the_end_of_the_input_are_waited_for(chat: Chat) -> None:
    """And each is written whole, however their chunks came."""
    assert (0, ["ONE TWO THREE", "at once", "one two three"], "") == chat("end")


@pytest.mark.parametrize(
    ("message", "told"), [("fail", "a stream failed: the model went away"), ("cancel", "a stream was cancelled")]
)
def test_a_stream_that_does_not_end_well_is_an_error(chat: Chat, message: str, told: str) -> None:
    """What had come is written all the same."""
    code, lines, errors = chat(message)
    assert (4, ["ONE TWO THREE", "at once", "one two three"]) == (code, lines)
    assert told in errors


def test_a_stream_that_does_not_end_is_not_waited_for_longer_than_a_reply(chat: Chat) -> None:
    """What had come is written all the same."""
    code, lines, errors = chat("never", "--timeout", "2")
    assert (4, ["ONE TWO THREE", "at once", "one two three"]) == (code, lines)
    assert "1 stream did not end within 2 s" in errors
