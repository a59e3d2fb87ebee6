"""The metric catalogue: every number that is compared, ranked, targeted or shown, defined once.

A metric names the query that counts it, what is added up, and the rows that prove it. Pages, the
command line, race and targets name metrics; none computes a number of its own.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import polars as pl

EXACT = pl.Decimal(38, 4)
"""Type of numerators and denominators: exact until the last division."""

YI = 10_000
"""万元 in one 亿元."""

Kind = Literal["stock", "flow", "cohort", "rate"]
KIND_TERMS = {"stock": "存量", "flow": "流量", "cohort": "同批转化", "rate": "比率"}


@dataclass(frozen=True)
class Question:
    """A query with the parameters that belong to a metric rather than to the reader's scope."""

    query: str
    params: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class Metric:
    """One 口径.

    `numerator` and `denominator` are aggregations over the frame of `question`; `projects` counts the
    rows behind the numerator, `of_projects` those among which they were looked for. `unit` is 个, 万元
    or 率. `rows` are the parameters of `project_rows` that list the numerator's rows.
    """

    id: str
    name: str
    unit: Literal["个", "万元", "率"]
    kind: Kind
    definition: str
    source: str
    question: Question
    numerator: pl.Expr
    projects: pl.Expr
    of_projects: pl.Expr
    denominator: pl.Expr | None = None
    rows: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def part_unit(self) -> Literal["个", "万元"]:
        """What numerator and denominator are counted in."""
        if self.unit == "率":
            return "万元" if self.question.query in _OF_MONEY else "个"
        return self.unit

    @property
    def counts_zero(self) -> bool:
        """Whether the numerator of a filed area without such rows is 0: counts are, amounts are missing."""
        return self.part_unit == "个"

    @property
    def counts_zero_of(self) -> bool:
        """The same of the denominator."""
        return self.denominator is not None and self.counts_zero


_OF_MONEY = ("investment_by_area", "planned_to_date_by_area")
"""The queries whose rates are of amounts."""


def _is_at_least(size: int) -> pl.Expr:
    return pl.col("size_from").fill_null(-1) >= size


def _happened(event: str, size: int = 0, category: str | None = None) -> pl.Expr:
    chosen = pl.col("event") == event
    if size:
        chosen = chosen & _is_at_least(size)
    if category is not None:
        chosen = chosen & (pl.col("category") == category)
    return chosen


def _count(chosen: pl.Expr | None = None) -> pl.Expr:
    column = pl.col("projects")
    return (column if chosen is None else column.filter(chosen)).sum()


def total_of(column: str, chosen: pl.Expr | None = None) -> pl.Expr:
    """A sum of amounts that is missing, not zero, where nothing was reported."""
    amounts = pl.col(column) if chosen is None else pl.col(column).filter(chosen)
    return pl.when(amounts.count() > 0).then(amounts.cast(EXACT).sum())


