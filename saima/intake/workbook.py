"""Open a workbook or CSV by what it contains, not by its name; make the template that an office fills in."""

import csv
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import isfinite
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

import python_calamine
import xlsxwriter

from saima.intake.verdicts import Place, RefusedError
from saima.ledgers import LEDGERS, Column
from saima.reference import City, Reference

EXAMPLE_MARK = "【示例行】"
"""Start of the project name in the template's example row, which intake leaves out."""

ALLOWED_FILES = "Excel 工作簿（.xlsx .xls .et .ods）或 CSV"

MOST_BYTES = 64 * 1024 * 1024
MOST_UNPACKED_BYTES = 512 * 1024 * 1024
MOST_CELLS = 20_000_000
"""A sheet is read as a full rectangle: one stray value in its last corner would ask for all memory."""


@dataclass(frozen=True)
class Unread:
    """A cell whose value the file does not hold: an error (`#REF!`), or a formula never calculated."""

    error: str | None

    def __str__(self) -> str:
        return self.error or "公式"


Cell = str | float | bool | date | datetime | time | timedelta | Unread | None
"""A cell as read; None where it is empty."""


@dataclass(frozen=True)
class Sheet:
    """One sheet: `rows[0]` is the row that Excel calls 1. `is_text` is true for CSV: all cells are text."""

    name: str
    rows: list[list[Cell]]
    is_visible: bool = True
    is_text: bool = False


@dataclass(frozen=True)
class Book:
    """What a file holds."""

    sheets: tuple[Sheet, ...]
    sha256: str


def read(path: Path) -> Book:
    """Sheets of a workbook or CSV file.

    Raises RefusedError where there is no such file, or it is empty, too large, protected by a password,
    damaged, or no workbook at all.
    """
    name = path.name
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MOST_BYTES else b""
    except OSError as error:
        found = "是文件夹，不是文件" if path.is_dir() else "不存在或无法读取"
        raise RefusedError("file_is_readable", f"文件「{name}」{found}。允许：{ALLOWED_FILES}") from error
    if size > MOST_BYTES:
        raise RefusedError(
            "file_is_not_too_large",
            f"文件「{name}」有 {size // 2**20} MB。允许：不超过 {MOST_BYTES // 2**20} MB",
        )
    if not content:
        raise RefusedError("file_is_not_empty", f"文件「{name}」是空文件（0 字节）。允许：{ALLOWED_FILES}")
    is_packed = content.startswith((b"PK\x03\x04", b"PK\x05\x06", _OLE))
    # Excel names the one sheet of a CSV after the file.
    sheets = (
        _sheets(name, content) if is_packed else [Sheet(path.stem, _csv_rows(name, content), is_text=True)]
    )
    return Book(tuple(sheets), hashlib.sha256(content).hexdigest())


_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
"""First bytes of .xls, of .et, and of a workbook protected by a password."""

_NAME_OF_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def _not_a_workbook(name: str, why: str) -> RefusedError:
    return RefusedError("file_is_a_workbook", f"文件「{name}」{why}。允许：{ALLOWED_FILES}")


def _sheets(name: str, content: bytes) -> list[Sheet]:
    protected = RefusedError("file_has_no_password", f"文件「{name}」有打开密码，请去掉密码后再报送")
    if content.startswith(_OLE) and _NAME_OF_ENCRYPTED in content:
        raise protected
    unread: dict[str, dict[tuple[int, int], Unread]] = {}
    if not content.startswith(_OLE):
        unread = _unread_cells(name, content)
    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            return [
                _sheet(book, metadata, unread.get(metadata.name, {}))
                for metadata in book.sheets_metadata
                if metadata.typ == python_calamine.SheetTypeEnum.WorkSheet
            ]
    except python_calamine.PasswordError:
        raise protected from None
    except (python_calamine.CalamineError, OSError, ValueError):
        raise _not_a_workbook(name, "不是 Excel 工作簿，或已损坏") from None


def _sheet(
    book: python_calamine.CalamineWorkbook,
    metadata: python_calamine.SheetMetadata,
    unread: dict[tuple[int, int], Unread],
) -> Sheet:
    cells = book.get_sheet_by_name(metadata.name).to_python(skip_empty_area=False)
    rows: list[list[Cell]] = [[_cell(value) for value in row] for row in cells]
    for (row, column), mark in unread.items():
        while len(rows) <= row:
            rows.append([])
        rows[row].extend([None] * (column + 1 - len(rows[row])))
        rows[row][column] = mark
    return Sheet(metadata.name, rows, metadata.visible == python_calamine.SheetVisibleEnum.Visible)


