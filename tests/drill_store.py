"""Kill a writing process at many instants and look at what it leaves behind.

`python tests/drill_store.py --kills 200` prints a summary and ends with 1 if anything was wrong.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import polars as pl

# Started as a script, Python looks for modules beside this file only.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from saima import store

CITY = "210100"
PERIODS = ("2024-01", "2024-02", "2024-03")
AREAS = ("210102", "210103", "210104")
ROWS = 300
CAPTURED_AT = datetime(2024, 4, 8, tzinfo=UTC)


def filing(area_id: str, mark: int) -> store.Filing:
    """An area's filing whose rows all carry the same number, so that a mixture shows."""
    rows = pl.DataFrame(
        {
            "project_id": [f"{area_id}-{place}" for place in range(ROWS)],
            "area_id": [area_id] * ROWS,
            "name": [f"项目{mark}"] * ROWS,
            "source_row": pl.Series([mark] * ROWS, dtype=pl.Int64),
        }
    )
    return store.Filing(area_id, rows, f"{mark}.xlsx", "", "", {}, ROWS, ROWS, 0, [], "张三", "")


def die_at(operation: int, snapshots: str) -> None:
    """Kill this process just before its n-th operation on a file of the snapshots."""
    operations = count(1)

    def kill(event: str, arguments: tuple[object, ...]) -> None:
        if (
            event in ("open", "os.mkdir", "os.rename", "os.remove")
            and str(arguments[0]).startswith(snapshots)
            and next(operations) == operation
        ):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(kill)


def write(seed: int, commits: int | None) -> None:
    """Commit filings (endlessly with `commits` None), and say each revision once it stands."""
    draws = random.Random(seed)
    print("ready", flush=True)
    sys.stdin.readline()
    for mark in count() if commits is None else range(commits):
        area_id, period = draws.choice(AREAS), draws.choice(PERIODS)
        revision = store.commit(
            "projects", CITY, period, [filing(area_id, seed * 100_000 + mark)], captured_at=CAPTURED_AT
        )
        print(revision.id, flush=True)


class Writer:
    """A writer in a process of its own. It finishes its imports and waits for `go`."""

    def __init__(
        self, snapshots: Path, seed: int, *, commits: int | None = None, dies_at: int | None = None
    ) -> None:
        command = [sys.executable, "-m", "tests.drill_store", "--write", str(seed)]
        for option, number in (("--commits", commits), ("--die-at", dies_at)):
            command += [] if number is None else [option, str(number)]
        self.process = subprocess.Popen(
            command,
            cwd=store.ROOT,
            env={**os.environ, "SAIMA_SNAPSHOTS": str(snapshots), "POLARS_MAX_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def go(self) -> None:
        """Let it write, once it is ready."""
        assert self.process.stdin
        assert self.process.stdout
        assert self.process.stdout.readline() == "ready\n"
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def end(self) -> list[str]:
        """Wait for its end; the revisions that it said stand."""
        said, _ = self.process.communicate()
        # A line cut in the middle by a kill says nothing.
        return [line.strip() for line in said.splitlines(keepends=True) if line.endswith("\n")]


class Witness:
    """Looks at a snapshot folder again and again, and remembers what may never change."""

    def __init__(self, snapshots: Path) -> None:
        self.snapshots = snapshots
        self.checksums: dict[str, str] = {}
        self.orphans: set[str] = set()
        self.seen = Counter[str]()

    def look(self, acknowledged: list[str]) -> None:
        """Raises AssertionError for a lost, changed, mixed or unreadable revision."""
        for damage in store.damages():
            assert "写入中断" in damage.sentence, damage
            if damage.path not in self.orphans:
                self.seen["Parquet files left without a sidecar"] += 1
            self.orphans.add(damage.path)
        self.seen["part files left, removed by the next commit"] += len(list(self.snapshots.rglob("*.part")))
        sidecars = list(self.snapshots.rglob("r*.json"))
        standing = {
            revision.id: revision
            for revision in (store._sidecar(path) for path in sidecars)
            if isinstance(revision, store.Revision)
        }
        assert len(standing) == len(sidecars)
        assert standing.keys() >= {*acknowledged, *self.checksums}
        for name in standing.keys() & self.checksums.keys():
            assert standing[name].sha256 == self.checksums[name], f"{name} was rewritten"
        for name in standing.keys() - self.checksums.keys():
            self._look_inside(standing[name])
            self.checksums[name] = standing[name].sha256
        for revision in store.revisions("projects", CITY, datetime.now(UTC)):
            numbers = [r.number for r in standing.values() if r.period == revision.period]
            assert revision.number == max(numbers)

    def _look_inside(self, revision: store.Revision) -> None:
        rows = pl.read_parquet(revision.path)
        assert rows.height == revision.rows == ROWS * len(revision.areas)
        for area_id, filing_id in revision.areas.items():
            marks = rows.filter(pl.col("area_id") == area_id).select("filing_id", "source_row").unique()
            assert marks["filing_id"].to_list() == [filing_id]

    def recover(self) -> None:
        """The next commit finds the lock free, clears up, and is in force."""
        revision = store.commit("projects", CITY, PERIODS[0], [filing(AREAS[0], 1)], captured_at=CAPTURED_AT)
        assert revision.id not in self.checksums
        assert not list(self.snapshots.rglob("*.part"))


def drill(snapshots: Path, kills: int, seed: int = 20240408) -> Witness:
    """Kill `kills` writers, each at an instant of its own, and look after each."""
    draws = random.Random(seed)
    witness = Witness(snapshots)
    for number in range(kills):
        writer = Writer(snapshots, number)
        writer.go()
        time.sleep(draws.uniform(0, 0.08))
        writer.process.kill()
        acknowledged = writer.end()
        witness.look(acknowledged)
        witness.seen["killed after a commit" if acknowledged else "killed before the first commit stood"] += 1
        witness.recover()
    return witness


def sweep(snapshots: Path) -> Witness:
    """Kill a writer before each file operation of a commit in turn, until one comes through."""
    witness = Witness(snapshots)
    for operation in count(1):
        writer = Writer(snapshots, operation, commits=1, dies_at=operation)
        writer.go()
        acknowledged = writer.end()
        witness.look(acknowledged)
        if acknowledged:
            return witness
        assert writer.process.returncode == -signal.SIGKILL
        witness.seen["killed before a file operation"] += 1
        witness.recover()
    raise AssertionError


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--write", type=int)
    parser.add_argument("--commits", type=int)
    parser.add_argument("--die-at", type=int)
    chosen = parser.parse_args()
    if chosen.write is not None:
        if chosen.die_at is not None:
            die_at(chosen.die_at, str(store.snapshots_folder()))
        write(chosen.write, chosen.commits)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SAIMA_SNAPSHOTS"] = folder
        witness = drill(Path(folder).resolve(), chosen.kills)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SAIMA_SNAPSHOTS"] = folder
        swept = sweep(Path(folder).resolve())
    print(f"{chosen.kills} writers killed, {len(witness.checksums)} revisions stand, all whole and unchanged")
    for what, times in sorted((witness.seen + swept.seen).items()):
        print(f"{times:6} {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
