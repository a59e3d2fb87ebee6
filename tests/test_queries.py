"""The queries: headers that do not lie, and what each answers on a ledger small enough to check by hand."""

import inspect
import re
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from builders import CITY, EAST, LATER, SOUTH, UNASSIGNED, WEST, Office, captured, project

from saima import store
from saima.ledgers import PLANS, STAGES

QUERIES = store.query_names()

POLARS = {
    "text": pl.String(),
    "text[]": pl.List(pl.String()),
    "bigint": pl.Int64(),
    "date": pl.Date(),
    "boolean": pl.Boolean(),
    "double": pl.Float64(),
}
"""Polars type of each type that a header may promise; a decimal keeps four places, whatever its width."""

READ_ONLY_BY_QUERIES = {
    "baselines",
    "dated_events",
    "planned_to_date",
    "project_flags",
    "scoped_projects",
    "stage_places",
}
"""Queries that nobody but another query asks: their order does not matter."""

BUILT_IN = {"city", "periods"}
"""Parameters that the store always passes."""


def text_of(query: str) -> str:
    return (store.QUERIES / f"{query}.sql").read_text(encoding="utf-8")


def body_of(query: str) -> str:
    """The statement without header, remarks and texts in quotes."""
    return re.sub(r"'[^']*'", "''", re.sub(r"--.*", "", text_of(query)))


def required(query: str) -> dict[str, Any]:
    return {"from_stage": "signed"} if "from_stage" in store.query_parameters(query) else {}


@pytest.fixture
def varied(office: Office) -> Office:
    """Two months of one project that has something to say in every column."""
    told = {
        "chain": "航空",
        "investment_total": 20000,
        "agreed_amount": 10000,
        "signed_on": "2024-01-03",
        "start_due_on": "2024-02-20",
        "longitude": 123.4,
        "latitude": 41.8,
    }
    office.file("2024-01", project("p1", plan_year=5000, invested_year=100, **told))
    office.file("2024-02", project("p1", plan_year=4000, invested_year=200, **told))
    file_plans(office, "2024-02", p1=12)
    office.file_beside("funds", "2024-02", {"fund_id": "f1", "approved": 5, "paid_year": 1})
    office.file_beside("problems", "2024-02", {"problem_id": "q1", "amount_blocked": 5})
    office.file_beside("activities", "2024-02", {"activity_id": "a1", "kind": "现场会"})
    office.file_beside("decisions", "2024-02", {"decision_id": "d1", "text": "接通临时用电"})
    office.file_beside("indicators", "2024-02", {"measure": "总值", "year": 2023, "value": 1.5})
    office.file_beside("letters", "2024-02", {"letter_id": "h1", "kind": "提醒函"})
    office.file_beside("permits", "2024-02", {"name": "项目p1", "kind": "立项"})
    office.file_beside("statistics", "2024-02", {"entry_id": "e1", "invested_year": 5})
    figure = {"area_id": CITY, "measure": "工业投资", "value": 1.5, "unit": "亿元"}
    office.file_beside("economy", "2024-02", figure)
    return office


# Headers


@pytest.mark.parametrize("query", QUERIES)
def test_a_header_names_the_columns_and_types_that_come_back(query: str, varied: Office) -> None:
    returns = store.query_header(query).returns
    rows = varied.ask(query, "2024-02", **required(query))
    assert rows.height > 0
    assert rows.columns == list(returns)
    decimals = {name for name, kind in returns.items() if kind == "decimal"}
    assert {name: rows.schema[name] for name in returns if name not in decimals} == {
        name: POLARS[kind] for name, kind in returns.items() if name not in decimals
    }
    for name in decimals:
        assert isinstance(rows.schema[name], pl.Decimal), name
        assert rows.schema[name].scale == 4, name


@pytest.mark.parametrize("query", QUERIES)
def test_no_rows_have_the_same_columns_and_types(query: str, varied: Office) -> None:
    some = varied.ask(query, "2024-02", **required(query))
    none = varied.ask(query, "2023-01", **required(query))
    assert none.schema == some.schema
    assert none.is_empty() or query == "stage_places"


@pytest.mark.parametrize("query", QUERIES)
def test_a_header_declares_exactly_the_parameters_that_are_used(query: str) -> None:
    used = set(re.findall(r"\$(\w+)", body_of(query)))
    assert used - BUILT_IN == set(store.query_header(query).params)


@pytest.mark.parametrize("query", QUERIES)
def test_a_header_names_exactly_what_is_read(query: str) -> None:
    read = set(re.findall(r"\b(?:from|join)\s+([a-z_]+)\b(?!\s*\()", body_of(query)))
    tables = set(re.findall(r"(?:with|,)\s*([a-z_]+) as \(", body_of(query)))
    assert read - tables == set(store.query_header(query).reads)


@pytest.mark.parametrize("query", QUERIES)
def test_a_header_says_its_sentence_and_its_grain(query: str) -> None:
    header = store.query_header(query)
    assert header.name == query
    assert header.sentence.endswith(".")
    assert re.fullmatch(r"one row per .*\.", header.grain)


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_is_plain_sql(query: str) -> None:
    body = body_of(query)
    assert not re.search(r"select\s+(\w+\.)?\*", body), "names its columns"
    assert "/" not in body, "division happens in Polars"
    assert not re.search(r"\{[{%#]|%\}", text_of(query)), "no Jinja"
    assert ";" not in body
    assert "now(" not in body
    assert "current_date" not in body


@pytest.mark.parametrize("query", sorted(set(QUERIES) - READ_ONLY_BY_QUERIES))
def test_an_answer_has_a_total_order(query: str) -> None:
    last = body_of(query).rsplit("order by", 1)
    assert len(last) == 2
    assert ")" not in last[1].split("limit")[0]


@pytest.mark.parametrize("query", QUERIES)
def test_common_tables_are_past_participles(query: str) -> None:
    tables = re.findall(r"(?:with|,)\s*([a-z_]+) as \(", body_of(query))
    assert [name for name in tables if not re.search(r"(ed|un|wn|nd|ds|ue)$", name)] == []


