"""Intake in a child process: its progress, its report, and a sentence for every way in which it can die."""

import gc
import os
import signal
import stat
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from saima import store
from saima.intake.child import PREFIX, Outcome, Run, Upload, stored_name
from saima.intake.report import STEPS
from saima.reference import IdentityDecision, MappingDecision, record_identities, record_mappings

NOW = datetime.now(UTC)
TOMORROW = NOW + timedelta(days=1)
ASKED = ("--city=210100", "--period=2024-09")
HEADINGS = ("项目名称", "责任地区", "项目单位", "总投资（万元）")
ROW = ("智能装备产业园", "和平区", "甲公司", 12000)

SendRows = Callable[..., Upload]


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Snapshots, reference and temporary files of the test's own, for the child as well."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("SAIMA_SNAPSHOTS", str(tmp_path / "snapshots"))
    monkeypatch.setenv("SAIMA_REFERENCE", str(tmp_path / "reference"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


@pytest.fixture
def sent(xlsx: Callable[..., Path]) -> SendRows:
    """An upload of a workbook of these rows."""

    def send(*rows: Any, name: str = "九月台账.xlsx") -> Upload:
        return Upload(name, xlsx(HEADINGS, *rows).read_bytes(), NOW)

    return send


def done(run: Run) -> Outcome:
    outcome = run.outcome()
    assert not run.is_running
    return outcome


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("九月 台账（定稿）.xlsx", "九月 台账（定稿）.xlsx"),
        ("沈阳　台账.et", "沈阳　台账.et"),
        ("../../etc/passwd", "passwd"),
        ("C:\\台账\\九月.xls", "九月.xls"),
        ("九月\n台\x00账\u202e.csv", "九月台账.csv"),
        ("=cmd|'calc'!A0.xlsx", "=cmd|'calc'!A0.xlsx"),
        ("-x.xlsx", "-x.xlsx"),
        ("..", "未命名"),
        ("", "未命名"),
        ("台账/", "未命名"),
        ("长" * 100 + ".xlsx", "长" * 66 + ".xlsx"),
        ("x." + "长" * 100, "x." + "长" * 6),
    ],
)
def test_a_name_survives_without_what_no_file_name_may_hold(name: str, stored: str) -> None:
    assert stored_name(name) == stored


def test_a_workbook_is_read_and_its_report_and_its_progress_come_back(sent: SendRows) -> None:
    run = sent(ROW).run(*ASKED)
    outcome = done(run)
    assert outcome.failure is None
    assert outcome.report is not None
    assert (outcome.report["file"], outcome.report["outcome"]) == ("九月台账.xlsx", "rehearsed")
    assert outcome.report["rows_taken"] == 1
    assert 1 < run.progress.done <= run.progress.total
    assert run.progress.text in STEPS
    assert store.revisions("projects", "210100", NOW) == []


def test_a_workbook_with_a_mistake_comes_back_marked_and_nothing_is_stored(sent: SendRows) -> None:
    upload = sent(ROW, ("乙", "火星区", "乙公司", 1))
    outcome = done(upload.run(*ASKED, "--commit"))
    assert outcome.report is not None
    assert outcome.report["outcome"] == "refused"
    assert outcome.returned is not None
    assert outcome.returned.read_bytes().startswith(b"PK")
    assert store.revisions("projects", "210100", TOMORROW) == []


def test_a_commit_is_stored_under_the_name_of_the_file_whatever_the_note_begins_with(sent: SendRows) -> None:
    upload = sent(ROW, name="../-九月.xlsx")
    outcome = done(upload.run(*ASKED, "--commit", "--who=-张三", "--note=--commit 更正\0"))
    assert outcome.report is not None
    (revision,) = store.revisions("projects", "210100", TOMORROW)
    filing = revision.filings[0]
    assert (filing["source"], filing["who"], filing["note"]) == ("-九月.xlsx", "-张三", "--commit 更正")


def test_what_the_command_line_refuses_before_it_reads_is_its_own_sentence(sent: SendRows) -> None:
    outcome = done(sent(ROW).run(*ASKED, "--captured-at=2024-10-08"))
    assert outcome.report is None
    assert outcome.failure == "补录请用 --stated-by 写明补录人"


def test_a_child_that_needs_more_memory_than_it_may_have_is_a_sentence(sent: SendRows) -> None:
    outcome = done(sent(ROW).run(*ASKED, memory_mb=48))
    assert outcome.report is None
    assert outcome.failure is not None
    assert outcome.failure.startswith("文件「九月台账.xlsx」需要的内存超过 48 MB，已停止。没有写入任何数据。")


def test_a_child_that_takes_too_long_is_killed_and_a_sentence(sent: SendRows) -> None:
    outcome = done(sent(ROW).run(*ASKED, seconds=0.05))
    assert outcome.report is None
    assert outcome.failure is not None
    assert outcome.failure.startswith("文件「九月台账.xlsx」读了 0.05 秒还没有读完，已停止。")


@pytest.mark.parametrize(
    ("end", "said"),
    [(signal.SIGKILL, "多半是内存不足"), (signal.SIGSEGV, "程序意外停止，原因已记入运行日志")],
)
def test_a_child_that_dies_is_a_sentence(sent: SendRows, end: signal.Signals, said: str) -> None:
    run = sent(ROW).run(*ASKED, "--commit")
    while run.pid is None:
        time.sleep(0.001)
    os.kill(run.pid, end)
    outcome = done(run)
    assert outcome.report is None
    assert outcome.failure is not None
    assert said in outcome.failure
    assert outcome.failure.endswith("请先看入库记录里有没有这一版，没有再重新入库。")


