"""Numbers, months and lights as a reader sees them.

Every printed number is rounded once, half up in decimal, from the exact value; a missing one is "—"
(data-model.md section 0). Page, deck and command line print through these functions, so that they agree.
"""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

MISSING = "—"

LIGHTS = {
    "green": ("●", "正常"),
    "yellow": ("▲", "关注"),
    "red": ("■", "滞后"),
    "grey": ("○", "未到期"),
}
"""Shape and word of each light: never told by colour alone (look.md)."""

OFFICE_TIME = ZoneInfo("Asia/Shanghai")
"""The clock that every instant is told by."""

_HUNDRED_MILLION = 10_000
"""万元 in one 亿元."""


def rounded(value: int | Decimal | Fraction, digits: int) -> Decimal:
    """The value with that many decimals, half up (a half moves away from zero), never "-0"."""
    exact = Fraction(value) * 10**digits
    whole = int(abs(exact) + Fraction(1, 2))
    return Decimal(f"{-whole if exact < 0 else whole}E-{digits}")


def percent(
    numerator: int | Decimal | None, denominator: int | Decimal | None, digits: int = 1
) -> Decimal | None:
    """`numerator` in % of `denominator` as printed; None if either is missing or the denominator is zero."""
    if numerator is None or not denominator:
        return None
    return rounded(Fraction(numerator) / Fraction(denominator) * 100, digits)


def share_percent(share: float | None, digits: int = 1) -> Decimal | None:
    """A share (0..1) that is known only as a double, in % as printed; None if missing.

    The shortest decimal that names the double is taken as its exact value, so that a quotient that is a
    half in decimal is rounded as one. Where numerator and denominator are at hand, use `percent`.
    """
    if share is None:
        return None
    return rounded(Fraction(repr(share)) * 100, digits)


def percent_text(value: Decimal | None) -> str:
    """`76.0%`, with the decimals that the value has."""
    return MISSING if value is None else f"{value:,f}%"


def count_text(value: int | None) -> str:
    """`3,126`."""
    return MISSING if value is None else f"{value:,d}"


def number_text(value: int | float | Decimal | None, digits: int) -> str:
    """`92.40`: a score, a mean or a number of days with that many decimals."""
    if value is None:
        return MISSING
    exact = Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
    return f"{rounded(exact, digits):,f}"


def amount_parts(wan: int | Decimal | None, currency: str = "元") -> tuple[str, str]:
    """An amount in 万元 as (number, unit): 亿元 with two decimals, one from 100 亿, 万亿元 with two
    from 10,000 亿. Below a tenth of a 亿 two decimals would hide too much: 万元. A missing amount has
    no unit.
    """
    if wan is None:
        return MISSING, ""
    exact = Fraction(wan) / _HUNDRED_MILLION
    value = rounded(exact, 2)
    if wan and abs(exact) < Fraction(1, 10):
        return number_text(wan, 2), f"万{currency}"
    if abs(value) >= 100:
        value = rounded(exact, 1)
    if abs(value) >= 10_000:
        return f"{rounded(exact / _HUNDRED_MILLION, 2):,f}", f"万亿{currency}"
    return f"{value:,f}", f"亿{currency}"


def amount_text(wan: int | Decimal | None, currency: str = "元") -> str:
    """`8,410.0亿元`; see `amount_parts`."""
    return "".join(amount_parts(wan, currency))


def hundred_millions_text(wan: int | Decimal | None) -> str:
    """An amount in 万元 as a bare number of 亿, one decimal from 100, two below: for a column with a unit."""
    if wan is None:
        return MISSING
    value = rounded(Fraction(wan) / _HUNDRED_MILLION, 2)
    return f"{value if abs(value) < 100 else rounded(Fraction(wan) / _HUNDRED_MILLION, 1):,f}"


def points_text(points: Decimal | None) -> str:
    """`超序时1.0个百分点`, `低于序时3.2个百分点` or `与序时持平`."""
    if points is None:
        return MISSING
    if not points:
        return "与序时持平"
    return f"{'超' if points > 0 else '低于'}序时{abs(points):,f}个百分点"


def months_text(period: str) -> str:
    """The months of the year up to a period (`2024-09`): `1—9月`, January alone `1月`."""
    month = int(period[5:])
    return "1月" if month == 1 else f"1—{month}月"


def period_text(period: str) -> str:
    """`2024年9月` of `2024-09`."""
    return f"{int(period[:4])}年{int(period[5:])}月"


def day_text(day: date, *, has_year: bool = False) -> str:
    """`9月30日`; with `has_year` `2024年9月30日`."""
    return f"{day.year}年{day.month}月{day.day}日" if has_year else f"{day.month}月{day.day}日"


def instant_text(instant: datetime, *, has_year: bool = False) -> str:
    """`10月8日 16:20`, the office's clock for an aware instant; with `has_year` `2024年10月8日 16:20`."""
    if instant.tzinfo is None:
        raise ValueError("an instant carries its time zone")
    local = instant.astimezone(OFFICE_TIME)
    return f"{day_text(local, has_year=has_year)} {local:%H:%M}"