def test_every_query_has_a_test_of_its_own() -> None:
    tests = [name for name, _ in inspect.getmembers(sys.modules[__name__], inspect.isfunction)]
    for query in QUERIES:
        assert any(name.startswith(f"test_{query}_") for name in tests), query


def test_every_parameter_has_an_example_for_the_linter() -> None:
    settings = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    examples = settings.split("[tool.sqlfluff.templater.placeholder]")[1].split("\n[")[0]
    known = set(re.findall(r"^(\w+) = ", examples, re.MULTILINE))
    assert {param for query in QUERIES for param in store.query_parameters(query)} - BUILT_IN <= known


# scoped_projects


def stages_of(
    office: Office, *rows: dict[str, Any], period: str = "2024-09", **params: Any
) -> dict[str, Any]:
    office.file(period, *rows)
    answer = office.ask("scoped_projects", period, **params)
    return dict(answer.sort("project_id").select("project_id", "stage").iter_rows())


def test_scoped_projects_stand_at_the_highest_stage_with_a_proving_date_by_the_end_of_the_period(
    office: Office,
) -> None:
    assert stages_of(
        office,
        project("p1", planned_on="2024-01-01", started_on="2024-09-30"),
        project("p2", planned_on="2024-01-01", started_on="2024-10-01"),
        project("p3", produced_on="2024-02-01", completed_on="2024-05-01"),
        project("p4", signed_on="2024-06-01", started_on="2024-03-01"),
        project("p5"),
    ) == {"p1": "started", "p2": "planned", "p3": "produced", "p4": "started", "p5": None}


def test_scoped_projects_with_dates_of_each_stage_stand_at_each_stage(office: Office) -> None:
    rows = [project(stage, **{f"{stage}_on": "2024-02-29"}) for stage in STAGES]
    assert stages_of(office, *rows, period="2024-02") == {stage: stage for stage in sorted(STAGES)}


def test_scoped_projects_are_completed_when_accepted_and_finished_when_produced(office: Office) -> None:
    office.file(
        "2024-09",
        project("p1", accepted_on="2024-03-01"),
        project("p2", completed_on="2024-02-01", accepted_on="2024-03-01", produced_on="2024-04-01"),
        project("p3", produced_on="2024-04-01"),
    )
    rows = office.ask("scoped_projects", "2024-09").sort("project_id")
    assert rows.select("stage", "completed_on", "finished_on").rows() == [
        ("completed", date(2024, 3, 1), date(2024, 3, 1)),
        ("produced", date(2024, 2, 1), date(2024, 2, 1)),
        ("produced", None, date(2024, 4, 1)),
    ]


def test_scoped_projects_with_a_completion_to_come_are_finished_by_what_happened(office: Office) -> None:
    office.file(
        "2024-09",
        project("p1", completed_on="2024-12-31", produced_on="2024-08-01"),
        project("p2", completed_on="2024-12-31", accepted_on="2024-03-01"),
        project("p3", completed_on="2024-09-30", produced_on="2024-12-31"),
        project("p4", completed_on="2024-10-01", started_on="2024-01-01"),
    )
    rows = office.ask("scoped_projects", "2024-09").sort("project_id")
    assert rows.select("stage", "completed_on", "finished_on", "produced_on").rows() == [
        ("produced", None, date(2024, 8, 1), date(2024, 8, 1)),
        ("completed", date(2024, 3, 1), date(2024, 3, 1), None),
        ("completed", date(2024, 9, 30), date(2024, 9, 30), None),
        ("started", None, None, None),
    ]


def test_scoped_projects_that_were_exited_by_the_end_are_exited_whatever_else_they_did(
    office: Office,
) -> None:
    assert stages_of(
        office,
        project("p1", ramped_on="2024-01-01", exited_on="2024-09-30"),
        project("p2", signed_on="2024-01-01", exited_on="2024-10-01"),
        project("p3", stage_filed="exited"),
    ) == {"p1": "exited", "p2": "signed", "p3": "exited"}


def test_scoped_projects_without_a_proving_date_stand_where_they_were_filed_and_say_so(
    office: Office,
) -> None:
    office.file(
        "2024-09",
        project("p1", stage_filed="started"),
        project("p2", stage_filed="started", planned_on="2024-01-01"),
        project("p3", stage_filed="signed", started_on="2024-12-01"),
        project("p4"),
    )
    rows = office.ask("scoped_projects", "2024-09").sort("project_id")
    assert rows.select("stage", "is_reported").rows() == [
        ("started", True),
        ("planned", False),
        ("signed", True),
        (None, False),
    ]


def test_scoped_projects_leave_the_parents_of_packages_out(office: Office) -> None:
    office.file(
        "2024-09",
        project("whole"),
        project("part1", parent_id="whole"),
        project("part2", parent_id="whole", area_id=WEST),
        project("alone", parent_id="alone"),
        project("orphan", parent_id="unknown"),
    )
    office.file("2024-08", project("whole"))
    rows = office.ask("scoped_projects", "2024-09")
    assert sorted(rows["project_id"]) == ["alone", "orphan", "part1", "part2"]
    assert office.ask("scoped_projects", "2024-08")["project_id"].to_list() == ["whole"]
    assert office.ask("scoped_projects", "2024-09", areas=[EAST], category="工业").height == 3


def test_scoped_projects_of_every_filter_keep_what_it_names(office: Office) -> None:
    office.file(
        "2024-09",
        project("p1", chain="航空", investment_total=10000, lists=["provincial", "other"]),
        project("p2", area_id=WEST, category="农业", investment_total=9999.9999),
        project("p3", area_id=SOUTH, chain="新材料"),
    )

    def kept(**filters: Any) -> list[str]:
        return sorted(office.ask("scoped_projects", "2024-09", **filters)["project_id"])

    assert kept() == ["p1", "p2", "p3"]
    assert kept(areas=[EAST, SOUTH]) == ["p1", "p3"]
    assert kept(areas=[]) == []
    assert kept(category="农业") == ["p2"]
    assert kept(chain="航空") == ["p1"]
    assert kept(chain="未归链") == ["p2"]
    assert kept(list="provincial") == ["p1"]
    assert kept(investment_from=10000) == ["p1"], "the lower end is in"
    assert kept(investment_below=10000) == ["p2"], "the upper end is out, and unknown is not small"
    assert kept(investment_from=0, investment_below=1000000) == ["p1", "p2"]


