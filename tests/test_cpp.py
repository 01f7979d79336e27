"""include/plugin_interface.hpp compiles everywhere without a warning, and the smallest plugin is small and works."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cpp_support import COMPILERS, HEADER, SOURCES, run
from plugin_interfaces.host import Host, Instance, build_plugin

Load = Callable[..., Instance]


TEXT = HEADER.read_text(encoding="utf-8")
STANDARDS = ["c++17", "c++20", "c++2b"]
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wnon-virtual-dtor", "-Woverloaded-virtual"]
WITHOUT = [[], ["-fno-exceptions"], ["-fno-rtti"], ["-fno-exceptions", "-fno-rtti"]]


def compile_everything(*command: str) -> str:
    """What a compiler has to say of a source that uses all of the header."""
    return run(*command, *STRICT, "-Werror", f"-I{HEADER.parent}", SOURCES / "everything.cpp")


@pytest.mark.parametrize("standard", STANDARDS)
@pytest.mark.parametrize("compiler", COMPILERS)
def test_compiles_without_a_warning(compiler: str, standard: str) -> None:
    """With and without exceptions and RTTI."""
    with ThreadPoolExecutor(2) as pool:
        said = pool.map(
            lambda without: compile_everything(compiler, f"-std={standard}", "-fsyntax-only", *without), WITHOUT
        )
    assert [""] * 4 == list(said)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_compiles_without_a_warning_when_optimised(compiler: str) -> None:
    """Some warnings only come then."""
    assert "" == compile_everything(compiler, "-std=c++17", "-O2", "-c", "-o", "/dev/null")


WRONG_ENTRY = """
#include "plugin_interface.hpp"
using namespace plugin_interfaces;
struct Wrong final : PluginHandler {
    Status handle_message(const Context &, Request &, const std::string &) { return {}; }
};
PLUGIN_EXPORT_HANDLER(Wrong)
"""


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (WRONG_ENTRY, "so it overrides nothing"),
        (WRONG_ENTRY.replace("const std::string &", "std::string_view").replace("Status handle", "void handle"), ""),
        (WRONG_ENTRY.replace(": PluginHandler", ": private PluginHandler"), "derives publicly"),
        (WRONG_ENTRY.replace("Status handle", "explicit Wrong(int) {}\n    Status handle"), "without arguments"),
        (WRONG_ENTRY.replace("return {};", "return true;"), "deleted"),
    ],
    ids=["parameters", "result", "private base", "constructor", "bool"],
)
def test_a_mistake_does_not_compile(source: str, message: str, tmp_path: Path) -> None:
    """And where it is this header's to say why, it does."""
    (tmp_path / "wrong.cpp").write_text(source)
    said = run(COMPILERS[0], "-std=c++17", "-fsyntax-only", f"-I{HEADER.parent}", tmp_path / "wrong.cpp")
    assert said
    assert message in said


def smallest_plugin() -> str:
    """The source of the smallest plugin, as the header's first comment shows it."""
    match = re.search(r"Smallest plugin, complete.*?\n \*\n((?: \*     .*\n)+)", TEXT)
    assert match is not None
    return "".join(line.removeprefix(" *     ") for line in match[1].splitlines(keepends=True))


def test_the_smallest_plugin_is_small() -> None:
    """Less than 15 lines."""
    assert smallest_plugin().count("\n") < 15


@pytest.fixture(scope="module")
def smallest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its folder, where `build` has compiled it."""
    folder = tmp_path_factory.mktemp("smallest") / "echo"
    folder.mkdir()
    (folder / "echo.cpp").write_text(smallest_plugin(), encoding="utf-8")
    manifest = '[plugin]\nid = "echo"\nname = "Echo"\nversion = "1.0.0"\nlibrary = "echo"\nreloadable = true\n'
    (folder / "config.toml").write_text(manifest)
    result = build_plugin(folder, HEADER.parent)
    assert ("built", "") == (result.status, result.log)
    return folder


def test_the_smallest_plugin_answers(smallest: Path, tmp_path: Path) -> None:
    """In the real host."""
    with Host([smallest.parent], tmp_path / "data") as host:
        echo = host.load("echo")
        echo.connect()
        assert "hello" == echo.send("hello")


def test_the_smallest_plugin_can_be_unmapped(smallest: Path, tmp_path: Path) -> None:
    """Nothing of the header makes a symbol that keeps a library in memory, as a static in an inline function would."""
    with Host([smallest.parent], tmp_path / "data") as host:
        host.unload(host.load("echo"))
        assert str(smallest) not in Path("/proc/self/maps").read_text()


def test_a_plugin_exports_only_its_two_symbols(smallest: Path) -> None:
    """Compiled as `build` does."""
    command = ["nm", "-D", "--defined-only", smallest / "libecho.so"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True)
    assert {"create_plugin", "destroy_plugin"} == {line.split()[-1] for line in listed.stdout.splitlines()}


def test_no_line_is_too_long() -> None:
    """A line has at most 120 characters."""
    assert [] == [line for line in TEXT.splitlines() if len(line) > 120]
