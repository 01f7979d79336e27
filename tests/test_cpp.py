"""include/plugin_interface.hpp: it compiles everywhere, and plugins written with it behave, whatever they do."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from host_support import PATIENCE, EventLog, Plugins
from plugin_interfaces.errors import (
    CycleError,
    LoadError,
    NoReply,
    PluginFailed,
    PluginInterfacesError,
    RequestCancelled,
)
from plugin_interfaces.host import Host, Instance, build_plugin
from plugin_interfaces.host.events import (
    FrontendEvent,
    LogEvent,
    MessageEvent,
    ReportEvent,
    StreamEvent,
    UiRefreshEvent,
)

Load = Callable[..., Instance]

ROOT = Path(__file__).parents[1]
HEADER = ROOT / "include" / "plugin_interface.hpp"
TEXT = HEADER.read_text(encoding="utf-8")
SOURCES = Path(__file__).parent / "cpp"

COMPILERS = [name for name in ("g++", "clang++") if shutil.which(name)] or ["c++"]
STANDARDS = ["c++17", "c++20", "c++2b"]
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wnon-virtual-dtor", "-Woverloaded-virtual"]
WITHOUT = [[], ["-fno-exceptions"], ["-fno-rtti"], ["-fno-exceptions", "-fno-rtti"]]

PLUGIN = ["-std=c++17", "-fPIC", "-fvisibility=hidden", "-pthread", "-Wall", "-Wextra", "-Werror"]


def run(*command: str | Path) -> str:
    """What a compiler says where it fails; an empty text otherwise."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    return done.stderr if done.returncode else ""


# ---- it compiles ----


def compile_everything(*command: str) -> str:
    """What a compiler has to say of a source that uses all of the header."""
    return run(*command, *STRICT, "-Werror", f"-I{HEADER.parent}", SOURCES / "everything.cpp")


@pytest.mark.parametrize("standard", STANDARDS)
@pytest.mark.parametrize("compiler", COMPILERS)
def test_compiles_without_a_warning(compiler: str, standard: str) -> None:
    """With and without exceptions and RTTI."""
    with ThreadPoolExecutor(2) as pool:
        said = pool.map(
            lambda without: compile_everything(compiler, f"-std={standard}", "-fsyntax-only", *without), WITHOUT
        )
    assert [""] * 4 == list(said)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_compiles_without_a_warning_when_optimised(compiler: str) -> None:
    """Some warnings only come then."""
    assert "" == compile_everything(compiler, "-std=c++17", "-O2", "-c", "-o", "/dev/null")


WRONG_ENTRY = """
#include "plugin_interface.hpp"
using namespace plugin_interfaces;
struct Wrong final : PluginHandler {
    Status handle_message(const Context &, Request &, const std::string &) { return {}; }
};
PLUGIN_EXPORT_HANDLER(Wrong)
"""


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (WRONG_ENTRY, "so it overrides nothing"),
        (WRONG_ENTRY.replace("const std::string &", "std::string_view").replace("Status handle", "void handle"), ""),
        (WRONG_ENTRY.replace(": PluginHandler", ": private PluginHandler"), "derives publicly"),
        (WRONG_ENTRY.replace("Status handle", "explicit Wrong(int) {}\n    Status handle"), "without arguments"),
        (WRONG_ENTRY.replace("return {};", "return true;"), "deleted"),
    ],
    ids=["parameters", "result", "private base", "constructor", "bool"],
)
def test_a_mistake_does_not_compile(source: str, message: str, tmp_path: Path) -> None:
    """And where it is this header's to say why, it does."""
    (tmp_path / "wrong.cpp").write_text(source)
    said = run(COMPILERS[0], "-std=c++17", "-fsyntax-only", f"-I{HEADER.parent}", tmp_path / "wrong.cpp")
    assert said
    assert message in said


