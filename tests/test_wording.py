"""Printed numbers: rounded once, half up, from the exact value; missing is never zero."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saima.wording import (
    amount_parts,
    amount_text,
    count_text,
    instant_text,
    months_text,
    number_text,
    percent,
    percent_text,
    period_text,
    points_text,
    rounded,
    share_percent,
)

money = st.decimals(min_value=-(10**12), max_value=10**12, places=4)


@given(value=st.decimals(allow_nan=False, allow_infinity=False), digits=st.integers(0, 4))
def test_rounding_is_half_up_of_the_exact_value(value: Decimal, digits: int) -> None:
    exact = Context(prec=400, Emax=999_999, Emin=-999_999, rounding=ROUND_HALF_UP)
    if abs(value.adjusted()) > 300:
        return
    assert rounded(value, digits) == value.quantize(Decimal(1).scaleb(-digits), context=exact)


@given(numerator=money, denominator=money.filter(bool))
def test_a_printed_percentage_is_at_most_half_a_last_digit_from_the_exact_one(
    numerator: Decimal, denominator: Decimal
) -> None:
    printed = percent(numerator, denominator)
    assert printed is not None
    assert printed.as_tuple().exponent == -1
    assert abs(Fraction(printed) - Fraction(numerator) / Fraction(denominator) * 100) <= Fraction(1, 20)


@given(numerator=st.integers(0, 10**6), denominator=st.integers(1, 10**6))
def test_a_share_divided_as_a_double_prints_like_the_exact_quotient(numerator: int, denominator: int) -> None:
    assert share_percent(numerator / denominator) == percent(numerator, denominator)


def test_a_half_is_rounded_up_where_binary_would_round_it_down() -> None:
    assert percent(57, 2000, digits=1) == Decimal("2.9")
    assert rounded(Decimal("-2.45"), 1) == Decimal("-2.5")
    assert str(rounded(Decimal("-0.04"), 1)) == "0.0"


@pytest.mark.parametrize(("numerator", "denominator"), [(None, 5), (5, None), (5, 0), (5, Decimal("0.0000"))])
def test_a_rate_without_a_denominator_is_missing(numerator: int | None, denominator: int | None) -> None:
    assert percent(numerator, denominator) is None


def test_missing_values_print_as_a_dash_and_never_as_zero() -> None:
    printed = [
        percent_text(None),
        count_text(None),
        number_text(None, 2),
        amount_text(None),
        points_text(None),
    ]
    assert printed == ["—"] * 5
    assert amount_parts(None) == ("—", "")
    assert share_percent(None) is None


@pytest.mark.parametrize(
    ("wan", "text"),
    [
        (0, "0.00亿元"),
        (40, "40.00万元"),
        (Decimal("-3.5"), "-3.50万元"),
        (60, "60.00万元"),
        (Decimal("999.99"), "999.99万元"),
        (1000, "0.10亿元"),
        (Decimal("999949.9999"), "99.99亿元"),
        (999_950, "100.0亿元"),
        (84_100_000, "8,410.0亿元"),
        (Decimal("99999499.9999"), "9,999.9亿元"),
        (99_999_500, "1.00万亿元"),
        (550_000_000, "5.50万亿元"),
        (-550_000_000, "-5.50万亿元"),
    ],
)
def test_amounts_have_two_decimals_and_one_from_a_hundred(wan: int | Decimal, text: str) -> None:
    assert amount_text(wan) == text


def test_an_amount_is_in_the_city_s_currency() -> None:
    assert amount_parts(12_345_678, "美元") == ("1,234.6", "亿美元")
    assert amount_text(40, "美元") == "40.00万美元"


@given(wan=money)
def test_an_amount_that_is_not_nothing_never_prints_as_zero_hundred_millions(wan: Decimal) -> None:
    number, unit = amount_parts(wan)
    if wan and unit != "万元":
        assert Decimal(number.replace(",", ""))


def test_a_distance_is_told_in_the_words_of_the_room() -> None:
    assert points_text(Decimal("-3.2")) == "低于序时3.2个百分点"
    assert points_text(Decimal("1.0")) == "超序时1.0个百分点"
    assert points_text(Decimal("0.0")) == "与序时持平"


def test_percentages_and_counts_carry_separators() -> None:
    assert percent_text(percent(912, 1200)) == "76.0%"
    assert percent_text(percent(123, 10)) == "1,230.0%"
    assert percent_text(percent(1, 3, digits=2)) == "33.33%"
    assert count_text(3126) == "3,126"
    assert number_text(92.405, 2) == "92.41"
    assert number_text(87, 0) == "87"


def test_months_and_periods_are_read_as_a_bulletin_writes_them() -> None:
    assert [months_text("2024-01"), months_text("2024-09")] == ["1月", "1—9月"]
    assert period_text("2024-09") == "2024年9月"


def test_instants_are_read_on_the_office_s_clock() -> None:
    taken_in = datetime(2024, 12, 31, 16, 5, tzinfo=UTC)
    assert instant_text(taken_in) == "1月1日 00:05"
    assert instant_text(taken_in, has_year=True) == "2025年1月1日 00:05"
    with pytest.raises(ValueError, match="time zone"):
        instant_text(datetime(2024, 10, 8))  # noqa: DTZ001
