"""The catalogue: every number is exactly what the rows behind it say, for the city and for each area."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import polars as pl
import pytest
from builders import CITY, EAST, UNASSIGNED, WEST, ZONE, Office, an_office, project

from saima import store
from saima.evidence import evidence_rows, proving_keys
from saima.ledgers import PRECISIONS, STAGES
from saima.metrics import CATALOGUE, KIND_TERMS, FactsOf
from saima.scope import LEDGER_OF, SIZES

PERIOD = "2024-03"


def one_step_after_the_other(number: int, day: date) -> dict[str, Any]:
    """Of every fifth project the dates of its stages from the beginning; of the others none."""
    gone = STAGES[: number // 5 % len(STAGES) + 1] if number % 5 == 0 else ()
    dates = {f"{stage}_on": (day + timedelta(days=20 * n)).isoformat() for n, stage in enumerate(gone)}
    return dates | {f"{stage}_on_precision": "day" for stage in gone}


def traits_of_service(traits: Random) -> dict[str, Any]:
    """What is there or not beside stages and investment."""
    row: dict[str, Any] = {}
    for name in ("land", "quota", "utility", "investor"):
        row[f"is_{name}_ready"] = traits.choice([True, True, True, False, None])
    for name in ("leader", "team", "plan_document", "responsible_person", "steward"):
        row[name] = traits.choice(["有", "有", None])
    for name in ("new_output_value", "output_year", "tax_year", "credit_amount", "land_cost_year"):
        row[name] = traits.choice([None, 0, 12.5])
    for name in ("invested_month", "invested_total", "invested_statistics_year", "foreign_total_usd"):
        row[name] = traits.choice([None, 999.9999, 1000])
    row["land_area_mu"] = traits.choice([None, 20.5])
    row["park_id"] = traits.choice([None, "P1"])
    row["tags"] = traits.choice([None, ["promotion:招商"], ["sei_national:生物", "promotion:招商"]])
    row["enterprise_name"] = traits.choice([None, "甲公司", "乙公司"])
    if traits.random() < 0.3:
        row["listed_enterprise_on"] = "2024-02-20"
    if traits.random() < 0.3:
        row["suspended_on"], row["resumed_on"] = "2024-01-20", traits.choice([None, "2024-02-01"])
    return row


def varied_projects(rng: Random, month: int) -> list[dict[str, Any]]:
    """Four hundred projects with dates, amounts and words that are there or not, and differ by month."""
    rows = []
    for number in range(400):
        traits = Random(number)
        row: dict[str, Any] = {
            "area_id": traits.choice([EAST, EAST, WEST, ZONE, UNASSIGNED]),
            "category": traits.choice(["工业", "工业", "服务业", "农业", "农业", "基础设施", "房地产", None]),
            "chain": traits.choice(["航空", "新材料", None]),
            "asset_kind": traits.choice(["实体经济", "房地产", "轻资产", None]),
            "investment_total": traits.choice([None, 499, 500, 9999, 10000, 10001, 60000, 100000, 2000000]),
            "agreed_amount": traits.choice([None, 0, 1234.5678]),
            "lists": traits.choice([None, ["provincial"]]),
            "parent_id": "p000" if number in {1, 2} else None,
            "stage_filed": traits.choice([None, *STAGES, "exited"]),
        }
        day = date(2023, 6, 1) + timedelta(days=traits.randrange(300))
        for stage in traits.sample(STAGES, traits.randrange(6)):
            row[f"{stage}_on"] = (day + timedelta(days=traits.randrange(-30, 60))).isoformat()
            row[f"{stage}_on_precision"] = traits.choice([*PRECISIONS, "day", "day"])
        row |= one_step_after_the_other(number, day)
        row |= traits_of_service(traits)
        if traits.random() < 0.15:
            row["exited_on"] = (day + timedelta(days=30)).isoformat()
        for name in (
            "land_awarded_on",
            "registered_on",
            "operated_on",
            "accepted_on",
            "entered_statistics_on",
        ):
            if traits.random() < 0.3:
                row[name] = (day + timedelta(days=traits.randrange(90))).isoformat()
        if rng.random() < 0.8:
            row["start_due_on"] = date(2024, rng.randrange(1, 6), 20).isoformat()
        row["plan_year"] = rng.choice([None, 0, 100, 250.5])
        row["invested_year"] = rng.choice([None, 0, 30 * month, 400])
        if number % 40 == 0:
            row |= {"exemption_reason": "征地", "exempt_until": "2025-01-01"}
        if number % 23 == 0:
            row |= {"started_on": "2021-01-01", "completion_due_on": "2024-06-01"}
        if number % 29 == 0:
            row |= {
                "category": "工业",
                "investment_total": 100_000,
                "signed_on": "2024-02-10",
                "signed_on_precision": "day",
                "reviewed_on": "2024-01-31",
                "exited_on": None,
                "completion_due_on": "2026-06-01",
                "leader": "有",
                "plan_document": "有",
                "responsible_person": "有",
            }
        rows.append(project(f"p{number:03}", **row))
    rows.append(project("p400", planned_on="2024-01-05", investment_total=20_000))
    return rows


def varied_funds(number: int) -> dict[str, Any]:
    """A fund of one of the varied projects."""
    traits = Random(number)
    return {
        "fund_id": f"f{number}",
        "project_id": f"p{number:03}",
        "area_id": traits.choice([EAST, WEST]),
        "source": traits.choice(["超长期特别国债", "地方政府专项债券", "银行贷款"]),
        "requested": traits.choice([None, 120]),
        "approved": traits.choice([None, 100, 20.5]),
        "approved_on": traits.choice([None, "2023-11-01", "2024-01-05", "2024-04-01"]),
        "issued_on": traits.choice([None, "2024-02-05"]),
        "arrived": traits.choice([None, 100]),
        "arrived_on": traits.choice([None, "2023-12-01", "2024-03-01"]),
        "paid": traits.choice([None, 0, 40]),
        "physical_on": traits.choice([None, "2024-02-01"]),
    }


def varied_problems(number: int) -> dict[str, Any]:
    """A problem of one of the varied projects."""
    traits = Random(number)
    return {
        "problem_id": f"q{number}",
        "project_id": f"p{number:03}",
        "area_id": traits.choice([EAST, WEST]),
        "class": traits.choice(["征拆排迁", "资金融资", None]),
        "raised_on": traits.choice([None, "2023-11-01", "2024-01-05"]),
        "raised_on_precision": "day",
        "due_on": traits.choice([None, "2024-03-01", "2024-04-01"]),
        "resolved_on": traits.choice([None, "2024-02-01", "2024-03-20"]),
        "resolved_on_precision": "day",
    }


def varied_permits(number: int) -> dict[str, Any]:
    """A permit of one of the varied projects."""
    traits = Random(number)
    return {
        "project_id": f"p{number:03}",
        "name": f"项目p{number:03}",
        "area_id": traits.choice([EAST, WEST]),
        "kind": traits.choice(["立项", "施工合同"]),
        "due_on": traits.choice([None, "2024-02-01", "2024-03-31", "2024-06-01"]),
        "obtained_on": traits.choice([None, "2024-01-20", "2024-03-20"]),
    }


def varied_entries(number: int) -> dict[str, Any]:
    """An entry of one of the varied projects in the statistics library."""
    traits = Random(number)
    return {
        "entry_id": f"e{number}",
        "project_id": f"p{number:03}",
        "area_id": traits.choice([EAST, WEST]),
        "invested_year": traits.choice([None, 0, 40]),
    }


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A year-end and three months of the varied projects; the west did not file the last of them."""
    rng = Random(20240308)
    with an_office(tmp_path_factory.mktemp("varied")) as office:
        for period, month in (("2023-12", 12), ("2024-01", 1), ("2024-02", 2)):
            office.file(period, *varied_projects(rng, month))
        rows = varied_projects(rng, 3)
        for area in (EAST, ZONE, UNASSIGNED):
            office.file(PERIOD, *(row for row in rows if row["area_id"] == area), area_id=area)
        for period in ("2023-12", PERIOD):
            office.file_beside("funds", period, *map(varied_funds, range(60)))
            office.file_beside("problems", period, *map(varied_problems, range(60)))
            office.file_beside("activities", period, {"activity_id": "a", "kind": "现场会"})
            office.file_beside("decisions", period, {"decision_id": "d", "text": "接通临时用电"})
            office.file_beside("indicators", period, {"measure": "总值", "year": 2023, "value": 1.5})
            office.file_beside("letters", period, {"letter_id": "h", "kind": "提醒函"})
            office.file_beside("permits", period, *map(varied_permits, range(60)))
            office.file_beside("statistics", period, *map(varied_entries, range(60)))
            office.file_beside("economy", period, FIXED)
        yield office


