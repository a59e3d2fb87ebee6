"""Ledgers of money beside the projects: the months of the year's plan, and the funds from above."""

import polars as pl

from saima.ledgers.columns import LINEAGE, PERIOD_END, Column, Ledger, Rule, event, project_columns
from saima.ledgers.rules import (
    has_beside,
    in_order,
    not_above,
    not_in_the_future,
    not_long_past,
    not_negative,
)

_PLAN_COLUMNS = (
    Column("project_id", "项目标识", is_filed=False),
    Column("project_code", "项目代码", "code", ("统一代码", "项目编号")),
    Column("name", "项目名称", "text", ("项目名",), is_required=True),
    Column("area_id", "责任地区", "text", is_filed=False),
    Column("area_text", "责任地区（原文）", "text", ("责任地区", "所属区县", "县区", "区县")),
    Column("owner", "项目单位", "text", ("建设单位", "业主")),
    Column("month", "月份", "month", ("计划月份",), is_required=True),
    Column("planned_amount", "计划投资", "money", ("本月计划投资", "月度计划投资"), is_required=True),
    *LINEAGE,
)

PLANS = Ledger(
    "plans",
    "月度计划",
    _PLAN_COLUMNS,
    (
        *not_negative(_PLAN_COLUMNS),
        Rule(
            "month_is_of_the_year",
            "存疑",
            ("month",),
            pl.col("month").str.slice(0, 4) == pl.col(PERIOD_END).dt.strftime("%Y"),
            "不是报告期这一年的月份，不计入本年计划，请核对年份",
        ),
    ),
    key=("project_id", "month"),
)

_FUND_COLUMNS = (
    Column("fund_id", "资金编号", "code", ("资金批次编号", "资金项目编号")),
    *project_columns(),
    Column(
        "source",
        "资金来源",
        "text",
        ("资金类别", "资金类型", "资金渠道"),
        is_required=True,
        values=(
            "中央预算内投资",
            "地方政府专项债券",
            "超长期特别国债",
            "政策性开发性金融工具",
            "省级财政",
            "市级财政",
            "银行贷款",
            "企业自筹",
        ),
        spellings=(
            ("中央预算内", "中央预算内投资"),
            ("中央预算内资金", "中央预算内投资"),
            ("专项债", "地方政府专项债券"),
            ("专项债券", "地方政府专项债券"),
            ("地方政府专项债", "地方政府专项债券"),
            ("特别国债", "超长期特别国债"),
            ("超长期国债", "超长期特别国债"),
        ),
    ),
    Column("domain", "投向领域", "text", ("资金领域", "支持领域", "领域", "所属领域")),
    Column("requested", "申请金额", "money", ("申报金额", "申请资金", "申报资金", "资金需求", "拟申请资金")),
    Column("approved", "获批金额", "money", ("批复金额", "批准金额", "获批资金")),
    *event("approved_on", "获批时间", "批复时间", "批准时间", "获批日期"),
    *event("issued_on", "下达时间", "发行时间", "下达资金日期", "发行债券日期", "下达日期", "发行日期"),
    Column(
        "arrived",
        "到位金额",
        "money",
        (
            "到位资金",
            "资金到位",
            "累计到位资金",
            "累计到位",
        ),
    ),
    *event("arrived_on", "到位时间", "资金到位时间", "到位日期"),
    Column("paid", "累计支付", "money", ("已支付", "已支付资金", "累计支付资金", "累计支出")),
    Column("paid_year", "本年支付", "money", ("本年累计支付", "本年支付资金", "年度支付")),
    *event("physical_on", "形成实物工作量时间", "实物工作量时间", "形成实物工作量日期"),
    Column("social_capital", "带动社会资本", "money", ("撬动社会资本", "社会资本", "带动社会投资")),
    *LINEAGE,
)

FUNDS = Ledger(
    "funds",
    "资金台账",
    _FUND_COLUMNS,
    (
        *not_negative(_FUND_COLUMNS),
        *not_in_the_future(_FUND_COLUMNS),
        *not_long_past(_FUND_COLUMNS),
        not_above("approved", "requested"),
        not_above("arrived", "approved"),
        not_above("paid", "arrived"),
        not_above("paid_year", "paid"),
        has_beside("approved", "approved_on", "有获批金额却没有获批时间，不能计入当年争取的资金，请补填"),
        has_beside("arrived", "arrived_on", "有到位金额却没有到位时间，不能推算三个月的期限，请补填"),
        in_order("approved_on", "issued_on"),
        in_order("approved_on", "arrived_on"),
        in_order("issued_on", "arrived_on"),
        in_order("arrived_on", "physical_on"),
    ),
    key=("area_id", "fund_id"),
    id_from=("project_id", "name", "source", "domain"),
)
