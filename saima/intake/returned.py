"""The workbook goes back to who sent it: as it was, the problem cells coloured, and a list of them first."""

import gc
import io
import re
import warnings
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink

from saima.intake import workbook
from saima.intake.package import Unread, sheet_parts
from saima.intake.report import Report
from saima.intake.verdicts import RefusedError, Severity
from saima.intake.workbook import Book, Cell, Sheet

LIST_NAME = "问题清单"

LIST_TITLE = "赛马台问题清单"
"""First cell of the list, by which a workbook that comes in again is known as one that we returned."""

MOST_LINES = 2_000

MOST_CELLS_RETURNED = 600_000
"""openpyxl takes about 600 bytes a cell: a larger workbook comes back as its problem rows alone."""

MOST_SENTENCES = 8
"""How many problems the note of one cell says."""

_NOTE_MARK = "【赛马台】"
_LONGEST_TEXT = 32_000  # of the 32,767 UTF-16 units that Excel allows in a cell
_FILLS: dict[Severity, str] = {"拒收": "FFF4B0B0", "存疑": "FFFFE2A8", "提示": "FFD3E7FB"}
_IF_UNSAID: dict[Severity, str] = {
    "拒收": "请改正后重新报送",
    "存疑": "请核对，属实的不用改",
    "提示": "不用改",
}
_SECRET = frozenset({"sheet_is_not_secret", "row_is_not_secret"})
_HEADINGS = ("序号", "级别", "工作表", "行", "列", "填写的值", "问题", "怎么改")
_WIDTHS = (6, 7, 16, 7, 24, 26, 56, 56)
_STAMP = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Problem:
    """One thing wrong in one place, said as what is wrong and what to do. `row` is None for a column or
    sheet, `letter` for a row or sheet, `sheet` for the file."""

    severity: Severity
    sheet: str | None
    row: int | None
    letter: str | None
    column: str | None
    value: str | None
    objection: str

    @property
    def said(self) -> tuple[str, str]:
        """What is wrong, and what to do about it."""
        match = _ADVICE.fullmatch(self.objection)
        return (match[1], match[2]) if match else (self.objection, _IF_UNSAID[self.severity])


_ADVICE = re.compile(
    r"(.+?)[，；。]((?:允许：|如果[^。“”]*?(?<!申)请|[^，；。“”「」]{0,10}(?<!申)请).*)", re.DOTALL
)
"""What is wrong, up to the first clause that asks for something or says what is allowed."""


def returned(path: Path, report: Report) -> bytes:
    """An XLSX: the file at `path` with what `report` says about it.

    Values, formulas, formats, widths, merges, filters and notes stay; problem cells are coloured and have
    a note; the first sheet lists the problems, with links, and what of the file could not be kept. A CSV,
    XLS, ET or ODS comes back as XLSX. Where the file cannot be opened, or is marked secret, the list alone
    comes back. Raises nothing for what a file may hold.
    """
    plain = report.plain()
    problems = _problems(report, plain)
    try:
        copy = _copied(path, report, plain, problems)
        saved = _saved(copy, report, plain, problems)
    # The library raises whatever it trips over: the values at least come back.
    except Exception:
        copy = _copied(path, report, plain, problems, is_loaded=False)
        saved = _saved(copy, report, plain, problems)
    if copy.original is None:
        return _finished(saved)
    original, names = copy.original, frozenset(copy.titles)
    # The library's workbook is large and a ring of references: it goes before the packages are compared.
    del copy
    gc.collect()
    return _finished(saved, original, names)