def test_scoped_projects_fall_into_sizes_with_their_lower_ends(office: Office) -> None:
    sizes = {
        0: 0, 999.9999: 0, 1000: 1000, 9999.9999: 1000, 10000: 10000, 49999: 10000, 50000: 50000,
        100000: 100000, 500000: 500000, 1000000: 1000000, 99999999: 1000000,
    }  # fmt: skip
    office.file(
        "2024-09",
        project("unknown"),
        *(project(f"p{place:02}", investment_total=amount) for place, amount in enumerate(sizes)),
    )
    rows = office.ask("scoped_projects", "2024-09").sort("project_id")
    assert rows["size_from"].to_list() == [*sizes.values(), None]


LANDINGS = (
    project("filed", asset_kind="实体经济", landed_on="2024-05-01", land_awarded_on="2024-03-01"),
    project("work", asset_kind="实体经济", land_awarded_on="2024-03-01", started_on="2024-02-01"),
    project("land", asset_kind="房地产", land_awarded_on="2024-03-01", started_on="2024-04-01"),
    project("only_work", asset_kind="房地产", started_on="2024-04-01"),
    project("light", asset_kind="轻资产", registered_on="2024-03-01", operated_on="2024-06-01"),
    project("half", asset_kind="轻资产", registered_on="2024-03-01", started_on="2024-01-01"),
    project("kindless", land_awarded_on="2024-03-01"),
)


def test_scoped_projects_land_as_filed_and_by_the_rule_where_nothing_is_filed(office: Office) -> None:
    office.file("2024-09", *LANDINGS)
    rows = office.ask("scoped_projects", "2024-09", landing="filed")
    assert dict(rows.select("project_id", "landed_on").iter_rows()) == {
        "filed": date(2024, 5, 1),
        "work": date(2024, 2, 1),
        "land": date(2024, 3, 1),
        "only_work": date(2024, 4, 1),
        "light": date(2024, 6, 1),
        "half": None,
        "kindless": None,
    }


def test_scoped_projects_land_by_the_rule_alone_where_a_city_says_so(office: Office) -> None:
    office.file("2024-09", *LANDINGS, project("unborne", asset_kind="实体经济", landed_on="2024-05-01"))
    rows = office.ask("scoped_projects", "2024-09", landing="rule")
    landed = dict(rows.select("project_id", "landed_on").iter_rows())
    assert landed["filed"] == date(2024, 3, 1)
    assert landed["unborne"] is None
    assert landed["light"] == date(2024, 6, 1)


def test_scoped_projects_know_a_landing_as_exactly_as_the_date_that_made_it(office: Office) -> None:
    office.file(
        "2024-09",
        project("filed", landed_on="2024-05-31", landed_on_precision="month"),
        project(
            "work",
            asset_kind="实体经济",
            land_awarded_on="2024-06-30",
            land_awarded_on_precision="quarter",
            started_on="2024-02-01",
        ),
        project(
            "land",
            asset_kind="实体经济",
            land_awarded_on="2024-01-31",
            land_awarded_on_precision="month",
            started_on="2024-02-01",
        ),
        project(
            "light",
            asset_kind="轻资产",
            registered_on="2024-12-31",
            registered_on_precision="year",
            operated_on="2024-03-01",
        ),
    )
    rows = office.ask("scoped_projects", "2024-09")
    assert dict(rows.select("project_id", "landed_on_precision").iter_rows()) == {
        "filed": "month",
        "work": "day",
        "land": "month",
        "light": "year",
    }


def test_scoped_projects_are_in_reserve_until_they_were_done_before_the_year(office: Office) -> None:
    office.file(
        "2024-09",
        project("planned", planned_on="2020-01-01"),
        project("started", started_on="2022-01-01"),
        project("done_now", planned_on="2020-01-01", completed_on="2024-01-01"),
        project("done_before", planned_on="2020-01-01", completed_on="2023-12-31"),
        project("produced_before", planned_on="2020-01-01", produced_on="2023-12-31"),
        project("accepted_before", planned_on="2020-01-01", accepted_on="2023-12-31"),
        project("exited", planned_on="2020-01-01", exited_on="2024-05-01"),
        project("ramped_before", planned_on="2020-01-01", ramped_on="2023-12-31"),
        project("reported", stage_filed="signed"),
        project("reported_done", stage_filed="completed"),
        project("to_come", planned_on="2024-10-01"),
    )
    rows = office.ask("scoped_projects", "2024-09").filter("is_reserve")
    assert sorted(rows["project_id"]) == ["done_now", "planned", "reported", "started"]


def test_scoped_projects_of_an_area_that_did_not_file_are_carried_and_say_from_when(office: Office) -> None:
    office.file("2024-01", project("p1"), project("p2", area_id=WEST))
    office.file("2024-02", project("p1", started_on="2024-02-10"), area_id=EAST)
    rows = office.ask("scoped_projects", "2024-02").sort("project_id")
    assert rows.select("period", "filed_period", "project_id", "stage", "end_on").rows() == [
        ("2024-02", "2024-02", "p1", "started", date(2024, 2, 29)),
        ("2024-02", "2024-01", "p2", None, date(2024, 1, 31)),
    ]
    blank = office.ask("scoped_projects", "2024-02", unfiled="blank")
    assert blank["project_id"].to_list() == ["p1"]


def test_scoped_projects_that_are_carried_on_have_not_done_what_they_only_planned(office: Office) -> None:
    office.file("2024-08", project("p1", started_on="2024-09-20", start_due_on="2024-09-01"), area_id=EAST)
    office.file("2024-09", project("w1", area_id=WEST), area_id=WEST)
    carried = office.ask("scoped_projects", "2024-09").filter(pl.col("project_id") == "p1")
    assert carried["stage"].to_list() == [None]
    assert not flagged(office, "2024-09")["is_due_waiting"], "nor is it waited for before it files"


