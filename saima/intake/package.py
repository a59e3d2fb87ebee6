"""What the XML of a workbook says and its cells do not: what is hidden or merged, what has no value.

No reader of values tells these: a row that a filter hides, a formula that was never calculated, an
error. The parts are read as a stream, and their sizes are looked at before anything is unpacked.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO
from xml.etree import ElementTree

import polars as pl
from xlrd.compdoc import CompDoc, CompDocError

from saima.intake.verdicts import Place, RefusedError

MOST_UNPACKED_BYTES = 512 * 1024 * 1024
MOST_ROWS = 200_000
MOST_COLUMNS = 200


@dataclass(frozen=True)
class Unread:
    """A cell whose value the file does not hold: an error (`#REF!`), or a formula never calculated; or whose
    value is not what it shows. `rule` and `objection` say why it is refused, unless it is missing."""

    error: str | None
    rule: str = "cell_holds_no_error"
    objection: str = "是公式的错误值，请在工作簿中改正"

    def __str__(self) -> str:
        return self.error or "公式"


Position = tuple[int, int]
"""Row and column of a cell, both counted from 0."""


@dataclass
class Marks:
    """Of one sheet, counted from 0: cells without a value, dates that are shown as a month (2024年9月, which
    Excel keeps as its first day), numbers that are shown as a percentage, with a currency or unit (5 as
    5亿元) or as another number (12000 as 1.2万), cells that are struck out, hidden rows and columns, and
    merged ranges as (first row, first column, last row, last column)."""

    unread: dict[Position, Unread] = field(default_factory=dict)
    months: set[Position] = field(default_factory=set)
    shares: set[Position] = field(default_factory=set)
    units: dict[Position, tuple[str, str]] = field(default_factory=dict)
    scaled: set[Position] = field(default_factory=set)
    struck: set[Position] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


def marks_of(name: str, content: bytes, refuse: Callable[[str], RefusedError]) -> dict[str, Marks]:
    """Marks of each sheet, by its name; nothing for a package that is no XLSX or ODS.

    `refuse` makes the refusal of a file that is none of ours. Raises RefusedError where the package is
    damaged, encrypted, of another program, or unpacks to more than can be read.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            members = {member.filename: member for member in package.infolist()}
            if sum(member.file_size for member in members.values()) > MOST_UNPACKED_BYTES:
                raise RefusedError(
                    "file_is_not_too_large",
                    f"文件「{name}」解压后超过 {MOST_UNPACKED_BYTES // 2**20} MB，请删去多余的工作表和图片",
                )
            if "word/document.xml" in members:
                raise refuse("是 Word 文件，不是工作簿")
            if "ppt/presentation.xml" in members:
                raise refuse("是演示文稿，不是工作簿")
            if b"encryption-data" in _start(package, members, "META-INF/manifest.xml"):
                raise RefusedError("file_has_no_password", f"文件「{name}」有打开密码，请去掉密码后再报送")
            if "xl/workbook.xml" in members:
                _read_through(package, members, "xl/sharedStrings.xml")
                styles = _styles(package) if "xl/styles.xml" in members else _Styles()
                return {
                    sheet: _sheet_marks(sheet, package, path, styles)
                    for sheet, path in sheet_parts(package)
                    if path in members
                }
            return dict(_table_marks(package)) if "content.xml" in members else {}
    except (
        zipfile.BadZipFile,
        zlib.error,
        ElementTree.ParseError,
        LookupError,
        ValueError,
        EOFError,
        RuntimeError,
        NotImplementedError,
    ):
        raise refuse("不是 Excel 工作簿，或已损坏") from None


def _start(package: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], path: str) -> bytes:
    return package.read(path) if path in members and members[path].file_size < 2**20 else b""


def _read_through(package: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], path: str) -> None:
    """A part that unpacks to more than the directory says ends here, not in the reader of values."""
    if path in members:
        with package.open(path) as part:
            while part.read(2**20):
                pass


