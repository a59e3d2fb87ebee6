"""The page 台账报送 as a clerk uses it: upload, refusal, correction by choosing, commit, comparison."""

import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from demonstration import demonstration_ledgers
from playwright.sync_api import FilePayload, Locator, expect

from tests.browser.conftest import Serve
from tests.browser.pages import PERIOD
from tests.browser.screen import SECONDS, Screen
from tests.browser.test_odd_ledgers import OCTOBER, commit

SHENYANG, KANGPING = "210100", "210123"
FILE = "九月 <b>台账 **定稿**.xlsx"
HEADINGS = ("项目名称", "责任地区", "项目单位", "总投资（万元）", "怎么个建法")
ROWS = (
    ("新港智能装备产业园", "康平县", "新港公司", 12000, "厂房三栋"),
    ("新港冷链物流园", "火星区", "新港冷链公司", 8000, "冷库一座"),
)

WindowOn = Callable[..., Screen]


@pytest.fixture
def clerk(window_on: WindowOn, serve: Serve, tmp_path: Path) -> Screen:
    """A clerk before the page, with the year's demonstration ledgers filed."""
    filed = "projects/city=210100"
    for month in ("2024-01", "2024-08", PERIOD):
        folder = f"{filed}/period={month}"
        shutil.copytree(demonstration_ledgers() / folder, tmp_path / "snapshots" / folder)
    screen: Screen = window_on(serve(tmp_path))
    return screen.open("intake", city=SHENYANG, period=PERIOD)


def workbook(folder: Path, *rows: tuple[Any, ...]) -> Path:
    """A file of these rows as an office sends it."""
    path = folder / "upload.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("项目")
        for number, row in enumerate([HEADINGS, *rows]):
            sheet.write_row(number, 0, row)
    return path


def choose(screen: Screen, box: Locator, option: str) -> None:
    """Pick an option of a select box; a menu that opens while the page scrolls would close again."""
    box.scroll_into_view_if_needed()
    screen.settle()
    box.click()
    screen.page.get_by_role("option", name=option, exact=True).click()
    screen.settle()


def send(screen: Screen, content: bytes, name: str = FILE) -> Locator:
    """File this for 康平县; the card that says what came of it."""
    file: FilePayload = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    screen.page.set_input_files("[data-testid=stFileUploader] input[type=file]", file)
    choose(screen, screen.page.get_by_role("combobox", name="报送地区"), "康平县")
    screen.page.get_by_label("报送人").fill("张三")
    screen.page.keyboard.press("Enter")
    screen.settle()
    screen.page.get_by_role("button", name="开始读取").click()
    return read(screen)


def read(screen: Screen, reads: int = 1) -> Locator:
    """Wait until the first file on the desk has been read so many times; its card."""
    card = screen.page.locator(f".st-key-card_paper_1_{reads}")
    expect(card).to_be_visible(timeout=SECONDS)
    screen.settle()
    return card


def choose_column(screen: Screen, card: Locator, heading: str, term: str) -> None:
    """Say what the first doubtful heading stands for, in the table of what was understood."""
    card.get_by_role("tab", name="读懂了什么").click()
    grid = card.locator("[data-testid=stForm] [data-testid=stDataFrame]")
    expect(grid.locator("canvas td", has_text=heading).first).to_have_text(heading)
    grid.scroll_into_view_if_needed()
    screen.settle()
    box = grid.bounding_box()
    assert box
    first_row, column_to_choose = box["y"] + 52, box["x"] + box["width"] * 0.58
    screen.page.mouse.click(column_to_choose, first_row)
    screen.page.keyboard.press("Enter")
    screen.page.wait_for_timeout(300)
    screen.page.keyboard.type(term)
    screen.page.wait_for_timeout(300)
    screen.page.keyboard.press("Enter")
    screen.page.wait_for_timeout(300)
    card.get_by_role("button", name="记住更正，重新读取").click()


def verdict(card: Locator) -> str:
    return card.locator("p.verdict").inner_text()


