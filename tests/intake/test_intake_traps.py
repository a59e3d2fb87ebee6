"""The traps of real workbooks, one by one: a workbook built by hand and, beside it, its true ledger.

Sources: `workbooks.md` section 1 and `domain.md` 3.6; the numbers of the sections name the trap.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from dirty import Made
from grids import CARRIAGE, FORMATS, Cell, Fault, Formula, Grid, Shown
from judging import CHECKED

from saima import store
from saima.intake.headings import Headings
from saima.intake.report import EVERYTHING, Report
from saima.ledgers import PROJECTS

Take = Callable[..., Report]
Row = list[Cell]

RAW = {"area_text", "category_text", "chain_text", "stage_reported"}
"""Words as filed, kept beside their meaning."""


class Filed:
    """What became of a workbook: the report, and each stored project with all that is known of it."""

    def __init__(self, report: Report, period: str) -> None:
        """`rows` are in the order of the workbook."""
        self.report = report
        self.plain = report.plain()
        in_force = [
            item for item in store.revisions("projects", "210100", EVERYTHING) if item.period == period
        ]
        stored = pl.read_parquet(in_force[0].path).sort("source_sheet", "source_row") if in_force else None
        self.rows = stored.to_dicts() if stored is not None and report.exit_code == 0 else []

    @property
    def ledger(self) -> list[dict[str, Any]]:
        """Every value that is stored; a column that is missing here is null."""
        return [
            {name: row[name] for name in CHECKED if name not in RAW and row[name] is not None}
            for row in self.rows
        ]

    @property
    def warnings(self) -> list[dict[str, Any]]:
        """The warnings of the report."""
        return list(self.plain["warnings"])

    def speaks_of(self, row: int | None, *words: str) -> bool:
        """Whether a refusal or warning names that row and says these words."""
        said = [({item["row"]}, item) for item in self.plain["refused"]]
        said += [(set(item["rows"]), item) for item in self.warnings]
        texts = [
            f"{item['column']}{item['value']}{item['sentence']}"
            for rows, item in said
            if row is None or row in rows
        ]
        return any(all(word in text for word in words) for text in texts)


File = Callable[..., Filed]


@pytest.fixture
def file(taken: Take, tmp_path: Path) -> File:
    """Write a workbook of these sheets and file it for Shenyang, 2024-09, unless the test says otherwise."""

    def write(*grids: Grid, form: str = "xlsx", period: str = "2024-09", **said: Any) -> Filed:
        path = Made(list(grids), format=form).write(tmp_path)
        return Filed(taken(path, period=period, **said), period)

    return write


def sheet(*rows: Row, name: str = "台账", **marks: Any) -> Grid:
    """One sheet of these rows."""
    return Grid(name, [list(row) for row in rows], **marks)


HEADS: Row = ["序号", "项目名称", "责任地区", "总投资（万元）"]
A = {"name": "甲项目", "area_id": "210102", "investment_total": 100}
B = {"name": "乙项目", "area_id": "210103", "investment_total": 200}
FIRST: Row = [1, "甲项目", "和平区", 100]
SECOND: Row = [2, "乙项目", "沈河区", 200]


# workbooks.md 1.1, domain.md 3.6.1: titles, unit and date above the headings


def test_titles_and_remarks_above_the_headings_are_no_headings(file: File) -> None:
    filed = file(
        sheet(
            ["附件1"],
            ["沈阳市2024年重点项目台账"],
            ["备注：项目名称、责任地区、总投资以批复文件为准"],
            ["编制单位：市发展改革委", None, "填报日期：2024年9月25日", "单位：万元"],
            ["序号", "项目名称", "责任地区", "总投资"],
            FIRST,
            SECOND,
        )
    )
    assert filed.ledger == [A, B]


@pytest.mark.parametrize("above", [0, 1, 6, 18, 19])
def test_headings_stand_in_any_of_the_first_twenty_rows(file: File, above: int) -> None:
    assert file(sheet(*[[] for _ in range(above)], HEADS, FIRST)).ledger == [A]


def test_a_title_merged_over_the_sheet_is_no_heading(file: File) -> None:
    title: Row = ["沈阳市项目名称及责任地区、总投资一览表"]
    assert file(sheet(title, HEADS, FIRST, merges=[(0, 0, 0, 3)])).ledger == [A]


# 1.2, 3.6.5: units


def test_two_units_in_one_sheet_are_both_right(file: File) -> None:
    heads: Row = ["项目名称", "责任地区", "总投资（亿元）", "年度计划投资（万元）", "年度累计完成投资（元）"]
    filed = file(sheet(heads, ["甲项目", "和平区", 1.25, 3000, 12345600]))
    assert filed.ledger == [
        {**A, "investment_total": 12500, "plan_year": 3000, "invested_year": Decimal("1234.56")}
    ]


@pytest.mark.parametrize("note", ["单位：亿元", "金额单位：亿元", "（单位：亿元）", "单 位：亿元"])
def test_the_unit_stands_in_a_cell_of_its_own(file: File, note: str) -> None:
    filed = file(sheet([None, None, note], ["项目名称", "责任地区", "总投资"], ["甲项目", "和平区", 1.25]))
    assert filed.ledger == [{**A, "investment_total": 12500}]


def test_the_unit_of_a_heading_counts_before_the_unit_above(file: File) -> None:
    filed = file(sheet(["单位：万元"], ["项目名称", "责任地区", "总投资（亿元）"], ["甲项目", "和平区", 2]))
    assert filed.ledger == [{**A, "investment_total": 20000}]


def test_an_amount_without_a_unit_is_wan_and_said(file: File) -> None:
    filed = file(sheet(["项目名称", "责任地区", "总投资"], ["甲项目", "和平区", 100]))
    assert filed.ledger == [A]
    assert filed.speaks_of(None, "总投资", "单位")


@pytest.mark.parametrize(
    ("cell", "wan"),
    [
        ("120.5亿元", "1205000"),
        ("3.5亿", "35000"),
        ("35000万元", "35000"),
        ("３．５亿元", "35000"),
        ("1,200.5", "1200.5"),
        ("1，200", "1200"),
        (" 1200 ", "1200"),
        ("1200\n", "1200"),
        ("１２３．５", "123.5"),
        (0, "0"),
        ("0", "0"),
    ],
)
def test_an_amount_is_read_to_the_yuan(file: File, cell: Cell, wan: str) -> None:
    assert file(sheet(HEADS, [1, "甲项目", "和平区", cell])).ledger == [
        {**A, "investment_total": Decimal(wan)}
    ]


@pytest.mark.parametrize("cell", [None, "", "  ", "—", "——", "-", "/", "无", "待定", "暂无", "－", "／"])
def test_a_mark_for_no_value_is_missing_and_never_zero(file: File, cell: Cell) -> None:
    heads: Row = [*HEADS, "年度计划投资（万元）"]
    assert file(sheet(heads, [*FIRST, cell], [*SECOND, 0])).ledger == [A, {**B, "plan_year": 0}]


@pytest.mark.parametrize(
    "cell",
    [
        "约5亿元",
        "约 5 亿",
        "5亿元左右",
        "近5亿元",
        "超5亿元",
        "5亿元以上",
        "5-8亿",
        "5～8亿元",
        "5—8",
        "5至8亿元",
        "3.5+1.2",
        "100%",
        "2000万件",
        "5万亩",
        "500万美元",
        "1200 800",
        "一期5亿，二期8亿",
        "已开工",
        Fault("#REF!"),
        Fault("#DIV/0!"),
    ],
)
def test_what_is_no_certain_amount_is_never_a_number_and_is_said(file: File, cell: Cell) -> None:
    filed = file(sheet(HEADS, FIRST, [2, "乙项目", "沈河区", cell]))
    assert [row.get("investment_total") for row in filed.ledger] in ([], [100, None])
    raw = cell.text if isinstance(cell, Fault) else str(cell)
    assert filed.speaks_of(3, "总投资", raw)


def test_a_foreign_amount_among_domestic_ones_is_never_renminbi(file: File) -> None:
    heads: Row = ["项目名称", "责任地区", "总投资（亿元）", "协议利用外资（万美元）"]
    filed = file(sheet(heads, ["甲项目", "和平区", 2, 500]))
    assert filed.ledger == [{**A, "investment_total": 20000, "foreign_total_usd": 500}]


def test_a_hundredfold_jump_against_last_month_is_said(file: File) -> None:
    file(sheet(HEADS, FIRST, SECOND), period="2024-08")
    filed = file(sheet(HEADS, FIRST, [2, "乙项目", "沈河区", 2_000_000]))
    assert filed.speaks_of(3, "总投资")
    assert not filed.speaks_of(2, "总投资")


# 1.3: headings in two rows and three


def test_children_are_read_with_their_parents(file: File) -> None:
    filed = file(
        sheet(
            ["序号", "项目名称", "责任地区", "计划", None, "实际", None],
            [None, None, None, "开工时间", "竣工时间", "开工时间", "竣工时间"],
            [1, "甲项目", "和平区", date(2023, 3, 1), date(2025, 6, 30), date(2023, 4, 5), None],
            merges=[(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 1, 2), (0, 3, 0, 4), (0, 5, 0, 6)],
        )
    )
    days = {
        "start_due_on": date(2023, 3, 1),
        "completion_due_on": date(2025, 6, 30),
        "started_on": date(2023, 4, 5),
    }
    assert filed.ledger == [
        {"name": "甲项目", "area_id": "210102", **days, **{f"{name}_precision": "day" for name in days}}
    ]


def test_the_same_child_means_the_total_here_and_the_year_there(file: File) -> None:
    filed = file(
        sheet(
            [
                "项目名称",
                "责任地区",
                "项目资金来源",
                None,
                None,
                None,
                "2024年计划投资",
                "2024年推进计划",
                None,
            ],
            [
                None,
                None,
                "计划总投资",
                "省级以上补助",
                "市财政",
                "社会资本",
                "计划总投资",
                "整体形象进度",
                "第一季度",
            ],
            ["甲项目", "和平区", 100, 11, 22, 33, 44, "主体封顶", "开工"],
            merges=[(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 5), (0, 7, 0, 8)],
        )
    )
    money = {name: value for row in filed.ledger for name, value in row.items() if isinstance(value, Decimal)}
    assert money == {"investment_total": 100, "plan_year": 44}


def test_a_subtotal_under_the_plan_of_the_year_is_the_plan(file: File) -> None:
    filed = file(
        sheet(
            [
                "项目名称",
                "责任地区",
                "总投资（万元）",
                "2024年投资计划（万元）",
                None,
                None,
                "2023年投资计划（万元）",
            ],
            [None, None, None, "主要建设内容", "新增生产能力", "小计", "小计"],
            ["甲项目", "和平区", 100, "主体", "5万吨", 40, 900],
            merges=[(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 1, 2), (0, 3, 0, 5)],
        )
    )
    assert [(row["investment_total"], row["plan_year"]) for row in filed.ledger] == [(100, 40)]


def test_sources_of_funds_are_never_amounts_of_the_project(file: File) -> None:
    filed = file(
        sheet(
            ["项目名称", "责任地区", "总投资（万元）", "资金来源（万元）", None, None, None],
            [None, None, None, "中央资金", "专项债", "银行贷款", "企业自筹"],
            ["甲项目", "和平区", 100, 11, 22, 33, 34],
            merges=[(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 1, 2), (0, 3, 0, 6)],
        )
    )
    assert filed.ledger == [A]


def test_headings_in_three_rows(file: File) -> None:
    filed = file(
        sheet(
            ["项目基本情况", None, None, "投资情况（亿元）", None, None, None],
            ["序号", "项目名称", "责任地区", "总投资", "2024年", None, None],
            [None, None, None, None, "计划投资", "1-9月完成投资", "9月完成投资"],
            [1, "甲项目", "和平区", 1.5, 0.4, 0.25, 0.03],
            merges=[
                (0, 0, 0, 2),
                (0, 3, 0, 6),
                (1, 0, 2, 0),
                (1, 1, 2, 1),
                (1, 2, 2, 2),
                (1, 3, 2, 3),
                (1, 4, 1, 6),
            ],
        )
    )
    assert filed.ledger == [
        {**A, "investment_total": 15000, "plan_year": 4000, "invested_year": 2500, "invested_month": 300}
    ]


def test_a_row_of_column_numbers_is_no_project(file: File) -> None:
    assert file(sheet(HEADS, ["1", "2", "3", "4"], FIRST)).ledger == [A]
    assert file(sheet(HEADS, [1, 2, 3, 4], FIRST)).ledger == [A]
    assert file(sheet(HEADS, ["甲", "乙", "丙", "丁"], FIRST)).ledger in ([A], [])


# 1.4: words of a heading torn apart


@pytest.mark.parametrize(
    "heads",
    [
        ["项 目 名 称", "责任\n地区", "总投资\n（万元）"],
        ["项目\n名称", " 责任地区　", "总投资(万元))"],
        ["项目名称 ", "责任\r\n地区", "总 投 资（ 万元 ）"],
        ["项目名称（必填）", "责任地区", "总投资（万元））"],
    ],
)
def test_headings_with_line_feeds_and_spaces_are_known(file: File, heads: Row) -> None:
    assert file(sheet(heads, ["甲项目", "和平区", 100])).ledger == [A]


def test_a_heading_split_over_two_rows_is_one(file: File) -> None:
    (row,) = file(
        sheet(
            ["项目", "责任", "总投资", "建设起"],
            ["名称", "地区", "（万元）", "止年限"],
            ["甲项目", "和平区", 100, "2023-2025"],
        )
    ).ledger
    assert row.items() >= A.items()
    assert row["completion_due_on"] == date(2025, 12, 31)


# 1.5: years and months in headings


def test_headings_with_years_and_months_are_read_against_the_period(file: File) -> None:
    filed = file(
        sheet(
            [
                "项目名称",
                "责任地区",
                "总投资（万元）",
                "至2023年底累计完成投资（万元）",
                "2023年计划投资（万元）",
                "2024年计划投资（万元）",
                "2025年计划投资（万元）",
                "2024年1-8月完成投资（万元）",
                "2024年1－9月完成投资（万元）",
                "8月完成投资（万元）",
                "9月完成投资（万元）",
                "9月形象进度",
            ],
            ["甲项目", "和平区", 100, 30, 901, 40, 902, 20, 25, 903, 5, "主体封顶"],
        )
    )
    assert filed.ledger == [
        {**A, "plan_year": 40, "invested_year": 25, "invested_month": 5, "progress_text": "主体封顶"}
    ]


@pytest.mark.parametrize(
    "heading",
    [
        "9月上旬完成投资（万元）",
        "9月中旬完成投资（万元）",
        "1-12月完成投资（万元）",
        "2024年力争完成的投资额（万元）",
    ],
)
def test_a_part_of_the_month_or_a_hope_is_no_amount_of_the_month_or_year(file: File, heading: str) -> None:
    filed = file(sheet([*HEADS, heading], [*FIRST, 7]))
    assert filed.ledger == [A]


def test_last_year_only_is_no_plan_of_this_year(file: File) -> None:
    filed = file(sheet([*HEADS, "2023年计划投资（万元）", "2023年1-9月完成投资（万元）"], [*FIRST, 7, 8]))
    assert filed.ledger == [A]


# 1.6: one column a month


def test_months_side_by_side_that_add_up(file: File) -> None:
    months: Row = [f"1-{month}月{what}投资（万元）" for month in range(1, 13) for what in ("计划", "完成")]
    amounts: Row = [n for month in range(1, 13) for n in (month * 10, month * 9 if month <= 9 else None)]
    filed = file(sheet([*HEADS, *months], [*FIRST, *amounts]))
    assert filed.ledger == [{**A, "invested_year": 81}]


def test_months_side_by_side_that_do_not_add_up(file: File) -> None:
    heads: Row = [
        f"{month}月{what}" for month in range(1, 13) for what in ("形象进度", "实际完成投资（万元）")
    ]
    cells: Row = [
        x for month in range(1, 13) for x in ((f"{month}月进展", month) if month <= 9 else (None, None))
    ]
    filed = file(sheet([*HEADS, *heads], [*FIRST, *cells]))
    assert filed.ledger == [{**A, "invested_month": 9, "progress_text": "9月进展"}]


# 1.7, 3.6.3: rows that are no projects


def test_categories_are_carried_down_and_their_sums_agree(file: File) -> None:
    filed = file(
        sheet(
            HEADS,
            ["合计", "3个", None, 700],
            ["一", "工业项目（2个）", None, 300],
            FIRST,
            SECOND,
            ["二", "基础设施项目（1个）", None, 400],
            [1, "丙道路", "铁西区", 400],
            ["备注：数据截至9月底"],
        )
    )
    assert filed.ledger == [
        {**A, "category": "工业"},
        {**B, "category": "工业"},
        {"name": "丙道路", "area_id": "210106", "investment_total": 400, "category": "基础设施"},
    ]
    assert all(item["agrees"] for item in filed.plain["subtotals"])
    assert {item["row"] for item in filed.plain["subtotals"]} == {2, 3, 6}


@pytest.mark.parametrize(
    "head", ["一、工业项目(2个)", "（一）工业", "一、工业", "工业项目", "——工业", "【工业】（2个）"]
)
def test_a_category_may_be_written_in_many_ways(file: File, head: str) -> None:
    filed = file(sheet(HEADS, [None, head], FIRST, SECOND))
    assert filed.ledger == [{**A, "category": "工业"}, {**B, "category": "工业"}]


@pytest.mark.parametrize(
    ("head", "nature"),
    [("续建项目(597个)", "续建"), ("一、新建项目（1项）", "新建"), ("【续建】(1个)", "续建")],
)
def test_the_nature_is_carried_down(file: File, head: str, nature: str) -> None:
    filed = file(sheet(HEADS, [None, head, None, 100], FIRST))
    assert filed.ledger == [{**A, "nature": nature}]


@pytest.mark.parametrize("name", ["和平区", "和 平 区", "和平区（1个）", "一、和平区", "沈阳市和平区"])
def test_an_area_that_has_a_row_of_its_own_is_carried_down(file: File, name: str) -> None:
    heads: Row = ["序号", "项目名称", "总投资（万元）"]
    filed = file(
        sheet(
            heads,
            [None, name, 100],
            [1, "甲项目", 100],
            ["沈河区", 1, 200],
            [1, "乙项目", 200],
            ["市直"],
            [1, "丙项目", 300],
        )
    )
    assert filed.ledger == [A, B, {"name": "丙项目", "area_id": "210100-direct", "investment_total": 300}]


def test_an_area_above_its_categories_is_carried_past_them(file: File) -> None:
    heads: Row = ["序号", "项目名称", "总投资（万元）"]
    filed = file(
        sheet(
            heads,
            [None, "和平区"],
            ["一", "工业"],
            [1, "甲项目", 100],
            [None, "沈河区"],
            ["一", "服务业"],
            [1, "乙项目", 200],
        )
    )
    assert filed.ledger == [{**A, "category": "工业"}, {**B, "category": "服务业"}]


def test_a_category_ends_with_its_area(file: File) -> None:
    heads: Row = ["序号", "项目名称", "总投资（万元）"]
    filed = file(
        sheet(
            heads, [None, "和平区"], ["一", "工业"], [1, "甲项目", 100], [None, "沈河区"], [1, "乙项目", 200]
        )
    )
    assert filed.ledger in ([{**A, "category": "工业"}, B], [])


@pytest.mark.parametrize(
    "row",
    [
        ["合计", None, None, 300],
        [None, "合计", None, 300],
        ["总计", "2个", None, 300],
        [None, "合  计", None, 300],
        [None, "全市合计（2个）", None, 300],
        [None, "小计", None, 300],
        [None, "其中：工业", None, 100],
        [None, "（共2项）"],
        [None, "共2个项目"],
        ["市教育局", 2, None, 300],
        ["备注：以上不含土地费用"],
        ["注：本表每月25日前报送"],
        [None, "说明：总投资以批复为准"],
        ["填表人：张某", None, "审核人：李某"],
        ["单位负责人：", None, "填报日期：2024年9月25日"],
        ["填报单位（盖章）：市发展改革委"],
        ["2024年9月25日"],
        ["截至9月底，全市共有项目2个，总投资300万元，完成投资100万元。"],
        ["序号", "项目名称", "责任地区", "总投资（万元）"],
        [None, "——", "——", "——"],
        [3, "待定", None, "/"],
    ],
)
def test_a_row_that_is_no_project_is_never_one(file: File, row: Row) -> None:
    filed = file(sheet(HEADS, FIRST, SECOND, row))
    assert filed.ledger in ([A, B], [])
    assert filed.rows or filed.speaks_of(4)


@pytest.mark.parametrize(
    ("row", "stated", "read"),
    [
        (["合计", "2个", None, 400], "400", "300"),
        ([None, "小计", None, 30], "30", "300"),
        (["总计", None, None, 1300], "1300", "300"),
    ],
)
def test_a_sum_that_does_not_agree_is_said_with_both_numbers(
    file: File, row: Row, stated: str, read: str
) -> None:
    filed = file(sheet(HEADS, FIRST, SECOND, row))
    assert filed.ledger == [A, B]
    (sum_,) = [item for item in filed.plain["subtotals"] if item["column"] == "investment_total"]
    assert (sum_["row"], sum_["column"], sum_["agrees"]) == (4, "investment_total", False)
    sentences = [item["sentence"].replace(",", "") for item in filed.warnings if 4 in item["rows"]]
    assert any(stated in sentence and read in sentence for sentence in sentences)


def test_a_group_whose_sum_does_not_agree_is_said(file: File) -> None:
    filed = file(
        sheet(
            HEADS,
            ["一", "工业（2个）", None, 900],
            FIRST,
            SECOND,
            ["二", "服务业", None, 5],
            [1, "丙项目", "和平区", 5],
        )
    )
    assert [item["row"] for item in filed.plain["subtotals"] if not item["agrees"]] == [2]
    assert filed.speaks_of(2, "总投资")


def test_a_number_of_projects_that_does_not_agree_is_said(file: File) -> None:
    assert file(sheet(HEADS, ["一", "工业项目（3个）"], FIRST, SECOND)).speaks_of(2, "3", "2")


# 1.8: real names


@pytest.mark.parametrize(
    "name",
    [
        "君澜府小区",
        "汉中综合保税区",
        "沈阳大学新校区",
        "城市展厅",
        "一、二号线延伸工程",
        "合计算力中心",
        "小计算机产业园",
        "老旧小区改造（12个）",
        "说明书印刷厂",
        "备用水源地",
        "全市域供水管网",
        "三期",
        "5-8号楼",
        "=1+1",
        "+主体改造",
        "@云平台",
        "-20℃冷库",
        "<script>alert(1)</script>",
        "🚀航天产业园",
        "铁西区政府广场改造",
        "工业大学迁建",
        "无人机基地",
        "2024年老旧小区改造",
    ],
)
def test_a_numbered_row_with_money_is_a_project_whatever_its_name(file: File, name: str) -> None:
    assert file(sheet(HEADS, FIRST, [2, name, "沈河区", 200])).ledger == [A, {**B, "name": name}]


# 1.9, 3.6.8: names


@pytest.mark.parametrize(
    "name", ["★甲项目", "甲项目★", "■甲项目", "▲甲项目", "★ 甲项目", "甲项目 ▲", "★■甲项目"]
)
def test_a_mark_is_no_part_of_the_name(file: File, name: str) -> None:
    assert file(sheet(HEADS, [1, name, "和平区", 100])).ledger == [A]


@pytest.mark.parametrize(
    "name", ["甲\n项目", "甲项目 ", " 甲项目\n", "甲\r\n项目", f"甲{CARRIAGE}\n项目", "甲项目\u200b"]
)
def test_white_space_is_no_part_of_the_name(file: File, name: str) -> None:
    assert file(sheet(HEADS, [1, name, "和平区", 100])).ledger == [A]


def test_one_name_in_several_batches_is_several_projects_where_their_codes_differ(file: File) -> None:
    heads: Row = [*HEADS, "建设批次", "项目代码"]
    codes = ["2401-210102-04-01-100001", "2401-210102-04-01-100002"]
    filed = file(sheet(heads, [*FIRST, "第一批", codes[0]], [2, "甲项目", "和平区", 300, "第二批", codes[1]]))
    assert filed.ledger == [
        {**A, "project_code": codes[0]},
        {**A, "investment_total": 300, "project_code": codes[1]},
    ]


@pytest.mark.parametrize(
    ("word", "area"),
    [
        ("沈阳市和平区", "210102"),
        ("辽宁省沈阳市和平区", "210102"),
        ("和平", "210102"),
        ("和 平 区", "210102"),
        ("铁西区(经开区)", "210106"),
        ("铁西区（经开区）", "210106"),
        ("浑南区（高新区）", "210112"),
        ("东陵区", "210112"),
        ("市直", "210100-direct"),
    ],
)
def test_an_area_has_many_names(file: File, word: str, area: str) -> None:
    assert file(sheet(HEADS, [1, "甲项目", word, 100])).ledger == [{**A, "area_id": area}]


# 1.10, 3.6.2, 3.6.4: numbers of rows, merged cells, one project over two rows


@pytest.mark.parametrize(
    "numbers",
    [[1, 1], ["1", "2"], [1.0, 2.0], ["1-1", "1-2"], ["（1）", "（2）"], [None, None]],
)
def test_the_number_of_a_row_is_no_key(file: File, numbers: Row) -> None:
    filed = file(sheet(HEADS, [numbers[0], *FIRST[1:]], [numbers[1], *SECOND[1:]]))
    assert filed.ledger == [A, B]


def test_projects_numbered_like_groups_are_taken_or_refused(file: File) -> None:
    filed = file(sheet(HEADS, ["一", *FIRST[1:]], ["二", *SECOND[1:]]))
    assert filed.ledger in ([A, B], [])
    assert filed.rows or filed.plain["refused"]


@pytest.mark.parametrize("form", ["xlsx", "xls", "ods"])
def test_a_merged_area_holds_for_all_its_rows(file: File, form: str) -> None:
    filed = file(
        sheet(HEADS, FIRST, [2, "乙项目", None, 200], [3, "丙项目", None, 300], merges=[(1, 2, 2, 2)]),
        form=form,
    )
    assert filed.ledger == [
        A,
        {**B, "area_id": "210102"},
        {"name": "丙项目", "area_id": "210100-unassigned", "investment_total": 300},
    ]


def test_merged_money_is_never_counted_twice(file: File) -> None:
    filed = file(sheet(HEADS, FIRST, [2, "乙项目", "沈河区", None], merges=[(1, 3, 2, 3)]))
    assert [row.get("investment_total") for row in filed.ledger] in ([], [100, None], [None, None])
    assert filed.speaks_of(3, "总投资")


@pytest.mark.parametrize("mark", ["同上", "〃", "″", "同 上", '"', "〞"])
def test_ditto_marks_repeat_the_row_above(file: File, mark: str) -> None:
    heads: Row = ["项目名称", "责任地区", "项目单位", "总投资（万元）"]
    filed = file(
        sheet(
            heads,
            ["甲项目", "和平区", "城投", 100],
            ["乙项目", mark, mark, 200],
            ["丙项目", mark, "水务", 300],
        )
    )
    assert filed.ledger == [
        {**A, "owner": "城投"},
        {**B, "area_id": "210102", "owner": "城投"},
        {"name": "丙项目", "area_id": "210102", "owner": "水务", "investment_total": 300},
    ]


def test_a_ditto_mark_for_an_amount_is_never_an_amount_in_silence(file: File) -> None:
    filed = file(sheet(HEADS, FIRST, [2, "乙项目", "沈河区", "同上"]))
    assert [row.get("investment_total") for row in filed.ledger] in ([], [100, None])
    assert filed.speaks_of(3, "总投资")


def test_the_second_row_of_a_project_is_no_project(file: File) -> None:
    heads: Row = ["序号", "项目名称", "责任地区", "总投资（万元）", "投资来源", "金额（万元）"]
    rows: list[Row] = [[1, "甲项目", "和平区", 100, "财政", 60], [None, None, None, None, "贷款", 40]]
    merges = [(1, place, 2, place) for place in range(4)]
    filed = file(sheet(heads, *rows, [2, "乙项目", "沈河区", 200, "自筹", 200], merges=merges))
    assert filed.ledger in ([A, B], [])
    assert filed.rows or filed.speaks_of(3)


# 1.11: data beside their headings


def test_a_heading_merged_over_two_columns_does_not_move_the_data(file: File) -> None:
    filed = file(
        sheet(
            ["项目名称", None, "责任地区", "总投资（万元）", "年度计划投资（万元）"],
            ["甲项目", "和平区", 100, 40, None],
            merges=[(0, 0, 0, 1)],
        )
    )
    assert filed.ledger == []
    assert filed.plain["refused"]


def test_money_beside_its_heading_is_never_taken_in_silence(file: File) -> None:
    filed = file(
        sheet(
            ["责任地区", "项目名称", None, "总投资（万元）", "年度计划投资（万元）"],
            ["和平区", "甲项目", 100, 40, None],
            merges=[(0, 1, 0, 2)],
        )
    )
    assert filed.ledger in ([], [{**A, "plan_year": 40}]) or filed.speaks_of(2)


# 1.12, 3.6.7: dates


@pytest.mark.parametrize(
    ("cell", "last", "precision"),
    [
        (date(2025, 3, 5), date(2025, 3, 5), "day"),
        ("2025-03-05", date(2025, 3, 5), "day"),
        ("2025/3/5", date(2025, 3, 5), "day"),
        ("2025.3.5", date(2025, 3, 5), "day"),
        ("2025.03.05", date(2025, 3, 5), "day"),
        ("2025年3月5日", date(2025, 3, 5), "day"),
        ("２０２５年３月５日", date(2025, 3, 5), "day"),
        ("20250305", date(2025, 3, 5), "day"),
        (20250305, date(2025, 3, 5), "day"),
        (45597, date(2024, 11, 1), "day"),
        (45597.5, date(2024, 11, 1), "day"),
        ("45597", date(2024, 11, 1), "day"),
        ("2025年3月", date(2025, 3, 31), "month"),
        ("2025年03月", date(2025, 3, 31), "month"),
        ("2025.3", date(2025, 3, 31), "month"),
        ("2025.03", date(2025, 3, 31), "month"),
        (2025.03, date(2025, 3, 31), "month"),
        ("2025-03", date(2025, 3, 31), "month"),
        ("202503", date(2025, 3, 31), "month"),
        (202503, date(2025, 3, 31), "month"),
        ("2025年3月底", date(2025, 3, 31), "month"),
        ("2025.10", date(2025, 10, 31), "month"),
        ("2025.12", date(2025, 12, 31), "month"),
        (2025.12, date(2025, 12, 31), "month"),
        ("2025年三季度", date(2025, 9, 30), "quarter"),
        ("2025年第3季度", date(2025, 9, 30), "quarter"),
        ("2025Q3", date(2025, 9, 30), "quarter"),
        ("2025年底", date(2025, 12, 31), "month"),
        ("2025年", date(2025, 12, 31), "year"),
        (2025, date(2025, 12, 31), "year"),
        ("2025", date(2025, 12, 31), "year"),
    ],
)
def test_a_date_keeps_how_exactly_it_is_known(file: File, cell: Cell, last: date, precision: str) -> None:
    filed = file(sheet([*HEADS, "计划竣工时间"], [*FIRST, cell]))
    assert filed.ledger == [{**A, "completion_due_on": last, "completion_due_on_precision": precision}]


def test_a_date_shown_as_a_month_is_known_to_the_month(file: File) -> None:
    shown = Shown(date(2025, 3, 1), 'yyyy"年"m"月"', "2025年3月")
    filed = file(sheet([*HEADS, "计划竣工时间"], [*FIRST, shown]))
    month = {**A, "completion_due_on": date(2025, 3, 31), "completion_due_on_precision": "month"}
    assert filed.ledger == [month] or filed.speaks_of(2, "计划竣工时间")


@pytest.mark.parametrize(
    "cell",
    [
        2025.1,
        "2025.1",
        "已开工",
        "2013-2015",
        "2023年至2025年",
        "08.5-11.12",
        "08．5－11．12",
        "尽快",
        "2025-02-30",
        "2025年13月",
        "施工许可后三个月",
        94821,
        10000,
        "12345678",
        0,
        1,
        Fault("#REF!"),
    ],
)
def test_what_is_no_certain_date_is_said(file: File, cell: Cell) -> None:
    filed = file(sheet([*HEADS, "计划竣工时间"], [*FIRST, "2024年12月"], [*SECOND, cell]))
    assert filed.speaks_of(3, "计划竣工时间")
    stored = [row.get("completion_due_on") for row in filed.ledger[1:]]
    january_or_october = [date(2025, 1, 31), date(2025, 10, 31)] if str(cell) == "2025.1" else []
    assert stored in ([], [None]) or stored[0] in january_or_october


def test_a_month_without_its_year_is_of_this_year_or_said(file: File) -> None:
    filed = file(sheet([*HEADS, "计划竣工时间"], [*FIRST, "12月底"]))
    december = {**A, "completion_due_on": date(2024, 12, 31), "completion_due_on_precision": "month"}
    assert filed.ledger == [december] or filed.speaks_of(2, "计划竣工时间")


def test_years_from_to_are_no_single_date(file: File) -> None:
    filed = file(sheet([*HEADS, "建设起止年限"], [*FIRST, "2023-2025"]))
    assert [{name: row[name] for name in A} for row in filed.ledger] == [A]
    assert all(row.get("started_on") is None and row.get("completed_on") is None for row in filed.ledger)


def test_begun_or_to_begin_in_one_column_proves_no_start(file: File) -> None:
    filed = file(sheet([*HEADS, "开工/计划开工时间"], [*FIRST, "2025年3月"]))
    assert all(row.get("started_on") is None for row in filed.ledger)


# 1.13, 3.6.9: several sheets, hidden things


LEDGER = (HEADS, FIRST, SECOND)


@pytest.mark.parametrize(
    "other",
    [
        sheet(
            ["责任地区", "项目个数", "总投资（万元）"], ["和平区", 1, 100], ["合计", 2, 300], name="汇总表"
        ),
        sheet(["项目类别", "项目个数", "总投资"], ["工业", 2, 300], name="统计表"),
        sheet(
            ["隶属区县", "项目\n类型", "求和项:总投资\n（万元）", "求和项:合计"],
            ["和平区", "工业", 100, 1],
            name="透视",
        ),
        sheet(
            ["乡镇名称", "项目个数", "开工率", "总投资", "年计划投资", "1-9月完成投资"],
            ["和平区", 1, 1, 100, 5, 3],
            name="镇",
        ),
        sheet(["和平区", "前期", "新开工", 2025], ["沈河区", "在建", "续建", 2026], name="Sheet2"),
        sheet(["填报说明：项目名称填写批复名称，责任地区从下拉框选择"], name="填表说明"),
    ],
)
def test_only_the_ledger_is_read_and_the_other_sheet_is_named(file: File, other: Grid) -> None:
    for filed in (file(other, sheet(*LEDGER)), file(sheet(*LEDGER), other)):
        assert filed.ledger == [A, B]
        left_out = {
            item["name"]: item["why"] for item in filed.plain["sheets"] if item["verdict"] == "left_out"
        }
        assert left_out[other.name]


def test_a_ledger_over_two_sheets_is_read_whole(file: File) -> None:
    filed = file(sheet(HEADS, FIRST, name="第一批"), sheet(HEADS, [1, *SECOND[1:]], name="第二批"))
    assert filed.ledger == [A, B]


def test_sheets_by_district_are_read_or_refused(file: File) -> None:
    heads: Row = ["序号", "项目名称", "总投资（万元）"]
    filed = file(
        sheet(heads, [1, "甲项目", 100], name="和平区"), sheet(heads, [1, "乙项目", 200], name="沈河区")
    )
    assert filed.ledger in ([A, B], [])
    assert filed.rows or filed.plain["refused"]


def test_a_hidden_ledger_is_left_out_and_named(file: File) -> None:
    filed = file(sheet(*LEDGER), sheet(HEADS, [1, "旧项目", "和平区", 900], name="旧", is_hidden=True))
    assert filed.ledger == [A, B]
    (old,) = [item for item in filed.plain["sheets"] if item["name"] == "旧"]
    assert (old["verdict"], old["is_visible"]) == ("left_out", False)


@pytest.mark.parametrize("form", ["xlsx", "xls", "ods"])
def test_hidden_rows_are_counted_and_said(file: File, form: str) -> None:
    filed = file(sheet(*LEDGER, hidden_rows={2}), form=form)
    assert filed.ledger in ([A, B], [A])
    assert filed.plain["sheets"][0]["hidden_rows"] == 1
    assert filed.speaks_of(None, "隐藏")


def test_a_hidden_column_is_read_as_any_other(file: File) -> None:
    assert file(sheet(*LEDGER, hidden_columns={3})).ledger == [A, B]


# 1.14, 3.6.9: the file itself


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_ledger_comes_out_of_every_format(file: File, form: str) -> None:
    heads: Row = ["项目代码", *HEADS, "开工时间", "形象进度"]
    code = "2409-210102-04-01-123456"
    filed = file(
        sheet(heads, [code, 1, "甲项目", "和平区", 100.25, date(2024, 3, 15), "主体；“封顶”"]), form=form
    )
    started = {"started_on": date(2024, 3, 15), "started_on_precision": "day"}
    more = {"project_code": code, "progress_text": "主体；“封顶”", **started}
    assert filed.ledger == [{**A, "investment_total": Decimal("100.25"), **more}]


def test_formulas_count_by_what_was_calculated(file: File) -> None:
    assert file(sheet(HEADS, [1, "甲项目", "和平区", Formula(100.0)])).ledger == [A]


def test_a_formula_never_calculated_is_missing_and_said(file: File) -> None:
    filed = file(sheet(HEADS, FIRST, [2, "乙项目", "沈河区", Formula(None)]))
    assert [row.get("investment_total") for row in filed.ledger] in ([], [100, None])
    assert filed.speaks_of(3, "总投资")


def test_formatted_empty_rows_and_phantom_columns_are_nothing(file: File) -> None:
    assert file(sheet([*HEADS, None, " ", None], [*FIRST, None, " "], padding=3000)).ledger == [A]


def test_a_line_feed_of_windows_is_a_line_feed(file: File) -> None:
    filed = file(sheet([*HEADS, "形象进度"], [*FIRST, f"主体封顶{CARRIAGE}\n二期待建"]))
    assert filed.ledger == [{**A, "progress_text": "主体封顶\n二期待建"}]


# 1.15, 1.16, 3.6.11: stages and lights


@pytest.mark.parametrize(
    ("word", "stage"),
    [
        ("前期", "approved"),
        ("储备", "planned"),
        ("谋划", "planned"),
        ("新开工", "started"),
        ("在建", "started"),
        ("续建", "started"),
        ("竣工", "completed"),
        ("已完工", "completed"),
        ("投产", "produced"),
        ("竣工投产", "produced"),
        ("已签约", "signed"),
    ],
)
def test_a_stage_is_understood_and_kept_as_filed(file: File, word: str, stage: str) -> None:
    (row,) = file(sheet([*HEADS, "项目状态"], [*FIRST, word])).rows
    assert (row["stage_filed"], row["stage_reported"]) == (stage, word)


@pytest.mark.parametrize("word", ["提前", "按计划推进", "执行阶段", "竣工投产或部分竣工投产", "续建结转下年"])
def test_a_stage_that_the_city_does_not_know_is_kept_and_said(file: File, word: str) -> None:
    filed = file(sheet([*HEADS, "项目状态"], [*FIRST, word]))
    (row,) = filed.rows
    assert row["stage_reported"] == word
    assert row["stage_filed"] is not None or filed.speaks_of(2, word)


def test_ticks_under_ahead_on_time_and_behind_are_no_money_and_no_stage(file: File) -> None:
    filed = file(sheet([*HEADS, "提前", "按计划推进", "滞后"], [*FIRST, None, "√", None]))
    assert filed.ledger == [A]


@pytest.mark.parametrize(
    ("heads", "cells"),
    [
        (["项目状态", "实际开工时间"], ["未开工", date(2024, 3, 1)]),
        (["实际开工时间", "实际竣工时间"], [date(2024, 3, 1), date(2024, 2, 1)]),
        (["签约时间", "实际开工时间"], [date(2024, 6, 1), date(2024, 3, 1)]),
        (["实际开工时间"], [date(2025, 3, 1)]),
    ],
)
def test_a_stage_and_dates_that_contradict_are_said(file: File, heads: Row, cells: Row) -> None:
    assert file(sheet([*HEADS, *heads], [*FIRST, *cells])).speaks_of(2)


@pytest.mark.parametrize(
    ("cell", "is_ready"),
    [("√", True), ("是", True), ("✓", True), ("×", False), ("否", False), (None, None), ("—", None)],
)
def test_a_tick_is_yes_and_a_cross_is_no(file: File, cell: Cell, is_ready: bool | None) -> None:
    (row,) = file(sheet([*HEADS, "用地征拆"], [*FIRST, cell])).rows
    assert row["is_land_ready"] is is_ready


# 3.6.10: the same project twice, falling amounts, projects that vanish


def test_the_same_project_in_two_sheets_is_counted_once_and_said(file: File) -> None:
    filed = file(sheet(*LEDGER), sheet(HEADS, FIRST, name="省重点"))
    assert filed.ledger in ([A, B], [])
    assert filed.speaks_of(2, "台账") or filed.speaks_of(2, "省重点")


def test_the_same_project_with_two_amounts_is_refused(file: File) -> None:
    filed = file(sheet(*LEDGER), sheet(HEADS, [1, "甲项目", "和平区", 150], name="省重点"))
    assert filed.ledger == []
    assert filed.speaks_of(2)


def test_a_cumulative_amount_that_falls_is_said(file: File) -> None:
    heads: Row = [*HEADS, "累计完成投资（万元）"]
    file(sheet(heads, [*FIRST, 60], [*SECOND, 60]), period="2024-08")
    filed = file(sheet(heads, [*FIRST, 50], [*SECOND, 70]))
    assert filed.speaks_of(2, "累计完成投资")
    assert not filed.speaks_of(3, "累计完成投资")


def test_a_figure_as_last_month_is_said(file: File) -> None:
    heads: Row = [*HEADS, "本年累计完成投资（万元）"]
    file(sheet(heads, [*FIRST, 50], [*SECOND, 60]), period="2024-08")
    filed = file(sheet(heads, [*FIRST, 50], [*SECOND, 70]))
    assert filed.speaks_of(2, "本年累计完成投资")
    assert not filed.speaks_of(3, "本年累计完成投资")


def test_a_project_that_vanishes_is_in_the_difference(file: File) -> None:
    file(sheet(*LEDGER, [3, "丙项目", "和平区", 300]), period="2024-08")
    filed = file(sheet(HEADS, FIRST))
    assert filed.plain["difference"]["against"] == "2024-08"
    # 沈河区 has not filed: its project is carried on, not gone.
    assert filed.plain["difference"]["counts"]["gone"] == 1


# 3.6.12: codes

CODE = "2409-210102-04-01-123456"


@pytest.mark.parametrize(
    "cell",
    [
        CODE,
        CODE.replace("-", "–"),
        CODE.replace("-", "－"),
        CODE.replace("-", "—"),
        f" {CODE[:12]} {CODE[12:]}\n",
        CODE.replace("-", ""),
    ],
)
def test_a_code_is_the_same_in_every_writing(file: File, cell: str) -> None:
    assert file(sheet([*HEADS, "项目代码"], [*FIRST, cell])).ledger == [{**A, "project_code": CODE}]


def test_a_code_in_small_letters_is_the_same(file: File) -> None:
    code = "2409-210102-04-01-12345X"
    assert file(sheet([*HEADS, "项目代码"], [*FIRST, code.lower()])).ledger == [{**A, "project_code": code}]


@pytest.mark.parametrize(
    "cell", [2.40921010204e23, "2.40921E+23", "240921010204010000000000", 240921010204011234]
)
def test_a_code_that_became_a_number_is_never_stored(file: File, cell: Cell) -> None:
    filed = file(sheet([*HEADS, "项目代码"], FIRST, [*SECOND, cell]))
    assert [row.get("project_code") for row in filed.ledger] in ([], [None, None])
    assert filed.speaks_of(3, "项目代码")


# Money under headings that nobody knows, and secrets


@pytest.mark.parametrize(
    "heading",
    [
        "资金缺口（万元）",
        "专项债券额度（万元）",
        "已拨付工程款（万元）",
        "项目融资需求（万元）",
        "代建投资（万元）",
        "预计新增经济效益-利润（万元）",
        "中央资金（万元）",
        "大干150天力争完成的投资额（万元）",
        "土地购置费及税金（万元）",
    ],
)
def test_money_under_an_unknown_heading_stays_out_and_is_said(file: File, heading: str) -> None:
    filed = file(sheet([*HEADS, heading], [*FIRST, 77]))
    assert filed.ledger == [A]
    assert filed.speaks_of(None, heading)


@pytest.mark.parametrize(
    "heading", ["投资完成率", "占年计划（%）", "占总投资（%）", "完成比例", "总投资完成率(%)"]
)
def test_a_share_is_never_an_amount(file: File, heading: str) -> None:
    for cell in ("65.3%", 0.653, Shown(0.653, "0.0%", "65.3%"), 65.3):
        assert file(sheet([*HEADS, heading], [*FIRST, cell])).ledger == [A]


@pytest.mark.parametrize(
    "rows",
    [
        [["秘密★"], HEADS, FIRST],
        [["沈阳市项目台账", None, "内部★"], HEADS, FIRST],
        [["密级：机密"], HEADS, FIRST],
        [HEADS, FIRST, [2, "机密★乙项目", "沈河区", 200]],
        [[*HEADS, "密级"], [*FIRST, "秘密"]],
        [[*HEADS, "备注"], [*FIRST, "秘密★5年"]],
    ],
)
def test_a_secret_is_refused(file: File, rows: list[Row]) -> None:
    filed = file(sheet(*rows))
    assert filed.plain["exit_code"] == 2
    assert any("本系统不得录入涉密项目" in item["sentence"] for item in filed.plain["refused"])


def test_a_secret_in_a_hidden_row_or_sheet_is_refused(file: File) -> None:
    hidden_row = sheet(HEADS, FIRST, [2, "机密★乙项目", "沈河区", 200], hidden_rows={2})
    hidden_sheet = sheet(["机密★"], HEADS, SECOND, name="内部", is_hidden=True)
    assert file(hidden_row).plain["exit_code"] == 2
    assert file(sheet(*LEDGER), hidden_sheet).plain["exit_code"] == 2


@pytest.mark.parametrize(
    ("number", "form", "amount"),
    [
        (5.0, '0.0"亿元"', 50_000),
        (5.0, '0.0"万元"', 5),
        (5.5, "0.0\\亿", 55_000),
        (100.0, "#,##0.00_);(#,##0.00)", 100),
        (100.0, '_ "¥"* #,##0.00_ ', 100),
    ],
)
def test_a_number_shown_with_a_unit_is_in_that_unit(
    file: File, number: float, form: str, amount: int
) -> None:
    (row,) = file(sheet(HEADS, [*FIRST[:3], Shown(number, form, "")])).ledger
    assert row["investment_total"] == amount


@pytest.mark.parametrize("form", ['0!.0,"万"', "0.00,,", '0!.0000"亿元"', '[>=10000]0!.0,"万";0'])
def test_a_number_shown_smaller_than_it_is_is_refused(file: File, form: str) -> None:
    filed = file(sheet(HEADS, [*FIRST[:3], Shown(12_000.0, form, "1.2万")]))
    assert {item["rule"] for item in filed.plain["refused"]} == {"number_is_shown_as_it_is"}


def test_what_an_unquoted_comma_cuts_off_is_refused_under_a_blank_heading_too(file: File) -> None:
    filed = file(
        sheet(["项目名称", "责任地区", "总投资（万元）", None, "备注"], ["甲", "和平区", "1", "200", "好"]),
        form="csv",
    )
    assert filed.speaks_of(2, "疑有未加引号的逗号")
    assert filed.rows == []


@pytest.mark.parametrize(
    ("note", "headings"), [("单位：万美元", ["总投资"]), ("单位：万元", ["总投资", "协议利用外资"])]
)
def test_a_note_in_a_unit_that_a_column_cannot_have_is_refused(
    file: File, note: str, headings: list[str]
) -> None:
    filed = file(sheet([note], ["项目名称", "责任地区", *headings], ["甲", "和平区", *[5.0] * len(headings)]))
    assert {item["rule"] for item in filed.plain["refused"]} == {"unit_is_certain"}


@pytest.mark.parametrize("area", ["河北省和平区", "天津市和平区", "河北省沈阳和平区"])
def test_an_area_of_the_same_name_elsewhere_is_refused(file: File, area: str) -> None:
    filed = file(sheet(HEADS, [1, "甲", area, 100.0]))
    assert {item["rule"] for item in filed.plain["refused"]} == {"area_is_known"}


@pytest.mark.parametrize(
    "name", ["铁西区", "2.铁西区", "铁西区（2024）", "铁西区2024年9月", "铁西区项目台账"]
)
def test_a_sheet_named_after_an_area_holds_its_projects(file: File, name: str) -> None:
    (row,) = file(sheet(["项目名称", "总投资（万元）"], ["甲", 100.0], name=name)).ledger
    assert row["area_id"] == "210106"


# What stands below 其中 in a numbered list is in the project above it


def test_what_goes_on_below_a_part_is_counted_in_its_project_alone(file: File) -> None:
    filed = file(
        sheet(HEADS, FIRST, [None, "其中：一期", "和平区", 60], [None, "二期", "和平区", 40], SECOND)
    )
    assert filed.ledger == [A, B]
    assert filed.speaks_of(4, "按其中项略过")


@pytest.mark.parametrize("cell", ["¥100", "￥100.00", "100.", "￥ 100万元"])
def test_a_sign_of_the_currency_or_a_lost_decimal_changes_no_amount(file: File, cell: str) -> None:
    assert file(sheet(HEADS, [*FIRST[:3], cell])).ledger == [A]


def test_an_amount_with_a_remark_behind_it_is_kept_as_text_and_said(file: File) -> None:
    filed = file(sheet(HEADS, [*FIRST[:3], "100（含土地）"]))
    assert filed.ledger == [{key: A[key] for key in ("name", "area_id")}]
    assert filed.rows[0]["raw_texts"] == ["总投资（万元）：100（含土地）"]
    assert filed.speaks_of(2, "100（含土地）", "只填一个数")


def test_a_source_of_funds_in_words_is_no_amount(file: File) -> None:
    assert not file(sheet([*HEADS, "资金来源"], [*FIRST, "财政"])).speaks_of(None, "像是金额")
    assert file(sheet([*HEADS, "资金来源"], [*FIRST, 77])).speaks_of(None, "像是金额")


def test_last_month_s_column_is_decided_for_last_month_s_column_only() -> None:
    september, october = (Headings(PROJECTS, "元", period) for period in ("2024-09", "2024-10"))
    assert september.key(["8月完成投资"]) == october.key(["9月完成投资"])
    assert september.key(["8月完成投资"]) != october.key(["8月完成投资"])
    assert september.key(["2023年完成投资"]) != september.key(["2022年完成投资"])
    assert september.usual(["8月完成投资"]) == october.usual(["8月完成投资"])


def test_a_first_group_of_another_kind_stands_below_the_one_above_it(file: File) -> None:
    filed = file(
        sheet(
            ["序号", "项目名称", "总投资（万元）"],
            [None, "一、和平区"],
            [None, "一、工业项目"],
            [1, "甲项目", 100],
            [None, "二、服务业项目"],
            [2, "乙项目", 200],
            [None, "二、沈河区"],
            [3, "丙项目", 300],
        )
    )
    assert [(row["area_id"], row.get("category")) for row in filed.ledger] == [
        ("210102", "工业"),
        ("210102", "服务业"),
        ("210103", None),
    ]


def test_a_first_group_above_the_headings_speaks_for_the_rows_below_them(file: File) -> None:
    filed = file(
        sheet(
            ["2024年重点项目台账"],
            ["（一）工业项目"],
            ["序号", "项目名称", "责任地区", "总投资（万元）"],
            [1, "甲项目", "和平区", 100],
            ["（二）服务业项目"],
            [2, "乙项目", "和平区", 200],
        )
    )
    assert [row.get("category") for row in filed.ledger] == ["工业", "服务业"]


# workbooks.md 2, range: one column for the planned start and completion


@pytest.mark.parametrize(
    ("cell", "start", "end"),
    [
        ("2023-2025", (date(2023, 12, 31), "year"), (date(2025, 12, 31), "year")),
        ("2023年—2025年", (date(2023, 12, 31), "year"), (date(2025, 12, 31), "year")),
        ("2023年3月至2025年12月", (date(2023, 3, 31), "month"), (date(2025, 12, 31), "month")),
        ("2023.03-2025.12", (date(2023, 3, 31), "month"), (date(2025, 12, 31), "month")),
        ("2023-12-2025-06", (date(2023, 12, 31), "month"), (date(2025, 6, 30), "month")),
        ("2023/3/1~2025/6/30", (date(2023, 3, 1), "day"), (date(2025, 6, 30), "day")),
    ],
)
def test_a_span_is_the_planned_start_and_completion(
    file: File, cell: str, start: tuple[date, str], end: tuple[date, str]
) -> None:
    filed = file(sheet([*HEADS, "建设起止年限"], [*FIRST, cell]))
    (row,) = filed.ledger
    assert (row["start_due_on"], row["start_due_on_precision"]) == start
    assert (row["completion_due_on"], row["completion_due_on_precision"]) == end
    assert filed.speaks_of(None, "建设起止年限", "按这一列的起、止读取")


@pytest.mark.parametrize("cell", ["24个月", "2024", "2023年起", "2023.13-2025.1", "10000-20000"])
def test_a_duration_is_kept_as_text(file: File, cell: str) -> None:
    filed = file(sheet([*HEADS, "建设年限"], [*FIRST, cell]))
    assert filed.ledger == [A | {"construction_span": cell}]
    assert filed.speaks_of(2, cell, "只保留原文")


def test_a_column_of_its_own_counts_before_the_span(file: File) -> None:
    (row,) = file(
        sheet(
            ["计划竣工时间", *HEADS, "建设起止年限", "计划开工时间"],
            ["2026年", *FIRST, "2023-2025", None],
        )
    ).ledger
    assert (row["completion_due_on"], row.get("start_due_on")) == (date(2026, 12, 31), None)


def test_a_span_that_ends_before_it_begins_is_said(file: File) -> None:
    assert file(sheet([*HEADS, "建设起止年限"], [*FIRST, "2025-2023"])).speaks_of(2, "先后顺序不对")


def test_a_correction_is_held_against_what_it_takes_the_place_of(file: File) -> None:
    heads = ["项目名称", "责任地区", "总投资（万元）"]
    first = file(sheet(heads, ["甲项目", "和平区", 100], ["乙项目", "沈河区", 200]))
    assert first.plain["correction"] is None
    again = file(sheet(heads, ["甲项目", "和平区", 150]), area_id="210102", commit=False)
    assert again.plain["correction"]["counts"]["changed"] == 1
    assert again.plain["correction"]["counts"]["gone"] == 0, "the other area's rows stay"
    whole = file(sheet(heads, ["甲项目", "和平区", 100]), commit=False)
    assert (whole.plain["correction"]["against"], whole.plain["correction"]["counts"]["gone"]) == (
        "2024-09",
        1,
    )


def test_a_first_phase_may_be_what_had_no_phase_before(file: File) -> None:
    heads = ["项目名称", "项目单位", "责任地区", "总投资（万元）"]
    file(sheet(heads, ["新民光伏玻璃产业园", "新民公司", "新民市", 52000]), period="2024-08")
    for name, asked in (("新民光伏玻璃产业园（一期）", 1), ("新民光伏玻璃产业园（二期）", 0)):
        later = file(sheet(heads, [name, "新民公司", "新民市", 56000]), commit=False)
        assert len(later.plain["identity"]) == asked, name
