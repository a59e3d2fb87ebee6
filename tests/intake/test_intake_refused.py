"""Bad input: one clear sentence with the place, exit 2, nothing written."""

import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saima import store
from saima.__main__ import main
from saima.intake.report import EVERYTHING, Report

Take = Callable[..., Report]
Write = Callable[..., Path]

HEADS = ["项目代码", "项目名称", "责任地区", "总投资（万元）", "开工时间"]
CODE = "2409-210102-04-01-123456"
GOOD = [CODE, "甲", "和平区", 100, "2024-03-01"]


def sentence(report: Report) -> str:
    """The one sentence of a refused file, from which nothing was written."""
    assert (report.outcome, report.exit_code, report.revision) == ("refused", 2, None)
    assert store.revisions("projects", "210100", EVERYTHING) == []
    (refusal,) = report.refusals
    assert refusal.sentence
    return refusal.sentence


@pytest.mark.parametrize(
    "period", ["2024-13", "2024-00", "2024", "24-09", "2024-9", "2024/09", "", "九月", "0001-01"]
)
def test_a_period_that_is_no_month_is_refused(taken: Take, xlsx: Write, period: str) -> None:
    assert "不是年月。允许：如 2024-09" in sentence(taken(xlsx(HEADS, GOOD), period=period))


def test_a_period_that_has_not_begun_is_refused(taken: Take, xlsx: Write) -> None:
    said = sentence(taken(xlsx(HEADS, GOOD), period="2024-11"))
    assert said == "报告期 2024-11 还没有到，收件时间是 2024-10。允许：不晚于收件的月份"
    eve = datetime(2024, 10, 31, 17, tzinfo=UTC)  # already November in the office
    assert taken(xlsx(HEADS, GOOD), period="2024-11", captured_at=eve, commit=False).exit_code == 0


@pytest.mark.parametrize("city", ["999999", "", "../x", "沈阳"])
def test_an_unknown_city_is_refused_with_the_ones_there_are(taken: Take, xlsx: Write, city: str) -> None:
    assert "210100（沈阳市）" in sentence(taken(xlsx(HEADS, GOOD), city=city))


def test_an_unknown_ledger_is_refused_with_the_ones_there_are(taken: Take, xlsx: Write) -> None:
    assert "projects（项目台账）" in sentence(taken(xlsx(HEADS, GOOD), ledger="money"))


def test_an_unknown_area_to_file_for_is_refused_with_the_ones_there_are(taken: Take, xlsx: Write) -> None:
    said = sentence(taken(xlsx(HEADS, GOOD), area_id="海淀区"))
    assert said.startswith("报送地区“海淀区”不是沈阳市的地区。允许：和平区、沈河区")


@pytest.mark.parametrize(
    ("row", "column", "value", "said"),
    [
        (["A-2", "乙", "海淀区", 1, None], "责任地区", "海淀区", "不是沈阳市的地区。允许：和平区、沈河区"),
        (["A-2", "乙", "和平区、海淀区", 1, None], "责任地区", "和平区、海淀区", "不是沈阳市的地区"),
        (["A-2", "乙", "和平区", "一百万", None], "总投资（万元）", "一百万", "不是数字。允许："),
        (["A-2", "乙", "和平区", -1, None], "总投资（万元）", "-1", "不能为负数"),
        (["A-2", "乙", "和平区", 1e15, None], "总投资（万元）", "1000000000000000.0", "金额过大"),
        (["A-2", "乙", "和平区", 1, "2024-02-30"], "开工时间", "2024-02-30", "日历上没有这一天"),
        (["A-2", "乙", "和平区", 1, 12], "开工时间", "12", "不是日期。允许：如 2024-09-15"),
        (["A-2", "—", "和平区", 1, None], "项目名称", "—", "项目名称不能为空"),
        (
            [CODE.replace("-", ""), "乙", "和平区", 1, None],
            "项目代码",
            CODE.replace("-", ""),
            "第 2 行是同一项目（项目代码相同）",
        ),
        ([2.401e23, "乙", "和平区", 1, None], "项目代码", "2.401e+23", "末位已丢失"),
    ],
)
def test_a_row_that_cannot_be_taken_is_named(
    taken: Take, xlsx: Write, row: list[Any], column: str, value: str, said: str
) -> None:
    report = taken(xlsx(HEADS, GOOD, row))
    assert said in sentence(report)
    (refusal,) = report.refusals
    assert (refusal.place.row, refusal.place.column) == (3, column)
    assert refusal.sentence.startswith(f"工作表「Sheet1」第 3 行「{column}」")
    assert refusal.value == value
    assert (report.rows_read, report.rows_refused) == (2, 1)


