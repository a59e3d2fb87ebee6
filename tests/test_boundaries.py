"""Outlines: what is drawn for each city, and how one is built from a code."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import shapely

from saima.reference import ReferenceError, boundary

REPOSITORY = Path(__file__).resolve().parent.parent
CITIES = {"210100": 13, "210200": 10, "320800": 7}


def build(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, REPOSITORY / "scripts" / "build_boundary.py", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def turn(ring: list[list[float]]) -> float:
    return sum(
        here[0] * there[1] - there[0] * here[1] for here, there in zip(ring, ring[1:] + ring[:1], strict=True)
    )


def polygons(outline: dict[str, Any]) -> list[list[list[list[float]]]]:
    return [polygon for feature in outline["features"] for polygon in feature["geometry"]["coordinates"]]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAIMA_BOUNDARIES", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(("city", "counties"), CITIES.items())
def test_each_city_has_all_its_counties_and_a_centre_inside_each(city: str, counties: int) -> None:
    features = boundary(city)["features"]
    assert len(features) == len({feature["id"] for feature in features}) == counties
    for feature in features:
        assert feature["id"] == feature["properties"]["adcode"]
        outline = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert outline.is_valid
        assert outline.contains(shapely.Point(feature["properties"]["centre"]))


def assert_drawable(stored: dict[str, Any]) -> None:
    """Rings wound for Plotly, four decimals, borders shared point by point."""
    for exterior, *holes in polygons(stored):
        assert turn(exterior) < 0
        assert all(turn(hole) > 0 for hole in holes)
        assert exterior[0] == exterior[-1]
        assert all(round(number, 4) == number for point in exterior for number in point)
    shapes = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in stored["features"]]
    assert shapely.coverage_is_valid(shapes)
    assert shapely.union_all(shapes).area == pytest.approx(sum(shape.area for shape in shapes), rel=1e-5)


@pytest.mark.parametrize("city", CITIES)
def test_rings_are_clockwise_with_four_decimals_and_neighbours_share_their_border(city: str) -> None:
    assert_drawable(
        json.loads((REPOSITORY / "data" / "boundaries" / f"{city}.geojson").read_text(encoding="utf-8"))
    )


def test_a_ring_filed_the_other_way_round_is_turned(office: Path) -> None:
    square = [[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [0.0, 1.0], [0.0, 0.0]]
    feature = {
        "type": "Feature",
        "properties": {"adcode": 1, "name": "甲"},
        "geometry": {"type": "Polygon", "coordinates": [square]},
    }
    (office / "x.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    drawn = boundary("x")["features"][0]
    assert drawn["geometry"] == {"type": "MultiPolygon", "coordinates": [[square[::-1]]]}
    assert drawn["properties"] == {"adcode": "1", "name": "甲", "centre": [1.0, 0.5]}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("<html>", "不是 GeoJSON"),
        ("[]", "不是 GeoJSON"),
        ('{"features": [{"properties": {"name": "甲"}, "geometry": null}]}', "第1个要素不能用"),
        (
            '{"features": [{"properties": {"adcode": 1, "name": "甲"},'
            ' "geometry": {"type": "Point", "coordinates": [1, 2]}}]}',
            "第1个要素不能用",
        ),
    ],
)
def test_an_outline_that_cannot_be_used_is_refused_in_one_sentence(
    office: Path, text: str, sentence: str
) -> None:
    (office / "x.geojson").write_text(text, encoding="utf-8")
    with pytest.raises(ReferenceError, match=rf"x\.geojson.*{sentence}"):
        boundary("x")


def test_a_missing_outline_says_how_to_make_it(office: Path) -> None:
    with pytest.raises(ReferenceError, match=r"210300\.geojson：.*build_boundary\.py 210300"):
        boundary("210300")


def test_a_fourth_city_is_built_from_its_code_with_its_rows_of_areas(office: Path) -> None:
    built = build("210300", "--areas")
    assert built.returncode == 0
    assert "鞍山市：7 个区县" in built.stderr
    assert_drawable(json.loads((office / "210300.geojson").read_text(encoding="utf-8")))
    assert [feature["properties"]["name"] for feature in boundary("210300")["features"]][:2] == [
        "铁东区",
        "铁西区",
    ]
    header, first, *_, last = built.stdout.splitlines()
    assert (
        header
        == (REPOSITORY / "data" / "reference" / "areas.csv").read_text(encoding="utf-8").splitlines()[0]
    )
    assert first.startswith("210302,210300,铁东区,")
    assert last.startswith("210300-unassigned,210300,未分区,")


@pytest.mark.parametrize(("code", "counties"), [("110000", 16), ("441900", 1), ("469021", 1)])
def test_municipalities_and_cities_without_districts_are_built_too(
    office: Path, code: str, counties: int
) -> None:
    assert build(code).returncode == 0
    assert len(boundary(code)["features"]) == counties


def test_the_printed_rows_of_a_city_without_districts_can_be_loaded(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saima.reference import load  # noqa: PLC0415 - the folder is chosen first

    (office / "reference" / "cities").mkdir(parents=True)
    (office / "reference" / "cities" / "441900.toml").write_text('name = "东莞市"\n', encoding="utf-8")
    (office / "reference" / "areas.csv").write_text(build("441900", "--areas").stdout, encoding="utf-8")
    monkeypatch.setenv("SAIMA_REFERENCE", str(office / "reference"))
    assert load().areas_of("441900")["name"].to_list() == ["东莞市", "市本级", "未分区"]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("210102", "210102 是沈阳市的和平区，不是城市：请用城市代码 210100。\n"),
        ("999999", "没有代码为“999999”的城市：请用 GB/T 2260 六位城市代码，如 210300（鞍山市）。\n"),
        ("沈阳", "没有代码为“沈阳”的城市：请用 GB/T 2260 六位城市代码，如 210300（鞍山市）。\n"),
    ],
)
def test_a_code_that_is_no_city_is_answered_in_one_sentence(office: Path, code: str, sentence: str) -> None:
    refused = build(code)
    assert (refused.returncode, refused.stderr) == (2, sentence)
    assert not list(office.iterdir())


def test_a_province_is_answered_with_its_cities(office: Path) -> None:
    refused = build("210000")
    assert refused.returncode == 2
    assert "210100（沈阳市）、210200（大连市）" in refused.stderr


def test_the_map_stub_holds_every_layer_and_nothing_in_it() -> None:
    stub = json.loads((REPOSITORY / "static" / "world_110m.json").read_text(encoding="utf-8"))
    assert stub["arcs"] == []
    assert set(stub["objects"]) == {"coastlines", "land", "ocean", "lakes", "rivers", "countries", "subunits"}
    assert all(layer["geometries"] == [] for layer in stub["objects"].values())
