"""Warnings: what became of the lights, whose they are, what comes due and what follows."""

from datetime import date
from typing import Any

import polars as pl
import pytest
from builders import CITY, EAST, UNASSIGNED, WEST, Office, project

from saima.answers import area_targets, consequences, warned
from saima.reference import LightRules
from saima.transforms.lights import light_reasons, light_rule_words
from saima.transforms.warnings import (
    CHANGES,
    change_counts,
    coming_due,
    consequence_of,
    due_words,
    exempt_words,
    explanations_owed,
    group_words,
    light_changes,
    light_groups,
    named_groups,
    place_consequences,
    place_words,
    slipping_records,
    slow_lines,
    warning_words,
    warnings_sentence,
)

RULES = LightRules()


def lit(**lights: str) -> pl.DataFrame:
    """Projects with these lights; a light that ends in ! is exempt."""
    rows = [
        {
            "project_id": name,
            "light": light.rstrip("!"),
            "is_exempt": light.endswith("!"),
            "red_periods": int(light == "red"),
            "lit_periods": int(light in {"red", "yellow"}),
            "investment_total": 1,
            "area_id": EAST,
        }
        for name, light in lights.items()
    ]
    return pl.DataFrame(rows)


def test_a_light_is_new_worse_steady_better_or_solved_since_the_last_period() -> None:
    before = lit(a="green", b="yellow", c="red", d="red", e="yellow", f="grey", g="red", x="red")
    now = lit(a="red", b="red", c="red", d="yellow", e="green", f="yellow", g="grey", new="yellow")
    changes = light_changes(now, before)
    assert dict(changes.select("project_id", "change").iter_rows()) == {
        "a": "new",
        "b": "worse",
        "c": "steady",
        "d": "better",
        "e": "solved",
        "f": "new",
        "g": "solved",
        "new": "new",
    }, "x left the ledger: that solves nothing"
    assert changes["light"].to_list()[:3] == ["red", "red", "red"]
    assert change_counts(changes).rows() == [
        ("new", "新增", 3),
        ("worse", "加重", 1),
        ("steady", "延续", 1),
        ("better", "减轻", 1),
        ("solved", "解除", 2),
    ]


def test_an_exempt_light_is_out_of_every_count_until_it_is_over() -> None:
    changes = light_changes(lit(a="red!", b="red"), lit(a="red", b="red!"))
    assert dict(changes.select("project_id", "change").iter_rows()) == {"a": "solved", "b": "new"}
    assert warnings_sentence(lit(a="red!", b="red", c="yellow"), changes, "2024-09", "2024-08", "全市") == (
        "1—9月，全市红灯1个、黄灯1个，另有1个豁免；比2024年8月新增1个、加重0个、减轻0个、解除1个。"
    )


def test_lights_are_counted_by_whose_they_are_and_add_up() -> None:
    now = lit(a="red", b="yellow", c="green", d="red!").with_columns(
        area_id=pl.Series([EAST, WEST, WEST, WEST])
    )
    groups = light_groups(now, light_changes(now, lit(a="yellow")), "area_id")
    columns = ("id", "red", "yellow", "green", "exempt", "new", "worse")
    assert groups.select(columns).rows() == [(EAST, 1, 0, 0, 0, 0, 1), (WEST, 0, 1, 1, 1, 1, 0)]
    words = group_words(groups, {EAST: "东区", WEST: "西区"}, "area_id")
    assert words["责任地区"].to_list() == ["东区", "西区"]
    assert named_groups(groups, {}, "area_id").height == 2


@pytest.mark.parametrize(
    ("of", "periods", "words"),
    [
        ("project", 1, "下发预警通知书"),
        ("project", 2, "下发预警通知书"),
        ("project", 3, "建议约谈责任单位"),
        ("project", 9, "建议约谈责任单位"),
        ("place", 1, None),
        ("place", 2, "排名连续靠后，发提醒函"),
        ("target", 2, "发提醒函，并书面说明原因"),
    ],
)
def test_what_follows_is_the_gravest_that_the_streak_has_reached(
    of: str, periods: int, words: str | None
) -> None:
    found = consequence_of(RULES, of, periods)
    assert (found.words if found else None) == words
    streaks = pl.DataFrame([{"area_id": EAST, "name": "东区", "periods": periods}])
    told = place_words(place_consequences(streaks, RULES))
    assert (told == [f"东区连续{periods}期排名靠后：{words}"]) == (of == "place" and words is not None)


