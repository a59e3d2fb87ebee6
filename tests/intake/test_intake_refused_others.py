"""Wrong files of the ledgers beside the projects: the place is said and nothing is written."""

import io
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from saima import store
from saima.intake.report import EVERYTHING, Report
from saima.intake.template import template
from saima.intake.verdicts import Refusal
from saima.ledgers import LEDGERS
from saima.reference import Reference

Take = Callable[..., Report]
Write = Callable[..., Path]
Cells = tuple[list[str], list[Any]]

CITY = "210100"

OTHERS = [name for name in LEDGERS if name != "projects"]


@pytest.fixture(scope="module")
def examples(office: Reference) -> dict[str, Cells]:
    """The headings of each ledger's template, and its example as a row to be taken in."""
    found = {}
    for ledger in LEDGERS:
        sheet = openpyxl.load_workbook(io.BytesIO(template(ledger, CITY, office))).worksheets[0]
        heads, cells = ([cell.value for cell in row] for row in sheet.iter_rows(max_row=2))
        marks = ("【示例行】", "（本行不会入库）")
        said = [str(cell or "").replace(marks[0], "").replace(marks[1], "") or None for cell in cells]
        found[ledger] = [str(head) for head in heads], said
    return found


def refused(report: Report) -> Refusal:
    """The one refusal of a file, from which nothing was written."""
    assert (report.outcome, report.exit_code, report.revision) == ("refused", 2, None)
    assert store.revisions(report.ledger, CITY, EVERYTHING) == []
    (refusal,) = report.refusals
    return refusal


@pytest.mark.parametrize("ledger", OTHERS)
def test_the_example_of_a_template_is_taken(
    taken: Take, xlsx: Write, examples: dict[str, Cells], ledger: str
) -> None:
    report = taken(xlsx(*examples[ledger]), ledger=ledger, commit=False)
    assert (report.exit_code, report.rows_taken) == (0, 1), report.sentences()


@pytest.mark.parametrize(("ledger", "other"), list(permutations(LEDGERS, 2)))
def test_a_file_of_another_ledger_is_refused(
    taken: Take, xlsx: Write, examples: dict[str, Cells], ledger: str, other: str
) -> None:
    refusal = refused(taken(xlsx(*examples[other]), ledger=ledger))
    assert "工作表「Sheet1」" in refusal.sentence
    rules = {"sheet_is_of_the_ledger", "required_columns_are_present", "header_is_found"}
    # Two columns of the projects' would be one of the statistics'.
    rules |= {"one_heading_names_a_column"} if other == "projects" else set()
    assert refusal.rule in rules


@pytest.mark.parametrize(
    ("ledger", "sheet", "own", "said"),
    [
        (
            "statistics",
            [["项目名称", "责任地区", "资金来源"], ["甲", "和平区", "专项债"]],
            "在库编号",
            "第 1 行的表头是资金台账的（资金来源），没有一列是统计在建库独有的；请改选资金台账",
        ),
        (
            "promotion",
            [["项目名称", "总投资（万元）", "本年完成投资（万元）", "竣工时间"], ["甲", 9, 3, "2024-05-01"]],
            "投资方",
            "没有一列是招商项目库独有的",
        ),
        (
            "economy",
            [["指标名称", "年度", "数值", "计量单位"], ["固定资产投资", 2023, 5, "亿元"]],
            "同比增速（%）",
            "表头是城市指标的（年度），没有一列是运行数据独有的",
        ),
        (
            "projects",
            [["项目名称", "责任地区", "手续事项", "取得时间"], ["甲", "和平区", "环评", None]],
            "总投资（万元）",
            "表头是手续办理的（手续事项、取得时间），没有一列是项目台账独有的；请改选手续办理",
        ),
    ],
)
def test_one_heading_of_its_own_makes_a_sheet_that_of_its_ledger(
    taken: Take, xlsx: Write, ledger: str, sheet: list[list[Any]], own: str, said: str
) -> None:
    refusal = refused(taken(xlsx(*sheet), ledger=ledger))
    assert (refusal.rule, refusal.place.sheet, refusal.place.row) == ("sheet_is_of_the_ledger", "Sheet1", 1)
    assert said in refusal.sentence
    assert taken(xlsx([*sheet[0], own], *sheet[1:]), ledger=ledger, commit=False).exit_code == 0


