"""`plugin-interfaces chat`: a conversation with one plugin in a terminal; piping.py has the one through pipes."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from rich.markdown import Markdown
from rich.prompt import Prompt
from rich.text import Text

from .._abi import State
from ..errors import CallTimeout, LoadError, PluginInterfacesError, RequestCancelled, StateError, StreamError
from ..host import Host, Instance
from ..host.discovery import discover
from ..host.events import DisconnectRequestEvent, Event, MessageEvent, ReportEvent, StateEvent, StreamEvent
from ..logging import setup_logging
from .console import MESSAGE_STYLES, CommandError, ExitCode, fail, report, safe, stderr, stdout, styled
from .output import Output
from .paths import data_folder, plugin_folders
from .piping import pipe
from .settings import edit_settings
from .streams import Streams

__all__ = ["ChatOptions", "Conversation", "run_chat"]

_HELP = """\
/settings     show and change the plugin's settings
/connect      connect;  /disconnect  disconnect
/history [N]  the last N messages (20)
/reload       load the plugin again, as it is on disk now
/switch [ID]  chat with another plugin
/help         this list;  /quit or Ctrl-D  leave
Ctrl-C cancels a reply that is coming; at the empty prompt, the newest stream that the plugin sends by itself.
A line that begins with // is sent with one slash."""


class ChatOptions(msgspec.Struct, kw_only=True):
    """What the command line says."""

    folders: Sequence[Path]
    plugin_id: str
    instance_id: str
    timeout: float | None
    linger: float
    data_dir: Path | None
    verbose: bool


def run_chat(options: ChatOptions) -> int:
    """Chats until the input ends; returns the exit code."""
    setup_logging(logging.DEBUG if options.verbose else logging.CRITICAL)
    folders = plugin_folders(options.folders)
    interactive = sys.stdin.isatty()
    patience = _patience()
    with contextlib.ExitStack() as stack:
        stack.callback(patience.cancel)
        host = stack.enter_context(Host(folders, options.data_dir or data_folder()))
        plugin_id = options.plugin_id or _choose(host, interactive)
        instance = _load(host, plugin_id, options.instance_id)
        if not interactive:
            return pipe(host, instance, timeout=options.timeout, linger=options.linger)
        code = Conversation(host, instance, options).run()
        patience.start()
        return code


def _patience() -> threading.Timer:
    """Says, once it was started and a second has passed, why nothing happens."""
    words = "waiting for the plugin to end; Ctrl-C gives it up"
    timer = threading.Timer(1.0, lambda: stderr().print(f"[dim]{words}[/]"))
    timer.daemon = True
    return timer


def _load(host: Host, plugin_id: str, instance_id: str) -> Instance:
    try:
        return host.load(plugin_id, instance_id or None)
    except LoadError as error:
        raise CommandError(str(error), code=ExitCode.LOAD_FAILED) from None


def _choose(host: Host, interactive: bool) -> str:
    """The plugin to chat with: the only one, or the one that the person picks."""
    usable = [folder for folder in host.plugins if folder.error is None and not folder.disabled]
    if len(usable) == 1:
        return usable[0].id
    if not usable:
        for folder in host.plugins:
            report(f"{folder.id}: {folder.error or 'is disabled'}")
        fail("there is no plugin that can be used", "plugin-interfaces list tells more", ExitCode.LOAD_FAILED)
    if not interactive:
        names = ", ".join(folder.id for folder in usable)
        fail(f"there are several plugins: {names}", "Name one: --plugin ID", ExitCode.USAGE)
    console = stdout()
    for number, folder in enumerate(usable, 1):
        assert folder.manifest is not None
        console.print(
            f"[bold cyan]{number:>3}[/] ", styled(folder.id, "bold"), styled(f"  {folder.manifest.description}"), sep=""
        )
    for folder in host.plugins:
        if folder.error is not None:
            console.print(styled(f"  ! {folder.id}: {folder.error}", "dim", one_line=True))
    by_name = {str(number): folder.id for number, folder in enumerate(usable, 1)}
    by_name.update((folder.id, folder.id) for folder in usable)
    try:
        while True:
            answer = Prompt.ask("Chat with", console=console, default="1").strip()
            if answer in by_name:
                return by_name[answer]
            console.print(styled(f"there is no {answer!r}; give a number or an id", "yellow"))
    except EOFError:
        raise KeyboardInterrupt from None


