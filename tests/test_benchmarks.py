"""The reports of `make bench`, on numbers made up here; what it measures is not a matter of tests."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks import intake
from benchmarks.intake import Run, Task
from benchmarks.results import Clicks, Results, table, write
from benchmarks.screens import figures_in, options_of
from saima import reference
from saima.intake.report import take_in

RESULTS = Results(
    machine={"processors": 2},
    clicks=[
        Clicks(
            "总览", 3, app=[300.0, 260.0, 280.0], floor=[200.0, 190.0, 210.0], first=[500.0, 700.0, 600.0]
        ),
        Clicks("赛马", 2, app=[90.0], floor=[100.0], first=[450.0]),
    ],
    cold_app=[4500.0, 4400.0],
    cold_floor=[3000.0, 2900.0],
    memory_app=330_000_000,
    memory_floor=150_000_000,
)


def test_table_has_the_medians_of_each_page_and_their_ratio() -> None:
    rows = [line.split() for line in table(RESULTS).splitlines()]

    assert rows[1] == ["总览", "3", "280", "200", "1.40", "600", "3.00"]
    assert rows[2] == ["赛马", "2", "90", "100", "0.90", "450", "4.50"]


def test_table_has_the_cold_start_and_the_memory() -> None:
    rows = [line.split() for line in table(RESULTS).splitlines()]

    assert rows[3] == ["冷启动到首页", "4450", "2950", "1.51"]
    assert rows[4] == ["服务器内存", "MB", "330", "150", "2.20"]


def test_columns_stand_below_each_other_though_chinese_is_twice_as_wide() -> None:
    lines = table(RESULTS).splitlines()
    columns = [
        sum(2 if c > "⺀" else 1 for c in line[: line.index(end)])
        for line, end in zip(lines[1:3], ("1.40", "0.90"), strict=True)
    ]

    assert columns[0] == columns[1]


def test_json_holds_every_measurement_and_the_medians(tmp_path: Path) -> None:
    write(RESULTS, tmp_path / "artifacts" / "bench.json")
    content = json.loads((tmp_path / "artifacts" / "bench.json").read_text(encoding="utf-8"))

    overview = content["clicks"][0]
    assert overview["title"] == "总览"
    assert overview["app"] == [300.0, 260.0, 280.0]
    assert (overview["app_median"], overview["floor_median"], overview["first_median"]) == (280, 200, 600)
    assert overview["ratio"] == pytest.approx(1.4)
    assert content["cold_ratio"] == pytest.approx(4450 / 2950)
    assert content["memory_app"] == 330_000_000


def test_a_screen_knows_its_figures_and_the_options_of_a_select_box() -> None:
    screen = [
        (0, "container", (), {"key": "scope_bar"}, None, 1),
        (1, "selectbox", ("报告期", ["2024年12月", "2024年11月"]), {"key": "period"}, "2024年12月", 0),
        (0, "plotly_chart", ({"figure": "{}"},), {}, None, 0),
        (0, "plotly_chart", ({"figure": "{}"},), {}, None, 0),
    ]

    assert figures_in(screen) == 2
    assert options_of(screen, "period") == ["2024年12月", "2024年11月"]


TASKS = [
    Task(
        "首月入库",
        50_000,
        app=[Run(4.0, 500.0), Run(6.0, 520.0), Run(5.0, 510.0)],
        floor=[Run(1.0, 190.0), Run(1.25, 190.0), Run(2.0, 190.0)],
    ),
    Task("退回工作簿", 20_000, app=[Run(9.0, 610.0)]),
]


def test_intake_table_has_medians_ratio_and_the_most_memory_beside_the_aims() -> None:
    heading, taken, returned = intake.table(TASKS).splitlines()

    assert "比值（≤5）" in heading
    assert "MB（<600）" in heading
    assert taken.split() == ["50,000", "5.00", "1.25", "4.00", "520", "首月入库"]
    assert returned.split() == ["20,000", "9.00", "610", "退回工作簿"]


def test_intake_json_holds_every_run_and_the_medians(tmp_path: Path) -> None:
    intake.write(TASKS, tmp_path / "artifacts" / "bench-intake.json")
    content = json.loads((tmp_path / "artifacts" / "bench-intake.json").read_text(encoding="utf-8"))

    assert content["aims"] == {"ratio": 5, "megabytes": 600}
    first = content["tasks"][0]
    assert first["app"][1] == {"seconds": 6.0, "megabytes": 520.0}
    assert first["medians"] == {"seconds": 5.0, "megabytes": 520.0, "floor_seconds": 1.25, "ratio": 4.0}


def test_ledgers_of_the_intake_benchmark_are_taken_in_and_go_on_in_the_second_month(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAIMA_SNAPSHOTS", str(tmp_path / "snapshots"))
    monkeypatch.setenv("SAIMA_REFERENCE", str(tmp_path / "office"))
    for month in intake.MONTHS:
        path = tmp_path / f"{month}.xlsx"
        intake.make(path, month, 400)
        report = take_in(
            path,
            city=intake.CITY,
            period=month,
            reference=reference.load(),
            captured_at=datetime(2024, 10, 8, tzinfo=UTC),
            commit=True,
            accept_valid=True,
        )
        assert (report.outcome, report.rows_read) == ("taken", 400)
        assert report.rows_taken >= 398
        assert len(report.sheets[0]["columns"]) == len(intake.HEADINGS) - 1

    assert report.difference is not None
    assert report.difference["counts"]["added"] == report.difference["counts"]["gone"] == 4
    assert report.difference["counts"]["advanced"] > 0
