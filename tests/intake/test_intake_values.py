"""Cells: amounts to the 元, dates with their precision, marks for "missing"."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saima.intake.units import FOREIGN_UNITS, MONEY_UNITS
from saima.intake.values import (
    KnownDate,
    ValueDoubtedError,
    ValueRefusedError,
    amount,
    code,
    flag,
    is_missing,
    is_missing_code,
    known_date,
    last_day,
    month_text,
    name,
    rounded,
    text,
)
from saima.intake.workbook import Unread

WAN = Decimal(1)


@pytest.mark.parametrize(
    ("cell", "factor", "wan"),
    [
        (12345.67, WAN, "12345.67"),
        (0.1 + 0.2, WAN, "0.3000"),
        ("1,234,567.8", WAN, "1234567.8"),
        ("１２３．５", WAN, "123.5"),
        ("12，345", WAN, "12345"),
        (3.5, Decimal(10_000), "35000"),
        (1.00105, WAN, "1.0011"),
        ("3.5亿", WAN, "35000"),
        ("120.5亿元", WAN, "1205000"),
        ("35000万元", Decimal(10_000), "35000"),
        ("1255175.02", Decimal("0.0001"), "125.5175"),
        ("0", WAN, "0"),
        ("-5", WAN, "-5"),
        (" 3.5 亿元\n", WAN, "35000"),
    ],
)
def test_an_amount_is_read_exactly_in_wan(cell: str | float, factor: Decimal, wan: str) -> None:
    assert rounded(amount(cell, factor, MONEY_UNITS)) == Decimal(wan)


@pytest.mark.parametrize(
    "cell", ["三千万", "2000万件", "100%", "1.2E+08", True, "12.3.4", "2024-", "约", "大约很多"]
)
def test_text_in_an_amount_is_refused(cell: str | bool) -> None:
    with pytest.raises(ValueRefusedError):
        amount(cell, WAN, MONEY_UNITS)


@pytest.mark.parametrize(
    "cell", ["1200\n800", "1200 800", "12 00", "12\t000", "1,200 300", "300 500", "1\u00a0200"]
)
def test_two_numbers_in_a_cell_are_never_one(cell: str) -> None:
    with pytest.raises(ValueRefusedError, match="疑为两个数"):
        amount(cell, WAN, MONEY_UNITS)


def test_a_unit_of_another_currency_is_refused_in_an_amount() -> None:
    with pytest.raises(ValueDoubtedError, match="外币"):
        amount("500万美元", WAN, MONEY_UNITS)
    assert amount("500万美元", WAN, FOREIGN_UNITS) == 500
    with pytest.raises(ValueRefusedError):
        amount("500万元", WAN, FOREIGN_UNITS)


def test_an_amount_too_large_to_keep_is_refused() -> None:
    with pytest.raises(ValueRefusedError, match="过大"):
        rounded(Decimal(10) ** 14)


@given(st.decimals(min_value=0, max_value=10**9, places=4))
def test_an_amount_with_four_decimals_survives_a_workbook(value: Decimal) -> None:
    assert rounded(amount(float(value), WAN, MONEY_UNITS)) == value
    assert rounded(amount(f"{value:,}", WAN, MONEY_UNITS)) == value


@pytest.mark.parametrize(
    "cell", [None, "", "  ", "—", "——", "-", "/", "／", "无", " 待定 ", "N/A", Unread(None)]
)
def test_marks_for_no_value_are_missing(cell: str | Unread | None) -> None:
    assert is_missing(cell)


@pytest.mark.parametrize("cell", [0.0, "0", False, "有", "无锡", Unread("#REF!")])
def test_zero_is_a_value(cell: str | float | Unread) -> None:
    assert not is_missing(cell)


@pytest.mark.parametrize(
    ("cell", "last", "precision"),
    [
        ("2024-09-15", date(2024, 9, 15), "day"),
        ("2024/9/5", date(2024, 9, 5), "day"),
        ("2024.9.15", date(2024, 9, 15), "day"),
        ("2024年9月15日", date(2024, 9, 15), "day"),
        ("２０２４年９月１５日", date(2024, 9, 15), "day"),
        ("2024-9-1 10:00", date(2024, 9, 1), "day"),
        ("2024-09-15T00:00:00", date(2024, 9, 15), "day"),
        ("20240915", date(2024, 9, 15), "day"),
        (20240915.0, date(2024, 9, 15), "day"),
        (45550.0, date(2024, 9, 15), "day"),
        ("45550", date(2024, 9, 15), "day"),
        (45550.75, date(2024, 9, 15), "day"),
        (date(2024, 9, 15), date(2024, 9, 15), "day"),
        (datetime(2024, 9, 15, 8, 30), date(2024, 9, 15), "day"),  # noqa: DTZ001 - a cell has no zone
        ("2024年9月", date(2024, 9, 30), "month"),
        ("2024.09", date(2024, 9, 30), "month"),
        (2024.09, date(2024, 9, 30), "month"),
        ("202402", date(2024, 2, 29), "month"),
        ("2024年12月底", date(2024, 12, 31), "month"),
        ("2024.10", date(2024, 10, 31), "month"),
        ("2024年三季度", date(2024, 9, 30), "quarter"),
        ("2024年第4季度", date(2024, 12, 31), "quarter"),
        ("2024Q1", date(2024, 3, 31), "quarter"),
        ("2024年三季度末", date(2024, 9, 30), "month"),
        ("2024年第4季度底", date(2024, 12, 31), "month"),
        ("2024年二季度初", date(2024, 4, 30), "month"),
        ("2024年底", date(2024, 12, 31), "month"),
        ("2024年末", date(2024, 12, 31), "month"),
        ("2024年初", date(2024, 1, 31), "month"),
        ("2024年度", date(2024, 12, 31), "year"),
        ("2024年", date(2024, 12, 31), "year"),
        ("2024", date(2024, 12, 31), "year"),
        (2024.0, date(2024, 12, 31), "year"),
    ],
)
def test_a_date_is_the_last_day_of_what_is_known(
    cell: str | float | date, last: date, precision: str
) -> None:
    known = known_date(cell)
    assert (known.last, known.precision) == (last, precision)


@pytest.mark.parametrize(
    "cell",
    ["2024-02-30", "2024-13-01", "2024年13月", "0024-01-01", 12.0, True],
)
def test_a_day_that_no_calendar_has_is_refused(cell: str | float) -> None:
    with pytest.raises(ValueRefusedError):
        known_date(cell)


@pytest.mark.parametrize(
    "cell", ["约5亿元", "5-8亿", "5～8亿元", "超10亿", "≥3", "120亿元左右", "3.5亿元以上", "十余亿"]
)
def test_an_amount_that_is_no_one_number_is_doubted_and_never_a_number(cell: str) -> None:
    with pytest.raises((ValueDoubtedError, ValueRefusedError)):
        amount(cell, WAN, MONEY_UNITS)


def test_an_amount_in_two_units_is_added_up() -> None:
    assert amount("1亿2000万元", WAN, MONEY_UNITS) == 12000


@pytest.mark.parametrize(
    "cell", ["已开工", "15/09/2024", "2013-2015", "08.5-11.12", "2023年至2025年", "尽快"]
)
def test_words_that_are_no_date_are_doubted(cell: str) -> None:
    with pytest.raises(ValueDoubtedError, match="不是一个日期"):
        known_date(cell, (), 2024)


def test_a_month_without_its_year_is_doubted_and_taken_for_one_of_the_period() -> None:
    with pytest.raises(ValueDoubtedError, match="没有写年份") as doubted:
        known_date("9月底", (), 2024)
    assert doubted.value.value == KnownDate(date(2024, 9, 1), date(2024, 9, 30), "month")


def test_a_year_of_two_digits_is_doubted_and_taken_for_one_of_the_century() -> None:
    with pytest.raises(ValueDoubtedError, match="按 2025 年读取") as doubted:
        known_date("25年3月", (), 2024)
    assert doubted.value.value == KnownDate(date(2025, 3, 1), date(2025, 3, 31), "month")
    with pytest.raises(ValueDoubtedError, match="不是一个日期"):
        known_date("24.9.1", (), 2024)


def test_a_number_that_may_have_lost_a_zero_is_doubted() -> None:
    with pytest.raises(ValueDoubtedError, match="1 月还是 10 月"):
        known_date(2024.1)


def test_a_stated_format_is_tried_first() -> None:
    assert known_date("03/04/2024", ["%m/%d/%Y"]).last == date(2024, 3, 4)
    assert known_date("03/2024", ["%m/%Y"]).precision == "month"
    assert known_date("2024-03-04", ["%m/%d/%Y"]).last == date(2024, 3, 4)


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_a_day_reads_the_same_however_it_is_written(day: date) -> None:
    ways = [
        day,
        day.isoformat(),
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
    ]
    if not date(1954, 10, 1) <= day < date(1957, 7, 1):  # 20243 is rather 2024年3月
        ways.append(float((day - date(1899, 12, 30)).days))
    assert {known_date(way).last for way in ways} == {day}


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_a_span_ends_the_day_before_the_next_one_begins(day: date) -> None:
    known = known_date(f"{day.year}年{day.month}月")
    assert known.first <= day <= known.last
    assert (known.last + timedelta(days=1)).day == 1
    assert last_day(day.strftime("%Y-%m")) == known.last


def test_a_code_keeps_its_characters() -> None:
    assert code("2401－210102－04—01-12345a") == "2401-210102-04-01-12345A"
    assert code(7.0) == "7"
    assert code(" 00123 ") == "00123"


@pytest.mark.parametrize(
    "written",
    [
        "240121010604 01123456",
        "24012101060401123456",
        "2401－210106–04-01-123456",
        " ２４０１-210106-04-01-123456",
    ],
)
def test_a_national_code_has_one_spelling(written: str) -> None:
    assert code(written) == "2401-210106-04-01-123456"


@pytest.mark.parametrize(
    "cell", ["待赋码", "未赋码", "暂无", "无", "0", 0.0, "/", "没有代码", "办理中", None]
)
def test_a_code_that_is_still_to_come_is_missing(cell: str | float | None) -> None:
    assert is_missing_code(cell)


@pytest.mark.parametrize("cell", ["A-0", "10", "2401-210106-04-01-123456", "未来城", "待业楼"])
def test_other_codes_are_codes(cell: str) -> None:
    assert not is_missing_code(cell)


@pytest.mark.parametrize(
    "cell", [2.401210102040123e23, 1e15, "2.4012E+19", "123456789012345000", "24012101060401100000"]
)
def test_a_code_that_became_a_number_is_refused(cell: str | float) -> None:
    with pytest.raises(ValueRefusedError, match="末位已丢失"):
        code(cell)


def test_yes_and_no_as_offices_tick() -> None:
    assert [flag(cell) for cell in ("是", "√", "✓", 1.0, True)] == [True] * 5
    assert [flag(cell) for cell in ("否", "×", "x", 0.0, False)] == [False] * 5
    with pytest.raises(ValueDoubtedError):
        flag("大概")


def test_a_line_feed_in_a_name_is_the_width_of_a_column() -> None:
    assert name(" 智能装备\n产业园 ") == "智能装备产业园"
    assert text(" 一、主体\n 二、配套 ") == "一、主体\n二、配套"


def test_a_month_without_a_year_lies_in_the_year_of_the_period() -> None:
    assert month_text("3月", "2024-09") == "2024-03"
    assert month_text("2025年1月", "2024-09") == "2025-01"
    with pytest.raises(ValueRefusedError):
        month_text("2024年", "2024-09")


def test_an_error_of_a_formula_is_refused() -> None:
    for read in (text, code, flag, known_date):
        with pytest.raises(ValueRefusedError, match="错误值"):
            read(Unread("#REF!"))
