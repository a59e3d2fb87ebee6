"""Rows of a sheet that are no projects: totals, group headings, notes, and a second row of headings.

A row is left out only where its own words say so. One that stands numbered beside its owner or its code
is a project whatever it is called: 君澜府小区 is no 小计.
"""

import re

from saima.intake import values
from saima.intake.header import Header, normalised
from saima.intake.words import Words
from saima.intake.workbook import EXAMPLE_MARK, Cell, Sheet

_TOTAL = re.compile(r"\(?.{0,20}(?:合计|总计|小计)\)?(?:[:(].*|共?计?\d+[个项].*)?")
_COUNT = re.compile(r"\(?(?:共|共计|计)?\d+[个项](?:项目)?\)?")
_NUMERAL = re.compile(r"\(?[一二三四五六七八九十]+[)、.]?")
_GROUP = re.compile(
    r"[一二三四五六七八九十]+[、.]"
    r"|\([一二三四五六七八九十]+\)"
    r"|其中"
    r"|(?:——|--)"
    r"|.*\((?:共|共计|计|合计)?\d+[个项](?:项目)?\)$"
)
_KIND = re.compile(
    "(?:计划|拟)?(?:新建|续建|扩建|改建|新开工|在建|拟建|储备|前期|预备|谋划|竣工|投产|收尾)类?(?:项目)?|全[市区县]"
)
_FOOT = re.compile("(?:备?注|说明|填表人|审核人|填报人|填报单位|单位负责人|制表人?)[:]")


def cell_at(cells: list[Cell], index: int) -> Cell:
    """The cell of that column; None beyond the end of the row."""
    return cells[index] if index < len(cells) else None


def label(cells: list[Cell], header: Header) -> str:
    """What a row that is left out is recognised by: its name, or what it begins with."""
    field = header.field("name")
    name = [cell_at(cells, field.index)] if field else []
    return next((values.shown(cell) for cell in [*name, *cells] if cell is not None), "")


def why_left_out(cells: list[Cell], header: Header, words: Words) -> str | None:
    """Why a row is no project although it is not blank; None where it is one."""
    field = header.field("name")
    cell = cell_at(cells, field.index) if field else None
    name = values.text(cell) if isinstance(cell, str) and not values.is_missing(cell) else ""
    if name.startswith(EXAMPLE_MARK):
        return "示例行"
    if not _is_numbered_project(cells, header) and (why := _why_aside(cells, name, header, words)):
        return why
    filed = [(cell_at(cells, field.index), field.heading) for field in header.fields]
    if not any(cell is not None for cell, _ in filed):
        return "空行"
    is_repeated = all(normalised(cell) == normalised(heading) for cell, heading in filed if cell is not None)
    return "重复的表头" if is_repeated else None


def _why_aside(cells: list[Cell], name: str, header: Header, words: Words) -> str | None:
    own = normalised(name)
    number = _number(cells, header)
    texts = [normalised(cell) for cell in [cell for cell in cells if cell is not None][:3]]
    # Where a name is filed only it and the number speak for the row: a 类别 of 合计 is a slip.
    heads = [own, number] if own and not own.isdigit() else [number, *texts]
    if any(_TOTAL.fullmatch(head) for head in heads) or _COUNT.fullmatch(own or number):
        return "合计行"
    if (
        any(_GROUP.match(head) for head in heads[:2])
        or _NUMERAL.fullmatch(number)
        or _is_kind(own or number, words)
    ):
        return "分组行"
    return "说明行" if texts and _FOOT.match(texts[0]) and own in {"", texts[0]} else None


def _is_kind(head: str, words: Words) -> bool:
    """Whether a name is nothing but an area, a kind of projects, or the state they are in."""
    return bool(head) and (
        _KIND.fullmatch(head) is not None
        or words.is_area(head)
        or words.category(head.removesuffix("项目").removesuffix("类")) is not None
    )


def _number(cells: list[Cell], header: Header) -> str:
    """What stands under 序号, where the sheet has it."""
    cell = cell_at(cells, header.numbering) if header.numbering is not None else None
    return normalised(values.shown(cell))


def is_numbered(cells: list[Cell], header: Header) -> bool:
    """Whether a number stands under 序号."""
    return re.fullmatch(r"\d+(?:[-.]\d+)*", _number(cells, header)) is not None


def _is_numbered_project(cells: list[Cell], header: Header) -> bool:
    proofs = [_is_filed(cells, header, "owner"), _is_filed(cells, header, "project_code")]
    return all(proofs) or (any(proofs) and is_numbered(cells, header))


def _is_filed(cells: list[Cell], header: Header, column: str) -> bool:
    field = header.field(column)
    return field is not None and not values.is_missing_code(cell_at(cells, field.index))


def second_headings(sheet: Sheet, header: Header) -> int | None:
    """Number of the row below the headings where it is a second row of them; None where it is not.

    Such a row has no name, only words, and some of them (计划, 实际) where amounts and dates belong or
    under no heading at all.
    """
    rows = enumerate(sheet.rows[header.row :], start=header.row + 1)
    number, cells = next(
        ((row, cells) for row, cells in rows if any(cell is not None for cell in cells)), (0, [])
    )
    headings = sheet.rows[header.row - 1]
    filled = {
        index: cell
        for index, cell in enumerate(cells)
        if cell is not None and cell != cell_at(headings, index) and not values.is_missing(cell)
    }
    kinds = {field.index: field.column.kind for field in header.fields}
    name = header.field("name")
    if name is None or name.index in filled or not all(isinstance(cell, str) for cell in filled.values()):
        return None
    span = range(header.fields[0].index, len(headings) + 1)
    is_second = any(
        _is_heading_word(str(cell), kinds.get(index))
        for index, cell in filled.items()
        if kinds.get(index) in {"money", "foreign", "number", "date"}
        or (index in span and cell_at(headings, index) is None)
    )
    return number if is_second else None


def _is_heading_word(text: str, kind: str | None) -> bool:
    has_digits = re.search(r"\d", text) is not None
    return not has_digits or (kind != "date" and re.search("[年月季期]", text) is not None)
