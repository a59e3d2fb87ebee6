"""Lights: every threshold on either side, the worst of them, streaks, exemptions."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from saima.reference import LightRules
from saima.transforms.lights import FACTS, LIGHT_TERMS, project_lights

RULES = LightRules()

END = date(2024, 9, 30)

FUNDS = {"period": pl.String, "project_id": pl.String, "end_on": pl.Date} | dict.fromkeys(
    ("arrived_on", "physical_on"), pl.Date
)
PROBLEMS = {"period": pl.String, "project_id": pl.String, "end_on": pl.Date} | dict.fromkeys(
    ("raised_on", "due_on", "resolved_on"), pl.Date
)


def fact(project_id: str = "p", period: str = "2024-09", **values: Any) -> dict[str, Any]:
    """A project under construction of which nothing else is known."""
    year, month = int(period[:4]), int(period[5:])
    end = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    row: dict[str, Any] = {
        "period": period,
        "filed_period": period,
        "year_from": date(year, 1, 1),
        "end_on": end,
        "project_id": project_id,
        "area_id": "a",
        "stage": "started",
        "is_due_waiting": False,
        "dated_productions": 1,
        "dated_ramps": 1,
        "dated_entries": 1,
        "lists": [],
    }
    return row | values


def facts(*rows: dict[str, Any]) -> pl.DataFrame:
    schema: dict[str, Any] = {"period": pl.String, "area_id": pl.String}
    for name in FACTS:
        if name.endswith(("_on", "until")) or name == "year_from":
            schema[name] = pl.Date
        elif name.startswith("is_"):
            schema[name] = pl.Boolean
        elif name.startswith("dated_"):
            schema[name] = pl.Int64
        elif name in {"investment_total", "plan_year", "invested_year", "invested_total", "planned_to_date"}:
            schema[name] = pl.Decimal(18, 4)
        else:
            schema[name] = pl.List(pl.String) if name == "lists" else pl.String
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def lights(
    *rows: dict[str, Any],
    rules: LightRules = RULES,
    funds: tuple[tuple[str, date | None, date | None], ...] = (),
    problems: tuple[tuple[date | None, date | None, date | None], ...] = (),
) -> pl.DataFrame:
    """Lights of these rows; funds are (project, arrived, physical), problems (raised, due, resolved) of p."""
    money = pl.DataFrame([("2024-09", p, END, *dates) for p, *dates in funds], FUNDS, orient="row")
    held_up = pl.DataFrame([("2024-09", "p", END, *dates) for dates in problems], PROBLEMS, orient="row")
    return project_lights(facts(*rows), money, held_up, rules)


def one(name: str, **values: Any) -> Any:
    """That column of the only project."""
    return lights(fact(**values))[name].item()


@pytest.mark.parametrize(
    ("invested", "light", "behind"),
    [
        ("75", "green", 0),
        ("80", "green", -50),
        ("65.1", "green", 99),
        ("65.05", "green", 99),
        ("65.04", "yellow", 100),
        ("65", "yellow", 100),
        ("45", "yellow", 300),
        ("44.96", "yellow", 300),
        ("44.94", "red", 301),
        ("0", "red", 750),
    ],
)
def test_progress_is_judged_by_the_distance_of_the_printed_percentages(
    invested: str, light: str, behind: int
) -> None:
    """September without monthly plans: 序时 is 75.0 %."""
    lit = lights(fact(plan_year=Decimal(100), invested_year=Decimal(invested)))
    assert lit.select("progress", "behind").row(0) == (light, behind)


def test_progress_follows_the_monthly_plan_where_there_is_one() -> None:
    values = {"plan_year": Decimal(100), "invested_year": Decimal(45)}
    assert one("progress", planned_to_date=Decimal(50), **values) == "green"
    assert one("progress", planned_to_date=Decimal(90), **values) == "red"


@pytest.mark.parametrize(
    ("invested", "light"), [("75", "green"), ("74.99", "yellow"), ("37.5", "yellow"), ("37.49", "red")]
)
def test_relative_progress_is_red_above_half_of_what_was_due(invested: str, light: str) -> None:
    rules = replace(RULES, progress_mode="relative", progress_red=50)
    lit = lights(fact(plan_year=Decimal(100), invested_year=Decimal(invested)), rules=rules)
    assert lit["progress"].item() == light


@pytest.mark.parametrize(
    "values",
    [
        {"plan_year": Decimal(0), "invested_year": Decimal(5)},
        {"plan_year": None, "invested_year": Decimal(5)},
        {"plan_year": Decimal(5), "invested_year": None},
        {"plan_year": Decimal(5), "invested_year": Decimal(0), "finished_on": date(2023, 12, 31)},
    ],
)
def test_progress_without_plan_or_report_or_after_completion_says_nothing(values: dict[str, Any]) -> None:
    assert one("progress", **values) == "grey"


def test_a_start_is_grey_before_it_is_due_yellow_after_and_green_once_made() -> None:
    assert one("start", stage="signed") == "grey"
    assert one("start", stage="signed", is_due_waiting=True) == "yellow"
    assert one("start", stage="started", is_due_waiting=False) == "green"


def waiting(*periods: str, carried: str = "") -> pl.DataFrame:
    """A start that was due and not made in these periods; the carried one repeats the filing before."""
    rows = [
        fact(
            period=period,
            stage="signed",
            is_due_waiting=True,
            filed_period=periods[place - 1] if period == carried else period,
        )
        for place, period in enumerate(periods)
    ]
    return lights(*rows).sort("period")


def test_a_start_waited_for_in_three_filed_periods_in_a_row_is_red() -> None:
    lit = waiting("2024-07", "2024-08", "2024-09")
    assert lit["start"].to_list() == ["yellow", "yellow", "red"]
    assert lit["start_periods"].to_list() == [1, 2, 3]


def test_a_period_that_was_not_filed_neither_breaks_nor_lengthens_a_streak() -> None:
    lit = waiting("2024-06", "2024-07", "2024-08", "2024-09", carried="2024-08")
    assert lit["start_periods"].to_list() == [1, 2, 2, 3]
    assert lit["start"].to_list() == ["yellow", "yellow", "yellow", "red"]
    # A month without any snapshot is no month of the streak either.
    assert waiting("2024-03", "2024-08", "2024-09")["start"].to_list() == ["yellow", "yellow", "red"]


def test_a_streak_begins_anew_after_a_good_period() -> None:
    rows = [
        fact(period="2024-06", stage="signed", is_due_waiting=True),
        fact(period="2024-07", stage="signed", is_due_waiting=False),
        fact(period="2024-08", stage="signed", is_due_waiting=True),
        fact(period="2024-09", stage="signed", is_due_waiting=True),
    ]
    assert lights(*rows).sort("period")["start_periods"].to_list() == [1, 0, 1, 2]


@pytest.mark.parametrize(
    ("started", "light"),
    [("2024-08-30", "grey"), ("2024-08-29", "yellow"), ("2024-07-30", "yellow"), ("2024-07-29", "red")],
)
def test_entry_into_statistics_is_yellow_after_one_month_and_red_after_two(started: str, light: str) -> None:
    values = {"started_on": date.fromisoformat(started), "investment_total": Decimal(500)}
    assert one("statistics", **values) == light
    assert one("statistics", **values, entered_statistics_on=END) == "green"
    assert one("statistics", **values | {"investment_total": Decimal("499.9999")}) == "grey"
    assert one("statistics", **values, dated_entries=0) == "grey"


def test_money_that_arrived_more_than_three_months_ago_without_work_is_red() -> None:
    long_ago, just = date(2024, 6, 29), date(2024, 6, 30)
    assert lights(fact(), funds=(("p", long_ago, None),))["funds"].item() == "red"
    assert lights(fact(), funds=(("p", just, None),))["funds"].item() == "green"
    assert lights(fact(), funds=(("p", long_ago, date(2024, 9, 1)),))["funds"].item() == "green"
    assert lights(fact(), funds=(("p", long_ago, date(2024, 10, 1)),))["funds"].item() == "red"
    assert lights(fact(), funds=(("p", None, None),))["funds"].item() == "grey"
    both = (("p", long_ago, date(2024, 7, 1)), ("p", date(2024, 5, 1), None))
    assert lights(fact(), funds=both)["funds"].item() == "red"


def test_a_problem_is_yellow_near_its_due_day_and_red_past_it() -> None:
    raised = date(2024, 8, 1)

    def light(due: date | None, resolved: date | None = None) -> str:
        return str(lights(fact(), problems=((raised, due, resolved),))["problem"].item())

    assert light(date(2024, 9, 29)) == "red"
    assert light(date(2024, 9, 30)) == "yellow"
    assert light(date(2024, 10, 15)) == "yellow"
    assert light(date(2024, 10, 16)) == "green"
    assert light(None) == "green"
    assert light(date(2024, 9, 1), resolved=date(2024, 9, 20)) == "grey"
    assert light(date(2024, 9, 1), resolved=date(2024, 10, 2)) == "red"


@pytest.mark.parametrize(
    ("completed", "production", "capacity"),
    [("2024-06-30", "grey", "grey"), ("2024-06-29", "yellow", "grey"), ("2024-03-29", "yellow", "yellow")],
)
def test_the_clocks_of_production_and_full_capacity_run_from_completion(
    completed: str, production: str, capacity: str
) -> None:
    values = {"stage": "completed", "finished_on": date.fromisoformat(completed)}
    lit = lights(fact(**values))
    assert lit.select("production", "capacity").row(0) == (production, capacity)
    assert one("production", **values | {"stage": "produced"}) == "green"
    assert one("capacity", **values | {"stage": "ramped"}) == "green"
    assert one("production", **values, dated_productions=0) == "grey"


def test_maturity_grades_what_is_only_planned_and_lights_nothing() -> None:
    four = dict.fromkeys(("is_land_ready", "is_quota_ready", "is_utility_ready", "is_investor_ready"), True)
    two = {"is_land_ready": True, "is_quota_ready": True}
    assert one("reserve", stage="planned", **four) == "green"
    assert one("reserve", stage="planned", **two) == "yellow"
    assert one("reserve", stage="planned", is_land_ready=True) == "red"
    assert one("reserve", stage="planned", is_land_ready=False) == "red"
    assert one("reserve", stage="planned") == "grey"
    assert one("reserve", stage="started", **four) == "grey"
    assert one("light", stage="planned", is_land_ready=False) == "grey"


def test_a_project_shows_the_worst_of_its_lights_and_grey_is_never_the_worst() -> None:
    yellow = {"started_on": date(2024, 8, 1), "investment_total": Decimal(500)}
    assert one("light", **yellow) == "yellow"
    red = yellow | {"plan_year": Decimal(100), "invested_year": Decimal(0)}
    assert one("light", **red) == "red"
    assert one("light", stage="signed") == "grey"
    assert set(LIGHT_TERMS) <= set(lights(fact()).columns)


def test_what_has_left_has_no_light() -> None:
    assert lights(fact(stage="exited", is_due_waiting=True)).is_empty()


def test_an_exempt_light_keeps_its_colour_and_counts_in_no_streak() -> None:
    late = {"plan_year": Decimal(100), "invested_year": Decimal(0), "exemption_reason": "征地"}
    exempt = lights(fact(**late, exempt_until=END))
    assert exempt.select("light", "is_exempt", "red_periods", "lit_periods").row(0) == ("red", True, 0, 0)
    over = lights(fact(**late, exempt_until=date(2024, 9, 29)))
    assert over.select("light", "is_exempt", "red_periods", "lit_periods").row(0) == ("red", False, 1, 1)


def test_streaks_of_red_are_shorter_than_those_of_red_and_yellow() -> None:
    plan = {"plan_year": Decimal(100)}
    rows = [
        fact(period="2024-07", invested_year=Decimal(45), **plan),
        fact(period="2024-08", invested_year=Decimal(20), **plan),
        fact(period="2024-09", invested_year=Decimal(20), **plan),
    ]
    lit = lights(*rows).sort("period")
    assert lit["light"].to_list() == ["yellow", "red", "red"]
    assert lit["lit_periods"].to_list() == [1, 2, 3]
    assert lit["red_periods"].to_list() == [0, 1, 2]


def test_long_works_and_slow_money_are_named() -> None:
    assert one("is_marathon", started_on=date(2021, 9, 30))
    assert not one("is_marathon", started_on=date(2021, 10, 1))
    assert not one("is_marathon", started_on=date(2020, 1, 1), stage="completed")
    half_way = {
        "started_on": date(2024, 3, 31),
        "completion_due_on": date(2025, 4, 1),
        "investment_total": Decimal(100),
    }
    assert one("is_snail", invested_total=Decimal("19.9"), **half_way)
    assert not one("is_snail", invested_total=Decimal("20.1"), **half_way)
    assert not one("is_snail", invested_total=None, **half_way)
