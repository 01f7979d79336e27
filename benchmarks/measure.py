"""Runs the cases of a group in turn, and makes of the samples what is told."""

from __future__ import annotations

import gc
import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from .case import Case, Fact, Group, Growth

# A batch is made so large by trying; more than this no case needs.
_MOST_CALLS: Final = 10_000_000


@dataclass(frozen=True)
class Method:
    """How much is measured.

    Attributes:
        repetitions: how often each case has its turn.
        sample_ms: how long a sample is to take at least.
        slow_repetitions: the same for groups that are slow, and for stages of growth.
        sizes: of how many it is measured how costs grow.
    """

    repetitions: int = 31
    sample_ms: float = 5.0
    slow_repetitions: int = 7
    sizes: Sequence[int] = (1, 10, 100, 1000, 10_000)

    def turns(self, group: Group) -> int:
        """How often each case of a group has its turn."""
        return min(self.repetitions, self.slow_repetitions) if group.slow else self.repetitions


@dataclass(frozen=True)
class Timing:
    """What the samples of one case say, in nanoseconds for one piece of work.

    Attributes:
        batch: how many pieces were done in one sample.
        samples: one for each repetition, in the order in which they were taken.
    """

    name: str
    role: str
    batch: int
    samples: Sequence[float]

    @property
    def median(self) -> float:
        """Of the samples."""
        return statistics.median(self.samples)

    @property
    def minimum(self) -> float:
        """Of the samples."""
        return min(self.samples)


@dataclass(frozen=True)
class Ratio:
    """How many times what a reference takes: the median over the repetitions, and the quartiles around it."""

    median: float
    low: float
    high: float


def paired_ratio(samples: Sequence[float], references: Sequence[float]) -> Ratio:
    """Compares what was sampled in the same repetition, so that what slows both down is seen in neither."""
    ratios = [sample / reference for sample, reference in zip(samples, references, strict=True)]
    if len(ratios) == 1:
        return Ratio(ratios[0], ratios[0], ratios[0])
    low, median, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return Ratio(median, low, high)


def calibrate(case: Case, sample_ms: float, most: int | None = None) -> int:
    """How often the work is to be done for a sample to take long enough. Warms it up by trying."""
    limit = most or _MOST_CALLS
    count = min(case.least, limit)
    while count < limit:
        # Of two: one that was held up would make all samples too small.
        taken = min(case.sample(count), case.sample(count))
        if taken >= sample_ms * 1e6:
            break
        # Straight to the goal once the clock says something, but never in one leap.
        wanted = count * sample_ms * 1e6 / taken * 1.1 if taken > 100_000 else count * 10
        count = min(max(count + 1, min(int(wanted), count * 10)), limit)
    return count


def run_group(group: Group, method: Method, on_sample: Callable[[], None] = lambda: None) -> list[Timing]:
    """Gives each case its turn, so many times; each repetition begins with another case. No garbage is collected
    while the clock runs. `on_sample` is called after each sample.
    """
    cases = group.cases
    batches = [calibrate(case, method.sample_ms, group.most) for case in cases]
    samples: list[list[float]] = [[] for _ in cases]
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        for repetition in range(method.turns(group)):
            gc.collect()
            for turn in range(len(cases)):
                at = (turn + repetition) % len(cases)
                samples[at].append(cases[at].sample(batches[at]) / batches[at])
                on_sample()
    finally:
        if was_enabled:
            gc.enable()
    return [
        Timing(case.name, case.role, batch, taken) for case, batch, taken in zip(cases, batches, samples, strict=True)
    ]


@dataclass
class Curve:
    """What one case takes the more there is.

    Attributes:
        sizes: how many there were.
        medians, minimums: in nanoseconds for one piece of work.
    """

    name: str
    sizes: list[int] = field(default_factory=list)
    medians: list[float] = field(default_factory=list)
    minimums: list[float] = field(default_factory=list)

    @property
    def power(self) -> float:
        """Over the last tenfold: 0 where it stays the same, 1 where it grows as the number does. Of the minimums, which
        a busy machine disturbs least.
        """
        if len(self.sizes) < 2:
            return 0.0
        return math.log(self.minimums[-1] / self.minimums[-2]) / math.log(self.sizes[-1] / self.sizes[-2])


def run_growth(
    growth: Growth, method: Method, on_stage: Callable[[], None] = lambda: None
) -> tuple[list[Curve], list[Fact]]:
    """Measures the cases of each stage in turn. `on_stage` is called after each stage."""
    curves: dict[str, Curve] = {}
    facts: list[Fact] = []
    for size, cases, counted in growth.stages(method.sizes):
        for timing in run_group(Group(growth.name, "", list(cases), slow=True), method):
            curve = curves.setdefault(timing.name, Curve(timing.name))
            curve.sizes.append(size)
            curve.medians.append(timing.median)
            curve.minimums.append(timing.minimum)
        facts += counted
        on_stage()
    return list(curves.values()), facts
