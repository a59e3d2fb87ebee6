"""The store: revisions, two clocks, filings composed, damaged files, and named queries."""

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saima import store
from saima.ledgers import LEDGERS, MONEY, PROJECTS
from saima.store import Filing, Revision, StoreError

CITY = "210100"
HEPING, SHENHE, DADONG = "210102", "210103", "210104"
FEB = datetime(2024, 2, 8, tzinfo=UTC)
MAR = datetime(2024, 3, 8, tzinfo=UTC)
APR = datetime(2024, 4, 8, tzinfo=UTC)
LATER = datetime(2030, 1, 1, tzinfo=UTC)

ROWS = """\
-- rows_by_project: the rows of the ledger as they are bound.
-- Grain:   one row per (period, project_id).
-- Reads:   projects.
-- Params:  none of its own.
-- Returns: period text, filed_period text, revision bigint, city text, project_id text,
--          area_id text, investment_total decimal.
select period, filed_period, revision, city, project_id, area_id, investment_total
from projects
order by period, project_id
"""

CHOSEN = """\
-- chosen_projects: projects within a scope.
-- Grain:   one row per (period, project_id).
-- Reads:   projects.
-- Params:  $areas (text[] or null), $investment_from (decimal or null), $started_from (date or null).
-- Returns: period text, project_id text, area_id text, investment_total decimal.
select period, project_id, area_id, investment_total
from projects
where
    ($areas is null or list_contains($areas, area_id))
    and ($investment_from is null or investment_total >= $investment_from)
    and ($started_from is null or started_on >= $started_from)
"""

SUMS = """\
-- sums_by_area: how many projects there are in each area, and how large they are.
-- Grain:   one row per (period, area_id).
-- Reads:   chosen_projects.
-- Params:  $periods (text[]).
-- Returns: period text, area_id text, projects bigint, investment_total decimal.
-- A remark may follow, and mention $nothing (text).
with kept as (
    select * from chosen_projects where list_contains($periods, period)
)

select period, area_id, count(*) as projects, sum(investment_total) as investment_total
from kept
group by period, area_id
order by period, area_id
"""

DATES = """\
-- dates_by_project: the event dates of each project.
-- Grain:   one row per (period, project_id).
-- Reads:   projects.
-- Params:  none of its own.
-- Returns: period text, project_id text, stage_filed text, planned_on date, started_on date,
--          started_on_precision text, completed_on date, exited_on date.
select period, project_id, stage_filed, planned_on, started_on, started_on_precision, completed_on, exited_on
from projects
order by period, project_id
"""


@pytest.fixture
def snapshots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "snapshots"
    monkeypatch.setenv("SAIMA_SNAPSHOTS", str(folder))
    monkeypatch.setattr(store, "_answers", store._Answers())
    queries = tmp_path / "queries"
    queries.mkdir()
    for text in (ROWS, CHOSEN, SUMS, DATES):
        (queries / f"{text[3 : text.index(':')]}.sql").write_text(text)
    monkeypatch.setattr(store, "QUERIES", queries)
    return folder


def projects(area_id: str, **amounts: float | None) -> pl.DataFrame:
    """Rows of one area: project_id → total investment in 万元."""
    return pl.DataFrame(
        {
            "project_id": list(amounts),
            "area_id": [area_id] * len(amounts),
            "investment_total": [
                None if value is None else Decimal(str(value)) for value in amounts.values()
            ],
        },
        schema={"project_id": pl.String, "area_id": pl.String, "investment_total": MONEY},
    )


def filed(area_id: str | None, *rows: pl.DataFrame, **described: Any) -> Filing:
    """A filing of these rows, by an area or (None) for the whole city."""
    frame = pl.concat(rows) if rows else projects(HEPING)
    filing = Filing(
        area_id, frame, "台账.xlsx", "ab" * 32, "项目", {}, frame.height, frame.height, 0, [], "张三", ""
    )
    return replace(filing, **described)


def commit(period: str, *filings: Filing, at: datetime = FEB, **stated: Any) -> Revision:
    return store.commit("projects", CITY, period, filings, captured_at=at, **stated)


def ask(
    name: str, *asked: str, as_of: datetime = LATER, unfiled: str = "carry", **scope: Any
) -> pl.DataFrame:
    return store.run_query(name, as_of=as_of, city=CITY, periods=asked, unfiled=unfiled, **scope)


def shown(*asked: str, **scope: Any) -> list[tuple[Any, ...]]:
    """(period, filed_period, project_id, 万元) of the rows bound for the periods."""
    rows = ask("rows_by_project", *asked, **scope)
    return rows.select(
        "period", "filed_period", "project_id", pl.col("investment_total").cast(pl.Float64)
    ).rows()


# One revision after another


def test_a_commit_is_a_parquet_file_and_a_sidecar_that_describes_it(snapshots: Path) -> None:
    filing = filed(
        None,
        projects(SHENHE, p3=1),
        projects(HEPING, p2=5, p1=2.5),
        mapping={"name": "项目名"},
        warnings=[{"row": 3, "value": Decimal("1.50")}],
        note="二月",
        is_demonstration=True,
    )
    revision = commit("2024-01", filing)
    folder = snapshots / "projects" / "city=210100" / "period=2024-01"
    assert sorted(path.name for path in folder.iterdir()) == ["r0001.json", "r0001.parquet"]
    assert revision.id == "projects/210100/2024-01/r0001"
    assert revision.path == folder / "r0001.parquet"
    assert revision.is_demonstration
    assert not revision.is_backfill

    stored = pl.read_parquet(revision.path)
    assert stored.schema == PROJECTS.schema
    assert stored["project_id"].to_list() == ["p1", "p2", "p3"]
    assert set(stored["filing_id"]) == {"projects-210100-2024-01-r0001-1"}

    sidecar = json.loads((folder / "r0001.json").read_text())
    assert sidecar["rows"] == 3
    assert sidecar["bytes"] == revision.path.stat().st_size
    assert sidecar["areas"] == dict.fromkeys([HEPING, SHENHE], "projects-210100-2024-01-r0001-1")
    assert sidecar["columns"]["investment_total"] == "decimal(18,4)"
    (kept,) = sidecar["filings"]
    assert kept["source"] == "台账.xlsx"
    assert kept["source_sha256"] == "ab" * 32
    assert kept["mapping"] == {"name": "项目名"}
    assert kept["warnings"] == [{"row": 3, "value": "1.50"}]
    assert (kept["who"], kept["note"], kept["sheet"]) == ("张三", "二月", "项目")
    assert store.revisions("projects", CITY, LATER) == [revision]


