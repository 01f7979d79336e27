"""The commands and their options. What each does stands in a module of its own, imported when the command runs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .console import CommandError, ExitCode, report
from .help import Argument, Command, Group

__all__ = ["PROGRAM", "app"]

PROGRAM = "plugin-interfaces"
# Click's own name for it: with this variable set, the command answers a shell that completes.
_COMPLETE_VARIABLE = "_PLUGIN_INTERFACES_COMPLETE"


class _Commands(Group):
    """The group of commands; turns the errors that a person can do something about into one line and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except CommandError as error:
            report(error.message, error.hint)
            raise click.exceptions.Exit(error.code) from None
        except KeyboardInterrupt:
            raise click.exceptions.Exit(ExitCode.INTERRUPTED) from None
        except (click.ClickException, click.exceptions.Exit, OSError):
            raise
        except Exception as error:
            from ..errors import LoadError, PluginInterfacesError

            if not isinstance(error, PluginInterfacesError):
                raise
            report(str(error))
            code = ExitCode.LOAD_FAILED if isinstance(error, LoadError) else ExitCode.FAILED
            raise click.exceptions.Exit(code) from None


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from .. import _abi
        from .paths import package_version

        print(f"{PROGRAM} {package_version()} (ABI version {_abi.ABI_VERSION_NUMBER})")
        ctx.exit()


@click.group(cls=_Commands, no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the versions."
)
def app() -> None:
    """Find, build, inspect, set up and chat with plugins."""


def _command(name: str, *examples: str) -> Callable[[Callable[..., None]], click.Command]:
    """Register a command with the examples that its --help shows."""
    lines = [line if f"{PROGRAM} " in line else f"{PROGRAM} {line}" for line in examples]
    return app.command(name, cls=Command, examples=lines)


_PATH = click.Path(path_type=Path)

_folders_argument = click.argument(
    "folders",
    cls=Argument,
    nargs=-1,
    metavar="[FOLDER…]",
    type=_PATH,
    help="A plugin's folder, or a folder of such folders. Without one: c_plugins, cpp_plugins, rust_plugins and "
    "py_plugins here, those in PLUGIN_INTERFACES_PATH, and the plugins folder of your user data.",
)
_folder_argument = click.argument("folder", cls=Argument, metavar="FOLDER", type=_PATH, help="A plugin's folder.")
_json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON for a program to read.")


@_command("list", "list", "list my_plugins --json")
@_folders_argument
@_json_option
def list_command(folders: tuple[Path, ...], as_json: bool) -> None:
    """List the plugins in folders, with the reason where one cannot be used. Runs no code of theirs."""
    from .listing import list_plugins

    list_plugins(folders, as_json=as_json)


@_command("inspect", "inspect c_plugins/echo", "inspect c_plugins/echo/libecho.so --json")
@click.argument(
    "target", cls=Argument, metavar="FOLDER|LIBRARY", type=_PATH, help="A plugin's folder, or a shared library alone."
)
@_json_option
def inspect(target: Path, as_json: bool) -> None:
    """Show what a plugin is and what is wrong with it.

    The library is loaded in a process of its own, so one that crashes is reported and harms nothing.
    """
    from .inspecting import inspect_plugin

    inspect_plugin(target, as_json=as_json)


