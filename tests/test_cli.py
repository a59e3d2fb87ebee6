"""The command line: real processes, exit codes, one Chinese sentence, and the numbers of the screens."""

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from builders import CITY, EAST, SOUTH, WEST, ZONE, Office, an_office, project
from streamlit.testing.v1 import AppTest

from saima import store
from saima.__main__ import main
from saima.answers import catalogue_values, race_scores, stages

ROOT = Path(__file__).resolve().parent.parent

FEBRUARY, MARCH = datetime(2024, 2, 8, tzinfo=UTC), datetime(2024, 3, 8, tzinfo=UTC)
FIRST, SECOND = datetime(2024, 4, 8, tzinfo=UTC), datetime(2024, 5, 8, tzinfo=UTC)

SIX = (
    project(
        "p1",
        signed_on="2024-01-10",
        started_on="2024-03-01",
        investment_total=20000,
        plan_year=100,
        invested_year=40,
    ),
    project("p2", signed_on="2024-02-10", investment_total=10000, chain="航空"),
    project(
        "p3", area_id=ZONE, started_on="2024-02-01", investment_total=9999, category="服务业", plan_year=50
    ),
    project("p4", area_id=WEST, planned_on="2023-05-01", investment_total=5000, invested_year=5),
    project("p5", area_id=WEST, completed_on="2024-01-20", produced_on="2024-03-20"),
    project("p6", area_id=WEST, signed_on="2024-01-01", exited_on="2024-02-20", investment_total=90000),
)

