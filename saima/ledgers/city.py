"""Figures of the city as a whole: the running economy 运行数据, and the indicators 城市指标."""

import polars as pl

from saima.ledgers.columns import LINEAGE, PERIOD_END, Column, Ledger, Rule, area_columns

_HAS_UNIT = Rule(
    "value_has_its_unit",
    "存疑",
    ("value", "unit"),
    pl.col("value").is_null() | pl.col("unit").is_not_null(),
    "没有计量单位，数的大小无法确定，请补填（如 亿元、亩、%）",
)

_ECONOMY_COLUMNS = (
    *area_columns(),
    Column(
        "measure",
        "指标",
        "text",
        ("指标名称", "运行指标", "项目指标"),
        is_required=True,
        values=(
            "固定资产投资",
            "工业投资",
            "技改投资",
            "高技术产业投资",
            "基础设施投资",
            "房地产开发投资",
            "民间投资",
            "盘活土地",
            "政策性贷款",
        ),
    ),
    Column("value", "本年累计", "number", ("累计值", "本年累计值", "本年累计完成", "累计完成", "数值")),
    Column("unit", "计量单位", "text", ("单位", "指标单位")),
    Column("growth", "同比增长", "percent", ("同比", "增速", "同比增速", "增长率", "同比增幅", "累计同比")),
    Column("source", "数据来源", "text", ("来源", "来源单位", "提供单位")),
    *LINEAGE,
)

ECONOMY = Ledger(
    "economy",
    "运行数据",
    _ECONOMY_COLUMNS,
    (
        _HAS_UNIT,
        Rule(
            "row_has_a_figure",
            "拒收",
            ("measure",),
            pl.col("value").is_not_null() | pl.col("growth").is_not_null(),
            "既没有本年累计，也没有同比增长，请至少填一个，没有数的行请删去",
        ),
        Rule(
            "growth_is_plausible",
            "存疑",
            ("growth",),
            pl.col("growth").abs() <= 200,
            "超过 200%，请核对小数点；5.2% 请填 5.2",
        ),
    ),
    key=("area_id", "measure"),
    is_of_city=True,
)

_INDICATOR_COLUMNS = (
    *area_columns(),
    Column("no", "指标编号", "code", ("指标序号", "指标号")),
    Column("measure", "指标名称", "text", ("指标", "城市指标"), is_required=True),
    Column("year", "年份", "year", ("年度", "数据年份", "指标年份"), is_required=True),
    Column("value", "指标值", "number", ("数值", "实际值", "完成值", "年度值"), is_required=True),
    Column("unit", "计量单位", "text", ("单位", "指标单位")),
    *LINEAGE,
)

INDICATORS = Ledger(
    "indicators",
    "城市指标",
    _INDICATOR_COLUMNS,
    (
        _HAS_UNIT,
        Rule(
            "year_has_begun",
            "存疑",
            ("year",),
            pl.col("year") <= pl.col(PERIOD_END).dt.year(),
            "是报告期以后的年份，请核对是不是把目标值填成了实际值",
        ),
    ),
    key=("area_id", "measure", "year"),
    is_of_city=True,
)