def test_every_question_is_asked_as_of_an_instant(snapshots: Path) -> None:
    commit("2024-01", filed(None, projects(HEPING, p1=1)), at=FEB)
    commit("2024-01", filed(None, projects(HEPING, p1=2)), at=MAR)
    before, between = FEB - timedelta(microseconds=1), MAR - timedelta(microseconds=1)
    assert shown("2024-01", as_of=before) == []
    assert shown("2024-01", as_of=FEB) == shown("2024-01", as_of=between) == [("2024-01", "2024-01", "p1", 1)]
    assert shown("2024-01", as_of=MAR) == [("2024-01", "2024-01", "p1", 2)]
    assert store.periods(CITY, before) == []
    assert [revision.number for revision in store.revisions("projects", CITY, between)] == [1]
    assert [revision.number for revision in store.revisions("projects", CITY, LATER)] == [2]


def test_a_clock_that_went_back_takes_the_predecessor_plus_a_millisecond(snapshots: Path) -> None:
    commit("2024-01", filed(None, projects(HEPING, p1=1)), at=MAR)
    second = commit("2024-01", filed(None, projects(HEPING, p1=2)), at=FEB)
    assert second.captured_at == MAR + timedelta(milliseconds=1)
    assert second.supersedes == "projects/210100/2024-01/r0001"
    assert shown("2024-01", as_of=MAR) == [("2024-01", "2024-01", "p1", 1)]
    elsewhere = commit("2023-12", filed(None, projects(HEPING, p1=2)), at=FEB)
    assert elsewhere.captured_at == FEB


def test_a_stated_instant_is_a_backfill_and_names_who_stated_it(snapshots: Path) -> None:
    commit("2023-01", filed(None, projects(HEPING, p1=1)), stated_by="李四")
    (revision,) = store.revisions("projects", CITY, LATER)
    assert (revision.is_backfill, revision.stated_by) == (True, "李四")
    assert json.loads(revision.path.with_suffix(".json").read_text())["is_backfill"] is True


# Filings composed


def test_an_area_filing_replaces_that_areas_rows_only(snapshots: Path) -> None:
    commit("2024-01", filed(None, projects(HEPING, p1=1, p2=1), projects(SHENHE, p3=1)))
    revision = commit("2024-01", filed(HEPING, projects(HEPING, p2=2, p4=2)))
    assert [row[2:] for row in shown("2024-01")] == [("p2", 2), ("p3", 1), ("p4", 2)]
    assert revision.areas == {
        HEPING: "projects-210100-2024-01-r0002-1",
        SHENHE: "projects-210100-2024-01-r0001-1",
    }
    assert [filing["area_id"] for filing in revision.filings] == [None, HEPING]
    assert revision.filing(HEPING)["supersedes"] == ["projects-210100-2024-01-r0001-1"]
    assert revision.filing(HEPING)["captured_at"] == FEB.isoformat()


def test_a_whole_city_filing_replaces_every_row(snapshots: Path) -> None:
    commit("2024-01", filed(HEPING, projects(HEPING, p1=1)), filed(SHENHE, projects(SHENHE, p2=1)))
    revision = commit("2024-01", filed(None, projects(HEPING, p5=3)))
    assert [row[2:] for row in shown("2024-01")] == [("p5", 3)]
    assert revision.areas == {HEPING: "projects-210100-2024-01-r0002-1"}
    assert len(revision.filings) == 1


def test_of_several_filings_in_one_commit_each_replaces_what_stood_before_it(snapshots: Path) -> None:
    revision = commit(
        "2024-01",
        filed(SHENHE, projects(SHENHE, p1=1)),
        filed(None, projects(HEPING, p2=2), projects(DADONG, p3=2)),
        filed(HEPING, projects(HEPING, p2=3, p4=3)),
    )
    assert [row[2:] for row in shown("2024-01")] == [("p2", 3), ("p3", 2), ("p4", 3)]
    assert revision.areas == {
        HEPING: "projects-210100-2024-01-r0001-3",
        DADONG: "projects-210100-2024-01-r0001-2",
    }


def test_rows_that_come_in_the_ledgers_very_columns_bear_their_own_filing(snapshots: Path) -> None:
    revision = commit("2024-01", filed(None, projects(HEPING, p1=1), projects(SHENHE, p2=1)))
    rows = store.revision_rows(revision).with_columns(
        pl.when(pl.col("project_id") == "p1").then("area_id").alias("area_id")
    )
    again = commit("2024-01", filed(None, rows))
    assert store.revision_rows(again).select("project_id", "area_id", "filing_id").rows() == [
        ("p2", "210100-unassigned", "projects-210100-2024-01-r0002-1"),
        ("p1", HEPING, "projects-210100-2024-01-r0002-1"),
    ]


def test_a_superseded_filing_leaves_the_sidecar_and_stays_in_the_older_one(snapshots: Path) -> None:
    first = commit("2024-01", filed(HEPING, projects(HEPING, p1=1)))
    second = commit("2024-01", filed(HEPING, projects(HEPING, p1=2)))
    assert [filing["filing_id"] for filing in second.filings] == [second.areas[HEPING]]
    assert store.revisions("projects", CITY, LATER) == [second]
    assert first.path.exists()


