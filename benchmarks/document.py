"""Puts a run into docs/performance.md: its pictures, and its tables between two marks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from .machine import ROOT
from .paths import all_paths
from .plots import plot_path
from .results import GroupResult, Results
from .words import duration, ratio, three_digits

DOCUMENT: Final = ROOT / "docs" / "performance.md"
IMAGES: Final = ROOT / "docs" / "images"

BEGIN: Final = "<!-- measured: written by python -m benchmarks --document -->"
END: Final = "<!-- measured: end -->"


def write_plots(results: Results, folder: Path) -> list[Path]:
    """One picture for each path. Gives their files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for path in dict.fromkeys(group.path for group in results.groups):
        file = folder / f"{path}.svg"
        file.write_text(plot_path([group for group in results.groups if group.path == path]), encoding="utf-8")
        written.append(file)
    return written


def write_document(results: Results) -> None:
    """Replaces what the last run left, all of it. Errors: ValueError where the run was not whole."""
    missing = [path.name for path in all_paths() if path.name not in {group.path for group in results.groups}]
    if results.quick or missing:
        reason = f"without {', '.join(missing)}" if missing else "a quick one"
        raise ValueError(f"docs/performance.md shows whole runs, and this one was {reason}")
    write_plots(results, IMAGES)
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{measured_text(results)}\n{END}{after}", encoding="utf-8")


def measured_text(results: Results) -> str:
    """The tables, in Markdown."""
    return "\n".join([*_head(results), *_targets(results), *_tables(results)])


def _head(results: Results) -> Iterator[str]:
    machine = results.machine
    named = ", ".join(f"{name} {version}" for name, version in results.versions.items())
    yield (
        f"Measured on {results.when[:10]} at commit {results.commit}: {machine['processor']}, "
        f"{machine['cores']} cores, {machine['system']}, {machine['python']}, {machine['compiler']}, "
        f"{machine['rust'] or 'no Rust'}; {named}. {results.repetitions} repetitions, samples of "
        f"{results.sample_ms:g} ms; load {results.load_before} before and {results.load_after} after."
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
        for fact in group.facts:
            if fact.at_most is not None and fact.verdict is not None:
                bound = f"{fact.at_most:g} {fact.unit}"
                yield f"| {where} | {fact.name} | {bound} | {fact.value:g} {fact.unit} | {_bold(fact.verdict)} |"
    yield ""


def _bold(verdict: str) -> str:
    return verdict if verdict == "met" else f"**{verdict}**"


def _tables(results: Results) -> Iterator[str]:
    path = ""
    for group in results.groups:
        if group.path != path:
            path = group.path
            yield from (f"### {group.title}", "", f"![{group.title}](images/{path}.svg)", "")
        yield from _table(group)


def _table(group: GroupResult) -> Iterator[str]:
    yield from (f"| {group.name} | median | minimum | times the limit |", "|---|--:|--:|--:|")
    for case in sorted(group.cases, key=lambda case: case.median):
        name = f"**{case.name}**" if case.role == "ours" else case.name
        times = "1" if case.role == "limit" else ratio(case.times_limit)
        yield f"| {name} | {duration(case.median)} | {duration(case.minimum)} | {times} |"
    yield ""
    for fact in group.facts:
        yield from (f"{fact.name}: {three_digits(fact.value)} {fact.unit}.", "")
    for name, reason in group.skipped.items():
        yield from (f"Skipped: {name}: {reason}.", "")