COUNTED = {
    "planned_investment": Decimal(44999),  # p1 20000, p2 10000, p3 9999, p4 5000; p5 reports none, p6 left
    "signed_projects": 2,
    "started_projects": 2,
    "started_projects_industry": 1,
    "started_projects_service": 1,
    "completed_projects": 1,
    "planned_projects": 0,
    "newly_planned_investment": None,
    "landed_projects": 0,
    "landing_rate_of_signed": 1,  # of 2: p1 has started, and so passed landing
    "start_rate_of_signed": 1,
    "exited_projects": 1,
    "invested_year": 45,
    "plan_year": 150,
    "investment_completion": 40,
}


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Six projects of March 2024; a correction in May took the start of p3 back."""
    with an_office(tmp_path_factory.mktemp("six")) as office:
        office.file("2024-02", *SIX[3:], at=MARCH)
        office.file("2024-03", *SIX, at=FIRST)
        corrected = project("p3", area_id=ZONE, investment_total=9999, category="服务业", plan_year=50)
        office.file("2024-03", corrected, area_id=ZONE, at=SECOND)
        yield office


def saima(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "saima", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def told(*arguments: str) -> Any:
    """What a command prints as JSON."""
    done = saima(*arguments, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


# Numbers


def test_six_projects_counted_by_hand_are_what_the_command_line_and_the_page_say(six: Office) -> None:
    printed = told("metrics", "--city", CITY, "--period", "2024-03", "--as-of", FIRST.isoformat())
    said = {row["metric_id"]: row for row in printed["metrics"]}
    assert {metric: said[metric]["numerator"] for metric in COUNTED} == COUNTED
    assert (said["start_rate_of_signed"]["denominator"], said["start_rate_of_signed"]["value"]) == (2, 0.5)
    assert (said["started_projects"]["completion_percent"], said["started_projects"]["distance"]) == (25, 0)
    assert said["investment_completion"]["value"] == 0.4
    assert (printed["unfiled"], printed["streaks"]) == (["南区"], [])

    scope = six.scope("2024-03", as_of=FIRST)
    page = catalogue_values(scope)
    assert [row["metric_id"] for row in printed["metrics"]] == page["metric_id"].to_list()
    for row in page.iter_rows(named=True):
        for column in ("numerator", "denominator", "target", "completion_percent", "distance", "month"):
            value = said[row["metric_id"]][column]
            assert (None if value is None else Decimal(str(value))) == row[column], (row["metric_id"], column)
    assert {row["stage"]: row["projects"] for row in printed["stages"]} == dict(
        stages(scope).select("stage", "projects").iter_rows()
    )
    table, _ = race_scores(scope)
    assert [(row["area_id"], row["rank"]) for row in printed["race"]] == (
        table.filter(pl.col("period") == "2024-03").select("area_id", "rank").rows()
    )


BATCHES = "".join(
    f'[[batches]]\nid = "{stage}"\nname = "{name}一批"\nmetric = "{metric}"\n'
    for stage, name, metric in (
        ("planned", "谋划", "planned_investment"),
        ("signed", "签约", "signed_projects"),
        ("started", "开工", "started_projects"),
    )
)


def test_page_command_line_and_hand_say_the_same_of_one_ledger(office: Office) -> None:
    """The overview as a browser asks for it, `metrics` as a process, and the numbers written out here."""
    city = office.folder / "office" / "cities" / f"{CITY}.toml"
    city.write_text(city.read_text(encoding="utf-8") + BATCHES, encoding="utf-8")
    south = {"area_id": SOUTH, "plan_year": 100}
    office.file("2024-02", *SIX, project("s1", invested_year=5, **south))
    office.file("2024-03", *SIX, project("s1", invested_year=10, **south))
    asked = {"city": CITY, "period": "2024-03"}

    printed = told("metrics", *(word for name, value in asked.items() for word in (f"--{name}", value)))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in asked.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    words = " ".join(re.sub(r"<[^>]+>", " ", element.proto.body) for element in app.get("html"))
    words = re.sub(r"\s+", " ", words)
    figures = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]

    # Four of five projects report 44,999 together; 2 of 10 signed, 2 of 8 started, a quarter has passed.
    assert [(card["number"], card["unit"]) for card in printed["cards"]] == [
        ("4.50", "亿元（4/5个填报）"),
        ("2", "个"),
        ("2", "个"),
    ]
    assert [(card["completion_text"], card["distance_text"]) for card in printed["cards"][1:]] == [
        ("20.0%", "低于序时5.0个百分点"),
        ("25.0%", "与序时持平"),
    ]
    for card in printed["cards"]:
        assert f"{card['name']}" in words
        assert f"{card['number']} {card['unit']}" in words
        for text in ("target_text", "completion_text", "distance_text", "note"):
            assert card[text] in words, (card["name"], text)
    assert "新开工项目2个，完成年度目标的25.0%，与序时进度持平；其中工业项目1个" in words

    # East: starts 2 of 1 and 40 of 100 against a quarter, both at the cap. South: all weight on 10 of 100
    # against a quarter. West: 0 starts in both months, no plan.
    scores = {row["area_id"]: row["score"] for row in printed["race"]}
    assert scores == {EAST: 120, SOUTH: 40, WEST: 0}
    race = next(figure for figure in figures if "120.00" in json.dumps(figure))
    assert all(f"{score}.00" in json.dumps(race) for score in scores.values())
    assert [(row["area_id"], row["periods"]) for row in printed["streaks"]] == [(WEST, 2)]
    assert "西区连续 2 期居后" in words
    assert printed["unfiled"] == []
    assert "本期未报台账" not in words

    by_stage = {row["stage"]: row["projects"] for row in printed["stages"] if row["projects"]}
    assert by_stage == {"planned": 1, "signed": 1, "started": 2, "produced": 1, "unknown": 1}
    stock = next(figure for figure in figures if '"started"' in json.dumps(figure))
    drawn = {
        identifier: count
        for trace in stock["data"]
        if trace["type"] == "bar" and trace.get("customdata")
        for (identifier, *_), count in zip(trace["customdata"], trace["x"], strict=True)
        if count
    }
    assert drawn == by_stage
    assert {row["area_id"]: row["value_text"] for row in printed["map"]} == {
        EAST: "40.0%（40.00万元/100.00万元）",
        WEST: "—",
        SOUTH: "10.0%（10.00万元/100.00万元）",
    }
    assert [
        (row["area_id"], row["completion_percent"], row["pace_percent"]) for row in printed["investment"]
    ] == [(EAST, 40, 25), (WEST, None, 25), (SOUTH, 10, 25)]


def test_the_past_gives_the_old_numbers_after_a_correction(six: Office) -> None:
    def starts(*as_of: str) -> tuple[int, str]:
        printed = told("metrics", "--city", CITY, "--period", "2024-03", *as_of)
        said = {row["metric_id"]: row["numerator"] for row in printed["metrics"]}
        return said["started_projects"], printed["revision"]

    assert starts() == (1, f"projects/{CITY}/2024-03/r0002")
    assert starts("--as-of", "2024-05-08") == (1, f"projects/{CITY}/2024-03/r0002")
    assert starts("--as-of", "2024-05-07") == (2, f"projects/{CITY}/2024-03/r0001")


def test_filters_narrow_the_command_line_like_the_page(six: Office) -> None:
    filters = ("--area", EAST, "--category", "工业", "--size", "亿元以上")
    printed = told("metrics", "--city", CITY, "--period", "2024-03", *filters)
    said = {row["metric_id"]: row["numerator"] for row in printed["metrics"]}
    page = catalogue_values(six.scope("2024-03", areas=(EAST,), category="工业", size="亿元以上"))
    assert said == dict(page.select("metric_id", "numerator").iter_rows())
    assert (said["signed_projects"], said["started_projects"]) == (2, 1)


def test_metrics_are_printed_by_area_and_by_name(six: Office) -> None:
    asked = ("metrics", "--city", CITY, "--period", "2024-03", "--by-area")
    rows = told(*asked, "--metric", "signed_projects", "--metric", "start_rate_of_signed")["metrics"]
    assert {row["metric_id"] for row in rows} == {"signed_projects", "start_rate_of_signed"}
    values = six.scope("2024-03").measure(["signed_projects", "start_rate_of_signed"], by_area=True)
    assert [(row["area_id"], row["numerator"], row["denominator"], row["projects"]) for row in rows] == list(
        values.select("area_id", "numerator", "denominator", "projects").iter_rows()
    )
    alone = told("metrics", "--city", CITY, "--period", "2024-03", "--metric", "signed_projects")
    assert [row["metric_id"] for row in alone["metrics"]] == ["signed_projects"]
    refused = saima("metrics", "--city", CITY, "--period", "2024-03", "--metric", "nothing")
    assert (refused.returncode, "没有指标「nothing」" in refused.stderr) == (2, True)


def test_targets_are_the_numbers_of_the_page(six: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["targets", "--city", CITY, "--period", "2024-03", "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    row = next(row for row in answer["targets"] if row["target_id"] == "start")
    assert (row["numerator"], row["value_base"], row["gap"], row["needed"]) == (1, 8, 7, 1)
    assert (row["completion_percent"], row["pace_percent"], row["light"]) == ("12.5", 25, "red"), (
        "February was behind too"
    )
    assert row["reason"] == "short"
    assert answer["standing"]["plans_cut"] == 0
    asked = ["targets", "--city", CITY, "--period", "2024-03", "--area", EAST, "--format", "csv"]
    assert main(asked) == 0
    told_rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["target_id"] for row in told_rows] == ["east"]


def test_lights_are_told_with_their_rules(six: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lights", "--city", CITY, "--period", "2024-03", "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    lights = {row["project_id"]: row["light"] for row in answer["projects"]}
    assert lights["p1"] == "green", "40 of 100 in March"
    assert "p6" not in lights, "it has left"
    assert "10至30个百分点为黄" in answer["rules"]["投资进度"]


def test_a_city_without_a_calendar_is_told_what_to_do(
    six: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calendar", "--city", CITY, "--period", "2024-03"]) == 2
    assert f"calendars/{CITY}.toml" in capsys.readouterr().err


def test_a_query_of_an_area_counts_the_zones_that_its_total_includes(six: Office) -> None:
    """p1 and p2 are the district's, p3 is in its zone; the page and `metrics` say three as well."""
    asked = ("query", "project_rows", "--param", f"city={CITY}", "--param", "period=2024-03")
    rows = told(*asked, "--param", f"areas={EAST}")
    assert {row["project_id"] for row in rows} == {"p1", "p2", "p3"}
    page = six.scope("2024-03", areas=(EAST,)).measure(["projects_in_stage"])
    assert page["numerator"].to_list() == [len(rows)]


