"""What is measured: cases beside their limit, in groups, and the targets that they are held to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from time import perf_counter_ns
from typing import Any, Literal

Sampler = Callable[[int], int]
"""Does its work so often and gives the nanoseconds that it took."""

Role = Literal["limit", "ours", "peer"]


class Missing(Exception):
    """A peer cannot be had here; the text says why."""


@dataclass(frozen=True)
class Case:
    """One way of doing a group's work.

    Attributes:
        name: unique within the group.
        role: the least that the work can take, this package's way, or somebody else's.
        sample: does the work.
        least: how often it is done at least in one sample, where a few would measure something else.
    """

    name: str
    role: Role
    sample: Sampler
    least: int = 1


@dataclass(frozen=True)
class Target:
    """At most so many times what a reference takes; of several references the fastest counts."""

    case: str
    references: Sequence[str]
    at_most: float


@dataclass(frozen=True)
class Fact:
    """Something counted, not timed."""

    name: str
    value: float
    unit: str
    at_most: float | None = None


@dataclass
class Group:
    """Cases that do the same work, and so are run in turn.

    Attributes:
        name: unique within the path.
        unit: what one piece of the work is.
        skipped: which peers are missing, and why.
        most: how often the work is done at most in one sample; None for as often as the clock wants.
        slow: where one sample takes a second; then there are fewer.
    """

    name: str
    unit: str
    cases: list[Case] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    most: int | None = None
    slow: bool = False

    def limit(self, name: str, sample: Sampler, least: int = 1) -> None:
        """The least that the work can take; one in each group."""
        self.cases.append(Case(name, "limit", sample, least))

    def ours(self, name: str, sample: Sampler, least: int = 1) -> None:
        """A way of this package's."""
        self.cases.append(Case(name, "ours", sample, least))

    def peer(self, name: str, make: Callable[[], Sampler], least: int = 1) -> None:
        """What others do, where it can be had: `make` raises Missing otherwise."""
        try:
            self.cases.append(Case(name, "peer", make(), least))
        except Missing as reason:
            self.skipped[name] = str(reason)

    def target(self, case: str, at_most: float, *references: str) -> None:
        """Holds a case to at most so many times the fastest of the references; without any, to the limit."""
        limits = [case.name for case in self.cases if case.role == "limit"]
        self.targets.append(Target(case, references or limits, at_most))


Stage = tuple[int, list[Case], list[Fact]]
"""So many there are now, and what is measured while there are: the same cases in each stage."""


@dataclass(frozen=True)
class Growth:
    """How costs grow with the number of something.

    Attributes:
        name: what there are more and more of; unique within the path.
        stages: gives a stage for each of the numbers that it is called with, in order. What one needs is there until
            the next is asked for.
        linear: the cases that may take as much longer as there is more; the others are to take the same.
    """

    name: str
    stages: Callable[[Sequence[int]], Iterator[Stage]]
    linear: frozenset[str] = frozenset()


Growths = Iterator[Growth]

Groups = Iterator[Group]
"""What a path gives, one after the other: what a group needs is there until the next is asked for."""


def calls(function: Callable[..., Any], *arguments: Any) -> Sampler:
    """Samples a function, called as it stands in a program: with its arguments, not through another function."""

    def sample(count: int) -> int:
        turns = repeat(None, count)
        if len(arguments) == 1:
            (only,) = arguments
            begin = perf_counter_ns()
            for _ in turns:
                function(only)
        elif len(arguments) == 4:
            first, second, third, fourth = arguments
            begin = perf_counter_ns()
            for _ in turns:
                function(first, second, third, fourth)
        else:
            begin = perf_counter_ns()
            for _ in turns:
                function(*arguments)
        return perf_counter_ns() - begin

    return sample


def once(function: Callable[[int], Any]) -> Sampler:
    """Samples a function that does the work so often by itself."""

    def sample(count: int) -> int:
        begin = perf_counter_ns()
        function(count)
        return perf_counter_ns() - begin

    return sample


def told(function: Callable[[str], str], rest: str) -> Sampler:
    """Samples what takes its own time: `function` is given `COUNT REST`, and gives the nanoseconds."""
    return lambda count: int(function(f"{count} {rest}"))
