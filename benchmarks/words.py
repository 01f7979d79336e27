"""Numbers as people read them."""

from __future__ import annotations

from .measure import Ratio


def duration(nanoseconds: float) -> str:
    """Three digits and a unit."""
    for unit, size in (("ns", 1.0), ("us", 1e3), ("ms", 1e6)):
        if nanoseconds < 999.5 * size:
            return f"{three_digits(nanoseconds / size)} {unit}"
    return f"{three_digits(nanoseconds / 1e9)} s"


def three_digits(number: float) -> str:
    """A number with three digits, or all before the point."""
    if number >= 99.95:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 9.995 else f"{number:.2f}"


def ratio(found: Ratio) -> str:
    """A ratio, and the quartiles around it."""
    return f"{three_digits(found.median)} ({three_digits(found.low)} to {three_digits(found.high)})"
