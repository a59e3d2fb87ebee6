"""Rewards: who meets which clause at its edges, what is never taken as met, and the money."""

from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from builders import CITY, EAST, WEST, Office, project

from saima import reference
from saima.answers import Rewards, rewards
from saima.deck.approvals import approval_workbook
from saima.evidence import proving_keys
from saima.reference import Reference, ReferenceError, RewardRules
from saima.transforms.rewards import (
    VERDICTS,
    approval_facts,
    approval_sheets,
    approval_title,
    area_reward_words,
    arithmetic,
    both_clauses,
    chosen_rows,
    no_rules_words,
    reward_bars,
    reward_rows,
    reward_sums,
    reward_words,
    rewards_sentence,
    rule_sentences,
    silent_words,
    trial_words,
    verdict_metrics,
)

TOML = """
document = "方案"
year = 2024
label = "本系统默认"
other_kinds = ["农业龙头"]

[fast]
clause = "19"
wording = "快"
amount = 100
floor = 10000
excess = 30
excluded = ["房地产"]

[prompt]
clause = "23"
wording = "当年"
amount = 100
floor = 5000
categories = ["工业", "服务业"]

[service]
clause = "22"
wording = "服务业"
amount = 30
kinds = ["零售业", "批发业"]

[industry]
clause = "22"
wording = "工业"
amount = 10
kinds = ["规上工业"]
"""


def file_rules(office: Office, text: str = TOML) -> None:
    path = Path(office.folder) / "office" / "rewards" / f"{CITY}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def found(office: Office, period: str = "2024-09", text: str = TOML) -> Rewards:
    file_rules(office, text)
    known = rewards(office.scope(period))
    assert known is not None
    return known


def verdicts(known: Rewards, clause: str) -> dict[str, tuple[str, list[str]]]:
    """(verdict, what is lacking) by subject."""
    own = known.rows.filter(pl.col("clause") == clause)
    return {row["subject"]: (row["verdict"], row["lacking"]) for row in own.iter_rows(named=True)}


def fast(project_id: str, **values: Any) -> dict[str, Any]:
    """Begun before the year, 9000 of 12000 due by September, 11700 invested: exactly 1.3 times."""
    given = {"plan_year": 12_000, "invested_year": 11_700, "land_cost_year": 0, "started_on": "2023-05-01"}
    return project(project_id, **given | values)


def prompt(project_id: str, **values: Any) -> dict[str, Any]:
    """Begun, completed and in production this year, behind a plan of 90000."""
    given = {
        "started_on": "2024-01-01",
        "completed_on": "2024-08-01",
        "produced_on": "2024-09-30",
        "plan_year": 90_000,
        "invested_year": 6_000,
        "land_cost_year": 1_000,
    }
    return project(project_id, **given | values)


def firm(project_id: str, name: str | None, **values: Any) -> dict[str, Any]:
    """An enterprise that entered statistics in May for the first time."""
    given = {
        "enterprise_name": name,
        "enterprise_kind": "规上工业",
        "listed_enterprise_on": "2024-05-01",
        "is_first_listing": True,
    }
    return project(project_id, **given | values)


def test_a_fast_project_is_rewarded_at_its_two_thresholds_and_not_a_fraction_below(office: Office) -> None:
    office.file(
        "2024-09",
        fast("at_both", land_cost_year=1_700),
        fast("below_floor", land_cost_year="1700.0001"),
        fast("below_pace", invested_year="11699.9999"),
        fast("two_short", invested_year=9_000),
        fast("homes", category="房地产"),
        fast("gone", exited_on="2024-09-30"),
    )
    assert verdicts(found(office), "fast") == {
        "at_both": ("met", []),
        "below_floor": ("near", ["有效投资差0.00万元"]),
        "below_pace": ("near", ["投资进度差0.00万元"]),
    }


