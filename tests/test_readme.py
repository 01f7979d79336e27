"""The README's plugins and its host, as they stand there."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from plugin_interfaces.host import Host, build_plugin

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(mark: str) -> str:
    """The code that follows `<!-- test: mark -->`."""
    found = re.search(rf"<!-- test: {re.escape(mark)} -->\n```\w+\n(.*?)```", README, re.DOTALL)
    assert found, f"the README has no block {mark!r}"
    return found[1]


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    """A folder with the README's two plugins, the one in C compiled."""
    for folder, mark, files in (
        ("shout", "c_plugin", ["shout.c", "config.toml"]),
        ("countdown", "py_plugin", ["plugin.py", "config.toml"]),
    ):
        (tmp_path / folder).mkdir()
        for name in files:
            (tmp_path / folder / name).write_text(block(f"{mark} {name}"), encoding="utf-8")
    result = build_plugin(tmp_path / "shout", ROOT / "include")
    assert ("built", "") == (result.status, result.log)
    return tmp_path


def test_the_c_plugin_is_short() -> None:
    """A smallest useful plugin has under 40 lines."""
    assert block("c_plugin shout.c").count("\n") < 40


def test_the_c_plugin_answers(plugins: Path) -> None:
    """It shouts."""
    with Host([plugins]) as host:
        shout = host.load("shout")
        shout.connect()
        assert "HELLO" == shout.send("hello")


def test_the_python_plugin_streams(plugins: Path) -> None:
    """It counts down piece by piece."""
    with Host([plugins]) as host:
        countdown = host.load("countdown")
        countdown.config.set("pause", 0.0)
        countdown.connect()
        assert ["2 ", "1 ", "lift-off"] == list(countdown.stream("2"))


@pytest.fixture
def whisper(tmp_path: Path) -> Path:
    """A folder with the plugin in C++, compiled; its manifest is the one in C's, as the README says."""
    folder = tmp_path / "whisper"
    folder.mkdir()
    (folder / "whisper.cpp").write_text(block("cpp_plugin whisper.cpp"), encoding="utf-8")
    manifest = block("c_plugin config.toml").replace("shout", "whisper").replace("Shout", "Whisper")
    (folder / "config.toml").write_text(manifest, encoding="utf-8")
    result = build_plugin(folder, ROOT / "include")
    assert ("built", "") == (result.status, result.log)
    return tmp_path


def test_the_cpp_plugin_is_short() -> None:
    """A smallest plugin has under 15 lines."""
    assert block("cpp_plugin whisper.cpp").count("\n") < 15


def test_the_cpp_plugin_answers(whisper: Path) -> None:
    """It whispers."""
    with Host([whisper]) as host:
        instance = host.load("whisper")
        instance.connect()
        assert "hello" == instance.send("HELLO")


@pytest.mark.skipif(shutil.which("cargo") is None, reason="there is no cargo to build a plugin in Rust with")
def test_the_rust_plugin_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It turns the message round."""
    monkeypatch.setenv("CARGO_TARGET_DIR", str(ROOT / "build" / "cargo"))
    folder = tmp_path / "reverse"
    (folder / "src").mkdir(parents=True)
    for name in ("config.toml", "Cargo.toml", "src/lib.rs"):
        text = block(f"rust_plugin {name}").replace('"bindings/rust"', f'"{ROOT / "bindings" / "rust"}"')
        (folder / name).write_text(text, encoding="utf-8")
    result = build_plugin(folder, ROOT / "include")
    assert ("built", "") == (result.status, result.log)
    with Host([tmp_path]) as host:
        reverse = host.load("reverse")
        reverse.connect()
        assert "olleh" == reverse.send("hello")


def test_the_host_program_runs(plugins: Path) -> None:
    """It says what it found, then what came."""
    (plugins / "host.py").write_text(block("host"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "host.py"], cwd=plugins, capture_output=True, text=True, timeout=60, check=True
    )
    assert ["shout ready", "countdown ready", "HELLO", "3 2 1 lift-off"] == done.stdout.splitlines()


def test_the_table_of_samples_names_them_all() -> None:
    """No sample is missing from the README."""
    folders = {path.parent.name for path in ROOT.glob("*_plugins/*/config.toml")}
    assert folders <= set(re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE))
