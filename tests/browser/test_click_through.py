"""From a mark of a figure to the ledger rows behind it, and to the workbook that holds them."""

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from demonstration import ROOT
from playwright.sync_api import expect

from tests.browser.pages import CITIES, PERIOD
from tests.browser.screen import Screen

AREAS = pl.read_csv(ROOT / "data" / "reference" / "areas.csv", infer_schema=False)
TIEXI = "210106"


def names_within(area_id: str) -> set[str]:
    """Names of an area and of the zones that count in it."""
    within = AREAS.filter((pl.col("area_id") == area_id) | (pl.col("counts_in") == area_id))
    return {*within["name"], *within["short_name"]}


def rows_of(screen: Screen) -> list[dict[str, Any]]:
    """The rows of the workbook that the open dialog gives, under their Chinese terms."""
    book = openpyxl.load_workbook(BytesIO(screen.download().path().read_bytes()), read_only=True)
    assert book.sheetnames == ["依据", "台账行"]
    heading, *rows = book["台账行"].iter_rows(values_only=True)
    return [dict(zip(heading, row, strict=True)) for row in rows]


def count_on(label: str) -> int:
    """The number of projects that a label says, such as `2,010个`."""
    found = re.search(r"([\d,]+)个?", label)
    assert found
    return int(found[1].replace(",", ""))


def test_a_stage_opens_its_rows_and_their_workbook(screen: Screen) -> None:
    screen.open(city="210100", period=PERIOD)
    shown = {
        mark.custom[0]: count_on(label)
        for mark, label in zip(screen.marks("overview_stages"), screen.labels("overview_stages"), strict=True)
    }
    screen.click("overview_stages", "landed")
    assert screen.evidence_count() == shown["landed"] > 0

    rows = rows_of(screen)
    assert len(rows) == shown["landed"]
    assert {row["环节"].removesuffix("（填报）") for row in rows} == {"落地"}
    for row in rows:
        assert row["来源文件"]
        assert row["工作表"]
        assert int(row["行号"]) > 0
    places = [(row["来源文件"], row["工作表"], row["行号"]) for row in rows]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("city", CITIES)
def test_a_district_on_the_map_opens_the_rows_of_that_district_only(screen: Screen, city: str) -> None:
    screen.open("investment_map", city=city, period=PERIOD)
    polygons = [mark for mark in screen.marks("rate_map") if mark.kind == "polygon"]
    district = max(polygons, key=lambda polygon: polygon.width * polygon.height).custom[0]
    screen.click("rate_map", district)
    count = screen.evidence_count()
    rows = rows_of(screen)
    assert len(rows) == count > 0
    assert {row["责任地区"] for row in rows} <= names_within(district)


def test_a_circle_on_the_map_opens_its_zone(screen: Screen) -> None:
    screen.open("investment_map", city="320800", period=PERIOD)
    zone = next(mark.custom[0] for mark in screen.marks("rate_map") if "-Z" in mark.custom[0])
    screen.click("rate_map", zone)
    assert screen.evidence_count() > 0
    assert {row["责任地区"] for row in rows_of(screen)} <= names_within(zone)


def test_a_bar_of_the_race_opens_the_rows_of_its_district_only(screen: Screen) -> None:
    screen.open("horse_race", city="210100", period=PERIOD)
    screen.click("race_order", TIEXI)
    count = screen.evidence_count()
    rows = rows_of(screen)
    assert len(rows) == count > 0
    assert {row["责任地区"] for row in rows} <= names_within(TIEXI)


def test_a_cell_of_the_chains_opens_as_many_rows_as_it_says(screen: Screen) -> None:
    screen.open("industry_chain", city="210100", period=PERIOD)
    cells = screen.page.locator(".st-key-figure_chain_matrix g.point text").all_text_contents()
    shown = {
        tuple(mark.custom): count_on(text)
        for mark, text in zip(screen.marks("chain_matrix"), cells, strict=True)
    }
    screen.click("chain_matrix", "航空", "signed")
    assert screen.evidence_count() == shown["航空", "signed"] > 0
    rows = rows_of(screen)
    assert len(rows) == shown["航空", "signed"]
    assert {row["产业链"] for row in rows} == {"航空"}


def test_a_tile_of_the_chains_opens_the_rows_of_its_chain_only(screen: Screen) -> None:
    screen.open("industry_chain", city="210200", period=PERIOD)
    screen.click("chain_tree", "海洋装备")
    assert screen.evidence_count() > 0
    assert {row["产业链"] for row in rows_of(screen)} == {"海洋装备"}


