"""What one cell says: amounts exactly, dates with how exactly they are known, marks for "missing"."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from saima.intake.workbook import Cell, Unread

MISSING = re.compile(r"[-—–]{0,3}|/{1,2}|\\|无|待定|未定|暂无|不详|不清楚|#?n/a|na|null|none|nan")
"""What offices write for "no value". Missing is never zero."""

NO_CODE = re.compile(
    "0+|(?:赋码|申请|申报|办理|备案)中"
    "|(?:暂|尚|还)?(?:无|未|没有?|等?待|正在)(?:项目)?(?:统一)?"
    "(?:赋码?|代码|编码|申请|申报|办理|取得|补充?|填报?|立项|备案|批复)?中?"
)
"""What offices write, besides, for a code that has not been given yet."""

NATIONAL_CODE = re.compile(r"(\d{4})-?(\d{6})-?(\d{2})-?(\d{2})-?(\d{5}[0-9A-Z])")
"""The shape of GB/T 40058, with its hyphens or without."""

CENT = Decimal("0.0001")
"""Amounts are kept in 万元 with four decimals, which is to the 元."""

LARGEST = Decimal(10) ** 14
"""A stored amount (18 digits, four of them decimals) lies below it."""

EXACT_DIGITS = 10**15
"""Whole numbers from here on are no longer exact where a workbook keeps them as numbers."""


class ValueRefusedError(Exception):
    """A cell that is not what its column holds. `rule` names the rule; `str()` is the objection."""

    def __init__(self, rule: str, objection: str) -> None:
        super().__init__(objection)
        self.rule = rule


@dataclass(frozen=True)
class KnownDate:
    """A date and how exactly it is known: `last` day of the span from `first`."""

    first: date
    last: date
    precision: str


def plain(text: str) -> str:
    """Text in ordinary width, without any white space: for comparing and reading, not for storing."""
    return re.sub(r"[\s\u200b\ufeff]+", "", unicodedata.normalize("NFKC", text))


def is_missing(cell: Cell) -> bool:
    """Whether the cell says that there is no value. A formula never calculated is missing, too."""
    if isinstance(cell, str):
        return MISSING.fullmatch(plain(cell).lower()) is not None
    return cell is None or (isinstance(cell, Unread) and cell.error is None)


def is_missing_code(cell: Cell) -> bool:
    """Whether the cell of a code says that there is none yet."""
    return is_missing(cell) or NO_CODE.fullmatch(plain(shown(cell))) is not None


def shown(cell: Cell) -> str:
    """A cell as the reader of a report recognises it."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return _decimal_text(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    text = "" if cell is None else str(cell)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _decimal_text(number: float) -> str:
    return str(int(number)) if number.is_integer() and abs(number) < 10**15 else repr(number)


def text(cell: Cell) -> str:
    """Text as filed, without white space around it; a number as it would be written."""
    _refuse_error(cell)
    if isinstance(cell, str):
        return "\n".join(line.strip() for line in cell.strip().splitlines())
    return shown(cell)


def name(cell: Cell) -> str:
    """Text in one line: a line feed in a name comes from the width of a column."""
    return re.sub(r"\s*\n\s*", "", text(cell))


def code(cell: Cell) -> str:
    """An identifier: capital letters, plain hyphens, no spaces; a national one always with its hyphens.

    Refused where a workbook kept it as a number of 16 digits or more: the last digits are lost.
    """
    _refuse_error(cell)
    if isinstance(cell, float) and abs(cell) >= EXACT_DIGITS:
        raise ValueRefusedError(
            "code_is_kept_as_text", "超过 15 位的代码存成了数字，末位已丢失，请按文本格式重新填写"
        )
    written = re.sub("[‐‑‒–—―−]", "-", plain(shown(cell) if not isinstance(cell, str) else cell)).upper()
    if re.fullmatch(r"\d(?:\.\d+)?E\+\d+", written):
        raise ValueRefusedError(
            "code_is_kept_as_text", "代码成了科学计数法，末位已丢失，请按文本格式重新填写"
        )
    # A workbook keeps fifteen digits of a number: behind them it writes zeros.
    if re.fullmatch(r"\d{15}0+", written):
        raise ValueRefusedError(
            "code_is_kept_as_text", "第 15 位以后全是 0，曾被存成数字，末位已丢失，请按文本格式重新填写"
        )
    return national_code(written) or written


def national_code(written: str) -> str | None:
    """A code in the shape of GB/T 40058, hyphens put in; None for any other code."""
    match = NATIONAL_CODE.fullmatch(written)
    return "-".join(match.groups()) if match else None


