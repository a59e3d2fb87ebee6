"""Workbooks that come in: headings, units, words of the city, and what the report says of them."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from saima import store
from saima.intake.report import EVERYTHING, Report
from saima.reference import Reference

Take = Callable[..., Report]
Write = Callable[..., Path]


def stored(ledger: str = "projects", period: str = "2024-09") -> list[dict[str, Any]]:
    """Rows in force, in the order of the workbook."""
    revision = next(item for item in store.revisions(ledger, "210100", EVERYTHING) if item.period == period)
    return pl.read_parquet(revision.path).sort("source_row").to_dicts()


def unmapped(report: Report) -> list[str]:
    """Headings of the first sheet that were not read."""
    return [left["heading"] for left in report.sheets[0]["unmapped"]]


def remarks(report: Report) -> dict[str, str]:
    """Sentence of each remark, by rule."""
    return {remark.rule: remark.sentence for remark in report.remarks}


def test_a_plain_workbook_comes_in(taken: Take, xlsx: Write) -> None:
    path = xlsx(
        ["序号", "项目代码", "项目名称", "责任地区", "项目单位", "总投资（亿元）", "年度计划投资（万元）"],
        [1, "2409-210102-04-01-123456", "智能装备产业园", "和平区", "某公司", 12.5, 30000],
        [2, None, "滨河路改造", "铁西", "城投", "3,500.25万元", "—"],
    )
    report = taken(path, who="张三", note="九月报送")
    assert (report.outcome, report.exit_code, report.rows_taken) == ("taken", 0, 2)
    first, second = stored()
    assert first["project_code"] == "2409-210102-04-01-123456"
    assert (first["area_id"], first["area_text"]) == ("210102", "和平区")
    assert (first["investment_total"], first["plan_year"]) == (Decimal("125000.0000"), Decimal(30000))
    assert (second["area_id"], second["investment_total"]) == ("210106", Decimal("3500.2500"))
    assert second["plan_year"] is None
    assert (first["source_sheet"], first["source_row"]) == ("Sheet1", 2)
    filing = store.revisions("projects", "210100", EVERYTHING)[0].filing("210102")
    assert (filing["source"], filing["who"], filing["note"]) == ("台账.xlsx", "张三", "九月报送")
    assert (filing["rows_read"], filing["rows_taken"], filing["rows_refused"]) == (2, 2, 0)


def test_a_rehearsal_writes_nothing(taken: Take, xlsx: Write, snapshots: Path) -> None:
    report = taken(xlsx(["项目名称", "责任地区"], ["甲", "和平区"]), commit=False)
    assert (report.outcome, report.exit_code, report.revision) == ("rehearsed", 0, None)
    assert not snapshots.exists()


def test_titles_and_the_note_on_units_stand_above_the_headings(taken: Take, xlsx: Write) -> None:
    path = xlsx(
        ["附件1"],
        ["沈阳市2024年重点项目台账（项目名称以批复为准）"],
        ["编制单位：市发展改革委", None, None, "金额单位：亿元"],
        ["项 目\n名 称", "责任\n地区", "总投资", "年度计划投资\n（万元）"],
        ["甲", "和平区", 2, 300],
    )
    report = taken(path)
    assert report.exit_code == 0
    (row,) = stored()
    assert (row["investment_total"], row["plan_year"]) == (20000, 300)
    assert report.sheets[0]["header_rows"] == [4]


def test_an_amount_without_any_unit_is_read_as_wan_and_said(taken: Take, xlsx: Write) -> None:
    report = taken(xlsx(["项目名称", "责任地区", "总投资"], ["甲", "和平区", 2]))
    assert stored()[0]["investment_total"] == 2
    assert (
        remarks(report)["unit_is_stated"]
        == "工作表「Sheet1」「总投资」：列标题和表头以上没有写明单位，按万元读取，请核对"
    )


def test_headings_of_this_year_and_month_are_those_of_the_period(taken: Take, xlsx: Write) -> None:
    path = xlsx(
        [
            "项目名称",
            "责任地区",
            "2024年计划投资(万元)",
            "2023年计划投资",
            "1-9月完成投资（万元）",
            "9月完成投资（万元）",
        ],
        ["甲", "和平区", 100, 900, 60, 7],
    )
    report = taken(path)
    (row,) = stored()
    assert (row["plan_year"], row["invested_year"], row["invested_month"]) == (100, 60, 7)
    assert unmapped(report) == ["2023年计划投资"]


def test_dates_keep_how_exactly_they_are_known(taken: Take, xlsx: Write) -> None:
    path = xlsx(
        ["项目名称", "责任地区", "签约时间", "开工时间", "计划竣工时间", "竣工时间"],
        ["甲", "和平区", date(2024, 3, 15), "2024年6月", "2026年", "待定"],
        ["乙", "和平区", 45366, "2024年三季度", "2025年底", None],
    )
    assert taken(path).exit_code == 0
    first, second = stored()
    assert (first["signed_on"], first["signed_on_precision"]) == (date(2024, 3, 15), "day")
    assert (first["started_on"], first["started_on_precision"]) == (date(2024, 6, 30), "month")
    assert (first["completion_due_on"], first["completion_due_on_precision"]) == (date(2026, 12, 31), "year")
    assert first["completed_on"] is first["completed_on_precision"] is None
    assert second["signed_on"] == date(2024, 3, 15)
    assert second["started_on_precision"] == "quarter"


def test_an_event_of_a_running_span_is_cut_to_the_period_that_first_reported_it(
    taken: Take, xlsx: Write
) -> None:
    def ledger(name: str) -> Path:
        heads = ["项目名称", "责任地区", "开工时间", "计划竣工时间"]
        return xlsx(heads, ["甲", "和平区", "2024年", "2024年"], name=name)

    taken(ledger("八月.xlsx"), period="2024-08")
    taken(ledger("九月.xlsx"), period="2024-09")
    (august,), (september,) = stored(period="2024-08"), stored(period="2024-09")
    assert august["started_on"] == september["started_on"] == date(2024, 8, 31)
    assert september["completion_due_on"] == date(2024, 12, 31)


def test_an_event_at_the_end_of_a_running_span_is_a_plan_and_is_not_cut(taken: Take, xlsx: Write) -> None:
    words = ("2024年底", "2024年末", "2024年四季度", "2024年三季度末", "2024年", "2024年三季度")
    rows = [[f"项目{place}", "和平区", word] for place, word in enumerate(words)]
    report = taken(xlsx(["项目名称", "责任地区", "开工时间"], *rows), period="2024-08")
    dates = {row["name"]: row["started_on"] for row in stored(period="2024-08")}
    end, september, august = date(2024, 12, 31), date(2024, 9, 30), date(2024, 8, 31)
    assert [dates[f"项目{place}"] for place in range(6)] == [end, end, end, september, august, august]
    assert "晚于报告期末" in remarks(report)["started_on_is_not_after_the_period"]


def test_a_later_event_is_a_plan_and_is_said(taken: Take, xlsx: Write) -> None:
    report = taken(xlsx(["项目名称", "责任地区", "开工时间"], ["甲", "和平区", "2025-03-01"]))
    assert stored()[0]["started_on"] == date(2025, 3, 1)
    assert "晚于报告期末" in remarks(report)["started_on_is_not_after_the_period"]


def test_words_of_the_city_are_understood_and_others_are_kept_and_said(taken: Take, xlsx: Write) -> None:
    path = xlsx(
        ["项目名称", "责任地区", "当前阶段", "项目类别", "产业链", "清单类别", "用地征拆"],
        ["甲", "沈阳市和平区", "在建", "制造业", "数控机床", "开工一批、省级重点", "√"],
        ["乙", "和平", "忙着", "杂项", "元宇宙", None, "×"],
    )
    report = taken(path)
    first, second = stored()
    assert (first["stage_filed"], first["stage_reported"]) == ("started", "在建")
    assert (first["category"], first["chain"]) == ("工业", "机床及功能部件")
    assert first["lists"] == ["开工一批", "省级重点"]
    assert (first["is_land_ready"], second["is_land_ready"]) == (True, False)
    assert (second["stage_filed"], second["category"], second["chain"]) == (None, None, None)
    assert (second["stage_reported"], second["category_text"], second["chain_text"]) == (
        "忙着",
        "杂项",
        "元宇宙",
    )
    said = {remark.value for remark in report.remarks if remark.severity == "存疑"}
    assert {"忙着", "杂项", "元宇宙", "省级重点"} <= said


def test_a_row_without_an_area_or_with_several_is_counted_as_unassigned(taken: Take, xlsx: Write) -> None:
    path = xlsx(
        ["项目名称", "责任地区"],
        ["甲", None],
        ["乙", "和平区、沈河区"],
        ["丙", "和平区，和平"],
        ["丁", "市本级"],
        ["戊", "未分区"],
    )
    assert taken(path).exit_code == 0
    assert [row["area_id"] for row in stored()] == [
        "210100-unassigned",
        "210100-unassigned",
        "210102",
        "210100-direct",
        "210100-unassigned",
    ]


def test_a_district_that_does_not_report_stands_for_the_zone_that_does(
    taken: Take, xlsx: Write, office: Reference
) -> None:
    report = taken(xlsx(["项目名称", "责任地区"], ["甲", "金州区"], ["乙", "金普新区"]), city="210200")
    assert report.rows["area_id"].to_list() == ["210200-Z01", "210200-Z01"]


def test_a_filing_of_one_area_needs_no_area_column(taken: Take, xlsx: Write) -> None:
    report = taken(xlsx(["项目名称", "总投资（万元）"], ["甲", 1]), area_id="和平区")
    assert (report.exit_code, report.area_id) == (0, "210102")
    assert stored()[0]["area_id"] == "210102"


def test_two_areas_filing_one_after_the_other_both_stay(taken: Take, xlsx: Write) -> None:
    taken(xlsx(["项目名称"], ["甲"], name="a.xlsx"), area_id="210102")
    taken(xlsx(["项目名称"], ["乙"], name="b.xlsx"), area_id="210103")
    assert {row["name"] for row in stored()} == {"甲", "乙"}


def test_a_whole_city_that_leaves_out_an_area_that_had_filed_says_so(taken: Take, xlsx: Write) -> None:
    taken(xlsx(["项目名称"], ["甲"], name="a.xlsx"), area_id="210102")
    report = taken(xlsx(["项目名称", "责任地区"], ["乙", "沈河区"], name="b.xlsx"))
    assert remarks(report)["filed_areas_are_present"].startswith("本期已报送的 和平区 在这份整市台账里没有行")


def test_persons_are_left_out_and_said(taken: Take, xlsx: Write) -> None:
    path = xlsx(
        ["项目名称", "责任地区", "项目联系人", "联系电话", "责任人", "天气"],
        ["甲", "和平区", "李四", "13800000000", "王五", "晴"],
    )
    report = taken(path)
    assert report.sheets[0]["dropped"] == ["项目联系人", "联系电话"]
    assert unmapped(report) == ["天气"]
    assert stored()[0]["responsible_person"] == "王五"
    assert "李四" not in str(stored()) + report.to_json()
    assert any("个人信息" in sentence for sentence in report.sentences())


def test_rows_that_are_no_projects_are_left_out_and_listed(taken: Take, xlsx: Write) -> None:
    path = xlsx(
        ["序号", "项目名称", "责任地区", "总投资（万元）"],
        ["一、工业项目（1个）"],
        [1, "甲", "和平区", 5],
        [2, None, None, None],
        [None, "小计", None, 5],
        ["合计：", None, None, 5],
        [],
        ["序号", "项目名称", "责任地区", "总投资（万元）"],
        ["备注：数据截至九月底"],
    )
    report = taken(path)
    assert report.rows_taken == report.rows_read == 1
    assert [(item["row"], item["why"]) for item in report.rows_skipped] == [
        (2, "分组行"),
        (4, "空行"),
        (5, "合计行"),
        (6, "合计行"),
        (8, "重复的表头"),
        (9, "说明行"),
    ]


def test_a_real_name_that_looks_like_a_total_is_a_project(taken: Take, xlsx: Write) -> None:
    path = xlsx(["项目名称", "责任地区"], ["君澜府小区", "和平区"], ["合计算力中心", "和平区"])
    assert taken(path).rows_taken == 2


def test_a_text_that_begins_like_a_formula_stays_text(taken: Take, xlsx: Write) -> None:
    path = xlsx(["项目名称", "责任地区", "形象进度"], ["=1+1", "和平区", "+主体封顶"])
    taken(path)
    assert (stored()[0]["name"], stored()[0]["progress_text"]) == ("=1+1", "+主体封顶")


def test_every_sheet_that_is_a_ledger_is_read_and_the_others_are_named(taken: Take, xlsx: Write) -> None:
    heads = ["项目名称", "责任地区", "总投资（万元）"]
    path = xlsx(
        heads,
        ["甲", "和平区", 1],
        续建=[heads, ["乙", "沈河区", 2]],
        汇总=[["责任地区", "项目个数", "总投资（万元）"], ["和平区", 1, 1]],
    )
    report = taken(path)
    assert report.rows["name"].to_list() == ["甲", "乙"]
    assert [sheet["name"] for sheet in report.sheets if sheet["why"]] == ["汇总"]


def test_each_visible_sheet_that_is_not_read_is_named_with_why(taken: Take, xlsx: Write) -> None:
    path = xlsx(
        ["项目名称", "责任地区", "总投资（万元）"],
        ["甲", "和平区", 1],
        铁西=[["名称", "责任地区", "总投资（万元）"], ["乙", "铁西区", 2]],
        浑南=[["工程名", "钱"], ["丙", 3]],
    )
    report = taken(path, commit=False)
    assert [line for line in report.sentences() if "没有读取" in line] == [
        "存疑：工作表「铁西」：没有读取：像是台账，但第 1 行的表头缺少必需的列：项目名称"
        "（现有：责任地区、总投资（万元）、名称）",
        "提示：工作表「浑南」：没有读取：前 20 行没有找到表头",
    ]


@pytest.mark.parametrize(
    "note",
    [
        "单位：个、亿元、%",
        "（亿元）",
        "单位:亿元",
        "计量单位：人民币亿元",
        "单位：亿元人民币",
        "金额：亿元",
        "金额单位：亿元",
        "单位：亿",
        "单位（亿元）",
        "单位：亿元/万平方米",
        "编制单位：市发改委 单位：亿元",
        "2024年重点项目（单位：亿元）",
        "单位：亿元、万美元",
    ],
)
def test_a_note_above_the_headings_gives_the_unit(taken: Take, xlsx: Write, note: str) -> None:
    report = taken(xlsx(["台账", None, note], ["项目名称", "责任地区", "总投资"], ["甲", "和平区", 2]))
    assert report.rows["investment_total"].to_list() == [20000]
    assert "unit_is_stated" not in remarks(report)


@pytest.mark.parametrize("title", ["总投资金额 120 亿元", "亿元以上项目台账", "编制单位：亿元公司"])
def test_a_title_that_speaks_of_money_is_no_note(taken: Take, xlsx: Write, title: str) -> None:
    report = taken(xlsx([title], ["项目名称", "责任地区", "总投资"], ["甲", "和平区", 2]))
    assert report.rows["investment_total"].to_list() == [2]
    assert "unit_is_stated" in remarks(report)


def test_two_noted_units_do_for_headings_that_have_their_own(taken: Take, xlsx: Write) -> None:
    heads = ["项目名称", "责任地区", "总投资（亿元）", "年度计划投资（万元）"]
    report = taken(xlsx(["单位：万元、亿元"], heads, ["甲", "和平区", 2, 300]))
    assert report.rows.select("investment_total", "plan_year").rows() == [(20000, 300)]


def test_amounts_under_an_unknown_heading_are_said(taken: Take, xlsx: Write) -> None:
    report = taken(xlsx(["项目名称", "责任地区", "到位资金（亿元，含税）"], ["甲", "和平区", 2]))
    assert "「到位资金（亿元，含税）」：像是金额但不认识" in remarks(report)["amounts_are_read"]
    assert "没有总投资列" in remarks(report)["investment_total_is_filed"]


NUMBERED = ["序号", "项目名称", "责任地区", "项目单位", "项目代码", "总投资（万元）"]


@pytest.mark.parametrize(
    ("number", "name", "why"),
    [
        (None, "铁西区小计", "合计行"),
        (None, "工业合计", "合计行"),
        (None, "合计(2个)", "合计行"),
        (None, "总计2个", "合计行"),
        (None, "共5项", "合计行"),
        (None, "【小计】", "合计行"),
        ("合计", "12个", "合计行"),
        ("合计", None, "合计行"),
        (None, "一、工业项目（2个）", "分组行"),
        ("一", "工业项目（2个）", "分组行"),
        ("一、工业项目", None, "分组行"),
        (None, "（一）新建", "分组行"),
        (None, "续建项目(597个)", "分组行"),
        (None, "【预备】（1个）", "分组行"),
        (None, "其中：新建", "分组行"),
        (None, "——铁路", "分组行"),
        (None, "计划新开工项目", "分组行"),
        (None, "基础设施", "分组行"),
        (None, "铁 西 区", "分组行"),
        (None, "市直", "分组行"),
        (None, "沈阳市", "分组行"),
        ("备注：以上不含土地", None, "说明行"),
    ],
)
def test_totals_and_groups_are_no_projects(
    taken: Take, xlsx: Write, number: str | None, name: str | None, why: str
) -> None:
    path = xlsx(NUMBERED, [1, "甲", "和平区", "某", None, 5], [number, name, "铁西区", None, None, 50000])
    report = taken(path)
    assert report.rows["name"].to_list() == ["甲"]
    assert [(row["row"], row["why"]) for row in report.rows_skipped] == [(3, why)]
    said = number if number == "合计" else name or number
    assert f"提示：工作表「Sheet1」略过{why} 1 行：第 3 行“{said}”" in report.sentences()


@pytest.mark.parametrize(
    "row",
    [
        [None, "君澜府小区", "和平区", None, None, 1],
        [None, "汉中综合保税区", "和平区", None, None, 1],
        [None, "某大学新校区", "和平区", None, None, 1],
        [None, "审计中心", "和平区", None, None, 1],
        [2, "老旧小区改造（12个）", "和平区", "城投", None, 1],
        [2, "一、二号线", "和平区", None, "2409-210102-04-01-123456", 1],
        [None, "老旧小区改造项目（3个）", "和平区", "城投", "2409-210102-04-01-123456", 1],
        ["2-1", "工业", "和平区", "某公司", None, 1],
    ],
)
def test_short_and_odd_names_are_projects(taken: Take, xlsx: Write, row: list[Any]) -> None:
    report = taken(xlsx(NUMBERED, [1, "甲", "和平区", "某", None, 5], row))
    assert report.rows["name"].to_list() == ["甲", row[1]]
    doubted = [remark.rows for remark in report.remarks if remark.rule == "project_is_numbered"]
    assert doubted == ([[3]] if row[0] is None else [])


def test_a_total_in_another_column_does_not_hide_a_project(taken: Take, xlsx: Write) -> None:
    heads = ["项目类别", "项目名称", "责任地区", "总投资（万元）"]
    report = taken(xlsx(heads, ["合计", "真项目", "铁西区", 5], ["工业", "小计", "铁西区", 5]))
    assert report.rows["name"].to_list() == ["真项目"]


def test_a_column_beside_the_headings_is_said(taken: Take, xlsx: Write) -> None:
    heads = ["项目名称", "责任地区", "总投资（万元）"]
    report = taken(xlsx(heads, ["甲", "和平区", 5, None, "附注"]))
    assert "没有标题的列还有内容" in remarks(report)["row_is_as_long_as_the_headings"]


def test_a_whole_city_that_lacks_an_area_of_an_earlier_month_is_said(taken: Take, xlsx: Write) -> None:
    heads = ["项目名称", "责任地区"]
    for period, areas in {"2023-12": "大东区", "2024-07": "铁西区", "2024-08": "沈河区"}.items():
        taken(xlsx(heads, ["甲", "和平区"], ["乙", areas], ["丙", None]), period=period)
    report = taken(xlsx(heads, ["甲", "和平区"]))
    assert [remark.sentence for remark in report.remarks if remark.rule == "areas_go_on_filing"] == [
        "2024-08 报送过的 沈河区 在这份整市台账里没有行，将沿用 2024-08 的数，请核对是否漏报",
        "2024-07 报送过的 铁西区 在这份整市台账里没有行，将沿用 2024-07 的数，请核对是否漏报",
    ]


def test_a_heading_to_be_ignored_is_ignored_even_if_it_is_known(taken: Take, xlsx: Write) -> None:
    path = xlsx(["项目名称", "责任地区", "竣工时间"], ["甲", "和平区", "2024-06-01"])
    mapping = path.with_name("mapping.toml")
    mapping.write_text('ignore = ["竣工时间"]', encoding="utf-8")
    report = taken(path, mapping_path=mapping)
    assert report.rows["completed_on"].to_list() == [None]
    assert report.sheets[0]["ignored"] == ["竣工时间"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_reads_the_same_in_every_encoding(taken: Take, csv_file: Write, encoding: str) -> None:
    path = csv_file(
        ["项目名称", "责任地区", "总投资（万元）"], ["㐀甲", "和平区", "1,200"], encoding=encoding
    )
    assert taken(path).exit_code == 0
    assert (stored()[0]["name"], stored()[0]["investment_total"]) == ("㐀甲", 1200)


def test_a_file_is_known_by_its_content_not_by_its_name(
    taken: Take, csv_file: Write, xlsx: Write, tmp_path: Path
) -> None:
    rows = (["项目名称", "责任地区"], ["甲", "和平区"])
    assert taken(csv_file(*rows, name="文本.xlsx")).exit_code == 0
    assert taken(xlsx(*rows).rename(tmp_path / "工作簿.csv")).exit_code == 0


def test_a_formula_never_calculated_is_missing_and_said(taken: Take, tmp_path: Path) -> None:
    import openpyxl  # noqa: PLC0415 - only here: it alone writes formulas without a value

    book = openpyxl.Workbook()
    for row in (["项目名称", "责任地区", "总投资（万元）"], ["甲", "和平区", "=1+1"]):
        book.active.append(row)
    book.save(tmp_path / "公式.xlsx")
    report = taken(tmp_path / "公式.xlsx")
    assert stored()[0]["investment_total"] is None
    assert remarks(report)["formula_has_a_value"] == (
        "工作表「Sheet」第 2 行「总投资（万元）」：公式没有存下计算结果，按空白处理，"
        "请在 Excel 中打开保存后再报送"
    )


def test_coordinates_of_another_system_are_moved(
    taken: Take, xlsx: Write, office: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = xlsx(
        ["项目名称", "责任地区", "经度", "纬度"], ["甲", "和平区", 123.4, 41.8], ["乙", "和平区", 123.4, None]
    )
    city = office.cities["210100"]
    monkeypatch.setitem(office.cities, "210100", type(city)(**{**vars(city), "coordinates": "WGS-84"}))
    report = taken(path)
    assert stored()[0]["longitude"] == pytest.approx(123.4, abs=0.01)
    assert stored()[0]["longitude"] != 123.4
    assert stored()[1]["longitude"] is None
    assert "缺一个" in remarks(report)["place_has_both_coordinates"]


def test_doubtful_amounts_and_orders_are_said(taken: Take, xlsx: Write) -> None:
    path = xlsx(
        [
            "项目名称",
            "责任地区",
            "总投资（万元）",
            "累计完成投资（万元）",
            "本年累计（万元）",
            "开工时间",
            "竣工时间",
        ],
        ["甲", "和平区", 100, 200, 300, "2024-06-01", "2024-05-01"],
        ["乙", "和平区", 100, 50, 50, "2024年", "2024-05-01"],
    )
    said = {remark.rule: remark.rows for remark in taken(path).remarks}
    assert said == {
        "invested_total_is_not_above_investment_total": [2],
        "invested_year_is_not_above_invested_total": [2],
        "started_on_is_not_after_completed_on": [2],
    }


def test_a_mapping_brings_in_columns_that_are_named_otherwise(taken: Take, csv_file: Write) -> None:
    path = csv_file(
        ["Project", "Where", "Cost", "Began", "Memo"], ["甲", "HP", "12500000", "09/15/2024", "x"]
    )
    mapping = path.with_name("mapping.toml")
    mapping.write_text(
        """
        ignore = ["Memo"]
        [columns."项目名称"]
        heading = "Project"
        [columns.area_text]
        heading = "where"
        values = { HP = "和平区" }
        [columns.investment_total]
        heading = "Cost"
        factor = 0.0001
        [columns.started_on]
        heading = "Began"
        dates = ["%m/%d/%Y"]
        """,
        encoding="utf-8",
    )
    assert taken(path, mapping_path=mapping).exit_code == 0
    (row,) = stored()
    assert (row["name"], row["area_id"], row["area_text"]) == ("甲", "210102", "HP")
    assert (row["investment_total"], row["started_on"]) == (1250, date(2024, 9, 15))


def test_plans_find_their_projects_and_take_their_area(taken: Take, xlsx: Write) -> None:
    taken(xlsx(["项目代码", "项目名称", "责任地区", "项目单位"], ["A-1", "甲", "和平区", "某公司"]))
    heads = ["项目代码", "项目名称", "月份", "计划投资（万元）"]
    path = xlsx(
        heads, ["A-1", "甲", "9月", 10], [None, "甲", "2024-10", 20], [None, "丙", "10月", 5], name="p.xlsx"
    )
    report = taken(path, ledger="plans")
    first, second, third = stored("plans")
    assert first["project_id"] == second["project_id"] == stored()[0]["project_id"]
    assert (first["area_id"], first["month"], second["month"]) == ("210102", "2024-09", "2024-10")
    assert third["area_id"] == "210100-unassigned"
    assert "丙" not in remarks(report)["row_has_its_project"]
    assert remarks(report)["row_has_its_project"].startswith("工作表「Sheet1」第 4 行「项目名称」")


def test_the_report_is_plain_json(taken: Take, xlsx: Write) -> None:
    report = taken(xlsx(["项目名称", "责任地区", "总投资"], ["甲", "和平区", "三千"]))
    plain = json.loads(report.to_json())
    assert plain["refused"] == [
        {
            "sheet": "Sheet1",
            "row": 2,
            "column": "总投资",
            "letter": "C",
            "value": "三千",
            "rule": "number_is_a_number",
            "sentence": "工作表「Sheet1」第 2 行「总投资」填的是“三千”，不是数字。"
            "允许：数字，如 12000 或 1.2亿元",
        }
    ]
    assert (plain["exit_code"], plain["outcome"], plain["rows_refused"]) == (2, "refused", 1)
