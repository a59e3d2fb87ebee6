"""Each ledger's columns, types, units and aliases, and the order of the stages: said once, here.

Source of the columns: `data-model.md` section 2; of the aliases: headings of real workbooks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import polars as pl

MONEY = pl.Decimal(18, 4)

STAGES = (
    "planned",
    "signed",
    "landed",
    "approved",
    "started",
    "completed",
    "produced",
    "ramped",
)
"""Canonical order, from 谋划 to 达产达效 (data-model.md section 3)."""

STAGE_TERMS = {
    "planned": "谋划",
    "signed": "签约",
    "landed": "落地",
    "approved": "立项",
    "started": "开工",
    "completed": "竣工",
    "produced": "投产",
    "ramped": "达产达效",
    "exited": "退库",
}

PROVING_DATES = {
    "planned": ("planned_on",),
    "signed": ("signed_on",),
    "landed": ("landed_on",),
    "approved": ("approved_on",),
    "started": ("started_on",),
    "completed": ("completed_on", "accepted_on"),
    "produced": ("produced_on",),
    "ramped": ("ramped_on",),
}
"""The dates that prove a stage, the first that is known counts."""

PRECISIONS = ("day", "month", "quarter", "year", "period")
"""How exactly a date is known. `period` is a date inferred from the first snapshot that shows it."""

UNASSIGNED = "unassigned"
"""Area suffix of 未分区: rows without an area or with several. Its area_id is `<city>-unassigned`."""

DIRECT = "direct"
"""Area suffix of 市本级（市直）. Its area_id is `<city>-direct`."""


@dataclass(frozen=True)
class Column:
    """One column of a ledger.

    `kind` is one of text, code, money (万元 of the city's currency), foreign (万美元), number,
    date, flag, texts (list of text). `is_filed` is false for columns that the program adds.
    `values` are the usual words of a text column, empty where any word will do.
    """

    name: str
    term: str
    kind: str = "text"
    aliases: tuple[str, ...] = ()
    is_required: bool = False
    is_filed: bool = True
    values: tuple[str, ...] = ()

    @property
    def dtype(self) -> pl.DataType:
        """Polars type in which this column is stored."""
        return _DTYPES[self.kind]


_DTYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "code": pl.String(),
    "money": MONEY,
    "foreign": MONEY,
    "number": pl.Float64(),
    "date": pl.Date(),
    "flag": pl.Boolean(),
    "texts": pl.List(pl.String()),
    "integer": pl.Int64(),
}


PERIOD_END = "period_end"
"""Column that intake adds while rules are checked: the last day of the period."""


@dataclass(frozen=True)
class Rule:
    """A sentence that must be true of a row, and what is said where it is not.

    `name` is that sentence; `holds` its expression over the ledger's columns and PERIOD_END, in which
    null means that there is nothing to object to. `columns` are those to look at, the first one is
    named as the place. `severity` is 拒收 (the row is refused) or 存疑 (taken and reported).
    """

    name: str
    severity: Literal["拒收", "存疑"]
    columns: tuple[str, ...]
    holds: pl.Expr
    objection: str


@dataclass(frozen=True)
class Ledger:
    """One ledger: its name, Chinese term, columns (lineage included) and rules."""

    name: str
    term: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()

    @cached_property
    def schema(self) -> pl.Schema:
        """Stored columns with their Polars types, in stored order."""
        return pl.Schema({column.name: column.dtype for column in self.columns})

    @property
    def filed(self) -> tuple[Column, ...]:
        """Columns that a workbook may carry."""
        return tuple(column for column in self.columns if column.is_filed)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


LINEAGE = (
    Column("filing_id", "报送编号", is_filed=False),
    Column("source_sheet", "来源工作表", is_filed=False),
    Column("source_row", "来源行号", "integer", is_filed=False),
)


def _event(name: str, term: str, *aliases: str) -> tuple[Column, Column]:
    """A date and, beside it, how exactly it is known (one of PRECISIONS)."""
    return (
        Column(name, term, "date", aliases),
        Column(f"{name}_precision", f"{term}精度", is_filed=False),
    )


_PROJECT_COLUMNS = (
    Column("project_id", "项目标识", is_filed=False),
    Column("parent_id", "打包项目", "code", ("打包项目标识", "母项目", "所属打包项目")),
    Column(
        "project_code",
        "项目代码",
        "code",
        ("统一代码", "统一项目代码", "赋码", "项目编号", "项目审批代码", "项目编码", "项目号"),
    ),
    Column(
        "name",
        "项目名称",
        "text",
        (
            "项目名",
            "工程名称",
            "工程项目名称",
            "项目全称",
            "立项项目名称",
            "备案（核准）项目名称",
            "子项目名称",
        ),
        is_required=True,
    ),
    Column(
        "content",
        "建设内容",
        "text",
        (
            "主要建设内容",
            "建设规模",
            "建设规模及内容",
            "建设内容及规模",
            "建设规模及主要内容",
            "主要建设内容及规模",
            "建设规模和内容",
            "项目建设内容和规模",
            "建设内容（包括必要性）",
            "拟建设规模",
            "项目简介",
            "项目概况",
        ),
    ),
    Column("location", "建设地点", "text", ("建设地址", "详细地址", "项目地址", "项目地点", "项目详细地址")),
    Column("area_id", "责任地区", "text", is_filed=False),
    Column(
        "area_text",
        "责任地区（原文）",
        "text",
        (
            "责任地区",
            "所属区县",
            "区市县",
            "县区",
            "区县",
            "属地",
            "行政区",
            "所属地区",
            "项目属地",
            "县市区",
            "所在区县",
            "所属辖区",
            "建设地点所在区",
            "所属板块",
            "项目隶属区域",
            "隶属区县",
            "所在市县",
            "区域",
        ),
    ),
    Column("longitude", "经度", "number"),
    Column("latitude", "纬度", "number"),
    Column(
        "owner",
        "项目单位",
        "text",
        (
            "建设单位",
            "业主",
            "业主单位",
            "项目业主",
            "项目法人",
            "法人单位",
            "投资主体单位",
            "实施单位",
            "项目(法人)单位",
            "项目业主单位",
            "项目业主单位业主名称",
        ),
    ),
    Column(
        "owner_kind",
        "投资主体",
        "text",
        ("主体性质", "投资主体类型"),
        values=("央企", "国企", "民企", "外资", "台资", "政府"),
    ),
    Column("asset_kind", "资产类型", "text", ("资产类别",), values=("实体经济", "房地产", "轻资产")),
    Column(
        "nature",
        "建设性质",
        "text",
        ("项目性质",),
        values=("新建", "续建", "扩建", "改建和技术改造", "迁建", "恢复", "单纯购置"),
    ),
    Column("category", "项目类别", "text", is_filed=False),
    Column(
        "category_text",
        "项目类别（原文）",
        "text",
        ("项目类别", "类别", "项目类型", "产业类型", "项目分类", "产业类别"),
    ),
    Column("chain", "产业链", "text", is_filed=False),
    Column(
        "chain_text",
        "产业链（原文）",
        "text",
        ("产业链", "所属产业链", "所属产业链(集群)", "产业集群", "集群"),
    ),
    Column("tags", "标签", "texts", ("项目标签",)),
    Column("industry_code", "行业", "code", ("行业代码", "所属行业", "行业类别（国标行业）", "行业分类")),
    Column("lists", "清单", "texts", ("清单类别", "所属清单", "列入清单")),
    Column("park_id", "园区", "text", ("园区名称", "所属园区", "项目所属园区", "所属开发区")),
    Column(
        "lead_unit",
        "牵头部门",
        "text",
        ("责任单位", "牵头单位", "主管部门", "主管单位", "主责单位", "项目主管单位"),
    ),
    Column("responsible_person", "责任人", "text", ("项目负责人",)),
    Column("action_id", "行动纲要专项行动", "text", ("专项行动",)),
    Column(
        "investment_total",
        "总投资",
        "money",
        (
            "计划总投资",
            "总投资额",
            "项目总投资",
            "投资总额",
            "投资额",
            "估算总投资",
            "概算总投资",
            "立项批复总投资",
        ),
    ),
    Column(
        "invested_total",
        "累计完成投资",
        "money",
        (
            "开工以来累计",
            "开工以来累计完成投资",
            "自开工累计完成投资",
            "累计完成投资额",
            "累计投资",
            "项目总累计完成投资",
            "自开始累积完成投资",
            "开工至本月完成投资",
            "累计完成投资合计",
        ),
    ),
    Column("agreed_amount", "协议引资额", "money", ("协议投资额", "协议资金")),
    Column("foreign_total_usd", "外资总额", "foreign", ("协议利用外资",)),
    Column("foreign_actual_usd", "实际外资", "foreign", ("实际利用外资",)),
    Column(
        "plan_year",
        "年度计划投资",
        "money",
        (
            "本年计划投资",
            "本年计划",
            "年度投资计划",
            "年计划投资",
            "本年投资计划",
            "本年度投资计划",
            "本年度计划投资",
            "当年计划投资",
            "本年度计划完成投资",
            "今年计划投资",
            "年度投资",
        ),
    ),
    Column(
        "invested_year",
        "本年累计完成投资",
        "money",
        (
            "本年累计",
            "本年完成投资",
            "今年累计完成投资",
            "年度累计完成投资",
            "当年完成投资",
            "年初至今累计完成投资额",
            "本年完成投资额",
            "本年度投资计划完成情况",
            "年初至报告期累计完成投资",
            "本年累计完成投资合计",
        ),
    ),
    Column(
        "invested_month",
        "本月完成投资",
        "money",
        (
            "本月完成",
            "当月完成投资",
            "当月投资",
            "本月完成投资额",
            "本月实际完成投资",
            "本月完成投资合计",
            "当月调度投资",
            "当月完成",
        ),
    ),
    Column("land_cost_year", "本年土地购置费", "money", ("土地购置费",)),
    Column("invested_statistics_year", "入统完成投资", "money", ("统计完成投资", "入统投资")),
    *_event("planned_on", "谋划时间", "谋划日期", "入库时间", "谋划入库时间"),
    *_event("signed_on", "签约时间", "签约日期"),
    *_event("landed_on", "落地时间", "落地日期"),
    *_event("approved_on", "立项时间", "立项日期", "批复时间", "备案（核准）日期"),
    *_event("started_on", "实际开工时间", "开工时间", "开工日期", "实际开工日期"),
    *_event("completed_on", "实际竣工时间", "竣工时间", "竣工日期", "完工时间", "实际竣工日期"),
    *_event("accepted_on", "验收时间", "验收日期", "竣工验收时间"),
    *_event("produced_on", "投产时间", "投产日期", "实际投产时间"),
    *_event("ramped_on", "达产达效时间", "达产时间", "达效时间"),
    *_event("exited_on", "退库时间", "退库日期", "调出时间"),
    *_event("land_awarded_on", "土地摘牌时间", "摘牌时间", "土地摘牌日期"),
    *_event("registered_on", "注册时间", "注册日期", "企业注册时间"),
    *_event("operated_on", "运营时间", "运营日期", "开始运营时间"),
    *_event("suspended_on", "停工时间", "停工日期"),
    *_event("resumed_on", "复工时间", "复工日期"),
    *_event("reviewed_on", "签约前研判时间", "研判时间"),
    *_event(
        "start_due_on",
        "计划开工时间",
        "计划开工",
        "拟开工时间",
        "预计开工时间",
        "计划开始时间",
        "拟开工日期",
        "计划开工年月",
        "计划开工年月/拟开工日期",
    ),
    *_event(
        "completion_due_on",
        "计划竣工时间",
        "计划竣工",
        "拟建成时间",
        "拟竣工日期",
        "计划竣工日期",
        "计划竣工年月",
        "计划竣工年月/拟竣工日期",
        "预计竣工时间",
        "计划完工时间",
    ),
    *_event("production_due_on", "计划投产时间", "计划投产"),
    Column("stage_filed", "填报阶段", is_filed=False),
    Column(
        "stage_reported",
        "填报阶段（原文）",
        "text",
        (
            "填报阶段",
            "当前阶段",
            "项目阶段",
            "建设阶段",
            "所处阶段",
            "项目状态",
            "项目当前状态",
            "当前状态",
            "四个一批范畴",
        ),
    ),
    Column(
        "progress_text",
        "形象进度",
        "text",
        (
            "目前进展",
            "本月进展",
            "项目进展情况",
            "进展情况",
            "当前进展情况",
            "项目形象进度",
            "目前为止项目形象进度",
            "本月形象进度",
        ),
    ),
    *_event("entered_statistics_on", "入统时间", "入库统计时间", "纳统时间"),
    Column(
        "leader", "包保领导", "text", ("包联领导", "市级领导", "挂钩领导", "包保责任领导", "包保责任领导姓名")
    ),
    Column("leader_level", "包保层级", "text", ("领导层级",)),
    Column("team", "专班", "text"),
    Column("steward", "服务秘书", "text", ("项目管家", "首席服务官", "帮办人", "服务专员")),
    Column("plan_document", "推进方案", "text", ("方案",)),
    Column("is_land_ready", "用地征拆", "flag"),
    Column("is_quota_ready", "指标平衡", "flag"),
    Column("is_utility_ready", "市政配套", "flag"),
    Column("is_investor_ready", "投资主体落实", "flag"),
    Column("output_year", "产值", "money", ("本年产值",)),
    Column("tax_year", "税收", "money", ("本年税收",)),
    Column("new_output_value", "新增产值", "money"),
    Column("enterprise_name", "企业名称", "text"),
    Column("enterprise_kind", "企业类型", "text"),
    *_event("listed_enterprise_on", "升规入库时间", "升规时间"),
    Column("is_first_listing", "首次入库", "flag", ("首次升规",)),
    Column("credit_amount", "授信金额", "money", ("授信",)),
    Column("land_area_mu", "用地面积（亩）", "number", ("用地(亩)", "用地面积", "建设用地面积(亩)")),
    Column("exemption_reason", "亮灯豁免原因", "text"),
    Column("exempt_by", "豁免批准人", "text"),
    Column("exempt_until", "豁免截止日", "date"),
    *LINEAGE,
)


def _not_negative(columns: tuple[Column, ...]) -> Iterator[Rule]:
    """Amounts are at least zero. A month's amount may be a correction downwards: reported only."""
    for column in columns:
        if column.kind in {"money", "foreign"} or column.name == "land_area_mu":
            yield Rule(
                f"{column.name}_is_not_negative",
                "存疑" if column.name == "invested_month" else "拒收",
                (column.name,),
                pl.col(column.name) >= 0,
                "不能为负数",
            )


def _within(name: str, limit: int) -> Rule:
    return Rule(
        f"{name}_is_within_{limit}_degrees",
        "拒收",
        (name,),
        pl.col(name).is_between(-limit, limit),
        f"应在 -{limit} 到 {limit} 之间",
    )


def _not_in_the_future(columns: tuple[Column, ...]) -> Iterator[Rule]:
    """An event is not after its period: a later date is a plan and proves nothing (section 3)."""
    for column in columns:
        if is_event(column):
            yield Rule(
                f"{column.name}_is_not_after_the_period",
                "存疑",
                (column.name,),
                pl.col(column.name) <= pl.col(PERIOD_END),
                "晚于报告期末，只当作计划，不证明已经发生",
            )


def _within_a_lifetime(columns: tuple[Column, ...]) -> Iterator[Rule]:
    """Something due fifty years from now is more likely a slip of two digits (2108 for 2018)."""
    for column in columns:
        if column.name.endswith("_due_on"):
            yield Rule(
                f"{column.name}_is_within_fifty_years",
                "存疑",
                (column.name,),
                pl.col(column.name) <= pl.col(PERIOD_END).dt.offset_by("50y"),
                "在五十年以后，请核对年份",
            )


def _in_order(earlier: str, later: str) -> Rule:
    """The first event is not after the second. One known only roughly is stored as the end of its span
    and may well have come before: it is not held against the row."""
    return Rule(
        f"{earlier}_is_not_after_{later}",
        "存疑",
        (earlier, later),
        (pl.col(earlier) <= pl.col(later)) | (pl.col(f"{earlier}_precision") != "day"),
        "先后顺序不对",
    )


def _not_above(smaller: str, larger: str) -> Rule:
    return Rule(
        f"{smaller}_is_not_above_{larger}",
        "存疑",
        (smaller, larger),
        pl.col(smaller) <= pl.col(larger),
        "前者不应大于后者",
    )


def is_event(column: Column) -> bool:
    """Whether a column is the date of something that happened, rather than of something due."""
    return column.kind == "date" and not column.name.endswith("_due_on") and column.name != "exempt_until"


PROJECTS = Ledger(
    "projects",
    "项目台账",
    _PROJECT_COLUMNS,
    (
        *_not_negative(_PROJECT_COLUMNS),
        _within("longitude", 180),
        _within("latitude", 90),
        *_not_in_the_future(_PROJECT_COLUMNS),
        *_within_a_lifetime(_PROJECT_COLUMNS),
        _in_order("signed_on", "started_on"),
        _in_order("started_on", "completed_on"),
        _in_order("completed_on", "produced_on"),
        _in_order("produced_on", "ramped_on"),
        _not_above("invested_month", "invested_year"),
        _not_above("invested_year", "invested_total"),
        _not_above("invested_total", "investment_total"),
    ),
)

_PLAN_COLUMNS = (
    Column("project_id", "项目标识", is_filed=False),
    Column("project_code", "项目代码", "code", ("统一代码", "项目编号")),
    Column("name", "项目名称", "text", ("项目名",), is_required=True),
    Column("area_id", "责任地区", "text", is_filed=False),
    Column("area_text", "责任地区（原文）", "text", ("责任地区", "所属区县", "县区", "区县")),
    Column("owner", "项目单位", "text", ("建设单位", "业主")),
    Column("month", "月份", "text", ("计划月份",), is_required=True),
    Column("planned_amount", "计划投资", "money", ("本月计划投资", "月度计划投资"), is_required=True),
    *LINEAGE,
)

PLANS = Ledger("plans", "月度计划", _PLAN_COLUMNS, tuple(_not_negative(_PLAN_COLUMNS)))

LEDGERS = {ledger.name: ledger for ledger in (PROJECTS, PLANS)}
"""Every ledger that the program keeps, by name."""
