"""Subtotals that a sheet states, as a check on what was read of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from saima.intake import values
from saima.intake.asides import Aside, cell_at
from saima.intake.header import Field
from saima.intake.workbook import Cell


@dataclass(frozen=True)
class Check:
    """What a total or group heading states of its rows, and what was read there, in the column's unit.
    `column` is None where projects are counted."""

    sheet: str
    row: int
    text: str
    column: str | None
    term: str
    heading: str | None
    letter: str | None
    unit: str
    stated: Decimal
    read: Decimal
    agrees: bool

    def to_json(self) -> dict[str, Any]:
        """The check as plain values, for the report; numbers as text."""
        return {**vars(self), "stated": f"{self.stated.normalize():f}", "read": f"{self.read.normalize():f}"}


@dataclass(frozen=True)
class Standing:
    """A total, or a group heading, where it stands: before the project of that place. `level` is the depth
    of a group heading, None for a total."""

    row: int
    place: int
    aside: Aside
    cells: Sequence[Cell]
    level: int | None = None


def checked(
    sheet: str, standings: Sequence[Standing], amounts: Mapping[str, tuple[Field, Sequence[Decimal | None]]]
) -> list[Check]:
    """One check for each amount or number of projects that a total or group heading states.

    `amounts` are by column: its field, and for each project of the sheet the amount in 万, None where none
    was read. What a total covers is not written anywhere: everything, its group, or what follows the total
    before. A total agrees if one of these is what it states, to the digits it is written in.
    """
    projects = len(next(iter(amounts.values()))[1]) if amounts else 0
    found = []
    for index, standing in enumerate(standings):
        spans = _spans(standings, index, projects)
        for column, (field, read) in amounts.items():
            stated = _stated(standing, field)
            if stated is not None:
                sums = [sum((item for item in read[a:b] if item is not None), Decimal(0)) for a, b in spans]
                found.append(_check(sheet, standing, column, field, stated, sums))
        if standing.aside.stated is not None:
            counts = [b - a for a, b in spans]
            read_count = standing.aside.stated if standing.aside.stated in counts else counts[0]
            found.append(
                Check(
                    sheet,
                    standing.row,
                    standing.aside.text,
                    None,
                    "项目数",
                    None,
                    None,
                    "个",
                    Decimal(standing.aside.stated),
                    Decimal(read_count),
                    read_count == standing.aside.stated,
                )
            )
    return found


def _spans(standings: Sequence[Standing], index: int, projects: int) -> list[tuple[int, int]]:
    """Places of projects that a total may cover, the likeliest first."""
    standing = standings[index]
    earlier, later = standings[:index], standings[index + 1 :]
    if standing.level is not None:
        ends = [item.place for item in later if item.level is not None and item.level <= standing.level]
        return [(standing.place, min(ends, default=projects))]
    groups = [item for item in earlier if item.level is not None]
    begun = [(item.place, standing.place) for item in reversed(groups)]
    totals = [item.place for item in earlier if item.level is None]
    since = (max(totals, default=0), standing.place)
    above = (0, standing.place)
    following = [item.place for item in later]
    below = (standing.place, min((place for place in following if place > standing.place), default=projects))
    if standing.aside.is_grand:
        return [(0, projects), above, *begun, since, below]
    return [*begun[:1], since, *begun[1:], above, (0, projects), below]


def _stated(standing: Standing, field: Field) -> Decimal | None:
    cell = cell_at(standing.cells, field.index)
    if cell is None or values.is_missing(cell):
        return None
    try:
        return values.amount(cell, field.factor, field.units)
    except (values.ValueRefusedError, values.ValueDoubtedError):
        return None


def _check(
    sheet: str, standing: Standing, column: str, field: Field, stated: Decimal, sums: Sequence[Decimal]
) -> Check:
    # A total written 12.3 stands for anything that rounds to it; one that a formula added up has all digits.
    written = values.written_digits(cell_at(standing.cells, field.index))
    step = field.factor * Decimal(1).scaleb(-min(written, 4))
    tolerance = max(step / 2, Decimal("0.0001"))
    fitting = next((item for item in sums if abs(item - stated) <= tolerance), None)
    read = fitting if fitting is not None else sums[0]
    return Check(
        sheet,
        standing.row,
        standing.aside.text,
        column,
        field.column.term,
        field.heading,
        field.letter,
        field.unit or "",
        stated / field.factor,
        read / field.factor,
        fitting is not None,
    )