_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?:\.\d+)?|[-+]?\.\d+")
_AMOUNT = re.compile(rf"({_NUMBER.pattern})\s*([^\W\d]{{1,5}})")


def _numeral(text: str) -> str:
    """Text of a number in ordinary width. Space within stays: 1200 800 may be two numbers."""
    return re.sub(r"[\u200b\ufeff]", "", unicodedata.normalize("NFKC", text)).strip()


def _exact(cell: Cell, allowed: str) -> Decimal:
    """The number in a cell, exactly as it is written; ValueRefusedError for anything else."""
    _refuse_error(cell)
    if isinstance(cell, float) and not isinstance(cell, bool):
        return Decimal(repr(cell))
    if isinstance(cell, str) and _NUMBER.fullmatch(_numeral(cell)):
        return Decimal(re.sub("[, ]", "", _numeral(cell)))
    if isinstance(cell, str) and re.search(r"\d\s+\d", _numeral(cell)):
        raise ValueRefusedError(
            "number_is_one_number", f"数字中间有空格或换行，疑为两个数，请只填一个。允许：{allowed}"
        )
    raise ValueRefusedError("number_is_a_number", f"不是数字。允许：{allowed}")


def amount(cell: Cell, factor: Decimal, units: Mapping[str, Decimal]) -> Decimal:
    """An amount in 万, not rounded yet. A unit written in the cell counts instead of the column's."""
    if isinstance(cell, str) and (match := _AMOUNT.fullmatch(_numeral(cell))):
        own = next(
            (units[unit] for ending in ("", "元", "美元") if (unit := match[2] + ending) in units), None
        )
        if own is None:
            raise ValueRefusedError(
                "unit_is_known", f"单位“{match[2]}”不能用在这一列。允许：{'、'.join(units)}"
            )
        factor, cell = own, match[1]
    return _exact(cell, "数字，如 12000 或 1.2亿元") * factor


def rounded(value: Decimal) -> Decimal:
    """The amount with four decimals, half up. ValueRefusedError where it is too large to be kept."""
    if abs(value) >= LARGEST:
        raise ValueRefusedError("amount_is_not_too_large", "金额过大，超出可保存的范围，请核对单位")
    return value.quantize(CENT, ROUND_HALF_UP)


def number(cell: Cell) -> float:
    """A number that is no amount."""
    return float(_exact(cell, "数字"))


_TRUE = {"是", "√", "✓", "✔", "y", "yes", "true", "t", "1", "有", "已", "已完成", "已落实", "对"}
_FALSE = {"否", "×", "x", "✗", "✘", "n", "no", "false", "f", "0", "没有", "未", "未完成", "未落实", "错"}


def flag(cell: Cell) -> bool:
    """是 or 否, in the ways that offices tick."""
    _refuse_error(cell)
    word = plain(shown(cell)).lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueRefusedError("flag_is_yes_or_no", "不是“是”或“否”。允许：是、否、√、×")


def texts(cell: Cell) -> list[str]:
    """Several words in one cell, each once, in the order filed."""
    parts = re.split(r"[、;；,，\n|]+", text(cell))
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


