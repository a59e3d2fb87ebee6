"""Entry into statistics: who waits how long for which paper, permits due, statistics beside the ledger."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from builders import CITY, EAST, REFERENCE, WEST, Office, project

from saima import reference
from saima.answers import Statistics, entry_into_statistics
from saima.evidence import evidence_rows, proving_keys, shown_rows
from saima.ledgers import LEDGERS
from saima.metrics import CATALOGUE
from saima.reference import ReferenceError, StatisticsRules
from saima.transforms.statistics import (
    DATELESS,
    age_metrics,
    age_rows,
    beside_rows,
    beside_sentence,
    beside_words,
    checklist_words,
    due_metrics,
    due_rows,
    economy_sentence,
    economy_words,
    entries_are_known,
    paper_metrics,
    paper_rows,
    permit_words,
    permits_sentence,
    statistics_sentence,
)

RULES = StatisticsRules()
NAMES = {EAST: "东区", WEST: "西区"}
PAPERS = ("立项", "施工合同", "现场照片", "正式打桩")
ENTERED = project("in", started_on="2024-01-01", investment_total=800, entered_statistics_on="2024-02-01")
"""A ledger that dates one entry knows who has not entered."""


def permit(project_id: str, kind: str, **dates: Any) -> dict[str, Any]:
    """A permit of a project, due and obtained on these days, known to the day."""
    known = {f"{name}_precision": "day" for name in dates}
    return {"project_id": project_id, "name": f"项目{project_id}", "kind": kind, **dates, **known}


def fixed(value: float | None, unit: str | None = "亿元") -> dict[str, Any]:
    """The city's 固定资产投资."""
    return {"area_id": CITY, "measure": "固定资产投资", "value": value, "unit": unit, "source": "市统计局"}


def told(office: Office, period: str = "2024-09", **filters: Any) -> Statistics:
    return entry_into_statistics(office.scope(period, **filters))


def column(frame: pl.DataFrame, name: str) -> dict[str, Any]:
    return dict(frame.select("project_id", name).iter_rows())


# Who waits


def test_who_has_begun_is_large_enough_and_has_not_entered_waits(office: Office) -> None:
    office.file(
        "2024-09",
        ENTERED,
        project("waits", started_on="2024-09-30", investment_total=500),
        project("small", started_on="2024-01-01", investment_total=499.9999),
        project("unknown", started_on="2024-01-01"),
        project("to_come", started_on="2024-10-01", investment_total=800),
        project("gone", started_on="2024-01-01", exited_on="2024-05-01", investment_total=800),
        project("reported", stage_filed="started", investment_total=800),
        project("done", started_on="2024-01-01", completed_on="2024-08-01", investment_total=800),
        project(
            "enters_later", started_on="2024-01-01", entered_statistics_on="2024-10-01", investment_total=800
        ),
    )
    pending = told(office).pending
    assert set(pending["project_id"]) == {"waits", "reported", "done", "enters_later"}
    (value,) = office.scope("2024-09").measure(["statistics_pending"]).rows(named=True)
    assert value["numerator"] == 4


def test_days_are_counted_from_a_start_that_is_known_to_the_day(office: Office) -> None:
    starts = {"d0": "09-30", "d30": "08-31", "d31": "08-30", "d60": "08-01", "d61": "07-31", "d91": "07-01"}
    rows = [project(name, started_on=f"2024-{day}", investment_total=800) for name, day in starts.items()]
    rows.append(project("d90", started_on="2024-07-02", investment_total=800))
    rough = {"started_on": "2024-07-31", "started_on_precision": "month"}
    office.file("2024-09", ENTERED, *rows, project("rough", investment_total=800, **rough))
    pending = told(office).pending
    assert column(pending, "band") == {
        "d0": "0",
        "d30": "0",
        "d31": "1",
        "d60": "1",
        "d61": "2",
        "d90": "2",
        "d91": "3",
        "rough": DATELESS,
    }
    assert column(pending, "days")["d91"] == 91
    assert column(pending, "days")["rough"] is None
    assert age_rows(pending, RULES).select("name", "untold").rows() == [
        ("30天以内", 2),
        ("31—60天", 2),
        ("61—90天", 2),
        ("超过90天", 1),
        ("时间不到日", 1),
    ]


