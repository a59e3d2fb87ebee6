"""清单: members as filed and by rule, overlap without counting twice, kinds, months and the city's share."""

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from builders import CITY, EAST, REFERENCE, Office, project

from saima import reference
from saima.answers import list_months, lists, rows_of_projects
from saima.evidence import proving_keys
from saima.reference import ListRule, ListRules, ReferenceError
from saima.scope import Scope
from saima.transforms.membership import (
    belongs,
    city_investment,
    combination_metric,
    combinations,
    difference_rows,
    difference_words,
    kind_metrics,
    kind_rows,
    list_rows,
    list_words,
    lists_sentence,
    month_line,
    month_rows,
    overlap_line,
    share_line,
    sum_on,
    unit_words,
)

NAMES = {"A": "甲清单", "B": "乙清单", "C": "丙清单"}
BIG = ListRule(
    "A",
    "亿元以上",
    investment_from=10_000,
    relaxed_from=5_000,
    relaxed_schemes=("sei",),
    relaxed_natures=("改建和技术改造",),
    also_schemes=("platform",),
)
RULES = ListRules(rules=(BIG,), share_of="B", share_source="参照：33.2%")


def ruled(office: Office, rule: ListRule, *rows: dict[str, Any], funded: tuple[str, ...] = ()) -> set[str]:
    """The projects of September that belong on the list by its rule."""
    office.file("2024-09", *rows)
    facts = lists(office.scope("2024-09")).facts
    return set(facts.filter(belongs(rule, funded))["project_id"])


def test_size_is_relaxed_for_strategic_and_technical_projects_and_platforms_belong_anyhow(
    office: Office,
) -> None:
    assert ruled(
        office,
        BIG,
        project("big", investment_total=10_000),
        project("short", investment_total="9999.9999"),
        project("strategic", investment_total=5_000, tags=["sei:新材料"]),
        project("upgrade", investment_total=5_000, nature="改建和技术改造"),
        project("small", investment_total="4999.9999", tags=["sei:新材料"], nature="改建和技术改造"),
        project("platform", investment_total=1, tags=["platform:平台经济"]),
        project("likewise", investment_total=6_000, tags=["theme:sei"]),
        project("unknown"),
        project("gone", investment_total=10_000, exited_on="2024-05-01"),
        project("done", investment_total=10_000, completed_on="2023-12-31"),
        project("ended", investment_total=10_000, completed_on="2024-01-01"),
    ) == {"big", "strategic", "upgrade", "platform", "ended"}


def test_what_is_signed_waits_to_land_and_money_from_above_is_told_by_its_ledger(office: Office) -> None:
    rows = (
        project("waits", signed_on="2024-02-01"),
        project("landed", signed_on="2024-02-01", landed_on="2024-03-01"),
        project("later", signed_on="2024-02-01", landed_on="2024-10-01"),
        project("planned", planned_on="2024-02-01"),
    )
    assert ruled(office, ListRule("C", waits="landed"), *rows) == {"waits", "later"}
    assert ruled(office, ListRule("C", happened="landed"), *rows) == {"landed"}
    assert ruled(office, ListRule("C", fund_sources=("银行贷款",)), *rows, funded=("landed", "nobody")) == {
        "landed"
    }
    assert ruled(office, ListRule("C", schemes=("sei",)), *rows) == set()


@pytest.fixture
def scope(office: Office) -> Scope:
    """Five projects on lists A and B in August and September, one that is on none."""
    money = {"plan_year": 100, "started_on": "2023-03-01"}
    for period, done in (("2024-08", 40), ("2024-09", 60)):
        office.file(
            period,
            project(
                "a", lists=["A"], investment_total=20_000, lead_unit="工信局", **money, invested_year=done
            ),
            project("ab", lists=["B", "A"], investment_total=30_000, **money, invested_year=done),
            project("b", lists=["B"], investment_total=10_000, start_due_on="2024-12-31", invested_year=5),
            project("small", lists=["A"], investment_total=10, approved_on="2024-01-01", lead_unit="工信局"),
            project("x", lists=["elsewhere"], investment_total=50_000),
            project("none", investment_total=20_000, planned_on="2023-01-01"),
        )
    return office.scope("2024-09")


