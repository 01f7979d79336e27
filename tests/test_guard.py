"""The guard against slowing down, in copies of what it counts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
COUNTED = ["src/native", "include", "c_plugins/echo", "benchmarks/guard", "build_ffi.py"]
BASELINE = Path("benchmarks", "guard", "baseline.json")


def run(tree: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the guard of a tree."""
    command = [sys.executable, str(tree / "benchmarks" / "guard" / "guard.py"), *arguments]
    env = {**os.environ, **environment}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=100)


def edit(tree: Path, change: Callable[[Any], None]) -> None:
    """Changes the baseline of a tree."""
    data = json.loads((tree / BASELINE).read_text(encoding="utf-8"))
    change(data)
    (tree / BASELINE).write_text(json.dumps(data), encoding="utf-8")


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in which one path was counted, with what has been compiled for this tree."""
    tree = tmp_path_factory.mktemp("counted")
    for name in COUNTED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, tree / name)
    if (ROOT / "build" / "guard").exists():
        shutil.copytree(ROOT / "build" / "guard", tree / "build" / "guard")
    (tree / BASELINE).unlink()
    done = run(tree, "event", "--refresh", "--reason", "the first one")
    if done.returncode == 77:
        pytest.skip(done.stdout)
    assert 0 == done.returncode, done.stderr
    return tree


@pytest.fixture
def tree(counted: Path, tmp_path: Path) -> Path:
    """A copy of that for one test."""
    return Path(shutil.copytree(counted, tmp_path / "tree"))


def slow_down(tree: Path, added: str) -> None:
    """Adds a statement to the core, where it checks a text."""
    file = tree / "src" / "native" / "text.c"
    text, count = re.subn(
        r"(?m)^uint64_t text_valid_until\(.*\) {$", rf"\g<0> {added}", file.read_text(encoding="utf-8")
    )
    assert 1 == count
    file.write_text(text, encoding="utf-8")


def test_the_same_code_takes_the_same(tree: Path) -> None:
    """In another folder, and with another environment."""
    done = run(tree, "event", SOMETHING="x" * 3000)
    assert (0, "1 path within 2% of the baseline") == (done.returncode, done.stdout.splitlines()[-1])


def test_a_slower_path_fails_and_its_function_is_named(tree: Path) -> None:
    """The one that grew."""
    slow_down(tree, "for (volatile int at = 0; at < 100; at++) {}")
    done = run(tree, "event")
    assert (1, True, True) == (
        done.returncode,
        "\nevent is slower: " in done.stdout,
        " instructions (+" in done.stdout and "%)\n    text.c:text_" in done.stdout,
    )


def test_one_call_of_the_c_library_more_fails(tree: Path) -> None:
    """What it takes there is not counted, so it is counted by itself."""
    slow_down(tree, '(void)getenv("");')
    done = run(tree, "event")
    assert (1, True) == (done.returncode, "\n    getenv: 0 -> 1\n" in done.stdout)


def test_a_better_path_is_told(tree: Path) -> None:
    """So that the baseline follows."""

    def more(data: Any) -> None:
        path = data["paths"]["event"]
        path["instructions"] += 1000
        path["functions"]["queue.c:queue_push"] += 1000

    edit(tree, more)
    done = run(tree, "event")
    assert (0, True) == (done.returncode, "baseline; better: event (" in done.stdout)


def test_a_path_without_a_baseline_fails(tree: Path) -> None:
    """Somebody added it."""
    done = run(tree, "chunk")
    assert (1, True) == (done.returncode, "\nchunk has no baseline\n" in done.stdout)


def test_another_compiler_is_skipped(tree: Path, tmp_path: Path) -> None:
    """It gives other counts, which say nothing."""
    other = tmp_path / "cc"
    other.write_text("#!/bin/sh\necho 'othercc 1.0'\n")
    other.chmod(0o755)
    done = run(tree, "event", CC=str(other))
    assert (77, True, True) == (
        done.returncode,
        done.stdout.startswith("the baseline cannot be compared: "),
        " there, othercc 1.0 here; " in done.stdout,
    )


def test_without_valgrind_it_is_skipped(tree: Path, tmp_path: Path) -> None:
    """With a reason."""
    cc = tmp_path / "cc"
    cc.symlink_to(shutil.which("true") or "true")
    done = run(tree, "event", PATH=str(tmp_path), CC="cc")
    assert (77, "no valgrind here\n") == (done.returncode, done.stdout)


def test_a_refresh_needs_a_reason(tree: Path) -> None:
    """Nothing is written without one."""
    before = (tree / BASELINE).read_bytes()
    done = run(tree, "event", "--refresh", "--reason", " ")
    assert (2, before) == (done.returncode, (tree / BASELINE).read_bytes())


def test_a_refresh_writes_its_reason(tree: Path) -> None:
    """Beside the counts, and as the message of the commit."""
    done = run(tree, "event", "--refresh", "--reason", "worth it")
    reason = json.loads((tree / BASELINE).read_text(encoding="utf-8"))["reason"]
    assert ("worth it", True) == (reason, "git commit -m 'worth it' " in done.stdout)


def test_a_refresh_with_other_tools_is_refused(tree: Path) -> None:
    """The check of all others would be skipped from then on."""
    edit(tree, lambda data: data["toolchain"].update(libc="glibc 1.0"))
    before = (tree / BASELINE).read_bytes()
    done = run(tree, "--refresh", "--reason", "mine")
    assert (2, before) == (done.returncode, (tree / BASELINE).read_bytes())


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{", "Expecting property name"),
        ("[]", "list indices must be"),
        ('{"reason": ""}', "it has no 'paths'"),
        ('{"paths": {"hop": {"functions": {"a": 1}, "calls": {}, "instructions": 2}}}', "do not add up"),
    ],
)
def test_a_damaged_baseline_is_told(tree: Path, text: str, what: str) -> None:
    """With what to do; it is no slower path."""
    (tree / BASELINE).write_text(text)
    done = run(tree, "event")
    assert (2, True, True) == (done.returncode, "baseline.json is damaged: " in done.stderr, what in done.stderr)


def test_the_committed_baseline_has_a_reason() -> None:
    """And can be read."""
    data = json.loads((ROOT / BASELINE).read_text(encoding="utf-8"))
    assert {"reason", "toolchain", "paths"} == set(data)
    assert data["reason"]
