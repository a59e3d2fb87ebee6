"""The catalogue: every number that is compared, ranked, targeted or shown, defined once.

Pages, the command line, race and targets name metrics; none computes a number of its own.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import polars as pl

from saima.ledgers import STAGE_TERMS
from saima.metrics.facts import (
    CARRY_KINDS,
    YI,
    Filters,
    approved_in_the_first_half,
    awaits_statistics,
    carried_over,
    carry_kind,
    days_between,
    everything,
    filed,
    flagged,
    happened,
    in_hand,
    in_service,
    in_stage,
    is_over,
    lacking,
    lagged,
    listed,
    lit,
    obtained_in_time,
    occurred,
    of_the_city,
    open_,
    past_due,
    planned_when_the_year_began,
    reached,
    ready,
    recovered,
    resolved_in_time,
    reviewed_before_signing,
    since,
    stands,
    started_before,
    suspended,
    treasury_of_the_second_half,
    within_the_year,
    without_work,
    won_from_above,
)
from saima.metrics.metric import EXACT, Kind, Metric, Unit

_SHENYANG = "沈阳“四个一批”方案"
_DALIAN = "大政办发〔2023〕2号"
_UNSIGNED = "一份未署名材料"
_HUAIAN = "淮安重特大项目攻坚方案"
_OURS = "本系统默认"

_OF_THE_YEAR = "本年1月1日至报告期末发生，以报告期快照为准，退库除外"

_LARGE: Filters = MappingProxyType({"investment_from": (str(YI),)})
"""亿元以上, its lower end included."""


def _of(*categories: str, size: int | None = None) -> Filters:
    filters = {"category": categories}
    return MappingProxyType(filters | ({} if size is None else {"investment_from": (str(size),)}))


def _flow(
    metric_id: str,
    name: str,
    event: str,
    definition: str,
    source: str = _OURS,
    *,
    filters: Filters = MappingProxyType({}),
    amount: str | None = None,
    unit: Unit | None = None,
    is_less_better: bool = False,
) -> Metric:
    return Metric(
        id=metric_id,
        name=name,
        unit=unit or ("万元" if amount else "个"),
        kind="flow",
        definition=definition,
        source=source,
        counted=happened(event),
        amount=pl.col(amount) if amount else None,
        filters=filters,
        is_less_better=is_less_better,
        event=event,
    )


def _stock(
    metric_id: str,
    name: str,
    counted: pl.Expr,
    definition: str,
    source: str = _OURS,
    *,
    amount: str | None = None,
    is_less_better: bool = False,
) -> Metric:
    return Metric(
        id=metric_id,
        name=name,
        unit="万元" if amount else "个",
        kind="stock",
        definition=definition,
        source=source,
        counted=counted,
        amount=pl.col(amount) if amount else None,
        is_less_better=is_less_better,
    )


def _rate(
    metric_id: str,
    name: str,
    counted: pl.Expr,
    among: pl.Expr,
    definition: str,
    source: str = _OURS,
    *,
    kind: Kind = "rate",
    amount: str | None = None,
    filters: Filters = MappingProxyType({}),
) -> Metric:
    """The share of `among` that is also `counted`, in number, or in an amount."""
    added = pl.col(amount) if amount else None
    return Metric(
        id=metric_id,
        name=name,
        unit="率",
        kind=kind,
        definition=definition,
        source=source,
        counted=counted & among,
        among=among,
        amount=added,
        of_amount=added,
        filters=filters,
    )


def _ratio(
    metric_id: str,
    name: str,
    unit: Unit,
    rows: pl.Expr,
    amount: str,
    of_amount: str | None,
    definition: str,
    source: str,
    *,
    filters: Filters = MappingProxyType({}),
) -> Metric:
    """An amount per project (`of_amount` None) or per 亩, of the projects that file both."""
    both = rows & (filed(amount, of_amount) if of_amount else filed(amount))
    return Metric(
        id=metric_id,
        name=name,
        unit=unit,
        kind="rate",
        definition=definition,
        source=source,
        counted=both,
        among=rows,
        base=both,
        amount=pl.col(amount),
        of_amount=pl.col(of_amount) if of_amount else None,
        filters=filters,
    )


def _days(earlier: str, later: str) -> Metric:
    days = days_between(earlier, later)
    first, last = STAGE_TERMS[earlier], STAGE_TERMS[later]
    return Metric(
        id=f"days_{earlier}_to_{later}",
        name=f"{first}到{last}天数",
        unit="天",
        kind="days",
        definition=f"本年{last}的项目，从{first}到{last}；两个时间都精确到日、先后相符的项目，天数的中位数",
        source=_OURS,
        counted=happened(later) & days.is_not_null(),
        among=happened(later),
        amount=days,
        is_less_better=True,
    )


def _planned_share(metric_id: str, name: str, *, is_baseline: bool) -> Metric:
    """What of the year's plan was to be done by now: by monthly plans, and even months for those without."""
    plan, monthly = (
        ("baseline_plan_year", "baseline_planned_to_date")
        if is_baseline
        else (
            "plan_year",
            "planned_to_date",
        )
    )
    plans, total = (
        ("本年首次填报的月度计划", "本年首期快照所载年度计划投资")
        if is_baseline
        else ("月度计划", "报告期快照所载年度计划投资")
    )
    both = stands() & filed(plan, "invested_year")
    month = pl.col("period").str.slice(5).cast(pl.Int64)
    return Metric(
        id=metric_id,
        name=name,
        unit="率",
        kind="rate",
        definition=f"分子：本年1月1日至报告期末应完成投资，全年各月都有月度计划的项目按{plans}，"
        f"其余按月均（年度计划投资×月数÷12）；分母：同一批项目{total}；"
        "只计已填本年完成投资的项目，退库除外，项目数为按月度计划的",
        source=_OURS,
        counted=both,
        amount=pl.when(filed(monthly))
        .then(pl.col(monthly).cast(EXACT) * 12)
        .otherwise(pl.col(plan).cast(EXACT) * month),
        of_amount=pl.col(plan),
        divisor=12,
        reports=filed(monthly),
    )


_IN_SERVICE = in_service()

