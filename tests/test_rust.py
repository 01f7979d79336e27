"""Plugins in Rust, from tests/rust, in the real host."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from host_support import PATIENCE, ROOT, EventLog, Plugins
from plugin_interfaces._abi import State, Status
from plugin_interfaces.errors import (
    ClosedError,
    LibraryError,
    NoReply,
    PluginFailed,
    PluginInterfacesError,
    RequestCancelled,
)
from plugin_interfaces.host import Host, Instance
from plugin_interfaces.host.events import LogEvent, MessageEvent, ReportEvent, StreamEvent
from rust_support import needs_cargo

pytestmark = needs_cargo


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
def test_a_message_is_answered(rust: Callable[..., Instance], message: str, answer: str) -> None:
    """In the entry, and from a thread later."""
    assert answer == rust().send(message)


def test_two_instances_have_states_of_their_own(host: Host, rust: Callable[..., Instance]) -> None:
    """What one keeps the other does not know."""
    first = rust()
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
        ("unspeakable", Status.ERROR, "there are no words"),
        ("fail later", -1001, "the line is busy"),
    ],
)
def test_a_failure_is_a_status_and_a_text(rust: Callable[..., Instance], message: str, status: int, text: str) -> None:
    """An error, a panic, also one of an error's own, and a request that fails later."""
    with pytest.raises(PluginInterfacesError) as caught:
        rust().send(message)
    assert (status, True) == (caught.value.code, str(caught.value).endswith(text))


def test_a_panic_tells_its_place(rust: Callable[..., Instance]) -> None:
    """File and line."""
    with pytest.raises(PluginFailed, match=r"panicked at behaviours/src/answers\.rs:\d+: here"):
        rust().send("panic here")


def test_a_plugin_goes_on_after_a_panic(rust: Callable[..., Instance]) -> None:
    """The next message is answered."""
    instance = rust()
    with pytest.raises(PluginFailed):
        instance.send("panic")
    assert "FINE" == instance.send("upper fine")


@pytest.mark.parametrize("message", ["drop", "drop later"])
def test_a_dropped_request_has_no_reply(rust: Callable[..., Instance], message: str) -> None:
    """Wherever it is dropped."""
    with pytest.raises(NoReply, match="dropped the request"):
        rust().send(message)


def test_kept_requests_are_answered_later(rust: Callable[..., Instance], log: EventLog) -> None:
    """By a later message."""
    instance = rust()
    kept = [instance.start("keep") for _ in range(3)]
    log.wait_for(MessageEvent, lambda event: event.content == "kept 3")
    assert "3" == instance.send("answer all")
    assert ["at last"] * 3 == [reply.result() for reply in kept]


def test_a_plugin_learns_that_the_person_has_cancelled(rust: Callable[..., Instance], log: EventLog) -> None:
    """By the token that it polls, and by on_cancel afterwards."""
    instance = rust()
    reply = instance.start("wait")
    log.wait_for(MessageEvent, lambda event: event.content == "it waits")
    reply.cancel()
    with pytest.raises(RequestCancelled):
        reply.result()
    assert "PLUGIN_CANCELLED" == instance.send("state")


def test_a_plugin_learns_of_a_deadline(rust: Callable[..., Instance]) -> None:
    """By the same token."""
    instance = rust()
    with pytest.raises(PluginInterfacesError):
        instance.send("wait", timeout=0.05)
    assert instance.send("state") in ("PLUGIN_TIMEOUT", "PLUGIN_ENDED")


@pytest.mark.parametrize("message", ["big 5000", "big later"])
def test_a_reply_beyond_the_limit_fails(plugins: Plugins, rust_folder: Callable[..., Path], message: str) -> None:
    """With what the host says of it, also where the plugin answers from a thread and does not look at the error."""
    rust_folder("answers")
    with Host([plugins.path], max_text_bytes=1000) as host:
        instance = host.load("answers")
        instance.connect()
        with pytest.raises(PluginInterfacesError) as caught:
            instance.send(message, timeout=PATIENCE)
    assert Status.TOO_LARGE == caught.value.code


# ---- streams ----


def test_a_stream_is_the_reply(rust: Callable[..., Instance]) -> None:
    """Piece by piece."""
    assert ["one", "two", "three"] == list(rust().stream("stream one two three"))


def test_a_dropped_stream_fails(rust: Callable[..., Instance], log: EventLog) -> None:
    """The person sees that it is not whole."""
    list(rust().stream("stream_and_drop half"))
    end = log.wait_for(StreamEvent, lambda event: event.type == "stream_end")
    assert (False, "the plugin dropped the stream before its end") == (end.success, end.reason)


def test_the_person_cancels_a_stream_from_a_thread(rust: Callable[..., Instance], log: EventLog) -> None:
    """The thread learns of it with its next chunk, and on_cancel is called."""
    instance = rust()
    with pipe() as (writing, read):
        assert "it streams" == instance.send(f"stream_for_ever {writing}")
        chunk = log.wait_for(StreamEvent, lambda event: event.type == "stream_data")
        instance.cancel_stream(chunk.stream)
        assert "Some(StreamCancelled)" == read()
    assert "stream" == instance.send("cancelled")


