"""The project ledger 项目台账: its columns, its rules and the order of the stages.

Source of the columns: `data-model.md` section 2; of the aliases: headings of real workbooks.
"""

import polars as pl

from saima.ledgers.columns import CITY, LAST, LINEAGE, PERIOD_END, Column, Ledger, Rule, event
from saima.ledgers.rules import (
    in_order,
    not_above,
    not_falling,
    not_in_the_future,
    not_negative,
    unlike_a_hundredfold,
    within,
    within_a_lifetime,
)

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
            "累计完成",
            "开工至报告期累计完成投资",
            "至今累计完成投资",
            "截至本月底累计完成投资",
            "截止到目前累计完成投资合计",
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
    Column("land_cost_year", "本年土地购置费", "money", ("本年完成土地购置费",)),
    Column("invested_statistics_year", "入统完成投资", "money", ("统计完成投资", "入统投资")),
    *event("planned_on", "谋划时间", "谋划日期", "入库时间", "谋划入库时间"),
    *event("signed_on", "签约时间", "签约日期"),
    *event("landed_on", "落地时间", "落地日期"),
    *event("approved_on", "立项时间", "立项日期", "批复时间", "备案（核准）日期"),
    *event("started_on", "实际开工时间", "开工时间", "开工日期", "实际开工日期"),
    *event("completed_on", "实际竣工时间", "竣工时间", "竣工日期", "完工时间", "实际竣工日期"),
    *event("accepted_on", "验收时间", "验收日期", "竣工验收时间"),
    *event("produced_on", "投产时间", "投产日期", "实际投产时间"),
    *event("ramped_on", "达产达效时间", "达产时间", "达效时间"),
    *event("exited_on", "退库时间", "退库日期", "调出时间"),
    *event("land_awarded_on", "土地摘牌时间", "摘牌时间", "土地摘牌日期"),
    *event("registered_on", "注册时间", "注册日期", "企业注册时间"),
    *event("operated_on", "运营时间", "运营日期", "开始运营时间"),
    *event("suspended_on", "停工时间", "停工日期"),
    *event("resumed_on", "复工时间", "复工日期"),
    *event("reviewed_on", "签约前研判时间", "研判时间"),
    *event(
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
    *event(
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
    *event("production_due_on", "计划投产时间", "计划投产"),
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
    *event("entered_statistics_on", "入统时间", "入库统计时间", "纳统时间"),
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
    *event("listed_enterprise_on", "升规入库时间", "升规时间"),
    Column("is_first_listing", "首次入库", "flag", ("首次升规",)),
    Column("credit_amount", "授信金额", "money", ("授信",)),
    Column("land_area_mu", "用地面积（亩）", "number", ("用地(亩)", "用地面积", "建设用地面积(亩)")),
    Column("exemption_reason", "亮灯豁免原因", "text"),
    Column("exempt_by", "豁免批准人", "text"),
    Column("exempt_until", "豁免截止日", "date"),
    *LINEAGE,
)

_PROVEN = tuple(STAGES[STAGES.index(stage) :] for stage in ("signed", "started", "completed", "produced"))
"""Stages that a date must prove, each with those behind it, whose dates prove it, too."""

_STAGE_RULES = (
    Rule(
        "stage_reported_fits_started_on",
        "存疑",
        ("stage_reported", "started_on"),
        ~pl.col("stage_filed").is_in(STAGES[: STAGES.index("started")])
        | (pl.col("started_on") > pl.col(PERIOD_END)),
        "填报阶段在开工以前，却有开工时间，请核对是哪一个错了",
    ),
    Rule(
        "stage_reported_fits_completed_on",
        "存疑",
        ("stage_reported", "completed_on"),
        ~pl.col("stage_filed").is_in(STAGES[: STAGES.index("completed")])
        | (pl.col("completed_on") > pl.col(PERIOD_END)),
        "填报阶段在竣工以前，却有竣工时间，请核对是哪一个错了",
    ),
    *(
        Rule(
            f"stage_reported_{stages[0]}_has_its_date",
            "提示",
            ("stage_reported",),
            (pl.col("stage_filed") != stages[0])
            | pl.any_horizontal(
                pl.col(name).is_not_null() for stage in stages for name in PROVING_DATES[stage]
            ),
            f"填报阶段是{STAGE_TERMS[stages[0]]}，却没有证明它的时间，只凭阶段不计数，请补填时间",
        )
        for stages in _PROVEN
    ),
)

_AMOUNT_RULES = (
    Rule(
        "investment_total_is_below_a_hundred_billion",
        "存疑",
        ("investment_total",),
        pl.col("investment_total") < 10_000_000,
        "达到 1000 亿元，疑似单位写错，请核对单位",
    ),
    Rule(
        "investment_total_is_not_below_ten",
        "存疑",
        ("investment_total",),
        (pl.col("investment_total") >= 10) | (pl.col("investment_total") <= 0),
        "不足 10 万元，疑似单位写错（如把亿元数填进了万元列），请核对单位",
    ),
)
"""One project's investment beyond these bounds is more likely in another unit."""

_CODE = pl.col("project_code")
_IS_NATIONAL = _CODE.str.contains(r"^\d{4}-\d{6}-\d{2}-\d{2}-\d{5}[0-9A-Z]$")

_CODE_RULES = (
    Rule(
        "project_code_is_whole",
        "存疑",
        ("project_code",),
        _IS_NATIONAL | ~_CODE.str.contains(r"^\d{4}-?\d{6}-?\d{2}-?\d{2}"),
        "像是全国统一的项目代码，位数或字符却不对，请照赋码通知重填",
    ),
    Rule(
        "project_code_is_of_the_city",
        "提示",
        ("project_code",),
        ~_IS_NATIONAL
        | (_CODE.str.slice(5, 4) == pl.col(CITY).str.slice(0, 4))
        | (_CODE.str.slice(5, 6) == "000000")
        | (_CODE.str.slice(5, 6) == pl.col(CITY).str.slice(0, 2) + "0000"),
        "代码里的地区不是本市，请核对代码",
    ),
)
"""GB/T 40058: year and month, region, kind, industry, number."""

PROJECTS = Ledger(
    "projects",
    "项目台账",
    _PROJECT_COLUMNS,
    (
        *not_negative(_PROJECT_COLUMNS),
        within("longitude", 180),
        within("latitude", 90),
        *not_in_the_future(_PROJECT_COLUMNS),
        *within_a_lifetime(_PROJECT_COLUMNS),
        in_order("signed_on", "started_on"),
        in_order("started_on", "completed_on"),
        in_order("completed_on", "produced_on"),
        in_order("produced_on", "ramped_on"),
        in_order("planned_on", "signed_on", "提示"),
        in_order("approved_on", "started_on", "提示"),
        in_order("signed_on", "landed_on"),
        in_order("completed_on", "accepted_on"),
        in_order("suspended_on", "resumed_on"),
        in_order("start_due_on", "completion_due_on"),
        in_order("completion_due_on", "production_due_on"),
        not_above("invested_month", "invested_year"),
        not_above("invested_year", "invested_total"),
        not_above("invested_total", "investment_total"),
        *_STAGE_RULES,
        *_AMOUNT_RULES,
        *_CODE_RULES,
    ),
    (
        *(
            unlike_a_hundredfold(name)
            for name in ("investment_total", "plan_year", "invested_total", "invested_year")
        ),
        not_falling("invested_total"),
        not_falling("invested_year"),
        Rule(
            "invested_year_is_not_that_of_last_month",
            "提示",
            ("invested_year",),
            (pl.col("invested_year") != pl.col(f"{LAST}invested_year")) | (pl.col("invested_year") == 0),
            "与上期雷同，请核对本月是否更新",
        ),
    ),
)