def test_scoped_projects_with_a_landing_to_come_land_by_the_rule(office: Office) -> None:
    rows = project("p1", asset_kind="实体经济", land_awarded_on="2024-05-10", landed_on="2024-12-01")
    office.file("2024-09", rows)
    assert office.ask("scoped_projects", "2024-09")["landed_on"].to_list() == [date(2024, 5, 10)]


# stages


def test_stage_places_are_the_canonical_order() -> None:
    places = store.run_query("stage_places", as_of=LATER, city=CITY, periods=[])
    assert places.sort("place").rows() == [(stage, place) for place, stage in enumerate(STAGES, start=1)]


def test_dated_events_counts_what_each_period_dates(office: Office) -> None:
    office.file("2024-08", project("p1", completed_on="2024-01-01"))
    office.file(
        "2024-09",
        project("p1", produced_on="2024-05-01", ramped_on="2024-06-01"),
        project("p2", produced_on="2024-05-01", entered_statistics_on="2024-07-01"),
    )
    rows = office.ask("dated_events", "2024-08", "2024-09").sort("period")
    assert rows.rows() == [("2024-08", 0, 0, 0), ("2024-09", 2, 1, 1)]


def test_stages_by_area_counts_and_sums_what_was_reported(office: Office) -> None:
    office.file(
        "2024-09",
        project("p1", started_on="2023-05-01", investment_total=100),
        project("p2", started_on="2024-05-01", investment_total=200.5),
        project("p3", started_on="2024-06-01"),
        project("p4", area_id=WEST, stage_filed="signed", category=None),
        project("p5", area_id=WEST, exited_on="2024-06-01", investment_total=7),
    )
    rows = office.ask("stages_by_area", "2024-09")
    assert rows.select(pl.exclude("period")).rows() == [
        (EAST, "started", False, True, False, "工业", 2, Decimal("200.5"), 1),
        (EAST, "started", False, True, True, "工业", 1, Decimal(100), 1),
        (WEST, "exited", False, False, False, "工业", 1, Decimal(7), 1),
        (WEST, "signed", True, True, False, None, 1, None, 0),
    ]


def test_stages_by_chain_tells_the_days_since_the_present_stage_where_they_are_known(office: Office) -> None:
    office.file(
        "2024-09",
        project("p1", chain="航空", signed_on="2024-01-01", started_on="2024-09-20", investment_total=100),
        project("p2", chain="航空", started_on="2024-09-20", investment_total=50),
        project("p3", chain="航空", started_on="2024-06-30", started_on_precision="quarter"),
        project("p4", chain="航空", stage_filed="started"),
        project("p5", planned_on="2024-09-30"),
    )
    rows = office.ask("stages_by_chain", "2024-09")
    assert rows.select(pl.exclude("period")).rows() == [
        ("航空", "started", 10, 2, Decimal(150)),
        ("航空", "started", None, 2, None),
        (None, "planned", 0, 1, None),
    ]


# Flows


# Money


# What is due, put off, cut or waiting


def test_baselines_are_of_each_period_shown_and_of_its_year(office: Office) -> None:
    office.file("2023-12", project("p1", plan_year=9, start_due_on="2023-11-30"))
    office.file("2024-01", project("p1", plan_year=100), project("p2", area_id=WEST, plan_year=7))
    office.file("2024-02", project("p1", area_id=WEST, plan_year=50, start_due_on="2024-05-01"))
    rows = office.ask("baselines", "2023-12", "2024-02").sort("period", "project_id")
    assert rows.rows() == [
        ("2023-12", "p1", Decimal(9), date(2023, 11, 30)),
        ("2024-02", "p1", Decimal(100), date(2024, 5, 1)),
        ("2024-02", "p2", Decimal(7), None),
    ]


def test_project_flags_wait_for_a_start_that_was_due_in_an_earlier_year(office: Office) -> None:
    office.file(
        "2024-09",
        project("overdue", start_due_on="2023-11-30"),
        project("begun", start_due_on="2023-11-30", started_on="2024-02-01"),
        project("exited", start_due_on="2023-11-30", exited_on="2024-02-01"),
    )
    flags = flagged(office, "2024-09")
    assert flags["is_due_waiting"] == {"overdue"}
    assert not flags["is_due"] | flags["is_due_started"], "this year's plan is another matter"


def test_project_flags_wait_from_the_day_on_which_the_months_are_full(office: Office) -> None:
    office.file(
        "2024-09",
        project("full", completed_on="2024-06-30", started_on="2024-08-30", investment_total=500),
        project("short", completed_on="2024-07-01", started_on="2024-09-01", investment_total=500),
        project("dated", produced_on="2024-01-01", entered_statistics_on="2024-01-01"),
    )
    flags = flagged(office, "2024-09")
    assert flags["is_unproduced"] == {"full"}
    assert flags["is_unlisted"] == {"full"}


def flagged(office: Office, period: str) -> dict[str, set[str]]:
    """Flag → projects that have it."""
    rows = office.ask("project_flags", period)
    flags = [name for name in rows.columns if name.startswith("is_")]
    return {flag: set(rows.filter(flag)["project_id"]) for flag in flags}


def test_project_flags_know_what_should_have_started(office: Office) -> None:
    office.file(
        "2024-09",
        project("on_time", start_due_on="2024-05-01", started_on="2024-05-02"),
        project("late", start_due_on="2024-09-30"),
        project("not_yet", start_due_on="2024-10-01"),
        project("last_year", start_due_on="2023-12-31", started_on="2023-12-31"),
        project("early", start_due_on="2024-12-01", started_on="2024-02-01"),
        project("planned_start", start_due_on="2024-05-01", started_on="2024-11-01"),
        project("exited", start_due_on="2024-05-01", exited_on="2024-06-01"),
    )
    flags = flagged(office, "2024-09")
    assert flags["is_due"] == {"on_time", "late", "planned_start"}
    assert flags["is_due_started"] == {"on_time"}
    assert flags["is_due_waiting"] == {"late", "planned_start"}