def test_a_ledger_goes_from_refusal_over_correction_to_commit(clerk: Screen, tmp_path: Path) -> None:
    card = send(clerk, workbook(tmp_path, *ROWS).read_bytes())
    assert verdict(card) == "有行被拒收，还没有写入任何数据：读到2行，可收1行，拒收1行。"
    expect(card.locator("h4")).to_contain_text(FILE)
    expect(card.locator(".lines li").first).to_contain_text("火星区")

    with clerk.page.expect_download() as waiting:
        card.get_by_role("button", name="下载标注好的工作簿").click()
    returned = openpyxl.load_workbook(BytesIO(waiting.value.path().read_bytes()))
    assert returned.sheetnames[0] == "问题清单"

    choose_column(clerk, card, "怎么个建法", "建设内容")
    card = read(clerk, 2)
    card.get_by_role("tab", name="读懂了什么").click()
    card.locator("[data-testid=stForm]").scroll_into_view_if_needed()
    clerk.settle()
    expect(card.locator("canvas td", has_text="记住").first).to_contain_text("记住")

    card.get_by_label("入库说明").fill("更正后重报")
    clerk.page.keyboard.press("Enter")
    clerk.settle()
    card.get_by_role("button", name="入库", exact=True).click()
    expect(card.get_by_text("还有拒收的行")).to_be_visible(timeout=SECONDS)
    card.get_by_text("只收合格的1行，拒收的1行退回").click()
    clerk.settle()
    card.get_by_role("button", name="入库", exact=True).click()
    card = read(clerk, 3)
    expect(card.locator("p.verdict")).to_contain_text("已入库", timeout=SECONDS)
    clerk.settle()
    record = clerk.page.locator(".st-key-card_revisions")
    record.scroll_into_view_if_needed()
    clerk.settle()
    newest = record.locator("canvas tr", has_text="第4版")
    expect(newest.locator("td").nth(3)).to_have_text("张三", timeout=SECONDS)
    expect(newest.locator("td").nth(4)).to_have_text("更正后重报")
    assert "第4次入库" in clerk.page.locator(".freshness").inner_text()

    options = record.get_by_role("combobox")
    for place, name in ((0, "第3版"), (1, "第4版")):
        options.nth(place).scroll_into_view_if_needed()
        clerk.settle()
        options.nth(place).click()
        clerk.page.get_by_role("option").filter(has_text=name).click()
        clerk.settle()
    expect(record.get_by_text("相比：新增1个，消失")).to_be_visible(timeout=SECONDS)
    expect(record.locator("canvas td", has_text="新港智能装备产业园").first).to_have_text(
        "新港智能装备产业园"
    )


def test_a_file_that_is_no_workbook_is_a_sentence_and_leaves_the_desk_when_it_is_put_away(
    clerk: Screen,
) -> None:
    card = send(clerk, b"\x89PNG\r\n\x1a\n", name="照片.xlsx")
    assert verdict(card) == "整份退回，没有写入任何数据。"
    expect(card.locator(".lines li")).to_contain_text("拒收：文件「照片.xlsx」")
    assert not [text for text in clerk.english() if "照片.xlsx" not in text]
    card.get_by_role("button", name="移开").click()
    expect(card).to_have_count(0)


def test_a_doubtful_project_is_decided_by_a_click_and_stays_decided(
    window_on: WindowOn, serve: Serve, tmp_path: Path
) -> None:
    row = {"project_id": "known", "name": "新港智能装备产业园项目", "area_id": KANGPING, "owner": "新港公司"}
    commit(tmp_path / "snapshots", [{"category": "工业", **row}], OCTOBER)
    screen = window_on(serve(tmp_path)).open("intake", city=SHENYANG, period=PERIOD)
    renamed = ("新港智能装备产业园建设项目", *ROWS[0][1:])
    card = send(screen, workbook(tmp_path, renamed).read_bytes())
    card.get_by_role("tab", name="认项目（待定1）").click()
    expect(card.locator("canvas td", has_text="新港智能装备产业园项目").first).to_have_text(row["name"])
    card.get_by_role("button", name="是同一项目").click()
    expect(card.get_by_text("是同一项目“新港智能装备产业园项目”")).to_be_visible(timeout=SECONDS)
    card.get_by_role("button", name="入库", exact=True).click()
    expect(card.get_by_text("刚才的决定还没有用上")).to_be_visible(timeout=SECONDS)
    card.get_by_role("button", name="按决定重新读取").click()
    card = read(screen, 2)
    card.get_by_role("tab", name="认项目", exact=True).click()
    expect(card.get_by_text("1行按以前的决定")).to_be_visible(timeout=SECONDS)
    card.get_by_role("button", name="入库", exact=True).click()
    card = read(screen, 3)
    expect(card.locator("p.verdict")).to_contain_text("已入库", timeout=SECONDS)
    (sidecar,) = (tmp_path / "snapshots").rglob("r0002.parquet")
    assert pl.read_parquet(sidecar)["project_id"].to_list() == ["known"]


def test_nothing_is_read_before_the_clerk_says_for_which_area_and_who(clerk: Screen) -> None:
    clerk.page.get_by_role("button", name="开始读取").click()
    clerk.says("还没有选文件")
    file: FilePayload = {"name": "台账.csv", "mimeType": "text/csv", "buffer": "项目名称\n".encode()}
    clerk.page.set_input_files("[data-testid=stFileUploader] input[type=file]", file)
    clerk.settle()
    clerk.page.get_by_role("button", name="开始读取").click()
    clerk.says("还没有选报送地区或填报送人")
    expect(clerk.page.locator("[class*='st-key-card_paper']")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_desk_is_chinese_and_legible_in_both_themes(
    window_on: WindowOn, serve: Serve, tmp_path: Path, theme: str
) -> None:
    folder = f"projects/city=210100/period={PERIOD}"
    shutil.copytree(demonstration_ledgers() / folder, tmp_path / "snapshots" / folder)
    screen = window_on(serve(tmp_path), color_scheme=theme).open("intake", city=SHENYANG, period=PERIOD)
    card = send(screen, workbook(tmp_path, ROWS[0]).read_bytes(), name="九月.xlsx")
    assert verdict(card) == "试读通过，还没有入库：读到1行，可收1行。"
    for tab in card.get_by_role("tab").all():
        tab.click()
        screen.settle()
        assert not screen.faint()
        assert not [text for text in screen.english() if "九月.xlsx" not in text]
