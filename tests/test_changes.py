"""Differences between two states of a ledger, on projects small enough to check by hand."""

import random
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from builders import CITY, EAST, SOUTH, UNASSIGNED, WEST, Office, captured, project, project_frame

from saima import reference
from saima.intake.report import take_in
from saima.ledgers import LEDGERS, STAGES
from saima.transforms.changes import (
    CHANGES,
    KINDS,
    change_counts,
    change_sentence,
    change_words,
    ledger_changes,
    refiled,
    settled_areas,
    stage_at,
)

AUGUST, SEPTEMBER = "2024-08", "2024-09"


def changed(
    before: list[dict[str, Any]],
    after: list[dict[str, Any]],
    period_before: str = AUGUST,
    period_after: str = SEPTEMBER,
    **settings: Any,
) -> list[dict[str, Any]]:
    """The rows of the difference between two ledgers."""
    frame = ledger_changes(
        project_frame(*before), project_frame(*after), period_before, period_after, **settings
    )
    assert frame.schema == CHANGES
    return frame.to_dicts()


def only(rows: list[dict[str, Any]]) -> dict[str, Any]:
    assert len(rows) == 1, rows
    return rows[0]


def test_a_project_that_is_the_same_is_not_listed() -> None:
    row = project("p1", signed_on="2024-03-01", investment_total="12000.5")
    assert changed([row], [row]) == []


def test_a_project_that_came_is_added_and_one_that_left_is_gone() -> None:
    rows = changed([project("p1", signed_on="2024-03-01")], [project("p2", started_on="2024-09-02")])
    assert [(row["project_id"], row["kind"], row["stage_before"], row["stage_after"]) for row in rows] == [
        ("p2", "added", None, "started"),
        ("p1", "gone", "signed", None),
    ]
    assert [row["fields"] for row in rows] == [[], []]


def test_a_date_that_has_come_advances_a_project() -> None:
    row = only(
        changed(
            [project("p1", signed_on="2024-03-01")],
            [project("p1", signed_on="2024-03-01", started_on="2024-09-30")],
        )
    )
    assert (row["kind"], row["stage_before"], row["stage_after"]) == ("advanced", "signed", "started")
    assert row["fields"] == [
        {"column": "started_on", "term": "实际开工时间", "before": None, "after": "2024-09-30"}
    ]


def test_a_plan_that_came_true_advances_a_project_though_nothing_was_rewritten() -> None:
    row = project("p1", signed_on="2024-03-01", started_on="2024-09-15")
    assert only(changed([row], [row])) | {"name": ""} == {
        "project_id": "p1",
        "name": "",
        "area_id": EAST,
        "kind": "advanced",
        "stage_before": "signed",
        "stage_after": "started",
        "fields": [],
    }


def test_a_date_that_was_taken_back_lets_a_project_fall_back() -> None:
    row = only(
        changed(
            [project("p1", signed_on="2024-03-01", started_on="2024-07-01")],
            [project("p1", signed_on="2024-03-01")],
        )
    )
    assert (row["kind"], row["stage_before"], row["stage_after"]) == ("fell_back", "started", "signed")


def test_a_project_that_was_struck_off_has_a_kind_of_its_own_and_only_once() -> None:
    before = project("p1", started_on="2024-07-01")
    after = {**before, **project("p1", exited_on="2024-09-10")}
    assert only(changed([before], [after]))["kind"] == "exited"
    assert changed([after], [after], SEPTEMBER, "2024-10") == []


def test_a_project_that_came_back_from_exit_or_from_no_known_stage_is_adjusted() -> None:
    exited = project("p1", started_on="2024-07-01", exited_on="2024-08-10")
    back = project("p1", started_on="2024-07-01")
    row = only(changed([exited], [back]))
    assert (row["kind"], row["stage_before"], row["stage_after"]) == ("changed", "exited", "started")
    row = only(changed([project("p2")], [project("p2", stage_filed="started")]))
    assert (row["kind"], row["stage_before"], row["stage_after"]) == ("changed", None, "started")