def test_an_empty_filing_of_an_area_is_filed(snapshots: Path) -> None:
    commit("2024-01", filed(None, projects(HEPING, p1=1), projects(SHENHE, p2=1)))
    commit("2024-02", filed(HEPING, projects(HEPING)), filed(SHENHE, projects(SHENHE, p2=2)), at=MAR)
    assert [row[2:] for row in shown("2024-02")] == [("p2", 2)]
    status = store.filing_status(CITY, "2024-02", LATER)
    assert status.select("area_id", "filed_period", "is_carried").rows() == [
        (HEPING, "2024-02", False),
        (SHENHE, "2024-02", False),
    ]


def test_a_row_without_an_area_goes_to_the_unassigned(snapshots: Path) -> None:
    rows = projects(HEPING, p1=1).with_columns(area_id=pl.lit(None, pl.String))
    assert list(commit("2024-01", filed(None, rows)).areas) == ["210100-unassigned"]


@given(
    filings=st.lists(
        st.tuples(st.sampled_from([HEPING, SHENHE, DADONG]), st.lists(st.integers(0, 9), max_size=3)),
        min_size=1,
        max_size=6,
    ),
    cuts=st.lists(st.booleans(), min_size=6, max_size=6),
)
@settings(max_examples=25, deadline=None)
def test_any_grouping_of_filings_into_commits_shows_the_latest_of_each_area(
    filings: list[tuple[str, list[int]]], cuts: list[bool]
) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAIMA_SNAPSHOTS", folder)
        waiting: list[Filing] = []
        for place, (area_id, amounts) in enumerate(filings):
            named = {f"p{place}_{n}": amount for n, amount in enumerate(amounts)}
            waiting.append(filed(area_id, projects(area_id, **named)))
            if cuts[place] or place == len(filings) - 1:
                revision = commit("2024-01", *waiting)
                waiting = []
        latest = {area_id: (place, amounts) for place, (area_id, amounts) in enumerate(filings)}
        assert set(revision.areas) == set(latest)
        stored = pl.read_parquet(revision.path)
        assert set(zip(stored["area_id"], stored["project_id"], stored["investment_total"], strict=True)) == {
            (area_id, f"p{place}_{n}", Decimal(amount))
            for area_id, (place, amounts) in latest.items()
            for n, amount in enumerate(amounts)
        }


@given(order=st.permutations([HEPING, SHENHE, DADONG]))
@settings(max_examples=6, deadline=None)
def test_areas_may_file_in_any_order(order: list[str]) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAIMA_SNAPSHOTS", folder)
        for area_id in order:
            revision = commit("2024-01", filed(area_id, projects(area_id, **{f"p{area_id}": 1})))
        stored = pl.read_parquet(revision.path)
        assert stored["project_id"].to_list() == [f"p{area}" for area in (HEPING, SHENHE, DADONG)]


# Areas that did not file


def test_an_area_that_did_not_file_is_carried_from_its_last_period_of_the_year(snapshots: Path) -> None:
    commit("2024-01", filed(None, projects(HEPING, p1=1), projects(SHENHE, p2=1)))
    commit("2024-02", filed(HEPING, projects(HEPING, p1=2)), at=MAR)
    commit("2024-03", filed(HEPING, projects(HEPING, p1=3)), at=APR)
    assert shown("2024-03") == [("2024-03", "2024-03", "p1", 3), ("2024-03", "2024-01", "p2", 1)]
    assert shown("2024-03", unfiled="blank") == [("2024-03", "2024-03", "p1", 3)]
    assert shown("2024-01", "2024-02") == [
        ("2024-01", "2024-01", "p1", 1),
        ("2024-01", "2024-01", "p2", 1),
        ("2024-02", "2024-02", "p1", 2),
        ("2024-02", "2024-01", "p2", 1),
    ]


def test_a_project_that_moved_is_counted_where_it_was_filed_last(snapshots: Path) -> None:
    commit("2024-01", filed(None, projects(HEPING, p1=1), projects(SHENHE, p2=1)))
    commit("2024-02", filed(HEPING, projects(HEPING, p1=2, p2=9)), at=MAR)
    assert shown("2024-02") == [("2024-02", "2024-02", "p1", 2), ("2024-02", "2024-02", "p2", 9)]
    assert shown("2024-01")[1] == ("2024-01", "2024-01", "p2", 1)


def test_of_two_areas_with_the_same_project_the_later_filing_speaks(snapshots: Path) -> None:
    commit("2024-01", filed(SHENHE, projects(SHENHE, p1=2)), filed(HEPING, projects(HEPING, p1=1)))
    assert shown("2024-01") == [("2024-01", "2024-01", "p1", 1)]
    commit("2024-01", filed(SHENHE, projects(SHENHE, p1=3)))
    assert shown("2024-01") == [("2024-01", "2024-01", "p1", 3)]


def test_what_had_no_area_is_not_carried_past_a_filing_of_the_whole_city(snapshots: Path) -> None:
    commit("2024-01", filed(None, projects(HEPING, p1=1), projects(f"{CITY}-unassigned", p2=1)))
    commit("2024-02", filed(None, projects(HEPING, p1=1, renamed=1)), at=MAR)
    assert [row[2] for row in shown("2024-02")] == ["p1", "renamed"]
    assert store.filing_status(CITY, "2024-02", LATER)["area_id"].to_list() == [HEPING]
    assert store.filing_status(CITY, "2024-01", LATER).height == 2


def test_what_has_no_area_stays_in_the_total_of_a_month_that_only_single_areas_filed(snapshots: Path) -> None:
    commit("2024-01", filed(None, projects(HEPING, p1=1), projects(f"{CITY}-unassigned", p2=1)))
    commit("2024-02", filed(HEPING, projects(HEPING, p1=1)), at=MAR)
    assert [row[2] for row in shown("2024-02")] == ["p1", "p2"]