def test_a_ledger_that_never_dates_an_entry_does_not_know_who_waits(office: Office) -> None:
    office.file("2024-09", project("p1", started_on="2024-01-01", investment_total=800))
    found = told(office)
    assert found.pending.is_empty()
    assert not entries_are_known(found.facts)
    said = statistics_sentence(found.numbers, found.pending, RULES, "2024-09", "全市", is_known=False)
    assert said.endswith("无法判断。")


# Papers


@pytest.fixture
def papered(office: Office) -> Office:
    """Projects with all papers, with one that is missing, with one nobody wrote down, with none at all."""
    begun = {"started_on": "2024-08-01", "investment_total": 800}
    office.file(
        "2024-09",
        ENTERED,
        *(project(name, **begun) for name in ("all", "late", "partly", "none")),
        project("bought", nature="单纯购置", **begun),
    )
    obtained = {"obtained_on": "2024-09-30"}
    office.file_beside(
        "permits",
        "2024-09",
        *(permit("all", kind, **obtained) for kind in PAPERS),
        *(permit("late", kind, **obtained) for kind in PAPERS[:3]),
        permit("late", "正式打桩", due_on="2024-09-01"),
        *(permit("partly", kind, **obtained) for kind in PAPERS[:2]),
        permit("partly", "现场照片", obtained_on="2024-10-01"),
        *(permit("bought", kind, **obtained) for kind in PAPERS[:3]),
        permit("none", "环评", **obtained),
    )
    return office


def test_a_paper_is_obtained_missing_or_not_written_down(papered: Office) -> None:
    pending = told(papered).pending
    assert column(pending, "papers") == {
        "all": "complete",
        "late": "lacking",
        "partly": "lacking",
        "none": "untold",
        "bought": "complete",
    }
    assert column(pending, "正式打桩") == {
        "all": "obtained",
        "late": "lacking",
        "partly": "untold",
        "none": "untold",
        "bought": "unneeded",
    }
    assert column(pending, "现场照片")["partly"] == "lacking", "what comes after the period is not there yet"
    assert paper_rows(pending, RULES).rows() == [
        ("批文", "批文", 4, 0, 1),
        ("合同", "合同", 4, 0, 1),
        ("现场照片", "现场照片", 3, 1, 1),
        ("正式打桩", "正式打桩", 1, 1, 2),
    ]


def test_the_checklist_says_what_each_project_still_lacks(papered: Office) -> None:
    pending = told(papered).pending
    rows = pl.DataFrame(
        {"project_id": ["late"], "name": ["<b>迟"], "owner": ["甲"], "responsible_person": ["乙"]}
    )
    words = checklist_words(pending, rows, NAMES, RULES).with_columns(project_id=pending["project_id"])
    assert column(words, "还缺或未登记") == {
        "all": "",
        "late": "正式打桩",
        "partly": "现场照片、正式打桩",
        "none": "手续台账未登记",
        "bought": "",
    }
    late = words.row(by_predicate=pl.col("project_id") == "late", named=True)
    assert (late["项目名称"], late["批文"], late["正式打桩"], late["天数"]) == (
        "<b>迟",
        "● 已取得",
        "■ 未取得",
        "60",
    )


def test_every_bar_opens_the_projects_that_it_counts(papered: Office) -> None:
    scope, pending = papered.scope("2024-09"), told(papered).pending
    ages, papers = age_metrics(pending, RULES), paper_metrics(pending, RULES)
    assert set(proving_keys(ages["1", "lacking"], scope)) == {"late", "partly"}
    assert set(proving_keys(papers["正式打桩", "untold"], scope)) == {"partly", "none"}
    for (band, state), metric in ages.items():
        bars = age_rows(pending, RULES).filter(pl.col("id") == band)
        assert len(proving_keys(metric, scope)) == (bars[state].item() if bars.height else 0)


