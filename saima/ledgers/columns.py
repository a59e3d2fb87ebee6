"""What a ledger is made of: its columns with their types and aliases, its rules, its lineage."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import polars as pl

MONEY = pl.Decimal(18, 4)

PRECISIONS = ("day", "month", "quarter", "year", "period")
"""How exactly a date is known. `period` is a date inferred from the first snapshot that shows it."""

UNASSIGNED = "unassigned"
"""Area suffix of 未分区: rows without an area or with several. Its area_id is `<city>-unassigned`."""

DIRECT = "direct"
"""Area suffix of 市本级（市直）. Its area_id is `<city>-direct`."""


@dataclass(frozen=True)
class Column:
    """One column of a ledger.

    `kind` is one of text, code, money (万元 of the city's currency), foreign (万美元), number, percent
    (5.2 is 5.2 %), date, month (text such as 2024-09), year (a whole number), flag, texts (list of text).
    `is_filed` is false for columns that the program adds. `values` are the usual words of a text column,
    empty where any word will do; `spellings` are other ways to write one of them, each with its word.
    """

    name: str
    term: str
    kind: str = "text"
    aliases: tuple[str, ...] = ()
    is_required: bool = False
    is_filed: bool = True
    values: tuple[str, ...] = ()
    spellings: tuple[tuple[str, str], ...] = ()

    @property
    def dtype(self) -> pl.DataType:
        """Polars type in which this column is stored."""
        return _DTYPES[self.kind]

    def usual(self, word: str) -> str:
        """The usual word for one as filed; the word itself where none is known for it."""
        return dict(self.spellings).get(word, word)


_DTYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "code": pl.String(),
    "money": MONEY,
    "foreign": MONEY,
    "number": pl.Float64(),
    "percent": pl.Float64(),
    "month": pl.String(),
    "year": pl.Int64(),
    "date": pl.Date(),
    "flag": pl.Boolean(),
    "texts": pl.List(pl.String()),
    "integer": pl.Int64(),
}


PERIOD_END = "period_end"
"""Column that intake adds while rules are checked: the last day of the period."""

CITY = "city"
"""Column that intake adds while rules are checked: the code of the city."""

LAST = "last_"
"""Prefix of the columns that intake adds while rules of change are checked: those of the same project in
the period before; a value of the year only where that period lies in the same year."""


@dataclass(frozen=True)
class Rule:
    """A sentence that must be true of a row, and what is said where it is not.

    `name` is that sentence; `holds` its expression over the ledger's columns, PERIOD_END and CITY, in
    which null means that there is nothing to object to. `columns` are those to look at, the first one is
    named as the place. `severity` is 拒收 (the row is refused), 存疑 or 提示 (taken and reported).
    """

    name: str
    severity: Literal["拒收", "存疑", "提示"]
    columns: tuple[str, ...]
    holds: pl.Expr
    objection: str


@dataclass(frozen=True)
class Ledger:
    """One ledger: its name, Chinese term, columns (lineage included) and rules.

    `rules_of_change` hold a row against the same project's row of the period before (columns LAST…).
    `key` are the columns that tell the rows of a period apart. The first alone names a thing: where it is
    the whole key, the row filed last speaks for the thing; where more columns follow, all its rows come from
    the one filing that was last. A number that an office gives (1, 2, 3) is its own: an area stands beside
    it. `id_from` are the columns from which `own_id` is derived where the file gives none; project_id,
    project_code and name among them are ways to say the same.

    `is_of_city` says what a row without an area is: one about the whole city, whose area_id is the city's
    code, or else one of an area that nobody named (未分区). `goes_on` says what it means that a whole city's
    filing has no row of an area: its rows of before still stand (projects), or there are none any more (a
    problem that is gone is solved).
    """

    name: str
    term: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    rules_of_change: tuple[Rule, ...] = ()
    key: tuple[str, ...] = ("project_id",)
    id_from: tuple[str, ...] = ()
    is_of_city: bool = False
    goes_on: bool = True

    @property
    def own_id(self) -> str | None:
        """The column that holds the id of a row of this ledger; None where projects or words identify it."""
        return self.key[-1] if self.id_from else None

    def area_of_rest(self, city: str) -> str:
        """area_id of the rows that name no area."""
        return city if self.is_of_city else f"{city}-{UNASSIGNED}"

    @cached_property
    def schema(self) -> pl.Schema:
        """Stored columns with their Polars types, in stored order."""
        return pl.Schema({column.name: column.dtype for column in self.columns})

    @property
    def filed(self) -> tuple[Column, ...]:
        """Columns that a workbook may carry."""
        return tuple(column for column in self.columns if column.is_filed)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


LINEAGE = (
    Column("filing_id", "报送编号", is_filed=False),
    Column("source_sheet", "来源工作表", is_filed=False),
    Column("source_row", "来源行号", "integer", is_filed=False),
    Column("raw_texts", "存疑原文", "texts", is_filed=False),
)


def event(name: str, term: str, *aliases: str) -> tuple[Column, Column]:
    """A date and, beside it, how exactly it is known (one of PRECISIONS)."""
    return (
        Column(name, term, "date", aliases),
        Column(f"{name}_precision", f"{term}精度", is_filed=False),
    )


def is_event(column: Column) -> bool:
    """Whether a column is the date of something that happened, rather than of something due."""
    return column.kind == "date" and not column.name.endswith("due_on") and column.name != "exempt_until"


def project_columns(*, name_is_required: bool = True, **aliases: tuple[str, ...]) -> tuple[Column, ...]:
    """The columns in which a ledger beside the projects says which project a row is about, and its area."""
    return (
        Column("project_id", "项目标识", is_filed=False),
        Column(
            "project_code",
            "项目代码",
            "code",
            ("统一代码", "统一项目代码", "项目编号", *aliases.get("code", ())),
        ),
        Column(
            "name",
            "项目名称",
            "text",
            ("项目名", "所属项目", "涉及项目", *aliases.get("name", ())),
            is_required=name_is_required,
        ),
        Column(
            "owner",
            "项目单位",
            "text",
            ("建设单位", "业主单位", "业主", "项目业主", *aliases.get("owner", ())),
        ),
        *area_columns(),
    )


def area_columns() -> tuple[Column, ...]:
    """The area of a row: as it is understood, and as it was filed."""
    return (
        Column("area_id", "责任地区", is_filed=False),
        Column(
            "area_text",
            "责任地区（原文）",
            "text",
            (
                "责任地区",
                "所属区县",
                "所在区",
                "区市县",
                "县区",
                "区县",
                "属地",
                "所属地区",
                "地区",
                "县市区",
            ),
        ),
    )
