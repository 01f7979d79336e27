"""Aliases of types that several modules share."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")

CData: TypeAlias = Any
"""A cffi object: pointer, struct or function. cffi has no types of its own for mypy."""

JsonValue: TypeAlias = Mapping[str, Any] | Sequence[Any] | str | int | float | bool | None
"""What JSON can say."""

MessageText: TypeAlias = str
"""The text of a message: any Unicode text without lone surrogates; a NUL inside is kept."""

MaybeAwaitable: TypeAlias = T | Awaitable[T]
"""What a method of a handler returns: the value, or, from an `async def`, its awaitable."""

EventListener: TypeAlias = Callable[[Any], None]
"""Takes one event of the host; called on the host's pump thread."""

EventBatchListener: TypeAlias = Callable[[list[Any]], None]
"""Takes the events that have come since the last call, oldest first; called on the host's pump thread."""
