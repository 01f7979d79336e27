"""The samples in C and C++, compiled by the package's own `build`, run by the real host."""

import os
import queue
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from host_support import EventLog
from plugin_interfaces._ffi import ffi
from plugin_interfaces.config import load_manifest
from plugin_interfaces.errors import CycleError, PluginFailed, PluginInterfacesError, RequestCancelled, UiError
from plugin_interfaces.host import Host, Instance, build_plugin
from plugin_interfaces.host.events import MessageEvent, ReportEvent
from plugin_interfaces.pluginui import Toast, UiValue, Widget
from sample_support import streams_of

ROOT = Path(__file__).parents[1]
PATIENCE = 20.0


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copies of the samples, compiled once."""
    folder = tmp_path_factory.mktemp("samples") / "plugins"
    for samples in ("c_plugins", "cpp_plugins"):
        unwanted = shutil.ignore_patterns("*.so", "user.toml", "*.db")
        shutil.copytree(ROOT / samples, folder, ignore=unwanted, dirs_exist_ok=True)
    for path in sorted(folder.iterdir()):
        result = build_plugin(path, ROOT / "include")
        assert result.status in ("built", "skipped"), f"{path.name}: {result.message}\n{result.log}"
        assert "" == result.log
    return folder


@pytest.fixture
def host(built: Path, tmp_path: Path) -> Iterator[Host]:
    """A host on copies of its own, so that settings and data are fresh."""
    shutil.copytree(built, tmp_path / "plugins", ignore=shutil.ignore_patterns("user.toml", "*.db"))
    with Host([tmp_path / "plugins"], tmp_path / "data") as host:
        yield host


def connected(host: Host, plugin_id: str) -> Instance:
    instance = host.load(plugin_id)
    instance.connect()
    return instance


def test_echo_answers_with_the_message(host: Host) -> None:
    """Whatever it is."""
    assert "Grüß Gott 😀" == connected(host, "echo").send("Grüß Gott 😀")


@pytest.mark.parametrize(("message", "answer"), [("+", "1"), ("-", "-1"), ("41", "41"), ("", "0")])
def test_counter_counts(host: Host, message: str, answer: str) -> None:
    """From zero."""
    assert answer == connected(host, "counter").send(message)


def test_counter_remembers(host: Host) -> None:
    """The count survives unloading."""
    counter = connected(host, "counter")
    counter.send("7")
    assert "7" == host.reload(counter).send("")


def test_counter_does_not_overflow(host: Host) -> None:
    """The largest count plus one is refused."""
    counter = connected(host, "counter")
    counter.send("9223372036854775807")
    with pytest.raises(PluginFailed, match="does not go that far"):
        counter.send("+")


def test_counter_counts_in_its_settings(host: Host) -> None:
    """A button adds one, and the headline shows it."""
    counter = connected(host, "counter")
    tree = counter.ui().tree
    assert tree is not None
    frame = counter.ui_event(tree.find("More"), clicked=True).tree
    assert frame is not None
    assert "1" == frame.children[0].text


@pytest.fixture(params=["typewriter", "typewriter_cpp"])
def typewriter(host: Host, request: pytest.FixtureRequest) -> Instance:
    """The sample `typewriter`, in each language; not connected yet."""
    return host.load(request.param)


def test_typewriter_types_letter_by_letter(typewriter: Instance) -> None:
    """Each character is a piece, whole."""
    typewriter.config.set("interval_ms", 0)
    typewriter.connect()
    assert ["a", "ß", "😀"] == list(typewriter.stream("aß😀"))


def test_typewriter_can_be_cancelled(typewriter: Instance) -> None:
    """The first letter is kept; the rest never comes."""
    typewriter.config.set("interval_ms", 10000)
    typewriter.connect()
    reply = typewriter.start("hello")
    assert "h" == next(reply.chunks())
    reply.cancel()
    with pytest.raises(RequestCancelled):
        reply.result(PATIENCE)
    assert ("h", "cancelled") == (typewriter.history()[-1].content, typewriter.history()[-1].status)


def test_typewriter_ends_its_request_when_its_stream_is_cancelled(host: Host, typewriter: Instance) -> None:
    """Nobody waits for a reply that never comes."""
    streams = streams_of(host)
    typewriter.config.set("interval_ms", 50)
    typewriter.connect()
    reply = typewriter.start("a long text that is not typed to its end")
    typewriter.cancel_stream(streams.get(timeout=PATIENCE))
    with pytest.raises(RequestCancelled):
        reply.result(PATIENCE)


def test_typewriter_can_be_paused(host: Host, typewriter: Instance) -> None:
    """Nothing comes while it is paused; everything after."""
    streams = streams_of(host)
    typewriter.config.set("interval_ms", 50)
    typewriter.connect()
    reply = typewriter.start("hello")
    stream = streams.get(timeout=PATIENCE)
    typewriter.pause_stream(stream)
    typewriter.resume_stream(stream)
    assert "hello" == reply.result(PATIENCE)


def test_typewriter_stops_when_disconnected_while_paused(host: Host, typewriter: Instance) -> None:
    """Its thread is joined, although it waited in the stream."""
    streams = streams_of(host)
    typewriter.connect()
    reply = typewriter.start("a long text that is not typed to its end")
    typewriter.pause_stream(streams.get(timeout=PATIENCE))
    typewriter.disconnect()
    with pytest.raises(RequestCancelled):
        reply.result(PATIENCE)


def test_relay_passes_on(host: Host) -> None:
    """The first word says to whom."""
    connected(host, "echo")
    assert "hello there" == connected(host, "relay").send("echo hello there")


def test_relay_to_itself_is_a_circle(host: Host) -> None:
    """Told at once."""
    with pytest.raises(CycleError):
        connected(host, "relay").send("relay hello")


PAGES = ("texts", "numbers", "choices", "read", "do")


def page(settings: Instance, name: str) -> Widget:
    """The settings with a page opened."""
    frame = settings.ui()
    assert frame.tree is not None
    frame = settings.ui_event(frame.tree.find("Pages"), name)
    assert frame.tree is not None
    return frame.tree


@pytest.fixture(params=["settings", "settings_cpp"])
def settings(host: Host, request: pytest.FixtureRequest) -> Instance:
    """The sample `settings`, in each language."""
    return connected(host, request.param)


def test_settings_draws_every_widget(host: Host, settings: Instance) -> None:
    """Each function of PluginUiTable that draws one, on some page, and nothing is reported."""
    log = EventLog()
    host.add_listener(log)
    tree = page(settings, "do")
    settings.ui_event(tree.find("Press"), clicked=True)
    settings.ui_event(tree.find("Forget"), clicked=True)
    found = {widget.kind for name in PAGES for widget in page(settings, name).walk()}
    slots = {name for name, _ in ffi.typeof("PluginUiTable").fields} - {"struct_size", "abi_version"}
    no_widgets = {"error", "tooltip", "toast", "end", "push_id", "pop_id"}
    assert {name.removeprefix("begin_") for name in slots - no_widgets} == found
    assert [] == log.of(ReportEvent)


@pytest.mark.parametrize(
    ("name", "label", "key", "value", "stored"),
    [
        ("texts", "Greeting", "greeting", "Servus", "Servus"),
        ("texts", "Password", "password", "secret", "secret"),
        ("texts", "Notes", "notes", "two\nlines", "two\nlines"),
        ("texts", "Accent", "accent", "#ff0000", "#ff0000"),
        ("texts", "Since", "since", "2024-02-29", "2024-02-29"),
        ("texts", "File", "file", "/etc/hosts", "/etc/hosts"),
        ("numbers", "Count", "count", 42, 42),
        ("numbers", "Ratio", "ratio", 0.25, 0.25),
        ("numbers", "Volume", "volume", 80.5, 80.5),
        ("choices", "Shout", "shout", True, True),
        ("choices", "Night mode", "night", True, True),
        ("choices", "Pinned", "pinned", True, True),
        ("choices", "Colour", "colour", "blue", "blue"),
        ("choices", "Language", "language", "zh", "zh"),
        ("choices", "Toppings", "toppings", ["olives", "ham"], "ham,olives"),
        ("choices", "Toppings", "toppings", [], ""),
        ("choices", "Planets", "planet", "mars", "mars"),
    ],
)
def test_settings_stores_what_is_entered(
    settings: Instance, name: str, label: str, key: str, value: UiValue, stored: str | int | float
) -> None:
    """In user.toml, with its type."""
    settings.ui_event(page(settings, name).find(label), value)
    assert stored == settings.config.get(key)


def test_settings_refuses_what_a_widget_cannot_have(settings: Instance) -> None:
    """A count beyond its limits."""
    with pytest.raises(UiError, match="101"):
        settings.ui_event(page(settings, "numbers").find("Count"), 101)


def test_settings_tells_that_a_button_was_pressed(settings: Instance) -> None:
    """For a moment, in its label, and in its log."""
    frame = settings.ui_event(page(settings, "do").find("Press"), clicked=True)
    assert frame.tree is not None
    assert [Toast("info", "Pressed")] == frame.toasts
    assert "pressed 1 times\n" == frame.tree.find("What happened").text


@pytest.mark.parametrize(("answer", "presses"), [(True, ""), (False, "pressed 1 times\n")])
def test_settings_asks_before_it_forgets(settings: Instance, answer: bool, presses: str) -> None:
    """And does as the person says."""
    settings.ui_event(page(settings, "do").find("Press"), clicked=True)
    asked = settings.ui_event(page(settings, "do").find("Forget"), clicked=True)
    assert asked.tree is not None
    frame = settings.ui_event(asked.tree.find("Forget the presses?"), answer)
    assert frame.tree is not None
    assert presses == frame.tree.find("What happened").text


def test_settings_keeps_the_end_of_a_long_log(settings: Instance) -> None:
    """The oldest lines go."""
    button = page(settings, "do").find("Press")
    for _ in range(200):
        frame = settings.ui_event(button, clicked=True)
    assert frame.tree is not None
    lines = frame.tree.find("What happened").text.splitlines()
    assert ("pressed 200 times", True) == (lines[-1], lines[0] != "pressed 1 times")


@pytest.mark.parametrize("name", PAGES)
def test_settings_in_cpp_draws_what_the_one_in_c_does(host: Host, name: str) -> None:
    """To the last member, ids included."""
    assert page(connected(host, "settings"), name) == page(connected(host, "settings_cpp"), name)


def test_settings_tells_all_values(settings: Instance) -> None:
    """Each with its key."""
    lines = settings.send("show").splitlines()
    assert ("greeting = Hello", "toppings = cheese,olives", 15) == (lines[0], lines[13], len(lines))


@pytest.mark.parametrize("name", ["settings", "typewriter"])
def test_the_samples_in_cpp_have_the_settings_of_those_in_c(name: str) -> None:
    """Each with its type, limits and default."""
    in_c, in_cpp = load_manifest(ROOT / "c_plugins" / name), load_manifest(ROOT / "cpp_plugins" / f"{name}_cpp")
    assert in_c.config == in_cpp.config


class Terminal:
    """The other end of a serial line."""

    def __init__(self) -> None:
        self.fd, self._other = os.openpty()
        self.path = os.ttyname(self._other)

    def read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            data += os.read(self.fd, count - len(data))
        return data

    def close(self) -> None:
        for end in (self._other, self.fd):
            if end >= 0:
                os.close(end)
        self.fd = self._other = -1


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """A pseudo-terminal."""
    terminal = Terminal()
    yield terminal
    terminal.close()


def serial(host: Host, terminal: Terminal, **settings: str) -> tuple[Instance, queue.SimpleQueue[str]]:
    messages = queue.SimpleQueue[str]()
    host.add_listener(lambda event: messages.put(event.content) if isinstance(event, MessageEvent) else None)
    instance = host.load("serial_assistant")
    instance.config.set("port", terminal.path)
    for key, value in settings.items():
        instance.config.set(key, value)
    instance.connect()
    return instance, messages


def test_serial_assistant_sends_text_with_its_ending(host: Host, terminal: Terminal) -> None:
    """The bytes arrive at the other end."""
    instance, _ = serial(host, terminal, line_ending="crlf")
    assert "" == instance.send("AT")
    assert b"AT\r\n" == terminal.read(4)


def test_serial_assistant_sends_bytes(host: Host, terminal: Terminal) -> None:
    """As hexadecimal digits."""
    instance, _ = serial(host, terminal, mode="hex")
    instance.send("01 ff 7E")
    assert b"\x01\xff\x7e" == terminal.read(3)


def test_serial_assistant_refuses_half_a_byte(host: Host, terminal: Terminal) -> None:
    """And says how to write them."""
    instance, _ = serial(host, terminal, mode="hex")
    with pytest.raises(PluginFailed, match="whole bytes"):
        instance.send("0")


@pytest.mark.parametrize(
    ("mode", "data", "shown"),
    [("text", "grün".encode(), "grün"), ("hex", b"\x01\xff", "01 ff"), ("binary", b"\x05", "00000101")],
)
def test_serial_assistant_shows_what_comes_in(
    host: Host, terminal: Terminal, mode: str, data: bytes, shown: str
) -> None:
    """In the chosen form."""
    _, messages = serial(host, terminal, mode=mode)
    os.write(terminal.fd, data)
    assert shown == messages.get(timeout=PATIENCE)


def test_serial_assistant_disconnects_when_the_port_goes(host: Host, terminal: Terminal) -> None:
    """It says so first."""
    instance, messages = serial(host, terminal)
    terminal.close()
    assert messages.get(timeout=PATIENCE).startswith("The port is gone")
    instance.wait_for_state("mounted", PATIENCE)


def test_serial_assistant_without_a_port_says_what_to_do(host: Host) -> None:
    """The settings are the place."""
    with pytest.raises(PluginInterfacesError, match="choose a port in the settings"):
        connected(host, "serial_assistant")


def test_serial_assistant_does_not_take_a_file_for_a_port(host: Host) -> None:
    """Nor the null device."""
    instance = host.load("serial_assistant")
    instance.config.set("port", os.devnull)
    with pytest.raises(PluginInterfacesError, match="no serial port"):
        instance.connect()


@pytest.fixture
def notes(host: Host) -> Instance:
    """The sample `sql_notes`, where SQLite's headers are there to compile it."""
    if host.find("sql_notes").error is not None:
        pytest.skip(str(host.find("sql_notes").error))
    return connected(host, "sql_notes")


def test_notes_are_found_by_their_words(notes: Instance) -> None:
    """All words must be in the note; an operator of the search language is a word like any other."""
    notes.send("add buy bread and butter")
    notes.send("add call Anna AND Bert")
    assert "1: buy bread and butter" == notes.send("find butter bread")
    assert "2: call Anna AND Bert" == notes.send('find AND anna "')


def test_notes_survive_a_reload(notes: Instance) -> None:
    """They are in the database."""
    notes.send("add kept")
    assert "1: kept" == notes.host.reload(notes).send("list")


def test_notes_that_are_not_there_cannot_be_deleted(notes: Instance) -> None:
    """The number is named."""
    with pytest.raises(PluginFailed, match="no note 5"):
        notes.send("delete 5")


def test_samples_can_be_used_by_several_threads(host: Host) -> None:
    """Each caller gets its own answer."""
    echo = connected(host, "echo")
    answers: list[tuple[str, str]] = []

    def talk(name: str) -> None:
        for number in range(20):
            answers.append((f"{name}{number}", echo.send(f"{name}{number}")))

    threads = [threading.Thread(target=talk, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 80 == len(answers)
    assert all(sent == got for sent, got in answers)