def test_a_missing_cost_of_land_is_never_zero_and_never_paid(office: Office) -> None:
    office.file(
        "2024-09",
        fast("no_land", land_cost_year=None),
        fast("small_anyway", land_cost_year=None, invested_year=9_999, plan_year=1_000),
        fast("no_category", category=None),
        fast("no_plan", plan_year=None),
        fast("zero_plan", plan_year=0),
        fast("silent", invested_year=None),
        prompt("prompt_no_land", land_cost_year=None),
    )
    known = found(office)
    assert verdicts(known, "fast") == {
        "no_land": ("unknown", ["缺土地购置费"]),
        "small_anyway": ("near", ["有效投资差额未知"]),
        "no_category": ("unknown", ["缺项目类别"]),
        "no_plan": ("unknown", ["缺年度计划投资"]),
        "zero_plan": ("unknown", ["年度计划投资为零，无从比较"]),
    }
    assert verdicts(known, "prompt") == {"prompt_no_land": ("unknown", ["缺土地购置费"])}
    assert known.rows["reward"].sum() == 0
    assert silent_words(known.facts) == "另有1个项目没有填报本年完成投资，不列为候选。"


def test_thirty_percent_is_of_what_was_due_or_points_of_the_year_as_the_file_says(office: Office) -> None:
    office.file("2024-09", fast("p", invested_year=12_599))
    assert verdicts(found(office), "fast")["p"][0] == "met", "9000 × 1.3 = 11700"
    points = found(office, text=TOML.replace("excess = 30", 'excess = 30\nmode = "points"'))
    assert verdicts(points, "fast")["p"] == ("near", ["投资进度差1.00万元"]), "9000 + 30% of 12000 = 12600"
    effective = TOML.replace("excess = 30", 'excess = 30\nactual = "effective"')
    office.file("2024-09", fast("p", invested_year=11_800, land_cost_year=101))
    assert verdicts(found(office), "fast")["p"][0] == "met"
    assert verdicts(found(office, text=effective), "fast")["p"] == ("near", ["投资进度差1.00万元"])


def test_a_plan_that_was_cut_does_not_earn_a_reward_unless_the_file_says_so(office: Office) -> None:
    office.file("2024-01", fast("p", plan_year=24_000, invested_year=0))
    office.file("2024-09", fast("p"))
    assert verdicts(found(office), "fast")["p"][0] == "near"
    current = found(office, text=TOML.replace("excess = 30", 'excess = 30\nplan = "current"'))
    assert verdicts(current, "fast")["p"][0] == "met"


def test_begun_completed_and_produced_within_the_year_is_rewarded(office: Office) -> None:
    office.file(
        "2024-09",
        prompt("whole"),
        prompt("not_produced", produced_on=None),
        prompt("to_come", produced_on="2024-10-01"),
        prompt("begun_before", started_on="2023-12-31"),
        prompt("below_floor", land_cost_year="1000.0001"),
        prompt("works", category="基础设施"),
        prompt("two_short", produced_on=None, completed_on=None),
    )
    assert verdicts(found(office), "prompt") == {
        "whole": ("met", []),
        "below_floor": ("near", ["有效投资差0.00万元"]),
        "not_produced": ("near", ["当年未投产"]),
        "to_come": ("near", ["当年未投产"]),
    }


