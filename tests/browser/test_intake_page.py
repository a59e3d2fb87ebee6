"""The page 台账报送 as a clerk uses it: upload, refusal, correction by choosing, commit, comparison."""

import os
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from demonstration import demonstration_ledgers
from playwright.sync_api import FilePayload, Locator, expect

from saima import store
from saima.ledgers import MONEY
from saima.store import Filing
from tests.browser.conftest import Serve
from tests.browser.pages import PERIOD
from tests.browser.screen import SECONDS, Screen
from tests.browser.test_odd_ledgers import NOVEMBER, OCTOBER, commit

SHENYANG, KANGPING = "210100", "210123"
SEPTEMBER_TEXT = "2024年9月"
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
    begin(screen, content, name)
    return read(screen)


def begin(screen: Screen, content: bytes, name: str) -> None:
    """File this for 康平县."""
    file: FilePayload = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    screen.page.set_input_files("[data-testid=stFileUploader] input[type=file]", file)
    choose(screen, screen.page.get_by_role("combobox", name="报送地区"), "康平县")
    screen.page.get_by_label("报送人").fill("张三")
    screen.page.keyboard.press("Enter")
    screen.settle()
    screen.page.get_by_role("button", name="开始读取").click()


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
    menu = screen.page.locator("#portal")
    expect(menu.locator("input").first).to_be_visible()
    screen.page.keyboard.type(term)
    expect(menu.get_by_role("option", name=term, exact=True)).to_be_visible()
    screen.page.keyboard.press("Enter")
    expect(menu.locator("input")).to_have_count(0)
    expect(grid.locator("canvas td", has_text=term).first).to_have_text(term)
    card.get_by_role("button", name="记住更正，重新读取").click()


def compare(screen: Screen, before: str, after: str) -> None:
    """Choose two revisions in the record of what was taken in."""
    record = screen.page.locator(".st-key-card_revisions")
    for label, name in (("比较：从", before), ("到", after)):
        box = record.get_by_role("combobox", name=label, exact=True)
        box.scroll_into_view_if_needed()
        screen.settle()
        box.click()
        screen.page.get_by_role("option").filter(has_text=name).click()
        screen.settle()


def pick(screen: Screen, card: str, option: str, place: int = 0) -> None:
    """Pick an option of a select box in the title row of a card."""
    choose(screen, screen.page.locator(f".st-key-{card}").get_by_role("combobox").nth(place), option)


def fund(snapshots: Path, area: str, arrived: int, at: datetime) -> None:
    """File a ledger of funds for an area, as an office did at that instant."""
    rows = pl.DataFrame(
        [{"fund_id": "1", "name": "新港项目", "area_id": area, "source": "专项债", "arrived": arrived}],
        schema_overrides={"arrived": MONEY},
    )
    filing = Filing(area, rows, "资金.xlsx", "", "资金", {}, 1, 1, 0, [], "李四", "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAIMA_SNAPSHOTS", str(snapshots))
        store.commit("funds", SHENYANG, PERIOD, [filing], captured_at=at)


def ended(name: str) -> None:
    """Kill the child that reads the file of this name, which no other test sends."""
    for _ in range(1000):
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                command = (process / "cmdline").read_bytes().decode(errors="replace")
                if "\0intake\0" in command and name in command:
                    os.kill(int(process.name), signal.SIGKILL)
                    return
        time.sleep(0.01)
    raise AssertionError("no child reads the file")


def note(screen: Screen, card: Locator, words: str) -> None:
    """Say why the file takes the place of what was filed."""
    card.get_by_label("入库说明").fill(words)
    screen.page.keyboard.press("Enter")
    screen.settle()


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

    note(clerk, card, "更正后重报")
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

    compare(clerk, f"{SEPTEMBER_TEXT}第3版", f"{SEPTEMBER_TEXT}第4版")
    expect(record.get_by_text("相比：新增1个，消失")).to_be_visible(timeout=SECONDS)
    expect(record.locator("canvas td", has_text="新港智能装备产业园").first).to_have_text(
        "新港智能装备产业园"
    )
    compare(clerk, "2024年8月第1版", f"{SEPTEMBER_TEXT}第4版")
    expect(record.get_by_text("与2024年8月第1版")).to_be_visible(timeout=SECONDS)


def test_a_file_that_is_no_workbook_is_a_sentence_and_leaves_the_desk_when_it_is_put_away(
    clerk: Screen,
) -> None:
    card = send(clerk, b"\x89PNG\r\n\x1a\n", name="照片.xlsx")
    assert verdict(card) == "整份退回，没有写入任何数据。"
    expect(card.locator(".lines li")).to_contain_text("拒收：文件「照片.xlsx」")
    assert not [text for text in clerk.english() if "照片.xlsx" not in text]
    card.get_by_role("button", name="移开").click()
    expect(card).to_have_count(0)


def test_an_empty_file_is_a_sentence(clerk: Screen) -> None:
    card = send(clerk, b"", name="空.xlsx")
    assert verdict(card) == "整份退回，没有写入任何数据。"
    expect(card.locator(".lines li")).to_contain_text("文件「空.xlsx」是空文件")
    assert [tab.inner_text() for tab in card.get_by_role("tab").all()] == ["问题（拒收1）", "读懂了什么"]


