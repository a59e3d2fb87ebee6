"""The pages and cities that are looked at."""

from pathlib import Path

PERIOD = "2024-09"
CITIES = ("210100", "210200", "320800")
POLYGONS = {"210100": 13, "210200": 10, "320800": 7}
"""Districts, counties and county-level cities of each city, every one a polygon."""

PAGES = {
    "overview": "",
    "funnel": "funnel",
    "horse_race": "horse_race",
    "investment_map": "investment_map",
    "industry_chain": "industry_chain",
    "warnings": "warnings",
    "targets": "targets",
    "problems": "problems",
    "funds": "funds",
    "indicators": "indicators",
    "service": "service",
    "rewards": "rewards",
    "lists": "lists",
    "projects": "projects",
    "statistics": "statistics",
    "calendar": "calendar",
    "definitions": "definitions",
    "intake": "intake",
}
"""Address of each page."""

FIGURES = {
    "overview": 3,
    "funnel": 5,
    "horse_race": 3,
    "investment_map": 3,
    "industry_chain": 2,
    "warnings": 2,
    "targets": 2,
    "problems": 3,
    "funds": 3,
    "indicators": 2,
    "service": 3,
    "rewards": 1,
    "lists": 4,
    "projects": 0,
    "statistics": 5,
    "calendar": 1,
    "definitions": 0,
    "intake": 0,
}
WITHOUT_FIGURES = {
    ("calendar", "210200"),
    ("calendar", "320800"),
    ("indicators", "210200"),
    ("indicators", "320800"),
    ("rewards", "210200"),
    ("rewards", "320800"),
}
"""Pages of cities that have nothing to draw: only Shenyang's documents have such things."""
MAPS = {"overview": "overview_map", "investment_map": "rate_map"}
SCREENSHOTS = Path(__file__).resolve().parent.parent.parent / "artifacts" / "screenshots"