FIXED = {"area_id": CITY, "measure": "固定资产投资", "value": 1.5, "unit": "亿元"}

ADDITIVE = [
    metric.id
    for metric in CATALOGUE.values()
    if metric.kind != "days" and not metric.distinct and metric.facts != "economy_facts"
]
"""Metrics whose parts add up: a median is no sum, an enterprise may have projects in two areas, and a figure
of the city is nobody's part."""

SCOPES: dict[str, dict[str, Any]] = {
    "whole city": {},
    "a carried area": {"areas": (WEST,)},
    "small farming": {"category": "农业", "size": "亿元以下"},
    "large, of one chain": {"chain": "航空", "size": "10—50亿元"},
}


@pytest.mark.parametrize("metric_id", CATALOGUE)
def test_the_rows_behind_a_number_are_as_many_as_it_says(metric_id: str, varied: Office) -> None:
    metric = CATALOGUE[metric_id]
    for name, filters in SCOPES.items():
        scope = varied.scope(PERIOD, **filters)
        (value,) = scope.measure([metric_id]).rows(named=True)
        rows = evidence_rows(metric, scope, proving_keys(metric, scope))
        if metric.amount is None and metric.distinct is None:
            assert value["numerator"] == rows.height, name
        assert value["projects"] <= rows.height, name
        assert value["projects"] <= value["of_projects"], name


