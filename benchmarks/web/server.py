"""The server that is measured, and what it costs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PLUGINS = Path(__file__).parent / "plugins"


class Server:
    """`plugin-interfaces serve` with the plugins of a benchmark, in a folder of its own. A context manager."""

    def __init__(self, folder: Path, plugins: Path = PLUGINS, *arguments: str, stderr: int | None = None) -> None:
        shutil.copytree(plugins, folder / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
        command = [sys.executable, "-m", "plugin_interfaces.cli", "serve", str(folder / "plugins"), "--no-browser"]
        self._process = subprocess.Popen(
            [*command, "--port", "0", "--data", str(folder / "data"), *arguments],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
        assert self._process.stdout is not None
        self.link = self._process.stdout.readline().strip()

    def __enter__(self) -> Self:
        """Itself; it listens already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends it."""
        self._process.terminate()
        self._process.wait(timeout=30)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def command(self, name: str, /, **fields: Any) -> Any:
        """What a command over HTTP is answered with."""
        url, _, token = self.link.partition("?token=")
        request = urllib.request.Request(
            f"{url}api/command",
            json.dumps({"command": name, **fields}).encode(),
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["result"]

    def contact(self) -> str:
        """A new contact, connected; its id."""
        instance_id: str = self.command("add-contact", plugin_id="tokens")["instance_id"]
        self.command("connect", instance_id=instance_id)
        return instance_id

    @property
    def cpu_seconds(self) -> float:
        """Of the processor, that the server has used so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory_kib(self) -> int:
        """What it holds in memory."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") // 1024
