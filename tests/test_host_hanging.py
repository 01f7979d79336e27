"""Entries that do not return: whoever waits can leave, the plugin is told as busy, and it can be given up."""

from __future__ import annotations

import asyncio
import ctypes
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from host_support import PATIENCE, EventLog, Plugins, refused_in_listener
from plugin_interfaces import State
from plugin_interfaces.errors import CallTimeout, NotConnected, PluginInterfacesError, StateError
from plugin_interfaces.host import Host, Instance
from plugin_interfaces.host.events import StateEvent

Load = Callable[..., Instance]

# Each entry stops at the gate; which one is held there, the test says.
STOPS = """
    import gate
    from plugin_interfaces import PluginHandler

    class Stops(PluginHandler):
        def on_mount(self, context): gate.stop("on_mount")
        def on_connect(self, context): gate.stop("on_connect")
        def on_disconnect(self, context): gate.stop("on_disconnect")
        def update_ui(self, frame, ui, context): gate.stop("update_ui")
        def save_state(self, context): gate.stop("save_state")
        def on_dispose(self, context): gate.stop("on_dispose")
"""


class Gate(ModuleType):
    """Importable by plugins as `gate`."""

    def __init__(self) -> None:
        super().__init__("gate")
        self.held = ""
        self.interrupts = False
        self._open = threading.Event()

    def stop(self, entry: str) -> None:
        """Called in an entry: stays where it is the one that is held, and has the person press Ctrl-C if wanted."""
        if entry != self.held:
            return
        if self.interrupts:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        self._open.wait(PATIENCE)

    def open(self) -> None:
        self.held = ""
        self._open.set()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch, host: Host) -> Iterator[Gate]:
    """Opened at the end, before the host closes."""
    gate = Gate()
    monkeypatch.setitem(sys.modules, "gate", gate)
    yield gate
    gate.open()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that does not wait long for what is to end."""
    monkeypatch.setattr("plugin_interfaces.host.host.END_WAIT_MS", 50)


CALLS: dict[str, Callable[[Instance], object]] = {
    "on_connect": lambda instance: (instance.disconnect(), instance.connect()),
    "on_disconnect": lambda instance: instance.disconnect(),
    "update_ui": lambda instance: instance.ui(),
    "save_state": lambda instance: instance.save_state(),
    "on_dispose": lambda instance: instance.unload(),
}


@pytest.mark.parametrize("entry", CALLS)
def test_ctrl_c_leaves_an_entry_that_hangs(py: Load, gate: Gate, entry: str) -> None:
    """The signal comes while the entry runs."""
    instance = py(STOPS)
    gate.held, gate.interrupts = entry, True
    with pytest.raises(KeyboardInterrupt):
        CALLS[entry](instance)


def test_ctrl_c_leaves_a_plugin_that_hangs_while_it_is_loaded(host: Host, plugins: Plugins, gate: Gate) -> None:
    """Nothing is left behind, and the id is free."""
    plugins.py(STOPS)
    host.discover()
    gate.held, gate.interrupts = "on_mount", True
    with pytest.raises(KeyboardInterrupt):
        host.load("plugin")
    gate.open()
    assert (State.MOUNTED, 1) == (host.load("plugin").state, len(host.instances))


@pytest.fixture
def let_go(host: Host, plugins: Plugins) -> Iterator[Callable[[], None]]:
    """Of the plugin hangs_initialize, whose `initialize` returns when that has been called."""
    path = plugins.c("hangs_initialize") / "libhangs_initialize.so"
    host.discover()
    library = ctypes.CDLL(str(path))
    yield library.let_go
    library.let_go()


def test_ctrl_c_leaves_a_library_that_hangs_while_it_is_loaded(host: Host, let_go: Callable[[], None]) -> None:
    """Nothing is left behind, and the id is free."""
    with pytest.raises(KeyboardInterrupt):
        host.load("hangs_initialize")
    let_go()
    assert (State.MOUNTED, 1) == (host.load("hangs_initialize").state, len(host.instances))


def test_a_signal_whose_handler_raises_nothing_leaves_no_call(host: Host, let_go: Callable[[], None]) -> None:
    """It runs while the call is waited for, and here it is what lets the plugin go on."""
    before = signal.signal(signal.SIGINT, lambda *_: let_go())
    try:
        assert State.MOUNTED == host.load("hangs_initialize").state
    finally:
        signal.signal(signal.SIGINT, before)


def test_ctrl_c_while_unloading_gives_the_instance_up(host: Host, py: Load, gate: Gate) -> None:
    """It is gone for the host, whatever it does."""
    instance = py(STOPS)
    gate.held, gate.interrupts = "on_dispose", True
    with pytest.raises(KeyboardInterrupt):
        host.unload(instance)
    assert (State.GONE, ()) == (instance.state, host.instances)


def left_in_connect(py: Load, gate: Gate) -> Instance:
    """An instance whose on_connect hangs and was not waited for."""
    instance = py(STOPS)
    instance.disconnect()
    gate.held = "on_connect"
    with pytest.raises(CallTimeout):
        instance.connect(timeout=0.05)
    return instance


def test_a_time_limit_leaves_an_entry_that_hangs(py: Load, gate: Gate) -> None:
    """The error says how to be rid of it."""
    instance = py(STOPS)
    gate.held = "on_disconnect"
    with pytest.raises(CallTimeout, match="reload"):
        instance.disconnect(timeout=0.05)


def test_a_time_limit_works_in_asyncio(py: Load, gate: Gate) -> None:
    """As in threads."""
    instance = py(STOPS)
    gate.held = "on_disconnect"
    with pytest.raises(CallTimeout):
        asyncio.run(instance.disconnect_async(timeout=0.05))


@pytest.mark.parametrize("call", [Instance.connect, Instance.disconnect, Instance.ui, Instance.save_state])
def test_a_plugin_that_was_left_is_told_as_busy(
    host: Host, py: Load, gate: Gate, call: Callable[[Instance], object]
) -> None:
    """No other call waits behind it."""
    instance = left_in_connect(py, gate)
    with pytest.raises(StateError, match="connect has not returned yet"):
        call(instance)


def test_a_message_to_a_plugin_that_was_left_says_why_not(host: Host, py: Load, gate: Gate) -> None:
    """It is not connected because it is still at that."""
    instance = left_in_connect(py, gate)
    with pytest.raises(NotConnected, match="connect has not returned yet"):
        instance.send("hello")


def test_a_plugin_that_was_left_can_be_used_when_it_has_returned(
    host: Host, py: Load, gate: Gate, log: EventLog
) -> None:
    """What was begun is done."""
    instance = left_in_connect(py, gate)
    seen = len(log.events)
    gate.open()
    log.wait_for(StateEvent, lambda event: event in log.events[seen:] and event.state == State.CONNECTED)
    assert "Echo from Test: hello" == instance.send("hello")


@pytest.mark.parametrize("entry", ["save_state", "on_disconnect", "on_dispose"])
def test_an_entry_of_the_end_that_hangs_is_abandoned(
    host: Host, py: Load, gate: Gate, impatient: None, entry: str
) -> None:
    """As one that runs already."""
    instance = py(STOPS)
    gate.held = entry
    with pytest.raises(PluginInterfacesError, match="abandoned"):
        host.unload(instance)
    assert (State.GONE, ()) == (instance.state, host.instances)


def test_the_last_event_of_an_abandoned_instance_tells_that_it_is_gone(
    host: Host, py: Load, gate: Gate, log: EventLog, impatient: None
) -> None:
    """Also when the entry returns later."""
    instance = py(STOPS)
    gate.held = "on_dispose"
    with pytest.raises(PluginInterfacesError):
        host.unload(instance)
    gate.open()
    host.close()
    assert "GONE" == log.of(StateEvent)[-1].state.name


def test_a_plugin_that_hangs_is_loaded_anew_all_the_same(host: Host, py: Load, gate: Gate, impatient: None) -> None:
    """Reloading gives it up."""
    instance = left_in_connect(py, gate)
    assert "MOUNTED" == host.reload(instance).state.name


@pytest.mark.parametrize(
    "call", [Instance.connect, Instance.disconnect, Instance.ui, Instance.save_state, lambda i: i.host.reload(i)]
)
def test_a_listener_does_not_wait_for_an_entry(
    host: Host, py: Load, gate: Gate, call: Callable[[Instance], object]
) -> None:
    """The entry may need the listener's thread; the error says what to use."""
    assert "thread" in str(refused_in_listener(host, py(STOPS), call))
