"""Loading, connecting, unloading, reloading; and that one bad plugin never stops the others."""

from __future__ import annotations

import asyncio
import ctypes
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from host_support import PATIENCE, EventLog, Plugins
from plugin_interfaces.errors import (
    ClosedError,
    HistoryError,
    LoadError,
    NotConnected,
    PluginFailed,
    PluginInterfacesError,
    RequirementError,
    StateError,
)
from plugin_interfaces.host import Host, Instance
from plugin_interfaces.host.events import DisconnectRequestEvent, MessageEvent, ReportEvent, StateEvent
from plugin_interfaces.host.loader import Loaded, load

Load = Callable[..., Instance]

RECORDER = """
    from plugin_interfaces import PluginHandler

    class Recorder(PluginHandler):
        calls = []

        def initialize(self, context): self.calls.append("initialize")
        def load_state(self, data, context): self.calls.append(f"load_state {data.decode()}")
        def on_mount(self, context): self.calls.append("on_mount")
        def on_connect(self, context): self.calls.append("on_connect")
        def on_disconnect(self, context): self.calls.append("on_disconnect")
        def save_state(self, context): return ",".join(self.calls).encode()
        def on_dispose(self, context): context.log(2, "disposed")
        def handle_message(self, message, context): return " ".join(self.calls)
"""


def test_a_loaded_instance_is_mounted(host: Host, plugins: Plugins) -> None:
    """Loading goes as far as on_mount; connecting is the person's."""
    plugins.c("echo")
    host.discover()
    assert "MOUNTED" == host.load("echo").state.name


def test_the_entries_come_in_the_order_of_the_life_cycle(py: Load) -> None:
    """initialize, on_mount, on_connect."""
    assert "initialize on_mount on_connect" == py(RECORDER).send("?")


def test_the_states_are_told_in_their_order(host: Host, py: Load, log: EventLog) -> None:
    """A listener sees the whole life."""
    instance = py(RECORDER)
    host.unload(instance)
    log.wait_for(StateEvent, lambda event: event.state.name == "GONE")
    states = [event.state.name for event in log.of(StateEvent)]
    assert ["INITIALIZED", "MOUNTED", "CONNECTED", "MOUNTED", "DISPOSED", "GONE"] == states


def test_an_instance_can_be_connected_again(py: Load) -> None:
    """After disconnect it is mounted, as before."""
    instance = py(RECORDER)
    instance.disconnect()
    instance.connect()
    assert "initialize on_mount on_connect on_disconnect on_connect" == instance.send("?")


def test_a_message_to_an_instance_that_is_not_connected_is_refused(host: Host, plugins: Plugins) -> None:
    """The error says to connect."""
    plugins.c("echo")
    host.discover()
    with pytest.raises(NotConnected, match="connect it first"):
        host.load("echo").send("hello")


def test_connecting_twice_is_refused(c: Load) -> None:
    """The state is named."""
    with pytest.raises(StateError, match="connected"):
        c("echo").connect()


def test_an_instance_that_was_unloaded_answers_that_it_is_gone(host: Host, c: Load) -> None:
    """Every call raises ClosedError."""
    instance = c("echo")
    host.unload(instance)
    calls: list[Callable[[], object]] = [
        lambda: instance.send("hello"),
        lambda: instance.ui_event(1, clicked=True),
        instance.connect,
        instance.disconnect,
        instance.ui,
        instance.unload,
    ]
    for call in calls:
        with pytest.raises(ClosedError):
            call()
    assert "GONE" == instance.state.name


def test_an_unloaded_id_is_free_again(host: Host, c: Load) -> None:
    """The next life begins in the same state as the first."""
    host.unload(c("echo"))
    assert "MOUNTED" == host.load("echo").state.name


def test_two_instances_of_one_plugin_share_nothing(host: Host, plugins: Plugins) -> None:
    """Each counts its own messages, in C."""
    plugins.c("counts")
    host.discover()
    one, two = host.load("counts"), host.load("counts", "second")
    one.connect()
    two.connect()
    assert ["1", "2", "1"] == [one.send("x"), one.send("x"), two.send("x")]


def test_two_instances_of_one_module_share_no_globals(host: Host, plugins: Plugins) -> None:
    """Each has a module of its own, in Python."""
    plugins.py(RECORDER)
    host.discover()
    host.load("plugin").connect()
    second = host.load("plugin", "second")
    second.connect()
    assert "initialize on_mount on_connect" == second.send("?")


def test_an_instance_id_is_used_once(host: Host, c: Load) -> None:
    """The second load is refused, and the first goes on."""
    first = c("echo")
    with pytest.raises(LoadError, match="another instance id"):
        host.load("echo")
    assert "hello" == first.send("hello")


