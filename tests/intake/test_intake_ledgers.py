"""Each ledger beside the projects comes in from a workbook made by hand: its true rows stand beside it."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from saima import store
from saima.intake.report import Report
from saima.intake.template import template
from saima.ledgers import LEDGERS
from saima.reference import Reference

Take = Callable[..., Report]
Write = Callable[..., Path]
Cells = list[list[Any]]

CITY, HEPING, TIEXI = "210100", "210102", "210106"
LATER = datetime(2024, 11, 8, tzinfo=UTC)
ALWAYS = datetime.max.replace(tzinfo=UTC)

OTHERS = [name for name in LEDGERS if name not in {"projects", "plans"}]

CODE = "2409-210102-04-01-123456"

PROJECTS: Cells = [
    ["项目代码", "项目名称", "责任地区", "项目单位"],
    [CODE, "甲产业园", "和平区", "甲公司"],
    [None, "乙医院", "铁西区", "乙公司"],
]

WORKBOOKS: dict[str, Cells] = {
    "problems": [
        ["沈阳市重点项目受阻问题台账"],
        ["填报单位：市项目办", None, None, None, "单位：亿元"],
        [
            "序号",
            "问题编号",
            "项目名称",
            "存在问题",
            "受阻投资",
            "问题类别",
            "级别备考",
            "问题级别",
            "是否直报",
            "提报时间",
            "计划解决时间",
            "解决时间",
            "解决情况",
            "责任单位",
            "五方责任",
        ],
        [
            1,
            "W-1",
            "甲产业园",
            "10 千伏临时用电未接入",
            0.8,
            "市政配套",
            None,
            "Ⅱ级",
            "√",
            "2024年6月",
            date(2024, 9, 20),
            "2024.09.15",
            "已送电",
            "供电公司",
            "建设单位、施工单位",
        ],
        [
            2,
            None,
            "乙医院",
            "3 户未签约",
            "500万元",
            "征拆排迁",
            None,
            3,
            "×",
            45536,
            "2024年底",
            "/",
            None,
            "铁西区",
            None,
        ],
        [3, None, None, "园区道路未通", None, "其他", None, None, None, "2024-08-01"] + [None] * 5,
        ["合计", None, None, None, 0.85],
    ],
    "funds": [
        ["2024年争取上级资金情况表"],
        ["单位：万元"],
        [
            "序号",
            "项目代码",
            "项目名称",
            "资金来源",
            "投向领域",
            "申报金额",
            "获批金额",
            "批复时间",
            "下达时间",
            "到位资金",
            "到位时间",
            "累计支付",
            "本年支付",
            "形成实物工作量时间",
            "社会资本",
        ],
        [
            1,
            CODE,
            "甲产业园",
            "专项债",
            "产业园区",
            5000,
            "3,000",
            "2024/5/20",
            "2024年6月",
            3000,
            "20240628",
            1200.5,
            1200.5,
            None,
            "0.2亿元",
        ],
        [
            2,
            None,
            "乙医院",
            "中央预算内投资",
            "卫生",
            800,
            800,
            "2024年二季度",
            None,
            None,
            None,
            None,
            None,
            "—",
            None,
        ],
        ["合计", None, None, None, None, 5800, 3800, None, None, 3000, None, 1200.5, 1200.5],
    ],
    "permits": [
        ["手续办理情况"],
        ["（单位：项）"],
        ["序号", "项目名称", "责任地区", "手续事项", "计划办结时间", "取得时间"],
        [1, "甲产业园", "和平区", "环评", "2024年7月底", "2024.7.3"],
        [2, "甲产业园", "和平区", "施工许可证", date(2024, 9, 30), None],
        [3, "乙医院", "铁西区", "环评", "2024-10-15", "待定"],
        ["合计", None, None, "3项"],
    ],
    "statistics": [
        ["统计在建库项目清单"],
        ["单位：万元"],
        [
            "统计编码",
            "项目名称",
            "法人单位",
            "区县",
            "计划总投资",
            "自开始累计完成投资",
            "本年完成投资",
            "开工时间",
            "入库时间",
        ],
        ["T001", "甲产业园", "甲公司", "和平区", 120000, 26000, 18000, "2024年6月", "2024-07-15"],
        [None, "丙道路", "丙公司", "铁西区", 4000, None, "无", 45383, "2024年5月"],
        ["合计", None, None, None, 124000, 26000, 18000],
    ],
    "promotion": [
        ["招商项目库"],
        ["单位：亿元"],
        [
            "序号",
            "招商项目名称",
            "投资方",
            "责任地区",
            "总投资",
            "协议引资额",
            "入库时间",
            "签约时间",
            "落地时间",
            "拟开工时间",
        ],
        [1, "甲产业园", "甲公司", "和平区", 12, 10, "2024.01.08", "2024年3月15日", "2024年5月", "2024年底"],
        [2, "丁基地", "丁公司", "铁西区", 3.5, None, "2024年一季度", "—", None, None],
        ["合计", None, None, None, 15.5, 10],
    ],
    "economy": [
        ["2024年1-9月项目经济运行数据"],
        ["数据来源：市统计局"],
        ["序号", "责任地区", "指标名称", "本年累计", "计量单位", "同比增速（%）", "数据来源"],
        [1, None, "固定资产投资", "1,234.5", "亿元", 5.2, "市统计局"],
        [2, None, "盘活土地", 8600, "亩", "-3.1%", "市自然资源局"],
        [3, "和平区", "固定资产投资", 98.7, "亿元", None, "区统计局"],
    ],
    "indicators": [
        ["国家中心城市建设指标"],
        ["指标编号", "指标名称", "年度", "实际值", "计量单位"],
        ["1", "常住人口城镇化率", 2022, 85.1, "%"],
        ["1", "常住人口城镇化率", "2023年", "85.4", "%"],
        ["2", "研发投入强度", 2023, 3.05, "%"],
    ],
    "activities": [
        ["9月调度活动一览表"],
        ["活动类型", "地区", "活动时间", "主持领导", "参会单位", "涉及项目", "活动内容"],
        ["督导会", "铁西区", "2024.9.5", "张三", "市项目办、铁西区", "乙医院", "现场督导"],
        ["周调度", None, date(2024, 9, 9), "李四", "各区县", f"{CODE}；戊大桥", "本周进展"],
        ["季总结", None, "2024年9月", None, None, None, None],
    ],
    "decisions": [
        ["9月现场会交办事项清单"],
        [
            "序号",
            "交办月份",
            "交办事项",
            "责任单位",
            "责任人",
            "完成时限",
            "项目名称",
            "销号字段",
            "办结时间",
        ],
        [1, "2024-09", "月底前完成场地移交", "铁西区", "王五", "9月底", "乙医院", "实际开工时间", None],
        [2, "9月", "印发四季度攻坚方案", "市项目办", None, "2024-10-10", None, None, None],
        [3, "2024年8月", "接入临时用电", "供电公司", None, 45535, "甲产业园", None, "2024/9/15"],
    ],
    "letters": [
        ["发函登记表"],
        [
            "函号",
            "函件类型",
            "责任地区",
            "项目名称",
            "所涉月份",
            "发函时间",
            "复函时限",
            "复函时间",
            "复函内容",
        ],
        [
            "沈项办函〔2024〕8号",
            "督办函",
            "铁西区",
            None,
            "2024年8月",
            "2024.09.05",
            "2024-09-12",
            "2024年9月11日",
            "已整改",
        ],
        [None, "提醒函", None, "甲产业园", "8月", date(2024, 9, 6), None, None, None],
    ],
}

JIA = {"project_id": "甲产业园", "area_id": HEPING}
YI = {"project_id": "乙医院", "area_id": TIEXI}
NONE = {"project_id": None}

TRUE: dict[str, list[dict[str, Any]]] = {
    "problems": [
        JIA
        | {
            "problem_id": "W-1",
            "description": "10 千伏临时用电未接入",
            "class": "市政配套",
            "level": "二级",
            "is_direct": True,
            "parties": ["建设单位", "施工单位"],
            "amount_blocked": Decimal(8000),
            "raised_on": date(2024, 6, 30),
            "raised_on_precision": "month",
            "due_on": date(2024, 9, 20),
            "due_on_precision": "day",
            "resolved_on": date(2024, 9, 15),
            "unit": "供电公司",
            "resolution": "已送电",
        },
        YI
        | {
            "description": "3 户未签约",
            "level": "三级",
            "is_direct": False,
            "amount_blocked": Decimal(500),
            "raised_on": date(2024, 9, 1),
            "due_on": date(2024, 12, 31),
            "due_on_precision": "month",
            "resolved_on": None,
            "unit": "铁西区",
        },
        NONE | {"area_id": f"{CITY}-unassigned", "name": None, "amount_blocked": None, "level": None},
    ],
    "funds": [
        JIA
        | {
            "source": "地方政府专项债券",
            "domain": "产业园区",
            "requested": Decimal(5000),
            "approved": Decimal(3000),
            "approved_on": date(2024, 5, 20),
            "issued_on": date(2024, 6, 30),
            "issued_on_precision": "month",
            "arrived": Decimal(3000),
            "arrived_on": date(2024, 6, 28),
            "paid": Decimal("1200.5"),
            "paid_year": Decimal("1200.5"),
            "physical_on": None,
            "social_capital": Decimal(2000),
        },
        YI
        | {
            "source": "中央预算内投资",
            "approved": Decimal(800),
            "approved_on": date(2024, 6, 30),
            "approved_on_precision": "quarter",
            "arrived": None,
            "paid": None,
            "social_capital": None,
        },
    ],
    "permits": [
        JIA | {"kind": "环评", "due_on": date(2024, 7, 31), "obtained_on": date(2024, 7, 3)},
        JIA | {"kind": "施工许可", "due_on": date(2024, 9, 30), "obtained_on": None},
        YI | {"kind": "环评", "due_on": date(2024, 10, 15), "obtained_on": None},
    ],
    "statistics": [
        JIA
        | {
            "entry_id": "T001",
            "owner": "甲公司",
            "investment_total": Decimal(120000),
            "invested_total": Decimal(26000),
            "invested_year": Decimal(18000),
            "started_on": date(2024, 6, 30),
            "entered_statistics_on": date(2024, 7, 15),
        },
        NONE
        | {
            "area_id": TIEXI,
            "name": "丙道路",
            "investment_total": Decimal(4000),
            "invested_total": None,
            "invested_year": None,
            "started_on": date(2024, 4, 1),
            "entered_statistics_on": date(2024, 5, 31),
        },
    ],
    "promotion": [
        JIA
        | {
            "investment_total": Decimal(120000),
            "agreed_amount": Decimal(100000),
            "entered_on": date(2024, 1, 8),
            "signed_on": date(2024, 3, 15),
            "landed_on": date(2024, 5, 31),
            "start_due_on": date(2024, 12, 31),
        },
        NONE
        | {
            "area_id": TIEXI,
            "owner": "丁公司",
            "investment_total": Decimal(35000),
            "agreed_amount": None,
            "entered_on": date(2024, 3, 31),
            "entered_on_precision": "quarter",
            "signed_on": None,
        },
    ],
    "economy": [
        {"area_id": CITY, "measure": "固定资产投资", "value": 1234.5, "unit": "亿元", "growth": 5.2},
        {"area_id": CITY, "measure": "盘活土地", "value": 8600.0, "unit": "亩", "growth": -3.1},
        {"area_id": HEPING, "measure": "固定资产投资", "value": 98.7, "growth": None, "source": "区统计局"},
    ],
    "indicators": [
        {"area_id": CITY, "no": "1", "measure": "常住人口城镇化率", "year": 2022, "value": 85.1, "unit": "%"},
        {"area_id": CITY, "no": "1", "measure": "常住人口城镇化率", "year": 2023, "value": 85.4, "unit": "%"},
        {"area_id": CITY, "no": "2", "measure": "研发投入强度", "year": 2023, "value": 3.05, "unit": "%"},
    ],
    "activities": [
        {
            "kind": "督导会",
            "area_id": TIEXI,
            "held_on": date(2024, 9, 5),
            "chair": "张三",
            "attended": ["市项目办", "铁西区"],
            "project_ids": ["乙医院"],
        },
        {
            "kind": "周调度",
            "area_id": CITY,
            "held_on": date(2024, 9, 9),
            "project_ids": ["甲产业园", "戊大桥"],
        },
        {"kind": "季总结", "area_id": CITY, "held_on": date(2024, 9, 30), "project_ids": None},
    ],
    "decisions": [
        YI
        | {
            "decided_in": "2024-09",
            "text": "月底前完成场地移交",
            "person": "王五",
            "due_on": date(2024, 9, 30),
            "due_on_precision": "month",
            "closing_field": "实际开工时间",
            "closed_on": None,
        },
        NONE | {"area_id": CITY, "decided_in": "2024-09", "due_on": date(2024, 10, 10), "closed_on": None},
        JIA | {"decided_in": "2024-08", "due_on": date(2024, 8, 31), "closed_on": date(2024, 9, 15)},
    ],
    "letters": [
        NONE
        | {
            "letter_id": "沈项办函〔2024〕8号",
            "kind": "督办函",
            "area_id": TIEXI,
            "about_period": "2024-08",
            "issued_on": date(2024, 9, 5),
            "reply_due_on": date(2024, 9, 12),
            "replied_on": date(2024, 9, 11),
            "reply": "已整改",
        },
        JIA | {"kind": "提醒函", "about_period": "2024-08", "issued_on": date(2024, 9, 6), "reply": None},
    ],
}
"""What each workbook says. A project_id is written as the name of the project that has it."""


@pytest.fixture
def filed(taken: Take, xlsx: Write) -> Callable[..., Report]:
    """File the workbook of a ledger, or other rows of it, beside the two projects that there are."""
    assert taken(xlsx(*PROJECTS)).exit_code == 0

    def file(ledger: str, cells: Cells | None = None, **said: Any) -> Report:
        return taken(xlsx(*(cells or WORKBOOKS[ledger]), name=f"{ledger}.xlsx"), ledger=ledger, **said)

    return file


def stored(ledger: str, period: str = "2024-09") -> pl.DataFrame:
    """Rows in force, in the order of the workbook."""
    revision = next(item for item in store.revisions(ledger, CITY, ALWAYS) if item.period == period)
    return pl.read_parquet(revision.path).sort("source_row")


def spoken(ledger: str, period: str = "2024-09") -> list[dict[str, Any]]:
    """The same rows, with the names of projects for their ids."""
    names = dict(stored("projects").select("project_id", "name").rows())
    rows = stored(ledger, period).to_dicts()
    for row in rows:
        if "project_id" in row:
            row["project_id"] = names.get(row["project_id"], row["project_id"])
        if row.get("project_ids"):
            row["project_ids"] = [names.get(project, project) for project in row["project_ids"]]
    return rows


def ids(ledger: str, period: str = "2024-09") -> list[Any]:
    """What tells the stored rows apart."""
    return stored(ledger, period).select(LEDGERS[ledger].key).rows()


@pytest.mark.parametrize("ledger", OTHERS)
def test_a_workbook_made_by_hand_becomes_its_true_rows(filed: Take, ledger: str) -> None:
    report = filed(ledger)
    assert report.exit_code == 0, report.sentences()
    rows = spoken(ledger)
    assert len(rows) == report.rows_taken == len(TRUE[ledger])
    for row, true in zip(rows, TRUE[ledger], strict=True):
        assert {column: row[column] for column in true} == true


@pytest.mark.parametrize("ledger", OTHERS)
def test_what_is_filed_again_next_month_keeps_its_id(filed: Take, ledger: str) -> None:
    filed(ledger)
    assert filed(ledger, period="2024-10", captured_at=LATER).exit_code == 0
    assert ids(ledger) == ids(ledger, "2024-10")
    assert len(set(ids(ledger))) == len(ids(ledger))


def test_a_problem_keeps_its_number_where_a_later_file_has_none(filed: Take) -> None:
    filed("problems")
    rows = [[cell for place, cell in enumerate(row) if place != 1] for row in WORKBOOKS["problems"][:-1]]
    rows[3][3 - 1] = "１０千伏 临时用电未接入"
    filed("problems", rows, period="2024-10", captured_at=LATER)
    assert ids("problems", "2024-10") == ids("problems")


def test_a_problem_keeps_its_id_when_its_project_becomes_known(taken: Take, xlsx: Write) -> None:
    cells: Cells = [["项目名称", "责任地区", "存在问题"], ["己桥", "和平区", "未供地"]]
    taken(xlsx(*cells), ledger="problems")
    taken(xlsx(["项目名称", "责任地区"], ["己桥", "和平区"]), period="2024-10", captured_at=LATER)
    taken(xlsx(*cells), ledger="problems", period="2024-10", captured_at=LATER)
    before, after = stored("problems").row(0, named=True), stored("problems", "2024-10").row(0, named=True)
    assert (before["project_id"], after["project_id"] is None) == (None, False)
    assert before["problem_id"] == after["problem_id"]


@pytest.mark.parametrize(
    ("ledger", "same"),
    {
        "problems": "编号相同",
        "funds": "（项目名称、资金来源、投向领域相同），请只留一行；确实是两件事的，请填资金编号",
        "permits": "（项目名称、责任地区、手续事项相同），请只留一行",
        "statistics": "编号相同",
        "promotion": "（招商项目名称、投资方相同），请只留一行；确实是两件事的，请填招商编号",
        "economy": "（责任地区、指标名称相同），请只留一行",
        "indicators": "（指标名称、年度相同），请只留一行",
        "activities": "（活动类型、活动时间、活动内容相同），请只留一行；确实是两件事的，请填活动编号",
        "decisions": "（交办月份、交办事项相同），请只留一行；确实是两件事的，请填事项编号",
        "letters": "编号相同",
    }.items(),
)
def test_a_row_that_is_there_twice_is_refused_and_both_are_named(filed: Take, ledger: str, same: str) -> None:
    cells = WORKBOOKS[ledger]
    first = heading_row(cells) + 1
    report = filed(ledger, [*cells[: first + 1], *cells[first:]])
    (refusal,) = report.refusals
    assert refusal.place.row == first + 2
    assert f"与工作表「Sheet1」第 {first + 1} 行" in refusal.sentence
    assert same in refusal.sentence
    assert store.revisions(ledger, CITY, ALWAYS) == []


def heading_row(cells: Cells) -> int:
    """Place of the headings: the first row that is more than a title and a note."""
    return next(place for place, row in enumerate(cells) if sum(cell is not None for cell in row) > 3)


@pytest.mark.parametrize("ledger", OTHERS)
def test_the_template_comes_in_when_its_example_is_filled_in(
    office: Reference, filed: Take, taken: Take, tmp_path: Path, ledger: str
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(ledger, CITY, office)))
    sheet = book.worksheets[0]
    for cell in sheet[2]:
        said = str(cell.value or "").replace("【示例行】", "").replace("（本行不会入库）", "")
        sheet.cell(3, cell.column).value = said or None
    book.save(tmp_path / "模板.xlsx")
    filed(ledger)
    report = taken(tmp_path / "模板.xlsx", ledger=ledger, period="2024-10", captured_at=LATER)
    assert (report.exit_code, report.rows_taken) == (0, 1), report.sentences()
    assert [item["why"] for item in report.rows_skipped] == ["示例行"]
    assert all(not sheet["unmapped"] for sheet in report.sheets)
    rules = {remark.rule for remark in report.remarks}
    assert rules <= {"row_has_its_project", "row_has_its_projects"}


@pytest.mark.parametrize("city", ["210200", "320800"])
@pytest.mark.parametrize("ledger", OTHERS)
def test_the_template_of_another_city_is_read_by_its_own_headings(
    office: Reference, taken: Take, tmp_path: Path, city: str, ledger: str
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(ledger, city, office)))
    sheet = book.worksheets[0]
    assert all(cell.comment and cell.comment.text for cell in sheet[1])
    assert any("【示例行】" in str(cell.value) for cell in sheet[2])
    path = tmp_path / "模板.xlsx"
    book.save(path)
    report = taken(path, ledger=ledger, city=city)
    assert (report.exit_code, report.rows_taken) == (2, 0)


BROKEN = [
    ("problems", {"提报时间": "2024-09-20", "解决时间": "2024-09-15"}, "raised_on_is_not_after_resolved_on"),
    ("problems", {"受阻投资": -1}, "amount_blocked_is_not_negative"),
    ("problems", {"解决情况": None}, "resolved_on_has_its_resolution"),
    ("funds", {"获批金额": 6000}, "approved_is_not_above_requested"),
    ("funds", {"累计支付": 3100}, "paid_is_not_above_arrived"),
    ("funds", {"本年支付": 1300}, "paid_year_is_not_above_paid"),
    ("funds", {"到位时间": None}, "arrived_has_its_arrived_on"),
    ("funds", {"到位资金": "-5"}, "arrived_is_not_negative"),
    ("permits", {"取得时间": "2024-10-08"}, "obtained_on_is_not_after_the_period"),
    ("statistics", {"计划总投资": 499}, "investment_total_reaches_the_statistical_floor"),
    (
        "statistics",
        {"入库时间": "2024-05-15", "开工时间": "2024-06-01"},
        "started_on_is_not_after_entered_statistics_on",
    ),
    ("promotion", {"签约时间": "2023-12-31"}, "entered_on_is_not_after_signed_on"),
    ("economy", {"本年累计": None, "同比增速（%）": None}, "row_has_a_figure"),
    ("economy", {"计量单位": None}, "value_has_its_unit"),
    ("indicators", {"年度": 2025}, "year_has_begun"),
    ("activities", {"活动时间": None}, "kind_has_its_held_on"),
    ("decisions", {"完成时限": None}, "text_has_its_due_on"),
    ("letters", {"复函时间": "2024-09-01"}, "issued_on_is_not_after_replied_on"),
]


@pytest.mark.parametrize(("ledger", "slip", "rule"), BROKEN)
def test_a_slip_is_answered_by_the_rule_that_it_breaks(
    filed: Take, ledger: str, slip: dict[str, Any], rule: str
) -> None:
    before = {finding.rule for finding in found(filed(ledger, commit=False))}
    cells = WORKBOOKS[ledger]
    head = heading_row(cells)
    first = list(cells[head + 1])
    for heading, cell in slip.items():
        first[cells[head].index(heading)] = cell
    report = filed(ledger, [*cells[: head + 1], first, *cells[head + 2 :]], commit=False)
    said = {finding.rule: finding for finding in found(report)}
    assert rule not in before
    assert f"第 {head + 2} 行" in said[rule].sentence
    declared = next(item for item in LEDGERS[ledger].rules if item.name == rule)
    assert (declared.severity == "拒收") == (rule in {refusal.rule for refusal in report.refusals})


def found(report: Report) -> list[Any]:
    """Everything that the report says of rows."""
    return [*report.refusals, *report.remarks]


def test_a_project_that_is_not_in_the_ledger_is_said(filed: Take) -> None:
    report = filed("funds", [*WORKBOOKS["funds"][:3], [1, None, "戊大桥", "专项债"]])
    (remark,) = [item for item in report.remarks if item.rule == "row_has_its_project"]
    assert remark.severity == "存疑"
    assert "第 4 行" in remark.sentence
    assert "项目台账里没有这个项目" in remark.sentence
    assert spoken("funds")[0]["project_id"] is None


def test_a_code_and_a_name_of_two_projects_are_said(filed: Take) -> None:
    report = filed("funds", [*WORKBOOKS["funds"][:3], [1, CODE, "乙医院", "专项债"]])
    assert "code_and_name_agree" in {remark.rule for remark in report.remarks}
    assert spoken("funds")[0]["project_id"] == "甲产业园"


def test_an_area_that_is_not_that_of_the_project_is_said(filed: Take) -> None:
    heads = ["项目代码", "项目名称", "责任地区", "资金来源"]
    rows: Cells = [[CODE, "甲产业园", "铁西区", "专项债"], [None, "乙医院", "铁西区", "专项债"]]
    report = filed("funds", [heads, *rows])
    (said,) = [item for item in report.remarks if item.rule == "area_is_that_of_the_project"]
    assert (said.severity, said.column, said.rows) == ("存疑", "责任地区", [2])
    assert [(row["project_id"], row["area_id"]) for row in spoken("funds")] == [
        ("甲产业园", TIEXI),
        ("乙医院", TIEXI),
    ]


def test_several_problems_of_one_project_all_stay_under_a_merged_name(
    taken: Take, xlsx: Write, tmp_path: Path
) -> None:
    taken(xlsx(*PROJECTS))
    path = xlsx(
        ["项目名称", "存在问题", "提报时间"],
        ["甲产业园", "未通水", "2024-09-01"],
        [None, "未通电", "2024-09-02"],
        ["乙医院", "未征拆", "2024-09-03"],
        name="合并.xlsx",
    )
    book = openpyxl.load_workbook(path)
    book.worksheets[0].merge_cells("A2:A3")
    book.save(path)
    assert taken(path, ledger="problems").exit_code == 0
    assert [(row["project_id"], row["description"]) for row in spoken("problems")] == [
        ("甲产业园", "未通水"),
        ("甲产业园", "未通电"),
        ("乙医院", "未征拆"),
    ]


def test_a_row_of_the_whole_city_may_say_so(filed: Take) -> None:
    heads = ["责任地区", "指标名称", "本年累计", "计量单位"]
    report = filed("economy", [heads, ["全市", "工业投资", 3, "亿元"], ["沈阳市", "技改投资", 2, "亿元"]])
    assert report.exit_code == 0, report.sentences()
    assert stored("economy")["area_id"].to_list() == [CITY, CITY]


def test_a_row_of_the_whole_city_is_none_of_an_area_that_files_alone(filed: Take) -> None:
    heads = ["责任地区", "指标名称", "本年累计", "计量单位"]
    report = filed("economy", [heads, ["全市", "工业投资", 3, "亿元"]], area_id=HEPING)
    assert [refusal.rule for refusal in report.refusals] == ["area_is_known"]


def test_headings_of_groups_are_left_out_and_numbered_decisions_stay(filed: Take) -> None:
    heads = ["交办事项", "责任单位", "完成时限", "项目名称"]
    report = filed(
        "decisions",
        [heads, ["一、开工方面"], ["一、加快场地移交", "铁西区", "9月底", None], ["合计", "2项", None, None]],
    )
    assert stored("decisions")["text"].to_list() == ["一、加快场地移交"]
    assert [(row["row"], row["why"]) for row in report.rows_skipped] == [(2, "分组行"), (4, "合计行")]


def test_a_measure_that_is_part_of_another_stays(filed: Take) -> None:
    heads = ["指标名称", "本年累计", "计量单位"]
    rows = [["一、投资"], ["固定资产投资", 30, "亿元"], ["其中：工业投资", 10, "亿元"]]
    filed("economy", [heads, *rows])
    assert stored("economy")["measure"].to_list() == ["固定资产投资", "其中：工业投资"]


# What the store makes of such ledgers


@pytest.fixture
def everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make `everything` a query of all rows of a ledger."""
    monkeypatch.setattr(store, "QUERIES", tmp_path)
    return lambda ledger: write_query(tmp_path, ledger)


