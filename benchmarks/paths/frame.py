"""A frame of the settings UI, drawn by a plugin in C or in Python, to bytes for a front end."""

from __future__ import annotations

import re
from typing import Final

from plugin_interfaces import Instance
from plugin_interfaces._ffi import fast

from ..case import Fact, Group, Groups, Sampler, calls
from ..hosts import connected
from ..limits import limit, limit_frame
from ..peers.crate import crate
from ..peers.structs import frame_of_structs, with_msgspec

ORDER: Final = 6
TITLE: Final = "A frame of the settings UI"

_AT_MOST: Final = {10: 1.8, 100: 1.25, 1000: 1.15, 10_000: 1.15}


def _frame(instance: Instance, base: int = 0) -> bytes:
    status, data, text = fast.ui_update(instance.handle, None, 0, base)
    if status < 0:
        raise RuntimeError(text)
    return bytes(data)


def _without_numbers(frame: bytes) -> bytes:
    """A frame without what differs by nature: ids and the revision."""
    return re.sub(rb'"(id":"[0-9a-f]{16}|revision":\d+)', b"", frame)


def _revision(frame: bytes) -> int:
    found = re.match(rb'{"revision":(\d+)', frame)
    assert found is not None
    return int(found[1])


def groups() -> Groups:
    """Frames of 10 to 10,000 widgets; one with new texts, one unchanged, one in which one widget changed; Python's."""
    with connected("widgets", "widgets_python") as (instance, in_python):
        for count, at_most in _AT_MOST.items():
            yield _whole(instance, count, at_most)
        yield _renamed(instance)
        yield _unchanged(instance)
        yield _one_changed(instance)
        yield _in_python(in_python)


def _whole(instance: Instance, count: int, at_most: float) -> Group:
    instance.send(str(count))
    # All write the same frame.
    written = _without_numbers(_frame(instance))
    for other in (limit_frame(count), frame_of_structs(count)):
        if _without_numbers(other) != written:
            raise RuntimeError("what a frame is compared with writes another frame")
    handle = instance.handle
    group = Group(f"{count:,} widgets", "a frame")
    group.limit("C: the JSON written directly", limit("json", count))
    group.ours("the core, to bytes", calls(fast.ui_update, handle, None, 0, 0))
    group.ours("Instance.ui, to widgets", calls(instance.ui))
    group.peer("msgspec structs in Python", lambda: with_msgspec(count))
    group.peer("the crate and serde_json", lambda: crate("frame", count))
    group.target("the core, to bytes", at_most)
    group.target("the core, to bytes", 0.3, "msgspec structs in Python")
    group.target("the core, to bytes", 0.4, "the crate and serde_json")
    return group


def _renamed(instance: Instance) -> Group:
    """Nothing in the frame is as it was in the one before."""
    instance.send("1000 renaming")
    group = Group("all texts new, 1,000 widgets", "a frame")
    group.limit("C: the JSON written directly", limit("json", 1000))
    group.ours("the core, to bytes", calls(fast.ui_update, instance.handle, None, 0, 0))
    group.target("the core, to bytes", _AT_MOST[1000])
    return group


def _in_python(instance: Instance) -> Group:
    instance.send("1000")
    if _without_numbers(_frame(instance)) != _without_numbers(frame_of_structs(1000)):
        raise RuntimeError("the plugin in Python draws another frame")
    group = Group("a plugin in Python, 1,000 widgets", "a frame")
    group.limit("msgspec structs in pure Python", with_msgspec(1000))
    group.ours("the plugin's frame, to bytes", calls(fast.ui_update, instance.handle, None, 0, 0))
    group.target("the plugin's frame, to bytes", 1.0)
    return group


def _since_last(instance: Instance) -> Sampler:
    """Frames for a front end that has the one before."""
    revision = _revision(_frame(instance))

    def draw() -> None:
        nonlocal revision
        revision = _revision(_frame(instance, revision))

    return calls(draw)


def _unchanged(instance: Instance) -> Group:
    instance.send("1000")
    group = Group("unchanged, 1,000 widgets", "a frame")
    group.limit("C: ids and texts in an arena", limit("build", 1000))
    revision = _revision(_frame(instance))
    group.ours("the core, nothing changed", calls(fast.ui_update, instance.handle, None, 0, revision))
    group.target("the core, nothing changed", 1.2)
    group.facts.append(Fact("bytes sent", len(_frame(instance, revision)), "B"))
    return group


def _one_changed(instance: Instance) -> Group:
    instance.send("1000 counting")
    group = Group("one changed of 1,000 widgets", "a frame")
    group.limit("C: ids and texts in an arena", limit("build", 1000))
    group.ours("the core, one changed", _since_last(instance))
    group.facts.append(Fact("bytes sent", len(_frame(instance, _revision(_frame(instance)))), "B", at_most=300))
    return group
