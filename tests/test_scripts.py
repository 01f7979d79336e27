"""The scripts of the tree, where the machine lacks something."""

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
