"""The same pages in the dark, on a phone and on the wall."""

import pytest

from tests.browser.conftest import NewScreen
from tests.browser.pages import CITIES, PAGES, PERIOD, SCREENSHOTS
from tests.browser.screen import Screen


@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_in_the_dark_is_dark_and_legible(new_screen: NewScreen, page: str, city: str) -> None:
    screen = new_screen(color_scheme="dark").open(PAGES[page], city=city, period=PERIOD)
    screen.photograph(SCREENSHOTS / f"{page}-{city}-dark.png")
    assert screen.page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor") == (
        "rgb(11, 22, 38)"
    )
    assert not screen.faint()


def test_the_overview_reads_on_a_phone(new_screen: NewScreen) -> None:
    screen = new_screen(viewport={"width": 390, "height": 844}, device_scale_factor=2, has_touch=True)
    screen.open(city="210100", period=PERIOD)
    screen.photograph(SCREENSHOTS / "overview-210100-phone.png")
    assert screen.page.evaluate("document.querySelector('.stMain').scrollWidth") <= 390
    cards = [box for box in boxes(screen) if box["width"] > 0]
    assert len(cards) >= 9
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in cards)


def test_the_overview_fills_the_wall(new_screen: NewScreen) -> None:
    screen = new_screen(viewport={"width": 3840, "height": 2160})
    screen.open(city="210100", period=PERIOD)
    screen.photograph(SCREENSHOTS / "overview-210100-wall.png")
    assert max(box["x"] + box["width"] for box in boxes(screen)) > 3600


def boxes(screen: Screen) -> list[dict[str, float]]:
    """Where the cards of the page stand."""
    cards = screen.page.locator(".stMain [class*='st-key-card_']").all()
    return [dict(box) for card in cards if (box := card.bounding_box())]  # type: ignore[arg-type]
