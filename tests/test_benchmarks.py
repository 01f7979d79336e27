"""The benchmarks run, and tell what they found. How fast anything is, no test says."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from benchmarks.__main__ import main
from benchmarks.building import refresh
from benchmarks.case import Case, Fact, Group, Growth, Missing, Stage, calls, told
from benchmarks.document import DOCUMENT, measured_text, write_document
from benchmarks.hosts import connected, core_alone, sends
from benchmarks.measure import Method, Timing, calibrate, paired_ratio, run_group, run_growth
from benchmarks.paths import all_paths, chunk
from benchmarks.plots import plot_growth, plot_path
from benchmarks.results import (
    SCHEMA,
    GroupResult,
    GrowthResult,
    Results,
    group_result,
    growth_result,
    read_results,
    write_results,
)
from benchmarks.words import duration, three_digits

from host_support import ROOT
from plugin_interfaces._abi import Notify
from plugin_interfaces._ffi import fast

PATHS = ["message", "awaiting", "chunk", "producer", "hop", "frame", "parallel", "loading", "start", "growth"]


class FakeClock:
    """Samplers of cases that take what they are said to."""

    def __init__(self) -> None:
        self.order: list[str] = []

    def case(self, name: str, nanoseconds: int) -> object:
        def sample(count: int) -> int:
            self.order.append(name)
            return count * nanoseconds

        return sample


def two_cases(clock: FakeClock) -> Group:
    """A limit of 1 us, this package with 3 us, and a peer that is missing."""

    def missing() -> object:
        raise Missing("it is not here")

    group = Group("small", "a call")
    group.limit("C", clock.case("C", 1000))
    group.ours("ours", clock.case("ours", 3000))
    group.peer("theirs", missing)
    group.target("ours", 4)
    group.target("ours", 2)
    group.target("ours", 1, "theirs")
    group.facts.append(Fact("bytes", 400, "B", at_most=300))
    return group


def result_of(group: Group) -> GroupResult:
    return group_result("path", "A path", group, run_group(group, Method(3, 0.01)))


def results_of(group: Group) -> Results:
    return Results(
        when="2026-01-01T00:00:00+00:00",
        commit="abc",
        quick=True,
        repetitions=3,
        sample_ms=0.01,
        load_before=0.0,
        load_after=0.0,
        machine={"processor": "p", "cores": "2", "system": "s", "python": "3", "compiler": "c", "rust": ""},
        versions={"cffi": "2"},
        groups=[result_of(group)],
        growths=[growth_of(FakeClock())],
    )


def all_growths() -> list[Growth]:
    return [growth for path in all_paths() for growth in path.growths()]


def growing(clock: FakeClock) -> Growth:
    """One case that stays the same, one that grows as it may, one that grows although it may not."""

    def stages(sizes: Sequence[int]) -> Iterator[Stage]:
        for size in sizes:
            cases = {"flat": 1000, "linear": 1000 * size, "slows": 1000 * size}
            yield size, [Case(name, "ours", clock.case(name, taken)) for name, taken in cases.items()], []

    return Growth("things", stages, frozenset({"linear"}))


def growth_of(clock: FakeClock) -> GrowthResult:
    growth = growing(clock)
    return growth_result("path", "A path", growth, *run_growth(growth, Method(3, 0.01, sizes=(1, 10, 100))))


# ---- what is made of samples ----


def test_a_ratio_compares_what_was_sampled_in_the_same_repetition() -> None:
    # The machine was ten times as slow in the second repetition, for both.
    assert 2.0 == paired_ratio([2, 20, 2], [1, 10, 1]).median


def test_the_spread_of_a_ratio_is_its_quartiles() -> None:
    found = paired_ratio([1, 2, 3, 4, 5], [1, 1, 1, 1, 1])
    assert (2.0, 3.0, 4.0) == (found.low, found.median, found.high)


def test_one_repetition_has_no_spread() -> None:
    found = paired_ratio([3], [2])
    assert (1.5, 1.5, 1.5) == (found.low, found.median, found.high)


def test_the_median_and_the_minimum_are_those_of_the_samples() -> None:
    timing = Timing("case", "ours", 10, [5.0, 1.0, 3.0, 9.0])
    assert (4.0, 1.0) == (timing.median, timing.minimum)


def test_a_batch_takes_at_least_as_long_as_it_is_to() -> None:
    group = Group("group", "a call")
    group.ours("ours", FakeClock().case("ours", 700))
    assert calibrate(group.cases[0], sample_ms=1.0) * 700 >= 1_000_000


def test_one_sample_that_was_held_up_makes_no_small_batch() -> None:
    held_up = iter([50_000_000])
    group = Group("group", "a call")
    group.ours("ours", lambda count: next(held_up, count * 1000))
    assert calibrate(group.cases[0], sample_ms=1.0) >= 1000


def test_a_batch_is_no_larger_than_the_group_allows() -> None:
    group = Group("group", "a process", most=1)
    group.ours("ours", FakeClock().case("ours", 1))
    assert 1 == calibrate(group.cases[0], sample_ms=1000.0, most=group.most)


def test_each_repetition_gives_every_case_a_turn_and_begins_with_another() -> None:
    clock = FakeClock()
    group = two_cases(clock)
    run_group(group, Method(2, 0.01))
    assert ["C", "ours", "ours", "C"] == clock.order[-4:]


def test_a_slow_group_has_fewer_turns() -> None:
    group = two_cases(FakeClock())
    group.slow = True
    timings = run_group(group, Method(5, 0.01, slow_repetitions=2))
    assert {2} == {len(timing.samples) for timing in timings}


def test_a_growth_is_measured_of_each_number() -> None:
    curves, _ = run_growth(growing(FakeClock()), Method(3, 0.01, sizes=(1, 10, 100)))
    linear = next(curve for curve in curves if curve.name == "linear")
    assert ([1, 10, 100], [1e3, 1e4, 1e5]) == (linear.sizes, linear.medians)


def test_the_power_tells_how_a_cost_grows() -> None:
    assert {"flat": 0.0, "linear": 1.0, "slows": 1.0} == {
        curve.name: round(curve.power, 6) for curve in growth_of(FakeClock()).curves
    }


def test_the_facts_of_all_stages_are_told() -> None:
    def stages(sizes: Sequence[int]) -> Iterator[Stage]:
        for size in sizes:
            yield size, [], [Fact("there are", size, "things")]

    _, facts = run_growth(Growth("things", stages), Method(3, 0.01, sizes=(1, 10)))
    assert [1, 10] == [fact.value for fact in facts]


def test_a_piece_of_work_may_take_its_own_time() -> None:
    asked: list[str] = []

    def answer(text: str) -> str:
        asked.append(text)
        return "1200"

    assert (1200, ["3 to whom"]) == (told(answer, "to whom")(3), asked)


def test_calls_are_as_many_as_asked_for() -> None:
    called: list[str] = []
    calls(called.append, "x")(5)
    assert ["x"] * 5 == called


# ---- what is told ----


def test_targets_are_met_not_met_or_not_measured() -> None:
    verdicts = [(target.at_most, target.verdict) for target in result_of(two_cases(FakeClock())).targets]
    assert [(4, "met"), (2, "not met"), (1, "not measured")] == verdicts


def test_what_is_counted_has_a_verdict_too() -> None:
    assert ["not met"] == [fact.verdict for fact in result_of(two_cases(FakeClock())).facts]


def test_a_peer_that_is_missing_is_named_with_the_reason() -> None:
    assert {"theirs": "it is not here"} == result_of(two_cases(FakeClock())).skipped


def test_what_grows_more_than_it_may_is_not_met() -> None:
    assert {"flat": "met", "linear": "met", "slows": "not met"} == {
        curve.name: curve.verdict for curve in growth_of(FakeClock()).curves
    }


def test_what_may_be_linear_is_also_told_for_each() -> None:
    rows = [curve.rows for curve in growth_of(FakeClock()).curves if curve.name == "linear"]
    assert [[("linear", [1e3, 1e4, 1e5]), ("for each", [1e3, 1e3, 1e3])]] == rows


def test_a_picture_of_a_growth_names_its_curves_and_numbers() -> None:
    picture = plot_growth(growth_of(FakeClock()))
    assert all(f">{text}</text>" in picture for text in ("flat: 1.00 us", "linear: 100 us", "slows: 100 us", "100"))


@pytest.mark.parametrize(("load", "is_told"), [(0.5, False), (0.51, True)])
def test_a_busy_machine_is_told_of(load: float, is_told: bool) -> None:
    results = results_of(two_cases(FakeClock()))
    results.load_before = load
    assert is_told is ("the machine was busy" in measured_text(results))


def test_the_document_shows_how_costs_grow() -> None:
    text = measured_text(results_of(two_cases(FakeClock())))
    assert "| things | 1 | 10 | 100 | |" in text
    assert "| slows | 1.00 us | 10.0 us | 100 us | **not met**: flat, power 1.00 |" in text


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    results = results_of(two_cases(FakeClock()))
    write_results(results, tmp_path / "results.json")
    assert results == read_results(tmp_path / "results.json")


def test_a_file_that_lacks_something_is_no_result(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text('{"schema": 1}')
    with pytest.raises(msgspec.ValidationError):
        read_results(tmp_path / "results.json")


def test_a_picture_names_all_cases() -> None:
    picture = plot_path([result_of(two_cases(FakeClock()))])
    assert all(f">{name}</text>" in picture for name in ("C", "ours", "3.00 us"))


def test_the_document_says_which_targets_are_not_met() -> None:
    text = measured_text(results_of(two_cases(FakeClock())))
    assert "| A path, small | ours | 2 times C | 3.00 (3.00 to 3.00) | **not met** |" in text


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [(1.234, "1.23 ns"), (99.94, "99.9 ns"), (999.6, "1.00 us"), (12_345, "12.3 us"), (1.5e9, "1.50 s")],
)
def test_a_duration_has_three_digits(nanoseconds: float, text: str) -> None:
    assert text == duration(nanoseconds)


def test_a_large_number_keeps_what_is_before_the_point() -> None:
    assert "12,346" == three_digits(12345.6)


def test_the_document_takes_no_short_run() -> None:
    with pytest.raises(ValueError, match="whole runs"):
        write_document(results_of(two_cases(FakeClock())))


@pytest.mark.parametrize("option", [["--quick"], ["--only", "frame"], ["--repetitions", "3"]])
def test_the_command_refuses_to_document_a_short_run(option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--document", *option])
    assert 2 == end.value.code
    assert "--document takes a whole run" in capsys.readouterr().err


# ---- what is compiled ----


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, Path, Callable[[str], int]]:
    """A source, what is made of it, and a function that has it made by something and tells how often that was done."""
    source, target = tmp_path / "source.c", tmp_path / "made.so"
    source.write_text("")
    times = 0

    def make() -> None:
        nonlocal times
        times += 1
        target.write_text("")

    def made_by(what: str) -> int:
        refresh(target, [source], what, make)
        return times

    return source, target, made_by


def test_what_is_fresh_is_not_made_again(made: tuple[Path, Path, Callable[[str], int]]) -> None:
    _, _, made_by = made
    assert [1, 1] == [made_by("cc -O2"), made_by("cc -O2")]


def test_other_options_make_it_anew(made: tuple[Path, Path, Callable[[str], int]]) -> None:
    _, _, made_by = made
    assert [1, 2, 3] == [made_by("cc -O2"), made_by("cc -O2 -DSHORT"), made_by("cc -O2")]


def test_a_newer_source_makes_it_anew(made: tuple[Path, Path, Callable[[str], int]]) -> None:
    source, target, made_by = made
    made_by("cc -O2")
    later = target.stat().st_mtime + 1
    os.utime(source, (later, later))
    assert 2 == made_by("cc -O2")


def test_what_could_not_be_made_is_not_taken_for_made(tmp_path: Path) -> None:
    target = tmp_path / "made.so"
    target.write_text("of an earlier compiler")

    def fail() -> None:
        raise Missing("the compiler failed")

    for _ in range(2):
        with pytest.raises(Missing):
            refresh(target, [], "cc -O2", fail)
    assert not target.exists()


# ---- a run ----


def test_the_paths_have_names_and_titles() -> None:
    assert PATHS == [path.name for path in all_paths()]


def test_the_document_says_of_each_path_what_is_done() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert [name for name in PATHS if f"\n| {name} | " not in document] == []


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A short run: what it printed, and where it wrote."""
    folder = tmp_path_factory.mktemp("benchmarks")
    options = ["--quick", "--only", "message", "chunk", "hop", "frame", "--repetitions", "3", "--output", str(folder)]
    # Cargo would take a minute; the peer is then one of those that are missing.
    environment = os.environ | {"CARGO": "there-is-no-cargo"}
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks", *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert 0 == result.returncode, result.stderr
    return result.stdout, folder