def test_an_enterprise_is_rewarded_once_the_first_time_by_its_kind(office: Office) -> None:
    office.file(
        "2024-09",
        firm("a1", "甲公司"),
        firm("a2", "甲公司 "),
        firm("shop", "乙商店", enterprise_kind="零售业", category="服务业"),
        firm("again", "丙公司", is_first_listing=False),
        firm("unsaid", "丁公司", is_first_listing=None),
        firm("said_both_1", "戊公司"),
        firm("said_both_2", "戊公司", is_first_listing=False),
        firm("before_1", "己公司", listed_enterprise_on="2023-05-01"),
        firm("before_2", "己公司"),
        firm("odd", "庚公司", enterprise_kind="高新技术企业"),
        firm("farm", "辛公司", enterprise_kind="农业龙头"),
        firm("nameless", None),
        firm("last_year", "壬公司", listed_enterprise_on="2023-12-31"),
        firm("to_come", "癸公司", listed_enterprise_on="2024-10-01"),
    )
    known = found(office)
    assert verdicts(known, "service") == {"乙商店": ("met", [])}
    assert verdicts(known, "industry") == {
        "甲公司": ("met", []),
        "丁公司": ("unknown", ["是否首次入库未填或填报不一致"]),
        "戊公司": ("unknown", ["是否首次入库未填或填报不一致"]),
        "庚公司": ("unknown", ["企业类型未填、不一致或没有归类"]),
        "企业名称未填：nameless": ("unknown", ["缺企业名称"]),
    }
    assert [(one.clause, one.met, one.reward) for one in reward_sums(known.rows)] == [
        ("fast", 0, 0),
        ("prompt", 0, 0),
        ("service", 1, 30),
        ("industry", 1, 10),
    ]
    metric = verdict_metrics(known.rows, known.rules)["industry_met"]
    assert set(proving_keys(metric, office.scope("2024-09"))) == {"a1", "a2"}


def test_a_project_that_meets_both_clauses_is_rewarded_for_each_or_once(office: Office) -> None:
    office.file("2024-09", prompt("both", plan_year=1_000, invested_year=12_000, land_cost_year=0))
    known = found(office)
    assert both_clauses(known.rows) == 1
    assert known.rows["reward"].to_list() == [Decimal(100), Decimal(100)]
    assert rewards_sentence(known.rows, known.rules, "2024-09", "全市") == (
        "1—9月，按2024年方案试算，全市符合奖励条件的项目2项次、企业0户，共需奖励资金200万元；"
        "差一项的0个，缺数据不能认定的0个；1个项目同时符合两条。"
    )
    once = reward_rows(known.facts, replace(known.rules, stack="once"))
    assert once["verdict"].to_list() == ["met", "met"]
    assert once["reward"].to_list() == [Decimal(100), Decimal(0)]


def test_the_arithmetic_of_a_row_can_be_checked_by_hand(office: Office) -> None:
    office.file("2024-09", fast("p1", land_cost_year=700), prompt("p2"), firm("p3", "甲公司"))
    known = found(office)
    told = {row["subject"]: arithmetic(row, known.rules) for row in known.rows.iter_rows(named=True)}
    assert told["p1"] == (
        "11,700−700=11,000 ≥ 10,000",
        "应完成9,000，完成11,700（130.0%） ≥ 11,700",
    )
    assert told["p2"] == (
        "6,000−1,000=5,000 ≥ 5,000",
        "2024-01-01开工，2024-08-01竣工，2024-09-30投产",
    )
    assert told["甲公司"] == ("—", "2024-05-01入库，规上工业")
    words = reward_words(known.rows, known.projects, {EAST: "东区"}, known.rules)
    assert words.select("奖励条款", "名称", "认定", "奖励（万元）").row(0) == (
        "进度较快项目",
        "项目p1",
        "符合",
        "100",
    )


def test_money_is_told_by_area_and_by_clause(office: Office) -> None:
    office.file("2024-09", fast("e"), fast("w", area_id=WEST), firm("f", "甲公司", area_id=WEST))
    known = found(office)
    assert area_reward_words(known.rows, {EAST: "东区", WEST: "西区"}).rows() == [
        ("西区", 1, 0, 0, 1, Decimal(110)),
        ("东区", 1, 0, 0, 0, Decimal(100)),
    ]
    assert reward_bars(known.rows)["words"].to_list() == ["需200万元", "需0万元", "需0万元", "需10万元"]


