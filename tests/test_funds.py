"""资金: what was asked for, approved, arrived and paid, by hand; growth, idle money and days to start by."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from builders import CITY, EAST, REFERENCE, WEST, Office, project

from saima import reference
from saima.answers import funds, rows_of_funds, rows_of_projects
from saima.demo.funds import DOMAINS
from saima.evidence import proving_keys
from saima.metrics import CATALOGUE
from saima.reference import FundRules, ReferenceError, Source
from saima.scope import Scope
from saima.transforms.funds import (
    chain_words,
    credit_sentence,
    deadline_keys,
    deadline_sentence,
    deadline_words,
    deadlines,
    domain_sentence,
    domain_words,
    funds_sentence,
    growth_text,
    idle_keys,
    idle_words,
    payment_rows,
    source_chain,
    spending_sentence,
    won_by_source,
)

CENTRAL, BONDS, TREASURY = "中央预算内投资", "地方政府专项债券", "超长期特别国债"
RULES = FundRules(
    sources=(Source(CENTRAL, "", ("社会事业", "保障房")), Source(BONDS, "", ()), Source(TREASURY, "", ())),
    payment_goal=0.926,
    payment_source="参照线92.6%",
)


def fund(fund_id: str, source: str = CENTRAL, **values: Any) -> dict[str, Any]:
    return {"fund_id": fund_id, "name": f"资金{fund_id}", "source": source, **values}


@pytest.fixture
def scope(office: Office) -> Scope:
    """September 2024 and the same month of 2023; p2 has started, p1 and p3 have not."""
    projects = (project("p1"), project("p2", started_on="2024-05-01", credit_amount=700), project("p3"))
    office.file("2023-09", *projects)
    office.file_beside("funds", "2023-09", fund("z", approved=50, approved_on="2023-03-01"))
    office.file("2024-09", *projects)
    office.file_beside(
        "funds",
        "2024-09",
        fund(
            "a",
            requested=200,
            approved=100,
            approved_on="2024-02-01",
            arrived=80,
            paid=60,
            domain="社会事业",
            arrived_on="2024-03-01",
            physical_on="2024-04-01",
        ),
        fund("b", requested=90, approved=40, approved_on="2024-06-30", arrived=40, arrived_on="2024-06-30"),
        fund("c", BONDS, approved=300, approved_on="2024-01-01", issued_on="2024-08-01", project_id="p2"),
        fund("d", BONDS, approved=500, approved_on="2024-01-01", project_id="p2"),
        fund("e", TREASURY, approved=70, approved_on="2024-07-01", project_id="p3", area_id=WEST),
        fund("f", arrived=20, paid=20, arrived_on="2023-02-01", approved=20, approved_on="2023-01-01"),
    )
    office.file_beside(
        "activities",
        "2024-09",
        {"activity_id": "1", "kind": "银企对接", "held_on": "2024-09-03"},
        {"activity_id": "2", "kind": "现场会", "held_on": "2024-09-03"},
    )
    return office.scope("2024-09")


def test_the_sentences_are_those_counted_by_hand(scope: Scope) -> None:
    found = funds(scope)
    assert found is not None
    won = won_by_source(found.facts, found.before, RULES)
    # Won: a 100, b 40, c 300 (issued this year), e 70; d is not issued. Last year z 50.
    assert won.select("source", "won", "last", "growth").rows() == [
        (CENTRAL, Decimal(140), Decimal(50), "+180.0%"),
        (BONDS, Decimal(300), None, "无上年同期"),
        (TREASURY, Decimal(70), None, "无上年同期"),
    ]
    # Paid of what arrived and says both: 60 + 20 of 80 + 20. Without work and three months gone: b and f.
    assert funds_sentence(found.numbers, won, "2024-09", "全市") == (
        "1—9月，全市争取上级资金510.00万元，同比增长920.0%；到位资金支付率80.0%；"
        "到位满3个月未形成实物工作量60.00万元（2笔）。"
    )
    # Of this year a (80, paid 60) and b (40, says nothing of payment) have arrived.
    assert spending_sentence(found.numbers, "2024-09", RULES) == (
        "本年到位120.00万元，其中填报支付的80.00万元已支付60.00万元（75.0%），"
        "年底前应全部支付，还差20.00万元，今后每月需6.67万元；参照线92.6%。"
    )
    assert (
        credit_sentence(found.numbers, found.meetings) == "本年举办银企对接1场；1个项目获得授信700.00万元。"
    )


def test_a_year_that_ends_leaves_no_month_to_pay_in(office: Office) -> None:
    office.file("2024-12", project("p1"))
    row = fund("a", approved=10, approved_on="2024-02-01", arrived=10, paid=4, arrived_on="2024-03-01")
    office.file_beside("funds", "2024-12", row)
    found = funds(office.scope("2024-12"))
    assert found is not None
    said = spending_sentence(found.numbers, "2024-12", FundRules())
    assert said.endswith("（40.0%），年底前应全部支付，还差6.00万元。")
    won = won_by_source(found.facts, found.before, FundRules())
    assert "没有上年同期可比" in funds_sentence(found.numbers, won, "2024-12", "全市")
    assert found.meetings is None
    assert (
        credit_sentence(found.numbers, None)
        == "调度活动台账没有报送，银企对接场次不详；项目台账没有填报授信。"
    )


def test_without_a_ledger_of_funds_there_is_nothing_to_say(office: Office) -> None:
    office.file("2024-09", project("p1"))
    assert funds(office.scope("2024-09")) is None


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        ("2386", "1776", "+34.3%"),
        ("90", "100", "-10.0%"),
        ("1", "0", "无上年同期"),
        (None, "1", "无上年同期"),
    ],
)
def test_growth_is_of_exact_amounts_or_not_told(now: str | None, before: str, said: str) -> None:
    assert growth_text(None if now is None else Decimal(now), Decimal(before)) == said


def test_each_source_says_how_far_its_money_has_come(scope: Scope) -> None:
    found = funds(scope)
    assert found is not None
    chain = source_chain(found.facts, RULES)
    assert chain.select("source", "funds", "requested", "approved", "arrived", "paid").rows() == [
        (CENTRAL, 3, Decimal(290), Decimal(160), Decimal(140), Decimal(80)),
        (BONDS, 2, None, Decimal(800), None, None),
        (TREASURY, 1, None, Decimal(70), None, None),
    ]
    first = chain_words(found.facts, RULES).row(1, named=True)
    assert (first["申请（亿元）"], first["获批（亿元）"]) == ("—", "0.08")
    for part in ("requested", "approved", "arrived", "paid"):
        metric = CATALOGUE[f"funds_{part}"]
        total = scope.measure([metric])["numerator"][0]
        assert total == chain[part].sum(), "the sources add up to the metric"


def test_payment_is_of_what_arrived_and_says_both(scope: Scope) -> None:
    found = funds(scope)
    assert found is not None
    (row,) = payment_rows(found.facts, RULES).rows(named=True)
    assert (row["name"], row["value"], row["target"], row["said"]) == (CENTRAL, 0.8, 0.926, "80.0%")


def test_domains_without_money_are_shown_and_strange_ones_marked(scope: Scope) -> None:
    found = funds(scope)
    assert found is not None
    words = domain_words(found.facts, RULES)
    assert words.select("资金来源", "投向领域", "笔数", "说明").rows() == [
        (CENTRAL, "社会事业", 1, ""),
        (CENTRAL, "保障房", 0, ""),
        (CENTRAL, "未填投向领域", 2, "不在领域表内"),
        (BONDS, "未填投向领域", 2, "不在领域表内"),
        (TREASURY, "未填投向领域", 1, "不在领域表内"),
    ]
    assert domain_sentence(found.facts, RULES) == f"{CENTRAL}2个领域中1个有资金。"


def test_idle_money_is_listed_longest_first(scope: Scope) -> None:
    found = funds(scope)
    assert found is not None
    keys = idle_keys(found.facts)
    assert keys == (f"{EAST}/f", f"{EAST}/b")
    assert set(keys) == set(proving_keys(CATALOGUE["funds_without_work"], scope))
    words = idle_words(found.facts, rows_of_funds(scope, keys), {EAST: "东区"})
    assert words.select("到位天数", "项目名称", "项目开工").rows() == [
        (607, "资金f", "未开工"),
        (92, "资金b", "未开工"),
    ]


def test_projects_that_must_start_are_counted_once_with_their_day(scope: Scope) -> None:
    found = funds(scope)
    assert found is not None
    first, second = deadlines({"funded_projects_started": date(2024, 9, 20)})
    # By June: a and b of p1 (not started), c and d of p2 (started).
    assert deadline_sentence(found.facts, first) == (
        "上半年获批上级资金项目2个，应于2024-09-20前开工：已开工1个，未开工1个。"
    )
    assert deadline_keys(found.facts, first) == ("p1",)
    rows = rows_of_projects(scope, ("p1",))
    (row,) = deadline_words(found.facts, first, rows, {EAST: "东区"}).rows(named=True)
    assert (row["状态"], row["项目名称"], row["获批"], row["获批金额（亿元）"]) == (
        "■ 逾期10天",
        "项目p1",
        "2024-02-01",
        "0.01",
    )
    assert deadline_sentence(found.facts, second) == (
        "下半年获批超长期特别国债项目1个，文件没有规定开工期限：已开工0个，未开工1个。"
    )
    for deadline, metric in ((first, "funded_projects"), (second, "treasury_projects_started")):
        (value,) = scope.measure([metric]).rows(named=True)
        counted = value["of_projects"] if metric.startswith("treasury") else value["numerator"]
        assert f"{deadline.name}{counted:.0f}个" in deadline_sentence(found.facts, deadline)


@pytest.mark.parametrize("city", ["210100", "210200", "320800"])
def test_every_city_has_14_11_and_7_domains_and_knows_those_of_the_demonstration(
    city: str, shipped: reference.Reference
) -> None:
    rules = shipped.funds_of(city)
    known = {source.name: source.domains for source in rules.sources}
    assert [len(known[name]) for name in (TREASURY, BONDS, CENTRAL)] == [14, 11, 7]
    assert known == {name: tuple(domain for domain, _ in domains) for name, domains in DOMAINS.items()} | {
        name: known[name] for name in known if name not in DOMAINS
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[sources]]\nname = "彩票"\n', "第2行 字段「name」：值“彩票”不认识"),
        (2 * f'[[sources]]\nname = "{CENTRAL}"\n', f"第4行 字段「name」：值“{CENTRAL}”重复"),
        (f'[[sources]]\nname = "{CENTRAL}"\ndomains = ["甲", "甲"]\n', "第3行 字段「domains」：有重复的领域"),
        ("payment_goal = 101\n", "第1行 字段「payment_goal」：值“101”不对"),
    ],
)
def test_wrong_sources_are_refused_with_their_line(text: str, said: str) -> None:
    files = {name: body.encode() for name, body in REFERENCE.items()}
    with pytest.raises(ReferenceError, match=f"funds/{CITY}.toml {said}"):
        reference.whole.read(files | {f"funds/{CITY}.toml": text.encode()})


def test_a_filter_narrows_the_funds_as_it_does_their_metrics(scope: Scope) -> None:

    west = funds(replace(scope, areas=(WEST,)))
    assert west is not None
    assert west.facts["row_key"].to_list() == [f"{WEST}/e"]
    assert west.numbers.filter(pl.col("metric_id") == "funds_won")["numerator"].to_list() == [70]