def smallest_plugin() -> str:
    """The source of the smallest plugin, as the header's first comment shows it."""
    match = re.search(r"Smallest plugin, complete.*?\n \*\n((?: \*     .*\n)+)", TEXT)
    assert match is not None
    return "".join(line.removeprefix(" *     ") for line in match[1].splitlines(keepends=True))


def test_the_smallest_plugin_is_small() -> None:
    """Less than 15 lines."""
    assert smallest_plugin().count("\n") < 15


@pytest.fixture(scope="module")
def smallest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its folder, where `build` has compiled it."""
    folder = tmp_path_factory.mktemp("smallest") / "echo"
    folder.mkdir()
    (folder / "echo.cpp").write_text(smallest_plugin(), encoding="utf-8")
    manifest = '[plugin]\nid = "echo"\nname = "Echo"\nversion = "1.0.0"\nlibrary = "echo"\nreloadable = true\n'
    (folder / "config.toml").write_text(manifest)
    result = build_plugin(folder, HEADER.parent)
    assert ("built", "") == (result.status, result.log)
    return folder


def test_the_smallest_plugin_answers(smallest: Path, tmp_path: Path) -> None:
    """In the real host."""
    with Host([smallest.parent], tmp_path / "data") as host:
        echo = host.load("echo")
        echo.connect()
        assert "hello" == echo.send("hello")


def test_the_smallest_plugin_can_be_unmapped(smallest: Path, tmp_path: Path) -> None:
    """Nothing of the header makes a symbol that keeps a library in memory, as a static in an inline function would."""
    with Host([smallest.parent], tmp_path / "data") as host:
        host.unload(host.load("echo"))
        assert str(smallest) not in Path("/proc/self/maps").read_text()


def test_a_plugin_exports_only_its_two_symbols(smallest: Path) -> None:
    """Compiled as `build` does."""
    command = ["nm", "-D", "--defined-only", smallest / "libecho.so"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True)
    assert {"create_plugin", "destroy_plugin"} == {line.split()[-1] for line in listed.stdout.splitlines()}


def test_no_line_is_too_long() -> None:
    """A line has at most 120 characters."""
    assert [] == [line for line in TEXT.splitlines() if len(line) > 120]


# ---- it behaves ----


@pytest.fixture(scope="session")
def compiled_cpp(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives the library that is compiled from tests/cpp/plugins/<name>.cpp, once in a session."""
    folder = tmp_path_factory.mktemp("compiled_cpp")
    compiler = COMPILERS[0]
    header = [] if "clang" in compiler else [f"-I{folder}"]
    if header:  # compiled once instead of each time
        assert "" == run(compiler, *PLUGIN, "-x", "c++-header", HEADER, "-o", folder / f"{HEADER.name}.gch")

    def compiled(name: str) -> Path:
        target: Path = folder / f"lib{name}.so"
        if not target.exists():
            without = ["-fno-exceptions", "-fno-rtti"] if name == "without_exceptions" else []
            command = [compiler, *PLUGIN, *without, "-shared", *([] if without else header), f"-I{HEADER.parent}"]
            assert "" == run(*command, SOURCES / "plugins" / f"{name}.cpp", "-o", target)
        return target

    return compiled


@pytest.fixture
def plugins(tmp_path: Path, compiled_cpp: Callable[[str], Path], compiled: Callable[[str], Path]) -> Plugins:
    """A folder for plugins of tests/cpp/plugins, and where there is none of that name, of tests/plugins."""

    def either(name: str) -> Path:
        return (compiled_cpp if (SOURCES / "plugins" / f"{name}.cpp").exists() else compiled)(name)

    return Plugins(tmp_path / "plugins", either)


def test_what_is_not_overridden_is_absent(c: Load) -> None:
    """So the host's own defaults apply: here the echo and the form of the manifest."""
    bare = c("bare", manifest='[config.port]\ntype = "integer"\ndefault = 1\ntitle = "Port"\n')
    tree = bare.ui().tree
    assert tree is not None
    assert ("Echo from Test: hello", "integer") == (bare.send("hello"), tree.find("Port").kind)


