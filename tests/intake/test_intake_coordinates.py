"""Coordinates move by as much as the published systems differ, and stay put where they agree."""

from math import cos, hypot, radians

from hypothesis import given
from hypothesis import strategies as st

from saima.intake.coordinates import to_gcj02

LONGITUDES = st.floats(118.0, 125.0)
LATITUDES = st.floats(32.0, 43.0)


def metres(from_: tuple[float, float], to: tuple[float, float]) -> float:
    east = (to[0] - from_[0]) * 111_320 * cos(radians(from_[1]))
    return hypot(east, (to[1] - from_[1]) * 110_900)


@given(LONGITUDES, LATITUDES)
def test_gcj02_stays_as_it_is(longitude: float, latitude: float) -> None:
    assert to_gcj02(longitude, latitude, "GCJ-02") == (longitude, latitude)


@given(LONGITUDES, LATITUDES)
def test_wgs84_moves_by_some_hundred_metres(longitude: float, latitude: float) -> None:
    moved = to_gcj02(longitude, latitude, "WGS-84")
    assert 100 < metres((longitude, latitude), moved) < 1200
    assert moved == to_gcj02(longitude, latitude, "CGCS2000")


@given(LONGITUDES, LATITUDES)
def test_wgs84_can_be_found_again_by_moving_back(longitude: float, latitude: float) -> None:
    moved = to_gcj02(longitude, latitude, "WGS-84")
    back = moved
    for _ in range(4):
        again = to_gcj02(*back, "WGS-84")
        back = (back[0] + moved[0] - again[0], back[1] + moved[1] - again[1])
    assert metres((longitude, latitude), back) < 0.01


@given(LONGITUDES, LATITUDES)
def test_bd09_moves_by_about_a_kilometre_south_west(longitude: float, latitude: float) -> None:
    moved = to_gcj02(longitude, latitude, "BD-09")
    assert 500 < metres((longitude, latitude), moved) < 1500
    assert moved[0] < longitude
    assert moved[1] < latitude


def test_a_known_point() -> None:
    # Tiananmen, as the map libraries give it in the three systems.
    longitude, latitude = to_gcj02(116.397428, 39.90923, "WGS-84")
    assert (round(longitude, 4), round(latitude, 4)) == (116.4037, 39.9106)
    longitude, latitude = to_gcj02(116.404, 39.915, "BD-09")
    assert (round(longitude, 4), round(latitude, 4)) == (116.3976, 39.9087)


def test_outside_china_nothing_moves() -> None:
    assert to_gcj02(-73.97, 40.78, "WGS-84") == (-73.97, 40.78)
