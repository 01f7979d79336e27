"""Bad libraries, texts, replies and files: each a clear error, the host alive and nothing lost."""

from __future__ import annotations

import ctypes
import resource
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from host_support import PATIENCE, EventLog, Plugins
from plugin_interfaces import Status
from plugin_interfaces._ffi import fast
from plugin_interfaces.errors import (
    ConfigError,
    LibraryError,
    LoadError,
    ManifestError,
    NoReply,
    PluginFailed,
    ReplyTimeout,
    TextError,
    VersionError,
)
from plugin_interfaces.host import Host, Instance
from plugin_interfaces.host.events import MessageEvent, ReportEvent, RequestEndedEvent

Load = Callable[..., Instance]


@pytest.fixture(autouse=True)
def others_go_on(host: Host, plugins: Plugins) -> Iterator[None]:
    """Beside each bad plugin a good one is connected, and still answers when the test is over."""
    plugins.c("echo", "neighbour")
    host.discover()
    neighbour = host.load("neighbour")
    neighbour.connect()
    yield
    assert "still here" == neighbour.send("still here")
    assert ["still here", "still here"] == [message.content for message in neighbour.history(2)]


def failure(host: Host, folder: Path) -> LoadError:
    """The error with which a plugin fails to load."""
    host.discover()
    with pytest.raises(LoadError) as caught:
        host.load(folder.name)
    assert folder.name in str(caught.value)
    return caught.value


# ---- libraries ----


def test_a_library_without_create_plugin(host: Host, plugins: Plugins) -> None:
    """The symbol is named."""
    assert "create_plugin" in str(failure(host, plugins.c("no_create")))


def test_a_library_for_another_machine(host: Host, plugins: Plugins) -> None:
    """Both are named: for which it was built, and what this is."""
    folder = plugins.c("echo")
    library = folder / "libecho.so"
    image = bytearray(library.read_bytes())
    struct.pack_into("<H", image, 18, 0xF3 if image[18] != 0xF3 else 0x3E)
    library.write_bytes(image)
    error = failure(host, folder)
    assert isinstance(error, LibraryError)
    assert "built for" in str(error)


@pytest.mark.parametrize("part", [0.99, 0.5, 0.1])
def test_a_truncated_library(host: Host, plugins: Plugins, part: float) -> None:
    """It is not loaded, wherever it was cut."""
    folder = plugins.c("echo")
    library = folder / "libecho.so"
    image = library.read_bytes()
    library.write_bytes(image[: int(len(image) * part)])
    assert "truncated" in str(failure(host, folder))


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n", b"\x7fELF", bytes(4096)])
def test_a_file_that_is_no_library(host: Host, plugins: Plugins, content: bytes) -> None:
    """Told as such."""
    folder = plugins.folder("nothing")
    (folder / "libnothing.so").write_bytes(content)
    assert isinstance(failure(host, folder), LibraryError)


def test_a_missing_library_says_how_to_build_it(host: Host, plugins: Plugins) -> None:
    """Where there is a source."""
    folder = plugins.folder("unbuilt")
    (folder / "unbuilt.c").write_text("int x;")
    assert f"plugin-interfaces build {folder}" in str(failure(host, folder))


def test_the_wrong_version_of_the_abi(host: Host, plugins: Plugins) -> None:
    """Both versions are named."""
    error = failure(host, plugins.c("wrong_version"))
    assert isinstance(error, VersionError)
    assert "8" in str(error)
    assert "1" in str(error)


def test_a_table_of_another_layout(host: Host, plugins: Plugins) -> None:
    """Nothing of it is called; the text says to rebuild."""
    assert "rebuild" in str(failure(host, plugins.c("foreign_table")))


@pytest.mark.parametrize("name", ["short_table", "no_destroy", "null_table"])
def test_a_table_that_cannot_be_used(host: Host, plugins: Plugins, name: str) -> None:
    """Too short, without what is required, or none at all."""
    reason = {"short_table": "struct_size of 24", "no_destroy": "destroy", "null_table": "NULL"}[name]
    assert reason in str(failure(host, plugins.c(name)))


def test_a_plugin_that_says_it_is_another(host: Host, plugins: Plugins) -> None:
    """Both ids are named."""
    assert "somebody_else" in str(failure(host, plugins.c("other_metadata")))


# ---- texts ----


def test_a_reply_that_is_not_utf8_is_refused(c: Load) -> None:
    """The plugin learns at which byte; the request is still open."""
    assert "3" in c("invalid_text").send("x")


def test_an_error_text_that_is_not_utf8_is_shown_as_well_as_possible(c: Load) -> None:
    """A damaged diagnosis is better than none."""
    with pytest.raises(PluginFailed, match="broken \ufffd text"):
        c("invalid_error").send("x")


