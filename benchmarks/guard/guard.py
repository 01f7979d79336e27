#!/usr/bin/env python3
"""Counts the instructions of the core's paths, and fails where one takes more than the committed baseline says.

Time differs from run to run; the number of instructions does not. paths.c is compiled with the core as the extension
is, and runs under callgrind. Counted are the instructions of the functions in src/native, and how often these call the
C library: its own instructions depend on the processor, which decides on the kind of memcpy that runs.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "benchmarks" / "guard"
NATIVE = ROOT / "src" / "native"
BUILD = ROOT / "build" / "guard"
BASELINE = HERE / "baseline.json"

# Beyond this share a path has become slower, or better.
TOLERANCE = 0.02

EXAMPLES = """\
examples:
  benchmarks/guard/guard.py                    all paths; `make guard` is the same
  benchmarks/guard/guard.py event chunk        these two
  benchmarks/guard/guard.py --functions 5 hop  and which five functions take most of it
  benchmarks/guard/guard.py --refresh --reason "events carry the time in ns: one division more"
                                               what is counted now is the baseline; the reason is for the commit

exit codes:
  0   every path is within the tolerance, or better
  1   a path has become slower
  2   it could not be found out: wrong arguments, a damaged baseline, the core does not compile
  77  skipped: there is no valgrind, or the baseline is that of another compiler
"""

# The functions of which the C library has one for each kind of processor, and no name for it where its debug symbols
# are not installed. They are counted together.
PER_PROCESSOR = re.compile(r"0x[0-9a-f]+$|_*(?:mem|str|wmem|wcs|raw)[a-z0-9]*(?:_|$)")
PER_PROCESSOR_NAME = "memcpy and its like"

CORE_FILE = re.compile(r"(?:\./)?src/native/")


class Skip(Exception):
    """Nothing can be told here, and why."""


class Trouble(Exception):
    """It could not be found out, and what to do."""


# ==== Tools ====


def compiler() -> list[str]:
    """The C compiler, as a command."""
    command = shlex.split(os.environ.get("CC", "cc"))
    if not command or not shutil.which(command[0]):
        raise Skip("no C compiler here")
    return command


def first_line(command: list[str]) -> str:
    """What a tool says of itself; empty where it does not start."""
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return ""
    return (done.stdout + done.stderr).strip().partition("\n")[0].strip()


def toolchain() -> dict[str, str]:
    """What decides about the counts: two machines where all of it is the same have the same."""
    cc = compiler()
    if not shutil.which("valgrind"):
        raise Skip("no valgrind here")
    name = first_line([*cc, "--version"])
    # "cc (Debian 12.2.0-14) 12.2.0": a distribution's corrections do not make another compiler.
    gcc = re.match(r"\S+ \(([^ )]+)[^)]*\) (\d+\.\d+\.\d+)", name)
    linker = first_line([*cc, "-print-prog-name=ld"])
    return {
        "compiler": f"gcc {gcc[2]} ({gcc[1]})" if gcc else name,
        "machine": first_line([*cc, "-dumpmachine"]),
        "linker": first_line([linker, "--version"]),
        "libc": os.confstr("CS_GNU_LIBC_VERSION") or "" if sys.platform.startswith("linux") else sys.platform,
        "valgrind": first_line(["valgrind", "--version"]),
    }


# ==== Building ====


def flags() -> list[str]:
    """Those that build_ffi.py gives the extension; what the Python of a person adds to them is left out."""
    source = (ROOT / "build_ffi.py").read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "COMPILE_ARGS":
            given: list[str] = ast.literal_eval(node.value)
            return [*given, "-DNDEBUG", "-D_GNU_SOURCE", "-fPIC", "-g", "-Iinclude", "-Isrc/native"]
    raise Trouble("build_ffi.py has no COMPILE_ARGS any more: guard.py compiles with the same")


def run_compiler(command: list[str]) -> None:
    """Runs one, in the root of the tree."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise Trouble(f"{done.stdout.rstrip()}\n{shlex.join(command)} failed")


