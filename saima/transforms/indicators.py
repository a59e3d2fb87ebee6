"""城市指标: where each indicator stands between its base and its goals, and the special actions.

Source: 沈阳建设国家中心城市行动纲要, 指标体系表 and 专栏1 to 9; what counts as progress is ours.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import polars as pl

from saima.metrics import EXACT, Metric
from saima.metrics.facts import stands
from saima.wording import MISSING, hundred_millions_text, number_text, percent_text, period_text, rounded

STATES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "met": ("●", "已达到"),
        "ahead": ("●", "快于进度"),
        "behind": ("▲", "慢于进度"),
        "away": ("■", "比基期倒退"),
        "unmet": ("▲", "未达到"),
        "unknown": ("○", "没有填报"),
    }
)
"""Shape and words of each state."""

GOAL_TERMS: Mapping[str, str] = MappingProxyType({"2025": "2025年目标", "2035": "2035年目标"})
"""The goals of the document, by year."""

_NEAR = Decimal("0.05")
"""How far 左右 reaches (data-model.md section 0)."""


def indicator_rows(indicators: pl.DataFrame, filed: pl.DataFrame, goal_year: int) -> pl.DataFrame:
    """Every indicator of a city against its goal of 2025 or 2035, in the order of the document.

    `indicators` are rows of `Reference.indicators`, `filed` those of the query indicator_rows of one period.
    Columns: no, field, measure, unit, kind, base, goal (Decimal), words (the goal as written), latest_year,
    latest (null where nothing is filed), before (the value of the year before the latest), progress (Decimal,
    % of the way from base to goal as printed; null where there is no way to go: no base, a rate of growth, a
    goal that equals its base or is worse than it), is_met, needed (Decimal, what each year left must bring;
    null where met or no year is left), state (one of STATES), note.
    """
    known: dict[str, dict[int, Decimal]] = {}
    for row in filed.iter_rows(named=True):
        known.setdefault(row["measure"], {})[row["year"]] = Decimal(repr(row["value"]))
    rows = []
    for row in indicators.iter_rows(named=True):
        values = known.get(row["measure"], {})
        goal, rule = row[f"goal_{goal_year}"], row[f"rule_{goal_year}"]
        year = max(values, default=None)
        latest = None if year is None else values[year]
        is_met = None if latest is None else meets(latest, goal, rule, is_fewer=row["kind"] == "fewer")
        progress = _progress(row, goal, latest)
        rows.append(
            {
                **{name: row[name] for name in ("no", "field", "measure", "unit", "kind", "base", "note")},
                "goal": goal,
                "words": row[f"words_{goal_year}"],
                "latest_year": year,
                "latest": latest,
                "before": None if year is None else values.get(year - 1),
                "progress": progress,
                "is_met": is_met,
                "needed": _needed(row, goal, latest, year, goal_year, is_met=bool(is_met)),
                "state": _state(row, progress, year, goal_year, is_met),
            }
        )
    texts = dict.fromkeys(("field", "measure", "unit", "kind", "words", "state", "note"), pl.String())
    numbers = dict.fromkeys(("base", "goal", "latest", "before", "needed"), EXACT)
    return pl.DataFrame(
        rows,
        schema={
            "no": pl.Int64(),
            **texts,
            **numbers,
            "latest_year": pl.Int64(),
            "progress": pl.Decimal(10, 1),
            "is_met": pl.Boolean(),
        },
    )


def meets(value: Decimal, goal: Decimal, rule: str, *, is_fewer: bool = False) -> bool:
    """Whether a value meets its goal: 以上 and a bare number from it on, 前N up to it, 左右 within 5 % of it,
    or on its better side."""
    if rule == "<=":
        return value <= goal
    if rule == "左右":
        is_near = abs(value - goal) <= abs(goal) * _NEAR
        return is_near or (value < goal if is_fewer else value > goal)
    return value >= goal


def _progress(row: Mapping[str, Any], goal: Decimal, latest: Decimal | None) -> Decimal | None:
    """How much of the way from base to goal is gone, in %; None where there is no way that way."""
    base = row["base"]
    if latest is None or base is None or row["kind"] == "growth" or base == goal:
        return None
    is_down = row["kind"] in {"rank", "fewer"}
    if (goal > base) == is_down:
        # 27: the goal may be worse than the base; there is no way to go.
        return None
    return rounded(Fraction(latest - base) / Fraction(goal - base) * 100, 1)


def _needed(
    row: Mapping[str, Any],
    goal: Decimal,
    latest: Decimal | None,
    year: int | None,
    goal_year: int,
    *,
    is_met: bool,
) -> Decimal | None:
    """What each year that is left must bring, in the indicator's unit, rounded to two places."""
    if latest is None or year is None or is_met or row["kind"] == "growth" or year >= goal_year:
        return None
    return rounded(Fraction(goal - latest) / (goal_year - year), 2)


