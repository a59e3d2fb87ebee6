"""What one cell says: amounts exactly, dates with how exactly they are known, marks for "missing"."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from saima.intake.package import Unread
from saima.intake.workbook import DAY_NUMBERS, Cell

MISSING = re.compile(r"[-—–]{0,3}|/{1,2}|\\|无|待定|未定|暂无|不详|不清楚|#?n/a|na|null|none|nan")
"""What offices write for "no value". Missing is never zero."""

_LONGEST_MARK = 20
"""Text of that length is no mark for "no value", however many blanks are in it."""

_MARK_BEGINS = frozenset("无待未暂不nNｎＮ")
"""Letters with which a mark for "no value" begins."""

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


class ValueDoubtedError(Exception):
    """A cell that says something, but nothing exact. `value` is what is taken for it, None for missing."""

    def __init__(self, rule: str, objection: str, value: "KnownDate | None" = None) -> None:
        super().__init__(objection)
        self.rule = rule
        self.value = value


@dataclass(frozen=True)
class KnownDate:
    """A date and how exactly it is known: `last` day of the span from `first`."""

    first: date
    last: date
    precision: str


def plain(text: str) -> str:
    """Text in ordinary width, without any white space: for comparing and reading, not for storing."""
    is_usual = text.isascii() or unicodedata.is_normalized("NFKC", text)
    usual = text if is_usual else unicodedata.normalize("NFKC", text)
    return "".join(usual.split()).replace("\u200b", "").replace("\ufeff", "")


def normalised(text: object) -> str:
    """A heading or word without what differs from hand to hand: width, space, case, brackets, stars."""
    letters = plain(str(text)).strip("*※")
    return letters.translate(str.maketrans("【】〔〕[]", "()()()")).lower()


def is_missing(cell: Cell) -> bool:
    """Whether the cell says that there is no value. A formula never calculated is missing, too."""
    if isinstance(cell, str):
        return len(cell) < _LONGEST_MARK and MISSING.fullmatch(plain(cell).lower()) is not None
    return cell is None or (isinstance(cell, Unread) and cell.error is None)


def is_missing_code(cell: Cell) -> bool:
    """Whether the cell of a code says that there is none yet."""
    if isinstance(cell, str) and len(cell) >= _LONGEST_MARK:
        return False
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
        visible = cell.replace("\u200b", "").replace("\ufeff", "").strip()
        # splitlines() would also break at separators that no office types.
        return "\n".join(line.strip() for line in visible.splitlines()) if "\n" in visible else visible
    return shown(cell)


def name(cell: Cell) -> str:
    """Text in one line: a line feed in a name comes from the width of a column."""
    return text(cell).replace("\n", "")


_MARKS = "★☆■□▲△●○◆◇※*＊"


def unmarked(name: str) -> str:
    """A name without the marks (★ ■ ▲) that lists set at either end of it."""
    return name.strip(_MARKS + " \u3000") or name


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


_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|[-+]?\.\d+")
_AMOUNT = re.compile(rf"({_NUMBER.pattern})\s*([^\W\d]{{1,5}})")
_TWO_AMOUNTS = re.compile(r"(\d+)亿零?(\d{1,4}(?:\.\d+)?)万元?")
_IN_CURRENCY = re.compile(r"(?:US|HK|A|C|NT)?\$|€|£|USD|HKD|EUR|JPY|GBP|[美欧日港]元")
_WITH_REMARK = re.compile(r"[\d.,]+\s*[^\W\d]{0,4}\s*\(\D.*\)")
_ABOUT = re.compile(
    r"(?:约|大约|约为|近|超|超过|逾|不低于|不少于|不超过|≥|≤|>|<|>=|<=|预计)\D{0,3}[\d.,]+[^\d]{0,6}"
    r"|[\d.,]+[^\d]{0,4}(?:左右|上下|以上|以下|以内|余|多)[^\d]{0,3}"
    r"|[\d.,]+[^\W\d]{0,4}[-~至到—–][\d.,]+[^\d]{0,6}"
)


def _numeral(text: str) -> str:
    """Text of a number in ordinary width. Space within stays: 1200 800 may be two numbers."""
    return (
        re.sub(r"[\u200b\ufeff]", "", unicodedata.normalize("NFKC", text)).strip().removeprefix("¥").lstrip()
    )


_NOTED = "带有①、²之类的注码，会与数字混在一起，按缺失处理，请去掉注码"


def _has_note(cell: Cell) -> bool:
    """Whether a note stands at a number (3000①, 3000²): in ordinary width it would be a digit of it."""
    return isinstance(cell, str) and any(unicodedata.category(letter) == "No" for letter in cell)


def _exact(cell: Cell, allowed: str) -> Decimal:
    """The number in a cell, exactly as it is written; ValueRefusedError for anything else."""
    _refuse_error(cell)
    if _has_note(cell):
        raise ValueDoubtedError("amount_is_one_number", _NOTED)
    if isinstance(cell, float) and not isinstance(cell, bool):
        return Decimal(repr(cell))
    if isinstance(cell, str) and _NUMBER.fullmatch(_numeral(cell)):
        return Decimal(_numeral(cell).replace(",", ""))
    if isinstance(cell, str) and re.search(r"\d\s+\d", _numeral(cell)):
        raise ValueRefusedError(
            "number_is_one_number", f"数字中间有空格或换行，疑为两个数，请只填一个。允许：{allowed}"
        )
    raise ValueRefusedError("number_is_a_number", f"不是数字。允许：{allowed}")


def amount(cell: Cell, factor: Decimal, units: Mapping[str, Decimal]) -> Decimal:
    """An amount in 万, not rounded yet. A unit written in the cell counts instead of the column's."""
    if _has_note(cell):
        raise ValueDoubtedError("amount_is_one_number", _NOTED)
    if isinstance(cell, str):
        written = _numeral(cell)
        if currency := _IN_CURRENCY.match(written):
            is_own = "万美元" in units and currency[0] in {"$", "US$", "USD", "美元"}
            if not is_own:
                raise _in_another_currency()
            cell = written = written[currency.end() :].strip()
        if (match := _TWO_AMOUNTS.fullmatch(written)) and "万元" in units:
            return Decimal(match[1]) * 10_000 + Decimal(match[2])
        if not _NUMBER.fullmatch(written) and _ABOUT.fullmatch(plain(cell)):
            raise ValueDoubtedError(
                "amount_is_one_number", "是约数或范围，不是一个数，按缺失处理，请填一个确定的数"
            )
        if _WITH_REMARK.fullmatch(written):
            raise ValueDoubtedError(
                "amount_is_one_number", "数后面有说明，按缺失处理，请只填一个数，说明写进备注"
            )
        if match := _AMOUNT.fullmatch(written):
            own = next(
                (units[unit] for ending in ("", "元", "美元") if (unit := match[2] + ending) in units), None
            )
            if own is None and re.search("[美欧日港]元|英镑", match[2]):
                raise _in_another_currency()
            if own is None:
                raise ValueRefusedError(
                    "unit_is_known", f"单位“{match[2]}”不能用在这一列。允许：{'、'.join(units)}"
                )
            factor, cell = own, match[1]
    return _exact(cell, "数字，如 12000 或 1.2亿元") * factor