_IS_EFFECTIVE = stands() & pl.col("category").ne_missing("房地产")

_TO_DATE = "本年1月1日至报告期末台账累计完成投资之和"

_AMOUNTS: tuple[tuple[str, str, Kind, str, str, str], ...] = (
    ("invested_year", "本年完成投资", "flow", "invested_year", _TO_DATE, "；与统计入库投资不混用"),
    (
        "invested_statistics_year",
        "本年入统完成投资",
        "flow",
        "invested_statistics_year",
        "本年1月1日至报告期末统计入库投资之和",
        "；与台账完成投资不混用，1月免报",
    ),
    ("invested_month", "本月填报完成投资", "stock", "invested_month", "报告期当月填报的本月完成投资之和", ""),
    (
        "invested_total",
        "开工以来累计完成投资",
        "stock",
        "invested_total",
        "报告期末台账开工以来累计完成投资之和",
        "",
    ),
    ("plan_year", "年度计划投资", "stock", "plan_year", "报告期快照所载年度计划投资之和", ""),
    ("output_year", "本年产值", "flow", "output_year", "报告期快照所载本年产值之和", ""),
    ("tax_year", "本年税收", "flow", "tax_year", "报告期快照所载本年税收之和", ""),
    ("credit_amount", "授信金额", "stock", "credit_amount", "报告期快照所载授信金额之和", ""),
)
"""Amounts of the projects that stand: id, name, kind, column, 口径 and what is added to it."""

_PROBLEM_COUNTS: Sequence[tuple[str, str, Kind, pl.Expr, str, bool]] = (
    (
        "problems_raised",
        "本年提报受阻问题",
        "flow",
        within_the_year("raised_on"),
        "本年1月1日至报告期末提报的受阻问题",
        True,
    ),
    (
        "problems_resolved",
        "本年办结受阻问题",
        "flow",
        within_the_year("resolved_on"),
        "本年1月1日至报告期末办结的受阻问题，不论何时提报",
        False,
    ),
    (
        "problems_open",
        "未办结受阻问题",
        "stock",
        open_(),
        "已提报、报告期末尚未办结的受阻问题",
        True,
    ),
    (
        "problems_overdue",
        "逾期未办结受阻问题",
        "stock",
        open_() & past_due(),
        "报告期末尚未办结、办结时限已过的受阻问题",
        True,
    ),
)

_KIND_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "carried": "本年1月1日前已开工的",
        "starting": "本年已开工，或按本年首次填报的计划应在本年开工的，结转续建除外",
        "preliminary": "处于签约、落地、立项环节、不在前两类的",
        "new": "处于谋划环节、本年谋划、不在前三类的",
        "other": "不在前四类的，如往年谋划、本年不拟开工的储备",
    }
)
"""What makes a project one of facts.CARRY_KINDS."""

