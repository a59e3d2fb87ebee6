"""The page of projects: a search, a click on a row, the card, and the way back."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import CITIES, PERIOD
from tests.browser.screen import Screen


@pytest.mark.parametrize("city", CITIES)
def test_a_clicked_row_opens_its_card_and_back_leads_to_the_same_list(reader: Screen, city: str) -> None:
    screen = reader.open("projects", city=city, period=PERIOD)
    screen.page.get_by_label("查找项目").fill("chanye")
    screen.page.keyboard.press("Enter")
    expect(screen.page.locator(".headline")).to_contain_text("找到")
    found = screen.page.locator(".headline").inner_text()
    grid = screen.settle().page.locator("[data-testid=stDataFrame]")
    name = grid.locator("canvas td").first.inner_text()
    box = grid.bounding_box()
    assert box
    screen.page.mouse.click(box["x"] + 80, box["y"] + 52)
    expect(screen.page.locator(".headline")).to_contain_text("截至2024年9月")
    assert name in screen.settle().page.locator(".headline").inner_text()
    assert screen.asked["project"].startswith(city)
    expect(screen.page.locator(".js-plotly-plot").first).to_be_visible()
    assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    screen.page.get_by_role("button", name="返回项目名单").click()
    expect(screen.page.locator(".headline")).to_have_text(found)
    assert "project" not in screen.asked
