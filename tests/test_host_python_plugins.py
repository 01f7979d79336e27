"""Plugins in Python: how they are found in their module, and what becomes of an exception in each method."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from host_support import EventLog, Plugins
from plugin_interfaces.errors import LoadError, PluginFailed, PluginInterfacesError, TextError, UiError
from plugin_interfaces.host import Host, Instance
from plugin_interfaces.host.events import LogEvent, MessageEvent, ReportEvent
from plugin_interfaces.pluginui import apply_patch

Load = Callable[..., Instance]

SETTINGS = """
[config.city]
type = "string"
default = "Graz"

[config.limit]
type = "integer"
default = 3
maximum = 10
"""


def failing(method: str, signature: str, asynchronous: bool = False) -> str:
    """A plugin whose one method raises."""
    return f"""
from plugin_interfaces import PluginHandler
class Failing(PluginHandler):
    {"async " if asynchronous else ""}def {method}({signature}):
        raise ZeroDivisionError("in {method}")
"""


# ---- an exception in each method ----


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("method", ["initialize", "on_mount"])
def test_an_exception_at_the_start_makes_loading_fail(
    host: Host, plugins: Plugins, c: Load, method: str, asynchronous: bool
) -> None:
    """The error has type and text, and the other plugins go on."""
    echo = c("echo")
    plugins.py(failing(method, "self, context", asynchronous))
    host.discover()
    with pytest.raises(LoadError, match=f"ZeroDivisionError: in {method}"):
        host.load("plugin")
    assert "hello" == echo.send("hello")


def test_an_exception_in_get_metadata_makes_loading_fail(host: Host, plugins: Plugins) -> None:
    """Nobody knows what the plugin is."""
    plugins.py(failing("get_metadata", "self"))
    host.discover()
    with pytest.raises(LoadError, match="in get_metadata"):
        host.load("plugin")


def test_an_exception_in_the_constructor_makes_loading_fail(host: Host, plugins: Plugins) -> None:
    """The class is named."""
    plugins.py(failing("__init__", "self"))
    host.discover()
    with pytest.raises(LoadError, match=r"Failing\(\) failed: ZeroDivisionError: in __init__"):
        host.load("plugin")


@pytest.mark.parametrize("asynchronous", [False, True])
def test_an_exception_in_on_connect_leaves_the_instance_mounted(
    host: Host, plugins: Plugins, asynchronous: bool
) -> None:
    """The person learns why."""
    plugins.py(failing("on_connect", "self, context", asynchronous))
    host.discover()
    instance = host.load("plugin")
    with pytest.raises(PluginFailed, match="ZeroDivisionError: in on_connect"):
        instance.connect()
    assert "MOUNTED" == instance.state.name


@pytest.mark.parametrize("asynchronous", [False, True])
def test_an_exception_in_handle_message_fails_that_message(py: Load, asynchronous: bool) -> None:
    """And no other: the instance stays connected."""
    instance = py(failing("handle_message", "self, message, context", asynchronous))
    with pytest.raises(PluginFailed, match="ZeroDivisionError: in handle_message"):
        instance.send("x")
    assert instance.connected


@pytest.mark.parametrize("asynchronous", [False, True])
def test_an_exception_in_on_disconnect_is_reported(py: Load, log: EventLog, asynchronous: bool) -> None:
    """The instance is disconnected all the same."""
    instance = py(failing("on_disconnect", "self, context", asynchronous))
    instance.disconnect()
    assert "in on_disconnect" in log.wait_for(ReportEvent).text
    assert "MOUNTED" == instance.state.name


def test_an_exception_in_on_dispose_is_reported(host: Host, py: Load, log: EventLog) -> None:
    """The instance is gone all the same."""
    host.unload(py(failing("on_dispose", "self, context")))
    assert "in on_dispose" in log.wait_for(ReportEvent).text


def test_an_exception_in_init_ui_is_reported(py: Load, log: EventLog) -> None:
    """The instance is loaded all the same."""
    instance = py(failing("init_ui", "self, creation, ui"))
    assert "in init_ui" in log.wait_for(ReportEvent).text
    assert instance.connected


def test_an_exception_in_update_ui_is_drawn(py: Load) -> None:
    """An error widget stands below what was drawn before."""
    instance = py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def update_ui(self, ui_context, ui, context):
                ui.label("drawn")
                raise ZeroDivisionError("in update_ui")
    """)
    kinds = [(widget.kind, "in update_ui" in (widget.text or "")) for widget in instance.ui().tree.children]
    assert [("label", False), ("error", True)] == kinds