def test_values_are_told_exactly_with_the_precision_of_dates() -> None:
    before = project(
        "p1",
        investment_total="12000.1000",
        start_due_on="2024-09-30",
        start_due_on_precision="month",
        completion_due_on="2025-12-31",
        completion_due_on_precision="year",
        production_due_on="2026-06-30",
        production_due_on_precision="quarter",
        is_land_ready=True,
        lists=["乙", "甲"],
        longitude=123.4,
    )
    after = project(
        "p1",
        investment_total="8000000.0001",
        start_due_on="2024-09-30",
        completion_due_on="2025-12-31",
        production_due_on="2026-06-30",
        is_land_ready=False,
        lists=["甲", "乙", "丙"],
        plan_year=0,
    )
    told = {
        field["column"]: (field["before"], field["after"])
        for field in only(changed([before], [after]))["fields"]
    }
    assert told == {
        "investment_total": ("12000.1", "8000000.0001"),
        "start_due_on": ("2024年9月", "2024-09-30"),
        "completion_due_on": ("2025年", "2025-12-31"),
        "production_due_on": ("2026年2季度", "2026-06-30"),
        "is_land_ready": ("是", "否"),
        "lists": ("乙、甲", "丙、乙、甲"),
        "longitude": ("123.4", None),
        "plan_year": (None, "0"),
    }


def test_what_the_work_of_a_month_moves_is_no_adjustment_but_a_correction_within_the_month_is() -> None:
    before = project("p1", invested_year=100, invested_total=300, progress_text="桩基")
    after = project("p1", invested_year=150, invested_total=350, progress_text="主体")
    assert changed([before], [after]) == []
    fields = only(changed([before], [after], SEPTEMBER, SEPTEMBER))["fields"]
    assert {field["column"] for field in fields} == {"invested_year", "invested_total", "progress_text"}


def test_the_plan_of_a_new_year_is_no_adjustment_but_one_within_the_year_is() -> None:
    before, after = project("p1", plan_year=100), project("p1", plan_year=80)
    assert changed([before], [after], "2024-12", "2025-01") == []
    assert only(changed([before], [after]))["kind"] == "changed"


def test_an_area_or_chain_is_compared_by_what_it_means_and_an_unknown_chain_by_its_words() -> None:
    before = project("p1", area_text="东", chain="航空", chain_text="航空链")
    assert changed([before], [{**before, "area_text": "东区", "chain_text": "航空产业链"}]) == []
    unknown = {**before, "chain": None, "chain_text": "低空经济"}
    assert only(changed([before], [unknown]))["fields"] == [
        {"column": "chain", "term": "产业链", "before": "航空", "after": "低空经济"}
    ]
    moved = only(changed([before], [{**before, "area_id": WEST}]))
    assert moved["area_id"] == WEST
    assert moved["fields"][0]["term"] == "责任地区"


def test_a_project_that_stands_twice_is_what_was_filed_last() -> None:
    stale = project("p1", area_id=EAST, investment_total=1, filing_id="projects-999900-2024-09-r0001-1")
    fresh = project("p1", area_id=WEST, investment_total=2, filing_id="projects-999900-2024-09-r0002-1")
    row = only(
        changed([project("p1", area_id=WEST, investment_total=3)], [stale, fresh], SEPTEMBER, SEPTEMBER)
    )
    assert row["fields"] == [{"column": "investment_total", "term": "总投资", "before": "3", "after": "2"}]


def test_changes_are_in_one_order_whatever_the_order_of_the_ledger() -> None:
    before = [project(name, area_id=area) for name, area in (("g2", WEST), ("g1", SOUTH), ("c1", EAST))]
    after = [project(name, area_id=area) for name, area in (("a2", WEST), ("a1", EAST), ("a0", EAST))]
    after.append(project("c1", area_id=EAST, owner="甲公司"))
    listed = [row["project_id"] for row in changed(before, after)]
    assert listed == ["a0", "a1", "a2", "g2", "g1", "c1"]
    assert [row["project_id"] for row in changed(before[::-1], after[::-1])] == listed


def test_what_an_area_filed_before_it_files_again_is_not_gone() -> None:
    before = project_frame(
        project("stays", area_id=WEST), project("left", area_id=EAST), project("moved", area_id=WEST)
    )
    after = project_frame(project("new", area_id=EAST), project("moved", area_id=EAST))
    rows = refiled(before, after, [EAST])
    listed = ledger_changes(rows, after, AUGUST, SEPTEMBER).select("project_id", "kind").rows()
    assert listed == [("new", "added"), ("left", "gone"), ("moved", "changed")]