def test_entries_may_be_private_inherited_noexcept_and_overloaded(c: Load) -> None:
    """They are found all the same."""
    assert "all of them ran" == c("overrides_in_private").send("?")


# ---- exceptions ----


def throws(where: str, **keys: str) -> dict[str, str]:
    """The manifest of a plugin that throws in an entry."""
    given = "".join(f"{key} = {value}\n" for key, value in keys.items())
    return {"manifest": f'{given}[config.where]\ntype = "string"\ndefault = "{where}"\n'}


@pytest.mark.parametrize("entry", ["initialize", "on_mount"])
def test_an_exception_while_loading_is_the_reason(c: Load, entry: str) -> None:
    """With its text."""
    with pytest.raises(LoadError, match=f"{entry} failed: thrown in {entry}"):
        c("throws", **throws(entry))


def test_an_exception_in_get_metadata_is_the_reason(c: Load) -> None:
    """Although there is no context yet."""
    with pytest.raises(LoadError, match="get_metadata failed: nobody knows what this is"):
        c("throws_before_initialize")


def test_an_exception_in_the_constructor_is_the_reason(c: Load) -> None:
    """create_plugin cannot say why, so initialize does."""
    with pytest.raises(LoadError, match="initialize failed: there is no model on this machine"):
        c("throws_in_constructor")


def test_an_exception_in_on_connect_is_the_reason(c: Load) -> None:
    """And the instance stays mounted."""
    with pytest.raises(PluginFailed, match="thrown in on_connect"):
        c("throws", **throws("on_connect"))


@pytest.mark.parametrize("entry", ["init_ui", "on_disconnect", "on_dispose"])
def test_an_exception_where_life_goes_on_is_reported(host: Host, c: Load, log: EventLog, entry: str) -> None:
    """With the entry's name."""
    host.unload(c("throws", **throws(entry)))
    report = log.wait_for(ReportEvent)
    assert (entry, f"thrown in {entry}") == (report.call, report.text)


def test_an_exception_in_save_state_is_the_reason(c: Load) -> None:
    """Whoever asked for the state gets it."""
    with pytest.raises(PluginInterfacesError, match="thrown in save_state"):
        c("throws", **throws("save_state")).save_state()


def test_an_exception_in_load_state_is_reported(host: Host, c: Load, log: EventLog) -> None:
    """And the instance lives."""
    throwing = c("throws", **throws("load_state"))
    throwing = host.reload(throwing)
    assert "thrown in load_state" == log.wait_for(ReportEvent).text
    assert "well" == throwing.send("x")


def test_an_exception_in_update_ui_is_shown(c: Load) -> None:
    """In the panel."""
    tree = c("throws", **throws("update_ui")).ui().tree
    assert tree is not None
    assert ["thrown in update_ui"] == [widget.text for widget in tree.walk() if widget.kind == "error"]


@pytest.mark.parametrize("entry", ["handle_message", "set_history"])
def test_an_exception_while_handling_a_message_fails_it(c: Load, entry: str) -> None:
    """With its text."""
    with pytest.raises(PluginFailed, match=f"thrown in {entry}"):
        c("throws", **throws(entry, require_history="true")).send("x")


def test_an_exception_in_on_cancel_is_logged(c: Load, log: EventLog) -> None:
    """There is nobody else to tell."""
    reply = c("throws", **throws("on_cancel")).start("keep")
    log.wait_for(MessageEvent)
    reply.cancel()
    assert "thrown in on_cancel" == log.wait_for(LogEvent).text


@pytest.mark.parametrize(
    ("what", "code", "text"),
    [
        ("Failure", -1234, "no bread"),
        ("Failure that succeeds", -1, "not at all"),
        ("Status", -9, "too slow"),
        ("bad_alloc", -19, "no memory is left"),
        ("system_error", -1, "no: Permission denied"),
        ("int", -1, "the plugin threw something that is no std::exception"),
        ("not UTF-8", -1, "caf\ufffd"),
        ("holding it", -17, "the plugin dropped the message without an answer"),
    ],
)
def test_an_exception_is_a_status_and_a_text(c: Load, what: str, code: int, text: str) -> None:
    """Whatever it is."""
    with pytest.raises(PluginInterfacesError) as caught:
        c("throws_anything").send(what)
    assert code == caught.value.code
    assert text in str(caught.value)


