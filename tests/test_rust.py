"""Plugins in Rust, from tests/rust, in the real host."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from host_support import ROOT, EventLog, Plugins
from plugin_interfaces._abi import State, Status
from plugin_interfaces.errors import (
    ClosedError,
    LibraryError,
    NoReply,
    PluginFailed,
    PluginInterfacesError,
    RequestCancelled,
    StreamError,
    TextError,
)
from plugin_interfaces.host import Host, Instance
from plugin_interfaces.host.events import LogEvent, MessageEvent, ReportEvent, StateEvent, StreamEvent
from plugin_interfaces.pluginui import Widget

WORKSPACE = ROOT / "tests" / "rust"
PATIENCE = 20.0

pytestmark = pytest.mark.skipif(shutil.which("cargo") is None, reason="there is no cargo to build plugins in Rust with")


def cargo(*arguments: str, folder: Path = WORKSPACE) -> subprocess.CompletedProcess[str]:
    """Runs cargo with a target folder that later runs find again."""
    return subprocess.run(
        ["cargo", *arguments],
        cwd=folder,
        env={**os.environ, "CARGO_TARGET_DIR": str(ROOT / "build" / "cargo")},
        capture_output=True,
        text=True,
        timeout=900,
    )


@pytest.fixture(scope="session")
def built() -> Path:
    """The folder with the libraries of the workspace."""
    for arguments in (["build", "--locked"], ["build", "--locked", "--package", "aborts", "--profile", "abort"]):
        done = cargo(*arguments)
        assert 0 == done.returncode, done.stderr
    return ROOT / "build" / "cargo"


@pytest.fixture
def make(built: Path, plugins: Plugins) -> Callable[..., Path]:
    """Makes a folder for a plugin of the workspace."""

    def make(plugin_id: str, package: str = "behaviours", manifest: str = "", profile: str = "debug") -> Path:
        folder = plugins.folder(plugin_id, "", manifest)
        shutil.copy(built / profile / f"lib{package}.so", folder / f"lib{plugin_id}.so")
        return folder

    return make


@pytest.fixture
def load(host: Host, make: Callable[..., Path]) -> Callable[..., Instance]:
    """Makes a connected instance of a plugin of the workspace."""

    def load(plugin_id: str = "answers", package: str = "behaviours", manifest: str = "") -> Instance:
        make(plugin_id, package, manifest)
        host.discover()
        instance = host.load(plugin_id)
        instance.connect()
        return instance

    return load


@contextmanager
def pipe() -> Iterator[tuple[int, Callable[[], str]]]:
    """The number that a plugin writes to, and a function that waits for what it wrote."""
    reading, writing = os.pipe()
    with open(reading, encoding="utf-8") as file:
        yield writing, file.read


# ---- messages ----


@pytest.mark.parametrize(
    ("message", "answer"),
    [("upper grüße 😀", "GRÜSSE 😀"), ("nul", "a\0b"), ("late", "late it is"), ("about", "answers answers")],
)
def test_a_message_is_answered(load: Callable[..., Instance], message: str, answer: str) -> None:
    """In the entry, and from a thread later."""
    assert answer == load().send(message)


def test_two_instances_have_states_of_their_own(host: Host, load: Callable[..., Instance]) -> None:
    """What one keeps the other does not know."""
    first = load()
    second = host.load("answers", "second")
    second.connect()
    first.send("state kept")
    assert ("", "kept") == (second.send("state"), first.send("state"))


@pytest.mark.parametrize(
    ("message", "status", "text"),
    [
        ("error no route", Status.ERROR, "no route"),
        ("refuse ask first", Status.NOT_PERMITTED, "ask first"),
        ("panic no more", Status.ERROR, "no more"),
        ("panic_any", Status.ERROR, "(no message)"),
        ("fail later", -1001, "the line is busy"),
    ],
)
def test_a_failure_is_a_status_and_a_text(
    load: Callable[..., Instance], message: str, status: int, text: str
) -> None:
    """An error, a panic, and a request that fails later."""
    with pytest.raises(PluginInterfacesError) as caught:
        load().send(message)
    assert (status, True) == (caught.value.code, str(caught.value).endswith(text))


def test_a_panic_tells_its_place(load: Callable[..., Instance]) -> None:
    """File and line."""
    with pytest.raises(PluginFailed, match=r"panicked at behaviours/src/answers\.rs:\d+: here"):
        load().send("panic here")


def test_a_plugin_goes_on_after_a_panic(load: Callable[..., Instance]) -> None:
    """The next message is answered."""
    instance = load()
    with pytest.raises(PluginFailed):
        instance.send("panic")
    assert "FINE" == instance.send("upper fine")


@pytest.mark.parametrize("message", ["drop", "drop later"])
def test_a_dropped_request_has_no_reply(load: Callable[..., Instance], message: str) -> None:
    """Wherever it is dropped."""
    with pytest.raises(NoReply, match="dropped the request"):
        load().send(message)


def test_kept_requests_are_answered_later(load: Callable[..., Instance]) -> None:
    """By a later message."""
    instance = load()
    kept = [instance.start("keep") for _ in range(3)]
    # The message that follows waits for the turns of these.
    while "3" != instance.send("answer all"):
        pytest.fail("a kept request was lost")
    assert ["at last"] * 3 == [reply.result() for reply in kept]


def test_a_plugin_learns_that_the_person_has_cancelled(load: Callable[..., Instance], log: EventLog) -> None:
    """By the token that it polls, and by on_cancel afterwards."""
    instance = load()
    reply = instance.start("wait")
    log.wait_for(MessageEvent, lambda event: event.content == "it waits")
    reply.cancel()
    with pytest.raises(RequestCancelled):
        reply.result()
    assert "PLUGIN_CANCELLED" == instance.send("state")


def test_a_plugin_learns_of_a_deadline(load: Callable[..., Instance]) -> None:
    """By the same token."""
    instance = load()
    with pytest.raises(PluginInterfacesError):
        instance.send("wait", timeout=0.05)
    assert instance.send("state") in ("PLUGIN_TIMEOUT", "PLUGIN_ENDED")


def test_a_reply_beyond_the_limit_fails(plugins: Plugins, make: Callable[..., Path]) -> None:
    """With what the host says of it."""
    make("answers")
    with Host([plugins.path], max_text_bytes=1000) as host:
        instance = host.load("answers")
        instance.connect()
        with pytest.raises((PluginInterfacesError, TextError)) as caught:
            instance.send("big 1001")
    assert Status.TOO_LARGE == caught.value.code


# ---- streams ----


def test_a_stream_is_the_reply(load: Callable[..., Instance]) -> None:
    """Piece by piece."""
    assert ["one", "two", "three"] == list(load().stream("stream one two three"))


def test_a_dropped_stream_fails(load: Callable[..., Instance], log: EventLog) -> None:
    """The person sees that it is not whole."""
    list(load().stream("stream_and_drop half"))
    end = log.wait_for(StreamEvent, lambda event: event.type == "stream_end")
    assert (False, "the plugin dropped the stream before its end") == (end.success, end.reason)


def test_the_person_cancels_a_stream_from_a_thread(load: Callable[..., Instance], log: EventLog) -> None:
    """The thread learns of it with its next chunk, and on_cancel is called."""
    instance = load()
    with pipe() as (writing, read):
        assert "it streams" == instance.send(f"stream_for_ever {writing}")
        chunk = log.wait_for(StreamEvent, lambda event: event.type == "stream_data")
        instance.cancel_stream(chunk.stream)
        assert "Some(StreamCancelled)" == read()
    assert "stream" == instance.send("cancelled")


def test_the_person_pauses_a_stream_from_a_thread(load: Callable[..., Instance], log: EventLog) -> None:
    """Nothing comes until it is resumed."""
    instance = load()
    with pipe() as (writing, read):
        instance.send(f"stream_for_ever {writing}")
        stream = log.wait_for(StreamEvent, lambda event: event.type == "stream_data").stream
        instance.pause_stream(stream)
        pause = log.wait_for(StreamEvent, lambda event: event.type == "stream_pause")
        instance.resume_stream(stream)
        resume = log.wait_for(StreamEvent, lambda event: event.type == "stream_resume")
        log.wait_for(StreamEvent, lambda event: event.type == "stream_data" and event.sequence > resume.sequence)
        between = [event for event in log.of(StreamEvent) if pause.sequence < event.sequence < resume.sequence]
        assert [] == between
        instance.cancel_stream(stream)
        read()


def test_unloading_in_the_middle_of_a_stream_ends_its_thread(
    host: Host, load: Callable[..., Instance], log: EventLog
) -> None:
    """The sender is told, and the instance is gone."""
    instance = load()
    with pipe() as (writing, read):
        instance.send(f"stream_for_ever {writing}")
        log.wait_for(StreamEvent, lambda event: event.type == "stream_data")
        host.unload(instance)
        assert read() in ("Some(StreamCancelled)", "Some(SendFailed)")
    assert State.GONE == instance.state


# ---- threads that outlive the plugin ----


def test_a_context_in_a_thread_outlives_its_plugin(host: Host, load: Callable[..., Instance]) -> None:
    """Each of its calls says that the instance is gone; none crashes."""
    instance = load()
    with pipe() as (writing, read):
        instance.send(f"outlive {writing}")
        host.unload(instance)
        assert "(false, None, None, Err(SendFailed), Err(PLUGIN_CLOSED))" == read()


def test_a_context_in_a_thread_outlives_its_host(plugins: Plugins, make: Callable[..., Path]) -> None:
    """The same when the whole host is closed."""
    make("answers")
    with pipe() as (writing, read):
        with Host([plugins.path]) as host:
            instance = host.load("answers")
            instance.connect()
            instance.send(f"outlive {writing}")
        assert read().startswith("(false, None, None, Err(SendFailed), ")


def test_a_panic_in_a_thread_is_in_the_log(load: Callable[..., Instance], log: EventLog) -> None:
    """With the thread's name and the place."""
    assert "true" == load().send("thread_panics")
    line = log.wait_for(LogEvent, lambda event: "in a thread" in event.text)
    assert line.text.startswith('thread "worker" panicked at behaviours/src/answers.rs:')