def test_lists_are_counted_one_by_one_and_together_without_counting_twice(scope: Scope) -> None:
    facts = lists(scope).facts
    rows = list_rows(facts, NAMES, RULES, {})
    first = rows.row(0, named=True)
    assert (first["projects"], first["investment_total"]) == (3, Decimal(50_010))
    # By the rule: a, ab, b, x and none; of them a and ab are filed; small is filed and does not belong.
    assert (first["ruled"], first["missing"], first["beside"]) == (5, 3, 1)
    assert rows["ruled"].to_list() == [5, None, None]
    assert lists_sentence(rows, facts, "2024-09", "全市", "元") == (
        "1—9月，全市3个清单共5个次，去除重复后4个项目、总投资6.00亿元；"
        "1个清单按规则核对，应列未列3个次、列而不符1个次。"
    )
    words = list_words(rows, facts)
    assert words.select("清单", "项目（个）", "完成率", "按规则应列").rows() == [
        ("甲清单", 3, "60.0%", "5"),
        ("乙清单", 2, "60.0%", "—"),
        ("丙清单", 0, "—", "—"),
        ("以上合计（去除重复）", 4, "60.0%", "—"),
    ]


def test_every_project_on_a_list_is_in_one_combination(scope: Scope) -> None:
    found = combinations(lists(scope).facts, NAMES)
    assert [(set(row["lists"]), row["projects"]) for row in found.iter_rows(named=True)] == [
        ({"A"}, 2),
        ({"A", "B"}, 1),
        ({"B"}, 1),
    ]
    assert overlap_line(found) == "只在一个清单上的3个，在两个及以上清单上的1个。"
    for row in found.iter_rows(named=True):
        keys = proving_keys(combination_metric(row["lists"], NAMES), scope)
        assert len(keys) == row["projects"]


def test_a_project_of_a_list_is_of_one_kind(scope: Scope) -> None:
    facts = lists(scope).facts
    kinds = kind_rows(facts, "A")
    assert dict(kinds.select("kind", "projects").iter_rows()) == {
        "carried": 2,
        "to_start": 0,
        "preliminary": 1,
        "reserve": 0,
        "other": 0,
    }
    assert kind_rows(facts, "B").select("kind", "projects").rows()[:2] == [("carried", 1), ("to_start", 1)]
    for name in ("A", "B"):
        counted = dict(kind_rows(facts, name).select("kind", "projects").iter_rows())
        found = {kind: len(proving_keys(metric, scope)) for kind, metric in kind_metrics(name).items()}
        assert found == counted


def test_kinds_of_a_list_at_their_edges(office: Office) -> None:
    listed = {"lists": ["A"]}
    office.file(
        "2024-09",
        project("next", start_due_on="2025-01-01", signed_on="2024-01-01", **listed),
        project("overdue", start_due_on="2023-06-01", signed_on="2023-01-01", **listed),
        project("began", started_on="2024-01-01", **listed),
        project("carried", started_on="2023-12-31", **listed),
        project("ended", started_on="2023-01-01", completed_on="2024-01-01", **listed),
        project("done", started_on="2022-01-01", completed_on="2023-12-31", **listed),
    )
    facts = lists(office.scope("2024-09")).facts
    assert dict(kind_rows(facts, "A").select("kind", "projects").iter_rows()) == {
        "carried": 2,
        "to_start": 2,
        "preliminary": 0,
        "reserve": 1,
        "other": 1,
    }


def test_the_months_of_a_list_leave_gaps_where_nothing_was_filed(scope: Scope) -> None:
    months = list_months(scope, "A")
    rows = month_rows(months, scope.this_year, "2024")
    assert rows.filter(pl.col("done").is_not_null()).select("month", "done").rows() == [(8, 40.0), (9, 60.0)]
    # Without plans by month each month has a twelfth.
    assert month_line(months, "2024-09", "A") == (
        "A：年度计划完成60.0%，按月度计划应完成75.0%，低于序时15.0个百分点。"
    )
    assert month_line(list_months(scope, "C"), "2024-09", "C") == "C：没有填报年度计划和完成投资。"