def _state(
    row: Mapping[str, Any],
    progress: Decimal | None,
    year: int | None,
    goal_year: int,
    is_met: bool | None,
) -> str:
    if is_met is None or year is None:
        return "unknown"
    if is_met:
        return "met"
    if progress is None:
        return "unmet"
    if progress < 0:
        return "away"
    gone = Fraction(year - row["base_year"], goal_year - row["base_year"]) * 100
    return "ahead" if progress >= gone else "behind"


def goal_years(chosen: str) -> tuple[int, int]:
    """The year of the goal that is looked at, and of the other one."""
    other = next(year for year in GOAL_TERMS if year != chosen)
    return int(chosen), int(other)


def of_city(rows: pl.DataFrame, city: str) -> pl.DataFrame:
    """The rows of a reference table that are that city's."""
    return rows.filter(pl.col("city") == city)


def indicators_sentence(rows: pl.DataFrame, goal_year: int, period: str, city: str) -> str:
    """`截至2024年9月，沈阳市31项指标按最近一年填报，已达到2025年目标的9项，快于进度6项，慢于进度11项。`"""
    counts = dict(rows["state"].value_counts().iter_rows())
    parts = [
        f"{word}{counts[state]}项"
        for state, (_, word) in STATES.items()
        if state != "met" and counts.get(state)
    ]
    return (
        f"截至{period_text(period)}，{city}{rows.height}项指标按最近一年填报，"
        f"已达到{goal_year}年目标的{counts.get('met', 0)}项" + "".join(f"，{part}" for part in parts) + "。"
    )


def value_words(value: Decimal | None) -> str:
    """A value of an indicator with the decimals that it has."""
    if value is None:
        return MISSING
    plain = value.normalize()
    return number_text(value, max(0, -int(plain.as_tuple().exponent)))


def goal_words(row: Mapping[str, Any]) -> str:
    """A goal as the document writes it, with its unit: `15%以上`, `前20位`, `10,000亿元`."""
    found = re.fullmatch(r"(\D*)([\d.]+)(\D*)", row["words"])
    if found is None:
        return str(row["words"])
    return f"{found[1]}{value_words(Decimal(found[2]))}{row['unit']}{found[3]}"


def progress_words(row: Mapping[str, Any]) -> str:
    """How far an indicator has come, or why that has no percentage."""
    if row["latest"] is None:
        return MISSING
    if row["progress"] is not None:
        return percent_text(row["progress"])
    if row["kind"] == "growth":
        return "按年评价"
    if row["base"] is None:
        return "没有基期"
    if row["base"] == row["goal"]:
        return "目标与基期相同"
    return "目标宽于基期"


def indicator_words(rows: pl.DataFrame, other: pl.DataFrame, goal_year: int) -> pl.DataFrame:
    """Indicators under Chinese terms against `goal_year`; `other` are the same rows for the other goal."""
    told = list(zip(rows.iter_rows(named=True), other.iter_rows(named=True), strict=True))
    _, other_year = goal_years(str(goal_year))
    words = {
        "状态": [" ".join(STATES[row["state"]]) for row, _ in told],
        "序号": [row["no"] for row, _ in told],
        "领域": [row["field"] for row, _ in told],
        "指标": [row["measure"] for row, _ in told],
        "2020年": [value_words(row["base"]) for row, _ in told],
        "最近": [
            MISSING if row["latest"] is None else f"{value_words(row['latest'])}（{row['latest_year']}年）"
            for row, _ in told
        ],
        f"{goal_year}年目标": [goal_words(row) for row, _ in told],
        "进度": [progress_words(row) for row, _ in told],
        "今后每年需": [_needed_words(row) for row, _ in told],
        f"{other_year}年目标": [goal_words(after) for _, after in told],
        f"距{other_year}年进度": [progress_words(after) for _, after in told],
        "说明": [row["note"] or "" for row, _ in told],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String) | {"序号": pl.Int64})


def _needed_words(row: Mapping[str, Any]) -> str:
    if row["needed"] is None:
        return "" if row["is_met"] else MISSING
    return f"{'+' if row['needed'] > 0 else ''}{number_text(row['needed'], 2)}"


def bar_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """The indicators with a progress, in the order of the document, for the figure: no, measure, progress,
    gone (% of the years from base to goal that the latest value is after), state, label (as printed)."""
    shown = rows.filter(pl.col("progress").is_not_null())
    labels = [
        f"{percent_text(row['progress'])}　{value_words(row['latest'])} / {goal_words(row)}"
        for row in shown.iter_rows(named=True)
    ]
    return shown.select("no", "measure", "progress", "state").with_columns(
        label=pl.Series(labels, dtype=pl.String)
    )