# ---- what fails, where ----


@pytest.mark.parametrize("how", ["fails", "panics"])
@pytest.mark.parametrize("entry", ["initialize", "on_mount"])
def test_a_plugin_that_fails_at_the_start_is_not_loaded(
    host: Host, make: Callable[..., Path], how: str, entry: str
) -> None:
    """The error says why."""
    plugin_id = f"{how}_in_{entry}"
    make(plugin_id)
    host.discover()
    with pytest.raises(LibraryError, match=f"told to {how[:-1]} in {entry}"):
        host.load(plugin_id)


@pytest.mark.parametrize("how", ["fails", "panics"])
def test_a_plugin_that_fails_to_connect_stays_mounted(host: Host, make: Callable[..., Path], how: str) -> None:
    """And may be tried again."""
    make(f"{how}_in_on_connect")
    host.discover()
    instance = host.load(f"{how}_in_on_connect")
    for _ in range(2):
        with pytest.raises(PluginFailed, match=f"told to {how[:-1]} in on_connect"):
            instance.connect()
    assert State.MOUNTED == instance.state


@pytest.mark.parametrize("how", ["fails", "panics"])
@pytest.mark.parametrize("entry", ["on_disconnect", "on_dispose"])
def test_a_failure_at_the_end_is_reported(
    host: Host, load: Callable[..., Instance], log: EventLog, how: str, entry: str
) -> None:
    """And the end goes on."""
    instance = load(f"{how}_in_{entry}")
    host.unload(instance)
    report = log.wait_for(ReportEvent, lambda event: event.call == entry)
    assert (True, State.GONE) == (f"told to {how[:-1]} in {entry}" in report.text, instance.state)