_DATE_ALLOWED = "如 2024-09-15、2024年9月、2024年三季度、2024年"
_SEPARATED = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?(?:T?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_TIME = re.compile(r"(?<=\d)(?:T|\s+)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?$")
_MONTH = re.compile(r"(\d{4})(?:年|[-/.])(\d{1,2})(?:月份?)?(?:上旬|中旬|下旬|初|中|底|末)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_QUARTER = re.compile(r"(\d{4})年?(?:第?([一二三四1-4])季度|-?[Qq]([1-4]))([初中底末])?")
_YEAR = re.compile(r"(\d{4})年?(?:度|内|([初底末]))?")
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_SERIALS = range(18_264, 73_416)
"""Day numbers that Excel gives to 1950-01-01 … 2100-12-31."""


def known_date(cell: Cell, formats: Sequence[str] = ()) -> KnownDate:
    """A date with its precision: day, month, quarter or year.

    年底 is December, 年初 January, 季度末 the last month of the quarter.

    `formats` (as in strftime) are tried first. Raises ValueRefusedError for text, for a day that no calendar
    has, and for a number such as 2024.1, which may have been 2024.10.
    """
    _refuse_error(cell)
    if isinstance(cell, datetime):
        return _day(cell.year, cell.month, cell.day)
    if isinstance(cell, date):
        return _day(cell.year, cell.month, cell.day)
    if isinstance(cell, float) and not isinstance(cell, bool):
        return _numeric_date(cell)
    if not isinstance(cell, str):
        raise _no_date()
    for form in formats:
        try:
            found = datetime.strptime(cell.strip(), form).replace(tzinfo=UTC)
        except ValueError:
            continue
        if "%d" in form or "%j" in form:
            return _day(found.year, found.month, found.day)
        has_month = any(mark in form for mark in ("%m", "%b", "%B"))
        return _month(found.year, found.month) if has_month else _year(found.year)
    return _written_date(plain(_TIME.sub("", cell.strip())))


def _written_date(written: str) -> KnownDate:
    if match := _SEPARATED.fullmatch(written):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _QUARTER.fullmatch(written):
        return _quarter(int(match[1]), int(match[3] or _QUARTERS.get(match[2], match[2])), match[4])
    if match := _MONTH.fullmatch(written):
        return _month(int(match[1]), int(match[2]))
    if match := _YEAR.fullmatch(written):
        year = int(match[1])
        return _month(year, 1 if match[2] == "初" else 12) if match[2] else _year(year)
    if written.isdigit() and len(written) == 5:
        return _numeric_date(float(written))
    if match := _COMPACT.fullmatch(written):
        year, month = int(match[1]), int(match[2])
        return _day(year, month, int(match[3])) if match[3] else _month(year, month)
    raise _no_date()


def _numeric_date(number: float) -> KnownDate:
    """A date that a workbook keeps as a number: 20240915, 202409, 2024, 2024.09, or a day number."""
    if number.is_integer():
        if _FIRST_YEAR <= number <= _LAST_YEAR:
            return _year(int(number))
        if int(number) in _SERIALS:
            found = date(1899, 12, 30) + timedelta(days=int(number))
            return _day(found.year, found.month, found.day)
        return _written_date(str(int(number)))
    if _FIRST_YEAR <= number <= _LAST_YEAR:
        if is_doubtful_month(number):
            raise ValueRefusedError(
                "month_is_certain",
                f"分不清是 1 月还是 10 月。允许：{int(number)}年1月 或 {int(number)}年10月",
            )
        return _written_date(repr(number))
    if int(number) in _SERIALS:
        return _numeric_date(float(int(number)))
    raise _no_date()


def is_doubtful_month(cell: Cell) -> bool:
    """Whether a month ends in .1 and may have been .10 before it passed through a spreadsheet."""
    written = plain(cell) if isinstance(cell, str) else repr(cell)
    return re.fullmatch(r"\d{4}\.1", written) is not None


def _no_date() -> ValueRefusedError:
    return ValueRefusedError("date_is_a_date", f"不是日期。允许：{_DATE_ALLOWED}")


def _day(year: int, month: int, day: int) -> KnownDate:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueRefusedError("date_is_in_the_calendar", f"年份应在 {_FIRST_YEAR} 到 {_LAST_YEAR} 之间")
    try:
        found = date(year, month, day)
    except ValueError:
        raise ValueRefusedError("date_is_in_the_calendar", "日历上没有这一天") from None
    return KnownDate(found, found, "day")


def _month(year: int, month: int) -> KnownDate:
    if not 1 <= month <= 12:
        raise ValueRefusedError("date_is_in_the_calendar", "月份应在 1 到 12 之间")
    first = _day(year, month, 1).first
    following = date(year + month // 12, month % 12 + 1, 1)
    return KnownDate(first, following - timedelta(days=1), "month")


def _quarter(year: int, quarter: int, part: str | None) -> KnownDate:
    first, last = _month(year, quarter * 3 - 2), _month(year, quarter * 3)
    match part:
        case "初":
            return first
        case "底" | "末":
            return last
    return KnownDate(first.first, last.last, "quarter")


def _year(year: int) -> KnownDate:
    return KnownDate(_month(year, 1).first, _month(year, 12).last, "year")


def last_day(period: str) -> date:
    """Last day of a month written 2024-09."""
    year, month = period.split("-")
    return _month(int(year), int(month)).last


def month_text(cell: Cell, period: str) -> str:
    """A month as 2024-09; one written without its year (3月) lies in the year of the period."""
    if isinstance(cell, str) and (match := re.fullmatch(r"(\d{1,2})月份?", plain(cell))):
        return _month(int(period[:4]), int(match[1])).first.strftime("%Y-%m")
    found = known_date(cell)
    if found.precision in {"quarter", "year"}:
        raise ValueRefusedError("month_is_a_month", "不是月份。允许：如 2024-09、2024年9月、9月")
    return found.first.strftime("%Y-%m")


def _refuse_error(cell: Cell) -> None:
    if isinstance(cell, Unread) and cell.error:
        raise ValueRefusedError("cell_holds_no_error", "是公式的错误值，请在工作簿中改正")
