"""Lists: filed and computed members, their overlap, kinds, monthly plan and share of the city."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from builders import CITY, EAST, REFERENCE, SOUTH, WEST, ZONE, Office, project

from saima import reference
from saima.answers import list_entries, list_names, list_plan, list_share, listed
from saima.charts.membership import kind_bars, list_bars, overlap_bars, plan_path
from saima.charts.theme import LIGHT
from saima.evidence import proving_keys
from saima.metrics import CATALOGUE
from saima.reference import ListRules, ReferenceError
from saima.transforms.lists import (
    FACTS,
    FUND_FACTS,
    bar_rows,
    change_words,
    changes_label,
    city_share,
    combination_metrics,
    difference_words,
    differences_label,
    kind_labels,
    kind_metrics,
    list_memberships,
    list_metrics,
    list_words,
    lists_sentence,
    overlap_sentence,
    overlapping_lists,
    plan_metric,
    plan_points,
    plan_sentence,
    rule_words,
    share_sentence,
    share_words,
    totals_sentence,
    unknown_sentence,
    won_sources,
)

LISTS = (
    "list,city,name,order,source\n"
    f"大项目,{CITY},亿元以上项目清单,1,本系统默认\n"
    f"战新,{CITY},战新项目清单,2,本系统默认\n"
    f"平台,{CITY},平台项目清单,3,本系统默认\n"
    f"拟落地,{CITY},拟落地项目清单,4,本系统默认\n"
    f"央资,{CITY},央资项目清单,5,本系统默认\n"
    f"百大,{CITY},百大项目,6,本系统默认\n"
)
SCHEMES = (
    "scheme,value,name,city,order,source\n"
    f"sei,新能源,新能源,{CITY},1,本系统默认\n"
    f"platform,平台经济,平台经济,{CITY},1,本系统默认\n"
)
TOML = """
name = "五个清单"
label = "本系统默认"
large = "大项目"
by_unit = "百大"

[share]
list = "百大"
measure = "固定资产投资"

[[lists]]
list = "大项目"
investment_from = 10000
relaxed_from = 5000
relaxed_tags = ["sei"]
relaxed_natures = ["改建和技术改造"]
includes = ["平台"]

[[lists]]
list = "战新"
tags = ["sei"]

[[lists]]
list = "平台"
tags = ["platform:平台经济"]

[[lists]]
list = "拟落地"
awaits_landing = true

[[lists]]
list = "央资"
fund_sources = ["中央预算内投资", "地方政府专项债券"]

