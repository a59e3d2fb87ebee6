"""The filing calendar of the small office: who was in time, who was late, who is to be reminded."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from builders import CITY, EAST, SOUTH, WEST, ZONE, Office, project

from saima import store
from saima.ledgers import LEDGERS
from saima.transforms.filings import (
    calendar_words,
    due_on,
    due_sentence,
    fileable_periods,
    filing_areas,
    filing_calendar,
    filing_sentence,
    filing_words,
    first_of_areas,
    reminder_text,
    reminders,
    replaced_sentence,
)

AUGUST, SEPTEMBER = "2024-08", "2024-09"
DUE = date(2024, 10, 25)
LAST_MINUTE = datetime(2024, 10, 25, 15, 59, tzinfo=UTC)
"""23:59 of the due day on the office's clock."""
A_MINUTE_LATE = datetime(2024, 10, 25, 16, 0, tzinfo=UTC)
NOVEMBER = datetime(2024, 11, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "day", "month", "due"),
    [
        ("2024-09", 25, "next", date(2024, 10, 25)),
        ("2024-09", 25, "this", date(2024, 9, 25)),
        ("2024-12", 5, "next", date(2025, 1, 5)),
        ("2024-12", 31, "this", date(2024, 12, 31)),
        ("2024-01", 31, "next", date(2024, 2, 29)),
        ("2023-02", 30, "this", date(2023, 2, 28)),
    ],
)
def test_a_period_is_due_on_its_day_or_the_last_of_a_shorter_month(
    period: str, day: int, month: str, due: date
) -> None:
    assert due_on(period, day, month) == due


def test_months_may_be_filed_from_before_the_first_to_the_one_that_has_begun_at_the_office() -> None:
    new_year = datetime(2024, 12, 31, 16, tzinfo=UTC)
    months = fileable_periods("2024-11", new_year)
    assert (months[:2], months[-1], len(months)) == (["2025-01", "2024-12"], "2023-01", 25)
    assert fileable_periods(None, new_year)[-1] == "2024-01"


