"""Units of amounts: what each is in 万元, how offices write it, and where a sheet states it."""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from itertools import takewhile

from saima.intake.values import normalised
from saima.intake.workbook import Cell
from saima.ledgers import Column

MONEY_UNITS = {
    "元": Decimal("0.0001"),
    "千元": Decimal("0.1"),
    "万元": Decimal(1),
    "百万元": Decimal(100),
    "千万元": Decimal(1_000),
    "亿元": Decimal(10_000),
}
"""万元 in one of each unit. 元 stands for the city's currency."""

FOREIGN_UNITS = {"美元": Decimal("0.0001"), "万美元": Decimal(1), "亿美元": Decimal(10_000)}
"""万美元 in one of each unit."""


def units_of(column: Column, currency: str) -> dict[str, Decimal]:
    """Units in which an amount of that column may be filed; none for other columns."""
    if column.kind == "foreign":
        return FOREIGN_UNITS
    if column.kind != "money":
        return {}
    own = {unit.removesuffix("元") + currency: factor for unit, factor in MONEY_UNITS.items()}
    return MONEY_UNITS | own


def spellings(units: Iterable[str]) -> dict[str, str]:
    """Every way in which one of these units is written (亿, 人民币亿元, 亿元人民币) → the unit."""
    found = {normalised(unit): unit for unit in units}
    for unit in [unit for unit in found.values() if unit in MONEY_UNITS]:
        short = [unit.removesuffix("元")] if unit in {"万元", "亿元"} else []
        for written in (unit, *short):
            found |= {written: unit, f"人民币{written}": unit, f"{written}人民币": unit}
    return found


def all_units(currency: str) -> list[str]:
    """Units of every kind of amount."""
    return [*units_of(Column("", "", "money"), currency), *FOREIGN_UNITS]


def without_unit(heading: str, units: Iterable[str]) -> tuple[str, str | None]:
    """A normalised heading without the unit at its end, and that unit."""
    match = _ending_in(tuple(units)).fullmatch(heading)
    return (match[1], spellings(units)[match[2]]) if match else (heading, None)


@cache
def _ending_in(units: tuple[str, ...]) -> re.Pattern[str]:
    """A heading that ends in one of these units; without any nothing matches."""
    written = sorted(spellings(units), key=len, reverse=True)
    either = "|".join(map(re.escape, written)) or "(?!)"
    return re.compile(rf"(.+?)[(/:,、_-]*(?:单位:?)?({either})\)*")


def noted_units(rows: Iterable[list[Cell]], currency: str) -> list[str]:
    """Units of money that cells above the headings state for all amounts: 单位：个、亿元、% or （亿元）."""
    known = spellings(all_units(currency))
    noted: dict[str, None] = {}
    for cell in [cell for row in rows for cell in row if isinstance(cell, str)]:
        text = unicodedata.normalize("NFKC", cell).strip()
        if re.search(r"单\s+位", text):
            # 单 位 ： 亿 元 is spaced out as a whole.
            text = re.sub(r"\s+", "", text)
        said = re.search("以(.{1,4})为单位", text) or re.search(
            r"(?:金\s*额)?(?:单\s*位|金\s*额)(.*)", text, re.DOTALL
        )
        stated = re.sub("^\\s*[均都皆]?[为是]", "", said[1]) if said else text
        words = [word for word in re.split(r"[\s:、,;/|()]+", stated) if word]
        # 完成情况表（亿元）: a title ends in its unit.
        closing = None if said else re.search(r"\(([^()]{1,6})\)$", text)
        words = [closing[1]] if closing else words
        if said:
            # 总投资金额 120 亿元 is a sum, not a unit.
            words = list(takewhile(lambda word: not re.match(r"\d", word), words))
        elif len(words) > 1:
            continue
        noted |= {known[normalised(word)]: None for word in words if normalised(word) in known}
    return list(noted)
