"""Figures from tiny literal frames: what is marked, what a click says, what a ledger cannot smuggle in."""

import json
import re
import tomllib
from base64 import b64decode
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import polars as pl
import pytest

from saima.charts.chains import chain_stage_matrix, chain_treemap
from saima.charts.funnel import cohort_funnel, flow_bars, stage_bars
from saima.charts.geography import NOT_APPROVED, area_bars, rate_map
from saima.charts.pace import batch_card, investment_bars
from saima.charts.race import rank_bars, rank_bump, track_bars
from saima.charts.theme import CONFIG, DARK, LIGHT, Look, escaped, look_of, room_for, style_variables
from saima.ledgers import STAGES

HOSTILE = "<b>甲</b>&%{x}<script>"
HOSTILE_ESCAPED = "&lt;b&gt;甲&lt;/b&gt;&amp;%{x}&lt;script&gt;"
OWN = "#AC639B"
MONEY = pl.Decimal(18, 4)

BOUNDARY = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "id": code,
            "properties": {"adcode": code, "name": name, "centre": [west + 0.5, 41.5]},
            "geometry": {
                "type": "MultiPolygon",
                "coordinates": [[[[west, 41], [west, 42], [west + 1, 42], [west + 1, 41], [west, 41]]]],
            },
        }
        for code, name, west in (("210101", "甲区", 122), ("210102", "乙区", 123), ("210103", "丙区", 124))
    ],
}


def _stock(look: Look) -> go.Figure:
    return stage_bars(
        pl.DataFrame(
            {
                "stage": ["planned", "signed", "unknown"],
                "term": ["谋划", HOSTILE, "阶段不明"],
                "projects": [3126, 0, None],
                "investment_total": [Decimal("392000000.0000"), None, None],
                "investment_projects": [1, 0, 0],
            },
            schema_overrides={"investment_total": MONEY},
        ),
        look,
    )


def _flow(look: Look) -> go.Figure:
    return flow_bars(
        pl.DataFrame(
            {
                "event": ["started", "ongoing"],
                "term": [HOSTILE, "在建"],
                "projects": [912, None],
                "target": [1200, None],
                "completion": [0.76, None],
                "completion_text": ["76.0%", None],
                "pace": [0.75, None],
                "light": ["green", None],
            }
        ),
        look,
    )


def _cohort(look: Look) -> go.Figure:
    return cohort_funnel(
        pl.DataFrame(
            {
                "stage": ["signed", "landed", "started"],
                "term": [HOSTILE, "落地", "开工"],
                "projects": [10, 6, 3],
                "of_first": [1.0, 0.6, 0.3],
                "of_previous": [None, 0.6, 0.5],
                "median_days": [None, 87.0, None],
            }
        ),
        look,
    )


def _investment(look: Look) -> go.Figure:
    return investment_bars(
        pl.DataFrame(
            {
                "area_id": ["210101", "210102"],
                "name": [HOSTILE, "乙区"],
                "plan_year": [Decimal(2_000_000), None],
                "invested_year": [Decimal(2_240_000), Decimal(785_000)],
                "completion": [1.12, None],
                "pace": [0.75, None],
                "basis": ["按月度计划", "按月均"],
                "light": ["green", "grey"],
            },
            schema_overrides={"plan_year": MONEY, "invested_year": MONEY},
        ),
        look,
    )


def _rank(look: Look) -> go.Figure:
    return rank_bars(
        pl.DataFrame(
            {
                "area_id": ["210101", "210102", "210103", "210104"],
                "name": [HOSTILE, "乙区", "丙区", "丁县"],
                "rank": [1, 2, 12, 13],
                "score": [Decimal("92.40"), Decimal("91.12"), Decimal("61.80"), None],
                "change": [2, -1, None, 3],
                "is_carried": [False, False, False, True],
                "colour": [OWN] * 4,
                "zone": ["top", "top", "bottom", "bottom"],
            }
        ),
        look,
    )


def _bump(look: Look) -> go.Figure:
    return rank_bump(
        pl.DataFrame(
            {
                "period": ["2023-12", "2023-12", "2024-02", "2024-02"],
                "area_id": ["210101", "210102", "210101", "210102"],
                "name": [HOSTILE, "乙区", HOSTILE, "乙区"],
                "rank": [1, 2, 2, 1],
                "score": [90.0, 80.0, 70.0, 75.0],
                "colour": [OWN, OWN, OWN, OWN],
            }
        ),
        look,
        ["210101"],
    )