def calendar(office: Office, now: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The calendar of September as of an instant, and the status that it was made from."""
    scope = office.scope(SEPTEMBER, now)
    first = store.first_filings("projects", CITY, SEPTEMBER, now)
    return filing_calendar(scope.city_areas, scope.filing_status, first, DUE, now), scope.filing_status


def states(frame: pl.DataFrame) -> dict[str, tuple[str, int | None]]:
    return {row["area_id"]: (row["state"], row["days"]) for row in frame.to_dicts()}


def test_the_last_minute_of_the_due_day_is_in_time_and_the_next_one_is_late(office: Office) -> None:
    office.file(SEPTEMBER, project("p1"), area_id=EAST, at=LAST_MINUTE)
    office.file(SEPTEMBER, project("p2", area_id=WEST), area_id=WEST, at=A_MINUTE_LATE)
    assert states(calendar(office, NOVEMBER)[0]) == {
        EAST: ("on_time", None),
        WEST: ("late", 1),
        SOUTH: ("overdue", 8),
    }


def test_an_area_that_put_its_filing_right_after_the_due_day_was_in_time_no_less(office: Office) -> None:
    office.file(SEPTEMBER, project("p1"), area_id=EAST, at=LAST_MINUTE)
    office.file(SEPTEMBER, project("p1", plan_year=3), area_id=EAST, at=NOVEMBER)
    assert states(calendar(office, NOVEMBER)[0])[EAST] == ("on_time", None)


def test_before_the_end_of_the_due_day_nobody_is_overdue(office: Office) -> None:
    office.file(SEPTEMBER, project("p1"), area_id=EAST, at=datetime(2024, 10, 8, tzinfo=UTC))
    frame, status = calendar(office, LAST_MINUTE)
    assert states(frame)[WEST] == ("pending", None)
    assert (
        due_sentence(frame, DUE, LAST_MINUTE)
        == "应于2024年10月25日前报送，今天截止：应报3个，按时1个，尚未报送2个。"
    )
    earlier = datetime(2024, 10, 20, tzinfo=UTC)
    assert "还有5天" in due_sentence(calendar(office, earlier)[0], DUE, earlier)
    assert reminders(frame, status).is_empty()


def test_a_zone_is_expected_once_it_has_filed_and_unassigned_rows_never(office: Office) -> None:
    office.file(AUGUST, project("z1", area_id=ZONE), area_id=ZONE)
    office.file(SEPTEMBER, project("p1", area_id=EAST), project("u1", area_id=None), at=LAST_MINUTE)
    frame, _ = calendar(office, NOVEMBER)
    assert states(frame)[ZONE] == ("overdue", 8)
    assert set(frame.filter("is_expected")["area_id"]) == {EAST, WEST, SOUTH, ZONE}
    assert "应报4个（含功能区1个），按时1个，逾期未报3个。" in due_sentence(frame, DUE, NOVEMBER)


def test_the_reminder_names_those_overdue_and_what_stands_for_them(office: Office) -> None:
    office.file(AUGUST, project("w1", area_id=WEST), area_id=WEST)
    office.file(SEPTEMBER, project("p1"), area_id=EAST, at=LAST_MINUTE)
    frame, status = calendar(office, NOVEMBER)
    reminded = reminders(frame, status)
    assert reminded.rows() == [("西区", 8, "沿用2024年8月"), ("南区", 8, "无")]
    assert reminder_text(reminded, SEPTEMBER, DUE, NOVEMBER, "项目台账") == (
        "2024年9月项目台账应于2024年10月25日前报送，截至2024年11月2日，以下2个地区尚未报送，请尽快报送：\n"
        "西区：逾期8天\n南区：逾期8天"
    )
    assert due_sentence(frame, DUE, NOVEMBER) == "应于2024年10月25日前报送：应报3个，按时1个，逾期未报2个。"


def test_the_table_says_who_filed_what_and_whose_rows_are_carried(office: Office) -> None:
    office.file(AUGUST, project("w1", area_id=WEST), area_id=WEST)
    office.file(SEPTEMBER, project("p1"), project("p2"), area_id=EAST, at=LAST_MINUTE)
    scope = office.scope(SEPTEMBER, NOVEMBER)
    frame, status = calendar(office, NOVEMBER)
    assert calendar_words(frame, status, SEPTEMBER).rows() == [
        ("东区", "● 按时", "10月25日 23:59", "本期"),
        ("西区", "■ 未报，逾期8天", "—", "沿用2024年8月"),
        ("南区", "■ 未报，逾期8天", "—", "无"),
    ]
    assert filing_words(status, scope.city_areas, scope.filings_of("projects"), SEPTEMBER).rows() == [
        ("东区", "本期", "2024年10月25日 23:59", "张三", "台账.xlsx", 2, 0, 0),
        ("西区", "沿用2024年8月", "2024年9月8日 08:00", "张三", "台账.xlsx", 1, 0, 0),
    ]
    assert (
        filing_sentence(status, scope.city_areas, SEPTEMBER)
        == "2024年9月，3个地区已报1个；西区未报，沿用2024-08；南区未报。"
    )


def file(ledger: str, period: str, *areas: str, by: str | None = None, at: datetime = LAST_MINUTE) -> None:
    """File a ledger with one row of each of these areas."""
    rows = pl.DataFrame({"area_id": areas, "name": [f"某{area}" for area in areas]})
    if LEDGERS[ledger].is_of_city:
        rows = rows.rename({"name": "measure"})
    count = len(areas)
    filing = store.Filing(by, rows, "册.xlsx", "", "册", {}, count, count, 0, [], "李四", "")
    store.commit(ledger, CITY, period, [filing], captured_at=at)


def calendar_of(ledger: str, office: Office) -> pl.DataFrame:
    """The calendar of another ledger for September."""
    scope, asked = office.scope(SEPTEMBER, NOVEMBER), (ledger, CITY, SEPTEMBER, NOVEMBER)
    status = store.filing_status(CITY, SEPTEMBER, NOVEMBER, ledger)
    areas = filing_areas(LEDGERS[ledger], scope.city_areas, status)
    filings = [filing for revision in store.period_revisions(*asked) for filing in revision.filings]
    first = first_of_areas(
        LEDGERS[ledger], areas.filter("is_ranked")["area_id"], store.first_filings(*asked), filings
    )
    return filing_calendar(areas, status, first, DUE, NOVEMBER)


def test_nobody_owes_another_ledger_that_they_never_filed(office: Office) -> None:
    assert calendar_of("funds", office).is_empty()
    file("funds", AUGUST, EAST, WEST)
    file("funds", SEPTEMBER, EAST, by=EAST)
    assert states(calendar_of("funds", office)) == {EAST: ("on_time", None), WEST: ("overdue", 8)}


def test_an_area_without_problems_in_the_whole_citys_filing_has_filed(office: Office) -> None:
    file("problems", AUGUST, EAST, WEST)
    file("problems", SEPTEMBER, WEST, by=WEST, at=A_MINUTE_LATE)
    assert states(calendar_of("problems", office)) == {EAST: ("overdue", 8), WEST: ("late", 1)}
    file("problems", SEPTEMBER, WEST, at=NOVEMBER)
    assert states(calendar_of("problems", office)) == {EAST: ("late", 8), WEST: ("late", 1)}


def test_a_ledger_about_the_city_is_filed_by_the_city(office: Office) -> None:
    file("economy", SEPTEMBER, CITY)
    assert calendar_of("economy", office).select("name", "state").rows() == [("全市", "on_time")]


def test_a_reader_is_told_which_filings_would_be_replaced() -> None:
    at = LAST_MINUTE.isoformat()
    filings: list[dict[str, str | None]] = [
        {"area_id": None, "who": "张三", "captured_at": at},
        {"area_id": EAST, "who": "", "captured_at": at},
    ]
    assert replaced_sentence([], {}) == ""
    told = "入库后代替这一期已有的报送：全市（张三，10月25日 23:59）、东区（10月25日 23:59）"
    assert replaced_sentence(filings, {EAST: "东区"}) == f"{told}。"
    assert replaced_sentence(filings * 2, {EAST: "东区"}) == f"{told}、全市（张三，10月25日 23:59）等4份。"


def test_every_revision_of_a_period_is_listed_with_its_rows_as_of_an_instant(office: Office) -> None:
    first = office.file(SEPTEMBER, project("p1", plan_year=3), at=LAST_MINUTE)
    second = office.file(SEPTEMBER, project("p1", plan_year=4), project("p2"), at=NOVEMBER)
    asked = "projects", CITY, SEPTEMBER
    assert store.period_revisions(*asked, NOVEMBER) == [first, second]
    assert store.period_revisions(*asked, LAST_MINUTE) == [first]
    assert store.period_revisions("projects", CITY, AUGUST, NOVEMBER) == []
    assert store.period_revisions("plans", CITY, SEPTEMBER, NOVEMBER) == []
    assert store.revision_rows(second)["project_id"].to_list() == ["p1", "p2"]
    assert store.revision_rows(second).schema == LEDGERS["projects"].schema


def test_a_damaged_revision_is_not_listed(office: Office) -> None:
    office.file(SEPTEMBER, project("p1"), at=LAST_MINUTE)
    second = office.file(SEPTEMBER, project("p1"), at=NOVEMBER)
    second.path.write_bytes(b"")
    listed = store.period_revisions("projects", CITY, SEPTEMBER, NOVEMBER)
    assert [revision.number for revision in listed] == [1]