def _problems(report: Report, plain: Mapping[str, Any]) -> list[Problem]:
    """Every problem, the gravest first, then in the order of the file."""
    headers = {sheet["name"]: max(sheet["header_rows"] or [1]) for sheet in plain["sheets"]}
    problems = []
    for refusal in report.refusals:
        place = refusal.place
        problems.append(
            Problem(
                "拒收",
                place.sheet,
                place.row,
                place.letter,
                place.column,
                refusal.value,
                refusal.objection,
            )
        )
    for remark in report.remarks:
        rows: Sequence[int | None] = remark.rows or [
            headers.get(remark.sheet or "") if remark.letter else None
        ]
        problems += [
            Problem(
                remark.severity,
                remark.sheet,
                row,
                remark.letter,
                remark.column,
                remark.value,
                remark.objection,
            )
            for row in rows
        ]
    severities, sheets = list(_FILLS), list(headers)
    return sorted(
        problems,
        key=lambda problem: (
            severities.index(problem.severity),
            sheets.index(problem.sheet) if problem.sheet in sheets else -1,
            problem.row or 0,
            column_index_from_string(problem.letter) if problem.letter else 0,
        ),
    )


@dataclass
class _Copy:
    """A workbook to mark. `titles` says under which title it has a sheet of the file, `lost` what it has
    not, `original` is the XLSX that it was loaded from."""

    book: Any
    titles: dict[str, str]
    lost: list[str]
    original: bytes | None = None


def _copied(
    path: Path,
    report: Report,
    plain: Mapping[str, Any],
    problems: Sequence[Problem],
    *,
    is_loaded: bool = True,
) -> _Copy:
    """The workbook to mark: an XLSX as the library loads it, unless it cannot, else its values.

    Raises whatever the library raises.
    """
    if any(refusal.rule in _SECRET for refusal in report.refusals):
        return _Copy(_empty(), {}, ["整个文件：标有密级，内容没有写回，只给出问题清单"])
    try:
        book, content = workbook.read(path), path.read_bytes()
    except (RefusedError, OSError):
        return _Copy(_empty(), {}, ["整个文件：打不开，只给出问题清单"])
    cells = max(sum(len(row) for sheet in book.sheets for row in sheet.rows), _cells_in(content))
    if cells > MOST_CELLS_RETURNED:
        said = (
            f"其他各行和格式：文件有 {cells} 格，超过 {MOST_CELLS_RETURNED} 格，只写回表头和清单所列各行的值"
        )
        return _rebuilt(book, [said], _rows_of(problems[:MOST_LINES], plain))
    if not (_is_xlsx(content) and is_loaded):
        why = "这个文件的写法特殊" if _is_xlsx(content) else "原文件不是 .xlsx"
        said = f"格式、公式、批注、筛选和图表：{why}，只写回各单元格的值、合并和隐藏"
        return _rebuilt(book, [] if any(sheet.is_text for sheet in book.sheets) else [said])
    first = {sheet.name: _first_filled(sheet) for sheet in book.sheets}
    covered = any(_covers(sheet, merged) for sheet in book.sheets for merged in sheet.merged)
    del book
    return _loaded(content, first, ["合并单元格里被盖住的内容"] if covered else [])


def _empty() -> Any:
    book = Workbook()
    book.remove(book.active)
    book.properties.created = datetime(2000, 1, 1)  # noqa: DTZ001 - the same return has the same bytes
    return book


def _is_xlsx(content: bytes) -> bool:
    if not content.startswith(b"PK"):
        return False
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return "xl/workbook.xml" in package.namelist()


def _cells_in(content: bytes) -> int:
    """Cells that an XLSX holds, the empty ones with a format included: these take memory too."""
    if not _is_xlsx(content):
        return 0
    cells = 0
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for name in package.namelist():
            if _SHEET_PART.match(name):
                with package.open(name) as part:
                    while block := part.read(2**20):
                        cells += block.count(b"<c ") + block.count(b":c ")
    return cells


def _rows_of(problems: Iterable[Problem], plain: Mapping[str, Any]) -> dict[str, set[int]]:
    """By sheet, the headings and what stands above them, and the rows that have a problem."""
    rows = {sheet["name"]: set(range(1, max(sheet["header_rows"] or [0]) + 1)) for sheet in plain["sheets"]}
    for problem in problems:
        if problem.sheet is not None and problem.row is not None:
            rows.setdefault(problem.sheet, set()).add(problem.row)
    return rows


