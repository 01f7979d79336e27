"""`python -m benchmarks.protocol`: chunks per second, time from plugin to client, and how both grow with clients.

The server runs in a process of its own, as `plugin-interfaces serve` starts it; the clients are here, and read frames
without looking into them, but for the times. The plugin is in Python, so what it can send at most is shown too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.client import ClientConnection, connect

PLUGIN = """
import asyncio, time
from plugin_interfaces import PluginHandler

class Sends(PluginHandler):
    async def handle_message(self, message, context):
        count, pause = message.split()
        async with context.stream() as stream:
            for _ in range(int(count)):
                await stream.send_async(f"{time.monotonic_ns()} ")
                if float(pause):
                    await asyncio.sleep(float(pause))
"""


class Server:
    """The server, and what it has used so far."""

    def __init__(self, folder: Path) -> None:
        plugin = folder / "plugins" / "sends"
        plugin.mkdir(parents=True)
        (plugin / "config.toml").write_text('[plugin]\nid = "sends"\nname = "Sends"\nmodule = "plugin.py"\n')
        (plugin / "plugin.py").write_text(PLUGIN)
        command = [sys.executable, "-m", "plugin_interfaces.cli", "serve", str(folder / "plugins"), "--no-page"]
        options = ["--no-browser", "--port", "0", "--data", str(folder / "data")]
        self.process = subprocess.Popen(
            [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        link = urlsplit(self.process.stdout.readline().strip())
        self.url = f"ws://{link.netloc}/api/socket"
        self.headers = {"Authorization": f"Bearer {parse_qs(link.query)['token'][0]}"}

    def seconds(self) -> float:
        """Of processor time."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kibibytes(self) -> int:
        """Of memory that is in use."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0

    def stop(self) -> None:
        """Ends it."""
        self.process.terminate()
        self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()


@asynccontextmanager
async def clients(server: Server, count: int) -> AsyncIterator[list[ClientConnection]]:
    """Some clients; the first one asks for things."""
    async with AsyncExitStack() as stack:
        opened = [
            await stack.enter_async_context(
                connect(server.url, additional_headers=server.headers, max_size=None, compression=None)
            )
            for _ in range(count)
        ]
        await opened[0].send(json.dumps({"command": "connect", "instance_id": "sends", "id": 1}))
        while '"reply"' not in str(await opened[0].recv()):
            pass
        yield opened


async def read(socket: ClientConnection, times: list[float] | None) -> None:
    """Up to the end of the request; with `times`, how long each chunk took, in seconds."""
    while True:
        frame = await socket.recv(decode=False)
        now = time.monotonic_ns()
        if b'"request-ended"' in frame[:40]:
            return
        if times is not None and b'"stream_data"' in frame:
            times.append((now - int(json.loads(frame)["data"]["chunk"])) / 1e9)


async def run(server: Server, count: int, chunks: int, pause: float) -> dict[str, Any]:
    """One stream to some clients."""
    times: list[float] = []
    async with clients(server, count) as sockets:
        used, begun = server.seconds(), time.perf_counter()
        command = {"command": "send-message", "instance_id": "sends", "content": f"{chunks} {pause}"}
        await sockets[0].send(json.dumps(command))
        await asyncio.gather(*(read(socket, times if at == 0 else None) for at, socket in enumerate(sockets)))
        took, used = time.perf_counter() - begun, server.seconds() - used
        memory = server.kibibytes()
    found = sorted(times)
    return {
        "clients": count,
        "chunks": chunks,
        "chunks_received": len(times),
        "chunks_per_second": round(chunks / took),
        "server_us_per_chunk": round(used / chunks * 1e6, 1),
        "latency_ms_median": round(statistics.median(found) * 1e3, 3),
        "latency_ms_p99": round(found[int(len(found) * 0.99) - 1] * 1e3, 3),
        "server_mib": round(memory / 1024, 1),
    }


def main() -> None:
    """Prints a line for each number of clients, and writes JSON where that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.protocol", description=__doc__)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 2, 5, 10, 20, 50])
    parser.add_argument("--quick", action="store_true", help="fewer chunks")
    parser.add_argument("--json", type=Path, help="where the results are written")
    options = parser.parse_args()
    scale = 5 if options.quick else 1
    results: dict[str, list[dict[str, Any]]] = {"flood": [], "paced": []}
    for kind, chunks, pause in (("flood", 15_000 // scale, 0.0), ("paced", 1_000 // scale, 0.005)):
        print(f"{kind}: {chunks} chunks" + (f", one each {pause * 1000:g} ms" if pause else " as fast as they come"))
        print(" clients   chunks/s   median ms      p99 ms   server us/chunk   server MiB")
        for count in options.clients:
            with tempfile.TemporaryDirectory() as folder:
                server = Server(Path(folder))
                try:
                    found = asyncio.run(run(server, count, chunks, pause))
                finally:
                    server.stop()
            results[kind].append(found)
            print(
                f"{count:8} {found['chunks_per_second']:10} {found['latency_ms_median']:11}"
                f" {found['latency_ms_p99']:11} {found['server_us_per_chunk']:17} {found['server_mib']:12}"
            )
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
