"""Rows of a sheet that are no projects: totals, group headings, notes. What a group heading says of the
rows below it (their area, category, nature) is carried down to them.

A row is left out only where its own words say so. One that stands numbered beside its owner or its code
is a project whatever it is called: 君澜府小区 is no 小计.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from saima.intake import values
from saima.intake.header import Field, Header
from saima.intake.values import normalised
from saima.intake.words import Words
from saima.intake.workbook import EXAMPLE_MARK, Cell

_TOTAL = re.compile(
    r"\(?.{0,20}(?:合计|总计|小计|共计|汇总|累计|平均)(?:金额|投资|项目数)?\d{0,2}\)?(?:[:(].*|共?计?\d+[个项].*)?"
    r"|计|项目数[:(].*|total|sum|∑"
)
_GRAND = re.compile(r"\(?(?:全[市区县]|总)?(?:合计|总计|共计|汇总)")
_COUNT = re.compile(r"\(?(?:共|共计|计)?\d+[个项](?:项目)?\)?")
_STATED_COUNT = re.compile(r"(?:共|共计|计|合计|总计|小计|[:(])[:]?(\d+)[个项]|^(\d+)[个项](?:项目)?$")
_NUMERAL = re.compile(r"\(?[一二三四五六七八九十]+[)、.]?")
_GROUP = re.compile(
    r"[一二三四五六七八九十]+[、.]"
    r"|\([一二三四五六七八九十]+\)"
    r"|其中"
    r"|(?:——|--)"
    r"|\([^()]+\)\((?:共|共计|计|合计)?\d+[个项](?:项目)?\)$"
    r"|.*\((?:共|共计|计|合计)?\d+[个项](?:项目)?\)$"
)
_NATURES = "新建|续建|扩建|改建|新开工|在建|拟建|储备|前期|预备|谋划|竣工|投产|收尾|结转"
_KIND = re.compile(f"(?:计划|拟)?(?:{_NATURES})类?(?:项目)?|全[市区县]")
_FOOT = re.compile(
    r"(?:备?注|说明|填表人|审核人|填报人|填报单位|报送单位|编制单位|单位负责人|制表人?|填报日期)(?:\(.*?\))?[:]"
)
_ALONE = re.compile(
    r"\(?(?:以上(?!海)|以下|上述|本表|此表|截[至止]|数据(?:截|来源)|(?:金额)?单位[:均]|领导签|签字|签章|盖章|审核|审批|复核|校对"
    r"|联系(?:电话|人)|电话|传真|附[:件]).*"
    r"|(?:20\d\d|二[〇零]..)年.{1,3}月(?:.{1,3}日)?"
)
"""What is no project where nothing else stands in the row."""
_STYLE = re.compile(r"([一二三四五六七八九十]+[、.]?|\([一二三四五六七八九十]+\)|(?:——|--))?(.*)")
_ORDINALS = re.compile(r"\(?(?:\d{1,2}|[甲乙丙丁戊己庚辛])\)?(?:=.*)?")


@dataclass(frozen=True)
class Aside:
    """A row that is no project. `kind` is total, group, part (其中) or note; `why` is said of it in Chinese.

    `says` are the columns of the ledger that it tells of the rows below it, `style` is what its level is
    recognised by, `is_first` whether it is the first of its level (一、), `stated` the number of projects
    that it names; `is_grand` is a total of everything.
    """

    why: str
    text: str
    kind: str
    says: Mapping[str, str] = field(default_factory=dict)
    style: str = ""
    is_first: bool = False
    stated: int | None = None
    is_grand: bool = False


def cell_at(cells: Sequence[Cell], index: int) -> Cell:
    """The cell of that column; None beyond the end of the row."""
    return cells[index] if index < len(cells) else None


def aside_of(  # noqa: PLR0911 - one answer for each kind of row
    cells: Sequence[Cell], header: Header, words: Words
) -> Aside | None:
    """What a row is although it is no project and not blank; None where it is a project."""
    field = header.field("name")
    cell = cell_at(cells, field.index) if field else None
    if _is_plain_project(cells, cell, header):
        return None
    name = values.text(cell) if isinstance(cell, str) and not values.is_missing(cell) else ""
    text = _label(cells, cell)
    if any(isinstance(said, str) and said.startswith(EXAMPLE_MARK) for said in ((name,) if field else cells)):
        return Aside("示例行", text, "note")
    filed = [(cell_at(cells, field.index), field.heading) for field in header.fields]
    is_filled = any(cell is not None for cell, _ in filed)
    if is_filled and all(
        normalised(cell) == normalised(heading) for cell, heading in filed if cell is not None
    ):
        return Aside("重复的表头", text, "note")
    is_unit = isinstance(cell, float) and field is not None and field.column.is_required
    if is_unit and number_of(cells, header) and not is_numbered(cells, header):
        # 自治区教育厅|12|金额: a unit or an area, its number of projects, their amount.
        unit = number_of(cells, header)
        return Aside("分组行", unit, "group", _says(unit, words), "unit", stated=int(values.number(cell)))
    if _is_numbered_project(cells, header) or _says_what_it_must(cells, header, field):
        return None
    found = _words_of(cells, name, text, header, words)
    if found is None and name and header.numbering is not None and _is_name_alone(cells, header):
        return Aside("分组行", text, "group", {}, "name alone")
    return found or (None if is_filled else Aside("空行", text, "note"))


def _is_plain_project(cells: Sequence[Cell], name: Cell, header: Header) -> bool:
    """Whether a row is numbered and has a name and a code: most rows are told by this alone."""
    code = header.field("project_code")
    number = cell_at(cells, header.numbering) if header.numbering is not None else None
    return (
        isinstance(number, float)
        and isinstance(name, str)
        and code is not None
        and not name.startswith(EXAMPLE_MARK)
        and not values.is_missing_code(cell_at(cells, code.index))
    )


def _is_name_alone(cells: Sequence[Cell], header: Header) -> bool:
    """Whether a row of a numbered list has a name and nothing else, not even a number."""
    return sum(cell is not None for cell in cells) == 1 and not is_numbered(cells, header)


def _says_what_it_must(cells: Sequence[Cell], header: Header, name: Field | None) -> bool:
    """Whether a row of a ledger whose rows need no project fills in what they do need, and more.

    Its words are an office's own (其中：工业投资, 一、加快开工): only a total is none.
    """
    if name is not None and name.column.is_required:
        return False
    filled = [field for field in header.fields if not values.is_missing(cell_at(cells, field.index))]
    needed = [field for field in header.fields if field.column.is_required]
    words = [normalised(cell_at(cells, field.index)) for field in (*needed, *((name,) if name else ()))]
    return (
        0 < len(needed) < len(filled)
        and all(field in filled for field in needed)
        and not any(_TOTAL.fullmatch(word) for word in words)
    )


def is_column_numbers(cells: Sequence[Cell]) -> bool:
    """Whether a row only numbers the columns: 1, 2, 3 … or 甲, 乙, 1, 2 …"""
    filled = [normalised(values.shown(cell)) for cell in cells if cell is not None]
    numbers = [int(word.strip("()")) for word in filled if word.strip("()").isdigit()]
    return (
        len(filled) >= 3
        and all(_ORDINALS.fullmatch(word) for word in filled)
        and len(numbers) >= 2
        and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        and numbers[0] == 1
    )


def _label(cells: Sequence[Cell], name: Cell) -> str:
    """What a row is recognised by: its name, or what it begins with."""
    return next((values.shown(cell) for cell in (name, *cells) if cell is not None), "")


def _words_of(cells: Sequence[Cell], name: str, text: str, header: Header, words: Words) -> Aside | None:
    own = normalised(name)
    number = number_of(cells, header)
    texts = [normalised(cell) for cell in [cell for cell in cells if cell is not None][:3]]
    # Where a name is filed only it and the number speak for the row: a 类别 of 合计 is a slip.
    heads = [own, number] if own and not own.isdigit() else [number, *texts]
    stated = _stated(heads)
    total = next((head for head in heads if _TOTAL.fullmatch(head)), None)
    if total is not None or _COUNT.fullmatch(own or number):
        is_grand = total is not None and _GRAND.match(total) is not None
        said = next((values.shown(cell) for cell in cells if cell and normalised(cell) == total), text)
        return Aside("合计行", said, "total", stated=stated, is_grand=is_grand)
    is_foot = bool(texts) and _FOOT.match(texts[0]) is not None and own in {"", texts[0]}
    is_alone = sum(cell is not None for cell in cells) == 1
    if is_foot or (is_alone and _ALONE.fullmatch(texts[0])):
        return Aside("说明行", text, "note")
    if _is_placed(cells, header, own, words):
        return None
    if any(head.startswith("其中") for head in heads[:2]):
        return Aside("分组行", text, "part", stated=stated)
    says = _says(own or next(iter(texts), ""), words)
    if (
        any(_GROUP.match(head) for head in heads[:2])
        or _NUMERAL.fullmatch(number)
        or _is_kind(own or number, words)
        or (not own and says and len(texts) <= 2)
    ):
        style = _STYLE.fullmatch(number if _NUMERAL.fullmatch(number) else heads[0] or number)
        written = (style[1] or "") if style else ""
        mark = re.sub("[一二三四五六七八九十]+", "一", written)
        is_first = "一" in written and written == mark
        return Aside("分组行", text, "group", says, mark or ",".join(says), is_first, stated)
    return None


def _says(head: str, words: Words) -> dict[str, str]:
    """What a group heading says of its rows: 一、工业项目(45个) are those of the category 工业."""
    style = _STYLE.fullmatch(head)
    bare = re.sub(r"(?<=.)\(.*\)$|[:：]?\d+[个项].*$", "", style[2] if style else head).strip("()")
    kind = bare.removesuffix("项目").removesuffix("类")
    if bare and words.known_area(bare):
        return {"area_text": bare}
    if kind and words.category(kind):
        return {"category_text": kind}
    if re.fullmatch("新建|续建|扩建|迁建|恢复", kind):
        return {"nature": kind}
    if kind and words.stage(kind):
        return {"stage_reported": kind}
    return {"chain_text": kind} if kind and words.chain(kind) else {}


def _stated(heads: Sequence[str]) -> int | None:
    found = next((match for head in heads if (match := _STATED_COUNT.search(head))), None)
    return int(found[1] or found[2]) if found else None


def _is_kind(head: str, words: Words) -> bool:
    """Whether a name is nothing but an area, a kind of projects, or the state they are in."""
    return bool(head) and (
        _KIND.fullmatch(head) is not None
        or words.is_area(head)
        or words.category(head.removesuffix("项目").removesuffix("类")) is not None
    )


def number_of(cells: Sequence[Cell], header: Header) -> str:
    """What stands under 序号, where the sheet has it."""
    cell = cell_at(cells, header.numbering) if header.numbering is not None else None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return normalised(values.shown(cell))


def is_numbered(cells: Sequence[Cell], header: Header) -> bool:
    """Whether a number stands under 序号."""
    cell = cell_at(cells, header.numbering) if header.numbering is not None else None
    if isinstance(cell, float) and cell.is_integer():
        return cell >= 0
    return re.fullmatch(r"\d+(?:[-.]\d+)*", number_of(cells, header)) is not None


def _is_numbered_project(cells: Sequence[Cell], header: Header) -> bool:
    proofs = [_is_filed(cells, header, "owner"), _is_filed(cells, header, "project_code")]
    return all(proofs) or (any(proofs) and is_numbered(cells, header))


def _is_placed(cells: Sequence[Cell], header: Header, own: str, words: Words) -> bool:
    """Whether a numbered row says which area it is in: its name is only its name (一、二号线延伸工程)."""
    is_listed = header.numbering is None or is_numbered(cells, header)
    is_placed = is_listed and _is_filed(cells, header, "area_text")
    return is_placed and bool(own) and not _is_kind(own, words) and not _COUNT.fullmatch(own)


def _is_filed(cells: Sequence[Cell], header: Header, column: str) -> bool:
    field = header.field(column)
    return field is not None and not values.is_missing_code(cell_at(cells, field.index))


class Groups:
    """The group headings that stand above a row. The level of a heading is known by its style: one of a
    style seen before ends all that began since. 一、工业项目 under 一、和平区 is no such one."""

    def __init__(self, says: Mapping[str, str]) -> None:
        """`says` holds for the whole sheet."""
        self._base = says
        self._levels: list[tuple[str, frozenset[str]]] = []
        self._says: list[Mapping[str, str]] = []

    def open(self, group: Aside) -> None:
        """A group heading stands here."""
        level = self.level(group)
        if level == len(self._levels):
            self._levels.append((group.style, frozenset(group.says)))
            self._says.append({})
        self._says[level:] = [group.says, *({} for _ in self._says[level + 1 :])]

    def end(self, name: str) -> None:
        """What the headings said of that column holds no longer: its total stands here."""
        self._says = [{key: word for key, word in says.items() if key != name} for says in self._says]

    def level(self, group: Aside) -> int:
        """Depth of a group heading, 0 the outermost."""
        own = (group.style, frozenset(group.says))
        if own in self._levels:
            return self._levels.index(own)
        alike = [depth for depth, (style, _) in enumerate(self._levels) if style == group.style]
        is_below = not alike or (group.is_first and bool(group.says))
        return len(self._levels) if is_below else alike[0]

    @property
    def says(self) -> dict[str, str]:
        """What holds for the rows here, by column of the ledger."""
        said = dict(self._base)
        for says in self._says:
            said |= says
        return said