def test_the_same_name_owner_and_area_twice_is_refused_but_another_phase_is_not(
    taken: Take, xlsx: Write
) -> None:
    heads = ["项目名称", "项目单位", "责任地区"]
    one, two = ["产业园（一期）", "某公司", "和平区"], ["产业园一期", "某公司", "和平区"]
    said = sentence(taken(xlsx(heads, one, two)))
    assert "项目名称、项目单位、责任地区相同" in said
    other = ["产业园二期", "某公司", "和平区"]
    elsewhere = ["产业园一期", "某公司", "沈河区"]
    assert taken(xlsx(heads, one, other, elsewhere), commit=False).exit_code == 0


def test_nothing_is_written_when_one_row_of_many_is_refused(
    taken: Take, xlsx: Write, snapshots: Path
) -> None:
    rows = [[f"B-{number}", f"项目{number}", "和平区", number, None] for number in range(50)]
    rows[30][3] = "很多"
    report = taken(xlsx(HEADS, *rows))
    assert "第 32 行" in sentence(report)
    assert report.rows_taken == 49
    assert list(snapshots.rglob("*")) == []


def test_accepting_the_valid_rows_takes_them_and_names_the_rest(taken: Take, xlsx: Write) -> None:
    report = taken(xlsx(HEADS, GOOD, ["A-2", "乙", "和平区", "很多", "2024-02-30"]), accept_valid=True)
    assert (report.outcome, report.exit_code, report.rows_taken, report.rows_refused) == ("taken", 0, 1, 1)
    assert [refusal.place.column for refusal in report.refusals] == ["总投资（万元）", "开工时间"]
    assert report.rows["name"].to_list() == ["甲"]
    filing = store.revisions("projects", "210100", EVERYTHING)[0].filing("210102")
    assert (filing["rows_read"], filing["rows_taken"], filing["rows_refused"]) == (2, 1, 1)


def test_accepting_the_valid_rows_of_a_file_without_any_writes_nothing(taken: Take, xlsx: Write) -> None:
    assert "不是数字" in sentence(taken(xlsx(HEADS, ["A", "甲", "和平区", "x", None]), accept_valid=True))


def test_a_row_of_another_area_is_refused_in_the_filing_of_one(taken: Take, xlsx: Write) -> None:
    report = taken(xlsx(HEADS, GOOD, ["A-2", "乙", "沈河区", 1, None]), area_id="210102")
    assert "填的是“沈河区”，不是本次报送的地区。允许：和平区" in sentence(report)


def test_a_missing_required_column_is_named_with_those_there_are(taken: Take, xlsx: Write) -> None:
    said = sentence(taken(xlsx(["责任地区", "总投资（万元）", "天气"], ["和平区", 1, "晴"])))
    assert said == (
        "工作表「Sheet1」第 1 行的表头缺少必需的列：项目名称（现有：责任地区、总投资（万元）、天气）"
    )
    said = sentence(taken(xlsx(["项目名称", "总投资（万元）"], ["甲", 1])))
    assert "缺少必需的列：责任地区" in said
    assert "指明报送地区" in said


@pytest.mark.parametrize("rows", [[], [HEADS], [HEADS, [None], ["合计", None, None, 3]]])
def test_an_empty_sheet_is_refused(taken: Take, xlsx: Write, rows: list[list[Any]]) -> None:
    assert sentence(taken(xlsx(*rows))) in {
        "文件里没有内容，工作表都是空的",
        "文件「台账.xlsx」没有项目行，只有表头或空白",
    }


