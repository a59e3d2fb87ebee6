"""序时 of money: the monthly plan where all its months exist, else even months; in race and pace."""

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from builders import CITY, EAST, SOUTH, WEST, ZONE, Office, captured, project

from saima import store
from saima.answers import investment, race_scores
from saima.ledgers import PLANS
from saima.store import Filing
from saima.transforms.race import of_period

EARLY = [10] * 6 + [0] * 6
"""A yearly plan of 60 that is to be spent by June."""
LATE = [0] * 6 + [10] * 6


def plan_months(office: Office, period: str, **months: list[int]) -> None:
    """File the monthly plans of these projects for the year of the period, for the whole city."""
    rows: list[dict[str, Any]] = [
        {
            "project_id": project_id,
            "area_id": EAST,
            "month": f"{period[:4]}-{month:02}",
            "planned_amount": Decimal(amount),
            "source_sheet": "月度计划",
            "source_row": month,
        }
        for project_id, amounts in months.items()
        for month, amount in enumerate(amounts, 1)
    ]
    named = {name: kind for name, kind in PLANS.schema.items() if name in rows[0]}
    frame = pl.DataFrame(rows, schema=named, orient="row")
    count = len(rows)
    filing = Filing(None, frame, "计划.xlsx", "ab" * 32, "月度计划", {}, count, count, 0, [], "张三", "")
    store.commit("plans", CITY, period, [filing], captured_at=captured(period))


def planned(office: Office, period: str, **filters: Any) -> tuple[Any, Any, int, int]:
    """(planned to date, plan of the year, projects planned by month, projects with a plan)."""
    (row,) = office.scope(period, **filters).measure(["planned_share"]).rows(named=True)
    return row["numerator"], row["denominator"], row["projects"], row["of_projects"]


def test_the_monthly_plan_tells_what_was_due_by_now(office: Office) -> None:
    rows = [project(name, plan_year=60, invested_year=0) for name in ("a", "b")]
    rows.append(project("c", invested_year=0))
    office.file("2024-01", *rows)
    office.file("2024-03", *rows)
    plan_months(office, "2024-01", a=EARLY, b=LATE)
    assert planned(office, "2024-03") == (30, 120, 2, 2)
    assert planned(office, "2024-01") == (10, 120, 2, 2)


def test_a_plan_that_lacks_a_month_is_spread_evenly(office: Office) -> None:
    office.file(
        "2024-03",
        project("a", plan_year=60, invested_year=0),
        project("b", plan_year=120, invested_year=0),
    )
    plan_months(office, "2024-03", a=EARLY, b=LATE[:11])
    assert planned(office, "2024-03") == (30 + 30, 180, 1, 2)


def test_the_years_last_filing_of_plans_so_far_stands(office: Office) -> None:
    for period in ("2024-01", "2024-06", "2024-07", "2024-08"):
        office.file(period, *(project(name, plan_year=60, invested_year=0) for name in ("a", "b")))
    plan_months(office, "2024-01", a=EARLY, b=EARLY)
    plan_months(office, "2024-07", a=LATE)
    assert planned(office, "2024-06") == (120, 120, 2, 2)
    assert planned(office, "2024-08") == (20 + 40, 120, 1, 2)


def test_a_plan_of_last_year_says_nothing_of_this_one(office: Office) -> None:
    office.file("2023-07", project("a", plan_year=60, invested_year=0))
    office.file("2024-03", project("a", plan_year=60, invested_year=0))
    plan_months(office, "2023-07", a=EARLY)
    assert planned(office, "2024-03") == (15, 60, 0, 1)


def test_filters_narrow_the_planned_too_and_who_left_is_not_planned(office: Office) -> None:
    office.file(
        "2024-03",
        project("a", plan_year=60, invested_year=0),
        project("b", plan_year=12, invested_year=0, category="服务业"),
        project("x", plan_year=60, invested_year=0, exited_on="2024-02-01"),
    )
    plan_months(office, "2024-03", a=EARLY, x=EARLY)
    assert planned(office, "2024-03") == (33, 72, 1, 2)
    assert planned(office, "2024-03", category="服务业") == (3, 12, 0, 1)


def test_nothing_planned_is_missing(office: Office) -> None:
    office.file("2024-03", project("a", invested_year=5))
    assert planned(office, "2024-03") == (None, None, 0, 0)


def test_what_was_planned_is_of_the_projects_that_report_what_was_done(office: Office) -> None:
    """The one that reports nothing was to be spent in January: it says nothing of the other's pace."""
    office.file("2024-03", project("a", plan_year=100), project("b", plan_year=100, invested_year=25))
    plan_months(office, "2024-03", a=[100] + [0] * 11)
    assert planned(office, "2024-03") == (25, 100, 0, 1)
    row = investment(office.scope("2024-03")).row(0, named=True)
    assert (row["completion_percent"], row["pace_percent"], row["light"]) == (
        Decimal(25),
        Decimal(25),
        "green",
    )