def test_the_plan_of_a_project_that_moved_is_that_of_its_last_filing_with_all_its_months(
    snapshots: Path,
) -> None:
    def planned(area_id: str, *months: str) -> pl.DataFrame:
        count = len(months)
        return pl.DataFrame({"project_id": ["p1"] * count, "area_id": [area_id] * count, "month": months})

    (store.QUERIES / "months.sql").write_text(
        "-- months: months of the plans.\n-- Grain: one row per (project_id, month).\n-- Reads: plans.\n"
        "-- Params: none of its own.\n-- Returns: area_id text, month text.\n"
        "select area_id, month from plans order by month, area_id\n"
    )
    for period, area_id, months in (
        ("2024-01", SHENHE, ("2024-01", "2024-02", "2024-03")),
        ("2024-02", HEPING, ("2024-01", "2024-02")),
    ):
        store.commit("plans", CITY, period, [filed(area_id, planned(area_id, *months))], captured_at=APR)
    assert ask("months", "2024-01").height == 3
    assert ask("months", "2024-02").rows() == [(HEPING, "2024-01"), (HEPING, "2024-02")]


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["2024-01", "2024-02", "2024-03"]),
        st.sampled_from([None, HEPING, SHENHE]),
        st.dictionaries(
            st.sampled_from(["p1", "p2", "p3"]),
            st.sampled_from([HEPING, SHENHE, f"{CITY}-unassigned"]),
            max_size=3,
        ),
    ),
    min_size=1,
    max_size=6,
)


@given(filings=MOVES)
@settings(max_examples=25, deadline=None)
def test_however_areas_file_and_projects_move_a_project_is_there_once_a_period(
    filings: list[tuple[str, str | None, dict[str, str]]],
) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAIMA_SNAPSHOTS", folder)
        for period, area_id, where in filings:
            rows = [projects(area_id or place, **{name: 1}) for name, place in where.items()]
            commit(period, filed(area_id, *rows), at=APR)
        asked = sorted({period for period, _, _ in filings})
        scope = {**dict.fromkeys(store.query_parameters("scoped_projects")), "landing": "filed"}
        answer = ask("scoped_projects", *asked, **{**scope, "shown_periods": asked})
        keys = answer.select("period", "project_id")
        assert keys.unique().height == keys.height


def test_nothing_is_carried_over_new_year(snapshots: Path) -> None:
    commit("2023-12", filed(None, projects(HEPING, p1=1), projects(SHENHE, p2=1)))
    commit("2024-01", filed(HEPING, projects(HEPING, p1=2)))
    assert shown("2024-01") == [("2024-01", "2024-01", "p1", 2)]
    status = store.filing_status(CITY, "2024-01", LATER)
    assert status.select("area_id", "filed_period", "is_carried").rows() == [
        (HEPING, "2024-01", False),
        (SHENHE, None, False),
    ]


def test_carrying_obeys_the_as_of(snapshots: Path) -> None:
    commit("2024-01", filed(None, projects(HEPING, p1=1)), at=FEB)
    commit("2024-02", filed(HEPING, projects(HEPING, p1=2)), at=MAR)
    commit("2024-01", filed(SHENHE, projects(SHENHE, p2=7)), at=APR)
    assert shown("2024-02", as_of=MAR) == [("2024-02", "2024-02", "p1", 2)]
    assert shown("2024-02", as_of=APR)[1] == ("2024-02", "2024-01", "p2", 7)


def test_a_period_without_a_snapshot_is_a_gap(snapshots: Path) -> None:
    commit("2024-01", filed(None, projects(HEPING, p1=1)))
    assert shown("2024-02") == []
    assert store.filing_status(CITY, "2024-02", LATER)["filed_period"].to_list() == [None]


def test_the_filing_status_names_who_filed_what_and_when(snapshots: Path) -> None:
    commit("2024-01", filed(None, projects(SHENHE, p2=1), source="一月.xlsx"), at=FEB)
    commit("2024-02", filed(HEPING, projects(HEPING, p1=2), who="王五"), at=MAR)
    assert store.filing_status(CITY, "2024-02", LATER).rows() == [
        (HEPING, "2024-02", False, "projects-210100-2024-02-r0001-1", MAR, "王五", "台账.xlsx"),
        (SHENHE, "2024-01", True, "projects-210100-2024-01-r0001-1", FEB, "张三", "一月.xlsx"),
    ]
    blank = store.filing_status(CITY, "2024-02", LATER, unfiled="blank")
    assert blank["filed_period"].to_list() == ["2024-02", None]
    assert store.filing_status("210200", "2024-02", LATER).is_empty()


def test_identity_reads_the_last_rows_of_each_area_over_new_year_too(snapshots: Path) -> None:
    commit("2023-12", filed(None, projects(HEPING, p1=1), projects(SHENHE, p2=1)))
    commit("2024-01", filed(HEPING, projects(HEPING, p3=2)))

    def known(period: str | None) -> list[tuple[Any, ...]]:
        rows = store.ledger_rows("projects", CITY, period, LATER, ["project_id", "area_id", "name"])
        return sorted(rows.rows())

    assert known(None) == [("p2", SHENHE, None), ("p3", HEPING, None)]
    assert known("2023-12") == [("p1", HEPING, None), ("p2", SHENHE, None)]
    assert known("2023-11") == []


# Files of other days