def test_a_child_that_is_killed_is_a_sentence_and_the_file_can_be_read_again(
    clerk: Screen, tmp_path: Path
) -> None:
    name = f"{uuid4().hex}.xlsx"
    begin(clerk, workbook(tmp_path, ROWS[0]).read_bytes(), name)
    ended(name)
    card = read(clerk)
    expect(card.locator("p.notice")).to_contain_text("没有读完就被系统中止")
    card.get_by_role("button", name="重新读取").click()
    assert verdict(read(clerk, 2)) == "试读通过，还没有入库：读到1行，可收1行。"


def test_of_two_windows_the_second_sees_what_the_first_has_filed_before_it_replaces_it(
    clerk: Screen, window_on: WindowOn, tmp_path: Path
) -> None:
    content = workbook(tmp_path, ROWS[0]).read_bytes()
    other = window_on(clerk.server).open("intake", city=SHENYANG, period=PERIOD)
    mine, theirs = send(clerk, content), send(other, content)
    mine.get_by_role("button", name="入库", exact=True).click()
    expect(mine.get_by_text("请先在“入库说明”里写明为什么更正")).to_be_visible(timeout=SECONDS)
    for screen, card in ((other, theirs), (clerk, mine)):
        note(screen, card, "更正")
        card.get_by_role("button", name="入库", exact=True).click()
        read(screen, 2)
    assert verdict(read(other, 2)).startswith("已入库，成为第4版")
    mine = read(clerk, 2)
    assert verdict(mine) == "没有入库，没有写入任何数据：读到1行，可收1行。"
    expect(mine.locator(".lines li")).to_contain_text("读后又有新的报送（康平县 张三）")
    expect(mine.get_by_role("button", name="入库", exact=True)).to_have_count(0)
    mine.get_by_role("button", name="重新读取").click()
    mine = read(clerk, 3)
    expect(mine.get_by_text("入库后代替这一期已有的报送：康平县（张三，")).to_be_visible()
    expect(mine.get_by_role("tab", name="与上期比")).to_be_visible()
    note(clerk, mine, "核对后再报")
    mine.get_by_role("button", name="入库", exact=True).click()
    assert verdict(read(clerk, 4)).startswith("已入库，成为第5版")


def test_the_first_ledger_of_all_is_filed_from_the_start_page(
    window_on: WindowOn, serve: Serve, tmp_path: Path
) -> None:
    screen = window_on(serve(tmp_path)).open()
    screen.page.get_by_role("link", name="报送第一份台账").click()
    screen.says("还没有台账，请报送第一份")
    screen.settle()
    assert not screen.english()
    choose(screen, screen.page.get_by_role("combobox", name="城市"), "沈阳市")
    card = send(screen, workbook(tmp_path, ROWS[0]).read_bytes())
    card.get_by_role("button", name="入库", exact=True).click()
    assert verdict(read(screen, 2)).startswith("已入库，成为第1版")
    assert "第1次入库" in screen.page.locator(".freshness").inner_text()
    screen.visit("总览")
    assert "月" in screen.headline()


def test_the_first_ledger_of_another_city_is_filed_on_the_page_and_from_its_address(
    clerk: Screen, window_on: WindowOn
) -> None:
    choose(clerk, clerk.page.get_by_role("combobox", name="城市"), "大连市")
    linked = window_on(clerk.server).open("intake", city="210200")
    for screen in (clerk, linked):
        screen.says("大连市还没有台账，请报送第一份")
        expect(screen.page.get_by_role("button", name="开始读取")).to_be_visible()
        choose(screen, screen.page.get_by_role("combobox", name="城市"), "沈阳市")
        expect(screen.page.locator(".freshness")).to_be_visible(timeout=SECONDS)


def test_other_ledgers_have_their_own_calendar_and_record(
    window_on: WindowOn, serve: Serve, tmp_path: Path
) -> None:
    commit(tmp_path / "snapshots", [{"project_id": "p", "name": "甲", "area_id": KANGPING}], OCTOBER)
    fund(tmp_path / "snapshots", KANGPING, 3, OCTOBER)
    fund(tmp_path / "snapshots", KANGPING, 5, NOVEMBER)
    screen = window_on(serve(tmp_path)).open("intake", city=SHENYANG, period=PERIOD)
    pick(screen, "card_calendar", "受阻问题")
    screen.says("还没有报送过受阻问题")
    pick(screen, "card_calendar", "资金台账")
    screen.says("应报1个，按时1个")
    pick(screen, "card_revisions", "资金台账")
    compare(screen, f"{SEPTEMBER_TEXT}第1版", f"{SEPTEMBER_TEXT}第2版")
    record = screen.page.locator(".st-key-card_revisions")
    expect(record.get_by_text("相比：调整1个")).to_be_visible(timeout=SECONDS)
    expect(record.locator("canvas td", has_text="到位金额 3 → 5").first).to_have_text("到位金额 3 → 5")
    assert not screen.english()


def test_a_ledger_without_projects_is_not_asked_about_them(clerk: Screen, tmp_path: Path) -> None:
    choose(clerk, clerk.page.get_by_role("combobox", name="台账").first, "受阻问题")
    path = tmp_path / "problems.csv"
    path.write_text("项目名称,责任地区,问题描述\n新港智能装备产业园,康平县,用地没有批\n合计,,1\n", "utf-8")
    card = send(clerk, path.read_bytes(), name="问题.csv")
    assert "略过1行" in verdict(card)
    tabs = [tab.inner_text() for tab in card.get_by_role("tab").all()]
    assert tabs[1:] == ["读懂了什么"]


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
    note(screen, card, "更正")
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
