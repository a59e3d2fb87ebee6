"""The race: points, shared weights, ranks with ties, boards' places, and what is not rewarded."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from builders import EAST, SOUTH, WEST, Office, project
from hypothesis import assume, given
from hypothesis import strategies as st

from saima.answers import race_scores
from saima.metrics import CATALOGUE
from saima.reference import Item, Race, Track
from saima.transforms.race import (
    LEFT_OUT,
    bottom_streaks,
    edges_of,
    item_words,
    of_period,
    race_items,
    race_metrics,
    race_sentence,
    race_table,
    rule_facts,
    track_points,
)
from saima.wording import rounded

PERIOD = "2024-09"
EXACT = pl.Decimal(38, 4)
STARTED, SIGNED, RATE, MONEY, STOCK = (
    "started_projects",
    "signed_projects",
    "start_rate_of_signed",
    "investment_completion",
    "planned_investment",
)


def item(metric: str, track: str, weight: float, **told: Any) -> Item:
    basis = {RATE: "rate", MONEY: "plan"}.get(metric, "target")
    usual: dict[str, Any] = {"basis": basis, "goal": None if basis == "target" else 1.0, "better": "more"}
    minimum = told.pop("min_denominator", 3)
    return Item(metric, metric, track, metric, weight, 1.2, minimum, line=1, **(usual | told))


def race_of(*items: Item) -> Race:
    weights: dict[str, float] = {}
    for each in items:
        weights[each.track] = weights.get(each.track, 0) + each.weight
    tracks = tuple(Track(track, track, weight) for track, weight in weights.items())
    return Race("999900", "赛马", "可改", tracks, items, (), ((9, 3), (6, 2), (3, 1)))


def areas_of(*area_ids: str, group: str = "一组") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "area_id": area_ids,
            "name": [f"{area}区" for area in area_ids],
            "short_name": area_ids,
            "colour": ["#112233"] * len(area_ids),
            "race_group": [group] * len(area_ids),
            "is_ranked": [True] * len(area_ids),
        }
    )


def valued(*rows: tuple[str, str, Any, Any], period: str = PERIOD) -> pl.DataFrame:
    """(metric, area, numerator, denominator) as `metric_values` gives them."""
    return pl.DataFrame(
        [
            {
                "metric_id": metric,
                "period": period,
                "area_id": area,
                "numerator": None if numerator is None else Decimal(str(numerator)),
                "denominator": None if denominator is None else Decimal(str(denominator)),
                "projects": 9,
                "of_projects": 9,
                "value": None,
            }
            for metric, area, numerator, denominator in rows
        ],
        schema_overrides={"numerator": EXACT, "denominator": EXACT, "value": pl.Float64},
    )


def targeted(*rows: tuple[str, str, Any]) -> pl.DataFrame:
    return pl.DataFrame(
        [(metric, area, 2024, Decimal(str(value))) for metric, area, value in rows],
        schema={"metric": pl.String, "area_id": pl.String, "year": pl.Int64, "value_base": EXACT},
        orient="row",
    )


NOBODY = pl.DataFrame(schema={"period": pl.String, "area_id": pl.String})


def one(race: Race, value: tuple[str, str, Any, Any], target: Any = None) -> dict[str, Any]:
    """The row of the one item of the one area."""
    targets = targeted() if target is None else targeted((value[0], value[1], target))
    return race_items(valued(value), targets, race, areas_of(value[1])).row(0, named=True)


# Points


@pytest.mark.parametrize(
    ("done", "target", "completion", "points"),
    [(9, 12, 1.0, 100.0), (3, 12, 1 / 3, 100 / 3), (0, 12, 0.0, 0.0), (90, 12, 10.0, 120.0)],
)
def test_a_flow_is_measured_by_its_target_times_the_pace_and_capped(
    done: int, target: int, completion: float, points: float
) -> None:
    row = one(race_of(item(STARTED, "t", 100)), (STARTED, "a", done, None), target)
    assert row["completion"] == pytest.approx(completion, abs=1e-15)
    assert row["points"] == pytest.approx(points, abs=1e-12)
    assert row["score"] == rounded(min(Fraction(done * 100 * 12, target * 9), Fraction(120)), 2)


def test_a_stock_is_measured_by_its_whole_target() -> None:
    row = one(race_of(item(STOCK, "t", 100)), (STOCK, "a", 50, None), 100)
    assert row["score"] == Decimal("50.00")


def test_a_rate_is_measured_by_its_goal_and_one_of_money_by_the_pace_too() -> None:
    assert one(race_of(item(RATE, "t", 100, goal=0.5)), (RATE, "a", 4, 10))["score"] == Decimal("80.00")
    assert one(race_of(item(MONEY, "t", 100)), (MONEY, "a", 60, 100))["score"] == Decimal("80.00")


@pytest.mark.parametrize(
    ("done", "of", "target", "score"),
    [(1, 10, "0.5", "20.00"), (5, 10, "0.5", "100.00"), (9, 10, "0.5", "120.00"), (1, 10, 0, "120.00")],
)
def test_a_rate_with_a_target_is_measured_as_a_rate(done: int, of: int, target: Any, score: str) -> None:
    row = one(race_of(item(RATE, "t", 100, basis="target")), (RATE, "a", done, of), target)
    assert row["score"] == Decimal(score)


@pytest.mark.parametrize(
    ("value", "target", "left_out"),
    [
        ((1, 2), "0.5", "small"),
        ((0, 10), 0, "zero"),
        ((1, 10), None, "no_target"),
        ((None, None), "0.5", "missing"),
    ],
)
def test_a_rate_with_a_target_is_left_out_like_any_other(
    value: tuple[Any, Any], target: Any, left_out: str
) -> None:
    row = one(race_of(item(RATE, "t", 100, basis="target")), (RATE, "a", *value), target)
    assert row["left_out"] == left_out


@pytest.mark.parametrize(("done", "score"), [(0, "120.00"), (9, "100.00"), (18, "0.00"), (90, "0.00")])
def test_where_less_is_better_the_excess_is_taken_off(done: int, score: str) -> None:
    row = one(race_of(item(STARTED, "t", 100, better="less")), (STARTED, "a", done, None), 12)
    assert row["score"] == Decimal(score)


@pytest.mark.parametrize(("waiting", "score"), [(0, "100.00"), (5, "0.00")])
def test_where_less_is_better_a_target_of_none_is_met_by_none(waiting: int, score: str) -> None:
    row = one(race_of(item(STARTED, "t", 100, better="less")), (STARTED, "a", waiting, None), 0)
    assert str(row["score"]) == score


@pytest.mark.parametrize(
    ("value", "target", "left_out"),
    [
        ((STARTED, "a", 5, None), None, "no_target"),
        ((STARTED, "a", 0, None), 0, "zero"),
        ((STARTED, "a", 5, None), 2, "small"),
        ((STOCK, "a", None, None), 9, "missing"),
        ((RATE, "a", 1, 2), None, "small"),
        ((MONEY, "a", None, None), None, "missing"),
    ],
)
def test_an_item_that_cannot_be_judged_is_left_out_and_says_why(
    value: tuple[str, str, Any, Any], target: Any, left_out: str
) -> None:
    row = one(race_of(item(value[0], "t", 100)), value, target)
    assert (row["left_out"], row["weight"], row["points"]) == (left_out, 0.0, 0.0)
    assert left_out in LEFT_OUT


def test_more_than_a_target_of_nothing_earns_the_cap() -> None:
    assert one(race_of(item(STARTED, "t", 100)), (STARTED, "a", 1, None), 0)["score"] == Decimal("120.00")


# Weights


def shared(left_out: set[str], *items: Item) -> dict[str, float]:
    """Item → its weight where these items lack a target."""
    race = race_of(*items)
    targets = targeted(*((each.metric, "a", 10) for each in items if each.metric not in left_out))
    values = valued(*((each.metric, "a", 5, None) for each in items))
    rows = race_items(values, targets, race, areas_of("a"))
    return dict(rows.select("item", "weight").iter_rows())


THREE = (item(STARTED, "one", 30), item(SIGNED, "one", 10), item(STOCK, "two", 60))


def test_a_missing_weight_goes_to_its_track_first_and_an_empty_tracks_to_the_others() -> None:
    assert shared(set(), *THREE) == {STARTED: 30.0, SIGNED: 10.0, STOCK: 60.0}
    assert shared({SIGNED}, *THREE) == {STARTED: 40.0, SIGNED: 0.0, STOCK: 60.0}
    assert shared({STOCK}, *THREE) == {STARTED: 75.0, SIGNED: 25.0, STOCK: 0.0}
    assert shared({STARTED, STOCK}, *THREE) == {STARTED: 0.0, SIGNED: 100.0, STOCK: 0.0}


def test_an_item_of_no_weight_is_shown_and_earns_nothing() -> None:
    weightless = (item(STARTED, "one", 0), item(SIGNED, "two", 100))
    assert shared(set(), *weightless) == {STARTED: 0.0, SIGNED: 100.0}
    assert shared({SIGNED}, *weightless) == {STARTED: 0.0, SIGNED: 0.0}


metric_ids = st.lists(
    st.sampled_from([metric.id for metric in CATALOGUE.values() if metric.unit == "个"]),
    min_size=1,
    max_size=6,
    unique=True,
)


@given(chosen=metric_ids, data=st.data())
def test_weights_sum_to_100_whatever_is_left_out(chosen: list[str], data: st.DataObject) -> None:
    items = [
        item(metric, data.draw(st.sampled_from("xyz")), data.draw(st.integers(1, 40))) for metric in chosen
    ]
    left_out = data.draw(st.sets(st.sampled_from(chosen)))
    weights = shared(left_out, *items)
    assert sum(weights.values()) == pytest.approx(0 if len(left_out) == len(chosen) else 100, abs=1e-9)
    assert all((weight == 0) == (metric in left_out) for metric, weight in weights.items())


@given(data=st.data())
def test_a_score_never_falls_when_one_of_the_values_rises(data: st.DataObject) -> None:
    race = race_of(item(STARTED, "one", 30), item(SIGNED, "one", 10), item(RATE, "two", 60, goal=0.5))
    targets = targeted(
        *((metric, "a", data.draw(st.integers(0, 20), label=metric)) for metric in (STARTED, SIGNED))
    )
    values = {metric: data.draw(st.integers(0, 30)) for metric in (STARTED, SIGNED, RATE)}
    risen = values | {
        (metric := data.draw(st.sampled_from(sorted(values)))): values[metric] + data.draw(st.integers(1, 9))
    }

    def score(of: dict[str, int]) -> Decimal | None:
        rows = race_items(
            valued(*((metric, "a", of[metric], 40 if metric == RATE else None) for metric in of)),
            targets,
            race,
            areas_of("a"),
        )
        return None if rows["left_out"].null_count() == 0 else rows["score"][0]

    before, after = score(values), score(risen)
    assume(before is not None)
    assert after is not None
    assert after >= before


# Ranks


def ranked(
    scores: dict[str, float], carried: pl.DataFrame = NOBODY, periods: tuple[str, ...] = (PERIOD,)
) -> pl.DataFrame:
    """The table of areas that earned these scores in every period."""
    rows = [
        {"period": period, "area_id": area, "left_out": None, "weight": 100.0, "score": Decimal(str(score))}
        for period in periods
        for area, score in scores.items()
    ]
    items = pl.DataFrame(rows, schema_overrides={"left_out": pl.String, "score": pl.Decimal(8, 2)})
    return race_table(items, areas_of(*scores), race_of(item(STARTED, "t", 100)), carried)


def test_equal_scores_share_a_rank_and_come_by_area_code() -> None:
    table = ranked({"d": 5, "c": 9, "b": 7, "a": 7})
    assert table.select("area_id", "rank").rows() == [("c", 1), ("a", 2), ("b", 2), ("d", 4)]


@given(st.dictionaries(st.sampled_from("abcdefghijkl"), st.integers(0, 6), min_size=1))
def test_a_rank_is_one_more_than_those_who_did_better(scores: dict[str, int]) -> None:
    table = ranked(dict(scores))
    for area, rank in table.select("area_id", "rank").iter_rows():
        assert rank == 1 + sum(score > scores[area] for score in scores.values())
    keys = table.select("rank", "area_id").rows()
    assert keys == sorted(keys)


def test_scores_are_rounded_before_they_are_ranked() -> None:
    race = race_of(item(STOCK, "t", 100))
    targets = targeted((STOCK, "a", 1_000_000), (STOCK, "b", 1_000_000))
    rows = race_items(
        valued((STOCK, "a", 500_049, None), (STOCK, "b", 500_000, None)), targets, race, areas_of("a", "b")
    )
    table = race_table(rows, areas_of("a", "b"), race, NOBODY)
    assert table.select("score", "rank").rows() == [(Decimal("50.00"), 1), (Decimal("50.00"), 1)]


def test_a_half_of_a_hundredth_is_rounded_up() -> None:
    row = one(race_of(item(STOCK, "t", 100)), (STOCK, "a", 50_005, None), 100_000)
    assert row["score"] == Decimal("50.01")


def test_groups_have_ranks_of_their_own() -> None:
    items = pl.DataFrame(
        {
            "period": PERIOD,
            "area_id": ["a", "b", "c"],
            "left_out": pl.Series([None] * 3, dtype=pl.String),
            "weight": 100.0,
            "score": pl.Series([3, 2, 1], dtype=pl.Decimal(8, 2)),
        }
    )
    areas = pl.concat([areas_of("a"), areas_of("b", "c", group="二组")])
    table = race_table(items, areas, race_of(item(STARTED, "t", 100)), NOBODY)
    assert table.select("rank", "group_rank").rows() == [(1, 1), (2, 1), (3, 2)]


def test_an_area_of_which_nothing_could_be_scored_is_not_ranked() -> None:
    race = race_of(item(STARTED, "t", 100))
    rows = race_items(
        valued((STARTED, "a", 9, None), (STARTED, "b", 9, None)),
        targeted((STARTED, "b", 9)),
        race,
        areas_of("a", "b"),
    )
    assert race_table(rows, areas_of("a", "b"), race, NOBODY)["area_id"].to_list() == ["b"]


def test_an_area_that_is_not_ranked_has_no_items() -> None:
    areas = areas_of("a").with_columns(is_ranked=False)
    rows = race_items(valued((STARTED, "a", 9, None)), targeted(), race_of(item(STARTED, "t", 100)), areas)
    assert rows.is_empty()


@pytest.mark.parametrize(("size", "places"), [(2, 0), (3, 1), (5, 1), (6, 2), (8, 2), (9, 3), (13, 3)])
def test_the_edges_of_a_field_grow_with_it(size: int, places: int) -> None:
    table = ranked({f"a{place:02}": 100 - place for place in range(size)})
    zones = table["zone"].to_list()
    assert zones == ["top"] * places + ["middle"] * (size - 2 * places) + ["bottom"] * places


def test_the_edges_are_of_those_who_are_ranked_in_the_period() -> None:
    """Thirteen areas, of which five have filed: one place at each edge."""
    areas = areas_of(*(f"a{place:02}" for place in range(13)))
    values = valued(*((STARTED, f"a{place:02}", 9 - place, None) for place in range(5)))
    race = race_of(item(STARTED, "t", 100))
    targets = targeted(*((STARTED, f"a{place:02}", 12) for place in range(5)))
    table = race_table(race_items(values, targets, race, areas), areas, race, NOBODY)
    assert table["zone"].to_list() == ["top", "middle", "middle", "middle", "bottom"]


def test_a_large_field_shows_its_edges_and_a_small_one_all() -> None:
    large = edges_of(ranked({f"a{place:02}": place for place in range(13)}), PERIOD)
    assert set(large["zone"]) == {"top", "bottom"}
    assert edges_of(ranked({"a": 1, "b": 2, "c": 3}), PERIOD).height == 3


# From period to period


def moved(carried: pl.DataFrame = NOBODY) -> pl.DataFrame:
    rows = [
        ("2024-07", "a", 3), ("2024-07", "b", 2), ("2024-07", "c", 1),
        ("2024-09", "a", 1), ("2024-09", "b", 2), ("2024-09", "c", 3), ("2024-09", "d", 0),
    ]  # fmt: skip
    items = pl.DataFrame(
        [(*row, None, 100.0) for row in rows],
        schema={
            "period": pl.String,
            "area_id": pl.String,
            "score": pl.Decimal(8, 2),
            "left_out": pl.String,
            "weight": pl.Float64,
        },
        orient="row",
    )
    return race_table(items, areas_of("a", "b", "c", "d"), race_of(item(STARTED, "t", 100)), carried)


def test_a_change_is_the_places_gained_since_the_last_period_that_has_a_table() -> None:
    table = of_period(moved(), "2024-09")
    assert table.select("area_id", "change").rows() == [("c", 2), ("b", 0), ("a", -2), ("d", None)]
    assert of_period(moved(), "2024-07")["change"].to_list() == [None] * 3


def test_a_carried_area_is_ranked_with_its_mark_and_awarded_no_change() -> None:
    table = of_period(moved(pl.DataFrame({"period": ["2024-09"], "area_id": ["c"]})), "2024-09")
    assert table.select("area_id", "rank", "is_carried", "change").rows()[0] == ("c", 1, True, None)
    assert table["is_carried"].sum() == 1


MONTHS = tuple(f"2024-{month:02}" for month in range(1, 10))


def at_the_bottom(*periods: str, carried: tuple[str, ...] = (), shown: tuple[str, ...] = MONTHS) -> list[Any]:
    """The streaks where c is last in these periods and b in the others."""
    rows = [
        {"period": period, "area_id": area, "left_out": None, "weight": 100.0, "score": Decimal(score)}
        for period in shown
        for area, score in (("a", 3), ("b", 2), ("c", 1 if period in periods else 9))
    ]
    items = pl.DataFrame(rows, schema_overrides={"left_out": pl.String, "score": pl.Decimal(8, 2)})
    marked = pl.DataFrame(
        [(period, "c") for period in carried],
        schema={"period": pl.String, "area_id": pl.String},
        orient="row",
    )
    table = race_table(items, areas_of("a", "b", "c"), race_of(item(STARTED, "t", 100)), marked)
    return bottom_streaks(table).rows()


def test_a_streak_at_the_bottom_is_as_long_as_it_is() -> None:
    assert at_the_bottom(*MONTHS) == [("c", "c区", 9)]
    assert at_the_bottom(*MONTHS[4:]) == [("c", "c区", 5)]
    assert at_the_bottom(*MONTHS[:3], *MONTHS[7:]) == [("c", "c区", 2)]


def test_one_period_at_the_bottom_is_no_streak_and_a_better_one_ends_it() -> None:
    assert at_the_bottom(MONTHS[-1]) == []
    assert at_the_bottom(*MONTHS[:-1]) == []
    assert bottom_streaks(moved()).is_empty()
    assert bottom_streaks(moved().clear()).is_empty()


def test_what_is_carried_neither_breaks_nor_lengthens_a_streak() -> None:
    assert at_the_bottom(*MONTHS[3:], carried=MONTHS[5:7]) == [("c", "c区", 4)]
    assert at_the_bottom(*MONTHS[3:5], *MONTHS[6:], carried=(MONTHS[5],)) == [("c", "c区", 5)]
    assert at_the_bottom(*MONTHS[6:], carried=(MONTHS[-1],)) == [("c", "c区", 2)]


def test_streaks_come_by_rank() -> None:
    table = ranked({f"a{place}": place for place in range(6)}, periods=MONTHS[:2])
    assert bottom_streaks(table).rows() == [("a1", "a1区", 2), ("a0", "a0区", 2)]


def test_the_sentence_names_the_first_the_last_and_the_greatest_move() -> None:
    last = of_period(moved(), "2024-09")
    said = "9月，c区居首，3.00分；d区居后；c区升2位，变动最大"
    assert race_sentence(last, "2024-09", areas_of(*last["area_id"])) == f"{said}。"
    fewer = race_sentence(last, "2024-09", areas_of(*last["area_id"], "x", "y"))
    assert fewer == f"{said}；2个地区缺目标或缺报，未参评。"


# Said


def test_points_by_track_add_up_to_the_score() -> None:
    race = race_of(*THREE)
    values = valued((STARTED, "a", 9, None), (SIGNED, "a", 3, None), (STOCK, "a", 5, None))
    rows = race_items(
        values, targeted((STARTED, "a", 12), (SIGNED, "a", 12), (STOCK, "a", 10)), race, areas_of("a")
    )
    table = race_table(rows, areas_of("a"), race, NOBODY)
    points = track_points(rows, table)
    assert points.select("track", pl.col("points").round(9)).rows() == [("one", 33.333333333), ("two", 30.0)]
    assert table["score"].to_list() == [Decimal("63.33")]
    words = (
        item_words(rows, table, "元")
        .select("指标", "完成", "分母或目标", "完成率（折算序时）", "得分")
        .rows()
    )
    assert words == [
        (STARTED, "9个", "12个", "100.0%", "30.00"),
        (SIGNED, "3个", "12个", "33.3%", "3.33"),
        (STOCK, "5.00万元", "10.00万元", "50.0%", "30.00"),
    ]


def test_a_track_that_is_left_out_has_no_points_rather_than_none_earned() -> None:
    race = race_of(*THREE)
    values = valued((STARTED, "a", 9, None), (SIGNED, "a", 3, None), (STOCK, "a", 5, None))
    rows = race_items(values, targeted((STARTED, "a", 12), (SIGNED, "a", 12)), race, areas_of("a"))
    points = track_points(rows, race_table(rows, areas_of("a"), race, NOBODY))
    assert points.filter(pl.col("track") == "two")["points"].to_list() == [None]


def test_the_rules_are_told_with_their_weights() -> None:
    scored = race_items(valued((STARTED, "a", 9, None)), targeted(), race_of(*THREE), areas_of("a"))
    facts = dict(rule_facts(race_of(*THREE), scored))
    assert facts["赛道权重"] == "one40、two60"
    assert "可改" in facts["规则"]
    assert race_metrics(race_of(*THREE)) == [STARTED, SIGNED, STOCK]


# On a ledger


def test_a_race_on_a_ledger_is_the_one_counted_by_hand(office: Office) -> None:
    """East starts 1 of 4 and spends 30 of 100, west starts 3 of 3 without money, south has no target."""
    rows = [
        project("e1", started_on="2024-02-01", plan_year=100, invested_year=30),
        project("w1", area_id=WEST, started_on="2024-02-01"),
        project("w2", area_id=WEST, started_on="2024-02-01"),
        project("w3", area_id=WEST, started_on="2024-02-01"),
        project("s1", area_id=SOUTH, plan_year=200, invested_year=30),
    ]
    office.file("2024-05", *rows)
    office.file("2024-06", *(row for row in rows if row["area_id"] != SOUTH))
    table, items = race_scores(office.scope("2024-06"))
    now = of_period(table, "2024-06")
    # East: 60 × 1/(4×6/12) + 40 × 0.3/(6/12) = 30 + 24. West: all weight on starts, 3/(3×6/12) capped at 1.2.
    # South: all weight on money, 0.15/0.5.
    assert now.select("area_id", "score", "rank", "is_carried").rows() == [
        (WEST, Decimal("120.00"), 1, False),
        (EAST, Decimal("54.00"), 2, False),
        (SOUTH, Decimal("30.00"), 3, True),
    ]
    left_out = of_period(items, "2024-06").filter(pl.col("left_out").is_not_null())
    assert left_out.select("area_id", "item", "left_out").rows() == [
        (WEST, "invested", "missing"),
        (SOUTH, "started", "no_target"),
    ]
    assert now.filter(pl.col("area_id") == SOUTH)["change"].to_list() == [None]


def test_the_race_is_the_whole_citys_whatever_the_reader_filters(office: Office) -> None:
    office.file(
        "2024-06", project("e1", started_on="2024-02-01"), project("w", area_id=WEST, started_on="2024-02-01")
    )
    whole, _ = race_scores(office.scope("2024-06"))
    narrow, _ = race_scores(office.scope("2024-06", areas=(WEST,), category="农业", size="亿元以上"))
    assert narrow.equals(whole)


def test_a_city_without_race_rules_has_a_race_of_nobody(office: Office) -> None:
    (office.folder / "office" / "races" / "999900.toml").unlink()
    office.file("2024-06", project("e1", started_on="2024-02-01"))
    table, items = race_scores(office.scope("2024-06"))
    assert table.is_empty()
    assert items.is_empty()


def test_a_race_of_one_period_has_no_changes(office: Office) -> None:
    office.file("2024-01", project("e1", started_on="2024-01-02"))
    table, _ = race_scores(replace(office.scope("2024-01")))
    assert table.select("area_id", "change").rows() == [(EAST, None)]
