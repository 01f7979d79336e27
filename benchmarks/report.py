"""Tells a person in the terminal, while it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from .results import FactResult, GroupResult, GrowthResult, Results
from .words import duration, ratio, three_digits

_ROLES = {"limit": "dim", "ours": "bold", "peer": ""}
_VERDICTS = {"met": "green", "not met": "red", "not measured": "yellow"}


class Report:
    """Tables of what was measured; a progress bar where somebody looks on."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console()
        if not self.console.is_terminal:
            # Nobody's window: as wide as the tables.
            self.console = Console(file=self.console.file, width=120, color_system=None)

    @contextmanager
    def measuring(self, what: str, samples: int) -> Iterator[Callable[[], None]]:
        """While a group is measured; what is given is called after each sample."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        visible = self.console.is_terminal
        with Progress(*columns, console=self.console, transient=True, disable=not visible) as progress:
            task = progress.add_task(what, total=samples)
            yield lambda: progress.advance(task)

    def say(self, text: str) -> None:
        """One line."""
        self.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def group(self, result: GroupResult) -> None:
        """What was found of a group."""
        table = Table(title=f"{result.title}: {result.name}", title_justify="left", title_style="bold")
        table.add_column(f"for {result.unit}")
        for name in ("median", "minimum", "times the limit"):
            table.add_column(name, justify="right")
        for case in sorted(result.cases, key=lambda case: case.median):
            times = "1" if case.role == "limit" else ratio(case.times_limit)
            table.add_row(
                case.name, duration(case.median), duration(case.minimum), times, style=_ROLES[case.role] or None
            )
        self.console.print(table)
        for name, reason in result.skipped.items():
            self.say(f"  skipped: {name}: {reason}")
        for target in result.targets:
            found = "" if target.measured is None else f" {ratio(target.measured)}"
            self._verdict(f"{target.case}: at most {target.at_most:g} times {target.reference}:{found}", target.verdict)
        self._facts(result.facts)
        self.console.print()

    def growth(self, result: GrowthResult) -> None:
        """What was found of a growth."""
        table = Table(title=f"{result.title}: {result.name}", title_justify="left", title_style="bold")
        table.add_column("takes")
        for size in result.sizes:
            table.add_column(f"{size:,}", justify="right")
        for curve in result.curves:
            for name, values in curve.rows:
                table.add_row(name, *map(duration, values))
        self.console.print(table)
        for curve in result.curves:
            self._verdict(f"{curve.name}: may be {curve.may}, grows with the power {curve.power:.2f}", curve.verdict)
        self._facts(result.facts)
        self.console.print()

    def _facts(self, facts: Sequence[FactResult]) -> None:
        for fact in facts:
            bound = "" if fact.at_most is None else f", at most {fact.at_most:g}"
            text = f"{fact.name}{bound}: {three_digits(fact.value)} {fact.unit}"
            self._verdict(text, fact.verdict) if fact.verdict else self.say(f"  {text}")

    def _verdict(self, text: str, verdict: str) -> None:
        self.console.print(f"  {text} ", end="", highlight=False, markup=False, soft_wrap=True)
        self.console.print(verdict, style=_VERDICTS[verdict], highlight=False)

    def end(self, results: Results) -> None:
        """How many targets were met, and what may have disturbed."""
        verdicts = [target.verdict for group in results.groups for target in group.targets]
        verdicts += [curve.verdict for growth in results.growths for curve in growth.curves]
        facts = [fact for group in results.groups for fact in group.facts]
        facts += [fact for growth in results.growths for fact in growth.facts]
        verdicts += [fact.verdict for fact in facts if fact.verdict]
        self.say(
            f"targets: {verdicts.count('met')} met, {verdicts.count('not met')} not met, "
            f"{verdicts.count('not measured')} not measured"
        )
        self.say(f"load: {results.load_before} before, {results.load_after} after, of {results.machine['cores']} cores")
        if results.busy:
            self.say(results.busy)