def test_the_sheet_of_another_ledger_in_the_same_book_is_left_out_and_said(
    taken: Take, xlsx: Write, examples: dict[str, Cells]
) -> None:
    report = taken(xlsx(*examples["statistics"], 资金=examples["funds"]), ledger="statistics", commit=False)
    assert (report.exit_code, report.rows_taken) == (0, 1)
    (said,) = [remark for remark in report.remarks if remark.rule == "ledger_is_read"]
    assert (said.severity, said.sheet) == ("存疑", "资金")
    assert "表头是资金台账的" in said.sentence


def test_a_person_may_say_that_a_heading_is_one_of_this_ledger(
    taken: Take, xlsx: Write, tmp_path: Path
) -> None:
    path = xlsx(["项目名称", "责任地区", "资金来源"], ["甲", "和平区", "专项债"])
    mapping = tmp_path / "m.toml"
    mapping.write_text('[columns.name]\nheading = "项目名称"', encoding="utf-8")
    report = taken(path, ledger="statistics", mapping_path=mapping, commit=False)
    assert (report.exit_code, report.rows_taken) == (0, 1)


OTHER_CELL = {"money": 7, "number": 7, "percent": 7, "year": 2020, "month": "2024-01", "date": "2024-01-01"}


@pytest.mark.parametrize("ledger", OTHERS)
def test_a_heading_twice_with_different_contents_is_refused(
    taken: Take, xlsx: Write, examples: dict[str, Cells], ledger: str
) -> None:
    heads, cells = examples[ledger]
    for index, column in enumerate(LEDGERS[ledger].filed):
        both = [cells[index] or "1", OTHER_CELL.get(column.kind, "别的")]
        row = [*cells[:index], both[0], *cells[index + 1 :], both[1]]
        refusal = refused(taken(xlsx([*heads, heads[index]], row), ledger=ledger))
        assert refusal.rule == "one_heading_names_a_column"
        assert (refusal.place.sheet, refusal.place.row, refusal.place.column) == ("Sheet1", 1, heads[index])
        assert f"「{heads[index]}」和「{heads[index]}」都像是" in refusal.sentence


@pytest.mark.parametrize("ledger", ["economy", "problems"])
def test_a_heading_twice_with_the_same_contents_is_read_once_and_said(
    taken: Take, xlsx: Write, ledger: str
) -> None:
    twice = {
        "economy": [["指标名称", "本年累计", "计量单位", "本年累计"], ["工业投资", 12, "亿元", 12]],
        "problems": [["存在问题", "责任地区", "责任地区"], ["未通水", "和平区", "和平区"]],
    }[ledger]
    report = taken(xlsx(*twice), ledger=ledger, commit=False)
    assert (report.exit_code, report.rows_taken) == (0, 1)
    (said,) = [remark for remark in report.remarks if remark.rule == "one_heading_names_a_column"]
    assert (said.severity, said.sheet, said.column) == ("存疑", "Sheet1", twice[0][-1])


def test_two_headings_of_one_figure_that_differ_are_refused(taken: Take, xlsx: Write) -> None:
    heads = ["指标名称", "累计值", "数值", "计量单位"]
    refusal = refused(taken(xlsx(heads, ["工业投资", 12, 13, "亿元"]), ledger="economy"))
    assert "「累计值」和「数值」都像是本年累计" in refusal.sentence
    same = taken(xlsx(heads, ["工业投资", 12, 12, "亿元"]), ledger="economy", commit=False)
    assert same.rows["value"].to_list() == [12]


INDICATOR = ["指标名称", "年份", "指标值", "计量单位"]


def test_an_indicator_in_another_unit_than_its_goal_is_refused(taken: Take, xlsx: Write) -> None:
    refusal = refused(taken(xlsx(INDICATOR, ["地区生产总值", 2023, 81221000, "万元"]), ledger="indicators"))
    assert (refusal.rule, refusal.place.row, refusal.place.column) == (
        "unit_is_that_of_the_indicator",
        2,
        "计量单位",
    )
    assert refusal.sentence == (
        "工作表「Sheet1」第 2 行「计量单位」填的是“万元”，"
        "与城市指标表的单位不同，不能与目标比较，请换算后重填。允许：亿元"
    )


