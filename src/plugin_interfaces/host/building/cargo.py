"""Builds plugins in Rust with cargo, which knows by itself what is out of date and where its products belong.

What was made, and where, is read from cargo's messages: the target directory may be set by the person, or that of a
workspace, and the library may have another name than the package.
"""

import filecmp
import os
import shlex
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from ...config import Manifest
from ..discovery import CRATE_MANIFEST, LIBRARY_SUFFIX, library_names
from .result import BuildResult, beside

_NO_CARGO: Final = "there is no cargo, which builds plugins in Rust. Get it: https://rustup.rs, or apt install cargo"
_NO_CDYLIB: Final = 'the crate makes no library that a host can load; write under [lib]: crate-type = ["cdylib"]'


class _Target(msgspec.Struct):
    name: str = ""
    crate_types: list[str] = []


class _Message(msgspec.Struct):
    """One line of `--message-format=json`, as far as it says what was made."""

    manifest_path: str = ""
    target: _Target = msgspec.field(default_factory=_Target)
    filenames: list[str] = []
    fresh: bool = False


def build_crate(manifest: Manifest, *, force: bool, on_step: Callable[[str], None] | None) -> BuildResult:
    """Has cargo build the crate in the plugin's folder, and copies its library to where the host looks for it.

    Not with `--locked`: cargo keeps to the versions in Cargo.lock anyway, and an author who adds a dependency goes on
    as with `cargo build`.
    """
    cargo = shlex.split(os.environ.get("CARGO", "cargo"))
    if shutil.which(cargo[0]) is None:
        return BuildResult(status="skipped", message=_NO_CARGO)
    try:
        build = _Build(cargo, manifest.folder, on_step)
        if force:
            build.clean()
        code = build.run()
        target = manifest.folder / library_names(manifest)[0]
        if code == 0 and build.fresh and not force:
            if _is_equal(build.library, target):
                return BuildResult(status="fresh")
            # Of two libraries with one name in one target directory cargo keeps the later one alone, and takes it for
            # either. So what was not made just now is made again before it is taken.
            build.clean()
            code = build.run()
    except OSError as error:
        return BuildResult(status="failed", message=f"{cargo[0]} could not be started: {error.strerror}")
    if build.library is None and (code == 0 or "no library targets found" in build.words):
        return BuildResult(status="failed", message=_NO_CDYLIB, log=build.words)
    if code or build.library is None:
        return BuildResult(status="failed", message=f"{cargo[0]} ended with {code}", log=build.words)
    try:
        with beside(target) as temporary:
            shutil.copy(build.library, temporary)
            os.replace(temporary, target)
    except OSError as error:
        return BuildResult(status="failed", message=f"{target} cannot be written: {error.strerror}")
    return BuildResult(status="built", log=build.words)


class _Build:
    """What cargo makes of one crate.

    Attributes:
        library: what the last run made, or found made; None where there is none.
        fresh: whether it was there.
        words: what cargo and the compiler said to people.
    """

    library: Path | None
    fresh: bool
    words: str

    def __init__(self, cargo: list[str], folder: Path, on_step: Callable[[str], None] | None) -> None:
        self._cargo = cargo
        self._folder = folder
        self._crate = folder / CRATE_MANIFEST
        self._on_step = on_step

    def run(self) -> int:
        """Compiles what is out of date. Gives cargo's exit code."""
        self.library, self.fresh = None, False
        return self._run("build", "--lib", "--message-format=json-render-diagnostics")

    def clean(self) -> None:
        """Removes what was made of the crate itself."""
        if name := _package_name(self._crate):
            self._run("clean", "--package", name)

    def _run(self, command: str, *options: str) -> int:
        arguments = [command, "--quiet", "--color=never", "--release", "--manifest-path", str(self._crate), *options]
        # The words go to a file, so that cargo never waits for somebody to read them while its messages are read.
        with tempfile.TemporaryFile() as words:
            # In the folder, from which cargo looks for its settings and rustup for the toolchain.
            process = subprocess.Popen(
                [*self._cargo, *arguments],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=words,
            )
            with process:
                assert process.stdout is not None
                try:
                    for line in process.stdout:
                        # A macro that prints while it is expanded comes through here too.
                        with suppress(msgspec.DecodeError):
                            self._take(msgspec.json.decode(line, type=_Message))
                except BaseException:
                    process.terminate()
                    raise
            words.seek(0)
            self.words = words.read().decode(errors="replace")
        return process.returncode

    def _take(self, message: _Message) -> None:
        if self._on_step is not None and message.target.name:
            self._on_step(message.target.name)
        # A workspace may have libraries of other packages.
        if "cdylib" in message.target.crate_types and _is_same(message.manifest_path, self._crate):
            names = [name for name in message.filenames if name.endswith(LIBRARY_SUFFIX)]
            self.library = Path(names[0]) if names else None
            self.fresh = message.fresh


def _is_equal(library: Path | None, target: Path) -> bool:
    return library is not None and target.exists() and filecmp.cmp(library, target, shallow=False)


def _is_same(name: str, path: Path) -> bool:
    try:
        return os.path.samefile(name, path)
    except OSError:
        return False


def _package_name(crate: Path) -> str:
    """What cargo calls the package; empty where the file is not as cargo wants it, which cargo itself then says."""
    try:
        return str(tomllib.loads(crate.read_text(encoding="utf-8"))["package"]["name"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""
