"""What a run found, as it is written to a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from .case import Fact, Group, Growth, Target
from .measure import Curve, Ratio, Timing, paired_ratio

SCHEMA = 2

# What a machine runs that does nothing.
_IDLE = 0.5

Verdict = Literal["met", "not met", "not measured"]


class CaseResult(msgspec.Struct):
    """One case; times in nanoseconds for one piece of work.

    Attributes:
        batch: how many pieces were done in one sample.
        times_limit: the paired ratio to the group's limit.
    """

    name: str
    role: Literal["limit", "ours", "peer"]
    batch: int
    median: float
    minimum: float
    times_limit: Ratio
    samples: list[float]


class TargetResult(msgspec.Struct):
    """A target beside what was measured: `measured` times the time of `reference`."""

    case: str
    reference: str
    at_most: float
    verdict: Verdict
    measured: Ratio | None = None


class FactResult(msgspec.Struct):
    """Something counted, beside its target where it has one."""

    name: str
    value: float
    unit: str
    at_most: float | None = None
    verdict: Verdict | None = None


class GroupResult(msgspec.Struct):
    """Cases that did the same work in turn."""

    path: str
    title: str
    name: str
    unit: str
    cases: list[CaseResult]
    targets: list[TargetResult]
    facts: list[FactResult]
    skipped: dict[str, str]


class CurveResult(msgspec.Struct):
    """What one case took, in nanoseconds, the more there was.

    Attributes:
        power: over the last tenfold: 0 where it stays the same, 1 where it grows as the number does.
        linear: whether it may grow so.
        verdict: whether it grows no faster than it may.
    """

    name: str
    sizes: list[int]
    medians: list[float]
    minimums: list[float]
    power: float
    linear: bool
    verdict: Verdict

    @property
    def may(self) -> str:
        """How it may grow, in a word."""
        return "linear" if self.linear else "flat"

    @property
    def rows(self) -> list[tuple[str, list[float]]]:
        """What tables show: the medians, and of what may be linear what they are for each."""
        whole = (self.name, self.medians)
        if not self.linear:
            return [whole]
        return [whole, ("for each", [median / size for median, size in zip(self.medians, self.sizes, strict=True)])]


class GrowthResult(msgspec.Struct):
    """How costs grew with the number of something."""

    path: str
    title: str
    name: str
    curves: list[CurveResult]
    facts: list[FactResult]

    @property
    def sizes(self) -> list[int]:
        """How many there were."""
        return self.curves[0].sizes


class Results(msgspec.Struct, kw_only=True):
    """A whole run."""

    schema: int = SCHEMA
    when: str
    commit: str
    quick: bool
    repetitions: int
    sample_ms: float
    load_before: float
    load_after: float
    machine: dict[str, str]
    versions: dict[str, str]
    groups: list[GroupResult]
    growths: list[GrowthResult]

    @property
    def busy(self) -> str:
        """What is to be said of a machine that had other things to do; empty where it had not."""
        if self.load_before <= _IDLE:
            return ""
        return "the machine was busy: medians may be too high, ratios less so"


def group_result(path: str, title: str, group: Group, timings: Sequence[Timing]) -> GroupResult:
    """What the samples of a group say."""
    by_name = {timing.name: timing for timing in timings}
    limit = next(timing for timing in timings if timing.role == "limit")
    return GroupResult(
        path=path,
        title=title,
        name=group.name,
        unit=group.unit,
        cases=[_case(timing, limit) for timing in timings],
        targets=[_target(target, by_name) for target in group.targets],
        facts=[_fact(fact) for fact in group.facts],
        skipped=group.skipped,
    )


def _case(timing: Timing, limit: Timing) -> CaseResult:
    return CaseResult(
        name=timing.name,
        role=timing.role,  # type: ignore[arg-type]
        batch=timing.batch,
        median=timing.median,
        minimum=timing.minimum,
        times_limit=paired_ratio(timing.samples, limit.samples),
        samples=[round(sample, 2) for sample in timing.samples],
    )


def _target(target: Target, timings: dict[str, Timing]) -> TargetResult:
    found = [timings[name] for name in target.references if name in timings]
    if not found or target.case not in timings:
        return TargetResult(target.case, " or ".join(target.references), target.at_most, "not measured")
    reference = min(found, key=lambda timing: timing.median)
    ratio = paired_ratio(timings[target.case].samples, reference.samples)
    verdict: Verdict = "met" if ratio.median <= target.at_most else "not met"
    return TargetResult(target.case, reference.name, target.at_most, verdict, ratio)


def _fact(fact: Fact) -> FactResult:
    verdict: Verdict | None = None
    if fact.at_most is not None:
        verdict = "met" if fact.value <= fact.at_most else "not met"
    return FactResult(fact.name, fact.value, fact.unit, fact.at_most, verdict)


# A power up to this much above what is allowed is noise: a quarter more over a tenfold.
_NOISE = 0.1


def growth_result(
    path: str, title: str, growth: Growth, curves: Sequence[Curve], facts: Sequence[Fact]
) -> GrowthResult:
    """What was found of a growth."""
    return GrowthResult(path, title, growth.name, [_curve(curve, growth) for curve in curves], [*map(_fact, facts)])


def _curve(curve: Curve, growth: Growth) -> CurveResult:
    linear = curve.name in growth.linear
    verdict: Verdict = "met" if curve.power <= linear + _NOISE else "not met"
    return CurveResult(curve.name, curve.sizes, curve.medians, curve.minimums, curve.power, linear, verdict)


def write_results(results: Results, path: Path) -> None:
    """Writes a run to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1))


def read_results(path: Path) -> Results:
    """Reads a run. Errors: msgspec.ValidationError where the file is none."""
    return msgspec.json.decode(path.read_bytes(), type=Results)