def test_plans_filed_before_the_first_projects_count(office: Office) -> None:
    plan_months(office, "2024-01", a=[60] + [0] * 11)
    office.file("2024-02", project("a", plan_year=60, invested_year=10))
    assert planned(office, "2024-02") == (60, 60, 1, 1)


def test_new_plans_are_a_new_answer(office: Office) -> None:
    office.file("2024-03", project("a", plan_year=1200, invested_year=300))
    before = investment(office.scope("2024-03")).row(0, named=True)
    plan_months(office, "2024-03", a=[1200] + [0] * 11)
    after = investment(office.scope("2024-03")).row(0, named=True)
    assert (before["pace_percent"], before["light"]) == (Decimal(25), "green")
    assert (after["pace_percent"], after["light"]) == (Decimal(100), "red")


# In the race


def money_row(office: Office, period: str, area_id: str = EAST) -> dict[str, Any]:
    _, items = race_scores(office.scope(period))
    chosen = (pl.col("area_id") == area_id) & (pl.col("item") == "invested")
    return of_period(items, period).filter(chosen).row(0, named=True)


def test_the_race_measures_spending_by_what_was_planned_for_these_months(office: Office) -> None:
    """30 of 60 by June is the whole of an even plan and half of one that was to be spent by June."""
    rows = [
        project("a", plan_year=60, invested_year=30),
        project("w", area_id=WEST, plan_year=60, invested_year=30),
    ]
    office.file("2024-06", *rows)
    plan_months(office, "2024-06", a=EARLY)
    early, even = money_row(office, "2024-06"), money_row(office, "2024-06", WEST)
    assert (early["completion"], early["target"]) == (0.5, 1)
    assert (even["completion"], even["target"]) == (1.0, Decimal("0.5"))


def test_plans_filed_anew_buy_no_better_place(office: Office) -> None:
    """10 of 60 where all was planned by June, then put off to December; 序时 stays the first plan's."""
    for period in ("2024-01", "2024-06"):
        office.file(period, project("a", plan_year=60, invested_year=10))
    plan_months(office, "2024-01", a=EARLY)
    before = money_row(office, "2024-06")
    plan_months(office, "2024-06", a=LATE)
    after = money_row(office, "2024-06")
    assert before["target"] == after["target"] == 1
    assert planned(office, "2024-06") == (0, 60, 1, 1)


@pytest.mark.parametrize(("invested", "completion", "left_out"), [(0, None, "zero"), (5, 1.2, None)])
def test_where_nothing_was_due_yet_only_what_was_spent_counts(
    invested: int, completion: float | None, left_out: str | None, office: Office
) -> None:
    office.file("2024-03", project("a", plan_year=60, invested_year=invested))
    plan_months(office, "2024-03", a=LATE)
    row = money_row(office, "2024-03")
    assert (row["completion"], row["left_out"]) == (completion, left_out)


# By area


def test_the_years_investment_by_area_is_judged_by_its_plan(office: Office) -> None:
    office.file(
        "2024-06",
        project("a", plan_year=60, invested_year=30),
        project("z", area_id=ZONE, plan_year=60, invested_year=30),
        project("w", area_id=WEST, plan_year=100, invested_year=38),
        project("s", area_id=SOUTH, invested_year=5),
    )
    plan_months(office, "2024-06", a=EARLY, z=EARLY)
    columns = ("area_id", "name", "plan_year", "invested_year", "completion_percent", "pace_percent")
    rows = investment(office.scope("2024-06"))
    assert rows.select(columns).rows() == [
        (EAST, "东区", Decimal(120), Decimal(60), Decimal("50.0"), Decimal("100.0")),
        (WEST, "西区", Decimal(100), Decimal(38), Decimal("38.0"), Decimal("50.0")),
        (SOUTH, "南区", None, None, None, Decimal("50.0")),
    ]
    assert rows.select("distance", "light", "basis").rows() == [
        (Decimal("-50.0"), "red", "按月度计划"),
        (Decimal("-12.0"), "yellow", "按月均"),
        (None, "grey", "按月均"),
    ]
    assert rows["pace"].to_list() == [1.0, 0.5, 0.5]


def test_a_plan_known_by_month_for_some_says_so(office: Office) -> None:
    office.file(
        "2024-06", project("a", plan_year=60, invested_year=30), project("b", plan_year=60, invested_year=30)
    )
    plan_months(office, "2024-06", a=EARLY)
    row = investment(office.scope("2024-06")).row(0, named=True)
    assert (row["pace_percent"], row["basis"]) == (Decimal("75.0"), "按月度计划，1个项目按月均")


def test_only_ranked_areas_that_the_reader_chose_are_compared(office: Office) -> None:
    office.file(
        "2024-06",
        project("a", plan_year=60, invested_year=30),
        project("u", area_id=f"{CITY}-unassigned", plan_year=60, invested_year=30),
        project("w", area_id=WEST, plan_year=60, invested_year=30),
    )
    assert investment(office.scope("2024-06"))["area_id"].to_list() == [EAST, WEST]
    assert investment(office.scope("2024-06", areas=(WEST,)))["area_id"].to_list() == [WEST]