_LISTED = (
    # 谋划
    _stock(
        "planned_investment",
        "谋划总投资",
        pl.col("is_reserve"),
        "报告期末已谋划或已进入其后任一环节、未退库、本年1月1日前未竣工的项目总投资之和；缺总投资的项目不计入并单列",
        f"{_SHENYANG} 一；统计规则为本系统默认",
        amount="investment_total",
    ),
    _stock("reserve_projects", "谋划储备项目", in_stage("planned"), "报告期末处于谋划环节的项目数"),
    _stock(
        "reserve_investment",
        "谋划储备总投资",
        in_stage("planned"),
        "报告期末处于谋划环节的项目总投资之和；缺总投资的项目不计入并单列",
        amount="investment_total",
    ),
    _rate(
        "ready_reserve_rate",
        "储备成熟率",
        ready(),
        in_stage("planned"),
        "分母：报告期末处于谋划环节的项目；分子：其中用地征拆、指标平衡、市政配套、投资主体四项都已落实的项目",
        f"{_SHENYANG} 二（一）8；统计规则为本系统默认",
    ),
    _rate(
        "reserve_conversion_rate",
        "储备转化率",
        occurred("signed") | occurred("started"),
        planned_when_the_year_began(),
        "分母：本年1月1日处于谋划环节、未退库的项目；分子：其中报告期末已签约或已开工的项目",
        kind="cohort",
    ),
    _flow("planned_projects", "新谋划项目", "planned", f"谋划时间在{_OF_THE_YEAR}"),
    _flow(
        "newly_planned_investment",
        "新谋划总投资",
        "planned",
        f"谋划时间在{_OF_THE_YEAR}；总投资之和",
        amount="investment_total",
    ),
    # 在库
    Metric(
        id="projects_in_stage",
        name="各环节在库项目",
        unit="个",
        kind="stock",
        definition="报告期末各环节的项目数，环节取报告期末以前最高一级有时间证明的环节；"
        "无时间证明的按填报阶段计并标“填报”，退库除外",
        source=_OURS,
        counted=stands(),
        among=everything(),
    ),
    _stock(
        "preliminary_projects",
        "推进前期项目",
        in_stage("signed", "landed", "approved"),
        "报告期末处于签约、落地、立项环节的项目数",
        f"{_DALIAN} 总述；环节对应为本系统默认",
    ),
    _stock(
        "carried_projects",
        "在建项目",
        in_stage("started") & started_before(),
        "本年1月1日前开工、报告期末尚未竣工的项目数",
        f"{_DALIAN} 总述；统计规则为本系统默认",
    ),
    _stock(
        "suspended_projects",
        "停工项目",
        in_stage("started") & suspended(),
        "报告期末处于开工环节、已填停工时间而未复工的项目数",
        is_less_better=True,
    ),
    _flow(
        "exited_projects",
        "退库项目",
        "exited",
        "退库时间在本年1月1日至报告期末",
        is_less_better=True,
    ),
    _flow(
        "exited_investment",
        "退库项目总投资",
        "exited",
        "退库时间在本年1月1日至报告期末；总投资之和",
        amount="investment_total",
        is_less_better=True,
    ),
    # 签约
    _flow(
        "signed_projects",
        "新签约项目（亿元以上）",
        "signed",
        f"签约时间在{_OF_THE_YEAR}；总投资1亿元及以上",
        f"{_SHENYANG} 一",
        filters=_LARGE,
    ),
    _flow(
        "signed_investment",
        "新签约总投资（亿元以上）",
        "signed",
        f"签约时间在{_OF_THE_YEAR}；总投资1亿元及以上",
        filters=_LARGE,
        amount="investment_total",
    ),
    _flow("signed_projects_all", "新签约项目（不限规模）", "signed", f"签约时间在{_OF_THE_YEAR}；不限总投资"),
    *(
        _flow(
            f"signed_projects_{key}",
            f"新签约项目（{words}以上）",
            "signed",
            f"签约时间在{_OF_THE_YEAR}；总投资{words}及以上",
            filters=MappingProxyType({"investment_from": (str(size),)}),
        )
        for key, words, size in (("1bn", "10亿元", 100_000), ("5bn", "50亿元", 500_000))
    ),
    _flow(
        "signed_industrial_projects",
        "新签约工业项目（亿元以上）",
        "signed",
        f"签约时间在{_OF_THE_YEAR}；工业，总投资1亿元及以上",
        f"{_HUAIAN} 二",
        filters=_of("工业", size=YI),
    ),
    Metric(
        id="signed_foreign_projects",
        name="新设外资项目（1000万美元以上）",
        unit="个",
        kind="flow",
        definition=f"签约时间在{_OF_THE_YEAR}；外资总额1000万美元及以上，未填外资总额的不计入",
        source=f"{_HUAIAN} 二",
        counted=happened("signed") & (pl.col("foreign_total_usd") >= 1000).fill_null(value=False),
    ),
    _flow(
        "signed_foreign_amount",
        "新设外资总额",
        "signed",
        f"签约时间在{_OF_THE_YEAR}；外资总额之和，缺报的项目单列",
        amount="foreign_total_usd",
        unit="万美元",
    ),
    _flow(
        "agreed_amount",
        "协议引资额",
        "signed",
        f"签约时间在{_OF_THE_YEAR}；协议引资额之和，缺报的项目单列",
        f"{_HUAIAN} 二",
        amount="agreed_amount",
    ),
    Metric(
        id="signed_and_started_projects",
        name="当年签约项目开工（亿元以上）",
        unit="个",
        kind="flow",
        definition=f"签约时间在{_OF_THE_YEAR}，总投资1亿元及以上，报告期末已开工或进入其后环节",
        source=f"{_HUAIAN} 二",
        counted=happened("signed") & reached("started"),
        filters=_LARGE,
    ),
    _rate(
        "signing_rate",
        "签约率",
        happened("signed"),
        (happened("signed") | in_stage("planned")),
        "分母：本年签约的和报告期末仍在谋划的招商项目；分子：其中本年签约的项目",
        f"{_HUAIAN} 二；统计规则为本系统默认",
        kind="cohort",
        filters=MappingProxyType({"tag": ("promotion:招商",)}),
    ),
    _rate(
        "park_share_of_signed",
        "省级以上园区新签约个数占比",
        pl.col("park_level").is_in(["国家级", "省级"]).fill_null(value=False),
        happened("signed"),
        "分母：本年签约、总投资1亿元及以上的项目；分子：其中在省级及以上开发园区的项目",
        f"{_HUAIAN} 三",
        filters=_LARGE,
    ),
    _rate(
        "park_share_of_signed_investment",
        "省级以上园区新签约投资额占比",
        pl.col("park_level").is_in(["国家级", "省级"]).fill_null(value=False),
        happened("signed"),
        "分母：本年签约、总投资1亿元及以上的项目总投资；分子：其中在省级及以上开发园区的项目总投资",
        f"{_HUAIAN} 三",
        amount="investment_total",
        filters=_LARGE,
    ),
    _rate(
        "industrial_share_of_signed",
        "新签约工业投资占比",
        (pl.col("category") == "工业").fill_null(value=False),
        happened("signed"),
        "分母：本年签约、总投资1亿元及以上的项目总投资；分子：其中工业项目总投资",
        f"{_HUAIAN} 二；统计规则为本系统默认",
        amount="investment_total",
        filters=_LARGE,
    ),
    _rate(
        "strategic_share_of_signed",
        "新签约战略性新兴产业投资占比",
        pl.col("tags").list.eval(pl.element().str.starts_with("sei_")).list.any().fill_null(value=False),
        happened("signed"),
        "分母：本年签约、总投资1亿元及以上的项目总投资；分子：其中标为战略性新兴产业的项目总投资",
        f"{_HUAIAN} 二；统计规则为本系统默认",
        amount="investment_total",
        filters=_LARGE,
    ),
    _ratio(
        "mean_signed_investment",
        "新签约项目平均规模",
        "万元/个",
        happened("signed"),
        "investment_total",
        None,
        "本年签约、总投资1亿元及以上的项目总投资之和，除以项目数",
        f"{_HUAIAN} 二；统计规则为本系统默认",
        filters=_LARGE,
    ),
    # 落地
    _flow(
        "landed_projects",
        "新落地项目（亿元以上）",
        "landed",
        f"落地时间在{_OF_THE_YEAR}；总投资1亿元及以上；"
        "未填落地时间的按落地标准由土地摘牌、开工、注册和运营时间推定",
        f"{_SHENYANG} 一；{_DALIAN} 二（五）",
        filters=_LARGE,
    ),
    _flow(
        "landed_investment",
        "新落地总投资（亿元以上）",
        "landed",
        f"落地时间在{_OF_THE_YEAR}；总投资1亿元及以上",
        filters=_LARGE,
        amount="investment_total",
    ),
    _rate(
        "landing_rate_of_signed",
        "签约落地率",
        reached("landed"),
        happened("signed"),
        "分母：本年签约且总投资1亿元及以上、未退库的项目；分子：其中报告期末已落地或进入其后环节的项目",
        kind="cohort",
        filters=_LARGE,
    ),
    _flow("approved_projects", "新立项项目", "approved", f"立项时间在{_OF_THE_YEAR}"),
    # 开工
    _flow("started_projects", "新开工项目", "started", f"实际开工时间在{_OF_THE_YEAR}", f"{_SHENYANG} 一"),
    _flow(
        "started_investment",
        "新开工总投资",
        "started",
        f"实际开工时间在{_OF_THE_YEAR}",
        amount="investment_total",
    ),
    *(
        _flow(
            f"started_projects_{key}",
            f"新开工{name}项目",
            "started",
            f"实际开工时间在{_OF_THE_YEAR}；项目类别为{'、'.join(categories)}",
            f"{_SHENYANG} 二（三）12",
            filters=_of(*categories),
        )
        for key, name, categories in (
            ("industry", "工业", ("工业",)),
            ("service", "服务业", ("服务业",)),
            ("farming", "农业", ("农业",)),
            ("infrastructure", "基础设施", ("基础设施", "民生保障")),
            ("estate", "房地产", ("房地产",)),
        )
    ),
    _flow(
        "started_industrial_projects",
        "新开工工业项目（亿元以上）",
        "started",
        f"实际开工时间在{_OF_THE_YEAR}；工业，总投资1亿元及以上",
        f"{_HUAIAN} 二",
        filters=_of("工业", size=YI),
    ),
    _rate(
        "start_rate_of_signed",
        "开工率",
        reached("started"),
        happened("signed"),
        "分母：本年签约且总投资1亿元及以上、未退库的项目；分子：其中报告期末已开工或进入其后环节的项目",
        f"{_HUAIAN} 三；统计规则为本系统默认",
        kind="cohort",
        filters=_LARGE,
    ),
    _stock(
        "starts_due",
        "计划应开工项目",
        flagged("due"),
        "按本年首次填报的计划开工时间，应于本年1月1日至报告期末开工的项目，退库除外",
    ),
    _stock(
        "starts_waiting",
        "应开工未开工项目",
        flagged("due_waiting"),
        "按本年首次填报的计划开工时间应于报告期末前开工、至今未开工的项目，退库除外",
        is_less_better=True,
    ),
    _stock(
        "starts_postponed",
        "推迟计划开工项目",
        flagged("postponed"),
        "计划开工时间晚于本年首次填报时间的项目，退库除外",
        is_less_better=True,
    ),
    Metric(
        id="started_as_planned_rate",
        name="按计划开工率",
        unit="率",
        kind="rate",
        definition="分母：按本年首次填报的计划开工时间，应于本年1月1日至报告期末开工的项目；"
        "分子：其中报告期末已开工的项目",
        source=_OURS,
        counted=flagged("due_started"),
        among=flagged("due"),
    ),
    _rate(
        "resumed_rate",
        "开复工率",
        (carried_over() & ~suspended()) | flagged("due_started"),
        carried_over() | flagged("due"),
        "分母：上年结转的在建项目，加按本年首次填报的计划应于报告期末前开工的项目；"
        "分子：其中结转而未停工（或已复工）的，和已开工的项目",
        f"{_DALIAN} 月度通报；统计规则为本系统默认",
    ),
    # 竣工投产
    _flow(
        "completed_projects",
        "竣工投产项目",
        "finished",
        f"竣工时间（缺竣工时间的取验收时间，再缺的取投产时间）在{_OF_THE_YEAR}；一个项目只计一次",
        f"{_SHENYANG} 一；统计规则为本系统默认",
    ),
    _flow(
        "completed_investment",
        "竣工投产总投资",
        "finished",
        f"竣工投产时间在{_OF_THE_YEAR}",
        amount="investment_total",
    ),
    _flow(
        "completed_industrial_projects",
        "竣工投产工业项目（亿元以上）",
        "finished",
        f"竣工投产时间在{_OF_THE_YEAR}；工业，总投资1亿元及以上",
        filters=_of("工业", size=YI),
    ),
    _flow("produced_projects", "投产项目", "produced", f"投产时间在{_OF_THE_YEAR}"),
    _flow("ramped_projects", "达产达效项目", "ramped", f"达产达效时间在{_OF_THE_YEAR}"),
    _flow(
        "new_output_value",
        "新增产值",
        "finished",
        f"竣工投产时间在{_OF_THE_YEAR}；新增产值之和，缺报的项目单列",
        f"{_SHENYANG} 一；统计规则为本系统默认",
        amount="new_output_value",
    ),
    Metric(
        id="listed_enterprises",
        name="竣工项目转列统企业",
        unit="户",
        kind="flow",
        definition="升规入库时间在本年1月1日至报告期末、报告期末已竣工或进入其后环节的项目的企业，一个企业只计一次",
        source=f"{_HUAIAN} 二；统计规则为本系统默认",
        counted=pl.col("listed_enterprise_on").is_between("year_from", "end_on").fill_null(value=False)
        & reached("completed")
        & filed("enterprise_name"),
        distinct="enterprise_name",
    ),
    *(
        _rate(
            metric_id,
            name,
            reached(to_stage),
            among,
            f"分母：{base}、未退库的项目；分子：其中报告期末已{term}的项目",
            f"{_HUAIAN} 二；统计规则为本系统默认",
            kind="cohort",
        )
        for metric_id, name, to_stage, among, base, term in (
            (
                "production_rate",
                "投产率",
                "produced",
                since("completed", 6),
                "上年7月1日至报告期末竣工",
                "投产",
            ),
            (
                "production_rate_due",
                "投产率（竣工满3个月）",
                "produced",
                since("completed", 6) & is_over("completed", 3),
                "上年7月1日以来竣工、到报告期末已满3个月",
                "投产",
            ),
            (
                "ramping_rate",
                "达效率",
                "ramped",
                since("produced", 12),
                "上年1月1日至报告期末投产",
                "达产达效",
            ),
            (
                "ramping_rate_due",
                "达效率（竣工满6个月）",
                "ramped",
                since("produced", 12) & is_over("finished", 6),
                "上年1月1日以来投产、到报告期末竣工已满6个月",
                "达产达效",
            ),
        )
    ),
    _stock(
        "production_waiting",
        "竣工满3个月未投产项目",
        flagged("unproduced"),
        "竣工满3个月、报告期末仍未投产的项目，退库除外",
        is_less_better=True,
    ),
    _stock(
        "ramping_waiting",
        "竣工满6个月未达产达效项目",
        in_stage("completed", "produced") & is_over("finished", 6),
        "竣工满6个月、报告期末仍未达产达效的项目，退库除外",
        f"{_SHENYANG} 二（四）20；统计规则为本系统默认",
        is_less_better=True,
    ),
    # 入统
    _stock(
        "statistics_waiting",
        "开工满1个月未入统项目",
        flagged("unlisted"),
        "开工满1个月、总投资500万元及以上、报告期末尚未入统的项目，退库除外",
        is_less_better=True,
    ),
    _rate(
        "statistics_rate",
        "入统率",
        occurred("entered_statistics"),
        in_stage("started") & occurred("started"),
        "分母：报告期末处于开工环节、总投资500万元及以上的项目；分子：其中已入统的项目",
        f"{_DALIAN} 应统尽统；统计规则为本系统默认",
        filters=MappingProxyType({"investment_from": ("500",)}),
    ),
    # 投资
    *(
        Metric(
            id=metric_id,
            name=name,
            unit="万元",
            kind=kind,
            definition=f"{definition}，退库除外；缺报的项目不计入并单列{more}",
            source=_OURS,
            counted=stands() & filed(column),
            among=stands(),
            amount=pl.col(column),
        )
        for metric_id, name, kind, column, definition, more in _AMOUNTS
    ),
    Metric(
        id="industrial_invested",
        name="工业项目本年完成投资",
        unit="万元",
        kind="flow",
        definition="工业项目本年1月1日至报告期末台账累计完成投资之和，退库除外",
        source=f"{_HUAIAN} 二",
        counted=stands() & filed("invested_year"),
        among=stands(),
        amount=pl.col("invested_year"),
        filters=_of("工业"),
    ),
    Metric(
        id="effective_invested",
        name="本年有效投资",
        unit="万元",
        kind="flow",
        definition="本年完成投资减本年土地购置费之和，房地产和退库除外；两项缺一的项目不计入并单列",
        source=f"{_SHENYANG} 二（三）19",
        counted=_IS_EFFECTIVE & filed("invested_year", "land_cost_year"),
        among=_IS_EFFECTIVE,
        amount=pl.col("invested_year").cast(EXACT) - pl.col("land_cost_year").cast(EXACT),
    ),
    Metric(
        id="investment_completion",
        name="投资完成率",
        unit="率",
        kind="rate",
        definition="分子：本年累计完成投资；分母：报告期快照所载年度计划投资；只计两项都填报的项目，只填一项的单列",
        source=_OURS,
        counted=stands() & filed("plan_year", "invested_year"),
        among=stands(),
        base=stands() & filed("plan_year", "invested_year"),
        amount=pl.col("invested_year"),
        of_amount=pl.col("plan_year"),
    ),
    Metric(
        id="investment_completion_of_baseline",
        name="投资完成率（年初计划）",
        unit="率",
        kind="rate",
        definition="分子：本年累计完成投资；分母：本年首期快照所载年度计划投资，调减计划不能抬高完成率；"
        "只计两项都有的项目",
        source=_OURS,
        counted=stands() & filed("baseline_plan_year", "invested_year"),
        among=stands(),
        base=stands() & filed("baseline_plan_year", "invested_year"),
        amount=pl.col("invested_year"),
        of_amount=pl.col("baseline_plan_year"),
    ),
    _planned_share("planned_share", "资金序时", is_baseline=False),
    _planned_share("planned_share_of_baseline", "资金序时（年初计划）", is_baseline=True),
    _stock(
        "plans_cut",
        "调减年度计划项目",
        flagged("cut"),
        "年度计划投资低于本年首期快照所载的项目，退库除外",
        is_less_better=True,
    ),
    Metric(
        id="plans_cut_amount",
        name="调减年度计划投资",
        unit="万元",
        kind="flow",
        definition="年度计划投资低于本年首期快照所载的项目，两者之差的合计",
        source=_OURS,
        counted=flagged("cut"),
        amount=pl.col("plan_cut"),
        is_less_better=True,
    ),
    # 效益
    _ratio(
        "investment_per_mu",
        "亩均投资",
        "万元/亩",
        happened("signed"),
        "investment_total",
        "land_area_mu",
        "本年签约、填报用地面积的项目，总投资之和除以用地面积之和",
        f"{_HUAIAN} 三；统计规则为本系统默认",
    ),
    _ratio(
        "output_per_mu",
        "亩均产值",
        "万元/亩",
        reached("produced"),
        "output_year",
        "land_area_mu",
        "报告期末已投产、填报本年产值和用地面积的项目，产值之和除以用地面积之和",
        f"{_HUAIAN} 三；统计规则为本系统默认",
    ),
    _ratio(
        "tax_per_mu",
        "亩均税收",
        "万元/亩",
        reached("produced"),
        "tax_year",
        "land_area_mu",
        "报告期末已投产、填报本年税收和用地面积的项目，税收之和除以用地面积之和",
        f"{_HUAIAN} 三；统计规则为本系统默认",
    ),
    # 亮灯
    *(
        _stock(
            metric_id,
            name,
            counted,
            definition,
            f"{_SHENYANG} 二（二）9、二（三）14；亮灯规则为本系统默认",
            is_less_better=is_less_better,
        )
        for metric_id, name, counted, definition, is_less_better in (
            (
                "red_projects",
                "红灯项目",
                lit("red") & ~pl.col("is_exempt"),
                "报告期末亮红灯的项目，以最差的一盏灯计，豁免、退库除外",
                True,
            ),
            (
                "yellow_projects",
                "黄灯项目",
                lit("yellow") & ~pl.col("is_exempt"),
                "报告期末亮黄灯的项目，以最差的一盏灯计，豁免、退库除外",
                True,
            ),
            ("green_projects", "绿灯项目", lit("green"), "报告期末亮绿灯的项目，退库除外", False),
            (
                "exempt_projects",
                "豁免亮灯项目",
                lit("yellow", "red") & pl.col("is_exempt"),
                "报告期末应亮黄灯或红灯、在豁免期内的项目",
                True,
            ),
            (
                "marathon_projects",
                "“马拉松”项目",
                pl.col("is_marathon").fill_null(value=False),
                "开工已满规定月数（默认36个月）、报告期末仍未竣工的项目",
                True,
            ),
            (
                "snail_projects",
                "“蜗牛”项目",
                pl.col("is_snail").fill_null(value=False),
                "累计完成投资占总投资的比例低于工期进度超过规定百分点（默认30个）的在建项目；只计有开工、计划竣工时间和累计完成投资的项目",
                True,
            ),
            (
                "lagging_projects",
                "滞后项目",
                lagged(),
                "上年末亮黄灯或红灯、或列入进度滞后项目清单的项目，退库除外",
                True,
            ),
        )
    ),
    Metric(
        id="lagging_projects_resolved",
        name="滞后项目化解",
        unit="个",
        kind="flow",
        definition="上年末亮黄灯或红灯、或列入进度滞后项目清单的项目中，报告期末转为绿灯、已竣工或本年已复工的项目",
        source=f"{_SHENYANG} 二（三）14；统计规则为本系统默认",
        counted=lagged() & recovered(),
        among=lagged(),
    ),
    _rate(
        "lagging_resolution_rate",
        "滞后化解率",
        recovered(),
        lagged(),
        "分母：上年末亮黄灯或红灯、或列入进度滞后项目清单的项目；分子：其中报告期末转为绿灯、已竣工或本年已复工的项目",
        f"{_SHENYANG} 二（三）14；统计规则为本系统默认",
        kind="cohort",
    ),
    # 资金
    Metric(
        id="funds_won",
        name="争取上级资金",
        unit="万元",
        kind="flow",
        definition="本年1月1日至报告期末获批的中央预算内投资、超长期特别国债、政策性开发性金融工具"
        "和发行的地方政府专项债券之和，以获批金额计",
        source=f"{_SHENYANG} 二（一）1、大政办发〔2023〕2号 二（六）；统计规则为本系统默认",
        counted=won_from_above(),
        amount=pl.col("approved"),
        facts="fund_facts",
    ),
    Metric(
        id="funded_projects",
        name="上半年获批上级资金项目",
        unit="个",
        kind="flow",
        definition="本年1月至6月获批上级资金的项目，按项目计，一个项目只计一次",
        source=f"{_SHENYANG} 二（三）13",
        counted=approved_in_the_first_half(),
        distinct="project_id",
        facts="fund_facts",
    ),
    Metric(
        id="funded_projects_started",
        name="上半年获批上级资金项目开工",
        unit="个",
        kind="flow",
        definition="本年1月至6月获批上级资金、到报告期末已开工的项目，按项目计，一个项目只计一次",
        source=f"{_SHENYANG} 二（三）13",
        counted=approved_in_the_first_half() & occurred("started"),
        among=approved_in_the_first_half(),
        distinct="project_id",
        facts="fund_facts",
    ),
    Metric(
        id="treasury_projects_started",
        name="下半年获批超长期特别国债项目开工",
        unit="个",
        kind="flow",
        definition="本年7月以来获批超长期特别国债、到报告期末已开工的项目，按项目计，一个项目只计一次",
        source=f"{_SHENYANG} 二（三）13",
        counted=treasury_of_the_second_half() & occurred("started"),
        among=treasury_of_the_second_half(),
        distinct="project_id",
        facts="fund_facts",
    ),
    *(
        Metric(
            id=f"funds_{name}",
            name=f"{term}资金",
            unit="万元",
            kind="stock",
            definition=f"台账在列的资金中，到报告期末填报的{words}之和，不论哪一年",
            source=_OURS,
            counted=everything(),
            amount=pl.col(name),
            facts="fund_facts",
        )
        for name, term, words in (
            ("requested", "申请", "申请金额"),
            ("approved", "获批", "获批金额"),
            ("arrived", "到位", "到位金额"),
            ("paid", "支付", "累计支付金额"),
        )
    ),
    Metric(
        id="funds_arrived_this_year",
        name="本年到位资金",
        unit="万元",
        kind="flow",
        definition="本年1月1日至报告期末到位的资金，以到位金额计",
        source=_OURS,
        counted=within_the_year("arrived_on"),
        amount=pl.col("arrived"),
        facts="fund_facts",
    ),
    Metric(
        id="payment_rate_of_the_year",
        name="本年到位资金支付率",
        unit="率",
        kind="rate",
        definition="分母：本年到位的资金；分子：其中已支付的资金；只计两项都填报的资金。年底应为100%",
        source="大政办发〔2023〕2号 五（三）；统计规则为本系统默认",
        counted=within_the_year("arrived_on") & filed("arrived", "paid"),
        among=within_the_year("arrived_on"),
        base=within_the_year("arrived_on") & filed("arrived", "paid"),
        amount=pl.col("paid"),
        of_amount=pl.col("arrived"),
        facts="fund_facts",
    ),
    Metric(
        id="payment_rate",
        name="资金支付率",
        unit="率",
        kind="rate",
        definition="分母：报告期末已到位的资金；分子：其中已支付的资金；只计两项都填报的资金",
        source=f"{_UNSIGNED} 一（二）；统计规则为本系统默认",
        counted=occurred("arrived") & filed("arrived", "paid"),
        among=occurred("arrived"),
        base=occurred("arrived") & filed("arrived", "paid"),
        amount=pl.col("paid"),
        of_amount=pl.col("arrived"),
        facts="fund_facts",
    ),
    Metric(
        id="funds_without_work",
        name="到位满3个月未形成实物工作量资金",
        unit="万元",
        kind="stock",
        definition="到位满3个月、报告期末尚未形成实物工作量的资金，以到位金额计",
        source=f"{_UNSIGNED} 一（二）；统计规则为本系统默认",
        counted=without_work(3),
        amount=pl.col("arrived"),
        is_less_better=True,
        facts="fund_facts",
    ),
    # 问题
    *(
        Metric(
            id=metric_id,
            name=name,
            unit="个",
            kind=kind,
            definition=definition,
            source=f"{_SHENYANG} 二（三）16；统计规则为本系统默认",
            counted=counted,
            is_less_better=is_less_better,
            facts="problem_facts",
        )
        for metric_id, name, kind, counted, definition, is_less_better in _PROBLEM_COUNTS
    ),
    *(
        Metric(
            id=metric_id,
            name=name,
            unit="率",
            kind="rate",
            definition=definition,
            source=f"{_SHENYANG} 二（三）16；统计规则为本系统默认",
            counted=in_hand() & counted,
            among=in_hand() & among,
            facts="problem_facts",
        )
        for metric_id, name, counted, among, definition in (
            (
                "problem_resolution_rate",
                "问题办结率",
                occurred("resolved"),
                occurred("raised"),
                "分母：报告期末前提报、年初尚未办结的受阻问题；分子：其中已办结的问题",
            ),
            (
                "problem_punctuality_rate",
                "问题按期办结率",
                occurred("resolved") & resolved_in_time(),
                filed("due_on") & (occurred("resolved") | past_due()),
                "分母：年初尚未办结、有办结时限、已办结或时限已过的受阻问题；分子：其中在时限内办结的问题",
            ),
        )
    ),
    *(
        Metric(
            id=metric_id,
            name=name,
            unit="万元",
            kind="stock",
            definition=definition,
            source=_OURS,
            counted=open_() & stands(),
            amount=amount,
            distinct="project_id",
            is_less_better=True,
            facts="problem_facts",
        )
        for metric_id, name, amount, definition in (
            (
                "problems_plan",
                "受阻项目年度计划投资",
                pl.col("plan_year"),
                "有未办结受阻问题的项目的年度计划投资之和；一个项目有几个问题，只计一次",
            ),
            (
                "problems_plan_left",
                "受阻项目尚未完成的年度计划投资",
                (pl.col("plan_year") - pl.col("invested_year")).clip(0),
                "有未办结受阻问题的项目的年度计划投资减去本年完成投资，超额完成的计 0；一个项目只计一次",
            ),
        )
    ),
    Metric(
        id="days_raised_to_resolved",
        name="问题提报到办结天数",
        unit="天",
        kind="days",
        definition="本年办结、提报和办结时间都精确到日的受阻问题的天数中位数",
        source=_OURS,
        counted=within_the_year("resolved_on"),
        amount=days_between("raised", "resolved"),
        is_less_better=True,
        facts="problem_facts",
    ),
    # 服务
    _rate(
        "service_complete_rate",
        "五个一完整率",
        filed("leader", "team", "plan_document", "responsible_person"),
        _IN_SERVICE,
        "分母：报告期末处于签约、落地、立项、开工环节的项目；"
        "分子：其中包保领导、专班、推进方案、责任人都已填报的项目",
        f"{_SHENYANG} 四（三）；统计规则为本系统默认",
    ),
    _rate(
        "steward_rate",
        "服务秘书覆盖率",
        filed("steward"),
        in_stage("signed", "landed", "approved"),
        "分母：报告期末处于签约、落地、立项环节、总投资1亿元及以上的项目；"
        "分子：其中已明确服务秘书（项目管家、首席服务官）的项目",
        f"{_SHENYANG} 二（二）9；{_DALIAN} 五（四）；统计规则为本系统默认",
        filters=_LARGE,
    ),
    *(
        _rate(
            metric_id,
            name,
            filed(*columns),
            _IN_SERVICE,
            f"分母：报告期末处于签约、落地、立项、开工环节的项目；分子：其中已填报{told}的项目",
            f"{_SHENYANG} {clause}；统计规则为本系统默认",
        )
        for metric_id, name, columns, told, clause in (
            ("leader_rate", "包保领导明确率", ("leader",), "包保领导", "四（三）"),
            ("team_rate", "专班组建率", ("team",), "专班", "四（三）"),
            ("plan_document_rate", "推进方案制定率", ("plan_document",), "推进方案", "四（三）"),
            ("responsible_rate", "责任人明确率", ("responsible_person",), "责任人", "四（三）"),
            (
                "work_arranged_rate",
                "工作计划四项明确率",
                ("plan_document", "completion_due_on", "leader", "responsible_person"),
                "推进方案、计划竣工时间（建设进度）、包保领导、责任人四项",
                "三",
            ),
        )
    ),
    _rate(
        "review_rate",
        "签约前研判率（10亿元以上）",
        reviewed_before_signing(),
        happened("signed"),
        f"分母：签约时间在{_OF_THE_YEAR}，总投资10亿元及以上的工业、服务业项目；"
        "分子：其中填报了研判时间、研判不晚于签约的项目，研判时间只精确到月（季、年）的以其首日计",
        f"{_HUAIAN} 三；统计规则为本系统默认",
        kind="cohort",
        filters=_of("工业", "服务业", size=10 * YI),
    ),
    _stock(
        "led_projects",
        "包保服务中的项目",
        _IN_SERVICE & filed("leader"),
        "报告期末处于签约、落地、立项、开工环节、已填报包保领导的项目",
        f"{_SHENYANG} 四（三）；统计规则为本系统默认",
    ),
    _stock(
        "led_investment",
        "包保服务中项目总投资",
        _IN_SERVICE & filed("leader"),
        "报告期末处于签约、落地、立项、开工环节、已填报包保领导的项目总投资之和，缺报的项目单列",
        f"{_SHENYANG} 四（三）；统计规则为本系统默认",
        amount="investment_total",
    ),
    _stock(
        "led_red_projects",
        "包保服务中的红灯项目",
        _IN_SERVICE & filed("leader") & lit("red") & ~pl.col("is_exempt"),
        "报告期末处于签约、落地、立项、开工环节、已填报包保领导、亮红灯的项目，豁免除外",
        f"{_SHENYANG} 四（三）；亮灯规则为本系统默认",
        is_less_better=True,
    ),
    # 天数
    *(
        _days(earlier, later)
        for earlier, later in (
            ("signed", "landed"),
            ("signed", "started"),
            ("approved", "started"),
            ("started", "completed"),
            ("completed", "produced"),
            ("produced", "ramped"),
        )
    ),
    # 清单
    _stock(
        "listed_projects",
        "清单项目",
        listed(),
        "报告期末列入任一清单的项目数，在几个清单里的项目只计一次，退库除外；清单按填报",
        f"{_DALIAN} 二；统计规则为本系统默认",
    ),
    _stock(
        "listed_investment",
        "清单项目总投资",
        listed(),
        "报告期末列入任一清单的项目总投资之和，在几个清单里的项目只计一次，退库除外；缺总投资的项目不计入并单列",
        f"{_DALIAN} 二；统计规则为本系统默认",
        amount="investment_total",
    ),
    Metric(
        id="listed_invested_year",
        name="清单项目本年完成投资",
        unit="万元",
        kind="flow",
        definition="列入任一清单的项目本年1月1日至报告期末台账累计完成投资之和，在几个清单里的项目只计一次，退库除外；"
        "缺报的项目不计入并单列",
        source=f"{_DALIAN} 二；统计规则为本系统默认",
        counted=listed() & filed("invested_year"),
        among=listed(),
        amount=pl.col("invested_year"),
    ),
    *(
        Metric(
            id=f"large_{kind}_projects",
            name=f"亿元以上{CARRY_KINDS[kind]}项目",
            unit="个",
            kind="stock",
            definition=f"总投资1亿元及以上、本年1月1日前未竣工、未退库的项目中，{words}",
            source=f"{_DALIAN} 二（二）；四类的界定为本系统默认",
            counted=carry_kind(kind),
            filters=_LARGE,
        )
        for kind, words in _KIND_WORDS.items()
    ),
    # 入统与手续
    Metric(
        id="statistics_pending",
        name="开工未入统项目",
        unit="个",
        kind="stock",
        definition="已开工、总投资500万元及以上、报告期末尚未入统的项目，不论开工多久，退库除外；"
        "台账不填入统时间的城市无法判断",
        source=f"{_SHENYANG} 二（三）18；{_DALIAN} 应统尽统；统计规则为本系统默认",
        counted=awaits_statistics(),
        filters=MappingProxyType({"investment_from": ("500",)}),
        is_less_better=True,
    ),
    *(
        Metric(
            id=metric_id,
            name=name,
            unit="个",
            kind="stock",
            definition=f"{definition}，项目退库除外",
            source=_OURS,
            counted=counted,
            is_less_better=True,
            facts="permit_facts",
        )
        for metric_id, name, counted, definition in (
            ("permits_lacking", "未取得手续", lacking(), "手续台账在列、报告期末尚未取得的手续"),
            (
                "permits_overdue",
                "逾期未取得手续",
                lacking() & past_due(),
                "手续台账在列、计划办结时间已过、报告期末尚未取得的手续",
            ),
        )
    ),
    Metric(
        id="permits_in_time_rate",
        name="手续按期办结率",
        unit="率",
        kind="rate",
        definition="分母：计划办结时间在报告期末以前的手续；分子：其中按期取得的手续，项目退库除外",
        source=_OURS,
        counted=stands() & past_due() & obtained_in_time(),
        among=stands() & past_due(),
        facts="permit_facts",
    ),
    Metric(
        id="library_entries",
        name="统计在建库项目",
        unit="个",
        kind="stock",
        definition="报告期末统计在建库在列的项目，以统计在建库台账为准",
        source=f"{_SHENYANG} 二（三）18；统计规则为本系统默认",
        counted=everything(),
        facts="statistics_facts",
    ),
    Metric(
        id="library_invested_year",
        name="统计在建库本年完成投资",
        unit="万元",
        kind="flow",
        definition="统计在建库在列项目本年1月1日至报告期末完成投资之和，以统计在建库台账为准；"
        "缺报的不计入并单列；与台账完成投资不混用，1月免报",
        source=_OURS,
        counted=filed("invested_year"),
        among=everything(),
        amount=pl.col("invested_year"),
        facts="statistics_facts",
    ),
    Metric(
        id="fixed_asset_investment",
        name="全市固定资产投资",
        unit="万元",
        kind="flow",
        definition="运行数据台账所载全市固定资产投资本年累计，只用报告期当期报送的数，"
        "计量单位为亿元或万元的换算，其他单位不用；1月免报；不随筛选缩小",
        source=f"{_UNSIGNED} 一（一）；统计规则为本系统默认",
        counted=of_the_city("固定资产投资") & filed("amount"),
        amount=pl.col("amount"),
        facts="economy_facts",
    ),
)