def test_a_new_column_does_not_break_an_old_snapshot(
    snapshots: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = replace(
        PROJECTS,
        columns=tuple(column for column in PROJECTS.columns if column.name != "investment_total"),
    )
    with monkeypatch.context() as past:
        past.setitem(LEDGERS, "projects", older)
        commit("2024-01", filed(None, projects(HEPING, p1=1).drop("investment_total")))
        commit("2024-02", filed(None, projects(HEPING, p2=1).drop("investment_total")))
    commit("2024-02", filed(SHENHE, projects(SHENHE, p3=3)))
    assert shown("2024-01", "2024-02") == [
        ("2024-01", "2024-01", "p1", None),
        ("2024-02", "2024-02", "p2", None),
        ("2024-02", "2024-02", "p3", 3),
    ]


def test_a_column_that_changed_its_type_is_read_in_the_declared_one(
    snapshots: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = replace(
        PROJECTS,
        columns=tuple(
            replace(column, kind="text") if column.name == "investment_total" else column
            for column in PROJECTS.columns
        ),
    )
    with monkeypatch.context() as past:
        past.setitem(LEDGERS, "projects", older)
        rows = projects(HEPING).clear().drop("investment_total")
        rows = pl.DataFrame({"project_id": ["p1"], "area_id": [HEPING], "investment_total": ["12.5"]})
        commit("2024-01", filed(None, rows))
    answer = ask("rows_by_project", "2024-01")
    assert answer["investment_total"].to_list() == [Decimal("12.5000")]


def test_a_snapshot_folder_may_have_any_name(snapshots: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAIMA_SNAPSHOTS", str(snapshots / "办公室" / ".." / "a*?'b [2]"))
    commit("2024-01", filed(None, projects(HEPING, p1=1)))
    revision = commit("2024-02", filed(SHENHE, projects(SHENHE, p2=2)))
    lookalike = Path(str(revision.path).replace("a*?'b [2]", "aXX'b 2"))
    lookalike.parent.mkdir(parents=True)
    lookalike.write_text("not ours")
    assert len(shown("2024-01", "2024-02")) == 3
    commit("2024-02", filed(DADONG, projects(DADONG, p3=3)))
    assert len(shown("2024-02")) == 3
    assert store.ledger_rows("projects", CITY, None, LATER, ["project_id"]).height == 3


# Stages seen in snapshots


def staged(**stages: str) -> pl.DataFrame:
    return pl.DataFrame(
        {"project_id": list(stages), "area_id": [HEPING] * len(stages), "stage_filed": list(stages.values())}
    )


def test_a_city_without_dates_takes_them_from_the_first_snapshot_that_shows_the_stage(
    snapshots: Path,
) -> None:
    commit("2023-11", filed(None, staged(p1="planned")), stage_dates="snapshots")
    commit("2024-01", filed(None, staged(p1="started", p2="planned")), stage_dates="snapshots")
    commit("2024-02", filed(None, staged(p1="started", p2="exited")), stage_dates="snapshots")
    commit("2024-03", filed(None, staged(p1="completed", p2="planned")), stage_dates="snapshots")
    answer = ask("dates_by_project", "2023-11", "2024-01", "2024-02", "2024-03")
    november, january = date(2023, 11, 30), date(2024, 1, 31)
    assert answer.drop("stage_filed").rows() == [
        ("2023-11", "p1", november, None, None, None, None),
        ("2024-01", "p1", november, january, "period", None, None),
        ("2024-01", "p2", january, None, None, None, None),
        ("2024-02", "p1", november, january, "period", None, None),
        ("2024-02", "p2", january, None, None, None, date(2024, 2, 29)),
        ("2024-03", "p1", november, january, "period", date(2024, 3, 31), None),
        ("2024-03", "p2", january, None, None, None, None),
    ]
    # A later period teaches an earlier one nothing, and asking for one alone changes nothing.
    assert ask("dates_by_project", "2024-01").rows() == answer.filter(pl.col("period") == "2024-01").rows()


def test_a_filed_date_is_never_replaced_by_a_snapshots_month(snapshots: Path) -> None:
    rows = pl.DataFrame(
        {
            "project_id": ["p1", "p2"],
            "area_id": [HEPING] * 2,
            "stage_filed": ["started", "completed"],
            "started_on": [date(2023, 5, 6), None],
            "started_on_precision": ["day", None],
            "accepted_on": [None, date(2023, 7, 8)],
        }
    )
    commit("2024-01", filed(None, rows), stage_dates="snapshots")
    assert ask("dates_by_project", "2024-01").drop("planned_on", "exited_on").rows() == [
        ("2024-01", "p1", "started", date(2023, 5, 6), "day", None),
        ("2024-01", "p2", "completed", None, None, None),
    ]


def test_a_city_that_files_dates_gets_none_from_snapshots(snapshots: Path) -> None:
    commit("2024-01", filed(None, staged(p1="started")))
    commit("2024-02", filed(None, staged(p1="started")), stage_dates="snapshots")
    assert ask("dates_by_project", "2024-01", "2024-02")["started_on"].to_list() == [None, date(2024, 2, 29)]


def test_a_correction_of_an_earlier_period_moves_the_dates_seen_in_it(snapshots: Path) -> None:
    commit("2024-01", filed(None, staged(p1="planned")), stage_dates="snapshots")
    commit("2024-02", filed(None, staged(p1="started")), stage_dates="snapshots")
    assert ask("dates_by_project", "2024-02")["started_on"].to_list() == [date(2024, 2, 29)]
    commit("2024-01", filed(None, staged(p1="started")), stage_dates="snapshots")
    assert ask("dates_by_project", "2024-02")["started_on"].to_list() == [date(2024, 1, 31)]


# Damaged and foreign files


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def describe_elsewhere(path: Path) -> None:
    path.write_text(path.read_text().replace('"2024-01"', '"2024-02"'))


def from_the_future(path: Path) -> None:
    path.write_text(path.read_text().replace('"format": 1', '"format": 99'))


@pytest.mark.parametrize(
    ("harm", "victim", "sentence"),
    [
        (truncate, "r0002.parquet", "快照文件不完整"),
        (flip_a_byte, "r0002.parquet", "校验值不符"),
        (Path.unlink, "r0002.parquet", "快照文件缺失"),
        (truncate, "r0002.json", "已损坏"),
        (lambda path: path.write_text("[]"), "r0002.json", "已损坏"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "r0002.json", "已损坏"),
        (lambda path: path.write_text(""), "r0002.json", "已损坏"),
        (describe_elsewhere, "r0002.json", "与所在位置不符"),
        (from_the_future, "r0002.json", "更新的程序"),
    ],
)
def test_a_damaged_revision_is_named_and_the_previous_one_stays_in_force(
    snapshots: Path, harm: Callable[[Path], Any], victim: str, sentence: str
) -> None:
    commit("2024-01", filed(None, projects(HEPING, p1=1)))
    commit("2024-01", filed(None, projects(HEPING, p1=2)))
    commit("2024-02", filed(None, projects(HEPING, p1=3)))
    assert shown("2024-01")[0][3] == 2
    harm(snapshots / f"projects/city=210100/period=2024-01/{victim}")
    assert shown("2024-01", "2024-02") == [("2024-01", "2024-01", "p1", 1), ("2024-02", "2024-02", "p1", 3)]
    for as_of in (None, LATER):
        (damage,) = store.damages(as_of)
        assert damage.path == f"projects/city=210100/period=2024-01/{victim}"
        assert sentence in damage.sentence
    # An area's filing would bring back what the damaged revision had replaced; a whole city's does not.
    with pytest.raises(store.StoreError, match="第2版快照已损坏"):
        commit("2024-01", filed(SHENHE, projects(SHENHE, p2=4)))
    assert commit("2024-01", filed(None, projects(SHENHE, p2=4))).number == 3, "the number stays used"
    assert [row[2:] for row in shown("2024-01")] == [("p2", 4)]
    commit("2024-01", filed(HEPING, projects(HEPING, p1=5)))
    assert [row[2:] for row in shown("2024-01")] == [("p1", 5), ("p2", 4)]


def test_a_parquet_file_without_a_sidecar_never_counts_and_its_number_stays_used(snapshots: Path) -> None:
    first = commit("2024-01", filed(None, projects(HEPING, p1=1)))
    first.path.with_name("r0007.parquet").write_bytes(first.path.read_bytes())
    assert shown("2024-01") == [("2024-01", "2024-01", "p1", 1)]
    (damage,) = store.damages()
    assert damage.path.endswith("period=2024-01/r0007.parquet")
    assert "没有版本说明" in damage.sentence
    assert commit("2024-01", filed(None, projects(HEPING, p1=2))).number == 8


def test_foreign_files_are_named_and_harm_nothing(snapshots: Path) -> None:
    commit("2024-01", filed(None, projects(HEPING, p1=1)))
    city = snapshots / "projects" / "city=210100"
    foreign = [
        "notes.txt",
        "other/city=210100/period=2024-01/r0001.json",
        "projects/readme.md",
        "projects/city=210100/period=2024-13/r0001.json",
        "projects/city=210100/summary.xlsx",
        "projects/city=210100/period=2024-01/r1.parquet",
        "projects/city=210100/period=2024-01/副本.parquet",
    ]
    for name in foreign:
        path = snapshots / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    (city / "period=2024-02").mkdir()
    (city / ".DS_Store").write_text("x")
    assert shown("2024-01", "2024-02") == [("2024-01", "2024-01", "p1", 1)]
    named = {damage.path for damage in store.damages()}
    assert named == {
        "notes.txt",
        "other",
        "projects/readme.md",
        "projects/city=210100/period=2024-13",
        "projects/city=210100/summary.xlsx",
        "projects/city=210100/period=2024-01/r1.parquet",
        "projects/city=210100/period=2024-01/副本.parquet",
    }


def test_what_a_dead_writer_left_is_removed_by_the_next_commit(snapshots: Path) -> None:
    revision = commit("2024-01", filed(None, projects(HEPING, p1=1)))
    left = revision.path.with_name("r0002.parquet.part")
    left.write_bytes(b"half")
    assert store.damages() == []
    commit("2024-02", filed(None, projects(HEPING, p1=1)))
    assert not left.exists()


def test_a_damage_of_a_superseded_revision_is_not_read_for_a_question_of_today(snapshots: Path) -> None:
    first = commit("2024-01", filed(None, projects(HEPING, p1=1)), at=FEB)
    commit("2024-01", filed(None, projects(HEPING, p1=2)), at=MAR)
    flip_a_byte(first.path)
    assert store.damages(LATER) == []
    assert [damage.path[-13:] for damage in store.damages()] == ["r0001.parquet"]
    assert [damage.path[-13:] for damage in store.damages(FEB)] == ["r0001.parquet"]


def test_damages_of_one_city_leave_out_those_of_another(snapshots: Path) -> None:
    commit("2024-01", filed(None, projects(HEPING, p1=1)))
    truncate(snapshots / "projects/city=210100/period=2024-01/r0001.parquet")
    (snapshots / "notes.txt").write_text("x")
    assert [damage.path for damage in store.damages(LATER, "210200")] == ["notes.txt"]
    assert [damage.path[-13:] for damage in store.damages(LATER, "210100")] == ["notes.txt", "r0001.parquet"]


def test_there_are_no_damages_where_there_is_no_folder(snapshots: Path) -> None:
    assert store.damages() == []
    assert not store.has_snapshots()
    commit("2024-01", filed(None, projects(HEPING, p1=1)))
    assert store.has_snapshots()


# What is refused


@pytest.mark.parametrize(
    ("ledger", "city", "period", "sentence"),
    [
        ("loans", CITY, "2024-01", "没有台账「loans」。允许：projects、plans"),
        ("projects", "../x", "2024-01", "城市代码「../x」无效"),
        ("projects", CITY, "2024-13", "报告期「2024-13」无效"),
        ("projects", CITY, "2024-1", "报告期「2024-1」无效"),
    ],
)
def test_a_commit_to_a_wrong_place_is_refused(
    snapshots: Path, ledger: str, city: str, period: str, sentence: str
) -> None:
    with pytest.raises(StoreError, match=sentence):
        store.commit(ledger, city, period, [filed(None)], captured_at=FEB)
    assert not snapshots.exists()


def test_a_filing_that_does_not_belong_is_refused_and_nothing_is_written(snapshots: Path) -> None:
    for filing, sentence in (
        (filed(HEPING, projects(HEPING, p1=1), projects(SHENHE, p2=1)), "却含有地区 210102、210103 的行"),
        (filed(None, projects(HEPING, p1=1).with_columns(colour=pl.lit("red"))), "没有的列：colour"),
        (
            filed(None, projects(HEPING, p1=1).with_columns(investment_total=pl.lit("很多"))),
            "列类型与台账不符",
        ),
    ):
        with pytest.raises(StoreError, match=sentence):
            commit("2024-01", filing)
    with pytest.raises(StoreError, match="没有可以入库的报送"):
        commit("2024-01")
    with pytest.raises(StoreError, match="缺少时区"):
        commit("2024-01", filed(None), at=datetime(2024, 1, 1))  # noqa: DTZ001 - the mistake itself
    assert not list(snapshots.rglob("r*"))


def test_a_disk_that_refuses_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("SAIMA_SNAPSHOTS", str(tmp_path / "file"))
    with pytest.raises(StoreError, match="原有数据没有改变"):
        commit("2024-01", filed(None, projects(HEPING, p1=1)))


# Instants


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-10-08", "2024-10-08T15:59:59.999999+00:00"),
        ("20241008", "2024-10-08T15:59:59.999999+00:00"),
        ("2024-10-08T09:30", "2024-10-08T01:30:00+00:00"),
        ("2024-10-08T09:30+08:00", "2024-10-08T01:30:00+00:00"),
        ("2024-10-08T01:30:00Z", "2024-10-08T01:30:00+00:00"),
    ],
)
def test_a_day_means_its_end_in_the_offices_time(text: str, utc: str) -> None:
    assert store.instant(text) == datetime.fromisoformat(utc)


@pytest.mark.parametrize("text", ["", "昨天", "2024-02-30", "2024-10", "20240", "0001-01-01T00:00"])
def test_anything_else_is_no_instant(text: str) -> None:
    with pytest.raises(StoreError, match=r"时点「.*」无法识别。允许：2024-10-08"):
        store.instant(text)


# Named queries


def test_a_header_says_what_a_query_is(snapshots: Path) -> None:
    assert store.query_names() == ["chosen_projects", "dates_by_project", "rows_by_project", "sums_by_area"]
    header = store.query_header("sums_by_area")
    assert header.name == "sums_by_area"
    assert header.sentence == "how many projects there are in each area, and how large they are."
    assert header.grain == "one row per (period, area_id)."
    assert header.reads == ("chosen_projects",)
    assert header.params == {"periods": "text[]"}
    assert header.returns == {
        "period": "text",
        "area_id": "text",
        "projects": "bigint",
        "investment_total": "decimal",
    }
    assert store.query_parameters("sums_by_area") == {
        "areas": "text[] or null",
        "investment_from": "decimal or null",
        "started_from": "date or null",
        "periods": "text[]",
    }
    assert store.query_header("rows_by_project").params == {}


EVERYTHING = {"areas": None, "investment_from": None, "started_from": None}


def test_a_query_may_read_another_query(snapshots: Path) -> None:
    commit("2024-01", filed(None, projects(HEPING, p1=1, p2="2.5"), projects(SHENHE, p3=None)))
    assert ask("sums_by_area", "2024-01", **EVERYTHING).rows() == [
        ("2024-01", HEPING, 2, Decimal("3.5000")),
        ("2024-01", SHENHE, 1, None),
    ]


def test_a_query_may_read_nothing(snapshots: Path) -> None:
    (store.QUERIES / "places.sql").write_text(
        "-- places: a fixed list.\n-- Grain:   one row per place.\n-- Reads:   nothing.\n"
        "-- Params:  none.\n-- Returns: place text.\nselect 'first' as place\n"
    )
    assert store.query_header("places").reads == ()
    assert ask("places").rows() == [("first",)]


def test_a_null_parameter_means_all_and_undeclared_ones_are_left_out(snapshots: Path) -> None:
    commit("2024-01", filed(None, projects(HEPING, p1=1, p2=2), projects(SHENHE, p3=3)))

    def found(**scope: Any) -> list[str]:
        answer = ask("chosen_projects", "2024-01", **{**EVERYTHING, **scope})
        return sorted(answer["project_id"])

    assert found() == found(unknown_filter=1) == ["p1", "p2", "p3"]
    assert found(areas=[SHENHE]) == found(areas=SHENHE) == ["p3"]
    assert found(areas=[]) == []
    assert found(investment_from=2) == found(investment_from="2.0000") == ["p2", "p3"]
    assert found(started_from="2024-01-01") == found(started_from=date(2024, 1, 1)) == []


@pytest.mark.parametrize(
    ("scope", "sentence"),
    [
        ({"areas": None, "investment_from": None}, r"缺少参数 \$started_from"),
        ({**EVERYTHING, "investment_from": "一亿"}, "参数「investment_from」应为 decimal，收到「一亿」"),
        ({**EVERYTHING, "started_from": "2024-02-30"}, "参数「started_from」应为 date"),
    ],
)
def test_a_missing_or_wrong_parameter_is_an_error(
    snapshots: Path, scope: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(StoreError, match=sentence):
        ask("chosen_projects", "2024-01", **scope)


def test_a_parameter_that_may_not_be_null_is_an_error(snapshots: Path) -> None:
    text = CHOSEN.replace("$areas (text[] or null)", "$areas (text[])")
    (store.QUERIES / "chosen_projects.sql").write_text(text)
    with pytest.raises(StoreError, match="参数「areas」不能为空"):
        ask("chosen_projects", "2024-01", **EVERYTHING)


def test_a_query_without_rows_keeps_its_columns_and_types(snapshots: Path) -> None:
    empty = ask("sums_by_area", "2024-01", **EVERYTHING)
    commit("2024-01", filed(None, projects(HEPING, p1=1)))
    full = ask("sums_by_area", "2024-01", **EVERYTHING)
    assert empty.is_empty()
    assert empty.schema == full.schema
    assert full.schema["investment_total"] == pl.Decimal(38, 4)
    assert ask("sums_by_area", **EVERYTHING).schema == full.schema


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("select 1", "文件头不完整"),
        (ROWS.replace("rows_by_project:", "other:"), "文件头不完整"),
        (ROWS.replace("-- Grain:   ", "-- Corn:   "), "文件头不完整：Grain"),
        (ROWS.replace("area_id text,", "area_id,"), "文件头不完整"),
        (ROWS.replace("-- Reads:   projects.", "-- Reads:   nobody."), "没有查询「nobody」"),
        (ROWS.replace("-- Reads:   projects.", "-- Reads:   rows_by_project."), "循环引用"),
        (ROWS.replace("select period,", "select perriod,"), "查询「rows_by_project」无法执行"),
        (
            ROWS.replace("-- Params:  none of its own.", "-- Params:  $city (colour)."),
            "类型「colour」不在允许之列",
        ),
        (ROWS.replace("-- Params:  none of its own.", "-- Params:  $city (text)."), "无法执行"),
    ],
)
def test_a_broken_query_file_is_a_sentence(snapshots: Path, text: str, sentence: str) -> None:
    (store.QUERIES / "rows_by_project.sql").write_text(text)
    with pytest.raises(StoreError, match=sentence):
        ask("rows_by_project", "2024-01")