def write_query(folder: Path, ledger: str) -> None:
    """A query of every column of the ledger, in the order of the workbook."""
    columns = ", ".join(f"rows.{column}" for column in LEDGERS[ledger].schema if column != "filing_id")
    (folder / "everything.sql").write_text(
        f"""-- everything: all rows.
-- Grain:   one row each.
-- Reads:   {ledger}.
-- Params:  none.
-- Returns: period text.

select rows.period, {columns}
from {ledger} as rows
order by rows.source_row
""",
        encoding="utf-8",
    )


@pytest.mark.parametrize("ledger", OTHERS)
def test_every_row_of_a_ledger_is_seen_by_a_query(
    filed: Take, everything: Callable[[str], None], ledger: str
) -> None:
    filed(ledger)
    everything(ledger)
    seen = store.run_query("everything", as_of=ALWAYS, city=CITY, periods=["2024-09"])
    assert seen.drop("period").rows() == stored(ledger).select(seen.columns[1:]).rows()


def test_two_areas_may_number_their_problems_alike(filed: Take, everything: Callable[[str], None]) -> None:
    for area, text in ((HEPING, "未通水"), (TIEXI, "未通电")):
        filed("problems", [["问题编号", "存在问题"], ["1", text]], area_id=area)
    everything("problems")
    seen = store.run_query("everything", as_of=ALWAYS, city=CITY, periods=["2024-09"])
    assert sorted(seen.select("area_id", "problem_id", "description").rows()) == [
        (HEPING, "1", "未通水"),
        (TIEXI, "1", "未通电"),
    ]


