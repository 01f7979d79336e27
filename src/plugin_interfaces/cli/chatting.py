"""`plugin-interfaces chat`: a conversation with one plugin, in a terminal or through pipes."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from rich.markdown import Markdown
from rich.prompt import Prompt

from ..errors import LoadError, PluginInterfacesError, RequestCancelled
from ..host import Host, Instance
from ..host.discovery import discover
from ..host.events import Event, MessageEvent, ReportEvent, StateEvent, StreamEvent
from ..logging import setup_logging
from .console import MESSAGE_STYLES, CommandError, ExitCode, fail, report, safe, stderr, stdout, styled
from .paths import data_folder, plugin_folders
from .settings import edit_settings

__all__ = ["ChatOptions", "run_chat"]

_HELP = """\
/settings     show and change the plugin's settings
/connect      connect;  /disconnect  disconnect
/history [N]  the last N messages (20)
/reload       load the plugin again, as it is on disk now
/switch [ID]  chat with another plugin
/help         this list;  /quit or Ctrl-D  leave
Ctrl-C cancels a reply that is coming. A line that begins with // is sent with one slash."""


class ChatOptions(msgspec.Struct, kw_only=True):
    """What the command line says."""

    folders: list[Path]
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
    with Host(folders, options.data_dir or data_folder()) as host:
        plugin_id = options.plugin_id or _choose(host, interactive)
        instance = _load(host, plugin_id, options.instance_id)
        if interactive:
            return _Conversation(host, instance, options).run()
        return _pipe(host, instance, options)


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


# ---- through pipes ----


def _pipe(host: Host, instance: Instance, options: ChatOptions) -> int:
    """Each line of standard input is a message; replies go to standard output as they are."""
    output = threading.Lock()

    def show(event: Event) -> None:
        if isinstance(event, MessageEvent) and event.instance_id == instance.id:
            with output:
                print(event.content, flush=True)

    host.add_listener(show)
    try:
        instance.connect()
    except PluginInterfacesError as error:
        raise CommandError(str(error), code=ExitCode.LOAD_FAILED) from None
    code = ExitCode.OK
    for line in _lines():
        try:
            _write_reply(instance, line, options.timeout, output)
        except PluginInterfacesError as error:
            report(str(error))
            code = ExitCode.NO_REPLY
    if options.linger:
        time.sleep(options.linger)
    return code


def _lines() -> Iterator[str]:
    sys.stdin.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]
    return (line.rstrip("\r\n") for line in sys.stdin)


def _write_reply(instance: Instance, line: str, timeout: float | None, output: threading.Lock) -> None:
    """The pieces as they come. What no stream brought is one piece; an empty reply is no line."""
    ended = True
    try:
        for piece in instance.stream(line, timeout):
            with output:
                sys.stdout.write(piece)
                sys.stdout.flush()
            ended = piece.endswith("\n")
    finally:
        if not ended:
            with output:
                print(flush=True)


# ---- in a terminal ----


class _Conversation:
    """The prompt, the commands, and what comes in while the person types."""

    def __init__(self, host: Host, instance: Instance, options: ChatOptions) -> None:
        self._host = host
        self._instance = instance
        self._options = options
        self._console = stdout()
        self._replying = 0
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

    def run(self) -> int:
        """Until the person leaves."""
        from prompt_toolkit import PromptSession
        from prompt_toolkit.completion import WordCompleter
        from prompt_toolkit.patch_stdout import patch_stdout

        self._host.add_listener(self._show_event)
        self._connect("")
        self._console.print("[dim]/help tells the commands, /quit leaves.[/]")
        session: PromptSession[str] = PromptSession(
            completer=WordCompleter(list(self._commands), sentence=True), complete_while_typing=False
        )
        while True:
            try:
                # What plugins send while the person types goes above the prompt.
                with patch_stdout(raw=True):
                    line = session.prompt(lambda: f"{safe(self._instance.id, one_line=True)} > ")
            except KeyboardInterrupt:
                continue
            except EOFError:
                return ExitCode.OK
            if not self._take(line):
                return ExitCode.OK

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
        elif word.startswith("/"):
            report(f"there is no command {word}", "/help tells which there are")
        elif line:
            self._send(line)
        return True

    def _send(self, text: str) -> None:
        ended = True
        try:
            reply = self._instance.start(text, self._options.timeout)
            self._replying = reply.request
            try:
                for piece in reply.chunks():
                    sys.stdout.write(safe(piece))
                    sys.stdout.flush()
                    ended = piece.endswith("\n")
            except KeyboardInterrupt:
                reply.cancel()
                sys.stdout.write("" if ended else "\n")
                ended = True
                self._console.print("[yellow]cancelled[/]")
        except RequestCancelled:
            self._console.print("\n[yellow]cancelled[/]")
            ended = True
        except PluginInterfacesError as error:
            sys.stdout.write("" if ended else "\n")
            ended = True
            report(str(error))
        finally:
            self._replying = 0
            if not ended:
                sys.stdout.write("\n")
            sys.stdout.flush()

    def _show_event(self, event: Event) -> None:
        """What comes by itself. On the host's event thread."""
        if event.instance_id != self._instance.id:
            return
        if isinstance(event, MessageEvent):
            stdout().print(styled(event.content, MESSAGE_STYLES[event.kind]))
        elif isinstance(event, ReportEvent):
            stderr().print(styled(f"! {event.call}: {event.text}", "yellow"))
        elif isinstance(event, StateEvent) and not self._replying:
            stdout().print(styled(f"· {event.state.name.lower()}", "dim"))
        elif isinstance(event, StreamEvent) and event.type == "stream_data" and not event.request:
            stdout().print(styled(event.chunk), end="")

    # ---- commands ----

    def _help(self, _: str) -> bool:
        self._console.print(_HELP, style="dim", markup=False)
        return True

    def _connect(self, _: str) -> bool:
        if self._instance.connected:
            self._console.print("[dim]is connected[/]")
            return True
        try:
            self._instance.connect()
        except PluginInterfacesError as error:
            report(str(error), "/settings to change the settings, then /connect")
        return True

    def _disconnect(self, _: str) -> bool:
        self._instance.disconnect()
        return True

    def _settings(self, _: str) -> bool:
        edit_settings(self._instance, self._console)
        return True

    def _history(self, count: str) -> bool:
        limit = int(count) if count.isdigit() else 20
        for message in self._instance.history(limit):
            who = "you" if message.role == "user" else self._instance.id
            style = "bold" if message.role == "user" else MESSAGE_STYLES.get(message.message_type, "")
            mark = "" if message.status == "completed" else f" ({message.status})"
            self._console.print(styled(f"{who}{mark}:", "dim", one_line=True), end=" ")
            if message.role == "plugin" and "```" in message.content:
                self._console.print(Markdown(safe(message.content)))
            else:
                self._console.print(styled(message.content, style))
        return True

    def _reload(self, _: str) -> bool:
        self._instance = self._host.reload(self._instance)
        return True

    def _switch(self, plugin_id: str) -> bool:
        self._host.discover()
        plugin_id = plugin_id or _choose(self._host, True)
        loaded = {instance.id: instance for instance in self._host.instances}
        if plugin_id not in loaded and plugin_id not in {folder.id for folder in discover(self._options.folders)}:
            self._host.find(plugin_id)
        self._instance = loaded.get(plugin_id) or self._host.load(plugin_id)
        return self._connect("")