def test_a_long_text_is_cut_between_two_characters(c: Load) -> None:
    """The host's buffer decides."""
    with pytest.raises(PluginFailed, match=r"x{100}"):
        c("throws_anything").send("long")


@pytest.mark.parametrize(
    ("what", "text"), [("after the answer", "thrown too late"), ("holding it", "thrown with the request in hand")]
)
def test_an_exception_that_comes_too_late_is_logged(c: Load, log: EventLog, what: str, text: str) -> None:
    """It is not lost, although the request has ended."""
    c("throws_anything").start(what)
    assert log.wait_for(LogEvent).text.endswith(text)


@pytest.mark.parametrize("call", ["get_history", "stream_list", "call_other_plugin"])
def test_an_exception_in_a_receiver_comes_out_after_the_host(c: Load, call: str) -> None:
    """It does not cross the host's frames, and the receiver is not called again."""
    c("echo")
    throwing = c("throws_in_receiver")
    throwing.send("hello")
    assert "thrown in call 1" == throwing.send(call)


@pytest.mark.parametrize(("message", "text"), [("fail", "as it is returned"), ("nobody", "nobody")])
def test_without_exceptions_a_failure_is_returned(c: Load, message: str, text: str) -> None:
    """With its status and text: its own, and that of a call."""
    with pytest.raises(PluginInterfacesError, match=text):
        c("without_exceptions").send(message)


# ---- requests ----


def test_a_request_can_move_to_a_thread(c: Load) -> None:
    """Which answers it."""
    assert "from a thread: hello" == c("request_to_thread").send("hello")


def test_a_thread_can_fail_its_request(c: Load) -> None:
    """With a status and a text."""
    with pytest.raises(PluginFailed, match="the thread says no"):
        c("request_to_thread").send("fail")


def test_a_request_that_a_thread_drops_fails(c: Load) -> None:
    """Nobody waits for ever."""
    with pytest.raises(NoReply, match="dropped the message without an answer"):
        c("request_to_thread").send("drop", timeout=None)


def test_a_request_can_be_kept_and_answered_later(c: Load, log: EventLog) -> None:
    """As a member of the handler."""
    keeps = c("request_kept")
    first = keeps.start("one")
    log.wait_for(MessageEvent)
    assert ("now", "two") == (keeps.send("two"), first.result(PATIENCE))


def test_a_request_that_is_forgotten_fails(c: Load, log: EventLog) -> None:
    """When its object goes."""
    keeps = c("request_kept")
    first = keeps.start("one")
    log.wait_for(MessageEvent)
    keeps.send("forget")
    with pytest.raises(NoReply, match="dropped the message"):
        first.result(PATIENCE)


def test_a_cancelled_request_is_recognised(c: Load, log: EventLog) -> None:
    """By its handle; dropping it then is no second answer."""
    keeps = c("request_kept")
    first = keeps.start("one")
    log.wait_for(MessageEvent)
    first.cancel()
    assert log.wait_for(MessageEvent, lambda event: event.content == "cancelled mine")
    assert [] == log.of(ReportEvent)


def test_a_message_without_an_answer_says_what_to_do(c: Load) -> None:
    """In terms of C++."""
    with pytest.raises(NoReply, match=r"call request\.reply\(\), or move the request away"):
        c("request_kept").send("no answer")


@pytest.mark.parametrize(("timeout", "answer"), [(10, "a deadline"), (None, "no deadline")])
def test_a_request_knows_its_deadline(c: Load, timeout: float | None, answer: str) -> None:
    """Or that it has none."""
    assert answer == c("request_kept").send("not in time", timeout=timeout)


