"""The workbook comes back: as it was, the problem cells coloured and noted, and a list that links to them."""

import io
import zipfile
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
import python_calamine
import xlsxwriter
import xlwt

from saima.intake import returned as module
from saima.intake.report import Report
from saima.intake.returned import LIST_NAME, LIST_TITLE, MOST_LINES, Problem, returned
from saima.intake.verdicts import Place, Refusal, Remark

Take = Callable[..., Report]
Write = Callable[..., Path]
Put = Callable[[Any, Any], object]

HEADS = ["项目代码", "项目名称", "责任地区", "项目类别", "总投资（万元）", "开工时间"]
GOOD = ["A-1", "甲", "和平区", "工业", 100, "2024-03-01"]
BAD_AREA = ["A-2", "乙", "海淀区", "工业", 100, "2024-03-01"]
ODD_CATEGORY = ["A-3", "丙", "和平区", "航天", 100, "2024-03-01"]
NO_AREA = ["A-4", "丁", None, "工业", 100, "2024-03-01"]

RED, AMBER, BLUE = "FFF4B0B0", "FFFFE2A8", "FFD3E7FB"


def rehearsed(taken: Take, path: Path) -> bytes:
    """The file as it comes back; its package is whole, and another reader opens it."""
    content = returned(path, taken(path, commit=False))
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        for name in package.namelist():
            if name.endswith((".xml", ".rels", ".vml")):
                ElementTree.fromstring(package.read(name))
    names = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names
    assert names == opened(content).sheetnames
    return content


def opened(content: bytes, **said: Any) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content), rich_text=True, **said)


def lines(sheet: Any) -> list[list[Any]]:
    """The rows of the list's table, then those of the blocks below it."""
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=6, max_col=8)]


def block(sheet: Any, heading: str) -> list[list[Any]]:
    """What stands under a heading below the table."""
    found: list[list[Any]] = []
    is_in = False
    for row in lines(sheet):
        if is_in and not any(row):
            break
        if is_in:
            found.append(row)
        is_in = is_in or str(row[0]).startswith(heading)
    return found


def filled(cell: Any) -> str | None:
    return cell.fill.start_color.rgb if cell.fill.fill_type else None


def test_problem_cells_have_the_colour_of_the_gravest_and_a_note(taken: Take, xlsx: Write) -> None:
    sheet = opened(rehearsed(taken, xlsx(HEADS, GOOD, BAD_AREA, ODD_CATEGORY, NO_AREA)))["Sheet1"]
    assert [filled(sheet[cell]) for cell in ("C2", "C3", "D4", "C5")] == [None, RED, AMBER, AMBER]
    assert sheet["C3"].comment.text.startswith("【赛马台】\n拒收：不是沈阳市的地区。允许：和平区、沈河区")
    assert sheet["D4"].comment.text == "【赛马台】\n存疑：参考文件中没有这个项目类别，类别留空，保留原文"
    assert sheet["C2"].comment is None


def test_each_problem_is_a_line_that_links_to_its_cell(taken: Take, xlsx: Write) -> None:
    book = opened(rehearsed(taken, xlsx(HEADS, GOOD, ODD_CATEGORY, BAD_AREA, NO_AREA)))
    listed = book.worksheets[0]
    assert (listed.title, listed["A1"].value, book.active.title) == (LIST_NAME, LIST_TITLE, LIST_NAME)
    assert listed["A2"].value == "报告期 2024-09\u3000台账.xlsx：退回，未写入任何数据"
    assert listed["A3"].value == "读到 4 行，可收 3 行，拒收 1 行；问题 拒收 1 处、存疑 2 处、提示 0 处"
    assert [cell.value for cell in listed[5]] == list(module._HEADINGS)
    table = lines(listed)[:3]
    assert table[0][:6] == [1, "拒收", "Sheet1", 4, "C 责任地区", "海淀区"]
    assert table[0][6] == "不是沈阳市的地区"
    assert table[0][7].startswith("允许：和平区、沈河区")
    assert table[1][:6] == [2, "存疑", "Sheet1", 3, "D 项目类别", "航天"]
    assert table[2][:5] == [3, "存疑", "Sheet1", 5, "C 责任地区"]
    links = [[listed.cell(row, column).hyperlink.location for column in (4, 5)] for row in (6, 7, 8)]
    assert links == [["'Sheet1'!C4"] * 2, ["'Sheet1'!D3"] * 2, ["'Sheet1'!C5"] * 2]
    assert (listed.freeze_panes, listed.auto_filter.ref) == ("A6", "A5:H8")
    assert [sheet.sheet_view.tabSelected for sheet in book] == [True, False]