LEDGER = [
    project("planned", planned_on="2024-01-01"),
    project("signed", planned_on="2024-05-01", signed_on="2024-04-01"),
    project("approved", approved_on="2024-09-30"),
    project("next", signed_on="2024-01-01", started_on="2024-10-01"),
    project("completed", started_on="2023-01-01", completed_on="2024-09-01"),
    project("accepted", started_on="2023-01-01", accepted_on="2024-09-01"),
    project("later", started_on="2023-01-01", completed_on="2024-12-01", accepted_on="2024-09-01"),
    project("produced", produced_on="2024-02-01"),
    project("ramped", ramped_on="2024-02-01", started_on="2024-03-01"),
    project("exited", ramped_on="2024-02-01", exited_on="2024-09-30"),
    project("exiting", signed_on="2024-02-01", exited_on="2024-10-01"),
    project("reported", stage_filed="landed"),
    project("proved", signed_on="2024-02-01", stage_filed="started"),
    project("unknown"),
    project("landed", signed_on="2024-02-01", landed_on="2024-09-30"),
    project("landing", signed_on="2024-02-01", landed_on="2024-10-30"),
    project("plot", asset_kind="实体经济", land_awarded_on="2024-03-01"),
    project("plot-first", asset_kind="实体经济", land_awarded_on="2024-03-01", started_on="2024-11-01"),
    project("plot-later", asset_kind="房地产", land_awarded_on="2024-12-01", signed_on="2024-01-01"),
    project("light", asset_kind="轻资产", registered_on="2024-03-01", operated_on="2024-05-01"),
    project("light-half", asset_kind="轻资产", registered_on="2024-03-01", signed_on="2024-01-01"),
    project("light-later", asset_kind="轻资产", registered_on="2024-03-01", operated_on="2024-11-01"),
    project("filed-landing-of-light", asset_kind="轻资产", landed_on="2024-03-01"),
]


def any_projects(count: int) -> list[dict[str, Any]]:
    """Projects with any dates in any order around the end of September."""
    chance = random.Random(9)
    names = [f"{name}_on" for name in ("planned", "signed", "landed", "approved", "started", "completed")]
    names += [
        "accepted_on",
        "produced_on",
        "ramped_on",
        "exited_on",
        "land_awarded_on",
        "registered_on",
        "operated_on",
    ]
    rows = []
    for number in range(count):
        dates = {
            name: date(2024, chance.randint(8, 11), chance.randint(1, 30)).isoformat()
            for name in names
            if chance.random() < 0.25
        }
        kind = chance.choice([None, "实体经济", "房地产", "轻资产", "其他"])
        stage = chance.choice([None, *STAGES, "exited"])
        rows.append(project(f"any{number:03}", asset_kind=kind, stage_filed=stage, **dates))
    return rows


@pytest.mark.parametrize("landing", ["filed", "rule"])
def test_the_stage_of_a_row_is_the_one_that_the_query_gives(office: Office, landing: str) -> None:
    rows = [*LEDGER, *any_projects(400)]
    office.file(SEPTEMBER, *rows)
    asked = office.ask("scoped_projects", SEPTEMBER, landing=landing)
    expected = dict(asked.select("project_id", "stage").iter_rows())
    stored = pl.read_parquet(office.scope(SEPTEMBER).revision.path)
    found = dict(stored.select("project_id", stage_at(SEPTEMBER, landing=landing)).iter_rows())
    assert found == expected
    assert len(expected) == len(rows)
    assert set(expected.values()) == {None, *STAGES, "exited"}


def test_the_stage_filed_in_a_first_snapshot_is_the_one_that_the_query_dates_from_it(office: Office) -> None:
    rows = [
        project("words", stage_filed="started"),
        project("beyond", signed_on="2024-02-01", stage_filed="started"),
        project("behind", completed_on="2024-02-01", stage_filed="started"),
        project("out", started_on="2024-02-01", stage_filed="exited"),
    ]
    office.file(SEPTEMBER, *rows, stage_dates="snapshots")
    expected = dict(office.ask("scoped_projects", SEPTEMBER).select("project_id", "stage").iter_rows())
    stored = pl.read_parquet(office.scope(SEPTEMBER).revision.path)
    found = dict(stored.select("project_id", stage_at(SEPTEMBER, dates_from_snapshots=True)).iter_rows())
    assert (
        found == expected == {"words": "started", "beyond": "started", "behind": "completed", "out": "exited"}
    )