def test_units_that_lead_a_list_are_told_with_those_that_nobody_leads(scope: Scope) -> None:
    words = unit_words(lists(scope).facts, "A")
    assert words.select("牵头部门", "项目（个）").rows() == [("工信局", 2), ("未填牵头部门", 1)]


def test_differences_name_the_projects_on_both_sides(scope: Scope) -> None:
    differences = difference_rows(lists(scope).facts, RULES, {})
    assert set(differences.select("project_id", "is_filed").iter_rows()) == {
        ("b", False),
        ("x", False),
        ("none", False),
        ("small", True),
    }
    rows = rows_of_projects(scope, differences["project_id"].to_list())
    words = difference_words(differences, rows, {EAST: "东区"}, RULES)
    assert words.row(0, named=True) == {
        "差异": "应列未列",
        "清单": "A",
        "项目名称": "项目x",
        "责任地区": "东区",
        "项目单位": None,
        "总投资（亿元）": "5.00",
        "入选规则": "亿元以上",
    }
    assert difference_rows(lists(scope).facts, ListRules(), {}).is_empty()


def economy(office: Office, period: str, **values: Any) -> None:
    row = {"area_id": CITY, "measure": "固定资产投资", "value": 0.05, "unit": "亿元"} | values
    office.file_beside("economy", period, row)


def test_the_share_of_the_citys_investment_is_of_the_same_month_and_unit(
    office: Office, scope: Scope
) -> None:
    invested = sum_on(lists(scope).facts, "B")
    assert invested == 65
    told = [share_line(invested, lists(scope).economy, RULES, "2024-09", "元")]
    economy(office, "2024-08")
    told.append(share_line(invested, lists(office.scope("2024-09")).economy, RULES, "2024-09", "元"))
    economy(office, "2024-09")
    known = lists(office.scope("2024-09")).economy
    assert city_investment(known, "2024-09") == 500
    told.append(share_line(invested, known, RULES, "2024-09", "元"))
    assert told == [
        *2 * ["B本年完成65.00万元；运行数据台账没有报送全市固定资产投资，占比算不出（参照：33.2%）。"],
        "B本年完成65.00万元，占全市固定资产投资500.00万元的13.0%（参照：33.2%）。",
    ]
    assert "1月统计免报" in str(share_line(invested, known, RULES, "2024-01", "元"))
    assert share_line(invested, known, ListRules(), "2024-09", "元") is None


@pytest.mark.parametrize("values", [{"unit": "美元"}, {"unit": None}, {"value": None}])
def test_an_investment_without_an_amount_is_unknown(office: Office, values: dict[str, Any]) -> None:
    office.file("2024-09", project("p"))
    economy(office, "2024-09", **values)
    assert city_investment(lists(office.scope("2024-09")).economy, "2024-09") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[rules]]\nlist = "Z"\nwords = "x"\n', "第2行 字段「list」：值“Z”不认识"),
        (
            '[[rules]]\nlist = "provincial"\nwords = "x"\n',
            "第2行 字段「list」：清单“provincial”没有写任何条件",
        ),
        (
            2 * '[[rules]]\nlist = "provincial"\nwords = "x"\ninvestment_from = 1\n',
            "第6行 字段「list」：值“provincial”重复",
        ),
        (
            '[[rules]]\nlist = "provincial"\nwords = "x"\nrelaxed_from = 1\n',
            "第4行 字段「relaxed_from」：没有可放宽的 investment_from",
        ),
        (
            '[[rules]]\nlist = "provincial"\nwords = "x"\nschemes = ["q"]\n',
            "第4行 字段「schemes」：值“q”不认识",
        ),
        ('[[rules]]\nlist = "provincial"\nwords = "x"\nwaits = "q"\n', "第4行 字段「waits」：值“q”不认识"),
        ('[[rules]]\nlist = "provincial"\n', "第1行 字段「words」：缺少这个设置"),
        ('share_of = "Z"\n', "第1行 字段「share_of」：值“Z”不认识"),
    ],
)
def test_wrong_rules_of_lists_are_refused_with_their_line(text: str, said: str) -> None:
    files = {name: body.encode() for name, body in REFERENCE.items()}
    with pytest.raises(ReferenceError, match=f"lists/{CITY}.toml {said}"):
        reference.whole.read(files | {f"lists/{CITY}.toml": text.encode()})