def test_the_person_pauses_a_stream_from_a_thread(rust: Callable[..., Instance], log: EventLog) -> None:
    """Nothing comes until it is resumed."""
    instance = rust()
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
    host: Host, rust: Callable[..., Instance], log: EventLog
) -> None:
    """The sender is told, and the instance is gone."""
    instance = rust()
    with pipe() as (writing, read):
        instance.send(f"stream_for_ever {writing}")
        log.wait_for(StreamEvent, lambda event: event.type == "stream_data")
        host.unload(instance)
        assert read() in ("Some(StreamCancelled)", "Some(SendFailed)")
    assert State.GONE == instance.state


# ---- threads that outlive the plugin ----


def test_a_context_in_a_thread_outlives_its_plugin(host: Host, rust: Callable[..., Instance]) -> None:
    """Each of its calls says that the instance is gone; none crashes."""
    instance = rust()
    with pipe() as (writing, read):
        instance.send(f"outlive {writing}")
        host.unload(instance)
        assert "(false, None, None, Err(SendFailed), Err(PLUGIN_CLOSED))" == read()


def test_a_context_in_a_thread_outlives_its_host(plugins: Plugins, rust_folder: Callable[..., Path]) -> None:
    """The same when the whole host is closed."""
    rust_folder("answers")
    with pipe() as (writing, read):
        with Host([plugins.path]) as host:
            instance = host.load("answers")
            instance.connect()
            instance.send(f"outlive {writing}")
        assert read().startswith("(false, None, None, Err(SendFailed), ")


def test_a_panic_in_a_thread_is_in_the_log(rust: Callable[..., Instance], log: EventLog) -> None:
    """With the thread's name and the place."""
    assert "true" == rust().send("thread_panics")
    line = log.wait_for(LogEvent, lambda event: "in a thread" in event.text)
    assert line.text.startswith('thread "worker" panicked at behaviours/src/answers.rs:')


# ---- what fails, where ----


@pytest.mark.parametrize("how", ["fails", "panics"])
@pytest.mark.parametrize("entry", ["initialize", "on_mount"])
def test_a_plugin_that_fails_at_the_start_is_not_loaded(
    host: Host, rust_folder: Callable[..., Path], how: str, entry: str
) -> None:
    """The error says why."""
    plugin_id = f"{how}_in_{entry}"
    rust_folder(plugin_id)
    host.discover()
    with pytest.raises(LibraryError, match=f"told to {how[:-1]} in {entry}"):
        host.load(plugin_id)


@pytest.mark.parametrize("how", ["fails", "panics"])
def test_a_plugin_that_fails_to_connect_stays_mounted(host: Host, rust_folder: Callable[..., Path], how: str) -> None:
    """And may be tried again."""
    rust_folder(f"{how}_in_on_connect")
    host.discover()
    instance = host.load(f"{how}_in_on_connect")
    for _ in range(2):
        with pytest.raises(PluginFailed, match=f"told to {how[:-1]} in on_connect"):
            instance.connect()
    assert State.MOUNTED == instance.state


@pytest.mark.parametrize("how", ["fails", "panics"])
@pytest.mark.parametrize("entry", ["on_disconnect", "on_dispose"])
def test_a_failure_at_the_end_is_reported(
    host: Host, rust: Callable[..., Instance], log: EventLog, how: str, entry: str
) -> None:
    """And the end goes on."""
    instance = rust(f"{how}_in_{entry}")
    host.unload(instance)
    report = log.wait_for(ReportEvent, lambda event: event.call == entry)
    assert (True, State.GONE) == (f"told to {how[:-1]} in {entry}" in report.text, instance.state)


@pytest.mark.parametrize("entry", ["init_ui", "load_state"])
def test_a_failure_that_does_not_matter_is_reported(
    host: Host, rust: Callable[..., Instance], log: EventLog, entry: str
) -> None:
    """And the plugin is used."""
    instance = rust(f"panics_in_{entry}")
    if entry == "load_state":
        instance = host.reload(instance)
    log.wait_for(ReportEvent, lambda event: event.call == entry)
    assert "hello" == instance.send("hello")


def test_a_panic_in_the_settings_is_drawn(rust: Callable[..., Instance]) -> None:
    """Below what was drawn before it, and the container that was open is closed."""
    tree = rust("panics_in_update_ui").ui().tree
    assert tree is not None
    assert ["label", "horizontal", "error"] == [child.kind for child in tree.children]


def test_a_panic_in_the_destructor_harms_nobody(host: Host, rust: Callable[..., Instance]) -> None:
    """The instance is gone."""
    instance = rust("panics_in_drop")
    host.unload(instance)
    assert State.GONE == instance.state


def test_a_panic_in_save_state_is_an_error(rust: Callable[..., Instance]) -> None:
    """With its text."""
    with pytest.raises(PluginFailed, match="told to panic in save_state"):
        rust("panics_in_save_state").save_state()


def test_a_panic_that_aborts_ends_the_process(plugins: Plugins, rust_folder: Callable[..., Path]) -> None:
    """As documented: the message is on standard error."""
    rust_folder("aborts", package="aborts", profile="abort")
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