def test_an_unknown_plugin_is_refused_with_what_there_is(host: Host, plugins: Plugins) -> None:
    """The error lists the ids."""
    plugins.c("echo")
    host.discover()
    with pytest.raises(LoadError, match="there are: echo"):
        host.load("ecco")


def test_a_state_survives_the_host(plugins: Plugins, tmp_path: Path) -> None:
    """It is saved when the host closes, and given to the next life."""
    plugins.c("counts")
    for expected in ("1", "2"):
        with Host([plugins.path], tmp_path / "data") as host:
            counts = host.load("counts")
            counts.connect()
            assert expected == counts.send("x")


def test_a_state_survives_unloading(host: Host, py: Load) -> None:
    """load_state comes between initialize and on_mount."""
    host.unload(py(RECORDER))
    again = host.load("plugin")
    again.connect()
    state = "initialize,on_mount,on_connect"
    assert f"initialize load_state {state} on_mount on_connect" == again.send("?")


def test_reloading_takes_what_is_on_disk_now(host: Host, plugins: Plugins, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that was changed is read anew, and the instance is connected as before."""
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    source = "from plugin_interfaces import PluginHandler\nfrom .part import TEXT\n\nclass P(PluginHandler):\n"
    source += "    def handle_message(self, message, context): return TEXT + '{}'\n"
    folder = plugins.folder("versions", 'module = "plugin.py"\n')
    (folder / "part.py").write_text("TEXT = 'version '")
    (folder / "plugin.py").write_text(source.format("1"))
    host.discover()
    instance = host.load("versions")
    instance.connect()
    first = instance.send("?")
    old = (folder / "plugin.py").stat()
    (folder / "plugin.py").write_text(source.format("2"))
    # As a quick edit leaves it: as long as before, and in the same second.
    os.utime(folder / "plugin.py", ns=(old.st_atime_ns, old.st_mtime_ns))
    assert ["version 1", "version 2"] == [first, host.reload(instance).send("?")]


def replace_library(instance: Instance, library: Path) -> None:
    """Puts another library in the place of an instance's, as a build does."""
    code = instance.folder.code
    assert code is not None
    fresh = code.with_suffix(".new")
    fresh.write_bytes(library.read_bytes())
    fresh.rename(code)


@pytest.mark.parametrize("manifest", ["", "reloadable = true"])
def test_reloading_takes_a_library_that_was_compiled_anew(
    host: Host, c: Load, compiled: Callable[[str], Path], manifest: str
) -> None:
    """Whether the old one was unmapped, or stays in memory for what threads it may have."""
    instance = c("echo", "changing", manifest)
    replace_library(instance, compiled("counts"))
    assert "1" == host.reload(instance).send("hello")


def test_an_instance_goes_on_with_the_build_that_it_was_made_from(
    host: Host, c: Load, compiled: Callable[[str], Path]
) -> None:
    """Beside one of the next build."""
    old = c("echo", "changing")
    replace_library(old, compiled("counts"))
    fresh = host.load("changing", "fresh")
    fresh.connect()
    assert ("hello", "1") == (old.send("hello"), fresh.send("hello"))


def test_a_disabled_plugin_is_not_loaded(host: Host, c: Load) -> None:
    """Disabling unloads what there is, and says to enable it."""
    instance = c("echo")
    host.disable("echo")
    assert "GONE" == instance.state.name
    with pytest.raises(LoadError, match="enable it first"):
        host.load("echo")


def test_disabled_is_remembered_until_enabled(host: Host, plugins: Plugins) -> None:
    """Another host sees it too."""
    plugins.c("echo")
    host.discover()
    host.disable("echo")
    with Host([plugins.path]) as other:
        assert [] == other.load_all()
        other.enable("echo")
        assert ["echo"] == [instance.id for instance in other.load_all()]


def test_load_all_goes_on_after_a_failure(host: Host, plugins: Plugins) -> None:
    """The bad one is listed with its reason and the good ones run."""
    plugins.c("echo")
    plugins.folder("empty")
    plugins.py("raise RuntimeError('no')", "raises")
    host.discover()
    assert ["echo"] == [instance.id for instance in host.load_all()]
    assert ["empty"] == [folder.id for folder in host.plugins if folder.error is not None]


def test_a_missing_requirement_is_told_with_the_command(host: Host, plugins: Plugins) -> None:
    """The module is not imported."""
    plugins.py("raise SystemExit", manifest="")
    path = plugins.path / "plugin" / "config.toml"
    path.write_text(path.read_text() + 'requires = ["no-such-package-here>=2"]\n')
    host.discover()
    with pytest.raises(RequirementError, match="pip install 'no-such-package-here>=2'"):
        host.load("plugin")


def test_an_initialize_that_fails_leaves_nothing_behind(host: Host, plugins: Plugins) -> None:
    """The reason is the plugin's, and the id is free."""
    plugins.py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def initialize(self, context): raise OSError("the port is taken")
    """)
    host.discover()
    with pytest.raises(LoadError, match="the port is taken"):
        host.load("plugin")
    assert () == host.instances


def test_a_connect_that_fails_can_be_tried_again(py: Load) -> None:
    """The instance stays mounted, with its reason told."""
    with pytest.raises(PluginFailed, match="not yet"):
        py("""
            from plugin_interfaces import PluginHandler
            class P(PluginHandler):
                tries = 0
                def on_connect(self, context):
                    self.tries += 1
                    if self.tries == 1: raise RuntimeError("not yet")
        """)


def test_a_plugin_that_asks_is_disconnected(py: Load, log: EventLog) -> None:
    """In a turn of its own, after the reply."""
    instance = py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                context.request_disconnect()
                return "bye"
    """)
    assert "bye" == instance.send("x")
    instance.wait_for_state("mounted", PATIENCE)
    assert "plugin-disconnect-request" == log.wait_for(DisconnectRequestEvent).to_frontend()[0]  # type: ignore[index]