def test_a_sheet_without_headings_is_refused(taken: Take, xlsx: Write) -> None:
    assert "没有找到表头" in sentence(taken(xlsx(["今天", "天气", "不错"], [1, 2, 3])))


def test_two_headings_for_one_amount_are_refused(taken: Take, xlsx: Write) -> None:
    said = sentence(taken(xlsx(["项目名称", "责任地区", "计划总投资", "投资总额"], ["甲", "和平区", 1, 2])))
    assert "「计划总投资」和「投资总额」都像是总投资" in said


def test_a_unit_of_another_currency_is_refused(taken: Take, xlsx: Write) -> None:
    said = sentence(taken(xlsx(["项目名称", "责任地区", "总投资（万美元）"], ["甲", "和平区", 1])))
    assert "单位“万美元”不能用于总投资" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "是空文件（0 字节）"),
        (b"%PDF-1.7\n1 0 obj", "不是工作簿"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "不是工作簿"),
        (b"\xff\xd8\xff\xe0JFIF", "不是工作簿"),
        (b"PK\x03\x04 nothing of a zip", "不是 Excel 工作簿，或已损坏"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 4096, "不是 Excel 工作簿，或已损坏"),
        (
            bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le"),
            "有打开密码",
        ),
        (b"<html><body><table><tr><td>x</td></tr></table>", "是网页或 XML"),
        (b"\x00\x01\x02\x03rubbish\x00", "认不出文字编码"),
        (b"\x81\xff\xff\xfe\xfe", "认不出文字编码"),
        ('项目名称,责任地区\n"甲,和平区\n乙,和平区\n'.encode(), "引号不成对"),
        ("只是一段文字，不是台账。".encode(), "没有找到表头"),
    ],
)
def test_a_file_that_is_no_workbook_is_refused(
    taken: Take, tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(content)
    assert said in sentence(taken(path))


def test_a_word_file_by_the_name_of_a_workbook_is_refused(taken: Take, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "台账.xlsx", "w") as package:
        package.writestr("word/document.xml", "<document/>")
    assert "是 Word 文件" in sentence(taken(tmp_path / "台账.xlsx"))


def test_a_truncated_workbook_is_refused(taken: Take, xlsx: Write) -> None:
    path = xlsx(HEADS, GOOD)
    path.write_bytes(path.read_bytes()[:-200])
    assert "不是 Excel 工作簿，或已损坏" in sentence(taken(path))


def test_a_value_in_the_last_corner_of_a_sheet_is_refused(taken: Take, tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "台账.xlsx"))
    sheet = book.add_worksheet("项目")
    sheet.write_row(0, 0, HEADS)
    sheet.write(1_048_575, 16_383, "x")
    book.close()
    assert "一直填到 XFD1048576" in sentence(taken(tmp_path / "台账.xlsx"))


@pytest.mark.parametrize(
    ("second", "columns"),
    [
        ([None, None, "计划", "实际", None], {"name", "area_text", "start_due_on", "started_on"}),
        ([None, None, None, None, "（万元）"], {"name", "area_text", "started_on"}),
        (["项目名称", "责任地区", "计划", "实际", None], {"name", "area_text", "start_due_on", "started_on"}),
    ],
)
def test_a_second_row_of_headings_is_read_with_the_first(
    taken: Take, xlsx: Write, second: list[Any], columns: set[str]
) -> None:
    heads = ["项目名称", "责任地区", "开工时间", None, "总投资（万元）"]
    report = taken(xlsx(heads, second, ["甲", "和平区", "2024-03-01", None, 5]))
    assert {column["column"] for column in report.sheets[0]["columns"]} == {*columns, "investment_total"}
    assert (report.rows["name"].to_list(), report.rows["investment_total"].to_list()) == (["甲"], [5])