# ---- in a terminal ----


class Conversation:
    """The prompt, the commands, and what comes in while the person types."""

    def __init__(self, host: Host, instance: Instance, options: ChatOptions) -> None:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.completion import WordCompleter
        from prompt_toolkit.styles import Style

        self._host = host
        self._instance = instance
        self._options = options
        self._console = stdout()
        self._output = Output(by_line=True)
        self._streams = Streams(self._output, self._show_tails)
        self._leaves = False  # the plugin has asked to be disconnected
        self._connects = False  # a connect that was left may still succeed
        self._commands: dict[str, Callable[[str], bool]] = {
            "/settings": self._settings,
            "/connect": self._connect,
            "/disconnect": self._disconnect,
            "/history": self._history,
            "/reload": self._reload,
            "/switch": self._switch,
            "/help": self._help,
            "/quit": lambda _: False,
            "/exit": lambda _: False,
        }
        self._session: PromptSession[str] = PromptSession(
            completer=WordCompleter(list(self._commands), sentence=True),
            complete_while_typing=False,
            style=Style.from_dict({"bottom-toolbar": "noreverse"}),
        )

    def run(self) -> int:
        """Until the person leaves."""
        remove = self._host.add_listener(self._show_event)
        try:
            self._take("/connect")
            self._console.print("[dim]/help tells the commands, /quit leaves.[/]")
            while self._take(self._ask()):
                pass
        except EOFError:
            pass
        finally:
            remove()
            self._streams.leave()
        return ExitCode.OK

    def _ask(self) -> str:
        """A line of the person's; empty where Ctrl-C has ended it. Errors: EOFError."""
        # What plugins send while the person types goes above the prompt.
        with self._output.above_prompt():
            try:
                return self._session.prompt(lambda: f"{safe(self._instance.id, one_line=True)} > ")
            except KeyboardInterrupt:
                if not self._session.default_buffer.text:
                    self._cancel_newest()
                return ""

    def _cancel_newest(self) -> None:
        stream = self._streams.newest()
        if stream is not None:
            with contextlib.suppress(StreamError):  # it has ended just now
                self._instance.cancel_stream(stream)

    def _show_tails(self) -> None:
        """What streams are at stands below the prompt; without one there is no line for it."""
        self._session.bottom_toolbar = self._toolbar if self._streams.newest() is not None else None
        self._session.app.invalidate()

    def _toolbar(self) -> str:
        return "\n".join(safe(tail, one_line=True) for tail in self._streams.tails())

    def _take(self, line: str) -> bool:
        """One line of the person's; False to leave."""
        word, _, rest = line.partition(" ")
        if line.startswith("//"):
            self._send(line[1:])
        elif word in self._commands:
            try:
                return self._commands[word](rest.strip())
            except PluginInterfacesError as error:
                report(str(error))
            except KeyboardInterrupt:
                self._left()
        elif word.startswith("/"):
            report(f"there is no command {word}", "/help tells which there are")
        elif line:
            self._send(line)
        return True

    def _left(self) -> None:
        """Ctrl-C in a command: the plugin hangs, or takes long."""
        if self._instance.state == State.GONE:
            self._console.print("\n[yellow]the plugin was given up; /reload loads it anew[/]")
        else:
            self._console.print("\n[yellow]not waited for any longer; /reload gives the plugin up[/]")

    def _send(self, text: str) -> None:
        cancelled = False
        try:
            reply = self._instance.start(text, self._options.timeout)
            try:
                for piece in reply.chunks():
                    self._output.piece(safe(piece))
            except KeyboardInterrupt:
                reply.cancel()
                cancelled = True
        except RequestCancelled:
            cancelled = True
        except PluginInterfacesError as error:
            self._output.end()
            report(str(error))
        finally:
            self._output.end()
        if cancelled:
            self._console.print("[yellow]cancelled[/]")

    def _show_event(self, event: Event) -> None:
        """What comes by itself. On the host's event thread."""
        if event.instance_id != self._instance.id:
            return
        if isinstance(event, MessageEvent):
            self._tell(event.content, MESSAGE_STYLES[event.kind])
        elif isinstance(event, ReportEvent):
            self._output.whole(lambda: stderr().print(styled(f"! {event.call}: {event.text}", "yellow")))
        elif isinstance(event, StreamEvent):
            if not event.request:
                self._streams.take(event)
        elif isinstance(event, DisconnectRequestEvent):
            self._leaves = True
        elif isinstance(event, StateEvent):
            self._show_state(event.state)

    def _show_state(self, state: State) -> None:
        """What the person asked for is told by the command; here is the rest."""
        if self._leaves and state == State.MOUNTED:
            self._tell("· the plugin has disconnected itself; /connect connects again", "dim")
        elif self._connects and state == State.CONNECTED:
            self._tell("· connected", "dim")
        self._leaves = self._leaves and state == State.CONNECTED
        self._connects = self._connects and state != State.CONNECTED

    def _tell(self, text: str, style: str) -> None:
        self._output.whole(lambda: stdout().print(styled(text, style)))

    # ---- commands ----

    def _help(self, _: str) -> bool:
        self._console.print(_HELP, style="dim", markup=False)
        return True

    def _connect(self, _: str) -> bool:
        if self._instance.connected:
            self._console.print("[dim]is connected[/]")
            return True
        try:
            self._instance.connect(self._options.timeout)
        except (CallTimeout, KeyboardInterrupt):
            self._connects = True
            raise
        except StateError:
            raise
        except PluginInterfacesError as error:
            report(str(error), "/settings to change the settings, then /connect")
        else:
            self._console.print("[dim]· connected[/]")
        return True

    def _disconnect(self, _: str) -> bool:
        self._instance.disconnect()
        self._console.print("[dim]· disconnected[/]")
        return True

    def _settings(self, _: str) -> bool:
        with self._output.held():
            edit_settings(self._instance, self._console)
        return True

    def _history(self, count: str) -> bool:
        limit = int(count) if count.isdigit() else 20
        for message in self._instance.history(limit):
            if message.role == "plugin" and message.status == "completed" and not message.content:
                continue  # a message that was taken, and needed no answer
            who = "you" if message.role == "user" else self._instance.id
            style = "bold" if message.role == "user" else MESSAGE_STYLES.get(message.message_type, "")
            mark = "" if message.status == "completed" else f" ({message.status})"
            name = styled(f"{who}{mark}: ", "dim", one_line=True)
            if message.role == "plugin" and "```" in message.content:
                self._console.print(name)
                self._console.print(Markdown(safe(message.content)))
            else:
                # One text, so that it is known where its first line begins.
                self._console.print(Text.assemble(name, styled(message.content, style)))
        return True

    def _reload(self, _: str) -> bool:
        self._connects = False
        if self._instance.state == State.GONE:
            self._instance = self._host.load(self._instance.plugin_id, self._instance.id)
            return self._connect("")
        patience = _patience()
        patience.start()
        try:
            self._instance = self._host.reload(self._instance)
        finally:
            patience.cancel()
        self._console.print(
            "[dim]· reloaded[/]" if self._instance.connected else "[dim]· reloaded; /connect connects it[/]"
        )
        return True

    def _switch(self, plugin_id: str) -> bool:
        self._host.discover()
        try:
            with self._output.held():
                plugin_id = plugin_id or _choose(self._host, True)
        except KeyboardInterrupt:
            self._console.print()  # nobody was chosen
            return True
        loaded = {instance.id: instance for instance in self._host.instances}
        if plugin_id not in loaded and plugin_id not in {folder.id for folder in discover(self._options.folders)}:
            self._host.find(plugin_id)
        instance = loaded.get(plugin_id) or self._host.load(plugin_id)
        self._streams.leave()
        self._instance = instance
        return self._connect("")
