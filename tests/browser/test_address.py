"""The address is the screen: copied it opens the same, kept across pages, and never breaks a page."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewScreen
from tests.browser.pages import FIGURES, PAGES, PERIOD
from tests.browser.screen import Screen

SHENYANG, DALIAN, HUAIAN = "210100", "210200", "320800"
TIEXI, HUNNAN = "210106", "210112"
NONSENSE = {
    "city": "999999",
    "period": "2024-13",
    "areas": "x",
    "chain": "<script>alert(1)</script>",
    "category": "**工业**",
    "list": "$$x$$",
    "size": "大",
    "as_of": "yesterday",
    "rate": "foo",
    "amount": "foo",
    "extent": "foo",
    "measure": "foo",
    "from_stage": "foo",
    "to_stage": "foo",
    "by": "foo",
}


def copied(screen: Screen) -> str:
    """The address below the server that the copy button gives."""
    screen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    screen.page.get_by_role("button", name="复制链接").click()
    expect(screen.page.get_by_role("button", name="已复制")).to_be_visible()
    parts = urlsplit(screen.page.evaluate("navigator.clipboard.readText()"))
    assert f"{parts.scheme}://{parts.netloc}" == screen.server.address
    return f"{parts.path}?{parts.query}"


@pytest.mark.parametrize("page", [page for page in PAGES if FIGURES[page]])
def test_a_copied_link_shows_another_reader_the_same_numbers(
    reader: Screen, other_reader: Screen, page: str
) -> None:
    mine = reader.open(
        PAGES[page], city=SHENYANG, period="2024-06", areas=f"{TIEXI},{HUNNAN}", size="亿元以上"
    )
    theirs = other_reader.go(copied(mine))
    assert theirs.asked["as_of"] != "最新"
    assert theirs.numbers() == mine.numbers()
    assert len("".join(mine.numbers())) > 200


def test_a_copied_link_keeps_what_was_picked_on_the_page_itself(new_screen: NewScreen) -> None:
    mine = new_screen().open("industry_chain", city=DALIAN, period=PERIOD)
    mine.page.get_by_role("radio", name="总投资（亿元）").click()
    mine.settle()
    theirs = new_screen().go(copied(mine))
    expect(theirs.page.get_by_role("radio", name="总投资（亿元）")).to_be_checked()
    assert theirs.numbers() == mine.numbers()


def test_the_address_bar_alone_opens_the_same_screen(new_screen: NewScreen) -> None:
    mine = new_screen().open("funnel", city=HUAIAN, period="2024-03", chain="盐化新材料")
    theirs = new_screen().go(mine.page.url.removeprefix(mine.server.address))
    assert theirs.numbers() == mine.numbers()


def test_what_was_picked_survives_a_walk_through_the_pages(screen: Screen) -> None:
    screen.open(city=SHENYANG, period=PERIOD)
    screen.choose("city", "大连市")
    screen.choose("period", "2024年6月")
    screen.choose("areas_210200", "西岗")
    whole = screen.headline()
    for title in ("四个一批漏斗", "赛马", "投资地图", "产业链", "总览"):
        screen.visit(title)
        assert {"city": DALIAN, "period": "2024-06", "areas": "210203"}.items() <= screen.asked.items()
        assert screen.page.locator(".st-key-city input").input_value() == "大连市"
        assert screen.page.locator(".st-key-period input").input_value() == "2024年6月"
        expect(screen.page.locator(".st-key-areas_210200")).to_contain_text("西岗")
    assert screen.headline() == whole


def test_the_back_button_returns_to_what_was_shown(screen: Screen) -> None:
    screen.open(city=SHENYANG, period=PERIOD)
    before = screen.headline()
    screen.choose("period", "2024年6月")
    assert screen.headline() != before
    screen.page.go_back()
    screen.settle()
    expect(screen.page.locator(".stMain h3").first).to_have_text(before)


@pytest.mark.parametrize("page", PAGES)
def test_nonsense_in_the_address_falls_back_with_a_notice(reader: Screen, page: str) -> None:
    screen = reader.open(PAGES[page], **NONSENSE)
    for words in (
        "网址中的城市“999999”不存在",
        "网址中的报告期“2024-13”不存在",
        "时点「yesterday」无法识别",
        "“大”不存在",
    ):
        screen.says(words)
    if page in {"funnel", "investment_map", "industry_chain"}:
        screen.says("“foo”不存在")
    assert screen.asked["city"] == SHENYANG
    assert "月" in screen.headline()
    said = {word for word in NONSENSE.values() if word.isascii()}
    assert not [text for text in screen.english() if not any(word in text for word in said)]


def test_an_area_of_another_city_is_left_out_with_a_notice(screen: Screen) -> None:
    screen.open(city=DALIAN, period=PERIOD, areas=f"{TIEXI},210203")
    screen.says(f"网址中的地区“{TIEXI}”不在大连市")
    assert screen.asked["areas"] == "210203"


def test_another_city_lets_go_of_the_areas_without_a_word(screen: Screen) -> None:
    screen.open(city=SHENYANG, period=PERIOD, areas=TIEXI)
    screen.choose("city", "大连市")
    assert "areas" not in screen.asked
    assert not [text for text in screen.texts() if "网址中的" in text]


def test_an_instant_before_the_first_ledger_says_that_there_is_none_yet(screen: Screen) -> None:
    screen.open(city=SHENYANG, period=PERIOD, as_of="2020-01-01")
    screen.says("还没有台账")
    assert not screen.english()


@pytest.mark.parametrize("address", ["nothere", "overview", "funnel.py"])
def test_an_unknown_page_says_so_in_chinese(screen: Screen, address: str) -> None:
    screen.go(f"/{address}?city={SHENYANG}&period={PERIOD}")
    dialog = screen.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    said = dialog.evaluate("(it) => getComputedStyle(it.querySelector('h2'), '::after').content")
    assert said == '"页面没有打开"'
    assert not screen.english()
    screen.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert "月" in screen.headline()


def test_filters_that_leave_nothing_say_what_to_do(screen: Screen) -> None:
    screen.open(city=SHENYANG, period=PERIOD, areas="210124", chain="集成电路", size="100亿元以上")
    screen.says("当前筛选")
    screen.says("请在上方放宽")
    assert not screen.english()