def build() -> None:
    """Makes BUILD/paths and BUILD/plugin.so; compiles only what is older than what it is made of."""
    cc = compiler()
    if subprocess.run(
        [*cc, "-E", "-"], input="#include <valgrind/callgrind.h>", capture_output=True, text=True
    ).returncode:
        raise Skip("no valgrind/callgrind.h here; on Debian it is in the package valgrind")
    BUILD.mkdir(parents=True, exist_ok=True)
    stamp = BUILD / "flags"
    used = shlex.join([*cc, *flags()])
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != used:
        stamp.write_text(used, encoding="utf-8")
    common = [stamp, *NATIVE.glob("*.h"), *(ROOT / "include").glob("*.h")]
    common_time = max(path.stat().st_mtime for path in common)
    # python_*.c is for the extension alone.
    sources = [path for path in sorted(NATIVE.glob("*.c")) if not path.name.startswith("python_")]
    plugin = ROOT / "c_plugins" / "echo" / "echo.c"
    objects = []
    commands = []
    for source in [*sources, HERE / "paths.c", plugin]:
        target = BUILD / ("plugin.so" if source == plugin else f"{source.stem}.o")
        if source != plugin:
            objects.append(target)
        if target.exists() and target.stat().st_mtime > max(source.stat().st_mtime, common_time):
            continue
        kind = ["-shared"] if source == plugin else ["-c"]
        if source.parent == HERE:
            kind += ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]
        # -g writes the folder down, and nothing else depends on it.
        place = [f"-fdebug-prefix-map={ROOT}=."]
        commands.append(
            [*cc, *flags(), *place, *kind, str(source.relative_to(ROOT)), "-o", str(target.relative_to(ROOT))]
        )
    with ThreadPoolExecutor(int(os.environ.get("JOBS") or 2)) as pool:
        list(pool.map(run_compiler, commands))
    run_compiler([*cc, "-pthread", *map(str, objects), "-o", str(BUILD / "paths"), "-ldl"])


# ==== Counting ====


@dataclass(frozen=True)
class Counts:
    """One time of a path: instructions by function, and calls of the C library by name."""

    functions: Mapping[str, float]
    calls: Mapping[str, float]
    what: str = ""

    @property
    def instructions(self) -> float:
        """Of all functions."""
        return round(sum(self.functions.values()), 2)


def plain_name(name: str) -> str:
    """Without what the compiler, the linker and callgrind add: a part, a version, a level of recursion."""
    return re.sub(r"'\d+$|@.*$|\.(?:isra|constprop|part|cold)\b.*$", "", name)


def read_dump(text: str) -> tuple[Counter[str], Counter[str]]:
    """The instructions of the core's functions and their calls of the C library, from a file of callgrind's.

    `ob`, `fl` and `fn` say whose costs follow; those with a c in front, whom a call goes to; the line behind `calls` is
    what the callee took.
    """
    functions: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    now = {"ob": "", "fl": "", "fn": "", "cob": "", "cfn": ""}
    skip = False
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        ours = CORE_FILE.match(now["fl"])
        if key in now:
            now[key] = value
        elif key == "calls" and equals:
            callee = plain_name(now["cfn"])
            if ours and re.match(r"/.*/lib[cm]\.so", now["cob"]):
                name = PER_PROCESSOR_NAME if PER_PROCESSOR.match(callee) else callee
                calls[name] += int(value.split()[0])
            now["cob"] = ""
            skip = True
        elif line[:1] in "+-*0123456789" and line:
            if ours and not skip:
                functions[f"{Path(now['fl']).name}:{plain_name(now['fn'])}"] += int(line.split()[1])
            skip = False
    return functions, calls


def per_time(counts: Counter[str], times: int) -> dict[str, float]:
    """The mean of all times; whole where each was the same."""
    means = {name: round(count / times, 2) for name, count in sorted(counts.items())}
    return {name: int(mean) if mean == int(mean) else mean for name, mean in means.items() if mean}