def test_a_state_comes_back(host: Host, rust: Callable[..., Instance]) -> None:
    """In the next life of the instance."""
    instance = rust()
    instance.send("state kept")
    assert "kept" == host.reload(instance).send("state")


def test_settings_are_read_and_stored(rust: Callable[..., Instance]) -> None:
    """Through the manifest's check."""
    instance = rust(manifest='[config.port]\ntype = "integer"\ndefault = 80\nmaximum = 100\n')
    instance.send("set port=90")
    assert ('Some("90")', "None") == (instance.send("get port"), instance.send("get nothing"))
    with pytest.raises(PluginFailed, match="port"):
        instance.send("set port=101")


def test_history_comes_before_the_message(rust: Callable[..., Instance]) -> None:
    """Where the manifest asks for it; read from the host it has the message at hand as well."""
    instance = rust(manifest="require_history = true\n")
    instance.send("upper a")
    before, read = instance.send("history").split()
    assert ("Some(2)", True) == (before, int(read) >= 2)


def test_plugins_call_each_other(host: Host, rust: Callable[..., Instance], plugins: Plugins) -> None:
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
    instance = rust()
    other = host.load("reverse")
    other.connect()
    assert "cba" == instance.send("call reverse abc")
    with pytest.raises(PluginFailed, match="nobody"):
        instance.send("call nobody abc")


def test_a_message_outside_of_a_reply_arrives(rust: Callable[..., Instance], log: EventLog) -> None:
    """As the instance's."""
    assert "true" == rust().send("send by the way")
    assert "by the way" == log.wait_for(MessageEvent).content


def test_a_line_of_a_macro_is_that_of_the_instance(host: Host, rust: Callable[..., Instance], log: EventLog) -> None:
    """Which runs, not the one that came last."""
    first = rust()
    host.load("answers", "second").connect()
    first.send("log from the first")
    line = log.wait_for(LogEvent, lambda event: event.text == "from the first")
    assert ("answers", "behaviours/src/answers.rs") == (line.instance_id, line.file)


def test_a_line_is_that_of_the_entry_whatever_else_is_asked(
    host: Host, rust: Callable[..., Instance], log: EventLog
) -> None:
    """The streams of all instances, and another instance's context."""
    first = rust()
    second = host.load("answers", "second")
    second.connect()
    second.send("leave_context")
    first.send("log_of_another from the first")
    assert "answers" == log.wait_for(LogEvent, lambda event: event.text == "from the first").instance_id


def test_a_plugin_asks_to_be_disconnected(rust: Callable[..., Instance]) -> None:
    """And is."""
    instance = rust()
    assert "true" == instance.send("disconnect")
    instance.wait_for_state("mounted", PATIENCE)


@pytest.mark.parametrize(
    ("event", "answer"), [("mine", "true"), ("plugin-ui-refreshed", "true"), ("plugin-x", "false")]
)
def test_events_of_the_host_become_its_calls(rust: Callable[..., Instance], event: str, answer: str) -> None:
    """Others that would be its own are refused."""
    assert answer == rust().send(f"event {event}")


# ---- reload, and many lives ----


def test_a_crate_that_was_compiled_anew_is_loaded(
    host: Host, rust: Callable[..., Instance], rust_built: Path, rust_folder: Callable[..., Path]
) -> None:
    """Though the old one stays in memory, by its thread-local destructors at least."""
    instance = rust("changing")
    fresh = instance.folder.path / "fresh.so"
    shutil.copy(rust_built / "debug" / "libpublished.so", fresh)
    fresh.replace(instance.folder.path / "libchanging.so")
    host.unload(instance)
    assert "Line peer" == find_text(host.load("changing"))


def find_text(instance: Instance) -> str:
    """The first text of the settings."""
    tree = instance.ui().tree
    assert tree is not None
    return tree.children[0].text


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the memory that is held cannot be told here")
def test_many_lives_leave_nothing(host: Host, rust: Callable[..., Instance]) -> None:
    """A thousand of them, each with its metadata, are no more memory than one."""
    instance = rust()
    for _ in range(100):
        instance = host.reload(instance)
    before = resident_bytes()
    for _ in range(1000):
        instance = host.reload(instance)
    assert resident_bytes() - before < 1 << 20


def resident_bytes() -> int:
    """The memory that this process has now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_a_plugin_is_loaded_anew_and_removed(host: Host, rust: Callable[..., Instance]) -> None:
    """Each time it answers; when it is gone, it says so."""
    instance = rust()
    for number in range(5):
        instance = host.reload(instance)
        assert f"LIFE {number}" == instance.send(f"upper life {number}")
    host.unload(instance)
    with pytest.raises(ClosedError):
        instance.send("upper x")


# ---- what is generated ----


def test_the_binding_follows_from_the_header() -> None:
    """abi.rs is what generate.py makes of the header."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "bindings" / "rust" / "generate.py"), "--check"], capture_output=True, text=True
    )
    assert (0, "") == (done.returncode, done.stderr)