def test_unloading_ends_a_request_that_is_kept(host: Host, c: Load, log: EventLog) -> None:
    """The handler's destructor finds it over."""
    keeps = c("request_kept")
    first = keeps.start("one", timeout=None)
    log.wait_for(MessageEvent)
    host.unload(keeps)
    with pytest.raises(RequestCancelled):
        first.result(PATIENCE)


# ---- streams ----


def test_a_stream_can_move_to_a_thread(c: Load) -> None:
    """With its request."""
    assert ["one", "two", "three"] == list(c("stream_to_thread").stream("one two three"))


def test_unloading_in_the_middle_of_a_stream_stops_it(host: Host, c: Load, log: EventLog) -> None:
    """The thread is told, and on_disconnect joins it."""
    endless = c("stream_to_thread")
    reply = endless.start("endless", timeout=None)
    log.wait_for(StreamEvent, lambda event: event.type == "stream_data")
    host.unload(endless)
    with pytest.raises(RequestCancelled):
        reply.result(PATIENCE)
    assert "stream_cancel" == log.wait_for(StreamEvent, lambda event: event.type not in _GOING).type


_GOING = ("stream_start", "stream_data")


def test_cancelling_a_stream_stops_its_thread(c: Load, log: EventLog) -> None:
    """It says why."""
    endless = c("stream_to_thread")
    endless.start("endless", timeout=None)
    endless.cancel_stream(log.wait_for(StreamEvent).stream)
    assert "the request or stream was cancelled" == log.wait_for(MessageEvent).content


@pytest.mark.parametrize(
    ("message", "last", "reason"),
    [
        ("end", "stream_end", ""),
        ("cancel", "stream_cancel", ""),
        ("fail", "stream_end", "no more paper"),
        ("return", "stream_end", "the plugin dropped the stream without ending it"),
        ("assign", "stream_end", "the plugin dropped the stream without ending it"),
        ("throw", "stream_end", "the plugin gave up with an exception"),
    ],
)
def test_a_stream_ends_once_however_it_is_left(c: Load, log: EventLog, message: str, last: str, reason: str) -> None:
    """At the latest with its object, and then as failed."""
    c("stream_dropped").start(message)
    end = log.wait_for(StreamEvent, lambda event: event.type not in _GOING)
    assert (last, reason, message in ("end", "cancel")) == (end.type, end.reason, end.success)


def test_a_batch_is_sent_as_it_is(c: Load) -> None:
    """Each text a chunk."""
    assert ["half", "one", "two", "three"] == list(c("stream_dropped").stream("batch"))


@pytest.mark.parametrize(
    ("message", "answer"),
    [("after the end", "ended"), ("empty", "the handle does not name a request or stream of this instance")],
)
def test_a_stream_that_has_ended_answers_with_a_status(c: Load, message: str, answer: str) -> None:
    """Also one that never began."""
    assert answer == c("stream_dropped").send(message)


# ---- threads that outlive the plugin ----


def test_a_thread_may_outlive_its_plugin(host: Host, c: Load, log: EventLog) -> None:
    """With a context, a request and a stream: each call is answered PLUGIN_CLOSED, and nothing else happens."""
    outlives = c("outlives")
    reply = outlives.start("x", timeout=None)
    log.wait_for(StreamEvent, lambda event: event.type == "stream_data")
    library = ctypes.CDLL(str(outlives.folder.code))
    host.unload(outlives)
    with pytest.raises(RequestCancelled):
        reply.result(PATIENCE)
    library.go_on.restype = ctypes.c_char_p
    assert b" ".join([b"-6"] * 8) == library.go_on()


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


def test_a_setting_is_read_as_a_text(c: Load) -> None:
    """As the host gives it."""
    assert "8080" == c("calls_back", manifest=SETTINGS).send("get port")


def test_a_setting_that_is_not_there_has_no_value(c: Load) -> None:
    """The optional is empty."""
    assert "nothing" == c("calls_back").send("get none")


