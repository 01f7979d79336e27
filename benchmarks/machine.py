"""Facts about the machine, for whoever compares results."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shlex
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
_PACKAGES = ("cffi", "click", "extism", "msgspec", "nanobind", "pluggy", "pybind11", "wasmtime")


def machine_facts() -> dict[str, str]:
    """Processor, cores, system, Python and compiler."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "compiler": first_line([*shlex.split(os.environ.get("CC", "cc")), "--version"]),
        "rust": first_line(["rustc", "--version"]),
    }


def versions() -> dict[str, str]:
    """The packages that are measured, as far as they are installed; the Rust crate is always the same."""
    found = {"plugin-interfaces (crate)": "0.1.2"}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def commit() -> str:
    """What is checked out, with a + where files differ from it; empty outside a repository."""
    name = first_line(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"])
    changed = first_line(["git", "-C", str(ROOT), "status", "--porcelain", "--untracked-files=no"])
    return f"{name}+" if name and changed else name


def load() -> float:
    """How many processes ran or wanted to, on average over the last minute."""
    return round(os.getloadavg()[0], 2)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return first_line(["sysctl", "-n", "machdep.cpu.brand_string"]) or platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def first_line(command: list[str]) -> str:
    """Of what a command says; empty where it fails or says nothing."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return result.stdout.partition("\n")[0].strip() if result.returncode == 0 else ""
