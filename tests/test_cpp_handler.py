"""What a plugin in C++ overrides, what it may ask of the host, and what it keeps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from host_support import PATIENCE, EventLog
from plugin_interfaces.errors import CycleError
from plugin_interfaces.host import Host, Instance
from plugin_interfaces.host.events import FrontendEvent, LogEvent, MessageEvent, UiRefreshEvent

Load = Callable[..., Instance]


def test_what_is_not_overridden_is_absent(cpp: Load) -> None:
    """So the host's own defaults apply: here the echo and the form of the manifest."""
    bare = cpp("bare", manifest='[config.port]\ntype = "integer"\ndefault = 1\ntitle = "Port"\n')
    tree = bare.ui().tree
    assert tree is not None
    assert ("Echo from Test: hello", "integer") == (bare.send("hello"), tree.find("Port").kind)


def test_entries_may_be_private_inherited_noexcept_and_overloaded(cpp: Load) -> None:
    """They are found all the same."""
    assert "all of them ran" == cpp("overrides_in_private").send("?")


# ---- the way back to the host ----

SETTINGS = """
[config.port]
type = "integer"
default = 8080
maximum = 65535
[config.ratio]
type = "number"
default = 0.5
[config.on]
type = "boolean"
default = true
[config.name]
type = "string"
default = "Anna Bell"
[config.big]
type = "integer"
default = 1000
"""


def test_a_setting_is_read_as_a_text(cpp: Load) -> None:
    """As the host gives it."""
    assert "8080" == cpp("calls_back", manifest=SETTINGS).send("get port")


def test_a_setting_that_is_not_there_has_no_value(cpp: Load) -> None:
    """The optional is empty."""
    assert "nothing" == cpp("calls_back").send("get none")


def test_settings_are_read_with_the_type_of_their_fallback(cpp: Load) -> None:
    """The fallback where there is none, or none that fits."""
    assert "8080 0.500000 on Anna Bell 7 9 none" == cpp("calls_back", manifest=SETTINGS).send("typed")


def test_settings_are_stored_with_their_type(cpp: Load) -> None:
    """In user.toml."""
    instance = cpp("calls_back", manifest=SETTINGS)
    instance.send("set_typed")
    assert [81, 0.25, True, "Anna"] == [instance.config.get(key) for key in ("port", "ratio", "on", "name")]


def test_a_value_that_the_manifest_forbids_is_refused_with_a_reason(cpp: Load) -> None:
    """The host's text is in the status."""
    answer = cpp("calls_back", manifest=SETTINGS).send("set port=70000")
    assert ("-2", True) == (answer.split()[0], "65535" in answer)


def test_a_plugin_calls_another(cpp: Load, c: Load) -> None:
    """In C, which replies."""
    c("echo")
    assert "hello" == cpp("calls_back").send("call echo")


def test_the_failure_of_another_plugin_comes_with_its_text(cpp: Load, c: Load) -> None:
    """And its status."""
    c("invalid_error")
    assert cpp("calls_back").send("call invalid_error").startswith("-1234 ")


def test_a_circle_is_told(cpp: Load) -> None:
    """At once."""
    with pytest.raises(CycleError):
        cpp("without_exceptions").send("without_exceptions")


def test_metadata_are_those_of_the_instance(cpp: Load) -> None:
    """Id, version, instance."""
    assert "calls_back 1.0.0 calls_back" == cpp("calls_back").send("metadata")


def test_a_log_line_tells_where_it_was_written(cpp: Load, log: EventLog) -> None:
    """File and line, without a macro."""
    line = cpp("calls_back").send("log something is odd")
    event = log.wait_for(LogEvent)
    assert ("something is odd", "calls_back.cpp", line) == (event.text, Path(event.file).name, str(event.line))


def test_an_event_reaches_the_front_end(cpp: Load, log: EventLog) -> None:
    """With its payload."""
    assert "0 done" == cpp("calls_back").send('event {"a": 1}')
    assert ("own", '{"a": 1}') == log.wait_for(FrontendEvent).to_frontend()


def test_an_event_with_a_name_of_the_host_is_refused(cpp: Load) -> None:
    """The status says so."""
    assert "belong to the host" in cpp("calls_back").send("reserved {}")


def test_a_message_reaches_the_conversation(cpp: Load, log: EventLog) -> None:
    """With its kind."""
    cpp("calls_back").send("message look out")
    event = log.wait_for(MessageEvent)
    assert ("look out", "warning") == (event.content, event.kind)


def test_a_refresh_is_asked_for(cpp: Load, log: EventLog) -> None:
    """As an event."""
    cpp("calls_back").send("refresh")
    assert log.wait_for(UiRefreshEvent)


def test_a_plugin_asks_to_be_disconnected(cpp: Load) -> None:
    """The host does so."""
    instance = cpp("calls_back")
    instance.send("disconnect")
    instance.wait_for_state("mounted", PATIENCE)


# ---- state and history ----


def test_a_state_comes_back_as_it_was_written(host: Host, cpp: Load) -> None:
    """In pieces, with NUL bytes."""
    keeps = cpp("keeps_state")
    keeps.send("one")
    keeps.send("zwei €")
    assert "one;zwei €;three;" == host.reload(keeps).send("three")


def test_the_conversation_is_brought(cpp: Load) -> None:
    """As a range of messages."""
    reads = cpp("reads_history", manifest="require_history = true\n")
    reads.send("hello")
    assert "user:hello;plugin:;first hello" == reads.send("again")


def test_the_conversation_is_read(cpp: Load) -> None:
    """The newest two, oldest first."""
    reads = cpp("reads_history")
    reads.send("hello")
    assert "plugin:;user:ask;" == reads.send("ask")
