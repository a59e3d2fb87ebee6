"""`make bench`: each page of the dashboard beside the floor, a bare app with the same screens.

A click is a change of the period. Warm clicks go to and fro between two periods, app and floor by turns;
first clicks walk back through periods that a fresh server has not been asked for.
"""

import hashlib
import os
import pickle
import platform
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser

from benchmarks.reader import Reader, chromium
from benchmarks.results import Clicks, Results, table, write
from benchmarks.screens import Screen, figures_in, options_of, record
from benchmarks.servers import ROOT, Server, serving
from saima import demo, reference
from saima.wording import period_text

CITY = "210100"

PERIODS = ("2024-12", "2024-11")

REPETITIONS = 16

FIRST_REPETITIONS = 8
"""Periods of one year: in another a page may have other figures."""

COLD_REPETITIONS = 7
"""Starting a process costs seconds each time."""

CACHE = ROOT / "artifacts" / "cache"

REPORT = ROOT / "artifacts" / "bench.json"

APP = ROOT / "app.py"

FLOOR = ROOT / "benchmarks" / "floor" / "app.py"


@dataclass(frozen=True)
class Page:
    """A page with figures: its path in the address, and a screen for each of the two periods."""

    path: str
    title: str
    screens: dict[str, Screen]

    @property
    def figures(self) -> int:
        """How many figures it shows."""
        return figures_in(self.screens[PERIODS[0]])


@dataclass(frozen=True)
class Bench:
    """What every measurement needs."""

    browser: Browser
    folder: Path
    pages: list[Page]

    def app(self) -> AbstractContextManager[Server]:
        """The dashboard on a fresh server."""
        return serving(APP, {}, self.folder / "app.log")

    def floor(self) -> AbstractContextManager[Server]:
        """The floor on a fresh server."""
        screens = {"SAIMA_FLOOR": str(self.folder / "floor.pickle")}
        return serving(FLOOR, screens, self.folder / "floor.log")

    def warm(self, page: Page, app: Server, floor: Server) -> tuple[list[float], list[float]]:
        """Milliseconds of clicks to and fro, of the app and of the floor."""
        labels = [period_text(period) for period in PERIODS]
        taken: tuple[list[float], list[float]] = ([], [])
        readers = [Reader(self.browser, server.address) for server in (app, floor)]
        for reader in readers:
            reader.open(page.path, page.figures, city=CITY)
        for turn in range(2 + REPETITIONS):
            for reader, times in zip(readers, taken, strict=True):
                times.append(reader.choose("period", labels[(turn + 1) % 2], page.figures))
        for reader in readers:
            reader.close()
        return taken[0][2:], taken[1][2:]

    def first(self, page: Page) -> list[float]:
        """Milliseconds of clicks on periods that a fresh server has not been asked for."""
        labels = options_of(page.screens[PERIODS[0]], "period")[1 : 1 + FIRST_REPETITIONS]
        with self.app() as app:
            reader = Reader(self.browser, app.address)
            reader.open(page.path, page.figures, city=CITY)
            taken = [reader.choose("period", label, page.figures) for label in labels]
            reader.close()
        return taken

    def cold(self) -> tuple[list[float], list[float]]:
        """Milliseconds from starting a server to the last figure of its first page, of app and floor."""
        page = self.pages[0]
        taken: tuple[list[float], list[float]] = ([], [])
        for _ in range(COLD_REPETITIONS):
            for start, times in zip((self.app, self.floor), taken, strict=True):
                with start() as server:
                    reader = Reader(self.browser, server.address)
                    times.append(1000 * (reader.open(page.path, page.figures) - server.started))
                    reader.close()
        return taken

    def memory(self, server: Server) -> int:
        """Bytes that a server holds once every page of every city has been opened."""
        reader = Reader(self.browser, server.address)
        for city in reference.load().cities:
            for page in self.pages:
                reader.open(page.path, None, city=city)
        reader.close()
        return server.memory()


def main() -> None:
    """Measure everything, print the table, write the JSON."""
    folder = _ledgers()
    with chromium() as browser:
        bench = Bench(browser, folder, list(_recorded(folder)))
        _tell("冷启动")
        cold_app, cold_floor = bench.cold()
        clicks = []
        with bench.app() as app, bench.floor() as floor:
            for page in bench.pages:
                _tell(f"点击：{page.title}")
                warm_app, warm_floor = bench.warm(page, app, floor)
                clicks.append(Clicks(page.title, page.figures, warm_app, warm_floor, bench.first(page)))
                _tell(f"中位数（毫秒）：应用{median(warm_app):.0f}，底线{median(warm_floor):.0f}")
            _tell("内存")
            memory_app, memory_floor = bench.memory(app), bench.memory(floor)
        results = Results(_machine(browser), clicks, cold_app, cold_floor, memory_app, memory_floor)
    print(table(results))
    write(results, REPORT)


def _ledgers() -> Path:
    """The folder of the demonstration ledgers as these sources make them, built when there is none."""
    sources = sorted([*(ROOT / "saima" / "demo").glob("*.py"), *(ROOT / "data" / "reference").rglob("*.*")])
    content = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    folder = CACHE / f"bench-{content[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["SAIMA_SNAPSHOTS"] = str(folder / "snapshots")
    os.environ["SAIMA_REFERENCE"] = str(folder / "office")
    if demo.is_needed(reference.load()):
        _tell("生成示例台账")
        demo.build(reference.load())
    return folder


def _recorded(folder: Path) -> Iterator[Page]:
    """The pages with figures, in the order of the navigation; their screens are put down for the floor."""
    _tell("记录各页")
    sections, screens = record(APP, CITY, PERIODS)
    drawn = {path: variants for path, variants in screens.items() if all(map(figures_in, variants.values()))}
    labelled = {
        path: {period_text(period): screen for period, screen in variants.items()}
        for path, variants in drawn.items()
    }
    (folder / "floor.pickle").write_bytes(pickle.dumps((sections, labelled)))
    for pages in sections.values():
        for title, path in pages:
            if path in drawn:
                yield Page(path, title, drawn[path])


def _machine(browser: Browser) -> dict[str, Any]:
    """What the figures depend on beside the program."""
    return {
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "chromium": browser.version,
        **{name: version(name) for name in ("streamlit", "plotly", "polars", "duckdb")},
    }


def _tell(text: str) -> None:
    print(f"{text}……", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
