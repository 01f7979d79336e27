"""What tests of include/plugin_interface.hpp share: the compilers, and plugins compiled with them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from host_support import ROOT

HEADER = ROOT / "include" / "plugin_interface.hpp"
SOURCES = Path(__file__).parent / "cpp"

COMPILERS = [name for name in ("g++", "clang++") if shutil.which(name)] or ["c++"]
_PLUGIN = ["-std=c++17", "-fPIC", "-fvisibility=hidden", "-pthread", "-Wall", "-Wextra", "-Werror"]


def run(*command: str | Path) -> str:
    """What a compiler says where it fails; an empty text otherwise."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    return done.stderr if done.returncode else ""


class CppPlugins:
    """The libraries of tests/cpp/plugins, each compiled once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._compiler = COMPILERS[0]
        self._header: list[str] = []
        if "clang" not in self._compiler:  # compiled once instead of each time
            header = folder / f"{HEADER.name}.gch"
            assert "" == run(self._compiler, *_PLUGIN, "-x", "c++-header", HEADER, "-o", header)
            self._header = [f"-I{folder}"]

    def __call__(self, name: str) -> Path:
        target = self._folder / f"lib{name}.so"
        if not target.exists():
            without = ["-fno-exceptions", "-fno-rtti"] if name == "without_exceptions" else []
            options = [*_PLUGIN, *without, "-shared", *([] if without else self._header), f"-I{HEADER.parent}"]
            assert "" == run(self._compiler, *options, SOURCES / "plugins" / f"{name}.cpp", "-o", target)
        return target
