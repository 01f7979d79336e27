"""The scripts of the tree, where the machine lacks something."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def rust(tools: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs scripts/rust with the tools of the system and those in a folder."""
    for name in ("dirname", "sed", "sort", "head", "printf"):
        (tools / name).symlink_to(shutil.which(name) or name)
    command = ["/bin/sh", str(ROOT / "scripts" / "rust"), *arguments]
    return subprocess.run(command, env={"PATH": str(tools)}, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("task", ["usable", "lint", "test", "miri"])
def test_without_cargo_rust_is_skipped(tmp_path: Path, task: str) -> None:
    """With a reason, and a code that is no failure."""
    done = rust(tmp_path, task)
    assert (77, "no cargo here\n", "") == (done.returncode, done.stdout, done.stderr)


def test_a_cargo_that_is_too_old_is_none(tmp_path: Path) -> None:
    """The reason names both versions."""
    (tmp_path / "cargo").write_text("#!/bin/sh\necho 'cargo 1.63.0 (fd9c4297c 2022-07-01)'\n")
    (tmp_path / "cargo").chmod(0o755)
    done = rust(tmp_path, "usable")
    assert (77, True) == (done.returncode, done.stdout.startswith("cargo 1.63.0 here is older than 1."))


@pytest.mark.parametrize(("version", "code"), [("1.63.0", 1), ("1.9.0", 1), ("1.100.0", 0), ("2.0.0", 0)])
def test_versions_are_compared_by_their_numbers(tmp_path: Path, version: str, code: int) -> None:
    """Not as texts."""
    assert code == rust(tmp_path, "accepts", version).returncode


def has_input(**options: object) -> bool:
    """What scripts/has-input says of a standard input."""
    command = ["/bin/sh", str(ROOT / "scripts" / "has-input")]
    return 0 == subprocess.run(command, timeout=60, check=False, **options).returncode  # type: ignore[call-overload]


def test_lines_that_are_piped_in_are_input(tmp_path: Path) -> None:
    """From a pipe or a file; one byte is enough."""
    (tmp_path / "lines").write_text("hello\n")
    with (tmp_path / "lines").open() as file:
        assert has_input(stdin=file)
        assert "hello\n" == file.read()
    assert has_input(input=b"x")


def test_nothing_is_no_input(tmp_path: Path) -> None:
    """An empty pipe or file, the null device, and a standard input that is closed."""
    (tmp_path / "empty").touch()
    with (tmp_path / "empty").open() as file:
        assert not has_input(stdin=file)
    assert not has_input(input=b"")
    assert not has_input(stdin=subprocess.DEVNULL)
    assert not has_input(preexec_fn=lambda: os.close(0))


def test_a_terminal_is_no_input() -> None:
    """Although somebody may type there."""
    person, terminal = os.openpty()
    try:
        os.write(person, b"hello\n")
        assert not has_input(stdin=terminal)
    finally:
        os.close(person)
        os.close(terminal)