def _cell(value: str | float | bool | date | datetime | time | timedelta) -> Cell:
    """Numbers are all of one type, as in a workbook, and finite; blank text is an empty cell."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, float) and not isfinite(value):
        return Unread(str(value))
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


_HAS_UNREAD = re.compile(rb'<(?:\w+:)?f[ />]|\st="e"')
_REFERENCE = re.compile(r"([A-Z]+)(\d+)")


def _unread_cells(name: str, content: bytes) -> dict[str, dict[tuple[int, int], Unread]]:
    """Per sheet, the cells that every reader takes for empty although they are not (XLSX only)."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            if sum(member.file_size for member in package.infolist()) > MOST_UNPACKED_BYTES:
                raise RefusedError(
                    "file_is_not_too_large",
                    f"文件「{name}」解压后超过 {MOST_UNPACKED_BYTES // 2**20} MB，请删去多余的工作表和图片",
                )
            names = set(package.namelist())
            if "word/document.xml" in names:
                raise _not_a_workbook(name, "是 Word 文件，不是工作簿")
            if "xl/workbook.xml" not in names:
                return {}
            found = {}
            for sheet, path in _sheet_parts(package):
                if path in names:
                    part = package.read(path)
                    _refuse_stray_corner(sheet, part)
                    found[sheet] = dict(_unread_in(part)) if _HAS_UNREAD.search(part) else {}
            return found
    except (
        zipfile.BadZipFile,
        zlib.error,
        ElementTree.ParseError,
        LookupError,
        ValueError,
        EOFError,
        RuntimeError,
    ):
        raise _not_a_workbook(name, "不是 Excel 工作簿，或已损坏") from None


_FILLED = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>')