@pytest.mark.parametrize("again", ["总投资（亿元）", "总投资"])
def test_headings_further_down_in_another_unit_are_another_table(
    taken: Take, xlsx: Write, again: str
) -> None:
    heads = ["项目名称", "项目单位", "责任地区", "总投资（万元）"]
    rows = [["甲", "甲公司", "和平区", 1000], [*heads[:3], again], ["乙", "乙公司", "和平区", 30]]
    assert "又有一行表头，列或金额单位与第 1 行的不同" in sentence(taken(xlsx(heads, *rows)))
    report = taken(xlsx(heads, rows[0], ["项目名称", "项目单位", "责任地区", "总投资(万元)"], rows[2]))
    assert sorted(report.rows["investment_total"].to_list()) == [30, 1000]


def test_months_that_no_heading_is_over_are_said_and_left(taken: Take, xlsx: Write) -> None:
    heads = ["项目名称", "责任地区", "总投资（万元）", "8月", "9月"]
    report = taken(xlsx(heads, ["甲", "和平区", 5000, 10, 20]))
    assert "8月、9月等 2 列只写了月份" in " ".join(remark.sentence for remark in report.remarks)
    assert report.rows["invested_month"].to_list() == [None]


def test_amounts_done_of_another_month_beside_this_years_plan_are_said(taken: Take, xlsx: Write) -> None:
    heads = [
        "项目名称",
        "责任地区",
        "总投资（万元）",
        "2024年计划投资（万元）",
        "2024年1-8月完成投资（万元）",
    ]
    report = taken(xlsx(heads, ["甲", "和平区", 5000, 1000, 900]))
    assert "请核对报告期" in " ".join(remark.sentence for remark in report.remarks)


def test_a_date_that_is_not_understood_is_said(taken: Take, xlsx: Write) -> None:
    heads = ["项目名称", "责任地区", "总投资（万元）", "时间节点", None, "开工面积"]
    below = [None, None, None, "开工", "竣工", None]
    report = taken(xlsx(heads, below, ["甲", "和平区", 5, "2024.5", "无", 7]))
    said = [remark.sentence for remark in report.remarks if remark.rule == "dates_are_read"]
    assert [sentence.split("：")[0] for sentence in said] == ["工作表「Sheet1」「时间节点 > 开工」"]


def test_months_under_a_heading_of_the_year_are_not_the_year(taken: Take, xlsx: Write) -> None:
    heads = ["项目名称", "责任地区", "本年完成投资（万元）", None, "总投资（万元）"]
    report = taken(xlsx(heads, [None, None, "1-6月", None, None], ["甲", "和平区", 3, None, 5]))
    assert report.rows["invested_year"].to_list() == [None]
    assert "只有其他年份或月份的金额列" in " ".join(remark.sentence for remark in report.remarks)


def test_a_row_without_a_name_is_no_second_row_of_headings(taken: Take, xlsx: Write) -> None:
    heads = ["项目名称", "责任地区", "开工时间", None, "总投资（万元）"]
    report = taken(xlsx(heads, [None, "和平区", "2024-03-01", None, 5], ["甲", "和平区", None, None, 5]))
    assert "项目名称不能为空" in sentence(report)


@pytest.mark.parametrize(
    "row", ["甲,铁西区,1,200", "甲,铁西区,1,200,", "甲,铁西区,1200,,,9", '甲,铁西区,"1,200",']
)
def test_a_record_longer_than_the_headings_is_refused(taken: Take, tmp_path: Path, row: str) -> None:
    path = tmp_path / "台账.csv"
    path.write_text(f"项目名称,责任地区,总投资（万元）\n{row}\n", encoding="utf-8")
    assert "疑有未加引号的逗号" in sentence(taken(path))


def test_two_noted_units_are_refused_for_a_heading_without_its_own(taken: Take, xlsx: Write) -> None:
    heads = ["项目名称", "责任地区", "总投资", "年度计划投资（万元）"]
    said = sentence(taken(xlsx(["单位: 万元、亿元"], heads, ["甲", "和平区", 2, 3])))
    assert "几种金额单位（万元、亿元），分不清「总投资」" in said


