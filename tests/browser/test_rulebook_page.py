"""The office changes its rules on the page: saved and said so, and two windows do not undo each other."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from saima import reference
from tests.browser.conftest import Serve
from tests.browser.pages import PERIOD
from tests.browser.screen import Screen
from tests.browser.test_odd_ledgers import OCTOBER, SHENYANG, commit, project

NEAR, RED = "问题：距时限几天内为黄", "投资进度：超过多少个百分点为红"

WindowOn = Callable[..., Screen]


def opened(screen: Screen) -> Screen:
    """The page 预警 with the box of the rules open."""
    screen.open("warnings", city=SHENYANG, period=PERIOD)
    screen.page.get_by_text("修改亮灯规则").click()
    return screen


def fill(screen: Screen, label: str, value: str) -> None:
    box = screen.page.get_by_label(label, exact=True)
    box.fill(value)
    box.press("Enter")
    screen.settle()


def save(screen: Screen, who: str) -> None:
    fill(screen, "修改人", who)
    fill(screen, "原因", "按会议纪要")
    screen.page.get_by_role("button", name="保存亮灯规则").click()
    screen.settle()


def test_of_two_windows_the_second_cannot_undo_what_the_first_saved(
    window_on: WindowOn, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAIMA_REFERENCE", str(tmp_path / "reference"))
    commit(tmp_path / "snapshots", [project(1, "一号")], OCTOBER)
    server = serve(tmp_path)
    first, second = opened(window_on(server)), opened(window_on(server))
    fill(second, NEAR, "7")
    fill(first, RED, "10")
    save(first, "王五")
    expect(first.page.get_by_text("已保存，今后按新的规则计算")).to_be_visible()
    rules = reference.load().lights_of(SHENYANG)
    assert (rules.progress_red, rules.problem_near_days) == (10, 15)

    fill(second, "修改人", "赵六")
    expect(second.page.get_by_text("这些规则刚在别处改过")).to_be_visible()
    assert second.page.get_by_label(RED, exact=True).input_value() == "10.00", "what the first has saved"
    fill(second, NEAR, "7")
    save(second, "赵六")
    rules = reference.load().lights_of(SHENYANG)
    assert (rules.progress_red, rules.problem_near_days) == (10, 7)
