"""交办事项 until they are closed, 函件 until they are answered, by hand."""

from typing import Any

import pytest
from builders import CITY, EAST, WEST, ZONE, Office, project

from saima.answers import decisions, led_by, letters_sent
from saima.transforms.followup import (
    decision_words,
    decisions_sentence,
    letters_sentence,
    sent_words,
    waiting_lines,
)


def decision(number: str, **values: Any) -> dict[str, Any]:
    return {"decision_id": number, "text": f"事项{number}", "due_on": "2024-09-10", **values}


@pytest.fixture
def office_with_both(office: Office) -> Office:
    office.file(
        "2024-09",
        project("p1", leader="王五", started_on="2024-09-05", lead_unit="工信局"),
        project("p2", leader="王五", started_on="2024-10-05"),
    )
    by_start = {"closing_field": "开工时间", "closing_value": "有值"}
    office.file_beside(
        "decisions",
        "2024-09",
        decision("late"),
        decision("today", due_on="2024-09-30"),
        decision("closed", closed_on="2024-09-29"),
        decision("later", closed_on="2024-10-01", area_id=WEST),
        decision("proved", **by_start),
        decision("unproved", project_id="p2", **by_start),
        decision("word", closing_field="牵头部门", closing_value="工信局"),
        decision("other_word", closing_field="牵头部门", closing_value="住建局"),
        decision("strange", closing_field="星期几", closing_value="有值", project_id=None, area_id=CITY),
        decision("without_day", due_on=None),
    )
    office.file_beside(
        "letters",
        "2024-09",
        {"letter_id": "late", "kind": "提醒函", "reply_due_on": "2024-09-29"},
        {"letter_id": "last_day", "kind": "提醒函", "reply_due_on": "2024-09-30", "area_id": ZONE},
        {"letter_id": "done", "kind": "督办函", "reply_due_on": "2024-09-01", "replied_on": "2024-09-30"},
        {"letter_id": "later", "kind": "督办函", "reply_due_on": "2024-09-01", "replied_on": "2024-10-01"},
        {"letter_id": "free", "kind": "督办函"},
    )
    return office


def test_a_decision_is_closed_by_its_day_or_proved_by_the_ledger(office_with_both: Office) -> None:
    rows = decisions(office_with_both.scope("2024-09"))
    assert rows is not None
    assert dict(rows.select("decision_id", "state").iter_rows()) == {
        "late": "overdue",
        "today": "open",
        "closed": "closed",
        "later": "overdue",
        "proved": "proved",
        "unproved": "overdue",
        "word": "proved",
        "other_word": "overdue",
        "strange": "overdue",
        "without_day": "open",
    }
    assert decisions_sentence(rows) == (
        "交办事项10项：已办结1项，台账已证明、待销号2项，在办2项，逾期未办结5项。"
    )
    assert rows["state"].to_list()[:5] == ["overdue"] * 5, "the gravest first"
    words = decision_words(rows, {EAST: "东区", WEST: "西区"})
    by_text = {row["交办事项"]: row for row in words.iter_rows(named=True)}
    assert by_text["事项strange"]["责任地区"] == "全市"
    assert by_text["事项word"]["销号依据"] == "牵头部门：工信局"


def test_a_letter_waits_until_the_end_of_its_day(office_with_both: Office) -> None:
    rows = letters_sent(office_with_both.scope("2024-09"))
    assert rows is not None
    assert dict(rows.select("letter_id", "state").iter_rows()) == {
        "late": "late",
        "later": "late",
        "last_day": "waiting",
        "done": "replied",
        "free": "no_reply",
    }
    assert letters_sentence(rows) == "函件5件：已复函1件，等待复函1件，逾期未复函2件，不需复函1件。"
    # A zone's letter is its district's.
    assert sent_words(rows, {EAST: "东区"})["发往"].to_list() == ["东区"] * 5
    west = letters_sent(office_with_both.scope("2024-09", areas=(WEST,)))
    assert west is not None
    assert west.is_empty()


def test_what_nobody_filed_for_the_month_is_not_told_of(office_with_both: Office) -> None:
    office_with_both.file("2024-10", project("p1"))
    scope = office_with_both.scope("2024-10")
    assert decisions(scope) is None
    assert letters_sent(scope) is None
    assert decisions_sentence(None) == "交办事项台账没有报送到本期。"
    assert letters_sentence(None) == "函件台账没有报送到本期。"
    assert waiting_lines(None, None) == []


def test_overdue_decisions_and_letters_wait_on_the_overview(office_with_both: Office) -> None:
    scope = office_with_both.scope("2024-09")
    assert waiting_lines(decisions(scope), letters_sent(scope)) == [
        ("red", "交办事项逾期未办结 5 项"),
        ("red", "函件逾期未复 2 件"),
    ]


def test_what_the_ledger_has_proved_waits_for_no_leader(office_with_both: Office) -> None:
    led = led_by(office_with_both.scope("2024-09"), "王五")
    assert led.decisions is not None
    mine = set(led.decisions["decision_id"])
    assert {"late", "unproved", "other_word"} <= mine
    assert not mine & {"proved", "word", "closed"}