@pytest.mark.parametrize("name", ["nothing", "../rows_by_project", "rows_by_project; drop"])
def test_an_unknown_query_is_answered_with_the_names_there_are(snapshots: Path, name: str) -> None:
    with pytest.raises(StoreError, match=r"没有查询「.*」。允许：chosen_projects、"):
        ask(name, "2024-01")


def test_an_unknown_way_with_the_unfiled_is_an_error(snapshots: Path) -> None:
    with pytest.raises(StoreError, match="允许：carry、blank"):
        ask("rows_by_project", "2024-01", unfiled="guess")


def test_sums_of_money_are_exact_and_always_the_same(
    snapshots: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "ANSWER_BYTES", 0)
    amounts = {f"p{n}": Decimal(n * n) / 10_000 for n in range(20_000)}
    commit("2024-01", filed(None, projects(HEPING, **amounts)))
    answers = {ask("sums_by_area", "2024-01", **EVERYTHING)["investment_total"][0] for _ in range(5)}
    assert answers == {sum(amounts.values())}


def test_eight_threads_get_the_answers_of_one(snapshots: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "ANSWER_BYTES", 0)
    for month in ("2024-01", "2024-02", "2024-03"):
        rows = {f"p{n}": n for n in range(int(month[-1]) * 50)}
        commit(month, filed(None, projects(HEPING, **rows), projects(SHENHE, other=1)))
    asked = [((month,), low) for month in ("2024-01", "2024-02", "2024-03") for low in (None, 10, 40)]

    def answer(place: int) -> list[tuple[Any, ...]]:
        months, low = asked[place % len(asked)]
        return ask("sums_by_area", *months, **{**EVERYTHING, "investment_from": low}).rows()

    alone = [answer(place) for place in range(len(asked))]
    assert len({str(rows) for rows in alone}) == len(asked)
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(answer, range(8 * 20)))
    assert together == [alone[place % len(asked)] for place in range(8 * 20)]