def _complete_plugin(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    from .paths import known_plugin_ids

    return [plugin_id for plugin_id in known_plugin_ids() if plugin_id.startswith(incomplete)]


@_command("chat", "chat", "chat c_plugins --plugin typewriter", "chat c_plugins/echo < messages.txt")
@_folders_argument
@click.option(
    "--plugin", "-p", metavar="ID", default="", shell_complete=_complete_plugin, help="Chat with this plugin."
)
@click.option("--instance", metavar="ID", default="", help="Chat with this instance of it, as its own contact.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for a reply, for the plugin to connect, and at the end of input that is no terminal for "
    "streams that have begun; 0 waits for ever.",
)
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    metavar="SECONDS",
    help="Where input is no terminal: stay this long after its end, for messages and streams that come later.",
)
@click.option("--data", type=_PATH, metavar="FOLDER", help="Where conversations are kept, in place of your user data.")
@click.option("--verbose", "-v", is_flag=True, help="Show what plugins log.")
def chat(
    folders: tuple[Path, ...],
    plugin: str,
    instance: str,
    timeout: float,
    wait: float,
    data: Path | None,
    verbose: bool,
) -> None:
    """Chat with a plugin.

    In a terminal: replies appear as they come, Ctrl-C cancels one, /help tells the commands.

    Where standard input is no terminal, each line is a message; replies go to standard output as they are, what the
    plugin sends by itself in whole pieces, and all else to standard error.
    """
    from .chatting import ChatOptions, run_chat

    raise click.exceptions.Exit(
        run_chat(
            ChatOptions(
                folders=folders,
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
    "config",
    "config c_plugins/settings list",
    "config c_plugins/settings get greeting",
    "config c_plugins/settings set greeting 'Good morning'",
    "config py_plugins/openai_chat set api_key -   # asks, or reads standard input",
)
@_folder_argument
@click.argument(
    "action",
    cls=Argument,
    type=click.Choice(["list", "get", "set", "unset"]),
    default="list",
    metavar="[list|get|set|unset]",
    help="What to do; unset goes back to the default. Without one: list.",
)
@click.argument("key", cls=Argument, default="", metavar="[KEY]", help="The setting's name in config.toml.")
@click.argument(
    "value",
    cls=Argument,
    required=False,
    metavar="[VALUE]",
    help="The new value; - asks for it, so that a secret stays out of the shell's history.",
)
@click.option("--instance", metavar="ID", default="", help="The values of this instance of the plugin.")
@click.option("--show-secrets", is_flag=True, help="Do not mask secrets.")
@_json_option
def config(
    folder: Path, action: str, key: str, value: str | None, instance: str, show_secrets: bool, as_json: bool
) -> None:
    """Read and change a plugin's settings, which live in user.toml beside its config.toml."""
    from .configuring import Settings

    settings = Settings(folder, instance, show_secrets=show_secrets, as_json=as_json)
    if action == "list":
        if key:
            raise click.BadParameter("list takes no KEY", param_hint="KEY")
        settings.list()
        return
    if not key:
        raise click.BadParameter(f"{action} needs the name of a setting", param_hint="KEY")
    if action == "set":
        if value is None:
            raise click.BadParameter("set needs a value, or - to be asked for it", param_hint="VALUE")
        settings.set(key, value)
        return
    if value is not None:
        raise click.BadParameter(f"{action} takes no value", param_hint="VALUE")
    settings.get(key) if action == "get" else settings.unset(key)


@_command(
    "permissions",
    "permissions c_plugins/echo",
    "permissions py_plugins/openai_chat --deny network",
    "permissions py_plugins/openai_chat --allow network",
)
@_folder_argument
@click.option("--allow", multiple=True, metavar="NAME", help="Give it; may be repeated.")
@click.option("--deny", multiple=True, metavar="NAME", help="Take it; may be repeated.")
@_json_option
def permissions(folder: Path, allow: tuple[str, ...], deny: tuple[str, ...], as_json: bool) -> None:
    """Show what a plugin asks for; give it, and take it.

    A plugin learns of a change when it is loaded the next time.
    """
    from .permitting import change_permissions

    change_permissions(folder, allow, deny, as_json=as_json)


@_command("build", "build", "build c_plugins/echo", "CC=clang plugin-interfaces build --force")
@_folders_argument
@click.option("--force", is_flag=True, help="Compile also what is up to date.")
@click.option("--quiet", "-q", is_flag=True, help="Say only what was not built.")
@_json_option
def build(folders: tuple[Path, ...], force: bool, quiet: bool, as_json: bool) -> None:
    """Compile plugins in C and C++ with the system's compiler, those in Rust with cargo.

    CC, CXX and CARGO name others than cc, c++ and cargo. Those in Rust are compiled in release mode.
    """
    from .building import build_plugins

    build_plugins(folders, force=force, quiet=quiet, as_json=as_json)


@_command("includes", "includes", "cc $(plugin-interfaces includes) -c plugin.c")
@click.option("--path", is_flag=True, help="The folder alone, without -I.")
def includes(path: bool) -> None:
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


@_command(
    "completion",
    'eval "$(plugin-interfaces completion bash)"   # in ~/.bashrc',
    "completion fish > ~/.config/fish/completions/plugin-interfaces.fish",
)
@click.argument(
    "shell", cls=Argument, type=click.Choice(["bash", "zsh", "fish"]), metavar="bash|zsh|fish", help="Which shell."
)
def completion(shell: str) -> None:
    """Print what a shell needs to complete commands, options and the ids of plugins."""
    from click.shell_completion import get_completion_class

    complete = get_completion_class(shell)
    assert complete is not None
    print(complete(app, {}, PROGRAM, _COMPLETE_VARIABLE).source())