def test_an_entry_that_hangs_is_abandoned(host: Host, c: Load, log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unloading says so, the message ends as cancelled, and the others go on."""
    monkeypatch.setattr("plugin_interfaces.host.host.END_WAIT_MS", 50)
    hanging, echo = c("hangs"), c("echo")
    reply = hanging.start("x")
    log.wait_for(MessageEvent)
    with pytest.raises(PluginInterfacesError, match="abandoned"):
        host.unload(hanging)
    with pytest.raises(PluginInterfacesError):
        reply.result(PATIENCE)
    assert "hello" == echo.send("hello")
    ctypes.CDLL(str(hanging.folder.code)).let_go()


@pytest.mark.parametrize(("name", "call"), [("changes_directory", "initialize"), ("leaves_directory", "create_plugin")])
def test_what_a_plugin_did_to_the_process_is_undone_and_reported(
    host: Host, c: Load, log: EventLog, name: str, call: str
) -> None:
    """The working directory is as before; the report names the call, also one before there is an instance."""
    before = Path.cwd()
    c(name)
    assert before == Path.cwd()
    report = log.wait_for(ReportEvent)
    assert (call, True) == (report.call, "working directory" in report.text)


def test_a_report_that_comes_before_the_host_knows_the_instance_is_not_lost(
    host: Host, c: Load, log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """create_plugin is long over and its events were read when the instance gets its name."""
    neighbour = c("echo")

    def load_slowly(*arguments: Any) -> Loaded:
        loaded = load(*arguments)
        neighbour.send("what was queued before this has been read")
        return loaded

    monkeypatch.setattr("plugin_interfaces.host.host.load", load_slowly)
    c("leaves_directory")
    assert "leaves_directory" == log.wait_for(ReportEvent).instance_id


def test_the_host_cannot_be_closed_by_a_listener(host: Host, c: Load) -> None:
    """It would wait for itself; the error says so."""
    errors: list[Exception] = []
    done = threading.Event()

    def close(_: object) -> None:
        try:
            host.close()
        except StateError as error:
            errors.append(error)
        done.set()

    host.add_listener(close)
    c("echo")
    assert done.wait(PATIENCE)
    assert "listener" in str(errors[0])


def test_a_closed_host_loads_nothing(plugins: Plugins) -> None:
    """Closing twice is allowed."""
    plugins.c("echo")
    with Host([plugins.path]) as host:
        pass
    host.close()
    with pytest.raises(ClosedError):
        host.load("echo")


def test_an_async_host_is_closed_at_the_end_of_its_block(plugins: Plugins) -> None:
    """Its instances are gone then."""
    plugins.c("echo")

    async def run() -> Instance:
        async with Host([plugins.path]) as host:
            echo = await host.load_async("echo")
            await echo.connect_async()
            await echo.wait_for_state_async("connected", PATIENCE)
            assert "hello" == await echo.send_async("hello")
            echo = await host.reload_async(echo)
            assert 2 == len(await echo.history_async())
            await echo.disconnect_async()
        return echo

    assert "GONE" == asyncio.run(run()).state.name


def test_hosts_are_closed_when_the_interpreter_exits(plugins: Plugins, tmp_path: Path) -> None:
    """A program that forgets to close loses no state."""
    plugins.c("counts")
    program = f"""
        from plugin_interfaces.host import Host
        host = Host([{str(plugins.path)!r}], {str(tmp_path / "data")!r})
        counts = host.load("counts")
        counts.connect()
        print(counts.send("x"))
    """
    outputs = [
        subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=60, check=True
        ).stdout
        for _ in range(2)
    ]
    assert ["1\n", "2\n"] == outputs


def test_a_data_folder_that_cannot_be_made_is_told(plugins: Plugins, tmp_path: Path) -> None:
    """The error names the file."""
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryError, match="file"):
        Host([plugins.path], tmp_path / "file")