# Remembered answers


def test_an_answer_is_shared_until_what_it_was_made_of_changes(snapshots: Path) -> None:
    commit("2024-01", filed(None, projects(HEPING, p1=1)))
    first = ask("rows_by_project", "2024-01")
    assert ask("rows_by_project", "2024-01") is first
    assert ask("rows_by_project", "2024-01", as_of=APR) is first
    commit("2024-02", filed(None, projects(HEPING, p1=1)))
    assert ask("rows_by_project", "2024-01") is first
    commit("2024-01", filed(None, projects(HEPING, p1=2)))
    assert ask("rows_by_project", "2024-01")["investment_total"].to_list() == [2]
    (store.QUERIES / "rows_by_project.sql").write_text(
        ROWS.replace("order by period", "where false\norder by period")
    )
    assert ask("rows_by_project", "2024-01").is_empty()


def test_the_carried_areas_are_part_of_what_an_answer_was_made_of(snapshots: Path) -> None:
    commit("2024-01", filed(None, projects(HEPING, p1=1), projects(SHENHE, p2=1)))
    commit("2024-02", filed(HEPING, projects(HEPING, p1=2)))
    assert len(shown("2024-02")) == 2
    assert len(shown("2024-02", unfiled="blank")) == 1
    commit("2024-01", filed(SHENHE, projects(SHENHE, p2=9)))
    assert shown("2024-02")[1] == ("2024-02", "2024-01", "p2", 9)


