"""`python -m benchmarks.protocol`: chunks per second, time from plugin to client, and how both grow with clients.

The server runs in a process of its own, as `plugin-interfaces serve` starts it; the clients are here, and read frames
without looking into them, but for the times. The plugin is in Python, which bounds what it can send.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.client import ClientConnection, connect

from ..web.server import Server

PLUGINS = Path(__file__).parent / "plugins"


@asynccontextmanager
async def clients(server: Server, count: int, query: str) -> AsyncIterator[list[ClientConnection]]:
    """Some clients of a plugin that is connected."""
    parts = urlsplit(server.link)
    headers = {"Authorization": f"Bearer {parse_qs(parts.query)['token'][0]}"}
    async with AsyncExitStack() as stack:
        opened = [
            await stack.enter_async_context(
                connect(
                    f"ws://{parts.netloc}/api/socket{query}",
                    additional_headers=headers,
                    max_size=None,
                    compression=None,
                )
            )
            for _ in range(count)
        ]
        yield opened


async def read(socket: ClientConnection, streams: int, times: list[float] | None) -> int:
    """Up to the end of the request; with `times`, how long each chunk took, in seconds. How many frames there were."""
    frames = 0
    while True:
        frame = await socket.recv(decode=False)
        now = time.monotonic_ns()
        frames += 1
        if times is not None and b'"stream_data"' in frame:
            found = json.loads(frame)
            for event in found if isinstance(found, list) else [found]:
                if event.get("type") == "stream_data":
                    times.append((now - int(event["data"]["chunk"])) / 1e9)
        streams -= frame.count(b'"event":"request-ended"')
        if streams == 0:
            return frames


async def run(server: Server, count: int, chunks: int, pause: float, streams: int, batch: bool) -> dict[str, Any]:
    """Streams to some clients."""
    times: list[float] = []
    async with clients(server, count, "?batch=1" if batch else "") as sockets:
        used, begun = server.cpu_seconds, time.perf_counter()
        command = {"command": "send-message", "instance_id": "sends", "content": f"{chunks // streams} {pause}"}
        for _ in range(streams):
            await sockets[0].send(json.dumps(command))
        frames = await asyncio.gather(
            *(read(socket, streams, times if at == 0 else None) for at, socket in enumerate(sockets))
        )
        took, used = time.perf_counter() - begun, server.cpu_seconds - used
        memory = server.memory_kib
    found = sorted(times)
    return {
        "clients": count,
        "streams": streams,
        "frames": frames[0],
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
    parser.add_argument("--streams", type=int, default=1, help="how many send the chunks, at once")
    parser.add_argument("--batch", action="store_true", help="clients take several events in a frame")
    parser.add_argument("--json", type=Path, help="where the results are written")
    options = parser.parse_args()
    scale = 5 if options.quick else 1
    results: dict[str, list[dict[str, Any]]] = {"flood": [], "paced": []}
    for kind, chunks, pause in (("flood", 15_000 // scale, 0.0), ("paced", 1_000 // scale, 0.005)):
        print(f"{kind}: {chunks} chunks" + (f", one each {pause * 1000:g} ms" if pause else " as fast as they come"))
        print(" clients   chunks/s     frames   median ms      p99 ms   server us/chunk   server MiB")
        for count in options.clients:
            with (
                tempfile.TemporaryDirectory() as folder,
                Server(Path(folder), PLUGINS, "--no-page", stderr=subprocess.DEVNULL) as server,
            ):
                server.command("connect", instance_id="sends")
                found = asyncio.run(run(server, count, chunks, pause, options.streams, options.batch))
            results[kind].append(found)
            print(
                f"{count:8} {found['chunks_per_second']:10} {found['frames']:10} {found['latency_ms_median']:11}"
                f" {found['latency_ms_p99']:11} {found['server_us_per_chunk']:17} {found['server_mib']:12}"
            )
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
