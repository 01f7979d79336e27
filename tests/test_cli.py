"""The command, run as a program."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from plugin_interfaces.errors import NotPermitted
from plugin_interfaces.host import Host, build_plugin

ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with `echo`, `settings` and `typewriter`, the first and the last compiled."""
    for name in ("echo", "settings", "typewriter"):
        target = tmp_path / "plugins" / name
        shutil.copytree(ROOT / "c_plugins" / name, target, ignore=shutil.ignore_patterns("*.so", "user.toml"))
        if name != "settings":
            assert "built" == build_plugin(target, ROOT / "include").status
    return tmp_path / "plugins"


def run(*arguments: str | Path, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs the command, not on a terminal."""
    command = [sys.executable, "-m", "plugin_interfaces.cli", *map(str, arguments)]
    environment = {**os.environ, "COLUMNS": "200", **variables}
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=100, env=environment)


def chat(folder: Path, *arguments: str, stdin: str) -> subprocess.CompletedProcess[str]:
    return run("chat", folder, "--data", folder.parent / "data", *arguments, stdin=stdin)


def test_chat_answers_each_line(folder: Path) -> None:
    """Replies alone are on standard output."""
    done = chat(folder, "--plugin", "echo", stdin="hello\nworld\n")
    assert (0, "hello\nworld\n", "") == (done.returncode, done.stdout, done.stderr)


def test_chat_streams(folder: Path) -> None:
    """A stream is one line."""
    assert "hello\n" == chat(folder, "--plugin", "typewriter", stdin="hello\n").stdout


def test_chat_keeps_the_conversation(folder: Path) -> None:
    """In the folder that was named."""
    chat(folder, "--plugin", "echo", stdin="hello\n")
    assert (folder.parent / "data" / "history.sqlite3").exists()


def test_chat_with_several_plugins_asks_which(folder: Path) -> None:
    """Where nobody can be asked, that is wrong usage."""
    done = chat(folder, stdin="hello\n")
    assert 2 == done.returncode
    assert "--plugin" in done.stderr


def test_chat_with_an_unknown_plugin_says_which_there_are(folder: Path) -> None:
    """The exit code is that of a plugin that cannot be loaded."""
    done = chat(folder, "--plugin", "nobody", stdin="")
    assert 3 == done.returncode
    assert "echo" in done.stderr


def test_chat_tells_of_a_message_without_a_reply(folder: Path) -> None:
    """The next line is answered all the same."""
    done = chat(folder, "--plugin", "typewriter", "--timeout", "0.001", stdin="a very long line to type\nb\n")
    assert 4 == done.returncode
    assert "error:" in done.stderr


def test_chat_refuses_what_is_no_text(folder: Path) -> None:
    """A byte that is not UTF-8 is named; the conversation goes on."""
    command = [sys.executable, "-m", "plugin_interfaces.cli", "chat", str(folder), "-p", "echo"]
    command += ["--data", str(folder.parent / "data")]
    done = subprocess.run(command, input=b"\xff\nhello\n", capture_output=True, timeout=100)
    assert (4, b"hello\n") == (done.returncode, done.stdout)
    assert b"error:" in done.stderr


def test_list_shows_what_cannot_be_used(folder: Path) -> None:
    """With the reason, and exit code 0."""
    plugins = json.loads(run("list", folder, "--json").stdout)["plugins"]
    assert {"echo": "ready", "settings": "failed", "typewriter": "ready"} == {p["id"]: p["state"] for p in plugins}
    assert "plugin-interfaces build" in next(p["error"] for p in plugins if p["id"] == "settings")


def test_list_has_no_colours_in_a_pipe(folder: Path) -> None:
    """No escape sequence."""
    assert "\x1b" not in run("list", folder).stdout


def test_inspect_tells_what_a_library_is(folder: Path) -> None:
    """Its entries, from the library itself."""
    done = run("inspect", folder / "echo", "--json")
    assert (0, ["handle_message"]) == (done.returncode, json.loads(done.stdout)["entries"])


def test_inspect_survives_a_library_that_crashes(folder: Path) -> None:
    """It is reported with the signal's name."""
    source = folder / "echo" / "echo.c"
    source.write_text(
        '#include "plugin_interface.h"\n'
        "PLUGIN_EXPORT PluginInterface *create_plugin(void);\n"
        "PluginInterface *create_plugin(void) { abort(); }\n"
    )
    assert "built" == build_plugin(folder / "echo", ROOT / "include").status
    done = run("inspect", folder / "echo")
    assert 3 == done.returncode
    assert "SIGABRT" in done.stderr


def test_build_compiles_what_is_out_of_date(folder: Path) -> None:
    """And only that."""
    results = json.loads(run("build", folder, "--json").stdout)["plugins"]
    assert ["fresh", "built", "fresh"] == [result["status"] for result in results]


def test_build_shows_the_compilers_words(folder: Path) -> None:
    """One plugin that fails does not keep the others from being built."""
    (folder / "echo" / "echo.c").write_text("int main(void) { return nothing; }\n")
    done = run("build", folder)
    assert 1 == done.returncode
    assert "nothing" in done.stdout
    assert (folder / "settings" / "libsettings.so").exists()


def test_config_sets_and_gets(folder: Path) -> None:
    """The value is in user.toml."""
    assert 0 == run("config", folder / "settings", "set", "greeting", "Servus").returncode
    assert "Servus\n" == run("config", folder / "settings", "get", "greeting").stdout


def test_permissions_are_taken_and_given(folder: Path) -> None:
    """And the plugin that needs one says so when it connects."""
    shutil.copytree(ROOT / "py_plugins" / "openai_chat", folder / "openai_chat")
    assert "denied  network\n" == run("permissions", folder / "openai_chat", "--deny", "network").stdout
    with Host([folder]) as host, pytest.raises(NotPermitted, match="give the permission `network`"):
        host.load("openai_chat").connect()
    assert "given   network\n" == run("permissions", folder / "openai_chat", "--allow", "network").stdout


def test_a_permission_that_is_not_asked_for_is_refused(folder: Path) -> None:
    """With those that are."""
    done = run("permissions", folder / "settings", "--deny", "network")
    assert (2, True) == (done.returncode, "It asks for: none" in done.stderr)


def test_config_masks_secrets(folder: Path) -> None:
    """Unless they are asked for."""
    run("config", folder / "settings", "set", "password", "-", stdin="hidden\n")
    assert "hidden" not in run("config", folder / "settings", "list").stdout
    assert "hidden\n" == run("config", folder / "settings", "get", "password", "--show-secrets").stdout


def test_config_refuses_a_wrong_value(folder: Path) -> None:
    """And says what is wrong."""
    done = run("config", folder / "settings", "set", "count", "101")
    assert 1 == done.returncode
    assert "more than 100" in done.stderr


def test_the_options_compile_a_plugin(folder: Path) -> None:
    """As a build script uses them."""
    cflags, libs = run("cflags").stdout.split(), run("libs").stdout.split()
    target = folder / "libecho.so"
    subprocess.run(["cc", *cflags, folder / "echo" / "echo.c", "-o", target, *libs], check=True, timeout=60)
    assert 0 == run("inspect", target).returncode


def test_the_crate_is_a_dependency_of_a_plugin_in_rust() -> None:
    """As `cargo add` takes it; in a checkout it is the checkout's."""
    assert f"{ROOT / 'bindings' / 'rust'}\n" == run("crate").stdout


@pytest.mark.parametrize(
    "command",
    [
        *("list", "inspect", "chat", "serve", "config", "permissions", "build"),
        *("includes", "cflags", "libs", "crate", "completion"),
    ],
)
def test_help_has_examples(command: str) -> None:
    """And the exit codes."""
    text = run(command, "--help").stdout
    assert f"plugin-interfaces {command}" in text.partition("Examples:")[2]
    assert "Exit codes" in text