@pytest.mark.parametrize("unit", ["亿元", "亿", " 亿元 ", "人民币亿元"])
def test_a_unit_by_another_spelling_is_the_same(taken: Take, xlsx: Write, unit: str) -> None:
    report = taken(xlsx(INDICATOR, [" 地区生产总值", 2023, 8122.1, unit]), ledger="indicators", commit=False)
    assert (report.exit_code, report.rows["measure"].to_list()) == (0, ["地区生产总值"])
    assert report.remarks == ()


def test_an_indicator_that_the_city_does_not_have_is_said(taken: Take, xlsx: Write) -> None:
    row = ["幸福指数", 2023, 9, "分"]
    (said,) = taken(xlsx(INDICATOR, row), ledger="indicators", commit=False).remarks
    assert (said.severity, said.column, said.value, said.rows) == ("存疑", "指标名称", "幸福指数", [2])
    elsewhere = taken(xlsx(INDICATOR, row), ledger="indicators", city="210200", commit=False)
    assert elsewhere.remarks == ()


NO_FIGURE = {
    "money": ["很多", "一百万", "3 000 4"],
    "number": ["很多", "85.4%"],
    "percent": ["很多", "增长5.2%"],
    "year": ["很多", 24, 3024, "2024年9月"],
    "month": ["很多", 2024, "2024年三季度", "2024-13"],
    "date": [12, "2024-02-30", "3024-01-01"],
}
"""What is none, by kind of column."""


@pytest.mark.parametrize("ledger", OTHERS)
def test_a_cell_that_is_no_figure_is_refused_with_its_place(
    taken: Take, xlsx: Write, examples: dict[str, Cells], ledger: str
) -> None:
    heads, cells = examples[ledger]
    for index, column in enumerate(LEDGERS[ledger].filed):
        for slip in NO_FIGURE.get(column.kind, []):
            row = [*cells[:index], slip, *cells[index + 1 :]]
            refusal = refused(taken(xlsx(heads, row), ledger=ledger))
            assert (refusal.place.sheet, refusal.place.row) == ("Sheet1", 2)
            assert (refusal.place.column, refusal.value) == (heads[index], str(slip))


@pytest.mark.parametrize("ledger", OTHERS)
def test_words_for_a_date_are_kept_and_said_and_no_date(
    taken: Take, xlsx: Write, examples: dict[str, Cells], ledger: str
) -> None:
    heads, cells = examples[ledger]
    dates = {place: column for place, column in enumerate(LEDGERS[ledger].filed) if column.kind == "date"}
    row = ["正在办理" if place in dates else cell for place, cell in enumerate(cells)]
    report = taken(xlsx(heads, row), ledger=ledger, commit=False)
    said = [
        (item.severity, item.column, item.rows) for item in report.remarks if item.rule == "date_is_a_date"
    ]
    assert said == [("存疑", heads[place], [2]) for place in dates]
    assert all(report.rows[column.name].to_list() == [None] for column in dates.values())
    raw = report.rows["raw_texts"].to_list()
    assert raw == ([[f"{heads[place]}：正在办理" for place in dates]] if dates else [None])


@pytest.mark.parametrize("ledger", OTHERS)
def test_an_area_that_the_city_does_not_have_is_refused(
    taken: Take, xlsx: Write, examples: dict[str, Cells], ledger: str
) -> None:
    heads, cells = examples[ledger]
    row = ["海淀区" if head == "责任地区" else cell for head, cell in zip(heads, cells, strict=True)]
    refusal = refused(taken(xlsx(heads, row), ledger=ledger))
    assert (refusal.rule, refusal.place.sheet, refusal.place.row, refusal.place.column) == (
        *("area_is_known", "Sheet1", 2),
        "责任地区",
    )
    assert "不是沈阳市的地区。允许：和平区" in refusal.sentence