[[lists]]
list = "百大"
is_beside = true
"""

FILES = {"lists.csv": LISTS, "schemes.csv": SCHEMES, f"lists/{CITY}.toml": TOML}


@pytest.fixture
def known(office: Office) -> Office:
    """An office with five lists that have rules and one beside them that has none."""
    for name, text in FILES.items():
        path = office.folder / "office" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return office


def rules_of(office: Office) -> ListRules:
    return reference.load().lists_of(CITY)


def members(office: Office, name: str, basis: str = "computed", **filters: Any) -> set[str]:
    """The projects of a list in September 2024."""
    return set(listed(office.scope("2024-09", **filters), basis).members[basis, name])


def differences(office: Office) -> dict[tuple[str, str], tuple[str, str]]:
    """What differs, and why, by list and project."""
    scope = office.scope("2024-09")
    found = listed(scope, "reported")
    words = difference_words(
        found.differences,
        found.facts,
        found.proof,
        rules_of(office),
        {"lists": list_names(scope), "areas": scope.area_names},
        "元",
    )
    return {
        (row["清单"], row["项目名称"].removeprefix("项目")): (row["差异"], row["依据"])
        for row in words.iter_rows(named=True)
    }


# Rules


def test_a_rule_tells_members_differences_and_what_cannot_be_told(known: Office) -> None:
    known.file(
        "2024-09",
        project("edge", investment_total=10_000),
        project("small", investment_total="9999.9999", lists=["大项目"]),
        project("field", investment_total=5_000, tags=["sei:新能源"], lists=["大项目", "战新"]),
        project("works", investment_total=5_000, nature="改建和技术改造"),
        project("too_small", investment_total="4999.9999", tags=["sei:新能源"], lists=["大项目"]),
        project("platform", investment_total=10, tags=["platform:平台经济"], lists=["平台"]),
        project("untold", lists=["大项目"]),
        project("done", investment_total=20_000, completed_on="2023-12-31", lists=["大项目"]),
        project("done_now", investment_total=20_000, completed_on="2024-01-01", lists=["大项目"]),
        project("left", investment_total=20_000, exited_on="2024-02-01", lists=["大项目"]),
    )
    assert members(known, "大项目") == {"edge", "field", "works", "platform", "done_now"}
    assert members(known, "大项目", "reported") == {
        *("small", "field", "too_small", "untold", "done", "done_now")
    }
    assert members(known, "战新") == {"field", "too_small"}
    found = listed(known.scope("2024-09"), "reported")
    assert differences_label(found.differences) == "填报与规则不一致的项目（7项，另有1项无法判定）"
    assert differences(known) == {
        ("大项目", "edge"): ("应列未列", "总投资1.00亿元"),
        ("大项目", "works"): ("应列未列", "总投资0.50亿元，放宽至0.50亿元"),
        ("大项目", "platform"): ("应列未列", "平台项目统一纳入"),
        ("大项目", "small"): ("列入不合规则", "总投资9,999.9999万元，低于10,000万元"),
        ("大项目", "too_small"): ("列入不合规则", "总投资4,999.9999万元，低于5,000万元"),
        ("大项目", "done"): ("列入不合规则", "本年1月1日前已竣工"),
        ("大项目", "untold"): ("列入、无法判定", "总投资未填"),
        ("战新", "too_small"): ("应列未列", "标签：新能源"),
    }


def test_a_tag_that_nobody_files_is_not_known_of_anybody(known: Office) -> None:
    known.file("2024-09", project("p1", lists=["战新"]), project("p2", tags=["platform:平台经济"]))
    assert members(known, "战新") == set()
    assert differences(known)["战新", "p1"] == ("列入、无法判定", "台账里没有一个项目填这类标签")
    rows = listed(known.scope("2024-09"), "reported").rows
    assert unknown_sentence(rows).startswith("缺数据而无法按规则判定：大项目1个、战新2个")
    of_west = listed(known.scope("2024-09", areas=(WEST,)), "reported").rows
    assert unknown_sentence(of_west) == ""


def test_a_filter_does_not_change_what_the_city_knows(known: Office) -> None:
    known.file(
        "2024-09",
        project("p1", lists=["战新"]),
        project("p2", area_id=WEST, tags=["sei:新能源"], lists=["战新"]),
    )
    found = listed(known.scope("2024-09", areas=(EAST,)), "reported")
    assert found.differences["difference"].to_list() == ["extra"], "a tag in the west is known in the east"


def test_signed_and_not_landed_is_told_by_the_landing_rule(known: Office) -> None:
    signed = {"signed_on": "2024-03-01", "lists": ["拟落地"]}
    (known.folder / "office" / f"cities/{CITY}.toml").write_text('name = "样例市"\nlanding = "rule"\n')
    known.file(
        "2024-09",
        project("waits", asset_kind="实体经济", landed_on="2024-04-01", **signed),
        project("awarded", asset_kind="实体经济", land_awarded_on="2024-05-01", **signed),
        project("begun", asset_kind="房地产", started_on="2024-06-01", **signed),
        project("half", asset_kind="轻资产", registered_on="2024-05-01", started_on="2024-06-01", **signed),
        project("untold", **signed),
        project("unsigned", asset_kind="实体经济", lists=["拟落地"]),
        project("to_come", asset_kind="实体经济", land_awarded_on="2024-10-01", **signed),
    )
    assert members(known, "拟落地") == {"waits", "half", "to_come"}
    told = differences(known)
    assert told["拟落地", "awarded"] == ("列入不合规则", "2024-05-01已落地")
    assert told["拟落地", "begun"] == ("列入不合规则", "2024-06-01已落地")
    assert told["拟落地", "untold"] == ("列入、无法判定", "资产类型未填，落地标准无法判定")
    assert told["拟落地", "unsigned"] == ("列入不合规则", "报告期末以前没有签约")


def test_central_money_is_told_by_the_ledger_of_funds_and_unknown_without_it(known: Office) -> None:
    rows = [
        project(name, area_id=area, lists=["央资"]) for name, area in (("a", EAST), ("b", WEST), ("c", ZONE))
    ]
    known.file("2024-09", *rows, project("d"), project("e", area_id=SOUTH, lists=["央资"]))
    assert members(known, "央资") == set()
    assert {why for (_, why) in differences(known).values()} == {"资金台账没有报送"}
    known.file_beside(
        "funds",
        "2024-09",
        {"fund_id": "1", "project_id": "a", "source": "中央预算内投资", "approved_on": "2024-02-01"},
        {"fund_id": "2", "project_id": "b", "source": "中央预算内投资", "requested": 5, "area_id": WEST},
        {"fund_id": "3", "project_id": "d", "source": "地方政府专项债券", "approved": 5},
        {"fund_id": "4", "project_id": "c", "source": "市级财政", "approved": 5, "area_id": ZONE},
    )
    assert members(known, "央资") == {"a", "d"}
    told = differences(known)
    assert told["央资", "d"] == ("应列未列", "已获批地方政府专项债券")
    assert told["央资", "b"] == ("列入不合规则", "资金台账里没有这类获批资金"), "asked for is not won"
    assert told["央资", "c"][0] == "列入不合规则", "the city's own money is not central"
    assert ("央资", "a") not in told
    assert told["央资", "e"][0] == "列入不合规则", "the whole city's filing speaks for the south, too"


def test_money_of_an_area_that_files_no_funds_is_unknown(known: Office) -> None:
    on = {"lists": ["央资"]}
    known.file("2024-09", project("a", **on), project("b", area_id=WEST, **on))
    scope = known.scope("2024-09")
    rules = rules_of(known)
    told = list_memberships(
        scope.facts(FACTS), rules, won_sources(scope.facts(FUND_FACTS, of="fund_facts")), [EAST]
    )
    computed = told.filter(list="央资").select("project_id", "computed").rows()
    assert computed == [("a", False), ("b", None)]


# Totals and overlap


@pytest.fixture
def several(known: Office) -> Office:
    """Three projects on five memberships, one of them beside."""
    known.file(
        "2024-09",
        project(
            "a",
            lists=["大项目", "战新", "百大"],
            tags=["sei:新能源"],
            investment_total=20_000,
            plan_year=100,
            invested_year=50,
            lead_unit="市发展改革委",
        ),
        project("b", lists=["大项目"], investment_total=30_000, invested_year=7),
        project("c", lists=["战新", "大项目"], plan_year=40, area_id=WEST),
        project("d", investment_total=40_000, plan_year=10, invested_year=10),
        project("gone", lists=["大项目"], investment_total=50_000, exited_on="2024-05-01"),
    )
    return known


def test_a_project_on_several_lists_is_counted_once_in_the_total(several: Office) -> None:
    scope = several.scope("2024-09")
    found = listed(scope, "reported")
    rows = {row["list"]: row for row in found.rows.iter_rows(named=True)}
    assert (rows["sum"]["projects"], rows["sum"]["investment_total"]) == (5, Decimal(70_000))
    whole = rows["distinct"]
    assert (whole["projects"], whole["told"]) == (3, 2)
    assert (whole["investment_total"], whole["invested_year"]) == (Decimal(50_000), Decimal(57))
    assert (whole["planned"], whole["plan_year"], whole["done"]) == (1, Decimal(100), Decimal(50))
    assert rows["央资"]["investment_total"] is None, "nobody is no zero"
    assert rows["百大"]["computed"] is None
    counted = {rule.list for rule in rules_of(several).counted}
    assert counted == {"大项目", "战新", "平台", "拟落地", "央资"}
    values = scope.measure(
        [
            CATALOGUE[metric].narrowed({"list": tuple(counted)})
            for metric in ("listed_projects", "listed_investment", "listed_invested_year")
        ]
    )
    assert values["numerator"].to_list() == [3, 50_000, 57], "the catalogue says the same"
    words = list_words(found.rows, "元")
    (told,) = words.filter(pl.col("清单") == "合计（去重）").rows(named=True)
    assert (told["填报"], told["总投资"], told["完成年度计划"]) == (
        "3",
        "5.00亿元",
        "50.0%（0.01/0.01亿，1个）",
    )
    assert words.filter(pl.col("清单") == "百大（另列）")["按规则"].to_list() == ["—"]


def test_the_sentences_say_sum_and_total(several: Office) -> None:
    rules = rules_of(several)
    rows = listed(several.scope("2024-09"), "reported").rows
    assert lists_sentence(rows, rules, "2024-09", "全市", "元") == (
        "1—9月，全市五个清单列入项目3个（去重，各清单相加5个），总投资5.00亿元，本年完成投资57.00万元，"
        "完成年度计划的50.0%；填报与规则不一致2项。"
    )
    assert totals_sentence(rows, rules, "reported", "元") == (
        "按填报，五个清单各清单相加5个、总投资7.00亿元，去重后3个、5.00亿元；一个项目只计一次。"
    )
    computed = listed(several.scope("2024-09"), "computed").rows
    assert totals_sentence(computed, rules, "computed", "元").startswith("按规则，五个清单各清单相加4个、")


def test_combinations_are_exact_and_open_their_projects(several: Office) -> None:
    scope = several.scope("2024-09")
    found = listed(scope, "reported")
    assert found.combinations.select("key", "projects").rows() == [("大项目 + 战新", 2), ("大项目", 1)]
    assert overlap_sentence(found.combinations) == (
        "只在一个清单的项目1个，在两个及以上清单的2个，最多同在2个清单。"
    )
    metrics = combination_metrics(found.combinations, rules_of(several), "reported")
    assert set(proving_keys(metrics["大项目 + 战新"], scope)) == {"a", "c"}
    by_list = list_metrics(found.members, rules_of(several), list_names(scope))
    assert set(proving_keys(by_list["reported/大项目"], scope)) == {"a", "b", "c"}
    assert set(proving_keys(by_list["computed/大项目"], scope)) == {"a", "b", "d"}


def test_what_the_figure_leaves_out_is_counted() -> None:
    rows = [(f"k{number:02}", [f"k{number:02}"], 20 - number) for number in range(14)]
    frame = pl.DataFrame(
        rows, {"key": pl.String, "lists": pl.List(pl.String), "projects": pl.Int64}, orient="row"
    )
    assert overlap_sentence(frame).endswith("；图中列前12种组合，其余2种15个。")
    assert overlap_sentence(frame.clear()) == "没有项目列入这些清单。"


def test_who_came_onto_a_list_and_who_left_it_since_the_last_period(known: Office) -> None:
    on = {"lists": ["大项目"]}
    known.file(
        "2024-07",
        *(project(name, **on) for name in ("stays", "off", "gone")),
        project("exits", name="前名", **on),
        project("joins"),
        project("other", lists=["没有的清单"]),
    )
    assert changes_label(list_entries(known.scope("2024-07"))[0], None).endswith("不作比较）")
    known.file(
        "2024-09",
        project("stays", lists=["大项目", "战新"]),
        project("off"),
        project("exits", exited_on="2024-08-01", **on),
        project("joins", **on),
        project("new", investment_total=20_000, **on),
        project("other"),
    )
    scope = known.scope("2024-09")
    changes, rows = list_entries(scope)
    assert changes.select("list", "change", "project_id", "why").rows() == [
        ("大项目", "列入", "joins", ""),
        ("大项目", "列入", "new", "台账新增项目"),
        ("大项目", "调出", "exits", "已退库或不在台账"),
        ("大项目", "调出", "gone", "已退库或不在台账"),
        ("大项目", "调出", "off", ""),
        ("战新", "列入", "stays", ""),
    ]
    assert changes_label(changes, scope.previous) == "清单进出（比2024年7月列入3项、调出3项）"
    words = change_words(changes, rows, list_names(scope), scope.area_names)
    assert words["项目名称"].to_list() == [f"项目{row}" for row in changes["project_id"]], "the newest name"
    assert words.row(1) == ("大项目", "列入", "项目new", "东区", "2.00", "台账新增项目")


def test_units_have_their_projects_and_what_is_not_filed_is_told(known: Office) -> None:
    on = {"lists": ["百大"]}
    known.file(
        "2024-09",
        project("a", lead_unit="甲局", tags=["megaproject:水网"], investment_total=10_000, **on),
        project("b", lead_unit="甲局", tags=["sei:新能源"], plan_year=100, invested_year=30, **on),
        project("c", investment_total=20_000, **on),
        project("d", lead_unit="甲局", investment_total=99_000),
    )
    units = listed(known.scope("2024-09"), "reported").units
    assert units.select("牵头部门", "重大工程", "项目", "总投资", "完成年度计划").rows() == [
        ("甲局", "水网", "2", "1.00亿元", "30.0%（0.00/0.01亿，1个）"),
        ("未填牵头部门", "—", "1", "2.00亿元", "—"),
    ]


# Kinds of carry-over


def test_every_project_is_of_one_kind_of_carry_over(known: Office) -> None:
    large = {"investment_total": 10_000, "lists": ["大项目"]}
    known.file(
        "2024-09",
        project("carried", started_on="2023-12-31", **large),
        project("finished_now", started_on="2023-01-01", completed_on="2024-01-01", **large),
        project("finished", started_on="2022-01-01", completed_on="2023-12-31", **large),
        project("begun", started_on="2024-01-01", **large),
        project("due", signed_on="2023-01-01", start_due_on="2024-12-31", **large),
        project("due_later", signed_on="2023-01-01", start_due_on="2025-01-01", **large),
        project("signed", signed_on="2024-01-01", **large),
        project("new", planned_on="2024-01-01", **large),
        project("reserve", planned_on="2023-12-31", **large),
        project("small", planned_on="2024-01-01", investment_total=9_999),
        project("left", planned_on="2024-01-01", exited_on="2024-02-01", **large),
    )
    scope = known.scope("2024-09")
    told = {
        kind: set(proving_keys(CATALOGUE[f"large_{kind}_projects"], scope))
        for kind in ("carried", "starting", "preliminary", "new", "other")
    }
    assert told == {
        "carried": {"carried", "finished_now"},
        "starting": {"begun", "due"},
        "preliminary": {"due_later", "signed"},
        "new": {"new"},
        "other": {"reserve"},
    }
    found = listed(scope, "reported")
    assert dict(found.kinds.select("kind", "projects").iter_rows()) == {
        **{kind: len(projects) for kind, projects in told.items()},
        "finished": 1,
    }
    assert sum(found.kinds["projects"]) == len(found.members["reported", "大项目"])
    assert kind_labels(found.kinds, "元")["label"][0] == "2个 2.00亿元"
    metrics = kind_metrics(found.members["reported", "大项目"], "大项目", rules_of(known))
    assert set(proving_keys(metrics["finished"], scope)) == {"finished"}
    assert set(proving_keys(metrics["starting"], scope)) == {"begun", "due"}


def test_a_city_without_such_a_list_tells_the_kinds_by_size(office: Office) -> None:
    office.file(
        "2024-09",
        project("a", planned_on="2024-01-01", investment_total=10_000),
        project("b", planned_on="2024-01-01", investment_total="9999.9999"),
        project("c", completed_on="2023-01-01", investment_total=10_000),
    )
    kinds = listed(office.scope("2024-09"), "reported").kinds
    assert kinds.filter(pl.col("projects") > 0).select("kind", "projects").rows() == [("new", 1)]
    assert kind_metrics(None, "", ListRules())["new"] == "large_new_projects"


# Monthly plan


def file_plans(office: Office, period: str, **amounts: int) -> None:
    """Plans of as much in every month of the year; a negative amount leaves December out."""
    rows = [
        {"project_id": project_id, "month": f"2024-{month:02}", "planned_amount": abs(amount)}
        for project_id, amount in amounts.items()
        for month in range(1, 13 if amount > 0 else 12)
    ]
    office.file_beside("plans", period, *rows)


def test_the_monthly_plan_stands_against_what_the_same_projects_have_done(known: Office) -> None:
    on = {"lists": ["大项目", "战新"], "tags": ["sei:新能源"]}
    for month, done in (("2024-01", 5), ("2024-03", 60)):
        known.file(
            month,
            project("a", invested_year=done, **on),
            project("b", invested_year=1_000, **on),
            project("c", lists=["大项目"]),
            project("d", invested_year=7),
        )
    file_plans(known, "2024-01", a=10, b=-10, c=20, d=30)
    file_plans(known, "2024-02", a=20, b=-10, c=20, d=30)
    scope = known.scope("2024-03")
    plan = list_plan(scope, "reported", "all")
    assert (plan.planned, plan.members) == (["a", "c"], 3), "b lacks a month, d is on no list"
    assert plan.months["planned"].to_list() == [40 * month for month in range(1, 13)], "the newest filing"
    assert plan.months["done"].to_list()[:4] == [5, None, 60, None], "a month without a snapshot is a gap"
    assert plan.months["projects"].to_list()[:3] == [1, None, 1]
    due = scope.facts(("project_id", "planned_to_date")).filter(pl.col("project_id").is_in(["a", "c"]))
    assert due["planned_to_date"].sum() == plan.months["planned"][2]
    assert plan_sentence(plan.months, "2024-03", 2, 3, "元") == (
        "1—3月计划120.00万元，完成60.00万元，为计划的50.0%；全年计划480.00万元。"
        "有全年各月计划的项目2个（清单共3个），完成数由其中1个填报。"
    )
    metric = plan_metric(plan.planned, "合计", rules_of(known))
    assert scope.measure([metric]).select("numerator", "projects", "of_projects").rows() == [(60, 1, 2)]
    only = list_plan(scope, "reported", "战新")
    assert (only.planned, only.months["planned"][11]) == (["a"], 240)
    assert list_plan(scope, "computed", "战新").planned == ["a"]


def test_without_monthly_plans_the_page_says_what_to_file(several: Office) -> None:
    plan = list_plan(several.scope("2024-09"), "reported", "all")
    assert plan.planned == []
    assert plan_sentence(plan.months, "2024-09", 0, plan.members, "元").startswith(
        "清单里没有项目报送全年各月的月度计划"
    )


# Share of the city's investment


@pytest.mark.parametrize(
    ("filed", "percent", "why"),
    [
        ({"value": 0.02, "unit": "亿元"}, "25.0", ""),
        ({"value": 150.6, "unit": "万元"}, "33.2", ""),
        ({"value": 0.02, "unit": None}, None, "计量单位“未填”不是金额"),
        ({"value": 0.02, "unit": "亩"}, None, "计量单位“亩”不是金额"),
        ({"value": None, "growth": 5.0, "unit": "亿元"}, None, "没有全市固定资产投资"),
        ({"value": 0.02, "unit": "亿元", "area_id": EAST}, None, "没有全市固定资产投资"),
        ({"value": 0.02, "unit": "亿元", "measure": "工业投资"}, None, "没有全市固定资产投资"),
    ],
)
def test_the_share_of_the_city_needs_its_figure_of_the_same_month_in_a_known_unit(
    several: Office, filed: dict[str, Any], percent: str | None, why: str
) -> None:
    several.file_beside("economy", "2024-09", {"area_id": CITY, "measure": "固定资产投资", **filed})
    share = list_share(several.scope("2024-09", category="农业"))
    assert share is not None
    assert share["percent"] == (None if percent is None else Decimal(percent))
    assert why in share["why"]
    assert (share["invested"], share["projects"]) == (50, 1), "the whole city's, whatever the filter"


def test_a_figure_of_an_earlier_month_is_none_of_this_one(several: Office) -> None:
    row = {"area_id": CITY, "measure": "固定资产投资", "value": 0.02, "unit": "亿元"}
    several.file_beside("economy", "2024-09", row | {"source": "市统计局"})
    rules, scope = rules_of(several), several.scope("2024-09")
    carried = scope.ask("economy_values").with_columns(filed_period=pl.lit("2024-08"))
    share = city_share(rules, Decimal(50), carried, CITY, "2024-09") | {"projects": 1}
    assert share["percent"] is None
    assert share_sentence(rules, share, "百大", "元") == (
        "全市百大1个，本年完成投资50.00万元，占全市固定资产投资—"
        "（固定资产投资只报到2024年8月，与本期不是同一时段）。"
    )
    now = list_share(scope)
    assert now is not None
    assert "占全市固定资产投资25.0%（全市200.00万元；" in share_sentence(rules, now, "百大", "元")
    (words,) = share_words(rules, now, "百大").rows(named=True)
    assert (words["运行数据填报"], words["数据来源"], words["占比"]) == ("0.02亿元", "市统计局", "25.0%")


def test_a_city_that_names_no_list_has_no_share(office: Office) -> None:
    office.file("2024-09", project("p1"))
    assert list_share(office.scope("2024-09")) is None


# Figures


def test_the_figures_have_a_mark_for_every_list_combination_kind_and_month(several: Office) -> None:
    scope = several.scope("2024-09")
    found = listed(scope, "reported")
    bars = list_bars(bar_rows(found.rows), LIGHT)
    assert list(bars.data[0].customdata[0]) == ["reported", "大项目"]
    assert bar_rows(found.rows)["label"].to_list()[0] == "填报3 规则3 不一致1"
    rows = overlapping_lists(found.combinations, rules_of(several), list_names(scope))
    assert list(rows) == ["大项目", "战新"], "a list without projects has no row"
    upset = overlap_bars(found.combinations, LIGHT, lists=rows, height=300)
    assert list(upset.data[0].y) == [2, 1]
    assert [list(mark) for mark in upset.data[3].customdata] == [
        *[["大项目 + 战新"]] * 2,
        ["大项目"],
    ], "a dot for each list of a combination"
    kinds = kind_bars(kind_labels(found.kinds, "元"), LIGHT)
    assert len(kinds.data[0].y) == found.kinds.height
    file_plans(several, "2024-09", a=10_000)
    plan = list_plan(several.scope("2024-09"), "reported", "all")
    path = plan_path(plan_points(plan.months, "元"), LIGHT, unit="亿元")
    assert list(path.data[0].y) == [pytest.approx(month) for month in range(1, 13)]
    assert list(path.data[1].y)[:9] == [None] * 8 + [pytest.approx(0.005)]


# Files


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('list = "战新"\ntags', 'list = "没有"\ntags', "字段「list」：值“没有”不认识"),
        ('list = "战新"\ntags', 'list = "平台"\ntags', "字段「list」：值“平台”重复"),
        ('tags = ["sei"]\n\n', 'tags = ["nothing"]\n\n', "字段「tags」：值“nothing”不认识"),
        ('includes = ["平台"]', 'includes = ["大项目"]', "字段「includes」：“大项目”包含自己"),
        (
            "relaxed_from = 5000",
            "relaxed_from = 20000",
            "字段「relaxed_from」：值“20000”高于 investment_from",
        ),
        ("investment_from = 10000\n", "", "字段「investment_from」：写了放宽或包含而没有总投资下限"),
        ('"中央预算内投资"', '"彩票"', "字段「fund_sources」：值“彩票”不认识"),
        ('measure = "固定资产投资"', 'measure = "幸福"', "字段「measure」：值“幸福”不认识"),
        ("awaits_landing = true", "awaits = true", "字段「awaits」：没有这个设置"),
    ],
)
def test_a_wrong_file_of_lists_is_refused_with_its_line(before: str, after: str, said: str) -> None:
    assert before in TOML
    files = {name: body.encode() for name, body in (REFERENCE | FILES).items()}
    files[f"lists/{CITY}.toml"] = TOML.replace(before, after, 1).encode()
    with pytest.raises(ReferenceError, match=rf"lists/{CITY}\.toml 第\d+行.*{said}"):
        reference.whole.read(files)


def test_lists_without_a_rule_stand_as_they_are_filed(office: Office) -> None:
    office.file("2024-09", project("p1", lists=["provincial"]), project("p2"))
    scope = office.scope("2024-09")
    rules = scope.reference.lists_of(CITY)
    assert [(rule.list, rule.is_computed) for rule in rules.rules] == [("provincial", False)]
    assert listed(scope, "computed").members["computed", "provincial"] == ["p1"]
    assert rule_words(rules, list_names(scope)).rows() == [("省重点", "—", "由人确定，按填报计", "—")]


def test_the_six_lists_of_dalian_have_their_clauses(shipped: reference.Reference) -> None:
    rules = shipped.lists_of("210200")
    assert [(rule.list, rule.clause, rule.is_computed) for rule in rules.counted] == [
        ("重大工程", "二（一）", False),
        ("亿元以上", "二（二）", True),
        ("战略性新兴产业", "二（三）", True),
        ("平台经济", "二（四）", True),
        ("已签约拟落地", "二（五）", True),
        ("中央资金", "二（六）", True),
    ]
    assert [rule.list for rule in rules.rules if rule.is_beside] == ["百大项目", "省级重点"]
    assert rules.share_of == "百大项目"
    text = Path(reference.office.SHIPPED / "lists" / "210200.toml").read_text(encoding="utf-8")
    assert "relaxed_from = 5000        # 文件只说“适当放宽”，5000 万元为本系统默认" in text
