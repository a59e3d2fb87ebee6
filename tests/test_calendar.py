"""The office's calendar: rounds at the edges of weeks, tens and years; what is done, late or not known."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from builders import CITY, EAST, REFERENCE, Office, project

from saima import reference
from saima.answers import work_calendar
from saima.reference import Cadence, Calendar, Milestone, ReferenceError
from saima.transforms.calendar import (
    activity_words,
    cadence_rounds,
    cadence_words,
    calendar_sentence,
    line_of,
    milestone_rows,
    milestone_words,
    proofs_of,
    spans_of,
)

TOML = """
name = "专项行动"
document = "方案"

[[phases]]
name = "启动阶段"
starts_on = 2024-09-21
ends_on = 2024-09-25
clause = "三"
wording = "动员"

[[milestones]]
name = "两个项目开工"
due_on = 2024-09-30
clause = "二"
wording = "九月底前开工"
metric = "started_projects"
value = 2

[[cadences]]
name = "月讲评"
every = "month"
activity = "月讲评"
clause = "四"
wording = "月讲评"
"""


MONTHS = [f"2024-{month:02}" for month in range(1, 13)]
"""Every month of the year was filed."""


def cadence(every: str, starts_on: date | None = None, ends_on: date | None = None) -> Calendar:
    one = Cadence("调度", every, "周调度", "四", "周调度", starts_on, ends_on)
    return Calendar(CITY, "行动", "方案", "", (), (), (one,))


def test_a_week_belongs_to_the_year_and_month_of_its_sunday() -> None:
    weeks = spans_of("week", 2024)
    assert (weeks[0].starts_on, weeks[0].ends_on) == (date(2024, 1, 1), date(2024, 1, 7))
    assert (weeks[-1].starts_on, weeks[-1].ends_on) == (date(2024, 12, 23), date(2024, 12, 29))
    assert len(weeks) == 52
    assert spans_of("week", 2025)[0].starts_on == date(2024, 12, 30)


def test_tens_months_quarters_and_halves_have_their_days() -> None:
    tens = spans_of("ten_days", 2024)
    assert len(tens) == 36
    assert [(span.starts_on.day, span.ends_on.day) for span in tens[3:6]] == [(1, 10), (11, 20), (21, 29)]
    assert spans_of("quarter", 2023)[0].ends_on == date(2023, 3, 31)
    assert [span.ends_on.month for span in spans_of("half_year", 2024)] == [6, 12]
    assert [span.ends_on for span in spans_of("year", 2024)] == [date(2024, 12, 31)]
    assert [span.ends_on.month for span in spans_of("odd_month", 2024)] == [1, 3, 5, 7, 9, 11]
    assert [span.ends_on.month for span in spans_of("even_month", 2024)] == [2, 4, 6, 8, 10, 12]
    assert spans_of("month", 2024)[1].ends_on == date(2024, 2, 29)


def test_a_round_is_done_late_due_or_coming_at_the_end_of_the_period() -> None:
    held = [("周调度", date(2024, 1, 31)), ("月讲评", date(2024, 2, 5)), ("周调度", date(2024, 4, 1))]
    rounds = cadence_rounds(cadence("month"), held, 2024, date(2024, 3, 15), MONTHS)
    assert rounds["state"].to_list() == ["done", "late", "due", *["coming"] * 9]
    whole = cadence_rounds(cadence("month"), held, 2024, date(2024, 3, 31), MONTHS)
    assert whole["state"].to_list()[:4] == ["done", "late", "late", "coming"], "April's is not known yet"


def test_without_a_ledger_of_activities_nothing_is_late() -> None:
    rounds = cadence_rounds(cadence("month"), [], 2024, date(2024, 2, 29), [])
    assert rounds["state"].to_list()[:3] == ["unknown", "unknown", "coming"]
    assert "无法判断" in calendar_sentence(rounds, [], "2024-02")


def test_what_was_not_filed_is_not_what_was_not_held() -> None:
    filed = ["2024-01", "2024-03"]
    rounds = cadence_rounds(cadence("month"), [], 2024, date(2024, 3, 31), filed)
    assert rounds["state"].to_list()[:4] == ["late", "unknown", "late", "coming"]
    quarter = cadence_rounds(cadence("quarter"), [], 2024, date(2024, 3, 31), filed)
    assert quarter["state"].to_list()[0] == "unknown"
    assert calendar_sentence(rounds, [], "2024-03").endswith("，另有1次台账未报、无法判断。")


def test_a_cadence_has_rounds_only_within_its_own_days() -> None:
    rounds = cadence_rounds(
        cadence("month", date(2024, 9, 21), date(2024, 11, 1)), [], 2024, date(2024, 12, 31), MONTHS
    )
    assert [day.month for day in rounds["ends_on"]] == [9, 10, 11]


def milestone(value: float | None = 2, metric: str | None = "started_projects") -> Milestone:
    return Milestone("开工", date(2024, 9, 30), "二", "开工", metric, None, value, None, 1)


@pytest.mark.parametrize(
    ("one", "reached", "end", "state"),
    [
        (milestone(), 2, date(2024, 9, 30), "done"),
        (milestone(), 1, date(2024, 9, 30), "late"),
        (milestone(), 1, date(2024, 9, 29), "coming"),
        (milestone(), None, date(2024, 9, 30), "unknown"),
        (milestone(value=None), 1, date(2024, 9, 30), "manual"),
        (milestone(metric=None, value=None), 1, date(2024, 9, 30), "manual"),
    ],
)
def test_a_milestone_is_told_by_its_number_or_by_nobody(
    one: Milestone, reached: int | None, end: date, state: str
) -> None:
    values = {} if reached is None else {"开工": {"numerator": Decimal(reached)}}
    (row,) = milestone_rows([one], values, [], end)
    assert row["state"] == state


def test_a_milestone_may_be_told_by_an_activity() -> None:
    one = Milestone("大会", date(2024, 9, 30), "二", "大会", None, None, None, "现场会", 1)
    held = [("现场会", date(2024, 9, 10))]
    assert milestone_rows([one], {}, held, date(2024, 9, 30))[0]["state"] == "done"
    assert milestone_rows([one], {}, [], date(2024, 9, 30))[0]["state"] == "late"


def test_months_say_how_many_of_how_many() -> None:
    held = [("周调度", date(2024, 1, 3)), ("周调度", date(2024, 1, 10))]
    rounds = cadence_rounds(cadence("week"), held, 2024, date(2024, 1, 31), MONTHS)
    (row,) = cadence_words(rounds).rows(named=True)
    assert (row["1月"], row["2月"], row["累计"]) == ("■ 2/4 缺2", "○", "2/4")
    assert calendar_sentence(rounds, [], "2024-01") == (
        "1月，应开展调度督查4次，已开展2次，缺2次（调度1月28日前、调度1月21日前）。"
    )


@pytest.fixture
def known(office: Office) -> Office:
    path = office.folder / "office" / "calendars" / f"{CITY}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(TOML, encoding="utf-8")
    return office


def test_a_calendar_is_told_from_the_ledgers_as_filed_by_then(known: Office) -> None:
    held = {"area_id": CITY, "kind": "月讲评"}
    for month in ("2024-08", "2024-09"):
        known.file(month, project("p1", started_on="2024-03-01"), project("p2", started_on="2024-10-01"))
    known.file_beside("activities", "2024-08", held | {"activity_id": "a8", "held_on": "2024-08-05"})
    own = {"area_id": EAST, "kind": "月讲评", "activity_id": "e9", "held_on": "2024-09-05"}
    known.file_beside("activities", "2024-09", own)
    told = work_calendar(known.scope("2024-09", category="农业"))
    assert told is not None
    states = dict(told.rounds.select(pl.col("ends_on").dt.month(), "state").iter_rows())
    assert (states[8], states[9]) == ("done", "late"), "what an area held is not the city's"
    (row,) = told.milestones
    assert (row["said"], row["state"]) == ("1个 / 2个", "late")
    assert milestone_words(told.milestones)["状态"].to_list() == ["■ 逾期未完成"]
    line = line_of(told.calendar, told.milestones, "2024-09")
    assert line.select("name", "is_phase", "is_told").rows() == [
        ("启动阶段", True, False),
        ("两个项目开工", False, True),
    ]
    assert set(proofs_of(told.calendar)) == {"两个项目开工"}
    words = activity_words(told.activities, {EAST: "东区"}, "样例市")
    assert words.select("时间", "地区").rows() == [("2024-09-05", "东区"), ("2024-08-05", "样例市")]


def test_what_the_city_holds_in_an_area_is_the_citys(known: Office) -> None:
    path = known.folder / "office" / "calendars" / f"{CITY}.toml"
    path.write_text(TOML.replace('activity = "月讲评"', 'activity = "督导会"'), encoding="utf-8")
    known.file("2024-09", project("p1"))
    held = {"area_id": EAST, "kind": "督导会", "activity_id": "e9", "held_on": "2024-09-05"}
    known.file_beside("activities", "2024-09", held)
    told = work_calendar(known.scope("2024-09"))
    assert told is not None
    assert told.rounds.filter(pl.col("ends_on").dt.month() == 9)["state"].to_list() == ["done"]


def test_a_city_without_a_calendar_has_none(office: Office) -> None:
    office.file("2024-09", project("p1"))
    assert work_calendar(office.scope("2024-09")) is None


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("2024-09-25", "2024-09-20", "字段「ends_on」：值“2024-09-20”早于 starts_on"),
        ('every = "month"', 'every = "daily"', "字段「every」：值“daily”不认识"),
        ('activity = "月讲评"', 'activity = "茶会"', "字段「activity」：值“茶会”不认识"),
        ('metric = "started_projects"\n', "", "字段「metric」：写了 filters 或 value 而没有指标"),
        ("due_on = 2024-09-30", 'due_on = "九月底"', "字段「due_on」：值“九月底”不对"),
        ("due_on = 2024-09-30", "", "字段「due_on」：缺少这个设置"),
        ('clause = "四"', 'klause = "四"', "没有这个设置"),
    ],
)
def test_a_wrong_calendar_is_refused_with_its_line(before: str, after: str, said: str) -> None:
    assert before in TOML
    files = {name: body.encode() for name, body in REFERENCE.items()}
    files[f"calendars/{CITY}.toml"] = TOML.replace(before, after, 1).encode()
    with pytest.raises(ReferenceError, match=rf"calendars/{CITY}\.toml 第\d+行.*{said}"):
        reference.whole.read(files)


def test_an_unknown_metric_of_a_milestone_is_refused(known: Office) -> None:
    known.file("2024-09", project("p1"))
    path = known.folder / "office" / "calendars" / f"{CITY}.toml"
    path.write_text(TOML.replace('metric = "started_projects"', 'metric = "begun"'), encoding="utf-8")
    with pytest.raises(ReferenceError, match="没有指标“begun”"):
        known.scope("2024-09")


def test_the_calendars_of_the_documents_have_their_days() -> None:
    folder = Path(reference.office.SHIPPED)
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in [*folder.glob("*.csv"), *folder.glob("*/*.toml")]
    }
    calendars = reference.whole.read(files).calendars
    shenyang = calendars["210100"]
    assert [(phase.starts_on.day, phase.ends_on.day) for phase in shenyang.phases] == [
        (21, 25),
        (26, 30),
        (1, 31),
    ]
    assert sorted({one.due_on.month for one in shenyang.milestones}) == [9, 10, 11, 12]
    assert {one.every for one in shenyang.cadences} >= {"week", "ten_days", "month", "quarter", "odd_month"}
    assert [one.every for one in calendars["320800"].cadences] == ["month", "quarter", "half_year", "year"]