@pytest.mark.parametrize("ledger", [name for name in OTHERS if any(c.values for c in LEDGERS[name].filed)])
def test_a_word_that_is_not_usual_is_kept_and_said_with_those_that_are(
    taken: Take, xlsx: Write, examples: dict[str, Cells], ledger: str
) -> None:
    heads, cells = examples[ledger]
    for index, column in enumerate(LEDGERS[ledger].filed):
        if column.values:
            row = [*cells[:index], "没听说过", *cells[index + 1 :]]
            report = taken(xlsx(heads, row), ledger=ledger, commit=False)
            (said,) = [item for item in report.remarks if item.rule == "word_is_known"]
            assert (said.severity, said.sheet, said.column, said.rows) == (
                "提示",
                "Sheet1",
                heads[index],
                [2],
            )
            assert f"不是常用的说法（{'、'.join(column.values)}），保留原文" in said.sentence
            assert report.rows[column.name].to_list() == ["没听说过"]


@pytest.mark.parametrize("ledger", OTHERS)
def test_a_missing_heading_or_cell_that_must_be_there_is_refused(
    taken: Take, xlsx: Write, examples: dict[str, Cells], ledger: str
) -> None:
    heads, cells = examples[ledger]
    for index, column in enumerate(LEDGERS[ledger].filed):
        if not column.is_required:
            continue
        without = [[*line[:index], *line[index + 1 :]] for line in (heads, cells)]
        refusal = refused(taken(xlsx(*without), ledger=ledger))
        assert f"工作表「Sheet1」第 1 行的表头缺少必需的列：{column.term}（现有：" in refusal.sentence
        assert (refusal.place.row, refusal.place.column) == (1, column.term)
        # One row is blank where it must not be, beside one that is whole.
        report = taken(xlsx(heads, cells, [*cells[:index], None, *cells[index + 1 :]]), ledger=ledger)
        refusal = refused(report)
        assert (refusal.rule, refusal.place.row) == (f"{column.name}_is_filed", 3)
        assert f"{column.term}不能为空" in refusal.sentence


@pytest.mark.parametrize("ledger", OTHERS)
def test_an_empty_file_and_one_of_headings_alone_are_refused(
    taken: Take, xlsx: Write, examples: dict[str, Cells], ledger: str
) -> None:
    assert refused(taken(xlsx(), ledger=ledger)).sentence == "文件里没有内容，工作表都是空的"
    refusal = refused(taken(xlsx(examples[ledger][0]), ledger=ledger))
    assert refusal.sentence == "文件「台账.xlsx」没有项目行，只有表头或空白"


@pytest.mark.parametrize("ledger", OTHERS)
def test_a_title_or_sheet_of_another_year_is_said(
    taken: Take, xlsx: Write, examples: dict[str, Cells], ledger: str
) -> None:
    heads, cells = examples[ledger]
    title = ["2023年9月情况"]
    report = taken(xlsx(title, heads, cells), ledger=ledger, commit=False)
    (said,) = [item for item in report.remarks if item.rule == "title_is_of_the_period"]
    assert said.sentence == "工作表「Sheet1」第 1 行：标题写的是 2023年，报送的是 2024-09，请核对报告期"
    report = taken(xlsx(heads, cells, **{"2023年": [heads, cells]}), ledger=ledger, commit=False)
    (said,) = [item for item in report.remarks if item.rule == "sheet_is_of_the_period"]
    assert (said.severity, said.sheet, report.rows_read) == ("存疑", "2023年", 1)


@pytest.mark.parametrize("heading", ["2023年累计", "1-8月累计"])
def test_columns_of_another_time_beside_figures_of_this_one_are_said(
    taken: Take, xlsx: Write, heading: str
) -> None:
    path = xlsx(["指标名称", heading, "计量单位", "同比增长（%）"], ["工业投资", 12, "亿元", 5.2])
    report = taken(path, ledger="economy", commit=False)
    (said,) = [item for item in report.remarks if item.rule == "columns_are_of_the_period"]
    assert said.sentence == (f"工作表「Sheet1」：有其他年份或月份的列（{heading}），没有读取，请核对报告期")
    assert report.rows["value"].to_list() == [None]