def test_project_flags_are_not_helped_by_pushing_a_date_back(office: Office) -> None:
    office.file("2024-01", project("p1", start_due_on="2024-03-01"), project("p2"))
    office.file("2024-02", project("p1", start_due_on="2024-12-01"), project("p2", start_due_on="2024-03-15"))
    office.file("2024-03", project("p1", start_due_on="2024-12-01"), project("p2", start_due_on="2024-06-01"))
    flags = flagged(office, "2024-03")
    assert flags["is_due_waiting"] == {"p1", "p2"}, "p2's first date is February's"
    assert flags["is_postponed"] == {"p1", "p2"}
    assert flagged(office, "2024-02")["is_postponed"] == {"p1"}
    assert office.ask("project_flags", "2024-03").sort("project_id")["baseline_start_due_on"].to_list() == [
        date(2024, 3, 1),
        date(2024, 3, 15),
    ]


def test_project_flags_take_no_rougher_date_for_a_later_one(office: Office) -> None:
    office.file("2024-01", *(project(name, start_due_on="2024-06-15") for name in ("p1", "p2")))
    rough = {"start_due_on_precision": "month"}
    office.file(
        "2024-02",
        project("p1", start_due_on="2024-06-30", **rough),
        project("p2", start_due_on="2024-07-31", **rough),
    )
    assert flagged(office, "2024-02")["is_postponed"] == {"p2"}


def test_project_flags_count_what_went_on_without_a_start_date_as_started(office: Office) -> None:
    office.file(
        "2024-09",
        project("p1", start_due_on="2024-03-31", completed_on="2024-08-01"),
        project("p2", start_due_on="2024-03-31", stage_filed="started"),
        project("p3", start_due_on="2024-03-31", stage_filed="signed"),
    )
    flags = flagged(office, "2024-09")
    assert flags["is_due_started"] == {"p1", "p2"}
    assert flags["is_due_waiting"] == {"p3"}


def test_project_flags_start_anew_with_the_year(office: Office) -> None:
    office.file("2023-12", project("p1", start_due_on="2023-06-01", plan_year=100))
    office.file("2024-01", project("p1", start_due_on="2024-06-01", plan_year=50))
    both = office.ask("project_flags", "2023-12", "2024-01").sort("period")
    assert both["baseline_start_due_on"].to_list() == [date(2023, 6, 1), date(2024, 6, 1)]
    flags = flagged(office, "2024-01")
    assert not flags["is_postponed"]
    assert not flags["is_cut"]


def test_project_flags_see_a_plan_that_was_cut(office: Office) -> None:
    office.file("2024-01", project("cut", plan_year=100), project("raised", plan_year=100), project("new"))
    office.file(
        "2024-02", project("cut", plan_year=70), project("raised", plan_year=130), project("new", plan_year=5)
    )
    rows = office.ask("project_flags", "2024-02").sort("project_id")
    assert rows.select("project_id", "is_cut", "plan_cut").rows() == [
        ("cut", True, Decimal(30)),
        ("new", False, None),
        ("raised", False, Decimal(0)),
    ]


def test_project_flags_wait_for_production_and_statistics_after_their_months_are_over(office: Office) -> None:
    office.file(
        "2024-09",
        project("idle", completed_on="2024-06-29"),
        project("in_time", completed_on="2024-07-01"),
        project("produced", completed_on="2024-01-01", produced_on="2024-02-01"),
        project("unlisted", started_on="2024-08-29", investment_total=500),
        project("recent", started_on="2024-09-01", investment_total=500),
        project("small", started_on="2024-01-01", investment_total=499.9999),
        project("listed", started_on="2024-01-01", investment_total=500, entered_statistics_on="2024-03-01"),
    )
    flags = flagged(office, "2024-09")
    assert flags["is_unproduced"] == {"idle"}
    assert flags["is_unlisted"] == {"unlisted"}


def test_project_flags_of_a_ledger_that_never_dates_something_are_silent_about_it(office: Office) -> None:
    office.file(
        "2024-09",
        project("idle", completed_on="2024-01-01", investment_total=500, started_on="2024-01-01"),
        project("other", area_id=WEST, produced_on=None),
    )
    assert not flagged(office, "2024-09")["is_unproduced"]
    assert not flagged(office, "2024-09")["is_unlisted"]
    office.file("2024-09", project("other", area_id=WEST, produced_on="2024-02-01"), area_id=WEST)
    assert flagged(office, "2024-09")["is_unproduced"] == {"idle"}
    alone = office.ask("project_flags", "2024-09", areas=[EAST])
    assert alone["is_unproduced"].to_list() == [True], "whatever the reader filters"


# Cohorts


def converted(office: Office, from_stage: str, to_stage: str, **params: Any) -> list[tuple[Any, ...]]:
    """(is_reached, days, projects) of one conversion."""
    rows = office.ask("conversion_by_stage", "2024-09", from_stage=from_stage, **params)
    return rows.filter(pl.col("to_stage") == to_stage).select("is_reached", "days", "projects").rows()


def test_conversion_by_stage_counts_who_reached_a_stage_or_a_later_one(office: Office) -> None:
    office.file(
        "2024-09",
        project("waits", signed_on="2024-09-20"),
        project("started", signed_on="2024-01-01", started_on="2024-01-11"),
        project("beyond", signed_on="2024-01-01", produced_on="2024-02-01"),
        project("plans", signed_on="2024-09-20", started_on="2024-10-01"),
        project("signed_before", signed_on="2023-12-31", started_on="2024-02-01"),
        project("exited", signed_on="2024-01-01", exited_on="2024-02-01"),
    )
    assert converted(office, "signed", "started") == [(False, 10, 2), (True, 10, 1), (True, None, 1)]
    assert converted(office, "signed", "produced") == [(False, 10, 2), (False, 273, 1), (True, 31, 1)]
    assert converted(office, "signed", "planned") == []


