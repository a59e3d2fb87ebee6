"""What is true of a project at the end of a period, as conditions over the columns of `project_facts`,
and of a fund or a problem over those of `fund_facts` and `problem_facts`.

A condition is never null: what is not known to be true is not true. Sources: data-model.md sections 3, 4.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

import polars as pl

from saima.ledgers import STAGES

YI = 10_000
"""万元 in one 亿元."""

Filters = Mapping[str, tuple[str, ...]]
"""Conditions by name (`reference.targets.FILTERS`): any of its values counts."""

UNCHAINED = "未归链"
"""The chain of projects that name none, or one that the city does not keep."""

BONDS = "地方政府专项债券"
FROM_ABOVE = ("中央预算内投资", BONDS, "超长期特别国债", "政策性开发性金融工具")
"""Sources of 上级资金: three by 沈阳“四个一批”方案 二（一）1, the fourth by 大政办发〔2023〕2号 二（六）."""

READINESS = ("is_land_ready", "is_quota_ready", "is_utility_ready", "is_investor_ready")
"""用地征拆, 指标平衡, 市政配套, 投资主体."""

EVENTS = (*STAGES, "finished", "exited")
"""What happens to a project once: `finished` is completed, accepted or, failing both, produced."""


def _true(condition: pl.Expr) -> pl.Expr:
    return condition.fill_null(value=False)


def everything() -> pl.Expr:
    """Every project, whatever became of it."""
    return pl.col("end_on").is_not_null()


def stands() -> pl.Expr:
    """Whether the project has not left."""
    return pl.col("stage").ne_missing("exited")


def happened(event: str) -> pl.Expr:
    """Whether one of EVENTS fell on a day from 1 January to the end of the period; of projects that stand."""
    on = pl.col(f"{event}_on")
    happened = _true(on.is_between(pl.col("year_from"), pl.col("end_on")))
    return happened if event == "exited" else happened & stands()


def occurred(event: str) -> pl.Expr:
    """Whether one of EVENTS has happened by the end of the period, in whatever year."""
    return _true(pl.col(f"{event}_on") <= pl.col("end_on"))


def in_stage(*stages: str) -> pl.Expr:
    """Whether the project's stage is one of these; `unknown` is no stage at all."""
    return pl.col("stage").fill_null("unknown").is_in(stages)


def reached(stage: str) -> pl.Expr:
    """Whether the project stands in that stage or a later one."""
    return in_stage(*STAGES[STAGES.index(stage) :])


def started_before() -> pl.Expr:
    """Whether work began before the year."""
    return _true(pl.col("started_on") < pl.col("year_from"))


def carried_over() -> pl.Expr:
    """Whether the year began with the project under construction: begun before, finished in it or not yet."""
    is_finished = _true(pl.col("finished_on") < pl.col("year_from"))
    return started_before() & ~is_finished & stands()


def suspended() -> pl.Expr:
    """Whether work stands still: stopped, and not resumed since."""
    since = pl.col("suspended_on")
    is_resumed = pl.col("resumed_on").is_between(since, pl.col("end_on"))
    return _true(since <= pl.col("end_on")) & ~_true(is_resumed)


def conditions_met() -> pl.Expr:
    """How many of the four conditions of a mature project are filed as met."""
    return pl.sum_horizontal(_true(pl.col(column)).cast(pl.Int64) for column in READINESS)


def ready() -> pl.Expr:
    """Whether land, quotas, utilities and investor are all there: mature (沈阳“四个一批”方案 二（一）8)."""
    return conditions_met() == len(READINESS)


def planned_when_the_year_began() -> pl.Expr:
    """Whether the project was planned before the year and nothing further had happened to it by then."""
    went_on = (pl.col(f"{event}_on") < pl.col("year_from") for event in EVENTS if event != "planned")
    return _true(pl.col("planned_on") < pl.col("year_from")) & ~_true(pl.any_horizontal(went_on)) & stands()


def since(event: str, months_before: int) -> pl.Expr:
    """Whether the event fell on a day from so many months before the year to the end of the period."""
    begin = pl.col("year_from").dt.offset_by(f"-{months_before}mo")
    return _true(pl.col(f"{event}_on").is_between(begin, pl.col("end_on"))) & stands()


def is_over(event: str, months: int) -> pl.Expr:
    """Whether so many months have passed since the event."""
    return _true(pl.col(f"{event}_on").dt.offset_by(f"{months}mo") <= pl.col("end_on"))


