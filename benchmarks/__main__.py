"""Measures: `python -m benchmarks`, or `make bench`."""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .building import BUILD
from .document import write_document, write_plots
from .machine import commit, load, machine_facts, versions
from .measure import Method, run_group, run_growth
from .paths import all_paths
from .report import Report
from .results import GroupResult, GrowthResult, Results, group_result, growth_result, write_results

_WHOLE = Method(repetitions=31, sample_ms=5.0)
_QUICK = Method(repetitions=15, sample_ms=2.0, slow_repetitions=3, sizes=(1, 10, 100, 1000))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    names = [path.name for path in all_paths()]
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter samples and fewer: under two minutes")
    parser.add_argument("--only", nargs="+", choices=names, metavar="PATH", help=f"some of: {', '.join(names)}")
    parser.add_argument("--repetitions", type=int, metavar="N", help="how often each case has its turn")
    parser.add_argument("--output", type=Path, default=BUILD, metavar="FOLDER", help="for results.json and the plots")
    parser.add_argument(
        "--document", action="store_true", help="also put the results of a whole run into docs/performance.md"
    )
    options = parser.parse_args(arguments)
    if options.document and (options.only or options.quick or options.repetitions):
        parser.error("--document takes a whole run: leave out --only, --quick and --repetitions")
    return options


def run(only: Sequence[str] | None, method: Method, report: Report, *, quick: bool) -> Results:
    """Measures the paths that are named, or all."""
    load_before = load()
    groups: list[GroupResult] = []
    growths: list[GrowthResult] = []
    for path in all_paths():
        if only and path.name not in only:
            continue
        if report.console.is_terminal:
            report.say(f"{path.title}: compiling what it needs, where that is not done")
        for group in path.groups():
            what = f"{path.title}: {group.name}"
            with report.measuring(what, method.turns(group) * len(group.cases)) as on_sample:
                timings = run_group(group, method, on_sample)
            groups.append(group_result(path.name, path.title, group, timings))
            report.group(groups[-1])
        for growth in path.growths():
            with report.measuring(f"{path.title}: {growth.name}", len(method.sizes)) as on_stage:
                curves, facts = run_growth(growth, method, on_stage)
            growths.append(growth_result(path.name, path.title, growth, curves, facts))
            report.growth(growths[-1])
    return Results(
        when=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        commit=commit(),
        quick=quick,
        repetitions=method.repetitions,
        sample_ms=method.sample_ms,
        load_before=load_before,
        load_after=load(),
        machine=machine_facts(),
        versions=versions(),
        groups=groups,
        growths=growths,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    options = _options(arguments)
    method = _QUICK if options.quick else _WHOLE
    if options.repetitions:
        method = replace(method, repetitions=max(1, options.repetitions))
    report = Report()
    results = run(options.only, method, report, quick=options.quick)
    report.end(results)
    file = options.output / "results.json"
    write_results(results, file)
    plots = write_plots(results, options.output)
    report.say(f"written: {file} and {', '.join(plot.name for plot in plots)}")
    if options.document:
        write_document(results)


if __name__ == "__main__":
    main()
