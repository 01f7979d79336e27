"""What becomes of an exception in a plugin in C++, wherever it is thrown."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from host_support import EventLog
from plugin_interfaces.errors import LoadError, PluginFailed, PluginInterfacesError
from plugin_interfaces.host import Host, Instance
from plugin_interfaces.host.events import LogEvent, MessageEvent, ReportEvent

Load = Callable[..., Instance]


def throws(where: str, **keys: str) -> dict[str, str]:
    """The manifest of a plugin that throws in an entry."""
    given = "".join(f"{key} = {value}\n" for key, value in keys.items())
    return {"manifest": f'{given}[config.where]\ntype = "string"\ndefault = "{where}"\n'}


@pytest.mark.parametrize("entry", ["initialize", "on_mount"])
def test_an_exception_while_loading_is_the_reason(cpp: Load, entry: str) -> None:
    """With its text."""
    with pytest.raises(LoadError, match=f"{entry} failed: thrown in {entry}"):
        cpp("throws", **throws(entry))


def test_an_exception_in_get_metadata_is_the_reason(cpp: Load) -> None:
    """Although there is no context yet."""
    with pytest.raises(LoadError, match="get_metadata failed: nobody knows what this is"):
        cpp("throws_before_initialize")


def test_an_exception_in_the_constructor_is_the_reason(cpp: Load) -> None:
    """create_plugin cannot say why, so initialize does."""
    with pytest.raises(LoadError, match="initialize failed: there is no model on this machine"):
        cpp("throws_in_constructor")


def test_an_exception_in_on_connect_is_the_reason(cpp: Load) -> None:
    """And the instance stays mounted."""
    with pytest.raises(PluginFailed, match="thrown in on_connect"):
        cpp("throws", **throws("on_connect"))


@pytest.mark.parametrize("entry", ["init_ui", "on_disconnect", "on_dispose"])
def test_an_exception_where_life_goes_on_is_reported(host: Host, cpp: Load, log: EventLog, entry: str) -> None:
    """With the entry's name."""
    host.unload(cpp("throws", **throws(entry)))
    report = log.wait_for(ReportEvent)
    assert (entry, f"thrown in {entry}") == (report.call, report.text)


def test_an_exception_in_save_state_is_the_reason(cpp: Load) -> None:
    """Whoever asked for the state gets it."""
    with pytest.raises(PluginInterfacesError, match="thrown in save_state"):
        cpp("throws", **throws("save_state")).save_state()


def test_an_exception_in_load_state_is_reported(host: Host, cpp: Load, log: EventLog) -> None:
    """And the instance lives."""
    throwing = cpp("throws", **throws("load_state"))
    throwing = host.reload(throwing)
    assert "thrown in load_state" == log.wait_for(ReportEvent).text
    assert "well" == throwing.send("x")


def test_an_exception_in_update_ui_is_shown(cpp: Load) -> None:
    """In the panel."""
    tree = cpp("throws", **throws("update_ui")).ui().tree
    assert tree is not None
    assert ["thrown in update_ui"] == [widget.text for widget in tree.walk() if widget.kind == "error"]


@pytest.mark.parametrize("entry", ["handle_message", "set_history"])
def test_an_exception_while_handling_a_message_fails_it(cpp: Load, entry: str) -> None:
    """With its text."""
    with pytest.raises(PluginFailed, match=f"thrown in {entry}"):
        cpp("throws", **throws(entry, require_history="true")).send("x")


def test_an_exception_in_on_cancel_is_logged(cpp: Load, log: EventLog) -> None:
    """There is nobody else to tell."""
    reply = cpp("throws", **throws("on_cancel")).start("keep")
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
def test_an_exception_is_a_status_and_a_text(cpp: Load, what: str, code: int, text: str) -> None:
    """Whatever it is."""
    with pytest.raises(PluginInterfacesError) as caught:
        cpp("throws_anything").send(what)
    assert code == caught.value.code
    assert text in str(caught.value)


def test_a_long_text_is_cut_between_two_characters(cpp: Load) -> None:
    """The host's buffer decides."""
    with pytest.raises(PluginFailed, match=r"x{100}"):
        cpp("throws_anything").send("long")


@pytest.mark.parametrize(
    ("what", "text"), [("after the answer", "thrown too late"), ("holding it", "thrown with the request in hand")]
)
def test_an_exception_that_comes_too_late_is_logged(cpp: Load, log: EventLog, what: str, text: str) -> None:
    """It is not lost, although the request has ended."""
    cpp("throws_anything").start(what)
    assert log.wait_for(LogEvent).text.endswith(text)


@pytest.mark.parametrize("call", ["get_history", "stream_list", "call_other_plugin"])
def test_an_exception_in_a_receiver_comes_out_after_the_host(cpp: Load, c: Load, call: str) -> None:
    """It does not cross the host's frames, and the receiver is not called again."""
    c("echo")
    throwing = cpp("throws_in_receiver")
    throwing.send("hello")
    assert "thrown in call 1" == throwing.send(call)


@pytest.mark.parametrize(("message", "text"), [("fail", "as it is returned"), ("nobody", "nobody")])
def test_without_exceptions_a_failure_is_returned(cpp: Load, message: str, text: str) -> None:
    """With its status and text: its own, and that of a call."""
    with pytest.raises(PluginInterfacesError, match=text):
        cpp("without_exceptions").send(message)
