"""What a tired clerk's workbook must not say in silence: each was once read wrong without a word."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from saima.intake.report import Report
from saima.intake.submission import other_time

Take = Callable[..., Report]
Write = Callable[..., Path]

HEADS = ["项目名称", "责任地区", "总投资（万元）"]
GOOD = ["乙电池厂", "和平区", 9999]


def said(report: Report) -> str:
    """Every sentence of the report."""
    return " ".join([*(r.sentence for r in report.refusals), *(r.sentence for r in report.remarks)])


def by_name(report: Report, column: str) -> dict[str, Any]:
    """The column of each row that was taken."""
    return dict(report.rows.select("name", column).iter_rows())


@pytest.mark.parametrize("cell", ["3000①", "3000²", "3000¹", "①3000", "3000⒈", "3⒈5", "12½"])
def test_a_note_at_a_number_is_no_digit_of_it(taken: Take, xlsx: Write, cell: str) -> None:
    report = taken(xlsx(HEADS, ["甲电池厂", "和平区", cell]))
    assert by_name(report, "investment_total") == {"甲电池厂": None}
    assert "注码" in said(report)


@pytest.mark.parametrize("cell", ["20243", 20243.0, 20256.0, "20249"])
def test_a_year_and_a_month_in_five_digits_are_no_day_of_the_fifties(
    taken: Take, xlsx: Write, cell: object
) -> None:
    report = taken(xlsx([*HEADS, "实际开工时间"], ["甲电池厂", "和平区", 1000, cell]))
    assert by_name(report, "started_on") == {"甲电池厂": None}
    assert "日期的序号" in said(report)


@pytest.mark.parametrize(
    "note",
    [
        *("以上共1个项目", "领导签字：", "2024年9月30日", "（以上金额含土地款）", "审核：王五"),
        *("联系电话：024-12345678", "截至2024年9月30日", "（单位：万元、%）", "本表一式两份"),
        *("以上单位均为万元", "二〇二四年九月"),
    ],
)
def test_a_note_below_the_rows_is_no_project(taken: Take, xlsx: Write, note: str) -> None:
    report = taken(xlsx(["项目名称", "总投资（万元）"], ["甲电池厂", 1000], [note]), area_id="210102")
    assert by_name(report, "investment_total") == {"甲电池厂": 1000}
    assert [row["row"] for row in report.rows_skipped] == [3]


def test_a_name_that_begins_like_a_note_and_a_bare_name_are_taken_and_said(taken: Take, xlsx: Write) -> None:
    rows = [["以上海模式建设的产业园", 5], ["丙机床厂", None], ["丁泵厂", 7]]
    report = taken(xlsx(["项目名称", "总投资（万元）"], *rows), area_id="210102")
    assert by_name(report, "investment_total") == {"以上海模式建设的产业园": 5, "丙机床厂": None, "丁泵厂": 7}
    assert "第 3 行：这一行只有名称" in said(report)


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("2023年1-12月投资完成情况表", "2023年"),
        ("2023年重点项目台账", "2023年"),
        ("二〇二三年台账", "2023年"),
        ("2023年第四季度", "2023年"),
        ("2025年重点项目计划表", "2025年"),
        ("2024年1-8月完成情况", "8月"),
        ("沈阳市1—8月", "8月"),
        ("2024年1至8月", "8月"),
        ("（截至8月底）", "8月"),
        ("数据截止：2024年8月", "8月"),
        ("2024.8 台账", "8月"),
        ("24年8月台账", "8月"),
        ("截至2024年8月31日", "8月"),
        ("2024年上半年完成情况", "上半年"),
        ("2024年二季度", "二季度"),
        *((title, None) for title in ("2024年9月台账", "2024年1-9月", "2024年三季度", "截至9月底")),
        *((title, None) for title in ("2023-2025年三年行动", "填报日期：2023年10月8日", "2024年项目")),
        ("2024年10月8日", None),
    ],
)
def test_a_title_of_another_time_is_noticed(title: str, other: str | None) -> None:
    assert other_time("".join(title.split()), "2024-09") == other


def formatted(path: Path, number: float, shown: str, heading: str = "总投资（万元）") -> Path:
    """A workbook of one project whose amount is shown in that format."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["项目名称", "责任地区", heading])
        sheet.write_row(1, 0, ["甲电池厂", "和平区"])
        sheet.write_number(1, 2, number, book.add_format({"num_format": shown}))
    return path


@pytest.mark.parametrize(
    "shown",
    [
        "$#,##0.00",
        "[$$-409]#,##0",
        "[$USD] #,##0",
        '"US$"#,##0',
        "[$€-2] #,##0",
        '#,##0" JPY"',
        "_($* #,##0.00_)",
    ],
)
def test_a_number_shown_in_another_currency_is_none_of_ours(taken: Take, tmp_path: Path, shown: str) -> None:
    report = taken(formatted(tmp_path / "台账.xlsx", 5, shown))
    assert by_name(report, "investment_total") == {"甲电池厂": None}
    assert "是外币" in said(report)


def test_dollars_are_read_where_dollars_are_asked_for(taken: Take, tmp_path: Path) -> None:
    report = taken(formatted(tmp_path / "台账.xlsx", 5, "$#,##0.00", "外资总额（万美元）"))
    assert by_name(report, "foreign_total_usd") == {"甲电池厂": 5}


