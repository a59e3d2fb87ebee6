"""城市指标: progress told honestly, by hand; the 31 rows and 91 actions of the document."""

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from builders import CITY, EAST, REFERENCE, Office, project

from saima import reference
from saima.answers import indicators
from saima.evidence import proving_keys
from saima.reference import Reference, ReferenceError
from saima.transforms.indicators import (
    action_words,
    actions_sentence,
    bar_rows,
    chain_line,
    filed_words,
    goal_years,
    indicator_rows,
    indicator_words,
    indicators_sentence,
    meets,
    of_city,
    plan_metric,
    plan_rows,
    unlisted_line,
)

HEADER = (
    "city,no,field,measure,unit,kind,base_year,base,goal_2025,rule_2025,words_2025,goal_2035,rule_2035,"
    "words_2035,source,note\n"
)
LINES = (
    f"{CITY},1,能级,总值,亿元,more,2020,100,200,>=,200,400,>=,400,纲要,\n"
    f"{CITY},2,能级,增速,%,growth,2020,,6,>=,6以上,6,>=,6以上,纲要,\n"
    f"{CITY},3,能级,平台,个,more,2020,,10,>=,10以上,30,>=,30以上,纲要,\n"
    f"{CITY},4,金融,排名,位,rank,2020,22,20,<=,前20,15,<=,前15,纲要,\n"
    f"{CITY},5,宜居,失业率,%,fewer,2020,5.3,5.5,左右,5.5左右,5,左右,5左右,纲要,\n"
    f"{CITY},6,宜居,密度,公里,more,2020,8,8,>=,8,8,>=,8,纲要,\n"
    f"{CITY},7,开放,外资,亿美元,more,2020,7,8,>=,8,50,>=,50,纲要,\n"
    f"{CITY},8,开放,次数,次,more,2020,20,30,>=,30,40,>=,40,纲要,\n"
)
ACTIONS = (
    "action_id,city,plan_no,plan,no,name,source\n"
    f"a1,{CITY},1,枢纽行动计划,1,班列行动,纲要\n"
    f"a2,{CITY},1,枢纽行动计划,2,客运行动,纲要\n"
    f"b1,{CITY},2,制造行动计划,1,老字号行动,纲要\n"
)


@pytest.fixture
def city(office: Office) -> Office:
    """The small office with eight indicators and three special actions."""
    (office.folder / "office" / "indicators.csv").write_text(HEADER + LINES, encoding="utf-8")
    (office.folder / "office" / "actions.csv").write_text(ACTIONS, encoding="utf-8")
    return office


def filed(office: Office, *rows: tuple[str, int, float], period: str = "2024-09") -> None:
    office.file(period, project("p", action_id="a1", investment_total=500, invested_year=20), project("q"))
    office.file_beside(
        "indicators",
        period,
        *({"area_id": CITY, "measure": name, "year": year, "value": value} for name, year, value in rows),
    )


def rows_of(office: Office, goal: int = 2025) -> dict[int, dict[str, Any]]:
    scope = office.scope("2024-09")
    mine = of_city(scope.reference.indicators, CITY)
    rows = indicator_rows(mine, indicators(scope).filed, goal)
    return {row["no"]: row for row in rows.iter_rows(named=True)}


def test_progress_is_the_way_from_the_base_to_the_goal(city: Office) -> None:
    filed(city, ("总值", 2021, 110), ("总值", 2023, 160), ("总值", 2022, 130))
    row = rows_of(city)[1]
    assert (row["latest_year"], row["latest"], row["before"]) == (2023, 160, 130)
    # 60 of 100 in three of five years: exactly in step; 20 a year are left.
    assert (row["progress"], row["state"], row["needed"]) == (Decimal("60.0"), "ahead", 20)
    later = rows_of(city, 2035)[1]
    assert (later["progress"], later["state"], later["needed"]) == (Decimal("20.0"), "ahead", 20)