def test_without_a_ledger_of_permits_papers_are_not_known(office: Office) -> None:
    office.file("2024-09", ENTERED, project("p1", started_on="2024-08-01", investment_total=800))
    found = told(office)
    assert found.permits is None
    assert found.pending["papers"].to_list() == ["untold"]
    assert found.numbers["permits_overdue"]["numerator"] is None


def test_the_headline_counts_who_waits_who_could_enter_and_the_rate(papered: Office) -> None:
    found = told(papered)
    assert statistics_sentence(found.numbers, found.pending, RULES, "2024-09", "全市", is_known=True) == (
        "截至2024年9月末，全市开工未入统项目5个，其中超过90天0个；材料齐全、可以报统的2个；"
        "在建项目入统率16.7%（1/6个）。"
    )


# Permits


@pytest.fixture
def due(office: Office) -> Office:
    """Permits on both sides of the edges of the period and of the thirty days after it."""
    office.file("2024-09", project("p1"), project("p2", exited_on="2024-05-01"), project("p3", area_id=WEST))
    office.file_beside(
        "permits",
        "2024-09",
        permit("p1", "立项", due_on="2024-09-29"),
        permit("p1", "用地", due_on="2024-09-30"),
        permit("p1", "规划", due_on="2024-10-30"),
        permit("p1", "环评", due_on="2024-10-31"),
        permit("p1", "能评"),
        permit("p1", "施工许可", due_on="2024-09-01", obtained_on="2024-09-01"),
        permit("p1", "施工合同", due_on="2024-09-01", obtained_on="2024-09-02"),
        permit("p2", "立项", due_on="2024-09-01"),
        permit("p3", "立项", due_on="2024-09-01") | {"area_id": WEST},
    )
    return office


def test_a_permit_is_late_after_its_day_and_near_from_the_end_of_the_period_on(due: Office) -> None:
    scope, metrics = due.scope("2024-09"), due_metrics(RULES)
    assert set(proving_keys(metrics["late"], scope)) == {f"{EAST}/p1/立项", f"{WEST}/p3/立项"}
    assert set(proving_keys(metrics["near"], scope)) == {f"{EAST}/p1/用地", f"{EAST}/p1/规划"}
    values = {row["metric_id"]: row for row in told(due).numbers.values()}
    assert values["permits_lacking"]["numerator"] == 6, "what left is waited for by nobody"
    rate = values["permits_in_time_rate"]
    assert (rate["numerator"], rate["denominator"]) == (1, 4)


def test_permits_are_counted_by_kind_and_by_area(due: Office) -> None:
    permits = told(due).permits
    assert permits is not None
    by_kind = due_rows(permits, NAMES, RULES, "kind")
    assert by_kind.select("name", "late", "near").rows() == [("立项", 2, 0), ("用地", 0, 1), ("规划", 0, 1)]
    by_area = due_rows(permits, NAMES, RULES, "area")
    assert by_area.select("name", "late", "near").rows() == [("东区", 1, 2), ("西区", 1, 0)]
    words = permit_words(permits, NAMES, RULES)
    assert words.select("状态", "手续名称", "责任地区", "天数").rows() == [
        ("■ 逾期", "立项", "西区", "逾期29天"),
        ("■ 逾期", "立项", "东区", "逾期1天"),
        ("▲ 将到期", "用地", "东区", "还有0天"),
        ("▲ 将到期", "规划", "东区", "还有30天"),
    ]
    assert permits_sentence(told(due).numbers, permits, RULES) == (
        "手续台账在列、未取得的手续6项，其中逾期2项，30天内到期2项；按期办结率25.0%（1/4项）。"
    )


def test_papers_of_entry_are_taken_in_by_the_words_of_the_notices() -> None:
    kind = LEDGERS["permits"].column("kind")
    words = {"批文": "立项", "合同": "施工合同", "照片": "现场照片", "打桩": "正式打桩"}
    assert {word: kind.usual(word) for word in words} == words
    assert set(words.values()) <= set(kind.values)


# The city's investment


def spent(office: Office, period: str = "2024-09") -> None:
    both = {"invested_statistics_year": 1_000_000, "lists": ["provincial"]}
    office.file(
        period,
        project("p1", invested_year=2_000_000, **both),
        project("p2", area_id=WEST, invested_year=1_000_000),
    )