@pytest.mark.parametrize("entry", ["init_ui", "load_state"])
def test_a_failure_that_does_not_matter_is_reported(
    host: Host, load: Callable[..., Instance], log: EventLog, entry: str
) -> None:
    """And the plugin is used."""
    instance = load(f"panics_in_{entry}")
    if entry == "load_state":
        instance = host.reload(instance)
    log.wait_for(ReportEvent, lambda event: event.call == entry)
    assert "hello" == instance.send("hello")


def test_a_panic_in_the_settings_is_drawn(load: Callable[..., Instance]) -> None:
    """Below what was drawn before it, and the container that was open is closed."""
    tree = load("panics_in_update_ui").ui().tree
    assert tree is not None
    assert ["label", "horizontal", "error"] == [child.kind for child in tree.children]


def test_a_panic_in_the_destructor_harms_nobody(host: Host, load: Callable[..., Instance]) -> None:
    """The instance is gone."""
    instance = load("panics_in_drop")
    host.unload(instance)
    assert State.GONE == instance.state


def test_a_panic_in_save_state_is_an_error(load: Callable[..., Instance]) -> None:
    """With its text."""
    with pytest.raises(PluginFailed, match="told to panic in save_state"):
        load("panics_in_save_state").save_state()


def test_a_panic_that_aborts_ends_the_process(built: Path, plugins: Plugins, make: Callable[..., Path]) -> None:
    """As documented: the message is on standard error."""
    make("aborts", package="aborts", profile="abort")
    program = f"""
        from plugin_interfaces import Host
        with Host([{str(plugins.path)!r}]) as host:
            instance = host.load("aborts")
            instance.connect()
            instance.send("end it")
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=60)
    assert (-signal.SIGABRT, True) == (done.returncode, "told to end it" in done.stderr)


# ---- the rest of the context ----


def test_a_state_comes_back(host: Host, load: Callable[..., Instance]) -> None:
    """In the next life of the instance."""
    instance = load()
    instance.send("state kept")
    assert "kept" == host.reload(instance).send("state")


def test_settings_are_read_and_stored(load: Callable[..., Instance]) -> None:
    """Through the manifest's check."""
    instance = load(manifest='[config.port]\ntype = "integer"\ndefault = 80\nmaximum = 100\n')
    instance.send("set port=90")
    assert ('Some("90")', "None") == (instance.send("get port"), instance.send("get nothing"))
    with pytest.raises(PluginFailed, match="port"):
        instance.send("set port=101")