def test_a_query_takes_the_readers_filters(six: Office) -> None:
    asked = ("query", "project_rows", "--param", f"city={CITY}", "--param", "period=2024-03")

    def ids(*filters: str) -> set[str]:
        return {row["project_id"] for row in told(*asked, *(w for f in filters for w in ("--param", f)))}

    assert ids("size=亿元以上") == {"p1", "p2", "p6"}
    assert ids("size=亿元以上", "investment_below=90000") == {"p1", "p2"}
    assert ids("category=服务业") == {"p3"}
    assert ids("chain=未归链", f"areas={WEST}") == {"p4", "p5", "p6"}


def test_an_offices_own_folder_never_meets_the_demonstration_unasked(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The reference that is shipped has the cities of the demonstration: only the folder says no.
    monkeypatch.setenv("SAIMA_REFERENCE", str(office.folder / "shipped"))
    assert saima("demo", "--if-needed").stdout == ""
    assert not store.has_snapshots()


def test_no_cell_of_a_csv_is_a_formula(office: Office) -> None:
    names = ("=1+1", "＠SUM", "-甲", "-5", "甲=1")
    office.file("2024-03", *(project(f"p{n}", name=name, invested_year=-1) for n, name in enumerate(names)))
    asked = ("query", "project_rows", "--param", f"city={CITY}", "--param", "period=2024-03")
    rows = list(csv.DictReader(io.StringIO(saima(*asked, "--format", "csv").stdout)))
    assert {row["name"] for row in rows} == {"'=1+1", "'＠SUM", "'-甲", "-5", "甲=1"}
    assert {row["invested_year"] for row in rows} == {"-1.0000"}


def test_a_query_is_answered_as_json_csv_or_a_table(six: Office) -> None:
    asked = ("query", "stages_by_chain", "--param", f"city={CITY}", "--param", "period=2024-03")
    rows = told(*asked, "--param", "chain=航空")
    assert rows == [
        {
            "period": "2024-03",
            "chain": "航空",
            "stage": "signed",
            "days": 50,
            "projects": 1,
            "investment_total": 10000,
        }
    ]
    printed = saima(*asked, "--param", "chain=航空", "--format", "csv").stdout
    assert next(csv.DictReader(io.StringIO(printed)))["investment_total"] == "10000.0000"
    table = saima(*asked)
    assert (table.returncode, "航空" in table.stdout) == (0, True)


def test_a_query_of_two_periods_takes_them_in_any_order(six: Office) -> None:
    asked = ("query", "stages_by_area", "--param", f"city={CITY}", "--param", "shown_periods=2024-03,2024-02")
    assert {row["period"] for row in told(*asked)} == {"2024-02", "2024-03"}


def test_amounts_stay_exact_on_their_way_out(office: Office) -> None:
    office.file(
        "2024-03", project("p1", investment_total="0.1"), project("p2", investment_total="123456789.1234")
    )
    rows = told("query", "project_rows", "--param", f"city={CITY}", "--param", "period=2024-03")
    assert [row["investment_total"] for row in rows] == ["123456789.1234", "0.1"]


def test_a_template_is_written_whole(six: Office, tmp_path: Path) -> None:
    done = saima("template", str(tmp_path / "空表.xlsx"), "--city", CITY)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "空表.xlsx").read_bytes().startswith(b"PK")
    assert [path.name for path in tmp_path.iterdir()] == ["空表.xlsx"]


