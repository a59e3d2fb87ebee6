"""What an office does about its projects: activities 调度活动, decisions 交办事项, letters 函件."""

from saima.ledgers.columns import LINEAGE, Column, Ledger, area_columns, event, project_columns
from saima.ledgers.rules import (
    has_begun,
    has_beside,
    in_order,
    not_in_the_future,
    not_long_past,
    within_a_lifetime,
)

_ACTIVITY_COLUMNS = (
    Column("activity_id", "活动编号", "code", ("会议编号",)),
    Column(
        "kind",
        "活动类型",
        "text",
        ("活动类别", "会议类型", "调度类型", "活动形式"),
        is_required=True,
        values=(
            "周调度",
            "旬督查",
            "月讲评",
            "季总结",
            "现场会",
            "督导会",
            "观摩会",
            "拉练",
            "银企对接",
            "集中开工",
        ),
    ),
    *area_columns(),
    *event("held_on", "活动时间", "活动日期", "召开时间", "召开日期", "会议时间", "时间"),
    Column("chair", "主持人", "text", ("主持领导", "主持", "召集人", "带队领导")),
    Column("attended", "参加单位", "texts", ("参会单位", "参加部门", "参加人员", "参会人员")),
    Column("project_ids", "涉及项目", "texts", ("项目名称", "相关项目", "调度项目", "观摩项目")),
    Column("note", "活动内容", "text", ("活动情况", "主要内容", "议题", "会议内容", "备注")),
    *LINEAGE,
)

ACTIVITIES = Ledger(
    "activities",
    "调度活动",
    _ACTIVITY_COLUMNS,
    (
        *not_in_the_future(_ACTIVITY_COLUMNS),
        *not_long_past(_ACTIVITY_COLUMNS),
        has_beside("kind", "held_on", "没有活动时间，不能计入本期的活动，请补填"),
    ),
    key=("area_id", "activity_id"),
    id_from=("kind", "held_on", "note"),
    is_of_city=True,
    goes_on=False,
)

_DECISION_COLUMNS = (
    Column("decision_id", "事项编号", "code", ("交办编号", "任务编号")),
    Column("decided_in", "交办月份", "month", ("所属报告期", "会议月份", "交办期次")),
    Column(
        "text",
        "交办事项",
        "text",
        ("事项内容", "交办内容", "议定事项", "工作任务", "任务内容"),
        is_required=True,
    ),
    Column("unit", "责任单位", "text", ("牵头单位", "承办单位", "责任部门", "牵头部门")),
    Column("person", "责任人", "text", ("责任领导", "负责人")),
    *event("due_on", "完成时限", "办结时限", "要求完成时间", "时限", "完成期限"),
    *project_columns(name_is_required=False),
    Column("closing_field", "销号字段", "text", ("销号依据字段", "销号台账列")),
    Column("closing_value", "销号值", "text", ("销号依据值", "销号标准")),
    *event("closed_on", "办结时间", "销号时间", "办结日期"),
    *LINEAGE,
)

DECISIONS = Ledger(
    "decisions",
    "交办事项",
    _DECISION_COLUMNS,
    (
        *not_in_the_future(_DECISION_COLUMNS),
        *within_a_lifetime(_DECISION_COLUMNS),
        *not_long_past(_DECISION_COLUMNS),
        has_begun("decided_in"),
        has_beside("text", "due_on", "没有完成时限，不能判断是否逾期，请补填"),
        has_beside("closing_value", "closing_field", "有销号值却没有销号字段，不能自动销号，请补填"),
        has_beside("closing_field", "name", "有销号字段却没有写是哪个项目，不能自动销号，请补填项目名称"),
    ),
    key=("area_id", "decision_id"),
    id_from=("decided_in", "text"),
    is_of_city=True,
    goes_on=False,
)

_LETTER_COLUMNS = (
    Column("letter_id", "函件编号", "code", ("函号", "文号", "发函编号")),
    Column(
        "kind",
        "函件类型",
        "text",
        ("函件类别", "函件种类", "类型"),
        is_required=True,
        values=("提醒函", "督办函", "催报函", "预警通知书", "约谈通知"),
    ),
    *project_columns(name_is_required=False),
    Column("about_period", "所涉报告期", "month", ("所涉月份", "报告期")),
    *event("issued_on", "发函时间", "发函日期", "印发时间", "下发时间", "发出时间"),
    *event("reply_due_on", "复函时限", "回复时限", "要求复函时间", "要求回复时间"),
    *event("replied_on", "复函时间", "回复时间", "复函日期", "回复日期"),
    Column("reply", "复函内容", "text", ("回复内容", "复函情况", "回复情况")),
    *LINEAGE,
)

LETTERS = Ledger(
    "letters",
    "函件",
    _LETTER_COLUMNS,
    (
        *not_in_the_future(_LETTER_COLUMNS),
        *within_a_lifetime(_LETTER_COLUMNS),
        *not_long_past(_LETTER_COLUMNS),
        has_begun("about_period"),
        in_order("issued_on", "reply_due_on"),
        in_order("issued_on", "replied_on"),
        has_beside("kind", "issued_on", "没有发函时间，不能推算复函时限，请补填"),
        has_beside("reply", "replied_on", "有复函内容却没有复函时间，请补填"),
    ),
    key=("area_id", "letter_id"),
    id_from=("project_id", "name", "kind", "about_period", "issued_on"),
    is_of_city=True,
    goes_on=False,
)