def test_a_step_of_the_funnel_opens_as_many_rows_as_it_says(screen: Screen) -> None:
    screen.open("funnel", city="210100", period=PERIOD)
    texts = screen.page.locator(".st-key-figure_cohort_funnel g.point text").all_text_contents()
    steps = [mark.custom[0] for mark in screen.marks("cohort_funnel")]
    shown = dict(zip(steps, map(count_on, texts), strict=False))
    screen.click("cohort_funnel", "started")
    assert screen.evidence_count() == shown["started"] > 0


def test_a_bar_of_the_year_opens_as_many_rows_as_it_says(screen: Screen) -> None:
    screen.open("funnel", city="210100", period=PERIOD)
    label = next(text for text in screen.labels("year_flow") if "905" in text or "1,200" in text)
    screen.click("year_flow", "started")
    assert screen.evidence_count() == count_on(label)


@pytest.mark.parametrize("card", ["signed_projects", "started_projects", "completed_projects"])
@pytest.mark.parametrize("city", CITIES)
def test_a_card_opens_as_many_rows_as_it_counts(screen: Screen, city: str, card: str) -> None:
    screen.open(city=city, period=PERIOD)
    block = screen.page.locator(f".st-key-card_{card}, .st-key-card_card_{card}")
    if not block.count():
        pytest.skip("this city has no such batch")
    shown = count_on(block.locator(".number").inner_text())
    block.get_by_role("button", name="依据与台账").click()
    assert screen.evidence_count() == shown


def test_evidence_names_definition_filters_snapshot_and_sources(screen: Screen) -> None:
    screen.open("funnel", city="210100", period=PERIOD, areas=TIEXI)
    screen.page.locator(".st-key-ask_stage_stock button").click()
    screen.evidence_count()
    facts = dict(
        zip(
            screen.evidence.get_by_role("term").all_inner_texts(),
            screen.evidence.get_by_role("definition").all_inner_texts(),
            strict=True,
        )
    )
    assert {"口径", "口径参照"} <= facts.keys()
    assert facts["范围"] == "沈阳市 2024年9月，铁西"
    assert re.search(r"2024-09.*第\d+次入库（2024年11月12日 11:20），示例数据", facts["快照"])
    assert ".xlsx" in facts["来源文件"]


def test_the_same_mark_opens_its_rows_again_once_the_dialog_is_closed(screen: Screen) -> None:
    screen.open(city="210100", period=PERIOD)
    screen.click("overview_stages", "landed")
    first = screen.evidence_count()
    screen.close_evidence()
    screen.settle()
    screen.click("overview_stages", "landed")
    assert screen.evidence_count() == first


def test_another_mark_opens_other_rows(screen: Screen) -> None:
    screen.open(city="210100", period=PERIOD)
    screen.click("overview_stages", "landed")
    first = screen.evidence_count()
    screen.close_evidence()
    screen.settle()
    screen.click("overview_stages", "approved")
    assert screen.evidence_count() != first


def test_the_rows_of_a_page_that_was_left_do_not_open_by_themselves(screen: Screen) -> None:
    screen.open(city="210100", period=PERIOD)
    screen.click("overview_stages", "landed")
    screen.evidence_count()
    screen.close_evidence()
    screen.visit("赛马")
    screen.visit("总览")
    expect(screen.evidence).to_have_count(0)


def test_the_workbook_is_named_after_city_period_and_metric(screen: Screen) -> None:
    screen.open("funnel", city="320800", period=PERIOD)
    screen.click("stage_stock", "planned")
    screen.evidence_count()
    download = screen.download()
    assert Path(download.suggested_filename).suffix == ".xlsx"
    assert "淮安" in download.suggested_filename
    assert PERIOD in download.suggested_filename


@pytest.mark.parametrize("city", CITIES)
def test_a_row_of_the_evidence_opens_its_projects_card(screen: Screen, city: str) -> None:
    screen.open(city=city, period=PERIOD)
    screen.click("overview_stages", "started")
    grid = screen.page.locator("[role=dialog] [data-testid=stDataFrame]")
    name = grid.locator("canvas td").first.inner_text()
    box = grid.bounding_box()
    assert box
    screen.page.mouse.click(box["x"] + 80, box["y"] + 50)
    expect(screen.page.locator(".headline")).to_contain_text(f"截至2024年9月，{name}：")
    expect(screen.page.locator("[role=dialog]")).to_have_count(0)
    assert screen.settle().asked["project"].startswith(city)