def _refuse_stray_corner(sheet: str, part: bytes) -> None:
    filled = _FILLED.findall(part)
    last_row = max((int(row) for _, row in filled), default=0)
    last_column = max((column for column, _ in filled), key=lambda name: (len(name), name), default=b"A")
    corner = f"{last_column.decode()}{last_row}"
    place = _REFERENCE.fullmatch(corner)
    if place and (last_row * (_position(place)[1] + 1)) > MOST_CELLS:
        raise RefusedError(
            "sheet_is_not_too_large",
            f"工作表「{sheet}」一直填到 {corner}，疑有误填的单元格，请删去数据区以外的内容",
            Place(sheet),
        )


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _sheet_parts(package: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Name of each sheet and the path of its part in the package."""
    related = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.attrib["Id"]: relation.attrib["Target"] for relation in related}
    for element in ElementTree.fromstring(package.read("xl/workbook.xml")).iter():
        if _local(element.tag) == "sheet":
            relation = next(value for key, value in element.attrib.items() if _local(key) == "id")
            yield element.attrib["name"], str(PurePosixPath("/xl", targets[relation])).lstrip("/")


def _unread_in(part: bytes) -> Iterator[tuple[tuple[int, int], Unread]]:
    for _, element in ElementTree.iterparse(io.BytesIO(part)):
        if _local(element.tag) == "row":
            element.clear()
        if _local(element.tag) != "c":
            continue
        children = {_local(child.tag): child.text for child in element}
        place = _REFERENCE.fullmatch(element.get("r", ""))
        kind = element.get("t")
        if place and kind == "e":
            yield _position(place), Unread(children.get("v") or "#错误")
        elif place and "f" in children and not children.get("v") and not (kind == "str" and "v" in children):
            yield _position(place), Unread(None)


def _position(place: re.Match[str]) -> tuple[int, int]:
    column = 0
    for letter in place[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(place[2]) - 1, column - 1


_FOREIGN = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf")
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1f]")
_HTML = re.compile(r"\s*(?:<\?xml|<!doctype html|<html|<table|<meta|<div)", re.IGNORECASE)


def _csv_rows(name: str, content: bytes) -> list[list[Cell]]:
    """Records of a CSV; row numbers are those that Excel shows for it."""
    text = _decoded(name, content)
    if _HTML.match(text):
        raise _not_a_workbook(name, "是网页或 XML，不是工作簿，请在 Excel 中另存为 .xlsx")
    head = text[: 64 * 1024]
    delimiter = max(",\t;", key=head.count)
    # The limit is the whole process's: it is only ever raised.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [[cell if cell.strip() else None for cell in record] for record in reader]
    except csv.Error:
        raise _not_a_workbook(name, f"第 {reader.line_num} 行附近的引号不成对，无法按 CSV 读取") from None


def _decoded(name: str, content: bytes) -> str:
    """Text of the file: by its byte order mark, else UTF-8 or GB18030 to the letter."""
    if content.startswith(_FOREIGN):
        raise _not_a_workbook(name, "不是工作簿")
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _BINARY.search(text):
            return text
    raise _not_a_workbook(name, "不是工作簿，也认不出文字编码（CSV 允许 UTF-8、GB18030）")


def template(ledger_name: str, city_code: str, reference: Reference) -> bytes:
    """An XLSX file to fill in: headings with unit and note, drop-downs, one example row.

    Every heading is one that intake knows; the example row is left out by intake. Raises
    ReferenceError for an unknown city, KeyError for an unknown ledger.
    """
    ledger, city = LEDGERS[ledger_name], reference.city(city_code)
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    # The same template has the same bytes, whenever it is made.
    book.set_properties({"title": f"{city.name}{ledger.term}模板", "created": datetime(2024, 1, 1)})  # noqa: DTZ001
    sheet = book.add_worksheet(ledger.term)
    choices = book.add_worksheet("选项")
    choices.hide()
    frame = {"bold": True, "text_wrap": True, "valign": "vcenter", "align": "center", "border": 1}
    heading_format = book.add_format({**frame, "bg_color": "#E8EEF5"})
    required_format = book.add_format({**frame, "bg_color": "#1B4F8F", "font_color": "#FFFFFF"})
    example_format = book.add_format({"italic": True, "font_color": "#7C8797", "num_format": "@"})
    formats = {
        "text": book.add_format({"num_format": "@"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "money": book.add_format({"num_format": "#,##0.####"}),
    }
    sheet.set_row(0, 36)
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(ledger.filed):
        is_required = column.is_required or column.name == "area_text"
        words = _choices(column, city, reference)
        sheet.write_string(
            0, index, heading(column, city), required_format if is_required else heading_format
        )
        sheet.write_comment(0, index, ("必填。" if is_required else "") + _note(column, city))
        kind = {"date": "date", "money": "money", "foreign": "money", "number": "money"}.get(
            column.kind, "text"
        )
        sheet.set_column(index, index, 30 if column.name in {"name", "content"} else 15, formats[kind])
        sheet.write_string(1, index, _example(column, words), example_format)
        if words:
            choices.write_column(0, index, words)
            letter = xlsxwriter.utility.xl_col_to_name(index)
            sheet.data_validation(
                2,
                index,
                20_000,
                index,
                {
                    "validate": "list",
                    "source": f"=选项!${letter}$1:${letter}${len(words)}",
                    "error_type": "stop"
                    if column.kind == "flag" or column.name == "area_text"
                    else "warning",
                    "error_title": "请核对",
                    "error_message": "下拉列表中没有这个值",
                },
            )
    book.close()
    return target.getvalue()


def heading(column: Column, city: City) -> str:
    """How the template heads a column: its term, with the unit of an amount."""
    term = column.term.removesuffix("（原文）")
    unit = {"money": f"（万{city.currency}）", "foreign": "（万美元）"}.get(column.kind, "")
    return term + unit


def _choices(column: Column, city: City, reference: Reference) -> list[str]:
    if column.kind == "flag":
        return ["是", "否"]
    ours = {
        "area_text": reference.areas_of(city.code)["name"],
        "category_text": reference.categories["category"],
        "chain_text": reference.chains.filter(city=city.code)["chain"],
        "park_id": reference.parks.filter(city=city.code)["name"],
    }
    if column.name == "stage_reported":
        return list(dict.fromkeys(city.stage_terms.values()))
    return ours[column.name].to_list() if column.name in ours else list(column.values)


def _note(column: Column, city: City) -> str:
    notes = {
        "project_code": "国家统一代码，24 位，按文本填写；还没有赋码的留空。",
        "parent_id": "属于打包项目的，填打包项目的项目代码或名称。",
        "area_text": "从下拉列表选择；跨地区或不属于任何地区的填“未分区”，市直单位填“市本级”。",
        "tags": "写成“类别:值”，多个用顿号分开。",
        "lists": "多个清单用顿号分开。",
        "longitude": f"{city.coordinates} 坐标，十进制度。",
        "latitude": f"{city.coordinates} 坐标，十进制度。",
        "month": "如 2024-09。",
    }
    kinds = {
        "money": f"单位：万{city.currency}，只填数字；没有数的留空，不要填 0。",
        "foreign": "单位：万美元，只填数字；没有数的留空，不要填 0。",
        "number": "只填数字。",
        "date": "填到日，如 2024-09-15；只知道月份的填 2024年9月。",
        "flag": "是 或 否；不清楚的留空。",
        "texts": "多个用顿号分开。",
        "code": "按文本填写。",
    }
    return notes.get(column.name) or kinds.get(column.kind, "文字；没有的留空。")


def _example(column: Column, words: list[str]) -> str:
    examples = {
        "name": f"{EXAMPLE_MARK}智能装备产业园一期（本行不会入库）",
        "project_code": "2409-210102-04-01-123456",
        "owner": "某某装备有限公司",
        "investment_total": "120000",
        "plan_year": "30000",
        "invested_year": "18000",
        "signed_on": "2024-03-15",
        "started_on": "2024年6月",
        "completion_due_on": "2026年",
        "month": "2024-09",
        "planned_amount": "2500",
    }
    return examples.get(column.name) or (words[0] if words else "")
