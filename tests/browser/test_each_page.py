"""Each page of each city as a reader at a laptop meets it."""

import pytest

from tests.browser.pages import (
    CITIES,
    FIGURES,
    MAPS,
    PAGES,
    PERIOD,
    POLYGONS,
    SCREENSHOTS,
    WITHOUT_FIGURES,
)
from tests.browser.screen import Screen

WIDER = """
() => [...document.querySelectorAll("html, body, .stApp, .stMain, .stMainBlockContainer")]
  .filter((part) => part.scrollWidth > part.clientWidth + 1
    || part.getBoundingClientRect().right > innerWidth + 1)
  .map((part) => part.className || part.tagName)
"""

CUT = """
() => [...document.querySelectorAll(".js-plotly-plot .main-svg text")]
  .filter((text) => text.textContent.trim())
  .filter((text) => {
    const [box, sheet] = [text, text.closest(".main-svg")].map((part) => part.getBoundingClientRect());
    return box.left < sheet.left - 1 || box.right > sheet.right + 1
      || box.top < sheet.top - 2 || box.bottom > sheet.bottom + 2;
  })
  .map((text) => text.textContent)
"""

CLIPPED = """
() => [...document.querySelectorAll(".card p")]
  .filter((text) => text.scrollWidth > text.clientWidth + 1 || text.scrollHeight > text.clientHeight + 1)
  .map((text) => text.textContent)
"""


@pytest.fixture(scope="module", params=[(page, city) for city in CITIES for page in PAGES], ids="-".join)
def page_and_city(request: pytest.FixtureRequest) -> tuple[str, str]:
    """One page of one city."""
    page: tuple[str, str] = request.param
    return page


@pytest.fixture(scope="module")
def window(page_and_city: tuple[str, str], reader: Screen) -> Screen:
    """A window that has just gone to that page, photographed."""
    page, city = page_and_city
    reader.forget()
    reader.open(PAGES[page], city=city, period=PERIOD)
    reader.photograph(SCREENSHOTS / f"{page}-{city}-light.png")
    return reader


def test_a_headline_with_the_month_comes_first(window: Screen) -> None:
    assert "月" in window.headline()


def test_demonstration_data_say_so(window: Screen) -> None:
    window.says("示例数据")


def test_nothing_english_is_seen_without_opening_a_menu(window: Screen) -> None:
    assert not window.english()


def test_a_laptop_needs_no_horizontal_scrolling(window: Screen) -> None:
    assert not window.page.evaluate(WIDER)


def test_no_text_is_faint(window: Screen) -> None:
    assert not window.faint()


def test_every_figure_is_drawn(window: Screen, page_and_city: tuple[str, str]) -> None:
    figures = window.figures()
    expected = 0 if page_and_city in WITHOUT_FIGURES else FIGURES[page_and_city[0]]
    assert len(figures) == expected
    assert not [figure for figure in figures if not window.marks(figure)]


def test_no_text_of_a_figure_is_cut_off_at_its_edge(window: Screen) -> None:
    assert not window.page.evaluate(CUT)


def test_no_number_of_a_card_is_cut_off(window: Screen) -> None:
    assert not window.page.evaluate(CLIPPED)


def test_every_district_is_drawn_on_the_map(window: Screen, page_and_city: tuple[str, str]) -> None:
    page, city = page_and_city
    if page not in MAPS:
        assert not window.page.locator(".choroplethlayer").count()
        return
    polygons = [mark for mark in window.marks(MAPS[page]) if mark.kind == "polygon"]
    assert len(polygons) == POLYGONS[city]
    assert all(polygon.width > 1 and polygon.height > 1 for polygon in polygons)


def test_nothing_was_asked_of_another_host(window: Screen) -> None:
    assert not window.outside


def test_the_console_is_silent(window: Screen) -> None:
    assert not window.complaints


def test_the_app_met_no_fault(window: Screen) -> None:
    assert not window.server.faults()