def sheet_parts(package: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Name of each sheet and the path of its part in the package."""
    related = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.attrib["Id"]: relation.attrib["Target"] for relation in related}
    for element in ElementTree.fromstring(package.read("xl/workbook.xml")).iter():
        if _local(element.tag) == "sheet":
            relation = next(value for key, value in element.attrib.items() if _local(key) == "id")
            yield element.attrib["name"], str(PurePosixPath("/xl", targets[relation])).lstrip("/")


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*\br="(\d+)"')
_HIDDEN_COLUMNS = re.compile(rb'<(?:\w+:)?col\b(?=[^>]*\bhidden="(?:1|true)")([^>]*)>')
_SPAN = re.compile(rb'\b(min|max)="(\d+)"')
_ERROR = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")([^>]*)>(.*?)</(?:\w+:)?c>', re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]*)<")
_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)"
    rb"\s*(<(?:\w+:)?v\b[^>]*(?:/>|>([^<]*)<))?"
)
_FAR = (
    # A filled cell right of column GR, the 200th, or below row 200,000.
    r"""\sr=["']((?:[A-Za-z]{4,}|[Gg][S-Zs-z]|[H-Zh-z][A-Za-z]|[A-Za-z]{3})\d+"""
    r"""|[A-Za-z]{1,2}(?:[2-9]\d{5}|\d{7,}))["'][^>]*[^/]>""",
    r"""<(?:\w+:)?row\b[^>]*\sr=["'](\d{8,})["']""",
    r"""<(?:\w+:)?mergeCell\b[^>]*\sref=["'][A-Z]+\d+:((?:G[S-Z]|[H-Z][A-Z]|[A-Z]{3,})\d+"""
    r"""|[A-Z]{1,2}(?:[2-9]\d{5}|\d{7,}))["']""",
)
"""What lies beyond the rows and columns that are read: a cell, a row, the end of a merged range."""

_REFERENCE = re.compile(rb'\br="([A-Z]+)(\d+)"')


_MONTH_FORMATS = {17, 27, 36, 50, 52, 57}
"""Built-in formats, in Chinese editions, that show a year and a month without a day."""


@dataclass(frozen=True)
class _Styles:
    """Cells in styles that show dates as months, numbers as percentages, as other numbers, or between a
    currency and a unit (by both), or that are struck out; None where no style does."""

    months: re.Pattern[bytes] | None = None
    shares: re.Pattern[bytes] | None = None
    scaled: re.Pattern[bytes] | None = None
    struck: re.Pattern[bytes] | None = None
    units: dict[tuple[str, str], re.Pattern[bytes]] = field(default_factory=dict)


_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[[^\]]*\]|[_*].')
_SCALING = re.compile(r"[0#?],+(?:[^0#?,]|$)|!")
"""Commas behind the last digit divide by a thousand each; `0!.0,` puts a point where there is none."""


_CURRENCY = re.compile(
    r"\[\$((?!CNY|RMB|人民币)[^\]¥￥元-]+)[^\]]*\]|(US\$|HK\$|USD|HKD|EUR|JPY|GBP|[$€£])(?![^\[]*\])"
)
"""A currency other than 元 that stands before or behind the number."""

_ANOTHER = re.compile("[0-9-]|约|近|超|以上|以下|左右|余|多")
"""Written beside the number it makes another one of it: 350 that reads 35000, -350 or 约350."""


def _styles(package: zipfile.ZipFile) -> _Styles:
    root = ElementTree.fromstring(package.read("xl/styles.xml"))
    months, shares, scaled = set(_MONTH_FORMATS), {9, 10}, set()
    units: dict[tuple[str, str], set[int]] = {}
    for element in root.iter():
        if _local(element.tag) == "numFmt":
            written, number = element.get("formatCode", ""), int(element.get("numFmtId", 0))
            code = _LITERAL.sub("", written).lower()
            if "y" in code and "m" in code and not {"d", "h", "s"} & set(code):
                months.add(number)
            if "%" in code:
                shares.add(number)
            # Behind the first semicolon is how negative numbers and zero are shown.
            shown = written.split(";")[0]
            literal = "".join(quoted or escaped for quoted, escaped in _LITERAL.findall(shown))
            bare = _LITERAL.sub("", shown)
            unit = re.search("[百千万亿元美]+", literal + "".join(re.findall("[百千万亿元美]", bare)))
            currency = _CURRENCY.search(shown)
            is_number = re.search("[0#?]", bare) and not re.search("[ymdhs]", code)
            if is_number and (_SCALING.search(code) or _ANOTHER.search(literal) or bare.startswith("-")):
                scaled.add(number)
            elif is_number and (unit or currency):
                beside = (currency[1] or currency[2] if currency else "", unit[0] if unit else "")
                units.setdefault(beside, set()).add(number)
    cells = next((element for element in root.iter() if _local(element.tag) == "cellXfs"), ())
    formats = [int(style.get("numFmtId", 0)) for style in cells]
    fonts = [int(style.get("fontId", 0)) for style in cells]
    listed = next((element for element in root.iter() if _local(element.tag) == "fonts"), ())
    struck = {place for place, font in enumerate(listed) if any(map(_is_strike, font))}
    in_units = {unit: _in_style(formats, numbers) for unit, numbers in units.items()}
    return _Styles(
        _in_style(formats, months),
        _in_style(formats, shares),
        _in_style(formats, scaled),
        _in_style(fonts, struck),
        {unit: pattern for unit, pattern in in_units.items() if pattern},
    )


