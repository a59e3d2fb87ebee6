"""Projects one by one: found by name, code and pinyin, and what their card says, counted by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from builders import EAST, WEST, Office, project

from saima.answers import project_card, project_index
from saima.charts.projects import date_lines
from saima.charts.theme import LIGHT
from saima.transforms.projects import (
    INDEX,
    PEER_FACTS,
    about_project,
    acceptance_sentence,
    date_marks,
    date_words,
    filed_investment,
    found_projects,
    found_sentence,
    found_words,
    history_words,
    is_spelled,
    light_lines,
    peer_projects,
    peer_words,
    peers_sentence,
    project_dates,
    project_lights_of,
    project_metric,
    project_sentence,
    told_date,
)

END = date(2024, 9, 30)
DATES = {
    f"{event}_on": None
    for event in (
        *("planned", "signed", "landed", "approved", "start_due", "started", "completion_due", "completed"),
        *("accepted", "production_due", "produced", "ramped", "entered_statistics", "suspended", "resumed"),
        "exited",
    )
}


def index(*rows: tuple[str, str, str | None, str | None, int | None]) -> pl.DataFrame:
    """Projects as a search looks at them: (project_id, name, project_code, owner, investment_total)."""
    return pl.DataFrame(
        [
            {"project_id": p, "name": n, "project_code": c, "owner": o, "area_id": EAST, "chain": None}
            | {"stage": "started", "investment_total": Decimal(i) if i is not None else None}
            for p, n, c, o, i in rows
        ],
        schema=dict.fromkeys(INDEX, pl.String) | {"investment_total": pl.Decimal(18, 4)},
    )


def history(*filings: dict[str, Any]) -> pl.DataFrame:
    """The ledger of one project period by period: each filing has period, and dates known to the day."""
    rows = []
    for filing in filings:
        dates = {
            name: date.fromisoformat(day) if day else None for name, day in filing.items() if "_on" in name
        }
        precise = {f"{name}_precision": filing.get("precision", "day") for name in DATES}
        rows.append(
            {"filed_period": filing["period"], **DATES, **precise}
            | {k: v for k, v in filing.items() if k in {"period", "filed_period"}}
            | dates
        )
    schema: dict[str, Any] = {"filed_period": pl.String, "period": pl.String}
    for name in DATES:
        schema |= {name: pl.Date, f"{name}_precision": pl.String}
    return pl.DataFrame(rows, schema=schema)


ALL = index(
    ("p1", "沈阳机床扩能项目", "2401-210100-04-01-000001", "沈机集团", 100),
    ("p2", "重工路道路工程", None, "城建局", 300),
    ("p3", "机床配件项目", None, "沈机集团", None),
)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ["p2", "p1", "p3"]),
        ("机床", ["p1", "p3"]),
        ("机床 沈阳", ["p1"]),
        ("000001", ["p1"]),
        ("沈机", ["p1", "p3"]),
        ("P3", ["p3"]),
        ("syjc", ["p1"]),
        ("jichuang", ["p1", "p3"]),
        ("jchuangpj", ["p3"]),
        ("zhonggong", ["p2"]),
        ("chonggong", ["p2"]),
        ("SYJC", ["p1"]),
        ("syjx", []),
        (".*", []),
        ("<b>", []),
    ],
)
def test_every_word_typed_is_found_in_name_code_owner_or_pinyin(typed: str, found: list[str]) -> None:
    assert found_projects(ALL, typed)["project_id"].to_list() == found


def test_the_last_syllable_typed_may_be_cut_short_and_no_other() -> None:
    assert is_spelled("沈阳机床", "shenyangjichu")
    assert not is_spelled("沈阳机床", "sheyang")
    assert not is_spelled("沈阳", "shenyangji")


def test_a_row_carried_on_says_nothing_new_and_a_date_left_empty_is_a_move() -> None:
    told = told_date(
        history(
            {"period": "2024-01"},
            {"period": "2024-02", "start_due_on": "2024-03-31"},
            {"period": "2024-03", "start_due_on": "2024-06-30"},
            {"period": "2024-04", "start_due_on": "2024-09-30", "filed_period": "2024-03"},
            {"period": "2024-05", "start_due_on": "2024-06-30"},
            {"period": "2024-06"},
        ),
        "start_due_on",
    )
    assert (told.first, told.last, told.moves) == (date(2024, 3, 31), None, 2)
    assert told.days == (date(2024, 3, 31), date(2024, 6, 30))
    assert (told.first_words, told.last_words) == ("2024-03-31", "—")


def test_a_date_that_nobody_tells_has_no_row() -> None:
    assert project_dates(history({"period": "2024-09"}), END).is_empty()


@pytest.mark.parametrize(
    ("due", "on", "late", "words"),
    [
        ("2023-12-31", "2024-01-01", 1, "比首次计划晚1个月"),
        ("2024-03-31", "2024-03-01", 0, "按首次计划的月份"),
        ("2024-03-31", "2023-12-31", -3, "比首次计划早3个月"),
        ("2024-06-30", None, 3, "已过首次计划3个月"),
        ("2024-09-30", None, None, ""),
        ("2024-09-29", None, 0, "本月到期，尚未发生"),
        ("2024-06-30", "2024-11-30", 3, "已过首次计划3个月"),
    ],
)
def test_lateness_is_told_in_months_from_the_very_first_plan(
    due: str, on: str | None, late: int | None, words: str
) -> None:
    filed = history(
        {"period": "2024-08", "start_due_on": due},
        {"period": "2024-09", "start_due_on": "2025-01-31", "started_on": on},
    )
    (row,) = project_dates(filed, END).iter_rows(named=True)
    assert (row["late"], row["due_moves"]) == (late, 1)
    shown = date_words(project_dates(filed, END)).row(0, named=True)
    assert shown["与首次计划"] == (words or "—")
    assert shown["首次计划"] == due


def test_a_date_still_to_come_is_no_fact() -> None:
    filed = history({"period": "2024-09", "completed_on": "2024-10-01", "signed_on": "2024-09-30"})
    rows = {row["event"]: row for row in project_dates(filed, END).iter_rows(named=True)}
    assert (rows["completed"]["is_past"], rows["completed"]["state"]) == (False, "waiting")
    assert (rows["signed"]["is_past"], rows["signed"]["state"]) == (True, "done")
    assert date_words(project_dates(filed, END))["时间"].to_list() == ["2024-09-30", "2024-10-01（未到）"]


def test_the_marks_of_a_plan_that_moved_say_how_often() -> None:
    filed = history(
        {"period": "2024-08", "completion_due_on": "2024-10-31"},
        {"period": "2024-09", "completion_due_on": "2024-12-31"},
    )
    (row,) = date_marks(project_dates(filed, END)).iter_rows(named=True)
    assert row["words"] == "计划2024-12-31 · 计划改1次"
    assert row["due_days"] == [date(2024, 10, 31), date(2024, 12, 31)]


def test_a_date_has_a_filled_mark_once_it_has_come_and_a_hollow_one_before() -> None:
    filed = history({"period": "2024-09", "completed_on": "2024-10-01", "signed_on": "2024-09-30"})
    drawn = date_lines(date_marks(project_dates(filed, END)), LIGHT, end=END)
    assert drawn.data[2].marker.symbol == ("circle", "circle-open")
    assert drawn.data[1].x == ()


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        ({}, ""),
        ({"completed_on": "2024-10-01"}, ""),
        ({"completed_on": "2024-09-20"}, "竣工未验收，已10天。"),
        ({"completed_on": "2024-09-20", "accepted_on": "2024-10-01"}, "竣工未验收，已10天。"),
        ({"completed_on": "2024-09-20", "accepted_on": "2024-09-20"}, "竣工当日验收。"),
        ({"completed_on": "2024-09-20", "accepted_on": "2024-09-27"}, "竣工后7天验收。"),
        ({"completed_on": "2024-09-20", "accepted_on": "2024-09-19"}, "验收时间早于竣工时间，请核对。"),
        (
            {"completed_on": "2024-08-31", "accepted_on": "2024-09-30", "precision": "month"},
            "竣工、验收时间不都精确到日，不计算间隔。",
        ),
        ({"completed_on": "2024-08-31", "precision": "month"}, "竣工未验收。"),
    ],
)
def test_days_from_completion_to_acceptance_are_told_between_exact_days(
    dates: dict[str, Any], said: str
) -> None:
    assert acceptance_sentence(history({"period": "2024-09", **dates}), END) == said


def peers(*rows: dict[str, Any]) -> pl.DataFrame:
    """Facts of projects of a chain: `project_id` and what differs."""
    own = dict.fromkeys(PEER_FACTS) | {"chain": "航空", "category": "工业", "stage": "started"}
    dates = {name: pl.Date for name in PEER_FACTS if name.endswith("_on")}
    amounts = {name: pl.Decimal(18, 4) for name in ("investment_total", "plan_year", "invested_year")}
    filled = [own | row | {name: row.get(name) and Decimal(row[name]) for name in amounts} for row in rows]
    return pl.DataFrame(filled, schema=dict.fromkeys(PEER_FACTS, pl.String) | dates | amounts)


def test_peers_are_of_the_same_chain_and_between_half_and_twice_its_size() -> None:
    facts = peers(
        {"project_id": "me", "investment_total": 100, "plan_year": 10, "invested_year": 6},
        {"project_id": "half", "investment_total": 50, "plan_year": 10, "invested_year": 5},
        {"project_id": "under", "investment_total": 49},
        {"project_id": "twice", "investment_total": 200, "plan_year": 10, "invested_year": 9},
        {"project_id": "over", "investment_total": 201},
        {"project_id": "near", "investment_total": 101, "plan_year": 0, "invested_year": 3},
        {"project_id": "gone", "investment_total": 100, "stage": "exited"},
        {"project_id": "other", "investment_total": 100, "chain": "新材料"},
        {"project_id": "unsized"},
    )
    found = peer_projects(facts, "me")
    assert found["project_id"].to_list() == ["near", "half", "twice"]
    mine = facts.row(0, named=True)
    assert peers_sentence(found, mine) == (
        "同产业链（航空）、总投资为本项目一半至两倍的项目3个，"
        "其中2个有年度计划，完成率中位数70.0%，本项目60.0%。"
    )
    assert peer_projects(facts, "unsized").is_empty()
    unsized = facts.filter(project_id="unsized").row(0, named=True)
    assert peers_sentence(facts.clear(), unsized) == "本项目没有填报总投资，不与同类项目比较。"


def test_a_project_of_no_chain_is_beside_its_category() -> None:
    facts = peers(
        {"project_id": "me", "investment_total": 100, "chain": None},
        {"project_id": "same", "investment_total": 100, "chain": None},
        {"project_id": "other", "investment_total": 100, "chain": None, "category": "农业"},
        {"project_id": "none", "investment_total": 100, "chain": None, "category": None},
    )
    assert peer_projects(facts, "me")["project_id"].to_list() == ["same"]
    assert peer_projects(facts, "none").is_empty()


def test_a_month_carried_on_has_no_investment_of_its_own() -> None:
    rows = pl.DataFrame(
        {
            "period": ["2024-01", "2024-02", "2024-03"],
            "filed_period": ["2024-01", "2024-01", "2024-03"],
            "invested_year": [1, 1, None],
        }
    )
    assert filed_investment(rows).rows() == [("2024-01", 1, 1), ("2024-03", None, 0)]


def test_the_card_tells_a_project_whatever_the_filters(office: Office) -> None:
    plan = {"plan_year": 100, "investment_total": 1000, "name": "甲"}
    office.file("2024-08", project("p1", start_due_on="2024-06-30", **plan, invested_year=10))
    office.file(
        "2024-09",
        project(
            "p1", start_due_on="2024-12-31", **plan, invested_year=20, leader="王五", lists=["provincial"]
        ),
        project("p2", area_id=WEST, investment_total=1500, name="乙"),
    )
    office.file_beside("problems", "2024-09", {"problem_id": "q", "class": "土地", "raised_on": "2024-08-01"})
    scope = office.scope("2024-09", areas=(WEST,))
    card = project_card(scope, "p1")
    assert card is not None
    light = project_lights_of(card.lights, "2024-09", "p1")
    assert project_sentence(card.row, light, END, {}, "元") == (
        "截至2024年9月，甲：总投资0.10亿元，阶段不明；"
        "2024年计划100.00万元，完成20.00万元，占20.0%；亮灯：■ 滞后。"
    )
    assert [colour for colour, _ in light_lines(light)][:1] == ["red"]
    assert card.beside["problem_facts"]["class"].to_list() == ["土地"]
    assert "fund_facts" not in card.beside
    assert card.decisions is None
    assert card.peers["project_id"].to_list() == ["p2"]
    told = dict(about_project(card.row, card.facts, scope.area_names))
    assert (told["包保领导"], told["清单"], told["标签"]) == ("王五", "provincial", "—")
    shown = history_words(card.history, card.sources, card.lights)
    assert shown.select("报告期", "报送", "本年完成（亿元）", "计划开工", "来源文件", "行号").rows() == [
        ("2024-09", "本期", "0.00", "2024-12-31", "台账.xlsx", "2"),
        ("2024-08", "本期", "0.00", "2024-06-30", "台账.xlsx", "2"),
    ]
    words = peer_words(card.peers, card.peer_rows, scope.unfiltered.lights(), scope.area_names, {})
    assert words["项目名称"].to_list() == ["乙"]
    assert scope.unfiltered.measure([project_metric("p1")])["numerator"].to_list() == [1]
    assert project_card(scope, "nobody") is None


def test_the_index_holds_the_scope_and_the_sentence_its_number(office: Office) -> None:
    office.file("2024-09", project("p1", name="甲"), project("p2", name="乙", area_id=WEST))
    scope = office.scope("2024-09", areas=(WEST,))
    known = project_index(scope)
    assert known["name"].to_list() == ["乙"]
    none = found_projects(known, "丙")
    assert found_sentence(none, known, " 丙 ", "2024-09", "西区") == (
        "2024年9月西区台账共1个项目，没有找到“丙”，请换一个名称、代码、单位或拼音。"
    )
    words = found_words(found_projects(known, "乙"), scope.lights(), scope.area_names, {})
    assert words.select("项目名称", "灯", "责任地区", "总投资（亿元）").rows() == [
        ("乙", "○ 未到期", "西区", "—")
    ]