def test_what_is_only_good_to_know_is_blue(taken: Take, xlsx: Write) -> None:
    heads = ["项目名称", "责任地区", "总投资（万元）"]
    sheet = opened(rehearsed(taken, xlsx(heads, ["甲", "和平区", 12.34567])))["Sheet1"]
    assert filled(sheet["C2"]) == BLUE


def test_a_file_without_a_problem_says_so(taken: Take, xlsx: Write) -> None:
    book = opened(rehearsed(taken, xlsx(HEADS, GOOD)))
    assert lines(book[LIST_NAME]) == [[None] * 6 + ["没有发现问题", None]]
    assert book["Sheet1"]["B2"].value == "甲"


@pytest.mark.parametrize(
    ("objection", "what", "advice"),
    [
        ("不是数字。允许：如 12.5", "不是数字", "允许：如 12.5"),
        (
            "数字中间有空格，疑为两个数，请只填一个。允许：1",
            "数字中间有空格，疑为两个数",
            "请只填一个。允许：1",
        ),
        ("按 1 月读取；如果是 10 月，请写成 2024-10", "按 1 月读取", "如果是 10 月，请写成 2024-10"),
        ("没有总投资列；文件里有的请改列标题", "没有总投资列", "文件里有的请改列标题"),
        ("代码申请中，申请后再填", "代码申请中，申请后再填", "请改正后重新报送"),
        ("不能为负数", "不能为负数", "请改正后重新报送"),
    ],
)
def test_what_is_wrong_and_what_to_do_are_said_apart(objection: str, what: str, advice: str) -> None:
    assert Problem("拒收", None, None, None, None, None, objection).said == (what, advice)


def with_parts(path: Path, change: Callable[[str, bytes], bytes], parts: Iterable[str] = ()) -> Path:
    """The package with its parts changed, and with these parts besides."""
    with zipfile.ZipFile(path) as package:
        held = [(name, change(name, package.read(name))) for name in package.namelist()]
    with zipfile.ZipFile(path, "w") as package:
        for name, part in (*held, *((name, b"<x/>") for name in parts)):
            package.writestr(name, part)
    return path


def dressed_with(tmp_path: Path, put: Put) -> Path:
    path = tmp_path / "台账.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Sheet1")
        sheet.write_row(0, 0, HEADS)
        sheet.write_row(1, 0, GOOD)
        put(book, sheet)
    return path