# Refusals


ASKED = ("--city", CITY, "--period", "2024-03")
QUERIED = ("--param", f"city={CITY}", "--param", "period=2024-03")

REFUSALS = [
    ((), "缺少 命令"),
    (("nothing",), "没有「nothing」"),
    (("metrics", "--city", CITY), "缺少 --period"),
    (("metrics", *ASKED, "--nonsense"), "没有参数 --nonsense"),
    (("metrics", *ASKED, "--format", "xml"), "没有「xml」，允许：table, json, csv"),
    (("metrics", *ASKED, "--chain"), "--chain 后面缺少值"),
    (("metrics", "--city", "123456", "--period", "2024-03"), f"没有城市“123456”，允许：{CITY}（样例市）"),
    (
        ("metrics", "--city", CITY, "--period", "2024-13"),
        "样例市没有报告期「2024-13」的台账，已有 2024-02 至 2024-03",
    ),
    (("metrics", *ASKED, "--as-of", "昨天"), "时点「昨天」无法识别"),
    (("metrics", *ASKED, "--as-of", "2020-01-01"), "还没有任何台账"),
    (("metrics", *ASKED, "--area", "999999"), f"没有地区「999999」。允许：{EAST}"),
    (("metrics", *ASKED, "--area", ZONE), f"没有地区「{ZONE}」"),
    (("metrics", *ASKED, "--chain", "海运"), "没有产业链「海运」。允许：航空、新材料、未归链"),
    (("metrics", *ASKED, "--category", "商业"), "没有类别「商业」。允许：工业"),
    (("metrics", *ASKED, "--list", "国家"), "没有清单「国家」。允许：provincial"),
    (("metrics", *ASKED, "--size", "很大"), "没有规模「很大」。允许：不限"),
    (
        ("query", "nothing", *QUERIED),
        "没有查询「nothing」。允许：activity_rows、baselines",
    ),
    (("query", "../pyproject", *QUERIED), "没有查询「../pyproject」"),
    (("query", "stages_by_area", "--param", f"city={CITY}"), "请给出"),
    (("query", "stages_by_area", *QUERIED, "--param", "chain"), "参数「chain」的写法不对。允许：名=值"),
    (
        ("query", "stages_by_area", *QUERIED, "--param", "colour=red"),
        "没有参数「colour」。允许：city、period",
    ),
    (("query", "stages_by_area", *QUERIED, "--param", "areas=999999"), f"没有地区「999999」。允许：{EAST}"),
    (("query", "stages_by_area", *QUERIED, "--param", "size=很大"), "没有规模「很大」。允许：不限"),
    (("query", "stages_by_area", *QUERIED, "--param", "chain=海运"), "没有产业链「海运」"),
    (("query", "conversion_by_stage", *QUERIED), "的参数「from_stage」不能为空"),
    (
        ("query", "project_rows", *QUERIED, "--param", "investment_from=many"),
        "的参数「investment_from」应为 decimal，收到「many」",
    ),
    (
        ("query", "stages_by_area", "--param", f"city={CITY}", "--param", "shown_periods=2024-01,2024-03"),
        "没有报告期「2024-01」",
    ),
    (("template", "/nowhere/空表.xlsx", "--city", CITY), "写不进去"),
    (("template", ".", "--city", CITY), "写不进去"),
    (("template", "空表.xlsx", "--city", "000000"), "没有城市“000000”"),
    (("template", "空表.xlsx", "--city", CITY, "--ledger", "x"), "--ledger 没有「x」"),
    (("intake", "台账.xlsx", "--city", CITY), "缺少 --period"),
]


