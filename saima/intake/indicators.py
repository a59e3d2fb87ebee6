"""Indicators of the city as filed, held against its own table: each is read in the unit of its goal."""

from collections.abc import Sequence

from saima.intake.rows import Row
from saima.intake.units import MONEY_UNITS, spellings
from saima.intake.values import normalised
from saima.intake.verdicts import Findings
from saima.intake.words import Words


def comparable(rows: Sequence[Row], words: Words, findings: Findings) -> list[Row]:
    """The rows whose unit is that of the indicator, under the name that the city's table has for it.

    A value in another unit would be set beside a goal that it cannot be compared with: the row is refused.
    An indicator that the table lacks is taken and said, for nothing shows it.
    """
    kept = []
    for row in rows:
        known = words.indicator(row.values["measure"])
        if known is None:
            if words.has_indicators:
                objection = "城市指标表中没有这个指标，保留原文，不与目标对照"
                findings.remark(
                    "存疑", "indicator_is_known", objection, row.place("measure"), row.values["measure"]
                )
            kept.append(row)
            continue
        row.values["measure"], unit = known
        filed = row.values.get("unit")
        if filed is not None and _spelled(filed) != _spelled(unit):
            objection = f"与城市指标表的单位不同，不能与目标比较，请换算后重填。允许：{unit}"
            findings.refuse("unit_is_that_of_the_indicator", objection, row.place("unit"), row.shown("unit"))
        else:
            kept.append(row)
    return kept


def _spelled(unit: str) -> str:
    return spellings(MONEY_UNITS).get(normalised(unit), normalised(unit))