def _in_another_currency() -> ValueDoubtedError:
    return ValueDoubtedError(
        "amount_is_in_the_ledgers_currency", "是外币，没有折算，按缺失处理，请填折合的人民币金额"
    )


def written_digits(cell: Cell) -> int:
    """How many decimals a number is written with."""
    written = _decimal_text(cell) if isinstance(cell, float) else _numeral(str(cell))
    match = re.search(r"\.(\d+)", written)
    return len(match[1]) if match else 0


def plain_amount(cell: float, factor: Decimal, other: object) -> object:
    """The amount of a number of a workbook, in 万 with at most four decimals; `other` where it has more, or
    is very large or small: `amount` and `rounded` have something to say of it."""
    if not 0.001 <= abs(cell) < 10**9:
        return Decimal(0) if cell == 0 else other
    written = repr(cell)
    if factor == 1 and "." in written[-5:]:
        return Decimal(written)
    exact = Decimal(written) * factor
    kept = exact.quantize(CENT, ROUND_HALF_UP)
    return kept if kept == exact else other


def is_plain_text(cell: str) -> bool:
    """Whether text is kept as it is: no mark for "no value", no white space at its ends, one line."""
    first, last = cell[0], cell[-1]
    return first not in _MARK_BEGINS and first.isalnum() and not last.isspace() and cell.isprintable()


def rounded(value: Decimal) -> Decimal:
    """The amount with four decimals, half up. ValueRefusedError where it is too large to be kept."""
    if abs(value) >= LARGEST:
        raise ValueRefusedError("amount_is_not_too_large", "金额过大，超出可保存的范围，请核对单位")
    return value.quantize(CENT, ROUND_HALF_UP)


def number(cell: Cell) -> float:
    """A number that is no amount."""
    return float(_exact(cell, "数字"))


def percent(cell: Cell, *, is_stated: bool) -> float:
    """A percentage: 5.2 is 5.2 %. `is_stated` is whether the heading says %; a workbook keeps a cell that
    shows 5.2 % as 0.052, which cannot be told from 0.052 %."""
    if isinstance(cell, str) and _numeral(cell).endswith("%"):
        return float(_exact(_numeral(cell).removesuffix("%"), "如 5.2%"))
    exact = _exact(cell, "如 5.2%")
    if not is_stated and 0 < abs(exact) < 1:
        raise ValueDoubtedError(
            "percentage_is_certain", "分不清是小数还是百分数，按缺失处理，请写成 5.2% 这样的文本"
        )
    return float(exact)


