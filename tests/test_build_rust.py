"""Plugins in Rust, built by cargo from crates without dependencies, so that no network is needed."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from plugin_interfaces.host import BuildResult, build_plugin, discover
from plugin_interfaces.host.discovery import LIBRARY_SUFFIX

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(shutil.which("cargo") is None, reason="there is no cargo here")

MANIFEST = '[package]\nname = "{name}"\nversion = "1.0.0"\nedition = "2021"\n'
CDYLIB = '[lib]\ncrate-type = ["cdylib"]\n'
SOURCE = '#[no_mangle]\npub extern "C" fn answer() -> i32 {\n    42\n}\n'


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The target directory is the one that cargo chooses for the folder."""
    monkeypatch.delenv("CARGO_TARGET_DIR", raising=False)
    monkeypatch.setenv("CARGO_NET_OFFLINE", "true")


def make(folder: Path, name: str = "sample-plugin", more: str = CDYLIB, source: str = SOURCE) -> Path:
    """A plugin's folder with a crate; the plugin's id is that of the folder."""
    (folder / "src").mkdir(parents=True)
    (folder / "config.toml").write_text(f'[plugin]\nid = "{folder.name}"\nversion = "1"\n')
    (folder / "Cargo.toml").write_text(MANIFEST.format(name=name) + more)
    (folder / "src" / "lib.rs").write_text(source)
    return folder


def build(folder: Path, *, force: bool = False) -> BuildResult:
    return build_plugin(folder, ROOT / "include", force=force)


def library(folder: Path) -> Path:
    """Where the host looks for it."""
    return folder / f"lib{folder.name}{LIBRARY_SUFFIX}"


def test_a_crate_is_built(tmp_path: Path) -> None:
    """The library has the name that config.toml gives, not that of the package; nothing else is left beside it."""
    folder = make(tmp_path / "my_plugin")
    assert BuildResult(status="built") == build(folder)
    assert {"Cargo.lock", "Cargo.toml", "config.toml", "libmy_plugin.so", "src", "target"} == {
        path.name for path in folder.iterdir()
    }
    assert library(folder) == discover([tmp_path])[0].code


def test_a_crate_is_built_once(tmp_path: Path) -> None:
    """The second time nothing has changed, until a source does."""
    folder = make(tmp_path / "a")
    assert ["built", "fresh"] == [build(folder).status for _ in range(2)]
    (folder / "src" / "lib.rs").write_text(SOURCE.replace("42", "43"))
    assert "built" == build(folder).status


def test_a_library_that_is_gone_is_copied_again(tmp_path: Path) -> None:
    """Although cargo finds nothing to compile."""
    folder = make(tmp_path / "a")
    build(folder)
    library(folder).unlink()
    assert ("built", True) == (build(folder).status, library(folder).exists())


def test_force_compiles_again(tmp_path: Path) -> None:
    """Although nothing has changed."""
    folder = make(tmp_path / "a")
    build(folder)
    before = library(folder).stat().st_ino
    assert "built" == build(folder, force=True).status
    assert before != library(folder).stat().st_ino


def test_a_folder_may_have_spaces(tmp_path: Path) -> None:
    """And letters beyond ASCII."""
    folder = make(tmp_path / "größere plug ins" / "a")
    assert ("built", True) == (build(folder).status, library(folder).exists())


def test_a_mistake_is_shown_in_the_compilers_words(tmp_path: Path) -> None:
    """With the place; no library is left, and no part of one."""
    folder = make(tmp_path / "a", source="pub fn größe() -> i32 { nothing }\n")
    result = build(folder)
    assert ("failed", "cargo ended with 101") == (result.status, result.message)
    assert "cannot find value `nothing`" in result.log
    assert "pub fn größe() -> i32 { nothing }" in result.log
    assert not list(folder.glob("*.so*"))


def test_a_warning_is_shown(tmp_path: Path) -> None:
    """And nothing of what cargo says while it works."""
    result = build(make(tmp_path / "a", source="fn unused() {}\n"))
    assert ("built", True) == (result.status, result.log.startswith("warning: function `unused` is never used"))


def test_a_dependency_that_cannot_be_had_is_told(tmp_path: Path) -> None:
    """In cargo's words."""
    result = build(make(tmp_path / "a", more=CDYLIB + '[dependencies]\nno-such-crate-of-ours = "1"\n'))
    assert "failed" == result.status
    assert "no-such-crate-of-ours" in result.log