CATALOGUE: Mapping[str, Metric] = MappingProxyType({metric.id: metric for metric in _LISTED})
"""Every metric by its id."""


def cohort_metric(from_stage: str, to_stage: str | None, terms: Mapping[str, str]) -> Metric:
    """The conversion of this year's cohort of one stage, of any size, to another (None: the cohort itself).

    Its rows are the cohort, or those of it that reached `to_stage`. Source: data-model.md section 4, Cohort.
    """
    goal = f"报告期末已到{terms[to_stage]}或其后环节" if to_stage else "报告期末所到环节"
    return _rate(
        f"cohort_{from_stage}_{to_stage or 'all'}",
        f"本年{terms[from_stage]}的同一批项目" + (f"到{terms[to_stage]}的转化率" if to_stage else ""),
        reached(to_stage) if to_stage else everything(),
        happened(from_stage),
        f"分母：本年1月1日至报告期末{terms[from_stage]}、未退库的项目，不限规模；分子：其中{goal}的项目；"
        "中位天数只计两头时间都精确到日的项目",
        "统计规则为本系统默认",
        kind="cohort",
    )


def members_metric(
    metric_id: str,
    name: str,
    definition: str,
    source: str,
    members: Sequence[str],
    *,
    kind: str | None = None,
    amount: str | None = None,
) -> Metric:
    """These projects, of one of `facts.CARRY_KINDS` or all, or what they have spent: they are its rows."""
    among = pl.col("project_id").is_in(members) & stands()
    return Metric(
        id=metric_id,
        name=name,
        unit="万元" if amount else "个",
        kind="flow" if amount else "stock",
        definition=definition,
        source=source,
        counted=among if kind is None else among & carry_kind(kind),
        among=among,
        amount=pl.col(amount) if amount else None,
    )
