"""Ledgers that are not as one would wish: odd names, later corrections, damaged files, and none at all."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from demonstration import demonstration_ledgers
from playwright.sync_api import Browser, expect

from saima import store
from saima.ledgers import PROJECTS
from saima.store import Filing
from tests.browser.conftest import Serve, watched
from tests.browser.pages import PAGES, PERIOD
from tests.browser.screen import Screen
from tests.browser.server import Office, Server, serving

SHENYANG, HEPING = "210100", "210102"
OCTOBER = datetime(2024, 10, 8, 1, 30, tzinfo=UTC)
NOVEMBER = datetime(2024, 11, 8, 1, 30, tzinfo=UTC)

WindowOn = Callable[..., Screen]

ODD_NAMES = (
    "<b>粗体</b><script>alert(1)</script>项目",
    "=cmd|'/C calc'!A0",
    "**星号** _下划线_ [链接](http://example.com) `代码`",
    "$$E=mc^2$$ $x$ :red[红] :material/home:",
    "&lt;实体&gt; & %{y} {{x}}",
)
OF_ANOTHER_LEDGER = {"problems", "funds"}
"""Pages that stand on a ledger this office has not filed: they say so and name the way on."""
SOURCE = "<i>来源</i> **表** $$y$$.xlsx"


def project(number: int, name: str, **values: Any) -> dict[str, Any]:
    """A project of Heping district that has started, unless said otherwise."""
    return {
        "project_id": f"P{number}",
        "name": name,
        "area_id": HEPING,
        "category": "工业",
        "chain": "航空",
        "investment_total": Decimal(20_000),
        "signed_on": date(2024, 2, 1),
        "started_on": date(2024, 5, 1),
        **values,
    }


def commit(snapshots: Path, rows: list[dict[str, Any]], captured_at: datetime) -> None:
    """File the rows for the whole of Shenyang, as an office did at that instant."""
    frame = pl.DataFrame(
        [{**row, "source_sheet": "台账", "source_row": place + 2} for place, row in enumerate(rows)],
        schema_overrides=PROJECTS.schema,
    )
    filing = Filing(
        area_id=None,
        rows=frame,
        source=SOURCE,
        source_sha256="0" * 64,
        sheet="台账",
        mapping={},
        rows_read=len(rows),
        rows_taken=len(rows),
        rows_refused=0,
        warnings=[],
        who="",
        note="",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAIMA_SNAPSHOTS", str(snapshots))
        store.commit("projects", SHENYANG, PERIOD, [filing], captured_at=captured_at)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A small ledger of odd names, filed once in October and corrected in November."""
    folder = tmp_path_factory.mktemp("odd")
    rows = [project(place, name) for place, name in enumerate(ODD_NAMES)]
    commit(folder / "snapshots", rows[:3], OCTOBER)
    commit(folder / "snapshots", rows, NOVEMBER)
    with serving(Office(folder / "snapshots", folder / "reference")) as server:
        yield server


@pytest.fixture(scope="module")
def reader_of_odd(chromium: Browser, odd: Server) -> Iterator[Screen]:
    """A window that goes through all pages of the ledger of odd names."""
    with watched(chromium, odd) as screen:
        yield screen


@pytest.mark.parametrize("page", PAGES)
def test_odd_names_in_a_ledger_disturb_no_page(reader_of_odd: Screen, page: str) -> None:
    screen = reader_of_odd.open(PAGES[page], city=SHENYANG, period=PERIOD)
    if page in OF_ANOTHER_LEDGER:
        screen.says("还没有报送到本期的")
    else:
        assert "月" in screen.headline()
    assert not screen.english()