@pytest.mark.parametrize("more", ["", '[lib]\ncrate-type = ["rlib"]\n'])
def test_a_crate_for_rust_alone_is_no_plugin(tmp_path: Path, more: str) -> None:
    """The person is told what to write."""
    result = build(make(tmp_path / "a", more=more))
    assert "failed" == result.status
    assert 'crate-type = ["cdylib"]' in result.message


def test_a_program_is_no_plugin(tmp_path: Path) -> None:
    """The person is told the same."""
    folder = make(tmp_path / "a", more="")
    (folder / "src" / "lib.rs").rename(folder / "src" / "main.rs")
    assert 'crate-type = ["cdylib"]' in build(folder).message


def test_a_program_beside_the_library_is_not_compiled(tmp_path: Path) -> None:
    """So its mistakes do not count."""
    folder = make(tmp_path / "a", more='[lib]\ncrate-type = ["cdylib", "rlib"]\n')
    (folder / "src" / "main.rs").write_text("a mistake")
    assert BuildResult(status="built") == build(folder)


def workspace(folder: Path, *names: str) -> list[Path]:
    """Plugins that share a Cargo.lock and a target directory, with these names of their libraries."""
    members = [
        make(
            folder / f"member_{number}",
            f"member-{number}",
            f'{CDYLIB}name = "{name}"\n',
            SOURCE.replace("42", str(number)),
        )
        for number, name in enumerate(names)
    ]
    (folder / "Cargo.toml").write_text('[workspace]\nmembers = ["member_*"]\nresolver = "2"\n')
    return members


def test_of_a_workspace_the_folders_own_library_is_taken(tmp_path: Path) -> None:
    """From the target directory that is the workspace's."""
    first, second = workspace(tmp_path, "plugin1", "plugin2")
    assert ["built", "built"] == [build(first).status, build(second).status]
    assert library(first).read_bytes() != library(second).read_bytes()
    assert ["fresh", "fresh"] == [build(first).status, build(second).status]
    assert not (first / "target").exists()


def test_two_libraries_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    """Cargo takes the one that was made last for either."""
    first, second = workspace(tmp_path, "plugin", "plugin")
    (second / "src" / "lib.rs").write_text(SOURCE.replace("answer", "question"))
    assert ["built", "built"] == [build(first).status, build(second).status]
    library(first).unlink()
    assert "built" == build(first).status
    assert b"question" in library(second).read_bytes()
    assert b"question" not in library(first).read_bytes()


def test_the_target_directory_can_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for cargo itself."""
    monkeypatch.setenv("CARGO_TARGET_DIR", str(tmp_path / "elsewhere"))
    folder = make(tmp_path / "a")
    assert ("built", True) == (build(folder).status, (tmp_path / "elsewhere").is_dir())
    assert not (folder / "target").exists()


def test_the_settings_of_cargo_count(tmp_path: Path) -> None:
    """Those of a folder above too."""
    folder = make(tmp_path / "a")
    (tmp_path / ".cargo").mkdir()
    (tmp_path / ".cargo" / "config.toml").write_text('[build]\ntarget-dir = "shared"\n')
    assert ("built", True) == (build(folder).status, (tmp_path / "shared").is_dir())


def test_a_dependency_is_a_step(tmp_path: Path) -> None:
    """So that the person sees how far it is."""
    make(tmp_path / "helper", "helper", more="")
    folder = make(tmp_path / "a", more=CDYLIB + '[dependencies]\nhelper = { path = "../helper" }\n')
    steps: list[str] = []
    assert "built" == build_plugin(folder, ROOT / "include", on_step=steps.append).status
    assert ["helper", "sample_plugin"] == steps


def test_interrupting_ends_cargo(tmp_path: Path) -> None:
    """Ctrl-C ends the command although cargo hangs."""
    cargo = tmp_path / "cargo"
    cargo.write_text(f'#!/bin/sh\necho $$ > "{tmp_path}/started"\nexec sleep 100\n')
    cargo.chmod(0o755)
    os.mkfifo(tmp_path / "started")
    folder = make(tmp_path / "a")
    command = [sys.executable, "-m", "plugin_interfaces.cli", "build", str(folder)]
    process = subprocess.Popen(command, env={**os.environ, "CARGO": str(cargo)})
    pid = int((tmp_path / "started").read_text())
    process.send_signal(signal.SIGINT)
    assert 130 == process.wait(30)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