def filed_words(filed: pl.DataFrame, sources: Mapping[str, str]) -> pl.DataFrame:
    """The ledger rows behind the page, with the file and row that each came from; `sources` by filing."""
    return filed.select(
        pl.col("no").alias("指标编号"),
        pl.col("measure").alias("指标名称"),
        pl.col("year").cast(pl.String).alias("年份"),
        pl.col("value").alias("指标值"),
        pl.col("unit").alias("计量单位"),
        pl.col("filed_period").alias("所属报送期"),
        pl.col("filing_id").replace(sources).alias("来源文件"),
        pl.col("source_sheet").alias("工作表"),
        pl.col("source_row").alias("行号"),
    )


def unlisted_line(indicators: pl.DataFrame, filed: pl.DataFrame) -> str:
    """What is filed under a name that no indicator has, and so is left out; empty where there is nothing."""
    names = sorted(set(filed["measure"]) - set(indicators["measure"]))
    return f"填报了{len(names)}个不在指标表内的名称，没有计入：{'、'.join(names[:5])}。" if names else ""


def chain_line(chains: pl.DataFrame) -> str:
    """`“5+3+7+5”产业链：老字号5条、原字号3条、新字号7条、新赋能5条。`"""
    groups = (
        chains.filter(pl.col("chain_group").is_not_null()).group_by("chain_group", maintain_order=True).len()
    )
    if groups.is_empty():
        return "产业链没有分组。"
    counts = "+".join(str(count) for count in groups["len"])
    told = "、".join(f"{name}{count}条" for name, count in groups.iter_rows())
    return f"“{counts}”产业链：{told}；各链的项目见“产业链”页。"


def action_rows(actions: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Every special action with the projects under it: action_id, plan_no, plan, no, name, projects,
    investment_total, plan_year, invested_year (Decimal 万元, null where none reports it).

    `facts` are of projects that stand, with action_id and the amounts.
    """
    counted = facts.group_by("action_id").agg(
        projects=pl.len().cast(pl.Int64),
        **{
            name: pl.when(pl.col(name).count() > 0).then(pl.col(name).cast(EXACT).sum())
            for name in ("investment_total", "plan_year", "invested_year")
        },
    )
    return (
        actions.select("action_id", "plan_no", "plan", "no", "name")
        .join(counted, on="action_id", how="left", maintain_order="left")
        .with_columns(pl.col("projects").fill_null(0))
    )


def plan_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """The plans with how many of their actions have projects: plan_no, plan, actions, served, projects,
    investment_total; from the frame of `action_rows`. An action's projects are under it alone."""
    return (
        rows.group_by("plan_no", "plan", maintain_order=True)
        .agg(
            actions=pl.len().cast(pl.Int64),
            served=(pl.col("projects") > 0).sum().cast(pl.Int64),
            projects=pl.col("projects").sum(),
            investment_total=pl.when(pl.col("investment_total").count() > 0).then(
                pl.col("investment_total").sum()
            ),
        )
        .sort("plan_no")
    )


def actions_sentence(rows: pl.DataFrame) -> str:
    """`9个行动计划91个专项行动中，62个有项目，29个还没有项目。`"""
    served = rows.filter(pl.col("projects") > 0).height
    return (
        f"{rows['plan_no'].n_unique()}个行动计划{rows.height}个专项行动中，{served}个有项目，"
        f"{rows.height - served}个还没有项目。"
    )


def action_words(rows: pl.DataFrame) -> pl.DataFrame:
    """Special actions under Chinese terms; those without a project say so."""
    told = list(rows.iter_rows(named=True))
    words = {
        "行动计划": [row["plan"] for row in told],
        "专项行动": [f"{row['no']} {row['name']}" for row in told],
        "项目（个）": [row["projects"] for row in told],
        "总投资（亿元）": [hundred_millions_text(row["investment_total"]) for row in told],
        "年度计划（亿元）": [hundred_millions_text(row["plan_year"]) for row in told],
        "本年完成（亿元）": [hundred_millions_text(row["invested_year"]) for row in told],
        "说明": ["" if row["projects"] else "还没有项目" for row in told],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String) | {"项目（个）": pl.Int64})


def plan_metric(plan: str, actions: pl.DataFrame) -> Metric:
    """The projects under the special actions of a plan, as a metric of the page's own."""
    mine = actions.filter(pl.col("plan") == plan)["action_id"].to_list()
    return Metric(
        id="projects_of_plan",
        name=f"{plan}的项目",
        unit="个",
        kind="stock",
        definition="报告期末未退库、填报在这一行动计划各专项行动下的项目",
        source="沈阳建设国家中心城市行动纲要；统计规则为本系统默认",
        counted=stands() & pl.col("action_id").is_in(mine).fill_null(value=False),
    )