def lit(*colours: str) -> pl.Expr:
    """Whether the project's light, the worst of its lights, is one of these."""
    return pl.col("light").is_in(colours).fill_null(value=False)


def lagged() -> pl.Expr:
    """Whether the project lagged when the year began, or is on the campaign's list of those that do."""
    return _true(pl.col("was_lagging")) & stands()


def recovered() -> pl.Expr:
    """Whether a project that lagged is green, completed, or back at work since the year began."""
    return lit("green") | reached("completed") | (within_the_year("resumed_on") & ~suspended())


def within_the_year(column: str) -> pl.Expr:
    """Whether that date fell from 1 January to the end of the period."""
    return _true(pl.col(column).is_between(pl.col("year_from"), pl.col("end_on")))


def won_from_above() -> pl.Expr:
    """Whether a fund from above was won in the year: approved, of bonds issued (data-model.md section 4)."""
    on = pl.when(pl.col("source") == BONDS).then("issued_on").otherwise("approved_on")
    return pl.col("source").is_in(FROM_ABOVE).fill_null(value=False) & _true(
        on.is_between(pl.col("year_from"), pl.col("end_on"))
    )


def approved_in_the_first_half() -> pl.Expr:
    """Whether a fund from above was approved from January to June of the year."""
    half = pl.col("year_from").dt.offset_by("6mo")
    is_early = _true(pl.col("approved_on") < half) & within_the_year("approved_on")
    return pl.col("source").is_in(FROM_ABOVE).fill_null(value=False) & is_early


def treasury_of_the_second_half() -> pl.Expr:
    """Whether a fund is 超长期特别国债 approved from July of the year on."""
    half = pl.col("year_from").dt.offset_by("6mo")
    is_treasury = (pl.col("source") == "超长期特别国债").fill_null(value=False)
    return is_treasury & within_the_year("approved_on") & _true(pl.col("approved_on") >= half)


def without_work(months: int) -> pl.Expr:
    """Whether a fund arrived so many months ago or more, and no work stands for it yet."""
    return is_over("arrived", months) & ~occurred("physical")


def open_() -> pl.Expr:
    """Whether a problem was raised and is not resolved."""
    return occurred("raised") & ~occurred("resolved")


def past_due() -> pl.Expr:
    """Whether the day by which a problem should be resolved lies before the end of the period."""
    return _true(pl.col("due_on") < pl.col("end_on"))


def near_due(days: int) -> pl.Expr:
    """Whether that day lies no more than so many days after the end of the period."""
    return _true(pl.col("due_on") <= pl.col("end_on").dt.offset_by(f"{days}d"))


def resolved_in_time() -> pl.Expr:
    """Whether a problem was resolved by the day it was due."""
    return _true(pl.col("resolved_on") <= pl.col("due_on"))


def in_hand() -> pl.Expr:
    """Whether a problem was raised by the end and was not resolved before the year began."""
    return occurred("raised") & ~_true(pl.col("resolved_on") < pl.col("year_from"))


def in_service() -> pl.Expr:
    """Whether the project is one that a leader is asked to serve: signed, and not yet completed."""
    return in_stage("signed", "landed", "approved", "started")


def reviewed_before_signing() -> pl.Expr:
    """Whether a review was filed, not later than the signing; a rough date counts by its first day."""
    on, precision = pl.col("reviewed_on"), pl.col("reviewed_on_precision")
    rough = {"month": "1mo", "quarter": "1q", "year": "1y"}
    first = on
    for name, span in rough.items():
        first = pl.when(precision == name).then(on.dt.truncate(span)).otherwise(first)
    return _true(first <= pl.col("signed_on"))


def filed(*columns: str) -> pl.Expr:
    """Whether all of these were filed."""
    return pl.all_horizontal(pl.col(column).is_not_null() for column in columns)


def flagged(flag: str) -> pl.Expr:
    """Whether the project has that flag (`is_<flag>` of project_flags)."""
    return pl.col(f"is_{flag}")


def days_between(earlier: str, later: str) -> pl.Expr:
    """Days from one event to another; null unless both are known to the day, in that order, by the end."""
    first, last = pl.col(f"{earlier}_on"), pl.col(f"{later}_on")
    are_exact = (pl.col(f"{earlier}_on_precision") == "day") & (pl.col(f"{later}_on_precision") == "day")
    is_counted = are_exact & last.is_between(first, pl.col("end_on"))
    return pl.when(is_counted).then((last - first).dt.total_days())