@pytest.mark.parametrize("metric_id", CATALOGUE)
def test_a_rate_divides_numbers_of_which_one_is_part_of_the_other(metric_id: str, varied: Office) -> None:
    metric = CATALOGUE[metric_id]
    (value,) = varied.scope(PERIOD).measure([metric_id]).rows(named=True)
    if metric.unit == "率" and metric.amount is None:
        assert 0 <= value["numerator"] <= value["denominator"]
    if not metric.is_quotient:
        assert value["denominator"] is None


def test_the_rows_behind_a_marked_area_are_those_of_its_zones_too(varied: Office) -> None:
    metric, scope = CATALOGUE["projects_in_stage"], varied.scope(PERIOD)
    marked = evidence_rows(metric, scope, proving_keys(metric, scope, {"area": (EAST,)}))
    assert set(marked["area_id"]) == {EAST, ZONE}
    values = scope.measure([metric.id], by_area=True)
    assert values.filter(pl.col("area_id") == EAST)["numerator"].to_list() == [marked.height]


def test_the_varied_ledger_has_something_to_say_about_every_metric(varied: Office) -> None:
    values = varied.scope(PERIOD).measure(list(CATALOGUE))
    silent = values.filter(pl.col("numerator").fill_null(0) == 0)["metric_id"].to_list()
    assert silent == ["treasury_projects_started"], "what is won after June has not come by March"


def test_the_areas_of_a_city_add_up_to_it(varied: Office) -> None:
    """A total is the sum over distinct projects: a zone counts in its district and nothing twice."""
    scope = varied.scope(PERIOD)
    whole = scope.measure(ADDITIVE)
    parts = (
        scope.measure(ADDITIVE, by_area=True)
        .group_by("metric_id", maintain_order=True)
        .agg(pl.col("numerator", "projects", "of_projects").sum())
    )
    compared = whole.join(parts, on="metric_id", suffix="_of_areas")
    for column in ("numerator", "projects", "of_projects"):
        assert compared[column].fill_null(0).to_list() == compared[f"{column}_of_areas"].to_list()


def test_an_area_asked_alone_has_the_value_it_has_among_the_others(varied: Office) -> None:
    among = varied.scope(PERIOD).measure(list(CATALOGUE), by_area=True)
    for area in (EAST, WEST):
        alone = varied.scope(PERIOD, areas=(area,)).measure(list(CATALOGUE), by_area=True)
        assert alone.equals(among.filter(pl.col("area_id") == area))


@pytest.mark.parametrize("of", LEDGER_OF)
def test_a_period_has_the_same_facts_alone_and_among_others(of: FactsOf, varied: Office) -> None:
    scope, periods = varied.scope(PERIOD), ("2023-12", "2024-01", "2024-02", PERIOD)
    columns = sorted(store.query_header(of).returns)
    together = scope.ask(of, shown=periods, columns=columns)
    store._answers.frames.clear()
    scope.facts(["period", "end_on"], shown=periods[1:], of=of)
    by_period = scope.facts(columns, shown=periods, of=of)
    assert by_period.height == together.height > 0
    # A zone goes by its district in facts, and by itself in the query.
    assert by_period.drop("area_id").equals(together.drop("area_id"))
    for period in periods:
        alone = scope.ask(of, shown=(period,), columns=columns)
        assert alone.equals(together.filter(pl.col("period") == period))


NOT_OF_PROJECTS = ("stage_places", "planned_to_date", "planned_by_month", "economy_values")


@pytest.mark.parametrize("query", [name for name in store.query_names() if name not in NOT_OF_PROJECTS])
def test_no_two_rows_of_an_answer_have_the_same_grain(query: str, varied: Office) -> None:
    grain = re.search(r"\(([^)]*)\)", store.query_header(query).grain)
    keys = re.findall(r"\w+", grain[1]) if grain else ["project_id"]
    params = {"from_stage": "signed"} if "from_stage" in store.query_parameters(query) else {}
    rows = varied.ask(query, "2023-12", PERIOD, **params) if "period" in keys else varied.ask(query, PERIOD)
    assert rows.height > 0
    assert rows.select(keys).is_duplicated().sum() == 0