def test_conversion_by_stage_counts_days_between_days_only_and_never_backwards(office: Office) -> None:
    office.file(
        "2024-09",
        project("month", signed_on="2024-01-31", signed_on_precision="month", started_on="2024-03-01"),
        project("to_month", signed_on="2024-01-10", started_on="2024-03-31", started_on_precision="month"),
        project("same_day", signed_on="2024-01-10", started_on="2024-01-10"),
        project("backwards", signed_on="2024-03-01", started_on="2024-01-10"),
        project("waits", signed_on="2024-06-30", signed_on_precision="quarter"),
    )
    assert converted(office, "signed", "started") == [(False, None, 1), (True, 0, 1), (True, None, 3)]


def test_conversion_by_stage_draws_its_cohort_in_the_window_both_ends_in(office: Office) -> None:
    office.file(
        "2024-09",
        project("before", signed_on="2023-06-30"),
        project("first", signed_on="2023-07-01"),
        project("last", signed_on="2024-03-31"),
        project("after", signed_on="2024-04-01"),
        project("to_come", signed_on="2024-10-01"),
    )

    def cohort(**window: str) -> int:
        return sum(projects for _, _, projects in converted(office, "signed", "started", **window))

    assert cohort(window_from="2023-07-01", window_to="2024-03-31") == 2
    assert cohort(window_to="2024-03-31") == 1, "from the first of January"
    assert cohort(window_from="2023-07-01", window_to="2030-12-31") == 3, "never beyond the period"


def test_conversion_by_stage_asks_for_the_stage_it_starts_from(office: Office) -> None:
    office.file("2024-09", project("p1"))
    with pytest.raises(store.StoreError, match="from_stage"):
        office.ask("conversion_by_stage", "2024-09")


# Chains and places


def test_largest_by_chain_names_the_largest_project_and_breaks_ties_by_identifier(office: Office) -> None:
    office.file(
        "2024-09",
        project("p1", chain="航空", investment_total=100),
        project("p2", chain="航空", investment_total=100),
        project("p3", chain="航空"),
        project("p4", chain="航空", investment_total=900, exited_on="2024-01-01"),
        project("p5", chain="新材料"),
        project("p6", investment_total=1),
    )
    rows = office.ask("largest_by_chain", "2024-09")
    assert rows.select(pl.exclude("period")).rows() == [
        ("新材料", 1, None, 0, None, None),
        ("航空", 3, Decimal(200), 2, "项目p2", Decimal(100)),
        (None, 1, Decimal(1), 1, "项目p6", Decimal(1)),
    ]


def test_coordinates_by_area_counts_what_cannot_be_put_on_a_map(office: Office) -> None:
    office.file(
        "2024-09",
        project("p1", longitude=123.4, latitude=41.8),
        project("p2", longitude=123.4),
        project("p3", longitude=123.4, latitude=41.8, exited_on="2024-01-01"),
        project("p4", area_id=None),
    )
    rows = office.ask("coordinates_by_area", "2024-09")
    assert rows.select(pl.exclude("period")).rows() == [
        (UNASSIGNED, False, 1),
        (EAST, False, 1),
        (EAST, True, 1),
    ]


# Rows behind a number


def test_project_rows_come_largest_first_with_their_place_in_the_workbook(
    office: Office,
) -> None:
    office.file("2024-08", project("carried", area_id=WEST, investment_total=5))
    office.file(
        "2024-09",
        project("b", investment_total=10),
        project("a", investment_total=10),
        project("unknown"),
        project("large", investment_total=20),
        area_id=EAST,
    )
    rows = office.ask("project_rows", "2024-09")
    assert rows["project_id"].to_list() == ["large", "a", "b", "carried", "unknown"]
    assert rows.select("source_row", "filed_period", "revision", "filing_id").rows()[2:4] == [
        (2, "2024-09", 1, f"projects-{CITY}-2024-09-r0001-1"),
        (2, "2024-08", 1, f"projects-{CITY}-2024-08-r0001-1"),
    ]
    asked = office.ask("project_rows", "2024-09", project_ids=["unknown", "a", "nobody"])
    assert asked["project_id"].to_list() == ["a", "unknown"]


def test_project_rows_of_two_periods_are_one_a_period(office: Office) -> None:
    office.file("2024-08", project("p1"))
    office.file("2024-09", project("p1"))
    assert office.ask("project_rows", "2024-08", "2024-09").height == 2


# All that is true of a project


def test_project_facts_are_one_a_project_with_its_flags_and_its_plan(office: Office) -> None:
    office.file("2024-01", project("p1", plan_year=100, start_due_on="2024-02-01", steward="王五"))
    office.file(
        "2024-02",
        project("p1", plan_year=60, start_due_on="2024-12-01", steward="王五"),
        project("gone", exited_on="2024-02-01"),
        project("part", parent_id="p1"),
    )
    rows = office.ask("project_facts", "2024-02")
    columns = ("project_id", "is_due_waiting", "is_cut", "plan_cut", "baseline_plan_year", "steward")
    assert rows.select(columns).rows() == [
        ("gone", False, False, None, None, None),
        ("part", False, False, None, None, None),
    ], "a package stands for its parts and is no project"
    rows = office.ask("project_facts", "2024-01", "2024-02")
    assert rows.select("period", "project_id").rows() == [
        ("2024-01", "p1"),
        ("2024-02", "gone"),
        ("2024-02", "part"),
    ]


def test_project_facts_are_read_column_by_column_in_one_order(varied: Office) -> None:
    whole = varied.ask("project_facts", "2024-01", "2024-02")
    for columns in (["stage"], ["stage", "plan_cut"], ["plan_cut", "period", "stage"]):
        rows = varied.scope("2024-02").ask("project_facts", shown=("2024-01", "2024-02"), columns=columns)
        assert rows.equals(whole.select(columns))
    with pytest.raises(store.StoreError, match="没有列「secret」"):
        varied.scope("2024-02").ask("project_facts", columns=["stage", "secret"])


def test_planned_to_date_needs_every_month_of_the_year(office: Office) -> None:
    """The months that were filed; `test_planned_to_date.py` has the rest."""
    office.file("2024-03", project("whole"), project("short"))
    file_plans(office, "2024-03", whole=12, short=11)
    rows = office.ask("planned_to_date", "2024-03")
    assert rows.rows() == [("2024-03", "whole", Decimal(30), Decimal(30))]


