"""Each rule of each ledger beside the projects: a row that breaks it, and one that all but does."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ruling import filed, headed, named

from saima.intake.report import Report
from saima.ledgers import LEDGERS
from saima.reference import Reference

Take = Callable[..., Report]
Write = Callable[..., Path]
Example = tuple[str, str, dict[str, Any], dict[str, Any]]

DAY, NEXT = date(2024, 3, 1), date(2024, 3, 2)
LAST_DAY, AFTER = date(2024, 9, 30), date(2024, 10, 1)
LONG_PAST, SINCE = date(1974, 9, 30), date(1974, 10, 1)
FIFTY_YEARS, MORE = date(2074, 9, 30), date(2074, 10, 1)

OTHERS = [name for name in LEDGERS if name != "projects"]

BARE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "plans": (
        {"name": "甲", "month": "2024-09", "planned_amount": 1},
        {"name": "乙", "month": "2024-09", "planned_amount": 1},
    ),
    "problems": ({"description": "未通水"}, {"description": "未通电"}),
    "funds": ({"name": "甲", "source": "银行贷款"}, {"name": "乙", "source": "银行贷款"}),
    "permits": ({"name": "甲", "kind": "环评"}, {"name": "乙", "kind": "环评"}),
    "statistics": ({"name": "甲"}, {"name": "乙"}),
    "promotion": ({"name": "甲"}, {"name": "乙"}),
    "economy": (
        {"measure": "工业投资", "value": 1, "unit": "亿元"},
        {"measure": "技改投资", "value": 1, "unit": "亿元"},
    ),
    "indicators": (
        {"measure": "城镇化率", "year": 2023, "value": 1, "unit": "%"},
        {"measure": "研发投入强度", "year": 2023, "value": 1, "unit": "%"},
    ),
    "activities": ({"kind": "周调度", "note": "第一次"}, {"kind": "周调度", "note": "第二次"}),
    "decisions": ({"text": "移交场地"}, {"text": "接入临电"}),
    "letters": ({"kind": "督办函", "name": "甲"}, {"kind": "督办函", "name": "乙"}),
}
"""Two rows of each ledger that say no more than they must."""

ORDERED = {
    "problems": [
        ("raised_on", later)
        for later in (
            *("accepted_on", "dispatched_on", "urged_on", "inspected_on", "assessed_on", "escalated_on"),
            *("due_on", "resolved_on"),
        )
    ],
    "funds": [
        ("approved_on", "issued_on"),
        ("approved_on", "arrived_on"),
        ("issued_on", "arrived_on"),
        ("arrived_on", "physical_on"),
    ],
    "statistics": [("started_on", "entered_statistics_on"), ("started_on", "completed_on")],
    "promotion": [("entered_on", "signed_on"), ("signed_on", "landed_on")],
    "letters": [("issued_on", "reply_due_on"), ("issued_on", "replied_on")],
}
"""What comes first, and what then."""

HAPPENED = {
    "problems": [
        *("raised_on", "accepted_on", "dispatched_on", "urged_on", "inspected_on", "assessed_on"),
        *("escalated_on", "resolved_on"),
    ],
    "funds": ["approved_on", "issued_on", "arrived_on", "physical_on"],
    "permits": ["obtained_on"],
    "statistics": ["started_on", "entered_statistics_on", "completed_on"],
    "promotion": ["entered_on", "signed_on", "landed_on"],
    "activities": ["held_on"],
    "decisions": ["closed_on"],
    "letters": ["issued_on", "replied_on"],
}

DUE = {
    "problems": "due_on",
    "permits": "due_on",
    "promotion": "start_due_on",
    "decisions": "due_on",
    "letters": "reply_due_on",
}

BOUNDED = {
    "funds": [
        ("approved", "requested"),
        ("arrived", "approved"),
        ("paid", "arrived"),
        ("paid_year", "paid"),
    ],
    "statistics": [("invested_year", "invested_total"), ("invested_total", "investment_total")],
}
"""An amount, and the one that it is part of."""

AMOUNTS = {
    "plans": ["planned_amount"],
    "problems": ["amount_blocked"],
    "funds": ["requested", "approved", "arrived", "paid", "paid_year", "social_capital"],
    "statistics": ["investment_total", "invested_total", "invested_year"],
    "promotion": ["investment_total", "agreed_amount"],
}

PAIRED: list[tuple[str, str, Any, str, Any]] = [
    ("problems", "resolved_on", DAY, "raised_on", DAY),
    ("problems", "resolved_on", DAY, "resolution", "已送电"),
    ("funds", "approved", 1, "approved_on", DAY),
    ("funds", "arrived", 1, "arrived_on", DAY),
    ("decisions", "closing_value", "是", "closing_field", "用地征拆"),
    ("decisions", "closing_field", "实际开工时间", "name", "甲"),
    ("letters", "reply", "已整改", "replied_on", DAY),
]
"""What a row may not say without something else."""

BROKEN: list[Example] = [
    *(
        (ledger, f"{first}_is_not_after_{then}", {first: NEXT, then: DAY}, {first: DAY, then: DAY})
        for ledger, pairs in ORDERED.items()
        for first, then in pairs
    ),
    *(
        (ledger, f"{event}_is_not_after_the_period", {event: AFTER}, {event: LAST_DAY})
        for ledger, events in HAPPENED.items()
        for event in events
    ),
    *(
        (ledger, f"{due}_is_within_fifty_years", {due: MORE}, {due: FIFTY_YEARS})
        for ledger, due in DUE.items()
    ),
    *(
        (ledger, f"{day}_is_not_fifty_years_ago", {day: LONG_PAST}, {day: SINCE})
        for ledger in HAPPENED
        for day in (*HAPPENED[ledger], *([DUE[ledger]] if ledger in DUE else []))
    ),
    *(
        (
            ledger,
            f"{part}_is_not_above_{whole}",
            {part: "1000.0001", whole: 1000},
            {part: 1000, whole: 1000},
        )
        for ledger, pairs in BOUNDED.items()
        for part, whole in pairs
    ),
    *(
        (ledger, f"{amount}_is_not_negative", {amount: "-0.0001"}, {amount: 0})
        for ledger, amounts in AMOUNTS.items()
        for amount in amounts
    ),
    *(
        (ledger, f"{stated}_has_its_{needed}", {stated: word}, {stated: word, needed: other})
        for ledger, stated, word, needed, other in PAIRED
    ),
    (
        "statistics",
        "investment_total_reaches_the_statistical_floor",
        {"investment_total": "499.9999"},
        {"investment_total": 500},
    ),
    ("plans", "month_is_of_the_year", {"month": "2023-12"}, {"month": "2024-12"}),
    ("decisions", "decided_in_has_begun", {"decided_in": "2024-10"}, {"decided_in": "2024-09"}),
    ("letters", "about_period_has_begun", {"about_period": "2024-10"}, {"about_period": "2024-09"}),
    ("activities", "kind_has_its_held_on", {}, {"held_on": DAY}),
    ("decisions", "text_has_its_due_on", {}, {"due_on": DAY}),
    ("letters", "kind_has_its_issued_on", {}, {"issued_on": DAY}),
    ("economy", "value_has_its_unit", {"unit": None}, {"value": None, "unit": None, "growth": 1}),
    ("economy", "row_has_a_figure", {"value": None}, {"value": 0}),
    ("economy", "growth_is_plausible", {"growth": -200.1}, {"growth": -200}),
    ("indicators", "value_has_its_unit", {"unit": None}, {}),
    ("indicators", "year_has_begun", {"year": 2025}, {"year": 2024}),
]
"""A ledger and one of its rules, what breaks it, and what just does not."""


@pytest.mark.parametrize(
    ("ledger", "rule", "breaks", "keeps"), BROKEN, ids=[f"{ledger}-{rule}" for ledger, rule, *_ in BROKEN]
)
def test_a_row_that_breaks_a_rule_is_named_and_its_neighbour_is_not(
    office: Reference,
    taken: Take,
    xlsx: Write,
    ledger: str,
    rule: str,
    breaks: dict[str, Any],
    keeps: dict[str, Any],
) -> None:
    first, second = BARE[ledger]
    report = taken(filed(xlsx, office, ledger, first | breaks, second | keeps), ledger=ledger, commit=False)
    declared = next(item for item in LEDGERS[ledger].rules if item.name == rule)
    place = headed(office, ledger)[declared.columns[0]]
    assert named(report, rule) == [(declared.severity, "Sheet1", place, [2])]
    assert (report.rows_read, report.rows_refused) == (2, int(declared.severity == "拒收"))


@pytest.mark.parametrize("ledger", OTHERS)
def test_every_rule_of_a_ledger_has_its_example(ledger: str) -> None:
    examples = [rule for of, rule, *_ in BROKEN if of == ledger]
    assert sorted(examples) == sorted(rule.name for rule in LEDGERS[ledger].rules)
    assert LEDGERS[ledger].rules_of_change == ()


@pytest.mark.parametrize("ledger", OTHERS)
def test_rows_that_say_no_more_than_they_must_are_taken(
    office: Reference, taken: Take, xlsx: Write, ledger: str
) -> None:
    report = taken(filed(xlsx, office, ledger, *BARE[ledger]), ledger=ledger, commit=False)
    assert (report.exit_code, report.rows_taken) == (0, 2), report.sentences()