# What is missing


def test_missing_is_never_zero_and_nothing_counted_is(office: Office) -> None:
    office.file("2024-01", project("p1"), project("p2", area_id=WEST, started_on="2024-01-05", plan_year=0))
    values = office.scope("2024-01").measure(
        ["started_projects", "invested_year", "plan_year", "investment_completion", "start_rate_of_signed"],
        by_area=True,
    )
    rows = values.select("metric_id", "area_id", "numerator", "denominator", "value").rows()
    assert rows == [
        ("started_projects", EAST, Decimal(0), None, 0.0),
        ("started_projects", WEST, Decimal(1), None, 1.0),
        ("invested_year", EAST, None, None, None),
        ("invested_year", WEST, None, None, None),
        ("plan_year", EAST, None, None, None),
        ("plan_year", WEST, Decimal(0), None, 0.0),
        ("investment_completion", EAST, None, None, None),
        ("investment_completion", WEST, None, None, None),
        ("start_rate_of_signed", EAST, Decimal(0), Decimal(0), None),
        ("start_rate_of_signed", WEST, Decimal(0), Decimal(0), None),
    ]


def test_an_area_that_filed_nothing_of_a_kind_counts_zero_and_one_that_never_filed_has_no_row(
    office: Office,
) -> None:
    office.file("2024-01", project("p1", area_id=WEST))
    office.file("2024-01", area_id=EAST)
    values = office.scope("2024-01").measure(["started_projects", "projects_in_stage"], by_area=True)
    assert values.select("metric_id", "area_id", "numerator").rows() == [
        ("started_projects", EAST, Decimal(0)),
        ("started_projects", WEST, Decimal(0)),
        ("projects_in_stage", EAST, Decimal(0)),
        ("projects_in_stage", WEST, Decimal(1)),
    ]


def test_a_zone_that_filed_speaks_for_its_district(office: Office) -> None:
    office.file("2024-01", project("p1", area_id=ZONE, started_on="2024-01-05"), area_id=ZONE)
    values = office.scope("2024-01").measure(["started_projects"], by_area=True)
    assert values.select("area_id", "numerator").rows() == [(EAST, Decimal(1))]


def test_a_period_without_a_snapshot_has_no_value(office: Office) -> None:
    office.file("2024-01", project("p1"))
    office.file("2024-03", project("p1"))
    values = office.scope("2024-03").measure(["projects_in_stage"], shown=["2024-01", "2024-02", "2024-03"])
    assert values["period"].to_list() == ["2024-01", "2024-03"]


def test_each_value_of_a_series_comes_from_the_snapshot_of_its_period(office: Office) -> None:
    office.file("2024-01", project("p1", started_on="2024-01-05"))
    office.file("2024-02", project("p1"))
    values = office.scope("2024-02").measure(["started_projects"], shown=["2024-01", "2024-02"])
    assert values["numerator"].to_list() == [1, 0]


def test_a_rate_is_divided_after_everything_was_added_up(office: Office) -> None:
    office.file(
        "2024-01",
        project("p1", plan_year="0.1", invested_year="0.1"),
        project("p2", plan_year="0.2", invested_year="0.2", area_id=WEST),
    )
    (row,) = office.scope("2024-01").measure(["investment_completion"]).rows(named=True)
    assert (row["numerator"], row["denominator"], row["value"]) == (Decimal("0.3"), Decimal("0.3"), 1.0)


# The catalogue itself


def test_every_metric_says_what_it_is() -> None:
    assert len({metric.name for metric in CATALOGUE.values()}) == len(CATALOGUE)
    for metric_id, metric in CATALOGUE.items():
        assert metric.id == metric_id
        assert metric.kind in KIND_TERMS
        for text in (metric.name, metric.definition, metric.source):
            assert re.search(r"[\u4e00-\u9fff]", text), metric_id
            assert not re.search(r"[A-Za-z]{2,}", text), f"{metric_id} is read by people: {text}"
        assert metric.is_quotient or metric.of_amount is None


def test_sizes_include_their_lower_end_and_follow_on_each_other() -> None:
    bands = [
        SIZES[name] for name in ("亿元以下", "1—5亿元", "5—10亿元", "10—50亿元", "50—100亿元", "100亿元以上")
    ]
    assert [below for _, below in bands[:-1]] == [start for start, _ in bands[1:]]
    assert bands[-1][1] is None
    assert SIZES["亿元以上"] == (10_000, None)
    assert SIZES["不限"] == (None, None)
