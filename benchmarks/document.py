"""Puts a run into docs/performance.md: its pictures, and its tables between two marks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from .machine import ROOT
from .paths import all_paths
from .plots import plot_growth, plot_path
from .results import FactResult, GroupResult, GrowthResult, Results
from .words import duration, ratio, three_digits

DOCUMENT: Final = ROOT / "docs" / "performance.md"
IMAGES: Final = ROOT / "docs" / "images"

BEGIN: Final = "<!-- measured: written by python -m benchmarks --document -->"
END: Final = "<!-- measured: end -->"


def write_plots(results: Results, folder: Path) -> list[Path]:
    """One picture for each path, and for each growth. Gives their files."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {
        f"{path}.svg": plot_path([group for group in results.groups if group.path == path])
        for path in dict.fromkeys(group.path for group in results.groups)
    }
    pictures |= {_growth_file(growth): plot_growth(growth) for growth in results.growths}
    for name, picture in pictures.items():
        (folder / name).write_text(picture, encoding="utf-8")
    return [folder / name for name in pictures]


def _growth_file(growth: GrowthResult) -> str:
    return f"{growth.path}-{growth.name.replace(' ', '-')}.svg"


def write_document(results: Results) -> None:
    """Replaces what the last run left, all of it. Errors: ValueError where the run was not whole."""
    found = {group.path for group in results.groups} | {growth.path for growth in results.growths}
    missing = [path.name for path in all_paths() if path.name not in found]
    if results.quick or missing:
        reason = f"without {', '.join(missing)}" if missing else "a quick one"
        raise ValueError(f"docs/performance.md shows whole runs, and this one was {reason}")
    write_plots(results, IMAGES)
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{measured_text(results)}\n{END}{after}", encoding="utf-8")


def measured_text(results: Results) -> str:
    """The tables, in Markdown."""
    return "\n".join([*_head(results), *_targets(results), *_tables(results), *_growths(results)])


def _head(results: Results) -> Iterator[str]:
    machine = results.machine
    named = ", ".join(f"{name} {version}" for name, version in results.versions.items())
    yield (
        f"Measured on {results.when[:10]} at commit {results.commit}: {machine['processor']}, "
        f"{machine['cores']} cores, {machine['system']}, {machine['python']}, {machine['compiler']}, "
        f"{machine['rust'] or 'no Rust'}; {named}. {results.repetitions} repetitions, samples of "
        f"{results.sample_ms:g} ms; load {results.load_before} before and {results.load_after} after."
        + (f" Note that {results.busy}." if results.busy else "")
    )
    yield ""


def _targets(results: Results) -> Iterator[str]:
    yield from ("### Targets", "", "| path | what | at most | measured | |", "|---|---|---|---|---|")
    for group in results.groups:
        where = f"{group.title}, {group.name}"
        for target in group.targets:
            found = "-" if target.measured is None else ratio(target.measured)
            yield (
                f"| {where} | {target.case} | {target.at_most:g} times {target.reference} | {found} "
                f"| {_bold(target.verdict)} |"
            )
        yield from _targets_of_facts(where, group.facts)
    for growth in results.growths:
        yield from _targets_of_facts(f"{growth.title}, {growth.name}", growth.facts)
    yield ""


def _targets_of_facts(where: str, facts: Sequence[FactResult]) -> Iterator[str]:
    for fact in facts:
        if fact.at_most is not None and fact.verdict is not None:
            bound = f"{fact.at_most:g} {fact.unit}"
            yield f"| {where} | {fact.name} | {bound} | {fact.value:g} {fact.unit} | {_bold(fact.verdict)} |"


def _bold(verdict: str) -> str:
    return verdict if verdict == "met" else f"**{verdict}**"


def _tables(results: Results) -> Iterator[str]:
    path = ""
    for group in results.groups:
        if group.path != path:
            path = group.path
            yield from (f"### {group.title}", "", f"![{group.title}](images/{path}.svg)", "")
        yield from _table(group)


def _growths(results: Results) -> Iterator[str]:
    path = ""
    for growth in results.growths:
        if growth.path != path:
            path = growth.path
            yield from (f"### {growth.title}", "")
        yield from (f"![{growth.title}: {growth.name}](images/{_growth_file(growth)})", "")
        yield f"| {growth.name} | {' | '.join(f'{size:,}' for size in growth.sizes)} | |"
        yield f"|---|{'--:|' * len(growth.sizes)}---|"
        for curve in growth.curves:
            first, *more = curve.rows
            verdict = f"{_bold(curve.verdict)}: {curve.may}, power {curve.power:.2f}"
            yield f"| {first[0]} | {' | '.join(map(duration, first[1]))} | {verdict} |"
            for name, values in more:
                yield f"| {name} | {' | '.join(map(duration, values))} | |"
        yield ""
        yield from _facts(growth.facts)


def _facts(facts: Sequence[FactResult]) -> Iterator[str]:
    for fact in facts:
        yield from (f"{fact.name}: {three_digits(fact.value)} {fact.unit}.", "")


def _table(group: GroupResult) -> Iterator[str]:
    yield from (f"| {group.name} | median | minimum | times the limit |", "|---|--:|--:|--:|")
    for case in sorted(group.cases, key=lambda case: case.median):
        name = f"**{case.name}**" if case.role == "ours" else case.name
        times = "1" if case.role == "limit" else ratio(case.times_limit)
        yield f"| {name} | {duration(case.median)} | {duration(case.minimum)} | {times} |"
    yield ""
    yield from _facts(group.facts)
    for name, reason in group.skipped.items():
        yield from (f"Skipped: {name}: {reason}.", "")