def test_an_exception_in_set_history_fails_the_message(py: Load) -> None:
    """Who asks for the history is not given a message without it."""
    instance = py(failing("set_history", "self, messages, context"), manifest="require_history = true")
    with pytest.raises(PluginFailed, match="in set_history"):
        instance.send("x")


def test_an_exception_in_on_cancel_is_logged(py: Load, log: EventLog) -> None:
    """There is nobody to tell but the log."""
    instance = py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                context.keep_request()
                context.send_message("kept")
            def on_cancel(self, context, request, stream):
                raise ZeroDivisionError("in on_cancel")
    """)
    reply = instance.start("x")
    log.wait_for(MessageEvent)
    reply.cancel()
    log.wait_for(LogEvent, lambda event: "in on_cancel" in event.text)


def test_an_exception_in_save_state_does_not_keep_the_instance(host: Host, py: Load) -> None:
    """It is unloaded, and the state from before stays."""
    instance = py(failing("save_state", "self, context"))
    host.store.save_state("plugin", b"before")
    host.unload(instance)
    assert ("GONE", b"before") == (instance.state.name, host.store.load_state("plugin"))


def test_an_exception_in_load_state_is_reported(host: Host, plugins: Plugins, log: EventLog) -> None:
    """A state that is not understood is no reason to fail."""
    host.store.save_state("plugin", b"old")
    plugins.py(failing("load_state", "self, data, context"))
    host.discover()
    assert "MOUNTED" == host.load("plugin").state.name
    assert "in load_state" in log.wait_for(ReportEvent).text


@pytest.mark.parametrize("what", ["SystemExit(3)", "KeyboardInterrupt()"])
def test_no_exception_ends_the_program(py: Load, what: str) -> None:
    """Also not those that usually do."""
    instance = py(f"""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                raise {what}
    """)
    with pytest.raises(PluginInterfacesError):
        instance.send("x")


def test_the_traceback_is_in_the_log(py: Load, log: EventLog) -> None:
    """At DEBUG, with the line where it was raised."""
    instance = py(failing("handle_message", "self, message, context"))
    with pytest.raises(PluginFailed):
        instance.send("x")
    event = log.wait_for(LogEvent)
    assert (True, 5) == (event.text.endswith("in handle_message\n"), event.line)


# ---- modules ----


def test_create_plugin_of_the_module_comes_first(py: Load) -> None:
    """It may choose among classes."""
    instance = py("""
        from plugin_interfaces import PluginHandler
        class One(PluginHandler): pass
        class Two(PluginHandler):
            def handle_message(self, message, context): return "two"
        def create_plugin(): return Two()
    """)
    assert "two" == instance.send("x")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "found: none"),
        ("from plugin_interfaces import PluginHandler", "found: none"),
        (
            "from plugin_interfaces import PluginHandler\nclass A(PluginHandler): pass\nclass B(PluginHandler): pass",
            "found: A, B",
        ),
        ("def create_plugin(): return None", "returned None"),
        ("def create_plugin(): return 5", "int is no PluginHandler"),
        ("def create_plugin(): raise OSError('no')", r"create_plugin\(\) failed: OSError: no"),
        ("x = 1\nraise ValueError('top level')", "plugin.py:2 failed: ValueError: top level"),
        ("import no_such_module_here", "Name what it needs in `requires`"),
        ("def broken(:", "plugin.py:1 failed: SyntaxError"),
        ("raise SystemExit(1)", "SystemExit"),
        ("\0", "plugin.py"),
        (
            "from plugin_interfaces import PluginHandler\nclass A(PluginHandler):\n def on_mount(self): pass",
            "on_mount cannot be called",
        ),
    ],
)
def test_a_module_that_is_no_plugin_is_told_why(host: Host, plugins: Plugins, source: str, reason: str) -> None:
    """And what to do."""
    plugins.py(source)
    host.discover()
    with pytest.raises(LoadError, match=reason):
        host.load("plugin")


def test_a_module_that_failed_can_be_loaded_when_it_is_mended(host: Host, plugins: Plugins) -> None:
    """Nothing of the failed one is left."""
    folder = plugins.py("raise ValueError")
    host.discover()
    with pytest.raises(LoadError):
        host.load("plugin")
    (folder / "plugin.py").write_text("from plugin_interfaces import PluginHandler\nclass A(PluginHandler): pass")
    assert "MOUNTED" == host.load("plugin").state.name


def test_modules_beside_it_are_imported_relatively(host: Host, plugins: Plugins) -> None:
    """Two plugins may each have a module of one name."""
    source = "from plugin_interfaces import PluginHandler\nfrom .part import NAME\n\nclass P(PluginHandler):\n"
    source += "    def handle_message(self, message, context): return NAME\n"
    replies = []
    for plugin_id in ("one", "two"):
        folder = plugins.py(source, plugin_id)
        (folder / "part.py").write_text(f"NAME = 'part of {plugin_id}'")
        host.discover()
        instance = host.load(plugin_id)
        instance.connect()
        replies.append(instance.send("x"))
    assert ["part of one", "part of two"] == replies


def test_a_reply_that_has_no_utf_8_form_is_told(py: Load) -> None:
    """With the character, and where it is."""
    instance = py(
        """
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                return "abc\\ud800"
    """
    )
    with pytest.raises(TextError, match=r"U\+D800 at index 3 is a lone surrogate"):
        instance.send("x")


def test_an_exception_whose_text_has_no_utf_8_form_is_told_all_the_same(py: Load) -> None:
    """What cannot be said is escaped."""
    instance = py(
        """
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                raise ValueError("abc\\ud800")
    """
    )
    with pytest.raises(PluginFailed, match=r"ValueError: abc\\ud800"):
        instance.send("x")


def test_a_reply_after_the_request_was_answered_is_reported(py: Load, log: EventLog) -> None:
    """The first one counts."""
    instance = py(
        """
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                context.request.reply("first")
                return "second"
    """
    )
    assert instance.send("x") == "first"
    assert log.wait_for(ReportEvent).call == "request_reply"


def test_a_handler_that_returns_no_text_is_told(py: Load) -> None:
    """The error names the type."""
    instance = py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context): return 5
    """)
    with pytest.raises(PluginFailed, match="returned int; it returns str or None"):
        instance.send("x")