@pytest.mark.parametrize(
    ("arguments", "sentence"), REFUSALS, ids=[" ".join(said) or "nothing" for said, _ in REFUSALS]
)
def test_what_cannot_be_done_is_refused_with_one_chinese_sentence(
    arguments: tuple[str, ...], sentence: str, six: Office, capfd: pytest.CaptureFixture[str]
) -> None:
    """In this process, for there are many of them; what leaves it is the same."""
    try:
        code = main(arguments)
    except SystemExit as left:
        code = int(left.code or 0)
    out, err = capfd.readouterr()
    assert (code, out) == (2, "")
    assert sentence in err
    assert len(err.strip().splitlines()) == 1
    assert re.search(r"[\u4e00-\u9fff]", err)
    assert not re.search(r"Traceback|Error|usage|invalid|argument", err)


@pytest.mark.parametrize(
    "arguments",
    [
        ("metrics", "--city", "123456", "--period", "2024-03"),
        ("query", "stages_by_area", *QUERIED, "--param", "chain"),
        ("template", "/nowhere/空表.xlsx", "--city", CITY),
        ("intake", "没有.xlsx", *ASKED),
        ("nothing",),
    ],
)
def test_a_refusal_leaves_the_process_with_code_2_and_no_traceback(
    arguments: tuple[str, ...], six: Office
) -> None:
    done = saima(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert all(re.search(r"[\u4e00-\u9fff]", line) for line in done.stderr.splitlines())
    assert "Traceback" not in done.stderr


def test_a_wrong_reference_file_is_answered_with_its_place(office: Office) -> None:
    office.file("2024-03", project("p1"))
    targets = office.folder / "office" / "targets.csv"
    targets.write_text(targets.read_text(encoding="utf-8").replace(",8,个", ",八,个"), encoding="utf-8")
    done = saima("metrics", *ASKED)
    assert done.returncode == 2
    assert done.stderr.startswith("targets.csv 第2行 字段「value」")


def test_no_snapshots_are_said_to_be_none(office: Office) -> None:
    done = saima("metrics", *ASKED)
    assert done.returncode == 2
    assert "还没有任何台账" in done.stderr