def test_what_comes_due_is_between_the_two_days_and_not_done() -> None:
    facts = pl.DataFrame(
        [
            ("start", "signed", date(2024, 10, 31), None, None),
            ("past", "signed", date(2024, 9, 30), None, None),
            ("later", "signed", date(2024, 11, 1), None, None),
            ("begun", "started", date(2024, 10, 15), date(2024, 10, 1), None),
            ("built", "completed", None, date(2024, 10, 1), date(2024, 10, 2)),
        ],
        schema={
            "project_id": pl.String,
            "stage": pl.String,
            "start_due_on": pl.Date,
            "completion_due_on": pl.Date,
            "production_due_on": pl.Date,
        },
        orient="row",
    ).with_columns(area_id=pl.lit(EAST))
    problems = pl.DataFrame(
        [("p", date(2024, 10, 3), None), ("q", date(2024, 10, 3), date(2024, 9, 1))],
        schema={"project_id": pl.String, "due_on": pl.Date, "resolved_on": pl.Date},
        orient="row",
    ).with_columns(area_id=pl.lit(EAST), raised_on=date(2024, 8, 1), end_on=date(2024, 9, 30))
    due = coming_due(facts, problems, date(2024, 9, 30), date(2024, 10, 31))
    assert due.select("project_id", "what").rows() == [
        ("begun", "completion"),
        ("built", "production"),
        ("p", "problem"),
        ("start", "start"),
    ]


def warnings_of(office: Office) -> Any:
    late = {"plan_year": 100, "invested_year": 0, "owner": "甲公司", "leader": "李某"}
    due = {"start_due_on": "2024-05-31", "owner": "乙公司"}
    office.file("2024-08", project("red", started_on="2024-01-01", **late), project("wait", **due))
    office.file(
        "2024-09",
        project("red", started_on="2024-01-01", **late),
        project("wait", **due),
        project("soon", start_due_on="2024-10-20", owner="乙公司"),
        project("fine", started_on="2024-01-01", plan_year=100, invested_year=80),
    )
    return warned(office.scope("2024-09"))


def test_a_warned_project_says_why_since_when_and_what_follows(office: Office) -> None:
    found = warnings_of(office)
    words = warning_words(found.changes, found.rows, {EAST: "东区"}, RULES)
    assert words.select("灯", "变化", "连续", "项目名称", "责任地区", "项目单位", "后果").rows() == [
        ("■ 滞后", "延续", "2期", "项目red", "东区", "甲公司", "下发预警通知书"),
        ("▲ 关注", "延续", "2期", "项目wait", "东区", "乙公司", ""),
    ]
    assert words["依据"].to_list() == [
        "投资进度：年度投资完成0.0%，低于序时75.0个百分点（序时75.0%）",
        "开工：计划2024-05-31前开工，仍未开工，已连续2期",
    ]


def test_what_comes_due_stands_beside_how_its_owner_has_kept_its_days(office: Office) -> None:
    found = warnings_of(office)
    words = due_words(found.due, found.rows, found.records, {EAST: "东区"})
    assert words.select("时间", "事项", "项目名称", "单位以往").rows() == [
        ("2024-10-20", "开工", "项目soon", "2个项目，1个推迟过，1个应开未开")
    ]


def test_an_owner_has_slipped_who_put_off_waits_or_started_late() -> None:
    facts = pl.DataFrame(
        [
            ("a", True, False, None, None),
            ("b", False, True, None, None),
            ("c", False, False, date(2024, 5, 2), date(2024, 5, 1)),
            ("d", False, False, date(2024, 5, 1), date(2024, 5, 1)),
            ("e", False, False, None, None),
        ],
        schema={
            "project_id": pl.String,
            "is_postponed": pl.Boolean,
            "is_due_waiting": pl.Boolean,
            "started_on": pl.Date,
            "baseline_start_due_on": pl.Date,
        },
        orient="row",
    )
    owners = pl.DataFrame({"project_id": list("abcde"), "owner": ["甲"] * 4 + [None]})
    assert slipping_records(facts, owners).rows() == [("甲", 4, 3, 1)]


