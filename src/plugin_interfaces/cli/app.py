"""The commands and their options. What each does stands in a module of its own, imported when the command runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from .console import EXIT_CODES_HELP, CommandError, ExitCode, report

__all__ = ["app"]


class _Commands(TyperGroup):
    """The group of commands; turns the errors that a person can do something about into one line and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named."""
        from ..errors import LoadError, PluginInterfacesError

        try:
            return super().invoke(ctx)
        except CommandError as error:
            report(error.message, error.hint)
            raise typer.Exit(error.code) from None
        except KeyboardInterrupt:
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        except PluginInterfacesError as error:
            report(str(error))
            raise typer.Exit(ExitCode.LOAD_FAILED if isinstance(error, LoadError) else ExitCode.FAILED) from None


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Find, build, inspect, set up and chat with plugins.",
    epilog=EXIT_CODES_HELP,
)


def _examples(*lines: str) -> str:
    """An epilog with examples, then the exit codes. A line that names the command itself is a whole shell command."""
    commands = [line if "plugin-interfaces " in line else f"plugin-interfaces {line}" for line in lines]
    shown = "\n\n".join(f"[green]$[/] {command}" for command in commands)
    return f"[bold]Examples:[/]\n\n{shown}\n\n{EXIT_CODES_HELP}"


def _command(name: str, *examples: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a command with the examples that its --help shows."""
    return app.command(name, epilog=_examples(*examples))


def _print_version(wanted: bool) -> None:
    if wanted:
        from .. import _abi
        from .paths import package_version

        print(f"plugin-interfaces {package_version()} (ABI version {_abi.ABI_VERSION_NUMBER})")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the versions and exit."),
    ] = False,
) -> None:
    pass


FoldersArgument = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FOLDER…]",
        help="A plugin's folder, or a folder of such folders. Without one: c_plugins, cpp_plugins, "
        "rust_plugins and py_plugins here, those in PLUGIN_INTERFACES_PATH, and the plugins folder of your user data.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON for a program to read.")]


@_command("list", "list", "list my_plugins --json")
def list_command(folders: FoldersArgument = None, json: JsonOption = False) -> None:
    """List the plugins in folders, with the reason where one cannot be used. Runs no code of theirs."""
    from .listing import list_plugins

    list_plugins(folders or [], as_json=json)


@_command("inspect", "inspect c_plugins/echo", "inspect c_plugins/echo/libecho.so --json")
def inspect(
    target: Annotated[
        Path, typer.Argument(metavar="FOLDER|LIBRARY", help="A plugin's folder, or a shared library alone.")
    ],
    json: JsonOption = False,
) -> None:
    """Show what a plugin is and what is wrong with it.

    The library is loaded in a process of its own, so one that crashes is reported and harms nothing.
    """
    from .inspecting import inspect_plugin

    inspect_plugin(target, as_json=json)


def _complete_plugin(incomplete: str) -> list[str]:
    from .paths import known_plugin_ids

    return [plugin_id for plugin_id in known_plugin_ids() if plugin_id.startswith(incomplete)]


