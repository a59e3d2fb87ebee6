"""Dirty ledgers by the thousand: each is taken in exactly, or refused by name, or the drill ends with 1.

`python tests/drill_intake.py --examples 10000` prints progress and, for every trap, the share of files
taken and of projects read exactly right. Of the first workbook that fails it makes the smallest that
still does, and prints where it lies and which cells differ.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

# Started as a script, Python looks for modules beside this file only.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent / "intake"))

from dirty import CITY, PERIOD, TRAPS, Recipe, made, smallest
from judging import Difference, Verdict, judged

from saima import reference, store
from saima.intake.report import EVERYTHING, take_in
from saima.reference import Reference

MOST_PROJECTS, MOST_TRAPS = 8, 5
CAPTURED_AT = datetime(2024, 10, 8, tzinfo=UTC)


@dataclass
class Tally:
    """What came of the workbooks with one trap."""

    files: int = 0
    taken: int = 0
    failed: int = 0
    projects: int = 0
    exact: int = 0

    def add(self, verdict: Verdict) -> None:
        """Count one more workbook."""
        self.files += 1
        self.taken += verdict.is_taken
        self.failed += bool(verdict.differences)
        self.projects += verdict.projects
        self.exact += verdict.exact

    def __str__(self) -> str:
        taken = f"{100 * self.taken / self.files:5.1f}% taken"
        exact = f"{100 * self.exact / self.projects:5.1f}% rows exact" if self.projects else " " * 17
        return f"{self.files:6} files  {taken}  {exact}  {self.failed:5} failed"


@dataclass
class Drill:
    """A folder, the office's reference, and what was seen so far."""

    folder: Path
    known: Reference
    tallies: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    alone: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    kinds: Counter[str] = field(default_factory=Counter)
    failed: list[Recipe] = field(default_factory=list)

    def verdict(self, recipe: Recipe) -> Verdict:
        """Make the workbook, take it in with a commit of its own, and compare."""
        whole = made(recipe)
        path = whole.write(self.folder)
        with tempfile.TemporaryDirectory() as snapshots:
            os.environ["SAIMA_SNAPSHOTS"] = snapshots
            try:
                report = take_in(
                    path,
                    city=CITY,
                    period=PERIOD,
                    area_id=whole.area_id,
                    reference=self.known,
                    captured_at=CAPTURED_AT,
                    commit=True,
                )
            except Exception as error:
                crash = Difference("crash", whole.grids[0].name, found=f"{type(error).__name__}: {error}")
                return Verdict((crash,), False, len(whole.expected), 0)
            revisions = store.revisions("projects", CITY, EVERYTHING)
            stored = pl.read_parquet(revisions[0].path) if revisions else report.rows
            assert (report.exit_code == 0) == bool(revisions)
            return judged(whole, report.plain(), stored.to_dicts())

    def look(self, recipe: Recipe) -> None:
        """Add one workbook to what was seen."""
        verdict = self.verdict(recipe)
        for trap in recipe.active or {"clean"}:
            self.tallies[trap].add(verdict)
        if len(recipe.active) <= 1:
            self.alone[next(iter(recipe.active), "clean")].add(verdict)
        self.tallies["all"].add(verdict)
        if verdict.differences:
            self.failed.append(recipe)
            self.kinds[verdict.differences[0].kind] += 1


def recipe_of(seed: int) -> Recipe:
    """The recipe of that number: one trap in two of five, up to MOST_TRAPS in the others."""
    draws = random.Random(seed)
    traps = 1 if draws.random() < 0.4 else draws.randint(2, MOST_TRAPS)
    return Recipe(seed, draws.randint(1, MOST_PROJECTS), frozenset(draws.sample(list(TRAPS), traps)))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="seed of the first workbook")
    parser.add_argument("--keep", type=Path, default=Path("artifacts/drill_intake"))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SAIMA_REFERENCE"] = str(Path(folder) / "office")
        drill = Drill(Path(folder), reference.load())
        start = time.monotonic()
        for number in range(chosen.examples):
            drill.look(recipe_of(chosen.first + number))
            if (number + 1) % 500 == 0:
                seconds = time.monotonic() - start
                print(f"{number + 1:6} workbooks, {len(drill.failed)} failed, {seconds:.0f} s", flush=True)
        for title, tallies in (("by trap, alone", drill.alone), ("by trap, with others", drill.tallies)):
            print(title)
            for trap, tally in sorted(tallies.items(), key=lambda item: item[1].taken / item[1].files):
                print(f"  {trap:28} {tally}")
        if not drill.failed:
            return 0
        print("failed by the worst difference:", dict(drill.kinds.most_common()))
        show(drill, drill.failed[0], chosen.keep)
        return 1


def show(drill: Drill, first: Recipe, keep: Path) -> None:
    """The smallest workbook that fails as the first one did, and its differences."""
    kind = drill.verdict(first).differences[0].kind
    recipe = smallest(first, lambda one: any(item.kind == kind for item in drill.verdict(one).differences))
    keep.mkdir(parents=True, exist_ok=True)
    print(f"first failure: {first}\nsmallest: {recipe}\nworkbook: {made(recipe).write(keep).resolve()}")
    for difference in drill.verdict(recipe).differences:
        print(f"  {difference}")


if __name__ == "__main__":
    sys.exit(main())