def test_history_comes_before_the_message(load: Callable[..., Instance]) -> None:
    """Where the manifest asks for it; read from the host it has the message at hand as well."""
    instance = load(manifest="require_history = true\n")
    instance.send("upper a")
    before, read = instance.send("history").split()
    assert ("Some(2)", True) == (before, int(read) >= 2)


def test_plugins_call_each_other(host: Host, load: Callable[..., Instance], plugins: Plugins) -> None:
    """One in Rust, one in Python."""
    plugins.py(
        """
        from plugin_interfaces import PluginHandler

        class Reverse(PluginHandler):
            def handle_message(self, message, context):
                return message[::-1]
        """,
        "reverse",
    )
    instance = load()
    other = host.load("reverse")
    other.connect()
    assert "cba" == instance.send("call reverse abc")
    with pytest.raises(PluginFailed, match="nobody"):
        instance.send("call nobody abc")


def test_a_message_outside_of_a_reply_arrives(load: Callable[..., Instance], log: EventLog) -> None:
    """As the instance's."""
    assert "true" == load().send("send by the way")
    assert "by the way" == log.wait_for(MessageEvent).content


def test_a_line_of_a_macro_is_that_of_the_instance(host: Host, load: Callable[..., Instance], log: EventLog) -> None:
    """Which runs, not the one that came last."""
    first = load()
    host.load("answers", "second").connect()
    first.send("log from the first")
    line = log.wait_for(LogEvent, lambda event: event.text == "from the first")
    assert ("answers", "behaviours/src/answers.rs") == (line.instance_id, line.file)


def test_a_plugin_asks_to_be_disconnected(load: Callable[..., Instance]) -> None:
    """And is."""
    instance = load()
    assert "true" == instance.send("disconnect")
    instance.wait_for_state("mounted", PATIENCE)