def _is_strike(element: ElementTree.Element) -> bool:
    return _local(element.tag) == "strike" and element.get("val", "1") not in {"0", "false"}


def _in_style(formats: list[int], shown: set[int]) -> re.Pattern[bytes] | None:
    styles = "|".join(str(place) for place, number in enumerate(formats) if number in shown)
    if not styles:
        return None
    return re.compile(rb'<(?:\w+:)?c\b(?=[^>]*\bs="(?:%s)")([^>]*[^/])>' % styles.encode())


def _sheet_marks(name: str, package: zipfile.ZipFile, path: str, styles: _Styles) -> Marks:
    marks = Marks()
    with package.open(path) as part:
        for rows in _whole_rows(part):
            if _holds(rows, _MARKED):
                if far := _far_in(rows):
                    raise _too_far(name, far)
                marks.hidden_rows |= {int(row) - 1 for row in _HIDDEN_ROW.findall(rows)}
                for columns in _HIDDEN_COLUMNS.findall(rows):
                    span = {key: int(value) for key, value in _SPAN.findall(columns)}
                    marks.hidden_columns |= set(range(span[b"min"] - 1, min(span[b"max"], MOST_COLUMNS)))
                marks.unread |= dict(_unread_in(rows))
            shown = (
                (styles.months, marks.months),
                (styles.shares, marks.shares),
                (styles.scaled, marks.scaled),
                (styles.struck, marks.struck),
            )
            for pattern, found in shown:
                found.update(_in(rows, pattern) if pattern else ())
            for unit, pattern in styles.units.items():
                marks.units |= dict.fromkeys(_in(rows, pattern), unit)
    return marks


def _in(rows: bytes, pattern: re.Pattern[bytes]) -> Iterator[Position]:
    for attributes in pattern.findall(rows):
        if place := _REFERENCE.search(attributes):
            yield _position(place)


_MARKED = "|".join((*_FAR, "hidden=", 't="e"', r"<(?:\w+:)?f\b"))
"""Something beside values: a cell too far out, a hidden row or column, an error, a formula."""


def _holds(rows: bytes, pattern: str) -> bool:
    # Polars searches five times as fast as the standard library, and finds nothing in most.
    return bool(pl.Series([rows.decode("utf-8", "replace")]).str.contains(pattern)[0])


def _far_in(rows: bytes) -> str | None:
    if not _holds(rows, "|".join(_FAR)):
        return None
    text = rows.decode("utf-8", "replace")
    return next(found[1] for pattern in _FAR if (found := re.search(pattern, text)))


def _too_far(sheet: str, corner: str) -> RefusedError:
    return RefusedError(
        "sheet_is_not_too_large",
        f"工作表「{sheet}」一直填到 {corner}，最多读 {MOST_ROWS} 行、{MOST_COLUMNS} 列，"
        "疑有误填的单元格，请删去数据区以外的内容",
        Place(sheet),
    )


def _whole_rows(part: IO[bytes]) -> Iterator[bytes]:
    """The part, cut between rows."""
    rest = b""
    while block := part.read(2**20):
        rest += block
        end = rest.rfind(b"row>") + len(b"row>")
        if end >= len(b"row>"):
            yield rest[:end]
            rest = rest[end:]
    yield rest


def _unread_in(rows: bytes) -> Iterator[tuple[Position, Unread]]:
    if b't="e"' in rows:
        for attributes, inner in _ERROR.findall(rows):
            place, value = _REFERENCE.search(attributes), _VALUE.search(inner)
            if place:
                yield _position(place), Unread(value[1].decode() if value else "#错误")
    if b"<f" in rows or b":f" in rows:
        for attributes, value, written in _FORMULA.findall(rows):
            place = _REFERENCE.search(attributes)
            is_text = b't="str"' in attributes and value
            if place and not written and not is_text and b't="e"' not in attributes:
                yield _position(place), Unread(None)