def test_the_number_of_an_area_is_not_given_to_the_same_words_of_another(filed: Take) -> None:
    heads = ["问题编号", "责任地区", "存在问题"]
    filed("problems", [heads, ["1", "和平区", "未通水"], [None, "铁西区", "未通水"]])
    (own,) = stored("problems").filter(area_id=TIEXI)["problem_id"]
    assert own != "1"


def test_what_the_store_gets_without_an_area_is_of_the_city_or_unassigned(snapshots: Path) -> None:
    for ledger, column, area in (
        ("economy", "measure", CITY),
        ("problems", "description", f"{CITY}-unassigned"),
    ):
        rows = pl.DataFrame({column: ["甲"]})
        filing = store.Filing(None, rows, "a.xlsx", "0" * 64, "Sheet1", {}, 1, 1, 0, [], "张三", "")
        store.commit(ledger, CITY, "2024-09", [filing], captured_at=LATER)
        assert stored(ledger)["area_id"].to_list() == [area]


def test_a_problem_that_the_whole_city_no_longer_files_is_gone(filed: Take) -> None:
    filed("problems", [["问题编号", "责任地区", "存在问题"], ["1", "和平区", "甲"], ["2", "铁西区", "乙"]])
    rest: Cells = [["问题编号", "责任地区", "存在问题"], ["2", "铁西区", "乙"]]
    filed("problems", rest, period="2024-10", captured_at=LATER)
    status = store.filing_status(CITY, "2024-10", ALWAYS, "problems")
    assert status.select("area_id", "filed_period").rows() == [(HEPING, None), (TIEXI, "2024-10")]