def test_planned_by_month_adds_up_projects_with_all_months(office: Office) -> None:
    office.file("2024-03", project("p1"))
    file_plans(office, "2024-03", whole=12, other=12, part=11)
    rows = office.ask("planned_by_month", "2024-03")
    assert rows.select("month", "projects", "planned_amount").rows()[:2] == [
        ("2024-01", 2, 20),
        ("2024-02", 2, 20),
    ]
    assert rows.height == 12
    one = office.ask("planned_by_month", "2024-03", project_ids=["whole", "part"])
    assert set(one.select("projects", "planned_amount").iter_rows()) == {(1, 10)}


def test_project_history_has_a_row_for_each_period_with_its_source(office: Office) -> None:
    office.file("2024-01", project("p1", started_on="2024-01-05"), project("p2"))
    office.file("2024-02", project("p2", area_id=WEST), area_id=WEST)
    office.file("2024-03", project("p2"), project("p1", started_on="2024-02-05", invested_year=7))
    rows = office.ask("project_history", "2024-01", "2024-02", "2024-03", project_ids=["p1"])
    columns = rows.select("period", "filed_period", "started_on", "invested_year", "source_row")
    assert columns.rows() == [
        ("2024-01", "2024-01", date(2024, 1, 5), None, 2),
        ("2024-02", "2024-01", date(2024, 1, 5), None, 2),
        ("2024-03", "2024-03", date(2024, 2, 5), 7, 3),
    ]
    assert office.ask("project_history", "2024-03").height == 2


def test_economy_values_are_those_filed_for_the_period(office: Office) -> None:
    office.file("2024-02", project("p1"))
    office.file("2024-03", project("p1"))
    row = {"area_id": CITY, "measure": "固定资产投资", "unit": "亿元"}
    office.file_beside("economy", "2024-02", row | {"value": 1.5})
    office.file_beside("economy", "2024-03", row | {"value": 2.5}, row | {"measure": "工业投资", "value": 1})
    rows = office.ask("economy_values", "2024-03")
    assert rows.select("filed_period", "measure", "value").rows() == [
        ("2024-03", "固定资产投资", 2.5),
        ("2024-03", "工业投资", 1.0),
    ]


def file_plans(office: Office, period: str, **months: int) -> None:
    """File 10 万元 a month, for so many months, of these projects."""
    rows = [
        (project_id, EAST, f"{period[:4]}-{month:02}", Decimal(10), "计划", month)
        for project_id, count in months.items()
        for month in range(1, count + 1)
    ]
    names = ("project_id", "area_id", "month", "planned_amount", "source_sheet", "source_row")
    frame = pl.DataFrame(rows, schema={name: PLANS.schema[name] for name in names}, orient="row")
    filing = store.Filing(None, frame, "计划.xlsx", "ab" * 32, "计划", {}, 1, 1, 0, [], "张三", "")
    store.commit("plans", CITY, period, [filing], captured_at=captured(period))


def test_fund_facts_know_the_project_that_the_money_is_for(office: Office) -> None:
    office.file("2024-09", project("p1", chain="航空", started_on="2024-03-01", lists=["provincial"]))
    office.file_beside(
        "funds",
        "2024-09",
        {"fund_id": "f1", "source": "超长期特别国债", "approved": 5, "approved_on": "2024-05-01"},
        {"fund_id": "f2", "source": "超长期特别国债", "project_id": None, "area_id": WEST},
    )
    rows = office.ask("fund_facts", "2024-09")
    columns = ("row_key", "project_id", "chain", "stage", "started_on", "lists", "approved", "end_on")
    assert rows.select(columns).rows() == [
        (f"{EAST}/f1", "p1", "航空", "started", date(2024, 3, 1), ["provincial"], Decimal(5), END),
        (f"{WEST}/f2", None, None, None, None, None, None, END),
    ]


END = date(2024, 9, 30)


def test_problem_facts_know_the_project_that_is_held_up(office: Office) -> None:
    office.file("2024-09", project("p1", chain="航空", signed_on="2024-03-01"))
    office.file_beside(
        "problems", "2024-09", {"problem_id": "q1", "class": "征拆排迁", "due_on": "2024-10-01"}
    )
    rows = office.ask("problem_facts", "2024-09")
    assert rows.select("row_key", "project_id", "chain", "stage", "class", "due_on").rows() == [
        (f"{EAST}/q1", "p1", "航空", "signed", "征拆排迁", date(2024, 10, 1))
    ]


def test_fund_rows_say_where_they_came_from(office: Office) -> None:
    office.file("2024-09", project("p1"))
    office.file_beside("funds", "2024-09", {"fund_id": "f1", "name": "一"}, {"fund_id": "f2", "name": "二"})
    rows = office.ask("fund_rows", "2024-09", row_keys=[f"{EAST}/f2"])
    columns = ("row_key", "name", "source_sheet", "source_row")
    assert rows.select(columns).rows() == [(f"{EAST}/f2", "二", "funds", 3)]


def test_problem_rows_say_where_they_came_from(office: Office) -> None:
    office.file("2024-09", project("p1"))
    office.file_beside("problems", "2024-09", {"problem_id": "q1", "name": "一"}, {"problem_id": "q2"})
    rows = office.ask("problem_rows", "2024-09", row_keys=[f"{EAST}/q1"])
    columns = ("row_key", "name", "source_sheet", "source_row")
    assert rows.select(columns).rows() == [(f"{EAST}/q1", "一", "problems", 2)]


def test_activity_rows_are_those_of_every_month_of_the_year(office: Office) -> None:
    for month, kind in (("2024-01", "现场会"), ("2024-02", "月讲评")):
        office.file(month, project("p1"))
        held = {"activity_id": month, "kind": kind, "held_on": f"{month}-05", "area_id": CITY}
        office.file_beside("activities", month, held)
    rows = office.ask("activity_rows", "2024-01", "2024-02")
    assert rows.select("activity_id", "kind", "area_id").rows() == [
        ("2024-01", "现场会", CITY),
        ("2024-02", "月讲评", CITY),
    ]


