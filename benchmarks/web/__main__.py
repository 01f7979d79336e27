"""Measures the web client in Chromium: `python -m benchmarks.web`, a few minutes; `--quick` is shorter.

Browser and server share the machine, and with it the clock: the plugin writes into each piece when it left, and the
page looks at it in the frame after the one in which it appeared.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from ..building import BUILD
from ..machine import commit, load, machine_facts
from .server import Server

OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")

# How long after a stamp was written the text with it was painted: a frame after the change has been drawn by then.
WATCH = r"""(selector) => {
    window.delays = [];
    const seen = new Set();
    const place = document.querySelector(selector);
    new MutationObserver(() => {
        const stamps = [...place.textContent.slice(-5000).matchAll(/@(\d+\.\d+)/g)].map((match) => match[1]);
        const fresh = stamps.filter((stamp) => !seen.has(stamp));
        fresh.forEach((stamp) => seen.add(stamp));
        if (fresh.length) requestAnimationFrame(() => setTimeout(() => {
            const now = performance.timeOrigin + performance.now();
            fresh.forEach((stamp) => window.delays.push(now - Number(stamp)));
        }));
    }).observe(place, { childList: true, subtree: true, characterData: true });
}"""
PAINTED = """(text) => new Promise((done) => {
    const look = () => document.querySelector(".scroller").textContent.includes(text)
        ? requestAnimationFrame(() => setTimeout(() => done(performance.timeOrigin + performance.now())))
        : requestAnimationFrame(look);
    look();
})"""


def open_pages(browser: Browser, server: Server, contact: str, count: int) -> list[Page]:
    """Pages that show a contact, each in a window of its own."""
    pages = []
    for _ in range(count):
        page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        page.goto(f"{server.link}&contact={contact}")
        page.locator(".composer:not(.is-off)").wait_for()
        pages.append(page)
    return pages


def close_pages(pages: list[Page]) -> None:
    """Closes them with their windows."""
    for page in pages:
        page.context.close()


def say(page: Page, text: str) -> None:
    """Sends a message."""
    page.locator(".composer textarea").fill(text)
    page.keyboard.press("Enter")


def burst(browser: Browser, server: Server, clients: int, tokens: int) -> dict[str, float]:
    """A stream as fast as the plugin can, shown by several pages."""
    contact = server.contact()
    before = server.memory_kib
    pages = open_pages(browser, server, contact, clients)
    memory = (server.memory_kib - before) / clients
    cpu, begin = server.cpu_seconds, pages[0].evaluate("performance.timeOrigin + performance.now()")
    say(pages[0], f"burst {tokens}")
    end = max(page.evaluate(PAINTED, f"word{tokens - 1}") for page in pages)
    used = server.cpu_seconds - cpu
    close_pages(pages)
    return {
        "clients": clients,
        "tokens_per_second": tokens / (end - begin) * 1000,
        "server_cpu_us_per_token": used / tokens * 1e6,
        "server_kib_per_page": memory,
    }


def delays(
    browser: Browser, server: Server, clients: int, count: int, length: int = 0, kind: str = "text"
) -> dict[str, float]:
    """From a plugin's chunk to the painted text, 20 chunks a second, behind a block of so many characters."""
    pages = open_pages(browser, server, server.contact(), clients)
    for page in pages:
        page.evaluate(WATCH, ".scroller")
    cpu = server.cpu_seconds
    say(pages[0], f"timed {count} 0.05 {length} {kind}")
    found = _collect(pages, count)
    return {
        "clients": clients,
        "characters": length,
        **found,
        "server_cpu_ms": (server.cpu_seconds - cpu) / count * 1000,
    }


def drawing(browser: Browser, server: Server, word: str, widgets: int, count: int) -> dict[str, float]:
    """From a plugin's wish to be drawn anew to the painted widget, 10 times a second."""
    pages = open_pages(browser, server, server.contact(), 1)
    say(pages[0], f"draw {widgets} 1 0")
    pages[0].wait_for_function(
        "(count) => document.querySelectorAll('.settings-tree [data-widget]').length >= count", arg=widgets + 1
    )
    pages[0].evaluate(WATCH, ".settings-tree")
    cpu = server.cpu_seconds
    say(pages[0], f"{word} {widgets} {count} 0.1")
    pages[0].locator(".message.by-plugin", has_text="drawn").nth(1).wait_for()
    used = server.cpu_seconds - cpu
    # A wish that comes while another is fulfilled is fulfilled with the next: there are fewer frames than wishes.
    painted = pages[0].evaluate("window.delays.length")
    return {
        "widgets": widgets,
        "painted_of_wished": painted / count,
        **_collect(pages, 3),
        "server_cpu_ms_per_frame": used / count * 1000,
    }


def _collect(pages: list[Page], count: int) -> dict[str, float]:
    found: list[float] = []
    for page in pages:
        page.wait_for_function("(count) => window.delays.length >= count", arg=count, timeout=120_000)
        found += page.evaluate("window.delays")
    close_pages(pages)
    return {"median_ms": statistics.median(found), "p99_ms": statistics.quantiles(found, n=100)[98]}


def show(title: str, rows: list[dict[str, float]]) -> None:
    """Prints a table."""
    print(f"\n{title}")
    print("  " + "  ".join(f"{name:>24}" for name in rows[0]))
    for row in rows:
        print("  " + "  ".join(f"{value:24.4g}" if value < 1000 else f"{value:24.0f}" for value in row.values()))


def main() -> None:
    """Measures all of it."""
    parser = argparse.ArgumentParser(prog="benchmarks.web", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer pieces and fewer sizes")
    parser.add_argument("--only", default="", help="the name of a part, or how it begins")
    parser.add_argument("--output", type=Path, default=BUILD / "web.json", help="where the results are written")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("there is no Chromium here: apt-get install chromium")
    tokens, count, clients = (5_000, 60, [1, 2]) if options.quick else (20_000, 200, [1, 2, 4, 8])
    results: dict[str, Any] = {"commit": commit(), "machine": machine_facts(), "load_before": load()}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, Server(Path(folder)) as server:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        close_pages(open_pages(browser, server, server.contact(), 1))  # what is loaded once is not measured
        parts: list[tuple[str, str, Callable[[int], dict[str, float]], list[int]]] = [
            ("burst", "a stream as fast as it can", lambda n: burst(browser, server, n, tokens), clients),
            ("delay", "20 chunks a second: to the painted text", lambda n: delays(browser, server, n, count), clients),
            *(
                (
                    f"delay_{kind}",
                    f"the same, behind a long block of {kind}",
                    lambda n, kind=kind: delays(browser, server, 1, count, n, kind),
                    [1_000, 10_000, 100_000],
                )
                for kind in ("text", "list", "code")
            ),
            *(
                (name, title, lambda n, word=word: drawing(browser, server, word, n, count // 2), [10, 100, 500])
                for name, word, title in (
                    ("drawing", "draw", "settings drawn anew 10 times a second: to the painted widget"),
                    ("shifting", "shift", "the same, and one widget more or less each time"),
                )
            ),
        ]
        for name, title, measure, sizes in parts:
            if not name.startswith(options.only):
                continue
            results[name] = [measure(size) for size in sizes]
            show(title, results[name])
        browser.close()
    results["load_after"] = load()
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(results, indent=2) + "\n")
    print(f"\n{options.output}; load {results['load_before']} before, {results['load_after']} after")


if __name__ == "__main__":
    main()