@pytest.mark.parametrize(
    ("figure", "problem"),
    [
        (fixed(500.0), ""),
        (fixed(5_000_000.0, "万元"), ""),
        (fixed(500.0, "亩"), "全市固定资产投资的计量单位“亩”不是亿元或万元，不能换算，按不详处理"),
        (fixed(500.0, None), "全市固定资产投资的计量单位“未填”不是亿元或万元，不能换算，按不详处理"),
        (fixed(None), "运行数据台账的全市固定资产投资没有填本年累计"),
    ],
)
def test_the_ledger_explains_a_share_of_what_the_city_invests_if_the_unit_is_one_of_money(
    office: Office, figure: dict[str, Any], problem: str
) -> None:
    spent(office)
    office.file_beside("economy", "2024-09", figure)
    found = told(office)
    assert found.problem == problem
    last = found.explained.filter("is_last", pl.col("metric_id") == "invested_year").row(0, named=True)
    assert last["share"] == (None if problem else Decimal("60.0"))
    if not problem:
        assert economy_sentence(found.explained, found.economy, RULES, "2024-09", "元") == (
            "1—9月，全市固定资产投资500.0亿元（市统计局）；台账完成投资300.0亿元，相当于其60.0%。"
            "台账与统计口径不同，只作比照，不相加。"
        )
        assert economy_words(found.economy)["计量单位"].to_list() == [figure["unit"]]


def test_a_figure_of_an_earlier_month_is_not_held_against_this_one(office: Office) -> None:
    spent(office, "2024-08")
    office.file_beside("economy", "2024-08", fixed(500.0))
    spent(office)
    found = told(office)
    assert "没有报送本期的全市固定资产投资，最近一期是2024年8月" in found.problem
    by_month = found.explained.filter(pl.col("metric_id") == "invested_year")
    assert by_month.select("month", "share").rows() == [(8, Decimal("60.0")), (9, None)]


def test_a_district_is_not_the_city_and_a_filter_does_not_narrow_the_city(office: Office) -> None:
    spent(office)
    office.file_beside("economy", "2024-09", fixed(500.0), fixed(200.0) | {"area_id": EAST})
    for filters in ({}, {"areas": (WEST,)}, {"category": "农业"}):
        found = told(office, **filters)
        whole = found.explained.filter(pl.col("metric_id") == "fixed_asset_investment")
        assert whole["amount"].to_list() == [5_000_000], filters


def test_january_has_no_statistics_and_is_not_late(office: Office) -> None:
    spent(office, "2024-01")
    office.file_beside("economy", "2024-01", fixed(500.0))
    found = told(office, "2024-01")
    assert found.problem.startswith("1月统计免报")
    assert found.explained.select("metric_id", "amount", "share").rows() == [
        ("fixed_asset_investment", None, None),
        ("invested_year", 3_000_000, None),
    ]


def test_a_list_has_its_own_share_of_what_the_city_invests(office: Office) -> None:
    path = office.folder / "office" / "statistics" / f"{CITY}.toml"
    path.parent.mkdir()
    path.write_text(TOML, encoding="utf-8")
    spent(office)
    office.file_beside("economy", "2024-09", fixed(500.0))
    found = told(office)
    shares = found.explained.filter("is_last").select("name", "share").rows()
    assert shares[1:] == [("台账完成投资", Decimal("60.0")), ("provincial", Decimal("40.0"))]
    assert set(proving_keys(found.lines["listed_share"], office.scope("2024-09"))) == {"p1"}


# Side by side