# ---- settings, logging, UI ----


def test_a_plugin_reads_and_stores_its_settings(py: Load) -> None:
    """What it stores is there for the host, checked against the manifest."""
    instance = py(
        """
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                old = context.get_app_config("city")
                context.set_app_config("city", message)
                return old
        """,
        manifest=SETTINGS,
    )
    assert ("Graz", "Wien") == (instance.send("Wien"), instance.config.get("city"))


def test_a_value_that_the_manifest_forbids_is_refused(py: Load) -> None:
    """The plugin gets the reason, and nothing was stored."""
    instance = py(
        """
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                context.set_app_config("limit", message)
        """,
        manifest=SETTINGS,
    )
    with pytest.raises(PluginInterfacesError, match="10"):
        instance.send("11")
    assert 3 == instance.config.get("limit")


def test_settings_of_the_application_stand_behind_those_of_the_instance(plugins: Plugins) -> None:
    """A key that both have is the instance's."""
    plugins.py(
        """
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                return f"{context.get_app_config(message)}"
        """,
        manifest=SETTINGS,
    )
    with Host([plugins.path], app_config={"city": "Linz", "theme": {"dark": True}}) as host:
        instance = host.load("plugin")
        instance.connect()
        assert ["Graz", '{"dark":true}', "None"] == [
            instance.send(key).replace(" ", "") for key in ("city", "theme", "missing")
        ]


