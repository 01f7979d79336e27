"""A thousand streams at once: each comes whole, and a plugin that floods holds up no other."""

from __future__ import annotations

import asyncio

from benchmarks.hosts import connect, host_with

from plugin_interfaces.host import Instance

INSTANCES = 10
STREAMS = 1000
CHUNKS = 20  # of the streams of one instance more than its queue has room for
LENGTH = 32


async def read(instance: Instance) -> str:
    """One stream, read to its end."""
    return "".join([chunk async for chunk in instance.stream_async(f"{CHUNKS} {LENGTH}")])


async def read_all(instances: list[Instance]) -> list[str]:
    """So many at once, spread over the instances."""
    return await asyncio.gather(*(read(instances[at % len(instances)]) for at in range(STREAMS)))


def test_each_of_a_thousand_streams_comes_whole() -> None:
    with host_with("streams") as host:
        instances = [connect(host, "streams", f"streams {at}") for at in range(INSTANCES)]
        texts = asyncio.run(read_all(instances))
    assert ["x" * (CHUNKS * LENGTH)] * STREAMS == texts


def test_one_that_floods_starves_no_other() -> None:
    """A thousand streams end while it still sends."""
    with host_with("streams") as host:
        instances = [connect(host, "streams", f"streams {at}") for at in range(INSTANCES)]
        flood = connect(host, "streams", "flood").start(f"{2**31} {LENGTH}")
        texts = asyncio.run(read_all(instances))
        assert not flood.done
        assert flood.text
        flood.cancel()
    assert ["x" * (CHUNKS * LENGTH)] * STREAMS == texts
