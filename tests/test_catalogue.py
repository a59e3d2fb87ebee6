"""Metrics as they are printed: units, parts and targets, and the sentence over all of them."""

from decimal import Decimal
from typing import Any

import pytest
from builders import Office, project

from saima.answers import catalogue_values
from saima.metrics import CATALOGUE, EXACT
from saima.transforms.catalogue import catalogue_sentence, metric_words, part_text, value_text


@pytest.mark.parametrize(
    ("metric_id", "numerator", "denominator", "text"),
    [
        ("started_projects", "1234", None, "1,234个"),
        ("started_projects", "0", None, "0个"),
        ("listed_enterprises", "3", None, "3户"),
        ("invested_year", "841000", None, "84.10亿元"),
        ("invested_year", None, None, "—"),
        ("signed_foreign_amount", "1000.5", None, "1,000.50万美元"),
        ("start_rate_of_signed", "1", "3", "33.3%"),
        ("start_rate_of_signed", "0", "0", "—"),
        ("mean_signed_investment", "30000", "2", "1.50亿元/个"),
        ("investment_per_mu", "20000", "40", "500.00万元/亩"),
        ("days_signed_to_started", "14.5", None, "15天"),
    ],
)
def test_a_value_is_printed_in_its_unit(
    metric_id: str, numerator: str | None, denominator: str | None, text: str
) -> None:
    row: dict[str, Any] = {
        "numerator": None if numerator is None else Decimal(numerator),
        "denominator": None if denominator is None else Decimal(denominator),
    }
    assert value_text(CATALOGUE[metric_id], row) == text


def test_a_part_has_a_unit_of_its_own() -> None:
    assert part_text(Decimal(40), CATALOGUE["investment_per_mu"].of_unit) == "40亩"
    assert part_text(Decimal(2), CATALOGUE["mean_signed_investment"].of_unit) == "2个"
    assert part_text(Decimal(9), CATALOGUE["investment_completion"].of_unit) == "9.00万元"


def test_every_metric_has_its_words(office: Office) -> None:
    office.file(
        "2024-06",
        project("p1", signed_on="2024-05-01", started_on="2024-06-01", investment_total=10_000),
        project("p2", signed_on="2024-06-01", investment_total=20_000),
    )
    values = catalogue_values(office.scope("2024-06"))
    rows = {row["指标"]: row for row in metric_words(values).iter_rows(named=True)}
    assert len(rows) == len(CATALOGUE)
    signed = rows["新签约项目（亿元以上）"]
    assert (signed["数值"], signed["分母"], signed["目标"], signed["完成"]) == ("2个", "—", "10个", "20.0%")
    rate = rows["开工率"]
    assert (rate["数值"], rate["分子"], rate["分母"], rate["目标"]) == ("50.0%", "1个", "2个", "50.0%")
    assert rows["应开工未开工项目"]["方向"] == "越小越好"


def test_the_sentence_counts_what_can_be_told_and_names_what_cannot(office: Office) -> None:
    office.file("2024-06", project("p1", started_on="2024-06-01"))
    values = catalogue_values(office.scope("2024-06"))
    unknown = values["value"].null_count()
    assert 3 < unknown < len(CATALOGUE)
    sentence = catalogue_sentence(values, "2024-06")
    assert sentence.startswith(
        f"1—6月，{len(CATALOGUE)}个指标中算得出{len(CATALOGUE) - unknown}个，其余{unknown}个"
    )
    assert sentence.endswith("等。")
    told = values.filter(values["value"].is_not_null())
    assert catalogue_sentence(told, "2024-06").endswith(f"算得出{told.height}个。")


def test_a_numerator_is_exact(office: Office) -> None:
    office.file("2024-06", project("p1", invested_year="0.1"), project("p2", invested_year="0.2"))
    values = catalogue_values(office.scope("2024-06"))
    assert values.schema["numerator"] == EXACT
    assert values.filter(metric_id="invested_year")["numerator"].to_list() == [Decimal("0.3")]
