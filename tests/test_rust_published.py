"""A plugin as they were published for the crate 0.1.2, unchanged, in the real host."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from host_support import PATIENCE, EventLog, find_widget
from plugin_interfaces._abi import State
from plugin_interfaces.errors import (
    PluginFailed,
    StreamError,
)
from plugin_interfaces.host import Host, Instance
from plugin_interfaces.host.events import LogEvent, MessageEvent, StateEvent, StreamEvent
from rust_support import WORKSPACE, cargo, needs_cargo

pytestmark = needs_cargo


class Peer:
    """A TCP server for one client, line by line."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]

    def accept(self) -> None:
        self._close_client()
        self._server.settimeout(PATIENCE)
        self._socket, _ = self._server.accept()
        self._socket.settimeout(PATIENCE)
        self._file = self._socket.makefile("rw", encoding="utf-8", newline="\n")

    def read(self) -> str:
        return self._file.readline()

    def write(self, line: str) -> None:
        self._file.write(line + "\n")
        self._file.flush()

    def hang_up(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._server.close()
        self._close_client()

    def _close_client(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()
            self._socket.close()


@pytest.fixture
def peer() -> Iterator[Peer]:
    """A server that a line peer connects to."""
    peer = Peer()
    yield peer
    peer.close()


@pytest.fixture
def published(host: Host, rust_folder: Callable[..., Path], peer: Peer) -> Instance:
    """A plugin for the crate 0.1.2, unchanged, connected to the peer."""
    rust_folder("published", package="published")
    host.discover()
    instance = host.load("published")
    instance.ui_event(find_widget(instance, "Port:", "text_edit_singleline"), str(peer.port))
    instance.connect()
    peer.accept()
    return instance


def test_a_published_plugin_is_for_the_published_crate() -> None:
    """The source that the tests below run compiles against the crate of the registry as well."""
    folder = WORKSPACE / "published" / "registry"
    fetched = cargo("fetch", folder=folder)
    if fetched.returncode:
        pytest.skip("the registry cannot be reached")
    checked = cargo("check", folder=folder)
    assert 0 == checked.returncode, checked.stderr


def test_a_published_plugin_sends(published: Instance, peer: Peer) -> None:
    """From its runtime, and says so with its instance's id."""
    assert "sent by published" == published.send("hello")
    assert "hello\n" == peer.read()


def test_a_published_plugin_receives(published: Instance, peer: Peer, log: EventLog) -> None:
    """What its task hears is a message of the conversation."""
    peer.write("guten Tag")
    assert "guten Tag" == log.wait_for(MessageEvent).content


def test_a_published_plugin_streams_from_its_task(published: Instance, peer: Peer, log: EventLog) -> None:
    """By the handler's own methods."""
    peer.write("!one two three")
    log.wait_for(StreamEvent, lambda event: event.type == "stream_end")
    assert ["one", "two", "three"] == [event.chunk for event in log.of(StreamEvent) if event.type == "stream_data"]


def test_the_person_cancels_the_stream_of_a_published_plugin(published: Instance, peer: Peer, log: EventLog) -> None:
    """The plugin is told, and goes on."""
    peer.write("!" + " ".join(map(str, range(100_000))))
    stream = log.wait_for(StreamEvent, lambda event: event.type == "stream_data").stream
    published.cancel_stream(stream)
    assert "stopped: StreamCancelled\n" == peer.read()
    with pytest.raises(StreamError):
        published.cancel_stream(stream)


def test_each_setting_of_a_published_plugin_is_changed(published: Instance, peer: Peer) -> None:
    """A text, a choice, a switch; kept in its file beside config.toml, and found again."""
    published.ui_event(find_widget(published, "Ending:", "combo_box"), "!")
    tree = published.ui().tree
    assert tree is not None
    switch = next(widget for widget in tree.walk() if widget.kind == "toggle")
    published.ui_event(switch, True)
    text = (published.folder.path / "user_config.toml").read_text()
    assert f'address = "127.0.0.1"\nport = "{peer.port}"\nending = "!"\ngreet = true\n' == text
    published.send("loud")
    assert "loud!\n" == peer.read()


def test_a_published_plugin_finds_its_settings_again(host: Host, published: Instance, peer: Peer) -> None:
    """After a reload, and is connected again."""
    fresh = host.reload(published)
    peer.accept()
    fresh.send("again")
    assert "again\n" == peer.read()


def test_a_published_plugin_is_disconnected_on_its_own_request(published: Instance, peer: Peer) -> None:
    """When the peer hangs up."""
    peer.hang_up()
    published.wait_for_state("mounted", PATIENCE)
    assert State.MOUNTED == published.state


def test_a_published_plugin_says_why_it_does_not_connect(host: Host, rust_folder: Callable[..., Path]) -> None:
    """In its own words."""
    rust_folder("published", package="published")
    host.discover()
    instance = host.load("published")
    instance.ui_event(find_widget(instance, "Port:", "text_edit_singleline"), "1")
    with pytest.raises(PluginFailed, match=r"127\.0\.0\.1:1: .*refused"):
        instance.connect()


def test_a_published_plugin_is_unloaded_while_its_task_streams(
    host: Host, published: Instance, peer: Peer, log: EventLog
) -> None:
    """Its runtime ends, its instance is gone, and another one can be made."""
    peer.write("!" + " ".join(map(str, range(100_000))))
    log.wait_for(StreamEvent, lambda event: event.type == "stream_data")
    host.unload(published)
    assert State.GONE == published.state
    assert State.MOUNTED == host.load("published").state


def test_the_runtimes_of_published_plugins_end(host: Host, rust_folder: Callable[..., Path]) -> None:
    """Twenty lives leave no thread behind."""
    rust_folder("published", package="published")
    host.discover()
    host.unload(host.load("published"))
    before = threads()
    for _ in range(20):
        host.unload(host.load("published"))
    assert before >= threads()


def threads() -> int:
    """The threads of this process, those of plugins among them."""
    return len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else threading.active_count()


def test_the_line_is_that_of_a_published_plugin(host: Host, rust_folder: Callable[..., Path], log: EventLog) -> None:
    """Its macros need no context."""
    rust_folder("published", package="published")
    host.discover()
    host.load("published")
    line = log.wait_for(LogEvent)
    assert ("[Test] mounted as published", "published/src/lib.rs") == (line.text, line.file)


def test_states_of_a_published_plugin_come_in_order(log: EventLog, published: Instance) -> None:
    """Initialized, mounted, connected."""
    log.wait_for(StateEvent, lambda event: event.state == State.CONNECTED)
    states = [event.state for event in log.of(StateEvent) if event.instance_id == "published"]
    assert [State.INITIALIZED, State.MOUNTED, State.CONNECTED] == states
