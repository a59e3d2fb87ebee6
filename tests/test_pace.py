"""Pace: completion against 序时, the distance that the room can check, and the lights."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from builders import EAST, WEST, ZONE, Office, project
from hypothesis import given
from hypothesis import strategies as st

from saima.answers import carried, paced, race_scores
from saima.reference import LightRules
from saima.transforms.pace import area_lights, investment_light, pace_share, since_last_period, target_pace
from saima.wording import percent, points_text

EXACT = pl.Decimal(38, 4)


def valued(
    *rows: tuple[str, str, float | None], denominator: int | None = None, area_id: str | None = None
) -> pl.DataFrame:
    """Values as `metric_values` gives them: (metric, period, numerator)."""
    return pl.DataFrame(
        [
            {
                "metric_id": metric,
                "period": period,
                **({"area_id": area_id} if area_id else {}),
                "numerator": None if value is None else Decimal(str(value)),
                "denominator": denominator,
                "of_projects": 0 if value is None else 9,
                "value": None if value is None else value / (denominator or 1),
            }
            for metric, period, value in rows
        ],
        schema_overrides={"numerator": EXACT, "denominator": EXACT, "value": pl.Float64},
    )


def targeted(*rows: tuple[Any, ...]) -> pl.DataFrame:
    """Targets of 2024 as the reference gives them: (metric, area or None, value, pace, part of)."""
    return pl.DataFrame(
        [
            {
                "metric": metric,
                "area_id": area,
                "year": 2024,
                "comparator": ">=",
                "tolerance": 0.05,
                "value_base": Decimal(str(value)),
                "pace": pace,
                "due_on": date(2024, 12, 31),
                "part_of": part_of[0] if part_of else None,
                "target_id": f"t{place}",
                "document": "文件",
                "clause": "一",
                "is_example": False,
            }
            for place, (metric, area, value, pace, *part_of) in enumerate(rows)
        ],
        schema={
            "metric": pl.String,
            "area_id": pl.String,
            "year": pl.Int64,
            "comparator": pl.String,
            "tolerance": pl.Float64,
            "value_base": pl.Decimal(18, 4),
            "pace": pl.String,
            "due_on": pl.Date,
            "part_of": pl.String,
            "target_id": pl.String,
            "document": pl.String,
            "clause": pl.String,
            "is_example": pl.Boolean,
        },
    )


def judged(
    value: float | None, target: float, period: str = "2024-09", comparator: str = ">="
) -> dict[str, Any]:
    frame = target_pace(
        valued(("started_projects", period, value)),
        targeted(("started_projects", None, target, "linear")).with_columns(comparator=pl.lit(comparator)),
    )
    return frame.row(0, named=True)


def test_nine_months_are_three_quarters_of_a_year() -> None:
    assert [pace_share(period) for period in ("2024-01", "2024-09", "2024-12")] == [
        (1, 12),
        (9, 12),
        (12, 12),
    ]


def test_912_of_1200_in_september_is_one_point_ahead() -> None:
    row = judged(912, 1200)
    assert row["completion_percent"] == Decimal("76.0")
    assert row["pace_percent"] == Decimal("75.0")
    assert row["distance"] == Decimal("1.0")
    assert (row["light"], points_text(row["distance"])) == ("green", "超序时1.0个百分点")
    assert row["completion"] == 0.76


def test_71_8_against_75_0_is_3_2_below() -> None:
    row = judged(718, 1000)
    assert row["distance"] == Decimal("-3.2")
    assert (row["light"], points_text(row["distance"])) == ("yellow", "低于序时3.2个百分点")


@given(value=st.integers(0, 5000), target=st.integers(1, 3000), month=st.integers(1, 11))
def test_a_distance_is_the_difference_of_the_two_printed_percentages(
    value: int, target: int, month: int
) -> None:
    row = judged(value, target, f"2024-{month:02}")
    assert row["completion_percent"] == percent(value, target)
    assert row["distance"] == row["completion_percent"] - row["pace_percent"]
    assert (row["light"] == "green") == (row["distance"] >= 0)


def test_what_prints_as_equal_to_its_pace_is_not_behind() -> None:
    """74.95 % prints as 75.0 %: what the room reads decides."""
    assert judged(7495, 10000)["light"] == "green"
    assert judged(7494, 10000)["light"] == "yellow"


def test_a_target_of_another_year_or_metric_is_no_target() -> None:
    frame = target_pace(
        valued(("started_projects", "2023-09", 5), ("signed_projects", "2024-09", 5)),
        targeted(("started_projects", None, 10, "linear")),
    )
    assert frame["target"].to_list() == [None, None]
    assert frame["light"].to_list() == ["grey", "grey"]


def test_a_stock_is_compared_with_its_target_and_has_no_pace() -> None:
    frame = target_pace(
        valued(("planned_investment", "2024-09", 50)), targeted(("planned_investment", None, 100, "none"))
    )
    row = frame.row(0, named=True)
    assert (row["completion_percent"], row["pace_percent"], row["distance"]) == (Decimal("50.0"), None, None)
    assert row["light"] == "grey"


def test_a_rate_is_compared_with_its_target_as_a_rate() -> None:
    """40 of 100 against 50 % is 80.0 % of the way, not 8,000 %."""
    frame = target_pace(
        valued(("start_rate_of_signed", "2024-09", 40), denominator=100),
        targeted(("start_rate_of_signed", None, "0.5", "none")),
    )
    row = frame.row(0, named=True)
    assert (row["completion_percent"], row["completion"]) == (Decimal("80.0"), 0.8)


def test_missing_values_and_targets_of_nothing_have_no_completion() -> None:
    assert judged(None, 10)["completion_percent"] is None
    assert judged(3, 0)["completion_percent"] is None
    assert judged(3, 0)["completion"] is None
    assert judged(0, 10)["completion_percent"] == Decimal("0.0")


@pytest.mark.parametrize(
    ("comparator", "value", "light"),
    [
        (">", 400, "yellow"),
        (">", 401, "green"),
        (">=", 400, "green"),
        (">=", 399, "yellow"),
        ("左右", 380, "green"),
        ("左右", 379, "yellow"),
        ("左右", 421, "yellow"),
        ("<=", 400, "green"),
        ("<=", 401, "yellow"),
    ],
)
def test_at_the_end_of_the_year_the_words_of_the_target_decide(
    comparator: str, value: int, light: str
) -> None:
    assert judged(value, 400, "2024-12", comparator)["light"] == light


def test_before_it_is_due_a_ceiling_says_nothing() -> None:
    assert judged(500, 400, "2024-09", "<=")["light"] == "grey"


@pytest.mark.parametrize(
    ("value", "month", "light"),
    [(99, 8, "grey"), (100, 8, "green"), (99, 9, "yellow"), (100, 9, "green")],
)
def test_a_target_without_pace_is_grey_until_it_is_met_or_due(value: int, month: int, light: str) -> None:
    targets = targeted(("planned_investment", None, 100, "none")).with_columns(due_on=date(2024, 9, 30))
    row = target_pace(valued(("planned_investment", f"2024-{month:02}", value)), targets).row(0, named=True)
    assert row["light"] == light


@pytest.mark.parametrize(("value", "light"), [(49, "yellow"), (50, "green")])
def test_a_rate_is_held_against_its_target_as_it_stands(value: int, light: str) -> None:
    frame = target_pace(
        valued(("start_rate_of_signed", "2024-03", value), denominator=100),
        targeted(("start_rate_of_signed", None, "0.5", "none")),
    )
    assert frame.row(0, named=True)["light"] == light


def test_what_prints_as_reached_is_not_reached_at_the_end_of_the_year() -> None:
    assert judged(9999, 10000, "2024-12")["distance"] == Decimal("0.0")
    assert judged(9999, 10000, "2024-12")["light"] == "yellow"
    assert judged(300, 400, "2024-09", ">")["light"] == "green", "on the way, the pace decides"


def test_of_several_targets_that_of_the_whole_counts_whatever_the_order() -> None:
    rows = [
        ("completed_projects", None, 458, "linear", "t9"),
        ("completed_projects", None, 400, "linear"),
        ("completed_projects", EAST, 40, "linear", "t1"),
    ]
    city = valued(("completed_projects", "2024-09", 300))
    for order in (rows, rows[::-1]):
        assert target_pace(city, targeted(*order))["target"].to_list() == [400]
    east = valued(("completed_projects", "2024-09", 300), area_id=EAST)
    assert target_pace(east, targeted(*rows))["target"].to_list() == [40], "a part, but the only one"


def test_of_two_targets_with_the_same_claim_none_counts() -> None:
    frame = target_pace(
        valued(("completed_projects", "2024-09", 300)),
        targeted(("completed_projects", None, 400, "linear"), ("completed_projects", None, 458, "linear")),
    )
    assert frame.select("target", "light").rows() == [(None, "grey")]


def test_an_area_has_its_own_target_and_the_city_has_the_citys() -> None:
    targets = targeted(("started_projects", None, 100, "linear"), ("started_projects", EAST, 10, "linear"))
    assert target_pace(valued(("started_projects", "2024-09", 5)), targets)["target"].to_list() == [100]
    areas = pl.concat([valued(("started_projects", "2024-09", 5), area_id=area) for area in (EAST, WEST)])
    assert target_pace(areas, targets)["target"].to_list() == [10, None]


# Two periods

NOBODY = pl.DataFrame(schema={"period": pl.String, "area_id": pl.String})
"""The areas that are carried over where all have filed."""


def lit(now: int, before: int | None, period: str = "2024-09", previous: str = "2024-08") -> str:
    """The light of 100 targeted projects, after a previous period."""
    rows = [("started_projects", period, now)] + (
        [] if before is None else [("started_projects", previous, before)]
    )
    frame = target_pace(valued(*rows), targeted(("started_projects", None, 100, "linear")))
    return str(area_lights(frame, period, NOBODY)["light"][0])


@pytest.mark.parametrize(
    ("now", "before", "light"),
    [(75, 0, "green"), (74, 67, "yellow"), (74, 66, "red"), (74, None, "yellow")],
)
def test_a_light_is_red_only_after_two_periods_below(now: int, before: int | None, light: str) -> None:
    assert lit(now, before) == light


def test_a_month_without_snapshot_neither_breaks_nor_lengthens_a_streak() -> None:
    assert lit(74, 10, previous="2024-06") == "red"


def test_lights_are_each_areas_own() -> None:
    targets = targeted(("started_projects", EAST, 12, "linear"), ("started_projects", WEST, 12, "linear"))
    values = pl.concat(
        [
            valued(("started_projects", "2024-08", 0), ("started_projects", "2024-09", 1), area_id=EAST),
            valued(("started_projects", "2024-08", 12), ("started_projects", "2024-09", 1), area_id=WEST),
        ]
    )
    paces = target_pace(values, targets)
    lights = area_lights(paces, "2024-09", NOBODY)
    assert lights.select("area_id", "light").rows() == [(EAST, "red"), (WEST, "yellow")]
    for period in ("2024-08", "2024-09"):
        carried = pl.DataFrame({"period": [period], "area_id": [EAST]})
        assert area_lights(paces, "2024-09", carried)["light"].to_list() == ["yellow", "yellow"]


@pytest.mark.parametrize(
    ("unfiled", "light"),
    [(["2024-04"], "red"), (["2024-04", "2024-05"], "red"), (["2024-03", "2024-04", "2024-05"], "yellow")],
)
def test_a_period_not_filed_neither_breaks_nor_lengthens_an_areas_streak(
    unfiled: list[str], light: str
) -> None:
    periods = [f"2024-{month:02}" for month in range(2, 6)]
    values = valued(*(("started_projects", period, 0) for period in periods), area_id=EAST)
    paces = target_pace(values, targeted(("started_projects", EAST, 12, "linear")))
    carried = pl.DataFrame({"period": unfiled, "area_id": [EAST] * len(unfiled)})
    assert area_lights(paces, "2024-05", carried)["light"].to_list() == [light]


def test_an_area_stays_red_while_it_does_not_file(office: Office) -> None:
    for period in ("2024-02", "2024-03"):
        office.file(period, project("e", area_id=EAST), area_id=EAST)
    for period in ("2024-02", "2024-03", "2024-04"):
        office.file(period, project("w", area_id=WEST), area_id=WEST)
    now = paced(office.scope("2024-04", areas=(EAST,)), ("started_projects",))
    assert now["light"].to_list() == ["red"]


def month_of(values: pl.DataFrame, period: str, previous: str | None) -> list[Decimal | None]:
    return since_last_period(values, period, previous)["month"].to_list()


def test_the_month_is_this_value_less_that_of_the_month_before() -> None:
    values = valued(("started_projects", "2024-08", 7), ("started_projects", "2024-09", 9))
    assert month_of(values, "2024-09", "2024-08") == [2]
    nobody = valued(("invested_year", "2024-08", None), ("invested_year", "2024-09", 9))
    assert month_of(nobody, "2024-09", "2024-08") == [9]
    assert month_of(nobody.with_columns(of_projects=1), "2024-09", "2024-08") == [None]


def test_what_several_months_added_is_not_a_months() -> None:
    values = valued(("started_projects", "2024-06", 7), ("started_projects", "2024-09", 9))
    assert month_of(values, "2024-09", "2024-06") == [None]
    assert month_of(values, "2024-09", None) == [None]
    over_new_year = valued(("started_projects", "2023-12", 90), ("started_projects", "2024-02", 4))
    assert month_of(over_new_year, "2024-02", "2023-12") == [None]


def test_in_january_a_flow_begins_anew_and_a_stock_goes_on() -> None:
    flow = valued(("started_projects", "2023-12", 90), ("started_projects", "2024-01", 4))
    assert month_of(flow, "2024-01", "2023-12") == month_of(flow, "2024-01", None) == [4]
    stock = valued(("planned_investment", "2023-12", 90), ("planned_investment", "2024-01", 94))
    assert month_of(stock, "2024-01", "2023-12") == [4]
    assert month_of(stock, "2024-01", None) == month_of(stock, "2024-01", "2023-11") == [None]


# On a ledger


def test_a_citys_starts_are_judged_by_its_target_and_an_areas_by_its_own(office: Office) -> None:
    starts = [project(f"p{n}", started_on="2024-01-10") for n in range(3)]
    office.file("2024-05", *starts, project("w", area_id=WEST))
    office.file("2024-06", *starts, project("w", area_id=WEST, started_on="2024-06-30"))
    row = paced(office.scope("2024-06"), ("started_projects",)).row(0, named=True)
    assert (row["numerator"], row["target"], row["completion_percent"]) == (4, 8, Decimal("50.0"))
    assert (row["distance"], row["light"], row["month"]) == (Decimal("0.0"), "green", 1)
    east = paced(office.scope("2024-06", areas=(EAST,)), ("started_projects",)).row(0, named=True)
    assert (east["numerator"], east["target"], east["completion_percent"]) == (3, 4, Decimal("75.0"))
    both = paced(office.scope("2024-06", areas=(EAST, WEST)), ("started_projects",)).row(0, named=True)
    assert (both["numerator"], both["target"]) == (4, None)
    narrowed = paced(office.scope("2024-06", category="工业"), ("started_projects",)).row(0, named=True)
    assert (narrowed["numerator"], narrowed["target"]) == (4, None)


def test_an_area_turns_red_only_on_filings_of_its_own(office: Office) -> None:
    nothing = (project("p"), project("w", area_id=WEST))
    office.file("2024-01", *nothing)
    office.file("2024-02", project("p"), area_id=EAST)

    def light(area_id: str, period: str) -> str:
        return str(paced(office.scope(period, areas=(area_id,)), ("started_projects",))["light"][0])

    assert (light(EAST, "2024-02"), light(WEST, "2024-02")) == ("red", "yellow")


def test_an_area_with_a_zone_that_did_not_file_is_carried(office: Office) -> None:
    office.file("2024-01", project("p"), project("z", area_id=ZONE), project("w", area_id=WEST))
    office.file("2024-02", project("p"), area_id=EAST)
    office.file("2024-02", project("w", area_id=WEST), area_id=WEST)
    assert carried(office.scope("2024-02"), ("2024-01", "2024-02")).rows() == [("2024-02", EAST)]
    table, _ = race_scores(office.scope("2024-02"), ("2024-02",))
    assert dict(table.select("area_id", "is_carried").iter_rows()) == {EAST: True, WEST: False}


@pytest.mark.parametrize(
    ("completion", "pace", "points", "relative"),
    [
        ("75.0", "75.0", "green", "green"),
        ("80.0", "75.0", "green", "green"),
        ("65.1", "75.0", "green", "yellow"),
        ("65.0", "75.0", "yellow", "yellow"),
        ("52.5", "75.0", "yellow", "yellow"),
        ("52.4", "75.0", "yellow", "red"),
        ("45.0", "75.0", "yellow", "red"),
        ("44.9", "75.0", "red", "red"),
        (None, "75.0", "grey", "grey"),
    ],
)
def test_the_years_investment_is_lit_as_a_projects_progress_is(
    completion: str | None, pace: str, points: str, relative: str
) -> None:
    done = None if completion is None else Decimal(completion)
    by_points = LightRules()
    by_share = replace(by_points, progress_mode="relative")
    assert investment_light(done, Decimal(pace), by_points) == points
    assert investment_light(done, Decimal(pace), by_share) == relative