def dressed(path: Path) -> Path:
    """A ledger with everything that an office dresses it in and that comes back."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
    sheet = book.add_worksheet("It's 台账 😀")
    sheet.merge_range("A1:F1", "重点项目台账", book.add_format({"bold": True, "bg_color": "#FFFF00"}))
    sheet.write_row(1, 0, HEADS)
    for row, cells in enumerate([GOOD, BAD_AREA, ODD_CATEGORY], start=2):
        sheet.write_row(row, 0, cells)
    sheet.write_formula(2, 4, "=50+50", book.add_format({"num_format": "#,##0.00"}), 100)
    sheet.write_formula(4, 1, '="丙"&"<1>"', None, "丙<1>")
    sheet.write_string(3, 1, "=1+1")
    sheet.write_comment("C4", "原来的批注", {"author": "张三"})
    sheet.set_column("B:B", 33)
    sheet.set_row(2, 30)
    sheet.set_row(4, None, None, {"hidden": True})
    sheet.set_column("H:H", None, None, {"hidden": True})
    sheet.autofilter("A2:F5")
    sheet.freeze_panes(2, 1)
    sheet.data_validation("D3:D9", {"validate": "list", "source": ["工业", "农业"]})
    sheet.conditional_format(
        "E3:E9", {"type": "cell", "criteria": ">", "value": 5, "format": book.add_format({"bold": True})}
    )
    sheet.fit_to_pages(1, 0)
    draft = book.add_worksheet("底稿")
    draft.write("A1", "说明")
    draft.hide()
    book.define_name("合计", "='底稿'!$A$1")
    book.close()
    return path


def test_the_rest_of_the_workbook_is_as_it_was(taken: Take, tmp_path: Path) -> None:
    path = dressed(tmp_path / "台账.xlsx")
    before, after = opened(path.read_bytes()), opened(rehearsed(taken, path))
    was, now = before["It's 台账 😀"], after["It's 台账 😀"]
    assert [[cell.value for cell in row] for row in now] == [[cell.value for cell in row] for row in was]
    assert [[cell.number_format for cell in row] for row in now] == [
        [cell.number_format for cell in row] for row in was
    ]
    assert (now["A1"].font.b, filled(now["A1"])) == (True, "FFFFFF00")
    assert str(now.merged_cells) == str(was.merged_cells) == "A1:F1"
    assert now.column_dimensions["B"].width == was.column_dimensions["B"].width
    assert (now.row_dimensions[3].height, now.row_dimensions[5].hidden) == (30, True)
    assert now.column_dimensions["H"].hidden
    assert (now.auto_filter.ref, now.freeze_panes) == ("A2:F5", "B3")
    assert now.data_validations.dataValidation[0].formula1 == '"工业,农业"'
    assert [str(area.sqref) for area in now.conditional_formatting] == ["E3:E9"]
    assert now.page_setup.fitToHeight == 0
    assert after["底稿"].sheet_state == "hidden"
    assert after.defined_names["合计"].attr_text == "'底稿'!$A$1"
    assert now["C4"].comment.text.startswith("原来的批注\n【赛马台】\n拒收：不是沈阳市的地区")
    assert now["C4"].comment.author == "张三"


def test_a_formula_keeps_its_result_and_a_text_stays_text(taken: Take, tmp_path: Path) -> None:
    content = rehearsed(taken, dressed(tmp_path / "台账.xlsx"))
    sheet, results = opened(content).worksheets[1], opened(content, data_only=True).worksheets[1]
    assert (sheet["E3"].value, sheet["E3"].data_type, results["E3"].value) == ("=50+50", "f", 100)
    assert (sheet["B5"].value, results["B5"].value) == ('="丙"&"<1>"', "丙<1>")
    assert (sheet["B4"].value, sheet["B4"].data_type) == ("=1+1", "s")
    read = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(1)
    assert [row[4] for row in read.to_python()[2:]] == [100, 100, 100]


def test_a_link_names_a_sheet_with_an_apostrophe_rightly(taken: Take, tmp_path: Path) -> None:
    listed = opened(rehearsed(taken, dressed(tmp_path / "台账.xlsx")))[LIST_NAME]
    assert listed["D6"].hyperlink.location == "'It''s 台账 😀'!C4"


def test_a_number_is_what_the_file_holds_to_the_letter(taken: Take, tmp_path: Path) -> None:
    def put(book: Any, sheet: Any) -> None:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_number("G2", 5_000_000, day)
        sheet.write_number("H2", 45321.123456789123, day)

    path = dressed_with(tmp_path, put)
    with zipfile.ZipFile(io.BytesIO(returned(path, taken(path, commit=False)))) as package:
        part = package.read("xl/worksheets/sheet2.xml")
    assert b"<v>5000000</v>" in part
    assert b"<v>45321.12345678912</v>" in part
    assert b"#VALUE!" not in part


def test_a_cell_of_several_fonts_keeps_them(taken: Take, tmp_path: Path) -> None:
    path = dressed_with(
        tmp_path, lambda book, sheet: sheet.write_rich_string("H2", "先 ", book.add_format({"bold": 1}), "粗")
    )
    rich = opened(rehearsed(taken, path))["Sheet1"]["H2"].value
    assert (str(rich), rich[0], rich[1].font.b, rich[1].text) == ("先 粗", "先 ", True, "粗")


def test_a_problem_in_a_merged_range_is_marked_where_the_range_begins(taken: Take, tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADS)
        sheet.write_row(1, 0, BAD_AREA)
        sheet.write_row(2, 0, ["A-9", "另一个", "海淀区", "工业", 5, "2024-03-01"])
        sheet.merge_range("C2:C3", "海淀区")
    book = opened(rehearsed(taken, path))
    assert filled(book["Sheet1"]["C2"]) == RED
    assert book["Sheet1"]["C2"].comment.text.count("拒收") == 2
    assert {cell.hyperlink.location for cell in book[LIST_NAME]["D"] if cell.hyperlink} == {"'Sheet1'!C2"}


def test_a_row_without_a_column_is_marked_at_its_name(taken: Take, xlsx: Write) -> None:
    path = xlsx(["序号", *HEADS], [1, *GOOD], [None, *ODD_CATEGORY])
    sheet = opened(rehearsed(taken, path))["Sheet1"]
    assert "没有序号" in sheet["C3"].comment.text


def test_a_sheet_of_that_name_stays_and_ours_has_a_number(taken: Take, xlsx: Write) -> None:
    book = opened(rehearsed(taken, xlsx(HEADS, GOOD, **{LIST_NAME: [["自己的清单"]]})))
    assert book.sheetnames == [f"{LIST_NAME} (2)", "Sheet1", LIST_NAME]
    assert book[LIST_NAME]["A1"].value == "自己的清单"


def corrected(name: str, part: bytes) -> bytes:
    """A part with the district put right, however its characters are written."""
    for encoding, errors in (("utf-8", "strict"), ("ascii", "xmlcharrefreplace")):
        part = part.replace("海淀区".encode(encoding, errors), "沈河区".encode(encoding, errors))
    return part


def test_what_comes_in_again_loses_the_marks_of_the_time_before(taken: Take, tmp_path: Path) -> None:
    path = dressed(tmp_path / "台账.xlsx")
    path.write_bytes(rehearsed(taken, path))
    with_parts(path, corrected)
    report = taken(path, commit=False)
    assert (report.outcome, report.rows_read) == ("rehearsed", 3)
    again = opened(returned(path, report))
    assert again.sheetnames == [LIST_NAME, "It's 台账 😀", "底稿"]
    sheet = again.worksheets[1]
    assert (filled(sheet["C4"]), sheet["C4"].comment.text) == (None, "原来的批注")
    assert filled(sheet["D5"]) == AMBER
    assert sheet["D5"].comment.text.count("【赛马台】") == 1
    assert "海淀区" not in str(lines(again[LIST_NAME]))
    assert [row[2] for row in block(again[LIST_NAME], "没有读取的工作表")] == ["底稿"]


def remarked(rows: Iterable[int], objection: str = "请核对", value: str | None = None) -> Remark:
    return Remark("存疑", "rule", objection, "台账", "项目名称", "B", value, list(rows))


def said(path: Path, *remarks: Remark, refusals: tuple[Refusal, ...] = ()) -> Report:
    """A report with these, as if a file had given cause."""
    return Report(
        path.name, None, "projects", "210100", "2024-09", None, "refused", refusals=refusals, remarks=remarks
    )


def test_a_remark_has_a_line_for_each_row_and_the_list_has_an_end(csv_file: Write) -> None:
    path = csv_file(["序号", "项目名称"], *([str(row), "甲"] for row in range(2, 2_603)))
    book = opened(returned(path, said(path, remarked(range(2, 2_602)))))
    rows = lines(book[LIST_NAME])
    assert [row[3] for row in rows[:MOST_LINES]] == list(range(2, 2_002))
    assert rows[MOST_LINES][6] == "这里只列前 2000 处，另有 600 处；改正后重新报送，可以看到其余的"
    assert [filled(book["台账"][cell]) for cell in ("B2", "B2601", "B2602")] == [AMBER, AMBER, None]


def test_a_note_says_eight_sentences_and_how_many_there_are(csv_file: Write) -> None:
    path = csv_file(["序号", "项目名称"], ["1", "甲"])
    remarks = [remarked([2], f"第 {number} 条") for number in range(1, 13)]
    note = opened(returned(path, said(path, *remarks)))["台账"]["B2"].comment.text
    assert note.split("\n")[-2:] == ["存疑：第 8 条", f"等 12 条，见“{LIST_NAME}”"]


def test_text_of_the_ledger_is_text_in_the_list(csv_file: Write) -> None:
    path = csv_file(["序号", "项目名称"], ["1", "甲"])
    wild = ["=cmd|'/c calc'!A1", "+1", "@x", "a\x07b", "_x0041_", "长" * 40_000]
    content = returned(path, said(path, *(remarked([2], value=value) for value in wild)))
    listed = opened(content)[LIST_NAME]
    found = [listed.cell(row, 6) for row in range(6, 12)]
    assert {cell.data_type for cell in found} == {"s"}
    assert [cell.quotePrefix for cell in found[:3]] == [True] * 3
    assert [cell.value for cell in found[:4]] == ["=cmd|'/c calc'!A1", "+1", "@x", "ab"]
    assert len(found[5].value) < 32_767
    read = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    assert read.to_python()[9][5] == "_x0041_"


def test_the_same_report_gives_the_same_bytes(taken: Take, tmp_path: Path) -> None:
    path = dressed(tmp_path / "台账.xlsx")
    report = taken(path, commit=False)
    content = returned(path, report)
    assert content == returned(path, report)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert b">2000-01-01T00:00:00Z</dcterms:modified>" in package.read("docProps/core.xml")


def test_a_csv_comes_back_as_a_workbook_of_its_text(taken: Take, csv_file: Write) -> None:
    heads = ["项目代码", "项目名称", "责任地区"]
    path = csv_file(
        heads, ["0012", "=1+1", "海淀区"], ["A-1", "-乙", "和平区"], name="台[账]x.csv", encoding="gb18030"
    )
    book = opened(rehearsed(taken, path))
    assert book.sheetnames == [LIST_NAME, "台_账_x"]
    sheet = book["台_账_x"]
    assert [[cell.value for cell in row] for row in sheet] == [
        heads,
        ["0012", "=1+1", "海淀区"],
        ["A-1", "-乙", "和平区"],
    ]
    assert {cell.data_type for row in sheet for cell in row} == {"s"}
    assert (sheet["B2"].quotePrefix, filled(sheet["C2"])) == (True, RED)
    assert book[LIST_NAME]["D6"].hyperlink.location == "'台_账_x'!C2"
    assert block(book[LIST_NAME], "未能保留") == []


def test_an_xls_comes_back_as_an_xlsx_with_its_values_merges_and_dates(taken: Take, tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("台账")
    sheet.write_merge(0, 0, 0, 5, "=1+1")
    for index, heading in enumerate(HEADS):
        sheet.write(1, index, heading)
    for index, cell in enumerate(BAD_AREA[:5]):
        sheet.write(2, index, cell)
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    sheet.write(2, 5, date(2024, 3, 1), day)
    path = tmp_path / "台账.xls"
    book.save(str(path))
    back = opened(rehearsed(taken, path))
    now = back["台账"]
    assert (now["A1"].value, now["A1"].data_type, str(now.merged_cells)) == ("=1+1", "s", "A1:F1")
    assert (now["F3"].value, now["F3"].number_format) == (datetime(2024, 3, 1), "yyyy-mm-dd")  # noqa: DTZ001
    assert (now["E3"].value, filled(now["C3"])) == (100, RED)
    assert "原文件不是 .xlsx" in block(back[LIST_NAME], "未能保留")[0][6]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4 x", b"PK\x03\x04 cut off"])
def test_of_a_file_that_cannot_be_opened_the_list_alone_comes_back(
    taken: Take, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(content)
    book = opened(rehearsed(taken, path))
    assert book.sheetnames == [LIST_NAME]
    first = lines(book[LIST_NAME])[0]
    assert first[:6] == [1, "拒收", None, None, None, None]
    assert "允许：Excel 工作簿" in first[7]


def test_nothing_of_a_secret_workbook_is_written_again(taken: Take, xlsx: Write) -> None:
    for path in (
        xlsx(["机密★"], HEADS, GOOD, name="一.xlsx"),
        xlsx([*HEADS, "密级"], [*GOOD, "秘密"], name="二.xlsx"),
    ):
        content = rehearsed(taken, path)
        assert opened(content).sheetnames == [LIST_NAME]
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            assert not any(b"A-1" in package.read(name) for name in package.namelist())


def test_a_workbook_that_the_library_cannot_load_comes_back_as_its_values(taken: Take, xlsx: Write) -> None:
    path = with_parts(
        xlsx(HEADS, BAD_AREA),
        lambda name, part: part.replace(b'<family val="2"/>', b'<family val="34"/>'),
    )
    with pytest.raises(ValueError, match="could not read stylesheet"):
        openpyxl.load_workbook(path)
    book = opened(rehearsed(taken, path))
    assert (book["Sheet1"]["B2"].value, filled(book["Sheet1"]["C2"])) == ("乙", RED)
    assert "这个文件的写法特殊" in block(book[LIST_NAME], "未能保留")[0][6]


def test_a_workbook_that_comes_back_as_its_values_hides_what_it_hid(taken: Take, tmp_path: Path) -> None:
    def put(book: Any, sheet: Any) -> None:
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.set_column("D:D", None, None, {"hidden": True})
        sheet.merge_range("G1:H2", "合并")
        book.add_worksheet("底稿").hide()

    path = with_parts(
        dressed_with(tmp_path, put),
        lambda name, part: part.replace(b'<family val="2"/>', b'<family val="34"/>'),
    )
    book = opened(rehearsed(taken, path))
    sheet = book["Sheet1"]
    assert (sheet.row_dimensions[1].hidden, sheet.row_dimensions[2].hidden) == (False, True)
    assert (sheet.column_dimensions["C"].hidden, sheet.column_dimensions["D"].hidden) == (False, True)
    assert (str(sheet.merged_cells), book["底稿"].sheet_state) == ("G1:H2", "hidden")


def test_a_workbook_of_the_strict_form_comes_back_as_its_values(taken: Take, xlsx: Write) -> None:
    def strictly(_: str, part: bytes) -> bytes:
        ours, strict = (
            b"schemas.openxmlformats.org/spreadsheetml/2006/main",
            b"purl.oclc.org/ooxml/spreadsheetml/main",
        )
        return part.replace(ours, strict)

    path = with_parts(xlsx(HEADS, BAD_AREA), strictly)
    book = opened(rehearsed(taken, path))
    assert (book["Sheet1"]["B2"].value, filled(book["Sheet1"]["C2"])) == ("乙", RED)


def test_a_problem_of_a_whole_column_is_marked_at_its_heading(taken: Take, xlsx: Write) -> None:
    heads = ["项目代码", "项目名称", "责任地区", "项目类别", "总投资", "开工时间"]
    book = opened(rehearsed(taken, xlsx(["台账"], heads, GOOD)))
    assert "按万元读取" in book["Sheet1"]["E2"].comment.text
    assert [cell.hyperlink.location for cell in book[LIST_NAME]["E"] if cell.hyperlink] == ["'Sheet1'!E2"]


def test_a_workbook_too_large_for_the_library_comes_back_as_its_problem_rows(
    taken: Take, xlsx: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = xlsx(["台账"], HEADS, GOOD, BAD_AREA)
    assert opened(rehearsed(taken, path))["Sheet1"]["B3"].value == "甲"
    monkeypatch.setattr(module, "MOST_CELLS_RETURNED", 15)
    book = opened(rehearsed(taken, path))
    sheet = book["Sheet1"]
    assert [sheet.cell(row, 2).value for row in (2, 3, 4)] == ["项目名称", None, "乙"]
    assert filled(sheet["C4"]) == RED
    assert "超过 15 格，只写回表头和清单所列各行的值" in block(book[LIST_NAME], "未能保留")[0][6]


def chart(book: Any, sheet: Any) -> None:
    drawn = book.add_chart({"type": "column"})
    drawn.add_series({"values": "=Sheet1!$E$2:$E$2"})
    sheet.insert_chart("H3", drawn)


@pytest.fixture
def picture(tmp_path: Path) -> str:
    path = tmp_path / "图.png"
    # One red point, 1 × 1.
    path.write_bytes(
        bytes.fromhex(
            "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
            "0000000c4944415478da63f8cfc0000003010100f70341430000000049454e44ae426082"
        )
    )
    return str(path)


@pytest.mark.parametrize(
    ("put", "mark", "term"),
    [
        (lambda _, sheet: sheet.insert_textbox("H3", "字"), b"<xdr:sp ", "形状、文本框、连接线、组合图形"),
        (lambda _, sheet: sheet.insert_button("H3"), b'ObjectType="Button"', "表单控件、ActiveX 控件"),
        (lambda _, sheet: sheet.insert_checkbox("H3", True), b"XFComplement", "单元格里的复选框"),
        (lambda _, sheet: sheet.add_sparkline("H3", {"range": "E2:F2"}), b"sparklineGroup", "迷你图"),
        (
            lambda _, sheet: sheet.conditional_format("E2:E9", {"type": "data_bar", "bar_solid": True}),
            b"x14:cfRule",
            "条件格式的扩展样式（如数据条的边框、负值颜色）",
        ),
        (
            lambda _, sheet: sheet.write_dynamic_array_formula("H3", "=SORT(E2:F2)"),
            b' cm="1"',
            "动态数组公式（改为普通数组公式）",
        ),
        (
            lambda _, sheet: sheet.ignore_errors({"number_stored_as_text": "A1:A9"}),
            b"ignoredErrors",
            "“忽略错误”的标记（绿色小三角会再出现）",
        ),
        (lambda _, sheet: sheet.set_footer("&P / &N"), b"&amp;P / &amp;N", "页眉页脚"),
        (
            lambda _, sheet: sheet.write_comment("A1", "注", {"visible": True}),
            b"visibility:visible",
            "批注框的大小、字体，是否一直显示",
        ),
    ],
)
def test_what_the_library_does_not_carry_is_named(
    taken: Take, tmp_path: Path, put: Put, mark: bytes, term: str
) -> None:
    path = dressed_with(tmp_path, put)
    content = rehearsed(taken, path)
    assert is_in(path.read_bytes(), mark)
    assert not is_in(content, mark)
    assert [row[6] for row in block(opened(content)[LIST_NAME], "未能保留")] == [term]


@pytest.mark.parametrize(
    ("put", "mark", "term"),
    [
        ("embed_image", b"rdRichValue", "放在单元格里的图片"),
        ("set_background", b"<picture ", "工作表的背景图片"),
    ],
)
def test_pictures_that_the_library_does_not_carry_are_named(
    taken: Take, tmp_path: Path, picture: str, put: str, mark: bytes, term: str
) -> None:
    place = ("H3",) if put == "embed_image" else ()
    path = dressed_with(tmp_path, lambda _, sheet: getattr(sheet, put)(*place, picture))
    content = rehearsed(taken, path)
    assert is_in(path.read_bytes(), mark)
    assert not is_in(content, mark)
    assert [row[6] for row in block(opened(content)[LIST_NAME], "未能保留")] == [term]


@pytest.mark.parametrize(
    ("part", "term"),
    [
        ("xl/vbaProject.bin", "宏"),
        ("xl/ctrlProps/ctrlProp1.xml", "表单控件、ActiveX 控件"),
        ("xl/activeX/activeX1.xml", "表单控件、ActiveX 控件"),
        ("xl/embeddings/Microsoft_Word_Document.docx", "嵌入的对象（如 Word 文档）"),
        ("xl/slicers/slicer1.xml", "切片器、日程表"),
        ("xl/threadedComments/threadedComment1.xml", "批注的回复"),
        ("xl/cellimages.xml", "放在单元格里的图片"),
        ("xl/diagrams/data1.xml", "SmartArt 图示"),
        ("customXml/item1.xml", "自定义 XML 数据"),
        ("xl/connections.xml", "外部数据连接"),
        ("_xmlsignatures/sig1.xml", "数字签名"),
    ],
)
def test_a_part_of_the_package_that_is_gone_is_named(taken: Take, xlsx: Write, part: str, term: str) -> None:
    path = with_parts(xlsx(HEADS, GOOD), lambda _, held: held, [part])
    content = rehearsed(taken, path)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert part not in package.namelist()
    assert [row[6] for row in block(opened(content)[LIST_NAME], "未能保留")] == [term]


def test_a_drop_down_from_another_sheet_in_the_newer_form_is_named(taken: Take, xlsx: Write) -> None:
    extension = (
        b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" '
        b'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
        b'<x14:dataValidations count="1"><x14:dataValidation type="list"/></x14:dataValidations>'
        b"</ext></extLst></worksheet>"
    )
    path = with_parts(
        xlsx(HEADS, GOOD),
        lambda name, part: part.replace(b"</worksheet>", extension) if "sheet1" in name else part,
    )
    listed = opened(rehearsed(taken, path))[LIST_NAME]
    assert [row[6] for row in block(listed, "未能保留")] == ["取自其他工作表的下拉列表"]


def test_a_chart_and_a_picture_come_back_and_nothing_is_said_to_be_lost(
    taken: Take, tmp_path: Path, picture: str
) -> None:
    def put(book: Any, sheet: Any) -> None:
        chart(book, sheet)
        sheet.insert_image("H20", picture)

    content = rehearsed(taken, dressed_with(tmp_path, put))
    assert is_in(content, b"Sheet1'!$E$2:$E$2") or is_in(content, b"Sheet1!$E$2:$E$2")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert "xl/media/image1.png" in package.namelist()
    assert block(opened(content)[LIST_NAME], "未能保留") == []


def is_in(content: bytes, mark: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return any(mark in package.read(name) for name in package.namelist())


def test_what_a_merged_range_covers_is_named(taken: Take, tmp_path: Path) -> None:
    def put(_: Any, sheet: Any) -> None:
        sheet.merge_range("H1:H2", "看得见")
        sheet.write("H2", "被盖住")

    path = dressed_with(tmp_path, put)
    listed = opened(rehearsed(taken, path))[LIST_NAME]
    assert [row[6] for row in block(listed, "未能保留")] == ["合并单元格里被盖住的内容"]
    with_parts(path, lambda name, part: part.replace(b'<family val="2"/>', b'<family val="34"/>'))
    assert opened(rehearsed(taken, path))["Sheet1"]["H2"].value == "被盖住"


def test_sheets_not_read_and_columns_not_known_are_listed(taken: Take, xlsx: Write) -> None:
    path = xlsx([*HEADS, "吉祥物"], [*GOOD, "马"], 说明=[["请于 25 日前报送"]])
    listed = opened(rehearsed(taken, path))[LIST_NAME]
    (left_out,) = block(listed, "没有读取的工作表")
    assert left_out[2] == "说明"
    assert left_out[6].startswith("没有读取：")
    (unmapped,) = block(listed, "没有识别的列")
    assert (unmapped[2], unmapped[4]) == ("Sheet1", "G 吉祥物")
    assert listed["A4"].value == "清单下方还有：没有读取的工作表（1）、没有识别的列（1）"
    below = listed["A4"].hyperlink.location.rpartition("!A")[2]
    assert listed.cell(int(below), 1).value == "没有读取的工作表"


def test_a_total_that_the_rows_do_not_bear_out_is_listed(taken: Take, xlsx: Write) -> None:
    rows = [["A-1", "甲", "和平区", "工业", 100, None], ["A-2", "乙", "和平区", "工业", 50, None]]
    listed = opened(rehearsed(taken, xlsx(HEADS, *rows, [None, "合计", None, None, 170, None])))[LIST_NAME]
    (check,) = block(listed, "合计核对")
    assert check[2:5] == ["Sheet1", 4, "总投资"]
    assert "170" in check[6]
    assert "150" in check[6]


def test_a_place_in_a_sheet_that_is_not_there_is_only_in_the_list(csv_file: Write) -> None:
    path = csv_file(["序号", "项目名称"], ["1", "甲"])
    refusal = Refusal("rule", "工作表「没有」第 3 行不对，请改", "不对，请改", Place("没有", 3))
    book = opened(returned(path, said(path, refusals=(refusal,))))
    assert lines(book[LIST_NAME])[0] == [1, "拒收", "没有", 3, None, None, "不对", "请改"]
    assert [cell.hyperlink for cell in book[LIST_NAME]["D"]] == [None] * len(book[LIST_NAME]["D"])