def test_ledger_and_statistics_stand_side_by_side_and_are_never_added(office: Office) -> None:
    spent(office)
    office.file_beside("statistics", "2024-09", {"entry_id": "e1", "invested_year": 900_000})
    found = told(office)
    rows = beside_rows(found.areas, NAMES, "invested_statistics_year")
    columns = ("name", "ledger", "statistics", "difference", "ledger_projects", "statistics_projects")
    assert rows.select(columns).rows() == [
        ("东区", 2_000_000, 1_000_000, 1_000_000, 1, 1),
        ("西区", 1_000_000, None, None, 1, 0),
    ]
    library = beside_rows(found.areas, NAMES, "library_invested_year")
    assert library.select("name", "statistics", "difference").rows()[0] == ("东区", 900_000, 1_100_000)
    assert beside_sentence(found.facts, found.numbers, "元") == (
        "台账完成投资300.0亿元（2个填报），台账所填入统完成投资100.0亿元（1个填报），统计在建库90.00亿元（1个填报）；"
        "两项都填报的1个项目，台账200.0亿元、入统100.0亿元，台账减入统100.0亿元。"
    )
    words = beside_words(found.areas, NAMES, {WEST: "统计在建库沿用2024-08"})
    assert words.select("责任地区", "台账减在建库（亿元）", "备注").rows() == [
        ("东区", "110.0", ""),
        ("西区", "—", "统计在建库沿用2024-08"),
    ]


def test_the_rows_behind_each_number_name_their_workbook(office: Office) -> None:
    spent(office)
    office.file_beside("economy", "2024-09", fixed(500.0))
    office.file_beside("statistics", "2024-09", {"entry_id": "e1", "invested_year": 5, "name": "在库"})
    office.file_beside("permits", "2024-09", permit("p1", "立项"))
    scope = office.scope("2024-09")
    for metric_id, term, said in (
        ("fixed_asset_investment", "数据来源", "市统计局"),
        ("library_invested_year", "统计项目名称", "在库"),
        ("permits_lacking", "手续名称", "立项"),
    ):
        metric = CATALOGUE[metric_id]
        rows = shown_rows(metric.facts, evidence_rows(metric, scope, proving_keys(metric, scope)), scope)
        assert (rows[term].to_list(), rows["行号"].to_list()) == ([said], [2])
        assert rows["来源文件"].to_list()[0].endswith(".xlsx")


# The office's file

TOML = """
name = "样例市入统"
ages = [30, 60, 90]
near_days = 30

[share]
list = "provincial"
note = "参照材料"

[[papers]]
name = "批文"
kind = "立项"
except_natures = ["单纯购置"]
"""


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("ages = [30, 60, 90]", "ages = [60, 30]", "第3行 字段「ages」：值“\\[60, 30\\]”不对"),
        ("ages = [30, 60, 90]", "ages = 30", "第3行 字段「ages」：值“30”不对"),
        ("near_days = 30", "near_days = 1.5", "第4行 字段「near_days」：值“1.5”不对"),
        ("near_days = 30", "near = 30", "第4行 字段「near」：没有这个设置"),
        ('list = "provincial"', 'list = "百大"', "第7行 字段「list」：值“百大”不认识，允许：provincial"),
        ('kind = "立项"', 'kind = "批文"', "第12行 字段「kind」：值“批文”不认识，允许：立项、用地"),
        ('"单纯购置"', '"购置"', "第13行 字段「except_natures」：值“购置”不认识"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line_and_field(before: str, after: str, said: str) -> None:
    assert before in TOML
    files = {name: body.encode() for name, body in REFERENCE.items()}
    files[f"statistics/{CITY}.toml"] = TOML.replace(before, after, 1).encode()
    with pytest.raises(ReferenceError, match=rf"statistics/{CITY}\.toml {said}"):
        reference.whole.read(files)


def test_the_shipped_files_ask_for_the_four_papers(shipped: reference.Reference) -> None:
    assert set(shipped.statistics) == {"210100", "210200", "320800"}
    for rules in shipped.statistics.values():
        assert [paper.kind for paper in rules.papers] == list(PAPERS)
        assert (rules.ages, rules.near_days) == ((30, 60, 90), 30)
    assert shipped.statistics_of("210200").share_list == "百大项目"


def test_days_are_of_the_period_that_a_row_was_filed_for(office: Office) -> None:
    office.file("2024-08", project("p1", started_on="2024-08-01", investment_total=800), area_id=EAST)
    office.file("2024-09", ENTERED | {"area_id": WEST}, area_id=WEST)
    pending = told(office).pending
    assert pending.select("project_id", "days", "started_on").rows() == [("p1", 30, date(2024, 8, 1))]