def share_of(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """The last division (Float64), null where the whole is nothing."""
    return pl.when(whole > 0).then(part.cast(pl.Float64) / whole.cast(pl.Float64))


def _planned_to_date() -> pl.Expr:
    """Money due by the end of the period: the monthly plans, and even months for those without."""
    even = pl.col("linear_plan_year").cast(EXACT) * pl.col("period").str.slice(5).cast(pl.Int64)
    planned = pl.col("monthly_planned_to_date").cast(EXACT).sum() + even.sum() / 12
    return pl.when(pl.col("plan_year").count() > 0).then(planned)


def _event_rows(event: str, size: int = 0, category: str | None = None) -> Mapping[str, object]:
    return MappingProxyType({"event": event, "investment_from": size or None, "category": category})


def _flow(
    metric_id: str,
    name: str,
    event: str,
    definition: str,
    source: str,
    *,
    size: int = 0,
    category: str | None = None,
    amount: str | None = None,
    reported: str | None = None,
) -> Metric:
    chosen = _happened(event, size, category)
    counted = pl.col(reported).filter(chosen).sum() if reported else _count(chosen)
    return Metric(
        id=metric_id,
        name=name,
        unit="万元" if amount else "个",
        kind="flow",
        definition=definition,
        source=source,
        question=Question("events_by_area"),
        numerator=total_of(amount, chosen) if amount else _count(chosen),
        projects=counted,
        of_projects=_count(chosen),
        rows=_event_rows(event, size, category),
    )


def _flagged(metric_id: str, name: str, flag: str, definition: str) -> Metric:
    chosen = _count(pl.col("flag") == flag)
    return Metric(
        id=metric_id,
        name=name,
        unit="个",
        kind="stock",
        definition=f"{definition}，退库除外",
        source="本系统默认",
        question=Question("flags_by_area"),
        numerator=chosen,
        projects=chosen,
        of_projects=chosen,
        rows=MappingProxyType({"flag": flag}),
    )


_PRELIMINARY = ["signed", "landed", "approved"]

_RULE_FLOW = "本年1月1日至报告期末发生，以报告期快照为准，退库除外"

_LISTED = (
    Metric(
        id="planned_investment",
        name="谋划总投资",
        unit="万元",
        kind="stock",
        definition="报告期末已谋划或已进入其后任一环节、未退库、本年1月1日前未竣工的项目总投资之和；缺总投资的项目不计入并单列",
        source="沈阳“四个一批”方案 一；统计规则为本系统默认",
        question=Question("stages_by_area"),
        numerator=total_of("investment_total", pl.col("is_reserve")),
        projects=pl.col("investment_projects").filter(pl.col("is_reserve")).sum(),
        of_projects=_count(pl.col("is_reserve")),
        rows=MappingProxyType({"is_reserve": True}),
    ),
    Metric(
        id="reserve_projects",
        name="谋划储备项目",
        unit="个",
        kind="stock",
        definition="报告期末处于谋划环节的项目数",
        source="本系统默认",
        question=Question("stages_by_area"),
        numerator=_count(pl.col("stage") == "planned"),
        projects=_count(pl.col("stage") == "planned"),
        of_projects=_count(pl.col("stage") == "planned"),
        rows=MappingProxyType({"stages": ["planned"]}),
    ),
    Metric(
        id="projects_in_stage",
        name="各环节在库项目",
        unit="个",
        kind="stock",
        definition="报告期末各环节的项目数，环节取报告期末以前最高一级有时间证明的环节；无时间证明的按填报阶段计并标“填报”，退库除外",
        source="本系统默认",
        question=Question("stages_by_area"),
        numerator=_count(pl.col("stage").fill_null("") != "exited"),
        projects=_count(pl.col("stage").fill_null("") != "exited"),
        of_projects=_count(),
        rows=MappingProxyType({"is_exited": False}),
    ),
    Metric(
        id="preliminary_projects",
        name="推进前期项目",
        unit="个",
        kind="stock",
        definition="报告期末处于签约、落地、立项环节的项目数",
        source="大政办发〔2023〕2号 总述；环节对应为本系统默认",
        question=Question("stages_by_area"),
        numerator=_count(pl.col("stage").is_in(_PRELIMINARY)),
        projects=_count(pl.col("stage").is_in(_PRELIMINARY)),
        of_projects=_count(pl.col("stage").is_in(_PRELIMINARY)),
        rows=MappingProxyType({"stages": _PRELIMINARY}),
    ),
    Metric(
        id="carried_projects",
        name="在建项目",
        unit="个",
        kind="stock",
        definition="本年1月1日前开工、报告期末尚未竣工的项目数",
        source="大政办发〔2023〕2号 总述；统计规则为本系统默认",
        question=Question("stages_by_area"),
        numerator=_count((pl.col("stage") == "started") & pl.col("is_started_before")),
        projects=_count((pl.col("stage") == "started") & pl.col("is_started_before")),
        of_projects=_count((pl.col("stage") == "started") & pl.col("is_started_before")),
        rows=MappingProxyType({"stages": ["started"], "is_started_before": True}),
    ),
    _flow("planned_projects", "新谋划项目", "planned", f"谋划时间在{_RULE_FLOW}", "本系统默认"),
    _flow(
        "newly_planned_investment",
        "新谋划总投资",
        "planned",
        f"谋划时间在{_RULE_FLOW}；总投资之和",
        "本系统默认",
        amount="investment_total",
        reported="investment_projects",
    ),
    _flow(
        "signed_projects",
        "新签约项目（亿元以上）",
        "signed",
        f"签约时间在{_RULE_FLOW}；总投资1亿元及以上",
        "沈阳“四个一批”方案 一",
        size=YI,
    ),
    _flow(
        "signed_investment",
        "新签约总投资（亿元以上）",
        "signed",
        f"签约时间在{_RULE_FLOW}；总投资1亿元及以上",
        "本系统默认",
        size=YI,
        amount="investment_total",
        reported="investment_projects",
    ),
    _flow(
        "signed_industrial_projects",
        "新签约工业项目（亿元以上）",
        "signed",
        f"签约时间在{_RULE_FLOW}；工业，总投资1亿元及以上",
        "淮安重特大项目攻坚方案 二",
        size=YI,
        category="工业",
    ),
    _flow(
        "agreed_amount",
        "协议引资额",
        "signed",
        f"签约时间在{_RULE_FLOW}；协议引资额之和，缺报的项目单列",
        "淮安重特大项目攻坚方案 二",
        amount="agreed_amount",
        reported="agreed_projects",
    ),
    _flow(
        "landed_projects",
        "新落地项目（亿元以上）",
        "landed",
        f"落地时间在{_RULE_FLOW}；总投资1亿元及以上；未填落地时间的按落地标准由土地摘牌、开工、注册和运营时间推定",
        "沈阳“四个一批”方案 一；大政办发〔2023〕2号 二（五）",
        size=YI,
    ),
    _flow(
        "landed_investment",
        "新落地总投资（亿元以上）",
        "landed",
        f"落地时间在{_RULE_FLOW}；总投资1亿元及以上",
        "本系统默认",
        size=YI,
        amount="investment_total",
        reported="investment_projects",
    ),
    _flow(
        "started_projects", "新开工项目", "started", f"实际开工时间在{_RULE_FLOW}", "沈阳“四个一批”方案 一"
    ),
    _flow(
        "started_investment",
        "新开工总投资",
        "started",
        f"实际开工时间在{_RULE_FLOW}",
        "本系统默认",
        amount="investment_total",
        reported="investment_projects",
    ),
    *(
        _flow(
            f"started_projects_{key}",
            f"新开工{category}项目",
            "started",
            f"实际开工时间在{_RULE_FLOW}；项目类别为{category}",
            "沈阳“四个一批”方案 二（三）12",
            category=category,
        )
        for key, category in (("industry", "工业"), ("service", "服务业"), ("farming", "农业"))
    ),
    _flow(
        "started_industrial_projects",
        "新开工工业项目（亿元以上）",
        "started",
        f"实际开工时间在{_RULE_FLOW}；工业，总投资1亿元及以上",
        "淮安重特大项目攻坚方案 二",
        size=YI,
        category="工业",
    ),
    _flow(
        "completed_projects",
        "竣工投产项目",
        "finished",
        f"竣工时间（缺竣工时间的取验收时间，再缺的取投产时间）在{_RULE_FLOW}；一个项目只计一次",
        "沈阳“四个一批”方案 一；统计规则为本系统默认",
    ),
    _flow(
        "completed_investment",
        "竣工投产总投资",
        "finished",
        f"竣工投产时间在{_RULE_FLOW}",
        "本系统默认",
        amount="investment_total",
        reported="investment_projects",
    ),
    _flow("produced_projects", "投产项目", "produced", f"投产时间在{_RULE_FLOW}", "本系统默认"),
    _flow("ramped_projects", "达产达效项目", "ramped", f"达产达效时间在{_RULE_FLOW}", "本系统默认"),
    _flow("exited_projects", "退库项目", "exited", "退库时间在本年1月1日至报告期末", "本系统默认"),
    Metric(
        id="landing_rate_of_signed",
        name="签约落地率",
        unit="率",
        kind="cohort",
        definition="分母：本年签约且总投资1亿元及以上、未退库的项目；分子：其中报告期末已落地或进入其后环节的项目",
        source="本系统默认",
        question=Question("conversion_by_stage", (("from_stage", "signed"),)),
        numerator=_count((pl.col("to_stage") == "landed") & _is_at_least(YI) & pl.col("is_reached")),
        denominator=_count((pl.col("to_stage") == "landed") & _is_at_least(YI)),
        projects=_count((pl.col("to_stage") == "landed") & _is_at_least(YI) & pl.col("is_reached")),
        of_projects=_count((pl.col("to_stage") == "landed") & _is_at_least(YI)),
        rows=MappingProxyType({"event": "signed", "reached_stage": "landed", "investment_from": YI}),
    ),
    Metric(
        id="start_rate_of_signed",
        name="开工率",
        unit="率",
        kind="cohort",
        definition="分母：本年签约且总投资1亿元及以上、未退库的项目；分子：其中报告期末已开工或进入其后环节的项目",
        source="淮安重特大项目攻坚方案 三；统计规则为本系统默认",
        question=Question("conversion_by_stage", (("from_stage", "signed"),)),
        numerator=_count((pl.col("to_stage") == "started") & _is_at_least(YI) & pl.col("is_reached")),
        denominator=_count((pl.col("to_stage") == "started") & _is_at_least(YI)),
        projects=_count((pl.col("to_stage") == "started") & _is_at_least(YI) & pl.col("is_reached")),
        of_projects=_count((pl.col("to_stage") == "started") & _is_at_least(YI)),
        rows=MappingProxyType({"event": "signed", "reached_stage": "started", "investment_from": YI}),
    ),
    Metric(
        id="started_as_planned_rate",
        name="按计划开工率",
        unit="率",
        kind="rate",
        definition="分母：按本年首次填报的计划开工时间，应于本年1月1日至报告期末开工的项目；分子：其中报告期末已开工的项目",
        source="本系统默认",
        question=Question("flags_by_area"),
        numerator=_count(pl.col("flag") == "due_started"),
        denominator=_count(pl.col("flag") == "due"),
        projects=_count(pl.col("flag") == "due_started"),
        of_projects=_count(pl.col("flag") == "due"),
        rows=MappingProxyType({"flag": "due_started"}),
    ),
    *(
        _flagged(*flagged)
        for flagged in (
            (
                "starts_due",
                "计划应开工项目",
                "due",
                "按本年首次填报的计划开工时间，应于本年1月1日至报告期末开工的项目",
            ),
            (
                "starts_waiting",
                "应开工未开工项目",
                "due_waiting",
                "按本年首次填报的计划开工时间应于报告期末前开工、至今未开工的项目",
            ),
            ("starts_postponed", "推迟计划开工项目", "postponed", "计划开工时间晚于本年首次填报时间的项目"),
            ("plans_cut", "调减年度计划项目", "cut", "年度计划投资低于本年首期快照所载的项目"),
            (
                "production_waiting",
                "竣工满3个月未投产项目",
                "unproduced",
                "竣工满3个月、报告期末仍未投产的项目",
            ),
            (
                "statistics_waiting",
                "开工满1个月未入统项目",
                "unlisted",
                "开工满1个月、总投资500万元及以上、报告期末尚未入统的项目",
            ),
        )
    ),
    Metric(
        id="plans_cut_amount",
        name="调减年度计划投资",
        unit="万元",
        kind="flow",
        definition="年度计划投资低于本年首期快照所载的项目，两者之差的合计",
        source="本系统默认",
        question=Question("flags_by_area"),
        numerator=total_of("plan_cut", pl.col("flag") == "cut"),
        projects=_count(pl.col("flag") == "cut"),
        of_projects=_count(pl.col("flag") == "cut"),
        rows=MappingProxyType({"flag": "cut"}),
    ),
    Metric(
        id="invested_year",
        name="本年完成投资",
        unit="万元",
        kind="flow",
        definition="本年1月1日至报告期末台账累计完成投资之和，退库除外；缺报的项目不计入并单列；与统计入库投资不混用",
        source="本系统默认",
        question=Question("investment_by_area"),
        numerator=total_of("invested_year"),
        projects=pl.col("invested_projects").sum(),
        of_projects=_count(),
        rows=MappingProxyType({"has_invested": True}),
    ),
    Metric(
        id="plan_year",
        name="年度计划投资",
        unit="万元",
        kind="stock",
        definition="报告期快照所载年度计划投资之和，退库除外；缺报的项目不计入并单列",
        source="本系统默认",
        question=Question("investment_by_area"),
        numerator=total_of("plan_year"),
        projects=pl.col("plan_projects").sum(),
        of_projects=_count(),
        rows=MappingProxyType({"has_plan": True}),
    ),
    Metric(
        id="industrial_invested",
        name="工业项目本年完成投资",
        unit="万元",
        kind="flow",
        definition="工业项目本年1月1日至报告期末台账累计完成投资之和，退库除外",
        source="淮安重特大项目攻坚方案 二",
        question=Question("investment_by_area"),
        numerator=total_of("invested_year", pl.col("category") == "工业"),
        projects=pl.col("invested_projects").filter(pl.col("category") == "工业").sum(),
        of_projects=_count(pl.col("category") == "工业"),
        rows=MappingProxyType({"has_invested": True, "category": "工业"}),
    ),
    Metric(
        id="investment_completion",
        name="投资完成率",
        unit="率",
        kind="rate",
        definition="分子：本年累计完成投资；分母：报告期快照所载年度计划投资；只计两项都填报的项目，只填一项的单列",
        source="本系统默认",
        question=Question("investment_by_area"),
        numerator=total_of("both_invested_year"),
        denominator=total_of("both_plan_year"),
        projects=pl.col("both_projects").sum(),
        of_projects=_count(),
        rows=MappingProxyType({"has_plan": True, "has_invested": True}),
    ),
    Metric(
        id="investment_completion_of_baseline",
        name="投资完成率（年初计划）",
        unit="率",
        kind="rate",
        definition="分子：本年累计完成投资；分母：本年首期快照所载年度计划投资，调减计划不能抬高完成率；只计两项都有的项目",
        source="本系统默认",
        question=Question("investment_by_area"),
        numerator=total_of("baseline_invested_year"),
        denominator=total_of("baseline_plan_year"),
        projects=pl.col("baseline_projects").sum(),
        of_projects=_count(),
        rows=MappingProxyType({"has_baseline": True, "has_invested": True}),
    ),
    *(
        Metric(
            id=metric_id,
            name=name,
            unit="率",
            kind="rate",
            definition="分子：本年1月1日至报告期末应完成投资，全年各月都有月度计划的项目按"
            f"{plans}，其余按月均（年度计划投资×月数÷12）；"
            f"分母：同一批项目{total}；只计已填本年完成投资的项目，退库除外，项目数为按月度计划的",
            source="本系统默认",
            question=Question("planned_to_date_by_area", (("is_baseline", is_baseline),)),
            numerator=_planned_to_date(),
            denominator=total_of("plan_year"),
            projects=pl.col("monthly_projects").sum(),
            of_projects=pl.col("plan_projects").sum(),
            rows=MappingProxyType(rows),
        )
        for metric_id, name, plans, total, is_baseline, rows in (
            (
                "planned_share",
                "资金序时",
                "月度计划",
                "报告期快照所载年度计划投资",
                False,
                {"has_plan": True, "has_invested": True},
            ),
            (
                "planned_share_of_baseline",
                "资金序时（年初计划）",
                "本年首次填报的月度计划",
                "本年首期快照所载年度计划投资",
                True,
                {"has_baseline": True, "has_invested": True},
            ),
        )
    ),
)

CATALOGUE: Mapping[str, Metric] = MappingProxyType({metric.id: metric for metric in _LISTED})
"""Every metric by its id."""


def cohort_metric(from_stage: str, to_stage: str | None, terms: Mapping[str, str]) -> Metric:
    """The conversion of this year's cohort of one stage, of any size, to another (None: the cohort itself).

    Its rows are the cohort, or those of it that reached `to_stage`. Source: data-model.md section 4, Cohort.
    """
    reached = pl.col("is_reached") if to_stage else pl.lit(value=True)
    of_pair = pl.col("to_stage") == to_stage if to_stage else pl.col("to_stage") == pl.col("to_stage").first()
    goal = f"报告期末已到{terms[to_stage]}或其后环节" if to_stage else "报告期末所到环节"
    return Metric(
        id=f"cohort_{from_stage}_{to_stage or 'all'}",
        name=f"本年{terms[from_stage]}的同一批项目" + (f"到{terms[to_stage]}的转化率" if to_stage else ""),
        unit="率",
        kind="cohort",
        definition=f"分母：本年1月1日至报告期末{terms[from_stage]}、未退库的项目，不限规模；分子：其中{goal}的项目；"
        "中位天数只计两头时间都精确到日的项目",
        source="统计规则为本系统默认",
        question=Question("conversion_by_stage", (("from_stage", from_stage),)),
        numerator=_count(of_pair & reached),
        denominator=_count(of_pair),
        projects=_count(of_pair & reached),
        of_projects=_count(of_pair),
        rows=MappingProxyType({"event": from_stage} | ({"reached_stage": to_stage} if to_stage else {})),
    )


def questions(metric_ids: Iterable[str]) -> list[Question]:
    """The distinct questions that answer these metrics, in the order of the metrics."""
    return list(dict.fromkeys(CATALOGUE[metric_id].question for metric_id in metric_ids))


def metric_values(
    metric_ids: Iterable[str], ask: Callable[[Question], pl.DataFrame], answered: pl.DataFrame
) -> pl.DataFrame:
    """Values of these metrics, one row per metric and row of `answered`, in the order given.

    `ask` answers a question with the frame of its query. `answered` lists the keys for which a ledger
    was filed (period, or period and area_id): a filed area without such projects counts 0, an area
    that never filed has no row. Columns: metric_id, the keys, numerator and denominator
    (Decimal(38,4); 万元 or 个; null where nothing was reported or the metric has no denominator),
    projects and of_projects (rows counted, of how many), value (Float64: the quotient of a rate, else
    the numerator; null where it is missing).
    """
    keys = answered.columns
    frames: dict[Question, pl.DataFrame] = {}
    answers = [
        answered.clear().select(
            pl.lit("").alias("metric_id"),
            *keys,
            *(pl.lit(None, EXACT).alias(name) for name in ("numerator", "denominator")),
            *(pl.lit(0, pl.Int64).alias(name) for name in ("projects", "of_projects")),
        )
    ]
    for metric_id in metric_ids:
        metric = CATALOGUE[metric_id]
        if metric.question not in frames:
            frames[metric.question] = ask(metric.question)
        counted = (
            frames[metric.question]
            .group_by(keys, maintain_order=True)
            .agg(
                numerator=metric.numerator.cast(EXACT),
                denominator=(pl.lit(None) if metric.denominator is None else metric.denominator).cast(EXACT),
                projects=metric.projects.cast(pl.Int64),
                of_projects=metric.of_projects.cast(pl.Int64),
            )
        )
        answers.append(
            answered.join(counted, on=keys, how="left", maintain_order="left").select(
                pl.lit(metric_id).alias("metric_id"),
                *keys,
                pl.col("numerator").fill_null(0) if metric.counts_zero else pl.col("numerator"),
                pl.col("denominator").fill_null(0) if metric.counts_zero_of else pl.col("denominator"),
                pl.col("projects", "of_projects").fill_null(0),
            )
        )
    return pl.concat(answers).with_columns(
        value=pl.when(pl.col("metric_id").is_in(_QUOTIENTS))
        .then(share_of(pl.col("numerator"), pl.col("denominator")))
        .otherwise(pl.col("numerator").cast(pl.Float64))
    )


_QUOTIENTS = [metric.id for metric in _LISTED if metric.denominator is not None]
