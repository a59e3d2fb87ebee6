"""The office's calendar: what is due by when, what was done, what is late.

Source: 沈阳“四个一批”方案 二（三）15, 三, 四（五）; 大政办发〔2023〕2号; 淮安重特大项目攻坚方案 三. A week is
an ISO week, of the month in which its Sunday falls; 旬 end on the 10th, the 20th and the last day.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import polars as pl

from saima.metrics import CATALOGUE, Metric
from saima.reference import Cadence, Calendar, Milestone, filters_of
from saima.reference.calendars import EVERY
from saima.transforms.catalogue import part_text
from saima.transforms.pace import last_day
from saima.wording import MISSING, day_text, months_text

STATES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "done": ("●", "已完成"),
        "late": ("■", "逾期未完成"),
        "due": ("▲", "到期前"),
        "coming": ("○", "未到"),
        "unknown": ("○", "台账未报，无法判断"),
        "manual": ("○", "由人工掌握"),
    }
)
"""Shape and words of each state."""


HELD_IN_AREAS = ("现场会", "督导会", "观摩会", "拉练", "集中开工")
"""Kinds that the city holds in an area: the area of such a row is the place. Of other kinds an area's own
activity is not the city's."""


@dataclass(frozen=True)
class Span:
    """One round of a cadence: the days in which it is due."""

    starts_on: date
    ends_on: date


def spans_of(every: str, year: int) -> list[Span]:
    """The rounds of a year, in order."""
    if every == "week":
        monday = date(year, 1, 1) - timedelta(days=date(year, 1, 1).weekday())
        weeks = (Span(monday + timedelta(weeks=n), monday + timedelta(weeks=n, days=6)) for n in range(54))
        return [week for week in weeks if week.ends_on.year == year]
    if every == "ten_days":
        return [
            Span(
                date(year, month, first), date(year, month, last) if last else last_day(f"{year}-{month:02}")
            )
            for month in range(1, 13)
            for end in (last_day(f"{year}-{month:02}"),)
            for first, last in ((1, 10), (11, 20), (21, None))
        ]
    months = {"quarter": 3, "half_year": 6, "year": 12}.get(every, 1)
    kept = {"odd_month": 1, "even_month": 0}.get(every)
    return [
        Span(date(year, first, 1), last_day(f"{year}-{first + months - 1:02}"))
        for first in range(1, 13, months)
        if kept is None or first % 2 == kept
    ]


def cadence_rounds(
    calendar: Calendar, held: Sequence[tuple[str, date]], year: int, end: date, filed: Collection[str]
) -> pl.DataFrame:
    """Every round of the city's cadences in a year, as known at the end of a period.

    `held` are (kind, day) of the city's own activities, `filed` the periods for which activities were filed.
    Columns: cadence, every, activity, clause, wording, starts_on, ends_on, held (how many fell in the
    round), state: done; late, only where every month of the round was filed, else unknown; due while it
    runs; coming. A round outside a cadence's own span is none.
    """
    rows = []
    for cadence in calendar.cadences:
        for span in spans_of(cadence.every, year):
            if not _is_asked(cadence, span):
                continue
            days = [
                day
                for kind, day in held
                if kind == cadence.activity and span.starts_on <= day <= span.ends_on
            ]
            known = [day for day in days if day <= end]
            rows.append(
                {
                    "cadence": cadence.name,
                    "every": EVERY[cadence.every],
                    "activity": cadence.activity,
                    "clause": cadence.clause,
                    "wording": cadence.wording,
                    "starts_on": span.starts_on,
                    "ends_on": span.ends_on,
                    "held": len(known),
                    "state": _state(span, bool(known), end, filed),
                }
            )
    return pl.DataFrame(rows, schema=_ROUNDS)


_ROUNDS = {
    **dict.fromkeys(("cadence", "every", "activity", "clause", "wording"), pl.String()),
    **dict.fromkeys(("starts_on", "ends_on"), pl.Date()),
    "held": pl.Int64(),
    "state": pl.String(),
}