def test_every_kind_is_counted_and_the_sentence_names_those_that_there_are() -> None:
    frame = ledger_changes(
        project_frame(project("p1"), project("p2"), project("p3", signed_on="2024-01-01")),
        project_frame(project("p3", started_on="2024-09-01"), project("p4")),
        AUGUST,
        SEPTEMBER,
    )
    counts = change_counts(frame)
    assert counts == {**dict.fromkeys(KINDS, 0), "added": 1, "gone": 2, "advanced": 1}
    assert change_sentence(counts, AUGUST) == "与2024年8月相比：新增1个，消失2个，晋级1个。"
    assert change_sentence(dict.fromkeys(KINDS, 0), "第1版") == "与第1版相比没有变化。"


def test_changes_are_worded_for_a_reader() -> None:
    frame = ledger_changes(
        project_frame(
            project("p1", name="甲", signed_on="2024-03-01", investment_total=12000),
            project("p2", name="乙", area_id=WEST, plan_year=5),
        ),
        project_frame(
            project("p1", name="甲", signed_on="2024-03-01", started_on="2024-09-01", investment_total=15000),
            project("p2", name="乙", area_id=EAST),
            project("p3", name="丙", area_id=SOUTH, planned_on="2024-09-01"),
        ),
        AUGUST,
        SEPTEMBER,
    )
    words = change_words(frame, {EAST: "东区", WEST: "西区", SOUTH: "南区"})
    assert words.rows() == [
        ("新增", "丙", "南区", "谋划", ""),
        ("晋级", "甲", "东区", "签约 → 开工", "总投资 12000 → 15000；实际开工时间 — → 2024-09-01"),
        ("调整", "乙", "东区", "—", "责任地区 西区 → 东区；年度计划投资 5 → —"),
    ]
    assert change_words(frame.clear(), {}).columns == words.columns


def test_a_whole_city_settles_what_nobody_was_named_for_and_what_has_ended() -> None:
    others = pl.DataFrame({"area_id": [WEST, EAST]})
    problems = LEDGERS["problems"]
    assert settled_areas([EAST], others, whole_city=None) == {EAST}
    assert settled_areas([EAST], others, problems, whole_city=None) == {EAST}
    assert settled_areas([EAST], others, whole_city=CITY) == {EAST, UNASSIGNED}
    assert settled_areas([EAST], others, problems, whole_city=CITY) == {EAST, WEST, UNASSIGNED}


