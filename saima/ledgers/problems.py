"""What holds the projects up: problems 受阻问题, and the permits 手续 that they still need."""

from saima.ledgers.columns import LINEAGE, Column, Ledger, event, project_columns
from saima.ledgers.rules import (
    has_beside,
    in_order,
    not_in_the_future,
    not_long_past,
    not_negative,
    within_a_lifetime,
)

LEVELS = ("一级", "二级", "三级", "四级")
"""Levels at which a problem is handled, the city's own first step last (domain.md S0-30)."""

PROBLEM_CLASSES = (
    "前期审批",
    "用地用海用林",
    "征拆排迁",
    "规划指标",
    "资金融资",
    "市政配套",
    "政策支持",
    "施工环境",
    "其他",
)
"""Classes of problems: ours, because the documents name only four of nine (domain.md 3.4)."""

PERMIT_KINDS = (
    *("立项", "用地", "规划", "环评", "能评", "施工许可"),
    *("施工合同", "现场照片", "正式打桩"),
)
"""Permits, and with them the papers by which statistics take a project in (domain.md 3.3): 批文 is 立项."""

_PROBLEM_COLUMNS = (
    Column("problem_id", "问题编号", "code", ("问题序号", "问题代码")),
    *project_columns(name_is_required=False),
    Column("class", "问题类别", "text", ("问题大类", "问题类型", "问题分类", "类别"), values=PROBLEM_CLASSES),
    Column("subclass", "问题小类", "text", ("小类", "具体类别")),
    Column(
        "description",
        "问题描述",
        "text",
        (
            "存在问题",
            "存在的问题",
            "主要存在问题",
            "主要问题",
            "受阻问题",
            "存在问题描述",
            "问题内容",
            "具体问题",
            "难点卡点问题",
            "需协调解决的问题",
            "存在问题及需协调解决的问题",
            "项目问题",
        ),
        is_required=True,
    ),
    Column(
        "level",
        "问题层级",
        "text",
        ("问题级别", "问题等级", "办理层级", "协调层级", "层级"),
        values=LEVELS,
        spellings=tuple(
            (spelling, level)
            for level, numerals in zip(LEVELS, ("1一ⅠI", "2二ⅡII", "3三ⅢIII", "4四ⅣIV"), strict=True)
            for numeral in (numerals[0], numerals[1], numerals[2], numerals[3:])
            for spelling in (numeral, f"{numeral}级", f"第{numeral}级")
        ),
    ),
    Column("is_direct", "直报", "flag", ("是否直报", "企业直报")),
    Column("parties", "五方责任", "texts", ("五方责任单位", "五方", "五方责任主体", "责任方")),
    Column("amount_blocked", "涉及投资", "money", ("受阻投资", "影响投资", "涉及金额", "受阻金额")),
    *event("raised_on", "提报时间", "提报日期", "反映时间", "上报时间", "问题提出时间", "发现时间"),
    *event("accepted_on", "受理时间", "受理日期", "处理时间", "处理日期"),
    *event("dispatched_on", "调度时间", "调度日期", "交办时间", "转办时间"),
    *event("urged_on", "催办时间", "催办日期"),
    *event("inspected_on", "督查时间", "督查日期", "督办时间"),
    *event("assessed_on", "考核时间", "考核日期"),
    *event("escalated_on", "提级时间", "提级日期", "提级管理时间"),
    *event("due_on", "办结时限", "计划解决时间", "解决时限", "计划办结时间", "要求办结时间", "完成时限"),
    *event("resolved_on", "办结时间", "解决时间", "实际解决时间", "办结日期", "解决日期", "销号时间"),
    Column(
        "unit", "责任单位", "text", ("牵头单位", "牵头部门", "主办单位", "承办单位", "责任部门", "协调单位")
    ),
    Column(
        "resolution",
        "办理结果",
        "text",
        ("解决情况", "解决措施", "办理情况", "处理结果", "整改措施"),
    ),
    *LINEAGE,
)

PROBLEMS = Ledger(
    "problems",
    "受阻问题",
    _PROBLEM_COLUMNS,
    (
        *not_negative(_PROBLEM_COLUMNS),
        *not_in_the_future(_PROBLEM_COLUMNS),
        *within_a_lifetime(_PROBLEM_COLUMNS),
        *not_long_past(_PROBLEM_COLUMNS),
        *(
            in_order("raised_on", later)
            for later in (
                "accepted_on",
                "dispatched_on",
                "urged_on",
                "inspected_on",
                "assessed_on",
                "escalated_on",
                "due_on",
                "resolved_on",
            )
        ),
        has_beside("resolved_on", "raised_on", "有办结时间却没有提报时间，不能计算办理天数，请补填"),
        has_beside("resolved_on", "resolution", "有办结时间却没有写办理结果，请补填是怎样解决的"),
    ),
    key=("area_id", "problem_id"),
    id_from=("project_id", "name", "description"),
    goes_on=False,
)

_PERMIT_COLUMNS = (
    *project_columns(),
    Column(
        "kind",
        "手续名称",
        "text",
        ("手续类别", "手续类型", "手续事项", "审批事项", "手续", "事项名称"),
        is_required=True,
        values=PERMIT_KINDS,
        spellings=(
            ("项目立项", "立项"),
            ("备案", "立项"),
            ("批文", "立项"),
            ("审批文件", "立项"),
            ("核准", "立项"),
            ("用地预审", "用地"),
            ("用地手续", "用地"),
            ("规划许可", "规划"),
            ("规划手续", "规划"),
            ("环境影响评价", "环评"),
            ("环评批复", "环评"),
            ("节能审查", "能评"),
            ("施工许可证", "施工许可"),
            ("合同", "施工合同"),
            ("施工承包合同", "施工合同"),
            ("照片", "现场照片"),
            ("施工现场照片", "现场照片"),
            ("打桩", "正式打桩"),
            ("桩基开工", "正式打桩"),
        ),
    ),
    *event("due_on", "计划办结时间", "计划完成时间", "办理时限", "计划办理时间", "计划取得时间", "办结时限"),
    *event("obtained_on", "取得时间", "办结时间", "取得日期", "批复时间", "实际办结时间"),
    *LINEAGE,
)

PERMITS = Ledger(
    "permits",
    "手续办理",
    _PERMIT_COLUMNS,
    (
        *not_in_the_future(_PERMIT_COLUMNS),
        *within_a_lifetime(_PERMIT_COLUMNS),
        *not_long_past(_PERMIT_COLUMNS),
    ),
    key=("project_id", "kind"),
)