def test_a_missing_file_and_a_folder_are_refused(taken: Take, tmp_path: Path) -> None:
    assert "不存在" in sentence(taken(tmp_path / "没有.xlsx"))
    assert "是文件夹" in sentence(taken(tmp_path))


def _patch(path: Path, old: bytes, new: bytes) -> None:
    """Put something in the first sheet of a workbook that no program would write."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert old in sheet
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(old, new)
    with zipfile.ZipFile(path, "w") as package:
        for name, part in parts.items():
            package.writestr(name, part)


def test_an_error_value_is_refused_with_its_place(taken: Take, xlsx: Write) -> None:
    path = xlsx(HEADS, ["A-1", "甲", "和平区", 1, None])
    _patch(path, b'<c r="D2"><v>1</v></c>', b'<c r="D2" t="e"><v>#REF!</v></c>')
    assert sentence(taken(path)) == (
        "工作表「Sheet1」第 2 行「总投资（万元）」填的是“#REF!”，是公式的错误值，请在工作簿中改正"
    )


@pytest.mark.parametrize("number", ["NaN", "1e999"])
def test_a_number_that_is_none_is_refused_with_its_place(taken: Take, xlsx: Write, number: str) -> None:
    path = xlsx(HEADS, ["A-1", "甲", "和平区", 1, 1])
    _patch(path, b"<v>1</v></c></row>", f"<v>{number}</v></c></row>".encode())
    assert "第 2 行「开工时间」填的是" in sentence(taken(path))


@pytest.mark.parametrize("mark", ["机密", "秘密★10年", "密级：内部", "内部★", "绝密"])
def test_a_sheet_marked_as_secret_is_refused_whole(taken: Take, xlsx: Write, mark: str) -> None:
    assert "本系统不得录入涉密项目" in sentence(taken(xlsx([mark], HEADS, GOOD), accept_valid=True))
    assert "涉密" in sentence(taken(xlsx(HEADS, GOOD, 别的=[["标题"], [mark]]), accept_valid=True))


def test_a_row_marked_as_secret_is_refused_without_repeating_it(taken: Take, xlsx: Write) -> None:
    heads = ["项目名称", "责任地区", "密级"]
    path = xlsx(heads, ["某工程", "和平区", "机密"], ["甲", "和平区", "非密"], ["乙", "和平区", None])
    report = taken(path)
    assert sentence(report) == "工作表「Sheet1」第 2 行标有密级，本系统不得录入涉密项目"
    assert "某工程" not in report.to_json()


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("[columns", "末尾一行不是有效的 TOML，请改正这一行"),
        ('sheet = "甲"\nheader_row = = 3', "第 2 行不是有效的 TOML，请改正这一行"),
        ('[columns.plan_year]\nheading = "x"\nfactor = nan', "大于零的数"),
        ('[columns.plan_year]\nheading = "x"\nfactor = inf', "大于零的数"),
        ('[columns.plan_year]\nheading = "x"\nfactor = 1e300', "大于零的数"),
        ('[columns.signed_on]\nheading = "x"\ndates = ["%Q"]', "只用 %Y %y %m"),
        ('[columns.signed_on]\nheading = "x"\ndates = ["%d/%d/%Y"]', "各一次"),
        ('[columns.signed_on]\nheading = "x"\ndates = ["%d/%m"]', "要有年份"),
        ('[columns.signed_on]\nheading = "x"\ndates = ["%Y%"]', "只用 %Y %y %m"),
        (
            '[columns.plan_year]\nheading = "x"\n[columns.investment_total]\nheading = "X"',
            "「x」只能用于一列",
        ),
        ('ignore = ["x"]\n[columns.plan_year]\nheading = "x"', "不能同时写在 ignore 里"),
        (
            '[columns.investment_total]\nheading = "总投资（万元）"\nunit = "亿元"',
            "「总投资（万元）」写的是万元，映射文件写的是 亿元，请改成一致",
        ),
        ('[columns.investment_total]\nheading = "总投资（万元）"\nfactor = 7', "映射文件写的是 7"),
        ("colums = 1", "「colums」无效。允许：sheet、header_row、ignore、columns"),
        ('[columns.cost]\nheading = "x"', "「columns.cost」无效。允许：parent_id"),
        ("[columns.name]", "「columns.name.heading」无效"),
        ('[columns.name]\nheading = "x"\nunit = "元"', "金额列才有单位"),
        ('[columns.plan_year]\nheading = "x"\nunit = "斤"', "允许：元、千元、万元"),
        ('[columns.plan_year]\nheading = "x"\nfactor = 0', "大于零的数"),
        ('[columns.plan_year]\nheading = "x"\nfactor = 2\nunit = "元"', "只写一个"),
        ('[columns.plan_year]\nheading = "没有的列"', "「没有的列」不在工作表「Sheet1」第 1 行的表头中"),
        ('sheet = "没有"', "没有工作表「没有」。文件里有：Sheet1"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused(taken: Take, xlsx: Write, toml: str, said: str) -> None:
    path = xlsx(HEADS, GOOD)
    mapping = path.with_name("mapping.toml")
    mapping.write_text(toml, encoding="utf-8")
    assert said in sentence(taken(path, mapping_path=mapping))


def test_a_report_that_cannot_be_written_is_refused_before_anything_is_committed(
    xlsx: Write, snapshots: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["intake", str(xlsx(HEADS, GOOD)), "--city", "210100", "--period", "2024-09", "--commit"]
    for place in (tmp_path / "没有" / "r.json", tmp_path):
        assert main([*asked, "--report", str(place)]) == 2
        assert "写不进去，没有读取台账" in capsys.readouterr().err
    assert not snapshots.exists()


def test_two_files_are_not_committed_for_one_scope_one_in_place_of_the_other(
    xlsx: Write, snapshots: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = xlsx(HEADS, GOOD)
    second = first.with_name("又一份.xlsx")
    second.write_bytes(first.read_bytes())
    asked = ["intake", str(first), str(second), "--city", "210100", "--period", "2024-09"]
    assert main([*asked, "--commit"]) == 2
    assert "一次只能入库一个文件" in capsys.readouterr().err
    assert not snapshots.exists()
    assert main(asked) == 0


def test_a_mapping_that_is_not_there_is_refused(taken: Take, xlsx: Write, tmp_path: Path) -> None:
    assert "不存在" in sentence(taken(xlsx(HEADS, GOOD), mapping_path=tmp_path / "x.toml"))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_no_content_at_all_ends_in_a_traceback(taken: Take, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "任意.csv"
    path.write_bytes(content)
    assert taken(path, commit=False).exit_code == 2


CELLS = st.none() | st.text(max_size=12) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.lists(CELLS, min_size=5, max_size=5), max_size=5))
def test_any_cells_are_taken_or_refused_and_every_row_is_accounted_for(
    taken: Take, csv_file: Write, rows: list[list[Any]]
) -> None:
    report = taken(csv_file(HEADS, *rows), commit=False)
    assert report.rows_read == report.rows_taken + report.rows_refused
    assert (report.exit_code == 2) == bool(report.refusals)


LISTED = ["序号", "项目名称", "责任地区", "总投资"]


@pytest.mark.parametrize(
    "rows",
    [
        [["单位：万元"], LISTED, [1, "甲", "和平区", 9], ["单位：亿元"], LISTED, [1, "乙", "和平区", 8.5]],
        [
            ["单位：万元"],
            LISTED,
            [1, "甲", "和平区", 9],
            ["二、外资项目（单位：万美元）"],
            [2, "乙", "和平区", 5],
        ],
        [LISTED, [1, "甲", "和平区", 9], ["注：金额单位为亿元"]],
        [LISTED, ["（单位：亿元）"], [1, "甲", "和平区", 9]],
        [[*LISTED, "单位"], [1, "甲", "和平区", 9, "亿元"], [2, "乙", "和平区", 9, "万元"]],
    ],
)
def test_a_unit_below_the_headings_that_is_another_one_is_refused(
    taken: Take, xlsx: Write, rows: list[list[Any]]
) -> None:
    assert "金额单位" in sentence(taken(xlsx(*rows)))


def test_a_title_that_ends_in_its_unit_states_it(taken: Take, xlsx: Write) -> None:
    report = taken(xlsx(["2024年9月项目完成情况表（亿元）"], LISTED, [1, "甲", "和平区", 1.5]))
    assert report.rows["investment_total"].to_list() == [15000]


def test_a_sheet_without_a_unit_beside_one_in_yi_is_refused(taken: Take, xlsx: Write) -> None:
    stated = [["项目名称", "责任地区", "总投资（亿元）"], ["乙", "和平区", 1]]
    report = taken(xlsx(LISTED, [1, "甲", "和平区", 5], 二=stated))
    assert "没有写明单位，别的列或工作表写的是亿元" in sentence(report)


@pytest.mark.parametrize("numbers", [("1.1", "1.2"), ("1-1", "1-2"), (1.1, 1.2)])
def test_parts_of_a_project_are_not_counted_beside_it(
    taken: Take, xlsx: Write, numbers: tuple[Any, Any]
) -> None:
    rows = [
        [1, "科技城", "和平区", 30],
        [numbers[0], "道路", "和平区", 10],
        [numbers[1], "管网", "和平区", 20],
    ]
    report = taken(xlsx(LISTED, *rows))
    assert [refusal.place.row for refusal in report.refusals] == [3, 4]
    assert "像是第 2 行的子项，会与它重复计算" in report.refusals[0].sentence


def test_a_sheet_of_another_month_is_left_out(taken: Take, xlsx: Write) -> None:
    august = [LISTED, [1, "旧", "和平区", 90]]
    report = taken(xlsx(LISTED, [1, "甲", "和平区", 100], **{"8月": august}))
    assert report.rows["name"].to_list() == ["甲"]
    assert "工作表名写的不是 2024-09，没有读取" in " ".join(remark.sentence for remark in report.remarks)


def test_headings_again_in_another_order_are_refused(taken: Take, xlsx: Write) -> None:
    heads = ["序号", "项目名称", "项目单位", "牵头部门"]
    turned = ["序号", "项目名称", "牵头部门", "项目单位"]
    path = xlsx(heads, [1, "甲", "甲公司", "发改局"], [], turned, [1, "乙", "工信局", "乙公司"])
    assert "又有一行表头，列或金额单位与第 1 行的不同" in sentence(taken(path, area_id="210102"))


def test_a_percentage_is_no_amount(taken: Take, tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "台账.xlsx"))
    page = book.add_worksheet()
    page.write_row(0, 0, ["项目名称", "责任地区", "总投资（万元）"])
    page.write_row(1, 0, ["甲", "和平区"])
    page.write(1, 2, 0.7, book.add_format({"num_format": "0%"}))
    book.close()
    assert "填的是“70%”，不是数字" in sentence(taken(tmp_path / "台账.xlsx"))


@pytest.mark.parametrize("name", ["共计", "沈河区汇总", "累计", "合计金额", "小计2", "平均", "Total", "∑"])
def test_a_sum_by_any_name_is_no_project(taken: Take, xlsx: Write, name: str) -> None:
    heads = ["项目名称", "责任地区", "总投资（万元）"]
    report = taken(xlsx(heads, ["甲", "和平区", 100], [name, None, 100]))
    assert report.rows["name"].to_list() == ["甲"]


@pytest.mark.parametrize("reference", ["A4294967295", "xfd1048576", "ABCD7"])
def test_a_cell_that_no_sheet_has_is_refused_before_it_is_read(
    taken: Take, xlsx: Write, tmp_path: Path, reference: str
) -> None:
    whole = xlsx(["项目名称", "责任地区"], ["甲", "和平区"])
    path = tmp_path / "怪.xlsx"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as target:
        for member in source.namelist():
            content = source.read(member)
            target.writestr(member, content.replace(b'r="A2"', f'r="{reference}"'.encode()))
    assert "最多读 200000 行" in sentence(taken(path))