@_command(
    "chat",
    "chat",
    "chat c_plugins --plugin typewriter",
    "chat c_plugins/echo < messages.txt",
)
def chat(
    folders: FoldersArgument = None,
    plugin: Annotated[
        str,
        typer.Option("--plugin", "-p", metavar="ID", help="Chat with this plugin.", autocompletion=_complete_plugin),
    ] = "",
    instance: Annotated[
        str, typer.Option("--instance", metavar="ID", help="Chat with this instance of it, as its own contact.")
    ] = "",
    timeout: Annotated[
        float,
        typer.Option(
            min=0,
            metavar="SECONDS",
            help="How long to wait for a reply, for the plugin to connect, and at the end of input that is no terminal "
            "for streams that have begun; 0 waits for ever.",
        ),
    ] = 60.0,
    wait: Annotated[
        float,
        typer.Option(
            min=0,
            metavar="SECONDS",
            help="Where input is no terminal: stay this long after its end, for messages and streams that come later.",
        ),
    ] = 0.0,
    data: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where conversations are kept, in place of your user data."),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show what plugins log.")] = False,
) -> None:
    """Chat with a plugin.

    In a terminal: replies appear as they come, Ctrl-C cancels one, /help tells the commands.

    Where standard input is no terminal, each line is a message; replies go to standard output as they are, what the
    plugin sends by itself in whole pieces, and all else to standard error.
    """
    from .chatting import ChatOptions, run_chat

    raise typer.Exit(
        run_chat(
            ChatOptions(
                folders=folders or [],
                plugin_id=plugin,
                instance_id=instance,
                timeout=timeout or None,
                linger=wait,
                data_dir=data,
                verbose=verbose,
            )
        )
    )


@_command(
    "serve",
    "serve",
    "serve my_plugins --port 9000 --no-browser",
    "serve --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem --allow-host chat.example.org",
)
def serve(
    folders: FoldersArgument = None,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where to listen; others can reach 0.0.0.0, which needs TLS.")
    ] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="The port; 0: a free one. Without: 8420, or a free one.", show_default=False
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where conversations and contacts are kept, in place of your user data."),
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser where there is one.")] = True,
    tls_cert: Annotated[Path | None, typer.Option(metavar="FILE", help="A certificate in PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE", help="Its key in PEM.")] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A name by which the server is called; may be repeated."),
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="A page from elsewhere that may use the protocol; may be repeated."),
    ] = None,
    frontend: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", exists=True, file_okay=False, help="A front end of your own, in place of the chat client."
        ),
    ] = None,
    insecure_public: Annotated[
        bool, typer.Option("--insecure-public", help="Listen where others reach it, without TLS.")
    ] = False,
    new_token: Annotated[
        bool, typer.Option("--new-token", help="Links and cookies from before lose their use.")
    ] = False,
    page: Annotated[bool, typer.Option("--page/--no-page", help="The chat client, or the protocol alone.")] = True,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the protocol's JSON Schema, and serve nothing.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show what plugins log.")] = False,
) -> None:
    """Serve a chat client for the browser, whose contacts are plugins.

    Prints the link to it; whoever has the link can use it. docs/protocol.md is for other front ends.
    """
    from .serving import ServeOptions, print_schema, run_server

    if schema:
        print_schema()
        return
    if tls_key is not None and tls_cert is None:
        raise typer.BadParameter("a key needs its certificate", param_hint="--tls-cert")
    run_server(
        ServeOptions(
            folders=folders or [],
            data_dir=data,
            browser=browser,
            verbose=verbose,
            server={
                "address": host,
                "port": port,
                "names": tuple(allow_host or ()),
                "origins": tuple(allow_origin or ()),
                "frontend": frontend,
                "tls_cert": tls_cert,
                "tls_key": tls_key,
                "insecure_public": insecure_public,
                "fresh_token": new_token,
                "page": page,
            },
        )
    )


class ConfigAction(StrEnum):
    """What `config` does."""

    LIST = "list"
    GET = "get"
    SET = "set"
    UNSET = "unset"