def _is_asked(cadence: Cadence, span: Span) -> bool:
    is_after = cadence.starts_on is None or span.ends_on >= cadence.starts_on
    return is_after and (cadence.ends_on is None or span.starts_on <= cadence.ends_on)


def _state(span: Span, is_done: bool, end: date, filed: Collection[str]) -> str:
    if span.starts_on > end:
        return "coming"
    if is_done:
        return "done"
    if span.ends_on > end:
        return "due"
    # What nobody filed is not what nobody held.
    days = (span.ends_on - span.starts_on).days + 1
    months = {f"{span.starts_on + timedelta(days=day):%Y-%m}" for day in range(days)}
    return "late" if months <= set(filed) else "unknown"


def milestone_metric(milestone: Milestone) -> Metric:
    """What a milestone is told by: its metric, narrowed, under the milestone's own name."""
    metric = CATALOGUE[milestone.metric or ""].narrowed(filters_of(milestone.filters))
    return replace(metric, id=milestone.name, name=milestone.name)


def milestone_rows(
    milestones: Sequence[Milestone],
    values: Mapping[str, Mapping[str, Any]],
    held: Sequence[tuple[str, date]],
    end: date,
) -> list[dict[str, Any]]:
    """Milestones with their state at the end of a period, in the order of their days.

    `values` are rows of `metric_values` by milestone name. Adds state and said (what stands, in words).
    """
    rows = []
    for milestone in sorted(milestones, key=lambda one: one.due_on):
        told = values.get(milestone.name)
        said, is_done = MISSING, None
        if milestone.metric and told is not None and told["numerator"] is not None:
            unit = CATALOGUE[milestone.metric].unit
            said = part_text(told["numerator"], unit)
            if milestone.value is not None:
                goal = Decimal(repr(milestone.value))
                # A list is there as soon as one project is on it.
                said += f" / {part_text(goal, unit)}" if goal > 1 else ""
                is_done = told["numerator"] >= goal
        elif milestone.activity:
            is_done = any(kind == milestone.activity and day <= end for kind, day in held)
        rows.append(
            {
                "name": milestone.name,
                "due_on": milestone.due_on,
                "clause": milestone.clause,
                "wording": milestone.wording,
                "said": said,
                "state": _milestone_state(milestone, is_done, end),
            }
        )
    return rows


def _milestone_state(milestone: Milestone, is_done: bool | None, end: date) -> str:
    if milestone.metric is None and milestone.activity is None:
        return "manual"
    if is_done:
        return "done"
    if milestone.due_on > end:
        return "coming"
    if is_done is None:
        return "manual" if milestone.value is None else "unknown"
    return "late"


def cadence_words(rounds: pl.DataFrame) -> pl.DataFrame:
    """Cadences by month under Chinese terms: 制度, 频次, a column for each month (`3/4 缺1`), 累计, 条款.

    A round stands in the month in which it ends.
    """
    if rounds.is_empty():
        return pl.DataFrame(schema={"制度": pl.String})
    rows = []
    for name in rounds["cadence"].unique(maintain_order=True):
        own = rounds.filter(pl.col("cadence") == name)
        row = {"制度": name, "频次": own["every"][0]}
        for month in range(1, 13):
            row[f"{month}月"] = _month_words(own.filter(pl.col("ends_on").dt.month() == month))
        over = own.filter(pl.col("state").is_in(["done", "late"]))
        done = over.filter(pl.col("state") == "done").height
        row["累计"] = f"{done}/{over.height}" if over.height else MISSING
        row["条款"] = own["clause"][0]
        rows.append(row)
    return pl.DataFrame(rows)


def _month_words(rounds: pl.DataFrame) -> str:
    states = rounds["state"].to_list()
    if not states:
        return ""
    if "unknown" in states:
        return "未报"
    done, late = states.count("done"), states.count("late")
    if not done + late:
        return "○" if "coming" in states else "▲ 进行中"
    return f"● {done}/{done + late}" if not late else f"■ {done}/{done + late} 缺{late}"