@pytest.mark.parametrize(
    ("event", "answer"), [("mine", "true"), ("plugin-ui-refreshed", "true"), ("plugin-x", "false")]
)
def test_events_of_the_host_become_its_calls(load: Callable[..., Instance], event: str, answer: str) -> None:
    """Others that would be its own are refused."""
    assert answer == load().send(f"event {event}")


# ---- settings UI ----


def find(instance: Instance, label: str, kind: str = "") -> Widget:
    tree = instance.ui().tree
    assert tree is not None
    return tree.find(label, kind)


@pytest.mark.parametrize(
    ("label", "value", "told"),
    [
        ("Name:", "x", 'name: "x"'),
        ("Host:", "y", 'host: "y"'),
        ("Number:", "2", "pick: Some(2)"),
        ("On:", True, "on: true"),
        ("Password", "secret", 'password: "secret"'),
        ("Notes", "a\nb", r'notes: "a\nb"'),
        ("Count", 9, "count: 9"),
        ("Ratio", 0.25, "ratio: 0.25"),
        ("Volume", 50, "volume: 50.0"),
        ("Shout", True, "shout: true"),
        ("Night", True, "night: true"),
        ("Pinned", True, "pinned: true"),
        ("Colour", "blue", 'colour: "blue"'),
        ("Language", "zh", 'language: "zh"'),
        ("Files", "b", 'row: "b"'),
        ("Fruits", ["apple", "fig"], 'fruits: ["apple", "fig"]'),
        ("Paint", "#336699", 'paint: "#336699"'),
        ("Day", "2026-06-30", 'day: "2026-06-30"'),
        ("File", "/tmp/a.txt", 'file: "/tmp/a.txt"'),
        ("Folder", "/tmp", 'folder: "/tmp"'),
        ("Pages", "two", 'tab: "two"'),
    ],
)
def test_each_widget_is_operated(load: Callable[..., Instance], label: str, value: object, told: str) -> None:
    """And the plugin's own variable has the value."""
    instance = load("draws")
    instance.ui_event(find(instance, label), value)  # type: ignore[arg-type]
    assert told in instance.send("values")


def test_a_button_is_pressed_once(load: Callable[..., Instance]) -> None:
    """In exactly one frame."""
    instance = load("draws")
    frame = instance.ui_event(find(instance, "Press"), clicked=True)
    instance.ui()
    assert ("pressed", True) == (frame.toasts[0].text, "presses: 1," in instance.send("values"))


def test_a_question_is_answered(load: Callable[..., Instance]) -> None:
    """And is gone afterwards."""
    instance = load("draws")
    instance.ui_event(find(instance, "Ask"), clicked=True)
    frame = instance.ui_event(find(instance, "Sure?"), True)
    assert frame.tree is not None
    assert (False, True) == (
        any(widget.label == "Sure?" for widget in frame.tree.walk()),
        "said: Some(true)" in instance.send("values"),
    )


def test_the_name_of_a_widget_is_the_label_before_it(load: Callable[..., Instance]) -> None:
    """It is there for the id and for who cannot see, and is not shown twice."""
    assert find(load("draws"), "Name:", "text_edit_singleline").hide_label


def test_what_is_disabled_cannot_be_pressed(load: Callable[..., Instance]) -> None:
    """The widget says so."""
    assert not find(load("draws"), "Never").enabled


def test_ids_stay_when_rows_come(load: Callable[..., Instance]) -> None:
    """A button of a row is the same after more rows have come."""
    instance = load("draws")
    before = find(instance, "Delete").id
    instance.send("rows 50")
    assert before == find(instance, "Delete").id


def test_no_mistake_is_reported_of_a_frame_with_every_widget(load: Callable[..., Instance], log: EventLog) -> None:
    """The binding keeps the rules of the table."""
    instance = load("draws")
    instance.ui()
    instance.send("values")
    assert [] == log.of(ReportEvent)