def narrowed(filters: Filters) -> pl.Expr:
    """Whether a project meets all of the filters; one without the value that is asked for does not."""
    return pl.all_horizontal(True, *(_true(_meets(name, values)) for name, values in filters.items()))


def _meets(name: str, values: Sequence[str]) -> pl.Expr:
    match name:
        case "investment_from":
            met = pl.col("investment_total") >= pl.lit(values[0]).cast(pl.Decimal(18, 4))
        case "investment_below":
            met = pl.col("investment_total") < pl.lit(values[0]).cast(pl.Decimal(18, 4))
        case "tag" | "list":
            listed = pl.col(f"{name}s")
            met = pl.any_horizontal(listed.list.contains(value) for value in values)
        case "stage":
            met = in_stage(*values)
        case "problem":
            met = pl.col("class").is_in(values) | pl.col("subclass").is_in(values).fill_null(value=False)
        case "stock_at":
            day = date.fromisoformat(values[0])
            met = (pl.col("raised_on") <= day) & ~_true(pl.col("resolved_on") <= day)
        case "chain":
            met = pl.col("chain").fill_null(UNCHAINED).is_in(values)
        case _:
            met = pl.col("area_id" if name == "area" else name).is_in(values)
    return met


def listed() -> pl.Expr:
    """Whether the project stands and is filed on a list."""
    return _true(pl.col("lists").list.len() > 0) & stands()


def of_the_year() -> pl.Expr:
    """Whether the year has to do with the project: it stands, and was not finished before the year."""
    return stands() & ~_true(pl.col("finished_on") < pl.col("year_from"))


def to_start_this_year() -> pl.Expr:
    """Whether work began in the year, or was to begin in it by the year's first filed plan."""
    last = pl.col("year_from").dt.offset_by("1y").dt.offset_by("-1d")
    due = _true(pl.col("baseline_start_due_on").is_between(pl.col("year_from"), last))
    return happened("started") | (due & ~occurred("started") & stands())


CARRY_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "carried": "上年结转续建",
        "starting": "当年拟新开工",
        "preliminary": "正在实质推进前期",
        "new": "新谋划储备",
        "other": "其余",
        "finished": "往年已竣工",
    }
)
"""Kinds of 亿元以上 projects (大政办发〔2023〕2号 二（二）): the document's four, and what is none."""


def carry_kind(kind: str) -> pl.Expr:
    """Whether a project is of one of CARRY_KINDS: whatever stands is of exactly one, the first that fits.

    A start due counts before its stage; planned is new that was planned in the year; the rest of the year's
    projects, such as a reserve of earlier years, is `other`; what was finished before it `finished`.
    """
    current = of_the_year()
    told = {
        "carried": carried_over(),
        "starting": current & to_start_this_year(),
        "preliminary": current & in_stage("signed", "landed", "approved"),
        "new": current & in_stage("planned") & within_the_year("planned_on"),
        "other": current,
        "finished": stands() & ~current,
    }
    before = [told[other] for other in list(told)[: list(told).index(kind)]]
    return told[kind] & ~pl.any_horizontal(False, *before)


def won() -> pl.Expr:
    """Whether a fund was approved, issued or arrived by the end of the period, or approved without a day."""
    is_dateless = filed("approved") & pl.col("approved_on").is_null()
    return occurred("approved") | occurred("issued") | occurred("arrived") | is_dateless


def awaits_statistics() -> pl.Expr:
    """Whether work has begun and statistics have not taken the project in; of ledgers that date entries."""
    is_begun = occurred("started") | in_stage("started")
    return _true(pl.col("dated_entries") > 0) & is_begun & stands() & ~occurred("entered_statistics")


def due_within(days: int) -> pl.Expr:
    """Whether something is due from the end of the period to so many days after it."""
    until = pl.col("end_on").dt.offset_by(f"{days}d")
    return _true(pl.col("due_on").is_between(pl.col("end_on"), until))


def lacking() -> pl.Expr:
    """Whether a permit of a project that stands is not there yet."""
    return stands() & ~occurred("obtained")


def obtained_in_time() -> pl.Expr:
    """Whether a permit was obtained by the day it was due."""
    return occurred("obtained") & _true(pl.col("obtained_on") <= pl.col("due_on"))


def of_the_city(measure: str) -> pl.Expr:
    """Whether a figure is the whole city's, of that measure, and filed for the period itself."""
    is_current = pl.col("filed_period") == pl.col("period")
    return _true(pl.col("is_of_city") & (pl.col("measure") == measure) & is_current)