def test_a_log_line_arrives_in_logging(py: Load, log: EventLog, caplog: pytest.LogCaptureFixture) -> None:
    """Under the instance's own logger, with the plugin's file and line."""
    caplog.set_level(logging.DEBUG)
    instance = py("""
        from plugin_interfaces import LogLevel, PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                context.log(LogLevel.WARN, "mind the gap")
                return ""
    """)
    instance.send("x")
    log.wait_for(LogEvent)
    record = next(record for record in caplog.records if record.getMessage() == "mind the gap")
    assert ("plugin_interfaces.plugin.plugin", logging.WARNING, "plugin.py", 5) == (
        record.name,
        record.levelno,
        record.filename,
        record.lineno,
    )


def test_a_click_reaches_the_plugin(py: Load) -> None:
    """And the frame that follows shows what it did."""
    instance = py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            clicks = 0
            def update_ui(self, ui_context, ui, context):
                if ui.button("Press"):
                    self.clicks += 1
                ui.label(f"{self.clicks}")
    """)
    button = instance.ui().tree.children[0]
    assert "1" == instance.ui_event(button, clicked=True).tree.children[1].text


def test_an_event_for_a_widget_that_is_not_there_is_refused(py: Load) -> None:
    """update_ui is not called."""
    instance = py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def update_ui(self, ui_context, ui, context): ui.label("only this")
    """)
    instance.ui()
    with pytest.raises(UiError):
        instance.ui_event(12345, clicked=True)


def test_a_plugin_that_draws_nothing_has_a_form(py: Load) -> None:
    """Made from its manifest; what the person enters is stored."""
    instance = py("from plugin_interfaces import PluginHandler\nclass P(PluginHandler): pass", manifest=SETTINGS)
    city = next(widget for widget in instance.ui().tree.children if widget.label == "city")
    instance.ui_event(city, "Wien")
    assert "Wien" == instance.config.get("city")


@pytest.fixture
def with_form(py: Load) -> Instance:
    """A plugin whose settings the host draws."""
    return py("from plugin_interfaces import PluginHandler\nclass P(PluginHandler): pass", manifest=SETTINGS)


def test_of_a_form_only_what_changed_travels(with_form: Instance) -> None:
    """And makes of the last tree the next."""
    first = with_form.ui()
    assert first.tree is not None
    change = with_form.ui_event(first.tree.find("city"), "Wien", base=first.revision)
    assert ([first.tree.find("city").id], None) == ([one.id for one in change.patch or []], change.tree)
    assert with_form.ui().tree == apply_patch(first.tree, change.patch or [])


def test_an_unchanged_form_keeps_its_revision(with_form: Instance) -> None:
    """And its patch is empty."""
    first = with_form.ui()
    again = with_form.ui(first.revision)
    assert (first.revision, []) == (again.revision, again.patch)


def test_who_has_an_older_form_gets_it_whole(with_form: Instance) -> None:
    first = with_form.ui()
    with_form.config.set("city", "Wien")
    with_form.ui()
    assert "Wien" == with_form.ui(first.revision).tree.find("city").value  # type: ignore[union-attr]


def test_a_form_that_was_handed_out_is_its_receivers(with_form: Instance) -> None:
    """What is done to it changes nothing of the next."""
    first = with_form.ui()
    assert first.tree is not None
    first.tree.find("city").value = "elsewhere"
    assert [] == with_form.ui(first.revision).patch


def test_a_secret_does_not_travel_with_a_change(py: Load) -> None:
    instance = py(
        "from plugin_interfaces import PluginHandler\nclass P(PluginHandler): pass",
        manifest='[config.key]\ntype = "string"\nsecret = true',
    )
    first = instance.ui()
    instance.config.set("key", "hidden")
    change = (instance.ui(first.revision).patch or [])[0].set
    assert change is not None
    assert ("", True) == (change["value"], change["filled"])