def measure(names: list[str]) -> dict[str, Counts]:
    """Runs these paths, or all."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--tool=callgrind", "--quiet", f"--callgrind-out-file={folder}/dump"]
        options += ["--compress-strings=no", "--compress-pos=no"]
        # Of the environment nothing reaches the program, and the dynamic linker is done before anything is counted.
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "LD_BIND_NOW": "1"}
        command = ["valgrind", *options, "./paths", "./plugin.so", *names]
        done = subprocess.run(command, cwd=BUILD, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise Trouble(f"{done.stderr.rstrip()}\n{shlex.join(command)} ended with code {done.returncode}")
        dumps = {}
        for file in Path(folder).glob("dump.*"):
            text = file.read_text(encoding="utf-8", errors="replace")
            if found := re.search(r"^desc: Trigger: Client Request: (\w+)$", text, re.MULTILINE):
                dumps[found[1]] = read_dump(text)
    paths = {}
    for line in done.stdout.splitlines():
        name, times, what = line.split("\t")
        functions, calls = dumps.get(name, (Counter(), Counter()))
        if not functions:
            raise Trouble(f"valgrind told of no function of src/native in {name}; is its version too new for guard.py?")
        paths[name] = Counts(per_time(functions, int(times)), per_time(calls, int(times)), what)
    for name in names:
        if name not in paths:
            raise Trouble(f"there is no path {name}; paths.c lists them at its end")
    return paths


# ==== The baseline ====


@dataclass(frozen=True)
class Baseline:
    """What was committed."""

    reason: str
    toolchain: dict[str, str]
    paths: dict[str, Counts]


def read_baseline() -> Baseline:
    """The committed one."""
    anew = 'write it anew: make guard REASON="why"'
    name = BASELINE.relative_to(ROOT)
    try:
        data = json.loads(BASELINE.read_text(encoding="utf-8"))
        paths = {
            path: Counts(
                {function: float(count) for function, count in counts["functions"].items()},
                {callee: float(count) for callee, count in counts["calls"].items()},
            )
            for path, counts in data["paths"].items()
        }
        for path, counts in paths.items():
            if counts.instructions != data["paths"][path]["instructions"]:
                raise ValueError(f"the functions of {path} do not add up to its instructions")
        return Baseline(str(data["reason"]), dict(data["toolchain"]), paths)
    except FileNotFoundError:
        raise Trouble(f"there is no {name}; {anew}") from None
    except KeyError as error:
        raise Trouble(f"{name} is damaged: it has no {error}; take it from git again, or {anew}") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise Trouble(f"{name} is damaged: {error}; take it from git again, or {anew}") from None


def write_baseline(baseline: Baseline) -> None:
    """In a form whose differences can be read."""
    paths = {
        name: {
            "instructions": counts.instructions,
            "calls": dict(sorted(counts.calls.items())),
            "functions": dict(sorted(counts.functions.items())),
        }
        for name, counts in baseline.paths.items()
    }
    data = {"reason": baseline.reason, "toolchain": baseline.toolchain, "paths": paths}
    text = json.dumps(data, indent=1, ensure_ascii=False)
    BASELINE.write_text(text + "\n", encoding="utf-8")


def differences(baseline: dict[str, str], here: dict[str, str]) -> str:
    """What is another tool here than where the baseline was counted; empty where nothing is."""
    return "; ".join(
        f"{baseline.get(key) or 'no ' + key} there, {here.get(key) or 'no ' + key} here"
        for key in sorted({*baseline, *here})
        if baseline.get(key) != here.get(key)
    )


# ==== Comparing ====


def number(value: float) -> str:
    """1,234 or 0.25."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def changed(before: float, now: float) -> int:
    """1 where there is more than the tolerance allows, -1 where there is less, else 0."""
    return (now > before * (1 + TOLERANCE)) - (now < before * (1 - TOLERANCE))


def growth(before: Mapping[str, float], now: Mapping[str, float]) -> list[str]:
    """The five that grew most."""
    grown = [(now.get(name, 0) - before.get(name, 0), name) for name in {*before, *now}]
    return [
        f"    {name}: {number(before.get(name, 0))} -> {number(now.get(name, 0))}"
        for more, name in sorted(grown, key=lambda pair: (-pair[0], pair[1]))[:5]
        if more > 0
    ]


def slower(name: str, before: Counts, now: Counts) -> list[str]:
    """What is worse than it was, and where; empty where nothing is."""
    lines = []
    if changed(before.instructions, now.instructions) > 0:
        share = f"{(now.instructions / before.instructions - 1) * 100:+.1f} %" if before.instructions else "new"
        lines.append(
            f"{name} is slower: {number(before.instructions)} -> {number(now.instructions)} instructions ({share})"
        )
        lines += growth(before.functions, now.functions)
    more = {callee: count for callee, count in now.calls.items() if changed(before.calls.get(callee, 0), count) > 0}
    if more:
        lines.append(f"{name} calls the C library more often:")
        lines += growth({callee: before.calls.get(callee, 0) for callee in more}, more)
    return lines


