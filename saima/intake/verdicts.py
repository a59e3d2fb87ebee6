"""What intake says about a workbook: on a cell, a row or the whole file."""

import re
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["拒收", "存疑", "提示"]
"""拒收: the row is not taken. 存疑: taken, the office should look. 提示: taken, good to know."""

ROWS_NAMED = 8
"""How many rows a sentence names before it says how many more there are."""

ROWS_LISTED = 100
"""How many rows of a remark the report and the sidecar list; the number of all is beside them."""


def _one_line(value: str) -> str:
    """A value in a sentence: white space stays visible as one space."""
    return re.sub(r"\s+", " ", value)


@dataclass(frozen=True)
class Place:
    """Where something stands. `column` is the heading as the file has it, `row` the number and `letter`
    the column that Excel shows."""

    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    letter: str | None = None

    def __str__(self) -> str:
        sheet = f"工作表「{self.sheet}」" if self.sheet else ""
        row = f"第 {self.row} 行" if self.row else ""
        return sheet + row + (f"「{self.column}」" if self.column else "")


@dataclass(frozen=True)
class Refusal:
    """Why a row, or the whole file, is not taken. `sentence` gives place, value and what is allowed;
    `objection` is the end of it, behind place and value."""

    rule: str
    sentence: str
    objection: str
    place: Place = Place()
    value: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The refusal as plain values, for the report."""
        return {
            "sheet": self.place.sheet,
            "row": self.place.row,
            "column": self.place.column,
            "letter": self.place.letter,
            "value": self.value,
            "rule": self.rule,
            "sentence": self.sentence,
        }


class RefusedError(Exception):
    """The whole file cannot be taken; `refusal` says why and `str()` is its sentence."""

    def __init__(self, rule: str, sentence: str, place: Place = Place(), value: str | None = None) -> None:
        super().__init__(sentence)
        self.refusal = Refusal(rule, sentence, sentence.removeprefix(str(place)), place, value)


@dataclass
class Remark:
    """Something to look at in rows that are taken: one for all rows in which it is the same."""

    severity: Severity
    rule: str
    objection: str
    sheet: str | None
    column: str | None
    letter: str | None
    value: str | None
    rows: list[int] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """Place, value and what there is to look at."""
        value = f"“{_one_line(self.value)}”" if self.value is not None else ""
        row = self.rows[0] if len(self.rows) == 1 else None
        start = f"{Place(self.sheet, row, self.column)}{value}"
        said = f"{start}：{self.objection}" if start else self.objection
        if len(self.rows) <= 1:
            return said
        named = "、".join(str(row) for row in self.rows[:ROWS_NAMED])
        more = "等" if len(self.rows) > ROWS_NAMED else ""
        return f"{said}（共 {len(self.rows)} 行：第 {named} 行{more}）"

    def to_json(self) -> dict[str, Any]:
        """The remark as plain values, for the report and the sidecar of the snapshot."""
        return {
            "severity": self.severity,
            "rule": self.rule,
            "sheet": self.sheet,
            "column": self.column,
            "letter": self.letter,
            "value": self.value,
            "rows": self.rows[:ROWS_LISTED],
            "rows_total": len(self.rows),
            "sentence": self.sentence,
        }


class Findings:
    """All refusals and remarks of one file, in the order found."""

    def __init__(self) -> None:
        """Nothing found yet."""
        self.refusals: list[Refusal] = []
        self._remarks: dict[tuple[str, ...], Remark] = {}

    @property
    def remarks(self) -> list[Remark]:
        """One remark for each rule, column and value, with its rows."""
        return list(self._remarks.values())

    def refuse(self, rule: str, objection: str, place: Place, value: str | None = None) -> None:
        """A row is not taken: what is there, and what is wrong with it."""
        filed = f"填的是“{_one_line(value)}”，" if value is not None else ""
        self.refusals.append(Refusal(rule, f"{place}{filed}{objection}", objection, place, value))

    def remark(
        self, severity: Severity, rule: str, objection: str, place: Place = Place(), value: str | None = None
    ) -> None:
        """A row is taken, and this is said about it."""
        key = (rule, objection, str(place.sheet), str(place.column), str(value))
        remark = self._remarks.setdefault(
            key, Remark(severity, rule, objection, place.sheet, place.column, place.letter, value)
        )
        if place.row is not None:
            remark.rows.append(place.row)
