"""The overview: cards and sentences in a bulletin's words, from numbers counted by hand."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from builders import CITY, EAST, WEST, Office, project

from saima import reference
from saima.answers import (
    FLOWS,
    consequences,
    flows,
    overview_cards,
    overview_forecasts,
    overview_metrics,
    overview_numbers,
    race_scores,
)
from saima.metrics import CATALOGUE
from saima.reference import Batch, City, LightRules
from saima.scope import Scope
from saima.transforms.overview import (
    flow_rows,
    headline,
    lights_lines,
    money_lines,
    month_changes,
    pending_matters,
    printed,
    scope_subject,
    support_lines,
)

NOBODY = pl.DataFrame(schema={"area_id": pl.String, "name": pl.String, "periods": pl.Int64})
UNRANKED = pl.DataFrame(schema={"period": pl.String, "name": pl.String, "rank": pl.Int64, "change": pl.Int64})


@pytest.fixture
def city(office: Office) -> City:
    return reference.load().city(CITY)


def numbers(**told: Any) -> pl.DataFrame:
    """Rows of `paced`: metric → numerator, or a whole row."""
    usual = {
        "numerator": Decimal(0),
        "denominator": None,
        "target": None,
        "is_example": None,
        "document": None,
        "clause": None,
        "comparator": ">=",
        "completion": None,
        "completion_percent": None,
        "pace_percent": None,
        "distance": None,
        "light": "grey",
        "month": Decimal(0),
    }
    rows = []
    for metric, said in told.items():
        row = said if isinstance(said, dict) else {"numerator": None if said is None else Decimal(said)}
        rows.append({"metric_id": metric, **usual, **row})
    return pl.DataFrame(rows, infer_schema_length=None)


STARTED = {
    "numerator": Decimal(912),
    "target": Decimal(1200),
    "completion": 0.76,
    "completion_percent": Decimal("76.0"),
    "pace_percent": Decimal("75.0"),
    "distance": Decimal("1.0"),
    "light": "green",
}


# The headline


def test_the_headline_says_starts_share_and_distance_in_the_bulletins_words(city: City) -> None:
    said = headline(city, numbers(started_projects=STARTED, started_projects_industry=351), "2024-09")
    assert (
        said == "1—9月，全市新开工项目912个，完成年度目标的76.0%，超序时进度1.0个百分点；其中工业项目351个。"
    )


def test_the_headline_names_the_batches_that_are_behind(city: City) -> None:
    behind = {"distance": Decimal("-3.2"), "target": Decimal(10)}
    said = headline(city, numbers(started_projects=STARTED, signed_projects=behind), "2024-09")
    assert said.endswith("超序时进度1.0个百分点；签约低于序时进度3.2个百分点。")


def test_the_headline_of_an_area_names_it_and_does_without_a_target(city: City) -> None:
    assert headline(city, numbers(started_projects=4), "2024-01", "东区") == "1月，东区新开工项目4个。"
    assert headline(city, numbers(signed_projects=4), "2024-01") == ""


@pytest.mark.parametrize(
    ("chosen", "subject"),
    [((), "全市"), ((EAST,), "东区"), ((EAST, WEST), "东区、西区"), (("a", "b"), "全市")],
)
def test_the_subject_is_who_was_chosen(chosen: tuple[str, ...], subject: str, office: Office) -> None:
    assert scope_subject(reference.load().areas_of(CITY), chosen) == subject


def test_many_areas_are_counted_rather_than_named(office: Office) -> None:
    areas = reference.load().areas_of(CITY)
    assert scope_subject(areas, tuple(areas["area_id"].head(3))) == "所选3个地区"


def test_what_narrows_the_city_is_said_with_it(office: Office) -> None:
    narrowed = office.scope("2024-06", chain="航空", size="亿元以上").narrowed
    assert scope_subject(reference.load().areas_of(CITY), (), narrowed) == "全市（航空 · 亿元以上）"
    assert scope_subject(reference.load().areas_of(CITY), (EAST,), narrowed) == "东区（航空 · 亿元以上）"


# Numbers as printed


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("started_projects", Decimal(1234), ("1,234", "个")),
        ("started_projects", None, ("—", "个")),
        ("invested_year", Decimal(84100000), ("8,410.0", "亿元")),
        ("invested_year", None, ("—", "")),
    ],
)
def test_a_number_is_printed_with_its_unit(metric: str, value: Decimal | None, text: tuple[str, str]) -> None:
    assert printed(metric, value) == text


def test_a_flow_is_a_row_of_texts_with_the_citys_own_words(city: City) -> None:
    rows = flow_rows(numbers(started_projects=STARTED, signed_projects=3, completed_projects=2), city)
    assert rows.select("event", "term", "projects", "target").rows() == [
        ("started", "开工", 912, 1200),
        ("signed", "签约（亿元以上）", 3, None),
        ("finished", "竣工投产", 2, None),
    ]
    first = rows.row(0, named=True)
    assert (first["completion_text"], first["distance_text"], first["pace"]) == (
        "76.0%",
        "超序时1.0个百分点",
        0.75,
    )
    assert rows["completion_text"][1] == "—"


# What changed and what waits


CHANGES = {
    "starts_postponed": 0,
    "plans_cut": 0,
    "plans_cut_amount": None,
    "exited_projects": {"month": None},
}


def changes(table: pl.DataFrame = UNRANKED, **told: Any) -> list[tuple[str, str]]:
    return month_changes(numbers(**{**CHANGES, **told}), table, "2024-09", "2024-08", "元")


def test_a_month_without_changes_says_nothing() -> None:
    assert changes() == []


def test_what_the_month_added_is_said_first() -> None:
    assert changes(signed_projects={"month": Decimal(13)}, completed_projects={"month": Decimal(-1)}) == [
        ("grey", "9月增减：亿元以上签约 +13、竣工投产 -1")
    ]


def test_the_greatest_rise_and_fall_are_named() -> None:
    table = pl.DataFrame(
        {
            "period": "2024-09",
            "name": ["甲区", "乙区", "丙区", "丁区"],
            "rank": [1, 2, 3, 4],
            "change": [2, -1, -1, None],
        }
    )
    assert changes(table) == [
        ("green", "甲区较8月升2位至第1名"),
        ("red", "乙区、丙区较8月降1位"),
    ]


def test_plans_that_were_cut_and_starts_that_were_put_off_are_said() -> None:
    assert changes(starts_postponed=3, plans_cut=2, plans_cut_amount=12345) == [
        ("yellow", "本年推迟开工 3 个，调减计划 2 个、1.23亿元")
    ]
    assert changes(exited_projects={"numerator": Decimal(5), "month": Decimal(2)}) == [
        ("grey", "本期退库 2 个，本年累计 5 个")
    ]
    assert changes(exited_projects={"numerator": Decimal(5), "month": Decimal(-1)}) == [
        ("grey", "更正后退库减少 1 个，本年累计 5 个")
    ]


WAITING = {
    "starts_due": 9,
    "starts_waiting": 0,
    "started_as_planned_rate": {"numerator": Decimal(9), "denominator": Decimal(9)},
    "production_waiting": 0,
    "statistics_waiting": 0,
    "problems_overdue": 0,
    "funds_without_work": None,
}

NO_LETTERS: dict[str, list[str]] = {"warning": [], "reminder": [], "talk": []}


def waiting(
    streaks: pl.DataFrame = NOBODY,
    unfiled: list[str] | None = None,
    owed: int = 0,
    letters: dict[str, list[str]] = NO_LETTERS,
    **told: Any,
) -> list[tuple[str, str]]:
    return pending_matters(numbers(**{**WAITING, **told}), streaks, unfiled or [], owed, letters)


def test_nothing_waits_where_nothing_is_due() -> None:
    assert waiting() == []


def test_what_waits_is_said_the_gravest_first() -> None:
    streaks = pl.DataFrame({"area_id": ["a"], "name": ["甲区"], "periods": [3]})
    said = waiting(
        streaks,
        ["乙区", "丙区", "丁区", "戊区"],
        starts_waiting=5,
        started_as_planned_rate={"numerator": Decimal(5), "denominator": Decimal(9)},
        production_waiting=1,
        statistics_waiting=2,
    )
    assert [light for light, _ in said] == ["red", "red", "yellow", "yellow", "yellow"]
    assert said[0][1] == "按年初计划应开工 9 个，未开工 4 个；往年应开工未开工 1 个"
    assert "甲区连续 3 期" in said[1][1]
    assert said[-1][1] == "乙区、丙区、丁区等本期未报台账"


def test_one_period_at_the_bottom_is_no_streak() -> None:
    assert waiting(pl.DataFrame({"area_id": ["a"], "name": ["甲区"], "periods": [1]})) == []


# On a ledger


@pytest.fixture
def scope(office: Office) -> Scope:
    signed = {"signed_on": "2024-02-01", "investment_total": 20000}
    office.file("2023-12", project("old", planned_on="2023-05-01", investment_total=10000))
    office.file(
        "2024-05", project("e1", **signed), project("old", planned_on="2023-05-01", investment_total=10000)
    )
    office.file(
        "2024-06",
        project("e1", **signed, started_on="2024-06-10", plan_year=100, invested_year=60),
        project("e2", **signed),
        project("w1", area_id=WEST, planned_on="2024-06-01", investment_total=5000),
        project("w2", area_id=WEST, completed_on="2024-03-01", category="服务业"),
        project("w3", area_id=WEST, produced_on="2023-03-01"),
        project("old", planned_on="2023-05-01", exited_on="2024-06-02", investment_total=10000),
    )
    return office.scope("2024-06")


def test_the_overviews_numbers_are_those_counted_by_hand(scope: Scope) -> None:
    found = {row["metric_id"]: row for row in overview_numbers(scope).iter_rows(named=True)}
    counted = {
        "planned_investment": 45000,  # e1 and e2 at 20000, w1 at 5000; old left, w2 says nothing
        "signed_projects": 2,
        "started_projects": 1,
        "completed_projects": 1,
        "planned_projects": 1,
        "newly_planned_investment": 5000,
        "exited_projects": 1,
        "invested_year": 60,
        "plan_year": 100,
        "start_rate_of_signed": 1,
    }
    assert {metric: found[metric]["numerator"] for metric in counted} == counted
    assert found["start_rate_of_signed"]["denominator"] == 2
    assert found["start_rate_of_signed"]["completion_percent"] == Decimal("100.0")
    assert found["signed_projects"]["completion_percent"] == Decimal("20.0")
    assert found["started_projects"]["month"] == 1
    assert list(found) == list(overview_metrics(scope))
    assert set(found) <= set(CATALOGUE)


def test_each_batch_of_the_city_has_a_card(scope: Scope) -> None:
    cards = {card["metric"]: card for card in overview_cards(scope)}
    assert list(cards) == ["planned_investment", "signed_projects", "started_projects", "completed_projects"]
    planned = cards["planned_investment"]
    assert (planned["number"], planned["unit"]) == ("4.50", "亿元（3/4个填报）")
    assert planned["distance_text"] == "○ 存量 较5月末增加 1.50亿元"
    assert planned["note"] == "6月新谋划 1个、0.50亿元"
    signed = cards["signed_projects"]
    assert (signed["number"], signed["completion_text"]) == ("2", "20.0%")
    assert signed["distance_text"] == "低于序时30.0个百分点"
    assert signed["light"] == "red", "May was below its 序时 as well"
    assert signed["note"] == "当年签约已落地 1/2（50.0%）"
    assert cards["started_projects"]["note"] == "工业 1 · 服务业 0 · 其他 0"
    assert cards["completed_projects"]["target_text"] == "未设对应目标"
    assert signed["months"] == [("2024-05", 1.0), ("2024-06", 2.0)], "a flow begins anew each January"
    assert planned["months"] == [("2023-12", 10000.0), ("2024-05", 30000.0), ("2024-06", 45000.0)]


def test_a_month_that_takes_back_more_than_it_adds_says_so(office: Office) -> None:
    office.file("2024-05", *(project(name, completed_on="2024-05-01") for name in ("p1", "p2")))
    office.file("2024-06", project("p1", completed_on="2024-05-01"))
    cards = {card["metric"]: card for card in overview_cards(office.scope("2024-06"))}
    assert cards["completed_projects"]["note"] == "较上期减少 1 个"


def test_the_flows_of_the_funnel_page_are_the_overviews(scope: Scope) -> None:
    shown = dict(flows(scope).select("metric_id", "projects").iter_rows())
    assert list(shown) == list(FLOWS)
    found = dict(overview_numbers(scope).select("metric_id", "numerator").iter_rows())
    assert all(shown[metric] == found[metric] for metric in shown if metric in found)


def test_letters_explanations_and_stuck_money_wait_for_a_decision() -> None:
    said = waiting(
        owed=3,
        letters={"warning": list("abcd"), "reminder": list("ab"), "talk": ["a"]},
        problems_overdue=5,
        funds_without_work={"numerator": Decimal(20000)},
    )
    assert said == [
        ("red", "建议约谈 1 个地区；应书面说明原因 3 个地区"),
        ("red", "资金到位满 3 个月未形成实物工作量 2.00亿元"),
        ("yellow", "待发预警通知书 4 份、提醒函 2 份"),
        ("yellow", "受阻问题逾期未办结 5 个"),
    ]


def test_the_money_of_the_year_is_told_against_its_pace_and_where_it_is_heading() -> None:
    told = numbers(
        investment_completion={"numerator": Decimal(60), "denominator": Decimal(100)},
        planned_share={"numerator": Decimal(75), "denominator": Decimal(100)},
        invested_year={"numerator": Decimal(600000)},
    )
    forecast = {"expected": Decimal(800000), "low": Decimal(700000), "high": Decimal(900000), "reason": None}
    assert money_lines(told, {"invested_year": forecast}, "2024-09", LightRules(), "元") == [
        ("yellow", "本年完成投资 60.00亿元；有计划的项目完成 60.0%，低于序时15.0个百分点"),
        ("grey", "预计年底 80.00亿元（70.00—90.00）"),
    ]
    silent = forecast | {"expected": None, "reason": "short"}
    assert len(money_lines(told, {"invested_year": silent}, "2024-09", LightRules(), "元")) == 1


def test_lights_are_told_with_what_became_of_them() -> None:
    told = numbers(red_projects=5, yellow_projects=1, green_projects=9)
    changes = {"new": 2, "worse": 1, "steady": 3, "better": 0, "solved": 4}
    assert lights_lines(told, changes, "2024-08") == [
        ("red", "滞后 5 个 · 关注 1 个 · 正常 9 个"),
        ("grey", "较8月新增 2、加重 1、减轻 0、解除 4"),
    ]
    assert len(lights_lines(told, changes, None)) == 1


def test_a_card_says_where_the_year_is_heading(scope: Scope) -> None:
    assert overview_forecasts(scope)["started_projects"]["reason"] == "short"
    assert {card["forecast"] for card in overview_cards(scope)} == {""}


def test_the_overview_of_a_ledger_is_said_in_one_sentence(scope: Scope) -> None:
    said = headline(scope.city, overview_numbers(scope), scope.period)
    assert said == (
        "1—6月，全市新开工项目1个，完成年度目标的12.5%，低于序时进度37.5个百分点；其中工业项目1个；"
        "签约低于序时进度30.0个百分点。"
    )


def test_changes_and_matters_of_a_ledger_can_be_told(scope: Scope) -> None:
    table, _ = race_scores(scope)
    told = month_changes(overview_numbers(scope), table, scope.period, scope.previous, "元")
    assert ("grey", "本期退库 1 个，本年累计 1 个") in told
    follows = consequences(scope)
    matters = pending_matters(
        overview_numbers(scope), NOBODY, scope.unfiled_names, follows.owed.height, follows.letters
    )
    assert matters == [
        ("red", "应书面说明原因 1 个地区"),
        ("yellow", "待发预警通知书 0 份、提醒函 1 份"),
        ("yellow", "竣工满 3 个月未投产 1 个"),
        ("yellow", "南区本期未报台账"),
    ]


def test_a_batch_without_a_metric_has_no_card_and_another_keeps_its_own_name(scope: Scope) -> None:
    batches = (
        Batch("x", "某批", metric=None),
        Batch("y", "签约一批", metric="signed_projects"),
    )
    cities = {CITY: replace(scope.city, batches=batches)}
    other = replace(scope, reference=replace(scope.reference, cities=cities))
    assert [card["name"] for card in overview_cards(other)] == ["签约一批"]


SUPPORTED: dict[str, Any] = {
    "problems_open": 54,
    "problems_overdue": 26,
    "problems_plan_left": 220_200,
    "problem_resolution_rate": {"numerator": Decimal(5), "denominator": Decimal(7)},
    "funds_arrived": 1_963_000,
    "payment_rate": {"numerator": Decimal(3), "denominator": Decimal(4)},
    "permits_overdue": 0,
    "permits_in_time_rate": {"numerator": Decimal(1), "denominator": Decimal(2)},
    "statistics_rate": {"numerator": Decimal(5), "denominator": Decimal(6)},
    "service_complete_rate": {"numerator": Decimal(62), "denominator": Decimal(100)},
    "steward_rate": {"numerator": None, "denominator": None},
}


def test_what_carries_the_projects_is_told_with_its_rates() -> None:
    assert support_lines(numbers(**SUPPORTED)) == [
        ("yellow", "受阻问题未办结 54 个，办结率 71.4%"),
        ("grey", "受阻项目未完成计划 22.02亿元"),
        ("grey", "到位资金 196.3亿元，支付率 75.0%"),
        ("green", "手续逾期 0 项，按期办结率 50.0%"),
        ("grey", "入统率 83.3%"),
        ("grey", "五个一完整率 62.0%，服务秘书覆盖率 —"),
    ]


def test_ledgers_that_nobody_filed_say_so_and_are_not_nought() -> None:
    unfiled = dict.fromkeys(("problems_open", "funds_arrived", "permits_overdue"))
    said = support_lines(numbers(**{**SUPPORTED, **unfiled}))
    assert [sentence for _, sentence in said[:3]] == [
        "受阻问题台账还没有报送",
        "资金台账还没有报送",
        "手续台账还没有报送",
    ]