def _position(place: re.Match[bytes]) -> Position:
    column = 0
    for letter in place[1]:
        column = column * 26 + letter - ord("A") + 1
    return int(place[2]) - 1, column - 1


_SHEET, _ROW, _COLUMNS, _BEGIN, _FAULT, _RESULT = 0x85, 0x208, 0x7D, 0x809, 0x205, 0x06
"""Records of a BIFF stream: where a sheet begins, a row, a span of columns, the beginning itself, an error,
and a formula with its result."""

_FAULTS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def marks_of_biff(content: bytes) -> list[Marks]:
    """Hidden rows and columns of each sheet of an XLS or ET, in the order of the sheets; none of a file whose
    stream is not found."""
    try:
        stream, base, size = CompDoc(content, logfile=io.StringIO()).locate_named_stream("Workbook")
    except (CompDocError, struct.error, IndexError, AssertionError, TypeError):
        return []
    begun: dict[int, Marks] = {}
    marks = Marks()
    place, end = base, min(base + size, len(stream or b""))
    while place + 4 <= end:
        kind, length = struct.unpack_from("<HH", stream, place)
        record = bytes(stream[place + 4 : place + 4 + length])
        if kind == _SHEET and length >= 4:
            begun[base + struct.unpack_from("<I", record)[0]] = Marks()
        elif kind == _BEGIN:
            marks = begun.get(place, Marks())
        elif kind == _ROW and length >= 14 and record[12] & 0x20:
            marks.hidden_rows.add(struct.unpack_from("<H", record)[0])
        elif kind == _FAULT and length >= 8 and record[7]:
            row, column = struct.unpack_from("<HH", record)
            marks.unread[row, column] = Unread(_FAULTS.get(record[6], "#错误"))
        elif kind == _RESULT and length >= 14 and record[12:14] == b"\xff\xff" and record[6] == 2:
            row, column = struct.unpack_from("<HH", record)
            marks.unread[row, column] = Unread(_FAULTS.get(record[8], "#错误"))
        elif kind == _COLUMNS and length >= 10 and record[8] & 1:
            first, last = struct.unpack_from("<HH", record)
            marks.hidden_columns |= set(range(first, min(last + 1, MOST_COLUMNS)))
        place += 4 + length
    return list(begun.values())


def _table_marks(  # noqa: PLR0912 - one branch for each kind of element
    package: zipfile.ZipFile,
) -> Iterator[tuple[str, Marks]]:
    """Of an ODS: rows and cells stand for as many as they say that they are repeated."""
    marks, name, row, column, is_filled = Marks(), "", 0, 0, False
    with package.open("content.xml") as part:
        for event, element in ElementTree.iterparse(part, events=("start", "end")):
            tag = _local(element.tag)
            said = {_local(key): value for key, value in element.attrib.items()}
            match event, tag:
                case "start", "table":
                    marks, name, row, column = Marks(), said.get("name", ""), 0, 0
                case "end", "table-column":
                    across = int(said.get("number-columns-repeated", 1))
                    if said.get("visibility") in {"collapse", "filter"}:
                        span = range(column, min(column + across, MOST_COLUMNS))
                        marks.hidden_columns |= set(span)
                    column += across
                case "start", "table-row":
                    column, is_filled = 0, False
                case "end", "table-cell" | "covered-table-cell":
                    across = int(said.get("number-columns-repeated", 1))
                    has_value = "value-type" in said
                    shown = "".join(element.itertext())
                    is_error = "error" in element.attrib.values() or (
                        shown.startswith("#") and said.get("string-value") == ""
                    )
                    if is_error and across == 1:
                        marks.unread[row, column] = Unread(shown)
                    is_filled = is_filled or has_value
                    if has_value and column + across > MOST_COLUMNS:
                        raise _too_far(name, f"第 {column + across} 列")
                    wide, high = (int(said.get(f"number-{way}-spanned", 1)) for way in ("columns", "rows"))
                    if wide > 1 or high > 1:
                        marks.merged.append((row, column, row + high - 1, column + wide - 1))
                    column += across
                case "end", "table-row":
                    down = int(said.get("number-rows-repeated", 1))
                    if is_filled and row + down > MOST_ROWS:
                        raise _too_far(name, f"第 {row + down} 行")
                    if said.get("visibility") in {"collapse", "filter"}:
                        marks.hidden_rows |= set(range(row, min(row + down, MOST_ROWS)))
                    row += down
                    element.clear()
                case "end", "table":
                    yield name, marks
                case _:
                    pass