def test_two_files_are_read_one_after_the_other(sent: SendRows) -> None:
    first, second = sent(ROW).run(*ASKED), sent(ROW).run(*ASKED)
    while first.is_running:
        assert second.pid is None or not first.is_running
        time.sleep(0.005)
    assert done(second).report is not None


def test_a_file_is_read_again_with_nothing_left_of_the_time_before(sent: SendRows) -> None:
    upload = sent(("乙", "火星区", "乙公司", 1))
    assert done(upload.run(*ASKED)).returned is not None
    again = done(upload.run(*ASKED, memory_mb=48))
    assert (again.report, again.returned) == (None, None)


def refusal(outcome: Outcome) -> str:
    """The sentence with which a whole file was refused."""
    assert outcome.report is not None
    assert outcome.report["outcome"] == "refused"
    (problem,) = outcome.report["refused"]
    return str(problem["sentence"])


def taken(outcome: Outcome) -> bool:
    return outcome.report is not None and outcome.report["outcome"] == "taken"


def test_what_was_decided_after_a_file_was_read_is_not_taken_in_unseen(sent: SendRows) -> None:
    upload = sent(ROW)
    shown = done(upload.run(*ASKED)).report
    assert shown is not None
    (sheet,) = shown["sheets"]
    heading = next(column["key"] for column in sheet["columns"] if column["column"] == "owner")
    decision = MappingDecision(
        "210100", "projects", sheet["fingerprint"], heading, "lead_unit", None, "李四", NOW
    )
    record_mappings([decision])
    assert "读后又有新的指定" in refusal(done(upload.run(*ASKED, "--commit")))
    assert store.revisions("projects", "210100", TOMORROW) == []
    done(upload.run(*ASKED))
    assert taken(done(upload.run(*ASKED, "--commit")))
    (revision,) = store.revisions("projects", "210100", TOMORROW)
    assert store.revision_rows(revision)["lead_unit"].to_list() == ["甲公司"]


def test_whose_row_it_is_counts_only_once_it_was_seen(sent: SendRows) -> None:
    assert taken(done(sent(ROW).run(*ASKED, "--commit", "--who=张三")))
    renamed = sent(("智能装备产业园二期", *ROW[1:]))
    done(renamed.run(*ASKED))
    (known,) = store.ledger_rows("projects", "210100", None, TOMORROW, ["project_id"])["project_id"]
    decision = IdentityDecision("210100", None, "智能装备产业园二期", "甲公司", "210102", known, "李四", NOW)
    record_identities([decision])
    assert "读后又有新的指定" in refusal(done(renamed.run(*ASKED, "--commit")))
    done(renamed.run(*ASKED))
    assert taken(done(renamed.run(*ASKED, "--commit")))
    assert store.ledger_rows("projects", "210100", None, TOMORROW, ["project_id"]).item() == known


def test_a_filing_that_came_after_the_reading_is_not_replaced_unseen(sent: SendRows) -> None:
    city, area, other = sent(ROW), sent(ROW), sent(("研发中心", "沈河区", "乙公司", 8000))
    in_heping = (*ASKED, "--area=和平区")
    done(city.run(*ASKED))
    done(area.run(*in_heping))
    assert taken(done(other.run(*ASKED, "--area=沈河区", "--commit", "--who=王五")))
    assert taken(done(area.run(*in_heping, "--commit", "--who=张三")))
    assert "读后又有新的报送（和平区 张三、沈河区 王五）" in refusal(done(city.run(*ASKED, "--commit")))
    done(city.run(*ASKED))
    assert taken(done(city.run(*ASKED, "--commit")))
    late = done(area.run(*in_heping, "--commit"))
    assert "读后又有新的报送（全市）" in refusal(late)
    (revision,) = store.revisions("projects", "210100", TOMORROW)
    assert revision.number == 3


@pytest.mark.parametrize(
    "words",
    [
        "MemoryError",
        "memory allocation of 64 bytes failed",
        "SystemError: error return without exception set",
    ],
)
def test_a_child_that_was_denied_memory_may_say_so_in_several_ways(
    sent: SendRows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\necho 'Traceback: {words}' >&2\nexit 1\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    assert "需要的内存超过 2048 MB" in str(done(sent(ROW).run(*ASKED)).failure)


def test_the_folder_of_an_upload_is_private_and_goes_with_it(sent: SendRows) -> None:
    upload = sent(ROW)
    folder = upload.folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    run = upload.run(*ASKED)
    del upload
    gc.collect()
    assert done(run).report is not None
    assert folder.exists()
    del run
    gc.collect()
    assert not folder.exists()


def test_folders_that_a_dead_program_left_are_swept_after_a_day(sent: SendRows, tmp_path: Path) -> None:
    old, young, foreign = (
        tmp_path / "temporary" / name for name in (f"{PREFIX}old", f"{PREFIX}young", "other")
    )
    for folder, hours in ((old, 25), (young, 23), (foreign, 25)):
        folder.mkdir()
        (folder / "file").touch()
        instant = (NOW - timedelta(hours=hours)).timestamp()
        os.utime(folder, (instant, instant))
    sent(ROW)
    assert not old.exists()
    assert young.exists()
    assert foreign.exists()
