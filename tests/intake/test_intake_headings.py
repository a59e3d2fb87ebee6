"""Headings of real sheets are known; what is not ours, or not this year's, is left alone."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from saima.intake.header import find_header
from saima.intake.headings import Headings
from saima.intake.mapping import ColumnMapping
from saima.intake.values import normalised
from saima.intake.workbook import Sheet
from saima.ledgers import LEDGERS, PROJECTS

REALDATA = Path(
    os.environ.get("SAIMA_REALDATA") or Path(__file__).resolve().parents[3] / "shared" / "realdata"
)
FILE = REALDATA / "cn_headings" / "headings_by_source.json"
SOURCES: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else []


def header_of(*headings: str, period: str = "2024-09") -> dict[str, str]:
    """Heading → column, of a sheet with these headings."""
    header = find_header(Sheet("Sheet1", [list(headings)]), Headings(PROJECTS, "元", period), ColumnMapping())
    assert header is not None
    return {field.heading: field.column.name for field in header.fields}


NO_LEDGERS = {
    "township": "sums of townships, no projects",
    "ifco": "renewal areas: estimates, and amounts of a statistical period that is not named",
    "ppp": "a library of another ministry: no amounts but the total, no events",
    "guangdong_two_row": "three headings of a plan, no project name",
    "suqian2024": "headings of amounts alone, no project name",
    "anshun2025": "a pivot table",
    "langfang": "a list of names, no amounts",
}
"""Sources that are no project ledger, and why."""

READ: dict[str, dict[str, str]] = {
    "guilin2022": {
        "项目名称": "name",
        "建设规模及内容": "content",
        "总投资": "investment_total",
        "项目业主": "owner",
        "责任单位": "lead_unit",
    },
    "zhangzhou2010": {
        "建设起止时间": "construction_span",
        "项目名称": "name",
        "项目性质": "nature",
        "建设内容及规模": "content",
        "总投资（万元）": "investment_total",
        "项目业主单位业主名称": "owner",
        "挂钩领导": "leader",
        "行业": "industry_code",
        "区域": "area_text",
        "所属开发区": "park_id",
    },
    "fengxi2019": {
        "建设起止年限": "construction_span",
        "项目名称": "name",
        "投资主体": "owner_kind",
        "总投资": "investment_total",
        "年计划投资": "plan_year",
        "9月形象进度": "progress_text",
        "9月实际完成投资": "invested_month",
        "自开始累积完成投资": "invested_total",
    },
    "fengxi2019ledger": {
        "项目名称": "name",
        "项目编号": "project_code",
        "建设性质": "nature",
        "投资主体": "owner_kind",
        "总投资": "investment_total",
    },
    "maojian": {
        "项目编号": "project_code",
        "项目名称": "name",
        "建设性质": "nature",
        "建设内容": "content",
        "总投资": "investment_total",
        "今年计划投资": "plan_year",
        "今年累计完成投资": "invested_year",
        "本月完成投资": "invested_month",
        "计划开工时间": "start_due_on",
        "计划竣工时间": "completion_due_on",
        "包联领导": "leader",
        "责任单位": "lead_unit",
        "项目类型": "category_text",
        "建设阶段": "stage_reported",
        "本月进展": "progress_text",
    },
    "guangzhou_fgw": {
        "建设起止年限": "construction_span",
        "项目名称": "name",
        "建设内容及规模": "content",
        "总投资（万元）": "investment_total",
        "本年度投资计划（万元）": "plan_year",
        "本年度投资计划完成情况（万元）": "invested_year",
        "批复时间": "approved_on",
        "项目类别": "category_text",
        "所属行业": "industry_code",
        "项目(法人)单位": "owner",
        "项目属地": "area_text",
    },
    "city_monthly_aspx": {
        "建设年限": "construction_span",
        "所属区县": "area_text",
        "项目名称": "name",
        "建设地址": "location",
        "建设性质": "nature",
        "建设内容及规模": "content",
        "总投资": "investment_total",
        "2024年计划投资": "plan_year",
        "目前为止项目形象进度": "progress_text",
        "计划竣工时间": "completion_due_on",
        "四个一批范畴": "stage_reported",
        "9月完成投资额": "invested_month",
        "1-9月完成投资额": "invested_year",
    },
    "springblade2022": {
        "项目状态": "stage_reported",
        "项目类型": "category_text",
        "项目名称": "name",
        "投资主体": "owner_kind",
        "建设内容": "content",
        "项目地址": "location",
        "总投资（万元）": "investment_total",
        "年度计划投资（万元）": "plan_year",
        "当月调度投资（万元））": "invested_month",
        "项目代码": "project_code",
        "项目标签": "tags",
        "计划开工年月/拟开工日期": "start_due_on",
        "计划竣工年月/拟竣工日期": "completion_due_on",
        "项目单位": "owner",
        "责任人": "responsible_person",
        "1-9月完成投资": "invested_year",
        "市级领导": "leader",
        "建设性质": "nature",
        "所属地区": "area_text",
    },
    "uqian2021": {
        "项目工期": "construction_span",
        "项目名称": "name",
        "项目代码": "project_code",
        "责任单位": "lead_unit",
        "建设单位": "owner",
        "项目类型": "category_text",
        "总投资（亿元）": "investment_total",
        "年度计划投资（万元）": "plan_year",
        "年度累计完成投资（万元）": "invested_year",
        "建设性质": "nature",
    },
    "px2024": {
        "项目审批代码": "project_code",
        "项目进展情况": "progress_text",
        "项目名称": "name",
        "项目状态": "stage_reported",
        "项目业主单位": "owner",
        "项目隶属区域": "area_text",
        "总投资": "investment_total",
        "责任单位": "lead_unit",
        "建设地点": "location",
        "所属行业": "industry_code",
        "计划开始时间": "start_due_on",
        "计划竣工时间": "completion_due_on",
        "建设规模及内容": "content",
        "包保责任领导姓名": "leader",
        "建设性质": "nature",
        "年初至今累计完成投资额": "invested_year",
        "自开工累计完成投资": "invested_total",
        "年度计划投资": "plan_year",
    },
    "hms_wide": {
        "工期计划": "construction_span",
        "项目名称": "name",
        "项目概况": "content",
        "项目总投资（万元）": "investment_total",
        "项目总累计完成投资（万元）": "invested_total",
        "年度计划-计划投资（万元）": "plan_year",
        "年度最新进展情况-年度累计完成投资（万元）": "invested_year",
        "业主单位": "owner",
        "项目负责人": "responsible_person",
        "建设阶段": "stage_reported",
    },
    "provincial2022": {
        "建设起止年限": "construction_span",
        "项目名称": "name",
        "项目法人": "owner",
        "建设性质": "nature",
        "项目类型": "category_text",
        "建设地点": "location",
        "主要建设内容及规模": "content",
        "建设用地面积(亩)": "land_area_mu",
        "总投资": "investment_total",
        "形象进度": "progress_text",
        "责任单位": "lead_unit",
        "包联领导": "leader",
    },
    "taizhou_key": {
        "项目起止年月（起）": "start_due_on",
        "项目起止年月（止）": "completion_due_on",
        "企业名称": "enterprise_name",
        "项目名称": "name",
        "项目建设内容和规模": "content",
        "所属板块": "area_text",
        "202X年计划投资（万元）": "plan_year",
        "项目所属园区": "park_id",
        "项目阶段（如：续建结转下年）": "stage_reported",
        "当年完成投资（万元）": "invested_year",
        "项目形象进度": "progress_text",
        "行业分类": "industry_code",
    },
    "taizhou_signed": {
        "项目名称": "name",
        "项目编号": "project_code",
        "区县": "area_text",
        "园区名称": "park_id",
        "协议利用外资(万美元)": "foreign_total_usd",
        "签约日期": "signed_on",
        "备案（核准）日期": "approved_on",
        "开工日期": "started_on",
        "竣工日期": "completed_on",
        "计划总投资（万元）": "investment_total",
        "计划开工时间": "start_due_on",
        "计划竣工时间": "completion_due_on",
    },
    "jinwan": {
        "项目名称": "name",
        "企业名称": "enterprise_name",
        "项目类别": "category_text",
        "计划总投资(万元)": "investment_total",
        "累计完成投资(万元)": "invested_total",
        "本年完成投资(万元)": "invested_year",
        "本月完成投资(万元)": "invested_month",
    },
    "jingkai": {
        "建设起止年限": "construction_span",
        "项目类别": "category_text",
        "所属辖区": "area_text",
        "总投资": "investment_total",
        "年度计划投资": "plan_year",
    },
    "approval_tz": {
        "项目代码": "project_code",
        "项目名称": "name",
        "项目详细地址": "location",
        "行业类别（国标行业）": "industry_code",
        "项目类型": "category_text",
        "总投资额（万元）": "investment_total",
        "建设性质": "nature",
        "拟开工时间": "start_due_on",
        "拟建成时间": "completion_due_on",
        "经度": "longitude",
        "纬度": "latitude",
        "建设内容（包括必要性）": "content",
    },
    "telecom_capex": {
        "项目编码": "project_code",
        "项目名称": "name",
        "项目当前状态": "stage_reported",
        "立项批复总投资（元）": "investment_total",
        "截止到目前累计完成投资合计（元）": "invested_total",
        "本年累计完成投资合计（元）": "invested_year",
        "本月完成投资合计（元）": "invested_month",
    },
}
"""Which heading of which source is which column; every other heading is left out for one of NOT_READ."""

NOT_READ = {
    "numbers the rows": "序号|编号$",
    "of a person": "联系人|联系电话|联系方式|联络人|电话|手机|传真",
    "of another year, or a part of a month": r"20[01]\d年|20(?:22|23|25)年|上年底|"
    r"202X-1年|8月[上中]旬|申报年份|年份|2024年底",
    "of another month, or a plan of several": r"^1(?:-\d+)?月(?:计划|完成)投资",
    "a source of funds": "资金|到位|贷款|自筹|补助|社会资本|债券|投资计划\\(|投资计划（|投资来源|资本金",
    "an amount that is not ours": "融资|效益|订单|付现|在建工程|"
    "剩余土地|土地购置费|实际投入|投资总额（亿元）|力争完成",
    "an amount of two meanings": "^计划投资$|总投资额,|代建投资|部门年度累计",
    "a share, which is computed": "率|比例|百分|推进情况|项目进度",
    "one cell for two dates": "开工/计划开工|开工\\(计划开工|项目结束",
    "of the problems ledger": "问题|滞后原因|解决建议",
    "of the permits ledger": "批准文件|批复文号|批复单位|用地指标|土地指标|手续|招标|发起时间|计划完成时间",
    "a goal or plan in words": "目标|节点|主要建设|年计划形象进度|年度最新进展情况-项目进展情况",
    "who did what in the office": "填报时间|报表名|导入用户|调度|月报|照片|"
    "服务单位|部门|主管|单位|责任人|负责人|分管局委",
    "a classing of its own": "级别|类型|大类|挂牌|类别|专项名称|属性|"
    "隶属|状态|批次|入库|入统|统计|0已签约|是否",
    "what else it says": "备注|项目结束|经纬|县级领导|街镇|"
    "完成情况|开工情况|行政区划|工程代码|任务编号|投资方名称",
}
"""Why a heading of a real project ledger is not read: the reason, and what such headings say."""


def headings_of(source: dict[str, Any]) -> list[str]:
    """Headings of a source in a ledger of 2024-09; `...` stands for the months between."""
    said: list[str] = []
    for heading in source["headings"]:
        if heading == "...":
            said += [f"1-{month}月{kind}投资" for month in range(3, 12) for kind in ("计划", "完成")]
            continue
        said.append(heading.replace("{Y-1}", "2023").replace("{Y+1}", "2025").replace("{Y}", "2024"))
    return [heading.replace("{m}", "9") for heading in said]


@pytest.mark.skipif(not SOURCES, reason="no real headings here: set SAIMA_REALDATA")
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source["id"]))
def test_every_heading_of_a_real_ledger_is_the_right_column_or_left_out_for_a_reason(
    source: dict[str, Any],
) -> None:
    if source["id"] in NO_LEDGERS:
        return
    headings = headings_of(source)
    rows = [list(headings), ["x"] * len(headings)]
    header = find_header(Sheet("Sheet1", rows), Headings(PROJECTS, "元", "2024-09"), ColumnMapping())
    assert header is not None
    assert {field.heading: field.column.name for field in header.fields} == READ[source["id"]]
    assert not [field.heading for field in header.fields if field.how == "近似"]
    rest = [" ".join(heading.split()) for heading in headings]
    for heading in [heading for heading in rest if heading not in READ[source["id"]]]:
        doubled = heading in {second for _, second in header.doubled}
        assert doubled or any(re.search(said, heading) for said in NOT_READ.values()), heading


def test_the_table_names_every_source() -> None:
    assert {source["id"] for source in SOURCES} in (set(), READ.keys() | NO_LEDGERS.keys())


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("总投资\n（万元）", "investment_total"),
        ("总 投 资（亿元）", "investment_total"),
        ("总投资[万元]", "investment_total"),
        ("总投资/亿元", "investment_total"),
        ("总投资(亿)", "investment_total"),
        ("总投资额（人民币亿元）", "investment_total"),
        ("总投资（亿元人民币）", "investment_total"),
        ("总投资（单位：万元）", "investment_total"),
        ("当月调度投资（万元））", "invested_month"),
        ("协议利用外资(万美元)", "foreign_total_usd"),
        ("开工时间（年月）", "started_on"),
        ("项目名称*", "name"),
        ("项目(法人)单位", "owner"),
        ("项目（法人）单位", "owner"),
    ],
)
def test_width_space_unit_and_stars_do_not_matter(heading: str, column: str) -> None:
    assert column in header_of(heading, "建设性质", "备注").values()


def test_another_year_is_history_and_another_month_is_not_this_one() -> None:
    found = header_of("项目名称", "2024年计划投资", "2023年完成投资", "8月完成投资", "1-8月完成投资")
    assert found == {"项目名称": "name", "2024年计划投资": "plan_year"}
    august = header_of("项目名称", "2024年计划投资", "8月完成投资", "1-8月完成投资", period="2024-08")
    assert set(august.values()) == {"name", "plan_year", "invested_month", "invested_year"}


@pytest.mark.parametrize("ledger", LEDGERS.values(), ids=lambda ledger: str(ledger.name))
def test_no_alias_names_two_columns(ledger: Any) -> None:
    seen: dict[str, str] = {}
    for column in ledger.filed:
        for alias in (column.term.removesuffix("（原文）"), *column.aliases):
            assert seen.setdefault(normalised(alias), column.name) == column.name, alias


UNDER_PARENTS = [
    (("2024年投资计划（万元）", "合计"), "plan_year"),
    (("2024年完成投资", "9月"), "invested_month"),
    (("2024年完成投资", "1-9月"), "invested_year"),
    (("2024年完成投资", "累计"), "invested_year"),
    (("1-9月", "投资"), "invested_year"),
    (("投资额", "2024年计划投资"), "plan_year"),
    (("投资（万元）", "总投资"), "investment_total"),
    (("完成投资", "自开工累计"), "invested_total"),
    (("建设工期", "计划开工"), "start_due_on"),
    (("时间节点", "实际", "开工时间"), "started_on"),
    (("1-9月", "计划投资"), None),
    (("1-9月完成投资", "计划投资"), None),
    (("2024年计划投资", "1-9月"), None),
    (("本年计划投资", "累计"), None),
    (("税收", "1-9月"), None),
    (("贷款", "1-9月完成投资"), None),
    (("银行贷款", "总投资"), None),
    (("专项债券", "总投资"), None),
    (("中央预算内投资", "2024年计划投资"), None),
    (("设备", "总投资"), None),
    (("用电量", "9月"), None),
    (("资金到位", "本年累计"), None),
    (("配套", "开工时间"), None),
    (("环评", "完成时间"), None),
    (("一期", "总投资"), None),
    (("总投资", "其中：建安工程"), None),
]
"""Headings under others, and the column of the ledger; None where it is another thing than that column."""


@pytest.mark.parametrize(("parts", "column"), UNDER_PARENTS)
def test_a_heading_means_what_the_headings_above_it_leave_of_it(
    parts: tuple[str, ...], column: str | None
) -> None:
    meaning = Headings(PROJECTS, "元", "2024-09").meaning(parts)
    assert (meaning.column.name if meaning else None) == column