def test_the_workbook_asks_for_approval_and_runs_no_ledger_text(office: Office) -> None:
    office.file("2024-09", fast("p", name="=1+1"), fast("q", land_cost_year=None))
    known = found(office)
    title = approval_title("样例市", "2024-09", is_demonstration=True)
    facts = approval_facts(known.rows, known.rules, "2024-09", ["东区"], ["工业"])
    sheets = approval_sheets(known.rows, known.projects, {EAST: "东区"}, known.rules)
    book = openpyxl.load_workbook(BytesIO(approval_workbook(title, facts, sheets)))
    assert book.sheetnames == ["待审批", "符合", "差一项", "缺数据", "各地区"]
    assert book["待审批"]["A1"].value == "样例市2024年9月项目奖励审批表（待审批）（示例数据）"
    told = {row[0].value: row[1].value for row in book["待审批"].iter_rows(min_row=4)}
    assert (told["范围"], told["资金合计"]) == ("东区、工业", "100万元")
    assert (book["符合"]["B2"].value, book["符合"]["B2"].data_type) == ("=1+1", "s")
    assert book["缺数据"]["E2"].value == "缺土地购置费"


def test_a_city_or_a_year_without_rules_says_so_and_what_to_do(office: Office) -> None:
    office.file("2023-09", fast("p"))
    assert rewards(office.scope("2023-09")) is None
    assert "没有设定项目奖励规则" in no_rules_words({}, CITY, "样例市", "2023-09")[0]
    file_rules(office)
    assert rewards(office.scope("2023-09")) is None, "the document is of 2024"
    known = office.scope("2023-09").reference.rewards
    assert no_rules_words(known, CITY, "样例市", "2023-09")[0] == "1—9月，没有2023年的奖励规则。"


def test_a_trial_before_the_end_of_the_year_is_called_one(shipped: Reference) -> None:
    rules = shipped.rewards["210100"]
    assert "试算" in trial_words(rules, "2024-09")
    assert "试算" not in trial_words(rules, "2024-12")
    assert list(VERDICTS) == ["met", "near", "unknown"]


def test_the_clauses_of_shenyang_are_those_of_the_document(shipped: Reference) -> None:
    assert list(shipped.rewards) == ["210100"], "no other city's document promises rewards"
    rules: RewardRules = shipped.rewards["210100"]
    assert (rules.year, rules.fast.floor, rules.fast.excess, rules.fast.amount) == (2024, 10_000, 30, 100)
    assert (rules.prompt.floor, rules.prompt.amount) == (5_000, 100)
    assert (rules.service.amount, rules.industry.amount) == (30, 10)
    assert "本系统默认" in rule_sentences(rules)[-1]


def test_the_rows_of_a_verdict_keep_their_order(office: Office) -> None:
    office.file("2024-09", fast("far", invested_year=10_000), fast("close", invested_year=11_699))
    assert chosen_rows(found(office).rows, "near")["subject"].to_list() == ["close", "far"]


@pytest.mark.parametrize(
    ("line", "instead", "problem"),
    [
        ("floor = 10000", "floor = -1", "第11行 字段「floor」：值“-1”不对"),
        ("excess = 30", 'excess = 30\nmode = "both"', "第13行 字段「mode」：值“both”不认识"),
        ("year = 2024", "year = 2024.5", "第3行 字段「year」：值“2024.5”不对"),
        ('kinds = ["规上工业"]', 'kinds = ["批发业"]', "字段「kinds」：“批发业”已归入 service"),
        ("[industry]", "[industries]", "字段「industries」：没有这个设置"),
    ],
)
def test_a_wrong_file_of_rewards_is_refused_with_line_and_field(
    office: Office, line: str, instead: str, problem: str
) -> None:
    file_rules(office, TOML.replace(line, instead))
    with pytest.raises(ReferenceError) as refused:
        reference.load()
    assert f"rewards/{CITY}.toml" in str(refused.value)
    assert problem in str(refused.value)
