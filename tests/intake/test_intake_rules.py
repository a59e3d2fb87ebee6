"""Each rule of the project ledger beside a row that breaks it and one that all but does."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from saima.intake.report import Report
from saima.ledgers import PROJECTS

Take = Callable[..., Report]
Write = Callable[..., Path]

DAY, NEXT = date(2024, 3, 1), date(2024, 3, 2)

BROKEN: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (f"{first}_is_not_after_{then}", {first: NEXT, then: DAY}, {first: DAY, then: DAY})
    for first, then in (
        ("signed_on", "started_on"),
        ("started_on", "completed_on"),
        ("completed_on", "produced_on"),
        ("produced_on", "ramped_on"),
        ("planned_on", "signed_on"),
        ("approved_on", "started_on"),
        ("signed_on", "landed_on"),
        ("completed_on", "accepted_on"),
        ("suspended_on", "resumed_on"),
        ("start_due_on", "completion_due_on"),
        ("completion_due_on", "production_due_on"),
    )
]
BROKEN += [
    (f"{smaller}_is_not_above_{larger}", {smaller: 101, larger: 100}, {smaller: 100, larger: 100})
    for smaller, larger in (
        ("invested_month", "invested_year"),
        ("invested_year", "invested_total"),
        ("invested_total", "investment_total"),
    )
]
BROKEN += [
    (
        f"{column.name}_is_not_after_the_period",
        {column.name: date(2024, 10, 1)},
        {column.name: date(2024, 9, 30)},
    )
    for column in PROJECTS.filed
    if f"{column.name}_is_not_after_the_period" in {rule.name for rule in PROJECTS.rules}
]
BROKEN += [
    (f"{name}_is_within_fifty_years", {name: date(2108, 3, 1)}, {name: date(2074, 3, 1)})
    for name in ("start_due_on", "completion_due_on", "production_due_on")
]
BROKEN += [
    (f"{column.name}_is_not_negative", {column.name: -1}, {column.name: 0})
    for column in PROJECTS.filed
    if column.kind in {"money", "foreign"} or column.name == "land_area_mu"
]
BROKEN += [
    (
        "longitude_is_within_180_degrees",
        {"longitude": 181, "latitude": 41},
        {"longitude": 123, "latitude": 41},
    ),
    (
        "latitude_is_within_90_degrees",
        {"longitude": 123, "latitude": 123},
        {"longitude": 123, "latitude": 41},
    ),
    (
        "stage_reported_fits_started_on",
        {"stage_reported": "签约", "started_on": DAY},
        {"stage_reported": "在建", "started_on": DAY},
    ),
    (
        "stage_reported_fits_completed_on",
        {"stage_reported": "在建", "completed_on": DAY},
        {"stage_reported": "竣工", "completed_on": DAY},
    ),
    (
        "stage_reported_signed_has_its_date",
        {"stage_reported": "签约"},
        {"stage_reported": "签约", "signed_on": DAY},
    ),
    (
        "stage_reported_started_has_its_date",
        {"stage_reported": "在建", "signed_on": DAY},
        {"stage_reported": "在建", "completed_on": DAY},
    ),
    (
        "stage_reported_completed_has_its_date",
        {"stage_reported": "竣工", "started_on": DAY},
        {"stage_reported": "竣工", "accepted_on": DAY},
    ),
    (
        "stage_reported_produced_has_its_date",
        {"stage_reported": "投产", "completed_on": DAY},
        {"stage_reported": "投产", "ramped_on": DAY},
    ),
    (
        "investment_total_is_below_a_hundred_billion",
        {"investment_total": 10_000_000},
        {"investment_total": 9_999_999},
    ),
    ("investment_total_is_not_below_ten", {"investment_total": 5}, {"investment_total": 10}),
    (
        "project_code_is_whole",
        {"project_code": "2401-210102-04-01-12345"},
        {"project_code": "2401-210102-04-01-123456"},
    ),
    (
        "project_code_is_of_the_city",
        {"project_code": "2401-130102-04-01-123456"},
        {"project_code": "2401-210000-04-01-123456"},
    ),
]
"""A rule, what breaks it, and what just does not."""

CHANGED: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (f"{name}_is_no_hundredfold_of_last", {name: 500}, {name: 50_000}, {name: 49_999})
    for name in ("investment_total", "plan_year", "invested_total", "invested_year")
]
CHANGED += [
    (f"{name}_is_not_below_last", {name: 500}, {name: 499}, {name: 500})
    for name in ("invested_total", "invested_year")
]
CHANGED += [
    (
        "invested_year_is_not_that_of_last_month",
        {"invested_year": 500},
        {"invested_year": 500},
        {"invested_year": 501},
    )
]
"""A rule of change, a row of the month before, what breaks the rule then, and what just does not."""

TERMS = {column.name: column.term for column in PROJECTS.filed}


def filed(xlsx: Write, values: dict[str, Any]) -> Path:
    said = {"name": "甲", "area_text": "和平区", **values}
    cells = [cell.isoformat() if isinstance(cell, date) else cell for cell in said.values()]
    money = {column.name for column in PROJECTS.filed if column.kind == "money"}
    return xlsx([TERMS[name] + ("（万元）" if name in money else "") for name in said], cells)


def broken(report: Report) -> set[str]:
    return {item.rule for item in (*report.refusals, *report.remarks)}


@pytest.mark.parametrize(("rule", "breaks", "keeps"), BROKEN, ids=[rule for rule, *_ in BROKEN])
def test_a_row_that_breaks_a_rule_is_named_with_it(
    taken: Take, xlsx: Write, rule: str, breaks: dict[str, Any], keeps: dict[str, Any]
) -> None:
    report = taken(filed(xlsx, breaks), commit=False)
    severity = next(item.severity for item in PROJECTS.rules if item.name == rule)
    assert rule in {item.rule for item in (report.refusals if severity == "拒收" else report.remarks)}
    assert rule not in broken(taken(filed(xlsx, keeps), commit=False))


@pytest.mark.parametrize(("rule", "last", "breaks", "keeps"), CHANGED, ids=[rule for rule, *_ in CHANGED])
def test_a_change_that_breaks_a_rule_is_named_with_it(
    taken: Take,
    xlsx: Write,
    rule: str,
    last: dict[str, Any],
    breaks: dict[str, Any],
    keeps: dict[str, Any],
) -> None:
    assert taken(filed(xlsx, last), period="2024-08").exit_code == 0
    assert rule in broken(taken(filed(xlsx, breaks), commit=False))
    assert rule not in broken(taken(filed(xlsx, keeps), commit=False))


def test_a_rough_date_is_out_of_order_only_if_all_of_its_span_is(taken: Take, xlsx: Write) -> None:
    rule = "started_on_is_not_after_completed_on"
    late, within = (
        {"started_on": when, "completed_on": date(2024, 2, 1)} for when in ("2024年3月", "2024年")
    )
    assert rule in broken(taken(filed(xlsx, late), commit=False))
    assert rule not in broken(taken(filed(xlsx, within), commit=False))


def test_every_rule_of_the_project_ledger_has_its_example() -> None:
    assert {rule for rule, *_ in BROKEN} == {rule.name for rule in PROJECTS.rules}
    assert {rule for rule, *_ in CHANGED} == {rule.name for rule in PROJECTS.rules_of_change}
