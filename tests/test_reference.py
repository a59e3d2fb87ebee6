"""The office's files: what is read, what is refused and how, and which state was in force when."""

import json
import multiprocessing
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from saima import reference
from saima.reference import ReferenceError, check_metrics, filters_of, folder, load, save

SHIPPED = Path(__file__).resolve().parent.parent / "data" / "reference"

TINY = {
    "cities/999900.toml": 'name = "样例市"\n',
    "areas.csv": (
        "area_id,city,name,short_name,aliases,kind,gb2260,counts_in,drawn_in,race_group,colour,lon,lat,reports\n"
        "999901,999900,东区,,东城;东城区,区,999901,,,,#112233,,,是\n"
        "999902,999900,西区,,,区,999902,999900-Z01,,,#223344,,,否\n"
        "999900-Z01,999900,西新区,,,功能区,,,999902,,#334455,,,是\n"
        "999900-Z02,999900,开发区,,,功能区,,999901,999901,,#445566,123.1,41.1,是\n"
        "999900-Z03,999900,产业园,,,功能区,,999902,,,#556677,,,是\n"
    ),
    "categories.csv": "category,aliases,order\n工业,制造业,1\n",
    "chains.csv": "city,chain,chain_group,aliases,order,colour,source\n999900,航空,,,1,#112233,本系统默认\n",
    "targets.csv": (
        "target_id,city,area_id,year,document,wording,metric,filters,comparator,value,unit,starts_on,due_on,"
        "pace,part_of,part_kind\n"
        "T1,999900,,2024,文件,开工10个,started_projects,,>=,10,个,2024-01-01,2024-12-31,linear,,\n"
        "T2,999900,999901,2024,示例目标,开工6个,started_projects,category=工业,>=,6,个,2024/1/1,2024/12/31,"
        "linear,T1,addend\n"
    ),
    "races/999900.toml": (
        'name = "赛马"\n\n[[tracks]]\nid = "start"\nname = "开工"\nweight = 100\n\n'
        '[[items]]\nid = "started"\nname = "新开工"\ntrack = "start"\nmetric = "started_projects"\n'
    ),
}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one small city, in use."""
    for name, text in TINY.items():
        (tmp_path / "office" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "office" / name).write_text(text, encoding="utf-8")
    monkeypatch.setenv("SAIMA_REFERENCE", str(tmp_path / "office"))
    return tmp_path / "office"


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> reference.Reference:
    """The files that come with the program."""
    monkeypatch.setenv("SAIMA_REFERENCE", str(SHIPPED))
    return load()


def change(office: Path, name: str, before: str, after: str) -> None:
    text = (office / name).read_text(encoding="utf-8")
    assert before in text
    (office / name).write_text(text.replace(before, after, 1), encoding="utf-8")


MISTAKES = [
    ("areas.csv", "999902,999900,西区", "999902,888800,西区", 3, "city", "888800", "999900"),
    ("areas.csv", "999902,999900,西区", "999901,999900,西区", 3, "area_id", "999901", "每个一行"),
    ("areas.csv", "999900-Z01,,,#223344", "999909,,,#223344", 3, "counts_in", "999909", "999900-Z01"),
    ("areas.csv", "功能区,,,999902", "功能区,,999902,999902", 3, "counts_in", "绕成了圈", "不绕圈"),
    ("areas.csv", "功能区,,,999902", "功能区,,,999909", 4, "drawn_in", "999909", "999901、999902"),
    ("areas.csv", "#223344", "#22334", 3, "colour", "#22334", "#1B4F8F"),
    ("areas.csv", "#223344", "#112233", 3, "colour", "#112233", "一种颜色"),
    ("areas.csv", "123.1", "东经", 5, "lon", "东经", "数字"),
    ("areas.csv", "#112233,,,是", "#112233,,,对", 2, "reports", "对", "是、否"),
    ("areas.csv", "开发区,,,功能区", "开发区,,,园", 5, "kind", "园", "功能区"),
    ("areas.csv", "西区,,,区", "西区,,东城,区", 3, "aliases", "东城", "只指一行"),
    ("areas.csv", "东区,,", "东区,样例,", 2, "short_name", "样例", "不与城市同名"),
    ("areas.csv", "colour,lon", "color,lon", 1, "color", "没有这个列名", "colour"),
    ("areas.csv", ",colour,", ",note,", 1, "colour", "缺少这一列", "area_id"),
    ("areas.csv", "999901,999900,东区", "999901,999900,", 2, "name", "不能为空", ""),
    ("areas.csv", "#112233,,,是", "#112233,,,是,多", 2, "reports", "格数多于列名", "14格"),
    ("categories.csv", "制造业,1", "制造业,一", 2, "order", "一", "整数"),
    ("chains.csv", "本系统默认", "", 2, "source", "不能为空", ""),
    ("targets.csv", "T2,999900,999901", "T2,999900,999999", 3, "area_id", "999999", "999901"),
    ("targets.csv", ">=,10,个", "≥,10,个", 2, "comparator", "≥", ">=、>、<=、左右"),
    (
        "targets.csv",
        ">=,10,个",
        ">=,10,套",
        2,
        "unit",
        "套",
        "个、户、名、亩、天、万美元、万元、亿元、万亿元、%",
    ),
    ("targets.csv", ">=,10,个", ">=,十,个", 2, "value", "十", "数字"),
    ("targets.csv", ">=,10,个", ">=,-10,个", 2, "value", "-10", "零或正数"),
    ("targets.csv", "2024-12-31", "2024-06-30", 2, "pace", "按月均", "全年的起止日期"),
    ("targets.csv", ">=,10,个", ">=,NaN,个", 2, "value", "NaN", "数字"),
    ("targets.csv", ">=,10,个", ">=,9999999999,万亿元", 2, "value", "太大", "万亿元"),
    ("targets.csv", "2024-12-31,linear", "2024-12-31,even", 2, "pace", "even", "linear、plan、none"),
    ("targets.csv", "2024-12-31", "2024-13-31", 2, "due_on", "2024-13-31", "2024-12-31"),
    ("targets.csv", "2024-12-31", "2023-12-31", 2, "due_on", "2023-12-31", "不早于"),
    ("targets.csv", "linear,T1", "linear,T9", 3, "part_of", "T9", "target_id"),
    ("targets.csv", "linear,,", "linear,T2,addend", 2, "part_of", "绕成了圈", "不绕圈"),
    ("targets.csv", "T1,addend", "T1,", 3, "part_kind", "同时填", "addend、subset"),
    ("targets.csv", "category=工业", "category=商业", 3, "filters", "商业", "工业"),
    ("targets.csv", "category=工业", "size=工业", 3, "filters", "size", "category"),
    ("targets.csv", "category=工业", "stock_at=八月底", 3, "filters", "八月底", "2024-12-31"),
    ("targets.csv", "category=工业", "investment_from=一亿", 3, "filters", "一亿", "数字"),
    ("cities/999900.toml", "name", "nme", 1, "nme", "没有这个设置", "short_name"),
    ("cities/999900.toml", '"样例市"', "样例市", 1, None, "TOML", "加引号"),
    ("cities/999900.toml", "\n", '\nlanding = "both"\n', 2, "landing", "both", "filed、rule"),
    ("cities/999900.toml", "\n", "\nfiling_due_day = 32\n", 2, "filing_due_day", "32", "1 到 31"),
    ("cities/999900.toml", "\n", "\nfiling_due_day = 2.5\n", 2, "filing_due_day", "2.5", "整数"),
    (
        "cities/999900.toml",
        "\n",
        '\nfiling_due_month = "last"\n',
        2,
        "filing_due_month",
        "last",
        "this、next",
    ),
    (
        "cities/999900.toml",
        "\n",
        "\ndates_from_snapshots = 1\n",
        2,
        "dates_from_snapshots",
        "1",
        "true、false",
    ),
    (
        "cities/999900.toml",
        "\n",
        '\n[stage_words]\nstarted = ["在建"]\nsigned = ["在建"]\n',
        4,
        "signed",
        "在建",
        "每个词只归一个阶段",
    ),
    ("races/999900.toml", "weight = 100", "weight = 90", 6, "weight", "90", "合计 100"),
    ("races/999900.toml", 'track = "start"', 'track = "end"', 11, "track", "end", "start"),
    (
        "races/999900.toml",
        'track = "start"',
        'track = "start"\nbasis = "goal"',
        12,
        "basis",
        "goal",
        "target",
    ),
    ("races/999900.toml", 'track = "start"', 'track = "start"\nweight = 30', 12, "weight", "30", "合计 100"),
    ("races/999900.toml", "\n", '\nheadline = ["signed"]\n', 2, "headline", "signed", "started"),
    ("races/999900.toml", "\n", "\ncap = true\n", 2, "cap", "True", "0.01 到 10"),
]


@pytest.mark.parametrize(("name", "before", "after", "line", "field", "wrong", "allowed"), MISTAKES)
def test_a_mistake_is_answered_with_file_line_field_value_and_what_is_allowed(
    office: Path, name: str, before: str, after: str, line: int, field: str | None, wrong: str, allowed: str
) -> None:
    load()
    change(office, name, before, after)
    with pytest.raises(ReferenceError) as refused:
        load()
    sentence = str(refused.value)
    assert (refused.value.file, refused.value.line, refused.value.field) == (name, line, field)
    assert sentence.startswith(f"{name} 第{line}行")
    assert wrong in sentence
    assert allowed in sentence
    assert "\n" not in sentence


def test_a_race_of_a_city_that_is_not_there_is_refused(office: Path) -> None:
    (office / "races" / "999900.toml").rename(office / "races" / "888800.toml")
    with pytest.raises(ReferenceError, match="没有城市“888800”，允许：999900"):
        load()


def test_a_spreadsheet_renamed_to_csv_is_refused_in_one_sentence(office: Path) -> None:
    (office / "lists.csv").write_bytes(b"PK\x03\x04\x00\x00list,city\x00\r\n\xff\xff")
    with pytest.raises(ReferenceError, match=r"lists\.csv"):
        load()


@dataclass(frozen=True)
class Known:
    """What the reference files need to know of a metric."""

    unit: str
    own_filters: frozenset[str] = frozenset()


def known(*counts: str, **units: str) -> dict[str, Known]:
    """Metrics that count, and others by their units."""
    return {name: Known("个") for name in counts} | {name: Known(unit) for name, unit in units.items()}


def test_an_unknown_metric_is_found_with_its_line(office: Path) -> None:
    four = ["started_projects", "planned_investment", "signed_projects", "completed_projects"]
    check_metrics(load(), known(*four))
    change(office, "races/999900.toml", "started_projects", "begun_projects")
    with pytest.raises(
        ReferenceError, match=r"races/999900.toml 第12行 字段「metric」：没有指标“begun_projects”"
    ):
        check_metrics(load(), known("started_projects"))


def test_a_target_in_a_unit_that_its_metric_does_not_have_is_refused(office: Path) -> None:
    metrics = known("started_projects", "signed_projects", "completed_projects", planned_investment="万元")
    check_metrics(load(), metrics)
    change(office, "targets.csv", ">=,10,个", ">=,10,亿元")
    with pytest.raises(ReferenceError, match=r"targets\.csv 第2行 字段「unit」.*允许：个、户"):
        check_metrics(load(), metrics)


def test_a_filter_that_its_metric_does_not_have_is_refused(office: Path) -> None:
    change(office, "targets.csv", "started_projects,,", "started_projects,problem=征地,")
    with pytest.raises(ReferenceError, match=r"targets\.csv 第2行 字段「filters」.*没有筛选项“problem”"):
        check_metrics(load(), known("started_projects", "planned_investment", "signed_projects"))


def test_one_area_has_one_target_of_a_metric_a_year(office: Path) -> None:
    again = "T3,999900,,2024,文件,开工12个,started_projects,,>=,12,个,2024-01-01,2024-12-31,linear,,\n"
    with (office / "targets.csv").open("a", encoding="utf-8") as file:
        file.write(again)
    with pytest.raises(ReferenceError, match=r"targets\.csv 第4行 字段「metric」.*与第2行是同一地区同一年"):
        load()


def test_a_rate_is_no_batch(office: Path) -> None:
    four = ["started_projects", "planned_investment", "signed_projects", "completed_projects"]
    with pytest.raises(ReferenceError, match=r"cities/999900\.toml.*没有指标“signed_projects”"):
        check_metrics(load(), known(*four, signed_projects="率"))


@pytest.mark.parametrize(
    "saved",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("gb18030"),
        lambda text: text.replace("\n", "\r\n").encode("gb18030"),
        lambda text: text.replace("\n", ",,\n").encode("utf-8-sig") + b",,,\r\n",
    ],
    ids=["utf-8 with BOM", "gb18030", "gb18030 with CRLF", "trailing empty cells"],
)
def test_a_file_saved_by_excel_reads_the_same(office: Path, saved: Callable[[str], bytes]) -> None:
    before = load()
    for name in ("areas.csv", "targets.csv"):
        (office / name).write_bytes(saved(TINY[name]))
    after = load()
    assert after.areas.equals(before.areas)
    assert after.targets.equals(before.targets)


def test_a_line_number_counts_lines_inside_a_quoted_cell(office: Path) -> None:
    change(office, "targets.csv", "开工10个", '"开工\n10个"')
    change(office, "targets.csv", "示例目标,开工6个,started_projects", "示例目标,,started_projects")
    with pytest.raises(ReferenceError, match="第4行 字段「wording」"):
        load()


def test_zones_roll_up_and_only_areas_that_stand_alone_are_ranked_and_drawn_whole(office: Path) -> None:
    columns = ("area_id", "rolls_up_to", "is_ranked", "drawn_in", "drawn_as")
    assert load().areas_of("999900").select(columns).rows() == [
        ("999901", "999901", True, "999901", "polygon"),
        ("999902", "999900-Z01", False, None, None),
        ("999900-Z01", "999900-Z01", True, "999902", "polygon"),
        ("999900-Z02", "999901", False, "999901", "circle"),
        ("999900-Z03", "999900-Z01", False, None, None),
        ("999900-direct", "999900-direct", False, None, None),
        ("999900-unassigned", "999900-unassigned", False, None, None),
    ]


def test_a_city_that_names_only_itself_gets_the_four_batches_and_the_canonical_words(office: Path) -> None:
    city = load().city("999900")
    assert city.short_name == "样例"
    assert [batch.id for batch in city.batches] == ["planned", "signed", "started", "completed"]
    assert city.stage_words["开工"] == "started"
    assert city.map_centre is None


def test_an_unknown_city_is_answered_with_the_codes_there_are(office: Path) -> None:
    with pytest.raises(ReferenceError, match="没有城市“310000”，允许：999900（样例市）"):
        load().city("310000")


def test_units_of_targets_become_the_units_of_the_program(office: Path) -> None:
    change(office, "targets.csv", ">=,10,个", "左右,5.5,万亿元")
    change(office, "targets.csv", ">=,6,个", ">=,50,%")
    rows = load().targets_of("999900", 2024).select("value_base", "tolerance", "is_example").rows()
    assert rows == [(Decimal("550000000.0000"), 0.05, False), (Decimal("0.5000"), None, True)]


def test_filters_are_read_key_by_key() -> None:
    assert filters_of("category=工业|服务业;tag=theme:未来产业") == {
        "category": ("工业", "服务业"),
        "tag": ("theme:未来产业",),
    }
    assert filters_of(None) == {}


@given(st.lists(st.integers(1, 100), min_size=1, max_size=12))
def test_items_share_their_track_equally(counts: list[int]) -> None:
    tracks = "".join(
        f'[[tracks]]\nid = "t{n}"\nname = "道"\nweight = {100 if n == 0 else 0}\n' for n in range(len(counts))
    )
    items = "".join(
        f'[[items]]\nid = "i{n}"\nname = "项"\ntrack = "t0"\nmetric = "m"\n' for n in range(len(counts))
    )
    settings = reference.settings.Settings.of("races/1.toml", f'name = "赛"\n{tracks}{items}'.encode())
    race = reference.races.read_race("1", settings)
    assert sum(item.weight for item in race.items) == pytest.approx(100)
    assert len({item.weight for item in race.items}) == 1


def test_places_near_the_edge_follow_the_size_of_the_group(office: Path) -> None:
    race = load().races["999900"]
    assert [race.places_near_the_edge(size) for size in (2, 3, 5, 6, 8, 9, 13)] == [0, 1, 1, 2, 2, 3, 3]


def test_an_edit_is_in_force_from_its_instant_and_the_first_state_before_it(office: Path) -> None:
    edited = TINY["targets.csv"].replace(">=,10,个", ">=,12,个")
    save("targets.csv", edited, who="张三", when=datetime(2100, 3, 1, tzinfo=UTC), why="调整目标")

    def value(as_of: datetime | None) -> Decimal:
        return load(as_of).targets_of("999900", 2024)["value"][0]

    assert value(None) == 12
    assert value(datetime(2100, 3, 1, tzinfo=UTC)) == 12
    assert value(datetime(2100, 2, 28, tzinfo=UTC)) == 10
    assert value(datetime(1990, 1, 1, tzinfo=UTC)) == 10


def test_the_history_says_who_when_why_and_keeps_a_full_copy(office: Path) -> None:
    save(
        "categories.csv",
        "category\n工业\n",
        who="张三",
        when=datetime(2100, 3, 1, tzinfo=UTC),
        why="去掉别名",
    )
    kept = min((office / ".history").glob("2100*"))
    assert json.loads((kept / "edit.json").read_text(encoding="utf-8")) == {
        "who": "张三",
        "when": "2100-03-01T00:00:00+00:00",
        "why": "去掉别名",
        "changed": ["categories.csv"],
    }
    assert sorted(
        path.relative_to(kept).as_posix() for path in kept.rglob("*.[ct]*") if path.is_file()
    ) == sorted(TINY)


def test_a_refused_edit_leaves_everything_as_it_was(office: Path) -> None:
    with pytest.raises(ReferenceError, match="第2行 字段「order」"):
        save(
            "categories.csv",
            "category,order\n工业,x\n",
            who="张三",
            when=datetime(2100, 1, 1, tzinfo=UTC),
            why="",
        )
    assert (office / "categories.csv").read_text(encoding="utf-8") == TINY["categories.csv"]
    assert not list((office / ".history").glob("[0-9]*"))


@pytest.mark.parametrize("name", ["../areas.csv", "notes.csv", ".history/x.toml", "cities/../a.toml"])
def test_only_reference_files_can_be_saved(office: Path, name: str) -> None:
    with pytest.raises(ReferenceError, match="不是参考文件"):
        save(name, "x", who="张三", when=datetime(2100, 1, 1, tzinfo=UTC), why="")


def test_an_edit_made_outside_the_program_is_kept_when_it_is_first_read(office: Path) -> None:
    save(
        "categories.csv",
        "category\n工业\n",
        who="张三",
        when=datetime(2020, 1, 1, tzinfo=UTC),
        why="去掉别名",
    )
    load()
    (office / "categories.csv").write_text("category\n工业\n农业\n", encoding="utf-8")
    load()
    (office / "categories.csv").write_text("category\n工业\n农业\n服务业\n", encoding="utf-8")
    load()
    edits = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted(office.glob(".history/*/edit.json"))
    ]
    assert [edit["who"] for edit in edits] == ["未登记", "张三", "未登记", "未登记"]
    assert [edit["changed"] for edit in edits[1:]] == [["categories.csv"]] * 3


def test_reading_a_folder_without_history_writes_nothing_into_it(office: Path) -> None:
    load()
    assert not (office / ".history").exists()


def test_a_broken_file_does_not_hide_what_was_in_force_before(office: Path) -> None:
    save(
        "categories.csv",
        "category\n工业\n",
        who="张三",
        when=datetime(2001, 1, 1, tzinfo=UTC),
        why="去掉别名",
    )
    (office / "categories.csv").write_text("kind\n工业\n", encoding="utf-8")
    assert load(datetime(2001, 6, 1, tzinfo=UTC)).categories.height == 1
    with pytest.raises(ReferenceError):
        load()


def test_unchanged_files_are_not_read_again(office: Path) -> None:
    assert load() is load()


def _first_start(target: str, ready: "multiprocessing.synchronize.Barrier") -> None:
    os.environ["SAIMA_REFERENCE"] = target
    ready.wait()
    assert load(None).cities


def test_two_processes_that_start_first_at_once_both_find_the_whole_folder(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Barrier(2)
    target = tmp_path / "new" / "office"
    starts = [spawn.Process(target=_first_start, args=(str(target), ready)) for _ in range(2)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert [start.exitcode for start in starts] == [0, 0]
    assert [path.name for path in target.parent.iterdir()] == ["office"]
    assert len(list((target / ".history").glob("[0-9]*"))) == 1


def test_a_folder_on_first_start_is_never_seen_half_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = tmp_path / "office"
    monkeypatch.setenv("SAIMA_REFERENCE", str(office))
    seen: set[int] = set()
    filling = threading.Thread(target=folder)
    filling.start()
    while filling.is_alive():
        seen.add(sum(path.is_file() for path in office.rglob("*")))
    whole = sum(path.is_file() for path in office.rglob("*"))
    assert whole > 2 * len(list(SHIPPED.rglob("*.csv")))
    assert seen <= {0, whole}


def test_an_empty_folder_is_filled_on_first_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAIMA_REFERENCE", str(tmp_path))
    assert folder() == tmp_path
    assert sorted(load().cities) == ["210100", "210200", "320800"]


def test_the_shipped_files_name_only_metrics_of_the_catalogue(shipped: reference.Reference) -> None:
    from saima.metrics import CATALOGUE  # noqa: PLC0415 - the layer above, for this one fact

    check_metrics(shipped, CATALOGUE)


def test_thirteen_thirteen_and_ten_areas_are_ranked(shipped: reference.Reference) -> None:
    ranked = {code: shipped.areas_of(code)["is_ranked"].sum() for code in shipped.cities}
    assert ranked == {"210100": 13, "210200": 13, "320800": 10}
    assert shipped.areas.filter("is_ranked")["race_group"].null_count() == 0


def test_zones_count_in_their_parents_and_jinpu_takes_the_polygon_of_jinzhou(
    shipped: reference.Reference,
) -> None:
    by_id = {row["area_id"]: row for row in shipped.areas.rows(named=True)}
    assert by_id["210100-Z01"]["rolls_up_to"] == by_id["210100-Z02"]["rolls_up_to"] == "210106"
    assert by_id["210213"]["rolls_up_to"] == "210200-Z01"
    assert (by_id["210200-Z01"]["drawn_in"], by_id["210200-Z01"]["drawn_as"]) == ("210213", "polygon")
    assert by_id["320800-Z01"]["drawn_as"] == "circle"


def test_shenyang_has_five_three_seven_and_five_chains_and_ten_clusters(shipped: reference.Reference) -> None:
    groups = shipped.chains.filter(city="210100").group_by("chain_group", maintain_order=True).len()
    assert groups["len"].to_list() == [5, 3, 7, 5]
    assert shipped.schemes.filter(scheme="cluster").height == 10
    assert shipped.chains.filter(city="210200").height == 9


def test_every_area_and_chain_has_a_colour_of_its_own_in_its_city(shipped: reference.Reference) -> None:
    for frame in (shipped.areas, shipped.chains):
        assert frame["colour"].null_count() == 0
        assert frame.select("city", "colour").is_duplicated().sum() == 0


def test_area_targets_add_up_to_the_city_in_every_city_year_and_metric(shipped: reference.Reference) -> None:
    examples = shipped.targets.filter(pl.col("area_id").is_not_null())
    summed = examples.group_by("part_of").agg(pl.col("value_base").sum(), pl.col("metric").unique(), pl.len())
    city = shipped.targets.select(part_of="target_id", city="city", whole="value_base", of="metric")
    both = summed.join(city, on="part_of", validate="1:1")
    assert both.height == 3 * 2 * 5
    assert both.filter(pl.col("value_base") != pl.col("whole")).is_empty()
    assert both.filter(pl.col("metric").list.first() != pl.col("of")).is_empty()
    ranked = {code: shipped.areas_of(code)["is_ranked"].sum() for code in shipped.cities}
    assert all(row["len"] == ranked[row["city"]] for row in both.rows(named=True))


def test_the_four_batches_have_a_target_in_every_city_and_year(shipped: reference.Reference) -> None:
    for code, city in shipped.cities.items():
        for year in (2023, 2024):
            whole = shipped.targets_of(code, year).filter(
                pl.col("area_id").is_null(), pl.col("filters").is_null(), pl.col("part_of").is_null()
            )
            for metric in ("planned_investment", "signed_projects", "landed_projects", "started_projects"):
                assert whole.filter(metric=metric).height == 1, (city.name, year, metric)


def test_the_numbers_of_the_shenyang_document_stand_as_written(shipped: reference.Reference) -> None:
    rows = {row["target_id"]: row for row in shipped.targets.rows(named=True)}
    started = rows["210100-2024-started"]
    assert (started["comparator"], started["value"], started["is_example"]) == (">", 1200, False)
    assert rows["210100-2024-planned"]["value_base"] == 550_000_000
    by_category = [
        row["value"]
        for row in rows.values()
        if row["part_of"] == "210100-2024-started" and not row["area_id"]
    ]
    assert by_category == [450, 410, 50, 240, 50]
    listed = [row["value"] for row in rows.values() if row["part_of"] == "210100-2024-completed-listed"]
    assert sum(listed) == rows["210100-2024-completed-listed"]["value"] == 458
    assert (rows["320800-2023-agreed"]["value_base"], rows["320800-2023-signed-industry"]["value"]) == (
        40_000_000,
        600,
    )


def test_race_weights_sum_to_a_hundred_and_an_empty_track_stands(shipped: reference.Reference) -> None:
    race = shipped.races["210100"]
    assert [(track.name[-4:], track.weight) for track in race.tracks] == [
        ("谋划看储备"[-4:], 20),
        ("招引看投资"[-4:], 25),
        ("开工看进度"[-4:], 40),
        ("服务看实效"[-4:], 15),
    ]
    assert "service" not in {item.track for item in race.items}
    assert sum(item.weight for item in race.items) == pytest.approx(85)


def test_a_further_city_is_added_by_files_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = tmp_path / "office"
    shutil.copytree(SHIPPED, office)
    monkeypatch.setenv("SAIMA_REFERENCE", str(office))
    (office / "cities" / "210300.toml").write_text('name = "鞍山市"\n', encoding="utf-8")
    shutil.copy(office / "races" / "210100.toml", office / "races" / "210300.toml")
    with (office / "areas.csv").open("a", encoding="utf-8") as areas:
        areas.write("210302,210300,铁东区,,,区,210302,,,,,#245899,,,是,,\n")
    added = load()
    assert added.city("210300").short_name == "鞍山"
    assert added.areas_of("210300")["area_id"].to_list() == ["210302", "210300-direct", "210300-unassigned"]
    assert added.races["210300"].city == "210300"
    assert added.targets_of("210300", 2024).is_empty()
