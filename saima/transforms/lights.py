"""Lights: which projects are on course, which need care and which lag, since when, and by which rule.

Source: data-model.md section 5; every threshold is the city's own (`reference.LightRules`).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import polars as pl

from saima.metrics import EXACT
from saima.metrics.facts import (
    READINESS,
    conditions_met,
    in_stage,
    is_over,
    occurred,
    open_,
    reached,
    stands,
)
from saima.reference import LightRules
from saima.reference.lights import LONGEST

LIGHT_TERMS: Mapping[str, str] = MappingProxyType(
    {
        "start": "开工",
        "progress": "投资进度",
        "funds": "资金",
        "statistics": "入统",
        "problem": "受阻问题",
        "production": "投产",
        "capacity": "达产达效",
    }
)
"""The lights of a project, in the order in which they are told; its own light is the worst of them."""

COLOURS = ("grey", "green", "yellow", "red")
"""From what says nothing to the worst."""

LIT = ("yellow", "red")

RECENT = LONGEST
"""Over how many periods a streak is told."""

FACTS = (
    *("filed_period", "year_from", "end_on", "project_id", "category", "chain", "stage", "lists"),
    *("investment_total", "plan_year", "invested_year", "invested_total", "planned_to_date"),
    *("started_on", "finished_on", "suspended_on", "resumed_on", "baseline_start_due_on"),
    *("is_due_waiting", "completion_due_on", "entered_statistics_on", "dated_productions"),
    *("dated_ramps", "dated_entries", *READINESS, "exemption_reason", "exempt_until"),
)
"""Columns of `project_facts` that lights are told from."""


_WORKED_WITH = (
    *("filed_period", "year_from", "plan_year", "invested_year", "invested_total", "planned_to_date"),
    *("suspended_on", "resumed_on", "is_due_waiting", "completion_due_on", "entered_statistics_on"),
    *("dated_productions", "dated_ramps", "dated_entries", *READINESS, "has_funds", "says_ready", "owed"),
)
"""Columns that nobody asks for once the lights are told: a city's lights of a year are kept in memory."""

TOLD = frozenset(
    {
        *LIGHT_TERMS,
        *("light", "reserve", "ready", "is_exempt", "is_marathon", "is_snail"),
        *("start_periods", "lit_periods", "red_periods"),
    }
)
"""Columns of `project_lights` that metrics may look at."""


def _light(*conditions: tuple[str, pl.Expr], otherwise: str = "grey") -> pl.Expr:
    """The colour of the first condition that is true."""
    told = pl.lit(otherwise)
    for colour, condition in reversed(conditions):
        told = pl.when(condition.fill_null(value=False)).then(pl.lit(colour)).otherwise(told)
    return told