def test_a_frame_that_looks_the_same_keeps_its_revision(load: Callable[..., Instance]) -> None:
    """Labels have the ids that they had, so nothing travels."""
    instance = load("draws")
    first = instance.ui()
    second = instance.ui(first.revision)
    assert (first.revision, []) == (second.revision, second.patch)


# ---- reload, and many lives ----


def test_a_crate_that_was_compiled_anew_is_loaded(
    host: Host, load: Callable[..., Instance], built: Path, make: Callable[..., Path]
) -> None:
    """Though the old one stays in memory, by its thread-local destructors at least."""
    instance = load("changing")
    fresh = instance.folder.path / "fresh.so"
    shutil.copy(built / "debug" / "libpublished.so", fresh)
    fresh.replace(instance.folder.path / "libchanging.so")
    host.unload(instance)
    assert "Line peer" == find_text(host.load("changing"))


def find_text(instance: Instance) -> str:
    """The first text of the settings."""
    tree = instance.ui().tree
    assert tree is not None
    return tree.children[0].text


def test_many_lives_leave_nothing(host: Host, load: Callable[..., Instance]) -> None:
    """A thousand of them, each with its metadata and a message, are no more memory than one."""
    instance = load()

    def live() -> None:
        nonlocal instance
        instance = host.reload(instance)
        instance.send("upper x")

    for _ in range(100):
        live()
    before = peak_kib()
    for _ in range(1000):
        live()
    # The history in memory grows with the messages.
    assert peak_kib() - before < 8 << 10


def peak_kib() -> int:
    """The most memory that this process has had."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


def test_a_plugin_is_loaded_anew_and_removed(host: Host, load: Callable[..., Instance]) -> None:
    """Each time it answers; when it is gone, it says so."""
    instance = load()
    for number in range(5):
        instance = host.reload(instance)
        assert f"LIFE {number}" == instance.send(f"upper life {number}")
    host.unload(instance)
    with pytest.raises(ClosedError):
        instance.send("upper x")


# ---- a plugin as it was published ----


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
def published(host: Host, make: Callable[..., Path], peer: Peer) -> Instance:
    """A plugin for the crate 0.1.2, unchanged, connected to the peer."""
    make("published", package="published")
    host.discover()
    instance = host.load("published")
    instance.ui_event(find(instance, "Port:", "text_edit_singleline"), str(peer.port))
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
    published.ui_event(find(published, "Ending:", "combo_box"), "!")
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


def test_a_published_plugin_says_why_it_does_not_connect(host: Host, make: Callable[..., Path]) -> None:
    """In its own words."""
    make("published", package="published")
    host.discover()
    instance = host.load("published")
    instance.ui_event(find(instance, "Port:", "text_edit_singleline"), "1")
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


def test_the_runtimes_of_published_plugins_end(host: Host, make: Callable[..., Path]) -> None:
    """Twenty lives leave no thread behind."""
    make("published", package="published")
    host.discover()
    host.unload(host.load("published"))
    before = threads()
    for _ in range(20):
        host.unload(host.load("published"))
    assert before >= threads()


def threads() -> int:
    """The threads of this process, those of plugins among them."""
    return len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else threading.active_count()


def test_the_line_is_that_of_a_published_plugin(host: Host, make: Callable[..., Path], log: EventLog) -> None:
    """Its macros need no context."""
    make("published", package="published")
    host.discover()
    host.load("published")
    line = log.wait_for(LogEvent)
    assert ("[Test] mounted as published", "published/src/lib.rs") == (line.text, line.file)


def test_states_of_a_published_plugin_come_in_order(log: EventLog, published: Instance) -> None:
    """Initialized, mounted, connected."""
    log.wait_for(StateEvent, lambda event: event.state == State.CONNECTED)
    states = [event.state for event in log.of(StateEvent) if event.instance_id == "published"]
    assert [State.INITIALIZED, State.MOUNTED, State.CONNECTED] == states


# ---- what is generated ----


def test_the_binding_follows_from_the_header() -> None:
    """abi.rs is what generate.py makes of the header."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "bindings" / "rust" / "generate.py"), "--check"], capture_output=True, text=True
    )
    assert (0, "") == (done.returncode, done.stderr)