def milestone_words(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Milestones under Chinese terms: 状态, 期限, 节点, 完成情况, 条款, 原文."""
    words = {
        "状态": [" ".join(STATES[row["state"]]) for row in rows],
        "期限": [str(row["due_on"]) for row in rows],
        "节点": [row["name"] for row in rows],
        "完成情况": [row["said"] for row in rows],
        "条款": [row["clause"] for row in rows],
        "原文": [row["wording"] for row in rows],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def calendar_sentence(rounds: pl.DataFrame, milestones: Sequence[Mapping[str, Any]], period: str) -> str:
    """`1—9月，应开展调度督查36次，已开展33次，缺3次（…）；节点已完成1个，逾期1个。`"""
    over = rounds.filter(pl.col("state").is_in(["done", "late"]))
    late = over.filter(pl.col("state") == "late")
    unknown = rounds.filter(pl.col("state") == "unknown").height
    if not over.height and unknown:
        sentence = f"{months_text(period)}，调度活动台账还没有报送，无法判断是否按期开展"
    else:
        held = over.height - late.height
        sentence = f"{months_text(period)}，应开展调度督查{over.height}次，已开展{held}次"
        if late.height:
            named = [
                f"{row['cadence']}{row['ends_on'].month}月{row['ends_on'].day}日前"
                for row in late.sort("ends_on", descending=True).head(3).iter_rows(named=True)
            ]
            sentence += f"，缺{late.height}次（{'、'.join(named)}{'等' if late.height > 3 else ''}）"
        sentence += f"，另有{unknown}次台账未报、无法判断" if unknown else ""
    states = [row["state"] for row in milestones]
    passed = states.count("done") + states.count("late")
    if passed:
        sentence += f"；节点已完成{states.count('done')}个"
        sentence += f"，逾期{states.count('late')}个" if "late" in states else ""
    return sentence + "。"


def line_of(calendar: Calendar, milestones: Sequence[Mapping[str, Any]], period: str) -> pl.DataFrame:
    """Phases and milestones of the period's year in order of their days, as `charts.calendar` wants them."""
    year, end = int(period[:4]), last_day(period)
    told = {one.name for one in calendar.milestones if one.metric}
    rows = [
        {
            "name": phase.name,
            "starts_on": phase.starts_on,
            "ends_on": phase.ends_on,
            "is_phase": True,
            "state": "due",
            "words": f"{day_text(phase.starts_on)}—{day_text(phase.ends_on)}",
            "is_told": False,
        }
        for phase in calendar.phases
        if phase.starts_on.year == year
    ] + [
        {
            "name": row["name"],
            "starts_on": row["due_on"],
            "ends_on": row["due_on"],
            "is_phase": False,
            "state": row["state"],
            "words": " ".join(word for word in (*STATES[row["state"]], row["said"]) if word != MISSING),
            "is_told": row["name"] in told,
        }
        for row in milestones
    ]
    schema = {
        **dict.fromkeys(("name", "state", "words"), pl.String()),
        **dict.fromkeys(("starts_on", "ends_on"), pl.Date()),
        **dict.fromkeys(("is_phase", "is_told"), pl.Boolean()),
    }
    return (
        pl.DataFrame(rows, schema=schema)
        .sort(pl.col("is_phase").not_(), "starts_on", maintain_order=True)
        .with_columns(end_on=pl.lit(end))
    )


def proofs_of(calendar: Calendar) -> dict[str, Metric]:
    """The metric of each milestone that has one, by the milestone's name."""
    return {one.name: milestone_metric(one) for one in calendar.milestones if one.metric}


def activity_words(activities: pl.DataFrame, names: Mapping[str, str], city: str) -> pl.DataFrame:
    """The year's activities under Chinese terms, the latest first, with the row each came from."""
    return activities.sort("held_on", "activity_id", descending=True, nulls_last=True).select(
        pl.col("held_on").cast(pl.String).alias("时间"),
        pl.col("kind").alias("活动"),
        pl.col("area_id").replace(names).str.replace(r"^\d{6}$", city).alias("地区"),
        pl.col("chair").alias("主持"),
        pl.col("note").alias("内容"),
        pl.col("source_sheet").alias("工作表"),
        pl.col("source_row").cast(pl.String).alias("行号"),
    )
