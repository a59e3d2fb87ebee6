"""What people decided is kept line by line, outlives damage and haste, and is heard month after month."""

import fcntl
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from builders import CITY, EAST, Office

from saima import reference
from saima.intake.report import Report, take_in
from saima.reference import (
    IdentityDecision,
    MappingDecision,
    ReferenceError,
    identity_decisions,
    mapping_decisions,
    record_identities,
    record_mappings,
)

MONDAY = datetime(2024, 10, 7, 1, tzinfo=UTC)
FRIDAY = MONDAY + timedelta(days=4)


def same(name: str, decided_at: datetime = MONDAY, **values: Any) -> IdentityDecision:
    """Somebody said that a row of this name is project p1."""
    said = {"code": None, "owner": "甲公司", "area_id": EAST, "project_id": "p1", "who": "张三", **values}
    return IdentityDecision(city=CITY, name=name, decided_at=decided_at, **said)


def names(as_of: datetime = FRIDAY) -> list[str]:
    return [made.name for made in identity_decisions(CITY, as_of)]


@pytest.fixture
def kept(office: Office) -> Path:
    """The file that holds decisions about projects."""
    return office.folder / "office" / "decisions" / "identities.jsonl"


def test_what_was_decided_is_read_as_it_was_said_oldest_first_and_as_of_an_instant(office: Office) -> None:
    first, second = same("甲"), same("乙", FRIDAY, code="2024-1", project_id=None, owner=None)
    assert identity_decisions(CITY, FRIDAY) == []
    record_identities([first])
    record_identities([second, same("丙", FRIDAY)])
    assert identity_decisions(CITY, FRIDAY)[:2] == [first, second]
    assert names() == ["甲", "乙", "丙"]
    assert names(MONDAY) == ["甲"]
    assert identity_decisions("210100", FRIDAY) == []


def test_a_decision_about_headings_belongs_to_its_city_and_ledger(office: Office) -> None:
    made = [
        MappingDecision(city, ledger, "f", "盘子", column, unit, "张三", MONDAY)
        for city, ledger, column, unit in (
            (CITY, "projects", "plan_year", "亿元"),
            (CITY, "funds", None, None),
            ("210100", "projects", "plan_year", None),
        )
    ]
    record_mappings(made)
    assert mapping_decisions(CITY, "projects", FRIDAY) == made[:1]
    assert mapping_decisions(CITY, "funds", FRIDAY) == made[1:2]
    assert mapping_decisions(CITY, "projects", MONDAY - timedelta(seconds=1)) == []


def test_lines_are_only_ever_added(kept: Path) -> None:
    record_identities([same("甲")])
    before = kept.read_bytes()
    record_identities([same("甲", project_id="p2")])
    assert kept.read_bytes().startswith(before)
    assert [json.loads(line)["project_id"] for line in kept.read_text("utf-8").splitlines()] == ["p1", "p2"]


@pytest.mark.parametrize("name", ["甲\u2028乙", "甲\u0085乙", "甲\n乙", "甲\x1c乙", '甲"}\\乙', "😀🐎"])
def test_a_name_may_hold_any_letter(kept: Path, name: str) -> None:
    record_identities([same(name), same("后来的")])
    assert names() == [name, "后来的"]


WHOLE = json.dumps(
    {
        "city": CITY,
        "code": None,
        "name": "乙",
        "owner": None,
        "area_id": EAST,
        "project_id": "p9",
        "who": "李四",
        "decided_at": MONDAY.isoformat(),
    },
    ensure_ascii=False,
).encode()


@pytest.mark.parametrize(
    "damaged",
    [
        WHOLE[: len(WHOLE) // 2],
        WHOLE[: WHOLE.index("乙".encode()) + 1],
        WHOLE.replace("乙".encode(), b"\xd2\xd2"),
        WHOLE.replace(b"p9", b"p\xff"),
        WHOLE.replace(b"+00:00", b""),
        WHOLE.replace(b"project_id", b"project"),
        b"\0" * 64,
        b"[]",
        b"7",
    ],
    ids=["half", "half a letter", "GB18030", "one byte", "no zone", "no project", "zeros", "list", "number"],
)
def test_a_damaged_line_is_no_decision_and_loses_no_other(kept: Path, damaged: bytes) -> None:
    record_identities([same("甲")])
    with kept.open("ab") as file:
        file.write(damaged)
    assert names() == ["甲"]
    record_identities([same("丙")])
    assert names() == ["甲", "丙"]


def test_two_writers_at_once_lose_nothing_and_cut_no_line(kept: Path) -> None:
    script = (
        "import sys\nfrom datetime import UTC, datetime\n"
        "from saima.reference import IdentityDecision, record_identities\n"
        "for number in range(25):\n"
        "    name = f'{sys.argv[1]}{number}' + '长' * 3000\n"
        f"    made = IdentityDecision('{CITY}', None, name, None, '{EAST}', None, '', datetime.now(UTC))\n"
        "    record_identities([made])\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", script, writer]) for writer in "甲乙丙"]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    kept_names = [name.rstrip("长") for name in names(datetime.now(UTC))]
    assert sorted(kept_names) == sorted(f"{writer}{number}" for writer in "甲乙丙" for number in range(25))