@_command(
    "config",
    "config c_plugins/settings list",
    "config c_plugins/settings get greeting",
    "config c_plugins/settings set greeting 'Good morning'",
    "config py_plugins/openai_chat set api_key -   [dim]# asks, or reads standard input[/]",
)
def config(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A plugin's folder.")],
    action: Annotated[ConfigAction, typer.Argument(help="What to do; unset goes back to the default.")] = (
        ConfigAction.LIST
    ),
    key: Annotated[str, typer.Argument(help="The setting's name in config.toml.", show_default=False)] = "",
    value: Annotated[
        str | None,
        typer.Argument(
            help="The new value; - asks for it, so that a secret stays out of the shell's history.",
            show_default=False,
        ),
    ] = None,
    instance: Annotated[
        str, typer.Option("--instance", metavar="ID", help="The values of this instance of the plugin.")
    ] = "",
    show_secrets: Annotated[bool, typer.Option("--show-secrets", help="Do not mask secrets.")] = False,
    json: JsonOption = False,
) -> None:
    """Read and change a plugin's settings, which live in user.toml beside its config.toml."""
    from .configuring import Settings

    settings = Settings(folder, instance, show_secrets=show_secrets, as_json=json)
    if action is ConfigAction.LIST:
        if key:
            raise typer.BadParameter("list takes no KEY", param_hint="KEY")
        settings.list()
        return
    if not key:
        raise typer.BadParameter(f"{action} needs the name of a setting", param_hint="KEY")
    if action is ConfigAction.SET:
        if value is None:
            raise typer.BadParameter("set needs a value, or - to be asked for it", param_hint="VALUE")
        settings.set(key, value)
        return
    if value is not None:
        raise typer.BadParameter(f"{action} takes no value", param_hint="VALUE")
    settings.get(key) if action is ConfigAction.GET else settings.unset(key)


@_command(
    "permissions",
    "permissions c_plugins/echo",
    "permissions py_plugins/openai_chat --deny network",
    "permissions py_plugins/openai_chat --allow network",
)
def permissions(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A plugin's folder.")],
    allow: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Give it; may be repeated.")] = None,
    deny: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Take it; may be repeated.")] = None,
    json: JsonOption = False,
) -> None:
    """Show what a plugin asks for; give it, and take it.

    A plugin learns of a change when it is loaded the next time.
    """
    from .permitting import change_permissions

    change_permissions(folder, allow or [], deny or [], as_json=json)


@_command("build", "build", "build c_plugins/echo", "CC=clang plugin-interfaces build --force")
def build(
    folders: FoldersArgument = None,
    force: Annotated[bool, typer.Option("--force", help="Compile also what is up to date.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say only what was not built.")] = False,
    json: JsonOption = False,
) -> None:
    """Compile plugins in C and C++ with the system's compiler, those in Rust with cargo.

    CC, CXX and CARGO name others than cc, c++ and cargo. Those in Rust are compiled in release mode.
    """
    from .building import build_plugins

    build_plugins(folders or [], force=force, quiet=quiet, as_json=json)


@_command("includes", "includes", "cc $(plugin-interfaces includes) -c plugin.c")
def includes(
    path: Annotated[bool, typer.Option("--path", help="The folder alone, without -I.")] = False,
) -> None:
    """Print the compiler's option that finds plugin_interface.h."""
    from .paths import include_folder, quoted

    print(include_folder() if path else quoted([f"-I{include_folder()}"]))


@_command("cflags", "cflags", "cc $(plugin-interfaces cflags) plugin.c -o libplugin.so $(plugin-interfaces libs)")
def cflags() -> None:
    """Print the compiler's options for the sources of a plugin."""
    from .paths import include_folder, quoted

    print(quoted([f"-I{include_folder()}", "-fPIC", "-fvisibility=hidden"]))


@_command("libs", "libs", "cc $(plugin-interfaces cflags) plugin.c -o libplugin.so $(plugin-interfaces libs)")
def libs() -> None:
    """Print the linker's options for a plugin; it needs no library of ours."""
    print("-dynamiclib -undefined dynamic_lookup" if sys.platform == "darwin" else "-shared")


@_command("crate", "crate", 'cargo add plugin-interfaces --path "$(plugin-interfaces crate)"')
def crate() -> None:
    """Print the folder of the Rust crate, which a plugin in Rust depends on."""
    from .paths import crate_folder

    print(crate_folder())


# Rich folds help to the width of the terminal; where output is piped, a width that `grep` can work with.
if not sys.stdout.isatty():
    os.environ.setdefault("TERMINAL_WIDTH", "120")