@pytest.mark.parametrize(
    ("name", "value", "no", "progress", "state", "needed"),
    [
        ("总值", 159.9, 1, "59.9", "behind", "20.05"),
        ("总值", 90, 1, "-10.0", "away", "55"),
        ("总值", 200, 1, "100.0", "met", None),
        ("增速", 6.0, 2, None, "met", None),
        ("增速", 5.9, 2, None, "unmet", None),
        ("平台", 9, 3, None, "unmet", "0.5"),
        ("平台", 10, 3, None, "met", None),
        ("排名", 21, 4, "50.0", "behind", "-0.5"),
        ("排名", 18, 4, "200.0", "met", None),
        ("排名", 23, 4, "-50.0", "away", "-1.5"),
        ("失业率", 5.7, 5, None, "met", None),
        ("失业率", 5.0, 5, None, "met", None),
        ("失业率", 5.8, 5, None, "unmet", "-0.15"),
        ("密度", 8, 6, None, "met", None),
        ("密度", 7.9, 6, None, "unmet", "0.05"),
        ("外资", 39.2, 7, "3220.0", "met", None),
    ],
)
def test_what_has_no_way_to_go_has_no_percentage(
    city: Office, name: str, value: float, no: int, progress: str | None, state: str, needed: str | None
) -> None:
    filed(city, (name, 2023, value))
    row = rows_of(city)[no]
    assert (row["progress"], row["state"]) == (None if progress is None else Decimal(progress), state)
    assert row["needed"] == (None if needed is None else Decimal(needed))


def test_a_rate_of_unemployment_has_a_way_to_go_where_its_goal_is_better(city: Office) -> None:
    filed(city, ("失业率", 2023, 5.26))
    row = rows_of(city, 2035)[5]
    # Goal 5: 0.04 of 0.3 are gone; within 5 % of the goal is 5.25.
    assert (row["progress"], row["state"]) == (Decimal("13.3"), "behind")


@pytest.mark.parametrize(
    ("value", "goal", "rule", "is_fewer", "said"),
    [
        ("5.25", "5", "左右", True, True),
        ("5.26", "5", "左右", True, False),
        ("4", "5", "左右", True, True),
        ("4.75", "5", "左右", False, True),
        ("4.74", "5", "左右", False, False),
        ("20", "20", "<=", False, True),
        ("21", "20", "<=", False, False),
        ("6", "6", ">=", False, True),
    ],
)
def test_a_goal_is_met_as_its_words_say(value: str, goal: str, rule: str, is_fewer: bool, said: bool) -> None:
    assert meets(Decimal(value), Decimal(goal), rule, is_fewer=is_fewer) is said


def test_words_and_the_sentence_say_what_is_not_known(city: Office) -> None:
    filed(city, ("总值", 2023, 160), ("外资", 2023, 39.2), ("增速", 2023, 5.9), ("怪指标", 2023, 1))
    scope = city.scope("2024-09")
    mine = of_city(scope.reference.indicators, CITY)
    known = indicators(scope)
    now, later = (indicator_rows(mine, known.filed, goal) for goal in goal_years("2025"))
    assert indicators_sentence(now, 2025, "2024-09", "测试市") == (
        "截至2024年9月，测试市8项指标按最近一年填报，已达到2025年目标的1项，快于进度1项，未达到1项，"
        "没有填报5项。"
    )
    words = indicator_words(now, later, 2025)
    first, growth = words.row(0, named=True), words.row(1, named=True)
    assert (first["最近"], first["2025年目标"], first["进度"], first["今后每年需"], first["2035年目标"]) == (
        "160（2023年）",
        "200亿元",
        "60.0%",
        "+20.00",
        "400亿元",
    )
    assert (growth["进度"], growth["2020年"], growth["2025年目标"]) == ("按年评价", "—", "6%以上")
    assert words["2025年目标"].to_list()[3:5] == ["前20位", "5.5%左右"]
    assert words["状态"].to_list()[-1] == "○ 没有填报"
    assert unlisted_line(mine, known.filed) == "填报了1个不在指标表内的名称，没有计入：怪指标。"
    assert unlisted_line(mine, known.filed.filter(pl.col("measure") != "怪指标")) == ""
    shown = bar_rows(now)
    assert shown["no"].to_list() == [1, 7]
    assert shown["label"].to_list() == ["60.0%　160 / 200亿元", "3,220.0%　39.2 / 8亿美元"]
    told = filed_words(known.filed, known.sources).row(0, named=True)
    assert (told["来源文件"], told["工作表"]) == ("indicators.xlsx", "indicators")


