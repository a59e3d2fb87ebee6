"""Coordinates of other systems, moved to GCJ-02, the system of the outlines.

GCJ-02 and BD-09 have no official formula; these are the published approximations that every Chinese
map library uses. CGCS2000 and WGS-84 differ by centimetres and count as one.
"""

from math import atan2, cos, hypot, pi, sin, sqrt

_AXIS = 6378245.0
_ECCENTRICITY = 0.00669342162296594323
_BAIDU = pi * 3000.0 / 180.0


def to_gcj02(longitude: float, latitude: float, system: str) -> tuple[float, float]:
    """(longitude, latitude) in GCJ-02. `system` is GCJ-02, WGS-84, CGCS2000 or BD-09.

    Outside China the systems are one and nothing is moved.
    """
    if system == "GCJ-02" or not _is_in_china(longitude, latitude):
        return longitude, latitude
    if system == "BD-09":
        return _from_baidu(longitude, latitude)
    east, north = _shift(longitude, latitude)
    return longitude + east, latitude + north


def _is_in_china(longitude: float, latitude: float) -> bool:
    return 72.004 <= longitude <= 137.8347 and 0.8293 <= latitude <= 55.8271


def _from_baidu(longitude: float, latitude: float) -> tuple[float, float]:
    x, y = longitude - 0.0065, latitude - 0.006
    distance = hypot(x, y) - 0.00002 * sin(y * _BAIDU)
    angle = atan2(y, x) - 0.000003 * cos(x * _BAIDU)
    return distance * cos(angle), distance * sin(angle)


def _shift(longitude: float, latitude: float) -> tuple[float, float]:
    x, y = longitude - 105.0, latitude - 35.0
    ripple = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + ripple
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + ripple
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    flat = 1.0 - _ECCENTRICITY * sin(latitude / 180.0 * pi) ** 2
    north = north * 180.0 / (_AXIS * (1.0 - _ECCENTRICITY) / (flat * sqrt(flat)) * pi)
    east = east * 180.0 / (_AXIS / sqrt(flat) * cos(latitude / 180.0 * pi) * pi)
    return east, north