def test_a_nul_byte_in_a_message_is_kept(c: Load) -> None:
    """There and back."""
    assert "a\0b" == c("echo").send("a\0b")


def test_a_nul_byte_in_a_name_is_refused(c: Load) -> None:
    """The plugin learns why."""
    assert "NUL" in c("nul_in_name").send("x")


def test_a_message_of_64_mib_is_refused(c: Load) -> None:
    """The error says how much is allowed, and the next message goes through."""
    echo = c("echo")
    with pytest.raises(TextError, match="16777216 bytes that the host takes"):
        echo.send("x" * (64 << 20))
    assert "hello" == echo.send("hello")


def test_a_host_may_allow_64_mib(plugins: Plugins) -> None:
    """The limit is the host's own."""
    plugins.c("echo")
    text = "x" * (64 << 20)
    with Host([plugins.path / "echo"], max_text_bytes=len(text)) as host:
        echo = host.load("echo")
        echo.connect()
        assert text == echo.send(text)


def test_a_reply_of_64_mib_is_refused(c: Load) -> None:
    """The plugin gets the status, and may reply something else."""
    assert str(int(Status.TOO_LARGE)) == c("big_reply").send("x")


def test_an_empty_message_is_a_message(c: Load) -> None:
    """And an empty reply a reply."""
    echo = c("echo")
    assert ("", 2) == (echo.send(""), len(echo.history()))


# ---- replies and streams ----


def test_no_reply(c: Load) -> None:
    """The message fails at once."""
    with pytest.raises(NoReply):
        c("no_reply").send("x")


def test_a_reply_that_is_never_given(c: Load) -> None:
    """The deadline ends the message, and the next one is taken."""
    instance = c("never_replies")
    for _ in range(2):
        with pytest.raises(ReplyTimeout):
            instance.send("x", timeout=0.05)


def test_the_second_of_two_replies_has_no_effect(c: Load, log: EventLog) -> None:
    """The plugin gets the status, the host reports it."""
    assert "first" == c("two_replies").send("x")
    assert str(int(Status.ENDED)) == log.wait_for(MessageEvent).content
    assert "request_reply" == log.wait_for(ReportEvent).call


def test_a_stream_after_its_end(c: Load, log: EventLog) -> None:
    """Each call on it is answered that it has ended."""
    ended = int(Status.ENDED)
    assert f"{ended} {ended} {ended}" == c("stream_after_end").send("x")


# ---- threads ----


def test_a_callback_from_an_own_thread_in_each_phase(host: Host, c: Load, log: EventLog) -> None:
    """All are taken, and arrive in order."""
    instance = c("own_thread")
    instance.send("x")
    host.unload(instance)
    log.wait_for(MessageEvent, lambda event: event.content == "on_dispose")
    phases = ["initialize", "on_mount", "on_connect", "handle_message", "on_disconnect", "on_dispose"]
    assert phases == [event.content for event in log.of(MessageEvent)]


def test_a_callback_between_the_phases(host: Host, c: Load) -> None:
    """Taken as long as the instance lives, closed from its end on."""
    instance = c("own_thread")
    library = ctypes.CDLL(str(instance.folder.code))
    statuses = [library.late_message()]
    instance.disconnect()
    statuses.append(library.late_message())
    host.unload(instance)
    statuses.append(library.late_message())
    assert [Status.OK, Status.OK, Status.CLOSED] == statuses


def test_a_callback_after_the_host_was_closed(plugins: Plugins) -> None:
    """Also the core is gone by then."""
    plugins.c("own_thread")
    with Host([plugins.path / "own_thread"]) as host:
        library = ctypes.CDLL(str(host.load("own_thread").folder.code))
    assert Status.CLOSED == library.late_message()


def test_10000_events_while_nobody_drains(host: Host, c: Load) -> None:
    """The plugin is told PLUGIN_FULL and is not held up; what was taken arrives, in order, and so does the reply."""
    flood = c("flood")
    log = EventLog()
    blocked, go_on = threading.Event(), threading.Event()

    def block(event: object) -> None:
        log(event)  # type: ignore[arg-type]
        blocked.set()
        assert go_on.wait(PATIENCE)

    host.add_listener(block)
    host.instance("neighbour").start("wake the pump")
    assert blocked.wait(PATIENCE)
    reply = flood.start("x")
    # The reply cannot arrive before the pump goes on, so the core is asked whether there is one.
    assert Status.OK == fast.request_wait(reply.request, round(PATIENCE * 1000))[0]
    go_on.set()
    taken, full = (int(number) for number in reply.result(PATIENCE).split())
    assert 10_000 == taken + full
    assert full > 0
    assert ["flood"] * taken == [event.content for event in log.of(MessageEvent)]


