"""Statements of SQL that take many rows at once."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, TypeVar

_T = TypeVar("_T")

# So many rows go into the database by one statement: the more, the less it costs, and the fewer times the GIL changes
# hands, since each execution lets go of it.
_AT_ONCE: Final = (64, 8, 1)


def parts(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """What one statement takes at a time; of few sizes, so that statements are the same again."""
    start = 0
    for count in _AT_ONCE:
        while len(items) - start >= count:
            yield items[start : start + count]
            start += count


@lru_cache
def marks(rows: int, columns: int) -> str:
    """Places for values in a statement: (?, ?), (?, ?)."""
    return ", ".join([f"({', '.join('?' * columns)})"] * rows)