def test_a_writer_waits_for_another_that_is_in_the_middle_of_a_line(kept: Path) -> None:
    record_identities([same("甲")])
    writer = Thread(target=record_identities, args=([same("丙")],))
    with kept.open("ab", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(WHOLE[:20])
        writer.start()
        writer.join(0.3)
        assert writer.is_alive()
        file.write(WHOLE[20:] + b"\n")
    writer.join()
    assert names() == ["甲", "乙", "丙"]


def test_a_folder_that_takes_nothing_is_a_sentence(office: Office) -> None:
    (office.folder / "office" / "decisions").write_text("")
    with pytest.raises(ReferenceError, match="决定没有保存"):
        record_identities([same("甲")])


def test_an_instant_without_a_zone_is_never_kept(kept: Path) -> None:
    with pytest.raises(TypeError):
        record_identities([same("甲", datetime(2024, 10, 7))])  # noqa: DTZ001
    assert not kept.exists()


# What was decided about headings, heard when the next file is read.

HEADINGS = ("项目名称", "责任地区", "项目单位", "盘子")

Read = Callable[..., Report]


@pytest.fixture
def read(office: Office, tmp_path: Path) -> Read:
    """Read a file of one project under these headings; its last cell, the amount, is 5."""

    def report(headings: Sequence[str] = HEADINGS, note: str = "", period: str = "2024-09") -> Report:
        path = tmp_path / "台账.csv"
        lines = [f"{note},,,"] if note else []
        path.write_text("\n".join([*lines, ",".join(headings), "甲,东区,甲公司,5"]), "utf-8")
        return take_in(
            path, city=CITY, period=period, reference=reference.load(), captured_at=datetime.now(UTC)
        )

    return report


def decide(report: Report, heading: str, column: str | None, unit: str | None = None) -> None:
    """Say what a heading of the file that was read stands for."""
    (sheet,) = report.sheets
    (key,) = [
        known["key"] for known in (*sheet["columns"], *sheet["unmapped"]) if known["heading"] == heading
    ]
    record_mappings(
        [MappingDecision(CITY, "projects", sheet["fingerprint"], key, column, unit, "张三", MONDAY)]
    )


def amount(report: Report, column: str = "investment_total") -> Any:
    """The one project's amount, in 万元."""
    assert report.outcome == "rehearsed", report.sentences()
    return report.rows[column].item()


def test_a_remembered_unit_counts_where_the_file_says_none_and_is_told(read: Read) -> None:
    decide(read(), "盘子", "investment_total", "亿元")
    report = read()
    assert amount(report) == 50_000
    assert any(remark.rule == "unit_is_stated" for remark in report.remarks)


def test_a_column_that_is_not_needed_beside_a_chosen_one_can_be_chosen_itself(read: Read) -> None:
    decide(read(), "盘子", "owner")
    (sheet,) = read().sheets
    assert [left["heading"] for left in sheet["unmapped"]] == ["项目单位"]
    decide(read(), "盘子", "investment_total", "亿元")
    decide(read(), "项目单位", "owner")
    assert amount(read()) == 50_000
    assert amount(read(), "owner") == "甲公司"


def test_without_a_remembered_unit_the_note_of_each_file_counts(read: Read) -> None:
    decide(read(), "盘子", "investment_total")
    assert amount(read(note="单位：亿元")) == 50_000
    assert amount(read(note="单位：万元")) == 5


def test_a_note_against_a_remembered_unit_is_asked_about_and_not_overruled(read: Read) -> None:
    decide(read(), "盘子", "investment_total", "亿元")
    report = read(note="单位：万元")
    assert report.outcome == "refused"
    assert [refusal.rule for refusal in report.refusals] == ["unit_is_certain"]


def test_the_unit_of_a_heading_is_never_overruled(read: Read) -> None:
    headings = (*HEADINGS[:3], "盘子（元）")
    decide(read(headings), "盘子（元）", "investment_total", "亿元")
    assert float(amount(read(headings))) == 0.0005


def test_what_was_decided_about_a_heading_of_the_year_and_month_holds_in_the_next_ones(read: Read) -> None:
    def headings(year: int, month: int) -> tuple[str, ...]:
        return (*HEADINGS[:3], f"{year}年1-{month}月盘子")

    decide(read(headings(2024, 9)), "2024年1-9月盘子", "invested_year", "亿元")
    assert amount(read(headings(2025, 2), period="2025-02"), "invested_year") == 50_000
    behind = read(headings(2024, 9), period="2025-02")
    assert behind.rows["invested_year"].item() is None


def test_other_headings_are_another_sheet(read: Read) -> None:
    decide(read(), "盘子", "investment_total", "亿元")
    assert amount(read((*HEADINGS[:2], "牵头单位", "盘子"))) is None


def test_the_newest_decision_counts_also_to_leave_a_heading_out(read: Read) -> None:
    decide(read(), "盘子", "investment_total", "亿元")
    decide(read(), "盘子", "plan_year", "万元")
    assert amount(read(), "plan_year") == 5
    decide(read(), "盘子", None)
    assert amount(read(), "plan_year") is None


def test_a_column_that_the_ledger_no_longer_has_is_not_read_and_told(read: Read) -> None:
    decide(read(), "盘子", "money_of_old", "亿元")
    report = read()
    assert amount(report) is None
    (sheet,) = report.sheets
    assert [left["heading"] for left in sheet["unmapped"]] == ["盘子"]