def test_a_message_is_sent_at_once_also_into_a_full_queue(host: Host, c: Load) -> None:
    """Whoever calls start may be an event loop's thread, which must not wait."""
    flood = c("flood")
    blocked, go_on = threading.Event(), threading.Event()

    def block(_: object) -> None:
        blocked.set()
        assert go_on.wait(PATIENCE)

    host.add_listener(block)
    host.instance("neighbour").start("wake the pump")
    assert blocked.wait(PATIENCE)
    first = flood.start("x")
    assert Status.OK == fast.request_wait(first.request, round(PATIENCE * 1000))[0]
    try:
        assert flood.start("x", timeout=0.1).request
    finally:
        go_on.set()


# ---- files ----


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[plugin\nid = 1", "not valid TOML.*line 1"),
        (b'[plugin]\nname = "\xff"\n', "line 2 is not UTF-8"),
        (b"", r"no table \[plugin\]"),
        (b"[plugin]\nname = 'no id'\n", "id"),
        (b"[plugin]\nid = ''\n", "the id is empty"),
        (b"[plugin]\nid = '../up'\n", "is no id"),
        (b"[plugin]\nid = 5\n", "id"),
        (b"[plugin]\nid = 'x'\nlibrary = '../../lib'\n", "outside"),
        (b"[plugin]\nid = 'x'\n[config.a]\ntype = 'colour'\n", r"\[config.a\]"),
        (b"\xef\xbb\xbf\x00", "toml|TOML"),
    ],
)
def test_a_manifest_that_cannot_be_used(host: Host, plugins: Plugins, content: bytes, reason: str) -> None:
    """The plugin is listed as failed, with file, place and what to do."""
    folder = plugins.folder("broken")
    (folder / "config.toml").write_bytes(content)
    host.discover()
    failed = next(found for found in host.plugins if found.path == folder)
    with pytest.raises(LoadError, match=reason) as caught:
        host.load(failed.id)
    assert "config.toml" in str(caught.value)


def test_a_folder_without_a_manifest(host: Host, plugins: Plugins) -> None:
    """It is no plugin; asked for by itself it is told why."""
    (plugins.path / "nothing").mkdir()
    from plugin_interfaces.host.discovery import look_at

    assert "nothing" not in [folder.id for folder in host.discover()]
    error = look_at(plugins.path / "nothing").error
    assert isinstance(error, ManifestError)
    assert "No such file" in str(error)


def test_a_user_file_that_is_damaged(c: Load) -> None:
    """Reading a setting says which file and line; the file stays as it is."""
    instance = c("echo", manifest='[config.key]\ntype = "string"\n')
    path = instance.folder.path / "user.toml"
    path.write_text("[user\n")
    with pytest.raises(ConfigError, match=r"user.toml.*line 1.*Mend the file"):
        instance.config.get("key")
    with pytest.raises(ConfigError, match="Mend the file"):
        instance.config.set("key", "value")
    assert "[user\n" == path.read_text()


@contextmanager
def no_room() -> Iterator[None]:
    """No file of this process may grow, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_user_file_that_cannot_be_written(c: Load) -> None:
    """The setting is as it was, in memory and on disk."""
    instance = c("echo", manifest='[config.key]\ntype = "string"\n')
    instance.config.set("key", "before")
    before = (instance.folder.path / "user.toml").read_bytes()
    with no_room(), pytest.raises(ConfigError, match=r"user.toml: cannot be written: .*nothing was changed"):
        instance.config.set("key", "after")
    assert "before" == instance.config.get("key")
    assert before == (instance.folder.path / "user.toml").read_bytes()
    assert {"config.toml", "libecho.so", "user.toml"} == {path.name for path in instance.folder.path.iterdir()}


def test_two_plugins_with_one_id(host: Host, plugins: Plugins) -> None:
    """The first counts; the second is listed as failed, and both folders are named."""
    first, second = plugins.c("echo", "first"), plugins.c("echo", "second")
    text = (first / "config.toml").read_text()
    (second / "config.toml").write_text(text)
    host.discover()
    failed = next(folder for folder in host.plugins if folder.path == second)
    assert str(first) in str(failed.error)
    assert str(second) in str(failed.error)
    assert first == host.load("first").folder.path


def test_what_a_plugin_sent_before_it_failed_is_not_lost(py: Load, log: EventLog) -> None:
    """Messages first, then the end of the request."""
    instance = py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                context.send_message("one")
                context.send_message("two")
                raise RuntimeError("three")
    """)
    with pytest.raises(PluginFailed, match="three"):
        instance.send("x")
    own = [event for event in log.events if event.instance_id == "plugin"]
    kinds = [type(event) for event in own if isinstance(event, MessageEvent | RequestEndedEvent)]
    assert [MessageEvent, MessageEvent, RequestEndedEvent] == kinds
    assert ["x", "one", "two", "RuntimeError: three"] == [message.content for message in instance.history()]