def test_a_folder_of_the_same_names_with_other_rows_is_not_confused(
    snapshots: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit("2024-01", filed(None, projects(HEPING, p1=1)))
    assert shown("2024-01")[0][3] == 1
    monkeypatch.setenv("SAIMA_SNAPSHOTS", str(tmp_path / "another"))
    assert shown("2024-01") == []
    commit("2024-01", filed(None, projects(HEPING, p1=2)))
    assert shown("2024-01")[0][3] == 2


def test_remembered_answers_stay_within_their_bytes(snapshots: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit("2024-01", filed(None, projects(HEPING, **{f"p{n}": n for n in range(100)})))
    one = int(ask("chosen_projects", "2024-01", **EVERYTHING).estimated_size())
    monkeypatch.setattr(store, "ANSWER_BYTES", 3 * one)
    newest = [ask("chosen_projects", "2024-01", **{**EVERYTHING, "investment_from": n}) for n in range(9)]
    kept = list(store._answers.frames.values())
    assert sum(frame.estimated_size() for frame in kept) == store._answers.size <= 3 * one
    assert kept[-1] is newest[-1]
    assert len(kept) >= 3
    # The one asked for last is the last to be given up.
    assert ask("chosen_projects", "2024-01", **{**EVERYTHING, "investment_from": 6}) is newest[6]
    ask("chosen_projects", "2024-01", **{**EVERYTHING, "investment_from": 9})
    assert any(frame is newest[6] for frame in store._answers.frames.values())


def test_it_works_from_any_current_folder(
    snapshots: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SAIMA_SNAPSHOTS", os.path.relpath(snapshots, tmp_path))
    commit("2024-01", filed(None, projects(HEPING, p1=1)))
    assert len(shown("2024-01")) == 1