def _tenths(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """`part` in % of `whole`, in tenths rounded half up as they are printed (Int128)."""
    n, d = ((amount.cast(EXACT) * 10_000).cast(pl.Int128) for amount in (part, whole))
    return pl.when(whole > 0).then((n * 2_000 + d) // (d * 2))


def project_lights(
    facts: pl.DataFrame, funds: pl.DataFrame, problems: pl.DataFrame, rules: LightRules
) -> pl.DataFrame:
    """The lights of every project at the end of every period, by period and project.

    `facts` has FACTS, period and area_id of whole ledgers; `funds` period, project_id, end_on, arrived_on,
    physical_on; `problems` period, project_id, end_on, raised_on, due_on, resolved_on. Projects that have
    left are not told of. Returns the columns of `facts` that a reader asks for and: for each of
    LIGHT_TERMS its colour (an Enum of COLOURS); completion and pace (tenths of a percent as printed) and
    behind (tenths of a point below 序时, negative above); problem_due_on, funds_arrived_on; reserve
    (maturity of what is only planned: a grading that stands beside the lights); ready (of four
    conditions); light (the worst); is_exempt, is_marathon, is_snail; start_periods, lit_periods and
    red_periods: for how many filed periods in a row, of those told of, the start has been yellow, the
    project yellow or red, and red; an exempt one 0.
    """
    keys = ["period", "project_id"]
    waiting = (
        funds.filter(occurred("arrived"))
        .group_by(keys)
        .agg(
            funds_arrived_on=pl.col("arrived_on").filter(~occurred("physical")).min(),
            has_funds=pl.lit(value=True),
        )
    )
    held_up = (
        problems.filter(open_())
        .group_by(keys)
        .agg(problem_due_on=pl.col("due_on").min(), open_problems=pl.len())
    )
    months = pl.col("end_on").dt.month()
    twelvefold = pl.coalesce(
        pl.col("planned_to_date").cast(EXACT) * 12, pl.col("plan_year").cast(EXACT) * months
    )
    linear = (months.cast(pl.Int128) * 2_000 + 12) // 24
    is_at_work = stands() & ~(pl.col("finished_on") < pl.col("year_from")).fill_null(value=False)
    has_plan = is_at_work & (pl.col("plan_year") > 0) & pl.col("invested_year").is_not_null()
    told = (
        facts.filter(stands())
        .join(waiting, on=keys, how="left", maintain_order="left")
        .join(held_up, on=keys, how="left", maintain_order="left")
        .with_columns(
            completion=pl.when(has_plan).then(_tenths(pl.col("invested_year"), pl.col("plan_year"))),
            pace=pl.when(has_plan).then(
                pl.coalesce(_tenths(pl.col("planned_to_date"), pl.col("plan_year")), linear)
            ),
            owed=pl.when(has_plan).then(twelvefold),
            ready=conditions_met(),
            says_ready=pl.any_horizontal(pl.col(name).is_not_null() for name in READINESS),
        )
        .with_columns(behind=(pl.col("pace") - pl.col("completion")).cast(pl.Int64))
    )
    started, finished = reached("started"), reached("completed")
    lit = told.with_columns(
        start=_light(("green", started), ("yellow", pl.col("is_due_waiting"))),
        progress=_progress(rules),
        funds=_light(
            ("red", _longer_ago("funds_arrived_on", rules.funds_red_months)),
            ("green", pl.col("has_funds")),
        ),
        statistics=_light(
            ("grey", (pl.col("dated_entries") == 0) | (pl.col("investment_total") < rules.statistics_floor)),
            ("green", occurred("entered_statistics")),
            ("grey", ~occurred("started") | pl.col("investment_total").is_null()),
            ("red", _longer_ago("started_on", rules.statistics_red_months)),
            ("yellow", _longer_ago("started_on", rules.statistics_yellow_months)),
        ),
        problem=_light(
            ("red", pl.col("problem_due_on") < pl.col("end_on")),
            (
                "yellow",
                pl.col("problem_due_on") <= pl.col("end_on").dt.offset_by(f"{rules.problem_near_days}d"),
            ),
            ("green", pl.col("open_problems") > 0),
        ),
        production=_light(
            ("grey", (pl.col("dated_productions") == 0) | ~finished),
            ("green", reached("produced")),
            ("yellow", _longer_ago("finished_on", rules.production_yellow_months)),
        ),
        capacity=_light(
            ("grey", (pl.col("dated_ramps") == 0) | ~finished),
            ("green", reached("ramped")),
            ("yellow", _longer_ago("finished_on", rules.capacity_yellow_months)),
        ),
        reserve=_light(
            ("grey", ~in_stage("planned") | ~pl.col("says_ready")),
            ("green", pl.col("ready") >= rules.reserve_green),
            ("yellow", pl.col("ready") >= rules.reserve_yellow),
            otherwise="red",
        ),
        is_exempt=pl.col("exemption_reason").is_not_null()
        & (pl.col("exempt_until") >= pl.col("end_on")).fill_null(value=False),
        is_marathon=started & ~finished & is_over("started", rules.marathon_months),
        is_snail=_is_snail(rules) & started & ~finished,
    )
    lit = _start_turned_red(lit, rules.start_red_periods).with_columns(
        light=_worst([pl.col(name) for name in LIGHT_TERMS])
    )
    counted = ~pl.col("is_exempt")
    lit = run_lengths(lit, pl.col("light").is_in(LIT) & counted, "lit_periods")
    lit = run_lengths(lit, (pl.col("light") == "red") & counted, "red_periods")
    colours = pl.col(*LIGHT_TERMS, "light", "reserve").cast(pl.Enum(COLOURS))
    return lit.with_columns(colours).drop(_WORKED_WITH).sort("period", "project_id")


def _longer_ago(column: str, months: int) -> pl.Expr:
    """Whether more than so many months lie between that date and the end of the period."""
    return pl.col(column).dt.offset_by(f"{months}mo") < pl.col("end_on")


def _progress(rules: LightRules) -> pl.Expr:
    is_told = pl.col("completion").is_not_null()
    if rules.progress_mode == "relative":
        short = pl.col("owed") - pl.col("invested_year").cast(EXACT) * 12
        red = short * 100 > pl.col("owed") * Decimal(repr(rules.progress_red))
        return _light(
            ("grey", ~is_told), ("red", red & (short > 0)), ("yellow", short > 0), otherwise="green"
        )
    return _light(
        ("grey", ~is_told),
        ("red", pl.col("behind") > rules.progress_red * 10),
        ("yellow", (pl.col("behind") > 0) & (pl.col("behind") >= rules.progress_yellow * 10)),
        otherwise="green",
    )


def _is_snail(rules: LightRules) -> pl.Expr:
    """Whether the share of the money spent lags so many points behind the share of the time gone."""
    whole = (pl.col("completion_due_on") - pl.col("started_on")).dt.total_days()
    gone = (pl.col("end_on") - pl.col("started_on")).dt.total_days().clip(0, whole)
    spent = pl.col("invested_total").cast(pl.Float64) / pl.col("investment_total").cast(pl.Float64)
    is_told = (whole > 0) & (pl.col("investment_total") > 0)
    return (is_told & ((gone / whole - spent) * 100 > rules.snail_points)).fill_null(value=False)


def _worst(lights: Sequence[pl.Expr]) -> pl.Expr:
    told = pl.lit("grey")
    for colour in COLOURS[1:]:
        told = (
            pl.when(pl.any_horizontal(light == colour for light in lights))
            .then(pl.lit(colour))
            .otherwise(told)
        )
    return told


def _start_turned_red(lit: pl.DataFrame, periods: int) -> pl.DataFrame:
    """Starts yellow for so many filed periods in a row are red. A carried row is as red as the filed one."""
    runs = run_lengths(lit, pl.col("start") == "yellow", "start_periods")
    return runs.with_columns(
        start=pl.when((pl.col("start") == "yellow") & (pl.col("start_periods") >= periods))
        .then(pl.lit("red"))
        .otherwise("start")
    )


def run_lengths(lit: pl.DataFrame, condition: pl.Expr, name: str) -> pl.DataFrame:
    """The frame with `name`: for how many filed periods in a row, this one included, the condition held.

    A period that the project's area did not file neither breaks nor lengthens the run.
    """
    is_filed = pl.col("filed_period") == pl.col("period")
    ordered = lit.sort("project_id", "period").with_columns(
        holds=condition.fill_null(value=False), is_filed=is_filed
    )
    breaks = (~pl.col("holds") & pl.col("is_filed")).cast(pl.Int64).cum_sum().over("project_id")
    counted = (
        ordered.with_columns(broken=breaks)
        .with_columns(
            (pl.col("holds") & pl.col("is_filed"))
            .cast(pl.Int64)
            .cum_sum()
            .over("project_id", "broken")
            .alias(name)
        )
        .with_columns(pl.when("holds").then(pl.col(name).clip(1)).otherwise(0).alias(name))
    )
    return counted.drop("holds", "is_filed", "broken")


def light_rule_words(rules: LightRules) -> list[tuple[str, str]]:
    """Every rule of the lights in words, as it is set: (light, sentence)."""
    if rules.progress_mode == "relative":
        progress = f"完成投资低于应完成额为黄，低出部分超过应完成额的{rules.progress_red:g}%为红"
    else:
        progress = (
            f"完成率低于序时不到{rules.progress_yellow:g}个百分点为绿，"
            f"{rules.progress_yellow:g}至{rules.progress_red:g}个百分点为黄，"
            f"超过{rules.progress_red:g}个百分点为红"
        )
    return [
        (
            LIGHT_TERMS["start"],
            f"过了年初计划开工月份仍未开工为黄，连续{rules.start_red_periods}个报送期为黄转红",
        ),
        (LIGHT_TERMS["progress"], progress + "；有月度计划的按月度计划，没有的按月均"),
        (LIGHT_TERMS["funds"], f"资金到位超过{rules.funds_red_months}个月未形成实物工作量为红"),
        (
            LIGHT_TERMS["statistics"],
            f"总投资{rules.statistics_floor:g}万元及以上的项目，开工后超过{rules.statistics_yellow_months}个月"
            f"未入统为黄，超过{rules.statistics_red_months}个月为红",
        ),
        (LIGHT_TERMS["problem"], f"距办结时限不足{rules.problem_near_days}天为黄，过期为红"),
        (LIGHT_TERMS["production"], f"竣工超过{rules.production_yellow_months}个月未投产为黄"),
        (LIGHT_TERMS["capacity"], f"竣工超过{rules.capacity_yellow_months}个月未达产达效为黄"),
        (
            "项目",
            "以最差的一盏灯计，未到期、没有计划或没有数据的不计；豁免的保留颜色，不计入个数、连续期数和函件",
        ),
        (
            "储备成熟度",
            f"用地征拆、指标平衡、市政配套、投资主体四项，具备{rules.reserve_green}项为绿，"
            f"{rules.reserve_yellow}项以上为黄，其余为红；分级跟踪，不计入项目的灯",
        ),
        (
            "地区和全市目标",
            f"达到序时为绿，低于为黄，连续{rules.target_red_periods}个报送期为黄转红",
        ),
        ("“马拉松”", f"开工满{rules.marathon_months}个月仍未竣工"),
        ("“蜗牛”", f"累计完成投资占总投资的比例低于工期进度超过{rules.snail_points:g}个百分点"),
    ]


def light_reasons(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(colour, sentence) of every light of a project that is yellow or red, the worst first.

    `row` is one of `project_lights`.
    """
    said = {
        "start": lambda: (
            f"计划{row['baseline_start_due_on']}前开工，仍未开工，已连续{row['start_periods']}期"
        ),
        "progress": lambda: (
            f"年度投资完成{_percent(row['completion'])}，低于序时{_points(row['behind'])}个百分点"
            f"（序时{_percent(row['pace'])}）"
        ),
        "funds": lambda: f"资金{row['funds_arrived_on']}到位，尚未形成实物工作量",
        "statistics": lambda: f"{row['started_on']}开工，尚未入统",
        "problem": lambda: f"受阻问题{row['open_problems']}个未办结，最早应于{row['problem_due_on']}办结",
        "production": lambda: f"{row['finished_on']}竣工，尚未投产",
        "capacity": lambda: f"{row['finished_on']}竣工，尚未达产达效",
    }
    told = [(row[name], f"{term}：{said[name]()}") for name, term in LIGHT_TERMS.items() if row[name] in LIT]
    return sorted(told, key=lambda reason: -COLOURS.index(reason[0]))


def _percent(tenths: int) -> str:
    return f"{int(tenths) // 10}.{int(tenths) % 10}%"


def _points(tenths: int) -> str:
    return f"{int(tenths) // 10}.{int(tenths) % 10}"


def light_moves(now: pl.DataFrame, then: pl.DataFrame) -> pl.DataFrame:
    """How many projects go from which light to which under other rules: before, after, projects.

    Both frames are of `project_lights` of one period; exempt projects are left out. The worst first.
    """
    return (
        now.filter(~pl.col("is_exempt"))
        .select("project_id", before="light")
        .join(then.select("project_id", after="light"), on="project_id")
        .filter(pl.col("before") != pl.col("after"))
        .group_by("before", "after")
        .agg(projects=pl.len().cast(pl.Int64))
        .with_columns(place=pl.col("after").replace_strict(list(COLOURS), [0, 1, 2, 3]))
        .sort("place", "before", descending=[True, False])
        .drop("place")
    )


def moves_sentence(moves: pl.DataFrame) -> str:
    """`按现在填写的规则：12个项目转红（原黄），3个转黄（原绿）。`, or that nothing moves."""
    if moves.is_empty():
        return "按现在填写的规则，没有项目改变颜色。"
    words = {"red": "红", "yellow": "黄", "green": "绿", "grey": "未到期"}
    parts = [
        f"{row['projects']:,d}个项目由{words[row['before']]}转{words[row['after']]}"
        for row in moves.iter_rows(named=True)
    ]
    return f"按现在填写的规则：{'，'.join(parts)}。"
