"""The Rust crate `plugin-interfaces` 0.1.2: a host and a plugin in Rust, in a process of their own.

The process lives as long as it is measured, takes the time by itself, and so has its turns like everything else.
"""

from __future__ import annotations

import atexit
import subprocess
from functools import cache

from ..building import build_crate
from ..case import Missing, Sampler


class _RustHost:
    def __init__(self) -> None:
        host, plugin = build_crate()
        self._process = subprocess.Popen(
            [str(host), str(plugin)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        atexit.register(self._process.kill)

    def work(self, what: str, size: int, count: int) -> int:
        """The nanoseconds that a piece of work takes."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{what} {size} {count}\n")
        self._process.stdin.flush()
        # The crate logs to standard output, too.
        for line in self._process.stdout:
            if line.startswith("= "):
                return int(line[2:])
        raise RuntimeError(f"the host in Rust ended at: {what} {size} {count}")


@cache
def _host() -> _RustHost | str:
    """The process, or why there is none."""
    try:
        return _RustHost()
    except Missing as reason:
        return str(reason)


def crate(what: str, size: int) -> Sampler:
    """Samples `message`, `chunks` or `frame` of a size. Errors: Missing."""
    host = _host()
    if isinstance(host, str):
        raise Missing(host)
    return lambda count: host.work(what, size, count)
