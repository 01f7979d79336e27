"""What tests of the samples share: hosts on copies of them, those in Rust, and messages that can be waited for."""

from __future__ import annotations

import contextlib
import queue
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_endpoint import Answer, ModelEndpoint
from plugin_interfaces.host import Host, Instance, build_plugin
from plugin_interfaces.host.events import MessageEvent, StreamEvent

ROOT = Path(__file__).parents[1]
RUST_PLUGINS = ROOT / "rust_plugins"
PATIENCE = 20.0

# Cargo's words where the crates are not here and the registry is out of reach, and where cargo is too old for them.
_NOT_HERE = (
    *("failed to download", "failed to get", "unable to update registry", "offline mode"),
    "is not supported by the following package",
)


def build_rust_samples() -> None:
    """Builds the samples in Rust where they are, as `make build` does; skips the test where that cannot be done."""
    for folder in sorted(path.parent for path in RUST_PLUGINS.glob("[!.]*/config.toml")):
        result = build_plugin(folder, ROOT / "include")
        if result.status == "skipped":
            pytest.skip(result.message)
        if result.status == "failed" and any(words in result.log.lower() for words in _NOT_HERE):
            pytest.skip(f"{folder.name} cannot be built here: {result.log.splitlines()[0]}")
        assert result.status in ("built", "fresh"), f"{folder.name}: {result.message}\n{result.log}"
        assert "" == result.log


def sample_folder(name: str, request: pytest.FixtureRequest) -> Path:
    """The folder of a sample in Python or in Rust; one in Rust is built."""
    if (folder := ROOT / "py_plugins" / name).exists():
        return folder
    request.getfixturevalue("rust_samples")
    return RUST_PLUGINS / name


@contextlib.contextmanager
def sample_host(folder: Path, tmp_path: Path) -> Iterator[Host]:
    """A host on a copy of a sample, so that user.toml is written there."""
    ignored = shutil.ignore_patterns("user.toml", "__pycache__", "src", "target")
    shutil.copytree(folder, tmp_path / "plugins" / folder.name, ignore=ignored)
    with Host(folders=[tmp_path / "plugins"], data_dir=tmp_path / "data") as host:
        yield host


def load(host: Host, instance_id: str | None = None, **settings: str | int | float | bool) -> Instance:
    """An instance of the host's only plugin, with settings, not connected."""
    instance = host.load(str(host.plugins[0].id), instance_id)
    for key, value in settings.items():
        instance.config.set(key, value)
    return instance


class Messages:
    """Collects the messages of an instance."""

    def __init__(self, host: Host) -> None:
        self._texts = queue.SimpleQueue[str]()
        host.add_listener(self._take)

    def _take(self, event: object) -> None:
        if isinstance(event, MessageEvent):
            self._texts.put(event.content)

    def wait_for(self, part: str) -> str:
        """The first message with `part` in it; fails after a while."""
        while True:
            text = self._texts.get(timeout=PATIENCE)
            if part in text:
                return text


def streams_of(host: Host) -> queue.SimpleQueue[int]:
    """The streams of a host, once for each event of theirs."""
    streams = queue.SimpleQueue[int]()
    host.add_listener(lambda event: streams.put(event.stream) if isinstance(event, StreamEvent) else None)
    return streams


def hold(endpoint: ModelEndpoint, *pieces: str) -> queue.SimpleQueue[None]:
    """Has the endpoint say that and then fall silent; the queue tells when, `endpoint.hung_up` when it is let go."""
    silent = queue.SimpleQueue[None]()

    def script(answer: Answer) -> None:
        answer.start()
        for piece in pieces:
            answer.delta(piece)
        silent.put(None)
        answer.wait_for_hang_up()
        endpoint.hung_up.set()

    endpoint.script = script
    return silent