def test_decision_rows_are_those_known_in_the_period(office: Office) -> None:
    for month, closed in (("2024-01", None), ("2024-02", "2024-02-20")):
        office.file(month, project("p1"))
        decided = {"decision_id": "d1", "text": "接通临时用电", "person": "王五", "closed_on": closed}
        office.file_beside("decisions", month, decided)
    rows = office.ask("decision_rows", "2024-02")
    columns = ("decision_id", "text", "project_id", "closed_on", "source_sheet", "source_row")
    assert rows.select(columns).rows() == [("d1", "接通临时用电", "p1", date(2024, 2, 20), "decisions", 2)], (
        "January's state of it is not February's"
    )


def test_indicator_rows_say_where_they_came_from(office: Office) -> None:
    office.file("2024-09", project("p1"))
    office.file_beside(
        "indicators", "2024-09", {"area_id": CITY, "no": "1", "measure": "总值", "year": 2023, "value": 1.5}
    )
    rows = office.ask("indicator_rows", "2024-09")
    columns = ("area_id", "no", "measure", "year", "value", "filed_period", "source_sheet", "source_row")
    assert rows.select(columns).rows() == [(CITY, "1", "总值", 2023, 1.5, "2024-09", "indicators", 2)]


def test_letter_rows_say_where_they_came_from(office: Office) -> None:
    office.file("2024-09", project("p1"))
    for month, replied in (("2024-08", None), ("2024-09", "2024-09-05")):
        office.file_beside("letters", month, {"letter_id": "h1", "kind": "提醒函", "replied_on": replied})
    rows = office.ask("letter_rows", "2024-09")
    columns = ("letter_id", "kind", "area_id", "replied_on", "source_sheet", "source_row")
    assert rows.select(columns).rows() == [("h1", "提醒函", EAST, date(2024, 9, 5), "letters", 2)]


def test_permit_facts_know_the_project_that_waits_for_them(office: Office) -> None:
    office.file("2024-09", project("p1", chain="航空", started_on="2024-03-01", investment_total=600))
    office.file_beside(
        "permits",
        "2024-09",
        {"name": "项目p1", "kind": "施工合同", "due_on": "2024-10-01", "obtained_on": "2024-09-30"},
        {"name": "无主", "kind": "立项", "project_id": None, "area_id": WEST},
    )
    rows = office.ask("permit_facts", "2024-09")
    columns = ("row_key", "chain", "stage", "investment_total", "due_on", "obtained_on", "end_on")
    assert rows.select(columns).rows() == [
        (f"{EAST}/p1/施工合同", "航空", "started", 600, date(2024, 10, 1), date(2024, 9, 30), END),
        (f"{WEST}/无主/立项", None, None, None, None, None, END),
    ]


def test_permit_rows_say_where_they_came_from(office: Office) -> None:
    office.file("2024-09", project("p1"))
    permits = ({"name": "项目p1", "kind": kind} for kind in ("立项", "环评"))
    office.file_beside("permits", "2024-09", *permits)
    rows = office.ask("permit_rows", "2024-09", row_keys=[f"{EAST}/p1/环评"])
    assert rows.select("name", "kind", "source_sheet", "source_row").rows() == [
        ("项目p1", "环评", "permits", 3)
    ]


def test_statistics_facts_keep_the_size_of_an_entry_that_is_no_project(office: Office) -> None:
    office.file("2024-09", project("p1", category="农业", investment_total=600))
    office.file_beside(
        "statistics",
        "2024-09",
        {"entry_id": "e1", "investment_total": 700, "invested_year": 5},
        {"entry_id": "e2", "investment_total": 800, "project_id": None, "area_id": WEST},
    )
    rows = office.ask("statistics_facts", "2024-09")
    assert rows.select("row_key", "category", "investment_total", "invested_year").rows() == [
        (f"{EAST}/e1", "农业", 600, 5),
        (f"{WEST}/e2", None, 800, None),
    ]


def test_statistics_rows_say_where_they_came_from(office: Office) -> None:
    office.file("2024-09", project("p1"))
    office.file_beside("statistics", "2024-09", {"entry_id": "e1"}, {"entry_id": "e2", "name": "二"})
    rows = office.ask("statistics_rows", "2024-09", row_keys=[f"{EAST}/e2"])
    assert rows.select("row_key", "name", "source_sheet", "source_row").rows() == [
        (f"{EAST}/e2", "二", "statistics", 3)
    ]


def test_economy_facts_are_amounts_in_wan_or_none(office: Office) -> None:
    office.file("2024-09", project("p1"))
    figures = [
        (CITY, "固定资产投资", 1699.1234, "亿元"),
        (CITY, "工业投资", 12.5, "万元"),
        (CITY, "盘活土地", 300.0, "亩"),
        (CITY, "技改投资", 5.0, None),
        (CITY, "民间投资", 1e12, "亿元"),
        (EAST, "固定资产投资", None, "亿元"),
    ]
    names = ("area_id", "measure", "value", "unit")
    office.file_beside("economy", "2024-09", *(dict(zip(names, one, strict=True)) for one in figures))
    rows = office.ask("economy_facts", "2024-09")
    assert {
        (area, measure): amount
        for area, measure, amount in rows.select("area_id", "measure", "amount").iter_rows()
    } == {
        (CITY, "固定资产投资"): Decimal("16991234.0000"),
        (CITY, "工业投资"): Decimal("12.5"),
        (CITY, "盘活土地"): None,
        (CITY, "技改投资"): None,
        (CITY, "民间投资"): None,
        (EAST, "固定资产投资"): None,
    }
    assert rows.filter("is_of_city")["area_id"].unique().to_list() == [CITY]


def test_economy_rows_say_where_they_came_from(office: Office) -> None:
    office.file("2024-09", project("p1"))
    told = ({"area_id": CITY, "measure": one, "value": 1.0} for one in ("固定资产投资", "工业投资"))
    office.file_beside("economy", "2024-09", *told)
    rows = office.ask("economy_rows", "2024-09", row_keys=[f"{CITY}/固定资产投资"])
    assert rows.select("measure", "value", "source_sheet", "source_row").rows() == [
        ("固定资产投资", 1.0, "economy", 2)
    ]