def test_odd_names_are_shown_letter_for_letter(window_on: WindowOn, odd: Server) -> None:
    screen = window_on(odd).open(city=SHENYANG, period=PERIOD)
    screen.click("overview_stages", "started")
    assert screen.evidence_count() == len(ODD_NAMES)
    expect(screen.evidence.get_by_text(SOURCE)).to_be_visible()
    for name in ODD_NAMES:
        expect(screen.evidence.locator("canvas td", has_text=name).first).to_have_text(name)

    book = openpyxl.load_workbook(BytesIO(screen.download().path().read_bytes()))
    heading, *rows = book["台账行"].iter_rows()
    column = [cell.value for cell in heading].index("项目名称")
    assert {row[column].value for row in rows} == set(ODD_NAMES)
    assert {row[column].data_type for row in rows} == {"s"}


def test_an_instant_in_the_address_shows_what_was_known_then(window_on: WindowOn, odd: Server) -> None:
    then = window_on(odd).open(city=SHENYANG, period=PERIOD, as_of="2024-10-31")
    now = window_on(odd).open(city=SHENYANG, period=PERIOD)
    assert "新开工项目3个" in then.headline()
    assert "新开工项目5个" in now.headline()


def test_real_ledgers_do_not_call_themselves_demonstration(window_on: WindowOn, odd: Server) -> None:
    screen = window_on(odd).open(city=SHENYANG, period=PERIOD)
    assert not [text for text in screen.texts() if "示例数据" in text]


def test_a_city_without_a_ledger_says_so(window_on: WindowOn, odd: Server) -> None:
    screen = window_on(odd).open(city="210200")
    screen.says("大连市在这个时点还没有台账")
    assert not screen.english()


def test_a_link_copied_before_a_correction_keeps_its_numbers(
    window_on: WindowOn, serve: Serve, tmp_path: Path
) -> None:
    snapshots = tmp_path / "snapshots"
    commit(snapshots, [project(1, "甲项目")], OCTOBER)
    server = serve(tmp_path)
    mine = window_on(server).open(city=SHENYANG, period=PERIOD)
    mine.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    mine.page.get_by_role("button", name="复制链接").click()
    expect(mine.page.get_by_role("button", name="已复制")).to_be_visible()
    link = mine.page.evaluate("navigator.clipboard.readText()").removeprefix(server.address)
    before = mine.numbers()

    commit(snapshots, [project(1, "甲项目"), project(2, "乙项目")], datetime.now(UTC))
    theirs = window_on(server).go(link)
    assert theirs.numbers() == before
    newest = window_on(server).open(city=SHENYANG, period=PERIOD)
    assert "新开工项目2个" in newest.headline()


def test_a_damaged_snapshot_is_named_and_the_page_still_stands(
    window_on: WindowOn, serve: Serve, tmp_path: Path
) -> None:
    year = "projects/city=210100/period=2024-0"
    for folder in demonstration_ledgers().glob(f"{year}[789]"):
        shutil.copytree(folder, tmp_path / "snapshots" / "projects/city=210100" / folder.name)
    newest = max((tmp_path / "snapshots" / f"{year}9").glob("r*.parquet"))
    newest.write_bytes(newest.read_bytes()[:1000])

    server = serve(tmp_path)
    screen = window_on(server).open(city=SHENYANG, period=PERIOD)
    notice = screen.page.get_by_text(f"projects/city=210100/period=2024-09/{newest.name}")
    expect(notice).to_be_visible()
    assert "9月" in screen.headline()
    screen.visit("赛马")
    expect(notice).to_be_visible()


def test_with_no_snapshots_the_start_page_builds_the_demonstration(
    window_on: WindowOn, serve: Serve, tmp_path: Path
) -> None:
    server = serve(tmp_path)
    screen = window_on(server).open()
    screen.says("还没有台账")
    screen.page.get_by_role("button", name="生成示例台账").click()
    screen.says("正在生成示例台账")
    expect(screen.page.locator(".st-key-scope_bar")).to_be_visible(timeout=180_000)
    screen.settle()
    screen.says("示例数据")
    assert "月" in screen.headline()


def test_an_unknown_address_with_no_snapshots_leads_to_the_start_page(
    window_on: WindowOn, serve: Serve, tmp_path: Path
) -> None:
    server = serve(tmp_path)
    screen = window_on(server).open("funnel", city=SHENYANG)
    screen.says("还没有台账")