def test_projects_stand_under_the_special_action_they_name(city: Office) -> None:
    city.file(
        "2024-09",
        project("one", action_id="a1", investment_total=500, invested_year=20),
        project("two", action_id="a1", investment_total=300),
        project("gone", action_id="a2", exited_on="2024-01-01"),
        project("other", action_id="z9"),
        project("none"),
    )
    scope = city.scope("2024-09")
    rows = indicators(scope).actions
    assert rows.select("action_id", "projects", "investment_total", "invested_year").rows() == [
        ("a1", 2, Decimal(800), Decimal(20)),
        ("a2", 0, None, None),
        ("b1", 0, None, None),
    ]
    assert actions_sentence(rows) == "2个行动计划3个专项行动中，1个有项目，2个还没有项目。"
    assert action_words(rows)["说明"].to_list() == ["", "还没有项目", "还没有项目"]
    assert plan_rows(rows).select("plan", "actions", "served", "projects").rows() == [
        ("枢纽行动计划", 2, 1, 2),
        ("制造行动计划", 1, 0, 0),
    ]
    actions = of_city(scope.reference.actions, CITY)
    assert set(proving_keys(plan_metric("枢纽行动计划", actions), scope)) == {"one", "two"}


def test_values_are_those_of_the_period_and_of_the_city(city: Office) -> None:
    filed(city, ("总值", 2022, 130), period="2024-08")
    filed(city, ("总值", 2022, 135))
    city.file_beside("indicators", "2024-09", {"area_id": EAST, "measure": "总值", "year": 2023, "value": 1})
    # An area's value is not the city's, whose last one of the year is carried.
    filed_now = indicators(city.scope("2024-09")).filed
    assert filed_now.select("value", "filed_period").rows() == [(130, "2024-08")]
    assert filed_words(filed_now, {})["所属报送期"].to_list() == ["2024-08"]
    assert indicators(city.scope("2024-08")).filed["value"].to_list() == [130]


def test_the_document_has_31_indicators_and_91_special_actions(shipped: Reference) -> None:
    mine = of_city(shipped.indicators, "210100")
    assert mine["no"].to_list() == list(range(1, 32))
    assert [count for _, count in mine.group_by("field", maintain_order=True).len().iter_rows()] == [
        *(4, 4, 4, 4),
        *(3, 3, 3, 6),
    ]
    assert mine.filter(pl.col("base").is_null())["no"].to_list() == [4, 11, 14, 21, 22]
    assert mine.filter(pl.col("base") == pl.col("goal_2025"))["no"].to_list() == [25, 29]
    actions = of_city(shipped.actions, "210100")
    by_plan = actions.group_by("plan_no", maintain_order=True).len()["len"].to_list()
    assert by_plan == [9, 12, 12, 10, 11, 8, 15, 7, 7]
    assert sum(by_plan) == 91


def test_the_chains_of_the_document_are_5_3_7_5(shipped: Reference) -> None:
    chains = shipped.chains.filter(pl.col("city") == "210100")
    assert chain_line(chains).startswith("“5+3+7+5”产业链：老字号5条、原字号3条、新字号7条、新赋能5条")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (LINES.replace("more", "better", 1), "第2行 字段「kind」：值“better”不认识"),
        (LINES.replace(",200,>=", ",二百,>=", 1), "第2行 字段「goal_2025」：值“二百”不对"),
        (LINES.replace("<=", "=", 1), "第5行 字段「rule_2025」：值“=”不认识"),
        (LINES + LINES.splitlines(keepends=True)[0], "第10行 字段「measure」"),
        (LINES.replace(CITY, "111111", 1), "第2行 字段「city」"),
    ],
)
def test_a_wrong_indicator_is_refused_with_its_line(line: str, said: str) -> None:
    files = {name: body.encode() for name, body in REFERENCE.items()}
    with pytest.raises(ReferenceError, match=f"indicators.csv {said}"):
        reference.whole.read(files | {"indicators.csv": (HEADER + line).encode()})
