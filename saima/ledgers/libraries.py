"""The two other libraries of projects (三库贯通): what is in statistics, and what is being attracted."""

import polars as pl

from saima.ledgers.columns import LINEAGE, Column, Ledger, Rule, event, project_columns
from saima.ledgers.rules import (
    in_order,
    not_above,
    not_in_the_future,
    not_long_past,
    not_negative,
    within_a_lifetime,
)

_AMOUNT = ("计划总投资", "总投资额", "项目总投资", "投资总额", "投资额")

_STATISTICS_COLUMNS = (
    Column("entry_id", "在库编号", "code", ("统计项目编码", "统计编码", "入库编号", "在库项目编码")),
    *project_columns(name=("统计项目名称",), owner=("法人单位", "项目法人", "统计单位")),
    Column("investment_total", "总投资", "money", _AMOUNT),
    Column("invested_total", "累计完成投资", "money", ("自开始累计完成投资", "开工以来累计完成投资")),
    Column("invested_year", "本年完成投资", "money", ("本年累计完成投资", "本年累计", "入统完成投资")),
    *event("started_on", "开工时间", "开工日期", "实际开工时间"),
    *event("entered_statistics_on", "入统时间", "入库时间", "纳统时间", "入库日期"),
    *event("completed_on", "竣工时间", "竣工日期", "实际竣工时间"),
    *LINEAGE,
)

STATISTICS = Ledger(
    "statistics",
    "统计在建库",
    _STATISTICS_COLUMNS,
    (
        *not_negative(_STATISTICS_COLUMNS),
        *not_in_the_future(_STATISTICS_COLUMNS),
        *not_long_past(_STATISTICS_COLUMNS),
        Rule(
            "investment_total_reaches_the_statistical_floor",
            "存疑",
            ("investment_total",),
            pl.col("investment_total") >= 500,
            "不到 500 万元，低于入统的起点，请核对金额和单位",
        ),
        in_order("started_on", "entered_statistics_on"),
        in_order("started_on", "completed_on"),
        not_above("invested_year", "invested_total"),
        not_above("invested_total", "investment_total"),
    ),
    key=("area_id", "entry_id"),
    id_from=("project_code", "name", "owner"),
)

_PROMOTION_COLUMNS = (
    Column("entry_id", "招商编号", "code", ("招商项目编号", "招商项目编码", "入库编号")),
    *project_columns(
        name=("招商项目名称", "签约项目名称"), owner=("投资方", "投资方名称", "投资企业", "投资主体")
    ),
    Column("investment_total", "总投资", "money", (*_AMOUNT, "拟投资额")),
    Column("agreed_amount", "协议投资额", "money", ("协议引资额", "签约金额", "签约额", "协议资金")),
    *event("entered_on", "入库时间", "入库日期", "谋划入库时间"),
    *event("signed_on", "签约时间", "签约日期"),
    *event("landed_on", "落地时间", "落地日期"),
    *event("start_due_on", "计划开工时间", "拟开工时间", "预计开工时间"),
    *LINEAGE,
)

PROMOTION = Ledger(
    "promotion",
    "招商项目库",
    _PROMOTION_COLUMNS,
    (
        *not_negative(_PROMOTION_COLUMNS),
        *not_in_the_future(_PROMOTION_COLUMNS),
        *within_a_lifetime(_PROMOTION_COLUMNS),
        *not_long_past(_PROMOTION_COLUMNS),
        in_order("entered_on", "signed_on"),
        in_order("signed_on", "landed_on"),
    ),
    key=("area_id", "entry_id"),
    id_from=("project_code", "name", "owner"),
)