def test_settings_are_read_with_the_type_of_their_fallback(c: Load) -> None:
    """The fallback where there is none, or none that fits."""
    assert "8080 0.500000 on Anna Bell 7 9 none" == c("calls_back", manifest=SETTINGS).send("typed")


def test_settings_are_stored_with_their_type(c: Load) -> None:
    """In user.toml."""
    instance = c("calls_back", manifest=SETTINGS)
    instance.send("set_typed")
    assert [81, 0.25, True, "Anna"] == [instance.config.get(key) for key in ("port", "ratio", "on", "name")]


def test_a_value_that_the_manifest_forbids_is_refused_with_a_reason(c: Load) -> None:
    """The host's text is in the status."""
    answer = c("calls_back", manifest=SETTINGS).send("set port=70000")
    assert ("-2", True) == (answer.split()[0], "65535" in answer)


def test_a_plugin_calls_another(c: Load) -> None:
    """In C, which replies."""
    c("echo")
    assert "hello" == c("calls_back").send("call echo")


def test_the_failure_of_another_plugin_comes_with_its_text(c: Load) -> None:
    """And its status."""
    c("invalid_error")
    assert c("calls_back").send("call invalid_error").startswith("-1234 ")


def test_a_circle_is_told(c: Load) -> None:
    """At once."""
    with pytest.raises(CycleError):
        c("without_exceptions").send("without_exceptions")


def test_metadata_are_those_of_the_instance(c: Load) -> None:
    """Id, version, instance."""
    assert "calls_back 1.0.0 calls_back" == c("calls_back").send("metadata")


def test_a_log_line_tells_where_it_was_written(c: Load, log: EventLog) -> None:
    """File and line, without a macro."""
    line = c("calls_back").send("log something is odd")
    event = log.wait_for(LogEvent)
    assert ("something is odd", "calls_back.cpp", line) == (event.text, Path(event.file).name, str(event.line))


def test_an_event_reaches_the_front_end(c: Load, log: EventLog) -> None:
    """With its payload."""
    assert "0 done" == c("calls_back").send('event {"a": 1}')
    assert ("own", '{"a": 1}') == log.wait_for(FrontendEvent).to_frontend()


def test_an_event_with_a_name_of_the_host_is_refused(c: Load) -> None:
    """The status says so."""
    assert "belong to the host" in c("calls_back").send("reserved {}")


def test_a_message_reaches_the_conversation(c: Load, log: EventLog) -> None:
    """With its kind."""
    c("calls_back").send("message look out")
    event = log.wait_for(MessageEvent)
    assert ("look out", "warning") == (event.content, event.kind)


def test_a_refresh_is_asked_for(c: Load, log: EventLog) -> None:
    """As an event."""
    c("calls_back").send("refresh")
    assert log.wait_for(UiRefreshEvent)


def test_a_plugin_asks_to_be_disconnected(c: Load) -> None:
    """The host does so."""
    instance = c("calls_back")
    instance.send("disconnect")
    instance.wait_for_state("mounted", PATIENCE)


# ---- state and history ----


def test_a_state_comes_back_as_it_was_written(host: Host, c: Load) -> None:
    """In pieces, with NUL bytes."""
    keeps = c("keeps_state")
    keeps.send("one")
    keeps.send("zwei €")
    assert "one;zwei €;three;" == host.reload(keeps).send("three")


def test_the_conversation_is_brought(c: Load) -> None:
    """As a range of messages."""
    reads = c("reads_history", manifest="require_history = true\n")
    reads.send("hello")
    assert "user:hello;plugin:;first hello" == reads.send("again")


def test_the_conversation_is_read(c: Load) -> None:
    """The newest two, oldest first."""
    reads = c("reads_history")
    reads.send("hello")
    assert "plugin:;user:ask;" == reads.send("ask")


# ---- widgets ----


def values(instance: Instance) -> str:
    """What the plugin has now."""
    return instance.send("?")