def ledger_frame(ledger: str, *rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([{"area_id": EAST, **row} for row in rows], schema=LEDGERS[ledger].schema)


def told_of(
    ledger: str, before: list[dict[str, Any]], after: list[dict[str, Any]], period: str = SEPTEMBER
) -> list[tuple[str, ...]]:
    """The words about what differs between two states of another ledger: columns as `change_words`."""
    changes = ledger_changes(
        ledger_frame(ledger, *before), ledger_frame(ledger, *after), AUGUST, period, ledger=LEDGERS[ledger]
    )
    words = change_words(changes, {EAST: "东区", WEST: "西区"}, ledger=LEDGERS[ledger])
    assert words.columns == ["变化", "名称", "责任地区", "调整内容"]
    return words.rows()


def test_other_ledgers_are_compared_by_their_own_keys_and_told_by_their_own_words() -> None:
    known = {"fund_id": "1", "project_id": "p1", "name": "甲", "source": "专项债", "arrived": Decimal("3.5")}
    assert told_of(
        "funds",
        [known, {**known, "fund_id": "2", "source": "银行贷款"}, {**known, "area_id": WEST}],
        [
            {**known, "arrived": Decimal(5)},
            {**known, "fund_id": "3", "source": None},
            {**known, "area_id": WEST},
        ],
    ) == [
        ("新增", "甲", "东区", ""),
        ("消失", "甲 · 银行贷款", "东区", ""),
        ("调整", "甲 · 专项债", "东区", "到位金额 3.5 → 5"),
    ]


def test_a_year_or_month_is_part_of_what_a_row_is_called() -> None:
    density = {"measure": "研发强度", "year": 2023, "value": 3.0}
    assert told_of("indicators", [density], [density, {**density, "year": 2024, "value": 3.2}]) == [
        ("新增", "研发强度 · 2024", "东区", "")
    ]
    assert told_of("indicators", [density], [{**density, "value": 3.25}]) == [
        ("调整", "研发强度 · 2023", "东区", "指标值 3 → 3.25")
    ]
    planned = {"project_id": "p1", "name": "甲", "month": "2024-09", "planned_amount": Decimal(10)}
    assert told_of("plans", [planned], []) == [("消失", "甲 · 2024-09", "东区", "")]


@pytest.mark.parametrize("ledger", [name for name in LEDGERS if name != "projects"])
def test_every_ledger_can_be_compared_and_its_things_have_a_name(ledger: str) -> None:
    row = {
        column.name: "词"
        for column in LEDGERS[ledger].columns
        if column.dtype == pl.String() and column.name not in {"area_id", "filing_id"}
    }
    assert told_of(ledger, [row], [row]) == []
    ((kind, name, area, _),) = told_of(ledger, [], [row])
    assert (kind, area) == ("新增", "东区")
    assert set(name.split(" · ")) == {"词"}


def test_what_filed_again_is_told_by_the_key_of_its_ledger() -> None:
    before = ledger_frame(
        "funds", {"fund_id": "1"}, {"fund_id": "1", "area_id": WEST}, {"fund_id": "2", "area_id": WEST}
    )
    after = ledger_frame("funds", {"fund_id": "3"}, {"fund_id": "2", "area_id": WEST})
    rows = refiled(before, after, [EAST], LEDGERS["funds"])
    assert rows.select("fund_id", "area_id").rows() == [("1", EAST), ("2", WEST)]


@pytest.fixture
def read(office: Office, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """The difference that intake tells of a file of these projects, before it is taken in."""

    def told(*rows: tuple[str, str], code: str = "", area_id: str | None = None) -> dict[str, Any]:
        path = tmp_path / "台账.csv"
        lines = [
            "项目代码,项目名称,责任地区,项目单位",
            *(f"{code},{name},{area},甲公司" for name, area in rows),
        ]
        path.write_text("\n".join(lines), "utf-8")
        report = take_in(
            path,
            city=CITY,
            period=SEPTEMBER,
            area_id=area_id,
            reference=reference.load(),
            captured_at=captured(SEPTEMBER),
        )
        assert report.outcome == "rehearsed", report.sentences()
        assert report.difference is not None
        counts = {kind: count for kind, count in report.difference["counts"].items() if count}
        return {"against": report.difference["against"], **counts}

    return told


def filed(name: str, area_id: str | None = EAST) -> dict[str, Any]:
    return project(name, name=name, area_id=area_id, owner="甲公司", category=None)


def test_a_city_that_files_without_an_area_has_not_lost_what_that_area_filed_earlier(
    office: Office, read: Callable[..., dict[str, Any]]
) -> None:
    office.file("2024-06", filed("西一", WEST), filed("西二", WEST), area_id=WEST)
    office.file(AUGUST, filed("东一"), filed("东二"), area_id=EAST)
    assert read(("东一", "东区"), ("东三", "东区")) == {"against": AUGUST, "added": 1, "gone": 1}


def test_an_area_is_compared_with_the_period_that_it_filed_last(
    office: Office, read: Callable[..., dict[str, Any]]
) -> None:
    office.file("2024-06", filed("西一", WEST), filed("西二", WEST), area_id=WEST)
    office.file(AUGUST, filed("东一"), area_id=EAST)
    assert read(("西一", "西区"), area_id=WEST) == {"against": "2024-06", "gone": 1}


def test_a_project_that_moved_to_the_area_that_files_is_adjusted_and_not_new(
    office: Office, read: Callable[..., dict[str, Any]]
) -> None:
    code = "2024-999902-35-03-100001"
    office.file(AUGUST, {**filed("西一", WEST), "project_code": code}, filed("西二", WEST))
    assert read(("西一", "东区"), code=code, area_id=EAST) == {"against": AUGUST, "changed": 1}


def test_what_nobody_was_named_for_is_gone_once_the_whole_city_has_filed_without_it(
    office: Office, read: Callable[..., dict[str, Any]]
) -> None:
    office.file(AUGUST, filed("东一"), filed("无主", None))
    assert read(("东一", "东区")) == {"against": AUGUST, "gone": 1}
