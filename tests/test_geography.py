"""Areas: what counts in what, what is ranked, and the values that a map shows."""

from decimal import Decimal
from random import Random

import polars as pl
import pytest
from builders import CITY, EAST, SOUTH, UNASSIGNED, WEST, ZONE, Office, project

from saima import reference
from saima.answers import map_values, unplaced_projects
from saima.transforms.geography import (
    map_sentence,
    reporting_areas,
    rolled_up,
    window_of,
    with_zones,
)


@pytest.fixture
def areas(office: Office) -> pl.DataFrame:
    return reference.load().areas_of(CITY)


def test_a_zone_rolls_up_to_the_area_whose_total_includes_it(areas: pl.DataFrame) -> None:
    frame = pl.DataFrame({"area_id": [ZONE, EAST, WEST, UNASSIGNED, None, "elsewhere"], "projects": range(6)})
    assert rolled_up(frame, areas)["area_id"].to_list() == [EAST, EAST, WEST, UNASSIGNED, None, "elsewhere"]
    assert rolled_up(frame, areas)["projects"].to_list() == list(range(6))
    assert rolled_up(frame.drop("area_id"), areas).equals(frame.drop("area_id"))


def test_an_area_asked_for_brings_its_zones(areas: pl.DataFrame) -> None:
    assert with_zones([EAST], areas) == [ZONE, EAST]
    assert with_zones([WEST, SOUTH], areas) == [WEST, SOUTH]
    assert with_zones([ZONE], areas) == []


def test_ranked_are_the_districts_and_reporting_are_the_city_level_too(areas: pl.DataFrame) -> None:
    assert areas.filter("is_ranked")["area_id"].to_list() == [EAST, WEST, SOUTH]
    assert set(reporting_areas(areas)["area_id"]) == {EAST, WEST, SOUTH, f"{CITY}-direct", UNASSIGNED}


def test_rolled_up_totals_are_the_sums_over_distinct_projects(office: Office) -> None:
    rng = Random(7)
    ids = [EAST, WEST, SOUTH, ZONE, UNASSIGNED]
    rows = [
        project(
            f"p{n}", area_id=rng.choice(ids), started_on="2024-02-01", investment_total=rng.randrange(99999)
        )
        for n in range(30)
    ]
    office.file("2024-06", *rows)
    scope = office.scope("2024-06")
    values = scope.measure(["started_projects", "started_investment"], by_area=True)
    counted = rolled_up(values, scope.city_areas).group_by("metric_id").agg(pl.col("numerator").sum())
    assert dict(counted.iter_rows()) == {
        "started_projects": 30,
        "started_investment": sum(row["investment_total"] for row in rows),
    }
    of_east = [row for row in rows if row["area_id"] in {EAST, ZONE}]
    east = values.filter(pl.col("area_id") == EAST)["numerator"].to_list()
    assert east == [len(of_east), sum(row["investment_total"] for row in of_east)]


def test_a_map_shows_every_ranked_area_whether_it_filed_or_not(office: Office) -> None:
    office.file(
        "2024-06",
        project("e1", plan_year=100_0000, invested_year=50_0000),
        project("e2", area_id=ZONE, plan_year=100_0000, invested_year=25_0000),
        project("w1", area_id=WEST, invested_year=7),
        project("u1", area_id=UNASSIGNED, plan_year=5, invested_year=5),
    )
    values = map_values(office.scope("2024-06"), "investment_completion", "invested_year")
    assert values.select("area_id", "name", "value", "value_text", "amount", "projects").rows() == [
        (EAST, "东区", 0.375, "37.5%（75.00亿元/200.0亿元）", Decimal(750000), 2),
        (WEST, "西区", None, "—", Decimal(7), 0),
        (SOUTH, "南区", None, "—", None, 0),
    ]
    assert values["drawn_id"].to_list() == [EAST, WEST, SOUTH]
    assert values["is_zone"].to_list() == [False] * 3


def test_a_flow_on_a_map_is_its_completion_of_the_areas_target(office: Office) -> None:
    office.file(
        "2024-06",
        project("e1", started_on="2024-02-01"),
        project("w1", area_id=WEST, started_on="2024-02-01"),
        project("s1", area_id=SOUTH, started_on="2024-02-01"),
    )
    values = map_values(office.scope("2024-06"), "started_projects", "invested_year")
    assert values.select("value", "value_text").rows() == [
        (0.25, "25.0%（1/4个）"),
        (1 / 3, "33.3%（1/3个）"),
        (None, "—（1个）"),
    ]


def test_a_map_shows_all_areas_when_one_is_chosen_and_no_targets_of_all_when_filtered(office: Office) -> None:
    office.file("2024-06", project("e1", started_on="2024-02-01"), project("w1", area_id=WEST))
    chosen = map_values(office.scope("2024-06", areas=(WEST,)), "started_projects", "invested_year")
    assert chosen["value"].to_list() == [0.25, 0.0, None]
    filtered = map_values(office.scope("2024-06", category="工业"), "started_projects", "invested_year")
    assert filtered["value"].to_list() == [None, None, None]


def test_amounts_on_a_map_are_in_the_citys_currency(office: Office) -> None:
    (office.folder / "office" / "cities" / f"{CITY}.toml").write_text('name = "样例市"\ncurrency = "美元"\n')
    office.file("2024-06", project("e1", plan_year=10000, invested_year=5000))
    values = map_values(office.scope("2024-06"), "investment_completion", "invested_year")
    assert (
        values["value_text"][0] == "50.0%（5,000.00万美元/1.00亿美元）" or "美元" in values["value_text"][0]
    )
    assert "亿元" not in values["value_text"][0]


def test_the_sentence_names_the_highest_and_the_lowest(office: Office) -> None:
    office.file(
        "2024-06",
        project("e1", plan_year=10, invested_year=5),
        project("w1", area_id=WEST, plan_year=10, invested_year=9),
    )
    values = map_values(office.scope("2024-06"), "investment_completion", "invested_year")
    assert map_sentence(values, "investment_completion", "2024-06") == (
        "1—6月，投资完成率最高的是西区，90.0%（9.00万元/10.00万元）；"
        "最低的是东区，50.0%（5.00万元/10.00万元）；1个地区无数据。"
    )
    assert map_sentence(values.clear(), "started_projects", "2024-06") == (
        "1—6月，各地区新开工项目完成率缺目标或缺报，无法计算。"
    )


def test_projects_without_coordinates_are_counted(office: Office) -> None:
    office.file(
        "2024-06", project("e1", longitude=123.0, latitude=41.0), project("e2"), project("e3", latitude=41.0)
    )
    assert unplaced_projects(office.scope("2024-06")) == (1, 2)


def test_an_enlarged_centre_is_a_window_around_its_middle() -> None:
    assert window_of((123.5, 41.75, 0.5)) == (123.25, 123.75, 41.5, 42.0)
    assert window_of(None) is None