def test_an_area_owes_an_explanation_for_red_targets_and_long_red_projects(office: Office) -> None:
    found = warnings_of(office)
    names = {EAST: "东区", WEST: "西区"}
    targets = pl.DataFrame(
        [(WEST, "开工3个", "red", -20), (EAST, "开工4个", "yellow", -1)],
        schema=["area_id", "wording", "light", "distance"],
        orient="row",
    )
    owed = explanations_owed(found.now, targets, names, RULES)
    assert owed.rows() == [
        ("东区", "1个项目连续2期以上红灯，最长2期"),
        ("西区", "“开工3个”连续2期以上低于序时"),
    ]


def test_only_areas_that_are_ranked_owe_explanations(office: Office) -> None:
    late = {"started_on": "2024-01-01", "plan_year": 100, "invested_year": 0}
    for period in ("2024-08", "2024-09"):
        office.file(period, project("e", **late), project("u", area_id=UNASSIGNED, **late))
    follows = consequences(office.scope("2024-09"))
    assert follows.owed["责任地区"].to_list() == ["东区"]
    assert follows.letters["warning"] == [EAST]
    assert consequences(office.scope("2024-09", areas=(WEST,))).owed.is_empty()


def test_a_target_is_red_after_as_many_periods_as_the_rules_say(office: Office) -> None:
    for period in ("2024-07", "2024-08", "2024-09"):
        office.file(period, project("e"), project("w", area_id=WEST))
    path = office.folder / "office" / "lights" / f"{CITY}.toml"
    path.parent.mkdir()
    told = {}
    for count in (1, 3, 4):
        path.write_text(f"[target]\nred_periods = {count}\n", encoding="utf-8")
        told[count] = area_targets(office.scope("2024-09"))["light"].unique().to_list()
    assert told == {1: ["red"], 3: ["red"], 4: ["yellow"]}


def test_the_targets_of_areas_are_red_when_twice_below(office: Office) -> None:
    for period in ("2024-08", "2024-09"):
        office.file(period, project("e", started_on="2024-01-01"), project("w", area_id=WEST))
    told = area_targets(office.scope("2024-09"))
    assert told.select("area_id", "wording", "light").rows() == [
        (EAST, "开工4个", "red"),
        (WEST, "开工3个", "red"),
    ]


def test_what_drags_on_and_what_is_exempt_is_told_with_who_and_why(office: Office) -> None:
    late = {"plan_year": 100, "invested_year": 0}
    office.file(
        "2024-09",
        project("long", started_on="2020-01-01"),
        project(
            "excused",
            started_on="2024-01-01",
            exemption_reason="征地",
            exempt_by="张三",
            exempt_until="2024-12-31",
            **late,
        ),
    )
    found = warned(office.scope("2024-09"))
    assert [sentence.partition("：")[0] for _, sentence in slow_lines(found.now, RULES)] == [
        "“马拉松”项目 1 个",
        "豁免亮灯 1 个",
    ]
    assert exempt_words(found.now, found.rows, {EAST: "东区"}).rows() == [
        ("■ 滞后（豁免）", "项目excused", "东区", "征地", "张三", "2024-12-31")
    ]
    assert found.changes.is_empty(), "an exempt light counts nowhere"


def test_every_light_says_its_rule_and_its_reason(office: Office) -> None:
    rules = dict(light_rule_words(RULES))
    assert "10至30个百分点为黄" in rules["投资进度"]
    assert "连续3个报送期" in rules["开工"]
    row = warnings_of(office).now.filter(pl.col("project_id") == "fine").row(0, named=True)
    assert light_reasons(row) == []
    assert set(CHANGES) == {"new", "worse", "steady", "better", "solved"}