def _tracks(look: Look) -> go.Figure:
    return track_bars(
        pl.DataFrame(
            {
                "area_id": ["210101", "210102", "210101", "210102"],
                "name": [HOSTILE, "乙区", HOSTILE, "乙区"],
                "track": ["reserve", "reserve", "service", "service"],
                "track_name": ["储备", "储备", "服务", "服务"],
                "points": [18.25, 0.0, 9.0, None],
            }
        ),
        look,
    )


def _map(look: Look, **settings: Any) -> go.Figure:
    return rate_map(
        pl.DataFrame(
            {
                "area_id": ["210101", "210102", "2101-Z01"],
                "drawn_id": ["210101", "210102", "210101"],
                "name": [HOSTILE, "乙区", "高新区"],
                "value": [0.6, None, 0.85],
                "amount": [Decimal(500_000), None, None],
                "projects": [12, None, 3],
                "longitude": [None, None, 122.7],
                "latitude": [None, None, 41.3],
                "is_zone": [False, False, True],
            },
            schema_overrides={"amount": MONEY},
        ),
        look,
        boundary=BOUNDARY,
        label="开工率",
        **settings,
    )


def _areas(look: Look) -> go.Figure:
    return area_bars(
        pl.DataFrame(
            {
                "area_id": ["210103", "210101", "210102"],
                "name": ["丙区", HOSTILE, "乙区"],
                "value": [None, 0.5, 0.75],
                "value_text": ["—", "50.0%", "75.0%"],
                "colour": [OWN] * 3,
            }
        ),
        look,
    )


_CHAINS = pl.DataFrame(
    {
        "chain": ["航空", "航空", "电力装备", "电力装备"],
        "chain_group": ["新字号", "新字号", HOSTILE, HOSTILE],
        "stage": ["planned", "signed", "planned", "signed"],
        "term": ["谋划", "签约", "谋划", "签约"],
        "projects": [40, 0, 10, 1],
        "investment_total": [Decimal("1234567.0000"), None, Decimal(50_000), Decimal(40)],
        "median_days": [None, 30.5, None, 120.0],
    },
    schema_overrides={"investment_total": MONEY},
)


def _matrix(look: Look) -> go.Figure:
    return chain_stage_matrix(_CHAINS, look)


def _treemap(look: Look) -> go.Figure:
    return chain_treemap(
        pl.DataFrame(
            {
                "chain_group": ["新字号", HOSTILE, "新字号"],
                "chain": ["航空", "生物医药及医疗装备", "机器人"],
                "projects": [40, 11, 2],
                "investment_total": [Decimal("1234567.0000"), Decimal(50_040), None],
                "share": [0.961, 0.039, None],
                "largest_share": [0.8, 0.1, None],
            },
            schema_overrides={"investment_total": MONEY},
        ),
        look,
    )


CHARTS: dict[str, Callable[[Look], go.Figure]] = {
    "stage_bars": _stock,
    "flow_bars": _flow,
    "cohort_funnel": _cohort,
    "investment_bars": _investment,
    "rank_bars": _rank,
    "rank_bump": _bump,
    "track_bars": _tracks,
    "rate_map": _map,
    "area_bars": _areas,
    "chain_stage_matrix": _matrix,
    "chain_treemap": _treemap,
}
every_chart = pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)


def _ids(trace: Any) -> list[list[Any]]:
    return [list(identifiers) for identifiers in trace.customdata]