@pytest.mark.parametrize(
    "shown",
    ["¥#,##0.00", "[$¥-804]#,##0", "[$-804]#,##0", "#,##0_);(#,##0)", "_ * #,##0.00_ ;_ * \\-#,##0.00_ "],
)
def test_usual_formats_change_nothing(taken: Take, tmp_path: Path, shown: str) -> None:
    report = taken(formatted(tmp_path / "台账.xlsx", 350, shown))
    assert by_name(report, "investment_total") == {"甲电池厂": 350}


@pytest.mark.parametrize("shown", ['0"00"', '"-"0', "-0", '"约"0', '0"以上"'])
def test_a_number_that_is_shown_as_another_is_refused(taken: Take, tmp_path: Path, shown: str) -> None:
    report = taken(formatted(tmp_path / "台账.xlsx", 350, shown))
    assert "看到的与存的不是一个数" in said(report)
    assert report.rows.is_empty()


def test_the_area_above_ends_with_its_total(taken: Take, xlsx: Write) -> None:
    heads = ["序号", "项目名称", "总投资（万元）"]
    rows = [[None, "和平区"], [1, "甲电池厂", 1000], [None, "和平区小计", 1000]]
    report = taken(xlsx(heads, *rows, [2, "丙机床厂", 5000], [None, "沈河区小计", 5000]))
    assert by_name(report, "area_id") == {"甲电池厂": "210102", "丙机床厂": "210100-unassigned"}
    assert "上面没有地区的分组行" in said(report)


def test_two_areas_on_two_lines_are_two_areas(taken: Take, xlsx: Write) -> None:
    report = taken(xlsx(HEADS, ["甲电池厂", "和平区\n沈河区", 5000]))
    assert by_name(report, "area_id") == {"甲电池厂": "210100-unassigned"}
    assert "写了几个地区" in said(report)


def test_a_group_or_a_sheet_says_the_stage_of_its_projects(taken: Take, xlsx: Write) -> None:
    report = taken(xlsx(HEADS, ["开工项目（1个）"], GOOD, ["谋划项目（1个）"], ["丙机床厂", "和平区", 50]))
    assert by_name(report, "stage_filed") == {"乙电池厂": "started", "丙机床厂": "planned"}
    report = taken(xlsx(签约=[HEADS, GOOD], 储备项目=[HEADS, ["丙机床厂", "和平区", 50]]))
    assert by_name(report, "stage_filed") == {"乙电池厂": "signed", "丙机床厂": "planned"}


def test_a_total_above_the_headings_is_held_against_the_rows(taken: Take, xlsx: Write) -> None:
    rows = [["合计", None, 5000], [None], HEADS, ["甲电池厂", "和平区", 3000]]
    report = taken(xlsx(*rows))
    assert [(check.row, check.stated, check.read, check.agrees) for check in report.subtotals] == [
        (1, Decimal(5000), Decimal(3000), False)
    ]


def test_a_row_that_is_struck_out_is_said(taken: Take, tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet, struck = book.add_worksheet(), book.add_format({"font_strikeout": True})
        sheet.write_row(0, 0, HEADS)
        sheet.write_row(1, 0, GOOD)
        sheet.write_row(2, 0, ["丙机床厂", "和平区", 50], struck)
    assert "第 3 行：项目名称带删除线" in said(taken(path))


@pytest.mark.parametrize(
    "above",
    ["单 位 ： 亿 元", "以下单位均为亿元", "注：以亿元为单位", "单位：亿元"],
)
def test_a_unit_is_heard_however_it_is_said(taken: Take, xlsx: Write, above: str) -> None:
    report = taken(xlsx([above], ["项目名称", "责任地区", "总投资"], ["甲电池厂", "和平区", 30]))
    assert by_name(report, "investment_total") == {"甲电池厂": 300_000}


def test_a_unit_beside_the_headings_or_in_the_name_of_the_sheet_is_heard(taken: Take, xlsx: Write) -> None:
    heads = ["项目名称", "责任地区", "总投资"]
    report = taken(xlsx([*heads, "单位：亿元"], ["甲电池厂", "和平区", 30]))
    assert by_name(report, "investment_total") == {"甲电池厂": 300_000}
    report = taken(xlsx(**{"项目（亿元）": [heads, ["甲电池厂", "和平区", 30]]}))
    assert by_name(report, "investment_total") == {"甲电池厂": 300_000}


def test_a_row_without_its_area_is_of_the_area_that_the_sheet_is_named_after(
    taken: Take, xlsx: Write
) -> None:
    report = taken(xlsx(和平区=[HEADS, ["甲电池厂", None, 30]], 沈河区=[HEADS, ["乙厂", "大东区", 30]]))
    assert by_name(report, "area_id") == {"甲电池厂": "210102", "乙厂": "210104"}


@pytest.mark.parametrize("over", ["月度完成投资（万元）", "2024年各月完成投资（万元）"])
def test_months_are_read_under_the_heading_that_is_advised(taken: Take, xlsx: Write, over: str) -> None:
    below = [None, None, None, "8月", "9月"]
    report = taken(xlsx([*HEADS, over, None], below, ["甲电池厂", "和平区", 9000, 10, 20]))
    assert by_name(report, "invested_month") == {"甲电池厂": 20}