def _first_filled(sheet: Sheet) -> tuple[int, int] | None:
    return next(
        (
            (row, column)
            for row, cells in enumerate(sheet.rows, start=1)
            for column, cell in enumerate(cells, start=1)
            if cell is not None
        ),
        None,
    )


def _covers(sheet: Sheet, merged: tuple[int, int, int, int]) -> bool:
    """Whether a merged range holds more than its first cell shows."""
    top, left, bottom, right = merged
    cells = [cell for row in sheet.rows[top : bottom + 1] for cell in row[left : right + 1]]
    return any(cell is not None for cell in cells[1:])


def _loaded(content: bytes, first: Mapping[str, tuple[int, int] | None], lost: list[str]) -> _Copy:
    """The workbook as it is. `first` is a filled cell of each sheet, to know that the library read it.

    Raises ValueError where it did not, and whatever the library raises.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        book = load_workbook(io.BytesIO(content), rich_text=True)
    book.template = False
    for name, place in first.items():
        if place is not None and book[name].cell(*place).value is None:
            raise ValueError(name)
    lost = [*lost, *_not_carried(content), *_warned(str(warning.message) for warning in caught)]
    return _Copy(book, {name: name for name in first}, list(dict.fromkeys(lost)), content)


_SHEET_PART = re.compile(r"xl/(?:work|chart)sheets/[^/]+\.xml")

_NOT_CARRIED = (
    ("宏", r"xl/(?:vbaProject\.bin|macrosheets/.+)", None),
    ("表单控件、ActiveX 控件", r"xl/(?:ctrlProps|activeX)/.+", None),
    ("表单控件、ActiveX 控件", r"xl/drawings/.+\.vml", rb'ObjectType="(?!Note")'),
    ("形状、文本框、连接线、组合图形", r"xl/drawings/[^/]+\.xml", rb"<(?:\w+:)?(?:sp|cxnSp|grpSp)\b"),
    ("SmartArt 图示", r"xl/diagrams/.+", None),
    ("新式图表（如瀑布图、树状图）", r"xl/(?:charts/)?chartEx.+", None),
    ("图表的部分样式", r"xl/charts/(?:style|colors).+", None),
    ("图元文件图片（WMF、EMF）", r"xl/media/.+\.[ew]mf", None),
    ("放在单元格里的图片", r"xl/(?:richData/.+|cellimages\.xml)", None),
    ("单元格里的复选框", r"xl/featurePropertyBag/.+", None),
    ("嵌入的对象（如 Word 文档）", r"xl/embeddings/.+", None),
    ("切片器、日程表", r"xl/(?:slicers|timelines)/.+", None),
    ("批注的回复", r"xl/threadedComments/.+", None),
    ("批注框的大小、字体，是否一直显示", r"xl/comments[^/]*\.xml|xl/comments/.+\.xml", None),
    ("迷你图", _SHEET_PART.pattern, rb"<\w+:sparklineGroup\b"),
    ("条件格式的扩展样式（如数据条的边框、负值颜色）", _SHEET_PART.pattern, rb"<\w+:cfRule\b(?=[^>]*\bid=)"),
    ("取自其他工作表的下拉列表", _SHEET_PART.pattern, rb"<x14:dataValidation\b"),
    ("页眉页脚里的图片", _SHEET_PART.pattern, rb"<(?:\w+:)?legacyDrawingHF\b"),
    ("工作表的背景图片", _SHEET_PART.pattern, rb"<(?:\w+:)?picture\b"),
    ("动态数组公式（改为普通数组公式）", _SHEET_PART.pattern, rb"<c\b[^>]*\bcm="),
    ("“忽略错误”的标记（绿色小三角会再出现）", _SHEET_PART.pattern, rb"<(?:\w+:)?ignoredErrors\b"),
    ("自定义视图", _SHEET_PART.pattern, rb"<(?:\w+:)?customSheetView\b"),
    ("自定义 XML 数据", r"customXml/item\d+\.xml", None),
    ("外部数据连接", r"xl/(?:connections\.xml|queryTables/.+)", None),
    ("数字签名", r"_xmlsignatures/.+", None),
    ("打印机的专用设置", r"xl/printerSettings/.+", None),
)
"""What openpyxl 3.1 does not write again: term, parts of the package, and what stands in such a part."""


def _not_carried(content: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for name in package.namelist():
            rules = [(term, mark) for term, parts, mark in _NOT_CARRIED if re.fullmatch(parts, name)]
            part = package.read(name) if any(mark for _, mark in rules) else b""
            for term, mark in rules:
                if mark is None or re.search(mark, part):
                    yield term


_WARNINGS = {
    "Cannot parse header or footer": "页眉页脚",
    "Unable to read chart": "部分图表",
    "DrawingML support is incomplete": "部分图表和图片",
    "The image ": "部分图片",
    "Failed to load a conditional formatting": "部分条件格式",
    "Data Validation extension": "取自其他工作表的下拉列表",
    "Slicer": "切片器、日程表",
}


def _warned(messages: Iterable[str]) -> Iterator[str]:
    for message in messages:
        yield from (term for start, term in _WARNINGS.items() if message.startswith(start))


def _rebuilt(book: Book, lost: list[str], rows: Mapping[str, set[int]] | None = None) -> _Copy:
    """A new workbook with the values of the file, of these rows of each sheet or of all."""
    copy = _Copy(_empty(), {}, lost)
    for sheet in book.sheets:
        if rows is None or sheet.name in rows:
            title = _free_title(re.sub(r"[\[\]:*?/\\]|^'|'$", "_", sheet.name)[:31], copy.book)
            copy.titles[sheet.name] = title
            _fill(copy.book.create_sheet(title), sheet, rows[sheet.name] if rows else None)
    return copy


def _free_title(title: str, book: Any) -> str:
    """The title, with a number where the workbook has it already."""
    taken = {name.casefold() for name in book.sheetnames}
    free, number = title or "Sheet", 2
    while free.casefold() in taken:
        free, number = f"{title[:26]} ({number})", number + 1
    return free


def _fill(target: Any, sheet: Sheet, rows: set[int] | None) -> None:
    widths: dict[int, int] = defaultdict(int)
    for number, cells in enumerate(sheet.rows, start=1):
        if rows is None or number in rows:
            for index, cell in enumerate(cells, start=1):
                if cell is not None:
                    _put(target.cell(number, index), cell)
                    if number <= 200:
                        widths[index] = max(widths[index], _width(str(cell).split("\n", 1)[0]))
    for index, width in widths.items():
        target.column_dimensions[get_column_letter(index)].width = min(max(width + 2, 9), 40)
    for index in sheet.hidden_columns:
        target.column_dimensions[get_column_letter(index + 1)].hidden = True
    if rows is None:
        for index in sheet.hidden_rows:
            target.row_dimensions[index + 1].hidden = True
        for merged in sheet.merged:
            if not _covers(sheet, merged):
                top, left, bottom, right = (index + 1 for index in merged)
                target.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    if not sheet.is_visible:
        target.sheet_state = "hidden"


def _put(target: Any, cell: Cell) -> None:
    """The value in a cell: text stays text, whatever it begins with."""
    if isinstance(cell, Unread):
        if cell.error:
            _put_text(target, cell.error)
    elif isinstance(cell, str):
        _put_text(target, cell)
    else:
        target.value = cell
        if isinstance(cell, date) and (not isinstance(cell, datetime) or not (cell.hour or cell.minute)):
            target.number_format = "yyyy-mm-dd"


_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def _put_text(target: Any, text: str) -> None:
    """Text as text: no formula, no error value, no escape."""
    clean = _LOOKS_ESCAPED.sub("_x005F_", _NOT_IN_XML.sub("", text))
    if len(clean) > _LONGEST_TEXT:
        clean = clean[:_LONGEST_TEXT] + "……（过长，已截断）"
    target.value = clean
    target.data_type = "s"
    if clean.startswith(("=", "+", "-", "@")):
        target.quotePrefix = True


def _width(text: str) -> int:
    """Columns that the text takes: two for a Chinese character."""
    return sum(2 if character > "\u2e7f" else 1 for character in text)


def _saved(copy: _Copy, report: Report, plain: Mapping[str, Any], problems: Sequence[Problem]) -> bytes:
    """The marked workbook as the library writes it."""
    _take_away_earlier_marks(copy)
    links = _mark(copy, plain, problems)
    lines = _free_title(LIST_NAME, copy.book)
    target = copy.book.create_sheet(lines, 0)
    _write_list(target, copy, report, plain, [(problem, links.get(problem)) for problem in problems])
    for sheet in copy.book.worksheets:
        sheet.sheet_view.tabSelected = sheet is target
    for chart in copy.book.chartsheets:
        for view in chart.sheetViews.sheetView:
            view.tabSelected = False
    copy.book.active = 0
    for view in copy.book.views:
        view.firstSheet = 0
    saved = io.BytesIO()
    copy.book.save(saved)
    return saved.getvalue()


def _take_away_earlier_marks(copy: _Copy) -> None:
    """Our list, colours and notes of an earlier return; the other notes get the size of their text."""
    ours = [sheet for sheet in copy.book.worksheets if sheet["A1"].value == LIST_TITLE]
    for sheet in ours:
        copy.book.remove(sheet)
        copy.titles = {name: title for name, title in copy.titles.items() if title != sheet.title}
    for sheet in copy.book.worksheets:
        # Only the cells that exist: walking the sheet makes all those between them.
        for cell in [cell for cell in sheet._cells.values() if cell.comment]:
            text, mark, _ = cell.comment.text.partition(_NOTE_MARK)
            if mark and ours:
                text = text.rstrip("\n")
                if cell.fill.start_color.rgb in _FILLS.values():
                    cell.fill = PatternFill()
            else:
                text = cell.comment.text
            cell.comment = _note(text, cell.comment.author) if text else None


def _note(text: str, author: str) -> Comment:
    """A note as large as its text, within reason."""
    lines = sum(max(ceil(_width(line) / 44), 1) for line in text.split("\n"))
    return Comment(text, author, width=320, height=min(20 * lines + 16, 420))


def _mark(copy: _Copy, plain: Mapping[str, Any], problems: Iterable[Problem]) -> dict[Problem, str]:
    """Colour the cells and note what is wrong. Returns the link to each that has one."""
    names = {
        sheet["name"]: column["letter"]
        for sheet in plain["sheets"]
        for column in sheet["columns"]
        if column["column"] == "name"
    }
    links: dict[Problem, str] = {}
    marked: dict[tuple[str, str], list[Problem]] = defaultdict(list)
    for problem in problems:
        title = copy.titles.get(problem.sheet or "")
        if title is None or problem.row is None:
            continue
        sheet = copy.book[title]
        letter = problem.letter or names.get(problem.sheet) or _first_letter(sheet, problem.row)
        corner = _corner(sheet, f"{letter}{problem.row}")
        marked[title, corner].append(problem)
        links[problem] = f"'{title.replace(chr(39), chr(39) * 2)}'!{corner}"
    for (title, corner), here in marked.items():
        cell = copy.book[title][corner]
        cell.fill = PatternFill("solid", start_color=_FILLS[here[0].severity])
        lines = [f"{problem.severity}：{_NOT_IN_XML.sub('', problem.objection)[:400]}" for problem in here]
        if len(lines) > MOST_SENTENCES:
            lines[MOST_SENTENCES:] = [f"等 {len(lines)} 条，见“{LIST_NAME}”"]
        said = "\n".join([_NOTE_MARK, *lines])
        own = f"{cell.comment.text}\n" if cell.comment else ""
        cell.comment = _note(own + said, cell.comment.author if cell.comment else "赛马台")
    return links


def _first_letter(sheet: Any, row: int) -> str:
    """Column of the first filled cell of a row."""
    filled = (
        column for column in range(1, sheet.max_column + 1) if sheet.cell(row, column).value is not None
    )
    return str(get_column_letter(next(filled, 1)))


def _corner(sheet: Any, coordinate: str) -> str:
    """The cell that shows: of a merged range the first."""
    if isinstance(sheet[coordinate], MergedCell):
        merged = next(merged for merged in sheet.merged_cells.ranges if coordinate in merged)
        return str(merged.start_cell.coordinate)
    return coordinate


_BOLD = Font(bold=True)
_TITLE = Font(bold=True, size=16)
_LINK = Font(color="FF1B4F8F", underline="single")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_HEAD_FILL = PatternFill("solid", start_color="FFE8EEF5")
_LINE = Border(bottom=Side("thin", color="FFD0D7E0"))


def _write_list(
    target: Any,
    copy: _Copy,
    report: Report,
    plain: Mapping[str, Any],
    problems: Sequence[tuple[Problem, str | None]],
) -> None:
    """The list: what came of the file, a line for each problem, then what is no problem of a cell."""
    for index, width in enumerate(_WIDTHS, start=1):
        target.column_dimensions[get_column_letter(index)].width = width
    counts = {severity: sum(problem.severity == severity for problem, _ in problems) for severity in _FILLS}
    head = [
        LIST_TITLE,
        f"报告期 {report.period}　{report.sentences()[0]}",
        f"读到 {report.rows_read} 行，可收 {report.rows_taken} 行，拒收 {report.rows_refused} 行；"
        + "问题 "
        + "、".join(f"{severity} {count} 处" for severity, count in counts.items()),
    ]
    for number, text in enumerate(head, start=1):
        _put_text(target.cell(number, 1), text)
    target["A1"].font = _TITLE
    top = 5
    _write_line(target, top, _HEADINGS)
    for cell in target[top]:
        cell.font, cell.fill = _BOLD, _HEAD_FILL
    row = top
    for number, (problem, link) in enumerate(problems[:MOST_LINES], start=1):
        row += 1
        _write_problem(target, row, number, problem, link)
    if not problems:
        row += 1
        _write_line(target, row, [None] * 6 + ["没有发现问题"])
    target.freeze_panes = target.cell(top + 1, 1)
    target.auto_filter.ref = f"A{top}:H{row}"
    if len(problems) > MOST_LINES:
        row += 1
        more = len(problems) - MOST_LINES
        said = f"这里只列前 {MOST_LINES} 处，另有 {more} 处；改正后重新报送，可以看到其余的"
        _write_line(target, row, [None] * 6 + [said])
    blocks = [(heading, lines) for heading, lines in _blocks(copy, plain) if lines]
    if blocks:
        named = "、".join(f"{heading}（{len(lines)}）" for heading, lines in blocks)
        _put_text(target["A4"], f"清单下方还有：{named}")
        target["A4"].hyperlink = Hyperlink(ref="", location=f"'{target.title}'!A{row + 2}")
        target["A4"].font = _LINK
    for heading, lines in blocks:
        row += 2
        _put_text(target.cell(row, 1), heading)
        target.cell(row, 1).font = _BOLD
        for line in lines:
            row += 1
            _write_line(target, row, line)


def _write_problem(target: Any, row: int, number: int, problem: Problem, link: str | None) -> None:
    column = " ".join(" ".join(filter(None, (problem.letter, problem.column))).split())
    place = (problem.sheet, problem.row, column or None)
    _write_line(target, row, [number, problem.severity, *place, problem.value, *problem.said])
    target.cell(row, 2).fill = PatternFill("solid", start_color=_FILLS[problem.severity])
    if link:
        for index in (4, 5):
            cell = target.cell(row, index)
            if cell.value is not None:
                cell.hyperlink = Hyperlink(ref="", location=link)
                cell.font = _LINK


def _write_line(target: Any, row: int, line: Sequence[str | int | None]) -> None:
    for index, value in enumerate(line, start=1):
        cell = target.cell(row, index)
        if isinstance(value, str):
            _put_text(cell, value)
        else:
            cell.value = value
        cell.alignment, cell.border = _WRAPPED, _LINE


def _blocks(copy: _Copy, plain: Mapping[str, Any]) -> list[tuple[str, Sequence[Sequence[Any]]]]:
    """What is no problem of one cell, in the columns of the list."""
    differing = [
        (
            *(None, None, check["sheet"], check["row"], check["term"], str(check["stated"])),
            f"“{check['text']}”写的是 {check['stated']}，所辖各行合起来是 {check['read']}",
            "请核对是合计写错，还是有行漏填",
        )
        for check in plain["subtotals"]
        if not check["agrees"]
    ]
    left_out = [
        (None, None, sheet["name"], None, None, None, f"没有读取：{sheet['why']}")
        for sheet in plain["sheets"]
        if sheet["verdict"] == "left_out" and (sheet["name"] in copy.titles or not copy.titles)
    ]
    unmapped = [
        (
            *(
                None,
                None,
                sheet["name"],
                None,
                f"{column['letter']} {' '.join(column['heading'].split())}",
                None,
            ),
            "没有认出是哪一项，没有读取",
            "需要读取的，请在页面上选择对应的项",
        )
        for sheet in plain["sheets"]
        for column in sheet["unmapped"]
    ]
    lost = [(*[None] * 6, text) for text in copy.lost]
    return [
        ("合计核对：写的与读到的不一致", differing),
        ("没有读取的工作表", left_out),
        ("没有识别的列", unmapped),
        ("未能保留的内容：请以原文件为准", lost),
    ]


def _finished(saved: bytes, original: bytes | None = None, names: frozenset[str] = frozenset()) -> bytes:
    """The package without the hour, and with the values that the sheets of these names have in the original.

    To the letter: the library drops the results of formulas, rounds instants, and calls a number too large
    for the date that its format asks for an error.
    """
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(saved)) as package,
        zipfile.ZipFile(io.BytesIO(original or saved)) as source,
        zipfile.ZipFile(target, "w") as finished,
    ):
        sources = dict(sheet_parts(source))
        kept = {part: sources[name] for name, part in sheet_parts(package) if name in names}
        for member in package.infolist():
            part = package.read(member)
            if member.filename in kept:
                values = dict(_stored_values(source.read(kept[member.filename])))
                part = _WRITTEN.sub(partial(_restored, values), part)
            elif member.filename == "docProps/core.xml":
                part = _MODIFIED.sub(rb"\g<1>2000-01-01T00:00:00Z", part)
            finished.writestr(zipfile.ZipInfo(member.filename, _STAMP), part, zipfile.ZIP_DEFLATED)
    return target.getvalue()


_MODIFIED = re.compile(rb"(<dcterms:modified\b[^>]*>)[^<]*")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/>])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_REFERENCE = re.compile(rb'\br="([A-Z]+\d+)"')
_TYPE = re.compile(rb'\bt="(\w+)"')
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]+)<")
_WRITTEN = re.compile(
    rb'<c r="([A-Z]+\d+)"( s="\d+")?(?: t="\w+")?>(<f\b[^>]*/>|<f\b[^>]*>[^<]*</f>)?<v ?(?:/>|>[^<]*</v>)</c>'
)
"""A cell as openpyxl writes it that is no text; text stands in an `is`."""


def _stored_values(part: bytes) -> Iterator[tuple[bytes, tuple[bytes, bytes]]]:
    """By cell, the type and the value that the sheet holds, but for plain text."""
    for cell in _CELL.finditer(part):
        attributes, inner = cell.groups()
        place, value, kind = _REFERENCE.search(attributes), _VALUE.search(inner), _TYPE.search(attributes)
        if place and value and (kind is None or kind[1] not in {b"s", b"inlineStr"}):
            yield place[1], (kind[1] if kind else b"n", value[1])


def _restored(values: Mapping[bytes, tuple[bytes, bytes]], match: re.Match[bytes]) -> bytes:
    place, style, formula = match[1], match[2] or b"", match[3] or b""
    if place not in values:
        return match[0]
    kind, value = values[place]
    return b'<c r="%b"%b t="%b">%b<v>%b</v></c>' % (place, style, kind, formula, value)