def test_a_run_prints_tables_without_colours(run: tuple[str, Path]) -> None:
    printed, _ = run
    assert "A message and its reply: 64 B" in printed
    assert "Instance.send" in printed
    assert "\x1b" not in printed


def test_a_run_names_the_peers_that_are_missing(run: tuple[str, Path]) -> None:
    printed, _ = run
    assert "skipped: the crate: there is no cargo here" in printed


def test_a_run_writes_a_file_of_the_present_schema(run: tuple[str, Path]) -> None:
    _, folder = run
    results = read_results(folder / "results.json")
    assert SCHEMA == results.schema
    assert {3} == {len(case.samples) for group in results.groups for case in group.cases}


def test_a_run_draws_a_picture_for_each_path(run: tuple[str, Path]) -> None:
    _, folder = run
    assert ["chunk.svg", "frame.svg", "hop.svg", "message.svg"] == sorted(path.name for path in folder.glob("*.svg"))


# ---- the paths that no short run is made of ----


@pytest.mark.parametrize("name", ["awaiting", "producer", "parallel"])
def test_the_cases_of_a_path_do_their_work(name: str) -> None:
    path = next(path for path in all_paths() if path.name == name)
    for group in path.groups():
        timings = run_group(group, Method(1, 0.001))
        assert [case.name for case in group.cases] == [timing.name for timing in timings]
        assert all(timing.minimum > 0 for timing in timings)


def test_whoever_measured_the_core_sends_the_direct_way_as_before() -> None:
    with core_alone("chunks") as core:
        chunk._to_batches(core)(1)
    with connected("replies_short") as (instance,):
        sends(instance, "x")
        # One that was held up for long has to show again that it is quick.
        assert "x" in (fast.send(instance.handle, "x", 60_000, Notify.NONE) for _ in range(100))


@pytest.mark.parametrize("growth", all_growths(), ids=lambda growth: growth.name)
def test_the_cases_of_a_growth_do_their_work(growth: Growth) -> None:
    curves, facts = run_growth(growth, Method(1, 0.001, slow_repetitions=1, sizes=(1, 3)))
    assert curves
    assert {(1, 3)} == {tuple(curve.sizes) for curve in curves}
    assert all(curve.minimums[0] > 0 for curve in curves)
    assert all(fact.value > 0 for fact in facts)