def is_better(before: Counts, now: Counts) -> bool:
    """Whether something takes less than the tolerance explains."""
    fewer = any(changed(count, now.calls.get(callee, 0)) < 0 for callee, count in before.calls.items())
    return changed(before.instructions, now.instructions) < 0 or fewer


def print_table(before: Mapping[str, Counts], now: Mapping[str, Counts], functions: int) -> None:
    """One line for each path, and the functions that take most of it where they are asked for."""
    rows = [("path", "baseline", "now", "ratio", "one time is")]
    for name, counts in now.items():
        known = before.get(name)
        ratio = f"{counts.instructions / known.instructions:.3f}" if known and known.instructions else "-"
        rows.append(
            (
                name,
                number(known.instructions) if known else "-",
                number(counts.instructions),
                ratio,
                counts.what,
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        cells = (f"{row[column]:>{widths[column]}}" for column in range(1, 4))
        print(f"{row[0]:<{widths[0]}}  {'  '.join(cells)}  {row[4]}")
        if functions and row[0] in now:
            counts = now[row[0]]
            for function, count in most(counts.functions, functions):
                print(f"    {count / counts.instructions:6.1%}  {function} {number(count)}")
            calls = ", ".join(f"{callee} {number(count)}" for callee, count in most(counts.calls, functions))
            print(f"    calls: {calls or 'none'}")


def most(counts: Mapping[str, float], many: int) -> Iterable[tuple[str, float]]:
    """The largest ones first."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:many]


# ==== The command ====


def check(names: list[str], functions: int) -> int:
    """Counts and compares; the exit code."""
    baseline = read_baseline()
    if other := differences(baseline.toolchain, toolchain()):
        raise Skip(f"the baseline cannot be compared: {other}")
    build()
    now = measure(names)
    print_table(baseline.paths, now, functions)
    failed = []
    better = []
    for name, counts in now.items():
        if name not in baseline.paths:
            failed += [f"{name} has no baseline"]
            continue
        failed += slower(name, baseline.paths[name], counts)
        if is_better(baseline.paths[name], counts):
            better.append(name)
    if not names:
        failed += [f"{name} of the baseline is not a path any more" for name in baseline.paths if name not in now]
    print()
    if failed:
        print("\n".join(failed))
        print('Where it is worth it: make guard REASON="why", and commit what that writes with this reason.')
        return 1
    end = f"; better: {', '.join(better)} (take it as the baseline: make guard REASON=…)" if better else ""
    print(f"{len(now)} path{'s' if len(now) != 1 else ''} within {TOLERANCE:.0%} of the baseline{end}")
    return 0


def refresh(names: list[str], reason: str, move: bool, functions: int) -> int:
    """What is counted now is the baseline; the exit code."""
    tools = toolchain()
    known: dict[str, Counts] = {}
    if BASELINE.exists():
        try:
            old = read_baseline()
        except Trouble as trouble:
            if names:
                raise
            print(trouble)
        else:
            other = differences(old.toolchain, tools)
            if other and not (move and not names):
                raise Trouble(f"the baseline is for other tools ({other}); --move makes it one for these, of all paths")
            known = old.paths
    build()
    now = measure(names)
    print_table(known, now, functions)
    write_baseline(Baseline(reason, tools, {**known, **now} if names else now))
    print(f"\nwritten; now: git commit -m {shlex.quote(reason)} {BASELINE.relative_to(ROOT)}")
    return 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", nargs="*", help="these alone (all)")
    parser.add_argument("--functions", type=int, default=0, metavar="N", help="show the N that take most of a path")
    parser.add_argument("--refresh", action="store_true", help="take what is counted now as the baseline")
    parser.add_argument("--reason", default="", help="with --refresh: why a path may take more, or takes less")
    parser.add_argument("--move", action="store_true", help="with --refresh: from other tools to those here")
    options = parser.parse_args()
    if options.refresh != bool(options.reason.strip()):
        parser.error("--refresh and --reason belong together: say why, for whoever reads the commit")
    try:
        if options.refresh:
            return refresh(options.path, options.reason.strip(), options.move, options.functions)
        return check(options.path, options.functions)
    except Skip as skip:
        print(skip)
        return 77
    except Trouble as trouble:
        print(f"guard: {trouble}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
