"""Compiles plugins in C and C++ with the system's compiler."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from ...config import BuildSection, Manifest
from ..discovery import library_names
from .result import BuildResult, beside

_C: Final = (".c",)
_CXX: Final = (".cpp", ".cc", ".cxx")
_WARNINGS: Final = ("-Wall", "-Wextra")


def compile_sources(manifest: Manifest, include_dir: Path, *, force: bool) -> BuildResult:
    """Compiles and links the sources of a plugin in C or C++, where one of them is newer than the library."""
    folder, build = manifest.folder, manifest.build
    sources = _sources(folder, build)
    if not sources:
        message = "there is no source: put a .c or .cpp file, or a Cargo.toml, in the folder"
        return BuildResult(status="failed", message=message)
    missing = [source.name for source in sources if not source.is_file()]
    if missing:
        return BuildResult(status="failed", message=f"[build] names sources that are not there: {', '.join(missing)}")
    target = folder / library_names(manifest)[0]
    if not force and _is_fresh(target, [*sources, manifest.path, *include_dir.glob("plugin_interface.h*")], folder):
        return BuildResult(status="fresh")
    flags = _pkg_config(build)
    if isinstance(flags, str):
        return BuildResult(status="skipped", message=_with_hint(flags, build))
    with beside(target) as temporary:
        return _compile(manifest, sources, target, temporary, include_dir, flags)


def _sources(folder: Path, build: BuildSection) -> list[Path]:
    if build.sources:
        return [folder / name for name in build.sources]
    return sorted(path for path in folder.iterdir() if path.suffix in (*_C, *_CXX))


def _is_fresh(target: Path, inputs: list[Path], folder: Path) -> bool:
    try:
        made = target.stat().st_mtime_ns
        return all(path.stat().st_mtime_ns <= made for path in [*inputs, *folder.glob("*.h"), *folder.glob("*.hpp")])
    except OSError:
        return False


def _with_hint(message: str, build: BuildSection) -> str:
    return f"{message}. {build.hint}" if build.hint else message


def _pkg_config(build: BuildSection) -> list[str] | str:
    """The options that pkg-config gives; or a sentence that says what is missing."""
    options: list[str] = []
    if build.pkg_config:
        program = os.environ.get("PKG_CONFIG", "pkg-config")
        if shutil.which(program) is None:
            # Most libraries are found by the compiler itself; where not, the linker says so and the result is the same.
            return [f"-l{name}" for name in build.libraries]
        known = subprocess.run([program, "--cflags", "--libs", *build.pkg_config], capture_output=True, text=True)
        if known.returncode:
            return f"pkg-config knows no {' or '.join(build.pkg_config)}"
        options += shlex.split(known.stdout)
    return [*options, *(f"-l{name}" for name in build.libraries if f"-l{name}" not in options)]


def _compiler(sources: list[Path]) -> list[str]:
    if any(source.suffix in _CXX for source in sources):
        return [*shlex.split(os.environ.get("CXX", "c++")), "-std=c++17"]
    return shlex.split(os.environ.get("CC", "cc"))


def _compile(
    manifest: Manifest, sources: list[Path], target: Path, temporary: Path, include_dir: Path, flags: list[str]
) -> BuildResult:
    compiler = _compiler(sources)
    shared = ["-dynamiclib", "-undefined", "dynamic_lookup"] if sys.platform == "darwin" else ["-shared"]
    command = [
        *compiler,
        *("-O2", "-g", "-fPIC", "-fvisibility=hidden", "-pthread", *_WARNINGS, f"-I{include_dir}"),
        *manifest.build.flags,
        *(str(source) for source in sources),
        *("-o", str(temporary), *shared, *flags),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        message = f"there is no compiler {compiler[0]!r}: install one (gcc or clang), or set CC"
        return BuildResult(status="failed", message=message)
    except OSError as error:
        return BuildResult(status="failed", message=f"{compiler[0]} could not be started: {error.strerror}")
    try:
        if done.returncode == 0:
            os.replace(temporary, target)
            return BuildResult(status="built", log=done.stderr)
    except OSError as error:
        return BuildResult(status="failed", message=f"{target} cannot be written: {error.strerror}")
    if (manifest.build.libraries or manifest.build.pkg_config) and _lacks_library(done.stderr):
        return BuildResult(status="skipped", message=_with_hint("a library is missing", manifest.build))
    return BuildResult(status="failed", message=f"{compiler[0]} ended with {done.returncode}", log=done.stderr)


def _lacks_library(words: str) -> bool:
    """Whether a compiler or linker says that a header or a library is not there."""
    return any(sign in words for sign in ("No such file or directory", "cannot find -l", "file not found"))