def _texts(value: Any) -> Iterator[str]:
    """Every text of a figure that is drawn; identifiers are not."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in {"ids", "parents", "customdata"}:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


def _palette(look: Look) -> set[str]:
    plain = (value for value in vars(look).values() if isinstance(value, str | tuple))
    named = (colour for table in (look.lights, look.stages) for colour in table.values())
    return {colour for group in plain for colour in ((group,) if isinstance(group, str) else group)} | set(
        named
    )


@every_chart
def test_a_ledger_s_text_is_shown_and_never_read_as_markup(chart: Callable[[Look], go.Figure]) -> None:
    texts = list(_texts(json.loads(chart(LIGHT).to_json())))
    assert not [text for text in texts if "<script>" in text or "<b>甲" in text.replace(HOSTILE_ESCAPED, "")]
    assert any(HOSTILE_ESCAPED in text for text in texts)


@every_chart
@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_every_colour_is_the_look_s_or_an_area_s_own(chart: Callable[[Look], go.Figure], look: Look) -> None:
    colours = set(re.findall(r"#[0-9A-Fa-f]{6}", chart(look).to_json()))
    assert colours <= _palette(look) | {OWN}


@every_chart
def test_a_figure_carries_no_foreign_template_no_title_and_keeps_its_place(
    chart: Callable[[Look], go.Figure],
) -> None:
    figure = json.loads(chart(LIGHT).to_json())["layout"]
    assert not figure["template"].get("layout")
    assert "title" not in figure
    assert figure["uirevision"]
    assert figure["height"] > 0
    assert figure["font"]["family"].startswith("Noto Sans SC")


@every_chart
def test_what_can_be_hovered_has_a_text_of_ours_and_what_cannot_be_clicked_is_silent(
    chart: Callable[[Look], go.Figure],
) -> None:
    for trace in chart(LIGHT).data:
        if trace.customdata is None:
            assert trace.hoverinfo == "skip"
        else:
            assert trace.hovertemplate.endswith("<extra></extra>")


def test_a_stage_s_bar_says_its_stage_and_a_missing_count_has_no_bar() -> None:
    figure = _stock(LIGHT)
    (bars,) = figure.data
    assert _ids(bars) == [["planned"], ["signed"], ["unknown"]]
    assert list(bars.x) == [3126, 0, None]
    assert list(bars.marker.color) == [LIGHT.stages["planned"], LIGHT.stages["signed"], LIGHT.grey]
    labels = [note.text for note in figure.layout.annotations]
    assert "3,126个" in labels[0]
    assert "3.92万亿元" in labels[0]
    assert "<b>0个</b>" in labels[1]
    assert labels[2].startswith("—")


def test_an_event_without_a_target_has_no_bar_no_tick_and_says_so() -> None:
    figure = _flow(LIGHT)
    ground, bars, ticks = figure.data
    assert _ids(bars) == [["started"], ["ongoing"]]
    assert [list(trace.x) for trace in (ground, bars, ticks)] == [[1.0, None], [0.76, None], [0.75, None]]
    started, ongoing = (note.text for note in figure.layout.annotations)
    assert "912 / 1,200个" in started
    assert "占76.0%" in started
    assert "●" in started
    assert "无年度目标" in ongoing
    assert "—" in ongoing


def test_a_bar_over_its_target_is_drawn_beyond_it() -> None:
    figure = _investment(LIGHT)
    ground, bars, _ = figure.data
    assert list(bars.x) == [1.12, None]
    assert list(ground.x) == [1.0, None]
    assert figure.layout.xaxis.range[1] > 1.12
    assert "112.0%" in figure.layout.annotations[0].text
    assert "已完成78.50亿元" in figure.layout.annotations[1].text


def test_a_cohort_names_both_bases_and_days_only_where_some_are_timed() -> None:
    figure = _cohort(LIGHT)
    (funnel,) = figure.data
    assert funnel.type == "funnel"
    assert _ids(funnel) == [["signed"], ["landed"], ["started"]]
    first, landed, started = (note.text for note in figure.layout.annotations)
    assert "占" not in first
    assert "占首环节 <b>60.0%</b>" in landed
    assert "占上环节 <b>60.0%</b>" in landed
    assert "中位 87 天" in landed
    assert "占首环节 <b>30.0%</b>" in started
    assert "中位" not in started


def test_ranks_left_out_are_counted_and_a_carried_area_has_no_arrow() -> None:
    figure = _rank(LIGHT)
    bars, stripes = figure.data
    texts = [note.text for note in figure.layout.annotations]
    assert _ids(bars) == [["210101"], ["210102"], ["210103"], ["210104"]]
    assert list(bars.x) == [92.4, 91.12, 61.8, None]
    assert list(stripes.marker.line.color) == [OWN] * 4
    assert "中间 9 个地区" in texts
    assert any("▲2" in text for text in texts)
    assert any("▼1" in text for text in texts)
    assert any("沿用" in text for text in texts)
    assert not any("▲3" in text for text in texts)


def test_ties_leave_no_gap() -> None:
    tied = pl.DataFrame(
        {
            "area_id": ["210101", "210102", "210103"],
            "name": ["甲区", "乙区", "丙区"],
            "rank": [1, 1, 3],
            "score": [90.0, 90.0, 80.0],
            "change": [0, 0, 0],
            "is_carried": [False] * 3,
            "colour": [OWN] * 3,
            "zone": ["top", "middle", "bottom"],
        }
    )
    assert not rank_bars(tied, LIGHT).layout.shapes


def test_a_month_without_a_snapshot_is_a_gap_in_the_race() -> None:
    figure = _bump(LIGHT)
    grey, chosen = figure.data
    assert list(chosen.x) == ["2023-12", "2024-01", "2024-02"]
    assert list(chosen.y) == [1, None, 2]
    assert not chosen.connectgaps
    assert chosen.line.color == OWN
    assert grey.line.color == LIGHT.grey
    assert _ids(chosen) == [["210101", "2023-12"], ["210101", "2024-01"], ["210101", "2024-02"]]
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]
    assert len(figure.layout.annotations) == 4


def test_a_track_that_is_left_out_has_no_points_drawn() -> None:
    reserve, service = _tracks(LIGHT).data
    assert _ids(service) == [["210101", "service"], ["210102", "service"]]
    assert list(reserve.x) == [18.25, 0.0]
    assert list(service.x) == [9.0, None]
    assert list(reserve.text) == ["18.3", ""]


def test_every_polygon_is_drawn_and_what_is_not_known_is_grey() -> None:
    shapes, circles, zones, labels = _map(LIGHT).data
    assert list(shapes.locations) == ["210101", "210102", "210103"]
    assert list(shapes.z) == [2, -1, -1]
    assert _ids(shapes) == [["210101"], ["210102"], ["210103"]]
    assert shapes.colorscale[0] == (0.0, LIGHT.line)
    assert len({colour for _, colour in shapes.colorscale}) == 6
    assert _ids(circles) == [["210101"]]
    assert list(circles.lon) == [122.5]
    assert _ids(zones) == [["2101-Z01"]]
    assert list(zones.marker.color) == [LIGHT.classes[4]]
    assert "乙区" in labels.text


def test_classes_include_their_lower_end_and_stay_fixed() -> None:
    figure = _map(LIGHT, breaks=(0.2, 0.4, 0.6, 0.8))
    assert figure.data[0].z[0] == 3
    assert figure.data[0].colorbar.ticktext == ("无数据", "20%", "40%", "60%", "80%")


def test_a_map_says_whether_its_outline_is_approved() -> None:
    assert [note.text for note in _map(LIGHT).layout.annotations] == [NOT_APPROVED]
    approved = _map(LIGHT, approval="辽S（2024）1号")
    assert [note.text for note in approved.layout.annotations] == ["辽S（2024）1号"]


def test_an_enlarged_centre_shows_its_window_and_the_whole_fits_its_areas() -> None:
    whole = _map(LIGHT).layout.geo
    centre = _map(LIGHT, window=(122.0, 123.0, 41.0, 42.0)).layout.geo
    assert whole.fitbounds == "locations"
    assert centre.fitbounds is None
    assert tuple(centre.lonaxis.range) == (122.0, 123.0)
    assert tuple(centre.lataxis.range) == (41.0, 42.0)


def test_a_map_asks_this_server_for_the_world_and_the_world_is_empty() -> None:
    assert CONFIG["topojsonURL"] == "app/static/"
    world = json.loads((Path(__file__).parent.parent / "static/world_110m.json").read_text())
    assert world["type"] == "Topology"
    assert {"land", "ocean", "coastlines", "lakes", "rivers", "countries", "subunits"} <= set(
        world["objects"]
    )
    assert all(not layer["geometries"] for layer in world["objects"].values())


def test_sorted_areas_end_with_those_that_have_no_value() -> None:
    bars = _areas(LIGHT).data[0]
    assert _ids(bars) == [["210102"], ["210101"], ["210103"]]
    assert list(bars.x) == [0.75, 0.5, None]


@pytest.mark.parametrize(
    ("measure", "texts"),
    [
        ("projects", ["40", "0", "10", "1"]),
        ("investment_total", ["123.5", "—", "5.00", "0.00"]),
        ("median_days", ["—", "31", "—", "120"]),
    ],
)
def test_a_cell_of_the_matrix_shows_one_measure_and_says_chain_and_stage(
    measure: Any, texts: list[str]
) -> None:
    (cells,) = chain_stage_matrix(_CHAINS, LIGHT, measure=measure).data
    assert list(cells.text) == texts
    assert _ids(cells)[1] == ["航空", "signed"]
    assert len(cells.x) == len(_CHAINS)


def test_a_chain_without_an_amount_has_no_tile_and_is_counted() -> None:
    figure = _treemap(LIGHT)
    (tiles,) = figure.data
    assert list(tiles.ids) == ["group:新字号", f"group:{HOSTILE}", "航空", "生物医药及医疗装备"]
    assert list(tiles.parents) == ["", "", "group:新字号", f"group:{HOSTILE}"]
    assert _ids(tiles) == [[None], [None], ["航空"], ["生物医药及医疗装备"]]
    assert any("另有1条链" in note.text for note in figure.layout.annotations)


CARD: dict[str, Any] = {
    "name": "开工一批",
    "number": "912",
    "unit": "个",
    "months": [("2024-01", 10.0), ("2024-02", None), ("2024-03", 30.0), ("2024-04", 41.0)],
    "completion": 0.76,
    "pace": 0.75,
    "target_text": "目标 1,200个",
    "completion_text": "76.0%",
    "light": "green",
    "distance_text": "超序时1.0个百分点",
    "note": HOSTILE,
}


def test_a_card_escapes_its_texts_and_tells_the_light_by_shape_and_word() -> None:
    card = batch_card(CARD, LIGHT)
    assert "<script>" not in card
    assert HOSTILE_ESCAPED in card
    assert "●" in card
    assert "正常" in card
    assert 'aria-label="开工一批：912个"' in card
    assert 'aria-label="完成76.0%，序时75.0%"' in card


def test_a_card_without_target_light_or_history_is_still_a_card() -> None:
    card = batch_card({"name": "谋划一批", "number": "—", "unit": ""}, DARK)
    assert "None" not in card
    assert "tick" not in card
    assert "<img" not in card
    assert "完成—" in card


def test_a_card_s_months_leave_a_gap_where_one_is_missing() -> None:
    source = re.search(r"base64,([^\"]+)", batch_card(CARD, LIGHT))
    assert source is not None
    drawing = b64decode(source[1]).decode()
    assert drawing.count("<polyline") == 1
    assert drawing.count("<circle") == 2


def test_a_card_over_its_target_stays_inside_the_card() -> None:
    widths = re.findall(r"width:([\d.]+)%", batch_card(CARD | {"completion": 3.4}, LIGHT))
    assert max(map(float, widths)) == 100.0


def test_numbers_on_a_depth_or_stage_can_be_read() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(one: str, other: str) -> float:
        low, high = sorted((luminance(one), luminance(other)))
        return (high + 0.05) / (low + 0.05)

    for look in (LIGHT, DARK):
        for depth in look.depths:
            assert contrast(look.ink_on(depth), depth) >= 4.5
        for ground in (look.page, look.card):
            assert contrast(look.ink, ground) >= 4.5
            assert contrast(look.second_ink, ground) >= 4.5
        for stage in STAGES:
            assert contrast(look.ink_on(look.stage(stage)), look.stage(stage)) >= 4.5


def test_the_look_follows_the_reader_s_theme_and_light_while_it_is_unknown() -> None:
    assert look_of("dark") is DARK
    assert look_of("light") is LIGHT
    assert look_of(None) is LIGHT


def test_the_style_file_uses_only_variables_that_the_look_names() -> None:
    style = (Path(__file__).parent.parent / "static/style.css").read_text()
    named = set(re.findall(r"--([a-z-]+):", style_variables(LIGHT)))
    assert set(re.findall(r"var\(--([a-z-]+)\)", style)) <= named


def test_streamlit_s_colours_are_those_of_the_looks() -> None:
    theme = tomllib.loads((Path(__file__).parent.parent / ".streamlit/config.toml").read_text())["theme"]
    for look in (LIGHT, DARK):
        colours = theme[look.name]
        assert colours["backgroundColor"] == look.card
        assert colours["secondaryBackgroundColor"] == look.page
        assert colours["textColor"] == look.ink
        assert colours["primaryColor"] == look.primary


def test_every_font_of_the_settings_is_served_from_here() -> None:
    root = Path(__file__).parent.parent
    faces = tomllib.loads((root / ".streamlit/config.toml").read_text())["theme"]["fontFaces"]
    assert {(face["family"], face["weight"]) for face in faces} == {
        (family, weight) for family in ("Noto Sans SC", "Noto Sans SC Rare") for weight in ("400", "700")
    }
    for face in faces:
        assert face["url"].startswith("app/static/fonts/")
        assert (root / face["url"].removeprefix("app/")).read_bytes()[:4] == b"wOF2"


def test_room_for_names_grows_with_the_longest() -> None:
    assert room_for(["甲"]) < room_for(["石化重矿轨道交通及专用装备"])
    assert escaped("a<b>&\"c'") == "a&lt;b&gt;&amp;\"c'"
