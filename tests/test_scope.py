"""The question itself: which periods it covers, what it remembers, and who has filed."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from builders import CITY, EAST, SOUTH, WEST, ZONE, Office, captured, project

from saima import store
from saima.answers import overview_numbers, stages
from saima.scope import Scope
from saima.store import StoreError


def started(scope: Scope) -> int:
    return int(scope.measure(["started_projects"])["numerator"][0])


def test_a_scope_knows_the_periods_up_to_its_own_and_the_one_before_whatever_the_gap(office: Office) -> None:
    for period in ("2023-11", "2024-01", "2024-04", "2024-06"):
        office.file(period, project("p1"))
    scope = office.scope("2024-04")
    assert scope.periods == ("2023-11", "2024-01", "2024-04")
    assert scope.this_year == ("2024-01", "2024-04")
    assert scope.previous == "2024-01"
    assert office.scope("2023-11").previous is None
    assert scope.revision.period == "2024-04"


def test_what_carries_on_a_demonstration_is_one(office: Office) -> None:
    """The west's rows of May are 示例数据 and stand beside the east's of June."""
    office.file("2024-05", project("w", area_id=WEST), area_id=WEST, is_demonstration=True)
    office.file("2024-06", project("e"), area_id=EAST)
    assert not office.scope("2024-06").revision.is_demonstration
    assert office.scope("2024-06").is_demonstration


def test_the_past_is_answered_as_it_was_known_then(office: Office) -> None:
    first = datetime(2024, 2, 8, tzinfo=UTC)
    office.file("2024-01", project("p1"), at=first)
    office.file("2024-01", project("p1", started_on="2024-01-05"), at=datetime(2024, 3, 1, tzinfo=UTC))
    assert started(office.scope("2024-01")) == 1
    assert started(office.scope("2024-01", as_of=first)) == 0
    assert started(office.scope("2024-01", as_of=datetime(2024, 2, 29, tzinfo=UTC))) == 0


def test_later_snapshots_never_change_an_earlier_period(office: Office) -> None:
    office.file("2024-01", project("p1", start_due_on="2024-01-31"))
    before = overview_numbers(office.scope("2024-01"))
    office.file("2024-02", project("p1", started_on="2024-01-05", start_due_on="2024-12-31"))
    after = overview_numbers(office.scope("2024-01"))
    assert after.equals(before)


def test_answers_are_shared_while_nothing_changed_and_made_anew_when_it_did(office: Office) -> None:
    office.file("2024-01", project("p1"))
    first = stages(office.scope("2024-01"))
    assert stages(office.scope("2024-01", as_of=captured("2024-06"))) is first, (
        "another instant, the same files"
    )
    assert stages(office.scope("2024-01", category="工业")) is not first
    office.file("2024-01", project("p1"), project("p2"))
    assert stages(office.scope("2024-01"))["projects"].sum() == 2


def test_an_edit_of_the_reference_files_makes_answers_anew(office: Office) -> None:
    office.file("2024-01", project("p1", started_on="2024-01-05"))
    assert stages(office.scope("2024-01"))["term"].to_list()[4] == "开工"
    (office.folder / "office" / "cities" / f"{CITY}.toml").write_text(
        'name = "样例市"\n[stage_terms]\nstarted = "动工"\n', encoding="utf-8"
    )
    assert stages(office.scope("2024-01"))["term"].to_list()[4] == "动工"


@pytest.mark.parametrize(
    ("filters", "is_whole"),
    [
        ({}, True),
        ({"areas": (EAST,)}, False),
        ({"chain": "航空"}, False),
        ({"category": "工业"}, False),
        ({"on_list": "provincial"}, False),
        ({"size": "亿元以上"}, False),
    ],
)
def test_any_filter_makes_a_scope_less_than_the_city(
    filters: dict[str, Any], is_whole: bool, office: Office
) -> None:
    assert office.scope("2024-01", **filters).is_whole_city is is_whole


def test_an_area_chosen_brings_the_zones_that_count_in_it(office: Office) -> None:
    office.file(
        "2024-01",
        project("e", started_on="2024-01-05"),
        project("z", area_id=ZONE, started_on="2024-01-05"),
        project("w", area_id=WEST, started_on="2024-01-05"),
    )
    assert started(office.scope("2024-01", areas=(EAST,))) == 2
    assert started(office.scope("2024-01", areas=(EAST, WEST))) == 3
    assert started(office.scope("2024-01", areas=(WEST,))) == 1


def test_a_given_parameter_outranks_the_scopes_own_and_a_missing_one_is_an_error(office: Office) -> None:
    office.file("2024-01", project("p1"), project("p2", category="农业"))
    scope = office.scope("2024-01", category="农业")
    assert scope.ask("stages_by_area")["projects"].sum() == 1
    assert scope.ask("stages_by_area", category="工业")["projects"].sum() == 1
    assert scope.ask("stages_by_area", category=None)["projects"].sum() == 2
    with pytest.raises(StoreError, match="from_stage"):
        scope.ask("conversion_by_stage")


def test_the_years_first_plan_is_bound_though_only_one_period_is_shown(office: Office) -> None:
    office.file("2024-01", project("p1", plan_year=100))
    office.file("2024-02", project("p1", plan_year=60))
    (row,) = office.scope("2024-02").ask("project_flags").rows(named=True)
    assert row["plan_cut"] == 40


def test_who_has_not_filed_is_named_and_who_is_carried_is_known(office: Office) -> None:
    office.file("2024-01", project("e"), project("w", area_id=WEST))
    office.file("2024-02", project("e"), area_id=EAST)
    scope = office.scope("2024-02")
    assert scope.unfiled_names == ["西区", "南区"]
    status = scope.filing_status.select("area_id", "filed_period", "is_carried").rows()
    assert status == [(EAST, "2024-02", False), (WEST, "2024-01", True)]
    assert {filing["filing_id"] for filing in scope.filings_of("projects")} >= set(
        scope.revision.areas.values()
    )


def test_a_zone_that_did_not_file_is_named_beside_the_district_that_did(office: Office) -> None:
    office.file("2024-01", project("e"), project("z", area_id=ZONE))
    office.file("2024-02", project("e"), area_id=EAST)
    assert office.scope("2024-01").unfiled_names == ["西区", "南区"]
    assert set(office.scope("2024-02").unfiled_names) == {"西区", "南区", "开发区"}


def test_a_city_that_leaves_the_unfiled_blank_carries_nobody(office: Office) -> None:
    office.file("2024-01", project("e"), project("w", area_id=WEST))
    office.file("2024-02", project("e"), area_id=EAST)
    (office.folder / "office" / "cities" / f"{CITY}.toml").write_text('name = "样例市"\nunfiled = "blank"\n')
    values = office.scope("2024-02").measure(["projects_in_stage"], by_area=True)
    assert values["area_id"].to_list() == [EAST]
    assert replace(office.scope("2024-02")).measure(["projects_in_stage"])["numerator"].to_list() == [1]


def test_an_area_that_never_filed_has_no_row_even_when_asked_alone(office: Office) -> None:
    office.file("2024-01", project("e"))
    alone = office.scope("2024-01", areas=(SOUTH,))
    assert alone.measure(["projects_in_stage"], by_area=True).is_empty()


def test_stages_without_dates_count_from_the_first_snapshot_that_shows_them_where_a_city_says_so(
    office: Office,
) -> None:
    """A city whose ledgers have no event dates: its flows come from its snapshots."""
    rows = [
        ("2024-01", [project("p1", stage_filed="signed"), project("p2", stage_filed="started")]),
        ("2024-02", [project("p1", stage_filed="started"), project("p2", stage_filed="started")]),
    ]
    for period, filed in rows:
        office.file(period, *filed, stage_dates="snapshots")
    scope = office.scope("2024-02")
    values = scope.measure(["started_projects"], shown=["2024-01", "2024-02"])
    assert values["numerator"].to_list() == [1, 2]


def test_what_was_asked_of_a_period_is_not_read_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for period in ("2024-01", "2024-02", "2024-03"):
        office.file(period, project("p1", started_on="2024-01-05"))
    read: list[tuple[list[str], str]] = []
    answered = store._answered

    def noting(name: str, sql: str, values: dict[str, Any], views: Any) -> pl.DataFrame:
        read.append((values["shown_periods"], sql.partition(" from ")[0]))
        return answered(name, sql, values, views)

    monkeypatch.setattr(store, "_answers", store._Answers())
    monkeypatch.setattr(store, "_answered", noting)

    def stages_at(period: str, *columns: str) -> list[tuple[Any, ...]]:
        return office.scope(period).facts(["period", *columns]).rows()

    assert stages_at("2024-02", "stage") == [(EAST, "2024-02", "started")]
    assert stages_at("2024-03", "stage") == [(EAST, "2024-03", "started")]
    assert stages_at("2024-01", "stage") == [(EAST, "2024-01", "started")]
    assert stages_at("2024-01", "stage", "project_id") == [(EAST, "2024-01", "p1", "started")]
    assert read == [
        (["2024-01", "2024-02"], "select period, area_id, stage"),
        (["2024-03"], "select period, area_id, stage"),
        (["2024-01"], "select period, project_id"),
    ]
    office.file("2024-03", project("p1", completed_on="2024-03-05"))
    assert stages_at("2024-03", "stage") == [(EAST, "2024-03", "completed")]
    assert read[-1][0] == ["2024-03"], "what was filed of the others is known still"