def year(cell: Cell) -> int:
    """A year, as a number or written 2024年."""
    try:
        found = known_date(cell)
    except ValueDoubtedError:
        found = None
    if found is None or found.precision != "year":
        raise ValueRefusedError("year_is_a_year", "不是年份。允许：如 2024、2024年")
    return found.first.year


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
    raise ValueDoubtedError("flag_is_yes_or_no", "不是“是”或“否”，按空白处理。允许：是、否、√、×")


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
_MONTH_ALONE = re.compile(r"(\d{1,2})月份?(上旬|中旬|下旬|初|中|底|末|\d{1,2}[日号])?")
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}
_FIRST_YEAR, _LAST_YEAR = 1900, 2199

_MONTHS_OR_DAYS = range(20_001, 21_000)
"""Day numbers of the fifties that are rather a year of this century and a month: 20243."""


def known_date(cell: Cell, formats: Sequence[str] = (), year: int | None = None) -> KnownDate:
    """A date with its precision: day, month, quarter or year.

    年底 is December, 年初 January, 季度末 the last month of the quarter.

    `formats` (as in strftime) are tried first. Raises ValueDoubtedError for text that is no date, for a
    number such as 2024.1, which may have been 2024.10, for a month without its year (9月底), which is that
    of `year` if given, and for a year of two digits (24年9月), in its century; ValueRefusedError for a day
    that no calendar has and for other numbers.
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
    if _has_note(cell):
        raise ValueDoubtedError("date_is_a_date", _NOTED)
    for form in formats:
        try:
            found = datetime.strptime(cell.strip(), form).replace(tzinfo=UTC)
        except ValueError:
            continue
        if "%d" in form or "%j" in form:
            return _day(found.year, found.month, found.day)
        has_month = any(mark in form for mark in ("%m", "%b", "%B"))
        return _month(found.year, found.month) if has_month else _year(found.year)
    written = plain(_TIME.sub("", cell.strip()))
    if year and (match := _MONTH_ALONE.fullmatch(written)):
        month, day = int(match[1]), (match[2] or "")[:-1]
        known = _day(year, month, int(day)) if day.isdigit() else _month(year, month)
        raise ValueDoubtedError("date_has_its_year", f"没有写年份，按 {year} 年读取，请写全年月", known)
    if year and re.match(r"\d{2}年", written):
        century = year // 100
        known = _written_date(f"{century}{written}")
        objection = f"年份只写了两位，按 {century}{written[:2]} 年读取，请写全年月"
        raise ValueDoubtedError("date_has_its_year", objection, known)
    return _written_date(written)


def span(cell: Cell) -> tuple[KnownDate, KnownDate] | None:
    """Beginning and end of 2023-2025 or 2023年3月至2025年12月; None for anything else, such as 24个月."""
    text = plain(shown(cell))
    for between in re.finditer("[-~至到—–]+", text):
        parts = text[: between.start()], text[between.end() :]
        try:
            first, last = map(_written_date, parts)
        except (ValueRefusedError, ValueDoubtedError):
            continue
        if all(re.match("19|20", part) for part in parts):
            return first, last
    return None


def _written_date(text: str) -> KnownDate:
    written = re.sub("(?:之|以)?前$", "", text)
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
    if not written.isdigit():
        raise ValueDoubtedError("date_is_a_date", f"不是一个日期，按缺失处理。允许：{_DATE_ALLOWED}")
    raise _no_date()


def _numeric_date(number: float) -> KnownDate:
    """A date that a workbook keeps as a number: 20240915, 202409, 2024, 2024.09, or a day number."""
    if number.is_integer():
        if _FIRST_YEAR <= number <= _LAST_YEAR:
            return _year(int(number))
        if int(number) in _MONTHS_OR_DAYS and int(number) % 10:
            year, month = divmod(int(number), 10)
            raise ValueDoubtedError(
                "month_is_certain",
                f"分不清是 {year}年{month}月 还是日期的序号，按缺失处理。允许：{year}年{month}月",
            )
        if int(number) in DAY_NUMBERS:
            found = date(1899, 12, 30) + timedelta(days=int(number))
            return _day(found.year, found.month, found.day)
        if len(str(int(number))) in {6, 8}:
            return _written_date(str(int(number)))
        raise _no_date()
    if _FIRST_YEAR <= number <= _LAST_YEAR:
        if is_doubtful_month(number):
            raise ValueDoubtedError(
                "month_is_certain",
                f"分不清是 1 月还是 10 月，按缺失处理。允许：{int(number)}年1月 或 {int(number)}年10月",
            )
        return _written_date(repr(number))
    if int(number) in DAY_NUMBERS:
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
    try:
        found = known_date(cell)
    except ValueDoubtedError:
        found = None
    if found is None or found.precision in {"quarter", "year"}:
        raise ValueRefusedError("month_is_a_month", "不是月份。允许：如 2024-09、2024年9月、9月")
    return found.first.strftime("%Y-%m")


def _refuse_error(cell: Cell) -> None:
    if isinstance(cell, Unread) and cell.error:
        raise ValueRefusedError(cell.rule, cell.objection)
