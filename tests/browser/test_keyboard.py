"""What a reader without a mouse reaches."""

from playwright.sync_api import expect

from tests.browser.pages import PAGES, PERIOD
from tests.browser.screen import Screen

FOCUSED = """
() => {
  let at = document.activeElement;
  while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  const host = at.getRootNode().host ?? at;
  const keyed = host.closest("[class*='st-key-']");
  return keyed?.className.match(/st-key-(\\S+)/)[1]
    ?? host.closest("[data-testid]")?.dataset.testid ?? at.tagName;
}
"""
"""The key of the widget that has the focus, or else what it is."""

SCOPE = ["city", "period", "as_of", "areas_210100", "chain", "more_filters", "copy_link"]


def tab_stops(screen: Screen, count: int) -> list[str]:
    """Where the first Tab strokes lead, each place once."""
    stops = []
    for _ in range(count):
        screen.page.keyboard.press("Tab")
        stops.append(screen.page.evaluate(FOCUSED))
    return list(dict.fromkeys(stops))


def test_the_first_tab_stops_are_the_menu_and_then_the_scope_in_reading_order(screen: Screen) -> None:
    screen.open(city="210100", period=PERIOD)
    stops = tab_stops(screen, len(PAGES) + 2 * len(SCOPE))
    scope = [stop for stop in stops if stop in SCOPE]
    assert scope == SCOPE
    assert not set(stops[: stops.index("city")]) - {"stSkipToContent", "stSidebarNavLink", "stMain"}


def test_every_card_can_be_asked_for_its_rows_by_keyboard(screen: Screen) -> None:
    screen.open(city="210100", period=PERIOD)
    button = screen.page.get_by_role("button", name="依据与台账").first
    button.focus()
    screen.page.keyboard.press("Enter")
    assert screen.evidence_count() > 0
    screen.close_evidence()


def test_a_city_is_picked_by_keyboard(screen: Screen) -> None:
    screen.open(city="210100", period=PERIOD)
    screen.page.locator(".st-key-city input").focus()
    screen.page.keyboard.press("ArrowDown")
    expect(screen.page.get_by_role("option", name="大连市")).to_be_visible()
    screen.page.keyboard.press("ArrowDown")
    screen.page.keyboard.press("Enter")
    expect(screen.page).not_to_have_url(screen.page.url + "#")
    screen.settle()
    assert screen.asked["city"] != "210100"


def test_what_has_the_focus_is_seen_to_have_it(screen: Screen) -> None:
    screen.open(city="210100", period=PERIOD)
    button = screen.page.get_by_role("button", name="依据与台账").first
    resting = button.evaluate("(part) => getComputedStyle(part).outline + getComputedStyle(part).boxShadow")
    screen.page.locator(".st-key-more_filters button").focus()
    for _ in range(12):
        screen.page.keyboard.press("Tab")
        if button.evaluate("(part) => part === document.activeElement"):
            break
    focused = button.evaluate("(part) => getComputedStyle(part).outline + getComputedStyle(part).boxShadow")
    assert focused != resting
