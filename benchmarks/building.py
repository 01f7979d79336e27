"""Compiles what is measured, into build/benchmarks, where it is out of date."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Final

from .case import Missing
from .machine import ROOT, first_line, versions

NATIVE: Final = ROOT / "benchmarks" / "native"
HANDLERS: Final = ROOT / "benchmarks" / "handlers"
RUST: Final = ROOT / "benchmarks" / "rust" / "Cargo.toml"
BUILD: Final = ROOT / "build" / "benchmarks"

_SHARED: Final = ["-O2", "-fPIC", "-shared", "-pthread", "-Wall"]
# An extension finds Python's own functions when it is loaded; the linker of macOS wants to be told.
_EXTENSION: Final = ["-undefined", "dynamic_lookup"] if sys.platform == "darwin" else []


def native(*names: str) -> list[Path]:
    """Sources of the benchmarks."""
    return [NATIVE / name for name in names]


def compile_c(name: str, sources: Iterable[Path], *options: str) -> Path:
    """A shared library in C. Errors: Missing."""
    compiler = shlex.split(os.environ.get("CC", "cc"))
    return _compile([*compiler, "-std=gnu11", f"-I{ROOT / 'include'}"], BUILD / f"{name}.so", list(sources), options)


def compile_module(name: str, sources: Iterable[Path], *options: str) -> ModuleType:
    """An extension module in C++, imported. Errors: Missing."""
    compiler = shlex.split(os.environ.get("CXX", "c++"))
    headers = f"-I{sysconfig.get_paths()['include']}"
    target = BUILD / f"{name}{sysconfig.get_config_var('EXT_SUFFIX')}"
    command = [*compiler, "-std=c++17", "-fvisibility=hidden", "-DNDEBUG", headers]
    # The function that is bound stays a library of its own, as in life.
    library = compile_c("peer", native("peer.c"))
    linked = [str(library), f"-Wl,-rpath,{library.parent}", *_EXTENSION, *options]
    return import_file(name, _compile(command, target, list(sources), linked))


def import_file(name: str, path: Path) -> ModuleType:
    """Imports an extension from where it is. Errors: Missing."""
    loader = importlib.machinery.ExtensionFileLoader(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    assert spec is not None
    try:
        module = importlib.util.module_from_spec(spec)
        loader.exec_module(module)
    except ImportError as error:
        raise Missing(f"it was compiled but cannot be imported: {error}") from error
    return module


def _compile(command: list[str], target: Path, sources: list[Path], options: Iterable[str]) -> Path:
    headers = [*NATIVE.glob("*.h"), *(ROOT / "include").glob("*.h")]
    whole = [*command, *_SHARED, *map(str, sources), "-o", str(target), *options]
    made_by = "\n".join([shlex.join(whole), _version_of(command[0]), _installed()])

    def make() -> None:
        run(whole)

    refresh(target, [*sources, *headers], made_by, make)
    return target


@cache
def _version_of(compiler: str) -> str:
    return first_line([compiler, "--version"])


@cache
def _installed() -> str:
    """Headers and sources of packages are compiled too, and other versions of them lie under the same paths."""
    return "\n".join(f"{name} {version}" for name, version in versions().items())


def refresh(target: Path, sources: Iterable[Path], made_by: str, make: Callable[[], None]) -> None:
    """Makes a file unless it is newer than its sources and was made by the same: command, compiler, packages.

    What it was made by stands in a file beside it. Errors: those of `make`; the old file is gone then.
    """
    stamp = target.with_name(f"{target.name}.made-by")
    same = stamp.exists() and stamp.read_text(encoding="utf-8") == made_by
    if same and target.exists() and all(source.stat().st_mtime <= target.stat().st_mtime for source in sources):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    make()
    stamp.write_text(made_by, encoding="utf-8")


def run(command: list[str]) -> str:
    """Runs a compiler and gives what it says. Errors: Missing, with what it complains of first."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=ROOT)
    except OSError as error:
        raise Missing(f"{command[0]} could not be started: {error.strerror}") from error
    if result.returncode:
        errors = [line for line in result.stderr.splitlines() if "error" in line]
        raise Missing(f"{command[0]} failed: {(errors or [result.stderr.strip()])[0]}")
    return result.stdout


def build_crate() -> tuple[Path, Path]:
    """The host and the plugin in Rust, for the crate of crates.io. Errors: Missing."""
    cargo = shlex.split(os.environ.get("CARGO", "cargo"))
    if shutil.which(cargo[0]) is None:
        raise Missing("there is no cargo here, which the Rust crate needs")
    options = ["--release", "--quiet", "--locked", "--message-format=json", "--jobs", os.environ.get("JOBS", "2")]
    said = run([*cargo, "build", "--manifest-path", str(RUST), *options])
    made = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    mine = [message for message in made if Path(message.get("manifest_path", "")) == RUST]
    host = next(message["executable"] for message in mine if message.get("executable"))
    plugin = next(message["filenames"][0] for message in mine if "cdylib" in message.get("target", {}).get("kind", ()))
    return Path(host), Path(plugin)
