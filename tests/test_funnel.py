"""The funnel: stocks by stage, one cohort that only narrows, conversion by group."""

from decimal import Decimal
from typing import Any

import polars as pl
from builders import Office, project
from hypothesis import given
from hypothesis import strategies as st

from saima.answers import cohort, conversion_by, stages
from saima.ledgers import STAGE_TERMS, STAGES
from saima.transforms.funnel import (
    cohort_funnel,
    conversion_sentence,
    conversion_words,
    stage_conversion,
    stage_stock,
)

STOCK = {
    "stage": pl.String,
    "is_reported": pl.Boolean,
    "projects": pl.Int64,
    "investment_total": pl.Decimal(38, 4),
    "investment_projects": pl.Int64,
}
CONVERSION = {
    "area_id": pl.String,
    "chain": pl.String,
    "to_stage": pl.String,
    "is_reached": pl.Boolean,
    "days": pl.Int64,
    "projects": pl.Int64,
    "investment_total": pl.Decimal(38, 4),
}


def stock(*rows: tuple[Any, ...]) -> pl.DataFrame:
    return stage_stock(pl.DataFrame(rows, schema=STOCK, orient="row"), STAGE_TERMS)


def conversion(*rows: tuple[Any, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=CONVERSION, orient="row")


# Stock


def test_every_stage_has_a_row_in_canonical_order_and_what_has_none_counts_zero() -> None:
    rows = stock(("started", False, 2, 100, 1), ("started", True, 1, None, 0), ("planned", False, 4, 7, 3))
    assert rows["stage"].to_list() == list(STAGES)
    assert rows["term"].to_list() == [STAGE_TERMS[stage] for stage in STAGES]
    counted = rows.select("stage", "projects", "reported_projects", "investment_total", "investment_projects")
    assert counted.filter(pl.col("projects") > 0).rows() == [
        ("planned", 4, 0, Decimal(7), 3),
        ("started", 3, 1, Decimal(100), 1),
    ]
    assert counted.filter(pl.col("stage") == "signed").rows() == [("signed", 0, 0, None, 0)]


def test_what_left_the_ledger_is_no_stock_and_what_has_no_stage_comes_last() -> None:
    rows = stock(("exited", False, 5, 5, 5), (None, False, 2, None, 0))
    assert rows["projects"].sum() == 2
    assert rows.row(-1, named=True)["term"] == "阶段不明"
    assert rows.row(-1, named=True)["investment_total"] is None


def test_no_rows_are_a_stock_of_nothing() -> None:
    assert stock()["projects"].to_list() == [0] * len(STAGES)


# One cohort


def test_a_cohort_is_the_first_stage_and_everyone_who_went_on() -> None:
    rows = cohort_funnel(
        conversion(
            ("a", None, "completed", True, 100, 1, 50),
            ("a", None, "completed", False, 30, 3, 60),
            ("a", None, "produced", False, 30, 4, 110),
            ("a", None, "ramped", False, 30, 4, 110),
        ),
        "started",
        STAGE_TERMS,
    )
    assert rows.select("term", "projects", "investment_total", "of_first", "of_previous").rows() == [
        ("开工", 4, Decimal(110), 1.0, None),
        ("竣工", 1, Decimal(50), 0.25, 0.25),
        ("投产", 0, None, 0.0, 0.0),
        ("达产达效", 0, None, 0.0, None),
    ]
    assert rows.select("median_days", "timed_projects", "waiting", "waiting_days").rows() == [
        (None, 0, 0, None),
        (100.0, 1, 3, 30.0),
        (None, 0, 4, 30.0),
        (None, 0, 4, 30.0),
    ]


def test_a_cohort_of_nobody_is_zero_at_every_stage_and_has_no_shares() -> None:
    rows = cohort_funnel(conversion(), "signed", STAGE_TERMS)
    assert rows["projects"].to_list() == [0] * 7
    assert rows["of_first"].drop_nulls().is_empty()
    assert conversion_sentence(rows, "started", "2024-01") == "1月没有签约的项目。"


def test_a_median_counts_each_project_and_leaves_out_those_without_days() -> None:
    (row,) = stage_conversion(
        conversion(
            ("a", None, "started", True, 10, 3, 1),
            ("a", None, "started", True, 100, 1, 1),
            ("a", None, "started", True, None, 5, 1),
            ("a", None, "started", False, 7, 1, None),
            ("a", None, "started", False, 8, 1, None),
        ),
        "started",
        "area_id",
    ).rows(named=True)
    assert (row["median_days"], row["timed_projects"]) == (10.0, 4)
    assert (row["waiting_days"], row["waiting"]) == (7.5, 2)
    assert (row["projects"], row["of_projects"], row["share"]) == (9, 11, 9 / 11)


def test_groups_come_largest_cohort_first_and_by_code_where_equal() -> None:
    rows = stage_conversion(
        conversion(
            ("b", None, "started", True, 1, 2, 1),
            ("a", None, "started", False, 1, 2, 1),
            ("c", None, "started", True, 1, 3, 1),
            ("d", None, "produced", True, 1, 9, 1),
        ),
        "started",
        "area_id",
    )
    assert rows.select("area_id", "share").rows() == [("c", 1.0), ("a", 0.0), ("b", 1.0)]


def test_conversion_is_printed_as_it_is_counted() -> None:
    rows = stage_conversion(
        conversion(("a", None, "started", True, 10, 1, 12345), ("a", None, "started", False, 10, 2, None)),
        "started",
        "area_id",
    ).with_columns(name=pl.lit("东区"))
    (row,) = conversion_words(rows, "元").rows(named=True)
    assert (row["转化率"], row["同批总投资"], row["未到达"]) == ("33.3%", "1.23亿元", 2)


# Said


def test_the_sentence_says_share_days_and_who_waits() -> None:
    funnel = cohort_funnel(
        conversion(
            ("a", None, "landed", True, 1, 8, 1),
            ("a", None, "approved", True, 1, 8, 1),
            ("a", None, "started", True, 20, 5, 1),
            ("a", None, "started", False, 40, 3, 1),
        ),
        "signed",
        STAGE_TERMS,
    )
    assert conversion_sentence(funnel, "started", "2024-09") == (
        "1—9月签约的8个项目中，5个已到开工或其后环节，转化率62.5%，中位20天（5个可计天数）；"
        "3个未到达，已等待中位40天。"
    )


# On a ledger


@given(st.data())
def test_a_funnel_never_grows_and_no_share_exceeds_one(data: st.DataObject) -> None:
    """Whatever the stage each project has come to, and however its days are known."""
    places = data.draw(st.lists(st.integers(1, len(STAGES) - 1), max_size=12))
    rows = [
        ("a", None, stage, place >= STAGES.index(stage), data.draw(st.none() | st.integers(0, 400)), 1, place)
        for place in places
        for stage in STAGES[2:]
    ]
    funnel = cohort_funnel(conversion(*rows), "signed", STAGE_TERMS)
    assert funnel["projects"].to_list() == sorted(funnel["projects"], reverse=True)
    assert funnel["projects"][0] == len(places)
    for column in ("of_first", "of_previous"):
        assert all(0 <= share <= 1 for share in funnel[column].drop_nulls())
    assert (funnel["projects"] + funnel["waiting"]).to_list()[1:] == [len(places)] * (funnel.height - 1)


def test_stages_and_cohort_of_a_ledger_are_those_counted_by_hand(office: Office) -> None:
    office.file(
        "2024-09",
        project("p1", signed_on="2024-01-01", started_on="2024-01-31", investment_total=100),
        project("p2", signed_on="2024-01-01", chain="航空", investment_total=50),
        project("p3", planned_on="2024-02-01"),
        project("p4", signed_on="2024-01-01", exited_on="2024-02-01"),
    )
    scope = office.scope("2024-09")
    stocks = dict(stages(scope).select("stage", "projects").iter_rows())
    assert stocks == {stage: 1 if stage in {"planned", "signed", "started"} else 0 for stage in STAGES}
    funnel = cohort(scope, "signed")
    assert dict(funnel.select("stage", "projects").iter_rows()) == {
        "signed": 2,
        "landed": 1,
        "approved": 1,
        "started": 1,
        "completed": 0,
        "produced": 0,
        "ramped": 0,
    }
    by_chain = conversion_by(scope, "signed", "started", "chain")
    assert by_chain.select("name", "of_projects", "projects", "median_days").rows() == [
        ("航空", 1, 0, None),
        ("未归链", 1, 1, 30.0),
    ]
    (by_area,) = conversion_by(scope, "signed", "started", "area_id").rows(named=True)
    assert (by_area["name"], by_area["share"]) == ("东区", 0.5)
