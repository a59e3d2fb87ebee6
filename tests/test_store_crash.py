"""Writers that die, and writers that meet: real processes, real files."""

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from saima import store
from tests.drill_store import AREAS, CITY, PERIODS, ROWS, Writer, drill, sweep

LATER = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def snapshots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAIMA_SNAPSHOTS", str(tmp_path))
    return tmp_path


def test_a_writer_killed_before_any_of_its_file_operations_leaves_only_whole_revisions(
    snapshots: Path,
) -> None:
    witness = sweep(snapshots)
    assert witness.seen["killed before a file operation"] >= 6
    assert witness.seen["Parquet files left without a sidecar"] >= 1
    assert witness.seen["part files left, removed by the next commit"] >= 2


def test_writers_killed_at_any_instant_leave_only_whole_revisions(snapshots: Path) -> None:
    witness = drill(snapshots, kills=4)
    assert len(witness.checksums) >= 3


def test_two_processes_that_write_at_once_both_survive(snapshots: Path) -> None:
    writers = [Writer(snapshots, seed, commits=20) for seed in (1, 2)]
    for writer in writers:
        writer.go()
    acknowledged = [name for writer in writers for name in writer.end()]
    assert [writer.process.returncode for writer in writers] == [0, 0]
    assert len(set(acknowledged)) == len(acknowledged) == 40
    assert store.damages() == []

    # In each period, each area shows the last filing that any of the two made for it.
    for period in PERIODS:
        sidecars = sorted((snapshots / "projects" / f"city={CITY}" / f"period={period}").glob("*.json"))
        assert [path.stem for path in sidecars] == [f"r{n:04}" for n in range(1, len(sidecars) + 1)]
        newest: dict[str, str] = {}
        for path in sidecars:
            arrived = json.loads(path.read_text())
            for filing in arrived["filings"]:
                if f"-{path.stem}-" in filing["filing_id"]:
                    newest[filing["area_id"]] = filing["filing_id"]
            assert arrived["areas"] == newest
    in_force = store.revisions("projects", CITY, LATER)
    assert {area for revision in in_force for area in revision.areas} <= set(AREAS)
    for revision in in_force:
        assert pl.read_parquet(revision.path).height == ROWS * len(revision.areas)
