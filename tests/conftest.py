"""Fixtures that several test modules use."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from cpp_support import CppPlugins
from host_support import ROOT, SOURCES, EventLog, Plugins, compile_plugin
from plugin_interfaces.host import Host, Instance
from rust_support import cargo
from sample_support import build_rust_samples

# No test depends on time, so hypothesis measures none either; a fixture that all examples share is what a test means.
settings.register_profile(
    "tests",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    print_blob=True,
)
settings.load_profile("tests")


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives the library that is compiled from tests/plugins/<name>.c, once in a session."""
    folder = tmp_path_factory.mktemp("compiled")

    def compiled(name: str) -> Path:
        target: Path = folder / f"lib{name}.so"
        if not target.exists():
            compile_plugin(SOURCES / f"{name}.c", target)
        return target

    return compiled


@pytest.fixture(scope="session")
def rust_samples() -> None:
    """The samples in Rust, built once in a session; what cargo made of their crates is kept for the next one."""
    build_rust_samples()


@pytest.fixture
def plugins(tmp_path: Path, compiled: Callable[[str], Path]) -> Plugins:
    """An empty folder for plugins."""
    return Plugins(tmp_path / "plugins", compiled)


@pytest.fixture
def host(plugins: Plugins, tmp_path: Path) -> Iterator[Host]:
    """A host on that folder, which keeps conversations on disk."""
    with Host(folders=[plugins.path], data_dir=tmp_path / "data") as host:
        yield host


@pytest.fixture
def log(host: Host) -> EventLog:
    """All events of the host."""
    log = EventLog()
    host.add_listener(log)
    return log


@pytest.fixture
def c(host: Host, plugins: Plugins) -> Callable[..., Instance]:
    """Makes a connected instance of tests/plugins/<name>.c."""

    def connected(name: str, plugin_id: str | None = None, manifest: str = "") -> Instance:
        folder = plugins.c(name, plugin_id, manifest)
        return _connected(host, folder.name)

    return connected


@pytest.fixture(scope="session")
def cpp_plugins(tmp_path_factory: pytest.TempPathFactory) -> CppPlugins:
    """The libraries of tests/cpp/plugins, each compiled once in a session."""
    return CppPlugins(tmp_path_factory.mktemp("cpp_plugins"))


@pytest.fixture
def cpp(host: Host, plugins: Plugins, cpp_plugins: CppPlugins) -> Callable[..., Instance]:
    """Makes a connected instance of tests/cpp/plugins/<name>.cpp."""

    def connected(name: str, manifest: str = "") -> Instance:
        folder = plugins.folder(name, "", manifest)
        shutil.copy(cpp_plugins(name), folder / f"lib{name}.so")
        return _connected(host, name)

    return connected


@pytest.fixture
def py(host: Host, plugins: Plugins) -> Callable[..., Instance]:
    """Makes a connected instance of a plugin in Python, given its source."""

    def connected(source: str, plugin_id: str = "plugin", manifest: str = "") -> Instance:
        folder = plugins.py(source, plugin_id, manifest)
        return _connected(host, folder.name)

    return connected


@pytest.fixture(scope="session")
def rust_built() -> Path:
    """The folder with the libraries of tests/rust."""
    for arguments in (["build", "--locked"], ["build", "--locked", "--package", "aborts", "--profile", "abort"]):
        done = cargo(*arguments)
        assert 0 == done.returncode, done.stderr
    return ROOT / "build" / "cargo"


@pytest.fixture
def rust_folder(rust_built: Path, plugins: Plugins) -> Callable[..., Path]:
    """Makes a folder for a plugin of tests/rust."""

    def make(plugin_id: str, package: str = "behaviours", manifest: str = "", profile: str = "debug") -> Path:
        folder = plugins.folder(plugin_id, "", manifest)
        shutil.copy(rust_built / profile / f"lib{package}.so", folder / f"lib{plugin_id}.so")
        return folder

    return make


@pytest.fixture
def rust(host: Host, rust_folder: Callable[..., Path]) -> Callable[..., Instance]:
    """Makes a connected instance of a plugin of tests/rust."""

    def load(plugin_id: str = "answers", package: str = "behaviours", manifest: str = "") -> Instance:
        rust_folder(plugin_id, package, manifest)
        return _connected(host, plugin_id)

    return load


def _connected(host: Host, plugin_id: str) -> Instance:
    host.discover()
    instance = host.load(plugin_id)
    instance.connect()
    return instance