UNTOUCHED = "0 1 1.000000 off text a a+c+ #000000 2006-01-31  a  unanswered"


def test_every_widget_is_drawn(c: Load) -> None:
    """Of both tiers."""
    tree = c("every_widget").ui().tree
    assert tree is not None
    assert {
        *("heading", "label", "markdown", "error", "separator", "space", "spinner", "progress", "button"),
        *("text_edit_singleline", "text_edit_multiline", "integer", "number", "slider", "checkbox", "toggle"),
        *("selectable_value", "radio", "combo_box", "horizontal", "vertical", "grid", "collapsing"),
        *("code", "log_view", "link", "image", "plot", "table", "multi_select", "color", "date", "file_pick"),
        *("tabs", "confirm"),
    } == {widget.kind for widget in tree.walk()}


def test_every_widget_is_drawn_well(c: Load) -> None:
    """The one error is the one that is meant."""
    tree = c("every_widget").ui().tree
    assert tree is not None
    assert ["error"] == [widget.text for widget in tree.walk() if widget.kind == "error"]


def test_drawing_changes_no_value(c: Load) -> None:
    """Nobody did anything."""
    widgets = c("every_widget")
    widgets.ui()
    assert UNTOUCHED == values(widgets)


@pytest.mark.parametrize(
    ("label", "value", "field", "shown"),
    [
        ("line", "new", 4, "new"),
        ("password", "secret", 4, "secret"),
        ("area", "area", 4, "area"),
        ("integer", 7, 1, "7"),
        ("number", 2.5, 2, "2.500000"),
        ("slider", 3.5, 2, "3.500000"),
        ("checkbox", True, 3, "on"),
        ("toggle", True, 3, "on"),
        ("selectable", True, 3, "on"),
        ("radio", "b", 5, "b"),
        ("combo", "b", 5, "b"),
        ("several", ["b", "c"], 6, "b+c+"),
        ("several", [], 6, ""),
        ("colour", "#ff8000", 7, "#ff8000"),
        ("day", "2006-02-01", 8, "2006-02-01"),
        ("file", "/tmp/a.txt", 9, "/tmp/a.txt"),
        ("pages", "b", 10, "b"),
        ("table", "b", 11, "b"),
        ("Sure?", True, 12, "yes"),
        ("Sure?", False, 12, "no"),
    ],
)
def test_what_is_entered_is_in_the_variable(
    c: Load, label: str, value: str | int | float | list[str], field: int, shown: str
) -> None:
    """And in no other."""
    widgets = c("every_widget")
    tree = widgets.ui().tree
    assert tree is not None
    widgets.ui_event(tree.find(label), value)
    expected = UNTOUCHED.split(" ")
    expected[field] = shown
    assert " ".join(expected) == values(widgets)


def test_a_button_is_pressed_once(c: Load) -> None:
    """The second of two that are told apart by push_id."""
    widgets = c("every_widget")
    tree = widgets.ui().tree
    assert tree is not None
    buttons = [widget for widget in tree.walk() if widget.kind == "button"]
    widgets.ui_event(buttons[1], clicked=True)
    widgets.ui()
    assert ("1", 2) == (values(widgets).split(" ")[0], len({button.id for button in buttons}))


def test_a_toast_appears_once(c: Load) -> None:
    """In the frame that answers."""
    widgets = c("every_widget")
    tree = widgets.ui().tree
    assert tree is not None
    toasts = widgets.ui_event(tree.find("Sure?"), True).toasts
    assert [("info", "answered")] == [(toast.kind, toast.text) for toast in toasts]
    assert [] == widgets.ui().toasts


def test_two_instances_share_nothing(host: Host, c: Load) -> None:
    """Each has a handler of its own, and they may be used at the same time."""
    c("keeps_state")
    other = host.load("keeps_state", "other")
    other.connect()
    threads = [threading.Thread(target=instance.send, args=("x",)) for instance in host.instances]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ["x;y;", "x;y;"] == [instance.send("y") for instance in host.instances]
